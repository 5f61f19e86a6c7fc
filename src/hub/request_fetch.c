/* request_fetch.c: reading: Fetch with long polling, and ListOffsets.
 *
 * A fetch that finds fewer than min_bytes waits: in the broker's list of waiting fetches, and as a
 * waiter of each of its partitions. Growth of a partition only adds to a sum; when that reaches what
 * is missing the fetch becomes ready and is worked out anew at the end of the turn. */
#include "base/check.h"
#include "hub/broker_int.h"
#include "kafka/records.h"
#include "os/os.h"

enum { TIMESTAMP_LATEST = -1, TIMESTAMP_EARLIEST = -2 };

struct lv_fetch {
    lv_exchange exchange;
    lv_fetch *next; /* in broker.waiting */
    lv_fetch **link;
    lv_fetch *next_ready;
    bool is_ready;
    int64_t deadline_ms; /* monotonic */
    int64_t missing_bytes;
    lv_waiter *waiters;
    size_t waiter_count;
};

/* What a fetch found: the answer and, in its order, the log slices that belong into it. */
typedef struct fetch_result {
    lv_kafka_fetch_response response;
    lv_log_slice *slices; /* owned references; as many as partitions asked for */
    size_t slice_count;
    size_t partition_count;
    int64_t total_bytes;
    bool failed; /* some partition has an error: no reason to wait */
} fetch_result;

/* ---- looking --------------------------------------------------------------------------------- */

static int16_t check_epoch(int32_t epoch)
{
    if (epoch == -1 || epoch == LV_BROKER_LEADER_EPOCH)
        return LV_KAFKA_ERROR_NONE;
    return epoch < LV_BROKER_LEADER_EPOCH ? LV_KAFKA_ERROR_FENCED_LEADER_EPOCH
                                          : LV_KAFKA_ERROR_UNKNOWN_LEADER_EPOCH;
}

static void read_partition(const lv_exchange *exchange, lv_partition *partition,
                           const lv_kafka_fetch_request_partition *from,
                           lv_kafka_fetch_response_partition *out, fetch_result *result)
{
    const lv_kafka_fetch_request *request = exchange->request;
    int64_t left = LV_MIN(LV_MAX(request->max_bytes, 0), LV_FETCH_BYTES_MAX) - result->total_bytes;
    lv_log_slice slice;
    out->high_watermark = partition->high_watermark;
    out->last_stable_offset = partition->high_watermark;
    out->log_start_offset = lv_partition_start_offset(partition);
    out->error_code =
        lv_partition_read(partition, from->fetch_offset, LV_MIN(left, from->partition_max_bytes),
                          result->total_bytes == 0, &slice);
    if (slice.segment == NULL)
        return;
    /* The encoder only needs the length: the bytes stay in the file. */
    out->records = (lv_str){"", (size_t)slice.size_bytes};
    result->slices[result->slice_count++] = slice;
    result->total_bytes += slice.size_bytes;
}

static void look_at_partition(const lv_exchange *exchange, lv_str topic_name,
                              const lv_kafka_fetch_request_partition *from,
                              lv_kafka_fetch_response_partition *out, fetch_result *result)
{
    const lv_kafka_fetch_request *request = exchange->request;
    *out = lv_kafka_fetch_response_partition_default();
    out->partition = from->partition;
    out->records = LV_STR("");
    out->aborted_transactions.count = request->isolation_level == 0 ? -1 : 0;
    lv_partition *partition =
        lv_topics_get_partition(&exchange->broker->topics, topic_name, from->partition);
    out->error_code = check_epoch(from->current_leader_epoch);
    if (partition == NULL)
        out->error_code = LV_KAFKA_ERROR_UNKNOWN_TOPIC_OR_PARTITION;
    if (out->error_code == LV_KAFKA_ERROR_NONE)
        read_partition(exchange, partition, from, out, result);
    result->failed |= out->error_code != LV_KAFKA_ERROR_NONE;
}

static size_t count_partitions(const lv_kafka_fetch_request *request)
{
    size_t sum = 0;
    for (int32_t t = 0; t < request->topics.count; t++)
        sum += (size_t)LV_MAX(request->topics.at[t].partitions.count, 0);
    return sum;
}

