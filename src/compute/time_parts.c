/* time_parts.c: parts of dates, timestamps and intervals: year(t), extract(YEAR FROM t), date_part('year', t), names of
 * days and months. Local parts are those in the session's zone. Source: datetimeExpressions.scala, Extract. */
#include "base/datetime_pattern.h"
#include "compute/time_int.h"

/* ---- dates ----------------------------------------------------------------------------------- */

/* Monday is 0; 1970-01-01 was a Thursday. */
static int weekday_of(int64_t days)
{
    return (int)(((days + 3) % 7 + 7) % 7);
}

/* The ISO week belongs to the year of its Thursday. */
static void iso_week(int64_t days, int64_t *year, int *week)
{
    int64_t thursday = days - weekday_of(days) + 3;
    int month, day;
    lv_civil_from_days(thursday, year, &month, &day);
    *week = (int)((thursday - lv_days_from_civil(*year, 1, 1)) / 7) + 1;
}

static int32_t date_part(int32_t days, int part)
{
    int64_t year;
    int month, day, week;
    if (part == PART_WEEK || part == PART_YEAR_OF_WEEK) {
        iso_week(days, &year, &week);
        return part == PART_WEEK ? week : (int32_t)year;
    }
    lv_civil_from_days(days, &year, &month, &day);
    switch (part) {
    case PART_YEAR: return (int32_t)year;
    case PART_QUARTER: return (month - 1) / 3 + 1;
    case PART_MONTH: return month;
    case PART_WEEKDAY: return (weekday_of(days) + 1) % 7 + 1; /* Sunday is 1 */
    case PART_WEEKDAY_ISO: return weekday_of(days) + 1;
    case PART_WEEKDAY_ZERO: return weekday_of(days);
    case PART_DAY_OF_YEAR: return (int32_t)(days - lv_days_from_civil(year, 1, 1)) + 1;
    default: return day;
    }
}

static lv_status kernel_date_part(const lv_call *call, lv_eval *eval, const lv_vector *args,
                                  int64_t rows, lv_vector *out, lv_error *err)
{
    const lv_vector *dates = &args[call->arg_count - 1];
    int part = *(const int *)call->param;
    lv_result_init(call, eval, args, rows, out);
    for (int64_t i = 0; i < rows; i++)
        ((int32_t *)out->data)[i] =
            lv_row_valid(out->validity, i) ? date_part(LV_AT(int32_t, dates, i), part) : 0;
    return LV_OK;
}

/* ---- times of day ---------------------------------------------------------------------------- */

static lv_status kernel_time_part(const lv_call *call, lv_eval *eval, const lv_vector *args,
                                  int64_t rows, lv_vector *out, lv_error *err)
{
    const lv_vector *times = &args[call->arg_count - 1];
    const lv_timezone *zone = lv_zone_of(times->type, eval);
    int part = *(const int *)call->param;
    lv_result_init(call, eval, args, rows, out);
    for (int64_t i = 0; i < rows; i++) {
        int64_t us = lv_row_valid(out->validity, i) ? LV_AT(int64_t, times, i) : 0;
        int64_t local = zone ? lv_local_us(us, zone) : us;
        int64_t time_us =
            (int64_t)((uint64_t)local - (uint64_t)lv_floor_div(local, LV_DAY_US) * LV_DAY_US);
        int64_t s = time_us / LV_SECOND_US;
        if (part == PART_SECOND_EXACT)
            ((__int128 *)out->data)[i] = time_us % (60 * LV_SECOND_US);
        else
            ((int32_t *)out->data)[i] = (int32_t)(part == PART_HOUR     ? s / 3600
                                                  : part == PART_MINUTE ? s / 60 % 60
                                                                        : s % 60);
    }
    return LV_OK;
}

/* ---- intervals ------------------------------------------------------------------------------- */

static lv_status kernel_interval_part(const lv_call *call, lv_eval *eval, const lv_vector *args,
                                      int64_t rows, lv_vector *out, lv_error *err)
{
    const lv_vector *from = &args[call->arg_count - 1];
    int part = *(const int *)call->param;
    lv_result_init(call, eval, args, rows, out);
    for (int64_t i = 0; i < rows; i++) {
        lv_interval value = {0};
        if (lv_row_valid(out->validity, i))
            value = lv_interval_at(from, i);
        int64_t s = value.us / LV_SECOND_US;
        switch (part) {
        case PART_YEAR: ((int32_t *)out->data)[i] = value.months / 12; break;
        case PART_MONTH: ((int8_t *)out->data)[i] = (int8_t)(value.months % 12); break;
        case PART_DAY: ((int32_t *)out->data)[i] = value.days; break;
        case PART_HOUR: ((int8_t *)out->data)[i] = (int8_t)(s / 3600 % 24); break;
        case PART_MINUTE: ((int8_t *)out->data)[i] = (int8_t)(s / 60 % 60); break;
        default: ((__int128 *)out->data)[i] = value.us % (60 * LV_SECOND_US);
        }
    }
    return LV_OK;
}

