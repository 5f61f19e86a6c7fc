/* csv_functions.c: from_csv, to_csv, schema_of_csv. Source: csvExpressions.scala. */
#include "base/check.h"
#include "base/datetime.h"
#include "compute/compute_int.h"
#include "csv/csv.h"

static lv_status set_csv_option(lv_arena *arena, void *options, lv_str name, lv_str value,
                                lv_error *err)
{
    if (lv_str_eq_nocase(name, LV_STR("encoding")) || lv_str_eq_nocase(name, LV_STR("charset")))
        return LV_OK; /* of files: a text has none */
    return lv_csv_options_set(arena, options, name, value, err);
}

/* The options of to_csv, whose patterns are for writing. */
static lv_status set_write_option(lv_arena *arena, void *options, lv_str name, lv_str value,
                                  lv_error *err)
{
    bool known;
    lv_csv_options *o = options;
    LV_TRY(lv_time_formats_set_written(arena, &o->times, name, value, &known, err));
    return known ? LV_OK : set_csv_option(arena, options, name, value, err);
}

static lv_status init_options(const lv_bind *bind, int i, lv_option_setter set,
                              lv_csv_options *options, lv_error *err)
{
    const lv_timezone *zone;
    LV_TRY(lv_bind_zone(bind, &zone, err));
    lv_csv_options_init(options, zone);
    options->corrupt_column = bind->corrupt_column;
    return lv_bind_options(bind, i, set, options, err);
}

/* ---- from_csv -------------------------------------------------------------------------------- */

static lv_status kernel_from_csv(const lv_call *call, lv_eval *eval, const lv_vector *args,
                                 int64_t rows, lv_vector *out, lv_error *err)
{
    lv_vector records = args[0];
    records.length = rows;
    lv_csv_decoder_set_now(call->state, eval->batch_time_us);
    return lv_csv_decode(call->state, eval->arena, &records, out, NULL, err);
}

/* The types that a record can have, and a corrupt record column that is one. */
static lv_status check_types(const lv_type *schema, const lv_csv_options *options, lv_error *err)
{
    lv_csv_decoder *trial;
    LV_TRY(lv_csv_decoder_new(schema, NULL, options, &trial, err));
    lv_csv_decoder_free(trial);
    return LV_OK;
}

lv_status lv_bind_from_csv(const lv_function *function, lv_bind *bind, lv_error *err)
{
    const lv_type *schema;
    lv_csv_options *options = LV_NEW(bind->arena, lv_csv_options);
    LV_TRY(lv_bind_schema(bind, &schema, err));
    LV_TRY(init_options(bind, 2, set_csv_option, options, err));
    if (schema->kind != LV_TYPE_STRUCT)
        return LV_FAIL(
            err, LV_SCHEMA_NO_STRUCT,
            "The input schema is not a valid schema string. The input expression should be "
            "evaluated to struct type, but got \"%s\"",
            lv_type_name(bind->arena, schema));
    LV_TRY(lv_bind_text(function, bind, 0, err));
    if (options->drop_malformed)
        return LV_FAIL(
            err, LV_PARSE_MODE_UNSUPPORTED,
            "The function `from_csv` doesn't support the DROPMALFORMED mode. Acceptable modes "
            "are PERMISSIVE and FAILFAST");
    lv_field *fields = LV_NEW_ARRAY(bind->arena, lv_field, schema->field_count);
    for (int f = 0; f < schema->field_count; f++) {
        fields[f] = schema->fields[f];
        fields[f].nullable = true; /* from_csv promises nothing */
    }
    const lv_type *type = lv_type_struct(bind->arena, fields, schema->field_count);
    LV_TRY(check_types(type, options, err));
    bind->param = options;
    lv_bind_result(bind, type, false, kernel_from_csv);
    return LV_OK;
}

lv_status lv_from_csv_open(lv_call *call, const bool *wanted, lv_error *err)
{
    lv_csv_decoder *decoder;
    LV_TRY(lv_csv_decoder_new(call->type, wanted, call->param, &decoder, err));
    call->state = decoder;
    return LV_OK;
}

void lv_from_csv_close(lv_call *call)
{
    lv_csv_decoder_free(call->state);
    call->state = NULL;
}

/* ---- to_csv ---------------------------------------------------------------------------------- */

/* Where values are printed. */
typedef struct printer {
    const lv_csv_options *options;
    lv_sbuf *out;
    lv_error *err;
} printer;

static lv_status print_nested(const printer *p, const lv_vector *v, int64_t i);

static void print_binary(lv_str bytes, lv_sbuf *out)
{
    lv_sbuf_add_char(out, '[');
    for (size_t b = 0; b < bytes.len; b++)
        lv_sbuf_printf(out, "%s%02X", b > 0 ? " " : "", (unsigned char)bytes.ptr[b]);
    lv_sbuf_add_char(out, ']');
}

/* As a cast to STRING, but null is the option nullValue, times are in ISO form or by a pattern, and floats as in
 * Java. */
static lv_status print_value(const printer *p, const lv_vector *v, int64_t i)
{
    const lv_time_formats *times = &p->options->times;
    switch (v->type->kind) {
    case LV_TYPE_DATE:
        return lv_time_formats_print_date(times, LV_AT(int32_t, v, i), p->out, p->err);
    case LV_TYPE_TIMESTAMP:
        return lv_time_formats_print_timestamp(times, LV_AT(int64_t, v, i), p->out, p->err);
    case LV_TYPE_TIMESTAMP_NTZ:
        return lv_time_formats_print_timestamp_ntz(times, LV_AT(int64_t, v, i), p->out, p->err);
    case LV_TYPE_BINARY: print_binary(lv_vector_str(v, i), p->out); return LV_OK;
    default: break;
    }
    if (lv_type_is_nested(v->type))
        return print_nested(p, v, i);
    lv_print_value(v, i, times->zone, p->out);
    return LV_OK;
}

