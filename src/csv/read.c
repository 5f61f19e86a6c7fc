/* read.c: the values of a record, with all that Spark's parser makes of quotes (see csv.h).
 *
 * A quoted value ends at a quote with a separator, a line end or a blank behind it. If something else follows,
 * the quotes were none: the value is plain text to the next separator, with them, but escapes that were
 * resolved before that stay so. */
#include <emmintrin.h>

#include "base/bits.h"
#include "csv/csv_int.h"

typedef enum value_end { AT_SEPARATOR, AT_LINE_END, AT_END } value_end;

static bool is_blank(char c)
{
    return (unsigned char)c <= ' ';
}

static inline bool starts(const lv_csv_reader *r, const char *p, lv_str what)
{
    return *p == what.ptr[0] && (what.len == 1 || ((size_t)(r->end - p) >= what.len &&
                                                   memcmp(p, what.ptr, what.len) == 0));
}

static inline bool at_separator(const lv_csv_reader *r, const char *p)
{
    return p < r->end && starts(r, p, r->options->sep);
}

static inline bool at_line_end(const lv_csv_reader *r, const char *p)
{
    return r->by_line_ends && p < r->end && starts(r, p, r->line_sep);
}

/* The next place where a value could end, from p on. */
static const char *find_stop(const lv_csv_reader *r, const char *p)
{
    char first = r->options->sep.ptr[0], line = r->by_line_ends ? r->line_sep.ptr[0] : first;
    __m128i firsts = _mm_set1_epi8(first), lines = _mm_set1_epi8(line);
    for (; r->end - p >= 16; p += 16) {
        __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)p);
        unsigned hits = (unsigned)_mm_movemask_epi8(
            _mm_or_si128(_mm_cmpeq_epi8(bytes, firsts), _mm_cmpeq_epi8(bytes, lines)));
        if (hits != 0)
            return p + __builtin_ctz(hits);
    }
    while (p < r->end && *p != first && *p != line)
        p++;
    return p;
}

/* The end of plain text that begins at p. */
static const char *plain_end(const lv_csv_reader *r, const char *p)
{
    for (;; p++) {
        p = find_stop(r, p);
        if (p == r->end || at_separator(r, p) || at_line_end(r, p))
            return p;
    }
}

static value_end end_at(const lv_csv_reader *r, const char *p)
{
    return p == r->end ? AT_END : at_separator(r, p) ? AT_SEPARATOR : AT_LINE_END;
}

static lv_str trimmed(const lv_csv_reader *r, lv_str s)
{
    while (r->options->trim_trailing && s.len > 0 && is_blank(s.ptr[s.len - 1]))
        s.len--;
    return s;
}

static bool put(lv_csv_reader *r, lv_str value)
{
    const lv_csv_options *o = r->options;
    if (r->count == o->max_columns || (o->max_chars >= 0 && value.len > (size_t)o->max_chars)) {
        r->failure = r->count == o->max_columns ? "it has more values than maxColumns"
                                                : "a value is longer than maxCharsPerColumn";
        return false;
    }
    if (r->arena == NULL)
        return true;
    if (r->count == r->capacity) {
        int more = r->capacity ? r->capacity * 2 : 16;
        r->values = lv_arena_grow(r->arena, r->values, (size_t)r->capacity * sizeof(lv_str),
                                  (size_t)more * sizeof(lv_str));
        r->capacity = more;
    }
    r->values[r->count++] = value;
    return true;
}

static bool put_text(lv_csv_reader *r, lv_str text)
{
    if (text.len == 0)
        return put(r, r->options->empty_value);
    return put(r, r->arena != NULL ? lv_str_dup(r->arena, text) : text);
}

/* The quotes were none: what was read between them in r->text, then the text from p on. */
static bool read_unquoted_after_all(lv_csv_reader *r, lv_str blanks, const char *p)
{
    char quote = r->options->quote;
    lv_sbuf text = LV_SBUF_INIT;
    lv_sbuf_add_char(&text, quote);
    lv_sbuf_add_str(&text, lv_sbuf_str(&r->text));
    lv_sbuf_add_char(&text, quote);
    lv_sbuf_add_str(&text, blanks);
    r->p = plain_end(r, p);
    lv_sbuf_add(&text, p, (size_t)(r->p - p));
    bool ok = put_text(r, trimmed(r, lv_sbuf_str(&text)));
    lv_sbuf_release(&text);
    return ok;
}

