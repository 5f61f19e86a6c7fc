/* str.c: slices and the text builder. */
#include "base/str.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/check.h"
#include "base/utf8.h"

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

bool lv_str_eq_nocase(lv_str a, lv_str b)
{
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++)
        if (lower(a.ptr[i]) != lower(b.ptr[i]))
            return false;
    return true;
}

int lv_str_cmp(lv_str a, lv_str b)
{
    size_t n = LV_MIN(a.len, b.len);
    int c = n ? memcmp(a.ptr, b.ptr, n) : 0;
    return c ? c : (a.len > b.len) - (a.len < b.len);
}

bool lv_str_starts(lv_str s, lv_str prefix)
{
    return s.len >= prefix.len && lv_str_eq(lv_str_sub(s, 0, prefix.len), prefix);
}

bool lv_str_ends(lv_str s, lv_str suffix)
{
    return s.len >= suffix.len && lv_str_eq(lv_str_sub(s, s.len - suffix.len, suffix.len), suffix);
}

ptrdiff_t lv_str_find(lv_str s, char c, size_t from)
{
    if (from >= s.len)
        return -1;
    const char *p = memchr(s.ptr + from, c, s.len - from);
    return p ? p - s.ptr : -1;
}

static bool is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

lv_str lv_str_trim(lv_str s)
{
    while (s.len > 0 && is_blank(s.ptr[0])) {
        s.ptr++;
        s.len--;
    }
    while (s.len > 0 && is_blank(s.ptr[s.len - 1]))
        s.len--;
    return s;
}

lv_str lv_str_dup(lv_arena *arena, lv_str s)
{
    return (lv_str){lv_arena_strndup(arena, s.ptr, s.len), s.len};
}

char *lv_str_cstr(lv_arena *arena, lv_str s)
{
    return lv_arena_strndup(arena, s.ptr, s.len);
}

bool lv_str_split(lv_str *rest, char sep, lv_str *part)
{
    if (rest->ptr == NULL)
        return false;
    ptrdiff_t at = lv_str_find(*rest, sep, 0);
    if (at < 0) {
        *part = *rest;
        *rest = LV_STR_NONE;
    } else {
        *part = lv_str_sub(*rest, 0, (size_t)at);
        *rest = lv_str_sub(*rest, (size_t)at + 1, rest->len - (size_t)at - 1);
    }
    return true;
}

bool lv_str_to_i64(lv_str s, int64_t *out)
{
    size_t i = 0;
    bool negative = s.len > 0 && s.ptr[0] == '-';
    if (s.len > 0 && (s.ptr[0] == '-' || s.ptr[0] == '+'))
        i = 1;
    if (i == s.len)
        return false;
    int64_t value = 0;
    for (; i < s.len; i++) {
        int digit = s.ptr[i] - '0';
        if (digit < 0 || digit > 9 || __builtin_mul_overflow(value, 10, &value) ||
            __builtin_sub_overflow(value, digit, &value))
            return false; /* built up as a negative number: INT64_MIN fits */
    }
    if (!negative && value == INT64_MIN)
        return false;
    *out = negative ? value : -value;
    return true;
}

int lv_str_distance(lv_str a, lv_str b)
{
    enum { MAX = 64 };
    if (a.len > MAX || b.len > MAX)
        return (int)LV_MAX(a.len, b.len);
    int row[MAX + 1];
    for (size_t j = 0; j <= b.len; j++)
        row[j] = (int)j;
    for (size_t i = 1; i <= a.len; i++) {
        int diagonal = row[0];
        row[0] = (int)i;
        for (size_t j = 1; j <= b.len; j++) {
            int replace = diagonal + (lower(a.ptr[i - 1]) != lower(b.ptr[j - 1]));
            diagonal = row[j];
            row[j] = LV_MIN(replace, LV_MIN(row[j], row[j - 1]) + 1);
        }
    }
    return row[b.len];
}

void lv_sbuf_release(lv_sbuf *buf)
{
    free(buf->ptr);
    *buf = LV_SBUF_INIT;
}

char *lv_sbuf_reserve(lv_sbuf *buf, size_t more)
{
    size_t need = buf->len + more + 1;
    if (need > buf->capacity) {
        size_t capacity = LV_MAX(need, LV_MAX(buf->capacity * 2, (size_t)64));
        char *grown = realloc(buf->ptr, capacity);
        if (grown == NULL) {
            fprintf(stderr, "levada: out of memory (text of %zu bytes)\n", capacity);
            abort();
        }
        buf->ptr = grown;
        buf->capacity = capacity;
    }
    return buf->ptr + buf->len;
}

void lv_sbuf_add(lv_sbuf *buf, const void *bytes, size_t len)
{
    char *at = lv_sbuf_reserve(buf, len);
    if (len > 0)
        memcpy(at, bytes, len);
    buf->len += len;
    buf->ptr[buf->len] = '\0';
}

void lv_sbuf_add_str(lv_sbuf *buf, lv_str s)
{
    lv_sbuf_add(buf, s.ptr, s.len);
}

void lv_sbuf_add_cstr(lv_sbuf *buf, const char *cstr)
{
    lv_sbuf_add(buf, cstr, strlen(cstr));
}

void lv_sbuf_add_char(lv_sbuf *buf, char c)
{
    lv_sbuf_add(buf, &c, 1);
}

void lv_sbuf_printf(lv_sbuf *buf, const char *fmt, ...)
{
    va_list args, again;
    va_start(args, fmt);
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    LV_ASSERT(len >= 0);
    vsnprintf(lv_sbuf_reserve(buf, (size_t)len), (size_t)len + 1, fmt, again);
    va_end(again);
    buf->len += (size_t)len;
}

void lv_sbuf_add_json_string(lv_sbuf *buf, lv_str s)
{
    static const char *const short_escape[32] = {
        ['\b'] = "\\b", ['\t'] = "\\t", ['\n'] = "\\n", ['\f'] = "\\f", ['\r'] = "\\r"};
    lv_sbuf_add_char(buf, '"');
    for (size_t i = 0; i < s.len;) {
        unsigned char c = (unsigned char)s.ptr[i];
        size_t n = lv_utf8_valid_prefix(s.ptr + i, s.len - i);
        if (n == 0) {
            lv_sbuf_add_cstr(buf, "\xEF\xBF\xBD");
            i += lv_utf8_bad_prefix_java(s.ptr + i, s.len - i);
        } else if (c == '"' || c == '\\') {
            lv_sbuf_add_char(buf, '\\');
            lv_sbuf_add_char(buf, (char)c);
            i++;
        } else if (c < 32 && short_escape[c] != NULL) {
            lv_sbuf_add_cstr(buf, short_escape[c]);
            i++;
        } else if (c < 32) {
            lv_sbuf_printf(buf, "\\u%04X", c);
            i++;
        } else {
            lv_sbuf_add(buf, s.ptr + i, n);
            i += n;
        }
    }
    lv_sbuf_add_char(buf, '"');
}
