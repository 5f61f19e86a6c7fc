/* math.c: abs, sign and the roundings. Source: mathExpressions.scala. */
#include <math.h>

#include "base/double.h"
#include "column/decimal.h"
#include "compute/cast_int.h"
#include "compute/time_int.h"

/* ---- abs, sign ------------------------------------------------------------------------------- */

static lv_status kernel_abs(const lv_call *call, lv_eval *eval, const lv_vector *args, int64_t rows,
                            lv_vector *out, lv_error *err)
{
    lv_type_kind kind = call->type->kind;
    lv_result_init(call, eval, args, rows, out);
    for (int64_t i = 0; i < rows; i++) {
        if (kind == LV_TYPE_DOUBLE) {
            ((double *)out->data)[i] = fabs(((const double *)args[0].data)[i]);
        } else if (kind == LV_TYPE_FLOAT) {
            ((float *)out->data)[i] = fabsf(((const float *)args[0].data)[i]);
        } else if (kind == LV_TYPE_DECIMAL) {
            __int128 value = ((const __int128 *)args[0].data)[i], *to = (__int128 *)out->data + i;
            *to = value;
            if (lv_row_valid(out->validity, i) && value < 0 && !lv_decimal_negate(value, to))
                return LV_FAIL(err, LV_NUMERIC_VALUE_OUT_OF_RANGE_BARE,
                               "the absolute value cannot be represented as Decimal(%d, %d)",
                               call->type->precision, call->type->scale);
        } else {
            int64_t value = lv_load_int(kind, args[0].data, i);
            if (value == lv_int_min(kind) && eval->ansi && lv_row_valid(out->validity, i))
                return LV_FAIL(err, LV_ARITHMETIC_OVERFLOW,
                               "%s overflow. If necessary set \"spark.sql.ansi.enabled\" to "
                               "\"false\" to bypass this error",
                               kind == LV_TYPE_BIGINT ? "long" : "integer");
            lv_store_int(kind, out->data, i, value < 0 ? (int64_t)(0 - (uint64_t)value) : value);
        }
    }
    return LV_OK;
}

lv_status lv_bind_abs(const lv_function *function, lv_bind *bind, lv_error *err)
{
    if (bind->arg_types[0]->kind == LV_TYPE_STRING || bind->arg_types[0]->kind == LV_TYPE_VOID)
        bind->arg_types[0] = lv_type_of(LV_TYPE_DOUBLE);
    const lv_type *type = bind->arg_types[0];
    if (lv_type_is_ansi_interval(type))
        return lv_bind_interval_abs(bind);
    if (!lv_type_is_numeric(type))
        return lv_bind_mismatch(
            function, bind, 0,
            "(\"NUMERIC\" or \"INTERVAL DAY TO SECOND\" or \"INTERVAL YEAR TO MONTH\")", err);
    bool total = type->kind != LV_TYPE_DECIMAL && (!bind->ansi || !lv_type_is_integral(type));
    lv_bind_result(bind, type, total, kernel_abs);
    return LV_OK;
}

static lv_status kernel_sign(const lv_call *call, lv_eval *eval, const lv_vector *args,
                             int64_t rows, lv_vector *out, lv_error *err)
{
    lv_result_init(call, eval, args, rows, out);
    for (int64_t i = 0; i < rows; i++) {
        double x = ((const double *)args[0].data)[i];
        ((double *)out->data)[i] = x > 0 ? 1 : x < 0 ? -1 : x; /* 0.0, -0.0 and NaN stay */
    }
    return LV_OK;
}

lv_status lv_bind_sign(const lv_function *function, lv_bind *bind, lv_error *err)
{
    if (lv_type_is_ansi_interval(bind->arg_types[0]))
        return lv_bind_interval_sign(bind);
    LV_TRY(lv_bind_want(function, bind, 0, lv_type_of(LV_TYPE_DOUBLE), err));
    lv_bind_result(bind, bind->arg_types[0], true, kernel_sign);
    bind->nullable = true;
    return LV_OK;
}

/* ---- round, bround, floor, ceil -------------------------------------------------------------- */

