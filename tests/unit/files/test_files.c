/* test_files.c: which files a path means, columns of folders, and rows of small files, as Spark 4.2 has them. */
#include "files_fixture.h"

/* ---- patterns -------------------------------------------------------------------------------- */

static void test_patterns(void **state)
{
    static const struct {
        const char *pattern;
        const char *fits;
        const char *fits_not;
    } cases[] = {{"*.json", "a.json", "a.jsonl"},
                 {"*", "", NULL},
                 {"a?c", "abc", "ac"},
                 {"[a-c]1", "b1", "d1"},
                 {"[^a-c]1", "d1", "b1"},
                 {"{a,bc}*.x", "bc.x", "b.x"},
                 {"*.{json,{csv,txt}}", "a.txt", "a.tx"},
                 {"\\*", "*", "a"},
                 {"a*b*c", "aXbYbc", "aXbYb"},
                 {"[]]", "]", "["},
                 {"{a", "a", "b"},
                 {"[", "a", NULL}};
    for (size_t i = 0; i < LV_COUNT_OF(cases); i++) {
        lv_str pattern = lv_str_of(cases[i].pattern);
        if (i + 1 < LV_COUNT_OF(cases) && !lv_glob_match(pattern, lv_str_of(cases[i].fits)))
            fail_msg("%s does not fit %s", cases[i].fits, cases[i].pattern);
        if (cases[i].fits_not && lv_glob_match(pattern, lv_str_of(cases[i].fits_not)))
            fail_msg("%s fits %s", cases[i].fits_not, cases[i].pattern);
    }
}

/* ---- listing --------------------------------------------------------------------------------- */

static void assert_reads(const char *format, const char *name, const char *options,
                         const char *expected)
{
    const char *got = read_relation(format, name, options);
    if (strcmp(got, expected) != 0)
        fail_msg("%s %s (%s): got\n%s\ninstead of\n%s", format, name, options, got, expected);
}

static void test_listing(void **state)
{
    put_file("l/a.json", "{\"a\":1}\n{\"a\":2}\n");
    put_file("l/_b.json", "{\"a\":3}");
    put_file("l/.c.json", "{\"a\":4}");
    put_file("l/sub/d.json", "{\"a\":5}");
    put_file("l/e.txt", "{\"a\":6}");
    put_file("l/empty.json", "");
    assert_reads("json", "l", "", "struct<a:bigint>\n1\n2\n6\n");
    assert_reads("json", "l/*.json", "", "struct<a:bigint>\n1\n2\n");
    assert_reads("json", "l/{a,e}.*", "", "struct<a:bigint>\n1\n2\n6\n");
    assert_reads("json", "l/e.txt", "", "struct<a:bigint>\n6\n");
    assert_reads("json", "l", "recursiveFileLookup=true", "struct<a:bigint>\n1\n2\n6\n5\n");
    assert_reads("json", "l", "pathGlobFilter=*.t?t", "struct<a:bigint>\n6\n");
    assert_reads("", "l/sub", "", "struct<a:bigint>\n5\n");
    assert_reads("", "l/a.json", "format=text", "struct<value:string>\n{\"a\":1}\n{\"a\":2}\n");
    assert_reads("json", "l/_b.json", "", "UNABLE_TO_INFER_SCHEMA");
    assert_reads("json", "l", "modifiedBefore=2020-01-01T00:00:00", "UNABLE_TO_INFER_SCHEMA");
    assert_reads("json", "none", "", "PATH_NOT_FOUND");
    assert_reads("json", "l/*.none", "", "PATH_NOT_FOUND");
    assert_reads("json", "l/empty.json", "", "struct<>\n");
    assert_reads("parquet", "l/empty.json", "", "FAILED_READ_FILE.CANNOT_READ_FILE_FOOTER");
    assert_reads("text", "l/empty.json", "", "struct<value:string>\n");
    assert_reads("orc", "l", "", "UNSUPPORTED_FEATURE");
    assert_reads("json", "l", "encoding=UTF-16", "UNSUPPORTED_FEATURE");
    assert_reads("json", "l", "recursiveFileLookup=maybe", "LEVADA_USAGE");
}

