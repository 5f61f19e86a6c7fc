/* pipeline_int.h: a pipeline's tables and the flows that fill them. Private to engine/. */
#ifndef LV_ENGINE_PIPELINE_INT_H
#define LV_ENGINE_PIPELINE_INT_H

#include <pthread.h>

#include "engine/pipeline.h"
#include "engine/session_int.h"

/** A file of the pipeline, in the session's arena. `name` NULL: no file, for errors of settings. */
typedef struct lv_pipeline_file {
    lv_pipeline *pipeline;
    int index; /* in the order they were given */
    const char *name;
    lv_str text;
    lv_statement *statements;
    size_t count;
} lv_pipeline_file;

typedef struct lv_pipeline_error {
    const lv_pipeline_file *file;
    int64_t offset;
    size_t order;
    lv_error *error;
} lv_pipeline_error;

/** What SET and USE had made of the session where a statement stands. */
typedef struct lv_flow_settings {
    lv_str zone_name;
    const lv_timezone *zone;
    bool ansi;
    bool map_last_wins;
    lv_str catalog;
    lv_str schema;
    lv_str conf; /* recorded in offsets/N */
    int64_t retain_batches;
    int64_t polling_delay_us;
} lv_flow_settings;

/** A CREATE STREAMING TABLE. */
typedef struct lv_dataset {
    const lv_statement *statement;
    const lv_pipeline_file *file;
    lv_full_name name;
    const char *table_path;
    const char *checkpoint_dir;
    int flow_count;
    const lv_type
        *columns;  /* declared, or those of all flows together; NULL: those of its one flow */
    bool selected; /* by --refresh or --full-refresh; all are if there is neither */
    bool reset;    /* by --full-refresh */
} lv_dataset;

/** A query that fills a table: its own, or that of a CREATE FLOW. */
typedef struct lv_flow {
    const lv_statement *statement;
    const lv_pipeline_file *file;
    lv_flow_settings settings;
    lv_dataset *dataset;
    lv_plan *plan;
    lv_query_options options;
    lv_query *query; /* while it runs */
} lv_flow;

struct lv_pipeline {
    const lv_pipeline_options *options;
    lv_session *session;
    LV_VEC(lv_dataset *) datasets;
    LV_VEC(lv_flow) flows;
    LV_VEC(lv_pipeline_error) errors;
    pthread_mutex_t mutex; /* guards stopped, and queries being started against stop */
    bool stopped;
    lv_query_profile profile;
};

/** Keeps an error to be told of; `file` gives its place a meaning. */
void lv_pipeline_report(const lv_pipeline_file *file, const lv_error *err);
/** CREATE STREAMING TABLE. Errors of the statement, and of its query's analysis. */
LV_MUST_USE lv_status lv_pipeline_add_table(lv_pipeline *pipeline, const lv_pipeline_file *file,
                                            const lv_statement *statement, lv_error *err);
/** CREATE FLOW; its query is planned by lv_pipeline_finish, when all tables are known. */
LV_MUST_USE lv_status lv_pipeline_add_flow(lv_pipeline *pipeline, const lv_pipeline_file *file,
                                           const lv_statement *statement, lv_error *err);
/** After the last file: plans flows, reports every error. */
void lv_pipeline_finish(lv_pipeline *pipeline);
/** Makes tables that several flows fill. */
LV_MUST_USE lv_status lv_pipeline_create_tables(lv_pipeline *pipeline, lv_error *err);
/** Marks what --refresh and --full-refresh name. Errors TABLE_OR_VIEW_NOT_FOUND, USAGE. */
LV_MUST_USE lv_status lv_pipeline_select(lv_pipeline *pipeline, lv_error *err);
/** Removes the data and checkpoints of the tables that are to be filled anew. */
LV_MUST_USE lv_status lv_pipeline_reset(lv_pipeline *pipeline, lv_error *err);

#endif
