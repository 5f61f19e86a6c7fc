/* infer.c: see infer.h.
 *
 * The type of a record is made in scratch memory and merged into the schema so far. Merging gives the schema itself
 * back where the record adds nothing, which is nearly always, so that memory grows with what is new only. */
#include "json/infer.h"

#include <stdlib.h>

#include "base/check.h"
#include "base/double.h"
#include "base/vec.h"
#include "json/decode_int.h"

struct lv_json_inferrer {
    const lv_json_infer_options *options;
    lv_str corrupt_column;
    lv_arena arena;   /* the schema */
    lv_arena scratch; /* one record */
    lv_reader reader;
    const lv_type *schema;
};

static bool set_flag(const lv_json_infer_options *o, lv_str name, bool **flag)
{
    const struct {
        const char *name;
        const bool *flag;
    } flags[] = {{"primitivesAsString", &o->primitives_as_string},
                 {"prefersDecimal", &o->prefers_decimal},
                 {"inferTimestamp", &o->infer_timestamp},
                 {"dropFieldIfAllNull", &o->drop_null_fields}};
    for (size_t i = 0; i < LV_COUNT_OF(flags); i++)
        if (lv_str_eq_nocase(name, lv_str_of(flags[i].name))) {
            *flag = (bool *)flags[i].flag;
            return true;
        }
    return false;
}

lv_status lv_json_infer_options_set(lv_arena *arena, lv_json_infer_options *options, lv_str name,
                                    lv_str value, lv_error *err)
{
    bool *flag;
    if (lv_str_eq_nocase(name, LV_STR("mode")) &&
        lv_str_eq_nocase(value, LV_STR("DROPMALFORMED"))) {
        options->drop_malformed = true;
        return LV_OK;
    }
    if (!set_flag(options, name, &flag))
        return lv_json_options_set(arena, &options->json, name, value, err);
    *flag = lv_str_eq_nocase(value, LV_STR("true"));
    if (!*flag && !lv_str_eq_nocase(value, LV_STR("false")))
        return LV_FAIL(err, LV_USAGE, "the option %.*s is true or false, not \"%.*s\"",
                       LV_STR_ARG(name), LV_STR_ARG(value));
    return LV_OK;
}

/* ---- merging --------------------------------------------------------------------------------- */

/* Order of names as Java compares strings, by UTF-16 units: those of surrogates stand before U+E000. */
static int compare_names(lv_str a, lv_str b)
{
    size_t n = LV_MIN(a.len, b.len), i = 0;
    while (i < n && a.ptr[i] == b.ptr[i])
        i++;
    if (i == n)
        return (a.len > b.len) - (a.len < b.len);
    unsigned x = (unsigned char)a.ptr[i], y = (unsigned char)b.ptr[i];
    bool surrogates = x >= 0xF0 || y >= 0xF0;
    if (surrogates && x >= 0xEE && y >= 0xEE && (x < 0xF0 || y < 0xF0))
        return x < 0xF0 ? 1 : -1;
    return x < y ? -1 : 1;
}

static int by_name(const void *a, const void *b)
{
    return compare_names(((const lv_field *)a)->name, ((const lv_field *)b)->name);
}

static const lv_type *merge(lv_arena *arena, const lv_type *a, const lv_type *b);

/* Whether two types are one but for the case of field names. */
static bool same_but_case(const lv_type *a, const lv_type *b)
{
    if (a->kind != b->kind || a->precision != b->precision || a->scale != b->scale ||
        a->field_count != b->field_count)
        return false;
    for (int i = 0; i < a->field_count; i++)
        if (!lv_str_eq_nocase(a->fields[i].name, b->fields[i].name) ||
            !same_but_case(a->fields[i].type, b->fields[i].type))
            return false;
    return true;
}

/* The fields of both, sorted; `a` itself if `b` adds nothing. */
static const lv_type *merge_structs(lv_arena *arena, const lv_type *a, const lv_type *b)
{
    int n = 0, i = 0, k = 0;
    bool changed = false;
    lv_field *fields = LV_NEW_ARRAY(arena, lv_field, a->field_count + b->field_count);
    while (i < a->field_count || k < b->field_count) {
        int order = i == a->field_count   ? 1
                    : k == b->field_count ? -1
                                          : by_name(&a->fields[i], &b->fields[k]);
        fields[n] = order <= 0 ? a->fields[i] : b->fields[k];
        if (order == 0)
            fields[n].type = merge(arena, a->fields[i].type, b->fields[k].type);
        changed = changed || order > 0 || fields[n].type != a->fields[i].type;
        i += order <= 0;
        k += order >= 0;
        n++;
    }
    return changed ? lv_type_struct(arena, fields, n) : a;
}

