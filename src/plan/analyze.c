/* analyze.c: unresolved plans to resolved ones.
 *
 * One pass from the leaves up. Each plan comes back with a scope: the columns its parent's
 * expressions may name, with the relation each belongs to. Trees are built anew; a view or WITH
 * query that is used twice is analyzed twice, so that a stream read twice is two sources. */
#include "base/check.h"
#include "os/os.h"
#include "plan_int.h"

#define PLAN_DEPTH_MAX 1000
#define PLAN_NODES_MAX 20000

lv_status lv_at(const lv_analyzer *az, int64_t offset, int64_t length, lv_status status)
{
    lv_error_at(az->err, offset, length);
    return status;
}

lv_status lv_at_plan(const lv_analyzer *az, const lv_plan *plan, lv_status status)
{
    return lv_at(az, plan->sql_offset, plan->sql_length, status);
}

lv_plan *lv_plan_placed(lv_plan *plan, const lv_plan *place)
{
    plan->sql_offset = place->sql_offset;
    plan->sql_length = place->sql_length;
    return plan;
}

lv_scope lv_scope_of(lv_analyzer *az, const lv_type *schema, const lv_str *qualifier,
                     int qualifier_count)
{
    lv_scope scope = {schema->field_count,
                      LV_NEW_ARRAY(az->arena, lv_scope_column, LV_MAX(schema->field_count, 1))};
    for (int i = 0; i < schema->field_count; i++)
        scope.columns[i] =
            (lv_scope_column){.name = schema->fields[i].name,
                              .type = schema->fields[i].type,
                              .nullable = schema->fields[i].nullable,
                              .index = i,
                              .qualifier_count = qualifier_count,
                              .qualifier = qualifier,
                              .hidden = lv_str_is(schema->fields[i].metadata, LV_HIDDEN_COLUMN)};
    return scope;
}

/* ---- WHERE, ORDER BY, LIMIT, UNION ALL ------------------------------------------------------- */

static lv_status resolve_condition(lv_analyzer *az, const lv_scope *scope, const lv_expr *expr,
                                   lv_expr **condition)
{
    LV_TRY(lv_resolve_expr(az, scope, expr, condition));
    if ((*condition)->type->kind == LV_TYPE_BOOLEAN)
        return LV_OK;
    lv_sbuf type = LV_SBUF_INIT;
    lv_type_print_sql((*condition)->type, &type);
    lv_status status = LV_FAIL(az->err, LV_DATATYPE_MISMATCH_FILTER,
                               "Filter expression \"%.*s\" of type \"%s\" is not a boolean",
                               LV_STR_ARG(lv_expr_text(az->arena, *condition)), type.ptr);
    lv_sbuf_release(&type);
    return lv_at(az, expr->sql_offset, expr->sql_length, status);
}

/* FILTER, EXPECT: conditions over what the input gives. */
static lv_status analyze_conditions(lv_analyzer *az, const lv_plan *plan, lv_analyzed *out)
{
    LV_TRY(lv_analyze_plan(az, plan->inputs[0], out));
    lv_plan *tested = lv_plan_placed(lv_plan_new(az->arena, plan->kind, &out->plan, 1), plan);
    tested->exprs = LV_NEW_ARRAY(az->arena, lv_expr *, plan->expr_count);
    tested->expr_count = plan->expr_count;
    tested->names = plan->names;
    tested->name_count = plan->name_count;
    tested->violations = plan->violations;
    az->is_stream = out->plan->is_stream;
    for (int i = 0; i < plan->expr_count; i++)
        LV_TRY(resolve_condition(az, &out->scope, plan->exprs[i], &tested->exprs[i]));
    out->plan = tested;
    return LV_OK;
}

static bool has_column(const lv_scope *scope, lv_str name)
{
    for (int i = 0; i < scope->count; i++)
        if (lv_str_eq_nocase(scope->columns[i].name, name))
            return true;
    return false;
}

/* A query's columns as those of the table it fills. */
static lv_status analyze_fit(lv_analyzer *az, const lv_plan *plan, lv_analyzed *out)
{
    LV_TRY(lv_analyze_plan(az, plan->inputs[0], out));
    int count = plan->schema->field_count;
    lv_expr **exprs = LV_NEW_ARRAY(az->arena, lv_expr *, LV_MAX(count, 1));
    lv_str *names = LV_NEW_ARRAY(az->arena, lv_str, LV_MAX(count, 1));
    az->is_stream = out->plan->is_stream;
    for (int i = 0; i < count; i++) {
        const lv_field *field = &plan->schema->fields[i];
        names[i] = field->name;
        if (plan->lenient && !has_column(&out->scope, field->name))
            exprs[i] = lv_expr_null(az->arena, field->type);
        else
            LV_TRY(lv_resolve_expr(az, &out->scope, plan->exprs[i], &exprs[i]));
    }
    out->plan = lv_plan_placed(lv_plan_project(az->arena, out->plan, exprs, names, count), plan);
    out->scope = lv_scope_of(az, out->plan->schema, NULL, 0);
    return LV_OK;
}

