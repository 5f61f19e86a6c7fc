/* store_faulty.c: a store around another that fails when its hook says so, for tests. */
#include <stdlib.h>

#include "base/check.h"
#include "store/store.h"

typedef struct faulty_store {
    lv_store base;
    lv_store *inner;
    lv_store_hook hook;
    void *context;
} faulty_store;

static lv_status ask(const faulty_store *store, lv_store_op op, const char *name, bool after,
                     lv_error *err)
{
    return store->hook(store->context, op, name, after, err);
}

/* The hook before, the call, the hook after: a failure of the call itself goes before the latter.
 */
#define WITH_FAULTS(store, op, name, call)                                                         \
    do {                                                                                           \
        const faulty_store *faulty_ = (store);                                                     \
        LV_TRY(ask(faulty_, (op), (name), false, err));                                            \
        LV_TRY(call);                                                                              \
        return ask(faulty_, (op), (name), true, err);                                              \
    } while (0)

static lv_status faulty_get(lv_store *base, const char *name, lv_sbuf *out, lv_error *err)
{
    faulty_store *store = (faulty_store *)base;
    WITH_FAULTS(store, LV_STORE_GET, name, lv_store_get(store->inner, name, out, err));
}

static lv_status faulty_put(lv_store *base, const char *name, const void *bytes, size_t len,
                            bool replace, lv_error *err)
{
    faulty_store *store = (faulty_store *)base;
    WITH_FAULTS(store, LV_STORE_PUT, name,
                lv_store_put(store->inner, name, bytes, len, replace, err));
}

static lv_status faulty_list(lv_store *base, const char *folder, lv_str from, lv_arena *arena,
                             lv_store_entry **entries, size_t *count, lv_error *err)
{
    faulty_store *store = (faulty_store *)base;
    WITH_FAULTS(store, LV_STORE_LIST, folder,
                lv_store_list(store->inner, folder, from, arena, entries, count, err));
}

static lv_status faulty_remove(lv_store *base, const char *name, lv_error *err)
{
    faulty_store *store = (faulty_store *)base;
    WITH_FAULTS(store, LV_STORE_REMOVE, name, lv_store_remove(store->inner, name, err));
}

/* ---- files ----------------------------------------------------------------------------------- */

typedef struct faulty_reader {
    lv_store_reader base;
    lv_store_reader *inner;
    const faulty_store *store;
    char *name;
} faulty_reader;

static lv_status reader_read(lv_store_reader *base, int64_t offset, void *out, size_t len,
                             lv_error *err)
{
    faulty_reader *r = (faulty_reader *)base;
    WITH_FAULTS(r->store, LV_STORE_READ, r->name, lv_store_read(r->inner, offset, out, len, err));
}

static void reader_close(lv_store_reader *base)
{
    faulty_reader *reader = (faulty_reader *)base;
    lv_store_reader_close(reader->inner);
    free(reader->name);
    free(reader);
}

static lv_status faulty_open(lv_store *base, const char *name, lv_store_reader **out, lv_error *err)
{
    faulty_store *store = (faulty_store *)base;
    lv_store_reader *inner;
    LV_TRY(ask(store, LV_STORE_OPEN, name, false, err));
    LV_TRY(lv_store_open_file(store->inner, name, &inner, err));
    faulty_reader *reader = calloc(1, sizeof *reader);
    LV_ASSERT(reader != NULL);
    *reader =
        (faulty_reader){{inner->size_bytes, reader_read, reader_close}, inner, store, strdup(name)};
    *out = &reader->base;
    return LV_OK;
}

typedef struct faulty_writer {
    lv_store_writer base;
    lv_store_writer *inner;
    const faulty_store *store;
    char *name;
} faulty_writer;

static lv_status writer_write(lv_store_writer *base, const void *bytes, size_t len, lv_error *err)
{
    faulty_writer *w = (faulty_writer *)base;
    WITH_FAULTS(w->store, LV_STORE_WRITE, w->name, lv_store_write(w->inner, bytes, len, err));
}

static void writer_abort(lv_store_writer *base)
{
    faulty_writer *writer = (faulty_writer *)base;
    lv_store_writer_abort(writer->inner);
    free(writer->name);
    free(writer);
}

static lv_status writer_finish(lv_store_writer *base, lv_error *err)
{
    faulty_writer *writer = (faulty_writer *)base;
    lv_status status = ask(writer->store, LV_STORE_FINISH, writer->name, false, err);
    if (status == LV_OK) {
        status = lv_store_writer_finish(writer->inner, err);
        writer->inner = NULL;
    }
    if (status == LV_OK)
        status = ask(writer->store, LV_STORE_FINISH, writer->name, true, err);
    writer_abort(base);
    return status;
}

static lv_status faulty_create(lv_store *base, const char *name, lv_store_create_mode mode,
                               lv_store_writer **out, lv_error *err)
{
    faulty_store *store = (faulty_store *)base;
    lv_store_writer *inner;
    LV_TRY(ask(store, LV_STORE_CREATE, name, false, err));
    LV_TRY(lv_store_create(store->inner, name, mode, &inner, err));
    faulty_writer *writer = calloc(1, sizeof *writer);
    LV_ASSERT(writer != NULL);
    *writer =
        (faulty_writer){{writer_write, writer_finish, writer_abort}, inner, store, strdup(name)};
    *out = &writer->base;
    return LV_OK;
}

static void faulty_close(lv_store *base)
{
    lv_store_close(((faulty_store *)base)->inner);
    free(base);
}

static const lv_store_class faulty_class = {faulty_get,  faulty_put,    faulty_list, faulty_remove,
                                            faulty_open, faulty_create, faulty_close};

lv_store *lv_store_faulty_new(lv_store *inner, lv_store_hook hook, void *context)
{
    faulty_store *store = calloc(1, sizeof *store);
    LV_ASSERT(store != NULL);
    *store = (faulty_store){{&faulty_class}, inner, hook, context};
    return &store->base;
}
