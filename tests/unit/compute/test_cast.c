/* test_cast.c: casts against Spark's recorded answers, modes and errors, common types, encodings.
 */
#include <stdlib.h>

#include "compute/compute_fixture.h"

static const lv_type *type_named(lv_arena *arena, const char *name)
{
    int p, s;
    if (sscanf(name, "DECIMAL(%d,%d)", &p, &s) == 2)
        return lv_type_decimal(arena, p, s);
    static const struct {
        const char *name;
        lv_type_kind kind;
    } kinds[] = {
#define X(kind, sql, json, ctype, size) {sql, LV_TYPE_##kind},
#include "column/types.def"
#undef X
    };
    for (size_t i = 0; i < LV_COUNT_OF(kinds); i++)
        if (strcmp(kinds[i].name, name) == 0)
            return lv_type_of(kinds[i].kind);
    fail_msg("no type %s", name);
    return NULL;
}

/* TRY_CAST of a constant as text, NULL as NULL. */
static void expect_cast(fixture *f, const lv_vector *in, const char *to, lv_cast_mode mode,
                        const char *expected)
{
    lv_vector out;
    assert_ok(&f->err,
              lv_cast(&f->eval, in, type_named(&f->arena, to), mode, LV_STR("c"), &out, &f->err));
    const char *text = fixture_text(f, &out, 0);
    if (strcmp(text, expected ? expected : "NULL") != 0)
        fail_msg("CAST(%s AS %s) is %s, not %s", fixture_text(f, in, 0), to, text,
                 expected ? expected : "NULL");
}

static void expect_real(fixture *f, const lv_vector *in, const char *to, const char *expected)
{
    lv_vector out;
    assert_ok(&f->err, lv_cast(&f->eval, in, type_named(&f->arena, to), LV_CAST_TRY, LV_STR_NONE,
                               &out, &f->err));
    if (expected == NULL) {
        assert_true(lv_vector_is_null(&out, 0));
        return;
    }
    assert_false(lv_vector_is_null(&out, 0));
    double got = out.type->kind == LV_TYPE_FLOAT ? (double)LV_AT(float, &out, 0)
                                                 : LV_AT(double, &out, 0),
           want = strtod(expected, NULL);
    if (memcmp(&got, &want, sizeof got) != 0 && !(isnan(got) && isnan(want)))
        fail_msg("CAST(%s AS %s) is %.17g, not %s", fixture_text(f, in, 0), to, got, expected);
}

static void check_text(fixture *f, const char *in, const char *i, const char *l, const char *d,
                       const char *fl, const char *x, const char *b, const char *date,
                       const char *ts, const char *ntz, const char *wide)
{
    lv_vector v = fixture_str(f, in);
    expect_cast(f, &v, "INT", LV_CAST_TRY, i);
    expect_cast(f, &v, "BIGINT", LV_CAST_TRY, l);
    expect_real(f, &v, "DOUBLE", d);
    expect_real(f, &v, "FLOAT", fl);
    expect_cast(f, &v, "DECIMAL(6,2)", LV_CAST_TRY, x);
    expect_cast(f, &v, "BOOLEAN", LV_CAST_TRY, b);
    expect_cast(f, &v, "DATE", LV_CAST_TRY, date);
    expect_cast(f, &v, "TIMESTAMP", LV_CAST_TRY, ts);
    expect_cast(f, &v, "TIMESTAMP_NTZ", LV_CAST_TRY, ntz);
    expect_cast(f, &v, "DECIMAL(20,10)", LV_CAST_TRY, wide);
    expect_cast(f, &v, "BINARY", LV_CAST_EXPLICIT, in);
}

