/* test_log_checkpoint.c: what a checkpoint holds is what the commits say; when one is due; what may
 * go after it. */
#include "delta/delta_table.c" /* loading without the check of features */

#include "delta_fixture.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "base/md5.h"
#include "delta/properties.h"

/* ---- snapshots as text ----------------------------------------------------------------------- */

static void add_list(lv_sbuf *out, const lv_str *list, int count)
{
    for (int i = 0; i < count; i++)
        lv_sbuf_printf(out, " %.*s", LV_STR_ARG(list[i]));
    lv_sbuf_add_char(out, '\n');
}

/* JSON with the members of objects sorted: a map has no order. */
static void add_sorted(lv_sbuf *out, lv_str json)
{
    lv_json *object;
    lv_error err = LV_ERROR_INIT;
    LV_VEC(lv_str) members = {0};
    if (json.len == 0)
        return;
    assert_ok(&err, lv_json_parse(&arena, json, &object, &err));
    for (int i = 0; i < object->count; i++)
        LV_VEC_PUSH(&arena, members,
                    lv_str_of(lv_arena_printf(&arena, "%.*s=%.*s", LV_STR_ARG(object->keys[i]),
                                              LV_STR_ARG(object->items[i].kind == LV_JSON_STRING
                                                             ? object->items[i].str
                                                             : object->items[i].text))));
    if (members.count > 0)
        qsort(members.at, members.count, sizeof members.at[0], by_text);
    add_list(out, members.at, (int)members.count);
}

/* Everything that a checkpoint keeps, files sorted. `with_stats` false: others may keep them in
 * another form. */
static lv_str describe(const lv_snapshot *s, int64_t tombstones_from_ms, bool with_stats)
{
    lv_sbuf out = LV_SBUF_INIT;
    lv_snapshot_view view;
    text_rows rows = {0};
    lv_snapshot_freeze(s, &arena, &view);
    lv_sbuf_printf(&out, "version %lld protocol %d %d", (long long)s->version,
                   s->protocol->min_reader, s->protocol->min_writer);
    add_list(&out, s->protocol->reader_features, s->protocol->reader_feature_count);
    add_list(&out, s->protocol->writer_features, s->protocol->writer_feature_count);
    const lv_metadata *m = s->metadata;
    lv_sbuf_printf(&out, "id %.*s name %.*s description %.*s created %lld\n%.*s\n",
                   LV_STR_ARG(m->id), LV_STR_ARG(m->name), LV_STR_ARG(m->description),
                   (long long)m->created_ms, LV_STR_ARG(m->schema_string));
    add_list(&out, m->partition_columns, m->partition_count);
    add_sorted(&out, m->configuration_text);
    for (size_t i = 0; i < view.txn_count; i++)
        LV_VEC_PUSH(&arena, rows,
                    lv_str_of(lv_arena_printf(
                        &arena, "txn %.*s %lld %lld", LV_STR_ARG(view.txns[i].app_id),
                        (long long)view.txns[i].version, (long long)view.txns[i].last_updated_ms)));
    for (size_t i = 0; i < view.file_count; i++) {
        const lv_file_entry *f = lv_view_file(&view, i);
        if (!lv_view_has(&view, f) || (!f->live && f->deleted_ms < tombstones_from_ms))
            continue;
        lv_sbuf line = LV_SBUF_INIT;
        lv_sbuf_printf(&line, "%s %.*s dv %.*s", f->live ? "add" : "remove", LV_STR_ARG(f->key),
                       LV_STR_ARG(f->dv));
        if (f->live) {
            lv_sbuf_printf(&line, " size %lld time %lld tags", (long long)f->add.size_bytes,
                           (long long)f->add.modification_time_ms);
            add_sorted(&line, f->tags);
            lv_sbuf_add_cstr(&line, " values");
            add_sorted(&line, f->add.partition_values);
            if (with_stats)
                lv_sbuf_add_str(&line, f->add.stats);
        } else {
            lv_sbuf_printf(&line, " deleted %lld", (long long)f->deleted_ms);
        }
        LV_VEC_PUSH(&arena, rows, lv_str_dup(&arena, lv_sbuf_str(&line)));
        lv_sbuf_release(&line);
    }
    sort_rows(&rows);
    lv_sbuf_printf(&out, "live %lld of %lld bytes\n", (long long)s->live_count,
                   (long long)s->size_bytes);
    for (size_t i = 0; i < rows.count; i++)
        lv_sbuf_printf(&out, "%.*s\n", LV_STR_ARG(rows.at[i]));
    lv_str kept = lv_str_dup(&arena, lv_sbuf_str(&out));
    lv_sbuf_release(&out);
    return kept;
}

