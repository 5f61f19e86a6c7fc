/* parquet_random.h: random schemas and batches, comparison and printing of rows, for the tests. */
#ifndef LV_TEST_PARQUET_RANDOM_H
#define LV_TEST_PARQUET_RANDOM_H

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/check.h"
#include "column/vector.h"

typedef struct random_source {
    uint64_t state;
    lv_dict *dict; /* strings of DICTIONARY vectors */
} random_source;

static inline uint64_t random_u64(random_source *r)
{
    r->state ^= r->state << 13;
    r->state ^= r->state >> 7;
    r->state ^= r->state << 17;
    return r->state * 0x2545F4914F6CDD1Dull;
}
static inline int64_t random_below(random_source *r, int64_t limit)
{
    return (int64_t)(random_u64(r) % (uint64_t)limit);
}
static inline bool random_chance(random_source *r, int percent)
{
    return random_below(r, 100) < percent;
}

/* ---- types ----------------------------------------------------------------------------------- */

static inline const lv_type *random_type(random_source *r, lv_arena *arena, int depth)
{
    static const lv_type_kind kinds[] = {LV_TYPE_BOOLEAN, LV_TYPE_TINYINT,   LV_TYPE_SMALLINT,
                                         LV_TYPE_INT,     LV_TYPE_BIGINT,    LV_TYPE_FLOAT,
                                         LV_TYPE_DOUBLE,  LV_TYPE_STRING,    LV_TYPE_BINARY,
                                         LV_TYPE_DATE,    LV_TYPE_TIMESTAMP, LV_TYPE_TIMESTAMP_NTZ};
    static const char *const names[] = {"a", "b", "c", "d"};
    int64_t pick = random_below(r, depth > 0 ? 19 : 14);
    if (pick < 12)
        return lv_type_of(kinds[pick]);
    if (pick < 14) {
        int precision = 1 + (int)random_below(r, 38);
        return lv_type_decimal(arena, precision, (int)random_below(r, precision + 1));
    }
    if (pick < 16)
        return lv_type_array(arena, random_type(r, arena, depth - 1), random_chance(r, 70));
    if (pick < 17)
        return lv_type_map(arena, lv_type_of(random_chance(r, 50) ? LV_TYPE_INT : LV_TYPE_STRING),
                           random_type(r, arena, depth - 1), random_chance(r, 70));
    lv_field fields[4];
    int count = 1 + (int)random_below(r, 4);
    for (int f = 0; f < count; f++)
        fields[f] = (lv_field){lv_str_of(names[f]), random_type(r, arena, depth - 1),
                               random_chance(r, 70), LV_STR_NONE};
    return lv_type_struct(arena, fields, count);
}

static inline const lv_type *random_schema(random_source *r, lv_arena *arena)
{
    lv_field fields[6];
    int count = 1 + (int)random_below(r, 6);
    for (int f = 0; f < count; f++)
        fields[f] = (lv_field){lv_str_of(lv_arena_printf(arena, "c%d", f)),
                               random_type(r, arena, 3), random_chance(r, 70), LV_STR_NONE};
    return lv_type_struct(arena, fields, count);
}

/* ---- values ---------------------------------------------------------------------------------- */

static inline int64_t random_int(random_source *r, int style, int bits)
{
    uint64_t v = random_u64(r);
    int64_t value = style == 0   ? (int64_t)(v % 10)
                    : style == 1 ? (int64_t)(v % 1000) - 500
                                 : (int64_t)v;
    return bits == 64 ? value : (int64_t)((uint64_t)value << (64 - bits)) >> (64 - bits);
}

static inline lv_str random_str(random_source *r, lv_arena *arena, int style, bool binary)
{
    static const char *const pieces[] = {
        "\xC3\xBC", "\xF0\x9F\x98\x80", "\xE2\x82\xAC", "\x7F", "z", "A"};
    if (style == 0)
        return lv_str_of(lv_arena_printf(arena, "device-%d", (int)random_below(r, 20)));
    size_t len = style == 1 ? (size_t)random_below(r, 12) : (size_t)random_below(r, 200);
    char *text = lv_arena_alloc(arena, len * 4 + 1);
    size_t n = 0;
    for (size_t i = 0; i < len; i++) {
        const char *piece = pieces[random_below(r, LV_COUNT_OF(pieces))];
        if (binary) {
            text[n++] = (char)random_u64(r);
        } else {
            memcpy(text + n, piece, strlen(piece));
            n += strlen(piece);
        }
    }
    return (lv_str){text, n};
}

