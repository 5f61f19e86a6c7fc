/* properties.c: see properties.h. Source: DeltaConfig.scala, CalendarInterval's text form. */
#include "delta/properties.h"

#include "base/interval.h"

typedef enum property_kind {
    KIND_BOOL,
    KIND_LONG,
    KIND_INTERVAL,
    KIND_BYTES,
    KIND_CODEC,
    KIND_TEXT,
    KIND_OFF,    /* a feature that we cannot write: only "false", "none" or "classic" */
    KIND_READER, /* protocol versions: not kept */
    KIND_WRITER
} property_kind;

static const struct {
    const char *name;
    property_kind kind;
} known[] = {
    {"delta.appendOnly", KIND_BOOL},
    {"delta.autoOptimize", KIND_BOOL},
    {"delta.autoOptimize.autoCompact", KIND_TEXT},
    {"delta.autoOptimize.optimizeWrite", KIND_BOOL},
    {"delta.checkpoint.writeStatsAsJson", KIND_BOOL},
    {"delta.checkpoint.writeStatsAsStruct", KIND_BOOL},
    {"delta.checkpointInterval", KIND_LONG},
    {"delta.checkpointPolicy", KIND_OFF},
    {"delta.checkpointRetentionDuration", KIND_INTERVAL},
    {"delta.columnMapping.mode", KIND_OFF},
    {"delta.compatibility.symlinkFormatManifest.enabled", KIND_OFF},
    {"delta.dataSkippingNumIndexedCols", KIND_LONG},
    {"delta.dataSkippingStatsColumns", KIND_TEXT},
    {"delta.dataSkippingStringPrefixLength", KIND_LONG},
    {"delta.deletedFileRetentionDuration", KIND_INTERVAL},
    {"delta.enableChangeDataFeed", KIND_BOOL},
    {"delta.enableDeletionVectors", KIND_OFF},
    {"delta.enableExpiredLogCleanup", KIND_BOOL},
    {"delta.enableFullRetentionRollback", KIND_BOOL},
    {"delta.enableIcebergCompatV1", KIND_OFF},
    {"delta.enableIcebergCompatV2", KIND_OFF},
    {"delta.enableIcebergCompatV3", KIND_OFF},
    {"delta.enableInCommitTimestamps", KIND_OFF},
    {"delta.enableRowTracking", KIND_OFF},
    {"delta.enableTypeWidening", KIND_OFF},
    {"delta.enableVariantShredding", KIND_OFF},
    {"delta.isolationLevel", KIND_TEXT},
    {"delta.logRetentionDuration", KIND_INTERVAL},
    {"delta.minReaderVersion", KIND_READER},
    {"delta.minWriterVersion", KIND_WRITER},
    {"delta.parquet.compression.codec", KIND_CODEC},
    {"delta.parquet.format.version", KIND_TEXT},
    {"delta.randomizeFilePrefixes", KIND_OFF},
    {"delta.randomPrefixLength", KIND_LONG},
    {"delta.sampleRetentionDuration", KIND_INTERVAL},
    {"delta.setTransactionRetentionDuration", KIND_INTERVAL},
    {"delta.targetFileSize", KIND_BYTES},
    {"delta.tuneFileSizesForRewrites", KIND_BOOL},
    {"delta.universalFormat.enabledFormats", KIND_OFF},
};

/* ---- values ---------------------------------------------------------------------------------- */

static bool interval_ms(lv_str text, int64_t *ms)
{
    if (lv_interval_parse(text, ms, NULL) != LV_OK)
        return false;
    *ms /= 1000;
    return true;
}

bool lv_byte_size_parse(lv_str text, int64_t *bytes)
{
    static const char letters[] = "kmgt";
    text = lv_str_trim(text);
    int64_t factor = 1;
    if (text.len > 1 && (text.ptr[text.len - 1] | 32) == 'b')
        text.len--;
    if (text.len > 1) {
        char last = (char)(text.ptr[text.len - 1] | 32);
        const char *unit = last != '\0' ? strchr(letters, last) : NULL;
        if (unit != NULL) {
            factor = (int64_t)1 << 10 * (unit - letters + 1);
            text.len--;
        }
    }
    return lv_str_to_i64(text, bytes) && *bytes > 0 &&
           !__builtin_mul_overflow(*bytes, factor, bytes);
}

static bool is_bool(lv_str value)
{
    return lv_str_eq_nocase(value, LV_STR("true")) || lv_str_eq_nocase(value, LV_STR("false"));
}

static bool is_off(lv_str value)
{
    return lv_str_eq_nocase(value, LV_STR("false")) || lv_str_eq_nocase(value, LV_STR("none")) ||
           lv_str_eq_nocase(value, LV_STR("classic")) || value.len == 0;
}

static bool is_valid(property_kind kind, lv_str value)
{
    int64_t number;
    lv_parquet_codec codec;
    switch (kind) { /* dispatch */
    case KIND_BOOL: return is_bool(value);
    case KIND_LONG:
    case KIND_READER:
    case KIND_WRITER: return lv_str_to_i64(value, &number);
    case KIND_INTERVAL: return interval_ms(value, &number);
    case KIND_BYTES: return lv_byte_size_parse(value, &number);
    case KIND_CODEC: return lv_parquet_codec_parse(value, &codec);
    default: return true;
    }
}

