/* build.c: syntax trees of queries to unresolved plans.
 *
 * Clauses that parse but cannot run yet are refused here, each by its name and place; so nothing
 * below has to know that they exist. */
#include <stdio.h>

#include "plan_int.h"

static lv_plan *new_plan(lv_build *build, lv_plan_kind kind, const lv_ast *ast, lv_plan *input)
{
    lv_plan *plan = lv_plan_new(build->arena, kind, &input, input != NULL);
    plan->sql_offset = ast->offset;
    plan->sql_length = ast->length;
    return plan;
}

static lv_status build_exprs(lv_build *build, const lv_ast *first, lv_plan *plan)
{
    LV_VEC(lv_expr *) exprs = {0};
    for (const lv_ast *child = first; child; child = child->next) {
        lv_expr *expr;
        LV_TRY(lv_build_expr(build, child, &expr));
        LV_VEC_PUSH(build->arena, exprs, expr);
    }
    plan->exprs = exprs.at;
    plan->expr_count = (int)exprs.count;
    return LV_OK;
}

static lv_plan *alias_plan(lv_build *build, const lv_ast *at, lv_plan *input, lv_str name,
                           const lv_ast *columns)
{
    lv_plan *plan = new_plan(build, LV_PLAN_ALIAS, at, input);
    int count = columns ? columns->count : 0;
    lv_str *names = LV_NEW_ARRAY(build->arena, lv_str, count + 1);
    names[0] = name;
    for (int i = 0; i < count; i++)
        names[i + 1] = lv_ast_child(columns, i)->text;
    plan->names = names;
    plan->name_count = count + 1;
    return plan;
}

/* ---- relations ------------------------------------------------------------------------------- */

static lv_status refuse_extras(lv_build *build, const lv_ast *ast)
{
    static const struct {
        lv_ast_kind kind;
        const char *what;
    } extras[] = {
        {LV_AST_WATERMARK, "WATERMARK"},
        {LV_AST_AS_OF, "time travel (VERSION AS OF, TIMESTAMP AS OF)"},
        {LV_AST_SAMPLE, "TABLESAMPLE"},
        {LV_AST_OPTIONS, "options of a relation (WITH)"},
    };
    for (const lv_ast *part = ast->first; part; part = part->next)
        for (size_t i = 0; i < LV_COUNT_OF(extras); i++)
            if (part->kind == extras[i].kind)
                return lv_build_unsupported(build, part, extras[i].what);
    return LV_OK;
}

static lv_plan *find_cte(const lv_build *build, const lv_ast *name)
{
    for (const lv_cte *cte = build->ctes; cte && name->count == 0; cte = cte->outer)
        if (lv_str_eq_nocase(cte->name, name->text)) {
            ((lv_cte *)cte)->used = true;
            return cte->plan;
        }
    return NULL;
}

static lv_status build_name(lv_build *build, const lv_ast *ast, bool is_stream, lv_plan **plan)
{
    const lv_ast *name = lv_ast_find(ast, LV_AST_NAME);
    lv_plan *cte = find_cte(build, name);
    if (cte != NULL) {
        *plan = alias_plan(build, name, cte, name->text, NULL);
        return LV_OK;
    }
    *plan = new_plan(build, LV_PLAN_RELATION, name, NULL);
    (*plan)->names = lv_build_names(build->arena, name, &(*plan)->name_count);
    (*plan)->is_stream = is_stream;
    return LV_OK;
}

/* What a table function that is a source reads; NULL if it is none. */
static const char *source_format(const lv_ast *call)
{
    static const char *const functions[][2] = {{"read_kafka", "kafka"}, {"read_files", "files"}};
    for (size_t i = 0; i < LV_COUNT_OF(functions); i++)
        if (call->first->count == 0 &&
            lv_str_eq_nocase(call->first->text, lv_str_of(functions[i][0])))
            return functions[i][1];
    return NULL;
}

/* The arguments of a source as its options; the first of read_files may stand without its name, path. */
static lv_status build_options(lv_build *build, const lv_ast *call, lv_plan *source)
{
    const lv_ast *arguments = lv_ast_find(call, LV_AST_ARGUMENTS);
    lv_str *names = LV_NEW_ARRAY(build->arena, lv_str, arguments->count + 1);
    source->exprs = LV_NEW_ARRAY(build->arena, lv_expr *, arguments->count + 1);
    for (const lv_ast *arg = arguments->first; arg; arg = arg->next) {
        bool is_named = arg->kind == LV_AST_NAMED_ARGUMENT;
        if (!is_named && (arg != arguments->first || !lv_str_is(source->format, "files"))) {
            lv_error_at(build->err, arg->offset, arg->length);
            return LV_FAIL(build->err, LV_UNEXPECTED_POSITIONAL_ARGUMENT,
                           "%.*s takes its options by name: option => value",
                           LV_STR_ARG(call->first->text));
        }
        names[source->expr_count] = is_named ? arg->text : LV_STR("path");
        LV_TRY(lv_build_expr(build, is_named ? arg->first : arg,
                             &source->exprs[source->expr_count++]));
    }
    source->names = names;
    source->name_count = source->expr_count;
    return LV_OK;
}

