/* partition_groups.h: the rows of a batch by their partition values. Private to delta/. */
#ifndef LV_DELTA_PARTITION_GROUPS_H
#define LV_DELTA_PARTITION_GROUPS_H

#include "base/vec.h"
#include "column/vector.h"

/** Rows with equal partition values, in their order. */
typedef struct lv_partition_group {
    LV_VEC(int32_t) rows;
} lv_partition_group;

typedef LV_VEC(lv_partition_group) lv_partition_groups;

/** Divides a batch by the values of some columns; everything in `arena`. Values count as different
 * that have different bytes, so one text may come in several groups ('' and null, both null). */
void lv_partition_divide(lv_arena *arena, const lv_batch *batch, const int *columns, int count,
                         lv_partition_groups *groups);

#endif
