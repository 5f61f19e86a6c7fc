/* program_run.c: running a program's steps over a batch; lazy branches on the rows that need them.
 */
#include <stdlib.h>

#include "base/check.h"
#include "exec/program_int.h"

typedef struct run {
    lv_program_instance *instance;
    lv_eval *eval;
    lv_error *err;
} run;

/* ---- instances ------------------------------------------------------------------------------- */

lv_status lv_program_instance_new(const lv_program *program, lv_program_instance **instance,
                                  lv_error *err)
{
    lv_program_instance *in = calloc(1, sizeof *in);
    LV_ASSERT(in != NULL);
    in->program = program;
    lv_arena_init(&in->arena);
    in->calls = LV_NEW_ARRAY(&in->arena, lv_call, program->state_count);
    for (int i = 0; i < program->state_count; i++) {
        const lv_step *step = program->stateful[i];
        in->calls[i] = *step->expr->call;
        if (!lv_need_any(&step->need, step->type)) {
            in->open_count++;
            continue;
        }
        const bool *wanted =
            step->need.all || step->type->kind != LV_TYPE_STRUCT ? NULL : step->need.fields;
        lv_status status = in->calls[i].function->open(&in->calls[i], wanted, err);
        if (status != LV_OK) {
            lv_program_instance_free(in);
            return status;
        }
        in->open_count++;
    }
    *instance = in;
    return LV_OK;
}

void lv_program_instance_free(lv_program_instance *in)
{
    if (in == NULL)
        return;
    for (int i = 0; i < in->open_count; i++)
        if (in->calls[i].state != NULL)
            in->calls[i].function->close(&in->calls[i]);
    lv_arena_release(&in->arena);
    free(in);
}

/* ---- steps ----------------------------------------------------------------------------------- */

static lv_status run_block(run *r, const lv_block *block, const lv_vector *inputs, int64_t rows,
                           lv_vector *regs);

/* A field shares its struct's memory; a null struct's fields are null already. */
static void field_of(const lv_vector *parent, int index, int64_t rows, lv_vector *out)
{
    *out = parent->children[index];
    if (parent->encoding == LV_CONSTANT)
        out->encoding = LV_CONSTANT;
    out->length = rows;
}

static void struct_of(run *r, const lv_step *step, const lv_vector *regs, int64_t rows,
                      lv_vector *out)
{
    *out = (lv_vector){
        .type = step->type, .encoding = LV_FLAT, .length = rows, .child_count = step->arg_count};
    out->children = LV_NEW_ARRAY(r->eval->arena, lv_vector, step->arg_count);
    for (int f = 0; f < step->arg_count; f++) {
        if (step->need.all || step->need.fields[f])
            out->children[f] = regs[step->args[f]];
        else
            lv_vector_init_null(&out->children[f], r->eval->arena, step->type->fields[f].type,
                                rows);
    }
}

static lv_status run_call(run *r, const lv_step *step, const lv_vector *regs, int64_t rows,
                          lv_vector *out)
{
    lv_vector few[4];
    lv_vector *args =
        step->arg_count <= 4 ? few : LV_NEW_ARRAY(r->eval->arena, lv_vector, step->arg_count);
    for (int a = 0; a < step->arg_count; a++)
        args[a] = regs[step->args[a]];
    const lv_call *call = step->state >= 0 ? &r->instance->calls[step->state] : step->expr->call;
    return lv_call_run(call, r->eval, args, rows, out, r->err);
}

/* ---- lazy branches --------------------------------------------------------------------------- */

/* The rows a branch is still to be evaluated on. */
typedef struct selection {
    int32_t *rows;
    int64_t count;
} selection;

static selection select_all(lv_arena *arena, int64_t rows)
{
    selection s = {lv_arena_alloc(arena, sizeof *s.rows * (size_t)LV_MAX(rows, 1)), rows};
    for (int64_t i = 0; i < rows; i++)
        s.rows[i] = (int32_t)i;
    return s;
}

/* The branch's values for the selected rows: value j is at *place(j): j itself, or the row when the
 * branch was computed for all. */
static lv_status evaluate(run *r, const lv_branch *branch, const lv_vector *regs, int64_t rows,
                          const selection *s, lv_vector *out, bool *by_row)
{
    if (branch->reg >= 0) {
        *out = regs[branch->reg];
        *by_row = true;
        return LV_OK;
    }
    const lv_block *block = branch->block;
    lv_arena *arena = r->eval->arena;
    lv_vector *inputs = LV_NEW_ARRAY(arena, lv_vector, block->import_count);
    *by_row = false;
    for (int i = 0; i < block->import_count; i++) {
        if (s->count == rows)
            inputs[i] = regs[block->imports[i]];
        else
            lv_vector_take(arena, &regs[block->imports[i]], s->rows, s->count, &inputs[i]);
    }
    lv_vector *inner = LV_NEW_ARRAY(arena, lv_vector, block->step_count);
    LV_TRY(run_block(r, block, inputs, s->count, inner));
    *out = inner[block->result];
    return LV_OK;
}