static void check_real(fixture *f, const char *in, const char *i, const char *l, const char *b,
                       const char *x, const char *s, const char *ts)
{
    lv_vector v;
    lv_vector_init_flat(&v, &f->arena, lv_type_of(LV_TYPE_DOUBLE), 1);
    *(double *)v.data = strtod(in, NULL);
    expect_cast(f, &v, "INT", LV_CAST_TRY, i);
    expect_cast(f, &v, "BIGINT", LV_CAST_TRY, l);
    expect_cast(f, &v, "TINYINT", LV_CAST_TRY, b);
    expect_cast(f, &v, "DECIMAL(5,2)", LV_CAST_TRY, x);
    expect_cast(f, &v, "STRING", LV_CAST_EXPLICIT, s);
    expect_cast(f, &v, "TIMESTAMP", LV_CAST_TRY, ts);
}

static void test_spark_answers(void **state)
{
    fixture f;
    fixture_init(&f, true);
#define TEXT(...) check_text(&f, __VA_ARGS__);
#define REAL(...) check_real(&f, __VA_ARGS__);
#include "compute/spark_casts.def"
#undef TEXT
#undef REAL
    lv_arena_release(&f.arena);
}

/* From the scenario ansi_off and surprise 51. */
static void test_legacy(void **state)
{
    static const struct {
        const char *from, *in, *to, *out;
    } rows[] = {{"STRING", "1.9", "INT", "1"},
                {"STRING", "x", "INT", NULL},
                {"STRING", "-.5", "INT", "0"},
                {"DOUBLE", "1e20", "INT", "2147483647"},
                {"DOUBLE", "1e20", "TINYINT", "-1"},
                {"DOUBLE", "300.7", "TINYINT", "44"},
                {"DOUBLE", "-129", "TINYINT", "127"},
                {"DOUBLE", "NaN", "BIGINT", "0"},
                {"INT", "2147483647", "TINYINT", "-1"},
                {"INT", "-2147483648", "TINYINT", "0"},
                {"DOUBLE", "300.7", "DECIMAL(4,2)", NULL},
                {"DOUBLE", "99.999", "DECIMAL(4,2)", NULL},
                {"STRING", "yes", "BOOLEAN", "true"},
                {"STRING", "x", "TIMESTAMP", NULL},
                {"BIGINT", "300", "TINYINT", "44"}};
    fixture f;
    fixture_init(&f, false);
    for (size_t i = 0; i < LV_COUNT_OF(rows); i++) {
        lv_vector v = fixture_value(&f, type_named(&f.arena, rows[i].from), rows[i].in);
        expect_cast(&f, &v, rows[i].to, LV_CAST_EXPLICIT, rows[i].out);
    }
    lv_arena_release(&f.arena);
}

static void test_errors(void **state)
{
    static const struct {
        const char *from, *in, *to;
        lv_cast_mode mode;
        lv_status status;
        const char *part;
    } rows[] = {
        {"STRING", "12x", "INT", LV_CAST_EXPLICIT, LV_CAST_INVALID_INPUT,
         "the value '12x' of the type \"STRING\" cannot be cast to \"INT\""},
        {"STRING", "2024-13-01", "DATE", LV_CAST_EXPLICIT, LV_CAST_INVALID_INPUT, "malformed"},
        {"BIGINT", "3000000000", "INT", LV_CAST_EXPLICIT, LV_CAST_OVERFLOW,
         "the value 3000000000L of the type \"BIGINT\""},
        {"DOUBLE", "1e20", "INT", LV_CAST_EXPLICIT, LV_CAST_OVERFLOW, "1.0E20D"},
        {"DECIMAL(10,2)", "12345.67", "TINYINT", LV_CAST_EXPLICIT, LV_CAST_OVERFLOW, "12345.67BD"},
        {"BIGINT", "3000000000", "INT", LV_CAST_ASSIGNMENT, LV_CAST_OVERFLOW_IN_TABLE_INSERT,
         "column or variable `c`"},
        {"DECIMAL(10,2)", "12345.67", "DECIMAL(4,2)", LV_CAST_EXPLICIT,
         LV_NUMERIC_VALUE_OUT_OF_RANGE, "Decimal(4, 2)"},
        {"DECIMAL(10,2)", "12345.67", "DECIMAL(4,2)", LV_CAST_ASSIGNMENT,
         LV_CAST_OVERFLOW_IN_TABLE_INSERT, "overflow"},
        {"DOUBLE", "NaN", "TIMESTAMP", LV_CAST_EXPLICIT, LV_CAST_INVALID_INPUT, "NaN"},
    };
    fixture f;
    fixture_init(&f, true);
    for (size_t i = 0; i < LV_COUNT_OF(rows); i++) {
        lv_vector v = fixture_value(&f, type_named(&f.arena, rows[i].from), rows[i].in), out;
        lv_error_clear(&f.err);
        assert_int_equal(lv_cast(&f.eval, &v, type_named(&f.arena, rows[i].to), rows[i].mode,
                                 LV_STR("c"), &out, &f.err),
                         rows[i].status);
        if (strstr(f.err.message, rows[i].part) == NULL)
            fail_msg("'%s' is not in: %s", rows[i].part, f.err.message);
        expect_cast(&f, &v, rows[i].to, LV_CAST_TRY, NULL);
    }
    lv_arena_release(&f.arena);
}

