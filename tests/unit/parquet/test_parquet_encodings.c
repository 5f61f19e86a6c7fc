/* test_parquet_encodings.c: packed encodings against bit-by-bit twins, and thrift against bytes
 * written by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <zlib.h>

#include "base/hash.h"
#include "parquet/bitpack.h"
#include "parquet/compress.h"
#include "parquet/delta_packed.h"
#include "parquet/metadata.h"
#include "parquet/rle.h"
#include "parquet_random.h"

static const size_t lengths[] = {0,  1,   7,   8,   9,   31,  32,  33,  63,   64,
                                 65, 127, 128, 129, 130, 255, 256, 257, 1000, 20000};
enum { LENGTH_MAX = 20000 };

static random_source source_of(uint64_t seed)
{
    return (random_source){.state = seed * 0x9E3779B97F4A7C15u + 1};
}

/* ---- bit packing ----------------------------------------------------------------------------- */

static void pack_bit_by_bit(const uint64_t *values, size_t count, unsigned width, uint8_t *out)
{
    memset(out, 0, (count * width + 7) / 8);
    for (size_t i = 0, bit = 0; i < count; i++)
        for (unsigned b = 0; b < width; b++, bit++)
            out[bit / 8] |= (uint8_t)((values[i] >> b & 1) << (bit % 8));
}

static void packs_every_width(void **state)
{
    random_source r = source_of(1);
    static uint64_t v64[300], back64[300];
    static uint32_t v32[300], back32[300];
    static uint8_t v8[300], expected[300 * 8], packed[300 * 8];
    for (unsigned width = 0; width <= 64; width++)
        for (size_t l = 0; l < LV_COUNT_OF(lengths) && lengths[l] <= 300; l++) {
            size_t n = lengths[l], bytes = lv_pq_packed_bytes(n, width);
            for (size_t i = 0; i < n; i++) {
                v64[i] =
                    width == 64 ? random_u64(&r) : random_u64(&r) & (((uint64_t)1 << width) - 1);
                v32[i] = (uint32_t)v64[i];
                v8[i] = (uint8_t)v64[i];
            }
            pack_bit_by_bit(v64, n, width, expected);
            uint8_t *exact = malloc(bytes + 1); /* exactly: what reads past it is seen by ASan */
            lv_pq_pack_u64(v64, n, width, packed);
            assert_memory_equal(packed, expected, bytes);
            memcpy(exact, expected, bytes);
            lv_pq_unpack_u64(exact, bytes, n, width, back64);
            assert_memory_equal(back64, v64, n * 8);
            if (width <= 32) {
                lv_pq_pack_u32(v32, n, width, packed);
                assert_memory_equal(packed, expected, bytes);
                lv_pq_unpack_u32(exact, bytes, n, width, back32);
                assert_memory_equal(back32, v32, n * 4);
            }
            if (width <= 8) {
                lv_pq_pack_u8(v8, n, width, packed);
                assert_memory_equal(packed, expected, bytes);
            }
            free(exact);
        }
}

/* ---- runs ------------------------------------------------------------------------------------ */

/* Decodes one value at a time by the definition of the format. */
static void decode_slowly(lv_str bytes, unsigned width, size_t count, uint32_t *out)
{
    lv_rd rd = lv_rd_of(bytes.ptr, bytes.len);
    for (size_t n = 0; n < count;) {
        uint64_t header = lv_rd_uvarint(&rd);
        if (header & 1) {
            const uint8_t *packed = lv_rd_bytes(&rd, (header >> 1) * width);
            for (size_t i = 0; i < (header >> 1) * 8; i++) {
                uint32_t value = 0;
                for (unsigned b = 0; b < width; b++)
                    value |= (uint32_t)(packed[(i * width + b) / 8] >> ((i * width + b) % 8) & 1)
                             << b;
                if (n < count)
                    out[n++] = value;
            }
        } else {
            uint32_t value = 0;
            const uint8_t *at = lv_rd_bytes(&rd, (width + 7) / 8);
            memcpy(&value, at, (width + 7) / 8);
            for (uint64_t i = 0; i < header >> 1; i++)
                out[n++] = value;
        }
        assert_false(rd.failed);
    }
    assert_int_equal(lv_rd_left(&rd), 0);
}

