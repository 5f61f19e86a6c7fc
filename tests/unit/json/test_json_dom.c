/* test_json_dom.c: the strict reader of control data, schema JSON, and values written as JSON. */
#include <math.h>
#include <stdlib.h>

#include "column/decimal.h"
#include "unit.h"
#include "json/json.h"

static lv_arena arena;

static int set_up(void **state)
{
    lv_arena_init(&arena);
    return 0;
}

static int tear_down(void **state)
{
    lv_arena_release(&arena);
    return 0;
}

static const lv_json *parse(const char *text)
{
    lv_error err = LV_ERROR_INIT;
    lv_json *root;
    assert_ok(&err, lv_json_parse(&arena, lv_str_of(text), &root, &err));
    return root;
}

static void test_values(void **state)
{
    const lv_json *root =
        parse(" {\"s\" : \"x\",\"n\":-1.5e3,\"t\":true,\"f\":false,\"z\":null,\"a\":[1, [ "
              "],{}],\"o\":{\"k\":2}}\n");
    assert_int_equal(root->kind, LV_JSON_OBJECT);
    assert_int_equal(root->count, 7);
    assert_str(lv_json_get_str(root, "s"), "x");
    assert_str(lv_json_get(root, "n")->str, "-1.5e3");
    assert_int_equal(lv_json_get(root, "n")->kind, LV_JSON_NUMBER);
    assert_true(lv_json_get_bool(root, "t", false));
    assert_false(lv_json_get_bool(root, "f", true));
    assert_int_equal(lv_json_get(root, "z")->kind, LV_JSON_NULL);
    assert_str(lv_json_text(lv_json_get(root, "a")), "[1, [ ],{}]");
    assert_int_equal(lv_json_get(root, "a")->count, 3);
    assert_int_equal(lv_json_get(root, "a")->items[1].count, 0);
    assert_str(lv_json_text(lv_json_get(lv_json_get(root, "o"), "k")), "2");
    assert_str(root->text,
               "{\"s\" : \"x\",\"n\":-1.5e3,\"t\":true,\"f\":false,\"z\":null,\"a\":[1, [ "
               "],{}],\"o\":{\"k\":2}}");
    assert_int_equal(parse("\"\"")->kind, LV_JSON_STRING);
    assert_int_equal(parse("0")->kind, LV_JSON_NUMBER);
}

static void test_members(void **state)
{
    const lv_json *root = parse("{\"a\":1,\"a\":2,\"s\":\"1\",\"big\":9223372036854775808,\"low\":-"
                                "9223372036854775808,\"d\":1.0}");
    int64_t v = 7;
    assert_true(lv_json_get_i64(root, "a", &v)); /* the last one counts */
    assert_int_equal(v, 2);
    assert_true(lv_json_get_i64(root, "low", &v));
    assert_true(v == INT64_MIN);
    v = 7;
    assert_false(lv_json_get_i64(root, "s", &v));
    assert_false(lv_json_get_i64(root, "big", &v));
    assert_false(lv_json_get_i64(root, "d", &v));
    assert_false(lv_json_get_i64(root, "none", &v));
    assert_int_equal(v, 7);
    assert_null(lv_json_get(root, "A"));
    assert_null(lv_json_get(NULL, "a"));
    assert_null(lv_json_get(lv_json_get(root, "a"), "a"));
    assert_null(lv_json_get_str(root, "a").ptr);
    assert_true(lv_json_get_bool(root, "s", true));
}

