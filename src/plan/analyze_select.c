/* analyze_select.c: select lists: stars, generators, aliases that later items use, aggregates over everything. */
#include "plan_int.h"

#define COLUMNS_MAX 100000

typedef struct item {
    lv_str name;
    lv_expr *expr;
    int level; /* 0: of input columns only; else above the aliases it uses */
} item;

typedef struct select_list {
    LV_VEC(item) items;
    LV_VEC(lv_lateral) laterals;
    int level_max;
} select_list;

/* A column is left out once. */
static lv_status check_excepts(lv_analyzer *az, const lv_expr *star)
{
    for (int i = 0; i < star->arg_count; i++)
        for (int k = 0; k < i; k++) {
            const lv_expr *a = star->args[i], *b = star->args[k];
            if (a->kind == LV_EXPR_NAME && b->kind == LV_EXPR_NAME &&
                lv_str_eq_nocase(a->names[a->name_count - 1], b->names[b->name_count - 1]))
                return lv_at(az, a->sql_offset, a->sql_length,
                             LV_FAIL(az->err, LV_EXCEPT_OVERLAPPING_COLUMNS,
                                     "Columns in an EXCEPT list must be distinct and "
                                     "non-overlapping, but got `%.*s` twice",
                                     LV_STR_ARG(a->names[a->name_count - 1])));
        }
    return LV_OK;
}

static bool is_excepted(const lv_expr *star, lv_str name, bool *found)
{
    bool excepted = false;
    for (int i = 0; i < star->arg_count; i++) {
        const lv_expr *except = star->args[i];
        if (except->kind == LV_EXPR_NAME &&
            lv_str_eq_nocase(except->names[except->name_count - 1], name))
            excepted = found[i] = true;
    }
    return excepted;
}

/* * and t.* are columns; otherwise e.* are the fields of the struct e. */
static lv_status expand_star(lv_analyzer *az, const lv_analyzed *input, const lv_expr *star,
                             select_list *list)
{
    bool *found = LV_NEW_ARRAY(az->arena, bool, star->arg_count + 1);
    bool any = star->name_count == 0;
    LV_TRY(check_excepts(az, star));
    for (int i = 0; i < input->scope.count; i++) {
        const lv_scope_column *column = &input->scope.columns[i];
        bool meant =
            star->name_count == 0 || lv_scope_qualifies(column, star->names, star->name_count);
        if (!meant || column->hidden)
            continue;
        any = true;
        if (is_excepted(star, column->name, found))
            continue;
        lv_expr *expr =
            lv_expr_column(az->arena, column->index, &input->plan->schema->fields[column->index]);
        LV_VEC_PUSH(az->arena, list->items, (item){column->name, expr, 0});
    }
    if (!any) {
        lv_expr name = *star;
        name.kind = LV_EXPR_NAME;
        lv_expr *base;
        lv_error own = LV_ERROR_INIT, *err = az->err;
        az->err = &own;
        lv_status status = lv_resolve_expr(az, &input->scope, &name, &base);
        az->err = err;
        if (status != LV_OK || base->type->kind != LV_TYPE_STRUCT)
            return lv_at(
                az, star->sql_offset, star->sql_length,
                LV_FAIL(az->err, status == LV_OK ? LV_STAR_OF_NO_STRUCT : LV_CANNOT_RESOLVE_STAR,
                        "Cannot resolve %.*s.*: it is neither a relation nor a struct",
                        LV_STR_ARG(lv_quote_names(az->arena, star->names, star->name_count))));
        for (int i = 0; i < base->type->field_count; i++)
            if (!is_excepted(star, base->type->fields[i].name, found)) {
                lv_str field = base->type->fields[i].name;
                LV_VEC_PUSH(
                    az->arena, list->items,
                    (item){field, lv_expr_field(az->arena, base, i, field), az->lateral_level});
            }
    }
    for (int i = 0; i < star->arg_count; i++)
        if (!found[i])
            return lv_fail_unresolved_column(az, &input->scope, star->args[i]);
    return LV_OK;
}

static const lv_expr *without_alias(const lv_expr *expr)
{
    return expr->kind == LV_EXPR_ALIAS ? expr->args[0] : expr;
}

