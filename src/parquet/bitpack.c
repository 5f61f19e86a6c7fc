/* bitpack.c: see bitpack.h. Each kernel is one inline loop over 32 values with the width as a
 * constant, which the compiler unrolls into shifts and stores without a branch. */
#include "parquet/bitpack.h"

#include <string.h>

#ifdef __clang__
#define UNROLL _Pragma("clang loop unroll(full)")
#else
#define UNROLL _Pragma("GCC unroll 32")
#endif

/* clang-format off */
#define WIDTHS_8(X) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8)
#define WIDTHS_32(X) WIDTHS_8(X)                                                                   \
    X(9) X(10) X(11) X(12) X(13) X(14) X(15) X(16) X(17) X(18) X(19) X(20)                         \
    X(21) X(22) X(23) X(24) X(25) X(26) X(27) X(28) X(29) X(30) X(31) X(32)
#define WIDTHS_64(X) WIDTHS_32(X)                                                                  \
    X(33) X(34) X(35) X(36) X(37) X(38) X(39) X(40) X(41) X(42) X(43) X(44)                        \
    X(45) X(46) X(47) X(48) X(49) X(50) X(51) X(52) X(53) X(54) X(55) X(56)                        \
    X(57) X(58) X(59) X(60) X(61) X(62) X(63) X(64)
/* clang-format on */

static inline void store64(uint8_t *out, uint64_t word)
{
    memcpy(out, &word, 8);
}
static inline uint64_t load64(const uint8_t *in)
{
    uint64_t word;
    memcpy(&word, in, 8);
    return word;
}

/* Packs 32 values into 4 * width bytes. */
#define PACK_32(suffix, type)                                                                      \
    static LV_ALWAYS_INLINE void pack32_##suffix(const type *v, const unsigned width,              \
                                                 uint8_t *out)                                     \
    {                                                                                              \
        uint64_t word = 0;                                                                         \
        unsigned fill = 0;                                                                         \
        UNROLL                                                                                     \
        for (unsigned i = 0; i < 32; i++) {                                                        \
            word |= (uint64_t)v[i] << fill;                                                        \
            fill += width;                                                                         \
            if (fill >= 64) {                                                                      \
                store64(out, word);                                                                \
                out += 8;                                                                          \
                fill -= 64;                                                                        \
                word = fill == 0 ? 0 : (uint64_t)v[i] >> (width - fill);                           \
            }                                                                                      \
        }                                                                                          \
        if (fill > 0) { /* odd widths end with half a word */                                      \
            uint32_t half = (uint32_t)word;                                                        \
            memcpy(out, &half, 4);                                                                 \
        }                                                                                          \
    }
PACK_32(u8, uint8_t)
PACK_32(u32, uint32_t)
PACK_32(u64, uint64_t)

/* Unpacks 32 values; reads up to 8 bytes past their end. */
#define UNPACK_32(suffix, type)                                                                    \
    static LV_ALWAYS_INLINE void unpack32_##suffix(const uint8_t *in, const unsigned width,        \
                                                   type *out)                                      \
    {                                                                                              \
        const uint64_t mask = width == 64 ? ~(uint64_t)0 : ((uint64_t)1 << width) - 1;             \
        UNROLL                                                                                     \
        for (unsigned i = 0; i < 32; i++) {                                                        \
            unsigned bit = i * width, shift = bit & 7;                                             \
            uint64_t word = load64(in + bit / 8) >> shift;                                         \
            if (shift + width > 64)                                                                \
                word |= (uint64_t)in[bit / 8 + 8] << (64 - shift);                                 \
            out[i] = (type)(word & mask);                                                          \
        }                                                                                          \
    }
UNPACK_32(u32, uint32_t)
UNPACK_32(u64, uint64_t)

#define INSTANCES(suffix, type) typedef void pack_##suffix##_fn(const type *v, uint8_t *out);
INSTANCES(u8, uint8_t)
INSTANCES(u32, uint32_t)
INSTANCES(u64, uint64_t)
typedef void unpack_u32_fn(const uint8_t *in, uint32_t *out);
typedef void unpack_u64_fn(const uint8_t *in, uint64_t *out);

