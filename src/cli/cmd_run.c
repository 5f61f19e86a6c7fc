/* cmd_run.c: `levada run`: a pipeline in the foreground.
 *
 * On a terminal one line is redrawn per batch, at most ten times a second; elsewhere every batch is a
 * line of JSON on standard output, as Spark prints its progress. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/interval.h"
#include "cli/cli.h"
#include "engine/pipeline.h"
#include "os/os.h"
#include "sql/sql.h"

typedef struct run_context {
    pthread_mutex_t mutex; /* guards everything below: several committers report */
    bool live;             /* redraw one line on stderr */
    bool json_errors;
    int64_t began_ns;
    int64_t drawn_ns;
    int64_t rows;
    int64_t batches;
    lv_pipeline *pipeline;
} run_context;

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
    lv_arena arena;
    lv_pipeline_options pipeline;
    lv_cli_pairs parameters;
    lv_cli_pairs conf;
    bool profile;
    bool explain;
    bool json_errors;
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
    OPT_OUTPUT
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
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0}};

static const char run_help[] =
    "Usage: levada run FILE... [options]\n"
    "Runs the streaming tables that SQL pipeline files define.\n\n"
    "  --trigger INTERVAL   a batch every 500ms, 10 seconds, ...; default: as soon as there is "
    "data\n"
    "  --once               one batch, then end\n"
    "  --available-now      everything there is now, then end\n"
    "  --storage DIR        tables in DIR/tables/<name>, checkpoints in DIR/checkpoints/<name>; "
    "default .\n"
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
    o->pipeline.trigger = (lv_trigger){us > 0 ? LV_TRIGGER_PROCESSING_TIME : LV_TRIGGER_ASAP, us};
    return LV_OK;
}

static lv_status set_workers(run_options *o, const char *text, lv_error *err)
{
    int64_t n;
    if (!lv_str_to_i64(lv_str_of(text), &n) || n < 1 || n > 256)
        return LV_FAIL(err, LV_USAGE, "--workers takes a number from 1 to 256, not '%s'", text);
    o->pipeline.workers = (int)n;
    return LV_OK;
}

static lv_status apply_option(run_options *o, int option, const char *value, lv_error *err)
{
    switch (option) {
    case OPT_TRIGGER: return set_trigger(o, value, err);
    case OPT_ONCE: o->pipeline.trigger.kind = LV_TRIGGER_ONCE; return LV_OK;
    case OPT_AVAILABLE_NOW: o->pipeline.trigger.kind = LV_TRIGGER_AVAILABLE_NOW; return LV_OK;
    case OPT_STORAGE: o->pipeline.storage = value; return LV_OK;
    case OPT_WORKERS: return set_workers(o, value, err);
    case OPT_PROFILE: o->profile = true; return LV_OK;
    case OPT_EXPLAIN: o->explain = true; return LV_OK;
    case OPT_OUTPUT:
        o->json_errors = strcmp(value, "json") == 0;
        return o->json_errors || strcmp(value, "text") == 0
                   ? LV_OK
                   : LV_FAIL(err, LV_USAGE, "--output takes text or json, not '%s'", value);
    case OPT_PARAM: return lv_cli_add_pair(&o->arena, &o->parameters, value, err);
    case OPT_CONF: return lv_cli_add_pair(&o->arena, &o->conf, value, err);
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

static int run_pipeline(run_options *o, run_context *run, char **files, int file_count)
{
    lv_error err = LV_ERROR_INIT;
    if (lv_pipeline_open((const char *const *)files, file_count, &o->pipeline, &run->pipeline,
                         &err) != LV_OK)
        return err.status == LV_USAGE ? LV_EXIT_USAGE : LV_EXIT_INVALID;
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
    o.pipeline = (lv_pipeline_options){
        .storage = ".", .on_error = on_error, .on_progress = on_progress, .context = &run};
    lv_arena_init(&o.arena);
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
    if (optind == argc) {
        lv_cli_usage("run", "which pipeline file?");
        goto out;
    }
    o.pipeline.parameters = lv_cli_options(&o.parameters);
    o.pipeline.conf = lv_cli_options(&o.conf);
    run.live = isatty(STDERR_FILENO) && isatty(STDOUT_FILENO);
    run.json_errors = o.json_errors;
    run.began_ns = lv_mono_ns();
    code = run_pipeline(&o, &run, argv + optind, argc - optind);
out:
    lv_arena_release(&o.arena);
    return code;
}
