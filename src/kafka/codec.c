/* codec.c: gzip, snappy (raw and in the Java client's frames), lz4 frames, zstd.
 *
 * None of the formats says reliably how large the result is, so the output buffer grows until the
 * data has ended or LV_KAFKA_INFLATED_MAX_BYTES is reached. Contexts are kept: making one costs
 * more than decompressing a small batch. */
#include "kafka/codec.h"

#include <lz4frame.h>
#include <snappy-c.h>
#include <stdlib.h>
#include <zlib.h>
#include <zstd.h>

#include "base/check.h"

struct lv_inflater {
    LZ4F_dctx *lz4;
    ZSTD_DCtx *zstd;
    z_stream gzip;
    bool gzip_ready;
};

lv_inflater *lv_inflater_new(void)
{
    lv_inflater *inflater = calloc(1, sizeof *inflater);
    LV_ASSERT(inflater != NULL);
    return inflater;
}

void lv_inflater_free(lv_inflater *inflater)
{
    if (inflater == NULL)
        return;
    LZ4F_freeDecompressionContext(inflater->lz4);
    ZSTD_freeDCtx(inflater->zstd);
    if (inflater->gzip_ready)
        inflateEnd(&inflater->gzip);
    free(inflater);
}

static lv_status damaged(const char *codec, const char *why, lv_error *err)
{
    return LV_FAIL(err, LV_KAFKA_PROTOCOL, "a record batch does not decompress (%s: %s)", codec,
                   why);
}

static lv_status too_large(lv_error *err)
{
    return LV_FAIL(err, LV_KAFKA_PROTOCOL, "a record batch inflates to more than %d MiB",
                   LV_KAFKA_INFLATED_MAX_BYTES >> 20);
}

/* Room for the next piece of output behind out->len: what is there, at least `least`. */
static lv_status more_room(lv_sbuf *out, size_t start, size_t least, size_t *room, lv_error *err)
{
    size_t made = out->len - start;
    if (made >= LV_KAFKA_INFLATED_MAX_BYTES)
        return too_large(err);
    if (out->capacity - out->len < LV_KAFKA_PADDING + least)
        lv_sbuf_reserve(out, LV_MAX(least, made) + LV_KAFKA_PADDING);
    *room = LV_MIN(out->capacity - out->len - LV_KAFKA_PADDING,
                   (size_t)LV_KAFKA_INFLATED_MAX_BYTES - made);
    return LV_OK;
}

/* What a batch of `size` bytes is likely to need, so that it is mostly decompressed in one go. */
static size_t expected_size(size_t size)
{
    return LV_MAX(size * 5, (size_t)4096);
}

static lv_status inflate_lz4(lv_inflater *in, lv_str from, lv_sbuf *out, lv_error *err)
{
    size_t start = out->len, least = expected_size(from.len);
    if (in->lz4 == NULL && LZ4F_isError(LZ4F_createDecompressionContext(&in->lz4, LZ4F_VERSION)))
        return damaged("lz4", "no memory", err);
    LZ4F_resetDecompressionContext(in->lz4);
    for (;;) {
        size_t room, used = from.len;
        LV_TRY(more_room(out, start, least, &room, err));
        size_t result = LZ4F_decompress(in->lz4, out->ptr + out->len, &room, from.ptr, &used, NULL);
        if (LZ4F_isError(result))
            return damaged("lz4", LZ4F_getErrorName(result), err);
        out->len += room;
        from = lv_str_sub(from, used, from.len - used);
        least = 65536;
        if (result == 0)
            return LV_OK;
        if (used == 0 && room == 0) /* nothing left to take and nothing kept back */
            return damaged("lz4", "the frame ends early", err);
    }
}

