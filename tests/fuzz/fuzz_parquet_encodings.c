/* module: parquet
 * fuzz_parquet_encodings.c: the decoders of page bodies on any bytes, and encoders against decoders.
 * The first byte of the input chooses, the second is a bit width or a type. */
#include <stdlib.h>

#include "base/check.h"
#include "parquet/compress.h"
#include "parquet/convert.h"
#include "parquet/value_decoder.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { COUNT = 300 };

static void decode_any(lv_pq_encoding encoding, lv_pq_physical physical, lv_str bytes)
{
    lv_pq_leaf leaf = {.physical = physical, .type_length = 5, .type = lv_type_of(LV_TYPE_BINARY)};
    lv_arena arena;
    lv_arena_init(&arena);
    lv_pq_value_decoder values;
    lv_str out[COUNT];
    uint32_t codes[COUNT];
    if (lv_pq_value_decoder_init(&values, encoding, &leaf, bytes, COUNT * 4, &arena)) {
        bool coded = encoding == LV_PQ_RLE_DICTIONARY;
        for (size_t n = 1; n <= COUNT; n = n * 2 + 1)
            if (coded ? !lv_pq_value_decode_codes(&values, n, 1000, codes)
                      : !lv_pq_value_decode(&values, n, out))
                break;
            else if (!coded && lv_pq_decoded_size(physical) == sizeof(lv_str))
                for (size_t i = 0; i < n; i++)
                    LV_ASSERT(out[i].len == 0 || out[i].ptr[0] == out[i].ptr[0]);
    }
    lv_arena_release(&arena);
}

static void round_trip(const uint8_t *data, size_t size)
{
    size_t n = size / 8;
    int64_t *values = malloc(n * 8 + 1), *back = malloc(n * 8 + 1);
    uint8_t *small = malloc(size + 1);
    memcpy(values, data, n * 8);
    lv_sbuf out = LV_SBUF_INIT;
    lv_pq_delta delta;
    lv_pq_delta_encode_i64(values, n, &out);
    LV_ASSERT(lv_pq_delta_init(&delta, out.ptr, out.len, 64) &&
              lv_pq_delta_decode_i64(&delta, back, n));
    LV_ASSERT(memcmp(values, back, n * 8) == 0);
    lv_sbuf_clear(&out);
    lv_pq_rle rle;
    lv_pq_rle_encode_u8(data, size, 8, &out);
    lv_pq_rle_init(&rle, out.ptr, out.len, 8);
    LV_ASSERT(lv_pq_rle_decode_u8(&rle, small, size));
    LV_ASSERT(memcmp(data, small, size) == 0);
    lv_sbuf_release(&out);
    free(values);
    free(back);
    free(small);
}

static void decompress_any(int codec, lv_str bytes)
{
    lv_pq_codecs codecs = {0};
    char out[1000];
    (void)!lv_pq_decompress(&codecs, codec, bytes, out, sizeof out, NULL);
    lv_pq_codecs_release(&codecs);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    lv_str rest = {(const char *)data + 2, size - 2};
    if (data[0] < 10)
        decode_any((lv_pq_encoding)data[0], (lv_pq_physical)(data[1] % LV_PQ_PHYSICAL_COUNT), rest);
    else if (data[0] < 20)
        decompress_any(data[1] % 8, rest);
    else
        round_trip(data + 2, size - 2);
    return 0;
}
