/* file_options.c: the options of files by their names in Spark's DataFrameReader. */
#include "base/datetime.h"
#include "files/files_int.h"

typedef enum rule_kind {
    TEXT,
    FLAG,
    TIME,
    UTF8_ONLY, /* refused unless it is UTF-8 */
    OFF_ONLY,  /* refused unless it is off */
    REFUSED,
    ELSEWHERE /* read by a format or by a streaming source, or without effect here */
} rule_kind;

typedef struct option_rule {
    const char *name;
    rule_kind kind;
    size_t offset; /* into lv_file_options */
} option_rule;

#define AT(field) offsetof(lv_file_options, field)
static const option_rule rules[] = {{"path", TEXT, AT(path)},
                                    {"schema", TEXT, AT(schema)},
                                    {"schemaHints", TEXT, AT(hints)},
                                    {"basePath", TEXT, AT(base_path)},
                                    {"pathGlobFilter", TEXT, AT(glob_filter)},
                                    {"fileNamePattern", TEXT, AT(glob_filter)},
                                    {"recursiveFileLookup", FLAG, AT(recursive)},
                                    {"modifiedAfter", TIME, AT(modified_after_us)},
                                    {"modifiedBefore", TIME, AT(modified_before_us)},
                                    {"ignoreMissingFiles", FLAG, AT(ignore_missing)},
                                    {"ignoreCorruptFiles", FLAG, AT(ignore_corrupt)},
                                    {"mergeSchema", FLAG, AT(merge_schema)},
                                    {"multiLine", FLAG, AT(multi_line)},
                                    {"wholeText", FLAG, AT(whole_text)},
                                    {"lineSep", TEXT, AT(line_sep)},
                                    {"columnNameOfCorruptRecord", TEXT, AT(corrupt_column)},
                                    {"encoding", UTF8_ONLY, 0},
                                    {"charset", UTF8_ONLY, 0},
                                    {"cleanSource", OFF_ONLY, 0},
                                    {"rescuedDataColumn", REFUSED, 0},
                                    {"schemaEvolutionMode", REFUSED, 0},
                                    {"readerCaseSensitive", REFUSED, 0},
                                    {"format", ELSEWHERE, 0},
                                    {"mode", ELSEWHERE, 0},
                                    {"timeZone", ELSEWHERE, 0},
                                    {"locale", ELSEWHERE, 0},
                                    {"compression", ELSEWHERE, 0},
                                    {"samplingRatio", ELSEWHERE, 0}, /* all records are looked at */
                                    {"unescapedQuoteHandling", ELSEWHERE, 0},
                                    {"datetimeRebaseMode", ELSEWHERE, 0},
                                    {"int96RebaseMode", ELSEWHERE, 0},
                                    /* JSON */
                                    {"primitivesAsString", ELSEWHERE, 0},
                                    {"prefersDecimal", ELSEWHERE, 0},
                                    {"inferTimestamp", ELSEWHERE, 0},
                                    {"dropFieldIfAllNull", ELSEWHERE, 0},
                                    {"allowComments", ELSEWHERE, 0},
                                    {"allowUnquotedFieldNames", ELSEWHERE, 0},
                                    {"allowSingleQuotes", ELSEWHERE, 0},
                                    {"allowNumericLeadingZeros", ELSEWHERE, 0},
                                    {"allowBackslashEscapingAnyCharacter", ELSEWHERE, 0},
                                    {"allowUnquotedControlChars", ELSEWHERE, 0},
                                    {"allowNonNumericNumbers", ELSEWHERE, 0},
                                    {"dateFormat", ELSEWHERE, 0},
                                    {"timestampFormat", ELSEWHERE, 0},
                                    {"timestampNTZFormat", ELSEWHERE, 0},
                                    {"enableDateTimeParsingFallback", ELSEWHERE, 0},
                                    /* CSV */
                                    {"sep", ELSEWHERE, 0},
                                    {"delimiter", ELSEWHERE, 0},
                                    {"quote", ELSEWHERE, 0},
                                    {"escape", ELSEWHERE, 0},
                                    {"charToEscapeQuoteEscaping", ELSEWHERE, 0},
                                    {"comment", ELSEWHERE, 0},
                                    {"header", ELSEWHERE, 0},
                                    {"inferSchema", ELSEWHERE, 0},
                                    {"preferDate", ELSEWHERE, 0},
                                    {"enforceSchema", ELSEWHERE, 0},
                                    {"ignoreLeadingWhiteSpace", ELSEWHERE, 0},
                                    {"ignoreTrailingWhiteSpace", ELSEWHERE, 0},
                                    {"nullValue", ELSEWHERE, 0},
                                    {"emptyValue", ELSEWHERE, 0},
                                    {"nanValue", ELSEWHERE, 0},
                                    {"positiveInf", ELSEWHERE, 0},
                                    {"negativeInf", ELSEWHERE, 0},
                                    {"maxColumns", ELSEWHERE, 0},
                                    {"maxCharsPerColumn", ELSEWHERE, 0},
                                    /* streams */
                                    {"maxFilesPerTrigger", ELSEWHERE, 0},
                                    {"maxBytesPerTrigger", ELSEWHERE, 0},
                                    {"latestFirst", ELSEWHERE, 0},
                                    {"maxFileAge", ELSEWHERE, 0},
                                    {"fileNameOnly", ELSEWHERE, 0},
                                    {"maxCachedFiles", ELSEWHERE, 0},
                                    {"discardCachedInputRatio", ELSEWHERE, 0}};
