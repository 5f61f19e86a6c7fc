/* test_functions.c: values of functions, errors, result types; whole vectors against single rows.
 */
#include "compute/compute_fixture.h"

static const lv_type *type_named(lv_arena *arena, const char *name)
{
    static const struct {
        const char *name;
        lv_type_kind kind;
    } kinds[] = {
#define X(kind, sql, json, ctype, size) {sql, LV_TYPE_##kind},
#include "column/types.def"
#undef X
    };
    int p, s;
    if (sscanf(name, "DECIMAL(%d,%d)", &p, &s) == 2)
        return lv_type_decimal(arena, p, s);
    for (size_t i = 0; i < LV_COUNT_OF(kinds); i++)
        if (strcmp(kinds[i].name, name) == 0)
            return lv_type_of(kinds[i].kind);
    fail_msg("no type %s", name);
    return NULL;
}

enum { MAX_ARGS = 4 };

/* name, then "TYPE value" arguments ("TYPE" alone: null), the result's type and text; a text
 * "!CLASS" is an error. */
typedef struct value_case {
    const char *name;
    const char *args[MAX_ARGS];
    const char *type;
    const char *result;
} value_case;

static lv_vector argument(fixture *f, const char *text)
{
    const char *space = strchr(text, ' ');
    char type[32];
    snprintf(type, sizeof type, "%.*s", (int)(space ? space - text : (ptrdiff_t)strlen(text)),
             text);
    return fixture_value(f, type_named(&f->arena, type), space ? space + 1 : NULL);
}

static void check_value(const value_case *c, bool ansi)
{
    fixture f;
    fixture_init(&f, ansi);
    lv_vector args[MAX_ARGS], out;
    int count = 0;
    for (; count < MAX_ARGS && c->args[count] != NULL; count++)
        args[count] = argument(&f, c->args[count]);
    lv_status status = fixture_call(&f, c->name, args, count, 1, &out);
    if (c->result[0] == '!') {
        if (status == LV_OK)
            fail_msg("%s gives %s, not %s", c->name, fixture_text(&f, &out, 0), c->result);
        assert_string_equal(lv_status_class(status), c->result + 1);
        lv_arena_release(&f.arena);
        return;
    }
    if (status != LV_OK)
        fail_msg("%s(%s): %s", c->name, c->args[0] ? c->args[0] : "", f.err.message);
    lv_sbuf type = LV_SBUF_INIT;
    lv_type_print_sql(out.type, &type);
    if (strcmp(fixture_text(&f, &out, 0), c->result) != 0 ||
        !lv_str_is(lv_sbuf_str(&type), c->type))
        fail_msg("%s(%s, %s) is %s %s, not %s %s", c->name, c->args[0] ? c->args[0] : "",
                 c->args[1] ? c->args[1] : "", type.ptr, fixture_text(&f, &out, 0), c->type,
                 c->result);
    lv_sbuf_release(&type);
    lv_arena_release(&f.arena);
}

