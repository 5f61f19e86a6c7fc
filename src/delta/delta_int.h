/* delta_int.h: the table handle. Private to delta/. */
#ifndef LV_DELTA_DELTA_INT_H
#define LV_DELTA_DELTA_INT_H

#include "delta/log_checkpoint.h"
#include "delta/snapshot.h"

struct lv_delta_table {
    lv_store *store;
    char *path; /* for messages */
    lv_snapshot snapshot;
    int64_t current_ns; /* when the snapshot was last known to be the newest */
    bool in_doubt;      /* a commit may or may not have happened */
    lv_log_checkpointer checkpointer;
};

enum { LV_LOG_NAME_SIZE = 64 };

/** _delta_log/<20 digits>.json */
const char *lv_log_commit_name(int64_t version, char out[LV_LOG_NAME_SIZE]);
/** Reads and applies the next version. *found is false if there is none. */
LV_MUST_USE lv_status lv_delta_apply_next(lv_delta_table *table, bool *found,
                                          lv_commit_summary *summary, lv_error *err);

#endif
