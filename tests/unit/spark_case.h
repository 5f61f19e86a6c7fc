/* spark_case.h: files of answers of Spark, a case a line: schema, options, session time zone and rows of [text,
 * what Spark's to_json makes of the decoded value]; texts that are no UTF-8 are {"hex": ...}. Top-level dates
 * and timestamps are shown as numbers of days and microseconds, so that every value is exact.
 * tests/lib/spark_answers.py writes them. */
#ifndef LV_TESTS_SPARK_CASE_H
#define LV_TESTS_SPARK_CASE_H

#include <stdlib.h>

#include "unit.h"
#include "json/json.h"

/* Times without date in the answers were taken on 2026-11-24; here it is 15:00 UTC. */
#define SPARK_CASE_NOW_US 1795532400000000

/* The case under test. */
typedef struct spark_case {
    lv_arena arena;
    lv_str name;
    const lv_type *schema;
    const lv_timezone *zone;
    const lv_json *options; /* names and texts */
    int64_t count;
    lv_str *payloads; /* ptr NULL: null */
    lv_str *expected;
} spark_case;

/* A payload between bytes that would be taken for its continuation if somebody read on. */
static inline lv_str spark_case_place(lv_arena *arena, lv_str s)
{
    static const char more[LV_JSON_PADDING + 1] =
        "515Z\",\"a\":1,\"z\":1}0123456789 012345678901234567890123456789\"}]}]}";
    char *p = lv_arena_alloc(arena, s.len + LV_JSON_PADDING);
    memcpy(p, s.ptr, s.len);
    memcpy(p + s.len, more, LV_JSON_PADDING);
    return (lv_str){p, s.len};
}

static inline lv_str spark_case_unhex(lv_arena *arena, lv_str hex)
{
    char *p = lv_arena_alloc(arena, hex.len / 2);
    for (size_t i = 0; i < hex.len / 2; i++) {
        char two[3] = {hex.ptr[i * 2], hex.ptr[i * 2 + 1], '\0'};
        p[i] = (char)strtol(two, NULL, 16);
    }
    return (lv_str){p, hex.len / 2};
}

static inline void spark_case_load(spark_case *c, lv_str line)
{
    lv_error err = LV_ERROR_INIT;
    lv_json *root;
    lv_timezone *zone;
    *c = (spark_case){0};
    lv_arena_init(&c->arena);
    assert_ok(&err, lv_json_parse(&c->arena, line, &root, &err));
    c->name = lv_json_get_str(root, "case");
    assert_ok(&err, lv_type_from_json(&c->arena, lv_json_get(root, "schema"), &c->schema, &err));
    assert_ok(&err, lv_timezone_load(&c->arena, lv_json_get_str(root, "zone"), &zone, &err));
    c->zone = zone;
    c->options = lv_json_get(root, "options");
    const lv_json *rows = lv_json_get(root, "rows");
    c->count = rows->count;
    c->payloads = LV_NEW_ARRAY(&c->arena, lv_str, rows->count);
    c->expected = LV_NEW_ARRAY(&c->arena, lv_str, rows->count);
    for (int i = 0; i < rows->count; i++) {
        const lv_json *payload = &rows->items[i].items[0];
        c->expected[i] = rows->items[i].items[1].str;
        if (payload->kind == LV_JSON_OBJECT)
            c->payloads[i] = spark_case_place(
                &c->arena, spark_case_unhex(&c->arena, lv_json_get_str(payload, "hex")));
        else if (payload->kind == LV_JSON_STRING)
            c->payloads[i] = spark_case_place(&c->arena, payload->str);
    }
}

/* Payloads from..from+count as a vector. */
static inline void spark_case_vector(const spark_case *c, lv_arena *arena, int64_t from,
                                     int64_t count, lv_vector *payloads)
{
    lv_vector_init_flat(payloads, arena, lv_type_of(LV_TYPE_STRING), count);
    for (int64_t i = 0; i < count; i++) {
        ((lv_str *)payloads->data)[i] = c->payloads[from + i];
        if (c->payloads[from + i].ptr == NULL) {
            payloads->validity =
                payloads->validity ? payloads->validity : lv_validity_new(arena, count, true);
            lv_bit_clear(payloads->validity, i);
        }
    }
}

/* Shows dates and timestamps at the top as numbers. */
static inline void spark_case_as_numbers(lv_vector *rows)
{
    for (int i = 0; i < rows->child_count && rows->type->kind == LV_TYPE_STRUCT; i++) {
        lv_type_kind kind = rows->children[i].type->kind;
        if (kind == LV_TYPE_DATE)
            rows->children[i].type = lv_type_of(LV_TYPE_INT);
        if (kind == LV_TYPE_TIMESTAMP || kind == LV_TYPE_TIMESTAMP_NTZ)
            rows->children[i].type = lv_type_of(LV_TYPE_BIGINT);
    }
}

/* How many rows are not as expected; prints them. */
static inline int64_t spark_case_check(const spark_case *c, lv_vector *rows, int64_t from,
                                       const char *way)
{
    lv_json_write_options options = {.times = {.zone = c->zone}, .keep_nulls = true};
    lv_sbuf text = LV_SBUF_INIT;
    int64_t wrong = 0;
    assert_true(lv_vector_check(rows));
    spark_case_as_numbers(rows);
    for (int64_t i = 0; i < rows->length; i++) {
        lv_sbuf_clear(&text);
        lv_json_write_value(&text, rows, i, &options);
        if (lv_str_eq(lv_sbuf_str(&text), c->expected[from + i]))
            continue;
        wrong++;
        print_error("%.*s, %s: %.*s\n  gives %.*s\n  Spark %.*s\n", LV_STR_ARG(c->name), way,
                    LV_STR_ARG(c->payloads[from + i]), LV_STR_ARG(lv_sbuf_str(&text)),
                    LV_STR_ARG(c->expected[from + i]));
    }
    lv_sbuf_release(&text);
    return wrong;
}

/* Every case of a file; each of them by `check`, which returns how many rows are wrong. */
static inline void spark_case_all(const char *path, int least_cases,
                                  int64_t (*check)(spark_case *c))
{
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    lv_sbuf line = LV_SBUF_INIT;
    int64_t rows = 0, wrong = 0, cases = 0;
    char part[65536];
    while (fgets(part, sizeof part, f) != NULL) {
        lv_sbuf_add_cstr(&line, part);
        if (line.len < 3 || memcmp(line.ptr + line.len - 3, "]}\n", 3) != 0)
            continue;
        spark_case c;
        spark_case_load(&c, lv_sbuf_str(&line));
        wrong += check(&c);
        rows += c.count;
        cases++;
        lv_arena_release(&c.arena);
        lv_sbuf_clear(&line);
    }
    fclose(f);
    lv_sbuf_release(&line);
    print_message("%lld rows in %lld cases\n", (long long)rows, (long long)cases);
    assert_true(cases >= least_cases);
    assert_int_equal(wrong, 0);
}

#endif
