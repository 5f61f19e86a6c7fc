/* array_read.c: what is in arrays, read in ways of their own: array_position, array_join, arrays_zip.
 * Source: collectionOperations.scala. */
#include "compute/array_common.h"

static lv_status kernel_position(const lv_call *call, lv_eval *eval, const lv_vector *args,
                                 int64_t rows, lv_vector *out, lv_error *err)
{
    lv_items items;
    lv_result_init(call, eval, args, rows, out);
    lv_items_of(eval->arena, &args[0], &items);
    const lv_vector *v = &items.children[0];
    for (int64_t i = 0; i < rows; i++) {
        int64_t *position = (int64_t *)out->data + i;
        *position = 0;
        for (int32_t e = items.offsets[i];
             lv_row_valid(out->validity, i) && e < items.offsets[i + 1] && *position == 0; e++)
            if (!lv_vector_is_null(v, e) && lv_value_compare(v, e, &args[1], i) == 0)
                *position = e - items.offsets[i] + 1;
    }
    return LV_OK;
}

lv_status lv_bind_array_position(const lv_function *function, lv_bind *bind, lv_error *err)
{
    LV_TRY(lv_bind_item(function, bind, 1, err));
    LV_TRY(lv_bind_orderable(function, bind, bind->arg_types[1], err));
    lv_bind_result(bind, lv_type_of(LV_TYPE_BIGINT), true, kernel_position);
    return LV_OK;
}

/* ---- array_join ------------------------------------------------------------------------------ */

/* Adds the items of row i and the separators to `text`, or only counts their bytes if that is NULL. */
static size_t join(const lv_items *items, int64_t i, lv_str separator, const lv_str *for_null,
                   char *text)
{
    size_t len = 0;
    bool first = true;
    for (int32_t e = items->offsets[i]; e < items->offsets[i + 1]; e++) {
        bool is_null = lv_vector_is_null(&items->children[0], e);
        if (is_null && for_null == NULL)
            continue;
        lv_str parts[2] = {first ? LV_STR("") : separator,
                           is_null ? *for_null : lv_vector_str(&items->children[0], e)};
        for (int p = 0; p < 2; p++) {
            if (text != NULL && parts[p].len > 0)
                memcpy(text + len, parts[p].ptr, parts[p].len);
            len += parts[p].len;
        }
        first = false;
    }
    return len;
}

static lv_status kernel_join(const lv_call *call, lv_eval *eval, const lv_vector *args,
                             int64_t rows, lv_vector *out, lv_error *err)
{
    lv_items items;
    lv_result_init(call, eval, args, rows, out);
    lv_items_of(eval->arena, &args[0], &items);
    for (int64_t i = 0; i < rows; i++) {
        lv_str *joined = (lv_str *)out->data + i, for_null;
        *joined = LV_STR_NONE;
        if (!lv_row_valid(out->validity, i))
            continue;
        lv_str separator = lv_vector_str(&args[1], i);
        if (call->arg_count == 3)
            for_null = lv_vector_str(&args[2], i);
        const lv_str *nulls = call->arg_count == 3 ? &for_null : NULL;
        size_t len = join(&items, i, separator, nulls, NULL);
        char *text = lv_arena_alloc(eval->arena, len);
        join(&items, i, separator, nulls, text);
        *joined = (lv_str){text, len};
    }
    return LV_OK;
}

lv_status lv_bind_array_join(const lv_function *function, lv_bind *bind, lv_error *err)
{
    const lv_type *text = lv_type_of(LV_TYPE_STRING);
    LV_TRY(lv_bind_list(function, bind, 0, LV_TYPE_ARRAY, err));
    const lv_field *item = &bind->arg_types[0]->fields[0];
    if (lv_type_is_nested(item->type) || !lv_cast_implicit(item->type, text, bind->ansi))
        return lv_bind_mismatch(function, bind, 0, "\"ARRAY<STRING>\"", err);
    bind->arg_types[0] = lv_type_array(bind->arena, text, item->nullable);
    for (int i = 1; i < bind->arg_count; i++)
        LV_TRY(lv_bind_want(function, bind, i, text, err));
    lv_bind_result(bind, text, true, kernel_join);
    return LV_OK;
}

/* ---- arrays_zip ------------------------------------------------------------------------------ */

static lv_status kernel_zip(const lv_call *call, lv_eval *eval, const lv_vector *args, int64_t rows,
                            lv_vector *out, lv_error *err)
{
    lv_arena *arena = eval->arena;
    int count = call->arg_count;
    lv_items *lists = LV_NEW_ARRAY(arena, lv_items, LV_MAX(count, 1));
    int32_t *lengths = lv_arena_zalloc(arena, sizeof *lengths * (size_t)rows);
    uint64_t *validity = lv_validity_merge(arena, args, count, rows);
    int64_t total = 0;
    for (int a = 0; a < count; a++)
        lv_items_of(arena, &args[a], &lists[a]);
    for (int64_t i = 0; i < rows; i++) {
        for (int a = 0; a < count && lv_row_valid(validity, i); a++)
            lengths[i] = LV_MAX(lengths[i], lists[a].offsets[i + 1] - lists[a].offsets[i]);
        total += lengths[i];
    }
    LV_TRY(lv_items_fit(call, total, err));
    int32_t *offsets = lv_offsets_of(arena, lengths, rows);
    int32_t *from = lv_arena_alloc(arena, sizeof *from * (size_t)LV_MAX(total, 1));
    lv_vector structs;
    const lv_vector *children[1] = {&structs};
    lv_vector_init_flat(&structs, arena, call->type->fields[0].type, total);
    for (int a = 0; a < count; a++) {
        for (int64_t i = 0; i < rows; i++)
            for (int32_t e = offsets[i]; e < offsets[i + 1]; e++) {
                int32_t at = lists[a].offsets[i] + e - offsets[i];
                from[e] = at < lists[a].offsets[i + 1] ? at : -1;
            }
        lv_vector_take(arena, &lists[a].children[0], from, total, &structs.children[a]);
    }
    lv_list_make(arena, call->type, rows, validity, offsets, children, out);
    return LV_OK;
}

lv_status lv_bind_arrays_zip(const lv_function *function, lv_bind *bind, lv_error *err)
{
    lv_field *fields = LV_NEW_ARRAY(bind->arena, lv_field, LV_MAX(bind->arg_count, 1));
    for (int i = 0; i < bind->arg_count; i++) {
        LV_TRY(lv_bind_list(function, bind, i, LV_TYPE_ARRAY, err));
        bool named = bind->arg_names != NULL && bind->arg_names[i].len > 0;
        fields[i] = (lv_field){.name = named ? bind->arg_names[i]
                                             : lv_str_of(lv_arena_printf(bind->arena, "%d", i)),
                               .type = bind->arg_types[i]->fields[0].type,
                               .nullable = true};
    }
    const lv_type *row = lv_type_struct(bind->arena, fields, bind->arg_count);
    lv_bind_result(bind, lv_type_array(bind->arena, row, false), false, kernel_zip);
    return LV_OK;
}
