/* utf8.c: see utf8.h. The check of a character's bytes is table 3-7 of the Unicode standard. */
#include "base/utf8.h"

#include <string.h>

/* Whether `second` may follow the first byte of a character of several bytes. */
static bool second_fits(unsigned char first, unsigned char second)
{
    unsigned low = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
    unsigned high = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
    return second >= low && second <= high;
}

size_t lv_utf8_valid_prefix(const char *text, size_t len)
{
    const unsigned char *p = (const unsigned char *)text;
    if (len == 0)
        return 0;
    if (p[0] < 0x80)
        return 1;
    size_t n = p[0] >= 0xF0 ? 4 : p[0] >= 0xE0 ? 3 : 2;
    if (p[0] < 0xC2 || p[0] > 0xF4 || len < n || !second_fits(p[0], p[1]))
        return 0;
    for (size_t i = 2; i < n; i++)
        if ((p[i] & 0xC0) != 0x80)
            return 0;
    return n;
}

bool lv_utf8_is_valid(const char *p, size_t len)
{
    size_t i = 0;
    while (i < len) {
        uint64_t word;
        while (len - i >= 8 && (memcpy(&word, p + i, 8), (word & 0x8080808080808080u) == 0))
            i += 8;
        if (i == len)
            break;
        size_t n = lv_utf8_valid_prefix(p + i, len - i);
        if (n == 0)
            return false;
        i += n;
    }
    return true;
}

bool lv_utf8_is_ascii(const char *p, size_t len)
{
    uint64_t all = 0;
    size_t i = 0;
    for (uint64_t word; len - i >= 8; i += 8) {
        memcpy(&word, p + i, 8);
        all |= word;
    }
    for (; i < len; i++)
        all |= (unsigned char)p[i];
    return (all & 0x8080808080808080u) == 0;
}

size_t lv_utf8_bad_prefix(const char *text, size_t len)
{
    const unsigned char *p = (const unsigned char *)text;
    if (p[0] < 0xC2 || p[0] > 0xF4 || len < 2 || !second_fits(p[0], p[1]))
        return 1;
    size_t n = 2; /* a whole character would not be bad, so there are fewer bytes than it needs */
    while (n < 3 && n < len && (p[n] & 0xC0) == 0x80)
        n++;
    return n;
}

size_t lv_utf8_bad_prefix_java(const char *text, size_t len)
{
    const unsigned char *p = (const unsigned char *)text;
    unsigned char lead = p[0];
    bool surrogate = lead == 0xED && len > 1 && p[1] >= 0xA0;
    size_t need = lead >= 0xF0 && lead <= 0xF4  ? 3
                  : lead >= 0xE0 && lead < 0xF0 ? 2 + surrogate
                                                : 1;
    size_t n = 1;
    for (; n < need && n < len; n++) {
        unsigned char c = p[n];
        unsigned low = n == 1 && lead == 0xE0 ? 0xA0 : n == 1 && lead == 0xF0 ? 0x90 : 0x80;
        unsigned high = n == 1 && lead == 0xF4 ? 0x8F : 0xBF;
        if (c < low || c > high)
            break;
    }
    return n;
}

lv_str lv_utf8_repair(lv_arena *arena, lv_str text)
{
    if (lv_utf8_is_valid(text.ptr, text.len))
        return text;
    char *out = lv_arena_alloc(arena, text.len * 3); /* a byte becomes three at most */
    size_t n = 0;
    for (size_t i = 0, used; i < text.len; i += used) {
        used = lv_utf8_valid_prefix(text.ptr + i, text.len - i);
        if (used > 0) {
            memcpy(out + n, text.ptr + i, used);
            n += used;
            continue;
        }
        used = lv_utf8_bad_prefix(text.ptr + i, text.len - i);
        memcpy(out + n, "\xEF\xBF\xBD", 3);
        n += 3;
    }
    return (lv_str){out, n};
}

size_t lv_utf8_length(const char *p, size_t len)
{
    size_t count = 0;
    for (size_t i = 0; i < len; i++)
        count += ((unsigned char)p[i] & 0xC0) != 0x80;
    return count;
}

size_t lv_utf8_encode(uint32_t c, char out[4])
{
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        out[0] = (char)(0xC0 | c >> 6);
        out[1] = (char)(0x80 | (c & 0x3F));
        return 2;
    }
    if (c < 0x10000) {
        out[0] = (char)(0xE0 | c >> 12);
        out[1] = (char)(0x80 | (c >> 6 & 0x3F));
        out[2] = (char)(0x80 | (c & 0x3F));
        return 3;
    }
    out[0] = (char)(0xF0 | c >> 18);
    out[1] = (char)(0x80 | (c >> 12 & 0x3F));
    out[2] = (char)(0x80 | (c >> 6 & 0x3F));
    out[3] = (char)(0x80 | (c & 0x3F));
    return 4;
}

uint32_t lv_utf8_decode(const char *text, size_t *used)
{
    const unsigned char *p = (const unsigned char *)text;
    if (p[0] < 0x80) {
        *used = 1;
        return p[0];
    }
    if (p[0] < 0xE0) {
        *used = 2;
        return (uint32_t)(p[0] & 0x1F) << 6 | (p[1] & 0x3F);
    }
    if (p[0] < 0xF0) {
        *used = 3;
        return (uint32_t)(p[0] & 0x0F) << 12 | (uint32_t)(p[1] & 0x3F) << 6 | (p[2] & 0x3F);
    }
    *used = 4;
    return (uint32_t)(p[0] & 0x07) << 18 | (uint32_t)(p[1] & 0x3F) << 12 |
           (uint32_t)(p[2] & 0x3F) << 6 | (p[3] & 0x3F);
}
