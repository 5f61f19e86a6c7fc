/* json_decode.c: nanoseconds per sensor event from payload bytes to columns.
 *
 *     micro_json_decode [events [devices [passes [padded]]]]
 *
 * The events lie one behind the other as they do in a decompressed record batch and are decoded in
 * vectors of LV_BATCH_ROWS, padded as our sources hand them on unless `padded` is 0; the best and the
 * median pass are printed. A checksum of the columns keeps the work honest and is compared with what
 * was generated. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/check.h"
#include "base/datetime.h"
#include "json/json.h"

typedef struct events {
    char *bytes;
    lv_str *payloads;
    int64_t count;
    double sum; /* of all readings and of the timestamps in seconds */
} events;

static uint64_t next_random(uint64_t *state)
{
    *state += 0x9E3779B97F4A7C15u;
    uint64_t x = *state;
    x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9u;
    x = (x ^ x >> 27) * 0x94D049BB133111EBu;
    return x ^ x >> 31;
}

static events generate(int64_t count, int devices)
{
    enum { EVENT_BYTES_MAX = 160 };
    events e = {malloc((size_t)count * EVENT_BYTES_MAX + LV_JSON_PADDING),
                calloc((size_t)count, sizeof(lv_str)), count, 0};
    LV_ASSERT(e.bytes != NULL && e.payloads != NULL);
    uint64_t state = 1;
    char *p = e.bytes;
    for (int64_t i = 0; i < count; i++) {
        int64_t ms = 1748736000000 + i * 2 + (int64_t)(next_random(&state) % 3);
        int device = (int)(next_random(&state) % (uint64_t)devices);
        int t = (int)(next_random(&state) % 4000), h = (int)(next_random(&state) % 1000);
        int b = (int)(next_random(&state) % 5000) + 98000;
        char when[LV_TIMESTAMP_TEXT_SIZE];
        lv_timestamp_print_iso(ms * 1000, lv_timezone_utc(), when);
        int n = snprintf(p, EVENT_BYTES_MAX,
                         "{\"deviceId\":\"device-%06d\",\"temperature\":%.4g,\"humidity\":%.3g,"
                         "\"pressure\":%.6g,\"timestamp\":\"%s\"}",
                         device, t / 100.0, h / 10.0, b / 100.0, when);
        e.payloads[i] = (lv_str){p, (size_t)n};
        e.sum += t / 100.0 + h / 10.0 + b / 100.0 + (double)ms / 1000.0;
        p += n;
    }
    return e;
}

static const lv_type *sensor_type(lv_arena *arena)
{
    const lv_type *real = lv_type_of(LV_TYPE_DOUBLE);
    lv_field fields[] = {{LV_STR("deviceId"), lv_type_of(LV_TYPE_STRING), true, LV_STR_NONE},
                         {LV_STR("temperature"), real, true, LV_STR_NONE},
                         {LV_STR("humidity"), real, true, LV_STR_NONE},
                         {LV_STR("pressure"), real, true, LV_STR_NONE},
                         {LV_STR("timestamp"), lv_type_of(LV_TYPE_TIMESTAMP), true, LV_STR_NONE}};
    return lv_type_struct(arena, fields, LV_COUNT_OF(fields));
}

static double sum_of(const lv_vector *rows)
{
    double sum = 0;
    for (int64_t i = 0; i < rows->length; i++) {
        for (int f = 1; f <= 3; f++)
            sum += LV_AT(double, &rows->children[f], i);
        sum += (double)LV_AT(int64_t, &rows->children[4], i) / 1e6;
    }
    return sum;
}

static double cpu_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/* One pass over all events; the sum of the columns if `sum` is wanted. Returns CPU seconds. */
static double pass(lv_json_decoder *decoder, const events *e, double *sum)
{
    lv_arena arena;
    lv_error err = LV_ERROR_INIT;
    lv_arena_init(&arena);
    double begin = cpu_seconds();
    for (int64_t at = 0; at < e->count; at += LV_BATCH_ROWS) {
        lv_vector in = {.type = lv_type_of(LV_TYPE_STRING),
                        .encoding = LV_FLAT,
                        .data = e->payloads + at},
                  out;
        in.length = LV_MIN(LV_BATCH_ROWS, e->count - at);
        lv_status status = lv_json_decode(decoder, &arena, &in, &out, &err);
        LV_ASSERT(status == LV_OK);
        if (sum != NULL)
            *sum += sum_of(&out);
        lv_arena_reset(&arena);
    }
    double seconds = cpu_seconds() - begin;
    lv_arena_release(&arena);
    return seconds;
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
    int64_t count = argc > 1 ? strtoll(argv[1], NULL, 10) : 500000;
    int devices = argc > 2 ? (int)strtol(argv[2], NULL, 10) : 10000;
    int passes = argc > 3 ? (int)strtol(argv[3], NULL, 10) : 9;
    passes = LV_MAX(1, LV_MIN(passes, 99));
    events e = generate(count, devices);
    lv_arena arena;
    lv_arena_init(&arena);
    lv_json_options options = {.times = {lv_timezone_utc()}, .padded = argc <= 4 || argv[4][0] != '0'};
    lv_json_decoder *decoder;
    lv_status status = lv_json_decoder_new(sensor_type(&arena), NULL, &options, &decoder, NULL);
    LV_ASSERT(status == LV_OK);
    double sum = 0, times[99];
    pass(decoder, &e, &sum);
    if (!(fabs(sum - e.sum) < 1e-6 * e.sum)) {
        fprintf(stderr, "the columns' sum is %f, expected %f\n", sum, e.sum);
        return 1;
    }
    for (int i = 0; i < passes; i++)
        times[i] = pass(decoder, &e, NULL) * 1e9 / (double)count;
    qsort(times, (size_t)passes, sizeof times[0], by_value);
    printf("%lld events, %d devices: min %.1f, median %.1f ns of CPU per event\n", (long long)count,
           devices, times[0], times[passes / 2]);
    lv_json_decoder_free(decoder);
    lv_arena_release(&arena);
    free(e.bytes);
    free(e.payloads);
    return 0;
}
