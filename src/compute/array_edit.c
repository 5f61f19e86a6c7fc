/* array_edit.c: arrays with items added, left out, repeated or in another order.
 * Source: collectionOperations.scala. */
#include "compute/array_common.h"
#include "os/os.h"

/* ---- items that stay: array_remove, array_compact, slice, reverse, shuffle -------------------- */

static lv_status kernel_remove(const lv_call *call, lv_eval *eval, const lv_vector *args,
                               int64_t rows, lv_vector *out, lv_error *err)
{
    lv_items items;
    lv_item_plan plan;
    bool compact = call->arg_count == 1;
    lv_items_of(eval->arena, &args[0], &items);
    lv_plan_init(&plan, eval->arena, rows, items.count);
    const lv_vector *v = &items.children[0];
    for (int64_t i = 0; i < rows; i++) {
        for (int32_t e = items.offsets[i]; e < items.offsets[i + 1]; e++) {
            bool is_null = lv_vector_is_null(v, e);
            if (compact ? !is_null
                        : is_null || lv_vector_is_null(&args[1], i) ||
                              lv_value_compare(v, e, &args[1], i) != 0)
                lv_plan_push(&plan, e);
        }
        lv_plan_end_row(&plan);
    }
    lv_plan_finish(&plan, call->type, lv_validity_merge(eval->arena, args, call->arg_count, rows),
                   v, out);
    return LV_OK;
}

lv_status lv_bind_array_remove(const lv_function *function, lv_bind *bind, lv_error *err)
{
    if (bind->arg_count == 1)
        LV_TRY(lv_bind_list(function, bind, 0, LV_TYPE_ARRAY, err));
    else
        LV_TRY(lv_bind_item(function, bind, 1, err));
    const lv_field *item = &bind->arg_types[0]->fields[0];
    lv_bind_result(bind,
                   lv_type_array(bind->arena, item->type, item->nullable && bind->arg_count > 1),
                   true, kernel_remove);
    return LV_OK;
}

static lv_status kernel_slice(const lv_call *call, lv_eval *eval, const lv_vector *args,
                              int64_t rows, lv_vector *out, lv_error *err)
{
    lv_items items;
    lv_item_plan plan;
    uint64_t *validity = lv_validity_merge(eval->arena, args, 3, rows);
    lv_items_of(eval->arena, &args[0], &items);
    lv_plan_init(&plan, eval->arena, rows, items.count);
    for (int64_t i = 0; i < rows; i++) {
        int64_t from = items.offsets[i], until = items.offsets[i + 1];
        if (lv_row_valid(validity, i)) {
            int64_t start = LV_AT(int32_t, &args[1], i), length = LV_AT(int32_t, &args[2], i);
            if (start == 0)
                return LV_FAIL(err, LV_INVALID_PARAMETER_START,
                               "The value of parameter(s) `start` in `slice` is invalid: Expects a "
                               "positive or a negative value for `start`, but got 0");
            if (length < 0)
                return LV_FAIL(err, LV_INVALID_PARAMETER_LENGTH,
                               "The value of parameter(s) `length` in `slice` is invalid: Expects "
                               "`length` greater than or equal to 0, but got %lld",
                               (long long)length);
            int64_t first = start > 0 ? from + start - 1 : until + start;
            for (int64_t e = first; first >= from && e < LV_MIN(until, first + length); e++)
                lv_plan_push(&plan, (int32_t)e);
        }
        lv_plan_end_row(&plan);
    }
    lv_plan_finish(&plan, call->type, validity, &items.children[0], out);
    return LV_OK;
}

lv_status lv_bind_slice(const lv_function *function, lv_bind *bind, lv_error *err)
{
    LV_TRY(lv_bind_list(function, bind, 0, LV_TYPE_ARRAY, err));
    for (int i = 1; i < 3; i++)
        LV_TRY(lv_bind_want(function, bind, i, lv_type_of(LV_TYPE_INT), err));
    lv_bind_result(bind, bind->arg_types[0], false, kernel_slice);
    return LV_OK;
}

