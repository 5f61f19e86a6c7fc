/* options.c: Spark's options of from_json by name (JSONOptions). */
#include "json/json.h"

typedef enum option_kind { FLAG, FLAG_OFF, CHOICE, PATTERN, MODE, TEXT, ZONE, LOCALE } option_kind;

typedef struct option_rule {
    const char *name;
    option_kind kind;
    size_t offset; /* into lv_json_options */
} option_rule;

#define AT(field) offsetof(lv_json_options, field)
static const option_rule rules[] = {{"mode", MODE, AT(fail_fast)},
                                    {"columnNameOfCorruptRecord", TEXT, AT(corrupt_column)},
                                    {"timeZone", ZONE, AT(times.zone)},
                                    {"locale", LOCALE, 0},
                                    {"timestampFormat", PATTERN, AT(times.timestamp)},
                                    {"timestampNTZFormat", PATTERN, AT(times.timestamp_ntz)},
                                    {"dateFormat", PATTERN, AT(times.date)},
                                    {"enableDateTimeParsingFallback", CHOICE, AT(times.fallback)},
                                    {"allowSingleQuotes", FLAG_OFF, AT(no_single_quotes)},
                                    {"allowNonNumericNumbers", FLAG_OFF, AT(no_non_numeric)},
                                    {"allowNumericLeadingZeros", FLAG, AT(leading_zeros)},
                                    {"allowUnquotedControlChars", FLAG, AT(unquoted_control_chars)},
                                    {"allowUnquotedFieldNames", FLAG, AT(unquoted_names)},
                                    {"allowComments", FLAG, AT(comments)},
                                    {"allowBackslashEscapingAnyCharacter", FLAG, AT(any_escape)}};
#undef AT

static lv_status set_mode(lv_json_options *o, lv_str value, lv_error *err)
{
    if (lv_str_eq_nocase(value, LV_STR("DROPMALFORMED")))
        return LV_FAIL(err, LV_PARSE_MODE_UNSUPPORTED,
                       "The function `from_json` doesn't support the %.*s mode. Acceptable modes "
                       "are PERMISSIVE and FAILFAST",
                       LV_STR_ARG(value));
    o->fail_fast = lv_str_eq_nocase(value, LV_STR("FAILFAST")); /* unknown modes mean PERMISSIVE */
    return LV_OK;
}

static lv_status set_zone(lv_arena *arena, lv_json_options *o, lv_str value, lv_error *err)
{
    lv_timezone *zone;
    LV_TRY(lv_timezone_load(arena, value, &zone, err));
    o->times.zone = zone;
    return LV_OK;
}

static lv_status read_bool(lv_str name, lv_str value, bool *on, lv_error *err)
{
    *on = lv_str_eq_nocase(value, LV_STR("true"));
    if (!*on && !lv_str_eq_nocase(value, LV_STR("false")))
        return LV_FAIL(err, LV_USAGE, "the option %.*s of from_json is true or false, not \"%.*s\"",
                       LV_STR_ARG(name), LV_STR_ARG(value));
    return LV_OK;
}

static lv_status set_option(lv_arena *arena, lv_json_options *o, const option_rule *rule,
                            lv_str value, lv_error *err)
{
    void *field = (char *)o + rule->offset;
    bool on = false;
    if (rule->kind <= CHOICE)
        LV_TRY(read_bool(lv_str_of(rule->name), value, &on, err));
    switch (rule->kind) {
    case FLAG: *(bool *)field = on; return LV_OK;
    case FLAG_OFF: *(bool *)field = !on; return LV_OK;
    case CHOICE: *(lv_time_fallback *)field = on ? LV_FALLBACK_ON : LV_FALLBACK_OFF; return LV_OK;
    case PATTERN:
        *(const struct lv_datetime_pattern **)field = lv_time_formats_pattern(arena, value);
        return LV_OK;
    case MODE: return set_mode(o, value, err);
    case TEXT: *(lv_str *)field = lv_str_dup(arena, value); return LV_OK;
    case ZONE: return set_zone(arena, o, value, err);
    case LOCALE: break;
    }
    if (!lv_str_eq_nocase(value, LV_STR("en-US")))
        return LV_FAIL(err, LV_UNSUPPORTED_FEATURE, "the locale %.*s of from_json; use en-US",
                       LV_STR_ARG(value));
    return LV_OK;
}

lv_status lv_json_options_set(lv_arena *arena, lv_json_options *options, lv_str name, lv_str value,
                              lv_error *err)
{
    for (size_t i = 0; i < LV_COUNT_OF(rules); i++)
        if (lv_str_eq_nocase(name, lv_str_of(rules[i].name)))
            return set_option(arena, options, &rules[i], value, err);
    return LV_OK;
}
