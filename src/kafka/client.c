/* client.c: see client.h. Every operation is: find leaders, one request per leader, retry what may
 * pass. */
#include "kafka/client.h"

#include <poll.h>
#include <stdlib.h>

#include "base/check.h"
#include "base/vec.h"
#include "kafka/client_int.h"
#include "net/net.h"
#include "os/os.h"

struct leader_entry {
    lv_str topic;
    int32_t partition;
    int32_t node_id;
};

static lv_kafka_conn *add_conn(lv_kafka_client *client, int32_t node_id, lv_str host, int port)
{
    lv_kafka_conn **grown = LV_NEW_ARRAY(&client->arena, lv_kafka_conn *, client->conn_count + 1);
    if (client->conn_count > 0)
        memcpy(grown, client->conns, sizeof *grown * (size_t)client->conn_count);
    lv_kafka_conn *conn = LV_NEW(&client->arena, lv_kafka_conn);
    *conn = (lv_kafka_conn){
        .node_id = node_id, .host = lv_str_dup(&client->arena, host), .port = port, .fd = -1};
    grown[client->conn_count++] = conn;
    client->conns = grown;
    return conn;
}

lv_kafka_client *lv_kafka_client_new(const lv_kafka_options *options)
{
    lv_kafka_client *client = calloc(1, sizeof *client);
    LV_ASSERT(client != NULL);
    lv_arena_init(&client->arena);
    lv_arena_init(&client->scratch);
    lv_kafka_options *o = &client->options;
    *o = *options;
    o->bootstrap_servers = lv_str_dup(&client->arena, options->bootstrap_servers);
    o->client_id =
        options->client_id.len ? lv_str_dup(&client->arena, options->client_id) : LV_STR("levada");
    o->sasl_username = lv_str_dup(&client->arena, options->sasl_username);
    o->sasl_password = lv_str_dup(&client->arena, options->sasl_password);
    o->request_timeout_ms = options->request_timeout_ms ? options->request_timeout_ms : 60000;
    o->connect_timeout_ms = options->connect_timeout_ms ? options->connect_timeout_ms : 10000;
    return client;
}

void lv_kafka_client_free(lv_kafka_client *client)
{
    if (client == NULL)
        return;
    for (int i = 0; i < client->conn_count; i++) {
        lv_kafka_conn_close(client->conns[i]);
        lv_sbuf_release(&client->conns[i]->in);
        lv_sbuf_release(&client->conns[i]->out);
    }
    free(client->leaders);
    lv_arena_release(&client->scratch);
    lv_arena_release(&client->arena);
    free(client);
}

static lv_status add_bootstrap_servers(lv_kafka_client *client, lv_error *err)
{
    lv_str rest = client->options.bootstrap_servers, address, host;
    int port;
    if (client->conn_count > 0)
        return LV_OK;
    while (lv_str_split(&rest, ',', &address)) {
        if (lv_str_trim(address).len == 0)
            continue;
        LV_TRY(lv_net_address_parse(address, &host, &port, err));
        add_conn(client, -1, host, port);
    }
    return client->conn_count > 0 ? LV_OK : LV_FAIL(err, LV_USAGE, "no bootstrap server is given");
}

/* ---- metadata
 * ---------------------------------------------------------------------------------------- */

/* Brokers may be known by another address than the one asked: their own counts. */
static void note_broker(lv_kafka_client *client, const lv_kafka_metadata_broker *broker)
{
    for (int i = 0; i < client->conn_count; i++) {
        lv_kafka_conn *conn = client->conns[i];
        if (conn->node_id != broker->node_id)
            continue;
        if (!lv_str_eq(conn->host, broker->host) || conn->port != broker->port) {
            lv_kafka_conn_close(conn);
            conn->host = lv_str_dup(&client->arena, broker->host);
            conn->port = broker->port;
        }
        return;
    }
    for (int i = 0; i < client->conn_count;
         i++) { /* the bootstrap connection serves on as that broker's */
        lv_kafka_conn *conn = client->conns[i];
        if (conn->node_id == -1 && conn->port == broker->port &&
            lv_str_eq(conn->host, broker->host)) {
            conn->node_id = broker->node_id;
            return;
        }
    }
    add_conn(client, broker->node_id, broker->host, broker->port);
}

