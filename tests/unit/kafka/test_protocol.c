/* test_protocol.c: every message in every version there and back, golden bytes, damaged frames. */
#include "unit.h"

#include <stdlib.h>

#include "kafka/protocol.c"

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

/* ---- any message, filled by its table -------------------------------------------------------- */

static uint64_t random_state = 1;

static uint64_t next_random(void)
{
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return random_state >> 33;
}

static void fill(const lv_kafka_layout *layout, char *to);

static void fill_field(const wire_field *field, char *to)
{
    lv_str text = {"0123456789abcdefghij", next_random() % 20};
    switch (field->type) {
    case WIRE_flag: *(bool *)to = next_random() & 1; break;
    case WIRE_i8: *(int8_t *)to = (int8_t)next_random(); break;
    case WIRE_i16: *(int16_t *)to = (int16_t)next_random(); break;
    case WIRE_i32: *(int32_t *)to = (int32_t)(next_random() * 3); break;
    case WIRE_i64: *(int64_t *)to = (int64_t)(next_random() * next_random() * 5); break;
    case WIRE_str:
    case WIRE_bytes:
    case WIRE_records: *(lv_str *)to = next_random() % 5 == 0 ? LV_STR_NONE : text; break;
    case WIRE_array: {
        const lv_kafka_layout *element = field->element();
        wire_array array = {NULL, (int32_t)(next_random() % 5) - 1};
        if (array.count > 0)
            array.at = lv_arena_zalloc(&arena, (size_t)array.count * element->size);
        for (int32_t i = 0; i < array.count; i++)
            fill(element, (char *)array.at + (size_t)i * element->size);
        memcpy(to, &array, sizeof array);
        break;
    }
    }
}

static void fill(const lv_kafka_layout *layout, char *to)
{
    for (uint16_t i = 0; i < layout->field_count; i++)
        fill_field(&layout->fields[i], to + layout->fields[i].offset);
}

static void requests_of_all_versions_return(void **state)
{
    for (size_t a = 0; a < LV_COUNT_OF(apis); a++) {
        const lv_kafka_api *api = &apis[a];
        for (int16_t version = api->min_version; version <= api->max_version; version++) {
            char *request = lv_arena_zalloc(&arena, api->request_size);
            fill(api->request(), request);
            lv_sbuf bytes = LV_SBUF_INIT;
            lv_kafka_request_encode(&bytes, (lv_kafka_api_key)api->key, version, 77, LV_STR("me"),
                                    request, NULL);
            lv_rd rd = lv_rd_of(bytes.ptr, bytes.len);
            assert_int_equal(lv_rd_i32be(&rd), bytes.len - 4);
            lv_error err = LV_ERROR_INIT;
            lv_kafka_request_header header;
            assert_ok(&err, lv_kafka_request_header_decode(&rd, &header, &err));
            assert_int_equal(header.api_key, api->key);
            assert_int_equal(header.api_version, version);
            assert_int_equal(header.correlation_id, 77);
            assert_str(header.client_id, "me");
            char *decoded = lv_arena_zalloc(&arena, api->request_size);
            assert_ok(&err, lv_kafka_request_decode(&rd, &header, &arena, decoded, &err));
            lv_sbuf again = LV_SBUF_INIT;
            lv_kafka_request_encode(&again, (lv_kafka_api_key)api->key, version, 77, LV_STR("me"),
                                    decoded, NULL);
            assert_int_equal(again.len, bytes.len);
            assert_memory_equal(again.ptr, bytes.ptr, bytes.len);
            lv_sbuf_release(&again);
            lv_sbuf_release(&bytes);
        }
    }
}

static void responses_of_all_versions_return_and_no_prefix_is_taken(void **state)
{
    for (size_t a = 0; a < LV_COUNT_OF(apis); a++) {
        const lv_kafka_api *api = &apis[a];
        for (int16_t version = api->min_version; version <= api->max_version; version++) {
            char *response = lv_arena_zalloc(&arena, api->response_size);
            fill(api->response(), response);
            lv_sbuf bytes = LV_SBUF_INIT;
            lv_kafka_response_encode(&bytes, (lv_kafka_api_key)api->key, version, -5, response,
                                     NULL);
            lv_error err = LV_ERROR_INIT;
            int32_t id;
            char *decoded = lv_arena_zalloc(&arena, api->response_size);
            lv_str frame = {bytes.ptr + 4, bytes.len - 4};
            lv_kafka_api_key key = (lv_kafka_api_key)api->key;
            assert_ok(&err,
                      lv_kafka_response_decode(frame, key, version, &arena, &id, decoded, &err));
            assert_int_equal(id, -5);
            lv_sbuf again = LV_SBUF_INIT;
            lv_kafka_response_encode(&again, (lv_kafka_api_key)api->key, version, -5, decoded,
                                     NULL);
            assert_int_equal(again.len, bytes.len);
            assert_memory_equal(again.ptr, bytes.ptr, bytes.len);
            for (size_t len = 0; len < frame.len; len++) {
                char *copy = malloc(len + 1); /* so that the sanitizer sees a read behind the end */
                memcpy(copy, frame.ptr, len);
                lv_str prefix = {copy, len};
                assert_int_equal(
                    lv_kafka_response_decode(prefix, key, version, &arena, &id, decoded, NULL),
                    LV_KAFKA_PROTOCOL);
                free(copy);
            }
            lv_sbuf_release(&again);
            lv_sbuf_release(&bytes);
        }
    }
}

