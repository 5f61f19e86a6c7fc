/* syncer.h: a thread that makes files durable behind the back of the hub's loop.
 *
 * Sealed segments, and with `--fsync interval` the growing ones, are handed over as duplicated
 * descriptors. When the disk refuses a sync nothing that was acknowledged can be relied on, so the
 * hub stops (lv_syncer_has_failed). */
#ifndef LV_HUB_SYNCER_H
#define LV_HUB_SYNCER_H

#include "base/status.h"

typedef struct lv_syncer lv_syncer;

LV_MUST_USE lv_status lv_syncer_new(lv_syncer **syncer, lv_error *err);
/** Syncs what was handed over, then ends the thread. */
void lv_syncer_free(lv_syncer *syncer);
/** Queues a sync of an open file; `fd` stays the caller's. @thread the hub's */
void lv_syncer_add(lv_syncer *syncer, int fd);
/** As lv_syncer_add for a file or folder that is not open; one that is gone is no error. */
void lv_syncer_add_path(lv_syncer *syncer, const char *path);
/** Whether a sync failed. @thread any */
bool lv_syncer_has_failed(const lv_syncer *syncer);

#endif
