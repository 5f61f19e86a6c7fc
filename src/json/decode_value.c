/* value.c: JSON values as values of Spark's types (JacksonParser.makeConverter). */
#include <math.h>

#include "base/datetime.h"
#include "base/double.h"
#include "column/decimal.h"
#include "json/base64.h"
#include "json/decode_int.h"

/* ---- scalars from a string -------------------------------------------------------------------- */

static lv_outcome outcome(bool good)
{
    return good ? LV_VALUE_OK : LV_VALUE_BAD;
}

static lv_outcome double_from_string(lv_str s, double *out)
{
    static const struct {
        const char *text;
        double value;
    } words[] = {{"NaN", NAN}, {"Infinity", INFINITY}, {"+Infinity", INFINITY}, {"-Infinity", -INFINITY}, {"+INF", INFINITY}, {"-INF", -INFINITY}};
    for (size_t i = 0; i < LV_COUNT_OF(words); i++)
        if (lv_str_is(s, words[i].text)) {
            *out = words[i].value;
            return LV_VALUE_OK;
        }
    return LV_VALUE_BAD;
}

/* Spark falls back to the days since 1970 that version 1.5 wrote. */
static lv_outcome date_from_string(lv_str s, int32_t *days)
{
    int64_t number;
    if (lv_date_parse(s, days))
        return LV_VALUE_OK;
    if (!lv_str_to_i64(s, &number) || number != (int32_t)number)
        return LV_VALUE_BAD;
    *days = (int32_t)number;
    return LV_VALUE_OK;
}

static lv_outcome scalar_from_string(lv_cursor *c, const lv_type *type, lv_str s, lv_scalar *out)
{
    double number;
    switch (type->kind) {
    case LV_TYPE_STRING:
        out->str = s;
        return LV_VALUE_OK;
    case LV_TYPE_BINARY: return outcome(lv_base64_decode(c->arena, s, &out->str));
    case LV_TYPE_DOUBLE:
        return c->options->no_non_numeric ? LV_VALUE_BAD : double_from_string(s, &out->f64);
    case LV_TYPE_FLOAT:
        if (c->options->no_non_numeric || double_from_string(s, &number) != LV_VALUE_OK)
            return LV_VALUE_BAD;
        out->f32 = (float)number;
        return LV_VALUE_OK;
    case LV_TYPE_DECIMAL: return outcome(lv_decimal_parse(s, type->precision, type->scale, &out->i128));
    case LV_TYPE_DATE: return date_from_string(s, &out->i32);
    case LV_TYPE_TIMESTAMP: return outcome(lv_timestamp_parse(s, c->options->zone, c->options->now_us, &out->i64));
    case LV_TYPE_TIMESTAMP_NTZ: return outcome(lv_timestamp_ntz_parse(s, false, &out->i64));
    default: return LV_VALUE_BAD;
    }
}

/* ---- scalars from a number -------------------------------------------------------------------- */

static lv_outcome integer_from_number(lv_type_kind kind, const lv_number *n, lv_scalar *out)
{
    int64_t v;
    if (!n->is_integer || !lv_str_to_i64(n->text, &v))
        return LV_VALUE_BAD;
    switch (kind) {
    case LV_TYPE_TINYINT: /* Jackson takes unsigned bytes too */
        out->i8 = (int8_t)v;
        return outcome(v >= -128 && v <= 255);
    case LV_TYPE_SMALLINT:
        out->i16 = (int16_t)v;
        return outcome(v == (int16_t)v);
    case LV_TYPE_INT:
        out->i32 = (int32_t)v;
        return outcome(v == (int32_t)v);
    case LV_TYPE_TIMESTAMP: /* seconds; what does not fit wraps around, as in Java */
        out->i64 = (int64_t)((uint64_t)v * 1000000);
        return LV_VALUE_OK;
    default:
        out->i64 = v;
        return LV_VALUE_OK;
    }
}

static lv_outcome scalar_from_number(const lv_type *type, const lv_number *n, lv_scalar *out)
{
    double number = n->special;
    switch (type->kind) {
    case LV_TYPE_TINYINT:
    case LV_TYPE_SMALLINT:
    case LV_TYPE_INT:
    case LV_TYPE_BIGINT:
    case LV_TYPE_TIMESTAMP: return integer_from_number(type->kind, n, out);
    case LV_TYPE_DOUBLE:
    case LV_TYPE_FLOAT:
        if (!n->is_special && !lv_double_parse(n->text, &number))
            return LV_VALUE_BAD;
        if (type->kind == LV_TYPE_DOUBLE)
            out->f64 = number;
        else
            out->f32 = (float)number;
        return LV_VALUE_OK;
    case LV_TYPE_DECIMAL: return outcome(!n->is_special && lv_decimal_parse(n->text, type->precision, type->scale, &out->i128));
    default: return LV_VALUE_BAD;
    }
}

