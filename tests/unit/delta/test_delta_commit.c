/* test_delta_commit.c: several writers at one table, lost answers, crashes: nothing is lost,
 * nothing twice. */
#include "delta_fixture.h"

#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

static lv_status commit_rows(lv_delta_table *t, const lv_delta_write_plan *plan, const char *rows,
                             const char *query, int64_t batch, lv_error *err)
{
    int64_t version;
    lv_delta_stream_commit commit = write_rows_of(plan, rows, query, batch);
    *err = LV_ERROR_INIT;
    lv_status status = lv_delta_commit_stream(t, &commit, &version, err);
    if (status != LV_OK)
        lv_delta_discard(t, commit.adds, commit.add_count);
    return status;
}

/* Puts a commit as another writer would. */
static void put_foreign(const char *table, int64_t version, const char *text)
{
    lv_error err = LV_ERROR_INIT;
    char name[LV_LOG_NAME_SIZE];
    char *path = lv_arena_printf(&arena, "%s/%s/%s", dir, table, lv_log_commit_name(version, name));
    assert_ok(&err, lv_file_publish(path, text, strlen(text), false, false, &err));
}

/* ---- conflicts ------------------------------------------------------------------------------- */

static void appends_of_others_are_no_conflict(void **state)
{
    lv_error err;
    lv_delta_table *a = open_new("t", false), *b = open_new("t", false);
    lv_delta_write_plan *plan_a = plan_write(a, "x INT", NULL),
                        *plan_b = plan_write(b, "x INT", NULL);
    assert_int_equal(commit_rows(a, plan_a, "{\"x\":1}", "a", 0, &err), LV_OK);
    assert_int_equal(commit_rows(b, plan_b, "{\"x\":2}", "b", 0, &err),
                     LV_OK); /* it meant to make the table too */
    put_foreign("t", 2,
                "{\"commitInfo\":{}}\n{\"remove\":{\"path\":\"gone\",\"dataChange\":false}}\n");
    assert_int_equal(commit_rows(a, plan_a, "{\"x\":3}", "a", 1, &err), LV_OK);
    assert_int_equal(lv_delta_table_version(a), 3);
    assert_int_equal(lv_delta_table_file_count(a), 3);
    assert_int_equal(lv_delta_txn_version(a, LV_STR("b")), 0);
    lv_delta_table_close(a);
    lv_delta_table_close(b);
    assert_str(rows_at(in_dir("t")), "1\n2\n3");
}

static void the_same_query_twice_is(void **state)
{
    lv_error err;
    lv_delta_table *a = open_new("t", false);
    lv_delta_write_plan *plan_a = plan_write(a, "x INT", NULL);
    assert_int_equal(commit_rows(a, plan_a, "{\"x\":1}", "q", 0, &err), LV_OK);
    lv_delta_table *b = open_new("t", false);
    lv_delta_write_plan *plan_b = plan_write(b, "x INT", NULL);
    assert_int_equal(commit_rows(a, plan_a, "{\"x\":2}", "q", 1, &err), LV_OK);
    assert_int_equal(commit_rows(b, plan_b, "{\"x\":2}", "q", 1, &err),
                     LV_DELTA_CONCURRENT_TRANSACTION);
    lv_delta_table_close(a);
    lv_delta_table_close(b);
    assert_str(rows_at(in_dir("t")), "1\n2");
}

