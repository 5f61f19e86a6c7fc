/* test_delta_write.c: tables made and appended to: what the log says, what is in the files, which
 * queries fit. */
#include "delta_fixture.h"

/* ---- creating and appending ------------------------------------------------------------------ */

static lv_str commit_text(const char *table, int64_t version)
{
    char name[LV_LOG_NAME_SIZE];
    return text_of(
        lv_arena_printf(&arena, "%s/%s/%s", dir, table, lv_log_commit_name(version, name)));
}

/* The action called `name` of a commit, the n-th of them. */
static const lv_json *action(const char *table, int64_t version, const char *name, int n)
{
    lv_str text = commit_text(table, version);
    for (lv_str line; lv_str_split(&text, '\n', &line);) {
        lv_json *json;
        lv_error err = LV_ERROR_INIT;
        if (line.len == 0)
            continue;
        assert_ok(&err, lv_json_parse(&arena, line, &json, &err));
        const lv_json *found = lv_json_get(json, name);
        if (found != NULL && n-- == 0)
            return found;
    }
    return NULL;
}

static void the_first_commit_makes_the_table(void **state)
{
    lv_delta_table *t = open_new("t", true);
    assert_int_equal(lv_delta_table_version(t), -1);
    assert_null(lv_delta_table_schema(t));
    lv_delta_write_plan *plan = plan_write(t, "a BIGINT NOT NULL, b STRING", NULL);
    assert_int_equal(append(t, plan, "{\"a\":1,\"b\":\"x\"}\n{\"a\":2}", "query", 0), 0);
    assert_int_equal(lv_delta_table_version(t), 0);
    assert_int_equal(lv_delta_table_file_count(t), 1);
    assert_int_equal(lv_delta_txn_version(t, LV_STR("query")), 0);

    const lv_json *info = action("t", 0, "commitInfo", 0);
    assert_str(lv_json_get_str(info, "operation"), "STREAMING UPDATE");
    assert_str(lv_json_get(info, "operationParameters")->text,
               "{\"outputMode\":\"Append\",\"queryId\":\"query\",\"epochId\":\"0\"}");
    const lv_json *metrics = lv_json_get(info, "operationMetrics");
    assert_str(lv_json_get_str(metrics, "numOutputRows"), "2");
    assert_str(lv_json_get_str(metrics, "numAddedFiles"), "1");
    assert_null(lv_json_get(info, "readVersion"));
    assert_str(action("t", 0, "protocol", 0)->text,
               "{\"minReaderVersion\":1,\"minWriterVersion\":2}");
    const lv_json *metadata = action("t", 0, "metaData", 0);
    assert_str(lv_json_get_str(metadata, "schemaString"),
               "{\"type\":\"struct\",\"fields\":[{\"name\":\"a\",\"type\":\"long\",\"nullable\":"
               "true,\"metadata\":{}},"
               "{\"name\":\"b\",\"type\":\"string\",\"nullable\":true,\"metadata\":{}}]}");
    assert_str(lv_json_get(metadata, "partitionColumns")->text, "[]");
    assert_str(lv_json_get(metadata, "configuration")->text, "{}");
    const lv_json *add = action("t", 0, "add", 0);
    assert_str(
        lv_json_get_str(add, "stats"),
        "{\"numRecords\":2,\"minValues\":{\"a\":1,\"b\":\"x\"},\"maxValues\":{\"a\":2,\"b\":\"x\"},"
        "\"nullCount\":{\"a\":0,\"b\":1}}");
    assert_str(lv_json_get(add, "partitionValues")->text, "{}");

    assert_int_equal(append(t, plan, "{\"a\":3}", "query", 1), 1);
    assert_null(action("t", 1, "metaData", 0));
    assert_null(action("t", 1, "protocol", 0));
    assert_str(lv_json_get(action("t", 1, "commitInfo", 0), "readVersion")->text, "0");
    assert_int_equal(append(t, plan, NULL, "query", 2), 2); /* a batch without rows */
    assert_null(action("t", 2, "add", 0));
    int64_t size = lv_delta_table_size_bytes(t);
    lv_delta_table_close(t);
    assert_str(rows_at(in_dir("t")), "1|\"x\"\n2|null\n3|null");

    lv_error err = LV_ERROR_INIT;
    assert_ok(&err, lv_delta_table_open(in_dir("t"), &t, &err));
    assert_int_equal(lv_delta_table_version(t), 2);
    assert_int_equal(lv_delta_txn_version(t, LV_STR("query")), 2);
    assert_int_equal(lv_delta_table_size_bytes(t), size);
    lv_delta_table_close(t);
}

