/* time_text.c: times from text and to text: to_timestamp, to_date, unix_timestamp, from_unixtime, date_format, with
 * or without a pattern. Source: datetimeExpressions.scala. */
#include "base/datetime_pattern.h"
#include "compute/time_int.h"

/* ---- from text ------------------------------------------------------------------------------- */

typedef struct parse {
    lv_pattern_cursor pattern;
    bool lenient; /* text that does not fit is NULL */
} parse;

/* Text by the pattern in args[1], as microseconds into `us`; nulls where it does not fit and may. */
static lv_status parse_rows(const lv_call *call, lv_eval *eval, const lv_vector *args, int64_t rows,
                            bool ntz, lv_vector *out, int64_t *us, lv_error *err)
{
    parse p = *(const parse *)call->param;
    lv_strs texts = lv_strs_of(&args[0]), patterns = lv_strs_of(&args[1]);
    bool owned = false;
    uint64_t *validity = out->validity;
    for (int64_t i = 0; i < rows; i++) {
        us[i] = 0;
        if (!lv_row_valid(validity, i))
            continue;
        LV_TRY(lv_pattern_cursor_at(&p.pattern, eval->arena, lv_strs_at(&patterns, i), err));
        lv_str text = lv_strs_at(&texts, i);
        if (lv_datetime_pattern_parse(p.pattern.pattern, text, ntz ? NULL : eval->zone, &us[i]))
            continue;
        if (!p.lenient)
            return LV_FAIL(err, LV_CANNOT_PARSE_TIMESTAMP,
                           "Text '%.*s' could not be parsed. Use `%s` to tolerate invalid input "
                           "string and return NULL instead",
                           LV_STR_ARG(lv_str_sub(text, 0, LV_MIN(text.len, (size_t)200))),
                           call->type->kind == LV_TYPE_DATE ? "try_to_date" : "try_to_timestamp");
        us[i] = 0;
        lv_result_set_null(eval->arena, out, i, &owned);
    }
    return LV_OK;
}

static lv_status kernel_parse(const lv_call *call, lv_eval *eval, const lv_vector *args,
                              int64_t rows, lv_vector *out, lv_error *err)
{
    lv_vector times;
    bool ntz = call->type->kind == LV_TYPE_TIMESTAMP_NTZ;
    lv_vector_init_flat(&times, eval->arena, lv_type_of(LV_TYPE_TIMESTAMP), rows);
    times.validity = lv_validity_merge(eval->arena, args, 2, rows);
    LV_TRY(parse_rows(call, eval, args, rows, ntz, &times, times.data, err));
    if (call->type->kind == LV_TYPE_DATE)
        return lv_cast(eval, &times, call->type, LV_CAST_EXPLICIT, LV_STR_NONE, out, err);
    *out = times;
    out->type = call->type;
    return LV_OK;
}

/* Without a pattern, or what is a time already: a cast. */
static lv_status kernel_convert(const lv_call *call, lv_eval *eval, const lv_vector *args,
                                int64_t rows, lv_vector *out, lv_error *err)
{
    lv_cast_mode mode = call->function->op & 16 ? LV_CAST_TRY : LV_CAST_EXPLICIT;
    LV_TRY(lv_cast(eval, &args[0], call->type, mode, LV_STR_NONE, out, err));
    bool owned = false;
    for (int64_t i = 0; i < rows && call->arg_count == 2 && args[1].validity != NULL; i++)
        if (lv_vector_is_null(&args[1], i))
            lv_result_set_null(eval->arena, out, i, &owned);
    return LV_OK;
}

static bool is_time(const lv_type *type)
{
    return type->kind == LV_TYPE_DATE || type->kind == LV_TYPE_TIMESTAMP ||
           type->kind == LV_TYPE_TIMESTAMP_NTZ;
}

static void use_pattern(lv_bind *bind, lv_pattern_cursor pattern, bool lenient)
{
    parse *p = LV_NEW(bind->arena, parse);
    *p = (parse){pattern, lenient};
    bind->param = p;
}

lv_status lv_bind_parse_time(const lv_function *function, lv_bind *bind, lv_error *err)
{
    static const lv_type_kind kinds[] = {[PARSE_DATE] = LV_TYPE_DATE,
                                         [PARSE_TIMESTAMP] = LV_TYPE_TIMESTAMP,
                                         [PARSE_NTZ] = LV_TYPE_TIMESTAMP_NTZ};
    const lv_type *from = bind->arg_types[0], *to = lv_type_of(kinds[function->op & 15]);
    bool lenient = !bind->ansi || (function->op & 16), patterned = bind->arg_count == 2;
    lv_pattern_cursor pattern = {.printing = false};
    if (lv_type_is_nested(from) || lv_type_is_interval(from) || from->kind == LV_TYPE_BINARY ||
        (patterned && from->kind != LV_TYPE_STRING && from->kind != LV_TYPE_VOID && !is_time(from)))
        return lv_bind_mismatch(function, bind, 0,
                                "(\"STRING\" or \"DATE\" or \"TIMESTAMP\" or \"TIMESTAMP WITHOUT "
                                "TIME ZONE\")",
                                err);
    if (patterned) {
        LV_TRY(lv_bind_want(function, bind, 1, lv_type_of(LV_TYPE_STRING), err));
        if (!is_time(from))
            LV_TRY(lv_bind_pattern(bind, 1, false, &pattern, err));
    }
    if (!is_time(from) && !(lv_type_is_numeric(from) && to->kind == LV_TYPE_TIMESTAMP))
        bind->arg_types[0] = from = lv_type_of(LV_TYPE_STRING); /* to_date(1), to_timestamp(true) */
    bool by_pattern = patterned && !is_time(from), can_fail = lv_cast_can_fail(from, to);
    lv_bind_result(bind, to, lenient || (!by_pattern && !can_fail),
                   by_pattern ? kernel_parse : kernel_convert);
    bool ntz_date = from->kind == LV_TYPE_TIMESTAMP_NTZ && to->kind == LV_TYPE_DATE;
    can_fail = can_fail && from->kind != LV_TYPE_DECIMAL;
    bind->nullable = bind->nullable || (function->op & 16) || ntz_date ||
                     (by_pattern ? lenient : from->kind == LV_TYPE_STRING || (lenient && can_fail));
    use_pattern(bind, pattern, lenient);
    return LV_OK;
}