/* Behind a closing quote at p: blanks up to the value's end, or text. */
static bool read_behind_quote(lv_csv_reader *r, const char *p)
{
    const char *from = p;
    while (p < r->end && is_blank(*p) && !at_separator(r, p) && !at_line_end(r, p))
        p++;
    if (p < r->end && !at_separator(r, p) && !at_line_end(r, p))
        return read_unquoted_after_all(r, (lv_str){from, (size_t)(p - from)}, p);
    r->p = p;
    return put_text(r, lv_sbuf_str(&r->text));
}

/* The bytes end within quotes: what was read so far counts, and a lone quote is one. */
static bool end_within_quotes(lv_csv_reader *r, bool opened)
{
    r->p = r->end;
    if (!opened)
        lv_sbuf_add_char(&r->text, r->options->quote);
    return put_text(r, lv_sbuf_str(&r->text));
}

/* A quoted value with escapes, or that is not closed as it should be; p is behind its quote. */
static bool read_quoted(lv_csv_reader *r, const char *p)
{
    const lv_csv_options *o = r->options;
    char quote = o->quote, escape = o->escape, previous = '\0';
    char double_escape = o->escape_of_escape >= 0 ? (char)o->escape_of_escape
                         : quote == escape        ? '\0'
                                                  : escape;
    const char *from = p;
    lv_sbuf_clear(&r->text);
    for (; p < r->end; p++) {
        char c = *p;
        bool closes = previous == quote && previous != '\0';
        if (closes && (is_blank(c) || at_separator(r, p) || at_line_end(r, p)))
            return read_behind_quote(r, p);
        bool escapes = previous == escape && escape != '\0';
        if (c != quote && c != escape) {
            if (closes)
                return read_unquoted_after_all(r, LV_STR(""), p);
            if (escapes)
                lv_sbuf_add_char(&r->text, escape);
            if (c != double_escape || double_escape == '\0')
                lv_sbuf_add_char(&r->text, c);
            previous = c;
        } else if (c == escape && previous == double_escape && double_escape != '\0') {
            lv_sbuf_add_char(&r->text, escape);
            previous = '\0';
        } else if (escapes) {
            lv_sbuf_add_char(&r->text, c == quote ? quote : escape);
            previous = c == quote ? '\0' : c;
        } else if (closes) {
            if (c != quote)
                return read_unquoted_after_all(r, LV_STR(""), p);
            lv_sbuf_add_char(&r->text, quote);
            previous = c;
        } else {
            previous = c;
        }
    }
    return end_within_quotes(r, p > from);
}

/* A value whose quote is at p: a slice if nothing in it is escaped. */
static bool read_quoted_slice(lv_csv_reader *r, const char *p)
{
    const lv_csv_options *o = r->options;
    const char *close = memchr(p + 1, o->quote, (size_t)(r->end - p - 1));
    if (close == NULL || (o->escape != o->quote && o->escape != '\0' &&
                          memchr(p + 1, o->escape, (size_t)(close - p - 1)) != NULL))
        return read_quoted(r, p + 1);
    if (close + 1 < r->end && !at_separator(r, close + 1) && !at_line_end(r, close + 1))
        return read_quoted(r, p + 1);
    r->p = close + 1;
    lv_str value = {p + 1, (size_t)(close - p - 1)};
    return put(r, value.len == 0 ? o->empty_value : value);
}

static bool read_value(lv_csv_reader *r)
{
    const lv_csv_options *o = r->options;
    const char *p = r->p;
    while (o->trim_leading && p < r->end && is_blank(*p) && !at_separator(r, p) &&
           !at_line_end(r, p))
        p++;
    if (p < r->end && *p == o->quote && o->quote != '\0')
        return read_quoted_slice(r, p);
    r->p = plain_end(r, p);
    lv_str value = trimmed(r, (lv_str){p, (size_t)(r->p - p)});
    return put(r, value.len == 0 ? LV_STR_NONE : value);
}

bool lv_csv_read_record(lv_csv_reader *r)
{
    r->count = 0;
    r->failure = NULL;
    for (;;) {
        if (!read_value(r))
            return false;
        value_end end = end_at(r, r->p);
        if (end == AT_SEPARATOR)
            r->p += r->options->sep.len;
        else if (end == AT_LINE_END)
            r->p += r->line_sep.len;
        if (end != AT_SEPARATOR)
            return true;
    }
}
