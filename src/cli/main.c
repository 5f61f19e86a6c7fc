/* main.c: finds the verb and lets it run. */
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"

static const lv_verb verbs[] = {
    {"hub", "serve a local event hub that speaks the Kafka protocol", lv_cmd_hub},
    {"run", "run the streaming tables of SQL pipeline files", lv_cmd_run},
    {"validate", "find every error of SQL pipeline files, without running them", lv_cmd_validate},
    {"dry-run", "the same as validate", lv_cmd_validate},
    {"sql", "run SQL statements and print the rows", lv_cmd_sql},
    {"generate", "make sensor events, for trying and measuring", lv_cmd_generate},
};

static void print_overview(FILE *to)
{
    fputs("Usage: levada VERB [arguments]\n\n"
          "Levada reads events from a hub (Kafka, Azure Event Hubs), works on them as Spark "
          "Structured\n"
          "Streaming does, and appends them to Delta tables exactly once.\n\n",
          to);
    for (size_t i = 0; i < LV_COUNT_OF(verbs); i++)
        fprintf(to, "  %-10s %s\n", verbs[i].name, verbs[i].summary);
    fputs("  help VERB  say more about a verb\n  version    print the version\n", to);
}

static const lv_verb *find_verb(const char *name)
{
    for (size_t i = 0; i < LV_COUNT_OF(verbs); i++) {
        if (strcmp(name, verbs[i].name) == 0)
            return &verbs[i];
    }
    return NULL;
}

static int complain(const char *name)
{
    enum { NEAR = 3 };
    int nearest = NEAR + 1;
    const char *suggestion = NULL;
    for (size_t i = 0; i < LV_COUNT_OF(verbs); i++) {
        int distance = lv_str_distance(lv_str_of(name), lv_str_of(verbs[i].name));
        if (distance < nearest) {
            nearest = distance;
            suggestion = verbs[i].name;
        }
    }
    fprintf(stderr, "levada: there is no verb '%s'", name);
    fprintf(stderr, suggestion ? "; did you mean '%s'?\n" : "\n", suggestion);
    fputs("See levada help\n", stderr);
    return LV_EXIT_USAGE;
}

static int help(int argc, char **argv)
{
    if (argc < 2) {
        print_overview(stdout);
        return LV_EXIT_OK;
    }
    const lv_verb *verb = find_verb(argv[1]);
    char *arguments[] = {argv[1], (char[]){"--help"}, NULL};
    return verb ? verb->run(2, arguments) : complain(argv[1]);
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        print_overview(stderr);
        return LV_EXIT_USAGE;
    }
    const char *name = argv[1];
    if (strcmp(name, "help") == 0 || strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
        return help(argc - 1, argv + 1);
    if (strcmp(name, "version") == 0 || strcmp(name, "--version") == 0) {
        puts("levada " LEVADA_VERSION);
        return LV_EXIT_OK;
    }
    const lv_verb *verb = find_verb(name);
    return verb ? verb->run(argc - 1, argv + 1) : complain(name);
}
