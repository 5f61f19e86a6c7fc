/* nodes.c: making and asking expressions and plans. */
#include "base/check.h"
#include "plan_int.h"

lv_expr *lv_expr_new(lv_arena *arena, lv_expr_kind kind, int64_t sql_offset, int64_t sql_length)
{
    lv_expr *expr = LV_NEW(arena, lv_expr);
    expr->kind = kind;
    expr->nullable = true;
    expr->sql_offset = sql_offset;
    expr->sql_length = sql_length;
    return expr;
}

static lv_expr **copy_exprs(lv_arena *arena, lv_expr *const *exprs, int count)
{
    lv_expr **copy = LV_NEW_ARRAY(arena, lv_expr *, LV_MAX(count, 1));
    if (count > 0)
        memcpy(copy, exprs, sizeof exprs[0] * (size_t)count);
    return copy;
}

static const lv_str *one_name(lv_arena *arena, lv_str name)
{
    lv_str *names = LV_NEW(arena, lv_str);
    *names = name;
    return names;
}

lv_expr *lv_expr_apply(lv_arena *arena, lv_str name, lv_expr *const *args, int count,
                       const lv_expr *place)
{
    lv_expr *expr = lv_expr_new(arena, LV_EXPR_APPLY, place ? place->sql_offset : -1,
                                place ? place->sql_length : -1);
    expr->names = one_name(arena, name);
    expr->name_count = 1;
    expr->args = copy_exprs(arena, args, count);
    expr->arg_count = count;
    return expr;
}

lv_expr *lv_expr_column(lv_arena *arena, int index, const lv_field *field)
{
    lv_expr *expr = lv_expr_new(arena, LV_EXPR_COLUMN, -1, -1);
    expr->index = index;
    expr->type = field->type;
    expr->nullable = field->nullable;
    expr->names = one_name(arena, field->name);
    expr->name_count = 1;
    return expr;
}

const lv_vector *lv_constant(lv_arena *arena, const lv_type *type, const void *value)
{
    lv_vector *v = LV_NEW(arena, lv_vector);
    lv_vector_init_flat(v, arena, type, 1);
    memcpy(v->data, value, lv_type_value_size(type));
    v->encoding = LV_CONSTANT;
    return v;
}

lv_expr *lv_expr_literal(lv_arena *arena, const lv_vector *value, int64_t sql_offset,
                         int64_t sql_length)
{
    lv_expr *expr = lv_expr_new(arena, LV_EXPR_LITERAL, sql_offset, sql_length);
    expr->type = value->type;
    expr->literal = value;
    expr->nullable = lv_vector_is_null(value, 0);
    return expr;
}

lv_expr *lv_expr_string(lv_arena *arena, lv_str text, int64_t sql_offset, int64_t sql_length)
{
    return lv_expr_literal(arena, lv_constant(arena, lv_type_of(LV_TYPE_STRING), &text), sql_offset,
                           sql_length);
}

lv_expr *lv_expr_bool(lv_arena *arena, bool value, int64_t sql_offset, int64_t sql_length)
{
    uint8_t byte = value;
    return lv_expr_literal(arena, lv_constant(arena, lv_type_of(LV_TYPE_BOOLEAN), &byte),
                           sql_offset, sql_length);
}

lv_expr *lv_expr_null(lv_arena *arena, const lv_type *type)
{
    lv_vector *v = LV_NEW(arena, lv_vector);
    lv_vector_init_null(v, arena, type, 1);
    return lv_expr_literal(arena, v, -1, -1);
}

lv_expr *lv_expr_with_args(lv_arena *arena, const lv_expr *expr, lv_expr *const *args)
{
    lv_expr *copy = LV_NEW(arena, lv_expr);
    *copy = *expr;
    copy->args = copy_exprs(arena, args, expr->arg_count);
    return copy;
}

lv_expr *lv_expr_remap(lv_arena *arena, const lv_expr *expr, const int *map)
{
    lv_expr **args = LV_NEW_ARRAY(arena, lv_expr *, LV_MAX(expr->arg_count, 1));
    for (int i = 0; i < expr->arg_count; i++)
        args[i] = lv_expr_remap(arena, expr->args[i], map);
    lv_expr *copy = lv_expr_with_args(arena, expr, args);
    if (copy->kind == LV_EXPR_COLUMN)
        copy->index = map[copy->index];
    return copy;
}

