/* time_arith.c: + and - of dates and timestamps.
 *
 *     DATE + INT                 DATE               DATE - DATE            INTERVAL DAY
 *     DATE + INTERVAL DAY        DATE               timestamp - timestamp  INTERVAL DAY TO SECOND
 *     DATE + months              DATE               DATE + other INTERVAL  TIMESTAMP
 *     timestamp + INTERVAL       the timestamp      text + INTERVAL        text of a TIMESTAMP
 *
 * An interval may stand first in a sum. Source: BinaryArithmeticWithDatetimeResolver, datetimeExpressions.scala. */
#include "compute/time_int.h"

typedef struct time_arith {
    int time; /* which argument is the time */
    bool subtract;
    bool to_null; /* on overflow */
} time_arith;

static bool is_timestamp(const lv_type *type)
{
    return type->kind == LV_TYPE_TIMESTAMP || type->kind == LV_TYPE_TIMESTAMP_NTZ;
}

/* ---- dates and days -------------------------------------------------------------------------- */

static lv_status kernel_date_days(const lv_call *call, lv_eval *eval, const lv_vector *args,
                                  int64_t rows, lv_vector *out, lv_error *err)
{
    const time_arith *t = call->param;
    const lv_vector *date = &args[t->time], *by = &args[1 - t->time];
    bool interval = by->type->kind == LV_TYPE_MICROS;
    uint32_t sign = t->subtract ? -1u : 1u;
    lv_result_init(call, eval, args, rows, out);
    for (int64_t i = 0; i < rows; i++) {
        uint32_t days = interval ? (uint32_t)(LV_AT(int64_t, by, i) / LV_DAY_US)
                                 : (uint32_t)LV_AT(int32_t, by, i);
        ((int32_t *)out->data)[i] = (int32_t)((uint32_t)LV_AT(int32_t, date, i) + days * sign);
    }
    return LV_OK;
}

static void use(lv_bind *bind, int time, int op, bool to_null)
{
    time_arith *t = LV_NEW(bind->arena, time_arith);
    *t = (time_arith){.time = time, .subtract = op == ARITH_SUBTRACT, .to_null = to_null};
    bind->param = t;
}

lv_status lv_bind_date_add(const lv_function *function, lv_bind *bind, lv_error *err)
{
    LV_TRY(lv_bind_want_date(function, bind, 0, err));
    lv_type_kind kind = bind->arg_types[1]->kind;
    if (kind != LV_TYPE_TINYINT && kind != LV_TYPE_SMALLINT && kind != LV_TYPE_INT &&
        kind != LV_TYPE_STRING && kind != LV_TYPE_VOID)
        return lv_bind_mismatch(function, bind, 1, "(\"INT\" or \"SMALLINT\" or \"TINYINT\")", err);
    bind->arg_types[1] = lv_type_of(LV_TYPE_INT);
    lv_bind_result(bind, lv_type_of(LV_TYPE_DATE), true, kernel_date_days);
    use(bind, 0, function->op & ~ARITH_TRY, false);
    return LV_OK;
}

/* ---- a time and an interval ------------------------------------------------------------------ */

static lv_status fail_overflow(const lv_call *call, lv_error *err)
{
    if (call->type->kind == LV_TYPE_DATE)
        return LV_FAIL(err, LV_ARITHMETIC_OVERFLOW,
                       "overflow. If necessary set \"spark.sql.ansi.enabled\" to \"false\" to "
                       "bypass this error");
    return LV_FAIL(err, LV_DATETIME_OVERFLOW,
                   "the result of `%s` is beyond the range of timestamps", call->function->name);
}

static lv_status add_to_date(int32_t date, const lv_interval *step, const lv_eval *eval,
                             int32_t *out, bool *fits, lv_error *err)
{
    int64_t days = 0;
    if (step->us != 0 && eval->ansi)
        return LV_FAIL(err, LV_INTERVAL_MICROSECONDS,
                       "Cannot add an interval to a date because its microseconds part is not 0. "
                       "Cast the date to a timestamp first");
    *fits = lv_date_add_months(date, step->months, out) &&
            !__builtin_add_overflow((int64_t)*out + step->days, lv_floor_div(step->us, LV_DAY_US),
                                    &days) &&
            days == (int32_t)days;
    *out = (int32_t)days;
    return LV_OK;
}

