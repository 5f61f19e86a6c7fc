/* array_order.c: sorting, and the least and greatest item of arrays. */
#include "compute/array_common.h"

static int compare(const lv_vector *v, lv_item_order how, int32_t a, int32_t b)
{
    bool a_null = lv_vector_is_null(v, a), b_null = lv_vector_is_null(v, b);
    if (a_null || b_null)
        return a_null == b_null ? 0 : (a_null == how.nulls_last ? 1 : -1);
    int order = lv_value_compare(v, a, v, b);
    return how.descending ? -order : order;
}

/* Merges runs of growing width; stable. */
static void sort_row(const lv_vector *v, lv_item_order how, int32_t *order, int32_t *other,
                     int32_t count)
{
    for (int64_t width = 1; width < count; width *= 2) {
        for (int64_t at = 0; at < count; at += 2 * width) {
            int64_t a = at, a_end = LV_MIN(at + width, count), b = a_end,
                    b_end = LV_MIN(b + width, count);
            for (int64_t to = at; to < b_end; to++) {
                bool second = a == a_end || (b < b_end && compare(v, how, order[a], order[b]) > 0);
                other[to] = second ? order[b++] : order[a++];
            }
        }
        memcpy(order, other, sizeof *order * (size_t)count);
    }
}

void lv_sort_items(const lv_items *items, lv_item_order how, int32_t *order, int32_t *other)
{
    for (int64_t i = 0; i < items->row_count; i++)
        sort_row(&items->children[0], how, order + items->offsets[i], other,
                 items->offsets[i + 1] - items->offsets[i]);
}

/* ---- sort_array ------------------------------------------------------------------------------ */

static lv_status kernel_sort(const lv_call *call, lv_eval *eval, const lv_vector *args,
                             int64_t rows, lv_vector *out, lv_error *err)
{
    lv_items items;
    lv_item_plan plan;
    bool ascending = call->arg_count == 1 || LV_AT(uint8_t, &args[1], 0);
    lv_items_of(eval->arena, &args[0], &items);
    lv_plan_init(&plan, eval->arena, rows, items.count);
    int32_t *other = lv_arena_alloc(eval->arena, sizeof *other * (size_t)LV_MAX(items.count, 1));
    for (int64_t i = 0; i < rows; i++) {
        for (int32_t e = items.offsets[i]; e < items.offsets[i + 1]; e++)
            lv_plan_push(&plan, e);
        lv_plan_end_row(&plan);
    }
    lv_sort_items(&items, (lv_item_order){!ascending, !ascending}, plan.items, other);
    lv_plan_finish(&plan, call->type, lv_validity_merge(eval->arena, args, 1, rows),
                   &items.children[0], out);
    return LV_OK;
}

lv_status lv_bind_sort_array(const lv_function *function, lv_bind *bind, lv_error *err)
{
    LV_TRY(lv_bind_list(function, bind, 0, LV_TYPE_ARRAY, err));
    LV_TRY(lv_bind_orderable(function, bind, bind->arg_types[0]->fields[0].type, err));
    if (bind->arg_count == 2) {
        if (bind->arg_types[1]->kind != LV_TYPE_BOOLEAN && bind->arg_types[1]->kind != LV_TYPE_VOID)
            return lv_bind_mismatch(function, bind, 1, "\"BOOLEAN\"", err);
        if (bind->arg_literals == NULL || bind->arg_literals[1] == NULL)
            return LV_FAIL(
                err, LV_DATATYPE_MISMATCH_NON_FOLDABLE,
                "the input `ascendingOrder` should be a foldable \"BOOLEAN\" expression");
        bind->arg_types[1] = lv_type_of(LV_TYPE_BOOLEAN);
    }
    lv_bind_result(bind, bind->arg_types[0], true, kernel_sort);
    return LV_OK;
}

/* ---- array_min, array_max -------------------------------------------------------------------- */

static lv_status kernel_extreme(const lv_call *call, lv_eval *eval, const lv_vector *args,
                                int64_t rows, lv_vector *out, lv_error *err)
{
    lv_items items;
    bool want_max = call->function->op == EXTREME_MAX;
    lv_items_of(eval->arena, &args[0], &items);
    const lv_vector *v = &items.children[0];
    int32_t *best = lv_arena_alloc(eval->arena, sizeof *best * (size_t)rows);
    for (int64_t i = 0; i < rows; i++) {
        best[i] = -1;
        for (int32_t e = items.offsets[i]; e < items.offsets[i + 1]; e++) {
            if (lv_vector_is_null(v, e))
                continue;
            int order = best[i] < 0 ? 0 : lv_value_compare(v, e, v, best[i]);
            if (best[i] < 0 || (want_max ? order > 0 : order < 0))
                best[i] = e;
        }
    }
    lv_vector_take(eval->arena, v, best, rows, out);
    return LV_OK;
}

lv_status lv_bind_array_extreme(const lv_function *function, lv_bind *bind, lv_error *err)
{
    LV_TRY(lv_bind_list(function, bind, 0, LV_TYPE_ARRAY, err));
    const lv_type *type = bind->arg_types[0]->fields[0].type;
    LV_TRY(lv_bind_orderable(function, bind, type, err));
    lv_bind_result(bind, type, true, kernel_extreme);
    bind->nullable = true;
    return LV_OK;
}
