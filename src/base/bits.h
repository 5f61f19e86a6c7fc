/* bits.h: bitmaps as Arrow has them: bit i is bit i%64 of word i/64; set means valid or true. */
#ifndef LV_BASE_BITS_H
#define LV_BASE_BITS_H

#include <string.h>

#include "base/compiler.h"

#define LV_BITMAP_WORDS(bits) (((size_t)(bits) + 63) / 64)

static inline bool lv_bit_get(const uint64_t *map, int64_t i)
{
    return map[i >> 6] >> (i & 63) & 1;
}
static inline void lv_bit_set(uint64_t *map, int64_t i)
{
    map[i >> 6] |= (uint64_t)1 << (i & 63);
}
static inline void lv_bit_clear(uint64_t *map, int64_t i)
{
    map[i >> 6] &= ~((uint64_t)1 << (i & 63));
}
static inline void lv_bit_put(uint64_t *map, int64_t i, bool on)
{
    map[i >> 6] = (map[i >> 6] & ~((uint64_t)1 << (i & 63))) | (uint64_t)on << (i & 63);
}
/** The mask of the last word of a map of `bits` bits (all ones when it is full). */
static inline uint64_t lv_bits_tail_mask(int64_t bits)
{
    return bits & 63 ? ((uint64_t)1 << (bits & 63)) - 1 : ~(uint64_t)0;
}
/** Number of set bits among the first `bits`; `map` NULL means all set. */
static inline int64_t lv_bits_count(const uint64_t *map, int64_t bits)
{
    if (map == NULL)
        return bits;
    int64_t count = 0;
    for (int64_t w = 0; w < bits / 64; w++)
        count += __builtin_popcountll(map[w]);
    if (bits & 63)
        count += __builtin_popcountll(map[bits / 64] & lv_bits_tail_mask(bits));
    return count;
}

#endif