static lv_status kernel_time_interval(const lv_call *call, lv_eval *eval, const lv_vector *args,
                                      int64_t rows, lv_vector *out, lv_error *err)
{
    const time_arith *t = call->param;
    const lv_vector *time = &args[t->time], *by = &args[1 - t->time];
    const lv_timezone *zone = lv_zone_of(time->type, eval);
    bool is_date = time->type->kind == LV_TYPE_DATE, owned = false;
    lv_result_init(call, eval, args, rows, out);
    uint64_t *validity = out->validity;
    for (int64_t i = 0; i < rows; i++) {
        int64_t us = 0;
        int32_t date = 0;
        bool fits = true;
        if (lv_row_valid(validity, i)) {
            lv_interval step = lv_interval_at(by, i);
            fits = !t->subtract || lv_interval_negate(&step);
            if (fits && is_date)
                LV_TRY(add_to_date(LV_AT(int32_t, time, i), &step, eval, &date, &fits, err));
            else if (fits)
                fits = lv_time_add(LV_AT(int64_t, time, i), &step, zone, &us);
        }
        if (!fits && !t->to_null)
            return fail_overflow(call, err);
        if (!fits)
            lv_result_set_null(eval->arena, out, i, &owned);
        if (is_date)
            ((int32_t *)out->data)[i] = fits ? date : 0;
        else
            ((int64_t *)out->data)[i] = fits ? us : 0;
    }
    return LV_OK;
}

/* Text and an interval: the sum as text. */
static lv_status kernel_text_interval(const lv_call *call, lv_eval *eval, const lv_vector *args,
                                      int64_t rows, lv_vector *out, lv_error *err)
{
    lv_call sum = *call;
    lv_vector times;
    sum.type = lv_type_of(LV_TYPE_TIMESTAMP);
    LV_TRY(kernel_time_interval(&sum, eval, args, rows, &times, err));
    return lv_cast(eval, &times, call->type, LV_CAST_EXPLICIT, LV_STR_NONE, out, err);
}

/* `time` is the argument that is no interval. */
static lv_status bind_time_interval(const lv_function *function, lv_bind *bind, int time, int op,
                                    bool to_null, lv_error *err)
{
    const lv_type *of = bind->arg_types[time], *by = bind->arg_types[1 - time];
    bool months = by->kind == LV_TYPE_MONTHS;
    lv_kernel kernel = kernel_time_interval;
    const lv_type *result = of;
    if (of->kind == LV_TYPE_DATE && by->kind == LV_TYPE_MICROS && by->scale == LV_UNIT_DAY) {
        kernel = kernel_date_days;
    } else if (of->kind == LV_TYPE_DATE && by->kind == LV_TYPE_MICROS) {
        result = bind->arg_types[time] = lv_type_of(LV_TYPE_TIMESTAMP);
    } else if (of->kind == LV_TYPE_STRING && !months) {
        bind->arg_types[time] = lv_type_of(LV_TYPE_TIMESTAMP);
        kernel = kernel_text_interval;
    } else if (of->kind == LV_TYPE_VOID && by->kind == LV_TYPE_INTERVAL) {
        return LV_FAIL(err, LV_DATATYPE_MISMATCH_CAST, "cannot cast \"TIMESTAMP\" to \"VOID\"");
    } else if (!is_timestamp(of) && of->kind != LV_TYPE_DATE) {
        return months ? lv_operands_differ(bind, err)
                      : lv_bind_mismatch(function, bind, time,
                                         "\"(TIMESTAMP OR TIMESTAMP WITHOUT TIME ZONE)\"", err);
    }
    lv_bind_result(bind, result, kernel == kernel_date_days || to_null, kernel);
    bind->nullable = bind->nullable || to_null;
    use(bind, time, op, to_null);
    return LV_OK;
}

/* ---- differences ----------------------------------------------------------------------------- */

static lv_status kernel_difference(const lv_call *call, lv_eval *eval, const lv_vector *args,
                                   int64_t rows, lv_vector *out, lv_error *err)
{
    const time_arith *t = call->param;
    const lv_timezone *zone = lv_zone_of(args[0].type, eval);
    bool is_date = args[0].type->kind == LV_TYPE_DATE, owned = false;
    lv_result_init(call, eval, args, rows, out);
    uint64_t *validity = out->validity;
    for (int64_t i = 0; i < rows; i++) {
        int64_t *us = (int64_t *)out->data + i;
        bool fits = true;
        if (!lv_row_valid(validity, i)) {
            *us = 0;
        } else if (is_date) {
            int64_t days = (int64_t)LV_AT(int32_t, &args[0], i) - LV_AT(int32_t, &args[1], i);
            fits = days == (int32_t)days && !__builtin_mul_overflow(days, LV_DAY_US, us);
        } else {
            int64_t end = LV_AT(int64_t, &args[0], i), start = LV_AT(int64_t, &args[1], i);
            if (zone != NULL) { /* of the local times: a day is 24 hours */
                end = lv_local_us(end, zone);
                start = lv_local_us(start, zone);
            }
            fits = !__builtin_sub_overflow(end, start, us);
        }
        if (!fits && !t->to_null)
            return LV_FAIL(err, LV_ARITHMETIC_OVERFLOW, "%s overflow",
                           is_date ? "integer" : "long");
        if (!fits)
            *us = 0, lv_result_set_null(eval->arena, out, i, &owned);
    }
    return LV_OK;
}