static lv_status print_part(const printer *p, const lv_vector *v, int64_t i, bool first)
{
    lv_str null_value = p->options->null_value;
    bool is_null = lv_vector_is_null(v, i);
    lv_sbuf_add_cstr(p->out, first ? "" : is_null && null_value.len == 0 ? "," : ", ");
    if (!is_null)
        return print_value(p, v, i);
    lv_sbuf_add_str(p->out, null_value);
    return LV_OK;
}

static lv_status print_nested(const printer *p, const lv_vector *v, int64_t i)
{
    int64_t row = lv_vector_index(v, i);
    bool is_array = v->type->kind == LV_TYPE_ARRAY;
    lv_sbuf_add_char(p->out, is_array ? '[' : '{');
    if (v->type->kind == LV_TYPE_STRUCT)
        for (int f = 0; f < v->child_count; f++)
            LV_TRY(print_part(p, &v->children[f], row, f == 0));
    else
        for (int32_t e = v->offsets[row]; e < v->offsets[row + 1]; e++) {
            LV_TRY(print_part(p, &v->children[0], e, e == v->offsets[row]));
            if (!is_array) {
                bool is_null = lv_vector_is_null(&v->children[1], e);
                lv_sbuf_add_cstr(p->out,
                                 is_null && p->options->null_value.len == 0 ? " ->" : " -> ");
                LV_TRY(print_part(p, &v->children[1], e, true));
            }
        }
    lv_sbuf_add_char(p->out, is_array ? ']' : '}');
    return LV_OK;
}

/* Adds one record. */
static lv_status print_record(const printer *p, const lv_vector *record, int64_t row, lv_sbuf *out)
{
    for (int f = 0; f < record->child_count; f++) {
        const lv_vector *v = &record->children[f];
        bool has_value = !lv_vector_is_null(v, row);
        lv_sbuf_clear(p->out);
        if (has_value)
            LV_TRY(print_value(p, v, row));
        lv_csv_write_value(out, p->options, has_value ? lv_sbuf_str(p->out) : LV_STR_NONE, f == 0);
    }
    return LV_OK;
}

static lv_status kernel_to_csv(const lv_call *call, lv_eval *eval, const lv_vector *args,
                               int64_t rows, lv_vector *out, lv_error *err)
{
    lv_sbuf record = LV_SBUF_INIT, text = LV_SBUF_INIT;
    printer p = {call->param, &text, err};
    lv_status status = LV_OK;
    lv_builder b;
    lv_builder_init(&b, eval->arena, call->type, rows);
    for (int64_t i = 0; i < rows && status == LV_OK; i++) {
        lv_sbuf_clear(&record);
        if (!lv_vector_is_null(&args[0], i))
            status = print_record(&p, &args[0], lv_vector_index(&args[0], i), &record);
        if (record.len == 0)
            lv_builder_null(&b);
        else
            lv_builder_str_copy(&b, lv_sbuf_str(&record));
    }
    lv_sbuf_release(&text);
    lv_sbuf_release(&record);
    lv_builder_finish(&b, out);
    return status;
}

lv_status lv_bind_to_csv(const lv_function *function, lv_bind *bind, lv_error *err)
{
    const lv_type *type = bind->arg_types[0];
    lv_csv_options *options = LV_NEW(bind->arena, lv_csv_options);
    LV_TRY(init_options(bind, 1, set_write_option, options, err));
    if (type->kind != LV_TYPE_STRUCT && type->kind != LV_TYPE_VOID)
        return LV_FAIL(err, LV_DATATYPE_MISMATCH_UNSUPPORTED,
                       "The input of `to_csv` can't be \"%s\" type data",
                       lv_type_name(bind->arena, type));
    bind->param = options;
    lv_bind_result(bind, lv_type_of(LV_TYPE_STRING), true, kernel_to_csv);
    bind->nullable = true;
    return LV_OK;
}

/* ---- schema_of_csv --------------------------------------------------------------------------- */

lv_status lv_bind_schema_of_csv(const lv_function *function, lv_bind *bind, lv_error *err)
{
    lv_csv_options options;
    lv_str text, *values, *answer = LV_NEW(bind->arena, lv_str);
    int count;
    LV_TRY(init_options(bind, 1, set_csv_option, &options, err));
    LV_TRY(lv_bind_text(function, bind, 0, err));
    LV_TRY(lv_bind_foldable(bind, "csv", &text, err));
    LV_TRY(lv_csv_values(bind->arena, &options, text, &values, &count, err));
    lv_field *fields = LV_NEW_ARRAY(bind->arena, lv_field, count);
    for (int i = 0; i < count; i++) {
        const lv_type *type =
            lv_csv_infer(bind->arena, &options, lv_type_of(LV_TYPE_VOID), values[i]);
        fields[i] =
            (lv_field){.name = lv_str_of(lv_arena_printf(bind->arena, "_c%d", i)),
                       .type = type->kind == LV_TYPE_VOID ? lv_type_of(LV_TYPE_STRING) : type,
                       .nullable = true};
    }
    const lv_type *schema = lv_type_struct(bind->arena, fields, count);
    *answer = lv_str_of(lv_type_name(bind->arena, schema));
    bind->param = answer;
    lv_bind_result(bind, lv_type_of(LV_TYPE_STRING), true, lv_kernel_constant);
    return LV_OK;
}
