/* time_shift.c: timestampadd and timestampdiff by units, and times in other zones: from_utc_timestamp,
 * to_utc_timestamp, convert_timezone. Source: DateTimeUtils. */
#include "compute/time_int.h"

/* ---- units ----------------------------------------------------------------------------------- */

/* A unit as a step of an interval: that many months, days or microseconds. */
typedef struct step_unit {
    const char *name;
    int months, days;
    int64_t us;
} step_unit;

static const step_unit units[] = {
    {"YEAR", 12, 0, 0},
    {"QUARTER", 3, 0, 0},
    {"MONTH", 1, 0, 0},
    {"WEEK", 0, 7, 0},
    {"DAY", 0, 1, 0},
    {"DAYOFYEAR", 0, 1, 0},
    {"HOUR", 0, 0, 3600LL * LV_SECOND_US},
    {"MINUTE", 0, 0, 60LL * LV_SECOND_US},
    {"SECOND", 0, 0, LV_SECOND_US},
    {"MILLISECOND", 0, 0, 1000},
    {"MICROSECOND", 0, 0, 1},
};

/* The unit that the first argument, a literal that the parser made, names; NULL: none. */
static const step_unit *literal_unit(const lv_bind *bind)
{
    const lv_vector *literal = lv_bind_literal(bind, 0);
    for (size_t i = 0; literal != NULL && i < LV_COUNT_OF(units); i++)
        if (lv_str_eq_nocase(lv_vector_str(literal, 0), lv_str_of(units[i].name)))
            return &units[i];
    return NULL;
}

static lv_status fail_unit(const lv_function *function, lv_error *err)
{
    return LV_FAIL(err, LV_INVALID_DATETIME_UNIT,
                   "The value of parameter(s) `unit` in `%s` is invalid: expects one of the units "
                   "without quotes YEAR, QUARTER, MONTH, WEEK, DAY, HOUR, MINUTE, SECOND, "
                   "MILLISECOND, MICROSECOND",
                   function->name);
}

/* ---- timestampadd ---------------------------------------------------------------------------- */

static bool step_of(const step_unit *unit, int64_t count, lv_interval *step)
{
    int64_t months, days;
    bool fits = !__builtin_mul_overflow(count, (int64_t)unit->months, &months) &&
                !__builtin_mul_overflow(count, (int64_t)unit->days, &days) &&
                !__builtin_mul_overflow(count, unit->us, &step->us) && months == (int32_t)months &&
                days == (int32_t)days;
    if (fits) {
        step->months = (int32_t)months;
        step->days = (int32_t)days;
    }
    return fits;
}

static lv_status kernel_add(const lv_call *call, lv_eval *eval, const lv_vector *args, int64_t rows,
                            lv_vector *out, lv_error *err)
{
    const step_unit *unit = call->param;
    const lv_timezone *zone = lv_zone_of(args[2].type, eval);
    lv_result_init(call, eval, args, rows, out);
    for (int64_t i = 0; i < rows; i++) {
        int64_t *value = (int64_t *)out->data + i;
        *value = 0;
        if (!lv_row_valid(out->validity, i))
            continue;
        lv_interval step;
        int64_t count = LV_AT(int64_t, &args[1], i);
        if (!step_of(unit, count, &step) ||
            !lv_time_add(LV_AT(int64_t, &args[2], i), &step, zone, value))
            return LV_FAIL(err, LV_DATETIME_OVERFLOW,
                           "Datetime operation overflow: add %lldL %s to a timestamp",
                           (long long)count, unit->name);
    }
    return LV_OK;
}

lv_status lv_bind_timestamp_add(const lv_function *function, lv_bind *bind, lv_error *err)
{
    bind->param = literal_unit(bind);
    if (bind->param == NULL)
        return fail_unit(function, err);
    LV_TRY(lv_bind_want_number(function, bind, 1, lv_type_of(LV_TYPE_BIGINT), err));
    LV_TRY(lv_bind_want_timestamp(function, bind, 2, err));
    lv_bind_result(bind, bind->arg_types[2], false, kernel_add);
    return LV_OK;
}

/* ---- timestampdiff --------------------------------------------------------------------------- */

/* Whole months from one local time to another. */
static int64_t months_until(int64_t from_us, int64_t to_us)
{
    int64_t from_days = lv_floor_div(from_us, LV_DAY_US), to_days = lv_floor_div(to_us, LV_DAY_US);
    int64_t from_time = from_us - from_days * LV_DAY_US, to_time = to_us - to_days * LV_DAY_US;
    int64_t from_year, to_year;
    int from_month, to_month, from_day, to_day;
    if (to_days > from_days && to_time < from_time)
        to_days--;
    else if (to_days < from_days && to_time > from_time)
        to_days++;
    lv_civil_from_days(from_days, &from_year, &from_month, &from_day);
    lv_civil_from_days(to_days, &to_year, &to_month, &to_day);
    return (((to_year * 12 + to_month) * 32 + to_day) -
            ((from_year * 12 + from_month) * 32 + from_day)) /
           32;
}

