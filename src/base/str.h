/* str.h: text. lv_str is a borrowed slice, passed by value; lv_sbuf builds text.
 *
 * A slice is not NUL-terminated: make a C string of it only at the border to libc, with
 * lv_str_cstr. Who owns the bytes is said where a slice is handed out. */
#ifndef LV_BASE_STR_H
#define LV_BASE_STR_H

#include <string.h>

#include "base/arena.h"

typedef struct lv_str {
    const char *ptr;
    size_t len;
} lv_str;

#define LV_STR(literal) ((lv_str){"" literal, sizeof(literal) - 1})
#define LV_STR_NONE     ((lv_str){NULL, 0})
/* printf("%.*s", LV_STR_ARG(s)) */
#define LV_STR_ARG(s) (int)(s).len, ((s).ptr ? (s).ptr : "")

static inline lv_str lv_str_of(const char *cstr)
{
    return (lv_str){cstr, cstr ? strlen(cstr) : 0};
}
static inline bool lv_str_eq(lv_str a, lv_str b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}
static inline bool lv_str_is(lv_str a, const char *cstr)
{
    return lv_str_eq(a, lv_str_of(cstr));
}
/** Equality without ASCII case. */
bool lv_str_eq_nocase(lv_str a, lv_str b);
/** Order by unsigned bytes, shorter first; <0, 0, >0. This is Spark's order of strings. */
int lv_str_cmp(lv_str a, lv_str b);
bool lv_str_starts(lv_str s, lv_str prefix);
bool lv_str_ends(lv_str s, lv_str suffix);
/** Index of the first `c` at or after `from`, or -1. */
ptrdiff_t lv_str_find(lv_str s, char c, size_t from);
/** Without ASCII blanks (space, \t \r \n \f \v) at both ends. */
lv_str lv_str_trim(lv_str s);
static inline lv_str lv_str_sub(lv_str s, size_t from, size_t len)
{
    return (lv_str){s.ptr + from, len};
}
/** What comes after the first `n` bytes, which are there. */
static inline lv_str lv_str_after(lv_str s, size_t n)
{
    return (lv_str){s.ptr + n, s.len - n};
}
/** A copy in the arena. */
lv_str lv_str_dup(lv_arena *arena, lv_str s);
/** A NUL-terminated copy in the arena. */
char *lv_str_cstr(lv_arena *arena, lv_str s);
/** Cuts the part before `sep` off the front of `*rest`; false when `*rest` is used up (ptr NULL). */
bool lv_str_split(lv_str *rest, char sep, lv_str *part);
/** Decimal integer over the whole slice, optional sign; false if it is not one or does not fit. */
bool lv_str_to_i64(lv_str s, int64_t *out);
/** Edit distance (Levenshtein) without ASCII case; used for "did you mean". Both up to
 *  64 bytes, else the longer length. */
int lv_str_distance(lv_str a, lv_str b);

/** Growable text on the heap; ptr is always NUL-terminated once something was added. */
typedef struct lv_sbuf {
    char *ptr;
    size_t len;
    size_t capacity;
} lv_sbuf;

#define LV_SBUF_INIT ((lv_sbuf){NULL, 0, 0})

void lv_sbuf_release(lv_sbuf *buf);
static inline void lv_sbuf_clear(lv_sbuf *buf)
{
    buf->len = 0;
}
/** Room for `more` bytes behind the text; returns where they go. Add them by raising len. */
char *lv_sbuf_reserve(lv_sbuf *buf, size_t more);
void lv_sbuf_add(lv_sbuf *buf, const void *bytes, size_t len);
void lv_sbuf_add_str(lv_sbuf *buf, lv_str s);
void lv_sbuf_add_cstr(lv_sbuf *buf, const char *cstr);
void lv_sbuf_add_char(lv_sbuf *buf, char c);
LV_PRINTF(2, 3) void lv_sbuf_printf(lv_sbuf *buf, const char *fmt, ...);
/** Adds `s` as a JSON string literal with its quotes. Bytes that are no UTF-8 become U+FFFD. */
void lv_sbuf_add_json_string(lv_sbuf *buf, lv_str s);
static inline lv_str lv_sbuf_str(const lv_sbuf *buf)
{
    return (lv_str){buf->ptr ? buf->ptr : "", buf->len};
}

#endif
