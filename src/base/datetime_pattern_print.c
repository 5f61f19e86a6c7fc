/* datetime_pattern_print.c: printing by a pattern: item after item; optional parts are always printed. */
#include "base/datetime.h"
#include "base/datetime_pattern_int.h"

enum { SECONDS_PER_DAY = 86400, US_PER_SECOND = 1000000 };

/* A time taken apart. */
typedef struct printed {
    int64_t utc_s, year;
    int month, day, day_of_year, weekday; /* Monday is 0 */
    int hour, minute, second, micros;
    int32_t offset_s;
    const lv_timezone *zone;
} printed;

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b != 0 && (a < 0) != (b < 0));
}

static printed take_apart(int64_t us, const lv_timezone *zone)
{
    printed t = {.zone = zone, .utc_s = floor_div(us, US_PER_SECOND)};
    t.micros = (int)((uint64_t)us - (uint64_t)t.utc_s * US_PER_SECOND);
    t.offset_s = lv_timezone_offset_at(zone, t.utc_s);
    int64_t local_s = t.utc_s + t.offset_s, days = floor_div(local_s, SECONDS_PER_DAY);
    int s = (int)(local_s - days * SECONDS_PER_DAY);
    lv_civil_from_days(days, &t.year, &t.month, &t.day);
    t.day_of_year = (int)(days - lv_days_from_civil(t.year, 1, 1)) + 1;
    t.weekday = (int)(((days + 3) % 7 + 7) % 7);
    t.hour = s / 3600;
    t.minute = s / 60 % 60;
    t.second = s % 60;
    return t;
}

/* ---- names ----------------------------------------------------------------------------------- */

static void print_name(const char *const *names, int i, bool whole, lv_sbuf *out)
{
    lv_str name = lv_str_of(names[i]);
    lv_sbuf_add_str(out, whole ? name : lv_str_sub(name, 0, 3));
}

void lv_weekday_name_print(int weekday, bool whole, lv_sbuf *out)
{
    static const char *const names[] = {"Monday", "Tuesday",  "Wednesday", "Thursday",
                                        "Friday", "Saturday", "Sunday"};
    print_name(names, weekday, whole, out);
}

void lv_month_name_print(int month, bool whole, lv_sbuf *out)
{
    static const char *const names[] = {"January",   "February", "March",    "April",
                                        "May",       "June",     "July",     "August",
                                        "September", "October",  "November", "December"};
    print_name(names, month - 1, whole, out);
}

/* ---- numbers --------------------------------------------------------------------------------- */

/* Four digits and more get a plus sign where the year has more of them than the pattern has letters. */
static void print_year(int64_t year, int count, lv_sbuf *out)
{
    int64_t magnitude = year < 0 ? -year : year, limit = 1;
    for (int i = 0; i < count; i++)
        limit *= 10;
    if (count == 2) {
        lv_sbuf_printf(out, "%02d", (int)(magnitude % 100));
        return;
    }
    const char *sign = year < 0 ? "-" : count > 3 && magnitude >= limit ? "+" : "";
    lv_sbuf_printf(out, "%s%0*lld", sign, count, (long long)magnitude);
}

static void print_fraction(int micros, int count, lv_sbuf *out)
{
    char digits[10];
    for (int i = 8; i >= 0; i--) {
        digits[i] = i > 5 ? '0' : (char)('0' + micros % 10);
        micros = i > 5 ? micros : micros / 10;
    }
    lv_sbuf_add(out, digits, (size_t)count);
}

static void print_quarter(int quarter, int count, lv_sbuf *out)
{
    static const char *const ends[] = {"st", "nd", "rd", "th"};
    if (count < 3)
        lv_sbuf_printf(out, "%0*d", count, quarter);
    else if (count == 3)
        lv_sbuf_printf(out, "Q%d", quarter);
    else
        lv_sbuf_printf(out, "%d%s quarter", quarter, ends[quarter - 1]);
}

/* ---- zones ----------------------------------------------------------------------------------- */

/* Which parts of an offset are printed. */
typedef struct offset_form {
    bool colon;
    bool minutes_optional, seconds;
    bool short_hour;
} offset_form;

static void print_offset(int32_t offset_s, offset_form form, lv_sbuf *out)
{
    int magnitude = offset_s < 0 ? -offset_s : offset_s;
    int minutes = magnitude / 60 % 60, seconds = magnitude % 60;
    const char *colon = form.colon ? ":" : "";
    lv_sbuf_add_char(out, offset_s < 0 ? '-' : '+');
    lv_sbuf_printf(out, form.short_hour ? "%d" : "%02d", magnitude / 3600);
    if (!form.minutes_optional || minutes != 0 || (form.seconds && seconds != 0))
        lv_sbuf_printf(out, "%s%02d", colon, minutes);
    if (form.seconds && seconds != 0)
        lv_sbuf_printf(out, "%s%02d", colon, seconds);
}

