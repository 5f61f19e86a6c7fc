/* resolve_call.c: calls to bound functions, with casts where a function wants another type, and what may not be
 * called where. Forms that Spark rewrites first are in resolve_forms.c, resolve_struct.c, resolve_lambda.c. */
#include "plan_int.h"

static lv_status parse_schema(lv_arena *arena, lv_str text, const lv_type **type, lv_error *err)
{
    lv_status status = lv_type_parse(arena, text, type, err);
    if (err != NULL)
        err->sql_offset = err->sql_length =
            -1; /* places in the schema's text mean nothing in the query */
    return status;
}

lv_status lv_fail_bind(lv_analyzer *az, const lv_error *own, lv_str name, lv_expr **args, int count,
                       const lv_expr *place)
{
    if (strncmp(lv_status_class(own->status), "DATATYPE_MISMATCH", 17) != 0 ||
        strncmp(own->message, "Cannot", 6) == 0) {
        if (az->err != NULL && az->err->status == LV_OK)
            *az->err = *own;
        return lv_at_expr(az, place, own->status);
    }
    /* compute/ knows types only, and names the function by its signature; here the expression is known */
    static const char before_reason[] = "due to data type mismatch: ";
    const char *reason = strstr(own->message, before_reason);
    reason = reason ? reason + sizeof before_reason - 1 : own->message;
    lv_expr *call = lv_expr_apply(az->arena, name, args, count, place);
    lv_str text = lv_expr_text(az->arena, call);
    if (own->hint[0])
        lv_error_hint(az->err, "%s", own->hint);
    return lv_at_expr(az, place,
                      LV_FAIL(az->err, own->status,
                              "Cannot resolve \"%.*s\" due to data type mismatch: %s",
                              LV_STR_ARG(text), reason));
}

/** What a column or field is called where a function names fields by its arguments. */
static lv_str argument_name(const lv_expr *arg)
{
    if (arg->kind == LV_EXPR_CALL && strcmp(arg->call->function->name, ".") == 0)
        return lv_vector_str(arg->args[1]->literal, 0);
    return lv_expr_is_access(arg) && arg->kind != LV_EXPR_CALL ? arg->names[0] : LV_STR_NONE;
}

void lv_bind_of(lv_analyzer *az, lv_expr *const *args, int count, lv_bind *bind)
{
    const lv_type **types = LV_NEW_ARRAY(az->arena, const lv_type *, count + 1);
    bool *nullable = LV_NEW_ARRAY(az->arena, bool, count + 1);
    const lv_vector **literals = LV_NEW_ARRAY(az->arena, const lv_vector *, count + 1);
    bool *written = LV_NEW_ARRAY(az->arena, bool, count + 1);
    lv_str *names = LV_NEW_ARRAY(az->arena, lv_str, count + 1);
    for (int i = 0; i < count; i++) {
        types[i] = args[i]->type;
        nullable[i] = args[i]->nullable;
        literals[i] = args[i]->literal;
        written[i] = args[i]->kind == LV_EXPR_LITERAL;
        names[i] = argument_name(args[i]);
    }
    *bind = (lv_bind){.arena = az->arena,
                      .ansi = az->conf->ansi,
                      .map_last_wins = az->conf->map_last_wins,
                      .session_zone = az->conf->session_zone,
                      .corrupt_column = az->conf->corrupt_column,
                      .catalog = az->conf->catalog,
                      .schema = az->conf->schema,
                      .arg_count = count,
                      .arg_types = types,
                      .arg_nullable = nullable,
                      .arg_names = names,
                      .arg_literals = literals,
                      .arg_written = written,
                      .nullable = true,
                      .parse_type = parse_schema};
}

/* The cast of a lambda is that of its body. */
static lv_expr *cast_argument(lv_analyzer *az, lv_expr *arg, const lv_type *type, lv_cast_mode mode)
{
    if (arg->kind != LV_EXPR_LAMBDA)
        return lv_expr_cast(az->arena, arg, type, mode, true);
    lv_expr *body = lv_expr_cast(az->arena, arg->args[0], type, mode, true);
    lv_expr *lambda = lv_expr_with_args(az->arena, arg, &body);
    lambda->type = type;
    return lambda;
}