static lv_status kernel_difference(const lv_call *call, lv_eval *eval, const lv_vector *args,
                                   int64_t rows, lv_vector *out, lv_error *err)
{
    const step_unit *unit = call->param;
    const lv_timezone *zone = lv_zone_of(args[1].type, eval);
    lv_result_init(call, eval, args, rows, out);
    for (int64_t i = 0; i < rows; i++) {
        int64_t *value = (int64_t *)out->data + i, us;
        *value = 0;
        if (!lv_row_valid(out->validity, i))
            continue;
        int64_t from = LV_AT(int64_t, &args[1], i), to = LV_AT(int64_t, &args[2], i);
        if (zone != NULL) {
            from = lv_local_us(from, zone);
            to = lv_local_us(to, zone);
        }
        if (unit->months != 0)
            *value = months_until(from, to) / unit->months;
        else if (__builtin_sub_overflow(to, from, &us))
            return LV_FAIL(err, LV_ARITHMETIC_OVERFLOW, "long overflow");
        else
            *value = us / (unit->days != 0 ? unit->days * LV_DAY_US : unit->us);
    }
    return LV_OK;
}

lv_status lv_bind_timestamp_diff(const lv_function *function, lv_bind *bind, lv_error *err)
{
    const step_unit *unit = literal_unit(bind);
    if (unit == NULL || strcmp(unit->name, "DAYOFYEAR") == 0)
        return fail_unit(function, err);
    bool ntz = bind->arg_types[1]->kind == LV_TYPE_TIMESTAMP_NTZ &&
               bind->arg_types[2]->kind == LV_TYPE_TIMESTAMP_NTZ;
    for (int i = 1; i < 3; i++)
        LV_TRY(lv_bind_want(function, bind, i,
                            lv_type_of(ntz ? LV_TYPE_TIMESTAMP_NTZ : LV_TYPE_TIMESTAMP), err));
    lv_bind_result(bind, lv_type_of(LV_TYPE_BIGINT), false, kernel_difference);
    bind->param = unit;
    return LV_OK;
}

/* ---- zones ----------------------------------------------------------------------------------- */

static lv_status kernel_utc(const lv_call *call, lv_eval *eval, const lv_vector *args, int64_t rows,
                            lv_vector *out, lv_error *err)
{
    lv_zone_cursor zone = *(const lv_zone_cursor *)call->param;
    lv_strs zones = lv_strs_of(&args[1]);
    lv_result_init(call, eval, args, rows, out);
    for (int64_t i = 0; i < rows; i++) {
        int64_t *value = (int64_t *)out->data + i, us = LV_AT(int64_t, &args[0], i);
        *value = 0;
        if (!lv_row_valid(out->validity, i))
            continue;
        LV_TRY(lv_zone_cursor_at(&zone, eval->arena, lv_strs_at(&zones, i), err));
        *value = call->function->op == ZONE_FROM_UTC ? lv_local_us(us, zone.zone)
                                                     : lv_utc_us(us, zone.zone);
    }
    return LV_OK;
}

lv_status lv_bind_utc(const lv_function *function, lv_bind *bind, lv_error *err)
{
    lv_zone_cursor *zone = LV_NEW(bind->arena, lv_zone_cursor);
    LV_TRY(lv_bind_want(function, bind, 0, lv_type_of(LV_TYPE_TIMESTAMP), err));
    LV_TRY(lv_bind_want(function, bind, 1, lv_type_of(LV_TYPE_STRING), err));
    LV_TRY(lv_bind_zone_argument(bind, 1, zone, err));
    lv_bind_result(bind, lv_type_of(LV_TYPE_TIMESTAMP), false, kernel_utc);
    bind->param = zone;
    return LV_OK;
}

static lv_status kernel_convert(const lv_call *call, lv_eval *eval, const lv_vector *args,
                                int64_t rows, lv_vector *out, lv_error *err)
{
    const lv_zone_cursor *made = call->param;
    lv_zone_cursor from = made[0], to = made[1];
    lv_strs from_names = lv_strs_of(&args[0]), to_names = lv_strs_of(&args[1]);
    lv_result_init(call, eval, args, rows, out);
    for (int64_t i = 0; i < rows; i++) {
        int64_t *value = (int64_t *)out->data + i;
        *value = 0;
        if (!lv_row_valid(out->validity, i))
            continue;
        LV_TRY(lv_zone_cursor_at(&from, eval->arena, lv_strs_at(&from_names, i), err));
        LV_TRY(lv_zone_cursor_at(&to, eval->arena, lv_strs_at(&to_names, i), err));
        *value = lv_local_us(lv_utc_us(LV_AT(int64_t, &args[2], i), from.zone), to.zone);
    }
    return LV_OK;
}

/* The source zone is the session's if it is left out: plan/ puts current_timezone() in. */
lv_status lv_bind_convert_timezone(const lv_function *function, lv_bind *bind, lv_error *err)
{
    lv_zone_cursor *zones = LV_NEW_ARRAY(bind->arena, lv_zone_cursor, 2);
    if (bind->arg_count != 3)
        return LV_FAIL(err, LV_INTERNAL, "`%s` without its defaults", function->name);
    for (int i = 0; i < 2; i++) {
        LV_TRY(lv_bind_want(function, bind, i, lv_type_of(LV_TYPE_STRING), err));
        LV_TRY(lv_bind_zone_argument(bind, i, &zones[i], err));
    }
    LV_TRY(lv_bind_want(function, bind, 2, lv_type_of(LV_TYPE_TIMESTAMP_NTZ), err));
    lv_bind_result(bind, lv_type_of(LV_TYPE_TIMESTAMP_NTZ), false, kernel_convert);
    bind->param = zones;
    return LV_OK;
}

lv_status lv_bind_current_timezone(const lv_function *function, lv_bind *bind, lv_error *err)
{
    lv_str *zone = LV_NEW(bind->arena, lv_str);
    *zone = lv_str_dup(bind->arena, bind->session_zone);
    lv_bind_result(bind, lv_type_of(LV_TYPE_STRING), true, lv_kernel_constant);
    bind->param = zone;
    return LV_OK;
}
