/* program.c: expressions to steps: sharing, laziness, and what is read of the input. */
#include "base/check.h"
#include "base/hash.h"
#include "base/vec.h"
#include "exec/program_int.h"

/* A block under construction. */
typedef struct scope {
    struct scope *parent;
    lv_block *block;
    const lv_expr *lambda; /* whose body it is, or NULL */
    LV_VEC(lv_step) steps;
    /* equal steps are found by hash: buckets of chains through `nexts` */
    LV_VEC(uint64_t) hashes;
    LV_VEC(int32_t) nexts;
    int32_t *buckets;
    int bucket_count;
    LV_VEC(int) imports;
} scope;

typedef struct compiler {
    lv_arena *arena;
    LV_VEC(const lv_step *) stateful;
    int state_count;
} compiler;

bool lv_need_any(const lv_need *need, const lv_type *type)
{
    if (need->all)
        return true;
    for (int f = 0; need->fields != NULL && f < type->field_count; f++)
        if (need->fields[f])
            return true;
    return false;
}

/* ---- what may fail --------------------------------------------------------------------------- */

static bool can_fail(const lv_expr *expr)
{
    if (expr->kind == LV_EXPR_CALL && !expr->call->total)
        return true;
    if (expr->kind == LV_EXPR_CAST && expr->cast_mode != LV_CAST_TRY &&
        lv_cast_can_fail(expr->args[0]->type, expr->type))
        return true;
    for (int i = 0; i < expr->arg_count; i++)
        if (can_fail(expr->args[i]))
            return true;
    return false;
}

/* ---- what may be computed outside ------------------------------------------------------------ */

static bool reads_parameter(const lv_expr *expr, const lv_expr *lambda)
{
    if (expr->kind == LV_EXPR_VARIABLE)
        return expr->index >= lambda->index && expr->index < lambda->index + lambda->name_count;
    for (int i = 0; i < expr->arg_count; i++)
        if (reads_parameter(expr->args[i], lambda))
            return true;
    return false;
}

static bool is_deterministic(const lv_expr *expr)
{
    if (expr->kind == LV_EXPR_CALL && (expr->call->function->flags & LV_FN_NONDETERMINISTIC))
        return false;
    for (int i = 0; i < expr->arg_count; i++)
        if (!is_deterministic(expr->args[i]))
            return false;
    return true;
}

/* What cannot fail is computed for all rows of the block around; of a lambda's body what does not look at its
 * parameters, once for each row instead of each item. */
static bool is_outside(const scope *s, const lv_expr *expr)
{
    if (s->parent == NULL || expr->kind == LV_EXPR_LITERAL || can_fail(expr))
        return false;
    return s->lambda == NULL || (!reads_parameter(expr, s->lambda) && is_deterministic(expr));
}

/* ---- sharing --------------------------------------------------------------------------------- */

static bool same_literal(const lv_vector *a, const lv_vector *b)
{
    if (a == b)
        return true;
    if (!lv_type_equal(a->type, b->type) || lv_vector_is_null(a, 0) != lv_vector_is_null(b, 0))
        return false;
    if (lv_vector_is_null(a, 0))
        return true;
    if (a->type->kind == LV_TYPE_FLOAT ||
        a->type->kind == LV_TYPE_DOUBLE) /* -0.0 is not 0.0 here */
        return memcmp(a->data, b->data, lv_type_value_size(a->type)) == 0;
    return !lv_type_is_nested(a->type) && lv_value_compare(a, 0, b, 0) == 0;
}

/* Equal functions of equal registers are equal: what bind decides depends on nothing else. */
static bool same_step(const lv_step *a, const lv_step *b)
{
    if (a->kind != b->kind || a->index != b->index || a->arg_count != b->arg_count ||
        a->branches != NULL)
        return false;
    for (int i = 0; i < a->arg_count; i++)
        if (a->args[i] != b->args[i])
            return false;
    switch (a->kind) {
    case LV_STEP_LITERAL: return same_literal(a->expr->literal, b->expr->literal);
    case LV_STEP_CALL:
        return a->expr->call->function == b->expr->call->function &&
               a->expr->call->kernel == b->expr->call->kernel && lv_type_equal(a->type, b->type) &&
               !(a->expr->call->function->flags & LV_FN_NONDETERMINISTIC);
    case LV_STEP_CAST:
        return a->expr->cast_mode == b->expr->cast_mode &&
               a->expr->cast_mode != LV_CAST_ASSIGNMENT && lv_type_equal(a->type, b->type);
    case LV_STEP_STRUCT: return lv_type_equal(a->type, b->type);
    default: return true;
    }
}