static void encodes_runs(void **state)
{
    random_source r = source_of(2);
    static uint32_t values[LENGTH_MAX], slow[LENGTH_MAX], fast[LENGTH_MAX];
    static uint8_t small[LENGTH_MAX], back[LENGTH_MAX];
    for (unsigned width = 1; width <= 32; width++)
        for (int run = 1; run <= 30; run += 29)
            for (size_t l = 0; l < LV_COUNT_OF(lengths); l++) {
                size_t n = lengths[l];
                for (size_t i = 0, left = 0; i < n; i++) {
                    if (left == 0) {
                        left = 1 + (size_t)random_below(&r, run);
                        values[i] = (uint32_t)(random_u64(&r) & (((uint64_t)1 << width) - 1));
                    } else {
                        values[i] = values[i - 1];
                    }
                    left--;
                    small[i] = (uint8_t)values[i];
                }
                lv_sbuf out = LV_SBUF_INIT;
                lv_pq_rle_encode_u32(values, n, width, &out);
                decode_slowly(lv_sbuf_str(&out), width, n, slow);
                assert_memory_equal(slow, values, n * 4);
                lv_pq_rle rle;
                lv_pq_rle_init(&rle, out.ptr, out.len, width);
                for (size_t at = 0, step; at < n; at += step) { /* in odd pieces */
                    step = 1 + (size_t)random_below(&r, (int64_t)LV_MIN(n - at, (size_t)100));
                    if (!lv_pq_rle_decode(&rle, fast + at, step))
                        fail_msg("width %u, %zu values: stuck at %zu", width, n, at);
                }
                assert_memory_equal(fast, values, n * 4);
                if (width <= 8) {
                    lv_sbuf_clear(&out);
                    lv_pq_rle_encode_u8(small, n, width, &out);
                    lv_pq_rle_init(&rle, out.ptr, out.len, width);
                    assert_true(lv_pq_rle_decode_u8(&rle, back, n));
                    assert_memory_equal(back, small, n);
                }
                lv_sbuf_release(&out);
            }
}

static void refuses_broken_runs(void **state)
{
    uint32_t out[64];
    lv_pq_rle rle;
    static const struct {
        uint8_t bytes[8];
        size_t len;
        unsigned width;
    } broken[] = {
        {{0}, 0, 3},          /* nothing */
        {{0x00, 0x01}, 2, 3}, /* a run of length 0 */
        {{0x10}, 1, 3},       /* no value */
        {{0x10, 0x08}, 2, 3}, /* a value of more bits */
        {{0x03}, 1, 3},       /* a packed group without bytes */
        {{0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF}, 8, 3},
    };
    for (size_t i = 0; i < LV_COUNT_OF(broken); i++) {
        lv_pq_rle_init(&rle, broken[i].bytes, broken[i].len, broken[i].width);
        assert_false(lv_pq_rle_decode(&rle, out, 8));
    }
    lv_pq_rle_init(&rle, "\x03", 1, 0); /* a width of 0 needs no bytes */
    assert_true(lv_pq_rle_decode(&rle, out, 8));
    assert_int_equal(out[7], 0);
}

/* ---- deltas ---------------------------------------------------------------------------------- */

