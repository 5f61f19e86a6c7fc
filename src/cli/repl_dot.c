/* repl_dot.c: the dialogue's own commands: a table of them; see shell.h. */
#include <stdlib.h>
#include <strings.h>
#include <unistd.h>

#include "cli/export.h"
#include "cli/shell.h"
#include "os/os.h"
#include "sql/sql.h"

typedef struct dot_command {
    const char *name;
    const char *argument; /* for .help; "[...]": may be missing; NULL: takes none */
    const char *summary;
    lv_status (*run)(lv_shell *shell, const char *argument, lv_error *err);
} dot_command;

static const dot_command commands[];

/* ---- showing --------------------------------------------------------------------------------- */

static lv_status dot_help(lv_shell *shell, const char *argument, lv_error *err)
{
    for (const dot_command *c = commands; c->name != NULL; c++)
        fprintf(shell->out, "  %-10s %-10s %s\n", c->name, c->argument ? c->argument : "",
                c->summary);
    fputs("\nStatements end with ; and may take several lines. Tab completes, Ctrl-C cancels, "
          "Ctrl-D leaves.\n",
          shell->out);
    return LV_OK;
}

static lv_status dot_quit(lv_shell *shell, const char *argument, lv_error *err)
{
    shell->quit = true;
    return LV_OK;
}

static lv_status run_statement(lv_shell *shell, const char *sql)
{
    lv_shell_run(shell, NULL, lv_str_of(sql));
    return LV_OK;
}

static lv_status dot_tables(lv_shell *shell, const char *argument, lv_error *err)
{
    return run_statement(shell, "SHOW TABLES");
}

static lv_status dot_schema(lv_shell *shell, const char *argument, lv_error *err)
{
    lv_sbuf sql = LV_SBUF_INIT;
    lv_sbuf_printf(&sql, "DESCRIBE TABLE %s", argument);
    run_statement(shell, sql.ptr);
    lv_sbuf_release(&sql);
    return LV_OK;
}

static lv_status dot_functions(lv_shell *shell, const char *argument, lv_error *err)
{
    int count;
    lv_str part = lv_str_of(argument ? argument : "");
    const lv_function *table = lv_function_table(&count);
    for (int i = 0; i < count; i++)
        if (!(table[i].flags & LV_FN_OPERATOR) && lv_str_starts(lv_str_of(table[i].name), part))
            fprintf(shell->out, "  %-40s %s\n", table[i].signature, table[i].summary);
    return LV_OK;
}

/* ---- settings -------------------------------------------------------------------------------- */

static lv_status dot_mode(lv_shell *shell, const char *argument, lv_error *err)
{
    if (argument != NULL)
        return lv_output_format_parse(argument, &shell->render.format, err);
    fprintf(shell->out, "%s\n", lv_output_format_name(shell->render.format));
    return LV_OK;
}

static lv_status dot_timer(lv_shell *shell, const char *argument, lv_error *err)
{
    bool on = strcasecmp(argument, "on") == 0;
    if (!on && strcasecmp(argument, "off") != 0)
        return LV_FAIL(err, LV_USAGE, ".timer takes on or off, not '%s'", argument);
    shell->timer = on;
    return LV_OK;
}

static lv_status dot_maxrows(lv_shell *shell, const char *argument, lv_error *err)
{
    if (!lv_cli_parse_count(argument, &shell->render.rows_max))
        return LV_FAIL(err, LV_USAGE, ".maxrows takes a number, not '%s'", argument);
    return LV_OK;
}

/* ---- files ----------------------------------------------------------------------------------- */

static lv_status dot_read(lv_shell *shell, const char *argument, lv_error *err)
{
    lv_sbuf text = LV_SBUF_INIT;
    lv_status status = lv_file_read_all(argument, &text, err);
    if (status == LV_OK)
        lv_shell_run(shell, argument, lv_sbuf_str(&text));
    lv_sbuf_release(&text);
    return status;
}

static lv_status dot_once(lv_shell *shell, const char *argument, lv_error *err)
{
    LV_TRY(lv_export_check(argument, err));
    shell->export_path = lv_arena_printf(lv_session_arena(shell->session), "%s", argument);
    return LV_OK;
}

static lv_status dot_output(lv_shell *shell, const char *argument, lv_error *err)
{
    FILE *out = argument != NULL ? fopen(argument, "we") : stdout;
    if (out == NULL)
        return LV_FAIL(err, LV_IO, "cannot write %s: %m", argument);
    if (shell->out != stdout)
        fclose(shell->out);
    shell->out = out;
    return LV_OK;
}