static void test_values(void **state)
{
    static const struct {
        const char *from, *in, *to, *out;
    } rows[] = {
        {"TIMESTAMP", "1969-12-31 23:59:59.9", "BIGINT", "-1"},
        {"TIMESTAMP", "1969-12-31 23:59:59.9", "DATE", "1969-12-31"},
        {"TIMESTAMP", "2024-01-01 10:00:00.5", "DOUBLE", "1.7041032005E9"},
        {"DATE", "2024-02-29", "TIMESTAMP", "2024-02-29 00:00:00"},
        {"DATE", "2024-02-29", "TIMESTAMP_NTZ", "2024-02-29 00:00:00"},
        {"BIGINT", "5", "DECIMAL(10,2)", "5.00"},
        {"DECIMAL(10,3)", "1.255", "DECIMAL(10,2)", "1.26"},
        {"DECIMAL(10,3)", "-1.255", "DECIMAL(10,2)", "-1.26"},
        {"DECIMAL(10,3)", "-1.999", "INT", "-1"},
        {"DOUBLE", "0.15", "DECIMAL(4,1)", "0.2"},
        {"FLOAT", "0.1", "DOUBLE", "0.10000000149011612"},
        {"BIGINT", "9007199254740993", "FLOAT", "9.0071993E15"},
        {"BOOLEAN", "true", "DECIMAL(3,1)", "1.0"},
        {"BOOLEAN", "true", "DOUBLE", "1.0"},
        {"DOUBLE", "NaN", "BOOLEAN", "true"},
        {"DECIMAL(3,1)", "0", "BOOLEAN", "false"},
        {"INT", "0", "BOOLEAN", "false"},
        {"INT", "-7", "STRING", "-7"},
        {"BIGINT", "-9223372036854775808", "STRING", "-9223372036854775808"},
    };
    fixture f;
    fixture_init(&f, true);
    for (size_t i = 0; i < LV_COUNT_OF(rows); i++) {
        lv_vector v = fixture_value(&f, type_named(&f.arena, rows[i].from), rows[i].in);
        expect_cast(&f, &v, rows[i].to, LV_CAST_EXPLICIT, rows[i].out);
    }
    lv_arena_release(&f.arena);
}

static void test_zone(void **state)
{
    fixture f;
    lv_timezone *zone;
    fixture_init(&f, true);
    assert_ok(&f.err, lv_timezone_load(&f.arena, LV_STR("America/New_York"), &zone, &f.err));
    lv_vector utc = fixture_value(&f, lv_type_of(LV_TYPE_TIMESTAMP), "2024-07-01 02:00:00Z");
    f.eval.zone = zone;
    expect_cast(&f, &utc, "DATE", LV_CAST_EXPLICIT, "2024-06-30");
    expect_cast(&f, &utc, "TIMESTAMP_NTZ", LV_CAST_EXPLICIT, "2024-06-30 22:00:00");
    expect_cast(&f, &utc, "STRING", LV_CAST_EXPLICIT, "2024-06-30 22:00:00");
    lv_vector date = fixture_value(&f, lv_type_of(LV_TYPE_DATE), "2024-07-01"), ts;
    assert_ok(&f.err, lv_cast(&f.eval, &date, lv_type_of(LV_TYPE_TIMESTAMP), LV_CAST_EXPLICIT,
                              LV_STR_NONE, &ts, &f.err));
    assert_int_equal(LV_AT(int64_t, &ts, 0), 1719806400000000);
    lv_arena_release(&f.arena);
}