static const lv_type *merge_decimals(lv_arena *arena, const lv_type *a, const lv_type *b)
{
    int scale = LV_MAX(a->scale, b->scale);
    int range = LV_MAX(a->precision - a->scale, b->precision - b->scale);
    if (range + scale > 38)
        return lv_type_of(LV_TYPE_DOUBLE);
    return a->scale == scale && a->precision == range + scale
               ? a
               : lv_type_decimal(arena, range + scale, scale);
}

/* The narrowest type that both fit; `a` itself if it is that. */
static const lv_type *merge(lv_arena *arena, const lv_type *a, const lv_type *b)
{
    bool decimal = a->kind == LV_TYPE_DECIMAL || b->kind == LV_TYPE_DECIMAL;
    bool numbers = lv_type_is_numeric(a) && lv_type_is_numeric(b);
    if (b->kind == LV_TYPE_VOID)
        return a;
    if (a->kind == LV_TYPE_VOID)
        return b;
    if (a->kind == LV_TYPE_STRUCT && b->kind == LV_TYPE_STRUCT)
        return same_but_case(a, b) ? a : merge_structs(arena, a, b);
    if (a->kind == LV_TYPE_ARRAY && b->kind == LV_TYPE_ARRAY) {
        const lv_type *element = merge(arena, a->fields[0].type, b->fields[0].type);
        return element == a->fields[0].type ? a : lv_type_array(arena, element, true);
    }
    if (numbers && (a->kind == LV_TYPE_DOUBLE || b->kind == LV_TYPE_DOUBLE))
        return lv_type_of(LV_TYPE_DOUBLE);
    if (numbers && decimal) {
        const lv_type *big = lv_type_decimal(arena, 20, 0); /* a BIGINT's */
        return merge_decimals(arena, a->kind == LV_TYPE_BIGINT ? big : a,
                              b->kind == LV_TYPE_BIGINT ? big : b);
    }
    return a->kind == b->kind ? a : lv_type_of(LV_TYPE_STRING);
}

/* ---- values ---------------------------------------------------------------------------------- */

/* Digits and their places in a number's text, as BigDecimal has them; false if its scale is out of all bounds. */
static bool measure(lv_str text, int64_t *precision, int64_t *scale)
{
    int64_t exponent = 0, digits = 0, behind = 0;
    bool point = false;
    size_t i = text.len > 0 && (text.ptr[0] == '-' || text.ptr[0] == '+');
    for (; i < text.len && (text.ptr[i] == '.' || (text.ptr[i] >= '0' && text.ptr[i] <= '9'));
         i++) {
        point = point || text.ptr[i] == '.';
        if (text.ptr[i] == '.')
            continue;
        digits += digits > 0 || text.ptr[i] != '0';
        behind += point;
    }
    if (i < text.len && (text.ptr[i] | 32) == 'e' &&
        !lv_str_to_i64(lv_str_sub(text, i + 1, text.len - i - 1), &exponent))
        return false;
    *precision = LV_MAX(digits, (int64_t)1);
    *scale = behind - exponent;
    return exponent > -100000 && exponent < 100000;
}

static const lv_type *infer_decimal(lv_arena *arena, lv_str text)
{
    int64_t precision, scale;
    if (!measure(text, &precision, &scale) || LV_MAX(precision, scale) > 38 || scale < 0)
        return lv_type_of(LV_TYPE_DOUBLE);
    return lv_type_decimal(arena, (int)LV_MAX(precision, scale), (int)scale);
}

static bool is_number(lv_str text)
{
    double ignored;
    return lv_double_parse(text, &ignored);
}

static const lv_type *infer_string(lv_json_inferrer *in)
{
    lv_scalar ignored;
    lv_str text = in->reader.text;
    if (text.len == 0)
        return lv_type_of(LV_TYPE_VOID);
    if (in->options->prefers_decimal && is_number(text))
        return infer_decimal(&in->scratch, text);
    if (in->options->infer_timestamp &&
        lv_scalar_from_string(&in->options->json, &in->scratch, lv_type_of(LV_TYPE_TIMESTAMP), text,
                              &ignored) == LV_VALUE_OK)
        return lv_type_of(LV_TYPE_TIMESTAMP);
    return lv_type_of(LV_TYPE_STRING);
}

