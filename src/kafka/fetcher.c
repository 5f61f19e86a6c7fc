/* fetcher.c: see fetcher.h.
 *
 * Buffers. Answers are received into two buffers that change places: one is walked while the next
 * is filled by the kernel and read. Decompressed batches of a chunk lie behind each other in one
 * buffer; a batch that does not fit into its chunk is finished in the next one, whose other batches
 * go to a second buffer meanwhile. A buffer that has to grow may move: the slices into it move
 * along. */
#include "kafka/fetcher.h"

#include <stdlib.h>

#include "base/check.h"
#include "base/vec.h"
#include "kafka/client_int.h"
#include "os/os.h"

enum {
    MAX_WAIT_MS = 500,
    PARTITION_BYTES = 1 << 20,
    PARTITION_BYTES_MOST = 256 << 20,
    ANSWER_BYTES_LEAST = 256 << 10,
    ANSWER_BYTES_MOST = 16 << 20,
    CHUNK_BYTES_MAX = 4 << 20, /* decompressed batches of one chunk */
};

/* A range and how far it is. `asked` runs ahead of `next`: headers tell it before records are read.
 */
typedef struct range_state {
    lv_kafka_range range;
    int64_t asked; /* offset that the next request asks for */
    int64_t next;  /* offset of the next record to hand out */
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
    int range_found; /* where the last answered range was: the next one is mostly behind it */
    /* the answer being read */
    lv_arena answer_arena;
    LV_VEC(answer_part) parts;
    size_t part;          /* index of the part being walked */
    lv_sbuf received;     /* its bytes, taken over from the connection */
    bool is_ahead;        /* the request in flight was sent before the last answer was walked */
    int32_t answer_bytes; /* what the next one may have */
    /* the batch being walked */
    lv_inflater *inflater;
    lv_sbuf inflated[2];
    int filling; /* which of them takes new batches */
    lv_record_walk walk;
    bool walking;
    int walks_in; /* which of them the batch being walked is in */
    bool walks_append_time;
    int64_t walk_end; /* offset after the batch */
};

