/* module: delta
 *
 * fuzz_delta_log.c: the log of a hostile table. The input is texts, each behind a zero byte but the
 * first: commit 0, _last_checkpoint, a V2 checkpoint of version 0 as JSON, and commit 1, which is
 * there only after the table was opened. Empty ones are missing. An input that begins as Parquet does
 * is the classic checkpoint of version 0 instead. Every data file holds the same rows. A table that can
 * be read must be the same after it went through a checkpoint of our own. */
#include <stdio.h>
#include <stdlib.h>

#include "base/check.h"
#include "delta/delta_int.h"
#include "delta/delta_path.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define V0 "_delta_log/00000000000000000000.checkpoint"
enum { INPUT_MAX = 64 << 10, FILES_READ_MAX = 3, BATCHES_MAX = 8 };

static lv_sbuf data_file; /* Parquet: id BIGINT, value STRING */

static void make_data_file(void)
{
    lv_arena arena;
    lv_arena_init(&arena);
    lv_field *fields = LV_NEW_ARRAY(&arena, lv_field, 2);
    fields[0] =
        (lv_field){.name = LV_STR("id"), .type = lv_type_of(LV_TYPE_BIGINT), .nullable = true};
    fields[1] =
        (lv_field){.name = LV_STR("value"), .type = lv_type_of(LV_TYPE_STRING), .nullable = true};
    const lv_type *schema = lv_type_struct(&arena, fields, 2);
    lv_vector columns[2];
    for (int c = 0; c < 2; c++)
        lv_vector_init_flat(&columns[c], &arena, fields[c].type, 3);
    for (int i = 0; i < 3; i++) {
        ((int64_t *)columns[0].data)[i] = i;
        ((lv_str *)columns[1].data)[i] = LV_STR("abc");
    }
    lv_batch batch = {.schema = schema, .length = 3, .columns = columns};
    lv_parquet_writer *writer;
    lv_status status = lv_parquet_writer_new(&writer, schema, NULL, NULL);
    LV_ASSERT(status == LV_OK);
    status = lv_parquet_writer_open(writer, lv_parquet_sink_sbuf(&data_file), NULL);
    LV_ASSERT(status == LV_OK);
    status = lv_parquet_write(writer, &batch, NULL);
    LV_ASSERT(status == LV_OK);
    status = lv_parquet_writer_close(writer, NULL, NULL);
    LV_ASSERT(status == LV_OK);
    lv_parquet_writer_free(writer);
    lv_arena_release(&arena);
}

static void put(lv_store *store, const char *name, lv_str text)
{
    if (text.len == 0)
        return;
    lv_status status = lv_store_put(store, name, text.ptr, text.len, true, NULL);
    LV_ASSERT(status == LV_OK);
}

static void read_rows(lv_delta_table *table, lv_arena *arena)
{
    lv_snapshot_view view;
    lv_snapshot_freeze(&table->snapshot, arena, &view);
    for (size_t i = 0; i < view.file_count && i < FILES_READ_MAX; i++) {
        lv_str key = lv_path_key(arena, lv_view_file(&view, i)->add.path);
        put(table->store, lv_str_cstr(arena, key), lv_sbuf_str(&data_file));
    }
    lv_delta_scan *scan;
    lv_batch batch = {.length = 1};
    if (lv_delta_scan_open(table, NULL, NULL, &scan, NULL) != LV_OK)
        return;
    for (int n = 0; n < BATCHES_MAX && batch.length > 0; n++) {
        if (lv_delta_scan_next(scan, arena, &batch, NULL) != LV_OK)
            break;
        for (int c = 0; batch.length > 0 && c < batch.schema->field_count; c++)
            lv_vector_check(&batch.columns[c]);
    }
    lv_delta_scan_close(scan);
}

/* Plans a write of {id, value}, with and without new columns. */
static void plan_writes(lv_delta_table *table, lv_arena *arena)
{
    lv_plan query = {.kind = LV_PLAN_SOURCE, .is_stream = true};
    lv_status status = lv_type_parse(arena, LV_STR("id BIGINT, value STRING"), &query.schema, NULL);
    LV_ASSERT(status == LV_OK);
    for (int merge = 0; merge < 2; merge++) {
        lv_delta_write_options options = {.merge_schema = merge};
        lv_delta_write_plan *plan;
        lv_delta_writer *writer;
        if (lv_delta_plan_write(table, arena, &query, &options, &plan, NULL) == LV_OK &&
            lv_delta_writer_new(plan, 0, &writer, NULL) == LV_OK)
            lv_delta_writer_free(writer);
    }
}

static void checkpoint_and_compare(lv_delta_table *table, lv_arena *arena)
{
    char name[LV_LOG_NAME_SIZE];
    int64_t version = lv_delta_table_version(table);
    if (lv_delta_checkpoint(table, NULL) != LV_OK)
        return;
    lv_sbuf bytes = LV_SBUF_INIT;
    snprintf(name, sizeof name, "_delta_log/%020lld.checkpoint.parquet", (long long)version);
    lv_status status = lv_store_get(table->store, name, &bytes, NULL);
    LV_ASSERT(status == LV_OK);
    lv_store *store = lv_store_memory_new();
    put(store, name, lv_sbuf_str(&bytes));
    lv_sbuf_release(&bytes);
    lv_delta_table *again;
    status = lv_delta_table_open_in(store, "again", INT64_MAX, false, &again, NULL);
    LV_ASSERT(status == LV_OK);
    LV_ASSERT(lv_delta_table_version(again) == version);
    LV_ASSERT(lv_delta_table_file_count(again) == lv_delta_table_file_count(table));
    LV_ASSERT(lv_delta_table_size_bytes(again) == lv_delta_table_size_bytes(table));
    const lv_metadata *a = again->snapshot.metadata, *b = table->snapshot.metadata;
    LV_ASSERT(lv_str_eq(a->id, b->id) && lv_str_eq(a->schema_string, b->schema_string));
    lv_delta_table_close(again);
}

static void use_table(lv_delta_table *table)
{
    lv_arena arena;
    lv_arena_init(&arena);
    int count;
    (void)lv_delta_table_partition_columns(table, &count);
    (void)lv_delta_table_property(table, "delta.appendOnly", LV_STR("false"));
    (void)lv_delta_txn_version(table, LV_STR("a"));
    read_rows(table, &arena);
    plan_writes(table, &arena);
    checkpoint_and_compare(table, &arena);
    lv_arena_release(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (data_file.len == 0)
        make_data_file();
    if (size > INPUT_MAX)
        return 0;
    lv_str rest = {(const char *)data, size}, parts[4] = {0};
    bool is_parquet = lv_str_starts(rest, LV_STR("PAR1"));
    for (int i = 0; !is_parquet && i < 4 && lv_str_split(&rest, '\0', &parts[i]); i++)
        ;
    char name[LV_LOG_NAME_SIZE];
    lv_store *store = lv_store_memory_new();
    put(store, lv_log_commit_name(0, name), parts[0]);
    put(store, "_delta_log/_last_checkpoint", parts[1]);
    put(store, V0 ".80a083e8-7026-4e79-81be-64bd76c43a11.json", parts[2]);
    if (is_parquet)
        put(store, V0 ".parquet", rest);
    lv_delta_table *table;
    if (lv_delta_table_open_in(store, "fuzz", INT64_MAX, false, &table, NULL) != LV_OK)
        return 0;
    use_table(table);
    put(table->store, lv_log_commit_name(1, name), parts[3]);
    if (lv_delta_table_refresh(table, NULL) == LV_OK)
        use_table(table);
    lv_delta_table_close(table);
    return 0;
}