/* ---- scalars ------------------------------------------------------------------------------------ */

static bool take_word(lv_cursor *c, const char *word, size_t len)
{
    if ((size_t)(c->end - c->p) < len || memcmp(c->p, word, len) != 0)
        return false;
    c->p += len;
    return true;
}

/* A STRING takes any JSON, printed compactly. */
static lv_outcome string_from_anything(lv_cursor *c, lv_scalar *out)
{
    lv_sbuf text = LV_SBUF_INIT;
    bool ok = lv_copy_value(c, &text);
    if (ok)
        out->str = lv_str_dup(c->arena, lv_sbuf_str(&text));
    lv_sbuf_release(&text);
    return ok ? LV_VALUE_OK : LV_VALUE_MALFORMED;
}

lv_outcome lv_read_scalar(lv_cursor *c, const lv_type *type, lv_scalar *out)
{
    lv_str s;
    lv_number n;
    if (c->p == c->end)
        return LV_VALUE_MALFORMED;
    char first = *c->p;
    if (first == '"' || (first == '\'' && !c->options->no_single_quotes))
        return lv_read_string(c, &s) ? scalar_from_string(c, type, s, out) : LV_VALUE_MALFORMED;
    if (first == 'n' && take_word(c, "null", 4))
        return LV_VALUE_NULL;
    if (type->kind == LV_TYPE_STRING)
        return string_from_anything(c, out);
    if (first == 't' || first == 'f') {
        bool value = first == 't';
        if (!(value ? take_word(c, "true", 4) : take_word(c, "false", 5)))
            return LV_VALUE_MALFORMED;
        out->boolean = value;
        return outcome(type->kind == LV_TYPE_BOOLEAN);
    }
    if (first == '{' || first == '[')
        return lv_skip_value(c) ? LV_VALUE_BAD : LV_VALUE_MALFORMED;
    return lv_read_number(c, &n) ? scalar_from_number(type, &n, out) : LV_VALUE_MALFORMED;
}

/* ---- nested values -------------------------------------------------------------------------------- */

/* The next key of an object: 1 read (the cursor is at its value), 0 the object has ended, -1 malformed. */
static int next_key(lv_cursor *c, bool first, lv_str *key)
{
    lv_cursor_skip_blanks(c);
    if (c->p == c->end)
        return -1;
    if (first && *c->p == '}') {
        c->p++;
        return 0;
    }
    if (!first) {
        if (*c->p == '}') {
            c->p++;
            return 0;
        }
        if (*c->p++ != ',')
            return -1;
        lv_cursor_skip_blanks(c);
    }
    bool quoted = c->p < c->end && (*c->p == '"' || (*c->p == '\'' && !c->options->no_single_quotes));
    if (!quoted || !lv_read_string(c, key))
        return -1;
    lv_cursor_skip_blanks(c);
    if (c->p == c->end || *c->p++ != ':')
        return -1;
    lv_cursor_skip_blanks(c);
    return 1;
}

static int find_field(const lv_type *type, lv_str key)
{
    for (int f = 0; f < type->field_count; f++)
        if (lv_str_eq(type->fields[f].name, key))
            return f;
    return -1;
}

/* The value of a field that has one already (a repeated key): the last good one counts. */
static lv_outcome reread_field(lv_cursor *c, const lv_type *type, lv_builder *builder)
{
    lv_cursor probe = *c;
    lv_builder trial;
    lv_builder_init(&trial, c->arena, type, 1);
    lv_outcome result = lv_read_value(&probe, type, &trial);
    if (result == LV_VALUE_MALFORMED)
        return result;
    if (result != LV_VALUE_BAD) {
        lv_vector value;
        lv_builder_finish(&trial, &value);
        lv_builder_truncate(builder, builder->length - 1);
        lv_builder_append(builder, &value, 0);
    }
    c->p = probe.p;
    return result;
}

lv_outcome lv_read_struct(lv_cursor *c, const lv_type *type, lv_builder *builder)
{
    int64_t row = builder->length;
    if (++c->depth > LV_JSON_DEPTH_MAX)
        return LV_VALUE_MALFORMED;
    c->p++;
    lv_str key;
    int got;
    for (bool first = true; (got = next_key(c, first, &key)) > 0; first = false) {
        int f = find_field(type, key);
        lv_outcome result = LV_VALUE_OK;
        if (f < 0)
            result = lv_skip_value(c) ? LV_VALUE_OK : LV_VALUE_MALFORMED;
        else if (builder->children[f].length > row)
            result = reread_field(c, type->fields[f].type, &builder->children[f]);
        else
            result = lv_read_value(c, type->fields[f].type, &builder->children[f]);
        if (result == LV_VALUE_MALFORMED)
            return result;
        c->bad_inside |= result == LV_VALUE_BAD;
    }
    if (got < 0)
        return LV_VALUE_MALFORMED;
    c->depth--;
    for (int f = 0; f < type->field_count; f++)
        if (builder->children[f].length == row)
            lv_builder_null(&builder->children[f]);
    lv_builder_end_struct(builder);
    return LV_VALUE_OK;
}

