/* test_partition.c: a partition's log: what is written is read, whatever happened in between. */
#include "unit.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>

#include "hub/partition.h"
#include "hub_fixture.h"
#include "kafka/protocol.h"
#include "os/os.h"

typedef struct fixture {
    char *scratch;
    char *dir;
    lv_topic_config config;
    lv_syncer *syncer;
    lv_partition *partition;
    lv_arena arena;
} fixture;

static fixture f;

static int setup(void **state)
{
    lv_error err = LV_ERROR_INIT;
    lv_arena_init(&f.arena);
    f.scratch = make_scratch_dir();
    f.dir = lv_path_join(&f.arena, f.scratch, "t-0");
    f.config = (lv_topic_config){.retention_ms = -1,
                                 .retention_bytes = -1,
                                 .segment_bytes = 128 * 1024 * 1024,
                                 .max_message_bytes = 1024 * 1024,
                                 .append_time = false};
    f.partition = NULL;
    assert_ok(&err, lv_syncer_new(&f.syncer, &err));
    return 0;
}

static int teardown(void **state)
{
    lv_partition_close(f.partition, false);
    lv_syncer_free(f.syncer);
    remove_scratch_dir(f.scratch);
    lv_arena_release(&f.arena);
    return 0;
}

static int64_t open_partition(bool trusted)
{
    lv_error err = LV_ERROR_INIT;
    int64_t torn = -1;
    assert_ok(&err,
              lv_partition_open(f.dir, &f.config, f.syncer, trusted, &f.partition, &torn, &err));
    return torn;
}

static void close_partition(bool clean)
{
    lv_partition_close(f.partition, clean);
    f.partition = NULL;
}

static int16_t append(batch_spec spec, int64_t now_ms, int64_t *base_offset)
{
    lv_sbuf bytes = LV_SBUF_INIT;
    lv_stored_batch batch;
    add_batch(&bytes, spec);
    assert_true(lv_stored_batch_read((const uint8_t *)bytes.ptr, &batch));
    assert_true(lv_stored_batch_crc_fits((const uint8_t *)bytes.ptr, &batch));
    int16_t error_code =
        lv_partition_append(f.partition, (uint8_t *)bytes.ptr, &batch, now_ms, base_offset);
    lv_partition_publish(f.partition);
    lv_sbuf_release(&bytes);
    return error_code;
}

static int64_t append_ok(batch_spec spec)
{
    int64_t base_offset;
    assert_int_equal(append(spec, 1000, &base_offset), LV_KAFKA_ERROR_NONE);
    return base_offset;
}

/* Reads at `offset` and checks every batch; returns the offset behind the last one, -1 for nothing.
 */
static int64_t read_from(int64_t offset, int64_t max_bytes, bool at_least_one)
{
    lv_log_slice slice;
    assert_int_equal(lv_partition_read(f.partition, offset, max_bytes, at_least_one, &slice),
                     LV_KAFKA_ERROR_NONE);
    if (slice.segment == NULL)
        return -1;
    lv_error err = LV_ERROR_INIT;
    char *bytes = malloc((size_t)slice.size_bytes);
    assert_ok(&err, lv_file_pread(slice.segment->fd, "log", bytes, (size_t)slice.size_bytes,
                                  slice.position, &err));
    lv_stored_batch batch;
    int64_t next = -1;
    for (int64_t at = 0; at < slice.size_bytes; at += batch.size_bytes) {
        assert_true(slice.size_bytes - at >= LV_BATCH_HEADER_SIZE);
        assert_true(lv_stored_batch_read((uint8_t *)bytes + at, &batch));
        assert_true(at + batch.size_bytes <= slice.size_bytes);
        assert_true(lv_stored_batch_crc_fits((uint8_t *)bytes + at, &batch));
        if (next == -1)
            assert_true(batch.base_offset <= offset);
        else
            assert_int_equal(batch.base_offset, next);
        next = lv_stored_batch_next_offset(&batch);
        assert_true(next > offset);
    }
    free(bytes);
    lv_segment_unref(slice.segment);
    return next;
}

