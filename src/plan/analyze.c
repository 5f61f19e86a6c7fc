/* analyze.c: unresolved plans to resolved ones.
 *
 * One pass from the leaves up. Each plan comes back with a scope: the columns its parent's
 * expressions may name, with the relation each belongs to. Trees are built anew; a view or WITH
 * query that is used twice is analyzed twice, so that a stream read twice is two sources. */
#include "base/check.h"
#include "os/os.h"
#include "plan_int.h"

#define VIEW_DEPTH_MAX 64
#define PLAN_DEPTH_MAX 1000
#define PLAN_NODES_MAX 20000
#define COLUMNS_MAX 100000

typedef struct analyzed {
    lv_plan *plan;
    lv_scope scope;
} analyzed;

static lv_status analyze(lv_analyzer *az, const lv_plan *plan, analyzed *out);

static lv_status at(const lv_analyzer *az, int64_t offset, int64_t length, lv_status status)
{
    lv_error_at(az->err, offset, length);
    return status;
}

static lv_status at_plan(const lv_analyzer *az, const lv_plan *plan, lv_status status)
{
    return at(az, plan->sql_offset, plan->sql_length, status);
}

static lv_plan *placed(lv_plan *plan, const lv_plan *place)
{
    plan->sql_offset = place->sql_offset;
    plan->sql_length = place->sql_length;
    return plan;
}

static lv_scope scope_of(lv_analyzer *az, const lv_type *schema, const lv_str *qualifier, int qualifier_count)
{
    lv_scope scope = {schema->field_count, LV_NEW_ARRAY(az->arena, lv_scope_column, LV_MAX(schema->field_count, 1))};
    for (int i = 0; i < schema->field_count; i++)
        scope.columns[i] = (lv_scope_column){.name = schema->fields[i].name, .type = schema->fields[i].type,
                                             .nullable = schema->fields[i].nullable, .index = i,
                                             .qualifier_count = qualifier_count, .qualifier = qualifier};
    return scope;
}

/* ---- relations --------------------------------------------------------------------------------------- */

static lv_status analyze_source(lv_analyzer *az, const lv_plan *plan, analyzed *out)
{
    lv_plan *source = placed(lv_plan_new(az->arena, LV_PLAN_SOURCE, NULL, 0), plan);
    lv_option *items = LV_NEW_ARRAY(az->arena, lv_option, plan->expr_count + 1);
    lv_scope none = {0, NULL};
    for (int i = 0; i < plan->expr_count; i++) {
        const lv_expr *expr = plan->exprs[i];
        lv_expr *resolved;
        const lv_vector *value;
        LV_TRY(lv_resolve_expr(az, &none, expr, &resolved));
        if (!lv_fold_literal(az, resolved, &value, az->err)) {
            lv_error_at(az->err, expr->sql_offset, expr->sql_length);
            return az->err->status != LV_OK ? az->err->status
                                            : LV_FAIL(az->err, LV_DATATYPE_MISMATCH_NON_FOLDABLE,
                                                      "The option `%.*s` needs a constant value", LV_STR_ARG(plan->names[i]));
        }
        lv_sbuf text = LV_SBUF_INIT;
        lv_print_value(value, 0, az->zone, &text);
        items[i] = (lv_option){plan->names[i], lv_str_dup(az->arena, lv_sbuf_str(&text)), expr->sql_offset};
        lv_sbuf_release(&text);
        for (int k = 0; k < i; k++)
            if (lv_str_eq_nocase(items[k].name, items[i].name))
                return at(az, expr->sql_offset, expr->sql_length,
                          LV_FAIL(az->err, LV_DOUBLE_NAMED_ARGUMENT, "The option `%.*s` is given twice", LV_STR_ARG(items[i].name)));
    }
    source->format = plan->format;
    source->is_stream = true;
    source->options = (lv_options){items, plan->expr_count};
    source->source_index = az->source_count++;
    lv_status status = az->catalog->source_schema(az->catalog->self, az->arena, source->format, &source->options, &source->schema, az->err);
    if (status != LV_OK)
        return at_plan(az, plan, status);
    *out = (analyzed){source, scope_of(az, source->schema, NULL, 0)};
    return LV_OK;
}

