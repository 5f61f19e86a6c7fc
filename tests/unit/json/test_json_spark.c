/* test_json_spark.c: from_json against the answers of Spark 4.2 (see spark_case.h). Each case is decoded in all
 * the ways there are: fast and exact, with and without bytes behind the payloads that may be read, and each
 * row alone. */
#include "os/os.h"
#include "spark_case.h"
#include "json/decode_int.h"

static int never(lv_json_decoder *d, lv_arena *arena, const lv_str *payloads, int from, int to,
                 bool *bad)
{
    return from;
}

static lv_json_options options_of(spark_case *c)
{
    lv_error err = LV_ERROR_INIT;
    lv_json_options options = {.times = {.zone = c->zone, .now_us = SPARK_CASE_NOW_US}};
    for (int i = 0; i < c->options->count; i++)
        assert_ok(&err, lv_json_options_set(&c->arena, &options, c->options->keys[i],
                                            c->options->items[i].str, &err));
    return options;
}

/* Decodes rows from..from+count with a decoder of its own. */
static int64_t decode(spark_case *c, int64_t from, int64_t count, bool padded, const char *way,
                      lv_row_function *row)
{
    lv_error err = LV_ERROR_INIT;
    lv_json_decoder *decoder;
    lv_arena arena;
    lv_arena_init(&arena);
    lv_json_options options = options_of(c);
    options.padded = padded;
    assert_ok(&err, lv_json_decoder_new(c->schema, NULL, &options, &decoder, &err));
    decoder->decode_rows = row;
    decoder->make_doubles = row == lv_decode_row_avx2 ? lv_make_doubles_avx2 : lv_make_doubles_sse;
    lv_vector payloads, rows;
    spark_case_vector(c, &arena, from, count, &payloads);
    assert_ok(&err, lv_json_decode(decoder, &arena, &payloads, &rows, &err));
    int64_t wrong = spark_case_check(c, &rows, from, way);
    lv_json_decoder_free(decoder);
    lv_arena_release(&arena);
    return wrong;
}

static int64_t check_case(spark_case *c)
{
    int64_t wrong = decode(c, 0, c->count, false, "exact", never);
    if (wrong > 0)
        return wrong; /* the others would only say the same again */
    wrong += decode(c, 0, c->count, false, "fast", lv_decode_row_sse);
    wrong += decode(c, 0, c->count, true, "fast, padded", lv_decode_row_sse);
    if (lv_cpu_has_avx2()) {
        wrong += decode(c, 0, c->count, false, "AVX2", lv_decode_row_avx2);
        wrong += decode(c, 0, c->count, true, "AVX2, padded", lv_decode_row_avx2);
    }
    for (int64_t i = 0; i < c->count; i++)
        wrong += decode(c, i, 1, i % 2 != 0, "fast, alone", lv_decode_row_sse);
    return wrong;
}

static void test_answers_of_spark(void **state)
{
    spark_case_all("tests/unit/json/spark_from_json.jsonl", 100, check_case);
}

/* A parser test suite and broken documents; record_spark_from_json.py writes them. */
static void test_more_answers_of_spark(void **state)
{
    spark_case_all("tests/unit/json/spark_from_json_more.jsonl", 60, check_case);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_answers_of_spark),
                                       cmocka_unit_test(test_more_answers_of_spark)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
