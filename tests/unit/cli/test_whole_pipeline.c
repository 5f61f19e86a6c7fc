/* test_whole_pipeline.c: a hub, a pipeline, its table: every event once, whatever breaks between.
 *
 * The hub and each run of the pipeline are processes of their own, for a fault kills a process and is
 * chosen once in its life (LEVADA_FAULT). The test itself starts no thread. */
#include "engine/engine_fixture.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/vec.h"
#include "delta/delta.h"
#include "engine/pipeline.h"
#include "hub/hub.h"
#include "kafka/client.h"
#include "kafka/records.h"
#include "stream/checkpoint.h"

enum { PARTITIONS = 3 };

static pid_t hub_process;
static int hub_port;
static int64_t produced; /* events so far: numbered from 0 */

/* ---- the hub --------------------------------------------------------------------------------- */

/* In the child. */
static int run_hub(int port_pipe)
{
    lv_hub *hub;
    lv_hub_options options = lv_hub_options_default();
    options.listen = "127.0.0.1:0";
    options.data_dir = in_dir("hub");
    options.partitions = PARTITIONS;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (lv_hub_open(&options, &hub, NULL) != LV_OK)
        return 1;
    int port = lv_hub_port(hub);
    if (write(port_pipe, &port, sizeof port) != sizeof port)
        return 1;
    return lv_hub_run(hub, NULL) != LV_OK;
}

static int setup(void **state)
{
    int ends[2];
    if (fixture_setup(state) != 0 || pipe(ends) != 0)
        return -1;
    produced = 0;
    hub_process = fork();
    if (hub_process == 0)
        _exit(run_hub(ends[1]));
    bool has_port = read(ends[0], &hub_port, sizeof hub_port) == sizeof hub_port;
    close(ends[0]);
    close(ends[1]);
    return has_port ? 0 : -1;
}

static int teardown(void **state)
{
    kill(hub_process, SIGKILL);
    waitpid(hub_process, NULL, 0);
    return fixture_teardown(state);
}

/* Produces `count` events {"n": number}, round the partitions; every tenth is no JSON. */
static void produce(int64_t count)
{
    lv_error err = LV_ERROR_INIT;
    lv_batch_builder builder;
    lv_sbuf bytes = LV_SBUF_INIT;
    lv_kafka_options options = {.bootstrap_servers =
                                    lv_str_of(lv_arena_printf(&arena, "127.0.0.1:%d", hub_port))};
    lv_kafka_client *client = lv_kafka_client_new(&options);
    lv_batch_builder_init(&builder);
    assert_ok(&err, lv_kafka_create_topic(client, LV_STR("events"), PARTITIONS, 10000, &err));
    for (int p = 0; p < PARTITIONS; p++) {
        for (int64_t n = produced; n < produced + count; n++)
            if (n % PARTITIONS == p)
                lv_batch_builder_add(&builder, lv_now_us() / 1000, LV_STR_NONE,
                                     lv_str_of(lv_arena_printf(
                                         &arena, n % 10 ? "{\"n\":%lld}" : "?", (long long)n)));
        if (builder.count == 0)
            continue;
        lv_sbuf_clear(&bytes);
        assert_ok(&err, lv_batch_builder_finish(&builder, LV_KAFKA_LZ4, -1, -1, -1, &bytes, &err));
        assert_ok(&err, lv_kafka_produce(client, LV_STR("events"), p, lv_sbuf_str(&bytes), -1, NULL,
                                         &err));
    }
    produced += count;
    lv_batch_builder_release(&builder);
    lv_sbuf_release(&bytes);
    lv_kafka_client_free(client);
}

/* ---- runs ------------------------------------------------------------------------------------ */

static lv_status run_pipeline(const char *file)
{
    lv_error err = LV_ERROR_INIT;
    lv_pipeline *pipeline = NULL;
    lv_pipeline_options options = {
        .storage = dir, .trigger = {.kind = LV_TRIGGER_AVAILABLE_NOW}, .workers = 2};
    lv_status status = lv_pipeline_open(&file, 1, &options, &pipeline, &err);
    if (status == LV_OK)
        status = lv_pipeline_run(pipeline, &err);
    lv_pipeline_free(pipeline);
    return status;
}

