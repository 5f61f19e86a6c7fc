/* datetime.c: see datetime.h. */
#include "base/datetime.h"

#include <stdio.h>

int64_t lv_days_from_civil(int64_t year, int month, int day)
{
    year -= month <= 2;
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t yoe = year - era * 400;
    int64_t doy = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

void lv_civil_from_days(int64_t days, int64_t *year, int *month, int *day)
{
    days += 719468;
    int64_t era = (days >= 0 ? days : days - 146096) / 146097;
    int64_t doe = days - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int64_t mp = (5 * doy + 2) / 153;
    *day = (int)(doy - (153 * mp + 2) / 5 + 1);
    *month = (int)(mp < 10 ? mp + 3 : mp - 9);
    *year = yoe + era * 400 + (*month <= 2);
}

int32_t lv_days_from_julian(int32_t days)
{
    enum { FIRST_GREGORIAN_DAY = -141427 }; /* 1582-10-15 */
    if (days >= FIRST_GREGORIAN_DAY)
        return days;
    /* Days since 0000-03-01 of the Julian calendar, in cycles of four years. */
    int64_t d = (int64_t)days + 719470;
    int64_t cycle = (d >= 0 ? d : d - 1460) / 1461, in_cycle = d - cycle * 1461;
    int64_t year_in_cycle = LV_MIN(in_cycle / 365, 3), day_of_year = in_cycle - year_in_cycle * 365;
    int64_t mp = (5 * day_of_year + 2) / 153;
    int day = (int)(day_of_year - (153 * mp + 2) / 5 + 1), month = (int)(mp < 10 ? mp + 3 : mp - 9);
    return (int32_t)lv_days_from_civil(cycle * 4 + year_in_cycle + (month <= 2), month, day);
}

int lv_days_in_month(int64_t year, int month)
{
    static const int days[13] = {0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return days[month] + (month == 2 && leap);
}

/* ---- reading --------------------------------------------------------------------------------- */

enum { YEAR, MONTH, DAY, HOUR, MINUTE, SECOND, MICRO, ZONE, SEGMENTS };

/* What a timestamp's text says. */
typedef struct parts {
    int64_t value[SEGMENTS];
    lv_str zone; /* ptr NULL: none */
    bool just_time;
} parts;

/* Spark trims control characters and blanks. */
static lv_str trim_all(lv_str s)
{
    while (s.len > 0 && (unsigned char)s.ptr[0] <= ' ') {
        s.ptr++;
        s.len--;
    }
    while (s.len > 0 && (unsigned char)s.ptr[s.len - 1] <= ' ')
        s.len--;
    return s;
}

static bool digits_fit(int segment, int digits)
{
    if (segment == MICRO)
        return true;
    if (segment == YEAR)
        return digits >= 4 && digits <= 6;
    return segment == ZONE ? digits <= 2 : digits >= 1 && digits <= 2;
}

/* The segment that a separator leads from `segment` to, or -1; the state machine of the grammar
 * year-month-day[ T]hour:minute:second.fraction zone. */
static int next_segment(int segment, char c)
{
    switch (segment) {
    case YEAR:
    case MONTH: return c == '-' ? segment + 1 : -1;
    case DAY: return c == ' ' || c == 'T' ? HOUR : -1;
    case HOUR:
    case MINUTE: return c == ':' ? segment + 1 : -1;
    case SECOND: return c == '.' ? MICRO : ZONE;
    default: return segment == MICRO ? ZONE : -1;
    }
}

static bool split_parts(lv_str text, parts *out)
{
    *out = (parts){.value = {1, 1, 1}};
    bool starts_with_t = text.len > 0 && text.ptr[0] == 'T';
    lv_str s = trim_all(text);
    if (s.len == 0)
        return false;
    bool has_sign = s.ptr[0] == '-' || s.ptr[0] == '+';
    size_t i = has_sign;
    int segment = YEAR, digits = 0, fraction_digits = 0;
    int64_t value = 0;
    if (starts_with_t) {
        segment = HOUR;
        out->just_time = true;
        i = 1;
    }
    for (; i < s.len; i++) {
        char c = s.ptr[i];
        if (c >= '0' && c <= '9') {
            if (segment != MICRO || digits < 6)
                value = digits < 10 ? value * 10 + c - '0' : value;
            fraction_digits += segment == MICRO;
            digits++;
            continue;
        }
        int next = next_segment(segment, c);
        if (segment == YEAR && c == ':' && !has_sign) {
            out->just_time = true;
            segment = HOUR;
            next = MINUTE;
        }
        if (next < 0 || !digits_fit(segment, digits))
            return false;
        out->value[segment] = value;
        segment = next;
        value = digits = 0;
        if (segment == ZONE) {
            out->zone = trim_all(lv_str_sub(s, i, s.len - i));
            break;
        }
    }
    if (!digits_fit(segment, digits))
        return false;
    if (segment != ZONE)
        out->value[segment] = value;
    for (; fraction_digits < 6; fraction_digits++)
        out->value[MICRO] *= 10;
    if (has_sign && s.ptr[0] == '-')
        out->value[YEAR] = -out->value[YEAR];
    return true;
}

static bool parts_are_valid(const parts *p)
{
    const int64_t *v = p->value;
    if (v[HOUR] > 23 || v[MINUTE] > 59 || v[SECOND] > 59)
        return false;
    return v[MONTH] >= 1 && v[MONTH] <= 12 && v[DAY] >= 1 &&
           v[DAY] <= lv_days_in_month(v[YEAR], (int)v[MONTH]);
}

static int64_t parts_seconds(const parts *p, int64_t days)
{
    const int64_t *v = p->value;
    return days * 86400 + v[HOUR] * 3600 + v[MINUTE] * 60 + v[SECOND];
}

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b != 0 && (a < 0) != (b < 0));
}

