/* commit.c: the committer: makes finished batches visible, one after the other, in Spark's order.
 *
 * offsets/N, Delta commit with txn{query id, N}, commits/N. A crash between any two of these is
 * repaired by the restart: offsets without commit are repeated, and a txn that is in the table
 * already makes the repeated batch skip the table. The driver is a batch ahead meanwhile, which is
 * safe because nothing of batch N+1 but unreferenced files exists before offsets/N+1. */
#include <stdio.h>

#include "base/log.h"
#include "os/os.h"
#include "stream/query_int.h"

static int64_t elapsed_us(int64_t since_ns)
{
    return (lv_mono_ns() - since_ns) / 1000;
}

static lv_status log_offsets(lv_query *q, lv_micro_batch *b, lv_error *err)
{
    int64_t began = lv_mono_ns();
    if (!b->logged) {
        LV_TRY(lv_fault_point("stream.before_offsets", err));
        LV_TRY(lv_checkpoint_write_offsets(q->checkpoint, &b->entry, err));
        LV_TRY(lv_fault_point("stream.after_offsets", err));
    }
    b->phase_us[LV_PHASE_WAL_COMMIT] = elapsed_us(began);
    return LV_OK;
}

/* The commit of the sink; without effect if an earlier run got that far. */
static lv_status commit_table(lv_query *q, lv_micro_batch *b, int64_t *version, lv_error *err)
{
    const char *id = lv_checkpoint_query_id(q->checkpoint);
    if (lv_delta_txn_version(q->table, lv_str_of(id)) >= b->entry.batch_id) {
        lv_delta_discard(q->table, b->adds, b->add_count);
        b->add_count = 0;
        *version = -1;
        return LV_OK;
    }
    lv_delta_stream_commit commit = {.query_id = lv_str_of(id),
                                     .batch_id = b->entry.batch_id,
                                     .adds = b->adds,
                                     .add_count = b->add_count,
                                     .output_rows = b->output_rows,
                                     .plan = q->write_plan};
    return lv_delta_commit_stream(q->table, &commit, version, err);
}

static const lv_expectation_progress *expectations_of(const lv_query *q, lv_micro_batch *b)
{
    static const char *const actions[] = {"warn", "drop", "fail"};
    int count = lv_query_expectation_count(q);
    lv_expectation_progress *list = LV_NEW_ARRAY(&b->arena, lv_expectation_progress, count);
    for (int i = 0; i < count; i++)
        list[i] = (lv_expectation_progress){.name = q->expectations->names[i],
                                            .action = actions[q->expectations->violations[i]],
                                            .passed = b->passed[i],
                                            .failed = b->failed[i]};
    return list;
}

static void report(lv_query *q, lv_micro_batch *b, int64_t version)
{
    b->phase_us[LV_PHASE_TRIGGER_EXECUTION] = lv_now_us() - b->began_us;
    if (q->options.on_progress == NULL)
        return;
    char sink[4200];
    int len = snprintf(sink, sizeof sink, "DeltaSink[%s]", q->options.table_path);
    lv_progress progress = {.id = lv_checkpoint_query_id(q->checkpoint),
                            .run_id = q->run_id,
                            .name = q->options.name,
                            .dataset = q->options.dataset,
                            .timestamp_ms = b->began_us / 1000,
                            .previous_timestamp_ms =
                                b->previous_began_us < 0 ? -1 : b->previous_began_us / 1000,
                            .batch_id = b->entry.batch_id,
                            .watermark_ms = b->entry.watermark_ms,
                            .source_count = q->source_count,
                            .sources = b->sources,
                            .expectation_count = lv_query_expectation_count(q),
                            .expectations = expectations_of(q, b),
                            .sink_description = {sink, (size_t)len},
                            .output_rows = b->output_rows,
                            .table_version = version};
    memcpy(progress.phase_us, b->phase_us, sizeof progress.phase_us);
    q->options.on_progress(q->options.context, &progress);
}

static lv_status commit_batch(lv_query *q, lv_micro_batch *b, lv_error *err)
{
    LV_TRY(log_offsets(q, b, err));
    if (b->status != LV_OK) {
        if (err != NULL)
            *err = b->error;
        return b->status;
    }
    int64_t began = lv_mono_ns(), version;
    LV_TRY(commit_table(q, b, &version, err));
    b->phase_us[LV_PHASE_COMMIT_BATCH] = elapsed_us(began);
    LV_TRY(lv_fault_point("stream.after_table", err));
    began = lv_mono_ns();
    LV_TRY(lv_checkpoint_write_commit(q->checkpoint, b->entry.batch_id, q->watermark_ms, err));
    b->phase_us[LV_PHASE_COMMIT_OFFSETS] = elapsed_us(began);
    LV_TRY(lv_fault_point("stream.after_commit", err));
    LV_TRY(lv_checkpoint_purge(q->checkpoint, b->entry.batch_id - q->options.retain_batches, err));
    report(q, b, version);
    return LV_OK;
}

void *lv_committer_run(void *arg)
{
    lv_query *q = arg;
    lv_micro_batch *b;
    bool failed = false;
    while ((b = lv_queue_pop(q->finished)) != NULL) {
        int64_t began = lv_thread_cpu_ns();
        lv_error err = LV_ERROR_INIT;
        lv_status status = failed ? LV_CANCELLED : commit_batch(q, b, &err);
        if (status != LV_OK && !failed) {
            lv_error_context(&err, "query %s, batch %lld", q->options.name,
                             (long long)b->entry.batch_id);
            lv_query_fail(q, status, &err);
            failed = true;
            lv_queue_close(q->finished); /* the driver's next push fails and it ends */
        }
        if (status != LV_OK)
            lv_delta_discard(q->table, b->adds, b->add_count);
        lv_batch_free(b);
        q->commit_ns += lv_thread_cpu_ns() - began;
    }
    return NULL;
}