static const lv_type *infer_number(lv_json_inferrer *in, bool is_integer)
{
    int64_t ignored;
    const lv_reader *r = &in->reader;
    if (in->options->primitives_as_string)
        return lv_type_of(LV_TYPE_STRING);
    if (is_integer && lv_str_to_i64(r->text, &ignored))
        return lv_type_of(LV_TYPE_BIGINT);
    if (!is_integer && !in->options->prefers_decimal)
        return lv_type_of(LV_TYPE_DOUBLE);
    return r->is_special ? NULL : infer_decimal(&in->scratch, r->text);
}

static const lv_type *infer_value(lv_json_inferrer *in, lv_token token);

static const lv_type *infer_object(lv_json_inferrer *in)
{
    lv_reader *r = &in->reader;
    LV_VEC(lv_field) fields = {0};
    bool sorted = true;
    for (;;) {
        lv_token token = lv_reader_next(r);
        if (token == LV_TOKEN_OBJECT_END)
            break;
        if (token != LV_TOKEN_NAME)
            return NULL;
        lv_field field = {.name = lv_str_dup(&in->scratch, lv_reader_name(r)), .nullable = true};
        field.type = infer_value(in, lv_reader_next(r));
        if (field.type == NULL)
            return NULL;
        sorted =
            sorted && (fields.count == 0 || by_name(&fields.at[fields.count - 1], &field) <= 0);
        LV_VEC_PUSH(&in->scratch, fields, field);
    }
    if (!sorted)
        qsort(fields.at, fields.count, sizeof fields.at[0], by_name);
    return lv_type_struct(&in->scratch, fields.at, (int)fields.count);
}

static const lv_type *infer_array(lv_json_inferrer *in)
{
    const lv_type *element = lv_type_of(LV_TYPE_VOID);
    for (lv_token token; (token = lv_reader_next(&in->reader)) != LV_TOKEN_ARRAY_END;) {
        const lv_type *type = infer_value(in, token);
        if (type == NULL)
            return NULL;
        element = merge(&in->scratch, element, type);
    }
    return lv_type_array(&in->scratch, element, true);
}

/* The type of the value that begins with the token just read, in scratch memory; NULL: it is broken. */
static const lv_type *infer_value(lv_json_inferrer *in, lv_token token)
{
    lv_reader *r = &in->reader;
    bool as_string = in->options->primitives_as_string;
    switch (token) { /* dispatch */
    case LV_TOKEN_OBJECT: return infer_object(in);
    case LV_TOKEN_ARRAY: return infer_array(in);
    case LV_TOKEN_STRING: return lv_reader_string(r) ? infer_string(in) : NULL;
    case LV_TOKEN_INTEGER: return infer_number(in, true);
    case LV_TOKEN_FLOAT: return infer_number(in, false);
    case LV_TOKEN_TRUE:
    case LV_TOKEN_FALSE: return lv_type_of(as_string ? LV_TYPE_STRING : LV_TYPE_BOOLEAN);
    case LV_TOKEN_NULL: return lv_type_of(LV_TYPE_VOID);
    default: return NULL;
    }
}

/* ---- records --------------------------------------------------------------------------------- */

/* What is still VOID is STRING or nothing, nor is there a struct without fields. NULL: nothing. */
static const lv_type *settle(lv_arena *arena, const lv_json_infer_options *o, const lv_type *type)
{
    if (type->kind == LV_TYPE_VOID)
        return o->drop_null_fields ? NULL : lv_type_of(LV_TYPE_STRING);
    if (type->kind == LV_TYPE_ARRAY) {
        const lv_type *element = settle(arena, o, type->fields[0].type);
        return element != NULL ? lv_type_array(arena, element, true) : NULL;
    }
    if (type->kind != LV_TYPE_STRUCT)
        return type;
    int n = 0;
    lv_field *fields = LV_NEW_ARRAY(arena, lv_field, type->field_count);
    for (int i = 0; i < type->field_count; i++) {
        fields[n] = type->fields[i];
        fields[n].type = settle(arena, o, type->fields[i].type);
        n += fields[n].type != NULL && fields[n].name.len > 0;
    }
    return n > 0 ? lv_type_struct(arena, fields, n) : NULL;
}

