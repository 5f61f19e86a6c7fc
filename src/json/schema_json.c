/* schema_json.c: Spark's schema JSON to types (DataType.fromJson; PROTOCOL.md, Schema Serialization Format). */
#include "base/vec.h"
#include "json/json.h"

/* "day to second", "year", ...; NULL if there is no such type. */
static const lv_type *interval_type(lv_str units)
{
    ptrdiff_t blank = lv_str_find(units, ' ', 0);
    if (blank < 0)
        return lv_type_interval(lv_unit_find(units), lv_unit_find(units));
    lv_str to = lv_str_sub(units, (size_t)blank, units.len - (size_t)blank);
    if (!lv_str_starts(to, LV_STR(" to ")))
        return NULL;
    return lv_type_interval(lv_unit_find(lv_str_sub(units, 0, (size_t)blank)),
                            lv_unit_find(lv_str_sub(to, 4, to.len - 4)));
}

static lv_status from_name(lv_arena *arena, lv_str name, const lv_type **type, lv_error *err)
{
    static const struct {
        const char *name;
        lv_type_kind kind;
    } names[] = {
#define X(kind, ddl, json, ctype, size) {json, LV_TYPE_##kind},
#include "column/types.def"
#undef X
    };
    int64_t precision = 10, scale = 0;
    if (lv_str_starts(name, LV_STR("decimal(")) && name.ptr[name.len - 1] == ')') {
        lv_str inside = lv_str_sub(name, 8, name.len - 9), part;
        bool ok = lv_str_split(&inside, ',', &part) &&
                  lv_str_to_i64(lv_str_trim(part), &precision) && inside.ptr != NULL &&
                  lv_str_to_i64(lv_str_trim(inside), &scale);
        if (!ok || precision < 1 || precision > 38 || scale < 0 || scale > precision)
            return LV_FAIL(err, LV_INVALID_SCHEMA, "%.*s is no decimal type", LV_STR_ARG(name));
        *type = lv_type_decimal(arena, (int)precision, (int)scale);
        return LV_OK;
    }
    if (lv_str_is(name, "decimal")) {
        *type = lv_type_decimal(arena, 10, 0);
        return LV_OK;
    }
    for (size_t i = 0; i < LV_COUNT_OF(names); i++)
        if (names[i].kind < LV_TYPE_ARRAY && lv_str_is(name, names[i].name)) {
            *type = lv_type_of(names[i].kind);
            return LV_OK;
        }
    if (lv_str_starts(name, LV_STR("interval "))) {
        *type = interval_type(lv_str_sub(name, 9, name.len - 9));
        if (*type != NULL)
            return LV_OK;
    }
    if (lv_str_starts(name, LV_STR("varchar(")) || lv_str_starts(name, LV_STR("char("))) {
        *type = lv_type_of(LV_TYPE_STRING);
        return LV_OK;
    }
    return LV_FAIL(err, LV_UNSUPPORTED_DATATYPE, "the data type \"%.*s\" is not supported",
                   LV_STR_ARG(name));
}

static lv_status from_struct(lv_arena *arena, const lv_json *json, const lv_type **type,
                             lv_error *err)
{
    const lv_json *list = lv_json_get(json, "fields");
    if (list == NULL || list->kind != LV_JSON_ARRAY)
        return LV_FAIL(err, LV_INVALID_SCHEMA, "a struct without fields");
    lv_field *fields = LV_NEW_ARRAY(arena, lv_field, list->count);
    for (int i = 0; i < list->count; i++) {
        const lv_json *item = &list->items[i], *metadata = lv_json_get(item, "metadata");
        lv_str name = lv_json_get_str(item, "name");
        if (name.ptr == NULL)
            return LV_FAIL(err, LV_INVALID_SCHEMA, "a field without a name");
        LV_TRY(lv_type_from_json(arena, lv_json_get(item, "type"), &fields[i].type, err));
        fields[i].name = lv_str_dup(arena, name);
        fields[i].nullable = lv_json_get_bool(item, "nullable", true);
        if (metadata != NULL && metadata->kind == LV_JSON_OBJECT && metadata->count > 0)
            fields[i].metadata = lv_str_dup(arena, metadata->text);
    }
    *type = lv_type_struct(arena, fields, list->count);
    return LV_OK;
}

lv_status lv_type_from_json(lv_arena *arena, const lv_json *json, const lv_type **type,
                            lv_error *err)
{
    if (json != NULL && json->kind == LV_JSON_STRING)
        return from_name(arena, json->str, type, err);
    lv_str kind = lv_json_get_str(json, "type");
    const lv_type *element, *key, *value;
    if (lv_str_is(kind, "struct"))
        return from_struct(arena, json, type, err);
    if (lv_str_is(kind, "array")) {
        LV_TRY(lv_type_from_json(arena, lv_json_get(json, "elementType"), &element, err));
        *type = lv_type_array(arena, element, lv_json_get_bool(json, "containsNull", true));
        return LV_OK;
    }
    if (lv_str_is(kind, "map")) {
        LV_TRY(lv_type_from_json(arena, lv_json_get(json, "keyType"), &key, err));
        LV_TRY(lv_type_from_json(arena, lv_json_get(json, "valueType"), &value, err));
        *type = lv_type_map(arena, key, value, lv_json_get_bool(json, "valueContainsNull", true));
        return LV_OK;
    }
    lv_str text = json ? json->text : LV_STR("nothing");
    return LV_FAIL(err, LV_INVALID_SCHEMA, "%.*s is no data type", (int)LV_MIN(text.len, 200),
                   text.ptr);
}

lv_status lv_type_from_json_text(lv_arena *arena, lv_str text, const lv_type **type, lv_error *err)
{
    lv_arena scratch;
    lv_arena_init(&scratch);
    lv_json *root;
    lv_status status = lv_json_parse(&scratch, text, &root, err);
    if (status == LV_OK)
        status = lv_type_from_json(arena, root, type, err);
    lv_arena_release(&scratch);
    return status;
}