static void print_offset_item(const lv_pattern_item *it, int32_t offset_s, lv_sbuf *out)
{
    static const offset_form forms[] = {{.minutes_optional = true},
                                        {.colon = false},
                                        {.colon = true},
                                        {.seconds = true},
                                        {.colon = true, .seconds = true}};
    bool gmt = it->letter == 'O' || (it->letter == 'Z' && it->count == 4);
    if (gmt) {
        bool is_short = it->letter == 'O' && it->count == 1;
        lv_sbuf_add_cstr(out, "GMT");
        if (offset_s != 0)
            print_offset(offset_s,
                         (offset_form){.colon = true,
                                       .seconds = true,
                                       .minutes_optional = is_short,
                                       .short_hour = is_short},
                         out);
        return;
    }
    bool zulu = it->letter == 'X' || (it->letter == 'Z' && it->count == 5);
    int form = it->letter == 'Z' && it->count < 4 ? 2 : it->count;
    if (zulu && offset_s == 0)
        lv_sbuf_add_char(out, 'Z');
    else
        print_offset(offset_s, forms[form - 1], out);
}

static lv_status print_zone_name(const lv_pattern_item *it, const printed *t, lv_sbuf *out,
                                 lv_error *err)
{
    lv_str name = lv_timezone_name(t->zone), abbreviation;
    int32_t ignored;
    bool utc = lv_str_is(name, "UTC") || lv_str_is(name, "Etc/UTC");
    if (it->count == 4 && utc) {
        lv_sbuf_add_cstr(out, "Coordinated Universal Time");
        return LV_OK;
    }
    if (utc || lv_timezone_parse_offset(name, &ignored)) {
        lv_sbuf_add_str(out, utc ? LV_STR("UTC") : name);
        return LV_OK;
    }
    if (it->count < 4 && lv_timezone_abbreviation_at(t->zone, t->utc_s, &abbreviation)) {
        lv_sbuf_add_str(out, abbreviation);
        return LV_OK;
    }
    return LV_FAIL(err, LV_UNSUPPORTED_FEATURE,
                   "The feature is not supported: the name of the time zone %.*s by the pattern "
                   "letters %.*s",
                   LV_STR_ARG(name), it->count, "zzzz");
}

/* ---- items ----------------------------------------------------------------------------------- */

static int number_of(char letter, const printed *t)
{
    switch (letter) {
    case 'd': return t->day;
    case 'D': return t->day_of_year;
    case 'F': return (t->day - 1) % 7 + 1;
    case 'H': return t->hour;
    case 'h': return t->hour % 12 == 0 ? 12 : t->hour % 12;
    case 'k': return t->hour == 0 ? 24 : t->hour;
    case 'K': return t->hour % 12;
    case 'm': return t->minute;
    default: return t->second;
    }
}

static lv_status print_item(const lv_datetime_pattern *pattern, const lv_pattern_item *it,
                            const printed *t, lv_sbuf *out, lv_error *err)
{
    bool before = t->year <= 0;
    switch (it->letter) { /* dispatch */
    case 0: lv_sbuf_add_char(out, it->literal); break;
    case '[':
    case ']': break;
    case 'G':
        lv_sbuf_add_cstr(out, it->count < 4 ? (before ? "BC" : "AD")
                              : before      ? "Before Christ"
                                            : "Anno Domini");
        break;
    case 'y': print_year(pattern->has_era && before ? 1 - t->year : t->year, it->count, out); break;
    case 'M':
    case 'L':
        if (it->count > 2)
            lv_month_name_print(t->month, it->count == 4, out);
        else
            lv_sbuf_printf(out, "%0*d", it->count, t->month);
        break;
    case 'Q':
    case 'q': print_quarter((t->month - 1) / 3 + 1, it->count, out); break;
    case 'E': lv_weekday_name_print(t->weekday, it->count == 4, out); break;
    case 'a': lv_sbuf_add_cstr(out, t->hour < 12 ? "AM" : "PM"); break;
    case 'S': print_fraction(t->micros, it->count, out); break;
    case 'V': lv_sbuf_add_str(out, lv_timezone_name(t->zone)); break;
    case 'z': return print_zone_name(it, t, out, err);
    case 'O':
    case 'X':
    case 'x':
    case 'Z': print_offset_item(it, t->offset_s, out); break;
    default: lv_sbuf_printf(out, "%0*d", it->count, number_of(it->letter, t));
    }
    return LV_OK;
}

lv_status lv_datetime_pattern_print(const lv_datetime_pattern *pattern, int64_t us,
                                    const lv_timezone *zone, lv_sbuf *out, lv_error *err)
{
    if (pattern->fits_nothing)
        return LV_FAIL(err, LV_UNSUPPORTED_FEATURE,
                       "a pattern with fields that dates or times of this type do not have");
    printed t = take_apart(us, zone);
    for (int i = 0; i < pattern->count; i++)
        LV_TRY(print_item(pattern, &pattern->items[i], &t, out, err));
    return LV_OK;
}
