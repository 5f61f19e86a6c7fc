/* arrow_import.c: Arrow arrays as columns. */
#include "arrow/arrow.h"
#include "arrow/arrow_format.h"
#include "base/check.h"
#include "base/double.h"

enum { DEPTH_MAX = 64, VIEW_INLINE = 12 };

/* ---- types ----------------------------------------------------------------------------------- */

static lv_status unsupported(const struct ArrowSchema *schema, lv_error *err)
{
    return LV_FAIL(err, LV_UNSUPPORTED_ARROWTYPE, "Unsupported arrow type '%s' of column '%s'",
                   schema->format ? schema->format : "", schema->name ? schema->name : "");
}

/* Reads the format of a schema and checks how many children go with it. */
static lv_status form_of(const struct ArrowSchema *schema, lv_arrow_form *form, lv_error *err)
{
    if (schema->format == NULL || !lv_arrow_format_parse(schema->format, form))
        return unsupported(schema, err);
    bool one = form->layout == LV_ARROW_LIST || form->layout == LV_ARROW_FIXED_LIST ||
               form->layout == LV_ARROW_MAP;
    if (one && schema->n_children != 1)
        return unsupported(schema, err);
    if (form->layout == LV_ARROW_MAP &&
        (schema->children[0]->format == NULL || strcmp(schema->children[0]->format, "+s") != 0 ||
         schema->children[0]->n_children != 2))
        return unsupported(schema, err);
    return LV_OK;
}

static lv_status import_type(lv_arena *arena, const struct ArrowSchema *schema, int depth,
                             const lv_type **type, lv_error *err);

static lv_status import_field(lv_arena *arena, const struct ArrowSchema *schema, int depth,
                              lv_field *field, lv_error *err)
{
    *field = (lv_field){.name = lv_str_of(lv_str_cstr(arena, lv_str_of(schema->name))),
                        .nullable = (schema->flags & ARROW_FLAG_NULLABLE) != 0};
    return import_type(arena, schema, depth + 1, &field->type, err);
}

static lv_status import_type(lv_arena *arena, const struct ArrowSchema *schema, int depth,
                             const lv_type **type, lv_error *err)
{
    lv_arrow_form form;
    lv_field parts[2];
    if (schema->dictionary != NULL)
        return import_type(arena, schema->dictionary, depth, type, err);
    if (depth > DEPTH_MAX)
        return LV_FAIL(err, LV_UNSUPPORTED_ARROWTYPE, "a type nested more than %d deep", DEPTH_MAX);
    LV_TRY(form_of(schema, &form, err));
    switch (form.layout) {
    case LV_ARROW_LIST:
    case LV_ARROW_FIXED_LIST:
        LV_TRY(import_field(arena, schema->children[0], depth, &parts[0], err));
        *type = lv_type_array(arena, parts[0].type, parts[0].nullable);
        return LV_OK;
    case LV_ARROW_MAP:
        for (int f = 0; f < 2; f++)
            LV_TRY(import_field(arena, schema->children[0]->children[f], depth, &parts[f], err));
        *type = lv_type_map(arena, parts[0].type, parts[1].type, parts[1].nullable);
        return LV_OK;
    case LV_ARROW_STRUCT: {
        lv_field *fields = LV_NEW_ARRAY(arena, lv_field, schema->n_children);
        for (int64_t f = 0; f < schema->n_children; f++)
            LV_TRY(import_field(arena, schema->children[f], depth, &fields[f], err));
        *type = lv_type_struct(arena, fields, (int)schema->n_children);
        return LV_OK;
    }
    default:
        *type = form.kind == LV_TYPE_DECIMAL ? lv_type_decimal(arena, form.precision, form.scale)
                                             : lv_type_of(form.kind);
        return LV_OK;
    }
}

lv_status lv_arrow_import_type(lv_arena *arena, const struct ArrowSchema *schema,
                               const lv_type **type, lv_error *err)
{
    return import_type(arena, schema, 0, type, err);
}

/* ---- checks ---------------------------------------------------------------------------------- */

static lv_status malformed(const struct ArrowSchema *schema, const char *what, lv_error *err)
{
    return LV_FAIL(err, LV_CORRUPT, "the Arrow array of column '%s' %s",
                   schema->name ? schema->name : "", what);
}

