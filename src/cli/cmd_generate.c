/* cmd_generate.c: `levada generate sensors`: events into a hub, a file or standard output.
 *
 * This thread makes events and packs them into parcels (record batches or lines); another one ships
 * them, so that making and sending overlap. Two short queues go between them: parcels to ship, and
 * empty ones to fill again. */
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/check.h"
#include "base/datetime.h"
#include "base/queue.h"
#include "cli/cli.h"
#include "cli/sensors.h"
#include "kafka/client.h"
#include "kafka/records.h"
#include "os/os.h"

enum {
    PARCELS = 4,
    LINGER_MS = 5, /* how long an event waits for others at a low rate */
    CONNECT_MS = 10000,
    PROGRESS_NS = 200000000,
    SYNTHETIC_RATE = 2000, /* events per second of made-up time, when none is given */
    BATCH_RECORDS = 7000,
};

typedef struct target {
    lv_str servers; /* host:port of a hub; empty: a file */
    lv_str topic;
    const char *path; /* NULL: standard output */
} target;

typedef struct generate_options {
    target to;
    lv_sensors_options sensors;
    int64_t rate;  /* events per second; 0: no limit */
    int64_t count; /* 0: no end */
    int64_t batch_records;
    int64_t start_us; /* -1: not given */
    lv_kafka_codec codec;
    lv_sbuf secret;
} generate_options;

typedef struct parcel {
    lv_sbuf bytes;
    int64_t events;
    int32_t partition;
} parcel;

typedef struct generator {
    const generate_options *options;
    lv_sensors sensors;
    lv_batch_builder builder;
    lv_kafka_client *client; /* NULL: writes to fd */
    lv_arena arena;
    lv_kafka_topic topic;
    int fd;
    lv_queue *full;
    lv_queue *empty;
    pthread_t shipper;
    atomic_bool failed;
    lv_error err; /* of the shipper, read after its end */
    sigset_t signals;
    int64_t made;
    int64_t parcels;
    int64_t began_ns;
    int64_t drawn_ns;
    bool live; /* redraw a line on stderr */
} generator;

/* ---- shipping -------------------------------------------------------------------------------- */

static lv_status ship(generator *g, parcel *p)
{
    if (g->client == NULL)
        return lv_file_write(g->fd, g->options->to.path ? g->options->to.path : "standard output",
                             p->bytes.ptr, p->bytes.len, &g->err);
    return lv_kafka_produce(g->client, g->options->to.topic, p->partition, lv_sbuf_str(&p->bytes),
                            -1, NULL, &g->err);
}

static void *run_shipper(void *arg)
{
    generator *g = arg;
    parcel *p;
    while ((p = lv_queue_pop(g->full)) != NULL) {
        if (!atomic_load(&g->failed) && ship(g, p) != LV_OK)
            atomic_store(&g->failed, true);
        lv_queue_push(g->empty, p);
    }
    return NULL;
}

/* ---- making ---------------------------------------------------------------------------------- */

/* Time of event `number`: made up from --start on, or now when events go to a hub at a rate. */
static int64_t time_of(const generate_options *o, int64_t number)
{
    static const int64_t default_start_us = 1748736000000000; /* 2025-06-01T00:00:00Z */
    if (o->start_us < 0 && o->to.servers.len > 0 && o->rate > 0)
        return lv_now_us();
    int64_t per_second = o->rate > 0 ? o->rate : SYNTHETIC_RATE;
    int64_t start_us = o->start_us >= 0 ? o->start_us : default_start_us;
    return start_us + number / per_second * 1000000 + number % per_second * 1000000 / per_second;
}

/* Fills and seals a parcel with the next `count` events. */
static lv_status fill_parcel(generator *g, parcel *p, int64_t count, lv_error *err)
{
    const generate_options *o = g->options;
    lv_sbuf_clear(&p->bytes);
    p->events = count;
    /* A record's own timestamp is always now: a broker deletes what looks older than its retention. */
    int64_t now_ms = lv_now_us() / 1000;
    for (int64_t i = 0; i < count; i++) {
        lv_str event = lv_sensors_next(&g->sensors, time_of(o, g->made++));
        if (g->client) {
            lv_batch_builder_add(&g->builder, now_ms, LV_STR_NONE, event);
        } else {
            lv_sbuf_add_str(&p->bytes, event);
            lv_sbuf_add_char(&p->bytes, '\n');
        }
    }
    if (g->client == NULL)
        return LV_OK;
    p->partition = g->topic.partitions[g->parcels++ % g->topic.count].partition;
    return lv_batch_builder_finish(&g->builder, o->codec, -1, -1, -1, &p->bytes, err);
}

