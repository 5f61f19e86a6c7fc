/* interval.h: lengths of time as values and as text.
 *
 * Spark has three kinds: a number of months (INTERVAL YEAR TO MONTH), a number of microseconds (INTERVAL
 * DAY TO SECOND), each with the units it is written in, and the older INTERVAL of months, days and
 * microseconds. As text they are
 *
 *     1-2   1 02:03:04.5   02:03            the value between the units FIRST TO LAST
 *     INTERVAL '1-2' YEAR TO MONTH          the same as CAST to STRING prints it
 *     1 year 2 months -3.5 seconds          a list of units, also with the word interval before it
 *
 * Source: IntervalUtils.scala. */
#ifndef LV_BASE_INTERVAL_H
#define LV_BASE_INTERVAL_H

#include "base/status.h"
#include "base/str.h"

typedef struct lv_interval {
    int32_t months;
    int32_t days;
    int64_t us;
} lv_interval;

/** Units that interval types name, from large to small. */
typedef enum lv_unit {
    LV_UNIT_YEAR,
    LV_UNIT_MONTH,
    LV_UNIT_DAY,
    LV_UNIT_HOUR,
    LV_UNIT_MINUTE,
    LV_UNIT_SECOND,
    LV_UNIT_COUNT
} lv_unit;

/** "DAY". */
const char *lv_unit_name(lv_unit unit);
/** The unit of this name without case, in the singular; LV_UNIT_COUNT if there is none. */
lv_unit lv_unit_find(lv_str name);
/** Microseconds of DAY and the smaller units, months of YEAR and MONTH. */
int64_t lv_unit_size(lv_unit unit);

/** "500ms", "1 second", "interval 30 days", "1h30m", "0 seconds", as settings and properties write them: weeks and
 *  smaller units, which have a fixed length, none below zero. Error USAGE. */
LV_MUST_USE lv_status lv_interval_parse(lv_str text, int64_t *interval_us, lv_error *err);

/** Reads a list of units; *units gets a bit for each of lv_unit that is named (a WEEK is DAYs). Error
 *  INVALID_INTERVAL_FORMAT.*. */
LV_MUST_USE lv_status lv_interval_parse_units(lv_str text, lv_interval *interval, unsigned *units,
                                              lv_error *err);
/** Reads months written from `first` (YEAR, MONTH) to `last`, bare or as INTERVAL '...' FIRST TO LAST, blanks around.
 *  Error INVALID_INTERVAL_FORMAT.*. */
LV_MUST_USE lv_status lv_interval_parse_months(lv_str text, lv_unit first, lv_unit last,
                                               int32_t *months, lv_error *err);
/** The same with microseconds, from DAY to SECOND. */
LV_MUST_USE lv_status lv_interval_parse_us(lv_str text, lv_unit first, lv_unit last, int64_t *us,
                                           lv_error *err);

/** INTERVAL '1-2' YEAR TO MONTH. */
void lv_interval_print_months(int32_t months, lv_unit first, lv_unit last, lv_sbuf *out);
/** INTERVAL '1 02:03:04.5' DAY TO SECOND. */
void lv_interval_print_us(int64_t us, lv_unit first, lv_unit last, lv_sbuf *out);
/** 1 years 2 months 25 days 5 hours 7.5 seconds. */
void lv_interval_print(const lv_interval *interval, lv_sbuf *out);

#endif
