/* column_mapping.h: names of columns in files, where a table maps them. Private to delta/. */
#ifndef LV_DELTA_COLUMN_MAPPING_H
#define LV_DELTA_COLUMN_MAPPING_H

#include "delta/snapshot.h"

typedef enum lv_mapping_mode { LV_MAPPING_NONE, LV_MAPPING_NAME, LV_MAPPING_ID } lv_mapping_mode;

lv_mapping_mode lv_mapping_mode_of(const lv_metadata *metadata);
/** The field as files have it: physical names at all levels, field ids in the form that parquet/
 * takes them. In `arena`; the field itself where nothing is mapped. Source: PROTOCOL.md, "Column
 * Mapping". */
lv_field lv_mapping_physical(lv_arena *arena, lv_mapping_mode mode, const lv_field *field);

#endif
