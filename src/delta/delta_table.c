/* delta_table.c: table handles: finding a version in the log, and going forward commit by commit.
 *
 * Loading takes the newest complete checkpoint and the commits behind it. A checkpoint that cannot
 * be read is no reason to give up as long as an older one, or version 0, is still there. */
#include <stdio.h>
#include <stdlib.h>

#include "base/check.h"
#include "delta/delta_int.h"
#include "delta/log_segment.h"
#include "os/os.h"

const char *lv_log_commit_name(int64_t version, char out[LV_LOG_NAME_SIZE])
{
    snprintf(out, LV_LOG_NAME_SIZE, "_delta_log/%020lld.json", (long long)version);
    return out;
}

/* Makes `cause` the caller's error, with the table's path. */
static lv_status pass_on(const lv_delta_table *t, const lv_error *cause, lv_error *err)
{
    if (err != NULL && err->status == LV_OK) {
        *err = *cause;
        lv_error_context(err, "table %s", t->path);
    }
    return cause->status;
}

/* ---- loading --------------------------------------------------------------------------------- */

lv_status lv_delta_apply_next(lv_delta_table *t, bool *found, lv_commit_summary *summary,
                              lv_error *err)
{
    char name[LV_LOG_NAME_SIZE];
    int64_t version = t->snapshot.version + 1;
    lv_sbuf text = LV_SBUF_INIT;
    lv_error cause = LV_ERROR_INIT;
    lv_status status = lv_store_get(t->store, lv_log_commit_name(version, name), &text, &cause);
    *found = status != LV_NOT_FOUND;
    if (status == LV_OK)
        status = lv_snapshot_apply(&t->snapshot, lv_sbuf_str(&text), version, summary, &cause);
    lv_sbuf_release(&text);
    if (!*found || status == LV_OK)
        return LV_OK;
    return pass_on(t, &cause, err);
}

static lv_status not_contiguous(const lv_delta_table *t, int64_t missing, lv_error *err)
{
    return LV_FAIL(err, LV_DELTA_VERSIONS_NOT_CONTIGUOUS,
                   "version %lld is missing from the log of table %s", (long long)missing, t->path);
}

/* Applies the listed commits behind the snapshot's version. */
static lv_status apply_listed(lv_delta_table *t, const lv_log_listing *log, lv_error *err)
{
    for (size_t i = 0; i < log->commits.count; i++) {
        lv_commit_summary summary;
        int64_t version = log->commits.at[i];
        bool found = false;
        if (version <= t->snapshot.version)
            continue;
        if (version == t->snapshot.version + 1)
            LV_TRY(lv_delta_apply_next(t, &found, &summary, err));
        if (!found)
            return not_contiguous(t, t->snapshot.version + 1, err);
    }
    return LV_OK;
}

/* Loads the newest checkpoint that can be read; *loaded tells whether one was. */
static lv_status load_checkpoint(lv_delta_table *t, const lv_log_listing *log, bool *loaded,
                                 lv_error *cause)
{
    *loaded = false;
    for (size_t i = log->checkpoints.count; i-- > 0;) {
        lv_status status =
            lv_log_checkpoint_load(t->store, &log->checkpoints.at[i], &t->snapshot, cause);
        if (status == LV_OK) {
            t->checkpointer.version = log->checkpoints.at[i].version;
            *loaded = true;
            return LV_OK;
        }
        lv_snapshot_release(&t->snapshot);
        if (status == LV_OUT_OF_MEMORY || status == LV_DELTA_UNSUPPORTED_FEATURES_FOR_READ)
            return status;
    }
    return LV_OK;
}

/* Why there is no way to begin: no checkpoint, and the first commit is not version 0. */
static lv_status no_beginning(const lv_delta_table *t, const lv_log_listing *log,
                              const lv_error *cause, lv_error *err)
{
    if (cause->status != LV_OK)
        return pass_on(t, cause, err);
    if (log->commits.count == 0)
        return LV_FAIL(err, LV_DELTA_PATH_NOT_A_TABLE, "%s is not a Delta table", t->path);
    return LV_FAIL(err, LV_DELTA_TRUNCATED_LOG,
                   "the log of table %s begins at version %lld, with no complete checkpoint to "
                   "start from",
                   t->path, (long long)log->commits.at[0]);
}

static lv_status load_listed(lv_delta_table *t, const lv_log_listing *log, lv_error *err)
{
    lv_error cause = LV_ERROR_INIT;
    bool loaded;
    lv_status status = load_checkpoint(t, log, &loaded, &cause);
    if (status != LV_OK)
        return pass_on(t, &cause, err);
    if (!loaded && (log->commits.count == 0 || log->commits.at[0] != 0))
        return no_beginning(t, log, &cause, err);
    return apply_listed(t, log, err);
}

