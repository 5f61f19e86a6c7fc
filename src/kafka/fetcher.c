/* fetcher.c: see fetcher.h. */
#include "kafka/fetcher.h"

#include <stdlib.h>

#include "base/check.h"
#include "base/vec.h"
#include "kafka/client_int.h"
#include "os/os.h"

enum { CHUNK_BATCHES_MAX = 32 };

/* A range and how far it is. `sent` runs ahead of `next`: headers tell it before records are read.
 */
typedef struct range_state {
    lv_kafka_range range;
    int64_t sent; /* offset that the next request asks for */
    int64_t next; /* offset of the next record to hand out */
    lv_kafka_conn *conn;
} range_state;

/* Record data of one range in the answer being read. */
typedef struct answer_part {
    int range;
    lv_str bytes;
} answer_part;

struct lv_kafka_fetcher {
    lv_kafka_client *client;
    lv_kafka_fetcher_options options;
    lv_arena arena; /* ranges */
    range_state *ranges;
    int range_count;
    lv_inflater *inflater;
    /* the answer being read */
    lv_arena answer_arena;
    LV_VEC(answer_part) parts;
    size_t part;                         /* index of the part being walked */
    lv_sbuf received;                    /* its bytes, taken over from the connection */
    lv_sbuf inflated[CHUNK_BATCHES_MAX]; /* one per batch of a chunk: what slices point into must
                                            not move */
    int inflated_count;                  /* used by the chunk being filled */
    lv_record_walk walk;
    bool walking;
    int64_t batch_next;   /* offset after the batch being walked */
    lv_kafka_retry retry; /* since the last progress */
};

lv_kafka_fetcher *lv_kafka_fetcher_new(lv_kafka_client *client,
                                       const lv_kafka_fetcher_options *options)
{
    lv_kafka_fetcher *f = calloc(1, sizeof *f);
    LV_ASSERT(f != NULL);
    f->client = client;
    f->options = *options;
    if (f->options.max_wait_ms == 0)
        f->options.max_wait_ms = 500;
    if (f->options.partition_max_bytes == 0)
        f->options.partition_max_bytes = 1 << 20;
    lv_arena_init(&f->arena);
    lv_arena_init(&f->answer_arena);
    f->inflater = lv_inflater_new();
    return f;
}

void lv_kafka_fetcher_free(lv_kafka_fetcher *f)
{
    if (f == NULL)
        return;
    lv_inflater_free(f->inflater);
    lv_sbuf_release(&f->received);
    for (int i = 0; i < CHUNK_BATCHES_MAX; i++)
        lv_sbuf_release(&f->inflated[i]);
    lv_arena_release(&f->answer_arena);
    lv_arena_release(&f->arena);
    lv_kafka_client_free(f->client);
    free(f);
}

static void drop_answer(lv_kafka_fetcher *f)
{
    f->parts.at = NULL;
    f->parts.count = f->parts.capacity = f->part = 0;
    f->walking = false;
    lv_arena_reset(&f->answer_arena);
}

/* After a failure: everything in flight is forgotten, each range goes on where its records ended.
 */
static void rewind_ranges(lv_kafka_fetcher *f)
{
    drop_answer(f);
    for (int i = 0; i < f->range_count; i++) {
        range_state *r = &f->ranges[i];
        if (r->conn != NULL && r->conn->in_flight)
            lv_kafka_conn_close(r->conn);
        r->sent = r->next;
        r->conn = NULL;
    }
}

lv_status lv_kafka_fetcher_open(lv_kafka_fetcher *f, const lv_kafka_range *ranges, int count,
                                lv_error *err)
{
    rewind_ranges(f);
    lv_arena_reset(&f->arena);
    f->range_count = count;
    f->ranges = LV_NEW_ARRAY(&f->arena, range_state, count);
    for (int i = 0; i < count; i++) {
        LV_ASSERT(ranges[i].from <= ranges[i].until);
        f->ranges[i] =
            (range_state){.range = ranges[i], .sent = ranges[i].from, .next = ranges[i].from};
        f->ranges[i].range.topic = lv_str_dup(&f->arena, ranges[i].topic);
    }
    f->retry = lv_kafka_retry_begin(f->client);
    return LV_OK;
}

/* ---- requests
 * ------------------------------------------------------------------------------------- */

static bool is_sent(const range_state *r)
{
    return r->sent >= r->range.until;
}

