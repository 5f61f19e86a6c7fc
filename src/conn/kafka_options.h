/* kafka_options.h: the options of Spark's Kafka source, and offsets as its JSON. Private to conn/.
 */
#ifndef LV_CONN_KAFKA_OPTIONS_H
#define LV_CONN_KAFKA_OPTIONS_H

#include "conn/conn.h"
#include "kafka/client.h"

/** An offset of a topic partition. */
typedef struct lv_topic_offset {
    lv_str topic;
    int32_t partition;
    int64_t offset; /* -1 latest, -2 earliest where that is allowed */
} lv_topic_offset;

/** Offsets sorted by topic and partition. */
typedef struct lv_topic_offsets {
    lv_topic_offset *at;
    int count;
} lv_topic_offsets;

/** The offset of a partition, or NULL. */
const lv_topic_offset *lv_topic_offsets_find(const lv_topic_offsets *offsets, lv_str topic,
                                             int32_t partition);
void lv_topic_offsets_sort(lv_topic_offsets *offsets);
/** Reads {"topic":{"0":5}}; everything in `arena`. `what` names the text in an error. */
LV_MUST_USE lv_status lv_topic_offsets_parse(lv_arena *arena, lv_str json, const char *what,
                                             lv_topic_offsets *offsets, lv_error *err);
/** Writes them as Spark's JsonUtils does: topics and partitions ascending, no blanks. */
void lv_topic_offsets_print(const lv_topic_offsets *offsets, lv_sbuf *out);

typedef enum lv_kafka_start {
    LV_KAFKA_START_LATEST,
    LV_KAFKA_START_EARLIEST,
    LV_KAFKA_START_OFFSETS,
    LV_KAFKA_START_TIMES
} lv_kafka_start;

typedef struct lv_kafka_source_options {
    lv_kafka_options client;
    const lv_str *topics; /* subscribe */
    int topic_count;
    lv_topic_offsets assigned; /* assign; offsets unused */
    bool is_assign;
    lv_kafka_start start;
    lv_topic_offsets start_offsets; /* START_OFFSETS: offsets; START_TIMES: ms per partition */
    int64_t start_time_ms;          /* START_TIMES for all partitions; -1: per partition */
    bool latest_without_match;      /* startingOffsetsByTimestampStrategy=latest */
    int64_t patience_ms; /* how long a topic that is not there is waited for: fetchOffset.* */
    int64_t max_offsets_per_trigger; /* 0: no limit */
    bool fail_on_data_loss;
    bool include_headers;
    lv_str description;
} lv_kafka_source_options;

/** Checks and reads options; texts are copied to `arena`. */
LV_MUST_USE lv_status lv_kafka_source_options_read(lv_arena *arena, const lv_options *options,
                                                   lv_kafka_source_options *out, lv_error *err);

#endif
