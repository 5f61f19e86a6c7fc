/* decode_row_avx2.c: the fast way with AVX2, for processors that have it. */
#include <immintrin.h>

#define ROW_NAME lv_decode_row_avx2

static inline unsigned special32(const char *p)
{
    __m256i v = _mm256_loadu_si256((const __m256i *)(const void *)p);
    __m256i hit = _mm256_or_si256(_mm256_cmpeq_epi8(v, _mm256_set1_epi8('"')),
                                  _mm256_cmpeq_epi8(v, _mm256_set1_epi8('\\')));
    return (unsigned)_mm256_movemask_epi8(_mm256_or_si256(
        hit, _mm256_cmpgt_epi8(_mm256_set1_epi8(' '), v))); /* bytes from 0x80 on are negative */
}

static inline unsigned equal32(const char *a, const char *b)
{
    __m256i x = _mm256_loadu_si256((const __m256i *)(const void *)a),
            y = _mm256_loadu_si256((const __m256i *)(const void *)b);
    return (unsigned)_mm256_movemask_epi8(_mm256_cmpeq_epi8(x, y));
}

#include "json/decode_row.inc.h"
