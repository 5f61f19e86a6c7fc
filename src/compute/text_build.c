/* text_build.c: texts put together from parts: overlay, substring_index, elt, chr, space, quote, mask.
 * Source: stringExpressions.scala, maskExpressions.scala, UTF8String. */
#include <utf8proc.h>

#include "base/utf8.h"
#include "compute/compute_int.h"

/* ---- overlay --------------------------------------------------------------------------------- */

/* Bytes before character `n`, all of them if there are not so many. */
static size_t offset_of(lv_str s, int64_t n, bool bytes)
{
    if (n <= 0)
        return 0;
    if (bytes)
        return LV_MIN((size_t)n, s.len);
    size_t at = 0;
    for (; n > 0 && at < s.len; n--)
        do
            at++;
        while (at < s.len && (s.ptr[at] & 0xC0) == 0x80);
    return at;
}

static lv_status kernel_overlay(const lv_call *call, lv_eval *eval, const lv_vector *args,
                                int64_t rows, lv_vector *out, lv_error *err)
{
    bool bytes = call->type->kind == LV_TYPE_BINARY;
    lv_result_init(call, eval, args, rows, out);
    lv_strs in = lv_strs_of(&args[0]), news = lv_strs_of(&args[1]);
    for (int64_t i = 0; i < rows; i++) {
        lv_str *value = (lv_str *)out->data + i;
        *value = LV_STR_NONE;
        if (!lv_row_valid(out->validity, i))
            continue;
        lv_str s = lv_strs_at(&in, i), with = lv_strs_at(&news, i);
        int64_t from = LV_AT(int32_t, &args[2], i);
        int64_t len = call->arg_count == 4 ? LV_AT(int32_t, &args[3], i) : -1;
        if (len < 0)
            len = (int64_t)(bytes ? with.len : lv_utf8_length(with.ptr, with.len));
        size_t begin = offset_of(s, from - 1, bytes), end = offset_of(s, from - 1 + len, bytes);
        char *text = lv_arena_alloc(eval->arena, begin + with.len + s.len - end), *at = text;
        at = mempcpy(at, s.len ? s.ptr : "", begin);
        at = mempcpy(at, with.len ? with.ptr : "", with.len);
        at = mempcpy(at, s.len ? s.ptr + end : "", s.len - end);
        *value = (lv_str){text, (size_t)(at - text)};
    }
    return LV_OK;
}

lv_status lv_bind_overlay(const lv_function *function, lv_bind *bind, lv_error *err)
{
    bool binary =
        bind->arg_types[0]->kind == LV_TYPE_BINARY && bind->arg_types[1]->kind == LV_TYPE_BINARY;
    if (!binary &&
        (bind->arg_types[0]->kind == LV_TYPE_BINARY || bind->arg_types[1]->kind == LV_TYPE_BINARY))
        return LV_FAIL(
            err, LV_DATATYPE_MISMATCH_DIFF_TYPES,
            "Input to `overlay` should all be the same type, but it's (\"%s\" or \"%s\")",
            lv_type_name(bind->arena, bind->arg_types[0]),
            lv_type_name(bind->arena, bind->arg_types[1]));
    for (int i = 0; i < bind->arg_count; i++)
        LV_TRY(lv_bind_want(function, bind, i,
                            lv_type_of(i > 1    ? LV_TYPE_INT
                                       : binary ? LV_TYPE_BINARY
                                                : LV_TYPE_STRING),
                            err));
    lv_bind_result(bind, bind->arg_types[0], true, kernel_overlay);
    return LV_OK;
}

/* ---- substring_index ------------------------------------------------------------------------- */

/* Before the n-th separator, or behind the n-th from the end. They are looked for one byte on, so they may
 * overlap, as in Spark. */
