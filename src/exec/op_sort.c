/* op_sort.c: ORDER BY, in memory and stable.
 *
 * Rows are copied out of the batch arena into chunks, their sort keys beside them; then an array of
 * (chunk, row) is sorted. Under a LIMIT only the first rows are kept: whenever there are
 * several times as many, the others are thrown away, so memory is bounded by the limit. */
#include <stdlib.h>

#include "base/check.h"
#include "base/vec.h"
#include "exec/exec_int.h"

/* Rows collected before a top-n is cut down to its n. */
enum { TOP_SLACK = 65536 };

typedef struct chunk {
    lv_batch rows;
    lv_vector *keys;
} chunk;

typedef struct place {
    int32_t chunk;
    int32_t row;
} place;

typedef struct sort_op {
    lv_operator op;
    lv_exec_program program; /* the keys */
    int64_t top;             /* rows that will be asked for; -1 all */
    lv_arena arenas[2];      /* of the chunks, in turn */
    int arena;
    LV_VEC(chunk) chunks;
    int64_t count;
    place *order; /* once sorted */
    int64_t given;
} sort_op;

static void forget(sort_op *s)
{
    lv_arena_reset(&s->arenas[0]);
    lv_arena_reset(&s->arenas[1]);
    memset(&s->chunks, 0, sizeof s->chunks);
    s->order = NULL;
    s->count = s->given = 0;
}

static int compare_places(const void *left, const void *right, void *context)
{
    const place *a = left, *b = right;
    const sort_op *s = context;
    for (int k = 0; k < s->op.plan->expr_count; k++) {
        const lv_vector *x = &s->chunks.at[a->chunk].keys[k], *y = &s->chunks.at[b->chunk].keys[k];
        const lv_sort_key *key = &s->op.plan->sort[k];
        bool x_null = lv_vector_is_null(x, a->row), y_null = lv_vector_is_null(y, b->row);
        int order;
        if (x_null || y_null)
            order = key->nulls_first ? (int)y_null - (int)x_null : (int)x_null - (int)y_null;
        else
            order = lv_value_compare(x, a->row, y, b->row) * (key->descending ? -1 : 1);
        if (order != 0)
            return order;
    }
    if (a->chunk != b->chunk)
        return a->chunk < b->chunk ? -1 : 1;
    return (a->row > b->row) - (a->row < b->row);
}

static place *sorted(sort_op *s, lv_arena *arena)
{
    place *order = lv_arena_alloc(arena, sizeof *order * (size_t)LV_MAX(s->count, 1));
    int64_t n = 0;
    for (size_t c = 0; c < s->chunks.count; c++)
        for (int64_t r = 0; r < s->chunks.at[c].rows.length; r++)
            order[n++] = (place){(int32_t)c, (int32_t)r};
    qsort_r(order, (size_t)n, sizeof *order, compare_places, s);
    return order;
}

/* Rows order[from..from+count) of the columns (or keys), gathered from their chunks. */
static void gather(const sort_op *s, lv_arena *arena, const place *order, int64_t count, bool keys,
                   lv_vector *out)
{
    int width = keys ? s->op.plan->expr_count : s->op.schema->field_count;
    for (int c = 0; c < width; c++) {
        lv_builder b;
        lv_builder_init(&b, arena, keys ? s->op.plan->exprs[c]->type : s->op.schema->fields[c].type,
                        count);
        for (int64_t i = 0; i < count; i++) {
            const chunk *from = &s->chunks.at[order[i].chunk];
            lv_builder_append(&b, keys ? &from->keys[c] : &from->rows.columns[c], order[i].row);
        }
        lv_builder_finish(&b, &out[c]);
    }
}

static void copy_all(lv_arena *arena, const lv_vector *in, int count, lv_vector *out)
{
    for (int i = 0; i < count; i++)
        lv_vector_copy(arena, &in[i], &out[i]);
}

/* Throws away what cannot be among the first `top`, by moving the rest into the other arena. */
static void cut_to_top(sort_op *s)
{
    lv_arena *scratch = &s->op.exec->batch, *to = &s->arenas[1 - s->arena];
    const place *order = sorted(s, scratch);
    chunk kept = {.rows = {.schema = s->op.schema, .length = s->top}};
    lv_vector *rows = LV_NEW_ARRAY(scratch, lv_vector, s->op.schema->field_count),
              *keys = LV_NEW_ARRAY(scratch, lv_vector, s->op.plan->expr_count);
    gather(s, scratch, order, s->top, false, rows);
    gather(s, scratch, order, s->top, true, keys);
    kept.rows.columns = LV_NEW_ARRAY(to, lv_vector, s->op.schema->field_count);
    kept.keys = LV_NEW_ARRAY(to, lv_vector, s->op.plan->expr_count);
    copy_all(to, rows, s->op.schema->field_count, kept.rows.columns);
    copy_all(to, keys, s->op.plan->expr_count, kept.keys);
    lv_arena_reset(&s->arenas[s->arena]);
    s->arena = 1 - s->arena;
    memset(&s->chunks, 0, sizeof s->chunks);
    LV_VEC_PUSH(to, s->chunks, kept);
    s->count = s->top;
}

