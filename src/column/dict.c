/* dict.c: the interner: open addressing, kept at most half full.
 *
 * A slot holds enough of its string to decide most look-ups alone, so that one costs one cache miss:
 * strings up to 16 bytes are in it as a whole (as two words that overlap), of longer ones a hash of 64
 * bits, which only then is followed by a comparison. */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/check.h"
#include "base/hash.h"
#include "column/vector.h"

enum { FIRST_SLOTS = 256, MANY = 64, INLINE_BYTES = 16 };
static const uint32_t EMPTY = UINT32_MAX;

struct lv_dict_slot {
    uint64_t low, high; /* the string's print */
    uint32_t hash;
    uint32_t len;
    uint32_t code; /* EMPTY: free */
    uint32_t unused;
};

/* What a slot remembers of a string. */
typedef struct print {
    uint64_t low, high;
    uint32_t hash;
} print;

static void *must(void *p)
{
    if (p == NULL) {
        fprintf(stderr, "levada: out of memory (dictionary)\n");
        abort();
    }
    return p;
}

static uint64_t load(const char *p, size_t bytes)
{
    uint64_t word = 0;
    memcpy(&word, p, bytes);
    return word;
}

static inline uint64_t load8(const char *p)
{
    uint64_t word;
    memcpy(&word, p, sizeof word);
    return word;
}

/* Strings of other than 8 to 16 bytes. */
static LV_NOINLINE void load_odd(const lv_dict *dict, lv_str s, print *out)
{
    print p = {0, 0, 0};
    LV_ASSERT(s.len <= INT32_MAX);
    if (s.len > INLINE_BYTES) {
        p.low = load8(s.ptr);
        p.high = lv_hash_bytes(s.ptr, s.len, dict->seed);
    } else if (s.len > 0) {
        p.low = load(s.ptr, s.len);
    }
    *out = p;
}

static inline print print_of(const lv_dict *dict, lv_str s)
{
    print p;
    if (LV_LIKELY(s.len - 8 <= INLINE_BYTES - 8))
        p = (print){load8(s.ptr), load8(s.ptr + s.len - 8), 0};
    else
        load_odd(dict, s, &p);
    /* A product's upper bits know all bits of its factor, its lower bits only those below them. */
    uint64_t mixed = (p.low ^ dict->seed) * 0x9E3779B97F4A7C15u;
    mixed = (mixed ^ mixed >> 32) + (p.high ^ s.len);
    p.hash = (uint32_t)((mixed ^ mixed >> 32) * 0xD6E8FEB86659FD93u >> 32);
    return p;
}

static void make_slots(lv_dict *dict, uint32_t count)
{
    struct lv_dict_slot *old = dict->slots;
    uint32_t old_count = old ? dict->slot_mask + 1 : 0;
    dict->slots = must(aligned_alloc(64, sizeof *dict->slots * count));
    memset(dict->slots, 0xFF, sizeof *dict->slots * count);
    dict->slot_mask = count - 1;
    for (uint32_t i = 0; i < old_count; i++) {
        if (old[i].code == EMPTY)
            continue;
        uint32_t at = old[i].hash & dict->slot_mask;
        while (dict->slots[at].code != EMPTY)
            at = (at + 1) & dict->slot_mask;
        dict->slots[at] = old[i];
    }
    free(old);
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
    dict->seed = lv_hash_u64((uint64_t)(uintptr_t)dict ^
                             dict->id << 48); /* strings made to collide cannot know it */
    dict->capacity = FIRST_SLOTS / 2;
    dict->values = must(malloc(sizeof *dict->values * dict->capacity));
    make_slots(dict, FIRST_SLOTS);
    return dict;
}

void lv_dict_free(lv_dict *dict)
{
    if (dict == NULL)
        return;
    lv_arena_release(&dict->bytes);
    free(dict->values);
    free(dict->slots);
    free(dict);
}

static void grow(lv_dict *dict)
{
    LV_ASSERT(dict->capacity < UINT32_MAX / 4);
    dict->capacity *= 2;
    dict->values = must(realloc(dict->values, sizeof *dict->values * dict->capacity));
    make_slots(dict, dict->capacity * 2);
}

static LV_NOINLINE uint32_t add(lv_dict *dict, lv_str s, print p)
{
    if (dict->count == dict->capacity)
        grow(dict);
    uint32_t code = dict->count++, at = p.hash & dict->slot_mask;
    while (dict->slots[at].code != EMPTY)
        at = (at + 1) & dict->slot_mask;
    dict->values[code] = lv_str_dup(&dict->bytes, s);
    dict->slots[at] = (struct lv_dict_slot){p.low, p.high, p.hash, (uint32_t)s.len, code, 0};
    return code;
}

static inline uint32_t intern(lv_dict *dict, lv_str s, print p)
{
    uint32_t at = p.hash & dict->slot_mask;
    for (const struct lv_dict_slot *slot; (slot = &dict->slots[at])->code != EMPTY;
         at = (at + 1) & dict->slot_mask) {
        bool same = slot->low == p.low && slot->high == p.high && slot->len == s.len;
        if (same && (s.len <= INLINE_BYTES || lv_str_eq(dict->values[slot->code], s)))
            return slot->code;
    }
    return add(dict, s, p);
}

uint32_t lv_dict_intern(lv_dict *dict, lv_str s)
{
    return intern(dict, s, print_of(dict, s));
}

void lv_dict_intern_many(lv_dict *dict, const lv_str *strings, uint64_t valid, int count,
                         uint32_t *codes)
{
    print prints[MANY];
    const struct lv_dict_slot *slots = dict->slots;
    uint32_t slot_mask = dict->slot_mask;
    LV_ASSERT(count <= MANY);
    for (int i = 0; i < count; i++) {
        if (LV_UNLIKELY(!(valid >> i & 1)))
            continue;
        prints[i] = print_of(dict, strings[i]);
        __builtin_prefetch(&slots[prints[i].hash & slot_mask]);
    }
    for (int i = 0; i < count; i++) {
        codes[i] = 0;
        if (LV_LIKELY(valid >> i & 1))
            codes[i] = intern(dict, strings[i], prints[i]);
    }
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
