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
 * it is not that simple. An exponent that follows is not looked at. */
static inline const char *read_decimal(const lv_json_decoder *d, const char *p, int64_t *mantissa,
                                       unsigned *fraction)
{
    bool negative = *p == '-';
    p += negative;
    __m128i digits = _mm_sub_epi8(load16(p), _mm_set1_epi8('0'));
    unsigned is_digit =
        (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(_mm_min_epu8(digits, _mm_set1_epi8(9)), digits));
    unsigned others = ~is_digit; /* never 0: the upper half is set */
    unsigned whole = (unsigned)__builtin_ctz(others), used = whole, behind = 0;
    if (LV_LIKELY(p[whole] == '.')) {
        used = (unsigned)__builtin_ctz(others & (others - 1));
        behind = used - whole - 1;
        if (LV_UNLIKELY(behind == 0))
            return NULL;
    }
    if (LV_UNLIKELY(used - 1 > 14 || whole == 0 || (*p == '0' && whole > 1)))
        return NULL;
    /* Right-aligned without the point, then added up by pairs, fours and eights. */
    __m128i places =
        _mm_load_si128((const __m128i *)(const void *)d->digit_places[whole << 4 | behind]);
    __m128i v = _mm_shuffle_epi8(digits, places);
    v = _mm_maddubs_epi16(v, _mm_set1_epi16(0x010A));
    v = _mm_madd_epi16(v, _mm_set1_epi32(0x00010064));
    v = _mm_packus_epi32(v, v);
    v = _mm_madd_epi16(v, _mm_set1_epi32(0x00012710));
    uint64_t pair = (uint64_t)_mm_cvtsi128_si64(v);
    int64_t value = (int64_t)((uint64_t)(uint32_t)pair * 100000000 + (pair >> 32));
    if (LV_UNLIKELY(negative)) {
        if (value == 0)
            return NULL; /* -0.0 has a sign that an integer cannot hold */
        value = -value;
    }
    *mantissa = value;
    *fraction = behind;
    return p + used;
}

/* "YYYY-MM-ddThh:mm:ss.fffZ" with its quotes, the form that machines write; 32 bytes can be read. */
static inline const char *read_time(lv_json_decoder *d, const char *p, int64_t *us)
{
    __m128i same = _mm_cmpeq_epi8(load16(p + 1), load16(d->date_text));
    if (LV_UNLIKELY((~(unsigned)_mm_movemask_epi8(same) & 0x7FF) != 0) &&
        !lv_row_learn_date(d, p + 1))
        return NULL;
    /* The time from its first digit on, each digit compared with the largest it may be. */
    const __m128i zero =
        _mm_setr_epi8('0', '0', ':', '0', '0', ':', '0', '0', '.', '0', '0', '0', 'Z', '"', 0, 0);
    const __m128i most = _mm_setr_epi8(2, 9, 0, 5, 9, 0, 5, 9, 0, 9, 9, 9, 0, 0, -1, -1);
    __m128i v = _mm_sub_epi8(load16(p + 12), zero);
    if (LV_UNLIKELY(_mm_movemask_epi8(_mm_cmpeq_epi8(_mm_min_epu8(v, most), v)) != 0xFFFF))
        return NULL;
    const __m128i pairs = _mm_setr_epi8(0, 1, 3, 4, 6, 7, -1, -1, 9, 10, -1, 11, -1, -1, -1, -1);
    v = _mm_maddubs_epi16(_mm_shuffle_epi8(v, pairs),
                          _mm_set1_epi16(0x010A)); /* hh mm ss 0 | ff f 0 0 */
    v = _mm_madd_epi16(v, _mm_setr_epi16(3600, 60, 1, 0, 10, 1, 0,
                                         0)); /* minutes' seconds, seconds | thousandths, 0 */
    uint64_t clock = (uint64_t)_mm_cvtsi128_si64(v);
    uint32_t seconds_to_minute = (uint32_t)clock, thousandths = (uint32_t)_mm_extract_epi32(v, 2);
    if (LV_UNLIKELY(seconds_to_minute >= 86400))
        return NULL;
    *us = d->date_us + (int64_t)(seconds_to_minute + (uint32_t)(clock >> 32)) * 1000000 +
          (int64_t)thousandths * 1000;
    return p + 26;
}

/* First byte from p on that is a quote, a backslash, a control character or not ASCII. */
static inline const char *find_special(const char *p, const char *end)
{
    uint32_t special = special32(p);
    while (LV_UNLIKELY(special == 0)) {
        p += 32;
        if (p >= end)
            return end;
        special = special32(p);
    }
    return p + __builtin_ctz(special);
}

static const double powers[16] = {1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                  1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};

