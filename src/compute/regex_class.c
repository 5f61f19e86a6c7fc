/* regex_class.c: character classes of Java's patterns, and the sets that have names. See regex.h.
 *
 * Java's classes nest, and have an intersection: [a-z&&[^aeiou]]. PCRE2's do neither, so a class is
 * gathered in two parts: what PCRE2 can hold between one pair of brackets, and alternatives that each
 * match one character. A && B becomes (?:(?=A)B), ^ over alternatives (?:(?!A)any). */
#include <stdlib.h>

#include "base/utf8.h"
#include "compute/regex.h"

/* ---- sets with names ------------------------------------------------------------------------- */

typedef struct named_set {
    const char *name;
    const char *inner;   /* between the brackets of a PCRE2 class; ^ in front: all but these */
    const char *unicode; /* with (?U); NULL: the same */
} named_set;

#define NOT_GRAPHIC "^\\p{White_Space}\\p{Cc}\\p{Cs}\\p{Cn}"
#define WORDS       "\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}\\x{200C}\\x{200D}"
#define HEX_DIGITS  "\\p{Nd}A-Fa-f\\x{FF21}-\\x{FF26}\\x{FF41}-\\x{FF46}"

/* \p{name} of POSIX and of java.lang.Character */
static const named_set plain_names[] = {
    {"Lower", "a-z", "\\p{Lowercase}"},
    {"Upper", "A-Z", "\\p{Uppercase}"},
    {"ASCII", "\\x{0}-\\x{7F}", NULL},
    {"Alpha", "A-Za-z", "\\p{Alphabetic}"},
    {"Digit", "0-9", "\\p{Nd}"},
    {"Alnum", "0-9A-Za-z", "\\p{Alphabetic}\\p{Nd}"},
    {"Punct", "!-\\/:-@\\[-`\\{-~", "\\p{P}"},
    {"Graph", "!-~", NOT_GRAPHIC},
    {"Print", "\\x{20}-~",
     "^\\n\\r\\t\\x{0B}\\x{0C}\\x{85}\\x{2028}\\x{2029}\\p{Cc}\\p{Cs}\\p{Cn}"},
    {"Blank", "\\x{20}\\t", "\\p{Zs}\\t"},
    {"Cntrl", "\\x{0}-\\x{1F}\\x{7F}", "\\p{Cc}"},
    {"XDigit", "0-9A-Fa-f", HEX_DIGITS},
    {"Space", "\\t-\\r\\x{20}", "\\p{White_Space}"},
    {"javaLowerCase", "\\p{Lowercase}", NULL},
    {"javaUpperCase", "\\p{Uppercase}", NULL},
    {"javaTitleCase", "\\p{Lt}", NULL},
    {"javaAlphabetic", "\\p{Alphabetic}", NULL},
    {"javaIdeographic", "\\p{Ideographic}", NULL},
    {"javaLetter", "\\p{L}", NULL},
    {"javaDigit", "\\p{Nd}", NULL},
    {"javaLetterOrDigit", "\\p{L}\\p{Nd}", NULL},
    {"javaDefined", "^\\p{Cn}", NULL},
    {"javaSpaceChar", "\\p{Z}", NULL},
    {"javaISOControl", "\\x{0}-\\x{1F}\\x{7F}-\\x{9F}", NULL},
    {"javaWhitespace",
     "\\t-\\r\\x{1C}-\\x{20}\\x{1680}\\x{2000}-\\x{2006}\\x{2008}-\\x{200A}\\x{2028}\\x{2029}\\x{"
     "205F}\\x{3000}",
     NULL},
    {"L1", "\\x{0}-\\x{FF}", NULL},
    {"LC", "\\p{Lu}\\p{Ll}\\p{Lt}", NULL},
    {"LD", "\\p{L}\\p{Nd}", NULL},
    {"all", "\\x{0}-\\x{10FFFF}", NULL},
};