static lv_status kernel_reverse(const lv_call *call, lv_eval *eval, const lv_vector *args,
                                int64_t rows, lv_vector *out, lv_error *err)
{
    lv_items items;
    lv_item_plan plan;
    lv_items_of(eval->arena, &args[0], &items);
    lv_plan_init(&plan, eval->arena, rows, items.count);
    for (int64_t i = 0; i < rows; i++) {
        for (int32_t e = items.offsets[i + 1]; e-- > items.offsets[i];)
            lv_plan_push(&plan, e);
        lv_plan_end_row(&plan);
    }
    lv_plan_finish(&plan, call->type, lv_validity_merge(eval->arena, args, 1, rows),
                   &items.children[0], out);
    return LV_OK;
}

lv_status lv_bind_array_reverse(const lv_function *function, lv_bind *bind, lv_error *err)
{
    lv_bind_result(bind, bind->arg_types[0], true, kernel_reverse);
    return LV_OK;
}

/* A number below `bound` that nobody foresees (splitmix64). */
static uint64_t draw(uint64_t *state, uint64_t bound)
{
    uint64_t x = *state += 0x9E3779B97F4A7C15u;
    x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9u;
    x = (x ^ x >> 27) * 0x94D049BB133111EBu;
    return (x ^ x >> 31) % bound;
}

static lv_status kernel_shuffle(const lv_call *call, lv_eval *eval, const lv_vector *args,
                                int64_t rows, lv_vector *out, lv_error *err)
{
    lv_items items;
    lv_item_plan plan;
    uint64_t state = lv_random_u64();
    lv_items_of(eval->arena, &args[0], &items);
    lv_plan_init(&plan, eval->arena, rows, items.count);
    for (int64_t i = 0; i < rows; i++) {
        int32_t from = items.offsets[i], count = items.offsets[i + 1] - from;
        for (int32_t e = 0; e < count; e++)
            lv_plan_push(&plan, from + e);
        for (int32_t e = count - 1; e > 0; e--) {
            int32_t other = (int32_t)draw(&state, (uint64_t)e + 1), was = plan.items[from + e];
            plan.items[from + e] = plan.items[from + other];
            plan.items[from + other] = was;
        }
        lv_plan_end_row(&plan);
    }
    lv_plan_finish(&plan, call->type, lv_validity_merge(eval->arena, args, 1, rows),
                   &items.children[0], out);
    return LV_OK;
}

lv_status lv_bind_shuffle(const lv_function *function, lv_bind *bind, lv_error *err)
{
    LV_TRY(lv_bind_list(function, bind, 0, LV_TYPE_ARRAY, err));
    if (bind->arg_count == 2)
        return LV_FAIL(err, LV_UNSUPPORTED_FEATURE,
                       "The feature is not supported: shuffle with a seed");
    lv_bind_result(bind, bind->arg_types[0], true, kernel_shuffle);
    return LV_OK;
}

/* ---- an item more: array_append, array_prepend, array_insert --------------------------------- */

static lv_status kernel_append(const lv_call *call, lv_eval *eval, const lv_vector *args,
                               int64_t rows, lv_vector *out, lv_error *err)
{
    lv_items items;
    lv_item_plan plan;
    bool in_front = call->function->op == EDIT_PREPEND;
    lv_items_of(eval->arena, &args[0], &items);
    LV_TRY(lv_items_fit(call, items.count + rows, err));
    lv_plan_init(&plan, eval->arena, rows, items.count + rows);
    lv_plan_with_sources(&plan, items.count + rows);
    for (int64_t i = 0; i < rows; i++) {
        bool valid = !lv_vector_is_null(&args[0], i);
        if (valid && in_front)
            lv_plan_push_of(&plan, 1, (int32_t)i);
        for (int32_t e = items.offsets[i]; e < items.offsets[i + 1]; e++)
            lv_plan_push_of(&plan, 0, e);
        if (valid && !in_front)
            lv_plan_push_of(&plan, 1, (int32_t)i);
        lv_plan_end_row(&plan);
    }
    lv_vector sources[2] = {items.children[0], args[1]};
    lv_plan_finish(&plan, call->type, lv_vector_flatten(eval->arena, &args[0])->validity, sources,
                   out);
    return LV_OK;
}