/* ---- seconds of a text ----------------------------------------------------------------------- */

static lv_status kernel_unix_time(const lv_call *call, lv_eval *eval, const lv_vector *args,
                                  int64_t rows, lv_vector *out, lv_error *err)
{
    lv_result_init(call, eval, args, rows, out);
    int64_t *seconds = out->data;
    if (args[0].type->kind == LV_TYPE_STRING)
        LV_TRY(parse_rows(call, eval, args, rows, false, out, seconds, err));
    for (int64_t i = 0; i < rows; i++) {
        int64_t us =
            args[0].type->kind == LV_TYPE_STRING ? seconds[i] : LV_AT(int64_t, &args[0], i);
        seconds[i] = us / LV_SECOND_US; /* towards 1970 */
    }
    return LV_OK;
}

lv_status lv_bind_unix_time(const lv_function *function, lv_bind *bind, lv_error *err)
{
    lv_pattern_cursor pattern = {.printing = false};
    lv_type_kind kind = bind->arg_types[0]->kind;
    bool text = kind == LV_TYPE_STRING || kind == LV_TYPE_VOID;
    if (!text && !is_time(bind->arg_types[0]))
        return lv_bind_mismatch(function, bind, 0,
                                "(\"STRING\" or \"DATE\" or \"TIMESTAMP\" or \"TIMESTAMP WITHOUT "
                                "TIME ZONE\")",
                                err);
    if (text)
        bind->arg_types[0] = lv_type_of(LV_TYPE_STRING);
    else
        LV_TRY(lv_bind_want_timestamp(function, bind, 0, err));
    LV_TRY(lv_bind_want(function, bind, 1, lv_type_of(LV_TYPE_STRING), err));
    if (text)
        LV_TRY(lv_bind_pattern(bind, 1, false, &pattern, err));
    lv_bind_result(bind, lv_type_of(LV_TYPE_BIGINT), !text || !bind->ansi, kernel_unix_time);
    bind->nullable = bind->nullable || (text && !bind->ansi);
    use_pattern(bind, pattern, !bind->ansi);
    return LV_OK;
}

/* ---- to text --------------------------------------------------------------------------------- */

/* Seconds (BIGINT) or timestamps by the pattern in args[1]. All texts are made in one buffer and moved to the arena at
 * the end; until then a slice's ptr holds an offset. */
static lv_status print_rows(lv_eval *eval, const lv_vector *args, int64_t rows,
                            lv_pattern_cursor *pattern, lv_sbuf *text, lv_vector *out,
                            lv_error *err)
{
    lv_str *values = out->data;
    lv_strs patterns = lv_strs_of(&args[1]);
    bool seconds = args[0].type->kind == LV_TYPE_BIGINT;
    for (int64_t i = 0; i < rows; i++) {
        size_t from = text->len;
        if (lv_row_valid(out->validity, i)) {
            int64_t us = LV_AT(int64_t, &args[0], i);
            if (seconds)
                us = (int64_t)((uint64_t)us * LV_SECOND_US); /* wraps, as in Spark */
            LV_TRY(lv_pattern_cursor_at(pattern, eval->arena, lv_strs_at(&patterns, i), err));
            LV_TRY(lv_datetime_pattern_print(pattern->pattern, us, eval->zone, text, err));
        }
        values[i] = (lv_str){(const char *)from, text->len - from};
    }
    const char *base = lv_str_dup(eval->arena, lv_sbuf_str(text)).ptr;
    for (int64_t i = 0; i < rows; i++)
        values[i].ptr = base + (uintptr_t)values[i].ptr;
    return LV_OK;
}

static lv_status kernel_format(const lv_call *call, lv_eval *eval, const lv_vector *args,
                               int64_t rows, lv_vector *out, lv_error *err)
{
    lv_pattern_cursor pattern = *(const lv_pattern_cursor *)call->param;
    lv_sbuf text = LV_SBUF_INIT;
    lv_result_init(call, eval, args, rows, out);
    lv_status status = print_rows(eval, args, rows, &pattern, &text, out, err);
    lv_sbuf_release(&text);
    return status;
}

lv_status lv_bind_format_time(const lv_function *function, lv_bind *bind, lv_error *err)
{
    lv_pattern_cursor *pattern = LV_NEW(bind->arena, lv_pattern_cursor);
    bool seconds = function->op == FORMAT_SECONDS;
    if (seconds)
        LV_TRY(lv_bind_want_number(function, bind, 0, lv_type_of(LV_TYPE_BIGINT), err));
    else
        LV_TRY(lv_bind_want(function, bind, 0, lv_type_of(LV_TYPE_TIMESTAMP), err));
    LV_TRY(lv_bind_want(function, bind, 1, lv_type_of(LV_TYPE_STRING), err));
    LV_TRY(lv_bind_pattern(bind, 1, true, pattern, err));
    lv_bind_result(bind, lv_type_of(LV_TYPE_STRING), false, kernel_format);
    bind->nullable = bind->nullable || seconds;
    bind->param = pattern;
    return LV_OK;
}
