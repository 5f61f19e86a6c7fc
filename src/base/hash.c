/* hash.c: see hash.h. */
#include "base/hash.h"

#include <nmmintrin.h>
#include <string.h>
#include <zlib.h>

uint32_t lv_crc32c(uint32_t crc, const void *bytes, size_t len)
{
    const unsigned char *p = bytes;
    uint64_t c = ~crc;
    for (; len >= 8; p += 8, len -= 8) {
        uint64_t word;
        memcpy(&word, p, 8);
        c = _mm_crc32_u64(c, word);
    }
    for (; len > 0; p++, len--)
        c = _mm_crc32_u8((uint32_t)c, *p);
    return ~(uint32_t)c;
}

uint32_t lv_crc32(uint32_t crc, const void *bytes, size_t len)
{
    return (uint32_t)crc32_z(crc, bytes, len);
}

/* Two crc32 lanes with different starts, then a mix: a few cycles for keys up to 32 bytes. */
uint64_t lv_hash_bytes(const void *bytes, size_t len, uint64_t seed)
{
    const unsigned char *p = bytes;
    uint64_t a = seed ^ len, b = (seed >> 32) + 0x9E3779B9u;
    for (; len >= 8; p += 8, len -= 8) {
        uint64_t word;
        memcpy(&word, p, 8);
        a = _mm_crc32_u64(a, word);
        b = _mm_crc32_u64(b, word * 0x9E3779B97F4A7C15u);
    }
    if (len > 0) {
        uint64_t word = 0;
        memcpy(&word, p, len);
        a = _mm_crc32_u64(a, word);
        b = _mm_crc32_u64(b, word * 0x9E3779B97F4A7C15u);
    }
    return lv_hash_u64(a << 32 | (b & 0xFFFFFFFFu));
}
