/* test_json_extract.c: get_json_object against the answers of Spark 4.2 (record_get_json_object.py), and the other
 * parts of JSON texts. */
#include <stdio.h>

#include "unit.h"
#include "json/extract.h"
#include "json/json.h"

static void check_line(lv_str line, int64_t *wrong)
{
    lv_error err = LV_ERROR_INIT;
    lv_arena arena;
    lv_arena_init(&arena);
    lv_json *root;
    lv_json_path path;
    assert_ok(&err, lv_json_parse(&arena, line, &root, &err));
    lv_str text = root->items[0].str, answer = LV_STR_NONE, expected = LV_STR_NONE;
    if (root->items[2].kind == LV_JSON_STRING)
        expected = root->items[2].str;
    bool found = lv_json_path_parse(&arena, root->items[1].str, false, &path) &&
                 lv_json_extract_path(lv_json_extractor_make(&arena), text, &path, &answer);
    if (found != (expected.ptr != NULL) || !lv_str_eq(answer, expected)) {
        print_error("%.*s at %.*s is %.*s, not %.*s\n", LV_STR_ARG(text),
                    LV_STR_ARG(root->items[1].str), LV_STR_ARG(answer), LV_STR_ARG(expected));
        ++*wrong;
    }
    lv_arena_release(&arena);
}

static void test_answers_of_spark(void **state)
{
    FILE *f = fopen("tests/unit/json/spark_get_json_object.jsonl", "r");
    assert_non_null(f);
    char line[4096];
    int64_t lines = 0, wrong = 0;
    for (; fgets(line, sizeof line, f) != NULL; lines++)
        check_line(lv_str_of(line), &wrong);
    fclose(f);
    assert_true(lines > 3000);
    assert_int_equal(wrong, 0);
}

static void test_names_in_any_case(void **state)
{
    lv_arena arena;
    lv_arena_init(&arena);
    lv_json_path path;
    lv_str out;
    lv_json_extractor *x = lv_json_extractor_make(&arena);
    lv_str text = LV_STR("{\"A\":{\"b\":1}}");
    assert_true(lv_json_path_parse(&arena, LV_STR("$.a.B"), true, &path));
    assert_true(lv_json_extract_path(x, text, &path, &out));
    assert_true(lv_str_is(out, "1"));
    assert_true(lv_json_path_parse(&arena, LV_STR("$['a']"), true, &path));
    assert_false(lv_json_extract_path(x, text, &path, &out));
    lv_arena_release(&arena);
}

/* json_tuple: the last of equal names that is not null; numbers as they would be printed. */
static void test_members(void **state)
{
    static const lv_str names[] = {LV_STR("a"), LV_STR("b"), LV_STR("c"), LV_STR("a")};
    lv_arena arena;
    lv_arena_init(&arena);
    lv_str out[4];
    lv_json_extractor *x = lv_json_extractor_make(&arena);
    assert_true(lv_json_extract_members(
        x, LV_STR("{\"a\":1,\"b\":{\"k\": [1.10]},\"a\":\"x\",\"a\":null} y"), names, 4, out));
    assert_true(lv_str_is(out[0], "x"));
    assert_true(lv_str_is(out[1], "{\"k\":[1.1]}"));
    assert_null(out[2].ptr);
    assert_true(lv_str_is(out[3], "x"));
    assert_false(lv_json_extract_members(x, LV_STR("{\"a\":1,"), names, 4, out));
    assert_false(lv_json_extract_members(x, LV_STR("[1]"), names, 4, out));
    lv_arena_release(&arena);
}

/* Depth is bounded, however deep the text. */
static void test_deep(void **state)
{
    enum { DEPTH = 200000 };
    lv_arena arena;
    lv_arena_init(&arena);
    char *text = lv_arena_alloc(&arena, DEPTH);
    lv_json_path path;
    lv_str out;
    memset(text, '[', DEPTH);
    lv_json_extractor *x = lv_json_extractor_make(&arena);
    assert_true(lv_json_path_parse(&arena, LV_STR("$[*][*]"), false, &path));
    assert_false(lv_json_extract_path(x, (lv_str){text, DEPTH}, &path, &out));
    lv_arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_answers_of_spark),
                                       cmocka_unit_test(test_names_in_any_case),
                                       cmocka_unit_test(test_members), cmocka_unit_test(test_deep)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
