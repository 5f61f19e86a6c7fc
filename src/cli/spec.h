/* spec.h: spark-pipeline.yml, the file that says what a pipeline is made of.
 *
 *     name: telemetry
 *     storage: file:///var/lib/levada/telemetry
 *     catalog: main                     # optional, as are all that follow
 *     database: iot                     # or schema
 *     configuration:
 *       spark.sql.shuffle.partitions: "8"
 *     libraries:
 *       - glob:
 *           include: gold.sql         # a file, or a folder with / and two stars behind it
 *
 * Source: the Spark Declarative Pipelines guide; pyspark/pipelines/cli.py for what is checked. */
#ifndef LV_CLI_SPEC_H
#define LV_CLI_SPEC_H

#include "plan/plan.h"

/** Everything in the arena it was read into. */
typedef struct lv_spec {
    const char *name;
    const char *storage; /* a path; a relative one was joined to the spec's folder */
    lv_str catalog;      /* empty: the default */
    lv_str database;
    lv_options configuration;
    const char *const *files; /* SQL files, sorted within each glob */
    int file_count;
} lv_spec;

typedef void (*lv_spec_error_sink)(void *context, const char *file, lv_str text,
                                   const lv_error *err);

/** Whether a path is called as a spec is: .yml or .yaml. */
bool lv_spec_is_one(const char *path);
/** The spec of this folder or the nearest one above it that has one. Errors
 *  PIPELINE_SPEC_FILE_NOT_FOUND, MULTIPLE_PIPELINE_SPEC_FILES_FOUND. */
LV_MUST_USE lv_status lv_spec_find(lv_arena *arena, const char **path, lv_error *err);
/** Reads a spec; every mistake goes to `on_error`, the first one's status comes back. */
LV_MUST_USE lv_status lv_spec_load(lv_arena *arena, const char *path, lv_spec_error_sink on_error,
                                   void *context, lv_spec *spec, lv_error *err);

#endif
