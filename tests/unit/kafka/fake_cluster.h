/* fake_cluster.h: Kafka brokers in threads that misbehave by plan, for faults that a real one cannot
 * be made to show. They serve one topic, "t", from logs in memory; each has one connection at a
 * time, which is all that a client opens. */
#ifndef LV_TESTS_FAKE_CLUSTER_H
#define LV_TESTS_FAKE_CLUSTER_H

#include <arpa/inet.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/bytes.h"
#include "kafka/protocol.h"
#include "kafka/records.h"
#include "net/net.h"
#include "os/os.h"

enum { BROKERS_MAX = 3, PARTITIONS_MAX = 4, FAULTS_MAX = 4, API_KEYS_MAX = 64 };

typedef enum fault_kind {
    FAULT_CLOSE,    /* hangs up instead of answering */
    FAULT_HALF,     /* hangs up in the middle of the answer */
    FAULT_LENGTH,   /* `arg` is the length that the answer claims */
    FAULT_WRONG_ID, /* answers another request */
    FAULT_SLOW,     /* answers after `arg` ms */
    FAULT_GARBAGE,  /* answers 0xFF all over */
    FAULT_CODE,     /* answers error `arg` for every partition (or as a whole) */
    FAULT_STRANGER  /* answers for partition 77 too */
} fault_kind;

/** Strikes `times` requests of an API, after `skip` of them. */
typedef struct fault {
    lv_kafka_api_key api;
    fault_kind kind;
    int64_t arg;
    int times; /* 0: none left */
    int skip;
    bool at_first_broker; /* only there */
} fault;

typedef struct fake_partition {
    int leader;
    int64_t start, end; /* offsets */
    lv_sbuf log;
} fake_partition;

typedef struct fake_broker {
    struct fake_cluster *cluster;
    int id;
    int listener;
    int port;
    pthread_t thread;
} fake_broker;

typedef struct fake_cluster {
    pthread_mutex_t lock; /* of all that follows */
    bool stopping;
    int broker_count, partition_count;
    fake_broker brokers[BROKERS_MAX];
    fake_partition partitions[PARTITIONS_MAX];
    fault faults[FAULTS_MAX];
    bool cuts_batches; /* at the byte limit, also the first, as brokers did before Fetch 3 */
    bool offers_nothing;
    const char *password; /* SASL PLAIN; NULL: none is asked for */
    const char *mechanism;
    int64_t stored_sequence; /* of batches with a producer; -1 */
    int requests[API_KEYS_MAX];
    int connections;
    int32_t max_bytes; /* that the fetch before asked for */
} fake_cluster;

/* ---- logs ------------------------------------------------------------------------------------ */

static inline void put_be64(char *at, int64_t value)
{
    uint64_t big = __builtin_bswap64((uint64_t)value);
    memcpy(at, &big, sizeof big);
}

/** Appends batches of one partition whose base offsets are right; `end` is the offset after them. */
static inline void fake_append(fake_cluster *c, int partition, lv_str batches, int64_t end)
{
    pthread_mutex_lock(&c->lock);
    lv_sbuf_add_str(&c->partitions[partition].log, batches);
    c->partitions[partition].end = end;
    pthread_mutex_unlock(&c->lock);
}

/** Appends a batch of `count` records at the partition's end: key "k<offset>", a value that
 * begins "v<offset>;", timestamp 1000 + offset. */
static inline void fake_fill(fake_cluster *c, int partition, int count, lv_kafka_codec codec)
{
    lv_error err = LV_ERROR_INIT;
    lv_batch_builder builder;
    lv_sbuf out = LV_SBUF_INIT;
    int64_t base = c->partitions[partition].end;
    lv_batch_builder_init(&builder);
    for (int64_t o = base; o < base + count; o++) {
        char key[32], value[128];
        int key_len = snprintf(key, sizeof key, "k%lld", (long long)o);
        int len = snprintf(value, sizeof value, "v%lld;%.*s", (long long)o, (int)(o % 50),
                           "some text that compresses and some text that is long");
        lv_batch_builder_add(&builder, 1000 + o, (lv_str){key, (size_t)key_len},
                             (lv_str){value, (size_t)len});
    }
    assert_ok(&err, lv_batch_builder_finish(&builder, codec, -1, -1, -1, &out, &err));
    put_be64(out.ptr, base);
    fake_append(c, partition, lv_sbuf_str(&out), base + count);
    lv_batch_builder_release(&builder);
    lv_sbuf_release(&out);
}