/* AND and OR: rows leave the selection once the value is decided. */
static lv_status run_logic(run *r, const lv_step *step, const lv_vector *regs, int64_t rows,
                           lv_vector *out)
{
    lv_arena *arena = r->eval->arena;
    bool strong = step->expr->call->function->op == LV_LAZY_OR;
    lv_vector_init_flat(out, arena, step->type, rows);
    uint8_t *value = out->data;
    memset(value, !strong, (size_t)rows);
    selection left = select_all(arena, rows);
    for (int b = 0; b < step->expr->arg_count && left.count > 0; b++) {
        lv_vector v;
        bool by_row;
        int64_t kept = 0;
        LV_TRY(evaluate(r, &step->branches[b], regs, rows, &left, &v, &by_row));
        for (int64_t j = 0; j < left.count; j++) {
            int32_t row = left.rows[j];
            int64_t at = by_row ? row : j;
            bool is_null = lv_vector_is_null(&v, at);
            if (!is_null && LV_AT(uint8_t, &v, at) == strong) {
                value[row] = strong;
                if (out->validity != NULL)
                    lv_bit_set(out->validity, row);
                continue;
            }
            if (is_null && out->validity == NULL)
                out->validity = lv_validity_new(arena, rows, true);
            if (is_null)
                lv_bit_clear(out->validity, row);
            left.rows[kept++] = row;
        }
        left.count = kept;
    }
    return LV_OK;
}

/* Values of rows, put together from the branches that gave them. */
typedef struct pieces {
    lv_vector *vectors;
    int *piece;     /* per row: index into vectors, -1 null */
    int32_t *place; /* per row: where in it */
} pieces;

static pieces pieces_new(lv_arena *arena, int branches, int64_t rows)
{
    pieces p = {.vectors = LV_NEW_ARRAY(arena, lv_vector, branches)};
    p.piece = lv_arena_alloc(arena, sizeof *p.piece * (size_t)LV_MAX(rows, 1));
    p.place = lv_arena_alloc(arena, sizeof *p.place * (size_t)LV_MAX(rows, 1));
    for (int64_t i = 0; i < rows; i++)
        p.piece[i] = -1;
    return p;
}

/* Evaluates branch `b` on the selected rows and takes its values; with `nulls_stay`, rows where it
 * is null stay selected. */
static lv_status take_branch(run *r, const lv_step *step, int b, const lv_vector *regs,
                             int64_t rows, selection *s, bool nulls_stay, pieces *p)
{
    bool by_row;
    int64_t kept = 0;
    if (s->count == 0)
        return LV_OK;
    LV_TRY(evaluate(r, &step->branches[b], regs, rows, s, &p->vectors[b], &by_row));
    for (int64_t j = 0; j < s->count; j++) {
        int32_t row = s->rows[j];
        int64_t at = by_row ? row : j;
        if (nulls_stay && lv_vector_is_null(&p->vectors[b], at)) {
            s->rows[kept++] = row;
            continue;
        }
        p->piece[row] = b;
        p->place[row] = (int32_t)at;
    }
    s->count = kept;
    return LV_OK;
}

/* Moves rows where condition `b` is true from `left` to `chosen`. */
static lv_status split_by(run *r, const lv_step *step, int b, const lv_vector *regs, int64_t rows,
                          selection *left, selection *chosen)
{
    lv_vector v;
    bool by_row;
    int64_t kept = 0;
    chosen->count = 0;
    if (left->count == 0)
        return LV_OK;
    LV_TRY(evaluate(r, &step->branches[b], regs, rows, left, &v, &by_row));
    for (int64_t j = 0; j < left->count; j++) {
        int32_t row = left->rows[j];
        int64_t at = by_row ? row : j;
        if (!lv_vector_is_null(&v, at) && LV_AT(uint8_t, &v, at))
            chosen->rows[chosen->count++] = row;
        else
            left->rows[kept++] = row;
    }
    left->count = kept;
    return LV_OK;
}

