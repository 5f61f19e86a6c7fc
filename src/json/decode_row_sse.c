/* decode_row_sse.c: the fast way with the instructions that every supported processor has. */
#include <smmintrin.h>

#include "json/decode_int.h"

#define ROWS_NAME    lv_decode_row_sse
#define DOUBLES_NAME lv_make_doubles_sse

static inline __m128i chars16(const char *p)
{
    return _mm_loadu_si128((const __m128i *)(const void *)p);
}

static inline unsigned special16(const lv_row_constants *c, const char *p)
{
    __m128i v = chars16(p);
    __m128i hit = _mm_or_si128(_mm_cmpeq_epi8(v, chars16(c->quotes)),
                               _mm_cmpeq_epi8(v, chars16(c->backslashes)));
    hit = _mm_or_si128(hit, _mm_cmplt_epi8(v, chars16(c->blanks)));
    return (unsigned)_mm_movemask_epi8(hit); /* bytes from 0x80 on are negative */
}

static inline unsigned special32(const lv_row_constants *c, const char *p)
{
    return special16(c, p) | special16(c, p + 16) << 16;
}

static inline unsigned equal16(const char *a, const char *b)
{
    return (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(chars16(a), chars16(b)));
}

static inline unsigned equal32(const char *a, const char *b)
{
    return equal16(a, b) | equal16(a + 16, b + 16) << 16;
}

#include "json/decode_row.inc.h"
