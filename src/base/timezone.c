/* timezone.c: see timezone.h. A zone is a sorted list of transitions plus a rule for after the last. */
#include "base/timezone.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/datetime.h"

/* Mm.w.d/time of a POSIX TZ string: the w-th weekday d of month m (w 5: the last). */
typedef struct rule_date {
    int month, week, weekday;
    int32_t time_s;
} rule_date;

struct lv_timezone {
    lv_str name;
    int32_t first_offset_s; /* before the first transition */
    int count;
    const int64_t *at_s;     /* UTC seconds of transitions */
    const int32_t *offset_s; /* from then on */
    bool has_rule;           /* after the last transition: std and dst by dates */
    int32_t std_offset_s, dst_offset_s;
    rule_date dst_begin, dst_end;
    const lv_str *names; /* abbreviation from each transition on */
    lv_str std_name, dst_name;
};

static const lv_timezone utc = {.name = {"UTC", 3}};

const lv_timezone *lv_timezone_utc(void)
{
    return &utc;
}

lv_str lv_timezone_name(const lv_timezone *zone)
{
    return zone->name;
}

/* ---- fixed offsets --------------------------------------------------------------------------- */

/* Two digits at `p`, or -1. */
static int two_digits(const char *p)
{
    bool ok = p[0] >= '0' && p[0] <= '9' && p[1] >= '0' && p[1] <= '9';
    return ok ? (p[0] - '0') * 10 + p[1] - '0' : -1;
}

/* +h, +hh, +hhmm, +hh:mm, +hhmmss, +hh:mm:ss; Spark also pads the hour of +h:mm and the minute of +hh:m. */
static bool parse_signed_offset(lv_str s, int32_t *offset_s)
{
    if (s.len < 2 || (s.ptr[0] != '+' && s.ptr[0] != '-'))
        return false;
    int sign = s.ptr[0] == '-' ? -1 : 1;
    char digits[7] = "000000", padded[8];
    size_t n = 0, colons = 0;
    lv_str body = lv_str_sub(s, 1, s.len - 1);
    bool one_digit_hour = body.len == 1 || body.ptr[1] == ':';
    if (one_digit_hour)
        n = 1;
    if (body.len == 5 - n - 1 && body.ptr[2 - n] == ':') {
        memcpy(padded, body.ptr, 3 - n);
        padded[3 - n] = '0';
        padded[4 - n] = body.ptr[3 - n];
        body = (lv_str){padded, 5 - n};
    }
    for (size_t i = 0; i < body.len; i++) {
        if (body.ptr[i] == ':' && n % 2 == 0 && n > 0 && i + 1 < body.len) {
            colons++;
            continue;
        }
        if (body.ptr[i] < '0' || body.ptr[i] > '9' || n == 6)
            return false;
        digits[n++] = body.ptr[i];
    }
    if (n % 2 != 0 || (colons > 0 && colons != n / 2 - 1))
        return false;
    int h = two_digits(digits), m = two_digits(digits + 2), sec = two_digits(digits + 4);
    int32_t total = h * 3600 + m * 60 + sec;
    if (m > 59 || sec > 59 || total > 18 * 3600)
        return false;
    *offset_s = sign * total;
    return true;
}

bool lv_timezone_parse_offset(lv_str text, int32_t *offset_s)
{
    static const char *const prefixes[] = {"UTC", "GMT", "UT"};
    *offset_s = 0;
    if (lv_str_is(text, "Z"))
        return true;
    for (size_t i = 0; i < LV_COUNT_OF(prefixes); i++) {
        lv_str prefix = lv_str_of(prefixes[i]);
        if (lv_str_eq(text, prefix))
            return true;
        if (lv_str_starts(text, prefix))
            return parse_signed_offset(lv_str_sub(text, prefix.len, text.len - prefix.len),
                                       offset_s);
    }
    return parse_signed_offset(text, offset_s);
}

