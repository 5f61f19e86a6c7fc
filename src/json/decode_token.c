/* decode_token.c: the exact way's tokens (see decode_int.h): Jackson's ReaderBasedJsonParser, as
 * lenient as the options make it. Comments name its states only where they explain an oddity. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/check.h"
#include "base/double.h"
#include "base/utf8.h"
#include "json/base64.h"
#include "json/decode_int.h"

/* Jackson refuses longer numbers. */
enum { NUMBER_LENGTH_MAX = 1000 };

void lv_reader_fail(lv_reader *r, const char *fmt, ...)
{
    if (r->failure == NULL || r->failure[0] != '\0')
        return;
    va_list args;
    va_start(args, fmt);
    vsnprintf(r->failure, LV_FAILURE_SIZE, fmt, args);
    va_end(args);
}

static bool broken(lv_reader *r, const char *what)
{
    lv_reader_fail(r, "%s", what);
    return false;
}

void lv_reader_begin(lv_reader *r, lv_str payload)
{
    r->p = payload.ptr;
    r->end = payload.ptr + payload.len;
    r->current = r->pending = LV_TOKEN_NONE;
    r->string_unread = false;
    r->depth = 0;
    r->levels[0] = (lv_level){.name = LV_STR_NONE};
}

void lv_reader_begin_inside(lv_reader *r, const char *p, const char *end)
{
    lv_reader_begin(r, (lv_str){p, (size_t)(end - p)});
    r->levels[++r->depth] = (lv_level){.is_array = true};
}

lv_str lv_reader_name(const lv_reader *r)
{
    bool opened = r->current == LV_TOKEN_OBJECT || r->current == LV_TOKEN_ARRAY;
    return r->levels[r->depth - (opened && r->depth > 0)].name;
}

/* ---- characters ------------------------------------------------------------------------------ */

/* Whether Java takes it into an identifier; characters beyond ASCII nearly all are letters. */
static bool is_identifier_part(char c)
{
    unsigned char b = (unsigned char)c;
    bool letter = (b | 32) >= 'a' && (b | 32) <= 'z', digit = b >= '0' && b <= '9';
    return letter || digit || b == '_' || b == '$' || b >= 0x7F || b <= 8 ||
           (b >= 0x0E && b <= 0x1B);
}

/* The offending character is consumed, all of its bytes. */
static bool unexpected(lv_reader *r, const char *what)
{
    while (r->p < r->end && ((unsigned char)*r->p & 0xC0) == 0x80)
        r->p++;
    return broken(r, what);
}

static bool skip_comment(lv_reader *r)
{
    if (!r->options->comments)
        return broken(r, "Unexpected character ('/')");
    if (r->p == r->end)
        return broken(r, "Unexpected end-of-input in a comment");
    char kind = *r->p++;
    if (kind != '/' && kind != '*')
        return unexpected(r, "Unexpected character in a comment");
    for (; r->p < r->end; r->p++) {
        char c = *r->p;
        if (kind == '/' && (c == '\n' || c == '\r'))
            return true;
        if (kind == '*' && c == '*' && r->end - r->p > 1 && r->p[1] == '/') {
            r->p += 2;
            return true;
        }
        if ((unsigned char)c < ' ' && c != '\t' && c != '\n' && c != '\r') {
            r->p++;
            return broken(r, "Illegal character in a comment");
        }
    }
    return kind == '/' || broken(r, "Unexpected end-of-input in a comment");
}

/* The next character that is neither blank nor comment, consumed. False: an error; *c is 0 at the end. */
static bool next_char(lv_reader *r, char *c)
{
    while (r->p < r->end) {
        *c = *r->p++;
        if (*c == '/') {
            if (!skip_comment(r))
                return false;
        } else if ((unsigned char)*c > ' ') {
            return true;
        } else if (*c != ' ' && *c != '\n' && *c != '\r' && *c != '\t') {
            return broken(r,
                          "Illegal character: only regular white space is allowed between tokens");
        }
    }
    *c = '\0';
    return true;
}

/* ---- strings --------------------------------------------------------------------------------- */

static int hex_digit(char c)
{
    return c >= '0' && c <= '9'                 ? c - '0'
           : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10
                                                : -1;
}

