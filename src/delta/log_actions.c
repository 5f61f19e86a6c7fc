/* log_actions.c: commits as text: one JSON object per line, each an action; applied to a snapshot.
 *
 * Unknown actions and fields are skipped, as the protocol demands. Source: PROTOCOL.md, "Actions".
 */
#include "delta/snapshot.h"

static lv_status apply_metadata(lv_snapshot *s, const lv_json *m, lv_error *err)
{
    const lv_json *columns = lv_json_get(m, "partitionColumns");
    const lv_json *configuration = lv_json_get(m, "configuration");
    int count = columns != NULL && columns->kind == LV_JSON_ARRAY ? columns->count : 0;
    lv_str *names = LV_NEW_ARRAY(&s->arena, lv_str, count);
    for (int i = 0; i < count; i++)
        names[i] = columns->items[i].str;
    lv_metadata metadata = {.id = lv_json_get_str(m, "id"),
                            .name = lv_json_get_str(m, "name"),
                            .description = lv_json_get_str(m, "description"),
                            .schema_string = lv_json_get_str(m, "schemaString"),
                            .partition_columns = names,
                            .partition_count = count,
                            .created_ms = -1};
    lv_json_get_i64(m, "createdTime", &metadata.created_ms);
    if (configuration != NULL && configuration->kind == LV_JSON_OBJECT)
        metadata.configuration_text = lv_json_text(configuration);
    if (metadata.schema_string.ptr == NULL)
        metadata.schema_string = LV_STR("{\"type\":\"struct\",\"fields\":[]}"); /* as Spark */
    return lv_snapshot_put_metadata(s, &metadata, err);
}

static const lv_str *feature_list(lv_snapshot *s, const lv_json *p, const char *key, int *count)
{
    const lv_json *list = lv_json_get(p, key);
    *count = list != NULL && list->kind == LV_JSON_ARRAY ? list->count : 0;
    lv_str *names = LV_NEW_ARRAY(&s->arena, lv_str, *count);
    for (int i = 0; i < *count; i++)
        names[i] = list->items[i].str;
    return names;
}

static lv_status apply_protocol(lv_snapshot *s, const lv_json *p, lv_error *err)
{
    int64_t reader, writer;
    if (!lv_json_get_i64(p, "minReaderVersion", &reader) ||
        !lv_json_get_i64(p, "minWriterVersion", &writer) || reader < 1 || reader > INT32_MAX ||
        writer < 1 || writer > INT32_MAX)
        return LV_FAIL(err, LV_DELTA_LOG_CORRUPT, "a protocol action without versions");
    lv_protocol protocol = {.min_reader = (int)reader, .min_writer = (int)writer};
    protocol.reader_features = feature_list(s, p, "readerFeatures", &protocol.reader_feature_count);
    protocol.writer_features = feature_list(s, p, "writerFeatures", &protocol.writer_feature_count);
    lv_snapshot_put_protocol(s, &protocol);
    return LV_OK;
}

static lv_str deletion_vector_of(const lv_json *action, lv_arena *arena)
{
    const lv_json *dv = lv_json_get(action, "deletionVector");
    int64_t offset = -1;
    if (dv == NULL || dv->kind != LV_JSON_OBJECT)
        return LV_STR_NONE;
    lv_json_get_i64(dv, "offset", &offset);
    return lv_deletion_vector_id(arena, lv_json_get_str(dv, "storageType"),
                                 lv_json_get_str(dv, "pathOrInlineDv"), offset);
}

static lv_str object_text(const lv_json *action, const char *key)
{
    const lv_json *value = lv_json_get(action, key);
    return value != NULL && value->kind == LV_JSON_OBJECT && value->count > 0 ? lv_json_text(value)
                                                                              : LV_STR_NONE;
}

