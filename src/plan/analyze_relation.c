/* analyze_relation.c: what stands in FROM: sources, tables, views, aliases and inline tables. */
#include "plan_int.h"

#define VIEW_DEPTH_MAX 64

/* The options of a source: constants, as text. */
static lv_status fold_options(lv_analyzer *az, const lv_plan *plan, lv_options *options)
{
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
                                                      "The option `%.*s` needs a constant value",
                                                      LV_STR_ARG(plan->names[i]));
        }
        lv_sbuf text = LV_SBUF_INIT;
        lv_print_value(value, 0, az->zone, &text);
        items[i] = (lv_option){plan->names[i], lv_str_dup(az->arena, lv_sbuf_str(&text)),
                               expr->sql_offset};
        lv_sbuf_release(&text);
        for (int k = 0; k < i; k++)
            if (lv_str_eq_nocase(items[k].name, items[i].name))
                return lv_at(az, expr->sql_offset, expr->sql_length,
                             LV_FAIL(az->err, LV_DOUBLE_NAMED_ARGUMENT,
                                     "The option `%.*s` is given twice",
                                     LV_STR_ARG(items[i].name)));
    }
    *options = (lv_options){items, plan->expr_count};
    return LV_OK;
}

/* Files are read in the session's time zone unless an option says another. */
static lv_options with_zone(lv_analyzer *az, const lv_options *options)
{
    if (lv_option_get(options, "timeZone", LV_STR_NONE).ptr != NULL)
        return *options;
    lv_option *items = LV_NEW_ARRAY(az->arena, lv_option, options->count + 1);
    for (int i = 0; i < options->count; i++)
        items[i] = options->items[i];
    items[options->count] = (lv_option){LV_STR("timeZone"), az->conf->session_zone, -1};
    return (lv_options){items, options->count + 1};
}

/* Files of a format (empty: by the options), once or as a stream. */
static lv_status analyze_files(lv_analyzer *az, lv_plan *files, bool is_stream, lv_str format,
                               const lv_options *options)
{
    const lv_catalog *catalog = az->catalog;
    files->kind = is_stream ? LV_PLAN_SOURCE : LV_PLAN_TABLE;
    files->is_stream = is_stream;
    files->options = with_zone(az, options);
    if (is_stream) {
        files->format = LV_STR("files");
        files->source_index = az->source_count++;
        return catalog->source_schema(catalog->self, az->arena, files->format, &files->options,
                                      &files->schema, az->err);
    }
    files->format = format.len > 0 ? format : LV_STR("files");
    files->path = lv_option_get(&files->options, "path", LV_STR_NONE);
    return catalog->files_schema(catalog->self, az->arena, format, &files->options, &files->schema,
                                 az->err);
}

lv_status lv_analyze_source(lv_analyzer *az, const lv_plan *plan, lv_analyzed *out)
{
    lv_plan *source = lv_plan_placed(lv_plan_new(az->arena, LV_PLAN_SOURCE, NULL, 0), plan);
    lv_status status;
    LV_TRY(fold_options(az, plan, &source->options));
    if (lv_str_is(plan->format, "files")) {
        status = analyze_files(az, source, plan->is_stream, LV_STR_NONE, &source->options);
    } else {
        source->format = plan->format;
        source->is_stream = true;
        source->source_index = az->source_count++;
        status = az->catalog->source_schema(az->catalog->self, az->arena, source->format,
                                            &source->options, &source->schema, az->err);
    }
    if (status != LV_OK)
        return lv_at_plan(az, plan, status);
    *out = (lv_analyzed){source, lv_scope_of(az, source->schema, NULL, 0)};
    return LV_OK;
}

