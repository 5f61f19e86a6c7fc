/* convert.c: see convert.h. Source for what Spark allows: ParquetVectorUpdaterFactory, and Delta's
 * type widening. */
#include "parquet/convert.h"

#include "base/check.h"
#include "base/double.h"

typedef __int128 int128;

bool lv_pq_needs_conversion(const lv_pq_leaf *leaf)
{
    switch (leaf->type->kind) {
    case LV_TYPE_TINYINT:
    case LV_TYPE_SMALLINT:
    case LV_TYPE_DECIMAL: return true;
    case LV_TYPE_BIGINT: return leaf->physical == LV_PQ_INT32;
    case LV_TYPE_FLOAT: return leaf->is_float16;
    case LV_TYPE_TIMESTAMP:
    case LV_TYPE_TIMESTAMP_NTZ: return leaf->physical == LV_PQ_INT96 || leaf->unit != LV_PQ_MICROS;
    default: return leaf->is_unsigned;
    }
}

/* ---- physical to Spark's --------------------------------------------------------------------- */

/* 8 bytes nanoseconds of the day, 4 bytes Julian day, little-endian. */
static int64_t int96_micros(const uint8_t *bytes)
{
    enum { UNIX_EPOCH_JULIAN_DAY = 2440588 };
    int64_t nanos;
    int32_t day;
    memcpy(&nanos, bytes, 8);
    memcpy(&day, bytes + 8, 4);
    int64_t micros = nanos / 1000 - (nanos % 1000 < 0);
    return (int64_t)((uint64_t)((int64_t)day - UNIX_EPOCH_JULIAN_DAY) * 86400000000u +
                     (uint64_t)micros);
}

/* Big-endian two's complement of any length; false if it does not fit. */
static bool decimal_of_bytes(lv_str s, int128 *out)
{
    const unsigned char *p = (const unsigned char *)s.ptr;
    unsigned __int128 value = s.len > 0 && (p[0] & 0x80) ? ~(unsigned __int128)0 : 0;
    unsigned char fill = (unsigned char)value;
    size_t i = 0;
    for (; s.len - i > sizeof value; i++)
        if (p[i] != fill || (p[i + 1] & 0x80) != (fill & 0x80))
            return false;
    for (; i < s.len; i++)
        value = value << 8 | p[i];
    *out = (int128)value;
    return true;
}

#define CONVERT(to_type, from_type, expr)                                                          \
    for (size_t i = 0; i < count; i++) {                                                           \
        from_type v = ((const from_type *)decoded)[i];                                             \
        ((to_type *)out)[i] = (to_type)(expr);                                                     \
    }                                                                                              \
    return true

static bool convert_decimals(const lv_pq_leaf *leaf, const void *decoded, size_t count, void *out)
{
    if (leaf->physical == LV_PQ_INT32) {
        CONVERT(int128, int32_t, v);
    } else if (leaf->physical == LV_PQ_INT64) {
        if (leaf->is_unsigned) {
            CONVERT(int128, uint64_t, v);
        }
        CONVERT(int128, int64_t, v);
    }
    for (size_t i = 0; i < count; i++)
        if (!decimal_of_bytes(((const lv_str *)decoded)[i], &((int128 *)out)[i]))
            return false;
    return true;
}

static bool convert_timestamps(const lv_pq_leaf *leaf, const void *decoded, size_t count, void *out)
{
    if (leaf->physical == LV_PQ_INT96) {
        for (size_t i = 0; i < count; i++)
            ((int64_t *)out)[i] = int96_micros((const uint8_t *)decoded + 12 * i);
        return true;
    }
    if (leaf->unit == LV_PQ_MILLIS) {
        CONVERT(int64_t, int64_t, (uint64_t)v * 1000);
    }
    CONVERT(int64_t, int64_t, v / 1000 - (v % 1000 < 0));
}

bool lv_pq_convert(const lv_pq_leaf *leaf, const void *decoded, size_t count, void *out)
{
    switch (leaf->type->kind) {
    case LV_TYPE_TINYINT: CONVERT(int8_t, int32_t, v);
    case LV_TYPE_SMALLINT: CONVERT(int16_t, int32_t, leaf->is_unsigned ? v & 0xFF : v);
    case LV_TYPE_INT: CONVERT(int32_t, int32_t, v & 0xFFFF);
    case LV_TYPE_BIGINT: CONVERT(int64_t, int32_t, leaf->is_unsigned ? (int64_t)(uint32_t)v : v);
    case LV_TYPE_FLOAT:
        for (size_t i = 0; i < count; i++) {
            uint16_t half;
            memcpy(&half, ((const lv_str *)decoded)[i].ptr, 2);
            ((float *)out)[i] = lv_half_float(half);
        }
        return true;
    case LV_TYPE_DECIMAL: return convert_decimals(leaf, decoded, count, out);
    default: return convert_timestamps(leaf, decoded, count, out);
    }
}
#undef CONVERT