static lv_status bind_call(lv_analyzer *az, const lv_function *function, lv_str name,
                           lv_expr **args, int count, const lv_expr *place, lv_expr **out)
{
    lv_bind bind;
    lv_bind_of(az, args, count, &bind);
    lv_error own = LV_ERROR_INIT;
    if (lv_function_bind(function, &bind, &own) != LV_OK)
        return lv_fail_bind(az, &own, name, args, count, place);
    lv_expr *expr = lv_expr_apply(az->arena, name, args, count, place);
    lv_call *call = lv_call_make(function, &bind);
    for (int i = 0; i < count; i++)
        expr->args[i] = cast_argument(az, args[i], bind.arg_types[i],
                                      bind.try_casts ? LV_CAST_TRY : LV_CAST_EXPLICIT);
    expr->kind = LV_EXPR_CALL;
    expr->call = call;
    expr->type = bind.type;
    expr->nullable = bind.nullable;
    for (int i = 0; i < count && !(function->flags & LV_FN_NULL_SAFE); i++)
        expr->nullable =
            expr->nullable || (expr->args[i]->nullable && !args[i]->nullable); /* by its cast */
    lv_remember_value(az, expr);
    *out = expr;
    return LV_OK;
}

lv_status lv_bind_named(lv_analyzer *az, const char *name, lv_expr **args, int count,
                        const lv_expr *place, lv_expr **out)
{
    const lv_function *function = lv_function_find(lv_str_of(name));
    if (function == NULL)
        return lv_at_expr(
            az, place,
            LV_FAIL(az->err, LV_UNSUPPORTED_FEATURE, "The feature is not supported: %s", name));
    return bind_call(az, function, lv_str_of(name), args, count, place, out);
}

static lv_status fail_routine(lv_analyzer *az, const lv_expr *expr)
{
    const char *near = lv_function_suggest(expr->names[0]);
    if (near != NULL)
        lv_error_hint(az->err, "did you mean %s?", near);
    return lv_at_expr(
        az, expr,
        LV_FAIL(
            az->err, LV_UNRESOLVED_ROUTINE,
            "Cannot resolve routine %.*s on search path [`system`.`builtin`, `system`.`session`, "
            "`spark_catalog`.`default`]",
            LV_STR_ARG(lv_quote_names(az->arena, expr->names, expr->name_count))));
}

/** int(x), string(x), ...: casts written as calls. */
static const lv_type *cast_function(lv_arena *arena, const lv_expr *expr)
{
    static const struct {
        const char *name;
        lv_type_kind kind;
    } casts[] = {
        {"boolean", LV_TYPE_BOOLEAN},     {"tinyint", LV_TYPE_TINYINT},
        {"smallint", LV_TYPE_SMALLINT},   {"int", LV_TYPE_INT},
        {"bigint", LV_TYPE_BIGINT},       {"float", LV_TYPE_FLOAT},
        {"double", LV_TYPE_DOUBLE},       {"date", LV_TYPE_DATE},
        {"binary", LV_TYPE_BINARY},       {"string", LV_TYPE_STRING},
        {"timestamp", LV_TYPE_TIMESTAMP},
    };
    for (size_t i = 0; expr->name_count == 1 && expr->arg_count == 1 && i < LV_COUNT_OF(casts); i++)
        if (lv_str_eq_nocase(expr->names[0], lv_str_of(casts[i].name)))
            return lv_type_of(casts[i].kind);
    bool decimal = expr->name_count == 1 && expr->arg_count == 1 &&
                   lv_str_eq_nocase(expr->names[0], LV_STR("decimal"));
    return decimal ? lv_type_decimal(arena, 10, 0) : NULL;
}

static lv_status check_call(lv_analyzer *az, const lv_expr *expr, const lv_function *function)
{
    if (function != NULL && (function->flags & LV_FN_GENERATOR) && expr != az->item)
        return lv_fail_generator(az, expr);
    if (expr->windowed && az->is_stream)
        return lv_at_expr(az, expr,
                          LV_FAIL(az->err, LV_WINDOW_IN_STREAM,
                                  "Window function is not supported in %.*s on streaming "
                                  "DataFrames/Datasets; use the window "
                                  "function of time instead",
                                  LV_STR_ARG(expr->names[0])));
    if (function == NULL && !expr->windowed)
        return fail_routine(az, expr);
    if (expr->windowed && function != NULL && !(function->flags & LV_FN_AGGREGATE))
        return lv_at_expr(az, expr,
                          LV_FAIL(az->err, LV_UNSUPPORTED_EXPR_FOR_WINDOW,
                                  "Expression \"%.*s\" is not supported within a window function",
                                  LV_STR_ARG(lv_expr_text(az->arena, expr))));
    if (expr->distinct && !(function->flags & LV_FN_AGGREGATE))
        return lv_at_expr(az, expr,
                          LV_FAIL(az->err, LV_FUNCTION_SYNTAX,
                                  "Invalid SQL syntax: the function `%s` does not support DISTINCT",
                                  function->name));
    if (expr->windowed)
        return lv_at_expr(az, expr,
                          LV_FAIL(az->err, LV_UNSUPPORTED_FEATURE,
                                  "The feature is not supported: window functions (OVER)"));
    if (expr->distinct)
        return lv_at_expr(az, expr,
                          LV_FAIL(az->err, LV_UNSUPPORTED_FEATURE,
                                  "The feature is not supported: %s(DISTINCT ...)",
                                  function->name));
    if ((function->flags & LV_FN_AGGREGATE) && !az->allow_aggregates)
        return lv_at_expr(
            az, expr,
            LV_FAIL(az->err, LV_INVALID_WHERE_CONDITION,
                    "The condition contains the aggregate function %s, which is not allowed here",
                    function->name));
    return LV_OK;
}