/* Runs the pipeline in a process; `fault` as in LEVADA_FAULT, NULL: none. The process's status. */
static int run_once(const char *per_trigger, const char *fault)
{
    const char *file = file_of(
        "pipeline.sql",
        lv_arena_printf(&arena,
                        "CREATE OR REFRESH STREAMING TABLE t AS SELECT\n"
                        "from_json(value::string, 'n BIGINT').n AS n, partition AS p, offset AS o\n"
                        "FROM STREAM read_kafka(bootstrapServers => '127.0.0.1:%d',\n"
                        "subscribe => 'events', startingOffsets => 'earliest'%s);\n",
                        hub_port, per_trigger));
    int status;
    fflush(NULL);
    pid_t run = fork();
    if (run == 0) {
        if (fault != NULL)
            setenv("LEVADA_FAULT", fault, 1);
        _exit(run_pipeline(file) != LV_OK);
    }
    waitpid(run, &status, 0);
    return status;
}

/* ---- what is there --------------------------------------------------------------------------- */

static lv_str file_text(const char *name)
{
    lv_error err = LV_ERROR_INIT;
    lv_sbuf text = LV_SBUF_INIT;
    assert_ok(&err, lv_file_read_all(in_dir(name), &text, &err));
    lv_str kept = lv_str_dup(&arena, lv_sbuf_str(&text));
    lv_sbuf_release(&text);
    return kept;
}

static bool is_there(const char *name)
{
    return lv_path_exists(in_dir(name));
}

static int64_t count_data_files(void)
{
    lv_error err = LV_ERROR_INIT;
    lv_dir_entry *entries;
    size_t count;
    int64_t files = 0;
    assert_ok(&err, lv_dir_list(in_dir("tables/t"), &arena, &entries, &count, &err));
    for (size_t i = 0; i < count; i++)
        files += lv_str_ends(entries[i].name, LV_STR(".parquet"));
    return files;
}

/* Every event that was produced is there once: by partition and offset, and by its number. */
static void check_rows(void)
{
    int64_t parsed = produced - (produced + 9) / 10, sum = 0;
    for (int64_t n = 0; n < produced; n++)
        sum += n % 10 ? n : 0;
    assert_str(rows_of_sql("SELECT count(*), count(n), sum(n) FROM t"),
               lv_arena_printf(&arena, "%lld|%lld|%lld", (long long)produced, (long long)parsed,
                               (long long)sum));
    for (int p = 0; p < PARTITIONS; p++) {
        long long n = (produced - p + PARTITIONS - 1) / PARTITIONS;
        assert_str(rows_of_sql(lv_arena_printf(
                       &arena, "SELECT count(*), min(o), max(o), sum(o) FROM t WHERE p = %d", p)),
                   lv_arena_printf(&arena, "%lld|0|%lld|%lld", n, n - 1, n * (n - 1) / 2));
    }
}

typedef struct table_state {
    int64_t version;
    int64_t files;
    int64_t txn;
} table_state;

static table_state state_of_table(void)
{
    lv_error err = LV_ERROR_INIT;
    lv_delta_table *table;
    lv_str metadata = file_text("checkpoints/t/metadata"); /* {"id":"<36 characters>"} */
    assert_int_equal(metadata.len, 45);
    assert_ok(&err, lv_delta_table_open(in_dir("tables/t"), &table, &err));
    table_state s = {lv_delta_table_version(table), lv_delta_table_file_count(table),
                     lv_delta_txn_version(table, lv_str_sub(metadata, 7, 36))};
    lv_delta_table_close(table);
    return s;
}

/* ---- tests ----------------------------------------------------------------------------------- */