/* \p{IsName}: binary properties */
static const named_set is_names[] = {
    {"ALPHABETIC", "\\p{Alphabetic}", NULL},
    {"IDEOGRAPHIC", "\\p{Ideographic}", NULL},
    {"LETTER", "\\p{L}", NULL},
    {"LOWERCASE", "\\p{Lowercase}", NULL},
    {"UPPERCASE", "\\p{Uppercase}", NULL},
    {"TITLECASE", "\\p{Lt}", NULL},
    {"WHITE_SPACE", "\\p{White_Space}", NULL},
    {"WHITESPACE", "\\p{White_Space}", NULL},
    {"CONTROL", "\\p{Cc}", NULL},
    {"PUNCTUATION", "\\p{P}", NULL},
    {"HEX_DIGIT", HEX_DIGITS, NULL},
    {"HEXDIGIT", HEX_DIGITS, NULL},
    {"JOIN_CONTROL", "\\x{200C}\\x{200D}", NULL},
    {"JOINCONTROL", "\\x{200C}\\x{200D}", NULL},
    {"NONCHARACTER_CODE_POINT", "\\p{Noncharacter_Code_Point}", NULL},
    {"NONCHARACTERCODEPOINT", "\\p{Noncharacter_Code_Point}", NULL},
    {"ASSIGNED", "^\\p{Cn}", NULL},
    {"DIGIT", "\\p{Nd}", NULL},
    {"ALNUM", "\\p{Alphabetic}\\p{Nd}", NULL},
    {"BLANK", "\\p{Zs}\\t", NULL},
    {"GRAPH", NOT_GRAPHIC, NULL},
    {"WORD", WORDS, NULL},
};

/* \p{InName}: the blocks people ask for */
static const named_set blocks[] = {
    {"BASICLATIN", "\\x{0}-\\x{7F}", NULL},
    {"LATIN1SUPPLEMENT", "\\x{80}-\\x{FF}", NULL},
    {"LATINEXTENDEDA", "\\x{100}-\\x{17F}", NULL},
    {"LATINEXTENDEDB", "\\x{180}-\\x{24F}", NULL},
    {"IPAEXTENSIONS", "\\x{250}-\\x{2AF}", NULL},
    {"COMBININGDIACRITICALMARKS", "\\x{300}-\\x{36F}", NULL},
    {"GREEK", "\\x{370}-\\x{3FF}", NULL},
    {"GREEKANDCOPTIC", "\\x{370}-\\x{3FF}", NULL},
    {"CYRILLIC", "\\x{400}-\\x{4FF}", NULL},
    {"ARMENIAN", "\\x{530}-\\x{58F}", NULL},
    {"HEBREW", "\\x{590}-\\x{5FF}", NULL},
    {"ARABIC", "\\x{600}-\\x{6FF}", NULL},
    {"DEVANAGARI", "\\x{900}-\\x{97F}", NULL},
    {"BENGALI", "\\x{980}-\\x{9FF}", NULL},
    {"TAMIL", "\\x{B80}-\\x{BFF}", NULL},
    {"THAI", "\\x{E00}-\\x{E7F}", NULL},
    {"GEORGIAN", "\\x{10A0}-\\x{10FF}", NULL},
    {"HANGULJAMO", "\\x{1100}-\\x{11FF}", NULL},
    {"LATINEXTENDEDADDITIONAL", "\\x{1E00}-\\x{1EFF}", NULL},
    {"GREEKEXTENDED", "\\x{1F00}-\\x{1FFF}", NULL},
    {"GENERALPUNCTUATION", "\\x{2000}-\\x{206F}", NULL},
    {"CURRENCYSYMBOLS", "\\x{20A0}-\\x{20CF}", NULL},
    {"LETTERLIKESYMBOLS", "\\x{2100}-\\x{214F}", NULL},
    {"NUMBERFORMS", "\\x{2150}-\\x{218F}", NULL},
    {"ARROWS", "\\x{2190}-\\x{21FF}", NULL},
    {"MATHEMATICALOPERATORS", "\\x{2200}-\\x{22FF}", NULL},
    {"BOXDRAWING", "\\x{2500}-\\x{257F}", NULL},
    {"MISCELLANEOUSSYMBOLS", "\\x{2600}-\\x{26FF}", NULL},
    {"DINGBATS", "\\x{2700}-\\x{27BF}", NULL},
    {"CJKSYMBOLSANDPUNCTUATION", "\\x{3000}-\\x{303F}", NULL},
    {"HIRAGANA", "\\x{3040}-\\x{309F}", NULL},
    {"KATAKANA", "\\x{30A0}-\\x{30FF}", NULL},
    {"CJKUNIFIEDIDEOGRAPHS", "\\x{4E00}-\\x{9FFF}", NULL},
    {"HANGULSYLLABLES", "\\x{AC00}-\\x{D7AF}", NULL},
    {"HALFWIDTHANDFULLWIDTHFORMS", "\\x{FF00}-\\x{FFEF}", NULL},
    {"EMOTICONS", "\\x{1F600}-\\x{1F64F}", NULL},
};

