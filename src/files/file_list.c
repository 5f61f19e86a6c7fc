/* file_list.c: which files a path means.
 *
 * A path is a file, a folder or a pattern of either. Names that begin with _ or . are nobody's data, but for folders
 * like _k=v. Folders are entered all the way down: whether what lies there is part of the relation is decided when
 * the columns of folders are known. Source: HadoopFSUtils, InMemoryFileIndex. */
#include <errno.h>
#include <glob.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/path.h"
#include "base/vec.h"
#include "files/files_int.h"
#include "os/os.h"

enum { FOLDER_DEPTH_MAX = 200, FILES_MAX = 10000000 };

typedef struct walk {
    lv_arena *arena;
    const lv_file_options *options;
    lv_str root;
    LV_VEC(lv_file) files;
} walk;

lv_status lv_file_absolute(lv_arena *arena, lv_str location, lv_str *path, lv_error *err)
{
    ptrdiff_t colon = lv_str_find(location, ':', 0), slash = lv_str_find(location, '/', 0);
    char here[PATH_MAX];
    if (colon > 0 && slash == colon + 1) {
        if (!lv_str_starts(location, LV_STR("file:/")))
            return LV_FAIL(err, LV_UNSUPPORTED_FEATURE,
                           "The feature is not supported: files at %.*s; local paths are",
                           LV_STR_ARG(location));
        for (location = lv_str_sub(location, 5, location.len - 5);
             location.len > 1 && location.ptr[1] == '/';)
            location = lv_str_sub(location, 1, location.len - 1);
    }
    if (location.len == 0 || location.ptr[0] != '/') {
        if (getcwd(here, sizeof here) == NULL)
            return LV_FAIL(err, LV_IO, "there is no current folder");
        location = lv_str_of(lv_arena_printf(arena, "%s/%.*s", here, LV_STR_ARG(location)));
    }
    while (location.len > 1 && location.ptr[location.len - 1] == '/')
        location.len--;
    *path = lv_str_dup(arena, location);
    return LV_OK;
}

static bool is_hidden(lv_str name)
{
    bool marked = name.len > 0 && name.ptr[0] == '_' && lv_str_find(name, '=', 0) < 0;
    return marked || name.len == 0 || name.ptr[0] == '.' || lv_str_ends(name, LV_STR("._COPYING_"));
}

static lv_str last_name(lv_str path)
{
    size_t begin = path.len;
    while (begin > 0 && path.ptr[begin - 1] != '/')
        begin--;
    return lv_str_sub(path, begin, path.len - begin);
}

static lv_str parent_of(lv_str path)
{
    size_t len = path.len - last_name(path).len;
    return (lv_str){path.ptr, len > 1 ? len - 1 : len};
}

static bool is_wanted(const lv_file_options *o, const struct stat *st, lv_str name)
{
    int64_t us = (int64_t)st->st_mtim.tv_sec * 1000000 + st->st_mtim.tv_nsec / 1000;
    return S_ISREG(st->st_mode) && !is_hidden(name) && us > o->modified_after_us &&
           us < o->modified_before_us &&
           (o->glob_filter.len == 0 || lv_glob_match(o->glob_filter, name));
}

static lv_file file_of(lv_str path, lv_str root, const struct stat *st)
{
    int64_t ms = (int64_t)st->st_mtim.tv_sec * 1000 + st->st_mtim.tv_nsec / 1000000;
    return (lv_file){path, root, st->st_size, ms};
}