static const value_case ansi_values[] = {
    /* arithmetic: the scenarios ansi_arithmetic and plain_arithmetic, and types of DecimalPrecision
     */
    {"+", {"INT 2147483647", "INT 1"}, "", "!ARITHMETIC_OVERFLOW"},
    {"*", {"BIGINT 4294967299", "BIGINT 9223372036854775807"}, "", "!ARITHMETIC_OVERFLOW"},
    {"+", {"TINYINT 127", "TINYINT 1"}, "", "!BINARY_ARITHMETIC_OVERFLOW"},
    {"-", {"INT -2147483648"}, "", "!ARITHMETIC_OVERFLOW"},
    {"/", {"INT 1", "INT 0"}, "", "!DIVIDE_BY_ZERO"},
    {"div", {"INT 1", "INT 0"}, "", "!DIVIDE_BY_ZERO"},
    {"%", {"INT 1", "INT 0"}, "", "!REMAINDER_BY_ZERO"},
    {"/", {"DOUBLE 1", "DOUBLE 0"}, "", "!DIVIDE_BY_ZERO"},
    {"div", {"BIGINT -9223372036854775808", "BIGINT -1"}, "", "!ARITHMETIC_OVERFLOW"},
    {"try_add", {"INT 2147483647", "INT 1"}, "INT", "NULL"},
    {"try_divide", {"INT 1", "INT 0"}, "DOUBLE", "NULL"},
    {"/", {"INT", "INT 0"}, "DOUBLE", "NULL"},
    {"/", {"INT 7", "INT -2"}, "DOUBLE", "-3.5"},
    {"div", {"INT 7", "INT -2"}, "BIGINT", "-3"},
    {"%", {"INT -7", "INT 2"}, "INT", "-1"},
    {"%", {"INT -2147483648", "INT -1"}, "INT", "0"},
    {"pmod", {"INT -7", "INT 2"}, "INT", "1"},
    {"pmod", {"INT -7", "INT -2"}, "INT", "-1"},
    {"pmod", {"DOUBLE -7.5", "DOUBLE 2"}, "DOUBLE", "0.5"},
    {"+", {"INT 1", "BIGINT 2"}, "BIGINT", "3"},
    {"+", {"STRING 1", "INT 2"}, "BIGINT", "3"},
    {"+", {"STRING 1.5", "DOUBLE 2"}, "DOUBLE", "3.5"},
    {"+", {"STRING x", "INT 2"}, "", "!CAST_INVALID_INPUT"},
    {"+", {"BOOLEAN true", "INT 2"}, "", "!DATATYPE_MISMATCH.BINARY_OP_DIFF_TYPES"},
    {"*", {"DECIMAL(10,2) -1.25", "DECIMAL(10,2) -1.25"}, "DECIMAL(21,4)", "1.5625"},
    {"*",
     {"DECIMAL(10,2) 99999999.99", "DECIMAL(10,2) 99999999.99"},
     "DECIMAL(21,4)",
     "9999999998000000.0001"},
    {"/", {"DECIMAL(10,2) 1.25", "INT 3"}, "DECIMAL(14,6)", "0.416667"},
    {"/", {"DECIMAL(10,2) -1.25", "INT 3"}, "DECIMAL(14,6)", "-0.416667"},
    {"+", {"DECIMAL(10,2) 1.25", "INT 1"}, "DECIMAL(11,2)", "2.25"},
    {"/", {"DECIMAL(10,2) 1.25", "DECIMAL(10,2) 0"}, "", "!DIVIDE_BY_ZERO"},
    {"*",
     {"DECIMAL(38,10) 9999999999999999999999999999.9999999999", "DECIMAL(38,10) 1"},
     "DECIMAL(38,6)",
     "10000000000000000000000000000.000000"},
    {"*",
     {"DECIMAL(38,10) 9999999999999999999999999999.9999999999", "DECIMAL(38,10) 100000"},
     "",
     "!NUMERIC_VALUE_OUT_OF_RANGE.WITH_SUGGESTION"},
    {"/",
     {"DECIMAL(38,0) 12345678901234567890123456789012345678", "DECIMAL(38,0) 3"},
     "DECIMAL(38,6)",
     "!"},
    {"%", {"DECIMAL(10,2) -7.50", "DECIMAL(10,2) 2.00"}, "DECIMAL(10,2)", "-1.50"},
    {"div", {"DECIMAL(10,2) -7.50", "DECIMAL(10,2) 2.00"}, "BIGINT", "-3"},
    {"+", {"DATE 2024-02-28", "INT 2"}, "DATE", "2024-03-01"},
    {"-", {"DATE 2024-03-01", "INT 1"}, "DATE", "2024-02-29"},
    {"+", {"INT 1", "DATE 2024-02-28"}, "DATE", "2024-02-29"},
    {"-", {"DOUBLE 0"}, "DOUBLE", "-0.0"},
    /* comparison */
    {"=", {"DOUBLE NaN", "DOUBLE NaN"}, "BOOLEAN", "true"},
    {">", {"DOUBLE NaN", "DOUBLE Infinity"}, "BOOLEAN", "true"},
    {"<", {"DOUBLE NaN", "DOUBLE 1"}, "BOOLEAN", "false"},
    {"<=", {"DOUBLE NaN", "DOUBLE NaN"}, "BOOLEAN", "true"},
    {"=", {"DOUBLE -0.0", "DOUBLE 0"}, "BOOLEAN", "true"},
    {"<", {"STRING a", "STRING ab"}, "BOOLEAN", "true"},
    {"<", {"STRING Z", "STRING a"}, "BOOLEAN", "true"},
    {"=", {"STRING 5", "INT 5"}, "BOOLEAN", "true"},
    {"=", {"DATE 2024-01-01", "TIMESTAMP 2024-01-01"}, "BOOLEAN", "true"},
    {"=", {"DECIMAL(5,2) 1.50", "DECIMAL(5,1) 1.5"}, "BOOLEAN", "true"},
    {"=", {"INT", "INT 1"}, "BOOLEAN", "NULL"},
    {"<=>", {"INT", "INT 1"}, "BOOLEAN", "false"},
    {"<=>", {"INT", "INT"}, "BOOLEAN", "true"},
    {"in", {"INT 1", "INT 2", "INT"}, "BOOLEAN", "NULL"},
    {"in", {"INT 1", "INT 1", "INT"}, "BOOLEAN", "true"},
    {"in", {"INT 1", "INT 2", "BIGINT 3"}, "BOOLEAN", "false"},
    {"and", {"BOOLEAN", "BOOLEAN false"}, "BOOLEAN", "false"},
    {"and", {"BOOLEAN", "BOOLEAN true"}, "BOOLEAN", "NULL"},
    {"or", {"BOOLEAN", "BOOLEAN true"}, "BOOLEAN", "true"},
    {"or", {"BOOLEAN", "BOOLEAN false"}, "BOOLEAN", "NULL"},
    {"not", {"BOOLEAN"}, "BOOLEAN", "NULL"},
    {"isnan", {"DOUBLE"}, "BOOLEAN", "false"},
    {"coalesce", {"INT", "BIGINT 2"}, "BIGINT", "2"},
    {"coalesce", {"INT 1", "STRING 2"}, "BIGINT", "1"},
    {"nvl2", {"INT", "INT 1", "INT 2"}, "INT", "2"},
    {"if", {"BOOLEAN", "INT 1", "DOUBLE 2"}, "DOUBLE", "2.0"},
    {"when", {"BOOLEAN false", "INT 1", "BOOLEAN true", "BIGINT 2"}, "BIGINT", "2"},
    {"greatest", {"INT 7", "INT -2", "INT"}, "INT", "7"},
    {"greatest", {"DOUBLE 7", "DOUBLE NaN"}, "DOUBLE", "NaN"},
    {"least", {"INT 7", "INT -2", "INT"}, "INT", "-2"},
    /* numbers */
    {"round", {"DOUBLE 2.5"}, "DOUBLE", "3.0"},
    {"round", {"DOUBLE -0.5"}, "DOUBLE", "-1.0"},
    {"round", {"DOUBLE 0.15", "INT 1"}, "DOUBLE", "0.2"},
    {"bround", {"DOUBLE 2.5", "INT 0"}, "DOUBLE", "2.0"},
    {"bround", {"DOUBLE 3.5", "INT 0"}, "DOUBLE", "4.0"},
    {"bround", {"DOUBLE -0.5", "INT 0"}, "DOUBLE", "0.0"},
    {"round", {"DECIMAL(10,2) -1.25", "INT 1"}, "DECIMAL(10,1)", "-1.3"},
    {"round", {"DECIMAL(10,2) 99999999.99", "INT 1"}, "DECIMAL(10,1)", "100000000.0"},
    {"round", {"INT 1250", "INT -2"}, "INT", "1300"},
    {"bround", {"INT 1250", "INT -2"}, "INT", "1200"},
    {"round", {"INT 2147483647", "INT -1"}, "", "!ARITHMETIC_OVERFLOW"},
    {"ceil", {"DOUBLE -0.5"}, "BIGINT", "0"},
    {"floor", {"DOUBLE -0.5"}, "BIGINT", "-1"},
    {"floor", {"DECIMAL(10,2) -1.25"}, "DECIMAL(9,0)", "-2"},
    {"ceil", {"DECIMAL(10,2) 1.25"}, "DECIMAL(9,0)", "2"},
    {"abs", {"INT -2147483648"}, "", "!ARITHMETIC_OVERFLOW"},
    {"abs", {"DECIMAL(5,2) -1.5"}, "DECIMAL(5,2)", "1.50"},
    {"sqrt", {"DOUBLE -0.5"}, "DOUBLE", "NaN"},
    {"pow", {"DOUBLE 2.5", "INT 2"}, "DOUBLE", "6.25"},
    {"ln", {"DOUBLE 0"}, "DOUBLE", "NULL"},
    {"ln", {"DOUBLE 2.5"}, "DOUBLE", "0.9162907318741551"},
    {"&", {"INT 7", "INT -2"}, "INT", "6"},
    {"shiftleft", {"INT -7", "INT 2"}, "INT", "-28"},
    /* text: the scenario plain_strings */
    {"upper",
     {"STRING stra\xc3\x9f"
      "e"},
     "STRING",
     "STRASSE"},
    {"upper", {"STRING \xc4\xb0\xc4\xb1\xce\xa3\xcf\x82"}, "STRING", "\xc4\xb0I\xce\xa3\xce\xa3"},
    {"upper", {"STRING \xef\xac\x81"}, "STRING", "FI"},
    {"lower",
     {"STRING \xc4\xb0\xc4\xb1\xce\xa3\xcf\x82"},
     "STRING",
     "i\xcc\x87\xc4\xb1\xcf\x83\xcf\x82"},
    {"lower",
     {"STRING \xce\x9f\xce\x94\xce\x9f\xce\xa3"},
     "STRING",
     "\xce\xbf\xce\xb4\xce\xbf\xcf\x82"},
    {"initcap", {"STRING   two  words "}, "STRING", "  Two  Words "},
    {"reverse", {"STRING \xf0\x9f\x98\x80x"}, "STRING", "x\xf0\x9f\x98\x80"},
    {"length", {"STRING \xf0\x9f\x98\x80x"}, "INT", "2"},
    {"octet_length", {"STRING \xf0\x9f\x98\x80x"}, "INT", "5"},
    {"substring", {"STRING ab1,b2", "INT -3", "INT 2"}, "STRING", ",b"},
    {"substring",
     {"STRING Stra\xc3\x9f"
      "e",
      "INT 6", "INT 1"},
     "STRING",
     "e"},
    {"substring", {"STRING abc", "INT 0", "INT 2"}, "STRING", "ab"},
    {"substring", {"STRING abc", "INT -5", "INT 3"}, "STRING", "a"},
    {"substring", {"STRING abc", "INT 2"}, "STRING", "bc"},
    {"left", {"STRING \xc4\xb0\xc4\xb1x", "INT 2"}, "STRING", "\xc4\xb0\xc4\xb1"},
    {"right", {"STRING abc", "INT 2"}, "STRING", "bc"},
    {"trim", {"STRING  \ta b "}, "STRING", "\ta b"},
    {"btrim", {"STRING xyaxy", "STRING xy"}, "STRING", "a"},
    {"ltrim", {"STRING x", "STRING xxa"}, "STRING", "a"},
    {"lpad", {"STRING ab", "INT 5", "STRING xyz"}, "STRING", "xyzab"},
    {"rpad", {"STRING ab", "INT 4", "STRING xyz"}, "STRING", "abxy"},
    {"lpad", {"STRING abc", "INT 2", "STRING *"}, "STRING", "ab"},
    {"repeat", {"STRING ab", "INT 3"}, "STRING", "ababab"},
    {"replace", {"STRING ab1,b2", "STRING b", "STRING "}, "STRING", "a1,2"},
    {"translate", {"STRING ab1,b2", "STRING ab", "STRING x"}, "STRING", "x1,2"},
    {"instr", {"STRING ab1,b2", "STRING b"}, "INT", "2"},
    {"instr", {"STRING x", "STRING b"}, "INT", "0"},
    {"locate",
     {"STRING b", "STRING \xc3\xa9"
                  "b"},
     "INT",
     "2"},
    {"concat", {"STRING a", "INT 1", "STRING b"}, "STRING", "a1b"},
    {"concat", {"STRING a", "STRING"}, "STRING", "NULL"},
    {"concat_ws", {"STRING -", "STRING a", "STRING", "STRING z"}, "STRING", "a-z"},
    {"split_part", {"STRING ab1,b2", "STRING ,", "INT -1"}, "STRING", "b2"},
    {"split_part", {"STRING ab1,b2", "STRING ,", "INT 0"}, "", "!INVALID_INDEX_OF_ZERO"},
    {"contains", {"STRING abc", "STRING "}, "BOOLEAN", "true"},
    {"startswith", {"STRING abc", "STRING ab"}, "BOOLEAN", "true"},
    {"endswith", {"STRING abc", "STRING ab"}, "BOOLEAN", "false"},
    {"like", {"STRING a_%b", "STRING a\\_\\%b"}, "BOOLEAN", "true"},
    {"like", {"STRING \xf0\x9f\x98\x80x", "STRING _x"}, "BOOLEAN", "true"},
    {"like", {"STRING aXbXc", "STRING a%X%c"}, "BOOLEAN", "true"},
    {"like", {"STRING abc", "STRING a%d"}, "BOOLEAN", "false"},
    {"like", {"STRING ", "STRING %"}, "BOOLEAN", "true"},
    {"ilike", {"STRING ABC", "STRING a%"}, "BOOLEAN", "true"},
    {"like", {"STRING a", "STRING a\\"}, "", "!INVALID_FORMAT.ESC_AT_THE_END"},
    {"hex", {"STRING A\xc3\xa9"}, "STRING", "41C3A9"},
    {"hex", {"INT 255"}, "STRING", "FF"},
    {"typeof", {"DECIMAL(5,2) 1"}, "STRING", "decimal(5,2)"},
    /* time */
    {"to_timestamp", {"STRING 2024-01-01T10:00:00+02:00"}, "TIMESTAMP", "2024-01-01 08:00:00"},
    {"to_date", {"STRING 2024-01-01 x"}, "DATE", "2024-01-01"},
    {"to_date", {"STRING x"}, "", "!CAST_INVALID_INPUT"},
    {"timestamp_millis", {"BIGINT 1230219000123"}, "TIMESTAMP", "2008-12-25 15:30:00.123"},
    {"timestamp_seconds", {"DOUBLE 1230219000.123"}, "TIMESTAMP", "2008-12-25 15:30:00.123"},
    {"timestamp_seconds", {"BIGINT 9223372036854775807"}, "", "!ARITHMETIC_OVERFLOW"},
    {"unix_seconds", {"TIMESTAMP 1969-12-31 23:59:59.9"}, "BIGINT", "-1"},
    {"unix_millis", {"TIMESTAMP 2008-12-25 15:30:00.123456"}, "BIGINT", "1230219000123"},
    {"year", {"TIMESTAMP 2024-02-29 23:00:00"}, "INT", "2024"},
    {"month", {"DATE 2024-02-29"}, "INT", "2"},
    {"day", {"STRING 2024-02-29"}, "INT", "29"},
    {"dayofweek", {"DATE 2024-02-29"}, "INT", "5"},
    {"dayofyear", {"DATE 2024-12-31"}, "INT", "366"},
    {"hour", {"TIMESTAMP 1960-02-29 23:10:11"}, "INT", "23"},
    {"minute", {"TIMESTAMP 1960-02-29 23:10:11"}, "INT", "10"},
    {"second", {"TIMESTAMP 1960-02-29 23:10:11.5"}, "INT", "11"},
    {"date_trunc",
     {"STRING week", "TIMESTAMP 2024-02-29 23:10:11"},
     "TIMESTAMP",
     "2024-02-26 00:00:00"},
    {"date_trunc",
     {"STRING quarter", "TIMESTAMP 2024-05-29 23:10:11"},
     "TIMESTAMP",
     "2024-04-01 00:00:00"},
    {"date_trunc",
     {"STRING MINUTE", "TIMESTAMP 1960-02-29 23:10:11"},
     "TIMESTAMP",
     "1960-02-29 23:10:00"},
    {"date_trunc", {"STRING no", "TIMESTAMP 1960-02-29 23:10:11"}, "TIMESTAMP", "NULL"},
    {"date_add", {"DATE 2024-02-28", "INT 2"}, "DATE", "2024-03-01"},
    {"datediff", {"DATE 2024-03-01", "DATE 2024-02-28"}, "INT", "2"},
    {"current_date", {NULL}, "DATE", "2024-01-01"},
    {"current_timestamp", {NULL}, "TIMESTAMP", "2024-01-01 00:00:00"},
    /* JSON */
    {"get_json_object", {"STRING {\"a\":[1,{\"b\":\"x\"}]}", "STRING $.a[1].b"}, "STRING", "x"},
    {"get_json_object",
     {"STRING {\"a\": [1, {\"b\": \"x\"}]}", "STRING $.a"},
     "STRING",
     "[1,{\"b\":\"x\"}]"},
    {"get_json_object", {"STRING {\"a\":1,\"a\":2}", "STRING $['a']"}, "STRING", "1"},
    {"get_json_object", {"STRING {\"a\":null}", "STRING $.a"}, "STRING", "NULL"},
    {"get_json_object", {"STRING {", "STRING $.a"}, "STRING", "NULL"},
    /* casts by name */
    {"int", {"STRING  12 "}, "INT", "12"},
    {"string", {"DOUBLE 1e7"}, "STRING", "1.0E7"},
    {"int", {"STRING x"}, "", "!CAST_INVALID_INPUT"},
    {"int", {"DATE 2024-01-01"}, "", "!DATATYPE_MISMATCH.CAST_WITHOUT_SUGGESTION"},
    {"upper", {"INT 1", "INT 2"}, "", "!WRONG_NUM_ARGS.WITHOUT_SUGGESTION"},
    {"length", {"BOOLEAN true"}, "INT", "4"},
    {"year", {"INT 1"}, "", "!DATATYPE_MISMATCH.UNEXPECTED_INPUT_TYPE"},
};

