/* records.c: batch headers, the walk over records, and the builder. */
#include "kafka/records.h"

#include "base/check.h"
#include "base/hash.h"
#include "kafka/codec.h"

enum {
    CRC_FROM = 21,
    LENGTH_FROM = 12,
    ATTRIBUTE_CODEC = 7,
    ATTRIBUTE_APPEND_TIME = 8,
    ATTRIBUTE_CONTROL = 32
};

bool lv_kafka_codec_parse(lv_str name, lv_kafka_codec *codec)
{
    static const char *const names[LV_KAFKA_CODEC_COUNT] = {"none", "gzip", "snappy", "lz4",
                                                            "zstd"};
    for (int i = 0; i < LV_KAFKA_CODEC_COUNT; i++)
        if (lv_str_eq_nocase(name, lv_str_of(names[i]))) {
            *codec = (lv_kafka_codec)i;
            return true;
        }
    return false;
}

lv_status lv_record_batch_read(lv_str bytes, bool check_crc, lv_record_batch *batch, bool *complete,
                               lv_error *err)
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
        return LV_FAIL(
            err, LV_KAFKA_PROTOCOL,
            "record batch at offset %lld has format %d; format 2 (Kafka 0.11 and later) is read",
            (long long)base_offset, magic);
    if (length < LV_KAFKA_BATCH_HEADER_SIZE - LENGTH_FROM || length > LV_KAFKA_BATCH_MAX_BYTES ||
        base_offset < 0)
        return LV_FAIL(err, LV_KAFKA_PROTOCOL,
                       "record batch at offset %lld has an impossible length of %d",
                       (long long)base_offset, length);
    if (bytes.len - LENGTH_FROM < (size_t)length)
        return LV_OK;
    size_t size = (size_t)length + LENGTH_FROM;
    uint32_t crc = (uint32_t)lv_rd_i32be(&rd);
    if (check_crc && lv_crc32c(0, bytes.ptr + CRC_FROM, size - CRC_FROM) != crc)
        return LV_FAIL(err, LV_KAFKA_PROTOCOL, "record batch at offset %lld has a wrong checksum",
                       (long long)base_offset);
    int16_t attributes = lv_rd_i16be(&rd);
    int32_t last_delta = lv_rd_i32be(&rd);
    int64_t base_ms = lv_rd_i64be(&rd), max_ms = lv_rd_i64be(&rd);
    lv_rd_bytes(&rd, 8 + 2 + 4); /* producer */
    int32_t count = lv_rd_i32be(&rd);
    if ((attributes & ATTRIBUTE_CODEC) >= LV_KAFKA_CODEC_COUNT || last_delta < 0 || count < 0 ||
        base_offset > INT64_MAX - last_delta - 1)
        return LV_FAIL(err, LV_KAFKA_PROTOCOL, "record batch at offset %lld has a damaged header",
                       (long long)base_offset);
    *batch = (lv_record_batch){.base_offset = base_offset,
                               .next_offset = base_offset + last_delta + 1,
                               .size_bytes = (int64_t)size,
                               .codec = (lv_kafka_codec)(attributes & ATTRIBUTE_CODEC),
                               .is_control = attributes & ATTRIBUTE_CONTROL,
                               .is_append_time = attributes & ATTRIBUTE_APPEND_TIME,
                               .base_timestamp_ms = base_ms,
                               .max_timestamp_ms = max_ms,
                               .record_count = count,
                               .records = lv_str_sub(bytes, LV_KAFKA_BATCH_HEADER_SIZE,
                                                     size - LV_KAFKA_BATCH_HEADER_SIZE)};
    *complete = true;
    return LV_OK;
}

void lv_record_walk_begin(lv_record_walk *walk, const lv_record_batch *batch, lv_str records)
{
    *walk = (lv_record_walk){.rd = lv_rd_of(records.ptr, records.len),
                             .left = batch->record_count,
                             .next_offset = batch->base_offset,
                             .base_offset = batch->base_offset,
                             .end_offset = batch->next_offset,
                             .base_timestamp_ms = batch->base_timestamp_ms,
                             .fixed_timestamp_ms = batch->max_timestamp_ms,
                             .is_append_time = batch->is_append_time};
}

/* Zigzag varint; nearly all of them have one or two bytes. */
static LV_ALWAYS_INLINE int64_t read_varint(lv_rd *rd)
{
    if (LV_LIKELY(lv_rd_left(rd) >= 2)) {
        uint32_t low = rd->ptr[0], high = rd->ptr[1];
        if (low < 0x80) {
            rd->ptr++;
            return (int64_t)(low >> 1) ^ -(int64_t)(low & 1);
        }
        if (high < 0x80) {
            rd->ptr += 2;
            uint32_t u = (low & 0x7F) | high << 7;
            return (int64_t)(u >> 1) ^ -(int64_t)(u & 1);
        }
    }
    return lv_rd_varint(rd);
}

/* A length and that many bytes; a negative length is null. */
static LV_ALWAYS_INLINE lv_str read_slice(lv_rd *rd)
{
    int64_t len = read_varint(rd);
    if (len < 0)
        return LV_STR_NONE;
    const uint8_t *p = lv_rd_bytes(rd, (size_t)len);
    return (lv_str){(const char *)p, p ? (size_t)len : 0};
}

