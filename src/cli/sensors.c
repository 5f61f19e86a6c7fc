/* sensors.c: random walks, printed by hand: an event costs about as much as reading it will. */
#include "cli/sensors.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/check.h"

struct lv_sensor {
    int32_t temperature; /* 0.01 degrees Celsius */
    int32_t humidity;    /* 0.1 percent */
    int32_t pressure;    /* 0.01 hectopascals */
};

/* Where a quantity may be and how far it goes in a step, in its own unit. */
typedef struct range {
    int32_t low;
    int32_t high;
    int32_t step;
} range;

static const range temperatures = {500, 3500, 6};
static const range humidities = {300, 900, 4};
static const range pressures = {98000, 104000, 9};

/* ---- randomness ------------------------------------------------------------------------------ */

/* SplitMix64: Steele, Lea, Flood, "Fast splittable pseudorandom number generators". */
static uint64_t draw(lv_sensors *sensors)
{
    uint64_t z = sensors->state += 0x9E3779B97F4A7C15u;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
    z = (z ^ z >> 27) * 0x94D049BB133111EBu;
    return z ^ z >> 31;
}

/* Maps a draw of 16 bits to 0..count-1. */
static int32_t pick(uint64_t bits, int32_t count)
{
    return (int32_t)((bits & 0xFFFF) * (uint32_t)count >> 16);
}

/* One step of the walk, turned back at the ends. */
static int32_t walk(int32_t value, uint64_t bits, range r)
{
    value += pick(bits, 2 * r.step + 1) - r.step;
    if (value < r.low)
        return 2 * r.low - value;
    return value > r.high ? 2 * r.high - value : value;
}

static uint32_t bound_of(double share)
{
    return share >= 1 ? UINT32_MAX : (uint32_t)(share * 4294967296.0);
}

void lv_sensors_init(lv_sensors *sensors, const lv_sensors_options *options)
{
    LV_ASSERT(options->devices >= 1 && options->devices <= LV_SENSOR_DEVICES_MAX);
    *sensors = (lv_sensors){
        .device_count = (uint32_t)options->devices,
        .state = options->seed,
        .late_below = bound_of(options->late),
        .bad_below = bound_of(options->bad),
        .duplicate_below = bound_of(options->duplicate),
        .second = INT64_MIN,
    };
    sensors->devices = malloc(sensors->device_count * sizeof *sensors->devices);
    LV_ASSERT(sensors->devices != NULL);
    for (uint32_t i = 0; i < sensors->device_count; i++) {
        uint64_t bits = draw(sensors);
        sensors->devices[i].temperature =
            temperatures.low + pick(bits, temperatures.high - temperatures.low + 1);
        sensors->devices[i].humidity =
            humidities.low + pick(bits >> 16, humidities.high - humidities.low + 1);
        sensors->devices[i].pressure =
            pressures.low + pick(bits >> 32, pressures.high - pressures.low + 1);
    }
}

void lv_sensors_release(lv_sensors *sensors)
{
    free(sensors->devices);
    *sensors = (lv_sensors){0};
}

/* ---- printing -------------------------------------------------------------------------------- */

static const char two_digits[] =
    "00010203040506070809101112131415161718192021222324252627282930313233343536373839"
    "40414243444546474849505152535455565758596061626364656667686970717273747576777879"
    "8081828384858687888990919293949596979899";

static char *put_two(char *p, uint32_t value)
{
    memcpy(p, two_digits + 2 * value, 2);
    return p + 2;
}

#define PUT_LITERAL(p, literal)                                                                    \
    ((char *)memcpy((p), "" literal, sizeof(literal) - 1) + sizeof(literal) - 1)

static char *put_whole(char *p, uint32_t value)
{
    if (value >= 1000)
        return put_two(put_two(p, value / 100), value % 100);
    if (value >= 100) {
        *p++ = (char)('0' + value / 100);
        return put_two(p, value % 100);
    }
    if (value >= 10)
        return put_two(p, value);
    *p++ = (char)('0' + value);
    return p;
}

/* Hundredths as the shortest decimal with a fraction: 18.06, 18.5, 18.0. */
static char *put_hundredths(char *p, uint32_t value)
{
    p = put_whole(p, value / 100);
    *p++ = '.';
    p = put_two(p, value % 100);
    return p[-1] == '0' ? p - 1 : p;
}

static char *put_tenths(char *p, uint32_t value)
{
    p = put_whole(p, value / 10);
    *p++ = '.';
    *p++ = (char)('0' + value % 10);
    return p;
}

static void print_second(int64_t second, char out[20])
{
    struct tm tm;
    time_t t = (time_t)second;
    gmtime_r(&t, &tm);
    strftime(out, 20, "%Y-%m-%dT%H:%M:%S", &tm);
}