static void properties_are_checked_and_kept(void **state)
{
    static const struct {
        const char *name, *value;
        lv_status status;
        const char *kept;
    } cases[] = {
        {"delta.appendOnly", "true", LV_OK, "{\"delta.appendOnly\":\"true\"}"},
        {"DELTA.appendonly", "TRUE", LV_OK, "{\"delta.appendOnly\":\"TRUE\"}"},
        {"my.own", "x \"y\"", LV_OK, "{\"my.own\":\"x \\\"y\\\"\"}"},
        {"mergeSchema", "true", LV_OK, "{}"},
        {"delta.minWriterVersion", "4", LV_OK, "{}"},
        {"delta.logRetentionDuration", "interval 30 days", LV_OK,
         "{\"delta.logRetentionDuration\":\"interval 30 days\"}"},
        {"delta.columnMapping.mode", "none", LV_OK, "{\"delta.columnMapping.mode\":\"none\"}"},
        {"delta.appendOnly", "yes", LV_INVALID_CONF_TYPE, NULL},
        {"delta.logRetentionDuration", "30 lightyears", LV_INVALID_CONF_TYPE, NULL},
        {"delta.checkpointInterval", "ten", LV_INVALID_CONF_TYPE, NULL},
        {"delta.parquet.compression.codec", "rar", LV_INVALID_CONF_TYPE, NULL},
        {"delta.apendOnly", "true", LV_DELTA_UNKNOWN_CONFIGURATION, NULL},
        {"delta.columnMapping.mode", "name", LV_DELTA_UNSUPPORTED_FEATURES_FOR_WRITE, NULL},
        {"delta.enableDeletionVectors", "true", LV_DELTA_UNSUPPORTED_FEATURES_FOR_WRITE, NULL},
        {"delta.feature.rowTracking", "supported", LV_DELTA_UNSUPPORTED_FEATURES_FOR_WRITE, NULL},
        {"delta.minReaderVersion", "3", LV_DELTA_UNSUPPORTED_FEATURES_FOR_WRITE, NULL},
        {"delta.constraints.c", "a > 0", LV_DELTA_UNSUPPORTED_FEATURES_FOR_WRITE, NULL}};
    lv_delta_table *t = open_new("t", false);
    for (size_t i = 0; i < LV_COUNT_OF(cases); i++) {
        lv_error err;
        lv_option option = {lv_str_of(cases[i].name), lv_str_of(cases[i].value), -1};
        lv_delta_write_options options = {.properties = {&option, 1}};
        lv_delta_write_plan *plan;
        assert_int_equal(try_plan(t, "a INT", &options, &plan, &err), cases[i].status);
        if (cases[i].kept == NULL)
            continue;
        char *want = lv_arena_printf(&arena, "\"configuration\":%s,", cases[i].kept);
        assert_non_null(memmem(plan->metadata.ptr, plan->metadata.len, want, strlen(want)));
        bool is_writer4 = strcmp(cases[i].name, "delta.minWriterVersion") == 0;
        assert_str(plan->protocol,
                   is_writer4 ? "{\"protocol\":{\"minReaderVersion\":1,\"minWriterVersion\":4}}\n"
                              : "{\"protocol\":{\"minReaderVersion\":1,\"minWriterVersion\":2}}\n");
    }
    lv_delta_table_close(t);
}

static void a_type_may_need_a_feature(void **state)
{
    lv_delta_table *t = open_new("t", false);
    lv_delta_write_plan *plan = plan_write(t, "s STRUCT<t: TIMESTAMP_NTZ>, i INT", NULL);
    append(t, plan, "{\"s\":{\"t\":\"2024-01-01T10:00:00.123456\"},\"i\":1}", "q", 0);
    assert_str(
        action("t", 0, "protocol", 0)->text,
        "{\"minReaderVersion\":3,\"minWriterVersion\":7,\"readerFeatures\":[\"timestampNtz\"],"
        "\"writerFeatures\":[\"appendOnly\",\"invariants\",\"timestampNtz\"]}");
    plan_write(t, "i INT", NULL); /* what we made we may write to */
    lv_delta_table_close(t);
    assert_str(rows_at(in_dir("t")), "{\"t\":\"2024-01-01T10:00:00.123456\"}|1");
}

/* ---- which queries fit ----------------------------------------------------------------------- */

