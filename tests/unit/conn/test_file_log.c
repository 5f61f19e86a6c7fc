/* test_file_log.c: the log of a stream of files, byte by byte as Spark 4.2 writes it, and the source that keeps it. */
#include "folder_fixture.h"

#include <stdlib.h>
#include <sys/time.h>

#include "base/vec.h"
#include "conn/conn.h"
#include "conn/file_log.h"
#include "os/os.h"

static char *in_dir(const char *name)
{
    return lv_path_join(&arena, dir, name);
}

static void put(const char *name, const char *text)
{
    lv_error err = LV_ERROR_INIT;
    char *path = in_dir(name);
    char *folder = lv_arena_strndup(&arena, path, (size_t)(strrchr(path, '/') - path));
    assert_ok(&err, lv_dir_make(folder, &err));
    assert_ok(&err, lv_file_publish(path, text, strlen(text), true, false, &err));
}

static const char *get(const char *name)
{
    lv_error err = LV_ERROR_INIT;
    lv_sbuf text = LV_SBUF_INIT;
    assert_ok(&err, lv_file_read_all(in_dir(name), &text, &err));
    const char *copy = lv_str_cstr(&arena, lv_sbuf_str(&text));
    lv_sbuf_release(&text);
    return copy;
}

/* ---- the log --------------------------------------------------------------------------------- */

static lv_file_log *open_log(const char *name)
{
    lv_error err = LV_ERROR_INIT;
    lv_file_log *log = NULL;
    assert_ok(&err, lv_file_log_open(in_dir(name), false, &log, &err));
    return log;
}

static void add_one(lv_file_log *log, int64_t i)
{
    lv_error err = LV_ERROR_INIT;
    lv_logged_file file = {lv_str_of(lv_arena_printf(&arena, "file:///in/%lld.json", (long long)i)),
                           1000 + i, -1};
    assert_ok(&err, lv_file_log_add(log, &file, 1, &err));
}

static void test_adds_and_compacts(void **state)
{
    lv_file_log *log = open_log("log");
    assert_int_equal(lv_file_log_latest(log), -1);
    for (int64_t i = 0; i < 12; i++)
        add_one(log, i);
    lv_file_log_close(log);
    assert_string_equal(get("log/0"),
                        "v1\n{\"path\":\"file:///in/0.json\",\"timestamp\":1000,\"batchId\":0}");
    assert_string_equal(get("log/11"),
                        "v1\n{\"path\":\"file:///in/11.json\",\"timestamp\":1011,\"batchId\":11}");
    lv_str compact = lv_str_of(get("log/9.compact"));
    assert_true(lv_str_starts(compact, LV_STR("v1\n{\"path\":\"file:///in/0.json\",")));
    assert_true(lv_str_ends(
        compact, LV_STR("\n{\"path\":\"file:///in/9.json\",\"timestamp\":1009,\"batchId\":9}")));
    assert_false(lv_path_exists(in_dir("log/9")));
    log = open_log("log");
    int64_t count;
    const lv_logged_file *files = lv_file_log_entries(log, &count);
    assert_int_equal(count, 12);
    assert_int_equal(lv_file_log_latest(log), 11);
    for (int64_t i = 0; i < count; i++)
        assert_int_equal(files[i].batch_id, i);
    /* another runner was there first */
    put("log/12", "v1");
    lv_logged_file file = {LV_STR("file:///x"), 1, 0};
    assert_int_equal(lv_file_log_add(log, &file, 1, NULL), LV_CONCURRENT_STREAM_LOG_UPDATE);
    lv_file_log_close(log);
}

/* A log that somebody began with another interval is gone on with at that interval, or one that fits. */
static void test_intervals(void **state)
{
    static const struct {
        int compacts[2];
        int latest;
        int next_compact;
    } cases[] = {{{2, 5}, 6, 8}, {{3, -1}, 4, 7}, {{11, -1}, 11, 23}, {{39, -1}, 41, 49}};
    for (size_t c = 0; c < LV_COUNT_OF(cases); c++) {
        const char *name = lv_arena_printf(&arena, "i%zu", c);
        for (int k = 0; k < 2; k++)
            if (cases[c].compacts[k] >= 0)
                put(lv_arena_printf(&arena, "%s/%d.compact", name, cases[c].compacts[k]), "v1");
        for (int i = LV_MAX(cases[c].compacts[0], cases[c].compacts[1]) + 1; i <= cases[c].latest;
             i++)
            put(lv_arena_printf(&arena, "%s/%d", name, i), "v1");
        put(lv_arena_printf(&arena, "%s/.%d.crc", name, cases[c].latest), "no log");
        lv_file_log *log = open_log(name);
        for (int i = cases[c].latest + 1; i <= cases[c].next_compact; i++) {
            const char *compact = lv_arena_printf(&arena, "%s/%d.compact", name, i);
            add_one(log, i);
            assert_int_equal(lv_path_exists(in_dir(compact)), i == cases[c].next_compact);
        }
        lv_file_log_close(log);
    }
}

static void test_malformed(void **state)
{
    static const char *const texts[] = {
        "",
        "v2\n{\"path\":\"a\",\"timestamp\":1,\"batchId\":0}",
        "v1\n{\"path\":\"a\",\"timestamp\":1}",
        "v1\n{\"path\":\"\",\"timestamp\":1,\"batchId\":0}",
        "v1\n{\"path\":\"a\",\"timestamp\":\"x\",\"batchId\":0}",
        "v1\n[1]",
        "v1\n{",
    };
    for (size_t i = 0; i < LV_COUNT_OF(texts); i++) {
        lv_logged_file *files;
        int64_t count;
        assert_int_equal(lv_file_log_parse(&arena, lv_str_of(texts[i]), "0", &files, &count, NULL),
                         LV_MALFORMED_LOG_FILE);
    }
    put("gap/0", "v1");
    put("gap/2", "v1");
    lv_file_log *log;
    assert_int_equal(lv_file_log_open(in_dir("gap"), false, &log, NULL), LV_MALFORMED_LOG_FILE);
}