/** A sort key: an ordinal, something of the output, or something of what the output was made of. In the last case it
 *  becomes a hidden column of the projection. */
static lv_status resolve_sort_key(lv_analyzer *az, const lv_expr *key, const lv_analyzed *shown,
                                  const lv_analyzed *below, lv_plan *project, lv_expr **resolved)
{
    if (key->kind == LV_EXPR_LITERAL && key->type->kind == LV_TYPE_INT &&
        !lv_expr_is_null_literal(key)) {
        int32_t position = LV_AT(int32_t, key->literal, 0);
        if (position < 1 || position > shown->scope.count)
            return lv_at(
                az, key->sql_offset, key->sql_length,
                LV_FAIL(az->err, LV_ORDER_BY_POSITION,
                        "ORDER BY position %d is not in select list (valid range is [1, %d])",
                        position, shown->scope.count));
        *resolved =
            lv_expr_column(az->arena, position - 1, &shown->plan->schema->fields[position - 1]);
        return LV_OK;
    }
    lv_error own = LV_ERROR_INIT;
    lv_error *err = az->err;
    az->err = &own;
    lv_status status = lv_resolve_expr(az, &shown->scope, key, resolved);
    az->err = err;
    if (status == LV_UNRESOLVED_COLUMN && project != NULL && below != NULL) {
        lv_expr *hidden;
        lv_error ignored = LV_ERROR_INIT;
        az->err = &ignored;
        lv_status second = lv_resolve_expr(az, &below->scope, key, &hidden);
        az->err = err;
        if (second == LV_OK) {
            lv_field field = {.name = lv_expr_text(az->arena, hidden),
                              .type = hidden->type,
                              .nullable = hidden->nullable};
            *resolved = lv_expr_column(az->arena, project->expr_count, &field);
            project->exprs[project->expr_count++] = hidden;
            return LV_OK;
        }
    }
    if (status != LV_OK && err != NULL && err->status == LV_OK)
        *err = own;
    return status;
}

/** PROJECT with its hidden columns in the schema, then SORT, then the columns that were asked for. */
static void sort_above(lv_analyzer *az, lv_analyzed *out, lv_plan *sort, int shown_count,
                       lv_plan *project)
{
    const lv_type *shown = out->plan->schema;
    lv_str *names = LV_NEW_ARRAY(az->arena, lv_str, project->expr_count + 1);
    lv_expr **visible = LV_NEW_ARRAY(az->arena, lv_expr *, shown_count + 1);
    for (int i = 0; i < project->expr_count; i++)
        names[i] =
            i < shown_count ? shown->fields[i].name : lv_expr_text(az->arena, project->exprs[i]);
    for (int i = 0; i < shown_count; i++)
        visible[i] = lv_expr_column(az->arena, i, &shown->fields[i]);
    lv_plan *wider = lv_plan_placed(
        lv_plan_project(az->arena, project->inputs[0], project->exprs, names, project->expr_count),
        project);
    sort->inputs[0] = wider;
    sort->schema = wider->schema;
    out->plan = lv_plan_project(az->arena, sort, visible, names, shown_count);
}

static bool is_orderable(const lv_type *type)
{
    if (type->kind == LV_TYPE_MAP || type->kind == LV_TYPE_INTERVAL)
        return false;
    for (int i = 0; i < type->field_count; i++)
        if (!is_orderable(type->fields[i].type))
            return false;
    return true;
}

/** ORDER BY ALL as the ordinals of all columns. */
static lv_plan sort_by_all(lv_analyzer *az, const lv_plan *plan, int count)
{
    lv_plan all = *plan;
    lv_sort_key *keys = LV_NEW_ARRAY(az->arena, lv_sort_key, count + 1);
    all.exprs = LV_NEW_ARRAY(az->arena, lv_expr *, count + 1);
    all.expr_count = count;
    all.sort = keys;
    for (int32_t i = 0; i < count; i++) {
        int32_t position = i + 1;
        keys[i] = plan->sort[0];
        all.exprs[i] =
            lv_expr_literal(az->arena, lv_constant(az->arena, lv_type_of(LV_TYPE_INT), &position),
                            plan->exprs[0]->sql_offset, plan->exprs[0]->sql_length);
    }
    return all;
}

