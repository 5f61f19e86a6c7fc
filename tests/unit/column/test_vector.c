/* test_vector.c: types, vectors, builders and dictionaries. */
#include "unit.h"

#include "column/vector.h"

static lv_arena arena;

static int setup(void **state)
{
    lv_arena_init(&arena);
    return 0;
}

static int teardown(void **state)
{
    lv_arena_release(&arena);
    return 0;
}

/* STRUCT<id: INT, tags: ARRAY<STRING>, m: MAP<STRING, DOUBLE>> */
static const lv_type *sample_type(void)
{
    lv_field fields[3] = {
        {LV_STR("id"), lv_type_of(LV_TYPE_INT), false, LV_STR_NONE},
        {LV_STR("tags"), lv_type_array(&arena, lv_type_of(LV_TYPE_STRING), true), true,
         LV_STR_NONE},
        {LV_STR("a-b"),
         lv_type_map(&arena, lv_type_of(LV_TYPE_STRING), lv_type_decimal(&arena, 10, 2), false),
         true, LV_STR("{\"x\":1}")}};
    return lv_type_struct(&arena, fields, 3);
}

static void types_print_as_spark_does(void **state)
{
    const lv_type *type = lv_type_copy(&arena, sample_type());
    assert_true(lv_type_equal(type, sample_type()));
    lv_sbuf out = LV_SBUF_INIT;
    lv_type_print_sql(type, &out);
    assert_str(lv_sbuf_str(&out),
               "STRUCT<id: INT NOT NULL, tags: ARRAY<STRING>, `a-b`: MAP<STRING, DECIMAL(10,2)>>");
    lv_sbuf_clear(&out);
    lv_type_print_simple(type, &out);
    assert_str(lv_sbuf_str(&out),
               "struct<id:int,tags:array<string>,a-b:map<string,decimal(10,2)>>");
    lv_sbuf_clear(&out);
    lv_type_print_json(type, &out);
    assert_str(lv_sbuf_str(&out),
               "{\"type\":\"struct\",\"fields\":[{\"name\":\"id\",\"type\":\"integer\","
               "\"nullable\":false,\"metadata\":{}},"
               "{\"name\":\"tags\",\"type\":{\"type\":\"array\",\"elementType\":\"string\","
               "\"containsNull\":true},\"nullable\":true,"
               "\"metadata\":{}},{\"name\":\"a-b\",\"type\":{\"type\":\"map\",\"keyType\":"
               "\"string\",\"valueType\":\"decimal(10,2)\","
               "\"valueContainsNull\":false},\"nullable\":true,\"metadata\":{\"x\":1}}]}");
    lv_sbuf_release(&out);
    assert_int_equal(lv_type_field(type, LV_STR("TAGS")), 1);
    assert_int_equal(lv_type_field(type, LV_STR("no")), -1);
}

/* Rows: {i, tags of i%3 strings or null, null map} with every fifth row null. */
static void build_sample(lv_vector *v, int64_t rows)
{
    lv_builder b;
    lv_builder_init(&b, &arena, sample_type(), 1);
    for (int64_t i = 0; i < rows; i++) {
        if (i % 5 == 4) {
            lv_builder_null(&b);
            continue;
        }
        lv_builder_i32(&b.children[0], (int32_t)i);
        if (i % 7 == 3) {
            lv_builder_null(&b.children[1]);
        } else {
            for (int64_t k = 0; k < i % 3; k++)
                lv_builder_str_copy(&b.children[1].children[0],
                                    lv_str_of(lv_arena_printf(&arena, "t%d", (int)(i + k))));
            lv_builder_end_list(&b.children[1]);
        }
        lv_builder_null(&b.children[2]);
        lv_builder_end_struct(&b);
    }
    lv_builder_finish(&b, v);
    lv_vector_check(v);
}

/* The row as text, by a way of its own. */
static lv_str row_text(const lv_vector *v, int64_t i)
{
    if (i < 0 || lv_vector_is_null(v, i))
        return LV_STR("-");
    int64_t r = lv_vector_index(v, i);
    const lv_vector *tags = &v->children[1];
    char *text = lv_arena_printf(&arena, "%d%s", LV_AT(int32_t, &v->children[0], r),
                                 lv_vector_is_null(tags, r) ? "null" : "");
    for (int32_t e = tags->offsets[r]; e < tags->offsets[r + 1] && !lv_vector_is_null(tags, r); e++)
        text = lv_arena_printf(&arena, "%s|%.*s", text,
                               LV_STR_ARG(lv_vector_str(&tags->children[0], e)));
    return lv_str_of(text);
}

