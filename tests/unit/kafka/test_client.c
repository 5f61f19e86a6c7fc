/* test_client.c: the client's operations against brokers that hang up, lie, or are not there. */
#include "unit.h"

#include "fake_cluster.h"
#include "kafka/client.h"

static fake_cluster cluster;
static lv_kafka_client *client;
static lv_arena arena;

/* A client of all brokers; `ms` is what an operation has. */
static void connect_within(int64_t ms)
{
    char servers[100] = "";
    for (int i = 0; i < cluster.broker_count; i++)
        snprintf(servers + strlen(servers), sizeof servers - strlen(servers), "%s127.0.0.1:%d",
                 i ? "," : "", cluster.brokers[i].port);
    lv_kafka_options options = {.bootstrap_servers = lv_str_of(servers), .request_timeout_ms = ms};
    client = lv_kafka_client_new(&options);
}

static int start_one(void **state)
{
    lv_arena_init(&arena);
    fake_start(&cluster, 1, 2);
    return 0;
}

static int start_two(void **state)
{
    lv_arena_init(&arena);
    fake_start(&cluster, 2, 2);
    return 0;
}

static int stop(void **state)
{
    lv_kafka_client_free(client);
    client = NULL;
    fake_stop(&cluster);
    lv_arena_release(&arena);
    return 0;
}

/* The address of a broker, for what messages must name. */
static const char *address_of(int broker)
{
    static char text[40];
    snprintf(text, sizeof text, "127.0.0.1:%d", cluster.brokers[broker].port);
    return text;
}

/* Whether an error says `text`, in its message or where it happened. */
static void assert_says(const lv_error *err, const char *text)
{
    if (strstr(err->message, text) == NULL && strstr(err->context, text) == NULL)
        fail_msg("'%s' (%s) does not say '%s'", err->message, err->context, text);
}

static lv_status ask_topic(const char *name, lv_kafka_topic *topic, lv_error *err)
{
    lv_str names[] = {lv_str_of(name)};
    *err = LV_ERROR_INIT;
    return lv_kafka_get_topics(client, &arena, names, 1, false, topic, err);
}

static lv_status ask_end(int32_t partition, int64_t *offset, lv_error *err)
{
    lv_kafka_position position = {.topic = LV_STR("t"), .partition = partition, .timestamp = -1};
    *err = LV_ERROR_INIT;
    lv_status status = lv_kafka_list_offsets(client, &position, 1, err);
    *offset = position.offset;
    return status;
}

/* ---- what works ------------------------------------------------------------------------------ */

static void topics_and_offsets_are_known(void **state)
{
    lv_error err;
    lv_kafka_topic topic;
    connect_within(5000);
    assert_ok(&err, ask_topic("t", &topic, &err));
    assert_int_equal(topic.count, 2);
    for (int p = 0; p < 2; p++) {
        assert_int_equal(topic.partitions[p].partition, p);
        assert_int_equal(topic.partitions[p].leader_id, p);
        fake_fill(&cluster, p, 10 * (p + 1), LV_KAFKA_NONE);
    }
    lv_kafka_position positions[] = {{LV_STR("t"), 1, -1, 0}, {LV_STR("t"), 0, -1, 0}};
    err = LV_ERROR_INIT;
    assert_ok(&err, lv_kafka_list_offsets(client, positions, 2, &err));
    assert_int_equal(positions[0].offset, 20);
    assert_int_equal(positions[1].offset, 10);
    assert_int_equal(cluster.connections, 2);
}

static void what_does_not_exist_is_named(void **state)
{
    lv_error err;
    lv_kafka_topic topic;
    int64_t offset;
    connect_within(5000);
    assert_int_equal(ask_topic("absent", &topic, &err), LV_UNKNOWN_TOPIC);
    assert_says(&err, "absent");
    assert_int_equal(ask_end(9, &offset, &err), LV_UNKNOWN_TOPIC);
    assert_says(&err, "topic t has no partition 9");
}