static void test_ansi_values(void **state)
{
    for (size_t i = 0; i < LV_COUNT_OF(ansi_values); i++)
        if (strcmp(ansi_values[i].result, "!") != 0)
            check_value(&ansi_values[i], true);
}

/* The scenario ansi_off. */
static void test_legacy_values(void **state)
{
    static const value_case cases[] = {
        {"+", {"INT 2147483647", "INT 1"}, "INT", "-2147483648"},
        {"/", {"INT 1", "INT 0"}, "DOUBLE", "NULL"},
        {"%", {"INT 1", "INT 0"}, "INT", "NULL"},
        {"-", {"INT -2147483648"}, "INT", "-2147483648"},
        {"abs", {"INT -2147483648"}, "INT", "-2147483648"},
        {"+", {"STRING 1.9", "INT 1"}, "DOUBLE", "2.9"},
        {"+", {"STRING x", "INT 1"}, "DOUBLE", "NULL"},
        {"=", {"STRING 1.9", "INT 0"}, "BOOLEAN", "false"},
        {"=", {"STRING x", "INT 0"}, "BOOLEAN", "NULL"},
        {"=", {"STRING 0", "INT 0"}, "BOOLEAN", "true"},
        {"to_date", {"STRING x"}, "DATE", "NULL"},
        {"*",
         {"DECIMAL(38,10) 9999999999999999999999999999.9999999999", "DECIMAL(38,10) 100000"},
         "DECIMAL(38,6)",
         "NULL"},
    };
    for (size_t i = 0; i < LV_COUNT_OF(cases); i++)
        check_value(&cases[i], false);
}