static lv_str substring_index(lv_str s, lv_str separator, int32_t n)
{
    if (separator.len == 0 || n == 0 || s.len == 0)
        return LV_STR("");
    if (n > 0) {
        const char *at = s.ptr - 1, *end = s.ptr + s.len;
        for (; n > 0 && at != NULL; n--)
            at = at + 1 > end
                     ? NULL
                     : memmem(at + 1, (size_t)(end - at - 1), separator.ptr, separator.len);
        return at ? lv_str_sub(s, 0, (size_t)(at - s.ptr)) : s;
    }
    int64_t at = (int64_t)s.len - (int64_t)separator.len + 1;
    for (int64_t left = -(int64_t)n; left > 0; left--) {
        do
            at--;
        while (at >= 0 && memcmp(s.ptr + at, separator.ptr, separator.len) != 0);
        if (at < 0)
            return s;
    }
    size_t from = (size_t)at + separator.len;
    return lv_str_sub(s, from, s.len - from);
}

static lv_status kernel_substring_index(const lv_call *call, lv_eval *eval, const lv_vector *args,
                                        int64_t rows, lv_vector *out, lv_error *err)
{
    lv_result_init(call, eval, args, rows, out);
    lv_strs in = lv_strs_of(&args[0]), separators = lv_strs_of(&args[1]);
    for (int64_t i = 0; i < rows; i++)
        ((lv_str *)out->data)[i] =
            lv_row_valid(out->validity, i)
                ? substring_index(lv_strs_at(&in, i), lv_strs_at(&separators, i),
                                  LV_AT(int32_t, &args[2], i))
                : LV_STR_NONE;
    return LV_OK;
}

lv_status lv_bind_substring_index(const lv_function *function, lv_bind *bind, lv_error *err)
{
    for (int i = 0; i < 3; i++)
        LV_TRY(
            lv_bind_want(function, bind, i, lv_type_of(i < 2 ? LV_TYPE_STRING : LV_TYPE_INT), err));
    lv_bind_result(bind, lv_type_of(LV_TYPE_STRING), true, kernel_substring_index);
    return LV_OK;
}

/* ---- elt ------------------------------------------------------------------------------------- */

static lv_status kernel_elt(const lv_call *call, lv_eval *eval, const lv_vector *args, int64_t rows,
                            lv_vector *out, lv_error *err)
{
    int *choice = lv_arena_alloc(eval->arena, sizeof *choice * (size_t)rows),
        count = call->arg_count - 1;
    for (int64_t i = 0; i < rows; i++) {
        choice[i] = -1;
        if (lv_vector_is_null(&args[0], i))
            continue;
        int32_t n = LV_AT(int32_t, &args[0], i);
        if (n >= 1 && n <= count)
            choice[i] = n;
        else if (eval->ansi)
            return LV_FAIL(
                err, LV_INVALID_ARRAY_INDEX,
                "The index %d is out of bounds. The array has %d elements. Use the SQL function "
                "`get()` to tolerate accessing element at invalid index and return NULL instead",
                (int)n, count);
    }
    lv_vector_pick(eval->arena, call->type, args, choice, NULL, rows, out);
    return LV_OK;
}

lv_status lv_bind_elt(const lv_function *function, lv_bind *bind, lv_error *err)
{
    bool binary = true;
    LV_TRY(lv_bind_want(function, bind, 0, lv_type_of(LV_TYPE_INT), err));
    for (int i = 1; i < bind->arg_count; i++)
        binary = binary && bind->arg_types[i]->kind == LV_TYPE_BINARY;
    const lv_type *type = lv_type_of(binary ? LV_TYPE_BINARY : LV_TYPE_STRING);
    for (int i = 1; i < bind->arg_count; i++) {
        LV_TRY(lv_bind_want(function, bind, i, type, err));
        bind->arg_types[i] = type;
    }
    lv_bind_result(bind, type, false, kernel_elt);
    bind->nullable = true;
    return LV_OK;
}

/* ---- chr, space ------------------------------------------------------------------------------ */

