/* test_session.c: what statements change, what later ones see of it, and the rows they give. */
#include "engine_fixture.h"

#include "delta/delta.h"

/* ---- settings -------------------------------------------------------------------------------- */

static void settings_have_defaults_until_set(void **state)
{
    assert_str(lv_session_get(session, "spark.sql.session.timeZone"), "UTC");
    assert_str(lv_session_get(session, "spark.sql.shuffle.partitions"), "200");
    assert_null(lv_session_get(session, "my.key").ptr);
    assert_true(lv_session_ansi(session));
    assert_str(rows_of_sql("SET my.key = some value"), "my.key|some value");
    assert_str(rows_of_sql("SET my.key"), "my.key|some value");
    assert_str(rows_of_sql("SET other.key"), "other.key|<undefined>");
    assert_str(rows_of_sql("SET spark.sql.shuffle.partitions"), "spark.sql.shuffle.partitions|200");
    assert_str(rows_of_sql("SET spark.sql.shuffle.partitions = 5; SET my.key = 2; SET"),
               "my.key|2\nspark.sql.shuffle.partitions|5");
}

static void reset_gives_the_default_back(void **state)
{
    rows_of_sql("SET a.b = 1; SET spark.sql.ansi.enabled = false; "
                "SET spark.sql.session.timeZone = America/New_York");
    assert_false(lv_session_ansi(session));
    assert_str(rows_of_sql("RESET spark.sql.ansi.enabled; SET"),
               "a.b|1\nspark.sql.session.timeZone|America/New_York");
    assert_true(lv_session_ansi(session));
    assert_str(rows_of_sql("SELECT CAST(TIMESTAMP '2024-07-01 00:00:00Z' AS STRING)"),
               "2024-06-30 20:00:00");
    assert_str(rows_of_sql("RESET; SET"), "");
    assert_str(rows_of_sql("SELECT CAST(TIMESTAMP '2024-07-01 00:00:00Z' AS STRING)"),
               "2024-07-01 00:00:00");
}

static void settings_are_checked(void **state)
{
    error_of_sql("SET spark.sql.ansi.enabled = maybe", LV_INVALID_CONF_TYPE);
    assert_true(lv_session_ansi(session));
    error_of_sql("SET spark.sql.session.timeZone = Nowhere/At_All", LV_INVALID_TIMEZONE);
    assert_str(lv_session_get(session, "spark.sql.session.timeZone"), "UTC");
    assert_str(rows_of_sql("SET spark.sql.ansi.enabled = FALSE"), "spark.sql.ansi.enabled|FALSE");
    assert_false(lv_session_ansi(session));
}

static void ansi_acts_on_what_follows(void **state)
{
    error_of_sql("SELECT CAST('x' AS INT)", LV_CAST_INVALID_INPUT);
    assert_str(rows_of_sql("SET spark.sql.ansi.enabled=false; SELECT CAST('x' AS INT)"), "NULL");
}

static void zones_act_on_what_follows(void **state)
{
    assert_str(rows_of_sql("SET TIME ZONE 'Europe/Lisbon'; "
                           "SELECT CAST(TIMESTAMP '2024-07-01 12:00:00' AS BIGINT), "
                           "TIMESTAMP '2024-07-01 12:00:00'"),
               "1719831600|2024-07-01 12:00:00");
    assert_str(rows_of_sql("SET TIME ZONE '+02:00'; SELECT CAST(TIMESTAMP '2024-07-01 12:00:00' "
                           "AS BIGINT)"),
               "1719828000");
}

/* ---- views and tables ------------------------------------------------------------------------ */

static void views_are_seen_by_name(void **state)
{
    assert_str(rows_of_sql("CREATE TEMPORARY VIEW v AS SELECT 1 AS a, 'x' AS b; "
                           "SELECT b, a + 1 FROM V"),
               "x|2");
    error_of_sql("CREATE TEMPORARY VIEW v AS SELECT 2 AS a", LV_TABLE_OR_VIEW_ALREADY_EXISTS);
    error_of_sql("CREATE TEMPORARY VIEW V AS SELECT 2 AS a", LV_TABLE_OR_VIEW_ALREADY_EXISTS);
    assert_str(rows_of_sql("CREATE TEMPORARY VIEW IF NOT EXISTS v AS SELECT 2 AS a; "
                           "SELECT a FROM v"),
               "1");
    assert_str(rows_of_sql("CREATE OR REPLACE TEMPORARY VIEW v AS SELECT 2 AS a; SELECT * FROM v"),
               "2");
    assert_str(rows_of_sql("CREATE TEMPORARY VIEW w (c) AS SELECT a FROM v; SELECT c FROM w"), "2");
}

