/* text_search.c: finding, matching and replacing parts of text, and small conversions. */
#include <utf8proc.h>

#include "base/utf8.h"
#include "compute/cast_int.h"
#include "compute/compute_int.h"

static size_t char_size(lv_str s, size_t i)
{
    size_t n = lv_utf8_valid_prefix(s.ptr + i, s.len - i);
    return n ? n : 1;
}

/* ---- contains, startswith, endswith, instr --------------------------------------------------- */

static bool find(int op, lv_str s, lv_str part)
{
    if (op == FIND_STARTS)
        return lv_str_starts(s, part);
    if (op == FIND_ENDS)
        return lv_str_ends(s, part);
    return part.len == 0 || (s.len >= part.len && memmem(s.ptr, s.len, part.ptr, part.len) != NULL);
}

static lv_status kernel_find(const lv_call *call, lv_eval *eval, const lv_vector *args,
                             int64_t rows, lv_vector *out, lv_error *err)
{
    lv_result_init(call, eval, args, rows, out);
    lv_strs in = lv_strs_of(&args[0]), parts = lv_strs_of(&args[1]);
    for (int64_t i = 0; i < rows; i++)
        ((uint8_t *)out->data)[i] =
            lv_row_valid(out->validity, i) &&
            find(call->function->op, lv_strs_at(&in, i), lv_strs_at(&parts, i));
    return LV_OK;
}

lv_status lv_bind_find(const lv_function *function, lv_bind *bind, lv_error *err)
{
    bool binary =
        bind->arg_types[0]->kind == LV_TYPE_BINARY && bind->arg_types[1]->kind == LV_TYPE_BINARY;
    for (int i = 0; i < 2; i++)
        LV_TRY(lv_bind_want(function, bind, i, lv_type_of(binary ? LV_TYPE_BINARY : LV_TYPE_STRING),
                            err));
    lv_bind_result(bind, lv_type_of(LV_TYPE_BOOLEAN), true, kernel_find);
    return LV_OK;
}

/* Position of the part at or behind character `from`, counted from 1. Source: UTF8String.indexOf,
 * StringLocate. */
static int32_t locate(lv_str s, lv_str part, int32_t from)
{
    if (from < 1)
        return 0;
    if (part.len == 0)
        return 1;
    size_t start = 0;
    for (int32_t c = 1; c < from && start < s.len; c++)
        start += char_size(s, start);
    const char *at =
        start >= s.len ? NULL : memmem(s.ptr + start, s.len - start, part.ptr, part.len);
    return at == NULL ? 0 : (int32_t)lv_utf8_length(s.ptr, (size_t)(at - s.ptr)) + 1;
}

/* instr(text, part); locate and position take the part first, and maybe where to begin: a null there is
 * no null but no place. */
static lv_status kernel_instr(const lv_call *call, lv_eval *eval, const lv_vector *args,
                              int64_t rows, lv_vector *out, lv_error *err)
{
    int text = call->function->op;
    lv_vector_init_flat(out, eval->arena, call->type, rows);
    out->validity = lv_validity_flat(eval->arena, args, 2, rows);
    lv_strs in = lv_strs_of(&args[text]), parts = lv_strs_of(&args[1 - text]);
    for (int64_t i = 0; i < rows; i++) {
        int32_t *value = (int32_t *)out->data + i, from = 1;
        *value = 0;
        if (!lv_row_valid(out->validity, i))
            continue;
        if (call->arg_count == 3)
            from = lv_vector_is_null(&args[2], i) ? 0 : LV_AT(int32_t, &args[2], i);
        *value = locate(lv_strs_at(&in, i), lv_strs_at(&parts, i), from);
    }
    return LV_OK;
}

lv_status lv_bind_instr(const lv_function *function, lv_bind *bind, lv_error *err)
{
    for (int i = 0; i < bind->arg_count; i++)
        LV_TRY(
            lv_bind_want(function, bind, i, lv_type_of(i < 2 ? LV_TYPE_STRING : LV_TYPE_INT), err));
    lv_bind_result(bind, lv_type_of(LV_TYPE_INT), true, kernel_instr);
    return LV_OK;
}

/* ---- LIKE ------------------------------------------------------------------------------------ */

static uint32_t char_at(lv_str s, size_t i, bool fold)
{
    size_t used;
    if (lv_utf8_valid_prefix(s.ptr + i, s.len - i) == 0)
        return 0x110000u + (unsigned char)s.ptr[i];
    uint32_t c = lv_utf8_decode(s.ptr + i, &used);
    return fold ? (uint32_t)utf8proc_tolower((utf8proc_int32_t)c) : c;
}