/* ---- properties of a new table --------------------------------------------------------------- */

/* Row of `known`, -1 if there is none. */
static int find_known(lv_str name)
{
    for (size_t i = 0; i < LV_COUNT_OF(known); i++)
        if (lv_str_eq_nocase(name, lv_str_of(known[i].name)))
            return (int)i;
    return -1;
}

static bool is_delta(lv_str name)
{
    return name.len >= 6 && lv_str_eq_nocase(lv_str_sub(name, 0, 6), LV_STR("delta."));
}

/* mergeSchema is an option of the write that SQL has no other place for. */
static bool is_write_option(lv_str name)
{
    return lv_str_eq_nocase(name, LV_STR("mergeSchema"));
}

static lv_status refuse_feature(const lv_option *p, lv_error *err)
{
    return LV_FAIL(err, LV_DELTA_UNSUPPORTED_FEATURES_FOR_WRITE,
                   "table property %.*s = %.*s needs a table feature that this version of Levada "
                   "cannot write yet",
                   LV_STR_ARG(p->name), LV_STR_ARG(p->value));
}

static lv_status check_version(const lv_option *p, int64_t highest, int *version, lv_error *err)
{
    int64_t wanted;
    if (!lv_str_to_i64(p->value, &wanted) || wanted < 1)
        return LV_FAIL(err, LV_INVALID_CONF_TYPE, "%.*s = %.*s is no version", LV_STR_ARG(p->name),
                       LV_STR_ARG(p->value));
    if (wanted > highest)
        return refuse_feature(p, err);
    *version = LV_MAX(*version, (int)wanted);
    return LV_OK;
}

static lv_status check_property(const lv_option *p, int *min_reader, int *min_writer, lv_error *err)
{
    static const lv_str features = {"delta.feature.", 14}, constraints = {"delta.constraints.", 18};
    int row = find_known(p->name);
    if (row < 0 && (lv_str_starts(p->name, features) || lv_str_starts(p->name, constraints)))
        return refuse_feature(p, err);
    if (row < 0)
        return LV_FAIL(err, LV_DELTA_UNKNOWN_CONFIGURATION,
                       "unknown configuration was specified: %.*s", LV_STR_ARG(p->name));
    property_kind kind = known[row].kind;
    if (kind == KIND_OFF && !is_off(p->value))
        return refuse_feature(p, err);
    if (!is_valid(kind, p->value))
        return LV_FAIL(err, LV_INVALID_CONF_TYPE,
                       "the value '%.*s' of table property %s is invalid", LV_STR_ARG(p->value),
                       known[row].name);
    if (kind == KIND_READER)
        return check_version(p, 2, min_reader, err);
    if (kind == KIND_WRITER)
        return check_version(p, 6, min_writer, err);
    if (lv_str_is(lv_str_of(known[row].name), "delta.enableChangeDataFeed") &&
        lv_str_eq_nocase(p->value, LV_STR("true")))
        *min_writer = LV_MAX(*min_writer, 4);
    return LV_OK;
}

lv_status lv_properties_check(const lv_options *properties, int *min_reader, int *min_writer,
                              lv_error *err)
{
    *min_reader = 1;
    *min_writer = 2;
    for (int i = 0; i < properties->count; i++)
        if (is_delta(properties->items[i].name))
            LV_TRY(check_property(&properties->items[i], min_reader, min_writer, err));
    return LV_OK;
}

void lv_properties_print(const lv_options *properties, lv_sbuf *out)
{
    bool is_first = true;
    lv_sbuf_add_char(out, '{');
    for (int i = 0; i < properties->count; i++) {
        const lv_option *p = &properties->items[i];
        int row = find_known(p->name);
        bool is_version =
            row >= 0 && (known[row].kind == KIND_READER || known[row].kind == KIND_WRITER);
        if (is_version || is_write_option(p->name))
            continue;
        if (!is_first)
            lv_sbuf_add_char(out, ',');
        is_first = false;
        lv_sbuf_add_json_string(out, row >= 0 ? lv_str_of(known[row].name) : p->name);
        lv_sbuf_add_char(out, ':');
        lv_sbuf_add_json_string(out, p->value);
    }
    lv_sbuf_add_char(out, '}');
}

/* ---- properties of an existing table --------------------------------------------------------- */

int64_t lv_property_interval_ms(const lv_metadata *m, const char *name, int64_t otherwise)
{
    int64_t ms;
    return interval_ms(lv_metadata_property(m, name, LV_STR_NONE), &ms) && ms >= 0 ? ms : otherwise;
}

int64_t lv_property_long(const lv_metadata *m, const char *name, int64_t otherwise)
{
    int64_t value;
    return lv_str_to_i64(lv_metadata_property(m, name, LV_STR_NONE), &value) ? value : otherwise;
}

bool lv_property_bool(const lv_metadata *m, const char *name, bool otherwise)
{
    lv_str value = lv_metadata_property(m, name, LV_STR_NONE);
    return is_bool(value) ? lv_str_eq_nocase(value, LV_STR("true")) : otherwise;
}
