/* repl.c: the dialogue of `levada sql`: lines from a terminal become statements; see shell.h.
 *
 * libedit edits the line, keeps the history and asks for completions. Ctrl-C drops what was typed,
 * or cancels the statement that runs; Ctrl-D on an empty line leaves. */
#include <errno.h>
#include <histedit.h>
#include <locale.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

#include "base/check.h"
#include "cli/shell.h"
#include "os/os.h"
#include "sql/sql.h"

typedef struct repl {
    lv_shell *shell;
    EditLine *el;
    History *history;
    char *history_path; /* NULL: not kept */
    lv_sbuf statement;  /* lines so far */
} repl;

static repl *repl_of(EditLine *el)
{
    void *self = NULL;
    el_get(el, EL_CLIENTDATA, &self);
    return self;
}

static char *prompt(EditLine *el)
{
    static char first[] = "levada> ", more[] = "   ...> ";
    return repl_of(el)->statement.len > 0 ? more : first;
}

/* ---- completion ------------------------------------------------------------------------------ */

/* How much all words share, without case. */
static size_t common_length(const lv_words *words)
{
    size_t common = words->at[0].len;
    for (size_t i = 1; i < words->count; i++) {
        common = LV_MIN(common, words->at[i].len);
        while (!lv_str_eq_nocase(lv_str_sub(words->at[i], 0, common),
                                 lv_str_sub(words->at[0], 0, common)))
            common--;
    }
    return common;
}

static void list_words(const lv_words *words)
{
    enum { SHOWN_MAX = 60 };
    fputc('\n', stdout);
    for (size_t i = 0; i < words->count && i < SHOWN_MAX; i++)
        printf("%.*s  ", LV_STR_ARG(words->at[i]));
    if (words->count > SHOWN_MAX)
        printf("... %zu in all", words->count);
    fputc('\n', stdout);
    fflush(stdout);
}

/* The word before the cursor grows as far as it is certain; where it is not, all words are shown. */
static unsigned char complete(EditLine *el, int ch)
{
    repl *r = repl_of(el);
    const LineInfo *line = el_line(el);
    lv_arena arena;
    lv_arena_init(&arena);
    lv_words words = {0};
    lv_str word;
    lv_sbuf text = LV_SBUF_INIT;
    lv_sbuf_add_str(&text, lv_sbuf_str(&r->statement));
    lv_sbuf_add(&text, line->buffer, (size_t)(line->cursor - line->buffer));
    lv_complete(r->shell, &arena, lv_sbuf_str(&text), &word, &words);
    unsigned char result = CC_ERROR;
    if (words.count > 0) {
        size_t common = common_length(&words);
        result = CC_REFRESH;
        if (common > word.len) {
            char *rest = lv_str_cstr(&arena, lv_str_sub(words.at[0], word.len, common - word.len));
            el_insertstr(el, rest);
        } else {
            list_words(&words);
            result = CC_REDISPLAY;
        }
    }
    lv_sbuf_release(&text);
    lv_arena_release(&arena);
    return result;
}

/* ---- history --------------------------------------------------------------------------------- */

/* $XDG_STATE_HOME/levada/history, by default below ~/.local/state. */
static char *history_path(void)
{
    const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
    char *path = NULL;
    if (state != NULL && state[0] == '/')
        LV_ASSERT(asprintf(&path, "%s/levada", state) >= 0);
    else if (home != NULL && home[0] == '/')
        LV_ASSERT(asprintf(&path, "%s/.local/state/levada", home) >= 0);
    if (path == NULL || lv_dir_make(path, NULL) != LV_OK) {
        free(path);
        return NULL;
    }
    char *file;
    LV_ASSERT(asprintf(&file, "%s/history", path) >= 0);
    free(path);
    return file;
}

static void open_history(repl *r)
{
    enum { KEPT = 1000 };
    HistEvent event;
    r->history = history_init();
    LV_ASSERT(r->history != NULL);
    history(r->history, &event, H_SETSIZE, KEPT);
    history(r->history, &event, H_SETUNIQUE, 1);
    r->history_path = history_path();
    if (r->history_path != NULL)
        history(r->history, &event, H_LOAD, r->history_path);
    el_set(r->el, EL_HIST, history, r->history);
}

