/* hash.c: see hash.h. */
#include "base/hash.h"

#include <nmmintrin.h>
#include <string.h>
#include <wmmintrin.h>
#include <zlib.h>

static inline uint64_t crc32c_word(uint64_t crc, const unsigned char *p)
{
    uint64_t word;
    memcpy(&word, p, sizeof word);
    return _mm_crc32_u64(crc, word);
}

enum { CRC32C_LANE = 1024 };

/* Three lanes of CRC32C_LANE bytes side by side, since the instruction takes three cycles but can
 * begin every cycle; a multiplication moves the first two lanes' sums behind the third. The constants
 * are x^(8n - 33) modulo the polynomial, bit-reflected, for one and for two lanes of n bytes. */
__attribute__((target("pclmul,sse4.2"))) static uint64_t
crc32c_lanes(uint64_t crc, const unsigned char *p, size_t count)
{
    const __m128i by_lanes = _mm_set_epi64x(0x170076fa, 0xa51b6135);
    for (; count > 0; count--, p += 3 * CRC32C_LANE) {
        uint64_t a = crc, b = 0, c = 0;
        for (int i = 0; i < CRC32C_LANE; i += 8) {
            a = crc32c_word(a, p + i);
            b = crc32c_word(b, p + CRC32C_LANE + i);
            c = crc32c_word(c, p + 2 * CRC32C_LANE + i);
        }
        __m128i moved =
            _mm_xor_si128(_mm_clmulepi64_si128(_mm_cvtsi64_si128((int64_t)a), by_lanes, 0x00),
                          _mm_clmulepi64_si128(_mm_cvtsi64_si128((int64_t)b), by_lanes, 0x10));
        crc = c ^ _mm_crc32_u64(0, (uint64_t)_mm_cvtsi128_si64(moved));
    }
    return crc;
}

uint32_t lv_crc32c(uint32_t crc, const void *bytes, size_t len)
{
    const unsigned char *p = bytes;
    uint64_t c = ~crc;
    size_t lanes = len / (3 * (size_t)CRC32C_LANE);
    if (lanes > 0 && __builtin_cpu_supports("pclmul")) {
        c = crc32c_lanes(c, p, lanes);
        p += lanes * 3 * CRC32C_LANE;
        len -= lanes * 3 * CRC32C_LANE;
    }
    for (; len >= 8; p += 8, len -= 8)
        c = crc32c_word(c, p);
    for (; len > 0; p++, len--)
        c = _mm_crc32_u8((uint32_t)c, *p);
    return ~(uint32_t)c;
}

/* Folds whole 16-byte blocks (64 bytes at least) by carry-less multiplication. The constants are
 * powers of x modulo the polynomial, bit-reflected. Source: Gopal et al., "Fast CRC Computation for
 * Generic Polynomials Using PCLMULQDQ Instruction", Intel 2009. `crc` is not yet inverted back. */
__attribute__((target("pclmul,sse4.1"))) static uint32_t
crc32_fold(uint32_t crc, const unsigned char *p, size_t len)
{
    const __m128i by_64 = _mm_set_epi64x(0x01c6e41596, 0x0154442bd4),
                  by_16 = _mm_set_epi64x(0x00ccaa009e, 0x01751997d0);
    const __m128i reduce = _mm_set_epi64x(0x01f7011641, 0x01db710641),
                  low32 = _mm_set_epi32(0, -1, 0, -1);
    __m128i x[4];
    for (int i = 0; i < 4; i++)
        x[i] = _mm_loadu_si128((const __m128i *)(const void *)(p + 16 * i));
    x[0] = _mm_xor_si128(x[0], _mm_cvtsi32_si128((int)crc));
    for (p += 64, len -= 64; len >= 64; p += 64, len -= 64)
        for (int i = 0; i < 4; i++) {
            __m128i next = _mm_loadu_si128((const __m128i *)(const void *)(p + 16 * i));
            __m128i low = _mm_clmulepi64_si128(x[i], by_64, 0x00),
                    high = _mm_clmulepi64_si128(x[i], by_64, 0x11);
            x[i] = _mm_xor_si128(_mm_xor_si128(low, high), next);
        }
    __m128i sum = x[0];
    for (int i = 1; i < 4; i++) {
        __m128i low = _mm_clmulepi64_si128(sum, by_16, 0x00),
                high = _mm_clmulepi64_si128(sum, by_16, 0x11);
        sum = _mm_xor_si128(_mm_xor_si128(low, high), x[i]);
    }
    for (; len >= 16; p += 16, len -= 16) {
        __m128i next = _mm_loadu_si128((const __m128i *)(const void *)p);
        __m128i low = _mm_clmulepi64_si128(sum, by_16, 0x00),
                high = _mm_clmulepi64_si128(sum, by_16, 0x11);
        sum = _mm_xor_si128(_mm_xor_si128(low, high), next);
    }
    /* 128 bits to 64, to 32, then Barrett's reduction. */
    sum = _mm_xor_si128(_mm_clmulepi64_si128(sum, by_16, 0x10), _mm_srli_si128(sum, 8));
    __m128i high = _mm_srli_si128(sum, 4);
    sum = _mm_xor_si128(
        _mm_clmulepi64_si128(_mm_and_si128(sum, low32), _mm_cvtsi64_si128(0x0163cd6124), 0x00),
        high);
    __m128i quotient =
        _mm_and_si128(_mm_clmulepi64_si128(_mm_and_si128(sum, low32), reduce, 0x10), low32);
    sum = _mm_xor_si128(sum, _mm_clmulepi64_si128(quotient, reduce, 0x00));
    return (uint32_t)_mm_extract_epi32(sum, 1);
}

uint32_t lv_crc32(uint32_t crc, const void *bytes, size_t len)
{
    const unsigned char *p = bytes;
    if (len >= 64 && __builtin_cpu_supports("pclmul")) {
        size_t whole = len & ~(size_t)15;
        crc = ~crc32_fold(~crc, p, whole);
        p += whole;
        len -= whole;
    }
    return len == 0 ? crc : (uint32_t)crc32_z(crc, p, len);
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
