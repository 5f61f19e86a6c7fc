/* arith_types.tmpl.h: an operation over all numeric types but DECIMAL, and its table. Parameters:
 * OP_NAME, INT_OP(a, b, r), REAL_OP(a, b, r). */
#define OP   INT_OP
#define NAME LV_TMPL(OP_NAME, tinyint)
#define T    int8_t
#define R    int8_t
#include "compute/binary.tmpl.h"
#define NAME LV_TMPL(OP_NAME, smallint)
#define T    int16_t
#define R    int16_t
#include "compute/binary.tmpl.h"
#define NAME LV_TMPL(OP_NAME, int)
#define T    int32_t
#define R    int32_t
#include "compute/binary.tmpl.h"
#define NAME LV_TMPL(OP_NAME, bigint)
#define T    int64_t
#define R    int64_t
#include "compute/binary.tmpl.h"
#undef OP
#define OP   REAL_OP
#define NAME LV_TMPL(OP_NAME, float)
#define T    float
#define R    float
#include "compute/binary.tmpl.h"
#define NAME LV_TMPL(OP_NAME, double)
#define T    double
#define R    double
#include "compute/binary.tmpl.h"
#undef OP
#undef OP_NAME
#undef INT_OP
#undef REAL_OP
