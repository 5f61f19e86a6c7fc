/* time_trunc.c: date_trunc, trunc, and other days: last_day, next_day, add_months, datediff, months_between.
 * Source: datetimeExpressions.scala, DateTimeUtils. */
#include <math.h>

#include "compute/time_int.h"

/* ---- rounding down --------------------------------------------------------------------------- */

enum {
    TRUNC_YEAR,
    TRUNC_QUARTER,
    TRUNC_MONTH,
    TRUNC_WEEK,
    TRUNC_DAY,
    TRUNC_HOUR,
    TRUNC_MINUTE,
    TRUNC_SECOND,
    TRUNC_MILLI,
    TRUNC_MICRO
};
static const struct {
    const char *name;
    int unit;
} trunc_units[] = {
    {"year", TRUNC_YEAR},       {"yyyy", TRUNC_YEAR},         {"yy", TRUNC_YEAR},
    {"quarter", TRUNC_QUARTER}, {"month", TRUNC_MONTH},       {"mm", TRUNC_MONTH},
    {"mon", TRUNC_MONTH},       {"week", TRUNC_WEEK},         {"day", TRUNC_DAY},
    {"dd", TRUNC_DAY},          {"hour", TRUNC_HOUR},         {"minute", TRUNC_MINUTE},
    {"second", TRUNC_SECOND},   {"millisecond", TRUNC_MILLI}, {"microsecond", TRUNC_MICRO}};

static int trunc_unit(lv_str name)
{
    for (size_t i = 0; i < LV_COUNT_OF(trunc_units); i++)
        if (lv_str_eq_nocase(name, lv_str_of(trunc_units[i].name)))
            return trunc_units[i].unit;
    return -1;
}

/* The first day of a unit of a week or longer; weeks begin on Monday, and 1970-01-01 was a Thursday. */
static int64_t trunc_days(int64_t days, int unit)
{
    int64_t year;
    int month, day;
    if (unit == TRUNC_WEEK)
        return days - ((days + 3) % 7 + 7) % 7;
    lv_civil_from_days(days, &year, &month, &day);
    month = unit == TRUNC_YEAR ? 1 : unit == TRUNC_QUARTER ? (month - 1) / 3 * 3 + 1 : month;
    return lv_days_from_civil(year, month, 1);
}

static int64_t trunc_local(int64_t local, int unit)
{
    static const int64_t sizes[] = {[TRUNC_DAY] = LV_DAY_US,
                                    [TRUNC_HOUR] = 3600LL * LV_SECOND_US,
                                    [TRUNC_MINUTE] = 60LL * LV_SECOND_US,
                                    [TRUNC_SECOND] = LV_SECOND_US,
                                    [TRUNC_MILLI] = 1000,
                                    [TRUNC_MICRO] = 1};
    return unit >= TRUNC_DAY ? lv_floor_div(local, sizes[unit]) * sizes[unit]
                             : trunc_days(lv_floor_div(local, LV_DAY_US), unit) * LV_DAY_US;
}

/* A row's unit, looked up where it is another than the row's before. */
typedef struct unit_cursor {
    lv_str name;
    int unit;
} unit_cursor;

static int unit_at(unit_cursor *cursor, lv_str name)
{
    if (cursor->name.ptr == NULL || !lv_str_eq(cursor->name, name))
        *cursor = (unit_cursor){name, trunc_unit(name)};
    return cursor->unit;
}

static lv_status kernel_date_trunc(const lv_call *call, lv_eval *eval, const lv_vector *args,
                                   int64_t rows, lv_vector *out, lv_error *err)
{
    lv_strs units = lv_strs_of(&args[0]);
    unit_cursor cursor = {LV_STR_NONE, -1};
    bool owned = false;
    lv_result_init(call, eval, args, rows, out);
    uint64_t *validity = out->validity;
    for (int64_t i = 0; i < rows; i++) {
        int64_t *value = (int64_t *)out->data + i;
        *value = 0;
        if (!lv_row_valid(validity, i))
            continue;
        int unit = unit_at(&cursor, lv_strs_at(&units, i));
        int64_t us = LV_AT(int64_t, &args[1], i);
        if (unit < 0)
            lv_result_set_null(eval->arena, out, i, &owned);
        else if (unit >= TRUNC_SECOND) /* zones have whole seconds */
            *value = trunc_local(us, unit);
        else
            *value = lv_utc_us(trunc_local(lv_local_us(us, eval->zone), unit), eval->zone);
    }
    return LV_OK;
}

