/* statements.c: a file's statements from its syntax trees. Each is checked by itself, so that all errors
 * of a file are reported. */
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

/* ---- clauses --------------------------------------------------------------------------------- */

static lv_str constant_text(const lv_ast *value)
{
    return value->kind == LV_AST_STRING || value->kind == LV_AST_NUMBER ||
                   value->kind == LV_AST_NAME
               ? value->text
           : value->kind == LV_AST_BOOLEAN
               ? (lv_str_is(value->text, "TRUE") ? LV_STR("true") : LV_STR("false"))
               : LV_STR_NONE;
}

static lv_status take_properties(lv_build *build, const lv_ast *ast, lv_options *properties)
{
    lv_option *items = LV_NEW_ARRAY(build->arena, lv_option, ast->count + 1);
    int count = 0;
    for (const lv_ast *property = ast->first; property; property = property->next) {
        lv_str value = constant_text(property->last);
        if (value.ptr == NULL)
            return lv_build_unsupported(build, property->last,
                                        "a table property that is no constant");
        items[count++] = (lv_option){property->text, value, property->offset};
    }
    *properties = (lv_options){items, count};
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

static lv_status take_clauses(lv_build *build, const lv_ast *clauses, lv_statement *statement)
{
    for (const lv_ast *clause = clauses->first; clause; clause = clause->next) {
        switch (clause->kind) {
        case LV_AST_PARTITIONED_BY: LV_TRY(take_partitions(build, clause, statement)); break;
        case LV_AST_LOCATION: statement->location = clause->text; break;
        case LV_AST_COMMENT: statement->comment = clause->text; break;
        case LV_AST_PROPERTIES:
            LV_TRY(take_properties(build, clause, &statement->properties));
            break;
        case LV_AST_USING:
            if (!lv_str_eq_nocase(clause->text, LV_STR("delta")))
                return lv_build_unsupported(build, clause, "USING anything but DELTA");
            break;
        case LV_AST_CLUSTERED_BY: return lv_build_unsupported(build, clause, "CLUSTER BY");
        case LV_AST_OPTIONS: return lv_build_unsupported(build, clause, "OPTIONS");
        case LV_AST_COLLATION: return lv_build_unsupported(build, clause, "DEFAULT COLLATION");
        default: return lv_build_unsupported(build, clause, "SCHEDULE and TRIGGER");
        }
    }
    return LV_OK;
}

/* ---- columns --------------------------------------------------------------------------------- */

/* (a INT, b STRING): the query's columns of these names, stored as these types. */
static lv_status take_typed_columns(lv_build *build, const lv_ast *columns, lv_plan **query)
{
    lv_plan *project = lv_plan_new(build->arena, LV_PLAN_PROJECT, query, 1);
    project->sql_offset = columns->offset;
    project->sql_length = columns->length;
    project->exprs = LV_NEW_ARRAY(build->arena, lv_expr *, columns->count + 1);
    for (const lv_ast *column = columns->first; column; column = column->next) {
        if (column->kind != LV_AST_COLUMN)
            return lv_build_unsupported(build, column,
                                        "constraints (CONSTRAINT ... EXPECT, PRIMARY KEY, CHECK)");
        const lv_ast *type = lv_ast_find(column, LV_AST_TYPE);
        for (const lv_ast *part = column->first; part; part = part->next)
            if (part->kind != LV_AST_TYPE)
                return lv_build_unsupported(
                    build, part,
                    "NOT NULL, COMMENT, DEFAULT and GENERATED in a table's column list");
        if (type == NULL)
            return lv_build_unsupported(build, column, "a table's column without a type");
        lv_expr *name = lv_expr_new(build->arena, LV_EXPR_NAME, column->offset, column->length);
        lv_expr *cast = lv_expr_new(build->arena, LV_EXPR_CAST, column->offset, column->length);
        lv_expr *alias = lv_expr_new(build->arena, LV_EXPR_ALIAS, column->offset, column->length);
        name->names = alias->names = &column->text;
        name->name_count = alias->name_count = 1;
        LV_TRY(lv_build_type(build->arena, type, &cast->type, build->err));
        cast->cast_mode = LV_CAST_ASSIGNMENT;
        cast->args = LV_NEW(build->arena, lv_expr *);
        cast->args[0] = name;
        alias->args = LV_NEW(build->arena, lv_expr *);
        alias->args[0] = cast;
        cast->arg_count = alias->arg_count = 1;
        project->exprs[project->expr_count++] = alias;
    }
    *query = project;
    return LV_OK;
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

static lv_status build_create(lv_build *build, const lv_ast *ast, lv_statement *statement)
{
    bool is_view = ast->kind == LV_AST_CREATE_VIEW;
    const lv_ast *flags = lv_ast_find(ast, LV_AST_FLAGS);
    const lv_ast *columns = lv_ast_find(ast, LV_AST_COLUMNS);
    const lv_ast *name = lv_ast_find(ast, LV_AST_NAME);
    const lv_ast *query = ast->last;
    statement->kind = is_view ? LV_STMT_CREATE_VIEW : LV_STMT_CREATE_STREAMING_TABLE;
    statement->name = name->last ? name->last->text : name->text;
    statement->or_refresh = take_flag(flags, "OR REFRESH");
    statement->or_replace = take_flag(flags, "OR REPLACE");
    statement->temporary = take_flag(flags, "TEMPORARY");
    statement->if_not_exists = take_flag(flags, "IF NOT EXISTS");
    LV_TRY(refuse_flag(build, flags, "PRIVATE"));
    LV_TRY(refuse_flag(build, flags, "GLOBAL"));
    LV_TRY(refuse_flag(build, flags, is_view ? "OR REFRESH" : "OR REPLACE"));
    if (is_view && !statement->temporary) {
        lv_error_hint(build->err, "write CREATE TEMPORARY VIEW");
        return lv_build_unsupported(build, name, "CREATE VIEW without TEMPORARY");
    }
    if (!is_view)
        LV_TRY(refuse_flag(build, flags, "TEMPORARY"));
    if (query->kind == LV_AST_CLAUSES)
        return lv_build_unsupported(build, name, "CREATE STREAMING TABLE without AS query");
    LV_TRY(take_clauses(build, lv_ast_find(ast, LV_AST_CLAUSES), statement));
    LV_TRY(lv_build_query(build, query, &statement->query));
    if (columns == NULL)
        return LV_OK;
    return is_view ? take_view_columns(build, columns, &statement->query)
                   : take_typed_columns(build, columns, &statement->query);
}

static lv_str join_names(lv_arena *arena, const lv_ast *name)
{
    lv_sbuf out = LV_SBUF_INIT;
    lv_sbuf_add_str(&out, name->text);
    for (const lv_ast *part = name->first; part; part = part->next)
        lv_sbuf_printf(&out, ".%.*s", LV_STR_ARG(part->text));
    lv_str text = lv_str_dup(arena, lv_sbuf_str(&out));
    lv_sbuf_release(&out);
    return text;
}

static lv_status build_statement(lv_build *build, const lv_ast *ast, lv_statement *statement)
{
    *statement = (lv_statement){.sql_offset = ast->offset, .sql_length = ast->length};
    switch (ast->kind) { /* dispatch */
    case LV_AST_SET:
        statement->kind = LV_STMT_SET;
        statement->name = ast->text;
        statement->value = ast->first ? ast->first->text : LV_STR_NONE;
        return LV_OK;
    case LV_AST_RESET:
        statement->kind = LV_STMT_RESET;
        statement->name = ast->text;
        return LV_OK;
    case LV_AST_USE:
        statement->kind = LV_STMT_USE;
        statement->name = join_names(build->arena, ast->first);
        return LV_OK;
    case LV_AST_EXPLAIN:
        statement->kind = LV_STMT_EXPLAIN;
        statement->extended = ast->text.len > 0;
        return lv_build_query(build, ast->first, &statement->query);
    case LV_AST_CREATE_STREAMING_TABLE:
    case LV_AST_CREATE_VIEW: return build_create(build, ast, statement);
    case LV_AST_CREATE_MATERIALIZED_VIEW:
        return lv_build_unsupported(build, ast->first, "CREATE MATERIALIZED VIEW");
    case LV_AST_CREATE_FLOW: return lv_build_unsupported(build, ast->first, "CREATE FLOW");
    case LV_AST_OTHER: {
        char what[80];
        snprintf(what, sizeof what, "the statement %.*s", LV_STR_ARG(ast->text));
        return lv_build_unsupported(build, ast, what);
    }
    default: statement->kind = LV_STMT_QUERY; return lv_build_query(build, ast, &statement->query);
    }
}

lv_status lv_statements_parse(lv_arena *arena, lv_str text, const lv_options *parameters,
                              lv_error_sink on_error, void *ctx, lv_statement **statements,
                              size_t *count, lv_error *err)
{
    lv_sql_parameters given = {0};
    if (parameters != NULL) {
        lv_sql_parameter *items = LV_NEW_ARRAY(arena, lv_sql_parameter, parameters->count + 1);
        for (int i = 0; i < parameters->count; i++)
            items[i] = (lv_sql_parameter){parameters->items[i].name, parameters->items[i].value};
        given = (lv_sql_parameters){items, parameters->count};
    }
    const lv_ast **trees;
    size_t tree_count;
    lv_status first = lv_sql_parse(arena, text, &given, on_error, ctx, &trees, &tree_count, err);
    LV_VEC(lv_statement) list = {0};
    for (size_t i = 0; i < tree_count; i++) {
        lv_error own = LV_ERROR_INIT;
        lv_statement statement;
        lv_build build = {.arena = arena, .parameters = parameters, .err = &own};
        lv_status status = build_statement(&build, trees[i], &statement);
        if (status == LV_OK) {
            LV_VEC_PUSH(arena, list, statement);
            continue;
        }
        if (on_error)
            on_error(ctx, &own);
        if (first == LV_OK && err)
            *err = own;
        first = first == LV_OK ? status : first;
    }
    *statements = list.at;
    *count = list.count;
    return first;
}
