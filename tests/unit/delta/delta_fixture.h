/* delta_fixture.h: a folder for tables, small tables in it, rows as text. */
#ifndef LV_TESTS_DELTA_FIXTURE_H
#define LV_TESTS_DELTA_FIXTURE_H

#include "unit.h"

#include <stdlib.h>

#include "base/vec.h"
#include "delta/delta_int.h"
#include "os/os.h"

#define TESTDATA "../shared/testdata"

static char dir[64];
static lv_arena arena;

static inline int fixture_setup(void **state)
{
    snprintf(dir, sizeof dir, "/tmp/levada-test-delta-XXXXXX");
    lv_arena_init(&arena);
    return mkdtemp(dir) == NULL;
}

static inline int fixture_teardown(void **state)
{
    char command[100];
    snprintf(command, sizeof command, "rm -rf %s", dir);
    lv_arena_release(&arena);
    return system(command);
}

#define fixture_test(f) cmocka_unit_test_setup_teardown(f, fixture_setup, fixture_teardown)

/** A path in the test's folder. */
static inline const char *in_dir(const char *name)
{
    return lv_path_join(&arena, dir, name);
}

/** The text of a file; empty if there is none. */
static inline lv_str text_of(const char *path)
{
    lv_sbuf text = LV_SBUF_INIT;
    lv_str kept = LV_STR_NONE;
    if (lv_file_read_all(path, &text, NULL) == LV_OK)
        kept = lv_str_dup(&arena, lv_sbuf_str(&text));
    lv_sbuf_release(&text);
    return kept;
}

/** Whether the test data of others is here; says so if not. */
static inline bool has_testdata(void)
{
    if (lv_path_exists(TESTDATA))
        return true;
    print_message("skipped: there is no " TESTDATA "\n");
    return false;
}

/* ---- tables ---------------------------------------------------------------------------------- */

static inline lv_delta_table *open_new(const char *name, bool durable)
{
    lv_error err = LV_ERROR_INIT;
    lv_delta_table *table = NULL;
    assert_ok(&err, lv_delta_table_open_or_new(in_dir(name), durable, &table, &err));
    return table;
}

/** A query with this schema, given as DDL. */
static inline const lv_plan *query_of(const char *ddl)
{
    lv_error err = LV_ERROR_INIT;
    lv_plan *plan = LV_NEW(&arena, lv_plan);
    plan->kind = LV_PLAN_SOURCE;
    plan->is_stream = true;
    assert_ok(&err, lv_type_parse(&arena, lv_str_of(ddl), &plan->schema, &err));
    return plan;
}

static inline lv_delta_write_plan *plan_write(lv_delta_table *table, const char *ddl,
                                              const char *partition_by)
{
    lv_error err = LV_ERROR_INIT;
    lv_str name = lv_str_of(partition_by);
    lv_delta_write_options options = {.partition_by = &name,
                                      .partition_by_count = partition_by != NULL};
    lv_delta_write_plan *plan = NULL;
    assert_ok(&err, lv_delta_plan_write(table, &arena, query_of(ddl), &options, &plan, &err));
    return plan;
}

/** The status of planning a write. */
static inline lv_status try_plan(lv_delta_table *table, const char *ddl,
                                 const lv_delta_write_options *options, lv_delta_write_plan **plan,
                                 lv_error *err)
{
    *err = LV_ERROR_INIT;
    return lv_delta_plan_write(table, &arena, query_of(ddl), options, plan, err);
}

/** Rows of a schema from JSON, one object per line. */
static inline lv_batch rows_of(const lv_type *schema, const char *lines)
{
    lv_error err = LV_ERROR_INIT;
    lv_json_decoder *decoder;
    lv_json_options options = {.times = {lv_timezone_utc()}};
    lv_builder b;
    lv_vector payloads, decoded, copy;
    lv_str rest = lv_str_of(lines);
    assert_ok(&err, lv_json_decoder_new(schema, NULL, &options, &decoder, &err));
    lv_builder_init(&b, &arena, lv_type_of(LV_TYPE_STRING), 8);
    for (lv_str line; lv_str_split(&rest, '\n', &line);)
        lv_builder_str(&b, line);
    lv_builder_finish(&b, &payloads);
    assert_ok(&err, lv_json_decode(decoder, &arena, &payloads, &decoded, &err));
    lv_vector_copy(&arena, &decoded, &copy);
    lv_json_decoder_free(decoder);
    return (lv_batch){.schema = schema, .length = copy.length, .columns = copy.children};
}

