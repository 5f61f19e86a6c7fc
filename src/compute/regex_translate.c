/* regex_translate.c: Java's pattern syntax to PCRE2's. See regex.h.
 *
 * A recursive descent over the pattern that writes as it goes. Inline flags are followed by scope
 * and spelled out: `a` under (?i) becomes [Aa], `.` a class of all but Java's line terminators. */
#include <stdlib.h>

#include "base/utf8.h"
#include "compute/regex.h"

enum { PATTERN_MAX = 1 << 16, REPEAT_MAX = 65535 };

lv_status lv_regex_bad(const lv_regex_parser *p, const char *what)
{
    return LV_FAIL(p->err, LV_INVALID_PATTERN, "%s", what);
}

lv_status lv_regex_unsupported(const lv_regex_parser *p, const char *what)
{
    return LV_FAIL(p->err, LV_UNSUPPORTED_FEATURE,
                   "The feature is not supported: %s in a regular expression", what);
}

/* ---- reading --------------------------------------------------------------------------------- */

static bool is_blank(uint32_t c)
{
    return c == ' ' || (c >= 9 && c <= 13);
}

static void skip_comments(lv_regex_parser *p)
{
    while (p->at < p->count && !p->in[p->at].quoted) {
        uint32_t c = p->in[p->at].c;
        if (is_blank(c)) {
            p->at++;
        } else if (c == '#') {
            while (p->at < p->count && p->in[p->at].c != '\n' && p->in[p->at].c != '\r')
                p->at++;
        } else {
            return;
        }
    }
}

uint32_t lv_regex_peek(lv_regex_parser *p)
{
    if (p->flags & LV_REGEX_COMMENTS)
        skip_comments(p);
    return p->at < p->count && !p->in[p->at].quoted ? p->in[p->at].c : 0;
}

uint32_t lv_regex_take(lv_regex_parser *p)
{
    return p->at < p->count ? p->in[p->at++].c : 0;
}

static bool at_end(const lv_regex_parser *p)
{
    return p->at >= p->count;
}

static int hex_value(uint32_t c)
{
    return c >= '0' && c <= '9'   ? (int)c - '0'
           : c >= 'a' && c <= 'f' ? (int)c - 'a' + 10
           : c >= 'A' && c <= 'F' ? (int)c - 'A' + 10
                                  : -1;
}

