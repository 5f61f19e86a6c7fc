/* log_checkpoint_write.c: a view of a snapshot as a classic checkpoint, written in batches; see
 * log_checkpoint.h.
 *
 * Rows are txns, then protocol and metadata, then files. Tombstones whose files may be gone by now
 * are left out, and so are txns past their own retention. add.stats is text as in commits; there is
 * no stats_parsed. The file appears under its name when it is whole, _last_checkpoint after it. */
#include <stdio.h>

#include "base/md5.h"
#include "delta/log_checkpoint.h"
#include "delta/log_checkpoint_schema.h"
#include "delta/properties.h"
#include "os/os.h"

enum { BATCH_ROWS = 4096 };
static const int64_t DAY_MS = 86400000;

typedef struct write_job {
    const lv_snapshot_view *view;
    lv_parquet_writer *parquet;
    const lv_type *schema;
    lv_arena rows; /* of one batch */
    lv_builder columns[LV_CP_SIDECAR];
    int64_t pending;
    int64_t size, add_count; /* actions written, adds among them */
} write_job;

/* ---- rows ------------------------------------------------------------------------------------ */

static void begin_batch(write_job *job)
{
    lv_arena_reset(&job->rows);
    for (int c = 0; c < LV_CP_SIDECAR; c++)
        lv_builder_init(&job->columns[c], &job->rows, job->schema->fields[c].type, BATCH_ROWS);
    job->pending = 0;
}

static lv_status end_batch(write_job *job, lv_error *err)
{
    if (job->pending == 0)
        return LV_OK;
    lv_vector columns[LV_CP_SIDECAR];
    for (int c = 0; c < LV_CP_SIDECAR; c++)
        lv_builder_finish(&job->columns[c], &columns[c]);
    lv_batch batch = {.schema = job->schema, .length = job->pending, .columns = columns};
    LV_TRY(lv_parquet_write(job->parquet, &batch, err));
    begin_batch(job);
    return LV_OK;
}

/* Ends a row whose value is in column `c`. */
static lv_status end_row(write_job *job, lv_log_checkpoint_column c, lv_error *err)
{
    lv_builder_end_struct(&job->columns[c]);
    for (int other = 0; other < LV_CP_SIDECAR; other++)
        if (other != (int)c)
            lv_builder_null(&job->columns[other]);
    job->size++;
    return ++job->pending < BATCH_ROWS ? LV_OK : end_batch(job, err);
}

/* A string, null if it has no pointer. */
static void put_text(lv_builder *b, lv_str text)
{
    if (text.ptr != NULL)
        lv_builder_str(b, text);
    else
        lv_builder_null(b);
}

static void put_long(lv_builder *b, int64_t value)
{
    lv_builder_i64(b, value);
}

/* A map of strings from its JSON object; `is_null_if_empty`, else an empty map. */
static lv_status put_map(lv_arena *arena, lv_builder *b, lv_str text, bool is_null_if_empty,
                         lv_error *err)
{
    lv_json *object = NULL;
    if (text.len > 2)
        LV_TRY(lv_json_parse(arena, text, &object, err));
    if (object == NULL && is_null_if_empty) {
        lv_builder_null(b);
        return LV_OK;
    }
    for (int i = 0; object != NULL && i < object->count; i++) {
        const lv_json *value = &object->items[i];
        lv_builder_str(&b->children[0], object->keys[i]);
        put_text(&b->children[1], value->kind == LV_JSON_NULL ? LV_STR_NONE : value->str);
    }
    lv_builder_end_list(b);
    return LV_OK;
}

static void put_list(lv_builder *b, const lv_str *texts, int count)
{
    for (int i = 0; i < count; i++)
        lv_builder_str(&b->children[0], texts[i]);
    lv_builder_end_list(b);
}

/* ---- actions --------------------------------------------------------------------------------- */

static lv_status put_txns(write_job *job, int64_t now_ms, lv_error *err)
{
    int64_t retention =
        lv_property_interval_ms(job->view->metadata, "delta.setTransactionRetentionDuration", -1);
    lv_builder *f = job->columns[LV_CP_TXN].children;
    for (size_t i = 0; i < job->view->txn_count; i++) {
        const lv_txn_entry *txn = &job->view->txns[i];
        if (retention >= 0 && txn->last_updated_ms >= 0 &&
            txn->last_updated_ms < now_ms - retention)
            continue;
        lv_builder_str(&f[LV_TXN_APP_ID], txn->app_id);
        put_long(&f[LV_TXN_VERSION], txn->version);
        if (txn->last_updated_ms >= 0)
            put_long(&f[LV_TXN_LAST_UPDATED], txn->last_updated_ms);
        else
            lv_builder_null(&f[LV_TXN_LAST_UPDATED]);
        LV_TRY(end_row(job, LV_CP_TXN, err));
        f = job->columns[LV_CP_TXN].children;
    }
    return LV_OK;
}