static void note_leader(lv_kafka_client *client, lv_str topic, int32_t partition, int32_t node_id)
{
    for (int i = 0; i < client->leader_count; i++) {
        struct leader_entry *entry = &client->leaders[i];
        if (entry->partition == partition && lv_str_eq(entry->topic, topic)) {
            entry->node_id = node_id;
            return;
        }
    }
    if (client->leader_count == client->leader_capacity) {
        client->leader_capacity = LV_MAX(client->leader_capacity * 2, 64);
        client->leaders =
            realloc(client->leaders, sizeof *client->leaders * (size_t)client->leader_capacity);
        LV_ASSERT(client->leaders != NULL);
    }
    client->leaders[client->leader_count++] =
        (struct leader_entry){lv_str_dup(&client->arena, topic), partition, node_id};
}

int32_t lv_kafka_leader(lv_kafka_client *client, lv_str topic, int32_t partition)
{
    for (int i = 0; i < client->leader_count; i++)
        if (client->leaders[i].partition == partition && lv_str_eq(client->leaders[i].topic, topic))
            return client->leaders[i].node_id;
    return -1;
}

void lv_kafka_forget_leaders(lv_kafka_client *client)
{
    for (int i = 0; i < client->leader_count; i++)
        client->leaders[i].node_id = -1;
}

static int by_partition(const void *a, const void *b)
{
    int32_t x = ((const lv_kafka_partition *)a)->partition,
            y = ((const lv_kafka_partition *)b)->partition;
    return (x > y) - (x < y);
}

static lv_status take_topic(lv_kafka_client *client, lv_arena *arena,
                            const lv_kafka_metadata_topic *from, lv_kafka_topic *topic,
                            lv_error *err)
{
    if (from->error_code != 0)
        return lv_kafka_fail(from->error_code, from->name, -1, err);
    topic->name = lv_str_dup(arena, from->name);
    topic->count = from->partitions.count;
    topic->partitions = LV_NEW_ARRAY(arena, lv_kafka_partition, from->partitions.count);
    for (int i = 0; i < from->partitions.count; i++) {
        topic->partitions[i] = (lv_kafka_partition){from->partitions.at[i].partition,
                                                    from->partitions.at[i].leader_id};
        note_leader(client, from->name, from->partitions.at[i].partition,
                    from->partitions.at[i].leader_id);
    }
    qsort(topic->partitions, (size_t)topic->count, sizeof topic->partitions[0], by_partition);
    return LV_OK;
}

static lv_status request_metadata(lv_kafka_client *client, const lv_str *names, int count,
                                  bool create, lv_kafka_metadata_response *response, lv_error *err)
{
    lv_kafka_conn *conn;
    LV_TRY(add_bootstrap_servers(client, err));
    LV_TRY(lv_kafka_conn_open(client, -1, &conn, err));
    lv_kafka_metadata_request request = lv_kafka_metadata_request_default();
    request.allow_auto_topic_creation = create;
    request.topics.count = count; /* -1: all */
    request.topics.at =
        LV_NEW_ARRAY(&client->scratch, lv_kafka_metadata_request_topic, LV_MAX(count, 0));
    for (int i = 0; i < count; i++)
        request.topics.at[i].name = names[i];
    LV_TRY(lv_kafka_conn_call(client, conn, LV_KAFKA_METADATA, &request, &client->scratch, response,
                              err));
    for (int i = 0; i < response->brokers.count; i++)
        note_broker(client, &response->brokers.at[i]);
    return LV_OK;
}

static lv_status get_topics_once(lv_kafka_client *client, lv_arena *arena, const lv_str *names,
                                 int count, bool create, lv_kafka_topic *topics, lv_error *err)
{
    lv_kafka_metadata_response response;
    lv_arena_reset(&client->scratch);
    LV_TRY(request_metadata(client, names, count, create, &response, err));
    for (int i = 0; i < count; i++) {
        const lv_kafka_metadata_topic *found = NULL;
        for (int t = 0; t < response.topics.count; t++)
            if (lv_str_eq(response.topics.at[t].name, names[i]))
                found = &response.topics.at[t];
        if (found == NULL)
            return LV_FAIL(err, LV_UNKNOWN_TOPIC, "topic %.*s does not exist",
                           LV_STR_ARG(names[i]));
        LV_TRY(take_topic(client, arena, found, &topics[i], err));
        for (int p = 0; p < topics[i].count; p++)
            if (topics[i].partitions[p].leader_id < 0)
                return lv_kafka_fail(LV_KAFKA_ERROR_LEADER_NOT_AVAILABLE, names[i],
                                     topics[i].partitions[p].partition, err);
    }
    return LV_OK;
}