/* ---- TZif ------------------------------------------------------------------------------------ */

typedef struct tzif_header {
    uint8_t version;
    uint32_t utc_count, std_count, leap_count, time_count, type_count, char_count;
} tzif_header;

static bool read_header(lv_rd *rd, tzif_header *h)
{
    const uint8_t *magic = lv_rd_bytes(rd, 4);
    if (magic == NULL || memcmp(magic, "TZif", 4) != 0)
        return false;
    h->version = lv_rd_u8(rd);
    lv_rd_bytes(rd, 15);
    uint32_t *fields[] = {&h->utc_count,  &h->std_count,  &h->leap_count,
                          &h->time_count, &h->type_count, &h->char_count};
    for (size_t i = 0; i < LV_COUNT_OF(fields); i++)
        *fields[i] = (uint32_t)lv_rd_i32be(rd);
    return !rd->failed && h->time_count < 100000 && h->type_count < 256 && h->type_count > 0 &&
           h->char_count < 10000 && h->leap_count < 1000;
}

static bool parse_number(lv_str *s, int *value)
{
    size_t n = 0;
    *value = 0;
    while (n < s->len && s->ptr[n] >= '0' && s->ptr[n] <= '9' && n < 4)
        *value = *value * 10 + s->ptr[n++] - '0';
    *s = lv_str_sub(*s, n, s->len - n);
    return n > 0;
}

static bool take_char(lv_str *s, char c)
{
    if (s->len == 0 || s->ptr[0] != c)
        return false;
    *s = lv_str_sub(*s, 1, s->len - 1);
    return true;
}

/* [+-]hh[:mm[:ss]] */
static bool parse_posix_time(lv_str *s, int32_t *seconds)
{
    int sign = take_char(s, '-') ? -1 : 1, h, m = 0, sec = 0;
    take_char(s, '+');
    if (!parse_number(s, &h) || (take_char(s, ':') && !parse_number(s, &m)) ||
        (take_char(s, ':') && !parse_number(s, &sec)))
        return false;
    *seconds = sign * (h * 3600 + m * 60 + sec);
    return true;
}

static bool take_posix_name(lv_str *s, lv_str *name)
{
    size_t n = 0;
    *name = LV_STR_NONE;
    if (take_char(s, '<')) {
        while (n < s->len && s->ptr[n] != '>')
            n++;
        *s = lv_str_sub(*s, n, s->len - n);
        return take_char(s, '>');
    }
    while (n < s->len && ((s->ptr[n] | 32) >= 'a' && (s->ptr[n] | 32) <= 'z'))
        n++;
    *name = lv_str_sub(*s, 0, n);
    *s = lv_str_sub(*s, n, s->len - n);
    return n >= 3;
}

static bool parse_rule_date(lv_str *s, rule_date *date)
{
    date->time_s = 2 * 3600;
    return take_char(s, ',') && take_char(s, 'M') && parse_number(s, &date->month) &&
           take_char(s, '.') && parse_number(s, &date->week) && take_char(s, '.') &&
           parse_number(s, &date->weekday) &&
           (!take_char(s, '/') || parse_posix_time(s, &date->time_s));
}

/* The footer: std offset [dst [offset] , begin , end]; offsets count west. */
static void parse_footer(lv_timezone *zone, lv_str s)
{
    int32_t std, dst;
    if (!take_posix_name(&s, &zone->std_name) || !parse_posix_time(&s, &std))
        return;
    zone->std_offset_s = zone->dst_offset_s = -std;
    if (s.len == 0 || !take_posix_name(&s, &zone->dst_name))
        return;
    dst = std - 3600;
    if (s.len > 0 && s.ptr[0] != ',' && !parse_posix_time(&s, &dst))
        return;
    zone->has_rule = parse_rule_date(&s, &zone->dst_begin) && parse_rule_date(&s, &zone->dst_end);
    zone->dst_offset_s = -dst;
}

