/* csv_value.c: texts of a record as values, and the types that they have, after UnivocityParser's converters and
 * CSVInferSchema. */
#include <math.h>

#include "base/double.h"
#include "column/decimal.h"
#include "csv/csv_int.h"

/* ---- values ---------------------------------------------------------------------------------- */

/* As Java's parseByte, parseShort, ...: digits with a sign. */
static bool read_integer(lv_str s, lv_type_kind kind, void *out)
{
    int64_t v;
    if (!lv_str_to_i64(s, &v))
        return false;
    switch (kind) { /* dispatch */
    case LV_TYPE_TINYINT: *(int8_t *)out = (int8_t)v; return v == (int8_t)v;
    case LV_TYPE_SMALLINT: *(int16_t *)out = (int16_t)v; return v == (int16_t)v;
    case LV_TYPE_INT: *(int32_t *)out = (int32_t)v; return v == (int32_t)v;
    default: *(int64_t *)out = v; return true;
    }
}

/* NaN and infinities, by the options' names and by Java's. */
static bool read_special(const lv_csv_options *o, lv_str s, double *out)
{
    if (lv_str_eq(s, o->nan))
        *out = NAN;
    else if (lv_str_eq(s, o->negative_inf))
        *out = -INFINITY;
    else if (lv_str_eq(s, o->positive_inf))
        *out = INFINITY;
    else
        return false;
    return true;
}

static bool read_java_special(lv_str s, double *out)
{
    bool negative = s.len > 0 && s.ptr[0] == '-';
    if (s.len > 0 && (s.ptr[0] == '-' || s.ptr[0] == '+'))
        s = lv_str_sub(s, 1, s.len - 1);
    if (lv_str_is(s, "NaN"))
        *out = NAN;
    else if (lv_str_is(s, "Infinity"))
        *out = negative ? -INFINITY : INFINITY;
    else
        return false;
    return true;
}

static lv_str java_trim(lv_str s)
{
    while (s.len > 0 && (unsigned char)s.ptr[0] <= ' ')
        s = lv_str_sub(s, 1, s.len - 1);
    while (s.len > 0 && (unsigned char)s.ptr[s.len - 1] <= ' ')
        s.len--;
    return s;
}

/* As Java's parseDouble and parseFloat: blanks around, a suffix f or d. */
static bool read_real(const lv_csv_options *o, lv_str s, bool is_float, void *out)
{
    double special;
    lv_str text = java_trim(s);
    bool is_special = read_special(o, s, &special) || read_java_special(text, &special);
    if (is_special && is_float)
        *(float *)out = (float)special;
    else if (is_special)
        *(double *)out = special;
    if (is_special)
        return true;
    if (text.len > 1 && memchr("fFdD", text.ptr[text.len - 1], 4) != NULL)
        text.len--;
    return is_float ? lv_float_parse(text, out) : lv_double_parse(text, out);
}

/* As java.text.DecimalFormat reads numbers of the locale en-US: commas are skipped. */
static bool read_decimal(lv_arena *arena, const lv_type *type, lv_str s, void *out)
{
    char *text = lv_arena_alloc(arena, s.len);
    size_t len = 0;
    for (size_t i = 0; i < s.len; i++)
        if (s.ptr[i] != ',')
            text[len++] = s.ptr[i];
    return lv_decimal_parse((lv_str){text, len}, type->precision, type->scale, out);
}

static bool read_boolean(lv_str s, uint8_t *out)
{
    *out = lv_str_eq_nocase(s, LV_STR("true"));
    return *out != 0 || lv_str_eq_nocase(s, LV_STR("false"));
}

bool lv_csv_read_value(const lv_csv_options *o, lv_arena *scratch, const lv_type *type, lv_str s,
                       void *out)
{
    const lv_time_formats *times = &o->times;
    switch (type->kind) { /* dispatch */
    case LV_TYPE_STRING:
    case LV_TYPE_BINARY: *(lv_str *)out = s; return true;
    case LV_TYPE_TINYINT:
    case LV_TYPE_SMALLINT:
    case LV_TYPE_INT:
    case LV_TYPE_BIGINT: return read_integer(s, type->kind, out);
    case LV_TYPE_FLOAT: return read_real(o, s, true, out);
    case LV_TYPE_DOUBLE: return read_real(o, s, false, out);
    case LV_TYPE_BOOLEAN: return read_boolean(s, out);
    case LV_TYPE_DECIMAL: return read_decimal(scratch, type, s, out);
    case LV_TYPE_DATE: return lv_time_formats_date(times, scratch, s, out);
    case LV_TYPE_TIMESTAMP: return lv_time_formats_timestamp(times, scratch, s, out);
    case LV_TYPE_TIMESTAMP_NTZ: return lv_time_formats_timestamp_ntz(times, s, out);
    default: return false;
    }
}

