/* time_int.h: what the files of time functions share: the calendar on vectors' values. Private to compute/. */
#ifndef LV_COMPUTE_TIME_INT_H
#define LV_COMPUTE_TIME_INT_H

#include "base/datetime.h"
#include "compute/compute_int.h"

enum { LV_SECOND_US = 1000000 };
#define LV_DAY_US (86400LL * LV_SECOND_US)

/* ---- binding (time_bind.c) ------------------------------------------------------------------- */

/** Makes argument `i` a DATE. A timestamp's date is taken without asking: Spark's one exception from its
 *  rules of implicit casts. */
LV_MUST_USE lv_status lv_bind_want_date(const lv_function *function, lv_bind *bind, int i,
                                        lv_error *err);
/** Makes argument `i` a number of that type, cutting fractions, as Spark does where a function names one type. */
LV_MUST_USE lv_status lv_bind_want_number(const lv_function *function, lv_bind *bind, int i,
                                          const lv_type *want, lv_error *err);
/** Makes argument `i` a timestamp: itself, or a TIMESTAMP. */
LV_MUST_USE lv_status lv_bind_want_timestamp(const lv_function *function, lv_bind *bind, int i,
                                             lv_error *err);

/** A pattern of an argument, row by row: one that is a literal is made at binding. */
typedef struct lv_pattern_cursor {
    bool printing;
    lv_str text;
    const struct lv_datetime_pattern *pattern; /* of `text`; NULL: none yet */
} lv_pattern_cursor;
LV_MUST_USE lv_status lv_bind_pattern(lv_bind *bind, int i, bool printing,
                                      lv_pattern_cursor *cursor, lv_error *err);
LV_MUST_USE lv_status lv_pattern_cursor_at(lv_pattern_cursor *cursor, lv_arena *arena, lv_str text,
                                           lv_error *err);

/** The same for zones. */
typedef struct lv_zone_cursor {
    lv_str name;
    const lv_timezone *zone; /* NULL: none yet */
} lv_zone_cursor;
LV_MUST_USE lv_status lv_bind_zone_argument(lv_bind *bind, int i, lv_zone_cursor *cursor, lv_error *err);
LV_MUST_USE lv_status lv_zone_cursor_at(lv_zone_cursor *cursor, lv_arena *arena, lv_str name,
                                        lv_error *err);

/* ---- the calendar (time_math.c) -------------------------------------------------------------- */

/** The same day `months` later, or the last one of a shorter month; false if no DATE holds it. */
bool lv_date_add_months(int32_t days, int64_t months, int32_t *out);
/** A time `step` later: months and days on the calendar of `zone` (NULL: of TIMESTAMP_NTZ), then microseconds; false
 *  if no timestamp holds it. A time that the zone has twice keeps its offset. */
bool lv_time_add(int64_t us, const lv_interval *step, const lv_timezone *zone, int64_t *out);
/** Row `i` of a vector of any interval type. */
lv_interval lv_interval_at(const lv_vector *v, int64_t i);
/** The interval turned around; false if it has none. */
bool lv_interval_negate(lv_interval *interval);
/** The zone of an argument: the session's for TIMESTAMP, else NULL. */
static inline const lv_timezone *lv_zone_of(const lv_type *type, const lv_eval *eval)
{
    return type->kind == LV_TYPE_TIMESTAMP ? eval->zone : NULL;
}

/* ---- arithmetic (time_arith.c, interval_math.c) ---------------------------------------------- */

/** + and - of a DATE or timestamp with anything, or of anything with an interval; op is ARITH_ADD or
 *  ARITH_SUBTRACT. `to_null`: overflow is NULL. */
LV_MUST_USE lv_status lv_bind_time_arith(const lv_function *function, lv_bind *bind, int op,
                                         bool to_null, lv_error *err);
/** + - * / DIV where an argument is an interval and none a time. */
LV_MUST_USE lv_status lv_bind_interval_arith(const lv_function *function, lv_bind *bind, int op,
                                             bool to_null, lv_error *err);
/** -a (ARITH_SUBTRACT) and +a, abs and sign of an interval; a plain INTERVAL has no abs and sign. */
lv_status lv_bind_interval_negate(lv_bind *bind, int op);
lv_status lv_bind_interval_abs(lv_bind *bind);
lv_status lv_bind_interval_sign(lv_bind *bind);

#endif