static void draw_progress(generator *g, bool final)
{
    int64_t now = lv_mono_ns();
    if (!final && (!g->live || now - g->drawn_ns < PROGRESS_NS))
        return;
    g->drawn_ns = now;
    double seconds = (double)(now - g->began_ns) / 1e9;
    fprintf(stderr, "%s%" PRId64 " events in %.1f s, %.0f/s%s", g->live ? "\r\033[K" : "", g->made,
            seconds, (double)g->made / LV_MAX(seconds, 1e-9), final ? "\n" : "");
}

/* Sleeps; true when a signal asks to stop. A time of 0 only looks. */
static bool wait_for_stop(const generator *g, int64_t ns)
{
    struct timespec timeout = {ns / 1000000000, ns % 1000000000};
    return sigtimedwait(&g->signals, NULL, &timeout) > 0;
}

/* How many events may be made now. */
static int64_t due(const generator *g)
{
    const generate_options *o = g->options;
    int64_t end = o->count > 0 ? o->count : INT64_MAX;
    if (o->rate == 0)
        return end - g->made;
    double seconds = (double)(lv_mono_ns() - g->began_ns) / 1e9;
    return LV_MIN(end, (int64_t)(seconds * (double)o->rate)) - g->made;
}

static int64_t idle_ns(const generator *g)
{
    enum { AT_MOST_MS = 100 };
    double next_s = (double)(g->made + 1) / (double)g->options->rate;
    int64_t until_next = (int64_t)(next_s * 1e9) - (lv_mono_ns() - g->began_ns);
    return LV_MAX((int64_t)LINGER_MS * 1000000, LV_MIN(until_next, (int64_t)AT_MOST_MS * 1000000));
}

static lv_status make_events(generator *g, lv_error *err)
{
    const generate_options *o = g->options;
    bool stop = false;
    while (!stop && !atomic_load(&g->failed) && (o->count == 0 || g->made < o->count)) {
        draw_progress(g, false);
        int64_t count = LV_MIN(due(g), o->batch_records);
        if (count <= 0) {
            stop = wait_for_stop(g, idle_ns(g));
            continue;
        }
        parcel *p = lv_queue_pop_timed(g->empty, 100);
        if (p) {
            LV_TRY(fill_parcel(g, p, count, err));
            lv_queue_push(g->full, p);
        }
        /* At a rate, what came due while this was packed waits for company again. */
        stop = wait_for_stop(
            g, o->rate > 0 && count < o->batch_records ? (int64_t)LINGER_MS * 1000000 : 0);
    }
    return LV_OK;
}

/* ---- running --------------------------------------------------------------------------------- */

static lv_status open_target(generator *g, lv_error *err)
{
    const generate_options *o = g->options;
    if (o->to.servers.len == 0) {
        g->fd = STDOUT_FILENO;
        return o->to.path ? lv_file_open(o->to.path, O_WRONLY | O_CREAT | O_TRUNC, &g->fd, err)
                          : LV_OK;
    }
    lv_kafka_options kafka = {
        .bootstrap_servers = o->to.servers,
        .client_id = LV_STR("levada-generate"),
        .sasl_plain = o->secret.len > 0,
        .sasl_username = LV_STR("$ConnectionString"),
        .sasl_password = lv_str_of(o->secret.len > 0 ? o->secret.ptr : ""),
        .request_timeout_ms = CONNECT_MS,
    };
    g->client = lv_kafka_client_new(&kafka);
    return lv_kafka_get_topics(g->client, &g->arena, &o->to.topic, 1, true, &g->topic, err);
}

