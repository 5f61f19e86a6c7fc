/* module: json
 * fuzz_json_extract.c: a path, a NUL and a JSON text: what is at the path, members, names, items. An array's items
 * must be as many as [*] finds. */
#include <string.h>

#include "base/check.h"
#include "json/extract.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *zero = size > 0 ? memchr(data, 0, size) : NULL;
    if (zero == NULL)
        return 0;
    lv_str path_text = {(const char *)data, (size_t)(zero - data)};
    lv_str text = {(const char *)zero + 1, size - path_text.len - 1}, out, outs[2];
    static const lv_str names[] = {LV_STR("a"), LV_STR("b")};
    lv_arena arena;
    lv_json_path path;
    lv_builder keys;
    int32_t length;
    lv_arena_init(&arena);
    lv_json_extractor *x = lv_json_extractor_make(&arena);
    if (lv_json_path_parse(&arena, path_text, false, &path))
        lv_json_extract_path(x, text, &path, &out);
    lv_json_extract_members(x, text, names, 2, outs);
    lv_builder_init(&keys, &arena, lv_type_of(LV_TYPE_STRING), 1);
    lv_json_extract_keys(x, text, &keys);
    bool is_array = lv_json_extract_length(x, text, &length), good;
    good = lv_json_path_parse(&arena, LV_STR("$[*]"), false, &path);
    LV_ASSERT(good);
    if (is_array)
        LV_ASSERT(lv_json_extract_path(x, text, &path, &out) == (length > 0));
    lv_arena_release(&arena);
    return 0;
}
