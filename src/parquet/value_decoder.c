/* value_decoder.c: see value_decoder.h. */
#include "parquet/value_decoder.h"

enum { INT96_SIZE = 12, PAGE_STRINGS_MAX = 256 << 20 };

size_t lv_pq_decoded_size(lv_pq_physical physical)
{
    static const uint8_t sizes[LV_PQ_PHYSICAL_COUNT] = {
        [LV_PQ_BOOLEAN] = 1,
        [LV_PQ_INT32] = 4,
        [LV_PQ_INT64] = 8,
        [LV_PQ_INT96] = INT96_SIZE,
        [LV_PQ_FLOAT] = 4,
        [LV_PQ_DOUBLE] = 8,
        [LV_PQ_BYTE_ARRAY] = sizeof(lv_str),
        [LV_PQ_FIXED] = sizeof(lv_str),
    };
    return sizes[physical];
}

/* ---- strings decoded at once ----------------------------------------------------------------- */

static bool decode_lengths(lv_str bytes, size_t count_max, lv_arena *arena, int32_t **lengths,
                           size_t *count, lv_str *rest)
{
    lv_pq_delta delta;
    if (!lv_pq_delta_init(&delta, bytes.ptr, bytes.len, 32) || delta.count > count_max)
        return false;
    *count = delta.count;
    *lengths = lv_arena_alloc(arena, (size_t)delta.count * sizeof **lengths);
    return lv_pq_delta_decode_i32(&delta, *lengths, *count) && lv_pq_delta_rest(&delta, rest);
}

static bool init_delta_length(lv_pq_value_decoder *d, lv_str bytes, size_t count_max)
{
    int32_t *lengths;
    lv_str rest;
    if (!decode_lengths(bytes, count_max, d->arena, &lengths, &d->string_count, &rest))
        return false;
    lv_str *strings = lv_arena_alloc(d->arena, d->string_count * sizeof *strings);
    for (size_t i = 0; i < d->string_count; i++) {
        if (lengths[i] < 0 || (size_t)lengths[i] > rest.len)
            return false;
        strings[i] = lv_str_sub(rest, 0, (size_t)lengths[i]);
        rest = lv_str_sub(rest, (size_t)lengths[i], rest.len - (size_t)lengths[i]);
    }
    d->strings = strings;
    return true;
}

static bool init_delta_strings(lv_pq_value_decoder *d, lv_str bytes, size_t count_max)
{
    int32_t *prefixes;
    size_t count;
    lv_str rest;
    if (!decode_lengths(bytes, count_max, d->arena, &prefixes, &count, &rest) ||
        !init_delta_length(d, rest, count_max) || d->string_count != count)
        return false;
    lv_str *strings = (lv_str *)(uintptr_t)d->strings, last = {"", 0};
    size_t made = 0; /* a few bytes of prefixes can stand for very long strings */
    for (size_t i = 0; i < count; i++) {
        if (prefixes[i] < 0 || (size_t)prefixes[i] > last.len)
            return false;
        if (prefixes[i] > 0) {
            size_t prefix = (size_t)prefixes[i];
            made += prefix + strings[i].len;
            if (made > PAGE_STRINGS_MAX)
                return false;
            char *whole = lv_arena_alloc(d->arena, prefix + strings[i].len);
            memcpy(whole, last.ptr, prefix);
            memcpy(whole + prefix, strings[i].ptr, strings[i].len);
            strings[i] = (lv_str){whole, prefix + strings[i].len};
        }
        last = strings[i];
        if (d->leaf->physical == LV_PQ_FIXED && last.len != (size_t)d->leaf->type_length)
            return false;
    }
    return true;
}

/* ---- life ------------------------------------------------------------------------------------ */

static bool is_bytes(const lv_pq_leaf *leaf)
{
    return leaf->physical == LV_PQ_BYTE_ARRAY || leaf->physical == LV_PQ_FIXED;
}

static size_t split_size(const lv_pq_leaf *leaf)
{
    return leaf->physical == LV_PQ_FIXED ? (size_t)leaf->type_length
                                         : lv_pq_decoded_size(leaf->physical);
}

static bool init_rle_booleans(lv_pq_value_decoder *d, lv_str bytes)
{
    lv_rd rd = lv_rd_of(bytes.ptr, bytes.len);
    uint32_t len = lv_rd_u32le(&rd);
    const uint8_t *runs = lv_rd_bytes(&rd, len);
    if (runs == NULL || d->leaf->physical != LV_PQ_BOOLEAN)
        return false;
    lv_pq_rle_init(&d->rle, runs, len, 1);
    return true;
}

static bool init_codes(lv_pq_value_decoder *d, lv_str bytes)
{
    if (bytes.len == 0) { /* a page of nulls only may have nothing at all */
        lv_pq_rle_init(&d->rle, bytes.ptr, 0, 0);
        return true;
    }
    unsigned width = (unsigned char)bytes.ptr[0];
    lv_pq_rle_init(&d->rle, bytes.ptr + 1, bytes.len - 1, width);
    return width <= 32;
}

static bool init_split(lv_pq_value_decoder *d, lv_str bytes)
{
    size_t size = split_size(d->leaf);
    if (d->leaf->physical == LV_PQ_BOOLEAN || d->leaf->physical == LV_PQ_BYTE_ARRAY ||
        d->leaf->physical == LV_PQ_INT96 || bytes.len % size != 0)
        return false;
    d->split = (const uint8_t *)bytes.ptr;
    d->split_count = bytes.len / size;
    return true;
}

