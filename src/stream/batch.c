/* batch.c: the driver's part of a micro-batch: which offsets it covers, and its work shared out.
 *
 * A batch is divided by topic partition over as many workers as it has rows to keep busy; a small
 * one stays on the driver's own thread, so that at low rates no thread is woken. */
#include <stdlib.h>

#include "base/check.h"
#include "os/os.h"
#include "stream/query_int.h"

/* Rows below which a second worker costs more than it brings. */
enum { ROWS_PER_WORKER_MIN = 20000 };

static lv_micro_batch *batch_new(lv_query *q)
{
    lv_micro_batch *b = calloc(1, sizeof *b);
    LV_ASSERT(b != NULL);
    lv_arena_init(&b->arena);
    b->error = LV_ERROR_INIT;
    b->began_us = lv_now_us();
    b->previous_began_us = q->previous_began_us;
    b->entry = (lv_offset_entry){.batch_id = q->next_batch_id,
                                 .watermark_ms = q->watermark_ms,
                                 .timestamp_ms = b->began_us / 1000,
                                 .conf = q->conf,
                                 .source_count = q->source_count};
    b->entry.sources = LV_NEW_ARRAY(&b->arena, lv_str, q->source_count);
    b->sources = LV_NEW_ARRAY(&b->arena, lv_source_progress, q->source_count);
    b->passed = LV_NEW_ARRAY(&b->arena, int64_t, lv_query_expectation_count(q));
    b->failed = LV_NEW_ARRAY(&b->arena, int64_t, lv_query_expectation_count(q));
    for (int i = 0; i < q->source_count; i++)
        b->sources[i].description = lv_source_description(q->sources[i]);
    return b;
}

void lv_batch_free(lv_micro_batch *b)
{
    if (b == NULL)
        return;
    lv_arena_release(&b->arena);
    free(b);
}

/* An offset's JSON; ptr NULL: there is none. */
static lv_str copy_offset(lv_micro_batch *b, const lv_sbuf *json)
{
    return json->len > 0 ? lv_str_dup(&b->arena, lv_sbuf_str(json)) : LV_STR_NONE;
}

/* Asks source `i` how far batch N may read. *news: it has more than the last batch took. */
static lv_status plan_source(lv_query *q, lv_micro_batch *b, int i, bool *news, lv_error *err)
{
    lv_sbuf end = LV_SBUF_INIT, latest = LV_SBUF_INIT;
    lv_str position = lv_sbuf_str(&q->position[i]);
    lv_status status = lv_source_end_offset(q->sources[i], position, &end, &latest, err);
    if (status == LV_OK) {
        lv_source_progress *p = &b->sources[i];
        p->start = b->entry.batch_id > 0 ? copy_offset(b, &q->position[i]) : LV_STR_NONE;
        p->end = b->entry.sources[i] = copy_offset(b, &end);
        p->latest = copy_offset(b, &latest);
        *news = *news || (end.len > 0 && (q->is_new || !lv_str_eq(p->end, position)));
    }
    lv_sbuf_release(&end);
    lv_sbuf_release(&latest);
    return status;
}

/* The batch that offsets/N holds already, to be repeated as it was. */
static lv_status plan_replay(lv_query *q, lv_micro_batch *b, lv_error *err)
{
    LV_TRY(lv_checkpoint_read_offsets(q->checkpoint, q->next_batch_id, &b->arena, &b->entry, err));
    if (b->entry.source_count != q->source_count)
        return LV_FAIL(err, LV_CHECKPOINT_INVALID,
                       "offsets/%lld is of a query with %d sources, this one has %d",
                       (long long)q->next_batch_id, b->entry.source_count, q->source_count);
    b->logged = true;
    for (int i = 0; i < q->source_count; i++) {
        if (b->entry.sources[i].ptr == NULL)
            b->entry.sources[i] = copy_offset(b, &q->position[i]);
        b->sources[i].start = b->entry.batch_id > 0 ? copy_offset(b, &q->position[i]) : LV_STR_NONE;
        b->sources[i].end = b->sources[i].latest = b->entry.sources[i];
    }
    return LV_OK;
}

lv_status lv_batch_plan(lv_query *q, lv_micro_batch **batch, lv_error *err)
{
    lv_micro_batch *b = batch_new(q);
    bool news = q->is_new && q->source_count == 0; /* rows that are there once: INSERT ONCE */
    lv_status status = LV_OK;
    if (q->replay_next) {
        status = plan_replay(q, b, err);
        news = true;
    } else {
        for (int i = 0; i < q->source_count && status == LV_OK; i++)
            status = plan_source(q, b, i, &news, err);
    }
    b->phase_us[LV_PHASE_LATEST_OFFSET] = lv_now_us() - b->began_us;
    if (status != LV_OK || !news) {
        lv_batch_free(b);
        *batch = NULL;
        return status;
    }
    *batch = b;
    return LV_OK;
}

