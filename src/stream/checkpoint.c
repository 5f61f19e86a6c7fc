/* checkpoint.c: see checkpoint.h. */
#include "stream/checkpoint.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/check.h"
#include "base/vec.h"
#include "os/os.h"
#include "json/json.h"

struct lv_checkpoint {
    lv_arena arena; /* paths */
    const char *dir;
    const char *offsets_dir;
    const char *commits_dir;
    char query_id[64];
    bool durable;
    int lock_fd;
    int64_t purged_below; /* batches below this are gone already */
};

/* The lock is advisory and goes with the process, so that a killed runner leaves nothing behind. */
static lv_status lock_dir(lv_checkpoint *cp, lv_error *err)
{
    const char *path = lv_path_join(&cp->arena, cp->dir, ".levada.lock");
    LV_TRY(lv_file_open(path, O_RDWR | O_CREAT, &cp->lock_fd, err));
    if (flock(cp->lock_fd, LOCK_EX | LOCK_NB) == 0)
        return LV_OK;
    lv_status status = LV_FAIL(err, LV_CONCURRENT_STREAM_LOG_UPDATE,
                               "another query is running on checkpoint %s", cp->dir);
    lv_error_hint(err, "stop the other runner, or give this query a checkpoint of its own");
    return status;
}

/* The newest batch in a folder, and the oldest of all folders so far; -1: none. */
static lv_status latest_in(const char *dir, int64_t *latest, int64_t *first, lv_error *err)
{
    lv_arena arena;
    lv_arena_init(&arena);
    lv_dir_entry *entries;
    size_t count;
    *latest = -1;
    lv_status status = lv_dir_list(dir, &arena, &entries, &count, err);
    for (size_t i = 0; status == LV_OK && i < count; i++) {
        int64_t id;
        if (entries[i].name.ptr[0] == '-' || entries[i].name.ptr[0] == '+' ||
            !lv_str_to_i64(entries[i].name, &id))
            continue;
        *latest = LV_MAX(*latest, id);
        *first = *first < 0 ? id : LV_MIN(*first, id);
    }
    lv_arena_release(&arena);
    return status;
}

lv_status lv_checkpoint_latest(lv_checkpoint *cp, int64_t *offsets_id, int64_t *commits_id,
                               lv_error *err)
{
    int64_t first = -1;
    LV_TRY(latest_in(cp->commits_dir, commits_id, &first, err));
    LV_TRY(latest_in(cp->offsets_dir, offsets_id, &first, err));
    cp->purged_below = LV_MAX(first, 0);
    return LV_OK;
}

static lv_status read_query_id(lv_checkpoint *cp, const char *path, lv_error *err)
{
    lv_sbuf text = LV_SBUF_INIT;
    lv_status status = lv_file_read_all(path, &text, err);
    lv_json *root = NULL;
    if (status == LV_OK)
        status = lv_json_parse(&cp->arena, lv_sbuf_str(&text), &root, err);
    if (status == LV_OK) {
        lv_str id = lv_json_get_str(root, "id");
        if (id.len == 0 || id.len >= sizeof cp->query_id)
            status = LV_FAIL(err, LV_MALFORMED_LOG_FILE, "%s holds no query id", path);
        else
            snprintf(cp->query_id, sizeof cp->query_id, "%.*s", LV_STR_ARG(id));
    }
    lv_sbuf_release(&text);
    return status;
}

static lv_status load_metadata(lv_checkpoint *cp, lv_error *err)
{
    const char *path = lv_path_join(&cp->arena, cp->dir, "metadata");
    if (lv_path_exists(path))
        return read_query_id(cp, path, err);
    int64_t offsets_id, commits_id;
    LV_TRY(lv_checkpoint_latest(cp, &offsets_id, &commits_id, err));
    if (offsets_id >= 0 || commits_id >= 0)
        return LV_FAIL(err, LV_CHECKPOINT_MISSING_METADATA,
                       "checkpoint %s has offsets or commits but no metadata file; a new query id "
                       "would write its rows again",
                       cp->dir);
    lv_uuid_make(cp->query_id);
    char text[80];
    int len = snprintf(text, sizeof text, "{\"id\":\"%s\"}", cp->query_id);
    return lv_file_publish(path, text, (size_t)len, false, cp->durable, err);
}

lv_status lv_checkpoint_open(const char *dir, bool durable, lv_checkpoint **checkpoint,
                             lv_error *err)
{
    lv_checkpoint *cp = calloc(1, sizeof *cp);
    LV_ASSERT(cp != NULL);
    lv_arena_init(&cp->arena);
    cp->dir = lv_arena_strndup(&cp->arena, dir, strlen(dir));
    cp->offsets_dir = lv_path_join(&cp->arena, dir, "offsets");
    cp->commits_dir = lv_path_join(&cp->arena, dir, "commits");
    cp->durable = durable;
    cp->lock_fd = -1;
    lv_status status = lv_dir_make(cp->offsets_dir, err);
    if (status == LV_OK)
        status = lv_dir_make(cp->commits_dir, err);
    if (status == LV_OK)
        status = lock_dir(cp, err);
    if (status == LV_OK)
        status = load_metadata(cp, err);
    if (status != LV_OK) {
        lv_checkpoint_close(cp);
        return status;
    }
    *checkpoint = cp;
    return LV_OK;
}

