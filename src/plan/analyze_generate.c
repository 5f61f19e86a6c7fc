/* analyze_generate.c: functions that give rows: in the select list, in LATERAL VIEW, in FROM; and range. */
#include "plan_int.h"

bool lv_expr_is_generator(const lv_expr *expr)
{
    const lv_function *function = expr->kind == LV_EXPR_APPLY && expr->name_count == 1
                                      ? lv_function_find(expr->names[0])
                                      : NULL;
    return function != NULL && (function->flags & LV_FN_GENERATOR);
}

lv_status lv_fail_generator(lv_analyzer *az, const lv_expr *generator)
{
    if (az->item != NULL)
        return lv_at(az, generator->sql_offset, generator->sql_length,
                     LV_FAIL(az->err, LV_GENERATOR_NESTED,
                             "The generator is not supported: nested in expressions \"%.*s\"",
                             LV_STR_ARG(lv_expr_text(az->arena, az->item))));
    return lv_at(az, generator->sql_offset, generator->sql_length,
                 LV_FAIL(az->err, LV_GENERATOR_OUTSIDE_SELECT,
                         "The generator is not supported: outside the SELECT clause, found: %.*s",
                         LV_STR_ARG(lv_expr_text(az->arena, generator))));
}

lv_status lv_fail_table_aliases(lv_analyzer *az, const lv_plan *place, int given, int columns)
{
    return lv_at_plan(az, place,
                      LV_FAIL(az->err, LV_TABLE_ALIASES_MISMATCH,
                              "Number of given aliases does not match number of output columns. "
                              "Number of aliases: %d; number of output columns: %d",
                              given, columns));
}

/* The input's columns and the generator's; an outer one's may be null whatever the function says. */
static const lv_type *generate_schema(lv_arena *arena, const lv_type *input, const lv_expr *call,
                                      bool outer)
{
    const lv_field *row = &call->type->fields[0];
    int count = row->type->field_count;
    lv_field *fields = LV_NEW_ARRAY(arena, lv_field, input->field_count + count);
    for (int i = 0; i < input->field_count; i++)
        fields[i] = input->fields[i];
    for (int i = 0; i < count; i++) {
        lv_field *field = &fields[input->field_count + i];
        *field = row->type->fields[i];
        field->nullable = field->nullable || row->nullable || outer;
    }
    return lv_type_struct(arena, fields, input->field_count + count);
}

lv_status lv_generate_over(lv_analyzer *az, lv_plan *input, const lv_scope *scope,
                           const lv_expr *item, bool outer, lv_plan **out)
{
    lv_plan *generate = lv_plan_new(az->arena, LV_PLAN_GENERATE, &input, 1);
    generate->exprs = LV_NEW(az->arena, lv_expr *);
    generate->expr_count = 1;
    generate->sql_offset = item->sql_offset;
    generate->sql_length = item->sql_length;
    az->item = item;
    lv_status status = lv_resolve_expr(az, scope, item, &generate->exprs[0]);
    az->item = NULL;
    LV_TRY(status);
    const lv_expr *call = generate->exprs[0];
    if (lv_expr_has_aggregate(call))
        return lv_at(az, item->sql_offset, item->sql_length,
                     LV_FAIL(az->err, LV_UNSUPPORTED_FEATURE,
                             "The feature is not supported: an aggregate function in a generator"));
    generate->outer = outer || (call->call->function->flags & LV_FN_OUTER);
    generate->schema = generate_schema(az->arena, input->schema, call, generate->outer);
    *out = generate;
    return LV_OK;
}

/* ---- LATERAL VIEW and table functions -------------------------------------------------------- */

static lv_status check_is_generator(lv_analyzer *az, const lv_expr *call)
{
    if (lv_expr_is_generator(call))
        return LV_OK;
    bool exists = call->name_count == 1 && lv_function_find(call->names[0]) != NULL;
    lv_str name = lv_quote_names(az->arena, call->names, call->name_count);
    return lv_at(az, call->sql_offset, call->sql_length,
                 exists ? LV_FAIL(az->err, LV_NOT_GENERATOR,
                                  "The generator is not supported: %.*s is expected to be a "
                                  "generator, and it is none",
                                  LV_STR_ARG(name))
                        : LV_FAIL(az->err, LV_ROUTINE_NOT_FOUND,
                                  "The routine %.*s cannot be found. Verify the spelling and "
                                  "correctness of the schema and catalog",
                                  LV_STR_ARG(name)));
}

static lv_status fail_view_aliases(lv_analyzer *az, const lv_plan *place, int given, int columns)
{
    return lv_at_plan(az, place,
                      LV_FAIL(az->err, LV_UDTF_ALIAS_MISMATCH,
                              "The number of aliases supplied in the AS clause does not match the "
                              "number of columns output by the UDTF. Expected %d aliases, got %d",
                              columns, given));
}

/* The generator's columns get the names of the alias behind the input's, which stay what they were. */
static const lv_type *rename_columns(lv_arena *arena, const lv_type *schema, int from,
                                     const lv_str *names, bool nullable)
{
    lv_field *fields = LV_NEW_ARRAY(arena, lv_field, schema->field_count);
    for (int i = 0; i < schema->field_count; i++) {
        fields[i] = schema->fields[i];
        if (i >= from && names != NULL)
            fields[i].name = names[i - from];
        fields[i].nullable = fields[i].nullable || (i >= from && nullable);
    }
    return lv_type_struct(arena, fields, schema->field_count);
}

