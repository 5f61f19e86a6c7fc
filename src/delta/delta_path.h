/* delta_path.h: file paths in the log and partition values in paths. Private to delta/.
 *
 * add.path is a URI reference: relative to the table or absolute, percent-encoded. Folder names of
 * partitions are cosmetic, with Hive's escapes; the whole path is then encoded once more, so that
 * %2F in a folder's name is %252F in the log. Source: PROTOCOL.md, "Add File"; RFC 2396. */
#ifndef LV_DELTA_DELTA_PATH_H
#define LV_DELTA_DELTA_PATH_H

#include "base/path.h"
#include "base/status.h"
#include "column/vector.h"

/** The value of a partition column from its text in the log, as a CONSTANT of `rows` in `arena`.
 * DELTA_LOG_CORRUPT for text that is no value of the type. Source: PROTOCOL.md, "Partition Value
 * Serialization". */
LV_MUST_USE lv_status lv_partition_value_parse(lv_arena *arena, const lv_type *type, lv_str text,
                                               bool is_null, int64_t rows, lv_vector *out,
                                               lv_error *err);
/** Adds the text of row `i` of a partition column; false: null, also for empty strings, as Spark
 * has it. */
bool lv_partition_value_print(const lv_vector *v, int64_t i, lv_sbuf *out);

#endif
