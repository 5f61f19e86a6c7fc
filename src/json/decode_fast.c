/* decode_fast.c: well-formed values of any type in one go, without tokens (see decode_int.h): nested ones, texts with
 * escapes, and what no column wants.
 *
 * It gives up at the first thing that it does not expect, and the value is read again in the exact way. So a
 * value that was read is good as a whole, and one that was skipped was looked at as closely as any other,
 * because broken text anywhere makes a row of nulls. */
#include <emmintrin.h>

#include "base/double.h"
#include "base/utf8.h"
#include "json/decode_int.h"

/* The bytes of a key as documents mostly have it: "name": without blanks. Those of a longer one are compared with
 * the type's name. */
typedef struct fast_key {
    char bytes[16];
    uint32_t mask; /* of the bytes that count; 0: a longer one */
    size_t length;
} fast_key;

/* A type with what is made of it beforehand. */
struct lv_fast_type {
    const lv_type *type;
    lv_type_kind kind;
    bool is_nested;
    int field_count;
    fast_key *keys;      /* of a STRUCT's fields */
    lv_fast_type *parts; /* of its fields, items, keys and values */
};

/* What the functions below share. p never runs away: whatever begins, begins before `end`, and whatever is
 * looked at without asking lies less than LV_JSON_PADDING behind it. */
typedef struct fast {
    lv_json_decoder *d;
    lv_arena *arena;
    const char *end;
    ptrdiff_t delta; /* leads to the payload, where strings are to point */
} fast;

enum { DEPTH_MAX = 64 /* of what is read here */ };

static inline bool is_blank(char c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

static inline const char *skip_blanks(const char *p, const char *end)
{
    while (LV_UNLIKELY((unsigned char)*p <= ' ') && is_blank(*p) && p < end)
        p++;
    return p;
}

/* Whether a number or a word may end before c. */
static inline bool ends_word(char c)
{
    return c == ',' || c == '}' || c == ']' || is_blank(c);
}

static void make_type(lv_arena *arena, const lv_type *type, lv_fast_type *out)
{
    int count = type->field_count;
    *out = (lv_fast_type){.type = type,
                          .kind = type->kind,
                          .is_nested = lv_type_is_nested(type),
                          .field_count = count,
                          .keys = LV_NEW_ARRAY(arena, fast_key, count),
                          .parts = LV_NEW_ARRAY(arena, lv_fast_type, count)};
    for (int i = 0; i < count; i++) {
        lv_str name = type->fields[i].name;
        fast_key *key = &out->keys[i];
        make_type(arena, type->fields[i].type, &out->parts[i]);
        key->length = name.len + 3;
        if (type->kind != LV_TYPE_STRUCT || key->length > sizeof key->bytes)
            continue;
        key->mask = (1u << key->length) - 1;
        key->bytes[0] = key->bytes[name.len + 1] = '"';
        memcpy(key->bytes + 1, name.ptr, name.len);
        key->bytes[name.len + 2] = ':';
    }
}

const lv_fast_type *lv_fast_type_make(lv_arena *arena, const lv_type *type)
{
    lv_fast_type *out = LV_NEW(arena, lv_fast_type);
    make_type(arena, type, out);
    return out;
}

/* ---- texts ----------------------------------------------------------------------------------- */

/* A bit for each quote, backslash and control character among the 16 bytes at p. */
static inline uint32_t stops16(const char *p)
{
    const __m128i quotes = _mm_set1_epi8('"'), backslashes = _mm_set1_epi8('\\'),
                  controls = _mm_set1_epi8(0x1F);
    __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)p);
    __m128i stops = _mm_or_si128(
        _mm_or_si128(_mm_cmpeq_epi8(bytes, quotes), _mm_cmpeq_epi8(bytes, backslashes)),
        _mm_cmpeq_epi8(_mm_max_epu8(bytes, controls), controls));
    return (uint32_t)_mm_movemask_epi8(stops);
}

/* The first quote, backslash or control character from p on; *ascii is cleared if other than ASCII is before it. */
static inline const char *find_stop(const char *p, const char *end, bool *ascii)
{
    for (;; p += 16) {
        uint32_t stops = stops16(p);
        uint32_t high =
            (uint32_t)_mm_movemask_epi8(_mm_loadu_si128((const __m128i *)(const void *)p));
        *ascii &= (high & (stops ^ (stops - 1))) == 0; /* no stop: all of them */
        if (stops != 0)
            return p + __builtin_ctz(stops);
        if (p + 16 >= end)
            return end;
    }
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 32);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The unit of \uXXXX, p at its digits; -1: it is none. */
static int hex_unit(const char *p)
{
    int unit = 0;
    for (int i = 0; i < 4; i++) {
        int digit = hex_value(p[i]);
        if (digit < 0)
            return -1;
        unit = unit << 4 | digit;
    }
    return unit;
}

