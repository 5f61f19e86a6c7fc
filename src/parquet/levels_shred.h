/* levels_shred.h: from nested vectors to leaves with definition and repetition levels (Dremel's
 * record shredding), a level of the schema at a time. */
#ifndef LV_PARQUET_LEVELS_SHRED_H
#define LV_PARQUET_LEVELS_SHRED_H

#include "parquet/parquet_int.h"

/** One leaf of a stretch of rows: entry i has levels defs[i] and reps[i], and the value at
 *  vector[rows[i]] if rows[i] >= 0. */
typedef struct lv_pq_shredded {
    const lv_vector *vector;
    int32_t *rows;
    uint8_t *defs;
    uint8_t *reps;
    int64_t count;
} lv_pq_shredded;

/** Shreds rows from..from+count of a column. `out` has one element for each leaf below `node`;
 *  `null_lists[i]` is raised by the nulls of the i-th LIST_NODE below it in depth-first order that is
 *  not itself in a list. DELTA_NOT_NULL_VIOLATED for a null where there must be none. */
LV_MUST_USE lv_status lv_pq_shred(lv_arena *arena, const lv_pq_node *node, const lv_vector *vector,
                                  int64_t from, int64_t count, lv_pq_shredded *out,
                                  int64_t *null_lists, lv_error *err);
/** Number of those LIST_NODEs. */
int lv_pq_outer_list_count(const lv_pq_node *node);

#endif