/* Signals end the program at once until the target is open, and are waited for afterwards. */
static lv_status generate(generator *g, lv_error *err)
{
    static parcel parcels[PARCELS];
    LV_TRY(open_target(g, err));
    sigemptyset(&g->signals);
    sigaddset(&g->signals, SIGINT);
    sigaddset(&g->signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &g->signals, NULL);
    g->full = lv_queue_new(PARCELS);
    g->empty = lv_queue_new(PARCELS);
    for (int i = 0; i < PARCELS; i++)
        lv_queue_push(g->empty, &parcels[i]);
    g->began_ns = lv_mono_ns();
    lv_status status = lv_thread_start(&g->shipper, "shipper", run_shipper, g, err);
    if (status == LV_OK) {
        status = make_events(g, err);
        lv_queue_close(g->full);
        pthread_join(g->shipper, NULL);
        draw_progress(g, true);
    }
    if (status == LV_OK && atomic_load(&g->failed)) {
        *err = g->err;
        status = g->err.status;
    }
    for (int i = 0; i < PARCELS; i++) {
        lv_sbuf_release(&parcels[i].bytes);
        (void)lv_queue_pop_timed(g->empty, 0);
    }
    lv_queue_free(g->full);
    lv_queue_free(g->empty);
    return status;
}

/* ---- flags ----------------------------------------------------------------------------------- */

enum {
    OPT_TO = 256,
    OPT_RATE,
    OPT_COUNT,
    OPT_DEVICES,
    OPT_SEED,
    OPT_LATE,
    OPT_BAD,
    OPT_DUPLICATE,
    OPT_CODEC,
    OPT_BATCH_RECORDS,
    OPT_START,
    OPT_SASL,
};

