/* test_hub_live.c: a hub in a thread, spoken to over sockets. */
#include "unit.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

#include "hub/hub.h"
#include "hub_fixture.h"
#include "kafka/protocol.h"
#include "kafka/records.h"
#include "net/net.h"
#include "os/os.h"

#define PATIENCE_NS (lv_mono_ns() + (int64_t)20 * 1000000000)

typedef struct running_hub {
    char *scratch;
    lv_hub_options options;
    lv_hub *hub;
    pthread_t thread;
    lv_status status;
    lv_arena arena;
    int32_t next_id;
} running_hub;

static running_hub h;

/* ---- the hub --------------------------------------------------------------------------------- */

static void *run_hub(void *arg)
{
    h.status = lv_hub_run(h.hub, NULL);
    return NULL;
}

static void start_hub(void)
{
    lv_error err = LV_ERROR_INIT;
    assert_ok(&err, lv_hub_open(&h.options, &h.hub, &err));
    assert_ok(&err, lv_thread_start(&h.thread, "hub", run_hub, NULL, &err));
}

static void stop_hub(void)
{
    lv_hub_stop(h.hub);
    pthread_join(h.thread, NULL);
    assert_int_equal(h.status, LV_OK);
    lv_hub_close(h.hub);
}

static int prepare(void **state)
{
    lv_arena_init(&h.arena);
    h.scratch = make_scratch_dir();
    h.options = lv_hub_options_default();
    h.options.listen = "127.0.0.1:0";
    h.options.data_dir = h.scratch;
    h.options.partitions = 3;
    return 0;
}

static int setup(void **state)
{
    prepare(state);
    start_hub();
    return 0;
}

static int clean_up(void **state)
{
    lv_arena_release(&h.arena);
    remove_scratch_dir(h.scratch);
    return 0;
}

static int teardown(void **state)
{
    stop_hub();
    return clean_up(state);
}

/* ---- a client -------------------------------------------------------------------------------- */

static int connect_client(void)
{
    int fd;
    lv_error err = LV_ERROR_INIT;
    assert_ok(&err, lv_net_connect(LV_STR("127.0.0.1"), lv_hub_port(h.hub), 5000, &fd, &err));
    return fd;
}

static int32_t send_request(int fd, lv_kafka_api_key key, int16_t version, const void *request)
{
    lv_sbuf out = LV_SBUF_INIT;
    lv_error err = LV_ERROR_INIT;
    int32_t id = ++h.next_id;
    lv_kafka_request_encode(&out, key, version, id, LV_STR("test"), request, NULL);
    assert_ok(&err, lv_net_send(fd, out.ptr, out.len, PATIENCE_NS, &err));
    lv_sbuf_release(&out);
    return id;
}

static lv_str receive_frame(int fd)
{
    uint32_t size;
    lv_error err = LV_ERROR_INIT;
    assert_ok(&err, lv_net_receive(fd, &size, sizeof size, PATIENCE_NS, &err));
    size = __builtin_bswap32(size);
    char *frame = lv_arena_alloc(&h.arena, size);
    assert_ok(&err, lv_net_receive(fd, frame, size, PATIENCE_NS, &err));
    return (lv_str){frame, size};
}

static void receive_response(int fd, int32_t id, lv_kafka_api_key key, int16_t version,
                             void *response)
{
    int32_t got;
    lv_error err = LV_ERROR_INIT;
    assert_ok(&err, lv_kafka_response_decode(receive_frame(fd), key, version, &h.arena, &got,
                                             response, &err));
    assert_int_equal(got, id);
}

static void call(int fd, lv_kafka_api_key key, int16_t version, const void *request, void *response)
{
    receive_response(fd, send_request(fd, key, version, request), key, version, response);
}

static bool is_closed(int fd)
{
    char byte;
    struct pollfd p = {.fd = fd, .events = POLLIN};
    return poll(&p, 1, 5000) == 1 && recv(fd, &byte, 1, 0) <= 0;
}

static int16_t make_topic(int fd, const char *name)
{
    lv_kafka_metadata_request_topic topic = {lv_str_of(name)};
    lv_kafka_metadata_request request = lv_kafka_metadata_request_default();
    lv_kafka_metadata_response response;
    request.topics.at = &topic;
    request.topics.count = 1;
    call(fd, LV_KAFKA_METADATA, 8, &request, &response);
    assert_int_equal(response.topics.count, 1);
    assert_int_equal(response.brokers.at[0].port, lv_hub_port(h.hub));
    assert_str(response.brokers.at[0].host, "127.0.0.1");
    return response.topics.at[0].error_code;
}

