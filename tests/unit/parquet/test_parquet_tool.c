/* test_parquet_tool.c: files for other readers and files of other writers.
 *
 * Without arguments it is a test. tests/interop/check_parquet.py uses it as a tool:
 *     test_parquet_tool dump FILE          rows as JSON lines
 *     test_parquet_tool schema FILE        its schema as Spark's JSON
 *     test_parquet_tool make DIR COUNT     COUNT random files with what they hold beside them */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <unistd.h>

#include <cmocka.h>

#include "os/os.h"
#include "parquet/parquet.h"
#include "parquet_random.h"

static lv_status dump(const char *path, lv_sbuf *out, lv_error *err)
{
    lv_sbuf bytes = LV_SBUF_INIT;
    lv_parquet_reader *reader = NULL;
    lv_parquet_scan *scan = NULL;
    lv_arena arena;
    lv_arena_init(&arena);
    lv_status status = lv_file_read_all(path, &bytes, err);
    lv_str all = lv_sbuf_str(&bytes);
    if (status == LV_OK)
        status = lv_parquet_reader_open(&reader, lv_parquet_source_bytes(&all, path), err);
    if (status == LV_OK)
        status = lv_parquet_scan_open(&scan, reader, &(lv_parquet_scan_options){.batch_rows = 1000},
                                      err);
    while (status == LV_OK) {
        lv_batch batch;
        lv_arena_reset(&arena);
        status = lv_parquet_scan_next(scan, &arena, &batch, err);
        if (status != LV_OK || batch.length == 0)
            break;
        for (int c = 0; c < batch.schema->field_count; c++)
            lv_vector_check(&batch.columns[c]);
        print_rows(&batch, out);
    }
    lv_parquet_scan_close(scan);
    lv_parquet_reader_close(reader);
    lv_arena_release(&arena);
    lv_sbuf_release(&bytes);
    return status;
}

static lv_status print_schema(const char *path, lv_sbuf *out, lv_error *err)
{
    lv_sbuf bytes = LV_SBUF_INIT;
    lv_parquet_reader *reader = NULL;
    lv_status status = lv_file_read_all(path, &bytes, err);
    lv_str all = lv_sbuf_str(&bytes);
    if (status == LV_OK)
        status = lv_parquet_reader_open(&reader, lv_parquet_source_bytes(&all, path), err);
    if (status == LV_OK)
        lv_type_print_json(lv_parquet_reader_schema(reader), out);
    lv_parquet_reader_close(reader);
    lv_sbuf_release(&bytes);
    return status;
}

/* Writes random rows to DIR/N.parquet and, as JSON, to DIR/N.json. */
static lv_status make_file(const char *dir, int number, lv_error *err)
{
    static const lv_parquet_codec codecs[] = {LV_PARQUET_ZSTD, LV_PARQUET_SNAPPY, LV_PARQUET_GZIP,
                                              LV_PARQUET_LZ4_RAW, LV_PARQUET_NONE};
    static const int64_t lengths[] = {0, 1, 63, 64, 65, 1000, 5000};
    random_source r = {.state = 88172645463325252u + (uint64_t)number * 1000003,
                       .dict = lv_dict_new()};
    lv_arena arena;
    lv_arena_init(&arena);
    lv_parquet_writer_options options = LV_PARQUET_WRITER_DEFAULTS;
    options.codec = codecs[number % (int)LV_COUNT_OF(codecs)];
    options.page_rows = 500;
    options.row_group_rows = 3000;
    options.delta_encodings = random_chance(&r, 70);
    lv_sbuf file = LV_SBUF_INIT, json = LV_SBUF_INIT;
    lv_parquet_writer *writer = NULL;
    const lv_type *schema = random_schema(&r, &arena);
    lv_status status = lv_parquet_writer_new(&writer, schema, &options, err);
    if (status == LV_OK)
        status = lv_parquet_writer_open(writer, lv_parquet_sink_sbuf(&file), err);
    for (int b = 0; b < 3 && status == LV_OK; b++) {
        lv_batch batch;
        random_batch(&r, &arena, schema, lengths[random_below(&r, LV_COUNT_OF(lengths))], &batch);
        print_rows(&batch, &json);
        status = lv_parquet_write(writer, &batch, err);
    }
    if (status == LV_OK)
        status = lv_parquet_writer_close(writer, NULL, err);
    if (status == LV_OK)
        status = lv_file_publish(lv_arena_printf(&arena, "%s/%d.parquet", dir, number), file.ptr,
                                 file.len, true, false, err);
    if (status == LV_OK)
        status = lv_file_publish(lv_arena_printf(&arena, "%s/%d.json", dir, number),
                                 json.ptr ? json.ptr : "", json.len, true, false, err);
    lv_parquet_writer_free(writer);
    lv_sbuf_release(&file);
    lv_sbuf_release(&json);
    lv_dict_free(r.dict);
    lv_arena_release(&arena);
    return status;
}

static void makes_what_it_dumps(void **state)
{
    char dir[] = "/tmp/levada-parquet-XXXXXX";
    assert_non_null(mkdtemp(dir));
    lv_arena arena;
    lv_arena_init(&arena);
    for (int i = 0; i < 40; i++) {
        lv_error err = LV_ERROR_INIT;
        lv_sbuf made = LV_SBUF_INIT, dumped = LV_SBUF_INIT;
        const char *file = lv_arena_printf(&arena, "%s/%d.parquet", dir, i),
                   *json = lv_arena_printf(&arena, "%s/%d.json", dir, i);
        if (make_file(dir, i, &err) != LV_OK || dump(file, &dumped, &err) != LV_OK ||
            lv_file_read_all(json, &made, &err) != LV_OK)
            fail_msg("file %d: %s: %s", i, err.context, err.message);
        assert_true(lv_str_eq(lv_sbuf_str(&made), lv_sbuf_str(&dumped)));
        assert_int_equal(lv_file_remove(file, NULL), LV_OK);
        assert_int_equal(lv_file_remove(json, NULL), LV_OK);
        lv_sbuf_release(&made);
        lv_sbuf_release(&dumped);
    }
    lv_arena_release(&arena);
    assert_int_equal(rmdir(dir), 0);
}

static int run_tool(int argc, char **argv)
{
    lv_error err = LV_ERROR_INIT;
    lv_sbuf out = LV_SBUF_INIT;
    lv_status status = LV_OK;
    if (argc == 3 && strcmp(argv[1], "dump") == 0) {
        status = dump(argv[2], &out, &err);
        fwrite(out.ptr ? out.ptr : "", 1, out.len, stdout);
    } else if (argc == 3 && strcmp(argv[1], "schema") == 0) {
        status = print_schema(argv[2], &out, &err);
        fwrite(out.ptr ? out.ptr : "", 1, out.len, stdout);
    } else if (argc == 4 && strcmp(argv[1], "make") == 0) {
        int64_t count = 0;
        if (!lv_str_to_i64(lv_str_of(argv[3]), &count))
            return 2;
        for (int i = 0; i < count && status == LV_OK; i++)
            status = make_file(argv[2], i, &err);
    } else {
        fprintf(stderr, "usage: %s [dump FILE | schema FILE | make DIR COUNT]\n", argv[0]);
        return 2;
    }
    lv_sbuf_release(&out);
    if (status != LV_OK)
        fprintf(stderr, "%s: %s\n", err.context, err.message);
    return status != LV_OK;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(makes_what_it_dumps)};
    return argc > 1 ? run_tool(argc, argv) : cmocka_run_group_tests(tests, NULL, NULL);
}
