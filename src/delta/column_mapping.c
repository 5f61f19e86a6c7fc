/* column_mapping.c: see column_mapping.h. */
#include "delta/column_mapping.h"

lv_mapping_mode lv_mapping_mode_of(const lv_metadata *metadata)
{
    lv_str mode = lv_metadata_property(metadata, "delta.columnMapping.mode", LV_STR("none"));
    return lv_str_is(mode, "name") ? LV_MAPPING_NAME
           : lv_str_is(mode, "id") ? LV_MAPPING_ID
                                   : LV_MAPPING_NONE;
}

static const lv_type *physical_type(lv_arena *arena, lv_mapping_mode mode, const lv_type *type)
{
    if (!lv_type_is_nested(type))
        return type;
    lv_field *fields = LV_NEW_ARRAY(arena, lv_field, type->field_count);
    for (int f = 0; f < type->field_count; f++)
        fields[f] = lv_mapping_physical(arena, mode, &type->fields[f]);
    lv_type *copy = LV_NEW(arena, lv_type);
    *copy = *type;
    copy->fields = fields;
    return copy;
}

lv_field lv_mapping_physical(lv_arena *arena, lv_mapping_mode mode, const lv_field *field)
{
    lv_field out = *field;
    lv_json *metadata = NULL;
    int64_t id;
    if (mode == LV_MAPPING_NONE)
        return out;
    out.type = physical_type(arena, mode, field->type);
    out.metadata = LV_STR_NONE;
    if (field->metadata.len == 0 || lv_json_parse(arena, field->metadata, &metadata, NULL) != LV_OK)
        return out;
    lv_str name = lv_json_get_str(metadata, "delta.columnMapping.physicalName");
    if (name.len > 0)
        out.name = name;
    if (mode == LV_MAPPING_ID && lv_json_get_i64(metadata, "delta.columnMapping.id", &id))
        out.metadata =
            lv_str_of(lv_arena_printf(arena, "{\"parquet.field.id\":%lld}", (long long)id));
    return out;
}
