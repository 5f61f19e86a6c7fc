/* op_rows.c: operators that pass rows through: project, filter, limit, union. */
#include "base/check.h"
#include "exec/exec_int.h"

/* ---- PROJECT --------------------------------------------------------------------------------- */

typedef struct project_op {
    lv_operator op;
    lv_exec_program program;
} project_op;

static lv_status project_next(lv_operator *op, lv_batch *out, bool *done, lv_error *err)
{
    project_op *p = (project_op *)op;
    lv_batch in;
    LV_TRY(lv_operator_pull(op, 0, &in, done, err));
    *out = (lv_batch){.schema = op->schema, .length = in.length};
    out->columns = LV_NEW_ARRAY(&op->exec->batch, lv_vector, op->schema->field_count);
    return lv_program_run(p->program.instance, &op->exec->eval, &in, out->columns, err);
}

static void project_close(lv_operator *op)
{
    lv_program_instance_free(((project_op *)op)->program.instance);
}

static void project_print(const lv_operator *op, lv_sbuf *out)
{
    lv_sbuf_add_char(out, '\n');
    lv_program_print(((const project_op *)op)->program.program, out);
}

static const lv_operator_class project_class = {"Project", project_next, NULL, project_close,
                                                project_print};

/* The one input of a node, made after its own program said what it reads. */
static lv_status make_input(lv_arena *arena, lv_operator *op, const lv_need *needs, lv_error *err)
{
    op->input_count = 1;
    return lv_operator_make(arena, op->exec, op->plan->inputs[0], needs, &op->inputs[0], err);
}

lv_status lv_make_project(lv_arena *arena, lv_exec *exec, const lv_plan *plan, const lv_need *needs,
                          lv_operator **op, lv_error *err)
{
    project_op *p = lv_operator_new(arena, sizeof *p, &project_class, exec, plan, needs);
    *op = &p->op;
    LV_TRY(lv_exec_compile(arena, plan->exprs, plan->expr_count, needs, plan->inputs[0]->schema,
                           &p->program, err));
    return make_input(arena, &p->op, lv_program_needs(p->program.program), err);
}

/* ---- FILTER ---------------------------------------------------------------------------------- */

typedef struct filter_op {
    lv_operator op;
    lv_exec_program program;
} filter_op;

/* Row numbers where the condition is true; null is not. */
static int64_t passing_rows(const lv_vector *condition, int32_t *rows)
{
    const uint8_t *value = condition->data;
    int64_t n = 0, step = condition->encoding != LV_CONSTANT;
    for (int64_t i = 0; i < condition->length; i++) {
        rows[n] = (int32_t)i;
        n += value[i * step] != 0 && !lv_vector_is_null(condition, i);
    }
    return n;
}

static lv_status filter_next(lv_operator *op, lv_batch *out, bool *done, lv_error *err)
{
    filter_op *f = (filter_op *)op;
    lv_batch in;
    lv_vector condition;
    LV_TRY(lv_operator_pull(op, 0, &in, done, err));
    *out = in;
    if (in.length == 0)
        return LV_OK;
    LV_TRY(lv_program_run(f->program.instance, &op->exec->eval, &in, &condition, err));
    int32_t *rows =
        lv_arena_alloc(&op->exec->batch, sizeof *rows * (size_t)in.length + sizeof *rows);
    int64_t count = passing_rows(&condition, rows);
    if (count < in.length)
        lv_batch_take(op, &in, rows, count, out);
    return LV_OK;
}

static void filter_close(lv_operator *op)
{
    lv_program_instance_free(((filter_op *)op)->program.instance);
}

static void filter_print(const lv_operator *op, lv_sbuf *out)
{
    lv_sbuf_add_char(out, '\n');
    lv_program_print(((const filter_op *)op)->program.program, out);
}

static const lv_operator_class filter_class = {"Filter", filter_next, NULL, filter_close,
                                               filter_print};

