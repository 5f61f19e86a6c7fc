/* delta_commit.c: appending a version: put-if-absent under the next number, with Spark's rules for
 * what may have come in between.
 *
 * A blind append conflicts with little: whoever took our number just moves us to the next, unless
 * it made the table one that our files do not fit, or recorded a txn of our own query, which then
 * runs twice. A commit whose answer was lost is looked for by its txnId before anything is tried
 * again. Source: ConflictChecker.scala; PROTOCOL.md, "Commit Provenance Information". */
#include <stdio.h>

#include "base/check.h"
#include "delta/delta_int.h"
#include "delta/delta_path.h"
#include "os/os.h"

/* A snapshot older than this is refreshed by a listing first: its next version might have been
 * cleaned up. */
static const int64_t STALE_NS = 600LL * 1000000000;

/* ---- the commit's text ----------------------------------------------------------------------- */

static void add_info(const lv_delta_stream_commit *c, int64_t read_version, const char *txn_id,
                     lv_sbuf *out)
{
    int64_t bytes = 0;
    for (int64_t i = 0; i < c->add_count; i++)
        bytes += c->adds[i].size_bytes;
    lv_sbuf_printf(out,
                   "{\"commitInfo\":{\"timestamp\":%lld,\"operation\":\"STREAMING UPDATE\","
                   "\"operationParameters\":{\"outputMode\":\"Append\",\"queryId\":",
                   (long long)(lv_now_us() / 1000));
    lv_sbuf_add_json_string(out, c->query_id);
    lv_sbuf_printf(out, ",\"epochId\":\"%lld\"}", (long long)c->batch_id);
    if (read_version >= 0)
        lv_sbuf_printf(out, ",\"readVersion\":%lld", (long long)read_version);
    lv_sbuf_printf(out,
                   ",\"isolationLevel\":\"Serializable\",\"isBlindAppend\":true,"
                   "\"operationMetrics\":{\"numRemovedFiles\":\"0\",\"numOutputRows\":\"%lld\","
                   "\"numOutputBytes\":\"%lld\",\"numAddedFiles\":\"%lld\"},"
                   "\"engineInfo\":\"Levada/" LEVADA_VERSION "\",\"txnId\":\"%s\"}}\n",
                   (long long)c->output_rows, (long long)bytes, (long long)c->add_count, txn_id);
}

static void add_file(const lv_delta_add *a, lv_sbuf *out)
{
    lv_sbuf_add_cstr(out, "{\"add\":{\"path\":");
    lv_sbuf_add_json_string(out, a->path);
    lv_sbuf_add_cstr(out, ",\"partitionValues\":");
    lv_sbuf_add_str(out, a->partition_values);
    lv_sbuf_printf(out, ",\"size\":%lld,\"modificationTime\":%lld,\"dataChange\":true",
                   (long long)a->size_bytes, (long long)a->modification_time_ms);
    if (a->stats.len > 0) {
        lv_sbuf_add_cstr(out, ",\"stats\":");
        lv_sbuf_add_json_string(out, a->stats);
    }
    lv_sbuf_add_cstr(out, "}}\n");
}

/* Whether the metadata that the plan was made for is still to be written. */
static bool wants_metadata(const lv_delta_table *t, const lv_delta_write_plan *plan)
{
    const lv_metadata *m = t->snapshot.metadata;
    return plan->metadata.len > 0 &&
           (m == NULL || !lv_str_eq(m->schema_string, plan->schema_string));
}

static void build_commit(const lv_delta_table *t, const lv_delta_stream_commit *c,
                         const char *txn_id, lv_sbuf *out)
{
    lv_sbuf_clear(out);
    add_info(c, t->snapshot.version, txn_id, out);
    if (wants_metadata(t, c->plan)) {
        lv_sbuf_add_str(out, c->plan->metadata);
        if (t->snapshot.protocol == NULL)
            lv_sbuf_add_str(out, c->plan->protocol);
    }
    lv_sbuf_add_cstr(out, "{\"txn\":{\"appId\":");
    lv_sbuf_add_json_string(out, c->query_id);
    lv_sbuf_printf(out, ",\"version\":%lld,\"lastUpdated\":%lld}}\n", (long long)c->batch_id,
                   (long long)(lv_now_us() / 1000));
    for (int64_t i = 0; i < c->add_count; i++)
        add_file(&c->adds[i], out);
}

/* ---- what others did ------------------------------------------------------------------------- */

