/* resolve.c: unresolved expressions to resolved ones: names to columns, fields, casts; calls are in resolve_call.c.
 *
 * Names resolve as in Spark: without ASCII case; `a.b.c` is first looked for as qualifier and column
 * (longest qualifier first), then as a column and its fields; after the input's columns come aliases
 * of earlier items of the same select list, then functions that need no parentheses. */
#include "base/check.h"
#include "plan_int.h"

static lv_status resolve(lv_analyzer *az, const lv_scope *scope, const lv_expr *expr,
                         lv_expr **resolved);

lv_status lv_at_expr(const lv_analyzer *az, const lv_expr *place, lv_status status)
{
    lv_error_at(az->err, place->sql_offset, place->sql_length);
    return status;
}

lv_expr *lv_expr_placed(lv_expr *expr, const lv_expr *place)
{
    expr->sql_offset = place->sql_offset;
    expr->sql_length = place->sql_length;
    return expr;
}

/* ---- fields ---------------------------------------------------------------------------------- */

lv_expr *lv_expr_field(lv_arena *arena, lv_expr *base, int index, lv_str name)
{
    const lv_field *field = &base->type->fields[index];
    lv_expr *expr = lv_expr_new(arena, LV_EXPR_FIELD, base->sql_offset, base->sql_length);
    lv_str *names = LV_NEW(arena, lv_str);
    *names = name;
    expr->args = LV_NEW(arena, lv_expr *);
    expr->args[0] = base;
    expr->arg_count = 1;
    expr->index = index;
    expr->type = field->type;
    expr->nullable = base->nullable || field->nullable;
    expr->names = names;
    expr->name_count = 1;
    return expr;
}

static lv_status fail_field(lv_analyzer *az, const lv_type *type, lv_str name, int found,
                            const lv_expr *place)
{
    if (found == -2)
        return lv_at_expr(
            az, place,
            LV_FAIL(
                az->err, LV_AMBIGUOUS_REFERENCE_TO_FIELDS,
                "Ambiguous reference to the field `%.*s`. It appears several times in the schema",
                LV_STR_ARG(name)));
    lv_sbuf fields = LV_SBUF_INIT;
    for (int i = 0; i < type->field_count; i++)
        lv_sbuf_printf(&fields, "%s`%.*s`", i ? ", " : "", LV_STR_ARG(type->fields[i].name));
    lv_status status = LV_FAIL(az->err, LV_UNRESOLVED_FIELD, "No such struct field `%.*s` in %s",
                               LV_STR_ARG(name), fields.ptr ? fields.ptr : "an empty struct");
    lv_sbuf_release(&fields);
    return lv_at_expr(az, place, status);
}

lv_status lv_resolve_field(lv_analyzer *az, lv_expr *base, lv_str name, const lv_expr *place,
                           lv_expr **resolved)
{
    const lv_type *type = base->type;
    if (type->kind == LV_TYPE_STRUCT) {
        int index = lv_type_field(type, name);
        if (index < 0)
            return fail_field(az, type, name, index, place);
        *resolved = lv_expr_placed(lv_expr_field(az->arena, base, index, name), place);
        return LV_OK;
    }
    if (type->kind == LV_TYPE_MAP) {
        lv_expr *args[2] = {base,
                            lv_expr_string(az->arena, name, place->sql_offset, place->sql_length)};
        return lv_bind_named(az, "[]", args, 2, place, resolved);
    }
    if (type->kind == LV_TYPE_ARRAY && type->fields[0].type->kind == LV_TYPE_STRUCT) {
        int index = lv_type_field(type->fields[0].type, name);
        if (index < 0)
            return fail_field(az, type->fields[0].type, name, index, place);
        lv_expr *args[2] = {base,
                            lv_expr_string(az->arena, name, place->sql_offset, place->sql_length)};
        return lv_bind_named(az, ".", args, 2, place, resolved);
    }
    if (type->kind == LV_TYPE_ARRAY) { /* says that a name is no index */
        lv_expr *args[2] = {base,
                            lv_expr_string(az->arena, name, place->sql_offset, place->sql_length)};
        return lv_bind_named(az, "[]", args, 2, place, resolved);
    }
    lv_sbuf text = LV_SBUF_INIT;
    lv_type_print_sql(type, &text);
    lv_status status = LV_FAIL(az->err, LV_INVALID_EXTRACT_BASE_FIELD_TYPE,
                               "Can't extract a value from \"%.*s\". Need a complex type [STRUCT, "
                               "ARRAY, MAP] but got \"%s\"",
                               LV_STR_ARG(lv_expr_text(az->arena, base)), text.ptr);
    lv_sbuf_release(&text);
    return lv_at_expr(az, place, status);
}

