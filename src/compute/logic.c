/* logic.c: and, or, not, CASE, coalesce and tests for NULL.
 *
 * The lazy ones have kernels too: exec uses them where no branch can fail, and then all
 * branches are computed for all rows and the right value is picked. */
#include <math.h>

#include "compute/compute_int.h"

/* ---- and, or, not ---------------------------------------------------------------------------- */

/* Kleene: `strong` (false for AND, true for OR) wins over NULL, NULL over the other. */
static lv_status kernel_logic(const lv_call *call, lv_eval *eval, const lv_vector *args,
                              int64_t rows, lv_vector *out, lv_error *err)
{
    bool strong = call->function->op == LV_LAZY_OR;
    lv_vector_init_flat(out, eval->arena, call->type, rows);
    uint8_t *value = out->data;
    memset(value, !strong, (size_t)rows);
    uint64_t *known = NULL;
    for (int a = 0; a < call->arg_count; a++)
        if (lv_vector_may_be_null(&args[a]) && known == NULL)
            known = lv_validity_new(eval->arena, rows, true);
    for (int a = 0; a < call->arg_count; a++) {
        const uint8_t *in = args[a].data;
        bool constant = args[a].encoding == LV_CONSTANT;
        if (!lv_vector_may_be_null(&args[a])) {
            for (int64_t i = 0; i < rows; i++) {
                uint8_t x = in[constant ? 0 : i];
                value[i] = strong ? value[i] | x : value[i] & x;
            }
            continue;
        }
        for (int64_t i = 0; i < rows; i++) {
            if (lv_vector_is_null(&args[a], i))
                lv_bit_clear(known, i);
            else if (in[constant ? 0 : i] == strong)
                value[i] = strong;
        }
    }
    for (int64_t i = 0; i < rows && known != NULL; i++)
        if (value[i] == strong)
            lv_bit_set(known, i);
    out->validity = known;
    return LV_OK;
}

lv_status lv_bind_logic(const lv_function *function, lv_bind *bind, lv_error *err)
{
    LV_TRY(lv_bind_operands(bind, LV_OPERANDS_LOGIC, err));
    lv_bind_result(bind, lv_type_of(LV_TYPE_BOOLEAN), true, kernel_logic);
    return LV_OK;
}

static lv_status kernel_not(const lv_call *call, lv_eval *eval, const lv_vector *args, int64_t rows,
                            lv_vector *out, lv_error *err)
{
    lv_result_init(call, eval, args, rows, out);
    const uint8_t *in = args[0].data;
    uint8_t *value = out->data;
    for (int64_t i = 0; i < rows; i++)
        value[i] = !in[i];
    return LV_OK;
}

lv_status lv_bind_not(const lv_function *function, lv_bind *bind, lv_error *err)
{
    LV_TRY(lv_bind_want(function, bind, 0, lv_type_of(LV_TYPE_BOOLEAN), err));
    lv_bind_result(bind, lv_type_of(LV_TYPE_BOOLEAN), true, kernel_not);
    return LV_OK;
}

/* ---- tests ----------------------------------------------------------------------------------- */

static lv_status kernel_test_null(const lv_call *call, lv_eval *eval, const lv_vector *args,
                                  int64_t rows, lv_vector *out, lv_error *err)
{
    bool want_null = call->function->op == TEST_NULL;
    lv_vector_init_flat(out, eval->arena, call->type, rows);
    uint8_t *value = out->data;
    for (int64_t i = 0; i < rows; i++)
        value[i] = lv_vector_is_null(&args[0], i) == want_null;
    return LV_OK;
}

lv_status lv_bind_test_null(const lv_function *function, lv_bind *bind, lv_error *err)
{
    lv_bind_result(bind, lv_type_of(LV_TYPE_BOOLEAN), true, kernel_test_null);
    bind->nullable = false;
    return LV_OK;
}

static lv_status kernel_isnan(const lv_call *call, lv_eval *eval, const lv_vector *args,
                              int64_t rows, lv_vector *out, lv_error *err)
{
    bool is_float = args[0].type->kind == LV_TYPE_FLOAT;
    lv_vector_init_flat(out, eval->arena, call->type, rows);
    uint8_t *value = out->data;
    for (int64_t i = 0; i < rows; i++)
        value[i] =
            !lv_vector_is_null(&args[0], i) &&
            (is_float ? isnan(LV_AT(float, &args[0], i)) : isnan(LV_AT(double, &args[0], i)));
    return LV_OK;
}

