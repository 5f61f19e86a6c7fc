/* array_set.c: arrays as sets: distinct items, unions, intersections, differences, overlaps.
 * Source: collectionOperations.scala. */
#include "compute/array_common.h"

typedef struct two_sets {
    lv_items a;
    lv_items b;
    uint64_t *validity;
    lv_value_set set;
} two_sets;

static void two_sets_init(two_sets *t, const lv_call *call, lv_eval *eval, const lv_vector *args,
                          int64_t rows)
{
    t->validity = lv_validity_merge(eval->arena, args, call->arg_count, rows);
    lv_items_of(eval->arena, &args[0], &t->a);
    if (call->arg_count > 1)
        lv_items_of(eval->arena, &args[1], &t->b);
    lv_value_set_init(&t->set, eval->arena);
}

/* -0.0 becomes 0.0, as Spark has it in results of these. */
static const lv_vector *normal_zeros(lv_arena *arena, const lv_vector *v)
{
    if (v->type->kind != LV_TYPE_DOUBLE && v->type->kind != LV_TYPE_FLOAT)
        return v;
    lv_vector *copy = LV_NEW(arena, lv_vector);
    lv_vector_init_flat(copy, arena, v->type, v->length);
    const lv_vector *flat = lv_vector_flatten(arena, v);
    copy->validity = flat->validity;
    for (int64_t i = 0; i < v->length; i++)
        if (v->type->kind == LV_TYPE_DOUBLE)
            ((double *)copy->data)[i] = ((const double *)flat->data)[i] + 0.0;
        else
            ((float *)copy->data)[i] = ((const float *)flat->data)[i] + 0.0F;
    return copy;
}

static lv_status kernel_distinct(const lv_call *call, lv_eval *eval, const lv_vector *args,
                                 int64_t rows, lv_vector *out, lv_error *err)
{
    two_sets t;
    lv_item_plan plan;
    two_sets_init(&t, call, eval, args, rows);
    lv_plan_init(&plan, eval->arena, rows, t.a.count);
    const lv_vector *items = normal_zeros(eval->arena, &t.a.children[0]);
    for (int64_t i = 0; i < rows; i++) {
        lv_value_set_reset(&t.set, t.a.offsets[i + 1] - t.a.offsets[i]);
        for (int32_t e = t.a.offsets[i]; e < t.a.offsets[i + 1]; e++)
            if (lv_value_set_add(&t.set, items, e))
                lv_plan_push(&plan, e);
        lv_plan_end_row(&plan);
    }
    lv_plan_finish(&plan, call->type, t.validity, items, out);
    return LV_OK;
}

lv_status lv_bind_array_distinct(const lv_function *function, lv_bind *bind, lv_error *err)
{
    LV_TRY(lv_bind_list(function, bind, 0, LV_TYPE_ARRAY, err));
    LV_TRY(lv_bind_orderable(function, bind, bind->arg_types[0]->fields[0].type, err));
    lv_bind_result(bind, bind->arg_types[0], true, kernel_distinct);
    return LV_OK;
}

static lv_status kernel_union(const lv_call *call, lv_eval *eval, const lv_vector *args,
                              int64_t rows, lv_vector *out, lv_error *err)
{
    two_sets t;
    lv_item_plan plan;
    two_sets_init(&t, call, eval, args, rows);
    LV_TRY(lv_items_fit(call, t.a.count + t.b.count, err));
    lv_plan_init(&plan, eval->arena, rows, t.a.count + t.b.count);
    lv_plan_with_sources(&plan, t.a.count + t.b.count);
    const lv_items *sides[2] = {&t.a, &t.b};
    lv_vector sources[2];
    for (int s = 0; s < 2; s++)
        sources[s] = *normal_zeros(eval->arena, &sides[s]->children[0]);
    for (int64_t i = 0; i < rows; i++) {
        lv_value_set_reset(&t.set, (int64_t)t.a.offsets[i + 1] - t.a.offsets[i] +
                                       t.b.offsets[i + 1] - t.b.offsets[i]);
        for (int s = 0; s < 2; s++)
            for (int32_t e = sides[s]->offsets[i]; e < sides[s]->offsets[i + 1]; e++)
                if (lv_row_valid(t.validity, i) && lv_value_set_add(&t.set, &sources[s], e))
                    lv_plan_push_of(&plan, s, e);
        lv_plan_end_row(&plan);
    }
    lv_plan_finish(&plan, call->type, t.validity, sources, out);
    return LV_OK;
}

