/* delta_path.c: see delta_path.h. */
#include "delta/delta_path.h"

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

void lv_path_encode(lv_str path, lv_sbuf *out)
{
    for (size_t i = 0; i < path.len; i++) {
        unsigned char c = (unsigned char)path.ptr[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                     (c > 0x20 && c < 0x7F && strchr("/-_.!~*'()=:@&+$,", c) != NULL);
        if (plain)
            lv_sbuf_add_char(out, (char)c);
        else
            lv_sbuf_printf(out, "%%%02X", c);
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

lv_str lv_path_key(lv_arena *arena, lv_str path)
{
    if (lv_str_starts(path, LV_STR("file:/"))) {
        path = lv_str_sub(path, 5, path.len - 5);
        while (path.len > 1 && path.ptr[1] == '/')
            path = lv_str_sub(path, 1, path.len - 1);
    }
    return decode(arena, path);
}
