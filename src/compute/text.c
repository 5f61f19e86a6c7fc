/* text.c: functions that make text from text: case, trimming, parts, padding, joining.
 *
 * A result that is part of its argument points into it; bytes are copied only where they change.
 * Positions count characters (code points), in BINARY bytes. Source: UTF8String,
 * stringExpressions.scala. */
#include <utf8proc.h>

#include "base/check.h"
#include "base/utf8.h"
#include "compute/compute_int.h"

/* Texts longer than this are refused: a repeat() or pad() gone wrong, not data. */
enum { TEXT_MAX = 1 << 30 };

/* Length in bytes of the character at `i`; bytes that are no UTF-8 count one each. */
static size_t char_size(lv_str s, size_t i)
{
    size_t n = lv_utf8_valid_prefix(s.ptr + i, s.len - i);
    return n ? n : 1;
}

/* ---- case ------------------------------------------------------------------------------------ */

static lv_str ascii_case(lv_arena *arena, lv_str s, char from, int shift)
{
    size_t first = 0;
    while (first < s.len && (unsigned char)(s.ptr[first] - from) >= 26)
        first++;
    if (first == s.len)
        return s;
    char *out = lv_arena_alloc(arena, s.len);
    for (size_t i = 0; i < s.len; i++)
        out[i] = (unsigned char)(s.ptr[i] - from) < 26 ? (char)(s.ptr[i] + shift) : s.ptr[i];
    return (lv_str){out, s.len};
}

/* The full mapping of a character that has one: SpecialCasing's upper case is the upper case of the
 * full case folding, for every character but those that are upper case already. */
static int full_upper(utf8proc_int32_t c, utf8proc_int32_t out[8])
{
    int boundary = 0;
    utf8proc_category_t category = utf8proc_category(c);
    if (category == UTF8PROC_CATEGORY_LL || category == UTF8PROC_CATEGORY_LT) {
        utf8proc_ssize_t n = utf8proc_decompose_char(c, out, 8, UTF8PROC_CASEFOLD, &boundary);
        if (n > 1 && n <= 8) {
            for (int i = 0; i < n; i++)
                out[i] = utf8proc_toupper(out[i]);
            return (int)n;
        }
    }
    out[0] = utf8proc_toupper(c);
    return 1;
}

static bool is_cased(utf8proc_int32_t c)
{
    utf8proc_category_t k = utf8proc_category(c);
    return k == UTF8PROC_CATEGORY_LU || k == UTF8PROC_CATEGORY_LL || k == UTF8PROC_CATEGORY_LT;
}

static bool is_case_ignorable(utf8proc_int32_t c)
{
    utf8proc_category_t k = utf8proc_category(c);
    return k == UTF8PROC_CATEGORY_MN || k == UTF8PROC_CATEGORY_ME || k == UTF8PROC_CATEGORY_CF ||
           k == UTF8PROC_CATEGORY_LM || k == UTF8PROC_CATEGORY_SK || c == '\'' || c == '.' ||
           c == ':' || c == 0xB7 || c == 0x2019;
}

/* Whether the sigma at byte `i` ends a word: a cased letter before it, none behind. */
static bool is_final_sigma(lv_str s, size_t i)
{
    bool before = false;
    for (size_t j = 0; j < i; j += char_size(s, j)) {
        size_t used;
        utf8proc_int32_t c = lv_utf8_valid_prefix(s.ptr + j, s.len - j)
                                 ? (utf8proc_int32_t)lv_utf8_decode(s.ptr + j, &used)
                                 : 0;
        if (!is_case_ignorable(c))
            before = is_cased(c);
    }
    for (size_t j = i + 2; j < s.len; j += char_size(s, j)) {
        size_t used;
        utf8proc_int32_t c = lv_utf8_valid_prefix(s.ptr + j, s.len - j)
                                 ? (utf8proc_int32_t)lv_utf8_decode(s.ptr + j, &used)
                                 : 0;
        if (!is_case_ignorable(c))
            return before && !is_cased(c);
    }
    return before;
}

