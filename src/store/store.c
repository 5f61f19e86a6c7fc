/* store.c: the calls of store.h, and which store a location means. */
#include "store/store.h"

#include "store/store_int.h"

lv_status lv_store_get(lv_store *store, const char *name, lv_sbuf *out, lv_error *err)
{
    return store->class->get(store, name, out, err);
}

lv_status lv_store_put(lv_store *store, const char *name, const void *bytes, size_t len,
                       bool replace, lv_error *err)
{
    return store->class->put(store, name, bytes, len, replace, err);
}

lv_status lv_store_list(lv_store *store, const char *folder, lv_str from, lv_arena *arena,
                        lv_store_entry **entries, size_t *count, lv_error *err)
{
    return store->class->list(store, folder, from, arena, entries, count, err);
}

lv_status lv_store_remove(lv_store *store, const char *name, lv_error *err)
{
    return store->class->remove(store, name, err);
}

lv_status lv_store_open_file(lv_store *store, const char *name, lv_store_reader **reader,
                             lv_error *err)
{
    return store->class->open(store, name, reader, err);
}

lv_status lv_store_read(lv_store_reader *reader, int64_t offset, void *out, size_t len,
                        lv_error *err)
{
    return reader->read(reader, offset, out, len, err);
}

void lv_store_reader_close(lv_store_reader *reader)
{
    if (reader != NULL)
        reader->close(reader);
}

lv_status lv_store_create(lv_store *store, const char *name, lv_store_create_mode mode,
                          lv_store_writer **writer, lv_error *err)
{
    return store->class->create(store, name, mode, writer, err);
}

lv_status lv_store_write(lv_store_writer *writer, const void *bytes, size_t len, lv_error *err)
{
    return writer->write(writer, bytes, len, err);
}

lv_status lv_store_writer_finish(lv_store_writer *writer, lv_error *err)
{
    return writer->finish(writer, err);
}

void lv_store_writer_abort(lv_store_writer *writer)
{
    if (writer != NULL)
        writer->abort(writer);
}

void lv_store_close(lv_store *store)
{
    if (store != NULL)
        store->class->close(store);
}

/* Length of a URI's scheme with its colon, 0 for a plain path. One letter is no scheme. */
static size_t scheme_length(const char *location)
{
    size_t n = 0;
    while ((location[n] | 32) >= 'a' && (location[n] | 32) <= 'z')
        n++;
    return n > 1 && location[n] == ':' && location[n + 1] == '/' ? n + 1 : 0;
}

lv_status lv_store_open(const char *location, bool durable, lv_store **store, lv_error *err)
{
    size_t scheme = scheme_length(location);
    const char *path = location + scheme;
    if (scheme > 0 && strncmp(location, "file:", scheme) != 0)
        return LV_FAIL(err, LV_UNSUPPORTED_FEATURE,
                       "tables at %.*s locations are not supported yet; local paths are: %s",
                       (int)scheme, location, location);
    while (scheme > 0 && path[0] == '/' && path[1] == '/')
        path++; /* file:///x and file:/x are /x */
    *store = lv_store_local_new(path, durable);
    return LV_OK;
}