lv_status lv_make_filter(lv_arena *arena, lv_exec *exec, const lv_plan *plan, const lv_need *needs,
                         lv_operator **op, lv_error *err)
{
    filter_op *f = lv_operator_new(arena, sizeof *f, &filter_class, exec, plan, needs);
    const lv_type *input = plan->inputs[0]->schema;
    *op = &f->op;
    LV_TRY(lv_exec_compile(arena, plan->exprs, 1, NULL, input, &f->program, err));
    return make_input(arena, &f->op,
                      lv_needs_join(arena, input, lv_program_needs(f->program.program), needs),
                      err);
}

/* ---- LIMIT ----------------------------------------------------------------------------------- */

typedef struct limit_op {
    lv_operator op;
    int64_t skip; /* rows still to be left out */
    int64_t left; /* rows still to be given; INT64_MAX: no limit */
} limit_op;

static lv_status limit_next(lv_operator *op, lv_batch *out, bool *done, lv_error *err)
{
    limit_op *l = (limit_op *)op;
    lv_batch in;
    LV_TRY(lv_operator_pull(op, 0, &in, done, err));
    int64_t from = LV_MIN(l->skip, in.length), count = LV_MIN(l->left, in.length - from);
    l->skip -= from;
    l->left -= count;
    *done = *done || l->left == 0;
    *out = in;
    if (count == in.length)
        return LV_OK;
    int32_t *rows = lv_arena_alloc(&op->exec->batch, sizeof *rows * (size_t)LV_MAX(count, 1));
    for (int64_t i = 0; i < count; i++)
        rows[i] = (int32_t)(from + i);
    lv_batch_take(op, &in, rows, count, out);
    return LV_OK;
}

static lv_status limit_restart(lv_operator *op, lv_error *err)
{
    limit_op *l = (limit_op *)op;
    l->skip = op->plan->offset;
    l->left = op->plan->limit < 0 ? INT64_MAX : op->plan->limit;
    return LV_OK;
}

static const lv_operator_class limit_class = {"Limit", limit_next, limit_restart, NULL, NULL};

lv_status lv_make_limit(lv_arena *arena, lv_exec *exec, const lv_plan *plan, const lv_need *needs,
                        lv_operator **op, lv_error *err)
{
    limit_op *l = lv_operator_new(arena, sizeof *l, &limit_class, exec, plan, needs);
    *op = &l->op;
    LV_TRY(make_input(arena, &l->op, needs, err));
    int64_t top;
    bool bounded = plan->limit >= 0 && !__builtin_add_overflow(plan->limit, plan->offset, &top);
    if (bounded && plan->inputs[0]->kind == LV_PLAN_SORT)
        lv_sort_set_top(l->op.inputs[0], top);
    return limit_restart(&l->op, err);
}

/* ---- UNION ALL ------------------------------------------------------------------------------- */

typedef struct union_op {
    lv_operator op;
    int current;
} union_op;

static lv_status union_next(lv_operator *op, lv_batch *out, bool *done, lv_error *err)
{
    union_op *u = (union_op *)op;
    bool input_done;
    LV_TRY(lv_operator_pull(op, u->current, out, &input_done, err));
    u->current += input_done;
    *done = u->current == op->input_count;
    return LV_OK;
}

static lv_status union_restart(lv_operator *op, lv_error *err)
{
    ((union_op *)op)->current = 0;
    return LV_OK;
}

static const lv_operator_class union_class = {"Union", union_next, union_restart, NULL, NULL};

lv_status lv_make_union(lv_arena *arena, lv_exec *exec, const lv_plan *plan, const lv_need *needs,
                        lv_operator **op, lv_error *err)
{
    union_op *u = lv_operator_new(arena, sizeof *u, &union_class, exec, plan, needs);
    *op = &u->op;
    for (int i = 0; i < plan->input_count; i++) {
        u->op.input_count = i + 1;
        LV_TRY(lv_operator_make(arena, exec, plan->inputs[i], needs, &u->op.inputs[i], err));
    }
    return LV_OK;
}