static lv_status run_when(run *r, const lv_step *step, const lv_vector *regs, int64_t rows,
                          lv_vector *out)
{
    lv_arena *arena = r->eval->arena;
    int count = step->expr->arg_count;
    selection left = select_all(arena, rows), chosen = select_all(arena, rows);
    pieces p = pieces_new(arena, count, rows);
    for (int b = 0; b + 1 < count; b += 2) {
        LV_TRY(split_by(r, step, b, regs, rows, &left, &chosen));
        LV_TRY(take_branch(r, step, b + 1, regs, rows, &chosen, false, &p));
    }
    if (count % 2)
        LV_TRY(take_branch(r, step, count - 1, regs, rows, &left, false, &p));
    lv_vector_pick(arena, step->type, p.vectors, p.piece, p.place, rows, out);
    return LV_OK;
}

static lv_status run_coalesce(run *r, const lv_step *step, const lv_vector *regs, int64_t rows,
                              lv_vector *out)
{
    lv_arena *arena = r->eval->arena;
    selection left = select_all(arena, rows);
    pieces p = pieces_new(arena, step->expr->arg_count, rows);
    for (int b = 0; b < step->expr->arg_count; b++)
        LV_TRY(take_branch(r, step, b, regs, rows, &left, true, &p));
    lv_vector_pick(arena, step->type, p.vectors, p.piece, p.place, rows, out);
    return LV_OK;
}

static lv_status run_nvl2(run *r, const lv_step *step, const lv_vector *regs, int64_t rows,
                          lv_vector *out)
{
    lv_arena *arena = r->eval->arena;
    const lv_vector *test = &regs[step->branches[0].reg];
    selection yes = select_all(arena, rows), no = select_all(arena, rows);
    pieces p = pieces_new(arena, 3, rows);
    yes.count = no.count = 0;
    for (int64_t i = 0; i < rows; i++) {
        selection *s = lv_vector_is_null(test, i) ? &no : &yes;
        s->rows[s->count++] = (int32_t)i;
    }
    LV_TRY(take_branch(r, step, 1, regs, rows, &yes, false, &p));
    LV_TRY(take_branch(r, step, 2, regs, rows, &no, false, &p));
    lv_vector_pick(arena, step->type, p.vectors, p.piece, p.place, rows, out);
    return LV_OK;
}

static lv_status run_lazy(run *r, const lv_step *step, const lv_vector *regs, int64_t rows,
                          lv_vector *out)
{
    switch ((lv_lazy)step->expr->call->function->op) {
    case LV_LAZY_AND:
    case LV_LAZY_OR: return run_logic(r, step, regs, rows, out);
    case LV_LAZY_WHEN: return run_when(r, step, regs, rows, out);
    case LV_LAZY_COALESCE: return run_coalesce(r, step, regs, rows, out);
    default: return run_nvl2(r, step, regs, rows, out);
    }
}

/* ---- higher-order functions ------------------------------------------------------------------ */

/* The body of a lambda over `job->count` rows: its parameters, and what it reads of the rows around. */
static lv_status run_lambda(run *r, const lv_block *block, const lv_higher_order *job,
                            const lv_vector *regs, lv_vector *out)
{
    lv_arena *arena = job->arena;
    if (job->count == 0) {
        lv_vector_init_null(out, arena, block->steps[block->result].type, 0);
        return LV_OK;
    }
    lv_vector *inputs = LV_NEW_ARRAY(arena, lv_vector, block->param_count + block->import_count);
    for (int i = 0; i < block->param_count; i++)
        inputs[i] = job->variables[i];
    for (int i = 0; i < block->import_count; i++) {
        const lv_vector *from = &regs[block->imports[i]];
        if (job->rows == NULL)
            inputs[block->param_count + i] = *from;
        else
            lv_vector_take(arena, from, job->rows, job->count, &inputs[block->param_count + i]);
    }
    lv_vector *inner = LV_NEW_ARRAY(arena, lv_vector, block->step_count);
    lv_arena *outer = r->eval->arena;
    r->eval->arena = arena;
    lv_status status = run_block(r, block, inputs, job->count, inner);
    r->eval->arena = outer;
    *out = inner[block->result];
    return status;
}

static lv_status run_job(run *r, const lv_step *step, const lv_vector *const *args,
                         const lv_vector *regs, int64_t rows, lv_vector *out)
{
    int count = step->expr->arg_count;
    lv_lambda_use *uses = LV_NEW_ARRAY(r->eval->arena, lv_lambda_use, count);
    lv_higher_order job;
    for (int b = 0; b < count; b++)
        if (step->branches[b].block != NULL)
            uses[b] = (lv_lambda_use){step->branches[b].block->param_count,
                                      step->branches[b].block->can_fail};
    lv_status status =
        lv_higher_order_start(step->expr->call, r->eval, args, rows, uses, &job, r->err);
    while (status == LV_OK && job.lambda >= 0) {
        lv_vector result;
        status = run_lambda(r, step->branches[job.lambda].block, &job, regs, &result);
        if (status == LV_OK)
            status = lv_higher_order_next(&job, &result, r->err);
    }
    if (status == LV_OK)
        *out = job.out;
    lv_higher_order_end(&job);
    return status;
}