static void look(const lv_exchange *exchange, fetch_result *result)
{
    const lv_kafka_fetch_request *request = exchange->request;
    lv_arena *arena = exchange->arena;
    int32_t topic_count = LV_MAX(request->topics.count, 0);
    *result = (fetch_result){.partition_count = count_partitions(request)};
    result->slices = LV_NEW_ARRAY(arena, lv_log_slice, result->partition_count);
    result->response = lv_kafka_fetch_response_default();
    result->response.topics.at = LV_NEW_ARRAY(arena, lv_kafka_fetch_response_topic, topic_count);
    result->response.topics.count = topic_count;
    for (int32_t t = 0; t < topic_count; t++) {
        const lv_kafka_fetch_request_topic *topic = &request->topics.at[t];
        lv_kafka_fetch_response_topic *out = &result->response.topics.at[t];
        int32_t count = LV_MAX(topic->partitions.count, 0);
        out->name = topic->name;
        out->partitions.at = LV_NEW_ARRAY(arena, lv_kafka_fetch_response_partition, count);
        out->partitions.count = count;
        for (int32_t p = 0; p < count; p++)
            look_at_partition(exchange, topic->name, &topic->partitions.at[p],
                              &out->partitions.at[p], result);
    }
}

static void drop_slices(fetch_result *result)
{
    for (size_t i = 0; i < result->slice_count; i++)
        lv_segment_unref(result->slices[i].segment);
    result->slice_count = 0;
}

/* The answer with the slices in their places; takes over the slices. */
static lv_served answer(const lv_exchange *exchange, fetch_result *result)
{
    const lv_kafka_request_header *header = &exchange->header;
    lv_outbox *outbox = &exchange->session->outbox;
    lv_kafka_holes holes = {LV_NEW_ARRAY(exchange->arena, lv_kafka_hole, result->partition_count),
                            result->partition_count, 0};
    lv_sbuf frame = LV_SBUF_INIT;
    lv_kafka_response_encode(&frame, LV_KAFKA_FETCH, header->api_version, header->correlation_id,
                             &result->response, &holes);
    LV_ASSERT(holes.count == result->slice_count);
    lv_served served = LV_SERVED;
    size_t done = 0;
    for (size_t i = 0; i < holes.count; i++) {
        lv_sbuf_add(&outbox->bytes, frame.ptr + done, holes.at[i].position - done);
        done = holes.at[i].position;
        if (!lv_outbox_add_slice(outbox, result->slices[i]))
            served = LV_SERVED_HANG_UP;
    }
    lv_sbuf_add(&outbox->bytes, frame.ptr + done, frame.len - done);
    lv_sbuf_release(&frame);
    return served;
}

/* ---- waiting --------------------------------------------------------------------------------- */

static void make_ready(lv_broker *broker, lv_fetch *fetch)
{
    if (fetch->is_ready)
        return;
    fetch->is_ready = true;
    fetch->next_ready = broker->ready;
    broker->ready = fetch;
}

static void watch_partitions(lv_fetch *fetch)
{
    const lv_kafka_fetch_request *request = fetch->exchange.request;
    fetch->waiter_count = 0;
    for (int32_t t = 0; t < request->topics.count; t++) {
        const lv_kafka_fetch_request_topic *topic = &request->topics.at[t];
        for (int32_t p = 0; p < topic->partitions.count; p++) {
            lv_partition *partition = lv_topics_get_partition(
                &fetch->exchange.broker->topics, topic->name, topic->partitions.at[p].partition);
            lv_waiter *waiter = &fetch->waiters[fetch->waiter_count];
            waiter->owner = fetch;
            if (partition) {
                lv_waiter_add(partition, waiter);
                fetch->waiter_count++;
            }
        }
    }
}

static void unwatch_partitions(lv_fetch *fetch)
{
    for (size_t i = 0; i < fetch->waiter_count; i++)
        lv_waiter_remove(&fetch->waiters[i]);
    fetch->waiter_count = 0;
}

static void begin_waiting(const lv_exchange *exchange, const fetch_result *result)
{
    const lv_kafka_fetch_request *request = exchange->request;
    lv_broker *broker = exchange->broker;
    lv_fetch *fetch = LV_NEW(exchange->arena, lv_fetch);
    fetch->exchange = *exchange;
    fetch->deadline_ms = broker->mono_ms + request->max_wait_ms;
    fetch->missing_bytes = request->min_bytes - result->total_bytes;
    fetch->waiters = LV_NEW_ARRAY(exchange->arena, lv_waiter, result->partition_count);
    watch_partitions(fetch);
    fetch->next = broker->waiting;
    fetch->link = &broker->waiting;
    if (fetch->next)
        fetch->next->link = &fetch->next;
    broker->waiting = fetch;
    broker->next_deadline_ms = LV_MIN(broker->next_deadline_ms, fetch->deadline_ms);
    exchange->session->fetch = fetch;
}

