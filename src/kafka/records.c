/* records.c: batch headers, the walk over records, and the builder. */
#include "kafka/records.h"

#include "base/check.h"
#include "base/hash.h"
#include "kafka/compress.h"

enum { CRC_FROM = 21, LENGTH_FROM = 12, ATTRIBUTE_CODEC = 7, ATTRIBUTE_APPEND_TIME = 8, ATTRIBUTE_CONTROL = 32 };

bool lv_kafka_codec_parse(lv_str name, lv_kafka_codec *codec)
{
    static const char *const names[LV_KAFKA_CODEC_COUNT] = {"none", "gzip", "snappy", "lz4", "zstd"};
    for (int i = 0; i < LV_KAFKA_CODEC_COUNT; i++)
        if (lv_str_eq_nocase(name, lv_str_of(names[i]))) {
            *codec = (lv_kafka_codec)i;
            return true;
        }
    return false;
}

lv_status lv_record_batch_read(lv_str bytes, bool check_crc, lv_record_batch *batch, bool *complete, lv_error *err)
{
    lv_rd rd = lv_rd_of(bytes.ptr, bytes.len);
    *complete = false;
    int64_t base_offset = lv_rd_i64be(&rd);
    int32_t length = lv_rd_i32be(&rd);
    lv_rd_i32be(&rd);
    int8_t magic = (int8_t)lv_rd_u8(&rd);
    if (rd.failed)
        return LV_OK;
    if (magic != 2)
        return LV_FAIL(err, LV_KAFKA_PROTOCOL, "record batch at offset %lld has format %d; format 2 (Kafka 0.11 and later) is read",
                       (long long)base_offset, magic);
    if (length < LV_KAFKA_BATCH_HEADER_SIZE - LENGTH_FROM || base_offset < 0)
        return LV_FAIL(err, LV_KAFKA_PROTOCOL, "record batch at offset %lld has an impossible length of %d", (long long)base_offset, length);
    if (bytes.len - LENGTH_FROM < (size_t)length)
        return LV_OK;
    size_t size = (size_t)length + LENGTH_FROM;
    uint32_t crc = (uint32_t)lv_rd_i32be(&rd);
    if (check_crc && lv_crc32c(0, bytes.ptr + CRC_FROM, size - CRC_FROM) != crc)
        return LV_FAIL(err, LV_KAFKA_PROTOCOL, "record batch at offset %lld has a wrong checksum", (long long)base_offset);
    int16_t attributes = lv_rd_i16be(&rd);
    int32_t last_delta = lv_rd_i32be(&rd);
    int64_t base_ms = lv_rd_i64be(&rd), max_ms = lv_rd_i64be(&rd);
    lv_rd_bytes(&rd, 8 + 2 + 4); /* producer */
    int32_t count = lv_rd_i32be(&rd);
    if ((attributes & ATTRIBUTE_CODEC) >= LV_KAFKA_CODEC_COUNT || last_delta < 0 || count < 0 || base_offset > INT64_MAX - last_delta - 1)
        return LV_FAIL(err, LV_KAFKA_PROTOCOL, "record batch at offset %lld has a damaged header", (long long)base_offset);
    *batch = (lv_record_batch){.base_offset = base_offset,
                               .next_offset = base_offset + last_delta + 1,
                               .size_bytes = (int64_t)size,
                               .codec = (lv_kafka_codec)(attributes & ATTRIBUTE_CODEC),
                               .is_control = attributes & ATTRIBUTE_CONTROL,
                               .is_append_time = attributes & ATTRIBUTE_APPEND_TIME,
                               .base_timestamp_ms = base_ms,
                               .max_timestamp_ms = max_ms,
                               .record_count = count,
                               .records = lv_str_sub(bytes, LV_KAFKA_BATCH_HEADER_SIZE, size - LV_KAFKA_BATCH_HEADER_SIZE)};
    *complete = true;
    return LV_OK;
}

void lv_record_walk_begin(lv_record_walk *walk, const lv_record_batch *batch, lv_str records)
{
    *walk = (lv_record_walk){.rd = lv_rd_of(records.ptr, records.len),
                             .left = batch->record_count,
                             .base_offset = batch->base_offset,
                             .base_timestamp_ms = batch->base_timestamp_ms,
                             .fixed_timestamp_ms = batch->is_append_time ? batch->max_timestamp_ms : -1};
}

/* Zigzag varint; nearly all of them have one or two bytes. */
static inline int64_t read_varint(lv_rd *rd)
{
    if (LV_LIKELY(rd->ptr < rd->end && *rd->ptr < 0x80)) {
        uint8_t b = *rd->ptr++;
        return (int64_t)(b >> 1) ^ -(int64_t)(b & 1);
    }
    return lv_rd_varint(rd);
}

/* A length and that many bytes; a negative length is null. */
static inline lv_str read_slice(lv_rd *rd)
{
    int64_t len = read_varint(rd);
    if (len < 0)
        return LV_STR_NONE;
    const uint8_t *p = lv_rd_bytes(rd, (size_t)len);
    return (lv_str){(const char *)p, p ? (size_t)len : 0};
}

