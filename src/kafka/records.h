/* records.h: what is inside a record batch (message format 2): reading and making records.
 *
 *    0 int64 base offset | 8 int32 length | 12 int32 leader epoch | 16 int8 magic 2 | 17 uint32 CRC-32C of what follows
 *   21 int16 attributes (bits 0-2 codec, 3 append time, 4 transactional, 5 control) | 23 int32 last offset delta
 *   27 int64 base timestamp | 35 int64 max timestamp | 43 int64 producer id | 51 int16 epoch | 53 int32 base sequence
 *   57 int32 record count | 61 records, compressed as a whole:
 *      varint length, int8 attributes, varint timestamp delta, varint offset delta, varint key length (-1 null), key,
 *      varint value length (-1 null), value, varint header count, headers
 *
 * Records are handed out as slices, never copied. Source: Apache Kafka's record batch format. */
#ifndef LV_KAFKA_RECORDS_H
#define LV_KAFKA_RECORDS_H

#include "base/bytes.h"
#include "base/status.h"

typedef enum lv_kafka_codec {
    LV_KAFKA_NONE,
    LV_KAFKA_GZIP,
    LV_KAFKA_SNAPPY,
    LV_KAFKA_LZ4,
    LV_KAFKA_ZSTD,
    LV_KAFKA_CODEC_COUNT
} lv_kafka_codec;

/** "none", "gzip", "snappy", "lz4", "zstd"; false otherwise. */
bool lv_kafka_codec_parse(lv_str name, lv_kafka_codec *codec);

enum {
    LV_KAFKA_BATCH_HEADER_SIZE = 61,
    LV_KAFKA_PADDING = 64,                  /* readable bytes behind decompressed records */
    LV_KAFKA_INFLATED_MAX_BYTES = 256 << 20 /* a batch that inflates to more is refused */
};

/** A batch's header. */
typedef struct lv_record_batch {
    int64_t base_offset;
    int64_t next_offset;  /* of the record after the batch */
    int64_t size_bytes;   /* with the header */
    lv_kafka_codec codec;
    bool is_control;
    bool is_append_time;  /* all records have max_timestamp_ms */
    int64_t base_timestamp_ms;
    int64_t max_timestamp_ms;
    int32_t record_count;
    lv_str records;       /* as stored */
} lv_record_batch;

/** Reads the batch at the start of `bytes`. *complete is false, and nothing else is written, when the bytes end within it: Kafka
 *  cuts the last batch of an answer. KAFKA_PROTOCOL for what is no batch, a bad CRC, or the formats before 0.11. */
LV_MUST_USE lv_status lv_record_batch_read(lv_str bytes, bool check_crc, lv_record_batch *batch, bool *complete, lv_error *err);

typedef struct lv_inflater lv_inflater;
/** Contexts of all codecs, made when first used. For one thread. */
lv_inflater *lv_inflater_new(void);
void lv_inflater_free(lv_inflater *inflater);
/** The batch's records, decompressed behind what `out` holds (LV_KAFKA_PADDING bytes follow them); records that are not
 *  compressed are handed back as they are. `out` may move. KAFKA_PROTOCOL for damaged data. */
LV_MUST_USE lv_status lv_inflate(lv_inflater *inflater, const lv_record_batch *batch, lv_sbuf *out, lv_str *records, lv_error *err);

/** Columns that a walk fills; arrays of the caller with room for what it asks. NULL arrays are left out. */
typedef struct lv_record_slices {
    lv_str *values; /* ptr NULL: null */
    lv_str *keys;
    int64_t *offsets;
    int64_t *timestamps_ms;
} lv_record_slices;

/** A walk over the records of one batch. */
typedef struct lv_record_walk {
    lv_rd rd;
    int32_t left;
    int64_t next_offset;        /* after the record handed out last */
    int64_t base_offset;
    int64_t base_timestamp_ms;
    int64_t fixed_timestamp_ms; /* append time; -1: each record its own */
} lv_record_walk;

void lv_record_walk_begin(lv_record_walk *walk, const lv_record_batch *batch, lv_str records);
/** Fills slices[at..) with records of offsets from <= o < until, at most `room`; *filled says how many. The walk ends (left 0) at the
 *  first record beyond `until`. KAFKA_PROTOCOL for damaged data. */
LV_MUST_USE lv_status lv_record_walk_next(lv_record_walk *walk, int64_t from, int64_t until, const lv_record_slices *slices, int64_t at,
                                          int64_t room, int64_t *filled, lv_error *err);

/* ---- making batches ------------------------------------------------------------------------- */

/** Collects records and makes a batch of them. */
typedef struct lv_batch_builder {
    lv_sbuf records;
    lv_sbuf packed;
    int32_t count;
    int64_t first_timestamp_ms;
    int64_t max_timestamp_ms;
    struct lv_deflater *deflater;
} lv_batch_builder;

void lv_batch_builder_init(lv_batch_builder *builder);
void lv_batch_builder_release(lv_batch_builder *builder);
/** Adds a record; ptr NULL is a null key or value. */
void lv_batch_builder_add(lv_batch_builder *builder, int64_t timestamp_ms, lv_str key, lv_str value);
/** Bytes of the records so far, before compression. */
static inline size_t lv_batch_builder_size(const lv_batch_builder *builder)
{
    return builder->records.len;
}
/** Appends the batch to `out` (base offset 0) and starts anew. `producer_id` -1: not idempotent. At least one record. */
LV_MUST_USE lv_status lv_batch_builder_finish(lv_batch_builder *builder, lv_kafka_codec codec, int64_t producer_id,
                                              int16_t producer_epoch, int32_t base_sequence, lv_sbuf *out, lv_error *err);

#endif
