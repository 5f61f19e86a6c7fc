/* build_expr.c: syntax trees of expressions to unresolved expressions.
 *
 * Forms that Spark defines by others are made of them here (BETWEEN, IS TRUE, CASE x WHEN), with a
 * label where their printed name is their own. What parses but cannot run is refused by name. */
#include "plan_int.h"

lv_status lv_build_unsupported(lv_build *build, const lv_ast *at, const char *what)
{
    lv_error_at(build->err, at->offset, at->length);
    return LV_FAIL(build->err, LV_UNSUPPORTED_FEATURE, "The feature is not supported: %s", what);
}

const lv_str *lv_build_names(lv_arena *arena, const lv_ast *name, int *count)
{
    lv_str *parts = LV_NEW_ARRAY(arena, lv_str, name->count + 1);
    int n = 0;
    parts[n++] = name->text;
    for (const lv_ast *part = name->first; part; part = part->next)
        parts[n++] = part->text;
    *count = n;
    return parts;
}

static lv_expr *new_expr(lv_build *build, lv_expr_kind kind, const lv_ast *ast)
{
    return lv_expr_new(build->arena, kind, ast->offset, ast->length);
}

static lv_expr *apply(lv_build *build, const lv_ast *at, const char *name, lv_expr *const *args,
                      int count)
{
    lv_expr place = {.sql_offset = at->offset, .sql_length = at->length};
    return lv_expr_apply(build->arena, lv_str_of(name), args, count, &place);
}

static lv_expr *apply2(lv_build *build, const lv_ast *at, const char *name, lv_expr *a, lv_expr *b)
{
    return apply(build, at, name, (lv_expr *[]){a, b}, 2);
}

static lv_expr *negate(lv_build *build, const lv_ast *at, lv_expr *expr)
{
    return apply(build, at, "not", &expr, 1);
}

/** Builds the children from `first` on. */
static lv_status build_list(lv_build *build, const lv_ast *first, lv_expr ***exprs, int *count)
{
    LV_VEC(lv_expr *) list = {0};
    for (const lv_ast *child = first; child; child = child->next) {
        lv_expr *expr;
        LV_TRY(lv_build_expr(build, child, &expr));
        LV_VEC_PUSH(build->arena, list, expr);
    }
    *exprs = list.at;
    *count = (int)list.count;
    return LV_OK;
}

static bool has_prefix_not(lv_str text)
{
    return lv_str_starts(text, LV_STR("NOT"));
}

/* ---- conditions ------------------------------------------------------------------------------ */

static lv_status build_is(lv_build *build, const lv_ast *ast, lv_expr **expr)
{
    lv_expr **args;
    int count;
    LV_TRY(build_list(build, ast->first, &args, &count));
    bool negative = has_prefix_not(ast->text);
    lv_str what = negative ? lv_str_sub(ast->text, 4, ast->text.len - 4) : ast->text;
    if (lv_str_is(what, "NULL") || lv_str_is(what, "UNKNOWN")) {
        *expr = apply(build, ast, negative ? "isnotnull" : "isnull", args, 1);
        return LV_OK;
    }
    lv_expr *right =
        count == 2 ? args[1]
                   : lv_expr_bool(build->arena, lv_str_is(what, "TRUE"), ast->offset, ast->length);
    lv_expr *same = apply2(build, ast, "<=>", args[0], right);
    *expr = negative == (count == 2) ? same : negate(build, ast, same);
    return LV_OK;
}

static lv_status build_between(lv_build *build, const lv_ast *ast, lv_expr **expr)
{
    lv_expr **args;
    int count;
    LV_TRY(build_list(build, ast->first, &args, &count));
    lv_expr *low = apply2(build, ast, ">=", args[0], args[1]);
    lv_expr *high = apply2(build, ast, "<=", args[0], args[2]);
    low->label = high->label = LV_STR("bound");
    lv_expr *both = apply2(build, ast, "and", low, high);
    both->label = LV_STR("between");
    *expr = has_prefix_not(ast->text) ? negate(build, ast, both) : both;
    return LV_OK;
}

