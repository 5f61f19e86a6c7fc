/* str_to_map.c: a map of a text such as "a:1,b:2"; what separates entries, and keys from values, are regular
 * expressions. Source: StringToMap in complexTypeCreator.scala; String.split of Java. */
#include <stdlib.h>

#include "base/check.h"
#include "compute/compute_int.h"
#include "compute/regex.h"

/* Between entries, and between key and value; each compiled when a row has another pattern than the one before. */
typedef struct separators {
    lv_regex *between[2];
} separators;

lv_status lv_str_to_map_open(lv_call *call, const bool *wanted, lv_error *err)
{
    call->state = calloc(1, sizeof(separators));
    LV_ASSERT(call->state != NULL);
    return LV_OK;
}

void lv_str_to_map_close(lv_call *call)
{
    separators *s = call->state;
    lv_regex_free(s->between[0]);
    lv_regex_free(s->between[1]);
    free(s);
    call->state = NULL;
}

static lv_status use_patterns(const lv_call *call, const lv_vector *args, int64_t i, lv_error *err)
{
    static const char *const defaults[] = {",", ":"};
    separators *s = call->state;
    for (int k = 0; k < 2; k++) {
        lv_str pattern =
            call->arg_count > k + 1 ? lv_vector_str(&args[k + 1], i) : lv_str_of(defaults[k]);
        if (s->between[k] != NULL && lv_regex_is_of(s->between[k], pattern))
            continue;
        lv_regex_free(s->between[k]);
        s->between[k] = NULL;
        LV_TRY(lv_regex_new(pattern, true, "str_to_map", &s->between[k], err));
    }
    return LV_OK;
}

/* The next place that separates, at or behind `from`: begin and end, both the text's length if there is none. One at
 * the very beginning that is empty does not count. */
static lv_status next_separator(lv_regex *re, const lv_subject *s, size_t from, size_t *begin,
                                size_t *end, lv_error *err)
{
    bool found = false;
    *begin = *end = s->text.len;
    while (from <= s->text.len) {
        LV_TRY(lv_regex_find(re, s, from, &found, err));
        if (!found)
            return LV_OK;
        lv_regex_group(re, 0, begin, end);
        if (*end > 0)
            return LV_OK;
        from = lv_regex_next(re, s);
        *begin = *end = s->text.len;
    }
    return LV_OK;
}

static lv_status add_entry(separators *by, const lv_subject *entry, lv_builder *map, lv_error *err)
{
    size_t begin, end;
    lv_str text = entry->text;
    LV_TRY(next_separator(by->between[1], entry, 0, &begin, &end, err));
    lv_builder_str(&map->children[0], lv_str_sub(text, 0, begin));
    if (begin == text.len)
        lv_builder_null(&map->children[1]);
    else
        lv_builder_str(&map->children[1], lv_str_sub(text, end, text.len - end));
    return LV_OK;
}

static lv_status add_entries(separators *by, const lv_subject *s, lv_builder *map, lv_error *err)
{
    for (size_t at = 0, from = 0;;) {
        size_t begin, end;
        LV_TRY(next_separator(by->between[0], s, from, &begin, &end, err));
        lv_subject entry = {lv_str_sub(s->text, at, begin - at), s->ascii};
        bool last = begin == s->text.len && end == begin;
        from = last ? 0 : lv_regex_next(by->between[0], s);
        LV_TRY(add_entry(by, &entry, map, err));
        if (last)
            return LV_OK;
        at = end;
    }
}

static lv_status kernel_str_to_map(const lv_call *call, lv_eval *eval, const lv_vector *args,
                                   int64_t rows, lv_vector *out, lv_error *err)
{
    uint64_t *validity = lv_validity_merge(eval->arena, args, call->arg_count, rows);
    lv_builder b;
    lv_builder_init(&b, eval->arena, call->type, rows);
    for (int64_t i = 0; i < rows; i++) {
        if (!lv_row_valid(validity, i)) {
            lv_builder_null(&b);
            continue;
        }
        lv_subject text = lv_subject_of(eval->arena, lv_vector_str(&args[0], i));
        LV_TRY(use_patterns(call, args, i, err));
        LV_TRY(add_entries(call->state, &text, &b, err));
        lv_builder_end_list(&b);
    }
    lv_builder_finish(&b, out);
    return lv_map_finish(call, eval, out, err);
}

lv_status lv_bind_str_to_map(const lv_function *function, lv_bind *bind, lv_error *err)
{
    const lv_type *text = lv_type_of(LV_TYPE_STRING);
    for (int i = 0; i < bind->arg_count; i++) {
        if (bind->arg_types[i]->kind != LV_TYPE_VOID && bind->arg_types[i]->kind != LV_TYPE_STRING)
            return lv_bind_mismatch(function, bind, i, "\"STRING\"", err);
        bind->arg_types[i] = text;
    }
    lv_bind_result(bind, lv_type_map(bind->arena, text, text, true), false, kernel_str_to_map);
    return LV_OK;
}
