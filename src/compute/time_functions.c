/* time_functions.c: functions of dates and timestamps. Local parts are those in the session's zone.
 * Source: datetimeExpressions.scala, DateTimeUtils. */
#include "compute/cast_int.h"
#include "compute/time_int.h"

enum { SECOND = LV_SECOND_US };
static const int64_t DAY = LV_DAY_US;

/* ---- now ------------------------------------------------------------------------------------- */

static lv_status kernel_now(const lv_call *call, lv_eval *eval, const lv_vector *args, int64_t rows,
                            lv_vector *out, lv_error *err)
{
    lv_vector_init_flat(out, eval->arena, call->type, 1);
    if (call->function->op == NOW_DATE)
        *(int32_t *)out->data =
            (int32_t)lv_floor_div(lv_local_us(eval->batch_time_us, eval->zone), DAY);
    else
        *(int64_t *)out->data =
            call->function->op == NOW_BATCH ? eval->batch_time_us : eval->now_us;
    out->encoding = LV_CONSTANT;
    out->length = rows;
    return LV_OK;
}

lv_status lv_bind_now(const lv_function *function, lv_bind *bind, lv_error *err)
{
    lv_bind_result(bind, lv_type_of(function->op == NOW_DATE ? LV_TYPE_DATE : LV_TYPE_TIMESTAMP),
                   true, kernel_now);
    return LV_OK;
}

/* ---- to_timestamp, to_date ------------------------------------------------------------------- */

static lv_status kernel_parse(const lv_call *call, lv_eval *eval, const lv_vector *args,
                              int64_t rows, lv_vector *out, lv_error *err)
{
    lv_cast_mode mode = call->function->op & 16 ? LV_CAST_TRY : LV_CAST_EXPLICIT;
    return lv_cast(eval, &args[0], call->type, mode, LV_STR_NONE, out, err);
}

lv_status lv_bind_parse_time(const lv_function *function, lv_bind *bind, lv_error *err)
{
    const lv_type *from = bind->arg_types[0],
                  *to = lv_type_of((function->op & 15) == PARSE_DATE ? LV_TYPE_DATE
                                                                     : LV_TYPE_TIMESTAMP);
    bool number = lv_type_is_numeric(from) && (function->op & 15) == PARSE_TIMESTAMP;
    bool time =
        from->kind == LV_TYPE_STRING || from->kind >= LV_TYPE_DATE || from->kind == LV_TYPE_VOID;
    if (!(number || time) || lv_type_is_nested(from))
        return lv_bind_mismatch(function, bind, 0, "(\"STRING\" or \"DATE\" or \"TIMESTAMP\")",
                                err);
    bool lenient = !bind->ansi || (function->op & 16);
    lv_bind_result(bind, to, lenient || !lv_cast_can_fail(from, to), kernel_parse);
    bind->nullable = bind->nullable || (lenient && lv_cast_can_fail(from, to));
    return LV_OK;
}

/* ---- unix times ------------------------------------------------------------------------------ */

static lv_status kernel_unix_units(const lv_call *call, lv_eval *eval, const lv_vector *args,
                                   int64_t rows, lv_vector *out, lv_error *err)
{
    int64_t divisor = SECOND / call->function->op;
    if (call->arg_count == 0) { /* unix_timestamp() */
        lv_vector_init_flat(out, eval->arena, call->type, 1);
        *(int64_t *)out->data = lv_floor_div(eval->batch_time_us, divisor);
        return LV_OK;
    }
    if (lv_vector_is_null(&args[0], 0) && args[0].encoding == LV_CONSTANT) {
        lv_vector_init_null(out, eval->arena, call->type, rows);
        return LV_OK;
    }
    lv_result_init(call, eval, args, rows, out);
    for (int64_t i = 0; i < rows; i++)
        ((int64_t *)out->data)[i] = lv_floor_div(((const int64_t *)args[0].data)[i], divisor);
    return LV_OK;
}

lv_status lv_bind_unix_units(const lv_function *function, lv_bind *bind, lv_error *err)
{
    LV_TRY(lv_bind_want(function, bind, 0, lv_type_of(LV_TYPE_TIMESTAMP), err));
    lv_bind_result(bind, lv_type_of(LV_TYPE_BIGINT), true, kernel_unix_units);
    return LV_OK;
}

lv_status lv_bind_unix_timestamp(const lv_function *function, lv_bind *bind, lv_error *err)
{
    if (bind->arg_count == 1 && bind->arg_types[0]->kind == LV_TYPE_STRING)
        return LV_FAIL(
            err, LV_UNSUPPORTED_FEATURE,
            "unix_timestamp of a text is not supported yet; use unix_seconds(to_timestamp(...))");
    if (bind->arg_count == 1)
        LV_TRY(lv_bind_want(function, bind, 0, lv_type_of(LV_TYPE_TIMESTAMP), err));
    lv_bind_result(bind, lv_type_of(LV_TYPE_BIGINT), true, kernel_unix_units);
    return LV_OK;
}

static lv_status kernel_timestamp_units(const lv_call *call, lv_eval *eval, const lv_vector *args,
                                        int64_t rows, lv_vector *out, lv_error *err)
{
    int64_t factor = SECOND / call->function->op;
    lv_result_init(call, eval, args, rows, out);
    for (int64_t i = 0; i < rows; i++) {
        int64_t *value = (int64_t *)out->data + i;
        bool overflow = __builtin_mul_overflow(((const int64_t *)args[0].data)[i], factor, value);
        if (overflow && lv_row_valid(out->validity, i))
            return LV_FAIL(err, LV_ARITHMETIC_OVERFLOW, "long overflow");
    }
    return LV_OK;
}

