/* test_checkpoint.c: the checkpoint folder, byte for byte as Spark writes and reads it. */
#include "folder_fixture.h"

#include <stdlib.h>
#include <unistd.h>

#include "os/os.h"
#include "stream/checkpoint.h"

static void put(const char *name, const char *bytes, size_t len)
{
    lv_error err = LV_ERROR_INIT;
    assert_ok(&err,
              lv_file_publish(lv_path_join(&arena, dir, name), bytes, len, true, false, &err));
}

static lv_str get(const char *name)
{
    lv_error err = LV_ERROR_INIT;
    lv_sbuf text = LV_SBUF_INIT;
    assert_ok(&err, lv_file_read_all(lv_path_join(&arena, dir, name), &text, &err));
    lv_str kept = lv_str_dup(&arena, lv_sbuf_str(&text));
    lv_sbuf_release(&text);
    return kept;
}

static lv_checkpoint *open_it(void)
{
    lv_error err = LV_ERROR_INIT;
    lv_checkpoint *cp = NULL;
    assert_ok(&err, lv_checkpoint_open(dir, true, &cp, &err));
    return cp;
}

static void files_are_spark_s_bytes(void **state)
{
    lv_error err = LV_ERROR_INIT;
    lv_checkpoint *cp = open_it();
    char *metadata = lv_arena_printf(&arena, "{\"id\":\"%s\"}", lv_checkpoint_query_id(cp));
    assert_str(get("metadata"), metadata);
    lv_str sources[2] = {LV_STR("{\"t\":{\"0\":3,\"1\":0}}"), LV_STR_NONE};
    lv_offset_entry entry = {
        7, 5000, 1549649384149, LV_STR("{\"spark.sql.shuffle.partitions\":\"200\"}"), 2, sources};
    assert_ok(&err, lv_checkpoint_write_offsets(cp, &entry, &err));
    assert_str(get("offsets/7"),
               "v1\n{\"batchWatermarkMs\":5000,\"batchTimestampMs\":1549649384149,\"conf\":"
               "{\"spark.sql.shuffle.partitions\":\"200\"}}\n{\"t\":{\"0\":3,\"1\":0}}\n-");
    assert_ok(&err, lv_checkpoint_write_commit(cp, 7, 6000, &err));
    assert_str(get("commits/7"), "v1\n{\"nextBatchWatermarkMs\":6000}");
    assert_ok(&err, lv_checkpoint_write_initial(cp, 0, LV_STR("{\"t\":{\"0\":1}}"), &err));
    lv_str initial = get("sources/0/0");
    assert_int_equal(initial.len, 1 + 3 + 13);
    assert_memory_equal(initial.ptr, "\0v1\n{\"t\":{\"0\":1}}", initial.len);
    lv_offset_entry back;
    assert_ok(&err, lv_checkpoint_read_offsets(cp, 7, &arena, &back, &err));
    assert_true(back.watermark_ms == 5000 && back.timestamp_ms == 1549649384149 &&
                back.source_count == 2);
    assert_str(back.sources[0], "{\"t\":{\"0\":3,\"1\":0}}");
    assert_null(back.sources[1].ptr);
    assert_str(back.conf, "{\"spark.sql.shuffle.partitions\":\"200\"}");
    assert_int_equal(lv_checkpoint_write_offsets(cp, &entry, &err),
                     LV_CONCURRENT_STREAM_LOG_UPDATE);
    lv_checkpoint_close(cp);
}

static void spark_s_leftovers_are_ignored(void **state)
{
    lv_error err = LV_ERROR_INIT;
    lv_checkpoint_close(open_it());
    put("offsets/3", "v1\n{\"batchWatermarkMs\":0,\"batchTimestampMs\":1,\"conf\":{}}\n0", 59);
    put("offsets/.3.crc", "x", 1);
    put("offsets/.4.5c3b.tmp", "x", 1);
    put("commits/2", "v1\n{}", 5);
    lv_checkpoint *cp = open_it();
    int64_t offsets_id, commits_id, watermark_ms;
    assert_ok(&err, lv_checkpoint_latest(cp, &offsets_id, &commits_id, &err));
    assert_true(offsets_id == 3 && commits_id == 2);
    assert_ok(&err, lv_checkpoint_read_commit(cp, 2, &watermark_ms, &err));
    assert_int_equal(watermark_ms, -1);
    assert_ok(&err, lv_checkpoint_purge(cp, 3, &err));
    assert_false(lv_path_exists(lv_path_join(&arena, dir, "commits/2")));
    assert_true(lv_path_exists(lv_path_join(&arena, dir, "offsets/3")));
    lv_checkpoint_close(cp);
}

static void a_second_runner_is_refused(void **state)
{
    lv_error err = LV_ERROR_INIT;
    lv_checkpoint *cp = open_it(), *second = NULL;
    assert_int_equal(lv_checkpoint_open(dir, true, &second, &err), LV_CONCURRENT_STREAM_LOG_UPDATE);
    lv_checkpoint_close(cp);
    lv_error_clear(&err);
    assert_ok(&err, lv_checkpoint_open(dir, true, &second, &err));
    lv_checkpoint_close(second);
}

static void a_lost_metadata_file_is_an_error(void **state)
{
    lv_error err = LV_ERROR_INIT;
    lv_checkpoint_close(open_it());
    put("offsets/0", "v1\n{\"batchWatermarkMs\":0,\"batchTimestampMs\":1,\"conf\":{}}\n0", 59);
    assert_ok(&err, lv_file_remove(lv_path_join(&arena, dir, "metadata"), &err));
    lv_checkpoint *cp = NULL;
    assert_int_equal(lv_checkpoint_open(dir, true, &cp, &err), LV_CHECKPOINT_MISSING_METADATA);
}

static void broken_logs_are_refused(void **state)
{
    static const char *const bad[] = {
        "", "v1", "v2\n{}", "x\n{}", "v1\n{\"batchWatermarkMs\":0}\n{}", "v1\n{", "v0\n{}"};
    for (size_t i = 0; i < LV_COUNT_OF(bad); i++) {
        lv_error err = LV_ERROR_INIT;
        lv_offset_entry entry;
        assert_int_equal(lv_offset_entry_parse(&arena, lv_str_of(bad[i]), 0, &entry, &err),
                         LV_MALFORMED_LOG_FILE);
        assert_int_equal(err.status, LV_MALFORMED_LOG_FILE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(files_are_spark_s_bytes, setup, teardown),
        cmocka_unit_test_setup_teardown(spark_s_leftovers_are_ignored, setup, teardown),
        cmocka_unit_test_setup_teardown(a_second_runner_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(a_lost_metadata_file_is_an_error, setup, teardown),
        cmocka_unit_test_setup_teardown(broken_logs_are_refused, setup, teardown)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
