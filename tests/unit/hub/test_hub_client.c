/* test_hub_client.c: our client against our hub: what is produced comes back, byte for byte. */
#include "unit.h"

#include "hub/hub.h"
#include "hub_fixture.h"
#include "kafka/fetcher.h"
#include "os/os.h"

enum { PARTITIONS = 3, ROOM = 4096, BATCHES = 18 };

static char *scratch;
static lv_hub_options hub_options;
static lv_hub *hub;
static pthread_t hub_thread;
static lv_status hub_status;
static char address[40];
static lv_kafka_client *client;

static void *run_hub(void *arg)
{
    hub_status = lv_hub_run(hub, NULL);
    return NULL;
}

static void start_hub(void)
{
    lv_error err = LV_ERROR_INIT;
    assert_ok(&err, lv_hub_open(&hub_options, &hub, &err));
    assert_ok(&err, lv_thread_start(&hub_thread, "hub", run_hub, NULL, &err));
    snprintf(address, sizeof address, "127.0.0.1:%d", lv_hub_port(hub));
}

static void stop_hub(void)
{
    lv_hub_stop(hub);
    pthread_join(hub_thread, NULL);
    assert_int_equal(hub_status, LV_OK);
    lv_hub_close(hub);
}

static lv_kafka_client *new_client(void)
{
    lv_kafka_options options = {.bootstrap_servers = lv_str_of(address),
                                .request_timeout_ms = 20000};
    return lv_kafka_client_new(&options);
}

static int setup(void **state)
{
    scratch = make_scratch_dir();
    hub_options = lv_hub_options_default();
    hub_options.listen = "127.0.0.1:0";
    hub_options.data_dir = scratch;
    hub_options.partitions = PARTITIONS;
    hub_options.append_time = false;
    hub_options.retention_ms = -1; /* the records are old */
    start_hub();
    client = new_client();
    return 0;
}

static int teardown(void **state)
{
    lv_kafka_client_free(client);
    stop_hub();
    remove_scratch_dir(scratch);
    return 0;
}

/* ---- records --------------------------------------------------------------------------------- */

/* Record `offset` of a partition: nulls, empty and long texts among them. The value is in `text`. */
static void make_record(int partition, int64_t offset, char text[600], lv_str *key, lv_str *value,
                        int64_t *time_ms)
{
    static const char filler[] = "abcdefghijklmnopqrstuvwxyz";
    size_t len = (size_t)snprintf(text, 100, "%d:%lld:", partition, (long long)offset);
    size_t more = offset % 997 == 0 ? 400 : (size_t)(offset % 40);
    for (size_t i = 0; i < more; i++)
        text[len + i] = filler[(i + (size_t)offset) % 26];
    *value = offset % 101 == 1   ? LV_STR_NONE
             : offset % 101 == 2 ? LV_STR("")
                                 : (lv_str){text, len + more};
    *key = offset % 3 == 0 ? LV_STR_NONE : offset % 7 == 0 ? LV_STR("") : (lv_str){text, len};
    *time_ms = 1700000000000 + offset * 10 - (offset % 5) * 3; /* not in order */
}

static void produce(int partition, int64_t from, int count, lv_kafka_codec codec)
{
    lv_error err = LV_ERROR_INIT;
    lv_batch_builder builder;
    lv_sbuf batch = LV_SBUF_INIT;
    int64_t base_offset;
    lv_batch_builder_init(&builder);
    for (int i = 0; i < count; i++) {
        char text[600];
        lv_str key, value;
        int64_t time_ms;
        make_record(partition, from + i, text, &key, &value, &time_ms);
        lv_batch_builder_add(&builder, time_ms, key, value);
    }
    assert_ok(&err, lv_batch_builder_finish(&builder, codec, -1, -1, -1, &batch, &err));
    assert_ok(&err, lv_kafka_produce(client, LV_STR("t"), partition, lv_sbuf_str(&batch), -1,
                                     &base_offset, &err));
    assert_int_equal(base_offset, from);
    lv_batch_builder_release(&builder);
    lv_sbuf_release(&batch);
}

static bool same(lv_str a, lv_str b)
{
    return (a.ptr == NULL) == (b.ptr == NULL) && lv_str_eq(a, b);
}

