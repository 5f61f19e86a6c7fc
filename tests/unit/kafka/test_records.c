/* test_records.c: record batches: those of the Java client and of librdkafka, round trips through
 * every codec, ranges, and every kind of damage. */
#include "unit.h"

#include <lz4frame.h>
#include <snappy-c.h>
#include <stdlib.h>
#include <zlib.h>
#include <zstd.h>

#include "base/hash.h"
#include "kafka/codec.h"
#include "kafka/records.h"
#include "os/os.h"

enum { MOST = 20000 };

static lv_str keys[MOST], values[MOST];
static int64_t offsets[MOST], timestamps[MOST];
static const lv_record_slices slices = {values, keys, offsets, timestamps};
static lv_inflater *inflater;

static int setup(void **state)
{
    inflater = lv_inflater_new();
    return 0;
}

static int teardown(void **state)
{
    lv_inflater_free(inflater);
    return 0;
}

/* Puts the right checksum into the one batch that `bytes` is. */
static void seal(lv_sbuf *bytes)
{
    uint32_t crc = __builtin_bswap32(lv_crc32c(0, bytes->ptr + 21, bytes->len - 21));
    memcpy(bytes->ptr + 17, &crc, sizeof crc);
}

static void put_i32(lv_sbuf *bytes, size_t at, int32_t value)
{
    uint32_t big = __builtin_bswap32((uint32_t)value);
    memcpy(bytes->ptr + at, &big, sizeof big);
}

static void put_i64(lv_sbuf *bytes, size_t at, int64_t value)
{
    uint64_t big = __builtin_bswap64((uint64_t)value);
    memcpy(bytes->ptr + at, &big, sizeof big);
}

/* Reads a whole batch in steps of `room`; *count says how many records. */
static lv_status read_all(lv_str bytes, lv_sbuf *buffer, int64_t from, int64_t until, int64_t room,
                          int64_t *count, lv_error *err)
{
    lv_record_batch batch;
    lv_str records;
    lv_record_walk walk;
    bool complete;
    *count = 0;
    LV_TRY(lv_record_batch_read(bytes, true, &batch, &complete, err));
    assert_true(complete);
    lv_sbuf_clear(buffer);
    LV_TRY(lv_inflate(inflater, &batch, buffer, &records, err));
    lv_record_walk_begin(&walk, &batch, records);
    while (walk.left > 0) {
        int64_t filled;
        LV_TRY(lv_record_walk_next(&walk, from, until, &slices, *count, room, &filled, err));
        assert_true(filled <= room);
        *count += filled;
    }
    return LV_OK;
}

/* ---- what others write ----------------------------------------------------------------------- */

static void read_golden(const char *name, lv_sbuf *file)
{
    lv_error err = LV_ERROR_INIT;
    char path[200];
    snprintf(path, sizeof path, "tests/fuzz/corpus/kafka_records/%s", name);
    lv_sbuf_clear(file);
    assert_ok(&err, lv_file_read_all(path, file, &err));
}

static void java_batches_are_read(void **state)
{
    static const char *const names[] = {"java-none", "java-gzip", "java-snappy", "java-lz4",
                                        "java-zstd"};
    lv_sbuf file = LV_SBUF_INIT, buffer = LV_SBUF_INIT;
    for (size_t i = 0; i < LV_COUNT_OF(names); i++) {
        lv_error err = LV_ERROR_INIT;
        int64_t count;
        read_golden(names[i], &file);
        assert_ok(&err, read_all(lv_sbuf_str(&file), &buffer, 0, INT64_MAX, MOST, &count, &err));
        assert_int_equal(count, 6);
        assert_str(keys[0], "k1");
        assert_str(values[0], "value one");
        assert_str(values[1], "value two, value two, value two, value two");
        assert_true(keys[2].ptr != NULL && keys[2].len == 0);
        assert_str(values[2], "empty key");
        assert_true(values[3].ptr != NULL && values[3].len == 0);
        assert_null(keys[4].ptr);
        assert_str(values[4], "null key");
        assert_str(keys[5], "k6");
        assert_null(values[5].ptr);
        for (int64_t o = 0; o < 6; o++)
            assert_int_equal(offsets[o], o);
        assert_in_range(timestamps[0], 1795532130000, 1795532200000);
        assert_in_range(timestamps[5] - timestamps[0], 1, 1000);
    }
    lv_sbuf_release(&file);
    lv_sbuf_release(&buffer);
}