/** Writes rows as data files that are not committed yet. */
static inline lv_delta_stream_commit write_rows_of(const lv_delta_write_plan *plan,
                                                   const char *lines, const char *query,
                                                   int64_t batch_id)
{
    lv_error err = LV_ERROR_INIT;
    lv_delta_writer *writer;
    lv_delta_add *adds;
    lv_delta_stream_commit commit = {
        .query_id = lv_str_of(query), .batch_id = batch_id, .plan = plan};
    lv_batch batch = {.length = 0};
    assert_ok(&err, lv_delta_writer_new(plan, 0, &writer, &err));
    if (lines != NULL) {
        batch = rows_of(plan->schema, lines);
        assert_ok(&err, lv_delta_write(writer, &batch, &err));
    }
    assert_ok(&err, lv_delta_writer_finish(writer, &arena, &adds, &commit.add_count, &err));
    lv_delta_writer_free(writer);
    commit.adds = adds;
    commit.output_rows = batch.length;
    return commit;
}

static inline int64_t append(lv_delta_table *table, const lv_delta_write_plan *plan,
                             const char *lines, const char *query, int64_t batch_id)
{
    lv_error err = LV_ERROR_INIT;
    int64_t version = -1;
    lv_delta_stream_commit commit = write_rows_of(plan, lines, query, batch_id);
    assert_ok(&err, lv_delta_commit_stream(table, &commit, &version, &err));
    return version;
}

/* ---- rows as text ---------------------------------------------------------------------------- */

typedef LV_VEC(lv_str) text_rows;

static inline int by_text(const void *a, const void *b)
{
    return lv_str_cmp(*(const lv_str *)a, *(const lv_str *)b);
}

static inline void add_rows(const lv_batch *batch, text_rows *rows)
{
    lv_json_write_options options = {.times = {.zone = lv_timezone_utc(), .exact = true},
                                     .keep_nulls = true};
    for (int64_t i = 0; i < batch->length; i++) {
        lv_sbuf text = LV_SBUF_INIT;
        for (int c = 0; c < batch->schema->field_count; c++) {
            lv_sbuf_add_cstr(&text, c ? "|" : "");
            if (batch->columns[c].type->kind == LV_TYPE_TIMESTAMP && /* to the microsecond */
                !lv_vector_is_null(&batch->columns[c], i))
                lv_sbuf_printf(&text, "%lld", (long long)LV_AT(int64_t, &batch->columns[c], i));
            else if (lv_vector_is_null(&batch->columns[c], i))
                lv_sbuf_add_cstr(&text, "null");
            else
                lv_json_write_value(&text, &batch->columns[c], i, &options);
        }
        LV_VEC_PUSH(&arena, *rows, lv_str_dup(&arena, lv_sbuf_str(&text)));
        lv_sbuf_release(&text);
    }
}

static inline void sort_rows(text_rows *rows)
{
    if (rows->count > 0)
        qsort(rows->at, rows->count, sizeof rows->at[0], by_text);
}

/** All rows of a table, as sorted text. */
static inline lv_status scan_table(lv_delta_table *table, text_rows *rows, lv_error *err)
{
    lv_delta_scan *scan;
    lv_status status = lv_delta_scan_open(table, NULL, NULL, &scan, err);
    for (lv_batch batch = {.length = 1}; status == LV_OK && batch.length > 0;) {
        status = lv_delta_scan_next(scan, &arena, &batch, err);
        if (status == LV_OK)
            add_rows(&batch, rows);
    }
    lv_delta_scan_close(scan);
    sort_rows(rows);
    return status;
}

/** The rows of the table at a path, one per line. */
static inline lv_str rows_at(const char *path)
{
    lv_error err = LV_ERROR_INIT;
    lv_delta_table *table = NULL;
    text_rows rows = {0};
    lv_sbuf text = LV_SBUF_INIT;
    assert_ok(&err, lv_delta_table_open(path, &table, &err));
    assert_ok(&err, scan_table(table, &rows, &err));
    lv_delta_table_close(table);
    for (size_t i = 0; i < rows.count; i++)
        lv_sbuf_printf(&text, "%s%.*s", i ? "\n" : "", LV_STR_ARG(rows.at[i]));
    lv_str kept = lv_str_dup(&arena, lv_sbuf_str(&text));
    lv_sbuf_release(&text);
    return kept;
}

#endif