static void encodes_deltas(void **state)
{
    random_source r = source_of(3);
    static int64_t v64[LENGTH_MAX], back64[LENGTH_MAX];
    static int32_t v32[LENGTH_MAX], back32[LENGTH_MAX];
    for (int style = 0; style < 4; style++)
        for (size_t l = 0; l < LV_COUNT_OF(lengths); l++) {
            size_t n = lengths[l];
            for (size_t i = 0; i < n; i++) {
                v64[i] = style == 0   ? (int64_t)i * 1000 + random_below(&r, 50)
                         : style == 1 ? (int64_t)random_u64(&r)
                         : style == 2 ? (i % 2 ? INT64_MAX : INT64_MIN)
                                      : 7;
                v32[i] = style == 2 ? (i % 2 ? INT32_MAX : INT32_MIN) : (int32_t)v64[i];
            }
            lv_sbuf out = LV_SBUF_INIT;
            lv_pq_delta delta;
            lv_str rest;
            lv_pq_delta_encode_i64(v64, n, &out);
            size_t len = out.len;
            lv_sbuf_add_cstr(&out, "rest");
            assert_true(lv_pq_delta_init(&delta, out.ptr, out.len, 64));
            assert_int_equal(delta.count, n);
            for (size_t at = 0, step; at < n; at += step) {
                step = 1 + (size_t)random_below(&r, (int64_t)LV_MIN(n - at, (size_t)300));
                assert_true(lv_pq_delta_decode_i64(&delta, back64 + at, step));
            }
            assert_memory_equal(back64, v64, n * 8);
            assert_true(lv_pq_delta_rest(&delta, &rest));
            assert_true(lv_str_is(rest, "rest"));
            assert_false(lv_pq_delta_decode_i64(&delta, back64, 1));
            for (size_t cut = 0; n > 1 && cut < len && cut < 60;
                 cut++) { /* cut short: never read past the end */
                uint8_t *exact = malloc(cut + 1);
                memcpy(exact, out.ptr, cut);
                if (lv_pq_delta_init(&delta, exact, cut, 64) &&
                    lv_pq_delta_decode_i64(&delta, back64, n))
                    assert_memory_equal(back64, v64, n * 8); /* only padding was lost */
                free(exact);
            }
            lv_sbuf_clear(&out);
            lv_pq_delta_encode_i32(v32, n, &out);
            assert_true(lv_pq_delta_init(&delta, out.ptr, out.len, 32));
            assert_true(lv_pq_delta_decode_i32(&delta, back32, n));
            assert_memory_equal(back32, v32, n * 4);
            lv_sbuf_release(&out);
        }
}

/* The example of Encodings.md: 7, 5, 3, 1, 2, 3, 4, 5 with blocks of 128 in 4 miniblocks. */
static void encodes_deltas_as_specified(void **state)
{
    static const int32_t values[] = {7, 5, 3, 1, 2, 3, 4, 5};
    static const uint8_t expected[] = {0x80, 1,    4,    8, 14, 3, 2, 0, 0,
                                       0,    0xC0, 0x3F, 0, 0,  0, 0, 0, 0};
    lv_sbuf out = LV_SBUF_INIT;
    lv_pq_delta_encode_i32(values, 8, &out);
    assert_int_equal(out.len, sizeof expected);
    assert_memory_equal(out.ptr, expected, sizeof expected);
    lv_sbuf_release(&out);
}

/* ---- codecs ---------------------------------------------------------------------------------- */

static void compresses(void **state)
{
    static const lv_parquet_codec codecs[] = {LV_PARQUET_ZSTD, LV_PARQUET_SNAPPY, LV_PARQUET_GZIP,
                                              LV_PARQUET_LZ4_RAW, LV_PARQUET_NONE};
    random_source r = source_of(4);
    static char text[400000], back[400000];
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = i < 1000 ? "abc"[i % 3] : (char)random_u64(&r);
    lv_pq_codecs state_of = {0};
    lv_sbuf out = LV_SBUF_INIT;
    lv_error err = LV_ERROR_INIT;
    for (size_t c = 0; c < LV_COUNT_OF(codecs); c++)
        for (size_t len = 0; len <= sizeof text; len = len * 3 + 1)
            for (int store = 0; store < 2; store++) {
                lv_str bytes = {text, len};
                assert_int_equal(store ? lv_pq_store(&state_of, codecs[c], 0, bytes, &out, &err)
                                       : lv_pq_compress(&state_of, codecs[c], 0, bytes, &out, &err),
                                 LV_OK);
                assert_true(lv_pq_decompressed_max(codecs[c], lv_sbuf_str(&out)) >= len);
                assert_int_equal(
                    lv_pq_decompress(&state_of, codecs[c], lv_sbuf_str(&out), back, len, &err),
                    LV_OK);
                assert_memory_equal(back, text, len);
                assert_int_not_equal(
                    lv_pq_decompress(&state_of, codecs[c], lv_sbuf_str(&out), back, len + 1, NULL),
                    LV_OK);
            }
    lv_sbuf_release(&out);
    lv_pq_codecs_release(&state_of);
}

