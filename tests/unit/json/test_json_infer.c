/* test_json_infer.c: inferred schemas against what Spark 4.2 says of the same records. */
#include "unit.h"
#include "json/infer.h"

typedef struct infer_case {
    const char *records; /* one a line */
    const char *schema;
    const char *option; /* name=value; NULL: none */
} infer_case;

static const infer_case cases[] = {
    {"{\"a\":1}\n{\"a\":2.5}", "struct<a:double>", NULL},
    {"{\"a\":1}\n{\"a\":\"x\"}", "struct<a:string>", NULL},
    {"{\"a\":1}\n{\"a\":null}", "struct<a:bigint>", NULL},
    {"{\"a\":\"\"}\n{\"a\":1}", "struct<a:bigint>", NULL},
    {"{\"a\":\"\"}", "struct<a:string>", NULL},
    {"{\"a\":true}\n{\"a\":1}", "struct<a:string>", NULL},
    {"{\"a\":[]}\n{\"a\":[1]}", "struct<a:array<bigint>>", NULL},
    {"{\"a\":[]}\n{\"a\":5}", "struct<a:string>", NULL},
    {"{\"a\":[[]]}", "struct<a:array<array<string>>>", NULL},
    {"{\"a\":[{}]}", "struct<>", NULL},
    {"{\"a\":1.5,\"b\":[{\"x\":{}}]}", "struct<a:double>", NULL},
    {"{\"a\":{}}\n{\"a\":{\"x\":1}}", "struct<a:struct<x:bigint>>", NULL},
    {"{\"a\":{\"x\":1}}\n{\"a\":{\"y\":2}}", "struct<a:struct<x:bigint,y:bigint>>", NULL},
    {"{\"a\":{\"X\":1}}\n{\"a\":{\"x\":1}}", "struct<a:struct<X:bigint>>", NULL},
    {"{\"A\":1}\n{\"a\":\"x\"}", "struct<A:bigint,a:string>", NULL},
    {"{\"b\":{\"z\":1,\"y\":2},\"a\":1}", "struct<a:bigint,b:struct<y:bigint,z:bigint>>", NULL},
    {"{\"z\":1,\"\xf0\x9d\x84\x9e\":1,\"\xef\xbd\xa1\":1,\"Z\":3}",
     "struct<Z:bigint,z:bigint,\xf0\x9d\x84\x9e:bigint,\xef\xbd\xa1:bigint>", NULL},
    {"{\"a\":9223372036854775808}", "struct<a:decimal(19,0)>", NULL},
    {"{\"a\":1}\n{\"a\":99999999999999999999}", "struct<a:decimal(20,0)>", NULL},
    {"{\"a\":1.5}\n{\"a\":99999999999999999999}", "struct<a:double>", NULL},
    {"{\"a\":123456789012345678901234567890123456789}", "struct<a:double>", NULL},
    {"{\"a\":1.5}\n{\"a\":10}", "struct<a:decimal(21,1)>", "prefersDecimal=true"},
    {"{\"a\":1.55}\n{\"a\":100.5}", "struct<a:decimal(5,2)>", "prefersDecimal=true"},
    {"{\"a\":1e-5}", "struct<a:decimal(5,5)>", "prefersDecimal=true"},
    {"{\"a\":NaN}", "struct<_corrupt_record:string>", "prefersDecimal=true"},
    {"{\"a\":NaN}", "struct<a:double>", NULL},
    {"{\"a\":\"x\",\"b\":null,\"c\":{\"d\":1}}", "struct<a:string,b:string,c:struct<d:string>>",
     "primitivesAsString=true"},
    {"{\"a\":null,\"b\":[],\"c\":{\"d\":null},\"e\":1}", "struct<e:bigint>",
     "dropFieldIfAllNull=true"},
    {"{\"a\":\"2024-01-01\",\"b\":\"x\",\"c\":\"10:00\"}",
     "struct<a:timestamp,b:string,c:timestamp>", "inferTimestamp=true"},
    {"{\"a\":1}\n[1]", "struct<_corrupt_record:string,a:bigint>", NULL},
    {"{\"a\":1}\n{bad", "struct<_corrupt_record:string,a:bigint>", NULL},
    {"{\"a\":1}\n{bad", "struct<a:bigint>", "mode=DROPMALFORMED"},
    {"{\"a\":1}\n{bad", "struct<a:bigint,oops:string>", "columnNameOfCorruptRecord=oops"},
    {"[{\"a\":1},{\"b\":2}]", "struct<a:bigint,b:bigint>", NULL},
    {"[[{\"a\":1}]]", "struct<a:bigint>", NULL},
    {"[]\nnull\n \n", "struct<>", NULL},
    {"[{\"a\":1},2]", "struct<_corrupt_record:string>", NULL},
    {"5\ntrue\n\"x\"", "struct<_corrupt_record:string>", NULL},
    {"{\"_corrupt_record\":1}\n{bad", "struct<_corrupt_record:string>", NULL},
    {"{\"a\":1} x", "struct<a:bigint>", NULL},
    {"{\"a\":01}", "struct<a:bigint>", "allowNumericLeadingZeros=true"},
    {"{\"a\":1,\"a\":2}", "struct<a:bigint,a:bigint>", NULL},
    {"{\"\":1}", "struct<>", NULL},
    {"[:1\n[{\"a\":1},:\n{\"a\":[1,x]}\n{\"a\"\n[", "struct<_corrupt_record:string>", NULL},
};

