/* map_functions.c: making, joining and taking apart maps. */
#include "compute/array_common.h"

static lv_status fail_duplicate_key(lv_eval *eval, const lv_vector *keys, int64_t i, lv_error *err)
{
    lv_sbuf text = LV_SBUF_INIT;
    lv_print_value(keys, i, eval->zone, &text);
    lv_status status = LV_FAIL(
        err, LV_DUPLICATED_MAP_KEY,
        "Duplicate map key %.*s was found, please check the input data. If you want to remove the "
        "duplicated keys, you can set \"spark.sql.mapKeyDedupPolicy\" to \"LAST_WIN\" so that the "
        "key inserted at last takes precedence",
        (int)LV_MIN(text.len, (size_t)200), text.ptr ? text.ptr : "");
    lv_sbuf_release(&text);
    return status;
}

/* Each key once, where it stood first, with the value that it had last. */
static void keep_last(lv_arena *arena, lv_vector *map)
{
    lv_value_set set;
    lv_item_plan plan;
    int64_t total = map->offsets[map->length];
    int32_t *values = lv_arena_alloc(arena, sizeof *values * (size_t)LV_MAX(total, 1));
    lv_value_set_init(&set, arena);
    lv_plan_init(&plan, arena, map->length, total);
    for (int64_t i = 0; i < map->length; i++) {
        bool is_null = lv_vector_is_null(map, i);
        lv_value_set_reset(&set, map->offsets[i + 1] - map->offsets[i]);
        for (int32_t e = map->offsets[i]; !is_null && e < map->offsets[i + 1]; e++) {
            if (lv_value_set_add(&set, &map->children[0], e))
                lv_plan_push(&plan, e);
            values[plan.offsets[i] + lv_value_set_find(&set, &map->children[0], e)] = e;
        }
        lv_plan_end_row(&plan);
    }
    lv_vector keys, last;
    const lv_vector *children[2] = {&keys, &last};
    lv_vector_take(arena, &map->children[0], plan.items, plan.count, &keys);
    lv_vector_take(arena, &map->children[1], values, plan.count, &last);
    lv_list_make(arena, map->type, map->length, map->validity, plan.offsets, children, map);
}

lv_status lv_map_finish(const lv_call *call, lv_eval *eval, lv_vector *map, lv_error *err)
{
    const lv_vector *keys = &map->children[0];
    lv_value_set set;
    bool repeated = false;
    lv_value_set_init(&set, eval->arena);
    for (int64_t i = 0; i < map->length; i++) {
        if (lv_vector_is_null(map, i))
            continue;
        lv_value_set_reset(&set, map->offsets[i + 1] - map->offsets[i]);
        for (int32_t e = map->offsets[i]; e < map->offsets[i + 1]; e++) {
            if (lv_vector_is_null(keys, e))
                return LV_FAIL(err, LV_NULL_MAP_KEY, "Cannot use null as map key");
            bool is_new = lv_value_set_add(&set, keys, e);
            if (!is_new && !call->map_last_wins)
                return fail_duplicate_key(eval, keys, e, err);
            repeated = repeated || !is_new;
        }
    }
    if (repeated)
        keep_last(eval->arena, map);
    return LV_OK;
}

/* ---- map_from_arrays, map_from_entries, map_entries ------------------------------------------ */

static lv_status kernel_from_arrays(const lv_call *call, lv_eval *eval, const lv_vector *args,
                                    int64_t rows, lv_vector *out, lv_error *err)
{
    lv_items keys, values;
    uint64_t *validity = lv_validity_merge(eval->arena, args, 2, rows);
    lv_vector both[2];
    for (int a = 0; a < 2; a++) { /* a row that is null on one side has no items on the other */
        both[a] = *lv_vector_flatten(eval->arena, &args[a]);
        both[a].validity = validity;
    }
    lv_items_of(eval->arena, &both[0], &keys);
    lv_items_of(eval->arena, &both[1], &values);
    for (int64_t i = 0; i <= rows; i++)
        if (keys.offsets[i] != values.offsets[i])
            return LV_FAIL(err, LV_MAP_DATA_LENGTHS,
                           "The key array and value array of MapData must have the same length");
    const lv_vector *children[2] = {&keys.children[0], &values.children[0]};
    lv_list_make(eval->arena, call->type, rows, validity, keys.offsets, children, out);
    return lv_map_finish(call, eval, out, err);
}

