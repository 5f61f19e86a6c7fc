/* cast_interval.c: casts between intervals, numbers and text.
 *
 * A number counts the smallest unit of the type: CAST(90 AS INTERVAL HOUR TO MINUTE) is 90 minutes.
 * Whatever is finer than that unit is cut off. A value that does not fit is an error without ANSI too,
 * but text that is no plain INTERVAL is NULL with it. Source: Cast.scala, IntervalUtils.scala. */
#include "column/decimal.h"
#include "compute/cast_int.h"

static lv_unit first_unit(const lv_type *type)
{
    return (lv_unit)type->precision;
}
static lv_unit last_unit(const lv_type *type)
{
    return (lv_unit)type->scale;
}

static void store(lv_cast_job *job, int64_t i, int64_t value)
{
    if (job->to->kind == LV_TYPE_MONTHS)
        ((int32_t *)job->out->data)[i] = (int32_t)value;
    else
        ((int64_t *)job->out->data)[i] = value;
}

static int64_t load(const lv_cast_job *job, int64_t i)
{
    return job->from->kind == LV_TYPE_MONTHS ? ((const int32_t *)job->in->data)[i]
                                             : ((const int64_t *)job->in->data)[i];
}

/* Null for TRY_CAST, else the error. */
static lv_status reject(lv_cast_job *job, int64_t i, lv_status status)
{
    bool strict = job->strict;
    job->strict = job->mode != LV_CAST_TRY;
    status = lv_cast_reject(job, i, status);
    job->strict = strict;
    return status;
}

/* ---- from text ------------------------------------------------------------------------------- */

static lv_status parse(const lv_type *to, lv_str text, void *data, int64_t i, lv_error *err)
{
    unsigned units;
    if (to->kind == LV_TYPE_MONTHS)
        return lv_interval_parse_months(text, first_unit(to), last_unit(to), (int32_t *)data + i,
                                        err);
    if (to->kind == LV_TYPE_MICROS)
        return lv_interval_parse_us(text, first_unit(to), last_unit(to), (int64_t *)data + i, err);
    return lv_interval_parse_units(text, (lv_interval *)data + i, &units, err);
}

lv_status lv_cast_text_to_interval(lv_cast_job *job)
{
    const lv_str *in = job->in->data;
    size_t size = lv_type_value_size(job->to);
    bool lenient = job->mode == LV_CAST_TRY || job->to->kind == LV_TYPE_INTERVAL;
    for (int64_t i = 0; i < job->out->length; i++) {
        lv_status status = LV_OK;
        bool valid = lv_row_valid(job->in->validity, i);
        if (valid)
            status = parse(job->to, in[i], job->out->data, i, lenient ? NULL : job->err);
        if (valid && status == LV_OK)
            continue;
        memset((char *)job->out->data + (size_t)i * size, 0, size);
        if (status != LV_OK && !lenient)
            return status;
        if (status != LV_OK)
            lv_result_set_null(job->eval->arena, job->out, i, &job->owned);
    }
    return LV_OK;
}

/* ---- from numbers ---------------------------------------------------------------------------- */

/* A DECIMAL in the smallest unit of the type: seconds as microseconds and months are rounded, the others cut. */
static bool decimal_count(const lv_cast_job *job, __int128 value, int64_t unit, __int128 *count)
{
    lv_unit last = last_unit(job->to);
    int scale = job->from->scale;
    if (last == LV_UNIT_SECOND)
        return lv_decimal_rescale(value, scale, 6, count);
    if (last == LV_UNIT_MONTH)
        return lv_decimal_rescale(value, scale, 0, count);
    return !__builtin_mul_overflow(value / lv_decimal_power(scale), (__int128)unit, count);
}

static lv_status from_number(lv_cast_job *job)
{
    int64_t unit = lv_unit_size(last_unit(job->to));
    bool is_months = job->to->kind == LV_TYPE_MONTHS;
    for (int64_t i = 0; i < job->out->length; i++) {
        __int128 count = 0;
        bool fits = true;
        if (job->from->kind == LV_TYPE_DECIMAL)
            fits = decimal_count(job, ((const __int128 *)job->in->data)[i], unit, &count);
        else
            count = (__int128)lv_load_int(job->from->kind, job->in->data, i) * unit;
        fits = fits && count == (is_months ? (int32_t)count : (int64_t)count);
        store(job, i, fits ? (int64_t)count : 0);
        if (!fits && lv_row_valid(job->in->validity, i))
            LV_TRY(reject(job, i, LV_CAST_OVERFLOW));
    }
    return LV_OK;
}

/* ---- to numbers and other intervals ---------------------------------------------------------- */

static lv_status to_decimal(lv_cast_job *job)
{
    bool seconds = last_unit(job->from) == LV_UNIT_SECOND;
    int64_t unit = lv_unit_size(last_unit(job->from));
    __int128 *out = job->out->data;
    for (int64_t i = 0; i < job->out->length; i++) {
        __int128 value = seconds ? load(job, i) : load(job, i) / unit;
        bool fits = lv_decimal_rescale(value, seconds ? 6 : 0, job->to->scale, &out[i]) &&
                    lv_decimal_fits(out[i], job->to->precision);
        out[i] = fits ? out[i] : 0;
        if (!fits && lv_row_valid(job->in->validity, i))
            LV_TRY(reject(job, i, LV_NUMERIC_VALUE_OUT_OF_RANGE));
    }
    return LV_OK;
}

static lv_status to_integer(lv_cast_job *job)
{
    int64_t unit = lv_unit_size(last_unit(job->from));
    for (int64_t i = 0; i < job->out->length; i++) {
        int64_t value = load(job, i) / unit;
        bool fits = value >= lv_int_min(job->to->kind) && value <= lv_int_max(job->to->kind);
        lv_store_int(job->to->kind, job->out->data, i, fits ? value : 0);
        if (!fits && lv_row_valid(job->in->validity, i))
            LV_TRY(reject(job, i, LV_CAST_OVERFLOW));
    }
    return LV_OK;
}

static void to_other_units(lv_cast_job *job)
{
    lv_unit last = last_unit(job->to);
    int64_t unit = last == LV_UNIT_SECOND ? 1 : lv_unit_size(last);
    for (int64_t i = 0; i < job->out->length; i++)
        store(job, i, load(job, i) / unit * unit);
}

lv_status lv_cast_interval(lv_cast_job *job)
{
    if (job->from->kind == job->to->kind)
        return to_other_units(job), LV_OK;
    if (!lv_type_is_interval(job->from))
        return from_number(job);
    return job->to->kind == LV_TYPE_DECIMAL ? to_decimal(job) : to_integer(job);
}
