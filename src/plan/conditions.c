/* conditions.c: tells leaves what the filters above them ask of single columns.
 *
 * A conjunct of the form column op literal breaks for whole stretches of a file, which its
 * statistics show. The filter stays where it is; conditions are advice. */
#include "plan_int.h"

typedef LV_VEC(lv_condition) condition_list;

static const lv_vector *literal_of(const lv_expr *expr)
{
    if (expr->kind != LV_EXPR_LITERAL && expr->literal == NULL)
        return NULL;
    return lv_vector_is_null(expr->literal, 0) ? NULL : expr->literal;
}

static void add(lv_arena *arena, condition_list *list, const lv_expr *column, lv_condition_op op,
                lv_expr *const *literals, int count)
{
    const lv_vector **values = LV_NEW_ARRAY(arena, const lv_vector *, count);
    for (int i = 0; i < count; i++) {
        values[i] = literal_of(literals[i]);
        if (values[i] == NULL || !lv_type_equal(values[i]->type, column->type))
            return;
    }
    LV_VEC_PUSH(arena, *list, (lv_condition){column->index, op, count, values});
}

/* The op of a comparison, and the one with its sides changed over. */
static bool comparison(const char *name, lv_condition_op *op, lv_condition_op *mirrored)
{
    static const struct {
        const char *name;
        lv_condition_op op, mirrored;
    } table[] = {
        {"=", LV_CONDITION_IN, LV_CONDITION_IN},   {"==", LV_CONDITION_IN, LV_CONDITION_IN},
        {"<=>", LV_CONDITION_IN, LV_CONDITION_IN}, {"<", LV_CONDITION_LT, LV_CONDITION_GT},
        {"<=", LV_CONDITION_LE, LV_CONDITION_GE},  {">", LV_CONDITION_GT, LV_CONDITION_LT},
        {">=", LV_CONDITION_GE, LV_CONDITION_LE}};
    for (size_t i = 0; i < LV_COUNT_OF(table); i++)
        if (strcmp(table[i].name, name) == 0) {
            *op = table[i].op;
            *mirrored = table[i].mirrored;
            return true;
        }
    return false;
}

static void collect(lv_arena *arena, const lv_expr *expr, condition_list *list)
{
    lv_condition_op op, mirrored;
    if (expr->kind != LV_EXPR_CALL || expr->arg_count == 0)
        return;
    const char *name = expr->call->function->name;
    lv_expr *const *args = expr->args;
    if (strcmp(name, "and") == 0) {
        for (int i = 0; i < expr->arg_count; i++)
            collect(arena, args[i], list);
    } else if (comparison(name, &op, &mirrored) && expr->arg_count == 2) {
        if (args[0]->kind == LV_EXPR_COLUMN)
            add(arena, list, args[0], op, args + 1, 1);
        else if (args[1]->kind == LV_EXPR_COLUMN)
            add(arena, list, args[1], mirrored, args, 1);
    } else if (args[0]->kind == LV_EXPR_COLUMN) {
        if (strcmp(name, "in") == 0)
            add(arena, list, args[0], LV_CONDITION_IN, args + 1, expr->arg_count - 1);
        else if (strcmp(name, "isnull") == 0)
            add(arena, list, args[0], LV_CONDITION_NULL, NULL, 0);
    }
}

lv_plan *lv_plan_note_conditions(lv_arena *arena, lv_plan *plan)
{
    lv_plan **inputs = LV_NEW_ARRAY(arena, lv_plan *, plan->input_count + 1);
    for (int i = 0; i < plan->input_count; i++)
        inputs[i] = lv_plan_note_conditions(arena, plan->inputs[i]);
    if (plan->kind == LV_PLAN_FILTER && inputs[0]->kind == LV_PLAN_TABLE) {
        condition_list list = {0};
        collect(arena, plan->exprs[0], &list);
        lv_plan *table = LV_NEW(arena, lv_plan);
        *table = *inputs[0];
        table->conditions = (lv_conditions){list.at, (int)list.count};
        inputs[0] = table;
    }
    return lv_plan_with_inputs(arena, plan, inputs);
}
