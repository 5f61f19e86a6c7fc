/* test_render.c: rows as a box table, as Spark's show(), as CSV and as JSON lines. */
#include "engine/engine_fixture.h"

#include "cli/render.h"

/* What the renderer makes of a query's rows. */
static lv_str rendered_in(const char *sql, lv_render_options options)
{
    lv_error err = LV_ERROR_INIT;
    lv_statement *statements;
    size_t count;
    lv_options none = {0};
    lv_rows *rows;
    char *text = NULL;
    size_t len = 0;
    assert_ok(&err, lv_statements_parse(lv_session_arena(session), lv_str_of(sql), &none, NULL,
                                        NULL, &statements, &count, &err));
    assert_int_equal(count, 1);
    assert_ok(&err, lv_session_run(session, &statements[0], &rows, &err));
    FILE *out = open_memstream(&text, &len);
    lv_renderer *renderer =
        lv_renderer_new(&options, lv_rows_schema(rows), lv_session_zone(session), out);
    for (bool done = false; !done;) {
        lv_batch batch;
        assert_ok(&err, lv_rows_next(rows, &batch, &done, &err));
        lv_renderer_add(renderer, &batch);
    }
    assert_ok(&err, lv_renderer_finish(renderer, &err));
    lv_rows_free(rows);
    fclose(out);
    lv_str kept = lv_str_dup(&arena, (lv_str){text, len});
    free(text);
    return kept;
}

static lv_str rendered(const char *sql, lv_output_format format)
{
    return rendered_in(sql, (lv_render_options){.format = format});
}

static void a_table_is_a_box(void **state)
{
    assert_str(rendered("SELECT * FROM VALUES (1, 'a', 1.5D), (-20, 'long text', NULL) "
                        "AS t(n, name, x)",
                        LV_OUTPUT_TABLE),
               "┌─────┬───────────┬────────┐\n"
               "│   n │ name      │      x │\n"
               "│ int │ string    │ double │\n"
               "├─────┼───────────┼────────┤\n"
               "│   1 │ a         │    1.5 │\n"
               "│ -20 │ long text │   NULL │\n"
               "└─────┴───────────┴────────┘\n");
    assert_str(rendered("SELECT 1 AS a WHERE false", LV_OUTPUT_TABLE), "┌─────┐\n"
                                                                       "│   a │\n"
                                                                       "│ int │\n"
                                                                       "├─────┤\n"
                                                                       "└─────┘\n");
}

static void spark_s_show(void **state)
{
    assert_str(
        rendered("SELECT * FROM VALUES (1, 'a'), (-20, NULL) AS t(n, name)", LV_OUTPUT_SPARK),
        "+---+----+\n"
        "|n  |name|\n"
        "+---+----+\n"
        "|1  |a   |\n"
        "|-20|NULL|\n"
        "+---+----+\n"
        "\n");
    assert_str(rendered("SELECT 1 AS a WHERE false", LV_OUTPUT_SPARK), "+---+\n"
                                                                       "|a  |\n"
                                                                       "+---+\n"
                                                                       "+---+\n"
                                                                       "\n");
}

static void bytes_and_nulls_as_show_prints_them(void **state)
{
    assert_str(rendered("SELECT X'4142' AS b, array(X'', NULL) AS a, named_struct('b', X'0a') AS s",
                        LV_OUTPUT_SPARK),
               "+-------+----------+------+\n"
               "|b      |a         |s     |\n"
               "+-------+----------+------+\n"
               "|[41 42]|[[], NULL]|{[0A]}|\n"
               "+-------+----------+------+\n"
               "\n");
}

static void wide_characters_take_two_columns(void **state)
{
    assert_str(
        rendered("SELECT * FROM VALUES ('日本', 1), ('e\\u0301é', 2), ('abcde', 3) AS t(s, n)",
                 LV_OUTPUT_SPARK),
        "+-----+---+\n"
        "|s    |n  |\n"
        "+-----+---+\n"
        "|日本 |1  |\n"
        "|e\xCC\x81é   |2  |\n"
        "|abcde|3  |\n"
        "+-----+---+\n"
        "\n");
}

