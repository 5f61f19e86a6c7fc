/* decode_row.inc.h: the fast way (see decode_int.h), included once per instruction set.
 *
 * What stands between two values is the same in nearly all rows: `{"deviceId":"`, `,"temperature":`. It
 * is compared as a whole with what followed the same key in the row before, 32 bytes at once. Then the
 * column's type says how to read the value: digits and times by 16 bytes, strings to the next byte that
 * could end them. Whatever is not that simple is left to the functions in decode.c.
 *
 * The including file defines ROWS_NAME, DOUBLES_NAME and the two operations on 32 bytes. */
#include <stdlib.h>

#include "json/decode_int.h"

static inline __m128i load16(const char *p)
{
    return _mm_loadu_si128((const __m128i *)(const void *)p);
}

/* A plain decimal of at most 15 digits. */
typedef struct decimal {
    __m128i digits; /* 16, as numbers, right-aligned, without the point */
    const lv_digit_form *form;
    uint32_t negative;
} decimal;

/* Returns what follows the number at p, NULL if it is not that simple, or -0. An exponent or another
 * digit that follows is not looked at.
 *
 * Where the number ends is what everything behind it waits for, so that is found out first and by as
 * few steps as can be; the sign is known meanwhile. */
static inline const char *find_decimal(const lv_json_decoder *d, const char *p, decimal *out)
{
    const lv_row_constants *k = &d->constants;
    uint32_t negative = *p == '-';
    __m128i chars = load16(p), moved = _mm_add_epi8(chars, load16(k->digits_to_least));
    uint32_t dots = (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(chars, load16(k->dots)));
    uint32_t others = (uint32_t)_mm_movemask_epi8(_mm_cmpgt_epi8(moved, load16(k->least_nine)));
    others = (others | 0x30000) & ~negative;
    uint32_t dot = others & -others & dots; /* without a branch, because 65 stands among 65.3 */
    uint32_t whole_end = (uint32_t)__builtin_ctz(others),
             number_end = (uint32_t)__builtin_ctz(others ^ dot);
    uint32_t whole = whole_end - negative, rest = number_end - whole_end;
    const char *first = p + negative;
    out->form = &d->digit_forms[whole][rest];
    if (LV_UNLIKELY(out->form->places[15] == LV_NO_DIGIT ||
                    (*first == '0' && (whole > 1 || (negative && rest == 0)))))
        return NULL;
    out->digits = _mm_shuffle_epi8(_mm_sub_epi8(load16(first), load16(k->zeros)),
                                   load16((const char *)out->form->places));
    out->negative = negative;
    return p + number_end;
}

/* Sixteen digits as two numbers of eight: added up by pairs and fours, in the higher half of 32-bit lanes. */
static inline __m128i sum_fours(__m128i digits)
{
    __m128i pairs = _mm_maddubs_epi16(digits, _mm_set1_epi16(0x010A));
    return _mm_madd_epi16(pairs, _mm_set1_epi32(0x00010064));
}

/* Those of two decimals by eights: high and low half of the first, then of the second. */
static inline __m128i sum_eights(__m128i first, __m128i second)
{
    return _mm_madd_epi16(_mm_packus_epi32(first, second), _mm_set1_epi32(0x00012710));
}

/* A decimal as mantissa / form->power; false for -0.0, whose sign an integer cannot hold. */
static inline bool get_mantissa(const decimal *dec, int64_t *mantissa)
{
    __m128i fours = sum_fours(dec->digits);
    uint64_t pair = (uint64_t)_mm_cvtsi128_si64(sum_eights(fours, fours));
    int64_t value = (int64_t)((uint64_t)(uint32_t)pair * 100000000 + (pair >> 32));
    *mantissa = dec->negative ? -value : value;
    return value != 0 || !dec->negative;
}

