/* shell.h: `levada sql` once its flags are read: a session, and where rows, errors and times go.
 *
 *   shell.c       runs a text's statements and shows what they give
 *   repl.c        reads statements from a terminal, line by line
 *   repl_dot.c    the commands that begin with a dot
 *   complete.c    what the Tab key offers
 *   ticker.c      the line that says how far a long statement is */
#ifndef LV_CLI_SHELL_H
#define LV_CLI_SHELL_H

#include <stdio.h>

#include "cli/cli.h"
#include "cli/render.h"
#include "engine/rows.h"

typedef struct lv_shell {
    lv_session *session;
    lv_options parameters;
    lv_render_options render;
    const char
        *export_path; /* the rows of a text's last statement go into this file; NULL: to `out` */
    FILE *out;
    bool timer; /* say how long a statement took */
    bool quit;  /* the dialogue ends */
} lv_shell;

/** Runs the statements of a text in order, until one fails; rows, errors and notes are printed. `file` is named in
 *  errors. @return an exit code */
int lv_shell_run(lv_shell *shell, const char *file, lv_str text);
/** From now on SIGINT cancels the statement that runs; `once`: a second one ends the program. */
void lv_shell_catch_interrupts(bool once);
/** Whether SIGINT came since this was asked last. */
bool lv_shell_interrupted(void);
/** Reads and runs statements and dot commands until the end of input or `.quit`. @return an exit code */
int lv_repl_run(lv_shell *shell);
/** Carries out a line that begins with a dot. Errors are printed. */
void lv_repl_dot(lv_shell *shell, const char *line);

/** Words that may stand where the last word of `text` does: keywords, functions, tables, columns of the tables that
 *  `text` names, dot commands, files. In `arena`, sorted, without doubles. *word is the beginning that they share. */
typedef LV_VEC(lv_str) lv_words;
void lv_complete(lv_shell *shell, lv_arena *arena, lv_str text, lv_str *word, lv_words *words);
/** The i-th dot command's name, NULL beyond the last. */
const char *lv_repl_dot_name(int i);

/** Shows on a terminal's stderr, from one second on, how many rows were read. Nothing if stderr is no terminal. */
typedef struct lv_ticker lv_ticker;
lv_ticker *lv_ticker_start(lv_exec_watch *watch);
/** Takes the line away; NULL is allowed. */
void lv_ticker_stop(lv_ticker *ticker);

#endif