static void line_breaks_stay_in_their_cell(void **state)
{
    assert_str(rendered("SELECT 'a\\nb\\tc' AS s", LV_OUTPUT_SPARK), "+-------+\n"
                                                                     "|s      |\n"
                                                                     "+-------+\n"
                                                                     "|a\\nb\\tc|\n"
                                                                     "+-------+\n"
                                                                     "\n");
}

static void csv_is_quoted_where_it_must(void **state)
{
    assert_str(rendered("SELECT * FROM VALUES (1, 'a,b', ''), (2, 'say \"hi\"', NULL), "
                        "(NULL, 'two\\nlines', 'x') AS t(n, `a \"name\"`, s)",
                        LV_OUTPUT_CSV),
               "n,\"a \"\"name\"\"\",s\n"
               "1,\"a,b\",\"\"\n"
               "2,\"say \"\"hi\"\"\",\n"
               ",\"two\nlines\",x\n");
    assert_str(rendered("SELECT 1 AS a, 2 AS b WHERE false", LV_OUTPUT_CSV), "a,b\n");
}

static void jsonl_keeps_nulls_and_escapes(void **state)
{
    assert_str(rendered("SELECT * FROM VALUES (1, 'say \"hi\"\\n'), (NULL, NULL) AS t(n, `a\"b`)",
                        LV_OUTPUT_JSONL),
               "{\"n\":1,\"a\\\"b\":\"say \\\"hi\\\"\\n\"}\n"
               "{\"n\":null,\"a\\\"b\":null}\n");
    assert_str(rendered("SELECT 1 AS a WHERE false", LV_OUTPUT_JSONL), "");
}

/* One value of each type, and a null of each. */
#define ALL_TYPES                                                                                  \
    "SELECT true AS bo, CAST(-1 AS TINYINT) AS ti, CAST(2 AS SMALLINT) AS sm, 3 AS i, "            \
    "CAST(4 AS BIGINT) AS bi, CAST(0.1 AS FLOAT) AS f, 1e100 AS d, CAST(1.50 AS DECIMAL(10, 2)) "  \
    "AS de, 'x' AS s, X'4142' AS b, DATE '2024-02-29' AS da, "                                     \
    "TIMESTAMP '2024-02-29 12:34:56.789' AS ts, TIMESTAMP_NTZ '2024-02-29 12:34:56' AS tn, "       \
    "array(1, NULL) AS a, map('k', 1.5D) AS m, named_struct('p', 1, 'q', NULL) AS st"

static void every_type_has_its_text(void **state)
{
    assert_str(rendered(ALL_TYPES, LV_OUTPUT_JSONL),
               "{\"bo\":true,\"ti\":-1,\"sm\":2,\"i\":3,\"bi\":4,\"f\":0.1,\"d\":1.0E100,"
               "\"de\":1.50,\"s\":\"x\",\"b\":\"QUI=\",\"da\":\"2024-02-29\","
               "\"ts\":\"2024-02-29T12:34:56.789Z\",\"tn\":\"2024-02-29T12:34:56.000\","
               "\"a\":[1,null],\"m\":{\"k\":1.5},\"st\":{\"p\":1,\"q\":null}}\n");
    assert_str(rendered(ALL_TYPES, LV_OUTPUT_CSV),
               "bo,ti,sm,i,bi,f,d,de,s,b,da,ts,tn,a,m,st\n"
               "true,-1,2,3,4,0.1,1.0E100,1.50,x,AB,2024-02-29,2024-02-29 12:34:56.789,"
               "2024-02-29 12:34:56,\"[1, null]\",{k -> 1.5},\"{1, null}\"\n");
}

static void times_are_shown_in_the_session_s_zone(void **state)
{
    rows_of_sql("SET TIME ZONE 'America/New_York'");
    const char *sql = "SELECT TIMESTAMP '2024-07-01 00:00:00Z' AS t";
    assert_str(rendered(sql, LV_OUTPUT_CSV), "t\n2024-06-30 20:00:00\n");
    assert_str(rendered(sql, LV_OUTPUT_JSONL), "{\"t\":\"2024-06-30T20:00:00.000-04:00\"}\n");
}

