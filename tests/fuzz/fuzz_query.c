/* module: exec */
/* fuzz_query.c: any text as statements that are analyzed, optimized and run over inline tables and
 * range(): a fixed number of rows is asked for. Nothing but memory errors, assertions and hangs can
 * fail here. */
#include "exec/exec.h"

enum { TEXT_MAX = 2000, ROWS_MAX = 20000 };

static lv_status find_view(void *self, const lv_str *names, int count, const lv_plan **view,
                           lv_error *err)
{
    *view = NULL;
    return LV_OK;
}

static lv_status find_table(void *self, lv_arena *arena, lv_str format, const lv_str *names,
                            int count, lv_str *path, const lv_type **schema, lv_error *err)
{
    return LV_FAIL(err, LV_NOT_FOUND, "there are no tables");
}

static lv_status source_schema(void *self, lv_arena *arena, lv_str format,
                               const lv_options *options, const lv_type **schema, lv_error *err)
{
    return LV_FAIL(err, LV_NOT_FOUND, "there are no sources");
}

static lv_status run_plan(lv_arena *arena, const lv_plan *plan, lv_error *err)
{
    lv_exec_context context = {.zone = lv_timezone_utc(), .ansi = true};
    lv_operator *root;
    LV_TRY(lv_exec_build(arena, plan, &context, &root, err));
    lv_status status = LV_OK;
    int64_t rows = 0;
    for (bool done = false; !done && status == LV_OK && rows < ROWS_MAX;) {
        lv_batch batch;
        status = lv_operator_next(root, &batch, &done, err);
        rows += status == LV_OK ? batch.length : 0;
        for (int c = 0; status == LV_OK && c < batch.schema->field_count; c++)
            lv_vector_check(&batch.columns[c]);
    }
    lv_operator_free(root);
    return status;
}

static void run_text(lv_arena *arena, lv_str text, bool ansi)
{
    const lv_catalog catalog = {
        .find_view = find_view, .find_table = find_table, .source_schema = source_schema};
    lv_plan_conf conf = {.ansi = ansi, .session_zone = LV_STR("America/Los_Angeles")};
    lv_statement *statements;
    size_t count;
    lv_error err = LV_ERROR_INIT;
    if (lv_statements_parse(arena, text, &(lv_options){NULL, 0}, NULL, NULL, &statements, &count,
                            &err) != LV_OK)
        return;
    for (size_t i = 0; i < count; i++) {
        lv_plan *plan;
        lv_error own = LV_ERROR_INIT;
        if (statements[i].kind != LV_STMT_QUERY ||
            lv_plan_analyze(arena, statements[i].query, &catalog, &conf, &plan, &own) != LV_OK ||
            lv_plan_optimize(arena, plan, &conf, &plan, &own) != LV_OK || plan->is_stream)
            continue;
        if (run_plan(arena, plan, &own) == LV_INTERNAL)
            __builtin_trap();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > TEXT_MAX)
        return 0;
    lv_arena arena;
    lv_arena_init(&arena);
    run_text(&arena, (lv_str){(const char *)data, size}, size % 2 == 0);
    lv_arena_release(&arena);
    return 0;
}
