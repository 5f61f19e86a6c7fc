/* test_parquet_scan.c: reading as another schema: fewer, missing, reordered, renamed and wider
 * columns; some row groups; dictionaries; files of others; damaged files. */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "os/os.h"
#include "parquet/parquet.h"
#include "parquet_random.h"

#define DATA "../shared/testdata/parquet/data/"

static void must(lv_status status, const lv_error *err)
{
    if (status != LV_OK)
        fail_msg("%s: %s", err->context, err->message);
}

#define TYPE(kind) lv_type_of(LV_TYPE_##kind)
#define FIELD(name, type)                                                                          \
    {                                                                                              \
        LV_STR(name), type, true, LV_STR_NONE                                                      \
    }
#define FIELD_ID(name, type, id)                                                                   \
    {                                                                                              \
        LV_STR(name), type, true, LV_STR("{\"parquet.field.id\":" #id "}")                         \
    }

typedef struct fixture {
    lv_arena arena;
    random_source random;
    lv_sbuf file;
    lv_str bytes;
    lv_batch batch;
    lv_parquet_reader *reader;
} fixture;

static void make(fixture *f, const lv_field *fields, int count, int64_t rows)
{
    lv_error err = LV_ERROR_INIT;
    f->random = (random_source){.state = 99, .dict = lv_dict_new()};
    f->file = LV_SBUF_INIT;
    const lv_type *schema = lv_type_struct(&f->arena, fields, count);
    random_batch(&f->random, &f->arena, schema, rows, &f->batch);
    lv_parquet_writer *writer;
    lv_parquet_writer_options options = LV_PARQUET_WRITER_DEFAULTS;
    options.row_group_rows = 100;
    must(lv_parquet_writer_new(&writer, schema, &options, &err), &err);
    must(lv_parquet_writer_open(writer, lv_parquet_sink_sbuf(&f->file), &err), &err);
    must(lv_parquet_write(writer, &f->batch, &err), &err);
    must(lv_parquet_writer_close(writer, NULL, &err), &err);
    lv_parquet_writer_free(writer);
    f->bytes = lv_sbuf_str(&f->file);
    must(lv_parquet_reader_open(&f->reader, lv_parquet_source_bytes(&f->bytes, "memory"), &err),
         &err);
}

static void drop(fixture *f)
{
    lv_parquet_reader_close(f->reader);
    lv_sbuf_release(&f->file);
    lv_dict_free(f->random.dict);
    lv_arena_release(&f->arena);
}

static lv_status open_as(fixture *f, lv_parquet_scan **scan, lv_parquet_scan_options options,
                         const lv_field *fields, int count, lv_error *err)
{
    options.schema = lv_type_struct(&f->arena, fields, count);
    return lv_parquet_scan_open(scan, f->reader, &options, err);
}

/* Rows as JSON lines. */
static void print_scan(lv_parquet_scan *scan, lv_sbuf *out)
{
    lv_arena arena;
    lv_arena_init(&arena);
    lv_error err = LV_ERROR_INIT;
    for (lv_batch batch = {.length = 1}; batch.length > 0;) {
        lv_arena_reset(&arena);
        must(lv_parquet_scan_next(scan, &arena, &batch, &err), &err);
        for (int c = 0; c < batch.schema->field_count; c++)
            lv_vector_check(&batch.columns[c]);
        print_rows(&batch, out);
    }
    lv_arena_release(&arena);
}

/* ---- schemas --------------------------------------------------------------------------------- */

/* Columns in another order, with other case, missing ones, and parts of nested ones. */
static void reads_as_another_schema(void **state)
{
    fixture f = {0};
    lv_field inner[] = {FIELD("x", TYPE(INT)), FIELD("Y", TYPE(STRING)), FIELD("z", TYPE(DOUBLE))};
    const lv_type *full = lv_type_struct(&f.arena, inner, 3);
    lv_field fields[] = {
        FIELD("a", TYPE(INT)), FIELD("s", full), FIELD("l", lv_type_array(&f.arena, full, true)),
        FIELD("m", lv_type_map(&f.arena, TYPE(INT), full, true)), FIELD("b", TYPE(STRING))};
    make(&f, fields, 5, 250);

    lv_field part[] = {FIELD("y", TYPE(STRING)), FIELD("new", TYPE(BIGINT))};
    lv_field none[] = {FIELD("new", TYPE(BIGINT))};
    const lv_type *part_type = lv_type_struct(&f.arena, part, 2),
                  *none_type = lv_type_struct(&f.arena, none, 1);
    lv_field wanted[] = {FIELD("B", TYPE(STRING)),
                         FIELD("gone", full),
                         FIELD("s", part_type),
                         FIELD("l", lv_type_array(&f.arena, none_type, true)),
                         FIELD("m", lv_type_map(&f.arena, TYPE(BIGINT), part_type, true)),
                         FIELD("A", TYPE(BIGINT))};
    lv_parquet_scan *scan;
    lv_error err = LV_ERROR_INIT;
    must(open_as(&f, &scan, (lv_parquet_scan_options){.batch_rows = 33}, wanted, 6, &err), &err);
    lv_sbuf got = LV_SBUF_INIT, expected = LV_SBUF_INIT;
    print_scan(scan, &got);
    lv_parquet_scan_close(scan);

    /* The same, put together from the batch that was written. */
    lv_vector columns[6], *from = f.batch.columns;
    columns[0] = from[4];
    lv_vector_init_null(&columns[1], &f.arena, full, 250);
    for (int c = 1; c <= 3; c++) {
        const lv_type *types[] = {NULL, part_type, wanted[3].type, wanted[4].type};
        lv_vector *to = &columns[c + 1], *record = to;
        const lv_vector *source = &from[c];
        *to = from[c];
        to->type = types[c];
        if (c > 1) { /* the struct is the element, the value of the map */
            to->children = LV_NEW_ARRAY(&f.arena, lv_vector, to->child_count);
            memcpy(to->children, from[c].children, sizeof *to->children * (size_t)to->child_count);
            record = &to->children[to->child_count - 1];
            source = &from[c].children[to->child_count - 1];
            record->type = c == 2 ? none_type : part_type;
        }
        record->child_count = record->type->field_count;
        record->children = LV_NEW_ARRAY(&f.arena, lv_vector, 2);
        record->children[0] = source->children[1];
        lv_vector_init_null(&record->children[record->child_count - 1], &f.arena, TYPE(BIGINT),
                            source->length);
    }
    columns[5] = from[0];
    lv_batch batch = {lv_type_struct(&f.arena, wanted, 6), 250, columns};
    print_rows(&batch, &expected);
    assert_string_equal(got.ptr, expected.ptr);
    lv_sbuf_release(&got);
    lv_sbuf_release(&expected);
    drop(&f);
}

static void matches_by_case_and_by_id(void **state)
{
    fixture f = {0};
    lv_field fields[] = {FIELD_ID("a", TYPE(INT), 1), FIELD_ID("A", TYPE(INT), 2),
                         FIELD_ID("c", TYPE(INT), 3)};
    make(&f, fields, 3, 20);
    static const struct {
        lv_parquet_scan_options options;
        lv_field field;
        int column; /* found; -1: null */
    } cases[] = {
        {{0}, FIELD("a", NULL), 0},
        {{0}, FIELD("A", NULL), 1},
        {{0}, FIELD("C", NULL), 2},
        {{.case_sensitive = true}, FIELD("C", NULL), -1},
        {{.by_field_id = true}, FIELD_ID("other", NULL, 2), 1},
        {{.by_field_id = true}, FIELD_ID("a", NULL, 9), -1},
        {{.by_field_id = true}, FIELD("c", NULL), 2},
        {{0}, FIELD_ID("other", NULL, 2), -1},
    };
    for (size_t i = 0; i < LV_COUNT_OF(cases); i++) {
        lv_parquet_scan *scan;
        lv_batch batch;
        lv_error err = LV_ERROR_INIT;
        lv_field field = cases[i].field;
        field.type = TYPE(INT);
        must(open_as(&f, &scan, cases[i].options, &field, 1, &err), &err);
        must(lv_parquet_scan_next(scan, &f.arena, &batch, &err), &err);
        for (int64_t row = 0; row < batch.length; row++)
            assert_true(cases[i].column < 0 ? lv_vector_is_null(batch.columns, row)
                                            : rows_equal(batch.columns, row,
                                                         &f.batch.columns[cases[i].column], row));
        lv_parquet_scan_close(scan);
    }
    drop(&f);
}

/* Writes the fixture's batch again, as it is now. */
static void rewrite(fixture *f)
{
    lv_error err = LV_ERROR_INIT;
    lv_parquet_writer *writer;
    lv_parquet_reader_close(f->reader);
    lv_sbuf_clear(&f->file);
    must(lv_parquet_writer_new(&writer, f->batch.schema, NULL, &err), &err);
    must(lv_parquet_writer_open(writer, lv_parquet_sink_sbuf(&f->file), &err), &err);
    must(lv_parquet_write(writer, &f->batch, &err), &err);
    must(lv_parquet_writer_close(writer, NULL, &err), &err);
    lv_parquet_writer_free(writer);
    f->bytes = lv_sbuf_str(&f->file);
    must(lv_parquet_reader_open(&f->reader, lv_parquet_source_bytes(&f->bytes, "memory"), &err),
         &err);
}

static void widens_types(void **state)
{
    fixture f = {0};
    lv_field fields[] = {FIELD("i8", TYPE(TINYINT)),
                         FIELD("i16", TYPE(SMALLINT)),
                         FIELD("i32", TYPE(INT)),
                         FIELD("i64", TYPE(BIGINT)),
                         FIELD("f", TYPE(FLOAT)),
                         FIELD("date", TYPE(DATE)),
                         FIELD("ts", TYPE(TIMESTAMP)),
                         FIELD("s", TYPE(STRING)),
                         FIELD("d", lv_type_decimal(&f.arena, 10, 2))};
    make(&f, fields, 9, 1);
    const lv_vector *v = f.batch.columns;
    static const char text[] = "text";
    static const __int128 decimal = -1234567890;
    static const int8_t i8 = -8;
    static const int16_t i16 = -16;
    static const int32_t i32 = -32, date = -1;
    static const int64_t i64 = -64, ts = 1500000;
    static const float f32 = 1.5f;
    static const lv_str s = {text, 4};
    const void *values[] = {&i8, &i16, &i32, &i64, &f32, &date, &ts, &s, &decimal};
    for (int c = 0; c < 9; c++) {
        ((lv_vector *)(uintptr_t)v)[c].validity = NULL;
        ((lv_vector *)(uintptr_t)v)[c].encoding = LV_FLAT;
        ((lv_vector *)(uintptr_t)v)[c].data = (void *)(uintptr_t)values[c];
    }
    rewrite(&f);
    const struct {
        lv_field field;
        const char *expected; /* NULL: refused */
    } cases[] = {
        {FIELD("i8", TYPE(SMALLINT)), "{\"i8\":-8}\n"},
        {FIELD("i8", TYPE(BIGINT)), "{\"i8\":-8}\n"},
        {FIELD("i16", TYPE(INT)), "{\"i16\":-16}\n"},
        {FIELD("i32", TYPE(BIGINT)), "{\"i32\":-32}\n"},
        {FIELD("i32", TYPE(DOUBLE)), "{\"i32\":-32}\n"},
        {FIELD("i32", TYPE(TINYINT)), "{\"i32\":-32}\n"},
        {FIELD("i32", lv_type_decimal(&f.arena, 12, 2)), "{\"i32\":\"-32.00\"}\n"},
        {FIELD("i64", lv_type_decimal(&f.arena, 20, 0)), "{\"i64\":\"-64\"}\n"},
        {FIELD("f", TYPE(DOUBLE)), "{\"f\":1.5}\n"},
        {FIELD("date", TYPE(TIMESTAMP_NTZ)), "{\"date\":-86400000000}\n"},
        {FIELD("ts", TYPE(TIMESTAMP_NTZ)), "{\"ts\":1500000}\n"},
        {FIELD("s", TYPE(BINARY)), "{\"s\":\"74657874\"}\n"},
        {FIELD("d", lv_type_decimal(&f.arena, 12, 4)), "{\"d\":\"-12345678.9000\"}\n"},
        {FIELD("d", lv_type_decimal(&f.arena, 11, 4)), NULL},
        {FIELD("i64", TYPE(INT)), NULL},
        {FIELD("i64", TYPE(DOUBLE)), NULL},
        {FIELD("i16", TYPE(TINYINT)), NULL},
        {FIELD("s", TYPE(INT)), NULL},
        {FIELD("f", TYPE(INT)), NULL},
        {FIELD("i32", lv_type_array(&f.arena, TYPE(INT), true)), NULL},
    };
    for (size_t i = 0; i < LV_COUNT_OF(cases); i++) {
        lv_parquet_scan *scan = NULL;
        lv_status status =
            open_as(&f, &scan, (lv_parquet_scan_options){0}, &cases[i].field, 1, NULL);
        assert_int_equal(status, cases[i].expected ? LV_OK : LV_DATATYPE_MISMATCH);
        if (status != LV_OK)
            continue;
        lv_sbuf got = LV_SBUF_INIT;
        print_scan(scan, &got);
        assert_string_equal(got.ptr, cases[i].expected);
        lv_sbuf_release(&got);
        lv_parquet_scan_close(scan);
    }
    drop(&f);
}

static void reads_some_row_groups(void **state)
{
    fixture f = {0};
    lv_field field = FIELD("a", TYPE(STRING));
    make(&f, &field, 1, 450);
    assert_int_equal(lv_parquet_reader_row_group_count(f.reader), 5);
    bool groups[5] = {false, true, false, false, true};
    lv_parquet_scan *scan;
    lv_error err = LV_ERROR_INIT;
    must(lv_parquet_scan_open(&scan, f.reader,
                              &(lv_parquet_scan_options){.row_groups = groups, .batch_rows = 64},
                              &err),
         &err);
    static const int64_t rows[][2] = {{100, 64}, {164, 36}, {400, 50}, {450, 0}};
    for (size_t i = 0; i < LV_COUNT_OF(rows); i++) {
        lv_batch batch;
        must(lv_parquet_scan_next(scan, &f.arena, &batch, &err), &err);
        assert_int_equal(batch.length, rows[i][1]);
        assert_int_equal(lv_parquet_scan_row_index(scan), rows[i][0]);
        for (int64_t row = 0; row < batch.length; row++)
            assert_true(rows_equal(batch.columns, row, f.batch.columns, rows[i][0] + row));
    }
    lv_parquet_scan_close(scan);
    drop(&f);
}

/* Codes of a small dictionary stay codes; a large one is spelt out. */
static void keeps_dictionaries(void **state)
{
    for (int distinct = 10; distinct <= 90; distinct += 80) {
        fixture f = {0};
        lv_field field = FIELD("a", TYPE(STRING));
        make(&f, &field, 1, 0);
        lv_parquet_reader_close(f.reader);
        lv_vector *v = f.batch.columns;
        lv_vector_init_flat(v, &f.arena, TYPE(STRING), 100);
        for (int i = 0; i < 100; i++)
            ((lv_str *)v->data)[i] = lv_str_of(lv_arena_printf(&f.arena, "value-%d", i % distinct));
        f.batch.length = 100;
        lv_parquet_writer *writer;
        lv_error err = LV_ERROR_INIT;
        must(lv_parquet_writer_new(&writer, f.batch.schema, NULL, &err), &err);
        lv_sbuf_clear(&f.file);
        must(lv_parquet_writer_open(writer, lv_parquet_sink_sbuf(&f.file), &err), &err);
        must(lv_parquet_write(writer, &f.batch, &err), &err);
        must(lv_parquet_writer_close(writer, NULL, &err), &err);
        lv_parquet_writer_free(writer);
        f.bytes = lv_sbuf_str(&f.file);
        must(lv_parquet_reader_open(&f.reader, lv_parquet_source_bytes(&f.bytes, "memory"), &err),
             &err);
        lv_parquet_scan *scan;
        lv_batch batch;
        must(lv_parquet_scan_open(&scan, f.reader, NULL, &err), &err);
        must(lv_parquet_scan_next(scan, &f.arena, &batch, &err), &err);
        assert_int_equal(batch.columns->encoding, distinct == 10 ? LV_DICTIONARY : LV_FLAT);
        lv_parquet_scan_close(scan);
        for (int64_t i = 0; i < 100; i++) /* what was read outlives the scan */
            assert_true(rows_equal(batch.columns, i, v, i));
        drop(&f);
    }
}

/* ---- damage ---------------------------------------------------------------------------------- */

/* Reads all there is; what matters is that nothing is read or written where it must not be. */
static lv_status read_all(lv_str bytes)
{
    lv_parquet_reader *reader = NULL;
    lv_parquet_scan *scan = NULL;
    lv_error err = LV_ERROR_INIT;
    lv_arena arena;
    lv_arena_init(&arena);
    lv_status status =
        lv_parquet_reader_open(&reader, lv_parquet_source_bytes(&bytes, "memory"), &err);
    if (status == LV_OK)
        status =
            lv_parquet_scan_open(&scan, reader, &(lv_parquet_scan_options){.skip_crc = true}, &err);
    for (lv_batch batch = {.length = 1}; status == LV_OK && batch.length > 0;) {
        status = lv_parquet_scan_next(scan, &arena, &batch, &err);
        for (int c = 0; status == LV_OK && c < batch.schema->field_count; c++)
            lv_vector_check(&batch.columns[c]);
    }
    assert_true(status == LV_OK || err.message[0] != '\0');
    lv_parquet_scan_close(scan);
    lv_parquet_reader_close(reader);
    lv_arena_release(&arena);
    return status;
}

static void survives_damage(void **state)
{
    fixture f = {0};
    lv_field inner[] = {FIELD("x", TYPE(INT)), FIELD("y", TYPE(STRING))};
    lv_field fields[] = {
        FIELD("i", TYPE(BIGINT)), FIELD("s", TYPE(STRING)), FIELD("b", TYPE(BOOLEAN)),
        FIELD("l", lv_type_array(&f.arena, lv_type_struct(&f.arena, inner, 2), true))};
    make(&f, fields, 4, 150);
    assert_int_equal(read_all(f.bytes), LV_OK);
    for (size_t cut = 0; cut < f.bytes.len; cut++) { /* exact sizes, so that ASan sees overruns */
        char *copy = malloc(cut + 1);
        memcpy(copy, f.bytes.ptr, cut);
        assert_int_not_equal(read_all((lv_str){copy, cut}), LV_OK);
        free(copy);
    }
    char *copy = malloc(f.bytes.len);
    for (size_t at = 0; at < f.bytes.len; at++)
        for (int way = 0; way < 3; way++) {
            memcpy(copy, f.bytes.ptr, f.bytes.len);
            copy[at] = (char)(way == 0   ? copy[at] ^ 1
                              : way == 1 ? 0xFF
                                         : (int)random_below(&f.random, 256));
            (void)!read_all((lv_str){copy, f.bytes.len});
        }
    free(copy);
    drop(&f);
}

static void checks_crc(void **state)
{
    fixture f = {0};
    lv_field field = FIELD("i", TYPE(BIGINT));
    make(&f, &field, 1, 90);
    f.file.ptr[60] ^= 1; /* in the only page */
    lv_parquet_scan *scan;
    lv_batch batch;
    lv_error err = LV_ERROR_INIT;
    must(lv_parquet_scan_open(&scan, f.reader, NULL, &err), &err);
    assert_int_equal(lv_parquet_scan_next(scan, &f.arena, &batch, &err), LV_PARQUET_CORRUPT);
    assert_non_null(strstr(err.message, "checksum"));
    assert_non_null(strstr(err.context, "page at offset 4"));
    assert_non_null(strstr(err.context, "memory"));
    lv_parquet_scan_close(scan);
    drop(&f);
}

/* ---- files of others ------------------------------------------------------------------------- */

static bool dump_file(const char *path, lv_sbuf *out, lv_error *err)
{
    lv_sbuf bytes = LV_SBUF_INIT;
    must(lv_file_read_all(path, &bytes, err), err);
    lv_str all = lv_sbuf_str(&bytes);
    lv_parquet_reader *reader = NULL;
    lv_parquet_scan *scan = NULL;
    lv_batch batch = {.length = 1};
    lv_arena arena;
    lv_arena_init(&arena);
    lv_status status = lv_parquet_reader_open(&reader, lv_parquet_source_bytes(&all, path), err);
    if (status == LV_OK)
        status = lv_parquet_scan_open(&scan, reader, NULL, err);
    while (status == LV_OK && batch.length > 0) {
        status = lv_parquet_scan_next(scan, &arena, &batch, err);
        if (status == LV_OK)
            print_rows(&batch, out);
    }
    lv_parquet_scan_close(scan);
    lv_parquet_reader_close(reader);
    lv_sbuf_release(&bytes);
    lv_arena_release(&arena);
    return status == LV_OK;
}

static uint64_t lines_in(const lv_sbuf *text)
{
    uint64_t lines = 0;
    for (size_t i = 0; i < text->len; i++)
        lines += text->ptr[i] == '\n';
    return lines;
}

/* Every file of parquet-testing is read, with as many rows as it is known to have. (Their values are
 * compared with pyarrow's by tests/interop/check_parquet.py.) */
static void reads_files_of_others(void **state)
{
    DIR *dir = opendir(DATA);
    if (dir == NULL) {
        print_message("skipped: no " DATA "\n");
        skip();
    }
    static const struct {
        const char *name;
        uint64_t rows;
    } known[] = {{"alltypes_plain.parquet", 8},
                 {"alltypes_dictionary.parquet", 2},
                 {"delta_binary_packed.parquet", 200},
                 {"delta_byte_array.parquet", 1000},
                 {"nested_lists.snappy.parquet", 3},
                 {"nested_maps.snappy.parquet", 6},
                 {"lz4_raw_compressed_larger.parquet", 10000},
                 {"int32_with_null_pages.parquet", 1000},
                 {"byte_stream_split.zstd.parquet", 300},
                 {"datapage_v2.snappy.parquet", 5},
                 {"rle_boolean_encoding.parquet", 68}};
    int files = 0;
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        if (!lv_str_ends(lv_str_of(entry->d_name), LV_STR(".parquet")))
            continue;
        char path[512];
        snprintf(path, sizeof path, DATA "%s", entry->d_name);
        lv_sbuf out = LV_SBUF_INIT;
        lv_error err = LV_ERROR_INIT;
        bool corrupt = strstr(entry->d_name, "corrupt") != NULL;
        if (dump_file(path, &out, &err) == corrupt)
            fail_msg("%s: %s", entry->d_name, err.message);
        for (size_t i = 0; i < LV_COUNT_OF(known); i++)
            if (strcmp(known[i].name, entry->d_name) == 0)
                assert_int_equal(lines_in(&out), known[i].rows);
        lv_sbuf_release(&out);
        files++;
    }
    closedir(dir);
    assert_true(files >= 28);
}