/* ---- golden bytes ---------------------------------------------------------------------------- */

#define assert_bytes(buf, expected)                                                                \
    do {                                                                                           \
        assert_int_equal((buf).len, sizeof(expected) - 1);                                         \
        assert_memory_equal((buf).ptr, (expected), sizeof(expected) - 1);                          \
    } while (0)

static void bytes_are_as_the_protocol_says(void **state)
{
    lv_sbuf out = LV_SBUF_INIT;
    lv_kafka_api_versions_request hello = {LV_STR("ab"), LV_STR("1")};
    lv_kafka_request_encode(&out, LV_KAFKA_API_VERSIONS, 3, 1, LV_STR("c"), &hello, NULL);
    assert_bytes(out, "\0\0\0\x12"
                      "\0\x12"
                      "\0\3"
                      "\0\0\0\1"
                      "\0\1c"
                      "\0"
                      "\3ab"
                      "\2"
                      "1"
                      "\0");

    lv_sbuf_clear(&out);
    lv_kafka_api_version_range range = {3, 0, 8};
    lv_kafka_api_versions_response versions = {.api_keys = {&range, 1}, .throttle_time_ms = 9};
    lv_kafka_response_encode(&out, LV_KAFKA_API_VERSIONS, 3, 1, &versions, NULL);
    assert_bytes(out, "\0\0\0\x13"
                      "\0\0\0\1"
                      "\0\0"
                      "\2"
                      "\0\3\0\0\0\x8"
                      "\0"
                      "\0\0\0\x9"
                      "\0");

    lv_sbuf_clear(&out);
    lv_kafka_metadata_request metadata = lv_kafka_metadata_request_default();
    metadata.topics.count = -1;
    lv_kafka_request_encode(&out, LV_KAFKA_METADATA, 4, 2, LV_STR_NONE, &metadata, NULL);
    assert_bytes(out, "\0\0\0\xf"
                      "\0\3"
                      "\0\4"
                      "\0\0\0\2"
                      "\xff\xff"
                      "\xff\xff\xff\xff"
                      "\1");

    lv_sbuf_clear(&out);
    lv_kafka_list_offsets_request_partition partition = {
        .partition = 7, .current_leader_epoch = 3, .timestamp = -2};
    lv_kafka_list_offsets_request_topic topic = {LV_STR("t"), {&partition, 1}};
    lv_kafka_list_offsets_request list = {.replica_id = -1, .topics = {&topic, 1}};
    lv_kafka_request_encode(&out, LV_KAFKA_LIST_OFFSETS, 1, 3, LV_STR(""), &list, NULL);
    assert_bytes(out, "\0\0\0\x25"
                      "\0\2"
                      "\0\1"
                      "\0\0\0\3"
                      "\0\0"
                      "\xff\xff\xff\xff"
                      "\0\0\0\1"
                      "\0\1t"
                      "\0\0\0\1"
                      "\0\0\0\7"
                      "\xff\xff\xff\xff\xff\xff\xff\xfe");
    lv_sbuf_release(&out);
}

static void absent_fields_have_their_defaults(void **state)
{
    static const char metadata_v1[] = "\0\3"
                                      "\0\1"
                                      "\0\0\0\1"
                                      "\xff\xff"
                                      "\0\0\0\1"
                                      "\0\1t";
    lv_rd rd = lv_rd_of(metadata_v1, sizeof metadata_v1 - 1);
    lv_error err = LV_ERROR_INIT;
    lv_kafka_request_header header;
    lv_kafka_metadata_request request;
    assert_ok(&err, lv_kafka_request_header_decode(&rd, &header, &err));
    assert_ok(&err, lv_kafka_request_decode(&rd, &header, &arena, &request, &err));
    assert_true(request.allow_auto_topic_creation);
    assert_int_equal(request.topics.count, 1);
    assert_str(request.topics.at[0].name, "t");
}

