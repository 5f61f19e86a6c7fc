/* resolve_lambda.c: lambdas as arguments: x -> x + 1 of transform(a, x -> x + 1).
 *
 * The function says what its lambda's parameters are once the arguments before it are known; they
 * become VARIABLEs with a number of their own. An argument that is no lambda is one that does not
 * look at its parameters, as in Spark. */
#include "plan_int.h"

lv_status lv_fail_lambda(lv_analyzer *az, const lv_expr *lambda)
{
    return lv_at(az, lambda->sql_offset, lambda->sql_length,
                 LV_FAIL(az->err, LV_LAMBDA_NO_HIGHER_ORDER,
                         "Invalid lambda function call. A lambda function should only be used in "
                         "a higher order function"));
}

static lv_status check_names(lv_analyzer *az, const lv_expr *lambda, int wanted)
{
    for (int i = 0; i < lambda->name_count; i++)
        for (int k = 0; k < i; k++)
            if (lv_str_eq_nocase(lambda->names[i], lambda->names[k]))
                return lv_at(az, lambda->sql_offset, lambda->sql_length,
                             LV_FAIL(az->err, LV_LAMBDA_DUPLICATE_NAMES,
                                     "Invalid lambda function call. The lambda function has "
                                     "duplicate arguments `%.*s`",
                                     LV_STR_ARG(lambda->names[i])));
    if (lambda->name_count != wanted)
        return lv_at(az, lambda->sql_offset, lambda->sql_length,
                     LV_FAIL(az->err, LV_LAMBDA_NUM_ARGS,
                             "Invalid lambda function call. A higher order function expects %d "
                             "arguments, but got %d",
                             lambda->name_count, wanted));
    return LV_OK;
}

static lv_status resolve_lambda(lv_analyzer *az, const lv_scope *scope, const lv_expr *arg,
                                lv_field *parameters, int count, lv_expr **resolved)
{
    bool written = arg->kind == LV_EXPR_LAMBDA;
    lv_expr *lambda = lv_expr_new(az->arena, LV_EXPR_LAMBDA, arg->sql_offset, arg->sql_length);
    lv_expr **variables = LV_NEW_ARRAY(az->arena, lv_expr *, count + 1);
    lv_str *names = LV_NEW_ARRAY(az->arena, lv_str, count + 1);
    if (written)
        LV_TRY(check_names(az, arg, count));
    lambda->index = az->variable_count;
    for (int i = 0; i < count; i++) {
        names[i] = written ? arg->names[i] : LV_STR_NONE;
        parameters[i].name = names[i];
        variables[i] = lv_expr_column(az->arena, az->variable_count++, &parameters[i]);
        variables[i]->kind = LV_EXPR_VARIABLE;
    }
    lv_lambda_scope own = {az->lambda, written ? count : 0, variables};
    bool aggregates = az->allow_aggregates;
    lambda->args = LV_NEW(az->arena, lv_expr *);
    az->lambda = &own;
    az->allow_aggregates = false;
    lv_status status = lv_resolve_expr(az, scope, written ? arg->args[0] : arg, &lambda->args[0]);
    az->lambda = own.outer;
    az->allow_aggregates = aggregates;
    LV_TRY(status);
    lambda->arg_count = 1;
    lambda->names = names;
    lambda->name_count = count;
    lambda->type = lambda->args[0]->type;
    lambda->nullable = lambda->args[0]->nullable;
    *resolved = lambda;
    return LV_OK;
}

lv_status lv_resolve_lambda_args(lv_analyzer *az, const lv_scope *scope,
                                 const lv_function *function, const lv_expr *expr, lv_expr **args)
{
    lv_bind counted = {.arg_count = expr->arg_count};
    if (expr->arg_count < function->min_args || expr->arg_count > function->max_args)
        return lv_at(az, expr->sql_offset, expr->sql_length,
                     lv_function_bind(function, &counted, az->err));
    for (int i = 0; i < expr->arg_count; i++) {
        const lv_expr *arg = expr->args[i];
        lv_field parameters[LV_LAMBDA_PARAMETERS_MAX];
        int count, given = arg->kind == LV_EXPR_LAMBDA ? arg->name_count : -1;
        lv_bind bind;
        lv_error own = LV_ERROR_INIT;
        lv_bind_of(az, args, i, &bind);
        if (lv_lambda_parameters(function, &bind, i, given, parameters, &count, &own) != LV_OK) {
            for (int k = i; k < expr->arg_count; k++)
                args[k] = expr->args[k];
            return lv_fail_bind(az, &own, expr->names[0], args, expr->arg_count, expr);
        }
        if (count == 0)
            LV_TRY(lv_resolve_expr(az, scope, arg, &args[i]));
        else
            LV_TRY(resolve_lambda(az, scope, arg, parameters, count, &args[i]));
    }
    return LV_OK;
}
