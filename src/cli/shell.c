/* shell.c: running a text's statements; see shell.h. */
#include "cli/shell.h"

#include <signal.h>

#include "cli/export.h"
#include "os/os.h"

/* ---- cancelling ------------------------------------------------------------------------------ */

static _Atomic(lv_exec_watch *) running; /* the statement that SIGINT cancels */
static atomic_bool interrupted;

/* Stores to atomics are all that happens here; the operators see it at their next batch. */
static void on_interrupt(int number)
{
    lv_exec_watch *watch = atomic_load(&running);
    atomic_store(&interrupted, true);
    if (watch != NULL)
        atomic_store(&watch->cancelled, true);
}

void lv_shell_catch_interrupts(bool once)
{
    struct sigaction action = {.sa_handler = on_interrupt, .sa_flags = once ? SA_RESETHAND : 0};
    sigaction(SIGINT, &action, NULL);
}

bool lv_shell_interrupted(void)
{
    return atomic_exchange(&interrupted, false);
}

/* ---- showing rows ---------------------------------------------------------------------------- */

/* A plan is a tree of lines, for which a box is no help. */
static lv_status print_plan(lv_shell *shell, lv_rows *rows, int64_t *count, lv_error *err)
{
    lv_batch batch;
    bool done;
    LV_TRY(lv_rows_next(rows, &batch, &done, err));
    fprintf(shell->out, "%.*s\n", LV_STR_ARG(lv_vector_str(&batch.columns[0], 0)));
    *count = 1;
    return LV_OK;
}

static lv_status print_rows(lv_shell *shell, lv_rows *rows, int64_t *count, lv_error *err)
{
    lv_renderer *renderer = lv_renderer_new(&shell->render, lv_rows_schema(rows),
                                            lv_session_zone(shell->session), shell->out);
    lv_status status = LV_OK;
    for (bool done = false; !done && status == LV_OK;) {
        lv_batch batch;
        status = lv_rows_next(rows, &batch, &done, err);
        if (status == LV_OK && batch.length > 0)
            lv_renderer_add(renderer, &batch);
        *count += status == LV_OK ? batch.length : 0;
    }
    if (status != LV_OK) {
        lv_renderer_free(renderer);
        return status;
    }
    return lv_renderer_finish(renderer, err);
}

static lv_status export_rows(lv_shell *shell, lv_rows *rows, int64_t *count, lv_error *err)
{
    lv_export *export;
    const char *path = shell->export_path;
    int64_t size_bytes = 0;
    LV_TRY(
        lv_export_open(path, lv_rows_schema(rows), lv_session_zone(shell->session), &export, err));
    lv_status status = LV_OK;
    for (bool done = false; !done && status == LV_OK;) {
        lv_batch batch;
        status = lv_rows_next(rows, &batch, &done, err);
        if (status == LV_OK && batch.length > 0)
            status = lv_export_add(export, &batch, err);
    }
    if (status != LV_OK) {
        lv_export_abandon(export);
        return status;
    }
    LV_TRY(lv_export_finish(export, count, &size_bytes, err));
    fprintf(stderr, "%s: %lld rows, %lld bytes\n", path, (long long)*count, (long long)size_bytes);
    return LV_OK;
}

static lv_status show(lv_shell *shell, const lv_statement *statement, bool is_last, lv_rows *rows,
                      int64_t *count, lv_error *err)
{
    if (shell->export_path != NULL && is_last)
        return export_rows(shell, rows, count, err);
    if (statement->kind == LV_STMT_EXPLAIN && shell->render.format == LV_OUTPUT_TABLE)
        return print_plan(shell, rows, count, err);
    return print_rows(shell, rows, count, err);
}

/* ---- statements ------------------------------------------------------------------------------ */

typedef struct run {
    lv_shell *shell;
    const char *file;
    lv_str text;
} run;

static void report(void *context, const lv_error *err)
{
    const run *r = context;
    lv_cli_print_error(r->file, r->text, err, lv_output_format_is_json(r->shell->render.format));
}

static void print_time(int64_t rows, int64_t start_ns)
{
    fprintf(stderr, "%lld row%s in %.3f s\n", (long long)rows, rows == 1 ? "" : "s",
            (double)(lv_mono_ns() - start_ns) / 1e9);
}

static int run_statement(run *r, const lv_statement *statement, bool is_last)
{
    lv_shell *shell = r->shell;
    lv_error err = LV_ERROR_INIT;
    lv_rows *rows;
    int64_t count = 0, start_ns = lv_mono_ns();
    atomic_store(&running, lv_session_watch(shell->session));
    lv_ticker *ticker = lv_ticker_start(lv_session_watch(shell->session));
    lv_status status = lv_session_run(shell->session, statement, &rows, &err);
    bool analyzed = status == LV_OK, gives_rows = analyzed && rows != NULL;
    if (gives_rows)
        status = show(shell, statement, is_last, rows, &count, &err);
    lv_rows_free(rows);
    lv_ticker_stop(ticker);
    atomic_store(&running, NULL);
    if (status == LV_OK) {
        if (shell->timer && gives_rows)
            print_time(count, start_ns);
        return LV_EXIT_OK;
    }
    lv_error_at(&err, statement->sql_offset, statement->sql_length);
    report(r, &err);
    int code = lv_cli_exit_code(status);
    return code == LV_EXIT_FAILED && !analyzed ? LV_EXIT_INVALID : code;
}

int lv_shell_run(lv_shell *shell, const char *file, lv_str text)
{
    lv_error err = LV_ERROR_INIT;
    lv_arena *arena = lv_session_arena(shell->session);
    run r = {shell, file, lv_str_dup(arena, text)}; /* views keep pieces of it */
    lv_statement *statements;
    size_t count = 0;
    int code = LV_EXIT_OK;
    if (lv_statements_parse(arena, r.text, &shell->parameters, report, &r, &statements, &count,
                            &err) != LV_OK)
        code = LV_EXIT_INVALID;
    for (size_t i = 0; i < count && code == LV_EXIT_OK; i++)
        code = run_statement(&r, &statements[i], i + 1 == count);
    return code;
}
