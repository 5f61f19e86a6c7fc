/* stored_batch.c: reading and stamping batch headers. */
#include "hub/stored_batch.h"

#include "base/bytes.h"
#include "base/hash.h"

enum {
    AT_BASE_OFFSET = 0,
    AT_LEADER_EPOCH = 12,
    AT_CRC = 17,
    AT_ATTRIBUTES = 21,
    AT_TIMESTAMP_MAX = 35
};
enum { LEADER_EPOCH = 0 };

bool lv_stored_batch_read(const uint8_t *bytes, lv_stored_batch *batch)
{
    lv_rd rd = lv_rd_of(bytes, LV_BATCH_HEADER_SIZE);
    batch->base_offset = lv_rd_i64be(&rd);
    batch->size_bytes = (int64_t)lv_rd_i32be(&rd) + LV_BATCH_LOG_OVERHEAD;
    lv_rd_i32be(&rd);
    batch->magic = (int8_t)lv_rd_u8(&rd);
    batch->crc = (uint32_t)lv_rd_i32be(&rd);
    batch->attributes = lv_rd_i16be(&rd);
    batch->last_offset_delta = lv_rd_i32be(&rd);
    batch->timestamp_base = lv_rd_i64be(&rd);
    batch->timestamp_max = lv_rd_i64be(&rd);
    batch->producer_id = lv_rd_i64be(&rd);
    batch->producer_epoch = lv_rd_i16be(&rd);
    batch->base_sequence = lv_rd_i32be(&rd);
    batch->record_count = lv_rd_i32be(&rd);
    return batch->magic == LV_BATCH_MAGIC && batch->size_bytes >= LV_BATCH_HEADER_SIZE &&
           batch->record_count > 0 && batch->last_offset_delta >= 0;
}

static uint32_t crc_of(const uint8_t *bytes, const lv_stored_batch *batch)
{
    return lv_crc32c(0, bytes + AT_ATTRIBUTES, (size_t)batch->size_bytes - AT_ATTRIBUTES);
}

bool lv_stored_batch_crc_fits(const uint8_t *bytes, const lv_stored_batch *batch)
{
    return crc_of(bytes, batch) == batch->crc;
}

static void put32(uint8_t *to, uint32_t value)
{
    value = __builtin_bswap32(value);
    memcpy(to, &value, sizeof value);
}

static void put64(uint8_t *to, uint64_t value)
{
    value = __builtin_bswap64(value);
    memcpy(to, &value, sizeof value);
}

void lv_stored_batch_stamp(uint8_t *bytes, lv_stored_batch *batch, int64_t base_offset,
                           int64_t append_time_ms)
{
    batch->base_offset = base_offset;
    put64(bytes + AT_BASE_OFFSET, (uint64_t)base_offset);
    put32(bytes + AT_LEADER_EPOCH, LEADER_EPOCH);
    int16_t attributes = batch->attributes & ~LV_BATCH_APPEND_TIME;
    if (append_time_ms >= 0) {
        attributes |= LV_BATCH_APPEND_TIME;
        batch->timestamp_max = append_time_ms;
        put64(bytes + AT_TIMESTAMP_MAX, (uint64_t)append_time_ms);
    }
    if (append_time_ms < 0 && attributes == batch->attributes)
        return;
    batch->attributes = attributes;
    uint16_t swapped = __builtin_bswap16((uint16_t)attributes);
    memcpy(bytes + AT_ATTRIBUTES, &swapped, sizeof swapped);
    batch->crc = crc_of(bytes, batch);
    put32(bytes + AT_CRC, batch->crc);
}
