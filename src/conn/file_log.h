/* file_log.h: which files a stream of files has taken, batch by batch: Spark's FileStreamSourceLog.
 *
 *   <dir>/N            v1\n{"path":"file:///in/a.json","timestamp":1700000000000,"batchId":N}\n{...}
 *   <dir>/N.compact    the same of all batches up to N, where N + 1 is a multiple of the interval (10)
 *
 * No newline at the end; a path is a percent-encoded URI, a timestamp the file's modification time in milliseconds.
 * N counts the log's own batches: the offset {"logOffset":N} of a query means all files up to batch N. A batch is
 * written before any query's offset refers to it. Names that are none of these are ignored (.N.crc).
 *
 * Source: CompactibleFileStreamLog, FileStreamSourceLog of Spark 4.2. */
#ifndef LV_CONN_FILE_LOG_H
#define LV_CONN_FILE_LOG_H

#include "base/status.h"
#include "base/str.h"

typedef struct lv_file_log lv_file_log;

typedef struct lv_logged_file {
    lv_str path; /* URI */
    int64_t timestamp_ms;
    int64_t batch_id;
} lv_logged_file;

/** Opens a log, which need not exist yet, and reads all of it. `durable`: sync what is written. Error
 *  MALFORMED_LOG_FILE. */
LV_MUST_USE lv_status lv_file_log_open(const char *dir, bool durable, lv_file_log **log,
                                       lv_error *err);
void lv_file_log_close(lv_file_log *log);
/** The newest batch; -1: none. */
int64_t lv_file_log_latest(const lv_file_log *log);
/** All files taken so far, by batch. Borrowed until the next call of lv_file_log_add. */
const lv_logged_file *lv_file_log_entries(const lv_file_log *log, int64_t *count);
/** Writes the next batch; the batch_id of `files` is set here. CONCURRENT_STREAM_LOG_UPDATE if it is there already. */
LV_MUST_USE lv_status lv_file_log_add(lv_file_log *log, lv_logged_file *files, int64_t count,
                                      lv_error *err);

/** Reads the text of one file of the log into `arena`, which must hold the text too. */
LV_MUST_USE lv_status lv_file_log_parse(lv_arena *arena, lv_str text, const char *name,
                                        lv_logged_file **files, int64_t *count, lv_error *err);

#endif
