/* cast.c: CAST, TRY_CAST and store assignment of whole vectors.
 *
 * A cast is found by the kinds of its two types. Constants are cast once, text in a dictionary once
 * per value; everything else is FLAT when it reaches the loops in cast_*.c. Source: Cast.scala. */
#include "base/check.h"
#include "compute/cast_int.h"

/* ---- errors ---------------------------------------------------------------------------------- */

/* A value as SQL would write it, as Spark shows it in errors: 5L, 1.0E20D, '12x'. */
static const char *value_literal(lv_cast_job *job, int64_t i)
{
    static const char *const suffix[LV_TYPE_COUNT] = {[LV_TYPE_TINYINT] = "Y",
                                                      [LV_TYPE_SMALLINT] = "S",
                                                      [LV_TYPE_BIGINT] = "L",
                                                      [LV_TYPE_DOUBLE] = "D",
                                                      [LV_TYPE_DECIMAL] = "BD"};
    lv_sbuf text = LV_SBUF_INIT;
    lv_print_value(job->in, i, job->eval->zone, &text);
    const char *tail = suffix[job->from->kind] ? suffix[job->from->kind] : "";
    bool quoted = job->from->kind == LV_TYPE_STRING;
    int shown = (int)LV_MIN(text.len, (size_t)200);
    const char *literal = lv_arena_printf(job->eval->arena, quoted ? "'%.*s'%s" : "%.*s%s", shown,
                                          text.ptr ? text.ptr : "", tail);
    lv_sbuf_release(&text);
    return literal;
}

lv_status lv_cast_reject(lv_cast_job *job, int64_t i, lv_status status)
{
    if (!job->strict) {
        lv_result_set_null(job->eval->arena, job->out, i, &job->owned);
        return LV_OK;
    }
    lv_arena *arena = job->eval->arena;
    const char *value = value_literal(job, i), *from = lv_type_name(arena, job->from),
               *to = lv_type_name(arena, job->to);
    if (status == LV_CAST_OVERFLOW && job->mode == LV_CAST_ASSIGNMENT)
        return LV_FAIL(
            job->err, LV_CAST_OVERFLOW_IN_TABLE_INSERT,
            "fail to assign a value of \"%s\" type to the \"%s\" type column or variable `%.*s` "
            "due to an overflow. "
            "Use `try_cast` on the input value to tolerate overflow and return NULL instead",
            from, to, LV_STR_ARG(job->column));
    if (status == LV_CAST_OVERFLOW)
        return LV_FAIL(
            job->err, status,
            "the value %s of the type \"%s\" cannot be cast to \"%s\" due to an overflow. "
            "Use `try_cast` to tolerate overflow and return NULL instead",
            value, from, to);
    if (status == LV_NUMERIC_OUT_OF_SUPPORTED_RANGE)
        return LV_FAIL(job->err, status,
                       "the value %s cannot be interpreted as a numeric since it has more than 38 "
                       "digits",
                       value);
    if (status == LV_NUMERIC_VALUE_OUT_OF_RANGE)
        return LV_FAIL(job->err, status,
                       "the %s cannot be represented as Decimal(%d, %d). If necessary set "
                       "\"spark.sql.ansi.enabled\" to \"false\" "
                       "to bypass this error, and return NULL instead",
                       value, job->to->precision, job->to->scale);
    return LV_FAIL(job->err, status,
                   "the value %s of the type \"%s\" cannot be cast to \"%s\" because it is "
                   "malformed. Correct the value as per the syntax, "
                   "or change its target type. Use `try_cast` to tolerate malformed input and "
                   "return NULL instead",
                   value, from, to);
}

/* ---- casts of one kind each ------------------------------------------------------------------ */

static lv_status to_binary(lv_cast_job *job)
{
    lv_vector *out = job->out;
    if (job->from->kind == LV_TYPE_STRING) {
        out->data = job->in->data;
        return LV_OK;
    }
    size_t size = lv_type_value_size(job->from); /* an integer: its bytes, big-endian */
    for (int64_t i = 0; i < out->length; i++) {
        uint64_t value =
            __builtin_bswap64((uint64_t)lv_load_int(job->from->kind, job->in->data, i));
        char *bytes = lv_arena_alloc(job->eval->arena, 8);
        memcpy(bytes, &value, 8);
        ((lv_str *)out->data)[i] = (lv_str){bytes + 8 - size, size};
    }
    return LV_OK;
}

static lv_status parts(lv_cast_job *job)
{
    for (int f = 0; f < job->to->field_count; f++)
        LV_TRY(lv_cast(job->eval, &job->in->children[f], job->to->fields[f].type, job->mode,
                       job->column, &job->out->children[f], job->err));
    job->out->offsets = job->in->offsets;
    return LV_OK;
}

