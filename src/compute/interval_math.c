/* interval_math.c: + - * / DIV, sign and absolute value of intervals.
 *
 * Months and microseconds are integers; times a fraction they are rounded half up. A plain INTERVAL is
 * multiplied part by part as a DOUBLE, the fraction of a day going to its microseconds, that of a month
 * nowhere. Source: intervalExpressions.scala, IntervalUtils.scala. */
#include <math.h>

#include "column/decimal.h"
#include "compute/cast_int.h"
#include "compute/time_int.h"

typedef struct interval_math {
    int op;
    int interval; /* which argument is the interval */
    bool to_null;
} interval_math;

static int64_t load(const lv_vector *v, int64_t i)
{
    return v->type->kind == LV_TYPE_MONTHS ? LV_AT(int32_t, v, i) : LV_AT(int64_t, v, i);
}

/* Stores a result; false if the type does not hold it. */
static bool store(lv_vector *out, int64_t i, __int128 value)
{
    if (out->type->kind == LV_TYPE_MONTHS) {
        ((int32_t *)out->data)[i] = (int32_t)value;
        return value == (int32_t)value;
    }
    ((int64_t *)out->data)[i] = (int64_t)value;
    return value == (int64_t)value;
}

static lv_status fail_overflow(lv_error *err, const char *instead)
{
    if (instead == NULL)
        return LV_FAIL(err, LV_INTERVAL_OVERFLOW,
                       "Integer overflow while operating with intervals. Try devising appropriate "
                       "values for the interval parameters");
    return LV_FAIL(err, LV_INTERVAL_OVERFLOW_TRY,
                   "Integer overflow while operating with intervals. Use `%s` to tolerate overflow "
                   "and return NULL instead",
                   instead);
}

/* ---- sums ------------------------------------------------------------------------------------ */

static bool sum_parts(const lv_interval *a, const lv_interval *b, bool subtract, lv_interval *sum)
{
    if (subtract)
        return !__builtin_sub_overflow(a->months, b->months, &sum->months) &&
               !__builtin_sub_overflow(a->days, b->days, &sum->days) &&
               !__builtin_sub_overflow(a->us, b->us, &sum->us);
    return !__builtin_add_overflow(a->months, b->months, &sum->months) &&
           !__builtin_add_overflow(a->days, b->days, &sum->days) &&
           !__builtin_add_overflow(a->us, b->us, &sum->us);
}

static lv_status kernel_sum(const lv_call *call, lv_eval *eval, const lv_vector *args, int64_t rows,
                            lv_vector *out, lv_error *err)
{
    const interval_math *m = call->param;
    bool subtract = m->op == ARITH_SUBTRACT, parts = call->type->kind == LV_TYPE_INTERVAL;
    bool owned = false;
    lv_result_init(call, eval, args, rows, out);
    uint64_t *validity = out->validity;
    for (int64_t i = 0; i < rows; i++) {
        bool fits;
        if (parts) {
            fits = sum_parts(&LV_AT(lv_interval, &args[0], i), &LV_AT(lv_interval, &args[1], i),
                             subtract, (lv_interval *)out->data + i);
        } else {
            __int128 a = load(&args[0], i), b = load(&args[1], i);
            fits = store(out, i, subtract ? a - b : a + b);
        }
        if (fits || !lv_row_valid(validity, i))
            continue;
        if (!m->to_null)
            return fail_overflow(err, subtract ? "try_subtract" : "try_add");
        lv_result_set_null(eval->arena, out, i, &owned);
    }
    return LV_OK;
}

/* ---- multiples ------------------------------------------------------------------------------- */

/* a / b rounded half up, away from zero. */
static __int128 divide_rounded(__int128 a, __int128 b)
{
    __int128 quotient = a / b, rest = a % b;
    bool negative = (a < 0) != (b < 0);
    if (rest < 0)
        rest = -rest;
    __int128 magnitude = b < 0 ? -b : b;
    return rest >= magnitude - rest ? quotient + (negative ? -1 : 1) : quotient;
}

