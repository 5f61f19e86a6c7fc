/* file.c: files and folders of the local disk. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/vec.h"
#include "os/os.h"

static lv_status fail(const char *doing, const char *path, lv_error *err)
{
    int e = errno;
    lv_status status = e == ENOENT ? LV_NOT_FOUND : e == EEXIST ? LV_ALREADY_EXISTS : LV_IO;
    return LV_FAIL(err, status, "cannot %s %s: %s", doing, path, strerrordesc_np(e));
}

lv_status lv_file_open(const char *path, int flags, int *fd, lv_error *err)
{
    int opened = open(path, flags | O_CLOEXEC, 0644);
    if (opened < 0)
        return fail("open", path, err);
    *fd = opened;
    return LV_OK;
}

lv_status lv_file_size(int fd, const char *path, int64_t *size_bytes, lv_error *err)
{
    struct stat st;
    if (fstat(fd, &st) != 0)
        return fail("stat", path, err);
    *size_bytes = st.st_size;
    return LV_OK;
}

lv_status lv_file_read_all(const char *path, lv_sbuf *out, lv_error *err)
{
    int fd;
    LV_TRY(lv_file_open(path, O_RDONLY, &fd, err));
    lv_status status = LV_OK;
    for (;;) {
        enum { CHUNK = 64 * 1024 };
        ssize_t n = read(fd, lv_sbuf_reserve(out, CHUNK), CHUNK);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            status = fail("read", path, err);
        if (n <= 0)
            break;
        out->len += (size_t)n;
    }
    close(fd);
    return status;
}

lv_status lv_file_pread(int fd, const char *path, void *out, size_t len, int64_t offset,
                        lv_error *err)
{
    char *p = out;
    while (len > 0) {
        ssize_t n = pread(fd, p, len, offset);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return fail("read", path, err);
        if (n == 0)
            return LV_FAIL(err, LV_CORRUPT, "%s ends %zu bytes too early", path, len);
        p += n;
        len -= (size_t)n;
        offset += n;
    }
    return LV_OK;
}

lv_status lv_file_write(int fd, const char *path, const void *bytes, size_t len, lv_error *err)
{
    const char *p = bytes;
    while (len > 0) {
        ssize_t n = write(fd, p, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return fail("write", path, err);
        p += n;
        len -= (size_t)n;
    }
    return LV_OK;
}

lv_status lv_file_sync(int fd, const char *path, lv_error *err)
{
    return fdatasync(fd) == 0 ? LV_OK : fail("sync", path, err);
}

lv_status lv_dir_sync(const char *path, lv_error *err)
{
    int fd;
    LV_TRY(lv_file_open(path, O_RDONLY | O_DIRECTORY, &fd, err));
    lv_status status = fsync(fd) == 0 ? LV_OK : fail("sync", path, err);
    close(fd);
    return status;
}

lv_status lv_dir_make(const char *path, lv_error *err)
{
    lv_arena arena;
    lv_arena_init(&arena);
    char *partial = lv_arena_strndup(&arena, path, strlen(path));
    lv_status status = LV_OK;
    for (char *p = partial + 1; status == LV_OK; p++) {
        char c = *p;
        if (c != '/' && c != '\0')
            continue;
        *p = '\0';
        if (mkdir(partial, 0755) != 0 && errno != EEXIST)
            status = fail("make folder", partial, err);
        *p = c;
        if (c == '\0')
            break;
    }
    lv_arena_release(&arena);
    return status;
}

/* Syncs the folder that holds `path`. */
static lv_status sync_parent(const char *path, lv_error *err)
{
    const char *slash = strrchr(path, '/');
    if (slash == NULL)
        return lv_dir_sync(".", err);
    lv_arena arena;
    lv_arena_init(&arena);
    size_t len = slash == path ? 1 : (size_t)(slash - path);
    lv_status status = lv_dir_sync(lv_arena_strndup(&arena, path, len), err);
    lv_arena_release(&arena);
    return status;
}

