/* lists.c: the items of arrays and maps as plain vectors, and lists made of such.
 *
 * Offsets of a list need not begin at 0, and null rows may have items that nobody sees; functions over items want
 * neither. Where a list has no gaps, which is the rule, its children are used as they are. */
#include "compute/compute_int.h"

int32_t *lv_offsets_of(lv_arena *arena, const int32_t *counts, int64_t rows)
{
    int32_t *offsets = lv_arena_alloc(arena, sizeof *offsets * (size_t)(rows + 1));
    offsets[0] = 0;
    for (int64_t i = 0; i < rows; i++)
        offsets[i + 1] = offsets[i] + counts[i];
    return offsets;
}

static bool has_gaps(const lv_vector *list)
{
    if (list->offsets[0] != 0)
        return true;
    for (int64_t i = 0; list->validity != NULL && i < list->length; i++)
        if (!lv_bit_get(list->validity, i) && list->offsets[i] != list->offsets[i + 1])
            return true;
    return false;
}

void lv_items_of(lv_arena *arena, const lv_vector *list, lv_items *out)
{
    list = lv_vector_flatten(arena, list);
    *out = (lv_items){.row_count = list->length, .offsets = list->offsets};
    const lv_vector *children = list->children;
    if (has_gaps(list)) {
        int32_t *rows = lv_arena_alloc(arena, sizeof *rows * (size_t)LV_MAX(list->length, 1));
        for (int64_t i = 0; i < list->length; i++)
            rows[i] = (int32_t)i;
        lv_vector *compact = LV_NEW(arena, lv_vector);
        lv_vector_take(arena, list, rows, list->length, compact);
        out->offsets = compact->offsets;
        children = compact->children;
    }
    out->count = out->offsets[list->length];
    lv_vector *cut = LV_NEW_ARRAY(arena, lv_vector, list->child_count);
    for (int f = 0; f < list->child_count; f++) {
        cut[f] = children[f];
        cut[f].length = out->count;
    }
    out->children = cut;
}

int32_t *lv_items_rows(lv_arena *arena, const lv_items *items)
{
    int32_t *rows = lv_arena_alloc(arena, sizeof *rows * (size_t)LV_MAX(items->count, 1));
    for (int64_t i = 0; i < items->row_count; i++)
        for (int32_t e = items->offsets[i]; e < items->offsets[i + 1]; e++)
            rows[e] = (int32_t)i;
    return rows;
}

void lv_items_positions(lv_arena *arena, const lv_items *items, lv_vector *out)
{
    lv_vector_init_flat(out, arena, lv_type_of(LV_TYPE_INT), items->count);
    int32_t *positions = out->data;
    for (int64_t i = 0; i < items->row_count; i++)
        for (int32_t e = items->offsets[i]; e < items->offsets[i + 1]; e++)
            positions[e] = e - items->offsets[i];
}

void lv_list_make(lv_arena *arena, const lv_type *type, int64_t rows, uint64_t *validity,
                  int32_t *offsets, const lv_vector *const *children, lv_vector *out)
{
    *out = (lv_vector){.type = type,
                       .encoding = LV_FLAT,
                       .length = rows,
                       .validity = validity,
                       .offsets = offsets,
                       .child_count = type->field_count,
                       .children = LV_NEW_ARRAY(arena, lv_vector, type->field_count)};
    for (int f = 0; f < type->field_count; f++)
        out->children[f] = *children[f];
}