/* Reads ranges to their end; every record must be the expected one. */
static void expect_ranges(const lv_kafka_range *ranges, int count, int64_t room,
                          lv_kafka_fetcher_options options)
{
    static lv_str keys[ROOM], values[ROOM];
    static int64_t offsets[ROOM], times[ROOM];
    const lv_record_slices slices = {values, keys, offsets, times};
    lv_error err = LV_ERROR_INIT;
    lv_kafka_fetcher *fetcher = lv_kafka_fetcher_new(new_client(), &options);
    int64_t next[PARTITIONS];
    for (int i = 0; i < count; i++)
        next[i] = ranges[i].from;
    lv_kafka_fetcher_open(fetcher, ranges, count);
    for (;;) {
        lv_kafka_chunk chunk;
        assert_ok(&err, lv_kafka_fetch_next(fetcher, &slices, room, &chunk, &err));
        if (chunk.count == 0)
            break;
        for (int64_t i = 0; i < chunk.count; i++) {
            char text[600];
            lv_str key, value;
            int64_t time_ms;
            assert_int_equal(offsets[i], next[chunk.range]);
            make_record(ranges[chunk.range].partition, next[chunk.range]++, text, &key, &value,
                        &time_ms);
            assert_true(same(keys[i], key) && same(values[i], value));
            assert_int_equal(times[i], time_ms);
        }
    }
    for (int i = 0; i < count; i++)
        assert_int_equal(next[i], ranges[i].until);
    lv_kafka_fetcher_free(fetcher);
}

/* Batches of 1 to 10000 records in every codec, in turns over the partitions. */
static void fill(int64_t ends[PARTITIONS])
{
    static const int sizes[] = {1, 10000, 17, 1000, 2, 4096};
    lv_error err = LV_ERROR_INIT;
    assert_ok(&err, lv_kafka_create_topic(client, LV_STR("t"), PARTITIONS, 5000, &err));
    memset(ends, 0, sizeof(int64_t) * PARTITIONS);
    for (int b = 0; b < BATCHES; b++)
        for (int p = 0; p < PARTITIONS; p++) {
            int count = sizes[(b + p) % (int)LV_COUNT_OF(sizes)];
            produce(p, ends[p], count, (lv_kafka_codec)((b + p) % LV_KAFKA_CODEC_COUNT));
            ends[p] += count;
        }
}

/* ---- tests ----------------------------------------------------------------------------------- */

static void what_was_produced_is_fetched(void **state)
{
    int64_t ends[PARTITIONS];
    lv_kafka_range all[PARTITIONS], parts[PARTITIONS];
    lv_kafka_position positions[PARTITIONS];
    lv_error err = LV_ERROR_INIT;
    fill(ends);
    for (int p = 0; p < PARTITIONS; p++) {
        positions[p] = (lv_kafka_position){LV_STR("t"), p, -1, 0};
        all[p] = (lv_kafka_range){LV_STR("t"), p, 0, ends[p]};
        parts[p] = (lv_kafka_range){LV_STR("t"), PARTITIONS - 1 - p, 777 * (p + 1),
                                    ends[PARTITIONS - 1 - p] - 333};
    }
    assert_ok(&err, lv_kafka_list_offsets(client, positions, PARTITIONS, &err));
    for (int p = 0; p < PARTITIONS; p++)
        assert_int_equal(positions[p].offset, ends[p]);
    expect_ranges(all, PARTITIONS, ROOM, (lv_kafka_fetcher_options){0});
    expect_ranges(parts, PARTITIONS, 1000, (lv_kafka_fetcher_options){0});
    expect_ranges(all, PARTITIONS, 3000, (lv_kafka_fetcher_options){.partition_max_bytes = 5000});
    expect_ranges(parts, 1, 7, (lv_kafka_fetcher_options){.skip_crc = true});
}

static void a_hub_that_restarts_is_found_again(void **state)
{
    lv_error err = LV_ERROR_INIT;
    assert_ok(&err, lv_kafka_create_topic(client, LV_STR("t"), PARTITIONS, 5000, &err));
    assert_ok(&err, lv_kafka_create_topic(client, LV_STR("t"), PARTITIONS, 5000, &err));
    produce(1, 0, 100, LV_KAFKA_LZ4);
    stop_hub();
    hub_options.listen = address; /* the port that clients know */
    start_hub();
    produce(1, 100, 100, LV_KAFKA_ZSTD);
    const lv_kafka_range range = {LV_STR("t"), 1, 50, 200};
    expect_ranges(&range, 1, ROOM, (lv_kafka_fetcher_options){0});
}

