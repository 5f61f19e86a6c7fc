/* plan_fixture.h: a small fixed catalog, and a file's statements run through all of plan/.
 *
 * Tables t and u, a Kafka source with Spark's columns, and the views that the file itself creates.
 * Shared with fuzz_sql. */
#ifndef LV_TESTS_PLAN_FIXTURE_H
#define LV_TESTS_PLAN_FIXTURE_H

#include "base/vec.h"
#include "plan/plan.h"
#include "sql/sql.h"

typedef struct plan_fixture {
    lv_arena arena;
    lv_catalog catalog;
    lv_plan_conf conf;
    lv_str text;
    const char *name;
    lv_sbuf *out;
    LV_VEC(lv_statement) views;
} plan_fixture;

static const char *const fixture_tables[][2] = {
    {"t",
     "id INT, name STRING, temp DOUBLE, ts TIMESTAMP, d DATE, x DECIMAL(10,2), big BIGINT, flag "
     "BOOLEAN, "
     "p STRUCT<x: INT, y: STRING, q: STRUCT<z: INT>>, tags ARRAY<STRING>, m MAP<STRING, INT>, o "
     "ARRAY<STRUCT<n: INT>>"},
    {"u", "id INT, v BIGINT"},
    {"/data/dim", "id INT, name STRING"},
};

#define FIXTURE_KAFKA                                                                              \
    "key BINARY, value BINARY, topic STRING NOT NULL, partition INT NOT NULL, offset BIGINT NOT "  \
    "NULL, "                                                                                       \
    "timestamp TIMESTAMP NOT NULL, timestampType INT NOT NULL"

static lv_status fixture_find_view(void *self, const lv_str *names, int count, const lv_plan **view,
                                   lv_error *err)
{
    plan_fixture *f = self;
    *view = NULL;
    for (size_t i = 0; count == 1 && i < f->views.count; i++)
        if (lv_str_eq_nocase(f->views.at[i].name, names[0]))
            *view = f->views.at[i].query;
    return LV_OK;
}

static lv_status fixture_find_table(void *self, lv_arena *arena, lv_str format, const lv_str *names,
                                    int count, lv_str *path, const lv_type **schema, lv_error *err)
{
    for (size_t i = 0; count >= 1 && i < LV_COUNT_OF(fixture_tables); i++)
        if (lv_str_eq_nocase(names[count - 1], lv_str_of(fixture_tables[i][0]))) {
            *path = names[count - 1];
            return lv_type_parse(arena, lv_str_of(fixture_tables[i][1]), schema, err);
        }
    return LV_FAIL(err, LV_NOT_FOUND, "no table");
}

static lv_status fixture_source_schema(void *self, lv_arena *arena, lv_str format,
                                       const lv_options *options, const lv_type **schema,
                                       lv_error *err)
{
    if (lv_str_is(format, "delta"))
        return lv_type_parse(arena, lv_str_of(fixture_tables[0][1]), schema, err);
    if (lv_str_is(format, "files"))
        return lv_type_parse(arena, LV_STR("a BIGINT, b STRING, k INT"), schema, err);
    if (lv_option_get(options, "subscribe", LV_STR_NONE).ptr == NULL)
        return LV_FAIL(err, LV_REQUIRED_PARAMETER_NOT_FOUND,
                       "Cannot invoke routine `read_kafka` because the parameter named "
                       "`subscribe` is required, but the routine call did not supply a value");
    return lv_type_parse(arena, LV_STR(FIXTURE_KAFKA), schema, err);
}

static lv_status fixture_files_schema(void *self, lv_arena *arena, lv_str format,
                                      const lv_options *options, const lv_type **schema,
                                      lv_error *err)
{
    if (lv_option_get(options, "path", LV_STR_NONE).len == 0)
        return LV_FAIL(err, LV_INVALID_EMPTY_LOCATION, "no path");
    return lv_type_parse(arena, LV_STR("a BIGINT, b STRING, k INT"), schema, err);
}

static void fixture_diagnose(void *ctx, const lv_error *err)
{
    plan_fixture *f = ctx;
    lv_sql_diagnose(f->out, f->name, f->text, err);
}