/* Whether every row has the same result. */
static bool is_constant(const lv_step *step, const lv_vector *regs)
{
    for (int b = 0; b < step->expr->arg_count; b++) {
        const lv_block *block = step->branches[b].block;
        if (block == NULL && regs[step->branches[b].reg].encoding != LV_CONSTANT)
            return false;
        if (block != NULL && !block->is_deterministic)
            return false;
        for (int i = 0; block != NULL && i < block->import_count; i++)
            if (regs[block->imports[i]].encoding != LV_CONSTANT)
                return false;
    }
    return true;
}

static lv_status run_higher_order(run *r, const lv_step *step, const lv_vector *regs, int64_t rows,
                                  lv_vector *out)
{
    int count = step->expr->arg_count;
    const lv_vector **args = LV_NEW_ARRAY(r->eval->arena, const lv_vector *, count);
    bool constant = is_constant(step, regs);
    if (rows == 0) {
        lv_vector_init_null(out, r->eval->arena, step->type, 0);
        return LV_OK;
    }
    for (int b = 0; b < count; b++) {
        if (step->branches[b].block != NULL)
            continue;
        lv_vector *arg = LV_NEW(r->eval->arena, lv_vector);
        *arg = regs[step->branches[b].reg];
        if (constant)
            arg->length = 1;
        args[b] = lv_vector_flatten(r->eval->arena, arg);
    }
    LV_TRY(run_job(r, step, args, regs, constant ? 1 : rows, out));
    if (!constant)
        return LV_OK;
    *out = *lv_vector_flatten(r->eval->arena, out);
    out->encoding = LV_CONSTANT;
    out->length = rows;
    return LV_OK;
}

/* ---- blocks ---------------------------------------------------------------------------------- */

static lv_status run_step(run *r, const lv_step *step, const lv_vector *inputs, int64_t rows,
                          lv_vector *regs, lv_vector *out)
{
    const lv_expr *expr = step->expr;
    switch (step->kind) {
    case LV_STEP_INPUT: *out = inputs[step->index]; return LV_OK;
    case LV_STEP_LITERAL:
        *out = *expr->literal;
        out->encoding = LV_CONSTANT;
        out->length = rows;
        return LV_OK;
    case LV_STEP_CAST:
        return lv_cast(r->eval, &regs[step->args[0]], step->type, expr->cast_mode,
                       expr->name_count > 0 ? expr->names[0] : LV_STR(""), out, r->err);
    case LV_STEP_FIELD: field_of(&regs[step->args[0]], step->index, rows, out); return LV_OK;
    case LV_STEP_STRUCT: struct_of(r, step, regs, rows, out); return LV_OK;
    case LV_STEP_CALL: return run_call(r, step, regs, rows, out);
    case LV_STEP_HIGHER_ORDER: return run_higher_order(r, step, regs, rows, out);
    default: return run_lazy(r, step, regs, rows, out);
    }
}

static lv_status run_block(run *r, const lv_block *block, const lv_vector *inputs, int64_t rows,
                           lv_vector *regs)
{
    for (int i = 0; i < block->step_count; i++) {
        const lv_step *step = &block->steps[i];
        if (!lv_need_any(&step->need, step->type))
            continue;
        lv_status status = run_step(r, step, inputs, rows, regs, &regs[i]);
        if (LV_UNLIKELY(status != LV_OK)) {
            if (r->err != NULL && step->expr->sql_offset >= 0)
                lv_error_at(r->err, step->expr->sql_offset, step->expr->sql_length);
            return status;
        }
        LV_DCHECK(regs[i].length == rows && lv_vector_check(&regs[i]));
    }
    return LV_OK;
}

lv_status lv_program_run(lv_program_instance *instance, lv_eval *eval, const lv_batch *in,
                         lv_vector *out, lv_error *err)
{
    const lv_program *p = instance->program;
    run r = {instance, eval, err};
    lv_vector *regs = LV_NEW_ARRAY(eval->arena, lv_vector, p->root.step_count);
    LV_TRY(run_block(&r, &p->root, in->columns, in->length, regs));
    for (int i = 0; i < p->output_count; i++) {
        if (p->output_needed[i])
            out[i] = regs[p->outputs[i]];
        else
            lv_vector_init_null(&out[i], eval->arena, p->output_types[i], in->length);
    }
    return LV_OK;
}