/* read_kafka(name => value, ...), read_files(path, ...): a SOURCE whose options are still expressions. */
static lv_status build_source(lv_build *build, const lv_ast *call, bool is_stream, lv_plan **plan)
{
    const char *format = source_format(call);
    if (format == NULL)
        return lv_build_table_function(build, call, NULL, NULL, plan);
    if (!is_stream && strcmp(format, "kafka") == 0) {
        lv_error_hint(build->err, "write STREAM %.*s(...)", LV_STR_ARG(call->first->text));
        return lv_build_unsupported(build, call, "reading Kafka as a batch");
    }
    *plan = new_plan(build, LV_PLAN_SOURCE, call, NULL);
    (*plan)->format = lv_str_of(format);
    (*plan)->is_stream = is_stream;
    return build_options(build, call, *plan);
}

static lv_status build_body(lv_build *build, const lv_ast *ast, lv_plan **plan);

/* IDENTIFIER('a.b'): the relation that a constant text names. */
static bool is_identifier_clause(const lv_ast *call)
{
    return call != NULL && call->first->kind == LV_AST_NAME && call->first->count == 0 &&
           lv_str_eq_nocase(call->first->text, LV_STR("IDENTIFIER"));
}

static lv_status build_identifier(lv_build *build, const lv_ast *call, bool is_stream,
                                  lv_plan **plan)
{
    const lv_ast *arguments = lv_ast_find(call, LV_AST_ARGUMENTS), *name = NULL;
    lv_expr *text = NULL;
    if (arguments->count == 1)
        LV_TRY(lv_build_expr(build, arguments->first, &text));
    bool constant = text != NULL && text->kind == LV_EXPR_LITERAL &&
                    text->type->kind == LV_TYPE_STRING && !lv_expr_is_null_literal(text);
    lv_error_at(build->err, call->offset, call->length);
    if (!constant)
        return LV_FAIL(
            build->err, LV_NOT_A_CONSTANT_STRING,
            "The expression used for the routine or clause IDENTIFIER must be a constant "
            "STRING which is NOT NULL");
    lv_str written = LV_AT(lv_str, text->literal, 0);
    lv_error own = LV_ERROR_INIT;
    if (lv_sql_parse_expression(build->arena, written, &name, &own) != LV_OK ||
        name->kind != LV_AST_NAME)
        return LV_FAIL(build->err, LV_PARSE_SYNTAX_ERROR, "Syntax error at or near '%.*s'",
                       LV_STR_ARG(written));
    *plan = new_plan(build, LV_PLAN_RELATION, call, NULL);
    (*plan)->names = lv_build_names(build->arena, name, &(*plan)->name_count);
    (*plan)->is_stream = is_stream;
    lv_error_clear(build->err);
    return LV_OK;
}

static lv_status build_relation(lv_build *build, const lv_ast *ast, lv_plan **plan)
{
    if (lv_build_lateral_call(ast) != NULL) /* there is nothing it could refer to */
        return build_relation(build, ast->first, plan);
    LV_TRY(refuse_extras(build, ast));
    const lv_ast *call = lv_ast_find(ast, LV_AST_CALL);
    const lv_ast *alias = lv_ast_find(ast, LV_AST_ALIAS_AS);
    bool identifier = is_identifier_clause(call);
    if (ast->kind == LV_AST_TABLE_FUNCTION && !identifier && source_format(call) == NULL)
        return lv_build_table_function(build, call, alias, NULL, plan);
    switch (ast->kind) {
    case LV_AST_RELATION: LV_TRY(build_name(build, ast, false, plan)); break;
    case LV_AST_STREAM:
        if (call == NULL)
            LV_TRY(build_name(build, ast, true, plan));
        else if (identifier)
            LV_TRY(build_identifier(build, call, true, plan));
        else
            LV_TRY(build_source(build, call, true, plan));
        break;
    case LV_AST_TABLE_FUNCTION:
        LV_TRY(identifier ? build_identifier(build, call, false, plan)
                          : build_source(build, call, false, plan));
        break;
    case LV_AST_SUBQUERY:
        LV_TRY(build_body(build, ast->first, plan));
        if (ast->first->kind == LV_AST_VALUES)
            return LV_OK; /* it has taken the alias */
        break;
    case LV_AST_NESTED: LV_TRY(build_relation(build, ast->first, plan)); break;
    case LV_AST_JOIN:
        if (lv_build_lateral_call(ast->first->next) == NULL)
            return lv_build_unsupported(build, ast, "JOIN");
        LV_TRY(build_relation(build, ast->first, plan));
        return lv_build_lateral_join(build, ast, *plan, plan);
    case LV_AST_LATERAL: return lv_build_unsupported(build, ast, "LATERAL subqueries");
    default: return lv_build_unsupported(build, ast, lv_ast_kind_name(ast->kind));
    }
    if (alias != NULL)
        *plan = alias_plan(build, alias, *plan, alias->text, lv_ast_find(alias, LV_AST_NAMES));
    else if (ast->kind == LV_AST_SUBQUERY) /* hides the relations inside */
        *plan = alias_plan(build, ast, *plan, LV_STR(""), NULL);
    return LV_OK;
}