static void fixture_query(plan_fixture *f, const lv_plan *query)
{
    lv_error err = LV_ERROR_INIT;
    lv_plan *resolved = NULL;
    lv_plan *optimized = NULL;
    if (lv_plan_analyze(&f->arena, query, &f->catalog, &f->conf, &resolved, &err) != LV_OK ||
        lv_plan_optimize(&f->arena, resolved, &f->conf, &optimized, &err) != LV_OK) {
        fixture_diagnose(f, &err);
        return;
    }
    lv_type_print_simple(resolved->schema, f->out);
    lv_sbuf_add_cstr(f->out, resolved->is_stream ? " (stream)\n" : "\n");
    lv_plan_print(resolved, f->out);
    lv_sbuf optimized_text = LV_SBUF_INIT;
    lv_sbuf resolved_text = LV_SBUF_INIT;
    lv_plan_print(resolved, &resolved_text);
    lv_plan_print(optimized, &optimized_text);
    if (!lv_str_eq(lv_sbuf_str(&resolved_text), lv_sbuf_str(&optimized_text)))
        lv_sbuf_printf(f->out, "optimized\n%s", optimized_text.ptr);
    lv_sbuf_release(&resolved_text);
    lv_sbuf_release(&optimized_text);
}

static void fixture_statement(plan_fixture *f, const lv_statement *s)
{
    static const char *const kinds[] = {
        "query",       "set",         "reset",   "use",  "create streaming table",
        "create flow", "create view", "explain", "show", "describe"};
    lv_sbuf_printf(f->out, "-- %s", kinds[s->kind]);
    if (s->name.len > 0)
        lv_sbuf_printf(f->out, " %.*s", LV_STR_ARG(s->name));
    if (s->value.ptr != NULL)
        lv_sbuf_printf(f->out, " = %.*s", LV_STR_ARG(s->value));
    for (int i = 0; i < s->partition_by_count; i++)
        lv_sbuf_printf(f->out, "%s%.*s", i ? ", " : " partitioned by ",
                       LV_STR_ARG(s->partition_by[i]));
    if (s->location.len > 0)
        lv_sbuf_printf(f->out, " location %.*s", LV_STR_ARG(s->location));
    for (int i = 0; i < s->properties.count; i++)
        lv_sbuf_printf(f->out, " %.*s=%.*s", LV_STR_ARG(s->properties.items[i].name),
                       LV_STR_ARG(s->properties.items[i].value));
    lv_sbuf_add_char(f->out, '\n');
    if (s->kind == LV_STMT_SET && lv_str_is(s->name, "spark.sql.ansi.enabled"))
        f->conf.ansi = lv_str_eq_nocase(s->value, LV_STR("true"));
    if (s->kind == LV_STMT_CREATE_VIEW)
        LV_VEC_PUSH(&f->arena, f->views, *s);
    else if (s->query != NULL)
        fixture_query(f, s->kind == LV_STMT_CREATE_STREAMING_TABLE
                             ? lv_plan_into_table(&f->arena, s, s->query, NULL, false)
                             : s->query);
}

/** Runs a file; what comes out of it is added to `out`. */
static inline void fixture_run(const char *name, lv_str input, lv_sbuf *out)
{
    plan_fixture f = {.conf = {.ansi = true,
                               .session_zone = LV_STR("UTC"),
                               .catalog = LV_STR("spark_catalog"),
                               .schema = LV_STR("default")},
                      .text = input,
                      .name = name,
                      .out = out};
    f.catalog = (lv_catalog){&f, fixture_find_view, fixture_find_table, fixture_source_schema,
                             fixture_files_schema, NULL};
    lv_arena_init(&f.arena);
    lv_option parameters[] = {{LV_STR("topic"), LV_STR("telemetry"), -1},
                              {LV_STR("limit"), LV_STR("3"), -1}};
    lv_options options = {parameters, 2};
    lv_statement *statements;
    size_t count;
    lv_error err = LV_ERROR_INIT;
    (void)!lv_statements_parse(&f.arena, input, &options, fixture_diagnose, &f, &statements, &count,
                               &err);
    for (size_t i = 0; i < count; i++)
        fixture_statement(&f, &statements[i]);
    lv_arena_release(&f.arena);
}

#endif
