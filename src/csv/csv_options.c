/* csv_options.c: Spark's options of CSV by name (CSVOptions). */
#include "csv/csv.h"

typedef enum option_kind {
    FLAG,
    FLAG_OFF,
    FALLBACK,
    CHAR,
    CHAR_OR_NONE,
    INTEGER,
    BIG_INTEGER,
    TEXT,
    SEPARATOR,
    PATTERN,
    MODE,
    ZONE,
    ONLY /* one value is supported */
} option_kind;

typedef struct option_rule {
    const char *name;
    option_kind kind;
    size_t offset;    /* into lv_csv_options */
    const char *only; /* ONLY: the value */
} option_rule;

#define AT(field) offsetof(lv_csv_options, field)
static const option_rule rules[] = {
    {"sep", SEPARATOR, AT(sep), NULL},
    {"delimiter", SEPARATOR, AT(sep), NULL},
    {"quote", CHAR_OR_NONE, AT(quote), NULL},
    {"escape", CHAR_OR_NONE, AT(escape), NULL},
    {"comment", CHAR_OR_NONE, AT(comment), NULL},
    {"charToEscapeQuoteEscaping", CHAR, AT(escape_of_escape), NULL},
    {"nullValue", TEXT, AT(null_value), NULL},
    {"nanValue", TEXT, AT(nan), NULL},
    {"positiveInf", TEXT, AT(positive_inf), NULL},
    {"negativeInf", TEXT, AT(negative_inf), NULL},
    {"lineSep", TEXT, AT(line_sep), NULL},
    {"columnNameOfCorruptRecord", TEXT, AT(corrupt_column), NULL},
    {"header", FLAG, AT(header), NULL},
    {"inferSchema", FLAG, AT(infer_schema), NULL},
    {"enforceSchema", FLAG, AT(enforce_schema), NULL},
    {"multiLine", FLAG, AT(multi_line), NULL},
    {"preferDate", FLAG, AT(prefer_date), NULL},
    {"quoteAll", FLAG, AT(quote_all), NULL},
    {"escapeQuotes", FLAG_OFF, AT(no_quote_escapes), NULL},
    {"maxColumns", INTEGER, AT(max_columns), NULL},
    {"maxCharsPerColumn", BIG_INTEGER, AT(max_chars), NULL},
    {"enableDateTimeParsingFallback", FALLBACK, AT(times.fallback), NULL},
    {"dateFormat", PATTERN, AT(times.date), NULL},
    {"timestampFormat", PATTERN, AT(times.timestamp), NULL},
    {"timestampNTZFormat", PATTERN, AT(times.timestamp_ntz), NULL},
    {"mode", MODE, 0, NULL},
    {"timeZone", ZONE, 0, NULL},
    {"locale", ONLY, 0, "en-US"},
    {"encoding", ONLY, 0, "UTF-8"},
    {"charset", ONLY, 0, "UTF-8"},
    {"unescapedQuoteHandling", ONLY, 0, "STOP_AT_DELIMITER"}};

void lv_csv_options_init(lv_csv_options *o, const lv_timezone *zone)
{
    *o = (lv_csv_options){.times = {.zone = zone, .no_day_numbers = true},
                          .sep = LV_STR(","),
                          .quote = '"',
                          .escape = '\\',
                          .escape_of_escape = -1,
                          .null_value = LV_STR(""),
                          .empty_value = LV_STR(""),
                          .nan = LV_STR("NaN"),
                          .positive_inf = LV_STR("Inf"),
                          .negative_inf = LV_STR("-Inf"),
                          .enforce_schema = true,
                          .prefer_date = true,
                          .max_columns = 20480,
                          .max_chars = -1,
                          .empty_written = LV_STR("\"\"")};
}

static lv_status wrong_value(lv_str name, lv_str value, const char *wanted, lv_error *err)
{
    return LV_FAIL(err, LV_USAGE, "the CSV option %.*s is %s, not \"%.*s\"", LV_STR_ARG(name),
                   wanted, LV_STR_ARG(value));
}

/* A separator may be written with backslashes: \t is a tab, \\ a backslash. */
static lv_status set_separator(lv_arena *arena, lv_csv_options *o, lv_str name, lv_str value,
                               lv_error *err)
{
    static const char from[] = "trbfn\\\"'0", to[] = "\t\r\b\f\n\\\"'\0";
    char *text = lv_arena_alloc(arena, value.len + 1);
    size_t len = 0;
    for (size_t i = 0; i < value.len; i++, len++) {
        text[len] = value.ptr[i];
        if (value.ptr[i] != '\\' || value.len == 1)
            continue;
        const char *known = i + 1 < value.len ? strchr(from, value.ptr[i + 1]) : NULL;
        if (known == NULL || *known == '\0')
            return wrong_value(name, value, "a text with good escapes", err);
        text[len] = to[known - from];
        i++;
    }
    if (len == 0)
        return wrong_value(name, value, "not empty", err);
    o->sep = (lv_str){text, len};
    return LV_OK;
}

