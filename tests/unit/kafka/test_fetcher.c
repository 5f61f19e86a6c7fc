/* test_fetcher.c: every record of a range once and in order, whatever brokers do meanwhile. */
#include "unit.h"

#include "base/hash.h"
#include "fake_cluster.h"
#include "kafka/fetcher.h"

enum { ROOM_MOST = 5000 };

static fake_cluster cluster;
static lv_kafka_fetcher *fetcher;
static lv_str keys[ROOM_MOST], values[ROOM_MOST];
static int64_t offsets[ROOM_MOST], times[ROOM_MOST];
static const lv_record_slices slices = {values, keys, offsets, times};

static void connect_fetcher(int64_t ms, lv_kafka_fetcher_options options)
{
    char server[40];
    snprintf(server, sizeof server, "127.0.0.1:%d", cluster.brokers[0].port);
    lv_kafka_options client = {.bootstrap_servers = lv_str_of(server), .request_timeout_ms = ms};
    lv_kafka_fetcher_free(fetcher);
    fetcher = lv_kafka_fetcher_new(lv_kafka_client_new(&client), &options);
}

static int start_two(void **state)
{
    fake_start(&cluster, 2, 4);
    return 0;
}

static int stop(void **state)
{
    lv_kafka_fetcher_free(fetcher);
    fetcher = NULL;
    fake_stop(&cluster);
    return 0;
}

static void set_fault(int i, fault f)
{
    pthread_mutex_lock(&cluster.lock);
    cluster.faults[i] = f;
    pthread_mutex_unlock(&cluster.lock);
}

static void open_range(int32_t partition, int64_t from, int64_t until)
{
    lv_kafka_range range = {LV_STR("t"), partition, from, until};
    lv_kafka_fetcher_open(fetcher, &range, 1);
}

/* Fails unless the chunk's records are those of fake_fill. */
static void check_records(const lv_kafka_chunk *chunk)
{
    for (int64_t i = 0; i < chunk->count; i++) {
        char key[32], value[32];
        snprintf(key, sizeof key, "k%lld", (long long)offsets[i]);
        int len = snprintf(value, sizeof value, "v%lld;", (long long)offsets[i]);
        assert_str(keys[i], key);
        assert_str(lv_str_sub(values[i], 0, (size_t)len), value);
        assert_int_equal((int64_t)values[i].len, len + offsets[i] % 50);
        if (!chunk->is_append_time)
            assert_int_equal(times[i], 1000 + offsets[i]);
    }
}

/* Reads what is left of a single range into `seen`, which says where it is: offsets must grow.
 * Returns the number of records. */
static lv_status read_range(int64_t room, int64_t *seen, int64_t *count, lv_error *err)
{
    lv_kafka_chunk chunk;
    *err = LV_ERROR_INIT;
    *count = 0;
    for (;;) {
        LV_TRY(lv_kafka_fetch_next(fetcher, &slices, room, &chunk, err));
        if (chunk.count == 0)
            return LV_OK;
        assert_true(chunk.count <= room);
        check_records(&chunk);
        for (int64_t i = 0; i < chunk.count; i++) {
            assert_true(offsets[i] >= *seen);
            *seen = offsets[i] + 1;
        }
        *count += chunk.count;
    }
}

/* All of from..until of one partition. */
static void expect_range(int32_t partition, int64_t from, int64_t until, int64_t room)
{
    lv_error err;
    int64_t seen = from, count;
    open_range(partition, from, until);
    assert_ok(&err, read_range(room, &seen, &count, &err));
    assert_int_equal(count, until - from);
    assert_int_equal(seen, until);
}

static void assert_says(const lv_error *err, const char *text)
{
    if (strstr(err->message, text) == NULL && strstr(err->context, text) == NULL)
        fail_msg("'%s' (%s) does not say '%s'", err->message, err->context, text);
}

static lv_status read_to_error(int32_t partition, int64_t from, int64_t until, int64_t *count,
                               lv_error *err)
{
    int64_t seen = from;
    open_range(partition, from, until);
    return read_range(100, &seen, count, err);
}