static lv_status put_protocol(write_job *job, lv_error *err)
{
    const lv_protocol *p = job->view->protocol;
    lv_builder *f = job->columns[LV_CP_PROTOCOL].children;
    lv_builder_i32(&f[LV_PROTOCOL_READER], p->min_reader);
    lv_builder_i32(&f[LV_PROTOCOL_WRITER], p->min_writer);
    if (p->min_reader >= 3)
        put_list(&f[LV_PROTOCOL_READER_FEATURES], p->reader_features, p->reader_feature_count);
    else
        lv_builder_null(&f[LV_PROTOCOL_READER_FEATURES]);
    if (p->min_writer >= 7)
        put_list(&f[LV_PROTOCOL_WRITER_FEATURES], p->writer_features, p->writer_feature_count);
    else
        lv_builder_null(&f[LV_PROTOCOL_WRITER_FEATURES]);
    return end_row(job, LV_CP_PROTOCOL, err);
}

static lv_status put_metadata(write_job *job, lv_error *err)
{
    const lv_metadata *m = job->view->metadata;
    lv_builder *f = job->columns[LV_CP_METADATA].children, *format = &f[LV_METADATA_FORMAT];
    put_text(&f[LV_METADATA_ID], m->id);
    put_text(&f[LV_METADATA_NAME], m->name);
    put_text(&f[LV_METADATA_DESCRIPTION], m->description);
    lv_builder_str(&format->children[0], LV_STR("parquet"));
    lv_builder_end_list(&format->children[1]);
    lv_builder_end_struct(format);
    put_text(&f[LV_METADATA_SCHEMA], m->schema_string);
    put_list(&f[LV_METADATA_PARTITION_COLUMNS], m->partition_columns, m->partition_count);
    LV_TRY(put_map(&job->rows, &f[LV_METADATA_CONFIGURATION], m->configuration_text, false, err));
    if (m->created_ms >= 0)
        put_long(&f[LV_METADATA_CREATED], m->created_ms);
    else
        lv_builder_null(&f[LV_METADATA_CREATED]);
    return end_row(job, LV_CP_METADATA, err);
}

static lv_status put_add(write_job *job, const lv_file_entry *file, lv_error *err)
{
    const lv_delta_add *add = &file->add;
    lv_builder *f = job->columns[LV_CP_ADD].children;
    lv_builder_str(&f[LV_ADD_PATH], add->path);
    LV_TRY(put_map(&job->rows, &f[LV_ADD_PARTITION_VALUES], add->partition_values, false, err));
    put_long(&f[LV_ADD_SIZE], add->size_bytes);
    put_long(&f[LV_ADD_MODIFICATION_TIME], add->modification_time_ms);
    lv_builder_bool(&f[LV_ADD_DATA_CHANGE], false); /* nothing changes by a checkpoint */
    LV_TRY(put_map(&job->rows, &f[LV_ADD_TAGS], file->tags, true, err));
    put_text(&f[LV_ADD_STATS], add->stats.len > 0 ? add->stats : LV_STR_NONE);
    job->add_count++;
    return end_row(job, LV_CP_ADD, err);
}

static lv_status put_remove(write_job *job, const lv_file_entry *file, lv_error *err)
{
    lv_builder *f = job->columns[LV_CP_REMOVE].children;
    lv_builder_str(&f[LV_REMOVE_PATH], file->add.path);
    put_long(&f[LV_REMOVE_DELETION_TIMESTAMP], file->deleted_ms);
    lv_builder_bool(&f[LV_REMOVE_DATA_CHANGE], false);
    lv_builder_bool(&f[LV_REMOVE_EXTENDED], true);
    LV_TRY(put_map(&job->rows, &f[LV_REMOVE_PARTITION_VALUES], file->add.partition_values, false,
                   err));
    put_long(&f[LV_REMOVE_SIZE], file->add.size_bytes);
    return end_row(job, LV_CP_REMOVE, err);
}