static bool is_digit(uint32_t c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(uint32_t c)
{
    return (c | 32) >= 'a' && (c | 32) <= 'z';
}

/* Exactly `digits` hexadecimal digits; false if they are not there. */
static bool take_hex(lv_regex_parser *p, int digits, uint32_t *value)
{
    *value = 0;
    for (int i = 0; i < digits; i++) {
        int v = at_end(p) ? -1 : hex_value(p->in[p->at].c);
        if (v < 0)
            return false;
        *value = *value * 16 + (uint32_t)v;
        p->at++;
    }
    return true;
}

/* \x41, \x{1F600} */
static lv_status take_x(lv_regex_parser *p, uint32_t *value)
{
    if (at_end(p) || p->in[p->at].c != '{')
        return take_hex(p, 2, value) ? LV_OK
                                     : lv_regex_bad(p, "Illegal hexadecimal escape sequence");
    p->at++;
    *value = 0;
    int digits = 0;
    for (; !at_end(p) && hex_value(p->in[p->at].c) >= 0; digits++) {
        *value = *value * 16 + (uint32_t)hex_value(lv_regex_take(p));
        if (*value > 0x10FFFF)
            return lv_regex_bad(p, "Hexadecimal codepoint is too big");
    }
    return digits > 0 && lv_regex_take(p) == '}'
               ? LV_OK
               : lv_regex_bad(p, "Unclosed hexadecimal escape sequence");
}

/* \u0041; two surrogates are one character. */
static lv_status take_u(lv_regex_parser *p, uint32_t *value)
{
    if (!take_hex(p, 4, value))
        return lv_regex_bad(p, "Illegal Unicode escape sequence");
    size_t back = p->at;
    uint32_t low;
    if (*value >= 0xD800 && *value < 0xDC00 && p->at + 1 < p->count && p->in[p->at].c == '\\' &&
        p->in[p->at + 1].c == 'u') {
        p->at += 2;
        if (take_hex(p, 4, &low) && low >= 0xDC00 && low < 0xE000)
            *value = 0x10000 + ((*value - 0xD800) << 10) + (low - 0xDC00);
        else
            p->at = back;
    }
    return LV_OK;
}

/* \0n, \0nn, \0mnn with m up to 3 */
static lv_status take_octal(lv_regex_parser *p, uint32_t *value)
{
    int digits = 0, digits_max = 3;
    for (*value = 0; digits < digits_max && !at_end(p); digits++) {
        uint32_t c = p->in[p->at].c;
        if (c < '0' || c > '7')
            break;
        if (digits == 0 && c > '3')
            digits_max = 2;
        *value = *value * 8 + (c - '0');
        p->at++;
    }
    return digits > 0 ? LV_OK : lv_regex_bad(p, "Illegal octal escape sequence");
}

lv_status lv_regex_escaped_char(lv_regex_parser *p, uint32_t c, uint32_t *value, bool *known)
{
    static const char letters[] = "tnrfae", values[] = "\t\n\r\f\a\x1B";
    const char *simple = c < 128 && c != 0 ? strchr(letters, (int)c) : NULL;
    *known = true;
    if (simple != NULL)
        *value = (unsigned char)values[simple - letters];
    else if (c == 'x')
        LV_TRY(take_x(p, value));
    else if (c == 'u')
        LV_TRY(take_u(p, value));
    else if (c == '0')
        LV_TRY(take_octal(p, value));
    else if (c == 'c' && at_end(p))
        return lv_regex_bad(p, "Illegal control escape sequence");
    else if (c == 'c')
        *value = lv_regex_take(p) ^ 64;
    else if (is_letter(c) || is_digit(c))
        *known = false;
    else
        *value = c;
    if (*known && *value >= 0xD800 && *value < 0xE000)
        return lv_regex_unsupported(p, "half of a surrogate pair");
    return LV_OK;
}

/* ---- writing --------------------------------------------------------------------------------- */

void lv_regex_put(lv_sbuf *out, uint32_t c)
{
    char bytes[4];
    if (c < 0x20 || c == 0x7F) {
        lv_sbuf_printf(out, "\\x{%x}", (unsigned)c);
        return;
    }
    if (c < 0x80 && !is_letter(c) && !is_digit(c) && c != '_')
        lv_sbuf_add_char(out, '\\');
    lv_sbuf_add(out, bytes, lv_utf8_encode(c, bytes));
}

static void put(lv_regex_parser *p, const char *text)
{
    lv_sbuf_add_cstr(p->out, text);
    p->is_plain = false;
}

static void put_literal(lv_regex_parser *p, uint32_t c)
{
    char bytes[4];
    bool caseless = p->flags & LV_REGEX_CASELESS;
    lv_sbuf_add(p->plain, bytes, lv_utf8_encode(c, bytes));
    if (caseless && (p->flags & LV_REGEX_UNICODE_CASE)) {
        put(p, "(?i:");
        lv_regex_put(p->out, c);
        put(p, ")");
    } else if (caseless && is_letter(c)) {
        lv_sbuf_printf(p->out, "[%c%c]", (int)c, (int)c ^ 32);
        p->is_plain = false;
    } else {
        lv_regex_put(p->out, c);
    }
}

/* ---- what ^ $ . and \b mean ------------------------------------------------------------------ */

#define TERMINATORS "\\n\\r\\x{85}\\x{2028}\\x{2029}"

static void put_dot(lv_regex_parser *p)
{
    put(p, p->flags & LV_REGEX_DOTALL       ? "(?s:.)"
           : p->flags & LV_REGEX_UNIX_LINES ? "[^\\n]"
           : p->ascii                       ? "."
                                            : "[^" TERMINATORS "]");
}

/* (?m)^ never matches at the very end, nor between \r and \n. */
static void put_caret(lv_regex_parser *p)
{
    if (!(p->flags & LV_REGEX_MULTILINE))
        put(p, "(?:\\A)");
    else if (p->flags & LV_REGEX_UNIX_LINES)
        put(p, "(?:(?!\\z)(?:\\A|(?<=\\n)))");
    else
        put(p, "(?:(?!\\z)(?:\\A|(?<=[\\n\\x{85}\\x{2028}\\x{2029}])|(?<=\\r)(?!\\n)))");
}

/* $ without (?m), and \Z: also before a line terminator that ends the text. */
static void put_end(lv_regex_parser *p)
{
    if (p->flags & LV_REGEX_UNIX_LINES)
        put(p, "(?:(?=\\n?\\z))");
    else
        put(p, "(?:\\z|(?=\\r\\n\\z)|(?<!\\r)(?=\\n\\z)|(?=[\\r\\x{85}\\x{2028}\\x{2029}]\\z))");
}

static void put_dollar(lv_regex_parser *p)
{
    if (!(p->flags & LV_REGEX_MULTILINE))
        put_end(p);
    else if (p->flags & LV_REGEX_UNIX_LINES)
        put(p, "(?:\\z|(?=\\n))");
    else
        put(p, "(?:\\z|(?<!\\r)(?=\\n)|(?=[\\r\\x{85}\\x{2028}\\x{2029}]))");
}

/* A word's letters are Unicode's for \b (of Java 17), ASCII's for \w. */
static lv_status put_boundary(lv_regex_parser *p, bool is)
{
#define WORD         "[_\\p{L}\\p{Nd}]"
#define UNICODE_WORD "[\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}\\x{200C}\\x{200D}]"
#define BOUNDARY(w)  "(?:(?<=" w ")(?!" w ")|(?<!" w ")(?=" w "))"
#define INSIDE(w)    "(?:(?<=" w ")(?=" w ")|(?<!" w ")(?!" w "))"
    if (is && lv_regex_peek(p) == '{')
        return lv_regex_unsupported(p, "\\b{g}");
    if (p->ascii)
        put(p, is ? "(?:\\b)" : "(?:\\B)");
    else if (p->flags & LV_REGEX_UNICODE)
        put(p, is ? BOUNDARY(UNICODE_WORD) : INSIDE(UNICODE_WORD));
    else
        put(p, is ? BOUNDARY(WORD) : INSIDE(WORD));
    return LV_OK;
}

/* ---- groups, references, escapes ------------------------------------------------------------- */

static lv_status parse_alternatives(lv_regex_parser *p);

static const lv_regex_name *find_name(const lv_regex_parser *p, lv_str name)
{
    for (const lv_regex_name *n = p->names; n != NULL; n = n->next)
        if (lv_str_eq(n->name, name))
            return n;
    return NULL;
}

/* A group's name and the > behind it. */
static lv_status take_name(lv_regex_parser *p, lv_str *name)
{
    char *text = lv_arena_alloc(p->arena, p->count - p->at + 1);
    size_t len = 0;
    for (; !at_end(p) && (is_letter(p->in[p->at].c) || (len > 0 && is_digit(p->in[p->at].c)));
         len++)
        text[len] = (char)lv_regex_take(p);
    if (len == 0)
        return lv_regex_bad(p, "capturing group name does not start with a Latin letter");
    if (lv_regex_take(p) != '>')
        return lv_regex_bad(p, "named capturing group is missing trailing '>'");
    *name = (lv_str){text, len};
    return LV_OK;
}

static void put_reference(lv_regex_parser *p, int group)
{
    bool caseless = p->flags & LV_REGEX_CASELESS;
    if (group > p->groups_total)
        put(p, "(?!)"); /* in Java a group that does not exist never matches */
    else
        lv_sbuf_printf(p->out, caseless ? "(?i:\\g{%d})" : "\\g{%d}", group);
    p->is_plain = false;
}

/* \12 is group 12 if there are so many so far, else group 1 and the character 2. */
static void parse_reference(lv_regex_parser *p, uint32_t first)
{
    int group = (int)first - '0';
    while (!at_end(p) && is_digit(p->in[p->at].c)) {
        int longer = group * 10 + (int)p->in[p->at].c - '0';
        if (longer > p->groups)
            break;
        group = longer;
        p->at++;
    }
    put_reference(p, group);
}

static lv_status parse_named_reference(lv_regex_parser *p)
{
    lv_str name;
    if (lv_regex_take(p) != '<')
        return lv_regex_bad(p, "\\k is not followed by '<' for named capturing group");
    LV_TRY(take_name(p, &name));
    const lv_regex_name *known = find_name(p, name);
    if (known == NULL)
        return lv_regex_bad(p, "a named capturing group does not exist");
    put_reference(p, known->group);
    return LV_OK;
}

static lv_status parse_escape(lv_regex_parser *p)
{
    uint32_t c = lv_regex_take(p), value;
    const char *inner;
    bool known, negated;
    if (c == 0)
        return lv_regex_bad(p, "Unexpected internal error");
    LV_TRY(lv_regex_predefined(p, c, &inner, &negated, &known));
    if (known) {
        put(p, negated ? "[^" : "[");
        put(p, inner);
        put(p, "]");
        return LV_OK;
    }
    if (c >= '1' && c <= '9') {
        parse_reference(p, c);
        return LV_OK;
    }
    switch (c) {
    case 'A': put(p, "(?:\\A)"); return LV_OK;
    case 'z': put(p, "(?:\\z)"); return LV_OK;
    case 'G': put(p, "(?:\\G)"); return LV_OK;
    case 'R': put(p, "\\R"); return LV_OK;
    case 'X': put(p, "\\X"); return LV_OK;
    case 'Z': put_end(p); return LV_OK;
    case 'b': return put_boundary(p, true);
    case 'B': return put_boundary(p, false);
    case 'k': return parse_named_reference(p);
    case 'N': return lv_regex_unsupported(p, "\\N{name}");
    default: break;
    }
    LV_TRY(lv_regex_escaped_char(p, c, &value, &known));
    if (!known)
        return lv_regex_bad(p, "Illegal/unsupported escape sequence");
    put_literal(p, value);
    return LV_OK;
}

/* (?i-s) and (?i-s: behind the question mark; *scoped for the second. */
static lv_status parse_flags(lv_regex_parser *p, bool *scoped)
{
    static const char letters[] = "imsduxU";
    static const unsigned values[] = {LV_REGEX_CASELESS,
                                      LV_REGEX_MULTILINE,
                                      LV_REGEX_DOTALL,
                                      LV_REGEX_UNIX_LINES,
                                      LV_REGEX_UNICODE_CASE,
                                      LV_REGEX_COMMENTS,
                                      LV_REGEX_UNICODE | LV_REGEX_UNICODE_CASE};
    bool remove = false;
    for (;;) {
        uint32_t c = lv_regex_take(p);
        const char *flag = c > 0 && c < 128 ? strchr(letters, (int)c) : NULL;
        if (c == 'c')
            return lv_regex_unsupported(p, "canonical equivalence, (?c)");
        if (c == ')' || c == ':') {
            *scoped = c == ':';
            return LV_OK;
        }
        if (c == '-' && !remove)
            remove = true;
        else if (flag == NULL)
            return lv_regex_bad(p, "Unknown inline modifier");
        else if (remove)
            p->flags &= ~values[flag - letters];
        else
            p->flags |= values[flag - letters];
    }
}

static lv_status parse_named_group(lv_regex_parser *p)
{
    lv_str name;
    LV_TRY(take_name(p, &name));
    if (find_name(p, name) != NULL)
        return lv_regex_bad(p, "a named capturing group is already defined");
    lv_regex_name *known = LV_NEW(p->arena, lv_regex_name);
    *known = (lv_regex_name){name, ++p->groups, p->names};
    p->names = known;
    put(p, "(");
    return LV_OK;
}

/* What stands between "(" and the group's content; *flags_only for (?i). */
static lv_status parse_group_kind(lv_regex_parser *p, bool *flags_only)
{
    *flags_only = false;
    if (lv_regex_peek(p) != '?') {
        p->groups++;
        put(p, "(");
        return LV_OK;
    }
    p->at++;
    uint32_t c = at_end(p) ? 0 : p->in[p->at].c, d = p->at + 1 < p->count ? p->in[p->at + 1].c : 0;
    if (c == ':' || c == '=' || c == '!' || c == '>') {
        p->at++;
        put(p, c == ':' ? "(?:" : c == '=' ? "(?=" : c == '!' ? "(?!" : "(?>");
        return LV_OK;
    }
    if (c == '<' && (d == '=' || d == '!')) {
        p->at += 2;
        put(p, d == '=' ? "(?<=" : "(?<!");
        return LV_OK;
    }
    if (c == '<') {
        p->at++;
        return parse_named_group(p);
    }
    bool scoped;
    LV_TRY(parse_flags(p, &scoped));
    *flags_only = !scoped;
    if (scoped)
        put(p, "(?:");
    return LV_OK;
}

/* A group behind its "("; *flags_only if it was one like (?i), to which no quantifier belongs. */
static lv_status parse_group(lv_regex_parser *p, bool *flags_only)
{
    unsigned flags = p->flags;
    if (++p->depth > LV_REGEX_DEPTH_MAX)
        return lv_regex_unsupported(p, "groups nested so deeply");
    LV_TRY(parse_group_kind(p, flags_only));
    if (!*flags_only) {
        LV_TRY(parse_alternatives(p));
        if (lv_regex_peek(p) != ')')
            return lv_regex_bad(p, "Unclosed group");
        p->at++;
        put(p, ")");
        p->flags = flags;
    }
    p->depth--;
    return LV_OK;
}

/* ---- sequences ------------------------------------------------------------------------------- */

static lv_status take_count(lv_regex_parser *p, long *count)
{
    for (*count = 0; is_digit(lv_regex_peek(p));) {
        *count = *count * 10 + (long)(lv_regex_take(p) - '0');
        if (*count > INT32_MAX)
            return lv_regex_bad(p, "Illegal repetition range");
    }
    return *count > REPEAT_MAX ? lv_regex_unsupported(p, "a repetition of more than 65535 times")
                               : LV_OK;
}

/* {n}, {n,}, {n,m} behind the brace */
static lv_status parse_range(lv_regex_parser *p)
{
    long low, high;
    if (!is_digit(lv_regex_peek(p)))
        return lv_regex_bad(p, "Illegal repetition");
    LV_TRY(take_count(p, &low));
    lv_sbuf_printf(p->out, "{%ld", low);
    if (lv_regex_peek(p) == ',') {
        p->at++;
        lv_sbuf_add_char(p->out, ',');
        if (is_digit(lv_regex_peek(p))) {
            LV_TRY(take_count(p, &high));
            if (high < low)
                return lv_regex_bad(p, "Illegal repetition range");
            lv_sbuf_printf(p->out, "%ld", high);
        }
    }
    if (lv_regex_peek(p) != '}')
        return lv_regex_bad(p, "Unclosed counted closure");
    p->at++;
    put(p, "}");
    return LV_OK;
}

static lv_status parse_quantifier(lv_regex_parser *p)
{
    uint32_t c = lv_regex_peek(p);
    if (c != '*' && c != '+' && c != '?' && c != '{')
        return LV_OK;
    p->at++;
    if (c == '{')
        LV_TRY(parse_range(p));
    else
        put(p, c == '*' ? "*" : c == '+' ? "+" : "?");
    uint32_t kind = lv_regex_peek(p);
    if (kind == '?' || kind == '+') {
        p->at++;
        put(p, kind == '?' ? "?" : "+");
    }
    return LV_OK;
}

static lv_status parse_atom(lv_regex_parser *p, uint32_t c, bool *no_quantifier)
{
    *no_quantifier = false;
    switch (c) {
    case 0: put_literal(p, lv_regex_take(p)); return LV_OK; /* quoted, or NUL itself */
    case '(': p->at++; return parse_group(p, no_quantifier);
    case '[':
        p->at++;
        p->is_plain = false;
        return lv_regex_class(p);
    case '\\': p->at++; return parse_escape(p);
    case '^':
        p->at++;
        put_caret(p);
        return LV_OK;
    case '$':
        p->at++;
        put_dollar(p);
        return LV_OK;
    case '.':
        p->at++;
        put_dot(p);
        return LV_OK;
    case '*':
    case '+':
    case '?': return lv_regex_bad(p, "Dangling meta character");
    case '{': put(p, "(?:)"); return LV_OK; /* a repetition of nothing, if it is one at all */
    default:
        p->at++;
        put_literal(p, c);
        return LV_OK;
    }
}

static lv_status parse_alternatives(lv_regex_parser *p)
{
    for (;;) {
        uint32_t c = lv_regex_peek(p);
        bool no_quantifier;
        if (at_end(p) || c == ')')
            return LV_OK;
        if (c == '|') {
            p->at++;
            put(p, "|");
            continue;
        }
        LV_TRY(parse_atom(p, c, &no_quantifier));
        if (!no_quantifier)
            LV_TRY(parse_quantifier(p));
    }
}

/* ---- all ------------------------------------------------------------------------------------- */

/* Code points, with what \Q...\E quotes marked. */
static lv_regex_char *read_pattern(lv_arena *arena, lv_str pattern, size_t *count)
{
    lv_regex_char *in = LV_NEW_ARRAY(arena, lv_regex_char, pattern.len + 1);
    bool quoting = false;
    size_t n = 0;
    for (size_t i = 0, used; i < pattern.len; i += used) {
        bool escape = pattern.ptr[i] == '\\' && i + 1 < pattern.len;
        used = 2;
        if (escape && pattern.ptr[i + 1] == (quoting ? 'E' : 'Q')) {
            quoting = !quoting;
            continue;
        }
        if (escape && !quoting && pattern.ptr[i + 1] == '\\') { /* \\Q is a backslash and Q */
            in[n++] = (lv_regex_char){'\\', false};
            in[n++] = (lv_regex_char){'\\', false};
            continue;
        }
        if (lv_utf8_valid_prefix(pattern.ptr + i, pattern.len - i) == 0) {
            used = lv_utf8_bad_prefix(pattern.ptr + i, pattern.len - i);
            in[n++] = (lv_regex_char){0xFFFD, quoting};
            continue;
        }
        in[n++] = (lv_regex_char){lv_utf8_decode(pattern.ptr + i, &used), quoting};
    }
    *count = n;
    return in;
}

static lv_status parse_all(lv_regex_parser *p)
{
    LV_TRY(parse_alternatives(p));
    return at_end(p) ? LV_OK : lv_regex_bad(p, "Unmatched closing ')'");
}

/* Three passes: how many groups there are, then the form for any text and that for ASCII. */
lv_status lv_regex_translate(lv_arena *arena, lv_str pattern, lv_regex_translation *out,
                             lv_error *err)
{
    lv_sbuf text = LV_SBUF_INIT, plain = LV_SBUF_INIT;
    lv_regex_parser start = {
        .out = &text, .plain = &plain, .is_plain = true, .arena = arena, .err = err};
    if (pattern.len > PATTERN_MAX)
        return lv_regex_unsupported(&start, "more than 65536 bytes");
    start.in = read_pattern(arena, pattern, &start.count);
    lv_status status = LV_OK;
    for (int pass = 0; pass < 3 && status == LV_OK; pass++) {
        lv_regex_parser p = start;
        lv_sbuf_clear(&text);
        lv_sbuf_clear(&plain);
        p.groups_total = out->groups;
        p.ascii = pass == 2;
        status = parse_all(&p);
        lv_str written = lv_str_dup(arena, lv_sbuf_str(&text));
        out->groups = p.groups;
        out->names = p.names;
        out->is_plain = p.is_plain;
        *(p.ascii ? &out->ascii : &out->any) = written;
    }
    out->plain = lv_str_dup(arena, lv_sbuf_str(&plain));
    lv_sbuf_release(&text);
    lv_sbuf_release(&plain);
    return status;
}
