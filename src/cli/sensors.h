/* sensors.h: the events of the example: what a fleet of weather sensors would send.
 *
 *   {"deviceId":"device-008512","temperature":18.06,"humidity":65.3,"pressure":1023.12,
 *    "timestamp":"2025-06-01T00:00:01.515Z"}                            (on one line)
 *
 * Each device walks at random through realistic values with the precision of a real sensor, so a
 * column has a few thousand distinct values. The same options give the same bytes, event by event,
 * on every machine. */
#ifndef LV_CLI_SENSORS_H
#define LV_CLI_SENSORS_H

#include "base/str.h"

enum { LV_SENSOR_EVENT_MAX = 256, LV_SENSOR_DEVICES_MAX = 1000000 };

typedef struct lv_sensors_options {
    int32_t devices; /* 1 to LV_SENSOR_DEVICES_MAX */
    uint64_t seed;
    double late;      /* share of events whose timestamp lies 1 to 60 minutes back */
    double bad;       /* share that is no such event: cut off, other types, no JSON */
    double duplicate; /* share that repeats the event before it, byte by byte */
} lv_sensors_options;

typedef struct lv_sensor lv_sensor;

typedef struct lv_sensors {
    lv_sensor *devices; /* owned */
    uint32_t device_count;
    uint64_t state;
    uint32_t late_below; /* shares as bounds of a 32-bit draw */
    uint32_t bad_below;
    uint32_t duplicate_below;
    int64_t second; /* whose text second_text is */
    char second_text[20];
    char event[LV_SENSOR_EVENT_MAX]; /* the last one */
    size_t event_len;
} lv_sensors;

void lv_sensors_init(lv_sensors *sensors, const lv_sensors_options *options);
void lv_sensors_release(lv_sensors *sensors);
/** The next event, measured at `time_us` (since 1970); valid until the next call. */
lv_str lv_sensors_next(lv_sensors *sensors, int64_t time_us);

#endif