/* A real result rounded half up; false if no 64 bits hold it. */
static bool round_real(double value, __int128 *out)
{
    double whole = round(value);
    *out = whole >= -0x1p63 && whole < 0x1p63 ? (__int128)whole : 0;
    return whole >= -0x1p63 && whole < 0x1p63;
}

/* One product or quotient of months or microseconds. *by_zero: there is none. */
static bool scale_value(int op, int64_t value, const lv_vector *by, int64_t i, __int128 *out,
                        bool *by_zero)
{
    lv_type_kind kind = by->type->kind;
    int64_t row = lv_vector_index(by, i);
    bool divide = op == ARITH_DIVIDE;
    if (kind == LV_TYPE_DOUBLE) {
        double factor = ((const double *)by->data)[row];
        *by_zero = divide && factor == 0;
        return !*by_zero &&
               round_real(divide ? (double)value / factor : (double)value * factor, out);
    }
    if (kind == LV_TYPE_DECIMAL) {
        __int128 factor = ((const __int128 *)by->data)[row];
        *by_zero = divide && factor == 0;
        if (*by_zero)
            return false;
        return divide ? lv_decimal_divide(value, 0, factor, by->type->scale, 0, out)
                      : lv_decimal_multiply(value, factor, by->type->scale, 0, out);
    }
    int64_t factor = lv_load_int(kind, by->data, row);
    *by_zero = divide && factor == 0;
    if (*by_zero)
        return false;
    *out = divide ? divide_rounded(value, factor) : (__int128)value * factor;
    return true;
}

static bool scale_parts(int op, const lv_interval *from, double by, lv_interval *out)
{
    bool divide = op == ARITH_DIVIDE;
    double months = divide ? from->months / by : from->months * by,
           days = divide ? from->days / by : from->days * by,
           us = divide ? (double)from->us / by : (double)from->us * by;
    us += (days - trunc(days)) * (double)LV_DAY_US;
    us = round(us);
    bool fits = fabs(months) < 0x1p31 && fabs(days) < 0x1p31 && us >= -0x1p63 && us < 0x1p63;
    if (fits)
        *out = (lv_interval){(int32_t)months, (int32_t)days, (int64_t)us};
    return fits;
}

static lv_status fail_scale(int op, bool by_zero, lv_error *err)
{
    if (by_zero)
        return LV_FAIL(err, LV_INTERVAL_DIVIDED_BY_ZERO,
                       "Division by zero. Use `try_divide` to tolerate divisor being 0 and return "
                       "NULL instead");
    if (op == ARITH_DIVIDE)
        return fail_overflow(err, "try_divide");
    return LV_FAIL(err, LV_ARITHMETIC_OVERFLOW,
                   "overflow. Use 'try_multiply' to tolerate overflow and return NULL instead");
}

static lv_status kernel_scale(const lv_call *call, lv_eval *eval, const lv_vector *args,
                              int64_t rows, lv_vector *out, lv_error *err)
{
    const interval_math *m = call->param;
    const lv_vector *of = &args[m->interval], *by = &args[1 - m->interval];
    bool parts = call->type->kind == LV_TYPE_INTERVAL, owned = false;
    size_t size = lv_type_value_size(call->type);
    lv_result_init(call, eval, args, rows, out);
    uint64_t *validity = out->validity;
    for (int64_t i = 0; i < rows; i++) {
        bool by_zero = false, fits = false;
        __int128 value = 0;
        if (lv_row_valid(validity, i) && parts) {
            double factor = LV_AT(double, by, i);
            by_zero = m->op == ARITH_DIVIDE && factor == 0;
            fits = !by_zero && scale_parts(m->op, &LV_AT(lv_interval, of, i), factor,
                                           (lv_interval *)out->data + i);
        } else if (lv_row_valid(validity, i)) {
            fits = scale_value(m->op, load(of, i), by, i, &value, &by_zero) && store(out, i, value);
        }
        if (fits)
            continue;
        memset((char *)out->data + (size_t)i * size, 0, size);
        if (lv_row_valid(validity, i) && !m->to_null)
            return fail_scale(m->op, by_zero, err);
        if (lv_row_valid(validity, i))
            lv_result_set_null(eval->arena, out, i, &owned);
    }
    return LV_OK;
}

