/* test_base.c: arenas, text, bytes, hashes, queues, errors. */
#include "unit.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/bits.h"
#include "base/bytes.h"
#include "base/hash.h"
#include "base/interval.h"
#include "base/queue.h"
#include "base/utf8.h"
#include "base/vec.h"

static void arena_keeps_values_apart_and_aligned(void **state)
{
    lv_arena arena;
    lv_arena_init(&arena);
    char *parts[200];
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 200; i++) {
            size_t size = (size_t)i * 37 % 5000;
            parts[i] = lv_arena_alloc(&arena, size);
            assert_int_equal((uintptr_t)parts[i] % (size >= 256 ? 64 : 16), 0);
            memset(parts[i], i, size);
        }
        for (int i = 0; i < 200; i++)
            for (size_t b = 0; b < (size_t)i * 37 % 5000; b++)
                assert_int_equal((unsigned char)parts[i][b], i);
        lv_arena_reset(&arena);
    }
    int *grown = lv_arena_alloc(&arena, sizeof(int));
    *grown = 7;
    int *again = lv_arena_grow(&arena, grown, sizeof(int), 100 * sizeof(int));
    assert_ptr_equal(grown, again); /* the last allocation grows in place */
    assert_int_equal(again[0], 7);
    lv_arena_release(&arena);
}

static void integers_are_parsed_to_their_limits(void **state)
{
    int64_t v;
    assert_true(lv_str_to_i64(LV_STR("-9223372036854775808"), &v) && v == INT64_MIN);
    assert_true(lv_str_to_i64(LV_STR("9223372036854775807"), &v) && v == INT64_MAX);
    assert_false(lv_str_to_i64(LV_STR("9223372036854775808"), &v));
    assert_false(lv_str_to_i64(LV_STR(""), &v));
    assert_false(lv_str_to_i64(LV_STR("-"), &v));
    assert_false(lv_str_to_i64(LV_STR("1x"), &v));
}

static void strings_split_trim_and_compare(void **state)
{
    lv_str rest = LV_STR("a,,b"), part;
    assert_true(lv_str_split(&rest, ',', &part));
    assert_str(part, "a");
    assert_true(lv_str_split(&rest, ',', &part));
    assert_str(part, "");
    assert_true(lv_str_split(&rest, ',', &part));
    assert_str(part, "b");
    assert_false(lv_str_split(&rest, ',', &part));
    assert_str(lv_str_trim(LV_STR(" \t x y\n")), "x y");
    assert_true(lv_str_cmp(LV_STR("a"), LV_STR("a\x80")) < 0);
    assert_true(lv_str_cmp(LV_STR("\x7f"), LV_STR("\x80")) < 0); /* unsigned bytes */
    assert_int_equal(lv_str_distance(LV_STR("temperatur"), LV_STR("TEMPERATURE")), 1);
    assert_int_equal(lv_str_distance(LV_STR("kitten"), LV_STR("sitting")), 3);
}

static void json_strings_are_escaped_and_made_valid(void **state)
{
    lv_sbuf out = LV_SBUF_INIT;
    lv_sbuf_add_json_string(&out, (lv_str){"q\"\\\n\x01\xC3\xA9\xFF", 9 - 1});
    assert_str(lv_sbuf_str(&out), "\"q\\\"\\\\\\n\\u0001\xC3\xA9\xEF\xBF\xBD\"");
    lv_sbuf_release(&out);
}

