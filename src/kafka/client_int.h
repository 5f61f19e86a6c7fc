/* client_int.h: connections of a client. Private to kafka/. */
#ifndef LV_KAFKA_CLIENT_INT_H
#define LV_KAFKA_CLIENT_INT_H

#include "kafka/client.h"
#include "kafka/records.h"

enum {
    LV_KAFKA_API_KEYS = 64,
    LV_KAFKA_FRAME_MAX_BYTES = 512 << 20,
    LV_KAFKA_CONNS_MAX = 4096 /* brokers and bootstrap servers */
};

/** A connection to one broker. fd is -1 while it is closed. */
typedef struct lv_kafka_conn {
    int32_t node_id; /* -1: a bootstrap server */
    lv_str host;
    int port;
    int fd;
    int32_t sent;                           /* correlation id of the request sent last */
    bool in_flight;                         /* a fetch was sent whose answer was not read */
    bool is_kafka;                          /* it has answered once */
    int16_t asked_version;                  /* of the fetch in flight */
    int asked_count;                        /* partitions it asks for */
    int16_t min_version[LV_KAFKA_API_KEYS]; /* of the broker; max below min: not offered */
    int16_t max_version[LV_KAFKA_API_KEYS];
    lv_sbuf in; /* the frame received last */
    lv_sbuf out;
} lv_kafka_conn;

struct lv_kafka_client {
    lv_arena arena; /* options, hosts */
    lv_kafka_options options;
    lv_kafka_conn **conns; /* in the order in which they are tried when any broker will do */
    int conn_count, conn_capacity;
    lv_arena scratch;             /* of one request */
    struct leader_entry *leaders; /* known leaders; open list */
    int leader_count, leader_capacity;
    int64_t deadline_ns; /* of the operation under way */
    int64_t pause_ms;    /* before its next try */
};

/* ---- operations: tries until a deadline ------------------------------------------------------ */

/** Begins an operation: from now on it has options.request_timeout_ms, all its tries together. */
void lv_kafka_begin(lv_kafka_client *client);
/** Whether the operation may be tried again after this failure. Pauses, with jitter and longer each
 *  time, before it says yes; forgets all leaders and clears `err`. */
bool lv_kafka_again(lv_kafka_client *client, lv_status status, lv_error *err);
/** The error of an answer's error code. Status UNAVAILABLE if another try may succeed; so it is
 * when a partition's broker does not know it: a topic that is gone is seen in the metadata. */
lv_status lv_kafka_fail(int16_t code, lv_str topic, int32_t partition, lv_error *err);

/* ---- leaders --------------------------------------------------------------------------------- */

void lv_kafka_forget_leaders(lv_kafka_client *client);
/** Where a partition's leader was last seen; asks for the topic's metadata if it is not known. */
LV_MUST_USE lv_status lv_kafka_find_leader(lv_kafka_client *client, lv_str topic, int32_t partition,
                                           int32_t *node_id, lv_error *err);

/* ---- connections ----------------------------------------------------------------------------- */

/** The open connection to a broker (node_id -1: to any): connected, versions known, authenticated.
 */
LV_MUST_USE lv_status lv_kafka_conn_open(lv_kafka_client *client, int32_t node_id,
                                         lv_kafka_conn **conn, lv_error *err);
void lv_kafka_conn_close(lv_kafka_conn *conn);
/** Adds broker and API to an error. */
void lv_kafka_conn_context(const lv_kafka_conn *conn, lv_kafka_api_key key, lv_error *err);
/** Sends a request in the best common version, which goes to *version. */
LV_MUST_USE lv_status lv_kafka_conn_send(lv_kafka_client *client, lv_kafka_conn *conn,
                                         lv_kafka_api_key key, const void *request,
                                         int16_t *version, lv_error *err);
/** Receives a frame into conn->in and decodes it; strings of `response` lie there, arrays in
 *  `arena`. */
LV_MUST_USE lv_status lv_kafka_conn_receive(lv_kafka_client *client, lv_kafka_conn *conn,
                                            lv_kafka_api_key key, int16_t version, lv_arena *arena,
                                            void *response, lv_error *err);
/** Send and receive. An error closes the connection; so does a fetch in flight, which is given up.
 */
LV_MUST_USE lv_status lv_kafka_conn_call(lv_kafka_client *client, lv_kafka_conn *conn,
                                         lv_kafka_api_key key, const void *request, lv_arena *arena,
                                         void *response, lv_error *err);

/* ---- fetches --------------------------------------------------------------------------------- */

/** What a Fetch asks of a broker. */
typedef struct lv_kafka_fetch_spec {
    int32_t max_wait_ms;
    int32_t max_bytes;
    int32_t partition_max_bytes;
    const lv_kafka_position *positions; /* `offset` is the first one wanted */
    int count;
} lv_kafka_fetch_spec;

/** Sends a Fetch, whose answer is then in flight. */
LV_MUST_USE lv_status lv_kafka_fetch_send(lv_kafka_client *client, lv_kafka_conn *conn,
                                          const lv_kafka_fetch_spec *spec, lv_error *err);
/** Receives the answer in flight. */
LV_MUST_USE lv_status lv_kafka_fetch_receive(lv_kafka_client *client, lv_kafka_conn *conn,
                                             lv_arena *arena, lv_kafka_fetch_response *response,
                                             lv_error *err);
/** Waits until one of the fetches in flight is answered, at most `timeout_ms`; *conn NULL on
 *  time-out. Brokers take turns when several have answered. */
LV_MUST_USE lv_status lv_kafka_fetch_poll(lv_kafka_client *client, int64_t timeout_ms,
                                          lv_kafka_conn **conn, lv_error *err);

#endif
