/* test_arrow.c: what goes out through Arrow's C data interface comes in again as it was. */
#include "unit.h"

#include "arrow/arrow.h"
#include "parquet/parquet_random.h"

typedef struct arrow_case {
    lv_arena arena;
    random_source random;
    const lv_type *schema;
    lv_batch batch;
    struct ArrowSchema arrow_schema;
} arrow_case;

static void begin(arrow_case *c, uint64_t seed, int64_t rows)
{
    *c = (arrow_case){.random = {.state = seed * 0x9E3779B97F4A7C15u + 1, .dict = lv_dict_new()}};
    lv_arena_init(&c->arena);
    c->schema = random_schema(&c->random, &c->arena);
    random_batch(&c->random, &c->arena, c->schema, rows, &c->batch);
    lv_arrow_export_schema(c->schema, LV_STR("Europe/Lisbon"), &c->arrow_schema);
}

static void end(arrow_case *c)
{
    c->arrow_schema.release(&c->arrow_schema);
    lv_dict_free(c->random.dict);
    lv_arena_release(&c->arena);
}

static void check_rows(arrow_case *c, const struct ArrowArray *array, int64_t from, int64_t count,
                       int64_t first)
{
    lv_error err = LV_ERROR_INIT;
    const lv_type *type;
    lv_vector back;
    assert_ok(&err, lv_arrow_import_type(&c->arena, &c->arrow_schema, &type, &err));
    assert_ok(&err, lv_arrow_check(&c->arrow_schema, array, &err));
    assert_ok(&err,
              lv_arrow_import(&c->arena, &c->arrow_schema, array, type, from, count, &back, &err));
    assert_int_equal(back.child_count, c->schema->field_count);
    for (int f = 0; f < back.child_count; f++) {
        assert_true(lv_type_equal(back.children[f].type, c->schema->fields[f].type));
        assert_true(lv_vector_check(&back.children[f]));
        for (int64_t i = 0; i < count; i++)
            if (!rows_equal(&c->batch.columns[f], first + from + i, &back.children[f], i))
                fail_msg("column %d, row %lld", f, (long long)i);
    }
}

static void rows_come_back(void **state)
{
    for (uint64_t seed = 0; seed < 150; seed++) {
        arrow_case c;
        lv_error err = LV_ERROR_INIT;
        begin(&c, seed, (int64_t)seed * 2);
        int64_t from = random_below(&c.random, c.batch.length + 1);
        int64_t count = random_below(&c.random, c.batch.length - from + 1), wanted = count;
        struct ArrowArray array;
        assert_ok(&err, lv_arrow_export_rows(&c.batch, from, &count, &array, &err));
        assert_int_equal(count, wanted);
        assert_int_equal(array.length, count);
        int64_t part = random_below(&c.random, count + 1);
        check_rows(&c, &array, part, count - part, from);
        array.release(&array);
        assert_null(array.release);
        end(&c);
    }
}

/* A consumer may take a child out of the array, release the rest, and go on reading the child. */
static void children_can_be_moved(void **state)
{
    lv_arena arena;
    lv_arena_init(&arena);
    lv_error err = LV_ERROR_INIT;
    const lv_field field = {LV_STR("s"), lv_type_of(LV_TYPE_STRING), true, LV_STR_NONE};
    lv_str values[3] = {LV_STR("a"), LV_STR(""), LV_STR("ccc")};
    lv_vector column = {.type = field.type, .length = 3, .data = values};
    lv_batch batch = {lv_type_struct(&arena, &field, 1), 3, &column};
    struct ArrowSchema schema;
    struct ArrowArray array;
    int64_t count = 3;
    lv_arrow_export_schema(batch.schema, LV_STR("UTC"), &schema);
    assert_ok(&err, lv_arrow_export_rows(&batch, 0, &count, &array, &err));
    struct ArrowArray moved = *array.children[0];
    struct ArrowSchema moved_schema = *schema.children[0];
    array.children[0]->release = NULL;
    schema.children[0]->release = NULL;
    array.release(&array);
    schema.release(&schema);
    assert_string_equal(moved_schema.format, "u");
    assert_string_equal(moved_schema.name, "s");
    assert_int_equal(moved.length, 3);
    assert_memory_equal(moved.buffers[2], "accc", 4);
    moved.release(&moved);
    moved_schema.release(&moved_schema);
    lv_arena_release(&arena);
}

static void import_of(const char *format, lv_status expected)
{
    lv_arena arena;
    lv_arena_init(&arena);
    lv_error err = LV_ERROR_INIT;
    const struct ArrowSchema schema = {.format = format, .name = "x"};
    const lv_type *type;
    lv_status status = lv_arrow_import_type(&arena, &schema, &type, &err);
    if (status != expected)
        fail_msg("format %s: %s", format, err.message);
    lv_arena_release(&arena);
}

static void formats_without_counterpart_are_refused(void **state)
{
    static const char *const refused[] = {
        "",   "x",    "ttu",  "+ud:0,1", "+r", "d:39,0", "d:9", "d:9,10", "d:9,2,7",
        "w:", "w:-1", "+w:x", "+l",      "+m", "tsx:",   "ts",  "+vl",    "w:99999999999999999999"};
    static const char *const taken[] = {"n", "tsn:UTC", "d:9,2,32", "w:0", "vu", "tdm", "L"};
    for (size_t i = 0; i < LV_COUNT_OF(refused); i++)
        import_of(refused[i], LV_UNSUPPORTED_ARROWTYPE);
    for (size_t i = 0; i < LV_COUNT_OF(taken); i++)
        import_of(taken[i], LV_OK);
}

static void malformed_arrays_are_refused(void **state)
{
    lv_error err = LV_ERROR_INIT;
    const struct ArrowSchema text = {.format = "u", .name = "x"};
    const int32_t falling[] = {0, 5, 3};
    const void *buffers[3] = {NULL, falling, "abcde"};
    struct ArrowArray array = {.length = 2, .n_buffers = 3, .buffers = buffers};
    assert_int_equal(lv_arrow_check(&text, &array, &err), LV_CORRUPT);
    array.length = 1;
    assert_ok(&err, lv_arrow_check(&text, &array, NULL));
    array.length = -1;
    assert_int_equal(lv_arrow_check(&text, &array, NULL), LV_CORRUPT);
    array.length = 1;
    array.n_buffers = 2;
    assert_int_equal(lv_arrow_check(&text, &array, NULL), LV_CORRUPT);
    array.n_buffers = 3;
    array.null_count = 1;
    assert_int_equal(lv_arrow_check(&text, &array, NULL), LV_CORRUPT);
    array.null_count = 0;
    array.n_children = 1;
    assert_int_equal(lv_arrow_check(&text, &array, NULL), LV_CORRUPT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_come_back),
        cmocka_unit_test(children_can_be_moved),
        cmocka_unit_test(formats_without_counterpart_are_refused),
        cmocka_unit_test(malformed_arrays_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
