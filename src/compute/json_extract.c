/* json_extract.c: parts of JSON texts: get_json_object and text:path, json_tuple, json_object_keys,
 * json_array_length. */
#include "compute/compute_int.h"
#include "json/extract.h"

/* ---- paths ----------------------------------------------------------------------------------- */

/* The path of a row: the one prepared at binding, or one that is read and kept until another one comes. */
typedef struct path_source {
    const lv_json_path *constant;
    bool any_case;
    lv_str text;
    lv_json_path path;
    bool good;
} path_source;

static const lv_json_path *path_of(path_source *source, lv_arena *arena, lv_str text)
{
    if (source->constant != NULL)
        return source->constant;
    if (source->text.ptr == NULL || !lv_str_eq(source->text, text)) {
        source->text = text;
        source->good = lv_json_path_parse(arena, text, source->any_case, &source->path);
    }
    return source->good ? &source->path : NULL;
}

static lv_status kernel_get_json_object(const lv_call *call, lv_eval *eval, const lv_vector *args,
                                        int64_t rows, lv_vector *out, lv_error *err)
{
    path_source source = {.constant = call->param, .any_case = call->function->op != 0};
    lv_json_extractor *x = lv_json_extractor_make(eval->arena);
    lv_strs texts = lv_strs_of(&args[0]), paths = lv_strs_of(&args[1]);
    lv_result_init(call, eval, args, rows, out);
    uint64_t *validity = out->validity;
    bool owned = false;
    for (int64_t i = 0; i < rows; i++) {
        lv_str *value = (lv_str *)out->data + i;
        *value = LV_STR_NONE;
        if (!lv_row_valid(validity, i))
            continue;
        const lv_json_path *path = path_of(&source, eval->arena, lv_strs_at(&paths, i));
        if (path == NULL || !lv_json_extract_path(x, lv_strs_at(&texts, i), path, value))
            lv_result_set_null(eval->arena, out, i, &owned);
    }
    return LV_OK;
}

lv_status lv_bind_get_json_object(const lv_function *function, lv_bind *bind, lv_error *err)
{
    for (int i = 0; i < 2; i++)
        LV_TRY(lv_bind_text(function, bind, i, err));
    const lv_vector *text = lv_bind_literal(bind, 1);
    lv_json_path *path = LV_NEW(bind->arena, lv_json_path);
    if (text != NULL && text->type->kind == LV_TYPE_STRING &&
        lv_json_path_parse(bind->arena, lv_str_dup(bind->arena, lv_vector_str(text, 0)),
                           function->op != 0, path))
        bind->param = path;
    lv_bind_result(bind, lv_type_of(LV_TYPE_STRING), true, kernel_get_json_object);
    bind->nullable = true;
    return LV_OK;
}

/* ---- json_tuple ------------------------------------------------------------------------------ */

/* A row for each text, of nulls if it is no object. */
static lv_status kernel_json_tuple(const lv_call *call, lv_eval *eval, const lv_vector *args,
                                   int64_t rows, lv_vector *out, lv_error *err)
{
    int count = call->arg_count - 1;
    lv_json_extractor *x = lv_json_extractor_make(eval->arena);
    lv_str *names = LV_NEW_ARRAY(eval->arena, lv_str, count);
    lv_str *values = LV_NEW_ARRAY(eval->arena, lv_str, count);
    lv_builder list;
    lv_builder_init(&list, eval->arena, call->type, rows);
    lv_builder *row = &list.children[0];
    for (int64_t i = 0; i < rows; i++) {
        for (int f = 0; f < count; f++) /* a null name is in no object */
            names[f] =
                lv_vector_is_null(&args[f + 1], i) ? LV_STR_NONE : lv_vector_str(&args[f + 1], i);
        bool found = !lv_vector_is_null(&args[0], i) &&
                     lv_json_extract_members(x, lv_vector_str(&args[0], i), names, count, values);
        for (int f = 0; f < count; f++)
            if (found && values[f].ptr != NULL && !lv_vector_is_null(&args[f + 1], i))
                lv_builder_str(&row->children[f], values[f]);
            else
                lv_builder_null(&row->children[f]);
        lv_builder_end_struct(row);
        lv_builder_end_list(&list);
    }
    lv_builder_finish(&list, out);
    return LV_OK;
}

lv_status lv_bind_json_tuple(const lv_function *function, lv_bind *bind, lv_error *err)
{
    int count = bind->arg_count - 1;
    lv_field *fields = LV_NEW_ARRAY(bind->arena, lv_field, count);
    for (int i = 0; i <= count; i++)
        if (bind->arg_types[i]->kind != LV_TYPE_STRING)
            return LV_FAIL(err, LV_DATATYPE_MISMATCH_NO_STRING,
                           "all arguments of the function `json_tuple` must be strings");
    for (int f = 0; f < count; f++)
        fields[f] = (lv_field){.name = lv_str_of(lv_arena_printf(bind->arena, "c%d", f)),
                               .type = lv_type_of(LV_TYPE_STRING),
                               .nullable = true};
    const lv_type *row = lv_type_struct(bind->arena, fields, count);
    lv_bind_result(bind, lv_type_array(bind->arena, row, false), true, kernel_json_tuple);
    bind->nullable = false;
    return LV_OK;
}

/* ---- names and items ------------------------------------------------------------------------- */

static lv_status kernel_json_keys(const lv_call *call, lv_eval *eval, const lv_vector *args,
                                  int64_t rows, lv_vector *out, lv_error *err)
{
    lv_json_extractor *x = lv_json_extractor_make(eval->arena);
    lv_builder list;
    lv_builder_init(&list, eval->arena, call->type, rows);
    for (int64_t i = 0; i < rows; i++)
        if (!lv_vector_is_null(&args[0], i) &&
            lv_json_extract_keys(x, lv_vector_str(&args[0], i), &list.children[0]))
            lv_builder_end_list(&list);
        else
            lv_builder_null(&list);
    lv_builder_finish(&list, out);
    return LV_OK;
}

lv_status lv_bind_json_object_keys(const lv_function *function, lv_bind *bind, lv_error *err)
{
    LV_TRY(lv_bind_text(function, bind, 0, err));
    lv_bind_result(bind, lv_type_array(bind->arena, lv_type_of(LV_TYPE_STRING), true), true,
                   kernel_json_keys);
    bind->nullable = true;
    return LV_OK;
}

static lv_status kernel_json_length(const lv_call *call, lv_eval *eval, const lv_vector *args,
                                    int64_t rows, lv_vector *out, lv_error *err)
{
    lv_json_extractor *x = lv_json_extractor_make(eval->arena);
    lv_strs texts = lv_strs_of(&args[0]);
    lv_result_init(call, eval, args, rows, out);
    uint64_t *validity = out->validity;
    bool owned = false;
    for (int64_t i = 0; i < rows; i++) {
        int32_t *length = (int32_t *)out->data + i;
        *length = 0;
        if (lv_row_valid(validity, i) && !lv_json_extract_length(x, lv_strs_at(&texts, i), length))
            lv_result_set_null(eval->arena, out, i, &owned);
    }
    return LV_OK;
}

lv_status lv_bind_json_array_length(const lv_function *function, lv_bind *bind, lv_error *err)
{
    LV_TRY(lv_bind_text(function, bind, 0, err));
    lv_bind_result(bind, lv_type_of(LV_TYPE_INT), true, kernel_json_length);
    bind->nullable = true;
    return LV_OK;
}