static lv_status build_from(lv_build *build, const lv_ast *from, const lv_ast *select,
                            lv_plan **plan)
{
    if (from == NULL) {
        *plan = new_plan(build, LV_PLAN_VALUES, select, NULL);
        return LV_OK;
    }
    LV_TRY(build_relation(build, from->first, plan));
    for (const lv_ast *next = from->first->next; next; next = next->next) {
        const lv_ast *function = lv_build_lateral_call(next);
        if (next->kind == LV_AST_LATERAL_VIEW)
            LV_TRY(lv_build_lateral_view(build, next, plan));
        else if (function != NULL)
            LV_TRY(lv_build_table_function(build, lv_ast_find(function, LV_AST_CALL),
                                           lv_ast_find(function, LV_AST_ALIAS_AS), *plan, plan));
        else
            return lv_build_unsupported(build, next, "several relations in FROM (a cross join)");
    }
    return LV_OK;
}

/* ---- queries --------------------------------------------------------------------------------- */

static lv_status refuse_clauses(lv_build *build, const lv_ast *ast)
{
    static const struct {
        lv_ast_kind kind;
        const char *what;
    } clauses[] = {
        {LV_AST_GROUP_BY, "GROUP BY"}, {LV_AST_HAVING, "HAVING"},
        {LV_AST_QUALIFY, "QUALIFY"},   {LV_AST_WINDOWS, "WINDOW"},
        {LV_AST_SORT_BY, "SORT BY"},   {LV_AST_DISTRIBUTE_BY, "DISTRIBUTE BY and CLUSTER BY"},
    };
    for (const lv_ast *part = ast->first; part; part = part->next)
        for (size_t i = 0; i < LV_COUNT_OF(clauses); i++)
            if (part->kind == clauses[i].kind)
                return lv_build_unsupported(build, part, clauses[i].what);
    return LV_OK;
}

static lv_status build_select(lv_build *build, const lv_ast *ast, lv_plan **plan)
{
    LV_TRY(refuse_clauses(build, ast));
    LV_TRY(build_from(build, lv_ast_find(ast, LV_AST_FROM), ast, plan));
    const lv_ast *where = lv_ast_find(ast, LV_AST_WHERE);
    if (where != NULL) {
        *plan = new_plan(build, LV_PLAN_FILTER, where, *plan);
        LV_TRY(build_exprs(build, where->first, *plan));
    }
    *plan = new_plan(build, LV_PLAN_PROJECT, ast, *plan);
    LV_TRY(build_exprs(build, lv_ast_find(ast, LV_AST_ITEMS)->first, *plan));
    if (lv_ast_find(ast, LV_AST_FLAG) != NULL) /* DISTINCT */
        *plan = new_plan(build, LV_PLAN_SET, ast, *plan);
    return LV_OK;
}

/* The cells of a row of VALUES, (a, b) or struct(a, b); NULL if it is an expression by itself. */
static const lv_ast *row_cells(const lv_ast *row)
{
    if (row->kind == LV_AST_TUPLE)
        return row;
    bool is_struct = row->kind == LV_AST_CALL && row->first->kind == LV_AST_NAME &&
                     row->first->count == 0 && lv_str_eq_nocase(row->first->text, LV_STR("struct"));
    const lv_ast *arguments = is_struct ? lv_ast_find(row, LV_AST_ARGUMENTS) : NULL;
    return arguments != NULL && arguments->count > 0 ? arguments : NULL;
}

