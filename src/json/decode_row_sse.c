/* decode_row_sse.c: the fast way with the instructions that every supported processor has. */
#include <smmintrin.h>

#define ROW_NAME lv_decode_row_sse

static inline unsigned special16(const char *p)
{
    __m128i v = _mm_loadu_si128((const __m128i *)(const void *)p);
    __m128i hit =
        _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('"')), _mm_cmpeq_epi8(v, _mm_set1_epi8('\\')));
    return (unsigned)_mm_movemask_epi8(_mm_or_si128(
        hit, _mm_cmplt_epi8(v, _mm_set1_epi8(' ')))); /* bytes from 0x80 on are negative */
}

static inline unsigned special32(const char *p)
{
    return special16(p) | special16(p + 16) << 16;
}

static inline unsigned equal16(const char *a, const char *b)
{
    __m128i x = _mm_loadu_si128((const __m128i *)(const void *)a),
            y = _mm_loadu_si128((const __m128i *)(const void *)b);
    return (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(x, y));
}

static inline unsigned equal32(const char *a, const char *b)
{
    return equal16(a, b) | equal16(a + 16, b + 16) << 16;
}

#include "json/decode_row.inc.h"