/* The four digits of \uXXXX; consumes up to and with the first that is none. */
static bool read_hex4(lv_reader *r, uint32_t *unit)
{
    *unit = 0;
    for (int i = 0; i < 4; i++) {
        if (r->p == r->end)
            return broken(r, "Unexpected end-of-input in character escape sequence");
        int digit = hex_digit(*r->p++);
        if (digit < 0)
            return unexpected(
                r, "Unexpected character: a hex-digit is expected in an escape sequence");
        *unit = *unit << 4 | (uint32_t)digit;
    }
    return true;
}

/* The escape behind a backslash, as UTF-16: *unit is one code unit. */
static bool read_escape(lv_reader *r, uint32_t *unit)
{
    static const char simple[] = "\"\\/bfnrt", meaning[] = "\"\\/\b\f\n\r\t";
    if (r->p == r->end)
        return broken(r, "Unexpected end-of-input in character escape sequence");
    char c = *r->p++;
    const char *at = c != '\0' ? strchr(simple, c) : NULL;
    if (c == 'u')
        return read_hex4(r, unit);
    if (at == NULL && !r->options->any_escape && (c != '\'' || r->options->no_single_quotes))
        return unexpected(r, "Unrecognized character escape");
    if (at == NULL && (unsigned char)c >= 0x80) {
        r->p--; /* the character itself, which the caller reads */
        *unit = UINT32_MAX;
        return true;
    }
    *unit = (unsigned char)(at != NULL ? meaning[at - simple] : c);
    return true;
}

/* Text under construction. Java holds UTF-16: a high surrogate waits for a low one, alone it becomes
 * '?' when the string is turned into UTF-8. */
typedef struct text_writer {
    char *to;
    uint32_t high; /* 0: none waits */
} text_writer;

static void put_waiting(text_writer *w)
{
    if (w->high != 0)
        *w->to++ = '?';
    w->high = 0;
}

static void put_unit(text_writer *w, uint32_t unit)
{
    bool low = unit >= 0xDC00 && unit < 0xE000;
    if (w->high != 0 && low) {
        w->to += lv_utf8_encode(0x10000u + ((w->high - 0xD800) << 10) + (unit - 0xDC00), w->to);
        w->high = 0;
        return;
    }
    put_waiting(w);
    if (unit >= 0xD800 && unit < 0xDC00)
        w->high = unit;
    else if (low)
        *w->to++ = '?';
    else
        w->to += lv_utf8_encode(unit, w->to);
}

/* Copies the character at p; bytes that are no UTF-8 become U+FFFD. */
static void put_character(lv_reader *r, text_writer *w)
{
    size_t left = (size_t)(r->end - r->p), n = lv_utf8_valid_prefix(r->p, left);
    put_waiting(w);
    memcpy(w->to, n ? r->p : "\xEF\xBF\xBD", n ? n : 3);
    w->to += n ? n : 3;
    r->p += n ? n : lv_utf8_bad_prefix_java(r->p, left);
}

/* A string from behind its opening quote to behind its closing one. A string with nothing special in
 * it is a slice of the payload; others are rewritten, where a byte grows to three at most. */
static bool read_string(lv_reader *r, char quote, lv_str *out)
{
    const char *begin = r->p;
    while (r->p < r->end && *r->p != quote && *r->p != '\\' && (signed char)*r->p >= ' ')
        r->p++;
    if (r->p < r->end && *r->p == quote) {
        *out = (lv_str){begin, (size_t)(r->p++ - begin)};
        return true;
    }
    const char *close = r->p; /* not behind the end of the string */
    for (bool escaped = false; close < r->end && (escaped || *close != quote); close++)
        escaped = !escaped && *close == '\\';
    char *text = lv_arena_alloc(r->arena, (size_t)(close - begin) * 3 + 8);
    text_writer w = {text + (r->p - begin), 0};
    memcpy(text, begin, (size_t)(r->p - begin));
    while (r->p < r->end && *r->p != quote) {
        unsigned char byte = (unsigned char)*r->p;
        uint32_t unit = byte;
        if (byte >= 0x80) {
            put_character(r, &w);
            continue;
        }
        r->p++;
        if (byte == '\\' && !read_escape(r, &unit))
            return false;
        if (byte < ' ' && !r->options->unquoted_control_chars)
            return broken(r, "Illegal unquoted character: it has to be escaped using backslash");
        if (unit != UINT32_MAX)
            put_unit(&w, unit);
    }
    if (r->p == r->end)
        return broken(r, "Unexpected end-of-input: was expecting closing quote for a string value");
    r->p++;
    put_waiting(&w);
    *out = (lv_str){text, (size_t)(w.to - text)};
    return true;
}