static int map_char(int op, lv_str s, size_t at, utf8proc_int32_t c, utf8proc_int32_t out[8])
{
    if (op == TEXT_UPPER)
        return full_upper(c, out);
    if (c == 0x130) { /* the one full lower case mapping */
        out[0] = 'i';
        out[1] = 0x307;
        return 2;
    }
    out[0] = c == 0x3A3 && is_final_sigma(s, at) ? 0x3C2 : utf8proc_tolower(c);
    return 1;
}

static lv_str change_case(lv_arena *arena, lv_str s, int op)
{
    if (lv_utf8_is_ascii(s.ptr, s.len))
        return ascii_case(arena, s, op == TEXT_UPPER ? 'a' : 'A', op == TEXT_UPPER ? -32 : 32);
    size_t capacity = s.len * 3 + 16, len = 0; /* no mapping is more than three times as long */
    char *out = lv_arena_alloc(arena, capacity);
    for (size_t i = 0, n; i < s.len; i += n) {
        n = lv_utf8_valid_prefix(s.ptr + i, s.len - i);
        if (n == 0) {
            out[len++] = s.ptr[i];
            n = 1;
            continue;
        }
        utf8proc_int32_t mapped[8];
        int count = map_char(op, s, i, (utf8proc_int32_t)lv_utf8_decode(s.ptr + i, &n), mapped);
        for (int k = 0; k < count; k++) {
            LV_ASSERT(len + 4 <= capacity);
            len += lv_utf8_encode((uint32_t)mapped[k], out + len);
        }
    }
    return (lv_str){out, len};
}

/* A word's first character: its upper case, but if that is several characters those behind the first
 * letter in lower case, as in Ss. */
static size_t put_title(utf8proc_int32_t c, char *out)
{
    utf8proc_int32_t mapped[8];
    size_t len = 0;
    int count = full_upper(c, mapped);
    bool letter = false;
    if (count == 1)
        mapped[0] = utf8proc_totitle(c);
    for (int k = 0; k < count; k++) {
        len +=
            lv_utf8_encode((uint32_t)(letter ? utf8proc_tolower(mapped[k]) : mapped[k]), out + len);
        letter = letter || is_cased(mapped[k]);
    }
    return len;
}

static lv_str initcap(lv_arena *arena, lv_str s)
{
    char *out = lv_arena_alloc(arena, s.len * 3 + 16); /* as in change_case */
    size_t len = 0;
    bool start = true;
    for (size_t i = 0, n; i < s.len; i += n) {
        n = lv_utf8_valid_prefix(s.ptr + i, s.len - i);
        bool next_start = s.ptr[i] == ' ';
        if (n == 0) {
            out[len++] = s.ptr[i];
            n = 1;
        } else {
            utf8proc_int32_t mapped[8], c = (utf8proc_int32_t)lv_utf8_decode(s.ptr + i, &n);
            int count = start ? 0 : map_char(TEXT_LOWER, s, i, c, mapped);
            if (start)
                len += put_title(c, out + len);
            for (int k = 0; k < count; k++)
                len += lv_utf8_encode((uint32_t)mapped[k], out + len);
        }
        start = next_start;
    }
    return (lv_str){out, len};
}

static lv_str reverse(lv_arena *arena, lv_str s)
{
    char *out = lv_arena_alloc(arena, s.len);
    for (size_t i = 0, n; i < s.len; i += n) {
        n = char_size(s, i);
        memcpy(out + s.len - i - n, s.ptr + i, n);
    }
    return (lv_str){out, s.len};
}

