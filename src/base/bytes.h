/* bytes.h: reading outside bytes without ever leaving them.
 *
 * lv_rd walks a buffer. A read past the end sets `failed`, yields zero, and moves no further, so a
 * decoder can read a whole record and check `failed` once before it trusts a value. Lengths read
 * from the wire are checked against what is left before anything is allocated.
 * Kafka is big-endian with zigzag varints; Parquet and Delta's deletion vectors are little-endian. */
#ifndef LV_BASE_BYTES_H
#define LV_BASE_BYTES_H

#include <string.h>

#include "base/str.h"

typedef struct lv_rd {
    const uint8_t *ptr;
    const uint8_t *end;
    bool failed;
} lv_rd;

static inline lv_rd lv_rd_of(const void *bytes, size_t len)
{
    return (lv_rd){bytes, (const uint8_t *)bytes + len, false};
}
static inline size_t lv_rd_left(const lv_rd *rd)
{
    return (size_t)(rd->end - rd->ptr);
}
static inline bool lv_rd_need(lv_rd *rd, size_t n)
{
    if (LV_LIKELY(lv_rd_left(rd) >= n))
        return true;
    rd->failed = true;
    rd->ptr = rd->end;
    return false;
}
/** The next `n` bytes, borrowed; NULL (and failed) if there are fewer. */
static inline const uint8_t *lv_rd_bytes(lv_rd *rd, size_t n)
{
    if (!lv_rd_need(rd, n))
        return NULL;
    const uint8_t *p = rd->ptr;
    rd->ptr += n;
    return p;
}
static inline uint8_t lv_rd_u8(lv_rd *rd)
{
    return lv_rd_need(rd, 1) ? *rd->ptr++ : 0;
}

#define LV_RD_INT(name, type, swap)                                                                \
    static inline type name(lv_rd *rd)                                                             \
    {                                                                                              \
        type v = 0;                                                                                \
        if (lv_rd_need(rd, sizeof v)) {                                                            \
            memcpy(&v, rd->ptr, sizeof v);                                                         \
            rd->ptr += sizeof v;                                                                   \
        }                                                                                          \
        return (type)swap(v);                                                                      \
    }
LV_RD_INT(lv_rd_i16be, int16_t, __builtin_bswap16)
LV_RD_INT(lv_rd_i32be, int32_t, (int32_t)__builtin_bswap32)
LV_RD_INT(lv_rd_i64be, int64_t, (int64_t)__builtin_bswap64)
LV_RD_INT(lv_rd_u32le, uint32_t, )
LV_RD_INT(lv_rd_u64le, uint64_t, )
#undef LV_RD_INT

/** LEB128, at most 10 bytes; fails on longer ones. */
static inline uint64_t lv_rd_uvarint(lv_rd *rd)
{
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        uint8_t b = lv_rd_u8(rd);
        value |= (uint64_t)(b & 0x7F) << shift;
        if (!(b & 0x80))
            return value;
    }
    rd->failed = true;
    rd->ptr = rd->end;
    return 0;
}
/** Zigzag LEB128. */
static inline int64_t lv_rd_varint(lv_rd *rd)
{
    uint64_t u = lv_rd_uvarint(rd);
    return (int64_t)(u >> 1) ^ -(int64_t)(u & 1);
}

/* Writing, into an lv_sbuf. */
static inline void lv_wr_u8(lv_sbuf *b, uint8_t v)
{
    lv_sbuf_add(b, &v, 1);
}
static inline void lv_wr_i16be(lv_sbuf *b, int16_t v)
{
    uint16_t s = __builtin_bswap16((uint16_t)v);
    lv_sbuf_add(b, &s, sizeof s);
}
static inline void lv_wr_i32be(lv_sbuf *b, int32_t v)
{
    uint32_t s = __builtin_bswap32((uint32_t)v);
    lv_sbuf_add(b, &s, sizeof s);
}
static inline void lv_wr_i64be(lv_sbuf *b, int64_t v)
{
    uint64_t s = __builtin_bswap64((uint64_t)v);
    lv_sbuf_add(b, &s, sizeof s);
}
static inline void lv_wr_u32le(lv_sbuf *b, uint32_t v)
{
    lv_sbuf_add(b, &v, sizeof v);
}
static inline void lv_wr_u64le(lv_sbuf *b, uint64_t v)
{
    lv_sbuf_add(b, &v, sizeof v);
}
static inline void lv_wr_uvarint(lv_sbuf *b, uint64_t v)
{
    uint8_t out[10];
    size_t n = 0;
    while (v >= 0x80) {
        out[n++] = (uint8_t)(v | 0x80);
        v >>= 7;
    }
    out[n++] = (uint8_t)v;
    lv_sbuf_add(b, out, n);
}
static inline void lv_wr_varint(lv_sbuf *b, int64_t v)
{
    lv_wr_uvarint(b, (uint64_t)v << 1 ^ (uint64_t)(v >> 63));
}

#endif