static void changes_of_metadata_and_protocol(void **state)
{
#define META(fields, configuration)                                                                \
    "{\"metaData\":{\"id\":\"x\",\"format\":{\"provider\":\"parquet\",\"options\":{}},"            \
    "\"schemaString\":"                                                                            \
    "\"{\\\"type\\\":\\\"struct\\\",\\\"fields\\\":[{\\\"name\\\":\\\"x\\\",\\\"type\\\":"         \
    "\\\"integer\\\","                                                                             \
    "\\\"nullable\\\":true,\\\"metadata\\\":{}}" fields                                            \
    "]}\",\"partitionColumns\":[],\"configuration\":{" configuration "}}}\n"
#define MORE                                                                                       \
    ",{\\\"name\\\":\\\"y\\\",\\\"type\\\":\\\"long\\\",\\\"nullable\\\":true,\\\"metadata\\\":{}" \
    "}"
    static const struct {
        const char *foreign;
        lv_status status;
    } cases[] = {
        {META("", "\"delta.checkpointInterval\":\"20\""), LV_OK}, /* as if set before the batch */
        {META(MORE, ""), LV_DELTA_METADATA_CHANGED},
        {META("", "\"delta.constraints.c\":\"x > 0\""), LV_DELTA_UNSUPPORTED_FEATURES_FOR_WRITE},
        {"{\"protocol\":{\"minReaderVersion\":1,\"minWriterVersion\":3}}\n", LV_OK},
        {"{\"protocol\":{\"minReaderVersion\":1,\"minWriterVersion\":7,\"writerFeatures\":[\"new\"]"
         "}}\n",
         LV_DELTA_UNSUPPORTED_FEATURES_FOR_WRITE},
        {"{\"protocol\":{\"minReaderVersion\":9,\"minWriterVersion\":9}}\n",
         LV_DELTA_INVALID_PROTOCOL_VERSION},
        {"{\"torn", LV_DELTA_LOG_CORRUPT},
    };
    for (size_t i = 0; i < LV_COUNT_OF(cases); i++) {
        lv_error err;
        char *name = lv_arena_printf(&arena, "t%zu", i);
        lv_delta_table *t = open_new(name, false);
        lv_delta_write_plan *plan = plan_write(t, "x INT", NULL);
        assert_int_equal(commit_rows(t, plan, "{\"x\":1}", "q", 0, &err), LV_OK);
        put_foreign(name, 1, cases[i].foreign);
        lv_status status = commit_rows(t, plan, "{\"x\":2}", "q", 1, &err);
        if (status != cases[i].status)
            fail_msg("%s: [%s] %s", cases[i].foreign, lv_status_class(status), err.message);
        lv_delta_table_close(t);
    }
}

/* ---- lost answers ---------------------------------------------------------------------------- */

typedef struct wish {
    lv_store_op op;
    bool after;
    int passes; /* that go well before it strikes; then it strikes `times` */
    int times;
} wish;

static lv_status fail_as_wished(void *context, lv_store_op op, const char *name, bool after,
                                lv_error *err)
{
    wish *w = context;
    if (op != w->op || after != w->after || strstr(name, "_delta_log") == NULL || w->passes-- > 0 ||
        w->times-- <= 0)
        return LV_OK;
    return LV_FAIL(err, LV_IO, "broken on purpose: %s", name);
}

static lv_delta_table *open_faulty(const char *name, wish *w)
{
    lv_error err = LV_ERROR_INIT;
    lv_store *inner;
    lv_delta_table *table = NULL;
    assert_ok(&err, lv_store_open(in_dir(name), false, &inner, &err));
    assert_ok(&err, lv_delta_table_open_in(lv_store_faulty_new(inner, fail_as_wished, w), name,
                                           INT64_MAX, true, &table, &err));
    return table;
}

static void a_commit_that_landed_is_not_repeated(void **state)
{
    lv_error err;
    wish w = {LV_STORE_PUT, true, 0, 1};
    lv_delta_table *t = open_faulty("t", &w);
    lv_delta_write_plan *plan = plan_write(t, "x INT", NULL);
    assert_int_equal(commit_rows(t, plan, "{\"x\":1}", "q", 0, &err), LV_OK);
    assert_int_equal(w.times, 0);
    assert_int_equal(commit_rows(t, plan, "{\"x\":2}", "q", 1, &err), LV_OK);
    lv_delta_table_close(t);
    assert_str(rows_at(in_dir("t")), "1\n2");
}

static void a_commit_that_did_not_is_an_error(void **state)
{
    lv_error err;
    wish w = {LV_STORE_PUT, false, 0, 1};
    lv_delta_table *t = open_faulty("t", &w);
    lv_delta_write_plan *plan = plan_write(t, "x INT", NULL);
    assert_int_equal(commit_rows(t, plan, "{\"x\":1}", "q", 0, &err), LV_IO);
    assert_int_equal(commit_rows(t, plan, "{\"x\":1}", "q", 0, &err), LV_OK);
    lv_delta_table_close(t);
    assert_str(rows_at(in_dir("t")), "1");
}

