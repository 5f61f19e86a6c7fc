/* cast_number.c: casts among BOOLEAN, integers, FLOAT, DOUBLE and DECIMAL.
 *
 * Integers go through int64_t, reals through double; both widen without loss, so one narrowing loop
 * per target does for every source. */
#include <math.h>

#include "base/double.h"
#include "column/decimal.h"
#include "compute/cast_int.h"

#define WIDEN(ctype)                                                                               \
    for (int64_t i = 0; i < n; i++)                                                                \
        out[i] = ((const ctype *)in->data)[i];                                                     \
    break

/* BOOLEAN and integers; a BIGINT vector is used as it is. */
static const int64_t *as_int64(lv_arena *arena, const lv_vector *in)
{
    int64_t n = in->length;
    if (in->type->kind == LV_TYPE_BIGINT)
        return in->data;
    int64_t *out = lv_arena_alloc(arena, sizeof *out * (size_t)n);
    switch (in->type->kind) {
    case LV_TYPE_TINYINT: WIDEN(int8_t);
    case LV_TYPE_SMALLINT: WIDEN(int16_t);
    case LV_TYPE_INT: WIDEN(int32_t);
    default: WIDEN(uint8_t);
    }
    return out;
}

static const double *as_double(lv_arena *arena, const lv_vector *in)
{
    int64_t n = in->length;
    if (in->type->kind == LV_TYPE_DOUBLE)
        return in->data;
    double *out = lv_arena_alloc(arena, sizeof *out * (size_t)n);
    switch (in->type->kind) {
    case LV_TYPE_FLOAT: WIDEN(float);
    case LV_TYPE_TINYINT: WIDEN(int8_t);
    case LV_TYPE_SMALLINT: WIDEN(int16_t);
    case LV_TYPE_INT: WIDEN(int32_t);
    case LV_TYPE_BIGINT:
        for (int64_t i = 0; i < n; i++)
            out[i] = (double)((const int64_t *)in->data)[i];
        break;
    default: WIDEN(uint8_t);
    }
    return out;
}
#undef WIDEN

/* Rows that do not fit, told by `fits`; rows that are null do not count. */
#define REJECT_UNLESS(fits, status)                                                                \
    for (int64_t i = 0; i < job->out->length; i++)                                                 \
        if (LV_UNLIKELY(!(fits)) && lv_row_valid(job->in->validity, i))                            \
    LV_TRY(lv_cast_reject(job, i, (status)))

/* ---- to integers ----------------------------------------------------------------------------- */

#define NARROW(ctype)                                                                              \
    for (int64_t i = 0; i < n; i++) {                                                              \
        ((ctype *)out)[i] = (ctype)in[i];                                                          \
        bad |= (ctype)in[i] != in[i];                                                              \
    }                                                                                              \
    break

static bool narrow(lv_type_kind kind, const int64_t *in, void *out, int64_t n)
{
    bool bad = false;
    switch (kind) {
    case LV_TYPE_TINYINT: NARROW(int8_t);
    case LV_TYPE_SMALLINT: NARROW(int16_t);
    case LV_TYPE_INT: NARROW(int32_t);
    default: memcpy(out, in, sizeof *in * (size_t)n);
    }
    return bad;
}
#undef NARROW

static lv_status int_to_int(lv_cast_job *job)
{
    lv_type_kind to = job->to->kind;
    const int64_t *in = as_int64(job->eval->arena, job->in);
    if (!narrow(to, in, job->out->data, job->out->length) || job->legacy)
        return LV_OK;
    REJECT_UNLESS(in[i] >= lv_int_min(to) && in[i] <= lv_int_max(to), LV_CAST_OVERFLOW);
    return LV_OK;
}

/* Java's (int) and (long): NaN is 0, too large is the limit. */
static int64_t saturate(double d, lv_type_kind kind)
{
    if (isnan(d))
        return 0;
    if (d >= (double)lv_int_max(kind))
        return lv_int_max(kind);
    return d <= (double)lv_int_min(kind) ? lv_int_min(kind) : (int64_t)d;
}

