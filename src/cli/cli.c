/* cli.c: what the verbs share: flags, quantities, errors. */
#include "cli/cli.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "os/os.h"
#include "sql/sql.h"

/* ---- flags ----------------------------------------------------------------------------------- */

static void suggest_flag(const char *given, const struct option *options)
{
    enum { NEAR = 3 };
    lv_str name = lv_str_of(given);
    ptrdiff_t equals = lv_str_find(name, '=', 0);
    if (equals >= 0)
        name.len = (size_t)equals;
    int nearest = NEAR + 1;
    const char *suggestion = NULL;
    for (const struct option *o = options; o->name; o++) {
        int distance = lv_str_distance(name, lv_str_of(o->name));
        if (distance < nearest) {
            nearest = distance;
            suggestion = o->name;
        }
    }
    fprintf(stderr, suggestion ? "; did you mean --%s?\n" : "\n", suggestion);
}

/* ":hf:o:": the options whose value is a letter can be given as that letter. */
static const char *short_flags(const struct option *options, char out[128])
{
    char *p = stpcpy(out, ":");
    for (const struct option *o = options; o->name; o++)
        if (o->val < 128 && strchr(out, o->val) == NULL) {
            *p++ = (char)o->val;
            p = stpcpy(p, o->has_arg ? ":" : "");
        }
    return out;
}

int lv_cli_getopt(int argc, char **argv, const struct option *options)
{
    opterr = 0;
    int at = optind ? optind : 1;
    char flags[128];
    int c = getopt_long(argc, argv, short_flags(options, flags), options, NULL);
    if (c != '?' && c != ':')
        return c;
    /* getopt moves operands behind the options, so the culprit is the one it has just passed. */
    const char *culprit = argv[optind - 1 > at ? optind - 1 : at];
    fprintf(stderr, "levada %s: ", argv[0]);
    if (c == ':') {
        fprintf(stderr, "%s needs a value\n", culprit);
    } else if (strncmp(culprit, "--", 2) == 0) {
        fprintf(stderr, optopt ? "%s takes no value" : "there is no flag %s", culprit);
        suggest_flag(culprit + 2, options);
    } else {
        fprintf(stderr, "there is no flag -%c\n", optopt);
    }
    fprintf(stderr, "See levada help %s\n", argv[0]);
    return '?';
}

int lv_cli_usage(const char *verb, const char *fmt, ...)
{
    fprintf(stderr, "levada %s: ", verb);
    va_list args;
    va_start(args, fmt);
    vfprintf(stderr, fmt, args);
    va_end(args);
    fprintf(stderr, "\nSee levada help %s\n", verb);
    return LV_EXIT_USAGE;
}

bool lv_cli_take_secret(const char *verb, char *argument, lv_sbuf *secret)
{
    lv_sbuf_clear(secret);
    if (argument[0] == '@') {
        lv_error err = LV_ERROR_INIT;
        if (lv_file_read_all(argument + 1, secret, &err) != LV_OK) {
            fprintf(stderr, "levada %s: %s\n", verb, err.message);
            return false;
        }
        lv_str trimmed = lv_str_trim(lv_sbuf_str(secret));
        if (trimmed.len > 0)
            memmove(secret->ptr, trimmed.ptr, trimmed.len);
        secret->len = trimmed.len;
    } else {
        lv_sbuf_add_cstr(secret, argument);
        memset(argument, '*', strlen(argument));
    }
    lv_sbuf_add_char(secret, '\0');
    return true;
}

/* ---- errors ---------------------------------------------------------------------------------- */

void lv_cli_print_error(const char *file, lv_str text, const lv_error *err, bool as_json)
{
    lv_sbuf out = LV_SBUF_INIT;
    if (as_json)
        lv_sql_diagnose_json(&out, file, text, err);
    else
        lv_sql_diagnose(&out, file, text, err);
    fwrite(out.ptr, 1, out.len, stderr);
    if (out.len > 0 && out.ptr[out.len - 1] != '\n')
        fputc('\n', stderr);
    lv_sbuf_release(&out);
}