lv_status lv_bind_map_from_arrays(const lv_function *function, lv_bind *bind, lv_error *err)
{
    for (int i = 0; i < 2; i++)
        LV_TRY(lv_bind_list(function, bind, i, LV_TYPE_ARRAY, err));
    const lv_field *key = &bind->arg_types[0]->fields[0], *value = &bind->arg_types[1]->fields[0];
    LV_TRY(lv_bind_key_type(bind, key->type, err));
    lv_bind_result(bind, lv_type_map(bind->arena, key->type, value->type, value->nullable), false,
                   kernel_from_arrays);
    return LV_OK;
}

/* An array with a null entry makes no map. */
static lv_status kernel_from_entries(const lv_call *call, lv_eval *eval, const lv_vector *args,
                                     int64_t rows, lv_vector *out, lv_error *err)
{
    lv_items items;
    bool owned = false;
    lv_items_of(eval->arena, &args[0], &items);
    const lv_vector *entries = lv_vector_flatten(eval->arena, &items.children[0]);
    lv_vector parts[2];
    const lv_vector *children[2] = {&parts[0], &parts[1]};
    for (int f = 0; f < 2; f++) {
        parts[f] = entries->children[f];
        parts[f].length = items.count;
    }
    lv_list_make(eval->arena, call->type, rows, lv_validity_merge(eval->arena, args, 1, rows),
                 items.offsets, children, out);
    for (int64_t i = 0; i < rows && entries->validity != NULL; i++)
        for (int32_t e = items.offsets[i]; e < items.offsets[i + 1]; e++)
            if (lv_vector_is_null(entries, e)) {
                lv_result_set_null(eval->arena, out, i, &owned);
                break;
            }
    return lv_map_finish(call, eval, out, err);
}

lv_status lv_bind_map_from_entries(const lv_function *function, lv_bind *bind, lv_error *err)
{
    const lv_type *list = bind->arg_types[0];
    const lv_type *entry = list->kind == LV_TYPE_ARRAY ? list->fields[0].type : list;
    if (list->kind != LV_TYPE_ARRAY || entry->kind != LV_TYPE_STRUCT || entry->field_count != 2)
        return lv_bind_mismatch(function, bind, 0, "\"ARRAY\" of pair \"STRUCT\"", err);
    LV_TRY(lv_bind_key_type(bind, entry->fields[0].type, err));
    lv_bind_result(bind,
                   lv_type_map(bind->arena, entry->fields[0].type, entry->fields[1].type,
                               entry->fields[1].nullable),
                   false, kernel_from_entries);
    bind->nullable = bind->nullable || list->fields[0].nullable;
    return LV_OK;
}

static lv_status kernel_entries(const lv_call *call, lv_eval *eval, const lv_vector *args,
                                int64_t rows, lv_vector *out, lv_error *err)
{
    lv_items items;
    lv_vector entry;
    const lv_vector *children[1] = {&entry};
    lv_items_of(eval->arena, &args[0], &items);
    lv_vector_init_flat(&entry, eval->arena, call->type->fields[0].type, items.count);
    for (int f = 0; f < 2; f++)
        entry.children[f] = items.children[f];
    lv_list_make(eval->arena, call->type, rows, lv_validity_merge(eval->arena, args, 1, rows),
                 items.offsets, children, out);
    return LV_OK;
}

lv_status lv_bind_map_entries(const lv_function *function, lv_bind *bind, lv_error *err)
{
    LV_TRY(lv_bind_list(function, bind, 0, LV_TYPE_MAP, err));
    const lv_field *parts = bind->arg_types[0]->fields;
    lv_field fields[2] = {{LV_STR("key"), parts[0].type, false, LV_STR_NONE},
                          {LV_STR("value"), parts[1].type, parts[1].nullable, LV_STR_NONE}};
    const lv_type *row = lv_type_struct(bind->arena, fields, 2);
    lv_bind_result(bind, lv_type_array(bind->arena, row, false), true, kernel_entries);
    return LV_OK;
}

/* ---- map_concat ------------------------------------------------------------------------------ */

