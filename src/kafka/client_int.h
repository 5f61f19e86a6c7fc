/* client_int.h: connections of a client. Private to kafka/. */
#ifndef LV_KAFKA_CLIENT_INT_H
#define LV_KAFKA_CLIENT_INT_H

#include "kafka/client.h"

enum { LV_KAFKA_API_KEYS = 64, LV_KAFKA_FRAME_MAX_BYTES = 512 << 20 };

/** A connection to one broker. fd is -1 while it is closed. */
typedef struct lv_kafka_conn {
    int32_t node_id; /* -1: a bootstrap server */
    lv_str host;
    int port;
    int fd;
    int32_t next_correlation;
    int16_t min_version[LV_KAFKA_API_KEYS]; /* of the broker; max below min: not offered */
    int16_t max_version[LV_KAFKA_API_KEYS];
    lv_sbuf in; /* the frame received last */
    lv_sbuf out;
    bool in_flight; /* a fetch was sent whose answer was not read */
} lv_kafka_conn;

struct lv_kafka_client {
    lv_arena arena; /* options, hosts */
    lv_kafka_options options;
    lv_kafka_conn **conns;
    int conn_count;
    lv_arena scratch;             /* of one request */
    struct leader_entry *leaders; /* known leaders; open list */
    int leader_count, leader_capacity;
};

/** Where a partition's leader was last seen; -1 if unknown. */
int32_t lv_kafka_leader(lv_kafka_client *client, lv_str topic, int32_t partition);
/** Forgets all leaders, so that the next request asks for them. */
void lv_kafka_forget_leaders(lv_kafka_client *client);
/** Makes sure that the leaders of a topic are known. */
LV_MUST_USE lv_status lv_kafka_learn_leaders(lv_kafka_client *client, lv_str topic, lv_error *err);

/** The open connection to a broker: connected, versions known, authenticated. */
LV_MUST_USE lv_status lv_kafka_conn_open(lv_kafka_client *client, int32_t node_id,
                                         lv_kafka_conn **conn, lv_error *err);
void lv_kafka_conn_close(lv_kafka_conn *conn);
/** Sends a request in the best common version, which goes to *version. */
LV_MUST_USE lv_status lv_kafka_conn_send(lv_kafka_client *client, lv_kafka_conn *conn,
                                         lv_kafka_api_key key, const void *request,
                                         int16_t *version, int64_t deadline_ns, lv_error *err);
/** Receives a frame into conn->in and decodes it; strings of `response` lie there, arrays in
 * `arena`. */
LV_MUST_USE lv_status lv_kafka_conn_receive(lv_kafka_conn *conn, lv_kafka_api_key key,
                                            int16_t version, lv_arena *arena, void *response,
                                            int64_t deadline_ns, lv_error *err);
/** Send and receive. An error closes the connection. */
LV_MUST_USE lv_status lv_kafka_conn_call(lv_kafka_client *client, lv_kafka_conn *conn,
                                         lv_kafka_api_key key, const void *request, lv_arena *arena,
                                         void *response, lv_error *err);

/** Retries with backoff and jitter until a deadline. */
typedef struct lv_kafka_retry {
    int64_t deadline_ns;
    int64_t pause_ms;
} lv_kafka_retry;
lv_kafka_retry lv_kafka_retry_begin(const lv_kafka_client *client);
/** Whether the request may be tried again after this failure; pauses before it says yes, and clears
 * `err`. */
bool lv_kafka_retry_again(lv_kafka_retry *retry, lv_status status, lv_error *err);
/** The error of an answer's error code; retriable ones have status UNAVAILABLE. */
lv_status lv_kafka_fail(int16_t code, lv_str topic, int32_t partition, lv_error *err);

#endif
