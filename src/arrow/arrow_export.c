/* arrow_export.c: columns as Arrow arrays.
 *
 * A schema or an array tree is one block of memory, held by each of its nodes: a consumer may move a
 * child out and release the rest first. */
#include <stdatomic.h>
#include <stdlib.h>

#include "arrow/arrow.h"
#include "base/check.h"

/** The memory of a tree, freed with its last node. */
typedef struct shared_memory {
    atomic_int holders;
    lv_arena arena;
} shared_memory;

static shared_memory *memory_new(void)
{
    shared_memory *memory = calloc(1, sizeof *memory);
    LV_ASSERT(memory != NULL);
    lv_arena_init(&memory->arena);
    return memory;
}

static void memory_drop(shared_memory *memory)
{
    if (atomic_fetch_sub(&memory->holders, 1) > 1)
        return;
    lv_arena_release(&memory->arena);
    free(memory);
}

/* ---- schemas --------------------------------------------------------------------------------- */

static void release_schema(struct ArrowSchema *schema)
{
    for (int64_t i = 0; i < schema->n_children; i++)
        if (schema->children[i]->release != NULL)
            schema->children[i]->release(schema->children[i]);
    schema->release = NULL;
    memory_drop(schema->private_data);
}

static const char *format_of(lv_arena *arena, const lv_type *type, lv_str zone)
{
    static const char *const formats[LV_TYPE_COUNT] = {
        [LV_TYPE_VOID] = "n",      [LV_TYPE_BOOLEAN] = "b",
        [LV_TYPE_TINYINT] = "c",   [LV_TYPE_SMALLINT] = "s",
        [LV_TYPE_INT] = "i",       [LV_TYPE_BIGINT] = "l",
        [LV_TYPE_FLOAT] = "f",     [LV_TYPE_DOUBLE] = "g",
        [LV_TYPE_STRING] = "u",    [LV_TYPE_BINARY] = "z",
        [LV_TYPE_DATE] = "tdD",    [LV_TYPE_ARRAY] = "+l",
        [LV_TYPE_TIMESTAMP] = "t", [LV_TYPE_TIMESTAMP_NTZ] = "tsu:",
        [LV_TYPE_MAP] = "+m",      [LV_TYPE_DECIMAL] = "d",
        [LV_TYPE_STRUCT] = "+s",   [LV_TYPE_MONTHS] = "tiM",
        [LV_TYPE_MICROS] = "tDu",  [LV_TYPE_INTERVAL] = "tin",
    };
    if (type->kind == LV_TYPE_DECIMAL)
        return lv_arena_printf(arena, "d:%d,%d", type->precision, type->scale);
    if (type->kind == LV_TYPE_TIMESTAMP)
        return lv_arena_printf(arena, "tsu:%.*s", LV_STR_ARG(zone));
    LV_ASSERT(formats[type->kind] != NULL);
    return formats[type->kind];
}

static void export_type(shared_memory *memory, const lv_field *field, lv_str zone,
                        struct ArrowSchema *out);

static void add_children(shared_memory *memory, const lv_field *fields, int count, lv_str zone,
                         struct ArrowSchema *out)
{
    out->n_children = count;
    out->children = LV_NEW_ARRAY(&memory->arena, struct ArrowSchema *, count);
    for (int f = 0; f < count; f++) {
        out->children[f] = LV_NEW(&memory->arena, struct ArrowSchema);
        export_type(memory, &fields[f], zone, out->children[f]);
    }
}

static void export_type(shared_memory *memory, const lv_field *field, lv_str zone,
                        struct ArrowSchema *out)
{
    const lv_type *type = field->type;
    *out = (struct ArrowSchema){.format = format_of(&memory->arena, type, zone),
                                .name = lv_str_cstr(&memory->arena, field->name),
                                .flags = field->nullable ? ARROW_FLAG_NULLABLE : 0,
                                .release = release_schema,
                                .private_data = memory};
    memory->holders++;
    lv_field parts[2];
    for (int f = 0; type->kind != LV_TYPE_STRUCT && f < type->field_count; f++)
        parts[f] = type->fields[f];
    if (type->kind == LV_TYPE_ARRAY) {
        parts[0].name = LV_STR("element");
        add_children(memory, parts, 1, zone, out);
    } else if (type->kind == LV_TYPE_MAP) {
        parts[0].name = LV_STR("key");
        parts[0].nullable = false;
        parts[1].name = LV_STR("value");
        const lv_type entry = {.kind = LV_TYPE_STRUCT, .field_count = 2, .fields = parts};
        const lv_field entries = {.name = LV_STR("entries"), .type = &entry};
        add_children(memory, &entries, 1, zone, out);
    } else if (type->kind == LV_TYPE_STRUCT) {
        add_children(memory, type->fields, type->field_count, zone, out);
    }
}