/* A hidden name beside `path`, as Hadoop's file systems do: .<name>.<uuid>.tmp */
static char *temporary_name(lv_arena *arena, const char *path)
{
    char uuid[37];
    lv_uuid_make(uuid);
    const char *slash = strrchr(path, '/');
    int dir_len = slash ? (int)(slash - path) + 1 : 0;
    return lv_arena_printf(arena, "%.*s.%s.%s.tmp", dir_len, path, path + dir_len, uuid);
}

static lv_status write_new(const char *path, const void *bytes, size_t len, bool durable,
                           lv_error *err)
{
    int fd;
    LV_TRY(lv_file_open(path, O_WRONLY | O_CREAT | O_EXCL, &fd, err));
    lv_status status = lv_file_write(fd, path, bytes, len, err);
    if (status == LV_OK && durable)
        status = lv_file_sync(fd, path, err);
    close(fd);
    return status;
}

lv_status lv_file_publish(const char *path, const void *bytes, size_t len, bool replace,
                          bool durable, lv_error *err)
{
    lv_arena arena;
    lv_arena_init(&arena);
    char *temporary = temporary_name(&arena, path);
    lv_status status = write_new(temporary, bytes, len, durable, err);
    if (status == LV_OK && replace && rename(temporary, path) != 0)
        status = fail("rename to", path, err);
    if (status == LV_OK && !replace && link(temporary, path) != 0)
        status = fail("create", path, err);
    if (status != LV_OK || !replace)
        unlink(temporary);
    if (status == LV_OK && durable)
        status = sync_parent(path, err);
    lv_arena_release(&arena);
    return status;
}

static int by_name(const void *a, const void *b)
{
    return lv_str_cmp(((const lv_dir_entry *)a)->name, ((const lv_dir_entry *)b)->name);
}

static bool entry_is_dir(DIR *dir, const struct dirent *d)
{
    if (d->d_type != DT_UNKNOWN && d->d_type != DT_LNK)
        return d->d_type == DT_DIR;
    struct stat st;
    return fstatat(dirfd(dir), d->d_name, &st, 0) == 0 && S_ISDIR(st.st_mode);
}

lv_status lv_dir_list(const char *path, lv_arena *arena, lv_dir_entry **entries, size_t *count,
                      lv_error *err)
{
    DIR *dir = opendir(path);
    if (dir == NULL)
        return fail("list", path, err);
    LV_VEC(lv_dir_entry) found = {0};
    for (struct dirent *d; (d = readdir(dir)) != NULL;) {
        if (strcmp(d->d_name, ".") == 0 || strcmp(d->d_name, "..") == 0)
            continue;
        lv_dir_entry entry = {lv_str_dup(arena, lv_str_of(d->d_name)), entry_is_dir(dir, d)};
        LV_VEC_PUSH(arena, found, entry);
    }
    closedir(dir);
    if (found.count > 0)
        qsort(found.at, found.count, sizeof found.at[0], by_name);
    *entries = found.at;
    *count = found.count;
    return LV_OK;
}

static int remove_entry(const char *path, const struct stat *info, int type, struct FTW *walk)
{
    return remove(path);
}

lv_status lv_dir_remove(const char *path, lv_error *err)
{
    enum { OPEN_FOLDERS = 16 };
    if (nftw(path, remove_entry, OPEN_FOLDERS, FTW_DEPTH | FTW_PHYS) == 0 || errno == ENOENT)
        return LV_OK;
    return fail("remove", path, err);
}

lv_status lv_file_remove(const char *path, lv_error *err)
{
    return unlink(path) == 0 || errno == ENOENT ? LV_OK : fail("remove", path, err);
}

bool lv_path_exists(const char *path)
{
    return access(path, F_OK) == 0;
}

char *lv_path_join(lv_arena *arena, const char *dir, const char *name)
{
    size_t len = strlen(dir);
    return lv_arena_printf(arena, "%s%s%s", dir, len > 0 && dir[len - 1] == '/' ? "" : "/", name);
}
