/* array_order.c: sorting, and the least and greatest item of arrays. */
#include "compute/compute_int.h"

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