/* The columns of an item that is a generator; count 0 of another. */
typedef struct generated {
    int first;
    int count;
} generated;

static lv_status fail_aliases(lv_analyzer *az, const lv_expr *alias, int columns)
{
    return lv_at(az, alias->sql_offset, alias->sql_length,
                 LV_FAIL(az->err, LV_UDTF_ALIAS_MISMATCH,
                         "The number of aliases supplied in the AS clause does not match the "
                         "number of columns output by the UDTF. Expected %d aliases, got %d",
                         columns, alias->name_count));
}

/* Puts the generators of the list, in its order, over the input: the items then are columns of that. Names in a
 * generator's arguments are the input's. */
static lv_status place_generators(lv_analyzer *az, const lv_plan *plan, lv_analyzed *input,
                                  generated *of_item)
{
    az->is_stream = input->plan->is_stream;
    for (int i = 0; i < plan->expr_count; i++) {
        const lv_expr *call = without_alias(plan->exprs[i]);
        if (!lv_expr_is_generator(call))
            continue;
        of_item[i].first = input->plan->schema->field_count;
        az->allow_aggregates = true;
        lv_status status =
            lv_generate_over(az, input->plan, &input->scope, call, false, &input->plan);
        az->allow_aggregates = false;
        LV_TRY(status);
        of_item[i].count = input->plan->schema->field_count - of_item[i].first;
        if (plan->exprs[i] != call && plan->exprs[i]->name_count != of_item[i].count)
            return fail_aliases(az, plan->exprs[i], of_item[i].count);
    }
    return LV_OK;
}

/* An item that later ones may call by its name. */
static void push_named(lv_analyzer *az, const lv_analyzed *input, item one, select_list *list)
{
    int slot = input->plan->schema->field_count + (int)list->items.count;
    LV_VEC_PUSH(az->arena, list->items, one);
    LV_VEC_PUSH(az->arena, list->laterals, (lv_lateral){one.name, one.expr, slot, one.level, false});
}

static void push_generated(lv_analyzer *az, const lv_analyzed *input, const lv_expr *expr,
                           generated columns, select_list *list)
{
    for (int i = 0; i < columns.count; i++) {
        int index = columns.first + i;
        const lv_field *field = &input->plan->schema->fields[index];
        lv_str name = expr->kind == LV_EXPR_ALIAS ? expr->names[i] : field->name;
        push_named(az, input, (item){name, lv_expr_column(az->arena, index, field), 0}, list);
        list->laterals.at[list->laterals.count - 1].generated = true;
    }
}

static lv_status fail_multi_alias(lv_analyzer *az, const lv_expr *alias)
{
    return lv_at(az, alias->sql_offset, alias->sql_length,
                 LV_FAIL(az->err, LV_MULTI_ALIAS_WITHOUT_GENERATOR,
                         "Multi part aliasing is not supported with \"%.*s\" as it is not a "
                         "generator function",
                         LV_STR_ARG(lv_expr_text(az->arena, alias->args[0]))));
}

static lv_status resolve_items(lv_analyzer *az, const lv_analyzed *input, const lv_plan *plan,
                               const generated *of_item, select_list *list)
{
    az->is_stream = input->plan->is_stream;
    for (int i = 0; i < plan->expr_count; i++) {
        const lv_expr *expr = plan->exprs[i];
        az->laterals = list->laterals.at;
        az->lateral_count = (int)list->laterals.count;
        az->lateral_level = 0;
        if (list->items.count > COLUMNS_MAX)
            return lv_at_plan(
                az, plan,
                LV_FAIL(az->err, LV_PARSE_TOO_COMPLEX, "More than %d columns", COLUMNS_MAX));
        if (expr->kind == LV_EXPR_STAR) {
            LV_TRY(expand_star(az, input, expr, list));
            continue;
        }
        if (of_item[i].count > 0) {
            push_generated(az, input, expr, of_item[i], list);
            continue;
        }
        bool named = expr->kind == LV_EXPR_ALIAS;
        const lv_expr *unnamed = without_alias(expr);
        item one = {.expr = NULL};
        az->allow_aggregates = true;
        az->item = unnamed;
        lv_status status = lv_resolve_expr(az, &input->scope, unnamed, &one.expr);
        az->allow_aggregates = false;
        az->item = NULL;
        LV_TRY(status);
        if (named && lv_str_is(expr->label, "multi"))
            return fail_multi_alias(az, expr);
        one.name = named ? expr->names[0] : lv_expr_output_name(az->arena, unnamed, one.expr);
        one.level = az->lateral_level;
        list->level_max = LV_MAX(list->level_max, one.level);
        if (named)
            push_named(az, input, one, list);
        else
            LV_VEC_PUSH(az->arena, list->items, one);
    }
    az->laterals = NULL;
    az->lateral_count = 0;
    return LV_OK;
}

