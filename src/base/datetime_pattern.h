/* datetime_pattern.h: times by patterns: the letters of java.time.DateTimeFormatter that Spark allows.
 *
 *     yyyy-MM-dd'T'HH:mm:ss[.SSS][XXX]      parts in brackets may be missing
 *
 * G y M L d D H h k K m s S a, for printing E F Q q too, and the zone letters V z O X x Z. Month and day
 * names are English. A field of a fixed width is read strictly: two digits for MM, not one.
 * Source: Spark's DateTimeFormatterHelper and "Datetime Patterns for Formatting and Parsing". */
#ifndef LV_BASE_DATETIME_PATTERN_H
#define LV_BASE_DATETIME_PATTERN_H

#include "base/timezone.h"

typedef struct lv_datetime_pattern lv_datetime_pattern;

/** Reads a pattern into `arena`, for printing or for reading. Error INVALID_DATETIME_PATTERN.*, and
 *  INCONSISTENT_BEHAVIOR_CROSS_VERSION.* for one that versions before 3.0 of Spark took. */
LV_MUST_USE lv_status lv_datetime_pattern_make(lv_arena *arena, lv_str text, bool printing,
                                               lv_datetime_pattern **pattern, lv_error *err);
/** A pattern that no text fits, static. */
const lv_datetime_pattern *lv_datetime_pattern_none(void);
/** Whether it has a zone or an offset. */
bool lv_datetime_pattern_has_zone(const lv_datetime_pattern *pattern);
/** Those fields that a DATE and a TIMESTAMP_NTZ do not have. */
#define LV_PATTERN_ZONES "VzOXxZ"
#define LV_PATTERN_TIMES "HhKkmsSa"
/** The pattern, for printing, without the optional parts that have one of `letters`; NULL if others have one. */
lv_datetime_pattern *lv_datetime_pattern_without(lv_arena *arena,
                                                 const lv_datetime_pattern *pattern,
                                                 const char *letters);
/** Reads a text as a whole. What the pattern does not have is taken from 1970-01-01T00:00:00; without a
 *  zone in the text the time is local to `zone`. `zone` NULL: the local time, whatever zone the text has. False if
 *  the text does not fit. */
bool lv_datetime_pattern_parse(const lv_datetime_pattern *pattern, lv_str text,
                               const lv_timezone *zone, int64_t *us);
/** Adds an instant as the pattern writes it in `zone`. Error UNSUPPORTED_FEATURE for a zone's name that is not
 *  known, and by lv_datetime_pattern_none. */
LV_MUST_USE lv_status lv_datetime_pattern_print(const lv_datetime_pattern *pattern, int64_t us,
                                                const lv_timezone *zone, lv_sbuf *out,
                                                lv_error *err);
/** Adds Mon or Monday (0), ... and Jan or January (1), ... */
void lv_weekday_name_print(int weekday, bool whole, lv_sbuf *out);
void lv_month_name_print(int month, bool whole, lv_sbuf *out);

#endif
