/* file_log.c: see file_log.h. */
#include "conn/file_log.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/check.h"
#include "base/vec.h"
#include "os/os.h"
#include "json/json.h"

enum {
    COMPACT_INTERVAL = 10,
    RETAINED_BATCHES = 100, /* files of the log that are kept in any case */
    CLEANUP_DELAY_S = 600,  /* and for this long, because another reader may be at them */
};

#define COMPACT ".compact"

/* A file of the log's folder. */
typedef struct log_name {
    int64_t id;
    bool compact;
} log_name;

struct lv_file_log {
    lv_arena arena;
    const char *dir;
    bool durable;
    bool has_dir;
    int64_t interval;
    int64_t latest;
    LV_VEC(lv_logged_file) entries;
};

/* ---- text ------------------------------------------------------------------------------------ */

static lv_status malformed(const char *name, const char *what, lv_error *err)
{
    return LV_FAIL(err, LV_MALFORMED_LOG_FILE, "%s: %s", name, what);
}

static lv_status parse_entry(lv_arena *arena, lv_str line, const char *name, lv_logged_file *entry,
                             lv_error *err)
{
    lv_json *root;
    if (lv_json_parse(arena, line, &root, NULL) != LV_OK)
        return malformed(name, "a line is no JSON", err);
    entry->path = lv_json_get_str(root, "path");
    if (entry->path.len == 0 || !lv_json_get_i64(root, "timestamp", &entry->timestamp_ms) ||
        !lv_json_get_i64(root, "batchId", &entry->batch_id))
        return malformed(name, "a line lacks path, timestamp or batchId", err);
    return LV_OK;
}

lv_status lv_file_log_parse(lv_arena *arena, lv_str text, const char *name, lv_logged_file **files,
                            int64_t *count, lv_error *err)
{
    LV_VEC(lv_logged_file) found = {0};
    lv_str line = LV_STR("");
    bool has_line = lv_str_split(&text, '\n', &line);
    if (!has_line || !lv_str_is(line, "v1"))
        return malformed(name, "it does not begin with the log version v1", err);
    while (lv_str_split(&text, '\n', &line)) {
        lv_logged_file entry;
        if (line.len == 0)
            continue;
        LV_TRY(parse_entry(arena, line, name, &entry, err));
        LV_VEC_PUSH(arena, found, entry);
    }
    *files = found.at;
    *count = (int64_t)found.count;
    return LV_OK;
}

static void print_entries(const lv_logged_file *files, int64_t count, lv_sbuf *out)
{
    for (int64_t i = 0; i < count; i++) {
        lv_sbuf_add_cstr(out, "\n{\"path\":");
        lv_sbuf_add_json_string(out, files[i].path);
        lv_sbuf_printf(out, ",\"timestamp\":%lld,\"batchId\":%lld}",
                       (long long)files[i].timestamp_ms, (long long)files[i].batch_id);
    }
}

/* ---- the folder ------------------------------------------------------------------------------ */

static bool parse_name(lv_str name, log_name *out)
{
    out->compact = lv_str_ends(name, LV_STR(COMPACT));
    if (out->compact)
        name.len -= sizeof COMPACT - 1;
    return name.len > 0 && name.ptr[0] >= '0' && name.ptr[0] <= '9' &&
           lv_str_to_i64(name, &out->id);
}

static const char *log_path(lv_arena *arena, const lv_file_log *log, log_name name)
{
    return lv_arena_printf(arena, "%s/%lld%s", log->dir, (long long)name.id,
                           name.compact ? COMPACT : "");
}

static lv_status list_names(const lv_file_log *log, lv_arena *arena, log_name **names,
                            int64_t *count, lv_error *err)
{
    lv_dir_entry *found;
    size_t found_count;
    LV_TRY(lv_dir_list(log->dir, arena, &found, &found_count, err));
    *names = LV_NEW_ARRAY(arena, log_name, found_count);
    *count = 0;
    for (size_t i = 0; i < found_count; i++)
        *count += !found[i].is_dir && parse_name(found[i].name, &(*names)[*count]);
    return LV_OK;
}

/* With one compact file only, the interval may be any that it fits; the nearest to ours from above, which divides
 * what is there, or else below. With two it is what lies between them. */
static int64_t find_interval(int64_t last_compact, int64_t before)
{
    if (last_compact < 0)
        return COMPACT_INTERVAL;
    if (before >= 0)
        return last_compact - before;
    int64_t batches = last_compact + 1;
    if (batches <= COMPACT_INTERVAL)
        return batches;
    for (int64_t i = COMPACT_INTERVAL; i <= batches / 2; i++)
        if (batches % i == 0)
            return i;
    return batches;
}

static lv_status read_batch(lv_file_log *log, log_name name, lv_error *err)
{
    lv_sbuf text = LV_SBUF_INIT;
    lv_logged_file *files;
    int64_t count = 0;
    const char *path = log_path(&log->arena, log, name);
    lv_status status = lv_file_read_all(path, &text, err);
    if (status == LV_OK)
        status = lv_file_log_parse(&log->arena, lv_str_dup(&log->arena, lv_sbuf_str(&text)), path,
                                   &files, &count, err);
    lv_sbuf_release(&text);
    for (int64_t i = 0; status == LV_OK && i < count; i++)
        LV_VEC_PUSH(&log->arena, log->entries, files[i]);
    return status;
}

