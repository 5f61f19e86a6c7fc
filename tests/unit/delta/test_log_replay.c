/* test_log_replay.c: from a log to the state of a version: what must be found whatever lies in the
 * folder, and what must be refused; the state of tables of others against the .crc files beside
 * their commits. */
#include "delta/delta_table.c" /* loading without the check of features */

#include "delta_fixture.h"

/* ---- logs of our own making ------------------------------------------------------------------ */

#define PROTOCOL "{\"protocol\":{\"minReaderVersion\":1,\"minWriterVersion\":2}}\n"
#define METADATA                                                                                   \
    "{\"metaData\":{\"id\":\"x\",\"format\":{\"provider\":\"parquet\",\"options\":{}},"            \
    "\"schemaString\":\"{\\\"type\\\":\\\"struct\\\",\\\"fields\\\":[{\\\"name\\\":\\\"a\\\","     \
    "\\\"type\\\":\\\"long\\\",\\\"nullable\\\":true,\\\"metadata\\\":{}}]}\","                    \
    "\"partitionColumns\":[],\"configuration\":{},\"createdTime\":1}}\n"
#define ADD(path)                                                                                  \
    "{\"add\":{\"path\":\"" path                                                                   \
    "\",\"partitionValues\":{},\"size\":10,\"modificationTime\":1,\"dataChange\":true}}\n"
#define REMOVE(path)                                                                               \
    "{\"remove\":{\"path\":\"" path "\",\"deletionTimestamp\":5,\"dataChange\":true}}\n"

static void put_log(const char *table, const char *name, const char *text)
{
    lv_error err = LV_ERROR_INIT;
    char *log = lv_arena_printf(&arena, "%s/%s/_delta_log", dir, table);
    assert_ok(&err, lv_dir_make(log, &err));
    assert_ok(&err, lv_file_publish(lv_path_join(&arena, log, name), text, strlen(text), true,
                                    false, &err));
}

static void put_commit(const char *table, int64_t version, const char *text)
{
    put_log(table, lv_arena_printf(&arena, "%020lld.json", (long long)version), text);
}

static lv_delta_table *open_it(const char *table)
{
    lv_error err = LV_ERROR_INIT;
    lv_delta_table *t = NULL;
    assert_ok(&err, lv_delta_table_open(in_dir(table), &t, &err));
    return t;
}

/* The class of the error of opening a table. */
static const char *class_of(const char *table)
{
    lv_error err = LV_ERROR_INIT;
    lv_delta_table *t = NULL;
    lv_status status = lv_delta_table_open(in_dir(table), &t, &err);
    lv_delta_table_close(t);
    assert_int_equal(status, err.status);
    assert_true(status == LV_OK || err.message[0] != '\0');
    return lv_status_class(status);
}

static int64_t files_at(const char *table, int64_t version)
{
    lv_error err = LV_ERROR_INIT;
    lv_delta_table *t = NULL;
    assert_ok(&err, lv_delta_table_open_at(in_dir(table), version, &t, &err));
    int64_t count = lv_delta_table_file_count(t);
    assert_int_equal(lv_delta_table_version(t), version);
    assert_int_equal(lv_delta_table_size_bytes(t), count * 10);
    lv_delta_table_close(t);
    return count;
}

static void the_newest_action_of_a_file_wins(void **state)
{
    put_commit("t", 0, PROTOCOL METADATA ADD("a") ADD("b%20c") "{\"unknown\":{\"x\":1}}\n\n");
    put_commit("t", 1, REMOVE("a") ADD("d") "{\"txn\":{\"appId\":\"q\",\"version\":7}}");
    put_commit("t", 2,
               ADD("a")
                   REMOVE("b c") "{\"txn\":{\"appId\":\"q\",\"version\":8,\"lastUpdated\":3}}\r\n");
    put_commit("t", 3, "");
    assert_int_equal(files_at("t", 0), 2);
    assert_int_equal(files_at("t", 1), 2);
    assert_int_equal(files_at("t", 2), 2);
    lv_delta_table *t = open_it("t");
    assert_int_equal(lv_delta_table_version(t), 3);
    assert_non_null(lv_snapshot_find(&t->snapshot, LV_STR("file:///a")) == NULL ? t : NULL);
    assert_true(lv_snapshot_find(&t->snapshot, LV_STR("a"))->live);
    assert_false(lv_snapshot_find(&t->snapshot, LV_STR("b%20c"))->live);
    assert_int_equal(lv_delta_txn_version(t, LV_STR("q")), 8);
    assert_int_equal(lv_delta_txn_version(t, LV_STR("other")), -1);
    lv_delta_table_close(t);
}

