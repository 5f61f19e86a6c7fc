/* dom.c: the strict reader for control data: one pass, one node per value, strings resolved only
 * where they hold an escape. Children are collected on a stack and copied out when their parent
 * ends, so arrays lie flat. */
#include <stdlib.h>

#include "base/check.h"
#include "base/utf8.h"
#include "base/vec.h"
#include "json/json.h"

typedef struct dom_parser {
    lv_arena *arena;
    const char *start, *p, *end;
    int depth;
    LV_VEC(lv_json) values; /* stack of finished children */
    LV_VEC(lv_str) keys;
    lv_arena scratch;
    lv_error *err;
} dom_parser;

static lv_status parse_value(dom_parser *d, lv_json *out);

/* The offending byte is the one at d->p. */
static lv_status fail(dom_parser *d, const char *what)
{
    return LV_FAIL(d->err, LV_CORRUPT, "bad JSON at byte %zu: %s", (size_t)(d->p - d->start), what);
}

static void skip_blanks(dom_parser *d)
{
    while (d->p < d->end && (*d->p == ' ' || *d->p == '\n' || *d->p == '\r' || *d->p == '\t'))
        d->p++;
}

static int hex_digit(char c)
{
    return c >= '0' && c <= '9'                 ? c - '0'
           : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10
                                                : -1;
}

static bool read_hex4(const char *p, const char *end, uint32_t *out)
{
    *out = 0;
    for (int i = 0; i < 4; i++) {
        int digit = end - p > i ? hex_digit(p[i]) : -1;
        if (digit < 0)
            return false;
        *out = *out << 4 | (uint32_t)digit;
    }
    return true;
}

/* Resolves \uXXXX (and a surrogate pair) behind the backslash at d->p. */
static lv_status read_unicode_escape(dom_parser *d, char **to)
{
    uint32_t c, low;
    if (!read_hex4(d->p + 2, d->end, &c))
        return fail(d, "\\u wants four hexadecimal digits");
    d->p += 6;
    if (c >= 0xD800 && c < 0xDC00 && d->end - d->p >= 6 && d->p[0] == '\\' && d->p[1] == 'u' &&
        read_hex4(d->p + 2, d->end, &low) && low >= 0xDC00 && low < 0xE000) {
        c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
        d->p += 6;
    }
    if (c >= 0xD800 && c < 0xE000)
        c = 0xFFFD; /* a lone surrogate is no character */
    *to += lv_utf8_encode(c, *to);
    return LV_OK;
}

/* The string from the quote at d->p, which holds an escape; resolved into the arena. */
static lv_status read_escaped(dom_parser *d, size_t len_max, lv_str *out)
{
    static const char plain[128] = {['"'] = '"',  ['\\'] = '\\', ['/'] = '/',  ['b'] = '\b',
                                    ['f'] = '\f', ['n'] = '\n',  ['r'] = '\r', ['t'] = '\t'};
    char *buffer = lv_arena_alloc(d->arena, len_max), *to = buffer;
    for (d->p++; *d->p != '"';) {
        if (*d->p != '\\') {
            *to++ = *d->p++;
            continue;
        }
        char c = d->p[1];
        if (c == 'u') {
            LV_TRY(read_unicode_escape(d, &to));
            continue;
        }
        if ((unsigned char)c >= 128 || plain[(int)c] == 0)
            return fail(d, "unknown escape");
        *to++ = plain[(int)c];
        d->p += 2;
    }
    d->p++;
    *out = (lv_str){buffer, (size_t)(to - buffer)};
    return LV_OK;
}

static lv_status parse_string(dom_parser *d, lv_str *out)
{
    if (d->p == d->end || *d->p != '"')
        return fail(d, "a string is expected");
    const char *begin = d->p + 1, *q = begin;
    bool escaped = false, high = false;
    for (; q < d->end && *q != '"'; q++) {
        if ((unsigned char)*q < 0x20) {
            d->p = q;
            return fail(d, "a control character in a string");
        }
        high |= (unsigned char)*q >= 0x80;
        if (*q == '\\') {
            escaped = true;
            q++;
        }
    }
    if (q >= d->end)
        return fail(d, "a string does not end");
    if (high && !lv_utf8_is_valid(begin, (size_t)(q - begin)))
        return fail(d, "a string is not UTF-8");
    if (escaped)
        return read_escaped(d, (size_t)(q - begin), out);
    *out = (lv_str){begin, (size_t)(q - begin)};
    d->p = q + 1;
    return LV_OK;
}

static bool skip_digits(dom_parser *d)
{
    const char *from = d->p;
    while (d->p < d->end && *d->p >= '0' && *d->p <= '9')
        d->p++;
    return d->p > from;
}

static lv_status parse_number(dom_parser *d, lv_json *out)
{
    const char *from = d->p;
    if (*d->p == '-')
        d->p++;
    bool zero = d->p < d->end && *d->p == '0';
    const char *digits = d->p;
    if (!skip_digits(d) || (zero && d->p - digits > 1))
        return fail(d, "a bad number");
    if (d->p < d->end && *d->p == '.') {
        d->p++;
        if (!skip_digits(d))
            return fail(d, "a bad number");
    }
    if (d->p < d->end && (*d->p | 32) == 'e') {
        d->p++;
        if (d->p < d->end && (*d->p == '-' || *d->p == '+'))
            d->p++;
        if (!skip_digits(d))
            return fail(d, "a bad number");
    }
    out->kind = LV_JSON_NUMBER;
    out->str = (lv_str){from, (size_t)(d->p - from)};
    return LV_OK;
}

