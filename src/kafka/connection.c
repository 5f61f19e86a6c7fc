/* connection.c: connections: opening with version look-up and SASL PLAIN, one request after
 * another. */
#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "base/check.h"
#include "kafka/client_int.h"
#include "net/net.h"
#include "os/os.h"

enum { FIRST_FRAME_MAX_BYTES = 1 << 20, PAUSE_FIRST_MS = 20, PAUSE_MOST_MS = 1000 };

void lv_kafka_conn_close(lv_kafka_conn *conn)
{
    if (conn->fd >= 0)
        close(conn->fd);
    conn->fd = -1;
    conn->in_flight = false;
}

/* Makes `conn` the last one to be tried when any broker will do. */
static void put_last(lv_kafka_client *client, lv_kafka_conn *conn)
{
    int at = 0;
    while (client->conns[at] != conn)
        at++;
    memmove(&client->conns[at], &client->conns[at + 1],
            sizeof client->conns[0] * (size_t)(client->conn_count - at - 1));
    client->conns[client->conn_count - 1] = conn;
}

/* After a failure: the next try goes to another broker if it can. */
static void give_up(lv_kafka_client *client, lv_kafka_conn *conn)
{
    lv_kafka_conn_close(conn);
    put_last(client, conn);
}

/* The highest version that both sides speak. */
static lv_status pick_version(const lv_kafka_conn *conn, lv_kafka_api_key key, int16_t *version,
                              lv_error *err)
{
    const lv_kafka_api *api = lv_kafka_api_get((int16_t)key);
    int16_t low = LV_MAX(api->min_version, conn->min_version[key]),
            high = LV_MIN(api->max_version, conn->max_version[key]);
    if (low > high)
        return LV_FAIL(err, LV_KAFKA_PROTOCOL,
                       "broker %.*s:%d offers versions %d to %d of %s, this client %d to %d",
                       LV_STR_ARG(conn->host), conn->port, conn->min_version[key],
                       conn->max_version[key], api->name, api->min_version, api->max_version);
    *version = high;
    return LV_OK;
}

static lv_status send_version(lv_kafka_client *client, lv_kafka_conn *conn, lv_kafka_api_key key,
                              int16_t version, const void *request, lv_error *err)
{
    lv_sbuf_clear(&conn->out);
    lv_kafka_request_encode(&conn->out, key, version, ++conn->sent, client->options.client_id,
                            request, NULL);
    return lv_net_send(conn->fd, conn->out.ptr, conn->out.len, client->deadline_ns, err);
}

lv_status lv_kafka_conn_send(lv_kafka_client *client, lv_kafka_conn *conn, lv_kafka_api_key key,
                             const void *request, int16_t *version, lv_error *err)
{
    LV_TRY(pick_version(conn, key, version, err));
    return send_version(client, conn, key, *version, request, err);
}

/* Receives a frame into conn->in. The first one must be small: what another protocol's server sends
 * would read as a large size, of bytes that never come. */
static lv_status receive_frame(const lv_kafka_client *client, lv_kafka_conn *conn, lv_error *err)
{
    /* Half of the time, so that a broker that hangs leaves some to ask another one. Until it has
     * answered once it is as good as not connected. */
    int64_t patience_ms = client->options.request_timeout_ms / 2;
    if (!conn->is_kafka)
        patience_ms = LV_MIN(patience_ms, client->options.connect_timeout_ms);
    int64_t deadline_ns = LV_MIN(lv_mono_ns() + patience_ms * 1000000, client->deadline_ns);
    uint8_t prefix[4];
    LV_TRY(lv_net_receive(conn->fd, prefix, sizeof prefix, deadline_ns, err));
    lv_rd rd = lv_rd_of(prefix, sizeof prefix);
    int32_t size = lv_rd_i32be(&rd);
    if (size < 4 || size > (conn->is_kafka ? LV_KAFKA_FRAME_MAX_BYTES : FIRST_FRAME_MAX_BYTES))
        return LV_FAIL(
            err, LV_KAFKA_PROTOCOL,
            "%.*s:%d answered with a frame of %d bytes; is it a Kafka broker, and without TLS?",
            LV_STR_ARG(conn->host), conn->port, size);
    lv_sbuf_clear(&conn->in);
    lv_sbuf_reserve(&conn->in, (size_t)size + LV_KAFKA_PADDING);
    LV_TRY(lv_net_receive(conn->fd, conn->in.ptr, (size_t)size, deadline_ns, err));
    memset(conn->in.ptr + size, 0, LV_KAFKA_PADDING);
    conn->in.len = (size_t)size;
    return LV_OK;
}

