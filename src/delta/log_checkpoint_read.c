/* log_checkpoint_read.c: loads checkpoints of all kinds into a snapshot; see log_checkpoint.h.
 *
 * Each column is a struct that is null in the rows of other actions. JSON checkpoints (V2) are read
 * as commits are; sidecars, files that a V2 checkpoint names, hold adds and removes like a classic
 * one. */
#include "delta/log_checkpoint.h"
#include "delta/log_checkpoint_schema.h"

/* One file being loaded. */
typedef struct load_job {
    lv_store *store;
    lv_snapshot *snapshot;
    int64_t version;
    lv_arena rows;  /* of one batch */
    lv_arena arena; /* of the file */
    LV_VEC(lv_str) sidecars;
} load_job;

static lv_str text_at(const lv_vector *row, int field, int64_t i)
{
    const lv_vector *v = &row->children[field];
    return lv_vector_is_null(v, i) ? LV_STR_NONE : lv_vector_str(v, i);
}

static int64_t long_at(const lv_vector *row, int field, int64_t i, int64_t otherwise)
{
    const lv_vector *v = &row->children[field];
    return lv_vector_is_null(v, i) ? otherwise : LV_AT(int64_t, v, i);
}

/* A map of strings as a JSON object; empty for a null or empty map. */
static lv_str map_at(lv_arena *arena, const lv_vector *row, int field, int64_t i)
{
    const lv_vector *map = &row->children[field];
    int64_t at = lv_vector_index(map, i);
    if (lv_vector_is_null(map, i) || map->offsets[at] == map->offsets[at + 1])
        return LV_STR_NONE;
    lv_sbuf text = LV_SBUF_INIT;
    for (int32_t e = map->offsets[at]; e < map->offsets[at + 1]; e++) {
        lv_sbuf_add_char(&text, text.len ? ',' : '{');
        lv_sbuf_add_json_string(&text, lv_vector_str(&map->children[0], e));
        lv_sbuf_add_char(&text, ':');
        if (lv_vector_is_null(&map->children[1], e))
            lv_sbuf_add_cstr(&text, "null");
        else
            lv_sbuf_add_json_string(&text, lv_vector_str(&map->children[1], e));
    }
    lv_sbuf_add_char(&text, '}');
    lv_str kept = lv_str_dup(arena, lv_sbuf_str(&text));
    lv_sbuf_release(&text);
    return kept;
}

static const lv_str *list_at(lv_arena *arena, const lv_vector *row, int field, int64_t i,
                             int *count)
{
    const lv_vector *list = &row->children[field];
    int64_t at = lv_vector_index(list, i);
    *count = 0;
    if (lv_vector_is_null(list, i))
        return NULL;
    lv_str *texts = LV_NEW_ARRAY(arena, lv_str, list->offsets[at + 1] - list->offsets[at]);
    for (int32_t e = list->offsets[at]; e < list->offsets[at + 1]; e++)
        if (!lv_vector_is_null(&list->children[0], e))
            texts[(*count)++] = lv_vector_str(&list->children[0], e);
    return texts;
}

static lv_str dv_at(lv_arena *arena, const lv_vector *row, int field, int64_t i)
{
    const lv_vector *dv = &row->children[field];
    if (lv_vector_is_null(dv, i))
        return LV_STR_NONE;
    const lv_vector *offset = &dv->children[2];
    return lv_deletion_vector_id(arena, text_at(dv, 0, i), text_at(dv, 1, i),
                                 lv_vector_is_null(offset, i) ? -1 : LV_AT(int32_t, offset, i));
}

static lv_str stats_at(lv_arena *arena, const lv_vector *row, int64_t i)
{
    lv_str text = text_at(row, LV_ADD_STATS, i);
    if (text.len > 0 || row->child_count <= LV_ADD_STATS_PARSED ||
        lv_vector_is_null(&row->children[LV_ADD_STATS_PARSED], i))
        return text;
    lv_sbuf json = LV_SBUF_INIT;
    lv_json_write_options options = {.times = {.zone = lv_timezone_utc(), .exact = true}};
    lv_json_write_value(&json, &row->children[LV_ADD_STATS_PARSED], i, &options);
    text = lv_str_dup(arena, lv_sbuf_str(&json));
    lv_sbuf_release(&json);
    return text;
}

/* ---- actions --------------------------------------------------------------------------------- */

static lv_status missing(const char *what, lv_error *err)
{
    return LV_FAIL(err, LV_DELTA_LOG_CORRUPT, "a checkpoint with %s", what);
}

static lv_status take_txn(load_job *job, const lv_vector *row, int64_t i, lv_error *err)
{
    lv_txn_entry txn = {text_at(row, LV_TXN_APP_ID, i), long_at(row, LV_TXN_VERSION, i, -1),
                        long_at(row, LV_TXN_LAST_UPDATED, i, -1)};
    if (txn.app_id.ptr == NULL)
        return missing("a txn without appId", err);
    lv_snapshot_put_txn(job->snapshot, txn);
    return LV_OK;
}