/* ---- what works ------------------------------------------------------------------------------ */

static void ranges_of_all_partitions_are_read(void **state)
{
    lv_kafka_range ranges[4];
    lv_kafka_chunk chunk;
    lv_error err = LV_ERROR_INIT;
    int64_t next[4];
    connect_fetcher(5000, (lv_kafka_fetcher_options){0});
    for (int p = 0; p < 4; p++) {
        for (int b = 0; b < 30; b++)
            fake_fill(&cluster, p, 1 + b * (p + 1), (lv_kafka_codec)(b % LV_KAFKA_CODEC_COUNT));
        next[p] = 3 + p;
        ranges[p] = (lv_kafka_range){LV_STR("t"), p, next[p], cluster.partitions[p].end - 5};
    }
    lv_kafka_fetcher_open(fetcher, ranges, 4);
    for (;;) {
        assert_ok(&err, lv_kafka_fetch_next(fetcher, &slices, 333, &chunk, &err));
        if (chunk.count == 0)
            break;
        check_records(&chunk);
        for (int64_t i = 0; i < chunk.count; i++)
            assert_int_equal(offsets[i], next[chunk.range]++);
    }
    for (int p = 0; p < 4; p++)
        assert_int_equal(next[p], ranges[p].until);
    assert_ok(&err, lv_kafka_fetch_next(fetcher, &slices, 333, &chunk, &err));
    assert_int_equal(chunk.count, 0);
}

/* Batches of many chunks, and chunks of many batches: what was handed out last must still be there
 * while the next batch is decompressed. */
static void chunks_and_batches_of_all_sizes(void **state)
{
    static const int sizes[] = {1, 10000, 2, 3000, 1, 1, 9999, 4096, 8192, 1};
    static const int64_t rooms[] = {1, 7, 1000, 4096, ROOM_MOST};
    for (lv_kafka_codec codec = LV_KAFKA_NONE; codec < LV_KAFKA_CODEC_COUNT; codec++)
        for (size_t i = 0; i < LV_COUNT_OF(sizes); i++)
            fake_fill(&cluster, 0, sizes[i], codec);
    connect_fetcher(5000, (lv_kafka_fetcher_options){0});
    int64_t end = cluster.partitions[0].end;
    for (size_t r = 0; r < LV_COUNT_OF(rooms); r++)
        expect_range(0, rooms[r] < 100 ? end - 40000 : 0, end, rooms[r]);
    expect_range(0, 5000, 5001, 10);
    expect_range(0, 9999, 10002, 10);
    expect_range(0, 77, 77, 10); /* empty */
}

static void ranges_can_be_left_and_opened_anew(void **state)
{
    lv_error err = LV_ERROR_INIT;
    lv_kafka_chunk chunk;
    for (int b = 0; b < 50; b++)
        fake_fill(&cluster, 0, 100, LV_KAFKA_LZ4);
    connect_fetcher(5000, (lv_kafka_fetcher_options){.partition_max_bytes = 2000});
    for (int i = 0; i < 5; i++) {
        open_range(0, 130, 5000);
        assert_ok(&err, lv_kafka_fetch_next(fetcher, &slices, 60, &chunk, &err));
        assert_int_equal(chunk.count, 60);
        assert_int_equal(offsets[0], 130);
    }
    expect_range(0, 4000, 5000, 60);
}

/* Small while the broker keeps up; larger where every answer has to be waited for. */
static void answers_grow_with_the_delay(void **state)
{
    for (int b = 0; b < 20; b++)
        fake_fill(&cluster, 0, 50, LV_KAFKA_LZ4);
    connect_fetcher(5000, (lv_kafka_fetcher_options){.partition_max_bytes = 1});
    set_fault(0, (fault){.api = LV_KAFKA_FETCH, .kind = FAULT_SLOW, .arg = 20, .times = 12});
    expect_range(0, 0, 600, 100);
    pthread_mutex_lock(&cluster.lock);
    int32_t grown = cluster.max_bytes;
    pthread_mutex_unlock(&cluster.lock);
    assert_in_range(grown, 4 << 20, 16 << 20);
}

