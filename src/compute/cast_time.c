/* cast_time.c: casts between dates, timestamps and numbers. Source: Cast.scala, DateTimeUtils. */
#include <math.h>

#include "base/double.h"
#include "column/decimal.h"
#include "compute/cast_int.h"

enum { US_PER_SECOND = 1000000 };
static const int64_t US_PER_DAY = 86400LL * US_PER_SECOND;

int64_t lv_local_us(int64_t utc_us, const lv_timezone *zone)
{
    int64_t shift = (int64_t)lv_timezone_offset_at(zone, lv_floor_div(utc_us, US_PER_SECOND)) *
                    US_PER_SECOND,
            local;
    return __builtin_add_overflow(utc_us, shift, &local) ? utc_us
                                                         : local; /* the last day of all time */
}

int64_t lv_utc_us(int64_t local_us, const lv_timezone *zone)
{
    int64_t seconds = lv_floor_div(local_us, US_PER_SECOND), utc;
    int64_t shift = (seconds - lv_timezone_to_utc(zone, seconds)) * US_PER_SECOND;
    return __builtin_sub_overflow(local_us, shift, &utc) ? local_us : utc;
}

/* ---- to DATE, TIMESTAMP, TIMESTAMP_NTZ ------------------------------------------------------- */

/* Instants and local times meet in local microseconds. */
static int64_t local_of(const lv_cast_job *job, int64_t i)
{
    if (job->from->kind == LV_TYPE_DATE) {
        int64_t days = ((const int32_t *)job->in->data)[i], midnight;
        bool overflow = __builtin_mul_overflow(days, US_PER_DAY, &midnight);
        return !overflow ? midnight : days < 0 ? INT64_MIN : INT64_MAX;
    }
    int64_t us = ((const int64_t *)job->in->data)[i];
    return job->from->kind == LV_TYPE_TIMESTAMP ? lv_local_us(us, job->eval->zone) : us;
}

/* In seconds, as the first and last day of all time have no local microseconds in every zone. */
static int32_t date_of(const lv_cast_job *job, int64_t i)
{
    if (job->from->kind == LV_TYPE_DATE)
        return ((const int32_t *)job->in->data)[i];
    int64_t seconds = lv_floor_div(((const int64_t *)job->in->data)[i], US_PER_SECOND);
    if (job->from->kind == LV_TYPE_TIMESTAMP)
        seconds += lv_timezone_offset_at(job->eval->zone, seconds);
    return (int32_t)lv_floor_div(seconds, 86400);
}

static lv_status time_to_time(lv_cast_job *job)
{
    for (int64_t i = 0; i < job->out->length; i++) {
        bool valid = lv_row_valid(job->in->validity, i);
        if (job->to->kind == LV_TYPE_DATE) {
            ((int32_t *)job->out->data)[i] = valid ? date_of(job, i) : 0;
            continue;
        }
        int64_t local = valid ? local_of(job, i) : 0;
        ((int64_t *)job->out->data)[i] =
            job->to->kind == LV_TYPE_TIMESTAMP ? lv_utc_us(local, job->eval->zone) : local;
    }
    return LV_OK;
}

static int64_t saturating_us(int64_t seconds)
{
    int64_t us;
    if (__builtin_mul_overflow(seconds, US_PER_SECOND, &us))
        return seconds < 0 ? INT64_MIN : INT64_MAX;
    return us;
}

/* Seconds since 1970 as a DOUBLE: the fraction is kept; too large is an error under ANSI and
 * saturates else. */
static lv_status real_to_timestamp(lv_cast_job *job, double seconds, int64_t i)
{
    int64_t *out = job->out->data;
    out[i] = 0;
    if (!isfinite(seconds)) {
        if (job->legacy)
            lv_result_set_null(job->eval->arena, job->out, i, &job->owned);
        else
            return lv_cast_reject(job, i, LV_CAST_INVALID_INPUT);
        return LV_OK;
    }
    double us = seconds * US_PER_SECOND;
    if (us >= 0x1p63 || us < -0x1p63) {
        out[i] = us < 0 ? INT64_MIN : INT64_MAX;
        return job->legacy ? LV_OK : lv_cast_reject(job, i, LV_CAST_OVERFLOW);
    }
    out[i] = (int64_t)us;
    return LV_OK;
}