bool lv_reader_string(lv_reader *r)
{
    if (!r->string_unread)
        return true;
    r->string_unread = false;
    return read_string(r, '"', &r->text);
}

/* One character of base64 text: its six bits, or one of these. */
enum { BASE64_PADDING = -1, BASE64_QUOTE = -2, BASE64_BLANK = -3, BASE64_BAD = -4 };

static int read_base64_char(lv_reader *r)
{
    uint32_t c = r->p < r->end ? (unsigned char)*r->p++ : '\0';
    if (c == '"')
        return BASE64_QUOTE;
    if (c == '\\' && !read_escape(r, &c))
        return BASE64_BAD;
    int bits = c < 128 ? lv_base64_value((char)c) : -1;
    return bits >= 0 ? bits : c == '=' ? BASE64_PADDING : c <= ' ' ? BASE64_BLANK : BASE64_BAD;
}

/* A group of four characters; writes its bytes and returns how many, 0 at the closing quote, -1 if it
 * is bad. A quote where padding could stand is left for whoever reads the string on; one that comes
 * earlier, or behind the first of two padding characters, is lost (as in Jackson). */
static int read_base64_group(lv_reader *r, char *to)
{
    int value[4];
    do
        value[0] = read_base64_char(r);
    while (value[0] == BASE64_BLANK);
    if (value[0] == BASE64_QUOTE)
        return 0;
    for (int i = 1; i < 4 && value[i - 1] >= (i == 3 ? BASE64_PADDING : 0); i++) {
        value[i] = read_base64_char(r);
        if (value[i] == BASE64_QUOTE && i > 1 && value[i - 1] >= 0)
            r->p--;
        if (i == 3 || value[i] < 0)
            value[3] = value[i];
    }
    bool one = value[1] >= 0 && value[2] == BASE64_PADDING;
    if (value[0] < 0 || value[1] < 0 || value[2] < BASE64_PADDING || value[3] < BASE64_PADDING ||
        (one && value[3] >= 0))
        return -1;
    uint32_t group = (uint32_t)value[0] << 18 | (uint32_t)value[1] << 12;
    group |= (uint32_t)LV_MAX(value[2], 0) << 6 | (uint32_t)LV_MAX(value[3], 0);
    for (int i = 0; i < 3; i++)
        to[i] = (char)(group >> (16 - 8 * i));
    return one ? 1 : value[3] == BASE64_PADDING ? 2 : 3;
}

bool lv_reader_base64(lv_reader *r, lv_str *out)
{
    lv_reader text = *r;
    bool quoted = r->string_unread;
    if (!quoted) { /* a single-quoted string has been read already: read it again with a closing quote */
        char *copy = lv_arena_alloc(r->arena, r->text.len + 1);
        memcpy(copy, r->text.ptr, r->text.len);
        copy[r->text.len] = '"';
        text.p = copy;
        text.end = copy + r->text.len + 1;
    }
    char *bytes = lv_arena_alloc(r->arena, (size_t)(text.end - text.p) + 3);
    size_t len = 0;
    int got;
    while ((got = read_base64_group(&text, bytes + len)) > 0)
        len += (size_t)got;
    if (quoted) {
        r->p = text.p;
        r->string_unread = got < 0;
    }
    if (got < 0)
        return broken(r, "Failed to decode VALUE_STRING as base64");
    *out = (lv_str){bytes, len};
    return true;
}

/* The name that begins with `c`, which is consumed. */
static bool read_name(lv_reader *r, char c, lv_str *name)
{
    if (c == '"' || (c == '\'' && !r->options->no_single_quotes))
        return read_string(r, c, name);
    if (!r->options->unquoted_names || !(is_identifier_part(c) || strchr("-@#*+", c) != NULL))
        return unexpected(r,
                          "Unexpected character: was expecting double-quote to start field name");
    const char *begin = r->p - 1;
    while (r->p < r->end &&
           (is_identifier_part(*r->p) || (*r->p != '\0' && strchr("-@#*+", *r->p) != NULL)))
        r->p++;
    *name = (lv_str){begin, (size_t)(r->p - begin)};
    return true;
}

/* ---- numbers and words ----------------------------------------------------------------------- */