static void reads_nested_lists_of_others(void **state)
{
    lv_sbuf out = LV_SBUF_INIT;
    lv_error err = LV_ERROR_INIT;
    if (!lv_path_exists(DATA "nested_lists.snappy.parquet")) {
        print_message("skipped: no " DATA "\n");
        skip();
    }
    assert_true(dump_file(DATA "nested_lists.snappy.parquet", &out, &err));
    assert_string_equal(out.ptr,
                        "{\"a\":[[[\"a\",\"b\"],[\"c\"]],[null,[\"d\"]]],\"b\":1}\n"
                        "{\"a\":[[[\"a\",\"b\"],[\"c\",\"d\"]],[null,[\"e\"]]],\"b\":1}\n"
                        "{\"a\":[[[\"a\",\"b\"],[\"c\",\"d\"],[\"e\"]],[null,[\"f\"]]],\"b\":1}\n");
    lv_sbuf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_as_another_schema),
        cmocka_unit_test(matches_by_case_and_by_id),
        cmocka_unit_test(widens_types),
        cmocka_unit_test(reads_some_row_groups),
        cmocka_unit_test(keeps_dictionaries),
        cmocka_unit_test(survives_damage),
        cmocka_unit_test(checks_crc),
        cmocka_unit_test(reads_files_of_others),
        cmocka_unit_test(reads_nested_lists_of_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
