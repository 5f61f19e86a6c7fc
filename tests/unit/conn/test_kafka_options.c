/* test_kafka_options.c: the options of read_kafka: what each means, and what is refused how. */
#include "unit.h"

#include "conn/kafka_options.h"

static lv_arena arena;

static int setup(void **state)
{
    lv_arena_init(&arena);
    return 0;
}

static int teardown(void **state)
{
    lv_arena_release(&arena);
    return 0;
}

/* Options as name, value, name, value, ..., NULL behind a server and a topic; `without` leaves one
 * of these two out. */
static lv_status read_without(const char *without, const char *const *texts,
                              lv_kafka_source_options *out, lv_error *err)
{
    lv_option items[12];
    lv_options options = {items, 0};
    if (strcmp(without, "bootstrapServers") != 0)
        items[options.count++] = (lv_option){LV_STR("bootstrapServers"), LV_STR("h:1"), -1};
    if (strcmp(without, "subscribe") != 0)
        items[options.count++] = (lv_option){LV_STR("subscribe"), LV_STR("t"), -1};
    for (int i = 0; texts[i] != NULL; i += 2)
        items[options.count++] = (lv_option){lv_str_of(texts[i]), lv_str_of(texts[i + 1]), 40 + i};
    *err = LV_ERROR_INIT;
    return lv_kafka_source_options_read(&arena, &options, out, err);
}

#define TEXTS(...)          ((const char *const[]){__VA_ARGS__, NULL})
#define READ(out, err, ...) read_without("", TEXTS(__VA_ARGS__), out, err)

/* ---- what is supported ----------------------------------------------------------------------- */

static void defaults_are_sparks(void **state)
{
    lv_error err;
    lv_kafka_source_options o;
    assert_ok(&err, read_without("", (const char *const[]){NULL}, &o, &err));
    assert_str(o.client.bootstrap_servers, "h:1");
    assert_false(o.client.sasl_plain);
    assert_int_equal(o.topic_count, 1);
    assert_str(o.topics[0], "t");
    assert_int_equal(o.start, LV_KAFKA_START_LATEST);
    assert_true(o.fail_on_data_loss);
    assert_false(o.include_headers);
    assert_int_equal(o.max_offsets_per_trigger, 0);
    assert_str(o.description, "KafkaV2[Subscribe[t]]");
}

static void servers_have_two_names(void **state)
{
    lv_error err;
    lv_kafka_source_options o;
    assert_ok(&err, read_without("bootstrapServers", TEXTS("KAFKA.Bootstrap.Servers", "a:1,b:2"),
                                 &o, &err));
    assert_str(o.client.bootstrap_servers, "a:1,b:2");
    assert_ok(&err, READ(&o, &err, "kafka.bootstrap.servers", "a:1"));
    assert_str(o.client.bootstrap_servers, "h:1");
    assert_int_equal(read_without("bootstrapServers", TEXTS("failOnDataLoss", "true"), &o, &err),
                     LV_REQUIRED_PARAMETER_NOT_FOUND);
    assert_non_null(strstr(err.message, "bootstrapServers"));
}

static void topics_are_named_by_one_option(void **state)
{
    lv_error err;
    lv_kafka_source_options o;
    assert_ok(&err, read_without("subscribe", TEXTS("subscribe", " b, a,,b ,c"), &o, &err));
    assert_int_equal(o.topic_count, 3); /* b once */
    assert_str(o.topics[0], "b");
    assert_str(o.topics[1], "a");
    assert_str(o.topics[2], "c");
    assert_str(o.description, "KafkaV2[Subscribe[b, a, c]]");
    assert_ok(&err,
              read_without("subscribe", TEXTS("assign", "{\"y\":[3,1],\"x\":[0]}"), &o, &err));
    assert_true(o.is_assign);
    assert_int_equal(o.assigned.count, 3);
    assert_str(o.assigned.at[0].topic, "x");
    assert_int_equal(o.assigned.at[1].partition, 1);
    assert_str(o.description, "KafkaV2[Assign[y, x]]");
    assert_int_equal(read_without("subscribe", TEXTS("failOnDataLoss", "true"), &o, &err),
                     LV_REQUIRED_PARAMETER_NOT_FOUND);
    assert_int_equal(READ(&o, &err, "assign", "{\"x\":[0]}"), LV_USAGE);
    assert_int_equal(read_without("subscribe", TEXTS("subscribe", " , "), &o, &err), LV_USAGE);
    static const char *const bad[] = {"x",
                                      "{}",
                                      "[]",
                                      "{\"x\":0}",
                                      "{\"x\":[-1]}",
                                      "{\"x\":[4294967296]}",
                                      "{\"x\":[\"a\"]}",
                                      "{\"x\":[0]"};
    for (size_t i = 0; i < LV_COUNT_OF(bad); i++)
        assert_int_equal(read_without("subscribe", TEXTS("assign", bad[i]), &o, &err), LV_USAGE);
    assert_int_equal(read_without("subscribe", TEXTS("subscribePattern", "a.*"), &o, &err),
                     LV_UNSUPPORTED_FEATURE);
}