/* Greedy with one point to come back to: on a mismatch the last % takes one character more. */
static bool like(lv_str s, lv_str p, char escape, bool fold)
{
    size_t i = 0, j = 0, back_i = 0, back_j = SIZE_MAX;
    while (i < s.len || j < p.len) {
        if (j < p.len && p.ptr[j] == '%' && escape != '%') {
            back_j = ++j;
            back_i = i;
            continue;
        }
        if (j < p.len && i < s.len) {
            bool any = p.ptr[j] == '_' && escape != '_';
            size_t literal = j + (p.ptr[j] == escape && j + 1 < p.len);
            if (!any && !fold &&
                s.ptr[i] == p.ptr[literal]) { /* byte by byte: equal texts have equal bytes */
                i++;
                j = literal + 1;
                continue;
            }
            if (any || (fold && char_at(s, i, true) == char_at(p, literal, true))) {
                i += char_size(s, i);
                j = any ? j + 1 : literal + char_size(p, literal);
                continue;
            }
        }
        if (back_j == SIZE_MAX || back_i >= s.len)
            return false;
        back_i += char_size(s, back_i); /* never into the middle of a character */
        i = back_i;
        j = back_j;
    }
    return true;
}

/* The escape character must stand before %, _ or itself. */
static lv_status check_pattern(lv_str p, char escape, lv_error *err)
{
    for (size_t j = 0; j < p.len; j++) {
        if (p.ptr[j] != escape)
            continue;
        if (j + 1 == p.len)
            return LV_FAIL(err, LV_LIKE_ESCAPE_AT_END,
                           "the format is invalid: '%.*s'. The escape character is not allowed to "
                           "end with",
                           LV_STR_ARG(p));
        if (p.ptr[j + 1] != '%' && p.ptr[j + 1] != '_' && p.ptr[j + 1] != escape)
            return LV_FAIL(err, LV_LIKE_ESCAPE_IN_MIDDLE,
                           "the format is invalid: '%.*s'. The escape character is not allowed to "
                           "precede '%c'",
                           LV_STR_ARG(p), p.ptr[j + 1]);
        j++;
    }
    return LV_OK;
}

static lv_status kernel_like(const lv_call *call, lv_eval *eval, const lv_vector *args,
                             int64_t rows, lv_vector *out, lv_error *err)
{
    lv_result_init(call, eval, args, rows, out);
    lv_strs in = lv_strs_of(&args[0]), patterns = lv_strs_of(&args[1]), escapes = {0};
    if (call->arg_count == 3)
        escapes = lv_strs_of(&args[2]);
    const char *checked = NULL;
    lv_like_parts parts;
    bool by_parts = call->function->op != 1 && call->arg_count == 2 &&
                    args[1].encoding == LV_CONSTANT && !lv_vector_is_null(&args[1], 0) &&
                    lv_like_parts_make(lv_vector_str(&args[1], 0), '\\', &parts);
    for (int64_t i = 0; i < rows; i++) {
        uint8_t *value = (uint8_t *)out->data + i;
        *value = 0;
        if (!lv_row_valid(out->validity, i))
            continue;
        if (by_parts) {
            *value = lv_like_parts_match(&parts, lv_strs_at(&in, i));
            continue;
        }
        lv_str p = lv_strs_at(&patterns, i),
               e = call->arg_count == 3 ? lv_strs_at(&escapes, i) : LV_STR("\\");
        if (e.len != 1)
            return LV_FAIL(err, LV_INVALID_FUNCTION_VALUE,
                           "the escape '%.*s' of LIKE must be one character", LV_STR_ARG(e));
        if (p.ptr != checked)
            LV_TRY(check_pattern(p, e.ptr[0], err));
        checked = p.ptr;
        *value = like(lv_strs_at(&in, i), p, e.ptr[0], call->function->op == 1);
    }
    return LV_OK;
}

lv_status lv_bind_like(const lv_function *function, lv_bind *bind, lv_error *err)
{
    for (int i = 0; i < bind->arg_count; i++)
        LV_TRY(lv_bind_want(function, bind, i, lv_type_of(LV_TYPE_STRING), err));
    lv_bind_result(bind, lv_type_of(LV_TYPE_BOOLEAN), false, kernel_like);
    const lv_vector *pattern = lv_bind_literal(bind, 1),
                    *escape = bind->arg_count == 3 ? lv_bind_literal(bind, 2) : NULL;
    if (pattern != NULL && pattern->type->kind == LV_TYPE_STRING &&
        (bind->arg_count == 2 || escape != NULL)) {
        lv_str e = escape ? lv_vector_str(escape, 0) : LV_STR("\\");
        bind->total =
            e.len == 1 && check_pattern(lv_vector_str(pattern, 0), e.ptr[0], NULL) == LV_OK;
    }
    return LV_OK;
}

/* ---- replace, translate ---------------------------------------------------------------------- */