/* Two doubles: mantissa / power, both exact, so rounded once; where the power is 0 there is a double already. */
static inline void divide_two(double *to, __m128i high, __m128i low, const double *powers)
{
    __m128d mantissa =
        _mm_add_pd(_mm_mul_pd(_mm_cvtepi32_pd(high), _mm_set1_pd(1e8)), _mm_cvtepi32_pd(low));
    __m128d power = _mm_load_pd(powers), known = _mm_load_pd(to);
    __m128d is_known = _mm_cmpeq_pd(power, _mm_setzero_pd());
    _mm_store_pd(to, _mm_blendv_pd(_mm_div_pd(mantissa, power), known, is_known));
}

void DOUBLES_NAME(lv_json_column *c)
{
    double *to = c->block;
    for (int i = 0; i < LV_BLOCK_ROWS; i += 4) {
        __m128i fours[4];
        for (int k = 0; k < 4; k++)
            fours[k] = sum_fours(load16((const char *)c->decimals.digits[i + k]));
        __m128 a = _mm_castsi128_ps(sum_eights(fours[0], fours[1]));
        __m128 b = _mm_castsi128_ps(sum_eights(fours[2], fours[3]));
        __m128i high = _mm_castps_si128(_mm_shuffle_ps(a, b, 0x88));
        __m128i low = _mm_castps_si128(_mm_shuffle_ps(a, b, 0xDD));
        divide_two(to + i, high, low, c->decimals.powers + i);
        divide_two(to + i + 2, _mm_unpackhi_epi64(high, high), _mm_unpackhi_epi64(low, low),
                   c->decimals.powers + i + 2);
    }
}

/* "YYYY-MM-ddThh:mm:ss.fffZ" with its quotes, the form that machines write; 32 bytes can be read. */
static inline const char *read_time(lv_json_decoder *d, int64_t *us, const char *p)
{
    if (LV_UNLIKELY(*p != '"'))
        return NULL;
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
static inline const char *find_special(const lv_json_decoder *d, const char *p, const char *end)
{
    uint32_t special = special32(&d->constants, p);
    while (LV_UNLIKELY(special == 0)) {
        p += 32;
        if (p >= end)
            return end;
        special = special32(&d->constants, p);
    }
    return p + __builtin_ctz(special);
}

/* An integer that fits the column's type, or a boolean or FLOAT; NULL: read it otherwise. */
static inline const char *read_other(const lv_json_decoder *d, lv_json_column *c, const char *p,
                                     int at)
{
    int64_t number;
    decimal dec;
    if (c->kind == LV_TYPE_BOOLEAN) {
        if (memcmp(p, "true", 4) != 0 && memcmp(p, "false", 5) != 0)
            return NULL;
        ((uint8_t *)c->block)[at] = *p == 't';
        return p + (*p == 't' ? 4 : 5);
    }
    const char *next = find_decimal(d, p, &dec);
    if (next == NULL || !get_mantissa(&dec, &number))
        return NULL;
    double power = dec.form->powers[0];
    if (power != 1 && c->kind != LV_TYPE_FLOAT)
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
    case LV_TYPE_FLOAT: /* powers of ten up to 10 are exact */
        if (llabs(number) > 1 << 24 || power > 1e10)
            return NULL;
        ((float *)c->block)[at] = (float)number / (float)power;
        return next;
    default: return NULL;
    }
}

/* A value that no column wants. */
static inline const char *skip_simple(const lv_json_decoder *d, const char *p, const char *end)
{
    decimal dec;
    if (*p != '"')
        return find_decimal(d, p, &dec);
    const char *close = find_special(d, p + 1, end);
    return *close == '"' ? close + 1 : NULL;
}

/* Only the digits: the numbers of a block are made together, by DOUBLES_NAME. */
static inline const char *read_double(const lv_json_decoder *d, lv_json_column *c, const char *p,
                                      int at)
{
    decimal dec;
    const char *next = find_decimal(d, p, &dec);
    if (LV_LIKELY(next != NULL)) {
        _mm_store_si128((__m128i *)(void *)c->decimals.digits[at], dec.digits);
        c->decimals.powers[at] = dec.form->powers[dec.negative];
    }
    return next;
}