static lv_status kernel_text_map(const lv_call *call, lv_eval *eval, const lv_vector *args,
                                 int64_t rows, lv_vector *out, lv_error *err)
{
    lv_result_init(call, eval, args, rows, out);
    lv_strs in = lv_strs_of(&args[0]);
    lv_str *value = out->data;
    int op = call->function->op;
    for (int64_t i = 0; i < rows; i++) {
        if (!lv_row_valid(out->validity, i))
            value[i] = LV_STR_NONE;
        else if (op == TEXT_REVERSE)
            value[i] = reverse(eval->arena, lv_strs_at(&in, i));
        else if (op == TEXT_INITCAP)
            value[i] = initcap(eval->arena, lv_strs_at(&in, i));
        else
            value[i] = change_case(eval->arena, lv_strs_at(&in, i), op);
    }
    return LV_OK;
}

lv_status lv_bind_text_map(const lv_function *function, lv_bind *bind, lv_error *err)
{
    if (function->op == TEXT_REVERSE && bind->arg_types[0]->kind == LV_TYPE_ARRAY)
        return lv_bind_array_reverse(function, bind, err);
    LV_TRY(lv_bind_want(function, bind, 0, lv_type_of(LV_TYPE_STRING), err));
    lv_bind_result(bind, bind->arg_types[0], true, kernel_text_map);
    return LV_OK;
}

/* ---- length ---------------------------------------------------------------------------------- */

static lv_status kernel_length(const lv_call *call, lv_eval *eval, const lv_vector *args,
                               int64_t rows, lv_vector *out, lv_error *err)
{
    bool chars = call->function->op == LENGTH_CHARS && args[0].type->kind == LV_TYPE_STRING;
    int factor = call->function->op == LENGTH_BITS ? 8 : 1;
    lv_result_init(call, eval, args, rows, out);
    lv_strs in = lv_strs_of(&args[0]);
    int32_t *value = out->data;
    for (int64_t i = 0; i < rows; i++) {
        value[i] = 0;
        if (!lv_row_valid(out->validity, i))
            continue;
        lv_str s = lv_strs_at(&in, i);
        value[i] = (int32_t)(chars ? lv_utf8_length(s.ptr, s.len) : s.len) * factor;
    }
    return LV_OK;
}

lv_status lv_bind_length(const lv_function *function, lv_bind *bind, lv_error *err)
{
    if (bind->arg_types[0]->kind != LV_TYPE_BINARY)
        LV_TRY(lv_bind_want(function, bind, 0, lv_type_of(LV_TYPE_STRING), err));
    lv_bind_result(bind, lv_type_of(LV_TYPE_INT), true, kernel_length);
    return LV_OK;
}

/* ---- trim ------------------------------------------------------------------------------------ */

static bool has_char(lv_str set, const char *c, size_t n)
{
    return memmem(set.ptr, set.len, c, n) != NULL;
}

/* Length of the last character. */
static size_t last_char(lv_str s)
{
    size_t n = 1;
    while (n < 4 && n < s.len && (s.ptr[s.len - n] & 0xC0) == 0x80)
        n++;
    return lv_utf8_valid_prefix(s.ptr + s.len - n, n) == n ? n : 1;
}

static lv_str trim(lv_str s, lv_str set, int sides)
{
    while ((sides & TRIM_LEFT) && s.len > 0 && has_char(set, s.ptr, char_size(s, 0)))
        s = lv_str_sub(s, char_size(s, 0), s.len - char_size(s, 0));
    while ((sides & TRIM_RIGHT) && s.len > 0 &&
           has_char(set, s.ptr + s.len - last_char(s), last_char(s)))
        s.len -= last_char(s);
    return s;
}

static lv_status kernel_trim(const lv_call *call, lv_eval *eval, const lv_vector *args,
                             int64_t rows, lv_vector *out, lv_error *err)
{
    int op = call->function->op; /* only btrim takes the characters last */
    int text = call->arg_count == 2 && !(op & TRIM_TEXT_FIRST);
    lv_result_init(call, eval, args, rows, out);
    lv_strs in = lv_strs_of(&args[text]), sets = {0};
    if (call->arg_count == 2)
        sets = lv_strs_of(&args[1 - text]);
    for (int64_t i = 0; i < rows; i++) {
        lv_str set = LV_STR(" ");
        if (!lv_row_valid(out->validity, i)) {
            ((lv_str *)out->data)[i] = LV_STR_NONE;
            continue;
        }
        if (call->arg_count == 2)
            set = lv_strs_at(&sets, i);
        ((lv_str *)out->data)[i] = trim(lv_strs_at(&in, i), set, op);
    }
    return LV_OK;
}

