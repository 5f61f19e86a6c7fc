/* cmd_hub.c: `levada hub`: a local event hub in the foreground. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "cli/cli.h"
#include "hub/hub.h"
#include "os/os.h"

enum {
    OPT_LISTEN = 256,
    OPT_ADVERTISE,
    OPT_DATA,
    OPT_PARTITIONS,
    OPT_RETENTION,
    OPT_RETENTION_BYTES,
    OPT_SEGMENT_BYTES,
    OPT_MESSAGE_BYTES,
    OPT_FSYNC,
    OPT_SASL,
    OPT_AUTO_CREATE,
    OPT_TIMESTAMP_TYPE,
};

static const struct option long_options[] = {
    {"listen", required_argument, NULL, OPT_LISTEN},
    {"advertise", required_argument, NULL, OPT_ADVERTISE},
    {"data", required_argument, NULL, OPT_DATA},
    {"partitions", required_argument, NULL, OPT_PARTITIONS},
    {"retention", required_argument, NULL, OPT_RETENTION},
    {"retention-bytes", required_argument, NULL, OPT_RETENTION_BYTES},
    {"segment-bytes", required_argument, NULL, OPT_SEGMENT_BYTES},
    {"max-message-bytes", required_argument, NULL, OPT_MESSAGE_BYTES},
    {"fsync", required_argument, NULL, OPT_FSYNC},
    {"sasl", required_argument, NULL, OPT_SASL},
    {"auto-create", required_argument, NULL, OPT_AUTO_CREATE},
    {"timestamp-type", required_argument, NULL, OPT_TIMESTAMP_TYPE},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

static const char hub_help[] =
    "Usage: levada hub [flags]\n"
    "Serves a local event hub: durable topics that any Kafka client can write and read, with one "
    "broker,\n"
    "no consumer groups and no transactions. Runs until SIGINT or SIGTERM.\n\n"
    "  --listen HOST:PORT         where to listen (127.0.0.1:9092; port 0 takes a free one)\n"
    "  --advertise HOST:PORT      what clients are told to connect to (the address they came to)\n"
    "  --data DIR                 where the logs are kept (hub-data)\n"
    "  --partitions N             of topics made without a number (8)\n"
    "  --retention TIME           how long events are kept: 7d, 12h, ... or 'unlimited' (7d)\n"
    "  --retention-bytes SIZE     how much of a partition is kept (unlimited)\n"
    "  --segment-bytes SIZE       size of a log file (128MiB)\n"
    "  --max-message-bytes SIZE   largest record batch (1MiB)\n"
    "  --fsync never|interval|always\n"
    "                             when writes go to disk: acknowledged events always survive the "
    "hub's own\n"
    "                             end; with interval all but the last second survive the "
    "machine's, with\n"
    "                             always every one (never)\n"
    "  --sasl CONNECTION_STRING   ask clients for SASL PLAIN with user $ConnectionString and this "
    "password;\n"
    "                             @FILE reads it from a file\n"
    "  --auto-create true|false   make topics when a client asks for them (true)\n"
    "  --timestamp-type LogAppendTime|CreateTime\n"
    "                             whose time an event bears: the hub's or the producer's "
    "(LogAppendTime)\n\n"
    "Example: levada hub --data /var/lib/levada --fsync interval\n";

static bool parse_fsync(const char *text, lv_hub_fsync *fsync)
{
    static const char *const names[] = {"never", "interval", "always"};
    for (size_t i = 0; i < LV_COUNT_OF(names); i++) {
        if (strcmp(text, names[i]) == 0) {
            *fsync = (lv_hub_fsync)i;
            return true;
        }
    }
    return false;
}

/* One of two words; `*is_yes` says which. */
static bool parse_choice(const char *text, const char *yes, const char *no, bool *is_yes)
{
    *is_yes = strcmp(text, yes) == 0;
    return *is_yes || strcmp(text, no) == 0;
}

static bool parse_limit(const char *text, bool (*parse)(const char *, int64_t *), int64_t *limit)
{
    if (strcmp(text, "unlimited") != 0 && strcmp(text, "-1") != 0)
        return parse(text, limit);
    *limit = -1;
    return true;
}

static bool apply(int option, char *value, lv_hub_options *options, lv_sbuf *secret) /* dispatch */
{
    int64_t number;
    switch (option) {
    case OPT_LISTEN: options->listen = value; return true;
    case OPT_ADVERTISE: options->advertise = value; return true;
    case OPT_DATA: options->data_dir = value; return true;
    case OPT_PARTITIONS:
        if (!lv_cli_parse_count(value, &number) || number > INT32_MAX)
            return false;
        options->partitions = (int32_t)number;
        return true;
    case OPT_RETENTION: return parse_limit(value, lv_cli_parse_duration_ms, &options->retention_ms);
    case OPT_RETENTION_BYTES:
        return parse_limit(value, lv_cli_parse_bytes, &options->retention_bytes);
    case OPT_SEGMENT_BYTES: return lv_cli_parse_bytes(value, &options->segment_bytes);
    case OPT_MESSAGE_BYTES: return lv_cli_parse_bytes(value, &options->max_message_bytes);
    case OPT_FSYNC: return parse_fsync(value, &options->fsync);
    case OPT_SASL:
        if (!lv_cli_take_secret("hub", value, secret))
            return false;
        options->sasl = secret->ptr;
        return true;
    case OPT_AUTO_CREATE: return parse_choice(value, "true", "false", &options->auto_create);
    case OPT_TIMESTAMP_TYPE:
        return parse_choice(value, "LogAppendTime", "CreateTime", &options->append_time);
    default: return false;
    }
}

static void stop_hub(void *hub)
{
    lv_hub_stop(hub);
}

static lv_status serve(const lv_hub_options *options, lv_error *err)
{
    lv_hub *hub;
    lv_cli_block_signals();
    LV_TRY(lv_hub_open(options, &hub, err));
    lv_status status = lv_cli_watch_signals(stop_hub, hub, err);
    if (status == LV_OK) {
        printf("levada hub listening on %s, data in %s\n", lv_hub_address(hub), options->data_dir);
        fflush(stdout);
        status = lv_hub_run(hub, err);
    }
    lv_cli_unwatch_signals();
    lv_hub_close(hub);
    return status;
}

int lv_cmd_hub(int argc, char **argv)
{
    lv_hub_options options = lv_hub_options_default();
    lv_sbuf secret = LV_SBUF_INIT;
    for (int c; (c = lv_cli_getopt(argc, argv, long_options)) != -1;) {
        if (c == 'h') {
            fputs(hub_help, stdout);
            return LV_EXIT_OK;
        }
        if (c == '?')
            return LV_EXIT_USAGE;
        if (!apply(c, optarg, &options, &secret))
            return lv_cli_usage("hub", "--%s cannot be '%s'", long_options[c - OPT_LISTEN].name,
                                c == OPT_SASL ? "***" : optarg);
    }
    if (optind < argc)
        return lv_cli_usage("hub", "'%s' is no flag", argv[optind]);
    lv_error err = LV_ERROR_INIT;
    lv_status status = serve(&options, &err);
    lv_sbuf_release(&secret);
    if (status != LV_OK)
        fprintf(stderr, "levada hub: %s\n", err.message);
    return lv_cli_exit_code(status);
}
