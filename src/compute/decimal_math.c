/* decimal_math.c: DECIMAL products, quotients and rounding, exact through 256 bits.
 *
 * A product of two 38-digit numbers, and a dividend brought to the quotient's scale, have up to 76
 * digits: they are kept as a magnitude of 256 bits, divided once, and rounded half up once.
 * Whatever fits 128 bits, which is nearly everything, takes the short way. */
#include "base/check.h"
#include "column/decimal.h"
#include "compute/compute_int.h"

typedef unsigned __int128 u128;
typedef struct u256 {
    u128 high, low;
} u256;

static u128 magnitude(__int128 v)
{
    return v < 0 ? -(u128)v : (u128)v;
}

static u256 multiply(u128 a, u128 b)
{
    uint64_t a0 = (uint64_t)a, a1 = (uint64_t)(a >> 64), b0 = (uint64_t)b, b1 = (uint64_t)(b >> 64);
    u128 low = (u128)a0 * b0, m1 = (u128)a1 * b0, m2 = (u128)a0 * b1, high = (u128)a1 * b1;
    u128 middle = (low >> 64) + (uint64_t)m1 + (uint64_t)m2;
    return (u256){high + (m1 >> 64) + (m2 >> 64) + (middle >> 64), (middle << 64) | (uint64_t)low};
}

static u256 add(u256 a, u128 b)
{
    u128 low = a.low + b;
    return (u256){a.high + (low < b), low};
}

/* a / b by shifting; false if the quotient exceeds 127 bits. b < 2^127. */
static bool divide(u256 a, u128 b, __int128 *quotient)
{
    if (a.high == 0) {
        u128 q = a.low / b;
        *quotient = (__int128)q;
        return q >> 127 == 0;
    }
    if (a.high >= b)
        return false;
    u128 rest = a.high, q = 0;
    for (int bit = 127; bit >= 0; bit--) {
        rest = rest << 1 | (a.low >> bit & 1);
        q <<= 1;
        if (rest >= b) {
            rest -= b;
            q |= 1;
        }
    }
    *quotient = (__int128)q;
    return q >> 127 == 0;
}

/* value / by, half up (away from zero by magnitude), with a sign. */
static bool divide_half_up(u256 value, u128 by, bool negative, __int128 *out)
{
    __int128 q;
    if (!divide(add(value, by / 2), by, &q))
        return false;
    *out = negative ? -q : q;
    return true;
}

bool lv_decimal_multiply(__int128 a, __int128 b, int scale, int to_scale, __int128 *out)
{
    LV_ASSERT(scale >= to_scale && scale <= 76);
    int drop = scale - to_scale;
    bool negative = (a < 0) != (b < 0);
    u256 product = multiply(magnitude(a), magnitude(b));
    if (drop > 38) { /* what is dropped first does not change how the rest is rounded */
        __int128 rest;
        if (!divide(product, (u128)lv_decimal_power(38), &rest))
            return false;
        product = (u256){0, (u128)rest};
        drop -= 38;
    }
    return divide_half_up(product, (u128)lv_decimal_power(drop), negative, out) &&
           lv_decimal_fits(*out, 38);
}

/* value *= by; false if it does not fit. */
static bool scale_up(u256 *value, u128 by)
{
    u256 low = multiply(value->low, by), high = multiply(value->high, by);
    u128 top = low.high + high.low;
    if (high.high != 0 || top < low.high)
        return false;
    *value = (u256){top, low.low};
    return true;
}

bool lv_decimal_divide(__int128 a, int a_scale, __int128 b, int b_scale, int to_scale,
                       __int128 *out)
{
    LV_ASSERT(b != 0);
    int shift = to_scale - a_scale + b_scale;
    bool negative = (a < 0) != (b < 0);
    u128 divisor = magnitude(b);
    u256 dividend = {0, magnitude(a)};
    for (; shift < 0; shift++) { /* seldom: the result has fewer digits than the dividend */
        if (divisor > ((u128)1 << 127) / 10)
            return false;
        divisor *= 10;
    }
    for (; shift > 0; shift -= LV_MIN(shift, 38))
        if (!scale_up(&dividend, (u128)lv_decimal_power(LV_MIN(shift, 38))))
            return a == 0 ? (*out = 0, true) : false;
    return divide_half_up(dividend, divisor, negative, out) && lv_decimal_fits(*out, 38);
}

/* |a| - |b| with the sign of the difference. */
static u256 difference(u256 a, u256 b, bool *negative)
{
    *negative = a.high < b.high || (a.high == b.high && a.low < b.low);
    u256 x = *negative ? b : a, y = *negative ? a : b;
    return (u256){x.high - y.high - (x.low < y.low), x.low - y.low};
}