/* These have headers, and snappy without the Java client's frames. */
static void librdkafka_batches_are_read(void **state)
{
    static const char *const names[] = {"rd-none", "rd-gzip", "rd-snappy", "rd-lz4", "rd-zstd"};
    lv_sbuf file = LV_SBUF_INIT, buffer = LV_SBUF_INIT;
    for (size_t i = 0; i < LV_COUNT_OF(names); i++) {
        lv_error err = LV_ERROR_INIT;
        int64_t count;
        read_golden(names[i], &file);
        assert_ok(&err, read_all(lv_sbuf_str(&file), &buffer, 0, INT64_MAX, 1, &count, &err));
        assert_int_equal(count, 3);
        assert_str(keys[0], "k1");
        assert_str(values[0], "value one");
        assert_str(values[1], "value two, value two, value two, value two");
        assert_true(values[2].ptr != NULL && values[2].len == 0);
    }
    lv_sbuf_release(&file);
    lv_sbuf_release(&buffer);
}

/* ---- round trips ----------------------------------------------------------------------------- */

/* Record i of a test batch: text that compresses, with nulls, empty and long ones among it. */
static lv_str make_value(lv_arena *arena, int i)
{
    if (i % 17 == 3)
        return LV_STR_NONE;
    if (i % 17 == 5)
        return LV_STR("");
    if (i == 40) {
        char *bytes = lv_arena_alloc(arena, 300000);
        lv_random_bytes(bytes, 300000);
        return (lv_str){bytes, 300000};
    }
    return lv_str_of(lv_arena_printf(arena, "{\"deviceId\":\"sensor-%d\",\"temperature\":%d.%d}",
                                     i * 7919 % 1000, i % 40, i % 10));
}

static lv_str make_key(lv_arena *arena, int i)
{
    return i % 3 == 0 ? LV_STR_NONE : lv_str_of(lv_arena_printf(arena, "%0*d", i % 90, i));
}

static int64_t make_time(int i)
{
    return 1700000000000 + i * 37 % 1000 - i % 5 * 100000; /* goes back, too */
}

static void build(lv_batch_builder *builder, lv_arena *arena, int count, lv_kafka_codec codec,
                  lv_sbuf *out)
{
    lv_error err = LV_ERROR_INIT;
    for (int i = 0; i < count; i++)
        lv_batch_builder_add(builder, make_time(i), make_key(arena, i), make_value(arena, i));
    assert_ok(&err, lv_batch_builder_finish(builder, codec, 77, 3, 12, out, &err));
}

static void assert_records(lv_arena *arena, int64_t at, int64_t count, int first)
{
    for (int64_t i = 0; i < count; i++) {
        lv_str key = make_key(arena, first + (int)i);
        assert_int_equal(offsets[at + i], first + i);
        assert_int_equal(timestamps[at + i], make_time(first + (int)i));
        assert_true(lv_str_eq(keys[at + i], key) && !keys[at + i].ptr == !key.ptr);
        if (first + i == 40) {
            assert_int_equal(values[at + i].len, 300000);
            continue;
        }
        lv_str value = make_value(arena, first + (int)i);
        assert_true(lv_str_eq(values[at + i], value) && !values[at + i].ptr == !value.ptr);
    }
}

static void built_batches_are_read_back(void **state)
{
    static const int counts[] = {1, 2, 3, 63, 64, 65, 4097, 10000};
    static const int64_t rooms[] = {1, 7, 4096, MOST};
    lv_arena arena;
    lv_batch_builder builder;
    lv_sbuf bytes = LV_SBUF_INIT, buffer = LV_SBUF_INIT;
    lv_arena_init(&arena);
    lv_batch_builder_init(&builder);
    for (int codec = 0; codec < LV_KAFKA_CODEC_COUNT; codec++)
        for (size_t c = 0; c < LV_COUNT_OF(counts); c++) {
            lv_sbuf_clear(&bytes);
            build(&builder, &arena, counts[c], (lv_kafka_codec)codec, &bytes);
            lv_error err = LV_ERROR_INIT;
            int64_t count;
            assert_ok(&err, read_all(lv_sbuf_str(&bytes), &buffer, 0, INT64_MAX,
                                     rooms[c % LV_COUNT_OF(rooms)], &count, &err));
            assert_int_equal(count, counts[c]);
            assert_records(&arena, 0, count, 0);
            lv_arena_reset(&arena);
        }
    lv_batch_builder_release(&builder);
    lv_sbuf_release(&bytes);
    lv_sbuf_release(&buffer);
    lv_arena_release(&arena);
}