/* timestamp_seconds of a DOUBLE or DECIMAL is its cast. */
lv_status lv_bind_timestamp_units(const lv_function *function, lv_bind *bind, lv_error *err)
{
    const lv_type *from = bind->arg_types[0];
    bool fraction = lv_type_is_numeric(from) && !lv_type_is_integral(from);
    if (fraction && function->op == UNIT_SECONDS) {
        lv_bind_result(bind, lv_type_of(LV_TYPE_TIMESTAMP), false, kernel_parse);
        return LV_OK;
    }
    if (fraction)
        return lv_bind_mismatch(function, bind, 0, "\"INTEGRAL\"", err);
    LV_TRY(lv_bind_want(function, bind, 0, lv_type_of(LV_TYPE_BIGINT), err));
    lv_bind_result(bind, lv_type_of(LV_TYPE_TIMESTAMP), function->op == UNIT_MICROS,
                   kernel_timestamp_units);
    return LV_OK;
}

/* ---- parts ----------------------------------------------------------------------------------- */

static int32_t date_part(int32_t days, int part)
{
    int64_t year;
    int month, day;
    lv_civil_from_days(days, &year, &month, &day);
    switch (part) {
    case PART_YEAR: return (int32_t)year;
    case PART_QUARTER: return (month - 1) / 3 + 1;
    case PART_MONTH: return month;
    case PART_WEEKDAY: /* 1970-01-01 was a Thursday, 5 */
        return (int32_t)((days % 7 + 7 + 4) % 7) + 1;
    case PART_DAY_OF_YEAR: return (int32_t)(days - lv_days_from_civil(year, 1, 1)) + 1;
    default: return day;
    }
}

static lv_status kernel_date_part(const lv_call *call, lv_eval *eval, const lv_vector *args,
                                  int64_t rows, lv_vector *out, lv_error *err)
{
    lv_result_init(call, eval, args, rows, out);
    for (int64_t i = 0; i < rows; i++)
        ((int32_t *)out->data)[i] =
            lv_row_valid(out->validity, i)
                ? date_part(((const int32_t *)args[0].data)[i], call->function->op)
                : 0;
    return LV_OK;
}

lv_status lv_bind_date_part(const lv_function *function, lv_bind *bind, lv_error *err)
{
    LV_TRY(lv_bind_want_date(function, bind, 0, err));
    lv_bind_result(bind, lv_type_of(LV_TYPE_INT), true, kernel_date_part);
    return LV_OK;
}

static lv_status kernel_time_part(const lv_call *call, lv_eval *eval, const lv_vector *args,
                                  int64_t rows, lv_vector *out, lv_error *err)
{
    lv_result_init(call, eval, args, rows, out);
    bool zoned = args[0].type->kind == LV_TYPE_TIMESTAMP;
    for (int64_t i = 0; i < rows; i++) {
        int64_t us = lv_row_valid(out->validity, i) ? ((const int64_t *)args[0].data)[i] : 0;
        int64_t local = zoned ? lv_local_us(us, eval->zone) : us;
        int64_t s = lv_floor_div(local - lv_floor_div(local, DAY) * DAY, SECOND);
        int op = call->function->op;
        ((int32_t *)out->data)[i] = (int32_t)(op == PART_HOUR     ? s / 3600
                                              : op == PART_MINUTE ? s / 60 % 60
                                                                  : s % 60);
    }
    return LV_OK;
}

lv_status lv_bind_time_part(const lv_function *function, lv_bind *bind, lv_error *err)
{
    if (bind->arg_types[0]->kind != LV_TYPE_TIMESTAMP_NTZ)
        LV_TRY(lv_bind_want(function, bind, 0, lv_type_of(LV_TYPE_TIMESTAMP), err));
    lv_bind_result(bind, lv_type_of(LV_TYPE_INT), true, kernel_time_part);
    return LV_OK;
}

/* ---- date_trunc ------------------------------------------------------------------------------ */

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

static int64_t trunc_local(int64_t local, int unit)
{
    static const int64_t sizes[] = {[TRUNC_DAY] = 86400LL * SECOND, [TRUNC_HOUR] = 3600LL * SECOND,
                                    [TRUNC_MINUTE] = 60LL * SECOND, [TRUNC_SECOND] = SECOND,
                                    [TRUNC_MILLI] = 1000,           [TRUNC_MICRO] = 1};
    if (unit >= TRUNC_DAY)
        return lv_floor_div(local, sizes[unit]) * sizes[unit];
    int64_t days = lv_floor_div(local, DAY), year;
    int month, day;
    if (unit == TRUNC_WEEK) /* weeks begin on Monday; 1970-01-01 was a Thursday */
        return (days - ((days + 3) % 7 + 7) % 7) * DAY;
    lv_civil_from_days(days, &year, &month, &day);
    month = unit == TRUNC_YEAR ? 1 : unit == TRUNC_QUARTER ? (month - 1) / 3 * 3 + 1 : month;
    return lv_days_from_civil(year, month, 1) * DAY;
}

static lv_status kernel_date_trunc(const lv_call *call, lv_eval *eval, const lv_vector *args,
                                   int64_t rows, lv_vector *out, lv_error *err)
{
    lv_result_init(call, eval, args, rows, out);
    lv_strs units = lv_strs_of(&args[0]);
    bool owned = false, constant = args[0].encoding == LV_CONSTANT;
    int unit = constant ? trunc_unit(lv_strs_at(&units, 0)) : 0;
    for (int64_t i = 0; i < rows; i++) {
        int64_t *value = (int64_t *)out->data + i;
        *value = 0;
        if (!lv_row_valid(out->validity, i))
            continue;
        if (!constant)
            unit = trunc_unit(lv_strs_at(&units, i));
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

/* ---- days ------------------------------------------------------------------------------------ */

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