static void take_moves_nested_rows(void **state)
{
    static const int64_t sizes[] = {1, 2, 63, 64, 65, 300};
    for (size_t s = 0; s < LV_COUNT_OF(sizes); s++) {
        lv_vector v, taken, slice;
        build_sample(&v, sizes[s]);
        int32_t rows[500];
        for (int i = 0; i < 500; i++)
            rows[i] = i % 11 == 0 ? -1 : (int32_t)((i * 31) % sizes[s]);
        lv_vector_take(&arena, &v, rows, 500, &taken);
        lv_vector_check(&taken);
        for (int i = 0; i < 500; i++)
            assert_true(lv_str_eq(row_text(&taken, i), row_text(&v, rows[i])));
        lv_vector_slice(&arena, &v, sizes[s] / 2, sizes[s] - sizes[s] / 2, &slice);
        for (int64_t i = 0; i < slice.length; i++)
            assert_true(lv_str_eq(row_text(&slice, i), row_text(&v, i + sizes[s] / 2)));
    }
}

static void builder_appends_and_truncates(void **state)
{
    lv_vector v, copy;
    build_sample(&v, 100);
    lv_builder b;
    lv_builder_init(&b, &arena, v.type, 0);
    for (int64_t i = 0; i < 100; i++)
        lv_builder_append(&b, &v, i);
    lv_builder_truncate(&b, 50);
    for (int64_t i = 99; i >= 50; i--)
        lv_builder_append(&b, &v, i);
    lv_builder_finish(&b, &copy);
    lv_vector_check(&copy);
    for (int64_t i = 0; i < 100; i++)
        assert_true(lv_str_eq(row_text(&copy, i), row_text(&v, i < 50 ? i : 149 - i)));
}

static void dictionary_interns_once_and_keeps_addresses(void **state)
{
    lv_dict *dict = lv_dict_new();
    lv_str first = LV_STR_NONE;
    for (int round = 0; round < 2; round++)
        for (int i = 0; i < 5000; i++) {
            char text[16];
            int len = snprintf(text, sizeof text, "d-%d", i);
            assert_int_equal(lv_dict_intern(dict, (lv_str){text, (size_t)len}), i);
            if (i == 0 && round == 0)
                first = dict->values[0];
        }
    assert_int_equal(dict->count, 5000);
    assert_ptr_equal(first.ptr, dict->values[0].ptr);
    assert_int_equal(lv_dict_intern(dict, LV_STR("")), 5000);
    uint32_t codes[3] = {7, 0, 9};
    uint64_t validity = 5;
    lv_vector v = {.type = lv_type_of(LV_TYPE_STRING),
                   .encoding = LV_DICTIONARY,
                   .length = 3,
                   .data = codes,
                   .dict = dict,
                   .validity = &validity};
    lv_vector_check(&v);
    const lv_vector *flat = lv_vector_flatten(&arena, &v);
    assert_str(lv_vector_str(flat, 2), "d-9");
    assert_true(lv_vector_is_null(flat, 1));
    lv_dict_free(dict);
}

static void constants_repeat_and_flatten(void **state)
{
    lv_vector null, taken;
    lv_vector_init_null(&null, &arena, sample_type(), 10);
    assert_int_equal(lv_vector_null_count(&null), 10);
    const lv_vector *flat = lv_vector_flatten(&arena, &null);
    lv_vector_check(flat);
    assert_int_equal(lv_vector_null_count(flat), 10);
    int64_t seven = 7;
    lv_vector c = {
        .type = lv_type_of(LV_TYPE_BIGINT), .encoding = LV_CONSTANT, .length = 100, .data = &seven};
    int32_t rows[3] = {99, -1, 5};
    lv_vector_take(&arena, &c, rows, 3, &taken);
    assert_int_equal(LV_AT(int64_t, &taken, 0), 7);
    assert_true(lv_vector_is_null(&taken, 1));
    assert_int_equal(LV_AT(int64_t, &taken, 2), 7);
}

/* Rows picked out of a source's strings still lie in its buffer; others lie anywhere. */
static void only_what_shares_the_bytes_is_padded(void **state)
{
    lv_str strings[] = {LV_STR("a"), LV_STR("b")};
    int32_t rows[] = {1, 0, 1};
    int which[] = {0, 0, 0};
    lv_vector source = {
        .type = lv_type_of(LV_TYPE_STRING), .padded = true, .length = 2, .data = strings};
    lv_vector out;
    lv_vector_take(&arena, &source, rows, 3, &out);
    assert_true(out.padded);
    lv_vector_slice(&arena, &source, 1, 1, &out);
    assert_true(out.padded);
    lv_vector_copy(&arena, &source, &out);
    assert_false(out.padded);
    lv_vector_pick(&arena, source.type, &source, which, rows, 3, &out);
    assert_false(out.padded);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(types_print_as_spark_does, setup, teardown),
        cmocka_unit_test_setup_teardown(take_moves_nested_rows, setup, teardown),
        cmocka_unit_test_setup_teardown(builder_appends_and_truncates, setup, teardown),
        cmocka_unit_test_setup_teardown(dictionary_interns_once_and_keeps_addresses, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(constants_repeat_and_flatten, setup, teardown),
        cmocka_unit_test_setup_teardown(only_what_shares_the_bytes_is_padded, setup, teardown)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