static void bad_addresses_are_refused(void **state)
{
    static const char *const bad[] = {"", "host", "host:", "host:port", ":9092", "host:99999", ","};
    for (size_t i = 0; i < LV_COUNT_OF(bad); i++) {
        lv_error err;
        lv_kafka_topic topic;
        lv_kafka_options options = {.bootstrap_servers = lv_str_of(bad[i]),
                                    .request_timeout_ms = 1000};
        client = lv_kafka_client_new(&options);
        assert_int_equal(ask_topic("t", &topic, &err), LV_USAGE);
        lv_kafka_client_free(client);
        client = NULL;
    }
}

/* ---- faults that pass ------------------------------------------------------------------------ */

/* Each strikes twice, and the third try succeeds. */
static void passing_faults_are_retried(void **state)
{
    static const fault passing[] = {{.api = LV_KAFKA_API_VERSIONS, .kind = FAULT_CLOSE, .times = 2},
                                    {.api = LV_KAFKA_API_VERSIONS, .kind = FAULT_HALF, .times = 2},
                                    {.api = LV_KAFKA_METADATA, .kind = FAULT_CLOSE, .times = 2},
                                    {.api = LV_KAFKA_METADATA, .kind = FAULT_HALF, .times = 2},
                                    {.api = LV_KAFKA_METADATA,
                                     .kind = FAULT_CODE,
                                     .arg = LV_KAFKA_ERROR_LEADER_NOT_AVAILABLE,
                                     .times = 2},
                                    {.api = LV_KAFKA_LIST_OFFSETS, .kind = FAULT_HALF, .times = 2},
                                    {.api = LV_KAFKA_LIST_OFFSETS,
                                     .kind = FAULT_CODE,
                                     .arg = LV_KAFKA_ERROR_NOT_LEADER_OR_FOLLOWER,
                                     .times = 2},
                                    {.api = LV_KAFKA_LIST_OFFSETS,
                                     .kind = FAULT_CODE,
                                     .arg = LV_KAFKA_ERROR_UNKNOWN_TOPIC_OR_PARTITION,
                                     .times = 2}};
    fake_fill(&cluster, 1, 7, LV_KAFKA_NONE);
    for (size_t i = 0; i < LV_COUNT_OF(passing); i++) {
        lv_error err;
        int64_t offset;
        pthread_mutex_lock(&cluster.lock);
        cluster.faults[0] = passing[i];
        pthread_mutex_unlock(&cluster.lock);
        connect_within(5000);
        assert_ok(&err, ask_end(1, &offset, &err));
        assert_int_equal(offset, 7);
        lv_kafka_client_free(client);
        client = NULL;
    }
}

static void the_new_leader_is_found(void **state)
{
    lv_error err;
    int64_t offset;
    fake_fill(&cluster, 1, 7, LV_KAFKA_NONE);
    connect_within(5000);
    assert_ok(&err, ask_end(1, &offset, &err));
    fake_move_leader(&cluster, 1, 0);
    assert_ok(&err, ask_end(1, &offset, &err));
    assert_int_equal(offset, 7);
}

/* The first broker takes connections and says nothing: half of the time is kept for the other. */
static void a_hanging_broker_is_left_for_another(void **state)
{
    lv_error err;
    lv_kafka_topic topic;
    cluster.faults[0] = (fault){.api = LV_KAFKA_API_VERSIONS,
                                .kind = FAULT_SLOW,
                                .arg = 5000,
                                .times = 1,
                                .at_first_broker = true};
    connect_within(1000);
    int64_t began = lv_mono_ns();
    assert_ok(&err, ask_topic("t", &topic, &err));
    assert_in_range((lv_mono_ns() - began) / 1000000, 400, 2500);
}

static void a_broker_that_hangs_later_is_left_too(void **state)
{
    lv_error err;
    lv_kafka_topic topic;
    cluster.faults[0] = (fault){.api = LV_KAFKA_METADATA,
                                .kind = FAULT_SLOW,
                                .arg = 5000,
                                .times = 1,
                                .at_first_broker = true};
    connect_within(1000);
    assert_ok(&err, ask_topic("t", &topic, &err));
}