lv_status lv_bind_trim(const lv_function *function, lv_bind *bind, lv_error *err)
{
    for (int i = 0; i < bind->arg_count; i++)
        LV_TRY(lv_bind_want(function, bind, i, lv_type_of(LV_TYPE_STRING), err));
    lv_bind_result(bind, bind->arg_types[0], true, kernel_trim);
    return LV_OK;
}

/* ---- parts ----------------------------------------------------------------------------------- */

/* Characters from..until of s, both clipped to it. */
static lv_str part(lv_str s, int64_t from, int64_t until, bool bytes)
{
    int64_t total = bytes ? (int64_t)s.len : (int64_t)lv_utf8_length(s.ptr, s.len);
    from = LV_MAX(from, 0);
    until = LV_MIN(until, total);
    if (from >= until)
        return lv_str_sub(s, 0, 0);
    if (bytes || total == (int64_t)s.len)
        return lv_str_sub(s, (size_t)from, (size_t)(until - from));
    size_t at = 0, begin = 0;
    for (int64_t c = 0; c < until && at < s.len; c++) {
        if (c == from)
            begin = at;
        do
            at++;
        while (at < s.len && (s.ptr[at] & 0xC0) == 0x80);
    }
    return lv_str_sub(s, begin, at - begin);
}

/* Source: UTF8String.substringSQL. */
static lv_str substring(lv_str s, int64_t position, int64_t length, bool bytes)
{
    int64_t total = bytes ? (int64_t)s.len : (int64_t)lv_utf8_length(s.ptr, s.len);
    int64_t from = position > 0 ? position - 1 : position < 0 ? total + position : 0;
    return part(s, from, from + length, bytes);
}

static lv_status kernel_substring(const lv_call *call, lv_eval *eval, const lv_vector *args,
                                  int64_t rows, lv_vector *out, lv_error *err)
{
    bool bytes = args[0].type->kind == LV_TYPE_BINARY;
    lv_result_init(call, eval, args, rows, out);
    lv_strs in = lv_strs_of(&args[0]);
    for (int64_t i = 0; i < rows; i++) {
        lv_str s = LV_STR_NONE;
        if (lv_row_valid(out->validity, i))
            s = substring(lv_strs_at(&in, i), LV_AT(int32_t, &args[1], i),
                          call->arg_count == 3 ? LV_AT(int32_t, &args[2], i) : INT32_MAX, bytes);
        ((lv_str *)out->data)[i] = s;
    }
    return LV_OK;
}

static lv_status kernel_left(const lv_call *call, lv_eval *eval, const lv_vector *args,
                             int64_t rows, lv_vector *out, lv_error *err)
{
    bool bytes = args[0].type->kind == LV_TYPE_BINARY, right = call->function->op == 2;
    lv_result_init(call, eval, args, rows, out);
    lv_strs in = lv_strs_of(&args[0]);
    for (int64_t i = 0; i < rows; i++) {
        lv_str s = LV_STR_NONE;
        if (lv_row_valid(out->validity, i)) {
            int64_t n = LV_AT(int32_t, &args[1], i);
            s = lv_strs_at(&in, i);
            s = n <= 0  ? lv_str_sub(s, 0, 0)
                : right ? substring(s, -n, n, bytes)
                        : substring(s, 1, n, bytes);
        }
        ((lv_str *)out->data)[i] = s;
    }
    return LV_OK;
}