/* ---- whole vectors --------------------------------------------------------------------------- */

/* Functions over random vectors: the whole gives what its rows give one by one, in every encoding.
 */
static const struct {
    const char *name;
    const char *args[MAX_ARGS];
} shapes[] = {
    {"+", {"INT", "INT"}},
    {"+", {"TINYINT", "TINYINT"}},
    {"-", {"SMALLINT", "SMALLINT"}},
    {"*", {"BIGINT", "BIGINT"}},
    {"+", {"FLOAT", "FLOAT"}},
    {"*", {"DOUBLE", "DOUBLE"}},
    {"-", {"DECIMAL(8,3)", "DECIMAL(9,1)"}},
    {"*", {"DECIMAL(8,3)", "DECIMAL(9,1)"}},
    {"/", {"DECIMAL(8,3)", "DECIMAL(9,1)"}},
    {"/", {"DOUBLE", "DOUBLE"}},
    {"/", {"INT", "INT"}},
    {"%", {"INT", "INT"}},
    {"%", {"DOUBLE", "DOUBLE"}},
    {"pmod", {"BIGINT", "BIGINT"}},
    {"pmod", {"SMALLINT", "SMALLINT"}},
    {"div", {"BIGINT", "BIGINT"}},
    {"try_add", {"INT", "INT"}},
    {"try_multiply", {"BIGINT", "BIGINT"}},
    {"try_divide", {"INT", "INT"}},
    {"try_mod", {"INT", "INT"}},
    {"-", {"INT"}},
    {"-", {"DOUBLE"}},
    {"abs", {"BIGINT"}},
    {"abs", {"FLOAT"}},
    {"sign", {"DOUBLE"}},
    {"=", {"INT", "INT"}},
    {"<", {"DOUBLE", "DOUBLE"}},
    {"<=", {"FLOAT", "FLOAT"}},
    {">", {"STRING", "STRING"}},
    {"=", {"STRING", "STRING"}},
    {">=", {"BOOLEAN", "BOOLEAN"}},
    {"<>", {"DECIMAL(8,3)", "DECIMAL(8,3)"}},
    {"<", {"TIMESTAMP", "TIMESTAMP"}},
    {"<>", {"BINARY", "BINARY"}},
    {"<=>", {"STRING", "STRING"}},
    {"<=>", {"DOUBLE", "DOUBLE"}},
    {"in", {"INT", "INT", "INT"}},
    {"in", {"STRING", "STRING", "STRING"}},
    {"and", {"BOOLEAN", "BOOLEAN", "BOOLEAN"}},
    {"or", {"BOOLEAN", "BOOLEAN", "BOOLEAN"}},
    {"not", {"BOOLEAN"}},
    {"isnull", {"STRING"}},
    {"isnotnull", {"INT"}},
    {"isnan", {"DOUBLE"}},
    {"isnan", {"FLOAT"}},
    {"if", {"BOOLEAN", "STRING", "STRING"}},
    {"when", {"BOOLEAN", "INT", "BOOLEAN", "INT"}},
    {"coalesce", {"STRING", "STRING", "STRING"}},
    {"nvl2", {"INT", "DOUBLE", "DOUBLE"}},
    {"greatest", {"DOUBLE", "DOUBLE", "DOUBLE"}},
    {"least", {"STRING", "STRING"}},
    {"round", {"DOUBLE"}},
    {"bround", {"FLOAT"}},
    {"floor", {"DOUBLE"}},
    {"ceil", {"DECIMAL(8,3)"}},
    {"sqrt", {"DOUBLE"}},
    {"ln", {"DOUBLE"}},
    {"pow", {"DOUBLE", "DOUBLE"}},
    {"&", {"INT", "INT"}},
    {"|", {"TINYINT", "TINYINT"}},
    {"^", {"BIGINT", "BIGINT"}},
    {"~", {"SMALLINT"}},
    {"shiftright", {"BIGINT", "INT"}},
    {"upper", {"STRING"}},
    {"lower", {"STRING"}},
    {"initcap", {"STRING"}},
    {"reverse", {"STRING"}},
    {"length", {"STRING"}},
    {"length", {"BINARY"}},
    {"trim", {"STRING"}},
    {"btrim", {"STRING", "STRING"}},
    {"rtrim", {"STRING", "STRING"}},
    {"substring", {"STRING", "INT", "INT"}},
    {"substring", {"BINARY", "INT"}},
    {"left", {"STRING", "INT"}},
    {"right", {"STRING", "INT"}},
    {"lpad", {"STRING", "TINYINT", "STRING"}},
    {"repeat", {"STRING", "TINYINT"}},
    {"replace", {"STRING", "STRING", "STRING"}},
    {"translate", {"STRING", "STRING", "STRING"}},
    {"contains", {"STRING", "STRING"}},
    {"instr", {"STRING", "STRING"}},
    {"concat", {"STRING", "STRING", "STRING"}},
    {"concat_ws", {"STRING", "STRING", "STRING"}},
    {"||", {"BINARY", "BINARY"}},
    {"like", {"STRING", "STRING"}},
    {"hex", {"STRING"}},
    {"hex", {"BIGINT"}},
    {"ascii", {"STRING"}},
    {"typeof", {"INT"}},
    {"to_timestamp", {"DATE"}},
    {"unix_millis", {"TIMESTAMP"}},
    {"timestamp_micros", {"BIGINT"}},
    {"year", {"DATE"}},
    {"dayofweek", {"DATE"}},
    {"hour", {"TIMESTAMP"}},
    {"second", {"TIMESTAMP_NTZ"}},
    {"date_trunc", {"STRING", "TIMESTAMP"}},
    {"date_add", {"DATE", "INT"}},
    {"datediff", {"DATE", "DATE"}},
    {"array", {"INT", "INT"}},
    {"struct", {"INT", "STRING"}},
    {"get_json_object", {"STRING", "STRING"}},
    {"string", {"DOUBLE"}},
    {"int", {"DOUBLE"}},
    {"double", {"STRING"}},
};

