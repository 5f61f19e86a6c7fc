/* time_formats.h: how from_json and from_csv read dates and times: by a pattern or as CAST does, and, where
 * neither fits, in the ways of older versions of Spark; and how to_json and to_csv write them. Source:
 * JacksonParser, UnivocityParser, JacksonGenerator. */
#ifndef LV_BASE_TIME_FORMATS_H
#define LV_BASE_TIME_FORMATS_H

#include "base/timezone.h"

typedef enum lv_time_fallback {
    LV_FALLBACK_AUTO, /* for types without a pattern */
    LV_FALLBACK_ON,
    LV_FALLBACK_OFF
} lv_time_fallback;

/** Patterns NULL: as CAST, or for writing ISO forms. What is pointed to outlives the formats. */
typedef struct lv_time_formats {
    const lv_timezone *zone; /* of times without zone; required */
    int64_t now_us;          /* for times without date */
    const struct lv_datetime_pattern *timestamp, *timestamp_ntz, *date;
    lv_time_fallback fallback; /* enableDateTimeParsingFallback */
    bool exact;                /* ISO forms have microseconds, where Spark writes milliseconds */
    bool
        no_day_numbers; /* a date is no number of days since 1970, as version 1.5 wrote them into JSON */
} lv_time_formats;

/** Reads a text as a whole; scratch memory is from `arena`. False if it does not fit. */
bool lv_time_formats_timestamp(const lv_time_formats *formats, lv_arena *arena, lv_str s,
                               int64_t *us);
bool lv_time_formats_timestamp_ntz(const lv_time_formats *formats, lv_str s, int64_t *us);
bool lv_time_formats_date(const lv_time_formats *formats, lv_arena *arena, lv_str s, int32_t *days);

/** The pattern of an option, in `arena`. Spark looks at a pattern when the first text is to be read by it: by a
 *  wrong one no text can be read. */
const struct lv_datetime_pattern *lv_time_formats_pattern(lv_arena *arena, lv_str text);

/** Sets a pattern for writing if `name` is one of the options timestampFormat, timestampNTZFormat and dateFormat, else
 *  *known is false. Errors as lv_datetime_pattern_make. */
LV_MUST_USE lv_status lv_time_formats_set_written(lv_arena *arena, lv_time_formats *formats,
                                                  lv_str name, lv_str value, bool *known,
                                                  lv_error *err);
/** Whether there is a pattern. */
bool lv_time_formats_any(const lv_time_formats *formats);
/** Adds a date or time as to_json and to_csv write it. Error UNSUPPORTED_FEATURE for what its pattern cannot print. */
LV_MUST_USE lv_status lv_time_formats_print_date(const lv_time_formats *formats, int32_t days,
                                                 lv_sbuf *out, lv_error *err);
LV_MUST_USE lv_status lv_time_formats_print_timestamp(const lv_time_formats *formats, int64_t us,
                                                      lv_sbuf *out, lv_error *err);
LV_MUST_USE lv_status lv_time_formats_print_timestamp_ntz(const lv_time_formats *formats,
                                                          int64_t us, lv_sbuf *out, lv_error *err);

#endif