lv_status lv_kafka_conn_receive(lv_kafka_client *client, lv_kafka_conn *conn, lv_kafka_api_key key,
                                int16_t version, lv_arena *arena, void *response, lv_error *err)
{
    LV_TRY(receive_frame(client, conn, err));
    lv_rd rd = lv_rd_of(conn->in.ptr, conn->in.len);
    int32_t correlation = lv_rd_i32be(&rd);
    if (correlation != conn->sent)
        return LV_FAIL(err, LV_KAFKA_PROTOCOL, "%.*s:%d answered request %d instead of %d",
                       LV_STR_ARG(conn->host), conn->port, correlation, conn->sent);
    LV_TRY(lv_kafka_response_decode(lv_sbuf_str(&conn->in), key, version, arena, &correlation,
                                    response, err));
    conn->is_kafka = true;
    return LV_OK;
}

void lv_kafka_conn_context(const lv_kafka_conn *conn, lv_kafka_api_key key, lv_error *err)
{
    lv_error_context(err, "broker %.*s:%d, %s", LV_STR_ARG(conn->host), conn->port,
                     lv_kafka_api_get((int16_t)key)->name);
}

static lv_status call_version(lv_kafka_client *client, lv_kafka_conn *conn, lv_kafka_api_key key,
                              int16_t version, const void *request, lv_arena *arena, void *response,
                              lv_error *err)
{
    lv_status status = send_version(client, conn, key, version, request, err);
    if (status == LV_OK)
        status = lv_kafka_conn_receive(client, conn, key, version, arena, response, err);
    if (status != LV_OK) {
        lv_kafka_conn_context(conn, key, err);
        give_up(client, conn);
    }
    return status;
}

static lv_status open_conn(lv_kafka_client *client, lv_kafka_conn *conn, lv_error *err);

lv_status lv_kafka_conn_call(lv_kafka_client *client, lv_kafka_conn *conn, lv_kafka_api_key key,
                             const void *request, lv_arena *arena, void *response, lv_error *err)
{
    int16_t version;
    if (conn->in_flight)
        lv_kafka_conn_close(conn);
    LV_TRY(open_conn(client, conn, err));
    LV_TRY(pick_version(conn, key, &version, err));
    return call_version(client, conn, key, version, request, arena, response, err);
}

/* ---- opening --------------------------------------------------------------------------------- */

static lv_status learn_versions(lv_kafka_client *client, lv_kafka_conn *conn, lv_error *err)
{
    lv_kafka_api_versions_request request = lv_kafka_api_versions_request_default();
    lv_kafka_api_versions_response response;
    LV_TRY(call_version(client, conn, LV_KAFKA_API_VERSIONS, 0, &request, &client->scratch,
                        &response, err));
    if (response.error_code != 0)
        return lv_kafka_fail(response.error_code, LV_STR_NONE, -1, err);
    for (int i = 0; i < LV_KAFKA_API_KEYS; i++)
        conn->max_version[i] = -1;
    for (int i = 0; i < response.api_keys.count; i++) {
        const lv_kafka_api_version_range *range = &response.api_keys.at[i];
        if (range->api_key >= 0 && range->api_key < LV_KAFKA_API_KEYS) {
            conn->min_version[range->api_key] = range->min_version;
            conn->max_version[range->api_key] = range->max_version;
        }
    }
    return LV_OK;
}

/* RFC 4616: [authorisation id] NUL user NUL password. */
static lv_status authenticate(lv_kafka_client *client, lv_kafka_conn *conn, lv_error *err)
{
    lv_kafka_sasl_handshake_request handshake = lv_kafka_sasl_handshake_request_default();
    lv_kafka_sasl_handshake_response shaken;
    handshake.mechanism = LV_STR("PLAIN");
    LV_TRY(lv_kafka_conn_call(client, conn, LV_KAFKA_SASL_HANDSHAKE, &handshake, &client->scratch,
                              &shaken, err));
    if (shaken.error_code != 0)
        return LV_FAIL(err, LV_AUTHENTICATION, "broker %.*s:%d does not offer SASL PLAIN (%s)",
                       LV_STR_ARG(conn->host), conn->port, lv_kafka_error_name(shaken.error_code));
    lv_sbuf token = LV_SBUF_INIT;
    lv_sbuf_add_char(&token, '\0');
    lv_sbuf_add_str(&token, client->options.sasl_username);
    lv_sbuf_add_char(&token, '\0');
    lv_sbuf_add_str(&token, client->options.sasl_password);
    lv_kafka_sasl_authenticate_request request = lv_kafka_sasl_authenticate_request_default();
    lv_kafka_sasl_authenticate_response response;
    request.auth_bytes = lv_sbuf_str(&token);
    lv_status status = lv_kafka_conn_call(client, conn, LV_KAFKA_SASL_AUTHENTICATE, &request,
                                          &client->scratch, &response, err);
    lv_sbuf_release(&token);
    LV_TRY(status);
    if (response.error_code != 0)
        return LV_FAIL(err, LV_AUTHENTICATION, "broker %.*s:%d refuses the user name or password",
                       LV_STR_ARG(conn->host), conn->port);
    return LV_OK;
}