static lv_status build_values(lv_build *build, const lv_ast *ast, lv_plan **plan)
{
    const lv_ast *alias = lv_ast_find(ast, LV_AST_ALIAS_AS);
    int width = -1;
    lv_plan *values = new_plan(build, LV_PLAN_VALUES, ast, NULL);
    LV_VEC(lv_expr *) exprs = {0};
    for (const lv_ast *row = ast->first; row && row != alias; row = row->next) {
        const lv_ast *list = row_cells(row);
        bool is_tuple = list != NULL;
        int count = is_tuple ? list->count : 1;
        if (width >= 0 && count != width) {
            lv_error_at(build->err, row->offset, row->length);
            return LV_FAIL(build->err, LV_INVALID_INLINE_TABLE,
                           "Invalid inline table: expected %d columns but found %d columns", width,
                           count);
        }
        width = count;
        for (const lv_ast *cell = is_tuple ? list->first : row; cell;
             cell = is_tuple ? cell->next : NULL) {
            lv_expr *expr;
            LV_TRY(lv_build_expr(build, cell->kind == LV_AST_ALIAS ? cell->first : cell, &expr));
            LV_VEC_PUSH(build->arena, exprs, expr);
        }
    }
    lv_str *names = LV_NEW_ARRAY(build->arena, lv_str, width);
    for (int i = 0; i < width; i++)
        names[i] = lv_str_of(lv_arena_printf(build->arena, "col%d", i + 1));
    values->exprs = exprs.at;
    values->expr_count = (int)exprs.count;
    values->names = names;
    values->name_count = width;
    *plan = values;
    const lv_ast *columns = alias ? lv_ast_find(alias, LV_AST_NAMES) : NULL;
    if (columns != NULL && columns->count != width) {
        lv_error_at(build->err, alias->offset, alias->length);
        return LV_FAIL(build->err, LV_INVALID_INLINE_TABLE,
                       "Invalid inline table: expected %d columns but found %d columns",
                       columns->count, width);
    }
    if (alias != NULL)
        *plan = alias_plan(build, alias, *plan, alias->text, columns);
    return LV_OK;
}

static lv_status build_set_operation(lv_build *build, const lv_ast *ast, lv_plan **plan)
{
    static const struct {
        const char *text;
        lv_set_op op;
    } operations[] = {
        {"EXCEPT DISTINCT", LV_SET_EXCEPT},
        {"EXCEPT ALL", LV_SET_EXCEPT_ALL},
        {"INTERSECT DISTINCT", LV_SET_INTERSECT},
        {"INTERSECT ALL", LV_SET_INTERSECT_ALL},
    };
    bool is_union = lv_str_starts(ast->text, LV_STR("UNION"));
    lv_plan *inputs[2];
    LV_TRY(build_body(build, ast->first, &inputs[0]));
    LV_TRY(build_body(build, ast->last, &inputs[1]));
    *plan = lv_plan_new(build->arena, is_union ? LV_PLAN_UNION : LV_PLAN_SET, inputs, 2);
    (*plan)->sql_offset = ast->offset;
    (*plan)->sql_length = ast->length;
    for (size_t i = 0; i < LV_COUNT_OF(operations); i++)
        if (lv_str_is(ast->text, operations[i].text))
            (*plan)->set_op = operations[i].op;
    if (lv_str_is(ast->text, "UNION DISTINCT"))
        *plan = new_plan(build, LV_PLAN_SET, ast, *plan);
    return LV_OK;
}

static lv_status build_body(lv_build *build, const lv_ast *ast, lv_plan **plan)
{
    switch (ast->kind) {
    case LV_AST_QUERY: return lv_build_query(build, ast, plan);
    case LV_AST_SELECT: return build_select(build, ast, plan);
    case LV_AST_VALUES: return build_values(build, ast, plan);
    case LV_AST_SET_OPERATION: return build_set_operation(build, ast, plan);
    case LV_AST_RELATION: return build_relation(build, ast, plan);
    default: return lv_build_unsupported(build, ast, lv_ast_kind_name(ast->kind));
    }
}

static lv_status build_with(lv_build *build, const lv_ast *with)
{
    if (with->text.len > 0)
        return lv_build_unsupported(build, with, "WITH RECURSIVE");
    for (const lv_ast *ast = with->first; ast; ast = ast->next) {
        for (const lv_ast *other = with->first; other != ast; other = other->next)
            if (lv_str_eq_nocase(other->text, ast->text)) {
                lv_error_at(build->err, ast->offset, ast->length);
                return LV_FAIL(build->err, LV_DUPLICATED_CTE_NAMES,
                               "CTE definition can't have duplicate names: `%.*s`",
                               LV_STR_ARG(ast->text));
            }
        lv_cte *cte = LV_NEW(build->arena, lv_cte);
        cte->name = ast->text;
        LV_TRY(lv_build_query(build, ast->last, &cte->plan));
        const lv_ast *columns = lv_ast_find(ast, LV_AST_NAMES);
        if (columns != NULL)
            cte->plan = alias_plan(build, ast, cte->plan, cte->name, columns);
        cte->outer = build->ctes;
        build->ctes = cte;
    }
    return LV_OK;
}

