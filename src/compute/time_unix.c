/* time_unix.c: now, and numbers since 1970. Source: datetimeExpressions.scala. */
#include "compute/time_int.h"

/* ---- now ------------------------------------------------------------------------------------- */

static lv_status kernel_now(const lv_call *call, lv_eval *eval, const lv_vector *args, int64_t rows,
                            lv_vector *out, lv_error *err)
{
    int64_t local = lv_local_us(eval->batch_time_us, eval->zone);
    void *value = lv_result_constant(call, eval, rows, out);
    switch (call->function->op) {
    case NOW_DATE: *(int32_t *)value = (int32_t)lv_floor_div(local, LV_DAY_US); break;
    case NOW_LOCAL: *(int64_t *)value = local; break;
    case NOW_BATCH: *(int64_t *)value = eval->batch_time_us; break;
    default: *(int64_t *)value = eval->now_us;
    }
    return LV_OK;
}

lv_status lv_bind_now(const lv_function *function, lv_bind *bind, lv_error *err)
{
    lv_bind_result(bind,
                   lv_type_of(function->op == NOW_DATE    ? LV_TYPE_DATE
                              : function->op == NOW_LOCAL ? LV_TYPE_TIMESTAMP_NTZ
                                                          : LV_TYPE_TIMESTAMP),
                   true, kernel_now);
    return LV_OK;
}

/* ---- timestamps to numbers ------------------------------------------------------------------- */

static lv_status kernel_unix_units(const lv_call *call, lv_eval *eval, const lv_vector *args,
                                   int64_t rows, lv_vector *out, lv_error *err)
{
    int64_t divisor = LV_SECOND_US / call->function->op;
    lv_result_init(call, eval, args, rows, out);
    for (int64_t i = 0; i < rows; i++)
        ((int64_t *)out->data)[i] = lv_floor_div(((const int64_t *)args[0].data)[i], divisor);
    return LV_OK;
}

/* Argument 0 has to be a timestamp, or a date or other timestamp that becomes one, but no text. */
lv_status lv_bind_unix_units(const lv_function *function, lv_bind *bind, lv_error *err)
{
    if (bind->arg_types[0]->kind == LV_TYPE_STRING)
        return lv_bind_mismatch(function, bind, 0, "\"TIMESTAMP\"", err);
    LV_TRY(lv_bind_want(function, bind, 0, lv_type_of(LV_TYPE_TIMESTAMP), err));
    lv_bind_result(bind, lv_type_of(LV_TYPE_BIGINT), true, kernel_unix_units);
    return LV_OK;
}

/* ---- numbers to timestamps ------------------------------------------------------------------- */

static lv_status kernel_timestamp_units(const lv_call *call, lv_eval *eval, const lv_vector *args,
                                        int64_t rows, lv_vector *out, lv_error *err)
{
    int64_t factor = LV_SECOND_US / call->function->op;
    lv_result_init(call, eval, args, rows, out);
    for (int64_t i = 0; i < rows; i++) {
        int64_t *value = (int64_t *)out->data + i;
        bool overflow = __builtin_mul_overflow(((const int64_t *)args[0].data)[i], factor, value);
        if (overflow && lv_row_valid(out->validity, i))
            return LV_FAIL(err, LV_ARITHMETIC_OVERFLOW, "long overflow");
    }
    return LV_OK;
}

static lv_status kernel_fraction(const lv_call *call, lv_eval *eval, const lv_vector *args,
                                 int64_t rows, lv_vector *out, lv_error *err)
{
    return lv_cast(eval, &args[0], call->type, LV_CAST_EXPLICIT, LV_STR_NONE, out, err);
}

/* timestamp_seconds of a DOUBLE or DECIMAL is its cast. */
lv_status lv_bind_timestamp_units(const lv_function *function, lv_bind *bind, lv_error *err)
{
    const lv_type *from = bind->arg_types[0];
    bool fraction = lv_type_is_numeric(from) && !lv_type_is_integral(from);
    if (fraction && function->op == UNIT_SECONDS) {
        lv_bind_result(bind, lv_type_of(LV_TYPE_TIMESTAMP), false, kernel_fraction);
        return LV_OK;
    }
    if (fraction || from->kind == LV_TYPE_STRING)
        return lv_bind_mismatch(function, bind, 0,
                                function->op == UNIT_SECONDS ? "\"NUMERIC\"" : "\"INTEGRAL\"", err);
    LV_TRY(lv_bind_want(function, bind, 0, lv_type_of(LV_TYPE_BIGINT), err));
    lv_bind_result(bind, lv_type_of(LV_TYPE_TIMESTAMP), function->op == UNIT_MICROS,
                   kernel_timestamp_units);
    return LV_OK;
}

/* ---- days ------------------------------------------------------------------------------------ */

static lv_status kernel_relabel(const lv_call *call, lv_eval *eval, const lv_vector *args,
                                int64_t rows, lv_vector *out, lv_error *err)
{
    *out = args[0];
    out->type = call->type;
    return LV_OK;
}

/* unix_date, date_from_unix_date: a DATE is an INT of days. */
lv_status lv_bind_unix_date(const lv_function *function, lv_bind *bind, lv_error *err)
{
    bool to_date = function->op == LV_TYPE_DATE;
    if (to_date)
        LV_TRY(lv_bind_want_number(function, bind, 0, lv_type_of(LV_TYPE_INT), err));
    else if (bind->arg_types[0]->kind != LV_TYPE_DATE && bind->arg_types[0]->kind != LV_TYPE_VOID)
        return lv_bind_mismatch(function, bind, 0, "\"DATE\"", err);
    else
        bind->arg_types[0] = lv_type_of(LV_TYPE_DATE);
    lv_bind_result(bind, lv_type_of(to_date ? LV_TYPE_DATE : LV_TYPE_INT), true, kernel_relabel);
    return LV_OK;
}