static bool same_text(const char *name, lv_str a, lv_str b)
{
    size_t at = 0;
    while (at < a.len && at < b.len && a.ptr[at] == b.ptr[at])
        at++;
    if (at == a.len && at == b.len)
        return true;
    size_t from = at > 80 ? at - 80 : 0;
    print_message("%s: from commits:\n…%.*s\nfrom the checkpoint:\n…%.*s\n", name,
                  (int)LV_MIN(a.len - from, 300), a.ptr + from, (int)LV_MIN(b.len - from, 300),
                  b.ptr + from);
    return false;
}

/* ---- our own --------------------------------------------------------------------------------- */

static void apply(lv_snapshot *s, const char *text)
{
    lv_error err = LV_ERROR_INIT;
    lv_commit_summary summary;
    assert_ok(&err, lv_snapshot_apply(s, lv_str_of(text), s->version + 1, &summary, &err));
}

static void write_checkpoint(lv_store *store, const lv_snapshot *s)
{
    lv_error err = LV_ERROR_INIT;
    lv_snapshot_view view;
    lv_snapshot_freeze(s, &arena, &view);
    assert_ok(&err, lv_log_checkpoint_write(store, &view, &err));
}

static void read_checkpoint(lv_store *store, int64_t version, lv_snapshot *s)
{
    lv_error err = LV_ERROR_INIT;
    lv_str name =
        lv_str_of(lv_arena_printf(&arena, "%020lld.checkpoint.parquet", (long long)version));
    lv_log_checkpoint_files files = {version, &name, 1};
    lv_snapshot_init(s);
    assert_ok(&err, lv_log_checkpoint_load(store, &files, s, &err));
}

#define HEAD                                                                                       \
    "{\"protocol\":{\"minReaderVersion\":3,\"minWriterVersion\":7,\"readerFeatures\":["            \
    "\"timestampNtz\"],"                                                                           \
    "\"writerFeatures\":[\"timestampNtz\",\"appendOnly\"]}}\n"                                     \
    "{\"metaData\":{\"id\":\"i\",\"name\":\"n\",\"description\":\"a "                              \
    "\\\"b\\\"\",\"format\":{\"provider\":\"parquet\","                                            \
    "\"options\":{}},\"schemaString\":\"{\\\"type\\\":\\\"struct\\\",\\\"fields\\\":[]}\","        \
    "\"partitionColumns\":"                                                                        \
    "[\"p\",\"ü\"],\"configuration\":{\"x\":\"1\",\"delta.setTransactionRetentionDuration\":"     \
    "\"interval 1 day\"},"                                                                         \
    "\"createdTime\":17}}\n"

