/* map_functions.c: making, joining and taking apart maps. */
#include "compute/compute_int.h"

lv_status lv_map_check_keys(lv_eval *eval, const lv_vector *map, lv_error *err)
{
    const lv_vector *keys = &map->children[0];
    lv_value_set set;
    lv_value_set_init(&set, eval->arena);
    for (int64_t i = 0; i < map->length; i++) {
        if (lv_vector_is_null(map, i))
            continue;
        lv_value_set_reset(&set, map->offsets[i + 1] - map->offsets[i]);
        for (int32_t e = map->offsets[i]; e < map->offsets[i + 1]; e++) {
            if (lv_vector_is_null(keys, e))
                return LV_FAIL(err, LV_NULL_MAP_KEY, "Cannot use null as map key");
            if (!lv_value_set_add(&set, keys, e))
                return lv_fail_duplicate_key(eval, keys, e, err);
        }
    }
    return LV_OK;
}

lv_status lv_fail_duplicate_key(lv_eval *eval, const lv_vector *keys, int64_t i, lv_error *err)
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
