/* cmd_run.c: `levada run`: a pipeline in the foreground.
 *
 * On a terminal one line is redrawn per batch, at most ten times a second; elsewhere every batch is a
 * line of JSON on standard output, as Spark prints its progress. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/interval.h"
#include "cli/pipeline_args.h"
#include "os/os.h"
#include "sql/sql.h"

/* Counts of one expectation, of all flows into its table, since the program began. */
typedef struct expectation_count {
    const char *dataset;
    lv_str name;
    const char *action;
    int64_t passed;
    int64_t failed;
} expectation_count;

typedef struct run_context {
    pthread_mutex_t mutex; /* guards everything below: several committers report */
    bool live;             /* redraw one line on stderr */
    bool json_errors;
    int64_t began_ns;
    int64_t drawn_ns;
    int64_t rows;
    int64_t batches;
    lv_arena *arena;
    LV_VEC(expectation_count) expectations;
    lv_pipeline *pipeline;
} run_context;

/* ---- progress -------------------------------------------------------------------------------- */

static void count_expectations(run_context *run, const lv_progress *p)
{
    for (int i = 0; i < p->expectation_count; i++) {
        const lv_expectation_progress *e = &p->expectations[i];
        size_t at = 0;
        while (at < run->expectations.count &&
               !(lv_str_eq(run->expectations.at[at].name, e->name) &&
                 strcmp(run->expectations.at[at].dataset, p->dataset) == 0))
            at++;
        if (at == run->expectations.count)
            LV_VEC_PUSH(
                run->arena, run->expectations,
                ((expectation_count){lv_arena_strndup(run->arena, p->dataset, strlen(p->dataset)),
                                     lv_str_dup(run->arena, e->name), e->action, 0, 0}));
        run->expectations.at[at].passed += e->passed;
        run->expectations.at[at].failed += e->failed;
    }
}

/* What the rows of this run were, by expectation. */
static void print_expectations(const run_context *run)
{
    int name = (int)strlen("expectation"), dataset = (int)strlen("dataset");
    for (size_t i = 0; i < run->expectations.count; i++) {
        name = LV_MAX(name, (int)run->expectations.at[i].name.len);
        dataset = LV_MAX(dataset, (int)strlen(run->expectations.at[i].dataset));
    }
    if (run->expectations.count > 0)
        fprintf(stderr, "%-*s  %-*s  %12s  %12s  %s\n", name, "expectation", dataset, "dataset",
                "passed", "failed", "action");
    for (size_t i = 0; i < run->expectations.count; i++) {
        const expectation_count *e = &run->expectations.at[i];
        fprintf(stderr, "%-*.*s  %-*s  %12lld  %12lld  %s\n", name, LV_STR_ARG(e->name), dataset,
                e->dataset, (long long)e->passed, (long long)e->failed, e->action);
    }
}

static void draw_line(run_context *run, const lv_progress *p)
{
    int64_t now = lv_mono_ns();
    if (now - run->drawn_ns < 100000000)
        return;
    run->drawn_ns = now;
    double ms = (double)p->phase_us[LV_PHASE_TRIGGER_EXECUTION] / 1000;
    double seconds = (double)(now - run->began_ns) / 1e9;
    fprintf(
        stderr,
        "\r\033[K%s  batch %lld: %lld rows in %.1f ms  |  %lld rows, %.0f a second  (Ctrl-C ends)",
        p->name, (long long)p->batch_id, (long long)lv_progress_input_rows(p), ms,
        (long long)run->rows, (double)run->rows / seconds);
    fflush(stderr);
}

static void on_progress(void *context, const lv_progress *p)
{
    run_context *run = context;
    pthread_mutex_lock(&run->mutex);
    run->rows += lv_progress_input_rows(p);
    run->batches++;
    count_expectations(run, p);
    if (run->live) {
        draw_line(run, p);
    } else {
        lv_sbuf line = LV_SBUF_INIT;
        lv_progress_print_json(p, &line);
        lv_sbuf_add_char(&line, '\n');
        fwrite(line.ptr, 1, line.len, stdout);
        fflush(stdout);
        lv_sbuf_release(&line);
    }
    pthread_mutex_unlock(&run->mutex);
}

static void on_error(void *context, const char *file, lv_str text, const lv_error *err)
{
    run_context *run = context;
    lv_cli_print_error(file, text, err, run->json_errors);
}

static void stop_pipeline(void *pipeline)
{
    lv_pipeline_stop(pipeline);
}

/* ---- options --------------------------------------------------------------------------------- */

typedef struct run_options {
    lv_cli_pipeline args;
    bool profile;
    bool explain;
    bool json_errors;
    bool yes;
} run_options;

