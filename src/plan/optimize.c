/* optimize.c: the same rows with less work.
 *
 * Constants are folded, filters move towards the leaves, projections that only pass on or take fields are
 * merged, and columns nobody reads are dropped. Order matters and each rule runs once.
 *
 * Under ANSI an error is part of the result, so rules keep the order in which conditions are asked:
 * of `a AND b` only `a`, or both, move down, unless neither can fail; and a filter moves below a
 * projection only if that needs no more than renaming columns and taking fields. An expression that
 * costs something is never copied: from_json stays one projection, evaluated once. */
#include "plan_int.h"

#define MERGED_DEPTH_MAX 100

static lv_plan *with_exprs(lv_arena *arena, const lv_plan *plan, lv_expr **exprs)
{
    lv_plan *copy = LV_NEW(arena, lv_plan);
    *copy = *plan;
    copy->exprs = exprs;
    return copy;
}

/* ---- constants ------------------------------------------------------------------------------- */

static lv_plan *fold_plan(lv_analyzer *az, const lv_plan *plan)
{
    lv_plan **inputs = LV_NEW_ARRAY(az->arena, lv_plan *, plan->input_count + 1);
    lv_expr **exprs = LV_NEW_ARRAY(az->arena, lv_expr *, plan->expr_count + 1);
    for (int i = 0; i < plan->input_count; i++)
        inputs[i] = fold_plan(az, plan->inputs[i]);
    for (int i = 0; i < plan->expr_count; i++)
        exprs[i] = lv_fold_expr(az, plan->exprs[i]);
    return with_exprs(az->arena, lv_plan_with_inputs(az->arena, plan, inputs), exprs);
}

/* ---- filters --------------------------------------------------------------------------------- */

/** A column, or a field of one: costs nothing and cannot fail. */
static bool is_plain(const lv_expr *expr)
{
    while (expr->kind == LV_EXPR_FIELD)
        expr = expr->args[0];
    return expr->kind == LV_EXPR_COLUMN;
}

static bool reads_only_plain(const lv_expr *expr, lv_expr *const *below)
{
    if (expr->kind == LV_EXPR_COLUMN)
        return is_plain(below[expr->index]);
    for (int i = 0; i < expr->arg_count; i++)
        if (!reads_only_plain(expr->args[i], below))
            return false;
    return true;
}

/** `expr` with each COLUMN replaced by the expression below it. */
static lv_expr *substitute(lv_arena *arena, const lv_expr *expr, lv_expr *const *below)
{
    if (expr->kind == LV_EXPR_COLUMN)
        return below[expr->index];
    lv_expr **args = LV_NEW_ARRAY(arena, lv_expr *, expr->arg_count + 1);
    for (int i = 0; i < expr->arg_count; i++)
        args[i] = substitute(arena, expr->args[i], below);
    return lv_expr_with_args(arena, expr, args);
}

static bool is_and(const lv_expr *expr)
{
    return expr->kind == LV_EXPR_CALL && expr->arg_count == 2 &&
           strcmp(expr->call->function->name, "and") == 0;
}

typedef LV_VEC(lv_expr *) expr_list;

static void split_conjuncts(lv_arena *arena, lv_expr *expr, expr_list *list)
{
    if (is_and(expr) && expr->label.len == 0) {
        split_conjuncts(arena, expr->args[0], list);
        split_conjuncts(arena, expr->args[1], list);
    } else {
        LV_VEC_PUSH(arena, *list, expr);
    }
}

static lv_expr *join_conjuncts(lv_analyzer *az, lv_expr *const *list, size_t from, size_t to)
{
    lv_expr *joined = from < to ? list[from] : NULL;
    for (size_t i = from + 1; i < to; i++) {
        lv_expr *args[2] = {joined, list[i]};
        if (lv_bind_named(az, "and", args, 2, list[i], &joined) != LV_OK)
            return NULL;
    }
    return joined;
}

