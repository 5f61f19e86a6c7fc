/* like_parts.c: LIKE by patterns of nothing but text and %, which are most: texts to be found one behind
 * the other, the first at the start and the last at the end unless a % stands there.
 *
 * Equal texts have equal bytes, and a part that begins with the first byte of a character is found
 * at the beginning of characters only. */
#include <emmintrin.h>

#include "compute/compute_int.h"

bool lv_like_parts_make(lv_str pattern, char escape, lv_like_parts *parts)
{
    *parts = (lv_like_parts){.starts_open = lv_str_starts(pattern, LV_STR("%")),
                             .ends_open = lv_str_ends(pattern, LV_STR("%"))};
    for (size_t i = 0; i < pattern.len; i++)
        if (pattern.ptr[i] == '_' || pattern.ptr[i] == escape)
            return false;
    lv_str part;
    while (lv_str_split(&pattern, '%', &part)) {
        if (part.len == 0)
            continue;
        if (parts->count == LV_LIKE_PARTS_MAX || ((unsigned char)part.ptr[0] & 0xC0) == 0x80)
            return false;
        parts->at[parts->count++] = part;
    }
    return parts->count > 0;
}

/* Where `part` begins in s at or behind `from`; SIZE_MAX if nowhere. Sixteen places are asked at once for the
 * first and the last byte. */
static size_t find_part(lv_str s, size_t from, lv_str part)
{
    size_t n = part.len, i = from;
    if (s.len < n || from > s.len - n)
        return SIZE_MAX;
    __m128i first = _mm_set1_epi8(part.ptr[0]), last = _mm_set1_epi8(part.ptr[n - 1]);
    for (; i + 16 + n - 1 <= s.len; i += 16) {
        __m128i a = _mm_loadu_si128((const __m128i *)(const void *)(s.ptr + i));
        __m128i b = _mm_loadu_si128((const __m128i *)(const void *)(s.ptr + i + n - 1));
        unsigned hits = (unsigned)_mm_movemask_epi8(
            _mm_and_si128(_mm_cmpeq_epi8(a, first), _mm_cmpeq_epi8(b, last)));
        for (; hits != 0; hits &= hits - 1) {
            size_t at = i + (size_t)__builtin_ctz(hits);
            if (memcmp(s.ptr + at, part.ptr, n) == 0)
                return at;
        }
    }
    for (; i + n <= s.len; i++)
        if (s.ptr[i] == part.ptr[0] && memcmp(s.ptr + i, part.ptr, n) == 0)
            return i;
    return SIZE_MAX;
}

bool lv_like_parts_match(const lv_like_parts *parts, lv_str s)
{
    size_t from = 0;
    int k = 0, end = parts->count;
    if (!parts->starts_open) {
        if (!lv_str_starts(s, parts->at[0]))
            return false;
        from = parts->at[k++].len;
    }
    if (!parts->ends_open && k == end)
        return from == s.len; /* one part, at both ends */
    end -= !parts->ends_open;
    for (; k < end; k++) {
        size_t at = find_part(s, from, parts->at[k]);
        if (at == SIZE_MAX)
            return false;
        from = at + parts->at[k].len;
    }
    if (parts->ends_open)
        return true;
    lv_str rest = lv_str_sub(s, from, s.len - from);
    return lv_str_ends(rest, parts->at[end]);
}