static bool has_partitioning(const lv_metadata *m, const lv_delta_write_plan *plan)
{
    bool same = m->partition_count == plan->partition_count;
    for (int p = 0; p < plan->partition_count && same; p++)
        same = lv_str_eq_nocase(m->partition_columns[p],
                                plan->schema->fields[plan->partition_columns[p]].name);
    return same;
}

/* Whether files made by the plan fit the table still. Properties may have changed: to the batches
 * of a stream that is as if they had been changed before. */
static lv_status check_changes(lv_delta_table *t, const lv_delta_stream_commit *c,
                               lv_str schema_before, const lv_commit_summary *summary,
                               lv_error *err)
{
    lv_snapshot *s = &t->snapshot;
    if (!summary->has_protocol && !summary->has_metadata)
        return LV_OK;
    LV_TRY(lv_snapshot_check_readable(s, t->path, err));
    LV_TRY(lv_snapshot_check_writable(s, t->path, err));
    lv_str schema = s->metadata->schema_string;
    bool fits = (lv_str_eq(schema, schema_before) || lv_str_eq(schema, c->plan->schema_string)) &&
                has_partitioning(s->metadata, c->plan);
    if (fits)
        return LV_OK;
    return LV_FAIL(err, LV_DELTA_METADATA_CHANGED,
                   "the metadata of table %s was changed by a concurrent commit at version %lld; "
                   "run the query again",
                   t->path, (long long)s->version);
}

/* Takes over the next version, which another writer made. *ours: it is our own, whose answer was
 * lost. */
static lv_status absorb(lv_delta_table *t, const lv_delta_stream_commit *c, const char *txn_id,
                        bool *ours, lv_error *err)
{
    lv_commit_summary summary = {0};
    bool found;
    int64_t before = lv_delta_txn_version(t, c->query_id);
    lv_str schema = t->snapshot.metadata ? t->snapshot.metadata->schema_string : LV_STR_NONE;
    LV_TRY(lv_delta_apply_next(t, &found, &summary, err));
    if (!found)
        return LV_FAIL(err, LV_DELTA_VERSIONS_NOT_CONTIGUOUS,
                       "version %lld of table %s exists and cannot be read",
                       (long long)t->snapshot.version + 1, t->path);
    *ours = lv_str_is(summary.txn_id, txn_id);
    if (*ours)
        return LV_OK;
    if (lv_delta_txn_version(t, c->query_id) != before)
        return LV_FAIL(err, LV_DELTA_CONCURRENT_TRANSACTION,
                       "query %.*s committed to table %s from another place at version %lld",
                       LV_STR_ARG(c->query_id), t->path, (long long)t->snapshot.version);
    return check_changes(t, c, schema, &summary, err);
}

/* Whether the next version is our commit after all, when nobody said so. */
static bool has_landed(lv_delta_table *t, const char *txn_id, bool *known)
{
    char name[LV_LOG_NAME_SIZE];
    lv_sbuf text = LV_SBUF_INIT;
    lv_status status =
        lv_store_get(t->store, lv_log_commit_name(t->snapshot.version + 1, name), &text, NULL);
    *known = status == LV_OK || status == LV_NOT_FOUND;
    bool ours = status == LV_OK && memmem(text.ptr, text.len, txn_id, strlen(txn_id)) != NULL;
    lv_sbuf_release(&text);
    return ours;
}

/* ---- committing ------------------------------------------------------------------------------ */

/* Tries the next version. *taken: somebody has it, possibly we. */
static lv_status try_commit(lv_delta_table *t, const lv_delta_stream_commit *c, const char *txn_id,
                            lv_sbuf *text, bool *taken, lv_error *err)
{
    char name[LV_LOG_NAME_SIZE];
    int64_t version = t->snapshot.version + 1;
    lv_error cause = LV_ERROR_INIT;
    build_commit(t, c, txn_id, text);
    t->in_doubt = true;
    lv_status status = lv_store_put(t->store, lv_log_commit_name(version, name), text->ptr,
                                    text->len, false, &cause);
    *taken = status == LV_ALREADY_EXISTS;
    if (status != LV_OK && !*taken) {
        bool known;
        *taken = has_landed(t, txn_id, &known);
        t->in_doubt = !known;
        return *taken ? LV_OK
                      : LV_FAIL(err, status, "cannot commit version %lld of table %s: %s",
                                (long long)version, t->path, cause.message);
    }
    lv_commit_summary summary;
    if (!*taken)
        LV_TRY(lv_snapshot_apply(&t->snapshot, lv_sbuf_str(text), version, &summary, err));
    t->in_doubt = false;
    return LV_OK;
}

