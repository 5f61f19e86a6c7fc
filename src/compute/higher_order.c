/* higher_order.c: transform, filter, exists, forall, zip_with and those of maps: one evaluation of the lambda over the
 * items of all rows. Only where exists and forall might ask a lambda that fails more than they must, they go by
 * position. Source: higherOrderFunctions.scala. */
#include "compute/higher_order.h"

#include "base/check.h"

void lv_lambda_ask(lv_higher_order *job, int arg, int64_t count, const int32_t *rows,
                   const lv_vector *variables)
{
    job->lambda = arg;
    job->count = count;
    job->rows = rows;
    job->variables = variables;
}

lv_status lv_lambda_finish(lv_higher_order *job)
{
    job->lambda = -1;
    return LV_OK;
}

static bool is_true(const lv_vector *v, int64_t i)
{
    return !lv_vector_is_null(v, i) && LV_AT(uint8_t, v, i);
}

/* ---- lambdas over items ---------------------------------------------------------------------- */

/* The variables of a lambda over items: the item or entry, and the position where the lambda wants it. */
static lv_status ask_items(lv_higher_order *job, bool position)
{
    lv_higher_order_state *s = job->state;
    lv_arena *arena = s->eval->arena;
    int children = s->args[0]->child_count;
    lv_vector *variables = LV_NEW_ARRAY(arena, lv_vector, 3);
    for (int f = 0; f < children; f++)
        variables[f] = s->items.children[f];
    if (position)
        lv_items_positions(arena, &s->items, &variables[children]);
    lv_lambda_ask(job, 1, s->items.count, lv_items_rows(arena, &s->items), variables);
    return LV_OK;
}

/* transform, zip_with, transform_values: the results are the items. */
static lv_status finish_items(lv_higher_order *job, const lv_vector *result, lv_error *err)
{
    lv_higher_order_state *s = job->state;
    const lv_vector *children[2] = {result, result};
    if (s->call->function->op == LAMBDA_TRANSFORM_VALUES)
        children[0] = &s->items.children[0];
    lv_list_make(s->eval->arena, s->call->type, s->rows, s->validity, s->items.offsets, children,
                 &job->out);
    return lv_lambda_finish(job);
}

/* filter, map_filter: the items for which it is true stay. */
static lv_status finish_filter(lv_higher_order *job, const lv_vector *result, lv_error *err)
{
    lv_higher_order_state *s = job->state;
    lv_arena *arena = s->eval->arena;
    int32_t *kept = lv_arena_alloc(arena, sizeof *kept * (size_t)LV_MAX(s->items.count, 1));
    int32_t *offsets = lv_arena_alloc(arena, sizeof *offsets * (size_t)(s->rows + 1));
    int32_t n = 0;
    for (int64_t i = 0; i < s->rows; i++) {
        offsets[i] = n;
        for (int32_t e = s->items.offsets[i]; e < s->items.offsets[i + 1]; e++)
            if (is_true(result, e))
                kept[n++] = e;
    }
    offsets[s->rows] = n;
    lv_vector taken[2];
    const lv_vector *children[2] = {&taken[0], &taken[1]};
    for (int f = 0; f < s->call->type->field_count; f++)
        lv_vector_take(arena, &s->items.children[f], kept, n, &taken[f]);
    lv_list_make(arena, s->call->type, s->rows, s->validity, offsets, children, &job->out);
    return lv_lambda_finish(job);
}

/* ---- exists, forall -------------------------------------------------------------------------- */

/* The value that decides: TRUE for exists, FALSE for forall. */
static bool decisive(const lv_higher_order_state *s)
{
    return s->call->function->op == LAMBDA_EXISTS;
}

/* Takes note of what the lambda gave for one item of a row; true if that decides. */
static bool note_truth(const lv_higher_order_state *s, lv_vector *out, int64_t row,
                       const lv_vector *result, int64_t i)
{
    if (lv_vector_is_null(result, i)) {
        lv_bit_clear(out->validity, row);
        return false;
    }
    if ((LV_AT(uint8_t, result, i) != 0) != decisive(s))
        return false;
    ((uint8_t *)out->data)[row] = decisive(s);
    lv_bit_set(out->validity, row);
    return true;
}

/* The result while nothing is decided: not null but where the list is. */
static void init_truth(lv_higher_order *job)
{
    lv_higher_order_state *s = job->state;
    lv_vector_init_flat(&job->out, s->eval->arena, s->call->type, s->rows);
    memset(job->out.data, !decisive(s), (size_t)s->rows);
    job->out.validity = lv_validity_new(s->eval->arena, s->rows, true);
    if (s->validity != NULL)
        memcpy(job->out.validity, s->validity, LV_BITMAP_WORDS(s->rows) * sizeof(uint64_t));
}

static lv_status finish_truth(lv_higher_order *job, const lv_vector *result, lv_error *err)
{
    lv_higher_order_state *s = job->state;
    init_truth(job);
    for (int64_t i = 0; i < s->rows; i++)
        for (int32_t e = s->items.offsets[i]; e < s->items.offsets[i + 1]; e++)
            if (note_truth(s, &job->out, i, result, e))
                break;
    return lv_lambda_finish(job);
}

