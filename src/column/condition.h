/* condition.h: what a filter above a scan says about single columns, for readers that can tell from
 * statistics that none of some rows passes.
 *
 * A condition compares a column with literals of the column's own type. All of a list hold for every
 * row that passes the filter. A reader may leave out rows that break one, and need not: the filter
 * is asked again. */
#ifndef LV_COLUMN_CONDITION_H
#define LV_COLUMN_CONDITION_H

#include "column/vector.h"

typedef enum lv_condition_op {
    LV_CONDITION_LT,
    LV_CONDITION_LE,
    LV_CONDITION_GT,
    LV_CONDITION_GE,
    LV_CONDITION_IN,  /* one of the literals; = is IN of one */
    LV_CONDITION_NULL /* is null */
} lv_condition_op;

typedef struct lv_condition {
    int column; /* of the relation */
    lv_condition_op op;
    int value_count;
    const lv_vector *const *values; /* one-row CONSTANTs, not null */
} lv_condition;

typedef struct lv_conditions {
    const lv_condition *items;
    int count;
} lv_conditions;

#endif