lv_status lv_record_walk_next(lv_record_walk *walk, int64_t from, int64_t until, const lv_record_slices *slices, int64_t at, int64_t room,
                              int64_t *filled, lv_error *err)
{
    int64_t n = 0;
    while (walk->left > 0 && n < room) {
        int64_t length = read_varint(&walk->rd);
        if (LV_UNLIKELY(length < 0 || walk->rd.failed || (size_t)length > lv_rd_left(&walk->rd)))
            return LV_FAIL(err, LV_KAFKA_PROTOCOL, "a record behind offset %lld is damaged", (long long)walk->base_offset);
        const uint8_t *end = walk->rd.ptr + length;
        lv_rd rd = {walk->rd.ptr + 1, end, length < 1}; /* behind the attributes */
        int64_t time_delta = read_varint(&rd), offset_delta = read_varint(&rd);
        lv_str key = read_slice(&rd), value = read_slice(&rd);
        if (LV_UNLIKELY(rd.failed))
            return LV_FAIL(err, LV_KAFKA_PROTOCOL, "a record behind offset %lld is damaged", (long long)walk->base_offset);
        walk->rd.ptr = end;
        walk->left--;
        int64_t offset = walk->base_offset + offset_delta;
        if (offset < from)
            continue;
        if (offset >= until) {
            walk->left = 0;
            break;
        }
        if (slices->values)
            slices->values[at + n] = value;
        if (slices->keys)
            slices->keys[at + n] = key;
        if (slices->offsets)
            slices->offsets[at + n] = offset;
        if (slices->timestamps_ms)
            slices->timestamps_ms[at + n] = walk->fixed_timestamp_ms >= 0 ? walk->fixed_timestamp_ms : walk->base_timestamp_ms + time_delta;
        n++;
        walk->next_offset = offset + 1;
    }
    *filled = n;
    return LV_OK;
}

/* ---- making batches ------------------------------------------------------------------------- */

void lv_batch_builder_init(lv_batch_builder *b)
{
    *b = (lv_batch_builder){0};
}

void lv_batch_builder_release(lv_batch_builder *b)
{
    lv_sbuf_release(&b->records);
    lv_sbuf_release(&b->packed);
    lv_deflater_free(b->deflater);
    *b = (lv_batch_builder){0};
}

static size_t varint_size(int64_t v)
{
    uint64_t u = (uint64_t)v << 1 ^ (uint64_t)(v >> 63);
    size_t n = 1;
    while (u >= 0x80) {
        u >>= 7;
        n++;
    }
    return n;
}

static void add_slice(lv_sbuf *out, lv_str s)
{
    lv_wr_varint(out, s.ptr ? (int64_t)s.len : -1);
    if (s.ptr)
        lv_sbuf_add_str(out, s);
}

void lv_batch_builder_add(lv_batch_builder *b, int64_t timestamp_ms, lv_str key, lv_str value)
{
    if (b->count == 0)
        b->first_timestamp_ms = b->max_timestamp_ms = timestamp_ms;
    b->max_timestamp_ms = LV_MAX(b->max_timestamp_ms, timestamp_ms);
    int64_t time_delta = timestamp_ms - b->first_timestamp_ms;
    size_t length = 1 + varint_size(time_delta) + varint_size(b->count) + varint_size(key.ptr ? (int64_t)key.len : -1) + key.len +
                    varint_size(value.ptr ? (int64_t)value.len : -1) + value.len + 1;
    lv_wr_varint(&b->records, (int64_t)length);
    lv_wr_u8(&b->records, 0);
    lv_wr_varint(&b->records, time_delta);
    lv_wr_varint(&b->records, b->count);
    add_slice(&b->records, key);
    add_slice(&b->records, value);
    lv_wr_varint(&b->records, 0); /* headers */
    b->count++;
}

lv_status lv_batch_builder_finish(lv_batch_builder *b, lv_kafka_codec codec, int64_t producer_id, int16_t producer_epoch,
                                  int32_t base_sequence, lv_sbuf *out, lv_error *err)
{
    LV_ASSERT(b->count > 0);
    lv_str body = lv_sbuf_str(&b->records);
    if (codec != LV_KAFKA_NONE) {
        if (b->deflater == NULL)
            b->deflater = lv_deflater_new();
        lv_sbuf_clear(&b->packed);
        LV_TRY(lv_deflate(b->deflater, codec, body, &b->packed, err));
        body = lv_sbuf_str(&b->packed);
    }
    size_t start = out->len;
    lv_wr_i64be(out, 0);
    lv_wr_i32be(out, (int32_t)(LV_KAFKA_BATCH_HEADER_SIZE - LENGTH_FROM + body.len));
    lv_wr_i32be(out, -1); /* leader epoch */
    lv_wr_u8(out, 2);
    lv_wr_i32be(out, 0); /* CRC, below */
    lv_wr_i16be(out, (int16_t)codec);
    lv_wr_i32be(out, b->count - 1);
    lv_wr_i64be(out, b->first_timestamp_ms);
    lv_wr_i64be(out, b->max_timestamp_ms);
    lv_wr_i64be(out, producer_id);
    lv_wr_i16be(out, producer_epoch);
    lv_wr_i32be(out, base_sequence);
    lv_wr_i32be(out, b->count);
    lv_sbuf_add_str(out, body);
    uint32_t crc = __builtin_bswap32(lv_crc32c(0, out->ptr + start + CRC_FROM, out->len - start - CRC_FROM));
    memcpy(out->ptr + start + 17, &crc, sizeof crc);
    lv_sbuf_clear(&b->records);
    b->count = 0;
    return LV_OK;
}