static void a_header_says_what_was_built(void **state)
{
    lv_error err = LV_ERROR_INIT;
    lv_arena arena;
    lv_batch_builder builder;
    lv_sbuf bytes = LV_SBUF_INIT;
    lv_record_batch batch;
    bool complete;
    lv_arena_init(&arena);
    lv_batch_builder_init(&builder);
    build(&builder, &arena, 20, LV_KAFKA_LZ4, &bytes);
    size_t first_size = bytes.len;
    build(&builder, &arena, 5, LV_KAFKA_NONE, &bytes); /* behind it, in the same buffer */
    put_i64(&bytes, 0, 123456789012);                  /* as a broker does */
    assert_ok(&err, lv_record_batch_read(lv_sbuf_str(&bytes), true, &batch, &complete, &err));
    assert_true(complete);
    assert_int_equal(batch.base_offset, 123456789012);
    assert_int_equal(batch.next_offset, 123456789032);
    assert_int_equal(batch.size_bytes, first_size);
    assert_int_equal(batch.codec, LV_KAFKA_LZ4);
    assert_int_equal(batch.record_count, 20);
    assert_false(batch.is_control || batch.is_append_time);
    assert_int_equal(batch.base_timestamp_ms, make_time(0));
    int64_t max = make_time(0);
    for (int i = 0; i < 20; i++)
        max = LV_MAX(max, make_time(i));
    assert_int_equal(batch.max_timestamp_ms, max);
    lv_rd rd = lv_rd_of(bytes.ptr + 43, 14);
    assert_int_equal(lv_rd_i64be(&rd), 77);
    assert_int_equal(lv_rd_i16be(&rd), 3);
    assert_int_equal(lv_rd_i32be(&rd), 12);
    lv_str second = lv_str_sub(lv_sbuf_str(&bytes), first_size, bytes.len - first_size);
    assert_ok(&err, lv_record_batch_read(second, true, &batch, &complete, &err));
    assert_int_equal(batch.record_count, 5);
    lv_batch_builder_release(&builder);
    lv_sbuf_release(&bytes);
    lv_arena_release(&arena);
}

static void ranges_cut_batches_exactly(void **state)
{
    lv_error err = LV_ERROR_INIT;
    lv_arena arena;
    lv_batch_builder builder;
    lv_sbuf bytes = LV_SBUF_INIT, buffer = LV_SBUF_INIT;
    lv_arena_init(&arena);
    lv_batch_builder_init(&builder);
    build(&builder, &arena, 100, LV_KAFKA_ZSTD, &bytes);
    for (int64_t from = 0; from <= 101; from += 13)
        for (int64_t until = 0; until <= 110; until += 11) {
            int64_t count, expected = LV_MAX(LV_MIN(until, 100) - from, (int64_t)0);
            assert_ok(&err, read_all(lv_sbuf_str(&bytes), &buffer, from, until, 9, &count, &err));
            assert_int_equal(count, expected);
            assert_records(&arena, 0, count, (int)from);
        }
    lv_batch_builder_release(&builder);
    lv_sbuf_release(&bytes);
    lv_sbuf_release(&buffer);
    lv_arena_release(&arena);
}

static void append_time_is_every_records_time(void **state)
{
    lv_error err = LV_ERROR_INIT;
    lv_arena arena;
    lv_batch_builder builder;
    lv_sbuf bytes = LV_SBUF_INIT, buffer = LV_SBUF_INIT;
    int64_t count;
    lv_arena_init(&arena);
    lv_batch_builder_init(&builder);
    build(&builder, &arena, 10, LV_KAFKA_NONE, &bytes);
    bytes.ptr[22] |= 8;
    put_i64(&bytes, 35, 1800000000123);
    seal(&bytes);
    assert_ok(&err, read_all(lv_sbuf_str(&bytes), &buffer, 0, INT64_MAX, MOST, &count, &err));
    for (int64_t i = 0; i < count; i++)
        assert_int_equal(timestamps[i], 1800000000123);
    lv_batch_builder_release(&builder);
    lv_sbuf_release(&bytes);
    lv_sbuf_release(&buffer);
    lv_arena_release(&arena);
}

