/* stats.h: least and greatest values, and their forms in Parquet's metadata.
 *
 * Values are compared in the form in which a column writer stages them: by physical type, where
 * FIXED is a decimal as __int128. NaN takes no part; zeros become -0.0 below and +0.0 above, as
 * parquet.thrift asks (ColumnOrder, TYPE_ORDER). */
#ifndef LV_PARQUET_STATS_H
#define LV_PARQUET_STATS_H

#include "parquet/parquet_int.h"

typedef struct lv_pq_range {
    bool known;
    lv_parquet_value min; /* member by physical type: boolean, i32, i64, f32, f64, i128, str */
    lv_parquet_value max;
    int64_t nan_count;
} lv_pq_range;

/** Range of staged numbers of a physical type (not BYTE_ARRAY). `avx2`: the processor has it. */
lv_pq_range lv_pq_range_of(lv_pq_physical physical, const void *values, size_t count, bool avx2);
/** Widen a range by as many of the first values as they take at once, and return that number. For
 * processors with AVX2 (stats_avx2.c). */
size_t lv_pq_range_i64_avx2(const int64_t *values, size_t count, int64_t *min, int64_t *max);
size_t lv_pq_range_f64_avx2(const double *values, size_t count, double *min, double *max,
                            int64_t *nan_count);
/** Widens `to` by `more`; strings are borrowed. */
void lv_pq_range_add(lv_pq_physical physical, lv_pq_range *to, const lv_pq_range *more);
/** <0, 0, >0 */
int lv_pq_value_cmp(lv_pq_physical physical, const lv_parquet_value *a, const lv_parquet_value *b);
/** The bytes of a value as Statistics hold them, in the arena. */
lv_str lv_pq_value_encode(lv_arena *arena, const lv_pq_leaf *leaf, const lv_parquet_value *value);
/** Reads them as the C type of the leaf's Spark type, strings borrowed; false if they are not what
 *  they should be. */
bool lv_pq_stat_decode(const lv_pq_leaf *leaf, lv_str bytes, lv_parquet_value *value);
/** A value of the physical type as the C type of the leaf's type. */
lv_parquet_value lv_pq_value_public(const lv_pq_leaf *leaf, const lv_parquet_value *value);

/** The longest prefix of at most `limit` bytes that does not split a character: a lower bound. */
lv_str lv_pq_bound_below(lv_str text, size_t limit, bool utf8);
/** A short string, in the arena, that is not less than `text`, or `text` itself if it is not longer
 *  than `limit`; false if there is none. */
bool lv_pq_bound_above(lv_arena *arena, lv_str text, size_t limit, bool utf8, lv_str *bound);

#endif
