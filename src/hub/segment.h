/* segment.h: one file of a partition's log, `<base offset, 20 digits>.log`.
 *
 * The file is record batches one after the other, as they came from producers but for base offset,
 * leader epoch and append time. Beside it lie two sparse indexes (offset -> position, timestamp ->
 * offset; sparse_index.h) with an entry about every 4 KiB. Only the last segment of a partition
 * grows; the others are sealed and never change until retention deletes them. A segment is
 * counted by reference, because a response may still be sent from its file when it is deleted.
 *
 * @thread one at a time. */
#ifndef LV_HUB_SEGMENT_H
#define LV_HUB_SEGMENT_H

#include "base/str.h"
#include "hub/sparse_index.h"
#include "hub/stored_batch.h"

typedef struct lv_segment {
    int64_t base_offset;
    int64_t next_offset;   /* behind the last record */
    int64_t size_bytes;    /* of whole batches */
    int64_t timestamp_max; /* of all batches; -1 when empty */
    int64_t indexed_bytes; /* position of the batch indexed last, 0 for none */
    int fd;
    uint32_t refs;
    char *path; /* owned */
    lv_sparse_index offsets;
    lv_sparse_index times;
} lv_segment;

/** Called for each batch of a walk with its position in the file. */
typedef void (*lv_segment_visit)(void *arg, int64_t position, const lv_stored_batch *batch);

/** Opens the log file for base offset `base_offset` in folder `dir`, made if missing. Nothing but its
 *  size is read; lv_segment_load or lv_segment_recover must follow. The reference is the caller's. */
LV_MUST_USE lv_status lv_segment_open(const char *dir, int64_t base_offset, lv_segment **segment,
                                      lv_error *err);
/** Makes a sealed segment ready: the time index gives its newest timestamp; `next_offset` is the base
 *  of the segment after it. Indexes that do not fit the log are made again. */
LV_MUST_USE lv_status lv_segment_load(lv_segment *segment, int64_t next_offset, lv_error *err);
/** Makes the last segment ready to append: reads all of it, with every CRC unless `trusted` (the hub
 *  stopped cleanly). What follows the last good batch is cut off: `*torn_bytes` says how much. */
LV_MUST_USE lv_status lv_segment_recover(lv_segment *segment, bool trusted, int64_t *torn_bytes,
                                         lv_error *err);
/** Appends one batch whose base offset is `next_offset`. On failure the file is as before. */
LV_MUST_USE lv_status lv_segment_append(lv_segment *segment, lv_str bytes,
                                        const lv_stored_batch *batch, lv_error *err);
/** Ends appending: completes the indexes and forgets them. */
void lv_segment_seal(lv_segment *segment);
/** Frees the indexes of a sealed segment; lookups read them again. */
void lv_segment_unload(lv_segment *segment);
/** Walks the headers of all batches at or after offset `from`. */
LV_MUST_USE lv_status lv_segment_walk(lv_segment *segment, int64_t from, lv_segment_visit visit,
                                      void *arg, lv_error *err);

/** Position of the first batch that ends at or after `offset`, and that batch; `*found` false behind
 *  the end. */
LV_MUST_USE lv_status lv_segment_find(lv_segment *segment, int64_t offset, bool *found,
                                      int64_t *position, lv_stored_batch *batch, lv_error *err);
/** The largest position of a batch's end that is at most `limit`; `from` (where a batch begins) when
 *  not even the batch there fits. */
LV_MUST_USE lv_status lv_segment_find_end(lv_segment *segment, int64_t from, int64_t limit,
                                          int64_t *end, lv_error *err);
/** Position of the first batch whose newest timestamp is at least `timestamp_ms`. */
LV_MUST_USE lv_status lv_segment_find_time(lv_segment *segment, int64_t timestamp_ms, bool *found,
                                           int64_t *position, lv_stored_batch *batch,
                                           lv_error *err);

lv_segment *lv_segment_ref(lv_segment *segment);
/** Closes the segment with its last reference. */
void lv_segment_unref(lv_segment *segment);
/** Removes the files; open references can still read. */
void lv_segment_remove(lv_segment *segment);

#endif
