/* compress.h: the codecs of pages. */
#ifndef LV_PARQUET_COMPRESS_H
#define LV_PARQUET_COMPRESS_H

#include "base/status.h"
#include "base/str.h"
#include "parquet/parquet.h"

/** Contexts of the codecs, made when first needed and then reused. Zero is an empty one. */
typedef struct lv_pq_codecs {
    void *zstd_compress;
    void *zstd_decompress;
} lv_pq_codecs;

void lv_pq_codecs_release(lv_pq_codecs *codecs);
/** Replaces the content of `out` with the compressed bytes. */
LV_MUST_USE lv_status lv_pq_compress(lv_pq_codecs *codecs, lv_parquet_codec codec, int level,
                                     lv_str bytes, lv_sbuf *out, lv_error *err);
/** The same for bytes that are known not to shrink: a frame that stores them, where the codec has
 *  one that costs nothing to make. */
LV_MUST_USE lv_status lv_pq_store(lv_pq_codecs *codecs, lv_parquet_codec codec, int level,
                                  lv_str bytes, lv_sbuf *out, lv_error *err);
/** The most that `bytes` can decompress to, going by the format: to be asked before memory is taken
 *  for what a page claims. */
size_t lv_pq_decompressed_max(int codec, lv_str bytes);
/** PARQUET_UNSUPPORTED for LZO and unknown codecs. Here and below, `codec` is a number of the
 *  file (CompressionCodec). */
LV_MUST_USE lv_status lv_pq_codec_check(int codec, lv_error *err);
/** Fills exactly `len` bytes. PARQUET_CORRUPT if the bytes are not what they should be. */
LV_MUST_USE lv_status lv_pq_decompress(lv_pq_codecs *codecs, int codec, lv_str bytes, void *out,
                                       size_t len, lv_error *err);

#endif