/* ---- faults that pass ------------------------------------------------------------------------ */

static void connections_that_break_lose_nothing(void **state)
{
    static const fault_kind kinds[] = {FAULT_CLOSE, FAULT_HALF};
    for (int b = 0; b < 100; b++)
        fake_fill(&cluster, 1, 50, LV_KAFKA_LZ4);
    connect_fetcher(5000, (lv_kafka_fetcher_options){.partition_max_bytes = 3000});
    for (size_t k = 0; k < LV_COUNT_OF(kinds); k++) {
        set_fault(0, (fault){.api = LV_KAFKA_FETCH, .kind = kinds[k], .times = 2, .skip = 3});
        set_fault(1, (fault){.api = LV_KAFKA_FETCH, .kind = kinds[k], .times = 1, .skip = 6});
        expect_range(1, 20, 4990, 70);
    }
}

static void leaders_may_move(void **state)
{
    lv_error err = LV_ERROR_INIT;
    lv_kafka_chunk chunk;
    int64_t seen = 10, count;
    for (int b = 0; b < 100; b++)
        fake_fill(&cluster, 1, 50, LV_KAFKA_LZ4);
    connect_fetcher(5000, (lv_kafka_fetcher_options){.partition_max_bytes = 3000});
    open_range(1, 10, 5000);
    for (; seen < 900; seen += chunk.count) {
        assert_ok(&err, lv_kafka_fetch_next(fetcher, &slices, 70, &chunk, &err));
        assert_int_equal(offsets[0], seen);
        check_records(&chunk);
    }
    fake_move_leader(&cluster, 1, 0);
    int64_t before = seen;
    assert_ok(&err, read_range(70, &seen, &count, &err));
    assert_int_equal(seen, 5000);
    assert_int_equal(count, 5000 - before);
}

static void partitions_unknown_for_a_moment_are_asked_for_again(void **state)
{
    fake_fill(&cluster, 1, 50, LV_KAFKA_ZSTD);
    connect_fetcher(5000, (lv_kafka_fetcher_options){0});
    set_fault(0, (fault){.api = LV_KAFKA_FETCH,
                         .kind = FAULT_CODE,
                         .arg = LV_KAFKA_ERROR_UNKNOWN_TOPIC_OR_PARTITION,
                         .times = 2});
    expect_range(1, 0, 50, 100);
}

static void a_topic_that_is_gone_is_named(void **state)
{
    lv_error err;
    int64_t count;
    fake_fill(&cluster, 1, 50, LV_KAFKA_ZSTD);
    connect_fetcher(5000, (lv_kafka_fetcher_options){0});
    set_fault(0, (fault){.api = LV_KAFKA_FETCH,
                         .kind = FAULT_CODE,
                         .arg = LV_KAFKA_ERROR_UNKNOWN_TOPIC_OR_PARTITION,
                         .times = 9});
    set_fault(1, (fault){.api = LV_KAFKA_METADATA,
                         .kind = FAULT_CODE,
                         .arg = LV_KAFKA_ERROR_UNKNOWN_TOPIC_OR_PARTITION,
                         .times = 9,
                         .skip = 1});
    assert_int_equal(read_to_error(1, 0, 50, &count, &err), LV_UNKNOWN_TOPIC);
    assert_says(&err, "topic t");
}

static void ranges_without_records_time_out(void **state)
{
    lv_error err;
    int64_t count;
    fake_fill(&cluster, 1, 50, LV_KAFKA_LZ4);
    connect_fetcher(400, (lv_kafka_fetcher_options){0});
    assert_int_equal(read_to_error(1, 0, 51, &count, &err), LV_TIMED_OUT);
    assert_int_equal(count, 50);
    assert_says(&err, "topic t, partition 1, offset 50");
    set_fault(0, (fault){.api = LV_KAFKA_FETCH, .kind = FAULT_SLOW, .arg = 3000, .times = 9});
    int64_t began = lv_mono_ns();
    assert_int_equal(read_to_error(1, 0, 50, &count, &err), LV_TIMED_OUT);
    assert_in_range((lv_mono_ns() - began) / 1000000, 300, 2000);
}

