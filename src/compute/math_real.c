/* math_real.c: functions of DOUBLEs. Where C and Java differ in what they say of special values, Java
 * is followed. Source: mathExpressions.scala. */
#include <math.h>

#include "compute/cast_int.h"

/* ---- one argument ---------------------------------------------------------------------------- */

static double secant(double x)
{
    return 1 / cos(x);
}
static double cosecant(double x)
{
    return 1 / sin(x);
}
static double cotangent(double x)
{
    return 1 / tan(x);
}
static double degrees(double x)
{
    return x * 57.29577951308232;
}
static double radians(double x)
{
    return x * 0.017453292519943295;
}
/* The upper half of a double's bits, and a double with these and zeros below. */
static uint32_t upper_bits(double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return (uint32_t)(bits >> 32);
}
static double of_upper_bits(uint32_t upper)
{
    uint64_t bits = (uint64_t)upper << 32;
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* As Java's StrictMath (fdlibm's method): a guess from a third of the exponent, made exact to 23 bits by a
 * rational function, cut to 20, then one step of Newton. The C library's cbrt differs in the last bit: its cbrt(27) is
 * above 3. */
static double cube_root(double x)
{
    enum { BIAS = 715094163, BIAS_SUBNORMAL = 696219795, SMALLEST_NORMAL = 0x00100000 };
    double a = fabs(x);
    if (a == 0 || !isfinite(a))
        return x;
    uint32_t upper = upper_bits(a);
    double t = upper >= SMALLEST_NORMAL
                   ? of_upper_bits(upper / 3 + BIAS)
                   : of_upper_bits(upper_bits(a * 0x1p54) / 3 + BIAS_SUBNORMAL);
    double s = 19.0 / 35 + t * t / a * t;
    t *= 5.0 / 14 + 45.0 / 28 / (s + 99.0 / 70 - 864.0 / 1225 / s);
    t = of_upper_bits(upper_bits(t) + 1);
    double rest = a / (t * t);
    t += t * ((rest - t) / (t + t + rest));
    return copysign(t, x);
}
static double log_base_2(double x)
{
    return log(x) / log(2);
}

typedef double (*math_function)(double);
static const math_function functions[] = {
    [MATH_SQRT] = sqrt,       [MATH_CBRT] = cube_root,  [MATH_EXP] = exp,
    [MATH_LN] = log,          [MATH_LOG2] = log_base_2, [MATH_LOG10] = log10,
    [MATH_SIN] = sin,         [MATH_COS] = cos,         [MATH_TAN] = tan,
    [MATH_ATAN] = atan,       [MATH_ASIN] = asin,       [MATH_ACOS] = acos,
    [MATH_SINH] = sinh,       [MATH_COSH] = cosh,       [MATH_TANH] = tanh,
    [MATH_ASINH] = asinh,     [MATH_ACOSH] = acosh,     [MATH_ATANH] = atanh,
    [MATH_SEC] = secant,      [MATH_CSC] = cosecant,    [MATH_COT] = cotangent,
    [MATH_EXPM1] = expm1,     [MATH_LOG1P] = log1p,     [MATH_DEGREES] = degrees,
    [MATH_RADIANS] = radians, [MATH_RINT] = rint};

static bool is_logarithm(int op)
{
    return op == MATH_LN || op == MATH_LOG2 || op == MATH_LOG10 || op == MATH_LOG1P;
}

static lv_status kernel_math(const lv_call *call, lv_eval *eval, const lv_vector *args,
                             int64_t rows, lv_vector *out, lv_error *err)
{
    math_function f = functions[call->function->op];
    const double *x = args[0].data;
    bool owned = false;
    lv_result_init(call, eval, args, rows, out);
    for (int64_t i = 0; i < rows; i++)
        ((double *)out->data)[i] = f(x[i]);
    double pole = call->function->op == MATH_LOG1P ? -1 : 0;
    for (int64_t i = 0; i < rows && is_logarithm(call->function->op); i++)
        if (x[i] <= pole && lv_row_valid(args[0].validity, i))
            lv_result_set_null(eval->arena, out, i, &owned);
    return LV_OK;
}

lv_status lv_bind_math(const lv_function *function, lv_bind *bind, lv_error *err)
{
    LV_TRY(lv_bind_want(function, bind, 0, lv_type_of(LV_TYPE_DOUBLE), err));
    lv_bind_result(bind, bind->arg_types[0], true, kernel_math);
    bind->nullable = true; /* Spark says so of all of them */
    return LV_OK;
}

/* ---- two arguments --------------------------------------------------------------------------- */

typedef double (*math_function2)(double, double);
static const math_function2 functions2[] = {
    [MATH_POW] = pow, [MATH_ATAN2] = atan2, [MATH_HYPOT] = hypot};

/* Java's pow gives NaN where C has 1: for an infinite exponent of 1 or -1, and for 1 to the power
 * of NaN. */
