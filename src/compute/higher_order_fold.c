/* higher_order_fold.c: aggregate: one turn for each position, over the rows that have an item there.
 *
 * The values so far are kept for those rows only, so that the work is that of all items together. A row that has no
 * item left is done: its value is copied away. Turns of a long list work in two arenas by turns, so that memory does
 * not grow with the list. */
#include "compute/higher_order.h"

#include "base/vec.h"

#define SCRATCH_BYTES (1 << 20)

typedef struct fold {
    int32_t *rows; /* those that go on; order of the values */
    int32_t *items;
    int64_t count;
    int32_t position;
    lv_vector values; /* so far, one for each of `rows` */
    lv_arena scratch[2];
    int current;
    LV_VEC(lv_vector) pieces; /* values of rows that are done */
    int *piece;               /* by row; -1: null */
    int32_t *place;
    bool finishing;
} fold;

static void end_fold(lv_higher_order *job)
{
    fold *f = job->state->own;
    lv_arena_release(&f->scratch[0]);
    lv_arena_release(&f->scratch[1]);
}

/* Rows without an item at the position are done; the others' values move together. */
static void retire(lv_higher_order_state *s, fold *f)
{
    lv_arena *arena = s->eval->arena;
    int32_t *done = lv_arena_alloc(&f->scratch[f->current], sizeof *done * (size_t)(f->count + 1)),
            *left = lv_arena_alloc(&f->scratch[f->current], sizeof *left * (size_t)(f->count + 1));
    int64_t done_count = 0, left_count = 0;
    for (int64_t k = 0; k < f->count; k++) {
        int32_t row = f->rows[k], item = s->items.offsets[row] + f->position;
        if (item >= s->items.offsets[row + 1]) {
            f->piece[row] = (int)f->pieces.count;
            f->place[row] = (int32_t)done_count;
            done[done_count++] = (int32_t)k;
            continue;
        }
        f->items[left_count] = item;
        f->rows[left_count] = row;
        left[left_count++] = (int32_t)k;
    }
    if (done_count == 0)
        return;
    lv_vector taken, piece;
    lv_vector_take(&f->scratch[f->current], &f->values, done, done_count, &taken);
    lv_vector_copy(arena, &taken, &piece);
    LV_VEC_PUSH(arena, f->pieces, piece);
    lv_vector_take(&f->scratch[f->current], &f->values, left, left_count, &taken);
    f->values = taken;
    f->count = left_count;
}

/* All rows are done: what they came to, or the lambda that makes the result of it. */
static lv_status conclude(lv_higher_order *job)
{
    lv_higher_order_state *s = job->state;
    fold *f = s->own;
    lv_vector *all = LV_NEW(s->eval->arena, lv_vector);
    lv_vector_pick(s->eval->arena, f->values.type, f->pieces.at, f->piece, f->place, s->rows, all);
    job->arena = s->eval->arena;
    if (s->call->arg_count < 4) {
        job->out = *all;
        return lv_lambda_finish(job);
    }
    f->finishing = true;
    int32_t *rows = lv_arena_alloc(s->eval->arena, sizeof *rows * (size_t)s->rows);
    int64_t n = 0;
    for (int64_t i = 0; i < s->rows; i++) /* a null list is null, whatever the lambda would say */
        if (lv_row_valid(s->validity, i))
            rows[n++] = (int32_t)i;
    f->rows = rows;
    f->count = n;
    lv_vector *variable = LV_NEW(s->eval->arena, lv_vector);
    lv_vector_take(s->eval->arena, all, rows, n, variable);
    lv_lambda_ask(job, 3, n, rows, variable);
    return LV_OK;
}

static lv_status turn(lv_higher_order *job)
{
    lv_higher_order_state *s = job->state;
    fold *f = s->own;
    retire(s, f);
    if (f->count == 0)
        return conclude(job);
    if (f->scratch[f->current].size_bytes > SCRATCH_BYTES) {
        lv_vector kept;
        f->current = !f->current;
        lv_vector_copy(&f->scratch[f->current], &f->values, &kept);
        f->values = kept;
        lv_arena_reset(&f->scratch[!f->current]);
    }
    lv_arena *arena = &f->scratch[f->current];
    lv_vector *variables = LV_NEW_ARRAY(arena, lv_vector, 2);
    variables[0] = f->values;
    lv_vector_take(arena, &s->items.children[0], f->items, f->count, &variables[1]);
    job->arena = arena;
    lv_lambda_ask(job, 2, f->count, f->rows, variables);
    return LV_OK;
}

static lv_status finish_fold(lv_higher_order *job, const lv_vector *result)
{
    lv_higher_order_state *s = job->state;
    fold *f = s->own;
    int32_t *from = lv_arena_alloc(s->eval->arena, sizeof *from * (size_t)s->rows);
    for (int64_t i = 0; i < s->rows; i++)
        from[i] = -1;
    for (int64_t k = 0; k < f->count; k++)
        from[f->rows[k]] = (int32_t)k;
    lv_vector_take(s->eval->arena, result, from, s->rows, &job->out);
    return lv_lambda_finish(job);
}

static lv_status next_fold(lv_higher_order *job, const lv_vector *result, lv_error *err)
{
    fold *f = job->state->own;
    if (f->finishing)
        return finish_fold(job, result);
    f->values = *result;
    f->position++;
    return turn(job);
}

lv_status lv_start_aggregate(lv_higher_order *job, lv_error *err)
{
    lv_higher_order_state *s = job->state;
    lv_arena *arena = s->eval->arena;
    fold *f = LV_NEW(arena, fold);
    f->rows = lv_arena_alloc(arena, sizeof *f->rows * (size_t)s->rows);
    f->items = lv_arena_alloc(arena, sizeof *f->items * (size_t)s->rows);
    f->piece = lv_arena_alloc(arena, sizeof *f->piece * (size_t)s->rows);
    f->place = lv_arena_alloc(arena, sizeof *f->place * (size_t)s->rows);
    lv_arena_init(&f->scratch[0]);
    lv_arena_init(&f->scratch[1]);
    s->own = f;
    s->next = next_fold;
    s->end = end_fold;
    for (int64_t i = 0; i < s->rows; i++) {
        f->piece[i] = -1;
        f->place[i] = 0;
        if (lv_row_valid(s->validity, i))
            f->rows[f->count++] = (int32_t)i;
    }
    lv_vector_take(arena, s->args[1], f->rows, f->count, &f->values);
    return turn(job);
}
