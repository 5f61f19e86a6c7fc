/* cmd_sql.c: `levada sql`: statements from the command line, a file or standard input; rows to standard output. */
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/render.h"
#include "engine/rows.h"
#include "os/os.h"

typedef struct sql_options {
    lv_arena arena;
    const char *storage;
    const char *file; /* -f; "-": standard input */
    lv_output_format format;
    bool json_errors;
    lv_cli_pairs parameters;
    lv_cli_pairs conf;
} sql_options;

enum { OPT_STORAGE = 256, OPT_FILE, OPT_OUTPUT, OPT_PARAM, OPT_CONF };

static const struct option long_options[] = {{"storage", required_argument, NULL, OPT_STORAGE},
                                             {"file", required_argument, NULL, OPT_FILE},
                                             {"output", required_argument, NULL, OPT_OUTPUT},
                                             {"param", required_argument, NULL, OPT_PARAM},
                                             {"conf", required_argument, NULL, OPT_CONF},
                                             {"help", no_argument, NULL, 'h'},
                                             {NULL, 0, NULL, 0}};

static const char sql_help[] =
    "Usage: levada sql \"STATEMENT; ...\" [options]\n"
    "Runs SQL and prints the rows. Tables are delta.`path` or names below --storage.\n\n"
    "  --output FORMAT    table (default), jsonl, csv, or spark as Dataset.show() prints\n"
    "  --file FILE        statements from a file; - is standard input\n"
    "  --storage DIR      a table called name lies in DIR/tables/<name>; default .\n"
    "  --param KEY=VALUE  replaces ${KEY} and :KEY in the statements\n"
    "  --conf KEY=VALUE   a Spark setting, as SET KEY = VALUE\n\n"
    "With --output jsonl errors are JSON too.\n"
    "Example: levada sql \"SELECT count(*), max(temperature) FROM "
    "delta.\\`lake/tables/sensor_data\\`\"\n";

static lv_status apply_option(sql_options *o, int option, char *value, lv_error *err)
{
    switch (option) {
    case OPT_STORAGE: o->storage = value; return LV_OK;
    case OPT_FILE: o->file = value; return LV_OK;
    case OPT_OUTPUT:
        LV_TRY(lv_output_format_parse(value, &o->format, err));
        o->json_errors = o->format == LV_OUTPUT_JSONL;
        return LV_OK;
    case OPT_PARAM: return lv_cli_add_pair(&o->arena, &o->parameters, value, err);
    default: return lv_cli_add_pair(&o->arena, &o->conf, value, err);
    }
}

/* ---- running --------------------------------------------------------------------------------- */

typedef struct sql_run {
    const sql_options *options;
    lv_str text;
} sql_run;

static void report(void *context, const lv_error *err)
{
    const sql_run *run = context;
    const char *file = run->options->file != NULL ? run->options->file : "<sql>";
    lv_cli_print_error(file, run->text, err, run->options->json_errors);
}

/* A plan is a tree of lines, for which a box is no help. */
static lv_status print_plan(lv_rows *rows, lv_error *err)
{
    lv_batch batch;
    bool done;
    LV_TRY(lv_rows_next(rows, &batch, &done, err));
    printf("%.*s\n", LV_STR_ARG(lv_vector_str(&batch.columns[0], 0)));
    return LV_OK;
}

static lv_status print_rows(const sql_options *o, lv_session *session, lv_rows *rows, lv_error *err)
{
    lv_renderer *renderer =
        lv_renderer_new(o->format, lv_rows_schema(rows), lv_session_zone(session), stdout);
    lv_status status = LV_OK;
    for (bool done = false; !done && status == LV_OK;) {
        lv_batch batch;
        status = lv_rows_next(rows, &batch, &done, err);
        if (status == LV_OK && batch.length > 0)
            lv_renderer_add(renderer, &batch);
    }
    if (status != LV_OK) {
        lv_renderer_free(renderer);
        return status;
    }
    return lv_renderer_finish(renderer, err);
}