static void starts_have_many_forms(void **state)
{
    lv_error err;
    lv_kafka_source_options o;
    assert_ok(&err, READ(&o, &err, "startingOffsets", "Earliest"));
    assert_int_equal(o.start, LV_KAFKA_START_EARLIEST);
    assert_ok(&err, READ(&o, &err, "startingOffsets", " latest "));
    assert_int_equal(o.start, LV_KAFKA_START_LATEST);
    assert_ok(&err, READ(&o, &err, "startingOffsets", "{\"t\":{\"1\":-1, \"0\":23, \"2\":-2}}"));
    assert_int_equal(o.start, LV_KAFKA_START_OFFSETS);
    assert_int_equal(o.start_offsets.count, 3);
    assert_int_equal(o.start_offsets.at[0].offset, 23);
    assert_int_equal(o.start_offsets.at[1].offset, -1);
    assert_int_equal(o.start_offsets.at[2].offset, -2);
    assert_ok(&err, READ(&o, &err, "startingOffsets", "earliest", "startingOffsetsByTimestamp",
                         "{\"t\":{\"0\":1700000000000}}"));
    assert_int_equal(o.start, LV_KAFKA_START_TIMES);
    assert_int_equal(o.start_time_ms, -1);
    assert_int_equal(o.start_offsets.at[0].offset, 1700000000000);
    assert_ok(&err, READ(&o, &err, "startingOffsetsByTimestamp", "{\"t\":{\"0\":1}}",
                         "startingTimestamp", "1700000000001", "startingOffsets", "earliest",
                         "startingOffsetsByTimestampStrategy", "LATEST"));
    assert_int_equal(o.start, LV_KAFKA_START_TIMES);
    assert_int_equal(o.start_time_ms, 1700000000001);
    assert_true(o.latest_without_match);
}

static void bad_starts_are_refused(void **state)
{
    lv_error err;
    lv_kafka_source_options o;
    static const char *const bad[] = {"",
                                      "now",
                                      "5",
                                      "{\"t\":5}",
                                      "{\"t\":{\"0\":\"x\"}}",
                                      "{\"t\":{\"zero\":1}}",
                                      "{\"t\":{\"-1\":1}}",
                                      "{\"t\":{\"0\":-3}}",
                                      "{\"t\":{\"0\":1}",
                                      "{\"t\":{\"4294967296\":1}}"};
    for (size_t i = 0; i < LV_COUNT_OF(bad); i++) {
        assert_int_equal(READ(&o, &err, "startingOffsets", bad[i]), LV_USAGE);
        assert_non_null(strstr(err.message, "startingOffsets"));
    }
    assert_int_equal(READ(&o, &err, "startingTimestamp", "yesterday"), LV_USAGE);
    assert_int_equal(READ(&o, &err, "startingTimestamp", "-5"), LV_USAGE);
    assert_int_equal(READ(&o, &err, "startingOffsetsByTimestamp", "7"), LV_USAGE);
    assert_int_equal(READ(&o, &err, "startingOffsetsByTimestampStrategy", "first"), LV_USAGE);
}

static void limits_and_switches(void **state)
{
    lv_error err;
    lv_kafka_source_options o;
    assert_ok(&err, READ(&o, &err, "maxOffsetsPerTrigger", " 1000 ", "failondataloss", "FALSE",
                         "includeHeaders", "false"));
    assert_int_equal(o.max_offsets_per_trigger, 1000);
    assert_false(o.fail_on_data_loss);
    static const char *const bad[] = {"", "0", "-1", "many", "1.5", "99999999999999999999"};
    for (size_t i = 0; i < LV_COUNT_OF(bad); i++)
        assert_int_equal(READ(&o, &err, "maxOffsetsPerTrigger", bad[i]), LV_USAGE);
    assert_int_equal(READ(&o, &err, "failOnDataLoss", "maybe"), LV_USAGE);
    assert_int_equal(READ(&o, &err, "includeHeaders", "1"), LV_USAGE);
    assert_int_equal(READ(&o, &err, "includeHeaders", "true"), LV_UNSUPPORTED_FEATURE);
}