static void a_second_run_takes_what_is_new(void **state)
{
    lv_offset_entry entry;
    lv_error err = LV_ERROR_INIT;
    produce(300);
    assert_int_equal(run_once("", NULL), 0);
    check_rows();
    table_state first = state_of_table();
    assert_int_equal(first.txn, 0);
    assert_int_equal(count_data_files(), first.files);
    assert_str(file_text("checkpoints/t/commits/0"), "v1\n{\"nextBatchWatermarkMs\":0}");
    assert_ok(&err,
              lv_offset_entry_parse(&arena, file_text("checkpoints/t/offsets/0"), 0, &entry, &err));
    assert_int_equal(entry.source_count, 1);
    assert_str(entry.sources[0], "{\"events\":{\"0\":100,\"1\":100,\"2\":100}}");

    assert_int_equal(run_once("", NULL), 0); /* nothing new */
    assert_int_equal(state_of_table().version, first.version);
    assert_false(is_there("checkpoints/t/offsets/1"));

    produce(31);
    assert_int_equal(run_once("", NULL), 0);
    check_rows();
    table_state second = state_of_table();
    assert_int_equal(second.version, first.version + 1);
    assert_int_equal(second.txn, 1);
    assert_int_equal(count_data_files(), second.files);
    assert_ok(&err,
              lv_offset_entry_parse(&arena, file_text("checkpoints/t/offsets/1"), 1, &entry, &err));
    assert_str(entry.sources[0], "{\"events\":{\"0\":111,\"1\":110,\"2\":110}}");
    assert_true(is_there("checkpoints/t/commits/1"));
    assert_false(is_there("checkpoints/t/offsets/2"));
}

static void limited_batches_come_in_order(void **state)
{
    produce(100);
    assert_int_equal(run_once(", maxOffsetsPerTrigger => 30", NULL), 0);
    check_rows();
    table_state s = state_of_table();
    assert_int_equal(s.txn, 3);
    assert_int_equal(s.version, 3);
    for (int i = 0; i < 4; i++) {
        assert_true(is_there(lv_arena_printf(&arena, "checkpoints/t/offsets/%d", i)));
        assert_true(is_there(lv_arena_printf(&arena, "checkpoints/t/commits/%d", i)));
    }
    assert_false(is_there("checkpoints/t/offsets/4"));
}

/* One batch is there; the next one, of three, breaks at `fault`; then the pipeline runs to its end. */
static void break_and_repeat(const char *fault, bool by_error)
{
    produce(40);
    assert_int_equal(run_once("", NULL), 0);
    produce(100);
    const char *wish = lv_arena_printf(&arena, "%s%s:2", fault, by_error ? "=error" : "");
    int status = run_once(", maxOffsetsPerTrigger => 40", wish);
    assert_true(by_error ? WIFEXITED(status) && WEXITSTATUS(status) == 1
                         : WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    if (by_error) /* what was not committed is gone */
        assert_int_equal(count_data_files(), state_of_table().files);
    assert_int_equal(run_once(", maxOffsetsPerTrigger => 40", NULL), 0);
    check_rows();
    assert_int_equal(state_of_table().txn, 3);
    assert_true(is_there("checkpoints/t/commits/3"));
    assert_false(is_there("checkpoints/t/offsets/4"));
}

static void nothing_is_lost_or_doubled(void **state, const char *fault)
{
    break_and_repeat(fault, true);
    teardown(state);
    assert_int_equal(setup(state), 0);
    break_and_repeat(fault, false);
}

static void before_offsets(void **state)
{
    nothing_is_lost_or_doubled(state, "stream.before_offsets");
}
static void after_offsets(void **state)
{
    nothing_is_lost_or_doubled(state, "stream.after_offsets");
}
static void before_the_table(void **state)
{
    nothing_is_lost_or_doubled(state, "delta.before_commit");
}
static void in_doubt_about_the_table(void **state)
{
    nothing_is_lost_or_doubled(state, "delta.after_commit");
}
static void after_the_table(void **state)
{
    nothing_is_lost_or_doubled(state, "stream.after_table");
}
static void after_commits(void **state)
{
    nothing_is_lost_or_doubled(state, "stream.after_commit");
}

#define pipeline_test(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        pipeline_test(a_second_run_takes_what_is_new),
        pipeline_test(limited_batches_come_in_order),
        pipeline_test(before_offsets),
        pipeline_test(after_offsets),
        pipeline_test(before_the_table),
        pipeline_test(in_doubt_about_the_table),
        pipeline_test(after_the_table),
        pipeline_test(after_commits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
