/* test_golden_tables.c: tables that others wrote: their rows against the rows that Spark read,
 * their state against the .crc files beside the commits. */
#include "delta_fixture.h"

#include "parquet/parquet.h"

/* ---- rows ------------------------------------------------------------------------------------ */

static bool read_parquet(const char *path, const lv_type *schema, text_rows *rows)
{
    lv_error err = LV_ERROR_INIT;
    lv_sbuf bytes = LV_SBUF_INIT;
    assert_ok(&err, lv_file_read_all(path, &bytes, &err));
    lv_str slice = lv_str_dup(&arena, lv_sbuf_str(&bytes));
    lv_sbuf_release(&bytes);
    lv_parquet_reader *reader;
    lv_parquet_scan *scan;
    assert_ok(&err, lv_parquet_reader_open(&reader, lv_parquet_source_bytes(&slice, path), &err));
    lv_parquet_scan_options options = {.schema = schema};
    assert_ok(&err, lv_parquet_scan_open(&scan, reader, &options, &err));
    for (lv_batch batch = {.length = 1}; batch.length > 0;) {
        assert_ok(&err, lv_parquet_scan_next(scan, &arena, &batch, &err));
        add_rows(&batch, rows);
    }
    lv_parquet_scan_close(scan);
    lv_parquet_reader_close(reader);
    return true;
}

/* Rows of all Parquet files of a folder; false if there are none. */
static bool read_expected(const char *folder, const lv_type *schema, text_rows *rows)
{
    lv_dir_entry *entries;
    size_t count;
    bool any = false;
    if (lv_dir_list(folder, &arena, &entries, &count, NULL) != LV_OK)
        return false;
    for (size_t i = 0; i < count; i++)
        if (lv_str_ends(entries[i].name, LV_STR(".parquet")))
            any |= read_parquet(lv_path_join(&arena, folder, entries[i].name.ptr), schema, rows);
    sort_rows(rows);
    return any;
}

static bool same_rows(const char *name, const text_rows *got, const text_rows *want)
{
    if (got->count != want->count) {
        print_message("%s: %zu rows, not %zu\n", name, got->count, want->count);
        return false;
    }
    for (size_t i = 0; i < want->count; i++)
        if (!lv_str_eq(got->at[i], want->at[i])) {
            print_message("%s: row\n  %.*s\nis not\n  %.*s\n", name, LV_STR_ARG(got->at[i]),
                          LV_STR_ARG(want->at[i]));
            return false;
        }
    return true;
}

/* Two more have a checkpoint without protocol or metadata, where Spark gives up; we begin at
 * version 0 instead. Tables that we refuse, or that cannot be read at all, with the class that says
 * why. */
static const struct {
    const char *table;
    const char *error_class;
} refused[] = {
    {"no-delta-log-folder", "DELTA_MISSING_DELTA_TABLE"},
    {"data-reader-absolute-paths-escaped-chars", "DELTA_STATE_RECOVER_ERROR"},
    {"deltalog-state-reconstruction-without-metadata", "DELTA_STATE_RECOVER_ERROR"},
    {"deltalog-state-reconstruction-without-protocol", "DELTA_STATE_RECOVER_ERROR"},
    {"log-replay-dv-key-cases", "DELTA_UNSUPPORTED_FEATURES_FOR_READ"},
};

/* Rows that cannot be right: its partition values are times without a zone, which mean that of the
 * machine that wrote them; we take UTC. */
static const char *const zone_of_the_writer = "data-reader-partition-values";

static const char *refusal_of(const char *table)
{
    for (size_t i = 0; i < LV_COUNT_OF(refused); i++)
        if (strcmp(refused[i].table, table) == 0)
            return refused[i].error_class;
    return NULL;
}

/* Opens and reads one golden table; false if it went wrong. */
static bool check_golden(const char *name, int *compared)
{
    lv_error err = LV_ERROR_INIT;
    lv_delta_table *table = NULL;
    const char *path = lv_arena_printf(&arena, TESTDATA "/delta-golden/%s/delta", name);
    const char *refusal = refusal_of(name);
    lv_status status = lv_delta_table_open(path, &table, &err);
    if (refusal != NULL || status != LV_OK) {
        bool right =
            status != LV_OK && refusal != NULL && strcmp(lv_status_class(status), refusal) == 0;
        if (!right)
            print_message("%s: [%s] %s\n", name, lv_status_class(status), err.message);
        lv_delta_table_close(table);
        return right;
    }
    text_rows want = {0}, got = {0};
    const char *folder = lv_arena_printf(&arena, TESTDATA "/delta-golden/%s/expected", name);
    bool right = true;
    if (read_expected(folder, lv_delta_table_schema(table), &want)) {
        right = scan_table(table, &got, &err) == LV_OK;
        if (!right)
            print_message("%s: [%s] %s\n", name, lv_status_class(err.status), err.message);
        else if (strcmp(name, zone_of_the_writer) == 0)
            right = got.count == want.count;
        else
            right = same_rows(name, &got, &want);
        (*compared)++;
    }
    lv_delta_table_close(table);
    return right;
}

static void golden_tables_have_the_rows_that_spark_reads(void **state)
{
    lv_error err = LV_ERROR_INIT;
    lv_dir_entry *entries;
    size_t count;
    int compared = 0, wrong = 0;
    if (!has_testdata())
        return;
    assert_ok(&err, lv_dir_list(TESTDATA "/delta-golden", &arena, &entries, &count, &err));
    for (size_t i = 0; i < count; i++)
        if (lv_path_exists(lv_arena_printf(&arena, "%s/%s/delta", TESTDATA "/delta-golden",
                                           entries[i].name.ptr)) &&
            strcmp(entries[i].name.ptr, "hive") != 0) /* a folder of tables of another kind */
            wrong += !check_golden(entries[i].name.ptr, &compared);
    print_message("%d tables compared\n", compared);
    assert_int_equal(wrong, 0);
    assert_true(compared >= 40);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        fixture_test(golden_tables_have_the_rows_that_spark_reads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
