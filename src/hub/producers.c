/* producers.c: duplicate detection for idempotent producers. */
#include "hub/producers.h"

#include <stdlib.h>

#include "base/bytes.h"
#include "base/check.h"
#include "base/hash.h"
#include "kafka/protocol.h"

#define SNAPSHOT_MAGIC "LVPS"
enum { SNAPSHOT_VERSION = 1, FREE_SLOT = -1 };

void lv_producers_release(lv_producers *producers)
{
    free(producers->slots);
    *producers = (lv_producers){0};
}

/* The slot that holds `id`, or the free one where it belongs. */
static lv_producer *find_slot(const lv_producers *producers, int64_t id)
{
    size_t mask = producers->capacity - 1;
    size_t i = lv_hash_u64((uint64_t)id) & mask;
    while (producers->slots[i].id != FREE_SLOT && producers->slots[i].id != id)
        i = (i + 1) & mask;
    return &producers->slots[i];
}

/* Moves the producers seen at or after `before_ms` into a table with room for `capacity`. */
static void rebuild(lv_producers *producers, size_t capacity, int64_t before_ms)
{
    lv_producers old = *producers;
    producers->slots = malloc(capacity * sizeof *producers->slots);
    LV_ASSERT(producers->slots != NULL);
    producers->capacity = capacity;
    producers->count = 0;
    for (size_t i = 0; i < capacity; i++)
        producers->slots[i].id = FREE_SLOT;
    for (size_t i = 0; i < old.capacity; i++) {
        if (old.slots[i].id == FREE_SLOT || old.slots[i].last_seen_ms < before_ms)
            continue;
        *find_slot(producers, old.slots[i].id) = old.slots[i];
        producers->count++;
    }
    free(old.slots);
}

void lv_producers_expire(lv_producers *producers, int64_t before_ms)
{
    if (producers->count > 0)
        rebuild(producers, producers->capacity, before_ms);
}

/* Keeps the table bounded: the half that was seen longest ago goes. */
static void make_room(lv_producers *producers)
{
    int64_t oldest = INT64_MAX;
    int64_t newest = INT64_MIN;
    for (size_t i = 0; i < producers->capacity; i++) {
        if (producers->slots[i].id == FREE_SLOT)
            continue;
        oldest = LV_MIN(oldest, producers->slots[i].last_seen_ms);
        newest = LV_MAX(newest, producers->slots[i].last_seen_ms);
    }
    int64_t middle = oldest + (newest - oldest) / 2 + 1;
    lv_producers_expire(producers, middle);
}

static lv_producer *find_or_add(lv_producers *producers, int64_t id)
{
    if (producers->capacity > 0) {
        lv_producer *found = find_slot(producers, id);
        if (found->id == id)
            return found;
    }
    if (producers->count >= LV_PRODUCERS_MAX)
        make_room(producers);
    if (producers->count * 2 >= producers->capacity)
        rebuild(producers, LV_MAX(producers->capacity * 2, 16u), INT64_MIN);
    lv_producer *slot = find_slot(producers, id);
    *slot = (lv_producer){.id = id, .epoch = -1};
    producers->count++;
    return slot;
}

/* Sequences run from 0 to INT32_MAX and then begin again at 0. */
static int32_t advance_sequence(int32_t sequence, int32_t by)
{
    return (int32_t)(((int64_t)sequence + by) & INT32_MAX);
}

static int32_t last_sequence(const lv_producer_claim *claim)
{
    return advance_sequence(claim->first_sequence, claim->record_count - 1);
}

int16_t lv_producers_check(const lv_producers *producers, const lv_producer_claim *claim,
                           int64_t *base_offset)
{
    if (claim->id < 0 || producers->capacity == 0)
        return LV_KAFKA_ERROR_NONE;
    const lv_producer *producer = find_slot(producers, claim->id);
    if (producer->id != claim->id || producer->batch_count == 0)
        return LV_KAFKA_ERROR_NONE;
    if (claim->epoch < producer->epoch)
        return LV_KAFKA_ERROR_INVALID_PRODUCER_EPOCH;
    if (claim->epoch > producer->epoch)
        return claim->first_sequence == 0 ? LV_KAFKA_ERROR_NONE
                                          : LV_KAFKA_ERROR_OUT_OF_ORDER_SEQUENCE_NUMBER;
    for (int i = 0; i < producer->batch_count; i++) {
        const lv_producer_batch *batch = &producer->batches[i];
        if (batch->first_sequence == claim->first_sequence &&
            batch->last_sequence == last_sequence(claim)) {
            *base_offset = batch->base_offset;
            return LV_KAFKA_ERROR_DUPLICATE_SEQUENCE_NUMBER;
        }
    }
    int32_t expected =
        advance_sequence(producer->batches[producer->batch_count - 1].last_sequence, 1);
    return claim->first_sequence == expected ? LV_KAFKA_ERROR_NONE
                                             : LV_KAFKA_ERROR_OUT_OF_ORDER_SEQUENCE_NUMBER;
}

