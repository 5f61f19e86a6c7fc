/* decimal_vectors.c: sums, differences and products of whole DECIMAL vectors, where the result keeps
 * all digits behind the point.
 *
 * Nearly all values fit 64 bits, so products are one multiplication of the processor. What does not
 * fit is only noticed here, by one flag for the whole vector: the caller then goes row by row. */
#include "column/decimal.h"
#include "compute/compute_int.h"

static inline bool is_short(__int128 v)
{
    return v == (int64_t)v;
}

/* x·fx ± y·fy; false if something left 128 bits or `limit`. */
static bool add_vectors(const __int128 *x, bool x_moves, const __int128 *y, bool y_moves,
                        int64_t fx, int64_t fy, __int128 limit, int64_t rows, __int128 *out)
{
    bool bad = false;
    for (int64_t i = 0; i < rows; i++) {
        __int128 a = x[x_moves ? i : 0], b = y[y_moves ? i : 0];
        bad |= !is_short(a);
        bad |= !is_short(b);
        __int128 value = (__int128)(int64_t)a * fx + (__int128)(int64_t)b * fy;
        bad |= (value >= limit) | (value <= -limit);
        out[i] = value;
    }
    return !bad;
}

static bool multiply_vectors(const __int128 *x, bool x_moves, const __int128 *y, bool y_moves,
                             __int128 limit, int64_t rows, __int128 *out)
{
    bool bad = false;
    for (int64_t i = 0; i < rows; i++) {
        __int128 a = x[x_moves ? i : 0], b = y[y_moves ? i : 0];
        bad |= !is_short(a);
        bad |= !is_short(b);
        __int128 value = (__int128)(int64_t)a * (int64_t)b;
        bad |= (value >= limit) | (value <= -limit);
        out[i] = value;
    }
    return !bad;
}

bool lv_decimal_vectors(const lv_call *call, int op, const lv_vector *args, int64_t rows,
                        lv_vector *out)
{
    enum { FACTOR_DIGITS = 18 }; /* 10^18 fits 63 bits, and a sum of two such products 127 */
    const lv_type *type = call->type;
    int xs = call->arg_types[0]->scale, ys = call->arg_types[1]->scale, common = LV_MAX(xs, ys);
    bool x_moves = args[0].encoding != LV_CONSTANT, y_moves = args[1].encoding != LV_CONSTANT;
    if (type->kind != LV_TYPE_DECIMAL)
        return false;
    __int128 limit = lv_decimal_power(type->precision);
    if (op == ARITH_MULTIPLY)
        return type->scale == xs + ys && multiply_vectors(args[0].data, x_moves, args[1].data,
                                                          y_moves, limit, rows, out->data);
    if ((op != ARITH_ADD && op != ARITH_SUBTRACT) || type->scale != common ||
        common - LV_MIN(xs, ys) >= FACTOR_DIGITS)
        return false;
    int64_t fx = (int64_t)lv_decimal_power(common - xs);
    int64_t fy = (int64_t)lv_decimal_power(common - ys);
    return add_vectors(args[0].data, x_moves, args[1].data, y_moves, fx,
                       op == ARITH_SUBTRACT ? -fy : fy, limit, rows, out->data);
}
