/* dictionary.c: see dictionary.h. */
#include "parquet/dictionary.h"

#include <nmmintrin.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/check.h"
#include "base/hash.h"

enum { FIRST_SLOTS = 256, BLOCK = 256 };
enum { LOAD_MAX = 3 }; /* a table is at most 1/LOAD_MAX full */

static void *must(void *p)
{
    if (p == NULL) {
        fprintf(stderr, "levada: out of memory (Parquet dictionary)\n");
        abort();
    }
    return p;
}

static void clear_slots(lv_pq_dictionary *d, uint32_t count)
{
    if (count > d->slot_capacity) {
        free(d->slots);
        d->slots = must(malloc(sizeof *d->slots * count));
        d->slot_capacity = count;
    }
    memset(d->slots, 0xFF, sizeof *d->slots * count);
    d->slot_mask = count - 1;
}

void lv_pq_dictionary_init(lv_pq_dictionary *d, unsigned value_size)
{
    *d = (lv_pq_dictionary){.value_size = value_size};
    clear_slots(d, FIRST_SLOTS);
}

void lv_pq_dictionary_release(lv_pq_dictionary *d)
{
    for (int i = 0; i < LV_PQ_REMAP_COUNT; i++) {
        free(d->remaps[i].codes);
        free(d->remaps[i].used);
    }
    free(d->slots);
    free(d->offsets);
    free(d->hashes);
    lv_sbuf_release(&d->body);
}

static void forget(lv_pq_remap *remap)
{
    for (uint32_t i = 0; i < remap->used_count; i++)
        remap->codes[remap->used[i]] = LV_PQ_NO_CODE;
    remap->used_count = 0;
}

void lv_pq_dictionary_reset(lv_pq_dictionary *d)
{
    if (d->count > 0) /* small again: a small file after a large one stays cheap */
        clear_slots(d, FIRST_SLOTS);
    d->last_count = d->count;
    d->count = d->hashed_count = d->extreme_count = 0;
    d->source_id = 0;
    lv_sbuf_clear(&d->body);
    for (int i = 0; i < LV_PQ_REMAP_COUNT; i++)
        forget(&d->remaps[i]);
}

/* Slots for the next table, which is more than twice as large if the chunk before needed that. */
static uint32_t next_slot_count(const lv_pq_dictionary *d)
{
    uint32_t count = (d->slot_mask + 1) * 2;
    while (count / LOAD_MAX <= d->last_count && count < 1u << 30)
        count *= 2;
    return count;
}

/* ---- numbers --------------------------------------------------------------------------------- */

static inline uint32_t hash_u64(uint64_t value)
{
    return (uint32_t)_mm_crc32_u64(0, value);
}
static inline uint32_t hash_u32(uint32_t value)
{
    return _mm_crc32_u32(0, value);
}

#define TYPE    uint32_t
#define NAME(x) x##_u32
#include "parquet/dictionary_numbers.inc.h"
#undef TYPE
#undef NAME

#define TYPE    uint64_t
#define NAME(x) x##_u64
#include "parquet/dictionary_numbers.inc.h"
#undef TYPE
#undef NAME

void lv_pq_dictionary_add(lv_pq_dictionary *d, const void *values, size_t count, uint32_t *codes)
{
    if (d->value_size == sizeof(uint32_t))
        add_all_u32(d, values, count, codes);
    else
        add_all_u64(d, values, count, codes);
}

/* ---- strings --------------------------------------------------------------------------------- */

static void put_slot(lv_pq_dictionary *d, uint32_t code)
{
    uint32_t at = d->hashes[code] & d->slot_mask;
    while (d->slots[at] != LV_PQ_NO_CODE)
        at = (at + 1) & d->slot_mask;
    d->slots[at] = code;
}

static void make_room_in_slots(lv_pq_dictionary *d)
{
    if (d->count * LOAD_MAX <= d->slot_mask)
        return;
    while (d->count * LOAD_MAX > d->slot_mask)
        clear_slots(d, next_slot_count(d));
    for (uint32_t code = 0; code < d->hashed_count; code++)
        put_slot(d, code);
}

static uint32_t hash_of(lv_str value)
{
    return (uint32_t)lv_hash_bytes(value.ptr, value.len, 0);
}