static lv_str replace(lv_arena *arena, lv_str s, lv_str search, lv_str with)
{
    if (search.len == 0 || s.len < search.len)
        return s;
    size_t hits = 0;
    for (const char *p = s.ptr, *end = s.ptr + s.len;
         (p = memmem(p, (size_t)(end - p), search.ptr, search.len)) != NULL; p += search.len)
        hits++;
    if (hits == 0)
        return s;
    size_t len = s.len - hits * search.len + hits * with.len;
    char *text = lv_arena_alloc(arena, len), *to = text;
    const char *from = s.ptr, *end = s.ptr + s.len;
    for (const char *p; (p = memmem(from, (size_t)(end - from), search.ptr, search.len)) != NULL;
         from = p + search.len) {
        to = mempcpy(to, from, (size_t)(p - from));
        to = mempcpy(to, with.len ? with.ptr : "", with.len);
    }
    memcpy(to, from, (size_t)(end - from));
    return (lv_str){text, len};
}

/* Characters of `from` become those at the same place in `to`, or vanish; the first of equal ones
 * counts. */
static lv_str translate(lv_arena *arena, lv_str s, lv_str from, lv_str to)
{
    char *text = lv_arena_alloc(arena, s.len * 4), *at = text;
    for (size_t i = 0, n; i < s.len; i += n) {
        n = char_size(s, i);
        size_t f = 0, t = 0;
        while (f < from.len &&
               (char_size(from, f) != n || memcmp(from.ptr + f, s.ptr + i, n) != 0)) {
            f += char_size(from, f);
            t += t < to.len ? char_size(to, t) : 0;
        }
        if (f >= from.len)
            at = mempcpy(at, s.ptr + i, n);
        else if (t < to.len)
            at = mempcpy(at, to.ptr + t, char_size(to, t));
    }
    return (lv_str){text, (size_t)(at - text)};
}

static lv_status kernel_replace(const lv_call *call, lv_eval *eval, const lv_vector *args,
                                int64_t rows, lv_vector *out, lv_error *err)
{
    lv_result_init(call, eval, args, rows, out);
    lv_strs in = lv_strs_of(&args[0]), from = lv_strs_of(&args[1]), to = {0};
    if (call->arg_count == 3)
        to = lv_strs_of(&args[2]);
    for (int64_t i = 0; i < rows; i++) {
        lv_str *value = (lv_str *)out->data + i;
        *value = LV_STR_NONE;
        if (!lv_row_valid(out->validity, i))
            continue;
        lv_str with = call->arg_count == 3 ? lv_strs_at(&to, i) : LV_STR("");
        *value = call->function->op
                     ? translate(eval->arena, lv_strs_at(&in, i), lv_strs_at(&from, i), with)
                     : replace(eval->arena, lv_strs_at(&in, i), lv_strs_at(&from, i), with);
    }
    return LV_OK;
}

lv_status lv_bind_replace(const lv_function *function, lv_bind *bind, lv_error *err)
{
    for (int i = 0; i < bind->arg_count; i++)
        LV_TRY(lv_bind_want(function, bind, i, lv_type_of(LV_TYPE_STRING), err));
    lv_bind_result(bind, bind->arg_types[0], true, kernel_replace);
    return LV_OK;
}

/* ---- split_part, hex, ascii, typeof ---------------------------------------------------------- */

static int64_t count_parts(lv_str s, lv_str separator)
{
    int64_t parts = 1;
    const char *p = s.ptr, *end = s.ptr + s.len;
    while (separator.len > 0 && p < end &&
           (p = memmem(p, (size_t)(end - p), separator.ptr, separator.len)) != NULL) {
        parts++;
        p += separator.len;
    }
    return parts;
}

static lv_str split_part(lv_str s, lv_str separator, int64_t n)
{
    int64_t parts = count_parts(s, separator);
    int64_t want = n < 0 ? parts + n : n - 1;
    if (want < 0 || want >= parts)
        return LV_STR("");
    const char *from = s.ptr, *end = s.ptr + s.len;
    for (; want > 0; want--)
        from = (const char *)memmem(from, (size_t)(end - from), separator.ptr, separator.len) +
               separator.len;
    const char *until = separator.len && from < end
                            ? memmem(from, (size_t)(end - from), separator.ptr, separator.len)
                            : NULL;
    return (lv_str){from, (size_t)((until ? until : end) - from)};
}

static lv_status kernel_split_part(const lv_call *call, lv_eval *eval, const lv_vector *args,
                                   int64_t rows, lv_vector *out, lv_error *err)
{
    lv_result_init(call, eval, args, rows, out);
    lv_strs in = lv_strs_of(&args[0]), separators = lv_strs_of(&args[1]);
    for (int64_t i = 0; i < rows; i++) {
        lv_str *value = (lv_str *)out->data + i;
        *value = LV_STR_NONE;
        if (!lv_row_valid(out->validity, i))
            continue;
        int32_t n = LV_AT(int32_t, &args[2], i);
        if (n == 0)
            return LV_FAIL(err, LV_INVALID_INDEX_OF_ZERO,
                           "the index 0 is invalid. An index shall be either < 0 or > 0 (the first "
                           "element has index 1)");
        *value = split_part(lv_strs_at(&in, i), lv_strs_at(&separators, i), n);
    }
    return LV_OK;
}

