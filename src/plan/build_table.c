/* build_table.c: CREATE STREAMING TABLE, CREATE VIEW and CREATE FLOW: names, columns, constraints and
 * clauses of their syntax trees. */
#include <stdio.h>

#include "plan_int.h"

static bool take_flag(const lv_ast *flags, const char *text)
{
    for (const lv_ast *flag = flags ? flags->first : NULL; flag; flag = flag->next)
        if (lv_str_is(flag->text, text))
            return true;
    return false;
}

static lv_status refuse_flag(lv_build *build, const lv_ast *flags, const char *text)
{
    for (const lv_ast *flag = flags->first; flag; flag = flag->next)
        if (lv_str_is(flag->text, text))
            return lv_build_unsupported(build, flag, text);
    return LV_OK;
}

static lv_str keep(lv_arena *arena, lv_sbuf *text)
{
    lv_str kept = lv_str_dup(arena, lv_sbuf_str(text));
    lv_sbuf_release(text);
    return kept;
}

/* ---- clauses --------------------------------------------------------------------------------- */

/* 'text', 1, true, or a name that stands for itself: a.b */
static lv_str constant_text(lv_arena *arena, const lv_ast *value)
{
    switch (value->kind) { /* dispatch */
    case LV_AST_STRING:
    case LV_AST_NUMBER: return value->text;
    case LV_AST_BOOLEAN: return lv_str_is(value->text, "TRUE") ? LV_STR("true") : LV_STR("false");
    case LV_AST_NAME: break;
    default: return LV_STR_NONE;
    }
    lv_sbuf text = LV_SBUF_INIT;
    lv_sbuf_add_str(&text, value->text);
    for (const lv_ast *part = value->first; part; part = part->next)
        lv_sbuf_printf(&text, ".%.*s", LV_STR_ARG(part->text));
    return keep(arena, &text);
}

static void add_property(lv_build *build, lv_statement *statement, lv_option property)
{
    int count = statement->properties.count;
    lv_option *items = LV_NEW_ARRAY(build->arena, lv_option, count + 1);
    if (count > 0)
        memcpy(items, statement->properties.items, sizeof *items * (size_t)count);
    items[count] = property;
    statement->properties = (lv_options){items, count + 1};
}

static lv_status take_properties(lv_build *build, const lv_ast *ast, lv_statement *statement)
{
    for (const lv_ast *property = ast->first; property; property = property->next) {
        lv_str value = constant_text(build->arena, property->last);
        if (value.ptr == NULL)
            return lv_build_unsupported(build, property->last,
                                        "a table property that is no constant");
        add_property(build, statement, (lv_option){property->text, value, property->offset});
    }
    return LV_OK;
}

static lv_status take_partitions(lv_build *build, const lv_ast *ast, lv_statement *statement)
{
    lv_str *names = LV_NEW_ARRAY(build->arena, lv_str, ast->count + 1);
    int count = 0;
    for (const lv_ast *column = ast->first; column; column = column->next) {
        if (column->kind != LV_AST_NAME || column->count > 0)
            return lv_build_unsupported(build, column, "PARTITIONED BY anything but columns");
        names[count++] = column->text;
    }
    statement->partition_by = names;
    statement->partition_by_count = count;
    return LV_OK;
}

/* Rows are not laid out by these columns yet; they are kept where whoever does so will find them. */
static lv_status take_clustering(lv_build *build, const lv_ast *ast, lv_statement *statement)
{
    if (ast->text.len > 0)
        return LV_OK; /* AUTO, NONE */
    lv_sbuf columns = LV_SBUF_INIT;
    for (const lv_ast *column = ast->first; column; column = column->next) {
        if (column->kind != LV_AST_NAME) {
            lv_sbuf_release(&columns);
            return lv_build_unsupported(build, column, "CLUSTER BY anything but columns");
        }
        lv_sbuf_add_cstr(&columns, columns.len > 0 ? ",[" : "[[");
        lv_sbuf_add_json_string(&columns, column->text);
        for (const lv_ast *part = column->first; part; part = part->next) {
            lv_sbuf_add_char(&columns, ',');
            lv_sbuf_add_json_string(&columns, part->text);
        }
        lv_sbuf_add_char(&columns, ']');
    }
    lv_sbuf_add_char(&columns, ']');
    add_property(
        build, statement,
        (lv_option){LV_STR("levada.clusterBy"), keep(build->arena, &columns), ast->offset});
    return LV_OK;
}