static const struct option long_options[] = {
    {"to", required_argument, NULL, OPT_TO},
    {"rate", required_argument, NULL, OPT_RATE},
    {"count", required_argument, NULL, OPT_COUNT},
    {"devices", required_argument, NULL, OPT_DEVICES},
    {"seed", required_argument, NULL, OPT_SEED},
    {"late", required_argument, NULL, OPT_LATE},
    {"bad", required_argument, NULL, OPT_BAD},
    {"duplicate", required_argument, NULL, OPT_DUPLICATE},
    {"codec", required_argument, NULL, OPT_CODEC},
    {"batch-records", required_argument, NULL, OPT_BATCH_RECORDS},
    {"start", required_argument, NULL, OPT_START},
    {"sasl", required_argument, NULL, OPT_SASL},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

static const char generate_help[] =
    "Usage: levada generate sensors --to HOST:PORT/TOPIC|FILE|- [flags]\n"
    "Makes the sensor events of the example, the same ones for the same seed and flags.\n\n"
    "  --to WHERE           a topic of a hub (made if missing), a file, or - for standard output\n"
    "  --rate N             events per second, 0 as fast as possible (2000)\n"
    "  --count N            how many, 0 without end (0)\n"
    "  --devices N          devices that send (10000)\n"
    "  --seed S             another number, other events (1)\n"
    "  --late SHARE         share of events 1 to 60 minutes late, as 0.01 or 1% (0)\n"
    "  --bad SHARE          share of events that are no such JSON (0)\n"
    "  --duplicate SHARE    share of events that repeat the one before (0)\n"
    "  --start TIMESTAMP    time of the first event; the others follow at the rate "
    "(2025-06-01T00:00:00Z;\n"
    "                       now, and for every event its own, when they go to a hub at a rate)\n"
    "  --codec none|gzip|snappy|lz4|zstd\n"
    "                       compression towards a hub (lz4)\n"
    "  --batch-records N    most events in a record batch (7000)\n"
    "  --sasl CONNECTION_STRING\n"
    "                       what the hub asks for; @FILE reads it from a file\n\n"
    "Example: levada generate sensors --to 127.0.0.1:9092/sensors --rate 5000\n";

/* HOST:PORT/TOPIC is a hub, - is standard output, everything else a file. */
static target parse_target(const char *text)
{
    lv_str all = lv_str_of(text);
    ptrdiff_t slash = lv_str_find(all, '/', 0);
    int64_t port;
    target to = {.path = text};
    if (lv_str_is(all, "-")) {
        to.path = NULL;
    } else if (slash > 0 && (size_t)slash + 1 < all.len) {
        lv_str servers = lv_str_sub(all, 0, (size_t)slash);
        size_t colon = servers.len;
        while (colon > 0 && servers.ptr[colon - 1] != ':')
            colon--;
        if (colon > 1 && lv_str_to_i64(lv_str_sub(servers, colon, servers.len - colon), &port))
            to = (target){.servers = servers,
                          .topic = lv_str_sub(all, (size_t)slash + 1, all.len - (size_t)slash - 1)};
    }
    return to;
}

static bool parse_start(const char *text, int64_t *start_us)
{
    return lv_timestamp_parse(lv_str_of(text), lv_timezone_utc(), lv_now_us(), start_us) &&
           *start_us >= 0;
}

static bool apply(int option, char *value, generate_options *o) /* dispatch */
{
    int64_t number;
    switch (option) {
    case OPT_TO: o->to = parse_target(value); return true;
    case OPT_RATE: return lv_cli_parse_count(value, &o->rate) && o->rate <= 1000000000;
    case OPT_COUNT: return lv_cli_parse_count(value, &o->count);
    case OPT_DEVICES:
        if (!lv_cli_parse_count(value, &number) || number < 1 || number > LV_SENSOR_DEVICES_MAX)
            return false;
        o->sensors.devices = (int32_t)number;
        return true;
    case OPT_SEED:
        if (!lv_str_to_i64(lv_str_of(value), &number))
            return false;
        o->sensors.seed = (uint64_t)number;
        return true;
    case OPT_LATE: return lv_cli_parse_share(value, &o->sensors.late);
    case OPT_BAD: return lv_cli_parse_share(value, &o->sensors.bad);
    case OPT_DUPLICATE: return lv_cli_parse_share(value, &o->sensors.duplicate);
    case OPT_CODEC: return lv_kafka_codec_parse(lv_str_of(value), &o->codec);
    case OPT_BATCH_RECORDS:
        return lv_cli_parse_count(value, &o->batch_records) && o->batch_records >= 1 &&
               o->batch_records <= 1000000;
    case OPT_START: return parse_start(value, &o->start_us);
    case OPT_SASL: return lv_cli_take_secret("generate", value, &o->secret);
    default: return false;
    }
}

static int run(const generate_options *options)
{
    generator *g = calloc(1, sizeof *g);
    LV_ASSERT(g != NULL);
    lv_error err = LV_ERROR_INIT;
    g->options = options;
    g->err = LV_ERROR_INIT;
    g->live = isatty(STDERR_FILENO);
    lv_arena_init(&g->arena);
    lv_batch_builder_init(&g->builder);
    lv_sensors_init(&g->sensors, &options->sensors);
    lv_status status = generate(g, &err);
    if (status != LV_OK)
        fprintf(stderr, "levada generate: %s\n", err.message);
    lv_sensors_release(&g->sensors);
    lv_batch_builder_release(&g->builder);
    lv_kafka_client_free(g->client);
    lv_arena_release(&g->arena);
    free(g);
    return lv_cli_exit_code(status);
}

int lv_cmd_generate(int argc, char **argv)
{
    generate_options options = {
        .sensors = {.devices = 10000, .seed = 1},
        .rate = 2000,
        .batch_records = BATCH_RECORDS,
        .start_us = -1,
        .codec = LV_KAFKA_LZ4,
    };
    bool has_target = false;
    for (int c; (c = lv_cli_getopt(argc, argv, long_options)) != -1;) {
        if (c == 'h') {
            fputs(generate_help, stdout);
            return LV_EXIT_OK;
        }
        if (c == '?')
            return LV_EXIT_USAGE;
        if (!apply(c, optarg, &options))
            return lv_cli_usage("generate", "--%s cannot be '%s'", long_options[c - OPT_TO].name,
                                c == OPT_SASL ? "***" : optarg);
        has_target |= c == OPT_TO;
    }
    if (optind + 1 != argc || strcmp(argv[optind], "sensors") != 0)
        return lv_cli_usage("generate", "say what to make; there is only: sensors");
    if (!has_target)
        return lv_cli_usage("generate",
                            "say where events go: --to HOST:PORT/TOPIC, --to FILE or --to -");
    int code = run(&options);
    lv_sbuf_release(&options.secret);
    return code;
}
