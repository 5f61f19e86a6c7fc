/* log_checkpoint_schema.c: see log_checkpoint_schema.h. Source: PROTOCOL.md, "Checkpoint Schema".
 */
#include "delta/log_checkpoint_schema.h"

typedef struct schema_maker {
    lv_arena *arena;
    const lv_type *string_map, *string_list;
} schema_maker;

static lv_field field(const char *name, const lv_type *type)
{
    return (lv_field){.name = lv_str_of(name), .type = type, .nullable = true};
}

static const lv_type *of(lv_type_kind kind)
{
    return lv_type_of(kind);
}

static const lv_type *deletion_vector_type(lv_arena *arena)
{
    lv_field fields[] = {field("storageType", of(LV_TYPE_STRING)),
                         field("pathOrInlineDv", of(LV_TYPE_STRING)),
                         field("offset", of(LV_TYPE_INT))};
    return lv_type_struct(arena, fields, LV_COUNT_OF(fields));
}

static const lv_type *txn_type(lv_arena *arena)
{
    lv_field fields[] = {field("appId", of(LV_TYPE_STRING)), field("version", of(LV_TYPE_BIGINT)),
                         field("lastUpdated", of(LV_TYPE_BIGINT))};
    return lv_type_struct(arena, fields, LV_COUNT_OF(fields));
}

/* `stats`: type of add.stats_parsed, NULL: none. */
static const lv_type *add_type(const schema_maker *m, bool reading, const lv_type *stats)
{
    lv_field fields[] = {field("path", of(LV_TYPE_STRING)),
                         field("partitionValues", m->string_map),
                         field("size", of(LV_TYPE_BIGINT)),
                         field("modificationTime", of(LV_TYPE_BIGINT)),
                         field("dataChange", of(LV_TYPE_BOOLEAN)),
                         field("tags", m->string_map),
                         field("stats", of(LV_TYPE_STRING)),
                         field("deletionVector", deletion_vector_type(m->arena)),
                         field("stats_parsed", stats)};
    int count = !reading ? LV_ADD_DELETION_VECTOR
                : stats  ? LV_ADD_STATS_PARSED + 1
                         : LV_ADD_STATS_PARSED;
    return lv_type_struct(m->arena, fields, count);
}

static const lv_type *remove_type(const schema_maker *m, bool reading)
{
    lv_field fields[] = {field("path", of(LV_TYPE_STRING)),
                         field("deletionTimestamp", of(LV_TYPE_BIGINT)),
                         field("dataChange", of(LV_TYPE_BOOLEAN)),
                         field("extendedFileMetadata", of(LV_TYPE_BOOLEAN)),
                         field("partitionValues", m->string_map),
                         field("size", of(LV_TYPE_BIGINT)),
                         field("deletionVector", deletion_vector_type(m->arena))};
    return lv_type_struct(m->arena, fields,
                          reading ? LV_REMOVE_DELETION_VECTOR + 1 : LV_REMOVE_DELETION_VECTOR);
}

static const lv_type *metadata_type(const schema_maker *m)
{
    lv_field format[] = {field("provider", of(LV_TYPE_STRING)), field("options", m->string_map)};
    lv_field fields[] = {field("id", of(LV_TYPE_STRING)),
                         field("name", of(LV_TYPE_STRING)),
                         field("description", of(LV_TYPE_STRING)),
                         field("format", lv_type_struct(m->arena, format, LV_COUNT_OF(format))),
                         field("schemaString", of(LV_TYPE_STRING)),
                         field("partitionColumns", m->string_list),
                         field("configuration", m->string_map),
                         field("createdTime", of(LV_TYPE_BIGINT))};
    return lv_type_struct(m->arena, fields, LV_COUNT_OF(fields));
}

static const lv_type *protocol_type(const schema_maker *m)
{
    lv_field fields[] = {
        field("minReaderVersion", of(LV_TYPE_INT)), field("minWriterVersion", of(LV_TYPE_INT)),
        field("readerFeatures", m->string_list), field("writerFeatures", m->string_list)};
    return lv_type_struct(m->arena, fields, LV_COUNT_OF(fields));
}

static const lv_type *make_schema(lv_arena *arena, bool reading, const lv_type *stats)
{
    const lv_type *string = of(LV_TYPE_STRING);
    schema_maker m = {arena, lv_type_map(arena, string, string, true),
                      lv_type_array(arena, string, true)};
    lv_field sidecar[] = {field("path", string)};
    lv_field columns[LV_CP_COLUMNS] = {
        [LV_CP_TXN] = field("txn", txn_type(arena)),
        [LV_CP_ADD] = field("add", add_type(&m, reading, stats)),
        [LV_CP_REMOVE] = field("remove", remove_type(&m, reading)),
        [LV_CP_METADATA] = field("metaData", metadata_type(&m)),
        [LV_CP_PROTOCOL] = field("protocol", protocol_type(&m)),
        [LV_CP_SIDECAR] = field("sidecar", lv_type_struct(arena, sidecar, LV_COUNT_OF(sidecar)))};
    return lv_type_struct(arena, columns, reading ? LV_CP_COLUMNS : LV_CP_SIDECAR);
}

const lv_type *lv_log_checkpoint_write_schema(lv_arena *arena)
{
    return make_schema(arena, false, NULL);
}

const lv_type *lv_log_checkpoint_read_schema(lv_arena *arena, const lv_type *file)
{
    const lv_type *stats = NULL;
    int add = lv_type_field(file, LV_STR("add"));
    if (add >= 0) {
        const lv_type *type = file->fields[add].type;
        int parsed = lv_type_field(type, LV_STR("stats_parsed"));
        if (parsed >= 0 && lv_type_field(type, LV_STR("stats")) < 0)
            stats = type->fields[parsed].type;
    }
    return make_schema(arena, true, stats);
}