static void a_checkpoint_holds_all_there_is(void **state)
{
    lv_store *store = lv_store_memory_new();
    lv_snapshot s, back;
    long long now_ms = lv_now_us() / 1000;
    lv_snapshot_init(&s);
    apply(&s, HEAD
          "{\"add\":{\"path\":\"a%20b\",\"partitionValues\":{\"p\":\"1\",\"ü\":null},\"size\":5,"
          "\"modificationTime\":6,\"dataChange\":true,\"stats\":\"{\\\"numRecords\\\":1}\","
          "\"tags\":{\"T\":\"1\"}}}\n"
          "{\"add\":{\"path\":\"b\",\"partitionValues\":{},\"size\":7,\"modificationTime\":8,"
          "\"dataChange\":true}}\n"
          "{\"txn\":{\"appId\":\"forever\",\"version\":3}}");
    apply(&s,
          lv_arena_printf(
              &arena,
              "{\"remove\":{\"path\":\"b\",\"deletionTimestamp\":%lld,\"dataChange\":true,"
              "\"extendedFileMetadata\":true,\"partitionValues\":{\"p\":\"2\"},\"size\":7}}\n"
              "{\"remove\":{\"path\":\"long ago\",\"deletionTimestamp\":1,\"dataChange\":true}}\n"
              "{\"txn\":{\"appId\":\"new\",\"version\":4,\"lastUpdated\":%lld}}\n"
              "{\"txn\":{\"appId\":\"old\",\"version\":4,\"lastUpdated\":%lld}}",
              now_ms, now_ms, now_ms - 2 * 86400000LL));
    write_checkpoint(store, &s);
    read_checkpoint(store, 1, &back);
    assert_int_equal(lv_snapshot_txn_version(&back, LV_STR("old")), -1); /* past its retention */
    assert_null(lv_snapshot_find(&back, LV_STR("long%20ago")));
    assert_null(lv_snapshot_find(&back, LV_STR("long ago")));
    assert_false(lv_snapshot_find(&back, LV_STR("b"))->live);
    lv_snapshot_put_txn(&back, s.txns.at[2]);
    assert_true(same_text("own", describe(&s, 2, true), describe(&back, 2, true)));
    lv_snapshot_release(&back);
    lv_snapshot_release(&s);

    lv_sbuf hint = LV_SBUF_INIT;
    lv_error err = LV_ERROR_INIT;
    lv_json *json;
    assert_ok(&err, lv_store_get(store, "_delta_log/_last_checkpoint", &hint, &err));
    assert_ok(&err, lv_json_parse(&arena, lv_sbuf_str(&hint), &json, &err));
    assert_memory_equal(hint.ptr, "{\"version\":1,\"size\":6,", 22); /* where Spark looks first */
    char canonical[200], md5[33];
    int len = snprintf(canonical, sizeof canonical,
                       "\"numOfAddFiles\"=1,\"size\"=6,\"sizeInBytes\"=%.*s,\"version\"=1",
                       LV_STR_ARG(lv_json_get(json, "sizeInBytes")->text));
    lv_md5_hex(canonical, (size_t)len, md5);
    assert_str(lv_json_get_str(json, "checksum"), md5);
    lv_sbuf_release(&hint);
    lv_store_close(store);
}

static void md5_is_md5(void **state)
{
    static const struct {
        const char *text, *digest;
    } cases[] = {
        {"", "d41d8cd98f00b204e9800998ecf8427e"},
        {"abc", "900150983cd24fb0d6963f7d28e17f72"},
        {"12345678901234567890123456789012345678901234567890123456789012345678901234567890",
         "57edf4a22be3c955ac49da2e2107b67a"},
        {"1234567890123456789012345678901234567890123456789012345",
         "c9ccf168914a1bcfc3229f1948e67da0"},
        {"12345678901234567890123456789012345678901234567890123456",
         "49f193adce178490e34d1b3a4ec0064c"},
        /* the vector of PROTOCOL.md, "JSON checksum", in canonical form */
        {"\"k0\"=\"%27v%200%27\",\"k1\"+\"k2\"=2,\"k1\"+\"k3\"+0=\"v3\",\"k1\"+\"k3\"+1+0=1,"
         "\"k1\"+\"k3\"+1+1=2,\"k1\"+\"k3\"+2+\"k4\"=\"v4\",\"k1\"+\"k3\"+2+\"k5\"+0=\"v5\","
         "\"k1\"+\"k3\"+2+\"k5\"+1=\"v6\",\"k1\"+\"k3\"+2+\"k5\"+2=\"v7\"",
         "6a92d155a59bf2eecbd4b4ec7fd1f875"}};
    for (size_t i = 0; i < LV_COUNT_OF(cases); i++) {
        char md5[33];
        lv_md5_hex(cases[i].text, strlen(cases[i].text), md5);
        assert_string_equal(md5, cases[i].digest);
    }
}

/* Enough files for several batches and chunks, some of them replaced or removed. */
static void fill(lv_snapshot *s, int files)
{
    lv_sbuf text = LV_SBUF_INIT;
    lv_sbuf_add_cstr(&text, HEAD);
    for (int i = 0; i < files; i++)
        lv_sbuf_printf(&text,
                       "{\"add\":{\"path\":\"f%d\",\"partitionValues\":{\"p\":\"%d\"},\"size\":%d,"
                       "\"modificationTime\":1,"
                       "\"dataChange\":true,\"stats\":\"{\\\"numRecords\\\":%d}\"}}\n",
                       i, i % 3, i, i);
    apply(s, text.ptr);
    lv_sbuf_clear(&text);
    for (int i = 0; i < files; i += 3)
        lv_sbuf_printf(
            &text,
            "{\"remove\":{\"path\":\"f%d\",\"deletionTimestamp\":%lld,\"dataChange\":true}}\n", i,
            (long long)(lv_now_us() / 1000));
    apply(s, text.ptr);
    lv_sbuf_release(&text);
}