void lv_checkpoint_close(lv_checkpoint *cp)
{
    if (cp == NULL)
        return;
    if (cp->lock_fd >= 0)
        close(cp->lock_fd);
    lv_arena_release(&cp->arena);
    free(cp);
}

const char *lv_checkpoint_query_id(const lv_checkpoint *cp)
{
    return cp->query_id;
}

/* <dir>/<id>, in the caller's buffer. */
static const char *log_path(char out[4096], const char *dir, int64_t id)
{
    snprintf(out, 4096, "%s/%lld", dir, (long long)id);
    return out;
}

/* Takes the first line off `rest`. */
static lv_str next_line(lv_str *rest)
{
    lv_str line;
    return lv_str_split(rest, '\n', &line) ? line : LV_STR("");
}

static lv_status check_version(lv_str line, const char *what, int64_t batch_id, lv_error *err)
{
    int64_t version;
    if (line.len < 2 || line.ptr[0] != 'v' ||
        !lv_str_to_i64(lv_str_sub(line, 1, line.len - 1), &version) || version < 1)
        return LV_FAIL(err, LV_MALFORMED_LOG_FILE,
                       "%s/%lld does not begin with a log version but with '%.*s'", what,
                       (long long)batch_id, (int)LV_MIN(line.len, 40), line.ptr ? line.ptr : "");
    if (version > 1)
        return LV_FAIL(err, LV_MALFORMED_LOG_FILE,
                       "%s/%lld has log version v%lld; this version of Levada reads v1", what,
                       (long long)batch_id, (long long)version);
    return LV_OK;
}

lv_status lv_offset_entry_parse(lv_arena *arena, lv_str text, int64_t batch_id,
                                lv_offset_entry *entry, lv_error *err)
{
    lv_str rest = text;
    LV_TRY(check_version(next_line(&rest), "offsets", batch_id, err));
    lv_json *meta;
    lv_error cause = LV_ERROR_INIT;
    if (lv_json_parse(arena, next_line(&rest), &meta, &cause) != LV_OK)
        return LV_FAIL(err, LV_MALFORMED_LOG_FILE, "offsets/%lld has no batch metadata: %s",
                       (long long)batch_id, cause.message);
    *entry = (lv_offset_entry){.batch_id = batch_id};
    if (!lv_json_get_i64(meta, "batchWatermarkMs", &entry->watermark_ms) ||
        !lv_json_get_i64(meta, "batchTimestampMs", &entry->timestamp_ms))
        return LV_FAIL(err, LV_MALFORMED_LOG_FILE,
                       "offsets/%lld lacks batchWatermarkMs or batchTimestampMs",
                       (long long)batch_id);
    const lv_json *conf = lv_json_get(meta, "conf");
    entry->conf = conf ? lv_json_text(conf) : LV_STR("{}");
    LV_VEC(lv_str) sources = {0};
    for (lv_str line; lv_str_split(&rest, '\n', &line);)
        LV_VEC_PUSH(arena, sources, lv_str_is(line, "-") ? LV_STR_NONE : line);
    entry->sources = sources.at;
    entry->source_count = (int)sources.count;
    return LV_OK;
}

lv_status lv_checkpoint_read_offsets(lv_checkpoint *cp, int64_t batch_id, lv_arena *arena,
                                     lv_offset_entry *entry, lv_error *err)
{
    char path[4096];
    lv_sbuf text = LV_SBUF_INIT;
    lv_status status = lv_file_read_all(log_path(path, cp->offsets_dir, batch_id), &text, err);
    if (status == LV_OK)
        status = lv_offset_entry_parse(arena, lv_str_dup(arena, lv_sbuf_str(&text)), batch_id,
                                       entry, err);
    lv_error_context(err, "checkpoint %s", cp->dir);
    lv_sbuf_release(&text);
    return status;
}

/* Creates a log file that must not be there yet. */
static lv_status publish_log(lv_checkpoint *cp, const char *path, const lv_sbuf *text,
                             lv_error *err)
{
    lv_error cause = LV_ERROR_INIT;
    lv_status status = lv_file_publish(path, text->ptr, text->len, false, cp->durable, &cause);
    if (status == LV_ALREADY_EXISTS)
        return LV_FAIL(err, LV_CONCURRENT_STREAM_LOG_UPDATE,
                       "%s was written by another runner of this query", path);
    if (status != LV_OK)
        return LV_FAIL(err, status, "%s", cause.message);
    return LV_OK;
}

