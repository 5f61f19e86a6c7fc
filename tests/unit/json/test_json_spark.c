/* test_json_spark.c: from_json against the answers of Spark 4.2.
 *
 * spark_from_json.jsonl has a case a line: schema, options, session time zone and rows of [payload,
 * what Spark's to_json makes of the decoded value]; payloads that are no UTF-8 are {"hex": ...}.
 * Top-level dates and timestamps are shown as numbers of days and microseconds, so that every value is
 * exact. Each case is decoded in all the ways there are: fast and exact, with and without bytes behind
 * the payloads that may be read, and each row alone. */
#include <stdlib.h>

#include "os/os.h"
#include "unit.h"
#include "json/decode_int.h"

/* The case under test. */
typedef struct spark_case {
    lv_arena arena;
    lv_str name;
    const lv_type *schema;
    lv_json_options options;
    int64_t count;
    lv_str *payloads; /* ptr NULL: null */
    lv_str *expected;
} spark_case;

static int never(lv_json_decoder *d, lv_arena *arena, const lv_str *payloads, int from, int to,
                 bool *bad)
{
    return from;
}

/* A payload between bytes that would be taken for its continuation if somebody read on. */
static lv_str place(lv_arena *arena, lv_str s)
{
    static const char more[LV_JSON_PADDING + 1] =
        "515Z\",\"a\":1,\"z\":1}0123456789 012345678901234567890123456789\"}]}]}";
    char *p = lv_arena_alloc(arena, s.len + LV_JSON_PADDING);
    memcpy(p, s.ptr, s.len);
    memcpy(p + s.len, more, LV_JSON_PADDING);
    return (lv_str){p, s.len};
}

static lv_str unhex(lv_arena *arena, lv_str hex)
{
    char *p = lv_arena_alloc(arena, hex.len / 2);
    for (size_t i = 0; i < hex.len / 2; i++) {
        char two[3] = {hex.ptr[i * 2], hex.ptr[i * 2 + 1], '\0'};
        p[i] = (char)strtol(two, NULL, 16);
    }
    return (lv_str){p, hex.len / 2};
}

static void load(spark_case *c, const char *line, size_t len)
{
    lv_error err = LV_ERROR_INIT;
    lv_json *root;
    lv_timezone *zone;
    *c = (spark_case){0};
    lv_arena_init(&c->arena);
    assert_ok(&err, lv_json_parse(&c->arena, (lv_str){line, len}, &root, &err));
    c->name = lv_json_get_str(root, "case");
    assert_ok(&err, lv_type_from_json(&c->arena, lv_json_get(root, "schema"), &c->schema, &err));
    assert_ok(&err, lv_timezone_load(&c->arena, lv_json_get_str(root, "zone"), &zone, &err));
    c->options.zone = zone;
    c->options.now_us =
        1795532400000000; /* the answers were taken on 2026-11-24; here it is 15:00 UTC */
    const lv_json *options = lv_json_get(root, "options"), *rows = lv_json_get(root, "rows");
    for (int i = 0; i < options->count; i++)
        assert_ok(&err, lv_json_options_set(&c->arena, &c->options, options->keys[i],
                                            options->items[i].str, &err));
    c->count = rows->count;
    c->payloads = LV_NEW_ARRAY(&c->arena, lv_str, rows->count);
    c->expected = LV_NEW_ARRAY(&c->arena, lv_str, rows->count);
    for (int i = 0; i < rows->count; i++) {
        const lv_json *payload = &rows->items[i].items[0];
        c->expected[i] = rows->items[i].items[1].str;
        if (payload->kind == LV_JSON_OBJECT)
            c->payloads[i] = place(&c->arena, unhex(&c->arena, lv_json_get_str(payload, "hex")));
        else if (payload->kind == LV_JSON_STRING)
            c->payloads[i] = place(&c->arena, payload->str);
    }
}

/* Shows dates and timestamps at the top as numbers. */
static void as_numbers(lv_vector *rows)
{
    for (int i = 0; i < rows->child_count && rows->type->kind == LV_TYPE_STRUCT; i++) {
        lv_type_kind kind = rows->children[i].type->kind;
        if (kind == LV_TYPE_DATE)
            rows->children[i].type = lv_type_of(LV_TYPE_INT);
        if (kind == LV_TYPE_TIMESTAMP || kind == LV_TYPE_TIMESTAMP_NTZ)
            rows->children[i].type = lv_type_of(LV_TYPE_BIGINT);
    }
}