static void unknown_tagged_fields_are_skipped(void **state)
{
    static const char frame[] = "\0\x12"
                                "\0\3"
                                "\0\0\0\1"
                                "\0\1c"
                                "\1\7\2xy"
                                "\3ab"
                                "\2"
                                "1"
                                "\2\0\1z\x81\1\0";
    lv_rd rd = lv_rd_of(frame, sizeof frame - 1);
    lv_error err = LV_ERROR_INIT;
    lv_kafka_request_header header;
    lv_kafka_api_versions_request request;
    assert_ok(&err, lv_kafka_request_header_decode(&rd, &header, &err));
    assert_ok(&err, lv_kafka_request_decode(&rd, &header, &arena, &request, &err));
    assert_str(request.client_software_name, "ab");
    assert_str(request.client_software_version, "1");
}

static void counts_that_cannot_be_are_refused_before_memory_is_taken(void **state)
{
    static const char frame[] = "\0\3"
                                "\0\1"
                                "\0\0\0\1"
                                "\xff\xff"
                                "\x7f\xff\xff\xff"
                                "\0\1t";
    lv_rd rd = lv_rd_of(frame, sizeof frame - 1);
    lv_kafka_request_header header;
    lv_kafka_metadata_request request;
    size_t before = arena.size_bytes;
    assert_int_equal(lv_kafka_request_header_decode(&rd, &header, NULL), LV_OK);
    assert_int_equal(lv_kafka_request_decode(&rd, &header, &arena, &request, NULL),
                     LV_KAFKA_PROTOCOL);
    assert_true(arena.size_bytes - before < 1000000);
    static const char left_over[] = "\0\3"
                                    "\0\1"
                                    "\0\0\0\1"
                                    "\xff\xff"
                                    "\0\0\0\0"
                                    "x";
    rd = lv_rd_of(left_over, sizeof left_over - 1);
    assert_int_equal(lv_kafka_request_header_decode(&rd, &header, NULL), LV_OK);
    assert_int_equal(lv_kafka_request_decode(&rd, &header, &arena, &request, NULL),
                     LV_KAFKA_PROTOCOL);
}

static void holes_stand_for_records(void **state)
{
    lv_kafka_fetch_response_partition partitions[3];
    for (int i = 0; i < 3; i++)
        partitions[i] = lv_kafka_fetch_response_partition_default();
    partitions[0].records = LV_STR("first");
    partitions[1].records = LV_STR("");
    partitions[2].records = LV_STR("second one");
    lv_kafka_fetch_response_topic topic = {LV_STR("t"), {partitions, 3}};
    lv_kafka_fetch_response response = lv_kafka_fetch_response_default();
    response.topics.at = &topic;
    response.topics.count = 1;
    lv_sbuf whole = LV_SBUF_INIT;
    lv_sbuf parts = LV_SBUF_INIT;
    lv_sbuf joined = LV_SBUF_INIT;
    lv_kafka_hole at[3];
    lv_kafka_holes holes = {at, 3, 0};
    lv_kafka_response_encode(&whole, LV_KAFKA_FETCH, 11, 1, &response, NULL);
    lv_kafka_response_encode(&parts, LV_KAFKA_FETCH, 11, 1, &response, &holes);
    assert_int_equal(holes.count, 2);
    size_t done = 0;
    for (size_t i = 0; i < holes.count; i++) {
        lv_sbuf_add(&joined, parts.ptr + done, at[i].position - done);
        lv_sbuf_add_str(&joined, at[i].records);
        done = at[i].position;
    }
    lv_sbuf_add(&joined, parts.ptr + done, parts.len - done);
    assert_int_equal(joined.len, whole.len);
    assert_memory_equal(joined.ptr, whole.ptr, whole.len);
    lv_sbuf_release(&whole);
    lv_sbuf_release(&parts);
    lv_sbuf_release(&joined);
}

static void errors_have_names(void **state)
{
    assert_string_equal(lv_kafka_error_name(1), "OFFSET_OUT_OF_RANGE");
    assert_string_equal(lv_kafka_error_name(-1), "UNKNOWN_SERVER_ERROR");
    assert_string_equal(lv_kafka_error_name(9999), "UNKNOWN_ERROR_CODE");
    assert_true(lv_kafka_error_is_retriable(LV_KAFKA_ERROR_NOT_LEADER_OR_FOLLOWER));
    assert_false(lv_kafka_error_is_retriable(LV_KAFKA_ERROR_OFFSET_OUT_OF_RANGE));
    assert_null(lv_kafka_api_get(9999));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests_of_all_versions_return),
        cmocka_unit_test(responses_of_all_versions_return_and_no_prefix_is_taken),
        cmocka_unit_test(bytes_are_as_the_protocol_says),
        cmocka_unit_test(absent_fields_have_their_defaults),
        cmocka_unit_test(unknown_tagged_fields_are_skipped),
        cmocka_unit_test(counts_that_cannot_be_are_refused_before_memory_is_taken),
        cmocka_unit_test(holes_stand_for_records),
        cmocka_unit_test(errors_have_names),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