/* As on Event Hubs: the hub's clock counts. */
static void append_time_is_the_hubs(void **state)
{
    int64_t time_ms;
    lv_str value;
    const lv_record_slices slices = {.values = &value, .timestamps_ms = &time_ms};
    lv_kafka_fetcher_options options = {0};
    lv_kafka_chunk chunk;
    lv_error err = LV_ERROR_INIT;
    stop_hub();
    hub_options.append_time = true;
    start_hub();
    lv_kafka_client_free(client);
    client = new_client();
    assert_ok(&err, lv_kafka_create_topic(client, LV_STR("t"), PARTITIONS, 5000, &err));
    int64_t before_ms = lv_now_us() / 1000;
    produce(0, 0, 10, LV_KAFKA_LZ4);
    lv_kafka_fetcher *fetcher = lv_kafka_fetcher_new(new_client(), &options);
    lv_kafka_fetcher_open(fetcher, &(lv_kafka_range){LV_STR("t"), 0, 3, 4}, 1);
    assert_ok(&err, lv_kafka_fetch_next(fetcher, &slices, 1, &chunk, &err));
    assert_int_equal(chunk.count, 1);
    assert_true(chunk.is_append_time);
    assert_in_range(time_ms, before_ms - 1000, lv_now_us() / 1000 + 1000);
    lv_kafka_fetcher_free(fetcher);
}

static void an_idempotent_producer_stores_once(void **state)
{
    lv_error err = LV_ERROR_INIT;
    int64_t id, base_offset;
    int16_t epoch;
    lv_batch_builder builder;
    lv_sbuf batch = LV_SBUF_INIT;
    assert_ok(&err, lv_kafka_create_topic(client, LV_STR("t"), PARTITIONS, 5000, &err));
    assert_ok(&err, lv_kafka_init_producer(client, &id, &epoch, &err));
    lv_batch_builder_init(&builder);
    lv_batch_builder_add(&builder, 1, LV_STR_NONE, LV_STR("once"));
    assert_ok(&err, lv_batch_builder_finish(&builder, LV_KAFKA_NONE, id, epoch, 0, &batch, &err));
    for (int i = 0; i < 2; i++)
        assert_ok(&err, lv_kafka_produce(client, LV_STR("t"), 0, lv_sbuf_str(&batch), -1,
                                         &base_offset, &err));
    lv_kafka_position position = {LV_STR("t"), 0, -1, 0};
    assert_ok(&err, lv_kafka_list_offsets(client, &position, 1, &err));
    assert_int_equal(position.offset, 1);
    lv_batch_builder_release(&builder);
    lv_sbuf_release(&batch);
}

static void offsets_are_found_by_time(void **state)
{
    lv_error err = LV_ERROR_INIT;
    assert_ok(&err, lv_kafka_create_topic(client, LV_STR("t"), PARTITIONS, 5000, &err));
    for (int b = 0; b < 10; b++)
        produce(2, b * 10, 10, LV_KAFKA_NONE);
    lv_kafka_position early = {LV_STR("t"), 2, 1, 0}, late = {LV_STR("t"), 2, 1800000000000, 0},
                      first = {LV_STR("t"), 2, -2, 7};
    assert_ok(&err, lv_kafka_list_offsets(client, &early, 1, &err));
    assert_ok(&err, lv_kafka_list_offsets(client, &late, 1, &err));
    assert_ok(&err, lv_kafka_list_offsets(client, &first, 1, &err));
    assert_int_equal(early.offset, 0);
    assert_int_equal(late.offset, -1);
    assert_int_equal(first.offset, 0);
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(what_was_produced_is_fetched), TEST(a_hub_that_restarts_is_found_again),
        TEST(append_time_is_the_hubs),      TEST(an_idempotent_producer_stores_once),
        TEST(offsets_are_found_by_time),
    };
    return cmocka_run_group_tests_name("hub_client", tests, NULL, NULL);
}
