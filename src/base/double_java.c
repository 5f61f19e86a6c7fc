/* double_java.c: doubles as text, digit for digit as Double.toString of Java 17 prints them.
 *
 * That is not always the shortest text: whole numbers below 2^63 keep all digits that can be told
 * apart (2^56 is 7.2057594037927936E16), a power of two counts as half as exact as it is, and
 * numbers in E-form have at least two digits. The value is B / S · 10^e and M is half the distance
 * to its neighbours, all three made of powers of 2 and 5; digits are taken off B until what is left
 * is below M. Numbers of everyday size fit 128 bits, the others take a small bignum. Source: the
 * behaviour of java.lang.Double.toString, JDK 17. */
#include <math.h>
#include <stdio.h>

#include "base/check.h"
#include "base/double.h"

typedef unsigned __int128 u128;
typedef __int128 i128;

/* A binary number fraction · 2^(exponent - 52), the highest bit of fraction (52) set. */
typedef struct binary {
    uint64_t fraction;
    int exponent;
    int precision; /* bits that are told apart from a neighbour's */
} binary;

/* value = digits[0].digits[1]... · 10^exponent */
typedef struct decimal {
    char digits[24];
    int count;
    int exponent;
} decimal;

/* ---- numbers of any length ------------------------------------------------------------------- */

enum { LIMBS = 40 }; /* the largest is 10 · 5^324 · 2^51, with room for a digit */

typedef struct big {
    uint32_t limb[LIMBS];
    int count;
} big;

static void big_multiply(big *a, uint32_t by)
{
    uint64_t carry = 0;
    for (int i = 0; i < a->count; i++) {
        carry += (uint64_t)a->limb[i] * by;
        a->limb[i] = (uint32_t)carry;
        carry >>= 32;
    }
    if (carry != 0) {
        LV_ASSERT(a->count < LIMBS);
        a->limb[a->count++] = (uint32_t)carry;
    }
}

static big big_make(uint64_t value, int fives, int twos)
{
    big a = {{(uint32_t)value, (uint32_t)(value >> 32)}, value >> 32 ? 2 : 1};
    for (; fives >= 13; fives -= 13)
        big_multiply(&a, 1220703125); /* 5^13 */
    while (fives-- > 0)
        big_multiply(&a, 5);
    for (; twos >= 31; twos -= 31)
        big_multiply(&a, 1u << 31);
    big_multiply(&a, 1u << twos);
    return a;
}

static int big_compare(const big *a, const big *b)
{
    if (a->count != b->count)
        return a->count < b->count ? -1 : 1;
    for (int i = a->count - 1; i >= 0; i--)
        if (a->limb[i] != b->limb[i])
            return a->limb[i] < b->limb[i] ? -1 : 1;
    return 0;
}

static big big_add(const big *a, const big *b)
{
    big sum = {.count = LV_MAX(a->count, b->count)};
    uint64_t carry = 0;
    for (int i = 0; i < sum.count; i++) {
        carry += (uint64_t)(i < a->count ? a->limb[i] : 0) + (i < b->count ? b->limb[i] : 0);
        sum.limb[i] = (uint32_t)carry;
        carry >>= 32;
    }
    if (carry != 0)
        sum.limb[sum.count++] = (uint32_t)carry;
    return sum;
}

/* a -= b, which is not larger. */
static void big_subtract(big *a, const big *b)
{
    int64_t borrow = 0;
    for (int i = 0; i < a->count; i++) {
        borrow += (int64_t)a->limb[i] - (i < b->count ? b->limb[i] : 0);
        a->limb[i] = (uint32_t)borrow;
        borrow >>= 32;
    }
    while (a->count > 1 && a->limb[a->count - 1] == 0)
        a->count--;
}

/* ---- digits ---------------------------------------------------------------------------------- */

/* Digits of b / s; how the last one is to be rounded depends on where they stopped. */
typedef struct cut {
    bool low;  /* what is left is less than half the distance to the neighbour */
    bool high; /* what is missing to the next digit is */
    int half;  /* what is left against half a digit: <0, 0, >0 */
} cut;

static void put(decimal *out, int digit)
{
    LV_ASSERT(out->count < (int)sizeof out->digits - 1);
    out->digits[out->count++] = (char)('0' + digit);
}

/* The first digit may be 0 because the exponent is an estimate. In E-form there is a second one. */
static void put_first(decimal *out, int digit, cut *c)
{
    if (digit == 0 && !c->high)
        out->exponent--;
    else
        put(out, digit);
    if (out->exponent < -3 || out->exponent >= 8)
        c->low = c->high = false;
}