/* The batches that a fetch at `offset` gets. */
static inline lv_str fake_read(const fake_cluster *c, const fake_partition *p, int64_t offset,
                               int32_t max_bytes)
{
    lv_str rest = lv_sbuf_str(&p->log);
    lv_record_batch batch;
    bool complete;
    while (rest.len > 0) {
        if (lv_record_batch_read(rest, false, &batch, &complete, NULL) != LV_OK || !complete)
            break; /* a test's damaged one */
        if (batch.next_offset > offset)
            break;
        rest = lv_str_sub(rest, (size_t)batch.size_bytes, rest.len - (size_t)batch.size_bytes);
    }
    if (rest.len == 0 || rest.len <= (size_t)max_bytes)
        return rest;
    bool whole = lv_record_batch_read(rest, false, &batch, &complete, NULL) == LV_OK && complete;
    size_t least = c->cuts_batches || !whole ? 0 : (size_t)batch.size_bytes;
    return lv_str_sub(rest, 0, LV_MAX((size_t)max_bytes, least));
}

/* ---- answers --------------------------------------------------------------------------------- */

/** A request being answered. */
typedef struct fake_call {
    fake_cluster *c;
    const fake_broker *broker;
    lv_arena *arena;
    int16_t version;
    int16_t code; /* FAULT_CODE's */
    bool stranger;
} fake_call;

static inline int16_t fake_code(const fake_call *call, int32_t partition)
{
    if (call->code != 0)
        return call->code;
    if (partition < 0 || partition >= call->c->partition_count)
        return LV_KAFKA_ERROR_UNKNOWN_TOPIC_OR_PARTITION;
    return call->c->partitions[partition].leader == call->broker->id
               ? 0
               : LV_KAFKA_ERROR_NOT_LEADER_OR_FOLLOWER;
}

static inline void answer_versions(fake_call *call, lv_kafka_api_versions_response *response)
{
    size_t count;
    const lv_kafka_api *apis = lv_kafka_apis(&count);
    *response = lv_kafka_api_versions_response_default();
    response->error_code = call->code;
    response->api_keys.at = LV_NEW_ARRAY(call->arena, lv_kafka_api_version_range, count);
    response->api_keys.count = call->c->offers_nothing ? 0 : (int32_t)count;
    for (size_t i = 0; i < count; i++)
        response->api_keys.at[i] =
            (lv_kafka_api_version_range){apis[i].key, apis[i].min_version, apis[i].max_version};
}

static inline void answer_metadata(fake_call *call, const lv_kafka_metadata_request *request,
                                   lv_kafka_metadata_response *response)
{
    fake_cluster *c = call->c;
    *response = lv_kafka_metadata_response_default();
    response->brokers.count = c->broker_count;
    response->brokers.at = LV_NEW_ARRAY(call->arena, lv_kafka_metadata_broker, c->broker_count);
    for (int i = 0; i < c->broker_count; i++)
        response->brokers.at[i] = (lv_kafka_metadata_broker){
            .node_id = i, .host = LV_STR("127.0.0.1"), .port = c->brokers[i].port};
    response->topics.count = request->topics.count;
    response->topics.at =
        LV_NEW_ARRAY(call->arena, lv_kafka_metadata_topic, LV_MAX(request->topics.count, 0));
    for (int t = 0; t < request->topics.count; t++) {
        lv_kafka_metadata_topic *topic = &response->topics.at[t];
        *topic = lv_kafka_metadata_topic_default();
        topic->name = request->topics.at[t].name;
        topic->error_code = call->code;
        if (!lv_str_is(topic->name, "t"))
            topic->error_code = LV_KAFKA_ERROR_UNKNOWN_TOPIC_OR_PARTITION;
        if (topic->error_code != 0)
            continue;
        topic->partitions.count = c->partition_count;
        topic->partitions.at =
            LV_NEW_ARRAY(call->arena, lv_kafka_metadata_partition, c->partition_count);
        for (int p = 0; p < c->partition_count; p++) {
            topic->partitions.at[p] = lv_kafka_metadata_partition_default();
            topic->partitions.at[p].partition = c->partition_count - 1 - p; /* not in order */
            topic->partitions.at[p].leader_id = c->partitions[c->partition_count - 1 - p].leader;
        }
    }
}

