/* test_collections.c: functions over arrays and maps on lists as vectors may have them: with items before the first
 * row, items of null rows, dictionaries inside, constants beside; each row has to be what the row gives by itself. */
#include "compute_fixture.h"

#define ROWS 300

/* The number of items of a row; some have many. */
static int32_t random_length(void)
{
    uint64_t r = fixture_random();
    return (int32_t)(r % 16 == 0 ? 20 + r / 16 % 20 : r / 16 % 5);
}

/* A list of `rows` rows with gaps: three items nobody sees in front, and null rows that have items. */
static lv_vector random_list(lv_arena *arena, const lv_type *type, lv_encoding items, int64_t rows)
{
    lv_vector v;
    lv_vector_init_flat(&v, arena, type, rows);
    v.offsets[0] = 3;
    for (int64_t i = 0; i < rows; i++)
        v.offsets[i + 1] = v.offsets[i] + random_length();
    v.validity = lv_validity_new(arena, rows, true);
    for (int64_t i = 0; i < rows; i++)
        if (fixture_random() % 8 == 0)
            lv_bit_clear(v.validity, i);
    for (int f = 0; f < type->field_count; f++) {
        const lv_type *item = type->fields[f].type;
        bool keys = type->kind == LV_TYPE_MAP && f == 0;
        v.children[f] =
            fixture_vector(arena, item, items, v.offsets[rows] + 2, keys ? 0 : 2, false);
        for (int64_t i = 0; keys && i < rows; i++) /* keys of a map are all different */
            for (int32_t e = v.offsets[i]; e < v.offsets[i + 1]; e++)
                ((int32_t *)v.children[f].data)[e] = e - v.offsets[i];
    }
    return v;
}

/* Arguments: i INT, s STRING, d dictionary STRING, A ARRAY<INT>, R ARRAY<DOUBLE>, S ARRAY<STRING> of a dictionary,
 * N ARRAY<ARRAY<INT>>, M MAP<INT, INT>, p small positive INT. */
static lv_vector random_argument(lv_arena *arena, char kind, int64_t rows)
{
    const lv_type *integer = lv_type_of(LV_TYPE_INT), *text = lv_type_of(LV_TYPE_STRING),
                  *integers = lv_type_array(arena, integer, true);
    lv_vector v;
    switch (kind) {
    case 'i': return fixture_vector(arena, integer, LV_FLAT, rows, 1, false);
    case 's': return fixture_vector(arena, text, LV_FLAT, rows, 1, false);
    case 'd': return fixture_vector(arena, text, LV_DICTIONARY, rows, 1, false);
    case 'A': return random_list(arena, integers, LV_FLAT, rows);
    case 'R':
        return random_list(arena, lv_type_array(arena, lv_type_of(LV_TYPE_DOUBLE), true), LV_FLAT,
                           rows);
    case 'S': return random_list(arena, lv_type_array(arena, text, true), LV_DICTIONARY, rows);
    case 'M': return random_list(arena, lv_type_map(arena, integer, integer, true), LV_FLAT, rows);
    case 'N':
        lv_vector_init_flat(&v, arena, lv_type_array(arena, integers, true), rows);
        for (int64_t i = 0; i < rows; i++)
            v.offsets[i + 1] = v.offsets[i] + random_length();
        v.children[0] = random_list(arena, integers, LV_FLAT, v.offsets[rows]);
        return v;
    default:
        v = fixture_vector(arena, integer, LV_FLAT, rows, 1, false);
        for (int64_t i = 0; i < rows; i++)
            ((int32_t *)v.data)[i] = 1 + (int32_t)(fixture_random() % 6);
        return v;
    }
}

static const char *const calls[][2] = {
    {"array_position", "Ai"},
    {"array_position", "Sd"},
    {"array_distinct", "A"},
    {"array_distinct", "R"},
    {"array_distinct", "S"},
    {"array_distinct", "N"},
    {"array_union", "AA"},
    {"array_union", "SS"},
    {"array_intersect", "AA"},
    {"array_intersect", "RR"},
    {"array_except", "AA"},
    {"arrays_overlap", "AA"},
    {"sort_array", "A"},
    {"sort_array", "R"},
    {"sort_array", "S"},
    {"array_min", "R"},
    {"array_max", "S"},
    {"array_join", "Sd"},
    {"array_join", "Ass"},
    {"array_append", "Ai"},
    {"array_append", "Sd"},
    {"array_prepend", "NA"},
    {"array_insert", "Api"},
    {"array_remove", "Ai"},
    {"array_compact", "S"},
    {"array_repeat", "sp"},
    {"array_repeat", "Ap"},
    {"arrays_zip", "ASN"},
    {"slice", "App"},
    {"flatten", "N"},
    {"sequence", "pp"},
    {"reverse", "A"},
    {"concat", "AA"},
    {"size", "A"},
    {"array_size", "S"},
    {"array_contains", "Ai"},
    {"get", "Ap"},
    {"try_element_at", "Sp"},
    {"try_element_at", "Mp"},
    {"map_entries", "M"},
    {"map_keys", "M"},
    {"map_values", "M"},
    {"map_contains_key", "Mp"},
    {"explode", "A"},
    {"posexplode", "M"},
    {"array", "iip"},
    {"array", "AA"},
};