/* By position: the rows not decided yet that have an item there. */
typedef struct truth_turns {
    int32_t *rows;
    int32_t *items;
    int64_t count;
    int32_t position;
} truth_turns;

static lv_status ask_position(lv_higher_order *job)
{
    lv_higher_order_state *s = job->state;
    truth_turns *t = s->own;
    int64_t n = 0;
    for (int64_t k = 0; k < t->count; k++) {
        int32_t row = t->rows[k], from = s->items.offsets[row];
        if (from + t->position >= s->items.offsets[row + 1])
            continue;
        t->rows[n] = row;
        t->items[n++] = from + t->position;
    }
    t->count = n;
    if (n == 0)
        return lv_lambda_finish(job);
    lv_vector *variable = LV_NEW(s->eval->arena, lv_vector);
    lv_vector_take(s->eval->arena, &s->items.children[0], t->items, n, variable);
    lv_lambda_ask(job, 1, n, t->rows, variable);
    return LV_OK;
}

static lv_status next_position(lv_higher_order *job, const lv_vector *result, lv_error *err)
{
    lv_higher_order_state *s = job->state;
    truth_turns *t = s->own;
    int64_t n = 0;
    for (int64_t k = 0; k < t->count; k++)
        if (!note_truth(s, &job->out, t->rows[k], result, k))
            t->rows[n++] = t->rows[k];
    t->count = n;
    t->position++;
    return ask_position(job);
}

static lv_status start_truth(lv_higher_order *job, lv_error *err)
{
    lv_higher_order_state *s = job->state;
    lv_arena *arena = s->eval->arena;
    s->next = finish_truth;
    if (!s->use.careful)
        return ask_items(job, false);
    truth_turns *t = LV_NEW(arena, truth_turns);
    t->rows = lv_arena_alloc(arena, sizeof *t->rows * (size_t)s->rows);
    t->items = lv_arena_alloc(arena, sizeof *t->items * (size_t)s->rows);
    t->count = s->rows;
    for (int64_t i = 0; i < s->rows; i++)
        t->rows[i] = (int32_t)i;
    s->own = t;
    s->next = next_position;
    init_truth(job);
    return ask_position(job);
}

/* ---- zip_with -------------------------------------------------------------------------------- */

static lv_status start_zip_with(lv_higher_order *job, lv_error *err)
{
    lv_higher_order_state *s = job->state;
    lv_arena *arena = s->eval->arena;
    const lv_items *sides[2] = {&s->items, &s->more};
    int32_t *offsets = lv_arena_alloc(arena, sizeof *offsets * (size_t)(s->rows + 1));
    int64_t total = 0;
    for (int64_t i = 0; i < s->rows; i++) {
        int32_t a = s->items.offsets[i + 1] - s->items.offsets[i],
                b = s->more.offsets[i + 1] - s->more.offsets[i];
        offsets[i] = (int32_t)total;
        total += lv_row_valid(s->validity, i) ? LV_MAX(a, b) : 0;
        LV_ASSERT(total <= INT32_MAX);
    }
    offsets[s->rows] = (int32_t)total;
    int32_t *rows = lv_arena_alloc(arena, sizeof *rows * (size_t)LV_MAX(total, 1));
    int32_t *items = lv_arena_alloc(arena, sizeof *items * (size_t)LV_MAX(total, 1));
    lv_vector *variables = LV_NEW_ARRAY(arena, lv_vector, 2);
    for (int side = 0; side < 2; side++) {
        for (int64_t i = 0; i < s->rows; i++)
            for (int32_t e = offsets[i]; e < offsets[i + 1]; e++) {
                int32_t at = sides[side]->offsets[i] + e - offsets[i];
                rows[e] = (int32_t)i;
                items[e] = at < sides[side]->offsets[i + 1] ? at : -1;
            }
        lv_vector_take(arena, &sides[side]->children[0], items, total, &variables[side]);
    }
    s->items.offsets = offsets;
    s->next = finish_items;
    lv_lambda_ask(job, 2, total, rows, variables);
    return LV_OK;
}

/* ---- maps ------------------------------------------------------------------------------------ */

static lv_status finish_keys(lv_higher_order *job, const lv_vector *result, lv_error *err)
{
    lv_higher_order_state *s = job->state;
    const lv_vector *children[2] = {result, &s->items.children[1]};
    lv_list_make(s->eval->arena, s->call->type, s->rows, s->validity, s->items.offsets, children,
                 &job->out);
    LV_TRY(lv_map_finish(s->call, s->eval, &job->out, err));
    return lv_lambda_finish(job);
}