typedef struct produce_call {
    lv_kafka_produce_request_partition partition;
    lv_kafka_produce_request_topic topic;
    lv_kafka_produce_request request;
} produce_call;

static const lv_kafka_produce_request *produce_of(produce_call *c, const char *topic,
                                                  int32_t partition, int16_t acks, lv_str records)
{
    c->partition = (lv_kafka_produce_request_partition){partition, records};
    c->topic = (lv_kafka_produce_request_topic){lv_str_of(topic), {&c->partition, 1}};
    c->request =
        (lv_kafka_produce_request){.acks = acks, .timeout_ms = 1000, .topics = {&c->topic, 1}};
    return &c->request;
}

static lv_kafka_produce_response_partition produce(int fd, const char *topic, int32_t partition,
                                                   lv_str records)
{
    produce_call c;
    lv_kafka_produce_response response;
    call(fd, LV_KAFKA_PRODUCE, 8, produce_of(&c, topic, partition, -1, records), &response);
    return response.topics.at[0].partitions.at[0];
}

static lv_str one_batch(batch_spec spec)
{
    lv_sbuf bytes = LV_SBUF_INIT;
    add_batch(&bytes, spec);
    lv_str copy = lv_str_dup(&h.arena, lv_sbuf_str(&bytes));
    lv_sbuf_release(&bytes);
    return copy;
}

static lv_str plain_batch(int32_t records, size_t payload_bytes)
{
    return one_batch((batch_spec){
        .records = records, .payload_bytes = payload_bytes, .timestamp_max = 1, .producer_id = -1});
}

typedef struct fetch_call {
    lv_kafka_fetch_request_partition partition;
    lv_kafka_fetch_request_topic topic;
    lv_kafka_fetch_request request;
} fetch_call;

static const lv_kafka_fetch_request *fetch_of(fetch_call *c, const char *topic, int32_t partition,
                                              int64_t offset, int32_t max_wait_ms)
{
    c->partition = lv_kafka_fetch_request_partition_default();
    c->partition.partition = partition;
    c->partition.fetch_offset = offset;
    c->partition.partition_max_bytes = 1 << 20;
    c->topic = (lv_kafka_fetch_request_topic){lv_str_of(topic), {&c->partition, 1}};
    c->request = lv_kafka_fetch_request_default();
    c->request.max_wait_ms = max_wait_ms;
    c->request.min_bytes = 1;
    c->request.topics.at = &c->topic;
    c->request.topics.count = 1;
    return &c->request;
}

static lv_kafka_fetch_response_partition fetch(int fd, const char *topic, int32_t partition,
                                               int64_t offset, int32_t max_wait_ms)
{
    fetch_call c;
    lv_kafka_fetch_response response;
    call(fd, LV_KAFKA_FETCH, 11, fetch_of(&c, topic, partition, offset, max_wait_ms), &response);
    return response.topics.at[0].partitions.at[0];
}

/* Number of records in fetched batches, CRCs checked; they must begin at `offset`. */
static int64_t count_records(lv_str records, int64_t offset)
{
    int64_t count = 0;
    while (records.len > 0) {
        lv_record_batch batch;
        bool complete;
        lv_error err = LV_ERROR_INIT;
        assert_ok(&err, lv_record_batch_read(records, true, &batch, &complete, &err));
        assert_true(complete);
        assert_int_equal(batch.base_offset, offset + count);
        count += batch.record_count;
        records =
            lv_str_sub(records, (size_t)batch.size_bytes, records.len - (size_t)batch.size_bytes);
    }
    return count;
}

static lv_kafka_list_offsets_response_partition list_offsets(int fd, const char *topic_name,
                                                             int64_t timestamp)
{
    lv_kafka_list_offsets_request_partition partition = {.current_leader_epoch = -1,
                                                         .timestamp = timestamp};
    lv_kafka_list_offsets_request_topic topic = {lv_str_of(topic_name), {&partition, 1}};
    lv_kafka_list_offsets_request request = {.replica_id = -1, .topics = {&topic, 1}};
    lv_kafka_list_offsets_response response;
    call(fd, LV_KAFKA_LIST_OFFSETS, 5, &request, &response);
    return response.topics.at[0].partitions.at[0];
}