static lv_status analyze_sort(lv_analyzer *az, const lv_plan *plan, lv_analyzed *out)
{
    lv_analyzed below = {NULL, {0, NULL}};
    lv_plan *project = NULL;
    if (plan->inputs[0]->kind == LV_PLAN_PROJECT)
        LV_TRY(lv_analyze_project(az, plan->inputs[0], out, &below));
    else
        LV_TRY(lv_analyze_plan(az, plan->inputs[0], out));
    if (out->plan->is_stream)
        return lv_at_plan(az, plan,
                          LV_FAIL(az->err, LV_SORT_NOT_SUPPORTED_IN_STREAM,
                                  "Sorting is not supported on streaming DataFrames/Datasets, "
                                  "unless it is on aggregated "
                                  "DataFrame/Dataset in Complete output mode"));
    int shown_count = out->plan->schema->field_count;
    lv_plan all;
    if (plan->exprs[0]->kind == LV_EXPR_STAR) {
        all = sort_by_all(az, plan, shown_count);
        plan = &all;
    }
    if (out->plan->kind == LV_PLAN_PROJECT && out->plan->inputs[0] == below.plan) {
        lv_expr **room =
            LV_NEW_ARRAY(az->arena, lv_expr *, out->plan->expr_count + plan->expr_count);
        memcpy(room, out->plan->exprs, sizeof room[0] * (size_t)out->plan->expr_count);
        project = LV_NEW(az->arena, lv_plan);
        *project = *out->plan;
        project->exprs = room;
    }
    lv_plan *sort = lv_plan_placed(lv_plan_new(az->arena, LV_PLAN_SORT, &out->plan, 1), plan);
    sort->exprs = LV_NEW_ARRAY(az->arena, lv_expr *, plan->expr_count);
    sort->expr_count = plan->expr_count;
    sort->sort = plan->sort;
    for (int i = 0; i < plan->expr_count; i++) {
        LV_TRY(resolve_sort_key(az, plan->exprs[i], out, &below, project, &sort->exprs[i]));
        if (!is_orderable(sort->exprs[i]->type))
            return lv_at(
                az, plan->exprs[i]->sql_offset, plan->exprs[i]->sql_length,
                LV_FAIL(az->err, LV_DATATYPE_MISMATCH_ORDERING,
                        "Cannot resolve \"%.*s\" due to data type mismatch: it cannot be ordered",
                        LV_STR_ARG(lv_expr_text(az->arena, sort->exprs[i]))));
    }
    if (project != NULL && project->expr_count > shown_count)
        sort_above(az, out, sort, shown_count, project);
    else
        out->plan = sort;
    return LV_OK;
}

static lv_status resolve_count(lv_analyzer *az, const lv_scope *scope, const lv_expr *expr,
                               const char *what, int64_t *out)
{
    lv_expr *resolved;
    const lv_vector *value;
    lv_vector wide;
    if (expr == NULL)
        return LV_OK;
    LV_TRY(lv_resolve_expr(az, scope, expr, &resolved));
    if (resolved->type->kind != LV_TYPE_INT)
        return lv_at(az, expr->sql_offset, expr->sql_length,
                     LV_FAIL(az->err, LV_INVALID_LIMIT_TYPE,
                             "The %s expression must be integer type", what));
    if (!lv_fold_literal(az, resolved, &value, NULL) || lv_vector_is_null(value, 0))
        return lv_at(az, expr->sql_offset, expr->sql_length,
                     LV_FAIL(az->err, LV_INVALID_LIMIT_FOLDABLE,
                             "The %s expression must evaluate to a constant value", what));
    lv_eval eval = {.arena = az->arena, .zone = az->zone, .ansi = true};
    LV_TRY(lv_cast(&eval, value, lv_type_of(LV_TYPE_BIGINT), LV_CAST_EXPLICIT, LV_STR_NONE, &wide,
                   az->err));
    *out = LV_AT(int64_t, &wide, 0);
    if (*out < 0)
        return lv_at(az, expr->sql_offset, expr->sql_length,
                     LV_FAIL(az->err, LV_INVALID_LIMIT,
                             "The %s expression must be equal to or greater than 0, but got %lld",
                             what, (long long)*out));
    return LV_OK;
}