/* Equal steps have equal hashes. */
static uint64_t step_hash(const lv_step *step)
{
    uint64_t hash = (uint64_t)step->kind * 31 + (uint64_t)step->index;
    for (int i = 0; i < step->arg_count; i++)
        hash = lv_hash_u64(hash) + (uint64_t)step->args[i];
    if (step->kind == LV_STEP_CALL)
        hash += (uint64_t)(uintptr_t)step->expr->call->function;
    const lv_vector *literal = step->kind == LV_STEP_LITERAL ? step->expr->literal : NULL;
    if (literal == NULL || lv_vector_is_null(literal, 0) || lv_type_is_nested(literal->type))
        return lv_hash_u64(hash);
    if (!lv_type_is_string_like(literal->type))
        return literal->data == NULL
                   ? lv_hash_u64(hash)
                   : lv_hash_bytes(literal->data, lv_type_value_size(literal->type), hash);
    lv_str text = lv_vector_str(literal, 0);
    return lv_hash_bytes(text.ptr, text.len, hash);
}

/* The step's bucket; the table grows with the steps. */
static int32_t *bucket_of(compiler *c, scope *s, uint64_t hash)
{
    if (s->steps.count >= (size_t)s->bucket_count) {
        s->bucket_count = LV_MAX(s->bucket_count * 4, 64);
        s->buckets = LV_NEW_ARRAY(c->arena, int32_t, s->bucket_count);
        memset(s->buckets, 0xFF, sizeof s->buckets[0] * (size_t)s->bucket_count);
        for (size_t i = 0; i < s->steps.count; i++) {
            int32_t *bucket = &s->buckets[s->hashes.at[i] & (uint64_t)(s->bucket_count - 1)];
            s->nexts.at[i] = *bucket;
            *bucket = (int32_t)i;
        }
    }
    return &s->buckets[hash & (uint64_t)(s->bucket_count - 1)];
}

static int add_step(compiler *c, scope *s, lv_step step)
{
    step.state = -1;
    uint64_t hash = step_hash(&step);
    int32_t *bucket = bucket_of(c, s, hash);
    for (int32_t i = *bucket; i >= 0; i = s->nexts.at[i])
        if (s->hashes.at[i] == hash && same_step(&s->steps.at[i], &step))
            return i;
    LV_VEC_PUSH(c->arena, s->hashes, hash);
    LV_VEC_PUSH(c->arena, s->nexts, *bucket);
    *bucket = (int32_t)s->steps.count;
    if (step.kind == LV_STEP_CALL && step.expr->call->function->open != NULL)
        step.state = c->state_count++;
    LV_VEC_PUSH(c->arena, s->steps, step);
    return (int)s->steps.count - 1;
}

/* ---- steps ----------------------------------------------------------------------------------- */

static int emit(compiler *c, scope *s, const lv_expr *expr);

static int import(compiler *c, scope *s, int parent_register, const lv_expr *expr)
{
    int index = -1;
    for (size_t i = 0; i < s->imports.count && index < 0; i++)
        if (s->imports.at[i] == parent_register)
            index = (int)i;
    if (index < 0) {
        index = (int)s->imports.count;
        LV_VEC_PUSH(c->arena, s->imports, parent_register);
    }
    return add_step(c, s,
                    (lv_step){.kind = LV_STEP_INPUT,
                              .expr = expr,
                              .type = expr->type,
                              .index = s->block->param_count + index});
}

static void finish_scope(scope *s)
{
    s->block->steps = s->steps.at;
    s->block->step_count = (int)s->steps.count;
    s->block->imports = s->imports.at;
    s->block->import_count = (int)s->imports.count;
}