static void check_rows(fixture *f, const lv_call *call, const lv_vector *args, int count,
                       int64_t rows)
{
    lv_vector out;
    lv_error_clear(&f->err);
    lv_status status = lv_call_run(call, &f->eval, args, rows, &out, &f->err);
    if (status == LV_OK) {
        lv_vector_check(&out);
        assert_int_equal(out.length, rows);
        assert_true(lv_type_equal(out.type, call->type));
    }
    assert_true(status == LV_OK || !call->total);
    bool any_failed = false;
    int64_t step = rows > 200 ? 7 : 1;
    for (int64_t i = 0; i < rows; i += status == LV_OK ? step : 1) {
        int32_t row = (int32_t)i;
        lv_vector ones[MAX_ARGS], single;
        for (int a = 0; a < count; a++) {
            lv_vector taken;
            lv_vector_take(&f->arena, &args[a], &row, 1, &taken);
            ones[a] = *lv_vector_flatten(&f->arena, &taken);
        }
        lv_status own = lv_call_run(call, &f->eval, ones, 1, &single, NULL);
        any_failed = any_failed || own != LV_OK;
        if (status != LV_OK)
            continue;
        assert_int_equal(own, LV_OK);
        const char *whole = fixture_text(f, &out, i), *alone = fixture_text(f, &single, 0);
        if (strcmp(whole, alone) != 0)
            fail_msg("%s, row %d of %d: %s, alone %s", call->function->name, row, (int)rows, whole,
                     alone);
    }
    if (status != LV_OK && rows > 0 && !any_failed)
        fail_msg("%s fails as a whole (%s), no row of it does", call->function->name,
                 f->err.message);
}