static void new_tables_refuse_what_cannot_be_stored(void **state)
{
    static const struct {
        const char *ddl, *partition_by;
        lv_status status;
    } cases[] = {{"a INT, `x.y` INT, `a-b` INT, `ünï` INT, `'` INT", NULL, LV_OK},
                 {"`count(1)` INT", NULL, LV_DELTA_INVALID_COLUMN_NAMES},
                 {"s STRUCT<`a b`: INT>", NULL, LV_DELTA_INVALID_COLUMN_NAMES},
                 {"l ARRAY<STRUCT<`a=b`: INT>>", NULL, LV_DELTA_INVALID_COLUMN_NAMES},
                 {"a INT, A INT", NULL, LV_DELTA_DUPLICATE_COLUMNS},
                 {"s STRUCT<a: INT, A: INT>", NULL, LV_DELTA_DUPLICATE_COLUMNS},
                 {"a INT, n VOID", NULL, LV_DELTA_NULL_SCHEMA},
                 {"a INT, s STRUCT<n: VOID>", NULL, LV_DELTA_NULL_SCHEMA},
                 {"a INT", "a", LV_DELTA_ALL_PARTITION_COLUMNS},
                 {"a INT, b INT", "c", LV_DELTA_PARTITION_COLUMN_NOT_FOUND},
                 {"a INT, s STRUCT<b: INT>", "s", LV_DELTA_PARTITION_TYPE},
                 {"a INT, b INT", "A", LV_OK}};
    lv_delta_table *t = open_new("t", false);
    for (size_t i = 0; i < LV_COUNT_OF(cases); i++) {
        lv_error err;
        lv_str by = lv_str_of(cases[i].partition_by);
        lv_delta_write_options options = {.partition_by = &by,
                                          .partition_by_count = by.ptr != NULL};
        lv_delta_write_plan *plan;
        lv_status status = try_plan(t, cases[i].ddl, &options, &plan, &err);
        if (status != cases[i].status)
            fail_msg("%s: [%s] %s", cases[i].ddl, lv_status_class(status), err.message);
    }
    lv_delta_table_close(t);
}

/* Prints the projection that a plan puts over its query: columns by number, casts, nulls. */
static void print_fit(const lv_expr *e, lv_sbuf *out)
{
    switch (e->kind) { /* dispatch */
    case LV_EXPR_COLUMN: lv_sbuf_printf(out, "%d", e->index); return;
    case LV_EXPR_LITERAL: lv_sbuf_add_cstr(out, "null"); return;
    case LV_EXPR_FIELD:
        print_fit(e->args[0], out);
        lv_sbuf_printf(out, ".%d", e->index);
        return;
    case LV_EXPR_CAST:
        print_fit(e->args[0], out);
        lv_sbuf_add_cstr(out, "::");
        lv_type_print_simple(e->type, out);
        return;
    default:
        lv_sbuf_add_cstr(out, e->kind == LV_EXPR_STRUCT ? "struct(" : e->call->function->name);
        lv_sbuf_add_cstr(out, e->kind == LV_EXPR_STRUCT ? "" : "(");
        for (int i = 0; i < e->arg_count; i++) {
            lv_sbuf_add_cstr(out, i ? ", " : "");
            print_fit(e->args[i], out);
        }
        lv_sbuf_add_char(out, ')');
    }
}

static void queries_fit_by_name_and_are_cast(void **state)
{
    static const struct {
        const char *table, *query;
        bool merge;
        const char *fit; /* of each column; NULL: refused with ... */
        lv_status status;
        const char *schema; /* after the write, where it changes */
    } cases[] = {
        {"a INT, b STRING", "a INT, b STRING", false, "as is", LV_OK, NULL},
        {"a INT, b STRING", "A INT, B STRING", false, "as is", LV_OK, NULL},
        {"a INT, b STRING", "b STRING, a INT", false, "1; 0", LV_OK, NULL},
        {"a INT, b STRING", "b STRING", false, "null; 0", LV_OK, NULL},
        {"a INT, b STRING", "a BIGINT, b INT", false, "0::int; 1::string", LV_OK, NULL},
        {"a INT, b STRING", "a STRING, b STRING", false, "0::int; 1", LV_OK, NULL},
        {"a INT", "a DATE", false, NULL, LV_DATATYPE_MISMATCH_CAST, NULL},
        {"a INT", "a STRUCT<x: INT>", false, NULL, LV_DATATYPE_MISMATCH_CAST, NULL},
        {"a INT", "a INT, c INT", false, NULL, LV_DELTA_METADATA_MISMATCH, NULL},
        {"a INT", "c INT NOT NULL, a INT", true, "1; 0", LV_OK, "struct<a:int,c:int>"},
        {"a INT", "`c d` INT", true, NULL, LV_DELTA_INVALID_COLUMN_NAMES, NULL},
        {"a INT", "a INT, c TIMESTAMP_NTZ", true, NULL, LV_DELTA_UNSUPPORTED_FEATURES_FOR_WRITE,
         NULL},
        {"s STRUCT<x: INT, y: INT>", "s STRUCT<x: BIGINT, y: INT>", false, "0::struct<x:int,y:int>",
         LV_OK, NULL},
        {"s STRUCT<x: INT, y: INT>", "s STRUCT<y: INT, x: BIGINT>", false,
         "when(isnotnull(0), struct(0.1::int, 0.0))", LV_OK, NULL},
        {"s STRUCT<x: INT, y: INT>", "s STRUCT<y: INT>", false,
         "when(isnotnull(0), struct(null, 0.0))", LV_OK, NULL},
        {"s STRUCT<x: INT>", "s STRUCT<x: INT, z: INT>", false, NULL, LV_DELTA_METADATA_MISMATCH,
         NULL},
        {"s STRUCT<x: INT>", "s STRUCT<z: INT, x: INT>", true,
         "when(isnotnull(0), struct(0.1, 0.0))", LV_OK, "struct<s:struct<x:int,z:int>>"},
        {"l ARRAY<INT>", "l ARRAY<BIGINT>", false, "0::array<int>", LV_OK, NULL},
        {"l ARRAY<STRUCT<x: INT>>", "l ARRAY<STRUCT<x: INT, z: INT>>", true, "as is", LV_OK,
         "struct<l:array<struct<x:int,z:int>>>"},
        {"l ARRAY<STRUCT<x: INT, z: INT>>", "l ARRAY<STRUCT<z: INT>>", false, NULL,
         LV_DELTA_FAILED_TO_MERGE_FIELDS, NULL},
    };
    for (size_t i = 0; i < LV_COUNT_OF(cases); i++) {
        lv_error err;
        lv_delta_table *t = open_new(lv_arena_printf(&arena, "t%zu", i), false);
        append(t, plan_write(t, cases[i].table, NULL), NULL, "q", 0);
        lv_delta_write_options options = {.merge_schema = cases[i].merge};
        lv_delta_write_plan *plan = NULL;
        lv_status status = try_plan(t, cases[i].query, &options, &plan, &err);
        if (status != cases[i].status)
            fail_msg("%s into %s: [%s] %s", cases[i].query, cases[i].table, lv_status_class(status),
                     err.message);
        if (cases[i].fit != NULL) {
            lv_sbuf fit = LV_SBUF_INIT, schema = LV_SBUF_INIT;
            bool as_is = plan->query->kind == LV_PLAN_SOURCE;
            lv_sbuf_add_cstr(&fit, as_is ? "as is" : "");
            for (int c = 0; !as_is && c < plan->query->expr_count; c++) {
                lv_sbuf_add_cstr(&fit, c ? "; " : "");
                print_fit(plan->query->exprs[c], &fit);
            }
            assert_string_equal(fit.ptr, cases[i].fit);
            lv_type_print_simple(plan->schema, &schema);
            if (cases[i].schema != NULL)
                assert_string_equal(schema.ptr, cases[i].schema);
            assert_int_equal(plan->metadata.len > 0, cases[i].schema != NULL);
            lv_sbuf_release(&fit);
            lv_sbuf_release(&schema);
        }
        lv_delta_table_close(t);
    }
}

