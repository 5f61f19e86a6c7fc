/* vector.c: making, checking and rearranging vectors. */
#include "column/vector.h"

#include "base/check.h"

int64_t lv_vector_null_count(const lv_vector *v)
{
    if (v->validity == NULL)
        return 0;
    if (v->encoding == LV_CONSTANT)
        return lv_bit_get(v->validity, 0) ? 0 : v->length;
    return v->length - lv_bits_count(v->validity, v->length);
}

lv_str lv_vector_str(const lv_vector *v, int64_t i)
{
    if (v->encoding == LV_DICTIONARY)
        return v->dict->values[((const uint32_t *)v->data)[i]];
    return LV_AT(lv_str, v, i);
}

uint64_t *lv_validity_new(lv_arena *arena, int64_t length, bool valid)
{
    size_t bytes = LV_MAX(LV_BITMAP_WORDS(length), (size_t)1) * sizeof(uint64_t);
    return memset(lv_arena_alloc(arena, bytes), valid ? 0xFF : 0, bytes);
}

void lv_vector_init_flat(lv_vector *v, lv_arena *arena, const lv_type *type, int64_t length)
{
    *v = (lv_vector){.type = type, .encoding = LV_FLAT, .length = length};
    if (lv_type_is_nested(type)) {
        v->child_count = type->field_count;
        v->children = LV_NEW_ARRAY(arena, lv_vector, type->field_count);
        if (type->kind != LV_TYPE_STRUCT)
            v->offsets = LV_NEW_ARRAY(arena, int32_t, length + 1);
    } else {
        v->data = lv_arena_alloc(arena, lv_type_value_size(type) * (size_t)LV_MAX(length, 1));
    }
}

void lv_vector_init_null(lv_vector *v, lv_arena *arena, const lv_type *type, int64_t length)
{
    lv_vector_init_flat(v, arena, type, 1);
    if (v->data != NULL)
        memset(v->data, 0, lv_type_value_size(type));
    v->encoding = LV_CONSTANT;
    v->length = length;
    v->validity = lv_validity_new(arena, 1, false);
    for (int f = 0; f < v->child_count; f++) {
        lv_vector *child = &v->children[f];
        lv_vector_init_null(child, arena, type->fields[f].type, 1);
        child->encoding = LV_FLAT;
        child->length = type->kind == LV_TYPE_STRUCT ? 1 : 0;
    }
}

static int32_t *identity_rows(lv_arena *arena, int64_t count)
{
    int32_t *rows = lv_arena_alloc(arena, sizeof *rows * (size_t)LV_MAX(count, 1));
    for (int64_t i = 0; i < count; i++)
        rows[i] = (int32_t)i;
    return rows;
}

static void take_validity(lv_arena *arena, const lv_vector *v, const int32_t *rows, int64_t count,
                          lv_vector *out)
{
    bool any_null = v->validity != NULL;
    for (int64_t i = 0; i < count && !any_null; i++)
        any_null = rows[i] < 0;
    if (!any_null)
        return;
    out->validity = lv_validity_new(arena, count, false);
    for (int64_t i = 0; i < count; i++)
        if (rows[i] >= 0 && !lv_vector_is_null(v, rows[i]))
            lv_bit_set(out->validity, i);
}

#define TAKE(ctype)                                                                                \
    for (int64_t i = 0; i < count; i++)                                                            \
        ((ctype *)to)[i] = ((const ctype *)from)[rows[i] < 0 ? 0 : rows[i]];                       \
    break

/* Copies values by row; negative rows read row 0, which validity hides. */
static void take_values(void *to, const void *from, size_t size, const int32_t *rows, int64_t count)
{
    switch (size) {
    case 1: TAKE(uint8_t);
    case 2: TAKE(uint16_t);
    case 4: TAKE(uint32_t);
    case 8: TAKE(uint64_t);
    default: TAKE(__int128);
    }
}
#undef TAKE

static void take_list(lv_arena *arena, const lv_vector *v, const int32_t *rows, int64_t count,
                      lv_vector *out)
{
    int64_t total = 0;
    for (int64_t i = 0; i < count; i++) {
        out->offsets[i] = (int32_t)total;
        if (rows[i] >= 0 && !lv_vector_is_null(v, rows[i]))
            total += v->offsets[lv_vector_index(v, rows[i]) + 1] -
                     v->offsets[lv_vector_index(v, rows[i])];
    }
    out->offsets[count] = (int32_t)total;
    int32_t *elements = lv_arena_alloc(arena, sizeof *elements * (size_t)LV_MAX(total, 1));
    int64_t n = 0;
    for (int64_t i = 0; i < count; i++)
        if (rows[i] >= 0 && !lv_vector_is_null(v, rows[i]))
            for (int32_t e = v->offsets[lv_vector_index(v, rows[i])];
                 e < v->offsets[lv_vector_index(v, rows[i]) + 1]; e++)
                elements[n++] = e;
    for (int f = 0; f < v->child_count; f++)
        lv_vector_take(arena, &v->children[f], elements, total, &out->children[f]);
}