/* ---- writing and reading --------------------------------------------------------------------- */

static void what_is_produced_is_fetched(void **state)
{
    int fd = connect_client();
    assert_int_equal(make_topic(fd, "events"), LV_KAFKA_ERROR_NONE);
    int64_t end = 0;
    for (int i = 0; i < 50; i++) {
        lv_kafka_produce_response_partition done =
            produce(fd, "events", 1, plain_batch(10, (size_t)i * 997));
        assert_int_equal(done.error_code, LV_KAFKA_ERROR_NONE);
        assert_int_equal(done.base_offset, end);
        assert_true(done.log_append_time_ms > 0);
        end += 10;
    }
    for (int64_t offset = 0; offset < end;) {
        lv_kafka_fetch_response_partition got = fetch(fd, "events", 1, offset, 0);
        assert_int_equal(got.high_watermark, end);
        int64_t count = count_records(got.records, offset);
        assert_true(count > 0);
        offset += count;
    }
    assert_int_equal(list_offsets(fd, "events", -1).offset, 0);
    assert_int_equal(fetch(fd, "events", 1, end + 1, 0).error_code,
                     LV_KAFKA_ERROR_OFFSET_OUT_OF_RANGE);
    assert_int_equal(fetch(fd, "events", 3, 0, 0).error_code,
                     LV_KAFKA_ERROR_UNKNOWN_TOPIC_OR_PARTITION);
    assert_int_equal(fetch(fd, "nothing", 0, 0, 0).error_code,
                     LV_KAFKA_ERROR_UNKNOWN_TOPIC_OR_PARTITION);
    close(fd);
}

static void a_fetch_waits_for_data_and_no_longer(void **state)
{
    int reader = connect_client();
    int writer = connect_client();
    make_topic(writer, "t");
    int64_t before = lv_mono_ns();
    lv_kafka_fetch_response_partition nothing = fetch(reader, "t", 0, 0, 150);
    int64_t waited_ms = (lv_mono_ns() - before) / 1000000;
    assert_int_equal(nothing.error_code, LV_KAFKA_ERROR_NONE);
    assert_int_equal(nothing.records.len, 0);
    assert_true(waited_ms >= 140 && waited_ms < 5000);

    fetch_call c;
    lv_kafka_fetch_response response;
    int32_t id = send_request(reader, LV_KAFKA_FETCH, 11, fetch_of(&c, "t", 0, 0, 60000));
    lv_sleep_us(50000);
    before = lv_mono_ns();
    assert_int_equal(produce(writer, "t", 0, plain_batch(4, 100)).error_code, LV_KAFKA_ERROR_NONE);
    receive_response(reader, id, LV_KAFKA_FETCH, 11, &response);
    assert_true(lv_mono_ns() - before < 5000000000);
    assert_int_equal(count_records(response.topics.at[0].partitions.at[0].records, 0), 4);
    close(reader);
    close(writer);
}

static void requests_behind_a_waiting_fetch_wait_too(void **state)
{
    int fd = connect_client();
    make_topic(fd, "t");
    fetch_call c;
    lv_kafka_fetch_response response;
    lv_kafka_metadata_response metadata;
    lv_kafka_metadata_request all = lv_kafka_metadata_request_default();
    all.topics.count = -1;
    int32_t first = send_request(fd, LV_KAFKA_FETCH, 11, fetch_of(&c, "t", 0, 0, 100));
    int32_t second = send_request(fd, LV_KAFKA_METADATA, 8, &all);
    int32_t third = send_request(fd, LV_KAFKA_FETCH, 11, fetch_of(&c, "t", 1, 0, 50));
    receive_response(fd, first, LV_KAFKA_FETCH, 11, &response);
    receive_response(fd, second, LV_KAFKA_METADATA, 8, &metadata);
    receive_response(fd, third, LV_KAFKA_FETCH, 11, &response);
    assert_int_equal(response.topics.at[0].partitions.at[0].partition, 1);
    close(fd);
}

