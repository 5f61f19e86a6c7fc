/* conn.h: streaming sources: Kafka and files.
 *
 * A source hands out batches of records, not messages. It is asked for offsets as Spark's JSON
 * text, cut into splits (ranges of a topic partition, files), and read by readers, one per worker
 * thread, whose payload columns are slices of the receive buffers.
 *
 *   lv_source          offsets, limits, splits       one thread: the query's driver
 *   lv_source_reader   reads splits                  one thread: a worker
 *
 * Source: Spark's Kafka source: KafkaMicroBatchStream, KafkaOffsetReaderAdmin, KafkaSourceProvider; FileStreamSource.
 */
#ifndef LV_CONN_CONN_H
#define LV_CONN_CONN_H

#include "column/vector.h"
#include "plan/plan.h"

typedef struct lv_source lv_source;
typedef struct lv_source_reader lv_source_reader;

/** A part of a batch that one reader reads: a range of one topic partition, offsets from <= o < until; or a file,
 * for which from..until only says about how many rows it has. */
typedef struct lv_split {
    lv_str name; /* the topic, or the file's path; in the arena it was made in */
    int32_t partition;
    int64_t from;
    int64_t until;
} lv_split;

/** What a source is told beside its options; copied. */
typedef struct lv_source_context {
    const lv_type *schema; /* what lv_source_schema said when the query was planned */
    const char
        *log_dir; /* sources/<i> of the checkpoint, for sources that keep a log of their own */
    bool durable; /* sync what is written there */
} lv_source_context;

/** Checks a source's options and gives its schema, in `arena`. Nothing is connected. `log_dir`, if not NULL, is
 * sources/<i> of the query's checkpoint: a schema that was inferred by an earlier run is kept there. Errors:
 * UNSUPPORTED_FEATURE for an unknown format or option value, REQUIRED_PARAMETER_NOT_FOUND,
 * UNRECOGNIZED_PARAMETER_NAME. */
LV_MUST_USE lv_status lv_source_schema(lv_arena *arena, lv_str format, const lv_options *options,
                                       const char *log_dir, const lv_type **schema, lv_error *err);

/** Makes a source; connects when first asked for offsets. Options are copied. `context` may be NULL for Kafka. */
LV_MUST_USE lv_status lv_source_open(lv_str format, const lv_options *options,
                                     const lv_source_context *context, lv_source **source,
                                     lv_error *err);
void lv_source_close(lv_source *source);
/** "KafkaV2[Subscribe[topic]]", borrowed; never a secret. */
lv_str lv_source_description(const lv_source *source);

/** Adds the offsets at which a new query begins (startingOffsets and its family), resolved to
 * numbers. */
LV_MUST_USE lv_status lv_source_initial_offset(lv_source *source, lv_sbuf *json, lv_error *err);
/** Whether the source keeps sources/<i> of the checkpoint itself and has no initial offset. */
bool lv_source_keeps_log(const lv_source *source);
/** From now on the newest offsets are those of this moment. `no_limit`: rate limits do not count
 * either (Trigger.Once). */
LV_MUST_USE lv_status lv_source_prepare_available_now(lv_source *source, bool no_limit,
                                                      lv_error *err);
/** Adds how far a batch that begins at `start` may read: the newest offsets within the rate limit;
 * and the newest offsets themselves. Partitions that are new since `start` are read from their
 * beginning. Nothing is added while a new query has nothing to read. KAFKA_DATA_LOSS_* if
 * partitions vanished or went backwards and failOnDataLoss is true. */
LV_MUST_USE lv_status lv_source_end_offset(lv_source *source, lv_str start, lv_sbuf *end,
                                           lv_sbuf *latest, lv_error *err);
/** Waits until there may be records beyond `position`, at most `timeout_ms`. */
LV_MUST_USE lv_status lv_source_wait_for_data(lv_source *source, lv_str position,
                                              int64_t timeout_ms, lv_error *err);
/** Cuts the records from `start` to `end` into splits, one per topic partition that has any, in
 * `arena`. */
LV_MUST_USE lv_status lv_source_split(lv_source *source, lv_str start, lv_str end, lv_arena *arena,
                                      lv_split **splits, int *count, lv_error *err);

/** A reader of the source's splits with connections of its own. */
LV_MUST_USE lv_status lv_source_reader_new(lv_source *source, lv_source_reader **reader,
                                           lv_error *err);
void lv_source_reader_free(lv_source_reader *reader);
/** Begins to read splits; what was left of earlier ones is dropped. The splits are copied. */
LV_MUST_USE lv_status lv_source_reader_open(lv_source_reader *reader, const lv_split *splits,
                                            int count, lv_error *err);
/** The next records (LV_BATCH_ROWS at most, may be none) as columns of the source's schema, in
 * `arena`; columns that `wanted` (one per column, NULL: all) leaves out are constant nulls.
 * Payloads and keys are slices of the reader's buffers, with at least 64 readable bytes behind
 * each, and valid until the next call. *done: nothing comes after these. KAFKA_DATA_LOSS if records
 * of a split are gone and failOnDataLoss is true. */
LV_MUST_USE lv_status lv_source_reader_next(lv_source_reader *reader, lv_arena *arena,
                                            const bool *wanted, lv_batch *batch, bool *done,
                                            lv_error *err);
/** Records handed out since lv_source_reader_open. */
int64_t lv_source_reader_rows(const lv_source_reader *reader);
/** CPU time spent in lv_source_reader_next, ever. */
int64_t lv_source_reader_cpu_ns(const lv_source_reader *reader);

#endif