static lv_status take_file(load_job *job, const lv_file_entry *file, lv_error *err)
{
    if (file->add.path.len == 0)
        return missing("a file without path", err);
    lv_snapshot_put_file(job->snapshot, file, job->version);
    return LV_OK;
}

static lv_str values_or_none(lv_str values)
{
    return values.len > 0 ? values : LV_STR("{}");
}

static lv_status take_add(load_job *job, const lv_vector *row, int64_t i, lv_error *err)
{
    lv_arena *arena = &job->rows;
    lv_file_entry file = {
        .live = true,
        .add = {.path = text_at(row, LV_ADD_PATH, i),
                .partition_values = values_or_none(map_at(arena, row, LV_ADD_PARTITION_VALUES, i)),
                .stats = stats_at(arena, row, i),
                .size_bytes = long_at(row, LV_ADD_SIZE, i, 0),
                .modification_time_ms = long_at(row, LV_ADD_MODIFICATION_TIME, i, 0)},
        .tags = map_at(arena, row, LV_ADD_TAGS, i),
        .dv = dv_at(arena, row, LV_ADD_DELETION_VECTOR, i)};
    return take_file(job, &file, err);
}

static lv_status take_remove(load_job *job, const lv_vector *row, int64_t i, lv_error *err)
{
    lv_arena *arena = &job->rows;
    lv_file_entry file = {.add = {.path = text_at(row, LV_REMOVE_PATH, i),
                                  .partition_values = values_or_none(
                                      map_at(arena, row, LV_REMOVE_PARTITION_VALUES, i)),
                                  .size_bytes = long_at(row, LV_REMOVE_SIZE, i, 0)},
                          .dv = dv_at(arena, row, LV_REMOVE_DELETION_VECTOR, i),
                          .deleted_ms = long_at(row, LV_REMOVE_DELETION_TIMESTAMP, i, 0)};
    return take_file(job, &file, err);
}

static lv_status take_metadata(load_job *job, const lv_vector *row, int64_t i, lv_error *err)
{
    lv_metadata m = {.id = text_at(row, LV_METADATA_ID, i),
                     .name = text_at(row, LV_METADATA_NAME, i),
                     .description = text_at(row, LV_METADATA_DESCRIPTION, i),
                     .schema_string = text_at(row, LV_METADATA_SCHEMA, i),
                     .configuration_text = map_at(&job->rows, row, LV_METADATA_CONFIGURATION, i),
                     .created_ms = long_at(row, LV_METADATA_CREATED, i, -1)};
    m.partition_columns =
        list_at(&job->rows, row, LV_METADATA_PARTITION_COLUMNS, i, &m.partition_count);
    if (m.schema_string.ptr == NULL)
        m.schema_string = LV_STR("{\"type\":\"struct\",\"fields\":[]}"); /* as Spark */
    return lv_snapshot_put_metadata(job->snapshot, &m, err);
}

static lv_status take_protocol(load_job *job, const lv_vector *row, int64_t i, lv_error *err)
{
    const lv_vector *reader = &row->children[LV_PROTOCOL_READER];
    const lv_vector *writer = &row->children[LV_PROTOCOL_WRITER];
    if (lv_vector_is_null(reader, i) || lv_vector_is_null(writer, i))
        return missing("a protocol without versions", err);
    lv_protocol p = {.min_reader = LV_AT(int32_t, reader, i),
                     .min_writer = LV_AT(int32_t, writer, i)};
    p.reader_features =
        list_at(&job->rows, row, LV_PROTOCOL_READER_FEATURES, i, &p.reader_feature_count);
    p.writer_features =
        list_at(&job->rows, row, LV_PROTOCOL_WRITER_FEATURES, i, &p.writer_feature_count);
    lv_snapshot_put_protocol(job->snapshot, &p);
    return LV_OK;
}

static lv_status take_sidecar(load_job *job, const lv_vector *row, int64_t i, lv_error *err)
{
    lv_str path = text_at(row, 0, i);
    if (path.len == 0)
        return missing("a sidecar without path", err);
    LV_VEC_PUSH(&job->arena, job->sidecars, lv_str_dup(&job->arena, path));
    return LV_OK;
}

typedef lv_status (*take_action)(load_job *job, const lv_vector *row, int64_t i, lv_error *err);
static const take_action takers[LV_CP_COLUMNS] = {
    [LV_CP_TXN] = take_txn,           [LV_CP_ADD] = take_add,
    [LV_CP_REMOVE] = take_remove,     [LV_CP_METADATA] = take_metadata,
    [LV_CP_PROTOCOL] = take_protocol, [LV_CP_SIDECAR] = take_sidecar};

/* ---- files ----------------------------------------------------------------------------------- */