lv_status lv_bind_array_append(const lv_function *function, lv_bind *bind, lv_error *err)
{
    LV_TRY(lv_bind_item(function, bind, 1, err));
    const lv_field *item = &bind->arg_types[0]->fields[0];
    lv_bind_result(
        bind, lv_type_array(bind->arena, item->type, item->nullable || lv_bind_nullable(bind, 1)),
        false, kernel_append);
    lv_bind_nullable_as(bind, 1);
    return LV_OK;
}

/* Where the item goes among the others, and how many nulls stand between it and them. */
static int64_t insert_place(int64_t position, int64_t count, int64_t *nulls)
{
    int64_t place = position > 0 ? position - 1 : count + position + 1;
    *nulls = position > 0 ? LV_MAX(place - count, 0) : LV_MAX(-place, 0);
    return place;
}

static int64_t inserted_total(const lv_vector *args, const lv_items *items,
                              const uint64_t *validity, int64_t rows)
{
    int64_t total = items->count, nulls;
    for (int64_t i = 0; i < rows; i++)
        if (lv_row_valid(validity, i)) {
            insert_place(LV_AT(int32_t, &args[1], i), items->offsets[i + 1] - items->offsets[i],
                         &nulls);
            total += nulls + 1;
        }
    return total;
}

static lv_status kernel_insert(const lv_call *call, lv_eval *eval, const lv_vector *args,
                               int64_t rows, lv_vector *out, lv_error *err)
{
    lv_items items;
    lv_item_plan plan;
    /* NULL_SAFE, so either may be a constant null */
    lv_vector both[2] = {*lv_vector_flatten(eval->arena, &args[0]),
                         *lv_vector_flatten(eval->arena, &args[1])};
    uint64_t *validity = lv_validity_merge(eval->arena, both, 2, rows);
    lv_items_of(eval->arena, &args[0], &items);
    int64_t total = inserted_total(args, &items, validity, rows);
    LV_TRY(lv_items_fit(call, total, err));
    lv_plan_init(&plan, eval->arena, rows, total);
    lv_plan_with_sources(&plan, total);
    for (int64_t i = 0; i < rows; i++) {
        int64_t nulls = 0, from = items.offsets[i], count = items.offsets[i + 1] - from;
        if (lv_row_valid(validity, i)) {
            int64_t position = LV_AT(int32_t, &args[1], i),
                    place = insert_place(position, count, &nulls);
            if (position == 0)
                return LV_FAIL(err, LV_INVALID_INDEX_OF_ZERO,
                               "The index 0 is invalid. An index shall be either < 0 or > 0 (the "
                               "first element has index 1)");
            for (int64_t e = 0; e < LV_MIN(place, count); e++)
                lv_plan_push_of(&plan, 0, (int32_t)(from + e));
            for (int64_t n = 0; n < nulls && place > count; n++)
                lv_plan_push_of(&plan, -1, 0);
            lv_plan_push_of(&plan, 1, (int32_t)i);
            for (int64_t n = 0; n < nulls && place < 0; n++)
                lv_plan_push_of(&plan, -1, 0);
            for (int64_t e = LV_MAX(place, 0); e < count; e++)
                lv_plan_push_of(&plan, 0, (int32_t)(from + e));
        }
        lv_plan_end_row(&plan);
    }
    lv_vector sources[2] = {items.children[0], args[2]};
    lv_plan_finish(&plan, call->type, validity, sources, out);
    return LV_OK;
}