/* One projection per level of lateral aliases: each keeps its input and adds the items of its level;
 * the last one has the items only. */
static lv_plan *project_items(lv_analyzer *az, lv_plan *input, const select_list *list)
{
    int inputs = input->schema->field_count;
    int count = (int)list->items.count;
    int *map = LV_NEW_ARRAY(az->arena, int, inputs + count + 1);
    lv_expr **exprs = LV_NEW_ARRAY(az->arena, lv_expr *, inputs + count + 1);
    lv_str *names = LV_NEW_ARRAY(az->arena, lv_str, inputs + count + 1);
    for (int i = 0; i < inputs; i++)
        map[i] = i;
    for (int level = 0; level < list->level_max; level++) {
        int width = input->schema->field_count;
        for (int i = 0; i < width; i++) {
            exprs[i] = lv_expr_column(az->arena, i, &input->schema->fields[i]);
            names[i] = input->schema->fields[i].name;
        }
        int added = width;
        for (int i = 0; i < count; i++)
            if (list->items.at[i].level == level) {
                exprs[added] = lv_expr_remap(az->arena, list->items.at[i].expr, map);
                names[added++] = list->items.at[i].name;
            }
        for (int i = 0, next = width; i < count; i++)
            if (list->items.at[i].level == level)
                map[inputs + i] = next++;
        input = lv_plan_project(az->arena, input, exprs, names, added);
    }
    for (int i = 0; i < count; i++) {
        const item *one = &list->items.at[i];
        if (one->level < list->level_max)
            exprs[i] =
                lv_expr_column(az->arena, map[inputs + i], &input->schema->fields[map[inputs + i]]);
        else
            exprs[i] = lv_expr_remap(az->arena, one->expr, map);
        names[i] = one->name;
    }
    return lv_plan_project(az->arena, input, exprs, names, count);
}

/* ---- aggregates over everything -------------------------------------------------------------- */

typedef struct aggregation {
    LV_VEC(lv_expr *) calls;
} aggregation;

/** Moves the aggregate calls of an expression below: what is left refers to them as columns. */
static lv_status split_aggregates(lv_analyzer *az, const lv_expr *expr, aggregation *below,
                                  lv_expr **above)
{
    if (expr->kind == LV_EXPR_CALL && (expr->call->function->flags & LV_FN_AGGREGATE)) {
        lv_field field = {
            .name = lv_expr_text(az->arena, expr), .type = expr->type, .nullable = expr->nullable};
        *above = lv_expr_column(az->arena, (int)below->calls.count, &field);
        LV_VEC_PUSH(az->arena, below->calls, lv_expr_with_args(az->arena, expr, expr->args));
        return LV_OK;
    }
    if (expr->kind == LV_EXPR_COLUMN)
        return lv_at(
            az, expr->sql_offset, expr->sql_length,
            LV_FAIL(
                az->err, LV_MISSING_GROUP_BY,
                "The query does not include a GROUP BY clause. Add GROUP BY or turn it into the "
                "window functions using "
                "OVER clauses"));
    lv_expr **args = LV_NEW_ARRAY(az->arena, lv_expr *, LV_MAX(expr->arg_count, 1));
    for (int i = 0; i < expr->arg_count; i++)
        LV_TRY(split_aggregates(az, expr->args[i], below, &args[i]));
    *above = lv_expr_with_args(az->arena, expr, args);
    return LV_OK;
}

