/* test_program.c: compiled expressions: sharing, what is read, laziness, errors, and a random
 * differential against evaluating row by row. */
#include "exec/exec_fixture.h"

typedef struct program_run {
    const lv_program *program;
    lv_program_instance *instance;
    lv_batch in;
    int count;
} program_run;

/* Rows as text "1|2;3|null", read by TRY_CAST. */
static lv_batch make_batch(exec_fixture *f, const lv_type *schema, const char *text)
{
    lv_batch batch = {.schema = schema,
                      .columns = LV_NEW_ARRAY(&f->arena, lv_vector, schema->field_count)};
    lv_builder *builders = LV_NEW_ARRAY(&f->arena, lv_builder, schema->field_count);
    lv_eval eval = {.arena = &f->arena, .zone = lv_timezone_utc(), .ansi = true};
    for (int c = 0; c < schema->field_count; c++)
        lv_builder_init(&builders[c], &f->arena, lv_type_of(LV_TYPE_STRING), 8);
    lv_str rest = lv_str_of(text), row, cell;
    while (rest.len > 0 && lv_str_split(&rest, ';', &row)) {
        for (int c = 0; c < schema->field_count; c++) {
            lv_str_split(&row, '|', &cell);
            if (lv_str_is(cell, "null"))
                lv_builder_null(&builders[c]);
            else
                lv_builder_str_copy(&builders[c], cell);
        }
        batch.length++;
    }
    for (int c = 0; c < schema->field_count; c++) {
        lv_vector texts;
        lv_builder_finish(&builders[c], &texts);
        assert_ok(&f->err, lv_cast(&eval, &texts, schema->fields[c].type, LV_CAST_TRY, LV_STR_NONE,
                                   &batch.columns[c], &f->err));
    }
    return batch;
}

/* Compiles the projection directly above `t`. */
static const lv_program *compile(exec_fixture *f, const char *select, const lv_need *needs,
                                 const lv_plan **project)
{
    const lv_plan *plan =
        exec_plan(f, lv_arena_printf(&f->arena, "SELECT %s FROM t", select), false);
    const lv_program *program;
    assert_int_equal(plan->kind, LV_PLAN_PROJECT);
    assert_ok(&f->err, lv_program_compile(&f->arena, plan->exprs, plan->expr_count, needs,
                                          plan->inputs[0]->schema, &program, &f->err));
    *project = plan;
    return program;
}

static lv_status evaluate(exec_fixture *f, const char *select, const char *rows, lv_sbuf *out)
{
    const lv_plan *plan;
    const lv_program *program = compile(f, select, NULL, &plan);
    lv_batch in = make_batch(f, plan->inputs[0]->schema, rows);
    lv_eval eval = {
        .arena = &f->arena, .zone = lv_timezone_utc(), .ansi = true, .batch_time_us = 0};
    lv_program_instance *instance;
    lv_vector *results = LV_NEW_ARRAY(&f->arena, lv_vector, plan->expr_count);
    lv_error_clear(&f->err);
    assert_ok(&f->err, lv_program_instance_new(program, &instance, &f->err));
    lv_status status = lv_program_run(instance, &eval, &in, results, &f->err);
    if (status == LV_OK)
        exec_add_rows(out, results, plan->expr_count, in.length);
    lv_program_instance_free(instance);
    return status;
}

static void expect(const char *ddl, const char *select, const char *rows, const char *expected)
{
    exec_fixture f;
    lv_sbuf out = LV_SBUF_INIT;
    exec_fixture_init(&f, ddl);
    lv_status status = evaluate(&f, select, rows, &out);
    if (expected[0] == '!') {
        assert_string_equal(lv_status_class(status), expected + 1);
    } else {
        assert_ok(&f.err, status);
        if (!lv_str_is(lv_sbuf_str(&out), expected))
            fail_msg("%s gives %s, not %s", select, out.ptr, expected);
    }
    lv_sbuf_release(&out);
    lv_arena_release(&f.arena);
}

static void test_values(void **state)
{
    expect("a INT, b INT", "a + b, a * 2, 7", "1|2;null|3", "3|2|7;NULL|NULL|7");
    expect("a INT", "named_struct('x', a, 'y', 'q').x, struct(a, a + 1)", "4;null",
           "4|{4, 5};NULL|{null, null}");
    expect("a INT", "a", "", "");
    expect("s STRING", "upper(s), s LIKE 'a%'", "abc;null;xyz", "ABC|true;NULL|NULL;XYZ|false");
}

