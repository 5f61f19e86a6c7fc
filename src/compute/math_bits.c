/* math_bits.c: functions of the bits of integers. Source: bitwiseExpressions.scala. */
#include "compute/cast_int.h"

/* ---- operators ------------------------------------------------------------------------------- */

static lv_status kernel_bits(const lv_call *call, lv_eval *eval, const lv_vector *args,
                             int64_t rows, lv_vector *out, lv_error *err)
{
    lv_type_kind kind = call->type->kind;
    lv_result_init(call, eval, args, rows, out);
    for (int64_t i = 0; i < rows; i++) {
        int64_t a = lv_load_int(kind, args[0].data, lv_vector_index(&args[0], i));
        int64_t b = lv_load_int(kind, args[1].data, lv_vector_index(&args[1], i));
        int op = call->function->op;
        lv_store_int(kind, out->data, i, op == BIT_AND ? a & b : op == BIT_OR ? a | b : a ^ b);
    }
    return LV_OK;
}

lv_status lv_bind_bits(const lv_function *function, lv_bind *bind, lv_error *err)
{
    LV_TRY(lv_bind_operands(bind, LV_OPERANDS_BITS, err));
    const lv_type *type =
        lv_type_common(bind->arena, bind->arg_types[0], bind->arg_types[1], bind->ansi);
    bind->arg_types[0] = bind->arg_types[1] = type;
    lv_bind_result(bind, type, true, kernel_bits);
    return LV_OK;
}

static lv_status kernel_bit_not(const lv_call *call, lv_eval *eval, const lv_vector *args,
                                int64_t rows, lv_vector *out, lv_error *err)
{
    lv_result_init(call, eval, args, rows, out);
    for (int64_t i = 0; i < rows; i++)
        lv_store_int(call->type->kind, out->data, i,
                     ~lv_load_int(call->type->kind, args[0].data, i));
    return LV_OK;
}

lv_status lv_bind_bit_not(const lv_function *function, lv_bind *bind, lv_error *err)
{
    if (bind->arg_types[0]->kind == LV_TYPE_VOID)
        bind->arg_types[0] = lv_type_of(LV_TYPE_INT);
    if (!lv_type_is_integral(bind->arg_types[0]))
        return lv_bind_mismatch(function, bind, 0, "\"INTEGRAL\"", err);
    lv_bind_result(bind, bind->arg_types[0], true, kernel_bit_not);
    return LV_OK;
}

/* Java shifts by the low five (six) bits of the distance. */
static int64_t shift(int op, bool is_long, int64_t value, int by)
{
    if (op == BIT_LEFT)
        return (int64_t)((uint64_t)value << by);
    if (op == BIT_RIGHT)
        return value >> by;
    return is_long ? (int64_t)((uint64_t)value >> by) : (int64_t)((uint32_t)value >> by);
}

static lv_status kernel_shift(const lv_call *call, lv_eval *eval, const lv_vector *args,
                              int64_t rows, lv_vector *out, lv_error *err)
{
    lv_type_kind kind = call->type->kind;
    bool is_long = kind == LV_TYPE_BIGINT;
    lv_result_init(call, eval, args, rows, out);
    for (int64_t i = 0; i < rows; i++) {
        int64_t value = lv_load_int(kind, args[0].data, lv_vector_index(&args[0], i));
        int by = LV_AT(int32_t, &args[1], i) & (is_long ? 63 : 31);
        lv_store_int(kind, out->data, i, shift(call->function->op, is_long, value, by));
    }
    return LV_OK;
}

/* Any number or text counts as INT here, also under ANSI. */
static lv_status want_int(const lv_function *function, lv_bind *bind, int i, lv_error *err)
{
    const lv_type *type = bind->arg_types[i];
    if (!lv_type_is_numeric(type) && type->kind != LV_TYPE_STRING && type->kind != LV_TYPE_VOID)
        return lv_bind_mismatch(function, bind, i, "\"INT\"", err);
    bind->arg_types[i] = lv_type_of(LV_TYPE_INT);
    return LV_OK;
}

lv_status lv_bind_shift(const lv_function *function, lv_bind *bind, lv_error *err)
{
    if (bind->arg_types[0]->kind != LV_TYPE_BIGINT)
        LV_TRY(want_int(function, bind, 0, err));
    LV_TRY(want_int(function, bind, 1, err));
    lv_bind_result(bind, bind->arg_types[0], true, kernel_shift);
    return LV_OK;
}

/* ---- counting and picking -------------------------------------------------------------------- */

/* Java counts the bits of a 64-bit integer, whatever the type. */
static lv_status kernel_bit_count(const lv_call *call, lv_eval *eval, const lv_vector *args,
                                  int64_t rows, lv_vector *out, lv_error *err)
{
    lv_type_kind kind = args[0].type->kind;
    lv_result_init(call, eval, args, rows, out);
    for (int64_t i = 0; i < rows; i++)
        ((int32_t *)out->data)[i] =
            kind == LV_TYPE_BOOLEAN
                ? ((const uint8_t *)args[0].data)[i] != 0
                : __builtin_popcountll((uint64_t)lv_load_int(kind, args[0].data, i));
    return LV_OK;
}

lv_status lv_bind_bit_count(const lv_function *function, lv_bind *bind, lv_error *err)
{
    const lv_type *type = bind->arg_types[0];
    if (type->kind == LV_TYPE_VOID)
        bind->arg_types[0] = lv_type_of(LV_TYPE_BIGINT);
    else if (!lv_type_is_integral(type) && type->kind != LV_TYPE_BOOLEAN)
        return lv_bind_mismatch(function, bind, 0, "(\"INTEGRAL\" or \"BOOLEAN\")", err);
    lv_bind_result(bind, lv_type_of(LV_TYPE_INT), true, kernel_bit_count);
    return LV_OK;
}

static lv_status kernel_bit_get(const lv_call *call, lv_eval *eval, const lv_vector *args,
                                int64_t rows, lv_vector *out, lv_error *err)
{
    lv_type_kind kind = args[0].type->kind;
    int bits = 8 * (int)lv_type_value_size(args[0].type);
    lv_result_init(call, eval, args, rows, out);
    for (int64_t i = 0; i < rows; i++) {
        ((int8_t *)out->data)[i] = 0;
        if (!lv_row_valid(out->validity, i))
            continue;
        int32_t at = LV_AT(int32_t, &args[1], i);
        if (at < 0 || at >= bits)
            return LV_FAIL(err, LV_INVALID_BIT_POSITION,
                           "The value of parameter(s) `pos` in `%s` is invalid: expects an integer "
                           "value in [0, %d), but got %d",
                           call->function->name, bits, (int)at);
        int64_t value = lv_load_int(kind, args[0].data, lv_vector_index(&args[0], i));
        ((int8_t *)out->data)[i] = (int8_t)(value >> at & 1);
    }
    return LV_OK;
}

lv_status lv_bind_bit_get(const lv_function *function, lv_bind *bind, lv_error *err)
{
    if (bind->arg_types[0]->kind == LV_TYPE_VOID)
        bind->arg_types[0] = lv_type_of(LV_TYPE_BIGINT);
    else if (!lv_type_is_integral(bind->arg_types[0]))
        return lv_bind_mismatch(function, bind, 0, "\"INTEGRAL\"", err);
    LV_TRY(lv_bind_want(function, bind, 1, lv_type_of(LV_TYPE_INT), err));
    lv_bind_result(bind, lv_type_of(LV_TYPE_TINYINT), false, kernel_bit_get);
    return LV_OK;
}