/* ---- sharing out ----------------------------------------------------------------------------- */

static lv_worker_task *tasks_new(lv_query *q, lv_micro_batch *b, int max_splits)
{
    lv_worker_task *tasks = LV_NEW_ARRAY(&b->arena, lv_worker_task, q->worker_count);
    for (int w = 0; w < q->worker_count; w++) {
        tasks[w].batch_time_us = b->entry.timestamp_ms * 1000;
        tasks[w].arena = &b->arena;
        tasks[w].error = LV_ERROR_INIT;
        tasks[w].splits = LV_NEW_ARRAY(&b->arena, lv_split *, q->source_count);
        tasks[w].split_counts = LV_NEW_ARRAY(&b->arena, int, q->source_count);
        tasks[w].input_rows = LV_NEW_ARRAY(&b->arena, int64_t, q->source_count);
        tasks[w].passed = LV_NEW_ARRAY(&b->arena, int64_t, lv_query_expectation_count(q));
        tasks[w].failed = LV_NEW_ARRAY(&b->arena, int64_t, lv_query_expectation_count(q));
        for (int i = 0; i < q->source_count; i++)
            tasks[w].splits[i] = LV_NEW_ARRAY(&b->arena, lv_split, max_splits);
    }
    return tasks;
}

/* The task with the least to do among the first `used`. */
static lv_worker_task *least_loaded(lv_worker_task *tasks, int used)
{
    lv_worker_task *best = &tasks[0];
    for (int w = 1; w < used; w++)
        if (tasks[w].expected_rows < best->expected_rows)
            best = &tasks[w];
    return best;
}

/* Splits of all sources, shared out over `*used` tasks by what they hold. */
static lv_status share_out(lv_query *q, lv_micro_batch *b, lv_worker_task **tasks, int *used,
                           lv_error *err)
{
    lv_split **splits = LV_NEW_ARRAY(&b->arena, lv_split *, q->source_count);
    int *counts = LV_NEW_ARRAY(&b->arena, int, q->source_count);
    int64_t total = 0;
    int most = 0;
    for (int i = 0; i < q->source_count; i++) {
        LV_TRY(lv_source_split(q->sources[i], lv_sbuf_str(&q->position[i]), b->sources[i].end,
                               &b->arena, &splits[i], &counts[i], err));
        for (int s = 0; s < counts[i]; s++)
            total += splits[i][s].until - splits[i][s].from;
        most = LV_MAX(most, counts[i]);
    }
    *tasks = tasks_new(q, b, most);
    *used = (int)LV_MIN((int64_t)q->worker_count, LV_MAX(total / ROWS_PER_WORKER_MIN, (int64_t)1));
    for (int i = 0; i < q->source_count; i++)
        for (int s = 0; s < counts[i]; s++) {
            lv_worker_task *task = least_loaded(*tasks, *used);
            task->splits[i][task->split_counts[i]++] = splits[i][s];
            task->expected_rows += splits[i][s].until - splits[i][s].from;
        }
    return LV_OK;
}

/* Sums up what the workers did; the first error counts. */
static void gather(lv_query *q, lv_micro_batch *b, const lv_worker_task *tasks, int used)
{
    int64_t adds = 0;
    for (int w = 0; w < used; w++)
        adds += tasks[w].add_count;
    b->adds = LV_NEW_ARRAY(&b->arena, lv_delta_add, adds);
    for (int w = 0; w < used; w++) {
        for (int64_t a = 0; a < tasks[w].add_count; a++)
            b->adds[b->add_count++] = tasks[w].adds[a];
        b->output_rows += tasks[w].output_rows;
        for (int i = 0; i < q->source_count; i++)
            b->sources[i].input_rows += tasks[w].input_rows[i];
        for (int i = 0; i < lv_query_expectation_count(q); i++) {
            b->passed[i] += tasks[w].passed[i];
            b->failed[i] += tasks[w].failed[i];
        }
        if (tasks[w].status != LV_OK && b->status == LV_OK) {
            b->status = tasks[w].status;
            b->error = tasks[w].error;
        }
    }
}

void lv_batch_compute(lv_query *q, lv_micro_batch *b)
{
    lv_worker_task *tasks = NULL;
    int used = 0;
    int64_t began = lv_now_us();
    b->status = share_out(q, b, &tasks, &used, &b->error);
    b->phase_us[LV_PHASE_GET_BATCH] = lv_now_us() - began;
    if (b->status != LV_OK)
        return;
    for (int w = 1; w < used; w++)
        lv_worker_start(q->workers[w], &tasks[w]);
    lv_worker_run(q->workers[0], &tasks[0]);
    for (int w = 1; w < used; w++)
        lv_worker_wait(q->workers[w]);
    gather(q, b, tasks, used);
    b->phase_us[LV_PHASE_ADD_BATCH] = lv_now_us() - began;
}
