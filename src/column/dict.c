/* dict.c: the interner: open addressing over 32-bit hashes, kept at most half full. */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/check.h"
#include "base/hash.h"
#include "column/vector.h"

enum { FIRST_SLOTS = 256 };
static const uint32_t EMPTY = UINT32_MAX;

static void *must(void *p)
{
    if (p == NULL) {
        fprintf(stderr, "levada: out of memory (dictionary)\n");
        abort();
    }
    return p;
}

static void make_slots(lv_dict *dict, uint32_t count)
{
    free(dict->slots);
    dict->slots = must(malloc(sizeof *dict->slots * count));
    memset(dict->slots, 0xFF, sizeof *dict->slots * count);
    dict->slot_mask = count - 1;
    for (uint32_t code = 0; code < dict->count; code++) {
        uint32_t at = dict->hashes[code] & dict->slot_mask;
        while (dict->slots[at] != EMPTY)
            at = (at + 1) & dict->slot_mask;
        dict->slots[at] = code;
    }
}

static uint64_t new_id(void)
{
    static atomic_uint_fast64_t next_id = 1;
    return atomic_fetch_add(&next_id, 1);
}

lv_dict *lv_dict_new(void)
{
    lv_dict *dict = must(calloc(1, sizeof *dict));
    lv_arena_init(&dict->bytes);
    dict->id = new_id();
    dict->capacity = FIRST_SLOTS / 2;
    dict->values = must(malloc(sizeof *dict->values * dict->capacity));
    dict->hashes = must(malloc(sizeof *dict->hashes * dict->capacity));
    make_slots(dict, FIRST_SLOTS);
    return dict;
}

void lv_dict_free(lv_dict *dict)
{
    if (dict == NULL)
        return;
    lv_arena_release(&dict->bytes);
    free(dict->values);
    free(dict->hashes);
    free(dict->slots);
    free(dict);
}

uint32_t lv_dict_hash(lv_str s)
{
    return (uint32_t)lv_hash_bytes(s.ptr, s.len, 0);
}

static void grow(lv_dict *dict)
{
    LV_ASSERT(dict->capacity < UINT32_MAX / 4);
    dict->capacity *= 2;
    dict->values = must(realloc(dict->values, sizeof *dict->values * dict->capacity));
    dict->hashes = must(realloc(dict->hashes, sizeof *dict->hashes * dict->capacity));
    make_slots(dict, dict->capacity * 2);
}

uint32_t lv_dict_intern_hashed(lv_dict *dict, lv_str s, uint32_t hash)
{
    uint32_t at = hash & dict->slot_mask;
    for (uint32_t code; (code = dict->slots[at]) != EMPTY; at = (at + 1) & dict->slot_mask)
        if (dict->hashes[code] == hash && lv_str_eq(dict->values[code], s))
            return code;
    if (dict->count == dict->capacity) {
        grow(dict);
        return lv_dict_intern_hashed(dict, s, hash);
    }
    uint32_t code = dict->count++;
    dict->values[code] = lv_str_dup(&dict->bytes, s);
    dict->hashes[code] = hash;
    dict->slots[at] = code;
    return code;
}

uint32_t lv_dict_intern(lv_dict *dict, lv_str s)
{
    return lv_dict_intern_hashed(dict, s, lv_dict_hash(s));
}

const lv_dict *lv_dict_make(lv_arena *arena, const lv_str *values, uint32_t count)
{
    lv_dict *dict = LV_NEW(arena, lv_dict);
    size_t total = 0;
    for (uint32_t i = 0; i < count; i++)
        total += values[i].len;
    char *bytes = lv_arena_alloc(arena, total);
    dict->values = LV_NEW_ARRAY(arena, lv_str, count);
    for (uint32_t i = 0; i < count; i++) {
        if (values[i].len > 0)
            memcpy(bytes, values[i].ptr, values[i].len);
        dict->values[i] = (lv_str){bytes, values[i].len};
        bytes += values[i].len;
    }
    dict->count = dict->capacity = count;
    dict->id = new_id();
    return dict;
}