lv_status lv_checkpoint_write_offsets(lv_checkpoint *cp, const lv_offset_entry *entry,
                                      lv_error *err)
{
    lv_sbuf text = LV_SBUF_INIT;
    lv_sbuf_printf(&text, "v1\n{\"batchWatermarkMs\":%lld,\"batchTimestampMs\":%lld,\"conf\":",
                   (long long)entry->watermark_ms, (long long)entry->timestamp_ms);
    lv_sbuf_add_str(&text, entry->conf);
    lv_sbuf_add_char(&text, '}');
    for (int i = 0; i < entry->source_count; i++) {
        lv_sbuf_add_char(&text, '\n');
        lv_sbuf_add_str(&text, entry->sources[i].ptr ? entry->sources[i] : LV_STR("-"));
    }
    char path[4096];
    lv_status status =
        publish_log(cp, log_path(path, cp->offsets_dir, entry->batch_id), &text, err);
    lv_sbuf_release(&text);
    return status;
}

lv_status lv_checkpoint_read_commit(lv_checkpoint *cp, int64_t batch_id, int64_t *next_watermark_ms,
                                    lv_error *err)
{
    char path[4096];
    lv_sbuf text = LV_SBUF_INIT;
    lv_arena arena;
    lv_arena_init(&arena);
    lv_json *root = NULL;
    lv_status status = lv_file_read_all(log_path(path, cp->commits_dir, batch_id), &text, err);
    lv_str rest = lv_sbuf_str(&text);
    if (status == LV_OK)
        status = check_version(next_line(&rest), "commits", batch_id, err);
    if (status == LV_OK)
        status = lv_json_parse(&arena, rest.ptr ? rest : LV_STR("{}"), &root, err);
    int64_t watermark_ms = -1;
    if (status == LV_OK && lv_json_get_i64(root, "nextBatchWatermarkMs", &watermark_ms) &&
        watermark_ms < 0)
        status = LV_FAIL(err, LV_MALFORMED_LOG_FILE, "%s has a negative watermark", path);
    if (status == LV_OK)
        *next_watermark_ms = watermark_ms;
    lv_arena_release(&arena);
    lv_sbuf_release(&text);
    return status;
}

lv_status lv_checkpoint_write_commit(lv_checkpoint *cp, int64_t batch_id, int64_t next_watermark_ms,
                                     lv_error *err)
{
    lv_sbuf text = LV_SBUF_INIT;
    lv_sbuf_printf(&text, "v1\n{\"nextBatchWatermarkMs\":%lld}", (long long)next_watermark_ms);
    char path[4096];
    lv_status status = publish_log(cp, log_path(path, cp->commits_dir, batch_id), &text, err);
    lv_sbuf_release(&text);
    return status;
}

lv_status lv_checkpoint_purge(lv_checkpoint *cp, int64_t batch_id, lv_error *err)
{
    char path[4096];
    for (; cp->purged_below < batch_id; cp->purged_below++) {
        LV_TRY(lv_file_remove(log_path(path, cp->offsets_dir, cp->purged_below), err));
        LV_TRY(lv_file_remove(log_path(path, cp->commits_dir, cp->purged_below), err));
    }
    return LV_OK;
}

static char *initial_path(lv_checkpoint *cp, lv_arena *arena, int index, const char *name)
{
    return lv_arena_printf(arena, "%s/sources/%d%s", cp->dir, index, name);
}

lv_status lv_checkpoint_read_initial(lv_checkpoint *cp, int index, lv_arena *arena, lv_str *json,
                                     lv_error *err)
{
    *json = LV_STR_NONE;
    const char *path = initial_path(cp, arena, index, "/0");
    if (!lv_path_exists(path))
        return LV_OK;
    lv_sbuf text = LV_SBUF_INIT;
    lv_status status = lv_file_read_all(path, &text, err);
    lv_str rest = lv_sbuf_str(&text);
    if (status == LV_OK && rest.len > 0 && rest.ptr[0] == '\0')
        rest = lv_str_sub(rest, 1, rest.len - 1);
    if (status == LV_OK && lv_str_starts(rest, LV_STR("v"))) /* Spark 2.1 wrote the JSON alone */
        status = check_version(next_line(&rest), "sources", 0, err);
    if (status == LV_OK)
        *json = lv_str_dup(arena, lv_str_trim(rest));
    lv_sbuf_release(&text);
    return status;
}

lv_status lv_checkpoint_write_initial(lv_checkpoint *cp, int index, lv_str json, lv_error *err)
{
    lv_arena arena;
    lv_arena_init(&arena);
    lv_sbuf text = LV_SBUF_INIT;
    lv_sbuf_add(&text, "\0v1\n", 4);
    lv_sbuf_add_str(&text, json);
    lv_status status = lv_dir_make(initial_path(cp, &arena, index, ""), err);
    if (status == LV_OK)
        status = publish_log(cp, initial_path(cp, &arena, index, "/0"), &text, err);
    lv_sbuf_release(&text);
    lv_arena_release(&arena);
    return status;
}
