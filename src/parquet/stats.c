/* stats.c: see stats.h. */
#include "parquet/stats.h"

#include <math.h>

#include "base/check.h"
#include "base/utf8.h"
#include "parquet/convert.h"

/* ---- ranges ---------------------------------------------------------------------------------- */

#define RANGE(name, ctype, member)                                                                 \
    static void name(const ctype *v, size_t count, lv_pq_range *range)                             \
    {                                                                                              \
        ctype min = v[0], max = v[0];                                                              \
        for (size_t i = 1; i < count; i++) {                                                       \
            min = v[i] < min ? v[i] : min;                                                         \
            max = v[i] > max ? v[i] : max;                                                         \
        }                                                                                          \
        range->min.member = min;                                                                   \
        range->max.member = max;                                                                   \
        range->known = true;                                                                       \
    }
RANGE(range_i32, int32_t, i32)
RANGE(range_i128, __int128, i128)
RANGE(range_bool, uint8_t, boolean)

static void range_i64(const int64_t *v, size_t count, bool avx2, lv_pq_range *range)
{
    int64_t min = v[0], max = v[0];
    size_t i = avx2 ? lv_pq_range_i64_avx2(v, count, &min, &max) : 0;
    for (; i < count; i++) {
        min = v[i] < min ? v[i] : min;
        max = v[i] > max ? v[i] : max;
    }
    range->min.i64 = min;
    range->max.i64 = max;
    range->known = true;
}

static void range_f64(const double *v, size_t count, bool avx2, lv_pq_range *range)
{
    double min = INFINITY, max = -INFINITY;
    size_t i = avx2 ? lv_pq_range_f64_avx2(v, count, &min, &max, &range->nan_count) : 0;
    for (; i < count; i++) {
        min = v[i] < min ? v[i] : min;
        max = v[i] > max ? v[i] : max;
        range->nan_count += v[i] != v[i];
    }
    range->known = range->nan_count < (int64_t)count;
    range->min.f64 = min == 0 ? -0.0 : min;
    range->max.f64 = max == 0 ? 0.0 : max;
}

static void range_f32(const float *v, size_t count, lv_pq_range *range)
{
    float lo = INFINITY, hi = -INFINITY;
    for (size_t i = 0; i < count; i++) {
        lo = v[i] < lo ? v[i] : lo;
        hi = v[i] > hi ? v[i] : hi;
        range->nan_count += v[i] != v[i];
    }
    range->known = range->nan_count < (int64_t)count;
    range->min.f32 = lo == 0 ? -0.0f : lo;
    range->max.f32 = hi == 0 ? 0.0f : hi;
}

lv_pq_range lv_pq_range_of(lv_pq_physical physical, const void *values, size_t count, bool avx2)
{
    lv_pq_range range = {0};
    if (count == 0)
        return range;
    switch (physical) {
    case LV_PQ_BOOLEAN: range_bool(values, count, &range); break;
    case LV_PQ_INT32: range_i32(values, count, &range); break;
    case LV_PQ_INT64: range_i64(values, count, avx2, &range); break;
    case LV_PQ_FLOAT: range_f32(values, count, &range); break;
    case LV_PQ_DOUBLE: range_f64(values, count, avx2, &range); break;
    case LV_PQ_FIXED: range_i128(values, count, &range); break;
    default: LV_ASSERT(false);
    }
    return range;
}

#define CMP(member) (a->member > b->member) - (a->member < b->member)

int lv_pq_value_cmp(lv_pq_physical physical, const lv_parquet_value *a, const lv_parquet_value *b)
{
    switch (physical) {
    case LV_PQ_BOOLEAN: return CMP(boolean);
    case LV_PQ_INT32: return CMP(i32);
    case LV_PQ_INT64: return CMP(i64);
    case LV_PQ_FLOAT: return CMP(f32);
    case LV_PQ_DOUBLE: return CMP(f64);
    case LV_PQ_FIXED: return CMP(i128);
    default: return lv_str_cmp(a->str, b->str);
    }
}

void lv_pq_range_add(lv_pq_physical physical, lv_pq_range *to, const lv_pq_range *more)
{
    to->nan_count += more->nan_count;
    if (!more->known)
        return;
    if (!to->known || lv_pq_value_cmp(physical, &more->min, &to->min) < 0)
        to->min = more->min;
    if (!to->known || lv_pq_value_cmp(physical, &more->max, &to->max) > 0)
        to->max = more->max;
    to->known = true;
}

/* ---- forms ----------------------------------------------------------------------------------- */