/** The format of format.`path`; "delta" for a table's name. */
static lv_str relation_format(const lv_plan *relation, bool *is_path)
{
    static const char *const formats[] = {"delta", "parquet", "json", "csv", "orc", "avro", "text", "kafka", "binaryFile"};
    *is_path = false;
    for (size_t i = 0; relation->name_count == 2 && i < LV_COUNT_OF(formats); i++)
        if (lv_str_eq_nocase(relation->names[0], lv_str_of(formats[i]))) {
            *is_path = true;
            return lv_str_of(formats[i]);
        }
    return LV_STR("delta");
}

static lv_status fail_relation(lv_analyzer *az, const lv_plan *relation)
{
    return at_plan(az, relation, LV_FAIL(az->err, LV_TABLE_OR_VIEW_NOT_FOUND,
                                         "The table or view %.*s cannot be found. Verify the spelling and correctness of the "
                                         "schema and catalog",
                                         LV_STR_ARG(lv_quote_names(az->arena, relation->names, relation->name_count))));
}

static lv_status analyze_table(lv_analyzer *az, const lv_plan *relation, analyzed *out)
{
    bool is_path;
    lv_str format = relation_format(relation, &is_path);
    lv_plan *table = placed(lv_plan_new(az->arena, LV_PLAN_TABLE, NULL, 0), relation);
    const lv_str *names = is_path ? relation->names + 1 : relation->names;
    int count = is_path ? 1 : relation->name_count;
    if (!lv_str_is(format, "delta") && !lv_str_is(format, "parquet"))
        return at_plan(az, relation, LV_FAIL(az->err, LV_UNSUPPORTED_FEATURE, "The feature is not supported: reading %.*s files",
                                             LV_STR_ARG(format)));
    lv_status status = az->catalog->find_table(az->catalog->self, az->arena, format, names, count, &table->path, &table->schema, az->err);
    if (status == LV_NOT_FOUND) {
        lv_error_clear(az->err);
        return fail_relation(az, relation);
    }
    if (status != LV_OK)
        return at_plan(az, relation, status);
    table->format = format;
    if (relation->is_stream) {
        lv_option *path = LV_NEW(az->arena, lv_option);
        *path = (lv_option){LV_STR("path"), table->path, relation->sql_offset};
        table->kind = LV_PLAN_SOURCE;
        table->is_stream = true;
        table->options = (lv_options){path, 1};
        table->source_index = az->source_count++;
        status = az->catalog->source_schema(az->catalog->self, az->arena, format, &table->options, &table->schema, az->err);
        if (status != LV_OK)
            return at_plan(az, relation, status);
    }
    *out = (analyzed){table, scope_of(az, table->schema, relation->names, relation->name_count)};
    return LV_OK;
}

static lv_status analyze_relation(lv_analyzer *az, const lv_plan *relation, analyzed *out)
{
    const lv_plan *view = NULL;
    LV_TRY(az->catalog->find_view(az->catalog->self, relation->names, relation->name_count, &view, az->err));
    if (view == NULL)
        return analyze_table(az, relation, out);
    if (++az->view_depth > VIEW_DEPTH_MAX)
        return at_plan(az, relation, LV_FAIL(az->err, LV_VIEW_TOO_DEEP, "The depth of view %.*s exceeds %d",
                                             LV_STR_ARG(lv_quote_names(az->arena, relation->names, relation->name_count)),
                                             VIEW_DEPTH_MAX));
    lv_status status = analyze(az, view, out);
    az->view_depth--;
    if (status != LV_OK) { /* places inside the view's text mean nothing here */
        if (az->err != NULL) {
            az->err->sql_offset = az->err->sql_length = -1;
            if (az->err->context[0] == 0)
                lv_error_context(az->err, "view %.*s", LV_STR_ARG(relation->names[relation->name_count - 1]));
        }
        return at_plan(az, relation, status);
    }
    if (relation->is_stream && !out->plan->is_stream) {
        lv_error_hint(az->err, "leave out STREAM");
        return at_plan(az, relation, LV_FAIL(az->err, LV_UNSUPPORTED_FEATURE, "The feature is not supported: STREAM of the view %.*s, "
                                             "which is no stream",
                                             LV_STR_ARG(lv_quote_names(az->arena, relation->names, relation->name_count))));
    }
    out->scope = scope_of(az, out->plan->schema, relation->names, relation->name_count);
    return LV_OK;
}