/* A port where nobody listens. */
static int closed_port(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    getsockname(fd, (struct sockaddr *)&address, &size);
    close(fd);
    return ntohs(address.sin_port);
}

static void bootstrap_servers_may_be_down(void **state)
{
    lv_error err;
    lv_kafka_topic topic;
    char servers[100];
    snprintf(servers, sizeof servers, "127.0.0.1:%d, %s ,", closed_port(), address_of(0));
    lv_kafka_options options = {.bootstrap_servers = lv_str_of(servers),
                                .request_timeout_ms = 2000};
    client = lv_kafka_client_new(&options);
    assert_ok(&err, ask_topic("t", &topic, &err));
}

/* ---- faults that do not ---------------------------------------------------------------------- */

static void nobody_listening_is_unavailable(void **state)
{
    lv_error err;
    lv_kafka_topic topic;
    char server[40];
    snprintf(server, sizeof server, "127.0.0.1:%d", closed_port());
    lv_kafka_options options = {.bootstrap_servers = lv_str_of(server), .request_timeout_ms = 200};
    client = lv_kafka_client_new(&options);
    int64_t began = lv_mono_ns();
    assert_int_equal(ask_topic("t", &topic, &err), LV_UNAVAILABLE);
    assert_says(&err, server);
    assert_in_range((lv_mono_ns() - began) / 1000000, 50, 1500);
}

static void slow_answers_time_out(void **state)
{
    lv_error err;
    lv_kafka_topic topic;
    cluster.faults[0] =
        (fault){.api = LV_KAFKA_METADATA, .kind = FAULT_SLOW, .arg = 5000, .times = 9};
    connect_within(300);
    int64_t began = lv_mono_ns();
    assert_int_equal(ask_topic("t", &topic, &err), LV_TIMED_OUT);
    assert_says(&err, address_of(0));
    assert_in_range((lv_mono_ns() - began) / 1000000, 200, 1500);
}

/* Damage that another try would meet again. */
static void lies_are_refused(void **state)
{
    static const struct {
        fault fault;
        const char *says;
    } lies[] = {
        {{.api = LV_KAFKA_METADATA, .kind = FAULT_WRONG_ID, .times = 9}, "answered request"},
        {{.api = LV_KAFKA_METADATA, .kind = FAULT_GARBAGE, .times = 9}, "METADATA"},
        {{.api = LV_KAFKA_METADATA, .kind = FAULT_LENGTH, .arg = 0x7FFFFFFF, .times = 9}, "frame"},
        {{.api = LV_KAFKA_METADATA, .kind = FAULT_LENGTH, .arg = -1, .times = 9}, "frame of -1"},
        {{.api = LV_KAFKA_METADATA, .kind = FAULT_LENGTH, .arg = 3, .times = 9}, "frame of 3"},
        {{.api = LV_KAFKA_METADATA, .kind = FAULT_LENGTH, .arg = 9, .times = 9}, "METADATA"},
        /* what "HTTP/1.1 400" reads as: no broker's first answer is that long */
        {{.api = LV_KAFKA_API_VERSIONS, .kind = FAULT_LENGTH, .arg = 0x48545450, .times = 9},
         "is it a Kafka broker"},
        {{.api = LV_KAFKA_API_VERSIONS, .kind = FAULT_LENGTH, .arg = 0x00200000, .times = 9},
         "is it a Kafka broker"},
    };
    for (size_t i = 0; i < LV_COUNT_OF(lies); i++) {
        lv_error err;
        lv_kafka_topic topic;
        pthread_mutex_lock(&cluster.lock);
        cluster.faults[0] = lies[i].fault;
        pthread_mutex_unlock(&cluster.lock);
        connect_within(3000);
        assert_int_equal(ask_topic("t", &topic, &err), LV_KAFKA_PROTOCOL);
        assert_says(&err, address_of(0));
        assert_says(&err, lies[i].says);
        lv_kafka_client_free(client);
        client = NULL;
    }
}