/* ---- batches that are cut -------------------------------------------------------------------- */

static void cut_batches_are_asked_for_again(void **state)
{
    for (int b = 0; b < 100; b++)
        fake_fill(&cluster, 0, 1 + b % 60, LV_KAFKA_LZ4);
    int64_t end = cluster.partitions[0].end;
    cluster.cuts_batches = true;
    static const int32_t limits[] = {1, 17, 61, 100, 700, 1500, 5001};
    for (size_t i = 0; i < LV_COUNT_OF(limits); i++) {
        connect_fetcher(5000, (lv_kafka_fetcher_options){.partition_max_bytes = limits[i]});
        expect_range(0, 5, end - 1, 100);
    }
}

/* A message far beyond the limits is read all the same. */
static void large_batches_are_read(void **state)
{
    enum { SIZE = 9 << 20 };
    lv_error err = LV_ERROR_INIT;
    lv_batch_builder builder;
    lv_kafka_chunk chunk;
    lv_sbuf out = LV_SBUF_INIT;
    char *value = malloc(SIZE);
    memset(value, 'x', SIZE);
    lv_batch_builder_init(&builder);
    lv_batch_builder_add(&builder, 1, LV_STR_NONE, (lv_str){value, SIZE});
    assert_ok(&err, lv_batch_builder_finish(&builder, LV_KAFKA_NONE, -1, -1, -1, &out, &err));
    fake_append(&cluster, 0, lv_sbuf_str(&out), 1);
    for (int cuts = 0; cuts < 2; cuts++) {
        pthread_mutex_lock(&cluster.lock);
        cluster.cuts_batches = cuts;
        pthread_mutex_unlock(&cluster.lock);
        connect_fetcher(20000, (lv_kafka_fetcher_options){0});
        open_range(0, 0, 1);
        assert_ok(&err, lv_kafka_fetch_next(fetcher, &slices, 10, &chunk, &err));
        assert_int_equal(chunk.count, 1);
        assert_int_equal(values[0].len, SIZE);
        assert_memory_equal(values[0].ptr, value, SIZE);
    }
    free(value);
    lv_batch_builder_release(&builder);
    lv_sbuf_release(&out);
}

/* ---- damage ---------------------------------------------------------------------------------- */

static void flip(int partition, size_t at, char bits)
{
    pthread_mutex_lock(&cluster.lock);
    cluster.partitions[partition].log.ptr[at] ^= bits;
    pthread_mutex_unlock(&cluster.lock);
}

static void damaged_batches_are_named(void **state)
{
    lv_error err;
    int64_t count;
    fake_fill(&cluster, 2, 50, LV_KAFKA_LZ4);
    size_t second = cluster.partitions[2].log.len;
    fake_fill(&cluster, 2, 50, LV_KAFKA_LZ4);
    fake_fill(&cluster, 2, 50, LV_KAFKA_LZ4);
    connect_fetcher(2000, (lv_kafka_fetcher_options){0});
    flip(2, second + 100, 1);
    assert_int_equal(read_to_error(2, 0, 150, &count, &err), LV_KAFKA_PROTOCOL);
    assert_says(&err, "record batch at offset 50 has a wrong checksum");
    assert_says(&err, "topic t, partition 2");
    flip(2, second + 100, 1);
    flip(2, second + 16, 3); /* magic */
    assert_int_equal(read_to_error(2, 0, 150, &count, &err), LV_KAFKA_PROTOCOL);
    assert_says(&err, "format 1");
    assert_says(&err, "topic t, partition 2");
    flip(2, second + 16, 3);
    expect_range(2, 0, 150, 100);
}

