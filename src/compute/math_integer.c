/* math_integer.c: functions that look at the digits of integers. Source: mathExpressions.scala,
 * NumberConverter.scala. */
#include "compute/cast_int.h"

/* ---- factorial, bin -------------------------------------------------------------------------- */

static lv_status kernel_factorial(const lv_call *call, lv_eval *eval, const lv_vector *args,
                                  int64_t rows, lv_vector *out, lv_error *err)
{
    enum { LARGEST = 20 }; /* whose factorial is a BIGINT */
    int64_t factorials[LARGEST + 1] = {1};
    for (int n = 1; n <= LARGEST; n++)
        factorials[n] = factorials[n - 1] * n;
    bool owned = false;
    lv_result_init(call, eval, args, rows, out);
    for (int64_t i = 0; i < rows; i++) {
        int32_t n = ((const int32_t *)args[0].data)[i];
        bool exists = n >= 0 && n <= LARGEST;
        ((int64_t *)out->data)[i] = exists ? factorials[n] : 0;
        if (!exists && lv_row_valid(out->validity, i))
            lv_result_set_null(eval->arena, out, i, &owned);
    }
    return LV_OK;
}

lv_status lv_bind_factorial(const lv_function *function, lv_bind *bind, lv_error *err)
{
    LV_TRY(lv_bind_want(function, bind, 0, lv_type_of(LV_TYPE_INT), err));
    lv_bind_result(bind, lv_type_of(LV_TYPE_BIGINT), true, kernel_factorial);
    bind->nullable = true;
    return LV_OK;
}

static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/* `value` in a base, with a minus in front if `negative`. */
static lv_str print_in_base(lv_arena *arena, uint64_t value, unsigned base, bool negative)
{
    char text[66];
    size_t at = sizeof text;
    do
        text[--at] = digits[value % base];
    while ((value /= base) > 0);
    if (negative)
        text[--at] = '-';
    return lv_str_dup(arena, (lv_str){text + at, sizeof text - at});
}

static lv_status kernel_bin(const lv_call *call, lv_eval *eval, const lv_vector *args, int64_t rows,
                            lv_vector *out, lv_error *err)
{
    lv_result_init(call, eval, args, rows, out);
    for (int64_t i = 0; i < rows; i++)
        ((lv_str *)out->data)[i] =
            lv_row_valid(out->validity, i)
                ? print_in_base(eval->arena, (uint64_t)((const int64_t *)args[0].data)[i], 2, false)
                : LV_STR_NONE;
    return LV_OK;
}

lv_status lv_bind_bin(const lv_function *function, lv_bind *bind, lv_error *err)
{
    LV_TRY(lv_bind_want(function, bind, 0, lv_type_of(LV_TYPE_BIGINT), err));
    lv_bind_result(bind, lv_type_of(LV_TYPE_STRING), true, kernel_bin);
    return LV_OK;
}

/* ---- conv ------------------------------------------------------------------------------------ */

static unsigned digit_value(char c)
{
    if (c >= '0' && c <= '9')
        return (unsigned)(c - '0');
    return (c | 32) >= 'a' && (c | 32) <= 'z' ? (unsigned)((c | 32) - 'a' + 10) : 99;
}

/* The number at the front of `s`, as an unsigned one; *fits false if it is too large. */
static uint64_t read_in_base(lv_str s, unsigned base, bool *fits)
{
    uint64_t value = 0;
    *fits = true;
    for (size_t i = 0; i < s.len && digit_value(s.ptr[i]) < base; i++)
        if (__builtin_mul_overflow(value, base, &value) ||
            __builtin_add_overflow(value, digit_value(s.ptr[i]), &value)) {
            *fits = false;
            return UINT64_MAX;
        }
    return value;
}

/* A negative target base means a signed result. False: NULL. */
static bool convert(lv_arena *arena, lv_str s, int32_t from, int32_t to, bool *fits, lv_str *out)
{
    *fits = true;
    while (s.len > 0 && s.ptr[0] == ' ')
        s = lv_str_sub(s, 1, s.len - 1);
    while (s.len > 0 && s.ptr[s.len - 1] == ' ')
        s.len--;
    if (from < 2 || from > 36 || to < -36 || to > 36 || (to > -2 && to < 2) || s.len == 0)
        return false;
    bool negative = s.ptr[0] == '-';
    if (negative)
        s = lv_str_sub(s, 1, s.len - 1);
    uint64_t value = read_in_base(s, (unsigned)from, fits);
    if (negative && to > 0)
        value = (int64_t)value < 0 ? UINT64_MAX : 0 - value;
    if (to < 0 && (int64_t)value < 0) {
        value = 0 - value;
        negative = true;
    }
    *out = print_in_base(arena, value, (unsigned)(to < 0 ? -to : to), negative && to < 0);
    return true;
}

static lv_status kernel_conv(const lv_call *call, lv_eval *eval, const lv_vector *args,
                             int64_t rows, lv_vector *out, lv_error *err)
{
    bool owned = false;
    lv_result_init(call, eval, args, rows, out);
    lv_strs in = lv_strs_of(&args[0]);
    for (int64_t i = 0; i < rows; i++) {
        lv_str *value = (lv_str *)out->data + i;
        bool fits;
        *value = LV_STR_NONE;
        if (!lv_row_valid(out->validity, i))
            continue;
        if (!convert(eval->arena, lv_strs_at(&in, i), LV_AT(int32_t, &args[1], i),
                     LV_AT(int32_t, &args[2], i), &fits, value))
            lv_result_set_null(eval->arena, out, i, &owned);
        else if (!fits && eval->ansi)
            return LV_FAIL(err, LV_ARITHMETIC_OVERFLOW,
                           "Overflow in function conv(). If necessary set "
                           "\"spark.sql.ansi.enabled\" to \"false\" to bypass this error");
    }
    return LV_OK;
}

lv_status lv_bind_conv(const lv_function *function, lv_bind *bind, lv_error *err)
{
    LV_TRY(lv_bind_want(function, bind, 0, lv_type_of(LV_TYPE_STRING), err));
    LV_TRY(lv_bind_want(function, bind, 1, lv_type_of(LV_TYPE_INT), err));
    LV_TRY(lv_bind_want(function, bind, 2, lv_type_of(LV_TYPE_INT), err));
    lv_bind_result(bind, lv_type_of(LV_TYPE_STRING), false, kernel_conv);
    bind->nullable = true;
    return LV_OK;
}
