/* build_generate.c: functions that give rows, where a relation stands: LATERAL VIEW, FROM f(...), LATERAL f(...).
 *
 * All of them become GENERATE, whose input are the rows the function's arguments may refer to; a table function by
 * itself has one row without columns. range(...) is a leaf of its own. */
#include "plan_int.h"

static lv_plan *placed_plan(lv_build *build, lv_plan_kind kind, const lv_ast *ast, lv_plan *input)
{
    lv_plan *plan = lv_plan_new(build->arena, kind, &input, input != NULL);
    plan->sql_offset = ast->offset;
    plan->sql_length = ast->length;
    return plan;
}

static bool has_plain_name(const lv_ast *call, const char *name)
{
    return call->first->count == 0 && lv_str_eq_nocase(call->first->text, lv_str_of(name));
}

/* names[0] the table's alias, or empty; the columns' behind it. */
static void set_names(lv_build *build, lv_plan *plan, const lv_ast *alias)
{
    const lv_ast *columns = alias ? lv_ast_find(alias, LV_AST_NAMES) : NULL;
    int count = columns ? columns->count : 0;
    lv_str *names = LV_NEW_ARRAY(build->arena, lv_str, count + 1);
    names[0] = alias ? alias->text : LV_STR("");
    for (int i = 0; i < count; i++)
        names[i + 1] = lv_ast_child(columns, i)->text;
    plan->names = names;
    plan->name_count = count + 1;
}

static lv_status build_generate(lv_build *build, const lv_ast *call, const lv_ast *alias,
                                lv_plan *input, lv_plan **plan)
{
    lv_plan *generate = placed_plan(build, LV_PLAN_GENERATE, call, input);
    generate->exprs = LV_NEW(build->arena, lv_expr *);
    generate->expr_count = 1;
    set_names(build, generate, alias);
    LV_TRY(lv_build_expr(build, call, &generate->exprs[0]));
    *plan = generate;
    return LV_OK;
}

lv_status lv_build_lateral_view(lv_build *build, const lv_ast *view, lv_plan **plan)
{
    LV_TRY(build_generate(build, lv_ast_find(view, LV_AST_CALL), lv_ast_find(view, LV_AST_ALIAS_AS),
                          *plan, plan));
    (*plan)->outer = view->text.len > 0;
    (*plan)->is_view = true;
    return LV_OK;
}

static lv_status fail_table_function(lv_build *build, const lv_ast *call, bool exists)
{
    lv_str name = call->first->text;
    lv_error_at(build->err, call->offset, call->length);
    if (exists)
        return LV_FAIL(build->err, LV_NOT_A_TABLE_FUNCTION,
                       "`%.*s` appears as a table function here, but the function was defined as a "
                       "scalar function. Please update the query to move the function call outside "
                       "the FROM clause",
                       LV_STR_ARG(name));
    return LV_FAIL(build->err, LV_UNRESOLVABLE_TVF,
                   "Could not resolve `%.*s` to a table-valued function", LV_STR_ARG(name));
}

static lv_status build_range(lv_build *build, const lv_ast *call, lv_plan **plan)
{
    const lv_ast *arguments = lv_ast_find(call, LV_AST_ARGUMENTS);
    lv_plan *range = placed_plan(build, LV_PLAN_RANGE, call, NULL);
    range->exprs = LV_NEW_ARRAY(build->arena, lv_expr *, arguments->count + 1);
    for (const lv_ast *arg = arguments->first; arg; arg = arg->next)
        LV_TRY(lv_build_expr(build, arg, &range->exprs[range->expr_count++]));
    *plan = range;
    return LV_OK;
}

lv_status lv_build_table_function(lv_build *build, const lv_ast *call, const lv_ast *alias,
                                  lv_plan *input, lv_plan **plan)
{
    const lv_function *function =
        call->first->count == 0 ? lv_function_find(call->first->text) : NULL;
    if (has_plain_name(call, "range") && input != NULL)
        return lv_build_unsupported(build, call, "LATERAL range");
    if (has_plain_name(call, "range")) {
        LV_TRY(build_range(build, call, plan));
        if (alias == NULL)
            return LV_OK;
        *plan = placed_plan(build, LV_PLAN_ALIAS, alias, *plan);
        set_names(build, *plan, alias);
        return LV_OK;
    }
    if (function == NULL || !(function->flags & LV_FN_GENERATOR))
        return fail_table_function(build, call, function != NULL);
    if (input == NULL)
        input = placed_plan(build, LV_PLAN_VALUES, call, NULL);
    return build_generate(build, call, alias, input, plan);
}

const lv_ast *lv_build_lateral_call(const lv_ast *relation)
{
    if (relation == NULL || relation->kind != LV_AST_LATERAL ||
        relation->first->kind != LV_AST_TABLE_FUNCTION)
        return NULL;
    return relation->first;
}

/* The condition of an outer join decides which of the function's rows count, so it has to be none. */
static bool is_true(const lv_ast *condition)
{
    return condition->kind == LV_AST_BOOLEAN && lv_str_is(condition->text, "TRUE");
}

lv_status lv_build_lateral_join(lv_build *build, const lv_ast *join, lv_plan *left, lv_plan **plan)
{
    const lv_ast *function = lv_build_lateral_call(join->first->next);
    const lv_ast *on = join->first->next->next;
    bool outer = lv_str_is(join->text, "LEFT OUTER");
    if (!outer && !lv_str_is(join->text, "INNER") && !lv_str_is(join->text, "CROSS"))
        return lv_build_unsupported(build, join, "this kind of JOIN with LATERAL");
    if (on != NULL && (on->kind != LV_AST_ON || (outer && !is_true(on->first))))
        return lv_build_unsupported(build, on, "this condition of a JOIN with LATERAL");
    LV_TRY(lv_build_table_function(build, lv_ast_find(function, LV_AST_CALL),
                                   lv_ast_find(function, LV_AST_ALIAS_AS), left, plan));
    (*plan)->outer = outer && on != NULL; /* without ON Spark keeps no row that has none */
    (*plan)->is_nullable = outer;
    if (on == NULL || is_true(on->first))
        return LV_OK;
    lv_plan *filter = placed_plan(build, LV_PLAN_FILTER, on, *plan);
    filter->exprs = LV_NEW(build->arena, lv_expr *);
    filter->expr_count = 1;
    *plan = filter;
    return lv_build_expr(build, on->first, &filter->exprs[0]);
}