/* Hints, and what only the Java client has, change nothing. */
static void harmless_options_are_taken(void **state)
{
    lv_error err;
    lv_kafka_source_options o;
    assert_ok(&err, READ(&o, &err, "minPartitions", "8", "groupIdPrefix", "g",
                         "kafkaConsumer.pollTimeoutMs", "1", "kafka.group.id", "mine",
                         "kafka.isolation.level", "read_uncommitted", "kafka.client.id", "me"));
    assert_str(o.client.client_id, "me");
    assert_ok(&err, READ(&o, &err, "maxRecordsPerPartition", "5"));
    assert_int_equal(o.patience_ms, 3000);
    assert_ok(&err,
              READ(&o, &err, "fetchOffset.numRetries", "4", "fetchOffset.retryIntervalMs", "7"));
    assert_int_equal(o.patience_ms, 28);
    assert_int_equal(READ(&o, &err, "fetchOffset.numRetries", "-1"), LV_USAGE);
}

/* ---- what is not ----------------------------------------------------------------------------- */

static void others_are_refused(void **state)
{
    static const struct {
        const char *name;
        const char *value;
        lv_status status;
    } refused[] = {
        {"minOffsetsPerTrigger", "1", LV_UNSUPPORTED_FEATURE},
        {"maxTriggerDelay", "1m", LV_UNSUPPORTED_FEATURE},
        {"endingOffsets", "latest", LV_UNSUPPORTED_FEATURE},
        {"endingTimestamp", "1", LV_UNSUPPORTED_FEATURE},
        {"endingOffsetsByTimestamp", "{}", LV_UNSUPPORTED_FEATURE},
        {"serviceCredential", "x", LV_UNSUPPORTED_FEATURE},
        {"kafka.isolation.level", "read_committed", LV_UNSUPPORTED_FEATURE},
        {"kafka.security.protocol", "SASL_SSL", LV_UNSUPPORTED_FEATURE},
        {"kafka.security.protocol", "SSL", LV_UNSUPPORTED_FEATURE},
        {"kafka.auto.offset.reset", "earliest", LV_USAGE},
        {"kafka.key.deserializer", "x", LV_USAGE},
        {"KAFKA.VALUE.DESERIALIZER", "x", LV_USAGE},
        {"kafka.enable.auto.commit", "true", LV_USAGE},
        {"kafka.interceptor.classes", "x", LV_USAGE},
        {"startingOffset", "earliest", LV_UNRECOGNIZED_PARAMETER_NAME},
        {"kafka.", "x", LV_UNRECOGNIZED_PARAMETER_NAME},
        {"", "x", LV_UNRECOGNIZED_PARAMETER_NAME},
    };
    for (size_t i = 0; i < LV_COUNT_OF(refused); i++) {
        lv_error err;
        lv_kafka_source_options o;
        lv_status status = READ(&o, &err, refused[i].name, refused[i].value);
        if (status != refused[i].status)
            fail_msg("%s: %s instead of %s", refused[i].name, lv_status_class(status),
                     lv_status_class(refused[i].status));
        if (status == LV_UNRECOGNIZED_PARAMETER_NAME)
            assert_int_equal(err.sql_offset, 40);
    }
}

/* ---- secrets --------------------------------------------------------------------------------- */

#define JAAS                                                                                       \
    "kafkashaded.org.apache.kafka.common.security.plain.PlainLoginModule required "                \
    "username=\"$ConnectionString\" password=\"Endpoint=sb://x/;SharedAccessKey=a\\\"b\\\\c=\";"

static void credentials_are_read_from_jaas(void **state)
{
    lv_error err;
    lv_kafka_source_options o;
    assert_ok(&err, READ(&o, &err, "kafka.security.protocol", "SASL_PLAINTEXT",
                         "kafka.sasl.mechanism", "PLAIN", "kafka.sasl.jaas.config", JAAS));
    assert_true(o.client.sasl_plain);
    assert_str(o.client.sasl_username, "$ConnectionString");
    assert_str(o.client.sasl_password, "Endpoint=sb://x/;SharedAccessKey=a\"b\\c=");
    assert_str(o.description, "KafkaV2[Subscribe[t]]");
    assert_int_equal(READ(&o, &err, "kafka.security.protocol", "SASL_PLAINTEXT",
                          "kafka.sasl.mechanism", "SCRAM-SHA-256", "kafka.sasl.jaas.config", JAAS),
                     LV_UNSUPPORTED_FEATURE);
    assert_int_equal(
        READ(&o, &err, "kafka.security.protocol", "SASL_PLAINTEXT", "kafka.sasl.jaas.config", JAAS),
        LV_UNSUPPORTED_FEATURE); /* Kafka's own default is GSSAPI */
}