/* Spends no listing on a table that we follow closely. */
static lv_status catch_up(lv_delta_table *t, const lv_delta_stream_commit *c, lv_error *err)
{
    if (lv_mono_ns() - t->current_ns < STALE_NS)
        return LV_OK;
    int64_t before = lv_delta_txn_version(t, c->query_id);
    lv_commit_summary all = {true, true, LV_STR_NONE};
    lv_arena arena;
    lv_arena_init(&arena);
    lv_str schema = t->snapshot.metadata ? lv_str_dup(&arena, t->snapshot.metadata->schema_string)
                                         : LV_STR_NONE;
    lv_status status = lv_delta_table_refresh(t, err);
    if (status == LV_OK && lv_delta_txn_version(t, c->query_id) != before)
        status = LV_FAIL(err, LV_DELTA_CONCURRENT_TRANSACTION,
                         "query %.*s committed to table %s from another place",
                         LV_STR_ARG(c->query_id), t->path);
    if (status == LV_OK && t->snapshot.version >= 0)
        status = check_changes(t, c, schema, &all, err);
    lv_arena_release(&arena);
    return status;
}

lv_status lv_delta_commit_stream(lv_delta_table *t, const lv_delta_stream_commit *c,
                                 int64_t *version, lv_error *err)
{
    char txn_id[37];
    lv_uuid_make(txn_id);
    lv_sbuf text = LV_SBUF_INIT;
    LV_TRY(lv_fault_point("delta.before_commit", err));
    lv_status status = catch_up(t, c, err);
    for (bool taken = true, ours = false; status == LV_OK && taken && !ours;) {
        status = try_commit(t, c, txn_id, &text, &taken, err);
        if (status == LV_OK && taken)
            status = absorb(t, c, txn_id, &ours, err);
    }
    lv_sbuf_release(&text);
    LV_TRY(status);
    t->in_doubt = false;
    t->current_ns = lv_mono_ns();
    LV_TRY(lv_snapshot_check_readable(&t->snapshot, t->path, err));
    LV_TRY(lv_fault_point("delta.after_commit", err));
    *version = t->snapshot.version;
    lv_log_checkpointer_commit(&t->checkpointer, t->store, &t->snapshot);
    return LV_OK;
}

lv_status lv_delta_create(lv_delta_table *t, const lv_delta_write_plan *plan, lv_error *err)
{
    char name[LV_LOG_NAME_SIZE], txn_id[37];
    if (t->snapshot.version >= 0)
        return LV_OK;
    lv_sbuf text = LV_SBUF_INIT;
    lv_uuid_make(txn_id);
    lv_sbuf_printf(&text,
                   "{\"commitInfo\":{\"timestamp\":%lld,\"operation\":\"CREATE TABLE\","
                   "\"operationParameters\":{},\"isolationLevel\":\"Serializable\","
                   "\"isBlindAppend\":true,\"operationMetrics\":{},"
                   "\"engineInfo\":\"Levada/" LEVADA_VERSION "\",\"txnId\":\"%s\"}}\n",
                   (long long)(lv_now_us() / 1000), txn_id);
    lv_sbuf_add_str(&text, plan->metadata);
    lv_sbuf_add_str(&text, plan->protocol);
    lv_status status =
        lv_store_put(t->store, lv_log_commit_name(0, name), text.ptr, text.len, false, err);
    lv_sbuf_release(&text);
    if (status == LV_ALREADY_EXISTS) {
        lv_error_clear(err);
        status = LV_OK;
    }
    LV_TRY(status);
    return lv_delta_table_refresh(t, err);
}

void lv_delta_discard(const lv_delta_table *t, const lv_delta_add *adds, int64_t count)
{
    lv_arena arena;
    lv_arena_init(&arena);
    for (int64_t i = 0; i < count && !t->in_doubt; i++) {
        if (lv_snapshot_find(&t->snapshot, adds[i].path) != NULL)
            continue; /* it was committed, whatever failed later */
        lv_str name = lv_path_key(&arena, adds[i].path);
        lv_status status = lv_store_remove(t->store, lv_str_cstr(&arena, name), NULL);
        (void)status; /* an orphan is harmless: VACUUM's work */
    }
    lv_arena_release(&arena);
}
