/* rows.c: see rows.h. */
#include "engine/rows.h"
#include "engine/rows_int.h"
#include "engine/session_int.h"

#include <stdlib.h>

#include "base/check.h"
#include "exec/exec.h"
#include "os/os.h"

struct lv_rows {
    lv_arena arena;
    lv_operator *root; /* of a query; NULL: the text rows below are all there is */
    lv_batch texts;
};

static lv_rows *rows_new(void)
{
    lv_rows *rows = calloc(1, sizeof *rows);
    LV_ASSERT(rows != NULL);
    lv_arena_init(&rows->arena);
    return rows;
}

void lv_rows_free(lv_rows *rows)
{
    if (rows == NULL)
        return;
    lv_operator_free(rows->root);
    lv_arena_release(&rows->arena);
    free(rows);
}

/* ---- rows of text ---------------------------------------------------------------------------- */

lv_rows *lv_rows_of_text(const char *const *names, int columns, const lv_str *cells, int count)
{
    lv_rows *rows = rows_new();
    lv_field *fields = LV_NEW_ARRAY(&rows->arena, lv_field, columns);
    rows->texts =
        (lv_batch){.length = count, .columns = LV_NEW_ARRAY(&rows->arena, lv_vector, columns)};
    for (int c = 0; c < columns; c++) {
        bool is_bool = names[c][0] == '?';
        lv_builder b;
        fields[c] = (lv_field){.name = lv_str_of(names[c] + is_bool),
                               .type = lv_type_of(is_bool ? LV_TYPE_BOOLEAN : LV_TYPE_STRING)};
        lv_builder_init(&b, &rows->arena, fields[c].type, count);
        for (int i = 0; i < count; i++) {
            lv_str cell = cells[i * columns + c];
            uint8_t truth = lv_str_is(cell, "true");
            fields[c].nullable = fields[c].nullable || cell.ptr == NULL;
            if (cell.ptr == NULL)
                lv_builder_null(&b);
            else if (is_bool)
                lv_builder_value(&b, &truth);
            else
                lv_builder_str_copy(&b, cell);
        }
        lv_builder_finish(&b, &rows->texts.columns[c]);
    }
    rows->texts.schema = lv_type_struct(&rows->arena, fields, columns);
    return rows;
}

/* SetCommand.scala: key and value of one setting or of all; an unset key shows as <undefined>. */
static lv_rows *show_settings(lv_session *session, lv_str key)
{
    static const char *const names[] = {"key", "value"};
    if (key.len > 0) {
        lv_str value = lv_session_get(session, lv_str_cstr(lv_session_arena(session), key));
        return lv_rows_of_text(
            names, 2, (lv_str[]){key, value.ptr != NULL ? value : LV_STR("<undefined>")}, 1);
    }
    int count;
    const lv_option *settings = lv_session_settings(session, &count);
    lv_str *cells = LV_NEW_ARRAY(lv_session_arena(session), lv_str, 2 * count);
    for (int i = 0; i < count; i++) {
        cells[2 * i] = settings[i].name;
        cells[2 * i + 1] = settings[i].value;
    }
    return lv_rows_of_text(names, 2, cells, count);
}

static lv_rows *show_plan(const lv_plan *plan)
{
    static const char *const names[] = {"plan"};
    lv_sbuf text = LV_SBUF_INIT;
    lv_plan_print(plan, &text);
    lv_rows *rows = lv_rows_of_text(names, 1, (lv_str[]){lv_str_trim(lv_sbuf_str(&text))}, 1);
    lv_sbuf_release(&text);
    return rows;
}

/* ---- queries --------------------------------------------------------------------------------- */

static lv_status run_query(lv_session *session, const lv_plan *plan, lv_rows **out, lv_error *err)
{
    if (plan->is_stream)
        return LV_FAIL(err, LV_SORT_NOT_SUPPORTED_IN_STREAM,
                       "a query over a stream gives no rows by itself; write CREATE STREAMING "
                       "TABLE ... AS in a file for levada run");
    lv_exec_context context = {.zone = lv_session_zone(session),
                               .ansi = lv_session_ansi(session),
                               .now_us = lv_now_us(),
                               .watch = lv_session_watch(session)};
    lv_rows *rows = rows_new();
    lv_status status = lv_exec_build(&rows->arena, plan, &context, &rows->root, err);
    if (status != LV_OK) {
        lv_rows_free(rows);
        return status;
    }
    *out = rows;
    return LV_OK;
}

lv_status lv_session_run(lv_session *session, const lv_statement *s, lv_rows **rows, lv_error *err)
{
    lv_plan *plan;
    *rows = NULL;
    atomic_store(&lv_session_watch(session)->cancelled, false);
    atomic_store(&lv_session_watch(session)->rows, 0);
    switch (s->kind) {
    case LV_STMT_QUERY:
        LV_TRY(lv_session_plan(session, s->query, &plan, err));
        return run_query(session, plan, rows, err);
    case LV_STMT_EXPLAIN:
        LV_TRY(lv_session_plan(session, s->query, &plan, err));
        *rows = show_plan(plan);
        return LV_OK;
    case LV_STMT_CREATE_STREAMING_TABLE:
    case LV_STMT_CREATE_FLOW:
        lv_error_hint(err, "put it into a file for levada run");
        return LV_FAIL(
            err, LV_CREATE_PIPELINE_DATASET,
            "The feature is not supported: Direct execution of a CREATE ... %s query. To "
            "create a pipeline dataset, create and execute a pipeline with a SQL file "
            "containing your query attached in the pipeline definition",
            s->kind == LV_STMT_CREATE_FLOW ? "FLOW" : "STREAMING TABLE");
    case LV_STMT_SHOW: return lv_session_show(session, s, rows, err);
    case LV_STMT_DESCRIBE: return lv_session_describe(session, s, rows, err);
    case LV_STMT_CREATE_VIEW:
        return s->temporary ? lv_session_apply(session, s, err) : lv_views_store(session, s, err);
    case LV_STMT_SET:
        LV_TRY(lv_session_apply(session, s, err));
        *rows = show_settings(session, s->name);
        return LV_OK;
    default: return lv_session_apply(session, s, err);
    }
}

const lv_type *lv_rows_schema(const lv_rows *rows)
{
    return rows->root != NULL ? lv_operator_schema(rows->root) : rows->texts.schema;
}

lv_status lv_rows_next(lv_rows *rows, lv_batch *batch, bool *done, lv_error *err)
{
    if (rows->root != NULL)
        return lv_operator_next(rows->root, batch, done, err);
    *batch = rows->texts;
    *done = true;
    return LV_OK;
}