static lv_status kernel_quotient(const lv_call *call, lv_eval *eval, const lv_vector *args,
                                 int64_t rows, lv_vector *out, lv_error *err)
{
    const interval_math *m = call->param;
    bool owned = false;
    lv_result_init(call, eval, args, rows, out);
    uint64_t *validity = out->validity;
    for (int64_t i = 0; i < rows; i++) {
        int64_t a = load(&args[0], i), b = load(&args[1], i);
        bool exists = b != 0 && !(a == INT64_MIN && b == -1);
        ((int64_t *)out->data)[i] = exists ? a / b : 0;
        if (exists || !lv_row_valid(validity, i))
            continue;
        if (!m->to_null)
            return b == 0 ? LV_FAIL(err, LV_DIVIDE_BY_ZERO,
                                    "division by zero. Use `try_divide` to tolerate divisor being "
                                    "0 and return NULL instead")
                          : fail_overflow(err, NULL);
        lv_result_set_null(eval->arena, out, i, &owned);
    }
    return LV_OK;
}

/* ---- binding --------------------------------------------------------------------------------- */

static void use(lv_bind *bind, int op, int interval, bool to_null)
{
    interval_math *m = LV_NEW(bind->arena, interval_math);
    *m = (interval_math){.op = op, .interval = interval, .to_null = to_null};
    bind->param = m;
}

static lv_status bind_scale(const lv_function *function, lv_bind *bind, int op, bool to_null,
                            lv_error *err)
{
    int interval = lv_type_is_interval(bind->arg_types[0]) ? 0 : 1;
    const lv_type *of = bind->arg_types[interval], *by = bind->arg_types[1 - interval];
    if (interval == 1 && op == ARITH_DIVIDE)
        return lv_operands_differ(bind, err);
    bool plain = of->kind == LV_TYPE_INTERVAL;
    if (plain || by->kind == LV_TYPE_STRING || by->kind == LV_TYPE_VOID ||
        by->kind == LV_TYPE_FLOAT)
        by = lv_cast_implicit(by, lv_type_of(LV_TYPE_DOUBLE), bind->ansi)
                 ? lv_type_of(LV_TYPE_DOUBLE)
                 : by;
    if (!lv_type_is_numeric(by))
        return lv_bind_mismatch(function, bind, 1 - interval, "\"NUMERIC\"", err);
    bind->arg_types[1 - interval] = by;
    to_null = to_null || (plain && !bind->ansi);
    lv_bind_result(bind, plain ? of : lv_type_of(of->kind), to_null, kernel_scale);
    bind->nullable = bind->nullable || to_null || plain;
    use(bind, op, interval, to_null);
    return LV_OK;
}