static void a_merged_column_is_null_in_older_files(void **state)
{
    lv_error err;
    lv_delta_table *t = open_new("t", false);
    append(t, plan_write(t, "a INT, s STRUCT<x: INT>", NULL), "{\"a\":1,\"s\":{\"x\":1}}", "q", 0);
    lv_str id = t->snapshot.metadata->id;
    lv_delta_write_options options = {.merge_schema = true};
    lv_delta_write_plan *plan;
    assert_int_equal(
        try_plan(t, "a INT, s STRUCT<x: INT, y: INT>, b STRING", &options, &plan, &err), LV_OK);
    append(t, plan, "{\"a\":2,\"s\":{\"x\":2,\"y\":3},\"b\":\"x\"}", "q", 1);
    append(t, plan, "{\"a\":3,\"b\":\"y\"}", "q", 2);
    assert_str(lv_json_get_str(action("t", 1, "metaData", 0), "id"), lv_str_cstr(&arena, id));
    assert_null(action("t", 1, "protocol", 0));
    assert_null(action("t", 2, "metaData", 0)); /* once */
    assert_int_equal(lv_delta_table_schema(t)->field_count, 3);
    lv_delta_table_close(t);
    assert_str(rows_at(in_dir("t")),
               "1|{\"x\":1,\"y\":null}|null\n2|{\"x\":2,\"y\":3}|\"x\"\n3|null|\"y\"");
}

/* ---- partitions ------------------------------------------------------------------------------ */

static void partition_values_survive_the_way_to_the_disk_and_back(void **state)
{
    lv_delta_table *t = open_new("t", false);
    lv_delta_write_plan *plan = plan_write(t, "id INT, p STRING", "P");
    const char *rows =
        "{\"id\":1,\"p\":\"plain\"}\n{\"id\":2}\n{\"id\":3,\"p\":\"\"}\n{\"id\":4,\"p\":\"a/b\"}\n"
        "{\"id\":5,\"p\":\"a b\"}\n{\"id\":6,\"p\":\"ünï😀\"}\n{\"id\":7,\"p\":\"100%\"}\n"
        "{\"id\":8,\"p\":\"k=v\"}\n{\"id\":9,\"p\":\"..\\\\x\"}\n{\"id\":10,\"p\":\"plain\"}\n"
        "{\"id\":11,\"p\":\"__HIVE_DEFAULT_PARTITION__\"}\n{\"id\":12,\"p\":\"q'\\\"#?*[]{}^\"}\n"
        "{\"id\":13,\"p\":\"a%2Fb\"}\n{\"id\":14,\"p\":\"tab\\tnl\\n\"}\n{\"id\":15,\"p\":\" "
        "lead\"}";
    append(t, plan, rows, "q", 0);
    assert_int_equal(lv_delta_table_file_count(t), 12); /* plain twice, null three times */
    bool seen_slash = false;
    for (int n = 0; n < 12; n++) {
        const lv_json *add = action("t", 0, "add", n);
        lv_str value = lv_json_get_str(lv_json_get(add, "partitionValues"), "p");
        lv_str path = lv_json_get_str(add, "path");
        if (lv_str_is(value, "a/b")) {
            assert_true(lv_str_starts(path, LV_STR("p=a%252Fb/part-")));
            seen_slash = true;
        }
        assert_false(value.ptr != NULL && value.len == 0);
    }
    assert_true(seen_slash);
    assert_true(lv_path_exists(in_dir("t/p=a%2Fb")));
    assert_true(lv_path_exists(in_dir("t/p=__HIVE_DEFAULT_PARTITION__")));
    lv_delta_table_close(t);
    assert_str(rows_at(in_dir("t")), "10|\"plain\"\n11|null\n12|\"q'\\\"#?*[]{}^\"\n13|\"a%"
                                     "2Fb\"\n14|\"tab\\tnl\\n\"\n15|\" lead\"\n"
                                     "1|\"plain\"\n2|null\n3|null\n4|\"a/b\"\n5|\"a "
                                     "b\"\n6|\"ünï😀\"\n7|\"100%\"\n8|\"k=v\"\n9|\"..\\\\x\"");
}