static void a_waiting_fetch_ends_with_its_topic_or_its_connection(void **state)
{
    int gone = connect_client();
    int reader = connect_client();
    int admin = connect_client();
    make_topic(admin, "t");
    fetch_call c;
    send_request(gone, LV_KAFKA_FETCH, 11, fetch_of(&c, "t", 0, 0, 60000));
    int32_t id = send_request(reader, LV_KAFKA_FETCH, 11, fetch_of(&c, "t", 0, 0, 60000));
    lv_sleep_us(50000);
    close(gone);
    lv_str name = LV_STR("t");
    lv_kafka_delete_topics_request request = {.topic_names = {&name, 1}};
    lv_kafka_delete_topics_response deleted;
    call(admin, LV_KAFKA_DELETE_TOPICS, 3, &request, &deleted);
    assert_int_equal(deleted.responses.at[0].error_code, LV_KAFKA_ERROR_NONE);
    lv_kafka_fetch_response response;
    receive_response(reader, id, LV_KAFKA_FETCH, 11, &response);
    assert_int_equal(response.topics.at[0].partitions.at[0].error_code,
                     LV_KAFKA_ERROR_UNKNOWN_TOPIC_OR_PARTITION);
    assert_int_equal(make_topic(admin, "t"), LV_KAFKA_ERROR_NONE);
    assert_int_equal(list_offsets(admin, "t", -1).offset, 0);
    close(reader);
    close(admin);
}

static void large_answers_reach_a_slow_reader_whole(void **state)
{
    int fd = connect_client();
    make_topic(fd, "big");
    for (int i = 0; i < 40; i++)
        assert_int_equal(produce(fd, "big", 0, plain_batch(100, 900000)).error_code,
                         LV_KAFKA_ERROR_NONE);
    fetch_call c;
    lv_kafka_fetch_response response;
    fetch_of(&c, "big", 0, 0, 0);
    c.partition.partition_max_bytes = 64 << 20;
    int32_t id = send_request(fd, LV_KAFKA_FETCH, 11, &c.request);
    /* Behind it in the same socket: answered in order, once the first answer is out. */
    lv_kafka_metadata_request all = lv_kafka_metadata_request_default();
    all.topics.count = -1;
    int32_t second = send_request(fd, LV_KAFKA_METADATA, 8, &all);
    lv_sleep_us(200000);
    receive_response(fd, id, LV_KAFKA_FETCH, 11, &response);
    assert_int_equal(count_records(response.topics.at[0].partitions.at[0].records, 0), 4000);
    lv_kafka_metadata_response metadata;
    receive_response(fd, second, LV_KAFKA_METADATA, 8, &metadata);
    assert_int_equal(metadata.topics.count, 1);

    c.partition.partition_max_bytes = 1000;
    call(fd, LV_KAFKA_FETCH, 11, &c.request, &response);
    assert_int_equal(count_records(response.topics.at[0].partitions.at[0].records, 0), 100);
    close(fd);
}

static void bad_batches_are_refused_by_name(void **state)
{
    int fd = connect_client();
    make_topic(fd, "t");
    lv_str good = plain_batch(3, 100);
    char *bytes = lv_arena_alloc(&h.arena, 2 * good.len);
    const struct {
        size_t at;
        char value;
        int16_t error_code;
    } rows[] = {
        {80, 'x', LV_KAFKA_ERROR_CORRUPT_MESSAGE},
        {16, 1, LV_KAFKA_ERROR_UNSUPPORTED_FOR_MESSAGE_FORMAT},
        {11, 3, LV_KAFKA_ERROR_CORRUPT_MESSAGE},
        {60, 0, LV_KAFKA_ERROR_CORRUPT_MESSAGE},
    };
    for (size_t i = 0; i < LV_COUNT_OF(rows); i++) {
        memcpy(bytes, good.ptr, good.len);
        bytes[rows[i].at] = rows[i].value;
        assert_int_equal(produce(fd, "t", 0, (lv_str){bytes, good.len}).error_code,
                         rows[i].error_code);
    }
    memcpy(bytes, good.ptr, good.len);
    memcpy(bytes + good.len, good.ptr, good.len);
    assert_int_equal(produce(fd, "t", 0, (lv_str){bytes, 2 * good.len}).error_code,
                     LV_KAFKA_ERROR_INVALID_RECORD);
    assert_int_equal(produce(fd, "t", 0, LV_STR_NONE).error_code, LV_KAFKA_ERROR_INVALID_RECORD);
    assert_int_equal(produce(fd, "t", 0, plain_batch(1, 2000000)).error_code,
                     LV_KAFKA_ERROR_MESSAGE_TOO_LARGE);
    assert_int_equal(produce(fd, "t", 99, good).error_code,
                     LV_KAFKA_ERROR_UNKNOWN_TOPIC_OR_PARTITION);
    assert_int_equal(produce(fd, "t", 0, good).base_offset, 0);

    produce_call c;
    lv_kafka_produce_response response;
    call(fd, LV_KAFKA_PRODUCE, 8, produce_of(&c, "t", 0, 7, good), &response);
    assert_int_equal(response.topics.at[0].partitions.at[0].error_code,
                     LV_KAFKA_ERROR_INVALID_REQUIRED_ACKS);

    /* Without acks: no answer, and a closed connection when it failed. */
    send_request(fd, LV_KAFKA_PRODUCE, 8, produce_of(&c, "t", 0, 0, good));
    for (int i = 0; i < 1000 && list_offsets(fd, "t", -1).offset < 6; i++)
        lv_sleep_us(1000);
    assert_int_equal(list_offsets(fd, "t", -1).offset, 6);
    send_request(fd, LV_KAFKA_PRODUCE, 8, produce_of(&c, "t", 99, 0, good));
    assert_true(is_closed(fd));
    close(fd);
}