/* Offsets rise and stay within what is there; that is all that can be asked of strings. */
static lv_status check_offsets(const struct ArrowSchema *schema, const struct ArrowArray *array,
                               int64_t size, int64_t limit, lv_error *err)
{
    int64_t last = 0;
    for (int64_t i = array->offset; array->length > 0 && i <= array->offset + array->length; i++) {
        int64_t offset = size == 4 ? ((const int32_t *)array->buffers[1])[i]
                                   : ((const int64_t *)array->buffers[1])[i];
        if (offset < last || offset > limit)
            return malformed(schema, "has offsets that do not rise", err);
        last = offset;
    }
    return LV_OK;
}

static int64_t buffers_of(const lv_arrow_form *form)
{
    switch (form->layout) {
    case LV_ARROW_NULLS: return 0;
    case LV_ARROW_STRUCT:
    case LV_ARROW_FIXED_LIST: return 1;
    case LV_ARROW_OFFSETS:
    case LV_ARROW_VIEWS: return 3; /* or more: a buffer of sizes is the last */
    default: return 2;
    }
}

static lv_status check_buffers(const struct ArrowSchema *schema, const struct ArrowArray *array,
                               const lv_arrow_form *form, lv_error *err)
{
    int64_t need = buffers_of(form);
    bool views = form->layout == LV_ARROW_VIEWS;
    if (array->length < 0 || array->offset < 0 || array->length > INT64_MAX - array->offset)
        return malformed(schema, "has a negative length", err);
    if (array->n_buffers < need || (array->n_buffers > need && !views) ||
        (need > 0 && array->buffers == NULL))
        return malformed(schema, "lacks buffers", err);
    if (array->n_children != schema->n_children)
        return malformed(schema, "has another number of children than its type", err);
    if (array->null_count != 0 && need > 0 && array->buffers[0] == NULL && array->null_count > 0)
        return malformed(schema, "has nulls but no validity", err);
    bool empty = array->length == 0 || (form->layout == LV_ARROW_FIXED && form->size == 0);
    if (need > 1 && !empty && array->buffers[1] == NULL)
        return malformed(schema, "lacks values", err);
    return LV_OK;
}

/* Rows that a child must have. */
static int64_t child_rows(const lv_arrow_form *form, const struct ArrowArray *array)
{
    int64_t end = array->offset + array->length;
    if (form->layout == LV_ARROW_STRUCT)
        return end;
    if (form->layout == LV_ARROW_FIXED_LIST)
        return end <= INT64_MAX / LV_MAX(form->size, 1) ? end * form->size : INT64_MAX;
    if (array->length == 0)
        return 0;
    return form->size == 4 ? ((const int32_t *)array->buffers[1])[end]
                           : ((const int64_t *)array->buffers[1])[end];
}

lv_status lv_arrow_check(const struct ArrowSchema *schema, const struct ArrowArray *array,
                         lv_error *err)
{
    lv_arrow_form form;
    if (!lv_arrow_format_parse(schema->format, &form))
        return unsupported(schema, err);
    LV_TRY(check_buffers(schema, array, &form, err));
    if ((schema->dictionary != NULL) != (array->dictionary != NULL))
        return malformed(schema, "lacks its dictionary", err);
    if (schema->dictionary != NULL)
        return lv_arrow_check(schema->dictionary, array->dictionary, err);
    if (form.layout == LV_ARROW_OFFSETS)
        return check_offsets(schema, array, form.size, INT64_MAX, err);
    bool listed = form.layout == LV_ARROW_LIST || form.layout == LV_ARROW_MAP;
    if (listed)
        LV_TRY(check_offsets(schema, array, form.size, array->children[0]->length, err));
    for (int64_t f = 0; f < schema->n_children; f++) {
        LV_TRY(lv_arrow_check(schema->children[f], array->children[f], err));
        if (array->children[f]->length < child_rows(&form, array))
            return malformed(schema, "has a child that is too short", err);
    }
    return LV_OK;
}

/* ---- validity -------------------------------------------------------------------------------- */