lv_kafka_fetcher *lv_kafka_fetcher_new(lv_kafka_client *client,
                                       const lv_kafka_fetcher_options *options)
{
    lv_kafka_fetcher *f = calloc(1, sizeof *f);
    LV_ASSERT(f != NULL);
    f->client = client;
    f->options = *options;
    if (f->options.max_wait_ms == 0)
        f->options.max_wait_ms = MAX_WAIT_MS;
    if (f->options.partition_max_bytes == 0)
        f->options.partition_max_bytes = PARTITION_BYTES;
    f->answer_bytes = ANSWER_BYTES_LEAST;
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
    lv_sbuf_release(&f->inflated[0]);
    lv_sbuf_release(&f->inflated[1]);
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

/* After a failure: what is in flight is forgotten, each range goes on where its records ended. */
static void rewind_ranges(lv_kafka_fetcher *f)
{
    drop_answer(f);
    for (int i = 0; i < f->range_count; i++) {
        range_state *r = &f->ranges[i];
        if (r->conn != NULL && r->conn->in_flight)
            lv_kafka_conn_close(r->conn);
        r->asked = r->next;
        r->conn = NULL;
    }
}

void lv_kafka_fetcher_open(lv_kafka_fetcher *f, const lv_kafka_range *ranges, int count)
{
    rewind_ranges(f);
    lv_arena_reset(&f->arena);
    f->range_count = count;
    f->range_found = 0;
    f->ranges = LV_NEW_ARRAY(&f->arena, range_state, count);
    for (int i = 0; i < count; i++) {
        LV_ASSERT(ranges[i].from <= ranges[i].until);
        f->ranges[i] =
            (range_state){.range = ranges[i], .asked = ranges[i].from, .next = ranges[i].from};
        f->ranges[i].range.topic = lv_str_dup(&f->arena, ranges[i].topic);
    }
}

/* ---- requests -------------------------------------------------------------------------------- */

static bool wants_more(const range_state *r)
{
    return r->asked < r->range.until;
}

/* Sends a request for everything that `conn` still has to deliver; none if that is nothing. */
static lv_status send_request(lv_kafka_fetcher *f, lv_kafka_conn *conn, lv_error *err)
{
    lv_arena_reset(&f->client->scratch);
    lv_kafka_position *positions =
        LV_NEW_ARRAY(&f->client->scratch, lv_kafka_position, f->range_count);
    lv_kafka_fetch_spec spec = {f->options.max_wait_ms, f->answer_bytes,
                                f->options.partition_max_bytes, positions, 0};
    for (int i = 0; i < f->range_count; i++) {
        const range_state *r = &f->ranges[i];
        if (r->conn == conn && wants_more(r))
            positions[spec.count++] = (lv_kafka_position){
                .topic = r->range.topic, .partition = r->range.partition, .offset = r->asked};
    }
    return spec.count == 0 ? LV_OK : lv_kafka_fetch_send(f->client, conn, &spec, err);
}

/* Finds the connections of all ranges that want more and sends a request on each. *sent false: no
 * range does. Nothing is in flight when this is called. */
static lv_status send_all(lv_kafka_fetcher *f, bool *sent, lv_error *err)
{
    *sent = false;
    for (int i = 0; i < f->range_count; i++) {
        range_state *r = &f->ranges[i];
        int32_t leader;
        if (!wants_more(r) || r->conn != NULL)
            continue;
        LV_TRY(lv_kafka_find_leader(f->client, r->range.topic, r->range.partition, &leader, err));
        LV_TRY(lv_kafka_conn_open(f->client, leader, &r->conn, err));
    }
    for (int i = 0; i < f->range_count; i++)
        if (wants_more(&f->ranges[i])) {
            *sent = true;
            if (!f->ranges[i].conn->in_flight)
                LV_TRY(send_request(f, f->ranges[i].conn, err));
        }
    return LV_OK;
}

/* ---- answers --------------------------------------------------------------------------------- */

/* Answers name partitions in the order of the request, so the search goes on where it ended. */
static range_state *find_range(lv_kafka_fetcher *f, const lv_kafka_conn *conn, lv_str topic,
                               int32_t partition)
{
    for (int i = 0; i < f->range_count; i++) {
        int at = (f->range_found + i) % f->range_count;
        range_state *r = &f->ranges[at];
        if (r->conn == conn && r->range.partition == partition &&
            lv_str_eq(r->range.topic, topic) && wants_more(r)) {
            f->range_found = at;
            return r;
        }
    }
    return NULL;
}

/* The first offset of a range's partition (timestamp -2) or its end (-1), within the time that the
 * fetch under way has. */
static lv_status ask_bound(lv_kafka_fetcher *f, const range_state *r, int64_t timestamp,
                           int64_t *offset, lv_error *err)
{
    lv_kafka_position position = {
        .topic = r->range.topic, .partition = r->range.partition, .timestamp = timestamp};
    int64_t deadline_ns = f->client->deadline_ns, pause_ms = f->client->pause_ms;
    lv_status status = lv_kafka_list_offsets(f->client, &position, 1, err);
    f->client->deadline_ns = deadline_ns;
    f->client->pause_ms = pause_ms;
    *offset = position.offset;
    return status;
}

/* The offsets asked for are gone: an error, or on to the first that is left. */
static lv_status handle_lost(lv_kafka_fetcher *f, range_state *r, lv_error *err)
{
    int64_t first, end;
    if (!f->options.skip_lost)
        return LV_FAIL(
            err, LV_KAFKA_DATA_LOSS,
            "some data may have been lost because it is not available in Kafka any more: "
            "topic %.*s, partition %d, offsets %lld to %lld; it was aged out, or the topic "
            "was deleted. To go on with what is left set failOnDataLoss to false",
            LV_STR_ARG(r->range.topic), r->range.partition, (long long)r->next,
            (long long)r->range.until);
    rewind_ranges(f);
    LV_TRY(ask_bound(f, r, -2, &first, err));
    LV_TRY(ask_bound(f, r, -1, &end, err));
    if (first <= r->next && r->next < end)
        return LV_FAIL(err, LV_UNAVAILABLE,
                       "topic %.*s, partition %d: offset %lld was out of range and is not now",
                       LV_STR_ARG(r->range.topic), r->range.partition, (long long)r->next);
    bool nothing_left = first >= r->range.until || first <= r->next;
    r->next = r->asked = nothing_left ? r->range.until : first;
    return LV_OK;
}

/* Moves `asked` behind the whole batches in `bytes`, which are the first *whole bytes. Brokers cut
 * the last one. */
static lv_status scan_headers(range_state *r, lv_str bytes, size_t *whole, lv_error *err)
{
    *whole = 0;
    while (*whole < bytes.len) {
        lv_record_batch batch;
        bool complete;
        LV_TRY(lv_record_batch_read(lv_str_sub(bytes, *whole, bytes.len - *whole), false, &batch,
                                    &complete, err));
        if (!complete)
            break;
        r->asked = LV_MAX(r->asked, batch.next_offset);
        *whole += (size_t)batch.size_bytes;
    }
    return LV_OK;
}

/* All that came was the beginning of a batch: the next request asks for more of it. */
static lv_status ask_for_more(lv_kafka_fetcher *f, const range_state *r, lv_error *err)
{
    if (f->options.partition_max_bytes >= PARTITION_BYTES_MOST)
        return LV_FAIL(err, LV_KAFKA_PROTOCOL,
                       "topic %.*s, partition %d: the batch at offset %lld is larger than %d MiB",
                       LV_STR_ARG(r->range.topic), r->range.partition, (long long)r->asked,
                       PARTITION_BYTES_MOST >> 20);
    f->options.partition_max_bytes =
        (int32_t)LV_MIN((int64_t)f->options.partition_max_bytes * 4, (int64_t)PARTITION_BYTES_MOST);
    f->answer_bytes = LV_MAX(f->answer_bytes, f->options.partition_max_bytes);
    return LV_OK;
}

/* Notes the batches of one partition. *cut: the range, if only the beginning of one came. */
static lv_status take_partition(lv_kafka_fetcher *f, const lv_kafka_conn *conn, lv_str topic,
                                const lv_kafka_fetch_response_partition *p, range_state **lost,
                                range_state **cut, lv_error *err)
{
    size_t whole;
    range_state *r = find_range(f, conn, topic, p->partition);
    if (r == NULL)
        return LV_FAIL(err, LV_KAFKA_PROTOCOL,
                       "topic %.*s, partition %d was answered for but not asked for",
                       LV_STR_ARG(topic), p->partition);
    if (p->error_code == LV_KAFKA_ERROR_OFFSET_OUT_OF_RANGE) {
        *lost = r;
        return LV_OK;
    }
    if (p->error_code != 0)
        return lv_kafka_fail(p->error_code, topic, p->partition, err);
    if (p->records.len == 0)
        return LV_OK;
    lv_status status = scan_headers(r, p->records, &whole, err);
    if (status != LV_OK) {
        lv_error_context(err, "topic %.*s, partition %d", LV_STR_ARG(topic), p->partition);
        return status;
    }
    if (whole == 0) {
        *cut = r;
        return LV_OK;
    }
    answer_part part = {(int)(r - f->ranges), lv_str_sub(p->records, 0, whole)};
    LV_VEC_PUSH(&f->answer_arena, f->parts, part);
    return LV_OK;
}

static lv_status take_answer(lv_kafka_fetcher *f, const lv_kafka_conn *conn,
                             const lv_kafka_fetch_response *response, range_state **lost,
                             lv_error *err)
{
    range_state *cut = NULL;
    *lost = NULL;
    for (int t = 0; t < response->topics.count; t++)
        for (int p = 0; p < response->topics.at[t].partitions.count && *lost == NULL; p++)
            LV_TRY(take_partition(f, conn, response->topics.at[t].name,
                                  &response->topics.at[t].partitions.at[p], lost, &cut, err));
    /* While others have records, a broker may have cut this one for them. */
    return cut != NULL && *lost == NULL && f->parts.count == 0 ? ask_for_more(f, cut, err) : LV_OK;
}

/* Receives the answer of `conn`, notes its parts, and sends the next request on it. */
static lv_status receive_answer(lv_kafka_fetcher *f, lv_kafka_conn *conn, lv_error *err)
{
    lv_kafka_fetch_response response;
    range_state *lost;
    drop_answer(f);
    LV_TRY(lv_kafka_fetch_receive(f->client, conn, &f->answer_arena, &response, err));
    lv_status status = take_answer(f, conn, &response, &lost, err);
    if (status != LV_OK) {
        lv_kafka_conn_context(conn, LV_KAFKA_FETCH, err);
        return status;
    }
    if (lost != NULL)
        return handle_lost(f, lost, err);
    /* The parts lie in the connection's buffer: it takes the other one for its next answer. */
    lv_sbuf taken = conn->in;
    conn->in = f->received;
    f->received = taken;
    return send_request(f, conn, err);
}

static lv_status fail_late(const lv_kafka_fetcher *f, lv_error *err)
{
    return LV_FAIL(err, LV_TIMED_OUT, "no records came for %.1f s",
                   (double)f->client->options.request_timeout_ms / 1000);
}

/* Adds to a failure to get an answer what was to come: the first of the ranges that want more. */
static void add_awaited(const lv_kafka_fetcher *f, lv_error *err)
{
    for (int i = 0; i < f->range_count; i++) {
        const range_state *r = &f->ranges[i];
        if (!wants_more(r))
            continue;
        lv_error_context(err, "awaited: topic %.*s, partition %d, offset %lld",
                         LV_STR_ARG(r->range.topic), r->range.partition, (long long)r->asked);
        return;
    }
}

/* Answers are as small as they may be while the broker stays ahead of us, so that their bytes are
 * still in the processor's cache when they are decompressed: on a line with long delays they grow. */
static void fit_answers(lv_kafka_fetcher *f, bool was_there)
{
    /* Partitions whose batches are large have their own limit. */
    int32_t asked = f->options.partition_max_bytes;
    int32_t least = asked > PARTITION_BYTES ? asked : ANSWER_BYTES_LEAST;
    int32_t bytes =
        was_there ? f->answer_bytes / 8 * 7 : LV_MIN(f->answer_bytes, ANSWER_BYTES_MOST / 2) * 2;
    f->answer_bytes = LV_MAX(bytes, least);
}

/* Waits for an answer: half of the time, so that a broker that hangs leaves some to try again. */
static lv_status wait_for_answer(lv_kafka_fetcher *f, lv_kafka_conn **conn, lv_error *err)
{
    LV_TRY(lv_kafka_fetch_poll(f->client, 0, conn, err));
    if (f->is_ahead)
        fit_answers(f, *conn != NULL);
    f->is_ahead = true;
    if (*conn != NULL)
        return LV_OK;
    int64_t left_ms = (f->client->deadline_ns - lv_mono_ns()) / 1000000;
    left_ms = LV_MIN(left_ms, f->client->options.request_timeout_ms / 2);
    LV_TRY(lv_kafka_fetch_poll(f->client, LV_MAX(left_ms, (int64_t)0), conn, err));
    if (*conn != NULL)
        return LV_OK;
    lv_status status = LV_FAIL(err, LV_TIMED_OUT, "the broker did not answer in time");
    for (int i = 0; i < f->client->conn_count; i++)
        if (f->client->conns[i]->in_flight)
            lv_kafka_conn_context(f->client->conns[i], LV_KAFKA_FETCH, err);
    return status;
}

/* The next answer, from whichever broker has one. *ended: there is none, all ranges are read. */
static lv_status next_answer(lv_kafka_fetcher *f, bool *ended, lv_error *err)
{
    lv_kafka_conn *conn;
    bool in_flight = false;
    *ended = false;
    for (int i = 0; i < f->client->conn_count; i++)
        in_flight |= f->client->conns[i]->in_flight;
    if (!in_flight) {
        bool sent;
        LV_TRY(send_all(f, &sent, err));
        f->is_ahead = false;
        *ended = !sent;
        return LV_OK;
    }
    LV_TRY(wait_for_answer(f, &conn, err));
    LV_TRY(receive_answer(f, conn, err));
    bool late = f->parts.count == 0 && lv_mono_ns() > f->client->deadline_ns;
    for (int i = 0; late && i < f->range_count; i++)
        if (wants_more(&f->ranges[i]))
            return fail_late(f, err);
    return LV_OK;
}

/* ---- records --------------------------------------------------------------------------------- */

/* Slices of the chunk that point into a buffer that has moved from `old` point to where it is now.
 */
static void move_slices(const lv_record_slices *slices, int64_t count, uintptr_t old, size_t len,
                        const char *now)
{
    lv_str *const columns[] = {slices->values, slices->keys};
    for (size_t c = 0; c < LV_COUNT_OF(columns); c++)
        for (int64_t i = 0; columns[c] != NULL && i < count; i++) {
            uintptr_t at = (uintptr_t)columns[c][i].ptr;
            if (at >= old && at < old + len)
                columns[c][i].ptr = now + (at - old);
        }
}

/* Begins to walk the records of `batch`, behind the chunk's records so far. */
static lv_status begin_walk(lv_kafka_fetcher *f, const lv_record_batch *batch,
                            const lv_record_slices *slices, int64_t count, lv_error *err)
{
    lv_sbuf *buffer = &f->inflated[f->filling];
    uintptr_t old = (uintptr_t)buffer->ptr;
    size_t old_len = buffer->len;
    lv_str records;
    LV_TRY(lv_inflate(f->inflater, batch, buffer, &records, err));
    f->walks_in = f->filling;
    if ((uintptr_t)buffer->ptr != old)
        move_slices(slices, count, old, old_len, buffer->ptr);
    lv_record_walk_begin(&f->walk, batch, records);
    f->walking = true;
    f->walks_append_time = batch->is_append_time;
    f->walk_end = batch->next_offset;
    return LV_OK;
}

/* Begins the part's next batch that has records to hand out. *ended: it has none. *full: the chunk
 * must be handed out first. */
static lv_status next_batch(lv_kafka_fetcher *f, const lv_record_slices *slices,
                            const lv_kafka_chunk *chunk, bool *ended, bool *full, lv_error *err)
{
    answer_part *part = &f->parts.at[f->part];
    range_state *r = &f->ranges[part->range];
    *ended = *full = false;
    while (part->bytes.len > 0 && r->next < r->range.until) {
        lv_record_batch batch;
        bool complete;
        LV_TRY(lv_record_batch_read(part->bytes, !f->options.skip_crc, &batch, &complete, err));
        if (!complete)
            break;
        bool is_empty = batch.is_control || batch.next_offset <= r->next ||
                        batch.base_offset >= r->range.until || batch.record_count == 0;
        *full = chunk->count > 0 && !is_empty &&
                (batch.is_append_time != chunk->is_append_time ||
                 f->inflated[f->filling].len >= CHUNK_BYTES_MAX);
        if (*full)
            return LV_OK;
        size_t size = (size_t)batch.size_bytes;
        part->bytes = lv_str_sub(part->bytes, size, part->bytes.len - size);
        if (!is_empty)
            return begin_walk(f, &batch, slices, chunk->count, err);
        r->next = LV_MAX(r->next, LV_MIN(batch.next_offset, r->range.until));
    }
    *ended = true;
    return LV_OK;
}

/* Fills the chunk from the current part; goes on to the next part at its end. */
static lv_status fill_chunk(lv_kafka_fetcher *f, range_state *r, const lv_record_slices *slices,
                            int64_t room, lv_kafka_chunk *chunk, lv_error *err)
{
    while (chunk->count < room) {
        if (!f->walking) {
            bool ended, full;
            LV_TRY(next_batch(f, slices, chunk, &ended, &full, err));
            if (ended)
                f->part++;
            if (ended || full)
                return LV_OK;
        }
        int64_t filled;
        chunk->is_append_time = f->walks_append_time;
        LV_TRY(lv_record_walk_next(&f->walk, r->next, r->range.until, slices, chunk->count,
                                   room - chunk->count, &filled, err));
        chunk->count += filled;
        f->walking = f->walk.left > 0;
        int64_t reached = f->walking ? f->walk.next_offset : f->walk_end;
        r->next = LV_MAX(r->next, LV_MIN(reached, r->range.until));
    }
    return LV_OK;
}

static lv_status walk_part(lv_kafka_fetcher *f, const lv_record_slices *slices, int64_t room,
                           lv_kafka_chunk *chunk, lv_error *err)
{
    chunk->range = f->parts.at[f->part].range;
    range_state *r = &f->ranges[chunk->range];
    int64_t before = r->next;
    lv_status status = fill_chunk(f, r, slices, room, chunk, err);
    if (status != LV_OK) {
        r->next = before; /* the chunk's records are not handed out */
        lv_error_context(err, "topic %.*s, partition %d", LV_STR_ARG(r->range.topic),
                         r->range.partition);
    }
    return status;
}

/* The chunk before is given back. A batch that is half walked stays where it is, and the other
 * buffer takes the new ones. */
static void reuse_buffers(lv_kafka_fetcher *f)
{
    if (f->walking)
        f->filling = !f->walks_in;
    lv_sbuf_clear(&f->inflated[f->filling]);
}

/* One try: walk what is there, else receive more. The chunk stays empty at the end of all ranges.
 */
static lv_status fetch_once(lv_kafka_fetcher *f, const lv_record_slices *slices, int64_t room,
                            lv_kafka_chunk *chunk, lv_error *err)
{
    for (bool ended = false; !ended;) {
        while (f->part < f->parts.count) {
            LV_TRY(walk_part(f, slices, room, chunk, err));
            if (chunk->count > 0)
                return LV_OK;
        }
        lv_status status = next_answer(f, &ended, err);
        if (status == LV_TIMED_OUT || status == LV_UNAVAILABLE)
            add_awaited(f, err);
        LV_TRY(status);
    }
    return LV_OK;
}

lv_status lv_kafka_fetch_next(lv_kafka_fetcher *f, const lv_record_slices *slices, int64_t room,
                              lv_kafka_chunk *chunk, lv_error *err)
{
    LV_ASSERT(room > 0);
    lv_status status;
    lv_kafka_begin(f->client);
    do {
        *chunk = (lv_kafka_chunk){0};
        reuse_buffers(f);
        status = fetch_once(f, slices, room, chunk, err);
        if (status != LV_OK)
            rewind_ranges(f);
    } while (status != LV_OK && lv_kafka_again(f->client, status, err));
    return status;
}