static double power(double x, double y)
{
    if (isnan(y) || (fabs(x) == 1 && isinf(y)))
        return NAN;
    return pow(x, y);
}

static lv_status kernel_math2(const lv_call *call, lv_eval *eval, const lv_vector *args,
                              int64_t rows, lv_vector *out, lv_error *err)
{
    math_function2 f = call->function->op == MATH_POW ? power : functions2[call->function->op];
    lv_result_init(call, eval, args, rows, out);
    for (int64_t i = 0; i < rows; i++)
        ((double *)out->data)[i] = f(LV_AT(double, &args[0], i), LV_AT(double, &args[1], i));
    return LV_OK;
}

lv_status lv_bind_math2(const lv_function *function, lv_bind *bind, lv_error *err)
{
    for (int i = 0; i < 2; i++)
        LV_TRY(lv_bind_want(function, bind, i, lv_type_of(LV_TYPE_DOUBLE), err));
    lv_bind_result(bind, bind->arg_types[0], true, kernel_math2);
    return LV_OK;
}

/* log(x) and log(base, x): NULL where a logarithm does not exist. */
static lv_status kernel_log(const lv_call *call, lv_eval *eval, const lv_vector *args, int64_t rows,
                            lv_vector *out, lv_error *err)
{
    bool owned = false;
    lv_result_init(call, eval, args, rows, out);
    for (int64_t i = 0; i < rows; i++) {
        double a = LV_AT(double, &args[0], i);
        double x = call->arg_count == 2 ? LV_AT(double, &args[1], i) : a;
        ((double *)out->data)[i] = call->arg_count == 2 ? log(x) / log(a) : log(x);
        if ((a <= 0 || x <= 0) && lv_row_valid(out->validity, i))
            lv_result_set_null(eval->arena, out, i, &owned);
    }
    return LV_OK;
}

lv_status lv_bind_log(const lv_function *function, lv_bind *bind, lv_error *err)
{
    for (int i = 0; i < bind->arg_count; i++)
        LV_TRY(lv_bind_want(function, bind, i, lv_type_of(LV_TYPE_DOUBLE), err));
    lv_bind_result(bind, bind->arg_types[0], true, kernel_log);
    bind->nullable = true;
    return LV_OK;
}

/* ---- constants ------------------------------------------------------------------------------- */

static lv_status kernel_constant(const lv_call *call, lv_eval *eval, const lv_vector *args,
                                 int64_t rows, lv_vector *out, lv_error *err)
{
    *(double *)lv_result_constant(call, eval, rows, out) =
        call->function->op == MATH_PI ? M_PI : M_E;
    return LV_OK;
}

lv_status lv_bind_math_constant(const lv_function *function, lv_bind *bind, lv_error *err)
{
    lv_bind_result(bind, lv_type_of(LV_TYPE_DOUBLE), true, kernel_constant);
    return LV_OK;
}

/* ---- width_bucket ---------------------------------------------------------------------------- */

/* The bucket of x where low..high is cut into `count` equal ones; 0 if there is no answer, as that
 * is never `*found`. Source: WidthBucket.computeBucketNumber. */
static int64_t bucket_of(double x, double low, double high, int64_t count, bool *found)
{
    *found = count > 0 && count < INT64_MAX && !isnan(x) && isfinite(low) && isfinite(high) &&
             low != high;
    if (!*found)
        return 0;
    bool falling = low > high;
    if (falling ? x > low : x < low)
        return 0;
    if (falling ? x <= high : x >= high)
        return count + 1;
    return (int64_t)((double)count * (x - low) / (high - low)) + 1;
}

static lv_status kernel_width_bucket(const lv_call *call, lv_eval *eval, const lv_vector *args,
                                     int64_t rows, lv_vector *out, lv_error *err)
{
    bool owned = false;
    lv_result_init(call, eval, args, rows, out);
    for (int64_t i = 0; i < rows; i++) {
        bool found;
        ((int64_t *)out->data)[i] =
            bucket_of(LV_AT(double, &args[0], i), LV_AT(double, &args[1], i),
                      LV_AT(double, &args[2], i), LV_AT(int64_t, &args[3], i), &found);
        if (!found && lv_row_valid(out->validity, i))
            lv_result_set_null(eval->arena, out, i, &owned);
    }
    return LV_OK;
}

lv_status lv_bind_width_bucket(const lv_function *function, lv_bind *bind, lv_error *err)
{
    for (int i = 0; i < 4; i++)
        LV_TRY(lv_bind_want(function, bind, i, lv_type_of(i < 3 ? LV_TYPE_DOUBLE : LV_TYPE_BIGINT),
                            err));
    lv_bind_result(bind, lv_type_of(LV_TYPE_BIGINT), true, kernel_width_bucket);
    bind->nullable = true;
    return LV_OK;
}
