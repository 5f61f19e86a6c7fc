/* module: json
 * fuzz_json_dom.c: hostile control data: the DOM reader, and schema JSON on top of it. What the reader
 * takes must lie inside the text, must read the same a second time from its own text, and a schema must
 * survive being printed and read again. */
#include <stdlib.h>

#include "base/check.h"
#include "base/utf8.h"
#include "json/json.h"

static void check_value(lv_str text, const lv_json *value)
{
    LV_ASSERT(value->text.ptr >= text.ptr && value->text.len > 0);
    LV_ASSERT(value->text.ptr + value->text.len <= text.ptr + text.len);
    if (value->kind == LV_JSON_STRING)
        LV_ASSERT(lv_utf8_is_valid(value->str.ptr, value->str.len));
    for (int i = 0; i < value->count; i++) {
        check_value(value->text, &value->items[i]);
        if (value->kind != LV_JSON_OBJECT)
            continue;
        LV_ASSERT(lv_utf8_is_valid(value->keys[i].ptr, value->keys[i].len));
    }
}

static void check_same(const lv_json *a, const lv_json *b)
{
    LV_ASSERT(a->kind == b->kind && a->count == b->count && a->boolean == b->boolean);
    LV_ASSERT(lv_str_eq(a->text, b->text) && lv_str_eq(a->str, b->str));
    for (int i = 0; i < a->count; i++) {
        LV_ASSERT(a->kind != LV_JSON_OBJECT || lv_str_eq(a->keys[i], b->keys[i]));
        check_same(&a->items[i], &b->items[i]);
    }
}

static void check_schema(lv_arena *arena, const lv_json *json)
{
    const lv_type *type, *again;
    lv_error err = LV_ERROR_INIT;
    if (lv_type_from_json(arena, json, &type, &err) != LV_OK)
        return;
    lv_sbuf text = LV_SBUF_INIT, text_again = LV_SBUF_INIT;
    lv_type_print_json(type, &text);
    lv_status status = lv_type_from_json_text(arena, lv_sbuf_str(&text), &again, &err);
    LV_ASSERT(status == LV_OK && lv_type_equal(type, again));
    lv_type_print_json(again, &text_again);
    LV_ASSERT(lv_str_eq(lv_sbuf_str(&text), lv_sbuf_str(&text_again)));
    lv_sbuf_release(&text);
    lv_sbuf_release(&text_again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    lv_arena arena;
    lv_arena_init(&arena);
    char *copy = malloc(LV_MAX(size, (size_t)1)); /* exactly as long as the text */
    LV_ASSERT(copy != NULL);
    if (size > 0)
        memcpy(copy, data, size);
    lv_str text = {copy, size};
    lv_json *root, *again;
    lv_error err = LV_ERROR_INIT;
    if (lv_json_parse(&arena, text, &root, &err) == LV_OK) {
        check_value(text, root);
        lv_status status = lv_json_parse(&arena, lv_json_text(root), &again, &err);
        LV_ASSERT(status == LV_OK);
        check_same(root, again);
        check_schema(&arena, root);
    } else {
        LV_ASSERT(err.message[0] != '\0');
    }
    free(copy);
    lv_arena_release(&arena);
    return 0;
}