static void idempotent_producers_store_once_also_over_restarts(void **state)
{
    int fd = connect_client();
    make_topic(fd, "t");
    lv_kafka_init_producer_id_request request = {.transaction_timeout_ms = 1000};
    lv_kafka_init_producer_id_response first;
    lv_kafka_init_producer_id_response second;
    call(fd, LV_KAFKA_INIT_PRODUCER_ID, 1, &request, &first);
    assert_int_equal(first.error_code, LV_KAFKA_ERROR_NONE);
    batch_spec spec = {
        .records = 5, .payload_bytes = 10, .timestamp_max = 1, .producer_id = first.producer_id};
    for (int restart = 0; restart < 2; restart++) {
        assert_int_equal(produce(fd, "t", 0, one_batch(spec)).base_offset, 0);
        assert_int_equal(produce(fd, "t", 0, one_batch(spec)).base_offset, 0);
        assert_int_equal(list_offsets(fd, "t", -1).offset, 5);
        batch_spec gap = spec;
        gap.sequence = 6;
        assert_int_equal(produce(fd, "t", 0, one_batch(gap)).error_code,
                         LV_KAFKA_ERROR_OUT_OF_ORDER_SEQUENCE_NUMBER);
        close(fd);
        stop_hub();
        start_hub();
        fd = connect_client();
    }
    call(fd, LV_KAFKA_INIT_PRODUCER_ID, 1, &request, &second);
    assert_true(second.producer_id > first.producer_id);
    close(fd);
}

/* Three records, 100 ms apart, in a compressed batch of the client library. */
static void times_of_records_are_found_inside_batches(void **state)
{
    int fd = connect_client();
    lv_kafka_create_topics_config config = {LV_STR("message.timestamp.type"), LV_STR("CreateTime")};
    lv_kafka_create_topics_topic topic = {LV_STR("t"), .num_partitions = 1, .replication_factor = 1,
                                          .configs = {&config, 1}};
    lv_kafka_create_topics_request request = {.topics = {&topic, 1}};
    lv_kafka_create_topics_response created;
    call(fd, LV_KAFKA_CREATE_TOPICS, 4, &request, &created);
    assert_int_equal(created.topics.at[0].error_code, LV_KAFKA_ERROR_NONE);
    lv_batch_builder builder;
    lv_batch_builder_init(&builder);
    lv_error err = LV_ERROR_INIT;
    for (int i = 0; i < 10; i++) {
        lv_sbuf bytes = LV_SBUF_INIT;
        for (int r = 0; r < 3; r++)
            lv_batch_builder_add(&builder, 1000 + i * 300 + r * 100, LV_STR_NONE,
                                 LV_STR("some text, some text, some text"));
        assert_ok(&err, lv_batch_builder_finish(&builder, LV_KAFKA_ZSTD, -1, -1, -1, &bytes, &err));
        assert_int_equal(produce(fd, "t", 0, lv_sbuf_str(&bytes)).error_code, LV_KAFKA_ERROR_NONE);
        lv_sbuf_release(&bytes);
    }
    lv_batch_builder_release(&builder);
    for (int i = 0; i < 30; i++) {
        lv_kafka_list_offsets_response_partition found = list_offsets(fd, "t", 1000 + i * 100 - 50);
        assert_int_equal(found.offset, i);
        assert_int_equal(found.timestamp, 1000 + i * 100);
    }
    assert_int_equal(list_offsets(fd, "t", 4000).offset, -1);
    assert_int_equal(list_offsets(fd, "t", -2).offset, 0);
    close(fd);
}

