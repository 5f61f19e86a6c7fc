/* decode_row_avx2.c: the fast way with AVX2, for processors that have it. */
#include <immintrin.h>

#include "json/decode_int.h"

#define ROWS_NAME    lv_decode_row_avx2
#define DOUBLES_NAME lv_make_doubles_avx2

static inline __m256i load32(const char *p)
{
    return _mm256_loadu_si256((const __m256i *)(const void *)p);
}

static inline unsigned special32(const lv_row_constants *c, const char *p)
{
    __m256i v = load32(p);
    __m256i hit = _mm256_or_si256(_mm256_cmpeq_epi8(v, load32(c->quotes)),
                                  _mm256_cmpeq_epi8(v, load32(c->backslashes)));
    hit = _mm256_or_si256(hit, _mm256_cmpgt_epi8(load32(c->blanks), v));
    return (unsigned)_mm256_movemask_epi8(hit); /* bytes from 0x80 on are negative */
}

static inline unsigned equal32(const char *a, const char *b)
{
    return (unsigned)_mm256_movemask_epi8(_mm256_cmpeq_epi8(load32(a), load32(b)));
}

#include "json/decode_row.inc.h"
