/* checkpoint.h: a query's checkpoint folder, byte-compatible with Spark's, so that a stateless query
 * can move to Spark and back with neither gap nor duplicate.
 *
 *   <dir>/metadata        {"id":"73f7f943-..."}                   no newline; the query id
 *   <dir>/offsets/N       v1\n{batch metadata}\n{source 0}\n{source 1}...   "-": no offset; no newline at the end
 *   <dir>/commits/N       v1\n{"nextBatchWatermarkMs":0}
 *   <dir>/sources/<i>/0   0x00 v1\n{resolved initial offsets}     written once; of files: conn/file_log.h
 *
 * offsets/N says what batch N reads; it is there before the batch's rows can be seen. commits/N says
 * that they can. A batch with offsets but no commit is repeated with the same offsets. Names that are
 * not plain integers are ignored (Hadoop leaves .N.crc and .N.<uuid>.tmp files).
 *
 * Source: OffsetSeqLog, CommitLog, StreamMetadata, KafkaSourceInitialOffsetWriter of Spark 4.2. */
#ifndef LV_STREAM_CHECKPOINT_H
#define LV_STREAM_CHECKPOINT_H

#include "base/status.h"
#include "base/str.h"

typedef struct lv_checkpoint lv_checkpoint;

/** One offsets/N. Texts are borrowed. */
typedef struct lv_offset_entry {
    int64_t batch_id;
    int64_t watermark_ms;
    int64_t timestamp_ms;
    lv_str conf; /* JSON object of the recorded confs */
    int source_count;
    lv_str *sources; /* offset JSON per source; ptr NULL stands for "-" */
} lv_offset_entry;

/** Opens or makes the folder; a new query gets a random id. The folder is locked against a second
 *  runner on this machine until lv_checkpoint_close. `durable`: sync files and folders.
 *  Errors: CONCURRENT_STREAM_LOG_UPDATE (locked), CHECKPOINT_MISSING_METADATA, MALFORMED_LOG_FILE. */
LV_MUST_USE lv_status lv_checkpoint_open(const char *dir, bool durable, lv_checkpoint **checkpoint,
                                         lv_error *err);
void lv_checkpoint_close(lv_checkpoint *checkpoint);
/** The query id: the appId of the Delta sink's txn. Borrowed. */
const char *lv_checkpoint_query_id(const lv_checkpoint *checkpoint);

/** The newest batch in offsets/ and in commits/; -1 if there is none. */
LV_MUST_USE lv_status lv_checkpoint_latest(lv_checkpoint *checkpoint, int64_t *offsets_id,
                                           int64_t *commits_id, lv_error *err);
/** Reads offsets/N into `arena`. NOT_FOUND if it is missing. */
LV_MUST_USE lv_status lv_checkpoint_read_offsets(lv_checkpoint *checkpoint, int64_t batch_id,
                                                 lv_arena *arena, lv_offset_entry *entry,
                                                 lv_error *err);
/** Creates offsets/N; CONCURRENT_STREAM_LOG_UPDATE if it is there already. */
LV_MUST_USE lv_status lv_checkpoint_write_offsets(lv_checkpoint *checkpoint,
                                                  const lv_offset_entry *entry, lv_error *err);
/** Reads commits/N; old files hold {}, then `*next_watermark_ms` is -1. */
LV_MUST_USE lv_status lv_checkpoint_read_commit(lv_checkpoint *checkpoint, int64_t batch_id,
                                                int64_t *next_watermark_ms, lv_error *err);
LV_MUST_USE lv_status lv_checkpoint_write_commit(lv_checkpoint *checkpoint, int64_t batch_id,
                                                 int64_t next_watermark_ms, lv_error *err);
/** Removes offsets and commits of batches below `batch_id` (spark.sql.streaming.minBatchesToRetain). */
LV_MUST_USE lv_status lv_checkpoint_purge(lv_checkpoint *checkpoint, int64_t batch_id,
                                          lv_error *err);
/** The initial offsets recorded for source `index`, in `arena`; ptr NULL if none are. */
LV_MUST_USE lv_status lv_checkpoint_read_initial(lv_checkpoint *checkpoint, int index,
                                                 lv_arena *arena, lv_str *json, lv_error *err);
LV_MUST_USE lv_status lv_checkpoint_write_initial(lv_checkpoint *checkpoint, int index, lv_str json,
                                                  lv_error *err);

/** Parses the text of an offsets/N file (also for the fuzzer). The entry points into `text`. */
LV_MUST_USE lv_status lv_offset_entry_parse(lv_arena *arena, lv_str text, int64_t batch_id,
                                            lv_offset_entry *entry, lv_error *err);

#endif
