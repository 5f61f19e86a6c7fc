/* glob_match.c: Hadoop's patterns for names of files: * ? [abc] [^a-z] {ab,c*} \x. */
#include "files/files_int.h"

bool lv_glob_is_pattern(lv_str path)
{
    for (size_t i = 0; i < path.len; i++)
        if (strchr("*?[{\\", path.ptr[i]) != NULL)
            return true;
    return false;
}

/* Whether `c` is in the set that begins behind the [ at p; *after is behind the ]. */
static bool in_set(const char *p, const char *end, char c, const char **after)
{
    bool negated = p < end && (*p == '^' || *p == '!'), found = false;
    p += negated;
    for (bool first = true; p < end && (first || *p != ']'); first = false) {
        if (*p == '\\' && p + 1 < end)
            p++;
        char low = *p++, high = low;
        if (p + 1 < end && *p == '-' && p[1] != ']') {
            high = p[1];
            p += 2;
        }
        found = found || (c >= low && c <= high);
    }
    *after = p < end ? p + 1 : end;
    return found != negated;
}

/* The } that belongs to the { before p. */
static const char *group_end(const char *p, const char *end)
{
    for (int depth = 1; p < end; p++) {
        if (*p == '\\')
            p++;
        else if (*p == '{')
            depth++;
        else if (*p == '}' && --depth == 0)
            return p;
    }
    return end;
}

/* What is left of a pattern: p..end, then the rests behind the groups that are open. */
typedef struct rest {
    const char *p, *end;
    const struct rest *behind;
} rest;

static bool match(const rest *pattern, const char *s, const char *s_end);

static bool match_group(const rest *pattern, const char *s, const char *s_end)
{
    const char *close = group_end(pattern->p, pattern->end);
    rest behind = {close < pattern->end ? close + 1 : close, pattern->end, pattern->behind};
    for (const char *p = pattern->p, *begin = p;; p++) {
        if (p < close && *p == '{')
            p = group_end(p + 1, close);
        if (p < close && *p != ',')
            continue;
        rest choice = {begin, LV_MIN(p, close), &behind};
        if (match(&choice, s, s_end))
            return true;
        if (p >= close)
            return false;
        begin = p + 1;
    }
}

static bool match(const rest *pattern, const char *s, const char *s_end)
{
    rest r = *pattern;
    for (;;) {
        while (r.p == r.end) {
            if (r.behind == NULL)
                return s == s_end;
            r = *r.behind;
        }
        char c = *r.p++;
        if (c == '{')
            return match_group(&r, s, s_end);
        if (c == '*') {
            for (;; s++) {
                if (match(&r, s, s_end))
                    return true;
                if (s == s_end)
                    return false;
            }
        }
        if (s == s_end)
            return false;
        if (c == '[' ? !in_set(r.p, r.end, *s, &r.p) : false)
            return false;
        if (c == '\\' && r.p < r.end)
            c = *r.p++;
        else if (c == '[' || c == '?') {
            s++;
            continue;
        }
        if (c != *s++)
            return false;
    }
}

bool lv_glob_match(lv_str pattern, lv_str name)
{
    rest whole = {pattern.ptr, pattern.ptr + pattern.len, NULL};
    return match(&whole, name.ptr, name.ptr + name.len);
}