/* ---- names ----------------------------------------------------------------------------------- */

bool lv_scope_qualifies(const lv_scope_column *column, const lv_str *names, int count)
{
    if (count == 0 || count > column->qualifier_count)
        return count == 0;
    const lv_str *end = column->qualifier + column->qualifier_count - count;
    for (int i = 0; i < count; i++)
        if (!lv_str_eq_nocase(end[i], names[i]))
            return false;
    return true;
}

#define SUGGESTIONS_MAX 5

typedef struct suggestion {
    lv_str text;
    int distance;
} suggestion;

static lv_str suggestion_text(lv_analyzer *az, const lv_scope_column *column, bool qualified)
{
    lv_str parts[2] = {LV_STR_NONE, column->name};
    bool with = qualified && column->qualifier_count > 0;
    if (with)
        parts[0] = column->qualifier[column->qualifier_count - 1];
    return lv_quote_names(az->arena, with ? parts : parts + 1, with ? 2 : 1);
}

/** Whether the columns come from different relations, so that suggestions name them. */
static bool has_several_qualifiers(const lv_scope *scope)
{
    for (int i = 1; i < scope->count; i++)
        if (scope->columns[i].qualifier_count != scope->columns[0].qualifier_count ||
            !lv_scope_qualifies(&scope->columns[i], scope->columns[0].qualifier,
                                scope->columns[0].qualifier_count))
            return true;
    return false;
}

lv_status lv_fail_unresolved_column(lv_analyzer *az, const lv_scope *scope, const lv_expr *name)
{
    lv_str text = lv_quote_names(az->arena, name->names, name->name_count);
    suggestion best[SUGGESTIONS_MAX + 1];
    int count = 0;
    bool qualified = name->name_count > 1 || has_several_qualifiers(scope);
    for (int i = 0; i < scope->count; i++) {
        if (scope->columns[i].hidden)
            continue;
        suggestion one = {suggestion_text(az, &scope->columns[i], qualified), 0};
        one.distance = lv_str_distance(one.text, text);
        int place = count;
        for (; place > 0 && best[place - 1].distance > one.distance; place--)
            best[place] = best[place - 1];
        best[place] = one;
        count = LV_MIN(count + 1, SUGGESTIONS_MAX);
    }
    lv_sbuf list = LV_SBUF_INIT;
    for (int i = 0; i < count; i++)
        lv_sbuf_printf(&list, "%s%.*s", i ? ", " : "", LV_STR_ARG(best[i].text));
    lv_status status =
        count > 0
            ? LV_FAIL(
                  az->err, LV_UNRESOLVED_COLUMN,
                  "A column, variable, or function parameter with name %.*s cannot be resolved. "
                  "Did you mean one of "
                  "the following? [%s]",
                  LV_STR_ARG(text), list.ptr)
            : LV_FAIL(az->err, LV_UNRESOLVED_COLUMN_BARE,
                      "A column, variable, or function parameter with name %.*s cannot be resolved",
                      LV_STR_ARG(text));
    lv_sbuf_release(&list);
    return lv_at_expr(az, name, status);
}

static lv_status fail_ambiguous(lv_analyzer *az, const lv_scope *scope, const lv_expr *name,
                                int qualifiers)
{
    lv_sbuf list = LV_SBUF_INIT;
    for (int i = 0; i < scope->count; i++) {
        const lv_scope_column *column = &scope->columns[i];
        if (lv_str_eq_nocase(column->name, name->names[qualifiers]) &&
            lv_scope_qualifies(column, name->names, qualifiers))
            lv_sbuf_printf(&list, "%s%.*s", list.len ? ", " : "",
                           LV_STR_ARG(suggestion_text(az, column, true)));
    }
    lv_status status =
        LV_FAIL(az->err, LV_AMBIGUOUS_REFERENCE, "Reference %.*s is ambiguous, could be: [%s]",
                LV_STR_ARG(lv_quote_names(az->arena, name->names, name->name_count)), list.ptr);
    lv_sbuf_release(&list);
    return lv_at_expr(az, name, status);
}

