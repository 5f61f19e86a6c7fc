/* interval.c: see interval.h. */
#include "base/interval.h"

static const struct {
    const char *name;
    int64_t us;
} units[] = {{"microsecond", 1},   {"us", 1},          {"millisecond", 1000},  {"ms", 1000},
             {"second", 1000000},  {"sec", 1000000},   {"s", 1000000},         {"minute", 60000000},
             {"min", 60000000},    {"m", 60000000},    {"hour", 3600000000},   {"h", 3600000000},
             {"day", 86400000000}, {"d", 86400000000}, {"week", 604800000000}, {"w", 604800000000}};

/* Microseconds of a unit's name, singular or plural; 0 if there is no such unit. */
static int64_t unit_us(lv_str name)
{
    for (size_t i = 0; i < LV_COUNT_OF(units); i++) {
        lv_str unit = lv_str_of(units[i].name);
        bool plural = name.len == unit.len + 1 && (name.ptr[unit.len] | 32) == 's';
        if (lv_str_eq_nocase(plural ? lv_str_sub(name, 0, unit.len) : name, unit))
            return units[i].us;
    }
    return 0;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Length of the run of characters that are digits (or are letters). */
static size_t run_length(lv_str s, bool digits)
{
    size_t n = 0;
    while (n < s.len && is_digit(s.ptr[n]) == digits && s.ptr[n] != ' ')
        n++;
    return n;
}

lv_status lv_interval_parse(lv_str text, int64_t *interval_us, lv_error *err)
{
    lv_str rest = lv_str_trim(text);
    if (rest.len > 9 && lv_str_eq_nocase(lv_str_sub(rest, 0, 9), LV_STR("interval ")))
        rest = lv_str_trim(lv_str_sub(rest, 9, rest.len - 9));
    int64_t total = 0;
    bool any = false;
    while (rest.len > 0) {
        size_t digits = run_length(rest, true);
        lv_str unit = lv_str_trim(lv_str_sub(rest, digits, rest.len - digits));
        unit.len = run_length(unit, false);
        int64_t count, part;
        if (digits == 0 || !lv_str_to_i64(lv_str_sub(rest, 0, digits), &count) ||
            unit_us(unit) == 0 || __builtin_mul_overflow(count, unit_us(unit), &part) ||
            __builtin_add_overflow(total, part, &total))
            break;
        any = true;
        size_t used = (size_t)(unit.ptr + unit.len - rest.ptr);
        rest = lv_str_trim(lv_str_sub(rest, used, rest.len - used));
    }
    if (!any || rest.len > 0)
        return LV_FAIL(err, LV_USAGE,
                       "'%.*s' is not an interval such as 500ms, 10 seconds or 1 minute",
                       LV_STR_ARG(text));
    *interval_us = total;
    return LV_OK;
}
