/* partition_groups.c: see partition_groups.h.
 *
 * A row is compared with the row before it first, since values come in runs; then it is looked up
 * by a hash of its values. No text is made per row. */
#include "delta/partition_groups.h"

#include "base/hash.h"

static bool same_value(const lv_vector *v, int64_t i, int64_t j)
{
    if (v->encoding == LV_CONSTANT)
        return true;
    bool i_null = lv_vector_is_null(v, i), j_null = lv_vector_is_null(v, j);
    if (i_null || j_null)
        return i_null == j_null;
    if (v->encoding == LV_DICTIONARY)
        return ((const uint32_t *)v->data)[i] == ((const uint32_t *)v->data)[j];
    if (lv_type_is_string_like(v->type))
        return lv_str_eq(LV_AT(lv_str, v, i), LV_AT(lv_str, v, j));
    size_t size = lv_type_value_size(v->type);
    return memcmp((const char *)v->data + (size_t)i * size,
                  (const char *)v->data + (size_t)j * size, size) == 0;
}

static uint64_t hash_value(const lv_vector *v, int64_t i, uint64_t seed)
{
    if (v->encoding == LV_CONSTANT || lv_vector_is_null(v, i))
        return lv_hash_u64(seed + 1);
    if (v->encoding == LV_DICTIONARY)
        return lv_hash_u64(seed ^ ((const uint32_t *)v->data)[i]);
    if (lv_type_is_string_like(v->type)) {
        lv_str s = LV_AT(lv_str, v, i);
        return lv_hash_bytes(s.ptr, s.len, seed);
    }
    size_t size = lv_type_value_size(v->type);
    return lv_hash_bytes((const char *)v->data + (size_t)i * size, size, seed);
}

typedef struct divider {
    lv_arena *arena;
    const lv_batch *batch;
    const int *columns;
    int count;
    lv_partition_groups *groups;
    int32_t *slots; /* group by hash, -1 empty */
    uint32_t mask;
} divider;

static bool same_row(const divider *d, int64_t i, int64_t j)
{
    for (int c = 0; c < d->count; c++)
        if (!same_value(&d->batch->columns[d->columns[c]], i, j))
            return false;
    return true;
}

static uint32_t find_slot(const divider *d, int64_t row)
{
    uint64_t hash = 0;
    for (int c = 0; c < d->count; c++)
        hash = hash_value(&d->batch->columns[d->columns[c]], row, hash);
    uint32_t at = (uint32_t)hash & d->mask;
    while (d->slots[at] >= 0 && !same_row(d, d->groups->at[d->slots[at]].rows.at[0], row))
        at = (at + 1) & d->mask;
    return at;
}

static void make_slots(divider *d, uint32_t count)
{
    d->mask = count - 1;
    d->slots = lv_arena_alloc(d->arena, sizeof *d->slots * count);
    memset(d->slots, 0xFF, sizeof *d->slots * count);
    for (size_t g = 0; g < d->groups->count; g++)
        d->slots[find_slot(d, d->groups->at[g].rows.at[0])] = (int32_t)g;
}

void lv_partition_divide(lv_arena *arena, const lv_batch *batch, const int *columns, int count,
                         lv_partition_groups *groups)
{
    divider d = {
        .arena = arena, .batch = batch, .columns = columns, .count = count, .groups = groups};
    int32_t group = -1;
    *groups = (lv_partition_groups){0};
    make_slots(&d, 64);
    for (int64_t row = 0; row < batch->length; row++) {
        if (group < 0 || !same_row(&d, row - 1, row)) {
            uint32_t slot = find_slot(&d, row);
            group = d.slots[slot];
            if (group < 0) {
                group = d.slots[slot] = (int32_t)groups->count;
                LV_VEC_PUSH(arena, *groups, (lv_partition_group){0});
            }
        }
        LV_VEC_PUSH(arena, groups->at[group].rows, (int32_t)row);
        if (groups->count * 2 > d.mask)
            make_slots(&d, (d.mask + 1) * 4);
    }
}