/* What is too large wraps, under ANSI too: BigDecimal.longValue. */
static int64_t decimal_us(__int128 value, int scale)
{
    lv_decimal_round34(&value);
    if (scale > 6)
        return (int64_t)(value / lv_decimal_power(scale - 6));
    return (int64_t)((unsigned __int128)value * (unsigned __int128)lv_decimal_power(6 - scale));
}

static lv_status number_to_timestamp(lv_cast_job *job)
{
    int64_t *out = job->out->data;
    for (int64_t i = 0; i < job->out->length; i++) {
        if (!lv_row_valid(job->in->validity, i)) {
            out[i] = 0;
            continue;
        }
        switch (job->from->kind) {
        case LV_TYPE_BOOLEAN:
            out[i] = ((const uint8_t *)job->in->data)[i]; /* a microsecond, as Spark has it */
            break;
        case LV_TYPE_FLOAT:
            LV_TRY(real_to_timestamp(job, (double)((const float *)job->in->data)[i], i));
            break;
        case LV_TYPE_DOUBLE:
            LV_TRY(real_to_timestamp(job, ((const double *)job->in->data)[i], i));
            break;
        case LV_TYPE_DECIMAL:
            out[i] = decimal_us(((const __int128 *)job->in->data)[i], job->from->scale);
            break;
        default: out[i] = saturating_us(lv_load_int(job->from->kind, job->in->data, i));
        }
    }
    return LV_OK;
}

lv_status lv_cast_to_time(lv_cast_job *job)
{
    bool from_time = job->from->kind == LV_TYPE_DATE || job->from->kind == LV_TYPE_TIMESTAMP ||
                     job->from->kind == LV_TYPE_TIMESTAMP_NTZ;
    return from_time ? time_to_time(job) : number_to_timestamp(job);
}

/* ---- from TIMESTAMP -------------------------------------------------------------------------- */

static lv_status timestamp_to_int(lv_cast_job *job, int64_t us, int64_t i)
{
    int64_t seconds = lv_floor_div(us, US_PER_SECOND);
    lv_store_int(job->to->kind, job->out->data, i, seconds);
    bool fits = seconds >= lv_int_min(job->to->kind) && seconds <= lv_int_max(job->to->kind);
    return fits ? LV_OK
                : lv_cast_reject(job, i, LV_CAST_OVERFLOW); /* null, not wrapped, without ANSI */
}

static lv_status timestamp_to_decimal(lv_cast_job *job, int64_t us, int64_t i)
{
    __int128 *out = job->out->data;
    if (lv_decimal_rescale(us, 6, job->to->scale, &out[i]) &&
        lv_decimal_fits(out[i], job->to->precision))
        return LV_OK;
    out[i] = 0;
    return lv_cast_reject(job, i, LV_NUMERIC_VALUE_OUT_OF_RANGE);
}

lv_status lv_cast_from_timestamp(lv_cast_job *job)
{
    const int64_t *in = job->in->data;
    for (int64_t i = 0; i < job->out->length; i++) {
        int64_t us = lv_row_valid(job->in->validity, i) ? in[i] : 0;
        switch (job->to->kind) {
        case LV_TYPE_BOOLEAN: ((uint8_t *)job->out->data)[i] = us != 0; break;
        case LV_TYPE_FLOAT:
            ((float *)job->out->data)[i] = (float)((double)us / US_PER_SECOND);
            break;
        case LV_TYPE_DOUBLE: ((double *)job->out->data)[i] = (double)us / US_PER_SECOND; break;
        case LV_TYPE_DECIMAL: LV_TRY(timestamp_to_decimal(job, us, i)); break;
        default: LV_TRY(timestamp_to_int(job, us, i));
        }
    }
    return LV_OK;
}