/** Looks for names[qualifiers] under names[0..qualifiers). *found: NULL if there is none. */
static lv_status find_column(lv_analyzer *az, const lv_scope *scope, const lv_expr *name,
                             int qualifiers, const lv_scope_column **found)
{
    *found = NULL;
    for (int i = 0; i < scope->count; i++) {
        const lv_scope_column *column = &scope->columns[i];
        if (!lv_str_eq_nocase(column->name, name->names[qualifiers]) ||
            !lv_scope_qualifies(column, name->names, qualifiers))
            continue;
        if (*found != NULL)
            return fail_ambiguous(az, scope, name, qualifiers);
        *found = column;
    }
    return LV_OK;
}

static lv_status find_lateral(lv_analyzer *az, const lv_expr *name, const lv_lateral **found)
{
    *found = NULL;
    for (int i = 0; i < az->lateral_count; i++) {
        if (!lv_str_eq_nocase(az->laterals[i].name, name->names[0]))
            continue;
        if (*found != NULL)
            return lv_at_expr(
                az, name,
                LV_FAIL(az->err, LV_AMBIGUOUS_LATERAL_ALIAS,
                        "Lateral column alias `%.*s` is ambiguous and has several matches",
                        LV_STR_ARG(name->names[0])));
        *found = &az->laterals[i];
    }
    return LV_OK;
}

/** current_timestamp and its kind may stand without parentheses. */
static bool is_bare_function(const lv_expr *name)
{
    static const char *const bare[] = {"current_date", "current_timestamp", "current_time",
                                       "current_user", "session_user",      "user"};
    for (size_t i = 0; name->name_count == 1 && i < LV_COUNT_OF(bare); i++)
        if (lv_str_eq_nocase(name->names[0], lv_str_of(bare[i])) &&
            lv_function_find(name->names[0]) != NULL)
            return true;
    return false;
}

/** The parameter of a lambda around that has this name: it hides columns. */
static lv_expr *find_variable(const lv_analyzer *az, lv_str name)
{
    for (const lv_lambda_scope *lambda = az->lambda; lambda != NULL; lambda = lambda->outer)
        for (int i = 0; i < lambda->count; i++)
            if (lv_str_eq_nocase(lambda->variables[i]->names[0], name))
                return lambda->variables[i];
    return NULL;
}

static lv_status resolve_fields(lv_analyzer *az, lv_expr *base, const lv_expr *name, int from,
                                lv_expr **resolved)
{
    for (int i = from; i < name->name_count; i++)
        LV_TRY(lv_resolve_field(az, base, name->names[i], name, &base));
    *resolved = base;
    return LV_OK;
}

static lv_status resolve_name(lv_analyzer *az, const lv_scope *scope, const lv_expr *name,
                              lv_expr **resolved)
{
    const lv_expr *variable = find_variable(az, name->names[0]);
    if (variable != NULL)
        return resolve_fields(az,
                              lv_expr_placed(lv_expr_with_args(az->arena, variable, NULL), name),
                              name, 1, resolved);
    const lv_scope_column *column = NULL;
    const lv_lateral *lateral = NULL;
    int used = 0;
    for (int qualifiers = LV_MIN(name->name_count - 1, 3); qualifiers >= 0 && column == NULL;
         qualifiers--) {
        LV_TRY(find_column(az, scope, name, qualifiers, &column));
        used = qualifiers + 1;
    }
    if (column == NULL) {
        LV_TRY(find_lateral(az, name, &lateral));
        used = 1;
    }
    if (column == NULL && lateral == NULL && is_bare_function(name))
        return lv_bind_named(az, lv_str_cstr(az->arena, name->names[0]), NULL, 0, name, resolved);
    if (column == NULL && lateral == NULL)
        return lv_fail_unresolved_column(az, scope, name);
    lv_field field = column ? (lv_field){.name = name->names[used - 1],
                                         .type = column->type,
                                         .nullable = column->nullable}
                            : (lv_field){.name = name->names[0],
                                         .type = lateral->expr->type,
                                         .nullable = lateral->expr->nullable};
    lv_expr *expr = lv_expr_placed(
        lv_expr_column(az->arena, column ? column->index : lateral->slot, &field), name);
    if (lateral != NULL && !lateral->generated)
        expr->label = LV_STR("lateral");
    if (lateral != NULL)
        az->lateral_level = LV_MAX(az->lateral_level, lateral->level + 1);
    return resolve_fields(az, expr, name, used, resolved);
}

