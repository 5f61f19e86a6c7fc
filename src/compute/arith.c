/* arith.c: + - * / % div pmod on numbers, and what Spark makes of their types.
 *
 * Integers are computed on all lanes with a flag for overflow; only if the flag is up are the rows
 * looked at one by one, to find one that is not null. Division looks at each row for its zero.
 * Source: arithmetic.scala, DecimalPrecision, AnsiTypeCoercion. */
#include <math.h>

#include "base/check.h"
#include "column/decimal.h"
#include "compute/binary.h"
#include "compute/cast_int.h"
#include "compute/time_int.h"

/* ---- loops ----------------------------------------------------------------------------------- */

#define OP_NAME          add
#define INT_OP(a, b, r)  __builtin_add_overflow(a, b, r)
#define REAL_OP(a, b, r) (*(r) = (a) + (b), false)
#include "compute/arith_types.tmpl.h"

#define OP_NAME          subtract
#define INT_OP(a, b, r)  __builtin_sub_overflow(a, b, r)
#define REAL_OP(a, b, r) (*(r) = (a) - (b), false)
#include "compute/arith_types.tmpl.h"

#define OP_NAME          multiply
#define INT_OP(a, b, r)  __builtin_mul_overflow(a, b, r)
#define REAL_OP(a, b, r) (*(r) = (a) * (b), false)
#include "compute/arith_types.tmpl.h"

/* For these "bad" means division by zero; x % -1 is 0 also for the smallest x. */
#define REMAINDER_INT(a, b, r)                                                                     \
    ((b) == 0 ? (*(r) = 0, true) : (*(r) = (b) == -1 ? 0 : (a) % (b), false))
#define REMAINDER_REAL(a, b, r) (*(r) = fmod(a, b), (b) == 0)
#define OP_NAME                 remainder
#define INT_OP                  REMAINDER_INT
#define REAL_OP                 REMAINDER_REAL
#include "compute/arith_types.tmpl.h"

/* Spark: r = a % n; if (r < 0) (r + n) % n else r */
/* Java adds TINYINT and SMALLINT as INT, where the sum fits; INT and BIGINT wrap. */
#define PMOD_SUM(x, b, type)                                                                       \
    (sizeof(type) < 4 ? (int64_t)(x) + (int64_t)(b) : (type)((uint64_t)(x) + (uint64_t)(b)))
#define PMOD_INT(a, b, r)                                                                          \
    ((b) == 0 || (b) == -1                                                                         \
         ? (*(r) = 0, (b) == 0)                                                                    \
         : (*(r) = (a) % (b) < 0 ? (T)(PMOD_SUM((a) % (b), b, T) % (b)) : (a) % (b), false))
#define PMOD_REAL(a, b, r)                                                                         \
    (*(r) = fmod(a, b) < 0 ? fmod(fmod(a, b) + (b), b) : fmod(a, b), (b) == 0)
#define OP_NAME pmod
#define INT_OP  PMOD_INT
#define REAL_OP PMOD_REAL
#include "compute/arith_types.tmpl.h"

#define DIVIDE_REAL(a, b, r) (*(r) = (b) == 0 ? 0 : (a) / (b), (b) == 0)
#define OP                   DIVIDE_REAL
#define NAME                 divide_double
#define T                    double
#define R                    double
#include "compute/binary.tmpl.h"
#undef OP
/* The one overflow of integer division is kept apart: it wraps here and is looked for by the
 * caller. */
#define DIV_INT(a, b, r)                                                                           \
    ((b) == 0 ? (*(r) = 0, true)                                                                   \
              : (*(r) = (b) == -1 ? (int64_t)(0 - (uint64_t)(a)) : (a) / (b), false))
#define OP   DIV_INT
#define NAME div_bigint
#define T    int64_t
#define R    int64_t
#include "compute/binary.tmpl.h"
#undef OP