void lv_arrow_export_schema(const lv_type *schema, lv_str zone, struct ArrowSchema *out)
{
    const lv_field root = {.name = LV_STR(""), .type = schema};
    export_type(memory_new(), &root, zone, out);
}

/* ---- arrays ---------------------------------------------------------------------------------- */

static void release_array(struct ArrowArray *array)
{
    for (int64_t i = 0; i < array->n_children; i++)
        if (array->children[i]->release != NULL)
            array->children[i]->release(array->children[i]);
    array->release = NULL;
    memory_drop(array->private_data);
}

static void init_array(shared_memory *memory, int64_t length, int buffers, int children,
                       struct ArrowArray *out)
{
    *out = (struct ArrowArray){.length = length,
                               .n_buffers = buffers,
                               .n_children = children,
                               .release = release_array,
                               .private_data = memory};
    memory->holders++;
    out->buffers = LV_NEW_ARRAY(&memory->arena, const void *, buffers);
    out->children = LV_NEW_ARRAY(&memory->arena, struct ArrowArray *, children);
    for (int c = 0; c < children; c++)
        out->children[c] = LV_NEW(&memory->arena, struct ArrowArray);
}

/* `count` bits from bit `from` on. */
static uint64_t *copy_bits(lv_arena *arena, const uint64_t *bits, int64_t from, int64_t count)
{
    uint64_t *out = lv_validity_new(arena, count, false);
    if (from % 64 == 0)
        return memcpy(out, bits + from / 64, LV_BITMAP_WORDS(count) * sizeof *out);
    for (int64_t i = 0; i < count; i++)
        out[i >> 6] |= (uint64_t)lv_bit_get(bits, from + i) << (i & 63);
    return out;
}

static const uint64_t *pack_booleans(lv_arena *arena, const uint8_t *values, int64_t count)
{
    uint64_t *out = lv_validity_new(arena, count, false);
    for (int64_t i = 0; i < count; i++)
        out[i >> 6] |= (uint64_t)(values[i] != 0) << (i & 63);
    return out;
}

/* false if the strings have too many bytes. */
static bool export_strings(lv_arena *arena, const lv_vector *v, int64_t from, int64_t count,
                           struct ArrowArray *out)
{
    int32_t *offsets = lv_arena_alloc(arena, sizeof *offsets * (size_t)(count + 1));
    size_t total = 0;
    for (int64_t i = 0; i < count; i++) {
        offsets[i] = (int32_t)total;
        if (!lv_vector_is_null(v, from + i))
            total += lv_vector_str(v, from + i).len;
        if (total > INT32_MAX)
            return false;
    }
    offsets[count] = (int32_t)total;
    char *bytes = lv_arena_alloc(arena, total);
    for (int64_t i = 0; i < count; i++)
        if (offsets[i + 1] > offsets[i])
            memcpy(bytes + offsets[i], lv_vector_str(v, from + i).ptr,
                   (size_t)(offsets[i + 1] - offsets[i]));
    out->buffers[1] = offsets;
    out->buffers[2] = bytes;
    return true;
}

static bool export_vector(shared_memory *memory, const lv_vector *v, int64_t from, int64_t count,
                          struct ArrowArray *out);

/* Elements of rows from..from+count, whose range in the children is *first..*last. */
static void export_offsets(lv_arena *arena, const lv_vector *v, int64_t from, int64_t count,
                           struct ArrowArray *out, int64_t *first, int64_t *last)
{
    int32_t *offsets = lv_arena_alloc(arena, sizeof *offsets * (size_t)(count + 1));
    for (int64_t i = 0; i <= count; i++)
        offsets[i] = v->offsets[from + i] - v->offsets[from];
    out->buffers[1] = offsets;
    *first = v->offsets[from];
    *last = v->offsets[from + count];
}