/* Spark resolves a view's plan where it is used, but the names in it as they were. */
static void a_view_takes_the_settings_of_its_use(void **state)
{
    rows_of_sql("CREATE TEMPORARY VIEW v AS SELECT TRY_CAST('2024-01-01' AS TIMESTAMP) AS t");
    assert_str(rows_of_sql("SELECT CAST(t AS BIGINT) FROM v"), "1704067200");
    assert_str(rows_of_sql("SET TIME ZONE '+01:00'; SELECT CAST(t AS BIGINT) FROM v"),
               "1704063600");
}

static void write_table(const char *name, const char *ddl, int64_t rows)
{
    lv_error err = LV_ERROR_INIT;
    lv_delta_table *table;
    lv_delta_write_plan *plan;
    lv_delta_writer *writer;
    lv_plan query = {.kind = LV_PLAN_SOURCE, .is_stream = true};
    lv_delta_write_options options = {0};
    int64_t version;
    const char *path = lv_session_table_path(session, lv_str_of(name));
    assert_ok(&err, lv_type_parse(&arena, lv_str_of(ddl), &query.schema, &err));
    assert_ok(&err, lv_delta_table_open_or_new(path, false, &table, &err));
    assert_ok(&err, lv_delta_plan_write(table, &arena, &query, &options, &plan, &err));
    assert_ok(&err, lv_delta_writer_new(plan, 0, &writer, &err));
    lv_vector id;
    lv_vector_init_flat(&id, &arena, lv_type_of(LV_TYPE_BIGINT), rows);
    for (int64_t i = 0; i < rows; i++)
        ((int64_t *)id.data)[i] = i;
    lv_batch batch = {.schema = plan->schema, .length = rows, .columns = &id};
    assert_ok(&err, lv_delta_write(writer, &batch, &err));
    lv_delta_add *adds;
    lv_delta_stream_commit commit = {.query_id = LV_STR("q"), .plan = plan, .output_rows = rows};
    assert_ok(&err, lv_delta_writer_finish(writer, &arena, &adds, &commit.add_count, &err));
    commit.adds = adds;
    assert_ok(&err, lv_delta_commit_stream(table, &commit, &version, &err));
    lv_delta_writer_free(writer);
    lv_delta_table_close(table);
}

static void tables_are_found_by_name_and_by_path(void **state)
{
    write_table("numbers", "id BIGINT", 5);
    assert_str(rows_of_sql("SELECT count(*), sum(id) FROM numbers"), "5|10");
    assert_str(rows_of_sql("SELECT max(id) FROM default.numbers"), "4");
    assert_str(rows_of_sql(lv_arena_printf(
                   &arena, "SELECT id FROM delta.`%s/tables/numbers` WHERE id > 3", dir)),
               "4");
    assert_str(rows_of_sql("CREATE TEMPORARY VIEW numbers AS SELECT 7 AS id; "
                           "SELECT id FROM numbers"),
               "7");
    error_of_sql("SELECT * FROM nothing", LV_TABLE_OR_VIEW_NOT_FOUND);
    error_of_sql("SELECT * FROM parquet.`/tmp/no such/x`", LV_NOT_FOUND);
}

static void a_table_is_read_as_it_is_now(void **state)
{
    write_table("numbers", "id BIGINT", 2);
    assert_str(rows_of_sql("SELECT count(*) FROM numbers"), "2");
    assert_int_equal(system(lv_arena_printf(&arena, "rm -r %s/tables/numbers", dir)), 0);
    error_of_sql("SELECT count(*) FROM numbers", LV_TABLE_OR_VIEW_NOT_FOUND);
    write_table("numbers", "id BIGINT", 3);
    assert_str(rows_of_sql("SELECT count(*) FROM numbers"), "3");
}

static void paths_lie_below_the_storage(void **state)
{
    assert_string_equal(lv_session_table_path(session, LV_STR("t")), in_dir("tables/t"));
    assert_string_equal(lv_session_checkpoint_path(session, LV_STR("t")), in_dir("checkpoints/t"));
}

