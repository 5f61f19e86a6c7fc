/* write_fit.c: see write_fit.h.
 *
 * Fields of structs go by name too, at any depth, so a struct whose fields differ is taken apart
 * and put together again: CASE WHEN s IS NOT NULL THEN struct(s.a, CAST(s.b AS …), NULL) END.
 * Inside arrays and maps that would take a lambda; there only types may differ, not fields. Source:
 * DeltaSink.scala (implicit casts), TableOutputResolver.scala. */
#include "delta/write_fit.h"

#include "base/check.h"

static lv_expr *make(lv_arena *arena, lv_expr_kind kind, const lv_type *type, lv_expr *arg)
{
    lv_expr *e = LV_NEW(arena, lv_expr);
    *e = (lv_expr){.kind = kind, .type = type, .nullable = true, .sql_offset = -1};
    if (arg != NULL) {
        e->args = LV_NEW(arena, lv_expr *);
        e->args[0] = arg;
        e->arg_count = 1;
    }
    return e;
}

static lv_expr *make_null(lv_arena *arena, const lv_type *type)
{
    lv_expr *e = make(arena, LV_EXPR_LITERAL, type, NULL);
    lv_vector *null = LV_NEW(arena, lv_vector);
    lv_vector_init_null(null, arena, type, 1);
    e->literal = null;
    return e;
}

/* The call of one of compute's functions, which these arguments suit as they are. */
static lv_status make_call(lv_arena *arena, const char *name, lv_expr **args, int count,
                           lv_expr **call, lv_error *err)
{
    const lv_function *function = lv_function_find(lv_str_of(name));
    const lv_type **types = LV_NEW_ARRAY(arena, const lv_type *, count);
    bool *nullable = LV_NEW_ARRAY(arena, bool, count);
    const lv_vector **literals = LV_NEW_ARRAY(arena, const lv_vector *, count);
    for (int i = 0; i < count; i++) {
        types[i] = args[i]->type;
        nullable[i] = args[i]->nullable;
        literals[i] = args[i]->literal;
    }
    lv_bind bind = {.arena = arena,
                    .ansi = true,
                    .session_zone = LV_STR("UTC"),
                    .arg_count = count,
                    .arg_types = types,
                    .arg_nullable = nullable,
                    .arg_literals = literals,
                    .nullable = true};
    LV_ASSERT(function != NULL);
    LV_TRY(lv_function_bind(function, &bind, err));
    lv_expr *e = make(arena, LV_EXPR_CALL, bind.type, NULL);
    lv_str *names = LV_NEW(arena, lv_str);
    names[0] = lv_str_of(name);
    e->args = args;
    e->arg_count = count;
    e->call = lv_call_make(function, &bind);
    e->names = names;
    e->name_count = 1;
    *call = e;
    return LV_OK;
}

/* Equal but for nullability, metadata and the case of names. */
static bool is_same_type(const lv_type *a, const lv_type *b)
{
    if (a->kind != b->kind || a->precision != b->precision || a->scale != b->scale ||
        a->field_count != b->field_count)
        return false;
    for (int f = 0; f < a->field_count; f++)
        if ((a->kind == LV_TYPE_STRUCT &&
             !lv_str_eq_nocase(a->fields[f].name, b->fields[f].name)) ||
            !is_same_type(a->fields[f].type, b->fields[f].type))
            return false;
    return true;
}

/* Whether a cast, which goes by position, would bring fields together that do not belong together.
 */
static bool differs_in_fields(const lv_type *from, const lv_type *to)
{
    if (from->kind != to->kind || !lv_type_is_nested(from))
        return false;
    if (from->field_count != to->field_count)
        return true;
    for (int f = 0; f < from->field_count; f++)
        if ((from->kind == LV_TYPE_STRUCT &&
             !lv_str_eq_nocase(from->fields[f].name, to->fields[f].name)) ||
            differs_in_fields(from->fields[f].type, to->fields[f].type))
            return true;
    return false;
}

static lv_status mismatch(lv_status status, const lv_type *from, const lv_field *to, lv_error *err)
{
    lv_sbuf have = LV_SBUF_INIT, want = LV_SBUF_INIT;
    lv_type_print_sql(from, &have);
    lv_type_print_sql(to->type, &want);
    if (status == LV_DATATYPE_MISMATCH_CAST)
        LV_FAIL(err, status,
                "cannot cast column \"%.*s\" of the query from \"%s\" to the table's \"%s\"",
                LV_STR_ARG(to->name), have.ptr, want.ptr);
    else
        LV_FAIL(err, status,
                "failed to merge fields of column '%.*s': the query has %s, the table %s",
                LV_STR_ARG(to->name), have.ptr, want.ptr);
    lv_sbuf_release(&have);
    lv_sbuf_release(&want);
    return status;
}