static const char *const categories[] = {
    "C",  "Cc", "Cf", "Cn", "Co", "Cs", "L",  "Ll", "Lm", "Lo", "Lt", "Lu", "M",
    "Mc", "Me", "Mn", "N",  "Nd", "Nl", "No", "P",  "Pc", "Pd", "Pe", "Pf", "Pi",
    "Po", "Ps", "S",  "Sc", "Sk", "Sm", "So", "Z",  "Zl", "Zp", "Zs",
};

/* `name` without blanks, hyphens and underscores if `loose`, in upper case. */
static lv_str normal_name(lv_arena *arena, lv_str name, bool loose)
{
    char *text = lv_arena_alloc(arena, name.len + 1);
    size_t n = 0;
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        if (loose && (c == ' ' || c == '-' || c == '_'))
            continue;
        text[n++] = c >= 'a' && c <= 'z' ? (char)(c - 32) : c;
    }
    return (lv_str){text, n};
}

static const named_set *find_set(const named_set *sets, size_t count, lv_str name)
{
    for (size_t i = 0; i < count; i++)
        if (lv_str_is(name, sets[i].name))
            return &sets[i];
    return NULL;
}

static const char *category(const lv_regex_parser *p, lv_str name)
{
    for (size_t i = 0; i < LV_COUNT_OF(categories); i++)
        if (lv_str_is(name, categories[i]))
            return lv_arena_printf(p->arena, "\\p{%s}", categories[i]);
    const named_set *set = find_set(plain_names, LV_COUNT_OF(plain_names), name);
    bool unicode = set != NULL && set->unicode != NULL && (p->flags & LV_REGEX_UNICODE);
    return set == NULL ? NULL : unicode ? set->unicode : set->inner;
}

static lv_status script(lv_regex_parser *p, lv_str name, const char **inner)
{
    for (size_t i = 0; i < name.len; i++)
        if ((name.ptr[i] | 32) < 'a' && name.ptr[i] != '_' && name.ptr[i] != ' ')
            return lv_regex_bad(p, "Unknown character property name");
    *inner = lv_arena_printf(p->arena, "\\p{%.*s}", LV_STR_ARG(name));
    return LV_OK;
}

static lv_status block(lv_regex_parser *p, lv_str name, const char **inner)
{
    const named_set *set = find_set(blocks, LV_COUNT_OF(blocks), normal_name(p->arena, name, true));
    if (set == NULL)
        return lv_regex_unsupported(
            p, lv_arena_printf(p->arena, "the block \\p{In%.*s}", LV_STR_ARG(name)));
    *inner = set->inner;
    return LV_OK;
}

/* \p{key=value} */
static lv_status keyed_property(lv_regex_parser *p, lv_str key, lv_str value, const char **inner)
{
    key = normal_name(p->arena, key, false);
    if (lv_str_is(key, "SC") || lv_str_is(key, "SCRIPT"))
        return script(p, value, inner);
    if (lv_str_is(key, "BLK") || lv_str_is(key, "BLOCK"))
        return block(p, value, inner);
    if (lv_str_is(key, "GC") || lv_str_is(key, "GENERAL_CATEGORY"))
        *inner = category(p, value);
    else
        *inner = NULL;
    return *inner != NULL ? LV_OK : lv_regex_bad(p, "Unknown Unicode property");
}

