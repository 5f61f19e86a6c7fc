/* test_kafka_source.c: where queries begin and end, limits, splits, lost data, and columns. */
#include "unit.h"

#include "conn/kafka_source.c"
#include "kafka/fake_cluster.h"

static fake_cluster cluster;
static lv_arena arena;
static lv_source *source;

static int setup(void **state)
{
    lv_arena_init(&arena);
    fake_start(&cluster, 2, 4);
    return 0;
}

static int teardown(void **state)
{
    lv_source_close(source);
    source = NULL;
    fake_stop(&cluster);
    lv_arena_release(&arena);
    return 0;
}

/* A source over the cluster, with two more options. */
static void open_source(const char *name, const char *value, const char *name2, const char *value2)
{
    char server[40];
    lv_error err = LV_ERROR_INIT;
    snprintf(server, sizeof server, "127.0.0.1:%d", cluster.brokers[1].port);
    const lv_option items[] = {{LV_STR("kafka.bootstrap.servers"), lv_str_of(server), -1},
                               {LV_STR("subscribe"), LV_STR("t"), -1},
                               {lv_str_of(name), lv_str_of(value), -1},
                               {lv_str_of(name2), lv_str_of(value2), -1}};
    lv_options options = {items, LV_COUNT_OF(items)};
    lv_source_close(source);
    assert_ok(&err, lv_source_open(LV_STR("kafka"), &options, NULL, &source, &err));
}

static void fill(int a, int b, int c, int d)
{
    const int counts[] = {a, b, c, d};
    for (int p = 0; p < 4; p++)
        if (counts[p] > 0)
            fake_fill(&cluster, p, counts[p], LV_KAFKA_LZ4);
}

static void expect_start(const char *json)
{
    lv_error err = LV_ERROR_INIT;
    lv_sbuf out = LV_SBUF_INIT;
    assert_ok(&err, lv_source_initial_offset(source, &out, &err));
    assert_str(lv_sbuf_str(&out), json);
    lv_sbuf_release(&out);
}

static lv_status find_end(const char *start, lv_sbuf *end, lv_error *err)
{
    lv_sbuf latest = LV_SBUF_INIT;
    lv_sbuf_clear(end);
    *err = LV_ERROR_INIT;
    lv_status status = lv_source_end_offset(source, lv_str_of(start), end, &latest, err);
    lv_sbuf_release(&latest);
    return status;
}

static void expect_end(const char *start, const char *end)
{
    lv_error err;
    lv_sbuf out = LV_SBUF_INIT;
    assert_ok(&err, find_end(start, &out, &err));
    assert_str(lv_sbuf_str(&out), end);
    lv_sbuf_release(&out);
}

/* ---- where a query begins -------------------------------------------------------------------- */

static void queries_begin_where_they_are_told(void **state)
{
    lv_error err = LV_ERROR_INIT;
    lv_sbuf out = LV_SBUF_INIT;
    fill(10, 20, 0, 40);
    cluster.partitions[1].start = 5;
    open_source("startingOffsets", "earliest", "failOnDataLoss", "true");
    expect_start("{\"t\":{\"0\":0,\"1\":5,\"2\":0,\"3\":0}}");
    open_source("startingOffsets", "latest", "failOnDataLoss", "true");
    expect_start("{\"t\":{\"0\":10,\"1\":20,\"2\":0,\"3\":40}}");
    open_source("startingOffsets", "{\"t\":{\"0\":3,\"1\":-2,\"2\":-1,\"3\":-1}}", "failOnDataLoss",
                "true");
    expect_start("{\"t\":{\"0\":3,\"1\":5,\"2\":0,\"3\":40}}");
    open_source("startingOffsets", "{\"t\":{\"0\":3,\"1\":-2,\"2\":-1}}", "failOnDataLoss", "true");
    assert_int_equal(lv_source_initial_offset(source, &out, &err), LV_USAGE);
    assert_non_null(strstr(err.message, "every partition"));
    lv_sbuf_release(&out);
}

/* ---- how far a batch goes -------------------------------------------------------------------- */

