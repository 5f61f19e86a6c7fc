/* test_pipeline.c: reading and checking pipeline files; nothing runs. */
#include "engine_fixture.h"

#include "base/vec.h"
#include "engine/pipeline.h"

#define KAFKA    "read_kafka(bootstrapServers => 'localhost:1', subscribe => 'events')"
#define TABLE(n) "CREATE OR REFRESH STREAMING TABLE " n " AS SELECT offset FROM STREAM " KAFKA ";\n"

/* What was reported: "file: STATUS at 'text'", a line each. */
typedef struct reports {
    lv_sbuf text;
    int count;
} reports;

static reports seen;

static void keep_report(void *context, const char *file, lv_str text, const lv_error *err)
{
    reports *r = context;
    const char *name = file ? strrchr(file, '/') : NULL;
    lv_sbuf_printf(&r->text, "%s%s: %s", r->count++ ? "\n" : "", name ? name + 1 : "-",
                   lv_status_class(err->status));
    if (err->sql_offset >= 0) {
        assert_true((size_t)(err->sql_offset + err->sql_length) <= text.len);
        lv_sbuf_printf(&r->text, " at '%.*s'", (int)LV_MIN(err->sql_length, 30),
                       text.ptr + err->sql_offset);
    }
}

static lv_pipeline_options options_of(void)
{
    return (lv_pipeline_options){.storage = dir,
                                 .trigger = {.kind = LV_TRIGGER_AVAILABLE_NOW},
                                 .on_error = keep_report,
                                 .context = &seen};
}

static int setup(void **state)
{
    seen = (reports){.text = LV_SBUF_INIT};
    return fixture_setup(state);
}

static int teardown(void **state)
{
    lv_sbuf_release(&seen.text);
    return fixture_teardown(state);
}

static lv_pipeline *open_files(const char *const *files, int count,
                               const lv_pipeline_options *options)
{
    lv_error err = LV_ERROR_INIT;
    lv_pipeline *pipeline = NULL;
    assert_ok(&err, lv_pipeline_open(files, count, options, &pipeline, &err));
    assert_int_equal(seen.count, 0);
    return pipeline;
}

/* Opening fails with `expected`; what was reported. */
static lv_str open_and_fail(const char *const *files, int count, lv_status expected)
{
    lv_error err = LV_ERROR_INIT;
    lv_pipeline *pipeline = NULL;
    lv_pipeline_options options = options_of();
    assert_int_equal(lv_pipeline_open(files, count, &options, &pipeline, &err), expected);
    assert_int_equal(err.status, expected);
    assert_null(pipeline);
    return lv_sbuf_str(&seen.text);
}

static void all_errors_of_all_files_are_reported(void **state)
{
    const char *files[] = {
        file_of("a.sql",
                "SET spark.sql.ansi.enabled = perhaps;\n" TABLE(
                    "good") "CREATE TEMPORARY VIEW v AS SELECT nope FROM good;\n"
                            "CREATE STREAMING TABLE bad AS SELECT nope FROM STREAM " KAFKA ";"),
        in_dir("missing.sql"),
        file_of("b.sql", "SELEC 1;\n" TABLE("fine") "SELECT 1;\n"),
    };
    assert_str(open_and_fail(files, 3, LV_INVALID_CONF_TYPE),
               "a.sql: INVALID_CONF_VALUE.TYPE_MISMATCH at 'SET spark.sql.ansi.enabled = p'\n"
               "a.sql: UNRESOLVED_COLUMN.WITH_SUGGESTION at 'nope'\n"
               "missing.sql: PATH_NOT_FOUND\n"
               "b.sql: PARSE_SYNTAX_ERROR at 'SELEC'\n"
               "b.sql: UNSUPPORTED_FEATURE at 'SELECT 1'");
    assert_false(lv_path_exists(in_dir("tables")));
    assert_false(lv_path_exists(in_dir("checkpoints")));
}

static void tables_are_defined_once(void **state)
{
    const char *files[] = {file_of("a.sql", TABLE("t")), file_of("b.sql", TABLE("u") TABLE("T"))};
    lv_str report = open_and_fail(files, 2, LV_DUPLICATE_OUTPUT);
    assert_true(
        lv_str_starts(report, LV_STR("b.sql: PIPELINE_DUPLICATE_IDENTIFIERS.OUTPUT at 'CREATE")));
    assert_int_equal(seen.count, 1);
}