static void utf8_refuses_what_rfc3629_refuses(void **state)
{
    static const struct {
        const char *bytes;
        bool valid;
    } cases[] = {{"abc", true},
                 {"\xC3\xA9", true},
                 {"\xF0\x9F\x98\x80", true},
                 {"\xC0\x80", false},
                 {"\xED\xA0\x80", false},
                 {"\xF4\x90\x80\x80", false},
                 {"\xE2\x82", false},
                 {"\x80", false},
                 {"12345678\xFF", false},
                 {"12345678\xE2\x82\xAC", true}};
    for (size_t i = 0; i < LV_COUNT_OF(cases); i++)
        assert_int_equal(lv_utf8_is_valid(cases[i].bytes, strlen(cases[i].bytes)), cases[i].valid);
    static const uint32_t points[] = {0,      0x7F,   0x80,   0x7FF,   0x800,
                                      0xD7FF, 0xE000, 0xFFFF, 0x10000, 0x10FFFF};
    for (size_t i = 0; i < LV_COUNT_OF(points); i++) {
        char buf[4];
        size_t n = lv_utf8_encode(points[i], buf), used;
        assert_int_equal(lv_utf8_valid_prefix(buf, n), n);
        assert_int_equal(lv_utf8_decode(buf, &used), points[i]);
        assert_int_equal(used, n);
    }
}

static void reader_never_leaves_its_bytes(void **state)
{
    lv_sbuf out = LV_SBUF_INIT;
    lv_wr_i16be(&out, -2);
    lv_wr_i32be(&out, 0x01020304);
    lv_wr_i64be(&out, INT64_MIN);
    lv_wr_varint(&out, INT64_MIN);
    lv_wr_varint(&out, -1);
    lv_wr_uvarint(&out, UINT64_MAX);
    for (size_t cut = 0; cut <= out.len; cut++) {
        uint8_t *copy = malloc(cut ? cut : 1); /* exact size, so that ASan sees one byte too far */
        memcpy(copy, out.ptr, cut);
        lv_rd rd = lv_rd_of(copy, cut);
        int16_t a = lv_rd_i16be(&rd);
        int32_t b = lv_rd_i32be(&rd);
        int64_t c = lv_rd_i64be(&rd), d = lv_rd_varint(&rd), e = lv_rd_varint(&rd);
        uint64_t f = lv_rd_uvarint(&rd);
        assert_int_equal(rd.failed, cut < out.len);
        if (!rd.failed)
            assert_true(a == -2 && b == 0x01020304 && c == INT64_MIN && d == INT64_MIN && e == -1 &&
                        f == UINT64_MAX);
        free(copy);
    }
    lv_sbuf_release(&out);
    static const uint8_t endless[11] = {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
                                        0xFF, 0xFF, 0xFF, 0xFF, 0xFF};
    lv_rd rd = lv_rd_of(endless, sizeof endless);
    lv_rd_uvarint(&rd);
    assert_true(rd.failed);
}

static void checksums_match_their_standards(void **state)
{
    assert_int_equal(lv_crc32c(0, "123456789", 9), 0xE3069283u);
    assert_int_equal(lv_crc32(0, "123456789", 9), 0xCBF43926u);
    assert_int_equal(lv_crc32c(lv_crc32c(0, "1234", 4), "56789", 5), 0xE3069283u);
    /* long inputs go three lanes at a time; bit by bit they must come out the same */
    static unsigned char text[10000];
    uint32_t bitwise = ~0u;
    for (size_t n = 0; n < sizeof text; n++) {
        text[n] = (unsigned char)(n * 131 + n / 253);
        bitwise ^= text[n];
        for (int bit = 0; bit < 8; bit++)
            bitwise = bitwise >> 1 ^ (bitwise & 1 ? 0x82F63B78u : 0);
        if (n % 17 == 0 || n % 3072 < 2)
            assert_int_equal(lv_crc32c(0, text, n + 1), ~bitwise);
    }
    assert_int_equal(lv_crc32c(lv_crc32c(0, text, 4321), text + 4321, sizeof text - 4321),
                     ~bitwise);
}

static void bitmaps_count_across_words(void **state)
{
    uint64_t map[3] = {0};
    for (int64_t i = 0; i < 130; i += 3)
        lv_bit_set(map, i);
    int64_t expected = 0;
    for (int64_t n = 0; n <= 130; n++) {
        assert_int_equal(lv_bits_count(map, n), expected);
        expected += n % 3 == 0;
    }
    assert_int_equal(lv_bits_count(NULL, 77), 77);
}