static void every_offset_is_found_over_many_segments(void **state)
{
    f.config.segment_bytes = 20000;
    open_partition(true);
    int64_t end = 0;
    for (int i = 0; i < 400; i++) {
        batch_spec spec = {.records = 1 + i % 9,
                           .payload_bytes = (size_t)(i * 37 % 1500),
                           .timestamp_max = i,
                           .producer_id = -1};
        assert_int_equal(append_ok(spec), end);
        end += spec.records;
    }
    assert_true(f.partition->segment_count > 10);
    for (int pass = 0; pass < 3; pass++) {
        for (int64_t offset = 0; offset < end; offset++) {
            int64_t one = read_from(offset, 0, true);
            assert_true(one > offset && one <= offset + 9);
            int64_t more = read_from(offset, 5000, true);
            assert_true(more >= one);
        }
        assert_int_equal(read_from(end, 5000, true), -1);
        assert_int_equal(read_from(0, 10, false), -1);
        int64_t reader = 0;
        while (reader < end)
            reader = read_from(reader, 1 << 20, false);
        assert_int_equal(reader, end);
        close_partition(pass == 0);
        assert_int_equal(open_partition(pass == 0), 0);
        assert_int_equal(f.partition->high_watermark, end);
    }
    lv_log_slice slice;
    assert_int_equal(lv_partition_read(f.partition, end + 1, 100, true, &slice),
                     LV_KAFKA_ERROR_OFFSET_OUT_OF_RANGE);
    assert_int_equal(lv_partition_read(f.partition, -1, 100, true, &slice),
                     LV_KAFKA_ERROR_OFFSET_OUT_OF_RANGE);
}

static void a_torn_end_is_cut_at_every_byte(void **state)
{
    open_partition(true);
    batch_spec spec = {.records = 5, .payload_bytes = 90, .timestamp_max = 1, .producer_id = -1};
    for (int i = 0; i < 3; i++)
        append_ok(spec);
    lv_sbuf whole = LV_SBUF_INIT;
    lv_error err = LV_ERROR_INIT;
    char *path = lv_path_join(&f.arena, f.dir, "00000000000000000000.log");
    assert_ok(&err, lv_file_read_all(path, &whole, &err));
    int64_t batch_bytes = LV_BATCH_HEADER_SIZE + 90;
    assert_int_equal(whole.len, 3 * batch_bytes);
    for (int64_t cut = 1; cut < batch_bytes; cut++) {
        close_partition(false);
        assert_ok(&err,
                  lv_file_publish(path, whole.ptr, whole.len - (size_t)cut, true, false, &err));
        assert_int_equal(open_partition(false), batch_bytes - cut);
        assert_int_equal(f.partition->high_watermark, 10);
        assert_int_equal(append_ok(spec), 10);
        assert_int_equal(read_from(10, 1000, true), 15);
    }
    /* A wrong byte anywhere but in the fields that the hub sets is a torn batch too. */
    for (int64_t at = 2 * batch_bytes + 16; at < 3 * batch_bytes; at++) {
        close_partition(false);
        whole.ptr[at] ^= 0x10;
        assert_ok(&err, lv_file_publish(path, whole.ptr, whole.len, true, false, &err));
        whole.ptr[at] ^= 0x10;
        assert_int_equal(open_partition(false), batch_bytes);
        assert_int_equal(f.partition->high_watermark, 10);
    }
    lv_sbuf_release(&whole);
}

static batch_spec sequenced(int64_t producer_id, int32_t sequence)
{
    return (batch_spec){.records = 1,
                        .payload_bytes = 60,
                        .timestamp_max = 1,
                        .producer_id = producer_id,
                        .sequence = sequence};
}

static void producers_are_restored_from_log_and_snapshot(void **state)
{
    f.config.segment_bytes = 1000;
    open_partition(true);
    int64_t offset;
    for (int32_t i = 0; i < 20; i++) {
        for (int64_t id = 0; id < 3; id++)
            assert_int_equal(append_ok(sequenced(id, i)), i * 3 + id);
    }
    for (int pass = 0; pass < 4; pass++) {
        close_partition(pass % 2 == 1); /* first as after a crash, from the last roll's snapshot */
        open_partition(pass % 2 == 1);
        for (int64_t id = 0; id < 3; id++) {
            for (int32_t i = 15; i < 20; i++)
                assert_int_equal(append_ok(sequenced(id, i)), i * 3 + id);
            assert_int_equal(append(sequenced(id, 21), 1000, &offset),
                             LV_KAFKA_ERROR_OUT_OF_ORDER_SEQUENCE_NUMBER);
        }
        assert_int_equal(f.partition->high_watermark, 60);
    }
}