/* A text (or binary) and integers behind it. */
static lv_status want_text_and_ints(const lv_function *function, lv_bind *bind, lv_error *err)
{
    if (bind->arg_types[0]->kind != LV_TYPE_BINARY)
        LV_TRY(lv_bind_want(function, bind, 0, lv_type_of(LV_TYPE_STRING), err));
    for (int i = 1; i < bind->arg_count; i++)
        LV_TRY(lv_bind_want(function, bind, i, lv_type_of(LV_TYPE_INT), err));
    return LV_OK;
}

lv_status lv_bind_substring(const lv_function *function, lv_bind *bind, lv_error *err)
{
    LV_TRY(want_text_and_ints(function, bind, err));
    lv_bind_result(bind, bind->arg_types[0], true, kernel_substring);
    return LV_OK;
}

lv_status lv_bind_left(const lv_function *function, lv_bind *bind, lv_error *err)
{
    if (function->op == 2) /* right makes text of a binary, left does not */
        LV_TRY(lv_bind_want(function, bind, 0, lv_type_of(LV_TYPE_STRING), err));
    LV_TRY(want_text_and_ints(function, bind, err));
    lv_bind_result(bind, bind->arg_types[0], true, kernel_left);
    bind->nullable = bind->nullable || function->op == 2;
    return LV_OK;
}

/* ---- padding and repeating ------------------------------------------------------------------- */

static lv_status too_long(const lv_call *call, lv_error *err)
{
    return LV_FAIL(err, LV_INVALID_FUNCTION_VALUE, "the result of `%s` is longer than %d bytes",
                   call->function->name, TEXT_MAX);
}

static int64_t char_count(lv_str s, bool bytes)
{
    return (int64_t)(bytes ? s.len : lv_utf8_length(s.ptr, s.len));
}

static lv_status kernel_pad(const lv_call *call, lv_eval *eval, const lv_vector *args, int64_t rows,
                            lv_vector *out, lv_error *err)
{
    bool bytes = call->type->kind == LV_TYPE_BINARY;
    lv_result_init(call, eval, args, rows, out);
    lv_strs in = lv_strs_of(&args[0]), pads = {0};
    if (call->arg_count == 3)
        pads = lv_strs_of(&args[2]);
    for (int64_t i = 0; i < rows; i++) {
        lv_str *value = (lv_str *)out->data + i;
        *value = LV_STR_NONE;
        if (!lv_row_valid(out->validity, i))
            continue;
        lv_str s = lv_strs_at(&in, i), pad = call->arg_count == 3 ? lv_strs_at(&pads, i)
                                             : bytes              ? (lv_str){"\0", 1}
                                                                  : LV_STR(" ");
        int64_t want = LV_AT(int32_t, &args[1], i), have = char_count(s, bytes);
        int64_t pad_chars = char_count(pad, bytes), missing = want - have;
        if (missing <= 0 || pad_chars == 0) {
            *value = part(s, 0, want, bytes);
            continue;
        }
        if (missing / pad_chars >= TEXT_MAX / (int64_t)pad.len)
            return too_long(call, err);
        lv_str rest = part(pad, 0, missing % pad_chars, bytes);
        size_t fill = (size_t)(missing / pad_chars) * pad.len + rest.len;
        char *text = lv_arena_alloc(eval->arena, fill + s.len), *at = text;
        if (call->function->op == PAD_RIGHT)
            at = (char *)memcpy(at, s.ptr, s.len) + s.len;
        for (int64_t p = 0; p < missing / pad_chars; p++, at += pad.len)
            memcpy(at, pad.ptr, pad.len);
        memcpy(at, rest.ptr, rest.len);
        if (call->function->op == PAD_LEFT)
            memcpy(at + rest.len, s.ptr, s.len);
        *value = (lv_str){text, fill + s.len};
    }
    return LV_OK;
}