static lv_status put_files(write_job *job, int64_t now_ms, lv_error *err)
{
    const lv_snapshot_view *view = job->view;
    int64_t retention =
        lv_property_interval_ms(view->metadata, "delta.deletedFileRetentionDuration", 7 * DAY_MS);
    for (size_t i = 0; i < view->file_count; i++) {
        const lv_file_entry *file = lv_view_file(view, i);
        if (!lv_view_has(view, file))
            continue;
        if (file->live)
            LV_TRY(put_add(job, file, err));
        else if (file->deleted_ms > now_ms - retention)
            LV_TRY(put_remove(job, file, err));
    }
    return LV_OK;
}

static lv_status put_all(write_job *job, lv_error *err)
{
    int64_t now_ms = lv_now_us() / 1000;
    begin_batch(job);
    LV_TRY(put_txns(job, now_ms, err));
    LV_TRY(put_protocol(job, err));
    LV_TRY(put_metadata(job, err));
    LV_TRY(put_files(job, now_ms, err));
    return end_batch(job, err);
}

/* ---- files ----------------------------------------------------------------------------------- */

static lv_status write_sink(void *context, const void *bytes, size_t len, lv_error *err)
{
    return lv_store_write(context, bytes, len, err);
}

static lv_status write_file(write_job *job, lv_store_writer *file, int64_t *size_bytes,
                            lv_error *err)
{
    lv_parquet_file_info info;
    lv_parquet_writer_options options = LV_PARQUET_WRITER_DEFAULTS;
    options.row_group_bytes = 16 << 20;
    options.page_index = false;
    options.dictionary_bytes = 64 << 10; /* paths and statistics hardly repeat */
    LV_TRY(lv_parquet_writer_new(&job->parquet, job->schema, &options, err));
    lv_parquet_sink sink = {write_sink, file};
    LV_TRY(lv_parquet_writer_open(job->parquet, sink, err));
    LV_TRY(put_all(job, err));
    LV_TRY(lv_parquet_writer_close(job->parquet, &info, err));
    *size_bytes = info.size_bytes;
    return lv_fault_point("delta.checkpoint", err);
}

/* Keys in the order of their names: that is also the order of the checksum's canonical form, which
 * for flat objects is "key"=value joined by commas; Spark wants version and size to come first in
 * the file. */
static lv_status write_hint(lv_store *store, const write_job *job, int64_t size_bytes,
                            lv_error *err)
{
    char text[512], md5[33];
    long long version = job->view->version, size = job->size, bytes = size_bytes,
              adds = job->add_count;
    int len = snprintf(text, sizeof text,
                       "\"numOfAddFiles\"=%lld,\"size\"=%lld,\"sizeInBytes\"=%lld,\"version\"=%lld",
                       adds, size, bytes, version);
    lv_md5_hex(text, (size_t)len, md5);
    len = snprintf(text, sizeof text,
                   "{\"version\":%lld,\"size\":%lld,\"sizeInBytes\":%lld,\"numOfAddFiles\":%lld,"
                   "\"checksum\":\"%s\"}",
                   version, size, bytes, adds, md5);
    return lv_store_put(store, "_delta_log/_last_checkpoint", text, (size_t)len, true, err);
}

lv_status lv_log_checkpoint_write(lv_store *store, const lv_snapshot_view *view, lv_error *err)
{
    char name[80];
    snprintf(name, sizeof name, "_delta_log/%020lld.checkpoint.parquet", (long long)view->version);
    lv_store_writer *file;
    LV_TRY(lv_store_create(store, name, LV_STORE_WHOLE, &file, err));
    write_job job = {.view = view};
    lv_arena arena;
    lv_arena_init(&arena);
    lv_arena_init(&job.rows);
    job.schema = lv_log_checkpoint_write_schema(&arena);
    int64_t size_bytes = 0;
    lv_status status = write_file(&job, file, &size_bytes, err);
    if (status == LV_OK)
        status = lv_store_writer_finish(file, err);
    else
        lv_store_writer_abort(file);
    if (status == LV_OK)
        status = write_hint(store, &job, size_bytes, err);
    if (job.parquet != NULL)
        lv_parquet_writer_free(job.parquet);
    lv_arena_release(&job.rows);
    lv_arena_release(&arena);
    return status;
}
