/* stored_batch.h: the header of a record batch, which is all that the hub reads of one.
 *
 *    0 int64  base offset              set by the hub
 *    8 int32  length of what follows
 *   12 int32  partition leader epoch   set by the hub
 *   16 int8   magic, 2
 *   17 uint32 CRC-32C of all from here on
 *   21 int16  attributes: bits 0-2 codec, 3 LogAppendTime, 4 transactional, 5 control
 *   23 int32  last offset delta
 *   27 int64  base timestamp, ms
 *   35 int64  max timestamp, ms        set by the hub for LogAppendTime (then the CRC is made anew)
 *   43 int64  producer id, 51 int16 producer epoch, 53 int32 base sequence; -1 if not idempotent
 *   57 int32  number of records, which follow, compressed or not
 *
 * Source: Apache Kafka's record batch format, message format 2. */
#ifndef LV_HUB_STORED_BATCH_H
#define LV_HUB_STORED_BATCH_H

#include "base/compiler.h"

enum {
    LV_BATCH_LOG_OVERHEAD = 12, /* base offset and length */
    LV_BATCH_HEADER_SIZE = 61,
    LV_BATCH_MAGIC = 2,
    LV_BATCH_APPEND_TIME = 1 << 3,
    LV_BATCH_TRANSACTIONAL = 1 << 4,
    LV_BATCH_CONTROL = 1 << 5,
};

typedef struct lv_stored_batch {
    int64_t base_offset;
    int64_t size_bytes; /* with base offset and length */
    int8_t magic;
    uint32_t crc;
    int16_t attributes;
    int32_t last_offset_delta;
    int64_t timestamp_base;
    int64_t timestamp_max;
    int64_t producer_id;
    int16_t producer_epoch;
    int32_t base_sequence;
    int32_t record_count;
} lv_stored_batch;

static inline int64_t lv_stored_batch_next_offset(const lv_stored_batch *batch)
{
    return batch->base_offset + batch->last_offset_delta + 1;
}
/** Reads a header of LV_BATCH_HEADER_SIZE bytes; false if its length or counts cannot be. */
bool lv_stored_batch_read(const uint8_t *bytes, lv_stored_batch *batch);
/** Whether the CRC fits the batch's `size_bytes` bytes. */
bool lv_stored_batch_crc_fits(const uint8_t *bytes, const lv_stored_batch *batch);
/** Gives a batch its place in the log, in the bytes and in `batch`; with `append_time_ms` >= 0 also its
 *  time, and then a new CRC. */
void lv_stored_batch_stamp(uint8_t *bytes, lv_stored_batch *batch, int64_t base_offset, int64_t append_time_ms);

#endif