static void test_lazy(void **state)
{
    const char *ddl = "a INT, b INT", *rows = "6|2;1|0;null|0;9|3";
    expect(ddl, "a / b", rows, "!DIVIDE_BY_ZERO");
    expect(ddl, "if(b = 0, null, a / b)", rows, "3.0;NULL;NULL;3.0");
    expect(ddl, "CASE WHEN b = 0 THEN -1.0D WHEN a / b > 3 THEN 100D ELSE a / b END", "6|2;1|0;9|1",
           "3.0;-1.0;100.0");
    expect(ddl, "b <> 0 AND a / b > 2", rows, "true;false;false;true");
    expect(ddl, "b = 0 OR a % b = 1", "6|2;1|0;7|3", "false;true;true");
    expect(ddl, "coalesce(a, 1 / b)", "5|0;null|2", "5.0;0.5");
    expect(ddl, "coalesce(a, 1 / b)", "5|0;null|0", "!DIVIDE_BY_ZERO");
    expect(ddl, "nvl2(a, a / b, 0D)", "6|2;null|0", "3.0;0.0");
    expect(ddl, "if(b > 0, if(a > 5, a / b, a % b), 0D)", "6|2;5|3;1|0", "3.0;2.0;0.0");
    expect(ddl, "a / b > 1 AND b > 0", "1|0", "!DIVIDE_BY_ZERO");
    expect(ddl, "b > 0 AND null AND a / b > 100", "6|2;1|0", "false;false");
    expect(ddl, "if(b = 0, a, cast(cast(a AS STRING) AS INT) DIV b)", "6|2;1|0", "3;1");
    expect("s STRING, n INT", "if(n = 1, cast(s AS INT), -1)", "12|1;x|2;null|1", "12;-1;NULL");
}

static void test_error_place(void **state)
{
    exec_fixture f;
    lv_sbuf out = LV_SBUF_INIT;
    exec_fixture_init(&f, "a INT, b INT");
    assert_int_equal(evaluate(&f, "1 + a, a / b", "1|0", &out), LV_DIVIDE_BY_ZERO);
    assert_int_equal(f.err.sql_offset, (int64_t)strlen("SELECT 1 + a, "));
    assert_int_equal(f.err.sql_length, 5);
    lv_error_clear(&f.err);
    assert_int_equal(evaluate(&f, "if(a = 1, a / b, 0D)", "1|0", &out), LV_DIVIDE_BY_ZERO);
    assert_int_equal(f.err.sql_offset, (int64_t)strlen("SELECT if(a = 1, "));
    lv_sbuf_release(&out);
    lv_arena_release(&f.arena);
}

/* from_json is shared, and decodes only what is read. */
static void test_needs(void **state)
{
    exec_fixture f;
    const lv_plan *plan;
    lv_sbuf text = LV_SBUF_INIT;
    exec_fixture_init(&f, "value STRING, key STRING");
    const lv_program *program = compile(&f,
                                        "from_json(value, 'a INT, b STRING, c DOUBLE').a, "
                                        "from_json(value, 'a INT, b STRING, c DOUBLE').c + 1",
                                        NULL, &plan);
    lv_program_print(program, &text);
    assert_non_null(strstr(text.ptr, "from_json"));
    assert_null(strstr(strstr(text.ptr, "from_json") + 1, "from_json"));
    assert_non_null(strstr(text.ptr, "only a c\n"));
    assert_true(lv_program_needs(program)[0].all);
    assert_false(lv_need_any(&lv_program_needs(program)[1], lv_type_of(LV_TYPE_STRING)));
    lv_sbuf_release(&text);
    lv_arena_release(&f.arena);
    expect("value STRING",
           "from_json(value, 'a INT, b STRING').a, from_json(value, 'a INT, b STRING').b",
           "{\"a\":1,\"b\":\"x\"};{};null", "1|x;NULL|NULL;NULL|NULL");
    expect("value STRING", "from_json(value, 'a INT', map('mode', 'FAILFAST')).a",
           "{\"a\":", "!MALFORMED_RECORD_IN_PARSING.WITHOUT_SUGGESTION");
    expect("value STRING, ok BOOLEAN",
           "if(ok, from_json(value, 'a INT', map('mode', 'FAILFAST')).a, -1)",
           "{\"a\":|false;{\"a\":2}|true", "-1;2");
}

