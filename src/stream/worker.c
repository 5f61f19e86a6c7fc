/* worker.c: a worker: source → operators → Delta files, all on one thread.
 *
 * Everything a worker owns is made once and reused by every batch: connections, decoder with its
 * dictionaries, Parquet buffers. Workers share nothing but immutable plans. */
#include <stdlib.h>

#include "base/check.h"
#include "os/os.h"
#include "stream/query_int.h"

struct lv_worker {
    lv_query *query;
    int index;
    lv_arena arena;             /* the operator tree; as long as the worker */
    lv_source_reader **readers; /* per source */
    lv_operator *root;
    lv_delta_writer *writer;
    pthread_t thread;
    bool threaded;
    lv_queue *tasks;  /* driver → worker */
    lv_queue *done;   /* worker → driver */
    int64_t total_ns; /* CPU of all tasks */
    int64_t write_ns;
    int64_t rows;
};

static lv_status open_reader(void *context, int source_index, lv_source_reader **reader,
                             lv_error *err)
{
    lv_worker *w = context;
    *reader = w->readers[source_index];
    return LV_OK;
}

static lv_status build(lv_worker *w, lv_error *err)
{
    lv_query *q = w->query;
    w->readers = LV_NEW_ARRAY(&w->arena, lv_source_reader *, q->source_count);
    for (int i = 0; i < q->source_count; i++)
        LV_TRY(lv_source_reader_new(q->sources[i], &w->readers[i], err));
    lv_exec_context context = {.zone = q->options.zone,
                               .ansi = q->options.ansi,
                               .now_us = lv_now_us(),
                               .partition = w->index,
                               .open_source = open_reader,
                               .self = w};
    LV_TRY(lv_exec_build(&w->arena, q->write_plan->query, &context, &w->root, err));
    return lv_delta_writer_new(q->write_plan, w->index, &w->writer, err);
}

static lv_status read_all(lv_worker *w, lv_worker_task *task, lv_error *err)
{
    lv_query *q = w->query;
    for (int i = 0; i < q->source_count; i++)
        LV_TRY(lv_source_reader_open(w->readers[i], task->splits[i], task->split_counts[i], err));
    LV_TRY(lv_operator_restart(w->root, task->batch_time_us, err));
    for (bool done = false; !done;) {
        lv_batch batch;
        LV_TRY(lv_operator_next(w->root, &batch, &done, err));
        int64_t began = lv_thread_cpu_ns();
        if (batch.length > 0)
            LV_TRY(lv_delta_write(w->writer, &batch, err));
        w->write_ns += lv_thread_cpu_ns() - began;
        task->output_rows += batch.length;
    }
    for (int i = 0; i < q->source_count; i++)
        task->input_rows[i] = lv_source_reader_rows(w->readers[i]);
    lv_operator_expectations(w->root, task->passed, task->failed);
    return LV_OK;
}

void lv_worker_run(lv_worker *w, lv_worker_task *task)
{
    int64_t began = lv_thread_cpu_ns();
    task->status = read_all(w, task, &task->error);
    int64_t flush_began = lv_thread_cpu_ns();
    if (task->status == LV_OK)
        task->status = lv_delta_writer_finish(w->writer, task->arena, &task->adds, &task->add_count,
                                              &task->error);
    if (task->status != LV_OK)
        lv_delta_writer_abort(w->writer);
    w->write_ns += lv_thread_cpu_ns() - flush_began;
    w->total_ns += lv_thread_cpu_ns() - began;
    for (int i = 0; i < w->query->source_count; i++)
        w->rows += task->input_rows[i];
}

static void *run_tasks(void *arg)
{
    lv_worker *w = arg;
    lv_worker_task *task;
    while ((task = lv_queue_pop(w->tasks)) != NULL) {
        lv_worker_run(w, task);
        lv_queue_push(w->done, task);
    }
    return NULL;
}

lv_status lv_worker_new(lv_query *query, int index, bool threaded, lv_worker **worker,
                        lv_error *err)
{
    lv_worker *w = calloc(1, sizeof *w);
    LV_ASSERT(w != NULL);
    w->query = query;
    w->index = index;
    lv_arena_init(&w->arena);
    w->tasks = lv_queue_new(1);
    w->done = lv_queue_new(1);
    lv_status status = build(w, err);
    if (status == LV_OK && threaded) {
        status = lv_thread_start(&w->thread, "levada-worker", run_tasks, w, err);
        w->threaded = status == LV_OK;
    }
    if (status != LV_OK) {
        lv_worker_free(w);
        return status;
    }
    *worker = w;
    return LV_OK;
}

void lv_worker_free(lv_worker *w)
{
    if (w == NULL)
        return;
    lv_queue_close(w->tasks);
    if (w->threaded)
        pthread_join(w->thread, NULL);
    lv_operator_free(w->root);
    lv_delta_writer_free(w->writer);
    for (int i = 0; i < w->query->source_count && w->readers != NULL; i++)
        lv_source_reader_free(w->readers[i]);
    lv_queue_free(w->tasks);
    lv_queue_free(w->done);
    lv_arena_release(&w->arena);
    free(w);
}

void lv_worker_start(lv_worker *w, lv_worker_task *task)
{
    LV_ASSERT(w->threaded);
    lv_queue_push(w->tasks, task);
}

void lv_worker_wait(lv_worker *w)
{
    lv_queue_pop(w->done);
}

void lv_worker_profile(const lv_worker *w, lv_query_profile *profile)
{
    int64_t source_ns = 0;
    for (int i = 0; i < w->query->source_count; i++)
        source_ns += lv_source_reader_cpu_ns(w->readers[i]);
    profile->source_ns += source_ns;
    profile->write_ns += w->write_ns;
    profile->compute_ns += w->total_ns - w->write_ns - source_ns;
    profile->rows += w->rows;
}