/* Gzip of several members, and both dresses of the old LZ4. */
static void decompresses_what_others_write(void **state)
{
    lv_pq_codecs c = {0};
    lv_sbuf one = LV_SBUF_INIT, two = LV_SBUF_INIT;
    char back[16];
    assert_int_equal(lv_pq_compress(&c, LV_PARQUET_GZIP, 0, LV_STR("hello "), &one, NULL), LV_OK);
    assert_int_equal(lv_pq_compress(&c, LV_PARQUET_GZIP, 0, LV_STR("world"), &two, NULL), LV_OK);
    lv_sbuf_add_str(&one, lv_sbuf_str(&two));
    assert_int_equal(lv_pq_decompress(&c, LV_PARQUET_GZIP, lv_sbuf_str(&one), back, 11, NULL),
                     LV_OK);
    assert_memory_equal(back, "hello world", 11);
    assert_int_equal(lv_pq_compress(&c, LV_PARQUET_LZ4_RAW, 0, LV_STR("hello world"), &two, NULL),
                     LV_OK);
    assert_int_equal(
        lv_pq_decompress(&c, LV_PQ_CODEC_LZ4_HADOOP, lv_sbuf_str(&two), back, 11, NULL), LV_OK);
    lv_sbuf_clear(&one);
    lv_wr_i32be(&one, 11);
    lv_wr_i32be(&one, (int32_t)two.len);
    lv_sbuf_add_str(&one, lv_sbuf_str(&two));
    memset(back, 0, sizeof back);
    assert_int_equal(
        lv_pq_decompress(&c, LV_PQ_CODEC_LZ4_HADOOP, lv_sbuf_str(&one), back, 11, NULL), LV_OK);
    assert_memory_equal(back, "hello world", 11);
    lv_str brotli = LV_STR("\x0B\x05\x80hello world\x03");
    assert_true(lv_pq_decompressed_max(LV_PQ_CODEC_BROTLI, brotli) >= 11);
    memset(back, 0, sizeof back);
    assert_int_equal(lv_pq_decompress(&c, LV_PQ_CODEC_BROTLI, brotli, back, 11, NULL), LV_OK);
    assert_memory_equal(back, "hello world", 11);
    assert_int_equal(lv_pq_decompress(&c, LV_PQ_CODEC_BROTLI, brotli, back, 12, NULL),
                     LV_PARQUET_CORRUPT);
    assert_int_equal(lv_pq_codec_check(LV_PQ_CODEC_LZO, NULL), LV_PARQUET_UNSUPPORTED);
    lv_sbuf_release(&one);
    lv_sbuf_release(&two);
    lv_pq_codecs_release(&c);
}

/* The folding CRC of pages against zlib's, for all lengths and alignments up to some blocks. */
static void checksums_as_zlib(void **state)
{
    random_source r = source_of(5);
    static unsigned char bytes[3000];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (unsigned char)random_u64(&r);
    for (size_t len = 0; len <= 300; len++)
        for (size_t at = 0; at < 17; at++) {
            uint32_t start = (uint32_t)random_u64(&r);
            assert_int_equal(lv_crc32(0, bytes + at, len), crc32_z(0, bytes + at, len));
            assert_int_equal(lv_crc32(start, bytes + at, len), crc32_z(start, bytes + at, len));
        }
    assert_int_equal(lv_crc32(0, bytes, sizeof bytes), crc32_z(0, bytes, sizeof bytes));
    assert_int_equal(lv_crc32(0, "123456789", 9), 0xCBF43926);
}

