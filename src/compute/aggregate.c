/* aggregate.c: count, sum, avg, min, max, first and last over all rows.
 *
 * Sums of integers are checked at every step, as Spark does; a DECIMAL sum that leaves its 38
 * digits is found out at the end. Doubles are added in row order. Source: Sum.scala, Average.scala,
 * Max.scala. */
#include <stdlib.h>

#include "base/check.h"
#include "column/decimal.h"
#include "compute/cast_int.h"

struct lv_aggregate {
    const lv_call *call;
    int64_t count; /* of rows that count */
    int64_t integer;
    __int128 decimal;
    double real;
    bool overflow;  /* of `decimal` */
    bool has_value; /* min, max, first, last */
    lv_arena
        arenas[2]; /* of `value`, in turn: a new value is copied before the old one is dropped */
    int arena;
    lv_vector value; /* one row */
};

/* ---- binding --------------------------------------------------------------------------------- */

static lv_status kernel_none(const lv_call *call, lv_eval *eval, const lv_vector *args,
                             int64_t rows, lv_vector *out, lv_error *err)
{
    return LV_FAIL(err, LV_INTERNAL, "the aggregate `%s` was called as a function",
                   call->function->name);
}

static const lv_type *sum_type(lv_arena *arena, const lv_type *in)
{
    if (in->kind == LV_TYPE_DECIMAL)
        return lv_type_decimal(arena, LV_MIN(in->precision + 10, 38), in->scale);
    return lv_type_of(lv_type_is_integral(in) ? LV_TYPE_BIGINT : LV_TYPE_DOUBLE);
}

static const lv_type *avg_type(lv_arena *arena, const lv_type *in)
{
    if (in->kind == LV_TYPE_DECIMAL)
        return lv_type_decimal(arena, LV_MIN(in->precision + 4, 38), LV_MIN(in->scale + 4, 38));
    return lv_type_of(LV_TYPE_DOUBLE);
}

static lv_status bind_sum(const lv_function *function, lv_bind *bind, lv_error *err)
{
    const lv_type *in = bind->arg_types[0];
    if (in->kind == LV_TYPE_STRING || in->kind == LV_TYPE_FLOAT || in->kind == LV_TYPE_VOID ||
        in->kind == LV_TYPE_TIMESTAMP)
        in = lv_type_of(LV_TYPE_DOUBLE);
    if (lv_type_is_ansi_interval(in)) {
        lv_bind_result(bind, function->op == AGG_AVG ? lv_type_of(in->kind) : in, false,
                       kernel_none);
        return LV_OK;
    }
    if (lv_type_is_integral(in))
        in = lv_type_of(function->op == AGG_AVG ? LV_TYPE_DOUBLE : LV_TYPE_BIGINT);
    if (!lv_type_is_numeric(in))
        return lv_bind_mismatch(function, bind, 0, "(\"NUMERIC\" or \"INTERVAL\")", err);
    bind->arg_types[0] = in;
    lv_bind_result(bind,
                   function->op == AGG_AVG ? avg_type(bind->arena, in) : sum_type(bind->arena, in),
                   false, kernel_none);
    return LV_OK;
}

lv_status lv_bind_aggregate(const lv_function *function, lv_bind *bind, lv_error *err)
{
    switch (function->op) {
    case AGG_SUM:
    case AGG_AVG: LV_TRY(bind_sum(function, bind, err)); break;
    case AGG_COUNT_IF:
        LV_TRY(lv_bind_want(function, bind, 0, lv_type_of(LV_TYPE_BOOLEAN), err));
        lv_bind_result(bind, lv_type_of(LV_TYPE_BIGINT), true, kernel_none);
        break;
    case AGG_COUNT: lv_bind_result(bind, lv_type_of(LV_TYPE_BIGINT), true, kernel_none); break;
    default:
        if (function->op == AGG_MIN || function->op == AGG_MAX)
            LV_TRY(lv_bind_orderable(function, bind, bind->arg_types[0], err));
        lv_bind_result(bind, bind->arg_types[0], true, kernel_none);
    }
    bind->param = bind->ansi ? function : NULL; /* any pointer: whether overflow is an error */
    bind->nullable = function->op != AGG_COUNT && function->op != AGG_COUNT_IF;
    return LV_OK;
}

/* ---- life ------------------------------------------------------------------------------------ */

lv_status lv_aggregate_new(const lv_call *call, lv_aggregate **aggregate, lv_error *err)
{
    lv_aggregate *a = calloc(1, sizeof *a);
    if (a == NULL)
        return LV_FAIL(err, LV_OUT_OF_MEMORY, "no memory for an aggregate");
    a->call = call;
    lv_arena_init(&a->arenas[0]);
    lv_arena_init(&a->arenas[1]);
    *aggregate = a;
    return LV_OK;
}

