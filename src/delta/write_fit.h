/* write_fit.h: a query's columns as a table's. Private to delta/. */
#ifndef LV_DELTA_WRITE_FIT_H
#define LV_DELTA_WRITE_FIT_H

#include "plan/plan.h"

/** The query under a projection to `schema`: columns by name, missing ones null, other types cast
 * as an assignment; the query itself if it fits as it is. Everything in `arena`. Errors
 * DATATYPE_MISMATCH_CAST, DELTA_FAILED_TO_MERGE_FIELDS. */
LV_MUST_USE lv_status lv_write_fit(lv_arena *arena, const lv_plan *query, const lv_type *schema,
                                   const lv_plan **fitted, lv_error *err);

#endif