/* ---- thrift ---------------------------------------------------------------------------------- */

static void reads_thrift(void **state)
{
    /* PageHeader: type 0, 100 bytes, 50 packed, an unknown list and map, then a data header. */
    static const uint8_t bytes[] = {
        0x15, 0,    0x15, 0xC8, 1,   0x15, 100,                /* fields 1 to 3 */
        0x2C, 0x15, 6,    0x15, 0,   0x15, 6,   0x15, 6, 0x00, /* field 5, a struct */
        0x09, 0x50, 0x25, 1,    2,                             /* field 40: list of i32 */
        0x1B, 1,    0x88, 1,    'k', 1,    'v',                /* field 41: map of strings */
        0};
    lv_arena arena;
    lv_arena_init(&arena);
    lv_pq_page_header header;
    lv_error err = LV_ERROR_INIT;
    lv_rd rd = lv_rd_of(bytes, sizeof bytes);
    if (lv_thrift_read(&rd, &lv_pq_page_header_type, &arena, &header, &err) != LV_OK)
        fail_msg("%s", err.message);
    assert_int_equal(lv_rd_left(&rd), 0);
    assert_int_equal(header.uncompressed_bytes, 100);
    assert_int_equal(header.compressed_bytes, 50);
    assert_int_equal(header.data.value_count, 3);
    assert_int_equal(header.data.rep_encoding, LV_PQ_RLE);
    assert_false(LV_HAS(&header, 4));
    for (size_t cut = 0; cut < sizeof bytes; cut++) {
        rd = lv_rd_of(bytes, cut);
        assert_int_equal(lv_thrift_read(&rd, &lv_pq_page_header_type, &arena, &header, NULL),
                         LV_PARQUET_CORRUPT);
    }
    lv_arena_release(&arena);
}

static void refuses_broken_thrift(void **state)
{
    static const struct {
        const char *why;
        uint8_t bytes[12];
        size_t len;
    } broken[] = {
        {"a required field is missing", {0x15, 0, 0}, 3},
        {"a field of another type", {0x18, 0, 0x15, 0, 0x15, 0, 0}, 7},
        {"an unknown type", {0x1E, 0}, 2},
        {"a list longer than the bytes", {0x09, 0x50, 0xF5, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F}, 8},
        {"a number out of range", {0x15, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F}, 7},
    };
    lv_arena arena;
    lv_arena_init(&arena);
    lv_pq_page_header header;
    for (size_t i = 0; i < LV_COUNT_OF(broken); i++) {
        lv_rd rd = lv_rd_of(broken[i].bytes, broken[i].len);
        if (lv_thrift_read(&rd, &lv_pq_page_header_type, &arena, &header, NULL) !=
            LV_PARQUET_CORRUPT)
            fail_msg("accepted: %s", broken[i].why);
    }
    uint8_t deep[200]; /* structs in structs in an unknown field */
    memset(deep, 0x1C, sizeof deep);
    deep[0] = 0x0C, deep[1] = 0x50;
    lv_rd rd = lv_rd_of(deep, sizeof deep);
    lv_error err = LV_ERROR_INIT;
    assert_int_equal(lv_thrift_read(&rd, &lv_pq_page_header_type, &arena, &header, &err),
                     LV_PARQUET_CORRUPT);
    assert_non_null(strstr(err.message, "deeper"));
    lv_arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(packs_every_width),
        cmocka_unit_test(encodes_runs),
        cmocka_unit_test(refuses_broken_runs),
        cmocka_unit_test(encodes_deltas),
        cmocka_unit_test(encodes_deltas_as_specified),
        cmocka_unit_test(compresses),
        cmocka_unit_test(decompresses_what_others_write),
        cmocka_unit_test(reads_thrift),
        cmocka_unit_test(refuses_broken_thrift),
        cmocka_unit_test(checksums_as_zlib),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