#undef AT

static const lv_file_format *const formats[] = {&lv_format_json, &lv_format_csv, &lv_format_parquet,
                                                &lv_format_text, &lv_format_binary};

/* What names of files end in. */
static const struct {
    const char *extension;
    const lv_file_format *format;
} extensions[] = {{"json", &lv_format_json},       {"jsonl", &lv_format_json},
                  {"ndjson", &lv_format_json},     {"csv", &lv_format_csv},
                  {"parquet", &lv_format_parquet}, {"txt", &lv_format_text},
                  {"text", &lv_format_text},       {"log", &lv_format_text}};

static const lv_file_format *find_format(lv_str name)
{
    for (size_t i = 0; i < LV_COUNT_OF(formats); i++)
        if (lv_str_eq_nocase(name, lv_str_of(formats[i]->short_name)))
            return formats[i];
    return NULL;
}

bool lv_file_format_is_known(lv_str format)
{
    return find_format(format) != NULL;
}

static const option_rule *find_rule(lv_str name)
{
    for (size_t i = 0; i < LV_COUNT_OF(rules); i++)
        if (lv_str_eq_nocase(name, lv_str_of(rules[i].name)))
            return &rules[i];
    return NULL;
}

lv_status lv_file_options_check(const lv_options *options, lv_error *err)
{
    for (int i = 0; i < options->count; i++) {
        lv_str name = options->items[i].name;
        if (find_rule(name) != NULL)
            continue;
        const char *nearest = NULL;
        for (size_t r = 0; r < LV_COUNT_OF(rules); r++)
            if (lv_str_distance(lv_str_of(rules[r].name), name) <= 2)
                nearest = rules[r].name;
        if (nearest != NULL)
            lv_error_hint(err, "did you mean %s?", nearest);
        lv_error_at(err, options->items[i].sql_offset, (int64_t)name.len);
        return LV_FAIL(err, LV_UNRECOGNIZED_PARAMETER_NAME, "read_files has no option '%.*s'",
                       LV_STR_ARG(name));
    }
    return LV_OK;
}

/* ---- values ---------------------------------------------------------------------------------- */

static lv_status set_flag(const option_rule *rule, lv_str value, bool *flag, lv_error *err)
{
    *flag = lv_str_eq_nocase(value, LV_STR("true"));
    if (!*flag && !lv_str_eq_nocase(value, LV_STR("false")))
        return LV_FAIL(err, LV_USAGE, "the option %s is true or false, not \"%.*s\"", rule->name,
                       LV_STR_ARG(value));
    return LV_OK;
}

static lv_status set_time(const option_rule *rule, const lv_timezone *zone, lv_str value,
                          int64_t *us, lv_error *err)
{
    if (lv_timestamp_parse(value, zone, 0, us))
        return LV_OK;
    return LV_FAIL(err, LV_USAGE,
                   "The timestamp provided for the '%s' option is invalid. The expected format is "
                   "'YYYY-MM-DDTHH:mm:ss', but the provided timestamp: %.*s",
                   rule->name, LV_STR_ARG(value));
}

static lv_status refuse(const option_rule *rule, lv_str value, lv_error *err)
{
    return LV_FAIL(err, LV_UNSUPPORTED_FEATURE,
                   "The feature is not supported: the option %s => '%.*s' of files", rule->name,
                   LV_STR_ARG(value));
}

