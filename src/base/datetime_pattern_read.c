/* datetime_pattern_read.c: reading by a pattern: one pass over its items; only an optional part that does not fit
 * steps back. */
#include "base/datetime.h"
#include "base/datetime_pattern_int.h"

enum { VALUES = 16 };

/* What was read, by the letters of `slots`; INT64_MIN where a field is missing. */
typedef struct fields {
    int64_t value[VALUES];
    lv_str zone;
    bool has_offset;
    int32_t offset_s;
} fields;

/* Slots of value[]; y is the year (of the era when G is given), a 0 or 1, G 0 (BC) or 1. */
static const char slots[] = "GyMdDHhkKmsSaNn";

static int slot(char letter)
{
    letter = letter == 'L' ? 'M' : letter;
    return (int)(strchr(slots, letter) - slots);
}

/* ---- reading --------------------------------------------------------------------------------- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static size_t digits_at(lv_str s)
{
    size_t n = 0;
    while (n < s.len && is_digit(s.ptr[n]))
        n++;
    return n;
}

static void advance(lv_str *s, size_t n)
{
    *s = lv_str_sub(*s, n, s->len - n);
}

static int64_t take_number(lv_str *s, size_t digits)
{
    int64_t value = 0;
    for (size_t i = 0; i < digits; i++)
        value = value * 10 + s->ptr[i] - '0';
    advance(s, digits);
    return value;
}

static bool read_number(const lv_pattern_item *it, lv_str *s, int64_t *value)
{
    bool year = it->letter == 'y', negative = false, plus = false;
    size_t least = (size_t)it->count, most = (size_t)it->count;
    if (year && it->count != 2) {
        negative = s->len > 0 && s->ptr[0] == '-';
        plus = s->len > 0 && s->ptr[0] == '+';
        advance(s, negative || plus);
        most = 15;
    } else if (it->count == 1) {
        most = 15;
    }
    size_t found = digits_at(*s);
    if (it->reserved > 0)
        found = found > (size_t)it->reserved ? found - (size_t)it->reserved : 0;
    size_t digits = LV_MIN(found, most);
    bool wide = year && it->count > 3; /* more digits than letters need a plus sign */
    if (digits < least || (wide && !negative && (digits > least) != plus) ||
        (year && it->count == 1 && plus))
        return false;
    *value = take_number(s, digits);
    if (year && it->count == 2)
        *value += 2000;
    if (negative)
        *value = -*value;
    return true;
}

/* The number of the name at `s` (from 0), -1 if none of them is there. */
static int take_name(lv_str *s, const char *const *names, int count, size_t cut)
{
    for (int i = 0; i < count; i++) {
        lv_str name = lv_str_of(names[i]);
        name.len = cut ? LV_MIN(cut, name.len) : name.len;
        if (s->len >= name.len && lv_str_eq_nocase(lv_str_sub(*s, 0, name.len), name)) {
            advance(s, name.len);
            return i;
        }
    }
    return -1;
}

static bool read_name(const lv_pattern_item *it, lv_str *s, int64_t *value)
{
    static const char *const months[] = {"January",   "February", "March",    "April",
                                         "May",       "June",     "July",     "August",
                                         "September", "October",  "November", "December"};
    static const char *const halves[] = {"AM", "PM"}, *const eras[] = {"BC", "AD"},
                             *const long_eras[] = {"Before Christ", "Anno Domini"};
    int got = it->letter == 'a'   ? take_name(s, halves, 2, 0)
              : it->letter == 'G' ? take_name(s, it->count == 4 ? long_eras : eras, 2, 0)
                                  : take_name(s, months, 12, it->count == 3 ? 3 : 0);
    *value = it->letter == 'a' || it->letter == 'G' ? got : got + 1;
    return got >= 0;
}

static bool read_fraction(const lv_pattern_item *it, lv_str *s, int64_t *micros)
{
    size_t digits = LV_MIN(digits_at(*s), (size_t)it->count);
    *micros = 0;
    for (size_t i = 0; i < 6; i++)
        *micros = *micros * 10 + (i < digits ? s->ptr[i] - '0' : 0);
    advance(s, digits);
    return digits > 0;
}

/* An offset in one of the forms +HH, +HHmm, +HH:MM, +HHMM, +HH:MM, +HHMMss, +HH:MM:ss. */
typedef struct offset_form {
    bool colon, minutes_optional, seconds, zulu;
    bool minutes;
} offset_form;