static lv_branch emit_branch(compiler *c, scope *s, const lv_expr *expr, bool always)
{
    if (always || !can_fail(expr))
        return (lv_branch){.reg = emit(c, s, expr)};
    scope inner = {.parent = s, .block = LV_NEW(c->arena, lv_block)};
    inner.block->parent = s->block;
    inner.block->result = emit(c, &inner, expr);
    finish_scope(&inner);
    return (lv_branch){-1, inner.block};
}

static int emit_lazy(compiler *c, scope *s, const lv_expr *expr)
{
    lv_step step = {.kind = LV_STEP_LAZY, .expr = expr, .type = expr->type, .arg_count = 0};
    step.branches = LV_NEW_ARRAY(c->arena, lv_branch, expr->arg_count);
    for (int i = 0; i < expr->arg_count; i++)
        step.branches[i] = emit_branch(c, s, expr->args[i], i == 0);
    return add_step(c, s, step);
}

static lv_branch emit_lambda(compiler *c, scope *s, const lv_expr *lambda)
{
    scope inner = {.parent = s, .block = LV_NEW(c->arena, lv_block), .lambda = lambda};
    inner.block->parent = s->block;
    inner.block->param_count = lambda->name_count;
    inner.block->can_fail = can_fail(lambda->args[0]);
    inner.block->is_deterministic = is_deterministic(lambda->args[0]);
    inner.block->result = emit(c, &inner, lambda->args[0]);
    finish_scope(&inner);
    return (lv_branch){-1, inner.block};
}

static int emit_higher_order(compiler *c, scope *s, const lv_expr *expr)
{
    lv_step step = {.kind = LV_STEP_HIGHER_ORDER, .expr = expr, .type = expr->type};
    step.branches = LV_NEW_ARRAY(c->arena, lv_branch, expr->arg_count);
    for (int i = 0; i < expr->arg_count; i++)
        step.branches[i] = expr->args[i]->kind == LV_EXPR_LAMBDA
                               ? emit_lambda(c, s, expr->args[i])
                               : (lv_branch){.reg = emit(c, s, expr->args[i])};
    return add_step(c, s, step);
}

/* A parameter of the lambda whose body this is; one further out is imported like a column. */
static int emit_variable(compiler *c, scope *s, const lv_expr *expr)
{
    return add_step(c, s,
                    (lv_step){.kind = LV_STEP_INPUT,
                              .expr = expr,
                              .type = expr->type,
                              .index = expr->index - s->lambda->index});
}

/* Whether a branch behind the first one may fail: else all are computed for all rows. */
static bool must_be_lazy(const lv_expr *expr)
{
    if (!(expr->call->function->flags & LV_FN_LAZY))
        return false;
    for (int i = 1; i < expr->arg_count; i++)
        if (can_fail(expr->args[i]))
            return true;
    return false;
}

static int emit(compiler *c, scope *s, const lv_expr *expr)
{
    static const lv_step_kind kinds[] = {
        [LV_EXPR_COLUMN] = LV_STEP_INPUT, [LV_EXPR_LITERAL] = LV_STEP_LITERAL,
        [LV_EXPR_CALL] = LV_STEP_CALL,    [LV_EXPR_CAST] = LV_STEP_CAST,
        [LV_EXPR_FIELD] = LV_STEP_FIELD,  [LV_EXPR_STRUCT] = LV_STEP_STRUCT};
    LV_ASSERT(expr->kind < LV_EXPR_NAME);
    if (is_outside(s, expr))
        return import(c, s, emit(c, s->parent, expr), expr);
    if (expr->kind == LV_EXPR_VARIABLE)
        return emit_variable(c, s, expr);
    if (expr->kind == LV_EXPR_CALL && (expr->call->function->flags & LV_FN_HIGHER_ORDER))
        return emit_higher_order(c, s, expr);
    if (expr->kind == LV_EXPR_CALL && must_be_lazy(expr))
        return emit_lazy(c, s, expr);
    lv_step step = {
        .kind = kinds[expr->kind], .expr = expr, .type = expr->type, .arg_count = expr->arg_count};
    if (expr->kind == LV_EXPR_COLUMN || expr->kind == LV_EXPR_FIELD)
        step.index = expr->index;
    step.args = LV_NEW_ARRAY(c->arena, int, expr->arg_count);
    for (int i = 0; i < expr->arg_count; i++)
        step.args[i] = emit(c, s, expr->args[i]);
    return add_step(c, s, step);
}