/* Kept at once: a dialogue may end by a closed window. */
static void remember(repl *r, lv_str text)
{
    HistEvent event;
    lv_sbuf line = LV_SBUF_INIT;
    lv_sbuf_add_str(&line, lv_str_trim(text));
    for (size_t i = 0; i < line.len; i++)
        if (line.ptr[i] == '\n')
            line.ptr[i] = ' ';
    history(r->history, &event, H_ENTER, line.ptr);
    if (r->history_path != NULL)
        history(r->history, &event, H_SAVE, r->history_path);
    lv_sbuf_release(&line);
}

/* ---- lines ----------------------------------------------------------------------------------- */

/* libedit's own reader goes on after a signal; this one gives up the line after Ctrl-C. */
static bool dropped; /* by Ctrl-C: the line that read_char gave up */

static int read_char(EditLine *el, wchar_t *out)
{
    mbstate_t state = {0};
    for (char byte; !(dropped = lv_shell_interrupted());) {
        ssize_t got = read(STDIN_FILENO, &byte, 1);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return (int)got;
        size_t used = mbrtowc(out, &byte, 1, &state);
        if (used == (size_t)-1)
            state = (mbstate_t){0};
        else if (used != (size_t)-2)
            return 1;
    }
    errno = EINTR; /* so that libedit forgets what was typed */
    return -1;
}

/* The next line, NULL at the end of input; "" with `dropped` set after Ctrl-C. */
static const char *read_line(repl *r)
{
    int count;
    dropped = false;
    lv_shell_interrupted(); /* one that came while a statement ran was for it */
    const char *line = el_gets(r->el, &count);
    if (!dropped)
        return count > 0 ? line : NULL;
    fputc('\n', stdout);
    return "";
}

static void fit_to_window(lv_shell *shell)
{
    struct winsize size;
    if (shell->render.width_max > 0 && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0)
        shell->render.width_max = size.ws_col;
}

static void run_statement(repl *r)
{
    lv_str text = lv_sbuf_str(&r->statement);
    remember(r, text);
    fit_to_window(r->shell);
    lv_shell_run(r->shell, NULL, text);
    r->shell->export_path = NULL;
    lv_sbuf_clear(&r->statement);
}

static void take_line(repl *r, const char *line)
{
    lv_str trimmed = lv_str_trim(lv_str_of(line));
    if (r->statement.len == 0 && trimmed.len == 0)
        return;
    if (r->statement.len == 0 && trimmed.ptr[0] == '.') {
        lv_repl_dot(r->shell, line);
        if (!r->shell->quit)
            remember(r, trimmed);
        return;
    }
    lv_sbuf_add_cstr(&r->statement, line);
    if (lv_sql_is_complete(lv_sbuf_str(&r->statement)))
        run_statement(r);
}

int lv_repl_run(lv_shell *shell)
{
    repl r = {.shell = shell};
    setlocale(LC_CTYPE, "");
    r.el = el_init("levada", stdin, stdout, stderr);
    LV_ASSERT(r.el != NULL);
    el_set(r.el, EL_CLIENTDATA, &r);
    el_set(r.el, EL_PROMPT, prompt);
    el_set(r.el, EL_EDITOR, "emacs");
    el_wset(r.el, EL_ADDFN, L"levada-complete", L"complete a word", complete);
    el_set(r.el, EL_BIND, "^I", "levada-complete", NULL);
    el_set(r.el, EL_GETCFN, read_char);
    el_source(r.el, NULL);
    open_history(&r);
    lv_shell_catch_interrupts(false);
    puts("Levada " LEVADA_VERSION ". Statements end with ; and .help says more.");
    const char *line;
    while (!shell->quit && (line = read_line(&r)) != NULL) {
        if (dropped)
            lv_sbuf_clear(&r.statement);
        else
            take_line(&r, line);
        fflush(shell->out);
    }
    if (!shell->quit)
        fputc('\n', stdout);
    lv_sbuf_release(&r.statement);
    HistEvent event;
    history(r.history, &event, H_END);
    el_end(r.el);
    free(r.history_path);
    if (shell->out != stdout)
        fclose(shell->out);
    return LV_EXIT_OK;
}