/* ---- columns of folders ---------------------------------------------------------------------- */

/* The type and value of k in the folder k=<value>. */
static void test_folder_types(void **state)
{
    static const char *const cases[][3] = {
        {"012", "int", "12"},
        {"3000000000", "bigint", "3000000000"},
        {"1e3", "decimal(4,0)", "1000"},
        {"99999999999999999999", "decimal(20,0)", "99999999999999999999"},
        {"+5", "int", "5"},
        {"1.0", "double", "1.0"},
        {"NaN", "double", "NaN"},
        {"true", "string", "true"},
        {"1d", "double", "1.0"},
        {"0x10", "string", "0x10"},
        {".5", "double", "0.5"},
        {"5.", "decimal(1,0)", "5"},
        {" 7", "double", "7.0"},
        {"2024-01-01", "date", "2024-01-01"},
        {"2024-1-1", "string", "2024-1-1"},
        {"2024-01-01 10%3A00%3A00.5", "timestamp", "2024-01-01 10:00:00.5"},
        {"2024-01-01 10%3A00", "string", "2024-01-01 10:00"},
        {"2024-01-01T00:00:00Z", "string", "2024-01-01T00:00:00Z"},
        {"__HIVE_DEFAULT_PARTITION__", "string", "NULL"},
        {"a%2Fb", "string", "a/b"},
    };
    for (size_t i = 0; i < LV_COUNT_OF(cases); i++) {
        const char *name = lv_arena_printf(&arena, "t%zu", i);
        put_file(lv_arena_printf(&arena, "%s/k=%s/a.json", name, cases[i][0]), "{\"a\":1}");
        assert_reads(
            "json", name, "",
            lv_arena_printf(&arena, "struct<a:bigint,k:%s>\n1|%s\n", cases[i][1], cases[i][2]));
    }
}

static void test_folders(void **state)
{
    put_file("p1/k=1/a.json", "{\"a\":1}");
    put_file("p1/k=2/a.json", "{\"a\":2}");
    put_file("p1/b.json", "{\"a\":3}");
    assert_reads("json", "p1", "", "struct<a:bigint,k:int>\n1|1\n2|2\n");
    assert_reads("json", "p1/k=1", "", "struct<a:bigint>\n1\n");
    assert_reads("json", "p1/k=*", lv_arena_printf(&arena, "basePath=%s/p1", dir),
                 "struct<a:bigint,k:int>\n1|1\n2|2\n");
    assert_reads("json", "p1", "schema=K STRING, a INT", "struct<a:int,K:string>\n1|1\n2|2\n");
    put_file("p2/k=1/a.json", "{\"a\":1}");
    put_file("p2/k=x/a.json", "{\"a\":2}");
    assert_reads("json", "p2", "", "struct<a:bigint,k:string>\n1|1\n2|x\n");
    put_file("p3/k=1.5/a.json", "{\"a\":1}");
    put_file("p3/k=2/a.json", "{\"a\":2}");
    assert_reads("json", "p3", "", "struct<a:bigint,k:double>\n1|1.5\n2|2.0\n");
    put_file("p4/k=1/a.json", "{\"K\":5,\"b\":1}");
    assert_reads("json", "p4", "", "struct<k:int,b:bigint>\n1|1\n");
    put_file("p5/k=1/a.json", "{\"a\":1}");
    put_file("p5/j=1/a.json", "{\"a\":1}");
    assert_reads("json", "p5", "", "CONFLICTING_PARTITION_COLUMN_NAMES");
    put_file("p6/x/k=1/a.json", "{\"a\":1}");
    assert_reads("json", "p6", "", "struct<a:bigint,k:int>\n1|1\n");
    put_file("p6/y/k=1/a.json", "{\"a\":1}");
    assert_reads("json", "p6", "", "CONFLICTING_DIRECTORY_STRUCTURES");
    put_file("p7/k=1/sub/a.json", "{\"a\":1}");
    assert_reads("json", "p7", "", "struct<a:bigint,k:int>\n1|1\n");
    put_file("p8/k=1/k=2/a.json", "{\"a\":1}");
    assert_reads("json", "p8", "", "COLUMN_ALREADY_EXISTS");
    put_file("p9/k=2024-01-01/a.json", "{\"a\":1}");
    put_file("p9/k=2024-01-02 00%3A00%3A00/a.json", "{\"a\":2}");
    assert_reads("json", "p9", "",
                 "struct<a:bigint,k:timestamp>\n1|2024-01-01 00:00:00\n2|2024-01-02 00:00:00\n");
}

