/* token.c: strings, numbers and whole values of a payload, as lenient as Jackson is set by Spark:
 * single quotes and NaN are taken, comments, unquoted names and leading zeros are not. */
#include <math.h>
#include <smmintrin.h>

#include "base/double.h"
#include "base/utf8.h"
#include "json/decode_int.h"

/* ---- strings ------------------------------------------------------------------------------- */

/* First byte from p on that is the quote, a backslash, a control character or not ASCII. */
static const char *find_special(const char *p, const char *end, char quote)
{
    const __m128i quotes = _mm_set1_epi8(quote), backslashes = _mm_set1_epi8('\\'), limit = _mm_set1_epi8(0x20);
    for (; end - p >= 16; p += 16) {
        __m128i chunk = _mm_loadu_si128((const __m128i *)p);
        __m128i hit = _mm_or_si128(_mm_cmpeq_epi8(chunk, quotes), _mm_cmpeq_epi8(chunk, backslashes));
        hit = _mm_or_si128(hit, _mm_cmplt_epi8(chunk, limit)); /* signed: bytes from 0x80 on are negative */
        int mask = _mm_movemask_epi8(hit);
        if (mask != 0)
            return p + __builtin_ctz((unsigned)mask);
    }
    while (p < end && *p != quote && *p != '\\' && (signed char)*p >= 0x20)
        p++;
    return p;
}

static int hex_digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
}

/* The four digits of \uXXXX at p; -1 if there are not four. */
static int32_t hex4(const char *p, const char *end)
{
    int32_t value = 0;
    for (int i = 0; i < 4; i++) {
        int digit = end - p > i ? hex_digit(p[i]) : -1;
        if (digit < 0)
            return -1;
        value = value << 4 | digit;
    }
    return value;
}

/* Resolves the escape at *p (a backslash); false: malformed. A lone surrogate becomes '?', which is
 * what Java's encoder makes of it. */
static bool resolve_escape(const char **p, const char *end, char quote, char **to)
{
    static const char simple[] = "\"\\/bfnrt", meaning[] = "\"\\/\b\f\n\r\t";
    if (end - *p < 2)
        return false;
    char c = (*p)[1];
    if (c != 'u') {
        const char *at = c ? strchr(simple, c) : NULL;
        if (at == NULL && c != '\'')
            return false;
        *(*to)++ = at ? meaning[at - simple] : '\'';
        *p += 2;
        return true;
    }
    int32_t high = hex4(*p + 2, end), low = -1;
    if (high < 0)
        return false;
    *p += 6;
    if (high >= 0xD800 && high < 0xDC00 && end - *p >= 6 && (*p)[0] == '\\' && (*p)[1] == 'u')
        low = hex4(*p + 2, end);
    if (low >= 0xDC00 && low < 0xE000) {
        *to += lv_utf8_encode(0x10000u + ((uint32_t)(high - 0xD800) << 10) + (uint32_t)(low - 0xDC00), *to);
        *p += 6;
    } else if (high >= 0xD800 && high < 0xE000) {
        *(*to)++ = '?';
    } else {
        *to += lv_utf8_encode((uint32_t)high, *to);
    }
    return true;
}

/* How many bytes at p Java's decoder replaces by one U+FFFD: the longest prefix of a character that
 * could still have become one (Unicode 3.9, "maximal subpart"). */
static size_t broken_length(const char *p, size_t len)
{
    unsigned char lead = (unsigned char)p[0];
    size_t need = lead >= 0xF0 && lead <= 0xF4 ? 4 : lead >= 0xE0 && lead < 0xF0 ? 3 : 1;
    size_t n = 1;
    for (; n < need - (need > 1) && n < len; n++) {
        unsigned char c = (unsigned char)p[n];
        unsigned low = n == 1 && lead == 0xE0 ? 0xA0 : n == 1 && lead == 0xF0 ? 0x90 : 0x80;
        unsigned high = n == 1 && lead == 0xED ? 0x9F : n == 1 && lead == 0xF4 ? 0x8F : 0xBF;
        if (c < low || c > high)
            break;
    }
    return n;
}

/* The rest of a string from its first special byte on: escapes resolved, broken UTF-8 replaced.
 * A byte grows to three at most. */