static lv_status aggregate_items(lv_analyzer *az, const lv_plan *place, lv_plan *input,
                                 const select_list *list, lv_plan **out)
{
    aggregation below = {0};
    int count = (int)list->items.count;
    lv_expr **above = LV_NEW_ARRAY(az->arena, lv_expr *, LV_MAX(count, 1));
    lv_str *names = LV_NEW_ARRAY(az->arena, lv_str, LV_MAX(count, 1));
    if (list->level_max > 0)
        return lv_at_plan(
            az, place,
            LV_FAIL(
                az->err, LV_UNSUPPORTED_FEATURE,
                "The feature is not supported: lateral column aliases beside aggregate functions"));
    for (int i = 0; i < count; i++) {
        LV_TRY(split_aggregates(az, list->items.at[i].expr, &below, &above[i]));
        names[i] = list->items.at[i].name;
    }
    if (input->is_stream)
        return lv_at_plan(
            az, place,
            LV_FAIL(az->err, LV_STREAMING_OUTPUT_MODE,
                    "Invalid streaming output mode: append. This output mode is not supported for "
                    "streaming "
                    "aggregations without watermark on streaming DataFrames/DataSets"));
    lv_plan *aggregate =
        lv_plan_placed(lv_plan_new(az->arena, LV_PLAN_AGGREGATE, &input, 1), place);
    lv_field *fields = LV_NEW_ARRAY(az->arena, lv_field, below.calls.count + 1);
    for (size_t i = 0; i < below.calls.count; i++)
        fields[i] = (lv_field){.name = lv_expr_text(az->arena, below.calls.at[i]),
                               .type = below.calls.at[i]->type,
                               .nullable = below.calls.at[i]->nullable};
    aggregate->exprs = below.calls.at;
    aggregate->expr_count = (int)below.calls.count;
    aggregate->schema = lv_type_struct(az->arena, fields, aggregate->expr_count);
    *out = lv_plan_project(az->arena, aggregate, above, names, count);
    return LV_OK;
}

/* ---- generators beside aggregates ------------------------------------------------------------ */

static bool calls_aggregate(const lv_expr *expr)
{
    const lv_function *function =
        expr->kind == LV_EXPR_APPLY && !expr->windowed ? lv_function_find(expr->names[0]) : NULL;
    if (function != NULL && (function->flags & LV_FN_AGGREGATE))
        return true;
    for (int i = 0; i < expr->arg_count; i++)
        if (calls_aggregate(expr->args[i]))
            return true;
    return false;
}

/* Whether the list has a generator and an aggregate; no star, of which nobody knows yet how many items it is. */
static bool generates_from_aggregates(const lv_plan *plan)
{
    bool generator = false, aggregate = false;
    for (int i = 0; i < plan->expr_count; i++) {
        if (plan->exprs[i]->kind == LV_EXPR_STAR)
            return false;
        generator = generator || lv_expr_is_generator(without_alias(plan->exprs[i]));
        aggregate = aggregate || calls_aggregate(plan->exprs[i]);
    }
    return generator && aggregate;
}

/* The list with the generators' arguments in their place; constants stay, stack(2, ...) needs one. */
static lv_plan spread_arguments(lv_analyzer *az, const lv_plan *plan)
{
    LV_VEC(lv_expr *) items = {0};
    lv_plan spread = *plan;
    for (int i = 0; i < plan->expr_count; i++) {
        const lv_expr *call = without_alias(plan->exprs[i]);
        if (!lv_expr_is_generator(call))
            LV_VEC_PUSH(az->arena, items, plan->exprs[i]);
        for (int k = 0; lv_expr_is_generator(call) && k < call->arg_count; k++)
            if (call->args[k]->kind != LV_EXPR_LITERAL)
                LV_VEC_PUSH(az->arena, items, call->args[k]);
    }
    spread.exprs = items.at;
    spread.expr_count = (int)items.count;
    return spread;
}

typedef struct named_exprs {
    LV_VEC(lv_expr *) exprs;
    LV_VEC(lv_str) names;
} named_exprs;