/* The newest compact file, then every batch behind it. */
static lv_status read_all(lv_file_log *log, const log_name *names, int64_t count, lv_error *err)
{
    int64_t last_compact = -1, before = -1;
    for (int64_t i = 0; i < count; i++) {
        log->latest = LV_MAX(log->latest, names[i].id);
        if (!names[i].compact)
            continue;
        before = LV_MAX(before, LV_MIN(last_compact, names[i].id));
        last_compact = LV_MAX(last_compact, names[i].id);
    }
    log->interval = find_interval(last_compact, before);
    if (last_compact >= 0)
        LV_TRY(read_batch(log, (log_name){last_compact, true}, err));
    for (int64_t id = last_compact + 1; id <= log->latest; id++) {
        bool found = false;
        for (int64_t i = 0; i < count && !found; i++)
            found = names[i].id == id && !names[i].compact;
        if (!found)
            return LV_FAIL(err, LV_MALFORMED_LOG_FILE, "batch %lld is missing in %s", (long long)id,
                           log->dir);
        LV_TRY(read_batch(log, (log_name){id, false}, err));
    }
    return LV_OK;
}

lv_status lv_file_log_open(const char *dir, bool durable, lv_file_log **log, lv_error *err)
{
    lv_file_log *l = calloc(1, sizeof *l);
    LV_ASSERT(l != NULL);
    lv_arena_init(&l->arena);
    l->dir = lv_arena_strndup(&l->arena, dir, strlen(dir));
    l->durable = durable;
    l->latest = -1;
    l->interval = COMPACT_INTERVAL;
    l->has_dir = lv_path_exists(dir);
    lv_arena scratch;
    lv_arena_init(&scratch);
    log_name *names;
    int64_t count;
    lv_status status = l->has_dir ? list_names(l, &scratch, &names, &count, err) : LV_OK;
    if (status == LV_OK && l->has_dir)
        status = read_all(l, names, count, err);
    lv_arena_release(&scratch);
    if (status != LV_OK) {
        lv_file_log_close(l);
        return status;
    }
    *log = l;
    return LV_OK;
}

void lv_file_log_close(lv_file_log *log)
{
    if (log == NULL)
        return;
    lv_arena_release(&log->arena);
    free(log);
}

int64_t lv_file_log_latest(const lv_file_log *log)
{
    return log->latest;
}

const lv_logged_file *lv_file_log_entries(const lv_file_log *log, int64_t *count)
{
    *count = (int64_t)log->entries.count;
    return log->entries.at;
}

/* ---- adding ---------------------------------------------------------------------------------- */

/* Removes files that a compact one, itself old enough, has made superfluous. */
static lv_status clean(lv_file_log *log, lv_error *err)
{
    int64_t oldest_kept = log->latest - RETAINED_BATCHES;
    int64_t compact = oldest_kept - oldest_kept % log->interval - 1;
    if (oldest_kept < 0 || compact < 0)
        return LV_OK;
    lv_arena scratch;
    lv_arena_init(&scratch);
    log_name *names;
    int64_t count = 0;
    lv_status status = list_names(log, &scratch, &names, &count, err);
    for (int64_t i = 0; status == LV_OK && i < count; i++) {
        struct stat st;
        const char *path = log_path(&scratch, log, names[i]);
        if (names[i].id < compact && stat(path, &st) == 0 &&
            st.st_mtim.tv_sec < lv_now_us() / 1000000 - CLEANUP_DELAY_S)
            status = lv_file_remove(path, err);
    }
    lv_arena_release(&scratch);
    return status;
}

static lv_status publish(lv_file_log *log, log_name name, const lv_sbuf *text, lv_error *err)
{
    lv_arena scratch;
    lv_arena_init(&scratch);
    const char *path = log_path(&scratch, log, name);
    lv_error cause = LV_ERROR_INIT;
    lv_status status = log->has_dir ? LV_OK : lv_dir_make(log->dir, &cause);
    log->has_dir = status == LV_OK;
    if (status == LV_OK)
        status = lv_file_publish(path, text->ptr, text->len, false, log->durable, &cause);
    if (status == LV_ALREADY_EXISTS)
        status = LV_FAIL(err, LV_CONCURRENT_STREAM_LOG_UPDATE,
                         "%s was written by another runner of this query", path);
    else if (status != LV_OK)
        status = LV_FAIL(err, status, "%s", cause.message);
    lv_arena_release(&scratch);
    return status;
}

lv_status lv_file_log_add(lv_file_log *log, lv_logged_file *files, int64_t count, lv_error *err)
{
    lv_sbuf text = LV_SBUF_INIT;
    log_name name = {log->latest + 1, (log->latest + 2) % log->interval == 0};
    for (int64_t i = 0; i < count; i++)
        files[i].batch_id = name.id;
    lv_sbuf_add_cstr(&text, "v1");
    if (name.compact)
        print_entries(log->entries.at, (int64_t)log->entries.count, &text);
    print_entries(files, count, &text);
    lv_status status = publish(log, name, &text, err);
    lv_sbuf_release(&text);
    if (status != LV_OK)
        return status;
    log->latest = name.id;
    for (int64_t i = 0; i < count; i++) {
        lv_logged_file kept = files[i];
        kept.path = lv_str_dup(&log->arena, files[i].path);
        LV_VEC_PUSH(&log->arena, log->entries, kept);
    }
    return name.compact ? clean(log, err) : LV_OK;
}