static inline void answer_list_offsets(fake_call *call,
                                       const lv_kafka_list_offsets_request *request,
                                       lv_kafka_list_offsets_response *response)
{
    *response = lv_kafka_list_offsets_response_default();
    response->topics.count = request->topics.count;
    response->topics.at =
        LV_NEW_ARRAY(call->arena, lv_kafka_list_offsets_response_topic, request->topics.count);
    for (int t = 0; t < request->topics.count; t++) {
        int count = request->topics.at[t].partitions.count;
        lv_kafka_list_offsets_response_topic *topic = &response->topics.at[t];
        topic->name = request->topics.at[t].name;
        topic->partitions.count = count;
        topic->partitions.at =
            LV_NEW_ARRAY(call->arena, lv_kafka_list_offsets_response_partition, count);
        for (int p = 0; p < count; p++) {
            const lv_kafka_list_offsets_request_partition *asked =
                &request->topics.at[t].partitions.at[p];
            lv_kafka_list_offsets_response_partition *to = &topic->partitions.at[p];
            *to = lv_kafka_list_offsets_response_partition_default();
            to->partition = asked->partition;
            to->error_code = fake_code(call, asked->partition);
            if (to->error_code == 0)
                to->offset = asked->timestamp == -2 ? call->c->partitions[to->partition].start
                                                    : call->c->partitions[to->partition].end;
        }
    }
}

/* Returns whether there is something to say at once. */
static inline bool answer_fetch(fake_call *call, const lv_kafka_fetch_request *request,
                                lv_kafka_fetch_response *response)
{
    bool news = call->stranger;
    call->c->max_bytes = request->max_bytes;
    *response = lv_kafka_fetch_response_default();
    response->topics.count = request->topics.count;
    response->topics.at =
        LV_NEW_ARRAY(call->arena, lv_kafka_fetch_response_topic, request->topics.count);
    for (int t = 0; t < request->topics.count; t++) {
        int count = request->topics.at[t].partitions.count;
        lv_kafka_fetch_response_topic *topic = &response->topics.at[t];
        topic->name = request->topics.at[t].name;
        topic->partitions.count = count;
        topic->partitions.at = LV_NEW_ARRAY(call->arena, lv_kafka_fetch_response_partition, count);
        for (int p = 0; p < count; p++) {
            const lv_kafka_fetch_request_partition *asked = &request->topics.at[t].partitions.at[p];
            lv_kafka_fetch_response_partition *to = &topic->partitions.at[p];
            *to = lv_kafka_fetch_response_partition_default();
            to->partition = call->stranger ? 77 : asked->partition;
            to->error_code = fake_code(call, asked->partition);
            if (to->error_code == 0) {
                const fake_partition *from = &call->c->partitions[asked->partition];
                if (asked->fetch_offset < from->start || asked->fetch_offset > from->end)
                    to->error_code = LV_KAFKA_ERROR_OFFSET_OUT_OF_RANGE;
                else
                    to->records =
                        lv_str_dup(call->arena, fake_read(call->c, from, asked->fetch_offset,
                                                          asked->partition_max_bytes));
            }
            news |= to->error_code != 0 || to->records.len > 0;
        }
    }
    return news;
}