static void check_shape(size_t s, bool ansi, bool extreme, int round)
{
    for (size_t n = 0; n < LV_COUNT_OF(fixture_lengths); n++) {
        fixture f;
        fixture_init(&f, ansi);
        lv_vector args[MAX_ARGS], originals[MAX_ARGS];
        int count = 0;
        for (; count < MAX_ARGS && shapes[s].args[count] != NULL; count++) {
            const lv_type *type = type_named(&f.arena, shapes[s].args[count]);
            int pick = (int)(fixture_random() % 3);
            lv_encoding encoding = pick == 0                                   ? LV_CONSTANT
                                   : pick == 1 && lv_type_is_string_like(type) ? LV_DICTIONARY
                                                                               : LV_FLAT;
            args[count] = fixture_vector(&f.arena, type, encoding, fixture_lengths[n],
                                         (int)(fixture_random() % 3) * 3, extreme);
            originals[count] = args[count];
        }
        lv_call *call = fixture_bind(&f, shapes[s].name, args, count);
        if (call == NULL && f.err.status == LV_OK)
            fail_msg("%s does not bind", shapes[s].name);
        if (call != NULL)
            check_rows(&f, call, args, count, fixture_lengths[n]);
        else /* only a cast of a value may have failed */
            assert_true(f.err.status == LV_CAST_INVALID_INPUT || f.err.status == LV_CAST_OVERFLOW);
        (void)originals;
        lv_arena_release(&f.arena);
    }
}

static void test_whole_vectors(void **state)
{
    for (size_t s = 0; s < LV_COUNT_OF(shapes); s++)
        for (int round = 0; round < 4; round++)
            check_shape(s, round % 2, round >= 2, round);
}

/* ---- twins: independent row-at-a-time versions of the hot kernels ---------------------------- */

static void test_integer_twin(void **state)
{
    static const char *const ops[] = {"+", "-", "*"};
    fixture f;
    fixture_init(&f, false);
    for (int o = 0; o < 3; o++)
        for (size_t n = 1; n < LV_COUNT_OF(fixture_lengths); n++) {
            int64_t rows = fixture_lengths[n];
            lv_vector a = fixture_vector(&f.arena, lv_type_of(LV_TYPE_INT), LV_FLAT, rows, 2, true),
                      out, args[2];
            lv_vector b = fixture_vector(&f.arena, lv_type_of(LV_TYPE_INT),
                                         n % 2 ? LV_FLAT : LV_CONSTANT, rows, n % 2 ? 3 : 0, true);
            args[0] = a;
            args[1] = b;
            assert_ok(&f.err, fixture_call(&f, ops[o], args, 2, rows, &out));
            for (int64_t i = 0; i < rows; i++) {
                bool null = lv_vector_is_null(&a, i) || lv_vector_is_null(&b, i);
                assert_int_equal(lv_vector_is_null(&out, i), null);
                __int128 x = LV_AT(int32_t, &a, i), y = LV_AT(int32_t, &b, i),
                         want = o == 0   ? x + y
                                : o == 1 ? x - y
                                         : x * y;
                if (!null)
                    assert_int_equal(LV_AT(int32_t, &out, i), (int32_t)(uint32_t)want);
            }
        }
    lv_arena_release(&f.arena);
}

/* order of doubles by mapping them to integers, as sorting by bits does */
static int twin_order(double a, double b)
{
    if (isnan(a) || isnan(b))
        return (isnan(a) != 0) - (isnan(b) != 0);
    int64_t x, y;
    a = a == 0 ? 0 : a;
    b = b == 0 ? 0 : b;
    memcpy(&x, &a, 8);
    memcpy(&y, &b, 8);
    x = x < 0 ? INT64_MIN - x : x;
    y = y < 0 ? INT64_MIN - y : y;
    return (x > y) - (x < y);
}

static void test_comparison_twin(void **state)
{
    static const struct {
        const char *op;
        bool less, equal, more;
    } ops[] = {{"=", 0, 1, 0},  {"<>", 1, 0, 1}, {"<", 1, 0, 0},
               {"<=", 1, 1, 0}, {">", 0, 0, 1},  {">=", 0, 1, 1}};
    fixture f;
    fixture_init(&f, true);
    for (size_t o = 0; o < LV_COUNT_OF(ops); o++)
        for (int shape = 0; shape < 3; shape++) {
            enum { ROWS = 2047 };
            lv_vector out, args[2];
            args[0] = fixture_vector(&f.arena, lv_type_of(LV_TYPE_DOUBLE),
                                     shape == 1 ? LV_CONSTANT : LV_FLAT, ROWS, 0, true);
            args[1] = fixture_vector(&f.arena, lv_type_of(LV_TYPE_DOUBLE),
                                     shape == 2 ? LV_CONSTANT : LV_FLAT, ROWS, 0, true);
            lv_vector a = args[0], b = args[1];
            assert_ok(&f.err, fixture_call(&f, ops[o].op, args, 2, ROWS, &out));
            for (int64_t i = 0; i < ROWS; i++) {
                int order = twin_order(LV_AT(double, &a, i), LV_AT(double, &b, i));
                assert_int_equal(LV_AT(uint8_t, &out, i), order < 0    ? ops[o].less
                                                          : order == 0 ? ops[o].equal
                                                                       : ops[o].more);
            }
        }
    lv_arena_release(&f.arena);
}