static lv_status set_option(lv_file_options *o, const option_rule *rule, lv_str value,
                            lv_error *err)
{
    void *field = (char *)o + rule->offset;
    switch (rule->kind) {
    case TEXT: *(lv_str *)field = value; return LV_OK;
    case FLAG: return set_flag(rule, value, field, err);
    case TIME: return set_time(rule, o->zone, value, field, err);
    case UTF8_ONLY:
        if (lv_str_eq_nocase(value, LV_STR("UTF-8")) || lv_str_eq_nocase(value, LV_STR("UTF8")))
            return LV_OK;
        return refuse(rule, value, err);
    case OFF_ONLY: return lv_str_eq_nocase(value, LV_STR("off")) ? LV_OK : refuse(rule, value, err);
    case REFUSED: return refuse(rule, value, err);
    case ELSEWHERE: break;
    }
    return LV_OK;
}

lv_status lv_file_options_read(lv_arena *arena, const lv_options *options, lv_file_options *out,
                               lv_error *err)
{
    lv_option *items = LV_NEW_ARRAY(arena, lv_option, options->count);
    for (int i = 0; i < options->count; i++)
        items[i] =
            (lv_option){lv_str_dup(arena, options->items[i].name),
                        lv_str_dup(arena, options->items[i].value), options->items[i].sql_offset};
    lv_timezone *zone;
    *out = (lv_file_options){.all = {items, options->count},
                             .modified_after_us = INT64_MIN,
                             .modified_before_us = INT64_MAX,
                             .corrupt_column = LV_STR("_corrupt_record")};
    LV_TRY(
        lv_timezone_load(arena, lv_option_get(&out->all, "timeZone", LV_STR("UTC")), &zone, err));
    out->zone = zone;
    for (int i = 0; i < options->count; i++) {
        const option_rule *rule = find_rule(items[i].name);
        if (rule != NULL)
            LV_TRY(set_option(out, rule, items[i].value, err));
    }
    lv_str mode = lv_option_get(&out->all, "mode", LV_STR("PERMISSIVE"));
    out->drop_malformed = lv_str_eq_nocase(mode, LV_STR("DROPMALFORMED"));
    out->fail_fast = lv_str_eq_nocase(mode, LV_STR("FAILFAST"));
    if (out->path.len == 0)
        return LV_FAIL(err, LV_INVALID_EMPTY_LOCATION,
                       "The location name cannot be empty string, but `` was given");
    return LV_OK;
}

static const lv_file_format *format_by_name(const lv_file *first)
{
    lv_str extension = lv_file_extension(first->path);
    for (size_t i = 0; i < LV_COUNT_OF(extensions); i++)
        if (lv_str_eq_nocase(extension, lv_str_of(extensions[i].extension)))
            return extensions[i].format;
    return NULL;
}

lv_status lv_file_options_set_format(lv_arena *arena, lv_file_options *o, lv_str format,
                                     const lv_file *first, lv_error *err)
{
    if (format.len == 0)
        format = lv_option_get(&o->all, "format", LV_STR_NONE);
    o->format = format.len > 0 ? find_format(format) : first != NULL ? format_by_name(first) : NULL;
    if (o->format == NULL && format.len > 0)
        return LV_FAIL(err, LV_UNSUPPORTED_FEATURE,
                       "The feature is not supported: reading %.*s files", LV_STR_ARG(format));
    if (o->format == NULL)
        return LV_FAIL(err, LV_REQUIRED_PARAMETER_NOT_FOUND,
                       "Cannot invoke routine `read_files` because the parameter named `format` is "
                       "required where names of files do not end in one: %.*s",
                       LV_STR_ARG(first != NULL ? first->path : o->path));
    lv_csv_options_init(&o->csv, o->zone);
    lv_status status = LV_OK;
    for (int i = 0; i < o->all.count && status == LV_OK; i++) {
        const lv_option *option = &o->all.items[i];
        if (o->format == &lv_format_json)
            status = lv_json_infer_options_set(arena, &o->json, option->name, option->value, err);
        else if (o->format == &lv_format_csv)
            status = lv_csv_options_set(arena, &o->csv, option->name, option->value, err);
    }
    if (status != LV_OK || o->format != &lv_format_json)
        return status;
    return lv_json_infer_options_set(arena, &o->json, LV_STR("timeZone"), lv_timezone_name(o->zone),
                                     err);
}
