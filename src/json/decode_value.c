/* decode_value.c: the exact way's converters (see decode_int.h): JSON tokens as values of Spark's
 * types, after JacksonParser.makeConverter, convertObject, convertMap and convertArray. */
#include <math.h>

#include "base/double.h"
#include "column/decimal.h"
#include "json/base64.h"
#include "json/decode_int.h"

/* ---- scalars from a string ------------------------------------------------------------------- */

static lv_outcome outcome(bool good)
{
    return good ? LV_VALUE_OK : LV_VALUE_BAD;
}

static lv_outcome double_from_string(lv_str s, double *out)
{
    static const struct {
        lv_str text;
        double value;
    } words[] = {{LV_STR("NaN"), NAN},
                 {LV_STR("Infinity"), INFINITY},
                 {LV_STR("+Infinity"), INFINITY},
                 {LV_STR("-Infinity"), -INFINITY},
                 {LV_STR("+INF"), INFINITY},
                 {LV_STR("-INF"), -INFINITY}};
    for (size_t i = 0; i < LV_COUNT_OF(words); i++)
        if (lv_str_eq(s, words[i].text)) {
            *out = words[i].value;
            return LV_VALUE_OK;
        }
    return LV_VALUE_BAD;
}

/* As java.text.DecimalFormat reads numbers of the locale en-US: commas between digits are skipped. */
static lv_outcome decimal_from_string(lv_arena *arena, const lv_type *type, lv_str s, __int128 *out)
{
    if (memchr(s.ptr, ',', s.len) == NULL)
        return outcome(lv_decimal_parse(s, type->precision, type->scale, out));
    char *text = lv_arena_alloc(arena, s.len);
    size_t len = 0;
    for (size_t i = 0; i < s.len; i++)
        if (s.ptr[i] != ',')
            text[len++] = s.ptr[i];
    return outcome(lv_decimal_parse((lv_str){text, len}, type->precision, type->scale, out));
}

static lv_outcome interval_from_string(const lv_type *type, lv_str s, lv_scalar *out)
{
    lv_unit first = (lv_unit)type->precision, last = (lv_unit)type->scale;
    unsigned units;
    if (type->kind == LV_TYPE_MONTHS)
        return outcome(lv_interval_parse_months(s, first, last, &out->i32, NULL) == LV_OK);
    if (type->kind == LV_TYPE_MICROS)
        return outcome(lv_interval_parse_us(s, first, last, &out->i64, NULL) == LV_OK);
    return outcome(lv_interval_parse_units(s, &out->interval, &units, NULL) == LV_OK);
}

lv_outcome lv_scalar_from_string(const lv_json_options *options, lv_arena *arena,
                                 const lv_type *type, lv_str s, lv_scalar *out)
{
    double number;
    if (s.len == 0 && type->kind != LV_TYPE_STRING)
        return LV_VALUE_BAD;
    switch (type->kind) {
    case LV_TYPE_STRING: out->str = s; return LV_VALUE_OK;
    case LV_TYPE_DOUBLE:
        return options->no_non_numeric ? LV_VALUE_BAD : double_from_string(s, &out->f64);
    case LV_TYPE_FLOAT:
        if (options->no_non_numeric || double_from_string(s, &number) != LV_VALUE_OK)
            return LV_VALUE_BAD;
        out->f32 = (float)number;
        return LV_VALUE_OK;
    case LV_TYPE_DECIMAL: return decimal_from_string(arena, type, s, &out->i128);
    case LV_TYPE_DATE: return outcome(lv_time_formats_date(&options->times, arena, s, &out->i32));
    case LV_TYPE_TIMESTAMP:
        return outcome(lv_time_formats_timestamp(&options->times, arena, s, &out->i64));
    case LV_TYPE_TIMESTAMP_NTZ:
        return outcome(lv_time_formats_timestamp_ntz(&options->times, s, &out->i64));
    case LV_TYPE_MONTHS:
    case LV_TYPE_MICROS:
    case LV_TYPE_INTERVAL: return interval_from_string(type, s, out);
    default: return LV_VALUE_BAD;
    }
}

/* ---- scalars from a number ------------------------------------------------------------------- */

