/* nested.c: making and reading structs, arrays and maps.
 * Source: complexTypeCreator.scala, complexTypeExtractors.scala, collectionOperations.scala. */
#include "compute/array_common.h"

/* ---- struct ---------------------------------------------------------------------------------- */

/* The fields are arguments first, first + step, ...: no value is copied. */
static void make_struct(const lv_call *call, lv_eval *eval, const lv_vector *args, int first,
                        int step, int64_t rows, lv_vector *out)
{
    *out = (lv_vector){.type = call->type,
                       .encoding = LV_FLAT,
                       .length = rows,
                       .child_count = call->type->field_count};
    out->children = LV_NEW_ARRAY(eval->arena, lv_vector, out->child_count);
    for (int f = 0; f < out->child_count; f++)
        out->children[f] = args[first + f * step];
}

static lv_status kernel_struct(const lv_call *call, lv_eval *eval, const lv_vector *args,
                               int64_t rows, lv_vector *out, lv_error *err)
{
    make_struct(call, eval, args, 0, 1, rows, out);
    return LV_OK;
}

static lv_status kernel_named_struct(const lv_call *call, lv_eval *eval, const lv_vector *args,
                                     int64_t rows, lv_vector *out, lv_error *err)
{
    make_struct(call, eval, args, 1, 2, rows, out);
    return LV_OK;
}

lv_status lv_bind_struct(const lv_function *function, lv_bind *bind, lv_error *err)
{
    lv_field *fields = LV_NEW_ARRAY(bind->arena, lv_field, bind->arg_count);
    for (int i = 0; i < bind->arg_count; i++)
        fields[i] = (lv_field){lv_str_of(lv_arena_printf(bind->arena, "col%d", i + 1)),
                               bind->arg_types[i], lv_bind_nullable(bind, i), LV_STR_NONE};
    lv_bind_result(bind, lv_type_struct(bind->arena, fields, bind->arg_count), true, kernel_struct);
    bind->nullable = false;
    return LV_OK;
}

lv_status lv_bind_named_struct(const lv_function *function, lv_bind *bind, lv_error *err)
{
    int count = bind->arg_count / 2;
    if (bind->arg_count % 2)
        return LV_FAIL(
            err, LV_WRONG_NUM_ARGS,
            "the `named_struct` requires 2n (n > 0) parameters but the actual number is %d",
            bind->arg_count);
    lv_field *fields = LV_NEW_ARRAY(bind->arena, lv_field, count);
    for (int f = 0; f < count; f++) {
        const lv_vector *name = lv_bind_literal(bind, 2 * f);
        if (name == NULL || name->type->kind != LV_TYPE_STRING)
            return LV_FAIL(err, LV_DATATYPE_MISMATCH_STRUCT_NAME,
                           "Only foldable `STRING` expressions are allowed to appear at odd "
                           "position");
        fields[f] =
            (lv_field){lv_str_dup(bind->arena, lv_vector_str(name, 0)), bind->arg_types[2 * f + 1],
                       lv_bind_nullable(bind, 2 * f + 1), LV_STR_NONE};
    }
    lv_bind_result(bind, lv_type_struct(bind->arena, fields, count), true, kernel_named_struct);
    bind->nullable = false;
    return LV_OK;
}

/* ---- field of an array of structs ------------------------------------------------------------ */

static lv_status kernel_array_field(const lv_call *call, lv_eval *eval, const lv_vector *args,
                                    int64_t rows, lv_vector *out, lv_error *err)
{
    const lv_vector *list = lv_vector_flatten(eval->arena, &args[0]);
    const lv_vector *structs = lv_vector_flatten(eval->arena, &list->children[0]);
    *out = *list;
    out->type = call->type;
    out->children = &structs->children[*(const int *)call->param];
    return LV_OK;
}

/* The analyzer asks only for fields that are there. Source: GetArrayStructFields. */
lv_status lv_bind_array_field(const lv_function *function, lv_bind *bind, lv_error *err)
{
    const lv_field *item = &bind->arg_types[0]->fields[0];
    int *index = LV_NEW(bind->arena, int);
    *index = lv_type_field(item->type, lv_vector_str(lv_bind_literal(bind, 1), 0));
    const lv_field *field = &item->type->fields[*index];
    lv_bind_result(bind, lv_type_array(bind->arena, field->type, item->nullable || field->nullable),
                   true, kernel_array_field);
    bind->param = index;
    return LV_OK;
}

/* ---- array, map ------------------------------------------------------------------------------ */

static lv_status kernel_array(const lv_call *call, lv_eval *eval, const lv_vector *args,
                              int64_t rows, lv_vector *out, lv_error *err)
{
    lv_builder b;
    lv_builder_init(&b, eval->arena, call->type, LV_MAX(rows, 1));
    for (int64_t i = 0; i < LV_MAX(rows, 1); i++) {
        for (int a = 0; a < call->arg_count; a++)
            lv_builder_append(&b.children[0], &args[a], i);
        lv_builder_end_list(&b);
    }
    lv_builder_finish(&b, out);
    return LV_OK;
}