static lv_status real_to_int(lv_cast_job *job)
{
    lv_type_kind to = job->to->kind;
    lv_type_kind first = to == LV_TYPE_BIGINT
                             ? LV_TYPE_BIGINT
                             : LV_TYPE_INT; /* BYTE and SHORT are cut from an INT */
    double least = (double)lv_int_min(to), most = (double)lv_int_max(to);
    const double *in = as_double(job->eval->arena, job->in);
    for (int64_t i = 0; i < job->out->length; i++)
        lv_store_int(to, job->out->data, i, saturate(in[i], first));
    if (!job->legacy)
        REJECT_UNLESS(floor(in[i]) <= most && ceil(in[i]) >= least, LV_CAST_OVERFLOW);
    return LV_OK;
}

static double decimal_double(__int128 value, int scale)
{
    if (value < (int64_t)1 << 53 && value > -((int64_t)1 << 53) && scale <= 22)
        return (double)(int64_t)value /
               (double)lv_decimal_power(scale); /* both exact: one rounding */
    return lv_decimal_to_double(value, scale);
}

/* Under ANSI Spark asks the DOUBLE that is nearest whether it fits, and cuts that: 0.99999999999999999999 is 1. */
static lv_status wide_decimal_to_int(lv_cast_job *job)
{
    lv_type_kind to = job->to->kind;
    const __int128 *in = job->in->data;
    double least = (double)lv_int_min(to), most = (double)lv_int_max(to);
    for (int64_t i = 0; i < job->out->length; i++) {
        double value =
            lv_row_valid(job->in->validity, i) ? decimal_double(in[i], job->from->scale) : 0;
        lv_store_int(to, job->out->data, i, saturate(value, LV_TYPE_BIGINT));
        if (floor(value) > most || ceil(value) < least)
            LV_TRY(lv_cast_reject(job, i, LV_CAST_OVERFLOW));
    }
    return LV_OK;
}

static lv_status decimal_to_int(lv_cast_job *job)
{
    lv_type_kind to = job->to->kind;
    __int128 unit = lv_decimal_power(job->from->scale);
    const __int128 *in = job->in->data;
    if (!job->legacy && to != LV_TYPE_BIGINT && job->from->precision > 18)
        return wide_decimal_to_int(job);
    for (int64_t i = 0; i < job->out->length; i++)
        lv_store_int(to, job->out->data, i, (int64_t)(in[i] / unit));
    if (!job->legacy)
        REJECT_UNLESS(in[i] / unit >= lv_int_min(to) && in[i] / unit <= lv_int_max(to),
                      LV_CAST_OVERFLOW);
    return LV_OK;
}

/* ---- to reals -------------------------------------------------------------------------------- */

static lv_status to_real(lv_cast_job *job)
{
    int64_t n = job->out->length;
    bool is_float = job->to->kind == LV_TYPE_FLOAT;
    float *f = job->out->data;
    double *d = job->out->data;
    if (job->from->kind == LV_TYPE_DECIMAL) {
        const __int128 *in = job->in->data;
        for (int64_t i = 0; i < n; i++) {
            double value = decimal_double(in[i], job->from->scale);
            if (is_float)
                f[i] = (float)value;
            else
                d[i] = value;
        }
    } else if (is_float && job->from->kind == LV_TYPE_BIGINT) {
        const int64_t *in = job->in->data; /* not through double: that would round twice */
        for (int64_t i = 0; i < n; i++)
            f[i] = (float)in[i];
    } else {
        const double *in = as_double(job->eval->arena, job->in);
        for (int64_t i = 0; i < n && is_float; i++)
            f[i] = (float)in[i];
        if (!is_float)
            job->out->data = (void *)in;
    }
    return LV_OK;
}