static lv_status kernel_concat(const lv_call *call, lv_eval *eval, const lv_vector *args,
                               int64_t rows, lv_vector *out, lv_error *err)
{
    lv_arena *arena = eval->arena;
    int count = call->arg_count;
    lv_items *maps = LV_NEW_ARRAY(arena, lv_items, LV_MAX(count, 1));
    lv_vector *sources[2], parts[2];
    const lv_vector *children[2] = {&parts[0], &parts[1]};
    lv_item_plan plan;
    uint64_t *validity = lv_validity_merge(arena, args, count, rows);
    int64_t total = 0;
    for (int p = 0; p < 2; p++)
        sources[p] = LV_NEW_ARRAY(arena, lv_vector, LV_MAX(count, 1));
    for (int a = 0; a < count; a++) {
        lv_items_of(arena, &args[a], &maps[a]);
        total += maps[a].count;
        for (int p = 0; p < 2; p++)
            sources[p][a] = maps[a].children[p];
    }
    LV_TRY(lv_items_fit(call, total, err));
    lv_plan_init(&plan, arena, rows, total);
    lv_plan_with_sources(&plan, total);
    for (int64_t i = 0; i < rows; i++) {
        for (int a = 0; a < count && lv_row_valid(validity, i); a++)
            for (int32_t e = maps[a].offsets[i]; e < maps[a].offsets[i + 1]; e++)
                lv_plan_push_of(&plan, a, e);
        lv_plan_end_row(&plan);
    }
    for (int p = 0; p < 2; p++)
        lv_vector_pick(arena, call->type->fields[p].type, sources[p], plan.sources, plan.items,
                       plan.count, &parts[p]);
    lv_list_make(arena, call->type, rows, validity, plan.offsets, children, out);
    return lv_map_finish(call, eval, out, err);
}

lv_status lv_bind_map_concat(const lv_function *function, lv_bind *bind, lv_error *err)
{
    const lv_type *text = lv_type_of(LV_TYPE_STRING),
                  *type = lv_type_map(bind->arena, text, text, false);
    for (int i = 0; i < bind->arg_count; i++)
        if (bind->arg_types[i]->kind != LV_TYPE_MAP)
            return LV_FAIL(err, LV_DATATYPE_MISMATCH_MAP_CONCAT,
                           "The `map_concat` should all be of type map, but it's [\"%s\"]",
                           lv_type_name(bind->arena, bind->arg_types[i]));
    for (int i = 0; i < bind->arg_count; i++) {
        type = i == 0 ? bind->arg_types[0] : lv_map_common(bind, type, bind->arg_types[i]);
        if (type == NULL)
            return LV_FAIL(err, LV_DATATYPE_MISMATCH_DIFF_TYPES,
                           "Input to `map_concat` should all be the same type");
    }
    for (int i = 0; i < bind->arg_count; i++)
        bind->arg_types[i] = type;
    lv_bind_result(bind, type, false, kernel_concat);
    return LV_OK;
}

/* ---- map_contains_key ------------------------------------------------------------------------ */

static lv_status kernel_contains_key(const lv_call *call, lv_eval *eval, const lv_vector *args,
                                     int64_t rows, lv_vector *out, lv_error *err)
{
    lv_items items;
    lv_result_init(call, eval, args, rows, out);
    lv_items_of(eval->arena, &args[0], &items);
    for (int64_t i = 0; i < rows; i++) {
        bool found = false;
        for (int32_t e = items.offsets[i];
             lv_row_valid(out->validity, i) && e < items.offsets[i + 1] && !found; e++)
            found = lv_value_compare(&items.children[0], e, &args[1], i) == 0;
        ((uint8_t *)out->data)[i] = found;
    }
    return LV_OK;
}

lv_status lv_bind_key(const lv_function *function, lv_bind *bind, lv_error *err)
{
    const lv_type *map = bind->arg_types[0], *type = NULL;
    if (bind->arg_types[1]->kind == LV_TYPE_VOID)
        return LV_FAIL(err, LV_DATATYPE_MISMATCH_NULL,
                       "Null typed values cannot be used as arguments of `%s`", function->name);
    if (map->kind == LV_TYPE_MAP)
        type = lv_array_common(bind, map->fields[0].type, bind->arg_types[1]);
    if (type == NULL)
        return LV_FAIL(err, LV_DATATYPE_MISMATCH_MAP_KEY_ARG,
                       "Input to `%s` should have been \"MAP\" followed by a value with same key "
                       "type, but it's [\"%s\", \"%s\"]",
                       function->name, lv_type_name(bind->arena, map),
                       lv_type_name(bind->arena, bind->arg_types[1]));
    bind->arg_types[0] =
        lv_type_map(bind->arena, type, map->fields[1].type, map->fields[1].nullable);
    bind->arg_types[1] = type;
    return LV_OK;
}

lv_status lv_bind_map_contains_key(const lv_function *function, lv_bind *bind, lv_error *err)
{
    LV_TRY(lv_bind_key(function, bind, err));
    lv_bind_result(bind, lv_type_of(LV_TYPE_BOOLEAN), true, kernel_contains_key);
    bind->nullable = true;
    return LV_OK;
}
