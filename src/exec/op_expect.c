/* op_expect.c: expectations: each row is tested by each, counted, and kept, dropped or the end of it.
 *
 * A row keeps an expectation if the condition is true; false and null break it. All conditions are
 * asked of all rows, so that the counts of one do not depend on what another drops. */
#include "base/check.h"
#include "exec/exec_int.h"

/* Of the row that ends a query, as much as fits into the message. */
enum { ROW_TEXT_MAX = 1000 };

typedef struct expect_op {
    lv_operator op;
    lv_exec_program program;
    int64_t *passed; /* per expectation */
    int64_t *failed;
} expect_op;

static bool holds(const lv_vector *condition, int64_t i)
{
    const uint8_t *value = condition->data;
    return value[condition->encoding == LV_CONSTANT ? 0 : i] != 0 &&
           !lv_vector_is_null(condition, i);
}

/* {"device":"a","temperature":21.5} */
static void print_row(const lv_operator *op, const lv_batch *in, int64_t row, lv_sbuf *out)
{
    lv_sbuf value = LV_SBUF_INIT;
    lv_sbuf_add_char(out, '{');
    for (int c = 0; c < in->schema->field_count && out->len < ROW_TEXT_MAX; c++) {
        const lv_type *type = in->schema->fields[c].type;
        lv_sbuf_add_cstr(out, c > 0 ? "," : "");
        lv_sbuf_add_json_string(out, in->schema->fields[c].name);
        lv_sbuf_add_char(out, ':');
        lv_sbuf_clear(&value);
        lv_print_value(&in->columns[c], row, op->exec->eval.zone, &value);
        bool bare = lv_vector_is_null(&in->columns[c], row) || lv_type_is_numeric(type) ||
                    type->kind == LV_TYPE_BOOLEAN;
        if (lv_vector_is_null(&in->columns[c], row))
            lv_sbuf_add_cstr(out, "null");
        else if (bare)
            lv_sbuf_add_str(out, lv_sbuf_str(&value));
        else
            lv_sbuf_add_json_string(out, lv_sbuf_str(&value));
    }
    lv_sbuf_add_char(out, '}');
    lv_sbuf_release(&value);
}

static lv_status fail(const lv_operator *op, const lv_batch *in, int64_t row, int expectation,
                      lv_error *err)
{
    lv_sbuf text = LV_SBUF_INIT;
    print_row(op, in, row, &text);
    bool cut = text.len > ROW_TEXT_MAX;
    lv_status status =
        LV_FAIL(err, LV_EXPECTATION_VIOLATED,
                "expectation '%.*s' is FAIL UPDATE, and a row breaks it: %.*s%s",
                LV_STR_ARG(op->plan->names[expectation]),
                (int)LV_MIN(text.len, (size_t)ROW_TEXT_MAX), text.ptr, cut ? "..." : "");
    lv_sbuf_release(&text);
    return status;
}

/* Tests one condition: counts it, and takes the rows that it drops out of `kept`. */
static lv_status test(expect_op *e, const lv_batch *in, int expectation, const lv_vector *condition,
                      uint8_t *kept, lv_error *err)
{
    lv_violation violation = e->op.plan->violations[expectation];
    int64_t passed = 0;
    for (int64_t i = 0; i < in->length; i++) {
        bool ok = holds(condition, i);
        passed += ok;
        if (!ok && violation == LV_VIOLATION_FAIL)
            return fail(&e->op, in, i, expectation, err);
        kept[i] &= ok || violation != LV_VIOLATION_DROP;
    }
    e->passed[expectation] += passed;
    e->failed[expectation] += in->length - passed;
    return LV_OK;
}

static lv_status expect_next(lv_operator *op, lv_batch *out, bool *done, lv_error *err)
{
    expect_op *e = (expect_op *)op;
    lv_arena *arena = &op->exec->batch;
    int count = op->plan->expr_count;
    lv_batch in;
    LV_TRY(lv_operator_pull(op, 0, &in, done, err));
    *out = in;
    if (in.length == 0)
        return LV_OK;
    lv_vector *conditions = LV_NEW_ARRAY(arena, lv_vector, count);
    LV_TRY(lv_program_run(e->program.instance, &op->exec->eval, &in, conditions, err));
    uint8_t *kept = lv_arena_alloc(arena, (size_t)in.length);
    memset(kept, 1, (size_t)in.length);
    for (int i = 0; i < count; i++)
        LV_TRY(test(e, &in, i, &conditions[i], kept, err));
    int32_t *rows = lv_arena_alloc(arena, sizeof *rows * (size_t)(in.length + 1));
    int64_t row_count = 0;
    for (int64_t i = 0; i < in.length; i++) {
        rows[row_count] = (int32_t)i;
        row_count += kept[i];
    }
    if (row_count < in.length)
        lv_batch_take(op, &in, rows, row_count, out);
    return LV_OK;
}

static lv_status expect_restart(lv_operator *op, lv_error *err)
{
    expect_op *e = (expect_op *)op;
    for (int i = 0; i < op->plan->expr_count; i++)
        e->passed[i] = e->failed[i] = 0;
    return LV_OK;
}

static void expect_close(lv_operator *op)
{
    lv_program_instance_free(((expect_op *)op)->program.instance);
}

static const lv_operator_class expect_class = {"Expect", expect_next, expect_restart, expect_close,
                                               NULL};

lv_status lv_make_expect(lv_arena *arena, lv_exec *exec, const lv_plan *plan, const lv_need *needs,
                         lv_operator **op, lv_error *err)
{
    expect_op *e = lv_operator_new(arena, sizeof *e, &expect_class, exec, plan, needs);
    const lv_type *input = plan->inputs[0]->schema;
    *op = &e->op;
    e->passed = LV_NEW_ARRAY(arena, int64_t, plan->expr_count);
    e->failed = LV_NEW_ARRAY(arena, int64_t, plan->expr_count);
    LV_TRY(lv_exec_compile(arena, plan->exprs, plan->expr_count, NULL, input, &e->program, err));
    needs = lv_needs_join(arena, input, lv_program_needs(e->program.program), needs);
    e->op.input_count = 1;
    return lv_operator_make(arena, exec, plan->inputs[0], needs, &e->op.inputs[0], err);
}

void lv_operator_expectations(const lv_operator *root, int64_t *passed, int64_t *failed)
{
    while (root->class != &expect_class && root->input_count == 1)
        root = root->inputs[0];
    const expect_op *e = (const expect_op *)root;
    for (int i = 0; root->class == &expect_class && i < root->plan->expr_count; i++) {
        passed[i] += e->passed[i];
        failed[i] += e->failed[i];
    }
}