bool lv_expr_is_access(const lv_expr *expr)
{
    if (expr->kind == LV_EXPR_CALL)
        return strcmp(expr->call->function->name, ".") == 0 ||
               strcmp(expr->call->function->name, "[]") == 0;
    return expr->kind == LV_EXPR_COLUMN || expr->kind == LV_EXPR_FIELD ||
           expr->kind == LV_EXPR_VARIABLE;
}

bool lv_expr_is_null_literal(const lv_expr *expr)
{
    return expr->kind == LV_EXPR_LITERAL && lv_vector_is_null(expr->literal, 0);
}

bool lv_expr_is_deterministic(const lv_expr *expr)
{
    if (expr->kind == LV_EXPR_CALL && (expr->call->function->flags & LV_FN_NONDETERMINISTIC))
        return false;
    for (int i = 0; i < expr->arg_count; i++)
        if (!lv_expr_is_deterministic(expr->args[i]))
            return false;
    return true;
}

bool lv_expr_has_aggregate(const lv_expr *expr)
{
    if (expr->kind == LV_EXPR_CALL && (expr->call->function->flags & LV_FN_AGGREGATE))
        return true;
    for (int i = 0; i < expr->arg_count; i++)
        if (lv_expr_has_aggregate(expr->args[i]))
            return true;
    return false;
}

lv_plan *lv_plan_new(lv_arena *arena, lv_plan_kind kind, lv_plan *const *inputs, int count)
{
    lv_plan *plan = LV_NEW(arena, lv_plan);
    plan->kind = kind;
    plan->sql_offset = -1;
    plan->sql_length = -1;
    plan->limit = -1;
    plan->inputs = LV_NEW_ARRAY(arena, lv_plan *, LV_MAX(count, 1));
    plan->input_count = count;
    for (int i = 0; i < count; i++) {
        plan->inputs[i] = inputs[i];
        plan->is_stream |= inputs[i]->is_stream;
    }
    if (count == 1)
        plan->schema = inputs[0]->schema;
    return plan;
}

const lv_plan *lv_plan_expectations(const lv_plan *plan)
{
    while (plan->kind != LV_PLAN_EXPECT && plan->input_count == 1)
        plan = plan->inputs[0];
    return plan->kind == LV_PLAN_EXPECT ? plan : NULL;
}

lv_plan *lv_plan_with_inputs(lv_arena *arena, const lv_plan *plan, lv_plan *const *inputs)
{
    lv_plan *copy = LV_NEW(arena, lv_plan);
    *copy = *plan;
    copy->inputs = LV_NEW_ARRAY(arena, lv_plan *, LV_MAX(plan->input_count, 1));
    for (int i = 0; i < plan->input_count; i++)
        copy->inputs[i] = inputs[i];
    return copy;
}

lv_plan *lv_plan_project(lv_arena *arena, lv_plan *input, lv_expr *const *exprs,
                         const lv_str *names, int count)
{
    lv_plan *plan = lv_plan_new(arena, LV_PLAN_PROJECT, &input, 1);
    lv_field *fields = LV_NEW_ARRAY(arena, lv_field, LV_MAX(count, 1));
    for (int i = 0; i < count; i++)
        fields[i] =
            (lv_field){.name = names[i], .type = exprs[i]->type, .nullable = exprs[i]->nullable};
    plan->exprs = copy_exprs(arena, exprs, count);
    plan->expr_count = count;
    plan->schema = lv_type_struct(arena, fields, count);
    return plan;
}

const char *lv_set_op_name(lv_set_op op)
{
    static const char *const names[] = {"DISTINCT", "EXCEPT", "EXCEPT ALL", "INTERSECT",
                                        "INTERSECT ALL"};
    return names[op];
}

lv_str lv_option_get(const lv_options *options, const char *name, lv_str otherwise)
{
    for (int i = options->count - 1; i >= 0; i--)
        if (lv_str_eq_nocase(options->items[i].name, lv_str_of(name)))
            return options->items[i].value;
    return otherwise;
}

lv_plan *lv_plan_feed(lv_arena *arena, const lv_feed *feed, const lv_type *schema)
{
    lv_plan *plan = lv_plan_new(arena, LV_PLAN_FEED, NULL, 0);
    plan->feed = feed;
    plan->schema = schema;
    return plan;
}