/* The entries of both maps by key: those of the first, then those that only the second has. */
static lv_status start_map_zip(lv_higher_order *job, lv_error *err)
{
    lv_higher_order_state *s = job->state;
    lv_arena *arena = s->eval->arena;
    size_t room = (size_t)LV_MAX(s->items.count + s->more.count, 1);
    int32_t *offsets = lv_arena_alloc(arena, sizeof *offsets * (size_t)(s->rows + 1)),
            *rows = lv_arena_alloc(arena, sizeof *rows * room),
            *left = lv_arena_alloc(arena, sizeof *left * room),
            *right = lv_arena_alloc(arena, sizeof *right * room);
    int *which = lv_arena_alloc(arena, sizeof *which * room);
    int32_t *from = lv_arena_alloc(arena, sizeof *from * room), n = 0;
    const lv_vector *keys[2] = {&s->items.children[0], &s->more.children[0]};
    lv_value_set set;
    lv_value_set_init(&set, arena);
    for (int64_t i = 0; i < s->rows; i++) {
        offsets[i] = n;
        if (!lv_row_valid(s->validity, i))
            continue;
        int32_t a = s->items.offsets[i], b = s->more.offsets[i], a_end = s->items.offsets[i + 1],
                b_end = s->more.offsets[i + 1];
        lv_value_set_reset(&set, a_end - a + b_end - b);
        for (int32_t e = a; e < a_end; e++)
            if (lv_value_set_add(&set, keys[0], e)) {
                which[n] = 0;
                from[n] = left[n] = e;
                right[n] = -1;
                rows[n++] = (int32_t)i;
            }
        for (int32_t e = b; e < b_end; e++) {
            bool is_new = lv_value_set_add(&set, keys[1], e);
            int32_t at = is_new ? n : offsets[i] + lv_value_set_find(&set, keys[1], e);
            if (is_new) {
                which[n] = 1;
                from[n] = e;
                left[n] = -1;
                rows[n++] = (int32_t)i;
            }
            right[at] = e;
        }
    }
    offsets[s->rows] = n;
    lv_vector *variables = LV_NEW_ARRAY(arena, lv_vector, 3), both[2] = {*keys[0], *keys[1]};
    lv_vector_pick(arena, keys[0]->type, both, which, from, n, &variables[0]);
    lv_vector_take(arena, &s->items.children[1], left, n, &variables[1]);
    lv_vector_take(arena, &s->more.children[1], right, n, &variables[2]);
    s->own = &variables[0];
    s->items.offsets = offsets;
    lv_lambda_ask(job, 2, n, rows, variables);
    return LV_OK;
}

static lv_status finish_map_zip(lv_higher_order *job, const lv_vector *result, lv_error *err)
{
    lv_higher_order_state *s = job->state;
    const lv_vector *children[2] = {s->own, result};
    lv_list_make(s->eval->arena, s->call->type, s->rows, s->validity, s->items.offsets, children,
                 &job->out);
    return lv_lambda_finish(job);
}

/* ---- jobs ------------------------------------------------------------------------------------ */

static lv_status start(lv_higher_order *job, lv_error *err)
{
    lv_higher_order_state *s = job->state;
    bool position = s->use.parameters == 2;
    switch (s->call->function->op) { /* dispatch */
    case LAMBDA_TRANSFORM: s->next = finish_items; return ask_items(job, position);
    case LAMBDA_FILTER: s->next = finish_filter; return ask_items(job, position);
    case LAMBDA_MAP_FILTER: s->next = finish_filter; return ask_items(job, false);
    case LAMBDA_TRANSFORM_KEYS: s->next = finish_keys; return ask_items(job, false);
    case LAMBDA_TRANSFORM_VALUES: s->next = finish_items; return ask_items(job, false);
    case LAMBDA_EXISTS:
    case LAMBDA_FORALL: return start_truth(job, err);
    case LAMBDA_ZIP_WITH: return start_zip_with(job, err);
    case LAMBDA_MAP_ZIP_WITH: s->next = finish_map_zip; return start_map_zip(job, err);
    case LAMBDA_AGGREGATE: return lv_start_aggregate(job, err);
    default: return lv_start_array_sort(job, err);
    }
}

lv_status lv_higher_order_start(const lv_call *call, lv_eval *eval, const lv_vector *const *args,
                                int64_t rows, const lv_lambda_use *uses, lv_higher_order *job,
                                lv_error *err)
{
    lv_arena *arena = eval->arena;
    lv_higher_order_state *s = LV_NEW(arena, lv_higher_order_state);
    *s = (lv_higher_order_state){.call = call, .eval = eval, .args = args, .rows = rows};
    *job = (lv_higher_order){.lambda = -1, .arena = arena, .state = s};
    int lists = call->arg_count > 1 && args[1] != NULL && args[1]->offsets != NULL &&
                        call->function->op != LAMBDA_AGGREGATE
                    ? 2
                    : 1;
    lv_vector both[2] = {*args[0], lists == 2 ? *args[1] : *args[0]};
    s->validity = lv_validity_merge(arena, both, lists, rows);
    lv_items_of(arena, args[0], &s->items);
    if (lists == 2)
        lv_items_of(arena, args[1], &s->more);
    for (int i = call->arg_count - 1; i >= 0; i--)
        if (args[i] == NULL)
            s->use = uses[i];
    return start(job, err);
}

lv_status lv_higher_order_next(lv_higher_order *job, const lv_vector *result, lv_error *err)
{
    return job->state->next(job, result, err);
}

void lv_higher_order_end(lv_higher_order *job)
{
    if (job->state != NULL && job->state->end != NULL)
        job->state->end(job);
}