static void json_is_one_array(void **state)
{
    assert_str(rendered("SELECT * FROM VALUES (1), (2) AS t(n)", LV_OUTPUT_JSON),
               "[{\"n\":1},\n {\"n\":2}]\n");
    assert_str(rendered("SELECT 1 AS a WHERE false", LV_OUTPUT_JSON), "[]\n");
}

static void markdown_escapes_bars(void **state)
{
    assert_str(
        rendered("SELECT * FROM VALUES (1, 'a|b\\nc'), (2, NULL) AS t(n, s)", LV_OUTPUT_MARKDOWN),
        "| n | s |\n"
        "| ---: | --- |\n"
        "| 1 | a\\|b<br>c |\n"
        "| 2 | NULL |\n");
}

/* ---- bounded to a terminal ------------------------------------------------------------------- */

static void of_many_rows_the_first_and_last_are_shown(void **state)
{
    const char *sql = "SELECT * FROM VALUES (1), (2), (3), (4), (5), (6), (7) AS t(n)";
    lv_render_options four = {.format = LV_OUTPUT_TABLE, .rows_max = 4};
    assert_str(rendered_in(sql, four), "┌─────┐\n"
                                       "│   n │\n"
                                       "│ int │\n"
                                       "├─────┤\n"
                                       "│   1 │\n"
                                       "│   2 │\n"
                                       "│   · │\n"
                                       "│   6 │\n"
                                       "│   7 │\n"
                                       "└─────┘\n"
                                       "7 rows (4 shown)\n");
    lv_render_options seven = {.format = LV_OUTPUT_TABLE, .rows_max = 7};
    lv_render_options all = {.format = LV_OUTPUT_TABLE};
    assert_str(rendered_in(sql, seven), rendered_in(sql, all).ptr);
}

static void wide_columns_are_cut(void **state)
{
    lv_render_options narrow = {.format = LV_OUTPUT_TABLE, .width_max = 24};
    assert_str(rendered_in("SELECT 1 AS n, 'a long, long text' AS s", narrow),
               "┌─────┬────────────────┐\n"
               "│   n │ s              │\n"
               "│ int │ string         │\n"
               "├─────┼────────────────┤\n"
               "│   1 │ a long, long … │\n"
               "└─────┴────────────────┘\n");
}

static void columns_of_the_middle_are_left_out(void **state)
{
    lv_render_options narrow = {.format = LV_OUTPUT_TABLE, .width_max = 20};
    assert_str(rendered_in("SELECT 1 AS a, 2 AS b, 3 AS c, 4 AS d", narrow),
               "┌─────┬─────┬─────┐\n"
               "│   a │   b │   d │\n"
               "│ int │ int │ int │\n"
               "├─────┼─────┼─────┤\n"
               "│   1 │   2 │   4 │\n"
               "└─────┴─────┴─────┘\n"
               "4 columns (3 shown)\n");
}

static void formats_have_names(void **state)
{
    lv_error err = LV_ERROR_INIT;
    lv_output_format format;
    assert_ok(&err, lv_output_format_parse("csv", &format, &err));
    assert_int_equal(format, LV_OUTPUT_CSV);
    assert_ok(&err, lv_output_format_parse("spark", &format, &err));
    assert_int_equal(format, LV_OUTPUT_SPARK);
    assert_int_equal(lv_output_format_parse("xml", &format, &err), LV_USAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        fixture_test(a_table_is_a_box),
        fixture_test(spark_s_show),
        fixture_test(bytes_and_nulls_as_show_prints_them),
        fixture_test(wide_characters_take_two_columns),
        fixture_test(line_breaks_stay_in_their_cell),
        fixture_test(csv_is_quoted_where_it_must),
        fixture_test(jsonl_keeps_nulls_and_escapes),
        fixture_test(every_type_has_its_text),
        fixture_test(times_are_shown_in_the_session_s_zone),
        fixture_test(json_is_one_array),
        fixture_test(markdown_escapes_bars),
        fixture_test(of_many_rows_the_first_and_last_are_shown),
        fixture_test(wide_columns_are_cut),
        fixture_test(columns_of_the_middle_are_left_out),
        fixture_test(formats_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