lv_status lv_bind_pad(const lv_function *function, lv_bind *bind, lv_error *err)
{
    bool binary = bind->arg_types[0]->kind == LV_TYPE_BINARY &&
                  (bind->arg_count == 2 || bind->arg_types[2]->kind == LV_TYPE_BINARY);
    const lv_type *type = lv_type_of(binary ? LV_TYPE_BINARY : LV_TYPE_STRING);
    LV_TRY(lv_bind_want(function, bind, 0, type, err));
    LV_TRY(lv_bind_want(function, bind, 1, lv_type_of(LV_TYPE_INT), err));
    if (bind->arg_count == 3)
        LV_TRY(lv_bind_want(function, bind, 2, type, err));
    lv_bind_result(bind, type, false, kernel_pad);
    return LV_OK;
}

static lv_status kernel_repeat(const lv_call *call, lv_eval *eval, const lv_vector *args,
                               int64_t rows, lv_vector *out, lv_error *err)
{
    lv_result_init(call, eval, args, rows, out);
    lv_strs in = lv_strs_of(&args[0]);
    for (int64_t i = 0; i < rows; i++) {
        lv_str *value = (lv_str *)out->data + i;
        *value = LV_STR_NONE;
        if (!lv_row_valid(out->validity, i))
            continue;
        lv_str s = lv_strs_at(&in, i);
        size_t n = (size_t)LV_MAX(LV_AT(int32_t, &args[1], i), 0);
        if (s.len > 0 && n > TEXT_MAX / s.len)
            return too_long(call, err);
        char *text = lv_arena_alloc(eval->arena, n * s.len);
        for (size_t k = 0; k < n; k++)
            memcpy(text + k * s.len, s.ptr, s.len);
        *value = (lv_str){text, n * s.len};
    }
    return LV_OK;
}

lv_status lv_bind_repeat(const lv_function *function, lv_bind *bind, lv_error *err)
{
    LV_TRY(lv_bind_want(function, bind, 0, lv_type_of(LV_TYPE_STRING), err));
    LV_TRY(lv_bind_want(function, bind, 1, lv_type_of(LV_TYPE_INT), err));
    lv_bind_result(bind, bind->arg_types[0], false, kernel_repeat);
    return LV_OK;
}

/* ---- joining --------------------------------------------------------------------------------- */

static lv_status kernel_concat(const lv_call *call, lv_eval *eval, const lv_vector *args,
                               int64_t rows, lv_vector *out, lv_error *err)
{
    lv_result_init(call, eval, args, rows, out);
    lv_strs *in = LV_NEW_ARRAY(eval->arena, lv_strs, call->arg_count);
    for (int a = 0; a < call->arg_count; a++)
        in[a] = lv_strs_of(&args[a]);
    for (int64_t i = 0; i < rows; i++) {
        lv_str *value = (lv_str *)out->data + i;
        *value = LV_STR_NONE;
        if (!lv_row_valid(out->validity, i))
            continue;
        size_t len = 0;
        for (int a = 0; a < call->arg_count; a++)
            len += lv_strs_at(&in[a], i).len;
        char *text = lv_arena_alloc(eval->arena, len);
        *value = (lv_str){text, len};
        for (int a = 0; a < call->arg_count; a++) {
            lv_str s = lv_strs_at(&in[a], i);
            text = mempcpy(text, s.len ? s.ptr : "", s.len);
        }
    }
    return LV_OK;
}

static lv_status kernel_concat_arrays(const lv_call *call, lv_eval *eval, const lv_vector *args,
                                      int64_t rows, lv_vector *out, lv_error *err)
{
    uint64_t *validity = lv_validity_merge(eval->arena, args, call->arg_count, rows);
    lv_builder b;
    lv_builder_init(&b, eval->arena, call->type, rows);
    for (int64_t i = 0; i < rows; i++) {
        if (!lv_row_valid(validity, i)) {
            lv_builder_null(&b);
            continue;
        }
        for (int a = 0; a < call->arg_count; a++) {
            int64_t row = lv_vector_index(&args[a], i);
            for (int32_t e = args[a].offsets[row]; e < args[a].offsets[row + 1]; e++)
                lv_builder_append(&b.children[0], &args[a].children[0], e);
        }
        lv_builder_end_list(&b);
    }
    lv_builder_finish(&b, out);
    return LV_OK;
}

