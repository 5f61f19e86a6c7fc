/* log_checkpoint_schema.h: the columns of a checkpoint as we write and read them. Private to
 * delta/. */
#ifndef LV_DELTA_LOG_CHECKPOINT_SCHEMA_H
#define LV_DELTA_LOG_CHECKPOINT_SCHEMA_H

#include "column/type.h"

/** Top-level columns, by place. */
typedef enum lv_log_checkpoint_column {
    LV_CP_TXN,
    LV_CP_ADD,
    LV_CP_REMOVE,
    LV_CP_METADATA,
    LV_CP_PROTOCOL,
    LV_CP_SIDECAR, /* only read */
    LV_CP_COLUMNS
} lv_log_checkpoint_column;

/** Fields of the structs, by place. */
enum { LV_TXN_APP_ID, LV_TXN_VERSION, LV_TXN_LAST_UPDATED };
enum {
    LV_ADD_PATH,
    LV_ADD_PARTITION_VALUES,
    LV_ADD_SIZE,
    LV_ADD_MODIFICATION_TIME,
    LV_ADD_DATA_CHANGE,
    LV_ADD_TAGS,
    LV_ADD_STATS,
    LV_ADD_DELETION_VECTOR, /* only read, as what follows */
    LV_ADD_STATS_PARSED
};
enum {
    LV_REMOVE_PATH,
    LV_REMOVE_DELETION_TIMESTAMP,
    LV_REMOVE_DATA_CHANGE,
    LV_REMOVE_EXTENDED,
    LV_REMOVE_PARTITION_VALUES,
    LV_REMOVE_SIZE,
    LV_REMOVE_DELETION_VECTOR /* only read */
};
enum {
    LV_METADATA_ID,
    LV_METADATA_NAME,
    LV_METADATA_DESCRIPTION,
    LV_METADATA_FORMAT,
    LV_METADATA_SCHEMA,
    LV_METADATA_PARTITION_COLUMNS,
    LV_METADATA_CONFIGURATION,
    LV_METADATA_CREATED
};
enum {
    LV_PROTOCOL_READER,
    LV_PROTOCOL_WRITER,
    LV_PROTOCOL_READER_FEATURES,
    LV_PROTOCOL_WRITER_FEATURES
};

/** The schema as we write it. */
const lv_type *lv_log_checkpoint_write_schema(lv_arena *arena);
/** The schema to read a file with: also deletion vectors, sidecars, and, where the file has no
 * stats as text, the struct add.stats_parsed. `file`: its schema. */
const lv_type *lv_log_checkpoint_read_schema(lv_arena *arena, const lv_type *file);

#endif