static void test_lambdas(void **state)
{
    const char *ddl = "a INT, b INT", *rows = "6|2;1|0;null|0";
    expect(ddl, "transform(array(a, b, 1), x -> x * b)", rows, "[12, 4, 2];[0, 0, 0];[null, 0, 0]");
    expect(ddl, "transform(array(a, b), x -> transform(array(x, a), (y, i) -> y + x + i * b))",
           "6|2", "[[12, 14], [4, 10]]");
    expect(ddl, "filter(array(a, b, null), x -> x > b)", rows, "[6];[1];[]");
    expect(ddl, "aggregate(array(a, b), b, (s, x) -> s + coalesce(x, 0), s -> s * 10)", rows,
           "100;10;0");
    /* a body is evaluated on items only, and a branch of it on those that need it */
    expect(ddl, "transform(array(b), x -> 1 / x)", rows, "!DIVIDE_BY_ZERO");
    expect(ddl, "transform(filter(array(b), x -> x <> 0), x -> 1 / x)", rows, "[0.5];[];[]");
    expect(ddl, "transform(array(b), x -> if(x = 0, -1D, 1 / x))", rows, "[0.5];[-1.0];[-1.0]");
    expect(ddl, "if(b = 0, null, transform(array(a), x -> x / b))", rows, "[3.0];NULL;NULL");
    expect(ddl, "transform(filter(array(a), x -> b > 0), x -> 1 / b)", rows, "[0.5];[];[]");
    /* exists asks no further than it must */
    expect(ddl, "exists(array(1, b), x -> 1 / x = 1)", rows, "true;true;true");
    expect(ddl, "exists(array(b, 1), x -> 1 / x = 1)", rows, "!DIVIDE_BY_ZERO");
}

/* What a body does not need its parameters for is computed once for each row; errors know their place. */
static void test_lambda_program(void **state)
{
    exec_fixture f;
    const lv_plan *plan;
    lv_sbuf text = LV_SBUF_INIT, out = LV_SBUF_INIT;
    exec_fixture_init(&f, "s STRING, b INT");
    const lv_program *program =
        compile(&f, "transform(array(1, 2), x -> x + length(s))", NULL, &plan);
    lv_program_print(program, &text);
    assert_non_null(strstr(text.ptr, "length"));
    assert_non_null(strstr(text.ptr, "{1} of"));
    assert_true(strstr(text.ptr, "length") < strstr(text.ptr, "{1} of"));
    assert_true(lv_need_any(&lv_program_needs(program)[0], lv_type_of(LV_TYPE_STRING)));
    assert_false(lv_need_any(&lv_program_needs(program)[1], lv_type_of(LV_TYPE_INT)));
    assert_int_equal(evaluate(&f, "transform(array(b), x -> 1 / x)", "q|0", &out),
                     LV_DIVIDE_BY_ZERO);
    assert_int_equal(f.err.sql_offset, (int64_t)strlen("SELECT transform(array(b), x -> "));
    lv_sbuf_release(&text);
    lv_sbuf_release(&out);
    lv_arena_release(&f.arena);
}

static void test_unread_results(void **state)
{
    exec_fixture f;
    const lv_plan *plan;
    exec_fixture_init(&f, "a INT, b INT");
    lv_need needs[2] = {{.all = true}, {.all = false}};
    const lv_program *program = compile(&f, "a, a / b", needs, &plan);
    assert_true(lv_program_needs(program)[0].all);
    assert_false(lv_program_needs(program)[1].all);
    lv_batch in = make_batch(&f, plan->inputs[0]->schema, "1|0");
    lv_eval eval = {.arena = &f.arena, .zone = lv_timezone_utc(), .ansi = true};
    lv_program_instance *instance;
    lv_vector out[2];
    assert_ok(&f.err, lv_program_instance_new(program, &instance, &f.err));
    assert_ok(&f.err, lv_program_run(instance, &eval, &in, out, &f.err));
    assert_int_equal(LV_AT(int32_t, &out[0], 0), 1);
    assert_true(lv_vector_is_null(&out[1], 0));
    lv_program_instance_free(instance);
    lv_arena_release(&f.arena);
}