/* ---- forms of the codecs that our builder does not write ------------------------------------- */

/* A batch of one record whose value is `size` bytes, with its records compressed to `packed`. */
static void wrap(lv_kafka_codec codec, int32_t count, lv_str packed, lv_sbuf *out)
{
    lv_sbuf_clear(out);
    for (int i = 0; i < LV_KAFKA_BATCH_HEADER_SIZE; i++)
        lv_sbuf_add_char(out, 0);
    lv_sbuf_add_str(out, packed);
    put_i32(out, 8, (int32_t)(out->len - 12));
    out->ptr[16] = 2;
    out->ptr[22] = (char)codec;
    put_i32(out, 23, count - 1);
    put_i32(out, 57, count);
    seal(out);
}

static lv_str plain_records(lv_batch_builder *builder, lv_arena *arena, int count)
{
    for (int i = 0; i < count; i++)
        lv_batch_builder_add(builder, make_time(i), make_key(arena, i), make_value(arena, i));
    return lv_sbuf_str(&builder->records);
}

static void assert_wrapped(lv_kafka_codec codec, int count, lv_str packed)
{
    lv_error err = LV_ERROR_INIT;
    lv_arena arena;
    lv_sbuf bytes = LV_SBUF_INIT, buffer = LV_SBUF_INIT;
    int64_t read;
    lv_arena_init(&arena);
    wrap(codec, count, packed, &bytes);
    assert_ok(&err, read_all(lv_sbuf_str(&bytes), &buffer, 0, INT64_MAX, MOST, &read, &err));
    assert_int_equal(read, count);
    for (int i = 0; i < count; i++)
        if (i != 40)
            assert_true(lv_str_eq(values[i], make_value(&arena, i)));
    lv_sbuf_release(&bytes);
    lv_sbuf_release(&buffer);
    lv_arena_release(&arena);
}

static void gzip_members_follow_each_other(void **state)
{
    lv_arena arena;
    lv_batch_builder builder;
    lv_deflater *deflater = lv_deflater_new();
    lv_sbuf packed = LV_SBUF_INIT;
    lv_arena_init(&arena);
    lv_batch_builder_init(&builder);
    lv_str plain = plain_records(&builder, &arena, 500);
    size_t half = plain.len / 2;
    lv_error err = LV_ERROR_INIT;
    assert_ok(&err, lv_deflate(deflater, LV_KAFKA_GZIP, lv_str_sub(plain, 0, half), &packed, &err));
    assert_ok(&err, lv_deflate(deflater, LV_KAFKA_GZIP, lv_str_sub(plain, half, plain.len - half),
                               &packed, &err));
    assert_wrapped(LV_KAFKA_GZIP, 500, lv_sbuf_str(&packed));
    lv_deflater_free(deflater);
    lv_sbuf_release(&packed);
    lv_batch_builder_release(&builder);
    lv_arena_release(&arena);
}

static void snappy_frames_hold_many_blocks(void **state)
{
    lv_arena arena;
    lv_batch_builder builder;
    lv_sbuf packed = LV_SBUF_INIT;
    lv_arena_init(&arena);
    lv_batch_builder_init(&builder);
    lv_str plain = plain_records(&builder, &arena, 500);
    lv_sbuf_add(&packed, "\x82SNAPPY\0\0\0\0\1\0\0\0\1", 16);
    while (plain.len > 0) {
        char block[8192];
        size_t size = sizeof block, piece = LV_MIN(plain.len, (size_t)4000);
        assert_int_equal(snappy_compress(plain.ptr, piece, block, &size), SNAPPY_OK);
        lv_wr_i32be(&packed, (int32_t)size);
        lv_sbuf_add(&packed, block, size);
        plain = lv_str_sub(plain, piece, plain.len - piece);
    }
    assert_wrapped(LV_KAFKA_SNAPPY, 500, lv_sbuf_str(&packed));
    packed.len -= 3; /* the last block is cut */
    lv_sbuf bytes = LV_SBUF_INIT, buffer = LV_SBUF_INIT;
    int64_t count;
    wrap(LV_KAFKA_SNAPPY, 500, lv_sbuf_str(&packed), &bytes);
    assert_int_equal(read_all(lv_sbuf_str(&bytes), &buffer, 0, INT64_MAX, MOST, &count, NULL),
                     LV_KAFKA_PROTOCOL);
    lv_sbuf_release(&bytes);
    lv_sbuf_release(&buffer);
    lv_sbuf_release(&packed);
    lv_batch_builder_release(&builder);
    lv_arena_release(&arena);
}

