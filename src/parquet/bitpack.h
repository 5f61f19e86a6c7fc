/* bitpack.h: integers of a fixed number of bits, least significant bit first, as all of Parquet's
 * packed encodings have them. The kernels do 32 values at a time and are specialised by width. */
#ifndef LV_PARQUET_BITPACK_H
#define LV_PARQUET_BITPACK_H

#include "base/compiler.h"

/** Packs `count` values of `width` bits (0..32; higher bits must be zero) into
 *  count * width / 8 bytes, rounded up; unused bits of the last byte are zero. */
void lv_pq_pack_u8(const uint8_t *values, size_t count, unsigned width, uint8_t *out);
void lv_pq_pack_u32(const uint32_t *values, size_t count, unsigned width, uint8_t *out);
/** The same for 0..64 bits. */
void lv_pq_pack_u64(const uint64_t *values, size_t count, unsigned width, uint8_t *out);
/** Unpacks `count` values; `in` has at least count * width / 8 bytes, rounded up, and
 *  `in_len` says how many may be read. */
void lv_pq_unpack_u32(const uint8_t *in, size_t in_len, size_t count, unsigned width,
                      uint32_t *out);
void lv_pq_unpack_u64(const uint8_t *in, size_t in_len, size_t count, unsigned width,
                      uint64_t *out);

static inline size_t lv_pq_packed_bytes(size_t count, unsigned width)
{
    return (count * width + 7) / 8;
}

#endif