/* Renaming columns is a projection; renaming the relation only changes the scope. */
static lv_status analyze_alias(lv_analyzer *az, const lv_plan *plan, analyzed *out)
{
    LV_TRY(analyze(az, plan->inputs[0], out));
    int renamed = plan->name_count - 1;
    const lv_type *schema = out->plan->schema;
    if (renamed > 0) {
        if (renamed != schema->field_count)
            return at_plan(az, plan, LV_FAIL(az->err, LV_ASSIGNED_ALIASES_MISMATCH,
                                             "Number of column aliases does not match number of columns. Number of column aliases: %d; "
                                             "number of columns: %d",
                                             renamed, schema->field_count));
        lv_expr **exprs = LV_NEW_ARRAY(az->arena, lv_expr *, renamed);
        for (int i = 0; i < renamed; i++)
            exprs[i] = lv_expr_column(az->arena, i, &schema->fields[i]);
        out->plan = placed(lv_plan_project(az->arena, out->plan, exprs, plan->names + 1, renamed), plan);
    }
    out->scope = scope_of(az, out->plan->schema, plan->names, plan->names[0].len > 0);
    return LV_OK;
}

static lv_status analyze_values(lv_analyzer *az, const lv_plan *plan, analyzed *out)
{
    lv_plan *values = placed(lv_plan_new(az->arena, LV_PLAN_VALUES, NULL, 0), plan);
    int width = plan->name_count;
    lv_scope none = {0, NULL};
    lv_field *fields = LV_NEW_ARRAY(az->arena, lv_field, LV_MAX(width, 1));
    values->exprs = LV_NEW_ARRAY(az->arena, lv_expr *, LV_MAX(plan->expr_count, 1));
    values->expr_count = plan->expr_count;
    for (int i = 0; i < plan->expr_count; i++) {
        LV_TRY(lv_resolve_expr(az, &none, plan->exprs[i], &values->exprs[i]));
        lv_field *field = &fields[i % width];
        const lv_type *type = values->exprs[i]->type;
        const lv_type *common = i < width ? type : lv_type_common(az->arena, field->type, type, az->conf->ansi);
        if (common == NULL)
            return at(az, plan->exprs[i]->sql_offset, plan->exprs[i]->sql_length,
                      LV_FAIL(az->err, LV_INCOMPATIBLE_COLUMN_TYPE, "Found incompatible types in column `%.*s` of the inline table",
                              LV_STR_ARG(plan->names[i % width])));
        field->name = plan->names[i % width];
        field->type = common;
        field->nullable |= values->exprs[i]->nullable;
    }
    for (int i = 0; i < plan->expr_count; i++)
        values->exprs[i] = lv_expr_cast(az->arena, values->exprs[i], fields[i % width].type, LV_CAST_EXPLICIT, true);
    values->schema = lv_type_struct(az->arena, fields, width);
    *out = (analyzed){values, scope_of(az, values->schema, NULL, 0)};
    return LV_OK;
}

/* ---- select lists --------------------------------------------------------------------------------------- */

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

static bool is_excepted(const lv_expr *star, lv_str name, bool *found)
{
    bool excepted = false;
    for (int i = 0; i < star->arg_count; i++) {
        const lv_expr *except = star->args[i];
        if (except->kind == LV_EXPR_NAME && lv_str_eq_nocase(except->names[except->name_count - 1], name))
            excepted = found[i] = true;
    }
    return excepted;
}