static lv_status fit(lv_arena *arena, lv_expr *value, const lv_field *to, lv_expr **out,
                     lv_error *err);

static lv_status fit_struct(lv_arena *arena, lv_expr *value, const lv_field *to, lv_expr **out,
                            lv_error *err)
{
    const lv_type *from = value->type;
    lv_expr *whole = make(arena, LV_EXPR_STRUCT, to->type, NULL), *test, **args;
    whole->arg_count = to->type->field_count;
    whole->args = LV_NEW_ARRAY(arena, lv_expr *, whole->arg_count);
    for (int f = 0; f < whole->arg_count; f++) {
        const lv_field *field = &to->type->fields[f];
        int index = lv_type_field(from, field->name);
        if (index < 0) {
            whole->args[f] = make_null(arena, field->type);
            continue;
        }
        lv_expr *part = make(arena, LV_EXPR_FIELD, from->fields[index].type, value);
        part->index = index;
        LV_TRY(fit(arena, part, field, &whole->args[f], err));
    }
    args = LV_NEW(arena, lv_expr *);
    args[0] = value;
    LV_TRY(make_call(arena, "isnotnull", args, 1, &test, err));
    args = LV_NEW_ARRAY(arena, lv_expr *, 2);
    args[0] = test;
    args[1] = whole;
    return make_call(arena, "when", args, 2, out, err);
}

/* `value` as the type of `to`. */
static lv_status fit(lv_arena *arena, lv_expr *value, const lv_field *to, lv_expr **out,
                     lv_error *err)
{
    const lv_type *from = value->type;
    *out = value;
    if (is_same_type(from, to->type))
        return LV_OK;
    if (differs_in_fields(from, to->type)) {
        if (from->kind == LV_TYPE_STRUCT)
            return fit_struct(arena, value, to, out, err);
        return mismatch(LV_DELTA_FAILED_TO_MERGE_FIELDS, from, to, err);
    }
    if (!lv_cast_allowed(from, to->type, true))
        return mismatch(LV_DATATYPE_MISMATCH_CAST, from, to, err);
    lv_str *name = LV_NEW(arena, lv_str); /* for the cast's error */
    *name = to->name;
    lv_expr *cast = make(arena, LV_EXPR_CAST, to->type, value);
    cast->cast_mode = LV_CAST_ASSIGNMENT;
    cast->names = name;
    cast->name_count = 1;
    *out = cast;
    return LV_OK;
}

lv_status lv_write_fit(lv_arena *arena, const lv_plan *query, const lv_type *schema,
                       const lv_plan **fitted, lv_error *err)
{
    int n = schema->field_count;
    bool as_is = n == query->schema->field_count;
    lv_expr **exprs = LV_NEW_ARRAY(arena, lv_expr *, n);
    for (int c = 0; c < n; c++) {
        int index = lv_type_field(query->schema, schema->fields[c].name);
        if (index < 0) {
            exprs[c] = make_null(arena, schema->fields[c].type);
        } else {
            lv_expr *column = make(arena, LV_EXPR_COLUMN, query->schema->fields[index].type, NULL);
            column->nullable = query->schema->fields[index].nullable;
            column->index = index;
            LV_TRY(fit(arena, column, &schema->fields[c], &exprs[c], err));
        }
        as_is = as_is && index == c && exprs[c]->kind == LV_EXPR_COLUMN;
    }
    if (as_is) {
        *fitted = query;
        return LV_OK;
    }
    lv_plan *project = LV_NEW(arena, lv_plan), **inputs = LV_NEW(arena, lv_plan *);
    inputs[0] = (lv_plan *)(uintptr_t)query;
    *project = (lv_plan){.kind = LV_PLAN_PROJECT,
                         .schema = schema,
                         .is_stream = query->is_stream,
                         .inputs = inputs,
                         .input_count = 1,
                         .exprs = exprs,
                         .expr_count = n,
                         .sql_offset = -1};
    *fitted = project;
    return LV_OK;
}
