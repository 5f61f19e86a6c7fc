/* test_exec.c: operator trees of SQL text, over VALUES and over a source that the test plays.
 *
 * lv_source_reader_next is defined here in place of conn's: the linker then has no need of conn's
 * object. The stand-in keeps its payloads in one buffer that it overwrites at each call, as a
 * receive buffer is. */
#include "conn/conn.h"
#include "exec/exec_fixture.h"

struct lv_source_reader {
    const char *const *payloads;
    int count;
    int given;
    int batch_rows;
    char buffer[8192];
    bool wanted[8];
};

lv_status lv_source_reader_next(lv_source_reader *reader, lv_arena *arena, const bool *wanted,
                                lv_batch *batch, bool *done, lv_error *err)
{
    int rows = LV_MIN(reader->batch_rows, reader->count - reader->given);
    const lv_field fields[] = {{LV_STR("value"), lv_type_of(LV_TYPE_BINARY), true, LV_STR_NONE},
                               {LV_STR("offset"), lv_type_of(LV_TYPE_BIGINT), false, LV_STR_NONE},
                               {LV_STR("topic"), lv_type_of(LV_TYPE_STRING), false, LV_STR_NONE}};
    *batch = (lv_batch){.schema = lv_type_struct(arena, fields, 3),
                        .length = rows,
                        .columns = LV_NEW_ARRAY(arena, lv_vector, 3)};
    for (int c = 0; c < 3; c++) {
        reader->wanted[c] = wanted == NULL || wanted[c];
        lv_vector_init_null(&batch->columns[c], arena, fields[c].type, rows);
    }
    lv_builder values, offsets;
    lv_builder_init(&values, arena, fields[0].type, rows);
    lv_builder_init(&offsets, arena, fields[1].type, rows);
    memset(reader->buffer, '#', sizeof reader->buffer);
    char *at = reader->buffer;
    for (int i = 0; i < rows; i++) {
        const char *payload = reader->payloads[reader->given + i];
        lv_builder_i64(&offsets, reader->given + i);
        if (payload == NULL) {
            lv_builder_null(&values);
            continue;
        }
        lv_builder_str(&values, (lv_str){at, strlen(payload)});
        at = mempcpy(at, payload, strlen(payload));
    }
    if (reader->wanted[0])
        lv_builder_finish(&values, &batch->columns[0]);
    if (reader->wanted[1])
        lv_builder_finish(&offsets, &batch->columns[1]);
    reader->given += rows;
    *done = reader->given == reader->count;
    return LV_OK;
}

static lv_status open_source(void *self, int index, lv_source_reader **reader, lv_error *err)
{
    *reader = self;
    return LV_OK;
}

/* The table `t` of a plan becomes the source: over a stream the analyzer would refuse ORDER BY and
 * aggregates. */
static void play_source(lv_plan *plan)
{
    if (plan->kind == LV_PLAN_TABLE)
        plan->kind = LV_PLAN_SOURCE;
    for (int i = 0; i < plan->input_count; i++)
        play_source(plan->inputs[i]);
}

static lv_status drain(exec_fixture *f, lv_operator *root, lv_sbuf *out)
{
    for (bool done = false; !done;) {
        lv_batch batch;
        LV_TRY(lv_operator_next(root, &batch, &done, &f->err));
        for (int c = 0; c < batch.schema->field_count; c++)
            lv_vector_check(&batch.columns[c]);
        exec_add_rows(out, batch.columns, batch.schema->field_count, batch.length);
    }
    return LV_OK;
}

/* Rows of a query, twice: as built, and after a restart. */
static void expect_of(const char *sql, lv_source_reader *reader, const char *expected)
{
    for (int optimize = 0; optimize < 2; optimize++) {
        exec_fixture f;
        lv_operator *root;
        exec_fixture_init(&f, "value BINARY, offset BIGINT NOT NULL, topic STRING NOT NULL");
        lv_plan *plan = exec_plan(&f, sql, optimize);
        play_source(plan);
        lv_exec_context context = {.zone = lv_timezone_utc(),
                                   .ansi = true,
                                   .now_us = 0,
                                   .open_source = open_source,
                                   .self = reader};
        assert_ok(&f.err, lv_exec_build(&f.arena, plan, &context, &root, &f.err));
        for (int round = 0; round < 2; round++) {
            lv_sbuf out = LV_SBUF_INIT;
            if (reader != NULL)
                reader->given = 0;
            if (round > 0)
                assert_ok(&f.err, lv_operator_restart(root, 1000000, &f.err));
            lv_status status = drain(&f, root, &out);
            if (expected[0] == '!')
                assert_string_equal(lv_status_class(status), expected + 1);
            else if (status != LV_OK || !lv_str_is(lv_sbuf_str(&out), expected))
                fail_msg("%s gives %s%s, not %s", sql, out.ptr ? out.ptr : "", f.err.message,
                         expected);
            lv_error_clear(&f.err);
            lv_sbuf_release(&out);
        }
        lv_operator_free(root);
        lv_arena_release(&f.arena);
    }
}

