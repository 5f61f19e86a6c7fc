/* query.c: a query's life: open and recover, drive batches by the trigger, end. */
#include "stream/query.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/check.h"
#include "os/os.h"
#include "stream/query_int.h"

/* How long an idle driver sleeps at most before it looks at the stop flag again. */
enum { IDLE_WAIT_MS = 500 };

void lv_query_fail(lv_query *q, lv_status status, const lv_error *error)
{
    pthread_mutex_lock(&q->error_mutex);
    bool first = q->status == LV_OK;
    if (first) {
        q->status = status;
        q->error = *error;
    }
    pthread_mutex_unlock(&q->error_mutex);
    lv_query_stop(q);
    if (first && q->options.on_failure != NULL)
        q->options.on_failure(q->options.owner);
}

void lv_query_stop(lv_query *q)
{
    if (!atomic_exchange(&q->stop, true))
        lv_queue_close(q->wake);
}

/* ---- recovery -------------------------------------------------------------------------------- */

/* Initial offsets of a new query; kept in sources/<i>/0, so that a restart before the first commit
 * begins at the same place. */
static lv_status initial_position(lv_query *q, int i, lv_error *err)
{
    lv_str recorded;
    if (lv_source_keeps_log(q->sources[i]))
        return LV_OK;
    LV_TRY(lv_checkpoint_read_initial(q->checkpoint, i, &q->arena, &recorded, err));
    if (recorded.ptr != NULL) {
        lv_sbuf_add_str(&q->position[i], recorded);
        return LV_OK;
    }
    LV_TRY(lv_source_initial_offset(q->sources[i], &q->position[i], err));
    return lv_checkpoint_write_initial(q->checkpoint, i, lv_sbuf_str(&q->position[i]), err);
}

/* The position after batch `id`: its end offsets; "-" leaves the initial ones. */
static lv_status position_after(lv_query *q, int64_t id, lv_offset_entry *entry, lv_error *err)
{
    LV_TRY(lv_checkpoint_read_offsets(q->checkpoint, id, &q->arena, entry, err));
    if (entry->source_count != q->source_count)
        return LV_FAIL(err, LV_CHECKPOINT_INVALID,
                       "the checkpoint is of a query with %d sources, this one has %d",
                       entry->source_count, q->source_count);
    for (int i = 0; i < q->source_count; i++) {
        if (entry->sources[i].ptr == NULL) {
            LV_TRY(initial_position(q, i, err));
            continue;
        }
        lv_sbuf_clear(&q->position[i]);
        lv_sbuf_add_str(&q->position[i], entry->sources[i]);
    }
    return LV_OK;
}

/* Where to go on: Spark's table of restart states (MicroBatchExecution.populateStartOffsets). */
static lv_status recover(lv_query *q, lv_error *err)
{
    int64_t planned, committed;
    LV_TRY(lv_checkpoint_latest(q->checkpoint, &planned, &committed, err));
    q->is_new = planned < 0;
    q->replay_next = planned >= 0 && committed < planned;
    q->next_batch_id = q->is_new ? 0 : q->replay_next ? planned : planned + 1;
    q->watermark_ms = 0;
    q->conf = q->options.conf;
    if (q->next_batch_id == 0) {
        for (int i = 0; i < q->source_count; i++)
            LV_TRY(initial_position(q, i, err));
        return LV_OK;
    }
    lv_offset_entry entry;
    lv_status status = position_after(q, q->next_batch_id - 1, &entry, err);
    if (status == LV_NOT_FOUND)
        return LV_FAIL(err, LV_CHECKPOINT_INVALID, "batch %lld doesn't exist",
                       (long long)q->next_batch_id - 1);
    LV_TRY(status);
    q->conf = entry.conf;
    int64_t next_watermark_ms = -1;
    if (committed == q->next_batch_id - 1)
        LV_TRY(lv_checkpoint_read_commit(q->checkpoint, committed, &next_watermark_ms, err));
    q->watermark_ms = LV_MAX(entry.watermark_ms, next_watermark_ms);
    return LV_OK;
}

/* ---- the driver ------------------------------------------------------------------------------ */