static void bind_difference(lv_bind *bind, const lv_type *type, bool to_null)
{
    bool dates = type->kind == LV_TYPE_DATE;
    bind->arg_types[0] = bind->arg_types[1] = type;
    lv_bind_result(bind, lv_type_interval(LV_UNIT_DAY, dates ? LV_UNIT_DAY : LV_UNIT_SECOND),
                   to_null, kernel_difference);
    bind->nullable = bind->nullable || to_null;
    use(bind, 0, ARITH_SUBTRACT, to_null);
}

/* Whether a difference may take it for a time. */
static bool counts_as_time(const lv_bind *bind, const lv_type *type)
{
    return is_timestamp(type) || type->kind == LV_TYPE_DATE || type->kind == LV_TYPE_VOID ||
           (type->kind == LV_TYPE_STRING && bind->ansi);
}

/* ---- binding --------------------------------------------------------------------------------- */

static lv_status bind_days(const lv_function *function, lv_bind *bind, int date, int op,
                           bool to_null, lv_error *err)
{
    const lv_type *by = bind->arg_types[1 - date];
    if (!lv_type_is_integral(by) || by->kind == LV_TYPE_BIGINT)
        return lv_bind_mismatch(function, bind, 1 - date,
                                "(\"INT\" or \"SMALLINT\" or \"TINYINT\")", err);
    bind->arg_types[1 - date] = lv_type_of(LV_TYPE_INT);
    lv_bind_result(bind, lv_type_of(LV_TYPE_DATE), true, kernel_date_days);
    bind->nullable = bind->nullable || to_null;
    use(bind, date, op, false);
    return LV_OK;
}

static lv_status bind_sum(const lv_function *function, lv_bind *bind, bool to_null, lv_error *err)
{
    const lv_type *a = bind->arg_types[0], *b = bind->arg_types[1];
    int time = is_timestamp(a) || (a->kind == LV_TYPE_DATE && !is_timestamp(b)) ? 0 : 1;
    if (bind->arg_types[1 - time]->kind == LV_TYPE_VOID) {
        bind->arg_types[1 - time] = lv_type_of(LV_TYPE_MICROS);
        return bind_time_interval(function, bind, time, ARITH_ADD, to_null, err);
    }
    int date = a->kind == LV_TYPE_DATE ? 0 : 1;
    if (bind->arg_types[date]->kind != LV_TYPE_DATE)
        return lv_operands_differ(bind, err);
    return bind_days(function, bind, date, ARITH_ADD, to_null, err);
}

lv_status lv_bind_time_arith(const lv_function *function, lv_bind *bind, int op, bool to_null,
                             lv_error *err)
{
    const lv_type *a = bind->arg_types[0], *b = bind->arg_types[1];
    if (lv_type_is_interval(b) && !lv_type_is_interval(a))
        return bind_time_interval(function, bind, 0, op, to_null, err);
    if (lv_type_is_interval(a) && op == ARITH_ADD)
        return bind_time_interval(function, bind, 1, op, to_null, err);
    if (op == ARITH_ADD)
        return bind_sum(function, bind, to_null, err);
    if (a->kind == LV_TYPE_DATE && lv_type_is_integral(b))
        return bind_days(function, bind, 0, op, to_null, err);
    for (int i = 0; i < 2; i++)
        if (!counts_as_time(bind, bind->arg_types[i]))
            return lv_bind_mismatch(function, bind, i,
                                    is_timestamp(bind->arg_types[1 - i])
                                        ? "\"(TIMESTAMP OR TIMESTAMP WITHOUT TIME ZONE)\""
                                        : "\"DATE\"",
                                    err);
    bind_difference(bind, lv_type_common(bind->arena, a, b, true), to_null);
    return LV_OK;
}