bool lv_timestamp_in_named_zone(lv_str name, int64_t local_s, int64_t *utc_s)
{
    int32_t offset_s;
    if (lv_timezone_parse_offset(name, &offset_s)) {
        *utc_s = local_s - offset_s;
        return true;
    }
    lv_arena arena;
    lv_arena_init(&arena);
    lv_timezone *zone;
    bool found = lv_timezone_load(&arena, name, &zone, NULL) == LV_OK;
    if (found)
        *utc_s = lv_timezone_to_utc(zone, local_s);
    lv_arena_release(&arena);
    return found;
}

bool lv_timestamp_make(int64_t seconds, int64_t micros, int64_t *us)
{
    __int128 total =
        (__int128)seconds * 1000000 + micros; /* fits even where the seconds alone do not */
    *us = (int64_t)total;
    return total == *us;
}

bool lv_timestamp_parse(lv_str text, const lv_timezone *zone, int64_t now_us, int64_t *us)
{
    parts p;
    if (!split_parts(text, &p) || !parts_are_valid(&p))
        return false;
    int64_t days = lv_days_from_civil(p.value[YEAR], (int)p.value[MONTH], (int)p.value[DAY]);
    if (p.just_time) {
        int64_t now_s = floor_div(now_us, 1000000);
        days = floor_div(now_s + lv_timezone_offset_at(zone, now_s), 86400);
    }
    int64_t local_s = parts_seconds(&p, days), utc_s;
    if (p.zone.ptr == NULL)
        utc_s = lv_timezone_to_utc(zone, local_s);
    else if (!lv_timestamp_in_named_zone(p.zone, local_s, &utc_s))
        return false;
    return lv_timestamp_make(utc_s, p.value[MICRO], us);
}

bool lv_timestamp_ntz_parse(lv_str text, bool ignore_zone, int64_t *us)
{
    parts p;
    if (!split_parts(text, &p) || p.just_time || !parts_are_valid(&p) ||
        (p.zone.ptr != NULL && !ignore_zone))
        return false;
    int64_t days = lv_days_from_civil(p.value[YEAR], (int)p.value[MONTH], (int)p.value[DAY]),
            unused;
    if (p.zone.ptr != NULL && !lv_timestamp_in_named_zone(p.zone, 0, &unused))
        return false; /* ignored, but it has to be one */
    return lv_timestamp_make(parts_seconds(&p, days), p.value[MICRO], us);
}