static lv_status analyze_limit(lv_analyzer *az, const lv_plan *plan, lv_analyzed *out)
{
    LV_TRY(lv_analyze_plan(az, plan->inputs[0], out));
    lv_plan *limit = lv_plan_placed(lv_plan_new(az->arena, LV_PLAN_LIMIT, &out->plan, 1), plan);
    LV_TRY(resolve_count(az, &out->scope, plan->exprs[0], "limit", &limit->limit));
    LV_TRY(resolve_count(az, &out->scope, plan->exprs[1], "offset", &limit->offset));
    if (out->plan->is_stream)
        return lv_at_plan(az, plan,
                          LV_FAIL(az->err, LV_UNSUPPORTED_FEATURE,
                                  "The feature is not supported: %s over a stream",
                                  plan->exprs[0] ? "LIMIT" : "OFFSET"));
    out->plan = limit;
    return LV_OK;
}

/** Brings an input of UNION ALL to the common schema. */
static lv_plan *cast_columns(lv_analyzer *az, lv_plan *input, const lv_type *schema)
{
    bool same = true;
    lv_expr **exprs = LV_NEW_ARRAY(az->arena, lv_expr *, schema->field_count + 1);
    lv_str *names = LV_NEW_ARRAY(az->arena, lv_str, schema->field_count + 1);
    for (int i = 0; i < schema->field_count; i++) {
        lv_expr *column = lv_expr_column(az->arena, i, &input->schema->fields[i]);
        exprs[i] = lv_expr_cast(az->arena, column, schema->fields[i].type, LV_CAST_EXPLICIT, true);
        names[i] = schema->fields[i].name;
        same &= exprs[i] == column && lv_str_eq(input->schema->fields[i].name, names[i]);
    }
    return same ? input : lv_plan_project(az->arena, input, exprs, names, schema->field_count);
}

/** The name of UNION, EXCEPT or INTERSECT for messages. */
static const char *set_name(const lv_plan *plan)
{
    return plan->kind == LV_PLAN_UNION ? "UNION" : lv_set_op_name(plan->set_op);
}

static lv_status refuse_maps(lv_analyzer *az, const lv_plan *plan, const lv_type *schema)
{
    for (int i = 0; i < schema->field_count; i++)
        if (lv_type_contains(schema->fields[i].type, LV_TYPE_MAP))
            return lv_at_plan(az, plan,
                              LV_FAIL(az->err, LV_SET_OPERATION_ON_MAP,
                                      "The feature is not supported: cannot have MAP type columns "
                                      "in DataFrame which calls set operations (INTERSECT, EXCEPT, "
                                      "etc.), but the type of column `%.*s` holds one",
                                      LV_STR_ARG(schema->fields[i].name)));
    return LV_OK;
}

/** DISTINCT: the same columns, still called as before. */
static lv_status analyze_distinct(lv_analyzer *az, const lv_plan *plan, lv_analyzed *out)
{
    LV_TRY(lv_analyze_plan(az, plan->inputs[0], out));
    LV_TRY(refuse_maps(az, plan, out->plan->schema));
    if (out->plan->is_stream)
        return lv_at_plan(az, plan,
                          LV_FAIL(az->err, LV_STREAMING_OUTPUT_MODE,
                                  "Invalid streaming output mode: append. This output mode is not "
                                  "supported for streaming aggregations without watermark on "
                                  "streaming DataFrames/DataSets"));
    out->plan = lv_plan_placed(lv_plan_new(az->arena, LV_PLAN_SET, &out->plan, 1), plan);
    return LV_OK;
}