static lv_status build_in(lv_build *build, const lv_ast *ast, lv_expr **expr)
{
    if (ast->first->next->kind == LV_AST_QUERY)
        return lv_build_unsupported(build, ast->first->next, "subquery in IN");
    lv_expr **args;
    int count;
    LV_TRY(build_list(build, ast->first, &args, &count));
    lv_expr *in = apply(build, ast, "in", args, count);
    *expr = has_prefix_not(ast->text) ? negate(build, ast, in) : in;
    return LV_OK;
}

static const char *like_function(lv_str text)
{
    return lv_str_ends(text, LV_STR("ILIKE"))   ? "ilike"
           : lv_str_ends(text, LV_STR("RLIKE")) ? "rlike"
                                                : "like";
}

static lv_status build_like(lv_build *build, const lv_ast *ast, lv_expr **expr)
{
    lv_expr **args;
    int count;
    LV_TRY(build_list(build, ast->first, &args, &count));
    lv_expr *like = apply(build, ast, like_function(ast->text), args, count);
    *expr = has_prefix_not(ast->text) ? negate(build, ast, like) : like;
    return LV_OK;
}

/* a LIKE ANY (p, q) is a LIKE p OR a LIKE q; NOT goes to each LIKE. */
static lv_status build_like_many(lv_build *build, const lv_ast *ast, lv_expr **expr)
{
    lv_expr **args;
    int count;
    LV_TRY(build_list(build, ast->first, &args, &count));
    bool all = lv_str_ends(ast->text, LV_STR("ALL"));
    lv_str word = lv_str_sub(ast->text, 0, ast->text.len - 4);
    *expr = NULL;
    for (int i = 1; i < count; i++) {
        lv_expr *like = apply2(build, ast, like_function(word), args[0], args[i]);
        if (has_prefix_not(ast->text))
            like = negate(build, ast, like);
        *expr = *expr ? apply2(build, ast, all ? "and" : "or", *expr, like) : like;
    }
    bool negative = has_prefix_not(ast->text);
    (*expr)->label = all        ? negative ? LV_STR("notlikeall") : LV_STR("likeall")
                            : negative ? LV_STR("notlikeany")
                                : LV_STR("likeany");
    return LV_OK;
}

static lv_status build_case(lv_build *build, const lv_ast *ast, lv_expr **expr)
{
    LV_VEC(lv_expr *) args = {0};
    lv_expr *subject = NULL;
    for (const lv_ast *child = ast->first; child; child = child->next) {
        lv_expr *parts[2];
        if (child->kind == LV_AST_WHEN) {
            LV_TRY(lv_build_expr(build, child->first, &parts[0]));
            LV_TRY(lv_build_expr(build, child->last, &parts[1]));
            if (subject != NULL)
                parts[0] = apply2(build, child, "=", subject, parts[0]);
            LV_VEC_PUSH(build->arena, args, parts[0]);
            LV_VEC_PUSH(build->arena, args, parts[1]);
        } else if (child->kind == LV_AST_ELSE) {
            LV_TRY(lv_build_expr(build, child->first, &parts[0]));
            LV_VEC_PUSH(build->arena, args, parts[0]);
        } else {
            LV_TRY(lv_build_expr(build, child, &subject));
        }
    }
    *expr = apply(build, ast, "when", args.at, (int)args.count);
    return LV_OK;
}

/* ---- operators, casts, access ---------------------------------------------------------------- */

static lv_status build_operator(lv_build *build, const lv_ast *ast, lv_expr **expr)
{
    static const char *const spelled[][2] = {{"AND", "and"}, {"OR", "or"}, {"||", "concat"}};
    static const char *const unary[][2] = {{"NOT", "not"}, {"-", "-"}, {"+", "positive"}};
    lv_expr **args;
    int count;
    LV_TRY(build_list(build, ast->first, &args, &count));
    lv_str name = ast->text;
    for (size_t i = 0; i < 3; i++) {
        const char *const *pair = ast->kind == LV_AST_UNARY ? unary[i] : spelled[i];
        if (lv_str_is(ast->text, pair[0]))
            name = lv_str_of(pair[1]);
    }
    lv_expr place = {.sql_offset = ast->offset, .sql_length = ast->length};
    *expr = lv_expr_apply(build->arena, name, args, count, &place);
    return LV_OK;
}

