/* log_checkpoint.h: snapshots as Parquet files in the log. Private to delta/.
 *
 * A checkpoint holds the actions that remain at a version, so that opening a table does not begin
 * at version 0. Ours are classic single files (V1), as every reader knows them; of others all kinds
 * are read. They are written by a thread of their own from a view of the snapshot while commits go
 * on, in batches, so that memory stays bounded. Source: PROTOCOL.md, "Checkpoints".
 *
 *   row = one action: { txn?, add?, remove?, metaData?, protocol?, sidecar? }, all but one null */
#ifndef LV_DELTA_LOG_CHECKPOINT_H
#define LV_DELTA_LOG_CHECKPOINT_H

#include <pthread.h>

#include "delta/snapshot.h"

/** The files of one checkpoint, as names in the log's folder. */
typedef struct lv_log_checkpoint_files {
    int64_t version;
    const lv_str *names;
    int count;
} lv_log_checkpoint_files;

/** Loads a checkpoint into an empty snapshot. Errors of damaged or missing files leave it half
 * filled. */
LV_MUST_USE lv_status lv_log_checkpoint_load(lv_store *store, const lv_log_checkpoint_files *files,
                                             lv_snapshot *snapshot, lv_error *err);

/** Writes checkpoints of one table: at most one at a time. */
typedef struct lv_log_checkpointer {
    int64_t version;                   /* of the newest known checkpoint; -1 none */
    int64_t begun_ns;                  /* when this handle last began one */
    int64_t duration_ns;               /* of the last one */
    int64_t cleaned_ns;                /* when expired log files were last looked for */
    struct lv_log_checkpoint_job *job; /* that runs; NULL none */
    pthread_t thread;
    lv_error error; /* of the last one */
} lv_log_checkpointer;

/** Begins a checkpoint of the snapshot in the background if one is due. */
void lv_log_checkpointer_commit(lv_log_checkpointer *c, lv_store *store, lv_snapshot *snapshot);
/** Waits for the running one, if any. */
void lv_log_checkpointer_wait(lv_log_checkpointer *c);

/** Whether a checkpoint is due: by delta.checkpointInterval where the table has it, else by what it
 * costs and saves. `live`: files of the table. */
bool lv_log_checkpoint_is_due(const lv_metadata *metadata, int64_t commits, int64_t elapsed_ns,
                              int64_t duration_ns, int64_t live);
/** Writes a checkpoint of a view and _last_checkpoint. */
LV_MUST_USE lv_status lv_log_checkpoint_write(lv_store *store, const lv_snapshot_view *view,
                                              lv_error *err);
/** Deletes log files that no version within the retention needs. */
LV_MUST_USE lv_status lv_log_clean(lv_store *store, const lv_metadata *metadata, int64_t now_ms,
                                   lv_error *err);

#endif