lv_status lv_resolve_apply(lv_analyzer *az, const lv_scope *scope, const lv_expr *expr,
                           lv_expr **resolved)
{
    const lv_function *function = expr->name_count == 1 ? lv_function_find(expr->names[0]) : NULL;
    const lv_type *cast_to = cast_function(az->arena, expr);
    if (cast_to != NULL && !expr->windowed && !expr->distinct) {
        lv_expr cast = *expr;
        cast.kind = LV_EXPR_CAST;
        cast.type = cast_to;
        cast.implicit = true; /* printed as what is cast */
        cast.name_count = 0;
        cast.label = LV_STR("call");
        return lv_resolve_cast(az, scope, &cast, resolved);
    }
    LV_TRY(check_call(az, expr, function));
    bool is_count = strcmp(function->name, "count") == 0;
    if (is_count && expr->arg_count == 0)
        return lv_at_expr(
            az, expr,
            LV_FAIL(az->err, LV_WRONG_NUM_ARGS_SUGGESTION,
                    "The `count` requires > 0 parameters but the actual number is 0. If you "
                    "have to call count without parameters, set the legacy configuration"));
    if (!is_count && lv_expr_has_star(expr)) {
        lv_expr *expanded;
        LV_TRY(lv_expand_stars(az, scope, expr, &expanded));
        return lv_resolve_apply(az, scope, expanded, resolved);
    }
    if (strcmp(function->name, "struct") == 0 && expr->arg_count > 0)
        return lv_resolve_struct(az, scope, expr, resolved);
    LV_TRY(lv_call_with_defaults(az, expr, &expr));
    lv_expr **args = LV_NEW_ARRAY(az->arena, lv_expr *, expr->arg_count + 1);
    if (function->flags & LV_FN_HIGHER_ORDER) {
        LV_TRY(lv_resolve_lambda_args(az, scope, function, expr, args));
        return bind_call(az, function, expr->names[0], args, expr->arg_count, expr, resolved);
    }
    for (int i = 0; i < expr->arg_count; i++) {
        const lv_expr *arg = expr->args[i];
        if (is_count && arg->kind == LV_EXPR_STAR && arg->name_count == 0 && arg->arg_count == 0) {
            int32_t one = 1;
            args[i] = lv_expr_placed(
                lv_expr_literal(az->arena, lv_constant(az->arena, lv_type_of(LV_TYPE_INT), &one),
                                -1, -1),
                arg);
            continue;
        }
        if (is_count && arg->kind == LV_EXPR_STAR && arg->arg_count == 0)
            return lv_at_expr(
                az, arg,
                LV_FAIL(az->err, LV_STAR_OF_TABLE_IN_COUNT, "SELECT COUNT(%.*s.*) is not allowed",
                        LV_STR_ARG(lv_quote_names(az->arena, arg->names, arg->name_count))));
        LV_TRY(lv_resolve_expr(az, scope, arg, &args[i]));
        if ((function->flags & LV_FN_AGGREGATE) && lv_expr_has_aggregate(args[i]))
            return lv_at_expr(
                az, arg,
                LV_FAIL(az->err, LV_NESTED_AGGREGATE,
                        "It is not allowed to use an aggregate function in the argument of "
                        "another aggregate "
                        "function"));
    }
    if (strcmp(function->name, "[]") == 0 && args[0]->type->kind == LV_TYPE_STRUCT)
        return lv_resolve_index_of_struct(az, args[0], args[1], expr, resolved);
    bool own_form;
    LV_TRY(lv_resolve_form(az, function, args, expr, &own_form, resolved));
    if (own_form)
        return LV_OK;
    LV_TRY(bind_call(az, function, expr->names[0], args, expr->arg_count, expr, resolved));
    (*resolved)->label = expr->label;
    if (strcmp(function->name, "typeof") == 0)
        lv_resolve_typeof(az, *resolved);
    return LV_OK;
}