/* A batch that claims to be longer than any: not waited for. */
static void impossible_lengths_are_refused(void **state)
{
    lv_error err;
    int64_t count;
    fake_fill(&cluster, 2, 50, LV_KAFKA_LZ4);
    flip(2, 8, 0x70);
    connect_fetcher(20000, (lv_kafka_fetcher_options){0});
    assert_int_equal(read_to_error(2, 0, 50, &count, &err), LV_KAFKA_PROTOCOL);
    assert_says(&err, "impossible length");
    flip(2, 8, (char)0xF0);
    assert_int_equal(read_to_error(2, 0, 50, &count, &err), LV_KAFKA_PROTOCOL);
    assert_says(&err, "impossible length");
    assert_int_equal(fake_requests(&cluster, LV_KAFKA_FETCH), 2);
}

/* Half a batch and nothing behind it: no endless request for more. */
static void batches_that_never_end_are_refused(void **state)
{
    lv_error err;
    int64_t count;
    fake_fill(&cluster, 2, 50, LV_KAFKA_NONE);
    flip(2, 9, 0x40); /* 4 MiB more than there is */
    connect_fetcher(20000, (lv_kafka_fetcher_options){0});
    assert_int_equal(read_to_error(2, 0, 50, &count, &err), LV_KAFKA_PROTOCOL);
    assert_says(&err, "topic t, partition 2: the batch at offset 0 is larger than 256 MiB");
}

static void answers_not_asked_for_are_refused(void **state)
{
    lv_error err;
    int64_t count;
    fake_fill(&cluster, 0, 50, LV_KAFKA_LZ4);
    connect_fetcher(2000, (lv_kafka_fetcher_options){0});
    set_fault(0, (fault){.api = LV_KAFKA_FETCH, .kind = FAULT_STRANGER, .times = 1});
    assert_int_equal(read_to_error(0, 0, 50, &count, &err), LV_KAFKA_PROTOCOL);
    assert_says(&err, "partition 77");
    set_fault(0, (fault){.api = LV_KAFKA_FETCH, .kind = FAULT_GARBAGE, .times = 1});
    assert_int_equal(read_to_error(0, 0, 50, &count, &err), LV_KAFKA_PROTOCOL);
    set_fault(0, (fault){.api = LV_KAFKA_FETCH, .kind = FAULT_WRONG_ID, .times = 1});
    assert_int_equal(read_to_error(0, 0, 50, &count, &err), LV_KAFKA_PROTOCOL);
    set_fault(0, (fault){.api = LV_KAFKA_FETCH,
                         .kind = FAULT_CODE,
                         .arg = LV_KAFKA_ERROR_TOPIC_AUTHORIZATION_FAILED,
                         .times = 1});
    assert_int_equal(read_to_error(0, 0, 50, &count, &err), LV_AUTHENTICATION);
    assert_says(&err, "topic t, partition 0");
    expect_range(0, 0, 50, 100);
}

/* ---- offsets that are gone ------------------------------------------------------------------- */

static void move_bounds(int partition, int64_t start, int64_t end)
{
    pthread_mutex_lock(&cluster.lock);
    cluster.partitions[partition].start = start;
    cluster.partitions[partition].end = end;
    pthread_mutex_unlock(&cluster.lock);
}

static void lost_records_fail(void **state)
{
    lv_error err;
    int64_t count;
    for (int b = 0; b < 10; b++)
        fake_fill(&cluster, 3, 10, LV_KAFKA_LZ4);
    move_bounds(3, 45, 100);
    connect_fetcher(2000, (lv_kafka_fetcher_options){0});
    assert_int_equal(read_to_error(3, 7, 100, &count, &err), LV_KAFKA_DATA_LOSS);
    assert_says(&err, "topic t, partition 3, offsets 7 to 100");
    assert_says(&err, "failOnDataLoss");
    expect_range(3, 45, 100, 100);
}

