/* value_decoder.h: the values of a data or dictionary page, in any encoding, in pieces.
 *
 * Values come out by physical type: BOOLEAN as uint8_t, INT32, INT64, FLOAT, DOUBLE as such, INT96 as
 * 12 bytes, BYTE_ARRAY and FIXED as lv_str into the page or the page's arena. */
#ifndef LV_PARQUET_VALUE_DECODER_H
#define LV_PARQUET_VALUE_DECODER_H

#include "parquet/delta_packed.h"
#include "parquet/parquet_int.h"
#include "parquet/rle.h"

typedef struct lv_pq_value_decoder {
    lv_pq_encoding encoding;
    const lv_pq_leaf *leaf;
    lv_rd rd;              /* PLAIN */
    size_t bit;            /* PLAIN booleans: next bit of rd.ptr */
    lv_pq_rle rle;         /* codes, booleans */
    lv_pq_delta delta;     /* numbers */
    const lv_str *strings; /* decoded at once: DELTA_LENGTH_BYTE_ARRAY, DELTA_BYTE_ARRAY */
    size_t string_count, next;
    const uint8_t *split; /* BYTE_STREAM_SPLIT */
    size_t split_count;
    lv_arena *arena;
} lv_pq_value_decoder;

/** Bytes of one decoded value. */
size_t lv_pq_decoded_size(lv_pq_physical physical);
/** `count_max` is the number of values that the page can hold at most. False if the encoding does not
 *  fit the type or the bytes are malformed. */
LV_MUST_USE bool lv_pq_value_decoder_init(lv_pq_value_decoder *decoder, lv_pq_encoding encoding,
                                          const lv_pq_leaf *leaf, lv_str bytes, size_t count_max,
                                          lv_arena *arena);
/** The next `count` values; false if there are not so many. Not for dictionary encodings. */
LV_MUST_USE bool lv_pq_value_decode(lv_pq_value_decoder *decoder, size_t count, void *out);
/** The next codes of a dictionary-encoded page, each below `limit`. */
LV_MUST_USE bool lv_pq_value_decode_codes(lv_pq_value_decoder *decoder, size_t count,
                                          uint32_t limit, uint32_t *out);

#endif
