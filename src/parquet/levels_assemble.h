/* levels_assemble.h: from leaves with levels back to nested vectors (Dremel's record assembly). */
#ifndef LV_PARQUET_LEVELS_ASSEMBLE_H
#define LV_PARQUET_LEVELS_ASSEMBLE_H

#include "parquet/column_reader.h"

/** The vector of a leaf: one row per slot, where a slot is an entry at which the innermost list around
 *  has an element (or, outside lists, every entry). `slots` is set to their number. PARQUET_CORRUPT if
 *  there are fewer or more values than levels call for. */
LV_MUST_USE lv_status lv_pq_assemble_leaf(lv_arena *arena, const lv_pq_leaf *leaf,
                                          const lv_pq_node *node, uint8_t list_def,
                                          lv_pq_leaf_rows *rows, lv_vector *out, lv_error *err);
/** Length, validity and (of lists) offsets of a node that is not a leaf, from the levels of any leaf
 *  below it. `list_rep` and `list_def` are those of the innermost list around it, 0 outside lists. */
void lv_pq_assemble_group(lv_arena *arena, const lv_pq_node *node, const lv_pq_leaf *leaf,
                          uint8_t list_rep, uint8_t list_def, const lv_pq_leaf_rows *rows,
                          lv_vector *out);

#endif