/* The unit that an interval's type must have for a part; LV_UNIT_COUNT: no interval has it. */
static lv_unit unit_of_part(int part)
{
    switch (part) {
    case PART_YEAR: return LV_UNIT_YEAR;
    case PART_MONTH: return LV_UNIT_MONTH;
    case PART_DAY: return LV_UNIT_DAY;
    case PART_HOUR: return LV_UNIT_HOUR;
    case PART_MINUTE: return LV_UNIT_MINUTE;
    case PART_SECOND_EXACT: return LV_UNIT_SECOND;
    default: return LV_UNIT_COUNT;
    }
}

/* ---- binding --------------------------------------------------------------------------------- */

static void use_part(lv_bind *bind, int part)
{
    int *param = LV_NEW(bind->arena, int);
    *param = part;
    bind->param = param;
}

static lv_status bind_date_part(const lv_function *function, lv_bind *bind, int i, int part,
                                lv_error *err)
{
    LV_TRY(lv_bind_want_date(function, bind, i, err));
    lv_bind_result(bind, lv_type_of(LV_TYPE_INT), true, kernel_date_part);
    use_part(bind, part);
    return LV_OK;
}

static lv_status bind_time_part(const lv_function *function, lv_bind *bind, int i, int part,
                                lv_error *err)
{
    LV_TRY(lv_bind_want_timestamp(function, bind, i, err));
    lv_bind_result(bind,
                   part == PART_SECOND_EXACT ? lv_type_decimal(bind->arena, 8, 6)
                                             : lv_type_of(LV_TYPE_INT),
                   true, kernel_time_part);
    use_part(bind, part);
    return LV_OK;
}

lv_status lv_bind_date_part(const lv_function *function, lv_bind *bind, lv_error *err)
{
    return bind_date_part(function, bind, 0, function->op, err);
}

lv_status lv_bind_time_part(const lv_function *function, lv_bind *bind, lv_error *err)
{
    return bind_time_part(function, bind, 0, function->op, err);
}

/* Names of the fields of extract and date_part; the same for all kinds of times. */
static const struct {
    const char *name;
    int part;
} fields[] = {
    {"YEAR", PART_YEAR},
    {"Y", PART_YEAR},
    {"YEARS", PART_YEAR},
    {"YR", PART_YEAR},
    {"YRS", PART_YEAR},
    {"YEAROFWEEK", PART_YEAR_OF_WEEK},
    {"QUARTER", PART_QUARTER},
    {"QTR", PART_QUARTER},
    {"MONTH", PART_MONTH},
    {"MON", PART_MONTH},
    {"MONS", PART_MONTH},
    {"MONTHS", PART_MONTH},
    {"WEEK", PART_WEEK},
    {"W", PART_WEEK},
    {"WEEKS", PART_WEEK},
    {"DAY", PART_DAY},
    {"D", PART_DAY},
    {"DAYS", PART_DAY},
    {"DAYOFWEEK", PART_WEEKDAY},
    {"DOW", PART_WEEKDAY},
    {"DAYOFWEEK_ISO", PART_WEEKDAY_ISO},
    {"DOW_ISO", PART_WEEKDAY_ISO},
    {"DOY", PART_DAY_OF_YEAR},
    {"HOUR", PART_HOUR},
    {"H", PART_HOUR},
    {"HOURS", PART_HOUR},
    {"HR", PART_HOUR},
    {"HRS", PART_HOUR},
    {"MINUTE", PART_MINUTE},
    {"M", PART_MINUTE},
    {"MIN", PART_MINUTE},
    {"MINS", PART_MINUTE},
    {"MINUTES", PART_MINUTE},
    {"SECOND", PART_SECOND_EXACT},
    {"S", PART_SECOND_EXACT},
    {"SEC", PART_SECOND_EXACT},
    {"SECONDS", PART_SECOND_EXACT},
    {"SECS", PART_SECOND_EXACT},
};

