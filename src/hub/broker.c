/* broker.c: from a request frame to the handler of its API, and what ends a turn of the loop. */
#include "hub/broker.h"

#include "base/check.h"
#include "base/log.h"
#include "hub/broker_int.h"
#include "os/os.h"

static lv_request_handler handler_of(int16_t key) /* dispatch */
{
    switch (key) {
    case LV_KAFKA_PRODUCE: return lv_handle_produce;
    case LV_KAFKA_FETCH: return lv_handle_fetch;
    case LV_KAFKA_LIST_OFFSETS: return lv_handle_list_offsets;
    case LV_KAFKA_METADATA: return lv_handle_metadata;
    case LV_KAFKA_FIND_COORDINATOR: return lv_handle_find_coordinator;
    case LV_KAFKA_SASL_HANDSHAKE: return lv_handle_sasl_handshake;
    case LV_KAFKA_API_VERSIONS: return lv_handle_api_versions;
    case LV_KAFKA_CREATE_TOPICS: return lv_handle_create_topics;
    case LV_KAFKA_DELETE_TOPICS: return lv_handle_delete_topics;
    case LV_KAFKA_INIT_PRODUCER_ID: return lv_handle_init_producer_id;
    case LV_KAFKA_DESCRIBE_CONFIGS: return lv_handle_describe_configs;
    case LV_KAFKA_SASL_AUTHENTICATE: return lv_handle_sasl_authenticate;
    default: return NULL;
    }
}

/* ---- life ------------------------------------------------------------------------------------ */

lv_status lv_broker_open(lv_broker *broker, const lv_hub_options *options, lv_error *err)
{
    *broker = (lv_broker){.options = *options, .next_deadline_ms = INT64_MAX};
    lv_broker_tick(broker);
    LV_TRY(lv_syncer_new(&broker->syncer, err));
    lv_status status = lv_topics_open(&broker->topics, options, broker->syncer, err);
    if (status != LV_OK)
        lv_syncer_free(broker->syncer);
    return status;
}

void lv_broker_close(lv_broker *broker, bool clean)
{
    LV_ASSERT(broker->waiting == NULL);
    lv_topics_close(&broker->topics, clean && !broker->failed);
    lv_syncer_free(broker->syncer);
}

void lv_broker_tick(lv_broker *broker)
{
    broker->now_ms = lv_now_us() / 1000;
    broker->mono_ms = lv_mono_ns() / 1000000;
}

void lv_session_init(lv_session *session, const lv_broker *broker, const char *host, int port,
                     void *connection)
{
    *session = (lv_session){.authenticated = broker->options.sasl == NULL,
                            .host = host,
                            .port = port,
                            .connection = connection};
    lv_arena_init(&session->arena);
}

void lv_session_release(lv_session *session)
{
    if (session->fetch)
        lv_fetch_cancel(session->fetch);
    lv_outbox_release(&session->outbox);
    lv_arena_release(&session->arena);
}

/* ---- serving --------------------------------------------------------------------------------- */

int64_t lv_broker_frame_max(const lv_broker *broker, const lv_session *session,
                            const uint8_t head[2])
{
    if (!session->authenticated)
        return LV_FRAME_MAX_STRANGER;
    lv_rd rd = lv_rd_of(head, 2);
    return lv_rd_i16be(&rd) == LV_KAFKA_PRODUCE ? LV_FRAME_MAX : LV_FRAME_MAX_OTHER;
}

void lv_exchange_answer(const lv_exchange *exchange, const void *response)
{
    const lv_kafka_request_header *header = &exchange->header;
    lv_kafka_response_encode(&exchange->session->outbox.bytes, (lv_kafka_api_key)header->api_key,
                             header->api_version, header->correlation_id, response, NULL);
}

/* What can be said to a request that the hub cannot read: its correlation id, behind the header that its
 * version has, and the error code alone. */
static lv_served answer_unsupported(lv_session *session, const lv_kafka_request_header *header,
                                    const lv_kafka_api *api)
{
    lv_sbuf *out = &session->outbox.bytes;
    bool flexible = api && header->api_version >= api->flexible_from;
    lv_wr_i32be(out, (int32_t)sizeof(int32_t) + flexible + (int32_t)sizeof(int16_t));
    lv_wr_i32be(out, header->correlation_id);
    if (flexible)
        lv_wr_u8(out, 0);
    lv_wr_i16be(out, LV_KAFKA_ERROR_UNSUPPORTED_VERSION);
    return LV_SERVED;
}