lv_status lv_analyze_generate(lv_analyzer *az, const lv_plan *plan, lv_analyzed *out)
{
    lv_plan *generate;
    LV_TRY(lv_analyze_plan(az, plan->inputs[0], out));
    LV_TRY(check_is_generator(az, plan->exprs[0]));
    az->is_stream = out->plan->is_stream;
    LV_TRY(lv_generate_over(az, out->plan, &out->scope, plan->exprs[0], plan->outer, &generate));
    int width = out->plan->schema->field_count, own = generate->schema->field_count - width;
    int given = plan->name_count - 1;
    if (given > 0 && given != own)
        return plan->is_view ? fail_view_aliases(az, plan, given, own)
                             : lv_fail_table_aliases(az, plan, given, own);
    if (given > 0 || plan->is_nullable)
        generate->schema = rename_columns(az->arena, generate->schema, width,
                                          given > 0 ? plan->names + 1 : NULL, plan->is_nullable);
    lv_scope all = lv_scope_of(az, generate->schema, plan->names, plan->names[0].len > 0 ? 1 : 0);
    lv_scope scope = {out->scope.count + own,
                      LV_NEW_ARRAY(az->arena, lv_scope_column, out->scope.count + own)};
    for (int i = 0; i < out->scope.count; i++)
        scope.columns[i] = out->scope.columns[i];
    for (int i = 0; i < own; i++)
        scope.columns[out->scope.count + i] = all.columns[width + i];
    *out = (lv_analyzed){generate, scope};
    return LV_OK;
}

/* ---- range ----------------------------------------------------------------------------------- */

/* The value of an argument as a BIGINT. */
static lv_status range_argument(lv_analyzer *az, const lv_expr *arg, int64_t *out)
{
    lv_scope none = {0, NULL};
    const lv_type *bigint = lv_type_of(LV_TYPE_BIGINT);
    lv_expr *resolved;
    const lv_vector *value;
    LV_TRY(lv_resolve_expr(az, &none, arg, &resolved));
    lv_sbuf type = LV_SBUF_INIT;
    lv_type_print_sql(resolved->type, &type);
    lv_status status = LV_OK;
    lv_error own = LV_ERROR_INIT;
    bool is_null = resolved->type->kind == LV_TYPE_VOID;
    if (is_null || !lv_cast_allowed(resolved->type, bigint, az->conf->ansi))
        status = LV_FAIL(az->err, LV_UNEXPECTED_INPUT_TYPE,
                         "A parameter of function `range` requires the \"BIGINT\" type, however "
                         "\"%.*s\" has the type \"%s\"",
                         LV_STR_ARG(lv_expr_text(az->arena, resolved)), type.ptr);
    lv_sbuf_release(&type);
    if (status != LV_OK)
        return lv_at(az, arg->sql_offset, arg->sql_length, status);
    resolved = lv_expr_cast(az->arena, resolved, bigint, LV_CAST_EXPLICIT, true);
    if (lv_fold_literal(az, resolved, &value, &own) && !lv_vector_is_null(value, 0)) {
        *out = LV_AT(int64_t, value, 0);
        return LV_OK;
    }
    status = own.status;
    if (status != LV_OK && az->err->status == LV_OK)
        *az->err = own;
    if (status == LV_OK)
        status = LV_FAIL(az->err, LV_NON_FOLDABLE_ARGUMENT,
                         "The function `range` requires its parameters to be foldable expressions "
                         "of the type \"BIGINT\", but the actual argument is a non-foldable");
    return lv_at(az, arg->sql_offset, arg->sql_length, status);
}

lv_status lv_analyze_range(lv_analyzer *az, const lv_plan *plan, lv_analyzed *out)
{
    int64_t values[4] = {0, 0, 1, 1}; /* start, end, step, partitions */
    int count = plan->expr_count;
    if (count < 1 || count > 4)
        return lv_at_plan(az, plan,
                          LV_FAIL(az->err, LV_WRONG_NUM_ARGS,
                                  "the `range` requires [1, 2, 3, 4] parameters but the actual "
                                  "number is %d",
                                  count));
    for (int i = 0; i < count; i++)
        LV_TRY(range_argument(az, plan->exprs[i], &values[count == 1 ? 1 : i]));
    if (values[2] == 0 || values[3] <= 0)
        return lv_at_plan(az, plan,
                          LV_FAIL(az->err, LV_FAILED_FUNCTION_CALL,
                                  "Failed preparing of the function `range` for call. Please, "
                                  "double check function's arguments"));
    lv_plan *range = lv_plan_placed(lv_plan_new(az->arena, LV_PLAN_RANGE, NULL, 0), plan);
    memcpy(range->range, values, sizeof range->range);
    lv_field id = {LV_STR("id"), lv_type_of(LV_TYPE_BIGINT), false, LV_STR_NONE};
    range->schema = lv_type_struct(az->arena, &id, 1);
    *out = (lv_analyzed){range, lv_scope_of(az, range->schema, NULL, 0)};
    return LV_OK;
}
