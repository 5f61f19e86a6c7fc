/* timezone.h: zones: fixed offsets and the system's zone database (TZif, RFC 8536).
 *
 * Offsets are seconds east of UTC. Before a zone's first transition local mean time counts, as in
 * java.time. After the file's last transition its footer rule (POSIX TZ) does. */
#ifndef LV_BASE_TIMEZONE_H
#define LV_BASE_TIMEZONE_H

#include "base/status.h"
#include "base/str.h"

typedef struct lv_timezone lv_timezone;

/** The zone of a name as Java's ZoneId.of takes it (with SHORT_IDS, as Spark does): UTC, Z, GMT+1, +02, +0230,
 *  -08:00, Europe/Berlin, PST. Lives in `arena`. Error INVALID_TIMEZONE. */
LV_MUST_USE lv_status lv_timezone_load(lv_arena *arena, lv_str name, lv_timezone **zone,
                                       lv_error *err);
/** UTC, static. */
const lv_timezone *lv_timezone_utc(void);
/** The name it was loaded by. */
lv_str lv_timezone_name(const lv_timezone *zone);
/** Whether it is one of java.time.ZoneId.SHORT_IDS: a name that a time written by a pattern's VV cannot have. */
bool lv_timezone_is_short_id(lv_str name);
/** A fixed offset ("+02:00", "Z", "GMT+1", "UTC"); false if the text is not one. */
bool lv_timezone_parse_offset(lv_str text, int32_t *offset_s);
/** Offset at an instant, seconds since 1970 UTC. */
int32_t lv_timezone_offset_at(const lv_timezone *zone, int64_t utc_s);
/** The zone's abbreviation at an instant, CET or CEST, as in the database; standard time's before the zone had an
 *  offset of its own. False where it has none but numbers. */
bool lv_timezone_abbreviation_at(const lv_timezone *zone, int64_t utc_s, lv_str *abbreviation);
/** The instant of a local time, both seconds since 1970-01-01T00:00:00: in an overlap the earlier offset
 *  counts, in a gap the time moves forward by its length (java.time.ZonedDateTime.ofLocal). */
int64_t lv_timezone_to_utc(const lv_timezone *zone, int64_t local_s);

#endif