static char *put_time(lv_sensors *sensors, char *p, int64_t time_us)
{
    int64_t second = time_us / 1000000;
    if (second != sensors->second) {
        print_second(second, sensors->second_text);
        sensors->second = second;
    }
    uint32_t ms = (uint32_t)(time_us / 1000 % 1000);
    memcpy(p, sensors->second_text, 19);
    p[19] = '.';
    p[20] = (char)('0' + ms / 100);
    return PUT_LITERAL(put_two(p + 21, ms % 100), "Z");
}

static size_t print_event(lv_sensors *sensors, uint32_t id, const lv_sensor *sensor,
                          int64_t time_us)
{
    char *p = sensors->event;
    p = PUT_LITERAL(p, "{\"deviceId\":\"device-");
    p = put_two(p, id / 10000);
    p = put_two(p, id / 100 % 100);
    p = put_two(p, id % 100);
    p = PUT_LITERAL(p, "\",\"temperature\":");
    p = put_hundredths(p, (uint32_t)sensor->temperature);
    p = PUT_LITERAL(p, ",\"humidity\":");
    p = put_tenths(p, (uint32_t)sensor->humidity);
    p = PUT_LITERAL(p, ",\"pressure\":");
    p = put_hundredths(p, (uint32_t)sensor->pressure);
    p = PUT_LITERAL(p, ",\"timestamp\":\"");
    p = put_time(sensors, p, time_us);
    p = PUT_LITERAL(p, "\"}");
    return (size_t)(p - sensors->event);
}

/* ---- what goes wrong in the field ------------------------------------------------------------ */

/* Turns the event into one of the kinds that pipelines meet. */
static void spoil(lv_sensors *sensors, uint32_t id, uint64_t bits)
{
    static const char *const formats[] = {
        "{\"deviceId\":\"device-%06u\",\"temperature\":\"hot\",\"humidity\":50.0,\"pressure\":1000."
        "0}",
        "{\"deviceId\":%u,\"temperature\":20.5,\"humidity\":null,\"pressure\":[1000.0],"
        "\"timestamp\":0}",
        "{\"deviceId\":\"device-%06u\",\"temperature\":20.5,\"timestamp\":\"yesterday\"}",
        "{\"deviceId\":\"device-%06u\"}",
        "[\"device-%06u\",20.5,50.0]",
        "device-%06u;20.5;50.0;1000.0",
        "null",
        "",
    };
    enum { CUT_OFF = 4 }; /* of the kinds, this many are the event itself, cut off somewhere */
    size_t kind = (size_t)pick(bits, LV_COUNT_OF(formats) + CUT_OFF);
    if (kind >= LV_COUNT_OF(formats)) {
        sensors->event_len = 1 + (size_t)pick(bits >> 16, (int32_t)sensors->event_len - 2);
        return;
    }
    const char *argument = strchr(formats[kind], '%');
    char number[16];
    snprintf(number, sizeof number, argument && argument[1] == '0' ? "%06u" : "%u", id);
    size_t head = argument ? (size_t)(argument - formats[kind]) : strlen(formats[kind]);
    const char *tail = argument ? strchr(argument, 'u') + 1 : "";
    sensors->event_len = (size_t)snprintf(sensors->event, sizeof sensors->event, "%.*s%s%s",
                                          (int)head, formats[kind], argument ? number : "", tail);
}

lv_str lv_sensors_next(lv_sensors *sensors, int64_t time_us)
{
    uint64_t fate = draw(sensors);
    uint32_t luck = (uint32_t)fate;
    if (luck < sensors->duplicate_below && sensors->event_len > 0)
        return (lv_str){sensors->event, sensors->event_len};
    uint64_t bits = draw(sensors);
    uint32_t id = (uint32_t)((fate >> 32) * sensors->device_count >> 32);
    lv_sensor *sensor = &sensors->devices[id];
    sensor->temperature = walk(sensor->temperature, bits, temperatures);
    sensor->humidity = walk(sensor->humidity, bits >> 16, humidities);
    sensor->pressure = walk(sensor->pressure, bits >> 32, pressures);
    if (sensors->late_below > 0) {
        enum { MINUTE_US = 60 * 1000000 };
        uint64_t late = draw(sensors);
        if ((uint32_t)late < sensors->late_below)
            time_us -= (int64_t)(1 + pick(late >> 32, 60)) * MINUTE_US;
    }
    sensors->event_len = print_event(sensors, id, sensor, time_us);
    if (sensors->bad_below > 0) {
        uint64_t bad = draw(sensors);
        if ((uint32_t)bad < sensors->bad_below)
            spoil(sensors, id, bad >> 32);
    }
    return (lv_str){sensors->event, sensors->event_len};
}
