/* fold.c: what can be computed before there is a row.
 *
 * The kernels themselves do it, over one row. An expression that fails is left as it is: it shall
 * fail when, and only if, a row meets it. */
#include "plan_int.h"

static bool fold(lv_analyzer *az, lv_eval *eval, const lv_expr *expr, const lv_vector **value,
                 lv_error *err);

static const lv_vector *as_constant(lv_arena *arena, const lv_vector *v)
{
    lv_vector *constant = LV_NEW(arena, lv_vector);
    *constant = *lv_vector_flatten(arena, v);
    constant->encoding = LV_CONSTANT;
    constant->length = 1;
    return constant;
}

static bool fold_call(lv_analyzer *az, lv_eval *eval, const lv_expr *expr, const lv_vector **value,
                      lv_error *err)
{
    const lv_function *function = expr->call->function;
    unsigned not_now = LV_FN_LAZY | LV_FN_AGGREGATE | LV_FN_NONDETERMINISTIC | LV_FN_GENERATOR;
    /* without arguments: current_timestamp() and its kind */
    if ((function->flags & not_now) || expr->arg_count == 0 || expr->call->kernel == NULL)
        return false;
    lv_vector *args = LV_NEW_ARRAY(az->arena, lv_vector, expr->arg_count);
    for (int i = 0; i < expr->arg_count; i++) {
        const lv_vector *arg;
        if (!fold(az, eval, expr->args[i], &arg, err))
            return false;
        args[i] = *arg;
    }
    lv_call call = *expr->call;
    lv_vector out;
    lv_status status = function->open ? function->open(&call, NULL, err) : LV_OK;
    if (status == LV_OK)
        status = lv_call_run(&call, eval, args, 1, &out, err);
    /* string bytes may belong to the call's state: copy before it goes */
    if (status == LV_OK) {
        lv_builder copy;
        lv_builder_init(&copy, az->arena, out.type, 1);
        lv_builder_append(&copy, &out, 0);
        if (function->close == NULL || !lv_type_is_nested(out.type)) {
            lv_builder_finish(&copy, &out);
            if (lv_type_is_string_like(out.type) && !lv_vector_is_null(&out, 0)) {
                lv_str text = lv_str_dup(az->arena, lv_vector_str(&out, 0));
                out = *lv_constant(az->arena, out.type, &text);
            }
            *value = as_constant(az->arena, &out);
        } else {
            status = LV_UNSUPPORTED_FEATURE;
        }
    }
    if (function->close)
        function->close(&call);
    return status == LV_OK;
}

static bool fold(lv_analyzer *az, lv_eval *eval, const lv_expr *expr, const lv_vector **value,
                 lv_error *err)
{
    const lv_vector *arg;
    lv_vector out;
    if (expr->literal != NULL) {
        *value = expr->literal;
        return true;
    }
    switch (expr->kind) {
    case LV_EXPR_CAST:
        if (!fold(az, eval, expr->args[0], &arg, err) ||
            lv_cast(eval, arg, expr->type, expr->cast_mode, LV_STR_NONE, &out, err) != LV_OK)
            return false;
        *value = as_constant(az->arena, &out);
        return true;
    case LV_EXPR_CALL: return fold_call(az, eval, expr, value, err);
    default: return false;
    }
}

bool lv_fold_literal(lv_analyzer *az, const lv_expr *expr, const lv_vector **value, lv_error *err)
{
    lv_eval eval = {.arena = az->arena,
                    .zone = az->zone,
                    .ansi = az->conf->ansi,
                    .batch_time_us = az->now_us,
                    .now_us = az->now_us};
    lv_error own = LV_ERROR_INIT;
    return fold(az, &eval, expr, value, err ? err : &own);
}

static bool is_bool_literal(const lv_expr *expr, bool value)
{
    return expr->kind == LV_EXPR_LITERAL && expr->type->kind == LV_TYPE_BOOLEAN &&
           !lv_expr_is_null_literal(expr) && (LV_AT(uint8_t, expr->literal, 0) != 0) == value;
}

/** TRUE AND x is x, FALSE OR x is x; FALSE AND x is FALSE, as x is not asked then. */
static lv_expr *fold_logic(lv_expr *expr)
{
    const char *name = expr->call->function->name;
    bool is_and = strcmp(name, "and") == 0;
    if ((!is_and && strcmp(name, "or") != 0) || expr->arg_count != 2)
        return expr;
    if (is_bool_literal(expr->args[0], is_and))
        return expr->args[1];
    if (is_bool_literal(expr->args[1], is_and))
        return expr->args[0];
    return is_bool_literal(expr->args[0], !is_and) ? expr->args[0] : expr;
}

lv_expr *lv_fold_expr(lv_analyzer *az, lv_expr *expr)
{
    const lv_vector *value;
    if (expr->kind == LV_EXPR_LITERAL || expr->arg_count == 0)
        return expr;
    if (expr->kind == LV_EXPR_CALL && strcmp(expr->call->function->name, "typeof") == 0 &&
        expr->literal != NULL) /* whatever its argument would do */
        return lv_expr_literal(az->arena, expr->literal, expr->sql_offset, expr->sql_length);
    lv_expr **args = LV_NEW_ARRAY(az->arena, lv_expr *, expr->arg_count);
    bool constant = true;
    for (int i = 0; i < expr->arg_count; i++) {
        args[i] = lv_fold_expr(az, expr->args[i]);
        constant &= args[i]->kind == LV_EXPR_LITERAL;
    }
    lv_expr *folded = lv_expr_with_args(az->arena, expr, args);
    if (constant && lv_fold_literal(az, folded, &value, NULL)) {
        lv_expr *literal = lv_expr_literal(az->arena, value, expr->sql_offset, expr->sql_length);
        literal->type = expr->type;
        return literal;
    }
    if (expr->kind == LV_EXPR_CAST && lv_type_equal(expr->type, args[0]->type))
        return args[0];
    return expr->kind == LV_EXPR_CALL ? fold_logic(folded) : folded;
}
