/* convert.h: from physical values to Spark's, and from Spark types to wider ones. */
#ifndef LV_PARQUET_CONVERT_H
#define LV_PARQUET_CONVERT_H

#include "parquet/parquet_int.h"

/** Whether decoded values (value_decoder.h) differ from the C type of the leaf's Spark type. */
bool lv_pq_needs_conversion(const lv_pq_leaf *leaf);
/** Converts `count` decoded values of such a leaf; false if one does not fit. */
LV_MUST_USE bool lv_pq_convert(const lv_pq_leaf *leaf, const void *decoded, size_t count,
                               void *out);

/** Whether a column of type `from` may be read as `to` (both not nested). */
bool lv_pq_can_widen(const lv_type *from, const lv_type *to);
/** Reads `vector` as `to`, values in the arena. PARQUET_CORRUPT if a value does not fit. */
LV_MUST_USE lv_status lv_pq_widen(lv_arena *arena, const lv_type *to, lv_vector *vector,
                                  lv_error *err);

#endif