lv_status lv_bind_isnan(const lv_function *function, lv_bind *bind, lv_error *err)
{
    if (bind->arg_types[0]->kind != LV_TYPE_FLOAT)
        LV_TRY(lv_bind_want(function, bind, 0, lv_type_of(LV_TYPE_DOUBLE), err));
    lv_bind_result(bind, lv_type_of(LV_TYPE_BOOLEAN), true, kernel_isnan);
    bind->nullable = false;
    return LV_OK;
}

/* ---- picking --------------------------------------------------------------------------------- */

/* One vector for all rows: nothing to copy. */
static bool pick_one(const lv_vector *vectors, const int *choice, int64_t rows, lv_vector *out)
{
    for (int64_t i = 0; i < rows; i++)
        if (choice[i] < 0 || choice[i] != choice[0])
            return false;
    *out = vectors[choice[0]];
    return true;
}

static lv_status picked(const lv_call *call, lv_eval *eval, const lv_vector *args,
                        const int *choice, int64_t rows, lv_vector *out)
{
    if (!pick_one(args, choice, rows, out))
        lv_vector_pick(eval->arena, call->type, args, choice, NULL, rows, out);
    return LV_OK;
}

static lv_status kernel_when(const lv_call *call, lv_eval *eval, const lv_vector *args,
                             int64_t rows, lv_vector *out, lv_error *err)
{
    int *choice = lv_arena_alloc(eval->arena, sizeof *choice * (size_t)rows);
    int pairs = call->arg_count / 2, otherwise = call->arg_count % 2 ? call->arg_count - 1 : -1;
    for (int64_t i = 0; i < rows; i++) {
        choice[i] = otherwise;
        for (int p = 0; p < pairs; p++)
            if (!lv_vector_is_null(&args[2 * p], i) && LV_AT(uint8_t, &args[2 * p], i)) {
                choice[i] = 2 * p + 1;
                break;
            }
    }
    return picked(call, eval, args, choice, rows, out);
}

static lv_status kernel_coalesce(const lv_call *call, lv_eval *eval, const lv_vector *args,
                                 int64_t rows, lv_vector *out, lv_error *err)
{
    int *choice = lv_arena_alloc(eval->arena, sizeof *choice * (size_t)rows);
    for (int64_t i = 0; i < rows; i++) {
        choice[i] = -1;
        for (int a = 0; a < call->arg_count && choice[i] < 0; a++)
            if (!lv_vector_is_null(&args[a], i))
                choice[i] = a;
    }
    return picked(call, eval, args, choice, rows, out);
}

static lv_status kernel_nvl2(const lv_call *call, lv_eval *eval, const lv_vector *args,
                             int64_t rows, lv_vector *out, lv_error *err)
{
    int *choice = lv_arena_alloc(eval->arena, sizeof *choice * (size_t)rows);
    for (int64_t i = 0; i < rows; i++)
        choice[i] = lv_vector_is_null(&args[0], i) ? 2 : 1;
    return picked(call, eval, args, choice, rows, out);
}

/* NULLs do not count; NaN is larger than any number. */
static lv_status kernel_greatest(const lv_call *call, lv_eval *eval, const lv_vector *args,
                                 int64_t rows, lv_vector *out, lv_error *err)
{
    int *choice = lv_arena_alloc(eval->arena, sizeof *choice * (size_t)rows);
    for (int64_t i = 0; i < rows; i++) {
        choice[i] = -1;
        for (int a = 0; a < call->arg_count; a++) {
            if (lv_vector_is_null(&args[a], i))
                continue;
            if (choice[i] < 0 ||
                lv_value_compare(&args[a], i, &args[choice[i]], i) * call->function->op > 0)
                choice[i] = a;
        }
    }
    return picked(call, eval, args, choice, rows, out);
}

static bool nullable_at(const lv_bind *bind, int i)
{
    return bind->arg_nullable == NULL || bind->arg_nullable[i];
}