static inline void answer_produce(fake_call *call, const lv_kafka_produce_request *request,
                                  lv_kafka_produce_response *response)
{
    *response = lv_kafka_produce_response_default();
    response->topics.count = 1;
    response->topics.at = LV_NEW_ARRAY(call->arena, lv_kafka_produce_response_topic, 1);
    response->topics.at[0].name = request->topics.at[0].name;
    response->topics.at[0].partitions.count = 1;
    lv_kafka_produce_response_partition *to = response->topics.at[0].partitions.at =
        LV_NEW_ARRAY(call->arena, lv_kafka_produce_response_partition, 1);
    const lv_kafka_produce_request_partition *from = &request->topics.at[0].partitions.at[0];
    *to = lv_kafka_produce_response_partition_default();
    to->partition = from->partition;
    to->error_code = fake_code(call, from->partition);
    lv_rd rd = lv_rd_of(from->records.ptr, from->records.len);
    lv_rd_bytes(&rd, 43);
    bool has_producer = lv_rd_i64be(&rd) >= 0;
    lv_rd_bytes(&rd, 2);
    int32_t sequence = lv_rd_i32be(&rd);
    if (to->error_code == 0 && has_producer && sequence <= call->c->stored_sequence)
        to->error_code = LV_KAFKA_ERROR_DUPLICATE_SEQUENCE_NUMBER;
    if (to->error_code != 0)
        return;
    fake_partition *p = &call->c->partitions[from->partition];
    if (has_producer)
        call->c->stored_sequence = sequence;
    to->base_offset = p->end++;
}

static inline void answer_sasl(fake_call *call, const lv_kafka_sasl_authenticate_request *request,
                               lv_kafka_sasl_authenticate_response *response)
{
    char expected[100];
    *response = lv_kafka_sasl_authenticate_response_default();
    int len = snprintf(expected, sizeof expected, "%cuser%c%s", 0, 0, call->c->password);
    if (!lv_str_eq(request->auth_bytes, (lv_str){expected, (size_t)len}))
        response->error_code = LV_KAFKA_ERROR_SASL_AUTHENTICATION_FAILED;
}

/* ---- serving --------------------------------------------------------------------------------- */

/* The fault that strikes this request, if any; a copy. */
static inline bool find_fault(fake_call *call, int16_t api, fault *found)
{
    for (int i = 0; i < FAULTS_MAX; i++) {
        fault *f = &call->c->faults[i];
        if (f->times == 0 || (int16_t)f->api != api ||
            (f->at_first_broker && call->broker->id != 0))
            continue;
        if (f->skip-- > 0)
            continue;
        f->skip = 0;
        f->times--;
        *found = *f;
        return true;
    }
    return false;
}