/* Every allowed pair, over every encoding and length: the whole vector gives what its rows give one
 * by one. */
static void check_pair(const lv_type *from, const lv_type *to, lv_cast_mode mode, bool ansi)
{
    for (size_t n = 0; n < LV_COUNT_OF(fixture_lengths); n++) {
        fixture f;
        fixture_init(&f, ansi);
        int64_t rows = fixture_lengths[n];
        bool text = lv_type_is_string_like(from);
        lv_encoding encoding = n % 3 == 2           ? LV_CONSTANT
                               : n % 3 == 1 && text ? LV_DICTIONARY
                                                    : LV_FLAT;
        lv_vector in = fixture_vector(&f.arena, from, encoding, rows, (int)(n % 4) * 2, true), out;
        lv_status status = lv_cast(&f.eval, &in, to, mode, LV_STR("c"), &out, &f.err);
        if (status == LV_OK) {
            lv_vector_check(&out);
            assert_int_equal(out.length, rows);
        }
        for (int64_t i = 0; i<rows; i += rows> 100 ? 13 : 1) {
            int32_t row = (int32_t)i;
            lv_vector one, single;
            lv_vector_take(&f.arena, &in, &row, 1, &one);
            lv_status own = lv_cast(&f.eval, &one, to, mode, LV_STR("c"), &single, NULL);
            if (status == LV_OK)
                assert_int_equal(own, LV_OK);
            if (status == LV_OK &&
                strcmp(fixture_text(&f, &out, i), fixture_text(&f, &single, 0)) != 0)
                fail_msg("row %d: %s, alone %s", row, fixture_text(&f, &out, i),
                         fixture_text(&f, &single, 0));
            if (own == LV_OK && lv_vector_is_null(&single, 0))
                assert_true(lv_vector_is_null(&in, i) || lv_cast_can_fail(from, to));
        }
        if (status != LV_OK)
            assert_true(lv_cast_can_fail(from, to) && mode != LV_CAST_TRY);
        lv_arena_release(&f.arena);
    }
}

static void test_matrix(void **state)
{
    lv_arena arena;
    lv_arena_init(&arena);
    const lv_type *types[LV_TYPE_ARRAY];
    for (int k = 0; k < LV_TYPE_ARRAY; k++)
        types[k] =
            k == LV_TYPE_DECIMAL ? lv_type_decimal(&arena, 8, 3) : lv_type_of((lv_type_kind)k);
    for (int a = LV_TYPE_BOOLEAN; a < LV_TYPE_ARRAY; a++)
        for (int b = LV_TYPE_BOOLEAN; b < LV_TYPE_ARRAY; b++) {
            if (lv_cast_allowed(types[a], types[b], true)) {
                check_pair(types[a], types[b], LV_CAST_EXPLICIT, true);
                check_pair(types[a], types[b], LV_CAST_TRY, true);
            }
            if (lv_cast_allowed(types[a], types[b], false))
                check_pair(types[a], types[b], LV_CAST_EXPLICIT, false);
            if (lv_cast_assignable(types[a], types[b])) {
                assert_true(lv_cast_allowed(types[a], types[b], true));
                check_pair(types[a], types[b], LV_CAST_ASSIGNMENT, true);
            }
        }
    lv_arena_release(&arena);
}