/* Strings that were added without a look-up go into the slots. */
static LV_NOINLINE void hash_the_rest(lv_pq_dictionary *d)
{
    make_room_in_slots(d);
    for (; d->hashed_count < d->count; d->hashed_count++) {
        d->hashes[d->hashed_count] = hash_of(lv_pq_dictionary_str(d, d->hashed_count));
        put_slot(d, d->hashed_count);
    }
}

/* Puts the newest string among the least (sign -1) or the greatest (1) if it belongs there. */
static void note_extreme(const lv_pq_dictionary *d, uint32_t *extremes, uint32_t code, int sign)
{
    lv_str value = lv_pq_dictionary_str(d, code);
    uint32_t at = d->extreme_count;
    while (at > 0 && sign * lv_str_cmp(value, lv_pq_dictionary_str(d, extremes[at - 1])) > 0) {
        if (at < LV_PQ_EXTREMES)
            extremes[at] = extremes[at - 1];
        at--;
    }
    if (at < LV_PQ_EXTREMES)
        extremes[at] = code;
}

/* Adds a string that is new, but not to the slots. */
static uint32_t append_str(lv_pq_dictionary *d, lv_str value)
{
    if (d->count == d->entry_capacity) {
        d->entry_capacity = LV_MAX(d->entry_capacity * 2, 256u);
        d->offsets = must(realloc(d->offsets, sizeof *d->offsets * d->entry_capacity));
        d->hashes = must(realloc(d->hashes, sizeof *d->hashes * d->entry_capacity));
    }
    uint32_t code = d->count++, len = (uint32_t)value.len;
    LV_ASSERT(value.len <= INT32_MAX && d->body.len + 4 + value.len <= UINT32_MAX);
    lv_sbuf_add(&d->body, &len, 4);
    d->offsets[code] = (uint32_t)d->body.len;
    lv_sbuf_add_str(&d->body, value);
    note_extreme(d, d->least, code, -1);
    note_extreme(d, d->greatest, code, 1);
    d->extreme_count = LV_MIN(d->count, (uint32_t)LV_PQ_EXTREMES);
    return code;
}

uint32_t lv_pq_dictionary_add_str(lv_pq_dictionary *d, lv_str value)
{
    d->source_id = 0;
    if (d->hashed_count < d->count)
        hash_the_rest(d);
    uint32_t hash = hash_of(value), at = hash & d->slot_mask, code;
    while ((code = d->slots[at]) != LV_PQ_NO_CODE) {
        if (d->hashes[code] == hash && lv_str_eq(lv_pq_dictionary_str(d, code), value))
            return code;
        at = (at + 1) & d->slot_mask;
    }
    code = append_str(d, value);
    d->hashes[code] = hash;
    d->slots[at] = code;
    d->hashed_count = d->count;
    make_room_in_slots(d);
    return code;
}

lv_pq_remap *lv_pq_dictionary_remap(lv_pq_dictionary *d, const lv_dict *from)
{
    lv_pq_remap *remap = NULL;
    for (int i = 0; i < LV_PQ_REMAP_COUNT && remap == NULL; i++)
        if (d->remaps[i].dict_id == from->id)
            remap = &d->remaps[i];
    if (remap == NULL) {
        remap = &d->remaps[d->remap_next++ % LV_PQ_REMAP_COUNT];
        forget(remap);
        remap->dict_id = from->id;
    }
    if (remap->capacity < from->count) {
        uint32_t capacity = LV_MAX(from->count, LV_MAX(remap->capacity * 2, 256u));
        remap->codes = must(realloc(remap->codes, sizeof *remap->codes * capacity));
        memset(remap->codes + remap->capacity, 0xFF,
               sizeof *remap->codes * (capacity - remap->capacity));
        remap->capacity = capacity;
    }
    return remap;
}

uint32_t lv_pq_dictionary_remap_add(lv_pq_dictionary *d, lv_pq_remap *remap, const lv_dict *from,
                                    uint32_t code)
{
    if (remap->used_count == remap->used_capacity) {
        remap->used_capacity = LV_MAX(remap->used_capacity * 2, 256u);
        remap->used = must(realloc(remap->used, sizeof *remap->used * remap->used_capacity));
    }
    remap->used[remap->used_count++] = code;
    if (d->count == 0)
        d->source_id = from->id;
    remap->codes[code] = d->source_id == from->id ? append_str(d, from->values[code])
                                                  : lv_pq_dictionary_add_str(d, from->values[code]);
    return remap->codes[code];
}