static void append_time_is_stamped_with_a_new_crc(void **state)
{
    f.config.append_time = true;
    open_partition(true);
    int64_t base_offset;
    batch_spec spec = {.records = 3, .payload_bytes = 10, .timestamp_max = 5, .producer_id = -1};
    assert_int_equal(append(spec, 123456, &base_offset), LV_KAFKA_ERROR_NONE);
    assert_int_equal(read_from(0, 100, true), 3);
    lv_log_slice slice;
    lv_stored_batch batch;
    assert_int_equal(lv_partition_find_time(f.partition, 123456, &slice, &batch),
                     LV_KAFKA_ERROR_NONE);
    assert_non_null(slice.segment);
    assert_int_equal(batch.timestamp_max, 123456);
    assert_true(batch.attributes & LV_BATCH_APPEND_TIME);
    lv_segment_unref(slice.segment);
    assert_int_equal(lv_partition_find_time(f.partition, 123457, &slice, &batch),
                     LV_KAFKA_ERROR_NONE);
    assert_null(slice.segment);
}

static void check_times(int batches)
{
    for (int i = 0; i < batches; i++) {
        lv_log_slice slice;
        lv_stored_batch batch;
        assert_int_equal(lv_partition_find_time(f.partition, 10 * i - 3, &slice, &batch),
                         LV_KAFKA_ERROR_NONE);
        assert_non_null(slice.segment);
        assert_int_equal(batch.base_offset, i);
        assert_int_equal(batch.timestamp_max, 10 * i);
        lv_segment_unref(slice.segment);
    }
}

static void damage_file(const char *name, bool remove)
{
    char *path = lv_path_join(&f.arena, f.dir, name);
    if (remove) {
        assert_int_equal(unlink(path), 0);
        return;
    }
    int fd = open(path, O_WRONLY);
    assert_int_equal(pwrite(fd, "\xff\xff\xff\xff\xff\xff\xff", 7, 0), 7);
    close(fd);
}

static void times_are_found_also_with_lost_or_damaged_indexes(void **state)
{
    f.config.segment_bytes = 50000;
    open_partition(true);
    enum { BATCHES = 300 };
    for (int i = 0; i < BATCHES; i++)
        append_ok((batch_spec){
            .records = 1, .payload_bytes = 1000, .timestamp_max = 10 * i, .producer_id = -1});
    check_times(BATCHES);
    close_partition(true);
    assert_int_equal(open_partition(true), 0);
    check_times(BATCHES);
    close_partition(false);
    for (int remove = 0; remove < 2; remove++) {
        damage_file("00000000000000000000.index", remove);
        damage_file("00000000000000000000.timeindex", remove);
        assert_int_equal(open_partition(true), 0);
        check_times(BATCHES);
        int64_t reader = 0;
        while (reader < BATCHES)
            reader = read_from(reader, 3000, false);
        close_partition(false);
    }
    open_partition(true);
}