/* Each type as a partition column: the text in the log, and the value that is read back. */
static void partition_values_of_every_type(void **state)
{
    static const struct {
        const char *type, *json, *text;
    } cases[] = {{"BOOLEAN", "true", "true"},
                 {"TINYINT", "-128", "-128"},
                 {"SMALLINT", "-32768", "-32768"},
                 {"INT", "7", "7"},
                 {"BIGINT", "-9223372036854775808", "-9223372036854775808"},
                 {"FLOAT", "1.5", "1.5"},
                 {"DOUBLE", "1.0E300", "1.0E300"},
                 {"DECIMAL(10,2)", "-3.10", "-3.10"},
                 {"DATE", "\"2024-02-29\"", "2024-02-29"},
                 {"TIMESTAMP", "\"2024-07-01T16:00:00.500Z\"", "2024-07-01T16:00:00.500000Z"},
                 {"TIMESTAMP", "\"1969-12-31T23:59:59.999999Z\"", "1969-12-31T23:59:59.999999Z"},
                 {"TIMESTAMP_NTZ", "\"2024-07-01T16:00:00.25\"", "2024-07-01 16:00:00.250000"},
                 {"STRING", "\"x\"", "x"}};
    for (size_t i = 0; i < LV_COUNT_OF(cases); i++) {
        char *name = lv_arena_printf(&arena, "t%zu", i);
        lv_delta_table *t = open_new(name, false);
        lv_delta_write_plan *plan = plan_write(
            t, lv_arena_printf(&arena, "p %s, a INT, q %s", cases[i].type, cases[i].type), "p");
        const char *row =
            lv_arena_printf(&arena, "{\"p\":%s,\"q\":%s}", cases[i].json, cases[i].json);
        append(t, plan, row, "q", 0);
        lv_delta_table_close(t);
        assert_str(lv_json_get_str(lv_json_get(action(name, 0, "add", 0), "partitionValues"), "p"),
                   cases[i].text);
        lv_str rest = rows_at(in_dir(name)), p, a, q;
        assert_true(lv_str_split(&rest, '|', &p) && lv_str_split(&rest, '|', &a) &&
                    lv_str_split(&rest, '|', &q));
        assert_false(lv_str_is(p, "null"));
        assert_str(p, lv_str_cstr(&arena, q)); /* from the log and from the file */
    }
}

/* More values than files may be open at once: every row is in the table all the same, each in its
 * partition. */
static void many_partitions_at_once(void **state)
{
    lv_error err = LV_ERROR_INIT;
    lv_delta_table *t = open_new("t", false);
    lv_delta_write_plan *plan = plan_write(t, "p INT, id INT", "p");
    lv_delta_writer *writer;
    lv_delta_add *adds;
    lv_delta_stream_commit commit = {.query_id = LV_STR("q"), .plan = plan};
    enum { ROWS = 3000, VALUES = 100 };
    assert_ok(&err, lv_delta_writer_new(plan, 3, &writer, &err));
    for (int b = 0; b < 2; b++) {
        lv_builder p, id;
        lv_builder_init(&p, &arena, lv_type_of(LV_TYPE_INT), ROWS);
        lv_builder_init(&id, &arena, lv_type_of(LV_TYPE_INT), ROWS);
        for (int i = 0; i < ROWS; i++) {
            lv_builder_i32(&p, (i * 7) % VALUES);
            lv_builder_i32(&id, (i * 7) % VALUES + 1000 * i);
        }
        lv_vector columns[2];
        lv_builder_finish(&p, &columns[0]);
        lv_builder_finish(&id, &columns[1]);
        lv_batch batch = {plan->schema, ROWS, columns};
        assert_ok(&err, lv_delta_write(writer, &batch, &err));
    }
    assert_ok(&err, lv_delta_writer_finish(writer, &arena, &adds, &commit.add_count, &err));
    lv_delta_writer_free(writer);
    commit.adds = adds;
    commit.output_rows = 2 * ROWS;
    int64_t version;
    assert_ok(&err, lv_delta_commit_stream(t, &commit, &version, &err));
    assert_true(lv_delta_table_file_count(t) >= VALUES);
    lv_delta_scan *scan;
    int64_t rows = 0;
    assert_ok(&err, lv_delta_scan_open(t, NULL, NULL, &scan, &err));
    for (lv_batch batch = {.length = 1}; batch.length > 0; rows += batch.length) {
        assert_ok(&err, lv_delta_scan_next(scan, &arena, &batch, &err));
        for (int64_t i = 0; i < batch.length; i++)
            assert_int_equal(LV_AT(int32_t, &batch.columns[0], i),
                             LV_AT(int32_t, &batch.columns[1], i) % 1000);
    }
    assert_int_equal(rows, 2 * ROWS);
    lv_delta_scan_close(scan);
    lv_delta_table_close(t);
}