static lv_status analyze_union(lv_analyzer *az, const lv_plan *plan, lv_analyzed *out)
{
    bool is_union = plan->kind == LV_PLAN_UNION;
    lv_analyzed sides[2];
    for (int i = 0; i < 2; i++)
        LV_TRY(lv_analyze_plan(az, plan->inputs[i], &sides[i]));
    const lv_type *left = sides[0].plan->schema;
    const lv_type *right = sides[1].plan->schema;
    if (left->field_count != right->field_count)
        return lv_at_plan(az, plan,
                          LV_FAIL(az->err, LV_NUM_COLUMNS_MISMATCH,
                                  "%s can only be performed on inputs with the same number of "
                                  "columns, but the first input "
                                  "has %d columns and the second input has %d columns",
                                  set_name(plan), left->field_count, right->field_count));
    if (!is_union)
        LV_TRY(refuse_maps(az, plan, left));
    if (!is_union && (sides[0].plan->is_stream || sides[1].plan->is_stream))
        return lv_at_plan(az, plan,
                          LV_FAIL(az->err, LV_SORT_NOT_SUPPORTED_IN_STREAM,
                                  "%s on streaming DataFrames/Datasets is not supported",
                                  set_name(plan)));
    if (sides[0].plan->is_stream != sides[1].plan->is_stream)
        return lv_at_plan(
            az, plan,
            LV_FAIL(az->err, LV_SORT_NOT_SUPPORTED_IN_STREAM,
                    "Union between streaming and batch DataFrames/Datasets is not supported"));
    lv_field *fields = LV_NEW_ARRAY(az->arena, lv_field, left->field_count + 1);
    for (int i = 0; i < left->field_count; i++) {
        fields[i] = left->fields[i];
        if (is_union)
            fields[i].nullable |= right->fields[i].nullable;
        else if (plan->set_op >= LV_SET_INTERSECT)
            fields[i].nullable &= right->fields[i].nullable;
        fields[i].type =
            lv_type_common(az->arena, left->fields[i].type, right->fields[i].type, az->conf->ansi);
        if (fields[i].type == NULL)
            return lv_at_plan(az, plan,
                              LV_FAIL(az->err, LV_INCOMPATIBLE_COLUMN_TYPE,
                                      "%s can only be performed on tables with compatible "
                                      "column types. Column %d, `%.*s`, is "
                                      "not compatible with that of the first table",
                                      set_name(plan), i + 1, LV_STR_ARG(left->fields[i].name)));
    }
    const lv_type *schema = lv_type_struct(az->arena, fields, left->field_count);
    lv_plan *inputs[2];
    for (int i = 0; i < 2; i++)
        inputs[i] = cast_columns(az, sides[i].plan, schema);
    out->plan = lv_plan_placed(lv_plan_new(az->arena, plan->kind, inputs, 2), plan);
    out->plan->set_op = plan->set_op;
    out->plan->schema = schema;
    out->scope = lv_scope_of(az, schema, NULL, 0);
    return LV_OK;
}

static lv_status analyze_kind(lv_analyzer *az, const lv_plan *plan, lv_analyzed *out)
{
    lv_analyzed input;
    switch (plan->kind) { /* dispatch */
    case LV_PLAN_SOURCE: return lv_analyze_source(az, plan, out);
    case LV_PLAN_RELATION: return lv_analyze_relation(az, plan, out);
    case LV_PLAN_ALIAS: return lv_analyze_alias(az, plan, out);
    case LV_PLAN_VALUES: return lv_analyze_values(az, plan, out);
    case LV_PLAN_FEED: return lv_analyze_feed(az, plan, out);
    case LV_PLAN_PROJECT: return lv_analyze_project(az, plan, out, &input);
    case LV_PLAN_FILTER:
    case LV_PLAN_EXPECT: return analyze_conditions(az, plan, out);
    case LV_PLAN_FIT: return analyze_fit(az, plan, out);
    case LV_PLAN_SORT: return analyze_sort(az, plan, out);
    case LV_PLAN_LIMIT: return analyze_limit(az, plan, out);
    case LV_PLAN_UNION: return analyze_union(az, plan, out);
    case LV_PLAN_SET:
        return plan->input_count == 1 ? analyze_distinct(az, plan, out)
                                      : analyze_union(az, plan, out);
    case LV_PLAN_GENERATE: return lv_analyze_generate(az, plan, out);
    case LV_PLAN_RANGE: return lv_analyze_range(az, plan, out);
    case LV_PLAN_TABLE:
    case LV_PLAN_AGGREGATE: break;
    }
    LV_ASSERT(false); /* resolved already */
    return LV_INTERNAL;
}

/* WITH queries and views are put in where they are used, so a short text can make a huge plan. */
lv_status lv_analyze_plan(lv_analyzer *az, const lv_plan *plan, lv_analyzed *out)
{
    if (az->depth >= PLAN_DEPTH_MAX || ++az->node_count > PLAN_NODES_MAX)
        return lv_at_plan(
            az, plan,
            LV_FAIL(
                az->err, LV_PARSE_TOO_COMPLEX,
                "The query, with the views and WITH queries put in, is too large to be planned"));
    az->depth++;
    lv_status status = analyze_kind(az, plan, out);
    az->depth--;
    return status;
}

lv_status lv_plan_analyze(lv_arena *arena, const lv_plan *unresolved, const lv_catalog *catalog,
                          const lv_plan_conf *conf, lv_plan **resolved, lv_error *err)
{
    lv_error own = LV_ERROR_INIT;
    lv_analyzer az = {.arena = arena,
                      .catalog = catalog,
                      .conf = conf,
                      .err = err ? err : &own,
                      .now_us = lv_now_us()};
    LV_TRY(lv_timezone_load(arena, conf->session_zone, &az.zone, az.err));
    lv_analyzed out;
    LV_TRY(lv_analyze_plan(&az, unresolved, &out));
    *resolved = out.plan;
    return LV_OK;
}
