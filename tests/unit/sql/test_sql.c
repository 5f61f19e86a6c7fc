/* test_sql.c: texts to trees and errors; tests/golden/sql has the expected ones. */
#include "sql/sql.h"

#include "golden.h"

typedef struct diagnoser {
    const char *name;
    lv_str text;
    lv_sbuf *out;
} diagnoser;

static void on_error(void *ctx, const lv_error *err)
{
    diagnoser *d = ctx;
    lv_sql_diagnose(d->out, d->name, d->text, err);
}

static void run_sql(const char *name, lv_str input, lv_sbuf *output)
{
    lv_arena arena;
    lv_arena_init(&arena);
    lv_error err = LV_ERROR_INIT;
    diagnoser d = {name, input, output};
    lv_sql_parameter items[] = {{LV_STR("topic"), LV_STR("telemetry")},
                                {LV_STR("cond"), LV_STR("a > 1 AND b")}};
    lv_sql_parameters parameters = {items, 2};
    const lv_ast **statements;
    size_t count;
    lv_status status =
        lv_sql_parse(&arena, input, &parameters, on_error, &d, &statements, &count, &err);
    assert_int_equal(status, err.status);
    for (size_t i = 0; i < count; i++) {
        lv_ast_print(statements[i], output);
        lv_sbuf_add_char(output, '\n');
    }
    lv_arena_release(&arena);
}

static void test_golden(void **state)
{
    golden_folder("tests/golden/sql", run_sql);
}

static lv_status parse(const char *text, lv_error *err)
{
    lv_arena arena;
    lv_arena_init(&arena);
    const lv_ast **statements;
    size_t count;
    lv_error_clear(err);
    lv_status status =
        lv_sql_parse(&arena, lv_str_of(text), NULL, NULL, NULL, &statements, &count, err);
    lv_arena_release(&arena);
    return status;
}

/* Depth must end in an error, whatever nests. */
static void test_depth(void **state)
{
    static const char *const units[][2] = {
        {"(", ")"},         {"- ", ""},        {"f(", ")"}, {"NOT ", ""}, {"a+", ""},
        {"CASE WHEN ", ""}, {"(SELECT ", ")"}, {"", "[1]"}, {"", ".b"},   {"a AND ", ""}};
    lv_error err = LV_ERROR_INIT;
    for (size_t i = 0; i < LV_COUNT_OF(units); i++) {
        lv_sbuf text = LV_SBUF_INIT;
        lv_sbuf_add_cstr(&text, "SELECT ");
        for (int n = 0; n < 20000; n++)
            lv_sbuf_add_cstr(&text, units[i][0]);
        lv_sbuf_add_cstr(&text, "a");
        for (int n = 0; n < 20000; n++)
            lv_sbuf_add_cstr(&text, units[i][1]);
        lv_status status = parse(text.ptr, &err);
        if (units[i][1][0] == '.')
            assert_int_equal(status, LV_OK); /* one name of many parts */
        else
            assert_int_equal(status, LV_PARSE_TOO_COMPLEX);
        lv_sbuf_release(&text);
    }
}

static void test_error_places(void **state)
{
    lv_error err = LV_ERROR_INIT;
    assert_int_equal(parse("SELECT id,, s FROM t", &err), LV_PARSE_SYNTAX_ERROR);
    assert_string_equal(err.message, "Syntax error at or near ','");
    assert_int_equal(err.sql_offset, 10);
    assert_int_equal(err.sql_length, 1);
    assert_int_equal(parse("CREATE STREMING TABLE t AS SELECT 1", &err), LV_PARSE_SYNTAX_ERROR);
    assert_string_equal(err.hint, "did you mean STREAMING?");
    assert_int_equal(parse("SELECT a FORM t WHERE x", &err), LV_PARSE_SYNTAX_ERROR);
    assert_string_equal(err.hint, "did you mean FROM?");
    assert_int_equal(parse("SELECT 'abc", &err), LV_PARSE_SYNTAX_ERROR);
    assert_int_equal(err.sql_offset, 7);
    assert_int_equal(parse("SELECT 1 /* /* */", &err), LV_UNCLOSED_BRACKETED_COMMENT);
    assert_int_equal(parse("SELECT \xC3\xBC FROM t", &err), LV_INVALID_IDENTIFIER);
    assert_int_equal(parse("SELECT a FROM my-table", &err), LV_INVALID_IDENTIFIER);
    assert_int_equal(parse("SELECT ${none}", &err), LV_UNBOUND_SQL_PARAMETER);
    assert_int_equal(parse("SET =k", &err), LV_PARSE_SYNTAX_ERROR);
    assert_int_equal(err.sql_offset, 4);
    assert_int_equal(parse("SELECT 1; SELECT FROM WHERE ,; SELECT 2", &err), LV_PARSE_SYNTAX_ERROR);
}