static bool arrow_bit(const void *bits, int64_t i)
{
    return ((const uint8_t *)bits)[i >> 3] >> (i & 7) & 1;
}

static void import_validity(lv_arena *arena, const struct ArrowArray *array, int64_t from,
                            lv_vector *v)
{
    const uint8_t *bits = array->buffers[0];
    if (array->null_count == 0 || bits == NULL || v->length == 0)
        return;
    v->validity = lv_validity_new(arena, v->length, false);
    if (from % 8 == 0) {
        memcpy(v->validity, bits + from / 8, ((size_t)v->length + 7) / 8);
        v->validity[(v->length - 1) >> 6] &= lv_bits_tail_mask(v->length);
        return;
    }
    for (int64_t i = 0; i < v->length; i++)
        v->validity[i >> 6] |= (uint64_t)arrow_bit(bits, from + i) << (i & 63);
}

/* A null struct's children are null too; Arrow leaves that open. */
static void hide_children(lv_arena *arena, lv_vector *v)
{
    for (int f = 0; v->validity != NULL && f < v->child_count; f++) {
        lv_vector *child = &v->children[f];
        uint64_t *both = lv_validity_new(arena, v->length, true);
        for (size_t w = 0; w < LV_BITMAP_WORDS(v->length); w++)
            both[w] = v->validity[w] & (child->validity ? child->validity[w] : ~(uint64_t)0);
        child->validity = both;
        if (child->type->kind == LV_TYPE_STRUCT)
            hide_children(arena, child);
    }
}

/* ---- values ---------------------------------------------------------------------------------- */

#define WIDEN(from_type, to_type)                                                                  \
    for (int64_t i = 0; i < n; i++) {                                                              \
        from_type value;                                                                           \
        memcpy(&value, from + (size_t)i * sizeof value, sizeof value);                             \
        ((to_type *)v->data)[i] = value;                                                           \
    }                                                                                              \
    return true

static bool scale_times(const char *from, int64_t n, int64_t factor, const lv_vector *v)
{
    for (int64_t i = 0; i < n; i++) {
        int64_t value;
        memcpy(&value, from + i * 8, 8);
        if (__builtin_mul_overflow(value, factor, &((int64_t *)v->data)[i]) &&
            !lv_vector_is_null(v, i))
            return false;
    }
    return true;
}

static void divide_times(const char *from, int64_t n, int64_t factor, const lv_vector *v)
{
    for (int64_t i = 0; i < n; i++) {
        int64_t value;
        memcpy(&value, from + i * 8, 8);
        ((int64_t *)v->data)[i] = value / factor - (value % factor < 0);
    }
}

static bool import_days(const char *from, int64_t n, const lv_vector *v)
{
    enum { DAY_MS = 86400000 };
    for (int64_t i = 0; i < n; i++) {
        int64_t value;
        memcpy(&value, from + i * 8, 8);
        int64_t days = value / DAY_MS - (value % DAY_MS < 0);
        ((int32_t *)v->data)[i] = (int32_t)days;
        if (days != (int32_t)days && !lv_vector_is_null(v, i))
            return false;
    }
    return true;
}

/* Two's complement of any width; false if one has more bits than fit. */
static bool import_decimals(const char *from, int64_t n, size_t size, const lv_vector *v)
{
    for (int64_t i = 0; i < n; i++, from += size) {
        __int128 value = from[size - 1] < 0 ? -1 : 0;
        memcpy(&value, from, LV_MIN(size, sizeof value));
        for (size_t b = sizeof value; b < size; b++)
            if (from[b] != (value < 0 ? -1 : 0) && !lv_vector_is_null(v, i))
                return false;
        ((__int128 *)v->data)[i] = value;
    }
    return true;
}