/** The format of format.`path`; "delta" for a table's name. */
static lv_str relation_format(const lv_plan *relation, bool *is_path)
{
    static const char *const formats[] = {"delta", "parquet", "json",  "csv",       "orc",
                                          "avro",  "text",    "kafka", "binaryFile"};
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
    lv_str near = LV_STR_NONE;
    lv_str path[] = {az->conf->catalog, az->conf->schema};
    if (az->catalog->suggest != NULL)
        near = az->catalog->suggest(az->catalog->self, relation->names, relation->name_count);
    if (near.ptr != NULL)
        lv_error_hint(az->err, "did you mean %.*s?", LV_STR_ARG(near));
    return lv_at_plan(
        az, relation,
        LV_FAIL(
            az->err, LV_TABLE_OR_VIEW_NOT_FOUND,
            "The table or view %.*s cannot be found. Verify the spelling and correctness of the "
            "schema and catalog.\nSearch path: [`system`.`builtin`, `system`.`session`, %.*s].\nIf "
            "you did not qualify the name with a schema, verify the current_schema() output, or "
            "qualify the name with the correct schema and catalog.\nTo tolerate the error on drop "
            "use DROP VIEW IF EXISTS or DROP TABLE IF EXISTS",
            LV_STR_ARG(lv_quote_names(az->arena, relation->names, relation->name_count)),
            LV_STR_ARG(lv_quote_names(az->arena, path, 2))));
}

/* What goes wrong while files are looked at for a direct query is one error in Spark, whatever it was. */
static lv_status fail_direct_query(lv_analyzer *az, lv_str format, lv_status status)
{
    static const lv_status kept[] = {LV_NOT_FOUND,
                                     LV_UNABLE_TO_INFER_SCHEMA,
                                     LV_UNSUPPORTED_FEATURE,
                                     LV_UNSUPPORTED_DATATYPE,
                                     LV_COLUMN_ALREADY_EXISTS,
                                     LV_INVALID_EMPTY_LOCATION};
    for (size_t i = 0; i < LV_COUNT_OF(kept); i++)
        if (status == kept[i])
            return status;
    lv_error cause = *az->err;
    lv_error_clear(az->err);
    return LV_FAIL(az->err, LV_FAILED_DIRECT_QUERY,
                   "Failed to create plan for direct query on files: %.*s: %s", LV_STR_ARG(format),
                   cause.message);
}

/* format.`path` */
static lv_status analyze_direct_query(lv_analyzer *az, const lv_plan *relation, lv_str format,
                                      lv_analyzed *out)
{
    lv_plan *files = lv_plan_placed(lv_plan_new(az->arena, LV_PLAN_TABLE, NULL, 0), relation);
    lv_option *items = LV_NEW_ARRAY(az->arena, lv_option, 2);
    items[0] = (lv_option){LV_STR("path"), relation->names[1], relation->sql_offset};
    items[1] = (lv_option){LV_STR("format"), format, relation->sql_offset};
    lv_options options = {items, 2};
    if (lv_str_is(format, "kafka"))
        return lv_at_plan(az, relation,
                          LV_FAIL(az->err, LV_UNSUPPORTED_DIRECT_QUERY,
                                  "Unsupported data source type for direct query on files: %.*s",
                                  LV_STR_ARG(format)));
    lv_status status = analyze_files(az, files, relation->is_stream, format, &options);
    if (status != LV_OK)
        return lv_at_plan(az, relation, fail_direct_query(az, format, status));
    *out =
        (lv_analyzed){files, lv_scope_of(az, files->schema, relation->names, relation->name_count)};
    return LV_OK;
}