static bool export_children(shared_memory *memory, const lv_vector *v, int64_t from, int64_t count,
                            struct ArrowArray *out)
{
    bool fits = true;
    for (int f = 0; f < v->child_count; f++)
        fits = export_vector(memory, &v->children[f], from, count, out->children[f]) && fits;
    return fits;
}

static bool export_nested(shared_memory *memory, const lv_vector *v, int64_t from, int64_t count,
                          struct ArrowArray *out)
{
    int64_t first, last;
    if (v->type->kind == LV_TYPE_STRUCT) {
        init_array(memory, count, 1, v->child_count, out);
        return export_children(memory, v, from, count, out);
    }
    init_array(memory, count, 2, 1, out);
    export_offsets(&memory->arena, v, from, count, out, &first, &last);
    if (v->type->kind == LV_TYPE_ARRAY)
        return export_vector(memory, &v->children[0], first, last - first, out->children[0]);
    init_array(memory, last - first, 1, 2, out->children[0]);
    return export_children(memory, v, first, last - first, out->children[0]);
}

/* Arrow's intervals have the same parts, but nanoseconds; what is longer than 292 years of them wraps. */
static void to_nanoseconds(lv_interval *values, int64_t count)
{
    for (int64_t i = 0; i < count; i++)
        values[i].us = (int64_t)((uint64_t)values[i].us * 1000);
}

static bool export_vector(shared_memory *memory, const lv_vector *v, int64_t from, int64_t count,
                          struct ArrowArray *out)
{
    lv_arena *arena = &memory->arena;
    bool fits = true;
    if (v->encoding == LV_CONSTANT && !lv_type_is_string_like(v->type))
        v = lv_vector_flatten(arena, v);
    if (lv_type_is_nested(v->type)) {
        fits = export_nested(memory, v, from, count, out);
    } else if (v->type->kind == LV_TYPE_VOID) {
        init_array(memory, count, 0, 0, out);
        out->null_count = count;
        return true;
    } else if (lv_type_is_string_like(v->type)) {
        init_array(memory, count, 3, 0, out);
        fits = export_strings(arena, v, from, count, out);
    } else if (v->type->kind == LV_TYPE_BOOLEAN) {
        init_array(memory, count, 2, 0, out);
        out->buffers[1] = pack_booleans(arena, (const uint8_t *)v->data + from, count);
    } else {
        size_t size = lv_type_value_size(v->type);
        void *values = lv_arena_alloc(arena, (size_t)count * size);
        init_array(memory, count, 2, 0, out);
        if (count > 0)
            memcpy(values, (const char *)v->data + (size_t)from * size, (size_t)count * size);
        if (v->type->kind == LV_TYPE_INTERVAL)
            to_nanoseconds(values, count);
        out->buffers[1] = values;
    }
    if (v->validity != NULL) {
        bool constant = v->encoding == LV_CONSTANT;
        uint64_t *bits = constant ? lv_validity_new(arena, count, lv_bit_get(v->validity, 0))
                                  : copy_bits(arena, v->validity, from, count);
        out->null_count = count - lv_bits_count(bits, count);
        out->buffers[0] = out->null_count > 0 ? bits : NULL;
    }
    return fits;
}

static bool export_rows(const lv_batch *batch, int64_t from, int64_t count, struct ArrowArray *out)
{
    shared_memory *memory = memory_new();
    bool fits = true;
    init_array(memory, count, 1, batch->schema->field_count, out);
    for (int c = 0; c < batch->schema->field_count; c++)
        fits = export_vector(memory, &batch->columns[c], from, count, out->children[c]) && fits;
    return fits;
}

lv_status lv_arrow_export_rows(const lv_batch *batch, int64_t from, int64_t *count,
                               struct ArrowArray *out, lv_error *err)
{
    struct ArrowArray array;
    while (!export_rows(batch, from, *count, &array)) {
        array.release(&array);
        if (*count <= 1)
            return LV_FAIL(err, LV_UNSUPPORTED_FEATURE, "a row with more than 2 GiB of text");
        *count /= 2;
    }
    *out = array;
    return LV_OK;
}
