/* statements.c: a file's statements from its syntax trees. Each is checked by itself, so that all errors
 * of a file are reported. */
#include <stdio.h>

#include "plan_int.h"

static void take_names(lv_build *build, const lv_ast *name, lv_statement *statement)
{
    statement->names = lv_build_names(build->arena, name, &statement->name_count);
    statement->name = statement->names[statement->name_count - 1];
}

/* SHOW COLUMNS IN t IN s: the schema comes before the table's name. */
static void put_schema_first(lv_build *build, const lv_ast *schema, lv_statement *statement)
{
    int count;
    const lv_str *before = lv_build_names(build->arena, schema, &count);
    lv_str *names = LV_NEW_ARRAY(build->arena, lv_str, count + 1);
    memcpy(names, before, sizeof *names * (size_t)count);
    names[count] = statement->name;
    statement->names = names;
    statement->name_count = count + 1;
}

static lv_status build_show(lv_build *build, const lv_ast *ast, lv_statement *statement)
{
    const lv_ast *name = lv_ast_find(ast, LV_AST_NAME);
    const lv_ast *schema = lv_ast_find(ast, LV_AST_CLAUSES);
    const lv_ast *pattern = lv_ast_find(ast, LV_AST_STRING);
    const lv_ast *key = lv_ast_find(ast, LV_AST_PROPERTY);
    const lv_ast *column = lv_ast_find(ast, LV_AST_COLUMN);
    statement->value = ast->text;
    statement->extended = lv_ast_find(ast, LV_AST_FLAG) != NULL;
    statement->pattern = pattern  ? pattern->text
                         : key    ? key->text
                         : column ? column->text
                                  : LV_STR_NONE;
    if (name != NULL) {
        take_names(build, name, statement);
        statement->target_offset = name->offset;
        statement->target_length = name->length;
    }
    if (schema != NULL)
        put_schema_first(build, schema->first, statement);
    return lv_str_is(ast->text, "QUERY") ? lv_build_query(build, ast->first, &statement->query)
                                         : LV_OK;
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
        statement->value = ast->text;
        take_names(build, ast->first, statement);
        return LV_OK;
    case LV_AST_EXPLAIN:
        statement->kind = LV_STMT_EXPLAIN;
        statement->extended = ast->text.len > 0;
        return lv_build_query(build, ast->first, &statement->query);
    case LV_AST_CREATE_STREAMING_TABLE:
    case LV_AST_CREATE_FLOW:
    case LV_AST_CREATE_VIEW: return lv_build_create(build, ast, statement);
    case LV_AST_SHOW: statement->kind = LV_STMT_SHOW; return build_show(build, ast, statement);
    case LV_AST_DESCRIBE:
        statement->kind = LV_STMT_DESCRIBE;
        return build_show(build, ast, statement);
    case LV_AST_CREATE_MATERIALIZED_VIEW:
        return lv_build_unsupported(build, ast->first, "CREATE MATERIALIZED VIEW");
    case LV_AST_OTHER: {
        char what[80];
        snprintf(what, sizeof what, "the statement %.*s", LV_STR_ARG(ast->text));
        return lv_build_unsupported(build, ast, what);
    }
    default: statement->kind = LV_STMT_QUERY; return lv_build_query(build, ast, &statement->query);
    }
}

/* ---- what Spark's pipelines lack -------------------------------------------------------------- */

typedef LV_VEC(lv_statement_extra) extra_list;

/* What OSS Spark's grammar, or its pipelines, would say no to. */
static const char *extra_of(const lv_ast *ast)
{
    static const struct {
        lv_ast_kind kind;
        const char *text; /* NULL: any */
        const char *what;
    } extras[] = {
        {LV_AST_FLAG, "OR REFRESH", "OR REFRESH"},
        {LV_AST_FLAG, "PRIVATE", "PRIVATE"},
        {LV_AST_FLAG, "EXPECT", "CONSTRAINT ... EXPECT"},
        {LV_AST_FLAG, "PRIMARY KEY", "PRIMARY KEY"},
        {LV_AST_CLUSTERED_BY, "AUTO", "CLUSTER BY AUTO"},
        {LV_AST_CLUSTERED_BY, "NONE", "CLUSTER BY NONE"},
        {LV_AST_LOCATION, NULL, "LOCATION"},
        {LV_AST_INSERT_INTO, "ONCE", "INSERT ONCE"},
        {LV_AST_RESET, NULL, "RESET in a pipeline file"},
    };
    for (size_t i = 0; i < LV_COUNT_OF(extras); i++)
        if (ast->kind == extras[i].kind &&
            (extras[i].text == NULL || lv_str_is(ast->text, extras[i].text)))
            return extras[i].what;
    if (ast->kind == LV_AST_PROPERTY && ast->last != NULL && ast->last->kind == LV_AST_NAME)
        return "a table property without quotes";
    if (ast->kind == LV_AST_CALL && ast->first->kind == LV_AST_NAME &&
        lv_str_eq_nocase(ast->first->text, LV_STR("read_kafka")))
        return "read_kafka";
    return NULL;
}

static void find_extras(lv_arena *arena, const lv_ast *ast, extra_list *list)
{
    const char *what = extra_of(ast);
    if (what != NULL)
        LV_VEC_PUSH(arena, *list, ((lv_statement_extra){what, ast->offset, ast->length}));
    for (const lv_ast *child = ast->first; child; child = child->next)
        find_extras(arena, child, list);
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
            if (statement.kind == LV_STMT_CREATE_VIEW)
                statement.text = lv_sql_replace(
                    arena, lv_str_sub(text, (size_t)trees[i]->offset, (size_t)trees[i]->length),
                    &given);
            extra_list extras = {0};
            find_extras(arena, trees[i], &extras);
            statement.extras = extras.at;
            statement.extra_count = (int)extras.count;
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