static bool take_two(lv_str *s, bool colon, int *value)
{
    lv_str rest = *s;
    if (colon) {
        if (rest.len == 0 || rest.ptr[0] != ':')
            return false;
        advance(&rest, 1);
    }
    if (rest.len < 2 || digits_at(lv_str_sub(rest, 0, 2)) < 2)
        return false;
    *value = (int)take_number(&rest, 2);
    *s = rest;
    return *value <= 59;
}

static bool read_offset(offset_form form, lv_str *s, int32_t *offset_s)
{
    if (form.zulu && s->len > 0 && (s->ptr[0] | 32) == 'z') {
        advance(s, 1);
        *offset_s = 0;
        return true;
    }
    if (s->len == 0 || (s->ptr[0] != '+' && s->ptr[0] != '-'))
        return false;
    int sign = s->ptr[0] == '-' ? -1 : 1, h, m = 0, sec = 0;
    advance(s, 1);
    if (!take_two(s, false, &h))
        return false;
    if (form.minutes && !take_two(s, form.colon, &m) && !form.minutes_optional)
        return false;
    if (form.seconds)
        (void)take_two(s, form.colon, &sec);
    *offset_s = sign * (h * 3600 + m * 60 + sec);
    return h <= 18;
}

static bool read_offset_item(const lv_pattern_item *it, lv_str *s, int32_t *offset_s)
{
    static const offset_form forms[] = {{.minutes = true, .minutes_optional = true},
                                        {.minutes = true},
                                        {.minutes = true, .colon = true},
                                        {.minutes = true, .seconds = true},
                                        {.minutes = true, .colon = true, .seconds = true}};
    offset_form form = forms[LV_MIN(it->count, 5) - 1];
    form.zulu = it->letter == 'X';
    if (it->letter == 'Z' && it->count < 4)
        return read_offset(forms[1], s, offset_s);
    if (it->letter == 'Z' && it->count == 5)
        return read_offset(
            (offset_form){.minutes = true, .colon = true, .seconds = true, .zulu = true}, s,
            offset_s);
    if (it->letter == 'X' || it->letter == 'x')
        return read_offset(form, s, offset_s);
    /* O, OOOO, ZZZZ: GMT with an offset, or none */
    if (s->len < 3 || !lv_str_eq_nocase(lv_str_sub(*s, 0, 3), LV_STR("GMT")))
        return false;
    advance(s, 3);
    *offset_s = 0;
    bool is_signed = s->len > 0 && (s->ptr[0] == '+' || s->ptr[0] == '-');
    return !is_signed || read_offset((offset_form){.minutes = true,
                                                   .colon = true,
                                                   .seconds = true,
                                                   .minutes_optional = it->count == 1},
                                     s, offset_s);
}

/* A zone's name, or an offset as in 2024-01-01T00:00+02:00 or UTC+02:00. Names like PST are read by z, zz
 * and zzz only. */
static bool read_zone(const lv_pattern_item *it, lv_str *s, fields *f)
{
    static const char *const prefixes[] = {"UTC", "GMT", "UT"};
    offset_form form = {.minutes = true, .colon = true, .seconds = true, .zulu = true};
    size_t n = 0;
    lv_str text = *s;
    if (take_name(s, prefixes, LV_COUNT_OF(prefixes), 0) >= 0) {
        form.zulu = false;
        if (s->len == 0 || (s->ptr[0] != '+' && s->ptr[0] != '-'))
            *s = text;
        text = *s;
    }
    f->has_offset = read_offset(form, s, &f->offset_s);
    if (f->has_offset || s->ptr != text.ptr)
        return f->has_offset;
    while (n < s->len && s->ptr[n] != ' ' && s->ptr[n] != ']' && s->ptr[n] != ')' &&
           s->ptr[n] != ',')
        n++;
    f->zone = lv_str_sub(*s, 0, n);
    advance(s, n);
    bool names_texts = it->letter == 'z' && it->count < 4;
    return n > 0 && (names_texts || !lv_timezone_is_short_id(f->zone));
}

static bool read_items(const lv_pattern_item *items, int count, lv_str *s, fields *f);

