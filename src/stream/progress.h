/* progress.h: what a batch did, in the words of Spark's StreamingQueryProgress.
 *
 * Source: sql/api/.../streaming/progress.scala: field order, omitted empty maps, rates with one decimal. */
#ifndef LV_STREAM_PROGRESS_H
#define LV_STREAM_PROGRESS_H

#include "base/str.h"

/** Phases of a batch in durationMs, alphabetical as Spark prints them. */
typedef enum lv_phase {
    LV_PHASE_ADD_BATCH,
    LV_PHASE_COMMIT_BATCH,
    LV_PHASE_COMMIT_OFFSETS,
    LV_PHASE_GET_BATCH,
    LV_PHASE_LATEST_OFFSET,
    LV_PHASE_QUERY_PLANNING,
    LV_PHASE_TRIGGER_EXECUTION,
    LV_PHASE_WAL_COMMIT,
    LV_PHASE_COUNT
} lv_phase;

typedef struct lv_source_progress {
    lv_str description; /* KafkaV2[Subscribe[topic]] */
    lv_str start;       /* offset JSON, ptr NULL in batch 0 */
    lv_str end;
    lv_str latest;
    int64_t input_rows;
} lv_source_progress;

/** What became of an expectation: every row of the batch is in one of the counts. */
typedef struct lv_expectation_progress {
    lv_str name;
    const char *action; /* "warn", "drop", "fail" */
    int64_t passed;
    int64_t failed;
} lv_expectation_progress;

typedef struct lv_progress {
    const char *id;     /* query id, survives restarts */
    const char *run_id; /* of this run */
    const char *name;
    const char *dataset;           /* name of the table; not printed */
    int64_t timestamp_ms;          /* start of the trigger */
    int64_t previous_timestamp_ms; /* start of the trigger before, -1 for the first */
    int64_t batch_id;
    int64_t phase_us[LV_PHASE_COUNT];
    int64_t watermark_ms;
    bool has_watermark;
    int source_count;
    const lv_source_progress *sources;
    int expectation_count;
    const lv_expectation_progress *expectations;
    lv_str sink_description; /* DeltaSink[path] */
    int64_t output_rows;     /* rows committed; Spark prints -1 for Delta, we print the count */
    int64_t table_version;   /* of the commit; -1 if it was there already */
} lv_progress;

/** The progress as one line of JSON, without a newline. */
void lv_progress_print_json(const lv_progress *progress, lv_sbuf *out);
/** Input rows of all sources. */
int64_t lv_progress_input_rows(const lv_progress *progress);

#endif