static void test_nested(void **state)
{
    fixture f;
    fixture_init(&f, true);
    const lv_type *ints = lv_type_array(&f.arena, lv_type_of(LV_TYPE_INT), true);
    lv_field fields[2] = {{LV_STR("a"), ints, true, LV_STR_NONE},
                          {LV_STR("b"), lv_type_of(LV_TYPE_STRING), true, LV_STR_NONE}};
    const lv_type *from = lv_type_struct(&f.arena, fields, 2);
    fields[0].type = lv_type_array(&f.arena, lv_type_of(LV_TYPE_BIGINT), true);
    fields[1].type = lv_type_of(LV_TYPE_INT);
    const lv_type *to = lv_type_struct(&f.arena, fields, 2);
    lv_builder b;
    lv_builder_init(&b, &f.arena, from, 2);
    lv_builder_i32(&b.children[0].children[0], 1);
    lv_builder_null(&b.children[0].children[0]);
    lv_builder_end_list(&b.children[0]);
    lv_builder_str(&b.children[1], LV_STR("7"));
    lv_builder_end_struct(&b);
    lv_builder_null(&b);
    lv_vector in, out;
    lv_builder_finish(&b, &in);
    assert_true(lv_cast_allowed(from, to, true));
    assert_ok(&f.err, lv_cast(&f.eval, &in, to, LV_CAST_EXPLICIT, LV_STR_NONE, &out, &f.err));
    lv_vector_check(&out);
    assert_string_equal(fixture_text(&f, &out, 0), "{[1, null], 7}");
    assert_true(lv_vector_is_null(&out, 1));
    assert_int_equal(((int64_t *)out.children[0].children[0].data)[0], 1);
    lv_arena_release(&f.arena);
}

static void expect_common(lv_arena *arena, bool ansi, const char *a, const char *b,
                          const char *expected)
{
    const lv_type *type = lv_type_common(arena, type_named(arena, a), type_named(arena, b), ansi);
    const lv_type *back = lv_type_common(arena, type_named(arena, b), type_named(arena, a), ansi);
    lv_sbuf text = LV_SBUF_INIT;
    if (type != NULL)
        lv_type_print_sql(type, &text);
    assert_str(lv_sbuf_str(&text), expected ? expected : "");
    assert_true(type == NULL ? back == NULL : lv_type_equal(type, back));
    lv_sbuf_release(&text);
}

static void test_common_types(void **state)
{
    lv_arena arena;
    lv_arena_init(&arena);
    expect_common(&arena, true, "TINYINT", "INT", "INT");
    expect_common(&arena, true, "BIGINT", "FLOAT", "DOUBLE");
    expect_common(&arena, false, "BIGINT", "FLOAT", "FLOAT");
    expect_common(&arena, true, "INT", "DECIMAL(5,2)", "DECIMAL(12,2)");
    expect_common(&arena, true, "DECIMAL(38,0)", "DECIMAL(38,38)", "DECIMAL(38,0)");
    expect_common(&arena, true, "DOUBLE", "DECIMAL(5,2)", "DOUBLE");
    expect_common(&arena, true, "STRING", "INT", "BIGINT");
    expect_common(&arena, true, "STRING", "DECIMAL(5,2)", "DOUBLE");
    expect_common(&arena, true, "STRING", "DATE", "DATE");
    expect_common(&arena, false, "STRING", "INT", "STRING");
    expect_common(&arena, true, "DATE", "TIMESTAMP", "TIMESTAMP");
    expect_common(&arena, true, "DATE", "TIMESTAMP_NTZ", "TIMESTAMP_NTZ");
    expect_common(&arena, true, "TIMESTAMP", "TIMESTAMP_NTZ", "TIMESTAMP");
    expect_common(&arena, true, "INT", "DATE", NULL);
    expect_common(&arena, true, "BOOLEAN", "INT", NULL);
    expect_common(&arena, true, "VOID", "INT", "INT");
    lv_arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_spark_answers), cmocka_unit_test(test_legacy),
        cmocka_unit_test(test_errors),        cmocka_unit_test(test_values),
        cmocka_unit_test(test_zone),          cmocka_unit_test(test_matrix),
        cmocka_unit_test(test_nested),        cmocka_unit_test(test_common_types),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