static void lost_records_are_skipped_on_demand(void **state)
{
    lv_error err;
    int64_t count;
    for (int b = 0; b < 10; b++)
        fake_fill(&cluster, 3, 10, LV_KAFKA_LZ4);
    move_bounds(3, 45, 100);
    connect_fetcher(2000, (lv_kafka_fetcher_options){.skip_lost = true});
    assert_ok(&err, read_to_error(3, 7, 100, &count, &err)); /* the beginning is gone */
    assert_int_equal(count, 55);
    assert_ok(&err, read_to_error(3, 7, 40, &count, &err)); /* all of it is */
    assert_int_equal(count, 0);
    move_bounds(3, 0, 60);
    assert_ok(&err, read_to_error(3, 70, 100, &count, &err)); /* the end is: the log was cut */
    assert_int_equal(count, 0);
    /* A leader that lagged behind: nothing is skipped. */
    move_bounds(3, 0, 100);
    set_fault(0, (fault){.api = LV_KAFKA_FETCH,
                         .kind = FAULT_CODE,
                         .arg = LV_KAFKA_ERROR_OFFSET_OUT_OF_RANGE,
                         .times = 2});
    assert_ok(&err, read_to_error(3, 70, 100, &count, &err));
    assert_int_equal(count, 30);
    /* One that always says so ends at the deadline. */
    set_fault(0, (fault){.api = LV_KAFKA_FETCH,
                         .kind = FAULT_CODE,
                         .arg = LV_KAFKA_ERROR_OFFSET_OUT_OF_RANGE,
                         .times = 1000});
    connect_fetcher(300, (lv_kafka_fetcher_options){.skip_lost = true});
    assert_int_equal(read_to_error(3, 70, 100, &count, &err), LV_UNAVAILABLE);
    assert_says(&err, "topic t, partition 3: offset 70");
}

/* Retention removes what comes next while a range is read. */
static void retention_may_overtake_a_reader(void **state)
{
    lv_error err = LV_ERROR_INIT;
    lv_kafka_chunk chunk;
    int64_t seen = 10, count;
    for (int b = 0; b < 100; b++)
        fake_fill(&cluster, 3, 10, LV_KAFKA_LZ4);
    connect_fetcher(2000, (lv_kafka_fetcher_options){.skip_lost = true, .partition_max_bytes = 1});
    open_range(3, 10, 1000);
    assert_ok(&err, lv_kafka_fetch_next(fetcher, &slices, 100, &chunk, &err));
    seen += chunk.count;
    move_bounds(3, 905, 1000);
    assert_ok(&err, read_range(100, &seen, &count, &err));
    assert_int_equal(seen, 1000);
    assert_in_range(count, 95, 95 + 20); /* and what was on its way */
}

/* ---- batches without records ----------------------------------------------------------------- */

/* A batch's header with changed attributes, count and base offset, checksum right. */
static void append_odd(int partition, int16_t attributes, int32_t count, int32_t last_delta)
{
    fake_partition *p = &cluster.partitions[partition];
    lv_sbuf copy = LV_SBUF_INIT;
    size_t at = p->log.len;
    int64_t base = p->end;
    fake_fill(&cluster, partition, last_delta + 1, LV_KAFKA_NONE);
    lv_sbuf_add(&copy, p->log.ptr + at, p->log.len - at);
    p->log.len = at;
    if (count == 0)
        copy.len = LV_KAFKA_BATCH_HEADER_SIZE;
    uint32_t big = __builtin_bswap32((uint32_t)copy.len - 12);
    memcpy(copy.ptr + 8, &big, 4);
    uint16_t bits = __builtin_bswap16((uint16_t)attributes);
    memcpy(copy.ptr + 21, &bits, 2);
    big = __builtin_bswap32((uint32_t)count);
    memcpy(copy.ptr + 57, &big, 4);
    big = __builtin_bswap32(lv_crc32c(0, copy.ptr + 21, copy.len - 21));
    memcpy(copy.ptr + 17, &big, 4);
    fake_append(&cluster, partition, lv_sbuf_str(&copy), base + last_delta + 1);
    lv_sbuf_release(&copy);
}