/* floor of the share, but at least one record of every partition that has any */
static void limits_are_shared_by_backlog(void **state)
{
    fill(10, 20, 0, 40);
    open_source("maxOffsetsPerTrigger", "1", "failOnDataLoss", "true");
    expect_end("{\"t\":{\"0\":0,\"1\":0,\"2\":0,\"3\":0}}",
               "{\"t\":{\"0\":1,\"1\":1,\"2\":0,\"3\":1}}");
    open_source("maxOffsetsPerTrigger", "10", "failOnDataLoss", "true");
    expect_end("{\"t\":{\"0\":0,\"1\":0,\"2\":0,\"3\":0}}",
               "{\"t\":{\"0\":1,\"1\":2,\"2\":0,\"3\":5}}");
    expect_end("{\"t\":{\"0\":10,\"1\":19,\"2\":0,\"3\":1}}",
               "{\"t\":{\"0\":10,\"1\":20,\"2\":0,\"3\":10}}");
    open_source("maxOffsetsPerTrigger", "70", "failOnDataLoss", "true");
    expect_end("{\"t\":{\"0\":0,\"1\":0,\"2\":0,\"3\":0}}",
               "{\"t\":{\"0\":10,\"1\":20,\"2\":0,\"3\":40}}");
    open_source("maxOffsetsPerTrigger", "9223372036854775807", "failOnDataLoss", "true");
    expect_end("{\"t\":{\"0\":9,\"1\":0,\"2\":0,\"3\":0}}",
               "{\"t\":{\"0\":10,\"1\":20,\"2\":0,\"3\":40}}");
}

static void available_now_ends_where_it_began(void **state)
{
    lv_error err = LV_ERROR_INIT;
    fill(10, 20, 0, 40);
    open_source("maxOffsetsPerTrigger", "7", "failOnDataLoss", "true");
    assert_ok(&err, lv_source_prepare_available_now(source, false, &err));
    fill(100, 100, 100, 100);
    expect_end("{\"t\":{\"0\":0,\"1\":0,\"2\":0,\"3\":0}}",
               "{\"t\":{\"0\":1,\"1\":2,\"2\":0,\"3\":4}}");
    expect_end("{\"t\":{\"0\":10,\"1\":20,\"2\":0,\"3\":38}}",
               "{\"t\":{\"0\":10,\"1\":20,\"2\":0,\"3\":40}}");
    open_source("maxOffsetsPerTrigger", "7", "failOnDataLoss", "true");
    assert_ok(&err, lv_source_prepare_available_now(source, true, &err)); /* Trigger.Once */
    expect_end("{\"t\":{\"0\":0,\"1\":0,\"2\":0,\"3\":0}}",
               "{\"t\":{\"0\":110,\"1\":120,\"2\":100,\"3\":140}}");
}

static void new_partitions_begin_at_their_first_offset(void **state)
{
    lv_error err;
    lv_sbuf out = LV_SBUF_INIT;
    lv_split *splits;
    int count;
    fill(10, 20, 5, 0);
    open_source("failOnDataLoss", "true", "startingOffsets", "latest");
    expect_end("{\"t\":{\"0\":4,\"1\":20}}", "{\"t\":{\"0\":10,\"1\":20,\"2\":5,\"3\":0}}");
    assert_ok(&err, (err = LV_ERROR_INIT,
                     lv_source_split(source, LV_STR("{\"t\":{\"0\":4,\"1\":20}}"),
                                     LV_STR("{\"t\":{\"0\":10,\"1\":20,\"2\":5,\"3\":0}}"), &arena,
                                     &splits, &count, &err)));
    assert_int_equal(count, 2);
    assert_int_equal(splits[0].partition, 0);
    assert_int_equal(splits[0].from, 4);
    assert_int_equal(splits[0].until, 10);
    assert_int_equal(splits[1].partition, 2);
    assert_int_equal(splits[1].from, 0);
    assert_int_equal(splits[1].until, 5);
    /* whose beginning is gone already */
    pthread_mutex_lock(&cluster.lock);
    cluster.partitions[2].start = 2;
    pthread_mutex_unlock(&cluster.lock);
    assert_int_equal(find_end("{\"t\":{\"0\":4,\"1\":20}}", &out, &err), LV_KAFKA_DATA_LOSS_START);
    assert_non_null(strstr(err.message, "topic t, partition 2"));
    open_source("failOnDataLoss", "false", "startingOffsets", "latest");
    expect_end("{\"t\":{\"0\":4,\"1\":20}}", "{\"t\":{\"0\":10,\"1\":20,\"2\":5,\"3\":0}}");
    lv_sbuf_release(&out);
}

static void vanished_offsets_are_lost_data(void **state)
{
    lv_error err;
    lv_sbuf out = LV_SBUF_INIT;
    fill(10, 20, 5, 1);
    open_source("failOnDataLoss", "true", "startingOffsets", "latest");
    assert_int_equal(find_end("{\"t\":{\"0\":4,\"1\":20,\"2\":5,\"3\":1,\"4\":7}}", &out, &err),
                     LV_KAFKA_DATA_LOSS_PARTITION);
    assert_non_null(strstr(err.message, "topic t, partition 4"));
    assert_int_equal(find_end("{\"t\":{\"0\":11,\"1\":20,\"2\":5,\"3\":1}}", &out, &err),
                     LV_KAFKA_DATA_LOSS_OFFSET_CHANGED);
    assert_non_null(strstr(err.message, "topic t, partition 0, offset 11"));
    open_source("failOnDataLoss", "false", "startingOffsets", "latest");
    assert_ok(&err, find_end("{\"t\":{\"0\":11,\"1\":20,\"2\":5,\"3\":1,\"4\":7}}", &out, &err));
    lv_sbuf_release(&out);
}

