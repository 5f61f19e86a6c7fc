/* json_functions.c: from_json, to_json, get_json_object.
 *
 * from_json's state is a decoder: it lives as long as the program instance that calls it, so its
 * dictionaries and its guesses about the order of keys outlast a batch. Source:
 * jsonExpressions.scala. */
#include "base/check.h"
#include "compute/compute_int.h"
#include "json/json.h"

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

static lv_status parse_flag(lv_str name, lv_str value, bool *flag, lv_error *err)
{
    *flag = lv_str_eq_nocase(value, LV_STR("true"));
    if (!*flag && !lv_str_eq_nocase(value, LV_STR("false")))
        return LV_FAIL(err, LV_INVALID_FUNCTION_VALUE,
                       "the value '%.*s' of the JSON option '%.*s' is no boolean",
                       LV_STR_ARG(value), LV_STR_ARG(name));
    return LV_OK;
}

/* The options argument: a literal MAP<STRING, STRING>. */
static lv_status read_options(const lv_function *function, lv_bind *bind, int i,
                              lv_json_options *options, lv_error *err)
{
    if (bind->arg_count <= i)
        return LV_OK;
    const lv_vector *map = lv_bind_literal(bind, i);
    if (map == NULL || map->type->kind != LV_TYPE_MAP ||
        map->type->fields[0].type->kind != LV_TYPE_STRING ||
        map->type->fields[1].type->kind != LV_TYPE_STRING)
        return LV_FAIL(err, LV_DATATYPE_MISMATCH_NON_FOLDABLE,
                       "the options must be a constant map of strings");
    for (int32_t e = map->offsets[0]; e < map->offsets[1]; e++)
        if (!lv_vector_is_null(&map->children[1], e))
            LV_TRY(lv_json_options_set(bind->arena, options, lv_vector_str(&map->children[0], e),
                                       lv_vector_str(&map->children[1], e), err));
    return LV_OK;
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

lv_status lv_bind_from_json(const lv_function *function, lv_bind *bind, lv_error *err)
{
    LV_TRY(lv_bind_want(function, bind, 0, lv_type_of(LV_TYPE_STRING), err));
    const lv_vector *text = lv_bind_literal(bind, 1);
    if (text == NULL || text->type->kind != LV_TYPE_STRING)
        return LV_FAIL(err, LV_DATATYPE_MISMATCH_NON_FOLDABLE,
                       "the schema should be a constant \"STRING\" expression");
    const lv_type *schema;
    LV_TRY(bind->parse_type(bind->arena, lv_vector_str(text, 0), &schema, err));
    if (!lv_type_is_nested(schema))
        return LV_FAIL(err, LV_INVALID_SCHEMA,
                       "the schema of from_json must be a STRUCT, an ARRAY or a MAP, not \"%s\"",
                       lv_type_name(bind->arena, schema));
    lv_json_options *options = LV_NEW(bind->arena, lv_json_options);
    lv_timezone *zone = NULL;
    if (bind->session_zone.len > 0)
        LV_TRY(lv_timezone_load(bind->arena, bind->session_zone, &zone, err));
    options->times.zone = zone ? zone : lv_timezone_utc();
    LV_TRY(read_options(function, bind, 2, options, err));
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
    const bool *keep_nulls = call->param;
    lv_json_write_options options = {eval->zone, *keep_nulls};
    lv_sbuf text = LV_SBUF_INIT;
    lv_builder b;
    lv_builder_init(&b, eval->arena, call->type, rows);
    for (int64_t i = 0; i < rows; i++) {
        if (lv_vector_is_null(&args[0], i)) {
            lv_builder_null(&b);
            continue;
        }
        lv_sbuf_clear(&text);
        lv_json_write_value(&text, &args[0], i, &options);
        lv_builder_str_copy(&b, lv_sbuf_str(&text));
    }
    lv_sbuf_release(&text);
    lv_builder_finish(&b, out);
    return LV_OK;
}

lv_status lv_bind_to_json(const lv_function *function, lv_bind *bind, lv_error *err)
{
    bool *keep_nulls = LV_NEW(bind->arena, bool);
    if (!lv_type_is_nested(bind->arg_types[0]))
        return lv_bind_mismatch(function, bind, 0, "(\"STRUCT\" or \"ARRAY\" or \"MAP\")", err);
    const lv_vector *map = bind->arg_count == 2 ? lv_bind_literal(bind, 1) : NULL;
    if (bind->arg_count == 2 && (map == NULL || map->type->kind != LV_TYPE_MAP))
        return LV_FAIL(err, LV_DATATYPE_MISMATCH_NON_FOLDABLE,
                       "the options must be a constant map of strings");
    for (int32_t e = map ? map->offsets[0] : 0; map != NULL && e < map->offsets[1]; e++) {
        lv_str name = lv_vector_str(&map->children[0], e);
        if (!lv_str_eq_nocase(name, LV_STR("ignoreNullFields")))
            return LV_FAIL(err, LV_UNSUPPORTED_FEATURE,
                           "the JSON option '%.*s' is not supported yet", LV_STR_ARG(name));
        LV_TRY(parse_flag(name, lv_vector_str(&map->children[1], e), keep_nulls, err));
        *keep_nulls = !*keep_nulls;
    }
    bind->param = keep_nulls;
    lv_bind_result(bind, lv_type_of(LV_TYPE_STRING), true, kernel_to_json);
    return LV_OK;
}

/* ---- get_json_object ------------------------------------------------------------------------- */

/* The next step of a path: ".name", "['name']" or "[3]". False at its end or if it is none. */
static bool next_step(lv_str *path, lv_str *name, int64_t *index)
{
    *name = LV_STR_NONE;
    if (path->len < 2)
        return false;
    if (path->ptr[0] == '.') {
        size_t n = 1;
        while (n < path->len && path->ptr[n] != '.' && path->ptr[n] != '[')
            n++;
        *name = lv_str_sub(*path, 1, n - 1);
        *path = lv_str_sub(*path, n, path->len - n);
        return n > 1;
    }
    ptrdiff_t close = lv_str_find(*path, ']', 0);
    if (path->ptr[0] != '[' || close < 0)
        return false;
    lv_str inner = lv_str_sub(*path, 1, (size_t)close - 1);
    *path = lv_str_sub(*path, (size_t)close + 1, path->len - (size_t)close - 1);
    if (inner.len >= 2 && inner.ptr[0] == '\'' && inner.ptr[inner.len - 1] == '\'') {
        *name = lv_str_sub(inner, 1, inner.len - 2);
        return true;
    }
    return lv_str_to_i64(inner, index) && *index >= 0;
}

/* The first of equal keys. */
static const lv_json *member(const lv_json *object, lv_str name)
{
    for (int i = 0; object->kind == LV_JSON_OBJECT && i < object->count; i++)
        if (lv_str_eq(object->keys[i], name))
            return &object->items[i];
    return NULL;
}

static void write_compact(const lv_json *v, lv_sbuf *out)
{
    bool object = v->kind == LV_JSON_OBJECT;
    if (v->kind == LV_JSON_STRING) {
        lv_sbuf_add_json_string(out, v->str);
        return;
    }
    if (v->kind != LV_JSON_ARRAY && !object) {
        lv_sbuf_add_str(out, v->text);
        return;
    }
    lv_sbuf_add_char(out, object ? '{' : '[');
    for (int i = 0; i < v->count; i++) {
        if (i > 0)
            lv_sbuf_add_char(out, ',');
        if (object) {
            lv_sbuf_add_json_string(out, v->keys[i]);
            lv_sbuf_add_char(out, ':');
        }
        write_compact(&v->items[i], out);
    }
    lv_sbuf_add_char(out, object ? '}' : ']');
}

/* False: there is nothing at the path, or the text is no JSON. */
static bool json_at(lv_arena *arena, lv_str text, lv_str path, lv_str *out)
{
    lv_json *root;
    if (path.len == 0 || path.ptr[0] != '$' || lv_json_parse(arena, text, &root, NULL) != LV_OK)
        return false;
    const lv_json *v = root;
    path = lv_str_sub(path, 1, path.len - 1);
    while (path.len > 0) {
        lv_str name;
        int64_t index = -1;
        if (!next_step(&path, &name, &index))
            return false;
        if (name.ptr != NULL)
            v = member(v, name);
        else
            v = v->kind == LV_JSON_ARRAY && index < v->count ? &v->items[index] : NULL;
        if (v == NULL)
            return false;
    }
    if (v->kind == LV_JSON_NULL)
        return false;
    if (v->kind == LV_JSON_STRING) {
        *out = v->str;
        return true;
    }
    lv_sbuf compact = LV_SBUF_INIT;
    write_compact(v, &compact);
    *out = lv_str_dup(arena, lv_sbuf_str(&compact));
    lv_sbuf_release(&compact);
    return true;
}

static lv_status kernel_get_json_object(const lv_call *call, lv_eval *eval, const lv_vector *args,
                                        int64_t rows, lv_vector *out, lv_error *err)
{
    lv_result_init(call, eval, args, rows, out);
    uint64_t *validity = out->validity;
    bool owned = false;
    for (int64_t i = 0; i < rows; i++) {
        lv_str *value = (lv_str *)out->data + i;
        *value = LV_STR_NONE;
        if (lv_row_valid(validity, i) &&
            !json_at(eval->arena, lv_vector_str(&args[0], i), lv_vector_str(&args[1], i), value))
            lv_result_set_null(eval->arena, out, i, &owned);
    }
    return LV_OK;
}

lv_status lv_bind_get_json_object(const lv_function *function, lv_bind *bind, lv_error *err)
{
    for (int i = 0; i < 2; i++)
        LV_TRY(lv_bind_want(function, bind, i, lv_type_of(LV_TYPE_STRING), err));
    const lv_vector *path = lv_bind_literal(bind, 1);
    if (path != NULL && path->type->kind == LV_TYPE_STRING &&
        lv_str_find(lv_vector_str(path, 0), '*', 0) >= 0)
        return LV_FAIL(err, LV_UNSUPPORTED_FEATURE,
                       "wildcards in the path of get_json_object are not supported yet");
    lv_bind_result(bind, lv_type_of(LV_TYPE_STRING), true, kernel_get_json_object);
    bind->nullable = true;
    return LV_OK;
}