static void a_large_one_and_a_view_that_stands_still(void **state)
{
    lv_error err = LV_ERROR_INIT;
    lv_store *store = lv_store_memory_new();
    lv_snapshot s, back;
    lv_snapshot_view view;
    lv_snapshot_init(&s);
    fill(&s, 10000);
    lv_str before = describe(&s, 2, true);
    lv_snapshot_freeze(&s, &arena, &view);
    apply(&s,
          "{\"remove\":{\"path\":\"f1\",\"deletionTimestamp\":9999999999999,\"dataChange\":true}}\n"
          "{\"add\":{\"path\":\"f0\",\"partitionValues\":{},\"size\":1,\"dataChange\":true}}\n"
          "{\"add\":{\"path\":\"new\",\"partitionValues\":{},\"size\":1,\"dataChange\":true}}");
    assert_ok(&err, lv_log_checkpoint_write(store, &view, &err)); /* of the version before */
    read_checkpoint(store, 1, &back);
    assert_true(same_text("large", before, describe(&back, 2, true)));
    lv_snapshot_release(&back);
    lv_snapshot_release(&s);
    lv_store_close(store);
}

static void garbage_is_collected(void **state)
{
    lv_snapshot s;
    lv_snapshot_init(&s);
    fill(&s, 500);
    s.schema = lv_type_struct(&s.arena, NULL, 0);
    lv_str before = describe(&s, 2, true);
    s.rebuild_at = 1;
    size_t entries = s.file_count;
    lv_snapshot_rebuild(&s, 2);
    assert_true(s.file_count < entries);
    assert_true(same_text("rebuilt", before, describe(&s, 2, true)));
    s.rebuild_at = 1;
    lv_snapshot_rebuild(&s, INT64_MAX); /* all tombstones are expired */
    assert_int_equal(s.file_count, s.live_count);
    assert_int_equal(s.live_count, 500 - 167);
    assert_true(lv_snapshot_find(&s, LV_STR("f1"))->live);
    lv_snapshot_release(&s);
}

/* ---- when ------------------------------------------------------------------------------------ */

static void due_by_interval_or_by_what_it_saves(void **state)
{
    static const struct {
        const char *interval;
        int64_t commits, elapsed_s, duration_s, live;
        bool due;
    } cases[] = {{"10", 9, 1000, 0, 1, false},     {"10", 10, 0, 0, 1, true},
                 {NULL, 9, 1000, 0, 1, false},     {NULL, 10, 29, 0, 1, false},
                 {NULL, 10, 30, 0, 1, true},       {NULL, 100, 90, 2, 1, false},
                 {NULL, 100, 100, 2, 1, true},     {NULL, 200, 0, 0, 1, true},
                 {NULL, 200, 0, 0, 100000, false}, {NULL, 10000, 0, 0, 100000, true}};
    for (size_t i = 0; i < LV_COUNT_OF(cases); i++) {
        lv_json *configuration;
        lv_error err = LV_ERROR_INIT;
        lv_str text = cases[i].interval
                          ? lv_str_of(lv_arena_printf(
                                &arena, "{\"delta.checkpointInterval\":\"%s\"}", cases[i].interval))
                          : LV_STR("{}");
        assert_ok(&err, lv_json_parse(&arena, text, &configuration, &err));
        lv_metadata m = {.configuration = configuration};
        assert_int_equal(lv_log_checkpoint_is_due(&m, cases[i].commits,
                                                  cases[i].elapsed_s * 1000000000,
                                                  cases[i].duration_s * 1000000000, cases[i].live),
                         cases[i].due);
    }
}

static void commits_make_checkpoints_in_the_background(void **state)
{
    lv_error err = LV_ERROR_INIT;
    lv_option interval = {LV_STR("delta.checkpointInterval"), LV_STR("5"), -1};
    lv_delta_write_options options = {.properties = {&interval, 1}};
    lv_delta_write_plan *plan;
    lv_delta_table *t = open_new("t", true);
    assert_int_equal(try_plan(t, "a INT", &options, &plan, &err), LV_OK);
    for (int i = 0; i < 12; i++) {
        append(t, plan, "{\"a\":1}", "q", i);
        lv_log_checkpointer_wait(&t->checkpointer);
        assert_int_equal(lv_delta_checkpoint_error(t)->status, LV_OK);
    }
    lv_delta_table_close(t);
    for (int v = 0; v < 12; v++)
        assert_int_equal(lv_path_exists(lv_arena_printf(
                             &arena, "%s/t/_delta_log/%020d.checkpoint.parquet", dir, v)),
                         v == 4 || v == 9);
    assert_ok(&err, lv_delta_table_open(in_dir("t"), &t, &err));
    assert_int_equal(t->checkpointer.version, 9);
    assert_int_equal(lv_delta_table_file_count(t), 12);
    assert_int_equal(lv_delta_txn_version(t, LV_STR("q")), 11);
    lv_delta_table_close(t);
}

