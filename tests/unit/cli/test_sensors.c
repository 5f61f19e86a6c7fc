/* test_sensors.c: the generator's events: the same every time, and of the kinds asked for. */
#include "unit.h"

#include "base/hash.h"
#include "cli/sensors.h"

static uint32_t fingerprint(const lv_sensors_options *options, int count)
{
    lv_sensors sensors;
    uint32_t crc = 0;
    lv_sensors_init(&sensors, options);
    for (int i = 0; i < count; i++) {
        lv_str event = lv_sensors_next(&sensors, 1748736000000000 + (int64_t)i * 500);
        assert_true(event.len < LV_SENSOR_EVENT_MAX);
        crc = lv_crc32c(crc, event.ptr, event.len);
    }
    lv_sensors_release(&sensors);
    return crc;
}

static void the_same_options_give_the_same_bytes(void **state)
{
    lv_sensors_options options = {
        .devices = 1000, .seed = 42, .late = 0.01, .bad = 0.02, .duplicate = 0.03};
    uint32_t first = fingerprint(&options, 20000);
    assert_int_equal(fingerprint(&options, 20000), first);
    options.seed = 43;
    assert_int_not_equal(fingerprint(&options, 20000), first);
    /* Also on other machines and in later versions: benchmarks compare tables made from these events. */
    lv_sensors_options plain = {.devices = 10000, .seed = 1};
    assert_int_equal(fingerprint(&plain, 100000), 0x3644e414);
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Whether an event has the shape of a good one, in which 0 stands for a digit, # for a number. */
static bool is_good(lv_str event)
{
    static const char shape[] =
        "{\"deviceId\":\"device-000000\",\"temperature\":#,\"humidity\":#,\"pressure\":#,"
        "\"timestamp\":\"0000-00-00T00:00:00.000Z\"}";
    size_t at = 0;
    for (const char *s = shape; *s; s++) {
        size_t start = at;
        while (*s == '#' && at < event.len && (is_digit(event.ptr[at]) || event.ptr[at] == '.'))
            at++;
        if (*s == '#' ? at == start : at >= event.len)
            return false;
        if (*s != '#' && (*s == '0' ? !is_digit(event.ptr[at]) : event.ptr[at] != *s))
            return false;
        at += *s != '#';
    }
    return at == event.len;
}

static void shares_are_kept(void **state)
{
    enum { COUNT = 100000 };
    lv_sensors_options options = {
        .devices = 500, .seed = 7, .late = 0.1, .bad = 0.05, .duplicate = 0.02};
    lv_sensors sensors;
    lv_sensors_init(&sensors, &options);
    int bad = 0;
    int late = 0;
    int duplicate = 0;
    char last[LV_SENSOR_EVENT_MAX];
    size_t last_len = 0;
    for (int i = 0; i < COUNT; i++) {
        lv_str event = lv_sensors_next(&sensors, 1748779200000000 + (int64_t)i * 500);
        bool again =
            event.len > 0 && event.len == last_len && memcmp(last, event.ptr, last_len) == 0;
        duplicate += again;
        bad += !again && !is_good(event);
        late += !again && is_good(event) &&
                memcmp(event.ptr + event.len - 26, "2025-06-01T11", 13) == 0;
        memcpy(last, event.ptr, event.len);
        last_len = event.len;
    }
    assert_in_range(bad, COUNT * 4.5 / 100, COUNT * 5.5 / 100);
    assert_in_range(late, COUNT * 8 / 100, COUNT * 11 / 100);
    assert_in_range(duplicate, COUNT * 1.8 / 100, COUNT * 2.2 / 100);
    lv_sensors_release(&sensors);
}

static void plain_events_are_all_good(void **state)
{
    lv_sensors_options options = {.devices = 1000000, .seed = 3};
    lv_sensors sensors;
    lv_sensors_init(&sensors, &options);
    for (int i = 0; i < 200000; i++) {
        lv_str event = lv_sensors_next(&sensors, (int64_t)i * 7919001);
        if (!is_good(event))
            fail_msg("%.*s", LV_STR_ARG(event));
    }
    lv_sensors_release(&sensors);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_options_give_the_same_bytes),
        cmocka_unit_test(shares_are_kept),
        cmocka_unit_test(plain_events_are_all_good),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
