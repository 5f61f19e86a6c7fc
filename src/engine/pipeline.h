/* pipeline.h: a pipeline: SQL files whose streaming tables are filled by queries that run side by side.
 *
 * Statements act in order: SET and USE on what follows, views on names. Each CREATE STREAMING TABLE
 * with a query and each CREATE FLOW makes one query; a flow may come before its table. All errors of
 * all files are reported before anything runs. */
#ifndef LV_ENGINE_PIPELINE_H
#define LV_ENGINE_PIPELINE_H

#include "engine/session.h"
#include "stream/query.h"

typedef struct lv_pipeline lv_pipeline;

typedef struct lv_pipeline_options {
    const char *storage;
    lv_trigger trigger;
    int workers;           /* 0: one per processor */
    lv_options parameters; /* ${key} and :key */
    lv_options conf;       /* settings before the first statement */
    lv_str catalog;        /* as if USE had chosen them; empty: the defaults */
    lv_str schema;
    lv_str refresh; /* tables to fill, separated by commas; with it the others rest */
    lv_str full_refresh;
    bool full_refresh_all;
    bool strict_sdp; /* what Spark's spark-pipelines would not accept is an error */
    /** Told of each error; `text` is the whole text of `file`, which is NULL if it lies in none. */
    void (*on_error)(void *context, const char *file, lv_str text, const lv_error *err);
    /** Told of each batch, by the query's committer thread. */
    void (*on_progress)(void *context, const lv_progress *progress);
    void *context;
} lv_pipeline_options;

/** Reads and checks the files; nothing is touched but the tables' logs. The first error's status; all
 *  of them went to on_error. `options` must outlive the pipeline. */
LV_MUST_USE lv_status lv_pipeline_open(const char *const *files, int file_count,
                                       const lv_pipeline_options *options, lv_pipeline **pipeline,
                                       lv_error *err);
/** Tables whose rows and checkpoints lv_pipeline_run removes first. */
int lv_pipeline_reset_count(const lv_pipeline *pipeline);
int lv_pipeline_table_count(const lv_pipeline *pipeline);
int lv_pipeline_flow_count(const lv_pipeline *pipeline);
/** Prints each table's plan. */
void lv_pipeline_explain(const lv_pipeline *pipeline, lv_sbuf *out);
/** Starts all queries and waits until they end; when one fails the others are stopped. */
LV_MUST_USE lv_status lv_pipeline_run(lv_pipeline *pipeline, lv_error *err);
/** Asks all queries to end after the batch they are at. @thread any, also before lv_pipeline_run */
void lv_pipeline_stop(lv_pipeline *pipeline);
/** Stage times of all queries; after lv_pipeline_run. */
lv_query_profile lv_pipeline_profile(const lv_pipeline *pipeline);
void lv_pipeline_free(lv_pipeline *pipeline);

#endif
