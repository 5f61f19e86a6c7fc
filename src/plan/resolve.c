/* resolve.c: unresolved expressions to resolved ones: names to columns, calls to bound functions,
 * casts where a function wants another type.
 *
 * Names resolve as in Spark: without ASCII case; `a.b.c` is first looked for as qualifier and column
 * (longest qualifier first), then as a column and its fields; after the input's columns come aliases
 * of earlier items of the same select list, then functions that need no parentheses. */
#include "base/check.h"
#include "plan_int.h"

static lv_status resolve(lv_analyzer *az, const lv_scope *scope, const lv_expr *expr,
                         lv_expr **resolved);

static lv_status at(const lv_analyzer *az, const lv_expr *place, lv_status status)
{
    lv_error_at(az->err, place->sql_offset, place->sql_length);
    return status;
}

static lv_expr *placed(lv_expr *expr, const lv_expr *place)
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
        return at(
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
    return at(az, place, status);
}

lv_status lv_resolve_field(lv_analyzer *az, lv_expr *base, lv_str name, const lv_expr *place,
                           lv_expr **resolved)
{
    const lv_type *type = base->type;
    if (type->kind == LV_TYPE_STRUCT) {
        int index = lv_type_field(type, name);
        if (index < 0)
            return fail_field(az, type, name, index, place);
        *resolved = placed(lv_expr_field(az->arena, base, index, name), place);
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
    return at(az, place, status);
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
    return at(az, name, status);
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
    return at(az, name, status);
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
            return at(az, name,
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
        return resolve_fields(az, placed(lv_expr_with_args(az->arena, variable, NULL), name), name,
                              1, resolved);
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
    lv_expr *expr =
        placed(lv_expr_column(az->arena, column ? column->index : lateral->slot, &field), name);
    if (lateral != NULL && !lateral->generated)
        expr->label = LV_STR("lateral");
    if (lateral != NULL)
        az->lateral_level = LV_MAX(az->lateral_level, lateral->level + 1);
    return resolve_fields(az, expr, name, used, resolved);
}

/* Functions ask for the values of constant arguments; so each is computed once, on the way up. */
static void remember_value(lv_analyzer *az, lv_expr *expr)
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
        return placed(lv_expr_null(arena, type), expr);
    lv_expr *cast = placed(lv_expr_new(arena, LV_EXPR_CAST, -1, -1), expr);
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
    return at(az, place, status);
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

static lv_status resolve_cast(lv_analyzer *az, const lv_scope *scope, const lv_expr *expr,
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
    remember_value(az, cast);
    *resolved = cast;
    return LV_OK;
}

/* ---- calls ----------------------------------------------------------------------------------- */

static lv_status parse_schema(lv_arena *arena, lv_str text, const lv_type **type, lv_error *err)
{
    lv_status status = lv_type_parse(arena, text, type, err);
    if (err != NULL)
        err->sql_offset = err->sql_length =
            -1; /* places in the schema's text mean nothing in the query */
    return status;
}

lv_status lv_fail_bind(lv_analyzer *az, const lv_error *own, lv_str name, lv_expr **args, int count,
                       const lv_expr *place)
{
    if (strncmp(lv_status_class(own->status), "DATATYPE_MISMATCH", 17) != 0 ||
        strncmp(own->message, "Cannot", 6) == 0) {
        if (az->err != NULL && az->err->status == LV_OK)
            *az->err = *own;
        return at(az, place, own->status);
    }
    /* compute/ knows types only, and names the function by its signature; here the expression is known */
    static const char before_reason[] = "due to data type mismatch: ";
    const char *reason = strstr(own->message, before_reason);
    reason = reason ? reason + sizeof before_reason - 1 : own->message;
    lv_expr *call = lv_expr_apply(az->arena, name, args, count, place);
    lv_str text = lv_expr_text(az->arena, call);
    if (own->hint[0])
        lv_error_hint(az->err, "%s", own->hint);
    return at(az, place,
              LV_FAIL(az->err, own->status, "Cannot resolve \"%.*s\" due to data type mismatch: %s",
                      LV_STR_ARG(text), reason));
}

/** What a column or field is called where a function names fields by its arguments. */
static lv_str argument_name(const lv_expr *arg)
{
    if (arg->kind == LV_EXPR_CALL && strcmp(arg->call->function->name, ".") == 0)
        return lv_vector_str(arg->args[1]->literal, 0);
    return lv_expr_is_access(arg) && arg->kind != LV_EXPR_CALL ? arg->names[0] : LV_STR_NONE;
}

void lv_bind_of(lv_analyzer *az, lv_expr *const *args, int count, lv_bind *bind)
{
    const lv_type **types = LV_NEW_ARRAY(az->arena, const lv_type *, count + 1);
    bool *nullable = LV_NEW_ARRAY(az->arena, bool, count + 1);
    const lv_vector **literals = LV_NEW_ARRAY(az->arena, const lv_vector *, count + 1);
    bool *written = LV_NEW_ARRAY(az->arena, bool, count + 1);
    lv_str *names = LV_NEW_ARRAY(az->arena, lv_str, count + 1);
    for (int i = 0; i < count; i++) {
        types[i] = args[i]->type;
        nullable[i] = args[i]->nullable;
        literals[i] = args[i]->literal;
        written[i] = args[i]->kind == LV_EXPR_LITERAL;
        names[i] = argument_name(args[i]);
    }
    *bind = (lv_bind){.arena = az->arena,
                      .ansi = az->conf->ansi,
                      .map_last_wins = az->conf->map_last_wins,
                      .session_zone = az->conf->session_zone,
                      .corrupt_column = az->conf->corrupt_column,
                      .catalog = az->conf->catalog,
                      .schema = az->conf->schema,
                      .arg_count = count,
                      .arg_types = types,
                      .arg_nullable = nullable,
                      .arg_names = names,
                      .arg_literals = literals,
                      .arg_written = written,
                      .nullable = true,
                      .parse_type = parse_schema};
}

/* The cast of a lambda is that of its body. */
static lv_expr *cast_argument(lv_analyzer *az, lv_expr *arg, const lv_type *type, lv_cast_mode mode)
{
    if (arg->kind != LV_EXPR_LAMBDA)
        return lv_expr_cast(az->arena, arg, type, mode, true);
    lv_expr *body = lv_expr_cast(az->arena, arg->args[0], type, mode, true);
    lv_expr *lambda = lv_expr_with_args(az->arena, arg, &body);
    lambda->type = type;
    return lambda;
}

static lv_status bind_call(lv_analyzer *az, const lv_function *function, lv_str name,
                           lv_expr **args, int count, const lv_expr *place, lv_expr **out)
{
    lv_bind bind;
    lv_bind_of(az, args, count, &bind);
    lv_error own = LV_ERROR_INIT;
    if (lv_function_bind(function, &bind, &own) != LV_OK)
        return lv_fail_bind(az, &own, name, args, count, place);
    lv_expr *expr = lv_expr_apply(az->arena, name, args, count, place);
    lv_call *call = lv_call_make(function, &bind);
    for (int i = 0; i < count; i++)
        expr->args[i] = cast_argument(az, args[i], bind.arg_types[i],
                                      bind.try_casts ? LV_CAST_TRY : LV_CAST_EXPLICIT);
    expr->kind = LV_EXPR_CALL;
    expr->call = call;
    expr->type = bind.type;
    expr->nullable = bind.nullable;
    for (int i = 0; i < count && !(function->flags & LV_FN_NULL_SAFE); i++)
        expr->nullable =
            expr->nullable || (expr->args[i]->nullable && !args[i]->nullable); /* by its cast */
    remember_value(az, expr);
    *out = expr;
    return LV_OK;
}

lv_status lv_bind_named(lv_analyzer *az, const char *name, lv_expr **args, int count,
                        const lv_expr *place, lv_expr **out)
{
    const lv_function *function = lv_function_find(lv_str_of(name));
    if (function == NULL)
        return at(
            az, place,
            LV_FAIL(az->err, LV_UNSUPPORTED_FEATURE, "The feature is not supported: %s", name));
    return bind_call(az, function, lv_str_of(name), args, count, place, out);
}

static lv_status fail_routine(lv_analyzer *az, const lv_expr *expr)
{
    const char *near = lv_function_suggest(expr->names[0]);
    if (near != NULL)
        lv_error_hint(az->err, "did you mean %s?", near);
    return at(
        az, expr,
        LV_FAIL(
            az->err, LV_UNRESOLVED_ROUTINE,
            "Cannot resolve routine %.*s on search path [`system`.`builtin`, `system`.`session`, "
            "`spark_catalog`.`default`]",
            LV_STR_ARG(lv_quote_names(az->arena, expr->names, expr->name_count))));
}

/** int(x), string(x), ...: casts written as calls. */
static const lv_type *cast_function(lv_arena *arena, const lv_expr *expr)
{
    static const struct {
        const char *name;
        lv_type_kind kind;
    } casts[] = {
        {"boolean", LV_TYPE_BOOLEAN},     {"tinyint", LV_TYPE_TINYINT},
        {"smallint", LV_TYPE_SMALLINT},   {"int", LV_TYPE_INT},
        {"bigint", LV_TYPE_BIGINT},       {"float", LV_TYPE_FLOAT},
        {"double", LV_TYPE_DOUBLE},       {"date", LV_TYPE_DATE},
        {"binary", LV_TYPE_BINARY},       {"string", LV_TYPE_STRING},
        {"timestamp", LV_TYPE_TIMESTAMP},
    };
    for (size_t i = 0; expr->name_count == 1 && expr->arg_count == 1 && i < LV_COUNT_OF(casts); i++)
        if (lv_str_eq_nocase(expr->names[0], lv_str_of(casts[i].name)))
            return lv_type_of(casts[i].kind);
    bool decimal = expr->name_count == 1 && expr->arg_count == 1 &&
                   lv_str_eq_nocase(expr->names[0], LV_STR("decimal"));
    return decimal ? lv_type_decimal(arena, 10, 0) : NULL;
}

static lv_status check_call(lv_analyzer *az, const lv_expr *expr, const lv_function *function)
{
    if (function != NULL && (function->flags & LV_FN_GENERATOR) && expr != az->item)
        return lv_fail_generator(az, expr);
    if (expr->windowed && az->is_stream)
        return at(az, expr,
                  LV_FAIL(az->err, LV_WINDOW_IN_STREAM,
                          "Window function is not supported in %.*s on streaming "
                          "DataFrames/Datasets; use the window "
                          "function of time instead",
                          LV_STR_ARG(expr->names[0])));
    if (function == NULL && !expr->windowed)
        return fail_routine(az, expr);
    if (expr->windowed && function != NULL && !(function->flags & LV_FN_AGGREGATE))
        return at(az, expr,
                  LV_FAIL(az->err, LV_UNSUPPORTED_EXPR_FOR_WINDOW,
                          "Expression \"%.*s\" is not supported within a window function",
                          LV_STR_ARG(lv_expr_text(az->arena, expr))));
    if (expr->distinct && !(function->flags & LV_FN_AGGREGATE))
        return at(az, expr,
                  LV_FAIL(az->err, LV_FUNCTION_SYNTAX,
                          "Invalid SQL syntax: the function `%s` does not support DISTINCT",
                          function->name));
    if (expr->windowed)
        return at(az, expr,
                  LV_FAIL(az->err, LV_UNSUPPORTED_FEATURE,
                          "The feature is not supported: window functions (OVER)"));
    if (expr->distinct)
        return at(az, expr,
                  LV_FAIL(az->err, LV_UNSUPPORTED_FEATURE,
                          "The feature is not supported: %s(DISTINCT ...)", function->name));
    if ((function->flags & LV_FN_AGGREGATE) && !az->allow_aggregates)
        return at(
            az, expr,
            LV_FAIL(az->err, LV_INVALID_WHERE_CONDITION,
                    "The condition contains the aggregate function %s, which is not allowed here",
                    function->name));
    return LV_OK;
}

static lv_status resolve_apply(lv_analyzer *az, const lv_scope *scope, const lv_expr *expr,
                               lv_expr **resolved)
{
    const lv_function *function = expr->name_count == 1 ? lv_function_find(expr->names[0]) : NULL;
    const lv_type *cast_to = cast_function(az->arena, expr);
    if (cast_to != NULL && !expr->windowed && !expr->distinct) {
        lv_expr cast = *expr;
        cast.kind = LV_EXPR_CAST;
        cast.type = cast_to;
        cast.implicit = true; /* printed as what is cast */
        cast.name_count = 0;
        cast.label = LV_STR("call");
        return resolve_cast(az, scope, &cast, resolved);
    }
    LV_TRY(check_call(az, expr, function));
    bool is_count = strcmp(function->name, "count") == 0;
    if (is_count && expr->arg_count == 0)
        return at(az, expr,
                  LV_FAIL(az->err, LV_WRONG_NUM_ARGS_SUGGESTION,
                          "The `count` requires > 0 parameters but the actual number is 0. If you "
                          "have to call count without parameters, set the legacy configuration"));
    if (!is_count && lv_expr_has_star(expr)) {
        lv_expr *expanded;
        LV_TRY(lv_expand_stars(az, scope, expr, &expanded));
        return resolve_apply(az, scope, expanded, resolved);
    }
    if (strcmp(function->name, "struct") == 0 && expr->arg_count > 0)
        return lv_resolve_struct(az, scope, expr, resolved);
    LV_TRY(lv_call_with_defaults(az, expr, &expr));
    lv_expr **args = LV_NEW_ARRAY(az->arena, lv_expr *, expr->arg_count + 1);
    if (function->flags & LV_FN_HIGHER_ORDER) {
        LV_TRY(lv_resolve_lambda_args(az, scope, function, expr, args));
        return bind_call(az, function, expr->names[0], args, expr->arg_count, expr, resolved);
    }
    for (int i = 0; i < expr->arg_count; i++) {
        const lv_expr *arg = expr->args[i];
        if (is_count && arg->kind == LV_EXPR_STAR && arg->name_count == 0 && arg->arg_count == 0) {
            int32_t one = 1;
            args[i] = placed(lv_expr_literal(az->arena,
                                             lv_constant(az->arena, lv_type_of(LV_TYPE_INT), &one),
                                             -1, -1),
                             arg);
            continue;
        }
        if (is_count && arg->kind == LV_EXPR_STAR && arg->arg_count == 0)
            return at(az, arg,
                      LV_FAIL(az->err, LV_STAR_OF_TABLE_IN_COUNT,
                              "SELECT COUNT(%.*s.*) is not allowed",
                              LV_STR_ARG(lv_quote_names(az->arena, arg->names, arg->name_count))));
        LV_TRY(resolve(az, scope, arg, &args[i]));
        if ((function->flags & LV_FN_AGGREGATE) && lv_expr_has_aggregate(args[i]))
            return at(az, arg,
                      LV_FAIL(az->err, LV_NESTED_AGGREGATE,
                              "It is not allowed to use an aggregate function in the argument of "
                              "another aggregate "
                              "function"));
    }
    if (strcmp(function->name, "[]") == 0 && args[0]->type->kind == LV_TYPE_STRUCT)
        return lv_resolve_index_of_struct(az, args[0], args[1], expr, resolved);
    bool own_form;
    LV_TRY(lv_resolve_form(az, function, args, expr, &own_form, resolved));
    if (own_form)
        return LV_OK;
    LV_TRY(bind_call(az, function, expr->names[0], args, expr->arg_count, expr, resolved));
    (*resolved)->label = expr->label;
    if (strcmp(function->name, "typeof") == 0)
        lv_resolve_typeof(az, *resolved);
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
    case LV_EXPR_CAST: return resolve_cast(az, scope, expr, resolved);
    case LV_EXPR_APPLY: return resolve_apply(az, scope, expr, resolved);
    case LV_EXPR_FIELD:
        LV_TRY(resolve(az, scope, expr->args[0], &base));
        return lv_resolve_field(az, base, expr->names[0], expr, resolved);
    case LV_EXPR_STAR:
        return at(
            az, expr,
            LV_FAIL(az->err, LV_INVALID_USAGE_OF_STAR, "Invalid usage of '*' in an expression"));
    case LV_EXPR_ALIAS:
        return at(az, expr,
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