lv_status lv_bind_array_insert(const lv_function *function, lv_bind *bind, lv_error *err)
{
    LV_TRY(lv_bind_list(function, bind, 0, LV_TYPE_ARRAY, err));
    if (!lv_type_is_integral(bind->arg_types[1]) || bind->arg_types[1]->kind == LV_TYPE_BIGINT)
        return lv_bind_mismatch(function, bind, 1, "\"INT\"", err);
    bind->arg_types[1] = lv_type_of(LV_TYPE_INT);
    LV_TRY(lv_bind_item(function, bind, 2, err));
    lv_bind_result(bind, lv_type_array(bind->arena, bind->arg_types[2], true), false,
                   kernel_insert);
    lv_bind_nullable_as(bind, 2);
    return LV_OK;
}

/* ---- array_repeat, flatten ------------------------------------------------------------------- */

static lv_status kernel_repeat(const lv_call *call, lv_eval *eval, const lv_vector *args,
                               int64_t rows, lv_vector *out, lv_error *err)
{
    lv_item_plan plan;
    int64_t total = 0;
    const lv_vector *times = lv_vector_flatten(eval->arena, &args[1]);
    const int32_t *counts = times->data;
    for (int64_t i = 0; i < rows; i++)
        total += lv_row_valid(times->validity, i) && counts[i] > 0 ? counts[i] : 0;
    LV_TRY(lv_items_fit(call, total, err));
    lv_plan_init(&plan, eval->arena, rows, total);
    for (int64_t i = 0; i < rows; i++) {
        for (int32_t n = 0; lv_row_valid(times->validity, i) && n < counts[i]; n++)
            lv_plan_push(&plan, (int32_t)i);
        lv_plan_end_row(&plan);
    }
    lv_plan_finish(&plan, call->type, times->validity, &args[0], out);
    return LV_OK;
}

lv_status lv_bind_array_repeat(const lv_function *function, lv_bind *bind, lv_error *err)
{
    lv_type_kind kind = bind->arg_types[1]->kind;
    if (kind != LV_TYPE_VOID && (kind < LV_TYPE_TINYINT || kind > LV_TYPE_INT))
        return lv_bind_mismatch(function, bind, 1, "\"INT\"", err);
    bind->arg_types[1] = lv_type_of(LV_TYPE_INT);
    lv_bind_result(bind, lv_type_array(bind->arena, bind->arg_types[0], lv_bind_nullable(bind, 0)),
                   false, kernel_repeat);
    bind->nullable = lv_bind_nullable(bind, 1);
    return LV_OK;
}

/* The lists inside lie behind one another, so their items do too: only offsets are new. */
static lv_status kernel_flatten(const lv_call *call, lv_eval *eval, const lv_vector *args,
                                int64_t rows, lv_vector *out, lv_error *err)
{
    lv_items outer, inner;
    bool owned = false;
    lv_items_of(eval->arena, &args[0], &outer);
    lv_items_of(eval->arena, &outer.children[0], &inner);
    int32_t *offsets = lv_arena_alloc(eval->arena, sizeof *offsets * (size_t)(rows + 1));
    for (int64_t i = 0; i <= rows; i++)
        offsets[i] = inner.offsets[outer.offsets[i]];
    const lv_vector *children[1] = {&inner.children[0]};
    lv_list_make(eval->arena, call->type, rows, lv_validity_merge(eval->arena, args, 1, rows),
                 offsets, children, out);
    for (int64_t i = 0; i < rows && outer.children[0].validity != NULL; i++)
        for (int32_t e = outer.offsets[i]; e < outer.offsets[i + 1]; e++)
            if (lv_vector_is_null(&outer.children[0], e)) {
                lv_result_set_null(eval->arena, out, i, &owned);
                break;
            }
    return LV_OK;
}

lv_status lv_bind_flatten(const lv_function *function, lv_bind *bind, lv_error *err)
{
    const lv_type *outer = bind->arg_types[0];
    if (outer->kind != LV_TYPE_ARRAY || outer->fields[0].type->kind != LV_TYPE_ARRAY)
        return lv_bind_mismatch(function, bind, 0, "\"ARRAY\" of \"ARRAY\"", err);
    lv_bind_result(bind, outer->fields[0].type, true, kernel_flatten);
    bind->nullable = bind->nullable || outer->fields[0].nullable;
    return LV_OK;
}
