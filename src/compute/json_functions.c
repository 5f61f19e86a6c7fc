/* json_functions.c: from_json, to_json, schema_of_json, and what they share with the functions of CSV.
 *
 * from_json's state is a decoder: it lives as long as the program instance that calls it, so its
 * dictionaries and its guesses about the order of keys outlast a batch. Source:
 * jsonExpressions.scala. */
#include "base/check.h"
#include "compute/compute_int.h"
#include "json/infer.h"

/* ---- arguments ------------------------------------------------------------------------------- */

lv_status lv_bind_options(const lv_bind *bind, int i, lv_option_setter set, void *options,
                          lv_error *err)
{
    if (bind->arg_count <= i)
        return LV_OK;
    const lv_vector *map = lv_bind_literal(bind, i);
    if (map == NULL || map->type->kind != LV_TYPE_MAP)
        return LV_FAIL(err, LV_INVALID_OPTIONS_MAP,
                       "Invalid options: Must use the `map()` function for options");
    if (map->type->fields[0].type->kind != LV_TYPE_STRING ||
        map->type->fields[1].type->kind != LV_TYPE_STRING)
        return LV_FAIL(err, LV_INVALID_OPTIONS_TYPE,
                       "Invalid options: A type of keys and values in `map()` must be string, but "
                       "got \"%s\"",
                       lv_type_name(bind->arena, map->type));
    for (int32_t e = map->offsets[0]; e < map->offsets[1]; e++)
        if (!lv_vector_is_null(&map->children[1], e))
            LV_TRY(set(bind->arena, options, lv_vector_str(&map->children[0], e),
                       lv_vector_str(&map->children[1], e), err));
    return LV_OK;
}

lv_status lv_bind_schema(lv_bind *bind, const lv_type **schema, lv_error *err)
{
    const lv_vector *text = lv_bind_literal(bind, 1);
    if (text == NULL || text->type->kind != LV_TYPE_STRING)
        return LV_FAIL(
            err, LV_SCHEMA_NO_LITERAL,
            "The input schema is not a valid schema string. The input expression must be "
            "string literal and not null");
    lv_str ddl = lv_vector_str(text, 0);
    lv_error own = LV_ERROR_INIT;
    lv_status status = bind->parse_type(bind->arena, ddl, schema, &own);
    if (status == LV_OK)
        return LV_OK;
    if (lv_str_trim(ddl).len == 0)
        return LV_FAIL(err, LV_PARSE_EMPTY_STATEMENT, "Syntax error, unexpected empty statement");
    /* Spark, having found no columns, reads the text as one type, which it is even less. */
    bool is_columns = lv_str_find(lv_str_trim(ddl), ' ', 0) >= 0;
    return LV_FAIL(err,
                   status == LV_UNSUPPORTED_DATATYPE && is_columns ? LV_PARSE_SYNTAX_ERROR : status,
                   "%s", own.message);
}

lv_status lv_bind_foldable(const lv_bind *bind, const char *name, lv_str *text, lv_error *err)
{
    const lv_vector *value = bind->arg_literals[0];
    if (value == NULL)
        return LV_FAIL(err, LV_DATATYPE_MISMATCH_NON_FOLDABLE,
                       "the input `%s` should be a foldable \"STRING\" expression", name);
    if (lv_vector_is_null(value, 0))
        return LV_FAIL(err, LV_DATATYPE_MISMATCH_UNEXPECTED_NULL, "The %s must not be null", name);
    *text = lv_vector_str(value, 0);
    return LV_OK;
}

lv_status lv_bind_zone(const lv_bind *bind, const lv_timezone **zone, lv_error *err)
{
    lv_timezone *loaded;
    *zone = lv_timezone_utc();
    if (bind->session_zone.len == 0)
        return LV_OK;
    LV_TRY(lv_timezone_load(bind->arena, bind->session_zone, &loaded, err));
    *zone = loaded;
    return LV_OK;
}