static bool parse_tzif(lv_arena *arena, lv_str bytes, lv_timezone *zone)
{
    lv_rd rd = lv_rd_of(bytes.ptr, bytes.len);
    tzif_header h;
    if (!read_header(&rd, &h) || h.version < '2')
        return false; /* every current database has 64-bit data */
    lv_rd_bytes(&rd, (size_t)h.time_count * 5 + h.type_count * 6 + h.char_count + h.leap_count * 8 +
                         h.std_count + h.utc_count);
    if (!read_header(&rd, &h))
        return false;
    const uint8_t *times = lv_rd_bytes(&rd, (size_t)h.time_count * 8),
                  *indexes = lv_rd_bytes(&rd, h.time_count);
    const uint8_t *types = lv_rd_bytes(&rd, (size_t)h.type_count * 6);
    const uint8_t *chars = lv_rd_bytes(&rd, h.char_count);
    lv_rd_bytes(&rd, (size_t)h.leap_count * 12 + h.std_count + h.utc_count);
    if (rd.failed)
        return false;
    int64_t *at = LV_NEW_ARRAY(arena, int64_t, h.time_count);
    int32_t *offset = LV_NEW_ARRAY(arena, int32_t, h.time_count);
    lv_str *names = LV_NEW_ARRAY(arena, lv_str, h.time_count);
    lv_rd time_rd = lv_rd_of(times, (size_t)h.time_count * 8),
          type_rd = lv_rd_of(types, (size_t)h.type_count * 6);
    zone->first_offset_s = lv_rd_i32be(&type_rd);
    for (uint32_t i = 0; i < h.time_count; i++) {
        if (indexes[i] >= h.type_count)
            return false;
        lv_rd one = lv_rd_of(types + indexes[i] * 6, 6);
        at[i] = lv_rd_i64be(&time_rd);
        offset[i] = lv_rd_i32be(&one);
        size_t name = types[indexes[i] * 6 + 5], len = 0;
        while (name + len < h.char_count && chars[name + len] != 0)
            len++;
        names[i] = (lv_str){(const char *)chars + name, len};
    }
    zone->names = names;
    zone->at_s = at;
    zone->offset_s = offset;
    zone->count = (int)h.time_count;
    lv_str footer = {(const char *)rd.ptr, lv_rd_left(&rd)};
    parse_footer(zone, lv_str_trim(footer));
    return true;
}

static const char *const short_ids[][2] = {{"ACT", "Australia/Darwin"},
                                           {"AET", "Australia/Sydney"},
                                           {"AGT", "America/Argentina/Buenos_Aires"},
                                           {"ART", "Africa/Cairo"},
                                           {"AST", "America/Anchorage"},
                                           {"BET", "America/Sao_Paulo"},
                                           {"BST", "Asia/Dhaka"},
                                           {"CAT", "Africa/Harare"},
                                           {"CNT", "America/St_Johns"},
                                           {"CST", "America/Chicago"},
                                           {"CTT", "Asia/Shanghai"},
                                           {"EAT", "Africa/Addis_Ababa"},
                                           {"ECT", "Europe/Paris"},
                                           {"EST", "-05:00"},
                                           {"HST", "-10:00"},
                                           {"IET", "America/Indiana/Indianapolis"},
                                           {"IST", "Asia/Kolkata"},
                                           {"JST", "Asia/Tokyo"},
                                           {"MIT", "Pacific/Apia"},
                                           {"MST", "-07:00"},
                                           {"NET", "Asia/Yerevan"},
                                           {"NST", "Pacific/Auckland"},
                                           {"PLT", "Asia/Karachi"},
                                           {"PNT", "America/Phoenix"},
                                           {"PRT", "America/Puerto_Rico"},
                                           {"PST", "America/Los_Angeles"},
                                           {"SST", "Pacific/Guadalcanal"},
                                           {"VST", "Asia/Ho_Chi_Minh"}};