static lv_plan *filter_over(lv_arena *arena, lv_plan *input, lv_expr *condition)
{
    lv_plan *filter = lv_plan_new(arena, LV_PLAN_FILTER, &input, 1);
    filter->exprs = LV_NEW(arena, lv_expr *);
    filter->exprs[0] = condition;
    filter->expr_count = 1;
    filter->sql_offset = condition->sql_offset;
    filter->sql_length = condition->sql_length;
    return filter;
}

static lv_plan *place_filter(lv_analyzer *az, lv_plan *input, lv_expr *condition);

/** Whether an expression may fail at run time; only what is surely safe is said to be. */
static bool can_fail(const lv_expr *expr)
{
    static const char *const safe[] = {
        "=", "<=>", "<>", "<", "<=", ">", ">=", "and", "or", "not", "isnull", "isnotnull", "in"};
    bool is_safe = expr->kind != LV_EXPR_CALL;
    for (size_t i = 0; !is_safe && i < LV_COUNT_OF(safe); i++)
        is_safe = strcmp(expr->call->function->name, safe[i]) == 0;
    if (!is_safe ||
        (expr->kind == LV_EXPR_CAST && lv_cast_can_fail(expr->args[0]->type, expr->type)))
        return true;
    for (int i = 0; i < expr->arg_count; i++)
        if (can_fail(expr->args[i]))
            return true;
    return false;
}

static lv_plan *place_below_project(lv_analyzer *az, lv_plan *project, lv_expr *condition)
{
    expr_list conjuncts = {0};
    expr_list moved = {0};
    expr_list kept = {0};
    bool kept_can_fail = false;
    split_conjuncts(az->arena, condition, &conjuncts);
    for (int i = 0; i < project->expr_count; i++)
        if (!lv_expr_is_deterministic(project->exprs[i]))
            return filter_over(az->arena, project, condition);
    for (size_t i = 0; i < conjuncts.count; i++) {
        lv_expr *one = conjuncts.at[i];
        bool in_order = kept.count == 0 || (!kept_can_fail && !can_fail(one));
        if (in_order && reads_only_plain(one, project->exprs) && lv_expr_is_deterministic(one)) {
            LV_VEC_PUSH(az->arena, moved, one);
        } else {
            LV_VEC_PUSH(az->arena, kept, one);
            kept_can_fail |= can_fail(one) || !lv_expr_is_deterministic(one);
        }
    }
    lv_expr *down = join_conjuncts(az, moved.at, 0, moved.count);
    lv_expr *rest = join_conjuncts(az, kept.at, 0, kept.count);
    if (down == NULL || (rest == NULL && kept.count > 0))
        return filter_over(az->arena, project, condition);
    lv_plan *below =
        place_filter(az, project->inputs[0], substitute(az->arena, down, project->exprs));
    lv_plan *lifted = lv_plan_with_inputs(az->arena, project, &below);
    return rest ? filter_over(az->arena, lifted, rest) : lifted;
}

/** Whether it reads columns below `width` only. */
static bool reads_below(const lv_expr *expr, int width)
{
    if (expr->kind == LV_EXPR_COLUMN)
        return expr->index < width;
    for (int i = 0; i < expr->arg_count; i++)
        if (!reads_below(expr->args[i], width))
            return false;
    return true;
}

/** A condition on the input's columns chooses input rows; one that may fail has to see the rows that come out. */
static lv_plan *place_below_generate(lv_analyzer *az, lv_plan *generate, lv_expr *condition)
{
    expr_list conjuncts = {0};
    expr_list moved = {0};
    expr_list kept = {0};
    bool safe = !can_fail(condition) && lv_expr_is_deterministic(condition);
    split_conjuncts(az->arena, condition, &conjuncts);
    for (size_t i = 0; i < conjuncts.count; i++) {
        lv_expr *one = conjuncts.at[i];
        if (safe && reads_below(one, generate->inputs[0]->schema->field_count))
            LV_VEC_PUSH(az->arena, moved, one);
        else
            LV_VEC_PUSH(az->arena, kept, one);
    }
    lv_expr *down = join_conjuncts(az, moved.at, 0, moved.count);
    lv_expr *rest = join_conjuncts(az, kept.at, 0, kept.count);
    if (down == NULL || (rest == NULL && kept.count > 0))
        return filter_over(az->arena, generate, condition);
    lv_plan *below = place_filter(az, generate->inputs[0], down);
    lv_plan *lifted = lv_plan_with_inputs(az->arena, generate, &below);
    return rest ? filter_over(az->arena, lifted, rest) : lifted;
}