static lv_status named_property(lv_regex_parser *p, lv_str name, const char **inner)
{
    ptrdiff_t eq = lv_str_find(name, '=', 0);
    if (eq > 0)
        return keyed_property(p, lv_str_sub(name, 0, (size_t)eq),
                              lv_str_sub(name, (size_t)eq + 1, name.len - (size_t)eq - 1), inner);
    if (lv_str_starts(name, LV_STR("In")))
        return block(p, lv_str_sub(name, 2, name.len - 2), inner);
    if (lv_str_starts(name, LV_STR("Is"))) {
        name = lv_str_sub(name, 2, name.len - 2);
        const named_set *set =
            find_set(is_names, LV_COUNT_OF(is_names), normal_name(p->arena, name, false));
        *inner = set ? set->inner : category(p, name);
        return *inner ? LV_OK : script(p, name, inner);
    }
    *inner = category(p, name);
    if (*inner == NULL && lv_str_starts(name, LV_STR("java")))
        return lv_regex_unsupported(p, lv_arena_printf(p->arena, "\\p{%.*s}", LV_STR_ARG(name)));
    return *inner ? LV_OK : lv_regex_bad(p, "Unknown character property name");
}

/* The name behind \p: one letter, or {name}. */
static lv_status take_property_name(lv_regex_parser *p, lv_str *name)
{
    lv_sbuf text = LV_SBUF_INIT;
    uint32_t c = lv_regex_take(p);
    char bytes[4];
    if (c != '{') {
        lv_sbuf_add(&text, bytes, c ? lv_utf8_encode(c, bytes) : 0);
    } else {
        while ((c = lv_regex_take(p)) != 0 && c != '}')
            lv_sbuf_add(&text, bytes, lv_utf8_encode(c, bytes));
    }
    *name = lv_str_dup(p->arena, lv_sbuf_str(&text));
    lv_sbuf_release(&text);
    return name->len > 0 && c != 0 ? LV_OK : lv_regex_bad(p, "Unclosed character family");
}

lv_status lv_regex_predefined(lv_regex_parser *p, uint32_t c, const char **inner, bool *negated,
                              bool *known)
{
    static const named_set escapes[] = {{"d", "\\d", "\\p{Nd}"},
                                        {"s", "\\s", "\\p{White_Space}"},
                                        {"w", "\\w", WORDS},
                                        {"h", "\\h", NULL},
                                        {"v", "\\v", NULL}};
    *negated = c >= 'A' && c <= 'Z';
    *known = c == 'p' || c == 'P';
    for (size_t i = 0; i < LV_COUNT_OF(escapes) && !*known; i++)
        if ((c | 32) == (unsigned char)escapes[i].name[0] && c < 128) {
            bool unicode = escapes[i].unicode != NULL && (p->flags & LV_REGEX_UNICODE);
            *inner = unicode ? escapes[i].unicode : escapes[i].inner;
            *known = true;
            return LV_OK;
        }
    if (!*known)
        return LV_OK;
    lv_str name;
    LV_TRY(take_property_name(p, &name));
    LV_TRY(named_property(p, name, inner));
    bool cased = strstr(*inner, "p{Lowercase}") || strstr(*inner, "p{Uppercase}");
    if (p->flags & LV_REGEX_CASELESS) { /* under (?i) the cases are one */
        if (cased)
            *inner = "\\p{Lowercase}\\p{Uppercase}\\p{Lt}";
        else if (strcmp(*inner, "a-z") == 0 || strcmp(*inner, "A-Z") == 0)
            *inner = "A-Za-z";
    }
    if ((*inner)[0] == '^') {
        *negated = !*negated;
        ++*inner;
    }
    return LV_OK;
}

/* ---- classes --------------------------------------------------------------------------------- */

typedef struct set {
    lv_sbuf inner;        /* fits between one pair of brackets */
    lv_sbuf alternatives; /* A|B, each of which matches one character */
} set;

static void release(set *s)
{
    lv_sbuf_release(&s->inner);
    lv_sbuf_release(&s->alternatives);
}

static bool is_empty(const set *s)
{
    return s->inner.len == 0 && s->alternatives.len == 0;
}

static void add_alternative(set *s, lv_str text)
{
    if (s->alternatives.len > 0)
        lv_sbuf_add_char(&s->alternatives, '|');
    lv_sbuf_add_str(&s->alternatives, text);
}