static void test_strings(void **state)
{
    assert_str(parse("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"")->str, "\"\\/\b\f\n\r\t");
    assert_str(parse("\"\\u00e9\\u20AC\\ud83d\\ude00\"")->str,
               "\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80");
    assert_str(parse("\"\\ud83d\\u0041\\ude00\"")->str, "\xEF\xBF\xBD"
                                                        "A\xEF\xBF\xBD"); /* lone surrogates */
    assert_str(parse("\"\xC3\xA9\x7F\"")->str, "\xC3\xA9\x7F");
    assert_int_equal(parse("\"\\u0000\"")->str.len, 1);
    assert_str(parse("{\"\\u0061\":1}")->keys[0], "a");
    const char *plain = "\"plain\"";
    assert_ptr_equal(parse(plain)->str.ptr, plain + 1); /* borrowed */
}

static void test_errors(void **state)
{
    static const struct {
        const char *text;
        int at;
        const char *what;
    } cases[] = {{"", 0, "a value is expected"},
                 {"  ", 2, "a value is expected"},
                 {"nul", 0, "a value is expected"},
                 {"[1,]", 3, "a value is expected"},
                 {"[1 2]", 3, "a comma or ] is expected"},
                 {"[1", 2, "a comma or ] is expected"},
                 {"{\"a\":1 \"b\"}", 7, "a comma or } is expected"},
                 {"{\"a\" 1}", 5, "a colon is expected"},
                 {"{\"a\"", 4, "a colon is expected"},
                 {"{a:1}", 1, "a string is expected"},
                 {"{\"a\":1,}", 7, "a string is expected"},
                 {"{", 1, "a string is expected"},
                 {"1 2", 2, "something stands behind"},
                 {"{}]", 2, "something stands behind"},
                 {"01", 2, "a bad number"},
                 {"-", 1, "a bad number"},
                 {"1.", 2, "a bad number"},
                 {"1e", 2, "a bad number"},
                 {"1e+", 3, "a bad number"},
                 {"+1", 0, "a value is expected"},
                 {".5", 0, "a value is expected"},
                 {"NaN", 0, "a value is expected"},
                 {"\"a\tb\"", 2, "a control character"},
                 {"\"abc", 0, "does not end"},
                 {"\"abc\\\"", 0, "does not end"},
                 {"\"\\x\"", 1, "unknown escape"},
                 {"\"a\\u12g4\"", 2, "four hexadecimal digits"},
                 {"\"\xC3(\"", 0, "not UTF-8"},
                 {"\"\xED\xA0\x80\"", 0, "not UTF-8"},
                 {"'a'", 0, "a value is expected"},
                 {"\xEF\xBB\xBF{}", 0, "a value is expected"}};
    for (size_t i = 0; i < LV_COUNT_OF(cases); i++) {
        lv_error err = LV_ERROR_INIT;
        lv_json *root = NULL;
        char where[64];
        snprintf(where, sizeof where, "at byte %d: ", cases[i].at);
        assert_int_equal(lv_json_parse(&arena, lv_str_of(cases[i].text), &root, &err), LV_CORRUPT);
        assert_null(root);
        if (strstr(err.message, where) == NULL || strstr(err.message, cases[i].what) == NULL)
            fail_msg("%s: %s", cases[i].text, err.message);
    }
}

static void test_depth(void **state)
{
    enum { MOST = LV_JSON_DEPTH_MAX };
    char text[2 * MOST + 3];
    for (int depth = MOST; depth <= MOST + 1; depth++) {
        memset(text, '[', (size_t)depth);
        memset(text + depth, ']', (size_t)depth);
        lv_error err = LV_ERROR_INIT;
        lv_json *root;
        lv_status status = lv_json_parse(&arena, (lv_str){text, 2 * (size_t)depth}, &root, &err);
        assert_int_equal(status, depth == MOST ? LV_OK : LV_CORRUPT);
        assert_true(depth == MOST || strstr(err.message, "nested too deeply") != NULL);
    }
    for (int i = 0; i < MOST + 1; i++) /* not that deep: one behind the other */
        memcpy(text + i * 2, i ? ",1" : "[1", 2);
    lv_json *root;
    lv_error err = LV_ERROR_INIT;
    text[2 * MOST + 2] = ']';
    assert_ok(&err, lv_json_parse(&arena, (lv_str){text, sizeof text}, &root, &err));
    assert_int_equal(root->count, MOST + 1);
}

/* Every beginning of a good text is a bad one, and is not read beyond its end. */
static void test_truncated(void **state)
{
    static const char text[] =
        "{\"a\":[true,null,-1.25e-3,\"\\u00e9\\ud83d\\ude00x\"],\"\\n\":{\"b\":\"\xC3\xA9\"}}";
    for (size_t len = 0; len < sizeof text; len++) {
        char *copy = malloc(len > 0 ? len : 1);
        memcpy(copy, text, len);
        lv_error err = LV_ERROR_INIT;
        lv_json *root;
        lv_status status = lv_json_parse(&arena, (lv_str){copy, len}, &root, &err);
        assert_int_equal(status, len == sizeof text - 1 ? LV_OK : LV_CORRUPT);
        free(copy);
    }
}

/* ---- schemas --------------------------------------------------------------------------------- */

static void test_schema_round_trip(void **state)
{
    static const char *const texts[] = {
        "\"long\"", "\"timestamp_ntz\"", "\"decimal(38,18)\"",
        "{\"type\":\"struct\",\"fields\":[]}",
        "{\"type\":\"struct\",\"fields\":[{\"name\":\"a "
        "b\",\"type\":\"string\",\"nullable\":false,\"metadata\":{\"k\":[1,\"}\"]}},"
        "{\"name\":\"l\",\"type\":{\"type\":\"array\",\"elementType\":{\"type\":\"map\","
        "\"keyType\":\"string\",\"valueType\":\"decimal(10,2)\","
        "\"valueContainsNull\":true},\"containsNull\":false},\"nullable\":true,\"metadata\":{}}]}"};
    for (size_t i = 0; i < LV_COUNT_OF(texts); i++) {
        const lv_type *type;
        lv_error err = LV_ERROR_INIT;
        lv_sbuf text = LV_SBUF_INIT;
        assert_ok(&err, lv_type_from_json_text(&arena, lv_str_of(texts[i]), &type, &err));
        lv_type_print_json(type, &text);
        assert_str(lv_sbuf_str(&text), texts[i]);
        lv_sbuf_release(&text);
    }
}

static void test_schema_errors(void **state)
{
    static const struct {
        const char *text;
        lv_status status;
    } cases[] = {{"\"decimal(39,0)\"", LV_INVALID_SCHEMA},
                 {"\"decimal(5,6)\"", LV_INVALID_SCHEMA},
                 {"\"decimal(x)\"", LV_INVALID_SCHEMA},
                 {"\"calendar\"", LV_UNSUPPORTED_DATATYPE},
                 {"17", LV_INVALID_SCHEMA},
                 {"{}", LV_INVALID_SCHEMA},
                 {"{\"type\":\"struct\"}", LV_INVALID_SCHEMA},
                 {"{\"type\":\"struct\",\"fields\":[{\"type\":\"long\"}]}", LV_INVALID_SCHEMA},
                 {"{\"type\":\"array\"}", LV_INVALID_SCHEMA},
                 {"{\"type\":\"map\",\"keyType\":\"string\"}", LV_INVALID_SCHEMA},
                 {"[", LV_CORRUPT}};
    for (size_t i = 0; i < LV_COUNT_OF(cases); i++) {
        const lv_type *type = NULL;
        lv_error err = LV_ERROR_INIT;
        if (lv_type_from_json_text(&arena, lv_str_of(cases[i].text), &type, &err) !=
            cases[i].status)
            fail_msg("%s: [%s] %s", cases[i].text, lv_status_class(err.status), err.message);
        assert_null(type);
    }
}

/* ---- writing --------------------------------------------------------------------------------- */

static void check_written(const lv_type *type, const void *value, const char *expected)
{
    lv_builder b;
    lv_vector v;
    lv_sbuf text = LV_SBUF_INIT;
    lv_json_write_options options = {.times = {.zone = lv_timezone_utc()}};
    lv_builder_init(&b, &arena, type, 1);
    lv_builder_value(&b, value);
    lv_builder_finish(&b, &v);
    lv_json_write_value(&text, &v, 0, &options);
    assert_str(lv_sbuf_str(&text), expected);
    lv_sbuf_release(&text);
}

#define CHECK(kind, ctype, value, expected)                                                        \
    do {                                                                                           \
        ctype value_ = (value);                                                                    \
        check_written(lv_type_of(LV_TYPE_##kind), &value_, expected);                              \
    } while (0)

static void test_write_scalars(void **state)
{
    CHECK(BOOLEAN, bool, true, "true");
    CHECK(TINYINT, int8_t, -128, "-128");
    CHECK(SMALLINT, int16_t, -32768, "-32768");
    CHECK(INT, int32_t, INT32_MIN, "-2147483648");
    CHECK(BIGINT, int64_t, INT64_MIN, "-9223372036854775808");
    CHECK(FLOAT, float, 0.1f, "0.1");
    CHECK(DOUBLE, double, 1e7, "1.0E7");
    CHECK(DOUBLE, double, -0.0, "-0.0");
    CHECK(DOUBLE, double, NAN, "\"NaN\"");
    CHECK(FLOAT, float, -INFINITY, "\"-Infinity\"");
    CHECK(STRING, lv_str, LV_STR("a\"\\/\n\x01\xC3\xA9"), "\"a\\\"\\\\/\\n\\u0001\xC3\xA9\"");
    CHECK(BINARY, lv_str, LV_STR("abcd"), "\"YWJjZA==\"");
    CHECK(BINARY, lv_str, LV_STR(""), "\"\"");
    CHECK(DATE, int32_t, 19782, "\"2024-02-29\"");
    CHECK(TIMESTAMP, int64_t, 1709208000123456, "\"2024-02-29T12:00:00.123Z\"");
    CHECK(TIMESTAMP_NTZ, int64_t, 1709208000000000, "\"2024-02-29T12:00:00.000\"");
}

/* As java.math.BigDecimal.toString prints it. */
static void test_write_decimals(void **state)
{
    static const struct {
        int64_t value;
        int scale;
        const char *text;
    } cases[] = {{0, 0, "0"},          {0, 6, "0.000000"},    {0, 7, "0E-7"},
                 {0, 18, "0E-18"},     {1, 6, "0.000001"},    {-1, 7, "-1E-7"},
                 {12, 8, "1.2E-7"},    {-123, 9, "-1.23E-7"}, {-123, 8, "-0.00000123"},
                 {12345, 2, "123.45"}, {-5, 1, "-0.5"},       {100, 0, "100"}};
    for (size_t i = 0; i < LV_COUNT_OF(cases); i++)
        check_written(lv_type_decimal(&arena, 38, cases[i].scale), &(__int128){cases[i].value},
                      cases[i].text);
    check_written(lv_type_decimal(&arena, 38, 38), &(__int128){lv_decimal_power(38) - 1},
                  "0.99999999999999999999999999999999999999");
}

static void test_write_nested(void **state)
{
    const lv_type *type;
    lv_error err = LV_ERROR_INIT;
    assert_ok(
        &err,
        lv_type_from_json_text(
            &arena,
            LV_STR("{\"type\":\"struct\",\"fields\":[{\"name\":\"a\",\"type\":\"long\"},"
                   "{\"name\":\"l\",\"type\":{\"type\":\"array\",\"elementType\":\"string\"}},"
                   "{\"name\":\"m\",\"type\":{\"type\":\"map\",\"keyType\":\"integer\","
                   "\"valueType\":\"boolean\"}}]}"),
            &type, &err));
    lv_builder b;
    lv_vector v;
    lv_builder_init(&b, &arena, type, 2);
    lv_builder_null(&b.children[0]);
    lv_builder_str(&b.children[1].children[0], LV_STR("x"));
    lv_builder_null(&b.children[1].children[0]);
    lv_builder_end_list(&b.children[1]);
    lv_builder_i32(&b.children[2].children[0], 7);
    lv_builder_bool(&b.children[2].children[1], false);
    lv_builder_i32(&b.children[2].children[0], -8);
    lv_builder_null(&b.children[2].children[1]);
    lv_builder_end_list(&b.children[2]);
    lv_builder_end_struct(&b);
    lv_builder_null(&b);
    lv_builder_finish(&b, &v);
    lv_json_write_options options = {.times = {.zone = lv_timezone_utc()}};
    lv_sbuf text = LV_SBUF_INIT;
    lv_json_write_value(&text, &v, 0, &options);
    assert_str(lv_sbuf_str(&text), "{\"l\":[\"x\",null],\"m\":{\"7\":false,\"-8\":null}}");
    lv_sbuf_clear(&text);
    options.keep_nulls = true;
    lv_json_write_value(&text, &v, 0, &options);
    assert_str(lv_sbuf_str(&text),
               "{\"a\":null,\"l\":[\"x\",null],\"m\":{\"7\":false,\"-8\":null}}");
    lv_sbuf_clear(&text);
    lv_json_write_value(&text, &v, 1, &options);
    assert_str(lv_sbuf_str(&text), "null");
    lv_sbuf_release(&text);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {TEST(test_values),
                                       TEST(test_members),
                                       TEST(test_strings),
                                       TEST(test_errors),
                                       TEST(test_depth),
                                       TEST(test_truncated),
                                       TEST(test_schema_round_trip),
                                       TEST(test_schema_errors),
                                       TEST(test_write_scalars),
                                       TEST(test_write_decimals),
                                       TEST(test_write_nested)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