/* * and t.* are columns; otherwise e.* are the fields of the struct e. */
static lv_status expand_star(lv_analyzer *az, const analyzed *input, const lv_expr *star, select_list *list)
{
    bool *found = LV_NEW_ARRAY(az->arena, bool, star->arg_count + 1);
    bool any = star->name_count == 0;
    for (int i = 0; i < input->scope.count; i++) {
        const lv_scope_column *column = &input->scope.columns[i];
        if (star->name_count > 0 && !lv_scope_qualifies(column, star->names, star->name_count))
            continue;
        any = true;
        if (is_excepted(star, column->name, found))
            continue;
        lv_expr *expr = lv_expr_column(az->arena, column->index, &input->plan->schema->fields[column->index]);
        LV_VEC_PUSH(az->arena, list->items, (item){column->name, expr, 0});
    }
    if (!any) {
        lv_expr name = *star;
        name.kind = LV_EXPR_NAME;
        lv_expr *base;
        LV_TRY(lv_resolve_expr(az, &input->scope, &name, &base));
        if (base->type->kind != LV_TYPE_STRUCT)
            return at(az, star->sql_offset, star->sql_length,
                      LV_FAIL(az->err, LV_CANNOT_RESOLVE_STAR, "Cannot resolve %.*s.*: it is neither a relation nor a struct",
                              LV_STR_ARG(lv_quote_names(az->arena, star->names, star->name_count))));
        for (int i = 0; i < base->type->field_count; i++)
            if (!is_excepted(star, base->type->fields[i].name, found)) {
                lv_str field = base->type->fields[i].name;
                LV_VEC_PUSH(az->arena, list->items, (item){field, lv_expr_field(az->arena, base, i, field), az->lateral_level});
            }
    }
    for (int i = 0; i < star->arg_count; i++)
        if (!found[i])
            return lv_fail_unresolved_column(az, &input->scope, star->args[i]);
    return LV_OK;
}

static lv_status resolve_items(lv_analyzer *az, const analyzed *input, const lv_plan *plan, select_list *list)
{
    az->is_stream = input->plan->is_stream;
    for (int i = 0; i < plan->expr_count; i++) {
        const lv_expr *expr = plan->exprs[i];
        az->laterals = list->laterals.at;
        az->lateral_count = (int)list->laterals.count;
        az->lateral_level = 0;
        if (list->items.count > COLUMNS_MAX)
            return at_plan(az, plan, LV_FAIL(az->err, LV_PARSE_TOO_COMPLEX, "More than %d columns", COLUMNS_MAX));
        if (expr->kind == LV_EXPR_STAR) {
            LV_TRY(expand_star(az, input, expr, list));
            continue;
        }
        bool named = expr->kind == LV_EXPR_ALIAS;
        const lv_expr *unnamed = named ? expr->args[0] : expr;
        item one = {.expr = NULL};
        az->allow_aggregates = true;
        lv_status status = lv_resolve_expr(az, &input->scope, unnamed, &one.expr);
        az->allow_aggregates = false;
        LV_TRY(status);
        one.name = named ? expr->names[0] : lv_expr_output_name(az->arena, unnamed, one.expr);
        one.level = az->lateral_level;
        list->level_max = LV_MAX(list->level_max, one.level);
        int slot = input->plan->schema->field_count + (int)list->items.count;
        LV_VEC_PUSH(az->arena, list->items, one);
        if (named)
            LV_VEC_PUSH(az->arena, list->laterals, (lv_lateral){one.name, one.expr, slot, one.level});
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
            exprs[i] = lv_expr_column(az->arena, map[inputs + i], &input->schema->fields[map[inputs + i]]);
        else
            exprs[i] = lv_expr_remap(az->arena, one->expr, map);
        names[i] = one->name;
    }
    return lv_plan_project(az->arena, input, exprs, names, count);
}

/* ---- aggregates over everything ------------------------------------------------------------------------------ */

typedef struct aggregation {
    LV_VEC(lv_expr *) calls;
} aggregation;

/** Moves the aggregate calls of an expression below: what is left refers to them as columns. */
static lv_status split_aggregates(lv_analyzer *az, const lv_expr *expr, aggregation *below, lv_expr **above)
{
    if (expr->kind == LV_EXPR_CALL && (expr->call->function->flags & LV_FN_AGGREGATE)) {
        lv_field field = {.name = lv_expr_text(az->arena, expr), .type = expr->type, .nullable = expr->nullable};
        *above = lv_expr_column(az->arena, (int)below->calls.count, &field);
        LV_VEC_PUSH(az->arena, below->calls, lv_expr_with_args(az->arena, expr, expr->args));
        return LV_OK;
    }
    if (expr->kind == LV_EXPR_COLUMN)
        return at(az, expr->sql_offset, expr->sql_length,
                  LV_FAIL(az->err, LV_MISSING_GROUP_BY,
                          "The query does not include a GROUP BY clause. Add GROUP BY or turn it into the window functions using "
                          "OVER clauses"));
    lv_expr **args = LV_NEW_ARRAY(az->arena, lv_expr *, LV_MAX(expr->arg_count, 1));
    for (int i = 0; i < expr->arg_count; i++)
        LV_TRY(split_aggregates(az, expr->args[i], below, &args[i]));
    *above = lv_expr_with_args(az->arena, expr, args);
    return LV_OK;
}

