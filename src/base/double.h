/* double.h: doubles and text. Reading is exact (the nearest double); printing is Java's Double.toString. */
#ifndef LV_BASE_DOUBLE_H
#define LV_BASE_DOUBLE_H

#include "base/str.h"

enum { LV_DOUBLE_TEXT_SIZE = 32 };

/** The double nearest to (-1)^negative · mantissa · 10^exponent, when mantissa holds all digits. */
double lv_double_make(bool negative, uint64_t mantissa, int exponent, lv_str text);
/** Reads the JSON or SQL number that `text` is as a whole ([+-]digits[.digits][e[+-]digits]); false if it is none. */
bool lv_double_parse(lv_str text, double *out);
/** The same for the nearest FLOAT, rounded once. */
bool lv_float_parse(lv_str text, float *out);
/** Shortest digits that read back the same, in Java's form: 1.0, 1.0E7, 1.0E-4, NaN, Infinity. Returns the length. So
 *  JSON has it (Jackson's writer). */
int lv_double_print(double value, char out[LV_DOUBLE_TEXT_SIZE]);
/** The same of a FLOAT. */
int lv_float_print(float value, char out[LV_DOUBLE_TEXT_SIZE]);
/** As Java 17's Double.toString prints it, not always the shortest text: so CAST has it. Returns the length. */
int lv_double_print_java(double value, char out[LV_DOUBLE_TEXT_SIZE]);
/** The same of a FLOAT. */
int lv_float_print_java(float value, char out[LV_DOUBLE_TEXT_SIZE]);
/** The value of a half float (IEEE 754 binary16). */
float lv_half_float(uint16_t half);

#endif