/* ---- to DECIMAL and BOOLEAN ------------------------------------------------------------------ */

static lv_status to_decimal(lv_cast_job *job)
{
    const lv_type *to = job->to, *from = job->from;
    __int128 *out = job->out->data;
    bool whole = from->kind != LV_TYPE_DECIMAL;
    const int64_t *ints = whole ? as_int64(job->eval->arena, job->in) : NULL;
    for (int64_t i = 0; i < job->out->length; i++) {
        __int128 value = whole ? ints[i] : ((const __int128 *)job->in->data)[i];
        out[i] = 0;
        if (!lv_row_valid(job->in->validity, i))
            continue;
        if (!lv_decimal_rescale(value, whole ? 0 : from->scale, to->scale, &out[i]) ||
            !lv_decimal_fits(out[i], to->precision)) {
            out[i] = 0;
            LV_TRY(lv_cast_reject(job, i,
                                  job->mode == LV_CAST_ASSIGNMENT ? LV_CAST_OVERFLOW
                                                                  : LV_NUMERIC_VALUE_OUT_OF_RANGE));
        }
    }
    return LV_OK;
}

/* Through the shortest text, as Java's BigDecimal.valueOf(double): 0.15 is 0.15, not 0.1499999....
 */
static lv_status real_to_decimal(lv_cast_job *job)
{
    __int128 *out = job->out->data;
    for (int64_t i = 0; i < job->out->length; i++) {
        out[i] = 0;
        if (!lv_row_valid(job->in->validity, i))
            continue;
        char text[LV_DOUBLE_TEXT_SIZE];
        bool is_float = job->from->kind == LV_TYPE_FLOAT;
        double d = is_float ? (double)((const float *)job->in->data)[i]
                            : ((const double *)job->in->data)[i];
        if (!isfinite(d)) { /* null under ANSI too */
            lv_result_set_null(job->eval->arena, job->out, i, &job->owned);
            continue;
        }
        int len = lv_double_print_java(d, text);
        if (!lv_decimal_parse((lv_str){text, (size_t)len}, job->to->precision, job->to->scale,
                              &out[i])) {
            out[i] = 0;
            LV_TRY(lv_cast_reject(job, i,
                                  job->mode == LV_CAST_ASSIGNMENT ? LV_CAST_OVERFLOW
                                                                  : LV_NUMERIC_VALUE_OUT_OF_RANGE));
        }
    }
    return LV_OK;
}

static lv_status to_boolean(lv_cast_job *job)
{
    uint8_t *out = job->out->data;
    if (job->from->kind == LV_TYPE_DECIMAL) {
        for (int64_t i = 0; i < job->out->length; i++)
            out[i] = ((const __int128 *)job->in->data)[i] != 0;
    } else if (lv_type_is_integral(job->from)) {
        const int64_t *in = as_int64(job->eval->arena, job->in);
        for (int64_t i = 0; i < job->out->length; i++)
            out[i] = in[i] != 0;
    } else {
        const double *in = as_double(job->eval->arena, job->in);
        for (int64_t i = 0; i < job->out->length; i++)
            out[i] = in[i] != 0;
    }
    return LV_OK;
}

lv_status lv_cast_number(lv_cast_job *job)
{
    bool from_real = job->from->kind == LV_TYPE_FLOAT || job->from->kind == LV_TYPE_DOUBLE;
    switch (job->to->kind) {
    case LV_TYPE_BOOLEAN: return to_boolean(job);
    case LV_TYPE_FLOAT:
    case LV_TYPE_DOUBLE: return to_real(job);
    case LV_TYPE_DECIMAL: return from_real ? real_to_decimal(job) : to_decimal(job);
    default:
        if (job->from->kind == LV_TYPE_DECIMAL)
            return decimal_to_int(job);
        return from_real ? real_to_int(job) : int_to_int(job);
    }
}
