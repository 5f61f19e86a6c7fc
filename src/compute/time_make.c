/* time_make.c: dates, timestamps and intervals of their parts: make_date, make_timestamp, make_interval, ...
 * Source: datetimeExpressions.scala, intervalExpressions.scala. */
#include "compute/time_int.h"

enum { MINUTE_US = 60 * LV_SECOND_US };
static const int64_t HOUR_US = 60LL * MINUTE_US;

/* What becomes of parts that make nothing. */
typedef struct make {
    bool to_null;
    lv_zone_cursor zone; /* make_timestamp: of the last argument */
    bool has_zone;
} make;

static int64_t int_at(const lv_vector *args, int a, int64_t i)
{
    return LV_AT(int32_t, &args[a], i);
}

static make *use(const lv_function *function, lv_bind *bind)
{
    make *m = LV_NEW(bind->arena, make);
    m->to_null = (function->op & MAKE_TRY) != 0 || !bind->ansi;
    bind->param = m;
    return m;
}

static lv_status want_ints(const lv_function *function, lv_bind *bind, int count, lv_error *err)
{
    for (int i = 0; i < LV_MIN(count, bind->arg_count); i++)
        LV_TRY(lv_bind_want_number(function, bind, i, lv_type_of(LV_TYPE_INT), err));
    return LV_OK;
}

/* ---- dates ----------------------------------------------------------------------------------- */

/* Days of a date; or why there is none. */
static bool date_of(int64_t year, int64_t month, int64_t day, int64_t *days, const char **why)
{
    *why = year < -999999999 || year > 999999999 ? "Year (valid values -999999999 - 999999999)"
           : month < 1 || month > 12             ? "MonthOfYear (valid values 1 - 12)"
           : day < 1 || day > lv_days_in_month(year, (int)month)
               ? "DayOfMonth (valid values 1 - 28/31)"
               : NULL;
    if (*why == NULL)
        *days = lv_days_from_civil(year, (int)month, (int)day);
    return *why == NULL;
}

static lv_status fail_field(const char *why, lv_error *err)
{
    return LV_FAIL(err, LV_DATETIME_FIELD,
                   "Invalid value for %s. If necessary set \"spark.sql.ansi.enabled\" to \"false\" "
                   "to bypass this error",
                   why);
}

static lv_status kernel_make_date(const lv_call *call, lv_eval *eval, const lv_vector *args,
                                  int64_t rows, lv_vector *out, lv_error *err)
{
    const make *m = call->param;
    bool owned = false;
    lv_result_init(call, eval, args, rows, out);
    uint64_t *validity = out->validity;
    for (int64_t i = 0; i < rows; i++) {
        int64_t days = 0;
        const char *why = NULL;
        if (lv_row_valid(validity, i) &&
            date_of(int_at(args, 0, i), int_at(args, 1, i), int_at(args, 2, i), &days, &why) &&
            days != (int32_t)days)
            why = "Year (the date is out of range)";
        if (why != NULL && !m->to_null)
            return fail_field(why, err);
        if (why != NULL)
            lv_result_set_null(eval->arena, out, i, &owned);
        ((int32_t *)out->data)[i] = why ? 0 : (int32_t)days;
    }
    return LV_OK;
}

lv_status lv_bind_make_date(const lv_function *function, lv_bind *bind, lv_error *err)
{
    LV_TRY(want_ints(function, bind, 3, err));
    lv_bind_result(bind, lv_type_of(LV_TYPE_DATE), false, kernel_make_date);
    bind->nullable = bind->nullable || use(function, bind)->to_null;
    return LV_OK;
}

/* ---- timestamps ------------------------------------------------------------------------------ */