lv_status lv_bind_date_trunc(const lv_function *function, lv_bind *bind, lv_error *err)
{
    LV_TRY(lv_bind_want(function, bind, 0, lv_type_of(LV_TYPE_STRING), err));
    LV_TRY(lv_bind_want(function, bind, 1, lv_type_of(LV_TYPE_TIMESTAMP), err));
    lv_bind_result(bind, lv_type_of(LV_TYPE_TIMESTAMP), true, kernel_date_trunc);
    bind->nullable = true;
    return LV_OK;
}

static lv_status kernel_trunc(const lv_call *call, lv_eval *eval, const lv_vector *args,
                              int64_t rows, lv_vector *out, lv_error *err)
{
    lv_strs units = lv_strs_of(&args[1]);
    unit_cursor cursor = {LV_STR_NONE, -1};
    bool owned = false;
    lv_result_init(call, eval, args, rows, out);
    uint64_t *validity = out->validity;
    for (int64_t i = 0; i < rows; i++) {
        int32_t *value = (int32_t *)out->data + i;
        *value = 0;
        if (!lv_row_valid(validity, i))
            continue;
        int unit = unit_at(&cursor, lv_strs_at(&units, i));
        if (unit < 0 || unit > TRUNC_WEEK)
            lv_result_set_null(eval->arena, out, i, &owned);
        else
            *value = (int32_t)trunc_days(LV_AT(int32_t, &args[0], i), unit);
    }
    return LV_OK;
}

lv_status lv_bind_trunc(const lv_function *function, lv_bind *bind, lv_error *err)
{
    LV_TRY(lv_bind_want_date(function, bind, 0, err));
    LV_TRY(lv_bind_want(function, bind, 1, lv_type_of(LV_TYPE_STRING), err));
    lv_bind_result(bind, lv_type_of(LV_TYPE_DATE), true, kernel_trunc);
    bind->nullable = true;
    return LV_OK;
}

/* ---- other days ------------------------------------------------------------------------------ */

static lv_status kernel_last_day(const lv_call *call, lv_eval *eval, const lv_vector *args,
                                 int64_t rows, lv_vector *out, lv_error *err)
{
    lv_result_init(call, eval, args, rows, out);
    for (int64_t i = 0; i < rows; i++) {
        int32_t days = lv_row_valid(out->validity, i) ? ((const int32_t *)args[0].data)[i] : 0;
        int64_t year;
        int month, day;
        lv_civil_from_days(days, &year, &month, &day);
        ((int32_t *)out->data)[i] =
            (int32_t)((uint32_t)days + (uint32_t)(lv_days_in_month(year, month) - day));
    }
    return LV_OK;
}

lv_status lv_bind_last_day(const lv_function *function, lv_bind *bind, lv_error *err)
{
    LV_TRY(lv_bind_want_date(function, bind, 0, err));
    lv_bind_result(bind, lv_type_of(LV_TYPE_DATE), true, kernel_last_day);
    return LV_OK;
}

/* Monday 0 to Sunday 6, by two letters, three, or the whole name; -1 if it is none. */
static int find_weekday(lv_str name)
{
    static const char *const names[] = {"MONDAY", "TUESDAY",  "WEDNESDAY", "THURSDAY",
                                        "FRIDAY", "SATURDAY", "SUNDAY"};
    for (int d = 0; d < 7; d++) {
        lv_str whole = lv_str_of(names[d]);
        if (name.len == 2 || name.len == 3)
            whole.len = name.len;
        if (lv_str_eq_nocase(name, whole))
            return d;
    }
    return -1;
}

static lv_status kernel_next_day(const lv_call *call, lv_eval *eval, const lv_vector *args,
                                 int64_t rows, lv_vector *out, lv_error *err)
{
    lv_strs names = lv_strs_of(&args[1]);
    bool owned = false;
    lv_result_init(call, eval, args, rows, out);
    uint64_t *validity = out->validity;
    for (int64_t i = 0; i < rows; i++) {
        int32_t *value = (int32_t *)out->data + i;
        *value = 0;
        if (!lv_row_valid(validity, i))
            continue;
        int64_t days = LV_AT(int32_t, &args[0], i);
        int wanted = find_weekday(lv_strs_at(&names, i));
        int have = (int)(((days + 3) % 7 + 7) % 7);
        if (wanted < 0 && eval->ansi)
            return LV_FAIL(err, LV_ILLEGAL_DAY_OF_WEEK, "Illegal input for day of week: %.*s",
                           LV_STR_ARG(lv_strs_at(&names, i)));
        if (wanted < 0)
            lv_result_set_null(eval->arena, out, i, &owned);
        else
            *value = (int32_t)(days + (wanted - have + 6) % 7 + 1);
    }
    return LV_OK;
}

lv_status lv_bind_next_day(const lv_function *function, lv_bind *bind, lv_error *err)
{
    LV_TRY(lv_bind_want_date(function, bind, 0, err));
    LV_TRY(lv_bind_want(function, bind, 1, lv_type_of(LV_TYPE_STRING), err));
    lv_bind_result(bind, lv_type_of(LV_TYPE_DATE), !bind->ansi, kernel_next_day);
    bind->nullable = true;
    return LV_OK;
}

