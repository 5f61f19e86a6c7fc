/* arrow.h: columns across Arrow's C data interface, in and out.
 *
 * Out: a batch is copied into an array that stands alone, because a batch lives only until the next
 * one. Strings become offsets and bytes, booleans bits; encodings are flattened, so that all batches
 * of a schema look alike. In: values are taken over row range by row range; string bytes stay where
 * they are.
 *
 *   BOOLEAN b · TINYINT c · SMALLINT s · INT i · BIGINT l · FLOAT f · DOUBLE g · DECIMAL d:p,s
 *   STRING u · BINARY z · DATE tdD · TIMESTAMP tsu:zone · TIMESTAMP_NTZ tsu: · VOID n
 *   ARRAY +l · MAP +m · STRUCT +s
 *
 * What comes in may also be unsigned (next wider signed type, uint64 as DECIMAL(20,0)), half floats,
 * other units of time (microseconds are kept), large, fixed-size and view variants, decimals of any
 * width, and dictionaries of any of these.
 *
 * Source: Arrow's specification, "The Arrow C data interface". */
#ifndef LV_ARROW_ARROW_H
#define LV_ARROW_ARROW_H

#include "base/status.h"
#include "column/vector.h"
#include "levada_arrow.h"

/** The Arrow form of a schema (a STRUCT); `zone` is that of TIMESTAMP. Owns itself. */
void lv_arrow_export_schema(const lv_type *schema, lv_str zone, struct ArrowSchema *out);
/** Rows `from`.. of a batch, *count of them, or fewer where their strings would not fit 32-bit offsets: *count says
 *  how many. The array owns itself; any thread may release it. */
LV_MUST_USE lv_status lv_arrow_export_rows(const lv_batch *batch, int64_t from, int64_t *count,
                                           struct ArrowArray *out, lv_error *err);

/** The Spark type of an Arrow schema, in `arena`. UNSUPPORTED_ARROWTYPE. */
LV_MUST_USE lv_status lv_arrow_import_type(lv_arena *arena, const struct ArrowSchema *schema,
                                           const lv_type **type, lv_error *err);
/** Checks that an array has the buffers and children that a schema of lv_arrow_import_type calls for, as far as that
 *  can be seen. */
LV_MUST_USE lv_status lv_arrow_check(const struct ArrowSchema *schema,
                                     const struct ArrowArray *array, lv_error *err);
/** Rows from..from+count of a checked array as a vector of `type`, which came of the same schema.
 *  Values are in `arena`, string bytes the array's. Values that do not fit fail. */
LV_MUST_USE lv_status lv_arrow_import(lv_arena *arena, const struct ArrowSchema *schema,
                                      const struct ArrowArray *array, const lv_type *type,
                                      int64_t from, int64_t count, lv_vector *out, lv_error *err);

#endif