static void retention_drops_old_segments_only(void **state)
{
    f.config.segment_bytes = 10000;
    open_partition(true);
    for (int i = 0; i < 100; i++)
        append_ok((batch_spec){
            .records = 1, .payload_bytes = 1000, .timestamp_max = i * 1000, .producer_id = -1});
    size_t before = f.partition->segment_count;
    lv_partition_retain(f.partition, 1000000);
    assert_int_equal(f.partition->segment_count, before);

    f.config.retention_bytes = 45000;
    lv_partition_retain(f.partition, 0);
    int64_t bytes = 0;
    for (size_t i = 0; i < f.partition->segment_count; i++)
        bytes += f.partition->segments[i]->size_bytes;
    assert_true(bytes >= 45000 && bytes < 55000);
    int64_t start = lv_partition_start_offset(f.partition);
    assert_true(start > 0);
    lv_log_slice slice;
    assert_int_equal(lv_partition_read(f.partition, start - 1, 100, true, &slice),
                     LV_KAFKA_ERROR_OFFSET_OUT_OF_RANGE);
    assert_true(read_from(start, 100, true) > start);

    f.config.retention_bytes = -1;
    f.config.retention_ms = 20000;
    lv_partition_retain(f.partition, 99000);
    for (size_t i = 0; i < f.partition->segment_count; i++)
        assert_true(f.partition->segments[i]->timestamp_max >= 79000);
    assert_int_equal(f.partition->high_watermark, 100);

    /* A reader of a segment that goes away still has it. */
    assert_int_equal(lv_partition_read(f.partition, 99, 100, true, &slice), LV_KAFKA_ERROR_NONE);
    lv_partition_retain(f.partition, 10000000);
    assert_int_equal(f.partition->segment_count, 1);
    assert_int_equal(lv_partition_start_offset(f.partition), 100);
    assert_int_equal(f.partition->high_watermark, 100);
    char byte;
    lv_error err = LV_ERROR_INIT;
    assert_ok(&err, lv_file_pread(slice.segment->fd, "log", &byte, 1, slice.position, &err));
    lv_segment_unref(slice.segment);
    close_partition(false);
    open_partition(false);
    assert_int_equal(f.partition->high_watermark, 100);
    assert_int_equal(append_ok((batch_spec){
                         .records = 1, .payload_bytes = 1, .timestamp_max = 1, .producer_id = -1}),
                     100);
}

static void readers_see_nothing_before_it_is_published(void **state)
{
    open_partition(true);
    append_ok(
        (batch_spec){.records = 2, .payload_bytes = 50, .timestamp_max = 1, .producer_id = -1});
    lv_sbuf bytes = LV_SBUF_INIT;
    lv_stored_batch batch;
    int64_t base_offset;
    add_batch(
        &bytes,
        (batch_spec){.records = 2, .payload_bytes = 50, .timestamp_max = 1, .producer_id = -1});
    assert_true(lv_stored_batch_read((const uint8_t *)bytes.ptr, &batch));
    assert_int_equal(
        lv_partition_append(f.partition, (uint8_t *)bytes.ptr, &batch, 0, &base_offset),
        LV_KAFKA_ERROR_NONE);
    assert_int_equal(base_offset, 2);
    assert_int_equal(read_from(0, 10000, true), 2);
    assert_int_equal(read_from(2, 10000, true), -1);
    lv_partition_publish(f.partition);
    assert_int_equal(read_from(0, 10000, true), 4);
    lv_sbuf_release(&bytes);
}

static void a_full_disk_loses_nothing(void **state)
{
    open_partition(true);
    batch_spec spec = {.records = 2, .payload_bytes = 500, .timestamp_max = 1, .producer_id = 3};
    append_ok(spec);
    struct rlimit unlimited;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &unlimited), 0);
    signal(SIGXFSZ, SIG_IGN);
    struct rlimit tight = {.rlim_cur = 900, .rlim_max = unlimited.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
    int64_t offset;
    spec.sequence = 2;
    int16_t refused = append(spec, 1, &offset);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &unlimited), 0);
    assert_int_equal(refused, LV_KAFKA_ERROR_KAFKA_STORAGE_ERROR);
    assert_int_equal(f.partition->high_watermark, 2);
    assert_int_equal(append_ok(spec), 2);
    assert_int_equal(read_from(0, 10000, true), 4);
    close_partition(false);
    assert_int_equal(open_partition(false), 0);
    assert_int_equal(f.partition->high_watermark, 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_offset_is_found_over_many_segments, setup, teardown),
        cmocka_unit_test_setup_teardown(a_torn_end_is_cut_at_every_byte, setup, teardown),
        cmocka_unit_test_setup_teardown(producers_are_restored_from_log_and_snapshot, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(append_time_is_stamped_with_a_new_crc, setup, teardown),
        cmocka_unit_test_setup_teardown(times_are_found_also_with_lost_or_damaged_indexes, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(retention_drops_old_segments_only, setup, teardown),
        cmocka_unit_test_setup_teardown(readers_see_nothing_before_it_is_published, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_full_disk_loses_nothing, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