/* Whatever is wrong beside them. */
static void secrets_are_never_repeated(void **state)
{
    static const char *const jaas[] = {
        "PlainLoginModule required username=\"u\" password=s3cret;",
        "PlainLoginModule required password=\"s3cret\";",
        "PlainLoginModule required username=\"u\" password=\"s3cret\";"};
    static const char *const protocols[] = {"SASL_PLAINTEXT", "SASL_SSL", "SASL_PLAINTEXT"};
    static const char *const mechanisms[] = {"PLAIN", "OAUTHBEARER", "PLAIN"};
    static const char *const others[] = {"failOnDataLoss", "startingOffsets", "nonsense"};
    for (size_t i = 0; i < 3; i++)
        for (size_t k = 0; k < 3; k++)
            for (size_t n = 0; n < 3; n++) {
                lv_error err;
                lv_kafka_source_options o;
                lv_status status =
                    READ(&o, &err, "kafka.security.protocol", protocols[k], "kafka.sasl.mechanism",
                         mechanisms[k], "kafka.sasl.jaas.config", jaas[i], others[n], "x");
                assert_int_not_equal(status, LV_OK);
                assert_null(strstr(err.message, "s3cret"));
                assert_null(strstr(err.hint, "s3cret"));
                assert_null(strstr(err.context, "s3cret"));
            }
    lv_option items[] = {
        {LV_STR("bootstrapServers"), LV_STR("h:1"), -1},
        {LV_STR("subscribe"), LV_STR("t"), -1},
        {LV_STR("kafka.security.protocol"), LV_STR("SASL_PLAINTEXT"), -1},
        {LV_STR("kafka.sasl.mechanism"), LV_STR("PLAIN"), -1},
        {LV_STR("kafka.sasl.jaas.config"), lv_str_of(jaas[2]), -1},
    };
    lv_error err = LV_ERROR_INIT;
    lv_source *source;
    lv_options options = {items, LV_COUNT_OF(items)};
    assert_ok(&err, lv_source_open(LV_STR("kafka"), &options, NULL, &source, &err));
    assert_str(lv_source_description(source), "KafkaV2[Subscribe[t]]");
    lv_source_close(source);
}

/* ---- offsets as JSON ------------------------------------------------------------------------- */

static void offsets_are_printed_as_spark_does(void **state)
{
    static const char *const pairs[][2] = {
        {"{}", "{}"},
        {"{\"t\":{\"0\":5}}", "{\"t\":{\"0\":5}}"},
        {" { \"b\" : { \"10\" : 1 , \"9\" : 2 } , \"a\" : {\"0\":9223372036854775807} } ",
         "{\"a\":{\"0\":9223372036854775807},\"b\":{\"9\":2,\"10\":1}}"},
        {"{\"a\\\"b\":{\"0\":1}}", "{\"a\\\"b\":{\"0\":1}}"},
    };
    for (size_t i = 0; i < LV_COUNT_OF(pairs); i++) {
        lv_error err = LV_ERROR_INIT;
        lv_topic_offsets offsets;
        lv_sbuf out = LV_SBUF_INIT;
        assert_ok(&err, lv_topic_offsets_parse(&arena, lv_str_dup(&arena, lv_str_of(pairs[i][0])),
                                               "x", &offsets, &err));
        lv_topic_offsets_print(&offsets, &out);
        assert_str(lv_sbuf_str(&out), pairs[i][1]);
        lv_sbuf_release(&out);
    }
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(defaults_are_sparks),
        TEST(servers_have_two_names),
        TEST(topics_are_named_by_one_option),
        TEST(starts_have_many_forms),
        TEST(bad_starts_are_refused),
        TEST(limits_and_switches),
        TEST(harmless_options_are_taken),
        TEST(others_are_refused),
        TEST(credentials_are_read_from_jaas),
        TEST(secrets_are_never_repeated),
        TEST(offsets_are_printed_as_spark_does),
    };
    return cmocka_run_group_tests_name("kafka_options", tests, NULL, NULL);
}
