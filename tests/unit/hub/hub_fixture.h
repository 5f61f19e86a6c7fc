/* hub_fixture.h: record batches made by hand and a scratch folder, for the hub's tests. */
#ifndef LV_TESTS_HUB_FIXTURE_H
#define LV_TESTS_HUB_FIXTURE_H

#include <stdlib.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/hash.h"
#include "hub/stored_batch.h"

typedef struct batch_spec {
    int32_t records;
    size_t payload_bytes; /* opaque to the hub */
    int64_t timestamp_max;
    int64_t producer_id; /* with sequence; -1: none */
    int32_t sequence;
} batch_spec;

/* Appends a batch as a producer sends it: base offset 0, CRC right. */
static inline void add_batch(lv_sbuf *out, batch_spec spec)
{
    size_t start = out->len;
    lv_wr_i64be(out, 0);
    lv_wr_i32be(out, (int32_t)(LV_BATCH_HEADER_SIZE - LV_BATCH_LOG_OVERHEAD + spec.payload_bytes));
    lv_wr_i32be(out, -1);
    lv_wr_u8(out, LV_BATCH_MAGIC);
    lv_wr_i32be(out, 0);
    size_t body = out->len;
    lv_wr_i16be(out, 0);
    lv_wr_i32be(out, spec.records - 1);
    lv_wr_i64be(out, spec.timestamp_max);
    lv_wr_i64be(out, spec.timestamp_max);
    lv_wr_i64be(out, spec.producer_id);
    lv_wr_i16be(out, spec.producer_id < 0 ? -1 : 0);
    lv_wr_i32be(out, spec.producer_id < 0 ? -1 : spec.sequence);
    lv_wr_i32be(out, spec.records);
    for (size_t i = 0; i < spec.payload_bytes; i++)
        lv_wr_u8(out, (uint8_t)(i * 7 + (size_t)spec.timestamp_max));
    uint32_t crc = __builtin_bswap32(lv_crc32c(0, out->ptr + body, out->len - body));
    memcpy(out->ptr + start + 17, &crc, sizeof crc);
}

static inline char *make_scratch_dir(void)
{
    char *path = strdup("/tmp/levada-test-hub-XXXXXX");
    return mkdtemp(path);
}

static inline void remove_scratch_dir(char *path)
{
    char command[100];
    snprintf(command, sizeof command, "rm -rf %s", path);
    if (system(command) != 0)
        fprintf(stderr, "cannot remove %s\n", path);
    free(path);
}

#endif
