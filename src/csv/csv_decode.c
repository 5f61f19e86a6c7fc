/* csv_decode.c: records to columns, after UnivocityParser.convert and its converters. */
#include <math.h>
#include <stdlib.h>

#include "base/check.h"
#include "base/double.h"
#include "column/decimal.h"
#include "csv/csv_int.h"

/* One wanted field. */
typedef struct csv_column {
    int field;
    int at; /* which value of the record */
    const lv_type *type;
    void *data;
    uint64_t *validity;
    bool has_nulls;
} csv_column;

struct lv_csv_decoder {
    const lv_type *schema;
    lv_csv_options options;
    lv_csv_reader reader;
    lv_arena arena;   /* what lives as long as the decoder */
    lv_arena scratch; /* the values of a record */
    csv_column *columns;
    int column_count;
    int value_count; /* that a record must have */
    int corrupt_column;
    bool corrupt_wanted;
};

/* ---- making one ------------------------------------------------------------------------------ */

static lv_status check_schema(const lv_type *schema, const lv_csv_options *o, lv_error *err)
{
    LV_ASSERT(schema->kind == LV_TYPE_STRUCT);
    for (int f = 0; f < schema->field_count; f++) {
        const lv_type *type = schema->fields[f].type;
        lv_sbuf name = LV_SBUF_INIT;
        lv_type_print_sql(type, &name);
        lv_status status = LV_OK;
        if (lv_str_eq(schema->fields[f].name, o->corrupt_column) && type->kind != LV_TYPE_STRING)
            status = LV_FAIL(err, LV_INVALID_CORRUPT_RECORD_TYPE,
                             "The column `%.*s` for corrupt records must have the nullable STRING "
                             "type, but got \"%s\"",
                             LV_STR_ARG(o->corrupt_column), name.ptr);
        else if (lv_type_is_nested(type))
            status =
                LV_FAIL(err, LV_UNSUPPORTED_DATATYPE, "Unsupported data type \"%s\"", name.ptr);
        lv_sbuf_release(&name);
        LV_TRY(status);
    }
    return LV_OK;
}

lv_status lv_csv_decoder_new(const lv_type *schema, const bool *wanted,
                             const lv_csv_options *options, lv_csv_decoder **decoder, lv_error *err)
{
    lv_csv_options o = *options;
    if (o.corrupt_column.len == 0)
        o.corrupt_column = LV_STR("_corrupt_record");
    LV_TRY(check_schema(schema, &o, err));
    lv_csv_decoder *d = calloc(1, sizeof *d);
    csv_column *columns = calloc((size_t)LV_MAX(schema->field_count, 1), sizeof *columns);
    LV_ASSERT(d != NULL && columns != NULL);
    *d = (lv_csv_decoder){.schema = schema, .options = o, .columns = columns, .corrupt_column = -1};
    lv_arena_init(&d->arena);
    lv_arena_init(&d->scratch);
    if (o.times.date == NULL &&
        o.times.fallback == LV_FALLBACK_OFF) /* else CAST's forms, as a fallback */
        d->options.times.date = lv_time_formats_pattern(&d->arena, LV_STR("yyyy-MM-dd"));
    d->reader.options = &d->options;
    for (int f = 0; f < schema->field_count; f++) {
        bool is_wanted = wanted == NULL || wanted[f];
        if (lv_str_eq(schema->fields[f].name, o.corrupt_column)) {
            d->corrupt_column = f;
            d->corrupt_wanted = is_wanted;
            continue;
        }
        if (is_wanted)
            columns[d->column_count++] =
                (csv_column){.field = f, .at = d->value_count, .type = schema->fields[f].type};
        d->value_count++;
    }
    *decoder = d;
    return LV_OK;
}

void lv_csv_decoder_free(lv_csv_decoder *d)
{
    if (d == NULL)
        return;
    lv_sbuf_release(&d->reader.text);
    lv_arena_release(&d->scratch);
    lv_arena_release(&d->arena);
    free(d->columns);
    free(d);
}

void lv_csv_decoder_set_now(lv_csv_decoder *d, int64_t now_us)
{
    d->options.times.now_us = now_us;
}

/* ---- values ---------------------------------------------------------------------------------- */

/* As Java's parseByte, parseShort, ...: digits with a sign. */
static bool read_integer(lv_str s, lv_type_kind kind, void *out)
{
    int64_t v;
    if (!lv_str_to_i64(s, &v))
        return false;
    switch (kind) { /* dispatch */
    case LV_TYPE_TINYINT: *(int8_t *)out = (int8_t)v; return v == (int8_t)v;
    case LV_TYPE_SMALLINT: *(int16_t *)out = (int16_t)v; return v == (int16_t)v;
    case LV_TYPE_INT: *(int32_t *)out = (int32_t)v; return v == (int32_t)v;
    default: *(int64_t *)out = v; return true;
    }
}