lv_status lv_bind_array(const lv_function *function, lv_bind *bind, lv_error *err)
{
    const lv_type *element = lv_type_of(LV_TYPE_VOID);
    bool nullable = false;
    if (bind->arg_count > 0)
        LV_TRY(lv_bind_common(function, bind, 0, 1, &element, err));
    for (int i = 0; i < bind->arg_count; i++)
        nullable = nullable || lv_bind_nullable(bind, i);
    lv_bind_result(bind, lv_type_array(bind->arena, element, nullable), true, kernel_array);
    bind->nullable = false;
    return LV_OK;
}

/* Entry k of row i is argument 2k and 2k + 1 of that row. */
static lv_status kernel_map(const lv_call *call, lv_eval *eval, const lv_vector *args, int64_t rows,
                            lv_vector *out, lv_error *err)
{
    int entries = call->arg_count / 2;
    lv_item_plan plan;
    lv_vector parts[2];
    const lv_vector *children[2] = {&parts[0], &parts[1]};
    LV_TRY(lv_items_fit(call, rows * (int64_t)entries, err));
    for (int p = 0; p < 2; p++) {
        lv_plan_init(&plan, eval->arena, rows, rows * entries);
        lv_plan_with_sources(&plan, rows * entries);
        for (int64_t i = 0; i < rows; i++) {
            for (int k = 0; k < entries; k++)
                lv_plan_push_of(&plan, 2 * k + p, (int32_t)i);
            lv_plan_end_row(&plan);
        }
        lv_vector_pick(eval->arena, call->type->fields[p].type, args, plan.sources, plan.items,
                       plan.count, &parts[p]);
    }
    lv_list_make(eval->arena, call->type, rows, NULL, plan.offsets, children, out);
    return lv_map_finish(call, eval, out, err);
}

/* The types of the keys (part 0) or the values (1) do not go together. */
static lv_status fail_map(const lv_bind *bind, int part, lv_error *err)
{
    lv_sbuf types = LV_SBUF_INIT;
    for (int i = part; i < bind->arg_count; i += 2)
        lv_sbuf_printf(&types, "%s\"%s\"", i > 1 ? ", " : "",
                       lv_type_name(bind->arena, bind->arg_types[i]));
    lv_status status =
        LV_FAIL(err, part ? LV_DATATYPE_MISMATCH_MAP_VALUES : LV_DATATYPE_MISMATCH_MAP_KEYS,
                "The given %s of function `map` should all be the same type, but they are [%s]",
                part ? "values" : "keys", types.ptr);
    lv_sbuf_release(&types);
    return status;
}

lv_status lv_bind_map(const lv_function *function, lv_bind *bind, lv_error *err)
{
    const lv_type *key = lv_type_of(LV_TYPE_VOID), *value = key;
    bool nullable = false;
    if (bind->arg_count % 2)
        return LV_FAIL(err, LV_WRONG_NUM_ARGS,
                       "the `map` requires 2n (n > 0) parameters but the actual number is %d",
                       bind->arg_count);
    if (bind->arg_count > 0) {
        if (lv_bind_common(function, bind, 0, 2, &key, NULL) != LV_OK)
            return fail_map(bind, 0, err);
        if (lv_bind_common(function, bind, 1, 2, &value, NULL) != LV_OK)
            return fail_map(bind, 1, err);
        LV_TRY(lv_bind_key_type(bind, key, err));
    }
    for (int i = 1; i < bind->arg_count; i += 2)
        nullable = nullable || lv_bind_nullable(bind, i);
    lv_bind_result(bind, lv_type_map(bind->arena, key, value, nullable), bind->arg_count == 0,
                   kernel_map);
    bind->nullable = false;
    return LV_OK;
}

/* ---- items ----------------------------------------------------------------------------------- */

static lv_status out_of_bounds(int op, int64_t index, int64_t count, lv_error *err)
{
    if (op == ELEMENT_INDEX)
        return LV_FAIL(err, LV_INVALID_ARRAY_INDEX,
                       "the index %lld is out of bounds. The array has %lld elements. Use the SQL "
                       "function `get()` to tolerate accessing "
                       "element at invalid index and return NULL instead",
                       (long long)index, (long long)count);
    return LV_FAIL(err, LV_INVALID_ARRAY_INDEX_IN_ELEMENT_AT,
                   "the index %lld is out of bounds. The array has %lld elements. Use "
                   "`try_element_at` to tolerate accessing element at "
                   "invalid index and return NULL instead",
                   (long long)index, (long long)count);
}