static void lz4_blocks_may_be_linked_and_checked(void **state)
{
    lv_arena arena;
    lv_batch_builder builder;
    lv_arena_init(&arena);
    lv_batch_builder_init(&builder);
    lv_str plain = plain_records(&builder, &arena, 10000);
    static const LZ4F_preferences_t kinds[] = {
        {.frameInfo = {.blockMode = LZ4F_blockLinked, .blockSizeID = LZ4F_max64KB}},
        {.frameInfo = {.blockMode = LZ4F_blockLinked,
                       .blockSizeID = LZ4F_max4MB,
                       .contentChecksumFlag = LZ4F_contentChecksumEnabled}},
        {.frameInfo = {.blockMode = LZ4F_blockIndependent,
                       .blockSizeID = LZ4F_max256KB,
                       .blockChecksumFlag = LZ4F_blockChecksumEnabled}}};
    for (size_t k = 0; k < LV_COUNT_OF(kinds); k++) {
        size_t bound = LZ4F_compressFrameBound(plain.len, &kinds[k]);
        char *packed = malloc(bound);
        size_t size = LZ4F_compressFrame(packed, bound, plain.ptr, plain.len, &kinds[k]);
        assert_false(LZ4F_isError(size));
        assert_wrapped(LV_KAFKA_LZ4, 10000, (lv_str){packed, size});
        free(packed);
    }
    lv_batch_builder_release(&builder);
    lv_arena_release(&arena);
}

/* ---- damage ---------------------------------------------------------------------------------- */

static void a_bomb_is_refused(void **state)
{
    static const char zeros[1 << 20];
    lv_sbuf packed = LV_SBUF_INIT, bytes = LV_SBUF_INIT, buffer = LV_SBUF_INIT;
    int64_t count;
    lv_error err = LV_ERROR_INIT;
    ZSTD_CCtx *zstd = ZSTD_createCCtx();
    size_t bound = 1 << 20;
    ZSTD_inBuffer none = {NULL, 0, 0};
    ZSTD_outBuffer out = {lv_sbuf_reserve(&packed, bound), bound, 0};
    for (int i = 0; i <= LV_KAFKA_INFLATED_MAX_BYTES >> 20; i++) {
        ZSTD_inBuffer in = {zeros, sizeof zeros, 0};
        while (in.pos < in.size)
            assert_false(ZSTD_isError(ZSTD_compressStream2(zstd, &out, &in, ZSTD_e_continue)));
    }
    assert_int_equal(ZSTD_compressStream2(zstd, &out, &none, ZSTD_e_end), 0);
    packed.len = out.pos;
    wrap(LV_KAFKA_ZSTD, 1, lv_sbuf_str(&packed), &bytes);
    assert_int_equal(read_all(lv_sbuf_str(&bytes), &buffer, 0, INT64_MAX, MOST, &count, &err),
                     LV_KAFKA_PROTOCOL);
    assert_non_null(strstr(err.message, "more than 256 MiB"));
    assert_true(buffer.capacity < (size_t)3 * LV_KAFKA_INFLATED_MAX_BYTES);
    ZSTD_freeCCtx(zstd);
    lv_sbuf_release(&packed);
    lv_sbuf_release(&bytes);
    lv_sbuf_release(&buffer);
}

/* Kafka cuts the last batch of an answer: that is no error, at whatever byte. */
static void a_cut_batch_is_incomplete(void **state)
{
    lv_sbuf file = LV_SBUF_INIT;
    read_golden("java-lz4", &file);
    for (size_t len = 0; len < file.len; len++) {
        lv_error err = LV_ERROR_INIT;
        lv_record_batch batch;
        bool complete = true;
        char *exact = malloc(len + (len == 0)); /* so that a read beyond is seen */
        memcpy(exact, file.ptr, len);
        assert_ok(&err, lv_record_batch_read((lv_str){exact, len}, true, &batch, &complete, &err));
        assert_false(complete);
        free(exact);
    }
    lv_sbuf_release(&file);
}

