/* client.c: see client.h. Every operation is: find leaders, one request per leader, retry what may
 * pass. */
#include "kafka/client.h"

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

static lv_status add_conn(lv_kafka_client *client, int32_t node_id, lv_str host, int port,
                          lv_error *err)
{
    if (client->conn_count == LV_KAFKA_CONNS_MAX)
        return LV_FAIL(err, LV_KAFKA_PROTOCOL, "the cluster has more than %d brokers",
                       LV_KAFKA_CONNS_MAX);
    if (client->conn_count == client->conn_capacity) {
        int more = LV_MAX(client->conn_capacity * 2, 8);
        client->conns = lv_arena_grow(&client->arena, client->conns,
                                      sizeof client->conns[0] * (size_t)client->conn_count,
                                      sizeof client->conns[0] * (size_t)more);
        client->conn_capacity = more;
    }
    lv_kafka_conn *conn = LV_NEW(&client->arena, lv_kafka_conn);
    *conn = (lv_kafka_conn){
        .node_id = node_id, .host = lv_str_dup(&client->arena, host), .port = port, .fd = -1};
    client->conns[client->conn_count++] = conn;
    return LV_OK;
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

static lv_kafka_conn *find_conn(const lv_kafka_client *client, lv_str host, int port)
{
    for (int i = 0; i < client->conn_count; i++)
        if (client->conns[i]->port == port && lv_str_eq(client->conns[i]->host, host))
            return client->conns[i];
    return NULL;
}

/* All bootstrap servers that are no known broker's address: also those whose broker has moved away.
 */
static lv_status add_bootstrap_servers(lv_kafka_client *client, lv_error *err)
{
    lv_str rest = client->options.bootstrap_servers, address, host;
    int port;
    while (lv_str_split(&rest, ',', &address)) {
        if (lv_str_trim(address).len == 0)
            continue;
        LV_TRY(lv_net_address_parse(address, &host, &port, err));
        if (find_conn(client, host, port) == NULL)
            LV_TRY(add_conn(client, -1, host, port, err));
    }
    return client->conn_count > 0 ? LV_OK : LV_FAIL(err, LV_USAGE, "no bootstrap server is given");
}

/* The connection to any broker. */
static lv_status open_any(lv_kafka_client *client, lv_kafka_conn **conn, lv_error *err)
{
    LV_TRY(add_bootstrap_servers(client, err));
    return lv_kafka_conn_open(client, -1, conn, err);
}

/* ---- metadata -------------------------------------------------------------------------------- */

/* Brokers may be known by another address than the one asked: their own counts. */
static lv_status note_broker(lv_kafka_client *client, const lv_kafka_metadata_broker *broker,
                             lv_error *err)
{
    if (broker->node_id < 0)
        return LV_FAIL(err, LV_KAFKA_PROTOCOL, "Metadata names a broker %d", broker->node_id);
    for (int i = 0; i < client->conn_count; i++) {
        lv_kafka_conn *conn = client->conns[i];
        if (conn->node_id != broker->node_id)
            continue;
        if (!lv_str_eq(conn->host, broker->host) || conn->port != broker->port) {
            lv_kafka_conn_close(conn);
            conn->host = lv_str_dup(&client->arena, broker->host);
            conn->port = broker->port;
        }
        return LV_OK;
    }
    lv_kafka_conn *bootstrap = find_conn(client, broker->host, broker->port);
    if (bootstrap != NULL && bootstrap->node_id == -1)
        bootstrap->node_id = broker->node_id; /* the connection serves on as that broker's */
    else
        return add_conn(client, broker->node_id, broker->host, broker->port, err);
    return LV_OK;
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

static int32_t known_leader(const lv_kafka_client *client, lv_str topic, int32_t partition)
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
    LV_TRY(open_any(client, &conn, err));
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
        LV_TRY(note_broker(client, &response->brokers.at[i], err));
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
    lv_status status, reason;
    lv_kafka_begin(client);
    do {
        status = get_topics_once(client, arena, names, count, create, topics, err);
        /* a topic that is being made is unknown for a while */
        reason = status == LV_UNKNOWN_TOPIC && create ? LV_UNAVAILABLE : status;
    } while (status != LV_OK && lv_kafka_again(client, reason, err));
    return status;
}

lv_status lv_kafka_find_leader(lv_kafka_client *client, lv_str topic, int32_t partition,
                               int32_t *node_id, lv_error *err)
{
    *node_id = known_leader(client, topic, partition);
    if (*node_id >= 0)
        return LV_OK;
    lv_kafka_topic found;
    lv_arena arena;
    lv_arena_init(&arena);
    lv_status status = get_topics_once(client, &arena, &topic, 1, false, &found, err);
    lv_arena_release(&arena);
    LV_TRY(status);
    *node_id = known_leader(client, topic, partition);
    if (*node_id < 0)
        return LV_FAIL(err, LV_UNKNOWN_TOPIC, "topic %.*s has no partition %d", LV_STR_ARG(topic),
                       partition);
    return LV_OK;
}

/* The leaders of all positions, on the heap. */
static lv_status find_leaders(lv_kafka_client *client, const lv_kafka_position *positions,
                              int count, int32_t **leaders, lv_error *err)
{
    int32_t *found = malloc(sizeof *found * (size_t)LV_MAX(count, 1));
    LV_ASSERT(found != NULL);
    for (int i = 0; i < count; i++) {
        lv_status status = lv_kafka_find_leader(client, positions[i].topic, positions[i].partition,
                                                &found[i], err);
        if (status != LV_OK) {
            free(found);
            return status;
        }
    }
    *leaders = found;
    return LV_OK;
}

/* Whether position `i` is the first of its leader: then the leader's request is made. */
static bool is_first_of_leader(const int32_t *leaders, int i)
{
    for (int k = 0; k < i; k++)
        if (leaders[k] == leaders[i])
            return false;
    return true;
}

/* ---- offsets --------------------------------------------------------------------------------- */

static void ask_position(lv_arena *arena, const lv_kafka_position *at, int count,
                         lv_kafka_list_offsets_request *request)
{
    lv_kafka_list_offsets_request_topic *topic = NULL;
    for (int t = 0; t < request->topics.count && topic == NULL; t++)
        if (lv_str_eq(request->topics.at[t].name, at->topic))
            topic = &request->topics.at[t];
    if (topic == NULL) {
        topic = &request->topics.at[request->topics.count++];
        *topic = (lv_kafka_list_offsets_request_topic){.name = at->topic};
        topic->partitions.at = LV_NEW_ARRAY(arena, lv_kafka_list_offsets_request_partition, count);
    }
    lv_kafka_list_offsets_request_partition *p = &topic->partitions.at[topic->partitions.count++];
    *p = lv_kafka_list_offsets_request_partition_default();
    p->partition = at->partition;
    p->timestamp = at->timestamp;
}

static lv_status take_offset(const lv_kafka_list_offsets_response_partition *answer, lv_str topic,
                             lv_kafka_position *positions, int count, int *taken, lv_error *err)
{
    if (answer->error_code != 0)
        return lv_kafka_fail(answer->error_code, topic, answer->partition, err);
    for (int i = 0; i < count; i++)
        if (positions[i].partition == answer->partition && lv_str_eq(positions[i].topic, topic)) {
            positions[i].offset = answer->offset;
            ++*taken;
        }
    return LV_OK;
}

static lv_status list_offsets_of(lv_kafka_client *client, int32_t node_id, const int32_t *leaders,
                                 lv_kafka_position *positions, int count, lv_error *err)
{
    lv_kafka_list_offsets_request request = lv_kafka_list_offsets_request_default();
    lv_kafka_list_offsets_response response;
    lv_kafka_conn *conn;
    int asked = 0, taken = 0;
    lv_arena_reset(&client->scratch);
    request.topics.at = LV_NEW_ARRAY(&client->scratch, lv_kafka_list_offsets_request_topic, count);
    for (int i = 0; i < count; i++)
        if (leaders[i] == node_id) {
            ask_position(&client->scratch, &positions[i], count, &request);
            asked++;
        }
    LV_TRY(lv_kafka_conn_open(client, node_id, &conn, err));
    LV_TRY(lv_kafka_conn_call(client, conn, LV_KAFKA_LIST_OFFSETS, &request, &client->scratch,
                              &response, err));
    lv_status status = LV_OK;
    for (int t = 0; t < response.topics.count && status == LV_OK; t++)
        for (int p = 0; p < response.topics.at[t].partitions.count && status == LV_OK; p++)
            status = take_offset(&response.topics.at[t].partitions.at[p],
                                 response.topics.at[t].name, positions, count, &taken, err);
    if (status == LV_OK && taken != asked)
        status = LV_FAIL(err, LV_KAFKA_PROTOCOL, "%d partitions were answered for, not %d", taken,
                         asked);
    if (status != LV_OK)
        lv_kafka_conn_context(conn, LV_KAFKA_LIST_OFFSETS, err);
    return status;
}

static lv_status list_offsets_once(lv_kafka_client *client, lv_kafka_position *positions, int count,
                                   lv_error *err)
{
    int32_t *leaders;
    lv_status status = find_leaders(client, positions, count, &leaders, err);
    LV_TRY(status);
    for (int i = 0; i < count && status == LV_OK; i++)
        if (is_first_of_leader(leaders, i))
            status = list_offsets_of(client, leaders[i], leaders, positions, count, err);
    free(leaders);
    return status;
}

lv_status lv_kafka_list_offsets(lv_kafka_client *client, lv_kafka_position *positions, int count,
                                lv_error *err)
{
    lv_status status;
    lv_kafka_begin(client);
    do
        status = list_offsets_once(client, positions, count, err);
    while (status != LV_OK && lv_kafka_again(client, status, err));
    return status;
}

/* ---- writing --------------------------------------------------------------------------------- */

static lv_status create_topic_once(lv_kafka_client *client, lv_str name, int32_t partitions,
                                   int64_t timeout_ms, lv_error *err)
{
    lv_kafka_conn *conn;
    lv_arena_reset(&client->scratch);
    LV_TRY(open_any(client, &conn, err));
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
    if (response.topics.count != 1)
        return LV_FAIL(err, LV_KAFKA_PROTOCOL, "CreateTopics answered for %d topics, not one",
                       response.topics.count);
    int16_t code = response.topics.at[0].error_code;
    return code == 0 || code == LV_KAFKA_ERROR_TOPIC_ALREADY_EXISTS
               ? LV_OK
               : lv_kafka_fail(code, name, -1, err);
}

lv_status lv_kafka_create_topic(lv_kafka_client *client, lv_str name, int32_t partitions,
                                int64_t timeout_ms, lv_error *err)
{
    lv_status status;
    lv_kafka_begin(client);
    do
        status = create_topic_once(client, name, partitions, timeout_ms, err);
    while (status != LV_OK && lv_kafka_again(client, status, err));
    return status;
}

static lv_status init_producer_once(lv_kafka_client *client, int64_t *id, int16_t *epoch,
                                    lv_error *err)
{
    lv_kafka_conn *conn;
    lv_kafka_init_producer_id_request request = lv_kafka_init_producer_id_request_default();
    lv_kafka_init_producer_id_response response;
    lv_arena_reset(&client->scratch);
    LV_TRY(open_any(client, &conn, err));
    LV_TRY(lv_kafka_conn_call(client, conn, LV_KAFKA_INIT_PRODUCER_ID, &request, &client->scratch,
                              &response, err));
    if (response.error_code != 0)
        return lv_kafka_fail(response.error_code, LV_STR_NONE, -1, err);
    *id = response.producer_id;
    *epoch = response.producer_epoch;
    return LV_OK;
}

lv_status lv_kafka_init_producer(lv_kafka_client *client, int64_t *producer_id,
                                 int16_t *producer_epoch, lv_error *err)
{
    lv_status status;
    lv_kafka_begin(client);
    do
        status = init_producer_once(client, producer_id, producer_epoch, err);
    while (status != LV_OK && lv_kafka_again(client, status, err));
    return status;
}

static lv_status produce_once(lv_kafka_client *client, lv_str topic, int32_t partition,
                              lv_str batches, int16_t acks, int64_t *base_offset, lv_error *err)
{
    int32_t leader;
    lv_kafka_conn *conn;
    LV_TRY(lv_kafka_find_leader(client, topic, partition, &leader, err));
    LV_TRY(lv_kafka_conn_open(client, leader, &conn, err));
    lv_arena_reset(&client->scratch);
    lv_kafka_produce_request request = lv_kafka_produce_request_default();
    lv_kafka_produce_request_partition part = {.partition = partition, .records = batches};
    lv_kafka_produce_request_topic entry = {.name = topic, .partitions = {&part, 1}};
    lv_kafka_produce_response response;
    request.acks = acks;
    request.timeout_ms = (int32_t)LV_MIN(client->options.request_timeout_ms / 2, (int64_t)30000);
    request.topics.at = &entry;
    request.topics.count = 1;
    LV_TRY(lv_kafka_conn_call(client, conn, LV_KAFKA_PRODUCE, &request, &client->scratch, &response,
                              err));
    if (response.topics.count != 1 || response.topics.at[0].partitions.count != 1)
        return LV_FAIL(err, LV_KAFKA_PROTOCOL, "Produce was answered for %d topics instead of one",
                       response.topics.count);
    const lv_kafka_produce_response_partition *answer = &response.topics.at[0].partitions.at[0];
    bool is_stored = answer->error_code == LV_KAFKA_ERROR_DUPLICATE_SEQUENCE_NUMBER;
    if (answer->error_code != 0 && !is_stored) {
        lv_status status = lv_kafka_fail(answer->error_code, topic, partition, err);
        lv_kafka_conn_context(conn, LV_KAFKA_PRODUCE, err);
        return status;
    }
    if (base_offset != NULL)
        *base_offset = is_stored ? -1 : answer->base_offset;
    return LV_OK;
}

lv_status lv_kafka_produce(lv_kafka_client *client, lv_str topic, int32_t partition, lv_str batches,
                           int16_t acks, int64_t *base_offset, lv_error *err)
{
    LV_ASSERT(acks != 0); /* which would not be answered */
    lv_status status;
    lv_kafka_begin(client);
    do
        status = produce_once(client, topic, partition, batches, acks, base_offset, err);
    while (status != LV_OK && lv_kafka_again(client, status, err));
    return status;
}

/* ---- waiting --------------------------------------------------------------------------------- */

enum { LONG_POLL_MS = 10000, WAIT_AFTER_ERROR_MS = 50, WAIT_CONNECT_MS = 2000 };

/* Asks a leader to answer when any of its partitions has news. A question that is still open is as
 * good, since offsets only grow, unless partitions have been added; so it stays open over several
 * waits. */
static lv_status ask_leader(lv_kafka_client *client, int32_t node_id, const int32_t *leaders,
                            const lv_kafka_position *positions, int count, lv_error *err)
{
    lv_kafka_conn *conn;
    LV_TRY(lv_kafka_conn_open(client, node_id, &conn, err));
    lv_kafka_position *own = LV_NEW_ARRAY(&client->scratch, lv_kafka_position, count);
    int n = 0;
    for (int i = 0; i < count; i++)
        if (leaders[i] == node_id)
            own[n++] = positions[i];
    if (conn->in_flight && conn->asked_count == n)
        return LV_OK;
    if (conn->in_flight) {
        lv_kafka_conn_close(conn);
        LV_TRY(lv_kafka_conn_open(client, node_id, &conn, err));
    }
    lv_kafka_fetch_spec spec = {LONG_POLL_MS, 1, 1, own, n};
    return lv_kafka_fetch_send(client, conn, &spec, err);
}

static lv_status check_answer(const lv_kafka_fetch_response *response, lv_error *err)
{
    for (int t = 0; t < response->topics.count; t++)
        for (int p = 0; p < response->topics.at[t].partitions.count; p++) {
            const lv_kafka_fetch_response_partition *part =
                &response->topics.at[t].partitions.at[p];
            if (part->error_code != 0)
                return lv_kafka_fail(part->error_code, response->topics.at[t].name, part->partition,
                                     err);
        }
    return LV_OK;
}

static lv_status wait_once(lv_kafka_client *client, const lv_kafka_position *positions, int count,
                           int64_t timeout_ms, lv_error *err)
{
    int32_t *leaders;
    lv_kafka_conn *conn;
    lv_kafka_fetch_response response;
    lv_status status = find_leaders(client, positions, count, &leaders, err);
    LV_TRY(status);
    lv_arena_reset(&client->scratch);
    for (int i = 0; i < count && status == LV_OK; i++)
        if (is_first_of_leader(leaders, i))
            status = ask_leader(client, leaders[i], leaders, positions, count, err);
    free(leaders);
    LV_TRY(status);
    LV_TRY(lv_kafka_fetch_poll(client, timeout_ms, &conn, err));
    if (conn == NULL)
        return LV_OK;
    LV_TRY(lv_kafka_fetch_receive(client, conn, &client->scratch, &response, err));
    return check_answer(&response, err);
}

lv_status lv_kafka_wait_for_data(lv_kafka_client *client, const lv_kafka_position *positions,
                                 int count, int64_t timeout_ms, lv_error *err)
{
    lv_kafka_begin(client);
    /* A broker that hangs may not hold the caller up for a whole request's time. */
    int64_t most_ms = LV_MAX(timeout_ms, (int64_t)WAIT_CONNECT_MS);
    client->deadline_ns = LV_MIN(client->deadline_ns, lv_mono_ns() + most_ms * 1000000);
    lv_status status = wait_once(client, positions, count, timeout_ms, err);
    if (status == LV_OK || status == LV_AUTHENTICATION)
        return status;
    lv_kafka_forget_leaders(client);
    if (err != NULL)
        lv_error_clear(err);
    lv_sleep_us(LV_MIN(timeout_ms, (int64_t)WAIT_AFTER_ERROR_MS) * 1000);
    return LV_OK;
}