static void a_broker_without_common_versions_is_refused(void **state)
{
    lv_error err;
    lv_kafka_topic topic;
    cluster.offers_nothing = true;
    connect_within(3000);
    assert_int_equal(ask_topic("t", &topic, &err), LV_KAFKA_PROTOCOL);
    assert_says(&err, address_of(0));
    assert_says(&err, "METADATA");
}

static void errors_that_stay_end_at_once(void **state)
{
    lv_error err;
    int64_t offset;
    cluster.faults[0] = (fault){.api = LV_KAFKA_LIST_OFFSETS,
                                .kind = FAULT_CODE,
                                .arg = LV_KAFKA_ERROR_UNSUPPORTED_FOR_MESSAGE_FORMAT,
                                .times = 9};
    connect_within(5000);
    assert_int_equal(ask_end(1, &offset, &err), LV_KAFKA_PROTOCOL);
    assert_says(&err, "topic t, partition 1: UNSUPPORTED_FOR_MESSAGE_FORMAT");
    assert_says(&err, address_of(0));
    assert_int_equal(fake_requests(&cluster, LV_KAFKA_LIST_OFFSETS), 1);
}

/* ---- authentication -------------------------------------------------------------------------- */

static lv_status log_in(const char *password, lv_error *err)
{
    lv_kafka_topic topic;
    lv_kafka_options options = {.bootstrap_servers = lv_str_of(address_of(0)),
                                .sasl_plain = true,
                                .sasl_username = LV_STR("user"),
                                .sasl_password = lv_str_of(password),
                                .request_timeout_ms = 5000};
    lv_kafka_client_free(client);
    client = lv_kafka_client_new(&options);
    return ask_topic("t", &topic, err);
}

static void passwords_are_checked(void **state)
{
    lv_error err;
    cluster.password = "sesame";
    assert_ok(&err, log_in("sesame", &err));
    assert_int_equal(log_in("hunter2", &err), LV_AUTHENTICATION);
    assert_says(&err, address_of(0));
    assert_null(strstr(err.message, "hunter2"));
    assert_null(strstr(err.context, "hunter2"));
    assert_int_equal(fake_requests(&cluster, LV_KAFKA_SASL_AUTHENTICATE), 2); /* not tried again */
}

static void brokers_without_plain_are_named(void **state)
{
    lv_error err;
    cluster.password = "sesame";
    cluster.mechanism = "SCRAM-SHA-512";
    assert_int_equal(log_in("sesame", &err), LV_AUTHENTICATION);
    assert_says(&err, "PLAIN");
    assert_says(&err, address_of(0));
}

/* ---- writing --------------------------------------------------------------------------------- */

/* One record; of an idempotent producer if `sequence` is not negative. */
static lv_status produce_one(int32_t sequence, int64_t *base_offset, lv_error *err)
{
    lv_batch_builder builder;
    lv_sbuf batch = LV_SBUF_INIT;
    *err = LV_ERROR_INIT;
    lv_batch_builder_init(&builder);
    lv_batch_builder_add(&builder, 5, LV_STR_NONE, LV_STR("value"));
    lv_status status = lv_batch_builder_finish(&builder, LV_KAFKA_NONE, sequence < 0 ? -1 : 1,
                                               sequence < 0 ? -1 : 0, sequence, &batch, err);
    if (status == LV_OK)
        status =
            lv_kafka_produce(client, LV_STR("t"), 1, lv_sbuf_str(&batch), -1, base_offset, err);
    lv_batch_builder_release(&builder);
    lv_sbuf_release(&batch);
    return status;
}

static void produced_batches_survive_faults(void **state)
{
    lv_error err;
    int64_t offset;
    connect_within(5000);
    assert_ok(&err, produce_one(-1, &offset, &err));
    assert_int_equal(offset, 0);
    fake_move_leader(&cluster, 1, 0);
    assert_ok(&err, produce_one(0, &offset, &err));
    assert_int_equal(offset, 1);
    /* stored, but the answer is lost: a repetition is recognised */
    pthread_mutex_lock(&cluster.lock);
    cluster.faults[0] = (fault){.api = LV_KAFKA_PRODUCE, .kind = FAULT_HALF, .times = 1};
    pthread_mutex_unlock(&cluster.lock);
    assert_ok(&err, produce_one(1, &offset, &err));
    assert_int_equal(offset, -1);
    assert_ok(&err, ask_end(1, &offset, &err));
    assert_int_equal(offset, 3);
}