static lv_status build_cast(lv_build *build, const lv_ast *ast, lv_expr **expr)
{
    lv_expr *arg;
    lv_expr *cast = new_expr(build, LV_EXPR_CAST, ast);
    LV_TRY(lv_build_expr(build, ast->first, &arg));
    LV_TRY(lv_build_cast_type(build->arena, ast->last, &cast->type, build->err));
    cast->args = LV_NEW(build->arena, lv_expr *);
    cast->args[0] = arg;
    cast->arg_count = 1;
    cast->cast_mode = lv_str_is(ast->text, "TRY_CAST") ? LV_CAST_TRY : LV_CAST_EXPLICIT;
    *expr = cast;
    return LV_OK;
}

/** value:a.b[0] as a JSON path: what `ast` adds behind its base; the base goes to *base. */
static bool json_path(const lv_ast *ast, const lv_ast **base, lv_sbuf *path)
{
    bool index = ast->kind == LV_AST_INDEX;
    if (ast->kind == LV_AST_EXTRACT && ast->first->kind != LV_AST_EXTRACT &&
        ast->first->kind != LV_AST_FIELD && ast->first->kind != LV_AST_INDEX) {
        *base = ast->first;
        lv_sbuf_add_char(path, '$');
    } else if ((ast->kind != LV_AST_EXTRACT && ast->kind != LV_AST_FIELD && !index) ||
               !json_path(ast->first, base, path)) {
        return false;
    }
    if (index && ast->last->kind == LV_AST_NUMBER)
        lv_sbuf_printf(path, "[%.*s]", LV_STR_ARG(ast->last->text));
    else if (index && ast->last->kind == LV_AST_STRING)
        lv_sbuf_printf(path, "['%.*s']", LV_STR_ARG(ast->last->text));
    else if (index)
        return false;
    else if (lv_sql_is_plain_name(ast->text))
        lv_sbuf_printf(path, ".%.*s", LV_STR_ARG(ast->text));
    else
        lv_sbuf_printf(path, "['%.*s']", LV_STR_ARG(ast->text));
    return true;
}

static lv_status build_access(lv_build *build, const lv_ast *ast, lv_expr **expr)
{
    lv_sbuf path = LV_SBUF_INIT;
    const lv_ast *base = NULL;
    lv_expr *args[2];
    if (json_path(ast, &base, &path)) {
        args[1] = lv_expr_string(build->arena, lv_str_dup(build->arena, lv_sbuf_str(&path)),
                                 ast->offset, ast->length);
        lv_sbuf_release(&path);
        LV_TRY(lv_build_expr(build, base, &args[0]));
        *expr = apply(build, ast, ":", args, 2);
        return LV_OK;
    }
    lv_sbuf_release(&path);
    if (ast->kind == LV_AST_EXTRACT)
        return lv_build_unsupported(build, ast, "this use of the : operator");
    LV_TRY(lv_build_expr(build, ast->first, &args[0]));
    if (ast->kind == LV_AST_INDEX) {
        LV_TRY(lv_build_expr(build, ast->last, &args[1]));
        *expr = apply(build, ast, "[]", args, 2);
        return LV_OK;
    }
    *expr = new_expr(build, LV_EXPR_FIELD, ast);
    (*expr)->args = LV_NEW(build->arena, lv_expr *);
    (*expr)->args[0] = args[0];
    (*expr)->arg_count = 1;
    (*expr)->names = &ast->text;
    (*expr)->name_count = 1;
    return LV_OK;
}

