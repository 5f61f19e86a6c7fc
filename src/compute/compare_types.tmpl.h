/* compare_types.tmpl.h: = and < over all types of fixed width. Parameters: OP_NAME, INT_OP(a, b,
 * r), REAL_OP(a, b, r). */
#define OP   INT_OP
#define NAME LV_TMPL(OP_NAME, u8)
#define T    uint8_t
#define R    uint8_t
#include "compute/binary.tmpl.h"
#define NAME LV_TMPL(OP_NAME, i8)
#define T    int8_t
#define R    uint8_t
#include "compute/binary.tmpl.h"
#define NAME LV_TMPL(OP_NAME, i16)
#define T    int16_t
#define R    uint8_t
#include "compute/binary.tmpl.h"
#define NAME LV_TMPL(OP_NAME, i32)
#define T    int32_t
#define R    uint8_t
#include "compute/binary.tmpl.h"
#define NAME LV_TMPL(OP_NAME, i64)
#define T    int64_t
#define R    uint8_t
#include "compute/binary.tmpl.h"
#define NAME LV_TMPL(OP_NAME, i128)
#define T    __int128
#define R    uint8_t
#include "compute/binary.tmpl.h"
#undef OP
#define OP   REAL_OP
#define NAME LV_TMPL(OP_NAME, float)
#define T    float
#define R    uint8_t
#include "compute/binary.tmpl.h"
#define NAME LV_TMPL(OP_NAME, double)
#define T    double
#define R    uint8_t
#include "compute/binary.tmpl.h"
#undef OP
#undef OP_NAME
#undef INT_OP
#undef REAL_OP