/* An escape, p at its backslash: its character goes to *out. NULL: none that is simple. */
static const char *read_escape(const char *p, char **out)
{
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    if (p[1] != 'u') {
        const char *known = p[1] != '\0' ? strchr(from, p[1]) : NULL;
        if (known == NULL)
            return NULL;
        *(*out)++ = to[known - from];
        return p + 2;
    }
    int unit = hex_unit(p + 2), low;
    if (unit < 0 || (unit >= 0xDC00 && unit < 0xE000))
        return NULL;
    uint32_t code = (uint32_t)unit;
    p += 6;
    if (unit >= 0xD800 && unit < 0xDC00) {
        low = p[0] == '\\' && p[1] == 'u' ? hex_unit(p + 2) : -1;
        if (low < 0xDC00 || low >= 0xE000)
            return NULL;
        code = 0x10000 + ((code - 0xD800) << 10) + ((uint32_t)low - 0xDC00);
        p += 6;
    }
    *out += lv_utf8_encode(code, *out);
    return p;
}

/* The rest of a text with escapes, the first at p, `from` behind the quote, rewritten in the arena. */
static const char *read_escaped(const fast *f, const char *from, const char *p, bool *ascii,
                                lv_str *out)
{
    /* how long it can be at most: escapes are longer than what they stand for */
    const char *close = p;
    while (close < f->end && *close != '"') {
        bool ignored = true;
        close = *close == '\\' ? close + 2 : close + 1;
        if (close < f->end)
            close = find_stop(close, f->end, &ignored);
        if (close < f->end && (unsigned char)*close < ' ')
            return NULL;
    }
    if (close >= f->end)
        return NULL;
    char *text = lv_arena_alloc(f->arena, (size_t)(close - from) + 16), *to = text;
    memcpy(to, from, (size_t)(p - from));
    to += p - from;
    while (p < close) {
        if (*p == '\\') {
            p = read_escape(p, &to);
            if (p == NULL)
                return NULL;
            continue;
        }
        const char *stop = find_stop(p, close, ascii);
        memcpy(to, p, (size_t)(stop - p));
        to += stop - p;
        p = stop;
    }
    *out = (lv_str){text, (size_t)(to - text)};
    return p == close ? close + 1 : NULL;
}

/* A text whose quote is before p. */
static const char *read_text(const fast *f, const char *p, lv_str *out)
{
    bool ascii = true;
    if (LV_UNLIKELY(p >= f->end))
        return NULL;
    const char *stop = find_stop(p, f->end, &ascii), *next;
    if (LV_UNLIKELY(stop >= f->end))
        return NULL;
    if (LV_LIKELY(*stop == '"')) {
        *out = (lv_str){p + f->delta, (size_t)(stop - p)};
        next = stop + 1;
    } else if (*stop == '\\') {
        next = read_escaped(f, p, stop, &ascii, out);
    } else {
        return NULL;
    }
    return next == NULL || ascii || lv_utf8_is_valid(out->ptr, out->len) ? next : NULL;
}

/* ---- numbers --------------------------------------------------------------------------------- */

typedef struct number {
    lv_str text;
    uint64_t mantissa; /* all digits, if there are at most 18 */
    int digits, scale;
    bool negative, is_integer, has_exponent;
} number;

static inline const char *read_digits(const char *p, const char *end, number *n)
{
    while (p < end && (unsigned char)(*p - '0') < 10) {
        n->mantissa = n->mantissa * 10 + (unsigned char)(*p - '0');
        n->digits++;
        p++;
    }
    return p;
}

static inline const char *read_number(const fast *f, const char *p, number *n)
{
    const char *from = p;
    *n = (number){.negative = *p == '-', .is_integer = true};
    p += n->negative;
    const char *first = p;
    p = read_digits(p, f->end, n);
    if (p == first || (*first == '0' && p != first + 1))
        return NULL;
    if (*p == '.') {
        const char *point = p;
        p = read_digits(p + 1, f->end, n);
        n->scale = (int)(p - point - 1);
        n->is_integer = false;
        if (n->scale == 0)
            return NULL;
    }
    if ((*p | 32) == 'e') {
        n->has_exponent = true;
        n->is_integer = false;
        p += p[1] == '+' || p[1] == '-' ? 2 : 1;
        const char *exponent = p;
        while (p < f->end && (unsigned char)(*p - '0') < 10)
            p++;
        if (p == exponent)
            return NULL;
    }
    enum { TEXT_MAX = 500 /* Jackson has a limit, which the exact way knows */ };
    if (!ends_word(*p) || p >= f->end || p - from > TEXT_MAX)
        return NULL;
    n->text = (lv_str){from, (size_t)(p - from)};
    return p;
}