/* WITH queries that nothing uses are analyzed all the same: as inputs of an alias that gives its first one only. */
static void check_unused(lv_build *build, const lv_ast *with, const lv_cte *outer, lv_plan **plan)
{
    LV_VEC(lv_plan *) inputs = {0};
    LV_VEC_PUSH(build->arena, inputs, *plan);
    for (const lv_cte *cte = build->ctes; cte != outer; cte = cte->outer)
        if (!cte->used)
            LV_VEC_PUSH(build->arena, inputs, cte->plan);
    if (inputs.count == 1)
        return;
    lv_plan *all = lv_plan_new(build->arena, LV_PLAN_ALIAS, inputs.at, (int)inputs.count);
    all->sql_offset = with->offset;
    all->sql_length = with->length;
    all->is_stream = (*plan)->is_stream;
    all->names = LV_NEW(build->arena, lv_str);
    all->name_count = 1;
    *plan = all;
}

static lv_status build_order(lv_build *build, const lv_ast *order, lv_plan **plan)
{
    lv_plan *sort = new_plan(build, LV_PLAN_SORT, order, *plan);
    lv_sort_key *keys = LV_NEW_ARRAY(build->arena, lv_sort_key, order->count);
    sort->exprs = LV_NEW_ARRAY(build->arena, lv_expr *, order->count);
    for (const lv_ast *item = order->first; item; item = item->next) {
        lv_sort_key *key = &keys[sort->expr_count];
        key->descending = lv_str_starts(item->text, LV_STR("DESC"));
        key->nulls_first = lv_str_ends(item->text, LV_STR("FIRST")) ||
                           (!key->descending && !lv_str_ends(item->text, LV_STR("LAST")));
        LV_TRY(lv_build_expr(build, item->first, &sort->exprs[sort->expr_count++]));
    }
    if (order->count == 1 && order->first->first->kind == LV_AST_NAME &&
        order->first->first->count == 0 &&
        lv_str_eq_nocase(order->first->first->text, LV_STR("ALL")))
        sort->exprs[0]->kind = LV_EXPR_STAR; /* by all columns, in order */
    sort->sort = keys;
    *plan = sort;
    return LV_OK;
}

/* LIMIT and OFFSET stay expressions until they are analyzed: exprs[0] and exprs[1], NULL if missing. */
static lv_status build_limit(lv_build *build, const lv_ast *limit, const lv_ast *offset,
                             lv_plan **plan)
{
    lv_plan *out = new_plan(build, LV_PLAN_LIMIT, limit ? limit : offset, *plan);
    out->exprs = LV_NEW_ARRAY(build->arena, lv_expr *, 2);
    out->expr_count = 2;
    if (limit != NULL)
        LV_TRY(lv_build_expr(build, limit->first, &out->exprs[0]));
    if (offset != NULL)
        LV_TRY(lv_build_expr(build, offset->first, &out->exprs[1]));
    *plan = out;
    return LV_OK;
}

lv_status lv_build_query(lv_build *build, const lv_ast *ast, lv_plan **plan)
{
    if (ast->kind != LV_AST_QUERY)
        return build_body(build, ast, plan);
    lv_cte *outer = build->ctes;
    const lv_ast *with = lv_ast_find(ast, LV_AST_WITH);
    const lv_ast *order = lv_ast_find(ast, LV_AST_ORDER_BY);
    const lv_ast *limit = lv_ast_find(ast, LV_AST_LIMIT);
    const lv_ast *offset = lv_ast_find(ast, LV_AST_OFFSET);
    LV_TRY(refuse_clauses(build, ast));
    if (with != NULL)
        LV_TRY(build_with(build, with));
    LV_TRY(build_body(build, ast->first, plan));
    check_unused(build, with, outer, plan);
    build->ctes = outer;
    if (order != NULL)
        LV_TRY(build_order(build, order, plan));
    if (limit != NULL && limit->count == 0)
        limit = NULL; /* LIMIT ALL */
    if (limit != NULL || offset != NULL)
        LV_TRY(build_limit(build, limit, offset, plan));
    return LV_OK;
}
