/* store_memory.c: a store in memory, for tests: an unsorted list of files under one lock. */
#include <pthread.h>
#include <stdlib.h>

#include "base/check.h"
#include "base/vec.h"
#include "os/os.h"
#include "store/store.h"

typedef struct memory_file {
    char *name;
    lv_sbuf bytes;
    int64_t modified_ms;
} memory_file;

typedef struct memory_store {
    lv_store base;
    pthread_mutex_t mutex; /* of all below */
    lv_arena arena;        /* of the list */
    LV_VEC(memory_file) files;
} memory_store;

static memory_file *find(memory_store *store, const char *name)
{
    for (size_t i = 0; i < store->files.count; i++)
        if (strcmp(store->files.at[i].name, name) == 0)
            return &store->files.at[i];
    return NULL;
}

static lv_status missing(const char *name, lv_error *err)
{
    return LV_FAIL(err, LV_NOT_FOUND, "there is no file %s", name);
}

static lv_status memory_get(lv_store *base, const char *name, lv_sbuf *out, lv_error *err)
{
    memory_store *store = (memory_store *)base;
    pthread_mutex_lock(&store->mutex);
    const memory_file *file = find(store, name);
    if (file != NULL)
        lv_sbuf_add_str(out, lv_sbuf_str(&file->bytes));
    pthread_mutex_unlock(&store->mutex);
    return file != NULL ? LV_OK : missing(name, err);
}

static lv_status memory_put(lv_store *base, const char *name, const void *bytes, size_t len,
                            bool replace, lv_error *err)
{
    memory_store *store = (memory_store *)base;
    lv_status status = LV_OK;
    pthread_mutex_lock(&store->mutex);
    memory_file *file = find(store, name);
    if (file != NULL && !replace)
        status = LV_FAIL(err, LV_ALREADY_EXISTS, "there is a file %s already", name);
    if (file == NULL) {
        LV_VEC_PUSH(&store->arena, store->files, (memory_file){.name = strdup(name)});
        file = &store->files.at[store->files.count - 1];
    }
    if (status == LV_OK) {
        lv_sbuf_clear(&file->bytes);
        lv_sbuf_add(&file->bytes, bytes, len);
        file->modified_ms = lv_now_us() / 1000;
    }
    pthread_mutex_unlock(&store->mutex);
    return status;
}

static int by_name(const void *a, const void *b)
{
    return lv_str_cmp(((const lv_store_entry *)a)->name, ((const lv_store_entry *)b)->name);
}

static lv_status memory_list(lv_store *base, const char *folder, lv_str from, lv_arena *arena,
                             lv_store_entry **entries, size_t *count, lv_error *err)
{
    memory_store *store = (memory_store *)base;
    size_t len = strlen(folder);
    LV_VEC(lv_store_entry) found = {0};
    pthread_mutex_lock(&store->mutex);
    for (size_t i = 0; i < store->files.count; i++) {
        const memory_file *file = &store->files.at[i];
        const char *name = file->name + len + 1;
        if (strncmp(file->name, folder, len) != 0 || file->name[len] != '/' ||
            strchr(name, '/') != NULL || lv_str_cmp(lv_str_of(name), from) < 0)
            continue;
        lv_str copy = {lv_arena_strndup(arena, name, strlen(name)), strlen(name)};
        LV_VEC_PUSH(arena, found,
                    (lv_store_entry){copy, (int64_t)file->bytes.len, file->modified_ms});
    }
    pthread_mutex_unlock(&store->mutex);
    if (found.count > 0)
        qsort(found.at, found.count, sizeof found.at[0], by_name);
    *entries = found.at;
    *count = found.count;
    return LV_OK;
}

static lv_status memory_remove(lv_store *base, const char *name, lv_error *err)
{
    memory_store *store = (memory_store *)base;
    pthread_mutex_lock(&store->mutex);
    memory_file *file = find(store, name);
    if (file != NULL) {
        free(file->name);
        lv_sbuf_release(&file->bytes);
        *file = store->files.at[--store->files.count];
    }
    pthread_mutex_unlock(&store->mutex);
    return LV_OK;
}

