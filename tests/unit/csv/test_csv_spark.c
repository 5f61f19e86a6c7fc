/* test_csv_spark.c: from_csv against the answers of Spark 4.2 (see spark_case.h). */
#include "csv/csv.h"
#include "spark_case.h"

static int64_t check_case(spark_case *c)
{
    lv_error err = LV_ERROR_INIT;
    lv_csv_options options;
    lv_csv_decoder *decoder;
    lv_vector records, rows;
    lv_csv_options_init(&options, c->zone);
    options.times.now_us = SPARK_CASE_NOW_US;
    for (int i = 0; i < c->options->count; i++)
        assert_ok(&err, lv_csv_options_set(&c->arena, &options, c->options->keys[i],
                                           c->options->items[i].str, &err));
    assert_ok(&err, lv_csv_decoder_new(c->schema, NULL, &options, &decoder, &err));
    spark_case_vector(c, &c->arena, 0, c->count, &records);
    assert_ok(&err, lv_csv_decode(decoder, &c->arena, &records, &rows, NULL, &err));
    int64_t wrong = spark_case_check(c, &rows, 0, "from_csv");
    lv_csv_decoder_free(decoder);
    return wrong;
}

static void test_answers_of_spark(void **state)
{
    spark_case_all("tests/unit/csv/spark_from_csv.jsonl", 30, check_case);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_answers_of_spark)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