static void what_cannot_be_a_version_is_refused(void **state)
{
    assert_string_equal(class_of("nothing"), "DELTA_MISSING_DELTA_TABLE");
    put_log("stray", "readme.txt", "");
    put_log("stray", "1.json", "");
    put_log("stray", ".00000000000000000000.json.crc", "");
    put_log("stray", "00000000000000000000.json.tmp", "");
    assert_string_equal(class_of("stray"), "DELTA_MISSING_DELTA_TABLE");

    put_commit("gap", 0, PROTOCOL METADATA);
    put_commit("gap", 2, ADD("a"));
    assert_string_equal(class_of("gap"), "DELTA_VERSIONS_NOT_CONTIGUOUS");
    put_commit("late", 3, PROTOCOL METADATA);
    assert_string_equal(class_of("late"), "DELTA_TRUNCATED_TRANSACTION_LOG");

    put_commit("no_protocol", 0, METADATA);
    assert_string_equal(class_of("no_protocol"), "DELTA_STATE_RECOVER_ERROR");
    put_commit("no_metadata", 0, PROTOCOL);
    assert_string_equal(class_of("no_metadata"), "DELTA_STATE_RECOVER_ERROR");
    put_commit("twice", 0, PROTOCOL METADATA METADATA);
    assert_string_equal(class_of("twice"), "DELTA_STATE_RECOVER_ERROR");
    put_commit("torn", 0, PROTOCOL METADATA "{\"add\":{\"path\":\"a");
    assert_string_equal(class_of("torn"), "DELTA_STATE_RECOVER_ERROR");
    put_commit("list", 0, PROTOCOL METADATA "[]");
    assert_string_equal(class_of("list"), "DELTA_STATE_RECOVER_ERROR");
    put_commit("pathless", 0, PROTOCOL METADATA "{\"add\":{\"size\":1}}");
    assert_string_equal(class_of("pathless"), "DELTA_STATE_RECOVER_ERROR");
}

static void features_are_refused_by_name(void **state)
{
    lv_error err = LV_ERROR_INIT;
    lv_delta_table *t = NULL;
    put_commit(
        "f", 0,
        "{\"protocol\":{\"minReaderVersion\":3,\"minWriterVersion\":7,\"readerFeatures\":["
        "\"timestampNtz\","
        "\"quantumRows\",\"typeWidening\"],\"writerFeatures\":[\"quantumRows\"]}}\n" METADATA);
    assert_int_equal(lv_delta_table_open(in_dir("f"), &t, &err),
                     LV_DELTA_UNSUPPORTED_FEATURES_FOR_READ);
    assert_non_null(strstr(err.message, "quantumRows, typeWidening"));
    assert_null(strstr(err.message, "timestampNtz"));

    put_commit("w", 0,
               "{\"protocol\":{\"minReaderVersion\":1,\"minWriterVersion\":7,\"writerFeatures\":["
               "\"appendOnly\","
               "\"rowTracking\",\"domainMetadata\"]}}\n" METADATA);
    t = open_it("w");
    err = LV_ERROR_INIT;
    assert_int_equal(lv_snapshot_check_writable(&t->snapshot, "w", &err),
                     LV_DELTA_UNSUPPORTED_FEATURES_FOR_WRITE);
    assert_non_null(strstr(err.message, "rowTracking, domainMetadata"));
    lv_delta_table_close(t);

    put_commit("v", 0, "{\"protocol\":{\"minReaderVersion\":4,\"minWriterVersion\":7}}\n" METADATA);
    assert_string_equal(class_of("v"), "DELTA_INVALID_PROTOCOL_VERSION");
}

