/* partition.h: the log of one partition: segments, producers, and who waits for more.
 *
 *   <data dir>/<topic>-<partition>/00000000000000000000.log .index .timeindex
 *                                  00000000000000812345.log ...        the last one grows
 *                                  00000000000000812345.producers      state before that offset
 *
 * Offsets below `start_offset` were deleted by retention. `high_watermark` is the end that readers
 * see: with fsync `always` it moves only after the sync, so that nobody reads what could be lost.
 *
 * @thread the hub's loop, for everything. */
#ifndef LV_HUB_PARTITION_H
#define LV_HUB_PARTITION_H

#include "hub/producers.h"
#include "hub/segment.h"
#include "hub/syncer.h"

typedef struct lv_topic_config {
    int64_t retention_ms;    /* -1: for ever */
    int64_t retention_bytes; /* of a partition; -1: no limit */
    int64_t segment_bytes;
    int64_t max_message_bytes; /* of a record batch */
    bool append_time;          /* LogAppendTime, else CreateTime */
} lv_topic_config;

/** Somebody who waits for a partition to grow; a member of the waiter's own struct. */
typedef struct lv_waiter {
    struct lv_waiter *next;
    struct lv_waiter **link; /* what points here; NULL when not waiting */
    void *owner;
} lv_waiter;

typedef struct lv_partition {
    char *dir; /* owned */
    const lv_topic_config *config;
    lv_syncer *syncer;     /* borrowed */
    lv_segment **segments; /* ascending; the last one grows */
    size_t segment_count;
    size_t segment_capacity;
    lv_producers producers;
    int64_t producers_expired_ms; /* when the idle ones were last forgotten */
    int64_t high_watermark;
    int64_t visible_bytes;       /* of the last segment, below the high watermark */
    int64_t visible_bytes_total; /* ever published; differences tell how much is new */
    lv_segment *warm;            /* the sealed segment whose indexes are loaded, borrowed */
    lv_waiter *waiters;
    struct lv_partition *next_changed; /* in the hub's list of partitions to publish */
    bool changed;
    bool sync_on_roll; /* fsync always: a segment must be durable before the next one begins */
    bool unsynced;     /* fsync interval: written since the last sync */
} lv_partition;

/** Bytes of whole batches in a segment's file. */
typedef struct lv_log_slice {
    lv_segment *segment; /* a reference, the receiver's; NULL when empty */
    int64_t position;
    int64_t size_bytes;
} lv_log_slice;

/** Opens the folder `dir` (made if missing). Unless `trusted` (the hub stopped cleanly) the end of the
 *  log is checked batch by batch; `*torn_bytes` were cut off. `config` must outlive the partition. */
LV_MUST_USE lv_status lv_partition_open(const char *dir, const lv_topic_config *config,
                                        lv_syncer *syncer, bool trusted, lv_partition **partition,
                                        int64_t *torn_bytes, lv_error *err);
/** Closes; `clean` saves the producers' state for a trusted start. Nobody may be waiting. */
void lv_partition_close(lv_partition *partition, bool clean);

static inline int64_t lv_partition_start_offset(const lv_partition *partition)
{
    return partition->segments[0]->base_offset;
}
static inline lv_segment *lv_partition_active(const lv_partition *partition)
{
    return partition->segments[partition->segment_count - 1];
}

/** Appends a checked batch (see request_produce.c), stamped in place. Returns an error code; for NONE
 *  `*base_offset` is where it is, also when it is a duplicate, which is not stored again. */
int16_t lv_partition_append(lv_partition *partition, uint8_t *bytes, lv_stored_batch *batch,
                            int64_t now_ms, int64_t *base_offset);
/** fdatasync of what was appended. */
LV_MUST_USE lv_status lv_partition_sync(lv_partition *partition, lv_error *err);
/** Lets readers see all that was appended. */
void lv_partition_publish(lv_partition *partition);
/** Whole batches from the one that holds `offset`, up to `max_bytes`; the first one even if it is larger
 *  when `at_least_one`. Empty at the high watermark. Returns an error code. */
int16_t lv_partition_read(lv_partition *partition, int64_t offset, int64_t max_bytes,
                          bool at_least_one, lv_log_slice *slice);
/** The first batch with a record at or after `timestamp_ms`; an empty slice if there is none. Returns an
 *  error code. */
int16_t lv_partition_find_time(lv_partition *partition, int64_t timestamp_ms, lv_log_slice *slice,
                               lv_stored_batch *batch);
/** Deletes what the topic's retention no longer keeps, and producers not seen for a day. */
void lv_partition_retain(lv_partition *partition, int64_t now_ms);

void lv_waiter_add(lv_partition *partition, lv_waiter *waiter);
void lv_waiter_remove(lv_waiter *waiter);

#endif
