/* cli.h: the verbs of the program `levada` and what they share.
 *
 * Each verb is one file cmd_<verb>.c with one function here and one row in main.c. A verb gets its
 * own argv (argv[0] is the verb) and returns an exit code. */
#ifndef LV_CLI_CLI_H
#define LV_CLI_CLI_H

#include <getopt.h>

#include "base/status.h"
#include "base/str.h"
#include "base/vec.h"
#include "plan/plan.h"

/** What the program says to scripts; 75 means "try again" (sysexits.h, EX_TEMPFAIL). */
typedef enum lv_exit {
    LV_EXIT_OK = 0,
    LV_EXIT_FAILED = 1,      /* a statement or a query failed */
    LV_EXIT_USAGE = 2,       /* flags, options, configuration */
    LV_EXIT_INVALID = 3,     /* SQL that does not parse or resolve */
    LV_EXIT_UNREACHABLE = 4, /* a source or sink cannot be reached or refuses us */
    LV_EXIT_CONFLICT = 5,    /* a table's concurrent change or unknown feature */
    LV_EXIT_QUALITY = 6,     /* a row broke an expectation that is FAIL UPDATE */
    LV_EXIT_TEMPORARY = 75,
    LV_EXIT_INTERRUPTED = 130, /* Ctrl-C, as shells count it */
} lv_exit;

typedef struct lv_verb {
    const char *name;
    const char *summary;
    int (*run)(int argc, char **argv);
} lv_verb;

int lv_cmd_hub(int argc, char **argv);
int lv_cmd_generate(int argc, char **argv);
int lv_cmd_run(int argc, char **argv);
int lv_cmd_sql(int argc, char **argv);
int lv_cmd_validate(int argc, char **argv);

/** getopt_long(3) with its own complaints: '?' was reported on stderr, with the nearest long option as a
 *  suggestion. An option whose `val` is a letter may be given as that letter; verbs keep --help as 'h'. */
int lv_cli_getopt(int argc, char **argv, const struct option *options);
/** "levada VERB: message" on stderr, with a pointer to the verb's help; returns LV_EXIT_USAGE. */
LV_PRINTF(2, 3) int lv_cli_usage(const char *verb, const char *fmt, ...);
/** Writes an error to stderr, with place and caret if it lies in `text` of `file` (both may be none). */
void lv_cli_print_error(const char *file, lv_str text, const lv_error *err, bool as_json);
/** Copies a secret from a flag's value, or from the file that "@FILE" names, with a NUL behind it, and
 *  blots it out of the command line, where every user of the machine could read it. False when the file
 *  cannot be read, which was reported. */
bool lv_cli_take_secret(const char *verb, char *argument, lv_sbuf *secret);
/** The exit code that fits a status. */
int lv_cli_exit_code(lv_status status);

/** Blocks SIGINT and SIGTERM in this thread and those it starts. Call before the first one. */
void lv_cli_block_signals(void);
/** From now on the first SIGINT or SIGTERM calls stop(context) on a thread of its own, and a second
 *  one ends the program at once. Once in a program. */
LV_MUST_USE lv_status lv_cli_watch_signals(void (*stop)(void *context), void *context,
                                           lv_error *err);
/** `stop` is not called any more once this returns; what it would stop may be freed. */
void lv_cli_unwatch_signals(void);

/** "250ms", "10s", "5m", "12h", "7d"; a bare number is milliseconds. False if it is none of them. */
bool lv_cli_parse_duration_ms(const char *text, int64_t *ms);
/** "65536", "64k", "128M", "10GiB", as powers of 1024. */
bool lv_cli_parse_bytes(const char *text, int64_t *bytes);
/** "5000", "20k", "2M", "1G", as powers of 1000. */
bool lv_cli_parse_count(const char *text, int64_t *count);
/** The pairs of a flag that may be given several times. */
typedef LV_VEC(lv_option) lv_cli_pairs;
/** Adds "KEY=VALUE", cut at the first '='; both parts are borrowed. Error USAGE. */
LV_MUST_USE lv_status lv_cli_add_pair(lv_arena *arena, lv_cli_pairs *pairs, const char *text,
                                      lv_error *err);
/** The pairs as options; borrowed. */
lv_options lv_cli_options(const lv_cli_pairs *pairs);
/** A share from 0 to 1: "0.01" or "1%". */
bool lv_cli_parse_share(const char *text, double *share);

#endif
