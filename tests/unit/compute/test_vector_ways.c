/* test_vector_ways.c: the fast ways of whole vectors: LIKE by parts against LIKE by the book, and DECIMALs against
 * 128-bit numbers. */
#include "unit.h"

#include "column/decimal.h"
#include "compute/compute_int.h"

static uint64_t seed = 88172645463325252u;

static uint64_t next_random(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return seed;
}

/* What % means, tried out place by place. */
static bool matches(lv_str s, lv_str p)
{
    if (p.len == 0)
        return s.len == 0;
    lv_str rest = lv_str_sub(p, 1, p.len - 1);
    if (p.ptr[0] != '%')
        return s.len > 0 && s.ptr[0] == p.ptr[0] && matches(lv_str_sub(s, 1, s.len - 1), rest);
    for (size_t i = 0; i <= s.len; i++)
        if (matches(lv_str_sub(s, i, s.len - i), rest))
            return true;
    return false;
}

static lv_str random_text(char *out, size_t most, const char *letters, size_t count)
{
    size_t len = next_random() % (most + 1);
    for (size_t i = 0; i < len; i++)
        out[i] = letters[next_random() % count];
    return (lv_str){out, len};
}

static void like_by_parts(void **state)
{
    int tried = 0, found = 0;
    for (int i = 0; i < 200000; i++) {
        char text[64], pattern[12];
        lv_str s = random_text(text, i % 2 ? 8 : 50, "ab", 2);
        lv_str p = random_text(pattern, 10, "aab%", 4);
        lv_like_parts parts;
        if (!lv_like_parts_make(p, '\\', &parts))
            continue;
        bool expected = matches(s, p);
        if (lv_like_parts_match(&parts, s) != expected)
            fail_msg("'%.*s' LIKE '%.*s'", LV_STR_ARG(s), LV_STR_ARG(p));
        tried++;
        found += expected;
    }
    assert_true(tried > 100000 && found > 10000 && found < tried - 10000);
}

static void patterns_of_other_kinds(void **state)
{
    lv_like_parts parts;
    assert_false(lv_like_parts_make(LV_STR("a_b"), '\\', &parts));
    assert_false(lv_like_parts_make(LV_STR("a\\%b"), '\\', &parts));
    assert_false(lv_like_parts_make(LV_STR(""), '\\', &parts));
    assert_false(lv_like_parts_make(LV_STR("%"), '\\', &parts));
    assert_false(lv_like_parts_make(LV_STR("%\x80"), '\\', &parts));
    assert_false(lv_like_parts_make(LV_STR("a%b%c%d%e%f%g%h%i"), '\\', &parts));
    assert_true(lv_like_parts_make(LV_STR("a%b%c%d%e%f%g%h%"), '\\', &parts));
}

/* Runs one operation; returns whether the fast way took it. */
static bool run(lv_arena *arena, int op, const lv_type *result, const lv_vector *args,
                __int128 *out)
{
    const lv_type *types[2] = {args[0].type, args[1].type};
    const lv_call call = {.type = result, .arg_count = 2, .arg_types = types};
    lv_vector v = {.type = result, .length = args[0].length, .data = out};
    return lv_decimal_vectors(&call, op, args, args[0].length, &v);
}

static void decimal_vectors(void **state)
{
    enum { ROWS = 100 };
    lv_arena arena;
    lv_arena_init(&arena);
    __int128 x[ROWS], y[ROWS], out[ROWS];
    for (int i = 0; i < ROWS; i++) {
        x[i] = (int64_t)next_random() % 1000000000000000;
        y[i] = (int64_t)next_random() % 10000;
    }
    lv_vector args[2] = {
        {.type = lv_type_decimal(&arena, 15, 2), .length = ROWS, .data = x},
        {.type = lv_type_decimal(&arena, 4, 1), .length = ROWS, .data = y},
    };
    assert_true(run(&arena, ARITH_MULTIPLY, lv_type_decimal(&arena, 20, 3), args, out));
    for (int i = 0; i < ROWS; i++)
        assert_true(out[i] == x[i] * y[i]);
    assert_true(run(&arena, ARITH_SUBTRACT, lv_type_decimal(&arena, 16, 2), args, out));
    for (int i = 0; i < ROWS; i++)
        assert_true(out[i] == x[i] - y[i] * 10);
    args[1].encoding = LV_CONSTANT;
    assert_true(run(&arena, ARITH_ADD, lv_type_decimal(&arena, 16, 2), args, out));
    for (int i = 0; i < ROWS; i++)
        assert_true(out[i] == x[i] + y[0] * 10);
    assert_false(run(&arena, ARITH_MULTIPLY, lv_type_decimal(&arena, 20, 2), args, out));
    assert_false(run(&arena, ARITH_DIVIDE, lv_type_decimal(&arena, 20, 3), args, out));
    x[7] = lv_decimal_power(19); /* more than 64 bits */
    assert_false(run(&arena, ARITH_ADD, lv_type_decimal(&arena, 38, 2), args, out));
    x[7] = lv_decimal_power(15);
    y[0] = 100000;
    assert_false(run(&arena, ARITH_MULTIPLY, lv_type_decimal(&arena, 20, 3), args, out));
    lv_arena_release(&arena);
}

static void powers_of_ten(void **state)
{
    __int128 power = 1;
    for (int n = 0; n <= 38; n++, power *= n <= 38 ? 10 : 1)
        assert_true(lv_decimal_power(n) == power);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(like_by_parts),
        cmocka_unit_test(patterns_of_other_kinds),
        cmocka_unit_test(decimal_vectors),
        cmocka_unit_test(powers_of_ten),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