static lv_status kernel_chr(const lv_call *call, lv_eval *eval, const lv_vector *args, int64_t rows,
                            lv_vector *out, lv_error *err)
{
    lv_result_init(call, eval, args, rows, out);
    for (int64_t i = 0; i < rows; i++) {
        lv_str *value = (lv_str *)out->data + i;
        *value = LV_STR("");
        int64_t code = LV_AT(int64_t, &args[0], i);
        if (!lv_row_valid(out->validity, i) || code < 0)
            continue;
        char *text = lv_arena_alloc(eval->arena, 4);
        *value = (lv_str){text, lv_utf8_encode((uint32_t)(code & 0xFF), text)};
    }
    return LV_OK;
}

lv_status lv_bind_chr(const lv_function *function, lv_bind *bind, lv_error *err)
{
    LV_TRY(lv_bind_want(function, bind, 0, lv_type_of(LV_TYPE_BIGINT), err));
    lv_bind_result(bind, lv_type_of(LV_TYPE_STRING), true, kernel_chr);
    return LV_OK;
}

static lv_status kernel_space(const lv_call *call, lv_eval *eval, const lv_vector *args,
                              int64_t rows, lv_vector *out, lv_error *err)
{
    enum { BLANKS_MAX = 1 << 30 };
    lv_result_init(call, eval, args, rows, out);
    for (int64_t i = 0; i < rows; i++) {
        int32_t n = lv_row_valid(out->validity, i) ? LV_MAX(LV_AT(int32_t, &args[0], i), 0) : 0;
        if (n > BLANKS_MAX)
            return LV_FAIL(err, LV_INVALID_FUNCTION_VALUE,
                           "the result of `space` is longer than %d bytes", BLANKS_MAX);
        char *text = lv_arena_alloc(eval->arena, (size_t)n);
        memset(text, ' ', (size_t)n);
        ((lv_str *)out->data)[i] = (lv_str){text, (size_t)n};
    }
    return LV_OK;
}

lv_status lv_bind_space(const lv_function *function, lv_bind *bind, lv_error *err)
{
    LV_TRY(lv_bind_want(function, bind, 0, lv_type_of(LV_TYPE_INT), err));
    lv_bind_result(bind, lv_type_of(LV_TYPE_STRING), false, kernel_space);
    return LV_OK;
}

/* ---- quote ----------------------------------------------------------------------------------- */

/* 'it\'s': only quotes are escaped. */
static lv_str quote(lv_arena *arena, lv_str s)
{
    char *text = lv_arena_alloc(arena, 2 * s.len + 2);
    size_t n = 0;
    text[n++] = '\'';
    for (size_t i = 0; i < s.len; i++) {
        if (s.ptr[i] == '\'')
            text[n++] = '\\';
        text[n++] = s.ptr[i];
    }
    text[n++] = '\'';
    return (lv_str){text, n};
}

static lv_status kernel_quote(const lv_call *call, lv_eval *eval, const lv_vector *args,
                              int64_t rows, lv_vector *out, lv_error *err)
{
    lv_result_init(call, eval, args, rows, out);
    lv_strs in = lv_strs_of(&args[0]);
    for (int64_t i = 0; i < rows; i++)
        ((lv_str *)out->data)[i] =
            lv_row_valid(out->validity, i) ? quote(eval->arena, lv_strs_at(&in, i)) : LV_STR_NONE;
    return LV_OK;
}

lv_status lv_bind_quote(const lv_function *function, lv_bind *bind, lv_error *err)
{
    LV_TRY(lv_bind_want(function, bind, 0, lv_type_of(LV_TYPE_STRING), err));
    lv_bind_result(bind, lv_type_of(LV_TYPE_STRING), true, kernel_quote);
    bind->nullable = true;
    return LV_OK;
}

/* ---- mask ------------------------------------------------------------------------------------ */