bool lv_pq_value_decoder_init(lv_pq_value_decoder *d, lv_pq_encoding encoding,
                              const lv_pq_leaf *leaf, lv_str bytes, size_t count_max,
                              lv_arena *arena)
{
    *d = (lv_pq_value_decoder){.encoding = encoding, .leaf = leaf, .arena = arena};
    switch (encoding) {
    case LV_PQ_PLAIN: d->rd = lv_rd_of(bytes.ptr, bytes.len); return true;
    case LV_PQ_PLAIN_DICTIONARY:
    case LV_PQ_RLE_DICTIONARY: return init_codes(d, bytes);
    case LV_PQ_RLE:
        return (bytes.len == 0 && leaf->physical == LV_PQ_BOOLEAN) || init_rle_booleans(d, bytes);
    case LV_PQ_DELTA_BINARY_PACKED:
        if (leaf->physical != LV_PQ_INT32 && leaf->physical != LV_PQ_INT64)
            return false;
        return bytes.len == 0 || lv_pq_delta_init(&d->delta, bytes.ptr, bytes.len,
                                                  leaf->physical == LV_PQ_INT32 ? 32 : 64);
    case LV_PQ_DELTA_LENGTH_BYTE_ARRAY:
        return leaf->physical == LV_PQ_BYTE_ARRAY &&
               (bytes.len == 0 || init_delta_length(d, bytes, count_max));
    case LV_PQ_DELTA_BYTE_ARRAY:
        return is_bytes(leaf) && (bytes.len == 0 || init_delta_strings(d, bytes, count_max));
    case LV_PQ_BYTE_STREAM_SPLIT: return init_split(d, bytes);
    default: return false;
    }
}

/* ---- decoding -------------------------------------------------------------------------------- */

static bool plain_booleans(lv_pq_value_decoder *d, size_t count, uint8_t *out)
{
    if (count > lv_rd_left(&d->rd) * 8 - d->bit)
        return false;
    for (size_t i = 0; i < count; i++, d->bit++)
        out[i] = d->rd.ptr[d->bit / 8] >> (d->bit % 8) & 1;
    return true;
}

static bool plain_strings(lv_pq_value_decoder *d, size_t count, lv_str *out)
{
    for (size_t i = 0; i < count; i++) {
        size_t len =
            d->leaf->physical == LV_PQ_FIXED ? (size_t)d->leaf->type_length : lv_rd_u32le(&d->rd);
        const uint8_t *bytes = lv_rd_bytes(&d->rd, len);
        if (bytes == NULL)
            return false;
        out[i] = (lv_str){(const char *)bytes, len};
    }
    return true;
}

static bool decode_plain(lv_pq_value_decoder *d, size_t count, void *out)
{
    if (d->leaf->physical == LV_PQ_BOOLEAN)
        return plain_booleans(d, count, out);
    if (is_bytes(d->leaf))
        return plain_strings(d, count, out);
    size_t size = lv_pq_decoded_size(d->leaf->physical);
    if (count > lv_rd_left(&d->rd) / size)
        return false;
    memcpy(out, lv_rd_bytes(&d->rd, count * size), count * size);
    return true;
}

static bool decode_split(lv_pq_value_decoder *d, size_t count, void *out)
{
    if (count > d->split_count - d->next)
        return false;
    size_t size = split_size(d->leaf);
    uint8_t *to = out;
    if (d->leaf->physical == LV_PQ_FIXED) {
        to = lv_arena_alloc(d->arena, count * size);
        for (size_t i = 0; i < count; i++)
            ((lv_str *)out)[i] = (lv_str){(char *)to + i * size, size};
    }
    for (size_t b = 0; b < size; b++) {
        const uint8_t *from = d->split + b * d->split_count + d->next;
        for (size_t i = 0; i < count; i++)
            to[i * size + b] = from[i];
    }
    d->next += count;
    return true;
}

bool lv_pq_value_decode(lv_pq_value_decoder *d, size_t count, void *out)
{
    if (count == 0)
        return true;
    switch (d->encoding) {
    case LV_PQ_PLAIN: return decode_plain(d, count, out);
    case LV_PQ_RLE: return lv_pq_rle_decode_u8(&d->rle, out, count);
    case LV_PQ_DELTA_BINARY_PACKED:
        return d->leaf->physical == LV_PQ_INT32 ? lv_pq_delta_decode_i32(&d->delta, out, count)
                                                : lv_pq_delta_decode_i64(&d->delta, out, count);
    case LV_PQ_DELTA_LENGTH_BYTE_ARRAY:
    case LV_PQ_DELTA_BYTE_ARRAY:
        if (count > d->string_count - d->next)
            return false;
        memcpy(out, d->strings + d->next, count * sizeof *d->strings);
        d->next += count;
        return true;
    case LV_PQ_BYTE_STREAM_SPLIT: return decode_split(d, count, out);
    default: return false;
    }
}

bool lv_pq_value_decode_codes(lv_pq_value_decoder *d, size_t count, uint32_t limit, uint32_t *out)
{
    if (!lv_pq_rle_decode(&d->rle, out, count))
        return false;
    uint32_t most = 0;
    for (size_t i = 0; i < count; i++)
        most = LV_MAX(most, out[i]);
    return count == 0 || most < limit;
}