/* ---- cleaning up ----------------------------------------------------------------------------- */

/* Makes the files of versions up to `last` look `days` old. */
static void age(const char *table, int last, int days)
{
    lv_dir_entry *entries;
    size_t count;
    const char *log = lv_path_join(&arena, in_dir(table), "_delta_log");
    assert_int_equal(lv_dir_list(log, &arena, &entries, &count, NULL), LV_OK);
    for (size_t i = 0; i < count; i++) {
        lv_log_name name = lv_log_name_parse(entries[i].name);
        if (name.kind == LV_LOG_OTHER || name.version > last)
            continue;
        struct timespec times[2] = {{.tv_sec = lv_now_us() / 1000000 - days * 86400L}};
        times[1] = times[0];
        assert_int_equal(
            utimensat(AT_FDCWD, lv_path_join(&arena, log, entries[i].name.ptr), times, 0), 0);
    }
}

static lv_str log_names(const char *table)
{
    lv_dir_entry *entries;
    size_t count;
    lv_sbuf out = LV_SBUF_INIT;
    assert_int_equal(lv_dir_list(lv_path_join(&arena, in_dir(table), "_delta_log"), &arena,
                                 &entries, &count, NULL),
                     LV_OK);
    for (size_t i = 0; i < count; i++) {
        lv_log_name name = lv_log_name_parse(entries[i].name);
        if (name.kind == LV_LOG_COMMIT || name.kind == LV_LOG_CHECKPOINT)
            lv_sbuf_printf(&out, "%s%s%lld", out.len ? " " : "",
                           name.kind == LV_LOG_COMMIT ? "" : "c", (long long)name.version);
    }
    lv_str kept = lv_str_dup(&arena, lv_sbuf_str(&out));
    lv_sbuf_release(&out);
    return kept;
}

static void expired_log_files_go_and_the_rest_stays_readable(void **state)
{
    lv_error err = LV_ERROR_INIT;
    lv_delta_table *t = open_new("t", false);
    lv_delta_write_plan *plan = plan_write(t, "a INT", NULL);
    for (int i = 0; i < 9; i++) {
        append(t, plan, "{\"a\":1}", "q", i);
        if (i == 2 || i == 5)
            assert_ok(&err, lv_delta_checkpoint(t, &err));
    }
    const lv_metadata *m = t->snapshot.metadata;
    int64_t now_ms = lv_now_us() / 1000;
    const char *all = "c2 0 1 2 c5 3 4 5 6 7 8";
    lv_str names = log_names("t");
    assert_int_equal(names.len, strlen(all));
    assert_ok(&err, lv_log_clean(t->store, m, now_ms, &err));
    assert_int_equal(log_names("t").len, names.len); /* nothing is old */
    age("t", 1, 40);
    assert_ok(&err, lv_log_clean(t->store, m, now_ms, &err));
    assert_int_equal(log_names("t").len,
                     names.len); /* no checkpoint is: version 2 is needed for 1, and 0 for that */
    age("t", 6, 40);
    assert_ok(&err, lv_log_clean(t->store, m, now_ms, &err));
    assert_str(log_names("t"), "c5 5 6 7 8");
    lv_delta_table_close(t);
    assert_ok(&err, lv_delta_table_open(in_dir("t"), &t, &err));
    assert_int_equal(lv_delta_table_file_count(t), 9);
    lv_delta_table_close(t);
    assert_ok(&err, lv_delta_table_open_at(in_dir("t"), 5, &t, &err));
    assert_int_equal(lv_delta_table_file_count(t), 6);
    lv_delta_table_close(t);
    assert_int_equal(lv_delta_table_open_at(in_dir("t"), 4, &t, &err), LV_DELTA_VERSION_NOT_FOUND);
    assert_non_null(strstr(err.message, "[5, 8]"));
}