/* LIKE by plain recursion. */
static bool twin_like(const char *s, const char *p)
{
    if (*p == '\0')
        return *s == '\0';
    if (*p == '%')
        return twin_like(s, p + 1) || (*s && twin_like(s + 1, p));
    return *s && (*p == '_' || *p == *s) && twin_like(s + 1, p + 1);
}

static void test_like_twin(void **state)
{
    fixture f;
    fixture_init(&f, true);
    for (int round = 0; round < 20000; round++) {
        char s[9] = {0}, p[7] = {0};
        for (size_t i = 0; i < fixture_random() % 9; i++)
            s[i] = "ab"[fixture_random() % 2];
        for (size_t i = 0; i < fixture_random() % 7; i++)
            p[i] = "ab%_"[fixture_random() % 4];
        lv_vector args[2] = {fixture_str(&f, s), fixture_str(&f, p)}, out;
        assert_ok(&f.err, fixture_call(&f, "like", args, 2, 1, &out));
        if (LV_AT(uint8_t, &out, 0) != twin_like(s, p))
            fail_msg("'%s' LIKE '%s' is %d", s, p, LV_AT(uint8_t, &out, 0));
        lv_arena_reset(&f.arena);
    }
    lv_arena_release(&f.arena);
}

/* DECIMAL product and quotient checked by the definition: |x·b - a| <= |b|/2. */
static void test_decimal_twin(void **state)
{
    fixture f;
    fixture_init(&f, true);
    for (int round = 0; round < 20000; round++) {
        lv_vector args[2], out;
        const lv_type *types[2] = {lv_type_decimal(&f.arena, 12, 3),
                                   lv_type_decimal(&f.arena, 9, 2)};
        for (int a = 0; a < 2; a++) {
            lv_vector_init_flat(&args[a], &f.arena, types[a], 1);
            int64_t limit = a ? 999999999 : 999999999999;
            *(__int128 *)args[a].data = (int64_t)(fixture_random() % (uint64_t)(2 * limit)) - limit;
        }
        __int128 a = *(__int128 *)args[0].data, b = *(__int128 *)args[1].data;
        if (b == 0)
            continue;
        assert_ok(&f.err,
                  fixture_call(&f, "/", args, 2, 1, &out)); /* DECIMAL(24,13): a/1000 / (b/100) */
        assert_int_equal(out.type->scale, 13);
        __int128 x = LV_AT(__int128, &out, 0), scaled = a * 1000000000000,
                 rest = scaled - x * b; /* 10^(13-3+2) */
        rest = rest < 0 ? -rest : rest;
        assert_true(2 * rest <= (b < 0 ? -b : b));
        assert_ok(&f.err, fixture_call(&f, "*", args, 2, 1, &out));
        assert_true(LV_AT(__int128, &out, 0) == a * b);
        lv_arena_reset(&f.arena);
    }
    lv_arena_release(&f.arena);
}

/* ---- nested values --------------------------------------------------------------------------- */

static void expect_text(fixture *f, const char *name, const lv_vector *given, int count,
                        const char *expected)
{
    lv_vector args[MAX_ARGS], out;
    for (int a = 0; a < count; a++)
        args[a] = given[a];
    lv_status status = fixture_call(f, name, args, count, 1, &out);
    if (expected[0] == '!') {
        assert_string_equal(lv_status_class(status), expected + 1);
        return;
    }
    assert_ok(&f->err, status);
    assert_string_equal(fixture_text(f, &out, 0), expected);
}

static void test_nested(void **state)
{
    fixture f;
    fixture_init(&f, true);
    const lv_type *integer = lv_type_of(LV_TYPE_INT);
    lv_vector items[3] = {fixture_value(&f, integer, "1"), fixture_value(&f, integer, NULL),
                          fixture_value(&f, integer, "3")},
              array, map;
    assert_ok(&f.err, fixture_call(&f, "array", items, 3, 1, &array));
    lv_vector entries[4] = {fixture_str(&f, "k"), items[0], fixture_str(&f, "l"), items[1]};
    assert_ok(&f.err, fixture_call(&f, "map", entries, 4, 1, &map));
    assert_string_equal(fixture_text(&f, &array, 0), "[1, null, 3]");
    assert_string_equal(fixture_text(&f, &map, 0), "{k -> 1, l -> null}");
    lv_vector at[2] = {array};
    static const struct {
        const char *name, *index, *result;
    } cases[] = {{"[]", "0", "1"},
                 {"[]", "2", "3"},
                 {"[]", "3", "!INVALID_ARRAY_INDEX"},
                 {"[]", "-1", "!INVALID_ARRAY_INDEX"},
                 {"[]", NULL, "NULL"},
                 {"element_at", "1", "1"},
                 {"element_at", "-1", "3"},
                 {"element_at", "4", "!INVALID_ARRAY_INDEX_IN_ELEMENT_AT"},
                 {"element_at", "0", "!INVALID_INDEX_OF_ZERO"},
                 {"try_element_at", "-4", "NULL"},
                 {"try_element_at", "-3", "1"},
                 {"get", "2", "3"},
                 {"get", "7", "NULL"},
                 {"get", "-1", "NULL"}};
    for (size_t i = 0; i < LV_COUNT_OF(cases); i++) {
        at[1] = fixture_value(&f, integer, cases[i].index);
        expect_text(&f, cases[i].name, at, 2, cases[i].result);
    }
    expect_text(&f, "size", &array, 1, "3");
    at[1] = fixture_value(&f, integer, "3");
    expect_text(&f, "array_contains", at, 2, "true");
    at[1] = fixture_value(&f, integer, "2");
    expect_text(&f, "array_contains", at, 2, "NULL");
    at[1] = array;
    expect_text(&f, "concat", at, 2, "[1, null, 3, 1, null, 3]");
    at[0] = map;
    at[1] = fixture_str(&f, "k");
    expect_text(&f, "[]", at, 2, "1");
    at[1] = fixture_str(&f, "zz");
    expect_text(&f, "element_at", at, 2, "NULL");
    expect_text(&f, "map_keys", &map, 1, "[k, l]");
    expect_text(&f, "map_values", &map, 1, "[1, null]");
    expect_text(&f, "to_json", &map, 1, "{\"k\":1,\"l\":null}");
    lv_vector same[4] = {fixture_str(&f, "k"), items[0], fixture_str(&f, "k"), items[1]};
    expect_text(&f, "map", same, 4, "!DUPLICATED_MAP_KEY");
    lv_vector named[4] = {fixture_str(&f, "a"), items[0], fixture_str(&f, "b"),
                          fixture_str(&f, "x")};
    expect_text(&f, "named_struct", named, 4, "{1, x}");
    lv_arena_release(&f.arena);
}

