/* op_generate.c: rows of functions that give several: the lists they give, flattened.
 *
 * The function is evaluated over the whole batch and gives a list of structs for each row. The structs' fields are
 * then columns as they lie, or, where lists are null or an outer row is missing, gathered; the input's columns repeat
 * by row number. One input batch makes one output batch, however long. */
#include "base/check.h"
#include "exec/exec_int.h"

typedef struct generate_op {
    lv_operator op;
    lv_exec_program program;
    bool outer;
} generate_op;

/* Which input row, and which item of the lists (-1: none, all nulls), each output row is made of. */
typedef struct flattened {
    int32_t *rows;
    int32_t *items;
    int64_t count;
    bool in_place; /* item i is output row i */
} flattened;

static lv_status flatten(lv_arena *arena, const lv_vector *lists, bool outer, flattened *out,
                         lv_error *err)
{
    int64_t total = 0, n = 0;
    for (int64_t i = 0; i < lists->length; i++) {
        int64_t items = lv_vector_is_null(lists, i) ? 0 : lists->offsets[i + 1] - lists->offsets[i];
        total += outer ? LV_MAX(items, 1) : items;
    }
    if (total > INT32_MAX)
        return LV_FAIL(err, LV_OUT_OF_MEMORY, "a generator gives %lld rows of one batch",
                       (long long)total);
    out->rows = lv_arena_alloc(arena, sizeof *out->rows * (size_t)LV_MAX(total, 1));
    out->items = lv_arena_alloc(arena, sizeof *out->items * (size_t)LV_MAX(total, 1));
    out->in_place = true;
    for (int64_t i = 0; i < lists->length; i++) {
        bool is_null = lv_vector_is_null(lists, i);
        int32_t from = is_null ? 0 : lists->offsets[i], until = is_null ? 0 : lists->offsets[i + 1];
        out->in_place = out->in_place && (from == n || from == until);
        for (int32_t e = from; e < until; e++, n++) {
            out->rows[n] = (int32_t)i;
            out->items[n] = e;
        }
        if (from == until && outer) {
            out->rows[n] = (int32_t)i;
            out->items[n++] = -1;
            out->in_place = false;
        }
    }
    out->count = n;
    return LV_OK;
}

static lv_status generate_next(lv_operator *op, lv_batch *out, bool *done, lv_error *err)
{
    generate_op *g = (generate_op *)op;
    lv_arena *arena = &op->exec->batch;
    lv_batch in;
    lv_vector result;
    flattened flat;
    LV_TRY(lv_operator_pull(op, 0, &in, done, err));
    LV_TRY(lv_program_run(g->program.instance, &op->exec->eval, &in, &result, err));
    const lv_vector *lists = lv_vector_flatten(arena, &result);
    const lv_vector *structs = lv_vector_flatten(arena, &lists->children[0]);
    LV_TRY(flatten(arena, lists, g->outer, &flat, err));
    *out = (lv_batch){.schema = op->schema,
                      .length = flat.count,
                      .columns = LV_NEW_ARRAY(arena, lv_vector, op->schema->field_count)};
    int width = in.schema->field_count;
    for (int c = 0; c < op->schema->field_count; c++) {
        const lv_vector *from = c < width ? &in.columns[c] : &structs->children[c - width];
        if (!lv_need_any(&op->needs[c], op->schema->fields[c].type)) {
            lv_vector_init_null(&out->columns[c], arena, op->schema->fields[c].type, flat.count);
        } else if (c >= width && flat.in_place && from->length >= flat.count) {
            out->columns[c] = *from;
            out->columns[c].length = flat.count;
        } else {
            lv_vector_take(arena, from, c < width ? flat.rows : flat.items, flat.count,
                           &out->columns[c]);
        }
    }
    return LV_OK;
}

static void generate_close(lv_operator *op)
{
    lv_program_instance_free(((generate_op *)op)->program.instance);
}

static void generate_print(const lv_operator *op, lv_sbuf *out)
{
    lv_sbuf_add_cstr(out, op->plan->outer ? " outer\n" : "\n");
    lv_program_print(((const generate_op *)op)->program.program, out);
}

static const lv_operator_class generate_class = {"Generate", generate_next, NULL, generate_close,
                                                 generate_print};

lv_status lv_make_generate(lv_arena *arena, lv_exec *exec, const lv_plan *plan,
                           const lv_need *needs, lv_operator **op, lv_error *err)
{
    generate_op *g = lv_operator_new(arena, sizeof *g, &generate_class, exec, plan, needs);
    const lv_type *input = plan->inputs[0]->schema;
    *op = &g->op;
    g->outer = plan->outer;
    LV_TRY(lv_exec_compile(arena, plan->exprs, 1, NULL, input, &g->program, err));
    g->op.input_count = 1;
    return lv_operator_make(
        arena, exec, plan->inputs[0],
        lv_needs_join(arena, input, lv_program_needs(g->program.program), needs), &g->op.inputs[0],
        err);
}