static lv_outcome integer_from_number(lv_type_kind kind, lv_str text, lv_scalar *out)
{
    int64_t v;
    if (!lv_str_to_i64(text, &v))
        return LV_VALUE_BAD;
    switch (kind) {
    case LV_TYPE_TINYINT: /* Jackson takes unsigned bytes too */
        out->i8 = (int8_t)v;
        return outcome(v >= -128 && v <= 255);
    case LV_TYPE_SMALLINT: out->i16 = (int16_t)v; return outcome(v == (int16_t)v);
    case LV_TYPE_INT: out->i32 = (int32_t)v; return outcome(v == (int32_t)v);
    case LV_TYPE_TIMESTAMP: /* seconds; what does not fit wraps around, as in Java */
        out->i64 = (int64_t)((uint64_t)v * 1000000);
        return LV_VALUE_OK;
    default: out->i64 = v; return LV_VALUE_OK;
    }
}

lv_outcome lv_scalar_from_number(const lv_type *type, lv_str text, bool is_integer, lv_scalar *out)
{
    bool minus_zero = is_integer && lv_str_is(text, "-0"); /* an integer has no sign of zero */
    switch (type->kind) {
    case LV_TYPE_TINYINT:
    case LV_TYPE_SMALLINT:
    case LV_TYPE_INT:
    case LV_TYPE_BIGINT:
    case LV_TYPE_TIMESTAMP:
        return is_integer ? integer_from_number(type->kind, text, out) : LV_VALUE_BAD;
    case LV_TYPE_DOUBLE:
        return outcome(lv_double_parse(minus_zero ? LV_STR("0") : text, &out->f64));
    case LV_TYPE_FLOAT: return outcome(lv_float_parse(minus_zero ? LV_STR("0") : text, &out->f32));
    case LV_TYPE_DECIMAL:
        return outcome(lv_decimal_parse(text, type->precision, type->scale, &out->i128));
    default: return LV_VALUE_BAD;
    }
}

/* ---- scalars from tokens --------------------------------------------------------------------- */

/* A STRING takes any JSON, printed compactly. */
static lv_outcome string_from_anything(lv_reader *r, lv_scalar *out)
{
    lv_sbuf text = LV_SBUF_INIT;
    bool ok = lv_reader_copy(r, &text);
    if (ok)
        out->str = lv_str_dup(r->arena, lv_sbuf_str(&text));
    lv_sbuf_release(&text);
    return outcome(ok);
}

static lv_outcome special_as(const lv_reader *r, const lv_type *type, lv_scalar *out)
{
    if (type->kind == LV_TYPE_DOUBLE)
        out->f64 = r->special;
    else if (type->kind == LV_TYPE_FLOAT)
        out->f32 = (float)r->special;
    else
        return LV_VALUE_BAD;
    return LV_VALUE_OK;
}

lv_outcome lv_read_scalar(lv_reader *r, const lv_type *type, lv_scalar *out)
{
    switch (r->current) {
    case LV_TOKEN_STRING:
        if (type->kind == LV_TYPE_BINARY)
            return outcome(lv_reader_base64(r, &out->str));
        return lv_reader_string(r) ? lv_scalar_from_string(r->options, r->arena, type, r->text, out)
                                   : LV_VALUE_BAD;
    case LV_TOKEN_INTEGER:
    case LV_TOKEN_FLOAT:
        if (type->kind == LV_TYPE_STRING)
            return string_from_anything(r, out);
        if (r->current == LV_TOKEN_FLOAT && r->is_special)
            return special_as(r, type, out);
        return lv_scalar_from_number(type, r->text, r->current == LV_TOKEN_INTEGER, out);
    case LV_TOKEN_TRUE:
    case LV_TOKEN_FALSE:
        if (type->kind == LV_TYPE_STRING)
            return string_from_anything(r, out);
        out->boolean = r->current == LV_TOKEN_TRUE;
        return outcome(type->kind == LV_TYPE_BOOLEAN);
    case LV_TOKEN_OBJECT:
    case LV_TOKEN_ARRAY:
        return type->kind == LV_TYPE_STRING ? string_from_anything(r, out) : LV_VALUE_BAD;
    default: return LV_VALUE_BAD;
    }
}

/* ---- nested values --------------------------------------------------------------------------- */

/* The last field of that name, as a map of the names would have it. */
static int find_field(const lv_type *type, lv_str name)
{
    for (int f = type->field_count - 1; f >= 0 && name.ptr != NULL; f--)
        if (lv_str_eq(type->fields[f].name, name))
            return f;
    return -1;
}

