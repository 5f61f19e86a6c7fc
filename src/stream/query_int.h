/* query_int.h: what the threads of a query hand each other. Private to stream/. */
#ifndef LV_STREAM_QUERY_INT_H
#define LV_STREAM_QUERY_INT_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/queue.h"
#include "conn/conn.h"
#include "delta/delta.h"
#include "exec/exec.h"
#include "stream/checkpoint.h"
#include "stream/query.h"

typedef struct lv_worker lv_worker;

/** One micro-batch. Made by the driver, filled through the workers, then owned by the committer.
 *  Everything it points to is in its arena. */
typedef struct lv_micro_batch {
    lv_arena arena;
    lv_offset_entry entry;       /* what goes to offsets/N; its sources are the end offsets */
    bool logged;                 /* offsets/N is there already: the batch is being repeated */
    lv_source_progress *sources; /* start, end, latest, rows */
    lv_delta_add *adds;          /* files written and synced, not yet in the table */
    int64_t add_count;
    int64_t output_rows;
    int64_t *passed; /* rows per expectation; counted again when a batch is repeated */
    int64_t *failed;
    int64_t began_us;
    int64_t previous_began_us; /* -1: the first of this run */
    int64_t phase_us[LV_PHASE_COUNT];
    lv_status status; /* of reading and computing; offsets/N is written all the same */
    lv_error error;
} lv_micro_batch;

struct lv_query {
    lv_query_options options;
    lv_arena arena;
    char run_id[37];

    /* driver */
    pthread_t driver;
    const lv_plan *expectations; /* the plan's EXPECT; NULL: none */
    int source_count;
    lv_source **sources;
    lv_sbuf *position; /* per source: end offset of the batch planned last; empty: none */
    int64_t next_batch_id;
    bool replay_next; /* offsets/next_batch_id is there already */
    bool is_new;      /* no batch was ever planned: batch 0 runs even without data */
    int64_t watermark_ms;
    int64_t previous_began_us;
    lv_str conf; /* recorded in offsets/N */
    int worker_count;
    lv_worker **workers; /* [0] is run by the driver itself */

    /* committer */
    pthread_t committer;
    /* driver → committer: lv_micro_batch, in order; closed by the driver at its end, by the committer
     * on failure */
    lv_queue *finished;
    lv_checkpoint *checkpoint;             /* the driver's until it starts the committer */
    lv_delta_table *table;                 /* the same */
    const lv_delta_write_plan *write_plan; /* immutable */
    int64_t commit_ns;

    /* both */
    atomic_bool stop;
    lv_queue *wake;              /* anyone → driver: stop sleeping */
    pthread_mutex_t error_mutex; /* guards status and error */
    lv_status status;
    lv_error error;
};

static inline int lv_query_expectation_count(const lv_query *query)
{
    return query->expectations != NULL ? query->expectations->expr_count : 0;
}

/** Keeps the query's first error. @thread any */
void lv_query_fail(lv_query *query, lv_status status, const lv_error *error);

/* ---- workers (worker.c) ---------------------------------------------------------------------- */

/** What one worker reads in one batch: per source, ranges of topic partitions. */
typedef struct lv_worker_task {
    int64_t batch_time_us;
    int64_t expected_rows; /* offsets in all splits; to share work out */
    lv_split **splits;     /* per source */
    int *split_counts;
    /* results, in the arena of the batch */
    lv_arena *arena;
    lv_delta_add *adds;
    int64_t add_count;
    int64_t output_rows;
    int64_t *input_rows; /* per source */
    int64_t *passed;     /* per expectation */
    int64_t *failed;
    lv_status status;
    lv_error error;
} lv_worker_task;

/** A worker with its own operator tree, connections, decoder and writer. With `threaded` it has a
 *  thread that waits for tasks. */
LV_MUST_USE lv_status lv_worker_new(lv_query *query, int index, bool threaded, lv_worker **worker,
                                    lv_error *err);
/** Starts a task on the worker's thread; lv_worker_wait gives it back. */
void lv_worker_start(lv_worker *worker, lv_worker_task *task);
void lv_worker_wait(lv_worker *worker);
/** Runs a task on the calling thread (a worker without a thread of its own). */
void lv_worker_run(lv_worker *worker, lv_worker_task *task);
/** Adds the worker's stage times. @thread when it has no task */
void lv_worker_profile(const lv_worker *worker, lv_query_profile *profile);
void lv_worker_free(lv_worker *worker);

/* ---- planning and computing a batch (batch.c) ------------------------------------------------ */

/** The next micro-batch: offsets chosen, nothing read yet. NULL in *batch if there is nothing new. */
LV_MUST_USE lv_status lv_batch_plan(lv_query *query, lv_micro_batch **batch, lv_error *err);
/** Reads and computes it on the workers; errors go to batch->status. */
void lv_batch_compute(lv_query *query, lv_micro_batch *batch);
void lv_batch_free(lv_micro_batch *batch);

/* ---- committing (commit.c) ------------------------------------------------------------------- */

/** Thread: takes batches off query->finished and makes them visible, in order. */
void *lv_committer_run(void *query);

#endif
