/* exec_fixture.h: SQL text to a plan over one table or stream `t`, and rows to text. */
#ifndef LV_TESTS_EXEC_FIXTURE_H
#define LV_TESTS_EXEC_FIXTURE_H

#include "exec/exec.h"
#include "exec/program.h"
#include "plan/plan.h"
#include "unit.h"

typedef struct exec_fixture {
    lv_arena arena;
    lv_error err;
    lv_plan_conf conf;
    const char *ddl; /* columns of t */
} exec_fixture;

static inline void exec_fixture_init(exec_fixture *f, const char *ddl)
{
    lv_arena_init(&f->arena);
    f->err = LV_ERROR_INIT;
    f->conf = (lv_plan_conf){.ansi = true, .session_zone = LV_STR("UTC")};
    f->ddl = ddl;
}

static lv_status exec_find_view(void *self, const lv_str *names, int count, const lv_plan **view,
                                lv_error *err)
{
    *view = NULL;
    return LV_OK;
}

static lv_status exec_find_table(void *self, lv_arena *arena, lv_str format, const lv_str *names,
                                 int count, lv_str *path, const lv_type **schema, lv_error *err)
{
    exec_fixture *f = self;
    *path = names[count - 1];
    return lv_type_parse(arena, lv_str_of(f->ddl), schema, err);
}

static lv_status exec_source_schema(void *self, lv_arena *arena, lv_str format,
                                    const lv_options *options, const lv_type **schema,
                                    lv_error *err)
{
    exec_fixture *f = self;
    return lv_type_parse(arena, lv_str_of(f->ddl), schema, err);
}

/* The resolved plan of a query. */
static inline lv_plan *exec_plan(exec_fixture *f, const char *sql, bool optimize)
{
    lv_statement *statements;
    size_t count;
    lv_options none = {0};
    lv_plan *plan;
    lv_catalog catalog = {f, exec_find_view, exec_find_table, exec_source_schema, NULL, NULL};
    lv_error_clear(&f->err);
    assert_ok(&f->err, lv_statements_parse(&f->arena, lv_str_of(sql), &none, NULL, NULL,
                                           &statements, &count, &f->err));
    assert_ok(&f->err,
              lv_plan_analyze(&f->arena, statements[0].query, &catalog, &f->conf, &plan, &f->err));
    if (optimize)
        assert_ok(&f->err, lv_plan_optimize(&f->arena, plan, &f->conf, &plan, &f->err));
    return plan;
}

/* "1|null|x;2|..." */
static inline void exec_add_rows(lv_sbuf *out, const lv_vector *columns, int count, int64_t rows)
{
    for (int64_t i = 0; i < rows; i++) {
        if (out->len > 0)
            lv_sbuf_add_char(out, ';');
        for (int c = 0; c < count; c++) {
            if (c > 0)
                lv_sbuf_add_char(out, '|');
            lv_print_value(&columns[c], i, lv_timezone_utc(), out);
        }
    }
}

#endif