static bool put_double(const number *n, lv_builder *b)
{
    static const double powers[] = {1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                    1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
    double value;
    if (LV_LIKELY(n->digits <= 15 &&
                  !n->has_exponent)) { /* both are exact, so the quotient is rounded once */
        value = (double)n->mantissa / powers[n->scale];
        value = n->negative && !(n->is_integer && n->mantissa == 0) ? -value : value;
    } else if (!lv_double_parse(n->text, &value)) {
        return false;
    }
    lv_builder_f64(b, value);
    return true;
}

static bool put_integer(const number *n, lv_type_kind kind, lv_builder *b)
{
    int64_t v = n->negative ? -(int64_t)n->mantissa : (int64_t)n->mantissa;
    if (n->digits > 18 || !n->is_integer)
        return false;
    if (kind == LV_TYPE_BIGINT) {
        lv_builder_i64(b, v);
        return true;
    }
    if (kind != LV_TYPE_INT || v != (int32_t)v)
        return false;
    lv_builder_i32(b, (int32_t)v);
    return true;
}

static bool put_number(const number *n, const lv_type *type, lv_builder *b)
{
    lv_scalar value;
    if (type->kind == LV_TYPE_DOUBLE)
        return put_double(n, b);
    if (type->kind == LV_TYPE_BIGINT || type->kind == LV_TYPE_INT)
        return put_integer(n, type->kind, b);
    if (type->kind == LV_TYPE_STRING || type->kind == LV_TYPE_BINARY ||
        lv_scalar_from_number(type, n->text, n->is_integer, &value) != LV_VALUE_OK)
        return false;
    lv_builder_value(b, &value);
    return true;
}

/* ---- values ---------------------------------------------------------------------------------- */

static const char *read_value(const fast *f, const char *p, const lv_fast_type *type, lv_builder *b,
                              int depth);

static inline bool is_word(const char *p, const char *word, size_t len)
{
    return memcmp(p, word, len) == 0 && ends_word(p[len]);
}

/* What follows a comma, or the end of the list, if p is at either: *more says which. */
static inline const char *read_comma(const fast *f, const char *p, char close, bool *more)
{
    p = skip_blanks(p, f->end);
    if (p >= f->end || (*p != ',' && *p != close))
        return NULL;
    *more = *p == ',';
    return *more ? skip_blanks(p + 1, f->end) : p + 1;
}

/* A name and its colon, p at the quote. */
static inline const char *read_name(const fast *f, const char *p, lv_str *name)
{
    if (p >= f->end || *p != '"' || (p = read_text(f, p + 1, name)) == NULL)
        return NULL;
    p = skip_blanks(p, f->end);
    return p < f->end && *p == ':' ? skip_blanks(p + 1, f->end) : NULL;
}

static inline bool is_key(const fast *f, const char *p, const fast_key *key, lv_str name)
{
    if (LV_LIKELY(key->mask != 0)) {
        __m128i same = _mm_cmpeq_epi8(_mm_loadu_si128((const __m128i *)(const void *)p),
                                      _mm_loadu_si128((const __m128i *)(const void *)key->bytes));
        return ((unsigned)_mm_movemask_epi8(same) & key->mask) == key->mask;
    }
    return (size_t)(f->end - p) > key->length && *p == '"' &&
           memcmp(p + 1, name.ptr, name.len) == 0 && p[name.len + 1] == '"' &&
           p[name.len + 2] == ':';
}

/* The field of the name at p, -1 if there is none; `guess` is the one that comes next in the schema. */
static inline const char *read_field(const fast *f, const char *p, const lv_fast_type *type,
                                     int guess, int *field)
{
    const lv_field *fields = type->type->fields;
    if (LV_LIKELY(guess < type->field_count &&
                  is_key(f, p, &type->keys[guess], fields[guess].name))) {
        *field = guess;
        return skip_blanks(p + type->keys[guess].length, f->end);
    }
    lv_str name;
    p = read_name(f, p, &name);
    *field = -1;
    for (int i = type->field_count - 1; i >= 0 && *field < 0 && p != NULL; i--)
        if (lv_str_eq(fields[i].name, name))
            *field = i;
    return p;
}

static const char *read_struct(const fast *f, const char *p, const lv_fast_type *type,
                               lv_builder *b, int depth)
{
    int64_t row = b->length;
    int guess = 0, field, found = 0;
    bool more = true;
    p = skip_blanks(p + 1, f->end);
    if (*p == '}') {
        more = false;
        p++;
    }
    while (more) {
        if (p >= f->end || (p = read_field(f, p, type, guess, &field)) == NULL)
            return NULL;
        if (field < 0) {
            p = lv_fast_skip(p, f->end);
        } else {
            lv_builder *child = &b->children[field];
            if (LV_UNLIKELY(child->length > row))
                return NULL; /* a repeated name */
            p = read_value(f, p, &type->parts[field], child, depth);
            guess = field + 1;
            found++;
        }
        if (p == NULL || (p = read_comma(f, p, '}', &more)) == NULL)
            return NULL;
    }
    for (int i = 0; i < type->field_count && LV_UNLIKELY(found < type->field_count); i++)
        if (b->children[i].length == row)
            lv_builder_null(&b->children[i]);
    lv_builder_end_struct(b);
    return p;
}

/* An ARRAY or a MAP. */
static const char *read_list(const fast *f, const char *p, const lv_fast_type *type, lv_builder *b,
                             int depth)
{
    bool more = true, is_map = type->kind == LV_TYPE_MAP;
    char close = is_map ? '}' : ']';
    p = skip_blanks(p + 1, f->end);
    if (*p == close) {
        more = false;
        p++;
    }
    while (more) {
        lv_str key;
        if (is_map) {
            if ((p = read_name(f, p, &key)) == NULL)
                return NULL;
            lv_builder_str(&b->children[0], key);
        }
        p = read_value(f, p, &type->parts[is_map], &b->children[is_map], depth);
        if (p == NULL || (p = read_comma(f, p, close, &more)) == NULL)
            return NULL;
    }
    lv_builder_end_list(b);
    return p;
}

static const char *read_string(const fast *f, const char *p, const lv_type *type, lv_builder *b)
{
    lv_str text;
    lv_scalar value;
    p = read_text(f, p, &text);
    if (p == NULL || type->kind == LV_TYPE_BINARY)
        return NULL;
    if (type->kind == LV_TYPE_STRING) {
        lv_builder_str(b, text);
        return p;
    }
    if (lv_scalar_from_string(&f->d->options, f->arena, type, text, &value) != LV_VALUE_OK)
        return NULL;
    lv_builder_value(b, &value);
    return p;
}

static const char *read_value(const fast *f, const char *p, const lv_fast_type *type, lv_builder *b,
                              int depth)
{
    number n;
    if (LV_UNLIKELY(p >= f->end || depth == DEPTH_MAX || type->kind == LV_TYPE_VOID))
        return NULL;
    if (*p == '"' && !type->is_nested)
        return read_string(f, p + 1, type->type, b);
    if (*p == '{' && type->kind == LV_TYPE_STRUCT)
        return read_struct(f, p, type, b, depth + 1);
    if ((*p == '[' && type->kind == LV_TYPE_ARRAY) || (*p == '{' && type->kind == LV_TYPE_MAP))
        return read_list(f, p, type, b, depth + 1);
    if (*p == 'n') {
        if (!is_word(p, "null", 4))
            return NULL;
        lv_builder_null(b);
        return p + 4;
    }
    if (type->kind == LV_TYPE_BOOLEAN) {
        bool on = is_word(p, "true", 4);
        if (!on && !is_word(p, "false", 5))
            return NULL;
        lv_builder_bool(b, on);
        return p + (on ? 4 : 5);
    }
    if (type->is_nested)
        return NULL;
    p = read_number(f, p, &n);
    return p != NULL && put_number(&n, type->type, b) ? p : NULL;
}

const char *lv_fast_read(lv_json_decoder *d, lv_arena *arena, const char *p, const char *end,
                         ptrdiff_t delta, const lv_fast_type *type, lv_builder *builder)
{
    fast f = {d, arena, end, delta};
    int64_t before = builder->length;
    const char *next = read_value(&f, p, type, builder, 0);
    if (next == NULL || next > end) {
        lv_builder_truncate(builder, before);
        return NULL;
    }
    return next;
}

const char *lv_fast_text(lv_arena *arena, const char *p, const char *end, ptrdiff_t delta,
                         lv_str *out)
{
    fast f = {NULL, arena, end, delta};
    return *p == '"' ? read_text(&f, p + 1, out) : NULL;
}

/* ---- skipping -------------------------------------------------------------------------------- */

/* As find_stop, for longer texts that may be in any script. */
static inline const char *find_text_end(const char *p, const char *end)
{
    uint32_t stops = stops16(p);
    if (stops != 0)
        return p + __builtin_ctz(stops);
    for (p += 16; p < end; p += 32) {
        stops = stops16(p) | stops16(p + 16) << 16;
        if (stops != 0)
            return p + __builtin_ctz(stops);
    }
    return end;
}

/* Behind a text that nobody wants, p behind its quote. */
static inline const char *skip_text(const char *p, const char *end)
{
    for (;;) {
        if (LV_UNLIKELY(p >= end))
            return NULL;
        p = find_text_end(p, end);
        if (LV_LIKELY(*p == '"'))
            return p < end ? p + 1 : NULL;
        if (*p != '\\' || p >= end)
            return NULL;
        if (p[1] == 'u' ? hex_unit(p + 2) < 0 : p[1] == '\0' || strchr("\"\\/bfnrt", p[1]) == NULL)
            return NULL;
        p += p[1] == 'u' ? 6 : 2;
    }
}

/* Behind a number of at most 31 characters without an exponent; NULL: look closer. */
static inline const char *skip_number(const char *p)
{
    uint32_t digits = 0, dots = 0;
    const __m128i low = _mm_set1_epi8((char)(128 - '0')), nine = _mm_set1_epi8(9 - 128),
                  point = _mm_set1_epi8('.');
    p += *p == '-';
    for (int half = 0; half < 2; half++) {
        __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)(p + half * 16));
        __m128i moved = _mm_add_epi8(bytes, low);
        digits |= ((uint32_t)_mm_movemask_epi8(_mm_cmpgt_epi8(moved, nine)) ^ 0xFFFF) << half * 16;
        dots |= (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, point)) << half * 16;
    }
    uint32_t others = ~digits,
             dot = others & -others & dots; /* the first other, if it is a point */
    others ^= dot;
    if (others == 0)
        return NULL;
    uint32_t before_end = (others & -others) >> 1; /* the last character */
    const char *next = p + __builtin_ctz(others);
    bool good = (digits & 1) != 0 && (digits & before_end) != 0 && (*p != '0' || (digits & 2) == 0);
    return good && ends_word(*next) ? next : NULL;
}