/* ---- from_json ------------------------------------------------------------------------------- */

/* from_json promises nothing: every part of its result may be null. */
static const lv_type *as_nullable(lv_arena *arena, const lv_type *type)
{
    if (!lv_type_is_nested(type))
        return type;
    lv_field *fields = LV_NEW_ARRAY(arena, lv_field, type->field_count);
    for (int f = 0; f < type->field_count; f++) {
        fields[f] = type->fields[f];
        fields[f].type = as_nullable(arena, fields[f].type);
        fields[f].nullable = true;
    }
    if (type->kind == LV_TYPE_ARRAY)
        return lv_type_array(arena, fields[0].type, true);
    if (type->kind == LV_TYPE_MAP)
        return lv_type_map(arena, fields[0].type, fields[1].type, true);
    return lv_type_struct(arena, fields, type->field_count);
}

static lv_status set_json_option(lv_arena *arena, void *options, lv_str name, lv_str value,
                                 lv_error *err)
{
    return lv_json_options_set(arena, options, name, value, err);
}

static lv_status kernel_from_json(const lv_call *call, lv_eval *eval, const lv_vector *args,
                                  int64_t rows, lv_vector *out, lv_error *err)
{
    lv_json_decoder *decoder = call->state;
    lv_json_decoder_set_now(decoder, eval->batch_time_us);
    lv_json_decoder_set_padded(decoder, args[0].padded);
    lv_vector payloads = args[0];
    payloads.length = rows;
    LV_TRY(lv_json_decode(decoder, eval->arena, &payloads, out, err));
    LV_ASSERT(out->length == rows);
    return LV_OK;
}

static bool has_text_keys(const lv_type *type)
{
    bool good = type->kind != LV_TYPE_MAP || type->fields[0].type->kind == LV_TYPE_STRING;
    for (int f = 0; f < type->field_count && good; f++)
        good = has_text_keys(type->fields[f].type);
    return good;
}

/* What a schema must be that is none of a CSV text. */
static lv_status check_schema(const lv_bind *bind, const lv_type *schema, lv_error *err)
{
    if (!lv_type_is_nested(schema))
        return LV_FAIL(err, LV_DATATYPE_MISMATCH_JSON_SCHEMA,
                       "Input schema \"%s\" must be a struct, an array, a map or a variant",
                       lv_type_name(bind->arena, schema));
    if (!has_text_keys(schema))
        return LV_FAIL(err, LV_DATATYPE_MISMATCH_JSON_KEY,
                       "Input schema \"%s\" can only contain STRING as a key type for a MAP",
                       lv_type_name(bind->arena, schema));
    return LV_OK;
}

lv_status lv_bind_from_json(const lv_function *function, lv_bind *bind, lv_error *err)
{
    const lv_type *schema;
    LV_TRY(lv_bind_schema(bind, &schema, err));
    lv_json_options *options = LV_NEW(bind->arena, lv_json_options);
    LV_TRY(lv_bind_zone(bind, &options->times.zone, err));
    options->corrupt_column = bind->corrupt_column;
    LV_TRY(lv_bind_options(bind, 2, set_json_option, options, err));
    LV_TRY(lv_bind_text(function, bind, 0, err));
    LV_TRY(check_schema(bind, schema, err));
    bind->param = options;
    lv_bind_result(bind, as_nullable(bind->arena, schema), !options->fail_fast, kernel_from_json);
    bind->nullable = true;
    return LV_OK;
}

lv_status lv_from_json_open(lv_call *call, const bool *wanted, lv_error *err)
{
    lv_json_decoder *decoder;
    LV_TRY(lv_json_decoder_new(call->type, wanted, call->param, &decoder, err));
    call->state = decoder;
    return LV_OK;
}

void lv_from_json_close(lv_call *call)
{
    lv_json_decoder_free(call->state);
    call->state = NULL;
}

/* ---- to_json --------------------------------------------------------------------------------- */