/* ---- random expressions: a batch at once gives what its rows give one by one ----------------- */

static uint64_t seed = 88172645463325252u;
static uint64_t next_random(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    return seed ^= seed << 17;
}

static void random_condition(lv_sbuf *sql, int depth);

static void random_number(lv_sbuf *sql, int depth)
{
    static const char *const leaves[] = {"a", "b", "c", "1", "0", "cast(null AS INT)", "-2"};
    if (depth == 0) {
        lv_sbuf_add_cstr(sql, leaves[next_random() % LV_COUNT_OF(leaves)]);
        return;
    }
    switch (next_random() % 5) {
    case 0:
        lv_sbuf_add_cstr(sql, "if(");
        random_condition(sql, depth - 1);
        lv_sbuf_add_cstr(sql, ", ");
        random_number(sql, depth - 1);
        lv_sbuf_add_cstr(sql, ", ");
        random_number(sql, depth - 1);
        lv_sbuf_add_char(sql, ')');
        break;
    case 1:
        lv_sbuf_add_cstr(sql, "coalesce(");
        random_number(sql, depth - 1);
        lv_sbuf_add_cstr(sql, ", ");
        random_number(sql, depth - 1);
        lv_sbuf_add_char(sql, ')');
        break;
    default:
        lv_sbuf_add_char(sql, '(');
        random_number(sql, depth - 1);
        lv_sbuf_add_cstr(sql, (const char *[]){" + ", " % ", " DIV ", " * "}[next_random() % 4]);
        random_number(sql, depth - 1);
        lv_sbuf_add_char(sql, ')');
    }
}

static void random_condition(lv_sbuf *sql, int depth)
{
    lv_sbuf_add_char(sql, '(');
    if (depth == 0 || next_random() % 2) {
        random_number(sql, depth ? depth - 1 : 0);
        lv_sbuf_add_cstr(sql, (const char *[]){" > ", " = ", " <> "}[next_random() % 3]);
        random_number(sql, 0);
    } else {
        random_condition(sql, depth - 1);
        lv_sbuf_add_cstr(sql, next_random() % 2 ? " AND " : " OR ");
        random_condition(sql, depth - 1);
    }
    lv_sbuf_add_char(sql, ')');
}

static void random_row(lv_sbuf *rows)
{
    if (rows->len > 0)
        lv_sbuf_add_char(rows, ';');
    for (int c = 0; c < 3; c++) {
        int value = (int)(next_random() % 7) - 2;
        lv_sbuf_printf(rows, value == 4 ? "%snull" : "%s%d", c ? "|" : "", value);
    }
}

static void test_random(void **state)
{
    for (int round = 0; round < 300; round++) {
        exec_fixture f;
        lv_sbuf sql = LV_SBUF_INIT, rows = LV_SBUF_INIT, whole = LV_SBUF_INIT,
                single = LV_SBUF_INIT;
        exec_fixture_init(&f, "a INT, b INT, c INT");
        random_number(&sql, 3);
        for (int i = 0; i < 70; i++)
            random_row(&rows);
        lv_status status = evaluate(&f, sql.ptr, rows.ptr, &whole), first = LV_OK;
        lv_str rest = lv_sbuf_str(&rows), row;
        while (rest.ptr != NULL && lv_str_split(&rest, ';', &row)) {
            lv_status own = evaluate(&f, sql.ptr, lv_str_cstr(&f.arena, row), &single);
            first = first == LV_OK ? own : first;
        }
        if ((status == LV_OK) != (first == LV_OK))
            fail_msg("%s: a batch gives %s, its rows %s", sql.ptr, lv_status_class(status),
                     lv_status_class(first));
        if (status == LV_OK)
            assert_string_equal(whole.ptr, single.ptr);
        lv_sbuf_release(&sql);
        lv_sbuf_release(&rows);
        lv_sbuf_release(&whole);
        lv_sbuf_release(&single);
        lv_arena_release(&f.arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),         cmocka_unit_test(test_lazy),
        cmocka_unit_test(test_error_place),    cmocka_unit_test(test_needs),
        cmocka_unit_test(test_unread_results), cmocka_unit_test(test_random),
        cmocka_unit_test(test_lambdas),        cmocka_unit_test(test_lambda_program),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