static int find_field(lv_str name)
{
    for (size_t i = 0; i < LV_COUNT_OF(fields); i++)
        if (lv_str_eq_nocase(name, lv_str_of(fields[i].name)))
            return fields[i].part;
    return 0;
}

static lv_status bind_interval_part(lv_bind *bind, int part, lv_str field, lv_error *err)
{
    const lv_type *from = bind->arg_types[1];
    lv_unit unit = unit_of_part(part);
    bool plain = from->kind == LV_TYPE_INTERVAL;
    bool has_unit =
        plain ? unit != LV_UNIT_COUNT : (int)unit >= from->precision && (int)unit <= from->scale;
    if (!has_unit)
        return LV_FAIL(err, LV_INVALID_EXTRACT_FIELD, "Cannot extract `%.*s` from an \"%s\"",
                       LV_STR_ARG(field), lv_type_name(bind->arena, from));
    const lv_type *type = part == PART_SECOND_EXACT ? lv_type_decimal(bind->arena, 8, 6)
                          : part == PART_YEAR || part == PART_DAY ? lv_type_of(LV_TYPE_INT)
                                                                  : lv_type_of(LV_TYPE_TINYINT);
    lv_bind_result(bind, type, true, kernel_interval_part);
    use_part(bind, part);
    return LV_OK;
}

static lv_status kernel_null(const lv_call *call, lv_eval *eval, const lv_vector *args,
                             int64_t rows, lv_vector *out, lv_error *err)
{
    lv_vector_init_null(out, eval->arena, call->type, rows);
    return LV_OK;
}

/* extract(field FROM x) is extract('field', x). */
lv_status lv_bind_extract(const lv_function *function, lv_bind *bind, lv_error *err)
{
    const lv_vector *literal = bind->arg_literals ? bind->arg_literals[0] : NULL;
    if (literal != NULL && lv_vector_is_null(literal, 0)) {
        bind->arg_types[0] = lv_type_of(LV_TYPE_STRING);
        lv_bind_result(bind, lv_type_of(LV_TYPE_DOUBLE), true, kernel_null);
        bind->nullable = true;
        return LV_OK;
    }
    if (literal == NULL || literal->type->kind != LV_TYPE_STRING)
        return LV_FAIL(err, LV_NON_FOLDABLE_ARGUMENT,
                       "The function `%s` requires the parameter `field` to be a foldable "
                       "expression of the type \"STRING\"",
                       function->name);
    lv_str field = lv_vector_str(literal, 0);
    int part = find_field(field);
    if (lv_type_is_interval(bind->arg_types[1]))
        return bind_interval_part(bind, part, field, err);
    if (part == 0)
        return LV_FAIL(err, LV_INVALID_EXTRACT_FIELD, "Cannot extract `%.*s` from a \"%s\"",
                       LV_STR_ARG(field), lv_type_name(bind->arena, bind->arg_types[1]));
    bool time = part == PART_HOUR || part == PART_MINUTE || part == PART_SECOND_EXACT;
    return time ? bind_time_part(function, bind, 1, part, err)
                : bind_date_part(function, bind, 1, part, err);
}

/* ---- names ----------------------------------------------------------------------------------- */

static lv_status kernel_name(const lv_call *call, lv_eval *eval, const lv_vector *args,
                             int64_t rows, lv_vector *out, lv_error *err)
{
    bool months = call->function->op == PART_MONTH;
    lv_str names[12];
    for (int n = 0; n < (months ? 12 : 7); n++) {
        lv_sbuf text = LV_SBUF_INIT;
        if (months)
            lv_month_name_print(n + 1, false, &text);
        else
            lv_weekday_name_print(n, false, &text);
        names[n] = lv_str_dup(eval->arena, lv_sbuf_str(&text));
        lv_sbuf_release(&text);
    }
    lv_result_init(call, eval, args, rows, out);
    for (int64_t i = 0; i < rows; i++) {
        int32_t days = lv_row_valid(out->validity, i) ? LV_AT(int32_t, &args[0], i) : 0;
        ((lv_str *)out->data)[i] =
            names[months ? date_part(days, PART_MONTH) - 1 : weekday_of(days)];
    }
    return LV_OK;
}

lv_status lv_bind_time_name(const lv_function *function, lv_bind *bind, lv_error *err)
{
    LV_TRY(lv_bind_want_date(function, bind, 0, err));
    lv_bind_result(bind, lv_type_of(LV_TYPE_STRING), true, kernel_name);
    return LV_OK;
}