static void a_table_must_read_a_stream(void **state)
{
    const char *files[] = {
        file_of("a.sql", "CREATE STREAMING TABLE t AS SELECT offset FROM " KAFKA ";\n"),
        file_of("b.sql", "CREATE STREAMING TABLE u AS SELECT 1 AS a;\n")};
    assert_str(open_and_fail(files, 2, LV_UNSUPPORTED_FEATURE),
               "a.sql: UNSUPPORTED_FEATURE at 'read_kafka(bootstrapServers =>'\n"
               "b.sql: INVALID_FLOW_QUERY_TYPE.BATCH_RELATION_FOR_STREAMING_TABLE at "
               "'CREATE STREAMING TABLE u AS SE'");
}

static void a_pipeline_has_a_table(void **state)
{
    const char *file = file_of("a.sql", "CREATE TEMPORARY VIEW v AS SELECT 1 AS a;\n-- no more\n");
    assert_str(open_and_fail(&file, 1, LV_USAGE), "-: LEVADA_USAGE");
}

static void settings_come_before_the_files(void **state)
{
    lv_error err = LV_ERROR_INIT;
    lv_pipeline *pipeline = NULL;
    lv_pipeline_options options = options_of();
    lv_option bad = {LV_STR("spark.sql.session.timeZone"), LV_STR("Nowhere"), -1};
    options.conf = (lv_options){&bad, 1};
    const char *file = file_of("a.sql", TABLE("t"));
    assert_int_equal(lv_pipeline_open(&file, 1, &options, &pipeline, &err), LV_INVALID_TIMEZONE);
    assert_str(lv_sbuf_str(&seen.text), "-: INVALID_TIMEZONE");
}

static void plans_are_explained(void **state)
{
    const char *files[] = {
        file_of("a.sql",
                "CREATE TEMPORARY VIEW v AS SELECT offset AS o, value FROM STREAM " KAFKA ";\n"
                "CREATE STREAMING TABLE one AS SELECT o FROM v WHERE o > ${least};\n"),
        file_of("b.sql", "CREATE STREAMING TABLE two AS SELECT o + 1 AS n FROM v;\n")};
    lv_pipeline_options options = options_of();
    lv_option least = {LV_STR("least"), LV_STR("17"), -1};
    options.parameters = (lv_options){&least, 1};
    lv_pipeline *pipeline = open_files(files, 2, &options);
    assert_int_equal(lv_pipeline_table_count(pipeline), 2);
    lv_sbuf text = LV_SBUF_INIT;
    lv_pipeline_explain(pipeline, &text);
    assert_non_null(strstr(text.ptr, "== one ==\n"));
    assert_non_null(strstr(text.ptr, "17"));
    assert_true(strstr(text.ptr, "== two ==\n") > strstr(text.ptr, "17"));
    lv_sbuf_release(&text);
    lv_pipeline_free(pipeline);
    assert_false(lv_path_exists(in_dir("tables")));
}

static void nothing_to_reach_is_an_error_of_running(void **state)
{
    lv_error err = LV_ERROR_INIT;
    const char *file =
        file_of("a.sql", "CREATE STREAMING TABLE t AS SELECT offset FROM STREAM "
                         "read_kafka(bootstrapServers => 'no such host:x', subscribe => 'events')");
    lv_pipeline_options options = options_of();
    lv_pipeline *pipeline = NULL;
    lv_status status = lv_pipeline_open(&file, 1, &options, &pipeline, &err);
    if (status == LV_OK)
        status = lv_pipeline_run(pipeline, &err);
    assert_int_not_equal(status, LV_OK);
    assert_int_equal(err.status, status);
    lv_pipeline_free(pipeline);
}

#define pipeline_test(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        pipeline_test(all_errors_of_all_files_are_reported),
        pipeline_test(tables_are_defined_once),
        pipeline_test(a_table_must_read_a_stream),
        pipeline_test(a_pipeline_has_a_table),
        pipeline_test(settings_come_before_the_files),
        pipeline_test(plans_are_explained),
        pipeline_test(nothing_to_reach_is_an_error_of_running),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