static lv_status analyze_table(lv_analyzer *az, const lv_plan *relation, lv_analyzed *out)
{
    bool is_path;
    lv_str format = relation_format(relation, &is_path);
    lv_plan *table = lv_plan_placed(lv_plan_new(az->arena, LV_PLAN_TABLE, NULL, 0), relation);
    const lv_str *names = is_path ? relation->names + 1 : relation->names;
    int count = is_path ? 1 : relation->name_count;
    if (!lv_str_is(format, "delta"))
        return analyze_direct_query(az, relation, format, out);
    lv_status status =
        az->catalog->find_table(az->catalog->self, az->arena, is_path ? format : LV_STR_NONE, names,
                                count, &table->path, &table->schema, az->err);
    if (status == LV_NOT_FOUND) {
        lv_error_clear(az->err);
        return fail_relation(az, relation);
    }
    if (status != LV_OK)
        return lv_at_plan(az, relation, status);
    table->format = format;
    if (relation->is_stream) {
        lv_option *path = LV_NEW(az->arena, lv_option);
        *path = (lv_option){LV_STR("path"), table->path, relation->sql_offset};
        table->kind = LV_PLAN_SOURCE;
        table->is_stream = true;
        table->options = (lv_options){path, 1};
        table->source_index = az->source_count++;
        status = az->catalog->source_schema(az->catalog->self, az->arena, format, &table->options,
                                            &table->schema, az->err);
        if (status != LV_OK)
            return lv_at_plan(az, relation, status);
    }
    *out =
        (lv_analyzed){table, lv_scope_of(az, table->schema, relation->names, relation->name_count)};
    return LV_OK;
}

lv_status lv_analyze_relation(lv_analyzer *az, const lv_plan *relation, lv_analyzed *out)
{
    const lv_plan *view = NULL;
    LV_TRY(az->catalog->find_view(az->catalog->self, relation->names, relation->name_count, &view,
                                  az->err));
    if (view == NULL)
        return analyze_table(az, relation, out);
    if (++az->view_depth > VIEW_DEPTH_MAX)
        return lv_at_plan(
            az, relation,
            LV_FAIL(az->err, LV_VIEW_TOO_DEEP, "The depth of view %.*s exceeds %d",
                    LV_STR_ARG(lv_quote_names(az->arena, relation->names, relation->name_count)),
                    VIEW_DEPTH_MAX));
    lv_status status = lv_analyze_plan(az, view, out);
    az->view_depth--;
    if (status != LV_OK) { /* places inside the view's text mean nothing here */
        if (az->err != NULL) {
            az->err->sql_offset = az->err->sql_length = -1;
            if (az->err->context[0] == 0)
                lv_error_context(az->err, "view %.*s",
                                 LV_STR_ARG(relation->names[relation->name_count - 1]));
        }
        return lv_at_plan(az, relation, status);
    }
    if (relation->is_stream && !out->plan->is_stream) {
        lv_error_hint(az->err, "leave out STREAM");
        return lv_at_plan(
            az, relation,
            LV_FAIL(az->err, LV_UNSUPPORTED_FEATURE,
                    "The feature is not supported: STREAM of the view %.*s, "
                    "which is no stream",
                    LV_STR_ARG(lv_quote_names(az->arena, relation->names, relation->name_count))));
    }
    out->scope = lv_scope_of(az, out->plan->schema, relation->names, relation->name_count);
    return LV_OK;
}

/* Renaming columns is a projection; renaming the relation only changes the scope. */
lv_status lv_analyze_alias(lv_analyzer *az, const lv_plan *plan, lv_analyzed *out)
{
    LV_TRY(lv_analyze_plan(az, plan->inputs[0], out));
    for (int i = 1; i < plan->input_count; i++) { /* WITH queries that nothing uses */
        lv_analyzed unused;
        int sources = az->source_count;
        LV_TRY(lv_analyze_plan(az, plan->inputs[i], &unused));
        az->source_count = sources;
    }
    int renamed = plan->name_count - 1;
    const lv_type *schema = out->plan->schema;
    int columns = schema->field_count;
    while (columns > 0 && lv_str_is(schema->fields[columns - 1].metadata, LV_HIDDEN_COLUMN))
        columns--;
    if (renamed > 0) {
        if (renamed != columns && out->plan->kind == LV_PLAN_RANGE)
            return lv_fail_table_aliases(az, plan, renamed, columns);
        if (renamed != columns)
            return lv_at_plan(az, plan,
                              LV_FAIL(az->err, LV_ASSIGNED_ALIASES_MISMATCH,
                                      "Number of column aliases does not match number of columns. "
                                      "Number of column aliases: %d; "
                                      "number of columns: %d",
                                      renamed, columns));
        lv_expr **exprs = LV_NEW_ARRAY(az->arena, lv_expr *, renamed);
        for (int i = 0; i < renamed; i++)
            exprs[i] = lv_expr_column(az->arena, i, &schema->fields[i]);
        out->plan = lv_plan_placed(
            lv_plan_project(az->arena, out->plan, exprs, plan->names + 1, renamed), plan);
    }
    out->scope = lv_scope_of(az, out->plan->schema, plan->names, plan->names[0].len > 0);
    return LV_OK;
}