void lv_remember_value(lv_analyzer *az, lv_expr *expr)
{
    const lv_vector *value;
    if (lv_fold_literal(az, expr, &value, NULL))
        expr->literal = value;
}

/* ---- casts ----------------------------------------------------------------------------------- */

/** Whether Spark says of a cast of what is not null that it may be null, ANSI or not: where something does not fit, not
 *  where it wraps around or an interval is too long, and not for what is inside of a nested value.
 *  Source: Cast.forceNullable. */
static bool cast_gives_null(const lv_type *from, const lv_type *to)
{
    bool counts = lv_type_is_integral(from) || lv_type_is_ansi_interval(from);
    bool narrows = counts && lv_type_is_integral(to);
    bool interval = lv_type_is_numeric(from) && lv_type_is_ansi_interval(to);
    bool nested = lv_type_is_nested(from) && lv_type_is_nested(to);
    if ((from->kind == LV_TYPE_TIMESTAMP_NTZ && to->kind == LV_TYPE_DATE) ||
        (from->kind == LV_TYPE_DATE && to->kind == LV_TYPE_TIMESTAMP_NTZ))
        return true;
    return !narrows && !interval && !nested && lv_cast_can_fail(from, to);
}

lv_expr *lv_expr_cast(lv_arena *arena, lv_expr *expr, const lv_type *type, lv_cast_mode mode,
                      bool implicit)
{
    if (lv_type_equal(expr->type, type))
        return expr;
    if (implicit && expr->type->kind == LV_TYPE_VOID && lv_expr_is_null_literal(expr))
        return lv_expr_placed(lv_expr_null(arena, type), expr);
    lv_expr *cast = lv_expr_placed(lv_expr_new(arena, LV_EXPR_CAST, -1, -1), expr);
    cast->type = type;
    cast->args = LV_NEW(arena, lv_expr *);
    cast->args[0] = expr;
    cast->arg_count = 1;
    cast->cast_mode = mode;
    cast->implicit = implicit;
    cast->nullable = expr->nullable || cast_gives_null(expr->type, type);
    return cast;
}

/* The function that Spark names where it has no cast. */
static const char *cast_instead(const lv_type *from, const lv_type *to)
{
    if (from->kind == LV_TYPE_ARRAY && to->kind == LV_TYPE_ARRAY &&
        from->fields[0].type->kind == LV_TYPE_DATE)
        return cast_instead(from->fields[0].type, to->fields[0].type);
    if (lv_type_is_numeric(from) && to->kind == LV_TYPE_DATE)
        return "DATE_FROM_UNIX_DATE";
    return from->kind == LV_TYPE_DATE && lv_type_is_numeric(to) ? "UNIX_DATE" : NULL;
}

static lv_status fail_cast(lv_analyzer *az, const lv_expr *arg, const lv_type *to,
                           const lv_expr *place)
{
    lv_sbuf from = LV_SBUF_INIT;
    lv_sbuf target = LV_SBUF_INIT;
    lv_type_print_sql(arg->type, &from);
    lv_type_print_sql(to, &target);
    bool assignment = place->cast_mode == LV_CAST_ASSIGNMENT;
    bool legacy = place->cast_mode == LV_CAST_EXPLICIT && az->conf->ansi &&
                  lv_cast_allowed(arg->type, to, false);
    const char *function =
        az->conf->ansi || place->cast_mode == LV_CAST_TRY ? cast_instead(arg->type, to) : NULL;
    if (function != NULL) {
        legacy = false;
        lv_error_hint(az->err, "the function `%s` converts between them", function);
    }
    if (legacy)
        lv_error_hint(az->err, "SET spark.sql.ansi.enabled = false allows this cast");
    lv_status status =
        assignment
            ? LV_FAIL(az->err, LV_INCOMPATIBLE_DATA,
                      "Cannot safely cast %.*s \"%s\" to \"%s\" for the table's column",
                      LV_STR_ARG(lv_expr_text(az->arena, arg)), from.ptr, target.ptr)
            : LV_FAIL(az->err,
                      function != NULL ? LV_DATATYPE_MISMATCH_CAST_FUNC
                      : legacy         ? LV_DATATYPE_MISMATCH_CAST_CONF
                                       : LV_DATATYPE_MISMATCH_CAST,
                      "Cannot resolve \"CAST(%.*s AS %s)\" due to data type mismatch: cannot cast "
                      "\"%s\" to \"%s\"",
                      LV_STR_ARG(lv_expr_text(az->arena, arg)), target.ptr, from.ptr, target.ptr);
    lv_sbuf_release(&from);
    lv_sbuf_release(&target);
    return lv_at_expr(az, place, status);
}

