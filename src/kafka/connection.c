/* connection.c: connections: opening with version look-up and SASL PLAIN, one request after
 * another. */
#include <stdlib.h>
#include <unistd.h>

#include "base/check.h"
#include "kafka/client_int.h"
#include "net/net.h"
#include "os/os.h"

void lv_kafka_conn_close(lv_kafka_conn *conn)
{
    if (conn->fd >= 0)
        close(conn->fd);
    conn->fd = -1;
    conn->in_flight = false;
}

static int64_t request_deadline(const lv_kafka_client *client)
{
    return lv_mono_ns() + client->options.request_timeout_ms * 1000000;
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
                              int16_t version, const void *request, int64_t deadline_ns,
                              lv_error *err)
{
    lv_sbuf_clear(&conn->out);
    lv_kafka_request_encode(&conn->out, key, version, ++conn->next_correlation,
                            client->options.client_id, request, NULL);
    return lv_net_send(conn->fd, conn->out.ptr, conn->out.len, deadline_ns, err);
}

lv_status lv_kafka_conn_send(lv_kafka_client *client, lv_kafka_conn *conn, lv_kafka_api_key key,
                             const void *request, int16_t *version, int64_t deadline_ns,
                             lv_error *err)
{
    LV_TRY(pick_version(conn, key, version, err));
    return send_version(client, conn, key, *version, request, deadline_ns, err);
}

lv_status lv_kafka_conn_receive(lv_kafka_conn *conn, lv_kafka_api_key key, int16_t version,
                                lv_arena *arena, void *response, int64_t deadline_ns, lv_error *err)
{
    uint8_t prefix[4];
    LV_TRY(lv_net_receive(conn->fd, prefix, sizeof prefix, deadline_ns, err));
    lv_rd rd = lv_rd_of(prefix, sizeof prefix);
    int32_t size = lv_rd_i32be(&rd);
    if (size < 4 || size > LV_KAFKA_FRAME_MAX_BYTES)
        return LV_FAIL(
            err, LV_KAFKA_PROTOCOL,
            "%.*s:%d answered with a frame of %d bytes; is it a Kafka broker, and without TLS?",
            LV_STR_ARG(conn->host), conn->port, size);
    lv_sbuf_clear(&conn->in);
    lv_sbuf_reserve(&conn->in, (size_t)size + 64);
    LV_TRY(lv_net_receive(conn->fd, conn->in.ptr, (size_t)size, deadline_ns, err));
    conn->in.len = (size_t)size;
    int32_t correlation;
    LV_TRY(lv_kafka_response_decode(lv_sbuf_str(&conn->in), key, version, arena, &correlation,
                                    response, err));
    if (correlation != conn->next_correlation)
        return LV_FAIL(err, LV_KAFKA_PROTOCOL, "%.*s:%d answered request %d instead of %d",
                       LV_STR_ARG(conn->host), conn->port, correlation, conn->next_correlation);
    return LV_OK;
}

static lv_status call_version(lv_kafka_client *client, lv_kafka_conn *conn, lv_kafka_api_key key,
                              int16_t version, const void *request, lv_arena *arena, void *response,
                              lv_error *err)
{
    int64_t deadline_ns = request_deadline(client);
    LV_ASSERT(!conn->in_flight);
    lv_status status = send_version(client, conn, key, version, request, deadline_ns, err);
    if (status == LV_OK)
        status = lv_kafka_conn_receive(conn, key, version, arena, response, deadline_ns, err);
    if (status != LV_OK) {
        lv_error_context(err, "broker %.*s:%d, %s", LV_STR_ARG(conn->host), conn->port,
                         lv_kafka_api_get((int16_t)key)->name);
        lv_kafka_conn_close(conn);
    }
    return status;
}

lv_status lv_kafka_conn_call(lv_kafka_client *client, lv_kafka_conn *conn, lv_kafka_api_key key,
                             const void *request, lv_arena *arena, void *response, lv_error *err)
{
    int16_t version;
    LV_TRY(pick_version(conn, key, &version, err));
    return call_version(client, conn, key, version, request, arena, response, err);
}

/* ---- opening ------------------------------------------------------------------------------------
 */

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
    LV_TRY(
        lv_net_connect(conn->host, conn->port, client->options.connect_timeout_ms, &conn->fd, err));
    lv_status status = learn_versions(client, conn, err);
    if (status == LV_OK && client->options.sasl_plain)
        status = authenticate(client, conn, err);
    if (status != LV_OK)
        lv_kafka_conn_close(conn);
    return status;
}

lv_status lv_kafka_conn_open(lv_kafka_client *client, int32_t node_id, lv_kafka_conn **out,
                             lv_error *err)
{
    lv_error cause = LV_ERROR_INIT;
    for (int i = 0; i < client->conn_count; i++) {
        lv_kafka_conn *conn = client->conns[i];
        bool wanted = node_id >= 0 ? conn->node_id == node_id : true;
        if (!wanted)
            continue;
        if (node_id >= 0)
            lv_error_clear(&cause);
        if (open_conn(client, conn, &cause) == LV_OK) {
            *out = conn;
            return LV_OK;
        }
        if (cause.status == LV_AUTHENTICATION)
            break;
    }
    if (cause.status == LV_OK)
        return LV_FAIL(err, LV_UNAVAILABLE, "broker %d is not known", node_id);
    if (err != NULL && err->status == LV_OK)
        *err = cause;
    return cause.status;
}

/* ---- failures
 * ------------------------------------------------------------------------------------ */

lv_status lv_kafka_fail(int16_t code, lv_str topic, int32_t partition, lv_error *err)
{
    lv_status status = code == LV_KAFKA_ERROR_UNKNOWN_TOPIC_OR_PARTITION   ? LV_UNKNOWN_TOPIC
                       : code == LV_KAFKA_ERROR_TOPIC_AUTHORIZATION_FAILED ? LV_AUTHENTICATION
                       : lv_kafka_error_is_retriable(code)                 ? LV_UNAVAILABLE
                                                                           : LV_KAFKA_PROTOCOL;
    if (topic.ptr == NULL)
        return LV_FAIL(err, status, "the broker answered %s", lv_kafka_error_name(code));
    if (partition < 0)
        return LV_FAIL(err, status, "topic %.*s: %s", LV_STR_ARG(topic), lv_kafka_error_name(code));
    return LV_FAIL(err, status, "topic %.*s, partition %d: %s", LV_STR_ARG(topic), partition,
                   lv_kafka_error_name(code));
}

lv_kafka_retry lv_kafka_retry_begin(const lv_kafka_client *client)
{
    return (lv_kafka_retry){request_deadline(client), 20};
}

bool lv_kafka_retry_again(lv_kafka_retry *retry, lv_status status, lv_error *err)
{
    bool passing = status == LV_UNAVAILABLE || status == LV_TIMED_OUT || status == LV_IO;
    if (!passing || lv_mono_ns() + retry->pause_ms * 1000000 >= retry->deadline_ns)
        return false;
    int64_t jitter = (int64_t)(lv_random_u64() % (uint64_t)(retry->pause_ms / 2 + 1));
    lv_sleep_us((retry->pause_ms / 2 + jitter) * 1000);
    retry->pause_ms = LV_MIN(retry->pause_ms * 2, (int64_t)1000);
    if (err != NULL)
        lv_error_clear(err);
    return true;
}