lv_status lv_kafka_get_topics(lv_kafka_client *client, lv_arena *arena, const lv_str *names,
                              int count, bool create, lv_kafka_topic *topics, lv_error *err)
{
    lv_kafka_retry retry = lv_kafka_retry_begin(client);
    lv_status status;
    do
        status = get_topics_once(client, arena, names, count, create, topics, err);
    while (status != LV_OK &&
           (lv_kafka_retry_again(
               &retry, create && status == LV_UNKNOWN_TOPIC ? LV_UNAVAILABLE : status, err)));
    return status;
}

lv_status lv_kafka_list_topics(lv_kafka_client *client, lv_arena *arena, lv_kafka_topic **topics,
                               int *count, lv_error *err)
{
    lv_kafka_metadata_response response;
    lv_arena_reset(&client->scratch);
    LV_TRY(request_metadata(client, NULL, -1, false, &response, err));
    *topics = LV_NEW_ARRAY(arena, lv_kafka_topic, response.topics.count);
    *count = 0;
    for (int i = 0; i < response.topics.count; i++)
        if (!response.topics.at[i].is_internal && response.topics.at[i].error_code == 0)
            LV_TRY(take_topic(client, arena, &response.topics.at[i], &(*topics)[(*count)++], err));
    return LV_OK;
}

lv_status lv_kafka_learn_leaders(lv_kafka_client *client, lv_str topic, lv_error *err)
{
    lv_kafka_topic found;
    lv_arena arena;
    lv_arena_init(&arena);
    lv_status status = lv_kafka_get_topics(client, &arena, &topic, 1, false, &found, err);
    lv_arena_release(&arena);
    return status;
}

/* ---- offsets
 * ---------------------------------------------------------------------------------------- */

/* All positions whose leader is `node_id`, as a request's topics (one entry per position). */
static lv_status list_offsets_of(lv_kafka_client *client, int32_t node_id,
                                 lv_kafka_position *positions, int count, lv_error *err)
{
    lv_kafka_list_offsets_request request = lv_kafka_list_offsets_request_default();
    request.topics.at = LV_NEW_ARRAY(&client->scratch, lv_kafka_list_offsets_request_topic, count);
    for (int i = 0; i < count; i++) {
        if (lv_kafka_leader(client, positions[i].topic, positions[i].partition) != node_id)
            continue;
        lv_kafka_list_offsets_request_topic *topic = NULL;
        for (int t = 0; t < request.topics.count && topic == NULL; t++)
            if (lv_str_eq(request.topics.at[t].name, positions[i].topic))
                topic = &request.topics.at[t];
        if (topic == NULL) {
            topic = &request.topics.at[request.topics.count++];
            *topic = (lv_kafka_list_offsets_request_topic){.name = positions[i].topic};
            topic->partitions.at =
                LV_NEW_ARRAY(&client->scratch, lv_kafka_list_offsets_request_partition, count);
        }
        lv_kafka_list_offsets_request_partition *p =
            &topic->partitions.at[topic->partitions.count++];
        *p = lv_kafka_list_offsets_request_partition_default();
        p->partition = positions[i].partition;
        p->timestamp = positions[i].timestamp;
    }
    lv_kafka_conn *conn;
    lv_kafka_list_offsets_response response;
    LV_TRY(lv_kafka_conn_open(client, node_id, &conn, err));
    LV_TRY(lv_kafka_conn_call(client, conn, LV_KAFKA_LIST_OFFSETS, &request, &client->scratch,
                              &response, err));
    for (int t = 0; t < response.topics.count; t++)
        for (int p = 0; p < response.topics.at[t].partitions.count; p++) {
            const lv_kafka_list_offsets_response_partition *answer =
                &response.topics.at[t].partitions.at[p];
            if (answer->error_code != 0)
                return lv_kafka_fail(answer->error_code, response.topics.at[t].name,
                                     answer->partition, err);
            for (int i = 0; i < count; i++)
                if (positions[i].partition == answer->partition &&
                    lv_str_eq(positions[i].topic, response.topics.at[t].name))
                    positions[i].offset = answer->offset;
        }
    return LV_OK;
}

static lv_status learn_all_leaders(lv_kafka_client *client, const lv_kafka_position *positions,
                                   int count, lv_error *err)
{
    for (int i = 0; i < count; i++)
        if (lv_kafka_leader(client, positions[i].topic, positions[i].partition) < 0) {
            LV_TRY(lv_kafka_learn_leaders(client, positions[i].topic, err));
            if (lv_kafka_leader(client, positions[i].topic, positions[i].partition) < 0)
                return LV_FAIL(err, LV_UNKNOWN_TOPIC, "topic %.*s has no partition %d",
                               LV_STR_ARG(positions[i].topic), positions[i].partition);
        }
    return LV_OK;
}