static inline double random_double(random_source *r, int style)
{
    static const double odd[] = {0.0, -0.0, INFINITY, -INFINITY, NAN, 1e308, 5e-324};
    if (style == 0)
        return (double)random_below(r, 50) / 10;
    if (style == 1)
        return odd[random_below(r, LV_COUNT_OF(odd))];
    return (double)random_u64(r) / 1e9;
}

static inline __int128 random_decimal(random_source *r, int precision)
{
    __int128 limit = 1, value = (__int128)((unsigned __int128)random_u64(r) << 64 | random_u64(r));
    for (int i = 0; i < precision; i++)
        limit *= 10;
    return value % limit;
}

static inline void random_value(random_source *r, lv_arena *arena, const lv_type *type, int style,
                                void *data, int64_t i)
{
    switch (type->kind) {
    case LV_TYPE_BOOLEAN: ((uint8_t *)data)[i] = random_chance(r, 50); break;
    case LV_TYPE_TINYINT: ((int8_t *)data)[i] = (int8_t)random_int(r, style, 8); break;
    case LV_TYPE_SMALLINT: ((int16_t *)data)[i] = (int16_t)random_int(r, style, 16); break;
    case LV_TYPE_INT: ((int32_t *)data)[i] = (int32_t)random_int(r, style, 32); break;
    case LV_TYPE_DATE: /* years that other readers can print */
        ((int32_t *)data)[i] = (int32_t)(random_int(r, style, 32) % 100000);
        break;
    case LV_TYPE_BIGINT:
        ((int64_t *)data)[i] =
            style == 3 ? i * 1000 + random_below(r, 300) : random_int(r, style, 64);
        break;
    case LV_TYPE_TIMESTAMP:
    case LV_TYPE_TIMESTAMP_NTZ:
        ((int64_t *)data)[i] =
            1700000000000000 + (style == 3 ? i * 1000 : random_int(r, style, 64) % 1000000000000);
        break;
    case LV_TYPE_FLOAT: ((float *)data)[i] = (float)random_double(r, style); break;
    case LV_TYPE_DOUBLE: ((double *)data)[i] = random_double(r, style); break;
    case LV_TYPE_DECIMAL: ((__int128 *)data)[i] = random_decimal(r, type->precision); break;
    default: ((lv_str *)data)[i] = random_str(r, arena, style, type->kind == LV_TYPE_BINARY);
    }
}

static inline void random_vector(random_source *r, lv_arena *arena, const lv_type *type,
                                 bool nullable, int64_t length, lv_vector *out);

static inline void random_nested(random_source *r, lv_arena *arena, const lv_type *type,
                                 int64_t length, lv_vector *out)
{
    int64_t child_length = length;
    if (type->kind != LV_TYPE_STRUCT) {
        int most = (int)random_below(r, 6);
        child_length = 0;
        for (int64_t i = 0; i < length; i++) {
            out->offsets[i] = (int32_t)child_length;
            child_length += random_below(r, most + 1);
        }
        out->offsets[length] = (int32_t)child_length;
    }
    for (int f = 0; f < type->field_count; f++)
        random_vector(r, arena, type->fields[f].type, type->fields[f].nullable, child_length,
                      &out->children[f]);
    if (type->kind != LV_TYPE_MAP)
        return;
    lv_vector *keys = &out->children[0]; /* keys of a map are all different */
    lv_vector_init_flat(keys, arena, type->fields[0].type, child_length);
    for (int64_t e = 0; e < child_length; e++)
        if (keys->type->kind == LV_TYPE_INT)
            ((int32_t *)keys->data)[e] = (int32_t)e;
        else
            ((lv_str *)keys->data)[e] = lv_str_of(lv_arena_printf(arena, "k%d", (int)e));
}