static lv_status inflate_zstd(lv_inflater *in, lv_str from, lv_sbuf *out, lv_error *err)
{
    size_t start = out->len;
    if (in->zstd == NULL)
        in->zstd = ZSTD_createDCtx();
    LV_ASSERT(in->zstd != NULL);
    ZSTD_DCtx_reset(in->zstd, ZSTD_reset_session_only);
    ZSTD_inBuffer source = {from.ptr, from.len, 0};
    for (;;) {
        size_t room;
        LV_TRY(more_room(out, start, expected_size(from.len), &room, err));
        ZSTD_outBuffer target = {out->ptr + out->len, room, 0};
        size_t result = ZSTD_decompressStream(in->zstd, &target, &source);
        if (ZSTD_isError(result))
            return damaged("zstd", ZSTD_getErrorName(result), err);
        out->len += target.pos;
        if (result == 0 && source.pos == source.size)
            return LV_OK;
        if (source.pos == source.size && target.pos < room)
            return damaged("zstd", "the frame ends early", err);
    }
}

static lv_status inflate_gzip(lv_inflater *in, lv_str from, lv_sbuf *out, lv_error *err)
{
    size_t start = out->len;
    if (!in->gzip_ready && inflateInit2(&in->gzip, 15 + 32) != Z_OK)
        return damaged("gzip", "no memory", err);
    in->gzip_ready = true;
    inflateReset(&in->gzip);
    in->gzip.next_in = (Bytef *)(uintptr_t)from.ptr;
    in->gzip.avail_in = (uInt)from.len;
    for (;;) {
        size_t room;
        LV_TRY(more_room(out, start, expected_size(from.len), &room, err));
        in->gzip.next_out = (Bytef *)out->ptr + out->len;
        in->gzip.avail_out = (uInt)LV_MIN(room, (size_t)1 << 30);
        size_t offered = in->gzip.avail_out;
        int result = inflate(&in->gzip, Z_NO_FLUSH);
        size_t made = offered - in->gzip.avail_out;
        out->len += made;
        if (result == Z_STREAM_END && in->gzip.avail_in > 0)
            result = inflateReset(&in->gzip); /* another member follows */
        else if (result == Z_STREAM_END)
            return LV_OK;
        if (result != Z_OK)
            return damaged("gzip", in->gzip.msg ? in->gzip.msg : "the data ends early", err);
    }
}

static lv_status inflate_snappy_block(lv_str from, size_t start, lv_sbuf *out, lv_error *err)
{
    size_t size;
    if (snappy_uncompressed_length(from.ptr, from.len, &size) != SNAPPY_OK)
        return damaged("snappy", "no length", err);
    if (size > LV_KAFKA_INFLATED_MAX_BYTES || out->len - start + size > LV_KAFKA_INFLATED_MAX_BYTES)
        return too_large(err);
    lv_sbuf_reserve(out, size + LV_KAFKA_PADDING);
    if (snappy_uncompress(from.ptr, from.len, out->ptr + out->len, &size) != SNAPPY_OK)
        return damaged("snappy", "bad data", err);
    out->len += size;
    return LV_OK;
}

/* The Java client frames its blocks: 0x82 "SNAPPY" 0, two versions, then int32 length and block. */
static lv_status inflate_snappy(lv_str from, lv_sbuf *out, lv_error *err)
{
    static const char magic[8] = "\x82SNAPPY";
    size_t start = out->len;
    if (from.len < 16 || memcmp(from.ptr, magic, 8) != 0)
        return inflate_snappy_block(from, start, out, err);
    lv_rd rd = lv_rd_of(from.ptr + 16, from.len - 16);
    while (lv_rd_left(&rd) > 0) {
        int32_t size = lv_rd_i32be(&rd);
        const uint8_t *block = size < 0 ? NULL : lv_rd_bytes(&rd, (size_t)size);
        if (block == NULL)
            return damaged("snappy", "a block ends early", err);
        LV_TRY(inflate_snappy_block((lv_str){(const char *)block, (size_t)size}, start, out, err));
    }
    return LV_OK;
}

