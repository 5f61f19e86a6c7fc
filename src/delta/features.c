/* features.c: which tables this version of Levada may read and append to.
 *
 * A table says what it needs by versions and, from reader 3 and writer 7 on, by lists of features.
 * What counts is whether we honour each: an unknown feature is refused by its name, and so is a
 * known one where the table makes use of what we cannot do. Below the lists a version stands for
 * features that are there but hardly ever used, so use alone decides. Source: PROTOCOL.md, "Valid
 * Feature Names", "Requirements for Writers". */
#include "delta/snapshot.h"

enum { READER_MAX = 3, WRITER_MAX = 7 };

/* Deletion vectors and column mapping are judged by use. */
static const char *const readable[] = {"columnMapping",
                                       "deletionVectors",
                                       "timestampNtz",
                                       "timestampWithoutTimezone",
                                       "v2Checkpoint",
                                       "vacuumProtocolCheck",
                                       NULL};
/* Deletion vectors among them: an append need not look at other files' vectors, but a checkpoint
 * must keep them, so they are not here. */
static const char *const writable[] = {
    "appendOnly",       "changeDataFeed",           "checkConstraints",    "columnMapping",
    "generatedColumns", "identityColumns",          "invariants",          "timestampNtz",
    "v2Checkpoint",     "timestampWithoutTimezone", "vacuumProtocolCheck", NULL};

static bool is_listed(lv_str feature, const char *const *list)
{
    for (; *list != NULL; list++)
        if (lv_str_is(feature, *list))
            return true;
    return false;
}

static lv_status refuse(lv_status status, const char *path, lv_str features, lv_error *err)
{
    bool read = status == LV_DELTA_UNSUPPORTED_FEATURES_FOR_READ;
    return LV_FAIL(err, status,
                   "cannot %s table %s: it needs the table feature(s) %.*s, which this version of "
                   "Levada does not support yet",
                   read ? "read" : "write to", path, LV_STR_ARG(features));
}

/* Refuses a table with features that are not in `known`, naming them all. */
static lv_status check_list(lv_status status, const char *path, const lv_str *features, int count,
                            const char *const *known, lv_error *err)
{
    lv_sbuf unknown = LV_SBUF_INIT;
    for (int i = 0; i < count; i++)
        if (!is_listed(features[i], known))
            lv_sbuf_printf(&unknown, "%s%.*s", unknown.len ? ", " : "", LV_STR_ARG(features[i]));
    lv_status result = unknown.len > 0 ? refuse(status, path, lv_sbuf_str(&unknown), err) : LV_OK;
    lv_sbuf_release(&unknown);
    return result;
}

static lv_status make_schema(lv_snapshot *s, const char *path, lv_error *err)
{
    lv_error cause = LV_ERROR_INIT;
    if (s->schema != NULL && lv_str_eq(s->schema_source, s->metadata->schema_string))
        return LV_OK;
    if (lv_type_from_json_text(&s->arena, s->metadata->schema_string, &s->schema, &cause) !=
        LV_OK) {
        s->schema = NULL;
        return LV_FAIL(err, cause.status, "the schema of table %s: %s", path, cause.message);
    }
    if (s->schema->kind != LV_TYPE_STRUCT)
        return LV_FAIL(err, LV_DELTA_LOG_CORRUPT, "the schema of table %s is no struct", path);
    s->schema_source = s->metadata->schema_string;
    for (int i = 0; i < s->metadata->partition_count; i++)
        if (lv_type_field(s->schema, s->metadata->partition_columns[i]) < 0)
            return LV_FAIL(err, LV_DELTA_LOG_CORRUPT,
                           "partition column %.*s of table %s is not in its schema",
                           LV_STR_ARG(s->metadata->partition_columns[i]), path);
    return LV_OK;
}

lv_status lv_snapshot_check_readable(lv_snapshot *s, const char *path, lv_error *err)
{
    if (s->protocol == NULL || s->metadata == NULL)
        return LV_FAIL(err, LV_DELTA_MISSING_PROTOCOL_OR_METADATA,
                       "the %s of table %s could not be recovered from its log at version %lld",
                       s->protocol ? "metadata" : "protocol", path, (long long)s->version);
    const lv_protocol *p = s->protocol;
    if (p->min_reader > READER_MAX)
        return LV_FAIL(err, LV_DELTA_INVALID_PROTOCOL_VERSION,
                       "table %s needs reader version %d; %d is the highest known", path,
                       p->min_reader, READER_MAX);
    LV_TRY(check_list(LV_DELTA_UNSUPPORTED_FEATURES_FOR_READ, path, p->reader_features,
                      p->reader_feature_count, readable, err));
    if (s->live_dv_count > 0)
        return refuse(LV_DELTA_UNSUPPORTED_FEATURES_FOR_READ, path, LV_STR("deletionVectors"), err);
    return make_schema(s, path, err);
}

/* Whether a field's metadata has a key with this beginning, anywhere in the schema. */
static bool has_metadata_key(const lv_type *schema, const char *key)
{
    for (int f = 0; f < schema->field_count; f++) {
        lv_str metadata = schema->fields[f].metadata;
        if (metadata.len > 0 && memmem(metadata.ptr, metadata.len, key, strlen(key)) != NULL)
            return true;
        if (has_metadata_key(schema->fields[f].type, key))
            return true;
    }
    return false;
}

static bool has_constraint(const lv_metadata *m)
{
    for (int i = 0; i < m->configuration->count; i++)
        if (lv_str_starts(m->configuration->keys[i], LV_STR("delta.constraints.")))
            return true;
    return false;
}

static bool maps_columns(const lv_metadata *m)
{
    return !lv_str_is(lv_metadata_property(m, "delta.columnMapping.mode", LV_STR("none")), "none");
}

lv_status lv_snapshot_check_writable(const lv_snapshot *s, const char *path, lv_error *err)
{
    const lv_protocol *p = s->protocol;
    if (p->min_writer > WRITER_MAX)
        return LV_FAIL(err, LV_DELTA_INVALID_PROTOCOL_VERSION,
                       "table %s needs writer version %d; %d is the highest known", path,
                       p->min_writer, WRITER_MAX);
    LV_TRY(check_list(LV_DELTA_UNSUPPORTED_FEATURES_FOR_WRITE, path, p->writer_features,
                      p->writer_feature_count, writable, err));
    const struct {
        bool is_used;
        const char *feature;
    } uses[] = {{has_metadata_key(s->schema, "\"delta.invariants\""), "invariants"},
                {has_constraint(s->metadata), "checkConstraints"},
                {has_metadata_key(s->schema, "\"delta.generationExpression\""), "generatedColumns"},
                {has_metadata_key(s->schema, "\"delta.identity."), "identityColumns"},
                {has_metadata_key(s->schema, "\"CURRENT_DEFAULT\""), "allowColumnDefaults"},
                {maps_columns(s->metadata), "columnMapping"}};
    for (size_t i = 0; i < LV_COUNT_OF(uses); i++)
        if (uses[i].is_used)
            return refuse(LV_DELTA_UNSUPPORTED_FEATURES_FOR_WRITE, path, lv_str_of(uses[i].feature),
                          err);
    return LV_OK;
}
