/* client.h: a Kafka client for an engine that keeps its own offsets: no groups, no background
 * threads.
 *
 * A client belongs to one thread. It holds one connection per broker, opened when first needed; a
 * request whose connection breaks or whose leader moved is repeated with backoff until the
 * deadline. Versions are the highest that the broker and this codec share.
 *
 * Why not librdkafka: it queues, counts and frees every message by itself, which costs five times
 * what fetching, decompressing and walking whole batches costs. */
#ifndef LV_KAFKA_CLIENT_H
#define LV_KAFKA_CLIENT_H

#include "base/status.h"
#include "kafka/protocol.h"

typedef struct lv_kafka_options {
    lv_str bootstrap_servers; /* host:port, comma-separated */
    lv_str client_id;         /* empty: levada */
    bool sasl_plain;
    lv_str sasl_username;
    lv_str sasl_password;
    int64_t request_timeout_ms; /* 0: 60000, the deadline of an operation with all its tries */
    int64_t connect_timeout_ms; /* 0: 10000 */
} lv_kafka_options;

typedef struct lv_kafka_client lv_kafka_client;

typedef struct lv_kafka_partition {
    int32_t partition;
    int32_t leader_id;
} lv_kafka_partition;
typedef struct lv_kafka_topic {
    lv_str name;
    int count;
    lv_kafka_partition *partitions; /* ascending */
} lv_kafka_topic;

/** What offsets are asked for, and where the answer goes. */
typedef struct lv_kafka_position {
    lv_str topic;
    int32_t partition;
    int64_t timestamp; /* in: -1 latest, -2 earliest, else ms: the first record not older */
    int64_t offset;    /* out: -1 if no record is that young */
} lv_kafka_position;

/** Copies the options; connects when first needed. */
lv_kafka_client *lv_kafka_client_new(const lv_kafka_options *options);
void lv_kafka_client_free(lv_kafka_client *client);

/** The partitions of topics and their leaders, in `arena`, in the order asked. UNKNOWN_TOPIC names
 * a topic that does not exist; nothing is created unless `create`. */
LV_MUST_USE lv_status lv_kafka_get_topics(lv_kafka_client *client, lv_arena *arena,
                                          const lv_str *names, int count, bool create,
                                          lv_kafka_topic *topics, lv_error *err);
/** Fills the offsets of all positions, one request per leader. UNKNOWN_TOPIC also names a partition
 *  that does not exist. */
LV_MUST_USE lv_status lv_kafka_list_offsets(lv_kafka_client *client, lv_kafka_position *positions,
                                            int count, lv_error *err);
/** Makes a topic; one that exists is no error. */
LV_MUST_USE lv_status lv_kafka_create_topic(lv_kafka_client *client, lv_str name,
                                            int32_t partitions, int64_t timeout_ms, lv_error *err);
/** Gets an identity for an idempotent producer: batches that carry it, and the next sequence number
 *  of their partition, are stored once however often lv_kafka_produce has to repeat itself. */
LV_MUST_USE lv_status lv_kafka_init_producer(lv_kafka_client *client, int64_t *producer_id,
                                             int16_t *producer_epoch, lv_error *err);
/** Appends an encoded record batch (or several) and waits for the answer; acks as in Produce: 1 or
 *  -1. *base_offset may be NULL; it is -1 for a batch that an earlier try had stored already. A
 * batch without a producer's identity may be stored twice if an answer is lost. */
LV_MUST_USE lv_status lv_kafka_produce(lv_kafka_client *client, lv_str topic, int32_t partition,
                                       lv_str batches, int16_t acks, int64_t *base_offset,
                                       lv_error *err);
/** Returns when a partition has records from its offset on, or after `timeout_ms`; *positions are
 * not changed. The wait is the brokers' (a Fetch that they hold back), so it costs nothing. It is
 * only a hint, so it returns early rather than fail when a broker is away: what is asked next says
 * what is wrong. Use a client of its own: its connections are busy meanwhile. */
LV_MUST_USE lv_status lv_kafka_wait_for_data(lv_kafka_client *client,
                                             const lv_kafka_position *positions, int count,
                                             int64_t timeout_ms, lv_error *err);

#endif
