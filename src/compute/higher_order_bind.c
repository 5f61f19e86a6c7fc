/* higher_order_bind.c: types of higher-order functions: what lambdas are given and what they have to give. */
#include "compute/array_common.h"
#include "compute/higher_order.h"

typedef struct shape {
    lv_type_kind list; /* the kind of the first argument */
    int lists;         /* how many arguments are such */
    int lambda;        /* where the first lambda stands */
} shape;

static const shape shapes[] = {
    [LAMBDA_TRANSFORM] = {LV_TYPE_ARRAY, 1, 1},      [LAMBDA_FILTER] = {LV_TYPE_ARRAY, 1, 1},
    [LAMBDA_EXISTS] = {LV_TYPE_ARRAY, 1, 1},         [LAMBDA_FORALL] = {LV_TYPE_ARRAY, 1, 1},
    [LAMBDA_AGGREGATE] = {LV_TYPE_ARRAY, 1, 2},      [LAMBDA_ZIP_WITH] = {LV_TYPE_ARRAY, 2, 2},
    [LAMBDA_MAP_FILTER] = {LV_TYPE_MAP, 1, 1},       [LAMBDA_TRANSFORM_KEYS] = {LV_TYPE_MAP, 1, 1},
    [LAMBDA_TRANSFORM_VALUES] = {LV_TYPE_MAP, 1, 1}, [LAMBDA_MAP_ZIP_WITH] = {LV_TYPE_MAP, 2, 2},
    [LAMBDA_ARRAY_SORT] = {LV_TYPE_ARRAY, 1, 1},
};

static lv_status check_lists(const lv_function *function, const lv_bind *bind, lv_error *err)
{
    const shape *s = &shapes[function->op];
    for (int i = 0; i < s->lists; i++)
        if (bind->arg_types[i]->kind != s->list)
            return lv_bind_mismatch(function, bind, i,
                                    s->list == LV_TYPE_MAP ? "\"MAP\"" : "\"ARRAY\"", err);
    return LV_OK;
}

/* The type of the keys of two maps. */
static lv_status zipped_key(const lv_bind *bind, const lv_type **key, lv_error *err)
{
    const lv_type *a = bind->arg_types[0]->fields[0].type, *b = bind->arg_types[1]->fields[0].type;
    *key = lv_map_common(bind, a, b);
    if (*key == NULL)
        return LV_FAIL(err, LV_DATATYPE_MISMATCH_MAP_ZIP,
                       "input to the `map_zip_with` should have been two maps with compatible key "
                       "types, but it's [\"%s\", \"%s\"]",
                       lv_type_name(bind->arena, a), lv_type_name(bind->arena, b));
    return LV_OK;
}

static lv_field parameter(const lv_type *type, bool nullable)
{
    return (lv_field){.type = type, .nullable = nullable};
}

lv_status lv_lambda_parameters(const lv_function *function, lv_bind *bind, int arg, int given,
                               lv_field *parameters, int *count, lv_error *err)
{
    const shape *s = &shapes[function->op];
    const lv_type *key;
    *count = 0;
    if (arg < s->lambda || arg >= function->max_args)
        return LV_OK;
    LV_TRY(check_lists(function, bind, err));
    const lv_field *items = bind->arg_types[0]->fields;
    int n = 0;
    switch (function->op) {
    case LAMBDA_AGGREGATE:
        parameters[n++] = parameter(bind->arg_types[1], true);
        if (arg == 2)
            parameters[n++] = items[0];
        break;
    case LAMBDA_ZIP_WITH:
        for (; n < 2; n++)
            parameters[n] = parameter(bind->arg_types[n]->fields[0].type, true);
        break;
    case LAMBDA_MAP_ZIP_WITH:
        LV_TRY(zipped_key(bind, &key, err));
        parameters[n++] = parameter(key, false);
        for (int m = 0; m < 2; m++)
            parameters[n++] = parameter(bind->arg_types[m]->fields[1].type, true);
        break;
    case LAMBDA_ARRAY_SORT:
        parameters[n++] = items[0];
        parameters[n++] = items[0];
        break;
    default:
        for (int f = 0; f < bind->arg_types[0]->field_count; f++)
            parameters[n++] = items[f];
        if (given == 2 && (function->op == LAMBDA_TRANSFORM || function->op == LAMBDA_FILTER))
            parameters[n++] = parameter(lv_type_of(LV_TYPE_INT), false);
    }
    *count = n;
    return LV_OK;
}