/* ---- aggregates ------------------------------------------------------------------------------ */

static const char *aggregate(fixture *f, const char *name, const lv_type *type,
                             const char *const *values, int count, int batch)
{
    lv_vector probe;
    lv_vector_init_flat(&probe, &f->arena, type, 1);
    probe.length = 0;
    lv_call *call = fixture_bind(f, name, &probe, 1);
    assert_non_null(call);
    lv_aggregate *a;
    lv_vector out;
    assert_ok(&f->err, lv_aggregate_new(call, &a, &f->err));
    lv_status status = LV_OK;
    for (int from = 0; from < count && status == LV_OK; from += batch) {
        lv_builder b;
        lv_builder_init(&b, &f->arena, call->arg_types[0], batch);
        for (int i = from; i < count && i < from + batch; i++) {
            lv_vector v = fixture_value(f, call->arg_types[0], values[i]);
            lv_builder_append(&b, &v, 0);
        }
        lv_vector in;
        lv_builder_finish(&b, &in);
        status = lv_aggregate_update(a, &f->eval, &in, in.length, &f->err);
    }
    if (status == LV_OK)
        status = lv_aggregate_finish(a, &f->eval, &out, &f->err);
    lv_aggregate_free(a);
    return status == LV_OK ? fixture_text(f, &out, 0) : lv_status_class(status);
}

static void test_aggregates(void **state)
{
    static const struct {
        const char *name, *type;
        const char *values[4];
        int count;
        const char *result;
    } cases[] = {
        {"count", "INT", {"1", NULL, "3"}, 3, "2"},
        {"count", "INT", {NULL}, 0, "0"},
        {"sum", "INT", {"2147483647", NULL, "1"}, 3, "2147483648"},
        {"sum", "INT", {NULL}, 1, "NULL"},
        {"sum", "BIGINT", {"9223372036854775807", "1"}, 2, "ARITHMETIC_OVERFLOW"},
        {"sum", "DOUBLE", {"-0.0"}, 1, "0.0"},
        {"sum", "DECIMAL(5,2)", {"999.99", "999.99", "0.01"}, 3, "1999.99"},
        {"avg", "INT", {"1", "2", NULL}, 3, "1.5"},
        {"avg", "DECIMAL(5,2)", {"1.00", "2.00", "2.00"}, 3, "1.666667"},
        {"min", "DOUBLE", {"NaN", "1", NULL}, 3, "1.0"},
        {"max", "DOUBLE", {"NaN", "1", "2"}, 3, "NaN"},
        {"max", "STRING", {"b", "ab", "Z", NULL}, 4, "b"},
        {"min", "STRING", {"b", "ab", "Z", NULL}, 4, "Z"},
        {"max", "STRING", {NULL}, 1, "NULL"},
        {"max", "DOUBLE", {"-0.0", "0.0"}, 2, "-0.0"},
        {"first", "INT", {NULL, "2"}, 2, "NULL"},
        {"last", "INT", {NULL, "2"}, 2, "2"},
        {"count_if", "BOOLEAN", {"true", NULL, "false", "true"}, 4, "2"},
    };
    for (size_t i = 0; i < LV_COUNT_OF(cases); i++)
        for (int batch = 1; batch <= 4; batch += 3) {
            fixture f;
            fixture_init(&f, true);
            const char *result = aggregate(&f, cases[i].name, type_named(&f.arena, cases[i].type),
                                           cases[i].values, cases[i].count, batch);
            if (strcmp(result, cases[i].result) != 0)
                fail_msg("%s of %s: %s, not %s", cases[i].name, cases[i].type, result,
                         cases[i].result);
            lv_arena_release(&f.arena);
        }
}

static void test_table(void **state)
{
    int count;
    const lv_function *table = lv_function_table(&count);
    for (int i = 0; i < count; i++) {
        assert_ptr_equal(lv_function_find(lv_str_of(table[i].name)), &table[i]); /* no name twice */
        assert_true(table[i].max_args < 0 || table[i].max_args >= table[i].min_args);
        assert_true((table[i].open == NULL) == (table[i].close == NULL));
    }
    assert_string_equal(lv_function_suggest(LV_STR("uper")), "upper");
    assert_null(lv_function_suggest(LV_STR("quite_another_thing")));
    assert_ptr_equal(lv_function_find(LV_STR("UPPER")), lv_function_find(LV_STR("upper")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),           cmocka_unit_test(test_ansi_values),
        cmocka_unit_test(test_legacy_values),   cmocka_unit_test(test_integer_twin),
        cmocka_unit_test(test_comparison_twin), cmocka_unit_test(test_like_twin),
        cmocka_unit_test(test_decimal_twin),    cmocka_unit_test(test_nested),
        cmocka_unit_test(test_aggregates),      cmocka_unit_test(test_whole_vectors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
