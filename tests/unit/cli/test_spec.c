/* test_spec.c: spark-pipeline.yml: what it says, and every mistake in it at its place. */
#include "engine/engine_fixture.h"

#include <unistd.h>

#include "cli/spec.h"

static lv_sbuf seen;

static void keep(void *context, const char *file, lv_str text, const lv_error *err)
{
    lv_sbuf_printf(&seen, "%s%s", seen.len > 0 ? "\n" : "", lv_status_class(err->status));
    if (err->sql_offset >= 0)
        lv_sbuf_printf(&seen, " at '%.*s'", (int)err->sql_length, text.ptr + err->sql_offset);
}

static lv_status load(const char *text, lv_spec *spec)
{
    lv_error err = LV_ERROR_INIT;
    lv_sbuf_clear(&seen);
    return lv_spec_load(&arena, file_of("spark-pipeline.yml", text), keep, NULL, spec, &err);
}

static void a_spec_says_where_and_what(void **state)
{
    lv_spec spec;
    lv_error err = LV_ERROR_INIT;
    assert_ok(&err, lv_dir_make(in_dir("all/deep"), &err));
    file_of("one.sql", "");
    file_of("all/b.sql", "");
    file_of("all/deep/a.sql", "");
    assert_int_equal(
        load("name: telemetry\nstorage: file:///var/lake\ncatalog: main\nschema: iot\n"
             "configuration:\n  spark.sql.shuffle.partitions: \"8\"\n  a.b: text\n"
             "libraries:\n  - glob:\n      include: one.sql\n  - glob: {include: all/**}\n",
             &spec),
        LV_OK);
    assert_string_equal(spec.name, "telemetry");
    assert_string_equal(spec.storage, "/var/lake");
    assert_str(spec.catalog, "main");
    assert_str(spec.database, "iot");
    assert_int_equal(spec.configuration.count, 2);
    assert_str(lv_option_get(&spec.configuration, "spark.sql.shuffle.partitions", LV_STR_NONE),
               "8");
    assert_int_equal(spec.file_count, 3);
    assert_string_equal(spec.files[0], in_dir("one.sql"));
    assert_string_equal(spec.files[1], in_dir("all/b.sql"));
    assert_string_equal(spec.files[2], in_dir("all/deep/a.sql"));
    assert_int_equal(load("name: x\nstorage: lake\n", &spec), LV_OK);
    assert_string_equal(spec.storage, in_dir("lake"));
}

static void every_mistake_is_found(void **state)
{
    lv_spec spec;
    assert_int_equal(
        load("nme: x\nstorage: 's3://b'\nconfiguration:\n  a: 8\n  b: true\n  c: '8'\n"
             "libraries:\n  - glob: {include: 'x/*/y.sql'}\n  - glob: {include: no.sql}\n"
             "  - file: x\n",
             &spec),
        LV_SPEC_UNEXPECTED_FIELD);
    assert_str(lv_sbuf_str(&seen), "PIPELINE_SPEC_UNEXPECTED_FIELD at 'nme'\n"
                                   "PIPELINE_SPEC_MISSING_REQUIRED_FIELD\n"
                                   "UNSUPPORTED_FEATURE at ''s3://b''\n"
                                   "PIPELINE_SPEC_DICT_VALUE_NOT_STRING at '8'\n"
                                   "PIPELINE_SPEC_DICT_VALUE_NOT_STRING at 'true'\n"
                                   "PIPELINE_SPEC_INVALID_GLOB_PATTERN at ''x/*/y.sql''\n"
                                   "PATH_NOT_FOUND at 'no.sql'\n"
                                   "PIPELINE_SPEC_FIELD_NOT_DICT at 'f'");
    file_of("a.py", "");
    file_of("a.txt", "");
    assert_int_equal(load("name: x\nstorage: l\nlibraries:\n  - glob: {include: a.py}\n"
                          "  - glob: {include: a.txt}\n",
                          &spec),
                     LV_UNSUPPORTED_FEATURE);
    assert_str(lv_sbuf_str(&seen), "UNSUPPORTED_FEATURE at 'a.py'\n"
                                   "PIPELINE_UNSUPPORTED_DEFINITIONS_FILE_EXTENSION at 'a.txt'");
    assert_int_equal(load("configuration: [1]\nname: x\nstorage: l", &spec), LV_SPEC_FIELD_TYPE);
    assert_int_equal(load("- a\n- b\n", &spec), LV_SPEC_FIELD_TYPE);
    assert_int_equal(load("", &spec), LV_SPEC_FIELD_TYPE);
    assert_int_equal(load("name: [x\n", &spec), LV_USAGE);
    lv_error err = LV_ERROR_INIT;
    assert_int_equal(lv_spec_load(&arena, in_dir("none.yml"), keep, NULL, &spec, &err),
                     LV_SPEC_FILE_MISSING);
}

static void the_nearest_spec_above_is_found(void **state)
{
    lv_error err = LV_ERROR_INIT;
    const char *path;
    char *before = getcwd(NULL, 0);
    assert_ok(&err, lv_dir_make(in_dir("a/b"), &err));
    file_of("a/spark-pipeline.yaml", "name: x\n");
    assert_int_equal(chdir(in_dir("a/b")), 0);
    assert_ok(&err, lv_spec_find(&arena, &path, &err));
    assert_string_equal(path, in_dir("a/spark-pipeline.yaml"));
    file_of("a/spark-pipeline.yml", "name: x\n");
    assert_int_equal(lv_spec_find(&arena, &path, &err), LV_MULTIPLE_SPEC_FILES);
    lv_error_clear(&err);
    assert_int_equal(chdir(dir), 0);
    assert_int_equal(lv_spec_find(&arena, &path, &err), LV_SPEC_NOT_FOUND);
    assert_int_equal(chdir(before), 0);
    free(before);
}

static int teardown(void **state)
{
    lv_sbuf_release(&seen);
    return fixture_teardown(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_spec_says_where_and_what, fixture_setup, teardown),
        cmocka_unit_test_setup_teardown(every_mistake_is_found, fixture_setup, teardown),
        cmocka_unit_test_setup_teardown(the_nearest_spec_above_is_found, fixture_setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
