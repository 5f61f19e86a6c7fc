/* test_spark_time.c: what Spark answered for times and intervals: values, types, names of columns, error
 * classes. */
#include "engine_fixture.h"

#include "engine/session.h"

/* `want` is a row's columns with '|' between them and rows with '\n', or NULL for an error of class `type`. */
typedef struct spark_case {
    const char *zone; /* NULL: UTC */
    bool ansi;
    const char *sql;
    const char *want;
    const char *type; /* of each column, with ',' between them */
    const char *name;
} spark_case;

static const spark_case cases[] = {
#define VALUE(sql, want, type, name)            {NULL, true, sql, want, type, name},
#define IN_ZONE(zone, sql, want, type, name)    {zone, true, sql, want, type, name},
#define WITHOUT_ANSI(sql, want, type, name)     {NULL, false, sql, want, type, name},
#define FAILS(sql, class)                       {NULL, true, sql, NULL, class, NULL},
#define FAILS_WITHOUT_ANSI(sql, class)          {NULL, false, sql, NULL, class, NULL},
#include "spark_intervals.def"
};

/* Types and names of the columns, as a case has them. */
static void describe(const lv_type *schema, lv_sbuf *types, lv_sbuf *names)
{
    for (int c = 0; c < schema->field_count; c++) {
        lv_sbuf_add_cstr(types, c ? "," : "");
        lv_sbuf_add_cstr(names, c ? "," : "");
        lv_type_print_simple(schema->fields[c].type, types);
        lv_sbuf_add_str(names, schema->fields[c].name);
    }
}

static lv_status run_case(const char *sql, lv_sbuf *rows, lv_sbuf *types, lv_sbuf *names,
                          lv_error *err)
{
    lv_statement *statements;
    size_t count;
    lv_options none = {0};
    lv_rows *made = NULL;
    LV_TRY(lv_statements_parse(lv_session_arena(session), lv_str_of(sql), &none, NULL, NULL,
                               &statements, &count, err));
    assert_int_equal(count, 1);
    LV_TRY(lv_session_run(session, &statements[0], &made, err));
    describe(lv_rows_schema(made), types, names);
    lv_status status = add_rows(made, rows, err);
    lv_rows_free(made);
    return status;
}

static bool same(const lv_sbuf *text, const char *want)
{
    return lv_str_eq(lv_sbuf_str(text), lv_str_of(want));
}

/* 1 if our answer is another one. */
static int check_case(const spark_case *c)
{
    lv_error err = LV_ERROR_INIT;
    lv_sbuf rows = LV_SBUF_INIT, types = LV_SBUF_INIT, names = LV_SBUF_INIT, sql = LV_SBUF_INIT;
    lv_str ignored;
    lv_sbuf_printf(&sql, "SET spark.sql.session.timeZone = %s; SET spark.sql.ansi.enabled = %s",
                   c->zone ? c->zone : "UTC", c->ansi ? "true" : "false");
    assert_ok(&err, run_sql(sql.ptr, &ignored, &err));
    lv_sbuf_clear(&sql);
    lv_sbuf_printf(&sql, "SELECT %s", c->sql);
    lv_status status = run_case(sql.ptr, &rows, &types, &names, &err);
    bool right = c->want == NULL
                     ? strcmp(lv_status_class(status), c->type) == 0
                     : status == LV_OK && same(&rows, c->want) && same(&types, c->type) &&
                           same(&names, c->name);
    if (!right)
        print_error("%s\n    want %s :: %s :: %s\n    got  %.*s :: %.*s :: %.*s %s %s\n", c->sql,
                    c->want ? c->want : "", c->type, c->name ? c->name : "",
                    LV_STR_ARG(lv_sbuf_str(&rows)), LV_STR_ARG(lv_sbuf_str(&types)),
                    LV_STR_ARG(lv_sbuf_str(&names)),
                    status == LV_OK ? "" : lv_status_class(status), err.message);
    lv_sbuf_release(&rows);
    lv_sbuf_release(&types);
    lv_sbuf_release(&names);
    lv_sbuf_release(&sql);
    return !right;
}

static void test_spark_answers(void **state)
{
    int wrong = 0;
    for (size_t i = 0; i < LV_COUNT_OF(cases); i++)
        wrong += check_case(&cases[i]);
    assert_int_equal(wrong, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {fixture_test(test_spark_answers)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