/* ---- contents -------------------------------------------------------------------------------- */

static const char odd_json[] =
    "{\"a\":1}\nnull\n[{\"a\":2},{\"a\":3}]\n[]\n[1,2]\n5\n\n   \n{\"a\":bad}\n{\"a\":4} x\n"
    "{\"a\":\"x\"}\r\n[{\"a\":7},8]\r[{\"a\":9},{\"a\":\"zz\"}]";

static void test_json(void **state)
{
    put_file("j/a.json", odd_json);
    assert_reads("json", "j", "schema=a INT, _corrupt_record STRING",
                 "struct<a:int,_corrupt_record:string>\n1|NULL\nNULL|null\n2|NULL\n3|NULL\n"
                 "NULL|[1,2]\nNULL|5\nNULL|{\"a\":bad}\n4|NULL\nNULL|{\"a\":\"x\"}\n"
                 "NULL|[{\"a\":7},8]\n9|[{\"a\":9},{\"a\":\"zz\"}]\n"
                 "NULL|[{\"a\":9},{\"a\":\"zz\"}]\n");
    assert_reads("json", "j", "schema=a INT;mode=DROPMALFORMED", "struct<a:int>\n1\n2\n3\n4\n");
    assert_reads("json", "j", "schema=a INT;mode=FAILFAST",
                 "struct<a:int>\nFAILED_READ_FILE.NO_HINT");
    put_file("m/a.json", "[{\"a\":\n1},\n{\"a\":2}]\n");
    assert_reads("json", "m", "multiLine=true", "struct<a:bigint>\n1\n2\n");
    put_file("s/a.json", "{\"a\":1}|{\"a\":2}|");
    assert_reads("json", "s", "lineSep=|", "struct<a:bigint>\n1\n2\n");
    put_file("b/a.json", "\xef\xbb\xbf{\"a\":1,\"b\":{}}\n{bad");
    assert_reads("json", "b", "", "struct<_corrupt_record:string,a:bigint>\nNULL|1\n{bad|NULL\n");
    assert_reads("json", "b", "schemaHints=a STRING, z DATE",
                 "struct<_corrupt_record:string,a:string,z:date>\nNULL|1|NULL\n{bad|NULL|NULL\n");
    put_file("d/a.json", "{\"a\":1,\"A\":2}");
    assert_reads("json", "d", "", "COLUMN_ALREADY_EXISTS");
    put_file("c/a.json", "{bad");
    assert_reads("json", "c", "",
                 "struct<_corrupt_record:string>\n"
                 "UNSUPPORTED_FEATURE.QUERY_ONLY_CORRUPT_RECORD_COLUMN");
}