static lv_status open_conn(lv_kafka_client *client, lv_kafka_conn *conn, lv_error *err)
{
    if (conn->fd >= 0)
        return LV_OK;
    int64_t left_ms = (client->deadline_ns - lv_mono_ns()) / 1000000;
    int64_t timeout_ms = LV_MAX(LV_MIN(left_ms, client->options.connect_timeout_ms), (int64_t)1);
    conn->is_kafka = false;
    lv_status status = lv_net_connect(conn->host, conn->port, timeout_ms, &conn->fd, err);
    if (status == LV_OK)
        status = learn_versions(client, conn, err);
    if (status == LV_OK && client->options.sasl_plain)
        status = authenticate(client, conn, err);
    if (status != LV_OK)
        give_up(client, conn);
    return status;
}

static lv_status open_known_broker(lv_kafka_client *client, int32_t node_id, lv_kafka_conn **out,
                                   lv_error *err)
{
    for (int i = 0; i < client->conn_count; i++)
        if (client->conns[i]->node_id == node_id) {
            *out = client->conns[i];
            return open_conn(client, *out, err);
        }
    return LV_FAIL(err, LV_UNAVAILABLE, "broker %d is not known", node_id);
}

lv_status lv_kafka_conn_open(lv_kafka_client *client, int32_t node_id, lv_kafka_conn **out,
                             lv_error *err)
{
    if (node_id >= 0)
        return open_known_broker(client, node_id, out, err);
    for (int i = 0; i < client->conn_count; i++)
        if (client->conns[i]->fd >= 0 && !client->conns[i]->in_flight) {
            *out = client->conns[i];
            return LV_OK;
        }
    LV_ASSERT(client->conn_count > 0);
    lv_error cause = LV_ERROR_INIT; /* the first: the next servers' are mostly the same */
    for (int tries = client->conn_count; tries > 0; tries--) {
        lv_kafka_conn *conn = client->conns[0]; /* which goes to the end if it fails */
        lv_error failure = LV_ERROR_INIT;
        if (open_conn(client, conn, &failure) == LV_OK) {
            *out = conn;
            return LV_OK;
        }
        if (cause.status == LV_OK || failure.status == LV_AUTHENTICATION)
            cause = failure;
        if (failure.status == LV_AUTHENTICATION)
            break;
    }
    if (err != NULL && err->status == LV_OK)
        *err = cause;
    return cause.status;
}

/* ---- fetches --------------------------------------------------------------------------------- */

/* Partitions of one topic that follow each other share an entry. */
static void add_position(lv_arena *arena, const lv_kafka_fetch_spec *spec, int i,
                         lv_kafka_fetch_request *request)
{
    const lv_kafka_position *at = &spec->positions[i];
    lv_kafka_fetch_request_topic *topic =
        request->topics.count > 0 ? &request->topics.at[request->topics.count - 1] : NULL;
    if (topic == NULL || !lv_str_eq(topic->name, at->topic)) {
        topic = &request->topics.at[request->topics.count++];
        *topic = (lv_kafka_fetch_request_topic){.name = at->topic};
        topic->partitions.at =
            LV_NEW_ARRAY(arena, lv_kafka_fetch_request_partition, spec->count - i);
    }
    lv_kafka_fetch_request_partition *p = &topic->partitions.at[topic->partitions.count++];
    *p = lv_kafka_fetch_request_partition_default();
    p->partition = at->partition;
    p->fetch_offset = at->offset;
    p->partition_max_bytes = spec->partition_max_bytes;
}

lv_status lv_kafka_fetch_send(lv_kafka_client *client, lv_kafka_conn *conn,
                              const lv_kafka_fetch_spec *spec, lv_error *err)
{
    lv_arena *scratch = &client->scratch;
    lv_kafka_fetch_request request = lv_kafka_fetch_request_default();
    request.max_wait_ms = spec->max_wait_ms;
    request.min_bytes = 1;
    request.max_bytes = spec->max_bytes;
    request.topics.at = LV_NEW_ARRAY(scratch, lv_kafka_fetch_request_topic, spec->count);
    for (int i = 0; i < spec->count; i++)
        add_position(scratch, spec, i, &request);
    lv_status status =
        lv_kafka_conn_send(client, conn, LV_KAFKA_FETCH, &request, &conn->asked_version, err);
    if (status != LV_OK) {
        lv_kafka_conn_context(conn, LV_KAFKA_FETCH, err);
        give_up(client, conn);
        return status;
    }
    conn->in_flight = true;
    conn->asked_count = spec->count;
    return LV_OK;
}

