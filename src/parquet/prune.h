/* prune.h: row groups of which statistics show that no row can be wanted. */
#ifndef LV_PARQUET_PRUNE_H
#define LV_PARQUET_PRUNE_H

#include "column/condition.h"
#include "parquet/parquet_int.h"

/** Whether some row of a row group may fulfil a condition on the column that `node` is in the file
 *  (NULL: it is not there, which says nothing). `type` is what the column is read as. */
bool lv_pq_row_group_may_match(const lv_parquet_reader *reader, int row_group,
                               const lv_pq_node *node, const lv_type *type,
                               const lv_condition *condition);

#endif