/* The value of a field that has one already (a repeated key): the last good one counts. */
static lv_outcome replace_value(lv_reader *r, const lv_type *type, lv_builder *builder)
{
    lv_builder trial;
    lv_builder_init(&trial, r->arena, type, 1);
    lv_outcome result = lv_read_value(r, type, &trial);
    if (result == LV_VALUE_BAD)
        return result;
    lv_vector value;
    lv_builder_finish(&trial, &value);
    lv_builder_truncate(builder, builder->length - 1);
    lv_builder_append(builder, &value, 0);
    return result;
}

lv_outcome lv_read_struct(lv_reader *r, const lv_type *type, const bool *wanted,
                          lv_builder *builder)
{
    int64_t row = builder->length;
    bool partial = false;
    lv_token token;
    while ((token = lv_reader_next(r)) != LV_TOKEN_NONE && token != LV_TOKEN_OBJECT_END) {
        int f = token == LV_TOKEN_ERROR ? -1 : find_field(type, lv_reader_name(r));
        lv_outcome result = LV_VALUE_BAD;
        if (f >= 0 && (wanted == NULL || wanted[f])) {
            lv_builder *child = &builder->children[f];
            result = child->length > row ? replace_value(r, type->fields[f].type, child)
                                         : lv_read_value(r, type->fields[f].type, child);
            partial |= result >= LV_VALUE_PARTIAL;
        }
        if (token == LV_TOKEN_ERROR || (result == LV_VALUE_BAD && !lv_reader_skip(r))) {
            lv_builder_truncate(builder, row);
            return LV_VALUE_BAD;
        }
    }
    for (int f = 0; f < type->field_count; f++)
        if (builder->children[f].length == row)
            lv_builder_null(&builder->children[f]);
    lv_builder_end_struct(builder);
    return partial ? LV_VALUE_PARTIAL : LV_VALUE_OK;
}

/* Ends a list row whose elements from `begin` on were read: a bad one makes the whole list bad. */
static lv_outcome end_list(lv_builder *builder, int64_t begin, bool bad, bool partial)
{
    if (bad) {
        for (int f = 0; f < builder->type->field_count; f++)
            lv_builder_truncate(&builder->children[f], begin);
        return LV_VALUE_BAD;
    }
    lv_builder_end_list(builder);
    return partial ? LV_VALUE_PARTIAL : LV_VALUE_OK;
}

/* A bad element ends the reading at once; what is left of the array then is up to the struct around it. */
static lv_outcome read_array(lv_reader *r, const lv_type *type, lv_builder *builder)
{
    int64_t begin = builder->children[0].length;
    bool partial = false;
    lv_token token;
    while ((token = lv_reader_next(r)) != LV_TOKEN_NONE && token != LV_TOKEN_ARRAY_END) {
        lv_outcome result = token == LV_TOKEN_ERROR
                                ? LV_VALUE_BAD
                                : lv_read_value(r, type->fields[0].type, &builder->children[0]);
        if (result == LV_VALUE_BAD)
            return end_list(builder, begin, true, false);
        partial |= result == LV_VALUE_PARTIAL;
    }
    return end_list(builder, begin, false, partial);
}

lv_outcome lv_read_lone_struct(lv_reader *r, const lv_type *type, lv_builder *builder)
{
    lv_outcome result = lv_read_struct(r, type->fields[0].type, NULL, &builder->children[0]);
    if (result != LV_VALUE_BAD)
        lv_builder_end_list(builder);
    return result;
}

/* A map is read to its end in any case. */
static lv_outcome read_map(lv_reader *r, const lv_type *type, lv_builder *builder)
{
    int64_t begin = builder->children[0].length;
    bool bad = false, partial = false;
    lv_token token;
    while ((token = lv_reader_next(r)) != LV_TOKEN_NONE && token != LV_TOKEN_OBJECT_END) {
        lv_str key = lv_reader_name(r);
        lv_outcome result = token == LV_TOKEN_ERROR
                                ? LV_VALUE_BAD
                                : lv_read_value(r, type->fields[1].type, &builder->children[1]);
        if (token == LV_TOKEN_ERROR || (result == LV_VALUE_BAD && !lv_reader_skip(r)))
            return end_list(builder, begin, true, false);
        if (result != LV_VALUE_BAD)
            lv_builder_str(&builder->children[0], key);
        bad |= result == LV_VALUE_BAD;
        partial |= result == LV_VALUE_PARTIAL;
    }
    return end_list(builder, begin, bad, partial);
}

