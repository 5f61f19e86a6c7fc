/* producers.h: what a partition remembers of idempotent producers, to store each batch once.
 *
 * A producer numbers its records per partition (sequence), and sends a batch again when it saw no
 * answer. The partition keeps the last five batches of each producer: a batch that is one of them
 * is a duplicate and is answered with the offset it got the first time; one that continues the
 * numbering is new; anything else is out of order. Source: KIP-98 and Apache Kafka's
 * ProducerStateManager (five batches, because a producer has at most five requests in flight).
 *
 * The state follows from the log. A snapshot beside a segment saves reading older ones:
 *
 *   "LVPS", int32 version 1, int32 count, then per producer
 *   int64 id, int16 epoch, int64 last_seen_ms, int8 batches, per batch (oldest first)
 *   int32 first_sequence, int32 last_sequence, int64 base_offset; at last int32 CRC-32C of all
 *
 * @thread one at a time. */
#ifndef LV_HUB_PRODUCERS_H
#define LV_HUB_PRODUCERS_H

#include "base/status.h"
#include "base/str.h"

enum { LV_PRODUCER_BATCHES = 5, LV_PRODUCERS_MAX = 100000 };

typedef struct lv_producer_batch {
    int32_t first_sequence;
    int32_t last_sequence;
    int64_t base_offset;
} lv_producer_batch;

typedef struct lv_producer {
    int64_t id;
    int64_t last_seen_ms;
    int16_t epoch;
    uint8_t batch_count;
    lv_producer_batch batches[LV_PRODUCER_BATCHES]; /* oldest first */
} lv_producer;

/** A hash table by producer id. All zero is empty. */
typedef struct lv_producers {
    lv_producer *slots; /* owned; id -1 is a free slot */
    size_t capacity;    /* a power of two, or 0 */
    size_t count;
} lv_producers;

/** What a batch header says of its producer; id -1 when the producer is not idempotent. */
typedef struct lv_producer_claim {
    int64_t id;
    int16_t epoch;
    int32_t first_sequence;
    int32_t record_count;
} lv_producer_claim;

void lv_producers_release(lv_producers *producers);
/** Judges a batch before it is appended: error code NONE (append it, then lv_producers_record it),
 *  DUPLICATE_SEQUENCE_NUMBER (stored before, at `*base_offset`), OUT_OF_ORDER_SEQUENCE_NUMBER or
 *  INVALID_PRODUCER_EPOCH. A producer that is not known may begin anywhere: its earlier batches may
 *  have been deleted. */
int16_t lv_producers_check(const lv_producers *producers, const lv_producer_claim *claim,
                           int64_t *base_offset);
/** Remembers a batch that now is in the log. */
void lv_producers_record(lv_producers *producers, const lv_producer_claim *claim,
                         int64_t base_offset, int64_t now_ms);
/** Forgets producers not seen since `before_ms`. */
void lv_producers_expire(lv_producers *producers, int64_t before_ms);
/** Appends a snapshot. */
void lv_producers_encode(const lv_producers *producers, lv_sbuf *out);
/** Reads a snapshot into an empty table. Status CORRUPT; then the table stays empty. */
LV_MUST_USE lv_status lv_producers_decode(lv_producers *producers, lv_str snapshot, lv_error *err);

#endif