/* An integer that fits the column's type, or a boolean or FLOAT; NULL: read it otherwise. */
static inline const char *read_other(lv_json_decoder *d, lv_json_column *c, const char *p, int at)
{
    int64_t number;
    unsigned fraction;
    if (c->kind == LV_TYPE_BOOLEAN) {
        if (memcmp(p, "true", 4) != 0 && memcmp(p, "false", 5) != 0)
            return NULL;
        ((uint8_t *)c->block)[at] = *p == 't';
        return p + (*p == 't' ? 4 : 5);
    }
    const char *next = read_decimal(d, p, &number, &fraction);
    if (next == NULL || (fraction != 0 && c->kind != LV_TYPE_FLOAT))
        return NULL;
    switch (c->kind) { /* dispatch */
    case LV_TYPE_BIGINT: ((int64_t *)c->block)[at] = number; return next;
    case LV_TYPE_INT:
        if (number != (int32_t)number)
            return NULL;
        ((int32_t *)c->block)[at] = (int32_t)number;
        return next;
    case LV_TYPE_SMALLINT:
        if (number != (int16_t)number)
            return NULL;
        ((int16_t *)c->block)[at] = (int16_t)number;
        return next;
    case LV_TYPE_FLOAT:
        if (llabs(number) > 1 << 24 || fraction > 10)
            return NULL;
        ((float *)c->block)[at] = (float)number / (float)powers[fraction];
        return next;
    default: return NULL;
    }
}

/* A value that no column wants. */
static inline const char *skip_simple(lv_json_decoder *d, const char *p, const char *end)
{
    int64_t number;
    unsigned fraction;
    if (*p != '"')
        return read_decimal(d, p, &number, &fraction);
    const char *close = find_special(p + 1, end);
    return *close == '"' ? close + 1 : NULL;
}

/* The value at p, in the form that nearly all values have; NULL: read it otherwise. Nothing is stored
 * then, because an earlier value of a repeated key may have to stay. `delta` leads to the payload. */
static inline const char *read_simple(lv_json_decoder *d, const lv_json_key *key, const char *p,
                                      const char *end, ptrdiff_t delta, int at)
{
    int64_t number;
    unsigned fraction;
    const char *next = NULL;
    lv_json_column *c = key->column >= 0 ? &d->columns[key->column] : NULL;
    switch (key->action) { /* dispatch */
    case LV_ROW_DOUBLE:
        next = read_decimal(d, p, &number, &fraction);
        if (LV_LIKELY(next != NULL))
            ((double *)c->block)[at] =
                (double)number / powers[fraction]; /* both exact: rounded once */
        break;
    case LV_ROW_TEXT:
        if (LV_UNLIKELY(*p != '"'))
            return NULL;
        next = find_special(p + 1, end);
        if (LV_UNLIKELY(*next != '"'))
            return NULL;
        ((lv_str *)c->block)[at] = (lv_str){p + 1 + delta, (size_t)(next - p - 1)};
        next++;
        break;
    case LV_ROW_TIME:
        next = *p == '"' ? read_time(d, p, &number) : NULL;
        if (LV_LIKELY(next != NULL))
            ((int64_t *)c->block)[at] = number;
        break;
    case LV_ROW_OTHER: next = read_other(d, c, p, at); break;
    case LV_ROW_SKIP: return skip_simple(d, p, end);
    default: return NULL;
    }
    if (LV_LIKELY(next != NULL))
        c->valid |= (uint64_t)1 << at;
    return next;
}

static inline bool matches(const lv_json_key *key, const char *p)
{
    if (LV_UNLIKELY((equal32(p, key->bytes) & key->mask) != key->mask))
        return false;
    return LV_LIKELY(key->length <= 32) || memcmp(p + 32, key->bytes + 32, key->length - 32) == 0;
}

/* LV_JSON_PADDING bytes behind the payload can be read. What is read beyond its end does no harm: the
 * closing brace must be before it, and nothing ever steps back. */
bool ROW_NAME(lv_json_decoder *d, lv_arena *arena, lv_str bytes, ptrdiff_t delta, int at, bool *bad)
{
    const char *p = bytes.ptr, *end = p + bytes.len, *value = p, *next;
    const lv_json_key *key = d->keys; /* the one before the first */
    while (p < end) {
        const lv_json_key *before = key;
        key = &d->keys[before->next[0]];
        if (LV_LIKELY(matches(key, p))) {
            value = p + key->length;
        } else {
            key = lv_row_find_key(d, before, p, end, &value);
            if (key == d->keys)
                return true;
        }
        if (LV_UNLIKELY(key == NULL)) {
            next = lv_row_read_exponent(d, arena, key = before, p, value, end, delta, at);
        } else {
            if (LV_UNLIKELY(value >= end))
                return false;
            next = read_simple(d, key, value, end, delta, at);
            if (LV_UNLIKELY(next == NULL))
                next = lv_row_read_value(d, arena, key->column, value, end, delta, at, bad);
        }
        if (LV_UNLIKELY(next == NULL))
            return false;
        p = next;
        if (*p == '}')
            return p < end;
    }
    return false;
}
