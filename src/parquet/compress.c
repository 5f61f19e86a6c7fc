/* compress.c: see compress.h.
 *
 * LZ4 comes in three dresses. LZ4_RAW is a bare block. The older LZ4 is, by Hadoop's convention, a
 * series of {u32be uncompressed size, u32be compressed size, block}, but Arrow once wrote bare
 * blocks under its number too, so both are tried. Gzip may be several members in a row. Brotli is
 * read, never written: few readers have it. */
#include "parquet/compress.h"

#include <brotli/decode.h>
#include <lz4.h>
#include <snappy-c.h>
#include <zlib.h>
#include <zstd.h>

#include "base/bytes.h"
#include "parquet/metadata.h"

void lv_pq_codecs_release(lv_pq_codecs *codecs)
{
    ZSTD_freeCCtx(codecs->zstd_compress);
    ZSTD_freeDCtx(codecs->zstd_decompress);
    *codecs = (lv_pq_codecs){0};
}

/* ---- compressing ----------------------------------------------------------------------------- */

static lv_status compress_zstd(lv_pq_codecs *codecs, int level, lv_str bytes, lv_sbuf *out,
                               lv_error *err)
{
    if (codecs->zstd_compress == NULL)
        codecs->zstd_compress = ZSTD_createCCtx();
    size_t room = ZSTD_compressBound(bytes.len);
    size_t n = ZSTD_compressCCtx(codecs->zstd_compress, lv_sbuf_reserve(out, room), room, bytes.ptr,
                                 bytes.len, level ? level : 1);
    if (ZSTD_isError(n))
        return LV_FAIL(err, LV_INTERNAL, "zstd: %s", ZSTD_getErrorName(n));
    out->len = n;
    return LV_OK;
}

static lv_status compress_gzip(int level, lv_str bytes, lv_sbuf *out, lv_error *err)
{
    z_stream z = {0};
    if (bytes.len > UINT32_MAX / 2 ||
        deflateInit2(&z, level ? level : Z_DEFAULT_COMPRESSION, Z_DEFLATED, 16 + MAX_WBITS, 8,
                     Z_DEFAULT_STRATEGY) != Z_OK)
        return LV_FAIL(err, LV_INTERNAL, "gzip: a page of %zu bytes cannot be compressed",
                       bytes.len);
    size_t room = deflateBound(&z, bytes.len);
    z.next_in = (Bytef *)(uintptr_t)bytes.ptr;
    z.avail_in = (uInt)bytes.len;
    z.next_out = (Bytef *)lv_sbuf_reserve(out, room);
    z.avail_out = (uInt)room;
    int result = deflate(&z, Z_FINISH);
    out->len = z.total_out;
    deflateEnd(&z);
    return result == Z_STREAM_END ? LV_OK
                                  : LV_FAIL(err, LV_INTERNAL, "gzip: deflate returned %d", result);
}

lv_status lv_pq_compress(lv_pq_codecs *codecs, lv_parquet_codec codec, int level, lv_str bytes,
                         lv_sbuf *out, lv_error *err)
{
    lv_sbuf_clear(out);
    size_t room;
    switch (codec) {
    case LV_PARQUET_ZSTD: return compress_zstd(codecs, level, bytes, out, err);
    case LV_PARQUET_GZIP: return compress_gzip(level, bytes, out, err);
    case LV_PARQUET_SNAPPY:
        room = snappy_max_compressed_length(bytes.len);
        if (snappy_compress(bytes.ptr, bytes.len, lv_sbuf_reserve(out, room), &room) != SNAPPY_OK)
            return LV_FAIL(err, LV_INTERNAL, "snappy: a page of %zu bytes cannot be compressed",
                           bytes.len);
        out->len = room;
        return LV_OK;
    case LV_PARQUET_LZ4_RAW: {
        if (bytes.len > LZ4_MAX_INPUT_SIZE)
            return LV_FAIL(err, LV_INTERNAL, "lz4: a page of %zu bytes is too large", bytes.len);
        int bound = LZ4_compressBound((int)bytes.len);
        out->len = (size_t)LZ4_compress_default(bytes.ptr, lv_sbuf_reserve(out, (size_t)bound),
                                                (int)bytes.len, bound);
        return LV_OK;
    }
    case LV_PARQUET_NONE: break;
    }
    lv_sbuf_add_str(out, bytes);
    return LV_OK;
}