static lv_status list_offsets_once(lv_kafka_client *client, lv_kafka_position *positions, int count,
                                   lv_error *err)
{
    LV_TRY(learn_all_leaders(client, positions, count, err));
    lv_arena_reset(&client->scratch);
    for (int i = 0; i < count; i++) {
        int32_t leader = lv_kafka_leader(client, positions[i].topic, positions[i].partition);
        bool done = false;
        for (int k = 0; k < i && !done; k++)
            done = lv_kafka_leader(client, positions[k].topic, positions[k].partition) == leader;
        if (!done)
            LV_TRY(list_offsets_of(client, leader, positions, count, err));
    }
    return LV_OK;
}

lv_status lv_kafka_list_offsets(lv_kafka_client *client, lv_kafka_position *positions, int count,
                                lv_error *err)
{
    lv_kafka_retry retry = lv_kafka_retry_begin(client);
    lv_status status;
    while ((status = list_offsets_once(client, positions, count, err)) != LV_OK &&
           lv_kafka_retry_again(&retry, status, err))
        lv_kafka_forget_leaders(client);
    return status;
}

/* ---- writing
 * ---------------------------------------------------------------------------------------- */

lv_status lv_kafka_create_topic(lv_kafka_client *client, lv_str name, int32_t partitions,
                                int64_t timeout_ms, lv_error *err)
{
    lv_kafka_conn *conn;
    lv_arena_reset(&client->scratch);
    LV_TRY(add_bootstrap_servers(client, err));
    LV_TRY(lv_kafka_conn_open(client, -1, &conn, err));
    lv_kafka_create_topics_request request = lv_kafka_create_topics_request_default();
    lv_kafka_create_topics_topic topic = lv_kafka_create_topics_topic_default();
    lv_kafka_create_topics_response response;
    topic.name = name;
    topic.num_partitions = partitions;
    request.topics.at = &topic;
    request.topics.count = 1;
    request.timeout_ms = (int32_t)timeout_ms;
    LV_TRY(lv_kafka_conn_call(client, conn, LV_KAFKA_CREATE_TOPICS, &request, &client->scratch,
                              &response, err));
    int16_t code = response.topics.count == 1 ? response.topics.at[0].error_code : 0;
    return code == 0 || code == LV_KAFKA_ERROR_TOPIC_ALREADY_EXISTS
               ? LV_OK
               : lv_kafka_fail(code, name, -1, err);
}

static lv_status produce_once(lv_kafka_client *client, lv_str topic, int32_t partition,
                              lv_str batches, int16_t acks, int64_t *base_offset, lv_error *err)
{
    lv_kafka_position position = {.topic = topic, .partition = partition};
    lv_kafka_conn *conn;
    LV_TRY(learn_all_leaders(client, &position, 1, err));
    LV_TRY(lv_kafka_conn_open(client, lv_kafka_leader(client, topic, partition), &conn, err));
    lv_arena_reset(&client->scratch);
    lv_kafka_produce_request request = lv_kafka_produce_request_default();
    lv_kafka_produce_request_partition part = {.partition = partition, .records = batches};
    lv_kafka_produce_request_topic entry = {.name = topic, .partitions = {&part, 1}};
    lv_kafka_produce_response response;
    request.acks = acks;
    request.timeout_ms = 30000;
    request.topics.at = &entry;
    request.topics.count = 1;
    if (acks == 0) {
        int16_t version;
        return lv_kafka_conn_send(client, conn, LV_KAFKA_PRODUCE, &request, &version,
                                  lv_mono_ns() + client->options.request_timeout_ms * 1000000, err);
    }
    LV_TRY(lv_kafka_conn_call(client, conn, LV_KAFKA_PRODUCE, &request, &client->scratch, &response,
                              err));
    if (response.topics.count != 1 || response.topics.at[0].partitions.count != 1)
        return LV_FAIL(err, LV_KAFKA_PROTOCOL, "Produce was answered for %d topics instead of one",
                       response.topics.count);
    const lv_kafka_produce_response_partition *answer = &response.topics.at[0].partitions.at[0];
    if (answer->error_code != 0)
        return lv_kafka_fail(answer->error_code, topic, partition, err);
    if (base_offset != NULL)
        *base_offset = answer->base_offset;
    return LV_OK;
}