/* Decodes a request and encodes its answer; false while a fetch has nothing to say. */
static inline bool fake_answer(fake_call *call, const lv_kafka_request_header *header, lv_rd body,
                               lv_sbuf *out)
{
    union {
        lv_kafka_api_versions_request versions;
        lv_kafka_metadata_request metadata;
        lv_kafka_list_offsets_request list_offsets;
        lv_kafka_fetch_request fetch;
        lv_kafka_produce_request produce;
        lv_kafka_sasl_handshake_request handshake;
        lv_kafka_sasl_authenticate_request authenticate;
    } in;
    union {
        lv_kafka_api_versions_response versions;
        lv_kafka_metadata_response metadata;
        lv_kafka_list_offsets_response list_offsets;
        lv_kafka_fetch_response fetch;
        lv_kafka_produce_response produce;
        lv_kafka_sasl_handshake_response handshake;
        lv_kafka_sasl_authenticate_response authenticate;
    } answer;
    bool ready = true;
    if (lv_kafka_request_decode(&body, header, call->arena, &in, NULL) != LV_OK)
        abort();
    switch (header->api_key) { /* dispatch */
    case LV_KAFKA_API_VERSIONS: answer_versions(call, &answer.versions); break;
    case LV_KAFKA_METADATA: answer_metadata(call, &in.metadata, &answer.metadata); break;
    case LV_KAFKA_LIST_OFFSETS:
        answer_list_offsets(call, &in.list_offsets, &answer.list_offsets);
        break;
    case LV_KAFKA_FETCH: ready = answer_fetch(call, &in.fetch, &answer.fetch); break;
    case LV_KAFKA_PRODUCE: answer_produce(call, &in.produce, &answer.produce); break;
    case LV_KAFKA_SASL_HANDSHAKE:
        answer.handshake = lv_kafka_sasl_handshake_response_default();
        if (!lv_str_is(in.handshake.mechanism, call->c->mechanism))
            answer.handshake.error_code = LV_KAFKA_ERROR_UNSUPPORTED_SASL_MECHANISM;
        break;
    case LV_KAFKA_SASL_AUTHENTICATE:
        answer_sasl(call, &in.authenticate, &answer.authenticate);
        break;
    default: abort();
    }
    lv_sbuf_clear(out);
    lv_kafka_response_encode(out, (lv_kafka_api_key)header->api_key, header->api_version,
                             header->correlation_id, &answer, NULL);
    return ready;
}

static inline bool fake_stopping(fake_cluster *c)
{
    pthread_mutex_lock(&c->lock);
    bool stopping = c->stopping;
    pthread_mutex_unlock(&c->lock);
    return stopping;
}

/* Waits for something to read; false when the cluster stops. */
static inline bool fake_wait(fake_cluster *c, int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLIN};
    while (!fake_stopping(c))
        if (poll(&p, 1, 5) > 0)
            return true;
    return false;
}

/* Sends the answer as the fault wants it; false to hang up. */
static inline bool fake_send(fake_cluster *c, int fd, lv_sbuf *out, const fault *f)
{
    int64_t deadline_ns = lv_mono_ns() + (int64_t)10000000000;
    if (f != NULL && f->kind == FAULT_CLOSE)
        return false;
    if (f != NULL && f->kind == FAULT_SLOW)
        for (int64_t ms = 0; ms < f->arg && !fake_stopping(c); ms += 5)
            lv_sleep_us(5000);
    if (f != NULL && f->kind == FAULT_LENGTH) {
        uint32_t big = __builtin_bswap32((uint32_t)f->arg);
        memcpy(out->ptr, &big, sizeof big);
    }
    if (f != NULL && f->kind == FAULT_WRONG_ID)
        out->ptr[7] ^= 0x55;
    if (f != NULL && f->kind == FAULT_GARBAGE)
        memset(out->ptr + 8, 0xFF, out->len - 8);
    size_t len = f != NULL && f->kind == FAULT_HALF ? out->len / 2 : out->len;
    return lv_net_send(fd, out->ptr, len, deadline_ns, NULL) == LV_OK &&
           !(f != NULL && f->kind == FAULT_HALF);
}