static void sizes_as_text(void **state)
{
    static const struct {
        const char *text;
        int64_t bytes;
    } sizes[] = {{"1048576", 1048576},
                 {"100mb", 104857600},
                 {"1g", 1 << 30},
                 {"2KB", 2048},
                 {"0", -1},
                 {"-1", -1},
                 {"", -1},
                 {"mb", -1},
                 {"9223372036854775807t", -1}};
    for (size_t i = 0; i < LV_COUNT_OF(sizes); i++) {
        int64_t bytes;
        bool ok = lv_byte_size_parse(lv_str_of(sizes[i].text), &bytes);
        assert_int_equal(ok ? bytes : -1, sizes[i].bytes);
    }
}

/* ---- checkpoints of others ------------------------------------------------------------------- */

/* Compares a table's newest checkpoint with its commits, where both are there; -1: they are not. */
static int compare_checkpoint(const char *path)
{
    lv_delta_table a = {.path = (char *)(uintptr_t)path};
    lv_error err = LV_ERROR_INIT;
    lv_log_listing log;
    lv_snapshot b;
    assert_ok(&err, lv_store_open(path, false, &a.store, &err));
    int right = -1;
    if (lv_log_list_all(a.store, &arena, INT64_MAX, &log, &err) == LV_OK &&
        log.checkpoints.count > 0 && log.commits.count > 0 && log.commits.at[0] == 0) {
        lv_log_checkpoint_files files = log.checkpoints.at[log.checkpoints.count - 1];
        while (log.commits.count > 0 && log.commits.at[log.commits.count - 1] > files.version)
            log.commits.count--;
        lv_snapshot_init(&a.snapshot);
        lv_snapshot_init(&b);
        lv_status commits = apply_listed(&a, &log, &err);
        if (commits == LV_OK && a.snapshot.version == files.version &&
            a.snapshot.metadata != NULL && a.snapshot.protocol != NULL) {
            right = lv_log_checkpoint_load(a.store, &files, &b, &err) == LV_OK &&
                    /* tombstones may have expired by the time a checkpoint was written */
                    same_text(path, describe(&a.snapshot, INT64_MAX, false),
                              describe(&b, INT64_MAX, false));
            if (err.status != LV_OK)
                print_message("%s: [%s] %s\n", path, lv_status_class(err.status), err.message);
        }
        lv_snapshot_release(&a.snapshot);
        lv_snapshot_release(&b);
    }
    lv_store_close(a.store);
    return right;
}

static void checkpoints_of_others_agree_with_their_commits(void **state)
{
    static const char *const sets[] = {"delta-rs-tables", "kernel-tables", "spark-tables",
                                       "delta-golden"};
    int checked = 0, wrong = 0;
    if (!has_testdata())
        return;
    for (size_t set = 0; set < LV_COUNT_OF(sets); set++) {
        lv_dir_entry *tables;
        size_t count;
        const char *folder = lv_arena_printf(&arena, TESTDATA "/%s", sets[set]);
        assert_int_equal(lv_dir_list(folder, &arena, &tables, &count, NULL), LV_OK);
        for (size_t i = 0; i < count; i++) {
            const char *path = lv_path_join(&arena, folder, tables[i].name.ptr);
            if (strcmp(sets[set], "delta-golden") == 0)
                path = lv_path_join(&arena, path, "delta");
            if (!lv_path_exists(path) || strstr(path, "checkpoint-missing") != NULL ||
                strstr(path, "parquet_row_group_skipping") != NULL)
                continue; /* made to be wrong; put together from two tables */
            int right = compare_checkpoint(path);
            checked += right >= 0;
            wrong += right == 0;
        }
    }
    print_message("%d checkpoints compared\n", checked);
    assert_int_equal(wrong, 0);
    assert_true(checked >= 15);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        fixture_test(a_checkpoint_holds_all_there_is),
        fixture_test(md5_is_md5),
        fixture_test(a_large_one_and_a_view_that_stands_still),
        fixture_test(garbage_is_collected),
        fixture_test(due_by_interval_or_by_what_it_saves),
        fixture_test(commits_make_checkpoints_in_the_background),
        fixture_test(expired_log_files_go_and_the_rest_stays_readable),
        fixture_test(sizes_as_text),
        fixture_test(checkpoints_of_others_agree_with_their_commits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