lv_status lv_inflate(lv_inflater *in, const lv_record_batch *batch, lv_sbuf *out, lv_str *records,
                     lv_error *err)
{
    size_t start = out->len;
    if (batch->codec == LV_KAFKA_NONE) {
        *records = batch->records;
        return LV_OK;
    }
    lv_status status = batch->codec == LV_KAFKA_LZ4    ? inflate_lz4(in, batch->records, out, err)
                       : batch->codec == LV_KAFKA_ZSTD ? inflate_zstd(in, batch->records, out, err)
                       : batch->codec == LV_KAFKA_GZIP ? inflate_gzip(in, batch->records, out, err)
                                                       : inflate_snappy(batch->records, out, err);
    lv_error_context(err, "batch at offset %lld", (long long)batch->base_offset);
    LV_TRY(status);
    memset(lv_sbuf_reserve(out, LV_KAFKA_PADDING), 0, LV_KAFKA_PADDING);
    *records = (lv_str){out->ptr + start, out->len - start};
    return LV_OK;
}

/* ---- compressing ----------------------------------------------------------------------------- */

struct lv_deflater {
    ZSTD_CCtx *zstd;
};

lv_deflater *lv_deflater_new(void)
{
    lv_deflater *deflater = calloc(1, sizeof *deflater);
    LV_ASSERT(deflater != NULL);
    return deflater;
}

void lv_deflater_free(lv_deflater *deflater)
{
    if (deflater != NULL)
        ZSTD_freeCCtx(deflater->zstd);
    free(deflater);
}

static lv_status deflate_gzip(lv_str bytes, lv_sbuf *out, lv_error *err)
{
    z_stream z = {0};
    if (deflateInit2(&z, Z_DEFAULT_COMPRESSION, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        return LV_FAIL(err, LV_OUT_OF_MEMORY, "gzip cannot start");
    size_t room = deflateBound(&z, bytes.len);
    z.next_in = (Bytef *)(uintptr_t)bytes.ptr;
    z.avail_in = (uInt)bytes.len;
    z.next_out = (Bytef *)lv_sbuf_reserve(out, room);
    z.avail_out = (uInt)room;
    int result = deflate(&z, Z_FINISH);
    out->len += room - z.avail_out;
    deflateEnd(&z);
    return result == Z_STREAM_END ? LV_OK : LV_FAIL(err, LV_INTERNAL, "gzip did not finish");
}

lv_status lv_deflate(lv_deflater *d, lv_kafka_codec codec, lv_str bytes, lv_sbuf *out,
                     lv_error *err)
{
    size_t size;
    switch (codec) {
    case LV_KAFKA_GZIP: return deflate_gzip(bytes, out, err);
    case LV_KAFKA_SNAPPY:
        size = snappy_max_compressed_length(bytes.len);
        if (snappy_compress(bytes.ptr, bytes.len, lv_sbuf_reserve(out, size), &size) != SNAPPY_OK)
            return LV_FAIL(err, LV_INTERNAL, "snappy failed");
        break;
    case LV_KAFKA_LZ4: {
        LZ4F_preferences_t preferences = {.frameInfo = {.blockMode = LZ4F_blockIndependent}};
        size = LZ4F_compressFrameBound(bytes.len, &preferences);
        size = LZ4F_compressFrame(lv_sbuf_reserve(out, size), size, bytes.ptr, bytes.len,
                                  &preferences);
        if (LZ4F_isError(size))
            return LV_FAIL(err, LV_INTERNAL, "lz4: %s", LZ4F_getErrorName(size));
        break;
    }
    case LV_KAFKA_ZSTD:
        if (d->zstd == NULL)
            d->zstd = ZSTD_createCCtx();
        LV_ASSERT(d->zstd != NULL);
        size = ZSTD_compressBound(bytes.len);
        size =
            ZSTD_compressCCtx(d->zstd, lv_sbuf_reserve(out, size), size, bytes.ptr, bytes.len, 3);
        if (ZSTD_isError(size))
            return LV_FAIL(err, LV_INTERNAL, "zstd: %s", ZSTD_getErrorName(size));
        break;
    default: lv_sbuf_add_str(out, bytes); return LV_OK;
    }
    out->len += size;
    return LV_OK;
}