/* A value as Java's int (width 32) or long (64) holds it; such sums may wrap, and the digits show it. */
static i128 wrapped(u128 value, int width)
{
    return width == 32 ? (int32_t)value : width == 64 ? (int64_t)value : (i128)value;
}

static cut digits_128(u128 b, u128 s, u128 m, int width, decimal *out)
{
    cut c = {false, false, 0};
    i128 tens = (i128)(s * 10);
    for (bool first = true; first || (!c.low && !c.high); first = false) {
        int digit = (int)(b / s);
        b = b % s * 10;
        m *= 10;
        i128 distance = wrapped(m, width), sum = wrapped(b + m, width);
        c.low = (i128)b < distance || distance <= 0;
        c.high = sum > tens || distance <= 0 || (sum == tens && width == 128);
        if (first)
            put_first(out, digit, &c);
        else
            put(out, digit);
    }
    c.half = (i128)b * 2 < tens ? -1 : (i128)b * 2 > tens;
    return c;
}

static cut digits_big(big b, const big *s, big m, decimal *out)
{
    cut c = {false, false, 0};
    big tens = *s;
    big_multiply(&tens, 10);
    for (bool first = true; first || (!c.low && !c.high); first = false) {
        int digit = 0;
        for (; big_compare(&b, s) >= 0; digit++)
            big_subtract(&b, s);
        big_multiply(&b, 10);
        big_multiply(&m, 10);
        big sum = big_add(&b, &m);
        c.low = big_compare(&b, &m) < 0;
        c.high = big_compare(&tens, &sum) <= 0;
        if (first)
            put_first(out, digit, &c);
        else
            put(out, digit);
    }
    big_multiply(&b, 2);
    c.half = big_compare(&b, &tens);
    return c;
}

static void round_up(decimal *out)
{
    int i = out->count - 1;
    while (i > 0 && out->digits[i] == '9')
        out->digits[i--] = '0';
    if (out->digits[i] != '9') {
        out->digits[i]++;
        return;
    }
    out->digits[0] = '1';
    out->exponent++;
}

/* Bits of 5^n, as coarsely as is needed to know which arithmetic Java takes. */
static int bits_of_five(int n)
{
    return n >= 27 ? n * 3 : n == 0 ? 0 : (int)(n * 2.321928094887362) + 1;
}

/* A whole number: all its digits, but those that say nothing. */
static void whole_digits(const binary *value, decimal *out)
{
    static const double log10_of_2 = 0.30102999566398120;
    uint64_t number = value->exponent >= 52 ? value->fraction << (value->exponent - 52)
                                            : value->fraction >> (52 - value->exponent);
    int doubtful = value->exponent - value->precision - 1, drop = 0;
    if (doubtful > 1)
        drop = (int)(doubtful * log10_of_2);
    uint64_t unit = 1;
    for (int i = 0; i < drop; i++)
        unit *= 10;
    number = number / unit + (drop > 0 && number % unit >= unit / 2);
    char text[24];
    out->count = snprintf(text, sizeof text, "%llu", (unsigned long long)number);
    memcpy(out->digits, text, (size_t)out->count);
    out->exponent = out->count - 1 + drop;
}

static void fraction_digits(const binary *value, int bits, int tiny, decimal *out)
{
    union {
        uint64_t bits;
        double value;
    } unit = {.bits = 0x3FF0000000000000u | (value->fraction & 0xFFFFFFFFFFFFFu)};
    double estimate = (unit.value - 1.5) * 0.289529654 + 0.176091259 +
                      (double)value->exponent * 0.301029995663981;
    out->exponent = (int)floor(estimate);
    int b5 = LV_MAX(0, -out->exponent), s5 = LV_MAX(0, out->exponent);
    int b2 = b5 + tiny + value->exponent, s2 = s5 + tiny, m2 = b2 - value->precision;
    b2 -= bits - 1;
    int common = LV_MIN(b2, s2);
    b2 -= common;
    s2 -= common;
    m2 -= common + (bits == 1);
    if (m2 < 0) {
        b2 -= m2;
        s2 -= m2;
        m2 = 0;
    }
    uint64_t fraction = value->fraction >> (53 - bits);
    int b_bits = bits + b2 + bits_of_five(b5), s_bits = s2 + 1 + bits_of_five(s5 + 1);
    cut c;
    if (b_bits < 120 && s_bits < 120) {
        u128 five_b = 1, five_s = 1;
        for (int i = 0; i < b5; i++)
            five_b *= 5;
        for (int i = 0; i < s5; i++)
            five_s *= 5;
        c = digits_128((fraction * five_b) << b2, five_s << s2, five_b << m2,
                       LV_MAX(b_bits, s_bits) < 32   ? 32
                       : LV_MAX(b_bits, s_bits) < 64 ? 64
                                                     : 128,
                       out);
    } else {
        big s = big_make(1, s5, s2);
        c = digits_big(big_make(fraction, b5, b2), &s, big_make(1, b5, m2), out);
    }
    bool odd = (out->digits[out->count - 1] & 1) != 0;
    if (c.high && (!c.low || c.half > 0 || (c.half == 0 && odd)))
        round_up(out);
}