/* Every bit of a batch behind its length is under the checksum, or is one that the broker sets. */
static void a_flipped_bit_is_seen(void **state)
{
    lv_sbuf file = LV_SBUF_INIT;
    read_golden("java-zstd", &file);
    for (size_t at = 16; at < file.len; at++)
        for (int bit = 0; bit < 8; bit++) {
            lv_record_batch batch;
            bool complete;
            file.ptr[at] = (char)(file.ptr[at] ^ 1 << bit);
            assert_int_equal(
                lv_record_batch_read(lv_sbuf_str(&file), true, &batch, &complete, NULL),
                LV_KAFKA_PROTOCOL);
            file.ptr[at] = (char)(file.ptr[at] ^ 1 << bit);
        }
    lv_sbuf_release(&file);
}

static void assert_refused(lv_sbuf *bytes, const char *why)
{
    lv_error err = LV_ERROR_INIT;
    lv_sbuf buffer = LV_SBUF_INIT;
    int64_t count;
    seal(bytes);
    lv_status status = read_all(lv_sbuf_str(bytes), &buffer, 0, INT64_MAX, MOST, &count, &err);
    assert_int_equal(status, LV_KAFKA_PROTOCOL);
    if (strstr(err.message, why) == NULL)
        fail_msg("'%s' does not say '%s'", err.message, why);
    lv_sbuf_release(&buffer);
}

static void impossible_headers_are_refused(void **state)
{
    static const struct {
        size_t at;
        int32_t value;
        const char *why;
    } cases[] = {{8, 48, "impossible length"}, {8, -1, "impossible length"},
                 {0, -1, "impossible length"}, {23, -1, "damaged header"},
                 {57, -1, "damaged header"},   {57, 7, "damaged"},  /* more than there are */
                 {57, 5, "bytes behind"},      {23, 3, "damaged"}}; /* offsets leave the batch */
    lv_sbuf file = LV_SBUF_INIT;
    for (size_t i = 0; i < LV_COUNT_OF(cases); i++) {
        read_golden("java-none", &file);
        put_i32(&file, cases[i].at, cases[i].value);
        assert_refused(&file, cases[i].why);
    }
    read_golden("java-none", &file);
    file.ptr[22] = 5; /* no such codec */
    assert_refused(&file, "damaged header");
    for (char magic = 0; magic < 2; magic++) {
        read_golden("java-none", &file);
        file.ptr[16] = magic;
        assert_refused(&file, magic ? "format 1" : "format 0");
    }
    read_golden("java-none", &file);
    put_i64(&file, 0, INT64_MAX - 2);
    assert_refused(&file, "damaged header");
    lv_sbuf_release(&file);
}

/* Offsets must grow: a record that comes again would be counted twice. */
static void offsets_that_do_not_grow_are_refused(void **state)
{
    static const char twice[] = "\x0C\0\0\0\1\1\0\x0C\0\0\0\1\1\0";
    static const char back[] = "\x0C\0\0\2\1\1\0\x0C\0\0\0\1\1\0";
    static const char negative[] = "\x0C\0\0\1\1\1\0\x0C\0\0\2\1\1\0";
    static const char good[] = "\x0C\0\0\0\1\1\0\x0C\0\0\2\1\1\0";
    lv_error err = LV_ERROR_INIT;
    lv_sbuf bytes = LV_SBUF_INIT, buffer = LV_SBUF_INIT;
    const char *const bad[] = {twice, back, negative};
    int64_t count;
    wrap(LV_KAFKA_NONE, 2, (lv_str){good, 14}, &bytes);
    assert_ok(&err, read_all(lv_sbuf_str(&bytes), &buffer, 0, INT64_MAX, MOST, &count, &err));
    assert_int_equal(count, 2);
    for (size_t i = 0; i < LV_COUNT_OF(bad); i++) {
        wrap(LV_KAFKA_NONE, 2, (lv_str){bad[i], 14}, &bytes);
        assert_refused(&bytes, "damaged");
    }
    lv_sbuf_release(&bytes);
    lv_sbuf_release(&buffer);
}

