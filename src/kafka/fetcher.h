/* fetcher.h: reading ranges of topic partitions as fast as the broker sends them.
 *
 * One connection per leader, one request in flight on each. An answer is received whole; the batch
 * headers in it tell the next offsets; the next request goes out before any record is looked at, so
 * the broker works while we do. Then batch after batch is checked, decompressed into a reused
 * buffer, and walked into slices.
 *
 * Records are never copied: a chunk's values lie in the receive or decompression buffers until the
 * next call. A failure that may pass (connection, leader) rewinds every range to behind the last
 * record that was handed out, so nothing is lost or comes twice. For one thread. */
#ifndef LV_KAFKA_FETCHER_H
#define LV_KAFKA_FETCHER_H

#include "kafka/client.h"
#include "kafka/records.h"

typedef struct lv_kafka_range {
    lv_str topic;
    int32_t partition;
    int64_t from;  /* first offset wanted */
    int64_t until; /* offset after the last */
} lv_kafka_range;

typedef struct lv_kafka_chunk {
    int range;           /* index of the range that the records belong to */
    bool is_append_time; /* their timestamps are the broker's, not the producer's */
    int64_t count;       /* records in the slices */
} lv_kafka_chunk;

typedef struct lv_kafka_fetcher_options {
    int32_t max_wait_ms;         /* 0: 500 */
    int32_t partition_max_bytes; /* 0: 1 MiB */
    bool skip_crc;
    bool skip_lost; /* offsets that are gone are skipped instead of failing */
} lv_kafka_fetcher_options;

typedef struct lv_kafka_fetcher lv_kafka_fetcher;

/** A fetcher over a client of its own, which it frees. */
lv_kafka_fetcher *lv_kafka_fetcher_new(lv_kafka_client *client,
                                       const lv_kafka_fetcher_options *options);
void lv_kafka_fetcher_free(lv_kafka_fetcher *fetcher);
/** Begins to read ranges (copied), each of another partition; what was left of earlier ones is
 *  dropped. Nothing is sent yet. */
void lv_kafka_fetcher_open(lv_kafka_fetcher *fetcher, const lv_kafka_range *ranges, int count);
/** The next records of one range, at most `room`, into slices[0..). Offsets of a range grow; they
 * may have gaps (compaction, transactions). chunk->count 0: all ranges are read. At least
 *  LV_KAFKA_PADDING bytes behind each slice can be read. KAFKA_DATA_LOSS if offsets of a range are
 *  gone and !skip_lost, UNKNOWN_TOPIC if the topic is, KAFKA_PROTOCOL for damaged batches;
 * UNAVAILABLE or TIMED_OUT after the client's request timeout without a record. */
LV_MUST_USE lv_status lv_kafka_fetch_next(lv_kafka_fetcher *fetcher, const lv_record_slices *slices,
                                          int64_t room, lv_kafka_chunk *chunk, lv_error *err);

#endif