/* ---- watching -------------------------------------------------------------------------------- */

/* Again and again, until it fails or Ctrl-C. */
static lv_status dot_watch(lv_shell *shell, const char *argument, lv_error *err)
{
    enum { PAUSE_US = 2000000 };
    lv_shell_interrupted();
    while (lv_shell_run(shell, NULL, lv_str_of(argument)) == LV_EXIT_OK) {
        fflush(shell->out);
        usleep(PAUSE_US); /* cut short by SIGINT */
        if (lv_shell_interrupted())
            break;
        if (isatty(STDOUT_FILENO))
            fputs("\033[H\033[2J", stdout);
    }
    return LV_OK;
}

/* ---- the table ------------------------------------------------------------------------------- */

static const dot_command commands[] = {
    {".help", NULL, "this list", dot_help},
    {".quit", NULL, "leave; also .exit", dot_quit},
    {".exit", NULL, "leave", dot_quit},
    {".tables", NULL, "tables and views", dot_tables},
    {".schema", "TABLE", "columns of a table or view", dot_schema},
    {".functions", "[BEGINNING]", "functions, and what they do", dot_functions},
    {".mode", "[FORMAT]", "how rows are shown: table, jsonl, json, csv, markdown, spark", dot_mode},
    {".maxrows", "N", "rows of a table that are shown; 0 all", dot_maxrows},
    {".timer", "on|off", "say how long statements took", dot_timer},
    {".read", "FILE", "run the statements of a file", dot_read},
    {".once", "FILE", "the next rows into FILE.parquet, .jsonl, .json, .csv or .md", dot_once},
    {".output", "[FILE]", "what is shown goes into a file; without FILE back to the terminal",
     dot_output},
    {".watch", "QUERY", "run a query every two seconds until Ctrl-C", dot_watch},
    {NULL, NULL, NULL, NULL},
};

const char *lv_repl_dot_name(int i)
{
    return commands[i].name;
}

static const dot_command *find_command(lv_str name)
{
    for (const dot_command *c = commands; c->name != NULL; c++)
        if (lv_str_eq_nocase(lv_str_of(c->name), name))
            return c;
    return NULL;
}

static lv_status fail_unknown(lv_str name, lv_error *err)
{
    enum { NEAR = 3 };
    const char *nearest = NULL;
    int best = NEAR + 1;
    for (const dot_command *c = commands; c->name != NULL; c++) {
        int distance = lv_str_distance(name, lv_str_of(c->name));
        if (distance < best) {
            best = distance;
            nearest = c->name;
        }
    }
    lv_status status = LV_FAIL(err, LV_USAGE, "there is no command %.*s", LV_STR_ARG(name));
    if (nearest != NULL)
        lv_error_hint(err, "did you mean %s?", nearest);
    else
        lv_error_hint(err, ".help lists the commands");
    return status;
}

static lv_status run_line(lv_shell *shell, const char *line, lv_error *err)
{
    lv_str rest = lv_str_trim(lv_str_of(line));
    while (rest.len > 0 && rest.ptr[rest.len - 1] == ';')
        rest = lv_str_trim(lv_str_sub(rest, 0, rest.len - 1));
    lv_str name;
    if (!lv_str_split(&rest, ' ', &name))
        name = LV_STR_NONE;
    const dot_command *command = find_command(name);
    if (command == NULL)
        return fail_unknown(name, err);
    lv_str argument = lv_str_trim(rest);
    bool optional = command->argument == NULL || command->argument[0] == '[';
    if (argument.len == 0 && !optional)
        return LV_FAIL(err, LV_USAGE, "%s needs %s", command->name, command->argument);
    if (argument.len > 0 && command->argument == NULL)
        return LV_FAIL(err, LV_USAGE, "%s takes nothing behind it", command->name);
    char *copy = argument.len > 0 ? strndup(argument.ptr, argument.len) : NULL;
    lv_status status = command->run(shell, copy, err);
    free(copy);
    return status;
}

void lv_repl_dot(lv_shell *shell, const char *line)
{
    lv_error err = LV_ERROR_INIT;
    if (run_line(shell, line, &err) != LV_OK)
        lv_cli_print_error(NULL, LV_STR_NONE, &err, false);
}
