/* test_function_examples.c: every example of docs/functions.md gives what it says. */
#include "engine_fixture.h"

/* Rows in one line, as the examples of generators have them. */
static lv_str in_one_line(lv_str rows)
{
    lv_sbuf line = LV_SBUF_INIT;
    for (size_t i = 0; i < rows.len; i++) {
        if (rows.ptr[i] == '\n')
            lv_sbuf_add_cstr(&line, "; ");
        else
            lv_sbuf_add_char(&line, rows.ptr[i]);
    }
    lv_str text = lv_str_dup(&arena, lv_sbuf_str(&line));
    lv_sbuf_release(&line);
    return text;
}

static void test_examples(void **state)
{
    int count, wrong = 0;
    const lv_example *examples = lv_function_examples(&count);
    for (int i = 0; i < count; i++) {
        lv_error err = LV_ERROR_INIT;
        lv_sbuf sql = LV_SBUF_INIT;
        lv_str rows;
        const lv_function *function = lv_function_find(lv_str_of(examples[i].function));
        bool generator = function != NULL && (function->flags & LV_FN_GENERATOR);
        lv_sbuf_printf(&sql, generator ? "SELECT %s" : "SELECT CAST(%s AS STRING)",
                       examples[i].sql);
        lv_status status = run_sql(sql.ptr, &rows, &err);
        rows = status == LV_OK ? in_one_line(rows) : LV_STR_NONE;
        if (status != LV_OK || !lv_str_eq(rows, lv_str_of(examples[i].result))) {
            print_error("%s: want %s, got %.*s %s\n", examples[i].sql, examples[i].result,
                        status == LV_OK ? (int)rows.len : 0, rows.ptr, err.message);
            wrong++;
        }
        lv_sbuf_release(&sql);
    }
    assert_int_equal(wrong, 0);
}

static void test_examples_name_functions(void **state)
{
    int count;
    const lv_example *examples = lv_function_examples(&count);
    for (int i = 0; i < count; i++)
        if (lv_function_find(lv_str_of(examples[i].function)) == NULL)
            fail_msg("an example of no function: %s", examples[i].function);
}

/* What is new each time, or fails, has none. */
static bool needs_no_example(const lv_function *f)
{
    static const char *const without[] = {"raise_error", "uuid",         "current_user",
                                          "user",        "session_user", "version"};
    for (size_t i = 0; i < LV_COUNT_OF(without); i++)
        if (strcmp(f->name, without[i]) == 0)
            return true;
    return f->flags & (LV_FN_OPERATOR | LV_FN_AGGREGATE);
}

static void test_functions_have_examples(void **state)
{
    int count, functions;
    const lv_example *examples = lv_function_examples(&count);
    const lv_function *table = lv_function_table(&functions);
    for (int f = 0; f < functions; f++) {
        bool has = needs_no_example(&table[f]);
        for (int i = 0; i < count && !has; i++)
            has = strcmp(examples[i].function, table[f].name) == 0;
        if (!has)
            fail_msg("%s has no example in examples.def", table[f].name);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {fixture_test(test_examples),
                                       cmocka_unit_test(test_examples_name_functions),
                                       cmocka_unit_test(test_functions_have_examples)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