/* A zstd frame of raw blocks (RFC 8878): magic, descriptor of a single segment with a 4-byte content
 * size, blocks of {3 bytes: last | type 0 | size << 3} and at most 128 KiB. */
static void store_zstd(lv_str bytes, lv_sbuf *out)
{
    enum { BLOCK_MAX = 128 << 10 };
    lv_wr_u32le(out, 0xFD2FB528);
    lv_wr_u8(out, 0xA0);
    lv_wr_u32le(out, (uint32_t)bytes.len);
    size_t at = 0;
    do {
        size_t n = LV_MIN(bytes.len - at, (size_t)BLOCK_MAX);
        uint32_t header = (uint32_t)n << 3 | (at + n == bytes.len);
        lv_sbuf_add(out, &header, 3);
        lv_sbuf_add(out, bytes.ptr + at, n);
        at += n;
    } while (at < bytes.len);
}

lv_status lv_pq_store(lv_pq_codecs *codecs, lv_parquet_codec codec, int level, lv_str bytes,
                      lv_sbuf *out, lv_error *err)
{
    if (codec != LV_PARQUET_ZSTD || bytes.len > UINT32_MAX)
        return lv_pq_compress(codecs, codec, level, bytes, out, err);
    lv_sbuf_clear(out);
    store_zstd(bytes, out);
    return LV_OK;
}

/* ---- decompressing --------------------------------------------------------------------------- */

size_t lv_pq_decompressed_max(int codec, lv_str bytes)
{
    enum { GZIP_RATIO = 1040, LZ4_RATIO = 256, ZSTD_BLOCK = 128 << 10, ZSTD_BLOCK_BYTES = 4 };
    enum { BROTLI_BLOCK = 16 << 20, BROTLI_BLOCK_BYTES = 4 };
    size_t len = 0;
    switch (codec) {
    case LV_PARQUET_SNAPPY:
        return snappy_uncompressed_length(bytes.ptr, bytes.len, &len) == SNAPPY_OK &&
                       len / 64 <= bytes.len
                   ? len
                   : 0;
    case LV_PARQUET_GZIP: return bytes.len * GZIP_RATIO;
    case LV_PARQUET_LZ4_RAW:
    case LV_PQ_CODEC_LZ4_HADOOP: return bytes.len * LZ4_RATIO;
    case LV_PARQUET_ZSTD: return (bytes.len / ZSTD_BLOCK_BYTES + 1) * ZSTD_BLOCK;
    case LV_PQ_CODEC_BROTLI: return (bytes.len / BROTLI_BLOCK_BYTES + 1) * BROTLI_BLOCK;
    case LV_PARQUET_NONE: return bytes.len;
    default: return 0;
    }
}

lv_status lv_pq_codec_check(int codec, lv_error *err)
{
    static const uint64_t known = LV_HAS_BIT(LV_PARQUET_NONE) | LV_HAS_BIT(LV_PARQUET_SNAPPY) |
                                  LV_HAS_BIT(LV_PARQUET_GZIP) | LV_HAS_BIT(LV_PARQUET_ZSTD) |
                                  LV_HAS_BIT(LV_PARQUET_LZ4_RAW) | LV_HAS_BIT(LV_PQ_CODEC_BROTLI) |
                                  LV_HAS_BIT(LV_PQ_CODEC_LZ4_HADOOP);
    if (codec >= 0 && codec < 64 && (known & LV_HAS_BIT(codec)))
        return LV_OK;
    return LV_FAIL(err, LV_PARQUET_UNSUPPORTED, "compression codec %d (%s) is not supported", codec,
                   codec == LV_PQ_CODEC_LZO ? "LZO" : "unknown");
}

