/* options.c: Spark's options of from_json by name (JSONOptions). */
#include "base/double.h"
#include "json/json.h"

typedef enum option_kind {
    FLAG,
    FLAG_OFF,
    IGNORED_FLAG, /* of files or of inference, but looked at */
    CHOICE,
    PATTERN,
    MODE,
    TEXT,
    ZONE,
    LINE_SEP,
    NUMBER,
    REFUSED
} option_kind;

typedef struct option_rule {
    const char *name;
    option_kind kind;
    size_t offset; /* into lv_json_options */
} option_rule;

#define AT(field) offsetof(lv_json_options, field)
static const option_rule rules[] = {{"mode", MODE, AT(fail_fast)},
                                    {"columnNameOfCorruptRecord", TEXT, AT(corrupt_column)},
                                    {"timeZone", ZONE, AT(times.zone)},
                                    {"locale", TEXT, AT(locale)},
                                    {"lineSep", LINE_SEP, 0},
                                    {"samplingRatio", NUMBER, 0},
                                    {"singleVariantColumn", REFUSED, 0},
                                    {"primitivesAsString", IGNORED_FLAG, 0},
                                    {"prefersDecimal", IGNORED_FLAG, 0},
                                    {"dropFieldIfAllNull", IGNORED_FLAG, 0},
                                    {"ignoreNullFields", IGNORED_FLAG, 0},
                                    {"inferTimestamp", IGNORED_FLAG, 0},
                                    {"multiLine", IGNORED_FLAG, 0},
                                    {"pretty", IGNORED_FLAG, 0},
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
        return LV_FAIL(err, LV_USAGE, "the JSON option %.*s is true or false, not \"%.*s\"",
                       LV_STR_ARG(name), LV_STR_ARG(value));
    return LV_OK;
}

static lv_status set_option(lv_arena *arena, lv_json_options *o, const option_rule *rule,
                            lv_str value, lv_error *err)
{
    void *field = (char *)o + rule->offset;
    bool on = false;
    double number;
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
    case IGNORED_FLAG: return LV_OK;
    case LINE_SEP:
        return value.len > 0 ? LV_OK
                             : LV_FAIL(err, LV_USAGE, "the JSON option lineSep is not empty");
    case NUMBER:
        return lv_double_parse(value, &number)
                   ? LV_OK
                   : LV_FAIL(err, LV_USAGE, "the JSON option %s is a number, not \"%.*s\"",
                             rule->name, LV_STR_ARG(value));
    case REFUSED: break;
    }
    return LV_FAIL(err, LV_UNSUPPORTED_FEATURE, "the JSON option %s", rule->name);
}

lv_status lv_json_options_set(lv_arena *arena, lv_json_options *options, lv_str name, lv_str value,
                              lv_error *err)
{
    for (size_t i = 0; i < LV_COUNT_OF(rules); i++)
        if (lv_str_eq_nocase(name, lv_str_of(rules[i].name)))
            return set_option(arena, options, &rules[i], value, err);
    return LV_OK;
}

lv_status lv_json_write_options_set(lv_arena *arena, lv_json_write_options *options, lv_str name,
                                    lv_str value, lv_error *err)
{
    const struct {
        const char *name;
        bool *flag;
        bool turned;
    } flags[] = {{"ignoreNullFields", &options->keep_nulls, true},
                 {"pretty", &options->pretty, false},
                 {"writeNonAsciiCharacterAsCodePoint", &options->ascii, false}};
    bool on;
    for (size_t i = 0; i < LV_COUNT_OF(flags); i++)
        if (lv_str_eq_nocase(name, lv_str_of(flags[i].name))) {
            LV_TRY(read_bool(name, value, &on, err));
            *flags[i].flag = on != flags[i].turned;
            return LV_OK;
        }
    LV_TRY(lv_time_formats_set_written(arena, &options->times, name, value, &on, err));
    if (lv_str_eq_nocase(name, LV_STR("locale")))
        options->other_locale = !lv_str_eq_nocase(value, LV_STR("en-US"));
    if (!lv_str_eq_nocase(name, LV_STR("timeZone")))
        return LV_OK;
    lv_timezone *zone;
    LV_TRY(lv_timezone_load(arena, value, &zone, err));
    options->times.zone = zone;
    return LV_OK;
}