/* As a pattern that matches one character. */
static void write_set(const set *s, bool negated, lv_sbuf *out)
{
    if (s->alternatives.len == 0) {
        lv_sbuf_printf(out, negated ? "[^%.*s]" : "[%.*s]", LV_STR_ARG(lv_sbuf_str(&s->inner)));
        return;
    }
    lv_sbuf_add_cstr(out, negated ? "(?:(?!" : "(?:");
    if (s->inner.len > 0)
        lv_sbuf_printf(out, "[%.*s]|", LV_STR_ARG(lv_sbuf_str(&s->inner)));
    lv_sbuf_add_str(out, lv_sbuf_str(&s->alternatives));
    lv_sbuf_add_cstr(out, negated ? ")(?s:.))" : ")");
}

/* Adds `other`, maybe turned into its opposite, to `s`. */
static void unite(set *s, const set *other, bool negated)
{
    if (!negated && other->alternatives.len == 0) {
        lv_sbuf_add_str(&s->inner, lv_sbuf_str(&other->inner));
        return;
    }
    lv_sbuf text = LV_SBUF_INIT;
    write_set(other, negated, &text);
    add_alternative(s, lv_sbuf_str(&text));
    lv_sbuf_release(&text);
}

static void intersect(set *s, const set *right)
{
    lv_sbuf text = LV_SBUF_INIT;
    lv_sbuf_add_cstr(&text, "(?:(?=");
    write_set(s, false, &text);
    lv_sbuf_add_char(&text, ')');
    write_set(right, false, &text);
    lv_sbuf_add_char(&text, ')');
    lv_sbuf_clear(&s->inner);
    lv_sbuf_clear(&s->alternatives);
    lv_sbuf_add_str(&s->alternatives, lv_sbuf_str(&text));
    lv_sbuf_release(&text);
}

static void put_range(lv_sbuf *out, uint32_t low, uint32_t high)
{
    lv_regex_put(out, low);
    if (high > low) {
        lv_sbuf_add_char(out, '-');
        lv_regex_put(out, high);
    }
}

/* The part of low..high that lies in `first`..`last`, moved by `shift`. */
static void put_shifted(lv_sbuf *out, uint32_t low, uint32_t high, uint32_t first, uint32_t last,
                        int shift)
{
    low = LV_MAX(low, first);
    high = LV_MIN(high, last);
    if (low <= high)
        put_range(out, low + (uint32_t)shift, high + (uint32_t)shift);
}

static void add_range(const lv_regex_parser *p, set *s, uint32_t low, uint32_t high)
{
    if (low < 0xD800 && high > 0xDFFF) { /* PCRE2 knows no surrogates */
        add_range(p, s, low, 0xD7FF);
        low = 0xE000;
    }
    put_range(&s->inner, low, high);
    if ((p->flags & LV_REGEX_CASELESS) && !(p->flags & LV_REGEX_UNICODE_CASE)) {
        put_shifted(&s->inner, low, high, 'a', 'z', -32);
        put_shifted(&s->inner, low, high, 'A', 'Z', 32);
    }
}

/* One character, or an escape that is a set of its own (*whole). */
static lv_status class_char(lv_regex_parser *p, set *s, uint32_t *c, bool *whole)
{
    const char *inner;
    bool negated, known;
    *whole = false;
    *c = lv_regex_take(p);
    if (*c != '\\' || p->in[p->at - 1].quoted)
        return LV_OK;
    uint32_t escape = lv_regex_take(p);
    LV_TRY(lv_regex_predefined(p, escape, &inner, &negated, &known));
    if (known) {
        set other = {LV_SBUF_INIT, LV_SBUF_INIT};
        lv_sbuf_add_cstr(&other.inner, inner);
        unite(s, &other, negated);
        release(&other);
        *whole = true;
        return LV_OK;
    }
    LV_TRY(lv_regex_escaped_char(p, escape, c, &known));
    return known ? LV_OK : lv_regex_bad(p, "Illegal/unsupported escape sequence");
}

