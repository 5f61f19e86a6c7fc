/* query.h: a streaming query: a resolved plan over sources, run in micro-batches into a Delta table.
 *
 * See "The life of a micro-batch" in ARCHITECTURE.md. lv_query_start makes the driver and committer
 * threads; every other function may be called from any thread.
 *
 * Source: MicroBatchExecution.scala (order of writes, restart), DeltaSink.scala (idempotence). */
#ifndef LV_STREAM_QUERY_H
#define LV_STREAM_QUERY_H

#include "base/timezone.h"
#include "plan/plan.h"
#include "stream/progress.h"
#include "stream/trigger.h"

typedef struct lv_query lv_query;

/** Time spent per stage by all workers since the start, for --profile. Nanoseconds of CPU. */
typedef struct lv_query_profile {
    int64_t source_ns;  /* fetch, decompress, record walk */
    int64_t compute_ns; /* decode, filter, project, cast */
    int64_t write_ns;   /* Parquet encode and write */
    int64_t commit_ns;  /* logs and Delta commit */
    int64_t rows;
} lv_query_profile;

typedef struct lv_query_options {
    const char *name;
    const char *dataset; /* the table's name, for progress */
    const char *table_path;
    const char *checkpoint_dir;
    const lv_plan
        *plan; /* resolved and optimised, is_stream; must outlive the query, like everything here */
    const lv_str *partition_by;
    int partition_by_count;
    lv_options properties; /* TBLPROPERTIES of a table that is made */
    lv_str comment;
    const lv_type *declared; /* columns of a table that is made; NULL: the query's */
    bool merge_schema;
    lv_trigger trigger;
    int workers;  /* 0: one per processor */
    bool durable; /* sync files before they count; off only for tests */
    const lv_timezone *zone;
    bool ansi;
    lv_str conf; /* JSON object of confs to record in offsets/N of a new checkpoint */
    int64_t retain_batches;
    int64_t polling_delay_us;
    /** Called by the committer thread after each batch; the progress is borrowed. May be NULL. */
    void (*on_progress)(void *context, const lv_progress *progress);
    void *context;
    /** Called once by whichever thread sees the query fail, so that others can be stopped. May be NULL. */
    void (*on_failure)(void *owner);
    void *owner;
} lv_query_options;

/** Opens checkpoint and table, connects the sources, and starts. `options` is copied, what it points
 *  to is not. Errors of opening come from here, errors of running from lv_query_await. */
LV_MUST_USE lv_status lv_query_start(const lv_query_options *options, lv_query **query,
                                     lv_error *err);
/** Asks the query to end after the batch it is at. */
void lv_query_stop(lv_query *query);
/** Waits until the query has ended; its error, if it failed. Call once. */
LV_MUST_USE lv_status lv_query_await(lv_query *query, lv_error *err);
/** After lv_query_await. */
lv_query_profile lv_query_get_profile(const lv_query *query);
void lv_query_free(lv_query *query);

#endif