/* Behind a number or a word. */
static inline const char *skip_scalar(const char *p, const char *end)
{
    number n;
    fast f = {.end = end};
    if (LV_LIKELY(*p != 't' && *p != 'n' && *p != 'f')) {
        const char *next = skip_number(p);
        if (LV_LIKELY(next != NULL))
            return next;
    }
    switch (*p) {
    case 't':
    case 'n': return is_word(p, *p == 't' ? "true" : "null", 4) ? p + 4 : NULL;
    case 'f': return is_word(p, "false", 5) ? p + 5 : NULL;
    default: return read_number(&f, p, &n);
    }
}

/* `open` has a bit for each level that is open, the innermost lowest: set for objects. */
const char *lv_fast_skip(const char *p, const char *end)
{
    uint64_t open = 0;
    int depth = 0;
    for (;;) {
        /* a value begins at p */
        if (LV_UNLIKELY(p >= end))
            return NULL;
        bool opens = *p == '{' || *p == '[';
        if (opens) {
            if (depth == DEPTH_MAX - 1)
                return NULL;
            open = open << 1 | (*p == '{');
            depth++;
            p = skip_blanks(p + 1, end);
            if (*p == (open & 1 ? '}' : ']')) /* an empty one is a value that ends here */
                opens = false, open >>= 1, depth--, p++;
        } else {
            p = *p == '"' ? skip_text(p + 1, end) : skip_scalar(p, end);
            if (LV_UNLIKELY(p == NULL))
                return NULL;
        }
        while (!opens) { /* behind a value */
            if (depth == 0)
                return p <= end ? p : NULL;
            p = skip_blanks(p, end);
            if (LV_UNLIKELY(p >= end))
                return NULL;
            opens = *p == ',';
            if (!opens && *p != (open & 1 ? '}' : ']'))
                return NULL;
            open = opens ? open : open >> 1;
            depth -= !opens;
            p = opens ? skip_blanks(p + 1, end) : p + 1;
        }
        if (open & 1) { /* the name of the next member */
            if (p >= end || *p != '"' || (p = skip_text(p + 1, end)) == NULL)
                return NULL;
            p = skip_blanks(p, end);
            if (p >= end || *p != ':')
                return NULL;
            p = skip_blanks(p + 1, end);
        }
    }
}
