/* null_functions.c: nanvl, zeroifnull, nullifzero. Source: nullExpressions.scala. */
#include <math.h>

#include "compute/compute_int.h"

/* ---- nanvl ----------------------------------------------------------------------------------- */

static lv_status kernel_nanvl(const lv_call *call, lv_eval *eval, const lv_vector *args,
                              int64_t rows, lv_vector *out, lv_error *err)
{
    bool is_float = call->type->kind == LV_TYPE_FLOAT;
    int *choice = lv_arena_alloc(eval->arena, sizeof *choice * (size_t)rows);
    for (int64_t i = 0; i < rows; i++) {
        choice[i] = 0;
        if (!lv_vector_is_null(&args[0], i))
            choice[i] = is_float ? isnan(LV_AT(float, &args[0], i)) != 0
                                 : isnan(LV_AT(double, &args[0], i)) != 0;
    }
    lv_vector_pick(eval->arena, call->type, args, choice, NULL, rows, out);
    return LV_OK;
}

lv_status lv_bind_nanvl(const lv_function *function, lv_bind *bind, lv_error *err)
{
    bool floats =
        bind->arg_types[0]->kind == LV_TYPE_FLOAT && bind->arg_types[1]->kind == LV_TYPE_FLOAT;
    const lv_type *type = lv_type_of(floats ? LV_TYPE_FLOAT : LV_TYPE_DOUBLE);
    for (int i = 0; i < 2; i++)
        LV_TRY(lv_bind_want(function, bind, i, type, err));
    lv_bind_result(bind, type, true, kernel_nanvl);
    return LV_OK;
}

/* ---- zeroifnull, nullifzero ------------------------------------------------------------------ */

/* The zero of every numeric type is made of zero bytes. */
static lv_status kernel_zero_if_null(const lv_call *call, lv_eval *eval, const lv_vector *args,
                                     int64_t rows, lv_vector *out, lv_error *err)
{
    const lv_vector *in = lv_vector_flatten(eval->arena, &args[0]);
    size_t size = lv_type_value_size(call->type);
    lv_vector_init_flat(out, eval->arena, call->type, rows);
    memcpy(out->data, in->data, size * (size_t)rows);
    for (int64_t i = 0; i < rows; i++)
        if (!lv_row_valid(in->validity, i))
            memset((char *)out->data + size * (size_t)i, 0, size);
    return LV_OK;
}

lv_status lv_bind_zero_if_null(const lv_function *function, lv_bind *bind, lv_error *err)
{
    const lv_type *type =
        lv_type_common(bind->arena, bind->arg_types[0], lv_type_of(LV_TYPE_INT), bind->ansi);
    if (type == NULL || !lv_type_is_numeric(type))
        return lv_bind_differ(function, bind, err);
    bind->arg_types[0] = type;
    lv_bind_result(bind, type, true, kernel_zero_if_null);
    bind->nullable = false;
    return LV_OK;
}

static bool is_zero(const lv_vector *v, int64_t i)
{
    static const char zeros[16];
    if (v->type->kind == LV_TYPE_DOUBLE)
        return LV_AT(double, v, i) == 0;
    if (v->type->kind == LV_TYPE_FLOAT)
        return LV_AT(float, v, i) == 0;
    size_t size = lv_type_value_size(v->type);
    return memcmp((const char *)v->data + size * (size_t)lv_vector_index(v, i), zeros, size) == 0;
}

static lv_status kernel_null_if_zero(const lv_call *call, lv_eval *eval, const lv_vector *args,
                                     int64_t rows, lv_vector *out, lv_error *err)
{
    bool owned = false;
    *out = *lv_vector_flatten(eval->arena, &args[0]);
    for (int64_t i = 0; i < rows; i++)
        if (lv_row_valid(args[0].validity, i) && is_zero(&args[0], i))
            lv_result_set_null(eval->arena, out, i, &owned);
    return LV_OK;
}

lv_status lv_bind_null_if_zero(const lv_function *function, lv_bind *bind, lv_error *err)
{
    if (bind->arg_types[0]->kind == LV_TYPE_STRING)
        bind->arg_types[0] = lv_type_of(LV_TYPE_BIGINT);
    if (bind->arg_types[0]->kind == LV_TYPE_VOID)
        bind->arg_types[0] = lv_type_of(LV_TYPE_INT);
    if (!lv_type_is_numeric(bind->arg_types[0]))
        return lv_bind_differ(function, bind, err);
    lv_bind_result(bind, bind->arg_types[0], true, kernel_null_if_zero);
    bind->nullable = true;
    return LV_OK;
}
