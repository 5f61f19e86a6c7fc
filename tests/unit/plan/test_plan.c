/* test_plan.c: queries through builder, analyzer and optimizer; tests/golden/plan has what comes out. */
#include "golden.h"
#include "plan_fixture.h"

static void test_golden(void **state)
{
    golden_folder("tests/golden/plan", fixture_run);
}

static void check_type(const char *text, const char *sql)
{
    lv_arena arena;
    lv_arena_init(&arena);
    lv_error err = LV_ERROR_INIT;
    const lv_type *type;
    const lv_type *again;
    lv_sbuf printed = LV_SBUF_INIT;
    assert_ok(&err, lv_type_parse(&arena, lv_str_of(text), &type, &err));
    lv_type_print_sql(type, &printed);
    assert_string_equal(printed.ptr, sql);
    assert_ok(&err, lv_type_parse(&arena, lv_sbuf_str(&printed), &again,
                                  &err)); /* prints what it reads */
    assert_true(lv_type_equal(type, again));
    lv_sbuf_release(&printed);
    lv_arena_release(&arena);
}

static void test_types(void **state)
{
    check_type("INT", "INT");
    check_type("integer", "INT");
    check_type("long", "BIGINT");
    check_type("decimal", "DECIMAL(10,0)");
    check_type("dec(5)", "DECIMAL(5,0)");
    check_type("numeric(38, 18)", "DECIMAL(38,18)");
    check_type("timestamp without time zone", "TIMESTAMP_NTZ");
    check_type("array<struct<n: int, m map<string, array<double>>>>",
               "ARRAY<STRUCT<n: INT, m: MAP<STRING, ARRAY<DOUBLE>>>>");
    check_type("struct<>", "STRUCT<>");
    check_type("a INT, b STRING", "STRUCT<a: INT, b: STRING>");
    check_type("a: int NOT NULL, `odd name` string COMMENT 'x'",
               "STRUCT<a: INT NOT NULL, `odd name`: STRING>");
    check_type("stream INT, array ARRAY<INT>, interval INT, timestamp TIMESTAMP",
               "STRUCT<stream: INT, array: ARRAY<INT>, interval: INT, timestamp: TIMESTAMP>");
    check_type("{\"type\":\"struct\",\"fields\":[{\"name\":\"a\",\"type\":\"long\",\"nullable\":"
               "true,\"metadata\":{}}]}",
               "STRUCT<a: BIGINT>");
    check_type("\"integer\"", "INT");
}

static void check_type_error(const char *text, lv_status status)
{
    lv_arena arena;
    lv_arena_init(&arena);
    lv_error err = LV_ERROR_INIT;
    const lv_type *type;
    assert_int_equal(lv_type_parse(&arena, lv_str_of(text), &type, &err), status);
    lv_arena_release(&arena);
}

static void test_type_errors(void **state)
{
    check_type_error("", LV_PARSE_SYNTAX_ERROR);
    check_type_error("a INT b STRING", LV_PARSE_SYNTAX_ERROR);
    check_type_error("ARRAY<INT", LV_PARSE_SYNTAX_ERROR);
    check_type_error("ARRAY", LV_INCOMPLETE_TYPE_ARRAY);
    check_type_error("STRINGG", LV_UNSUPPORTED_DATATYPE);
    check_type_error("DECIMAL(39)", LV_DECIMAL_PRECISION_EXCEEDS_MAX);
    check_type_error("DECIMAL(5,6)", LV_DECIMAL_SCALE_EXCEEDS_PRECISION);
    check_type_error("INT(3)", LV_UNSUPPORTED_DATATYPE);
    check_type_error("VARCHAR(3)", LV_UNSUPPORTED_FEATURE);
    check_type_error("a INTERVAL WEEK", LV_PARSE_SYNTAX_ERROR);
    check_type_error("a INTERVAL HOUR TO DAY", LV_PARSE_SYNTAX_ERROR);
    check_type_error("a INTERVAL DAY TO DAY", LV_PARSE_SYNTAX_ERROR);
    check_type_error("a INTERVAL YEAR TO DAY", LV_PARSE_SYNTAX_ERROR);
}

static void test_options(void **state)
{
    lv_option items[] = {{LV_STR("Subscribe"), LV_STR("a"), -1}, {LV_STR("b"), LV_STR("c"), -1}};
    lv_options options = {items, 2};
    assert_str(lv_option_get(&options, "subscribe", LV_STR("x")), "a");
    assert_str(lv_option_get(&options, "none", LV_STR("x")), "x");
}

/* Every example of docs/sql.md is what it says: the sql blocks run. */
static void test_docs(void **state)
{
    lv_sbuf page = LV_SBUF_INIT;
    lv_error err = LV_ERROR_INIT;
    int blocks = 0;
    assert_ok(&err, lv_file_read_all("docs/sql.md", &page, &err));
    for (const char *at = strstr(page.ptr, "```sql\n"); at != NULL;
         at = strstr(at, "```sql\n"), blocks++) {
        at += strlen("```sql\n");
        lv_str block = {at, (size_t)(strstr(at, "```") - at)};
        lv_sbuf out = LV_SBUF_INIT;
        fixture_run("docs/sql.md", block, &out);
        if (out.len == 0 || strstr(out.ptr, "error[") != NULL)
            fail_msg("%s", out.ptr ? out.ptr : "nothing came out");
        lv_sbuf_release(&out);
    }
    assert_true(blocks > 0);
    lv_sbuf_release(&page);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_types),   cmocka_unit_test(test_type_errors),
        cmocka_unit_test(test_options), cmocka_unit_test(test_docs),
        cmocka_unit_test(test_golden),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