lv_status lv_kafka_fetch_receive(lv_kafka_client *client, lv_kafka_conn *conn, lv_arena *arena,
                                 lv_kafka_fetch_response *response, lv_error *err)
{
    lv_status status = lv_kafka_conn_receive(client, conn, LV_KAFKA_FETCH, conn->asked_version,
                                             arena, response, err);
    conn->in_flight = false;
    if (status == LV_OK && response->error_code != 0)
        status = lv_kafka_fail(response->error_code, LV_STR_NONE, -1, err);
    if (status != LV_OK) {
        lv_kafka_conn_context(conn, LV_KAFKA_FETCH, err);
        give_up(client, conn);
    }
    return status;
}

lv_status lv_kafka_fetch_poll(lv_kafka_client *client, int64_t timeout_ms, lv_kafka_conn **conn,
                              lv_error *err)
{
    struct pollfd *fds = LV_NEW_ARRAY(&client->scratch, struct pollfd, client->conn_count);
    int64_t end_ns = lv_mono_ns() + timeout_ms * 1000000;
    *conn = NULL;
    for (;;) {
        int count = 0;
        for (int i = 0; i < client->conn_count; i++)
            if (client->conns[i]->in_flight)
                fds[count++] = (struct pollfd){.fd = client->conns[i]->fd, .events = POLLIN};
        int64_t left_ms = (end_ns - lv_mono_ns() + 999999) / 1000000;
        int n = poll(fds, (nfds_t)count, (int)LV_MAX(left_ms, (int64_t)0));
        if (n < 0 && errno != EINTR)
            return LV_FAIL(err, LV_IO, "poll: %s", strerrordesc_np(errno));
        if (n > 0)
            break;
        if (n == 0)
            return LV_OK;
    }
    for (int i = 0, k = 0; i < client->conn_count; i++) {
        lv_kafka_conn *c = client->conns[i];
        if (!c->in_flight || fds[k++].revents == 0)
            continue;
        put_last(client, c); /* so that all get their turn */
        *conn = c;
        return LV_OK;
    }
    return LV_OK;
}

/* ---- failures -------------------------------------------------------------------------------- */

lv_status lv_kafka_fail(int16_t code, lv_str topic, int32_t partition, lv_error *err)
{
    bool is_unknown = code == LV_KAFKA_ERROR_UNKNOWN_TOPIC_OR_PARTITION;
    lv_status status = is_unknown && partition < 0                         ? LV_UNKNOWN_TOPIC
                       : code == LV_KAFKA_ERROR_TOPIC_AUTHORIZATION_FAILED ? LV_AUTHENTICATION
                       : is_unknown || lv_kafka_error_is_retriable(code)   ? LV_UNAVAILABLE
                                                                           : LV_KAFKA_PROTOCOL;
    if (topic.ptr == NULL)
        return LV_FAIL(err, status, "the broker answered %s", lv_kafka_error_name(code));
    if (status == LV_UNKNOWN_TOPIC) {
        lv_error_hint(err, "check its name; who writes to it or an administrator makes it");
        return LV_FAIL(err, status, "topic %.*s does not exist", LV_STR_ARG(topic));
    }
    if (partition < 0)
        return LV_FAIL(err, status, "topic %.*s: %s", LV_STR_ARG(topic), lv_kafka_error_name(code));
    return LV_FAIL(err, status, "topic %.*s, partition %d: %s", LV_STR_ARG(topic), partition,
                   lv_kafka_error_name(code));
}

void lv_kafka_begin(lv_kafka_client *client)
{
    client->deadline_ns = lv_mono_ns() + client->options.request_timeout_ms * 1000000;
    client->pause_ms = PAUSE_FIRST_MS;
}

bool lv_kafka_again(lv_kafka_client *client, lv_status status, lv_error *err)
{
    bool passing = status == LV_UNAVAILABLE || status == LV_TIMED_OUT || status == LV_IO;
    int64_t pause_ms = client->pause_ms;
    if (!passing || lv_mono_ns() + pause_ms * 1000000 >= client->deadline_ns)
        return false;
    int64_t jitter_ms = (int64_t)(lv_random_u64() % (uint64_t)(pause_ms / 2 + 1));
    lv_sleep_us((pause_ms / 2 + jitter_ms) * 1000);
    client->pause_ms = LV_MIN(pause_ms * 2, (int64_t)PAUSE_MOST_MS);
    lv_kafka_forget_leaders(client);
    if (err != NULL)
        lv_error_clear(err);
    return true;
}