static lv_plan *place_filter(lv_analyzer *az, lv_plan *input, lv_expr *condition)
{
    lv_expr *both[2] = {NULL, condition};
    lv_expr *joined;
    lv_plan *sides[2];
    switch (input->kind) {
    case LV_PLAN_FILTER:
        both[0] = input->exprs[0];
        if (lv_bind_named(az, "and", both, 2, condition, &joined) == LV_OK)
            return place_filter(az, input->inputs[0], joined);
        break;
    case LV_PLAN_PROJECT: return place_below_project(az, input, condition);
    case LV_PLAN_GENERATE: return place_below_generate(az, input, condition);
    case LV_PLAN_UNION:
        if (input->input_count != 2 || !lv_expr_is_deterministic(condition))
            break;
        for (int i = 0; i < 2; i++)
            sides[i] = place_filter(az, input->inputs[i], condition);
        return lv_plan_with_inputs(az->arena, input, sides);
    default: break;
    }
    return filter_over(az->arena, input, condition);
}

static lv_plan *push_filters(lv_analyzer *az, lv_plan *plan)
{
    lv_plan **inputs = LV_NEW_ARRAY(az->arena, lv_plan *, plan->input_count + 1);
    for (int i = 0; i < plan->input_count; i++)
        inputs[i] = push_filters(az, plan->inputs[i]);
    if (plan->kind != LV_PLAN_FILTER)
        return lv_plan_with_inputs(az->arena, plan, inputs);
    const lv_expr *condition = plan->exprs[0];
    if (condition->kind == LV_EXPR_LITERAL && !lv_expr_is_null_literal(condition) &&
        LV_AT(uint8_t, condition->literal, 0))
        return inputs[0];
    return place_filter(az, inputs[0], plan->exprs[0]);
}

/* ---- projections ----------------------------------------------------------------------------- */

typedef struct use_count {
    int uses;
    bool lazy; /* in a branch that may not be taken */
} use_count;

static void count_uses(const lv_expr *expr, bool lazy, use_count *counts)
{
    if (expr->kind == LV_EXPR_COLUMN) {
        counts[expr->index].uses++;
        counts[expr->index].lazy |= lazy;
    }
    bool branches = expr->kind == LV_EXPR_LAMBDA ||
                    (expr->kind == LV_EXPR_CALL && (expr->call->function->flags & LV_FN_LAZY));
    for (int i = 0; i < expr->arg_count; i++)
        count_uses(expr->args[i], lazy || branches, counts);
}

static int expr_depth(const lv_expr *expr)
{
    int depth = 0;
    for (int i = 0; i < expr->arg_count; i++)
        depth = LV_MAX(depth, expr_depth(expr->args[i]));
    return depth + 1;
}

static bool has_state(const lv_expr *expr)
{
    if (expr->kind == LV_EXPR_CALL && expr->call->function->open != NULL)
        return true;
    for (int i = 0; i < expr->arg_count; i++)
        if (has_state(expr->args[i]))
            return true;
    return false;
}

static bool is_cheap(const lv_expr *expr)
{
    return expr->kind == LV_EXPR_LITERAL || is_plain(expr);
}