/* Ends a list row whose elements from `begin` on were read: a bad one makes the whole list null. */
static lv_outcome end_list(lv_builder *builder, int64_t begin, bool bad)
{
    if (!bad) {
        lv_builder_end_list(builder);
        return LV_VALUE_OK;
    }
    for (int f = 0; f < builder->type->field_count; f++)
        lv_builder_truncate(&builder->children[f], begin);
    lv_builder_null(builder);
    return LV_VALUE_BAD;
}

/* The single object that stands for an array of one struct. */
static lv_outcome array_from_object(lv_cursor *c, const lv_type *element, lv_builder *builder)
{
    lv_outcome result = lv_read_struct(c, element, &builder->children[0]);
    if (result == LV_VALUE_OK)
        lv_builder_end_list(builder);
    return result;
}

lv_outcome lv_read_array(lv_cursor *c, const lv_type *type, lv_builder *builder, bool object_too)
{
    const lv_type *element = type->fields[0].type;
    if (object_too && *c->p == '{' && element->kind == LV_TYPE_STRUCT)
        return array_from_object(c, element, builder);
    int64_t begin = builder->children[0].length;
    bool bad = false;
    if (++c->depth > LV_JSON_DEPTH_MAX)
        return LV_VALUE_MALFORMED;
    c->p++;
    lv_cursor_skip_blanks(c);
    bool empty = c->p < c->end && *c->p == ']';
    while (!empty) {
        lv_cursor_skip_blanks(c);
        lv_outcome result = lv_read_value(c, element, &builder->children[0]);
        if (result == LV_VALUE_MALFORMED)
            return result;
        bad |= result == LV_VALUE_BAD;
        lv_cursor_skip_blanks(c);
        if (c->p == c->end || (*c->p != ',' && *c->p != ']'))
            return LV_VALUE_MALFORMED;
        if (*c->p == ']')
            break;
        c->p++;
    }
    c->p++;
    c->depth--;
    return end_list(builder, begin, bad);
}

static lv_outcome read_map(lv_cursor *c, const lv_type *type, lv_builder *builder)
{
    int64_t begin = builder->children[0].length;
    bool bad = false;
    if (++c->depth > LV_JSON_DEPTH_MAX)
        return LV_VALUE_MALFORMED;
    c->p++;
    lv_str key;
    int got;
    for (bool first = true; (got = next_key(c, first, &key)) > 0; first = false) {
        lv_builder_str(&builder->children[0], key);
        lv_outcome result = lv_read_value(c, type->fields[1].type, &builder->children[1]);
        if (result == LV_VALUE_MALFORMED)
            return result;
        bad |= result == LV_VALUE_BAD;
    }
    if (got < 0)
        return LV_VALUE_MALFORMED;
    c->depth--;
    return end_list(builder, begin, bad);
}

static lv_outcome read_nested(lv_cursor *c, const lv_type *type, lv_builder *builder)
{
    if (type->kind == LV_TYPE_STRUCT && *c->p == '{')
        return lv_read_struct(c, type, builder);
    if (type->kind == LV_TYPE_MAP && *c->p == '{')
        return read_map(c, type, builder);
    if (type->kind == LV_TYPE_ARRAY && *c->p == '[')
        return lv_read_array(c, type, builder, false);
    bool is_null = take_word(c, "null", 4);
    if (!is_null && !lv_skip_value(c))
        return LV_VALUE_MALFORMED;
    lv_builder_null(builder);
    return is_null ? LV_VALUE_NULL : LV_VALUE_BAD;
}

lv_outcome lv_read_value(lv_cursor *c, const lv_type *type, lv_builder *builder)
{
    if (c->p == c->end)
        return LV_VALUE_MALFORMED;
    if (lv_type_is_nested(type))
        return read_nested(c, type, builder);
    lv_scalar value;
    lv_outcome result = lv_read_scalar(c, type, &value);
    if (result == LV_VALUE_OK)
        lv_builder_value(builder, &value);
    else if (result != LV_VALUE_MALFORMED)
        lv_builder_null(builder);
    return result;
}