static void expect(const char *sql, const char *expected)
{
    expect_of(sql, NULL, expected);
}

#define ROWS "(VALUES (3, 'c'), (1, 'a'), (null, 'n'), (2, 'b'), (1, 'z')) AS v(x, s)"

static void test_rows(void **state)
{
    expect("SELECT 1 + 1, 'x'", "2|x");
    expect("SELECT x + 1 AS y, upper(s) FROM " ROWS, "4|C;2|A;NULL|N;3|B;2|Z");
    expect("SELECT s FROM " ROWS " WHERE x > 1", "c;b");
    expect("SELECT s FROM " ROWS " WHERE x > 0", "c;a;b;z");
    expect("SELECT s FROM " ROWS " WHERE true", "c;a;n;b;z");
    expect("SELECT s FROM " ROWS " WHERE x > 9", "");
    expect("SELECT x FROM " ROWS " WHERE x > null", "");
    expect("SELECT y FROM (SELECT x AS y, 1 / x AS z FROM " ROWS ") WHERE y = 3", "3");
    expect("SELECT x FROM " ROWS " UNION ALL SELECT 9", "3;1;NULL;2;1;9");
    expect("SELECT s FROM " ROWS " LIMIT 2", "c;a");
    expect("SELECT s FROM " ROWS " LIMIT 2 OFFSET 3", "b;z");
    expect("SELECT s FROM " ROWS " LIMIT 0", "");
    expect("SELECT s FROM " ROWS " WHERE 10 / (x - 3) > 0", "!DIVIDE_BY_ZERO");
    expect("SELECT named_struct('a', x, 'b', s).b FROM " ROWS
           " WHERE named_struct('a', x, 'b', s).a = 2",
           "b");
}

static void test_sort(void **state)
{
    expect("SELECT x, s FROM " ROWS " ORDER BY x", "NULL|n;1|a;1|z;2|b;3|c");
    expect("SELECT x, s FROM " ROWS " ORDER BY x DESC", "3|c;2|b;1|a;1|z;NULL|n");
    expect("SELECT x, s FROM " ROWS " ORDER BY x NULLS LAST, s DESC", "1|z;1|a;2|b;3|c;NULL|n");
    expect("SELECT x, s FROM " ROWS " ORDER BY x DESC NULLS FIRST LIMIT 2", "NULL|n;3|c");
    expect("SELECT s FROM " ROWS " ORDER BY -x LIMIT 1 OFFSET 1", "c");
}

static void test_aggregate(void **state)
{
    expect("SELECT count(*), count(x), sum(x), avg(x), min(s), max(s) FROM " ROWS,
           "5|4|7|1.75|a|z");
    expect("SELECT count(*), sum(x), max(s) FROM " ROWS " WHERE x > 9", "0|NULL|NULL");
    expect("SELECT sum(x) + 1, count(*) * 2 FROM " ROWS, "8|10");
    expect("SELECT sum(x + 9223372036854775806) FROM " ROWS " WHERE x = 1", "!ARITHMETIC_OVERFLOW");
}