/* The call over rows `from`..: each has to be what the call of that row alone gave. */
static void check_call(fixture *f, const lv_call *call, const lv_vector *args, int64_t rows,
                       int constant, const char *name)
{
    lv_vector all[4], out;
    for (int a = 0; a < call->arg_count; a++) {
        all[a] = args[a];
        if (a == constant) { /* row 0 for all */
            int32_t zero = 0;
            lv_vector_take(&f->arena, &args[a], &zero, 1, &all[a]);
            all[a] = *lv_vector_flatten(&f->arena, &all[a]);
            all[a].encoding = LV_CONSTANT;
            all[a].length = rows;
        }
    }
    assert_ok(&f->err, lv_call_run(call, &f->eval, all, rows, &out, &f->err));
    assert_int_equal(out.length, rows);
    lv_vector_check(&out);
    for (int64_t i = 0; i<rows; i += rows> ROWS ? rows / 50 : 1) {
        lv_vector one[4], alone;
        for (int a = 0; a < call->arg_count; a++) {
            int32_t row = a == constant ? 0 : (int32_t)i;
            lv_vector_take(&f->arena, &args[a], &row, 1, &one[a]);
        }
        assert_ok(&f->err, lv_call_run(call, &f->eval, one, 1, &alone, &f->err));
        const char *want = fixture_text(f, &alone, 0), *got = fixture_text(f, &out, i);
        if (strcmp(want, got) != 0)
            fail_msg("%s, row %d: alone %s, among others %s", name, (int)i, want, got);
    }
}

static void test_rows_are_their_own(void **state)
{
    for (size_t c = 0; c < LV_COUNT_OF(calls); c++) {
        fixture f;
        lv_vector args[4];
        int count = (int)strlen(calls[c][1]);
        fixture_init(&f, true);
        for (int a = 0; a < count; a++)
            args[a] = random_argument(&f.arena, calls[c][1][a], ROWS);
        lv_call *call = fixture_bind(&f, calls[c][0], args, count);
        if (call == NULL)
            fail_msg("%s: %s", calls[c][0], f.err.message);
        for (int constant = -1; constant < count; constant++)
            check_call(&f, call, args, ROWS, constant, calls[c][0]);
        lv_arena_release(&f.arena);
    }
}

/* More rows and items than 16 bits count. */
static void test_many_rows(void **state)
{
    static const char *const some[][2] = {{"array_distinct", "A"}, {"array_union", "AA"},
                                          {"sort_array", "A"},     {"flatten", "N"},
                                          {"arrays_zip", "AA"},    {"posexplode", "A"}};
    for (size_t c = 0; c < LV_COUNT_OF(some); c++) {
        fixture f;
        lv_vector args[2];
        int count = (int)strlen(some[c][1]);
        fixture_init(&f, true);
        for (int a = 0; a < count; a++)
            args[a] = random_argument(&f.arena, some[c][1][a], 70000);
        lv_call *call = fixture_bind(&f, some[c][0], args, count);
        assert_non_null(call);
        check_call(&f, call, args, 70000, -1, some[c][0]);
        lv_arena_release(&f.arena);
    }
}

/* A set of many values: the table has to grow beyond what is compared one by one. */
static void test_value_set(void **state)
{
    fixture f;
    fixture_init(&f, true);
    lv_vector list, out;
    lv_vector_init_flat(&list, &f.arena, lv_type_array(&f.arena, lv_type_of(LV_TYPE_INT), false),
                        1);
    list.offsets[1] = 100000;
    lv_vector_init_flat(&list.children[0], &f.arena, lv_type_of(LV_TYPE_INT), 100000);
    for (int32_t e = 0; e < 100000; e++)
        ((int32_t *)list.children[0].data)[e] = e * 7 % 30000;
    assert_ok(&f.err, fixture_call(&f, "array_distinct", &list, 1, 1, &out));
    assert_int_equal(out.offsets[1], 30000);
    for (int32_t e = 0; e < 30000; e++)
        assert_int_equal(LV_AT(int32_t, &out.children[0], e), e * 7 % 30000);
    lv_arena_release(&f.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_rows_are_their_own),
                                       cmocka_unit_test(test_many_rows),
                                       cmocka_unit_test(test_value_set)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