/* a, a-z, or an escape */
static lv_status class_item(lv_regex_parser *p, set *s)
{
    uint32_t low, high;
    bool whole;
    LV_TRY(class_char(p, s, &low, &whole));
    if (whole)
        return LV_OK;
    high = low;
    if (lv_regex_peek(p) == '-' && p->at + 1 < p->count) {
        uint32_t next = p->in[p->at + 1].quoted ? 0 : p->in[p->at + 1].c;
        if (next != ']' && next != '[') {
            p->at++;
            LV_TRY(class_char(p, s, &high, &whole));
            if (whole || high < low)
                return lv_regex_bad(p, "Illegal character range");
        }
    }
    add_range(p, s, low, high);
    return LV_OK;
}

static lv_status parse_class(lv_regex_parser *p, set *out, bool *negated);

/* A class in a class, behind its bracket. */
static lv_status nested_class(lv_regex_parser *p, set *s)
{
    set inner = {LV_SBUF_INIT, LV_SBUF_INIT};
    bool negated;
    lv_status status = parse_class(p, &inner, &negated);
    if (status == LV_OK && lv_regex_peek(p) != ']')
        status = lv_regex_bad(p, "Unclosed character class");
    if (status == LV_OK) {
        p->at++;
        unite(s, &inner, negated);
    }
    release(&inner);
    return status;
}

static bool ahead_is_and(lv_regex_parser *p)
{
    return lv_regex_peek(p) == '&' && p->at + 1 < p->count && p->in[p->at + 1].c == '&' &&
           !p->in[p->at + 1].quoted;
}

/* Behind &&: classes in brackets, or everything up to the end of this class. */
static lv_status intersection(lv_regex_parser *p, set *s)
{
    set right = {LV_SBUF_INIT, LV_SBUF_INIT};
    lv_status status = LV_OK;
    while (status == LV_OK && lv_regex_peek(p) != ']' && lv_regex_peek(p) != '&' &&
           p->at < p->count) {
        bool negated = false;
        set part = {LV_SBUF_INIT, LV_SBUF_INIT};
        if (lv_regex_peek(p) == '[') {
            p->at++;
            status = nested_class(p, &part);
        } else {
            status = parse_class(p, &part, &negated);
        }
        if (status == LV_OK)
            unite(&right, &part, negated);
        release(&part);
    }
    if (status == LV_OK && is_empty(s) && is_empty(&right))
        status = lv_regex_bad(p, "Bad class syntax");
    else if (status == LV_OK && is_empty(s))
        unite(s, &right, false);
    else if (status == LV_OK && !is_empty(&right))
        intersect(s, &right);
    release(&right);
    return status;
}

/* Up to the closing bracket, which stays. The first ] of all is a character. */
static lv_status parse_class(lv_regex_parser *p, set *out, bool *negated)
{
    *negated = lv_regex_peek(p) == '^' && p->at > 0 && p->in[p->at - 1].c == '[';
    if (*negated)
        p->at++;
    if (++p->depth > LV_REGEX_DEPTH_MAX)
        return lv_regex_unsupported(p, "classes nested so deeply");
    for (;;) {
        uint32_t c = lv_regex_peek(p);
        if (p->at >= p->count)
            return lv_regex_bad(p, "Unclosed character class");
        if (c == ']' && !is_empty(out))
            break;
        if (c == '[') {
            p->at++;
            LV_TRY(nested_class(p, out));
        } else if (ahead_is_and(p)) {
            p->at += 2;
            LV_TRY(intersection(p, out));
        } else {
            LV_TRY(class_item(p, out));
        }
    }
    p->depth--;
    return LV_OK;
}

lv_status lv_regex_class(lv_regex_parser *p)
{
    bool unicode_case = (p->flags & LV_REGEX_CASELESS) && (p->flags & LV_REGEX_UNICODE_CASE);
    set all = {LV_SBUF_INIT, LV_SBUF_INIT};
    bool negated;
    lv_status status = parse_class(p, &all, &negated);
    if (status == LV_OK) {
        p->at++;
        if (unicode_case)
            lv_sbuf_add_cstr(p->out, "(?i:");
        write_set(&all, negated, p->out);
        if (unicode_case)
            lv_sbuf_add_char(p->out, ')');
    }
    release(&all);
    return status;
}