static inline void random_vector(random_source *r, lv_arena *arena, const lv_type *type,
                                 bool nullable, int64_t length, lv_vector *out)
{
    int style = (int)random_below(r, 4);
    bool constant = !lv_type_is_nested(type) && length > 0 && random_chance(r, 10);
    bool coded = lv_type_is_string_like(type) && !constant && random_chance(r, 40);
    lv_vector_init_flat(out, arena, type, constant ? 1 : length);
    if (lv_type_is_nested(type))
        random_nested(r, arena, type, length, out);
    for (int64_t i = 0; i < (constant ? 1 : length) && !lv_type_is_nested(type); i++) {
        if (coded)
            ((uint32_t *)out->data)[i] =
                lv_dict_intern(r->dict, random_str(r, arena, style, type->kind == LV_TYPE_BINARY));
        else
            random_value(r, arena, type, style, out->data, i);
    }
    out->length = length;
    out->encoding = constant ? LV_CONSTANT : coded ? LV_DICTIONARY : LV_FLAT;
    out->dict = coded ? r->dict : NULL;
    int percent = (int)random_below(r, 3) == 0 ? (int)random_below(r, 101) : 0;
    if (!nullable || percent == 0)
        return;
    out->validity = lv_validity_new(arena, length, true);
    for (int64_t i = 0; i < (constant ? 1 : length); i++)
        lv_bit_put(out->validity, i, !random_chance(r, percent));
}

static inline void random_batch(random_source *r, lv_arena *arena, const lv_type *schema,
                                int64_t length, lv_batch *batch)
{
    *batch = (lv_batch){schema, length, LV_NEW_ARRAY(arena, lv_vector, schema->field_count)};
    for (int c = 0; c < schema->field_count; c++)
        random_vector(r, arena, schema->fields[c].type, schema->fields[c].nullable, length,
                      &batch->columns[c]);
}

/* ---- comparing ------------------------------------------------------------------------------- */

/* Whether row i of a is row j of b; floats by their bits. */
static inline bool rows_equal(const lv_vector *a, int64_t i, const lv_vector *b, int64_t j)
{
    bool null = lv_vector_is_null(a, i);
    if (null != lv_vector_is_null(b, j))
        return false;
    if (null)
        return true;
    i = a->encoding == LV_CONSTANT ? 0 : i;
    j = b->encoding == LV_CONSTANT ? 0 : j;
    const lv_type *type = a->type;
    if (lv_type_is_string_like(type))
        return lv_str_eq(lv_vector_str(a, i), lv_vector_str(b, j));
    if (!lv_type_is_nested(type)) {
        size_t size = lv_type_value_size(type);
        return memcmp((const char *)a->data + (size_t)i * size,
                      (const char *)b->data + (size_t)j * size, size) == 0;
    }
    if (type->kind == LV_TYPE_STRUCT) {
        for (int f = 0; f < type->field_count; f++)
            if (!rows_equal(&a->children[f], i, &b->children[f], j))
                return false;
        return true;
    }
    int32_t n = a->offsets[i + 1] - a->offsets[i];
    if (n != b->offsets[j + 1] - b->offsets[j])
        return false;
    for (int32_t e = 0; e < n; e++)
        for (int f = 0; f < type->field_count; f++)
            if (!rows_equal(&a->children[f], a->offsets[i] + e, &b->children[f], b->offsets[j] + e))
                return false;
    return true;
}

/* ---- printing -------------------------------------------------------------------------------- */

static inline void print_decimal(__int128 value, int scale, lv_sbuf *out)
{
    char digits[48];
    int n = 0;
    unsigned __int128 rest = value < 0 ? -(unsigned __int128)value : (unsigned __int128)value;
    do {
        if (n == scale && scale > 0)
            digits[n++] = '.';
        digits[n++] = (char)('0' + (int)(rest % 10));
        rest /= 10;
    } while (rest > 0 || n <= scale);
    lv_sbuf_add_cstr(out, value < 0 ? "\"-" : "\"");
    while (n > 0)
        lv_sbuf_add_char(out, digits[--n]);
    lv_sbuf_add_char(out, '"');
}