static void gaps_are_passed_over(void **state)
{
    enum { CONTROL = 32 };
    lv_error err;
    int64_t count;
    append_odd(0, CONTROL, 1, 0);
    fake_fill(&cluster, 0, 10, LV_KAFKA_LZ4); /* 1.. */
    append_odd(0, CONTROL | 16, 1, 0);
    append_odd(0, 0, 0, 99); /* emptied by compaction */
    move_bounds(0, 0, cluster.partitions[0].end + 50);
    fake_fill(&cluster, 0, 10, LV_KAFKA_LZ4); /* 162.. */
    append_odd(0, 0, 0, 9);
    append_odd(0, CONTROL, 1, 0);
    int64_t end = cluster.partitions[0].end;
    assert_int_equal(end, 162 + 10 + 10 + 1);
    connect_fetcher(2000, (lv_kafka_fetcher_options){0});
    assert_ok(&err, read_to_error(0, 0, end, &count, &err));
    assert_int_equal(count, 20);
    assert_ok(&err, read_to_error(0, 0, 1, &count, &err));
    assert_int_equal(count, 0);
    assert_ok(&err, read_to_error(0, 11, 162, &count, &err));
    assert_int_equal(count, 0);
    assert_ok(&err, read_to_error(0, 5, 120, &count, &err)); /* ends within the gap */
    assert_int_equal(count, 6);
    assert_ok(&err, read_to_error(0, 172, end, &count, &err));
    assert_int_equal(count, 0);
}

/* A chunk has either the broker's timestamps or the producers'. */
static void append_times_have_their_own_chunks(void **state)
{
    enum { APPEND_TIME = 8 };
    lv_kafka_chunk chunk;
    lv_error err = LV_ERROR_INIT;
    static const struct {
        int count;
        bool is_append_time;
    } expected[] = {{20, false}, {6, true}, {10, false}};
    fake_fill(&cluster, 0, 10, LV_KAFKA_LZ4);
    fake_fill(&cluster, 0, 10, LV_KAFKA_LZ4);
    append_odd(0, APPEND_TIME, 3, 2);
    append_odd(0, APPEND_TIME, 3, 2);
    fake_fill(&cluster, 0, 10, LV_KAFKA_LZ4);
    connect_fetcher(2000, (lv_kafka_fetcher_options){0});
    open_range(0, 0, 36);
    for (size_t i = 0; i < LV_COUNT_OF(expected); i++) {
        assert_ok(&err, lv_kafka_fetch_next(fetcher, &slices, 100, &chunk, &err));
        assert_int_equal(chunk.count, expected[i].count);
        assert_int_equal(chunk.is_append_time, expected[i].is_append_time);
        check_records(&chunk);
        if (chunk.is_append_time)
            for (int64_t r = 0; r < chunk.count; r++)
                assert_int_equal(times[r], 1000 + (r < 3 ? 22 : 25)); /* the batch's maximum */
    }
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, start_two, stop)
    const struct CMUnitTest tests[] = {
        TEST(ranges_of_all_partitions_are_read),
        TEST(chunks_and_batches_of_all_sizes),
        TEST(ranges_can_be_left_and_opened_anew),
        TEST(answers_grow_with_the_delay),
        TEST(connections_that_break_lose_nothing),
        TEST(leaders_may_move),
        TEST(partitions_unknown_for_a_moment_are_asked_for_again),
        TEST(a_topic_that_is_gone_is_named),
        TEST(ranges_without_records_time_out),
        TEST(cut_batches_are_asked_for_again),
        TEST(large_batches_are_read),
        TEST(damaged_batches_are_named),
        TEST(impossible_lengths_are_refused),
        TEST(batches_that_never_end_are_refused),
        TEST(answers_not_asked_for_are_refused),
        TEST(lost_records_fail),
        TEST(lost_records_are_skipped_on_demand),
        TEST(retention_may_overtake_a_reader),
        TEST(gaps_are_passed_over),
        TEST(append_times_have_their_own_chunks),
    };
    return cmocka_run_group_tests_name("kafka_fetcher", tests, NULL, NULL);
}
