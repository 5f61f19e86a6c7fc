/* module: parquet
 * fuzz_parquet_file.c: a whole file: footer, schema, statistics, every page. */
#include "base/check.h"
#include "parquet/parquet.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void look_at_stats(const lv_parquet_reader *reader)
{
    const lv_type *schema = lv_parquet_reader_schema(reader);
    lv_parquet_column_stats stats;
    for (int g = 0; g < lv_parquet_reader_row_group_count(reader); g++)
        for (int f = 0; f < schema->field_count; f++)
            (void)lv_parquet_reader_stats(reader, g, &schema->fields[f].name, 1, &stats);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    lv_str bytes = {(const char *)data, size};
    lv_error err = LV_ERROR_INIT;
    lv_parquet_reader *reader;
    lv_parquet_scan *scan;
    if (lv_parquet_reader_open(&reader, lv_parquet_source_bytes(&bytes, "fuzz"), &err) != LV_OK)
        return 0;
    look_at_stats(reader);
    lv_parquet_scan_options options = {.batch_rows = 1000, .skip_crc = true};
    if (lv_parquet_scan_open(&scan, reader, &options, &err) == LV_OK) {
        lv_arena arena;
        lv_arena_init(&arena);
        lv_batch batch = {.length = 1};
        for (int batches = 0; batch.length > 0 && batches < 20; batches++) {
            lv_arena_reset(&arena);
            if (lv_parquet_scan_next(scan, &arena, &batch, &err) != LV_OK)
                break;
            for (int c = 0; c < batch.schema->field_count; c++)
                lv_vector_check(&batch.columns[c]);
        }
        lv_parquet_scan_close(scan);
        lv_arena_release(&arena);
    }
    lv_parquet_reader_close(reader);
    return 0;
}