static lv_status add_batch(sort_op *s, const lv_batch *in, lv_error *err)
{
    lv_arena *to = &s->arenas[s->arena];
    lv_vector *keys = LV_NEW_ARRAY(&s->op.exec->batch, lv_vector, s->op.plan->expr_count);
    LV_TRY(lv_program_run(s->program.instance, &s->op.exec->eval, in, keys, err));
    if (s->chunks.count >= INT32_MAX)
        return LV_FAIL(err, LV_OUT_OF_MEMORY, "too many rows to sort in memory");
    chunk c = {.rows = {.schema = in->schema, .length = in->length}};
    c.rows.columns = LV_NEW_ARRAY(to, lv_vector, s->op.schema->field_count);
    c.keys = LV_NEW_ARRAY(to, lv_vector, s->op.plan->expr_count);
    copy_all(to, in->columns, s->op.schema->field_count, c.rows.columns);
    copy_all(to, keys, s->op.plan->expr_count, c.keys);
    LV_VEC_PUSH(to, s->chunks, c);
    s->count += in->length;
    if (s->top >= 0 && s->count > s->top && s->count - s->top > LV_MAX(s->top, (int64_t)TOP_SLACK))
        cut_to_top(s);
    return LV_OK;
}

static lv_status sort_next(lv_operator *op, lv_batch *out, bool *done, lv_error *err)
{
    sort_op *s = (sort_op *)op;
    lv_arena *arena = &op->exec->batch;
    for (bool input_done = s->order != NULL; !input_done;) {
        lv_batch in;
        lv_arena_reset(arena);
        LV_TRY(lv_operator_pull(op, 0, &in, &input_done, err));
        if (in.length > 0)
            LV_TRY(add_batch(s, &in, err));
    }
    if (s->order == NULL)
        s->order = sorted(s, &s->arenas[s->arena]);
    int64_t count = LV_MIN(s->count - s->given, LV_BATCH_ROWS);
    *out = (lv_batch){.schema = op->schema,
                      .length = count,
                      .columns = LV_NEW_ARRAY(arena, lv_vector, op->schema->field_count)};
    gather(s, arena, s->order + s->given, count, false, out->columns);
    s->given += count;
    *done = s->given == s->count;
    return LV_OK;
}

static lv_status sort_restart(lv_operator *op, lv_error *err)
{
    forget((sort_op *)op);
    return LV_OK;
}

static void sort_close(lv_operator *op)
{
    sort_op *s = (sort_op *)op;
    lv_program_instance_free(s->program.instance);
    lv_arena_release(&s->arenas[0]);
    lv_arena_release(&s->arenas[1]);
}

static void sort_print(const lv_operator *op, lv_sbuf *out)
{
    const sort_op *s = (const sort_op *)op;
    if (s->top >= 0)
        lv_sbuf_printf(out, " top %lld", (long long)s->top);
    lv_sbuf_add_char(out, '\n');
    lv_program_print(s->program.program, out);
}

static const lv_operator_class sort_class = {"Sort", sort_next, sort_restart, sort_close,
                                             sort_print};

lv_status lv_make_sort(lv_arena *arena, lv_exec *exec, const lv_plan *plan, const lv_need *needs,
                       lv_operator **op, lv_error *err)
{
    sort_op *s = lv_operator_new(arena, sizeof *s, &sort_class, exec, plan, needs);
    const lv_type *input = plan->inputs[0]->schema;
    *op = &s->op;
    s->top = -1;
    lv_arena_init(&s->arenas[0]);
    lv_arena_init(&s->arenas[1]);
    LV_TRY(lv_exec_compile(arena, plan->exprs, plan->expr_count, NULL, input, &s->program, err));
    s->op.input_count = 1;
    return lv_operator_make(
        arena, exec, plan->inputs[0],
        lv_needs_join(arena, input, lv_program_needs(s->program.program), needs), &s->op.inputs[0],
        err);
}

void lv_sort_set_top(lv_operator *sort, int64_t count)
{
    LV_ASSERT(sort->class == &sort_class);
    ((sort_op *)sort)->top = count;
}