static void batches_that_are_refused_are_named(void **state)
{
    lv_error err;
    int64_t offset;
    connect_within(5000);
    cluster.faults[0] = (fault){.api = LV_KAFKA_PRODUCE,
                                .kind = FAULT_CODE,
                                .arg = LV_KAFKA_ERROR_MESSAGE_TOO_LARGE,
                                .times = 1};
    assert_int_equal(produce_one(-1, &offset, &err), LV_KAFKA_PROTOCOL);
    assert_says(&err, "topic t, partition 1: MESSAGE_TOO_LARGE");
    assert_says(&err, address_of(0));
}

/* ---- waiting --------------------------------------------------------------------------------- */

static void *fill_later(void *arg)
{
    lv_sleep_us(100000);
    fake_fill(&cluster, 1, 1, LV_KAFKA_NONE);
    return NULL;
}

static int64_t wait_ms(int64_t timeout_ms)
{
    lv_error err = LV_ERROR_INIT;
    lv_kafka_position positions[] = {{LV_STR("t"), 0, 0, 0}, {LV_STR("t"), 1, 0, 0}};
    int64_t began = lv_mono_ns();
    assert_ok(&err, lv_kafka_wait_for_data(client, positions, 2, timeout_ms, &err));
    return (lv_mono_ns() - began) / 1000000;
}

static void waiting_ends_with_data(void **state)
{
    pthread_t thread;
    connect_within(5000);
    assert_in_range(wait_ms(60), 50, 1000);
    assert_int_equal(pthread_create(&thread, NULL, fill_later, NULL), 0);
    int64_t waited = 0;
    for (int i = 0; i < 20 && waited < 60; i++) /* the fake answers with nothing now and then */
        waited += wait_ms(3000);
    pthread_join(thread, NULL);
    assert_in_range(waited, 60, 2900);
    assert_in_range(wait_ms(3000), 0, 1000);
}

/* Also when a broker is away: the next operation says so. */
static void waiting_is_no_place_for_errors(void **state)
{
    cluster.faults[0] = (fault){.api = LV_KAFKA_FETCH, .kind = FAULT_CLOSE, .times = 1};
    cluster.faults[1] =
        (fault){.api = LV_KAFKA_FETCH, .kind = FAULT_GARBAGE, .times = 1, .skip = 1};
    connect_within(5000);
    for (int i = 0; i < 4; i++)
        assert_in_range(wait_ms(500), 0, 3000);
}

int main(void)
{
#define WITH(start, test) cmocka_unit_test_setup_teardown(test, start, stop)
    const struct CMUnitTest tests[] = {
        WITH(start_two, topics_and_offsets_are_known),
        WITH(start_two, what_does_not_exist_is_named),
        WITH(start_one, bad_addresses_are_refused),
        WITH(start_two, passing_faults_are_retried),
        WITH(start_two, the_new_leader_is_found),
        WITH(start_two, a_hanging_broker_is_left_for_another),
        WITH(start_two, a_broker_that_hangs_later_is_left_too),
        WITH(start_one, bootstrap_servers_may_be_down),
        WITH(start_one, nobody_listening_is_unavailable),
        WITH(start_one, slow_answers_time_out),
        WITH(start_one, lies_are_refused),
        WITH(start_one, a_broker_without_common_versions_is_refused),
        WITH(start_one, errors_that_stay_end_at_once),
        WITH(start_one, passwords_are_checked),
        WITH(start_one, brokers_without_plain_are_named),
        WITH(start_two, produced_batches_survive_faults),
        WITH(start_one, batches_that_are_refused_are_named),
        WITH(start_two, waiting_ends_with_data),
        WITH(start_two, waiting_is_no_place_for_errors),
    };
    return cmocka_run_group_tests_name("kafka_client", tests, NULL, NULL);
}