static lv_status aggregate_items(lv_analyzer *az, const lv_plan *place, lv_plan *input, const select_list *list, lv_plan **out)
{
    aggregation below = {0};
    int count = (int)list->items.count;
    lv_expr **above = LV_NEW_ARRAY(az->arena, lv_expr *, LV_MAX(count, 1));
    lv_str *names = LV_NEW_ARRAY(az->arena, lv_str, LV_MAX(count, 1));
    if (list->level_max > 0)
        return at_plan(az, place, LV_FAIL(az->err, LV_UNSUPPORTED_FEATURE,
                                          "The feature is not supported: lateral column aliases beside aggregate functions"));
    for (int i = 0; i < count; i++) {
        LV_TRY(split_aggregates(az, list->items.at[i].expr, &below, &above[i]));
        names[i] = list->items.at[i].name;
    }
    if (input->is_stream)
        return at_plan(az, place, LV_FAIL(az->err, LV_STREAMING_OUTPUT_MODE,
                                          "Invalid streaming output mode: append. This output mode is not supported for streaming "
                                          "aggregations without watermark on streaming DataFrames/DataSets"));
    lv_plan *aggregate = placed(lv_plan_new(az->arena, LV_PLAN_AGGREGATE, &input, 1), place);
    lv_field *fields = LV_NEW_ARRAY(az->arena, lv_field, below.calls.count + 1);
    for (size_t i = 0; i < below.calls.count; i++)
        fields[i] = (lv_field){.name = lv_expr_text(az->arena, below.calls.at[i]), .type = below.calls.at[i]->type,
                               .nullable = below.calls.at[i]->nullable};
    aggregate->exprs = below.calls.at;
    aggregate->expr_count = (int)below.calls.count;
    aggregate->schema = lv_type_struct(az->arena, fields, aggregate->expr_count);
    *out = lv_plan_project(az->arena, aggregate, above, names, count);
    return LV_OK;
}

static lv_status analyze_project(lv_analyzer *az, const lv_plan *plan, analyzed *out, analyzed *input)
{
    select_list list = {0};
    LV_TRY(analyze(az, plan->inputs[0], input));
    LV_TRY(resolve_items(az, input, plan, &list));
    bool has_aggregate = false;
    for (size_t i = 0; i < list.items.count; i++)
        has_aggregate |= lv_expr_has_aggregate(list.items.at[i].expr);
    if (has_aggregate)
        LV_TRY(aggregate_items(az, plan, input->plan, &list, &out->plan));
    else
        out->plan = project_items(az, input->plan, &list);
    placed(out->plan, plan);
    out->scope = scope_of(az, out->plan->schema, NULL, 0);
    /* ORDER BY may still say t.a of a column that is just passed on */
    for (size_t i = 0; i < list.items.count && !has_aggregate; i++) {
        const lv_expr *expr = list.items.at[i].expr;
        for (int c = 0; expr->kind == LV_EXPR_COLUMN && c < input->scope.count; c++)
            if (input->scope.columns[c].index == expr->index && lv_str_eq_nocase(input->scope.columns[c].name, list.items.at[i].name)) {
                out->scope.columns[i].qualifier = input->scope.columns[c].qualifier;
                out->scope.columns[i].qualifier_count = input->scope.columns[c].qualifier_count;
            }
    }
    return LV_OK;
}

/* ---- WHERE, ORDER BY, LIMIT, UNION ALL -------------------------------------------------------------------------- */