/* Takes over what the batch read, so that the next one begins there. */
static void advance(lv_query *q, const lv_micro_batch *b)
{
    for (int i = 0; i < q->source_count; i++) {
        if (b->entry.sources[i].ptr == NULL)
            continue;
        lv_sbuf_clear(&q->position[i]);
        lv_sbuf_add_str(&q->position[i], b->entry.sources[i]);
    }
    q->next_batch_id = b->entry.batch_id + 1;
    q->previous_began_us = b->began_us;
    q->replay_next = q->is_new = false;
}

/* Sleeps until `due_us` or a stop. */
static void sleep_until(lv_query *q, int64_t due_us)
{
    int64_t left_us;
    while (!atomic_load(&q->stop) && (left_us = due_us - lv_now_us()) > 0)
        lv_queue_pop_timed(q->wake, (left_us + 999) / 1000);
}

/* Nothing new: waits for the trigger's next tick, or until a source says there is something. */
static lv_status wait_idle(lv_query *q, int64_t began_us, lv_error *err)
{
    if (q->options.trigger.kind == LV_TRIGGER_PROCESSING_TIME) {
        sleep_until(q, lv_trigger_next_us(&q->options.trigger, began_us, lv_now_us()));
        return LV_OK;
    }
    if (q->source_count == 1)
        return lv_source_wait_for_data(q->sources[0], lv_sbuf_str(&q->position[0]), IDLE_WAIT_MS,
                                       err);
    sleep_until(q, lv_now_us() + q->options.polling_delay_us);
    return LV_OK;
}

/* One trigger. *ended: the trigger wants no more. */
static lv_status drive_once(lv_query *q, bool *ended, lv_error *err)
{
    int64_t began_us = lv_now_us();
    lv_micro_batch *batch;
    bool replay = q->replay_next;
    LV_TRY(lv_batch_plan(q, &batch, err));
    if (batch == NULL) {
        *ended = lv_trigger_terminates(&q->options.trigger);
        return *ended ? LV_OK : wait_idle(q, began_us, err);
    }
    lv_batch_compute(q, batch);
    lv_status status = batch->status;
    advance(q, batch);
    if (!lv_queue_push(q->finished, batch)) {
        lv_delta_discard(q->table, batch->adds, batch->add_count);
        lv_batch_free(batch);
        return LV_CANCELLED; /* the committer failed and said why */
    }
    if (status != LV_OK)
        return LV_CANCELLED; /* the committer logs the offsets and reports the error */
    *ended = q->options.trigger.kind == LV_TRIGGER_ONCE && !replay;
    if (!*ended)
        sleep_until(q, lv_trigger_next_us(&q->options.trigger, began_us, lv_now_us()));
    return LV_OK;
}

static void *drive(void *arg)
{
    lv_query *q = arg;
    lv_error err = LV_ERROR_INIT;
    lv_status status = LV_OK;
    for (bool ended = false; !ended && status == LV_OK && !atomic_load(&q->stop);)
        status = drive_once(q, &ended, &err);
    if (status != LV_OK && err.status != LV_OK) {
        lv_error_context(&err, "query %s", q->options.name);
        lv_query_fail(q, status, &err);
    }
    lv_queue_close(q->finished);
    return NULL;
}

/* ---- start and end --------------------------------------------------------------------------- */

static int count_sources(const lv_plan *plan)
{
    int count = plan->kind == LV_PLAN_SOURCE;
    for (int i = 0; i < plan->input_count; i++)
        count += count_sources(plan->inputs[i]);
    return count;
}

static lv_status open_source(lv_query *q, const lv_plan *plan, lv_error *err)
{
    int i = plan->source_index;
    lv_source_context context = {
        .schema = plan->schema,
        .log_dir = lv_arena_printf(&q->arena, "%s/sources/%d", q->options.checkpoint_dir, i),
        .durable = q->options.durable};
    return lv_source_open(plan->format, &plan->options, &context, &q->sources[i], err);
}

static lv_status open_sources(lv_query *q, const lv_plan *plan, lv_error *err)
{
    if (plan->kind == LV_PLAN_SOURCE)
        LV_TRY(open_source(q, plan, err));
    for (int i = 0; i < plan->input_count; i++)
        LV_TRY(open_sources(q, plan->inputs[i], err));
    return LV_OK;
}