static lv_status take_rows(load_job *job, const lv_batch *batch, lv_error *err)
{
    for (int c = 0; c < LV_CP_COLUMNS; c++)
        for (int64_t i = 0; i < batch->length; i++)
            if (!lv_vector_is_null(&batch->columns[c], i))
                LV_TRY(takers[c](job, &batch->columns[c], i, err));
    return LV_OK;
}

static lv_status scan_rows(load_job *job, lv_parquet_reader *reader, lv_error *err)
{
    lv_parquet_scan_options options = {
        .schema = lv_log_checkpoint_read_schema(&job->arena, lv_parquet_reader_schema(reader)),
        .batch_rows = 4096,
        .case_sensitive = true};
    lv_parquet_scan *scan;
    LV_TRY(lv_parquet_scan_open(&scan, reader, &options, err));
    lv_status status = LV_OK;
    for (lv_batch batch = {.length = 1}; status == LV_OK && batch.length > 0;) {
        lv_arena_reset(&job->rows);
        status = lv_parquet_scan_next(scan, &job->rows, &batch, err);
        if (status == LV_OK)
            status = take_rows(job, &batch, err);
    }
    lv_parquet_scan_close(scan);
    return status;
}

static lv_status read_source(void *context, int64_t offset, void *out, size_t len, lv_error *err)
{
    return lv_store_read(context, offset, out, len, err);
}

static lv_status load_parquet(load_job *job, const char *name, lv_error *err)
{
    lv_store_reader *file;
    lv_parquet_reader *reader = NULL;
    LV_TRY(lv_store_open_file(job->store, name, &file, err));
    lv_parquet_source source = {read_source, file, file->size_bytes, name};
    lv_status status = lv_parquet_reader_open(&reader, source, err);
    if (status == LV_OK) {
        status = scan_rows(job, reader, err);
        lv_parquet_reader_close(reader);
    }
    lv_store_reader_close(file);
    return status;
}

static lv_status take_json_line(load_job *job, lv_str line, lv_error *err)
{
    lv_json *action;
    lv_commit_summary summary = {0};
    LV_TRY(lv_json_parse(&job->rows, line, &action, err));
    const lv_json *sidecar = lv_json_get(action, "sidecar");
    lv_str path = lv_json_get_str(sidecar, "path");
    if (sidecar != NULL && path.len == 0)
        return missing("a sidecar without path", err);
    if (path.len > 0)
        LV_VEC_PUSH(&job->arena, job->sidecars, lv_str_dup(&job->arena, path));
    return lv_snapshot_apply_action(job->snapshot, action, &summary, err);
}

static lv_status load_json(load_job *job, const char *name, lv_error *err)
{
    lv_sbuf text = LV_SBUF_INIT;
    lv_status status = lv_store_get(job->store, name, &text, err);
    job->snapshot->version = job->version - 1;
    lv_str rest = lv_sbuf_str(&text);
    for (lv_str line; status == LV_OK && lv_str_split(&rest, '\n', &line);) {
        lv_arena_reset(&job->rows);
        if (lv_str_trim(line).len > 0)
            status = take_json_line(job, line, err);
    }
    lv_sbuf_release(&text);
    return status;
}

static lv_status load_files(load_job *job, const lv_log_checkpoint_files *files, lv_error *err)
{
    for (int i = 0; i < files->count; i++) {
        lv_str file = files->names[i];
        char *name = lv_arena_printf(&job->arena, "_delta_log/%.*s", LV_STR_ARG(file));
        bool is_json = lv_str_ends(file, LV_STR(".json"));
        LV_TRY(is_json ? load_json(job, name, err) : load_parquet(job, name, err));
    }
    for (size_t i = 0; i < job->sidecars.count; i++) {
        lv_str path = job->sidecars.at[i]; /* a bare file name, though some write more */
        bool is_bare = lv_str_find(path, '/', 0) < 0;
        const char *folder = is_bare ? "_delta_log/_sidecars/" : "";
        LV_TRY(load_parquet(job, lv_arena_printf(&job->arena, "%s%.*s", folder, LV_STR_ARG(path)),
                            err));
    }
    if (job->snapshot->protocol == NULL || job->snapshot->metadata == NULL)
        return missing("no protocol or no metaData action", err);
    return LV_OK;
}

lv_status lv_log_checkpoint_load(lv_store *store, const lv_log_checkpoint_files *files,
                                 lv_snapshot *snapshot, lv_error *err)
{
    load_job job = {.store = store, .snapshot = snapshot, .version = files->version};
    lv_arena_init(&job.rows);
    lv_arena_init(&job.arena);
    lv_status status = load_files(&job, files, err);
    if (status == LV_OK)
        snapshot->version = files->version;
    else
        lv_error_context(err, "checkpoint %lld", (long long)files->version);
    lv_arena_release(&job.rows);
    lv_arena_release(&job.arena);
    return status;
}