/* ---- what is read ---------------------------------------------------------------------------- */

static void need_all(lv_need *need)
{
    need->all = true;
}

static void need_field(lv_arena *arena, lv_need *need, const lv_type *type, int field)
{
    if (need->fields == NULL)
        need->fields = LV_NEW_ARRAY(arena, bool, type->field_count);
    need->fields[field] = true;
}

static void need_same(lv_arena *arena, lv_need *need, const lv_type *type, const lv_need *other)
{
    need->all = need->all || other->all;
    for (int f = 0; other->fields != NULL && f < type->field_count; f++)
        if (other->fields[f])
            need_field(arena, need, type, f);
}

static void find_needs(lv_arena *arena, lv_block *block, lv_step *steps, lv_step *parent_steps,
                       lv_need *columns, const lv_type *input)
{
    for (int i = block->step_count - 1; i >= 0; i--) {
        lv_step *step = &steps[i];
        if (!lv_need_any(&step->need, step->type))
            continue;
        int import = step->index - block->param_count;
        if (step->kind == LV_STEP_INPUT && import < 0)
            continue;
        if (step->kind == LV_STEP_INPUT && parent_steps != NULL)
            need_same(arena, &parent_steps[block->imports[import]].need, step->type, &step->need);
        else if (step->kind == LV_STEP_INPUT)
            need_same(arena, &columns[step->index], input->fields[step->index].type, &step->need);
        else if (step->kind == LV_STEP_FIELD)
            need_field(arena, &steps[step->args[0]].need, steps[step->args[0]].type, step->index);
        for (int a = 0; a < step->arg_count && step->kind != LV_STEP_FIELD; a++)
            if (step->kind != LV_STEP_STRUCT || step->need.all || step->need.fields[a])
                need_all(&steps[step->args[a]].need);
        for (int b = 0; step->branches != NULL && b < step->expr->arg_count; b++) {
            lv_branch *branch = &step->branches[b];
            if (branch->reg >= 0) {
                need_all(&steps[branch->reg].need);
                continue;
            }
            lv_step *inner = (lv_step *)branch->block->steps;
            need_all(&inner[branch->block->result].need);
            find_needs(arena, branch->block, inner, steps, columns, input);
        }
    }
}

static void find_stateful(const lv_block *block, const lv_step **stateful)
{
    for (int i = 0; i < block->step_count; i++) {
        const lv_step *step = &block->steps[i];
        if (step->state >= 0)
            stateful[step->state] = step;
        for (int b = 0; step->branches != NULL && b < step->expr->arg_count; b++)
            if (step->branches[b].reg < 0)
                find_stateful(step->branches[b].block, stateful);
    }
}

lv_status lv_program_compile(lv_arena *arena, lv_expr *const *exprs, int count,
                             const lv_need *needs, const lv_type *input, const lv_program **program,
                             lv_error *err)
{
    lv_program *p = LV_NEW(arena, lv_program);
    bool *needed = LV_NEW_ARRAY(arena, bool, count);
    compiler c = {.arena = arena};
    scope root = {.block = &p->root};
    p->input = input;
    p->output_count = count;
    p->outputs = LV_NEW_ARRAY(arena, int, count);
    p->output_types = LV_NEW_ARRAY(arena, const lv_type *, count);
    p->output_needed = needed;
    p->needs = LV_NEW_ARRAY(arena, lv_need, input->field_count);
    for (int i = 0; i < count; i++) {
        if (exprs[i]->kind >= LV_EXPR_NAME || exprs[i]->type == NULL)
            return LV_FAIL(err, LV_INTERNAL,
                           "an expression that is not resolved came to be compiled");
        p->output_types[i] = exprs[i]->type;
        needed[i] = needs == NULL || lv_need_any(&needs[i], exprs[i]->type);
        if (needed[i])
            p->outputs[i] = emit(&c, &root, exprs[i]);
    }
    finish_scope(&root);
    lv_step *steps = root.steps.at;
    for (int i = 0; i < count; i++) {
        if (needs == NULL)
            need_all(&steps[p->outputs[i]].need);
        else if (needed[i])
            need_same(arena, &steps[p->outputs[i]].need, exprs[i]->type, &needs[i]);
    }
    find_needs(arena, &p->root, steps, NULL, p->needs, input);
    p->state_count = c.state_count;
    p->stateful = LV_NEW_ARRAY(arena, const lv_step *, c.state_count);
    find_stateful(&p->root, p->stateful);
    *program = p;
    return LV_OK;
}