/* The connections of all ranges that want more. */
static lv_status find_leaders(lv_kafka_fetcher *f, lv_error *err)
{
    for (int i = 0; i < f->range_count; i++) {
        range_state *r = &f->ranges[i];
        if (is_sent(r) || r->conn != NULL)
            continue;
        int32_t leader = lv_kafka_leader(f->client, r->range.topic, r->range.partition);
        if (leader < 0) {
            LV_TRY(lv_kafka_learn_leaders(f->client, r->range.topic, err));
            leader = lv_kafka_leader(f->client, r->range.topic, r->range.partition);
        }
        if (leader < 0)
            return LV_FAIL(err, LV_UNKNOWN_TOPIC, "topic %.*s has no partition %d",
                           LV_STR_ARG(r->range.topic), r->range.partition);
        LV_TRY(lv_kafka_conn_open(f->client, leader, &r->conn, err));
    }
    return LV_OK;
}

/* Sends a request for everything that `conn` still has to deliver; none if that is nothing. */
static lv_status send_request(lv_kafka_fetcher *f, lv_kafka_conn *conn, lv_error *err)
{
    lv_arena *scratch = &f->client->scratch;
    lv_arena_reset(scratch);
    lv_kafka_fetch_request request = lv_kafka_fetch_request_default();
    request.max_wait_ms = f->options.max_wait_ms;
    request.min_bytes = 1;
    request.max_bytes = 50 << 20;
    request.topics.at = LV_NEW_ARRAY(scratch, lv_kafka_fetch_request_topic, f->range_count);
    for (int i = 0; i < f->range_count; i++) {
        range_state *r = &f->ranges[i];
        if (r->conn != conn || is_sent(r))
            continue;
        lv_kafka_fetch_request_partition *p = LV_NEW(scratch, lv_kafka_fetch_request_partition);
        *p = lv_kafka_fetch_request_partition_default();
        p->partition = r->range.partition;
        p->fetch_offset = r->sent;
        p->partition_max_bytes = f->options.partition_max_bytes;
        request.topics.at[request.topics.count++] =
            (lv_kafka_fetch_request_topic){.name = r->range.topic, .partitions = {p, 1}};
    }
    if (request.topics.count == 0)
        return LV_OK;
    int16_t version;
    LV_TRY(lv_kafka_conn_send(f->client, conn, LV_KAFKA_FETCH, &request, &version,
                              lv_mono_ns() + 30000000000, err));
    conn->in_flight = true;
    return LV_OK;
}

/* A connection with an answer on its way; NULL if nobody owes us one. */
static lv_kafka_conn *find_in_flight(const lv_kafka_fetcher *f)
{
    for (int i = 0; i < f->range_count; i++)
        if (f->ranges[i].conn != NULL && f->ranges[i].conn->in_flight)
            return f->ranges[i].conn;
    return NULL;
}

static lv_status send_all(lv_kafka_fetcher *f, lv_error *err)
{
    LV_TRY(find_leaders(f, err));
    for (int i = 0; i < f->range_count; i++)
        if (!is_sent(&f->ranges[i]) && !f->ranges[i].conn->in_flight)
            LV_TRY(send_request(f, f->ranges[i].conn, err));
    return LV_OK;
}

/* ---- answers
 * -------------------------------------------------------------------------------------- */

static int find_range(const lv_kafka_fetcher *f, const lv_kafka_conn *conn, lv_str topic,
                      int32_t partition)
{
    for (int i = 0; i < f->range_count; i++) {
        const range_state *r = &f->ranges[i];
        if (r->conn == conn && r->range.partition == partition &&
            lv_str_eq(r->range.topic, topic) && !is_sent(r))
            return i;
    }
    return -1;
}

/* The offsets asked for are gone: to the first that is left, or an error. */
static lv_status handle_lost(lv_kafka_fetcher *f, range_state *r, lv_error *err)
{
    lv_kafka_position first = {
        .topic = r->range.topic, .partition = r->range.partition, .timestamp = -2};
    if (!f->options.skip_lost)
        return LV_FAIL(err, LV_KAFKA_DATA_LOSS,
                       "some data may have been lost because it is not available in Kafka any "
                       "more: topic %.*s, partition %d, offsets %lld to "
                       "%lld; it was aged out, or the topic was deleted. To go on with what is "
                       "left set failOnDataLoss to false",
                       LV_STR_ARG(r->range.topic), r->range.partition, (long long)r->next,
                       (long long)r->range.until);
    rewind_ranges(f);
    LV_TRY(lv_kafka_list_offsets(f->client, &first, 1, err));
    bool nothing_left = first.offset >= r->range.until || first.offset <= r->next;
    r->next = r->sent = nothing_left ? r->range.until : first.offset;
    return LV_OK;
}