/* ---- types ----------------------------------------------------------------------------------- */

/* A number without digits behind its point, as a DECIMAL; NULL if it is none that fits. */
static const lv_type *infer_decimal(lv_arena *arena, lv_str s)
{
    int64_t exponent = 0, digits = 0, behind = 0;
    double ignored;
    char *text = lv_arena_alloc(arena, s.len);
    size_t len = 0;
    for (size_t i = 0; i < s.len; i++)
        if (s.ptr[i] != ',')
            text[len++] = s.ptr[i];
    if (!lv_double_parse((lv_str){text, len}, &ignored))
        return NULL;
    bool point = false;
    for (size_t i = 0; i < len; i++) {
        if ((text[i] | 32) == 'e') {
            if (!lv_str_to_i64((lv_str){text + i + 1, len - i - 1}, &exponent))
                return NULL;
            break;
        }
        bool is_digit = text[i] >= '0' && text[i] <= '9';
        digits += is_digit && (digits > 0 || text[i] != '0');
        behind += is_digit && point;
        point = point || text[i] == '.';
    }
    bool fits = digits <= 38 && behind == exponent;
    return fits ? lv_type_decimal(arena, (int)LV_MAX(digits, (int64_t)1), 0) : NULL;
}

/* The first type, from `from` on, that reads the text. */
static const lv_type *infer_from(lv_arena *arena, const lv_csv_options *o, lv_type_kind from,
                                 lv_str s)
{
    static const lv_type_kind order[] = {LV_TYPE_INT,    LV_TYPE_BIGINT, LV_TYPE_DECIMAL,
                                         LV_TYPE_DOUBLE, LV_TYPE_DATE,   LV_TYPE_TIMESTAMP,
                                         LV_TYPE_BOOLEAN};
    size_t i = 0;
    while (i < LV_COUNT_OF(order) && order[i] != from)
        i++;
    if (i == LV_COUNT_OF(order) && from != LV_TYPE_STRING)
        i = 0;
    lv_csv_options strict = *o;
    strict.times.fallback = LV_FALLBACK_OFF;
    if (o->times.date == NULL)
        strict.times.date = lv_time_formats_pattern(arena, LV_STR("yyyy-MM-dd"));
    for (; i < LV_COUNT_OF(order); i++) {
        _Alignas(16) char value[16];
        const lv_type *decimal = order[i] == LV_TYPE_DECIMAL ? infer_decimal(arena, s) : NULL;
        if (decimal != NULL)
            return decimal;
        if (order[i] == LV_TYPE_DECIMAL || (order[i] == LV_TYPE_DATE && !o->prefer_date))
            continue;
        if (lv_csv_read_value(&strict, arena, lv_type_of(order[i]), s, value))
            return lv_type_of(order[i]);
    }
    return lv_type_of(LV_TYPE_STRING);
}

static const lv_type *merge_decimals(lv_arena *arena, const lv_type *a, const lv_type *b)
{
    return a->precision >= b->precision ? a : b; /* scales are 0 */
}

static bool are_dates_timestamps(const lv_csv_options *o)
{
    return o->times.timestamp == NULL && o->times.date == NULL;
}

/* The type that values of both have; `found` does not stand before `so_far` in the order above. */
static const lv_type *merge(lv_arena *arena, const lv_csv_options *o, const lv_type *so_far,
                            const lv_type *found)
{
    lv_type_kind a = so_far->kind, b = found->kind;
    if (a == LV_TYPE_VOID || (a == b && a != LV_TYPE_DECIMAL))
        return found;
    if (a == LV_TYPE_DECIMAL && b == LV_TYPE_DECIMAL)
        return merge_decimals(arena, so_far, found);
    if (lv_type_is_numeric(so_far) && lv_type_is_numeric(found))
        return found;
    if (a == LV_TYPE_DATE && b == LV_TYPE_TIMESTAMP && are_dates_timestamps(o))
        return found;
    return lv_type_of(LV_TYPE_STRING);
}

const lv_type *lv_csv_infer(lv_arena *arena, const lv_csv_options *o, const lv_type *so_far,
                            lv_str s)
{
    if (s.len == 0 || lv_str_eq(s, o->null_value) || so_far->kind == LV_TYPE_STRING)
        return so_far;
    return merge(arena, o, so_far, infer_from(arena, o, so_far->kind, s));
}