static lv_status apply_file(lv_snapshot *s, const lv_json *a, bool live, lv_error *err)
{
    lv_file_entry file = {.live = live,
                          .add = {.path = lv_json_get_str(a, "path"),
                                  .partition_values = object_text(a, "partitionValues"),
                                  .stats = live ? lv_json_get_str(a, "stats") : LV_STR_NONE},
                          .tags = live ? object_text(a, "tags") : LV_STR_NONE,
                          .dv = deletion_vector_of(a, &s->arena)};
    lv_json_get_i64(a, "size", &file.add.size_bytes);
    lv_json_get_i64(a, "modificationTime", &file.add.modification_time_ms);
    lv_json_get_i64(a, "deletionTimestamp", &file.deleted_ms);
    if (file.add.path.len == 0)
        return LV_FAIL(err, LV_DELTA_LOG_CORRUPT, "a file action without a path");
    if (file.add.partition_values.len == 0)
        file.add.partition_values = LV_STR("{}");
    lv_snapshot_put_file(s, &file, s->version + 1);
    return LV_OK;
}

static lv_status apply_txn(lv_snapshot *s, const lv_json *t, lv_error *err)
{
    lv_txn_entry txn = {.app_id = lv_json_get_str(t, "appId"), .last_updated_ms = -1};
    if (txn.app_id.ptr == NULL || !lv_json_get_i64(t, "version", &txn.version))
        return LV_FAIL(err, LV_DELTA_LOG_CORRUPT, "a txn action without appId or version");
    lv_json_get_i64(t, "lastUpdated", &txn.last_updated_ms);
    lv_snapshot_put_txn(s, txn);
    return LV_OK;
}

static lv_status once(bool *seen, const char *action, lv_error *err)
{
    if (*seen)
        return LV_FAIL(err, LV_DELTA_LOG_CORRUPT, "two %s actions in one commit", action);
    *seen = true;
    return LV_OK;
}

static lv_status apply_one(lv_snapshot *s, lv_str name, const lv_json *body,
                           lv_commit_summary *summary, lv_error *err)
{
    if (lv_str_is(name, "add") || lv_str_is(name, "remove"))
        return apply_file(s, body, name.len == 3, err);
    if (lv_str_is(name, "txn"))
        return apply_txn(s, body, err);
    if (lv_str_is(name, "metaData")) {
        LV_TRY(once(&summary->has_metadata, "metaData", err));
        return apply_metadata(s, body, err);
    }
    if (lv_str_is(name, "protocol")) {
        LV_TRY(once(&summary->has_protocol, "protocol", err));
        return apply_protocol(s, body, err);
    }
    if (lv_str_is(name, "commitInfo"))
        summary->txn_id = lv_str_dup(&s->arena, lv_json_get_str(body, "txnId"));
    return LV_OK;
}

lv_status lv_snapshot_apply_action(lv_snapshot *s, const lv_json *action,
                                   lv_commit_summary *summary, lv_error *err)
{
    for (int i = 0; action->kind == LV_JSON_OBJECT && i < action->count; i++)
        if (action->items[i].kind == LV_JSON_OBJECT)
            LV_TRY(apply_one(s, action->keys[i], &action->items[i], summary, err));
    return LV_OK;
}

lv_status lv_snapshot_apply(lv_snapshot *s, lv_str commit, int64_t version,
                            lv_commit_summary *summary, lv_error *err)
{
    lv_arena scratch; /* the parsed line; what stays is copied */
    lv_arena_init(&scratch);
    *summary = (lv_commit_summary){0};
    lv_status status = LV_OK;
    s->version = version - 1;
    for (lv_str line; status == LV_OK && lv_str_split(&commit, '\n', &line);) {
        lv_json *action;
        lv_error cause = LV_ERROR_INIT;
        if (lv_str_trim(line).len == 0)
            continue;
        if (lv_json_parse(&scratch, line, &action, &cause) != LV_OK)
            status = LV_FAIL(err, LV_DELTA_LOG_CORRUPT, "commit %lld is damaged: %s",
                             (long long)version, cause.message);
        else if (action->kind != LV_JSON_OBJECT)
            status = LV_FAIL(err, LV_DELTA_LOG_CORRUPT, "commit %lld has a line that is no object",
                             (long long)version);
        else
            status = lv_snapshot_apply_action(s, action, summary, err);
        lv_arena_reset(&scratch);
    }
    lv_arena_release(&scratch);
    if (status != LV_OK)
        lv_error_context(err, "version %lld", (long long)version);
    else
        s->version = version;
    return status;
}