static void pass_on(lv_analyzer *az, const lv_type *schema, int index, const lv_str *name,
                    named_exprs *out)
{
    const lv_field *field = &schema->fields[index];
    LV_VEC_PUSH(az->arena, out->exprs, lv_expr_column(az->arena, index, field));
    LV_VEC_PUSH(az->arena, out->names, name != NULL ? *name : field->name);
}

/* A generator over what was made of its arguments, which begin at column *at. */
static lv_status generate_over_made(lv_analyzer *az, const lv_type *made, const lv_expr *entry,
                                    int *at, lv_analyzed *out, named_exprs *list)
{
    const lv_expr *call = without_alias(entry);
    lv_expr **args = LV_NEW_ARRAY(az->arena, lv_expr *, call->arg_count + 1);
    for (int k = 0; k < call->arg_count; k++) {
        args[k] = call->args[k];
        if (args[k]->kind == LV_EXPR_LITERAL)
            continue;
        args[k] = lv_expr_column(az->arena, *at, &made->fields[*at]);
        ++*at;
    }
    int first = out->plan->schema->field_count;
    LV_TRY(lv_generate_over(az, out->plan, &out->scope, lv_expr_with_args(az->arena, call, args),
                            false, &out->plan));
    int own = out->plan->schema->field_count - first;
    if (entry != call && entry->name_count != own)
        return fail_aliases(az, entry, own);
    for (int k = 0; k < own; k++)
        pass_on(az, out->plan->schema, first + k, entry != call ? &entry->names[k] : NULL, list);
    return LV_OK;
}

/* First what the generators take, then the generators over it. */
static lv_status project_generated_aggregates(lv_analyzer *az, const lv_plan *plan,
                                              lv_analyzed *out, lv_analyzed *input)
{
    lv_plan inner = spread_arguments(az, plan);
    named_exprs list = {0};
    LV_TRY(lv_analyze_project(az, &inner, out, input));
    const lv_type *made = out->plan->schema;
    for (int i = 0, at = 0; i < plan->expr_count; i++) {
        if (lv_expr_is_generator(without_alias(plan->exprs[i])))
            LV_TRY(generate_over_made(az, made, plan->exprs[i], &at, out, &list));
        else
            pass_on(az, made, at++, NULL, &list);
    }
    out->plan = lv_plan_placed(
        lv_plan_project(az->arena, out->plan, list.exprs.at, list.names.at, (int)list.exprs.count),
        plan);
    out->scope = lv_scope_of(az, out->plan->schema, NULL, 0);
    return LV_OK;
}

lv_status lv_analyze_project(lv_analyzer *az, const lv_plan *plan, lv_analyzed *out,
                             lv_analyzed *input)
{
    select_list list = {0};
    generated *of_item = LV_NEW_ARRAY(az->arena, generated, plan->expr_count + 1);
    if (generates_from_aggregates(plan))
        return project_generated_aggregates(az, plan, out, input);
    LV_TRY(lv_analyze_plan(az, plan->inputs[0], input));
    LV_TRY(place_generators(az, plan, input, of_item));
    LV_TRY(resolve_items(az, input, plan, of_item, &list));
    bool has_aggregate = false;
    for (size_t i = 0; i < list.items.count; i++)
        has_aggregate |= lv_expr_has_aggregate(list.items.at[i].expr);
    if (has_aggregate)
        LV_TRY(aggregate_items(az, plan, input->plan, &list, &out->plan));
    else
        out->plan = project_items(az, input->plan, &list);
    lv_plan_placed(out->plan, plan);
    out->scope = lv_scope_of(az, out->plan->schema, NULL, 0);
    /* ORDER BY may still say t.a of a column that is just passed on */
    for (size_t i = 0; i < list.items.count && !has_aggregate; i++) {
        const lv_expr *expr = list.items.at[i].expr;
        for (int c = 0; expr->kind == LV_EXPR_COLUMN && c < input->scope.count; c++)
            if (input->scope.columns[c].index == expr->index &&
                lv_str_eq_nocase(input->scope.columns[c].name, list.items.at[i].name)) {
                out->scope.columns[i].qualifier = input->scope.columns[c].qualifier;
                out->scope.columns[i].qualifier_count = input->scope.columns[c].qualifier_count;
            }
    }
    return LV_OK;
}
