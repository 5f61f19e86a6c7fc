/* array_common.h: what the files of array functions share. */
#ifndef LV_COMPUTE_ARRAY_COMMON_H
#define LV_COMPUTE_ARRAY_COMMON_H

#include "compute/compute_int.h"

/** Error COLLECTION_SIZE_LIMIT_EXCEEDED if a result has too many items. */
LV_MUST_USE lv_status lv_items_fit(const lv_call *call, int64_t items, lv_error *err);

bool lv_bind_nullable(const lv_bind *bind, int i);
/** The common type of items, NULL also where text would have to become something else. */
const lv_type *lv_array_common(const lv_bind *bind, const lv_type *a, const lv_type *b);
/** That of maps and their keys: without ANSI text is a common type of all. */
const lv_type *lv_map_common(const lv_bind *bind, const lv_type *a, const lv_type *b);
/** Refuses argument `i` unless it is an ARRAY (or a MAP). */
LV_MUST_USE lv_status lv_bind_list(const lv_function *function, const lv_bind *bind, int i,
                                   lv_type_kind kind, lv_error *err);
/** Argument 0 an ARRAY and argument `i` an item of it, brought to one type. */
LV_MUST_USE lv_status lv_bind_item(const lv_function *function, lv_bind *bind, int i,
                                   lv_error *err);
/** Arguments 0 and 1 ARRAYs of one type. */
LV_MUST_USE lv_status lv_bind_two_arrays(const lv_function *function, lv_bind *bind, lv_error *err);
/** Argument 0 a MAP and argument 1 a key of it, brought to one type. */
LV_MUST_USE lv_status lv_bind_key(const lv_function *function, lv_bind *bind, lv_error *err);
/** The result is null only where one of the first `args` arguments is. */
void lv_bind_nullable_as(lv_bind *bind, int args);

/** The items a result's rows are made of, row after row: push them, then end the row. */
typedef struct lv_item_plan {
    lv_arena *arena;
    int64_t rows;
    int64_t row;
    int64_t count;
    int32_t *offsets;
    int32_t *items; /* -1: null */
    int *sources;   /* which vector each is of; NULL: there is one. -1: null */
} lv_item_plan;
/** `items` is how many there will be at most. */
void lv_plan_init(lv_item_plan *plan, lv_arena *arena, int64_t rows, int64_t items);
/** The items come from several vectors. */
void lv_plan_with_sources(lv_item_plan *plan, int64_t items);
static inline void lv_plan_push(lv_item_plan *plan, int32_t item)
{
    plan->items[plan->count++] = item;
}
static inline void lv_plan_push_of(lv_item_plan *plan, int source, int32_t item)
{
    plan->sources[plan->count] = source;
    plan->items[plan->count++] = item;
}
static inline void lv_plan_end_row(lv_item_plan *plan)
{
    plan->offsets[++plan->row] = (int32_t)plan->count;
}
/** An ARRAY of the planned items of these vectors. */
void lv_plan_finish(const lv_item_plan *plan, const lv_type *type, uint64_t *validity,
                    const lv_vector *sources, lv_vector *out);

#endif