static lv_status kernel_to_json(const lv_call *call, lv_eval *eval, const lv_vector *args,
                                int64_t rows, lv_vector *out, lv_error *err)
{
    lv_sbuf text = LV_SBUF_INIT;
    lv_status status = LV_OK;
    lv_builder b;
    lv_builder_init(&b, eval->arena, call->type, rows);
    for (int64_t i = 0; i < rows && status == LV_OK; i++) {
        if (lv_vector_is_null(&args[0], i)) {
            lv_builder_null(&b);
            continue;
        }
        lv_sbuf_clear(&text);
        status = lv_json_print_value(&text, &args[0], i, call->param, err);
        lv_builder_str_copy(&b, lv_sbuf_str(&text));
    }
    lv_sbuf_release(&text);
    lv_builder_finish(&b, out);
    return status;
}

static lv_status set_write_option(lv_arena *arena, void *options, lv_str name, lv_str value,
                                  lv_error *err)
{
    return lv_json_write_options_set(arena, options, name, value, err);
}

/* Spark prints other keys by Java's toString, the bytes of a BINARY as an address. */
static lv_status check_keys(const lv_type *type, lv_error *err)
{
    if (type->kind == LV_TYPE_MAP &&
        (lv_type_is_nested(type->fields[0].type) || type->fields[0].type->kind == LV_TYPE_BINARY))
        return LV_FAIL(err, LV_UNSUPPORTED_FEATURE,
                       "to_json of a MAP with BINARY or nested keys is not supported");
    for (int f = 0; f < type->field_count; f++)
        LV_TRY(check_keys(type->fields[f].type, err));
    return LV_OK;
}

lv_status lv_bind_to_json(const lv_function *function, lv_bind *bind, lv_error *err)
{
    lv_json_write_options *options = LV_NEW(bind->arena, lv_json_write_options);
    LV_TRY(lv_bind_zone(bind, &options->times.zone, err));
    LV_TRY(lv_bind_options(bind, 1, set_write_option, options, err));
    if (options->other_locale && lv_time_formats_any(&options->times))
        return LV_FAIL(err, LV_UNSUPPORTED_FEATURE, "a locale of to_json other than en-US");
    if (!lv_type_is_nested(bind->arg_types[0]) && bind->arg_types[0]->kind != LV_TYPE_VOID)
        return LV_FAIL(err, LV_DATATYPE_MISMATCH_JSON_SCHEMA,
                       "Input schema \"%s\" must be a struct, an array, a map or a variant",
                       lv_type_name(bind->arena, bind->arg_types[0]));
    LV_TRY(check_keys(bind->arg_types[0], err));
    bind->param = options;
    lv_bind_result(bind, lv_type_of(LV_TYPE_STRING), true, kernel_to_json);
    bind->nullable = true;
    return LV_OK;
}

/* ---- schema_of_json -------------------------------------------------------------------------- */

static lv_status set_infer_option(lv_arena *arena, void *options, lv_str name, lv_str value,
                                  lv_error *err)
{
    return lv_json_infer_options_set(arena, options, name, value, err);
}

lv_status lv_bind_schema_of_json(const lv_function *function, lv_bind *bind, lv_error *err)
{
    lv_json_infer_options options = {0};
    lv_str text, *answer = LV_NEW(bind->arena, lv_str);
    const lv_type *type;
    LV_TRY(lv_bind_zone(bind, &options.json.times.zone, err));
    LV_TRY(lv_bind_options(bind, 1, set_infer_option, &options, err));
    LV_TRY(lv_bind_text(function, bind, 0, err));
    LV_TRY(lv_bind_foldable(bind, "json", &text, err));
    LV_TRY(lv_json_infer_value(bind->arena, &options, text, &type, err));
    *answer = lv_str_of(lv_type_name(bind->arena, type));
    bind->param = answer;
    lv_bind_result(bind, lv_type_of(LV_TYPE_STRING), true, lv_kernel_constant);
    return LV_OK;
}