static void *produce_numbers(void *arg)
{
    for (intptr_t i = 1; i <= 10000; i++)
        if (!lv_queue_push(arg, (void *)i))
            return (void *)i;
    lv_queue_close(arg);
    return NULL;
}

static void queue_hands_over_in_order_and_closes(void **state)
{
    lv_queue *queue = lv_queue_new(3);
    pthread_t producer;
    assert_int_equal(pthread_create(&producer, NULL, produce_numbers, queue), 0);
    for (intptr_t i = 1; i <= 10000; i++)
        assert_int_equal((intptr_t)lv_queue_pop(queue), i);
    assert_null(lv_queue_pop(queue));
    assert_null(lv_queue_pop_timed(queue, 0));
    pthread_join(producer, NULL);
    assert_false(lv_queue_push(queue, queue));
    lv_queue_free(queue);
}

static void the_first_error_wins(void **state)
{
    lv_error err = LV_ERROR_INIT;
    assert_int_equal(LV_FAIL(&err, LV_CAST_INVALID_INPUT, "value '%s'", "x"),
                     LV_CAST_INVALID_INPUT);
    assert_int_equal(LV_FAIL(&err, LV_IO, "later"), LV_IO);
    lv_error_context(&err, "batch %d", 3);
    lv_error_context(&err, "table t");
    assert_int_equal(err.status, LV_CAST_INVALID_INPUT);
    assert_string_equal(err.message, "value 'x'");
    assert_string_equal(err.context, "batch 3, table t");
    assert_string_equal(lv_status_class(err.status), "CAST_INVALID_INPUT");
    assert_string_equal(lv_status_sqlstate(err.status), "22018");
    assert_int_equal(LV_FAIL(NULL, LV_IO, "nobody asks"), LV_IO);
    for (int i = 1; i < LV_STATUS_COUNT; i++)
        assert_true(strlen(lv_status_class(i)) > 0 && strlen(lv_status_sqlstate(i)) == 5);
}

static void intervals_are_read(void **state)
{
    static const struct {
        const char *text;
        int64_t us; /* -1: refused */
    } cases[] = {{"500ms", 500000},
                 {"1 second", 1000000},
                 {"10 SECONDS", 10000000},
                 {"interval 2 minutes", 120000000},
                 {"1h30m", 5400000000},
                 {"0 seconds", 0},
                 {" 1 day 2 hours ", 93600000000},
                 {"7d", 604800000000},
                 {"interval 1 WEEK", 604800000000},
                 {"2 hours 30 minutes", 9000000000},
                 {"", -1},
                 {NULL, -1},
                 {"interval", -1},
                 {"days 30", -1},
                 {"interval 1 day 2", -1},
                 {"5", -1},
                 {"ms", -1},
                 {"5 parsecs", -1},
                 {"1 month", -1},
                 {"-1 second", -1},
                 {"99999999999999999 days", -1}};
    for (size_t i = 0; i < LV_COUNT_OF(cases); i++) {
        int64_t us = -1;
        lv_error err = LV_ERROR_INIT;
        lv_status status = lv_interval_parse(lv_str_of(cases[i].text), &us, &err);
        if (us != cases[i].us || (status == LV_OK) != (cases[i].us >= 0))
            fail_msg("'%s' gave %lld", cases[i].text, (long long)us);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(arena_keeps_values_apart_and_aligned),
                                       cmocka_unit_test(integers_are_parsed_to_their_limits),
                                       cmocka_unit_test(strings_split_trim_and_compare),
                                       cmocka_unit_test(json_strings_are_escaped_and_made_valid),
                                       cmocka_unit_test(utf8_refuses_what_rfc3629_refuses),
                                       cmocka_unit_test(reader_never_leaves_its_bytes),
                                       cmocka_unit_test(checksums_match_their_standards),
                                       cmocka_unit_test(bitmaps_count_across_words),
                                       cmocka_unit_test(queue_hands_over_in_order_and_closes),
                                       cmocka_unit_test(the_first_error_wins),
                                       cmocka_unit_test(intervals_are_read)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