static lv_status analyze_filter(lv_analyzer *az, const lv_plan *plan, analyzed *out)
{
    LV_TRY(analyze(az, plan->inputs[0], out));
    lv_expr *condition;
    az->is_stream = out->plan->is_stream;
    LV_TRY(lv_resolve_expr(az, &out->scope, plan->exprs[0], &condition));
    if (condition->type->kind == LV_TYPE_VOID)
        condition = lv_expr_cast(az->arena, condition, lv_type_of(LV_TYPE_BOOLEAN), LV_CAST_EXPLICIT, true);
    if (condition->type->kind != LV_TYPE_BOOLEAN) {
        lv_sbuf type = LV_SBUF_INIT;
        lv_type_print_sql(condition->type, &type);
        lv_status status = LV_FAIL(az->err, LV_DATATYPE_MISMATCH_FILTER, "Filter expression \"%.*s\" of type \"%s\" is not a boolean",
                                   LV_STR_ARG(lv_expr_text(az->arena, condition)), type.ptr);
        lv_sbuf_release(&type);
        return at(az, plan->exprs[0]->sql_offset, plan->exprs[0]->sql_length, status);
    }
    lv_plan *filter = placed(lv_plan_new(az->arena, LV_PLAN_FILTER, &out->plan, 1), plan);
    filter->exprs = LV_NEW(az->arena, lv_expr *);
    filter->exprs[0] = condition;
    filter->expr_count = 1;
    out->plan = filter;
    return LV_OK;
}

/** A sort key: an ordinal, something of the output, or something of what the output was made of. In the last case it
 *  becomes a hidden column of the projection. */
