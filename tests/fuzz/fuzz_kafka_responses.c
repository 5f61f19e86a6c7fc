/* module: kafka
 *
 * fuzz_kafka_responses.c: answers of a hostile broker, against the decoder and against what the
 * client makes of them. The first byte says which operation runs and which answers come before the
 * input's; the rest is a row of frames, each behind two bytes of length, without correlation ids. A
 * frame of no bytes ends a connection; the next frames come on the next one. Nothing is connected:
 * a socket pair stands for every broker. */
#include <stdlib.h>
#include <sys/socket.h>

/* connection.c is compiled into this file, so that it connects to us. */
#define lv_net_connect lv_fuzz_connect
#include "kafka/connection.c" /* NOLINT */
#include "kafka/fetcher.h"
#include "net/net.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { CONNECTIONS_MAX = 4, ROOM = 100 };

enum {
    RUNS = 3,         /* mask: topics, offsets, fetch, produce and wait */
    GIVEN_SETUP = 4,  /* the input has the versions and the metadata too */
    ONLY_DECODES = 8, /* any API and version: the next two bytes */
    SKIPS_LOST = 16
};

static lv_rd frames;
static uint8_t mode;
static int connection_count;
static int peers[CONNECTIONS_MAX];

static void put_frame(int fd, int32_t id, const void *body, size_t len)
{
    lv_sbuf frame = LV_SBUF_INIT;
    lv_wr_i32be(&frame, (int32_t)len + 4);
    lv_wr_i32be(&frame, id);
    lv_sbuf_add(&frame, body, len);
    /* What does not fit is as good as a connection that breaks. */
    ssize_t sent = send(fd, frame.ptr, frame.len, MSG_DONTWAIT | MSG_NOSIGNAL);
    (void)sent;
    lv_sbuf_release(&frame);
}

static void put_response(int fd, int32_t id, lv_kafka_api_key key, int16_t version,
                         const void *response)
{
    lv_sbuf frame = LV_SBUF_INIT;
    lv_kafka_response_encode(&frame, key, version, id, response, NULL);
    put_frame(fd, id, frame.ptr + 8, frame.len - 8);
    lv_sbuf_release(&frame);
}

static void put_versions(int fd, int32_t id)
{
    size_t count;
    const lv_kafka_api *apis = lv_kafka_apis(&count);
    lv_kafka_api_version_range ranges[LV_KAFKA_API_KEYS];
    lv_kafka_api_versions_response response = lv_kafka_api_versions_response_default();
    for (size_t i = 0; i < count; i++)
        ranges[i] =
            (lv_kafka_api_version_range){apis[i].key, apis[i].min_version, apis[i].max_version};
    response.api_keys.at = ranges;
    response.api_keys.count = (int32_t)count;
    put_response(fd, id, LV_KAFKA_API_VERSIONS, 0, &response);
}

/* Topic t with two partitions, led by the brokers b:1 and b:2. */
static void put_metadata(int fd, int32_t id)
{
    lv_kafka_metadata_broker brokers[2] = {lv_kafka_metadata_broker_default(),
                                           lv_kafka_metadata_broker_default()};
    lv_kafka_metadata_partition partitions[2] = {lv_kafka_metadata_partition_default(),
                                                 lv_kafka_metadata_partition_default()};
    for (int i = 0; i < 2; i++) {
        brokers[i].node_id = partitions[i].leader_id = partitions[i].partition = i;
        brokers[i].host = LV_STR("b");
        brokers[i].port = i + 1;
    }
    lv_kafka_metadata_topic topic = lv_kafka_metadata_topic_default();
    lv_kafka_metadata_response response = lv_kafka_metadata_response_default();
    topic.name = LV_STR("t");
    topic.partitions.at = partitions;
    topic.partitions.count = 2;
    response.topics.at = &topic;
    response.topics.count = 1;
    response.brokers.at = brokers;
    response.brokers.count = 2;
    put_response(fd, id, LV_KAFKA_METADATA, lv_kafka_api_get(LV_KAFKA_METADATA)->max_version,
                 &response);
}

/* A connection on which all of its answers are there already. */
lv_status lv_net_connect(lv_str host, int port, int64_t timeout_ms, int *fd, lv_error *err)
{
    int pair[2];
    if (connection_count == CONNECTIONS_MAX || (connection_count > 0 && lv_rd_left(&frames) == 0))
        return LV_FAIL(err, LV_UNAVAILABLE, "nobody is there");
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
        abort();
    int32_t id = 0;
    if (!(mode & GIVEN_SETUP)) {
        put_versions(pair[1], ++id);
        if (connection_count == 0)
            put_metadata(pair[1], ++id);
    }
    while (lv_rd_left(&frames) >= 2) {
        size_t len = (size_t)(uint16_t)lv_rd_i16be(&frames);
        len = LV_MIN(len, lv_rd_left(&frames));
        if (len == 0)
            break;
        put_frame(pair[1], ++id, lv_rd_bytes(&frames, len), len);
    }
    shutdown(pair[1], SHUT_WR);
    peers[connection_count++] = pair[1];
    *fd = pair[0];
    return LV_OK;
}

