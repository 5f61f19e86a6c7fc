/* log_segment.h: which files of a log lead to a version. Private to delta/. */
#ifndef LV_DELTA_LOG_SEGMENT_H
#define LV_DELTA_LOG_SEGMENT_H

#include "delta/log_checkpoint.h"

/** What a listing of the log shows, up to a version. */
typedef struct lv_log_listing {
    LV_VEC(int64_t) commits;                     /* ascending */
    LV_VEC(lv_log_checkpoint_files) checkpoints; /* complete ones, newest last */
} lv_log_listing;

typedef enum lv_log_file_kind {
    LV_LOG_OTHER,
    LV_LOG_COMMIT,     /* <version>.json */
    LV_LOG_CHECKPOINT, /* <version>.checkpoint.parquet, a part of one, or
                          <version>.checkpoint.<uuid>.* */
    LV_LOG_CHECKSUM,   /* <version>.crc */
    LV_LOG_COMPACTED   /* <version>.<version>.compacted.json */
} lv_log_file_kind;

typedef struct lv_log_name {
    lv_log_file_kind kind;
    int64_t version;
    int parts; /* of a checkpoint: how many files it has */
} lv_log_name;

/** What the name of a file in the log's folder says. */
lv_log_name lv_log_name_parse(lv_str name);
/** Lists the log from the newest checkpoint that _last_checkpoint hints at, or all of it, up to
 * `at_most`. Everything in `arena`. DELTA_PATH_NOT_A_TABLE if there is nothing. */
LV_MUST_USE lv_status lv_log_list(lv_store *store, lv_arena *arena, int64_t at_most,
                                  lv_log_listing *listing, lv_error *err);
/** The same without heed to the hint. */
LV_MUST_USE lv_status lv_log_list_all(lv_store *store, lv_arena *arena, int64_t at_most,
                                      lv_log_listing *listing, lv_error *err);

#endif
