/* module: conn
 *
 * fuzz_file_log.c: a file of the log of a stream of files that is not ours; and the schema of JSON texts. */
#include "conn/file_log.h"
#include "json/infer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void infer(lv_arena *arena, lv_str text, bool decimals)
{
    lv_json_infer_options options = {.prefers_decimal = decimals, .infer_timestamp = decimals};
    if (lv_json_infer_options_set(arena, &options, LV_STR("timeZone"), LV_STR("UTC"), NULL) !=
        LV_OK)
        return;
    lv_json_inferrer *inferrer = lv_json_inferrer_new(&options);
    for (lv_str line; lv_str_split(&text, '\n', &line);)
        if (lv_json_infer_record(inferrer, line, NULL) != LV_OK)
            break;
    lv_json_inferrer_schema(inferrer, arena);
    lv_json_inferrer_free(inferrer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    lv_arena arena;
    lv_logged_file *files;
    int64_t count;
    lv_arena_init(&arena);
    lv_str text = lv_str_dup(&arena, (lv_str){(const char *)data, size});
    if (lv_file_log_parse(&arena, text, "0", &files, &count, NULL) != LV_OK) {
        infer(&arena, text, false);
        infer(&arena, text, true);
    }
    lv_arena_release(&arena);
    return 0;
}