/* Row i as JSON: dates as days, timestamps as microseconds, decimals as text, binary as hex. */
static inline void print_json(const lv_vector *v, int64_t i, lv_sbuf *out)
{
    if (lv_vector_is_null(v, i)) {
        lv_sbuf_add_cstr(out, "null");
        return;
    }
    i = v->encoding == LV_CONSTANT ? 0 : i;
    const lv_type *type = v->type;
    switch (type->kind) {
    case LV_TYPE_BOOLEAN:
        lv_sbuf_add_cstr(out, ((const uint8_t *)v->data)[i] ? "true" : "false");
        break;
    case LV_TYPE_TINYINT: lv_sbuf_printf(out, "%d", ((const int8_t *)v->data)[i]); break;
    case LV_TYPE_SMALLINT: lv_sbuf_printf(out, "%d", ((const int16_t *)v->data)[i]); break;
    case LV_TYPE_INT:
    case LV_TYPE_DATE: lv_sbuf_printf(out, "%d", ((const int32_t *)v->data)[i]); break;
    case LV_TYPE_FLOAT:
    case LV_TYPE_DOUBLE: {
        double d = type->kind == LV_TYPE_FLOAT ? (double)((const float *)v->data)[i]
                                               : ((const double *)v->data)[i];
        lv_sbuf_printf(out, isfinite(d) ? "%.17g" : "\"%g\"", isnan(d) ? (double)NAN : d);
        break;
    }
    case LV_TYPE_DECIMAL: print_decimal(((const __int128 *)v->data)[i], type->scale, out); break;
    case LV_TYPE_STRING: lv_sbuf_add_json_string(out, lv_vector_str(v, i)); break;
    case LV_TYPE_BINARY: {
        lv_str s = lv_vector_str(v, i);
        lv_sbuf_add_char(out, '"');
        for (size_t b = 0; b < s.len; b++)
            lv_sbuf_printf(out, "%02x", (unsigned char)s.ptr[b]);
        lv_sbuf_add_char(out, '"');
        break;
    }
    case LV_TYPE_STRUCT:
        for (int f = 0; f < type->field_count; f++) {
            lv_sbuf_add_cstr(out, f ? "," : "{");
            lv_sbuf_add_json_string(out, type->fields[f].name);
            lv_sbuf_add_char(out, ':');
            print_json(&v->children[f], i, out);
        }
        lv_sbuf_add_char(out, '}');
        break;
    case LV_TYPE_ARRAY:
    case LV_TYPE_MAP:
        lv_sbuf_add_char(out, '[');
        for (int32_t e = v->offsets[i]; e < v->offsets[i + 1]; e++) {
            lv_sbuf_add_cstr(out, e > v->offsets[i] ? "," : "");
            lv_sbuf_add_cstr(out, type->kind == LV_TYPE_MAP ? "[" : "");
            print_json(&v->children[0], e, out);
            if (type->kind == LV_TYPE_MAP) {
                lv_sbuf_add_char(out, ',');
                print_json(&v->children[1], e, out);
                lv_sbuf_add_char(out, ']');
            }
        }
        lv_sbuf_add_char(out, ']');
        break;
    default: lv_sbuf_printf(out, "%lld", (long long)((const int64_t *)v->data)[i]);
    }
}

/* A batch as one JSON object a line. */
static inline void print_rows(const lv_batch *batch, lv_sbuf *out)
{
    for (int64_t i = 0; i < batch->length; i++) {
        for (int c = 0; c < batch->schema->field_count; c++) {
            lv_sbuf_add_cstr(out, c ? "," : "{");
            lv_sbuf_add_json_string(out, batch->schema->fields[c].name);
            lv_sbuf_add_char(out, ':');
            print_json(&batch->columns[c], i, out);
        }
        lv_sbuf_add_cstr(out, batch->schema->field_count ? "}\n" : "{}\n");
    }
}

#endif