static bool decompress_gzip(lv_str bytes, void *out, size_t len)
{
    z_stream z = {0};
    if (bytes.len > UINT32_MAX || len > UINT32_MAX || inflateInit2(&z, 32 + MAX_WBITS) != Z_OK)
        return false;
    z.next_in = (Bytef *)(uintptr_t)bytes.ptr;
    z.avail_in = (uInt)bytes.len;
    z.next_out = out;
    z.avail_out = (uInt)len;
    int result = inflate(&z, Z_FINISH);
    while (result == Z_STREAM_END && z.avail_in > 0 && z.avail_out > 0) { /* the next member */
        if (inflateReset(&z) != Z_OK)
            break;
        result = inflate(&z, Z_FINISH);
    }
    bool whole = result == Z_STREAM_END && z.avail_out == 0;
    inflateEnd(&z);
    return whole;
}

static bool decompress_lz4(lv_str bytes, void *out, size_t len)
{
    return bytes.len <= INT32_MAX && len <= INT32_MAX &&
           LZ4_decompress_safe(bytes.ptr, out, (int)bytes.len, (int)len) == (int)len;
}

static bool decompress_lz4_hadoop(lv_str bytes, char *out, size_t len)
{
    lv_rd rd = lv_rd_of(bytes.ptr, bytes.len);
    while (len > 0) {
        uint32_t whole = (uint32_t)lv_rd_i32be(&rd);
        if (rd.failed || whole > len)
            return false;
        while (whole > 0) { /* one announced size may cover several blocks */
            uint32_t packed = (uint32_t)lv_rd_i32be(&rd);
            const uint8_t *block = lv_rd_bytes(&rd, packed);
            if (block == NULL || packed > INT32_MAX || whole > INT32_MAX)
                return false;
            int n = LZ4_decompress_safe((const char *)block, out, (int)packed, (int)whole);
            if (n <= 0)
                return false;
            out += n;
            len -= (size_t)n;
            whole -= (uint32_t)n;
        }
    }
    return lv_rd_left(&rd) == 0;
}

static bool decompress_zstd(lv_pq_codecs *codecs, lv_str bytes, void *out, size_t len)
{
    if (codecs->zstd_decompress == NULL)
        codecs->zstd_decompress = ZSTD_createDCtx();
    return ZSTD_decompressDCtx(codecs->zstd_decompress, out, len, bytes.ptr, bytes.len) == len;
}

static bool decompress_snappy(lv_str bytes, void *out, size_t len)
{
    size_t claimed;
    return snappy_uncompressed_length(bytes.ptr, bytes.len, &claimed) == SNAPPY_OK &&
           claimed == len && snappy_uncompress(bytes.ptr, bytes.len, out, &claimed) == SNAPPY_OK &&
           claimed == len;
}

static bool decompress_brotli(lv_str bytes, void *out, size_t len)
{
    size_t made = len;
    return BrotliDecoderDecompress(bytes.len, (const uint8_t *)bytes.ptr, &made, out) ==
               BROTLI_DECODER_RESULT_SUCCESS &&
           made == len;
}

lv_status lv_pq_decompress(lv_pq_codecs *codecs, int codec, lv_str bytes, void *out, size_t len,
                           lv_error *err)
{
    bool ok;
    switch (codec) {
    case LV_PARQUET_NONE:
        ok = bytes.len == len;
        if (ok && len > 0)
            memcpy(out, bytes.ptr, len);
        break;
    case LV_PARQUET_SNAPPY: ok = decompress_snappy(bytes, out, len); break;
    case LV_PARQUET_GZIP: ok = decompress_gzip(bytes, out, len); break;
    case LV_PARQUET_ZSTD: ok = decompress_zstd(codecs, bytes, out, len); break;
    case LV_PARQUET_LZ4_RAW: ok = decompress_lz4(bytes, out, len); break;
    case LV_PQ_CODEC_LZ4_HADOOP:
        ok = decompress_lz4_hadoop(bytes, out, len) || decompress_lz4(bytes, out, len);
        break;
    case LV_PQ_CODEC_BROTLI: ok = decompress_brotli(bytes, out, len); break;
    default: return lv_pq_codec_check(codec, err);
    }
    return ok ? LV_OK
              : LV_FAIL(err, LV_PARQUET_CORRUPT, "%zu bytes of codec %d do not decompress to %zu",
                        bytes.len, codec, len);
}