/* Put and the look after it both fail: nobody knows, so the files must stay. */
static void files_of_a_commit_in_doubt_stay(void **state)
{
    lv_error err;
    wish w = {LV_STORE_PUT, true, 0, 1};
    lv_store *inner;
    lv_delta_table *t = NULL;
    wish read = {LV_STORE_GET, false, 1, 1}; /* the first is _last_checkpoint */
    err = LV_ERROR_INIT;
    assert_ok(&err, lv_store_open(in_dir("t"), false, &inner, &err));
    lv_store *faulty =
        lv_store_faulty_new(lv_store_faulty_new(inner, fail_as_wished, &w), fail_as_wished, &read);
    assert_ok(&err, lv_delta_table_open_in(faulty, "t", INT64_MAX, true, &t, &err));
    lv_delta_write_plan *plan = plan_write(t, "x INT", NULL);
    assert_int_equal(commit_rows(t, plan, "{\"x\":1}", "q", 0, &err), LV_IO);
    assert_int_equal(read.times, 0);
    lv_delta_table_close(t);
    assert_str(rows_at(in_dir("t")), "1"); /* it had landed */
}

/* ---- races ----------------------------------------------------------------------------------- */

enum { RACERS = 4, COMMITS = 25 };

/* Commits rows of its own; its number is the query's. */
static lv_status race(int number)
{
    lv_arena own;
    lv_arena_init(&own);
    lv_error err = LV_ERROR_INIT;
    lv_delta_table *t = NULL;
    lv_plan query = {.kind = LV_PLAN_SOURCE, .sql_offset = -1};
    lv_delta_write_options options = {0};
    lv_delta_write_plan *plan;
    lv_delta_writer *writer = NULL;
    char id[16];
    snprintf(id, sizeof id, "q%d", number);
    lv_field field = {LV_STR("x"), lv_type_of(LV_TYPE_INT), true, LV_STR_NONE};
    query.schema = lv_type_struct(&own, &field, 1);
    lv_status status = lv_delta_table_open_or_new(lv_path_join(&own, dir, "t"), false, &t, &err);
    if (status == LV_OK)
        status = lv_delta_plan_write(t, &own, &query, &options, &plan, &err);
    if (status == LV_OK)
        status = lv_delta_writer_new(plan, number, &writer, &err);
    for (int i = 0; i < COMMITS && status == LV_OK; i++) {
        int32_t value = number * 1000 + i;
        int64_t version;
        lv_vector column = {.type = field.type, .length = 1, .data = &value};
        lv_batch batch = {query.schema, 1, &column};
        lv_delta_add *adds;
        lv_delta_stream_commit commit = {
            .query_id = lv_str_of(id), .batch_id = i, .output_rows = 1, .plan = plan};
        status = lv_delta_write(writer, &batch, &err);
        if (status == LV_OK)
            status = lv_delta_writer_finish(writer, &own, &adds, &commit.add_count, &err);
        commit.adds = status == LV_OK ? adds : NULL;
        if (status == LV_OK)
            status = lv_delta_commit_stream(t, &commit, &version, &err);
    }
    if (status != LV_OK)
        fprintf(stderr, "racer %d: [%s] %s\n", number, lv_status_class(status), err.message);
    lv_delta_writer_free(writer);
    lv_delta_table_close(t);
    lv_arena_release(&own);
    return status;
}

static void check_race(void)
{
    lv_error err = LV_ERROR_INIT;
    lv_delta_table *t = NULL;
    text_rows rows = {0};
    assert_ok(&err, lv_delta_table_open(in_dir("t"), &t, &err));
    assert_int_equal(lv_delta_table_version(t), RACERS * COMMITS - 1);
    assert_int_equal(lv_delta_table_file_count(t), RACERS * COMMITS);
    assert_ok(&err, scan_table(t, &rows, &err));
    assert_int_equal(rows.count, RACERS * COMMITS);
    for (size_t i = 1; i < rows.count; i++)
        assert_false(lv_str_eq(rows.at[i], rows.at[i - 1]));
    lv_delta_table_close(t);
}