static bool may_merge(lv_arena *arena, const lv_plan *upper, const lv_plan *lower)
{
    use_count *counts = LV_NEW_ARRAY(arena, use_count, lower->expr_count + 1);
    int depth = 0;
    for (int i = 0; i < upper->expr_count; i++) {
        count_uses(upper->exprs[i], false, counts);
        depth = LV_MAX(depth, expr_depth(upper->exprs[i]));
    }
    for (int i = 0; i < lower->expr_count; i++) {
        const lv_expr *expr = lower->exprs[i];
        bool movable = counts[i].uses == 1 && !counts[i].lazy && !has_state(expr) &&
                       lv_expr_is_deterministic(expr);
        if (counts[i].uses > 0 && !is_cheap(expr) && !movable)
            return false;
        if (counts[i].uses > 0 && depth + expr_depth(expr) > MERGED_DEPTH_MAX)
            return false;
    }
    return true;
}

static lv_plan *merge_projects(lv_arena *arena, lv_plan *plan)
{
    lv_plan **inputs = LV_NEW_ARRAY(arena, lv_plan *, plan->input_count + 1);
    for (int i = 0; i < plan->input_count; i++)
        inputs[i] = merge_projects(arena, plan->inputs[i]);
    lv_plan *merged = lv_plan_with_inputs(arena, plan, inputs);
    while (merged->kind == LV_PLAN_PROJECT && merged->inputs[0]->kind == LV_PLAN_PROJECT &&
           may_merge(arena, merged, merged->inputs[0])) {
        lv_plan *lower = merged->inputs[0];
        lv_expr **exprs = LV_NEW_ARRAY(arena, lv_expr *, plan->expr_count + 1);
        for (int i = 0; i < plan->expr_count; i++)
            exprs[i] = substitute(arena, merged->exprs[i], lower->exprs);
        merged = with_exprs(arena, lv_plan_with_inputs(arena, merged, lower->inputs), exprs);
    }
    return merged;
}

/* ---- columns nobody reads -------------------------------------------------------------------- */

static void note_columns(const lv_expr *expr, bool *need)
{
    if (expr->kind == LV_EXPR_COLUMN)
        need[expr->index] = true;
    for (int i = 0; i < expr->arg_count; i++)
        note_columns(expr->args[i], need);
}

static lv_expr **remap_all(lv_arena *arena, lv_expr *const *exprs, int count, const int *map)
{
    lv_expr **out = LV_NEW_ARRAY(arena, lv_expr *, count + 1);
    for (int i = 0; i < count; i++)
        out[i] = lv_expr_remap(arena, exprs[i], map);
    return out;
}

static lv_plan *prune(lv_arena *arena, lv_plan *plan, const bool *need, int *map);

static lv_plan *prune_leaf(lv_arena *arena, lv_plan *plan, const bool *need, int *map)
{
    lv_plan *copy = LV_NEW(arena, lv_plan);
    *copy = *plan;
    int count = plan->schema->field_count;
    bool *used = LV_NEW_ARRAY(arena, bool, count + 1);
    for (int i = 0; i < count; i++) {
        used[i] = need[i];
        map[i] = i;
    }
    if (plan->kind != LV_PLAN_VALUES && plan->kind != LV_PLAN_RANGE)
        copy->used = used;
    return copy;
}

/** PROJECT and AGGREGATE: only the expressions somebody reads. */
static lv_plan *prune_list(lv_arena *arena, lv_plan *plan, const bool *need, int *map)
{
    const lv_type *below = plan->inputs[0]->schema;
    bool *needed = LV_NEW_ARRAY(arena, bool, below->field_count + 1);
    int *below_map = LV_NEW_ARRAY(arena, int, below->field_count + 1);
    lv_expr **kept = LV_NEW_ARRAY(arena, lv_expr *, plan->expr_count + 1);
    lv_field *fields = LV_NEW_ARRAY(arena, lv_field, plan->expr_count + 1);
    int count = 0;
    for (int i = 0; i < plan->expr_count; i++) {
        map[i] = -1;
        if (!need[i])
            continue;
        note_columns(plan->exprs[i], needed);
        fields[count] = plan->schema->fields[i];
        kept[count] = plan->exprs[i];
        map[i] = count++;
    }
    lv_plan *input = prune(arena, plan->inputs[0], needed, below_map);
    if (count == 0 && plan->kind == LV_PLAN_PROJECT)
        return input; /* its rows are counted, no more */
    lv_plan *out = lv_plan_with_inputs(arena, plan, &input);
    out->exprs = remap_all(arena, kept, count, below_map);
    out->expr_count = count;
    out->schema = lv_type_struct(arena, fields, count);
    return out;
}