/* A lambda that has to give a BOOLEAN; NULL is one. */
static lv_status want_truth(const lv_function *function, lv_bind *bind, lv_error *err)
{
    if (bind->arg_types[1]->kind == LV_TYPE_VOID)
        bind->arg_types[1] = lv_type_of(LV_TYPE_BOOLEAN);
    if (bind->arg_types[1]->kind != LV_TYPE_BOOLEAN)
        return lv_bind_mismatch(function, bind, 1, "\"BOOLEAN\"", err);
    return LV_OK;
}

static lv_status bind_aggregate(const lv_function *function, lv_bind *bind, lv_error *err)
{
    const lv_type *zero = bind->arg_types[1];
    if (!lv_same_structure(zero, bind->arg_types[2]))
        return lv_bind_mismatch(
            function, bind, 2,
            lv_arena_printf(bind->arena, "\"%s\"", lv_type_name(bind->arena, zero)), err);
    bind->arg_types[2] = zero;
    bind->type = bind->arg_count == 4 ? bind->arg_types[3] : zero;
    bind->nullable = true;
    return LV_OK;
}

static lv_status bind_map_zip(lv_bind *bind, lv_error *err)
{
    const lv_type *key, *value = bind->arg_types[2];
    LV_TRY(zipped_key(bind, &key, err));
    for (int m = 0; m < 2; m++) {
        const lv_field *own = &bind->arg_types[m]->fields[1];
        bind->arg_types[m] = lv_type_map(bind->arena, key, own->type, own->nullable);
    }
    bind->type = lv_type_map(bind->arena, key, value, lv_bind_nullable(bind, 2));
    return LV_OK;
}

static lv_status bind_array_sort(const lv_function *function, lv_bind *bind, lv_error *err)
{
    bind->type = bind->arg_types[0];
    if (bind->arg_count == 1)
        return lv_bind_orderable(function, bind, bind->type->fields[0].type, err);
    bind->total = false;
    if (bind->arg_types[1]->kind != LV_TYPE_INT)
        return LV_FAIL(err, LV_DATATYPE_MISMATCH_RETURN,
                       "the `lambdafunction` requires return \"INT\" type, but the actual is "
                       "\"%s\" type",
                       lv_type_name(bind->arena, bind->arg_types[1]));
    return LV_OK;
}

lv_status lv_bind_higher_order(const lv_function *function, lv_bind *bind, lv_error *err)
{
    LV_TRY(check_lists(function, bind, err));
    const lv_type *list = bind->arg_types[0];
    const lv_field *items = list->fields;
    int last = bind->arg_count - 1;
    const lv_type *body = bind->arg_types[last];
    bool body_nullable = lv_bind_nullable(bind, last);
    bind->total = true;
    bind->nullable = false;
    for (int i = 0; i < shapes[function->op].lists; i++)
        bind->nullable = bind->nullable || lv_bind_nullable(bind, i);
    switch (function->op) { /* dispatch */
    case LAMBDA_TRANSFORM:
    case LAMBDA_ZIP_WITH: bind->type = lv_type_array(bind->arena, body, body_nullable); break;
    case LAMBDA_FILTER:
    case LAMBDA_MAP_FILTER: bind->type = list; return want_truth(function, bind, err);
    case LAMBDA_EXISTS:
    case LAMBDA_FORALL:
        bind->type = lv_type_of(LV_TYPE_BOOLEAN);
        bind->nullable = bind->nullable || body_nullable;
        return want_truth(function, bind, err);
    case LAMBDA_AGGREGATE: return bind_aggregate(function, bind, err);
    case LAMBDA_TRANSFORM_KEYS:
        bind->total = false;
        bind->type = lv_type_map(bind->arena, body, items[1].type, items[1].nullable);
        return lv_bind_key_type(bind, body, err);
    case LAMBDA_TRANSFORM_VALUES:
        bind->type = lv_type_map(bind->arena, items[0].type, body, body_nullable);
        break;
    case LAMBDA_MAP_ZIP_WITH: return bind_map_zip(bind, err);
    default: return bind_array_sort(function, bind, err);
    }
    return LV_OK;
}