static void names_have_up_to_three_parts(void **state)
{
    write_table("numbers", "id BIGINT", 1);
    rows_of_sql("USE SCHEMA iot");
    assert_string_equal(lv_session_table_path(session, LV_STR("t")), in_dir("tables/iot.db/t"));
    write_table("numbers", "id BIGINT", 2);
    assert_str(rows_of_sql("SELECT count(*) FROM numbers"), "2");
    assert_str(rows_of_sql("SELECT count(*) FROM default.numbers"), "1");
    assert_str(rows_of_sql("SELECT count(*) FROM spark_catalog.iot.numbers"), "2");
    rows_of_sql("USE CATALOG main");
    assert_string_equal(lv_session_table_path(session, LV_STR("t")),
                        in_dir("tables/main.catalog/default.db/t"));
    rows_of_sql("USE main.lake");
    assert_string_equal(lv_session_checkpoint_path(session, LV_STR("t")),
                        in_dir("checkpoints/main.catalog/lake.db/t"));
    error_of_sql("SELECT * FROM numbers", LV_TABLE_OR_VIEW_NOT_FOUND);
    error_of_sql("SELECT * FROM a.b.c.d", LV_REQUIRES_SINGLE_PART_NAMESPACE);
    error_of_sql("USE a.b.c", LV_REQUIRES_SINGLE_PART_NAMESPACE);
    error_of_sql("USE SCHEMA `../out`", LV_INVALID_SCHEMA_OR_RELATION_NAME);
}

static void show_lists_what_there_is(void **state)
{
    write_table("numbers", "id BIGINT NOT NULL COMMENT 'which'", 1);
    rows_of_sql("USE iot");
    write_table("readings", "id BIGINT", 1);
    rows_of_sql("CREATE VIEW latest AS SELECT id FROM readings; CREATE TEMPORARY VIEW here AS "
                "SELECT 1 AS a");
    assert_str(rows_of_sql("SHOW TABLES"), "iot|latest|false\niot|readings|false\n|here|true");
    assert_str(rows_of_sql("SHOW TABLES IN default"), "default|numbers|false\n|here|true");
    assert_str(rows_of_sql("SHOW TABLES LIKE 'R*|nothing'"), "iot|readings|false");
    assert_str(rows_of_sql("SHOW VIEWS"), "iot|latest|false\n|here|true");
    assert_str(rows_of_sql("SHOW SCHEMAS"), "default\niot");
    assert_str(rows_of_sql("SHOW DATABASES LIKE 'i*'"), "iot");
    assert_str(rows_of_sql("SHOW CATALOGS"), "spark_catalog");
    assert_str(rows_of_sql("SHOW COLUMNS IN readings"), "id");
    assert_str(rows_of_sql("SHOW COLUMNS FROM numbers IN default"), "id");
    assert_str(rows_of_sql("SHOW CURRENT NAMESPACE"), "spark_catalog|iot");
    assert_str(rows_of_sql("SHOW FUNCTIONS LIKE 'abs|uppe*'"), "abs\nupper");
    assert_str(rows_of_sql("SHOW TBLPROPERTIES readings"),
               "delta.minReaderVersion|1\ndelta.minWriterVersion|2");
    assert_str(rows_of_sql("SHOW TBLPROPERTIES readings ('x')"),
               "x|Table spark_catalog.iot.readings does not have property: x");
    assert_str(rows_of_sql("SELECT current_catalog(), current_schema(), current_database()"),
               "spark_catalog|iot|iot");
    error_of_sql("SHOW TABLES IN nope", LV_SCHEMA_NOT_FOUND);
    error_of_sql("SHOW COLUMNS IN nope", LV_TABLE_OR_VIEW_NOT_FOUND);
}

static void describe_shows_columns(void **state)
{
    write_table("numbers", "id BIGINT", 1);
    assert_str(rows_of_sql("DESCRIBE numbers"), "id|bigint|NULL");
    assert_str(rows_of_sql("DESC TABLE numbers id"), "col_name|id\ndata_type|bigint\ncomment|NULL");
    assert_str(rows_of_sql("DESCRIBE QUERY SELECT 1 AS a, array('x') AS b"),
               "a|int|NULL\nb|array<string>|NULL");
    assert_str(rows_of_sql("DESC SELECT 1 AS a"), "a|int|NULL");
    assert_str(rows_of_sql("DESCRIBE TABLE EXTENDED numbers"),
               lv_arena_printf(&arena,
                               "id|bigint|NULL\n||\n# Detailed Table Information||\n"
                               "Catalog|spark_catalog|\nNamespace|default|\nDatabase|default|\n"
                               "Table|numbers|\nType|MANAGED|\nLocation|%s/tables/numbers|\n"
                               "Provider|delta|\nTable Properties|"
                               "[delta.minReaderVersion=1,delta.minWriterVersion=2]|",
                               dir));
    assert_true(
        lv_str_starts(rows_of_sql("DESCRIBE FUNCTION upper"), LV_STR("Function: upper\nUsage: ")));
    error_of_sql("DESCRIBE numbers nope", LV_UNRESOLVED_COLUMN);
    error_of_sql("DESCRIBE nope", LV_TABLE_OR_VIEW_NOT_FOUND);
    assert_string_equal(error_of_sql("SELECT * FROM number", LV_TABLE_OR_VIEW_NOT_FOUND).hint,
                        "did you mean numbers?");
    assert_string_equal(error_of_sql("DESCRIBE FUNCTION uper", LV_UNRESOLVED_ROUTINE).hint,
                        "did you mean upper?");
}

