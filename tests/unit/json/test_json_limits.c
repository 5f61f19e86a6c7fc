/* test_json_limits.c: what is deep, long or wide gets an answer in bounded time and memory. */
#include "unit.h"
#include "json/json.h"

static lv_json_decoder *new_decoder(const lv_type *schema)
{
    lv_error err = LV_ERROR_INIT;
    lv_json_options options = {.times = {.zone = lv_timezone_utc()}};
    lv_json_decoder *decoder;
    assert_ok(&err, lv_json_decoder_new(schema, NULL, &options, &decoder, &err));
    return decoder;
}

static void decode(lv_json_decoder *decoder, lv_arena *arena, lv_str payload, lv_vector *out)
{
    lv_error err = LV_ERROR_INIT;
    lv_vector in;
    lv_vector_init_flat(&in, arena, lv_type_of(LV_TYPE_STRING), 1);
    *(lv_str *)in.data = payload;
    assert_ok(&err, lv_json_decode(decoder, arena, &in, out, &err));
}

static const lv_type *one_field(lv_arena *arena, const lv_type *type)
{
    lv_field field = {LV_STR("a"), type, true, LV_STR_NONE};
    return lv_type_struct(arena, &field, 1);
}

/* {"a":[[[...: a field of its own, and one that nobody wants. */
static void test_deep(void **state)
{
    enum { DEPTH = 1000000 };
    static const char *const begins[] = {"{\"a\":", "{\"b\":"};
    lv_arena arena;
    lv_arena_init(&arena);
    const lv_type *list = lv_type_array(&arena, lv_type_of(LV_TYPE_INT), true);
    lv_json_decoder *decoder = new_decoder(one_field(&arena, list));
    for (int i = 0; i < 2; i++) {
        char *text = lv_arena_alloc(&arena, DEPTH);
        lv_vector out;
        memset(text, '[', DEPTH);
        memcpy(text, begins[i], 5);
        decode(decoder, &arena, (lv_str){text, DEPTH}, &out);
        assert_true(lv_vector_is_null(&out.children[0], 0));
    }
    lv_json_decoder_free(decoder);
    lv_arena_release(&arena);
}

static void test_long_string(void **state)
{
    enum { LENGTH = 100 << 20 };
    lv_arena arena;
    lv_arena_init(&arena);
    lv_json_decoder *decoder = new_decoder(one_field(&arena, lv_type_of(LV_TYPE_STRING)));
    char *text = lv_arena_alloc(&arena, LENGTH);
    lv_vector out;
    memset(text, 'x', LENGTH);
    memcpy(text, "{\"a\":\"\\n", 8);
    memcpy(text + LENGTH - 2, "\"}", 2);
    decode(decoder, &arena, (lv_str){text, LENGTH}, &out);
    lv_str value = lv_vector_str(&out.children[0], 0);
    assert_int_equal(value.len, LENGTH - 9);
    assert_int_equal(value.ptr[0], '\n');
    lv_json_decoder_free(decoder);
    lv_arena_release(&arena);
}

static void test_wide(void **state)
{
    enum { COLUMNS = 10000 };
    lv_arena arena;
    lv_arena_init(&arena);
    lv_field *fields = LV_NEW_ARRAY(&arena, lv_field, COLUMNS);
    lv_sbuf text = LV_SBUF_INIT;
    for (int i = 0; i < COLUMNS; i++) {
        fields[i] = (lv_field){.name = lv_str_of(lv_arena_printf(&arena, "column_%d", i)),
                               .type = lv_type_of(LV_TYPE_BIGINT),
                               .nullable = true};
        lv_sbuf_printf(&text, "%s\"column_%d\":%d", i ? "," : "{", i, i);
    }
    lv_sbuf_add_char(&text, '}');
    lv_json_decoder *decoder = new_decoder(lv_type_struct(&arena, fields, COLUMNS));
    for (int pass = 0; pass < 20; pass++) {
        lv_vector out;
        decode(decoder, &arena, lv_sbuf_str(&text), &out);
        assert_int_equal(LV_AT(int64_t, &out.children[COLUMNS - 1], 0), COLUMNS - 1);
    }
    lv_json_decoder_free(decoder);
    lv_sbuf_release(&text);
    lv_arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_deep),
                                       cmocka_unit_test(test_long_string),
                                       cmocka_unit_test(test_wide)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