bool lv_date_parse(lv_str text, int32_t *days)
{
    lv_str s = trim_all(text);
    bool has_sign = s.len > 0 && (s.ptr[0] == '-' || s.ptr[0] == '+');
    int64_t value[3] = {1, 1, 1};
    int segment = 0, digits = 0;
    int64_t number = 0;
    size_t i = has_sign;
    for (; i < s.len && !(segment == 2 && (s.ptr[i] == ' ' || s.ptr[i] == 'T')); i++) {
        char c = s.ptr[i];
        if (c >= '0' && c <= '9') {
            number = digits < 10 ? number * 10 + c - '0' : number;
            digits++;
            continue;
        }
        bool fits = segment == 0 ? digits >= 4 && digits <= 7 : digits >= 1 && digits <= 2;
        if (c != '-' || segment == 2 || !fits)
            return false;
        value[segment++] = number;
        number = digits = 0;
    }
    if (!(segment == 0 ? digits >= 4 && digits <= 7 : digits >= 1 && digits <= 2))
        return false;
    value[segment] = number;
    int64_t year = has_sign && s.ptr[0] == '-' ? -value[0] : value[0];
    if (value[1] < 1 || value[1] > 12 || value[2] < 1 ||
        value[2] > lv_days_in_month(year, (int)value[1]))
        return false;
    int64_t total = lv_days_from_civil(year, (int)value[1], (int)value[2]);
    if (total != (int32_t)total)
        return false;
    *days = (int32_t)total;
    return true;
}

/* ---- printing -------------------------------------------------------------------------------- */

int lv_date_print(int32_t days, char out[LV_TIMESTAMP_TEXT_SIZE])
{
    int64_t year;
    int month, day;
    lv_civil_from_days(days, &year, &month, &day);
    const char *sign = year < 0 ? "-" : year > 9999 ? "+" : "";
    return snprintf(out, LV_TIMESTAMP_TEXT_SIZE, "%s%04lld-%02d-%02d", sign,
                    (long long)(year < 0 ? -year : year), month, day);
}

/* Date, separator and time of day without fraction. */
static int print_local(int64_t local_s, char separator, char out[LV_TIMESTAMP_TEXT_SIZE])
{
    int64_t days = floor_div(local_s, 86400);
    int s = (int)(local_s - days * 86400);
    int n = lv_date_print((int32_t)days, out);
    return n + snprintf(out + n, (size_t)(LV_TIMESTAMP_TEXT_SIZE - n), "%c%02d:%02d:%02d",
                        separator, s / 3600, s / 60 % 60, s % 60);
}

int lv_timestamp_print(int64_t us, const lv_timezone *zone, char out[LV_TIMESTAMP_TEXT_SIZE])
{
    int64_t utc_s = floor_div(us, 1000000),
            micros = (int64_t)((uint64_t)us - (uint64_t)utc_s * 1000000);
    int n = print_local(utc_s + lv_timezone_offset_at(zone, utc_s), ' ', out);
    if (micros == 0)
        return n;
    n += snprintf(out + n, (size_t)(LV_TIMESTAMP_TEXT_SIZE - n), ".%06d", (int)micros);
    while (out[n - 1] == '0')
        out[--n] = '\0';
    return n;
}

int lv_timestamp_print_iso(int64_t us, const lv_timezone *zone, bool exact,
                           char out[LV_TIMESTAMP_TEXT_SIZE])
{
    int64_t utc_s = floor_div(us, 1000000);
    int micros = (int)((uint64_t)us - (uint64_t)utc_s * 1000000),
        offset_s = zone ? lv_timezone_offset_at(zone, utc_s) : 0;
    int n = print_local(utc_s + offset_s, 'T', out);
    size_t left = (size_t)(LV_TIMESTAMP_TEXT_SIZE - n);
    n += exact && micros % 1000 ? snprintf(out + n, left, ".%06d", micros)
                                : snprintf(out + n, left, ".%03d", micros / 1000);
    left = (size_t)(LV_TIMESTAMP_TEXT_SIZE - n);
    if (zone == NULL)
        return n;
    if (offset_s == 0)
        return n + snprintf(out + n, left, "Z");
    int magnitude = offset_s < 0 ? -offset_s : offset_s;
    n += snprintf(out + n, left, "%c%02d:%02d", offset_s < 0 ? '-' : '+', magnitude / 3600,
                  magnitude / 60 % 60);
    left = (size_t)(LV_TIMESTAMP_TEXT_SIZE - n);
    return magnitude % 60 == 0 ? n : n + snprintf(out + n, left, ":%02d", magnitude % 60);
}