/* ---- statistics ------------------------------------------------------------------------------ */

static lv_str stats_of(const char *table, const char *ddl, const lv_option *property,
                       const char *rows)
{
    lv_error err;
    lv_delta_write_options options = {.properties = {property, property != NULL}};
    lv_delta_write_plan *plan;
    lv_delta_table *t = open_new(table, false);
    assert_int_equal(try_plan(t, ddl, &options, &plan, &err), LV_OK);
    append(t, plan, rows, "q", 0);
    lv_delta_table_close(t);
    return lv_json_get_str(action(table, 0, "add", 0), "stats");
}

static void statistics_of_every_type(void **state)
{
    assert_str(
        stats_of("a",
                 "b BOOLEAN, i SMALLINT, d DOUBLE, dec DECIMAL(10,2), s STRING, x BINARY, dt DATE, "
                 "t TIMESTAMP, n TIMESTAMP_NTZ, l ARRAY<INT>, e INT",
                 NULL,
                 "{\"b\":true,\"i\":-3,\"d\":1.5,\"dec\":1.10,\"s\":\"ü\",\"x\":\"AA==\",\"dt\":"
                 "\"2024-01-01\","
                 "\"t\":\"2024-01-01T00:00:00.123999Z\",\"n\":\"2024-01-01T00:00:00.123999\",\"l\":"
                 "[1]}\n"
                 "{\"i\":4,\"d\":-2,\"dec\":-1,\"s\":\"a\",\"dt\":\"1969-12-31\","
                 "\"t\":\"1969-12-31T23:59:59.999999Z\"}"),
        "{\"numRecords\":2,\"minValues\":{\"i\":-3,\"d\":-2.0,\"dec\":-1.00,\"s\":\"a\",\"dt\":"
        "\"1969-12-31\","
        "\"t\":\"1969-12-31T23:59:59.999Z\",\"n\":\"2024-01-01T00:00:00.123\"},"
        "\"maxValues\":{\"i\":4,\"d\":1.5,\"dec\":1.10,\"s\":\"ü\",\"dt\":\"2024-01-01\","
        "\"t\":\"2024-01-01T00:00:00.123Z\",\"n\":\"2024-01-01T00:00:00.123\"},"
        "\"nullCount\":{\"b\":1,\"i\":0,\"d\":0,\"dec\":0,\"s\":0,\"x\":1,\"dt\":0,\"t\":0,\"n\":1,"
        "\"l\":1,\"e\":2}}");
    assert_str(stats_of("nested", "s STRUCT<a: INT, t: STRUCT<b: INT, c: BOOLEAN>>, z INT", NULL,
                        "{\"s\":{\"a\":1,\"t\":{\"b\":2}},\"z\":3}\n{\"z\":4}"),
               "{\"numRecords\":2,\"minValues\":{\"s\":{\"a\":1,\"t\":{\"b\":2}},\"z\":3},"
               "\"maxValues\":{\"s\":{\"a\":1,\"t\":{\"b\":2}},\"z\":4},"
               "\"nullCount\":{\"s\":{\"a\":1,\"t\":{\"b\":1,\"c\":2}},\"z\":0}}");
    assert_str(stats_of("nan", "d DOUBLE, f FLOAT", NULL,
                        "{\"d\":\"NaN\",\"f\":\"Infinity\"}\n{\"d\":1,\"f\":2}"),
               "{\"numRecords\":2,\"minValues\":{\"d\":1.0,\"f\":2.0},\"maxValues\":{},"
               "\"nullCount\":{\"d\":0,\"f\":0}}");
}

