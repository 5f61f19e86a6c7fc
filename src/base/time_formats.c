/* time_formats.c: dates and times of from_json and from_csv (see time_formats.h). */
#include "base/time_formats.h"

#include "base/datetime.h"
#include "base/datetime_pattern.h"

/* Without "GMT", which old versions of Spark wrote between time and offset. */
static lv_str clean_legacy(lv_arena *arena, lv_str s)
{
    char *text = lv_arena_alloc(arena, s.len);
    size_t len = 0;
    for (size_t i = 0; i < s.len;) {
        bool is_gmt = s.len - i >= 3 && memcmp(s.ptr + i, "GMT", 3) == 0;
        if (!is_gmt)
            text[len++] = s.ptr[i];
        i += is_gmt ? 3 : 1;
    }
    return (lv_str){text, len};
}

static bool falls_back(const lv_time_formats *f, const struct lv_datetime_pattern *pattern)
{
    return f->fallback == LV_FALLBACK_AUTO ? pattern == NULL : f->fallback == LV_FALLBACK_ON;
}

bool lv_time_formats_timestamp(const lv_time_formats *f, lv_arena *arena, lv_str s, int64_t *us)
{
    if (f->timestamp != NULL ? lv_datetime_pattern_parse(f->timestamp, s, f->zone, us)
                             : lv_timestamp_parse(s, f->zone, f->now_us, us))
        return true;
    return falls_back(f, f->timestamp) &&
           lv_timestamp_parse(clean_legacy(arena, s), f->zone, f->now_us, us);
}

bool lv_time_formats_timestamp_ntz(const lv_time_formats *f, lv_str s, int64_t *us)
{
    if (f->timestamp_ntz == NULL)
        return lv_timestamp_ntz_parse(s, false, us);
    return !lv_datetime_pattern_has_zone(f->timestamp_ntz) &&
           lv_datetime_pattern_parse(f->timestamp_ntz, s, lv_timezone_utc(), us);
}

bool lv_time_formats_date(const lv_time_formats *f, lv_arena *arena, lv_str s, int32_t *days)
{
    int64_t number, us;
    if (f->date != NULL) {
        if (lv_datetime_pattern_parse(f->date, s, lv_timezone_utc(), &us)) {
            *days = (int32_t)(us / 86400000000 - (us % 86400000000 < 0));
            return true;
        }
    } else if (lv_date_parse(s, days)) {
        return true;
    }
    if (!falls_back(f, f->date))
        return false;
    if (lv_date_parse(clean_legacy(arena, s), days))
        return true;
    if (f->no_day_numbers || !lv_str_to_i64(s, &number) || number != (int32_t)number)
        return false;
    *days =
        lv_days_from_julian((int32_t)number); /* days of the Julian calendar, they are taken for */
    return true;
}

const lv_datetime_pattern *lv_time_formats_pattern(lv_arena *arena, lv_str text)
{
    lv_datetime_pattern *pattern;
    bool good = lv_datetime_pattern_make(arena, text, false, &pattern, NULL) == LV_OK;
    return good ? pattern : lv_datetime_pattern_none();
}

/* ---- writing --------------------------------------------------------------------------------- */

lv_status lv_time_formats_set_written(lv_arena *arena, lv_time_formats *formats, lv_str name,
                                      lv_str value, bool *known, lv_error *err)
{
    const struct {
        const char *name, *lacking; /* letters of the fields that the type does not have */
        const lv_datetime_pattern **pattern;
    } options[] = {{"timestampFormat", "", &formats->timestamp},
                   {"timestampNTZFormat", LV_PATTERN_ZONES, &formats->timestamp_ntz},
                   {"dateFormat", LV_PATTERN_ZONES LV_PATTERN_TIMES, &formats->date}};
    *known = false;
    for (size_t i = 0; i < LV_COUNT_OF(options); i++) {
        if (!lv_str_eq_nocase(name, lv_str_of(options[i].name)))
            continue;
        lv_datetime_pattern *pattern;
        *known = true;
        LV_TRY(lv_datetime_pattern_make(arena, value, true, &pattern, err));
        pattern = lv_datetime_pattern_without(arena, pattern, options[i].lacking);
        *options[i].pattern = pattern != NULL ? pattern : lv_datetime_pattern_none();
    }
    return LV_OK;
}

bool lv_time_formats_any(const lv_time_formats *f)
{
    return f->timestamp != NULL || f->timestamp_ntz != NULL || f->date != NULL;
}

lv_status lv_time_formats_print_date(const lv_time_formats *f, int32_t days, lv_sbuf *out,
                                     lv_error *err)
{
    char text[LV_TIMESTAMP_TEXT_SIZE];
    int64_t us;
    if (f->date == NULL) {
        lv_sbuf_add(out, text, (size_t)lv_date_print(days, text));
        return LV_OK;
    }
    if (__builtin_mul_overflow((int64_t)days, INT64_C(86400000000), &us))
        return LV_FAIL(err, LV_UNSUPPORTED_FEATURE, "a date so far away by a pattern");
    return lv_datetime_pattern_print(f->date, us, lv_timezone_utc(), out, err);
}

static lv_status print_timestamp(const lv_time_formats *f,
                                 const struct lv_datetime_pattern *pattern, int64_t us,
                                 const lv_timezone *zone, lv_sbuf *out, lv_error *err)
{
    char text[LV_TIMESTAMP_TEXT_SIZE];
    if (pattern != NULL)
        return lv_datetime_pattern_print(pattern, us, zone != NULL ? zone : lv_timezone_utc(), out,
                                         err);
    lv_sbuf_add(out, text, (size_t)lv_timestamp_print_iso(us, zone, f->exact, text));
    return LV_OK;
}

lv_status lv_time_formats_print_timestamp(const lv_time_formats *f, int64_t us, lv_sbuf *out,
                                          lv_error *err)
{
    return print_timestamp(f, f->timestamp, us, f->zone, out, err);
}

lv_status lv_time_formats_print_timestamp_ntz(const lv_time_formats *f, int64_t us, lv_sbuf *out,
                                              lv_error *err)
{
    return print_timestamp(f, f->timestamp_ntz, us, NULL, out, err);
}