/* ---- operations ------------------------------------------------------------------------------ */

static void get_topics(lv_kafka_client *client)
{
    lv_arena arena;
    lv_arena_init(&arena);
    const lv_str names[] = {LV_STR("t"), LV_STR("u")};
    lv_kafka_topic topics[2];
    if (lv_kafka_get_topics(client, &arena, names, 2, false, topics, NULL) == LV_OK)
        for (int i = 1; i < topics[0].count; i++)
            LV_ASSERT(topics[0].partitions[i - 1].partition <= topics[0].partitions[i].partition);
    lv_arena_release(&arena);
}

static volatile uint8_t sink;

/* Reads the first and last byte, and the padding behind. */
static void touch(lv_str s)
{
    if (s.len > 0)
        sink = (uint8_t)(s.ptr[0] + s.ptr[s.len - 1]);
    if (s.ptr != NULL)
        sink = (uint8_t)s.ptr[s.len + LV_KAFKA_PADDING - 1];
}

static void fetch(lv_kafka_client *client)
{
    lv_str keys[ROOM], values[ROOM];
    int64_t offsets[ROOM], times[ROOM];
    const lv_record_slices slices = {values, keys, offsets, times};
    const lv_kafka_range ranges[] = {{LV_STR("t"), 0, 3, 1000}, {LV_STR("t"), 1, 0, 50}};
    int64_t next[] = {3, 0};
    lv_kafka_fetcher_options options = {
        .max_wait_ms = 1, .skip_crc = true, .skip_lost = mode & SKIPS_LOST};
    lv_kafka_fetcher *fetcher = lv_kafka_fetcher_new(client, &options);
    lv_kafka_fetcher_open(fetcher, ranges, 2);
    for (;;) {
        lv_kafka_chunk chunk;
        if (lv_kafka_fetch_next(fetcher, &slices, ROOM, &chunk, NULL) != LV_OK || chunk.count == 0)
            break;
        LV_ASSERT(chunk.count <= ROOM && chunk.range < 2);
        for (int64_t i = 0; i < chunk.count; i++) {
            LV_ASSERT(offsets[i] >= next[chunk.range] && offsets[i] < ranges[chunk.range].until);
            next[chunk.range] = offsets[i] + 1;
            touch(keys[i]);
            touch(values[i]);
        }
    }
    lv_kafka_fetcher_free(fetcher);
}

static void run(lv_kafka_client *client)
{
    lv_kafka_position positions[] = {{LV_STR("t"), 0, -1, 0}, {LV_STR("t"), 1, 1, 0}};
    int64_t base_offset;
    switch (mode & RUNS) {
    case 0:
        get_topics(client);
        get_topics(client);
        break;
    case 1:
        for (int i = 0; i < 2; i++)
            if (lv_kafka_list_offsets(client, positions, 2, NULL) != LV_OK)
                break;
        break;
    default:
        if (lv_kafka_produce(client, LV_STR("t"), 0, LV_STR("batch"), 1, &base_offset, NULL) ==
            LV_OK)
            for (int i = 0; i < 3; i++)
                if (lv_kafka_wait_for_data(client, positions, 2, 0, NULL) != LV_OK)
                    break;
        break;
    }
    lv_kafka_client_free(client);
}

static void decode_any(const uint8_t *data, size_t size)
{
    union {
        int64_t align;
        char bytes[4096];
    } response;
    int32_t id;
    lv_arena arena;
    const lv_kafka_api *api = size < 2 ? NULL : lv_kafka_api_get(data[0]);
    if (api == NULL || data[1] < api->min_version || data[1] > api->max_version)
        return;
    LV_ASSERT(api->response_size <= sizeof response);
    /* Memory of exactly this size, so that reads behind the frame are seen. */
    size_t len = size - 2;
    char *frame = malloc(len);
    if (len > 0)
        memcpy(frame, data + 2, len);
    lv_arena_init(&arena);
    if (lv_kafka_response_decode((lv_str){frame, len}, (lv_kafka_api_key)api->key, data[1], &arena,
                                 &id, &response, NULL) == LV_OK) {
        lv_sbuf again = LV_SBUF_INIT;
        lv_kafka_response_encode(&again, (lv_kafka_api_key)api->key, data[1], id, &response, NULL);
        lv_sbuf_release(&again);
    }
    lv_arena_release(&arena);
    free(frame);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1)
        return 0;
    mode = data[0];
    if (mode & ONLY_DECODES) {
        decode_any(data + 1, size - 1);
        return 0;
    }
    frames = lv_rd_of(data + 1, size - 1);
    connection_count = 0;
    lv_kafka_options options = {.bootstrap_servers = LV_STR("b:1"), .request_timeout_ms = 10};
    lv_kafka_client *client = lv_kafka_client_new(&options);
    if ((mode & RUNS) == 2)
        fetch(client);
    else
        run(client);
    for (int i = 0; i < connection_count; i++)
        close(peers[i]);
    return 0;
}