static void test_csv(void **state)
{
    put_file("c1/a.csv", "a,b\n1,x\n,\"y z\"\n");
    assert_reads("csv", "c1", "", "struct<_c0:string,_c1:string>\na|b\n1|x\nNULL|y z\n");
    assert_reads("csv", "c1", "header=true;inferSchema=true",
                 "struct<a:int,b:string>\n1|x\nNULL|y z\n");
    put_file("c2/a.csv", "a,a,,b,A\n1,2,3,4,5\n");
    assert_reads("csv", "c2", "header=true",
                 "struct<a0:string,a1:string,_c2:string,b:string,A4:string>\n1|2|3|4|5\n");
    put_file("c3/a.csv", "1,2\nx,3\n4\n5,6,7\n");
    assert_reads("csv", "c3", "schema=a INT, b INT, _corrupt_record STRING",
                 "struct<a:int,b:int,_corrupt_record:string>\n1|2|NULL\nNULL|3|x,3\n4|NULL|4\n"
                 "5|6|5,6,7\n");
    assert_reads("csv", "c3", "schema=a INT, b INT;mode=DROPMALFORMED",
                 "struct<a:int,b:int>\n1|2\n");
    put_file("c4/a.csv", "\"a\nb\",2\n3,4\n");
    assert_reads("csv", "c4", "multiLine=true", "struct<_c0:string,_c1:string>\na\nb|2\n3|4\n");
    put_file("c5/a.csv", "a,b\n1,2\n");
    put_file("c5/b.csv", "b,a\n3,4\n");
    assert_reads("csv", "c5", "header=true", "struct<a:string,b:string>\n1|2\n3|4\n");
    assert_reads("csv", "c5", "header=true;enforceSchema=false",
                 "struct<a:string,b:string>\n1|2\nFAILED_READ_FILE.NO_HINT");
    assert_reads("csv", "c5", "schema=a STRUCT<b:INT>", "UNSUPPORTED_DATA_TYPE_FOR_DATASOURCE");
}

static void test_text(void **state)
{
    put_file("x/a.txt", "x\r\ny\rz\n\nend");
    assert_reads("text", "x", "", "struct<value:string>\nx\ny\nz\n\nend\n");
    assert_reads("text", "x", "wholeText=true", "struct<value:string>\nx\r\ny\rz\n\nend\n");
    assert_reads("text", "x", "schema=v STRING", "struct<v:string>\nx\ny\nz\n\nend\n");
    assert_reads("text", "x", "schema=v INT", "UNSUPPORTED_DATA_TYPE_FOR_DATASOURCE");
}

/* Lines that do not fit the window at once, and one longer than it. */
static void test_long_lines(void **state)
{
    lv_sbuf text = LV_SBUF_INIT;
    for (int i = 0; i < 40000; i++)
        lv_sbuf_printf(&text, "{\"a\":%d,\"b\":\"%0*d\"}\n", i, i == 20000 ? 3000000 : 60, i);
    put_file("long/a.json", text.ptr);
    lv_sbuf_release(&text);
    const char *got = read_relation("json", "long", "schema=a BIGINT");
    lv_str rest = lv_str_of(got), line;
    assert_true(lv_str_split(&rest, '\n', &line));
    for (int64_t i = 0, a; i < 40000; i++) {
        assert_true(lv_str_split(&rest, '\n', &line) && lv_str_to_i64(line, &a));
        assert_int_equal(a, i);
    }
}

static void test_options(void **state)
{
    lv_error err = LV_ERROR_INIT;
    lv_options good = make_options("x", "HEADER=true;maxFilesPerTrigger=1");
    assert_ok(&err, lv_file_options_check(&good, &err));
    lv_options bad = make_options("x", "headr=true");
    assert_int_equal(lv_file_options_check(&bad, &err), LV_UNRECOGNIZED_PARAMETER_NAME);
    assert_string_equal(err.hint, "did you mean header?");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_patterns),     cmocka_unit_test(test_listing),
        cmocka_unit_test(test_folder_types), cmocka_unit_test(test_folders),
        cmocka_unit_test(test_json),         cmocka_unit_test(test_csv),
        cmocka_unit_test(test_text),         cmocka_unit_test(test_long_lines),
        cmocka_unit_test(test_options)};
    return cmocka_run_group_tests(tests, files_setup, files_teardown);
}