#define NUMBERS(op)                                                                                \
    {                                                                                              \
        [LV_TYPE_TINYINT] = LV_BINARY(op##_tinyint),                                               \
        [LV_TYPE_SMALLINT] = LV_BINARY(op##_smallint), [LV_TYPE_INT] = LV_BINARY(op##_int),        \
        [LV_TYPE_BIGINT] = LV_BINARY(op##_bigint), [LV_TYPE_FLOAT] = LV_BINARY(op##_float),        \
        [LV_TYPE_DOUBLE] = LV_BINARY(op##_double)                                                  \
    }
static const lv_binary loops[ARITH_PMOD + 1][LV_TYPE_COUNT] = {
    [ARITH_ADD] = NUMBERS(add),
    [ARITH_SUBTRACT] = NUMBERS(subtract),
    [ARITH_MULTIPLY] = NUMBERS(multiply),
    [ARITH_REMAINDER] = NUMBERS(remainder),
    [ARITH_PMOD] = NUMBERS(pmod),
    [ARITH_DIVIDE] = {[LV_TYPE_DOUBLE] = LV_BINARY(divide_double)},
    [ARITH_DIV] = {[LV_TYPE_BIGINT] = LV_BINARY(div_bigint)},
};

/* ---- errors ---------------------------------------------------------------------------------- */

static bool is_division(int op)
{
    return op == ARITH_DIVIDE || op == ARITH_REMAINDER || op == ARITH_DIV || op == ARITH_PMOD;
}

static lv_status zero_error(int op, lv_error *err)
{
    if (op == ARITH_REMAINDER || op == ARITH_PMOD)
        return LV_FAIL(
            err, LV_REMAINDER_BY_ZERO,
            "remainder by zero. Use `try_mod` to tolerate divisor being 0 and return NULL instead. "
            "If necessary set \"spark.sql.ansi.enabled\" to \"false\" to bypass this error");
    return LV_FAIL(
        err, LV_DIVIDE_BY_ZERO,
        "division by zero. Use `try_divide` to tolerate divisor being 0 and return NULL instead. "
        "If necessary set \"spark.sql.ansi.enabled\" to \"false\" to bypass this error");
}

static lv_status overflow_error(const lv_call *call, int op, const lv_vector *args, int64_t i,
                                lv_error *err)
{
    static const char *const hints[] = {
        [ARITH_ADD] = " Use 'try_add' to tolerate overflow and return NULL instead.",
        [ARITH_SUBTRACT] = " Use 'try_subtract' to tolerate overflow and return NULL instead.",
        [ARITH_MULTIPLY] = " Use 'try_multiply' to tolerate overflow and return NULL instead.",
        [ARITH_DIVIDE] = "",
        [ARITH_REMAINDER] = "",
        [ARITH_DIV] = "",
        [ARITH_PMOD] = ""};
    static const char symbols[] = {
        [ARITH_ADD] = '+', [ARITH_SUBTRACT] = '-', [ARITH_MULTIPLY] = '*', [ARITH_PMOD] = '%'};
    lv_type_kind kind = call->type->kind;
    if (kind == LV_TYPE_TINYINT || kind == LV_TYPE_SMALLINT) {
        char suffix = kind == LV_TYPE_TINYINT ? 'Y' : 'S';
        return LV_FAIL(err, LV_BINARY_ARITHMETIC_OVERFLOW, "%lld%c %c %lld%c caused overflow",
                       (long long)lv_load_int(kind, args[0].data, lv_vector_index(&args[0], i)),
                       suffix, symbols[op],
                       (long long)lv_load_int(kind, args[1].data, lv_vector_index(&args[1], i)),
                       suffix);
    }
    return LV_FAIL(err, LV_ARITHMETIC_OVERFLOW,
                   "%s overflow.%s If necessary set \"spark.sql.ansi.enabled\" to \"false\" to "
                   "bypass this error",
                   kind == LV_TYPE_INT ? "integer" : "long", hints[op]);
}

/* ---- kernels --------------------------------------------------------------------------------- */

/* What bind decides: the operation and what to do where its value does not exist. */
typedef struct arith {
    int op;
    bool to_null; /* try_ functions; division without ANSI */
    bool checked; /* else integers wrap */
} arith;

static lv_status kernel_number(const lv_call *call, lv_eval *eval, const lv_vector *args,
                               int64_t rows, lv_vector *out, lv_error *err)
{
    const arith *a = call->param;
    const lv_binary *loop = &loops[a->op][call->arg_types[0]->kind];
    size_t size = lv_type_value_size(call->arg_types[0]);
    bool owned = false;
    lv_result_init(call, eval, args, rows, out);
    if (!lv_binary_run(loop, &args[0], &args[1], out->data, rows) || !(a->checked || a->to_null))
        return LV_OK;
    uint64_t *validity = out->validity;
    for (int64_t i = 0; i < rows; i++) {
        if (!lv_row_valid(validity, i) || !lv_binary_is_bad(loop, &args[0], &args[1], size, i))
            continue;
        if (!a->to_null)
            return is_division(a->op) ? zero_error(a->op, err)
                                      : overflow_error(call, a->op, args, i, err);
        lv_result_set_null(eval->arena, out, i, &owned);
    }
    return LV_OK;
}

/* BIGINT DIV: kernel_number, and the one quotient that is too large. */
static lv_status kernel_div(const lv_call *call, lv_eval *eval, const lv_vector *args, int64_t rows,
                            lv_vector *out, lv_error *err)
{
    const arith *a = call->param;
    LV_TRY(kernel_number(call, eval, args, rows, out, err));
    for (int64_t i = 0; i < rows && a->checked; i++)
        if (LV_AT(int64_t, &args[0], i) == INT64_MIN && LV_AT(int64_t, &args[1], i) == -1 &&
            lv_row_valid(out->validity, i))
            return overflow_error(call, a->op, args, i, err);
    return LV_OK;
}

/* One DECIMAL result; false if it has too many digits. The divisor is not 0. */
static bool decimal_value(const lv_call *call, int op, __int128 x, __int128 y, __int128 *out)
{
    int xs = call->arg_types[0]->scale, ys = call->arg_types[1]->scale, scale = call->type->scale;
    int common = LV_MAX(xs, ys);
    __int128 rest;
    switch (op) {
    case ARITH_ADD: return lv_decimal_sum(x, xs, y, ys, scale, out);
    case ARITH_SUBTRACT: return lv_decimal_sum(x, xs, -y, ys, scale, out);
    case ARITH_MULTIPLY: return lv_decimal_multiply(x, y, xs + ys, scale, out);
    case ARITH_DIVIDE: return lv_decimal_divide(x, xs, y, ys, scale, out);
    case ARITH_DIV: return lv_decimal_quotient(x, xs, y, ys, out);
    default:
        rest = lv_decimal_remainder(x, xs, y, ys);
        if (op == ARITH_PMOD && rest < 0 && y > 0)
            return lv_decimal_sum(rest, common, y, ys, scale, out);
        return lv_decimal_rescale(rest, common, scale, out);
    }
}

static lv_status decimal_error(const lv_call *call, lv_error *err)
{
    return LV_FAIL(err, LV_NUMERIC_VALUE_OUT_OF_RANGE,
                   "the result of `%s` cannot be represented as Decimal(%d, %d). If necessary set "
                   "\"spark.sql.ansi.enabled\" to \"false\" "
                   "to bypass this error, and return NULL instead",
                   call->function->name, call->type->precision, call->type->scale);
}

static lv_status kernel_decimal(const lv_call *call, lv_eval *eval, const lv_vector *args,
                                int64_t rows, lv_vector *out, lv_error *err)
{
    const arith *a = call->param;
    bool to_long = call->type->kind == LV_TYPE_BIGINT, owned = false;
    int precision =
        to_long ? 38
                : call->type->precision; /* DIV: a DECIMAL first, whose low bits are the BIGINT */
    lv_result_init(call, eval, args, rows, out);
    if (lv_decimal_vectors(call, a->op, args, rows, out))
        return LV_OK;
    uint64_t *validity = out->validity;
    for (int64_t i = 0; i < rows; i++) {
        __int128 value = 0;
        if (lv_row_valid(validity, i)) {
            __int128 x = LV_AT(__int128, &args[0], i), y = LV_AT(__int128, &args[1], i);
            bool zero = is_division(a->op) && y == 0;
            bool fits = !zero && decimal_value(call, a->op, x, y, &value) &&
                        lv_decimal_fits(value, precision);
            if (!fits && !(a->to_null || !a->checked))
                return zero ? zero_error(a->op, err) : decimal_error(call, err);
            if (!fits)
                lv_result_set_null(eval->arena, out, i, &owned), value = 0;
        }
        if (to_long)
            ((int64_t *)out->data)[i] = (int64_t)value;
        else
            ((__int128 *)out->data)[i] = value;
    }
    return LV_OK;
}

/* -a and +a: 0 - a would turn -0.0 into 0.0. */
/* Spark negates a DECIMAL with 34 significant digits (MathContext.DECIMAL128); the others are rounded off. */
static lv_status negate_decimal(const lv_call *call, lv_eval *eval, const lv_vector *in,
                                lv_vector *out, lv_error *err)
{
    const __int128 *from = in->data;
    __int128 *to = out->data;
    for (int64_t i = 0; i < out->length; i++) {
        to[i] = 0;
        if (lv_row_valid(out->validity, i) && !lv_decimal_negate(from[i], &to[i]))
            return LV_FAIL(err, LV_NUMERIC_VALUE_OUT_OF_RANGE_BARE,
                           "the negative value cannot be represented as Decimal(%d, %d)",
                           call->type->precision, call->type->scale);
    }
    return LV_OK;
}

static lv_status kernel_negate(const lv_call *call, lv_eval *eval, const lv_vector *args,
                               int64_t rows, lv_vector *out, lv_error *err)
{
    lv_type_kind kind = call->type->kind;
    lv_result_init(call, eval, args, rows, out);
    if (kind == LV_TYPE_DECIMAL)
        return negate_decimal(call, eval, &args[0], out, err);
    for (int64_t i = 0; i < rows; i++) {
        if (kind == LV_TYPE_DOUBLE) {
            ((double *)out->data)[i] = -((const double *)args[0].data)[i];
        } else if (kind == LV_TYPE_FLOAT) {
            ((float *)out->data)[i] = -((const float *)args[0].data)[i];
        } else {
            int64_t value = lv_load_int(kind, args[0].data, i);
            if (value == lv_int_min(kind) && eval->ansi && lv_row_valid(out->validity, i))
                return LV_FAIL(err, LV_ARITHMETIC_OVERFLOW,
                               "%s overflow. If necessary set \"spark.sql.ansi.enabled\" to "
                               "\"false\" to bypass this error",
                               kind == LV_TYPE_BIGINT ? "long" : "integer");
            lv_store_int(kind, out->data, i, (int64_t)(0 - (uint64_t)value));
        }
    }
    return LV_OK;
}

static lv_status kernel_identity(const lv_call *call, lv_eval *eval, const lv_vector *args,
                                 int64_t rows, lv_vector *out, lv_error *err)
{
    *out = args[0];
    return LV_OK;
}

/* ---- binding --------------------------------------------------------------------------------- */

static lv_status bind_unary(const lv_function *function, lv_bind *bind, int op, lv_error *err)
{
    const lv_type *type = bind->arg_types[0];
    if (type->kind == LV_TYPE_STRING || type->kind == LV_TYPE_VOID)
        bind->arg_types[0] = type = lv_type_of(LV_TYPE_DOUBLE);
    if (lv_type_is_interval(type))
        return lv_bind_interval_negate(bind, op);
    if (!lv_type_is_numeric(type))
        return lv_bind_mismatch(function, bind, 0, "(\"NUMERIC\" or \"INTERVAL\")", err);
    bool total = op == ARITH_ADD ||
                 (type->kind != LV_TYPE_DECIMAL && (!lv_type_is_integral(type) || !bind->ansi));
    lv_bind_result(bind, type, total, op == ARITH_ADD ? kernel_identity : kernel_negate);
    return LV_OK;
}

/* The result of an operation on two DECIMALs (DecimalPrecision). */
static const lv_type *decimal_result(lv_arena *arena, int op, const lv_type *a, const lv_type *b)
{
    int p1 = a->precision, s1 = a->scale, p2 = b->precision, s2 = b->scale, scale;
    switch (op) {
    case ARITH_MULTIPLY: return lv_decimal_adjust(arena, p1 + p2 + 1, s1 + s2);
    case ARITH_DIVIDE:
        scale = LV_MAX(6, s1 + p2 + 1);
        return lv_decimal_adjust(arena, p1 - s1 + s2 + scale, scale);
    case ARITH_REMAINDER:
    case ARITH_PMOD:
        scale = LV_MAX(s1, s2);
        return lv_decimal_adjust(arena, LV_MIN(p1 - s1, p2 - s2) + scale, scale);
    case ARITH_DIV: return lv_type_of(LV_TYPE_BIGINT);
    default:
        scale = LV_MAX(s1, s2);
        return lv_decimal_adjust(arena, LV_MAX(p1 - s1, p2 - s2) + scale + 1, scale);
    }
}

static bool has_kind(const lv_bind *bind, lv_type_kind kind)
{
    return bind->arg_types[0]->kind == kind || bind->arg_types[1]->kind == kind;
}

static void bind_decimal(lv_bind *bind, const arith *a)
{
    for (int i = 0; i < 2; i++)
        bind->arg_types[i] =
            lv_decimal_for(bind->arena, bind->arg_types[i], lv_bind_written(bind, i));
    bool checked = a->checked && !a->to_null;
    lv_bind_result(bind, decimal_result(bind->arena, a->op, bind->arg_types[0], bind->arg_types[1]),
                   !checked, kernel_decimal);
    bind->nullable = bind->nullable || !checked;
}

static void bind_number(lv_bind *bind, const arith *a)
{
    const lv_type *type =
        lv_type_common(bind->arena, bind->arg_types[0], bind->arg_types[1], bind->ansi);
    if (a->op == ARITH_DIVIDE)
        type = lv_type_of(LV_TYPE_DOUBLE);
    if (a->op == ARITH_DIV)
        type = lv_type_of(LV_TYPE_BIGINT);
    bind->arg_types[0] = bind->arg_types[1] = type;
    const lv_vector *divisor = lv_bind_literal(bind, 1);
    bool never_zero = divisor != NULL && divisor->type->kind != LV_TYPE_STRING &&
                      lv_type_is_integral(divisor->type) &&
                      lv_load_int(divisor->type->kind, divisor->data, 0) != 0;
    bool exists =
        is_division(a->op) ? never_zero && a->op != ARITH_DIV : !lv_type_is_integral(type);
    lv_bind_result(bind, type, exists || !a->checked || a->to_null,
                   a->op == ARITH_DIV ? kernel_div : kernel_number);
    bind->nullable = bind->nullable || (a->to_null && !exists);
}

lv_status lv_bind_arith(const lv_function *function, lv_bind *bind, lv_error *err)
{
    arith *a = LV_NEW(bind->arena, arith);
    a->op = function->op & ~ARITH_TRY;
    bool to_try = (function->op & ARITH_TRY) != 0;
    a->to_null = to_try || (is_division(a->op) && !bind->ansi);
    a->checked = bind->ansi;
    bind->param = a;
    if (bind->arg_count == 1)
        return bind_unary(function, bind, a->op, err);
    bool time = has_kind(bind, LV_TYPE_DATE) || has_kind(bind, LV_TYPE_TIMESTAMP) ||
                has_kind(bind, LV_TYPE_TIMESTAMP_NTZ);
    bool interval =
        lv_type_is_interval(bind->arg_types[0]) || lv_type_is_interval(bind->arg_types[1]);
    bool text = has_kind(bind, LV_TYPE_STRING), sum = a->op == ARITH_ADD || a->op == ARITH_SUBTRACT;
    if (sum && (time || (interval && text)))
        return lv_bind_time_arith(function, bind, a->op, to_try, err);
    if (interval && a->op != ARITH_REMAINDER && a->op != ARITH_PMOD)
        return lv_bind_interval_arith(function, bind, a->op, to_try, err);
    if (a->op == ARITH_DIVIDE && bind->arg_types[0]->kind == LV_TYPE_VOID &&
        lv_type_is_numeric(bind->arg_types[1]))
        bind->arg_types[0] = lv_type_of(LV_TYPE_DOUBLE); /* also where the other is a DECIMAL */
    bind->try_casts = to_try && has_kind(bind, LV_TYPE_STRING);
    LV_TRY(
        lv_bind_operands(bind, a->op == ARITH_DIV ? LV_OPERANDS_WHOLE : LV_OPERANDS_NUMBERS, err));
    bool real = has_kind(bind, LV_TYPE_FLOAT) || has_kind(bind, LV_TYPE_DOUBLE);
    if (has_kind(bind, LV_TYPE_DECIMAL) && !real)
        bind_decimal(bind, a);
    else
        bind_number(bind, a);
    bind->nullable = bind->nullable || is_division(a->op); /* DivModLike.nullable, ANSI or not */
    return LV_OK;
}
