/* datetime_pattern.c: see datetime_pattern.h. A pattern becomes a list of items; optional parts are an
 * item that says how many items follow in it. Reading is one pass over the items; only an optional
 * part that does not fit steps back. */
#include "base/datetime_pattern.h"

#include "base/datetime.h"
#include "base/vec.h"

enum { VALUES = 16 };

typedef struct item {
    char letter; /* 0: a literal character; '[': an optional part */
    char literal;
    int count;    /* letters in a row; '[': items in the part */
    int reserved; /* digits that belong to the fixed-width numbers right behind this one */
} item;

struct lv_datetime_pattern {
    item *items;
    int count;
    bool has_zone;
    bool fits_nothing;
};

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

/* ---- making ---------------------------------------------------------------------------------- */

/* Letters and the most of them in a row; from there on Spark calls a pattern wrong. */
static int letters_max(char letter)
{
    static const struct {
        const char *letters;
        int max;
    } rules[] = {{"y", 6}, {"ML", 4}, {"d", 2}, {"D", 3}, {"HhkKms", 2}, {"S", 9}, {"a", 1},
                 {"G", 4}, {"V", 2},  {"z", 4}, {"O", 4}, {"Xx", 5},     {"Z", 5}};
    for (size_t i = 0; i < LV_COUNT_OF(rules); i++)
        if (strchr(rules[i].letters, letter) != NULL)
            return rules[i].max;
    return 0;
}

static bool is_number(const item *it)
{
    return it->letter != 0 && strchr("yMLdDHhkKms", it->letter) != NULL &&
           (it->letter == 'y' ? it->count != 3 : it->count < 3 || it->letter == 'D');
}

static bool is_fixed_number(const item *it)
{
    return is_number(it) && it->letter != 'y' && it->count > 1;
}

static lv_status refuse(lv_str text, lv_error *err)
{
    return LV_FAIL(err, LV_DATETIME_PATTERN,
                   "'%.*s' is no datetime pattern that can be used for parsing", LV_STR_ARG(text));
}

/* The quoted text from `i` on, whose quote is at text.ptr[i]; two quotes are one. */
typedef LV_VEC(item) item_list;

static bool add_quoted(lv_arena *arena, item_list *items, lv_str text, size_t *i)
{
    size_t begin = ++*i;
    for (; *i < text.len; ++*i) {
        bool quote = text.ptr[*i] == '\'';
        if (quote && *i + 1 < text.len && text.ptr[*i + 1] == '\'' && *i > begin)
            ++*i;
        else if (quote)
            break;
        LV_VEC_PUSH(arena, *items, (item){.literal = text.ptr[*i]});
    }
    if (*i == text.len)
        return false;
    if (*i == begin)
        LV_VEC_PUSH(arena, *items, (item){.literal = '\''});
    ++*i;
    return true;
}

static void reserve_digits(item_list *items)
{
    int behind = 0;
    for (size_t k = items->count; k-- > 0;) {
        item *it = &items->at[k];
        it->reserved = behind;
        behind = is_fixed_number(it) ? behind + it->count : 0;
    }
}

lv_status lv_datetime_pattern_make(lv_arena *arena, lv_str text, lv_datetime_pattern **pattern,
                                   lv_error *err)
{
    enum { OPTIONAL_DEPTH_MAX = 16 };
    item_list items = {0};
    size_t open[OPTIONAL_DEPTH_MAX], depth = 0;
    lv_datetime_pattern *p = LV_NEW(arena, lv_datetime_pattern);
    for (size_t i = 0; i < text.len;) {
        char c = text.ptr[i];
        bool letter = (c | 32) >= 'a' && (c | 32) <= 'z';
        size_t run = i + 1;
        while (letter && run < text.len && text.ptr[run] == c)
            run++;
        if (letter && (int)(run - i) > letters_max(c))
            return strchr("QqFEuwWYec", c) != NULL
                       ? LV_FAIL(err, LV_UNSUPPORTED_FEATURE,
                                 "the letter %c of the datetime pattern '%.*s'", c,
                                 LV_STR_ARG(text))
                       : refuse(text, err);
        if (letter) {
            p->has_zone |= strchr("VzOXxZ", c) != NULL;
            LV_VEC_PUSH(arena, items, (item){.letter = c, .count = (int)(run - i)});
            i = run;
        } else if (c == '\'') {
            if (!add_quoted(arena, &items, text, &i))
                return refuse(text, err);
        } else if (c == '['   ? depth == OPTIONAL_DEPTH_MAX
                   : c == ']' ? depth == 0
                              : c == '{' || c == '}' || c == '#') {
            return refuse(text, err);
        } else {
            if (c == '[')
                open[depth++] = items.count;
            else if (c == ']')
                items.at[open[depth - 1]].count = (int)(items.count - open[depth - 1]), depth--;
            LV_VEC_PUSH(arena, items, (item){.letter = c == '[' || c == ']' ? c : 0, .literal = c});
            i++;
        }
    }
    while (depth-- > 0) /* parts left open end with the pattern */
        items.at[open[depth]].count = (int)(items.count - open[depth]) - 1;
    reserve_digits(&items);
    p->items = items.at;
    p->count = (int)items.count;
    *pattern = p;
    return LV_OK;
}

const lv_datetime_pattern *lv_datetime_pattern_none(void)
{
    static const lv_datetime_pattern none = {.fits_nothing = true};
    return &none;
}

bool lv_datetime_pattern_has_zone(const lv_datetime_pattern *pattern)
{
    return pattern->has_zone;
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

static bool read_number(const item *it, lv_str *s, int64_t *value)
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

static bool read_name(const item *it, lv_str *s, int64_t *value)
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

static bool read_fraction(const item *it, lv_str *s, int64_t *micros)
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

static bool read_offset_item(const item *it, lv_str *s, int32_t *offset_s)
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
static bool read_zone(const item *it, lv_str *s, fields *f)
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

static bool read_items(const item *items, int count, lv_str *s, fields *f);

static bool read_item(const item *it, lv_str *s, fields *f)
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
    if (!(is_number(it)       ? read_number(it, s, &value)
          : it->letter == 'S' ? read_fraction(it, s, &value)
                              : read_name(it, s, &value)))
        return false;
    int64_t *to = &f->value[slot(it->letter)];
    bool clash =
        *to != INT64_MIN && *to != value; /* a field that is given twice must be the same */
    *to = value;
    return !clash;
}

static bool read_items(const item *items, int count, lv_str *s, fields *f)
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
    if (f.has_offset)
        utc_s = seconds - f.offset_s;
    else if (f.zone.ptr != NULL)
        return lv_timestamp_in_named_zone(f.zone, seconds, &utc_s) &&
               lv_timestamp_make(utc_s, get(&f, 'S', 0), us);
    else
        utc_s = lv_timezone_to_utc(zone, seconds);
    return lv_timestamp_make(utc_s, get(&f, 'S', 0), us);
}