/** FILTER, EXPECT, SORT and LIMIT: rows as they come. */
static lv_plan *prune_rows(lv_arena *arena, lv_plan *plan, const bool *need, int *map)
{
    int count = plan->schema->field_count;
    bool *needed = LV_NEW_ARRAY(arena, bool, count + 1);
    memcpy(needed, need, sizeof need[0] * (size_t)count);
    for (int i = 0; i < plan->expr_count; i++)
        note_columns(plan->exprs[i], needed);
    lv_plan *input = prune(arena, plan->inputs[0], needed, map);
    lv_plan *out = lv_plan_with_inputs(arena, plan, &input);
    out->exprs = remap_all(arena, plan->exprs, plan->expr_count, map);
    out->schema = input->schema;
    return out;
}

/** GENERATE: its own columns stay, behind those of the input that are left. */
static lv_plan *prune_generate(lv_arena *arena, lv_plan *plan, const bool *need, int *map)
{
    int width = plan->inputs[0]->schema->field_count, own = plan->schema->field_count - width;
    bool *needed = LV_NEW_ARRAY(arena, bool, width + 1);
    memcpy(needed, need, sizeof need[0] * (size_t)width);
    note_columns(plan->exprs[0], needed);
    lv_plan *input = prune(arena, plan->inputs[0], needed, map);
    int left = input->schema->field_count;
    lv_field *fields = LV_NEW_ARRAY(arena, lv_field, left + own);
    for (int i = 0; i < left; i++)
        fields[i] = input->schema->fields[i];
    lv_plan *out = lv_plan_with_inputs(arena, plan, &input);
    out->exprs = remap_all(arena, plan->exprs, plan->expr_count, map);
    for (int i = 0; i < own; i++) {
        fields[left + i] = plan->schema->fields[width + i];
        map[width + i] = left + i;
    }
    out->schema = lv_type_struct(arena, fields, left + own);
    return out;
}

/** Exactly the needed columns, in order, so that inputs of a union fit. */
static lv_plan *only(lv_arena *arena, lv_plan *input, const lv_type *schema, const bool *need,
                     const int *map)
{
    lv_expr **exprs = LV_NEW_ARRAY(arena, lv_expr *, schema->field_count + 1);
    lv_str *names = LV_NEW_ARRAY(arena, lv_str, schema->field_count + 1);
    int count = 0;
    bool same = true;
    for (int i = 0; i < schema->field_count; i++) {
        if (!need[i])
            continue;
        same &= map[i] == count;
        exprs[count] = lv_expr_column(arena, map[i], &input->schema->fields[map[i]]);
        names[count++] = schema->fields[i].name;
    }
    if (count == 0 || (same && count == input->schema->field_count))
        return input;
    return lv_plan_project(arena, input, exprs, names, count);
}

static lv_plan *prune_union(lv_arena *arena, lv_plan *plan, const bool *need, int *map)
{
    int count = plan->schema->field_count;
    bool *all = LV_NEW_ARRAY(arena, bool, count + 1);
    bool any = false;
    for (int i = 0; i < count; i++)
        any |= need[i];
    for (int i = 0; i < count; i++)
        all[i] = any ? need[i] : i == 0; /* a union keeps at least one column */
    lv_field *fields = LV_NEW_ARRAY(arena, lv_field, count + 1);
    int kept = 0;
    lv_plan **inputs = LV_NEW_ARRAY(arena, lv_plan *, plan->input_count + 1);
    for (int k = 0; k < plan->input_count; k++) {
        lv_plan *input = prune(arena, plan->inputs[k], all, map);
        inputs[k] = only(arena, input, plan->schema, all, map);
    }
    for (int i = 0; i < count; i++) {
        map[i] = all[i] ? kept : -1;
        if (all[i])
            fields[kept++] = plan->schema->fields[i];
    }
    lv_plan *out = lv_plan_with_inputs(arena, plan, inputs);
    out->schema = lv_type_struct(arena, fields, kept);
    return out;
}

