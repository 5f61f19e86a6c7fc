/* statements.c: a file's statements from its syntax trees. Each is checked by itself, so that all errors
 * of a file are reported. */
#include <stdio.h>

#include "plan_int.h"

static void take_names(lv_build *build, const lv_ast *name, lv_statement *statement)
{
    statement->names = lv_build_names(build->arena, name, &statement->name_count);
    statement->name = statement->names[statement->name_count - 1];
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