static lv_status set_char(const option_rule *rule, void *field, lv_str value, lv_error *err)
{
    if (value.len > 1 && (unsigned char)value.ptr[0] >= 0x80)
        return LV_FAIL(err, LV_UNSUPPORTED_FEATURE, "the CSV option %s with other than ASCII",
                       rule->name);
    if (value.len > 1)
        return LV_FAIL(err, LV_OPTION_TOO_LONG,
                       "The value of %s cannot be more than one character, but got %.*s",
                       rule->name, LV_STR_ARG(value));
    if (rule->kind == CHAR)
        *(int *)field = value.len == 1 ? (unsigned char)value.ptr[0] : -1;
    else
        *(char *)field = value.len == 1 ? value.ptr[0] : '\0';
    return LV_OK;
}

static lv_status set_number(const option_rule *rule, void *field, lv_str value, lv_error *err)
{
    int64_t number;
    if (!lv_str_to_i64(value, &number) || number != (int32_t)number)
        return wrong_value(lv_str_of(rule->name), value, "an integer", err);
    if (rule->kind == INTEGER)
        *(int *)field = (int)number;
    else
        *(int64_t *)field = number;
    return LV_OK;
}

static lv_status set_flag(const option_rule *rule, void *field, lv_str value, lv_error *err)
{
    bool on = lv_str_eq_nocase(value, LV_STR("true"));
    if (!on && !lv_str_eq_nocase(value, LV_STR("false")))
        return wrong_value(lv_str_of(rule->name), value, "true or false", err);
    if (rule->kind == FALLBACK)
        *(lv_time_fallback *)field = on ? LV_FALLBACK_ON : LV_FALLBACK_OFF;
    else
        *(bool *)field = on == (rule->kind == FLAG);
    return LV_OK;
}

/* Options that mean other things to reading and to writing. */
static lv_status set_shared(lv_arena *arena, lv_csv_options *o, lv_str name, lv_str value,
                            lv_error *err)
{
    if (lv_str_eq_nocase(name, LV_STR("emptyValue")))
        o->empty_value = o->empty_written = lv_str_dup(arena, value);
    static const option_rule trims[] = {
        {"ignoreLeadingWhiteSpace", FLAG, AT(trim_leading), NULL},
        {"ignoreLeadingWhiteSpace", FLAG_OFF, AT(keep_leading_written), NULL},
        {"ignoreTrailingWhiteSpace", FLAG, AT(trim_trailing), NULL},
        {"ignoreTrailingWhiteSpace", FLAG_OFF, AT(keep_trailing_written), NULL}};
    for (size_t i = 0; i < LV_COUNT_OF(trims); i++)
        if (lv_str_eq_nocase(name, lv_str_of(trims[i].name)))
            LV_TRY(set_flag(&trims[i], (char *)o + trims[i].offset, value, err));
    return LV_OK;
}
#undef AT

static lv_status set_option(lv_arena *arena, lv_csv_options *o, const option_rule *rule,
                            lv_str value, lv_error *err)
{
    void *field = (char *)o + rule->offset;
    lv_timezone *zone;
    switch (rule->kind) {
    case FLAG:
    case FLAG_OFF:
    case FALLBACK: return set_flag(rule, field, value, err);
    case CHAR:
    case CHAR_OR_NONE: return set_char(rule, field, value, err);
    case INTEGER:
    case BIG_INTEGER: return set_number(rule, field, value, err);
    case TEXT: *(lv_str *)field = lv_str_dup(arena, value); return LV_OK;
    case SEPARATOR: return set_separator(arena, o, lv_str_of(rule->name), value, err);
    case PATTERN:
        *(const struct lv_datetime_pattern **)field = lv_time_formats_pattern(arena, value);
        return LV_OK;
    case MODE: /* unknown modes mean PERMISSIVE */
        o->fail_fast = lv_str_eq_nocase(value, LV_STR("FAILFAST"));
        o->drop_malformed = lv_str_eq_nocase(value, LV_STR("DROPMALFORMED"));
        return LV_OK;
    case ZONE:
        LV_TRY(lv_timezone_load(arena, value, &zone, err));
        o->times.zone = zone;
        return LV_OK;
    case ONLY: break;
    }
    if (!lv_str_eq_nocase(value, lv_str_of(rule->only)))
        return LV_FAIL(err, LV_UNSUPPORTED_FEATURE, "the CSV option %s is \"%.*s\"; only %s",
                       rule->name, LV_STR_ARG(value), rule->only);
    return LV_OK;
}

lv_status lv_csv_options_set(lv_arena *arena, lv_csv_options *options, lv_str name, lv_str value,
                             lv_error *err)
{
    for (size_t i = 0; i < LV_COUNT_OF(rules); i++)
        if (lv_str_eq_nocase(name, lv_str_of(rules[i].name)))
            LV_TRY(set_option(arena, options, &rules[i], value, err));
    return set_shared(arena, options, name, value, err);
}
