/* stats_avx2.c: least and greatest of many numbers with AVX2, for processors that have it. Four
 * accumulators side by side, for a comparison waits several cycles for the one before. */
#include <immintrin.h>
#include <math.h>

#include "parquet/stats.h"

enum { LANES = 4, SIDE_BY_SIDE = 4 };

size_t lv_pq_range_i64_avx2(const int64_t *v, size_t count, int64_t *min, int64_t *max)
{
    const size_t step = LANES * SIDE_BY_SIDE;
    size_t whole = count / step * step;
    __m256i lo[SIDE_BY_SIDE], hi[SIDE_BY_SIDE];
    for (int k = 0; k < SIDE_BY_SIDE; k++) {
        lo[k] = _mm256_set1_epi64x(*min);
        hi[k] = _mm256_set1_epi64x(*max);
    }
    for (size_t i = 0; i < whole; i += step)
        for (int k = 0; k < SIDE_BY_SIDE; k++) {
            __m256i x = _mm256_loadu_si256((const __m256i *)(const void *)(v + i + LANES * k));
            lo[k] = _mm256_blendv_epi8(lo[k], x, _mm256_cmpgt_epi64(lo[k], x));
            hi[k] = _mm256_blendv_epi8(hi[k], x, _mm256_cmpgt_epi64(x, hi[k]));
        }
    int64_t least[LANES * SIDE_BY_SIDE], most[LANES * SIDE_BY_SIDE];
    for (int k = 0; k < SIDE_BY_SIDE; k++) {
        _mm256_storeu_si256((__m256i *)(void *)(least + LANES * k), lo[k]);
        _mm256_storeu_si256((__m256i *)(void *)(most + LANES * k), hi[k]);
    }
    for (int k = 0; k < LANES * SIDE_BY_SIDE; k++) {
        *min = LV_MIN(*min, least[k]);
        *max = LV_MAX(*max, most[k]);
    }
    return whole;
}

/* minpd and maxpd return their second operand when one is NaN, so NaN never gets into `lo`. */
size_t lv_pq_range_f64_avx2(const double *v, size_t count, double *min, double *max,
                            int64_t *nan_count)
{
    const size_t step = LANES * SIDE_BY_SIDE;
    size_t whole = count / step * step;
    __m256d lo[SIDE_BY_SIDE], hi[SIDE_BY_SIDE];
    __m256i nans[SIDE_BY_SIDE];
    for (int k = 0; k < SIDE_BY_SIDE; k++) {
        lo[k] = _mm256_set1_pd(*min);
        hi[k] = _mm256_set1_pd(*max);
        nans[k] = _mm256_setzero_si256();
    }
    for (size_t i = 0; i < whole; i += step)
        for (int k = 0; k < SIDE_BY_SIDE; k++) {
            __m256d x = _mm256_loadu_pd(v + i + LANES * k);
            lo[k] = _mm256_min_pd(x, lo[k]);
            hi[k] = _mm256_max_pd(x, hi[k]);
            __m256d is_nan = _mm256_cmp_pd(x, x, _CMP_UNORD_Q);
            nans[k] = _mm256_sub_epi64(nans[k], _mm256_castpd_si256(is_nan));
        }
    double least[LANES * SIDE_BY_SIDE], most[LANES * SIDE_BY_SIDE];
    int64_t counts[LANES * SIDE_BY_SIDE];
    for (int k = 0; k < SIDE_BY_SIDE; k++) {
        _mm256_storeu_pd(least + LANES * k, lo[k]);
        _mm256_storeu_pd(most + LANES * k, hi[k]);
        _mm256_storeu_si256((__m256i *)(void *)(counts + LANES * k), nans[k]);
    }
    for (int k = 0; k < LANES * SIDE_BY_SIDE; k++) {
        *min = LV_MIN(*min, least[k]);
        *max = LV_MAX(*max, most[k]);
        *nan_count += counts[k];
    }
    return whole;
}
