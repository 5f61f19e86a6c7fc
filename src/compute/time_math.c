/* time_math.c: the calendar on single values. See time_int.h. Source: DateTimeUtils. */
#include "compute/time_int.h"

static int64_t add_months(int64_t days, int64_t months)
{
    int64_t year, count;
    int month, day;
    lv_civil_from_days(days, &year, &month, &day);
    count = year * 12 + month - 1 + months;
    year = lv_floor_div(count, 12);
    month = (int)(count - year * 12) + 1;
    return lv_days_from_civil(year, month, LV_MIN(day, lv_days_in_month(year, month)));
}

bool lv_date_add_months(int32_t days, int64_t months, int32_t *out)
{
    int64_t sum = add_months(days, months);
    *out = (int32_t)sum;
    return sum == *out;
}

/* The instant of a local time, with `offset_us` where that is one of two. */
static bool to_instant(int64_t local_us, int64_t offset_us, const lv_timezone *zone, int64_t *us)
{
    int64_t instant;
    if (!__builtin_sub_overflow(local_us, offset_us, &instant) &&
        lv_local_us(instant, zone) == local_us)
        *us = instant;
    else
        *us = lv_utc_us(local_us, zone);
    return true;
}

bool lv_time_add(int64_t us, const lv_interval *step, const lv_timezone *zone, int64_t *out)
{
    if (step->months == 0 && step->days == 0)
        return !__builtin_add_overflow(us, step->us, out);
    int64_t local = zone ? lv_local_us(us, zone) : us, offset = 0,
            days = lv_floor_div(local, LV_DAY_US);
    int64_t time_us = (int64_t)((uint64_t)local - (uint64_t)days * LV_DAY_US), sum, moved;
    if (zone != NULL && __builtin_sub_overflow(local, us, &offset))
        return false;
    sum = add_months(days, step->months) + step->days;
    if (__builtin_mul_overflow(sum, LV_DAY_US, &moved) ||
        __builtin_add_overflow(moved, time_us, &moved))
        return false;
    if (zone != NULL && !to_instant(moved, offset, zone, &moved))
        return false;
    return !__builtin_add_overflow(moved, step->us, out);
}

lv_interval lv_interval_at(const lv_vector *v, int64_t i)
{
    int64_t us;
    switch (v->type->kind) {
    case LV_TYPE_MONTHS: return (lv_interval){.months = LV_AT(int32_t, v, i)};
    case LV_TYPE_MICROS:
        us = LV_AT(int64_t, v, i);
        return (lv_interval){.days = (int32_t)(us / LV_DAY_US), .us = us % LV_DAY_US};
    default: return LV_AT(lv_interval, v, i);
    }
}

bool lv_interval_negate(lv_interval *interval)
{
    return !__builtin_sub_overflow(0, interval->months, &interval->months) &&
           !__builtin_sub_overflow(0, interval->days, &interval->days) &&
           !__builtin_sub_overflow(0, interval->us, &interval->us);
}
