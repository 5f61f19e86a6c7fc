/* interval.c: see interval.h. */
#include "base/interval.h"

enum { MONTHS_PER_YEAR = 12, US_PER_SECOND = 1000000 };

static const struct {
    const char *name;
    int64_t size; /* months, or microseconds */
} units[LV_UNIT_COUNT] = {{"YEAR", MONTHS_PER_YEAR}, {"MONTH", 1},
                          {"DAY", 86400000000},      {"HOUR", 3600000000},
                          {"MINUTE", 60000000},      {"SECOND", US_PER_SECOND}};

const char *lv_unit_name(lv_unit unit)
{
    return units[unit].name;
}

lv_unit lv_unit_find(lv_str name)
{
    lv_unit unit = LV_UNIT_YEAR;
    while (unit < LV_UNIT_COUNT && !lv_str_eq_nocase(name, lv_str_of(units[unit].name)))
        unit++;
    return unit;
}

int64_t lv_unit_size(lv_unit unit)
{
    return units[unit].size;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_blank(char c)
{
    return (unsigned char)c <= ' ';
}

static void advance(lv_str *s, size_t n)
{
    *s = lv_str_after(*s, n);
}

static bool skip_blanks(lv_str *s)
{
    size_t n = 0;
    while (n < s->len && is_blank(s->ptr[n]))
        n++;
    advance(s, n);
    return n > 0;
}

static lv_str trim(lv_str s)
{
    skip_blanks(&s);
    while (s.len > 0 && is_blank(s.ptr[s.len - 1]))
        s.len--;
    return s;
}

/* -1 or 1; takes the sign. */
static int take_sign(lv_str *s)
{
    if (s->len == 0 || (s->ptr[0] != '-' && s->ptr[0] != '+'))
        return 1;
    int sign = s->ptr[0] == '-' ? -1 : 1;
    advance(s, 1);
    return sign;
}

static size_t digits_at(lv_str s)
{
    size_t n = 0;
    while (n < s.len && is_digit(s.ptr[n]))
        n++;
    return n;
}

/* Up to nine digits behind the point, as microseconds; what is finer is cut off. */
static int64_t take_fraction_us(lv_str *s, size_t digits)
{
    int64_t us = 0;
    for (size_t i = 0; i < 6; i++)
        us = us * 10 + (i < digits ? s->ptr[i] - '0' : 0);
    advance(s, digits);
    return us;
}

static bool take_word(lv_str *s, lv_str word)
{
    if (s->len < word.len || !lv_str_eq_nocase(lv_str_sub(*s, 0, word.len), word))
        return false;
    advance(s, word.len);
    return true;
}

/* ---- lists of units -------------------------------------------------------------------------- */

/* What a word of a list stands for: so many of a unit. Short names are for settings only. */
static const struct list_unit {
    const char *name;
    lv_unit unit;
    int64_t us; /* SECOND: microseconds of one; else how many units it is */
    bool is_short;
} list_units[] = {{"year", LV_UNIT_YEAR, 1, false},
                  {"month", LV_UNIT_MONTH, 1, false},
                  {"week", LV_UNIT_DAY, 7, false},
                  {"day", LV_UNIT_DAY, 1, false},
                  {"hour", LV_UNIT_HOUR, 1, false},
                  {"minute", LV_UNIT_MINUTE, 1, false},
                  {"second", LV_UNIT_SECOND, US_PER_SECOND, false},
                  {"millisecond", LV_UNIT_SECOND, 1000, false},
                  {"microsecond", LV_UNIT_SECOND, 1, false},
                  {"ms", LV_UNIT_SECOND, 1000, true}, /* before m, whose plural it is not */
                  {"us", LV_UNIT_SECOND, 1, true},
                  {"w", LV_UNIT_DAY, 7, true},
                  {"d", LV_UNIT_DAY, 1, true},
                  {"h", LV_UNIT_HOUR, 1, true},
                  {"min", LV_UNIT_MINUTE, 1, true},
                  {"m", LV_UNIT_MINUTE, 1, true},
                  {"sec", LV_UNIT_SECOND, US_PER_SECOND, true},
                  {"s", LV_UNIT_SECOND, US_PER_SECOND, true}};

/* The unit of a name, singular or plural, or NULL. */
static const struct list_unit *find_list_unit(lv_str name, bool relaxed)
{
    for (size_t i = 0; i < LV_COUNT_OF(list_units); i++) {
        lv_str unit = lv_str_of(list_units[i].name);
        bool plural = name.len == unit.len + 1 && (name.ptr[unit.len] | 32) == 's';
        if (lv_str_eq_nocase(plural ? lv_str_sub(name, 0, unit.len) : name, unit))
            return list_units[i].is_short && !relaxed ? NULL : &list_units[i];
    }
    return NULL;
}

/* Adds value (and a fraction of seconds) of a unit; false on overflow. */
static bool add_unit(lv_interval *to, const struct list_unit *unit, int64_t value, int64_t fraction)
{
    int64_t part, months, days;
    if (unit->unit <= LV_UNIT_MONTH) {
        bool bad = __builtin_mul_overflow(value, units[unit->unit].size, &part) ||
                   __builtin_add_overflow(part, to->months, &months) || months != (int32_t)months;
        to->months = bad ? 0 : (int32_t)months;
        return !bad;
    }
    if (unit->unit == LV_UNIT_DAY) {
        bool bad = __builtin_mul_overflow(value, unit->us, &part) ||
                   __builtin_add_overflow(part, to->days, &days) || days != (int32_t)days;
        to->days = bad ? 0 : (int32_t)days;
        return !bad;
    }
    int64_t us = unit->unit == LV_UNIT_SECOND ? unit->us : units[unit->unit].size;
    return !__builtin_mul_overflow(value, us, &part) &&
           !__builtin_add_overflow(part, fraction, &part) &&
           !__builtin_add_overflow(to->us, part, &to->us);
}

static lv_status fail_list(lv_error *err, lv_status status, lv_str text, const char *why)
{
    return LV_FAIL(err, status,
                   "Error parsing '%.*s' to interval. Please ensure that the value provided is in "
                   "a valid format for defining an interval: %s",
                   LV_STR_ARG(lv_str_sub(text, 0, LV_MIN(text.len, (size_t)200))), why);
}

/* One signed value and its unit at the front of *rest. */
static lv_status take_list_item(lv_str text, lv_str *rest, bool relaxed, lv_interval *interval,
                                unsigned *found, lv_error *err)
{
    int sign = relaxed ? 1 : take_sign(rest);
    skip_blanks(rest);
    size_t digits = digits_at(*rest), fraction_digits = 0;
    int64_t value = 0, fraction = 0;
    bool overflow = false, point = digits < rest->len && rest->ptr[digits] == '.' && !relaxed;
    for (size_t i = 0; i < digits; i++)
        overflow |= __builtin_mul_overflow(value, 10, &value) ||
                    __builtin_add_overflow(value, rest->ptr[i] - '0', &value);
    advance(rest, digits);
    if (point) {
        advance(rest, 1);
        fraction_digits = digits_at(*rest);
        if (fraction_digits > 9)
            return fail_list(err, LV_INTERVAL_PRECISION, text,
                             "an interval holds at most 9 digits behind the point");
        fraction = take_fraction_us(rest, fraction_digits);
    }
    bool blank = skip_blanks(rest);
    if (digits + fraction_digits == 0 || (!blank && !relaxed))
        return fail_list(err, LV_INTERVAL_PARSING, text, "a number and a unit are expected");
    lv_str name = *rest;
    name.len = 0;
    while (name.len < rest->len && !is_blank(rest->ptr[name.len]) &&
           !(relaxed && is_digit(rest->ptr[name.len])))
        name.len++;
    const struct list_unit *unit = find_list_unit(name, relaxed);
    if (unit == NULL)
        return fail_list(err, LV_INTERVAL_UNIT, text, "it names no unit of time");
    if (point && unit->us != US_PER_SECOND)
        return fail_list(err, LV_INTERVAL_FRACTION, text, "only seconds have a fraction");
    if (overflow || !add_unit(interval, unit, sign * value, sign * fraction))
        return fail_list(err, LV_INTERVAL_ARITHMETIC, text, "it is too long");
    *found |= 1u << unit->unit;
    advance(rest, name.len);
    skip_blanks(rest);
    return LV_OK;
}

static lv_status parse_list(lv_str text, bool relaxed, lv_interval *interval, unsigned *found,
                            lv_error *err)
{
    if (text.ptr == NULL) /* not there: as empty */
        text = LV_STR("");
    lv_str rest = trim(text), after = rest;
    if (take_word(&after, LV_STR("interval")) && skip_blanks(&after))
        rest = after;
    lv_interval sum = {0, 0, 0};
    unsigned mask = 0;
    do
        LV_TRY(take_list_item(text, &rest, relaxed, &sum, &mask, err));
    while (rest.len > 0);
    *interval = sum;
    *found = mask;
    return LV_OK;
}

lv_status lv_interval_parse_units(lv_str text, lv_interval *interval, unsigned *found,
                                  lv_error *err)
{
    return parse_list(text, false, interval, found, err);
}

lv_status lv_interval_parse(lv_str text, int64_t *interval_us, lv_error *err)
{
    lv_interval sum;
    unsigned found;
    int64_t total;
    if (parse_list(text, true, &sum, &found, NULL) != LV_OK || sum.months != 0 ||
        __builtin_mul_overflow((int64_t)sum.days, units[LV_UNIT_DAY].size, &total) ||
        __builtin_add_overflow(total, sum.us, &total))
        return LV_FAIL(err, LV_USAGE,
                       "'%.*s' is not an interval such as 500ms, 10 seconds or 1 minute",
                       LV_STR_ARG(text));
    *interval_us = total;
    return LV_OK;
}

/* ---- FIRST TO LAST --------------------------------------------------------------------------- */

/* INTERVAL '...' FIRST TO LAST becomes the text in quotes; its outer sign goes to *sign. False if it
 * begins that way but is none. */
static bool unwrap(lv_str *text, lv_unit first, lv_unit last, int *sign)
{
    lv_str s = *text;
    *sign = 1;
    if (!take_word(&s, LV_STR("INTERVAL")))
        return true;
    if (!skip_blanks(&s))
        return false;
    *sign = take_sign(&s);
    ptrdiff_t end = s.len > 0 && s.ptr[0] == '\'' ? lv_str_find(s, '\'', 1) : -1;
    if (end < 0)
        return false;
    *text = lv_str_sub(s, 1, (size_t)end - 1);
    advance(&s, (size_t)end + 1);
    if (!skip_blanks(&s) || !take_word(&s, lv_str_of(units[first].name)))
        return false;
    if (first != last && !(skip_blanks(&s) && take_word(&s, LV_STR("TO")) && skip_blanks(&s) &&
                           take_word(&s, lv_str_of(units[last].name))))
        return false;
    return s.len == 0;
}

/* A number of at most `most` digits; false if there is none. What does not fit becomes INT64_MAX. */
static bool take_number(lv_str *s, size_t most, int64_t *value)
{
    size_t digits = digits_at(*s);
    *value = 0;
    for (size_t i = 0; i < digits; i++)
        if (__builtin_mul_overflow(*value, 10, value) ||
            __builtin_add_overflow(*value, s->ptr[i] - '0', value))
            *value = INT64_MAX;
    advance(s, digits);
    return digits > 0 && digits <= most;
}

static bool take_char(lv_str *s, char c)
{
    bool same = s->len > 0 && s->ptr[0] == c;
    advance(s, same);
    return same;
}

static lv_status fail_unmatched(lv_error *err, lv_status status, lv_str text, lv_unit first,
                                lv_unit last)
{
    return LV_FAIL(err, status,
                   "Error parsing '%.*s' to interval. Interval string does not match the format of "
                   "INTERVAL %s%s%s",
                   LV_STR_ARG(lv_str_sub(text, 0, LV_MIN(text.len, (size_t)200))),
                   units[first].name, first == last ? "" : " TO ",
                   first == last ? "" : units[last].name);
}

lv_status lv_interval_parse_months(lv_str text, lv_unit first, lv_unit last, int32_t *months,
                                   lv_error *err)
{
    lv_str s = trim(text);
    int outer;
    int64_t value, more = 0, total;
    bool whole = unwrap(&s, first, last, &outer);
    s = trim(s);
    int sign = outer * take_sign(&s);
    if (!whole || !take_number(&s, SIZE_MAX, &value) ||
        (first != last && !(take_char(&s, '-') && take_number(&s, SIZE_MAX, &more))) || s.len > 0)
        return fail_unmatched(err, LV_INTERVAL_UNMATCHED, text, first, last);
    bool fits = more < MONTHS_PER_YEAR &&
                !__builtin_mul_overflow(sign * value, units[first].size, &total) &&
                !__builtin_add_overflow(total, sign * more, &total) && total == (int32_t)total;
    if (!fits)
        return fail_list(err, LV_INTERVAL_PARSING, text,
                         "a month is 0 to 11, and all months are no more than an INT");
    *months = (int32_t)total;
    return LV_OK;
}

lv_status lv_interval_parse_us(lv_str text, lv_unit first, lv_unit last, int64_t *us, lv_error *err)
{
    static const int64_t limits[] = {
        [LV_UNIT_HOUR] = 24, [LV_UNIT_MINUTE] = 60, [LV_UNIT_SECOND] = 60};
    lv_str s = trim(text);
    int outer;
    int64_t total = 0, value, part, fraction = 0;
    bool matches = unwrap(&s, first, last, &outer), fits = true;
    s = trim(s);
    int sign = outer * take_sign(&s);
    for (lv_unit unit = first; unit <= last && matches; unit++) {
        if (unit > first)
            matches = take_char(&s, unit == LV_UNIT_HOUR ? ' ' : ':');
        matches = matches && take_number(&s, unit == first ? SIZE_MAX : 2, &value);
        fits = fits && matches && (unit == first || value < limits[unit]) &&
               !__builtin_mul_overflow(sign * value, units[unit].size, &part) &&
               !__builtin_add_overflow(total, part, &total);
    }
    if (matches && last == LV_UNIT_SECOND && take_char(&s, '.')) {
        size_t digits = digits_at(s);
        matches = digits > 0 && digits <= 9;
        if (matches)
            fraction = sign * take_fraction_us(&s, digits);
    }
    if (!matches || s.len > 0)
        return fail_unmatched(err, LV_INTERVAL_UNMATCHED_NOTICE, text, first, last);
    if (!fits || __builtin_add_overflow(total, fraction, us))
        return fail_list(err, LV_INTERVAL_PARSING, text, "a part of it is out of its range");
    return LV_OK;
}

/* ---- printing -------------------------------------------------------------------------------- */

static void print_end(lv_unit first, lv_unit last, lv_sbuf *out)
{
    lv_sbuf_printf(out, "' %s", units[first].name);
    if (first != last)
        lv_sbuf_printf(out, " TO %s", units[last].name);
}

void lv_interval_print_months(int32_t months, lv_unit first, lv_unit last, lv_sbuf *out)
{
    uint32_t rest = months < 0 ? 0u - (uint32_t)months : (uint32_t)months;
    lv_sbuf_add_cstr(out, months < 0 ? "INTERVAL '-" : "INTERVAL '");
    if (first == LV_UNIT_MONTH)
        lv_sbuf_printf(out, "%u", rest);
    else if (last == LV_UNIT_YEAR)
        lv_sbuf_printf(out, "%u", rest / MONTHS_PER_YEAR);
    else
        lv_sbuf_printf(out, "%u-%u", rest / MONTHS_PER_YEAR, rest % MONTHS_PER_YEAR);
    print_end(first, last, out);
}

static void strip_zeros(lv_sbuf *out)
{
    while (out->ptr[out->len - 1] == '0')
        out->ptr[--out->len] = '\0';
}

void lv_interval_print_us(int64_t us, lv_unit first, lv_unit last, lv_sbuf *out)
{
    uint64_t rest = us < 0 ? 0u - (uint64_t)us : (uint64_t)us;
    lv_sbuf_add_cstr(out, us < 0 ? "INTERVAL '-" : "INTERVAL '");
    for (lv_unit unit = first; unit <= last; unit++) {
        unsigned long long size = (unsigned long long)units[unit].size, count = rest / size;
        rest %= size;
        if (unit > first)
            lv_sbuf_add_char(out, unit == LV_UNIT_HOUR ? ' ' : ':');
        lv_sbuf_printf(out, unit == LV_UNIT_DAY ? "%llu" : "%02llu", count);
    }
    if (last == LV_UNIT_SECOND && rest > 0) {
        lv_sbuf_printf(out, ".%06u", (unsigned)rest);
        strip_zeros(out);
    }
    print_end(first, last, out);
}

void lv_interval_print(const lv_interval *interval, lv_sbuf *out)
{
    int64_t us = interval->us, second = us % units[LV_UNIT_MINUTE].size;
    const struct {
        int64_t count;
        const char *name;
    } parts[] = {{interval->months / MONTHS_PER_YEAR, "years"},
                 {interval->months % MONTHS_PER_YEAR, "months"},
                 {interval->days, "days"},
                 {us / units[LV_UNIT_HOUR].size, "hours"},
                 {us % units[LV_UNIT_HOUR].size / units[LV_UNIT_MINUTE].size, "minutes"}};
    size_t begin = out->len;
    for (size_t i = 0; i < LV_COUNT_OF(parts); i++)
        if (parts[i].count != 0)
            lv_sbuf_printf(out, "%s%lld %s", out->len > begin ? " " : "", (long long)parts[i].count,
                           parts[i].name);
    if (second == 0 && out->len > begin)
        return;
    int64_t magnitude = second < 0 ? -second : second;
    lv_sbuf_printf(out, "%s%s%lld", out->len > begin ? " " : "", second < 0 ? "-" : "",
                   (long long)(magnitude / US_PER_SECOND));
    if (magnitude % US_PER_SECOND != 0) {
        lv_sbuf_printf(out, ".%06d", (int)(magnitude % US_PER_SECOND));
        strip_zeros(out);
    }
    lv_sbuf_add_cstr(out, " seconds");
}