/* `delta` leads to the payload. */
static inline const char *read_text(const lv_json_decoder *d, lv_str *to, const char *p,
                                    const char *end, ptrdiff_t delta)
{
    if (LV_UNLIKELY(*p != '"'))
        return NULL;
    const char *close = find_special(d, p + 1, end);
    if (LV_UNLIKELY(*close != '"'))
        return NULL;
    *to = (lv_str){p + 1 + delta, (size_t)(close - p - 1)};
    return close + 1;
}

/* The value at p, in the form that nearly all values have; NULL: read it otherwise. Nothing is stored
 * then, because an earlier value of a repeated key may have to stay. The most frequent actions are not
 * part of the switch, whose jump through a table costs as much as they do. */
static inline const char *read_simple(lv_json_decoder *d, const lv_json_key *key, const char *p,
                                      const char *end, ptrdiff_t delta, int at)
{
    lv_json_column *c = key->to;
    const char *next = NULL;
    if (key->action == LV_ROW_DOUBLE)
        next = read_double(d, c, p, at);
    else if (key->action == LV_ROW_TEXT)
        next = read_text(d, (lv_str *)c->block + at, p, end, delta);
    else if (key->action == LV_ROW_TIME)
        next = read_time(d, (int64_t *)c->block + at, p);
    else if (key->action == LV_ROW_SKIP)
        return skip_simple(d, p, end);
    else if (key->action == LV_ROW_OTHER)
        next = read_other(d, c, p, at);
    if (LV_LIKELY(next != NULL))
        c->valid |= (uint64_t)1 << at;
    return next;
}

static inline bool matches(const lv_json_key *key, const char *p, const char *end)
{
    if (LV_UNLIKELY((equal32(p, key->bytes) & key->mask) != key->mask))
        return false;
    return LV_LIKELY(key->length <= 32) ||
           (p < end && memcmp(p + 32, key->bytes + 32, key->length - 32) == 0);
}

/* One payload; `bytes` is the payload or a copy of it, `delta` leads from there to the payload. What is
 * read beyond its end does no harm: LV_JSON_PADDING bytes behind it can be read, a value begins before it
 * and the fast forms of values end at most 32 bytes behind it, where the bytes of one more key are
 * compared; the closing brace must be before it, and nothing ever steps back. */
static inline bool read_row(lv_json_decoder *d, lv_arena *arena, lv_str bytes, ptrdiff_t delta,
                            int at, bool *bad)
{
    const char *p = bytes.ptr, *end = p + bytes.len, *value, *next;
    const lv_json_key *key = d->keys; /* the one before the first */
    for (;;) {
        lv_json_key *before = (lv_json_key *)(uintptr_t)key;
        key = before->next[0];
        if (LV_LIKELY(matches(key, p, end))) {
            value = p + key->length;
        } else {
            const char *found = p; /* not &value, which then would have to be in memory */
            key = lv_row_find_key(d, before, p, end, &found);
            value = found;
            if (key == d->keys)
                return true;
        }
        if (LV_UNLIKELY(key == NULL)) {
            next = p < end ? lv_row_read_exponent(d, arena, key = before, p, value, end, delta, at)
                           : NULL;
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
}

int ROWS_NAME(lv_json_decoder *d, lv_arena *arena, const lv_str *payloads, int from, int to,
              bool *bad)
{
    enum { AHEAD_BYTES = 1024 }; /* payloads follow one another, as they were received */
    for (int at = from; at < to; at++) {
        lv_str payload = payloads[at], bytes = payload;
        if (!d->options.padded)
            bytes = lv_row_pad(d, payload);
        __builtin_prefetch(payload.ptr + AHEAD_BYTES);
        __builtin_prefetch(payload.ptr + AHEAD_BYTES + 64);
        if (LV_UNLIKELY(!read_row(d, arena, bytes, payload.ptr - bytes.ptr, at, bad))) {
            *bad = false;
            return at;
        }
        if (LV_UNLIKELY(*bad))
            return at;
    }
    return to;
}
