/* hash.h: checksums of formats and a hash for tables in memory. */
#ifndef LV_BASE_HASH_H
#define LV_BASE_HASH_H

#include "base/compiler.h"

/** CRC-32C (Castagnoli) of Kafka record batches; `crc` is 0 or the value so far. SSE4.2. */
uint32_t lv_crc32c(uint32_t crc, const void *bytes, size_t len);
/** CRC-32 (gzip) of Parquet pages and deletion vectors; `crc` is 0 or the value so far. */
uint32_t lv_crc32(uint32_t crc, const void *bytes, size_t len);
/** 64-bit hash for tables in memory; not stable between versions, never written to disk. */
uint64_t lv_hash_bytes(const void *bytes, size_t len, uint64_t seed);
/** Mixes one 64-bit value. */
static inline uint64_t lv_hash_u64(uint64_t x)
{
    x ^= x >> 32;
    x *= 0xD6E8FEB86659FD93u;
    x ^= x >> 32;
    x *= 0xD6E8FEB86659FD93u;
    return x ^ x >> 32;
}

#endif