/* A feature that a version stands for is refused only where the table uses it. */
static void old_features_count_by_use(void **state)
{
    static const struct {
        const char *field, *configuration, *feature;
    } uses[] = {{"{}", "{}", NULL},
                {"{\\\"delta.invariants\\\":\\\"x\\\"}", "{}", "invariants"},
                {"{\\\"delta.generationExpression\\\":\\\"x\\\"}", "{}", "generatedColumns"},
                {"{\\\"delta.identity.start\\\":1}", "{}", "identityColumns"},
                {"{}", "{\"delta.constraints.c\":\"a > 0\"}", "checkConstraints"},
                {"{}", "{\"delta.columnMapping.mode\":\"name\"}", "columnMapping"}};
    for (size_t i = 0; i < LV_COUNT_OF(uses); i++) {
        lv_error err = LV_ERROR_INIT;
        char *name = lv_arena_printf(&arena, "u%zu", i);
        put_commit(
            name, 0,
            lv_arena_printf(
                &arena,
                "{\"protocol\":{\"minReaderVersion\":2,\"minWriterVersion\":6}}\n"
                "{\"metaData\":{\"id\":\"x\",\"schemaString\":\"{\\\"type\\\":\\\"struct\\\","
                "\\\"fields\\\":[{\\\"name\\\":\\\"a\\\",\\\"type\\\":\\\"long\\\","
                "\\\"nullable\\\":true,\\\"metadata\\\":%s}]}\",\"partitionColumns\":[],"
                "\"configuration\":%s}}\n",
                uses[i].field, uses[i].configuration));
        lv_delta_table *t = open_it(name);
        lv_status status = lv_snapshot_check_writable(&t->snapshot, name, &err);
        assert_int_equal(status, uses[i].feature ? LV_DELTA_UNSUPPORTED_FEATURES_FOR_WRITE : LV_OK);
        assert_true(uses[i].feature == NULL || strstr(err.message, uses[i].feature) != NULL);
        lv_delta_table_close(t);
    }
}

static void versions_that_are_not_there(void **state)
{
    lv_error err = LV_ERROR_INIT;
    lv_delta_table *t = NULL;
    put_commit("t", 0, PROTOCOL METADATA);
    put_commit("t", 1, ADD("a"));
    assert_int_equal(lv_delta_table_open_at(in_dir("t"), 2, &t, &err), LV_DELTA_VERSION_NOT_FOUND);
    assert_non_null(strstr(err.message, "[0, 1]"));
    err = LV_ERROR_INIT;
    assert_int_equal(lv_delta_table_open_at(in_dir("none"), 2, &t, &err),
                     LV_DELTA_PATH_NOT_A_TABLE);
}

static void a_refresh_reads_what_is_new(void **state)
{
    lv_error err = LV_ERROR_INIT;
    put_commit("t", 0, PROTOCOL METADATA);
    lv_delta_table *t = open_it("t");
    assert_ok(&err, lv_delta_table_refresh(t, &err));
    assert_int_equal(lv_delta_table_version(t), 0);
    put_commit("t", 1, ADD("a"));
    put_commit("t", 2, ADD("b"));
    assert_ok(&err, lv_delta_table_refresh(t, &err));
    assert_int_equal(lv_delta_table_version(t), 2);
    assert_int_equal(lv_delta_table_file_count(t), 2);
    put_commit("t", 3, "{\"protocol\":{\"minReaderVersion\":9,\"minWriterVersion\":9}}");
    assert_int_equal(lv_delta_table_refresh(t, NULL), LV_DELTA_INVALID_PROTOCOL_VERSION);
    lv_delta_table_close(t);
}

/* A handle that slept while the log was cleaned up begins anew; a next version that is gone is no
 * invitation. */
static void a_refresh_after_a_clean_up_begins_anew(void **state)
{
    lv_error err = LV_ERROR_INIT;
    put_commit("t", 0, PROTOCOL METADATA ADD("a"));
    lv_delta_table *t = open_it("t");
    put_commit("t", 1, ADD("b"));
    put_commit("t", 2, ADD("c"));
    lv_delta_table *other = open_it("t");
    assert_ok(&err, lv_delta_checkpoint(other, &err));
    lv_delta_table_close(other);
    for (int v = 0; v < 2; v++)
        assert_ok(&err, lv_file_remove(
                            lv_arena_printf(&arena, "%s/t/_delta_log/%020d.json", dir, v), &err));
    assert_ok(&err, lv_delta_table_refresh(t, &err));
    assert_int_equal(lv_delta_table_version(t), 2);
    assert_int_equal(lv_delta_table_file_count(t), 3);
    lv_delta_table_close(t);
}