/* Zones without daylight saving that Java has and the system's database has no longer. */
static const char *const old_ids[][2] = {{"SystemV/AST4", "-04:00"}, {"SystemV/EST5", "-05:00"},
                                         {"SystemV/CST6", "-06:00"}, {"SystemV/MST7", "-07:00"},
                                         {"SystemV/PST8", "-08:00"}, {"SystemV/YST9", "-09:00"},
                                         {"SystemV/HST10", "-10:00"}};

/* The same with it: the rule of the United States of 1976. */
static const char *const old_rules[][2] = {
    {"SystemV/AST4ADT", "AST4ADT,M4.5.0,M10.5.0"}, {"SystemV/EST5EDT", "EST5EDT,M4.5.0,M10.5.0"},
    {"SystemV/CST6CDT", "CST6CDT,M4.5.0,M10.5.0"}, {"SystemV/MST7MDT", "MST7MDT,M4.5.0,M10.5.0"},
    {"SystemV/PST8PDT", "PST8PDT,M4.5.0,M10.5.0"}, {"SystemV/YST9YDT", "YST9YDT,M4.5.0,M10.5.0"}};

static lv_str expand_id(const char *const (*ids)[2], size_t count, lv_str name)
{
    for (size_t i = 0; i < count; i++)
        if (lv_str_is(name, ids[i][0]))
            return lv_str_of(ids[i][1]);
    return name;
}

bool lv_timezone_is_short_id(lv_str name)
{
    return expand_id(short_ids, LV_COUNT_OF(short_ids), name).ptr != name.ptr;
}

/* A region name may not lead out of the database's folder. */
static bool is_region_name(lv_str name)
{
    if (name.len == 0 || name.len > 64 || name.ptr[0] == '/')
        return false;
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        bool ok = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  strchr("/_+-", c) != NULL;
        if (!ok || c == '\0')
            return false;
    }
    return true;
}

static bool read_region(lv_arena *arena, lv_str name, lv_timezone *zone)
{
    char path[128];
    const char *dir = getenv("TZDIR");
    snprintf(path, sizeof path, "%.40s/%.*s", dir ? dir : "/usr/share/zoneinfo", LV_STR_ARG(name));
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    enum { SIZE_MAX_BYTES = 256 * 1024 };
    char *bytes = lv_arena_alloc(arena, SIZE_MAX_BYTES);
    ssize_t len = read(fd, bytes, SIZE_MAX_BYTES);
    close(fd);
    return len > 0 && parse_tzif(arena, (lv_str){bytes, (size_t)len}, zone);
}

lv_status lv_timezone_load(lv_arena *arena, lv_str name, lv_timezone **out, lv_error *err)
{
    lv_timezone *zone = LV_NEW(arena, lv_timezone);
    lv_str full = expand_id(short_ids, LV_COUNT_OF(short_ids), name);
    full = expand_id(old_ids, LV_COUNT_OF(old_ids), full);
    zone->name = lv_str_dup(arena, name);
    lv_str rule = expand_id(old_rules, LV_COUNT_OF(old_rules), name);
    if (rule.ptr != name.ptr) {
        parse_footer(zone, rule);
        zone->first_offset_s = zone->std_offset_s;
    } else if (lv_timezone_parse_offset(full, &zone->first_offset_s)) {
        zone->std_offset_s = zone->dst_offset_s = zone->first_offset_s;
    } else if (!is_region_name(full) || !read_region(arena, full, zone)) {
        return LV_FAIL(err, LV_INVALID_TIMEZONE,
                       "the timezone: %.*s is invalid; it must be a region such as Europe/Berlin "
                       "or an offset such as +02:00",
                       LV_STR_ARG(name));
    }
    *out = zone;
    return LV_OK;
}

/* ---- look-up --------------------------------------------------------------------------------- */

