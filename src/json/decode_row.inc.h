/* decode_row.inc.h: the fast way (see decode_int.h), included once per instruction set.
 *
 * What stands between two values is the same in nearly all rows: `{"deviceId":"`, `,"temperature":`. It
 * is compared as a whole with what followed the same key in the row before, 32 bytes at once. Then the
 * column's type says how to read the value: digits and times by 16 bytes, strings to the next byte that
 * could end them. Whatever is not that simple is left to the functions in decode.c.
 *
 * The including file defines ROW_NAME and the two operations on 32 bytes. */
#include <stdlib.h>

#include "json/decode_int.h"

static inline __m128i load16(const char *p)
{
    return _mm_loadu_si128((const __m128i *)(const void *)p);
}

/* A plain decimal of at most 15 digits: value = mantissa / 10^fraction. Returns what follows, NULL if
 * it is not that simple. 18 bytes can be read. */
static inline const char *read_decimal(const lv_json_decoder *d, const char *p, int64_t *mantissa, int *fraction)
{
    bool negative = *p == '-';
    p += negative;
    __m128i digits = _mm_sub_epi8(load16(p), _mm_set1_epi8('0'));
    unsigned is_digit = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(_mm_min_epu8(digits, _mm_set1_epi8(9)), digits));
    unsigned others = ~is_digit; /* never 0: the upper half is set */
    unsigned whole = (unsigned)__builtin_ctz(others), used = whole, behind = 0;
    if (LV_UNLIKELY(whole == 0 || (whole > 1 && *p == '0')))
        return NULL;
    if (p[whole] == '.') {
        used = (unsigned)__builtin_ctz(others & (others - 1));
        behind = used - whole - 1;
        if (LV_UNLIKELY(behind == 0))
            return NULL;
    }
    if (LV_UNLIKELY(used > 15 || (p[used] | 32) == 'e'))
        return NULL;
    /* Right-aligned without the point, then added up by pairs, fours and eights. */
    __m128i places = _mm_loadu_si128((const __m128i *)(const void *)d->digit_places[whole << 4 | behind]);
    __m128i v = _mm_shuffle_epi8(digits, places);
    v = _mm_maddubs_epi16(v, _mm_set1_epi16(0x010A));
    v = _mm_madd_epi16(v, _mm_set1_epi32(0x00010064));
    v = _mm_packus_epi32(v, v);
    v = _mm_madd_epi16(v, _mm_set1_epi32(0x00012710));
    uint64_t pair = (uint64_t)_mm_cvtsi128_si64(v);
    int64_t value = (int64_t)((pair & 0xFFFFFFFF) * 100000000 + (pair >> 32));
    if (LV_UNLIKELY(negative && value == 0))
        return NULL; /* -0.0 has a sign that an integer cannot hold */
    *mantissa = negative ? -value : value;
    *fraction = (int)behind;
    return p + used;
}

/* "YYYY-MM-ddThh:mm:ss.fffZ" with its quotes, the form that machines write; 32 bytes can be read. */
static inline const char *read_time(lv_json_decoder *d, const char *p, int64_t *us)
{
    __m128i same = _mm_cmpeq_epi8(load16(p + 1), load16(d->date_text));
    if (LV_UNLIKELY((~(unsigned)_mm_movemask_epi8(same) & 0x7FF) != 0) && !lv_row_learn_date(d, p + 1))
        return NULL;
    /* The time from its first digit on, each digit compared with the largest it may be. */
    const __m128i zero = _mm_setr_epi8('0', '0', ':', '0', '0', ':', '0', '0', '.', '0', '0', '0', 'Z', '"', 0, 0);
    const __m128i most = _mm_setr_epi8(2, 9, 0, 5, 9, 0, 5, 9, 0, 9, 9, 9, 0, 0, -1, -1);
    __m128i v = _mm_sub_epi8(load16(p + 12), zero);
    if (LV_UNLIKELY(_mm_movemask_epi8(_mm_cmpeq_epi8(_mm_min_epu8(v, most), v)) != 0xFFFF))
        return NULL;
    const __m128i pairs = _mm_setr_epi8(0, 1, 3, 4, 6, 7, -1, -1, 9, 10, -1, 11, -1, -1, -1, -1);
    v = _mm_maddubs_epi16(_mm_shuffle_epi8(v, pairs), _mm_set1_epi16(0x010A));         /* hh mm ss 0 | ff f 0 0 */
    v = _mm_madd_epi16(v, _mm_setr_epi16(3600, 60, 1, 0, 10, 1, 0, 0));                /* minutes' seconds, seconds | thousandths, 0 */
    uint64_t clock = (uint64_t)_mm_cvtsi128_si64(v);
    uint32_t seconds_to_minute = (uint32_t)clock, thousandths = (uint32_t)_mm_extract_epi32(v, 2);
    if (LV_UNLIKELY(seconds_to_minute >= 86400))
        return NULL;
    *us = d->date_us + (int64_t)(seconds_to_minute + (uint32_t)(clock >> 32)) * 1000000 + (int64_t)thousandths * 1000;
    return p + 26;
}

/* First byte from p on that is a quote, a backslash, a control character or not ASCII; `end` or beyond if there is none. */
static inline const char *find_special(const char *p, const char *end, const char *limit)
{
    for (; limit - p >= 32; p += 32) {
        uint32_t special = special32(p);
        if (LV_LIKELY(special != 0))
            return p + __builtin_ctz(special);
    }
    while (p < end && *p != '"' && *p != '\\' && (signed char)*p >= ' ')
        p++;
    return p;
}