typedef struct rounding {
    int op;
    int digits; /* behind the point */
} rounding;

/* A double is rounded as the shortest text that stands for it, so that 0.15 becomes 0.2. */
static double round_double(double x, const rounding *r)
{
    if (!isfinite(x) || (r->digits >= 0 && fabs(x) >= 0x1p53))
        return x;
    if (r->digits == 0) /* a BigDecimal knows no -0.0 */
        return (r->op == ROUND_HALF_EVEN ? rint(x) : round(x)) + 0.0;
    char text[LV_DOUBLE_TEXT_SIZE];
    int len = lv_double_print_java(x, text);
    __int128 value;
    enum { SCALE = 20 };
    if (!lv_decimal_parse((lv_str){text, (size_t)len}, 38, SCALE, &value))
        return x;
    if (r->digits >= SCALE || !lv_decimal_round(value, SCALE, r->digits, r->op, SCALE, &value))
        return x;
    return lv_decimal_to_double(value, SCALE);
}

static lv_status round_integer(const lv_call *call, const rounding *r, lv_eval *eval,
                               const lv_vector *in, lv_vector *out, lv_error *err)
{
    lv_type_kind kind = call->type->kind;
    for (int64_t i = 0; i < out->length; i++) {
        __int128 value = 0;
        int64_t x = lv_load_int(in->type->kind, in->data, i);
        bool fits = lv_decimal_round(x, 0, LV_MIN(r->digits, 0), r->op, 0, &value) &&
                    value >= lv_int_min(kind) && value <= lv_int_max(kind);
        if (!fits && eval->ansi && lv_row_valid(out->validity, i))
            return LV_FAIL(err, LV_ARITHMETIC_OVERFLOW,
                           "overflow in rounding %lld. If necessary set \"spark.sql.ansi.enabled\" "
                           "to \"false\" to bypass this error",
                           (long long)x);
        lv_store_int(kind, out->data, i, (int64_t)value);
    }
    return LV_OK;
}

static lv_status kernel_round(const lv_call *call, lv_eval *eval, const lv_vector *args,
                              int64_t rows, lv_vector *out, lv_error *err)
{
    const rounding *r = call->param;
    const lv_vector *in = lv_vector_flatten(eval->arena, &args[0]);
    bool owned = false;
    lv_result_init(call, eval, args, rows, out);
    switch (call->type->kind) {
    case LV_TYPE_DOUBLE:
        for (int64_t i = 0; i < rows; i++)
            ((double *)out->data)[i] = round_double(((const double *)in->data)[i], r);
        return LV_OK;
    case LV_TYPE_FLOAT:
        for (int64_t i = 0; i < rows; i++)
            ((float *)out->data)[i] = (float)round_double((double)((const float *)in->data)[i], r);
        return LV_OK;
    case LV_TYPE_DECIMAL:
        for (int64_t i = 0; i < rows; i++) {
            __int128 *value = (__int128 *)out->data + i;
            bool valid = lv_row_valid(in->validity, i);
            bool fits = valid &&
                        lv_decimal_round(((const __int128 *)in->data)[i], in->type->scale,
                                         r->digits, r->op, call->type->scale, value) &&
                        lv_decimal_fits(*value, call->type->precision);
            if (!fits)
                *value = 0;
            if (valid && !fits && eval->ansi)
                return LV_FAIL(err, LV_NUMERIC_VALUE_OUT_OF_RANGE,
                               "the rounded value cannot be represented as Decimal(%d, %d)",
                               call->type->precision, call->type->scale);
            if (valid && !fits)
                lv_result_set_null(eval->arena, out, i, &owned);
        }
        return LV_OK;
    default: return round_integer(call, r, eval, in, out, err);
    }
}