/* Local microseconds of row `i`. Seconds are a DECIMAL(16,6); 60 of them are a minute. */
static lv_status time_of(const lv_vector *args, int64_t i, int64_t *us, const char **why,
                         lv_error *err)
{
    __int128 seconds = LV_AT(__int128, &args[5], i);
    int64_t days, hour = int_at(args, 3, i), minute = int_at(args, 4, i), total;
    if (!date_of(int_at(args, 0, i), int_at(args, 1, i), int_at(args, 2, i), &days, why))
        return LV_OK;
    bool whole_minute = seconds == MINUTE_US;
    if (seconds > MINUTE_US && seconds < MINUTE_US + LV_SECOND_US)
        return LV_FAIL(err, LV_INVALID_FRACTION_OF_SECOND,
                       "Valid range for seconds is [0, 60] (inclusive), but the provided value is "
                       "60 and a fraction. Use `try_make_timestamp` to get NULL instead");
    *why = hour < 0 || hour > 23       ? "HourOfDay (valid values 0 - 23)"
           : minute < 0 || minute > 59 ? "MinuteOfHour (valid values 0 - 59)"
           : !whole_minute && (seconds < 0 || seconds >= MINUTE_US)
               ? "SecondOfMinute (valid values 0 - 59)"
               : NULL;
    int64_t time_us = hour * HOUR_US + minute * MINUTE_US + (int64_t)(*why ? 0 : seconds);
    if (*why == NULL && (__builtin_mul_overflow(days, LV_DAY_US, &total) ||
                         __builtin_add_overflow(total, time_us, us)))
        *why = "Year (the timestamp is out of range)";
    return LV_OK;
}

static lv_status kernel_make_timestamp(const lv_call *call, lv_eval *eval, const lv_vector *args,
                                       int64_t rows, lv_vector *out, lv_error *err)
{
    make m = *(const make *)call->param;
    bool ntz = call->type->kind == LV_TYPE_TIMESTAMP_NTZ, owned = false;
    lv_strs zones = m.has_zone ? lv_strs_of(&args[6]) : (lv_strs){0};
    lv_result_init(call, eval, args, rows, out);
    uint64_t *validity = out->validity;
    int64_t *values = out->data;
    for (int64_t i = 0; i < rows; i++) {
        const char *why = NULL;
        values[i] = 0;
        if (!lv_row_valid(validity, i))
            continue;
        lv_status status = time_of(args, i, &values[i], &why, m.to_null ? NULL : err);
        if (status != LV_OK && !m.to_null)
            return status;
        if (why != NULL && !m.to_null)
            return fail_field(why, err);
        if (m.has_zone)
            LV_TRY(lv_zone_cursor_at(&m.zone, eval->arena, lv_strs_at(&zones, i), err));
        if (status != LV_OK || why != NULL)
            values[i] = 0, lv_result_set_null(eval->arena, out, i, &owned);
        else if (!ntz)
            values[i] = lv_utc_us(values[i], m.has_zone ? m.zone.zone : eval->zone);
    }
    return LV_OK;
}

static lv_status kernel_midnight(const lv_call *call, lv_eval *eval, const lv_vector *args,
                                 int64_t rows, lv_vector *out, lv_error *err)
{
    return lv_cast(eval, &args[0], call->type, LV_CAST_EXPLICIT, LV_STR_NONE, out, err);
}

lv_status lv_bind_make_timestamp(const lv_function *function, lv_bind *bind, lv_error *err)
{
    const lv_type *type =
        lv_type_of((function->op & 15) == PARSE_NTZ ? LV_TYPE_TIMESTAMP_NTZ : LV_TYPE_TIMESTAMP);
    if (bind->arg_count > 3 && bind->arg_count < 6)
        return LV_FAIL(err, LV_WRONG_NUM_ARGS,
                       "the `%s` requires [1, 2, 3, 6, 7] parameters but the actual number is %d",
                       function->name, bind->arg_count);
    if (bind->arg_count < 6) {
        LV_TRY(lv_bind_want_date(function, bind, 0, err));
        if (bind->arg_count > 1)
            return LV_FAIL(err, LV_UNSUPPORTED_FEATURE,
                           "The feature is not supported: %s of a DATE and a TIME", function->name);
        lv_bind_result(bind, type, true, kernel_midnight);
        return LV_OK;
    }
    LV_TRY(want_ints(function, bind, 5, err));
    LV_TRY(lv_bind_want_number(function, bind, 5, lv_type_decimal(bind->arena, 16, 6), err));
    make *m = use(function, bind);
    m->has_zone = bind->arg_count == 7;
    if (m->has_zone) {
        LV_TRY(lv_bind_want(function, bind, 6, lv_type_of(LV_TYPE_STRING), err));
        LV_TRY(lv_bind_zone_argument(bind, 6, &m->zone, err));
    }
    lv_bind_result(bind, type, false, kernel_make_timestamp);
    bind->nullable = bind->nullable || m->to_null;
    return LV_OK;
}

/* ---- intervals ------------------------------------------------------------------------------- */