void lv_aggregate_free(lv_aggregate *a)
{
    if (a == NULL)
        return;
    lv_arena_release(&a->arenas[0]);
    lv_arena_release(&a->arenas[1]);
    free(a);
}

/* ---- adding rows ----------------------------------------------------------------------------- */

static lv_status add_integers(lv_aggregate *a, const lv_vector *in, int64_t rows, lv_error *err)
{
    bool checked = a->call->param != NULL;
    for (int64_t i = 0; i < rows; i++) {
        if (lv_vector_is_null(in, i))
            continue;
        a->count++;
        if (__builtin_add_overflow(a->integer, LV_AT(int64_t, in, i), &a->integer) && checked)
            return LV_FAIL(err, LV_ARITHMETIC_OVERFLOW,
                           "long overflow. Use 'try_sum' to tolerate overflow and return NULL "
                           "instead. If necessary set "
                           "\"spark.sql.ansi.enabled\" to \"false\" to bypass this error");
    }
    return LV_OK;
}

static lv_status add_intervals(lv_aggregate *a, const lv_vector *in, int64_t rows, lv_error *err)
{
    bool months = in->type->kind == LV_TYPE_MONTHS;
    for (int64_t i = 0; i < rows; i++) {
        if (lv_vector_is_null(in, i))
            continue;
        a->count++;
        int64_t value = months ? LV_AT(int32_t, in, i) : LV_AT(int64_t, in, i);
        if (__builtin_add_overflow(a->integer, value, &a->integer) ||
            (months && a->integer != (int32_t)a->integer))
            return LV_FAIL(err, LV_INTERVAL_OVERFLOW_TRY,
                           "Integer overflow while operating with intervals. Use `try_add` to "
                           "tolerate overflow and return NULL instead");
    }
    return LV_OK;
}

/* Values of few digits cannot leave 128 bits within a batch: the digits are counted once at its end. */
static void add_short_decimals(lv_aggregate *a, const lv_vector *in, int64_t rows)
{
    const __int128 *values = in->data;
    __int128 sum = 0;
    if (in->validity == NULL) {
        for (int64_t i = 0; i < rows; i++)
            sum += values[i];
        a->count += rows;
    } else {
        for (int64_t i = 0; i < rows; i++)
            sum += lv_bit_get(in->validity, i) ? values[i] : 0;
        a->count += lv_bits_count(in->validity, rows);
    }
    a->decimal += sum; /* both have at most 38 digits, and 128 bits hold twice that */
    a->overflow = a->overflow || !lv_decimal_fits(a->decimal, LV_DECIMAL_DIGITS);
}

static void add_decimals(lv_aggregate *a, const lv_vector *in, int64_t rows)
{
    enum { SHORT_DIGITS = 28, SHORT_ROWS = 1 << 30 };
    if (in->encoding == LV_FLAT && in->type->precision <= SHORT_DIGITS && rows < SHORT_ROWS &&
        !a->overflow) {
        add_short_decimals(a, in, rows);
        return;
    }
    for (int64_t i = 0; i < rows; i++) {
        if (lv_vector_is_null(in, i))
            continue;
        a->count++;
        if (!a->overflow)
            a->overflow = __builtin_add_overflow(a->decimal, LV_AT(__int128, in, i), &a->decimal) ||
                          !lv_decimal_fits(a->decimal, 38);
    }
}

static void add_reals(lv_aggregate *a, const lv_vector *in, int64_t rows)
{
    for (int64_t i = 0; i < rows; i++) {
        if (lv_vector_is_null(in, i))
            continue;
        a->count++;
        a->real += LV_AT(double, in, i);
    }
}

/* Keeps row `i`, with its bytes, beyond the batch. */
static void keep(lv_aggregate *a, const lv_vector *in, int64_t i)
{
    lv_arena *arena = &a->arenas[a->arena = 1 - a->arena];
    int32_t row = (int32_t)i;
    lv_vector one;
    lv_arena_reset(arena);
    lv_vector_take(arena, in, &row, 1, &one);
    lv_vector_copy(arena, &one, &a->value);
    a->has_value = true;
}

/* Equal values keep the one that came first. */
static void add_extremes(lv_aggregate *a, const lv_vector *in, int64_t rows, int sign)
{
    int64_t best = -1;
    for (int64_t i = 0; i < rows; i++)
        if (!lv_vector_is_null(in, i) && (best < 0 || lv_value_compare(in, i, in, best) * sign > 0))
            best = i;
    if (best >= 0 && (!a->has_value || lv_value_compare(in, best, &a->value, 0) * sign > 0))
        keep(a, in, best);
}

