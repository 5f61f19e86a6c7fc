/* interval.h: lengths of time as settings and properties write them. */
#ifndef LV_BASE_INTERVAL_H
#define LV_BASE_INTERVAL_H

#include "base/status.h"
#include "base/str.h"

/** "500ms", "1 second", "interval 30 days", "1h30m", "0 seconds": weeks and smaller units, which have a fixed
 *  length, none below zero. Error USAGE. Source: Spark's CalendarInterval text, less months and years. */
LV_MUST_USE lv_status lv_interval_parse(lv_str text, int64_t *interval_us, lv_error *err);

#endif
