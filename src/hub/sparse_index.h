/* sparse_index.h: a small sorted file that leads close to a place in a segment.
 *
 * Entries are big-endian pairs, both members ascending, in Kafka's own layouts:
 *
 *   .index      int32 offset - base,  int32 position in the .log file    (key size 4)
 *   .timeindex  int64 timestamp (ms), int32 offset - base                (key size 8)
 *
 * One entry stands for a few KiB of log, so a lookup ends with a short walk over batches. An
 * index is never synced: it can be rebuilt from its log, and is when it does not fit it.
 * Entries live in memory only while they are needed: always for the segment that is written,
 * else from the first lookup until lv_sparse_index_unload.
 *
 * @thread one at a time. */
#ifndef LV_HUB_SPARSE_INDEX_H
#define LV_HUB_SPARSE_INDEX_H

#include "base/status.h"

typedef struct lv_sparse_index {
    char *path; /* owned */
    int fd;     /* -1: not being written */
    uint8_t key_size;
    uint8_t *entries; /* owned; NULL: not loaded */
    size_t count;     /* of loaded entries */
    size_t capacity;
} lv_sparse_index;

typedef struct lv_index_entry {
    int64_t key;
    int32_t value;
} lv_index_entry;

/** An index over the file `path` (copied), which need not exist yet. Nothing is read. */
void lv_sparse_index_init(lv_sparse_index *index, const char *path, uint8_t key_size);
/** Frees memory and closes; the file stays. */
void lv_sparse_index_release(lv_sparse_index *index);
/** Reads the file if it is not loaded. A part of an entry at the end is cut off; a missing file is
 *  an empty index. Status CORRUPT when the entries are not ascending. */
LV_MUST_USE lv_status lv_sparse_index_load(lv_sparse_index *index, lv_error *err);
/** Forgets the entries unless the index is being written. */
void lv_sparse_index_unload(lv_sparse_index *index);
/** Loads and opens for appending; `fresh` empties the file first. */
LV_MUST_USE lv_status lv_sparse_index_open(lv_sparse_index *index, bool fresh, lv_error *err);
/** Adds an entry if its key is above the last one's. The index must be open. A full disk is no
 *  error here: the file is then found CORRUPT and rebuilt when it is loaded again. */
void lv_sparse_index_append(lv_sparse_index *index, int64_t key, int32_t value);
/** Ends appending. */
void lv_sparse_index_seal(lv_sparse_index *index);

/** The last entry whose key is at most `key`; false if there is none. Must be loaded. */
bool lv_sparse_index_floor_key(const lv_sparse_index *index, int64_t key, lv_index_entry *entry);
/** The last entry whose value is at most `value`; false if there is none. Must be loaded. */
bool lv_sparse_index_floor_value(const lv_sparse_index *index, int32_t value,
                                 lv_index_entry *entry);
/** The last entry; false if there is none. Must be loaded. */
bool lv_sparse_index_last(const lv_sparse_index *index, lv_index_entry *entry);

#endif
