/* murmur.h: the steps of Murmur3 of 32 bits, from which hash() and the seeds of rand() are made.
 * Source: github.com/aappleby/smhasher, MurmurHash3_x86_32. Private to compute/. */
#ifndef LV_COMPUTE_MURMUR_H
#define LV_COMPUTE_MURMUR_H

#include <stdint.h>

static inline uint32_t lv_murmur_rotate(uint32_t x, int by)
{
    return x << by | x >> (32 - by);
}

/** Takes in four bytes, the lowest first. */
static inline uint32_t lv_murmur_step(uint32_t h, uint32_t k)
{
    k = lv_murmur_rotate(k * 0xCC9E2D51u, 15) * 0x1B873593u;
    return lv_murmur_rotate(h ^ k, 13) * 5 + 0xE6546B64u;
}

/** The hash, after `len` bytes. */
static inline uint32_t lv_murmur_end(uint32_t h, uint32_t len)
{
    h ^= len;
    h = (h ^ h >> 16) * 0x85EBCA6Bu;
    h = (h ^ h >> 13) * 0xC2B2AE35u;
    return h ^ h >> 16;
}

#endif
