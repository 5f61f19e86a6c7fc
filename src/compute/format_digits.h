/* format_digits.h: the decimal digits of a number, rounded half up, as formats of numbers need them.
 * Private to compute/. */
#ifndef LV_COMPUTE_FORMAT_DIGITS_H
#define LV_COMPUTE_FORMAT_DIGITS_H

#include "base/str.h"

enum { LV_DIGITS_MAX = 400 }; /* a DOUBLE has up to 309 before the point */

/** 0.d1d2d3... · 10^point; no zeros at the ends, none at all for 0. */
typedef struct lv_digits {
    bool negative;
    int count;
    int point;
    char digit[40]; /* '0' to '9' */
} lv_digits;

/** Of a finite DOUBLE: the shortest digits that read back as it. */
lv_digits lv_digits_of_double(double value);
/** Of value · 10^-scale. */
lv_digits lv_digits_of_decimal(__int128 value, int scale);
/** Rounds to `places` behind the point: half up, or half to even. */
void lv_digits_round(lv_digits *d, int places, bool half_even);
/** Adds the absolute value with `places` digits behind the point; commas after each third digit if `group`. */
void lv_digits_print(const lv_digits *d, int places, bool group, lv_sbuf *out);

#endif