/* Large enough for several batches, chunks and cuts of a top-n. */
static void test_large_sort(void **state)
{
    enum { COUNT = 300000 };
    exec_fixture f;
    lv_operator *root;
    exec_fixture_init(&f, "value BINARY, offset BIGINT NOT NULL, topic STRING NOT NULL");
    const char **payloads = LV_NEW_ARRAY(&f.arena, const char *, COUNT);
    for (int i = 0; i < COUNT; i++)
        payloads[i] = (const char *[]){"a", "b", "c", NULL}[i % 4];
    for (int limit = 0; limit < 2; limit++) {
        lv_source_reader reader = {.payloads = payloads, .count = COUNT, .batch_rows = 4096};
        lv_plan *plan = exec_plan(
            &f,
            limit ? "SELECT value::string, offset FROM t ORDER BY 1 DESC, offset % 1000 LIMIT 5"
                  : "SELECT value::string, offset FROM t ORDER BY 1 DESC, offset % 1000",
            true);
        play_source(plan);
        lv_exec_context context = {
            .zone = lv_timezone_utc(), .ansi = true, .open_source = open_source, .self = &reader};
        assert_ok(&f.err, lv_exec_build(&f.arena, plan, &context, &root, &f.err));
        lv_sbuf out = LV_SBUF_INIT;
        int64_t rows = 0;
        for (bool done = false; !done;) {
            lv_batch batch;
            assert_ok(&f.err, lv_operator_next(root, &batch, &done, &f.err));
            exec_add_rows(&out, batch.columns, 2, rows == 0 ? LV_MIN(batch.length, 5) : 0);
            rows += batch.length;
        }
        assert_int_equal(rows, limit ? 5 : COUNT);
        assert_str(lv_sbuf_str(&out), "c|2;c|1002;c|2002;c|3002;c|4002");
        lv_sbuf_release(&out);
        lv_operator_free(root);
    }
    lv_arena_release(&f.arena);
}

static void test_source(void **state)
{
    const char *payloads[] = {"{\"id\":1,\"t\":2.5,\"s\":\"x\"}", "{\"id\":2,\"t\":0.5}", NULL,
                              "broken", "{\"id\":5,\"t\":9,\"s\":\"y\"}"};
    for (int batch = 1; batch <= 5; batch += 2) {
        lv_source_reader reader = {.payloads = payloads, .count = 5, .batch_rows = batch};
        expect_of("SELECT e.id, upper(e.s) AS u, e.t * 2 FROM (SELECT from_json(value::string, 'id "
                  "INT, s STRING, t DOUBLE, unused STRING') AS e "
                  "FROM t) WHERE e.t > 1",
                  &reader, "1|X|5.0;5|Y|18.0");
        assert_true(reader.wanted[0]);
        assert_false(reader.wanted[1]);
        assert_false(reader.wanted[2]);
        expect_of("SELECT e.*, offset FROM (SELECT from_json(value::string, 'id INT, s STRING') AS "
                  "e, offset FROM t)",
                  &reader, "1|x|0;2|NULL|1;NULL|NULL|2;NULL|NULL|3;5|y|4");
        expect_of("SELECT max(e.s), sum(e.t) FROM (SELECT from_json(value::string, 's STRING, t "
                  "DOUBLE') AS e FROM t)",
                  &reader, "y|12.0");
    }
}

/* What is read goes down through projections: from_json two levels below decodes one field. */
static void test_needs(void **state)
{
    exec_fixture f;
    lv_operator *root;
    lv_sbuf text = LV_SBUF_INIT;
    lv_source_reader reader = {0};
    exec_fixture_init(&f, "value BINARY, offset BIGINT NOT NULL, topic STRING NOT NULL");
    lv_plan *plan = exec_plan(&f,
                              "SELECT x + 1 FROM (SELECT e.a AS x, e.b AS y FROM (SELECT "
                              "from_json(value::string, 'a INT, b INT, c INT') AS e, topic "
                              "FROM t) WHERE e.c > 0)",
                              false);
    play_source(plan);
    lv_exec_context context = {
        .zone = lv_timezone_utc(), .ansi = true, .open_source = open_source, .self = &reader};
    assert_ok(&f.err, lv_exec_build(&f.arena, plan, &context, &root, &f.err));
    lv_operator_print(root, &text);
    if (strstr(text.ptr, "only a c\n") == NULL || strstr(text.ptr, "Source reads value\n") == NULL)
        fail_msg("%s", text.ptr);
    lv_sbuf_release(&text);
    lv_operator_free(root);
    lv_arena_release(&f.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),      cmocka_unit_test(test_sort),
        cmocka_unit_test(test_aggregate), cmocka_unit_test(test_large_sort),
        cmocka_unit_test(test_source),    cmocka_unit_test(test_needs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