lv_status lv_kafka_produce(lv_kafka_client *client, lv_str topic, int32_t partition, lv_str batches,
                           int16_t acks, int64_t *base_offset, lv_error *err)
{
    lv_kafka_retry retry = lv_kafka_retry_begin(client);
    lv_status status;
    while ((status = produce_once(client, topic, partition, batches, acks, base_offset, err)) !=
               LV_OK &&
           lv_kafka_retry_again(&retry, status, err))
        lv_kafka_forget_leaders(client);
    return status;
}

/* ---- waiting
 * ---------------------------------------------------------------------------------------- */

/* Asks one leader to answer when any of its partitions has news. */
static lv_status send_long_poll(lv_kafka_client *client, lv_kafka_conn *conn,
                                const lv_kafka_position *positions, int count, int64_t timeout_ms,
                                lv_error *err)
{
    lv_kafka_fetch_request request = lv_kafka_fetch_request_default();
    request.max_wait_ms = (int32_t)timeout_ms;
    request.min_bytes = 1;
    request.max_bytes = 1;
    request.topics.at = LV_NEW_ARRAY(&client->scratch, lv_kafka_fetch_request_topic, count);
    for (int i = 0; i < count; i++) {
        if (lv_kafka_leader(client, positions[i].topic, positions[i].partition) != conn->node_id)
            continue;
        lv_kafka_fetch_request_partition *p =
            LV_NEW(&client->scratch, lv_kafka_fetch_request_partition);
        *p = lv_kafka_fetch_request_partition_default();
        p->partition = positions[i].partition;
        p->fetch_offset = positions[i].offset;
        p->partition_max_bytes = 1;
        request.topics.at[request.topics.count++] =
            (lv_kafka_fetch_request_topic){.name = positions[i].topic, .partitions = {p, 1}};
    }
    int16_t version;
    LV_TRY(lv_kafka_conn_send(client, conn, LV_KAFKA_FETCH, &request, &version,
                              lv_mono_ns() + 10000000000, err));
    conn->in_flight = true;
    return LV_OK;
}

static lv_status wait_once(lv_kafka_client *client, const lv_kafka_position *positions, int count,
                           int64_t timeout_ms, lv_error *err)
{
    struct pollfd fds[64];
    lv_kafka_conn *conns[64];
    int n = 0;
    LV_TRY(learn_all_leaders(client, positions, count, err));
    lv_arena_reset(&client->scratch);
    for (int i = 0; i < count && n < 64; i++) {
        lv_kafka_conn *conn;
        bool known = false;
        LV_TRY(lv_kafka_conn_open(
            client, lv_kafka_leader(client, positions[i].topic, positions[i].partition), &conn,
            err));
        for (int k = 0; k < n; k++)
            known |= conns[k] == conn;
        if (known)
            continue;
        if (!conn->in_flight) /* else the question asked last time is still open, and as good */
            LV_TRY(send_long_poll(client, conn, positions, count, timeout_ms, err));
        conns[n] = conn;
        fds[n++] = (struct pollfd){.fd = conn->fd, .events = POLLIN};
    }
    if (poll(fds, (nfds_t)n, (int)timeout_ms + 1000) <= 0)
        return LV_OK;
    for (int k = 0; k < n; k++) {
        if (fds[k].revents == 0)
            continue;
        lv_kafka_fetch_response response;
        int16_t version = LV_MIN(lv_kafka_api_get(LV_KAFKA_FETCH)->max_version,
                                 conns[k]->max_version[LV_KAFKA_FETCH]);
        conns[k]->in_flight = false;
        lv_status status =
            lv_kafka_conn_receive(conns[k], LV_KAFKA_FETCH, version, &client->scratch, &response,
                                  lv_mono_ns() + 10000000000, err);
        if (status != LV_OK) {
            lv_kafka_conn_close(conns[k]);
            return status;
        }
    }
    return LV_OK;
}

lv_status lv_kafka_wait_for_data(lv_kafka_client *client, const lv_kafka_position *positions,
                                 int count, int64_t timeout_ms, lv_error *err)
{
    lv_status status = wait_once(client, positions, count, timeout_ms, err);
    if (status != LV_UNAVAILABLE && status != LV_TIMED_OUT)
        return status;
    /* Waiting is only a hint: the request that follows meets the same broker and reports what is
     * wrong. */
    lv_kafka_forget_leaders(client);
    if (err != NULL)
        lv_error_clear(err);
    lv_sleep_us(LV_MIN(timeout_ms, (int64_t)50) * 1000);
    return LV_OK;
}