/* ---- reading --------------------------------------------------------------------------------- */

static void readers_hand_out_columns(void **state)
{
    lv_error err = LV_ERROR_INIT;
    lv_source_reader *reader;
    fill(5000, 100, 0, 0);
    open_source("failOnDataLoss", "true", "startingOffsets", "earliest");
    assert_ok(&err, lv_source_reader_new(source, &reader, &err));
    const lv_split splits[] = {{LV_STR("t"), 1, 90, 100}, {LV_STR("t"), 0, 7, 5000}};
    assert_ok(&err, lv_source_reader_open(reader, splits, 2, &err));
    int64_t next[2] = {7, 90};
    for (bool done = false; !done;) {
        lv_batch batch;
        lv_arena_reset(&arena);
        assert_ok(&err, lv_source_reader_next(reader, &arena, NULL, &batch, &done, &err));
        if (batch.length == 0)
            continue;
        int32_t partition = ((const int32_t *)batch.columns[COLUMN_PARTITION].data)[0];
        assert_str(((const lv_str *)batch.columns[COLUMN_TOPIC].data)[0], "t");
        assert_in_range(partition, 0, 1);
        for (int64_t i = 0; i < batch.length; i++) {
            char value[40];
            int64_t offset = ((const int64_t *)batch.columns[COLUMN_OFFSET].data)[i];
            lv_str key = ((const lv_str *)batch.columns[COLUMN_KEY].data)[i];
            assert_int_equal(offset, next[partition]++);
            snprintf(value, sizeof value, "k%lld", (long long)offset);
            assert_str(key, value);
            assert_int_equal(((const int64_t *)batch.columns[COLUMN_TIMESTAMP].data)[i],
                             (1000 + offset) * 1000);
        }
    }
    assert_int_equal(next[0], 5000);
    assert_int_equal(next[1], 100);
    assert_int_equal(lv_source_reader_rows(reader), 5003);
    lv_source_reader_free(reader);
}

static void readers_fail_or_skip_what_is_lost(void **state)
{
    for (int skips = 0; skips < 2; skips++) {
        lv_error err = LV_ERROR_INIT;
        lv_source_reader *reader;
        lv_batch batch;
        bool done;
        if (skips == 0)
            fill(100, 0, 0, 0);
        pthread_mutex_lock(&cluster.lock);
        cluster.partitions[0].start = 60;
        pthread_mutex_unlock(&cluster.lock);
        open_source("failOnDataLoss", skips ? "false" : "true", "startingOffsets", "earliest");
        assert_ok(&err, lv_source_reader_new(source, &reader, &err));
        const lv_split split = {LV_STR("t"), 0, 10, 100};
        assert_ok(&err, lv_source_reader_open(reader, &split, 1, &err));
        lv_status status = lv_source_reader_next(reader, &arena, NULL, &batch, &done, &err);
        assert_int_equal(status, skips ? LV_OK : LV_KAFKA_DATA_LOSS);
        if (skips)
            assert_int_equal(batch.length, 40);
        lv_source_reader_free(reader);
    }
}

/* A topic that is just being made is waited for, one that stays away is not. */
static void topics_may_come_late(void **state)
{
    enum { UNKNOWN_TOPIC = 3 };
    lv_error err = LV_ERROR_INIT;
    lv_sbuf out = LV_SBUF_INIT;
    cluster.faults[0] = (fault){LV_KAFKA_METADATA, FAULT_CODE, UNKNOWN_TOPIC, 3, 0, false};
    open_source("fetchOffset.numRetries", "2", "startingOffsets", "earliest");
    expect_start("{\"t\":{\"0\":0,\"1\":0,\"2\":0,\"3\":0}}");
    assert_int_equal(cluster.faults[0].times, 0);
    cluster.faults[0] = (fault){LV_KAFKA_METADATA, FAULT_CODE, UNKNOWN_TOPIC, 1000, 0, false};
    open_source("fetchOffset.retryIntervalMs", "30", "startingOffsets", "earliest");
    assert_int_equal(lv_source_initial_offset(source, &out, &err), LV_UNKNOWN_TOPIC);
    assert_non_null(strstr(err.message, "topic t does not exist"));
    lv_sbuf_release(&out);
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(queries_begin_where_they_are_told), TEST(limits_are_shared_by_backlog),
        TEST(available_now_ends_where_it_began), TEST(new_partitions_begin_at_their_first_offset),
        TEST(vanished_offsets_are_lost_data),    TEST(readers_hand_out_columns),
        TEST(readers_fail_or_skip_what_is_lost), TEST(topics_may_come_late),
    };
    return cmocka_run_group_tests_name("kafka_source", tests, NULL, NULL);
}