static int run_statement(sql_run *run, lv_session *session, const lv_statement *statement)
{
    lv_error err = LV_ERROR_INIT;
    lv_rows *rows;
    lv_status status = lv_session_run(session, statement, &rows, &err);
    bool analyzed = status == LV_OK;
    bool is_tree = statement->kind == LV_STMT_EXPLAIN && run->options->format == LV_OUTPUT_TABLE;
    if (analyzed && is_tree)
        status = print_plan(rows, &err);
    else if (analyzed && rows != NULL)
        status = print_rows(run->options, session, rows, &err);
    lv_rows_free(rows);
    if (status == LV_OK)
        return LV_EXIT_OK;
    lv_error_at(&err, statement->sql_offset, statement->sql_length);
    report(run, &err);
    int code = lv_cli_exit_code(status);
    return code == LV_EXIT_FAILED && !analyzed ? LV_EXIT_INVALID : code;
}

/* The text is checked as a whole before its first statement runs. */
static int run_text(sql_options *o, lv_str text)
{
    lv_error err = LV_ERROR_INIT;
    sql_run run = {o, text};
    lv_options parameters = lv_cli_options(&o->parameters);
    lv_session *session = lv_session_new(o->storage);
    int code = LV_EXIT_OK;
    for (size_t i = 0; i < o->conf.count && code == LV_EXIT_OK; i++)
        if (lv_session_set(session, o->conf.at[i].name, o->conf.at[i].value, &err) != LV_OK) {
            lv_cli_print_error(NULL, LV_STR_NONE, &err, o->json_errors);
            code = LV_EXIT_USAGE;
        }
    lv_statement *statements;
    size_t count = 0;
    if (code == LV_EXIT_OK && lv_statements_parse(lv_session_arena(session), text, &parameters,
                                                  report, &run, &statements, &count, &err) != LV_OK)
        code = LV_EXIT_INVALID;
    for (size_t i = 0; i < count && code == LV_EXIT_OK; i++)
        code = run_statement(&run, session, &statements[i]);
    lv_session_free(session);
    return code;
}

/* The statements' text: the operand, or what --file names. */
static lv_status read_text(sql_options *o, const char *operand, lv_sbuf *text, lv_error *err)
{
    if (operand != NULL && o->file != NULL)
        return LV_FAIL(err, LV_USAGE,
                       "statements come either from the command line or from --file");
    if (operand != NULL) {
        lv_sbuf_add_cstr(text, operand);
        return LV_OK;
    }
    if (o->file == NULL && isatty(STDIN_FILENO))
        return LV_FAIL(err, LV_USAGE, "which statement? See levada help sql");
    if (o->file != NULL && strcmp(o->file, "-") != 0)
        return lv_file_read_all(o->file, text, err);
    return lv_file_read_all("/dev/stdin", text, err);
}

int lv_cmd_sql(int argc, char **argv)
{
    sql_options o = {.storage = "."};
    lv_arena_init(&o.arena);
    lv_error err = LV_ERROR_INIT;
    lv_sbuf text = LV_SBUF_INIT;
    int code = LV_EXIT_USAGE;
    for (int c; (c = lv_cli_getopt(argc, argv, long_options)) != -1;) {
        if (c == 'h') {
            fputs(sql_help, stdout);
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
    if (argc - optind > 1) {
        lv_cli_usage("sql", "one argument holds all statements; '%s' is too many",
                     argv[optind + 1]);
        goto out;
    }
    if (read_text(&o, optind < argc ? argv[optind] : NULL, &text, &err) != LV_OK) {
        lv_cli_print_error(NULL, LV_STR_NONE, &err, o.json_errors);
        goto out;
    }
    code = run_text(&o, lv_sbuf_str(&text));
out:
    lv_sbuf_release(&text);
    lv_arena_release(&o.arena);
    return code;
}