#define X(w)                                                                                       \
    static void pack_u8_##w(const uint8_t *v, uint8_t *out)                                        \
    {                                                                                              \
        pack32_u8(v, w, out);                                                                      \
    }
WIDTHS_8(X)
#undef X
#define X(w)                                                                                       \
    static void pack_u32_##w(const uint32_t *v, uint8_t *out)                                      \
    {                                                                                              \
        pack32_u32(v, w, out);                                                                     \
    }                                                                                              \
    static void unpack_u32_##w(const uint8_t *in, uint32_t *out)                                   \
    {                                                                                              \
        unpack32_u32(in, w, out);                                                                  \
    }
WIDTHS_32(X)
#undef X
#define X(w)                                                                                       \
    static void pack_u64_##w(const uint64_t *v, uint8_t *out)                                      \
    {                                                                                              \
        pack32_u64(v, w, out);                                                                     \
    }                                                                                              \
    static void unpack_u64_##w(const uint8_t *in, uint64_t *out)                                   \
    {                                                                                              \
        unpack32_u64(in, w, out);                                                                  \
    }
WIDTHS_64(X)
#undef X

#define X(w) [w] = pack_u8_##w,
static pack_u8_fn *const pack_u8[9] = {WIDTHS_8(X)};
#undef X
#define X(w) [w] = pack_u32_##w,
static pack_u32_fn *const pack_u32[33] = {WIDTHS_32(X)};
#undef X
#define X(w) [w] = pack_u64_##w,
static pack_u64_fn *const pack_u64[65] = {WIDTHS_64(X)};
#undef X
#define X(w) [w] = unpack_u32_##w,
static unpack_u32_fn *const unpack_u32[33] = {WIDTHS_32(X)};
#undef X
#define X(w) [w] = unpack_u64_##w,
static unpack_u64_fn *const unpack_u64[65] = {WIDTHS_64(X)};
#undef X

#define PACK(suffix, type)                                                                         \
    void lv_pq_pack_##suffix(const type *values, size_t count, unsigned width, uint8_t *out)       \
    {                                                                                              \
        if (width == 0)                                                                            \
            return;                                                                                \
        pack_##suffix##_fn *kernel = pack_##suffix[width];                                         \
        for (; count >= 32; count -= 32, values += 32, out += 4 * width)                           \
            kernel(values, out);                                                                   \
        if (count > 0) {                                                                           \
            type tail[32] = {0};                                                                   \
            uint8_t bytes[4 * 64];                                                                 \
            memcpy(tail, values, count * sizeof *values);                                          \
            kernel(tail, bytes);                                                                   \
            memcpy(out, bytes, lv_pq_packed_bytes(count, width));                                  \
        }                                                                                          \
    }
PACK(u8, uint8_t)
PACK(u32, uint32_t)
PACK(u64, uint64_t)

#define UNPACK(suffix, type)                                                                       \
    void lv_pq_unpack_##suffix(const uint8_t *in, size_t in_len, size_t count, unsigned width,     \
                               type *out)                                                          \
    {                                                                                              \
        if (width == 0) {                                                                          \
            memset(out, 0, count * sizeof *out);                                                   \
            return;                                                                                \
        }                                                                                          \
        unpack_##suffix##_fn *kernel = unpack_##suffix[width];                                     \
        const size_t step = 4 * width;                                                             \
        for (; count >= 32 && in_len >= step + 8;                                                  \
             count -= 32, in += step, in_len -= step, out += 32)                                   \
            kernel(in, out);                                                                       \
        while (count > 0) { /* near the end of the bytes, or fewer than 32 */                      \
            uint8_t bytes[4 * 64 + 8] = {0};                                                       \
            type tail[32];                                                                         \
            size_t n = LV_MIN(count, (size_t)32);                                                  \
            memcpy(bytes, in, lv_pq_packed_bytes(n, width));                                       \
            kernel(bytes, tail);                                                                   \
            memcpy(out, tail, n * sizeof *out);                                                    \
            count -= n;                                                                            \
            out += n;                                                                              \
            in += count > 0 ? step : 0;                                                            \
        }                                                                                          \
    }
UNPACK(u32, uint32_t)
UNPACK(u64, uint64_t)