enum {
    OPT_TRIGGER = 256,
    OPT_ONCE,
    OPT_AVAILABLE_NOW,
    OPT_STORAGE,
    OPT_WORKERS,
    OPT_PARAM,
    OPT_CONF,
    OPT_PROFILE,
    OPT_EXPLAIN,
    OPT_OUTPUT,
    OPT_REFRESH,
    OPT_FULL_REFRESH,
    OPT_FULL_REFRESH_ALL,
    OPT_YES
};

static const struct option long_options[] = {
    {"trigger", required_argument, NULL, OPT_TRIGGER},
    {"once", no_argument, NULL, OPT_ONCE},
    {"available-now", no_argument, NULL, OPT_AVAILABLE_NOW},
    {"storage", required_argument, NULL, OPT_STORAGE},
    {"workers", required_argument, NULL, OPT_WORKERS},
    {"param", required_argument, NULL, OPT_PARAM},
    {"conf", required_argument, NULL, OPT_CONF},
    {"profile", no_argument, NULL, OPT_PROFILE},
    {"explain", no_argument, NULL, OPT_EXPLAIN},
    {"output", required_argument, NULL, OPT_OUTPUT},
    {"refresh", required_argument, NULL, OPT_REFRESH},
    {"full-refresh", required_argument, NULL, OPT_FULL_REFRESH},
    {"full-refresh-all", no_argument, NULL, OPT_FULL_REFRESH_ALL},
    {"yes", no_argument, NULL, OPT_YES},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0}};

static const char run_help[] =
    "Usage: levada run [FILE|SPEC]... [options]\n"
    "Runs the streaming tables that SQL pipeline files define. A spec is a spark-pipeline.yml;\n"
    "without files it is the one of this folder, or of the nearest one above it.\n\n"
    "  --trigger INTERVAL   a batch every 500ms, 10 seconds, ...; default: as soon as there is "
    "data\n"
    "  --once               one batch, then end\n"
    "  --available-now      everything there is now, then end\n"
    "  --storage DIR        tables in DIR/tables/<name>, checkpoints in DIR/checkpoints/<name>; "
    "default: the spec's, or .\n"
    "  --refresh T,...      fill these tables only\n"
    "  --full-refresh T,... fill these tables anew: their rows and checkpoints are removed first\n"
    "  --full-refresh-all   fill all tables anew\n"
    "  --yes                do not ask before rows are removed\n"
    "  --workers N          threads that read and compute; default: one per processor\n"
    "  --param KEY=VALUE    replaces ${KEY} and :KEY in the files\n"
    "  --conf KEY=VALUE     a Spark setting, as SET KEY = VALUE at the head of the files\n"
    "  --explain            print the plans and end\n"
    "  --output FORMAT      of errors: text (default) or json\n"
    "  --profile            CPU time per stage and event on standard error at the end\n\n"
    "Ctrl-C or SIGTERM finishes the batch, commits it and exits 0.\n"
    "Example: levada run examples/sensors/sensors.sql --trigger 500ms --param "
    "bootstrapServers=127.0.0.1:9092 --param topic=sensors\n";

static lv_status set_trigger(run_options *o, const char *text, lv_error *err)
{
    int64_t us;
    LV_TRY(lv_interval_parse(lv_str_of(text), &us, err));
    o->args.options.trigger =
        (lv_trigger){us > 0 ? LV_TRIGGER_PROCESSING_TIME : LV_TRIGGER_ASAP, us};
    return LV_OK;
}

static lv_status set_workers(run_options *o, const char *text, lv_error *err)
{
    int64_t n;
    if (!lv_str_to_i64(lv_str_of(text), &n) || n < 1 || n > 256)
        return LV_FAIL(err, LV_USAGE, "--workers takes a number from 1 to 256, not '%s'", text);
    o->args.options.workers = (int)n;
    return LV_OK;
}

static lv_status apply_option(run_options *o, int option, const char *value, lv_error *err)
{
    switch (option) {
    case OPT_TRIGGER: return set_trigger(o, value, err);
    case OPT_ONCE: o->args.options.trigger.kind = LV_TRIGGER_ONCE; return LV_OK;
    case OPT_AVAILABLE_NOW: o->args.options.trigger.kind = LV_TRIGGER_AVAILABLE_NOW; return LV_OK;
    case OPT_STORAGE: o->args.storage = value; return LV_OK;
    case OPT_WORKERS: return set_workers(o, value, err);
    case OPT_PROFILE: o->profile = true; return LV_OK;
    case OPT_EXPLAIN: o->explain = true; return LV_OK;
    case OPT_OUTPUT:
        o->json_errors = strcmp(value, "json") == 0;
        return o->json_errors || strcmp(value, "text") == 0
                   ? LV_OK
                   : LV_FAIL(err, LV_USAGE, "--output takes text or json, not '%s'", value);
    case OPT_PARAM: return lv_cli_add_pair(&o->args.arena, &o->args.parameters, value, err);
    case OPT_CONF: return lv_cli_add_pair(&o->args.arena, &o->args.conf, value, err);
    case OPT_REFRESH: o->args.options.refresh = lv_str_of(value); return LV_OK;
    case OPT_FULL_REFRESH: o->args.options.full_refresh = lv_str_of(value); return LV_OK;
    case OPT_FULL_REFRESH_ALL: o->args.options.full_refresh_all = true; return LV_OK;
    case OPT_YES: o->yes = true; return LV_OK;
    default: return LV_OK;
    }
}