/* ---- reading: of a copy ---------------------------------------------------------------------- */

typedef struct memory_reader {
    lv_store_reader base;
    lv_sbuf bytes;
} memory_reader;

static lv_status reader_read(lv_store_reader *base, int64_t offset, void *out, size_t len,
                             lv_error *err)
{
    memory_reader *reader = (memory_reader *)base;
    if (offset < 0 || (uint64_t)offset > reader->bytes.len ||
        len > reader->bytes.len - (size_t)offset)
        return LV_FAIL(err, LV_CORRUPT, "the file ends before byte %lld", (long long)offset);
    memcpy(out, reader->bytes.ptr + offset, len);
    return LV_OK;
}

static void reader_close(lv_store_reader *base)
{
    lv_sbuf_release(&((memory_reader *)base)->bytes);
    free(base);
}

static lv_status memory_open(lv_store *store, const char *name, lv_store_reader **out,
                             lv_error *err)
{
    memory_reader *reader = calloc(1, sizeof *reader);
    LV_ASSERT(reader != NULL);
    lv_status status = memory_get(store, name, &reader->bytes, err);
    reader->base = (lv_store_reader){(int64_t)reader->bytes.len, reader_read, reader_close};
    if (status != LV_OK)
        reader_close(&reader->base);
    else
        *out = &reader->base;
    return status;
}

/* ---- writing: a buffer that is put in the end ------------------------------------------------ */

typedef struct memory_writer {
    lv_store_writer base;
    lv_store *store;
    char *name;
    bool replace;
    lv_sbuf bytes;
} memory_writer;

static lv_status writer_write(lv_store_writer *base, const void *bytes, size_t len, lv_error *err)
{
    lv_sbuf_add(&((memory_writer *)base)->bytes, bytes, len);
    return LV_OK;
}

static void writer_abort(lv_store_writer *base)
{
    memory_writer *writer = (memory_writer *)base;
    lv_sbuf_release(&writer->bytes);
    free(writer->name);
    free(writer);
}

static lv_status writer_finish(lv_store_writer *base, lv_error *err)
{
    memory_writer *writer = (memory_writer *)base;
    lv_str bytes = lv_sbuf_str(&writer->bytes);
    lv_status status =
        memory_put(writer->store, writer->name, bytes.ptr, bytes.len, writer->replace, err);
    writer_abort(base);
    return status;
}

static lv_status memory_create(lv_store *store, const char *name, lv_store_create_mode mode,
                               lv_store_writer **out, lv_error *err)
{
    memory_writer *writer = calloc(1, sizeof *writer);
    LV_ASSERT(writer != NULL);
    *writer = (memory_writer){.base = {writer_write, writer_finish, writer_abort},
                              .store = store,
                              .name = strdup(name),
                              .replace = mode == LV_STORE_WHOLE};
    *out = &writer->base;
    return LV_OK;
}

static void memory_close(lv_store *base)
{
    memory_store *store = (memory_store *)base;
    for (size_t i = 0; i < store->files.count; i++) {
        free(store->files.at[i].name);
        lv_sbuf_release(&store->files.at[i].bytes);
    }
    pthread_mutex_destroy(&store->mutex);
    lv_arena_release(&store->arena);
    free(store);
}

static const lv_store_class memory_class = {memory_get,  memory_put,    memory_list, memory_remove,
                                            memory_open, memory_create, memory_close};

lv_store *lv_store_memory_new(void)
{
    memory_store *store = calloc(1, sizeof *store);
    LV_ASSERT(store != NULL);
    store->base.class = &memory_class;
    pthread_mutex_init(&store->mutex, NULL);
    lv_arena_init(&store->arena);
    return &store->base;
}