static void views_are_kept_in_the_storage(void **state)
{
    write_table("numbers", "id BIGINT", 4);
    rows_of_sql("CREATE VIEW evens AS SELECT id FROM numbers WHERE id % 2 = 0");
    lv_session_free(session);
    session = lv_session_new(dir);
    assert_str(rows_of_sql("SELECT * FROM evens"), "0\n2");
    assert_str(rows_of_sql("USE SCHEMA iot; SELECT count(*) FROM default.evens"), "2");
    error_of_sql("SELECT * FROM evens", LV_TABLE_OR_VIEW_NOT_FOUND);
    rows_of_sql("USE SCHEMA default; CREATE VIEW IF NOT EXISTS evens AS SELECT 1 AS id");
    error_of_sql("CREATE VIEW evens AS SELECT 1 AS id", LV_TABLE_OR_VIEW_ALREADY_EXISTS);
    assert_str(rows_of_sql("CREATE OR REPLACE VIEW evens AS SELECT 7 AS id; SELECT * FROM evens"),
               "7");
    error_of_sql("CREATE VIEW broken AS SELECT nope FROM numbers", LV_UNRESOLVED_COLUMN);
    error_of_sql("CREATE VIEW v AS SELECT :p", LV_UNSUPPORTED_FEATURE);
    error_of_sql("CREATE TEMPORARY VIEW a.b AS SELECT 1 AS c",
                 LV_TEMP_VIEW_NAME_TOO_MANY_NAME_PARTS);
    assert_str(rows_of_sql("CREATE GLOBAL TEMPORARY VIEW g AS SELECT 3 AS c; "
                           "SELECT c FROM global_temp.g"),
               "3");
}

/* ---- rows ------------------------------------------------------------------------------------ */

static void explain_prints_the_plan(void **state)
{
    lv_str plan = rows_of_sql("CREATE TEMPORARY VIEW v AS SELECT 1 AS a, 2 AS b; "
                              "EXPLAIN SELECT a FROM v WHERE b > 1");
    char *text = lv_str_cstr(&arena, plan);
    assert_true(plan.len > 0 && strstr(text, "a") != NULL);
    assert_int_equal(lv_str_find(lv_str_trim(plan), '|', 0), -1); /* one column, one row */
    error_of_sql("EXPLAIN SELECT nope FROM v", LV_UNRESOLVED_COLUMN);
}

static void only_a_pipeline_runs_streams(void **state)
{
    error_of_sql("CREATE OR REFRESH STREAMING TABLE t AS SELECT * FROM STREAM "
                 "read_kafka(bootstrapServers => 'x:1', subscribe => 't')",
                 LV_CREATE_PIPELINE_DATASET);
    error_of_sql("SELECT * FROM STREAM read_kafka(bootstrapServers => 'x:1', subscribe => 't')",
                 LV_SORT_NOT_SUPPORTED_IN_STREAM);
}

static void errors_say_where(void **state)
{
    const char *sql = "SELECT 1 AS a, nope FROM (SELECT 1 AS b)";
    lv_error err = error_of_sql(sql, LV_UNRESOLVED_COLUMN);
    assert_int_equal(err.sql_offset, strstr(sql, "nope") - sql);
    assert_int_equal(err.sql_length, 4);
    sql = "SELECT 1; SELECT upper(1, 2)";
    err = error_of_sql(sql, LV_WRONG_NUM_ARGS);
    assert_int_equal(err.sql_offset, strstr(sql, "upper") - sql);
    sql = "SELECT 1 +; SELECT 2";
    err = error_of_sql(sql, LV_PARSE_SYNTAX_ERROR);
    assert_int_equal(err.sql_offset, strchr(sql, ';') - sql);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        fixture_test(settings_have_defaults_until_set),
        fixture_test(reset_gives_the_default_back),
        fixture_test(settings_are_checked),
        fixture_test(ansi_acts_on_what_follows),
        fixture_test(zones_act_on_what_follows),
        fixture_test(views_are_seen_by_name),
        fixture_test(a_view_takes_the_settings_of_its_use),
        fixture_test(tables_are_found_by_name_and_by_path),
        fixture_test(a_table_is_read_as_it_is_now),
        fixture_test(paths_lie_below_the_storage),
        fixture_test(names_have_up_to_three_parts),
        fixture_test(show_lists_what_there_is),
        fixture_test(describe_shows_columns),
        fixture_test(views_are_kept_in_the_storage),
        fixture_test(explain_prints_the_plan),
        fixture_test(only_a_pipeline_runs_streams),
        fixture_test(errors_say_where),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