/* A cell of VALUES is computed at once, and has to be possible. */
static lv_status resolve_cell(lv_analyzer *az, const lv_expr *cell, lv_expr **resolved)
{
    lv_scope none = {0, NULL};
    const lv_vector *value;
    lv_error own = LV_ERROR_INIT;
    az->allow_aggregates = true;
    lv_status status = lv_resolve_expr(az, &none, cell, resolved);
    az->allow_aggregates = false;
    LV_TRY(status);
    if (lv_expr_has_aggregate(*resolved))
        return lv_at(az, cell->sql_offset, cell->sql_length,
                     LV_FAIL(az->err, LV_INLINE_TABLE_EXPRESSION,
                             "Invalid inline table: cannot evaluate the expression %.*s",
                             LV_STR_ARG(lv_expr_text(az->arena, *resolved))));
    if (!lv_fold_literal(az, *resolved, &value, &own) && own.status != LV_OK)
        return lv_at(az, cell->sql_offset, cell->sql_length,
                     LV_FAIL(az->err, LV_INLINE_TABLE_EVALUATION,
                             "Invalid inline table: failed to evaluate the expression %.*s: %s",
                             LV_STR_ARG(lv_expr_text(az->arena, *resolved)), own.message));
    return LV_OK;
}

lv_status lv_analyze_values(lv_analyzer *az, const lv_plan *plan, lv_analyzed *out)
{
    lv_plan *values = lv_plan_placed(lv_plan_new(az->arena, LV_PLAN_VALUES, NULL, 0), plan);
    int width = plan->name_count;
    lv_field *fields = LV_NEW_ARRAY(az->arena, lv_field, LV_MAX(width, 1));
    values->exprs = LV_NEW_ARRAY(az->arena, lv_expr *, LV_MAX(plan->expr_count, 1));
    values->expr_count = plan->expr_count;
    for (int i = 0; i < plan->expr_count; i++) {
        LV_TRY(resolve_cell(az, plan->exprs[i], &values->exprs[i]));
        lv_field *field = &fields[i % width];
        const lv_type *type = values->exprs[i]->type;
        const lv_type *common =
            i < width ? type : lv_type_common_plain(az->arena, field->type, type, az->conf->ansi);
        if (common == NULL)
            return lv_at(az, plan->exprs[i]->sql_offset, plan->exprs[i]->sql_length,
                         LV_FAIL(az->err, LV_INLINE_TABLE_TYPES,
                                 "Found incompatible types in column `%.*s` of the inline table",
                                 LV_STR_ARG(plan->names[i % width])));
        field->name = plan->names[i % width];
        field->type = common;
        field->nullable |= values->exprs[i]->nullable;
    }
    for (int i = 0; i < plan->expr_count; i++)
        values->exprs[i] = lv_expr_cast(az->arena, values->exprs[i], fields[i % width].type,
                                        LV_CAST_EXPLICIT, true);
    values->schema = lv_type_struct(az->arena, fields, width);
    *out = (lv_analyzed){values, lv_scope_of(az, values->schema, NULL, 0)};
    return LV_OK;
}

/* What it gives is known from the start; the node is copied because a view may be read several times. */
lv_status lv_analyze_feed(lv_analyzer *az, const lv_plan *plan, lv_analyzed *out)
{
    lv_plan *feed = lv_plan_feed(az->arena, plan->feed, plan->schema);
    *out = (lv_analyzed){feed, lv_scope_of(az, feed->schema, NULL, 0)};
    return LV_OK;
}