lv_status lv_bind_concat(const lv_function *function, lv_bind *bind, lv_error *err)
{
    bool arrays = bind->arg_count > 0, binary = bind->arg_count > 0, some_array = false,
         other_nested = false;
    for (int i = 0; i < bind->arg_count; i++) {
        arrays = arrays && bind->arg_types[i]->kind == LV_TYPE_ARRAY;
        some_array = some_array || bind->arg_types[i]->kind == LV_TYPE_ARRAY;
        other_nested = other_nested || bind->arg_types[i]->kind == LV_TYPE_MAP ||
                       bind->arg_types[i]->kind == LV_TYPE_STRUCT;
        binary = binary && bind->arg_types[i]->kind == LV_TYPE_BINARY;
    }
    const lv_type *type = lv_type_of(binary ? LV_TYPE_BINARY : LV_TYPE_STRING);
    if (arrays)
        LV_TRY(lv_bind_common(function, bind, 0, 1, &type, err));
    else if (some_array && !other_nested)
        return lv_bind_differ(function, bind, err);
    for (int i = 0; i < bind->arg_count; i++) {
        if (bind->arg_types[i]->kind == LV_TYPE_BINARY)
            bind->arg_types[i] = type;
        LV_TRY(lv_bind_want(function, bind, i, type, err));
    }
    lv_bind_result(bind, type, true, arrays ? kernel_concat_arrays : kernel_concat);
    return LV_OK;
}

/* Null only where the separator is; other nulls are left out. Arguments are texts or arrays of
 * texts. */
static lv_status kernel_concat_ws(const lv_call *call, lv_eval *eval, const lv_vector *args,
                                  int64_t rows, lv_vector *out, lv_error *err)
{
    lv_sbuf text = LV_SBUF_INIT;
    lv_builder b;
    lv_builder_init(&b, eval->arena, call->type, rows);
    for (int64_t i = 0; i < rows; i++) {
        if (lv_vector_is_null(&args[0], i)) {
            lv_builder_null(&b);
            continue;
        }
        lv_str separator = lv_vector_str(&args[0], i);
        bool first = true;
        lv_sbuf_clear(&text);
        for (int a = 1; a < call->arg_count; a++) {
            if (lv_vector_is_null(&args[a], i))
                continue;
            bool list = args[a].type->kind == LV_TYPE_ARRAY;
            const lv_vector *items = list ? &args[a].children[0] : &args[a];
            int64_t row = lv_vector_index(&args[a], i), from = list ? args[a].offsets[row] : i,
                    until = list ? args[a].offsets[row + 1] : i + 1;
            for (int64_t e = from; e < until; e++) {
                if (lv_vector_is_null(items, e))
                    continue;
                if (!first)
                    lv_sbuf_add_str(&text, separator);
                first = false;
                lv_sbuf_add_str(&text, lv_vector_str(items, e));
            }
        }
        lv_builder_str_copy(&b, lv_sbuf_str(&text));
    }
    lv_sbuf_release(&text);
    lv_builder_finish(&b, out);
    return LV_OK;
}

lv_status lv_bind_concat_ws(const lv_function *function, lv_bind *bind, lv_error *err)
{
    const lv_type *string = lv_type_of(LV_TYPE_STRING);
    for (int i = 0; i < bind->arg_count; i++) {
        bool list = i > 0 && bind->arg_types[i]->kind == LV_TYPE_ARRAY;
        LV_TRY(lv_bind_want(function, bind, i,
                            list ? lv_type_array(bind->arena, string, true) : string, err));
    }
    lv_bind_result(bind, string, true, kernel_concat_ws);
    return LV_OK;
}
