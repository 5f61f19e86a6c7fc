/* broker_int.h: between broker.c and the request handlers. */
#ifndef LV_HUB_BROKER_INT_H
#define LV_HUB_BROKER_INT_H

#include "hub/broker.h"

/* One request on its way to an answer. */
typedef struct lv_exchange {
    lv_broker *broker;
    lv_session *session;
    lv_arena *arena; /* the session's */
    lv_kafka_request_header header;
    const void *request; /* decoded, in the arena */
} lv_exchange;

/* Encodes the answer to the request of `exchange` into the session's outbox. */
void lv_exchange_answer(const lv_exchange *exchange, const void *response);

typedef lv_served (*lv_request_handler)(const lv_exchange *exchange);

lv_served lv_handle_api_versions(const lv_exchange *exchange);
lv_served lv_handle_find_coordinator(const lv_exchange *exchange);
lv_served lv_handle_sasl_handshake(const lv_exchange *exchange);
lv_served lv_handle_sasl_authenticate(const lv_exchange *exchange);
lv_served lv_handle_metadata(const lv_exchange *exchange);
lv_served lv_handle_create_topics(const lv_exchange *exchange);
lv_served lv_handle_delete_topics(const lv_exchange *exchange);
lv_served lv_handle_describe_configs(const lv_exchange *exchange);
lv_served lv_handle_produce(const lv_exchange *exchange);
lv_served lv_handle_init_producer_id(const lv_exchange *exchange);
lv_served lv_handle_fetch(const lv_exchange *exchange);
lv_served lv_handle_list_offsets(const lv_exchange *exchange);

/* SASL tokens of handshake version 0 come as bare frames, without a request header. */
lv_served lv_handle_raw_sasl(lv_broker *broker, lv_session *session, lv_str token);

/* Remembers that a partition grew in this turn. */
void lv_broker_note_change(lv_broker *broker, lv_partition *partition);
/* Takes back lv_broker_note_change, because the partition goes away. */
void lv_broker_forget(lv_broker *broker, lv_partition *partition);

/* request_fetch.c: fetches that wait. */
void lv_fetches_partition_grew(lv_broker *broker, lv_partition *partition, int64_t bytes);
/* Has every fetch that waits for the partition looked at again, because it goes away. */
void lv_fetches_wake(lv_broker *broker, lv_partition *partition);
void lv_fetches_settle(lv_broker *broker, void (*answered)(lv_session *session));
void lv_fetch_cancel(lv_fetch *fetch);

#endif
