/* delta_packed.h: Parquet's delta encodings.
 *
 * DELTA_BINARY_PACKED: uvarint block size, uvarint miniblocks per block, uvarint count, zigzag first
 * value; then blocks: zigzag least delta, a byte with the width of each miniblock, the miniblocks
 * with (delta - least delta) packed. Arithmetic wraps at the type's width.
 * DELTA_LENGTH_BYTE_ARRAY: lengths so, then all bytes. DELTA_BYTE_ARRAY: lengths of the prefix shared
 * with the value before, so, then the suffixes as DELTA_LENGTH_BYTE_ARRAY.
 *
 * Source: apache/parquet-format, Encodings.md. We write blocks of 128 in 4 miniblocks. */
#ifndef LV_PARQUET_DELTA_PACKED_H
#define LV_PARQUET_DELTA_PACKED_H

#include "base/bytes.h"

/** Appends the values. */
void lv_pq_delta_encode_i32(const int32_t *values, size_t count, lv_sbuf *out);
void lv_pq_delta_encode_i64(const int64_t *values, size_t count, lv_sbuf *out);

/** Decodes in pieces. */
typedef struct lv_pq_delta {
    lv_rd rd;
    unsigned value_bits; /* 32 or 64 */
    uint64_t count;      /* as the header says */
    uint64_t left;       /* of it, not handed out */
    uint64_t last;       /* value handed out last */
    uint64_t min_delta;
    size_t mini_size;  /* values in a miniblock */
    size_t mini_count; /* miniblocks in a block */
    size_t mini_next;  /* in the block */
    const uint8_t *widths;
    bool first;          /* `last` is still to be handed out */
    uint64_t deltas[32]; /* unpacked, without min_delta */
    size_t delta_next, delta_count;
    size_t mini_left; /* values of the miniblock still packed */
    unsigned width;
} lv_pq_delta;

/** Reads the header; false if it is malformed. */
LV_MUST_USE bool lv_pq_delta_init(lv_pq_delta *delta, const void *bytes, size_t len,
                                  unsigned value_bits);
/** The next `count` values; false if there are not so many or the bytes are malformed. */
LV_MUST_USE bool lv_pq_delta_decode_i32(lv_pq_delta *delta, int32_t *out, size_t count);
LV_MUST_USE bool lv_pq_delta_decode_i64(lv_pq_delta *delta, int64_t *out, size_t count);
/** After all values were decoded: the bytes behind them. False if the bytes end before. */
LV_MUST_USE bool lv_pq_delta_rest(lv_pq_delta *delta, lv_str *rest);

#endif
