/* regex.h: java.util.regex's patterns, run by PCRE2. Private to compute/.
 *
 * Spark's regular expressions are Java's. A pattern is parsed as Java would and written anew for
 * PCRE2 (regex_translate.c, regex_class.c), with nothing left to PCRE2's own options: what a dot,
 * `$`, `\b` or a letter under (?i) means is spelled out. What PCRE2 has no means for is refused by
 * name. A pattern without any operator is searched for as plain text. */
#ifndef LV_COMPUTE_REGEX_H
#define LV_COMPUTE_REGEX_H

#include "base/status.h"
#include "base/str.h"

/** A compiled pattern with its matcher's memory; one thread's. */
typedef struct lv_regex lv_regex;

/** Text that is matched: well-formed UTF-8. */
typedef struct lv_subject {
    lv_str text;
    bool ascii;
} lv_subject;

/** Compiles. `often`: worth machine code. `function` stands in the error. Errors:
 *  INVALID_PARAMETER_VALUE.PATTERN; UNSUPPORTED_FEATURE. */
LV_MUST_USE lv_status lv_regex_new(lv_str pattern, bool often, const char *function, lv_regex **out,
                                   lv_error *err);
void lv_regex_free(lv_regex *re);
/** Whether it was made of this pattern. */
bool lv_regex_is_of(const lv_regex *re, lv_str pattern);
/** Number of capturing groups. */
int lv_regex_group_count(const lv_regex *re);
/** The number of the group called `name`, -1 if there is none. */
int lv_regex_group_named(const lv_regex *re, lv_str name);

/** `raw` with U+FFFD for what is no UTF-8: a copy in the arena if there is such a thing. */
lv_subject lv_subject_of(lv_arena *arena, lv_str raw);
/** Looks for the first match at or behind byte `from`. *found: whether there is one, then lv_regex_group tells its
 *  parts. Error: a match that takes too many steps. */
LV_MUST_USE lv_status lv_regex_find(lv_regex *re, const lv_subject *s, size_t from, bool *found,
                                    lv_error *err);
/** Begin and end of group `i` (0: all) of the match found last, as bytes; false if it took no part. */
bool lv_regex_group(const lv_regex *re, int i, size_t *begin, size_t *end);
/** Where to look for the next match: behind an empty one goes a character. May be beyond the end. */
size_t lv_regex_next(const lv_regex *re, const lv_subject *s);

/* ---- translation ----------------------------------------------------------------------------- */

/** A pattern as code points; `quoted`: between \Q and \E, never an operator. */
typedef struct lv_regex_char {
    uint32_t c;
    bool quoted;
} lv_regex_char;

enum { LV_REGEX_DEPTH_MAX = 200 }; /* groups and classes in one another */

enum {
    LV_REGEX_CASELESS = 1,      /* i: ASCII letters only unless u */
    LV_REGEX_MULTILINE = 2,     /* m */
    LV_REGEX_DOTALL = 4,        /* s */
    LV_REGEX_UNIX_LINES = 8,    /* d */
    LV_REGEX_UNICODE_CASE = 16, /* u */
    LV_REGEX_COMMENTS = 32,     /* x */
    LV_REGEX_UNICODE = 64       /* U */
};

/** A translation under way. */
typedef struct lv_regex_parser {
    const lv_regex_char *in;
    size_t count;
    size_t at;
    unsigned flags;
    bool ascii; /* the text will be ASCII: simpler forms will do */
    int depth;
    int groups;       /* begun so far */
    int groups_total; /* as an earlier pass counted */
    lv_sbuf *out;
    lv_sbuf *plain; /* the text it stands for, as long as it is plain */
    bool is_plain;
    struct lv_regex_name *names;
    lv_arena *arena;
    lv_error *err;
} lv_regex_parser;

typedef struct lv_regex_name {
    lv_str name;
    int group;
    struct lv_regex_name *next;
} lv_regex_name;

/** What a pattern became. */
typedef struct lv_regex_translation {
    lv_str any;   /* for any text, in PCRE2's syntax */
    lv_str ascii; /* for ASCII text */
    bool is_plain;
    lv_str plain; /* if is_plain: the text that it matches */
    int groups;
    const lv_regex_name *names;
} lv_regex_translation;

/** Translates. Results lie in the arena. Errors: INVALID_PARAMETER_VALUE.PATTERN with the reason
 * alone as its message, UNSUPPORTED_FEATURE. */
LV_MUST_USE lv_status lv_regex_translate(lv_arena *arena, lv_str pattern, lv_regex_translation *out,
                                         lv_error *err);

/** The unquoted character ahead, 0 at the end or if it is quoted; blanks and comments of (?x) are skipped. */
uint32_t lv_regex_peek(lv_regex_parser *p);
/** Takes the character ahead, quoted or not; 0 at the end. */
uint32_t lv_regex_take(lv_regex_parser *p);
/** Says what is wrong with the pattern. */
lv_status lv_regex_bad(const lv_regex_parser *p, const char *what);
lv_status lv_regex_unsupported(const lv_regex_parser *p, const char *what);
/** The character that an escape stands for, behind its letter `c`; *known false if it is no such escape. */
LV_MUST_USE lv_status lv_regex_escaped_char(lv_regex_parser *p, uint32_t c, uint32_t *value,
                                            bool *known);
/** Writes a character so that it means itself, in a class or out of one. */
void lv_regex_put(lv_sbuf *out, uint32_t c);
/** [...], behind its first bracket; writes what matches one character. */
LV_MUST_USE lv_status lv_regex_class(lv_regex_parser *p);
/** \d \s \w \h \v \p{...} and their opposites, behind the letter `c`: what goes between the brackets of a
 *  PCRE2 class, *negated if it is its opposite that matches. *known false if `c` begins no such escape. */
LV_MUST_USE lv_status lv_regex_predefined(lv_regex_parser *p, uint32_t c, const char **inner,
                                          bool *negated, bool *known);

#endif
