/* value_set.c: sets of values of any type, for functions that ask whether a list has a value already. Few values are
 * compared one by one; more go into an open-addressing table of their hashes. */
#include "base/double.h"
#include "base/hash.h"
#include "compute/compute_int.h"

#define FEW 8

static uint64_t hash_number(const lv_vector *v, int64_t row)
{
    double value;
    switch (v->type->kind) {
    case LV_TYPE_FLOAT: value = (double)((const float *)v->data)[row]; break;
    case LV_TYPE_DOUBLE: value = ((const double *)v->data)[row]; break;
    default: {
        size_t size = lv_type_value_size(v->type);
        uint64_t bits[2] = {0, 0};
        memcpy(bits, (const char *)v->data + (size_t)row * size, size);
        return lv_hash_u64(bits[0] ^ lv_hash_u64(bits[1]));
    }
    }
    uint64_t bits;
    value = value == 0 ? 0.0 : value; /* -0.0 too */
    if (value != value)
        value = (double)__builtin_nanf("");
    memcpy(&bits, &value, sizeof bits);
    return lv_hash_u64(bits);
}

uint64_t lv_value_hash(const lv_vector *v, int64_t i)
{
    if (lv_vector_is_null(v, i) || v->type->kind == LV_TYPE_VOID)
        return 1;
    int64_t row = lv_vector_index(v, i);
    uint64_t hash = 7;
    if (lv_type_is_string_like(v->type)) {
        lv_str text = lv_vector_str(v, i);
        return lv_hash_bytes(text.ptr, text.len, 0);
    }
    if (v->type->kind == LV_TYPE_STRUCT) {
        for (int f = 0; f < v->child_count; f++)
            hash = lv_hash_u64(hash * 31 + lv_value_hash(&v->children[f], row));
        return hash;
    }
    if (v->offsets == NULL)
        return hash_number(v, row);
    for (int32_t e = v->offsets[row]; e < v->offsets[row + 1]; e++)
        for (int f = 0; f < v->child_count; f++)
            hash = lv_hash_u64(hash * 31 + lv_value_hash(&v->children[f], e));
    return hash;
}

void lv_value_set_init(lv_value_set *set, lv_arena *arena)
{
    *set = (lv_value_set){.arena = arena};
}

void lv_value_set_reset(lv_value_set *set, int64_t expected)
{
    set->count = 0;
    if (expected > set->capacity) {
        int32_t capacity = 64;
        while (capacity < expected)
            capacity *= 2;
        set->values = lv_arena_alloc(set->arena, sizeof set->values[0] * (size_t)capacity);
        set->slots = lv_arena_alloc(set->arena, sizeof set->slots[0] * (size_t)capacity * 2);
        set->capacity = capacity;
    }
    set->mask = 0;
    if (expected <= FEW)
        return;
    uint32_t size = FEW * 2;
    while (size < (uint64_t)expected * 2)
        size *= 2;
    memset(set->slots, 0xFF, sizeof set->slots[0] * size);
    set->mask = size - 1;
}

static bool is_value(const struct lv_value_ref *ref, uint64_t hash, const lv_vector *v, int64_t i)
{
    return ref->hash == hash && lv_value_compare(ref->vector, ref->index, v, i) == 0;
}

/* Where the value is, or the slot it would go to. */
static int32_t look_up(const lv_value_set *set, uint64_t hash, const lv_vector *v, int64_t i,
                       uint32_t *slot)
{
    if (set->mask == 0) {
        for (int32_t n = 0; n < set->count; n++)
            if (is_value(&set->values[n], hash, v, i))
                return n;
        return -1;
    }
    for (*slot = (uint32_t)hash & set->mask; set->slots[*slot] >= 0;
         *slot = (*slot + 1) & set->mask)
        if (is_value(&set->values[set->slots[*slot]], hash, v, i))
            return set->slots[*slot];
    return -1;
}

int32_t lv_value_set_find(const lv_value_set *set, const lv_vector *v, int64_t i)
{
    uint32_t slot;
    return set->count == 0 ? -1 : look_up(set, lv_value_hash(v, i), v, i, &slot);
}

bool lv_value_set_add(lv_value_set *set, const lv_vector *v, int64_t i)
{
    uint32_t slot = 0;
    uint64_t hash = lv_value_hash(v, i);
    if (look_up(set, hash, v, i, &slot) >= 0)
        return false;
    if (set->mask != 0)
        set->slots[slot] = set->count;
    set->values[set->count++] = (struct lv_value_ref){v, i, hash};
    return true;
}