static void print_profile(lv_query_profile p)
{
    double n = p.rows > 0 ? (double)p.rows : 1;
    fprintf(stderr,
            "{\"profile\":{\"rows\":%lld,\"source_ns\":%.1f,\"compute_ns\":%.1f,\"write_ns\":%.1f,"
            "\"commit_ns\":%.1f,\"total_ns\":%.1f}}\n",
            (long long)p.rows, (double)p.source_ns / n, (double)p.compute_ns / n,
            (double)p.write_ns / n, (double)p.commit_ns / n,
            (double)(p.source_ns + p.compute_ns + p.write_ns + p.commit_ns) / n);
}

/* Whether rows may be removed: by --yes, or by whoever sits at the terminal. */
static bool may_reset(const run_options *o, const lv_pipeline *pipeline)
{
    int count = lv_pipeline_reset_count(pipeline);
    char answer[8] = "";
    if (count == 0 || o->yes)
        return true;
    if (!isatty(STDIN_FILENO) || !isatty(STDERR_FILENO)) {
        lv_cli_usage("run", "a full refresh removes the rows of %d table%s; say --yes", count,
                     count == 1 ? "" : "s");
        return false;
    }
    fprintf(stderr, "Remove the rows and checkpoints of %d table%s? [y/N] ", count,
            count == 1 ? "" : "s");
    return fgets(answer, sizeof answer, stdin) != NULL && (answer[0] == 'y' || answer[0] == 'Y');
}

static int run_pipeline(run_options *o, run_context *run, char **files, int file_count)
{
    lv_error err = LV_ERROR_INIT;
    if (lv_cli_pipeline_open(&o->args, files, file_count, &run->pipeline, &err) != LV_OK)
        return lv_cli_exit_code(err.status) == LV_EXIT_USAGE ? LV_EXIT_USAGE : LV_EXIT_INVALID;
    if (!o->explain && !may_reset(o, run->pipeline)) {
        lv_pipeline_free(run->pipeline);
        return LV_EXIT_USAGE;
    }
    if (o->explain) {
        lv_sbuf text = LV_SBUF_INIT;
        lv_pipeline_explain(run->pipeline, &text);
        fwrite(text.ptr, 1, text.len, stdout);
        lv_sbuf_release(&text);
        lv_pipeline_free(run->pipeline);
        return LV_EXIT_OK;
    }
    /* What is not committed when a second signal comes is repeated by the next run. */
    lv_status status = lv_cli_watch_signals(stop_pipeline, run->pipeline, &err);
    if (status == LV_OK)
        status = lv_pipeline_run(run->pipeline, &err);
    lv_cli_unwatch_signals();
    if (run->live && run->batches > 0)
        fprintf(stderr, "\r\033[K%lld rows in %lld batches\n", (long long)run->rows,
                (long long)run->batches);
    print_expectations(run);
    if (status != LV_OK)
        lv_cli_print_error(NULL, LV_STR_NONE, &err, o->json_errors);
    if (o->profile)
        print_profile(lv_pipeline_profile(run->pipeline));
    lv_pipeline_free(run->pipeline);
    return status == LV_OK ? LV_EXIT_OK : lv_cli_exit_code(status);
}

int lv_cmd_run(int argc, char **argv)
{
    run_options o = {0};
    run_context run = {.mutex = PTHREAD_MUTEX_INITIALIZER};
    lv_error err = LV_ERROR_INIT;
    lv_cli_block_signals();
    o.args.options =
        (lv_pipeline_options){.on_error = on_error, .on_progress = on_progress, .context = &run};
    lv_arena_init(&o.args.arena);
    int code = LV_EXIT_USAGE;
    for (int c; (c = lv_cli_getopt(argc, argv, long_options)) != -1;) {
        if (c == 'h') {
            fputs(run_help, stdout);
            code = LV_EXIT_OK;
            goto out;
        }
        if (c == '?')
            goto out;
        if (apply_option(&o, c, optarg, &err) != LV_OK) {
            lv_cli_print_error(NULL, LV_STR_NONE, &err, o.json_errors);
            goto out;
        }
    }
    run.arena = &o.args.arena;
    run.live = isatty(STDERR_FILENO) && isatty(STDOUT_FILENO);
    run.json_errors = o.json_errors;
    run.began_ns = lv_mono_ns();
    code = run_pipeline(&o, &run, argv + optind, argc - optind);
out:
    lv_arena_release(&o.args.arena);
    return code;
}