void lv_fetch_cancel(lv_fetch *fetch)
{
    lv_broker *broker = fetch->exchange.broker;
    unwatch_partitions(fetch);
    *fetch->link = fetch->next;
    if (fetch->next)
        fetch->next->link = fetch->link;
    for (lv_fetch **link = &broker->ready; *link; link = &(*link)->next_ready) {
        if (*link == fetch) {
            *link = fetch->next_ready;
            break;
        }
    }
    fetch->exchange.session->fetch = NULL;
}

void lv_fetches_partition_grew(lv_broker *broker, lv_partition *partition, int64_t bytes)
{
    for (lv_waiter *waiter = partition->waiters; waiter; waiter = waiter->next) {
        lv_fetch *fetch = waiter->owner;
        fetch->missing_bytes -= bytes;
        if (fetch->missing_bytes <= 0)
            make_ready(broker, fetch);
    }
}

void lv_fetches_wake(lv_broker *broker, lv_partition *partition)
{
    while (partition->waiters) {
        lv_waiter *waiter = partition->waiters;
        make_ready(broker, waiter->owner);
        lv_waiter_remove(waiter);
    }
}

/* Answers a fetch that waited: enough bytes came, or its time is up, or a topic is gone. */
static void finish(lv_fetch *fetch)
{
    fetch_result result;
    look(&fetch->exchange, &result);
    lv_exchange exchange = fetch->exchange;
    lv_fetch_cancel(fetch);
    if (answer(&exchange, &result) == LV_SERVED_HANG_UP)
        exchange.session->broken = true;
}

void lv_fetches_settle(lv_broker *broker, void (*answered)(lv_session *session))
{
    if (broker->mono_ms >= broker->next_deadline_ms) {
        broker->next_deadline_ms = INT64_MAX;
        for (lv_fetch *fetch = broker->waiting; fetch; fetch = fetch->next) {
            if (fetch->deadline_ms <= broker->mono_ms)
                make_ready(broker, fetch);
            else
                broker->next_deadline_ms = LV_MIN(broker->next_deadline_ms, fetch->deadline_ms);
        }
    }
    while (broker->ready) {
        lv_fetch *fetch = broker->ready;
        lv_session *session = fetch->exchange.session;
        finish(fetch);
        answered(session);
    }
}

lv_served lv_handle_fetch(const lv_exchange *exchange)
{
    const lv_kafka_fetch_request *request = exchange->request;
    if (request->session_id != 0) {
        /* The hub hands out no sessions, so this one is another broker's. */
        lv_kafka_fetch_response response = lv_kafka_fetch_response_default();
        response.error_code = LV_KAFKA_ERROR_FETCH_SESSION_ID_NOT_FOUND;
        lv_exchange_answer(exchange, &response);
        return LV_SERVED;
    }
    fetch_result result;
    look(exchange, &result);
    if (result.total_bytes >= request->min_bytes || result.failed || request->max_wait_ms <= 0)
        return answer(exchange, &result);
    drop_slices(&result);
    begin_waiting(exchange, &result);
    return LV_SERVED_WAITING;
}

/* ---- ListOffsets ----------------------------------------------------------------------------- */

/* The first record of a batch that is at or after `timestamp_ms`, looked up in the records themselves. */
static lv_status find_in_batch(const lv_log_slice *slice, int64_t timestamp_ms,
                               lv_kafka_list_offsets_response_partition *out, lv_error *err)
{
    enum { CHUNK = 256 };
    int64_t offsets[CHUNK];
    int64_t timestamps[CHUNK];
    lv_record_slices columns = {.offsets = offsets, .timestamps_ms = timestamps};
    lv_inflater *inflater = lv_inflater_new();
    lv_sbuf stored = LV_SBUF_INIT;
    lv_sbuf inflated = LV_SBUF_INIT;
    lv_record_batch batch;
    lv_record_walk walk;
    lv_str records;
    bool complete;
    size_t len = (size_t)slice->size_bytes;
    char *room = lv_sbuf_reserve(&stored, len + LV_KAFKA_PADDING);
    lv_status status =
        lv_file_pread(slice->segment->fd, slice->segment->path, room, len, slice->position, err);
    if (status == LV_OK)
        status = lv_record_batch_read((lv_str){room, len}, false, &batch, &complete, err);
    if (status == LV_OK)
        status = lv_inflate(inflater, &batch, &inflated, &records, err);
    if (status != LV_OK)
        goto out;
    lv_record_walk_begin(&walk, &batch, records);
    for (int64_t filled = 1; filled > 0;) {
        status = lv_record_walk_next(&walk, batch.base_offset, batch.next_offset, &columns, 0,
                                     CHUNK, &filled, err);
        if (status != LV_OK)
            goto out;
        for (int64_t i = 0; i < filled; i++) {
            if (timestamps[i] >= timestamp_ms) {
                out->offset = offsets[i];
                out->timestamp = timestamps[i];
                goto out;
            }
        }
    }
out:
    lv_sbuf_release(&stored);
    lv_sbuf_release(&inflated);
    lv_inflater_free(inflater);
    return status;
}

