/* module: kafka
 *
 * fuzz_kafka_records.c: record batches of a hostile broker. A first byte of 0 (as in every real
 * batch: its base offset begins so) makes the input a row of batches, read with and without
 * checksums; any other makes it the compressed records of one batch whose header is good, so that
 * the fuzzer need not guess a checksum. */
#include <stdlib.h>

#include "base/check.h"
#include "base/hash.h"
#include "kafka/records.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ROOM = 7 };

static lv_inflater *inflater;

/* What the readers of slices rely on. */
static void check_slices(const lv_record_slices *slices, int64_t count, int64_t *next_offset,
                         const lv_record_batch *batch)
{
    static volatile uint8_t sink;
    for (int64_t i = 0; i < count; i++) {
        LV_ASSERT(slices->offsets[i] >= *next_offset && slices->offsets[i] < batch->next_offset);
        *next_offset = slices->offsets[i] + 1;
        const lv_str both[] = {slices->keys[i], slices->values[i]};
        for (int k = 0; k < 2; k++) {
            LV_ASSERT(both[k].ptr != NULL || both[k].len == 0);
            for (size_t b = 0; b < both[k].len; b++)
                sink = (uint8_t)(sink ^ both[k].ptr[b]);
        }
    }
}

static void walk_batch(const lv_record_batch *batch)
{
    lv_sbuf buffer = LV_SBUF_INIT;
    lv_str records, keys[ROOM], values[ROOM];
    int64_t offsets[ROOM], timestamps[ROOM], filled = 0, next_offset = batch->base_offset;
    lv_record_slices slices = {values, keys, offsets, timestamps};
    lv_record_walk walk;
    if (lv_inflate(inflater, batch, &buffer, &records, NULL) == LV_OK) {
        lv_record_walk_begin(&walk, batch, records);
        while (walk.left > 0 && lv_record_walk_next(&walk, batch->base_offset, batch->next_offset,
                                                    &slices, 0, ROOM, &filled, NULL) == LV_OK)
            check_slices(&slices, filled, &next_offset, batch);
    }
    lv_sbuf_release(&buffer);
}

static void read_batches(lv_str bytes, bool check_crc)
{
    lv_record_batch batch;
    bool complete;
    while (lv_record_batch_read(bytes, check_crc, &batch, &complete, NULL) == LV_OK && complete) {
        LV_ASSERT(batch.size_bytes <= (int64_t)bytes.len && batch.next_offset > batch.base_offset);
        walk_batch(&batch);
        bytes = lv_str_sub(bytes, (size_t)batch.size_bytes, bytes.len - (size_t)batch.size_bytes);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (inflater == NULL)
        inflater = lv_inflater_new();
    if (size == 0)
        return 0;
    /* Memory of exactly this size, so that reads behind it are seen. */
    char *copy = malloc(size);
    LV_ASSERT(copy != NULL);
    memcpy(copy, data, size);
    if (copy[0] == 0) {
        read_batches((lv_str){copy, size}, true);
        read_batches((lv_str){copy, size}, false);
    } else {
        lv_record_batch batch = {.base_offset = 1000,
                                 .next_offset = 1000 + (copy[0] & 63) + 1,
                                 .codec = (lv_kafka_codec)(((uint8_t)copy[0] >> 6) + 1),
                                 .record_count = copy[0] & 63,
                                 .records = {copy + 1, size - 1}};
        walk_batch(&batch);
    }
    free(copy);
    return 0;
}