/* Reads a request and answers it; false to hang up. */
static inline bool fake_serve(const fake_broker *broker, int fd, lv_arena *arena, lv_sbuf *in,
                              lv_sbuf *out)
{
    fake_cluster *c = broker->cluster;
    int64_t now = lv_mono_ns(), deadline_ns = now + (int64_t)10000000000;
    uint32_t size;
    lv_kafka_request_header header;
    lv_arena_reset(arena);
    lv_sbuf_clear(in);
    if (lv_net_receive(fd, &size, sizeof size, deadline_ns, NULL) != LV_OK)
        return false;
    size = __builtin_bswap32(size);
    if (lv_net_receive(fd, lv_sbuf_reserve(in, size), size, deadline_ns, NULL) != LV_OK)
        return false;
    lv_rd rd = lv_rd_of(in->ptr, size);
    if (lv_kafka_request_header_decode(&rd, &header, NULL) != LV_OK)
        abort();
    fault struck;
    fake_call call = {.c = c, .broker = broker, .arena = arena, .version = header.api_version};
    pthread_mutex_lock(&c->lock);
    c->requests[header.api_key]++;
    bool has_fault = find_fault(&call, header.api_key, &struck);
    if (has_fault && struck.kind == FAULT_CODE)
        call.code = (int16_t)struck.arg;
    call.stranger = has_fault && struck.kind == FAULT_STRANGER;
    bool ready = fake_answer(&call, &header, rd, out);
    pthread_mutex_unlock(&c->lock);
    for (int64_t until = now + 200000000; !ready && lv_mono_ns() < until && !fake_stopping(c);) {
        lv_sleep_us(2000);
        pthread_mutex_lock(&c->lock);
        ready = fake_answer(&call, &header, rd, out);
        pthread_mutex_unlock(&c->lock);
    }
    return fake_send(c, fd, out, has_fault ? &struck : NULL);
}

static inline void *fake_run(void *arg)
{
    fake_broker *broker = arg;
    lv_arena arena;
    lv_sbuf in = LV_SBUF_INIT, out = LV_SBUF_INIT;
    lv_arena_init(&arena);
    while (fake_wait(broker->cluster, broker->listener)) {
        int fd = accept(broker->listener, NULL, NULL);
        if (fd < 0)
            continue;
        pthread_mutex_lock(&broker->cluster->lock);
        broker->cluster->connections++;
        pthread_mutex_unlock(&broker->cluster->lock);
        while (fake_wait(broker->cluster, fd) && fake_serve(broker, fd, &arena, &in, &out))
            ;
        close(fd);
    }
    lv_arena_release(&arena);
    lv_sbuf_release(&in);
    lv_sbuf_release(&out);
    return NULL;
}

/* ---- life ------------------------------------------------------------------------------------ */

/** Brokers 0.. on ports of the kernel's choice; partition p is led by broker p modulo their number.
 */
static inline void fake_start(fake_cluster *c, int brokers, int partitions)
{
    *c = (fake_cluster){.broker_count = brokers,
                        .partition_count = partitions,
                        .mechanism = "PLAIN",
                        .stored_sequence = -1};
    pthread_mutex_init(&c->lock, NULL);
    for (int p = 0; p < partitions; p++)
        c->partitions[p].leader = p % brokers;
    for (int i = 0; i < brokers; i++) {
        struct sockaddr_in address = {.sin_family = AF_INET,
                                      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
        socklen_t size = sizeof address;
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
        assert_int_equal(listen(fd, 16), 0);
        getsockname(fd, (struct sockaddr *)&address, &size);
        c->brokers[i] = (fake_broker){c, i, fd, ntohs(address.sin_port), 0};
    }
    for (int i = 0; i < brokers; i++)
        assert_int_equal(pthread_create(&c->brokers[i].thread, NULL, fake_run, &c->brokers[i]), 0);
}

static inline void fake_stop(fake_cluster *c)
{
    pthread_mutex_lock(&c->lock);
    c->stopping = true;
    pthread_mutex_unlock(&c->lock);
    for (int i = 0; i < c->broker_count; i++) {
        pthread_join(c->brokers[i].thread, NULL);
        close(c->brokers[i].listener);
    }
    for (int p = 0; p < c->partition_count; p++)
        lv_sbuf_release(&c->partitions[p].log);
    pthread_mutex_destroy(&c->lock);
}

static inline int fake_requests(fake_cluster *c, lv_kafka_api_key api)
{
    pthread_mutex_lock(&c->lock);
    int count = c->requests[api];
    pthread_mutex_unlock(&c->lock);
    return count;
}

static inline void fake_move_leader(fake_cluster *c, int partition, int broker)
{
    pthread_mutex_lock(&c->lock);
    c->partitions[partition].leader = broker;
    pthread_mutex_unlock(&c->lock);
}

#endif