/* The error for a version that is not there, with those that are. */
static lv_status version_not_found(const lv_delta_table *t, int64_t version, lv_error *err)
{
    lv_arena arena;
    lv_arena_init(&arena);
    lv_log_listing log;
    lv_status status = lv_log_list_all(t->store, &arena, INT64_MAX, &log, err);
    size_t commits = log.commits.count, checkpoints = log.checkpoints.count;
    if (status == LV_OK && commits + checkpoints == 0) {
        status = LV_FAIL(err, LV_DELTA_PATH_NOT_A_TABLE, "%s is not a Delta table", t->path);
    } else if (status == LV_OK) {
        int64_t last = commits ? log.commits.at[commits - 1] : 0;
        int64_t first = checkpoints ? log.checkpoints.at[0].version : last;
        if (commits > 0 && log.commits.at[0] == 0)
            first = 0;
        if (checkpoints > 0)
            last = LV_MAX(last, log.checkpoints.at[checkpoints - 1].version);
        status = LV_FAIL(err, LV_DELTA_VERSION_NOT_FOUND,
                         "cannot time travel Delta table %s to version %lld; available versions: "
                         "[%lld, %lld]",
                         t->path, (long long)version, (long long)first, (long long)last);
    }
    lv_arena_release(&arena);
    return status;
}

/* Loads the snapshot as of `version` at most, from the log as `list` shows it. */
static lv_status load_from(lv_delta_table *t, int64_t version,
                           lv_status (*list)(lv_store *, lv_arena *, int64_t, lv_log_listing *,
                                             lv_error *),
                           lv_error *err)
{
    lv_arena arena;
    lv_arena_init(&arena);
    lv_log_listing log;
    lv_status status = list(t->store, &arena, version, &log, err);
    if (status == LV_OK)
        status = load_listed(t, &log, err);
    lv_arena_release(&arena);
    return status;
}

static lv_status load(lv_delta_table *t, int64_t version, lv_error *err)
{
    lv_error cause = LV_ERROR_INIT;
    lv_status status = load_from(t, version, lv_log_list, &cause);
    if (status != LV_OK && status != LV_DELTA_PATH_NOT_A_TABLE) {
        /* once more with the whole log: the hint hid an older checkpoint, or a clean-up came
         * between */
        cause = LV_ERROR_INIT;
        lv_snapshot_release(&t->snapshot);
        status = load_from(t, version, lv_log_list_all, &cause);
    }
    t->current_ns = lv_mono_ns();
    bool is_missing = status == LV_DELTA_PATH_NOT_A_TABLE || status == LV_DELTA_TRUNCATED_LOG ||
                      (status == LV_OK && t->snapshot.version != version);
    if (version != INT64_MAX && is_missing)
        return version_not_found(t, version, err);
    if (status != LV_OK)
        return pass_on(t, &cause, err);
    return lv_snapshot_check_readable(&t->snapshot, t->path, err);
}

/* ---- handles --------------------------------------------------------------------------------- */

lv_status lv_delta_table_open_in(lv_store *store, const char *path, int64_t version, bool or_new,
                                 lv_delta_table **table, lv_error *err)
{
    lv_delta_table *t = calloc(1, sizeof *t);
    LV_ASSERT(t != NULL);
    t->store = store;
    t->path = strdup(path);
    /* Long ago, so that a program that runs for a moment each time leaves checkpoints too. */
    t->checkpointer = (lv_log_checkpointer){
        .version = -1, .begun_ns = INT64_MIN / 2, .cleaned_ns = -1, .error = LV_ERROR_INIT};
    lv_snapshot_init(&t->snapshot);
    lv_error cause = LV_ERROR_INIT;
    lv_status status = load(t, version, &cause);
    if (status == LV_DELTA_PATH_NOT_A_TABLE && or_new)
        status = LV_OK;
    if (status != LV_OK) {
        if (err != NULL && err->status == LV_OK)
            *err = cause;
        lv_delta_table_close(t);
        return status;
    }
    *table = t;
    return LV_OK;
}

static lv_status open_path(const char *path, int64_t version, bool or_new, bool durable,
                           lv_delta_table **table, lv_error *err)
{
    lv_store *store;
    LV_TRY(lv_store_open(path, durable, &store, err));
    return lv_delta_table_open_in(store, path, version, or_new, table, err);
}

lv_status lv_delta_table_open(const char *path, lv_delta_table **table, lv_error *err)
{
    return open_path(path, INT64_MAX, false, false, table, err);
}

lv_status lv_delta_table_open_at(const char *path, int64_t version, lv_delta_table **table,
                                 lv_error *err)
{
    return open_path(path, version, false, false, table, err);
}

lv_status lv_delta_table_open_or_new(const char *path, bool durable, lv_delta_table **table,
                                     lv_error *err)
{
    return open_path(path, INT64_MAX, true, durable, table, err);
}

void lv_delta_table_close(lv_delta_table *t)
{
    if (t == NULL)
        return;
    lv_log_checkpointer_wait(&t->checkpointer);
    lv_snapshot_release(&t->snapshot);
    lv_store_close(t->store);
    free(t->path);
    free(t);
}

/* Loads the table anew into the same handle. */
static lv_status reload(lv_delta_table *t, lv_error *err)
{
    lv_log_checkpointer_wait(&t->checkpointer);
    lv_snapshot_release(&t->snapshot);
    return load(t, INT64_MAX, err);
}