static size_t plain_size(lv_pq_physical physical)
{
    static const uint8_t sizes[LV_PQ_PHYSICAL_COUNT] = {[LV_PQ_BOOLEAN] = 1,
                                                        [LV_PQ_INT32] = 4,
                                                        [LV_PQ_INT64] = 8,
                                                        [LV_PQ_FLOAT] = 4,
                                                        [LV_PQ_DOUBLE] = 8};
    return sizes[physical];
}

lv_str lv_pq_value_encode(lv_arena *arena, const lv_pq_leaf *leaf, const lv_parquet_value *value)
{
    if (leaf->physical == LV_PQ_BYTE_ARRAY)
        return lv_str_dup(arena, value->str);
    if (leaf->physical != LV_PQ_FIXED)
        return lv_str_dup(arena, (lv_str){(const char *)value, plain_size(leaf->physical)});
    char *bytes = lv_arena_alloc(arena, (size_t)leaf->type_length);
    for (int i = 0; i < leaf->type_length; i++)
        bytes[i] = (char)(value->i128 >> (8 * (leaf->type_length - 1 - i)));
    return (lv_str){bytes, (size_t)leaf->type_length};
}

bool lv_pq_stat_decode(const lv_pq_leaf *leaf, lv_str bytes, lv_parquet_value *value)
{
    lv_parquet_value plain = {0};
    switch (leaf->physical) {
    case LV_PQ_BYTE_ARRAY:
    case LV_PQ_FIXED:
        if (leaf->physical == LV_PQ_FIXED && bytes.len != (size_t)leaf->type_length)
            return false;
        if (!lv_pq_needs_conversion(leaf)) {
            value->str = bytes;
            return true;
        }
        plain.str = bytes;
        break;
    case LV_PQ_INT96: return false;
    default:
        if (bytes.len != plain_size(leaf->physical))
            return false;
        memcpy(&plain, bytes.ptr, bytes.len);
    }
    if (lv_pq_needs_conversion(leaf))
        return lv_pq_convert(leaf, &plain, 1, value);
    *value = plain;
    return true;
}

lv_parquet_value lv_pq_value_public(const lv_pq_leaf *leaf, const lv_parquet_value *value)
{
    lv_parquet_value out = *value;
    switch (leaf->type->kind) {
    case LV_TYPE_TINYINT: out.i8 = (int8_t)value->i32; break;
    case LV_TYPE_SMALLINT: out.i16 = (int16_t)value->i32; break;
    case LV_TYPE_DECIMAL:
        out.i128 = leaf->physical == LV_PQ_INT32   ? value->i32
                   : leaf->physical == LV_PQ_INT64 ? value->i64
                                                   : value->i128;
        break;
    default: break;
    }
    return out;
}

/* ---- bounds ---------------------------------------------------------------------------------- */

lv_str lv_pq_bound_below(lv_str text, size_t limit, bool utf8)
{
    if (text.len <= limit)
        return text;
    size_t n = limit;
    while (utf8 && n > 0 && ((unsigned char)text.ptr[n] & 0xC0) == 0x80)
        n--;
    if (n == 0 || (utf8 && !lv_utf8_is_valid(text.ptr, n)))
        n = limit; /* no UTF-8 after all */
    return (lv_str){text.ptr, n};
}

/* Raises the last character that can be raised and drops those behind it. */
static bool raise_utf8(char *text, size_t *len)
{
    while (*len > 0) {
        size_t start = *len - 1, used;
        while (start > 0 && ((unsigned char)text[start] & 0xC0) == 0x80)
            start--;
        uint32_t next = lv_utf8_decode(text + start, &used) + 1;
        if (next == 0xD800)
            next = 0xE000;
        if (next <= 0x10FFFF) {
            *len = start + lv_utf8_encode(next, text + start); /* one byte longer at most */
            return true;
        }
        *len = start;
    }
    return false;
}

static bool raise_bytes(char *text, size_t *len)
{
    for (; *len > 0; --*len)
        if ((unsigned char)text[*len - 1] != 0xFF) {
            text[*len - 1]++;
            return true;
        }
    return false;
}

bool lv_pq_bound_above(lv_arena *arena, lv_str text, size_t limit, bool utf8, lv_str *bound)
{
    if (text.len <= limit) {
        *bound = lv_str_dup(arena, text);
        return true;
    }
    lv_str prefix = lv_pq_bound_below(text, limit, utf8);
    char *copy = lv_arena_alloc(arena, prefix.len + 4);
    memcpy(copy, prefix.ptr, prefix.len);
    *bound = (lv_str){copy, prefix.len};
    return utf8 && lv_utf8_is_valid(copy, prefix.len) ? raise_utf8(copy, &bound->len)
                                                      : raise_bytes(copy, &bound->len);
}
