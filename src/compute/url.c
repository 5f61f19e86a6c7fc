/* url.c: parse_url: the parts of a URL as java.net.URI finds them (RFC 2396).
 *
 *     scheme:[//[user@]host[:port]][/path][?query][#fragment]
 *
 * A host that is no host name leaves the authority without host and user. Source: ParseUrl,
 * java.net.URI. */
#include "base/utf8.h"
#include "compute/compute_int.h"

/* A part that is not there has no ptr. */
typedef struct url {
    lv_str scheme, authority, user, host, path, query, fragment;
    bool opaque; /* mailto:x */
} url;

static bool is_letter(char c)
{
    return (c | 32) >= 'a' && (c | 32) <= 'z';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_hex(char c)
{
    return is_digit(c) || ((c | 32) >= 'a' && (c | 32) <= 'f');
}

/* Letters, digits, escapes, characters beyond ASCII and those of `more`. */
static bool all_allowed(lv_str s, const char *more)
{
    for (size_t i = 0; i < s.len; i++) {
        char c = s.ptr[i];
        if (c == '%') {
            if (i + 2 >= s.len || !is_hex(s.ptr[i + 1]) || !is_hex(s.ptr[i + 2]))
                return false;
            i += 2;
        } else if ((unsigned char)c < 0x80 && !is_letter(c) && !is_digit(c) &&
                   (c == 0 || strchr(more, c) == NULL)) {
            return false;
        }
    }
    return true;
}

#define MARKS "-_.!~*'()"

/* ---- hosts ----------------------------------------------------------------------------------- */

static bool is_label(lv_str s)
{
    for (size_t i = 0; i < s.len; i++)
        if (!is_letter(s.ptr[i]) && !is_digit(s.ptr[i]) && s.ptr[i] != '-')
            return false;
    return s.len > 0 && s.ptr[0] != '-' && s.ptr[s.len - 1] != '-';
}

static bool is_ipv4(lv_str s)
{
    lv_str rest = s, part;
    int64_t n, parts = 0;
    for (; lv_str_split(&rest, '.', &part); parts++)
        if (part.len == 0 || part.len > 3 || !is_digit(part.ptr[0]) || !lv_str_to_i64(part, &n) ||
            n > 255)
            return false;
    return parts == 4;
}

/* Labels with points between them, the last one beginning with a letter; maybe a point at the end. */
static bool is_host_name(lv_str s)
{
    if (s.len > 0 && s.ptr[s.len - 1] == '.')
        s.len--;
    lv_str rest = s, label, last = LV_STR_NONE;
    while (lv_str_split(&rest, '.', &label)) {
        if (!is_label(label))
            return false;
        last = label;
    }
    return last.len > 0 && is_letter(last.ptr[0]);
}

/* [user@]host[:port]; if it is none the authority is only a name. */
static void parse_server(url *u)
{
    lv_str s = u->authority, user = LV_STR_NONE;
    ptrdiff_t at = lv_str_find(s, '@', 0);
    if (at >= 0) {
        user = lv_str_sub(s, 0, (size_t)at);
        s = lv_str_sub(s, (size_t)at + 1, s.len - (size_t)at - 1);
    }
    bool ipv6 = s.len > 0 && s.ptr[0] == '[';
    ptrdiff_t end = ipv6 ? lv_str_find(s, ']', 0) : lv_str_find(s, ':', 0);
    if (ipv6 && end < 0)
        return;
    size_t host_len = ipv6 ? (size_t)end + 1 : end < 0 ? s.len : (size_t)end;
    lv_str host = lv_str_sub(s, 0, host_len);
    for (size_t i = host_len; i < s.len; i++)
        if (i == host_len ? s.ptr[i] != ':' : !is_digit(s.ptr[i]))
            return;
    if (!all_allowed(user, MARKS ";:&=+$,") || !(ipv6 || is_ipv4(host) || is_host_name(host)))
        return;
    u->user = user;
    u->host = host;
}

/* ---- the whole ------------------------------------------------------------------------------- */

static size_t scheme_length(lv_str s)
{
    size_t i = 0;
    while (i < s.len && strchr(":/?#", s.ptr[i]) == NULL)
        i++;
    return i < s.len && s.ptr[i] == ':' ? i : 0;
}

static bool is_scheme(lv_str s)
{
    for (size_t i = 1; i < s.len; i++)
        if (!is_letter(s.ptr[i]) && !is_digit(s.ptr[i]) && strchr("+-.", s.ptr[i]) == NULL)
            return false;
    return s.len > 0 && is_letter(s.ptr[0]);
}

/* What stands behind the first `c` is cut off `*s`; ptr NULL if there is no `c`. */
static lv_str cut_behind(lv_str *s, char c)
{
    ptrdiff_t at = lv_str_find(*s, c, 0);
    if (at < 0)
        return LV_STR_NONE;
    lv_str behind = lv_str_sub(*s, (size_t)at + 1, s->len - (size_t)at - 1);
    s->len = (size_t)at;
    return behind;
}

static bool parse_hierarchy(url *u, lv_str s)
{
    u->query = cut_behind(&s, '?');
    if (s.len >= 2 && s.ptr[0] == '/' && s.ptr[1] == '/') {
        s = lv_str_sub(s, 2, s.len - 2);
        ptrdiff_t slash = lv_str_find(s, '/', 0);
        size_t len = slash < 0 ? s.len : (size_t)slash;
        if (len > 0)
            u->authority = lv_str_sub(s, 0, len);
        else if (slash < 0 && u->query.ptr == NULL)
            return false; /* http:// */
        s = lv_str_sub(s, len, s.len - len);
        if (!all_allowed(u->authority, MARKS "$,;:@&=+[]"))
            return false;
        if (u->authority.ptr != NULL)
            parse_server(u);
    }
    u->path = s;
    return all_allowed(s, MARKS ":@&=+$,;/") && all_allowed(u->query, MARKS ":@&=+$,;/?[]");
}

static bool parse(lv_str s, url *u)
{
    *u = (url){0};
    u->fragment = cut_behind(&s, '#');
    if (!all_allowed(u->fragment, MARKS ":@&=+$,;/?[]"))
        return false;
    size_t scheme = scheme_length(s);
    if (scheme == 0 && s.len > 0 && s.ptr[0] == ':')
        return false;
    if (scheme == 0)
        return parse_hierarchy(u, s);
    u->scheme = lv_str_sub(s, 0, scheme);
    s = lv_str_sub(s, scheme + 1, s.len - scheme - 1);
    if (!is_scheme(u->scheme) || s.len == 0)
        return false;
    u->opaque = s.ptr[0] != '/';
    return u->opaque ? all_allowed(s, MARKS ":@&=+$,;/?[]") : parse_hierarchy(u, s);
}

/* ---- parse_url ------------------------------------------------------------------------------- */

/* key=value of a query: the value of the first such key. */
static lv_str query_value(lv_str query, lv_str key)
{
    lv_str rest = query, pair;
    while (rest.ptr != NULL && lv_str_split(&rest, '&', &pair))
        if (pair.len > key.len && pair.ptr[key.len] == '=' && lv_str_starts(pair, key))
            return lv_str_sub(pair, key.len + 1, pair.len - key.len - 1);
    return LV_STR_NONE;
}

static lv_str part_of(lv_arena *arena, const url *u, lv_str what)
{
    const struct {
        const char *name;
        lv_str part;
    } parts[] = {{"HOST", u->host},    {"PATH", u->path},       {"QUERY", u->query},
                 {"REF", u->fragment}, {"PROTOCOL", u->scheme}, {"AUTHORITY", u->authority},
                 {"USERINFO", u->user}};
    for (size_t i = 0; i < LV_COUNT_OF(parts); i++)
        if (lv_str_is(what, parts[i].name))
            return parts[i].part;
    if (!lv_str_is(what, "FILE") || u->opaque)
        return LV_STR_NONE;
    if (u->query.ptr == NULL)
        return u->path;
    return lv_str_of(
        lv_arena_printf(arena, "%.*s?%.*s", LV_STR_ARG(u->path), LV_STR_ARG(u->query)));
}

static lv_status kernel_parse_url(const lv_call *call, lv_eval *eval, const lv_vector *args,
                                  int64_t rows, lv_vector *out, lv_error *err)
{
    bool owned = false, lenient = call->function->op;
    lv_result_init(call, eval, args, rows, out);
    lv_strs in = lv_strs_of(&args[0]), parts = lv_strs_of(&args[1]), keys = {0};
    if (call->arg_count == 3)
        keys = lv_strs_of(&args[2]);
    for (int64_t i = 0; i < rows; i++) {
        lv_str *value = (lv_str *)out->data + i;
        url u;
        *value = LV_STR_NONE;
        if (!lv_row_valid(out->validity, i))
            continue;
        lv_str text = lv_utf8_repair(eval->arena, lv_strs_at(&in, i)), what = lv_strs_at(&parts, i);
        if (text.ptr == NULL)
            text = LV_STR("");
        bool good = parse(text, &u);
        if (!good && !lenient)
            return LV_FAIL(err, LV_INVALID_URL,
                           "The url is invalid: %.*s. Use `try_parse_url` to tolerate invalid URL "
                           "and return NULL "
                           "instead",
                           LV_STR_ARG(text));
        if (good && (call->arg_count == 2 || lv_str_is(what, "QUERY")))
            *value = part_of(eval->arena, &u, what);
        if (good && call->arg_count == 3)
            *value = query_value(*value, lv_strs_at(&keys, i));
        if (value->ptr == NULL)
            lv_result_set_null(eval->arena, out, i, &owned);
    }
    return LV_OK;
}

lv_status lv_bind_parse_url(const lv_function *function, lv_bind *bind, lv_error *err)
{
    for (int i = 0; i < bind->arg_count; i++)
        LV_TRY(lv_bind_want(function, bind, i, lv_type_of(LV_TYPE_STRING), err));
    lv_bind_result(bind, lv_type_of(LV_TYPE_STRING), function->op == 1, kernel_parse_url);
    bind->nullable = true;
    return LV_OK;
}