bool lv_decimal_sum(__int128 a, int a_scale, __int128 b, int b_scale, int to_scale, __int128 *out)
{
    int common = LV_MAX(a_scale, b_scale);
    __int128 x, y, sum;
    if (lv_decimal_rescale(a, a_scale, common, &x) && lv_decimal_rescale(b, b_scale, common, &y) &&
        !__builtin_add_overflow(x, y, &sum))
        return lv_decimal_rescale(sum, common, to_scale, out);
    u256 left = multiply(magnitude(a), (u128)lv_decimal_power(common - a_scale)),
         right = multiply(magnitude(b), (u128)lv_decimal_power(common - b_scale)), wide;
    bool negative = a < 0;
    if ((a < 0) == (b < 0)) {
        wide = add(left, right.low);
        wide.high += right.high;
    } else {
        bool turned;
        wide = difference(left, right, &turned);
        negative = negative != turned;
    }
    return divide_half_up(wide, (u128)lv_decimal_power(common - to_scale), negative, out) &&
           lv_decimal_fits(*out, 38);
}

/* a mod b. b < 2^127. */
static u128 remainder_of(u256 a, u128 b)
{
    u128 rest = a.high % b;
    if (rest == 0)
        return a.low % b;
    for (int bit = 127; bit >= 0; bit--) {
        rest = rest << 1 | (a.low >> bit & 1);
        if (rest >= b)
            rest -= b;
    }
    return rest;
}

bool lv_decimal_quotient(__int128 a, int a_scale, __int128 b, int b_scale, __int128 *out)
{
    LV_ASSERT(b != 0);
    int common = LV_MAX(a_scale, b_scale);
    __int128 divisor;
    *out = 0;
    if (!lv_decimal_rescale(b, b_scale, common, &divisor))
        return true; /* larger than any dividend */
    u256 dividend = multiply(magnitude(a), (u128)lv_decimal_power(common - a_scale));
    if (!divide(dividend, magnitude(divisor), out))
        return false;
    *out = (a < 0) != (b < 0) ? -*out : *out;
    return true;
}

__int128 lv_decimal_remainder(__int128 a, int a_scale, __int128 b, int b_scale)
{
    LV_ASSERT(b != 0);
    int common = LV_MAX(a_scale, b_scale);
    __int128 divisor;
    if (!lv_decimal_rescale(b, b_scale, common, &divisor))
        return a; /* scales: a's is the common one then */
    u256 dividend = multiply(magnitude(a), (u128)lv_decimal_power(common - a_scale));
    __int128 rest = (__int128)remainder_of(dividend, magnitude(divisor));
    return a < 0 ? -rest : rest;
}

/* value / unit by a rounding rule. */
static __int128 divide_by_rule(__int128 value, __int128 unit, int op)
{
    __int128 q = value / unit, rest = value % unit;
    u128 twice = magnitude(rest) * 2, whole = (u128)unit;
    int away = value < 0 ? -1 : 1;
    switch (op) {
    case ROUND_HALF_UP: return q + (twice >= whole ? away : 0);
    case ROUND_HALF_EVEN: return q + (twice > whole || (twice == whole && q % 2 != 0) ? away : 0);
    case ROUND_FLOOR: return q - (rest < 0);
    default: return q + (rest > 0);
    }
}

void lv_decimal_round34(__int128 *value)
{
    enum { DIGITS = 34 };
    int drop = 0;
    while (drop < 4 && !lv_decimal_fits(*value, DIGITS + drop))
        drop++;
    if (drop == 0)
        return;
    __int128 unit = lv_decimal_power(drop);
    *value = divide_by_rule(*value, unit, ROUND_HALF_EVEN) * unit;
}

bool lv_decimal_negate(__int128 value, __int128 *out)
{
    *out = -value;
    lv_decimal_round34(out);
    return lv_decimal_fits(*out, 38);
}

bool lv_decimal_round(__int128 value, int scale, int digits, int op, int to_scale, __int128 *out)
{
    int drop = scale - digits;
    if (drop > 0) {
        value = drop > 38 ? (op == ROUND_FLOOR && value < 0) ? -1 : op == ROUND_CEIL && value > 0
                          : divide_by_rule(value, lv_decimal_power(drop), op);
        scale = digits;
    }
    if (scale < 0) { /* round(1234, -2): 12 hundreds */
        if (-scale > 38 && value != 0)
            return false;
        if (__builtin_mul_overflow(value, lv_decimal_power(LV_MIN(-scale, 38)), &value))
            return false;
        scale = 0;
    }
    return lv_decimal_rescale(value, scale, to_scale, out);
}