/* ---- the source ------------------------------------------------------------------------------ */

/* A file of `name` that was written `seconds` after 2024-01-01. */
static void put_at(const char *name, const char *text, int seconds)
{
    put(name, text);
    struct timeval times[2] = {{1704067200 + seconds, 0}, {1704067200 + seconds, 0}};
    assert_int_equal(utimes(in_dir(name), times), 0);
}

static lv_source *open_source(const char *in, const char *log, const char *name, const char *value)
{
    lv_error err = LV_ERROR_INIT;
    lv_option items[] = {{LV_STR("path"), lv_str_of(in_dir(in)), -1},
                         {LV_STR("format"), LV_STR("text"), -1},
                         {lv_str_of(name), lv_str_of(value), -1},
                         {LV_STR("maxFileAge"), LV_STR("1h"), -1}};
    lv_options options = {items, LV_COUNT_OF(items)};
    lv_source_context context = {.log_dir = in_dir(log)};
    lv_source *source = NULL;
    assert_ok(&err, lv_source_schema(&arena, LV_STR("files"), &options, context.log_dir,
                                     &context.schema, &err));
    assert_ok(&err, lv_source_open(LV_STR("files"), &options, &context, &source, &err));
    return source;
}

/* The next batch: "{...}: a b", offset and names of files. */
static const char *next_batch(lv_source *source, lv_sbuf *position)
{
    lv_error err = LV_ERROR_INIT;
    lv_sbuf end = LV_SBUF_INIT, latest = LV_SBUF_INIT, out = LV_SBUF_INIT;
    lv_split *splits;
    int count;
    assert_ok(&err, lv_source_end_offset(source, lv_sbuf_str(position), &end, &latest, &err));
    assert_ok(&err, lv_source_split(source, lv_sbuf_str(position), lv_sbuf_str(&end), &arena,
                                    &splits, &count, &err));
    lv_sbuf_add_str(&out, lv_sbuf_str(&end));
    for (int i = 0; i < count; i++) {
        lv_sbuf_add_char(&out, ' ');
        lv_sbuf_add_cstr(&out, strrchr(lv_str_cstr(&arena, splits[i].name), '/') + 1);
    }
    lv_sbuf_clear(position);
    lv_sbuf_add_str(position, lv_sbuf_str(&end));
    const char *text = lv_str_cstr(&arena, lv_sbuf_str(&out));
    lv_sbuf_release(&end);
    lv_sbuf_release(&latest);
    lv_sbuf_release(&out);
    return text;
}

static void test_batches(void **state)
{
    lv_sbuf position = LV_SBUF_INIT;
    put("s/in/_hidden", "x");
    lv_source *source = open_source("s/in", "s/log", "maxFilesPerTrigger", "2");
    assert_string_equal(next_batch(source, &position), "");
    put_at("s/in/b", "1\n", 100);
    put_at("s/in/a", "2\n", 200);
    put_at("s/in/c", "3\n", 150);
    assert_string_equal(next_batch(source, &position), "{\"logOffset\":0} b c");
    assert_string_equal(next_batch(source, &position), "{\"logOffset\":1} a");
    assert_string_equal(next_batch(source, &position), "{\"logOffset\":1}");
    put_at("s/in/a", "again\n", 300); /* a file is read once */
    put_at("s/in/older", "5\n", 199 - 3600);
    put_at("s/in/old", "4\n", 201 - 3600);
    assert_string_equal(next_batch(source, &position), "{\"logOffset\":2} old");
    lv_source_close(source);
    /* a new run knows what was taken */
    source = open_source("s/in", "s/log", "latestFirst", "true");
    assert_string_equal(next_batch(source, &position), "{\"logOffset\":2}");
    put_at("s/in/d", "6\n", 400);
    put_at("s/in/e", "7\n", 500);
    assert_string_equal(next_batch(source, &position), "{\"logOffset\":3} e d");
    lv_source_close(source);
    lv_sbuf_release(&position);
}

static void test_bytes_and_names(void **state)
{
    lv_sbuf position = LV_SBUF_INIT;
    put_at("n/in/a", "123456789\n", 100);
    put_at("n/in/b", "123456789\n", 200);
    put_at("n/in/c", "123456789\n", 300);
    lv_source *source = open_source("n/in", "n/log", "maxBytesPerTrigger", "20");
    assert_string_equal(next_batch(source, &position), "{\"logOffset\":0} a b");
    assert_string_equal(next_batch(source, &position), "{\"logOffset\":1} c");
    lv_source_close(source);
    put_at("n/in/k=1/a", "x\n", 400);
    put_at("n/in/k=1/z", "x\n", 400);
    source = open_source("n/in", "n/log", "fileNameOnly", "true");
    assert_string_equal(next_batch(source, &position), "{\"logOffset\":2} z");
    lv_source_close(source);
    lv_sbuf_release(&position);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_adds_and_compacts), cmocka_unit_test(test_intervals),
        cmocka_unit_test(test_malformed), cmocka_unit_test(test_batches),
        cmocka_unit_test(test_bytes_and_names)};
    return cmocka_run_group_tests(tests, setup, teardown);
}