/* ---- checkpoints in the way ------------------------------------------------------------------ */

/* A table of versions 0 to 4, one file each, with checkpoints at 1 and 3. */
static void make_checkpointed(const char *name)
{
    lv_error err = LV_ERROR_INIT;
    put_commit(name, 0, PROTOCOL METADATA ADD("0"));
    for (int v = 1; v < 5; v++) {
        put_commit(name, v, v == 1 ? ADD("1") : v == 2 ? ADD("2") : v == 3 ? ADD("3") : ADD("4"));
        lv_delta_table *t = open_it(name);
        if (v % 2 == 1)
            assert_ok(&err, lv_delta_checkpoint(t, &err));
        lv_delta_table_close(t);
    }
}

static char *log_file(const char *table, const char *name)
{
    return lv_arena_printf(&arena, "%s/%s/_delta_log/%s", dir, table, name);
}

static int64_t file_count(const char *table)
{
    lv_delta_table *t = open_it(table);
    int64_t count = lv_delta_table_file_count(t);
    assert_int_equal(lv_delta_table_version(t), 4);
    lv_delta_table_close(t);
    return count;
}

static void a_bad_checkpoint_is_passed_over(void **state)
{
    lv_error err = LV_ERROR_INIT;
    make_checkpointed("t");
    assert_int_equal(file_count("t"), 5);
    const char *newest = "00000000000000000003.checkpoint.parquet";
    put_log("t", newest, "PAR1 this is none PAR1");
    assert_int_equal(file_count("t"), 5);
    put_log("t", newest, "");
    assert_int_equal(file_count("t"), 5);
    /* without the first commits only the older checkpoint leads here */
    assert_ok(&err, lv_file_remove(log_file("t", "00000000000000000000.json"), &err));
    assert_ok(&err, lv_file_remove(log_file("t", "00000000000000000001.json"), &err));
    assert_int_equal(file_count("t"), 5);
    put_log("t", "00000000000000000001.checkpoint.parquet", "nor this");
    assert_string_not_equal(class_of("t"), "");
}

static void the_hint_is_only_a_hint(void **state)
{
    static const char *const hints[] = {
        "{\"version\":1,\"size\":4}",
        "{\"version\":3,\"size\":4}",
        "{\"version\":2,\"size\":4}",
        "{\"version\":99,\"size\":4}",
        "{\"version\":-1}",
        "{\"version\":\"x\"}",
        "{\"ver",
        "",
        "[]",
        "{\"version\":3,\"size\":4,\"parts\":17,\"checksum\":\"wrong\"}"};
    make_checkpointed("t");
    for (size_t i = 0; i < LV_COUNT_OF(hints); i++) {
        put_log("t", "_last_checkpoint", hints[i]);
        assert_int_equal(file_count("t"), 5);
        assert_int_equal(files_at("t", 0), 1);
        assert_int_equal(files_at("t", 2), 3);
    }
}

/* A checkpoint of which a part is missing does not count, and neither do commits before a
 * checkpoint. */
static void incomplete_checkpoints_do_not_count(void **state)
{
    lv_error err = LV_ERROR_INIT;
    make_checkpointed("t");
    lv_str whole = text_of(log_file("t", "00000000000000000003.checkpoint.parquet"));
    assert_ok(&err,
              lv_file_publish(
                  log_file("t", "00000000000000000004.checkpoint.0000000001.0000000002.parquet"),
                  whole.ptr, whole.len, true, false, &err));
    assert_int_equal(file_count("t"), 5);
    assert_ok(&err, lv_file_remove(log_file("t", "00000000000000000002.json"), &err));
    assert_int_equal(file_count("t"), 5);
    assert_ok(&err, lv_file_remove(log_file("t", "00000000000000000003.checkpoint.parquet"), &err));
    assert_string_equal(class_of("t"), "DELTA_VERSIONS_NOT_CONTIGUOUS");
}