static lv_status take_clause(lv_build *build, const lv_ast *clause, lv_statement *statement)
{
    switch (clause->kind) { /* dispatch */
    case LV_AST_PARTITIONED_BY: return take_partitions(build, clause, statement);
    case LV_AST_CLUSTERED_BY: return take_clustering(build, clause, statement);
    case LV_AST_LOCATION: statement->location = clause->text; return LV_OK;
    case LV_AST_COMMENT: statement->comment = clause->text; return LV_OK;
    case LV_AST_PROPERTIES: return take_properties(build, clause, statement);
    case LV_AST_USING:
        return lv_str_eq_nocase(clause->text, LV_STR("delta"))
                   ? LV_OK
                   : lv_build_unsupported(build, clause, "USING anything but DELTA");
    case LV_AST_OPTIONS: return lv_build_unsupported(build, clause, "OPTIONS");
    case LV_AST_COLLATION: return lv_build_unsupported(build, clause, "DEFAULT COLLATION");
    default: return lv_build_unsupported(build, clause, "SCHEDULE and TRIGGER");
    }
}

static const char *clause_name(lv_ast_kind kind)
{
    switch (kind) { /* dispatch */
    case LV_AST_PARTITIONED_BY: return "PARTITIONED BY";
    case LV_AST_CLUSTERED_BY: return "CLUSTER BY";
    case LV_AST_PROPERTIES: return "TBLPROPERTIES";
    default: return lv_ast_kind_name(kind);
    }
}

static lv_status take_clauses(lv_build *build, const lv_ast *clauses, lv_statement *statement)
{
    const lv_ast *clustered = NULL;
    for (const lv_ast *clause = clauses->first; clause; clause = clause->next) {
        for (const lv_ast *before = clauses->first; before != clause; before = before->next)
            if (before->kind == clause->kind) {
                lv_error_at(build->err, clause->offset, clause->length);
                return LV_FAIL(build->err, LV_DUPLICATE_CLAUSES,
                               "Found duplicate clauses: %s. Please, remove one of them",
                               clause_name(clause->kind));
            }
        if (clause->kind == LV_AST_CLUSTERED_BY && clause->count > 0)
            clustered = clause;
        LV_TRY(take_clause(build, clause, statement));
    }
    if (clustered != NULL && statement->partition_by_count > 0) {
        lv_error_hint(build->err, "leave out PARTITIONED BY");
        return lv_build_unsupported(build, clustered, "CLUSTER BY beside PARTITIONED BY");
    }
    return LV_OK;
}

/* ---- constraints ----------------------------------------------------------------------------- */

static lv_status take_expectation(lv_build *build, const lv_ast *ast, lv_expectation *out)
{
    const lv_ast *action = ast->count > 2 ? ast->last : NULL;
    *out = (lv_expectation){.name = ast->text,
                            .violation = action == NULL                        ? LV_VIOLATION_WARN
                                         : lv_str_is(action->text, "DROP ROW") ? LV_VIOLATION_DROP
                                                                               : LV_VIOLATION_FAIL};
    return lv_build_expr(build, lv_ast_child(ast, 1), &out->condition);
}

/* A primary key says something about rows that nobody checks, as on Databricks: it is kept as a property. */
static lv_status take_key(lv_build *build, const lv_ast *ast, lv_statement *statement)
{
    const lv_ast *names = lv_ast_find(ast, LV_AST_NAMES);
    const lv_str kind = ast->first->text;
    if (!lv_str_is(kind, "PRIMARY KEY")) {
        char what[64];
        snprintf(what, sizeof what, "the constraint %.*s", LV_STR_ARG(kind));
        if (lv_str_is(kind, "CHECK"))
            lv_error_hint(build->err,
                          "write CONSTRAINT name EXPECT (condition) ON VIOLATION FAIL UPDATE");
        return lv_build_unsupported(build, ast, what);
    }
    lv_sbuf text = LV_SBUF_INIT;
    for (const lv_ast *name = names->first; name; name = name->next) {
        lv_sbuf_add_cstr(&text, text.len > 0 ? ", " : "");
        lv_sql_add_name(&text, name->text);
    }
    add_property(build, statement,
                 (lv_option){LV_STR("levada.primaryKey"), keep(build->arena, &text), ast->offset});
    return LV_OK;
}

