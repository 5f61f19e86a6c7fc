/* test_spark_answers.c: queries whose columns, rows or error class real Spark gave (tests/golden/spark/, written by
 * tests/interop/test_spark_answers.py, which says what the files look like). */
#include "engine_fixture.h"

#include <glob.h>

/* What a query gives, in the form of the files. */
static void answer(const char *sql, bool types_only, lv_sbuf *out)
{
    lv_error err = LV_ERROR_INIT;
    lv_options none = {0};
    lv_statement *statements;
    lv_rows *rows = NULL;
    lv_sbuf text = LV_SBUF_INIT;
    size_t count;
    lv_status status = lv_statements_parse(lv_session_arena(session), lv_str_of(sql), &none, NULL,
                                           NULL, &statements, &count, &err);
    if (status == LV_OK)
        status = lv_session_run(session, &statements[0], &rows, &err);
    if (status == LV_OK && rows != NULL)
        status = add_rows(rows, &text, &err);
    if (status == LV_OK && rows == NULL) {
        /* RESET */
    } else if (status != LV_OK) {
        lv_sbuf_printf(out, "! %s\n", lv_status_class(status));
    } else {
        const lv_type *schema = lv_rows_schema(rows);
        for (int i = 0; i < schema->field_count; i++) {
            lv_sbuf_printf(out, "%s%.*s: ", i ? "; " : "", LV_STR_ARG(schema->fields[i].name));
            lv_type_print_simple(schema->fields[i].type, out);
            lv_sbuf_add_cstr(out, schema->fields[i].nullable || types_only ? "" : " NOT NULL");
        }
        lv_sbuf_printf(out, text.len > 0 ? "\n%s\n" : "\n%s", text.ptr ? text.ptr : "");
    }
    lv_rows_free(rows);
    lv_sbuf_release(&text);
}

/* Cuts the next query and the lines of its answer off the front of `*rest`. */
static bool next_answer(lv_str *rest, lv_str *sql, lv_str *expected)
{
    lv_str line;
    if (!lv_str_starts(*rest, LV_STR("> ")))
        return false;
    lv_str_split(rest, '\n', &line);
    *sql = lv_str_sub(line, 2, line.len - 2);
    *expected = (lv_str){rest->ptr, 0};
    while (rest->len > 0 && !lv_str_starts(*rest, LV_STR("> "))) {
        lv_str_split(rest, '\n', &line);
        expected->len = (size_t)(line.ptr + line.len - expected->ptr);
    }
    return true;
}

static int check_file(const char *path)
{
    lv_error err = LV_ERROR_INIT;
    lv_sbuf text = LV_SBUF_INIT;
    int wrong = 0, asked = 0;
    assert_ok(&err, lv_file_read_all(path, &text, &err));
    lv_str sql, expected, line, rest = lv_sbuf_str(&text);
    bool types_only = lv_str_starts(rest, LV_STR("# types only\n"));
    if (types_only)
        lv_str_split(&rest, '\n', &line);
    for (; next_answer(&rest, &sql, &expected); asked++) {
        lv_sbuf got = LV_SBUF_INIT;
        answer(lv_str_cstr(&arena, sql), types_only, &got);
        while (got.len > 0 && got.ptr[got.len - 1] == '\n')
            got.len--;
        while (expected.len > 0 && expected.ptr[expected.len - 1] == '\n')
            expected.len--;
        if (!lv_str_eq(lv_sbuf_str(&got), expected)) {
            print_error("%s\n  Spark: %.*s\n  Levada: %.*s\n", lv_str_cstr(&arena, sql),
                        LV_STR_ARG(expected), LV_STR_ARG(lv_sbuf_str(&got)));
            wrong++;
        }
        lv_sbuf_release(&got);
    }
    assert_true(asked > 0 && rest.len == 0);
    lv_sbuf_release(&text);
    return wrong;
}

static void test_answers(void **state)
{
    glob_t files;
    int wrong = 0;
    assert_int_equal(glob("tests/golden/spark/*.txt", 0, NULL, &files), 0);
    for (size_t i = 0; i < files.gl_pathc; i++)
        wrong += check_file(files.gl_pathv[i]);
    globfree(&files);
    assert_int_equal(wrong, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {fixture_test(test_answers)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
