/* cmd_sql.c: `levada sql`: statements from the command line, files or standard input; on a terminal, a dialogue. */
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli/export.h"
#include "cli/shell.h"
#include "os/os.h"

typedef struct sql_options {
    lv_arena arena;
    const char *storage;
    const char *command; /* -c, or the operand */
    const char *file;    /* -f; "-": standard input */
    const char *export_path;
    lv_output_format format;
    int64_t rows_max; /* -1: as fits the output */
    lv_cli_pairs parameters;
    lv_cli_pairs conf;
} sql_options;

enum { OPT_STORAGE = 256, OPT_PARAM, OPT_CONF, OPT_TO, OPT_MAX_ROWS };

static const struct option long_options[] = {{"command", required_argument, NULL, 'c'},
                                             {"file", required_argument, NULL, 'f'},
                                             {"output", required_argument, NULL, 'o'},
                                             {"to", required_argument, NULL, OPT_TO},
                                             {"max-rows", required_argument, NULL, OPT_MAX_ROWS},
                                             {"storage", required_argument, NULL, OPT_STORAGE},
                                             {"param", required_argument, NULL, OPT_PARAM},
                                             {"conf", required_argument, NULL, OPT_CONF},
                                             {"help", no_argument, NULL, 'h'},
                                             {NULL, 0, NULL, 0}};

static const char sql_help[] =
    "Usage: levada sql [\"STATEMENT; ...\"] [options]\n"
    "Runs SQL and prints the rows. Tables are names below --storage, delta.`path`, "
    "parquet.`path`,\n"
    "json.`path` or csv.`path`. Without statements, on a terminal: a dialogue; .help there.\n\n"
    "  -c, --command SQL      the statements, as the operand\n"
    "  -f, --file FILE        statements from a file; - is standard input\n"
    "  -o, --output FORMAT    table (default), jsonl, json, csv, markdown, or spark as "
    "Dataset.show()\n"
    "      --to FILE          the last statement's rows into FILE.parquet, .jsonl, .json, .csv or "
    ".md\n"
    "      --max-rows N       a table on a terminal shows so many rows; 0 all; default 40\n"
    "      --storage DIR      a table called name lies in DIR/tables/<name>; default .\n"
    "      --param KEY=VALUE  replaces ${KEY} and :KEY in the statements\n"
    "      --conf KEY=VALUE   a Spark setting, as SET KEY = VALUE\n\n"
    "With --output json or jsonl errors are JSON too. Ctrl-C cancels a statement.\n"
    "Example: levada sql \"SELECT count(*), max(temperature) FROM "
    "delta.\\`lake/tables/sensor_data\\`\"\n";

static lv_status parse_max_rows(const char *value, int64_t *rows, lv_error *err)
{
    if (!lv_cli_parse_count(value, rows))
        return LV_FAIL(err, LV_USAGE, "--max-rows takes a number, not '%s'", value);
    return LV_OK;
}

static lv_status apply_option(sql_options *o, int option, char *value, lv_error *err)
{
    switch (option) {
    case OPT_STORAGE: o->storage = value; return LV_OK;
    case 'c': o->command = value; return LV_OK;
    case 'f': o->file = value; return LV_OK;
    case 'o': return lv_output_format_parse(value, &o->format, err);
    case OPT_TO: o->export_path = value; return lv_export_check(value, err);
    case OPT_MAX_ROWS: return parse_max_rows(value, &o->rows_max, err);
    case OPT_PARAM: return lv_cli_add_pair(&o->arena, &o->parameters, value, err);
    default: return lv_cli_add_pair(&o->arena, &o->conf, value, err);
    }
}

/* ---- running --------------------------------------------------------------------------------- */

/* Statements' text from a file or from standard input. */
static lv_status read_text(const sql_options *o, lv_sbuf *text, lv_error *err)
{
    if (o->command != NULL && o->file != NULL)
        return LV_FAIL(err, LV_USAGE,
                       "statements come either from the command line or from --file");
    if (o->command != NULL) {
        lv_sbuf_add_cstr(text, o->command);
        return LV_OK;
    }
    bool from_input = o->file == NULL || strcmp(o->file, "-") == 0;
    return lv_file_read_all(from_input ? "/dev/stdin" : o->file, text, err);
}

/* On a terminal a table is cut to what one can see. */
static lv_render_options render_options(const sql_options *o)
{
    enum { ROWS_ON_TERMINAL = 40 };
    struct winsize size;
    lv_render_options render = {.format = o->format};
    if (isatty(STDOUT_FILENO)) {
        render.rows_max = ROWS_ON_TERMINAL;
        if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0)
            render.width_max = size.ws_col;
    }
    if (o->rows_max >= 0)
        render.rows_max = o->rows_max;
    return render;
}

static lv_status make_session(const sql_options *o, lv_session **session, lv_error *err)
{
    *session = lv_session_new(o->storage);
    for (size_t i = 0; i < o->conf.count; i++)
        LV_TRY(lv_session_set(*session, o->conf.at[i].name, o->conf.at[i].value, err));
    return LV_OK;
}

static int run(const sql_options *o)
{
    lv_error err = LV_ERROR_INIT;
    lv_sbuf text = LV_SBUF_INIT;
    lv_shell shell = {.parameters = lv_cli_options(&o->parameters),
                      .render = render_options(o),
                      .export_path = o->export_path,
                      .out = stdout};
    bool dialogue = o->command == NULL && o->file == NULL && isatty(STDIN_FILENO);
    shell.timer = dialogue;
    lv_status status = make_session(o, &shell.session, &err);
    if (status == LV_OK && !dialogue)
        status = read_text(o, &text, &err);
    int code = LV_EXIT_USAGE;
    if (status != LV_OK)
        lv_cli_print_error(NULL, LV_STR_NONE, &err, lv_output_format_is_json(o->format));
    else if (dialogue)
        code = lv_repl_run(&shell);
    else {
        lv_shell_catch_interrupts(true);
        code = lv_shell_run(&shell, o->file != NULL ? o->file : "<sql>", lv_sbuf_str(&text));
    }
    lv_sbuf_release(&text);
    lv_session_free(shell.session);
    return code;
}

/* Flags and the operand into *o; LV_EXIT_OK with *help set for --help. */
static int read_flags(sql_options *o, int argc, char **argv, bool *help)
{
    lv_error err = LV_ERROR_INIT;
    for (int c; (c = lv_cli_getopt(argc, argv, long_options)) != -1;) {
        *help = c == 'h';
        if (*help)
            return LV_EXIT_OK;
        if (c == '?')
            return LV_EXIT_USAGE;
        if (apply_option(o, c, optarg, &err) != LV_OK) {
            lv_cli_print_error(NULL, LV_STR_NONE, &err, lv_output_format_is_json(o->format));
            return LV_EXIT_USAGE;
        }
    }
    if (optind < argc && o->command == NULL)
        o->command = argv[optind++];
    if (optind < argc)
        return lv_cli_usage("sql", "one argument holds all statements; '%s' is too many",
                            argv[optind]);
    return LV_EXIT_OK;
}

int lv_cmd_sql(int argc, char **argv)
{
    sql_options o = {.storage = ".", .rows_max = -1};
    lv_arena_init(&o.arena);
    bool help = false;
    int code = read_flags(&o, argc, argv, &help);
    if (help)
        fputs(sql_help, stdout);
    else if (code == LV_EXIT_OK)
        code = run(&o);
    lv_arena_release(&o.arena);
    return code;
}