int lv_cli_exit_code(lv_status status) /* dispatch */
{
    switch (status) {
    case LV_OK: return LV_EXIT_OK;
    case LV_USAGE:
    case LV_CONFLICTING_REFRESH_OPTIONS: return LV_EXIT_USAGE;
    case LV_EXPECTATION_VIOLATED: return LV_EXIT_QUALITY;
    case LV_CANCELLED: return LV_EXIT_INTERRUPTED;
    case LV_UNAVAILABLE:
    case LV_TIMED_OUT:
    case LV_AUTHENTICATION:
    case LV_UNKNOWN_TOPIC: return LV_EXIT_UNREACHABLE;
    case LV_DELTA_CONCURRENT_WRITE:
    case LV_DELTA_CONCURRENT_APPEND:
    case LV_DELTA_CONCURRENT_TRANSACTION:
    case LV_DELTA_METADATA_CHANGED:
    case LV_DELTA_PROTOCOL_CHANGED:
    case LV_DELTA_UNSUPPORTED_FEATURES_FOR_READ:
    case LV_DELTA_UNSUPPORTED_FEATURES_FOR_WRITE: return LV_EXIT_CONFLICT;
    default: return LV_EXIT_FAILED;
    }
}

/* ---- quantities ------------------------------------------------------------------------------ */

typedef struct unit {
    const char *name;
    int64_t factor;
} unit;

/* A non-negative number and one of the units (the last row's name is NULL), without overflow. */
static bool parse_quantity(const char *text, const unit *units, int64_t *out)
{
    char *end;
    errno = 0;
    double number = strtod(text, &end);
    if (end == text || errno != 0 || !isdigit((unsigned char)text[0]))
        return false;
    for (const unit *u = units; u->name; u++) {
        if (strcasecmp(end, u->name) != 0)
            continue;
        double product = number * (double)u->factor;
        if (product > 9e18)
            return false;
        *out = (int64_t)product;
        return true;
    }
    return false;
}

bool lv_cli_parse_duration_ms(const char *text, int64_t *ms)
{
    static const unit units[] = {{"", 1},        {"ms", 1},      {"s", 1000},     {"m", 60000},
                                 {"min", 60000}, {"h", 3600000}, {"d", 86400000}, {NULL, 0}};
    return parse_quantity(text, units, ms);
}

bool lv_cli_parse_bytes(const char *text, int64_t *bytes)
{
    enum { K = 1024 };
    static const unit units[] = {{"", 1},
                                 {"b", 1},
                                 {"k", K},
                                 {"kb", K},
                                 {"kib", K},
                                 {"m", K * K},
                                 {"mb", K * K},
                                 {"mib", K * K},
                                 {"g", K * K * K},
                                 {"gb", K * K * K},
                                 {"gib", K * K * K},
                                 {"t", (int64_t)K * K * K * K},
                                 {"tib", (int64_t)K * K * K * K},
                                 {NULL, 0}};
    return parse_quantity(text, units, bytes);
}

bool lv_cli_parse_count(const char *text, int64_t *count)
{
    static const unit units[] = {
        {"", 1}, {"k", 1000}, {"m", 1000000}, {"g", 1000000000}, {NULL, 0}};
    return parse_quantity(text, units, count);
}

lv_status lv_cli_add_pair(lv_arena *arena, lv_cli_pairs *pairs, const char *text, lv_error *err)
{
    const char *equals = strchr(text, '=');
    if (equals == NULL || equals == text)
        return LV_FAIL(err, LV_USAGE, "'%s' is not KEY=VALUE", text);
    lv_option pair = {{text, (size_t)(equals - text)}, lv_str_of(equals + 1), -1};
    LV_VEC_PUSH(arena, *pairs, pair);
    return LV_OK;
}

lv_options lv_cli_options(const lv_cli_pairs *pairs)
{
    return (lv_options){pairs->at, (int)pairs->count};
}

bool lv_cli_parse_share(const char *text, double *share)
{
    char *end;
    double number = strtod(text, &end);
    if (end == text || !(isdigit((unsigned char)text[0]) || text[0] == '.'))
        return false;
    if (strcmp(end, "%") == 0)
        number /= 100;
    else if (*end != '\0')
        return false;
    *share = number;
    return number >= 0 && number <= 1;
}