/* Where in children[0] item `index` of a list from..until is; -1 if it is not there. */
static int32_t item_place(int op, int32_t from, int32_t until, int64_t index)
{
    int64_t count = until - from;
    if (op == ELEMENT_AT || op == ELEMENT_TRY_AT)
        index = index < 0 ? count + index : index - 1;
    return index < 0 || index >= count ? -1 : from + (int32_t)index;
}

static lv_status kernel_item(const lv_call *call, lv_eval *eval, const lv_vector *args,
                             int64_t rows, lv_vector *out, lv_error *err)
{
    int op = call->function->op;
    bool strict = eval->ansi && (op == ELEMENT_INDEX || op == ELEMENT_AT),
         by_position = op == ELEMENT_AT || op == ELEMENT_TRY_AT;
    int32_t *places = lv_arena_alloc(eval->arena, sizeof *places * (size_t)rows);
    for (int64_t i = 0; i < rows; i++) {
        places[i] = -1;
        if (lv_vector_is_null(&args[0], i) || lv_vector_is_null(&args[1], i))
            continue;
        int64_t row = lv_vector_index(&args[0], i), index = LV_AT(int32_t, &args[1], i);
        int32_t from = args[0].offsets[row], until = args[0].offsets[row + 1];
        if (by_position && index == 0)
            return LV_FAIL(err, LV_INVALID_INDEX_OF_ZERO,
                           "the index 0 is invalid. An index shall be either < 0 or > 0 (the first "
                           "element has index 1)");
        places[i] = item_place(op, from, until, index);
        if (places[i] < 0 && strict)
            return out_of_bounds(op, index, until - from, err);
    }
    lv_vector_take(eval->arena, &args[0].children[0], places, rows, out);
    return LV_OK;
}

/* The last of equal keys counts, as in a map that from_json made. */
static lv_status kernel_map_item(const lv_call *call, lv_eval *eval, const lv_vector *args,
                                 int64_t rows, lv_vector *out, lv_error *err)
{
    int32_t *places = lv_arena_alloc(eval->arena, sizeof *places * (size_t)rows);
    for (int64_t i = 0; i < rows; i++) {
        places[i] = -1;
        if (lv_vector_is_null(&args[0], i) || lv_vector_is_null(&args[1], i))
            continue;
        int64_t row = lv_vector_index(&args[0], i);
        for (int32_t e = args[0].offsets[row]; e < args[0].offsets[row + 1] && places[i] < 0; e++)
            if (lv_value_compare(&args[0].children[0], e, &args[1], i) == 0)
                places[i] = e;
    }
    lv_vector_take(eval->arena, &args[0].children[1], places, rows, out);
    return LV_OK;
}

/* An item that is known to be there, and not null. Source: nullability of GetArrayItem, ElementAt. */
static bool is_known_item(const lv_function *function, const lv_bind *bind)
{
    const lv_vector *list = lv_bind_literal(bind, 0), *index = lv_bind_literal(bind, 1);
    if (list == NULL || index == NULL || index->type->kind != LV_TYPE_INT)
        return false;
    int32_t place =
        item_place(function->op, list->offsets[0], list->offsets[1], LV_AT(int32_t, index, 0));
    return place >= 0 && !lv_vector_is_null(&list->children[0], place);
}

lv_status lv_bind_element(const lv_function *function, lv_bind *bind, lv_error *err)
{
    const lv_type *list = bind->arg_types[0];
    if (list->kind == LV_TYPE_MAP && function->op != ELEMENT_GET) {
        if (function->op == ELEMENT_INDEX)
            LV_TRY(lv_bind_want(function, bind, 1, list->fields[0].type, err));
        else
            LV_TRY(lv_bind_key(function, bind, err));
        lv_bind_result(bind, list->fields[1].type, true, kernel_map_item);
        bind->nullable = true;
        return LV_OK;
    }
    if (list->kind != LV_TYPE_ARRAY)
        return lv_bind_mismatch(function, bind, 0, "(\"ARRAY\" or \"MAP\")", err);
    bool by_position = function->op == ELEMENT_AT || function->op == ELEMENT_TRY_AT;
    const lv_type *index = bind->arg_types[1];
    if (function->op == ELEMENT_GET)
        LV_TRY(lv_bind_want(function, bind, 1, lv_type_of(LV_TYPE_INT), err));
    else if ((!lv_type_is_integral(index) && index->kind != LV_TYPE_VOID) ||
             (by_position && index->kind == LV_TYPE_BIGINT))
        return lv_bind_mismatch(function, bind, 1, by_position ? "\"INT\"" : "\"INTEGRAL\"", err);
    bool known = function->op != ELEMENT_TRY_AT && is_known_item(function, bind);
    bind->arg_types[1] = lv_type_of(LV_TYPE_INT);
    bool strict = bind->ansi && (function->op == ELEMENT_INDEX || function->op == ELEMENT_AT);
    lv_bind_result(bind, list->fields[0].type, !strict && !by_position, kernel_item);
    bind->nullable = !known;
    return LV_OK;
}