static lv_status build_star(lv_build *build, const lv_ast *ast, lv_expr **expr)
{
    lv_expr *star = new_expr(build, LV_EXPR_STAR, ast);
    for (const lv_ast *child = ast->first; child; child = child->next) {
        if (child->kind == LV_AST_NAME)
            star->names = lv_build_names(build->arena, child, &star->name_count);
        else if (child->kind == LV_AST_EXCEPT)
            LV_TRY(build_list(build, child->first, &star->args, &star->arg_count));
        else
            return lv_build_unsupported(build, child, "* of an expression that is no name");
    }
    *expr = star;
    return LV_OK;
}

/* ---- calls and literals ---------------------------------------------------------------------- */

static lv_status refuse_call_extras(lv_build *build, const lv_ast *ast)
{
    for (const lv_ast *part = ast->first; part; part = part->next) {
        if (part->kind == LV_AST_FILTER)
            return lv_build_unsupported(build, part, "FILTER (WHERE ...)");
        if (part->kind == LV_AST_WITHIN_GROUP)
            return lv_build_unsupported(build, part, "WITHIN GROUP");
        if (part->kind == LV_AST_FLAG && lv_str_is(part->text, "IGNORE NULLS"))
            return lv_build_unsupported(build, part, "IGNORE NULLS");
    }
    const lv_ast *arguments = lv_ast_find(ast, LV_AST_ARGUMENTS);
    for (const lv_ast *arg = arguments->first; arg; arg = arg->next) {
        if (arg->kind == LV_AST_NAMED_ARGUMENT)
            return lv_build_unsupported(build, arg, "named arguments of scalar functions");
    }
    return LV_OK;
}

/** trim(LEADING 'x' FROM s), substr(s FROM 1) and position(a IN b): the function to call. */
static lv_str special_form(lv_str name, lv_str flag)
{
    static const char *const forms[][3] = {
        /* the name, NULL for any, the word in the parentheses, the function */
        {NULL, "BOTH", "trim"},          {NULL, "LEADING", "ltrim"},   {NULL, "TRAILING", "rtrim"},
        {"substr", "FROM", "substring"}, {"position", "IN", "locate"},
    };
    for (size_t i = 0; i < LV_COUNT_OF(forms); i++)
        if (lv_str_is(flag, forms[i][1]) &&
            (forms[i][0] == NULL || lv_str_eq_nocase(name, lv_str_of(forms[i][0]))))
            return lv_str_of(forms[i][2]);
    return name;
}

/* decode(a, b, result, ..., [default]) is a CASE; with two arguments it is a function. */
static lv_expr *decode_as_case(lv_build *build, const lv_ast *ast, lv_expr *call)
{
    if (call->name_count != 1 || !lv_str_eq_nocase(call->names[0], LV_STR("decode")) ||
        call->arg_count < 3)
        return call;
    LV_VEC(lv_expr *) args = {0};
    for (int i = 1; i + 1 < call->arg_count; i += 2) {
        LV_VEC_PUSH(build->arena, args, apply2(build, ast, "<=>", call->args[0], call->args[i]));
        LV_VEC_PUSH(build->arena, args, call->args[i + 1]);
    }
    if (call->arg_count % 2 == 0)
        LV_VEC_PUSH(build->arena, args, call->args[call->arg_count - 1]);
    lv_expr *made = apply(build, ast, "when", args.at, (int)args.count);
    made->label = LV_STR("decode");
    return made;
}

static lv_status build_call(lv_build *build, const lv_ast *ast, lv_expr **expr)
{
    LV_TRY(refuse_call_extras(build, ast));
    const lv_ast *arguments = lv_ast_find(ast, LV_AST_ARGUMENTS);
    const lv_ast *flag = lv_ast_find(ast, LV_AST_FLAG);
    lv_expr *call = new_expr(build, LV_EXPR_APPLY, ast);
    if (ast->first->kind != LV_AST_NAME)
        return lv_build_unsupported(build, ast->first, "calling what is no name");
    call->names = lv_build_names(build->arena, ast->first, &call->name_count);
    LV_TRY(build_list(build, arguments->first, &call->args, &call->arg_count));
    if (flag && lv_str_is(flag->text, "DISTINCT")) {
        call->distinct = true;
    } else if (flag) {
        bool extract = lv_str_eq_nocase(call->names[0], LV_STR("extract")) && call->arg_count == 2;
        lv_str *name = LV_NEW(build->arena, lv_str);
        *name = special_form(call->names[0], flag->text);
        call->names = name;
        if (extract && call->args[0]->kind == LV_EXPR_NAME) /* the field is no column */
            call->args[0] = lv_expr_string(build->arena, call->args[0]->names[0],
                                           call->args[0]->sql_offset, call->args[0]->sql_length);
    }
    LV_TRY(lv_build_unit_call(build, arguments, call));
    call->windowed = lv_ast_find(ast, LV_AST_OVER) != NULL;
    *expr = decode_as_case(build, ast, call);
    return LV_OK;
}