static bool bad_token(lv_reader *r)
{
    while (r->p < r->end && is_identifier_part(*r->p))
        r->p++;
    return broken(r, "Unrecognized token: was expecting JSON String, Number, Array, Object or "
                     "token 'null', 'true' or 'false'");
}

/* The rest of a word whose first `from` characters were consumed. */
static bool match_word(lv_reader *r, const char *word, size_t from)
{
    for (const char *w = word + from; *w != '\0'; w++, r->p++)
        if (r->p == r->end || *r->p != *w)
            return bad_token(r);
    if (r->p < r->end && (unsigned char)*r->p >= '0' && is_identifier_part(*r->p))
        return bad_token(r);
    return true;
}

static bool special_number(lv_reader *r, const char *word, size_t from, double value)
{
    if (!match_word(r, word, from))
        return false;
    if (r->options->no_non_numeric)
        return broken(r, "Non-standard token: enable allowNonNumericNumbers to allow it");
    r->pending = LV_TOKEN_FLOAT;
    r->is_special = true;
    r->special = value;
    return true;
}

/* What follows a sign that no digit follows. */
static bool odd_signed_number(lv_reader *r, bool negative)
{
    if (r->p < r->end && *r->p == 'I') {
        r->p++;
        double value = negative ? -INFINITY : INFINITY;
        if (r->p < r->end && *r->p == 'N')
            return r->p++, special_number(r, "-INF", 3, value);
        if (r->p < r->end && *r->p == 'n')
            return r->p++, special_number(r, "-Infinity", 3, value);
    }
    if (r->p < r->end)
        r->p++;
    return unexpected(r,
                      "Unexpected character in numeric value: expected digit (0-9) to follow sign");
}

static const char *skip_digits(const char *p, const char *end)
{
    while (p < end && *p >= '0' && *p <= '9')
        p++;
    return p;
}

/* With leading zeros dropped. */
static lv_str number_text(lv_reader *r, const char *begin, bool negative, const char *digits)
{
    lv_str rest = {digits, (size_t)(r->p - digits)};
    if (digits == begin + negative)
        return (lv_str){begin, (size_t)(r->p - begin)};
    if (!negative)
        return rest;
    char *copy = lv_arena_alloc(r->arena, rest.len + 1);
    copy[0] = '-';
    memcpy(copy + 1, rest.ptr, rest.len);
    return (lv_str){copy, rest.len + 1};
}

/* A number whose first character, a digit or a minus, is the one before p. */
static bool read_number(lv_reader *r)
{
    const char *begin = r->p - 1;
    bool negative = *begin == '-', is_integer = true;
    const char *digits = begin + negative;
    if (digits == r->end || *digits < '0' || *digits > '9')
        return odd_signed_number(r, true);
    r->p = skip_digits(digits, r->end);
    if (*digits == '0' && r->p - digits > 1) {
        if (!r->options->leading_zeros) {
            r->p = digits + 1;
            return broken(r, "Invalid numeric value: Leading zeroes not allowed");
        }
        while (*digits == '0' && digits + 1 < r->p)
            digits++;
    }
    if (r->p < r->end && *r->p == '.') {
        const char *fraction = ++r->p;
        r->p = skip_digits(fraction, r->end);
        is_integer = false;
        if (r->p == fraction)
            return broken(
                r, "Unexpected character in numeric value: Decimal point not followed by a digit");
    }
    if (r->p < r->end && (*r->p == 'e' || *r->p == 'E')) {
        const char *exponent = r->p + 1;
        exponent += exponent < r->end && (*exponent == '-' || *exponent == '+');
        const char *exponent_end = skip_digits(exponent, r->end);
        is_integer = false;
        if (exponent_end == exponent)
            return broken(r, "Unexpected character in numeric value: Exponent indicator not "
                             "followed by a digit");
        r->p = exponent_end;
    }
    if (r->p - begin > NUMBER_LENGTH_MAX)
        return broken(r, "Number value length exceeds the maximum allowed (1000)");
    bool at_root = r->depth == 0 && r->p < r->end;
    if (at_root && memchr(" \t\r\n", *r->p, 4) == NULL)
        return unexpected(r, "Unexpected character: Expected space separating root-level values");
    r->text = number_text(r, begin, negative, digits);
    r->is_special = false;
    r->pending = is_integer ? LV_TOKEN_INTEGER : LV_TOKEN_FLOAT;
    return true;
}

static bool word(lv_reader *r, const char *text, lv_token token)
{
    r->pending = token;
    return match_word(r, text, 1);
}