static bool read_item(const lv_pattern_item *it, lv_str *s, fields *f)
{
    int64_t value;
    if (it->letter == ']')
        return true;
    if (it->letter == 0) {
        bool same = s->len > 0 && lv_str_eq_nocase(lv_str_sub(*s, 0, 1), (lv_str){&it->literal, 1});
        advance(s, same);
        return same;
    }
    if (it->letter == '[') {
        lv_str rest = *s;
        fields attempt = *f;
        if (read_items(it + 1, it->count, &rest, &attempt)) {
            *s = rest;
            *f = attempt;
        }
        return true;
    }
    if (strchr("Vz", it->letter) != NULL)
        return read_zone(it, s, f);
    if (strchr("XxZO", it->letter) != NULL)
        return f->has_offset = read_offset_item(it, s, &f->offset_s);
    if (!(lv_pattern_is_number(it) ? read_number(it, s, &value)
          : it->letter == 'S'      ? read_fraction(it, s, &value)
                                   : read_name(it, s, &value)))
        return false;
    int64_t *to = &f->value[slot(it->letter)];
    bool clash =
        *to != INT64_MIN && *to != value; /* a field that is given twice must be the same */
    *to = value;
    return !clash;
}

static bool read_items(const lv_pattern_item *items, int count, lv_str *s, fields *f)
{
    for (int i = 0; i < count; i++) {
        if (!read_item(&items[i], s, f))
            return false;
        if (items[i].letter == '[')
            i += items[i].count;
    }
    return true;
}

/* ---- meaning --------------------------------------------------------------------------------- */

static int64_t get(const fields *f, char letter, int64_t otherwise)
{
    int64_t value = f->value[slot(letter)];
    return value == INT64_MIN ? otherwise : value;
}

static bool has(const fields *f, char letter)
{
    return f->value[slot(letter)] != INT64_MIN;
}

static bool within(int64_t value, int64_t least, int64_t most)
{
    return value >= least && value <= most;
}

static bool resolve_days(const fields *f, int64_t *days)
{
    int64_t year = get(f, 'y', 1970), month = get(f, 'M', 1), day = get(f, 'd', 1);
    if (has(f, 'G') && get(f, 'G', 1) == 0)
        year = 1 - year;
    if (has(f, 'D')) {
        *days = lv_days_from_civil(year, 1, 1) + get(f, 'D', 1) - 1;
        return within(get(f, 'D', 1), 1, 365 + (lv_days_in_month(year, 2) == 29));
    }
    if (!within(year, -999999, 999999) || !within(month, 1, 12) ||
        !within(day, 1, lv_days_in_month(year, (int)month)))
        return false;
    *days = lv_days_from_civil(year, (int)month, (int)day);
    return true;
}

static bool resolve_seconds(const fields *f, int64_t *seconds)
{
    int64_t hour = get(f, 'H', 0), half = get(f, 'a', 0) * 12;
    if (!within(get(f, 'h', 1), 1, 12) || !within(get(f, 'K', 0), 0, 11) ||
        !within(get(f, 'k', 1), 1, 24))
        return false;
    if (has(f, 'h'))
        hour = get(f, 'h', 0) % 12 + half;
    else if (has(f, 'K'))
        hour = get(f, 'K', 0) + half;
    else if (has(f, 'k'))
        hour = get(f, 'k', 0) % 24;
    *seconds = hour * 3600 + get(f, 'm', 0) * 60 + get(f, 's', 0);
    return within(hour, 0, 23) && within(get(f, 'm', 0), 0, 59) && within(get(f, 's', 0), 0, 59);
}

bool lv_datetime_pattern_parse(const lv_datetime_pattern *pattern, lv_str text,
                               const lv_timezone *zone, int64_t *us)
{
    fields f = {.zone = LV_STR_NONE};
    int64_t days, seconds, utc_s;
    for (int i = 0; i < VALUES; i++)
        f.value[i] = INT64_MIN;
    if (pattern->fits_nothing || !read_items(pattern->items, pattern->count, &text, &f) ||
        text.len > 0 || !resolve_days(&f, &days) || !resolve_seconds(&f, &seconds))
        return false;
    seconds += days * 86400;
    if (zone == NULL)
        utc_s = seconds;
    else if (f.has_offset)
        utc_s = seconds - f.offset_s;
    else if (f.zone.ptr != NULL)
        return lv_timestamp_in_named_zone(f.zone, seconds, &utc_s) &&
               lv_timestamp_make(utc_s, get(&f, 'S', 0), us);
    else
        utc_s = lv_timezone_to_utc(zone, seconds);
    return lv_timestamp_make(utc_s, get(&f, 'S', 0), us);
}
