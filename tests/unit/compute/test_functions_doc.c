/* test_functions_doc.c: docs/functions.md is made from functions.def and examples.def; this checks that it is up to
 * date. To write it anew: build/dev/tests/test_functions_doc --write */
#include "compute/compute.h"
#include "os/os.h"
#include "unit.h"

static const char path[] = "docs/functions.md";

/* Groups in the order of functions.def, each told by its first function. */
static const struct {
    const char *first;
    const char *title;
} groups[] = {{"+", "Operators"},
              {"if", "Conditions"},
              {"negative", "Numbers"},
              {"upper", "Text"},
              {"md5", "Hashes"},
              {"uuid", "Session and row"},
              {"current_timestamp", "Time"},
              {"struct", "Structs, arrays, maps"},
              {"transform", "Higher-order functions"},
              {"explode", "Generators"},
              {"from_json", "JSON"},
              {"boolean", "Casts by name"},
              {"count", "Aggregates"}};

static void add_cell(lv_sbuf *out, const char *text)
{
    for (; *text; text++) {
        if (*text == '|')
            lv_sbuf_add_char(out, '\\');
        lv_sbuf_add_char(out, *text);
    }
}

/* Its examples, each `sql` → `result`. */
static void add_examples(lv_sbuf *out, const char *function)
{
    int count, found = 0;
    const lv_example *examples = lv_function_examples(&count);
    for (int i = 0; i < count; i++) {
        if (strcmp(examples[i].function, function) != 0)
            continue;
        lv_sbuf_add_cstr(out, found++ > 0 ? "<br>`" : "`");
        add_cell(out, examples[i].sql);
        lv_sbuf_add_cstr(out, "` → `");
        add_cell(out, examples[i].result);
        lv_sbuf_add_char(out, '`');
    }
}

static void make(lv_sbuf *out)
{
    int count;
    const lv_function *table = lv_function_table(&count);
    lv_sbuf_add_cstr(out,
                     "# Functions\n\nNames, arguments, results and errors are Spark's, ANSI "
                     "mode included. Made from `src/compute/functions.def` and `examples.def` by\n"
                     "`test_functions_doc --write`; do not edit.\n");
    for (int i = 0; i < count; i++) {
        for (size_t g = 0; g < LV_COUNT_OF(groups); g++)
            if (strcmp(groups[g].first, table[i].name) == 0)
                lv_sbuf_printf(out, "\n## %s\n\n| | | example |\n| --- | --- | --- |\n",
                               groups[g].title);
        lv_sbuf_add_cstr(out, "| `");
        add_cell(out, table[i].signature);
        lv_sbuf_add_cstr(out, "` | ");
        add_cell(out, table[i].summary);
        lv_sbuf_add_cstr(out, " | ");
        add_examples(out, table[i].name);
        lv_sbuf_add_cstr(out, " |\n");
    }
}

static void test_up_to_date(void **state)
{
    lv_sbuf want = LV_SBUF_INIT, have = LV_SBUF_INIT;
    lv_error err = LV_ERROR_INIT;
    make(&want);
    assert_ok(&err, lv_file_read_all(path, &have, &err));
    if (!lv_str_eq(lv_sbuf_str(&want), lv_sbuf_str(&have)))
        fail_msg("%s is out of date: run build/dev/tests/test_functions_doc --write", path);
    lv_sbuf_release(&want);
    lv_sbuf_release(&have);
}

static int write_anew(void)
{
    lv_sbuf text = LV_SBUF_INIT;
    make(&text);
    lv_status status = lv_file_publish(path, text.ptr, text.len, true, false, NULL);
    lv_sbuf_release(&text);
    return status == LV_OK ? 0 : 1;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_up_to_date)};
    return argc > 1 && strcmp(argv[1], "--write") == 0 ? write_anew()
                                                       : cmocka_run_group_tests(tests, NULL, NULL);
}