/* Whether a map's key may become null, where casts that fail give null. */
static bool makes_null_keys(const lv_type *from, const lv_type *to)
{
    if (from->kind != to->kind || from->field_count != to->field_count)
        return false;
    for (int i = 0; i < from->field_count; i++) {
        bool key = from->kind == LV_TYPE_MAP && i == 0;
        if ((key && lv_cast_can_fail(from->fields[i].type, to->fields[i].type)) ||
            makes_null_keys(from->fields[i].type, to->fields[i].type))
            return true;
    }
    return false;
}

lv_status lv_resolve_cast(lv_analyzer *az, const lv_scope *scope, const lv_expr *expr,
                          lv_expr **resolved)
{
    lv_expr *arg;
    LV_TRY(resolve(az, scope, expr->args[0], &arg));
    bool ansi = az->conf->ansi || expr->cast_mode == LV_CAST_TRY;
    bool allowed = expr->cast_mode == LV_CAST_ASSIGNMENT
                       ? lv_cast_assignable(arg->type, expr->type)
                       : lv_cast_allowed(arg->type, expr->type, ansi);
    if (expr->cast_mode == LV_CAST_ASSIGNMENT && lv_type_equal(arg->type, expr->type)) {
        *resolved = arg;
        return LV_OK;
    }
    bool keeps_keys = (az->conf->ansi && expr->cast_mode != LV_CAST_TRY) ||
                      expr->cast_mode == LV_CAST_ASSIGNMENT ||
                      !makes_null_keys(arg->type, expr->type);
    if (!allowed || !keeps_keys)
        return fail_cast(az, arg, expr->type, expr);
    lv_expr *cast = lv_expr_with_args(az->arena, expr, &arg);
    cast->implicit |= lv_type_is_nested(expr->type); /* Spark prints no casts to nested types */
    cast->nullable =
        arg->nullable || expr->cast_mode == LV_CAST_TRY || cast_gives_null(arg->type, expr->type);
    lv_remember_value(az, cast);
    *resolved = cast;
    return LV_OK;
}

static lv_status resolve(lv_analyzer *az, const lv_scope *scope, const lv_expr *expr,
                         lv_expr **resolved)
{
    lv_expr *base;
    switch (expr->kind) { /* dispatch */
    case LV_EXPR_NAME: return resolve_name(az, scope, expr, resolved);
    case LV_EXPR_LITERAL: *resolved = lv_expr_with_args(az->arena, expr, NULL); return LV_OK;
    case LV_EXPR_TYPED: return lv_resolve_typed(az, expr, resolved);
    case LV_EXPR_CAST: return lv_resolve_cast(az, scope, expr, resolved);
    case LV_EXPR_APPLY: return lv_resolve_apply(az, scope, expr, resolved);
    case LV_EXPR_FIELD:
        LV_TRY(resolve(az, scope, expr->args[0], &base));
        return lv_resolve_field(az, base, expr->names[0], expr, resolved);
    case LV_EXPR_STAR:
        return lv_at_expr(
            az, expr,
            LV_FAIL(az->err, LV_INVALID_USAGE_OF_STAR, "Invalid usage of '*' in an expression"));
    case LV_EXPR_ALIAS:
        return lv_at_expr(az, expr,
                          LV_FAIL(az->err, LV_PARSE_SYNTAX_ERROR, "An alias is not allowed here"));
    case LV_EXPR_LAMBDA: return lv_fail_lambda(az, expr);
    case LV_EXPR_COLUMN: /* of a star */
        *resolved = lv_expr_with_args(az->arena, expr, NULL);
        return LV_OK;
    case LV_EXPR_CALL:
    case LV_EXPR_VARIABLE:
    case LV_EXPR_STRUCT: break;
    }
    LV_ASSERT(false); /* resolved already */
    return LV_INTERNAL;
}

lv_status lv_resolve_expr(lv_analyzer *az, const lv_scope *scope, const lv_expr *expr,
                          lv_expr **resolved)
{
    return resolve(az, scope, expr, resolved);
}