static lv_status take_constraints(lv_build *build, const lv_ast *columns, lv_statement *statement)
{
    lv_expectation *list = LV_NEW_ARRAY(build->arena, lv_expectation, columns->count + 1);
    int count = 0;
    for (const lv_ast *element = columns->first; element; element = element->next) {
        if (element->kind != LV_AST_CONSTRAINT)
            continue;
        if (!lv_str_is(element->first->text, "EXPECT")) {
            LV_TRY(take_key(build, element, statement));
            continue;
        }
        for (int i = 0; i < count; i++)
            if (lv_str_eq_nocase(list[i].name, element->text)) {
                lv_error_at(build->err, element->offset, element->length);
                return LV_FAIL(
                    build->err, LV_DUPLICATE_CLAUSES,
                    "Found duplicate clauses: CONSTRAINT %.*s. Please, remove one of them",
                    LV_STR_ARG(element->text));
            }
        LV_TRY(take_expectation(build, element, &list[count++]));
    }
    statement->expectations = list;
    statement->expectation_count = count;
    return LV_OK;
}

/* ---- columns --------------------------------------------------------------------------------- */

static lv_str comment_metadata(lv_arena *arena, lv_str comment)
{
    lv_sbuf text = LV_SBUF_INIT;
    lv_sbuf_add_cstr(&text, "{\"comment\":");
    lv_sbuf_add_json_string(&text, comment);
    lv_sbuf_add_char(&text, '}');
    return keep(arena, &text);
}

static lv_status take_column(lv_build *build, const lv_ast *column, lv_field *field)
{
    const lv_ast *type = lv_ast_find(column, LV_AST_TYPE);
    *field = (lv_field){.name = column->text, .nullable = true};
    if (type == NULL) {
        lv_error_hint(build->err, "write its type behind it");
        return lv_build_unsupported(build, column, "a table's column without a type");
    }
    LV_TRY(lv_build_type(build->arena, type, &field->type, build->err));
    for (const lv_ast *part = column->first; part; part = part->next) {
        switch (part->kind) { /* dispatch */
        case LV_AST_NOT_NULL: field->nullable = false; break;
        case LV_AST_COMMENT: field->metadata = comment_metadata(build->arena, part->text); break;
        case LV_AST_DEFAULT: return lv_build_unsupported(build, part, "DEFAULT of a column");
        case LV_AST_GENERATED:
            return lv_build_unsupported(build, part, "GENERATED ALWAYS AS of a column");
        case LV_AST_CONSTRAINT:
            return lv_build_unsupported(build, part, "PRIMARY KEY behind a column");
        default: break;
        }
    }
    return LV_OK;
}

/* The query's column of a field's name, stored as its type. */
static lv_expr *column_expr(lv_arena *arena, const lv_field *field, int64_t offset, int64_t length)
{
    lv_expr *name = lv_expr_new(arena, LV_EXPR_NAME, offset, length);
    lv_expr *cast = lv_expr_new(arena, LV_EXPR_CAST, offset, length);
    lv_str *names = LV_NEW(arena, lv_str);
    names[0] = field->name;
    name->names = names;
    name->name_count = 1;
    cast->type = field->type;
    cast->cast_mode = LV_CAST_ASSIGNMENT;
    cast->args = LV_NEW(arena, lv_expr *);
    cast->args[0] = name;
    cast->arg_count = 1;
    return cast;
}

static lv_status take_table_columns(lv_build *build, const lv_ast *columns, lv_statement *statement)
{
    lv_field *fields = LV_NEW_ARRAY(build->arena, lv_field, columns->count + 1);
    lv_expr **exprs = LV_NEW_ARRAY(build->arena, lv_expr *, columns->count + 1);
    int count = 0;
    for (const lv_ast *column = columns->first; column; column = column->next) {
        if (column->kind != LV_AST_COLUMN)
            continue;
        for (int i = 0; i < count; i++)
            if (lv_str_eq_nocase(fields[i].name, column->text)) {
                lv_error_at(build->err, column->offset, column->length);
                return LV_FAIL(build->err, LV_COLUMN_ALREADY_EXISTS,
                               "The column `%.*s` already exists. Choose another name or rename "
                               "the existing column",
                               LV_STR_ARG(column->text));
            }
        LV_TRY(take_column(build, column, &fields[count]));
        exprs[count] = column_expr(build->arena, &fields[count], column->offset, column->length);
        count++;
    }
    if (count > 0)
        statement->columns = lv_type_struct(build->arena, fields, count);
    statement->column_exprs = exprs;
    return take_constraints(build, columns, statement);
}