static bool import_fixed(const lv_arrow_form *form, const char *from, lv_vector *v)
{
    int64_t n = v->length;
    size_t size = (size_t)form->size;
    switch (form->conversion) {
    case LV_ARROW_COPY:
        if (n > 0)
            memcpy(v->data, from, (size_t)n * size);
        return true;
    case LV_ARROW_U8: WIDEN(uint8_t, int16_t);
    case LV_ARROW_U16: WIDEN(uint16_t, int32_t);
    case LV_ARROW_U32: WIDEN(uint32_t, int64_t);
    case LV_ARROW_U64: WIDEN(uint64_t, __int128);
    case LV_ARROW_HALF:
        for (int64_t i = 0; i < n; i++) {
            uint16_t half;
            memcpy(&half, from + 2 * i, 2);
            ((float *)v->data)[i] = lv_half_float(half);
        }
        return true;
    case LV_ARROW_DECIMAL: return import_decimals(from, n, size, v);
    case LV_ARROW_SCALED: return scale_times(from, n, form->factor, v);
    case LV_ARROW_DIVIDED: divide_times(from, n, form->factor, v); return true;
    case LV_ARROW_DAYS: return import_days(from, n, v);
    default:
        for (int64_t i = 0; i < n; i++)
            ((lv_str *)v->data)[i] = (lv_str){size ? from + (size_t)i * size : "", size};
        return true;
    }
}

static void import_strings(const lv_arrow_form *form, const struct ArrowArray *array, int64_t from,
                           const lv_vector *v)
{
    const char *bytes = array->buffers[2];
    for (int64_t i = 0; i < v->length; i++) {
        int64_t start, end;
        if (form->size == 4) {
            start = ((const int32_t *)array->buffers[1])[from + i];
            end = ((const int32_t *)array->buffers[1])[from + i + 1];
        } else {
            start = ((const int64_t *)array->buffers[1])[from + i];
            end = ((const int64_t *)array->buffers[1])[from + i + 1];
        }
        ((lv_str *)v->data)[i] =
            end > start ? (lv_str){bytes + start, (size_t)(end - start)} : LV_STR("");
    }
}

static bool import_views(const struct ArrowArray *array, int64_t from, const lv_vector *v)
{
    for (int64_t i = 0; i < v->length; i++) {
        const char *view = (const char *)array->buffers[1] + (from + i) * 16;
        int32_t len, place[2];
        memcpy(&len, view, 4);
        memcpy(place, view + 8, 8);
        lv_str *out = &((lv_str *)v->data)[i];
        *out = LV_STR("");
        if (lv_vector_is_null(v, i) || len == 0)
            continue;
        if (len < 0 || (len > VIEW_INLINE &&
                        (place[0] < 0 || place[0] >= array->n_buffers - 3 || place[1] < 0)))
            return false;
        const char *bytes =
            len <= VIEW_INLINE ? view + 4 : (const char *)array->buffers[2 + place[0]] + place[1];
        *out = (lv_str){bytes, (size_t)len};
    }
    return true;
}

/* ---- nested ---------------------------------------------------------------------------------- */

/* The offsets of rows from.. of a list, counted from *first; false if there are too many elements. */
static bool import_offsets(const lv_arrow_form *form, const struct ArrowArray *array, int64_t from,
                           const lv_vector *v, int64_t *first)
{
    *first = 0;
    for (int64_t i = 0; i <= v->length; i++) {
        int64_t at = form->layout == LV_ARROW_FIXED_LIST ? (from + i) * form->size
                     : v->length == 0                    ? 0
                     : form->size == 4 ? ((const int32_t *)array->buffers[1])[from + i]
                                       : ((const int64_t *)array->buffers[1])[from + i];
        if (i == 0)
            *first = at;
        if (at - *first > INT32_MAX)
            return false;
        v->offsets[i] = (int32_t)(at - *first);
    }
    return true;
}

static lv_status import_list(lv_arena *arena, const struct ArrowSchema *schema,
                             const struct ArrowArray *array, const lv_arrow_form *form,
                             int64_t from, lv_vector *v, lv_error *err)
{
    int64_t first;
    if (!import_offsets(form, array, from, v, &first))
        return LV_FAIL(err, LV_UNSUPPORTED_ARROWTYPE, "more than %d elements in %lld rows of '%s'",
                       INT32_MAX, (long long)v->length, schema->name);
    int64_t count = v->offsets[v->length];
    if (form->layout != LV_ARROW_MAP)
        return lv_arrow_import(arena, schema->children[0], array->children[0],
                               v->type->fields[0].type, first, count, &v->children[0], err);
    const struct ArrowArray *entries = array->children[0];
    for (int f = 0; f < 2; f++)
        LV_TRY(lv_arrow_import(arena, schema->children[0]->children[f], entries->children[f],
                               v->type->fields[f].type, entries->offset + first, count,
                               &v->children[f], err));
    return LV_OK;
}

