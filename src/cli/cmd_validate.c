/* cmd_validate.c: `levada validate`: every error of a pipeline's files, and nothing else.
 *
 * Nothing is written and no broker is asked; of the storage only the schema of a Delta table that a
 * query reads as a batch is looked at. */
#include <stdio.h>
#include <string.h>

#include "cli/pipeline_args.h"
#include "sql/sql.h"

typedef struct validation {
    lv_cli_pipeline args;
    bool explain;
    bool json;
    int count; /* of what was found */
} validation;

enum { OPT_STORAGE = 256, OPT_PARAM, OPT_CONF, OPT_EXPLAIN, OPT_STRICT, OPT_OUTPUT };

static const struct option long_options[] = {{"storage", required_argument, NULL, OPT_STORAGE},
                                             {"param", required_argument, NULL, OPT_PARAM},
                                             {"conf", required_argument, NULL, OPT_CONF},
                                             {"explain", no_argument, NULL, OPT_EXPLAIN},
                                             {"strict-sdp", no_argument, NULL, OPT_STRICT},
                                             {"output", required_argument, NULL, OPT_OUTPUT},
                                             {"help", no_argument, NULL, 'h'},
                                             {NULL, 0, NULL, 0}};

static const char validate_help[] =
    "Usage: levada validate [FILE|SPEC]... [options]\n"
    "Finds every error of pipeline files without running them; exit code 3 if there are any.\n"
    "Without files: the spark-pipeline.yml of this folder, or of the nearest one above it.\n\n"
    "  --explain            print the plan of each flow\n"
    "  --strict-sdp         find also what Spark's own spark-pipelines would not accept\n"
    "  --output FORMAT      text (default), or json: a line for each error on standard output\n"
    "  --param KEY=VALUE    replaces ${KEY} and :KEY in the files\n"
    "  --conf KEY=VALUE     a Spark setting, as SET KEY = VALUE at the head of the files\n"
    "  --storage DIR        where Delta tables lie that the files read as batches\n\n"
    "levada dry-run is the same.\n";

static void on_error(void *context, const char *file, lv_str text, const lv_error *err)
{
    validation *v = context;
    v->count++;
    if (!v->json) {
        lv_cli_print_error(file, text, err, false);
        return;
    }
    lv_sbuf line = LV_SBUF_INIT;
    lv_sql_diagnose_json(&line, file, text, err);
    fwrite(line.ptr, 1, line.len, stdout);
    lv_sbuf_release(&line);
}

static lv_status apply_option(validation *v, int option, const char *value, lv_error *err)
{
    switch (option) {
    case OPT_STORAGE: v->args.storage = value; return LV_OK;
    case OPT_PARAM: return lv_cli_add_pair(&v->args.arena, &v->args.parameters, value, err);
    case OPT_CONF: return lv_cli_add_pair(&v->args.arena, &v->args.conf, value, err);
    case OPT_EXPLAIN: v->explain = true; return LV_OK;
    case OPT_STRICT: v->args.options.strict_sdp = true; return LV_OK;
    case OPT_OUTPUT:
        v->json = strcmp(value, "json") == 0;
        return v->json || strcmp(value, "text") == 0
                   ? LV_OK
                   : LV_FAIL(err, LV_USAGE, "--output takes text or json, not '%s'", value);
    default: return LV_OK;
    }
}

static int validate(validation *v, char *const *operands, int count)
{
    lv_pipeline *pipeline = NULL;
    lv_error err = LV_ERROR_INIT;
    if (lv_cli_pipeline_open(&v->args, operands, count, &pipeline, &err) != LV_OK) {
        if (!v->json)
            fprintf(stderr, "%d error%s\n", v->count, v->count == 1 ? "" : "s");
        return LV_EXIT_INVALID;
    }
    lv_sbuf text = LV_SBUF_INIT;
    if (v->explain)
        lv_pipeline_explain(pipeline, &text);
    if (v->json)
        lv_sbuf_printf(&text, "{\"valid\":true,\"tables\":%d,\"flows\":%d}\n",
                       lv_pipeline_table_count(pipeline), lv_pipeline_flow_count(pipeline));
    else
        lv_sbuf_printf(&text, "valid: %d tables, %d flows\n", lv_pipeline_table_count(pipeline),
                       lv_pipeline_flow_count(pipeline));
    fwrite(text.ptr, 1, text.len, stdout);
    lv_sbuf_release(&text);
    lv_pipeline_free(pipeline);
    return LV_EXIT_OK;
}

int lv_cmd_validate(int argc, char **argv)
{
    validation v = {.args.options = {.on_error = on_error}};
    lv_error err = LV_ERROR_INIT;
    v.args.options.context = &v;
    lv_arena_init(&v.args.arena);
    int code = LV_EXIT_USAGE;
    for (int c; (c = lv_cli_getopt(argc, argv, long_options)) != -1;) {
        if (c == 'h') {
            fputs(validate_help, stdout);
            code = LV_EXIT_OK;
            goto out;
        }
        if (c == '?')
            goto out;
        if (apply_option(&v, c, optarg, &err) != LV_OK) {
            lv_cli_print_error(NULL, LV_STR_NONE, &err, v.json);
            goto out;
        }
    }
    code = validate(&v, argv + optind, argc - optind);
out:
    lv_arena_release(&v.args.arena);
    return code;
}