static lv_status kernel_add_months(const lv_call *call, lv_eval *eval, const lv_vector *args,
                                   int64_t rows, lv_vector *out, lv_error *err)
{
    lv_result_init(call, eval, args, rows, out);
    for (int64_t i = 0; i < rows; i++) {
        bool valid = lv_row_valid(out->validity, i);
        int32_t *value = (int32_t *)out->data + i;
        if (valid &&
            !lv_date_add_months(LV_AT(int32_t, &args[0], i), LV_AT(int32_t, &args[1], i), value))
            return LV_FAIL(err, LV_ARITHMETIC_OVERFLOW,
                           "overflow. If necessary set \"spark.sql.ansi.enabled\" to \"false\" to "
                           "bypass this error");
        if (!valid)
            *value = 0;
    }
    return LV_OK;
}

lv_status lv_bind_add_months(const lv_function *function, lv_bind *bind, lv_error *err)
{
    LV_TRY(lv_bind_want_date(function, bind, 0, err));
    LV_TRY(lv_bind_want_number(function, bind, 1, lv_type_of(LV_TYPE_INT), err));
    lv_bind_result(bind, lv_type_of(LV_TYPE_DATE), false, kernel_add_months);
    return LV_OK;
}

/* ---- differences ----------------------------------------------------------------------------- */

static lv_status kernel_date_diff(const lv_call *call, lv_eval *eval, const lv_vector *args,
                                  int64_t rows, lv_vector *out, lv_error *err)
{
    lv_result_init(call, eval, args, rows, out);
    for (int64_t i = 0; i < rows; i++)
        ((int32_t *)out->data)[i] = (int32_t)((uint32_t)LV_AT(int32_t, &args[0], i) -
                                              (uint32_t)LV_AT(int32_t, &args[1], i));
    return LV_OK;
}

lv_status lv_bind_date_diff(const lv_function *function, lv_bind *bind, lv_error *err)
{
    for (int i = 0; i < 2; i++)
        LV_TRY(lv_bind_want_date(function, bind, i, err));
    lv_bind_result(bind, lv_type_of(LV_TYPE_INT), true, kernel_date_diff);
    return LV_OK;
}

/* Whole months where both are the same day of their months, or the last; else a month has 31 days. */
static double months_between(int64_t a_us, int64_t b_us, bool round_off)
{
    int64_t a_days = lv_floor_div(a_us, LV_DAY_US), b_days = lv_floor_div(b_us, LV_DAY_US);
    int64_t a_year, b_year;
    int a_month, b_month, a_day, b_day;
    lv_civil_from_days(a_days, &a_year, &a_month, &a_day);
    lv_civil_from_days(b_days, &b_year, &b_month, &b_day);
    double months = (double)((a_year * 12 + a_month) - (b_year * 12 + b_month));
    bool both_last =
        a_day == lv_days_in_month(a_year, a_month) && b_day == lv_days_in_month(b_year, b_month);
    if (a_day == b_day || both_last)
        return months;
    int64_t seconds = (a_day - b_day) * 86400LL + (a_us - a_days * LV_DAY_US) / LV_SECOND_US -
                      (b_us - b_days * LV_DAY_US) / LV_SECOND_US;
    double value = months + (double)seconds / (31.0 * 86400);
    return round_off ? round(value * 1e8) / 1e8 : value;
}

static lv_status kernel_months_between(const lv_call *call, lv_eval *eval, const lv_vector *args,
                                       int64_t rows, lv_vector *out, lv_error *err)
{
    lv_result_init(call, eval, args, rows, out);
    for (int64_t i = 0; i < rows; i++) {
        double value = 0;
        if (lv_row_valid(out->validity, i))
            value = months_between(lv_local_us(LV_AT(int64_t, &args[0], i), eval->zone),
                                   lv_local_us(LV_AT(int64_t, &args[1], i), eval->zone),
                                   LV_AT(uint8_t, &args[2], i) != 0);
        ((double *)out->data)[i] = value;
    }
    return LV_OK;
}

lv_status lv_bind_months_between(const lv_function *function, lv_bind *bind, lv_error *err)
{
    for (int i = 0; i < 2; i++)
        LV_TRY(lv_bind_want(function, bind, i, lv_type_of(LV_TYPE_TIMESTAMP), err));
    LV_TRY(lv_bind_want(function, bind, 2, lv_type_of(LV_TYPE_BOOLEAN), err));
    lv_bind_result(bind, lv_type_of(LV_TYPE_DOUBLE), true, kernel_months_between);
    return LV_OK;
}