static void set_options(lv_arena *arena, lv_json_infer_options *options, const char *text)
{
    lv_str rest = lv_str_of(text), name;
    *options = (lv_json_infer_options){0};
    assert_int_equal(
        lv_json_infer_options_set(arena, options, LV_STR("timeZone"), LV_STR("UTC"), NULL), LV_OK);
    if (text != NULL && lv_str_split(&rest, '=', &name))
        assert_int_equal(lv_json_infer_options_set(arena, options, name, rest, NULL), LV_OK);
}

static void assert_simple(const lv_type *type, const char *expected)
{
    lv_sbuf text = LV_SBUF_INIT;
    lv_type_print_simple(type, &text);
    assert_string_equal(text.ptr, expected);
    lv_sbuf_release(&text);
}

static void test_records(void **state)
{
    for (size_t i = 0; i < LV_COUNT_OF(cases); i++) {
        lv_arena arena;
        lv_arena_init(&arena);
        lv_json_infer_options options;
        set_options(&arena, &options, cases[i].option);
        lv_json_inferrer *inferrer = lv_json_inferrer_new(&options);
        lv_str rest = lv_str_of(cases[i].records);
        for (lv_str line; lv_str_split(&rest, '\n', &line);)
            assert_int_equal(lv_json_infer_record(inferrer, line, NULL), LV_OK);
        assert_simple(lv_json_inferrer_schema(inferrer, &arena), cases[i].schema);
        lv_json_inferrer_free(inferrer);
        lv_arena_release(&arena);
    }
}

static void test_failfast(void **state)
{
    lv_arena arena;
    lv_arena_init(&arena);
    lv_json_infer_options options;
    set_options(&arena, &options, "mode=FAILFAST");
    lv_json_inferrer *inferrer = lv_json_inferrer_new(&options);
    assert_int_equal(lv_json_infer_record(inferrer, LV_STR("{\"a\":1}"), NULL), LV_OK);
    assert_int_equal(lv_json_infer_record(inferrer, LV_STR("{bad"), NULL), LV_MALFORMED_RECORD);
    assert_int_equal(lv_json_infer_record(inferrer, LV_STR("5"), NULL),
                     LV_INVALID_JSON_RECORD_TYPE);
    lv_json_inferrer_free(inferrer);
    lv_arena_release(&arena);
}

static void test_values(void **state)
{
    static const char *const values[][2] = {
        {"[1]", "array<bigint>"}, {"{}", "struct<>"},
        {"null", "string"},       {"5", "bigint"},
        {"[]", "array<string>"},  {"{\"a\":{}}", "struct<>"},
        {"", "string"},           {"[{\"a\":1},{\"b\":2}]", "array<struct<a:bigint,b:bigint>>"}};
    lv_arena arena;
    lv_arena_init(&arena);
    lv_json_infer_options options;
    const lv_type *type;
    set_options(&arena, &options, NULL);
    for (size_t i = 0; i < LV_COUNT_OF(values); i++) {
        assert_int_equal(
            lv_json_infer_value(&arena, &options, lv_str_of(values[i][0]), &type, NULL), LV_OK);
        assert_simple(type, values[i][1]);
    }
    assert_int_equal(lv_json_infer_value(&arena, &options, LV_STR("{bad"), &type, NULL),
                     LV_MALFORMED_RECORD);
    lv_arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_records),
                                       cmocka_unit_test(test_failfast),
                                       cmocka_unit_test(test_values)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