static void count_rows(lv_aggregate *a, const lv_vector *args, int64_t rows)
{
    bool condition = a->call->function->op == AGG_COUNT_IF;
    if (a->call->arg_count == 1 && !condition) {
        a->count += rows - lv_vector_null_count(&args[0]);
        return;
    }
    for (int64_t i = 0; i < rows; i++) {
        bool counts = true;
        for (int k = 0; k < a->call->arg_count; k++)
            counts = counts && !lv_vector_is_null(&args[k], i);
        a->count += counts && (!condition || LV_AT(uint8_t, &args[0], i));
    }
}

lv_status lv_aggregate_update(lv_aggregate *a, lv_eval *eval, const lv_vector *args, int64_t rows,
                              lv_error *err)
{
    if (rows == 0)
        return LV_OK;
    switch (a->call->function->op) {
    case AGG_COUNT:
    case AGG_COUNT_IF: count_rows(a, args, rows); return LV_OK;
    case AGG_MIN: add_extremes(a, &args[0], rows, -1); return LV_OK;
    case AGG_MAX: add_extremes(a, &args[0], rows, 1); return LV_OK;
    case AGG_FIRST:
        if (!a->has_value)
            keep(a, &args[0], 0);
        return LV_OK;
    case AGG_LAST: keep(a, &args[0], rows - 1); return LV_OK;
    default: break;
    }
    if (args[0].type->kind == LV_TYPE_BIGINT)
        return add_integers(a, &args[0], rows, err);
    if (lv_type_is_ansi_interval(args[0].type))
        return add_intervals(a, &args[0], rows, err);
    if (args[0].type->kind == LV_TYPE_DECIMAL)
        add_decimals(a, &args[0], rows);
    else
        add_reals(a, &args[0], rows);
    return LV_OK;
}

/* ---- the result ------------------------------------------------------------------------------ */

static bool decimal_result(const lv_aggregate *a, __int128 *out)
{
    const lv_type *type = a->call->type;
    if (a->overflow)
        return false;
    *out = a->decimal;
    if (a->call->function->op == AGG_AVG &&
        !lv_decimal_divide(a->decimal, a->call->arg_types[0]->scale, a->count, 0, type->scale, out))
        return false;
    return lv_decimal_fits(*out, type->precision);
}

static lv_status finish_decimal(const lv_aggregate *a, lv_eval *eval, lv_vector *out, lv_error *err)
{
    if (decimal_result(a, out->data))
        return LV_OK;
    if (a->call->param != NULL)
        return LV_FAIL(err,
                       a->call->function->op == AGG_SUM ? LV_ARITHMETIC_OVERFLOW
                                                        : LV_NUMERIC_VALUE_OUT_OF_RANGE,
                       "overflow in %s of decimals. If necessary set \"spark.sql.ansi.enabled\" to "
                       "\"false\" to bypass this error",
                       a->call->function->name);
    lv_vector_init_null(out, eval->arena, a->call->type, 1);
    return LV_OK;
}

/* A mean is rounded half up. */
static void finish_interval(const lv_aggregate *a, lv_vector *out)
{
    int64_t value = a->integer;
    if (a->call->function->op == AGG_AVG) {
        int64_t rest = value % a->count, half = a->count - (rest < 0 ? -rest : rest);
        value = value / a->count + ((rest < 0 ? -rest : rest) >= half ? (rest < 0 ? -1 : 1) : 0);
    }
    if (out->type->kind == LV_TYPE_MONTHS)
        *(int32_t *)out->data = (int32_t)value;
    else
        *(int64_t *)out->data = value;
}

lv_status lv_aggregate_finish(lv_aggregate *a, lv_eval *eval, lv_vector *out, lv_error *err)
{
    int op = a->call->function->op;
    bool is_count = op == AGG_COUNT || op == AGG_COUNT_IF, is_sum = op == AGG_SUM || op == AGG_AVG;
    if ((is_sum && a->count == 0) || (!is_count && !is_sum && !a->has_value)) {
        lv_vector_init_null(out, eval->arena, a->call->type, 1);
        return LV_OK;
    }
    if (!is_count && !is_sum) {
        lv_vector_copy(eval->arena, &a->value, out);
        return LV_OK;
    }
    lv_vector_init_flat(out, eval->arena, a->call->type, 1);
    if (a->call->type->kind == LV_TYPE_DECIMAL)
        return finish_decimal(a, eval, out, err);
    if (lv_type_is_ansi_interval(a->call->type))
        finish_interval(a, out);
    else if (a->call->type->kind == LV_TYPE_DOUBLE)
        *(double *)out->data = op == AGG_AVG ? a->real / (double)a->count : a->real;
    else
        *(int64_t *)out->data = is_count ? a->count : a->integer;
    return LV_OK;
}
