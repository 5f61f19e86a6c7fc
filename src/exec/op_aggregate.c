/* op_aggregate.c: aggregates over all rows: one row comes out, also of none. */
#include "base/check.h"
#include "exec/exec_int.h"

typedef struct aggregate_op {
    lv_operator op;
    lv_exec_program program; /* the arguments of all aggregates, one after the other */
    lv_aggregate **states;
} aggregate_op;

static void free_states(aggregate_op *a)
{
    for (int i = 0; i < a->op.plan->expr_count; i++) {
        lv_aggregate_free(a->states[i]);
        a->states[i] = NULL;
    }
}

static lv_status update(aggregate_op *a, const lv_batch *in, lv_vector *args, lv_error *err)
{
    const lv_plan *plan = a->op.plan;
    int arg = 0;
    LV_TRY(lv_program_run(a->program.instance, &a->op.exec->eval, in, args, err));
    for (int i = 0; i < plan->expr_count; i++) {
        lv_status status =
            lv_aggregate_update(a->states[i], &a->op.exec->eval, args + arg, in->length, err);
        if (status != LV_OK) {
            lv_error_at(err, plan->exprs[i]->sql_offset, plan->exprs[i]->sql_length);
            return status;
        }
        arg += plan->exprs[i]->arg_count;
    }
    return LV_OK;
}

/* Nothing but the states outlives an input batch, so the arena is emptied between them. */
static lv_status aggregate_next(lv_operator *op, lv_batch *out, bool *done, lv_error *err)
{
    aggregate_op *a = (aggregate_op *)op;
    lv_arena *arena = &op->exec->batch;
    int arg_count = 0;
    for (int i = 0; i < op->plan->expr_count; i++) {
        arg_count += op->plan->exprs[i]->arg_count;
        LV_TRY(lv_aggregate_new(op->plan->exprs[i]->call, &a->states[i], err));
    }
    for (bool input_done = false; !input_done;) {
        lv_batch in;
        lv_arena_reset(arena);
        LV_TRY(lv_operator_pull(op, 0, &in, &input_done, err));
        LV_TRY(update(a, &in, LV_NEW_ARRAY(arena, lv_vector, arg_count), err));
    }
    lv_arena_reset(arena);
    *out = (lv_batch){.schema = op->schema,
                      .length = 1,
                      .columns = LV_NEW_ARRAY(arena, lv_vector, op->plan->expr_count)};
    for (int i = 0; i < op->plan->expr_count; i++) {
        lv_status status =
            lv_aggregate_finish(a->states[i], &op->exec->eval, &out->columns[i], err);
        if (status != LV_OK) {
            lv_error_at(err, op->plan->exprs[i]->sql_offset, op->plan->exprs[i]->sql_length);
            return status;
        }
    }
    free_states(a);
    *done = true;
    return LV_OK;
}

static lv_status aggregate_restart(lv_operator *op, lv_error *err)
{
    free_states((aggregate_op *)op);
    return LV_OK;
}

static void aggregate_close(lv_operator *op)
{
    aggregate_op *a = (aggregate_op *)op;
    free_states(a);
    lv_program_instance_free(a->program.instance);
}

static void aggregate_print(const lv_operator *op, lv_sbuf *out)
{
    for (int i = 0; i < op->plan->expr_count; i++)
        lv_sbuf_printf(out, " %s", op->plan->exprs[i]->call->function->name);
    lv_sbuf_add_char(out, '\n');
    lv_program_print(((const aggregate_op *)op)->program.program, out);
}

static const lv_operator_class aggregate_class = {"Aggregate", aggregate_next, aggregate_restart,
                                                  aggregate_close, aggregate_print};

lv_status lv_make_aggregate(lv_arena *arena, lv_exec *exec, const lv_plan *plan,
                            const lv_need *needs, lv_operator **op, lv_error *err)
{
    aggregate_op *a = lv_operator_new(arena, sizeof *a, &aggregate_class, exec, plan, needs);
    *op = &a->op;
    a->states = LV_NEW_ARRAY(arena, lv_aggregate *, plan->expr_count);
    int count = 0;
    for (int i = 0; i < plan->expr_count; i++) {
        const lv_expr *e = plan->exprs[i];
        if (e->kind != LV_EXPR_CALL || !(e->call->function->flags & LV_FN_AGGREGATE))
            return LV_FAIL(err, LV_INTERNAL,
                           "an expression that is no aggregate came to be aggregated");
        if (e->distinct)
            return LV_FAIL(err, LV_UNSUPPORTED_FEATURE, "%s(DISTINCT ...) is not supported yet",
                           e->call->function->name);
        count += e->arg_count;
    }
    lv_expr **args = LV_NEW_ARRAY(arena, lv_expr *, count);
    count = 0;
    for (int i = 0; i < plan->expr_count; i++)
        for (int k = 0; k < plan->exprs[i]->arg_count; k++)
            args[count++] = plan->exprs[i]->args[k];
    LV_TRY(lv_exec_compile(arena, args, count, NULL, plan->inputs[0]->schema, &a->program, err));
    a->op.input_count = 1;
    return lv_operator_make(arena, exec, plan->inputs[0], lv_program_needs(a->program.program),
                            &a->op.inputs[0], err);
}