/* ---- topics ---------------------------------------------------------------------------------- */

static void topics_are_made_described_and_kept(void **state)
{
    int fd = connect_client();
    lv_kafka_create_topics_config configs[] = {{LV_STR("retention.ms"), LV_STR("1234567")},
                                               {LV_STR("nonsense"), LV_STR("1")}};
    lv_kafka_create_topics_topic topics[] = {
        {LV_STR("good"), .num_partitions = 5, .replication_factor = 1, .configs = {configs, 1}},
        {LV_STR("good"), .num_partitions = 5, .replication_factor = 1},
        {LV_STR("bad name"), .num_partitions = 5, .replication_factor = 1},
        {LV_STR("bad-config"), .num_partitions = 5, .replication_factor = 1,
         .configs = {configs, 2}},
        {LV_STR("bad-replicas"), .num_partitions = 5, .replication_factor = 3},
        {LV_STR("bad-count"), .num_partitions = 0, .replication_factor = -1},
    };
    const int16_t expected[] = {LV_KAFKA_ERROR_NONE,
                                LV_KAFKA_ERROR_TOPIC_ALREADY_EXISTS,
                                LV_KAFKA_ERROR_INVALID_TOPIC_EXCEPTION,
                                LV_KAFKA_ERROR_INVALID_CONFIG,
                                LV_KAFKA_ERROR_INVALID_REPLICATION_FACTOR,
                                LV_KAFKA_ERROR_INVALID_PARTITIONS};
    lv_kafka_create_topics_request request = {.topics = {topics, LV_COUNT_OF(topics)}};
    lv_kafka_create_topics_response created;
    call(fd, LV_KAFKA_CREATE_TOPICS, 4, &request, &created);
    for (size_t i = 0; i < LV_COUNT_OF(topics); i++)
        assert_int_equal(created.topics.at[i].error_code, expected[i]);
    close(fd);
    stop_hub();
    start_hub();
    fd = connect_client();
    lv_kafka_metadata_request all = lv_kafka_metadata_request_default();
    all.topics.count = -1;
    lv_kafka_metadata_response metadata;
    call(fd, LV_KAFKA_METADATA, 8, &all, &metadata);
    assert_int_equal(metadata.topics.count, 1);
    assert_str(metadata.topics.at[0].name, "good");
    assert_int_equal(metadata.topics.at[0].partitions.count, 5);
    lv_str key = LV_STR("retention.ms");
    lv_kafka_describe_configs_resource resource = {2, LV_STR("good"), {&key, 1}};
    lv_kafka_describe_configs_request describe = {.resources = {&resource, 1}};
    lv_kafka_describe_configs_response described;
    call(fd, LV_KAFKA_DESCRIBE_CONFIGS, 2, &describe, &described);
    assert_int_equal(described.results.at[0].configs.count, 1);
    assert_str(described.results.at[0].configs.at[0].value, "1234567");
    close(fd);
}

static void topics_are_not_made_where_the_client_or_the_hub_says_no(void **state)
{
    int fd = connect_client();
    lv_kafka_metadata_request_topic topic = {LV_STR("absent")};
    lv_kafka_metadata_request request = lv_kafka_metadata_request_default();
    lv_kafka_metadata_response response;
    request.topics.at = &topic;
    request.topics.count = 1;
    request.allow_auto_topic_creation = false;
    call(fd, LV_KAFKA_METADATA, 4, &request, &response);
    assert_int_equal(response.topics.at[0].error_code, LV_KAFKA_ERROR_UNKNOWN_TOPIC_OR_PARTITION);
    close(fd);
    stop_hub();
    h.options.auto_create = false;
    start_hub();
    fd = connect_client();
    assert_int_equal(make_topic(fd, "absent"), LV_KAFKA_ERROR_UNKNOWN_TOPIC_OR_PARTITION);
    close(fd);
}

static void a_data_folder_has_one_hub(void **state)
{
    lv_hub *second = NULL;
    lv_error err = LV_ERROR_INIT;
    assert_int_equal(lv_hub_open(&h.options, &second, &err), LV_UNAVAILABLE);
    assert_non_null(strstr(err.message, "in use by another hub"));
}

