/* builder.c: row-by-row construction of FLAT vectors. */
#include "base/check.h"
#include "column/vector.h"

void lv_builder_init(lv_builder *b, lv_arena *arena, const lv_type *type, int64_t capacity)
{
    *b = (lv_builder){.arena = arena, .type = type};
    if (lv_type_is_nested(type)) {
        b->children = LV_NEW_ARRAY(arena, lv_builder, type->field_count);
        for (int f = 0; f < type->field_count; f++)
            lv_builder_init(&b->children[f], arena, type->fields[f].type, capacity);
    }
    lv_builder_reserve(b, LV_MAX(capacity, 8));
    if (b->offsets != NULL)
        b->offsets[0] = 0;
}

void lv_builder_reserve(lv_builder *b, int64_t more)
{
    int64_t need = b->length + more;
    if (need <= b->capacity)
        return;
    int64_t capacity = LV_MAX(need, b->capacity * 2);
    capacity = LV_ALIGN_UP(capacity, 64);
    size_t used = (size_t)b->length, room = (size_t)capacity;
    if (b->type->kind == LV_TYPE_ARRAY || b->type->kind == LV_TYPE_MAP) {
        size_t old = b->offsets ? (used + 1) * sizeof(int32_t) : 0;
        b->offsets = lv_arena_grow(b->arena, b->offsets, old, (room + 1) * sizeof(int32_t));
    } else if (b->type->kind != LV_TYPE_STRUCT) {
        size_t size = lv_type_value_size(b->type);
        b->data = lv_arena_grow(b->arena, b->data, used * size, room * size);
    }
    if (b->validity != NULL) {
        uint64_t *grown = lv_validity_new(b->arena, capacity, true);
        memcpy(grown, b->validity, LV_BITMAP_WORDS(b->length) * sizeof(uint64_t));
        b->validity = grown;
    }
    b->capacity = capacity;
}

static void mark_null(lv_builder *b)
{
    if (b->validity == NULL)
        b->validity = lv_validity_new(b->arena, b->capacity, true);
    b->has_nulls = true;
    lv_bit_clear(b->validity, b->length);
}

/* Room for one more row whose validity bit is set. */
static inline void next_row(lv_builder *b)
{
    if (LV_UNLIKELY(b->length == b->capacity))
        lv_builder_reserve(b, 1);
    if (b->validity != NULL)
        lv_bit_set(b->validity, b->length);
}

void lv_builder_null(lv_builder *b)
{
    next_row(b);
    mark_null(b);
    if (b->type->kind == LV_TYPE_STRUCT) {
        for (int f = 0; f < b->type->field_count; f++)
            lv_builder_null(&b->children[f]);
    } else if (b->offsets != NULL) {
        b->offsets[b->length + 1] = b->offsets[b->length];
    } else {
        size_t size = lv_type_value_size(b->type);
        memset((char *)b->data + (size_t)b->length * size, 0, size);
    }
    b->length++;
}

void lv_builder_value(lv_builder *b, const void *value)
{
    LV_DCHECK(!lv_type_is_nested(b->type));
    next_row(b);
    size_t size = lv_type_value_size(b->type);
    memcpy((char *)b->data + (size_t)b->length * size, value, size);
    b->length++;
}

#define APPEND(name, ctype)                                                                        \
    void name(lv_builder *b, ctype value)                                                          \
    {                                                                                              \
        LV_DCHECK(lv_type_value_size(b->type) == sizeof value);                                    \
        next_row(b);                                                                               \
        ((ctype *)b->data)[b->length++] = value;                                                   \
    }
APPEND(lv_builder_bool, bool)
APPEND(lv_builder_i32, int32_t)
APPEND(lv_builder_i64, int64_t)
APPEND(lv_builder_f64, double)
APPEND(lv_builder_str, lv_str)
#undef APPEND

void lv_builder_str_copy(lv_builder *b, lv_str value)
{
    lv_builder_str(b, lv_str_dup(b->arena, value));
}

void lv_builder_end_struct(lv_builder *b)
{
    LV_DCHECK(b->type->kind == LV_TYPE_STRUCT);
    next_row(b);
    b->length++;
    for (int f = 0; f < b->type->field_count; f++)
        LV_DCHECK(b->children[f].length == b->length);
}

void lv_builder_end_list(lv_builder *b)
{
    LV_DCHECK(b->offsets != NULL);
    next_row(b);
    b->length++;
    LV_ASSERT(b->children[0].length <= INT32_MAX);
    b->offsets[b->length] = (int32_t)b->children[0].length;
}

void lv_builder_append(lv_builder *b, const lv_vector *v, int64_t i)
{
    if (lv_vector_is_null(v, i)) {
        lv_builder_null(b);
        return;
    }
    int64_t row = lv_vector_index(v, i);
    if (b->type->kind == LV_TYPE_STRUCT) {
        for (int f = 0; f < b->type->field_count; f++)
            lv_builder_append(&b->children[f], &v->children[f], row);
        lv_builder_end_struct(b);
    } else if (b->offsets != NULL) {
        for (int32_t e = v->offsets[row]; e < v->offsets[row + 1]; e++)
            for (int f = 0; f < b->type->field_count; f++)
                lv_builder_append(&b->children[f], &v->children[f], e);
        lv_builder_end_list(b);
    } else if (lv_type_is_string_like(b->type)) {
        lv_builder_str(b, lv_vector_str(v, i));
    } else {
        lv_builder_value(b, (const char *)v->data + (size_t)row * lv_type_value_size(b->type));
    }
}

void lv_builder_truncate(lv_builder *b, int64_t length)
{
    LV_ASSERT(length <= b->length);
    b->length = length;
    for (int f = 0; f < b->type->field_count && b->children != NULL; f++) {
        int64_t child = b->offsets ? b->offsets[length] : length;
        lv_builder_truncate(&b->children[f], LV_MIN(child, b->children[f].length));
    }
}

void lv_builder_finish(lv_builder *b, lv_vector *out)
{
    *out = (lv_vector){.type = b->type,
                       .encoding = LV_FLAT,
                       .length = b->length,
                       .data = b->data,
                       .offsets = b->offsets,
                       .validity = b->has_nulls ? b->validity : NULL};
    if (b->children == NULL)
        return;
    out->child_count = b->type->field_count;
    out->children = LV_NEW_ARRAY(b->arena, lv_vector, b->type->field_count);
    for (int f = 0; f < b->type->field_count; f++)
        lv_builder_finish(&b->children[f], &out->children[f]);
}