/* The value that begins with `c`, which is consumed, becomes `pending`. */
static bool read_value_token(lv_reader *r, char c)
{
    switch (c) { /* dispatch */
    case '"':
        r->string_unread = true;
        r->pending = LV_TOKEN_STRING;
        return true;
    case '\'':
        r->pending = LV_TOKEN_STRING;
        return r->options->no_single_quotes ? unexpected(r, "Unexpected character (''')")
                                            : read_string(r, '\'', &r->text);
    case '{': r->pending = LV_TOKEN_OBJECT; return true;
    case '[': r->pending = LV_TOKEN_ARRAY; return true;
    case 't': return word(r, "true", LV_TOKEN_TRUE);
    case 'f': return word(r, "false", LV_TOKEN_FALSE);
    case 'n': return word(r, "null", LV_TOKEN_NULL);
    case 'N': return special_number(r, "NaN", 1, NAN);
    case 'I': return special_number(r, "Infinity", 1, INFINITY);
    case '+': return odd_signed_number(r, false);
    default:
        if (c == '-' || (c >= '0' && c <= '9'))
            return read_number(r);
        return is_identifier_part(c)
                   ? bad_token(r)
                   : unexpected(r, "Unexpected character: expected a valid value");
    }
}

/* ---- structure ------------------------------------------------------------------------------- */

static lv_token failed(lv_reader *r)
{
    r->pending = LV_TOKEN_NONE;
    return LV_TOKEN_ERROR;
}

/* Makes the pending value the current token. */
static lv_token take_pending(lv_reader *r)
{
    lv_token token = r->pending;
    r->pending = LV_TOKEN_NONE;
    if (token == LV_TOKEN_OBJECT || token == LV_TOKEN_ARRAY) {
        if (r->depth == LV_JSON_DEPTH_MAX) {
            lv_reader_fail(r, "Document nesting depth exceeds the maximum allowed (%d)",
                           LV_JSON_DEPTH_MAX);
            return LV_TOKEN_ERROR;
        }
        r->levels[++r->depth] =
            (lv_level){.is_object = token == LV_TOKEN_OBJECT, .is_array = token == LV_TOKEN_ARRAY};
    }
    return r->current = token;
}

static lv_token close_level(lv_reader *r, char c)
{
    const lv_level *level = &r->levels[r->depth];
    if (c == '}' ? !level->is_object : !level->is_array) {
        lv_reader_fail(r, "Unexpected close marker '%c'", c);
        return LV_TOKEN_ERROR;
    }
    r->depth--;
    return r->current = c == '}' ? LV_TOKEN_OBJECT_END : LV_TOKEN_ARRAY_END;
}

lv_token lv_reader_next(lv_reader *r)
{
    char c;
    if (r->current == LV_TOKEN_NAME)
        return take_pending(r);
    if (r->string_unread && !lv_reader_string(r))
        return LV_TOKEN_ERROR;
    if (!next_char(r, &c))
        return LV_TOKEN_ERROR;
    if (c == '\0') {
        if (r->depth == 0)
            return r->current = LV_TOKEN_NONE;
        lv_reader_fail(r, "Unexpected end-of-input: expected close marker");
        return LV_TOKEN_ERROR;
    }
    if (c == '}' || c == ']')
        return close_level(r, c);
    lv_level *level = &r->levels[r->depth];
    bool behind_comma = r->depth > 0 && level->has_entry;
    level->has_entry = true;
    if (behind_comma && (c != ',' || !next_char(r, &c) || c == '\0')) {
        unexpected(r, "Unexpected character: was expecting comma to separate entries");
        return LV_TOKEN_ERROR;
    }
    if (!level->is_object)
        return read_value_token(r, c) ? take_pending(r) : failed(r);
    if (!read_name(r, c, &level->name))
        return LV_TOKEN_ERROR;
    r->current =
        LV_TOKEN_NAME; /* also if the value is broken: the next call then finds nothing pending */
    if (!next_char(r, &c) || c != ':' || !next_char(r, &c) || c == '\0') {
        unexpected(r,
                   "Unexpected character: was expecting a colon to separate field name and value");
        return LV_TOKEN_ERROR;
    }
    return read_value_token(r, c) ? LV_TOKEN_NAME : failed(r);
}