static void statistics_of_chosen_columns(void **state)
{
    lv_option count = {LV_STR("delta.dataSkippingNumIndexedCols"), LV_STR("1"), -1};
    assert_str(stats_of("count", "a INT, b INT", &count, "{\"a\":1,\"b\":2}"),
               "{\"numRecords\":1,\"minValues\":{\"a\":1},\"maxValues\":{\"a\":1},\"nullCount\":{"
               "\"a\":0}}");
    count.value = LV_STR("0");
    assert_str(stats_of("none", "a INT, b INT", &count, "{\"a\":1,\"b\":2}"),
               "{\"numRecords\":1,\"minValues\":{},\"maxValues\":{},\"nullCount\":{}}");
    lv_option named = {LV_STR("delta.dataSkippingStatsColumns"), LV_STR("b, `s`"), -1};
    assert_str(stats_of("named", "a INT, b INT, s STRUCT<x: INT>, sx INT", &named,
                        "{\"a\":1,\"b\":2,\"s\":{\"x\":3},\"sx\":4}"),
               "{\"numRecords\":1,\"minValues\":{\"b\":2,\"s\":{\"x\":3}},\"maxValues\":{\"b\":2,"
               "\"s\":{\"x\":3}},"
               "\"nullCount\":{\"b\":0,\"s\":{\"x\":0}}}");
}

/* What a reader skips by must hold: the text of min is not above the value, that of max not below.
 */
static void bounds_of_long_strings(void **state)
{
    static const struct {
        const char *value, *min, *max;
    } cases[] = {
        {"abcdefghijklmnopqrstuvwxyz012345", "abcdefghijklmnopqrstuvwxyz012345",
         "abcdefghijklmnopqrstuvwxyz012345"},
        {"abcdefghijklmnopqrstuvwxyz0123456", "abcdefghijklmnopqrstuvwxyz012345",
         "abcdefghijklmnopqrstuvwxyz012345\x7F"},
        {"abcdefghijklmnopqrstuvwxyz012345üx", "abcdefghijklmnopqrstuvwxyz012345",
         "abcdefghijklmnopqrstuvwxyz012345\xF4\x8F\xBF\xBF"},
        {"abcdefghijklmnopqrstuvwxyz01234😀y", "abcdefghijklmnopqrstuvwxyz01234",
         "abcdefghijklmnopqrstuvwxyz01234\xF4\x8F\xBF\xBF"},
        {"abcdefghijklmnopqrstuvwxyz012345\xF4\x8F\xBF\xBFz", "abcdefghijklmnopqrstuvwxyz012345",
         "abcdefghijklmnopqrstuvwxyz012345\xF4\x8F\xBF\xBF\x7F"},
    };
    for (size_t i = 0; i < LV_COUNT_OF(cases); i++) {
        lv_json *stats;
        lv_error err = LV_ERROR_INIT;
        lv_str text = stats_of(lv_arena_printf(&arena, "t%zu", i), "s STRING", NULL,
                               lv_arena_printf(&arena, "{\"s\":\"%s\"}", cases[i].value));
        assert_ok(&err, lv_json_parse(&arena, text, &stats, &err));
        lv_str min = lv_json_get_str(lv_json_get(stats, "minValues"), "s");
        lv_str max = lv_json_get_str(lv_json_get(stats, "maxValues"), "s");
        assert_str(min, cases[i].min);
        assert_str(max, cases[i].max);
        assert_true(lv_str_cmp(min, lv_str_of(cases[i].value)) <= 0);
        assert_true(lv_str_cmp(max, lv_str_of(cases[i].value)) >= 0);
    }
}

/* ---- files ----------------------------------------------------------------------------------- */

static int count_parquet(const char *folder)
{
    lv_dir_entry *entries;
    size_t count;
    int found = 0;
    if (lv_dir_list(folder, &arena, &entries, &count, NULL) != LV_OK)
        return 0;
    for (size_t i = 0; i < count; i++)
        found += lv_str_ends(entries[i].name, LV_STR(".parquet"));
    return found;
}

static void what_is_not_committed_is_deleted(void **state)
{
    lv_error err = LV_ERROR_INIT;
    lv_delta_table *t = open_new("t", false);
    lv_delta_write_plan *plan = plan_write(t, "a INT", NULL);
    lv_delta_writer *writer;
    lv_batch batch = rows_of(plan->schema, "{\"a\":1}");
    assert_ok(&err, lv_delta_writer_new(plan, 0, &writer, &err));
    assert_ok(&err, lv_delta_write(writer, &batch, &err));
    assert_int_equal(count_parquet(in_dir("t")), 1);
    lv_delta_writer_abort(writer);
    assert_int_equal(count_parquet(in_dir("t")), 0);
    assert_ok(&err, lv_delta_write(writer, &batch, &err));
    lv_delta_writer_free(writer);
    assert_int_equal(count_parquet(in_dir("t")), 0);

    lv_delta_stream_commit orphan = write_rows_of(plan, "{\"a\":1}", "q", 0);
    lv_delta_stream_commit commit = write_rows_of(plan, "{\"a\":2}", "q", 0);
    int64_t version;
    assert_ok(&err, lv_delta_commit_stream(t, &commit, &version, &err));
    lv_delta_discard(t, orphan.adds, orphan.add_count);
    lv_delta_discard(t, commit.adds, commit.add_count); /* these are the table's now */
    assert_int_equal(count_parquet(in_dir("t")), 1);
    lv_delta_table_close(t);
    assert_str(rows_at(in_dir("t")), "2");
}

