/* Doubles as text. The expected texts are Spark's: CAST(x AS STRING) on Java 17. */
#include "base/double.h"

#include <math.h>

#include "unit.h"

static const struct {
    double value;
    const char *java;
    const char *shortest;
} doubles[] = {
    {0.0, "0.0", "0.0"},
    {-0.0, "-0.0", "-0.0"},
    {1.0, "1.0", "1.0"},
    {0.1, "0.1", "0.1"},
    {-1234.5, "-1234.5", "-1234.5"},
    {9999999.999, "9999999.999", "9999999.999"},
    {1e7, "1.0E7", "1.0E7"},
    {0.001, "0.001", "0.001"},
    {0.00099, "9.9E-4", "9.9E-4"},
    {0x1p-31, "4.6566128730773926E-10", "4.656612873077393E-10"},
    {0x1p56, "7.2057594037927936E16", "7.205759403792794E16"},
    {1.1000000238418578e18, "1.10000002384185779E18", "1.1000000238418578E18"},
    {9.223372036854775807e18, "9.223372036854776E18", "9.223372036854776E18"},
    {1e21, "1.0E21", "1.0E21"},
    {1e23, "9.999999999999999E22", "1.0E23"},
    {4.9e-324, "4.9E-324", "4.9E-324"},
    {9.9e-324, "1.0E-323", "9.9E-324"},
    {1.7976931348623157e308, "1.7976931348623157E308", "1.7976931348623157E308"},
    {NAN, "NaN", "NaN"},
    {-INFINITY, "-Infinity", "-Infinity"},
};

static const struct {
    float value;
    const char *java;
} floats[] = {
    {0.1f, "0.1"},
    {16777217.0f, "1.6777216E7"},
    {2147483648.0f, "2.14748365E9"},
    {9.007199254740993e15f, "9.0071993E15"},
    {1e10f, "1.0E10"},
    {3.4028235e38f, "3.4028235E38"},
    {6.5094782e25f, "6.5094782E25"},
    {1.4e-45f, "1.4E-45"},
};

static void test_print(void **state)
{
    char text[LV_DOUBLE_TEXT_SIZE];
    for (size_t i = 0; i < LV_COUNT_OF(doubles); i++) {
        assert_int_equal(lv_double_print_java(doubles[i].value, text), strlen(doubles[i].java));
        assert_string_equal(text, doubles[i].java);
        lv_double_print(doubles[i].value, text);
        assert_string_equal(text, doubles[i].shortest);
    }
    for (size_t i = 0; i < LV_COUNT_OF(floats); i++) {
        lv_float_print_java(floats[i].value, text);
        assert_string_equal(text, floats[i].java);
    }
}

/* Whatever is printed reads back the same, at any exponent. */
static void test_reads_back(void **state)
{
    char text[LV_DOUBLE_TEXT_SIZE];
    uint64_t bits = 0x9E3779B97F4A7C15u;
    for (int i = 0; i < 20000; i++) {
        double value, read;
        bits = bits * 6364136223846793005u + 1442695040888963407u;
        memcpy(&value, &bits, sizeof value);
        if (!isfinite(value))
            continue;
        int length = lv_double_print_java(value, text);
        assert_true(lv_double_parse((lv_str){text, (size_t)length}, &read));
        assert_true(read == value);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_print),
                                       cmocka_unit_test(test_reads_back)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
