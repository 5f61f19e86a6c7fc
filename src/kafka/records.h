/* records.h: what is inside a record batch (message format 2): reading and making records.
 *
 *    0 int64  base offset             27 int64  base timestamp
 *    8 int32  length of what follows  35 int64  max timestamp
 *   12 int32  leader epoch            43 int64  producer id
 *   16 int8   magic 2                 51 int16  producer epoch
 *   17 uint32 CRC-32C from 21 on      53 int32  base sequence
 *   21 int16  attributes: codec 0-2,  57 int32  record count
 *             append time 3, trans-   61 records, compressed as a whole:
 *             actional 4, control 5      varint length, int8 attributes, varint timestamp delta,
 *   23 int32  last offset delta          varint offset delta, varint key length (-1: null), key,
 *                                        varint value length (-1: null), value, headers
 *
 * Records are handed out as slices, never copied. Whatever the bytes are, nothing outside them is
 * read, and offsets only grow. Source: Apache Kafka's record batch format. */
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
    LV_KAFKA_BATCH_MAX_BYTES = 256 << 20,   /* a length beyond is refused */
    LV_KAFKA_PADDING = 64,                  /* readable bytes behind decompressed records */
    LV_KAFKA_INFLATED_MAX_BYTES = 256 << 20 /* a batch that inflates to more is refused */
};

/** A batch's header. */
typedef struct lv_record_batch {
    int64_t base_offset;
    int64_t next_offset; /* of the record after the batch */
    int64_t size_bytes;  /* with the header */
    lv_kafka_codec codec;
    bool is_control;
    bool is_append_time; /* all records have max_timestamp_ms */
    int64_t base_timestamp_ms;
    int64_t max_timestamp_ms;
    int32_t record_count;
    lv_str records; /* as stored */
} lv_record_batch;

/** Reads the batch at the start of `bytes`. *complete is false, and nothing else is written, when
 * the bytes end within it: Kafka cuts the last batch of an answer. KAFKA_PROTOCOL for what is no
 * batch, a bad CRC, or the formats before 0.11. */
LV_MUST_USE lv_status lv_record_batch_read(lv_str bytes, bool check_crc, lv_record_batch *batch,
                                           bool *complete, lv_error *err);

typedef struct lv_inflater lv_inflater;
/** Contexts of all codecs, made when first used. For one thread. */
lv_inflater *lv_inflater_new(void);
void lv_inflater_free(lv_inflater *inflater);
/** The batch's records, decompressed behind what `out` holds (LV_KAFKA_PADDING bytes follow them);
 * records that are not compressed are handed back as they are. `out` may move. KAFKA_PROTOCOL for
 * damaged data. */
LV_MUST_USE lv_status lv_inflate(lv_inflater *inflater, const lv_record_batch *batch, lv_sbuf *out,
                                 lv_str *records, lv_error *err);

/** Columns that a walk fills; arrays of the caller with room for what it asks. NULL arrays are left
 * out. */
typedef struct lv_record_slices {
    lv_str *values; /* ptr NULL: null */
    lv_str *keys;
    int64_t *offsets;
    int64_t *timestamps_ms;
} lv_record_slices;

/** A walk over the records of one batch. */
typedef struct lv_record_walk {
    lv_rd rd;
    int32_t left;        /* records not yet looked at; 0: the walk is over */
    int64_t next_offset; /* after the record looked at last */
    int64_t base_offset;
    int64_t end_offset; /* of the batch */
    int64_t base_timestamp_ms;
    int64_t fixed_timestamp_ms;
    bool is_append_time; /* all records have fixed_timestamp_ms */
} lv_record_walk;

void lv_record_walk_begin(lv_record_walk *walk, const lv_record_batch *batch, lv_str records);
/** Fills slices[at..) with the records of offsets from <= o < until, at most `room`; *filled says
 *  how many. Offsets grow from record to record and stay within the batch. The walk is over (left
 *  0) behind the batch's last record and at the first one beyond `until`. KAFKA_PROTOCOL for
 * damaged data; the slices are then of no use. */
LV_MUST_USE lv_status lv_record_walk_next(lv_record_walk *walk, int64_t from, int64_t until,
                                          const lv_record_slices *slices, int64_t at, int64_t room,
                                          int64_t *filled, lv_error *err);

/* ---- making batches -------------------------------------------------------------------------- */

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
void lv_batch_builder_add(lv_batch_builder *builder, int64_t timestamp_ms, lv_str key,
                          lv_str value);
/** Bytes of the records so far, before compression. */
static inline size_t lv_batch_builder_size(const lv_batch_builder *builder)
{
    return builder->records.len;
}
/** Appends the batch to `out` (base offset 0) and starts anew. `producer_id`, `producer_epoch` and
 *  `base_sequence` are an idempotent producer's, -1 without. At least one record. USAGE if the
 * batch is larger than its format can say. */
LV_MUST_USE lv_status lv_batch_builder_finish(lv_batch_builder *builder, lv_kafka_codec codec,
                                              int64_t producer_id, int16_t producer_epoch,
                                              int32_t base_sequence, lv_sbuf *out, lv_error *err);

#endif
