/* array_sort.c: array_sort with a comparator: a merge sort of all rows' items in lockstep.
 *
 * In a turn every pair of runs that is being merged asks the comparator once; so it is evaluated on as many pairs as
 * there are runs, and a row of n items is sorted after some 2n turns. Stable, as Java's sort. */
#include "compute/higher_order.h"

/* Two neighbouring runs of a row that are being merged: from[at[0]..end[0]) and from[at[1]..end[1]). */
typedef struct merge {
    int32_t row;
    int32_t at[2];
    int32_t end[2];
    int32_t to;
} merge;

typedef struct sorting {
    int32_t *from; /* item numbers */
    int32_t *to;
    int32_t width; /* of runs */
    merge *merges;
    int64_t count; /* merges that go on */
    int32_t *rows;
    int32_t *sides[2];
} sorting;

static void swap_orders(sorting *o)
{
    int32_t *was = o->from;
    o->from = o->to;
    o->to = was;
}

/* The merges of a pass; false if all rows are sorted. */
static bool begin_pass(lv_higher_order_state *s, sorting *o)
{
    bool any = false;
    o->count = 0;
    for (int64_t i = 0; i < s->rows; i++) {
        int32_t from = s->items.offsets[i], until = s->items.offsets[i + 1];
        any = any || until - from > o->width;
        for (int32_t at = from; at < until;) {
            int32_t middle = (int32_t)LV_MIN((int64_t)at + o->width, until),
                    end = (int32_t)LV_MIN((int64_t)middle + o->width, until);
            o->merges[o->count++] = (merge){(int32_t)i, {at, middle}, {middle, end}, at};
            at = end;
        }
    }
    return any;
}

/* Merges of which a side is used up are copied to their end. */
static void end_merges(sorting *o)
{
    int64_t n = 0;
    for (int64_t k = 0; k < o->count; k++) {
        merge *m = &o->merges[k];
        if (m->at[0] < m->end[0] && m->at[1] < m->end[1]) {
            o->merges[n++] = *m;
            continue;
        }
        for (int side = 0; side < 2; side++)
            while (m->at[side] < m->end[side])
                o->to[m->to++] = o->from[m->at[side]++];
    }
    o->count = n;
}

static lv_status finish_sort(lv_higher_order *job)
{
    lv_higher_order_state *s = job->state;
    sorting *o = s->own;
    lv_vector sorted;
    const lv_vector *children[1] = {&sorted};
    lv_vector_take(s->eval->arena, &s->items.children[0], o->from, s->items.count, &sorted);
    lv_list_make(s->eval->arena, s->call->type, s->rows, s->validity, s->items.offsets, children,
                 &job->out);
    return lv_lambda_finish(job);
}

static lv_status turn(lv_higher_order *job)
{
    lv_higher_order_state *s = job->state;
    sorting *o = s->own;
    end_merges(o);
    while (o->count == 0) {
        swap_orders(o);
        o->width = o->width > INT32_MAX / 2 ? INT32_MAX : LV_MAX(o->width * 2, 1);
        if (!begin_pass(s, o))
            return finish_sort(job);
        end_merges(o);
    }
    for (int64_t k = 0; k < o->count; k++) {
        o->rows[k] = o->merges[k].row;
        for (int side = 0; side < 2; side++)
            o->sides[side][k] =
                o->from[o->merges[k].at[!side]]; /* the later one first, as Java asks */
    }
    lv_vector *variables = LV_NEW_ARRAY(s->eval->arena, lv_vector, 2);
    for (int side = 0; side < 2; side++)
        lv_vector_take(s->eval->arena, &s->items.children[0], o->sides[side], o->count,
                       &variables[side]);
    lv_lambda_ask(job, 1, o->count, o->rows, variables);
    return LV_OK;
}

static lv_status next_sort(lv_higher_order *job, const lv_vector *result, lv_error *err)
{
    sorting *o = job->state->own;
    for (int64_t k = 0; k < o->count; k++) {
        merge *m = &o->merges[k];
        if (lv_vector_is_null(result, k))
            return LV_FAIL(err, LV_COMPARATOR_RETURNS_NULL,
                           "The comparator has returned a NULL for a comparison. It should return "
                           "a positive integer for \"greater than\", 0 for \"equal\" and a "
                           "negative integer for \"less than\"");
        int side = LV_AT(int32_t, result, k) < 0;
        o->to[m->to++] = o->from[m->at[side]++];
    }
    return turn(job);
}

static lv_status sort_all(lv_higher_order *job)
{
    lv_higher_order_state *s = job->state;
    sorting *o = s->own;
    lv_sort_items(&s->items, (lv_item_order){.nulls_last = true}, o->from, o->to);
    return finish_sort(job);
}

lv_status lv_start_array_sort(lv_higher_order *job, lv_error *err)
{
    lv_higher_order_state *s = job->state;
    lv_arena *arena = s->eval->arena;
    sorting *o = LV_NEW(arena, sorting);
    size_t room = (size_t)LV_MAX(s->items.count, 1);
    o->from = lv_arena_alloc(arena, sizeof *o->from * room);
    o->to = lv_arena_alloc(arena, sizeof *o->to * room);
    for (int64_t e = 0; e < s->items.count; e++)
        o->from[e] = o->to[e] = (int32_t)e;
    s->own = o;
    s->next = next_sort;
    if (s->call->arg_count == 1)
        return sort_all(job);
    o->merges = lv_arena_alloc(arena, sizeof *o->merges * room);
    o->rows = lv_arena_alloc(arena, sizeof *o->rows * room);
    for (int side = 0; side < 2; side++)
        o->sides[side] = lv_arena_alloc(arena, sizeof *o->sides[side] * room);
    return turn(job);
}
