/* rle_encode.inc.h: the encoder of rle.c for one type of values.
 * Parameters: TYPE, NAME(x) that appends the type to x. */

static void NAME(literals)(const TYPE *values, size_t count, unsigned width, lv_sbuf *out)
{
    if (count == 0)
        return;
    size_t groups = (count + 7) / 8;
    lv_wr_uvarint(out, groups << 1 | 1);
    uint8_t *to = (uint8_t *)lv_sbuf_reserve(out, groups * width);
    memset(to + lv_pq_packed_bytes(count, width), 0,
           groups * width - lv_pq_packed_bytes(count, width));
    NAME(lv_pq_pack)(values, count, width, to);
    out->len += groups * width;
}

/* Values equal to the first one. */
static size_t NAME(run_length)(const TYPE *values, size_t count)
{
    size_t n = 1;
    while (n < count && values[n] == values[0])
        n++;
    return n;
}

void NAME(lv_pq_rle_encode)(const TYPE *values, size_t count, unsigned width, lv_sbuf *out)
{
    size_t start = 0, i = 0; /* values start..i wait to be packed; i - start is a multiple of 8 */
    while (i + 8 <= count) {
        const TYPE *v = values + i;
        if (LV_LIKELY(v[0] != v[1] || v[0] != v[2] || v[0] != v[3] || v[0] != v[4] ||
                      v[0] != v[5] || v[0] != v[6] || v[0] != v[7])) {
            i += 8;
            continue;
        }
        size_t run = NAME(run_length)(v, count - i);
        NAME(literals)(values + start, i - start, width, out);
        lv_pq_rle_encode_run(v[0], run, width, out);
        i += run;
        start = i;
    }
    NAME(literals)(values + start, count - start, width, out);
}