/* floor and ceil of a DOUBLE: a BIGINT, saturating as Java's (long). */
static lv_status kernel_floor(const lv_call *call, lv_eval *eval, const lv_vector *args,
                              int64_t rows, lv_vector *out, lv_error *err)
{
    const rounding *r = call->param;
    lv_result_init(call, eval, args, rows, out);
    for (int64_t i = 0; i < rows; i++) {
        double x = ((const double *)args[0].data)[i];
        x = r->op == ROUND_FLOOR ? floor(x) : ceil(x);
        ((int64_t *)out->data)[i] = isnan(x)      ? 0
                                    : x >= 0x1p63 ? INT64_MAX
                                    : x < -0x1p63 ? INT64_MIN
                                                  : (int64_t)x;
    }
    return LV_OK;
}

/* Source: RoundBase.dataType. */
static const lv_type *rounded_decimal(lv_arena *arena, const lv_type *type, int digits)
{
    int whole = type->precision - type->scale + 1;
    if (digits < 0)
        return lv_type_decimal(arena, LV_MIN(LV_MAX(whole, -digits + 1), 38), 0);
    int scale = LV_MIN(type->scale, digits);
    return lv_type_decimal(arena, LV_MIN(whole + scale, 38), scale);
}

static lv_status bind_digits(const lv_function *function, lv_bind *bind, rounding *r, lv_error *err)
{
    if (bind->arg_count == 1)
        return LV_OK;
    const lv_vector *literal = lv_bind_literal(bind, 1);
    lv_eval eval = {.arena = bind->arena, .zone = lv_timezone_utc(), .ansi = true};
    lv_vector number;
    if (literal != NULL && !lv_type_is_integral(literal->type)) {
        LV_TRY(lv_cast(&eval, literal, lv_type_of(LV_TYPE_INT), LV_CAST_EXPLICIT, LV_STR_NONE,
                       &number, err));
        literal = &number;
    }
    if (literal == NULL)
        return LV_FAIL(err, LV_DATATYPE_MISMATCH_NON_FOLDABLE,
                       "the input digits should be a constant \"INT\" expression");
    int64_t digits = lv_load_int(literal->type->kind, literal->data, 0);
    r->digits = (int)LV_MAX(LV_MIN(digits, 400), -400);
    bind->arg_types[1] = lv_type_of(LV_TYPE_INT);
    return LV_OK;
}

lv_status lv_bind_round(const lv_function *function, lv_bind *bind, lv_error *err)
{
    rounding *r = LV_NEW(bind->arena, rounding);
    r->op = function->op;
    bind->param = r;
    LV_TRY(bind_digits(function, bind, r, err));
    const lv_type *type = bind->arg_types[0];
    if (type->kind == LV_TYPE_STRING || type->kind == LV_TYPE_VOID)
        type = lv_type_of(LV_TYPE_DOUBLE);
    if (!lv_type_is_numeric(type))
        return lv_bind_mismatch(function, bind, 0, "\"NUMERIC\"", err);
    bool to_whole = function->op == ROUND_FLOOR || function->op == ROUND_CEIL,
         real = type->kind == LV_TYPE_FLOAT || type->kind == LV_TYPE_DOUBLE;
    if (to_whole && bind->arg_count == 1 && type->kind != LV_TYPE_DECIMAL) {
        bind->arg_types[0] = lv_type_of(real ? LV_TYPE_DOUBLE : LV_TYPE_BIGINT);
        lv_bind_result(bind, lv_type_of(LV_TYPE_BIGINT), true, real ? kernel_floor : kernel_round);
        bind->nullable = true;
        return LV_OK;
    }
    if (to_whole && real)
        type = type->kind == LV_TYPE_FLOAT ? lv_type_decimal(bind->arena, 14, 7)
                                           : lv_type_decimal(bind->arena, 30, 15);
    else if (to_whole)
        type = lv_decimal_for(bind->arena, type, NULL);
    bind->arg_types[0] = type;
    bool decimal = type->kind == LV_TYPE_DECIMAL;
    if (to_whole && decimal && bind->arg_count == 1 && type->scale == 0) {
        lv_bind_result(bind, type, true, kernel_round); /* whole already: no digit more */
        return LV_OK;
    }
    lv_bind_result(bind, decimal ? rounded_decimal(bind->arena, type, r->digits) : type,
                   real && !decimal, kernel_round);
    bind->nullable = true; /* as Spark says */
    return LV_OK;
}
