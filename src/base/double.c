/* double.c: see double.h. */
#include "base/double.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/check.h"

static const double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

/* strtod needs a terminated copy; it rounds exactly, however many digits there are. */
static void parse_slow(lv_str text, double *d, float *f)
{
    char small[64];
    char *copy = text.len < sizeof small ? small : malloc(text.len + 1);
    LV_ASSERT(copy != NULL);
    memcpy(copy, text.ptr, text.len);
    copy[text.len] = '\0';
    if (d != NULL)
        *d = strtod(copy, NULL);
    else
        *f = strtof(copy, NULL);
    if (copy != small)
        free(copy);
}

double lv_double_make(bool negative, uint64_t mantissa, int exponent, lv_str text)
{
    /* Clinger: both operands are exact, so one rounding is the right one. */
    if (mantissa <= (uint64_t)1 << 53 && exponent >= -22 && exponent <= 22) {
        double value = (double)mantissa;
        value = exponent < 0 ? value / powers[-exponent] : value * powers[exponent];
        return negative ? -value : value;
    }
    double value = 0;
    parse_slow(text, &value, NULL);
    return value;
}

/* A number's text taken apart: mantissa · 10^exponent, exact when there are at most 19 digits. */
typedef struct parts {
    bool negative;
    bool exact;
    uint64_t mantissa;
    int exponent;
} parts;

static bool split(lv_str text, parts *out)
{
    const char *p = text.ptr, *end = text.ptr + text.len;
    *out = (parts){.negative = p < end && *p == '-'};
    if (p < end && (*p == '-' || *p == '+'))
        p++;
    int digits = 0, significant = 0;
    for (int fraction = 0; p < end; p++) {
        if (*p == '.' && !fraction) {
            fraction = 1;
            continue;
        }
        if (*p < '0' || *p > '9')
            break;
        digits++;
        significant += significant > 0 || *p != '0';
        if (significant <= 19)
            out->mantissa = out->mantissa * 10 + (uint64_t)(*p - '0');
        out->exponent -= fraction;
    }
    out->exact = significant <= 19;
    if (digits > 0 && p < end && (*p == 'e' || *p == 'E')) {
        p++;
        bool minus = p < end && *p == '-';
        if (p < end && (*p == '-' || *p == '+'))
            p++;
        int e = 0;
        const char *first = p;
        for (; p < end && *p >= '0' && *p <= '9'; p++)
            e = e < 100000 ? e * 10 + *p - '0' : e;
        if (p == first)
            return false;
        out->exponent += minus ? -e : e;
    }
    return digits > 0 && p == end;
}

bool lv_double_parse(lv_str text, double *out)
{
    parts p;
    if (!split(text, &p))
        return false;
    if (p.exact)
        *out = lv_double_make(p.negative, p.mantissa, p.exponent, text);
    else
        parse_slow(text, out, NULL);
    return true;
}

bool lv_float_parse(lv_str text, float *out)
{
    parts p;
    if (!split(text, &p))
        return false;
    if (p.exact && p.mantissa <= 1 << 24 && p.exponent >= -10 && p.exponent <= 10) {
        float value = (float)p.mantissa,
              power = (float)powers[p.exponent < 0 ? -p.exponent : p.exponent];
        value = p.exponent < 0 ? value / power : value * power;
        *out = p.negative ? -value : value;
    } else {
        parse_slow(text, NULL, out);
    }
    return true;
}

/* Lays out digits d1d2d3... times 10^(exponent) as Java does: plain from 1e-3 to 1e7, else d.dddE±n. */
static int java_layout(const char *digits, int count, int exponent, bool negative,
                       char out[LV_DOUBLE_TEXT_SIZE])
{
    char *p = out;
    if (negative)
        *p++ = '-';
    if (exponent >= 0 && exponent < 7) {
        for (int i = 0; i <= exponent; i++)
            *p++ = i < count ? digits[i] : '0';
        *p++ = '.';
        for (int i = exponent + 1; i < count; i++)
            *p++ = digits[i];
        if (count <= exponent + 1)
            *p++ = '0';
    } else if (exponent < 0 && exponent >= -3) {
        *p++ = '0';
        *p++ = '.';
        for (int i = -1; i > exponent; i--)
            *p++ = '0';
        for (int i = 0; i < count; i++)
            *p++ = digits[i];
    } else {
        *p++ = digits[0];
        *p++ = '.';
        for (int i = 1; i < count; i++)
            *p++ = digits[i];
        if (count == 1)
            *p++ = '0';
        p += snprintf(p, 8, "E%d", exponent);
    }
    *p = '\0';
    return (int)(p - out);
}

/* Prints `value` with `least`..`most` significant digits, the fewest that read back the same. */
static int print(double value, bool is_float, int least, int most, char out[LV_DOUBLE_TEXT_SIZE])
{
    if (isnan(value))
        return snprintf(out, LV_DOUBLE_TEXT_SIZE, "NaN");
    if (isinf(value))
        return snprintf(out, LV_DOUBLE_TEXT_SIZE, value < 0 ? "-Infinity" : "Infinity");
    if (value == 0)
        return snprintf(out, LV_DOUBLE_TEXT_SIZE, signbit(value) ? "-0.0" : "0.0");
    char text[40];
    for (int n = least; n <= most; n++) {
        snprintf(text, sizeof text, "%.*e", n - 1, fabs(value));
        bool same = is_float ? strtof(text, NULL) == fabsf((float)value)
                             : strtod(text, NULL) == fabs(value);
        if (same)
            break;
    }
    char digits[24];
    int count = 0;
    char *p = text;
    for (; *p != 'e'; p++)
        if (*p != '.')
            digits[count++] = *p;
    while (count > 1 && digits[count - 1] == '0')
        count--;
    return java_layout(digits, count, (int)strtol(p + 1, NULL, 10), value < 0, out);
}

int lv_double_print(double value, char out[LV_DOUBLE_TEXT_SIZE])
{
    return print(value, false, fabs(value) < 2.3e-308 ? 2 : 15, 17,
                 out); /* subnormals have fewer digits */
}

int lv_float_print(float value, char out[LV_DOUBLE_TEXT_SIZE])
{
    return print((double)value, true, fabsf(value) < 1.2e-38f ? 2 : 6, 9, out);
}

float lv_half_float(uint16_t half)
{
    uint32_t sign = (uint32_t)(half & 0x8000) << 16, exponent = half >> 10 & 31,
             fraction = half & 0x3FF, bits;
    if (exponent == 31) {
        bits = sign | 0x7F800000 | fraction << 13;
    } else if (exponent > 0) {
        bits = sign | (exponent + 112) << 23 | fraction << 13;
    } else { /* fraction * 2^-24 is exact in a float */
        float value = (float)fraction * 0x1p-24f;
        memcpy(&bits, &value, 4);
        bits |= sign;
    }
    float value;
    memcpy(&value, &bits, 4);
    return value;
}