/* ---- size, contains, keys and values --------------------------------------------------------- */

static lv_status kernel_size(const lv_call *call, lv_eval *eval, const lv_vector *args,
                             int64_t rows, lv_vector *out, lv_error *err)
{
    bool null_is_minus_one = !eval->ansi && call->function->op == 0;
    lv_vector_init_flat(out, eval->arena, call->type, rows);
    bool owned = false;
    for (int64_t i = 0; i < rows; i++) {
        int32_t *value = (int32_t *)out->data + i;
        *value = -1;
        int64_t row = lv_vector_index(&args[0], i);
        if (!lv_vector_is_null(&args[0], i))
            *value = args[0].offsets[row + 1] - args[0].offsets[row];
        else if (!null_is_minus_one)
            lv_result_set_null(eval->arena, out, i, &owned);
    }
    return LV_OK;
}

lv_status lv_bind_size(const lv_function *function, lv_bind *bind, lv_error *err)
{
    lv_type_kind kind = bind->arg_types[0]->kind;
    if (kind == LV_TYPE_VOID)
        bind->arg_types[0] = lv_type_array(bind->arena, bind->arg_types[0], true);
    else if (kind != LV_TYPE_ARRAY && (kind != LV_TYPE_MAP || function->op == 1))
        return lv_bind_mismatch(function, bind, 0,
                                function->op ? "\"ARRAY\"" : "(\"ARRAY\" or \"MAP\")", err);
    lv_bind_result(bind, lv_type_of(LV_TYPE_INT), true, kernel_size);
    bind->nullable = bind->nullable && (bind->ansi || function->op == 1);
    return LV_OK;
}

static lv_status kernel_array_contains(const lv_call *call, lv_eval *eval, const lv_vector *args,
                                       int64_t rows, lv_vector *out, lv_error *err)
{
    lv_vector_init_flat(out, eval->arena, call->type, rows);
    bool owned = false;
    for (int64_t i = 0; i < rows; i++) {
        uint8_t *value = (uint8_t *)out->data + i;
        *value = 0;
        bool unknown = lv_vector_is_null(&args[0], i) || lv_vector_is_null(&args[1], i),
             saw_null = false;
        int64_t row = lv_vector_index(&args[0], i);
        for (int32_t e = unknown ? 0 : args[0].offsets[row];
             !unknown && e < args[0].offsets[row + 1] && !*value; e++) {
            if (lv_vector_is_null(&args[0].children[0], e))
                saw_null = true;
            else
                *value = lv_value_compare(&args[0].children[0], e, &args[1], i) == 0;
        }
        if (unknown || (!*value && saw_null))
            lv_result_set_null(eval->arena, out, i, &owned);
    }
    return LV_OK;
}

lv_status lv_bind_array_contains(const lv_function *function, lv_bind *bind, lv_error *err)
{
    LV_TRY(lv_bind_list(function, bind, 0, LV_TYPE_ARRAY, err));
    if (bind->arg_types[1]->kind == LV_TYPE_VOID)
        return LV_FAIL(err, LV_DATATYPE_MISMATCH_NULL,
                       "Null typed values cannot be used as arguments of `%s`", function->name);
    LV_TRY(lv_bind_item(function, bind, 1, err));
    LV_TRY(lv_bind_orderable(function, bind, bind->arg_types[1], err));
    lv_bind_result(bind, lv_type_of(LV_TYPE_BOOLEAN), true, kernel_array_contains);
    bind->nullable = bind->nullable || bind->arg_types[0]->fields[0].nullable;
    return LV_OK;
}

static lv_status kernel_map_part(const lv_call *call, lv_eval *eval, const lv_vector *args,
                                 int64_t rows, lv_vector *out, lv_error *err)
{
    *out = (lv_vector){.type = call->type,
                       .encoding = LV_FLAT,
                       .length = rows,
                       .child_count = 1,
                       .validity = args[0].validity,
                       .offsets = args[0].offsets,
                       .children = &args[0].children[call->function->op]};
    return LV_OK;
}

lv_status lv_bind_map_part(const lv_function *function, lv_bind *bind, lv_error *err)
{
    const lv_type *map = bind->arg_types[0];
    if (map->kind != LV_TYPE_MAP)
        return lv_bind_mismatch(function, bind, 0, "\"MAP\"", err);
    const lv_field *field = &map->fields[function->op];
    /* Spark says of keys too that they may be null */
    bool nullable = function->op == 0 || field->nullable;
    lv_bind_result(bind, lv_type_array(bind->arena, field->type, nullable), true, kernel_map_part);
    return LV_OK;
}