void lv_producers_record(lv_producers *producers, const lv_producer_claim *claim,
                         int64_t base_offset, int64_t now_ms)
{
    if (claim->id < 0)
        return;
    lv_producer *producer = find_or_add(producers, claim->id);
    if (producer->epoch != claim->epoch)
        producer->batch_count = 0;
    producer->epoch = claim->epoch;
    producer->last_seen_ms = now_ms;
    if (producer->batch_count == LV_PRODUCER_BATCHES) {
        memmove(producer->batches, producer->batches + 1,
                sizeof producer->batches - sizeof producer->batches[0]);
        producer->batch_count--;
    }
    producer->batches[producer->batch_count++] =
        (lv_producer_batch){claim->first_sequence, last_sequence(claim), base_offset};
}

void lv_producers_encode(const lv_producers *producers, lv_sbuf *out)
{
    size_t start = out->len;
    lv_sbuf_add_cstr(out, SNAPSHOT_MAGIC);
    lv_wr_i32be(out, SNAPSHOT_VERSION);
    lv_wr_i32be(out, (int32_t)producers->count);
    for (size_t i = 0; i < producers->capacity; i++) {
        const lv_producer *producer = &producers->slots[i];
        if (producer->id == FREE_SLOT)
            continue;
        lv_wr_i64be(out, producer->id);
        lv_wr_i16be(out, producer->epoch);
        lv_wr_i64be(out, producer->last_seen_ms);
        lv_wr_u8(out, producer->batch_count);
        for (int b = 0; b < producer->batch_count; b++) {
            lv_wr_i32be(out, producer->batches[b].first_sequence);
            lv_wr_i32be(out, producer->batches[b].last_sequence);
            lv_wr_i64be(out, producer->batches[b].base_offset);
        }
    }
    lv_wr_i32be(out, (int32_t)lv_crc32c(0, out->ptr + start, out->len - start));
}

static bool decode_producer(lv_rd *rd, lv_producers *producers)
{
    lv_producer read = {.id = lv_rd_i64be(rd)};
    read.epoch = lv_rd_i16be(rd);
    read.last_seen_ms = lv_rd_i64be(rd);
    read.batch_count = lv_rd_u8(rd);
    if (rd->failed || read.id < 0 || read.batch_count > LV_PRODUCER_BATCHES)
        return false;
    for (int b = 0; b < read.batch_count; b++) {
        read.batches[b].first_sequence = lv_rd_i32be(rd);
        read.batches[b].last_sequence = lv_rd_i32be(rd);
        read.batches[b].base_offset = lv_rd_i64be(rd);
    }
    if (!rd->failed)
        *find_or_add(producers, read.id) = read;
    return !rd->failed;
}

lv_status lv_producers_decode(lv_producers *producers, lv_str snapshot, lv_error *err)
{
    enum { FRAME = 4 + 4 + 4 + 4 };
    if (snapshot.len < FRAME || !lv_str_starts(snapshot, LV_STR(SNAPSHOT_MAGIC)))
        return LV_FAIL(err, LV_CORRUPT, "not a producer snapshot");
    lv_rd crc = lv_rd_of(snapshot.ptr + snapshot.len - 4, 4);
    if ((uint32_t)lv_rd_i32be(&crc) != lv_crc32c(0, snapshot.ptr, snapshot.len - 4))
        return LV_FAIL(err, LV_CORRUPT, "a producer snapshot does not match its CRC");
    lv_rd rd = lv_rd_of(snapshot.ptr + 4, snapshot.len - 8);
    if (lv_rd_i32be(&rd) != SNAPSHOT_VERSION)
        return LV_FAIL(err, LV_CORRUPT, "a producer snapshot of an unknown version");
    int32_t count = lv_rd_i32be(&rd);
    for (int32_t i = 0; i < count; i++) {
        if (!decode_producer(&rd, producers)) {
            lv_producers_release(producers);
            return LV_FAIL(err, LV_CORRUPT, "producer %d of a snapshot is malformed", (int)i);
        }
    }
    return LV_OK;
}
