/* stored_batch.h: what the hub does with a record batch: it reads the header and sets three fields.
 *
 *   base offset            the batch's place in the log
 *   partition leader epoch always 0: there is one broker
 *   max timestamp          with LogAppendTime, whose bit is then set in the attributes, and the CRC,
 *                          which covers both, made anew
 *
 * Records stay as they came. The whole layout is drawn in kafka/records.h. */
#ifndef LV_HUB_STORED_BATCH_H
#define LV_HUB_STORED_BATCH_H

#include "base/compiler.h"
#include "kafka/records.h"

enum {
    LV_BATCH_LOG_OVERHEAD = 12, /* base offset and length, which the length does not count */
    LV_BATCH_HEADER_SIZE = LV_KAFKA_BATCH_HEADER_SIZE,
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
void lv_stored_batch_stamp(uint8_t *bytes, lv_stored_batch *batch, int64_t base_offset,
                           int64_t append_time_ms);

#endif