/* ---- strangers and garbage ------------------------------------------------------------------- */

static void unknown_requests_get_the_protocols_error(void **state)
{
    int fd = connect_client();
    lv_error err = LV_ERROR_INIT;
    /* JoinGroup v0, which the hub does not have. */
    static const char join[] = "\0\0\0\xa\0\x0b\0\0\0\0\0\x05\0\0";
    assert_ok(&err, lv_net_send(fd, join, sizeof join - 1, PATIENCE_NS, &err));
    lv_str answer = receive_frame(fd);
    assert_int_equal(answer.len, 6);
    assert_memory_equal(answer.ptr, "\0\0\0\5\0\x23", 6);
    /* Metadata v12, whose header would be flexible. */
    static const char metadata[] = "\0\0\0\xb\0\3\0\xc\0\0\0\6\0\0\0";
    assert_ok(&err, lv_net_send(fd, metadata, sizeof metadata - 1, PATIENCE_NS, &err));
    answer = receive_frame(fd);
    assert_int_equal(answer.len, 7);
    assert_memory_equal(answer.ptr, "\0\0\0\6\0\0\x23", 7);
    /* ApiVersions v9: answered as version 0, with the list. */
    static const char versions[] = "\0\0\0\xa\0\x12\0\x9\0\0\0\7\0\0";
    assert_ok(&err, lv_net_send(fd, versions, sizeof versions - 1, PATIENCE_NS, &err));
    lv_kafka_api_versions_response response;
    receive_response(fd, 7, LV_KAFKA_API_VERSIONS, 0, &response);
    assert_int_equal(response.error_code, LV_KAFKA_ERROR_UNSUPPORTED_VERSION);
    assert_true(response.api_keys.count > 10);
    lv_kafka_find_coordinator_request find = {.key = LV_STR("group")};
    lv_kafka_find_coordinator_response found;
    call(fd, LV_KAFKA_FIND_COORDINATOR, 2, &find, &found);
    assert_int_equal(found.error_code, LV_KAFKA_ERROR_UNSUPPORTED_VERSION);
    close(fd);
}

static void garbage_closes_its_own_connection_only(void **state)
{
    int good = connect_client();
    make_topic(good, "t");
    static const struct {
        const char *bytes;
        size_t len;
    } garbage[] = {
        {"GET / HTTP/1.1\r\n\r\n", 18},                        /* a size of a gigabyte */
        {"\xff\xff\xff\xff\0\0\0\0", 8},                       /* a negative one */
        {"\0\0\0\2\0\0", 6},                                   /* no whole header */
        {"\0\0\0\xe\0\3\0\4\0\0\0\1\0\0\x7f\xff\xff\xff", 18}, /* two billion topics */
        {"\0\x50\0\0\0\3\0\4", 8},                             /* five megabytes of Metadata */
    };
    for (size_t i = 0; i < LV_COUNT_OF(garbage); i++) {
        int fd = connect_client();
        lv_error err = LV_ERROR_INIT;
        assert_ok(&err, lv_net_send(fd, garbage[i].bytes, garbage[i].len, PATIENCE_NS, &err));
        assert_true(is_closed(fd));
        close(fd);
    }
    assert_int_equal(produce(good, "t", 0, plain_batch(1, 1)).error_code, LV_KAFKA_ERROR_NONE);
    close(good);
}

static int16_t say_password(int fd, const char *user, const char *password)
{
    lv_kafka_sasl_handshake_request handshake = {LV_STR("PLAIN")};
    lv_kafka_sasl_handshake_response hands;
    call(fd, LV_KAFKA_SASL_HANDSHAKE, 1, &handshake, &hands);
    assert_int_equal(hands.error_code, LV_KAFKA_ERROR_NONE);
    assert_str(hands.mechanisms.at[0], "PLAIN");
    lv_sbuf token = LV_SBUF_INIT;
    lv_sbuf_add_char(&token, '\0');
    lv_sbuf_add_cstr(&token, user);
    lv_sbuf_add_char(&token, '\0');
    lv_sbuf_add_cstr(&token, password);
    lv_kafka_sasl_authenticate_request request = {lv_sbuf_str(&token)};
    lv_kafka_sasl_authenticate_response response;
    call(fd, LV_KAFKA_SASL_AUTHENTICATE, 1, &request, &response);
    lv_sbuf_release(&token);
    return response.error_code;
}