lv_status lv_bind_interval_arith(const lv_function *function, lv_bind *bind, int op, bool to_null,
                                 lv_error *err)
{
    if (op == ARITH_MULTIPLY || op == ARITH_DIVIDE)
        return bind_scale(function, bind, op, to_null, err);
    const lv_type *a = bind->arg_types[0], *b = bind->arg_types[1];
    const lv_type *common = lv_type_common(bind->arena, a, b, true);
    bool plain = a->kind == LV_TYPE_INTERVAL || b->kind == LV_TYPE_INTERVAL;
    bool sum = op == ARITH_ADD || op == ARITH_SUBTRACT;
    if (plain && (a->kind == LV_TYPE_VOID || b->kind == LV_TYPE_VOID))
        return LV_FAIL(err, LV_DATATYPE_MISMATCH_CAST, "cannot cast \"TIMESTAMP\" to \"VOID\"");
    const lv_type *added = op == ARITH_ADD && !lv_type_is_interval(b) ? a : b;
    bool one = !lv_type_is_interval(a) || !lv_type_is_interval(b);
    if (common == NULL && sum && lv_type_is_interval(added) &&
        !(one && added->kind == LV_TYPE_MONTHS))
        return lv_bind_mismatch(function, bind, 0, "\"(TIMESTAMP OR TIMESTAMP WITHOUT TIME ZONE)\"",
                                err);
    if (common == NULL || !lv_type_is_interval(common) || (plain && !sum))
        return lv_operands_differ(bind, err);
    bind->arg_types[0] = bind->arg_types[1] = common;
    lv_bind_result(bind, sum ? common : lv_type_of(LV_TYPE_BIGINT), to_null,
                   sum ? kernel_sum : kernel_quotient);
    bind->nullable = bind->nullable || to_null || !sum;
    use(bind, op, 0, to_null);
    return LV_OK;
}

/* ---- one interval ---------------------------------------------------------------------------- */

static lv_status kernel_negate(const lv_call *call, lv_eval *eval, const lv_vector *args,
                               int64_t rows, lv_vector *out, lv_error *err)
{
    lv_result_init(call, eval, args, rows, out);
    for (int64_t i = 0; i < rows; i++) {
        bool fits;
        if (call->type->kind == LV_TYPE_INTERVAL) {
            lv_interval *value = (lv_interval *)out->data + i;
            *value = LV_AT(lv_interval, &args[0], i);
            fits = lv_interval_negate(value);
        } else {
            fits = store(out, i, -(__int128)load(&args[0], i));
        }
        if (!fits && lv_row_valid(out->validity, i))
            return fail_overflow(err, NULL);
    }
    return LV_OK;
}

static lv_status kernel_abs(const lv_call *call, lv_eval *eval, const lv_vector *args, int64_t rows,
                            lv_vector *out, lv_error *err)
{
    lv_result_init(call, eval, args, rows, out);
    for (int64_t i = 0; i < rows; i++) {
        __int128 value = load(&args[0], i);
        if (!store(out, i, value < 0 ? -value : value) && lv_row_valid(out->validity, i))
            return LV_FAIL(err, LV_ARITHMETIC_OVERFLOW,
                           "overflow. If necessary set \"spark.sql.ansi.enabled\" to \"false\" to "
                           "bypass this error");
    }
    return LV_OK;
}

static lv_status kernel_identity(const lv_call *call, lv_eval *eval, const lv_vector *args,
                                 int64_t rows, lv_vector *out, lv_error *err)
{
    *out = args[0];
    return LV_OK;
}

static lv_status kernel_sign(const lv_call *call, lv_eval *eval, const lv_vector *args,
                             int64_t rows, lv_vector *out, lv_error *err)
{
    lv_result_init(call, eval, args, rows, out);
    for (int64_t i = 0; i < rows; i++) {
        int64_t value = load(&args[0], i);
        ((double *)out->data)[i] = (value > 0) - (value < 0);
    }
    return LV_OK;
}

lv_status lv_bind_interval_negate(lv_bind *bind, int op)
{
    lv_bind_result(bind, bind->arg_types[0], op == ARITH_ADD,
                   op == ARITH_ADD ? kernel_identity : kernel_negate);
    return LV_OK;
}

lv_status lv_bind_interval_abs(lv_bind *bind)
{
    lv_bind_result(bind, bind->arg_types[0], false, kernel_abs);
    return LV_OK;
}

lv_status lv_bind_interval_sign(lv_bind *bind)
{
    lv_bind_result(bind, lv_type_of(LV_TYPE_DOUBLE), true, kernel_sign);
    bind->nullable = true; /* says Spark */
    return LV_OK;
}
