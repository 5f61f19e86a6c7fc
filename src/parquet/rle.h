/* rle.h: Parquet's hybrid of run lengths and bit packing, for levels, dictionary codes, booleans.
 *
 *   run      uvarint(length << 1), value in ceil(width / 8) bytes
 *   packed   uvarint(groups << 1 | 1), groups * 8 values of `width` bits; the last group of all may
 *            overhang the number of values
 *
 * Source: apache/parquet-format, Encodings.md, "Run Length Encoding / Bit-Packing Hybrid". */
#ifndef LV_PARQUET_RLE_H
#define LV_PARQUET_RLE_H

#include "base/bytes.h"

/** Appends `count` values of `width` bits. Runs of 8 and more equal values become runs. */
void lv_pq_rle_encode_u8(const uint8_t *values, size_t count, unsigned width, lv_sbuf *out);
void lv_pq_rle_encode_u32(const uint32_t *values, size_t count, unsigned width, lv_sbuf *out);
/** Appends one run, as of a page in which all levels are the same. */
void lv_pq_rle_encode_run(uint32_t value, size_t count, unsigned width, lv_sbuf *out);

/** Decodes in pieces. */
typedef struct lv_pq_rle {
    lv_rd rd;
    unsigned width;
    uint32_t value;       /* of the run */
    uint64_t run_left;    /* values left of a run */
    uint64_t packed_left; /* values left of a packed stretch, whose bytes are in `rd` */
    uint32_t group[32];   /* values unpacked but not yet handed out */
    unsigned group_next;
    unsigned group_count;
} lv_pq_rle;

/** `width` is at most 32. */
void lv_pq_rle_init(lv_pq_rle *rle, const void *bytes, size_t len, unsigned width);
/** The next `count` values; false if there are not so many. */
LV_MUST_USE bool lv_pq_rle_decode(lv_pq_rle *rle, uint32_t *out, size_t count);
/** Whether the next `count` values are one run of `value`; if so they are passed over. */
bool lv_pq_rle_skip_run(lv_pq_rle *rle, uint32_t value, size_t count);
/** lv_pq_rle_decode for widths up to 8. */
LV_MUST_USE bool lv_pq_rle_decode_u8(lv_pq_rle *rle, uint8_t *out, size_t count);

#endif
