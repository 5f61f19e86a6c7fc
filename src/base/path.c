/* path.c: see path.h. */
#include "base/path.h"

#include "base/utf8.h"

void lv_hive_escape(lv_str text, lv_sbuf *out)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        if (c < 0x20 || c == 0x7F || strchr("\"#%'*/:=?\\{[]^", c) != NULL)
            lv_sbuf_printf(out, "%%%02X", c);
        else
            lv_sbuf_add_char(out, (char)c);
    }
}

/* Whether Java's URI leaves a character of a path as it is; all other readers undo any encoding. */
static bool is_plain(uint32_t c)
{
    if (c < 0x80)
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               (c > 0x20 && c < 0x7F && strchr("/-_.!~*'()=:@&+$,;", (int)c) != NULL);
    bool is_control = c < 0xA0;
    bool is_space = c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 ||
                    c == 0x2029 || c == 0x202F || c == 0x205F || c == 0x3000;
    return !is_control && !is_space;
}

/* VACUUM in Spark compares this text with what it makes of a listing, so another encoding of the
 * same path, though as good, would make it delete the file. */
void lv_path_encode(lv_str path, lv_sbuf *out)
{
    for (size_t i = 0, used; i < path.len; i += used) {
        used = lv_utf8_valid_prefix(path.ptr + i, path.len - i);
        if (used > 0 && is_plain(lv_utf8_decode(path.ptr + i, &used))) {
            lv_sbuf_add(out, path.ptr + i, used);
            continue;
        }
        used = LV_MAX(used, 1);
        for (size_t b = 0; b < used; b++)
            lv_sbuf_printf(out, "%%%02X", (unsigned char)path.ptr[i + b]);
    }
}

static int hex_digit(char c)
{
    return c >= '0' && c <= '9'                 ? c - '0'
           : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10
                                                : -1;
}

/* With every %XX replaced by its byte; `path` itself if there is none. */
static lv_str decode(lv_arena *arena, lv_str path)
{
    if (lv_str_find(path, '%', 0) < 0)
        return path;
    char *out = lv_arena_alloc(arena, path.len + 1);
    size_t n = 0;
    for (size_t i = 0; i < path.len; i++) {
        bool escape = path.ptr[i] == '%' && i + 2 < path.len && hex_digit(path.ptr[i + 1]) >= 0 &&
                      hex_digit(path.ptr[i + 2]) >= 0;
        out[n++] = escape ? (char)(hex_digit(path.ptr[i + 1]) * 16 + hex_digit(path.ptr[i + 2]))
                          : path.ptr[i];
        i += escape ? 2 : 0;
    }
    out[n] = '\0';
    return (lv_str){out, n};
}

lv_str lv_hive_unescape(lv_arena *arena, lv_str text)
{
    return decode(arena, text);
}

lv_str lv_path_key(lv_arena *arena, lv_str path)
{
    if (lv_str_starts(path, LV_STR("file:/"))) {
        path = lv_str_sub(path, 5, path.len - 5);
        while (path.len > 1 && path.ptr[1] == '/')
            path = lv_str_sub(path, 1, path.len - 1);
    }
    return decode(arena, path);
}
