/* store_local.c: a folder of the local disk as a store.
 *
 * A durable store syncs in the order that a crash must not reverse: a file's bytes, then the folder
 * that names it, and a folder that had to be made, in its own parent. put is lv_file_publish: a
 * temporary file, then link(2), which is put-if-absent also between processes. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/check.h"
#include "base/vec.h"
#include "os/os.h"
#include "store/store_int.h"

typedef struct local_store {
    lv_store base;
    bool durable;
    char *root;
} local_store;

/* The path of a name, in the heap. */
static char *path_of(const local_store *store, const char *name)
{
    size_t root = name[0] == '/' ? 0 : strlen(store->root), len = strlen(name);
    char *path = malloc(root + len + 2);
    LV_ASSERT(path != NULL);
    memcpy(path, store->root, root);
    if (root > 0 && path[root - 1] != '/')
        path[root++] = '/';
    memcpy(path + root, name, len + 1);
    return path;
}

/* Makes the folders above `path` that are missing, outermost first, and each known to its parent.
 */
static lv_status make_parents(const local_store *store, char *path, lv_error *err)
{
    char *slash = strrchr(path, '/');
    if (slash == NULL || slash == path)
        return LV_OK;
    *slash = '\0';
    lv_status status = LV_OK;
    if (!lv_path_exists(path)) {
        status = make_parents(store, path, err);
        if (status == LV_OK && mkdir(path, 0755) != 0 && errno != EEXIST)
            status = LV_FAIL(err, LV_IO, "cannot make folder %s: errno %d", path, errno);
        char *parent_end = strrchr(path, '/');
        if (status == LV_OK && store->durable && parent_end != NULL && parent_end != path) {
            *parent_end = '\0';
            status = lv_dir_sync(path, err);
            *parent_end = '/';
        }
    }
    *slash = '/';
    return status;
}

static lv_status sync_folder_of(char *path, lv_error *err)
{
    char *slash = strrchr(path, '/');
    if (slash == NULL)
        return lv_dir_sync(".", err);
    if (slash == path)
        return lv_dir_sync("/", err);
    *slash = '\0';
    lv_status status = lv_dir_sync(path, err);
    *slash = '/';
    return status;
}

static lv_status local_get(lv_store *store, const char *name, lv_sbuf *out, lv_error *err)
{
    char *path = path_of((local_store *)store, name);
    lv_status status = lv_file_read_all(path, out, err);
    free(path);
    return status;
}

static lv_status local_put(lv_store *base, const char *name, const void *bytes, size_t len,
                           bool replace, lv_error *err)
{
    local_store *store = (local_store *)base;
    char *path = path_of(store, name);
    lv_status status = make_parents(store, path, err);
    if (status == LV_OK)
        status = lv_file_publish(path, bytes, len, replace, store->durable, err);
    free(path);
    return status;
}

static lv_status local_list(lv_store *store, const char *folder, lv_str from, lv_arena *arena,
                            lv_store_entry **entries, size_t *count, lv_error *err)
{
    char *path = path_of((local_store *)store, folder);
    lv_dir_entry *found;
    size_t found_count;
    LV_VEC(lv_store_entry) files = {0};
    lv_status status = lv_dir_list(path, arena, &found, &found_count, err);
    for (size_t i = 0; status == LV_OK && i < found_count; i++) {
        struct stat st;
        if (found[i].is_dir || lv_str_cmp(found[i].name, from) < 0 ||
            stat(lv_path_join(arena, path, found[i].name.ptr), &st) != 0)
            continue; /* what vanished meanwhile is not listed */
        int64_t ms = (int64_t)st.st_mtim.tv_sec * 1000 + st.st_mtim.tv_nsec / 1000000;
        LV_VEC_PUSH(arena, files, (lv_store_entry){found[i].name, st.st_size, ms});
    }
    free(path);
    if (status == LV_OK) {
        *entries = files.at;
        *count = files.count;
    }
    return status;
}

static lv_status local_remove(lv_store *store, const char *name, lv_error *err)
{
    char *path = path_of((local_store *)store, name);
    lv_status status = lv_file_remove(path, err);
    free(path);
    return status;
}

/* ---- reading --------------------------------------------------------------------------------- */

typedef struct local_reader {
    lv_store_reader base;
    int fd;
    char *path;
} local_reader;

static lv_status reader_read(lv_store_reader *base, int64_t offset, void *out, size_t len,
                             lv_error *err)
{
    local_reader *reader = (local_reader *)base;
    return lv_file_pread(reader->fd, reader->path, out, len, offset, err);
}