/* NaN and infinities, by the options' names and by Java's. */
static bool read_special(const lv_csv_options *o, lv_str s, double *out)
{
    if (lv_str_eq(s, o->nan))
        *out = NAN;
    else if (lv_str_eq(s, o->negative_inf))
        *out = -INFINITY;
    else if (lv_str_eq(s, o->positive_inf))
        *out = INFINITY;
    else
        return false;
    return true;
}

static bool read_java_special(lv_str s, double *out)
{
    bool negative = s.len > 0 && s.ptr[0] == '-';
    if (s.len > 0 && (s.ptr[0] == '-' || s.ptr[0] == '+'))
        s = lv_str_sub(s, 1, s.len - 1);
    if (lv_str_is(s, "NaN"))
        *out = NAN;
    else if (lv_str_is(s, "Infinity"))
        *out = negative ? -INFINITY : INFINITY;
    else
        return false;
    return true;
}

static lv_str java_trim(lv_str s)
{
    while (s.len > 0 && (unsigned char)s.ptr[0] <= ' ')
        s = lv_str_sub(s, 1, s.len - 1);
    while (s.len > 0 && (unsigned char)s.ptr[s.len - 1] <= ' ')
        s.len--;
    return s;
}

bool lv_csv_read_real(const lv_csv_options *o, lv_str s, bool is_float, void *out)
{
    double special;
    lv_str text = java_trim(s);
    bool is_special = read_special(o, s, &special) || read_java_special(text, &special);
    if (is_special && is_float)
        *(float *)out = (float)special;
    else if (is_special)
        *(double *)out = special;
    if (is_special)
        return true;
    if (text.len > 1 && memchr("fFdD", text.ptr[text.len - 1], 4) != NULL)
        text.len--;
    return is_float ? lv_float_parse(text, out) : lv_double_parse(text, out);
}

/* As java.text.DecimalFormat reads numbers of the locale en-US: commas are skipped. */
static bool read_decimal(lv_arena *arena, const lv_type *type, lv_str s, void *out)
{
    char *text = lv_arena_alloc(arena, s.len);
    size_t len = 0;
    for (size_t i = 0; i < s.len; i++)
        if (s.ptr[i] != ',')
            text[len++] = s.ptr[i];
    return lv_decimal_parse((lv_str){text, len}, type->precision, type->scale, out);
}

static bool read_boolean(lv_str s, uint8_t *out)
{
    *out = lv_str_eq_nocase(s, LV_STR("true"));
    return *out != 0 || lv_str_eq_nocase(s, LV_STR("false"));
}

static bool read_value(lv_csv_decoder *d, const lv_type *type, lv_str s, void *out)
{
    const lv_time_formats *times = &d->options.times;
    switch (type->kind) { /* dispatch */
    case LV_TYPE_STRING:
    case LV_TYPE_BINARY: *(lv_str *)out = s; return true;
    case LV_TYPE_TINYINT:
    case LV_TYPE_SMALLINT:
    case LV_TYPE_INT:
    case LV_TYPE_BIGINT: return read_integer(s, type->kind, out);
    case LV_TYPE_FLOAT: return lv_csv_read_real(&d->options, s, true, out);
    case LV_TYPE_DOUBLE: return lv_csv_read_real(&d->options, s, false, out);
    case LV_TYPE_BOOLEAN: return read_boolean(s, out);
    case LV_TYPE_DECIMAL: return read_decimal(&d->scratch, type, s, out);
    case LV_TYPE_DATE: return lv_time_formats_date(times, &d->scratch, s, out);
    case LV_TYPE_TIMESTAMP: return lv_time_formats_timestamp(times, &d->scratch, s, out);
    case LV_TYPE_TIMESTAMP_NTZ: return lv_time_formats_timestamp_ntz(times, s, out);
    default: return false;
    }
}

/* ---- rows ------------------------------------------------------------------------------------ */

static void set_null(csv_column *c, int64_t row, size_t size)
{
    memset((char *)c->data + (size_t)row * size, 0, size);
    lv_bit_clear(c->validity, row);
    c->has_nulls = true;
}

/* True: all is well with the record. */
static bool convert(lv_csv_decoder *d, int64_t row)
{
    const lv_csv_reader *r = &d->reader;
    bool good = r->count == d->value_count;
    for (int i = 0; i < d->column_count; i++) {
        csv_column *c = &d->columns[i];
        size_t size = lv_type_value_size(c->type);
        void *out = (char *)c->data + (size_t)row * size;
        bool missing = c->at >= r->count;
        lv_str s = missing ? LV_STR_NONE : r->values[c->at];
        bool is_null = s.ptr == NULL || lv_str_eq(s, d->options.null_value);
        bool read = !is_null && read_value(d, c->type, s, out);
        good &= read || (is_null && !missing);
        if (!read)
            set_null(c, row, size);
    }
    return good;
}

/* Without the one line end that it may have. */
static lv_str strip_line_end(lv_str s)
{
    char last = s.len > 0 ? s.ptr[s.len - 1] : '\0';
    if (last == '\n' || last == '\r' || last == '\f')
        s.len -= 1 + (last == '\n' && s.len > 1 && s.ptr[s.len - 2] == '\r');
    return s;
}