lv_status lv_delta_table_refresh(lv_delta_table *t, lv_error *err)
{
    lv_arena arena;
    lv_arena_init(&arena);
    lv_log_listing log = {0};
    lv_store_entry *entries;
    size_t count = 0;
    lv_error cause = LV_ERROR_INIT;
    lv_str from = lv_str_of(
        lv_arena_printf(&arena, "%020lld", (long long)LV_MAX(t->snapshot.version + 1, 0)));
    lv_status status =
        lv_store_list(t->store, "_delta_log", from, &arena, &entries, &count, &cause);
    if (status == LV_NOT_FOUND)
        status = LV_OK;
    for (size_t i = 0; i < count; i++) {
        lv_log_name name = lv_log_name_parse(entries[i].name);
        if (name.kind == LV_LOG_COMMIT)
            LV_VEC_PUSH(&arena, log.commits, name.version);
    }
    bool has_gap = log.commits.count > 0 && log.commits.at[0] != t->snapshot.version + 1;
    if (status == LV_OK)
        status = has_gap ? reload(t, &cause) : apply_listed(t, &log, &cause);
    lv_arena_release(&arena);
    if (status != LV_OK)
        return pass_on(t, &cause, err);
    t->current_ns = lv_mono_ns();
    return t->snapshot.version < 0 ? LV_OK : lv_snapshot_check_readable(&t->snapshot, t->path, err);
}

/* ---- getters --------------------------------------------------------------------------------- */

int64_t lv_delta_table_version(const lv_delta_table *t)
{
    return t->snapshot.version;
}

const char *lv_delta_table_path(const lv_delta_table *t)
{
    return t->path;
}

const lv_type *lv_delta_table_schema(const lv_delta_table *t)
{
    return t->snapshot.schema;
}

const lv_str *lv_delta_table_partition_columns(const lv_delta_table *t, int *count)
{
    const lv_metadata *m = t->snapshot.metadata;
    *count = m ? m->partition_count : 0;
    return m ? m->partition_columns : NULL;
}

int64_t lv_delta_table_file_count(const lv_delta_table *t)
{
    return t->snapshot.live_count;
}

int64_t lv_delta_table_size_bytes(const lv_delta_table *t)
{
    return t->snapshot.size_bytes;
}

lv_str lv_delta_table_property(const lv_delta_table *t, const char *name, lv_str otherwise)
{
    return lv_metadata_property(t->snapshot.metadata, name, otherwise);
}

static int by_name(const void *a, const void *b)
{
    const lv_option *x = a, *y = b;
    int order = memcmp(x->name.ptr, y->name.ptr, LV_MIN(x->name.len, y->name.len));
    return order != 0 ? order : (x->name.len > y->name.len) - (x->name.len < y->name.len);
}

lv_options lv_delta_table_properties(const lv_delta_table *t, lv_arena *arena)
{
    const lv_json *set = t->snapshot.metadata->configuration;
    const lv_protocol *p = t->snapshot.protocol;
    lv_option *items = LV_NEW_ARRAY(
        arena, lv_option, set->count + p->writer_feature_count + p->reader_feature_count + 2);
    int count = 0;
    for (int i = 0; i < set->count; i++)
        items[count++] =
            (lv_option){lv_str_dup(arena, set->keys[i]), lv_str_dup(arena, set->items[i].str), -1};
    items[count++] = (lv_option){LV_STR("delta.minReaderVersion"),
                                 lv_str_of(lv_arena_printf(arena, "%d", p->min_reader)), -1};
    items[count++] = (lv_option){LV_STR("delta.minWriterVersion"),
                                 lv_str_of(lv_arena_printf(arena, "%d", p->min_writer)), -1};
    for (int i = 0; i < p->writer_feature_count; i++)
        items[count++] = (lv_option){lv_str_of(lv_arena_printf(arena, "delta.feature.%.*s",
                                                               LV_STR_ARG(p->writer_features[i]))),
                                     LV_STR("supported"), -1};
    qsort(items, (size_t)count, sizeof *items, by_name);
    return (lv_options){items, count};
}

lv_str lv_delta_table_comment(const lv_delta_table *t)
{
    return t->snapshot.metadata->description;
}

int64_t lv_delta_txn_version(const lv_delta_table *t, lv_str app_id)
{
    return lv_snapshot_txn_version(&t->snapshot, app_id);
}

lv_status lv_delta_checkpoint(lv_delta_table *t, lv_error *err)
{
    lv_arena arena;
    lv_arena_init(&arena);
    lv_snapshot_view view;
    lv_log_checkpointer_wait(&t->checkpointer);
    lv_snapshot_freeze(&t->snapshot, &arena, &view);
    lv_status status = lv_log_checkpoint_write(t->store, &view, err);
    if (status == LV_OK) {
        t->checkpointer.version = view.version;
        t->checkpointer.begun_ns = lv_mono_ns();
    }
    lv_arena_release(&arena);
    return status;
}

const lv_error *lv_delta_checkpoint_error(const lv_delta_table *t)
{
    return &t->checkpointer.error;
}
