/* test_trigger.c: ticks as Spark aligns them, progress as Spark prints it. */
#include "unit.h"

#include "stream/progress.h"
#include "stream/trigger.h"

static void ticks_are_multiples_of_the_interval(void **state)
{
    lv_trigger tick = {LV_TRIGGER_PROCESSING_TIME, 1000};
    assert_int_equal(lv_trigger_next_us(&tick, 5400, 5600), 6000);
    assert_int_equal(lv_trigger_next_us(&tick, 6000, 6001), 7000);
    assert_int_equal(lv_trigger_next_us(&tick, 5400, 9100), 9100); /* fell behind: at once */
    lv_trigger asap = {LV_TRIGGER_ASAP, 0};
    assert_int_equal(lv_trigger_next_us(&asap, 5400, 5401), 5401);
}

static void progress_prints_as_spark_prints_it(void **state)
{
    lv_source_progress source = {LV_STR("KafkaV2[Subscribe[t]]"), LV_STR_NONE,
                                 LV_STR("{\"t\":{\"0\":3}}"), LV_STR("{\"t\":{\"0\":5}}"), 3};
    lv_progress progress = {
        .id = "i",
        .run_id = "r",
        .name = "q",
        .timestamp_ms = 1717200000123,
        .previous_timestamp_ms = 1717199999123,
        .batch_id = 4,
        .phase_us = {[LV_PHASE_TRIGGER_EXECUTION] = 30000, [LV_PHASE_ADD_BATCH] = 12345},
        .source_count = 1,
        .sources = &source,
        .sink_description = LV_STR("DeltaSink[/t]"),
        .output_rows = 2};
    lv_sbuf out = LV_SBUF_INIT;
    lv_progress_print_json(&progress, &out);
    assert_str(lv_sbuf_str(&out),
               "{\"id\":\"i\",\"runId\":\"r\",\"name\":\"q\",\"timestamp\":\"2024-06-01T00:00:00."
               "123Z\",\"batchId\":4,\"batchDuration\":30,"
               "\"numInputRows\":3,\"inputRowsPerSecond\":3.0,\"processedRowsPerSecond\":100.0,"
               "\"durationMs\":{\"addBatch\":12,"
               "\"commitBatch\":0,\"commitOffsets\":0,\"getBatch\":0,\"latestOffset\":0,"
               "\"queryPlanning\":0,\"triggerExecution\":30,"
               "\"walCommit\":0},\"stateOperators\":[],\"sources\":[{\"description\":\"KafkaV2["
               "Subscribe[t]]\",\"startOffset\":null,"
               "\"endOffset\":{\"t\":{\"0\":3}},\"latestOffset\":{\"t\":{\"0\":5}},"
               "\"numInputRows\":3,\"inputRowsPerSecond\":3.0,"
               "\"processedRowsPerSecond\":100.0}],\"sink\":{\"description\":\"DeltaSink[/"
               "t]\",\"numOutputRows\":2}}");
    lv_sbuf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(ticks_are_multiples_of_the_interval),
                                       cmocka_unit_test(progress_prints_as_spark_prints_it)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