static void names_of_log_files(void **state)
{
    static const struct {
        const char *name;
        lv_log_file_kind kind;
        int64_t version;
        int parts;
    } names[] = {
        {"00000000000000000012.json", LV_LOG_COMMIT, 12, 0},
        {"00000000000000000012.crc", LV_LOG_CHECKSUM, 12, 0},
        {"00000000000000000012.checkpoint.parquet", LV_LOG_CHECKPOINT, 12, 1},
        {"00000000000000000012.checkpoint.0000000002.0000000003.parquet", LV_LOG_CHECKPOINT, 12, 3},
        {"00000000000000000012.checkpoint.0000000004.0000000003.parquet", LV_LOG_OTHER, 12, 0},
        {"00000000000000000012.checkpoint.0000000000.0000000003.parquet", LV_LOG_OTHER, 12, 0},
        {"00000000000000000012.checkpoint.80a083e8-7026-4e79-81be-64bd76c43a11.json",
         LV_LOG_CHECKPOINT, 12, 1},
        {"00000000000000000012.checkpoint.80a083e8-7026-4e79-81be-64bd76c43a11.parquet",
         LV_LOG_CHECKPOINT, 12, 1},
        {"00000000000000000012.checkpoint.80a083e8-7026-4e79-81be-64bd76c43a11.txt", LV_LOG_OTHER,
         12, 0},
        {"00000000000000000012.00000000000000000020.compacted.json", LV_LOG_COMPACTED, 12, 0},
        {"0000000000000000012.json", LV_LOG_OTHER, -1, 0},
        {"+0000000000000000012.json", LV_LOG_OTHER, -1, 0},
        {"99999999999999999999.json", LV_LOG_OTHER, -1, 0},
        {"00000000000000000012.json.tmp", LV_LOG_OTHER, 12, 0},
        {"_last_checkpoint", LV_LOG_OTHER, -1, 0},
        {"", LV_LOG_OTHER, -1, 0}};
    for (size_t i = 0; i < LV_COUNT_OF(names); i++) {
        lv_log_name got = lv_log_name_parse(lv_str_of(names[i].name));
        assert_int_equal(got.kind, names[i].kind);
        if (got.kind != LV_LOG_OTHER)
            assert_int_equal(got.version, names[i].version);
        assert_int_equal(got.parts, names[i].parts);
    }
}

/* ---- the .crc files of others ---------------------------------------------------------------- */

typedef struct crc_check {
    const lv_snapshot *s;
    const char *name;
    int wrong;
} crc_check;

static void expect(crc_check *check, bool is_right, const char *what)
{
    if (!is_right)
        print_message("%s: %s differs\n", check->name, what);
    check->wrong += !is_right;
}

static void expect_features(crc_check *check, const lv_json *list, const lv_str *features,
                            int count)
{
    bool right = (list ? list->count : 0) == count;
    for (int i = 0; right && i < count; i++) {
        bool found = false;
        for (int j = 0; j < list->count; j++)
            found |= lv_str_eq(list->items[j].str, features[i]);
        right = found;
    }
    expect(check, right, "list of features");
}

static int compare(const lv_snapshot *s, const lv_json *crc, const char *name)
{
    crc_check check = {s, name, 0};
    int64_t files = -1, bytes = -1, reader = -1, writer = -1;
    const lv_json *metadata = lv_json_get(crc, "metadata"),
                  *protocol = lv_json_get(crc, "protocol");
    lv_json_get_i64(crc, "numFiles", &files);
    lv_json_get_i64(crc, "tableSizeBytes", &bytes);
    lv_json_get_i64(protocol, "minReaderVersion", &reader);
    lv_json_get_i64(protocol, "minWriterVersion", &writer);
    expect(&check, s->live_count == files, "number of files");
    expect(&check, s->size_bytes == bytes, "size");
    expect(&check, s->protocol->min_reader == reader && s->protocol->min_writer == writer,
           "protocol");
    expect_features(&check, lv_json_get(protocol, "readerFeatures"), s->protocol->reader_features,
                    s->protocol->reader_feature_count);
    expect_features(&check, lv_json_get(protocol, "writerFeatures"), s->protocol->writer_features,
                    s->protocol->writer_feature_count);
    expect(&check, lv_str_eq(s->metadata->id, lv_json_get_str(metadata, "id")), "id");
    expect(&check, lv_str_eq(s->metadata->schema_string, lv_json_get_str(metadata, "schemaString")),
           "schema");
    const lv_json *configuration = lv_json_get(metadata, "configuration");
    for (int i = 0; configuration != NULL && i < configuration->count; i++)
        expect(&check,
               lv_str_eq(lv_metadata_property(
                             s->metadata, lv_str_cstr(&arena, configuration->keys[i]), LV_STR_NONE),
                         configuration->items[i].str),
               "configuration");
    const lv_json *columns = lv_json_get(metadata, "partitionColumns");
    expect(&check, s->metadata->partition_count == columns->count, "partition columns");
    const lv_json *txns = lv_json_get(crc, "setTransactions");
    for (int i = 0; txns != NULL && i < txns->count; i++) {
        int64_t version = -2;
        lv_json_get_i64(&txns->items[i], "version", &version);
        expect(&check,
               lv_snapshot_txn_version(s, lv_json_get_str(&txns->items[i], "appId")) == version,
               "txn");
    }
    return check.wrong;
}