static bool strangers_may(int16_t key)
{
    return key == LV_KAFKA_API_VERSIONS || key == LV_KAFKA_SASL_HANDSHAKE ||
           key == LV_KAFKA_SASL_AUTHENTICATE;
}

lv_served lv_broker_serve(lv_broker *broker, lv_session *session, uint8_t *frame, size_t len)
{
    LV_ASSERT(session->fetch == NULL);
    lv_arena_reset(&session->arena);
    if (session->sasl == LV_SASL_RAW)
        return lv_handle_raw_sasl(broker, session, (lv_str){(const char *)frame, len});
    lv_exchange exchange = {.broker = broker, .session = session, .arena = &session->arena};
    lv_kafka_request_header *header = &exchange.header;
    lv_rd rd = lv_rd_of(frame, len);
    if (lv_kafka_request_header_decode(&rd, header, NULL) != LV_OK)
        return LV_SERVED_HANG_UP;
    if (!session->authenticated && !strangers_may(header->api_key))
        return LV_SERVED_HANG_UP;
    const lv_kafka_api *api = lv_kafka_api_get(header->api_key);
    lv_request_handler handler = handler_of(header->api_key);
    bool known = api && handler && api->min_version <= header->api_version &&
                 header->api_version <= api->max_version;
    if (!known && header->api_key == LV_KAFKA_API_VERSIONS)
        return lv_handle_api_versions(&exchange);
    if (!known)
        return answer_unsupported(session, header, api);
    /* A fetch may outlive the frame it came in. */
    if (header->api_key == LV_KAFKA_FETCH)
        rd = lv_rd_of(
            memcpy(lv_arena_alloc(exchange.arena, lv_rd_left(&rd)), rd.ptr, lv_rd_left(&rd)),
            lv_rd_left(&rd));
    void *request = lv_arena_zalloc(exchange.arena, api->request_size);
    if (lv_kafka_request_decode(&rd, header, exchange.arena, request, NULL) != LV_OK)
        return LV_SERVED_HANG_UP;
    exchange.request = request;
    return handler(&exchange);
}

/* ---- turns ----------------------------------------------------------------------------------- */

void lv_broker_note_change(lv_broker *broker, lv_partition *partition)
{
    if (partition->changed)
        return;
    partition->changed = true;
    partition->next_changed = broker->changed;
    broker->changed = partition;
}

void lv_broker_forget(lv_broker *broker, lv_partition *partition)
{
    for (lv_partition **link = &broker->changed; *link != NULL; link = &(*link)->next_changed) {
        if (*link == partition) {
            *link = partition->next_changed;
            break;
        }
    }
    partition->changed = false;
}

void lv_broker_settle(lv_broker *broker, void (*answered)(lv_session *session))
{
    while (broker->changed != NULL) {
        lv_partition *partition = broker->changed;
        lv_error err = LV_ERROR_INIT;
        if (broker->options.fsync == LV_HUB_FSYNC_ALWAYS &&
            lv_partition_sync(partition, &err) != LV_OK) {
            lv_log(LV_LOG_ERROR, "hub", "%s", err.message);
            broker->failed = true;
            return;
        }
        int64_t before = partition->visible_bytes_total;
        lv_partition_publish(partition);
        partition->unsynced = true;
        lv_fetches_partition_grew(broker, partition, partition->visible_bytes_total - before);
        broker->changed = partition->next_changed;
        partition->changed = false;
    }
    lv_fetches_settle(broker, answered);
}

int64_t lv_broker_wait_ms(const lv_broker *broker)
{
    if (broker->waiting == NULL)
        return -1;
    return LV_MAX(broker->next_deadline_ms - broker->mono_ms, 0);
}

void lv_broker_tend(lv_broker *broker)
{
    for (size_t t = 0; t < broker->topics.count; t++) {
        lv_topic *topic = broker->topics.at[t];
        for (int32_t p = 0; p < topic->partition_count; p++) {
            lv_partition *partition = topic->partitions[p];
            lv_partition_retain(partition, broker->now_ms);
            if (partition->unsynced && broker->options.fsync == LV_HUB_FSYNC_INTERVAL)
                lv_syncer_add(broker->syncer, lv_partition_active(partition)->fd);
            partition->unsynced = false;
        }
    }
    if (lv_syncer_has_failed(broker->syncer))
        broker->failed = true;
}