static bool is_comment(const lv_csv_decoder *d, lv_str record)
{
    return d->options.comment != '\0' && record.len > 0 && record.ptr[0] == d->options.comment;
}

static lv_status decode_record(lv_csv_decoder *d, lv_arena *arena, lv_str record, int64_t row,
                               bool *good, lv_error *err)
{
    lv_csv_reader *r = &d->reader;
    lv_arena_reset(&d->scratch);
    *r = (lv_csv_reader){.options = &d->options,
                         .p = record.ptr,
                         .end = record.ptr + record.len,
                         .arena = &d->scratch,
                         .text = r->text};
    if (record.len > 0 && !is_comment(d, record) && !lv_csv_read_record(r))
        return LV_FAIL(err, LV_MALFORMED_CSV_RECORD, "Malformed CSV record: %.*s (%s)",
                       (int)LV_MIN(record.len, 500), record.ptr, r->failure);
    *good = convert(d, row);
    if (!*good && d->options.fail_fast)
        return LV_FAIL(
            err, LV_MALFORMED_RECORD,
            "Malformed records are detected in record parsing: %.*s. Parse Mode: FAILFAST. "
            "To process malformed records as null result, try setting the option 'mode' as "
            "'PERMISSIVE'",
            (int)LV_MIN(record.len, 500), record.ptr);
    return LV_OK;
}

/* Strings that were put together lie in the scratch arena, which the next record takes. */
static void keep_strings(lv_csv_decoder *d, lv_arena *arena, lv_str record, int64_t row)
{
    for (int i = 0; i < d->column_count; i++) {
        csv_column *c = &d->columns[i];
        lv_str *s = (lv_str *)c->data + row;
        if (lv_type_is_string_like(c->type) && s->len > 0 &&
            (s->ptr < record.ptr || s->ptr >= record.ptr + record.len))
            *s = lv_str_dup(arena, *s);
    }
}

static void begin_column(csv_column *c, lv_arena *arena, int64_t rows)
{
    c->data = lv_arena_alloc(arena, lv_type_value_size(c->type) * (size_t)rows);
    c->validity = lv_validity_new(arena, rows, true);
    c->has_nulls = false;
}

static void end_column(const csv_column *c, int64_t rows, lv_vector *out)
{
    *out = (lv_vector){.type = c->type,
                       .encoding = LV_FLAT,
                       .length = rows,
                       .data = c->data,
                       .validity = c->has_nulls ? c->validity : NULL};
}

/* A vector of the schema's type with these columns. */
static void finish(lv_csv_decoder *d, lv_arena *arena, const csv_column *corrupt, int64_t rows,
                   uint64_t *validity, lv_vector *out)
{
    int count = d->schema->field_count;
    *out = (lv_vector){.type = d->schema,
                       .encoding = LV_FLAT,
                       .length = rows,
                       .validity = validity,
                       .child_count = count,
                       .children = LV_NEW_ARRAY(arena, lv_vector, count)};
    for (int f = 0; f < count; f++)
        lv_vector_init_null(&out->children[f], arena, d->schema->fields[f].type, rows);
    for (int i = 0; i < d->column_count; i++)
        end_column(&d->columns[i], rows, &out->children[d->columns[i].field]);
    if (d->corrupt_wanted)
        end_column(corrupt, rows, &out->children[d->corrupt_column]);
}

lv_status lv_csv_decode(lv_csv_decoder *d, lv_arena *arena, const lv_vector *records,
                        lv_vector *out, uint64_t *malformed, lv_error *err)
{
    LV_ASSERT(lv_type_is_string_like(records->type));
    int64_t rows = records->length;
    uint64_t *validity = NULL;
    csv_column corrupt = {.type = lv_type_of(LV_TYPE_STRING)};
    begin_column(&corrupt, arena, rows);
    for (int i = 0; i < d->column_count; i++)
        begin_column(&d->columns[i], arena, rows);
    for (int64_t row = 0; row < rows; row++) {
        bool good = true, is_null = lv_vector_is_null(records, row);
        lv_str record = is_null ? LV_STR_NONE : lv_vector_str(records, row);
        if (is_null) {
            if (validity == NULL)
                validity = lv_validity_new(arena, rows, true);
            lv_bit_clear(validity, row);
            for (int i = 0; i < d->column_count; i++)
                set_null(&d->columns[i], row, lv_type_value_size(d->columns[i].type));
        } else {
            LV_TRY(decode_record(d, arena, record, row, &good, err));
            keep_strings(d, arena, record, row);
        }
        if (malformed != NULL)
            (good ? lv_bit_clear : lv_bit_set)(malformed, row);
        if (!good && record.len > 0 && !is_comment(d, record))
            ((lv_str *)corrupt.data)[row] = strip_line_end(record);
        else
            set_null(&corrupt, row, sizeof(lv_str));
    }
    finish(d, arena, &corrupt, rows, validity, out);
    return LV_OK;
}