const lv_need *lv_program_needs(const lv_program *program)
{
    return program->needs;
}

/* ---- as text --------------------------------------------------------------------------------- */

static void print_name(const lv_step *step, lv_sbuf *out)
{
    static const char *const modes[] = {
        [LV_CAST_EXPLICIT] = "cast", [LV_CAST_TRY] = "try_cast", [LV_CAST_ASSIGNMENT] = "assign"};
    switch (step->kind) {
    case LV_STEP_INPUT: lv_sbuf_printf(out, "input %d", step->index); break;
    case LV_STEP_LITERAL: lv_print_value(step->expr->literal, 0, lv_timezone_utc(), out); break;
    case LV_STEP_CAST: lv_sbuf_add_cstr(out, modes[step->expr->cast_mode]); break;
    case LV_STEP_FIELD: lv_sbuf_printf(out, "field %d", step->index); break;
    case LV_STEP_STRUCT: lv_sbuf_add_cstr(out, "struct"); break;
    default:
        lv_sbuf_printf(out, "%s%s", step->kind == LV_STEP_LAZY ? "lazy " : "",
                       step->expr->call->function->name);
    }
}

static void print_need(const lv_step *step, lv_sbuf *out)
{
    if (step->need.all || step->type->kind != LV_TYPE_STRUCT || step->need.fields == NULL)
        return;
    lv_sbuf_add_cstr(out, " only");
    for (int f = 0; f < step->type->field_count; f++)
        if (step->need.fields[f])
            lv_sbuf_printf(out, " %.*s", LV_STR_ARG(step->type->fields[f].name));
}

static void print_block(const lv_block *block, int indent, lv_sbuf *out)
{
    for (int i = 0; i < block->step_count; i++) {
        const lv_step *step = &block->steps[i];
        if (!lv_need_any(&step->need, step->type))
            continue;
        lv_sbuf_printf(out, "%*s%%%d = ", indent, "", i);
        print_name(step, out);
        for (int a = 0; a < step->arg_count; a++)
            lv_sbuf_printf(out, " %%%d", step->args[a]);
        for (int b = 0; step->branches != NULL && b < step->expr->arg_count; b++) {
            if (step->branches[b].reg >= 0)
                lv_sbuf_printf(out, " %%%d", step->branches[b].reg);
            else
                lv_sbuf_printf(out, " {%d}", b);
        }
        lv_sbuf_add_cstr(out, ": ");
        lv_type_print_simple(step->type, out);
        print_need(step, out);
        lv_sbuf_add_char(out, '\n');
        for (int b = 0; step->branches != NULL && b < step->expr->arg_count; b++) {
            const lv_block *inner = step->branches[b].block;
            if (step->branches[b].reg >= 0)
                continue;
            lv_sbuf_printf(out, "%*s{%d} of", indent + 2, "", b);
            for (int k = 0; k < inner->import_count; k++)
                lv_sbuf_printf(out, " %%%d", inner->imports[k]);
            lv_sbuf_printf(out, " gives %%%d:\n", inner->result);
            print_block(inner, indent + 4, out);
        }
    }
}

void lv_program_print(const lv_program *program, lv_sbuf *out)
{
    print_block(&program->root, 0, out);
    lv_sbuf_add_cstr(out, "->");
    for (int i = 0; i < program->output_count; i++) {
        if (program->output_needed[i])
            lv_sbuf_printf(out, " %%%d", program->outputs[i]);
        else
            lv_sbuf_add_cstr(out, " -");
    }
    lv_sbuf_add_char(out, '\n');
}