static void strangers_may_only_introduce_themselves(void **state)
{
    h.options.sasl = "Endpoint=sb://localhost/;SharedAccessKeyName=n;SharedAccessKey=k=";
    start_hub();
    static const struct {
        const char *user;
        const char *password;
    } wrong[] = {
        {"$ConnectionString", "Endpoint=sb://localhost/;SharedAccessKeyName=n;SharedAccessKey=k"},
        {"$ConnectionString", ""},
        {"me", "Endpoint=sb://localhost/;SharedAccessKeyName=n;SharedAccessKey=k="}};
    for (size_t i = 0; i < LV_COUNT_OF(wrong); i++) {
        int fd = connect_client();
        assert_int_equal(say_password(fd, wrong[i].user, wrong[i].password),
                         LV_KAFKA_ERROR_SASL_AUTHENTICATION_FAILED);
        assert_true(is_closed(fd));
        close(fd);
    }
    int fd = connect_client();
    lv_kafka_api_versions_request hello = {LV_STR("c"), LV_STR("1")};
    lv_kafka_api_versions_response versions;
    call(fd, LV_KAFKA_API_VERSIONS, 3, &hello, &versions);
    lv_kafka_metadata_request all = lv_kafka_metadata_request_default();
    send_request(fd, LV_KAFKA_METADATA, 8, &all);
    assert_true(is_closed(fd));
    close(fd);
    fd = connect_client();
    assert_int_equal(say_password(fd, "$ConnectionString", h.options.sasl), LV_KAFKA_ERROR_NONE);
    assert_int_equal(make_topic(fd, "t"), LV_KAFKA_ERROR_NONE);
    close(fd);
    stop_hub();
}

/* ---- fsync ----------------------------------------------------------------------------------- */

static void the_group_commit_serves_many_writers(void **state)
{
    h.options.fsync = LV_HUB_FSYNC_ALWAYS;
    start_hub();
    enum { WRITERS = 8 };
    int fds[WRITERS];
    int32_t ids[WRITERS];
    for (int i = 0; i < WRITERS; i++)
        fds[i] = connect_client();
    make_topic(fds[0], "t");
    for (int round = 0; round < 20; round++) {
        for (int i = 0; i < WRITERS; i++) {
            produce_call c;
            ids[i] = send_request(fds[i], LV_KAFKA_PRODUCE, 8,
                                  produce_of(&c, "t", i % 3, -1, plain_batch(2, 100)));
        }
        for (int i = 0; i < WRITERS; i++) {
            lv_kafka_produce_response response;
            receive_response(fds[i], ids[i], LV_KAFKA_PRODUCE, 8, &response);
            assert_int_equal(response.topics.at[0].partitions.at[0].error_code,
                             LV_KAFKA_ERROR_NONE);
        }
    }
    assert_int_equal(list_offsets(fds[0], "t", -1).offset, 120);
    assert_int_equal(count_records(fetch(fds[0], "t", 0, 0, 0).records, 0), 120);
    for (int i = 0; i < WRITERS; i++)
        close(fds[i]);
    stop_hub();
}

#define live_test(test)     cmocka_unit_test_setup_teardown(test, setup, teardown)
#define prepared_test(test) cmocka_unit_test_setup_teardown(test, prepare, clean_up)

int main(void)
{
    const struct CMUnitTest tests[] = {
        live_test(what_is_produced_is_fetched),
        live_test(a_fetch_waits_for_data_and_no_longer),
        live_test(requests_behind_a_waiting_fetch_wait_too),
        live_test(a_waiting_fetch_ends_with_its_topic_or_its_connection),
        live_test(large_answers_reach_a_slow_reader_whole),
        live_test(bad_batches_are_refused_by_name),
        live_test(idempotent_producers_store_once_also_over_restarts),
        live_test(times_of_records_are_found_inside_batches),
        live_test(topics_are_made_described_and_kept),
        live_test(topics_are_not_made_where_the_client_or_the_hub_says_no),
        live_test(a_data_folder_has_one_hub),
        live_test(unknown_requests_get_the_protocols_error),
        live_test(garbage_closes_its_own_connection_only),
        prepared_test(strangers_may_only_introduce_themselves),
        prepared_test(the_group_commit_serves_many_writers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