/* What stands for upper case letters, lower case letters, digits and the rest; len 0: they stay. */
typedef struct masks {
    lv_str with[4];
} masks;

/* Java masks UTF-16 units: half of a surrogate pair is neither letter nor digit. */
static void mask_char(const masks *m, lv_str c, uint32_t code, lv_sbuf *out)
{
    utf8proc_category_t category =
        code > 0xFFFF ? UTF8PROC_CATEGORY_CS : utf8proc_category((int32_t)code);
    int kind = category == UTF8PROC_CATEGORY_LU   ? 0
               : category == UTF8PROC_CATEGORY_LL ? 1
               : category == UTF8PROC_CATEGORY_ND ? 2
                                                  : 3;
    lv_sbuf_add_str(out, m->with[kind].len ? m->with[kind] : c);
    if (code > 0xFFFF && m->with[3].len)
        lv_sbuf_add_str(out, m->with[3]);
}

static lv_status kernel_mask(const lv_call *call, lv_eval *eval, const lv_vector *args,
                             int64_t rows, lv_vector *out, lv_error *err)
{
    const masks *m = call->param;
    lv_sbuf text = LV_SBUF_INIT;
    lv_vector_init_flat(out, eval->arena, call->type, rows);
    out->validity = lv_validity_flat(eval->arena, args, 1, rows);
    lv_strs in = lv_strs_of(&args[0]);
    for (int64_t i = 0; i < rows; i++) {
        lv_str *value = (lv_str *)out->data + i, s;
        *value = LV_STR_NONE;
        if (!lv_row_valid(out->validity, i))
            continue;
        s = lv_utf8_repair(eval->arena, lv_strs_at(&in, i));
        lv_sbuf_clear(&text);
        for (size_t at = 0, used; at < s.len; at += used) {
            uint32_t code = lv_utf8_decode(s.ptr + at, &used);
            mask_char(m, lv_str_sub(s, at, used), code, &text);
        }
        *value = lv_str_dup(eval->arena, lv_sbuf_str(&text));
    }
    lv_sbuf_release(&text);
    return LV_OK;
}

lv_status lv_bind_mask(const lv_function *function, lv_bind *bind, lv_error *err)
{
    static const char *const names[] = {"upperChar", "lowerChar", "digitChar", "otherChar"};
    masks *m = LV_NEW(bind->arena, masks);
    *m = (masks){{LV_STR("X"), LV_STR("x"), LV_STR("n"), LV_STR("")}};
    const lv_type_kind kind = bind->arg_types[0]->kind;
    if (kind != LV_TYPE_STRING && kind != LV_TYPE_VOID)
        return lv_bind_mismatch(function, bind, 0, "\"STRING\"", err);
    LV_TRY(lv_bind_want(function, bind, 0, lv_type_of(LV_TYPE_STRING), err));
    for (int i = 1; i < bind->arg_count; i++) {
        LV_TRY(lv_bind_want(function, bind, i, lv_type_of(LV_TYPE_STRING), err));
        if (bind->arg_literals == NULL || bind->arg_literals[i] == NULL)
            return LV_FAIL(err, LV_DATATYPE_MISMATCH_NON_FOLDABLE,
                           "the input %s should be a foldable \"STRING\" expression", names[i - 1]);
        const lv_vector *literal = lv_bind_literal(bind, i);
        m->with[i - 1] = literal ? lv_str_dup(bind->arena, lv_vector_str(literal, 0)) : LV_STR("");
        if (literal && lv_utf8_length(m->with[i - 1].ptr, m->with[i - 1].len) != 1)
            return LV_FAIL(err, LV_DATATYPE_MISMATCH_NOT_ONE, "Length of %s should be 1",
                           names[i - 1]);
    }
    lv_bind_result(bind, lv_type_of(LV_TYPE_STRING), true, kernel_mask);
    bind->nullable = true;
    bind->param = m;
    return LV_OK;
}
