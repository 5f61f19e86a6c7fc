/* Statements of extreme size give an answer or say that they are too complex, in bounded time. */
#include "engine/rows.h"
#include "unit.h"

/* The first cell of the last row, as text; the error's class if there is one. */
static lv_str answer(lv_session *session, const lv_sbuf *sql)
{
    lv_error err = LV_ERROR_INIT;
    lv_arena *arena = lv_session_arena(session);
    lv_statement *statements;
    size_t count;
    lv_rows *rows = NULL;
    lv_sbuf text = LV_SBUF_INIT;
    lv_batch batch = {.length = 0};
    lv_status status = lv_statements_parse(arena, lv_sbuf_str(sql), &(lv_options){NULL, 0}, NULL,
                                           NULL, &statements, &count, &err);
    if (status == LV_OK)
        status = lv_session_run(session, &statements[0], &rows, &err);
    for (bool done = false; status == LV_OK && !done;) {
        status = lv_rows_next(rows, &batch, &done, &err);
        if (status == LV_OK && batch.length > 0) {
            text.len = 0;
            lv_print_value(&batch.columns[0], batch.length - 1, lv_timezone_utc(), &text);
        }
    }
    if (status != LV_OK)
        lv_sbuf_add_cstr(&text, lv_status_class(status));
    lv_str result = lv_str_dup(arena, lv_sbuf_str(&text));
    lv_sbuf_release(&text);
    lv_rows_free(rows);
    return result;
}

/* `before`, `count` times `item` (with its number for %d) and `between`, `after`. */
static void expect(const char *before, const char *item, const char *between, int count,
                   const char *after, const char *expected)
{
    lv_session *session = lv_session_new("/nonexistent");
    lv_sbuf sql = LV_SBUF_INIT;
    lv_sbuf_add_cstr(&sql, before);
    for (int i = 0; i < count; i++) {
        const char *number = strchr(item, '#');
        lv_sbuf_add_cstr(&sql, i > 0 ? between : "");
        if (number == NULL)
            lv_sbuf_add_cstr(&sql, item);
        else
            lv_sbuf_printf(&sql, "%.*s%d%s", (int)(number - item), item, i, number + 1);
    }
    lv_sbuf_add_cstr(&sql, after);
    assert_str(answer(session, &sql), expected);
    lv_sbuf_release(&sql);
    lv_session_free(session);
}

static void test_deep(void **state)
{
    expect("SELECT ", "1", " + ", 900, "", "900");
    expect("SELECT ", "1", " + ", 50000, "", "FAILED_TO_PARSE_TOO_COMPLEX");
    expect("SELECT ", "(", "", 50000, "1", "FAILED_TO_PARSE_TOO_COMPLEX");
    expect("SELECT ", "abs(", "", 5000, "1", "FAILED_TO_PARSE_TOO_COMPLEX");
    expect("SELECT 1 FROM ", "(SELECT * FROM ", "", 5000, "x", "FAILED_TO_PARSE_TOO_COMPLEX");
}

static void test_wide(void **state)
{
    expect("SELECT ", "# + id", ", ", 10000, " FROM range(3)", "2");
    expect("SELECT count(*) FROM range(10000) WHERE id IN (", "#", ", ", 20000, ")", "10000");
    expect("SELECT CASE ", "WHEN id = # THEN 'x'", " ", 5000, " END FROM range(3)", "x");
    expect("VALUES ", "(#, 'a')", ", ", 20000, "", "19999");
    expect("SELECT count(*) FROM (SELECT DISTINCT id % 1000 FROM range(200000)) WHERE ", "true",
           " AND ", 500, "", "1000");
}

static void test_long(void **state)
{
    expect("SELECT length('", "abcdefghij", "", 1000000, "')", "10000000");
    expect("SELECT length('", "abcdefghij", "", 10000000, "')", "FAILED_TO_PARSE_TOO_COMPLEX");
    expect("SELECT length(repeat('ab', 50000000) || 'c')", "", "", 0, "", "100000001");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_deep), cmocka_unit_test(test_wide),
                                       cmocka_unit_test(test_long)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