void lv_vector_take(lv_arena *arena, const lv_vector *v, const int32_t *rows, int64_t count,
                    lv_vector *out)
{
    if (v->encoding == LV_CONSTANT && !lv_type_is_nested(v->type)) {
        bool all_rows = true;
        for (int64_t i = 0; i < count && all_rows; i++)
            all_rows = rows[i] >= 0;
        if (all_rows) {
            *out = *v;
            out->length = count;
            return;
        }
        v = lv_vector_flatten(arena, v);
    }
    if (v->encoding == LV_CONSTANT)
        v = lv_vector_flatten(arena, v);
    lv_vector_init_flat(out, arena, v->type, count);
    out->padded = v->padded;
    take_validity(arena, v, rows, count, out);
    if (v->encoding == LV_DICTIONARY) {
        out->encoding = LV_DICTIONARY;
        out->dict = v->dict;
        take_values(out->data, v->data, sizeof(uint32_t), rows, count);
    } else if (v->type->kind == LV_TYPE_STRUCT) {
        for (int f = 0; f < v->child_count; f++)
            lv_vector_take(arena, &v->children[f], rows, count, &out->children[f]);
    } else if (lv_type_is_nested(v->type)) {
        take_list(arena, v, rows, count, out);
    } else if (v->length > 0) {
        take_values(out->data, v->data, lv_type_value_size(v->type), rows, count);
    }
}

const lv_vector *lv_vector_flatten(lv_arena *arena, const lv_vector *v)
{
    if (v->encoding == LV_FLAT)
        return v;
    lv_vector *flat = LV_NEW(arena, lv_vector);
    if (v->encoding == LV_CONSTANT) {
        lv_vector one = *v;
        one.encoding = LV_FLAT;
        one.length = 1;
        int32_t *zeros = LV_NEW_ARRAY(arena, int32_t, LV_MAX(v->length, 1));
        lv_vector_take(arena, &one, zeros, v->length, flat);
        return flat;
    }
    lv_vector_init_flat(flat, arena, v->type, v->length);
    flat->validity = v->validity;
    for (int64_t i = 0; i < v->length; i++)
        ((lv_str *)flat->data)[i] = lv_vector_is_null(v, i) ? LV_STR_NONE : lv_vector_str(v, i);
    return flat;
}

void lv_vector_slice(lv_arena *arena, const lv_vector *v, int64_t from, int64_t count,
                     lv_vector *out)
{
    LV_ASSERT(from >= 0 && count >= 0 && from + count <= v->length);
    int32_t *rows = identity_rows(arena, count);
    for (int64_t i = 0; i < count; i++)
        rows[i] += (int32_t)from;
    lv_vector_take(arena, v, rows, count, out);
}

/* Values of fixed size, and strings in any encoding, without a builder's bookkeeping. */
static void pick_values(const lv_vector *vectors, const int *which, const int32_t *rows,
                        lv_vector *out)
{
    size_t size = lv_type_value_size(out->type);
    bool strings = lv_type_is_string_like(out->type);
    for (int64_t i = 0; i < out->length; i++) {
        const lv_vector *v = which[i] < 0 ? NULL : &vectors[which[i]];
        int64_t row = rows ? rows[i] : i;
        char *to = (char *)out->data + (size_t)i * size;
        if (v == NULL || lv_vector_is_null(v, row)) {
            lv_bit_clear(out->validity, i);
            memset(to, 0, size);
        } else if (strings) {
            *(lv_str *)(void *)to = lv_vector_str(v, row);
        } else {
            memcpy(to, (const char *)v->data + (size_t)lv_vector_index(v, row) * size, size);
        }
    }
}

void lv_vector_pick(lv_arena *arena, const lv_type *type, const lv_vector *vectors,
                    const int *which, const int32_t *rows, int64_t count, lv_vector *out)
{
    if (!lv_type_is_nested(type)) {
        lv_vector_init_flat(out, arena, type, count);
        out->validity = lv_validity_new(arena, count, true);
        pick_values(vectors, which, rows, out);
        return;
    }
    lv_builder b;
    lv_builder_init(&b, arena, type, count);
    for (int64_t i = 0; i < count; i++) {
        if (which[i] < 0)
            lv_builder_null(&b);
        else
            lv_builder_append(&b, &vectors[which[i]], rows ? rows[i] : i);
    }
    lv_builder_finish(&b, out);
}

static void own_strings(lv_arena *arena, lv_vector *v)
{
    lv_str *values = v->data;
    for (int64_t i = 0; lv_type_is_string_like(v->type) && i < v->length; i++)
        values[i] = lv_vector_is_null(v, i) ? LV_STR_NONE : lv_str_dup(arena, values[i]);
    for (int f = 0; f < v->child_count; f++)
        own_strings(arena, &v->children[f]);
}

void lv_vector_copy(lv_arena *arena, const lv_vector *v, lv_vector *out)
{
    lv_builder b;
    lv_builder_init(&b, arena, v->type, v->length);
    for (int64_t i = 0; i < v->length; i++)
        lv_builder_append(&b, v, i);
    lv_builder_finish(&b, out);
    own_strings(arena, out);
}

bool lv_vector_check(const lv_vector *v)
{
    LV_ASSERT(v->type != NULL && v->length >= 0);
    int64_t rows = v->encoding == LV_CONSTANT ? 1 : v->length;
    if (v->encoding == LV_DICTIONARY) {
        LV_ASSERT(v->dict != NULL && lv_type_is_string_like(v->type));
        for (int64_t i = 0; i < rows; i++)
            LV_ASSERT(lv_vector_is_null(v, i) || ((const uint32_t *)v->data)[i] < v->dict->count);
    }
    if (!lv_type_is_nested(v->type))
        return true;
    LV_ASSERT(v->child_count == v->type->field_count);
    for (int64_t i = 0; v->offsets != NULL && i < rows; i++)
        LV_ASSERT(v->offsets[i] >= 0 && v->offsets[i] <= v->offsets[i + 1]);
    for (int f = 0; f < v->child_count; f++) {
        int64_t need = v->type->kind == LV_TYPE_STRUCT ? rows : v->offsets[rows];
        LV_ASSERT(v->children[f].length >= need);
        lv_vector_check(&v->children[f]);
    }
    return true;
}