static lv_status build_typed(lv_build *build, const lv_ast *ast, lv_expr **expr)
{
    static const char *const known[] = {"DATE", "TIMESTAMP", "TIMESTAMP_LTZ", "TIMESTAMP_NTZ", "X"};
    for (size_t i = 0; i < LV_COUNT_OF(known); i++)
        if (lv_str_eq_nocase(ast->text, lv_str_of(known[i]))) {
            lv_str *names = LV_NEW_ARRAY(build->arena, lv_str, 2);
            names[0] = lv_str_of(known[i]);
            names[1] = ast->first->text;
            *expr = new_expr(build, LV_EXPR_TYPED, ast);
            (*expr)->names = names;
            (*expr)->name_count = 2;
            return LV_OK;
        }
    lv_error_at(build->err, ast->offset, ast->length);
    return LV_FAIL(build->err, LV_UNSUPPORTED_TYPED_LITERAL,
                   "Literals of the type \"%.*s\" are not supported", LV_STR_ARG(ast->text));
}

static lv_status build_parameter(lv_build *build, const lv_ast *ast, lv_expr **expr)
{
    for (int i = 0; build->parameters != NULL && ast->text.len > 0 && i < build->parameters->count;
         i++)
        if (lv_str_eq(build->parameters->items[i].name, ast->text)) {
            *expr = lv_expr_string(build->arena, build->parameters->items[i].value, ast->offset,
                                   ast->length);
            return LV_OK;
        }
    lv_error_at(build->err, ast->offset, ast->length);
    if (ast->text.len == 0)
        return lv_build_unsupported(build, ast, "the parameter marker ?");
    lv_error_hint(build->err, "give it a value with --param %.*s=...", LV_STR_ARG(ast->text));
    return LV_FAIL(build->err, LV_UNBOUND_SQL_PARAMETER,
                   "Found the unbound parameter: %.*s. Please, fix `args` and provide a mapping of "
                   "the parameter to either a SQL literal or collection constructor functions such "
                   "as `map()`, `array()`, `struct()`",
                   LV_STR_ARG(ast->text));
}

static lv_status build_name(lv_build *build, const lv_ast *ast, lv_expr **expr)
{
    *expr = new_expr(build, LV_EXPR_NAME, ast);
    (*expr)->names = lv_build_names(build->arena, ast, &(*expr)->name_count);
    return LV_OK;
}

static lv_status build_lambda(lv_build *build, const lv_ast *ast, lv_expr **expr)
{
    const lv_ast *parameters = lv_ast_find(ast, LV_AST_NAMES);
    lv_str *names = LV_NEW_ARRAY(build->arena, lv_str, parameters->count + 1);
    for (int i = 0; i < parameters->count; i++) {
        const lv_ast *name = lv_ast_child(parameters, i);
        if (name->kind != LV_AST_NAME || name->count > 0) {
            lv_error_at(build->err, name->offset, name->length);
            return LV_FAIL(build->err, LV_PARSE_SYNTAX_ERROR,
                           "A parameter of a lambda function is a name");
        }
        names[i] = name->text;
    }
    *expr = new_expr(build, LV_EXPR_LAMBDA, ast);
    (*expr)->args = LV_NEW(build->arena, lv_expr *);
    (*expr)->arg_count = 1;
    (*expr)->names = names;
    (*expr)->name_count = parameters->count;
    return lv_build_expr(build, ast->last, &(*expr)->args[0]);
}