/* A view's column list only renames. */
static lv_status take_view_columns(lv_build *build, const lv_ast *columns, lv_plan **query)
{
    lv_str *names = LV_NEW_ARRAY(build->arena, lv_str, columns->count + 1);
    int count = 0;
    names[count++] = LV_STR("");
    for (const lv_ast *column = columns->first; column; column = column->next) {
        if (column->kind != LV_AST_COLUMN || lv_ast_find(column, LV_AST_TYPE))
            return lv_build_unsupported(build, column,
                                        "types and constraints in a view's column list");
        names[count++] = column->text;
    }
    lv_plan *alias = lv_plan_new(build->arena, LV_PLAN_ALIAS, query, 1);
    alias->sql_offset = columns->offset;
    alias->sql_length = columns->length;
    alias->names = names;
    alias->name_count = count;
    *query = alias;
    return LV_OK;
}

/* ---- statements ------------------------------------------------------------------------------ */

static lv_status build_table(lv_build *build, const lv_ast *ast, lv_statement *statement)
{
    const lv_ast *flags = lv_ast_find(ast, LV_AST_FLAGS);
    const lv_ast *columns = lv_ast_find(ast, LV_AST_COLUMNS);
    LV_TRY(refuse_flag(build, flags, "GLOBAL"));
    LV_TRY(refuse_flag(build, flags, "OR REPLACE"));
    LV_TRY(refuse_flag(build, flags, "TEMPORARY"));
    LV_TRY(take_clauses(build, lv_ast_find(ast, LV_AST_CLAUSES), statement));
    if (columns != NULL)
        LV_TRY(take_table_columns(build, columns, statement));
    return ast->last->kind == LV_AST_CLAUSES ? LV_OK
                                             : lv_build_query(build, ast->last, &statement->query);
}

static const lv_ast *find_parameter(const lv_ast *ast)
{
    const lv_ast *found = ast->kind == LV_AST_PARAMETER ? ast : NULL;
    for (const lv_ast *child = ast->first; child && found == NULL; child = child->next)
        found = find_parameter(child);
    return found;
}

static lv_status build_view(lv_build *build, const lv_ast *ast, lv_statement *statement)
{
    const lv_ast *flags = lv_ast_find(ast, LV_AST_FLAGS);
    const lv_ast *columns = lv_ast_find(ast, LV_AST_COLUMNS);
    const lv_ast *name = lv_ast_find(ast, LV_AST_NAME);
    const lv_ast *parameter = find_parameter(ast->last);
    statement->temporary = take_flag(flags, "TEMPORARY");
    statement->global = take_flag(flags, "GLOBAL");
    LV_TRY(refuse_flag(build, flags, "PRIVATE"));
    LV_TRY(refuse_flag(build, flags, "OR REFRESH"));
    if (statement->temporary && name->count > 0) {
        lv_error_at(build->err, name->offset, name->length);
        return LV_FAIL(
            build->err, LV_TEMP_VIEW_NAME_TOO_MANY_NAME_PARTS,
            "CREATE TEMPORARY VIEW or the corresponding Dataset APIs only accept "
            "single-part view names, but got: %.*s",
            LV_STR_ARG(lv_quote_names(build->arena, statement->names, statement->name_count)));
    }
    if (!statement->temporary && parameter != NULL) {
        lv_error_hint(build->err, "write CREATE TEMPORARY VIEW, or ${name} for :name");
        return lv_build_unsupported(build, parameter, "a parameter marker in a view that is kept");
    }
    LV_TRY(take_clauses(build, lv_ast_find(ast, LV_AST_CLAUSES), statement));
    LV_TRY(lv_build_query(build, ast->last, &statement->query));
    return columns ? take_view_columns(build, columns, &statement->query) : LV_OK;
}