/* Where the next request must begin: behind the last whole batch. */
static lv_status scan_headers(range_state *r, lv_str bytes, lv_error *err)
{
    while (bytes.len > 0) {
        lv_record_batch batch;
        bool complete;
        LV_TRY(lv_record_batch_read(bytes, false, &batch, &complete, err));
        if (!complete)
            break;
        r->sent = LV_MAX(r->sent, batch.next_offset);
        bytes = lv_str_sub(bytes, (size_t)batch.size_bytes, bytes.len - (size_t)batch.size_bytes);
    }
    return LV_OK;
}

static lv_status take_partition(lv_kafka_fetcher *f, const lv_kafka_conn *conn, lv_str topic,
                                const lv_kafka_fetch_response_partition *p, bool *lost,
                                lv_error *err)
{
    int i = find_range(f, conn, topic, p->partition);
    if (i < 0)
        return LV_FAIL(err, LV_KAFKA_PROTOCOL,
                       "Fetch was answered for topic %.*s, partition %d, which was not asked for",
                       LV_STR_ARG(topic), p->partition);
    range_state *r = &f->ranges[i];
    if (p->error_code == LV_KAFKA_ERROR_OFFSET_OUT_OF_RANGE) {
        *lost = true;
        return handle_lost(f, r, err);
    }
    if (p->error_code != 0)
        return lv_kafka_fail(p->error_code, topic, p->partition, err);
    /* Between log start and high watermark there may be nothing left but gaps, at the end of a
     * range. */
    if (p->records.len == 0 && p->high_watermark >= r->range.until &&
        p->log_start_offset > r->sent) {
        *lost = true;
        return handle_lost(f, r, err);
    }
    if (p->records.len == 0)
        return LV_OK;
    LV_TRY(scan_headers(r, p->records, err));
    LV_VEC_PUSH(&f->answer_arena, f->parts, (answer_part){i, p->records});
    return LV_OK;
}

/* Receives the answer of `conn`, notes its parts, and sends the next request on it. */
static lv_status receive_answer(lv_kafka_fetcher *f, lv_kafka_conn *conn, lv_error *err)
{
    lv_kafka_fetch_response response;
    int16_t version =
        LV_MIN(lv_kafka_api_get(LV_KAFKA_FETCH)->max_version, conn->max_version[LV_KAFKA_FETCH]);
    bool lost = false;
    drop_answer(f);
    int64_t deadline_ns = lv_mono_ns() + 30000000000 + (int64_t)f->options.max_wait_ms * 1000000;
    LV_TRY(lv_kafka_conn_receive(conn, LV_KAFKA_FETCH, version, &f->answer_arena, &response,
                                 deadline_ns, err));
    conn->in_flight = false;
    if (response.error_code != 0)
        return lv_kafka_fail(response.error_code, LV_STR_NONE, -1, err);
    for (int t = 0; t < response.topics.count && !lost; t++)
        for (int p = 0; p < response.topics.at[t].partitions.count && !lost; p++)
            LV_TRY(take_partition(f, conn, response.topics.at[t].name,
                                  &response.topics.at[t].partitions.at[p], &lost, err));
    if (lost)
        return LV_OK; /* everything was rewound */
    if (f->parts.count > 0)
        f->retry = lv_kafka_retry_begin(f->client);
    /* The parts lie in the connection's buffer: swap it away before the next answer comes in. */
    lv_sbuf taken = conn->in;
    conn->in = f->received;
    f->received = taken;
    return send_request(f, conn, err);
}

/* ---- records
 * -------------------------------------------------------------------------------------- */

/* Begins the next batch of the current part. *began: false when the part has no more, or the chunk
 * holds slices of as many batches as it may. */