/* What vanishes meanwhile is not listed. */
static lv_status walk_folder(walk *w, const char *path, int depth, lv_error *err)
{
    lv_dir_entry *entries;
    size_t count;
    if (depth > FOLDER_DEPTH_MAX)
        return LV_FAIL(err, LV_IO, "folders are nested deeper than %d: %s", FOLDER_DEPTH_MAX, path);
    lv_error own = LV_ERROR_INIT;
    lv_status status = lv_dir_list(path, w->arena, &entries, &count, &own);
    if (status == LV_NOT_FOUND)
        return LV_OK;
    if (status != LV_OK)
        return LV_FAIL(err, status, "%s", own.message);
    for (size_t i = 0; i < count; i++) {
        if (is_hidden(entries[i].name))
            continue;
        const char *inside = lv_path_join(w->arena, path, entries[i].name.ptr);
        struct stat st;
        if (entries[i].is_dir)
            LV_TRY(walk_folder(w, inside, depth + 1, err));
        else if (stat(inside, &st) == 0 && is_wanted(w->options, &st, entries[i].name))
            LV_VEC_PUSH(w->arena, w->files, file_of(lv_str_of(inside), w->root, &st));
        if (w->files.count > FILES_MAX)
            return LV_FAIL(err, LV_IO, "there are more than %d files below %.*s", FILES_MAX,
                           LV_STR_ARG(w->root));
    }
    return LV_OK;
}

static lv_status fail_missing(lv_str path, lv_error *err)
{
    return LV_FAIL(err, LV_NOT_FOUND, "Path does not exist: file:%.*s", LV_STR_ARG(path));
}

static lv_status walk_root(walk *w, lv_str path, lv_error *err)
{
    struct stat st;
    const char *text = lv_str_cstr(w->arena, path);
    path = lv_str_of(text);
    if (stat(text, &st) != 0)
        return errno == ENOENT || errno == ENOTDIR
                   ? fail_missing(path, err)
                   : LV_FAIL(err, LV_IO, "cannot read %s: errno %d", text, errno);
    bool is_folder = S_ISDIR(st.st_mode);
    w->root = is_folder ? path : parent_of(path);
    if (w->options->base_path.len > 0) {
        LV_TRY(lv_file_absolute(w->arena, w->options->base_path, &w->root, err));
        if (!lv_str_starts(path, w->root))
            return LV_FAIL(err, LV_USAGE, "Option 'basePath' must be a directory above %s", text);
    }
    if (is_folder)
        return walk_folder(w, text, 0, err);
    if (is_wanted(w->options, &st, last_name(path)))
        LV_VEC_PUSH(w->arena, w->files, file_of(path, w->root, &st));
    return LV_OK;
}

static lv_status walk_pattern(walk *w, lv_str path, lv_error *err)
{
    glob_t found;
    int result = glob(lv_str_cstr(w->arena, path), GLOB_BRACE, NULL, &found);
    lv_status status = result == GLOB_NOMATCH ? fail_missing(path, err)
                       : result != 0 ? LV_FAIL(err, LV_IO, "cannot list %.*s", LV_STR_ARG(path))
                                     : LV_OK;
    for (size_t i = 0; status == LV_OK && i < found.gl_pathc; i++)
        status = walk_root(w, lv_str_dup(w->arena, lv_str_of(found.gl_pathv[i])), err);
    globfree(&found);
    return status;
}

static int by_path(const void *a, const void *b)
{
    return lv_str_cmp(((const lv_file *)a)->path, ((const lv_file *)b)->path);
}

lv_status lv_files_list(lv_arena *arena, const lv_file_options *options, lv_file_list *out,
                        lv_error *err)
{
    lv_str path;
    walk w = {.arena = arena, .options = options};
    LV_TRY(lv_file_absolute(arena, options->path, &path, err));
    LV_TRY(lv_glob_is_pattern(path) ? walk_pattern(&w, path, err) : walk_root(&w, path, err));
    if (w.files.count > 1)
        qsort(w.files.at, w.files.count, sizeof w.files.at[0], by_path);
    size_t kept = 0; /* patterns of braces may name a file twice */
    for (size_t i = 0; i < w.files.count; i++)
        if (kept == 0 || !lv_str_eq(w.files.at[kept - 1].path, w.files.at[i].path))
            w.files.at[kept++] = w.files.at[i];
    *out = (lv_file_list){w.files.at, (int)kept};
    return LV_OK;
}
