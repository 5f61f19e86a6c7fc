/* delta_packed.c: see delta_packed.h. */
#include "parquet/delta_packed.h"

#include "parquet/bitpack.h"

enum { BLOCK = 128, MINIS = 4, MINI = BLOCK / MINIS };

bool lv_pq_delta_init(lv_pq_delta *delta, const void *bytes, size_t len, unsigned value_bits)
{
    lv_rd rd = lv_rd_of(bytes, len);
    uint64_t block = lv_rd_uvarint(&rd), minis = lv_rd_uvarint(&rd);
    uint64_t count = lv_rd_uvarint(&rd);
    int64_t first = lv_rd_varint(&rd);
    if (rd.failed || block == 0 || block > 1 << 20 || minis == 0 || minis > block ||
        block % minis != 0 || block / minis % 32 != 0)
        return false;
    *delta = (lv_pq_delta){.rd = rd,
                           .value_bits = value_bits,
                           .count = count,
                           .left = count,
                           .last = (uint64_t)first,
                           .mini_size = block / minis,
                           .mini_count = minis,
                           .mini_next = minis,
                           .first = true};
    return true;
}

/* Reads the header of the next miniblock, and of its block if it is the first one. */
static bool next_mini(lv_pq_delta *delta)
{
    if (delta->mini_next == delta->mini_count) {
        delta->min_delta = (uint64_t)lv_rd_varint(&delta->rd);
        delta->widths = lv_rd_bytes(&delta->rd, delta->mini_count);
        if (delta->widths == NULL)
            return false;
        delta->mini_next = 0;
    }
    delta->width = delta->widths[delta->mini_next++];
    delta->mini_left = delta->mini_size;
    return delta->width <= delta->value_bits;
}

/* Unpacks the next 32 deltas. The bytes of the last miniblock may be cut after the last value. */
static bool next_deltas(lv_pq_delta *delta)
{
    if (delta->mini_left == 0 && !next_mini(delta))
        return false;
    size_t n = LV_MIN(delta->left, 32);
    size_t have = lv_rd_left(&delta->rd), need = lv_pq_packed_bytes(n, delta->width);
    if (have < need)
        return false;
    lv_pq_unpack_u64(delta->rd.ptr, have, n, delta->width, delta->deltas);
    lv_rd_bytes(&delta->rd, LV_MIN(have, lv_pq_packed_bytes(32, delta->width)));
    delta->mini_left -= 32;
    delta->delta_next = 0;
    delta->delta_count = n;
    return true;
}

#define TYPE    int32_t
#define UTYPE   uint32_t
#define NAME(x) x##_i32
#include "parquet/delta_packed_typed.inc.h"
#undef TYPE
#undef UTYPE
#undef NAME

#define TYPE    int64_t
#define UTYPE   uint64_t
#define NAME(x) x##_i64
#include "parquet/delta_packed_typed.inc.h"
#undef TYPE
#undef UTYPE
#undef NAME

bool lv_pq_delta_rest(lv_pq_delta *delta, lv_str *rest)
{
    if (delta->left > 0 && delta->count > 0)
        return false;
    if (delta->mini_left > 0) { /* the last miniblock is padded to its full size */
        size_t padding = lv_pq_packed_bytes(delta->mini_left, delta->width);
        if (lv_rd_bytes(&delta->rd, padding) == NULL)
            return false;
    }
    *rest = (lv_str){(const char *)delta->rd.ptr, lv_rd_left(&delta->rd)};
    return true;
}