static lv_status build_tuple(lv_build *build, const lv_ast *ast, lv_expr **expr)
{
    lv_expr **args;
    int count;
    LV_TRY(build_list(build, ast->first, &args, &count));
    *expr = apply(build, ast, "struct", args, count);
    (*expr)->label = LV_STR("tuple");
    return LV_OK;
}

static lv_status build_alias(lv_build *build, const lv_ast *ast, lv_expr **expr)
{
    *expr = new_expr(build, LV_EXPR_ALIAS, ast);
    (*expr)->args = LV_NEW(build->arena, lv_expr *);
    (*expr)->arg_count = 1;
    (*expr)->names = &ast->text;
    (*expr)->name_count = 1;
    if (ast->kind == LV_AST_MULTI_ALIAS) {
        const lv_ast *columns = lv_ast_find(ast, LV_AST_NAMES);
        lv_str *names = LV_NEW_ARRAY(build->arena, lv_str, columns->count);
        for (int i = 0; i < columns->count; i++)
            names[i] = lv_ast_child(columns, i)->text;
        (*expr)->names = names;
        (*expr)->name_count = columns->count;
        (*expr)->label = LV_STR("multi");
    }
    return lv_build_expr(build, ast->first, &(*expr)->args[0]);
}

lv_status lv_build_expr(lv_build *build, const lv_ast *ast, lv_expr **expr)
{
    switch (ast->kind) { /* dispatch */
    case LV_AST_NAME: return build_name(build, ast, expr);
    case LV_AST_NUMBER: return lv_build_number(build, ast, expr);
    case LV_AST_STRING:
        *expr = lv_expr_string(build->arena, ast->text, ast->offset, ast->length);
        return LV_OK;
    case LV_AST_BOOLEAN:
        *expr = lv_expr_bool(build->arena, lv_str_is(ast->text, "TRUE"), ast->offset, ast->length);
        return LV_OK;
    case LV_AST_NULL:
        *expr = lv_expr_null(build->arena, lv_type_of(LV_TYPE_VOID));
        (*expr)->sql_offset = ast->offset;
        (*expr)->sql_length = ast->length;
        return LV_OK;
    case LV_AST_TYPED: return build_typed(build, ast, expr);
    case LV_AST_PARAMETER: return build_parameter(build, ast, expr);
    case LV_AST_ALIAS:
    case LV_AST_MULTI_ALIAS: return build_alias(build, ast, expr);
    case LV_AST_STAR: return build_star(build, ast, expr);
    case LV_AST_UNARY:
    case LV_AST_BINARY: return build_operator(build, ast, expr);
    case LV_AST_IS: return build_is(build, ast, expr);
    case LV_AST_BETWEEN: return build_between(build, ast, expr);
    case LV_AST_IN: return build_in(build, ast, expr);
    case LV_AST_LIKE: return build_like(build, ast, expr);
    case LV_AST_LIKE_MANY: return build_like_many(build, ast, expr);
    case LV_AST_CAST: return build_cast(build, ast, expr);
    case LV_AST_CASE: return build_case(build, ast, expr);
    case LV_AST_CALL: return build_call(build, ast, expr);
    case LV_AST_FIELD:
    case LV_AST_INDEX:
    case LV_AST_EXTRACT: return build_access(build, ast, expr);
    case LV_AST_TUPLE: return build_tuple(build, ast, expr);
    case LV_AST_LAMBDA: return build_lambda(build, ast, expr);
    case LV_AST_INTERVAL: return lv_build_interval(build, ast, expr);
    case LV_AST_COLLATE: return lv_build_unsupported(build, ast, "COLLATE");
    case LV_AST_SCALAR_SUBQUERY: return lv_build_unsupported(build, ast, "scalar subqueries");
    case LV_AST_EXISTS: return lv_build_unsupported(build, ast, "EXISTS (subquery)");
    default: break;
    }
    return lv_build_unsupported(build, ast, lv_ast_kind_name(ast->kind));
}