static bool read_special_string(lv_cursor *c, const char *begin, const char *special, char quote, lv_str *out)
{
    const char *close = special;
    for (bool escaped = false; close < c->end && (escaped || *close != quote); close++)
        escaped = !escaped && *close == '\\';
    if (close >= c->end)
        return false;
    char *buffer = lv_arena_alloc(c->arena, (size_t)(close - begin) * 3 + 4), *to = buffer;
    bool changed = false;
    for (const char *p = begin; p < close;) {
        unsigned char byte = (unsigned char)*p;
        if (byte == '\\') {
            changed = true;
            if (!resolve_escape(&p, close, quote, &to))
                return false;
        } else if (byte < 0x20 && !c->options->unquoted_control_chars) {
            return false;
        } else if (byte < 0x80) {
            *to++ = *p++;
        } else {
            size_t n = lv_utf8_valid_prefix(p, (size_t)(close - p));
            changed |= n == 0;
            memcpy(to, n ? p : "\xEF\xBF\xBD", n ? n : 3);
            to += n ? n : 3;
            p += n ? n : broken_length(p, (size_t)(close - p));
        }
    }
    *out = changed ? (lv_str){buffer, (size_t)(to - buffer)} : (lv_str){begin, (size_t)(close - begin)};
    c->p = close + 1;
    return true;
}

bool lv_read_string(lv_cursor *c, lv_str *out)
{
    char quote = *c->p;
    const char *begin = c->p + 1, *q = find_special(begin, c->end, quote);
    if (LV_LIKELY(q < c->end && *q == quote)) {
        *out = (lv_str){begin, (size_t)(q - begin)};
        c->p = q + 1;
        return true;
    }
    return q < c->end && read_special_string(c, begin, q, quote, out);
}

/* ---- numbers ------------------------------------------------------------------------------- */

static const char *skip_digits(const char *p, const char *end)
{
    while (p < end && *p >= '0' && *p <= '9')
        p++;
    return p;
}

/* NaN, Infinity, -INF and so on, bare. */
static bool read_special_number(lv_cursor *c, lv_number *out)
{
    static const struct {
        lv_str text;
        double value;
    } words[] = {{LV_STR("NaN"), NAN},         {LV_STR("Infinity"), INFINITY}, {LV_STR("-Infinity"), -INFINITY},
                 {LV_STR("+Infinity"), INFINITY}, {LV_STR("-INF"), -INFINITY},    {LV_STR("+INF"), INFINITY}};
    lv_str rest = {c->p, (size_t)(c->end - c->p)};
    for (size_t i = 0; i < LV_COUNT_OF(words) && !c->options->no_non_numeric; i++)
        if (lv_str_starts(rest, words[i].text)) {
            *out = (lv_number){lv_str_sub(rest, 0, words[i].text.len), false, true, words[i].value};
            c->p += words[i].text.len;
            return true;
        }
    return false;
}

bool lv_read_number(lv_cursor *c, lv_number *out)
{
    const char *p = c->p;
    if (p < c->end && *p == '-')
        p++;
    if (p == c->end || *p < '0' || *p > '9')
        return read_special_number(c, out);
    const char *digits = p;
    p = skip_digits(p, c->end);
    if (*digits == '0' && p - digits > 1 && !c->options->leading_zeros)
        return false;
    bool is_integer = true;
    if (p < c->end && *p == '.') {
        const char *fraction = ++p;
        p = skip_digits(p, c->end);
        is_integer = false;
        if (p == fraction)
            return false;
    }
    if (p < c->end && (*p == 'e' || *p == 'E')) {
        p++;
        if (p < c->end && (*p == '-' || *p == '+'))
            p++;
        const char *exponent = p;
        p = skip_digits(p, c->end);
        is_integer = false;
        if (p == exponent)
            return false;
    }
    *out = (lv_number){{c->p, (size_t)(p - c->p)}, is_integer, false, 0};
    c->p = p;
    return true;
}

/* Sixteen digits at once: find where they end, squeeze out the point, shift them to the right end of
 * a register, and add them up pairwise with multiply-add. */
bool lv_read_short_decimal(lv_cursor *c, int64_t *mantissa, int *fraction)
{
    const char *p = c->p;
    bool negative = p < c->end && *p == '-';
    p += negative;
    if (c->end - p < 18)
        return false;
    __m128i digits = _mm_sub_epi8(_mm_loadu_si128((const __m128i *)p), _mm_set1_epi8('0'));
    unsigned mask = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(_mm_min_epu8(digits, _mm_set1_epi8(9)), digits));
    int whole = __builtin_ctz(~mask), part = 0, used = whole;
    if (whole == 0 || whole > 15 || (whole > 1 && *p == '0'))
        return false;
    if (p[whole] == '.') {
        part = __builtin_ctz(~(mask >> (whole + 1)));
        used += part + 1;
        if (part == 0 || used > 16)
            return false;
    }
    int count = whole + part;
    if (count > 15 || (p[used] | 32) == 'e')
        return false;
    __m128i index = _mm_sub_epi8(_mm_setr_epi8(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15), _mm_set1_epi8((char)(16 - count)));
    index = _mm_sub_epi8(index, _mm_cmpgt_epi8(index, _mm_set1_epi8((char)(whole - 1)))); /* step over the point */
    __m128i v = _mm_shuffle_epi8(digits, index); /* a negative index gives zero */
    v = _mm_maddubs_epi16(v, _mm_set1_epi16(0x010A));
    v = _mm_madd_epi16(v, _mm_set1_epi32(0x00010064));
    v = _mm_packus_epi32(v, v);
    v = _mm_madd_epi16(v, _mm_set1_epi32(0x00012710));
    uint64_t pair = (uint64_t)_mm_cvtsi128_si64(v);
    int64_t value = (int64_t)((pair & 0xFFFFFFFF) * 100000000 + (pair >> 32));
    if (negative && value == 0)
        return false; /* -0.0 has a sign that an integer cannot hold */
    *mantissa = negative ? -value : value;
    *fraction = part;
    c->p = p + used;
    return true;
}

