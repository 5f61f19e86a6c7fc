/* request_produce.c: appending record batches, and the ids of idempotent producers. */
#include "base/check.h"
#include "base/log.h"
#include "hub/broker_int.h"

enum { AT_MAGIC = 16, CODEC_MASK = 7, CODEC_MAX = 4 };

static int16_t refuse(int16_t error_code, const char *why, lv_str *message)
{
    *message = lv_str_of(why);
    return error_code;
}

/* Everything that can be said of a batch by its header and CRC. As in Kafka, a Produce request of version 3
 * or later holds exactly one batch for each partition. */
static int16_t check_batch(const lv_topic_config *config, lv_str records, lv_stored_batch *batch,
                           lv_str *message)
{
    const uint8_t *bytes = (const uint8_t *)records.ptr;
    if (records.len <= AT_MAGIC)
        return refuse(LV_KAFKA_ERROR_INVALID_RECORD, "a Produce request needs a record batch",
                      message);
    if (bytes[AT_MAGIC] < LV_BATCH_MAGIC)
        return refuse(LV_KAFKA_ERROR_UNSUPPORTED_FOR_MESSAGE_FORMAT,
                      "only message format 2 is stored", message);
    if (records.len < LV_BATCH_HEADER_SIZE || !lv_stored_batch_read(bytes, batch) ||
        (size_t)batch->size_bytes > records.len)
        return refuse(LV_KAFKA_ERROR_CORRUPT_MESSAGE, "the record batch is malformed or cut off",
                      message);
    if ((size_t)batch->size_bytes < records.len)
        return refuse(LV_KAFKA_ERROR_INVALID_RECORD, "more than one record batch for a partition",
                      message);
    if (batch->size_bytes > config->max_message_bytes)
        return refuse(LV_KAFKA_ERROR_MESSAGE_TOO_LARGE,
                      "the record batch is larger than max.message.bytes", message);
    if (!lv_stored_batch_crc_fits(bytes, batch))
        return refuse(LV_KAFKA_ERROR_CORRUPT_MESSAGE, "the record batch does not match its CRC",
                      message);
    if ((batch->attributes & CODEC_MASK) > CODEC_MAX)
        return refuse(LV_KAFKA_ERROR_UNSUPPORTED_COMPRESSION_TYPE, "unknown compression codec",
                      message);
    if (batch->attributes & (LV_BATCH_CONTROL | LV_BATCH_TRANSACTIONAL))
        return refuse(LV_KAFKA_ERROR_INVALID_RECORD, "the hub has no transactions", message);
    if ((int64_t)batch->last_offset_delta + 1 != batch->record_count)
        return refuse(LV_KAFKA_ERROR_INVALID_RECORD, "the record batch has gaps in its offsets",
                      message);
    if (batch->producer_id >= 0 && (batch->producer_epoch < 0 || batch->base_sequence < 0))
        return refuse(LV_KAFKA_ERROR_INVALID_RECORD,
                      "an idempotent record batch needs epoch and sequence", message);
    return LV_KAFKA_ERROR_NONE;
}

static int16_t append(lv_broker *broker, const lv_kafka_produce_request *request, lv_str topic_name,
                      const lv_kafka_produce_request_partition *from,
                      lv_kafka_produce_response_partition *out)
{
    if (request->acks < -1 || request->acks > 1)
        return LV_KAFKA_ERROR_INVALID_REQUIRED_ACKS;
    if (request->transactional_id.ptr)
        return LV_KAFKA_ERROR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED;
    lv_partition *partition = lv_topics_get_partition(&broker->topics, topic_name, from->partition);
    if (partition == NULL)
        return LV_KAFKA_ERROR_UNKNOWN_TOPIC_OR_PARTITION;
    lv_stored_batch batch;
    int16_t error_code = check_batch(partition->config, from->records, &batch, &out->error_message);
    if (error_code != LV_KAFKA_ERROR_NONE)
        return error_code;
    /* The frame is the session's own buffer; the decoder only lends it out as text. */
    uint8_t *bytes = (uint8_t *)(uintptr_t)from->records.ptr;
    error_code = lv_partition_append(partition, bytes, &batch, broker->now_ms, &out->base_offset);
    if (error_code != LV_KAFKA_ERROR_NONE)
        return error_code;
    lv_broker_note_change(broker, partition);
    out->log_append_time_ms = partition->config->append_time ? broker->now_ms : -1;
    out->log_start_offset = lv_partition_start_offset(partition);
    return LV_KAFKA_ERROR_NONE;
}

lv_served lv_handle_produce(const lv_exchange *exchange)
{
    const lv_kafka_produce_request *request = exchange->request;
    int32_t topic_count = LV_MAX(request->topics.count, 0);
    lv_kafka_produce_response_topic *topics =
        LV_NEW_ARRAY(exchange->arena, lv_kafka_produce_response_topic, topic_count);
    bool failed = false;
    for (int32_t t = 0; t < topic_count; t++) {
        const lv_kafka_produce_request_topic *topic = &request->topics.at[t];
        int32_t count = LV_MAX(topic->partitions.count, 0);
        topics[t].name = topic->name;
        topics[t].partitions.at =
            LV_NEW_ARRAY(exchange->arena, lv_kafka_produce_response_partition, count);
        topics[t].partitions.count = count;
        for (int32_t p = 0; p < count; p++) {
            lv_kafka_produce_response_partition *out = &topics[t].partitions.at[p];
            *out = lv_kafka_produce_response_partition_default();
            out->partition = topic->partitions.at[p].partition;
            out->error_code =
                append(exchange->broker, request, topic->name, &topic->partitions.at[p], out);
            failed |= out->error_code != LV_KAFKA_ERROR_NONE;
        }
    }
    /* Without acks the only sign of trouble is that the connection ends. */
    if (request->acks == 0)
        return failed ? LV_SERVED_HANG_UP : LV_SERVED;
    lv_kafka_produce_response response = {.topics = {topics, topic_count}};
    lv_exchange_answer(exchange, &response);
    return LV_SERVED;
}

lv_served lv_handle_init_producer_id(const lv_exchange *exchange)
{
    const lv_kafka_init_producer_id_request *request = exchange->request;
    lv_kafka_init_producer_id_response response = lv_kafka_init_producer_id_response_default();
    lv_error err = LV_ERROR_INIT;
    if (request->transactional_id.ptr) {
        response.error_code = LV_KAFKA_ERROR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED;
    } else {
        response.producer_id = lv_topics_take_producer_id(&exchange->broker->topics, &err);
        if (response.producer_id < 0) {
            response.error_code = LV_KAFKA_ERROR_KAFKA_STORAGE_ERROR;
            lv_log(LV_LOG_ERROR, "hub", "%s", err.message);
        }
    }
    lv_exchange_answer(exchange, &response);
    return LV_SERVED;
}