/** SET: all columns tell rows apart. */
static lv_plan *prune_set(lv_arena *arena, lv_plan *plan, int *map)
{
    int count = plan->schema->field_count;
    bool *all = LV_NEW_ARRAY(arena, bool, count + 1);
    memset(all, true, sizeof all[0] * (size_t)count);
    lv_plan **inputs = LV_NEW_ARRAY(arena, lv_plan *, plan->input_count + 1);
    for (int k = 0; k < plan->input_count; k++) {
        int *below = LV_NEW_ARRAY(arena, int, count + 1);
        lv_plan *input = prune(arena, plan->inputs[k], all, below);
        inputs[k] = only(arena, input, plan->schema, all, below);
    }
    for (int i = 0; i < count; i++)
        map[i] = i;
    return lv_plan_with_inputs(arena, plan, inputs);
}

static lv_plan *prune(lv_arena *arena, lv_plan *plan, const bool *need, int *map)
{
    switch (plan->kind) {
    case LV_PLAN_PROJECT:
    case LV_PLAN_AGGREGATE: return prune_list(arena, plan, need, map);
    case LV_PLAN_FILTER:
    case LV_PLAN_EXPECT:
    case LV_PLAN_SORT:
    case LV_PLAN_LIMIT: return prune_rows(arena, plan, need, map);
    case LV_PLAN_UNION: return prune_union(arena, plan, need, map);
    case LV_PLAN_SET: return prune_set(arena, plan, map);
    case LV_PLAN_GENERATE: return prune_generate(arena, plan, need, map);
    default: return prune_leaf(arena, plan, need, map);
    }
}

/** Projections that pass all columns on under their own names. */
static lv_plan *drop_identities(lv_arena *arena, lv_plan *plan)
{
    lv_plan **inputs = LV_NEW_ARRAY(arena, lv_plan *, plan->input_count + 1);
    for (int i = 0; i < plan->input_count; i++)
        inputs[i] = drop_identities(arena, plan->inputs[i]);
    bool identity =
        plan->kind == LV_PLAN_PROJECT && plan->expr_count == inputs[0]->schema->field_count;
    for (int i = 0; identity && i < plan->expr_count; i++)
        identity = plan->exprs[i]->kind == LV_EXPR_COLUMN && plan->exprs[i]->index == i &&
                   lv_str_eq(plan->schema->fields[i].name, inputs[0]->schema->fields[i].name);
    return identity ? inputs[0] : lv_plan_with_inputs(arena, plan, inputs);
}

lv_status lv_plan_optimize(lv_arena *arena, lv_plan *resolved, const lv_plan_conf *conf,
                           lv_plan **optimized, lv_error *err)
{
    lv_error own = LV_ERROR_INIT;
    lv_analyzer az = {.arena = arena, .conf = conf, .err = &own};
    LV_TRY(lv_timezone_load(arena, conf->session_zone, &az.zone, err));
    lv_plan *plan = fold_plan(&az, resolved);
    plan = push_filters(&az, plan);
    plan = merge_projects(arena, plan);
    bool *need = LV_NEW_ARRAY(arena, bool, plan->schema->field_count + 1);
    int *map = LV_NEW_ARRAY(arena, int, plan->schema->field_count + 1);
    for (int i = 0; i < plan->schema->field_count; i++)
        need[i] = true;
    if (plan->schema->field_count > 0) /* SELECT * EXCEPT (all) gives rows of nothing */
        plan = prune(arena, plan, need, map);
    *optimized = lv_plan_note_conditions(arena, drop_identities(arena, plan));
    return LV_OK;
}