static int16_t find_time(lv_partition *partition, int64_t timestamp_ms,
                         lv_kafka_list_offsets_response_partition *out)
{
    lv_log_slice slice;
    lv_stored_batch batch;
    int16_t error_code = lv_partition_find_time(partition, timestamp_ms, &slice, &batch);
    if (slice.segment == NULL)
        return error_code; /* offset and timestamp stay -1: no record is that new */
    out->offset = batch.base_offset;
    out->timestamp = batch.timestamp_max;
    /* The hub does not judge what is inside a batch: one that cannot be read is found as a whole. */
    if (!(batch.attributes & LV_BATCH_APPEND_TIME) &&
        find_in_batch(&slice, timestamp_ms, out, NULL) != LV_OK)
        out->timestamp = batch.timestamp_base;
    lv_segment_unref(slice.segment);
    return error_code;
}

static int16_t find_offset(const lv_exchange *exchange, lv_str topic_name,
                           const lv_kafka_list_offsets_request_partition *from,
                           lv_kafka_list_offsets_response_partition *out)
{
    lv_partition *partition =
        lv_topics_get_partition(&exchange->broker->topics, topic_name, from->partition);
    if (partition == NULL)
        return LV_KAFKA_ERROR_UNKNOWN_TOPIC_OR_PARTITION;
    int16_t error_code = check_epoch(from->current_leader_epoch);
    if (error_code != LV_KAFKA_ERROR_NONE)
        return error_code;
    if (from->timestamp == TIMESTAMP_LATEST)
        out->offset = partition->high_watermark;
    else if (from->timestamp == TIMESTAMP_EARLIEST)
        out->offset = lv_partition_start_offset(partition);
    else if (from->timestamp < 0)
        return LV_KAFKA_ERROR_UNSUPPORTED_VERSION;
    else
        error_code = find_time(partition, from->timestamp, out);
    if (out->offset >= 0)
        out->leader_epoch = LV_BROKER_LEADER_EPOCH;
    if (exchange->header.api_version == 0 && error_code == LV_KAFKA_ERROR_NONE) {
        out->old_style_offsets.at = &out->offset;
        out->old_style_offsets.count = out->offset >= 0;
    }
    return error_code;
}

lv_served lv_handle_list_offsets(const lv_exchange *exchange)
{
    const lv_kafka_list_offsets_request *request = exchange->request;
    int32_t topic_count = LV_MAX(request->topics.count, 0);
    lv_kafka_list_offsets_response_topic *topics =
        LV_NEW_ARRAY(exchange->arena, lv_kafka_list_offsets_response_topic, topic_count);
    for (int32_t t = 0; t < topic_count; t++) {
        const lv_kafka_list_offsets_request_topic *topic = &request->topics.at[t];
        int32_t count = LV_MAX(topic->partitions.count, 0);
        topics[t].name = topic->name;
        topics[t].partitions.at =
            LV_NEW_ARRAY(exchange->arena, lv_kafka_list_offsets_response_partition, count);
        topics[t].partitions.count = count;
        for (int32_t p = 0; p < count; p++) {
            lv_kafka_list_offsets_response_partition *out = &topics[t].partitions.at[p];
            *out = lv_kafka_list_offsets_response_partition_default();
            out->partition = topic->partitions.at[p].partition;
            out->error_code = find_offset(exchange, topic->name, &topic->partitions.at[p], out);
        }
    }
    lv_kafka_list_offsets_response response = {.topics = {topics, topic_count}};
    lv_exchange_answer(exchange, &response);
    return LV_SERVED;
}