static int64_t check_rows(const spark_case *c, const lv_vector *rows, int64_t from, const char *way)
{
    lv_json_write_options options = {.zone = c->options.zone, .keep_nulls = true};
    lv_sbuf text = LV_SBUF_INIT;
    int64_t wrong = 0;
    for (int64_t i = 0; i < rows->length; i++) {
        lv_sbuf_clear(&text);
        lv_json_write_value(&text, rows, i, &options);
        if (lv_str_eq(lv_sbuf_str(&text), c->expected[from + i]))
            continue;
        wrong++;
        lv_str payload = c->payloads[from + i];
        print_error("%.*s, %s: %.*s\n  gives %.*s\n  Spark %.*s\n", LV_STR_ARG(c->name), way,
                    LV_STR_ARG(payload), LV_STR_ARG(lv_sbuf_str(&text)),
                    LV_STR_ARG(c->expected[from + i]));
    }
    lv_sbuf_release(&text);
    return wrong;
}

/* Decodes rows from..from+count with a decoder of its own. */
static int64_t decode(spark_case *c, int64_t from, int64_t count, bool padded, const char *way,
                      lv_row_function *row)
{
    lv_error err = LV_ERROR_INIT;
    lv_json_decoder *decoder;
    lv_arena arena;
    lv_arena_init(&arena);
    c->options.padded = padded;
    assert_ok(&err, lv_json_decoder_new(c->schema, NULL, &c->options, &decoder, &err));
    decoder->decode_rows = row;
    decoder->make_doubles = row == lv_decode_row_avx2 ? lv_make_doubles_avx2 : lv_make_doubles_sse;
    lv_vector payloads, rows;
    lv_vector_init_flat(&payloads, &arena, lv_type_of(LV_TYPE_STRING), count);
    for (int64_t i = 0; i < count; i++) {
        ((lv_str *)payloads.data)[i] = c->payloads[from + i];
        if (c->payloads[from + i].ptr == NULL) {
            payloads.validity =
                payloads.validity ? payloads.validity : lv_validity_new(&arena, count, true);
            lv_bit_clear(payloads.validity, i);
        }
    }
    assert_ok(&err, lv_json_decode(decoder, &arena, &payloads, &rows, &err));
    assert_true(lv_vector_check(&rows));
    as_numbers(&rows);
    int64_t wrong = check_rows(c, &rows, from, way);
    lv_json_decoder_free(decoder);
    lv_arena_release(&arena);
    return wrong;
}

static int64_t check_case(spark_case *c)
{
    int64_t wrong = decode(c, 0, c->count, false, "exact", never);
    if (wrong > 0)
        return wrong; /* the others would only say the same again */
    wrong += decode(c, 0, c->count, false, "fast", lv_decode_row_sse);
    wrong += decode(c, 0, c->count, true, "fast, padded", lv_decode_row_sse);
    if (lv_cpu_has_avx2()) {
        wrong += decode(c, 0, c->count, false, "AVX2", lv_decode_row_avx2);
        wrong += decode(c, 0, c->count, true, "AVX2, padded", lv_decode_row_avx2);
    }
    for (int64_t i = 0; i < c->count; i++)
        wrong += decode(c, i, 1, i % 2 != 0, "fast, alone", lv_decode_row_sse);
    return wrong;
}

static void test_answers_of_spark(void **state)
{
    FILE *f = fopen("tests/unit/json/spark_from_json.jsonl", "r");
    assert_non_null(f);
    lv_sbuf line = LV_SBUF_INIT;
    int64_t rows = 0, wrong = 0, cases = 0;
    char part[65536];
    while (fgets(part, sizeof part, f) != NULL) {
        lv_sbuf_add_cstr(&line, part);
        if (line.len < 3 || memcmp(line.ptr + line.len - 3, "]}\n", 3) != 0)
            continue;
        spark_case c;
        load(&c, line.ptr, line.len);
        wrong += check_case(&c);
        rows += c.count;
        cases++;
        lv_arena_release(&c.arena);
        lv_sbuf_clear(&line);
    }
    fclose(f);
    lv_sbuf_release(&line);
    print_message("%lld rows in %lld cases\n", (long long)rows, (long long)cases);
    assert_true(cases > 100);
    assert_int_equal(wrong, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_answers_of_spark)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