/* array_intersect keeps items of the first that are in the second, array_except those that are not; each once. */
static lv_status kernel_keep(const lv_call *call, lv_eval *eval, const lv_vector *args,
                             int64_t rows, lv_vector *out, lv_error *err)
{
    two_sets t;
    lv_item_plan plan;
    lv_value_set seen;
    bool wanted = call->function->op == SET_INTERSECT;
    two_sets_init(&t, call, eval, args, rows);
    lv_value_set_init(&seen, eval->arena);
    lv_plan_init(&plan, eval->arena, rows, t.a.count);
    const lv_vector *items = normal_zeros(eval->arena, &t.a.children[0]);
    for (int64_t i = 0; i < rows; i++) {
        lv_value_set_reset(&t.set, t.b.offsets[i + 1] - t.b.offsets[i]);
        lv_value_set_reset(&seen, t.a.offsets[i + 1] - t.a.offsets[i]);
        for (int32_t e = t.b.offsets[i]; e < t.b.offsets[i + 1]; e++)
            lv_value_set_add(&t.set, &t.b.children[0], e);
        for (int32_t e = t.a.offsets[i]; e < t.a.offsets[i + 1]; e++)
            if (lv_row_valid(t.validity, i) &&
                (lv_value_set_find(&t.set, items, e) >= 0) == wanted &&
                lv_value_set_add(&seen, items, e))
                lv_plan_push(&plan, e);
        lv_plan_end_row(&plan);
    }
    lv_plan_finish(&plan, call->type, t.validity, items, out);
    return LV_OK;
}

static lv_status kernel_overlap(const lv_call *call, lv_eval *eval, const lv_vector *args,
                                int64_t rows, lv_vector *out, lv_error *err)
{
    two_sets t;
    bool owned = false;
    two_sets_init(&t, call, eval, args, rows);
    lv_vector_init_flat(out, eval->arena, call->type, rows);
    out->validity = t.validity;
    const lv_vector *a = &t.a.children[0], *b = &t.b.children[0];
    for (int64_t i = 0; i < rows; i++) {
        int32_t a_count = t.a.offsets[i + 1] - t.a.offsets[i],
                b_count = t.b.offsets[i + 1] - t.b.offsets[i];
        bool found = false, saw_null = false;
        lv_value_set_reset(&t.set, b_count);
        for (int32_t e = t.b.offsets[i]; e < t.b.offsets[i + 1]; e++) {
            saw_null = saw_null || lv_vector_is_null(b, e);
            if (!lv_vector_is_null(b, e))
                lv_value_set_add(&t.set, b, e);
        }
        for (int32_t e = t.a.offsets[i]; e < t.a.offsets[i + 1] && !found; e++) {
            bool is_null = lv_vector_is_null(a, e);
            saw_null = saw_null || is_null;
            found = !is_null && lv_value_set_find(&t.set, a, e) >= 0;
        }
        ((uint8_t *)out->data)[i] = found;
        if (!found && saw_null && a_count > 0 && b_count > 0 && lv_row_valid(t.validity, i))
            lv_result_set_null(eval->arena, out, i, &owned);
    }
    return LV_OK;
}

lv_status lv_bind_array_sets(const lv_function *function, lv_bind *bind, lv_error *err)
{
    LV_TRY(lv_bind_two_arrays(function, bind, err));
    const lv_field *a = &bind->arg_types[0]->fields[0], *b = &bind->arg_types[1]->fields[0];
    LV_TRY(lv_bind_orderable(function, bind, a->type, err));
    if (function->op == SET_OVERLAP) {
        lv_bind_result(bind, lv_type_of(LV_TYPE_BOOLEAN), true, kernel_overlap);
        bind->nullable = bind->nullable || a->nullable || b->nullable;
        return LV_OK;
    }
    bool nullable = function->op == SET_UNION       ? a->nullable || b->nullable
                    : function->op == SET_INTERSECT ? a->nullable && b->nullable
                                                    : a->nullable;
    lv_bind_result(bind, lv_type_array(bind->arena, a->type, nullable), function->op != SET_UNION,
                   function->op == SET_UNION ? kernel_union : kernel_keep);
    return LV_OK;
}