static inline const char *read_text(lv_json_column *c, const char *p, const char *end, const char *limit, int at)
{
    const char *close = find_special(p + 1, end, limit);
    if (LV_UNLIKELY(close >= end || *close != '"'))
        return NULL;
    ((lv_str *)c->block)[at] = (lv_str){p + 1, (size_t)(close - p - 1)};
    return close + 1;
}

static const double powers[16] = {1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};

/* A value of fixed width in the form that nearly all of them have; NULL: read it otherwise. Nothing is
 * stored then, because an earlier value of a repeated key may have to stay. 32 bytes can be read. */
static inline const char *read_fixed(lv_json_decoder *d, lv_json_column *c, const char *p, int at)
{
    int64_t number = 0;
    int fraction = 0;
    const char *next;
    switch (c->kind) { /* dispatch */
    case LV_TYPE_DOUBLE:
        if ((next = read_decimal(d, p, &number, &fraction)) != NULL)
            ((double *)c->block)[at] = (double)number / powers[fraction]; /* both exact: rounded once */
        return next;
    case LV_TYPE_TIMESTAMP:
        if (*p != '"' || d->options.timestamp_format != NULL)
            return NULL;
        if ((next = read_time(d, p, &number)) != NULL)
            ((int64_t *)c->block)[at] = number;
        return next;
    case LV_TYPE_BIGINT:
        if ((next = read_decimal(d, p, &number, &fraction)) == NULL || fraction != 0)
            return NULL;
        ((int64_t *)c->block)[at] = number;
        return next;
    case LV_TYPE_INT:
        if ((next = read_decimal(d, p, &number, &fraction)) == NULL || fraction != 0 || number != (int32_t)number)
            return NULL;
        ((int32_t *)c->block)[at] = (int32_t)number;
        return next;
    case LV_TYPE_SMALLINT:
        if ((next = read_decimal(d, p, &number, &fraction)) == NULL || fraction != 0 || number != (int16_t)number)
            return NULL;
        ((int16_t *)c->block)[at] = (int16_t)number;
        return next;
    case LV_TYPE_FLOAT:
        if ((next = read_decimal(d, p, &number, &fraction)) == NULL || llabs(number) > 1 << 24 || fraction > 10)
            return NULL;
        ((float *)c->block)[at] = (float)number / (float)powers[fraction];
        return next;
    case LV_TYPE_BOOLEAN:
        if (memcmp(p, "true", 4) != 0 && memcmp(p, "false", 5) != 0)
            return NULL;
        ((uint8_t *)c->block)[at] = *p == 't';
        return p + (*p == 't' ? 4 : 5);
    default: return NULL;
    }
}

static inline const char *read_simple(lv_json_decoder *d, lv_json_column *c, const char *p, const char *end, const char *limit, int at)
{
    if (c->kind == LV_TYPE_STRING)
        return *p == '"' ? read_text(c, p, end, limit, at) : NULL;
    if (LV_LIKELY(limit - p >= 32))
        return read_fixed(d, c, p, at);
    char tail[32] = {0};
    memcpy(tail, p, (size_t)(end - p));
    const char *next = read_fixed(d, c, tail, at);
    return next ? p + (next - tail) : NULL;
}

static inline bool matches(const lv_json_key *key, const char *p, const char *end, const char *limit)
{
    if (LV_UNLIKELY(key->length == 0))
        return false;
    if (LV_UNLIKELY(limit - p < 32))
        return end - p >= (ptrdiff_t)key->length && memcmp(p, key->bytes, key->length) == 0;
    if ((equal32(p, key->bytes) & key->mask) != key->mask)
        return false;
    return LV_LIKELY(key->length <= 32) || (end - p >= (ptrdiff_t)key->length && memcmp(p + 32, key->bytes + 32, key->length - 32) == 0);
}

bool ROW_NAME(lv_json_decoder *d, lv_arena *arena, lv_str payload, int at, bool *bad)
{
    const char *p = payload.ptr, *end = p + payload.len, *limit = end + (d->options.padded ? LV_JSON_PADDING : 0);
    uint64_t bit = (uint64_t)1 << at;
    unsigned before = 0; /* the key before, none yet */
    int index;
    for (;;) {
        unsigned expected = d->keys[before].next[0];
        const lv_json_key *key = &d->keys[expected];
        if (LV_LIKELY(matches(key, p, end, limit))) {
            p += key->length;
            index = key->column;
            before = expected;
        } else {
            p = lv_row_find_key(d, &before, p, end, &index);
            if (p == NULL || index == LV_ROW_END)
                return p != NULL;
        }
        if (LV_UNLIKELY(p >= end))
            return false;
        const char *next = NULL;
        if (LV_LIKELY(index >= 0)) {
            lv_json_column *c = &d->columns[index];
            next = read_simple(d, c, p, end, limit, at);
            if (LV_LIKELY(next != NULL))
                c->valid |= bit;
        }
        if (LV_UNLIKELY(next == NULL))
            next = lv_row_read_value(d, arena, index, p, end, at, bad);
        if (LV_UNLIKELY(next == NULL || next >= end))
            return false;
        p = next;
        if (*p == '}')
            return true;
    }
}
