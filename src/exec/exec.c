/* exec.c: building operator trees and running them from the root. */
#include "exec/exec.h"

#include <stdlib.h>

#include "base/check.h"
#include "exec/exec_int.h"

static const lv_operator_maker makers[] = {
    [LV_PLAN_SOURCE] = lv_make_source,       [LV_PLAN_TABLE] = lv_make_table,
    [LV_PLAN_FEED] = lv_make_feed,           [LV_PLAN_VALUES] = lv_make_values,
    [LV_PLAN_PROJECT] = lv_make_project,     [LV_PLAN_FILTER] = lv_make_filter,
    [LV_PLAN_AGGREGATE] = lv_make_aggregate, [LV_PLAN_SORT] = lv_make_sort,
    [LV_PLAN_LIMIT] = lv_make_limit,         [LV_PLAN_UNION] = lv_make_union,
    [LV_PLAN_SET] = lv_make_distinct,
    [LV_PLAN_GENERATE] = lv_make_generate,   [LV_PLAN_RANGE] = lv_make_range,
    [LV_PLAN_EXPECT] = lv_make_expect,
};

/* ---- building -------------------------------------------------------------------------------- */

void *lv_operator_new(lv_arena *arena, size_t size, const lv_operator_class *class, lv_exec *exec,
                      const lv_plan *plan, const lv_need *needs)
{
    lv_operator *op = lv_arena_zalloc(arena, size);
    *op = (lv_operator){
        .class = class, .exec = exec, .plan = plan, .schema = plan->schema, .needs = needs};
    op->inputs = LV_NEW_ARRAY(arena, lv_operator *, plan->input_count);
    return op;
}

lv_status lv_operator_make(lv_arena *arena, lv_exec *exec, const lv_plan *plan,
                           const lv_need *needs, lv_operator **op, lv_error *err)
{
    if ((size_t)plan->kind >= LV_COUNT_OF(makers) || plan->schema == NULL)
        return LV_FAIL(err, LV_INTERNAL, "a plan that is not resolved came to be run");
    return makers[plan->kind](arena, exec, plan, needs, op, err);
}

const lv_need *lv_needs_join(lv_arena *arena, const lv_type *schema, const lv_need *a,
                             const lv_need *b)
{
    lv_need *joined = LV_NEW_ARRAY(arena, lv_need, schema->field_count);
    for (int i = 0; i < schema->field_count; i++) {
        const lv_type *type = schema->fields[i].type;
        const lv_need *sources[2] = {&a[i], b ? &b[i] : NULL};
        for (int s = 0; s < 2 && sources[s] != NULL; s++) {
            joined[i].all = joined[i].all || sources[s]->all;
            if (sources[s]->fields == NULL)
                continue;
            if (joined[i].fields == NULL)
                joined[i].fields = LV_NEW_ARRAY(arena, bool, type->field_count);
            for (int f = 0; f < type->field_count; f++)
                joined[i].fields[f] = joined[i].fields[f] || sources[s]->fields[f];
        }
    }
    return joined;
}

const bool *lv_needs_wanted(lv_arena *arena, const lv_type *schema, const lv_need *needs)
{
    bool *wanted = LV_NEW_ARRAY(arena, bool, schema->field_count);
    bool all = true;
    for (int i = 0; i < schema->field_count; i++) {
        wanted[i] = lv_need_any(&needs[i], schema->fields[i].type);
        all = all && wanted[i];
    }
    return all ? NULL : wanted;
}

lv_status lv_exec_compile(lv_arena *arena, lv_expr *const *exprs, int count, const lv_need *needs,
                          const lv_type *input, lv_exec_program *program, lv_error *err)
{
    LV_TRY(lv_program_compile(arena, exprs, count, needs, input, &program->program, err));
    return lv_program_instance_new(program->program, &program->instance, err);
}

lv_status lv_exec_build(lv_arena *arena, const lv_plan *plan, const lv_exec_context *context,
                        lv_operator **root, lv_error *err)
{
    lv_exec *exec = LV_NEW(arena, lv_exec);
    exec->context = *context;
    lv_arena_init(&exec->batch);
    exec->eval = (lv_eval){.arena = &exec->batch,
                           .zone = context->zone ? context->zone : lv_timezone_utc(),
                           .ansi = context->ansi,
                           .batch_time_us = context->now_us,
                           .now_us = context->now_us,
                           .partition = context->partition};
    lv_need *all = LV_NEW_ARRAY(arena, lv_need, plan->schema->field_count);
    for (int i = 0; i < plan->schema->field_count; i++)
        all[i].all = true;
    lv_operator *op = NULL;
    lv_status status = lv_operator_make(arena, exec, plan, all, &op, err);
    if (op != NULL)
        exec->root = op;
    if (status != LV_OK) {
        lv_operator_free(op);
        return status;
    }
    *root = op;
    return LV_OK;
}