static void reader_close(lv_store_reader *base)
{
    local_reader *reader = (local_reader *)base;
    if (reader->fd >= 0)
        close(reader->fd);
    free(reader->path);
    free(reader);
}

static lv_status local_open(lv_store *store, const char *name, lv_store_reader **out, lv_error *err)
{
    local_reader *reader = calloc(1, sizeof *reader);
    LV_ASSERT(reader != NULL);
    *reader = (local_reader){{0, reader_read, reader_close}, -1, NULL};
    reader->path = path_of((local_store *)store, name);
    lv_status status = lv_file_open(reader->path, O_RDONLY, &reader->fd, err);
    if (status == LV_OK)
        status = lv_file_size(reader->fd, reader->path, &reader->base.size_bytes, err);
    if (status != LV_OK)
        reader_close(&reader->base);
    else
        *out = &reader->base;
    return status;
}

/* ---- writing --------------------------------------------------------------------------------- */

typedef struct local_writer {
    lv_store_writer base;
    bool durable;
    int fd;
    char *path;    /* while it is written */
    char *renamed; /* its name in the end; NULL: the same */
} local_writer;

static lv_status writer_write(lv_store_writer *base, const void *bytes, size_t len, lv_error *err)
{
    local_writer *writer = (local_writer *)base;
    return lv_file_write(writer->fd, writer->path, bytes, len, err);
}

static void writer_free(local_writer *writer)
{
    if (writer->fd >= 0)
        close(writer->fd);
    free(writer->path);
    free(writer->renamed);
    free(writer);
}

static void writer_abort(lv_store_writer *base)
{
    local_writer *writer = (local_writer *)base;
    unlink(writer->path);
    writer_free(writer);
}

static lv_status writer_finish(lv_store_writer *base, lv_error *err)
{
    local_writer *writer = (local_writer *)base;
    lv_status status = writer->durable ? lv_file_sync(writer->fd, writer->path, err) : LV_OK;
    if (status == LV_OK && writer->renamed != NULL && rename(writer->path, writer->renamed) != 0)
        status = LV_FAIL(err, LV_IO, "cannot rename %s to %s: errno %d", writer->path,
                         writer->renamed, errno);
    if (status == LV_OK && writer->durable)
        status = sync_folder_of(writer->path, err);
    if (status == LV_OK)
        writer_free(writer);
    else
        writer_abort(base);
    return status;
}

/* A hidden name beside `path`, as Hadoop's file systems do: .<name>.<uuid>.tmp */
static char *hidden_name(const char *path)
{
    char uuid[37];
    lv_uuid_make(uuid);
    const char *slash = strrchr(path, '/');
    int folder = slash ? (int)(slash - path) + 1 : 0;
    lv_sbuf name = LV_SBUF_INIT;
    lv_sbuf_printf(&name, "%.*s.%s.%s.tmp", folder, path, path + folder, uuid);
    return name.ptr;
}

static lv_status local_create(lv_store *base, const char *name, lv_store_create_mode mode,
                              lv_store_writer **out, lv_error *err)
{
    local_store *store = (local_store *)base;
    local_writer *writer = calloc(1, sizeof *writer);
    LV_ASSERT(writer != NULL);
    *writer = (local_writer){{writer_write, writer_finish, writer_abort},
                             store->durable,
                             -1,
                             path_of(store, name),
                             NULL};
    if (mode == LV_STORE_WHOLE) {
        writer->renamed = writer->path;
        writer->path = hidden_name(writer->renamed);
    }
    lv_status status = make_parents(store, writer->path, err);
    if (status == LV_OK)
        status = lv_file_open(writer->path, O_WRONLY | O_CREAT | O_EXCL, &writer->fd, err);
    if (status != LV_OK)
        writer_free(writer);
    else
        *out = &writer->base;
    return status;
}

static void local_close(lv_store *base)
{
    free(((local_store *)base)->root);
    free(base);
}

static const lv_store_class local_class = {local_get,  local_put,    local_list, local_remove,
                                           local_open, local_create, local_close};

lv_store *lv_store_local_new(const char *root, bool durable)
{
    local_store *store = calloc(1, sizeof *store);
    LV_ASSERT(store != NULL);
    *store = (local_store){{&local_class}, durable, strdup(root)};
    LV_ASSERT(store->root != NULL);
    return &store->base;
}
