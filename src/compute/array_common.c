/* array_common.c: binding of functions over arrays, and lists gathered from items. */
#include "compute/array_common.h"

#define ITEMS_MAX (1 << 28)

lv_status lv_items_fit(const lv_call *call, int64_t items, lv_error *err)
{
    if (items > ITEMS_MAX)
        return LV_FAIL(err, LV_COLLECTION_SIZE,
                       "Can't create array with %lld elements which exceeding the array size limit "
                       "%d, the value returned by the function `%s` is invalid",
                       (long long)items, ITEMS_MAX, call->function->name);
    return LV_OK;
}

/* ---- binding --------------------------------------------------------------------------------- */

bool lv_bind_nullable(const lv_bind *bind, int i)
{
    return bind->arg_nullable == NULL || bind->arg_nullable[i];
}

/* Text goes with text only: array functions do not turn it into numbers. */
static bool mixes_text(const lv_type *a, const lv_type *b)
{
    if (a->kind == LV_TYPE_VOID || b->kind == LV_TYPE_VOID)
        return false;
    if ((a->kind == LV_TYPE_STRING) != (b->kind == LV_TYPE_STRING))
        return true;
    for (int f = 0; f < a->field_count && f < b->field_count; f++)
        if (mixes_text(a->fields[f].type, b->fields[f].type))
            return true;
    return false;
}

const lv_type *lv_map_common(const lv_bind *bind, const lv_type *a, const lv_type *b)
{
    return bind->ansi ? lv_array_common(bind, a, b) : lv_type_common(bind->arena, a, b, bind->ansi);
}

const lv_type *lv_array_common(const lv_bind *bind, const lv_type *a, const lv_type *b)
{
    return mixes_text(a, b) ? NULL : lv_type_common(bind->arena, a, b, bind->ansi);
}

lv_status lv_bind_list(const lv_function *function, const lv_bind *bind, int i, lv_type_kind kind,
                       lv_error *err)
{
    if (bind->arg_types[i]->kind == kind)
        return LV_OK;
    return lv_bind_mismatch(function, bind, i, kind == LV_TYPE_MAP ? "\"MAP\"" : "\"ARRAY\"", err);
}

lv_status lv_bind_item(const lv_function *function, lv_bind *bind, int i, lv_error *err)
{
    LV_TRY(lv_bind_list(function, bind, 0, LV_TYPE_ARRAY, err));
    const lv_field *item = &bind->arg_types[0]->fields[0];
    const lv_type *type = lv_array_common(bind, item->type, bind->arg_types[i]);
    if (type == NULL)
        return LV_FAIL(err, LV_DATATYPE_MISMATCH_ARRAY_ITEM,
                       "Input to `%s` should have been \"ARRAY\" followed by a value with same "
                       "element type, but it's [\"%s\", \"%s\"]",
                       function->name, lv_type_name(bind->arena, bind->arg_types[0]),
                       lv_type_name(bind->arena, bind->arg_types[i]));
    bind->arg_types[0] = lv_type_array(bind->arena, type, item->nullable);
    bind->arg_types[i] = type;
    return LV_OK;
}

lv_status lv_bind_two_arrays(const lv_function *function, lv_bind *bind, lv_error *err)
{
    const lv_type *a = bind->arg_types[0], *b = bind->arg_types[1], *type = NULL;
    if (a->kind == LV_TYPE_ARRAY && b->kind == LV_TYPE_ARRAY)
        type = lv_array_common(bind, a->fields[0].type, b->fields[0].type);
    if (type == NULL)
        return LV_FAIL(err, LV_DATATYPE_MISMATCH_ARRAYS,
                       "Input to function `%s` should have been two \"ARRAY\" with same element "
                       "type, but it's [\"%s\", \"%s\"]",
                       function->name, lv_type_name(bind->arena, a), lv_type_name(bind->arena, b));
    bind->arg_types[0] = lv_type_array(bind->arena, type, a->fields[0].nullable);
    bind->arg_types[1] = lv_type_array(bind->arena, type, b->fields[0].nullable);
    return LV_OK;
}

void lv_bind_nullable_as(lv_bind *bind, int args)
{
    bind->nullable = false;
    for (int i = 0; i < args; i++)
        bind->nullable = bind->nullable || lv_bind_nullable(bind, i);
}

/* ---- lists of chosen items ------------------------------------------------------------------- */

void lv_plan_init(lv_item_plan *plan, lv_arena *arena, int64_t rows, int64_t items)
{
    *plan = (lv_item_plan){.arena = arena, .rows = rows};
    plan->offsets = lv_arena_alloc(arena, sizeof *plan->offsets * (size_t)(rows + 1));
    plan->items = lv_arena_alloc(arena, sizeof *plan->items * (size_t)LV_MAX(items, 1));
    plan->offsets[0] = 0;
}

void lv_plan_with_sources(lv_item_plan *plan, int64_t items)
{
    plan->sources = lv_arena_alloc(plan->arena, sizeof *plan->sources * (size_t)LV_MAX(items, 1));
}

void lv_plan_finish(const lv_item_plan *plan, const lv_type *type, uint64_t *validity,
                    const lv_vector *sources, lv_vector *out)
{
    lv_vector items;
    const lv_vector *children[1] = {&items};
    if (plan->sources != NULL)
        lv_vector_pick(plan->arena, type->fields[0].type, sources, plan->sources, plan->items,
                       plan->count, &items);
    else
        lv_vector_take(plan->arena, sources, plan->items, plan->count, &items);
    lv_list_make(plan->arena, type, plan->rows, validity, plan->offsets, children, out);
}