/* ---- running --------------------------------------------------------------------------------- */

void lv_batch_none(lv_operator *op, lv_batch *out)
{
    lv_arena *arena = &op->exec->batch;
    *out = (lv_batch){.schema = op->schema,
                      .columns = LV_NEW_ARRAY(arena, lv_vector, op->schema->field_count)};
    for (int i = 0; i < op->schema->field_count; i++)
        lv_vector_init_null(&out->columns[i], arena, op->schema->fields[i].type, 0);
}

static lv_status next_of(lv_operator *op, lv_batch *out, bool *done, lv_error *err)
{
    lv_exec_watch *watch = op->exec->context.watch;
    if (watch != NULL && atomic_load_explicit(&watch->cancelled, memory_order_relaxed))
        return LV_FAIL(err, LV_CANCELLED, "the statement was cancelled");
    LV_TRY(op->class->next(op, out, done, err));
    if (watch != NULL && op->input_count == 0)
        atomic_fetch_add_explicit(&watch->rows, out->length, memory_order_relaxed);
    return LV_OK;
}

lv_status lv_operator_pull(lv_operator *op, int i, lv_batch *out, bool *done, lv_error *err)
{
    return next_of(op->inputs[i], out, done, err);
}

static lv_status restart(lv_operator *op, lv_error *err)
{
    for (int i = 0; i < op->input_count; i++)
        LV_TRY(restart(op->inputs[i], err));
    return op->class->restart ? op->class->restart(op, err) : LV_OK;
}

lv_status lv_operator_restart(lv_operator *root, int64_t batch_time_us, lv_error *err)
{
    root->exec->eval.batch_time_us = batch_time_us;
    root->exec->done = false;
    lv_arena_reset(&root->exec->batch);
    return restart(root, err);
}

lv_status lv_operator_next(lv_operator *root, lv_batch *out, bool *done, lv_error *err)
{
    LV_ASSERT(root == root->exec->root);
    lv_arena_reset(&root->exec->batch);
    *done = true;
    if (root->exec->done) {
        lv_batch_none(root, out);
        return LV_OK;
    }
    LV_TRY(next_of(root, out, done, err));
    out->schema = root->schema;
    root->exec->done = *done;
    return LV_OK;
}

static void close_tree(lv_operator *op)
{
    if (op == NULL)
        return;
    for (int i = 0; i < op->input_count; i++)
        close_tree(op->inputs[i]);
    if (op->class->close)
        op->class->close(op);
}

void lv_operator_free(lv_operator *root)
{
    if (root == NULL)
        return;
    close_tree(root);
    lv_arena_release(&root->exec->batch);
}

const lv_type *lv_operator_schema(const lv_operator *root)
{
    return root->schema;
}

static void print_tree(const lv_operator *op, int indent, lv_sbuf *out)
{
    lv_sbuf_printf(out, "%*s%s", indent * 2, "", op->class->name);
    if (op->class->print)
        op->class->print(op, out);
    else
        lv_sbuf_add_char(out, '\n');
    for (int i = 0; i < op->input_count; i++)
        print_tree(op->inputs[i], indent + 1, out);
}

void lv_operator_print(const lv_operator *root, lv_sbuf *out)
{
    print_tree(root, 0, out);
}

void lv_batch_take(lv_operator *op, const lv_batch *in, const int32_t *rows, int64_t count,
                   lv_batch *out)
{
    lv_arena *arena = &op->exec->batch;
    *out = (lv_batch){.schema = in->schema,
                      .length = count,
                      .columns = LV_NEW_ARRAY(arena, lv_vector, in->schema->field_count)};
    for (int i = 0; i < in->schema->field_count; i++) {
        const lv_type *type = in->schema->fields[i].type;
        if (lv_need_any(&op->needs[i], type))
            lv_vector_take(arena, &in->columns[i], rows, count, &out->columns[i]);
        else
            lv_vector_init_null(&out->columns[i], arena, type, count);
    }
}