static lv_status parse_word(dom_parser *d, lv_json *out)
{
    static const struct {
        lv_str word;
        lv_json_kind kind;
        bool value;
    } words[] = {{LV_STR("true"), LV_JSON_BOOL, true},
                 {LV_STR("false"), LV_JSON_BOOL, false},
                 {LV_STR("null"), LV_JSON_NULL, false}};
    lv_str rest = {d->p, (size_t)(d->end - d->p)};
    for (size_t i = 0; i < LV_COUNT_OF(words); i++)
        if (lv_str_starts(rest, words[i].word)) {
            out->kind = words[i].kind;
            out->boolean = words[i].value;
            d->p += words[i].word.len;
            return LV_OK;
        }
    return fail(d, "a value is expected");
}

/* Moves the children above `base` from the stacks to the arena, as parts of `out`. */
static void take_children(dom_parser *d, size_t base, size_t key_base, lv_json *out)
{
    size_t count = d->values.count - base;
    out->count = (int)count;
    out->items = lv_arena_alloc(d->arena, count * sizeof(lv_json));
    if (count > 0)
        memcpy(out->items, d->values.at + base, count * sizeof(lv_json));
    if (out->kind == LV_JSON_OBJECT) {
        out->keys = lv_arena_alloc(d->arena, count * sizeof(lv_str));
        if (count > 0)
            memcpy(out->keys, d->keys.at + key_base, count * sizeof(lv_str));
    }
    d->values.count = base;
    d->keys.count = key_base;
}

static lv_status parse_member(dom_parser *d, bool is_object)
{
    lv_json value = {0};
    lv_str key = LV_STR_NONE;
    skip_blanks(d);
    if (is_object) {
        LV_TRY(parse_string(d, &key));
        skip_blanks(d);
        if (d->p == d->end || *d->p != ':')
            return fail(d, "a colon is expected");
        d->p++;
    }
    LV_TRY(parse_value(d, &value));
    LV_VEC_PUSH(&d->scratch, d->values, value);
    if (is_object)
        LV_VEC_PUSH(&d->scratch, d->keys, key);
    skip_blanks(d);
    return LV_OK;
}

static lv_status parse_container(dom_parser *d, lv_json *out)
{
    bool is_object = *d->p == '{';
    char close = is_object ? '}' : ']';
    size_t base = d->values.count, key_base = d->keys.count;
    if (++d->depth > LV_JSON_DEPTH_MAX)
        return fail(d, "nested too deeply");
    d->p++;
    skip_blanks(d);
    if (d->p < d->end && *d->p == close) {
        d->p++;
    } else {
        for (;;) {
            LV_TRY(parse_member(d, is_object));
            char c = d->p < d->end ? *d->p : '\0';
            if (c != close && c != ',')
                return fail(d, is_object ? "a comma or } is expected" : "a comma or ] is expected");
            d->p++;
            if (c == close)
                break;
        }
    }
    d->depth--;
    out->kind = is_object ? LV_JSON_OBJECT : LV_JSON_ARRAY;
    take_children(d, base, key_base, out);
    return LV_OK;
}

static lv_status parse_value(dom_parser *d, lv_json *out)
{
    skip_blanks(d);
    if (d->p == d->end)
        return fail(d, "a value is expected");
    const char *from = d->p;
    char c = *d->p;
    lv_status status;
    if (c == '{' || c == '[') {
        status = parse_container(d, out);
    } else if (c == '"') {
        out->kind = LV_JSON_STRING;
        status = parse_string(d, &out->str);
    } else if (c == '-' || (c >= '0' && c <= '9')) {
        status = parse_number(d, out);
    } else {
        status = parse_word(d, out);
    }
    out->text = (lv_str){from, (size_t)(d->p - from)};
    return status;
}

lv_status lv_json_parse(lv_arena *arena, lv_str text, lv_json **root, lv_error *err)
{
    dom_parser d = {
        .arena = arena, .start = text.ptr, .p = text.ptr, .end = text.ptr + text.len, .err = err};
    lv_arena_init(&d.scratch);
    lv_json *value = LV_NEW(arena, lv_json);
    lv_status status = parse_value(&d, value);
    if (status == LV_OK) {
        skip_blanks(&d);
        if (d.p != d.end)
            status = fail(&d, "something stands behind the value");
    }
    lv_arena_release(&d.scratch);
    if (status == LV_OK)
        *root = value;
    return status;
}

const lv_json *lv_json_get(const lv_json *object, const char *key)
{
    if (object == NULL || object->kind != LV_JSON_OBJECT)
        return NULL;
    for (int i = object->count - 1; i >= 0; i--)
        if (lv_str_is(object->keys[i], key))
            return &object->items[i];
    return NULL;
}

lv_str lv_json_get_str(const lv_json *object, const char *key)
{
    const lv_json *value = lv_json_get(object, key);
    return value != NULL && value->kind == LV_JSON_STRING ? value->str : LV_STR_NONE;
}

bool lv_json_to_i64(const lv_json *value, int64_t *out)
{
    return value != NULL && value->kind == LV_JSON_NUMBER && lv_str_to_i64(value->str, out);
}

bool lv_json_get_i64(const lv_json *object, const char *key, int64_t *out)
{
    return lv_json_to_i64(lv_json_get(object, key), out);
}

bool lv_json_get_bool(const lv_json *object, const char *key, bool otherwise)
{
    const lv_json *value = lv_json_get(object, key);
    return value != NULL && value->kind == LV_JSON_BOOL ? value->boolean : otherwise;
}