/* The schema of a record that is none: a column for its text, or nothing. */
static lv_status infer_broken(lv_json_inferrer *in, lv_status status, const lv_type **type,
                              lv_error *err)
{
    lv_field field = {
        .name = in->corrupt_column, .type = lv_type_of(LV_TYPE_STRING), .nullable = true};
    if (in->options->json.fail_fast && status == LV_MALFORMED_RECORD)
        return LV_FAIL(err, status,
                       "Malformed records are detected in record parsing: %.*s. Parse Mode: "
                       "FAILFAST. To process malformed records as null result, try setting the "
                       "option 'mode' as 'PERMISSIVE'",
                       LV_STR_ARG(in->corrupt_column));
    if (in->options->json.fail_fast)
        return LV_FAIL(err, status,
                       "Detected an invalid type of a JSON record while inferring a common schema "
                       "in the mode FAILFAST. Expected a STRUCT type");
    *type = lv_type_struct(&in->scratch, &field, in->options->drop_malformed ? 0 : 1);
    return LV_OK;
}

lv_status lv_json_infer_record(lv_json_inferrer *in, lv_str record, lv_error *err)
{
    lv_reader *r = &in->reader;
    lv_arena_reset(&in->scratch);
    r->arena = &in->scratch;
    lv_reader_begin(r, record);
    lv_token token = lv_reader_next(r);
    if (token == LV_TOKEN_NONE)
        return LV_OK;
    const lv_type *type = infer_value(in, token);
    while (type != NULL && type->kind == LV_TYPE_ARRAY)
        type = type->fields[0].type;
    if (type == NULL)
        LV_TRY(infer_broken(in, LV_MALFORMED_RECORD, &type, err));
    else if (type->kind == LV_TYPE_VOID)
        return LV_OK;
    else if (type->kind != LV_TYPE_STRUCT)
        LV_TRY(infer_broken(in, LV_INVALID_JSON_RECORD_TYPE, &type, err));
    const lv_type *merged = merge(&in->scratch, in->schema, type);
    if (merged != in->schema)
        in->schema = lv_type_copy(&in->arena, merged);
    return LV_OK;
}

const lv_type *lv_json_inferrer_schema(const lv_json_inferrer *in, lv_arena *arena)
{
    const lv_type *schema = settle(arena, in->options, in->schema);
    return schema != NULL ? lv_type_copy(arena, schema) : lv_type_struct(arena, NULL, 0);
}

lv_json_inferrer *lv_json_inferrer_new(const lv_json_infer_options *options)
{
    lv_json_inferrer *in = calloc(1, sizeof *in);
    LV_ASSERT(in != NULL);
    in->options = options;
    in->corrupt_column =
        options->json.corrupt_column.len ? options->json.corrupt_column : LV_STR("_corrupt_record");
    in->reader.options = &options->json;
    in->reader.levels = LV_NEW_ARRAY(&in->arena, lv_level, LV_JSON_DEPTH_MAX + 1);
    in->schema = lv_type_struct(&in->arena, NULL, 0);
    return in;
}

void lv_json_inferrer_free(lv_json_inferrer *in)
{
    if (in == NULL)
        return;
    lv_arena_release(&in->scratch);
    lv_arena_release(&in->arena);
    free(in);
}

lv_status lv_json_infer_value(lv_arena *arena, const lv_json_infer_options *options, lv_str text,
                              const lv_type **type, lv_error *err)
{
    lv_json_inferrer *in = lv_json_inferrer_new(options);
    lv_reader *r = &in->reader;
    r->arena = &in->scratch;
    lv_reader_begin(r, text);
    lv_token token = lv_reader_next(r);
    const lv_type *found =
        token == LV_TOKEN_NONE ? lv_type_of(LV_TYPE_VOID) : infer_value(in, token);
    lv_status status = LV_OK;
    if (found == NULL) {
        status = LV_FAIL(err, LV_MALFORMED_RECORD,
                         "Malformed records are detected in record parsing: %.*s",
                         (int)LV_MIN(text.len, 200), text.ptr);
    } else {
        bool is_struct = found->kind == LV_TYPE_STRUCT;
        found = settle(&in->scratch, options, found);
        *type = found != NULL ? lv_type_copy(arena, found)
                : is_struct   ? lv_type_struct(arena, NULL, 0)
                              : lv_type_of(LV_TYPE_STRING);
    }
    lv_json_inferrer_free(in);
    return status;
}