static void files_are_cut_at_their_size_and_named_by_their_codec(void **state)
{
    lv_error err;
    lv_option options_[] = {{LV_STR("delta.targetFileSize"), LV_STR("1kb"), -1},
                            {LV_STR("delta.parquet.compression.codec"), LV_STR("snappy"), -1}};
    lv_delta_write_options options = {.properties = {options_, 2}};
    lv_delta_write_plan *plan;
    lv_delta_writer *writer;
    lv_delta_add *adds;
    int64_t count;
    lv_delta_table *t = open_new("t", false);
    assert_int_equal(try_plan(t, "a STRING", &options, &plan, &err), LV_OK);
    assert_ok(&err, lv_delta_writer_new(plan, 12, &writer, &err));
    for (int b = 0; b < 4; b++) {
        lv_builder strings;
        lv_vector column;
        lv_builder_init(&strings, &arena, lv_type_of(LV_TYPE_STRING), 100);
        for (int i = 0; i < 100; i++)
            lv_builder_str(&strings,
                           lv_str_of(lv_arena_printf(&arena, "row %d of %d: %lx", i, b, random())));
        lv_builder_finish(&strings, &column);
        lv_batch batch = {plan->schema, 100, &column};
        assert_ok(&err, lv_delta_write(writer, &batch, &err));
    }
    assert_ok(&err, lv_delta_writer_finish(writer, &arena, &adds, &count, &err));
    assert_int_equal(count, 4);
    for (int i = 0; i < 4; i++) {
        assert_true(lv_str_starts(adds[i].path, LV_STR("part-00012-")));
        assert_true(lv_str_ends(adds[i].path,
                                lv_str_of(lv_arena_printf(&arena, ".c%03d.snappy.parquet", i))));
    }
    lv_delta_writer_free(writer);
    lv_delta_table_close(t);
}

static void a_scan_reads_what_is_wanted(void **state)
{
    lv_error err = LV_ERROR_INIT;
    lv_delta_table *t = open_new("t", false);
    lv_delta_write_plan *plan = plan_write(t, "a INT, p STRING, b STRING", "p");
    append(t, plan, "{\"a\":1,\"p\":\"x\",\"b\":\"u\"}\n{\"a\":2,\"p\":\"y\",\"b\":\"v\"}", "q", 0);
    for (int mask = 0; mask < 8; mask++) {
        bool wanted[3] = {mask & 1, mask & 2, mask & 4};
        lv_delta_scan *scan;
        int64_t rows = 0;
        assert_ok(&err, lv_delta_scan_open(t, wanted, NULL, &scan, &err));
        for (lv_batch batch = {.length = 1}; batch.length > 0; rows += batch.length) {
            assert_ok(&err, lv_delta_scan_next(scan, &arena, &batch, &err));
            for (int c = 0; c < 3 && batch.length > 0; c++) {
                assert_int_equal(batch.columns[c].length, batch.length);
                assert_int_equal(lv_vector_is_null(&batch.columns[c], 0), !wanted[c]);
            }
        }
        assert_int_equal(rows, 2);
        lv_delta_scan_close(scan);
    }
    lv_delta_scan *scan;
    lv_batch batch;
    char *file = lv_path_join(&arena, in_dir("t"),
                              lv_str_cstr(&arena, t->snapshot.chunks.at[0][1].add.path));
    assert_ok(&err, lv_file_remove(file, &err));
    assert_ok(&err, lv_delta_scan_open(t, NULL, NULL, &scan, &err));
    lv_status status = LV_OK;
    for (batch.length = 1; status == LV_OK && batch.length > 0;)
        status = lv_delta_scan_next(scan, &arena, &batch, NULL);
    assert_int_equal(status, LV_DELTA_FILE_NOT_FOUND);
    lv_delta_scan_close(scan);
    lv_delta_table_close(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        fixture_test(the_first_commit_makes_the_table),
        fixture_test(properties_are_checked_and_kept),
        fixture_test(a_type_may_need_a_feature),
        fixture_test(new_tables_refuse_what_cannot_be_stored),
        fixture_test(queries_fit_by_name_and_are_cast),
        fixture_test(a_merged_column_is_null_in_older_files),
        fixture_test(partition_values_survive_the_way_to_the_disk_and_back),
        fixture_test(partition_values_of_every_type),
        fixture_test(many_partitions_at_once),
        fixture_test(statistics_of_every_type),
        fixture_test(statistics_of_chosen_columns),
        fixture_test(bounds_of_long_strings),
        fixture_test(what_is_not_committed_is_deleted),
        fixture_test(files_are_cut_at_their_size_and_named_by_their_codec),
        fixture_test(a_scan_reads_what_is_wanted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