static lv_status import_struct(lv_arena *arena, const struct ArrowSchema *schema,
                               const struct ArrowArray *array, int64_t from, lv_vector *v,
                               lv_error *err)
{
    for (int f = 0; f < v->child_count; f++)
        LV_TRY(lv_arrow_import(arena, schema->children[f], array->children[f],
                               v->type->fields[f].type, from, v->length, &v->children[f], err));
    hide_children(arena, v);
    return LV_OK;
}

/* ---- dictionaries ---------------------------------------------------------------------------- */

static int64_t code_at(const lv_arrow_form *form, const struct ArrowArray *array, int64_t i)
{
    const char *at = (const char *)array->buffers[1] + i * form->size;
    int64_t code = 0;
    memcpy(&code, at, (size_t)form->size);
    bool is_signed = form->conversion == LV_ARROW_COPY;
    int shift = 64 - 8 * (int)form->size;
    return is_signed ? (int64_t)((uint64_t)code << shift) >> shift : code;
}

static lv_status import_coded(lv_arena *arena, const struct ArrowSchema *schema,
                              const struct ArrowArray *array, const lv_type *type, int64_t from,
                              int64_t count, lv_vector *out, lv_error *err)
{
    lv_arrow_form form;
    lv_vector nulls = {.length = count}, values;
    LV_TRY(form_of(schema, &form, err));
    if (form.layout != LV_ARROW_FIXED || form.size > 8)
        return unsupported(schema, err);
    int64_t value_count = array->dictionary->length;
    if (value_count > INT32_MAX)
        return malformed(schema, "has too large a dictionary", err);
    import_validity(arena, array, from, &nulls);
    int32_t *rows = lv_arena_alloc(arena, sizeof *rows * (size_t)LV_MAX(count, 1));
    for (int64_t i = 0; i < count; i++) {
        bool is_null = lv_vector_is_null(&nulls, i);
        int64_t code = is_null ? -1 : code_at(&form, array, from + i);
        if (!is_null && (code < 0 || code >= value_count))
            return malformed(schema, "has a code beyond its dictionary", err);
        rows[i] = (int32_t)code;
    }
    LV_TRY(lv_arrow_import(arena, schema->dictionary, array->dictionary, type, 0, value_count,
                           &values, err));
    if (value_count == 0)
        lv_vector_init_null(out, arena, type, count);
    else
        lv_vector_take(arena, &values, rows, count, out);
    return LV_OK;
}

/* ---- any array ------------------------------------------------------------------------------- */

lv_status lv_arrow_import(lv_arena *arena, const struct ArrowSchema *schema,
                          const struct ArrowArray *array, const lv_type *type, int64_t from,
                          int64_t count, lv_vector *v, lv_error *err)
{
    lv_arrow_form form;
    from += array->offset;
    if (schema->dictionary != NULL)
        return import_coded(arena, schema, array, type, from, count, v, err);
    LV_TRY(form_of(schema, &form, err));
    if (form.layout == LV_ARROW_NULLS) {
        lv_vector_init_null(v, arena, type, count);
        return LV_OK;
    }
    lv_vector_init_flat(v, arena, type, count);
    import_validity(arena, array, from, v);
    bool fits = true;
    switch (form.layout) {
    case LV_ARROW_BITS:
        for (int64_t i = 0; i < count; i++)
            ((uint8_t *)v->data)[i] = arrow_bit(array->buffers[1], from + i);
        break;
    case LV_ARROW_FIXED:
        fits = import_fixed(&form, (const char *)array->buffers[1] + from * form.size, v);
        break;
    case LV_ARROW_OFFSETS: import_strings(&form, array, from, v); break;
    case LV_ARROW_VIEWS: fits = import_views(array, from, v); break;
    case LV_ARROW_STRUCT: return import_struct(arena, schema, array, from, v, err);
    default: return import_list(arena, schema, array, &form, from, v, err);
    }
    return fits ? LV_OK : malformed(schema, "has a value that does not fit its type", err);
}
