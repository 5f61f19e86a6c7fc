/* text_codec.c: text and bytes in one another: base64, hexadecimal, character sets, URLs, UTF-8 checks.
 *
 * One kernel serves all: bind picks the conversion of one value. Source: stringExpressions.scala,
 * mathExpressions.scala (Unhex), urlExpressions.scala; java.util.Base64's MIME form. */
#include "base/check.h"
#include "base/utf8.h"
#include "compute/compute_int.h"
#include "json/base64.h"

/* What a conversion says of one value. */
typedef enum verdict { GOOD, BAD, IS_NULL } verdict;
typedef verdict (*conversion)(lv_arena *arena, lv_str in, lv_str *out);

/* ---- hexadecimal ----------------------------------------------------------------------------- */

static int hex_value(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

/* An odd digit at the front is a byte of its own. */
static verdict unhex(lv_arena *arena, lv_str in, lv_str *out)
{
    char *bytes = lv_arena_alloc(arena, in.len / 2 + 1);
    size_t n = 0;
    for (size_t i = 0; i < in.len;) {
        bool single = i == 0 && in.len % 2 == 1;
        int high = single ? 0 : hex_value(in.ptr[i++]), low = hex_value(in.ptr[i++]);
        if (high < 0 || low < 0)
            return BAD;
        bytes[n++] = (char)(high << 4 | low);
    }
    *out = (lv_str){bytes, n};
    return GOOD;
}

/* ---- base64 ---------------------------------------------------------------------------------- */

/* Lines of 76 characters, \r\n between them. */
static verdict base64(lv_arena *arena, lv_str in, lv_str *out)
{
    enum { LINE_BYTES = 57 };
    lv_sbuf text = LV_SBUF_INIT;
    for (size_t i = 0; i < in.len; i += LINE_BYTES) {
        if (i > 0)
            lv_sbuf_add_cstr(&text, "\r\n");
        lv_base64_encode(lv_str_sub(in, i, LV_MIN(in.len - i, (size_t)LINE_BYTES)), &text);
    }
    *out = lv_str_dup(arena, lv_sbuf_str(&text));
    lv_sbuf_release(&text);
    return GOOD;
}

/* Characters that are not base64's are passed over; a single one at the end says too little. `strict`: they
 * must not be there, and padding must be right. */
static verdict decode_base64(lv_arena *arena, lv_str in, bool strict, lv_str *out)
{
    char *bytes = lv_arena_alloc(arena, in.len + 3);
    size_t n = 0;
    uint32_t group = 0;
    int held = 0, padding = 0;
    for (size_t i = 0; i < in.len; i++) {
        char c = in.ptr[i];
        int value = lv_base64_value(c);
        bool blank = c == ' ' || c == '\n' || c == '\r' || c == '\t';
        if (c == '=') {
            padding++;
            continue;
        }
        if (value < 0 && strict && !blank)
            return BAD;
        if (value < 0)
            continue;
        if (padding > 0)
            return BAD;
        group = group << 6 | (uint32_t)value;
        if (++held == 4) {
            for (int shift = 16; shift >= 0; shift -= 8)
                bytes[n++] = (char)(group >> shift);
            held = 0;
            group = 0;
        }
    }
    if (held == 1 || (padding > 0 && held + padding != 4))
        return BAD;
    for (int k = 0; k + 1 < held; k++) /* two characters are one byte, three are two */
        bytes[n++] = (char)(group << (6 * (4 - held)) >> (16 - 8 * k));
    *out = (lv_str){bytes, n};
    return GOOD;
}

static verdict unbase64(lv_arena *arena, lv_str in, lv_str *out)
{
    return decode_base64(arena, in, false, out);
}

static verdict unbase64_strict(lv_arena *arena, lv_str in, lv_str *out)
{
    return decode_base64(arena, in, true, out);
}

/* ---- URLs ------------------------------------------------------------------------------------ */

static verdict url_encode(lv_arena *arena, lv_str in, lv_str *out)
{
    static const char digits[] = "0123456789ABCDEF";
    in = lv_utf8_repair(arena, in);
    char *text = lv_arena_alloc(arena, in.len * 3);
    size_t n = 0;
    for (size_t i = 0; i < in.len; i++) {
        unsigned char c = (unsigned char)in.ptr[i];
        bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
        if (plain || (c != 0 && strchr("-_.*", c) != NULL)) {
            text[n++] = (char)c;
        } else if (c == ' ') {
            text[n++] = '+';
        } else {
            text[n++] = '%';
            text[n++] = digits[c >> 4];
            text[n++] = digits[c & 15];
        }
    }
    *out = (lv_str){text, n};
    return GOOD;
}

static verdict url_decode(lv_arena *arena, lv_str in, lv_str *out)
{
    char *text = lv_arena_alloc(arena, in.len);
    size_t n = 0;
    for (size_t i = 0; i < in.len; i++) {
        char c = in.ptr[i];
        if (c == '%') {
            int high = i + 2 < in.len ? hex_value(in.ptr[i + 1]) : -1;
            int low = i + 2 < in.len ? hex_value(in.ptr[i + 2]) : -1;
            if (high < 0 || low < 0)
                return BAD;
            c = (char)(high << 4 | low);
            i += 2;
        } else if (c == '+') {
            c = ' ';
        }
        text[n++] = c;
    }
    *out = lv_utf8_repair(arena, (lv_str){text, n});
    return GOOD;
}

/* ---- UTF-8 ----------------------------------------------------------------------------------- */

static verdict as_it_is(lv_arena *arena, lv_str in, lv_str *out)
{
    *out = in;
    return GOOD;
}

static verdict always_null(lv_arena *arena, lv_str in, lv_str *out)
{
    return IS_NULL;
}

static verdict make_valid(lv_arena *arena, lv_str in, lv_str *out)
{
    *out = lv_utf8_repair(arena, in);
    return GOOD;
}

static verdict only_valid(lv_arena *arena, lv_str in, lv_str *out)
{
    *out = in;
    return lv_utf8_is_valid(in.ptr, in.len) ? GOOD : BAD;
}

static lv_status kernel_is_valid(const lv_call *call, lv_eval *eval, const lv_vector *args,
                                 int64_t rows, lv_vector *out, lv_error *err)
{
    lv_result_init(call, eval, args, rows, out);
    lv_strs in = lv_strs_of(&args[0]);
    for (int64_t i = 0; i < rows; i++) {
        lv_str s = lv_row_valid(out->validity, i) ? lv_strs_at(&in, i) : LV_STR("");
        ((uint8_t *)out->data)[i] = lv_utf8_is_valid(s.ptr, s.len);
    }
    return LV_OK;
}

lv_status lv_bind_is_valid_utf8(const lv_function *function, lv_bind *bind, lv_error *err)
{
    LV_TRY(lv_bind_want(function, bind, 0, lv_type_of(LV_TYPE_STRING), err));
    lv_bind_result(bind, lv_type_of(LV_TYPE_BOOLEAN), true, kernel_is_valid);
    bind->nullable = true;
    return LV_OK;
}

/* ---- one value after the other --------------------------------------------------------------- */

typedef struct codec {
    conversion convert;
    lv_type_kind from;
    lv_type_kind to;
    lv_status bad;    /* the error of BAD; LV_OK: null */
    const char *what; /* in the error, before the value */
    bool nullable;
} codec;

static const codec codecs[] = {
    [CODEC_BASE64] = {base64, LV_TYPE_BINARY, LV_TYPE_STRING, LV_OK, "", false},
    [CODEC_UNBASE64] = {unbase64, LV_TYPE_STRING, LV_TYPE_BINARY, LV_INVALID_FUNCTION_VALUE,
                        "the text is no base64: ", false},
    [CODEC_UNHEX] = {unhex, LV_TYPE_STRING, LV_TYPE_BINARY, LV_OK, "", true},
    [CODEC_URL_ENCODE] = {url_encode, LV_TYPE_STRING, LV_TYPE_STRING, LV_OK, "", true},
    [CODEC_URL_DECODE] = {url_decode, LV_TYPE_STRING, LV_TYPE_STRING, LV_CANNOT_DECODE_URL,
                          "The provided URL cannot be decoded: ", true},
    [CODEC_TRY_URL_DECODE] = {url_decode, LV_TYPE_STRING, LV_TYPE_STRING, LV_OK, "", true},
    [CODEC_MAKE_VALID] = {make_valid, LV_TYPE_STRING, LV_TYPE_STRING, LV_OK, "", true},
    [CODEC_VALIDATE] = {only_valid, LV_TYPE_STRING, LV_TYPE_STRING, LV_INVALID_UTF8,
                        "Invalid UTF8 byte sequence found in string: ", true},
    [CODEC_TRY_VALIDATE] = {only_valid, LV_TYPE_STRING, LV_TYPE_STRING, LV_OK, "", true},
};

/* to_binary's and try_to_binary's, by the name of the format. */
static const struct {
    const char *format;
    conversion convert;
} to_binary_formats[] = {
    {"hex", unhex}, {"utf-8", as_it_is}, {"utf8", as_it_is}, {"base64", unbase64_strict}};

static lv_status kernel_codec(const lv_call *call, lv_eval *eval, const lv_vector *args,
                              int64_t rows, lv_vector *out, lv_error *err)
{
    const codec *c = call->param;
    bool owned = false;
    lv_result_init(call, eval, args, rows, out);
    lv_strs in = lv_strs_of(&args[0]);
    for (int64_t i = 0; i < rows; i++) {
        lv_str *value = (lv_str *)out->data + i, s;
        *value = LV_STR_NONE;
        if (!lv_row_valid(out->validity, i))
            continue;
        s = lv_strs_at(&in, i);
        verdict said = c->convert(eval->arena, s.ptr ? s : LV_STR(""), value);
        if (said == GOOD)
            continue;
        if (said == BAD && c->bad != LV_OK)
            return LV_FAIL(err, c->bad, "%s'%.*s'", c->what,
                           LV_STR_ARG(lv_utf8_repair(eval->arena, s)));
        *value = LV_STR_NONE;
        lv_result_set_null(eval->arena, out, i, &owned);
    }
    return LV_OK;
}

static lv_status bind_codec(const lv_function *function, lv_bind *bind, const codec *c,
                            lv_error *err)
{
    LV_TRY(lv_bind_want(function, bind, 0, lv_type_of(c->from), err));
    lv_bind_result(bind, lv_type_of(c->to), c->bad == LV_OK, kernel_codec);
    bind->nullable = bind->nullable || c->nullable;
    bind->param = c;
    return LV_OK;
}

lv_status lv_bind_codec(const lv_function *function, lv_bind *bind, lv_error *err)
{
    return bind_codec(function, bind, &codecs[function->op], err);
}

/* to_binary(text[, format]): the format is a constant. A format that is null makes null. */
lv_status lv_bind_to_binary(const lv_function *function, lv_bind *bind, lv_error *err)
{
    bool lenient = function->op;
    codec *c = LV_NEW(bind->arena, codec);
    *c = (codec){unhex,
                 LV_TYPE_STRING,
                 LV_TYPE_BINARY,
                 LV_CONVERSION_INVALID_INPUT,
                 "the value cannot be converted to \"BINARY\" because it is malformed: ",
                 true};
    if (lenient)
        c->bad = LV_OK;
    if (bind->arg_count == 2) {
        LV_TRY(lv_bind_want(function, bind, 1, lv_type_of(LV_TYPE_STRING), err));
        const lv_vector *format = lv_bind_literal(bind, 1);
        if (format == NULL && (bind->arg_literals == NULL || bind->arg_literals[1] == NULL))
            return LV_FAIL(err, LV_DATATYPE_MISMATCH_NON_FOLDABLE,
                           "the input fmt should be a foldable \"STRING\" expression");
        lv_str name = format ? lv_vector_str(format, 0) : LV_STR("hex");
        c->convert = NULL;
        for (size_t i = 0; i < LV_COUNT_OF(to_binary_formats); i++)
            if (lv_str_eq_nocase(name, lv_str_of(to_binary_formats[i].format)))
                c->convert = to_binary_formats[i].convert;
        if (c->convert == NULL && !lenient)
            return LV_FAIL(err, LV_DATATYPE_MISMATCH_ARG_VALUE,
                           "The fmt value must to be a case-insensitive \"STRING\" literal of "
                           "'hex', 'utf-8', 'utf8', or 'base64', but got '%.*s'",
                           LV_STR_ARG(name));
        if (c->convert == NULL)
            c->convert = always_null;
    }
    return bind_codec(function, bind, c, err);
}

/* ---- character sets -------------------------------------------------------------------------- */

typedef struct charset {
    const char *name;
    int unit; /* bytes of a code unit */
    uint32_t max;
    bool little;
    bool mark; /* a byte order mark in front */
} charset;

static const charset charsets[] = {
    {"iso-8859-1", 1, 0xFF, false, false},  {"us-ascii", 1, 0x7F, false, false},
    {"utf-16", 2, 0x10FFFF, false, true},   {"utf-16be", 2, 0x10FFFF, false, false},
    {"utf-16le", 2, 0x10FFFF, true, false}, {"utf-32", 4, 0x10FFFF, false, false},
    {"utf-8", 0, 0x10FFFF, false, false},
};

static lv_status find_charset(const lv_call *call, lv_str name, const charset **found,
                              lv_error *err)
{
    for (size_t i = 0; i < LV_COUNT_OF(charsets); i++)
        if (lv_str_eq_nocase(name, lv_str_of(charsets[i].name))) {
            *found = &charsets[i];
            return LV_OK;
        }
    return LV_FAIL(err, LV_INVALID_CHARSET,
                   "The value of parameter(s) `charset` in `%s` is invalid: expects one of the "
                   "iso-8859-1, us-ascii, utf-16, utf-16be, utf-16le, utf-32, utf-8, but got %.*s",
                   call->function->name, LV_STR_ARG(name));
}

static size_t put_unit(const charset *set, uint32_t unit, char *out)
{
    for (int i = 0; i < set->unit; i++)
        out[i] = (char)(unit >> (8 * (set->little ? i : set->unit - 1 - i)));
    return (size_t)set->unit;
}

static bool encode(lv_arena *arena, const charset *set, lv_str in, lv_str *out)
{
    in = lv_utf8_repair(arena, in);
    *out = in;
    if (set->unit == 0)
        return true;
    char *bytes = lv_arena_alloc(arena, in.len * 4 + 4);
    size_t n = set->mark && in.len > 0 ? put_unit(set, 0xFEFF, bytes) : 0;
    for (size_t i = 0, used; i < in.len; i += used) {
        uint32_t c = lv_utf8_decode(in.ptr + i, &used);
        if (c > set->max)
            return false;
        if (set->unit == 2 && c > 0xFFFF) {
            n += put_unit(set, 0xD7C0 + (c >> 10), bytes + n);
            c = 0xDC00 + (c & 0x3FF);
        }
        n += put_unit(set, c, bytes + n);
    }
    *out = (lv_str){bytes, n};
    return true;
}

static uint32_t get_unit(const charset *set, bool little, const char *in)
{
    uint32_t unit = 0;
    for (int i = 0; i < set->unit; i++)
        unit = unit << 8 | (unsigned char)in[little ? set->unit - 1 - i : i];
    return unit;
}

static bool decode(lv_arena *arena, const charset *set, lv_str in, lv_str *out)
{
    *out = in;
    if (set->unit == 0)
        return lv_utf8_is_valid(in.ptr, in.len);
    if (in.len % (size_t)set->unit != 0)
        return false;
    char *text = lv_arena_alloc(arena, in.len * 2 + 4);
    size_t n = 0, at = 0, size = (size_t)set->unit;
    bool little = set->little;
    if ((set->mark || set->unit == 4) && in.len >= size) {
        bool mark = get_unit(set, false, in.ptr) == 0xFEFF,
             swapped = get_unit(set, true, in.ptr) == 0xFEFF;
        little = swapped && !mark;
        at = mark || swapped ? size : 0;
    }
    for (; at < in.len; at += size) {
        uint32_t c = get_unit(set, little, in.ptr + at);
        if (set->unit == 2 && c >= 0xD800 && c < 0xDC00 && at + size < in.len) {
            uint32_t low = get_unit(set, little, in.ptr + at + size);
            if (low < 0xDC00 || low > 0xDFFF)
                return false;
            c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
            at += size;
        }
        if (c > set->max || (c >= 0xD800 && c < 0xE000))
            return false;
        n += lv_utf8_encode(c, text + n);
    }
    *out = (lv_str){text, n};
    return true;
}

static lv_status kernel_charset(const lv_call *call, lv_eval *eval, const lv_vector *args,
                                int64_t rows, lv_vector *out, lv_error *err)
{
    bool decoding = call->function->op == 1;
    lv_result_init(call, eval, args, rows, out);
    lv_strs in = lv_strs_of(&args[0]), names = lv_strs_of(&args[1]);
    for (int64_t i = 0; i < rows; i++) {
        lv_str *value = (lv_str *)out->data + i;
        const charset *set;
        *value = LV_STR_NONE;
        if (!lv_row_valid(out->validity, i))
            continue;
        LV_TRY(find_charset(call, lv_strs_at(&names, i), &set, err));
        lv_str s = lv_strs_at(&in, i);
        if (!(decoding ? decode : encode)(eval->arena, set, s.ptr ? s : LV_STR(""), value))
            return LV_FAIL(err, LV_MALFORMED_CHARACTERS,
                           "Invalid value found when performing `%s` with %.*s",
                           call->function->name, LV_STR_ARG(lv_strs_at(&names, i)));
    }
    return LV_OK;
}

/* encode(text, charset) and decode(bytes, charset). */
lv_status lv_bind_charset(const lv_function *function, lv_bind *bind, lv_error *err)
{
    bool decoding = function->op == 1;
    LV_TRY(lv_bind_want(function, bind, 0, lv_type_of(decoding ? LV_TYPE_BINARY : LV_TYPE_STRING),
                        err));
    LV_TRY(lv_bind_want(function, bind, 1, lv_type_of(LV_TYPE_STRING), err));
    lv_bind_result(bind, lv_type_of(decoding ? LV_TYPE_STRING : LV_TYPE_BINARY), false,
                   kernel_charset);
    bind->nullable = true;
    return LV_OK;
}