static lv_status open_table(lv_query *q, lv_error *err)
{
    const lv_query_options *o = &q->options;
    LV_TRY(lv_delta_table_open_or_new(o->table_path, o->durable, &q->table, err));
    lv_delta_write_options write = {.partition_by = o->partition_by,
                                    .partition_by_count = o->partition_by_count,
                                    .properties = o->properties,
                                    .comment = o->comment,
                                    .declared = o->declared,
                                    .merge_schema = o->merge_schema};
    lv_delta_write_plan *plan;
    LV_TRY(lv_delta_plan_write(q->table, &q->arena, o->plan, &write, &plan, err));
    q->write_plan = plan;
    return LV_OK;
}

static lv_status open_query(lv_query *q, lv_error *err)
{
    LV_TRY(lv_checkpoint_open(q->options.checkpoint_dir, q->options.durable, &q->checkpoint, err));
    q->source_count = count_sources(q->options.plan);
    q->expectations = lv_plan_expectations(q->options.plan);
    q->sources = LV_NEW_ARRAY(&q->arena, lv_source *, q->source_count);
    q->position = LV_NEW_ARRAY(&q->arena, lv_sbuf, q->source_count);
    LV_TRY(open_sources(q, q->options.plan, err));
    LV_TRY(open_table(q, err));
    LV_TRY(recover(q, err));
    for (int i = 0; i < q->source_count && lv_trigger_terminates(&q->options.trigger); i++)
        LV_TRY(lv_source_prepare_available_now(q->sources[i],
                                               q->options.trigger.kind == LV_TRIGGER_ONCE, err));
    q->worker_count = q->options.workers > 0 ? q->options.workers : lv_cpu_count();
    q->workers = LV_NEW_ARRAY(&q->arena, lv_worker *, q->worker_count);
    for (int w = 0; w < q->worker_count; w++)
        LV_TRY(lv_worker_new(q, w, w > 0, &q->workers[w], err));
    return LV_OK;
}

static lv_status start_threads(lv_query *q, lv_error *err)
{
    LV_TRY(lv_thread_start(&q->committer, "levada-commit", lv_committer_run, q, err));
    lv_status status = lv_thread_start(&q->driver, "levada-driver", drive, q, err);
    if (status != LV_OK) {
        lv_queue_close(q->finished);
        pthread_join(q->committer, NULL);
    }
    return status;
}

lv_status lv_query_start(const lv_query_options *options, lv_query **query, lv_error *err)
{
    lv_query *q = calloc(1, sizeof *q);
    LV_ASSERT(q != NULL);
    q->options = *options;
    q->error = LV_ERROR_INIT;
    q->previous_began_us = -1;
    lv_arena_init(&q->arena);
    lv_uuid_make(q->run_id);
    pthread_mutex_init(&q->error_mutex, NULL);
    q->finished = lv_queue_new(1);
    q->wake = lv_queue_new(1);
    lv_status status = open_query(q, err);
    if (status == LV_OK)
        status = start_threads(q, err);
    if (status != LV_OK) {
        lv_error_context(err, "query %s", options->name);
        lv_query_free(q);
        return status;
    }
    *query = q;
    return LV_OK;
}

lv_status lv_query_await(lv_query *q, lv_error *err)
{
    pthread_join(q->driver, NULL);
    pthread_join(q->committer, NULL);
    if (q->status != LV_OK && err != NULL && err->status == LV_OK)
        *err = q->error;
    return q->status;
}

lv_query_profile lv_query_get_profile(const lv_query *q)
{
    lv_query_profile profile = {.commit_ns = q->commit_ns};
    for (int w = 0; w < q->worker_count; w++)
        lv_worker_profile(q->workers[w], &profile);
    return profile;
}

void lv_query_free(lv_query *q)
{
    if (q == NULL)
        return;
    for (int w = 0; w < q->worker_count && q->workers != NULL; w++)
        lv_worker_free(q->workers[w]);
    for (int i = 0; i < q->source_count; i++) {
        lv_source_close(q->sources[i]);
        lv_sbuf_release(&q->position[i]);
    }
    lv_delta_table_close(q->table);
    lv_checkpoint_close(q->checkpoint);
    pthread_mutex_destroy(&q->error_mutex);
    lv_queue_free(q->finished);
    lv_queue_free(q->wake);
    lv_arena_release(&q->arena);
    free(q);
}