/* ---- widening -------------------------------------------------------------------------------- */

static bool is_timestamp(lv_type_kind kind)
{
    return kind == LV_TYPE_TIMESTAMP || kind == LV_TYPE_TIMESTAMP_NTZ;
}

/* Digits before the point that an integral type may need. */
static int integral_digits(lv_type_kind kind)
{
    return kind == LV_TYPE_TINYINT    ? 3
           : kind == LV_TYPE_SMALLINT ? 5
           : kind == LV_TYPE_INT      ? 10
                                      : 20;
}

bool lv_pq_can_widen(const lv_type *from, const lv_type *to)
{
    if (from->kind == LV_TYPE_DECIMAL && to->kind == LV_TYPE_DECIMAL)
        return to->scale >= from->scale &&
               to->precision - to->scale >= from->precision - from->scale;
    if (from->kind == to->kind || (is_timestamp(from->kind) && is_timestamp(to->kind)) ||
        (lv_type_is_string_like(from) && lv_type_is_string_like(to)))
        return true;
    if (lv_type_is_integral(from) && to->kind == LV_TYPE_DECIMAL)
        return to->precision - to->scale >= integral_digits(from->kind);
    /* Integers narrower than INT32 are often stored without saying so: each value is checked. */
    if (from->kind == LV_TYPE_INT && lv_type_is_integral(to))
        return true;
    if (lv_type_is_integral(from) && lv_type_is_integral(to))
        return to->kind >= from->kind;
    if (to->kind == LV_TYPE_DOUBLE)
        return from->kind == LV_TYPE_FLOAT ||
               (lv_type_is_integral(from) && from->kind <= LV_TYPE_INT);
    return from->kind == LV_TYPE_DATE && to->kind == LV_TYPE_TIMESTAMP_NTZ;
}

static int64_t integral_at(const lv_vector *v, int64_t i)
{
    switch (v->type->kind) {
    case LV_TYPE_TINYINT: return ((const int8_t *)v->data)[i];
    case LV_TYPE_SMALLINT: return ((const int16_t *)v->data)[i];
    case LV_TYPE_INT:
    case LV_TYPE_DATE: return ((const int32_t *)v->data)[i];
    default: return ((const int64_t *)v->data)[i];
    }
}

static int128 power_of_ten(int exponent)
{
    int128 power = 1;
    while (exponent-- > 0)
        power *= 10;
    return power;
}

/* Value i of `v` as `to`; false if it does not fit. */
static bool widen_value(const lv_vector *v, int64_t i, const lv_type *to, int128 factor, void *out)
{
    lv_type_kind from = v->type->kind;
    int64_t integral = from == LV_TYPE_DECIMAL || from == LV_TYPE_FLOAT ? 0 : integral_at(v, i);
    switch (to->kind) {
    case LV_TYPE_TINYINT:
        ((int8_t *)out)[i] = (int8_t)integral;
        return integral == (int8_t)integral;
    case LV_TYPE_SMALLINT:
        ((int16_t *)out)[i] = (int16_t)integral;
        return integral == (int16_t)integral;
    case LV_TYPE_INT: ((int32_t *)out)[i] = (int32_t)integral; return integral == (int32_t)integral;
    case LV_TYPE_BIGINT: ((int64_t *)out)[i] = integral; return true;
    case LV_TYPE_DOUBLE:
        ((double *)out)[i] =
            from == LV_TYPE_FLOAT ? (double)((const float *)v->data)[i] : (double)integral;
        return true;
    case LV_TYPE_TIMESTAMP_NTZ:
        return !__builtin_mul_overflow(integral, (int64_t)86400000000, &((int64_t *)out)[i]);
    default: {
        int128 value = from == LV_TYPE_DECIMAL ? ((const int128 *)v->data)[i] : integral;
        return !__builtin_mul_overflow(value, factor, &((int128 *)out)[i]);
    }
    }
}

lv_status lv_pq_widen(lv_arena *arena, const lv_type *to, lv_vector *v, lv_error *err)
{
    const lv_type *from = v->type;
    bool same_values =
        from->kind == to->kind
            ? from->kind != LV_TYPE_DECIMAL || from->scale == to->scale
            : (is_timestamp(from->kind) && is_timestamp(to->kind)) || lv_type_is_string_like(from);
    if (!same_values) {
        LV_ASSERT(v->encoding == LV_FLAT);
        int128 factor =
            to->kind == LV_TYPE_DECIMAL
                ? power_of_ten(to->scale - (from->kind == LV_TYPE_DECIMAL ? from->scale : 0))
                : 1;
        void *out = lv_arena_alloc(arena, lv_type_value_size(to) * (size_t)LV_MAX(v->length, 1));
        for (int64_t i = 0; i < v->length; i++)
            if (!widen_value(v, i, to, factor, out))
                return LV_FAIL(err, LV_PARQUET_CORRUPT, "a value does not fit the column's type");
        v->data = out;
    }
    v->type = to;
    return LV_OK;
}
