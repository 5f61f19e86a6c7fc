/* rle.c: see rle.h. */
#include "parquet/rle.h"

#include "parquet/bitpack.h"

void lv_pq_rle_encode_run(uint32_t value, size_t count, unsigned width, lv_sbuf *out)
{
    if (count == 0)
        return;
    lv_wr_uvarint(out, (uint64_t)count << 1);
    lv_sbuf_add(out, &value, (width + 7) / 8); /* little-endian: the low bytes come first */
}

#define TYPE    uint8_t
#define NAME(x) x##_u8
#include "parquet/rle_encode.inc.h"
#undef TYPE
#undef NAME

#define TYPE    uint32_t
#define NAME(x) x##_u32
#include "parquet/rle_encode.inc.h"
#undef TYPE
#undef NAME

void lv_pq_rle_init(lv_pq_rle *rle, const void *bytes, size_t len, unsigned width)
{
    *rle = (lv_pq_rle){.rd = lv_rd_of(bytes, len), .width = width};
}

/* Reads the header of the next run or packed stretch. */
static bool next_stretch(lv_pq_rle *rle)
{
    uint64_t header = lv_rd_uvarint(&rle->rd);
    if (rle->rd.failed || header >> 1 == 0 || header >> 33 != 0)
        return false;
    if (header & 1) {
        /* The last stretch may be cut short in its bytes: what counts is the number of values. */
        uint64_t values = (header >> 1) * 8;
        if (rle->width > 0)
            values = LV_MIN(values, (uint64_t)lv_rd_left(&rle->rd) * 8 / rle->width);
        rle->packed_left = values;
        return values > 0;
    }
    uint32_t value = 0;
    size_t size = (rle->width + 7) / 8;
    const uint8_t *bytes = lv_rd_bytes(&rle->rd, size);
    if (bytes == NULL)
        return false;
    memcpy(&value, bytes, size);
    if (rle->width < 32 && value >> rle->width != 0)
        return false;
    rle->value = value;
    rle->run_left = header >> 1;
    return true;
}

/* Takes up to `count` packed values, whole groups of 32 straight to `out`. */
static size_t take_packed(lv_pq_rle *rle, uint32_t *out, size_t count)
{
    if (rle->group_next < rle->group_count) {
        size_t n = LV_MIN(count, (size_t)(rle->group_count - rle->group_next));
        memcpy(out, rle->group + rle->group_next, n * sizeof *out);
        rle->group_next += (unsigned)n;
        return n;
    }
    size_t n = LV_MIN(count, rle->packed_left) & ~(size_t)31;
    uint32_t *to = out;
    if (n == 0) {
        n = LV_MIN(rle->packed_left, 32);
        to = rle->group;
        rle->group_next = 0;
        rle->group_count = (unsigned)n;
    }
    size_t len = lv_rd_left(&rle->rd);
    lv_pq_unpack_u32(rle->rd.ptr, len, n, rle->width, to);
    rle->packed_left -= n;
    lv_rd_bytes(&rle->rd, lv_pq_packed_bytes(n, rle->width));
    return to == out ? n : 0;
}

bool lv_pq_rle_decode(lv_pq_rle *rle, uint32_t *out, size_t count)
{
    while (count > 0) {
        size_t n;
        if (rle->run_left > 0) {
            n = LV_MIN(count, rle->run_left);
            for (size_t i = 0; i < n; i++)
                out[i] = rle->value;
            rle->run_left -= n;
        } else if (rle->packed_left > 0 || rle->group_next < rle->group_count) {
            n = take_packed(rle, out, count);
        } else {
            if (!next_stretch(rle))
                return false;
            continue;
        }
        out += n;
        count -= n;
    }
    return true;
}

bool lv_pq_rle_skip_run(lv_pq_rle *rle, uint32_t value, size_t count)
{
    if (rle->run_left == 0 && rle->packed_left == 0 && rle->group_next == rle->group_count &&
        !next_stretch(rle))
        return false;
    if (rle->run_left < count || rle->value != value)
        return false;
    rle->run_left -= count;
    return true;
}

bool lv_pq_rle_decode_u8(lv_pq_rle *rle, uint8_t *out, size_t count)
{
    while (count > 0) {
        if (rle->run_left > 0) {
            size_t n = LV_MIN(count, rle->run_left);
            memset(out, (int)rle->value, n);
            rle->run_left -= n;
            out += n;
            count -= n;
            continue;
        }
        uint32_t values[256];
        size_t n = LV_MIN(count, LV_COUNT_OF(values));
        if (rle->packed_left == 0 && rle->group_next == rle->group_count) {
            if (!next_stretch(rle))
                return false;
            continue;
        }
        n = take_packed(rle, values, n);
        for (size_t i = 0; i < n; i++)
            out[i] = (uint8_t)values[i];
        out += n;
        count -= n;
    }
    return true;
}