/* A condition is BOOLEAN; nothing is made one, but the NULL of if(NULL, ...). */
static lv_status want_condition(const lv_function *function, lv_bind *bind, int i, lv_error *err)
{
    bool null = bind->arg_types[i]->kind == LV_TYPE_VOID && strcmp(function->name, "if") == 0;
    if (!null && bind->arg_types[i]->kind != LV_TYPE_BOOLEAN)
        return lv_bind_mismatch(function, bind, i, "\"BOOLEAN\"", err);
    bind->arg_types[i] = lv_type_of(LV_TYPE_BOOLEAN);
    return LV_OK;
}

lv_status lv_bind_when(const lv_function *function, lv_bind *bind, lv_error *err)
{
    int pairs = bind->arg_count / 2;
    bool has_else = bind->arg_count % 2;
    const lv_type *type = bind->arg_types[1];
    for (int p = 0; p < pairs; p++)
        LV_TRY(want_condition(function, bind, 2 * p, err));
    for (int p = 1; p < pairs && type != NULL; p++)
        type = lv_type_common(bind->arena, type, bind->arg_types[2 * p + 1], bind->ansi);
    if (has_else && type != NULL)
        type = lv_type_common(bind->arena, type, bind->arg_types[bind->arg_count - 1], bind->ansi);
    if (type == NULL)
        return lv_bind_differ(function, bind, err);
    for (int p = 0; p < pairs; p++)
        bind->arg_types[2 * p + 1] = type;
    if (has_else)
        bind->arg_types[bind->arg_count - 1] = type;
    lv_bind_result(bind, type, true, kernel_when);
    bind->nullable = !has_else || nullable_at(bind, bind->arg_count - 1);
    for (int p = 0; p < pairs; p++)
        bind->nullable = bind->nullable || nullable_at(bind, 2 * p + 1);
    return LV_OK;
}

lv_status lv_bind_coalesce(const lv_function *function, lv_bind *bind, lv_error *err)
{
    const lv_type *type;
    LV_TRY(lv_bind_common(function, bind, 0, 1, &type, err));
    lv_bind_result(bind, type, true, kernel_coalesce);
    bind->nullable = true;
    for (int i = 0; i < bind->arg_count; i++)
        bind->nullable = bind->nullable && nullable_at(bind, i);
    return LV_OK;
}

lv_status lv_bind_nvl2(const lv_function *function, lv_bind *bind, lv_error *err)
{
    const lv_type *type;
    LV_TRY(lv_bind_common(function, bind, 1, 1, &type, err));
    lv_bind_result(bind, type, true, kernel_nvl2);
    bind->nullable = nullable_at(bind, 1) || nullable_at(bind, 2);
    return LV_OK;
}

static lv_status fail_types(const lv_function *function, const lv_bind *bind, lv_error *err)
{
    lv_sbuf types = LV_SBUF_INIT;
    for (int i = 0; i < bind->arg_count; i++)
        lv_sbuf_printf(&types, "%s\"%s\"", i ? ", " : "",
                       lv_type_name(bind->arena, bind->arg_types[i]));
    lv_status status = LV_FAIL(err, LV_DATATYPE_MISMATCH_DIFF_TYPES,
                               "Input to `%s` should all be the same type, but it's [%.*s]",
                               function->name, LV_STR_ARG(lv_sbuf_str(&types)));
    lv_sbuf_release(&types);
    return status;
}

/* Text does not become a number here, nor a number text. */
lv_status lv_bind_greatest(const lv_function *function, lv_bind *bind, lv_error *err)
{
    const lv_type *type = bind->arg_types[0];
    for (int i = 1; i < bind->arg_count && type != NULL; i++)
        type = lv_type_common_plain(bind->arena, type, bind->arg_types[i], bind->ansi);
    if (type == NULL)
        return fail_types(function, bind, err);
    LV_TRY(lv_bind_orderable(function, bind, type, err));
    for (int i = 0; i < bind->arg_count; i++)
        bind->arg_types[i] = type;
    lv_bind_result(bind, type, true, kernel_greatest);
    bind->nullable = true;
    for (int i = 0; i < bind->arg_count; i++)
        bind->nullable = bind->nullable && nullable_at(bind, i);
    return LV_OK;
}