/* The sum as the Java clients have it: outside numbers may wrap around. */
static inline int64_t add_wrapping(int64_t a, int64_t b)
{
    return (int64_t)((uint64_t)a + (uint64_t)b);
}

static LV_NOINLINE lv_status damaged_record(const lv_record_walk *walk, lv_error *err)
{
    return LV_FAIL(err, LV_KAFKA_PROTOCOL,
                   "a record behind offset %lld, in the batch at %lld, is damaged",
                   (long long)walk->next_offset - 1, (long long)walk->base_offset);
}

lv_status lv_record_walk_next(lv_record_walk *walk, int64_t from, int64_t until,
                              const lv_record_slices *slices, int64_t at, int64_t room,
                              int64_t *filled, lv_error *err)
{
    const lv_record_slices to = *slices; /* a copy, since stores below cannot change it */
    int64_t n = at, end = at + room;
    while (walk->left > 0 && n < end) {
        int64_t length = read_varint(&walk->rd);
        if (LV_UNLIKELY(walk->rd.failed || length < 1 || (uint64_t)length > lv_rd_left(&walk->rd)))
            return damaged_record(walk, err);
        lv_rd rd = lv_rd_of(walk->rd.ptr + 1, (size_t)length - 1); /* behind the attributes */
        walk->rd.ptr += length;
        int64_t time_delta = read_varint(&rd), offset_delta = read_varint(&rd);
        lv_str key = read_slice(&rd), value = read_slice(&rd);
        if (LV_UNLIKELY(rd.failed || offset_delta < walk->next_offset - walk->base_offset ||
                        offset_delta >= walk->end_offset - walk->base_offset))
            return damaged_record(walk, err);
        int64_t offset = walk->base_offset + offset_delta;
        walk->next_offset = offset + 1;
        walk->left--;
        if (LV_UNLIKELY(offset < from))
            continue;
        if (LV_UNLIKELY(offset >= until)) {
            walk->left = 0;
            *filled = n - at;
            return LV_OK;
        }
        if (to.values)
            to.values[n] = value;
        if (to.keys)
            to.keys[n] = key;
        if (to.offsets)
            to.offsets[n] = offset;
        if (to.timestamps_ms)
            to.timestamps_ms[n] = walk->is_append_time
                                      ? walk->fixed_timestamp_ms
                                      : add_wrapping(walk->base_timestamp_ms, time_delta);
        n++;
    }
    if (LV_UNLIKELY(walk->left == 0 && lv_rd_left(&walk->rd) > 0))
        return LV_FAIL(err, LV_KAFKA_PROTOCOL,
                       "the batch at offset %lld has bytes behind its last record",
                       (long long)walk->base_offset);
    *filled = n - at;
    return LV_OK;
}

/* ---- making batches -------------------------------------------------------------------------- */

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
    return u < 0x80 ? 1 : (size_t)(70 - __builtin_clzll(u)) / 7;
}

static uint8_t *put_varint(uint8_t *p, int64_t v)
{
    uint64_t u = (uint64_t)v << 1 ^ (uint64_t)(v >> 63);
    for (; u >= 0x80; u >>= 7)
        *p++ = (uint8_t)(u | 0x80);
    *p++ = (uint8_t)u;
    return p;
}

static size_t slice_size(lv_str s)
{
    return s.ptr ? varint_size((int64_t)s.len) + s.len : 1;
}

static uint8_t *put_slice(uint8_t *p, lv_str s)
{
    p = put_varint(p, s.ptr ? (int64_t)s.len : -1);
    if (s.len > 0)
        memcpy(p, s.ptr, s.len);
    return p + s.len;
}

void lv_batch_builder_add(lv_batch_builder *b, int64_t timestamp_ms, lv_str key, lv_str value)
{
    if (b->count == 0)
        b->first_timestamp_ms = b->max_timestamp_ms = timestamp_ms;
    b->max_timestamp_ms = LV_MAX(b->max_timestamp_ms, timestamp_ms);
    int64_t time_delta = timestamp_ms - b->first_timestamp_ms;
    size_t length = 1 + varint_size(time_delta) + varint_size(b->count) + slice_size(key) +
                    slice_size(value) + 1;
    size_t size = varint_size((int64_t)length) + length;
    uint8_t *start = (uint8_t *)lv_sbuf_reserve(&b->records, size);
    uint8_t *p = put_varint(start, (int64_t)length);
    *p++ = 0; /* attributes */
    p = put_varint(p, time_delta);
    p = put_varint(p, b->count);
    p = put_slice(p, key);
    p = put_slice(p, value);
    *p++ = 0; /* no headers */
    LV_DCHECK(p == start + size);
    b->records.len += size;
    b->count++;
}

lv_status lv_batch_builder_finish(lv_batch_builder *b, lv_kafka_codec codec, int64_t producer_id,
                                  int16_t producer_epoch, int32_t base_sequence, lv_sbuf *out,
                                  lv_error *err)
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
    if (body.len > INT32_MAX - LV_KAFKA_BATCH_HEADER_SIZE)
        return LV_FAIL(err, LV_USAGE, "a record batch of %zu bytes is too large", body.len);
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
    uint32_t crc =
        __builtin_bswap32(lv_crc32c(0, out->ptr + start + CRC_FROM, out->len - start - CRC_FROM));
    memcpy(out->ptr + start + 17, &crc, sizeof crc);
    lv_sbuf_clear(&b->records);
    b->count = 0;
    return LV_OK;
}
