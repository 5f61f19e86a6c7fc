/* levels_assemble.c: see levels_assemble.h. */
#include "parquet/levels_assemble.h"

#include "base/check.h"

#define SPREAD(type)                                                                               \
    for (int64_t row = 0, i = 0; row < rows; row++)                                                \
        ((type *)to)[row] = lv_bit_get(validity, row) ? ((const type *)from)[i++] : zero_##type;   \
    break

/* Spreads values over the rows that are valid. */
static void spread(const void *from, void *to, size_t size, const uint64_t *validity, int64_t rows)
{
    static const uint8_t zero_uint8_t;
    static const uint16_t zero_uint16_t;
    static const uint32_t zero_uint32_t;
    static const uint64_t zero_uint64_t;
    static const lv_str zero_lv_str;
    switch (size) {
    case 1: SPREAD(uint8_t);
    case 2: SPREAD(uint16_t);
    case 4: SPREAD(uint32_t);
    case 8: SPREAD(uint64_t);
    default: SPREAD(lv_str);
    }
}

/* Validity of the slots: those of level `def` and above are valid. Returns their number. */
static int64_t make_validity(lv_arena *arena, const uint8_t *defs, int64_t count, uint8_t list_def,
                             uint8_t def, uint64_t **validity, int64_t *valid_count)
{
    int64_t slots = 0, valid = 0;
    *validity = lv_validity_new(arena, count, false);
    for (int64_t i = 0; i < count; i++) {
        if (defs[i] < list_def)
            continue;
        bool there = defs[i] >= def;
        (*validity)[slots >> 6] |= (uint64_t)there << (slots & 63);
        valid += there;
        slots++;
    }
    if (valid == slots)
        *validity = NULL;
    *valid_count = valid;
    return slots;
}

lv_status lv_pq_assemble_leaf(lv_arena *arena, const lv_pq_leaf *leaf, const lv_pq_node *node,
                              uint8_t list_def, lv_pq_leaf_rows *rows, lv_vector *out,
                              lv_error *err)
{
    *out = rows->values;
    if (rows->defs == NULL)
        return LV_OK;
    int64_t valid, count = rows->values.length;
    int64_t slots = make_validity(arena, rows->defs, rows->level_count, list_def, leaf->max_def,
                                  &out->validity, &valid);
    if (valid != count)
        return LV_FAIL(err, LV_PARQUET_CORRUPT,
                       "column %.*s has %lld values where its levels call for %lld",
                       LV_STR_ARG(node->name), (long long)count, (long long)valid);
    out->length = slots;
    if (out->validity == NULL)
        return LV_OK;
    size_t size = out->encoding == LV_DICTIONARY ? sizeof(uint32_t) : lv_type_value_size(out->type);
    out->data = lv_arena_alloc(arena, (size_t)slots * size); /* the values may be wanted twice */
    spread(rows->values.data, out->data, size, out->validity, slots);
    return LV_OK;
}

/* Levels of a leaf that left them out because all are the same. */
static const uint8_t *all_levels(lv_arena *arena, const lv_pq_leaf_rows *rows, uint8_t max_def)
{
    return rows->defs ? rows->defs
                      : memset(lv_arena_alloc(arena, (size_t)rows->level_count), max_def,
                               (size_t)rows->level_count);
}

static void make_offsets(const lv_pq_node *node, uint8_t list_rep, uint8_t list_def,
                         const uint8_t *defs, const uint8_t *reps, int64_t count, lv_vector *out)
{
    int64_t slot = -1;
    int32_t elements = 0;
    for (int64_t i = 0; i < count; i++) {
        if (reps[i] <= list_rep && defs[i] >= list_def)
            out->offsets[++slot] = elements;
        elements += reps[i] <= node->list_rep && defs[i] >= node->list_def;
    }
    out->offsets[out->length] = elements;
}

void lv_pq_assemble_group(lv_arena *arena, const lv_pq_node *node, const lv_pq_leaf *leaf,
                          uint8_t list_rep, uint8_t list_def, const lv_pq_leaf_rows *rows,
                          lv_vector *out)
{
    const uint8_t *defs = all_levels(arena, rows, leaf->max_def), *slot_defs = defs;
    int64_t count = rows->level_count, slot_count = count, valid;
    if (rows->reps != NULL) { /* entries that go on with a list inside a slot are none */
        uint8_t *first = lv_arena_alloc(arena, (size_t)count);
        slot_count = 0;
        for (int64_t i = 0; i < count; i++)
            if (rows->reps[i] <= list_rep)
                first[slot_count++] = defs[i];
        slot_defs = first;
    }
    *out = (lv_vector){.type = node->type, .encoding = LV_FLAT};
    out->length =
        make_validity(arena, slot_defs, slot_count, list_def, node->def, &out->validity, &valid);
    if (node->kind == LV_PQ_LIST_NODE) {
        out->offsets = lv_arena_alloc(arena, (size_t)(out->length + 1) * sizeof *out->offsets);
        make_offsets(node, list_rep, list_def, defs, rows->reps, count, out);
    }
}