static bool add_product(int64_t *sum, int64_t count, int64_t unit)
{
    int64_t part;
    return !__builtin_mul_overflow(count, unit, &part) && !__builtin_add_overflow(*sum, part, sum);
}

/* The sum of `count` arguments from `first` on, each in its unit; the last one of a time is seconds, a DECIMAL with six
 * digits behind the point. False on overflow. */
static bool sum_of(const lv_vector *args, int first, int count, const int64_t *units, int64_t i,
                   int64_t *sum)
{
    bool fits = true;
    *sum = 0;
    for (int a = first; a < first + count && fits; a++)
        fits = args[a].type->kind == LV_TYPE_DECIMAL
                   ? add_product(sum, (int64_t)LV_AT(__int128, &args[a], i), 1)
                   : add_product(sum, int_at(args, a, i), units[a - first]);
    return fits;
}

static const int64_t month_units[] = {12, 1}, day_units[] = {7, 1},
                     time_units[] = {86400LL * LV_SECOND_US, 3600LL * LV_SECOND_US,
                                     60LL * LV_SECOND_US};

static lv_status fail_overflow(const lv_call *call, lv_error *err)
{
    if (call->type->kind == LV_TYPE_INTERVAL)
        return LV_FAIL(err, LV_ARITHMETIC_OVERFLOW,
                       "overflow. If necessary set \"spark.sql.ansi.enabled\" to \"false\" to "
                       "bypass this error");
    return LV_FAIL(err, LV_INTERVAL_OVERFLOW,
                   "Integer overflow while operating with intervals. Try devising appropriate "
                   "values for the interval parameters");
}

static bool make_row(const lv_call *call, const lv_vector *args, int64_t i, lv_vector *out)
{
    int64_t months, days, us;
    int given = call->arg_count;
    switch (call->type->kind) {
    case LV_TYPE_MONTHS:
        if (!sum_of(args, 0, given, month_units, i, &months) || months != (int32_t)months)
            return false;
        ((int32_t *)out->data)[i] = (int32_t)months;
        return true;
    case LV_TYPE_MICROS: return sum_of(args, 0, given, time_units, i, (int64_t *)out->data + i);
    default:
        if (!sum_of(args, 0, 2, month_units, i, &months) || months != (int32_t)months ||
            !sum_of(args, 2, 2, day_units, i, &days) || days != (int32_t)days ||
            !sum_of(args, 4, 3, time_units + 1, i, &us))
            return false;
        ((lv_interval *)out->data)[i] = (lv_interval){(int32_t)months, (int32_t)days, us};
        return true;
    }
}

static lv_status kernel_make_interval(const lv_call *call, lv_eval *eval, const lv_vector *args,
                                      int64_t rows, lv_vector *out, lv_error *err)
{
    const make *m = call->param;
    size_t size = lv_type_value_size(call->type);
    bool owned = false;
    lv_result_init(call, eval, args, rows, out);
    uint64_t *validity = out->validity;
    for (int64_t i = 0; i < rows; i++) {
        bool valid = lv_row_valid(validity, i);
        if (valid && make_row(call, args, i, out))
            continue;
        memset((char *)out->data + (size_t)i * size, 0, size);
        if (valid && !(m->to_null && call->type->kind == LV_TYPE_INTERVAL))
            return fail_overflow(call, err);
        if (valid)
            lv_result_set_null(eval->arena, out, i, &owned);
    }
    return LV_OK;
}

/* Arguments left out are zeros that plan/ puts in; op says which interval. */
lv_status lv_bind_make_interval(const lv_function *function, lv_bind *bind, lv_error *err)
{
    lv_type_kind kind = (lv_type_kind)(function->op & ~MAKE_TRY);
    bool months = kind == LV_TYPE_MONTHS;
    if (bind->arg_count != function->max_args)
        return LV_FAIL(err, LV_INTERNAL, "`%s` without its defaults", function->name);
    LV_TRY(want_ints(function, bind, bind->arg_count - !months, err));
    if (!months)
        LV_TRY(lv_bind_want_number(function, bind, bind->arg_count - 1,
                                   lv_type_decimal(bind->arena, 18, 6), err));
    lv_bind_result(bind, lv_type_of(kind), false, kernel_make_interval);
    make *m = use(function, bind);
    m->to_null = !bind->ansi || (function->op & MAKE_TRY);
    bind->nullable = bind->nullable || (kind == LV_TYPE_INTERVAL && m->to_null);
    return LV_OK;
}