/* Checks one .crc file; -1 if it is itself damaged. */
static int check_crc(const char *table_path, const char *log, lv_str name)
{
    lv_error err = LV_ERROR_INIT;
    lv_json *crc;
    if (lv_json_parse(&arena, text_of(lv_path_join(&arena, log, name.ptr)), &crc, NULL) != LV_OK)
        return -1;
    int64_t version = lv_log_name_parse(name).version;
    lv_delta_table t = {.path = (char *)(uintptr_t)table_path};
    t.checkpointer.version = -1;
    lv_snapshot_init(&t.snapshot);
    assert_ok(&err, lv_store_open(table_path, false, &t.store, &err));
    char *label = lv_arena_printf(&arena, "%s/%s", table_path, name.ptr);
    int wrong = 1;
    if (load_from(&t, version, lv_log_list, &err) != LV_OK)
        print_message("%s: [%s] %s\n", label, lv_status_class(err.status), err.message);
    else if (t.snapshot.version != version)
        print_message("%s: version %lld\n", label, (long long)t.snapshot.version);
    else
        wrong = compare(&t.snapshot, crc, label);
    lv_snapshot_release(&t.snapshot);
    lv_store_close(t.store);
    return wrong;
}

static void replays_agree_with_the_crc_files_of_others(void **state)
{
    static const char *const sets[] = {"delta-rs-tables", "kernel-tables", "spark-tables"};
    int checked = 0, wrong = 0;
    if (!has_testdata())
        return;
    for (size_t set = 0; set < LV_COUNT_OF(sets); set++) {
        lv_dir_entry *tables, *files;
        size_t count, file_count_;
        const char *folder = lv_arena_printf(&arena, TESTDATA "/%s", sets[set]);
        assert_int_equal(lv_dir_list(folder, &arena, &tables, &count, NULL), LV_OK);
        for (size_t i = 0; i < count; i++) {
            if (lv_str_is(tables[i].name, "crc-full"))
                continue; /* made up: it counts files that its log does not have */
            const char *path = lv_path_join(&arena, folder, tables[i].name.ptr);
            const char *log = lv_path_join(&arena, path, "_delta_log");
            if (lv_dir_list(log, &arena, &files, &file_count_, NULL) != LV_OK)
                continue;
            for (size_t f = 0; f < file_count_; f++) {
                if (lv_log_name_parse(files[f].name).kind != LV_LOG_CHECKSUM)
                    continue;
                int result = check_crc(path, log, files[f].name);
                checked += result >= 0;
                wrong += result > 0;
            }
        }
    }
    print_message("%d .crc files checked\n", checked);
    assert_int_equal(wrong, 0);
    assert_true(checked >= 80);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        fixture_test(the_newest_action_of_a_file_wins),
        fixture_test(what_cannot_be_a_version_is_refused),
        fixture_test(features_are_refused_by_name),
        fixture_test(old_features_count_by_use),
        fixture_test(versions_that_are_not_there),
        fixture_test(a_refresh_reads_what_is_new),
        fixture_test(a_refresh_after_a_clean_up_begins_anew),
        fixture_test(a_bad_checkpoint_is_passed_over),
        fixture_test(the_hint_is_only_a_hint),
        fixture_test(incomplete_checkpoints_do_not_count),
        fixture_test(names_of_log_files),
        fixture_test(replays_agree_with_the_crc_files_of_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