/* What a compacted topic holds: offsets with gaps, and batches that are empty. */
static void gaps_are_fine(void **state)
{
    static const char records[] = "\x0C\0\0\4\1\1\0\x0C\0\0\x0E\1\1\0";
    lv_error err = LV_ERROR_INIT;
    lv_sbuf bytes = LV_SBUF_INIT, buffer = LV_SBUF_INIT;
    int64_t count;
    wrap(LV_KAFKA_NONE, 2, (lv_str){records, 14}, &bytes);
    put_i32(&bytes, 23, 9);
    seal(&bytes);
    assert_ok(&err, read_all(lv_sbuf_str(&bytes), &buffer, 0, INT64_MAX, MOST, &count, &err));
    assert_int_equal(count, 2);
    assert_int_equal(offsets[0], 2);
    assert_int_equal(offsets[1], 7);
    wrap(LV_KAFKA_NONE, 0, LV_STR(""), &bytes);
    put_i32(&bytes, 23, 9);
    seal(&bytes);
    assert_ok(&err, read_all(lv_sbuf_str(&bytes), &buffer, 0, INT64_MAX, MOST, &count, &err));
    assert_int_equal(count, 0);
    lv_sbuf_release(&bytes);
    lv_sbuf_release(&buffer);
}

static void times_at_the_ends_of_the_range_wrap_around(void **state)
{
    static const char records[] = "\x0C\0\2\0\1\1\0";
    lv_error err = LV_ERROR_INIT;
    lv_sbuf bytes = LV_SBUF_INIT, buffer = LV_SBUF_INIT;
    int64_t count;
    wrap(LV_KAFKA_NONE, 1, (lv_str){records, 7}, &bytes);
    put_i64(&bytes, 27, INT64_MAX);
    seal(&bytes);
    assert_ok(&err, read_all(lv_sbuf_str(&bytes), &buffer, 0, INT64_MAX, MOST, &count, &err));
    assert_int_equal(timestamps[0], INT64_MIN);
    lv_sbuf_release(&bytes);
    lv_sbuf_release(&buffer);
}

/* Compressed data cut anywhere, or followed by something else, never crashes and never passes. */
static void cut_data_is_refused_by_every_codec(void **state)
{
    lv_arena arena;
    lv_batch_builder builder;
    lv_sbuf bytes = LV_SBUF_INIT, whole = LV_SBUF_INIT;
    lv_arena_init(&arena);
    lv_batch_builder_init(&builder);
    for (int codec = LV_KAFKA_GZIP; codec < LV_KAFKA_CODEC_COUNT; codec++) {
        lv_sbuf_clear(&whole);
        build(&builder, &arena, 30, (lv_kafka_codec)codec, &whole);
        lv_str packed = lv_str_sub(lv_sbuf_str(&whole), LV_KAFKA_BATCH_HEADER_SIZE,
                                   whole.len - LV_KAFKA_BATCH_HEADER_SIZE);
        for (size_t len = 0; len < packed.len; len += 3) {
            wrap((lv_kafka_codec)codec, 30, lv_str_sub(packed, 0, len), &bytes);
            assert_refused(&bytes, "");
        }
    }
    lv_batch_builder_release(&builder);
    lv_sbuf_release(&bytes);
    lv_sbuf_release(&whole);
    lv_arena_release(&arena);
}

static void codecs_have_names(void **state)
{
    lv_kafka_codec codec;
    assert_true(lv_kafka_codec_parse(LV_STR("ZStd"), &codec));
    assert_int_equal(codec, LV_KAFKA_ZSTD);
    assert_true(lv_kafka_codec_parse(LV_STR("none"), &codec));
    assert_int_equal(codec, LV_KAFKA_NONE);
    assert_false(lv_kafka_codec_parse(LV_STR("brotli"), &codec));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(java_batches_are_read),
        cmocka_unit_test(librdkafka_batches_are_read),
        cmocka_unit_test(built_batches_are_read_back),
        cmocka_unit_test(a_header_says_what_was_built),
        cmocka_unit_test(ranges_cut_batches_exactly),
        cmocka_unit_test(append_time_is_every_records_time),
        cmocka_unit_test(gzip_members_follow_each_other),
        cmocka_unit_test(snappy_frames_hold_many_blocks),
        cmocka_unit_test(lz4_blocks_may_be_linked_and_checked),
        cmocka_unit_test(a_bomb_is_refused),
        cmocka_unit_test(a_cut_batch_is_incomplete),
        cmocka_unit_test(a_flipped_bit_is_seen),
        cmocka_unit_test(impossible_headers_are_refused),
        cmocka_unit_test(offsets_that_do_not_grow_are_refused),
        cmocka_unit_test(gaps_are_fine),
        cmocka_unit_test(times_at_the_ends_of_the_range_wrap_around),
        cmocka_unit_test(cut_data_is_refused_by_every_codec),
        cmocka_unit_test(codecs_have_names),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