/* No word is reserved: each keyword is a column, an alias, a field, a table and a function. */
static void test_keywords_are_names(void **state)
{
    static const char *const words[] = {
#define X(word, rule) #word,
#include "sql/keywords.def"
#undef X
    };
    static const char *const uses[][2] = {
        {"SELECT ", " FROM t"},     {"SELECT a, ", ", b FROM t"},
        {"SELECT 1 AS ", ""},       {"SELECT t.", " FROM t"},
        {"SELECT a FROM ", ""},     {"SELECT a FROM x.", " AS b"},
        {"SELECT ", " + 1 FROM t"}, {"SELECT a FROM t WHERE ", " = 1"},
        {"SELECT ", "(a) FROM t"}};
    lv_error err = LV_ERROR_INIT;
    for (size_t w = 0; w < LV_COUNT_OF(words); w++) {
        assert_true(w == 0 || strcmp(words[w - 1], words[w]) < 0); /* they are searched by halves */
        for (size_t u = 0; u < LV_COUNT_OF(uses); u++) {
            char text[100];
            snprintf(text, sizeof text, "%s%s%s", uses[u][0], words[w], uses[u][1]);
            if (parse(text, &err) != LV_OK)
                fail_msg("%s: %s", text, err.message);
        }
    }
}

static void test_diagnose(void **state)
{
    lv_str text = LV_STR("SELECT a,\n       \xC3\xBC\xC3\xBC tmp FROM t\n");
    lv_error err = LV_ERROR_INIT;
    err.status = LV_FAIL(&err, LV_UNRESOLVED_COLUMN, "no `tmp`");
    lv_error_at(&err, 22, 3);
    lv_error_hint(&err, "did you mean `temp`?");
    lv_sbuf out = LV_SBUF_INIT;
    lv_sql_diagnose(&out, "gold.sql", text, &err);
    assert_string_equal(out.ptr, "error[UNRESOLVED_COLUMN.WITH_SUGGESTION]: no `tmp`\n"
                                 "  --> gold.sql:2:11\n"
                                 " 2 |        \xC3\xBC\xC3\xBC tmp FROM t\n"
                                 "   |           ^^^\n"
                                 " help: did you mean `temp`?\n"
                                 " SQLSTATE: 42703\n");
    lv_sbuf_clear(&out);
    lv_sql_diagnose_json(&out, "gold.sql", text, &err);
    assert_string_equal(
        out.ptr,
        "{\"error\":{\"errorClass\":\"UNRESOLVED_COLUMN.WITH_SUGGESTION\",\"sqlState\":\"42703\","
        "\"message\":\"no "
        "`tmp`\",\"file\":\"gold.sql\",\"line\":2,\"column\":11,\"endColumn\":14,\"queryContext\":"
        "[{\"startIndex\":23,\"stopIndex\":25,\"fragment\":\"tmp\"}],\"hint\":\"did you mean "
        "`temp`?\"}}\n");
    lv_sbuf_release(&out);
}

static void a_text_is_complete_at_its_semicolon(void **state)
{
    static const char *const whole[] = {
        "",       "  -- nothing\n", "SELECT 1;", "SELECT 'a;b';  -- end", "SELECT `a;`; SELECT 2;",
        "/* ; */"};
    static const char *const open[] = {"SELECT 1",      "SELECT 'a;",   "SELECT `a;",
                                       "SELECT 1 -- ;", "SELECT /* ; ", "SELECT 1; SELECT",
                                       "SELECT r'x\\;"};
    for (size_t i = 0; i < LV_COUNT_OF(whole); i++)
        if (!lv_sql_is_complete(lv_str_of(whole[i])))
            fail_msg("is whole: %s", whole[i]);
    for (size_t i = 0; i < LV_COUNT_OF(open); i++)
        if (lv_sql_is_complete(lv_str_of(open[i])))
            fail_msg("goes on: %s", open[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_text_is_complete_at_its_semicolon),
        cmocka_unit_test(test_golden),
        cmocka_unit_test(test_depth),
        cmocka_unit_test(test_error_places),
        cmocka_unit_test(test_keywords_are_names),
        cmocka_unit_test(test_diagnose),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