lv_status lv_bind_split_part(const lv_function *function, lv_bind *bind, lv_error *err)
{
    LV_TRY(lv_bind_want(function, bind, 0, lv_type_of(LV_TYPE_STRING), err));
    LV_TRY(lv_bind_want(function, bind, 1, lv_type_of(LV_TYPE_STRING), err));
    LV_TRY(lv_bind_want(function, bind, 2, lv_type_of(LV_TYPE_INT), err));
    lv_bind_result(bind, bind->arg_types[0], false, kernel_split_part);
    bind->nullable = true;
    return LV_OK;
}

static const char hex_digits[] = "0123456789ABCDEF";

static lv_str hex_bytes(lv_arena *arena, lv_str s)
{
    char *text = lv_arena_alloc(arena, s.len * 2);
    for (size_t i = 0; i < s.len; i++) {
        text[2 * i] = hex_digits[(unsigned char)s.ptr[i] >> 4];
        text[2 * i + 1] = hex_digits[s.ptr[i] & 15];
    }
    return (lv_str){text, s.len * 2};
}

static lv_str hex_number(lv_arena *arena, uint64_t value)
{
    char *text = lv_arena_alloc(arena, 16);
    int at = 16;
    do
        text[--at] = hex_digits[value & 15];
    while ((value >>= 4) > 0);
    return (lv_str){text + at, (size_t)(16 - at)};
}

static lv_status kernel_hex(const lv_call *call, lv_eval *eval, const lv_vector *args, int64_t rows,
                            lv_vector *out, lv_error *err)
{
    lv_result_init(call, eval, args, rows, out);
    bool number = args[0].type->kind == LV_TYPE_BIGINT;
    for (int64_t i = 0; i < rows; i++) {
        lv_str *value = (lv_str *)out->data + i;
        *value = LV_STR_NONE;
        if (lv_row_valid(out->validity, i))
            *value = number ? hex_number(eval->arena, (uint64_t)LV_AT(int64_t, &args[0], i))
                            : hex_bytes(eval->arena, lv_vector_str(&args[0], i));
    }
    return LV_OK;
}

lv_status lv_bind_hex(const lv_function *function, lv_bind *bind, lv_error *err)
{
    if (lv_type_is_numeric(bind->arg_types[0]))
        bind->arg_types[0] = lv_type_of(LV_TYPE_BIGINT);
    else if (bind->arg_types[0]->kind != LV_TYPE_BINARY)
        LV_TRY(lv_bind_want(function, bind, 0, lv_type_of(LV_TYPE_STRING), err));
    lv_bind_result(bind, lv_type_of(LV_TYPE_STRING), true, kernel_hex);
    return LV_OK;
}

static lv_status kernel_ascii(const lv_call *call, lv_eval *eval, const lv_vector *args,
                              int64_t rows, lv_vector *out, lv_error *err)
{
    lv_result_init(call, eval, args, rows, out);
    for (int64_t i = 0; i < rows; i++) {
        lv_str s = lv_row_valid(out->validity, i) ? lv_vector_str(&args[0], i) : LV_STR("");
        ((int32_t *)out->data)[i] = s.len == 0 ? 0 : (int32_t)char_at(s, 0, false);
    }
    return LV_OK;
}

lv_status lv_bind_ascii(const lv_function *function, lv_bind *bind, lv_error *err)
{
    LV_TRY(lv_bind_want(function, bind, 0, lv_type_of(LV_TYPE_STRING), err));
    lv_bind_result(bind, lv_type_of(LV_TYPE_INT), true, kernel_ascii);
    return LV_OK;
}

static lv_status kernel_typeof(const lv_call *call, lv_eval *eval, const lv_vector *args,
                               int64_t rows, lv_vector *out, lv_error *err)
{
    lv_sbuf text = LV_SBUF_INIT;
    lv_type_print_simple(call->arg_types[0], &text);
    *(lv_str *)lv_result_constant(call, eval, rows, out) =
        lv_str_dup(eval->arena, lv_sbuf_str(&text));
    lv_sbuf_release(&text);
    return LV_OK;
}

lv_status lv_bind_typeof(const lv_function *function, lv_bind *bind, lv_error *err)
{
    lv_bind_result(bind, lv_type_of(LV_TYPE_STRING), true, kernel_typeof);
    bind->nullable = false;
    return LV_OK;
}