static lv_status cast_flat(lv_cast_job *job)
{
    lv_type_kind from = job->from->kind, to = job->to->kind;
    if (to == LV_TYPE_STRING)
        return lv_cast_to_text(job);
    if (lv_type_is_nested(job->to))
        return parts(job);
    if (to == LV_TYPE_BINARY)
        return to_binary(job);
    if (from == LV_TYPE_STRING)
        return lv_type_is_interval(job->to) ? lv_cast_text_to_interval(job)
                                            : lv_cast_from_text(job);
    if (lv_type_is_interval(job->from) || lv_type_is_interval(job->to))
        return lv_cast_interval(job);
    if (to == LV_TYPE_DATE || to == LV_TYPE_TIMESTAMP || to == LV_TYPE_TIMESTAMP_NTZ)
        return lv_cast_to_time(job);
    if (from == LV_TYPE_TIMESTAMP)
        return lv_cast_from_timestamp(job);
    if (from == LV_TYPE_DATE) { /* not ANSI only: a date is no number */
        lv_vector_init_null(job->out, job->eval->arena, job->to, job->in->length);
        return LV_OK;
    }
    return lv_cast_number(job);
}

/* Same representation, another type: text as bytes and back, structs whose fields only change
 * names. */
static bool is_relabel(const lv_type *from, const lv_type *to)
{
    if (lv_type_equal(from, to) || (from->kind == LV_TYPE_BINARY && to->kind == LV_TYPE_STRING) ||
        (from->kind == LV_TYPE_STRING && to->kind == LV_TYPE_BINARY))
        return true;
    if (!lv_type_is_nested(from) || from->kind != to->kind || from->field_count != to->field_count)
        return false;
    for (int f = 0; f < from->field_count; f++)
        if (!is_relabel(from->fields[f].type, to->fields[f].type))
            return false;
    return true;
}

static void relabel(lv_arena *arena, const lv_vector *in, const lv_type *to, lv_vector *out)
{
    *out = *in;
    out->type = to;
    if (in->child_count == 0)
        return;
    out->children = LV_NEW_ARRAY(arena, lv_vector, in->child_count);
    for (int f = 0; f < in->child_count; f++)
        relabel(arena, &in->children[f], to->fields[f].type, &out->children[f]);
}

typedef struct cast_values {
    lv_eval *eval;
    lv_cast_mode mode;
    lv_str column;
} cast_values;

static lv_status cast_on_values(void *context, const lv_vector *values, lv_vector *out,
                                lv_error *err)
{
    cast_values *c = context;
    return lv_cast(c->eval, values, out->type, c->mode, c->column, out, err);
}

static lv_status cast_constant(lv_eval *eval, const lv_vector *in, const lv_type *to,
                               lv_cast_mode mode, lv_str column, lv_vector *out, lv_error *err)
{
    lv_vector one = *in;
    one.encoding = LV_FLAT;
    one.length = 1;
    LV_TRY(lv_cast(eval, &one, to, mode, column, out, err));
    out->encoding = LV_CONSTANT;
    out->length = in->length;
    return LV_OK;
}

lv_status lv_cast(lv_eval *eval, const lv_vector *in, const lv_type *to, lv_cast_mode mode,
                  lv_str column, lv_vector *out, lv_error *err)
{
    if (is_relabel(in->type, to)) {
        relabel(eval->arena, in, to, out);
        return LV_OK;
    }
    if (in->type->kind == LV_TYPE_VOID || in->length == 0 ||
        (in->encoding == LV_CONSTANT && lv_vector_is_null(in, 0))) {
        lv_vector_init_null(out, eval->arena, to, in->length);
        return LV_OK;
    }
    if (in->encoding == LV_CONSTANT)
        return cast_constant(eval, in, to, mode, column, out, err);
    if (lv_dictionary_pays(in)) {
        cast_values context = {eval, mode, column};
        out->type = to;
        return lv_by_dictionary(eval->arena, in, cast_on_values, &context, out, err);
    }
    lv_cast_job job = {.eval = eval,
                       .from = in->type,
                       .to = to,
                       .in = lv_vector_flatten(eval->arena, in),
                       .out = out,
                       .mode = mode,
                       .column = column,
                       .err = err};
    job.strict = mode == LV_CAST_ASSIGNMENT || (mode == LV_CAST_EXPLICIT && eval->ansi);
    job.legacy = mode == LV_CAST_EXPLICIT && !eval->ansi;
    lv_vector_init_flat(out, eval->arena, to, in->length);
    out->validity = job.in->validity;
    return cast_flat(&job);
}

/* ---- boolean(x), int(x), ... ----------------------------------------------------------------- */

static lv_status kernel_cast(const lv_call *call, lv_eval *eval, const lv_vector *args,
                             int64_t rows, lv_vector *out, lv_error *err)
{
    return lv_cast(eval, &args[0], call->type, LV_CAST_EXPLICIT, LV_STR_NONE, out, err);
}

lv_status lv_bind_cast_to(const lv_function *function, lv_bind *bind, lv_error *err)
{
    const lv_type *from = bind->arg_types[0];
    const lv_type *to = function->op == LV_TYPE_DECIMAL ? lv_type_decimal(bind->arena, 10, 0)
                                                        : lv_type_of((lv_type_kind)function->op);
    if (!lv_cast_allowed(from, to, bind->ansi))
        return LV_FAIL(err, LV_DATATYPE_MISMATCH_CAST, "cannot cast \"%s\" to \"%s\"",
                       lv_type_name(bind->arena, from), lv_type_name(bind->arena, to));
    bool can_fail = lv_cast_can_fail(from, to);
    lv_bind_result(bind, to, !can_fail || !bind->ansi, kernel_cast);
    bind->nullable = bind->nullable || (can_fail && !bind->ansi);
    return LV_OK;
}