/* CREATE FLOW name AS INSERT INTO table BY NAME query */
static lv_status build_flow(lv_build *build, const lv_ast *ast, lv_statement *statement)
{
    const lv_ast *name = lv_ast_find(ast, LV_AST_NAME);
    const lv_ast *insert = lv_ast_find(ast, LV_AST_INSERT_INTO);
    statement->once = lv_str_is(insert->text, "ONCE");
    statement->target =
        lv_build_names(build->arena, lv_ast_find(insert, LV_AST_NAME), &statement->target_count);
    if (name->count > 0) {
        lv_error_at(build->err, name->offset, name->length);
        return LV_FAIL(build->err, LV_MULTIPART_FLOW_NAME,
                       "Flow with multipart name '%.*s' is not supported",
                       LV_STR_ARG(constant_text(build->arena, name)));
    }
    if (insert->count < 2) {
        lv_error_hint(build->err, "write BY NAME behind the table's name");
        return lv_build_unsupported(build, insert, "CREATE FLOW without BY NAME");
    }
    LV_TRY(take_clauses(build, lv_ast_find(ast, LV_AST_CLAUSES), statement));
    return lv_build_query(build, ast->last, &statement->query);
}

lv_status lv_build_create(lv_build *build, const lv_ast *ast, lv_statement *statement)
{
    static const lv_statement_kind kinds[] = {[LV_AST_CREATE_STREAMING_TABLE] =
                                                  LV_STMT_CREATE_STREAMING_TABLE,
                                              [LV_AST_CREATE_VIEW] = LV_STMT_CREATE_VIEW,
                                              [LV_AST_CREATE_FLOW] = LV_STMT_CREATE_FLOW};
    const lv_ast *flags = lv_ast_find(ast, LV_AST_FLAGS);
    const lv_ast *name = lv_ast_find(ast, LV_AST_NAME);
    statement->kind = kinds[ast->kind];
    statement->names = lv_build_names(build->arena, name, &statement->name_count);
    statement->name = statement->names[statement->name_count - 1];
    statement->or_refresh = take_flag(flags, "OR REFRESH");
    statement->or_replace = take_flag(flags, "OR REPLACE");
    statement->if_not_exists = take_flag(flags, "IF NOT EXISTS");
    switch (statement->kind) {
    case LV_STMT_CREATE_VIEW: return build_view(build, ast, statement);
    case LV_STMT_CREATE_FLOW: return build_flow(build, ast, statement);
    default: return build_table(build, ast, statement);
    }
}

/* ---- what fills a table ---------------------------------------------------------------------- */

static lv_plan *expect(lv_arena *arena, const lv_statement *table, lv_plan *input)
{
    int count = table->expectation_count;
    lv_plan *plan = lv_plan_new(arena, LV_PLAN_EXPECT, &input, 1);
    lv_str *names = LV_NEW_ARRAY(arena, lv_str, count);
    lv_violation *violations = LV_NEW_ARRAY(arena, lv_violation, count);
    plan->exprs = LV_NEW_ARRAY(arena, lv_expr *, count);
    for (int i = 0; i < count; i++) {
        names[i] = table->expectations[i].name;
        violations[i] = table->expectations[i].violation;
        plan->exprs[i] = table->expectations[i].condition;
    }
    plan->names = names;
    plan->violations = violations;
    plan->expr_count = plan->name_count = count;
    return plan;
}

lv_plan *lv_plan_into_table(lv_arena *arena, const lv_statement *table, lv_plan *query,
                            const lv_type *columns, bool lenient)
{
    columns = table->columns != NULL ? table->columns : columns;
    if (columns != NULL) {
        query = lv_plan_new(arena, LV_PLAN_FIT, &query, 1);
        query->schema = columns;
        query->lenient = lenient;
        query->expr_count = columns->field_count;
        query->exprs = LV_NEW_ARRAY(arena, lv_expr *, columns->field_count);
        for (int i = 0; i < columns->field_count; i++)
            query->exprs[i] = table->columns != NULL
                                  ? table->column_exprs[i]
                                  : column_expr(arena, &columns->fields[i], -1, -1);
    }
    return table->expectation_count > 0 ? expect(arena, table, query) : query;
}