static lv_status begin_batch(lv_kafka_fetcher *f, bool *began, lv_error *err)
{
    answer_part *part = &f->parts.at[f->part];
    range_state *r = &f->ranges[part->range];
    *began = false;
    while (part->bytes.len > 0 && r->next < r->range.until &&
           f->inflated_count < CHUNK_BATCHES_MAX) {
        lv_record_batch batch;
        bool complete;
        LV_TRY(lv_record_batch_read(part->bytes, !f->options.skip_crc, &batch, &complete, err));
        if (!complete) {
            part->bytes.len = 0;
            return LV_OK;
        }
        part->bytes = lv_str_sub(part->bytes, (size_t)batch.size_bytes,
                                 part->bytes.len - (size_t)batch.size_bytes);
        if (batch.is_control || batch.next_offset <= r->next || batch.record_count == 0) {
            r->next = LV_MAX(r->next, batch.next_offset);
            continue;
        }
        lv_str records;
        lv_sbuf *buffer = &f->inflated[f->inflated_count++];
        lv_sbuf_clear(buffer);
        LV_TRY(lv_inflate(f->inflater, &batch, buffer, &records, err));
        lv_record_walk_begin(&f->walk, &batch, records);
        f->walking = *began = true;
        f->batch_next = batch.next_offset;
        return LV_OK;
    }
    return LV_OK;
}

/* Fills the chunk from the current part; *ended: the part has no more. */
static lv_status walk_part(lv_kafka_fetcher *f, const lv_record_slices *slices, int64_t room,
                           lv_kafka_chunk *chunk, bool *ended, lv_error *err)
{
    range_state *r = &f->ranges[f->parts.at[f->part].range];
    *ended = false;
    while (chunk->count < room) {
        bool began;
        int64_t filled;
        if (!f->walking) {
            LV_TRY(begin_batch(f, &began, err));
            if (!began) {
                *ended = f->parts.at[f->part].bytes.len == 0 || r->next >= r->range.until;
                return LV_OK;
            }
        }
        LV_TRY(lv_record_walk_next(&f->walk, r->next, r->range.until, slices, chunk->count,
                                   room - chunk->count, &filled, err));
        chunk->count += filled;
        /* after a failure the range goes on behind the records that were handed out */
        r->next = f->walk.left > 0 ? LV_MAX(r->next, f->walk.next_offset)
                                   : LV_MIN(LV_MAX(r->next, f->batch_next), r->range.until);
        f->walking = f->walk.left > 0;
    }
    return LV_OK;
}

/* The chunk before is given back: only the buffer of a batch that is half walked stays in use. */
static void keep_walked_batch(lv_kafka_fetcher *f)
{
    if (f->walking && f->inflated_count > 1) {
        lv_sbuf kept = f->inflated[f->inflated_count - 1];
        f->inflated[f->inflated_count - 1] = f->inflated[0];
        f->inflated[0] = kept;
    }
    f->inflated_count = f->walking ? 1 : 0;
}

/* One try: walk what is there, else receive more. *chunk stays empty at the end of all ranges. */
static lv_status fetch_once(lv_kafka_fetcher *f, const lv_record_slices *slices, int64_t room,
                            lv_kafka_chunk *chunk, lv_error *err)
{
    for (;;) {
        while (f->part < f->parts.count) {
            bool ended;
            chunk->range = f->parts.at[f->part].range;
            LV_TRY(walk_part(f, slices, room, chunk, &ended, err));
            if (ended)
                f->part++;
            if (chunk->count > 0)
                return LV_OK;
        }
        lv_kafka_conn *conn = find_in_flight(f);
        if (conn == NULL) {
            bool all_read = true;
            for (int i = 0; i < f->range_count; i++)
                all_read &= is_sent(&f->ranges[i]);
            if (all_read)
                return LV_OK;
            LV_TRY(send_all(f, err));
            continue;
        }
        LV_TRY(receive_answer(f, conn, err));
        if (lv_mono_ns() > f->retry.deadline_ns)
            return LV_FAIL(err, LV_TIMED_OUT, "no records came for %lld s",
                           (long long)(f->client->options.request_timeout_ms / 1000));
    }
}

lv_status lv_kafka_fetch_next(lv_kafka_fetcher *f, const lv_record_slices *slices, int64_t room,
                              lv_kafka_chunk *chunk, lv_error *err)
{
    for (;;) {
        *chunk = (lv_kafka_chunk){0};
        keep_walked_batch(f);
        lv_status status = fetch_once(f, slices, room, chunk, err);
        if (status == LV_OK)
            return LV_OK;
        rewind_ranges(f);
        if (!lv_kafka_retry_again(&f->retry, status, err))
            return status;
        lv_kafka_forget_leaders(f->client);
    }
}