/* Local seconds since 1970 of a rule's date in a year. */
static int64_t rule_seconds(const rule_date *d, int64_t year)
{
    int64_t first = lv_days_from_civil(year, d->month, 1);
    int weekday = (int)((first % 7 + 7 + 4) % 7); /* 1970-01-01 was a Thursday */
    int64_t day = first + (d->weekday - weekday + 7) % 7 + (d->week - 1) * 7;
    int64_t next_month = d->month == 12 ? lv_days_from_civil(year + 1, 1, 1)
                                        : lv_days_from_civil(year, d->month + 1, 1);
    while (day >= next_month)
        day -= 7;
    return day * 86400 + d->time_s;
}

static int32_t offset_by_rule(const lv_timezone *zone, int64_t utc_s)
{
    if (!zone->has_rule)
        return zone->std_offset_s;
    int64_t year;
    int month, day;
    int64_t local_days =
        (utc_s + zone->std_offset_s) / 86400 - ((utc_s + zone->std_offset_s) % 86400 < 0);
    lv_civil_from_days(local_days, &year, &month, &day);
    int64_t begin = rule_seconds(&zone->dst_begin, year) - zone->std_offset_s;
    int64_t end = rule_seconds(&zone->dst_end, year) - zone->dst_offset_s;
    bool dst = begin < end ? utc_s >= begin && utc_s < end : !(utc_s >= end && utc_s < begin);
    return dst ? zone->dst_offset_s : zone->std_offset_s;
}

/* The transition before an instant that is not before the first one. */
static int transition_before(const lv_timezone *zone, int64_t utc_s)
{
    int low = 0, high = zone->count; /* at_s[low] <= utc_s < at_s[high] */
    while (high - low > 1) {
        int middle = (low + high) / 2;
        *(zone->at_s[middle] <= utc_s ? &low : &high) = middle;
    }
    return low;
}

/* Whether the rule counts, not the transitions. */
static bool is_under_rule(const lv_timezone *zone, int64_t utc_s)
{
    return zone->has_rule && (zone->count == 0 || utc_s >= zone->at_s[zone->count - 1]);
}

int32_t lv_timezone_offset_at(const lv_timezone *zone, int64_t utc_s)
{
    if (is_under_rule(zone, utc_s))
        return offset_by_rule(zone, utc_s);
    if (zone->count == 0 || utc_s < zone->at_s[0])
        return zone->first_offset_s;
    return zone->offset_s[transition_before(zone, utc_s)];
}

int64_t lv_timezone_to_utc(const lv_timezone *zone, int64_t local_s)
{
    /* No zone is a day away from UTC, and no two transitions are that close: the offsets a day
     * before and after are those on both sides of a transition near by. */
    int32_t before = lv_timezone_offset_at(zone, local_s - 86400),
            after = lv_timezone_offset_at(zone, local_s + 86400);
    if (before == after)
        return local_s - before;
    bool before_fits = lv_timezone_offset_at(zone, local_s - before) == before;
    bool after_fits = lv_timezone_offset_at(zone, local_s - after) == after;
    /* Overlap: both fit, the earlier offset is `before`. Gap: none fits, and reading the time with
     * the offset before the gap moves it forward by the gap's length. */
    return after_fits && !before_fits ? local_s - after : local_s - before;
}

bool lv_timezone_abbreviation_at(const lv_timezone *zone, int64_t utc_s, lv_str *abbreviation)
{
    lv_str name = zone->std_name;
    if (is_under_rule(zone, utc_s))
        name = offset_by_rule(zone, utc_s) == zone->dst_offset_s ? zone->dst_name : name;
    else if (zone->count > 0 && utc_s >= zone->at_s[0])
        name = zone->names[transition_before(zone, utc_s)];
    if (lv_str_is(name, "LMT"))
        name = zone->std_name;
    *abbreviation = name;
    return name.len > 0 && (name.ptr[0] | 32) >= 'a' && (name.ptr[0] | 32) <= 'z';
}