/* ---- layout ---------------------------------------------------------------------------------- */

/* Plain from 1e-3 to 1e7, else d.dddE±n. */
static int lay_out(const decimal *d, bool negative, char out[LV_DOUBLE_TEXT_SIZE])
{
    char *p = out;
    int count = d->count, exponent = d->exponent;
    while (count > 1 && d->digits[count - 1] == '0')
        count--;
    if (negative)
        *p++ = '-';
    bool plain = exponent >= -3 && exponent < 7;
    int whole = plain ? exponent : 0;
    if (whole < 0) {
        *p++ = '0';
        *p++ = '.';
        for (int i = -1; i > exponent; i--)
            *p++ = '0';
    }
    for (int i = 0; i < count || i <= LV_MAX(whole + 1, 0); i++) {
        if (i == whole + 1 && whole >= 0)
            *p++ = '.';
        if (i < count || whole >= 0)
            *p++ = i < count ? d->digits[i] : '0';
    }
    if (!plain)
        p += snprintf(p, 8, "E%d", exponent);
    *p = '\0';
    return (int)(p - out);
}

static int print(binary value, bool negative, char out[LV_DOUBLE_TEXT_SIZE])
{
    decimal d = {.count = 0};
    int bits = 53 - __builtin_ctzll(value.fraction);
    int tiny = LV_MAX(0, bits - value.exponent - 1);
    if (tiny == 0 && value.exponent <= 62)
        whole_digits(&value, &d);
    else
        fraction_digits(&value, bits, tiny, &d);
    return lay_out(&d, negative, out);
}

static int print_special(double value, char out[LV_DOUBLE_TEXT_SIZE])
{
    const char *text = isnan(value) ? "NaN" : value == 0 ? "0.0" : "Infinity";
    bool negative = !isnan(value) && signbit(value);
    return snprintf(out, LV_DOUBLE_TEXT_SIZE, "%s%s", negative ? "-" : "", text);
}

/* Brings a subnormal's highest bit to bit 52; it is told apart by fewer bits. */
static void normalize(binary *value)
{
    int shift = __builtin_clzll(value->fraction) - 11;
    value->fraction <<= shift;
    value->exponent -= shift;
}

int lv_double_print_java(double value, char out[LV_DOUBLE_TEXT_SIZE])
{
    union {
        double value;
        uint64_t bits;
    } u = {value};
    if (!isfinite(value) || value == 0)
        return print_special(value, out);
    int exponent = (int)(u.bits >> 52 & 0x7FF);
    binary b = {u.bits & 0xFFFFFFFFFFFFFu, exponent - 1023, 53};
    if (exponent > 0) {
        b.fraction |= (uint64_t)1 << 52;
    } else {
        b.exponent++;
        b.precision = 64 - __builtin_clzll(b.fraction);
        normalize(&b);
    }
    return print(b, u.bits >> 63, out);
}

int lv_float_print_java(float value, char out[LV_DOUBLE_TEXT_SIZE])
{
    union {
        float value;
        uint32_t bits;
    } u = {value};
    if (!isfinite(value) || value == 0)
        return print_special((double)value, out);
    int exponent = (int)(u.bits >> 23 & 0xFF);
    binary b = {(uint64_t)(u.bits & 0x7FFFFFu) << 29, exponent - 127, 24};
    if (exponent > 0) {
        b.fraction |= (uint64_t)1 << 52;
    } else {
        b.exponent++;
        b.precision = 35 - __builtin_clzll(b.fraction);
        normalize(&b);
    }
    return print(b, u.bits >> 31, out);
}