static void *race_thread(void *arg)
{
    return (void *)(intptr_t)race((int)(intptr_t)arg);
}

static void racing_threads_lose_nothing(void **state)
{
    pthread_t threads[RACERS];
    for (intptr_t i = 0; i < RACERS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, race_thread, (void *)i), 0);
    for (int i = 0; i < RACERS; i++) {
        void *status;
        pthread_join(threads[i], &status);
        assert_null(status);
    }
    check_race();
}

static void racing_processes_lose_nothing(void **state)
{
    for (int i = 0; i < RACERS; i++)
        if (fork() == 0)
            _exit(race(i) == LV_OK ? 0 : 1);
    for (int i = 0; i < RACERS; i++) {
        int how;
        assert_true(wait(&how) > 0);
        assert_true(WIFEXITED(how) && WEXITSTATUS(how) == 0);
    }
    check_race();
}

/* ---- crashes --------------------------------------------------------------------------------- */

/* What this program does when called with a folder: one commit and a checkpoint there. */
static int commit_in(const char *folder)
{
    lv_error err;
    snprintf(dir, sizeof dir, "%s", folder);
    lv_arena_init(&arena);
    lv_delta_table *t = open_new("t", true);
    lv_delta_write_plan *plan = plan_write(t, "x INT", NULL);
    lv_status status = commit_rows(t, plan, "{\"x\":2}", "q", 1, &err);
    if (status == LV_OK)
        status = lv_delta_checkpoint(t, &err);
    lv_delta_table_close(t);
    lv_arena_release(&arena);
    return status == LV_OK ? 0 : 1;
}

/* Runs that in a process of its own, which a fault point is to kill; whether it was. */
static bool commit_and_die(const char *fault)
{
    pid_t child = fork();
    if (child == 0) {
        setenv("LEVADA_FAULT", fault, 1);
        execl("/proc/self/exe", "test_delta_commit", dir, NULL);
        _exit(127);
    }
    int how;
    assert_int_equal(waitpid(child, &how, 0), child);
    return WIFSIGNALED(how);
}

static void a_crash_leaves_orphans_only(void **state)
{
    static const struct {
        const char *fault;
        int64_t txn;
        const char *rows;
    } cases[] = {{"delta.before_commit", 0, "1"},
                 {"delta.after_commit", 1, "1\n2"},
                 {"delta.checkpoint", 1, "1\n2"}};
    for (size_t i = 0; i < LV_COUNT_OF(cases); i++) {
        lv_error err;
        lv_delta_table *t = open_new("t", true);
        lv_delta_write_plan *plan = plan_write(t, "x INT", NULL);
        assert_int_equal(commit_rows(t, plan, "{\"x\":1}", "q", 0, &err), LV_OK);
        lv_delta_table_close(t);
        assert_true(commit_and_die(cases[i].fault));
        assert_str(rows_at(in_dir("t")), cases[i].rows);
        t = open_new("t", true);
        assert_int_equal(lv_delta_txn_version(t, LV_STR("q")), cases[i].txn);
        assert_int_equal(t->checkpointer.version, -1);
        lv_delta_table_close(t);
        char command[100];
        snprintf(command, sizeof command, "rm -rf %s/t", dir);
        assert_int_equal(system(command), 0);
    }
}

int main(int argc, char **argv)
{
    if (argc == 2)
        return commit_in(argv[1]);
    const struct CMUnitTest tests[] = {
        fixture_test(appends_of_others_are_no_conflict),
        fixture_test(the_same_query_twice_is),
        fixture_test(changes_of_metadata_and_protocol),
        fixture_test(a_commit_that_landed_is_not_repeated),
        fixture_test(a_commit_that_did_not_is_an_error),
        fixture_test(files_of_a_commit_in_doubt_stay),
        fixture_test(racing_threads_lose_nothing),
        fixture_test(racing_processes_lose_nothing),
        fixture_test(a_crash_leaves_orphans_only),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