static lv_status resolve_sort_key(lv_analyzer *az, const lv_expr *key, const analyzed *shown, const analyzed *below, lv_plan *project,
                                  lv_expr **resolved)
{
    if (key->kind == LV_EXPR_LITERAL && key->type->kind == LV_TYPE_INT && !lv_expr_is_null_literal(key)) {
        int32_t position = LV_AT(int32_t, key->literal, 0);
        if (position < 1 || position > shown->scope.count)
            return at(az, key->sql_offset, key->sql_length,
                      LV_FAIL(az->err, LV_ORDER_BY_POSITION, "ORDER BY position %d is not in select list (valid range is [1, %d])",
                              position, shown->scope.count));
        *resolved = lv_expr_column(az->arena, position - 1, &shown->plan->schema->fields[position - 1]);
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
            lv_field field = {.name = lv_expr_text(az->arena, hidden), .type = hidden->type, .nullable = hidden->nullable};
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
static void sort_above(lv_analyzer *az, analyzed *out, lv_plan *sort, int shown_count, lv_plan *project)
{
    const lv_type *shown = out->plan->schema;
    lv_str *names = LV_NEW_ARRAY(az->arena, lv_str, project->expr_count + 1);
    lv_expr **visible = LV_NEW_ARRAY(az->arena, lv_expr *, shown_count + 1);
    for (int i = 0; i < project->expr_count; i++)
        names[i] = i < shown_count ? shown->fields[i].name : lv_expr_text(az->arena, project->exprs[i]);
    for (int i = 0; i < shown_count; i++)
        visible[i] = lv_expr_column(az->arena, i, &shown->fields[i]);
    lv_plan *wider = placed(lv_plan_project(az->arena, project->inputs[0], project->exprs, names, project->expr_count), project);
    sort->inputs[0] = wider;
    sort->schema = wider->schema;
    out->plan = lv_plan_project(az->arena, sort, visible, names, shown_count);
}

static bool is_orderable(const lv_type *type)
{
    if (type->kind == LV_TYPE_MAP)
        return false;
    for (int i = 0; i < type->field_count; i++)
        if (!is_orderable(type->fields[i].type))
            return false;
    return true;
}

static lv_status analyze_sort(lv_analyzer *az, const lv_plan *plan, analyzed *out)
{
    analyzed below = {NULL, {0, NULL}};
    lv_plan *project = NULL;
    if (plan->inputs[0]->kind == LV_PLAN_PROJECT)
        LV_TRY(analyze_project(az, plan->inputs[0], out, &below));
    else
        LV_TRY(analyze(az, plan->inputs[0], out));
    if (out->plan->is_stream)
        return at_plan(az, plan, LV_FAIL(az->err, LV_SORT_NOT_SUPPORTED_IN_STREAM,
                                         "Sorting is not supported on streaming DataFrames/Datasets, unless it is on aggregated "
                                         "DataFrame/Dataset in Complete output mode"));
    int shown_count = out->plan->schema->field_count;
    if (out->plan->kind == LV_PLAN_PROJECT && out->plan->inputs[0] == below.plan) {
        lv_expr **room = LV_NEW_ARRAY(az->arena, lv_expr *, out->plan->expr_count + plan->expr_count);
        memcpy(room, out->plan->exprs, sizeof room[0] * (size_t)out->plan->expr_count);
        project = LV_NEW(az->arena, lv_plan);
        *project = *out->plan;
        project->exprs = room;
    }
    lv_plan *sort = placed(lv_plan_new(az->arena, LV_PLAN_SORT, &out->plan, 1), plan);
    sort->exprs = LV_NEW_ARRAY(az->arena, lv_expr *, plan->expr_count);
    sort->expr_count = plan->expr_count;
    sort->sort = plan->sort;
    for (int i = 0; i < plan->expr_count; i++) {
        LV_TRY(resolve_sort_key(az, plan->exprs[i], out, &below, project, &sort->exprs[i]));
        if (!is_orderable(sort->exprs[i]->type))
            return at(az, plan->exprs[i]->sql_offset, plan->exprs[i]->sql_length,
                      LV_FAIL(az->err, LV_DATATYPE_MISMATCH_ORDERING, "Cannot resolve \"%.*s\" due to data type mismatch: it cannot be ordered",
                              LV_STR_ARG(lv_expr_text(az->arena, sort->exprs[i]))));
    }
    if (project != NULL && project->expr_count > shown_count)
        sort_above(az, out, sort, shown_count, project);
    else
        out->plan = sort;
    return LV_OK;
}

static lv_status resolve_count(lv_analyzer *az, const lv_expr *expr, const char *what, int64_t *out)
{
    lv_scope none = {0, NULL};
    lv_expr *resolved;
    const lv_vector *value;
    lv_vector wide;
    if (expr == NULL)
        return LV_OK;
    LV_TRY(lv_resolve_expr(az, &none, expr, &resolved));
    if (!lv_type_is_integral(resolved->type))
        return at(az, expr->sql_offset, expr->sql_length,
                  LV_FAIL(az->err, LV_INVALID_LIMIT_TYPE, "The %s expression must be integer type", what));
    if (!lv_fold_literal(az, resolved, &value, NULL) || lv_vector_is_null(value, 0))
        return at(az, expr->sql_offset, expr->sql_length,
                  LV_FAIL(az->err, LV_INVALID_LIMIT_FOLDABLE, "The %s expression must evaluate to a constant value", what));
    lv_eval eval = {.arena = az->arena, .zone = az->zone, .ansi = true};
    LV_TRY(lv_cast(&eval, value, lv_type_of(LV_TYPE_BIGINT), LV_CAST_EXPLICIT, LV_STR_NONE, &wide, az->err));
    *out = LV_AT(int64_t, &wide, 0);
    if (*out < 0)
        return at(az, expr->sql_offset, expr->sql_length,
                  LV_FAIL(az->err, LV_INVALID_LIMIT, "The %s expression must be equal to or greater than 0, but got %lld", what,
                          (long long)*out));
    return LV_OK;
}

static lv_status analyze_limit(lv_analyzer *az, const lv_plan *plan, analyzed *out)
{
    LV_TRY(analyze(az, plan->inputs[0], out));
    lv_plan *limit = placed(lv_plan_new(az->arena, LV_PLAN_LIMIT, &out->plan, 1), plan);
    LV_TRY(resolve_count(az, plan->exprs[0], "limit", &limit->limit));
    LV_TRY(resolve_count(az, plan->exprs[1], "offset", &limit->offset));
    if (out->plan->is_stream)
        return at_plan(az, plan, LV_FAIL(az->err, LV_UNSUPPORTED_FEATURE, "The feature is not supported: %s over a stream",
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

static lv_status analyze_union(lv_analyzer *az, const lv_plan *plan, analyzed *out)
{
    analyzed sides[2];
    for (int i = 0; i < 2; i++)
        LV_TRY(analyze(az, plan->inputs[i], &sides[i]));
    const lv_type *left = sides[0].plan->schema;
    const lv_type *right = sides[1].plan->schema;
    if (left->field_count != right->field_count)
        return at_plan(az, plan, LV_FAIL(az->err, LV_NUM_COLUMNS_MISMATCH,
                                         "UNION can only be performed on inputs with the same number of columns, but the first input "
                                         "has %d columns and the second input has %d columns",
                                         left->field_count, right->field_count));
    if (sides[0].plan->is_stream != sides[1].plan->is_stream)
        return at_plan(az, plan, LV_FAIL(az->err, LV_SORT_NOT_SUPPORTED_IN_STREAM,
                                         "Union between streaming and batch DataFrames/Datasets is not supported"));
    lv_field *fields = LV_NEW_ARRAY(az->arena, lv_field, left->field_count + 1);
    for (int i = 0; i < left->field_count; i++) {
        fields[i] = left->fields[i];
        fields[i].nullable |= right->fields[i].nullable;
        fields[i].type = lv_type_common(az->arena, left->fields[i].type, right->fields[i].type, az->conf->ansi);
        if (fields[i].type == NULL)
            return at_plan(az, plan, LV_FAIL(az->err, LV_INCOMPATIBLE_COLUMN_TYPE,
                                             "UNION can only be performed on tables with compatible column types. Column %d, `%.*s`, is "
                                             "not compatible with that of the first table",
                                             i + 1, LV_STR_ARG(left->fields[i].name)));
    }
    const lv_type *schema = lv_type_struct(az->arena, fields, left->field_count);
    lv_plan *inputs[2];
    for (int i = 0; i < 2; i++)
        inputs[i] = cast_columns(az, sides[i].plan, schema);
    out->plan = placed(lv_plan_new(az->arena, LV_PLAN_UNION, inputs, 2), plan);
    out->plan->schema = schema;
    out->scope = scope_of(az, schema, NULL, 0);
    return LV_OK;
}

static lv_status analyze_kind(lv_analyzer *az, const lv_plan *plan, analyzed *out)
{
    analyzed input;
    switch (plan->kind) { /* dispatch */
    case LV_PLAN_SOURCE:
        return analyze_source(az, plan, out);
    case LV_PLAN_RELATION:
        return analyze_relation(az, plan, out);
    case LV_PLAN_ALIAS:
        return analyze_alias(az, plan, out);
    case LV_PLAN_VALUES:
        return analyze_values(az, plan, out);
    case LV_PLAN_PROJECT:
        return analyze_project(az, plan, out, &input);
    case LV_PLAN_FILTER:
        return analyze_filter(az, plan, out);
    case LV_PLAN_SORT:
        return analyze_sort(az, plan, out);
    case LV_PLAN_LIMIT:
        return analyze_limit(az, plan, out);
    case LV_PLAN_UNION:
        return analyze_union(az, plan, out);
    case LV_PLAN_TABLE:
    case LV_PLAN_AGGREGATE:
        break;
    }
    LV_ASSERT(false); /* resolved already */
    return LV_INTERNAL;
}

/* WITH queries and views are put in where they are used, so a short text can make a huge plan. */
static lv_status analyze(lv_analyzer *az, const lv_plan *plan, analyzed *out)
{
    if (az->depth >= PLAN_DEPTH_MAX || ++az->node_count > PLAN_NODES_MAX)
        return at_plan(az, plan, LV_FAIL(az->err, LV_PARSE_TOO_COMPLEX,
                                         "The query, with the views and WITH queries put in, is too large to be planned"));
    az->depth++;
    lv_status status = analyze_kind(az, plan, out);
    az->depth--;
    return status;
}

lv_status lv_plan_analyze(lv_arena *arena, const lv_plan *unresolved, const lv_catalog *catalog, const lv_plan_conf *conf,
                          lv_plan **resolved, lv_error *err)
{
    lv_error own = LV_ERROR_INIT;
    lv_analyzer az = {.arena = arena, .catalog = catalog, .conf = conf, .err = err ? err : &own, .now_us = lv_now_us()};
    LV_TRY(lv_timezone_load(arena, conf->session_zone, &az.zone, az.err));
    analyzed out;
    LV_TRY(analyze(&az, unresolved, &out));
    *resolved = out.plan;
    return LV_OK;
}
