/* datetime.h: dates and timestamps as text, by Spark's rules for CAST.
 *
 * Dates are days, timestamps microseconds since 1970-01-01 (UTC), on the proleptic Gregorian calendar.
 * Source: SparkDateTimeUtils.stringToTimestamp, stringToDate; TimestampFormatter.getFractionFormatter. */
#ifndef LV_BASE_DATETIME_H
#define LV_BASE_DATETIME_H

#include "base/timezone.h"

enum { LV_TIMESTAMP_TEXT_SIZE = 48 };

/** Days of a date; month 1-12, any day number. */
int64_t lv_days_from_civil(int64_t year, int month, int day);
void lv_civil_from_days(int64_t days, int64_t *year, int *month, int *day);
/** The day that a day of the Julian calendar's count before October 1582 has by its date's name;
 *  later days unchanged. */
int32_t lv_days_from_julian(int32_t days);
/** Number of days of a month. */
int lv_days_in_month(int64_t year, int month);

/** Reads a timestamp: any part from the right may be missing, blanks around, a zone only after the
 *  seconds; a time alone is on the day of `now_us` in `zone`. False if the text is none. */
bool lv_timestamp_parse(lv_str text, const lv_timezone *zone, int64_t now_us, int64_t *us);
/** The same without a zone: text with one is refused (unless `ignore_zone`). */
bool lv_timestamp_ntz_parse(lv_str text, bool ignore_zone, int64_t *us);
/** Reads a date; what follows the day after a `T` or blank is not looked at. */
bool lv_date_parse(lv_str text, int32_t *days);

/** The instant of a local time (seconds since 1970) in the zone of that name; false if there is no such zone. */
bool lv_timestamp_in_named_zone(lv_str name, int64_t local_s, int64_t *utc_s);
/** Seconds and microseconds as microseconds; false if they do not fit. */
bool lv_timestamp_make(int64_t seconds, int64_t micros, int64_t *us);

/** As CAST to STRING prints it: 2024-01-01 10:00:00.5, in `zone`. Returns the length. */
int lv_timestamp_print(int64_t us, const lv_timezone *zone, char out[LV_TIMESTAMP_TEXT_SIZE]);
/** As to_json prints it: 2024-01-01T10:00:00.500Z or with +02:00; `zone` NULL for TIMESTAMP_NTZ: without zone. There
 *  are three digits of the second, or with `exact` six where three do not do. */
int lv_timestamp_print_iso(int64_t us, const lv_timezone *zone, bool exact,
                           char out[LV_TIMESTAMP_TEXT_SIZE]);
/** 2024-01-01, +12345-01-01, -0001-01-01. */
int lv_date_print(int32_t days, char out[LV_TIMESTAMP_TEXT_SIZE]);

#endif