bool lv_reader_skip(lv_reader *r)
{
    if (r->current != LV_TOKEN_OBJECT && r->current != LV_TOKEN_ARRAY)
        return true;
    for (int open = 1; open > 0;) {
        lv_token token = lv_reader_next(r);
        if (token == LV_TOKEN_ERROR || token == LV_TOKEN_NONE)
            return false;
        open += (token == LV_TOKEN_OBJECT) + (token == LV_TOKEN_ARRAY);
        open -= (token == LV_TOKEN_OBJECT_END) + (token == LV_TOKEN_ARRAY_END);
    }
    return true;
}

/* ---- copying --------------------------------------------------------------------------------- */

/* Integers as they are, others as a double prints. */
static void copy_number(const lv_reader *r, lv_sbuf *out)
{
    char text[LV_DOUBLE_TEXT_SIZE];
    double value = r->special;
    if (r->current == LV_TOKEN_INTEGER) {
        lv_sbuf_add_str(out, lv_str_is(r->text, "-0") ? LV_STR("0") : r->text);
        return;
    }
    bool good = r->is_special || lv_double_parse(r->text, &value);
    LV_ASSERT(good);
    lv_double_print(value, text);
    lv_sbuf_printf(out, isfinite(value) ? "%s" : "\"%s\"", text);
}

/* Jackson, writing bytes, has two escapes in place of a character beyond U+FFFF. */
static void copy_string(const lv_reader *r, lv_str s, lv_sbuf *out)
{
    size_t begin = out->len;
    lv_sbuf_add_json_string(out, s);
    bool any = false;
    for (size_t i = begin; i < out->len && !r->plain_copies && !any; i++)
        any = (unsigned char)out->ptr[i] >= 0xF0;
    if (!any)
        return;
    lv_sbuf plain = LV_SBUF_INIT;
    lv_sbuf_add(&plain, out->ptr + begin, out->len - begin);
    out->len = begin;
    for (size_t i = 0; i < plain.len;) {
        const unsigned char *p = (const unsigned char *)plain.ptr + i;
        if (*p < 0xF0) {
            lv_sbuf_add_char(out, (char)*p);
            i++;
            continue;
        }
        unsigned code = (p[0] & 7u) << 18 | (p[1] & 63u) << 12 | (p[2] & 63u) << 6 | (p[3] & 63u);
        lv_sbuf_printf(out, "\\u%04X\\u%04X", 0xD800 + ((code - 0x10000) >> 10),
                       0xDC00 + (code & 0x3FF));
        i += 4;
    }
    lv_sbuf_release(&plain);
}

static bool copy_scalar(lv_reader *r, lv_sbuf *out)
{
    switch (r->current) {
    case LV_TOKEN_STRING:
        if (!lv_reader_string(r))
            return false;
        copy_string(r, r->text, out);
        return true;
    case LV_TOKEN_INTEGER:
    case LV_TOKEN_FLOAT: copy_number(r, out); return true;
    case LV_TOKEN_TRUE: lv_sbuf_add_cstr(out, "true"); return true;
    case LV_TOKEN_FALSE: lv_sbuf_add_cstr(out, "false"); return true;
    case LV_TOKEN_NULL: lv_sbuf_add_cstr(out, "null"); return true;
    default: return false;
    }
}

bool lv_reader_copy(lv_reader *r, lv_sbuf *out)
{
    bool comma = false;
    for (int open = 0;;) {
        bool opens = r->current == LV_TOKEN_OBJECT || r->current == LV_TOKEN_ARRAY;
        bool closes = r->current == LV_TOKEN_OBJECT_END || r->current == LV_TOKEN_ARRAY_END;
        if (comma && !closes)
            lv_sbuf_add_char(out, ',');
        comma = !opens && r->current != LV_TOKEN_NAME;
        if (opens) {
            lv_sbuf_add_char(out, r->current == LV_TOKEN_OBJECT ? '{' : '[');
            open++;
        } else if (closes) {
            lv_sbuf_add_char(out, r->current == LV_TOKEN_OBJECT_END ? '}' : ']');
            open--;
        } else if (r->current == LV_TOKEN_NAME) {
            copy_string(r, lv_reader_name(r), out);
            lv_sbuf_add_char(out, ':');
        } else if (!copy_scalar(r, out)) {
            return false;
        }
        if (open == 0)
            return true;
        lv_token token = lv_reader_next(r);
        if (token == LV_TOKEN_ERROR || token == LV_TOKEN_NONE)
            return false;
    }
}
