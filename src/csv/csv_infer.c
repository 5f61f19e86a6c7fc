/* csv_infer.c: the type that the values of a column have. Source: CSVInferSchema. */
#include "base/datetime.h"
#include "column/decimal.h"
#include "csv/csv_int.h"

/* DECIMAL(p,0) of a whole number of up to 38 digits without exponent; NULL: it is none. */
static const lv_type *whole_decimal(lv_arena *arena, lv_str s)
{
    __int128 value;
    int precision = 1;
    size_t i = s.len > 0 && (s.ptr[0] == '-' || s.ptr[0] == '+');
    if (s.len > i + 1 && s.ptr[s.len - 1] == '.')
        s.len--;
    for (size_t d = i; d < s.len; d++)
        if (s.ptr[d] < '0' || s.ptr[d] > '9')
            return NULL;
    if (i == s.len || !lv_decimal_parse(s, 38, 0, &value))
        return NULL;
    while (!lv_decimal_fits(value, precision))
        precision++;
    return lv_type_decimal(arena, precision, 0);
}

static bool is_plain_date(lv_str s)
{
    int32_t ignored;
    return s.len == 10 && s.ptr[0] >= '0' && s.ptr[0] <= '9' && s.ptr[4] == '-' &&
           s.ptr[7] == '-' && lv_date_parse(s, &ignored);
}

static const lv_type *time_or_less(lv_arena *arena, const lv_csv_options *o, lv_str s)
{
    lv_time_formats times = o->times;
    int64_t ignored;
    times.fallback = LV_FALLBACK_OFF;
    if (lv_time_formats_timestamp(&times, arena, s, &ignored))
        return lv_type_of(LV_TYPE_TIMESTAMP);
    bool is_boolean = lv_str_eq_nocase(s, LV_STR("true")) || lv_str_eq_nocase(s, LV_STR("false"));
    return lv_type_of(is_boolean ? LV_TYPE_BOOLEAN : LV_TYPE_STRING);
}

static const lv_type *date_or_less(lv_arena *arena, const lv_csv_options *o, lv_str s)
{
    lv_time_formats times = o->times;
    int32_t ignored;
    times.fallback = LV_FALLBACK_OFF;
    if (o->prefer_date && (o->times.date != NULL ? lv_time_formats_date(&times, arena, s, &ignored)
                                                 : is_plain_date(s)))
        return lv_type_of(LV_TYPE_DATE);
    return time_or_less(arena, o, s);
}

/* The narrowest type of a value, tried from the one that the column has so far. */
static const lv_type *type_of_value(lv_arena *arena, const lv_csv_options *o, lv_type_kind from,
                                    lv_str s)
{
    int64_t number;
    double real;
    const lv_type *decimal;
    if (from <= LV_TYPE_BIGINT && from != LV_TYPE_BOOLEAN && lv_str_to_i64(s, &number))
        return lv_type_of(from != LV_TYPE_BIGINT && number == (int32_t)number ? LV_TYPE_INT
                                                                              : LV_TYPE_BIGINT);
    if (from <= LV_TYPE_DECIMAL && from != LV_TYPE_BOOLEAN) {
        if (from != LV_TYPE_DOUBLE && (decimal = whole_decimal(arena, s)) != NULL)
            return decimal;
        if (lv_csv_read_real(o, s, false, &real))
            return lv_type_of(LV_TYPE_DOUBLE);
    }
    return from == LV_TYPE_BOOLEAN || from == LV_TYPE_TIMESTAMP ? time_or_less(arena, o, s)
                                                                : date_or_less(arena, o, s);
}

/* A type that values of both have; STRING if there is no other. */
static const lv_type *wider(lv_arena *arena, const lv_type *a, const lv_type *b)
{
    if (a->kind == b->kind && a->kind != LV_TYPE_DECIMAL)
        return a;
    if (a->kind == LV_TYPE_VOID)
        return b;
    bool dates = (a->kind == LV_TYPE_DATE || a->kind == LV_TYPE_TIMESTAMP) &&
                 (b->kind == LV_TYPE_DATE || b->kind == LV_TYPE_TIMESTAMP);
    if (dates)
        return lv_type_of(LV_TYPE_TIMESTAMP);
    if (!lv_type_is_numeric(a) || !lv_type_is_numeric(b))
        return lv_type_of(LV_TYPE_STRING);
    if (a->kind == LV_TYPE_DOUBLE || b->kind == LV_TYPE_DOUBLE)
        return lv_type_of(LV_TYPE_DOUBLE);
    if (a->kind != LV_TYPE_DECIMAL && b->kind != LV_TYPE_DECIMAL)
        return lv_type_of(LV_TYPE_BIGINT);
    int digits = 0;
    const lv_type *both[] = {a, b};
    for (int i = 0; i < 2; i++)
        digits = LV_MAX(digits, both[i]->kind == LV_TYPE_INT      ? 10
                                : both[i]->kind == LV_TYPE_BIGINT ? 20
                                                                  : both[i]->precision);
    return lv_type_decimal(arena, digits, 0);
}

const lv_type *lv_csv_infer(lv_arena *arena, const lv_csv_options *options, const lv_type *so_far,
                            lv_str value)
{
    if (value.len == 0 || so_far->kind == LV_TYPE_STRING || lv_str_eq(value, options->null_value))
        return so_far;
    const lv_type *type = type_of_value(arena, options, so_far->kind, value);
    return type->kind == so_far->kind && type->kind != LV_TYPE_DECIMAL ? so_far
                                                                       : wider(arena, so_far, type);
}