/* ---- whole values --------------------------------------------------------------------------- */

/* Reads a literal word; false if the text differs. */
static bool take_word(lv_cursor *c, lv_str word)
{
    if ((size_t)(c->end - c->p) < word.len || memcmp(c->p, word.ptr, word.len) != 0)
        return false;
    c->p += word.len;
    return true;
}

static void copy_number(const lv_number *n, lv_sbuf *out)
{
    char text[LV_DOUBLE_TEXT_SIZE];
    double value = n->special;
    if (n->is_integer) {
        lv_sbuf_add_str(out, n->text);
        return;
    }
    if (!n->is_special && !lv_double_parse(n->text, &value))
        return;
    lv_double_print(value, text);
    lv_sbuf_printf(out, isfinite(value) ? "%s" : "\"%s\"", text);
}

static bool copy_container(lv_cursor *c, lv_sbuf *out);

/* Skips a value; also adds it to `out` unless that is NULL. */
static bool walk_value(lv_cursor *c, lv_sbuf *out)
{
    static const lv_str words[] = {LV_STR("true"), LV_STR("false"), LV_STR("null")};
    lv_str text;
    lv_number number;
    if (c->p == c->end)
        return false;
    char first = *c->p;
    if (first == '{' || first == '[')
        return copy_container(c, out);
    if (first == '"' || (first == '\'' && !c->options->no_single_quotes)) {
        if (!lv_read_string(c, &text))
            return false;
        if (out != NULL)
            lv_sbuf_add_json_string(out, text);
        return true;
    }
    for (size_t i = 0; i < LV_COUNT_OF(words); i++)
        if (take_word(c, words[i])) {
            if (out != NULL)
                lv_sbuf_add_str(out, words[i]);
            return true;
        }
    if (!lv_read_number(c, &number))
        return false;
    if (out != NULL)
        copy_number(&number, out);
    return true;
}

static bool walk_member(lv_cursor *c, bool is_object, lv_sbuf *out)
{
    lv_cursor_skip_blanks(c);
    if (is_object) {
        lv_str key;
        bool quoted = c->p < c->end && (*c->p == '"' || (*c->p == '\'' && !c->options->no_single_quotes));
        if (!quoted || !lv_read_string(c, &key))
            return false;
        lv_cursor_skip_blanks(c);
        if (c->p == c->end || *c->p++ != ':')
            return false;
        lv_cursor_skip_blanks(c);
        if (out != NULL) {
            lv_sbuf_add_json_string(out, key);
            lv_sbuf_add_char(out, ':');
        }
    }
    bool ok = walk_value(c, out);
    lv_cursor_skip_blanks(c);
    return ok;
}

static bool copy_container(lv_cursor *c, lv_sbuf *out)
{
    bool is_object = *c->p == '{';
    char close = is_object ? '}' : ']';
    if (++c->depth > LV_JSON_DEPTH_MAX)
        return false;
    if (out != NULL)
        lv_sbuf_add_char(out, *c->p);
    c->p++;
    lv_cursor_skip_blanks(c);
    bool empty = c->p < c->end && *c->p == close;
    while (!empty) {
        if (!walk_member(c, is_object, out) || c->p == c->end)
            return false;
        if (*c->p == close)
            break;
        if (*c->p++ != ',')
            return false;
        if (out != NULL)
            lv_sbuf_add_char(out, ',');
    }
    c->p++;
    c->depth--;
    if (out != NULL)
        lv_sbuf_add_char(out, close);
    return true;
}

bool lv_skip_value(lv_cursor *c)
{
    return walk_value(c, NULL);
}

bool lv_copy_value(lv_cursor *c, lv_sbuf *out)
{
    return walk_value(c, out);
}
