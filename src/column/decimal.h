/* decimal.h: DECIMAL values: an unscaled 128-bit integer; the scale is the type's. */
#ifndef LV_COLUMN_DECIMAL_H
#define LV_COLUMN_DECIMAL_H

#include "base/str.h"

enum { LV_DECIMAL_DIGITS = 38 };
extern const __int128 lv_decimal_powers[LV_DECIMAL_DIGITS + 1];

/** 10^n for n 0..38. */
static inline __int128 lv_decimal_power(int n)
{
    return lv_decimal_powers[n];
}
/** Whether |value| has at most `precision` digits. */
static inline bool lv_decimal_fits(__int128 value, int precision)
{
    __int128 limit = lv_decimal_powers[precision];
    return value < limit && value > -limit;
}
/** value at `scale` brought to `to_scale`, rounding half up; false on overflow of 38 digits. */
bool lv_decimal_rescale(__int128 value, int scale, int to_scale, __int128 *out);
/** Reads [+-]digits[.digits][e[+-]digits] rounded half up to `scale`; false if the text is no
 *  number or does not fit `precision`. */
bool lv_decimal_parse(lv_str text, int precision, int scale, __int128 *out);
/** Plain decimal text with `scale` digits behind the point. */
void lv_decimal_print(__int128 value, int scale, lv_sbuf *out);
/** As java.math.BigDecimal.toString prints it: plain, but 1E-7 and 0E-18 where the first digit is behind
 *  the sixth place. */
void lv_decimal_print_short(__int128 value, int scale, lv_sbuf *out);
double lv_decimal_to_double(__int128 value, int scale);

#endif
