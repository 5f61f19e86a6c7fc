/* delta_packed_typed.inc.h: encoding and decoding of delta.c for one width of values.
 * Parameters: TYPE (signed), UTYPE, NAME(x) that appends the type to x. */

/* Writes values[0..count) as deltas to the value before each. */
static void NAME(encode_block)(const TYPE *values, size_t count, lv_sbuf *out)
{
    uint64_t deltas[BLOCK];
    TYPE least = (TYPE)((UTYPE)values[0] - (UTYPE)values[-1]);
    for (size_t i = 0; i < count; i++) {
        TYPE delta = (TYPE)((UTYPE)values[i] - (UTYPE)values[(ptrdiff_t)i - 1]);
        deltas[i] = (UTYPE)delta;
        least = LV_MIN(least, delta);
    }
    lv_wr_varint(out, least);
    uint8_t *widths = (uint8_t *)lv_sbuf_reserve(out, MINIS + MINIS * MINI * sizeof(TYPE));
    uint8_t *to = widths + MINIS;
    for (size_t m = 0; m < MINIS; m++) {
        size_t n = count > m * MINI ? LV_MIN(count - m * MINI, (size_t)MINI) : 0;
        uint64_t *d = deltas + m * MINI, all = 0;
        for (size_t i = 0; i < n; i++) {
            d[i] = (UTYPE)(d[i] - (UTYPE)least);
            all |= d[i];
        }
        widths[m] = all == 0 ? 0 : (uint8_t)(64 - __builtin_clzll(all));
        if (n == 0)
            continue;
        memset(d + n, 0, (MINI - n) * sizeof *d); /* a miniblock is always whole */
        lv_pq_pack_u64(d, MINI, widths[m], to);
        to += lv_pq_packed_bytes(MINI, widths[m]);
    }
    out->len += (size_t)(to - widths);
}

void NAME(lv_pq_delta_encode)(const TYPE *values, size_t count, lv_sbuf *out)
{
    lv_wr_uvarint(out, BLOCK);
    lv_wr_uvarint(out, MINIS);
    lv_wr_uvarint(out, count);
    lv_wr_varint(out, count ? values[0] : 0);
    for (size_t i = 1; i < count; i += BLOCK)
        NAME(encode_block)(values + i, LV_MIN(count - i, (size_t)BLOCK), out);
}

bool NAME(lv_pq_delta_decode)(lv_pq_delta *delta, TYPE *out, size_t count)
{
    if (count > delta->left)
        return false;
    if (delta->first && count > 0) {
        *out++ = (TYPE)(UTYPE)delta->last;
        count--;
        delta->left--;
        delta->first = false;
    }
    while (count > 0) {
        if (delta->delta_next == delta->delta_count && !next_deltas(delta))
            return false;
        size_t n = LV_MIN(count, delta->delta_count - delta->delta_next);
        const uint64_t *d = delta->deltas + delta->delta_next;
        UTYPE last = (UTYPE)delta->last, least = (UTYPE)delta->min_delta;
        for (size_t i = 0; i < n; i++) {
            last += (UTYPE)d[i] + least;
            out[i] = (TYPE)last;
        }
        delta->last = last;
        delta->delta_next += n;
        delta->left -= n;
        out += n;
        count -= n;
    }
    return true;
}
