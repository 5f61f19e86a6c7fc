/* module: plan */
/* fuzz_sql.c: any text through lexer, grammar, builder, analyzer and optimizer over a fixed catalog;
 * also as a type. Nothing but memory errors, assertions and hangs can fail here. */
#include "../unit/plan/plan_fixture.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    lv_str text = {(const char *)data, size};
    lv_sbuf out = LV_SBUF_INIT;
    if (size > 20000)
        return 0;
    fixture_run("fuzz.sql", text, &out);
    lv_sbuf_release(&out);
    lv_arena arena;
    lv_arena_init(&arena);
    lv_error err = LV_ERROR_INIT;
    const lv_type *type;
    if (lv_type_parse(&arena, text, &type, &err) != LV_OK) {
        lv_sql_diagnose(&out, "type", text, &err);
        lv_sql_diagnose_json(&out, "type", text, &err);
    }
    lv_sbuf_release(&out);
    lv_arena_release(&arena);
    return 0;
}
