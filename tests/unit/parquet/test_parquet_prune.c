/* test_parquet_prune.c: row groups are left out where statistics show that no row passes, and only there. */
#include "unit.h"

#include <math.h>

#include "parquet/parquet.h"

enum { GROUP = 100, GROUPS = 4 };

/* Row i is {i, "k<i / 100>", a double with NaNs in group 2, null in group 3}. */
static const lv_type *make_file(lv_arena *arena, lv_sbuf *file)
{
    lv_field fields[4] = {{LV_STR("i"), lv_type_of(LV_TYPE_BIGINT), true, LV_STR_NONE},
                          {LV_STR("s"), lv_type_of(LV_TYPE_STRING), true, LV_STR_NONE},
                          {LV_STR("d"), lv_type_of(LV_TYPE_DOUBLE), true, LV_STR_NONE},
                          {LV_STR("n"), lv_type_of(LV_TYPE_INT), true, LV_STR_NONE}};
    const lv_type *schema = lv_type_struct(arena, fields, 4);
    lv_builder b[4];
    for (int c = 0; c < 4; c++)
        lv_builder_init(&b[c], arena, fields[c].type, GROUP * GROUPS);
    for (int i = 0; i < GROUP * GROUPS; i++) {
        int group = i / GROUP;
        lv_builder_i64(&b[0], i);
        lv_builder_str(&b[1], lv_str_of(lv_arena_printf(arena, "k%d", group)));
        lv_builder_f64(&b[2], group == 2 && i % 2 ? (double)NAN : group);
        if (group == 3)
            lv_builder_null(&b[3]);
        else
            lv_builder_i32(&b[3], group);
    }
    lv_vector columns[4];
    for (int c = 0; c < 4; c++)
        lv_builder_finish(&b[c], &columns[c]);
    const lv_batch batch = {schema, GROUP * GROUPS, columns};
    lv_parquet_writer_options options = LV_PARQUET_WRITER_DEFAULTS;
    options.row_group_rows = GROUP;
    lv_error err = LV_ERROR_INIT;
    lv_parquet_writer *writer;
    assert_ok(&err, lv_parquet_writer_new(&writer, schema, &options, &err));
    assert_ok(&err, lv_parquet_writer_open(writer, lv_parquet_sink_sbuf(file), &err));
    assert_ok(&err, lv_parquet_write(writer, &batch, &err));
    assert_ok(&err, lv_parquet_writer_close(writer, NULL, &err));
    lv_parquet_writer_free(writer);
    return schema;
}

/* The row groups that are read, as digits. */
static void check(lv_arena *arena, const lv_sbuf *file, const lv_type *schema,
                  const lv_condition *items, int count, const char *expected)
{
    lv_error err = LV_ERROR_INIT;
    lv_parquet_reader *reader;
    lv_parquet_scan *scan;
    lv_str bytes = lv_sbuf_str(file);
    char groups[GROUPS + 1] = "";
    int n = 0;
    assert_ok(&err, lv_parquet_reader_open(&reader, lv_parquet_source_bytes(&bytes, "f"), &err));
    const lv_parquet_scan_options options = {.schema = schema, .conditions = {items, count}};
    assert_ok(&err, lv_parquet_scan_open(&scan, reader, &options, &err));
    for (;;) {
        lv_batch batch;
        assert_ok(&err, lv_parquet_scan_next(scan, arena, &batch, &err));
        if (batch.length == 0)
            break;
        assert_int_equal(batch.length, GROUP);
        assert_int_equal(lv_parquet_scan_row_index(scan), LV_AT(int64_t, &batch.columns[0], 0));
        groups[n++] = (char)('0' + LV_AT(int64_t, &batch.columns[0], 0) / GROUP);
    }
    assert_string_equal(groups, expected);
    lv_parquet_scan_close(scan);
    lv_parquet_reader_close(reader);
}

static void leaves_out_what_cannot_match(void **state)
{
    lv_arena arena;
    lv_sbuf file = LV_SBUF_INIT;
    lv_arena_init(&arena);
    const lv_type *schema = make_file(&arena, &file);
    int64_t numbers[] = {0, 99, 250, 399, 1000};
    double doubles[] = {0.5, (double)NAN};
    lv_str texts[] = {LV_STR("k1"), LV_STR("k11"), LV_STR("z")};
    int32_t one = 1;
    lv_vector v[11];
    for (int i = 0; i < 11; i++)
        v[i] = (lv_vector){.encoding = LV_CONSTANT, .length = 1};
    const lv_vector *p[11];
    for (int i = 0; i < 11; i++) {
        v[i].type = i < 5    ? schema->fields[0].type
                    : i < 7  ? schema->fields[2].type
                    : i < 10 ? schema->fields[1].type
                             : schema->fields[3].type;
        v[i].data = i < 5    ? (void *)&numbers[i]
                    : i < 7  ? (void *)&doubles[i - 5]
                    : i < 10 ? (void *)&texts[i - 7]
                             : (void *)&one;
        p[i] = &v[i];
    }
    const struct {
        lv_condition condition;
        const char *groups;
    } cases[] = {
        {{0, LV_CONDITION_IN, 1, &p[2]}, "2"},
        {{0, LV_CONDITION_IN, 4, &p[0]}, "023"},
        {{0, LV_CONDITION_IN, 1, &p[4]}, ""},
        {{0, LV_CONDITION_LT, 1, &p[0]}, ""},
        {{0, LV_CONDITION_LE, 1, &p[0]}, "0"},
        {{0, LV_CONDITION_LE, 1, &p[2]}, "012"},
        {{0, LV_CONDITION_GT, 1, &p[1]}, "123"},
        {{0, LV_CONDITION_GE, 1, &p[1]}, "0123"},
        {{0, LV_CONDITION_GT, 1, &p[3]}, ""},
        {{0, LV_CONDITION_NULL, 0, NULL}, ""},
        {{1, LV_CONDITION_IN, 1, &p[7]}, "1"},
        {{1, LV_CONDITION_IN, 1, &p[8]}, ""},
        {{1, LV_CONDITION_GT, 1, &p[8]}, "23"},
        {{1, LV_CONDITION_GE, 1, &p[9]}, ""},
        {{2, LV_CONDITION_LT, 1, &p[5]}, "0"},
        {{2, LV_CONDITION_GT, 1, &p[5]}, "0123"}, /* NaN is larger, and no statistic tells of it */
        {{2, LV_CONDITION_LT, 1, &p[6]}, "0123"},
        {{2, LV_CONDITION_IN, 1, &p[6]}, "0123"},
        {{3, LV_CONDITION_IN, 1, &p[10]}, "1"},
        {{3, LV_CONDITION_LE, 1, &p[10]}, "01"},
        {{3, LV_CONDITION_NULL, 0, NULL}, "3"},
    };
    for (size_t i = 0; i < LV_COUNT_OF(cases); i++)
        check(&arena, &file, schema, &cases[i].condition, 1, cases[i].groups);
    const lv_condition both[] = {cases[5].condition, cases[6].condition};
    check(&arena, &file, schema, both, 2, "12");
    lv_sbuf_release(&file);
    lv_arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(leaves_out_what_cannot_match)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