static void note_refusal(lv_reader *r, lv_str name, const lv_type *type)
{
    static const char *const kinds[] = {
        [LV_TOKEN_OBJECT] = "START_OBJECT",      [LV_TOKEN_OBJECT_END] = "END_OBJECT",
        [LV_TOKEN_ARRAY] = "START_ARRAY",        [LV_TOKEN_ARRAY_END] = "END_ARRAY",
        [LV_TOKEN_STRING] = "VALUE_STRING",      [LV_TOKEN_INTEGER] = "VALUE_NUMBER_INT",
        [LV_TOKEN_FLOAT] = "VALUE_NUMBER_FLOAT", [LV_TOKEN_TRUE] = "VALUE_TRUE",
        [LV_TOKEN_FALSE] = "VALUE_FALSE",        [LV_TOKEN_NULL] = "VALUE_NULL"};
    static const lv_str texts[] = {
        [LV_TOKEN_OBJECT] = LV_STR("{"),  [LV_TOKEN_OBJECT_END] = LV_STR("}"),
        [LV_TOKEN_ARRAY] = LV_STR("["),   [LV_TOKEN_ARRAY_END] = LV_STR("]"),
        [LV_TOKEN_TRUE] = LV_STR("true"), [LV_TOKEN_FALSE] = LV_STR("false"),
        [LV_TOKEN_NULL] = LV_STR("null")};
    if (r->failure == NULL || r->failure[0] != '\0' || r->current >= LV_COUNT_OF(kinds) ||
        kinds[r->current] == NULL)
        return;
    lv_str text = texts[r->current].ptr != NULL ? texts[r->current] : r->text;
    lv_sbuf target = LV_SBUF_INIT;
    lv_type_print_sql(type, &target);
    if (r->current == LV_TOKEN_STRING && text.len == 0)
        lv_reader_fail(
            r, "[EMPTY_JSON_FIELD_VALUE] Failed to parse an empty string for data type \"%s\"",
            target.ptr);
    else
        lv_reader_fail(r,
                       "[CANNOT_PARSE_JSON_FIELD] Cannot parse the field name `%.*s` and the value "
                       "`%.*s` of the JSON token type %s "
                       "to target Spark data type \"%s\"",
                       (int)LV_MIN(name.len, 60), name.ptr, (int)LV_MIN(text.len, 100), text.ptr,
                       kinds[r->current], target.ptr);
    lv_sbuf_release(&target);
}

lv_outcome lv_read_value(lv_reader *r, const lv_type *type, lv_builder *builder)
{
    if (r->current == LV_TOKEN_NAME && lv_reader_next(r) == LV_TOKEN_ERROR)
        return LV_VALUE_BAD;
    if (r->current == LV_TOKEN_NONE || r->current == LV_TOKEN_NULL || type->kind == LV_TYPE_VOID) {
        lv_builder_null(builder);
        return LV_VALUE_NULL;
    }
    lv_str name = lv_reader_name(r);
    lv_outcome result = LV_VALUE_BAD;
    lv_scalar value;
    if (!lv_type_is_nested(type)) {
        result = lv_read_scalar(r, type, &value);
        if (result == LV_VALUE_OK)
            lv_builder_value(builder, &value);
    } else if (type->kind == LV_TYPE_STRUCT && r->current == LV_TOKEN_OBJECT) {
        return lv_read_struct(r, type, NULL, builder);
    } else if (type->kind == LV_TYPE_MAP && r->current == LV_TOKEN_OBJECT) {
        return read_map(r, type, builder);
    } else if (type->kind == LV_TYPE_ARRAY && r->current == LV_TOKEN_ARRAY) {
        return read_array(r, type, builder);
    } else if (r->current == LV_TOKEN_STRING && !lv_reader_string(r)) {
        return LV_VALUE_BAD; /* its text is read for the error message, and then found broken */
    }
    if (result == LV_VALUE_BAD)
        note_refusal(r, name, type);
    return result;
}
