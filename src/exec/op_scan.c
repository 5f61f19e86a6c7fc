/* op_scan.c: the leaves: streaming sources, Delta tables, rows of literals, ranges of integers. */
#include "base/check.h"
#include "conn/conn.h"
#include "delta/delta.h"
#include "exec/exec_int.h"

/* ---- SOURCE ---------------------------------------------------------------------------------- */

typedef struct source_op {
    lv_operator op;
    lv_source_reader *reader; /* the caller's */
    const bool *wanted;
} source_op;

static lv_status source_next(lv_operator *op, lv_batch *out, bool *done, lv_error *err)
{
    source_op *s = (source_op *)op;
    return lv_source_reader_next(s->reader, &op->exec->batch, s->wanted, out, done, err);
}

void lv_print_wanted(const lv_operator *op, lv_sbuf *out)
{
    lv_sbuf_add_cstr(out, " reads");
    for (int i = 0; i < op->schema->field_count; i++)
        if (lv_need_any(&op->needs[i], op->schema->fields[i].type))
            lv_sbuf_printf(out, " %.*s", LV_STR_ARG(op->schema->fields[i].name));
    lv_sbuf_add_char(out, '\n');
}

static const lv_operator_class source_class = {"Source", source_next, NULL, NULL, lv_print_wanted};

lv_status lv_make_source(lv_arena *arena, lv_exec *exec, const lv_plan *plan, const lv_need *needs,
                         lv_operator **op, lv_error *err)
{
    source_op *s = lv_operator_new(arena, sizeof *s, &source_class, exec, plan, needs);
    *op = &s->op;
    s->wanted = lv_needs_wanted(arena, plan->schema, needs);
    if (exec->context.open_source == NULL)
        return LV_FAIL(err, LV_UNSUPPORTED_FEATURE, "a stream cannot be read in a batch query");
    return exec->context.open_source(exec->context.self, plan->source_index, &s->reader, err);
}

/* ---- TABLE ----------------------------------------------------------------------------------- */

typedef struct table_op {
    lv_operator op;
    const bool *wanted;
    lv_delta_table *table;
    lv_delta_scan *scan; /* opened at the first row */
} table_op;

static lv_status table_next(lv_operator *op, lv_batch *out, bool *done, lv_error *err)
{
    table_op *t = (table_op *)op;
    if (t->scan == NULL)
        LV_TRY(lv_delta_scan_open(t->table, t->wanted, &op->plan->conditions, &t->scan, err));
    LV_TRY(lv_delta_scan_next(t->scan, &op->exec->batch, out, err));
    *done = out->length == 0;
    if (*done)
        lv_batch_none(op, out);
    return LV_OK;
}

static lv_status table_restart(lv_operator *op, lv_error *err)
{
    table_op *t = (table_op *)op;
    if (t->scan != NULL)
        lv_delta_scan_close(t->scan);
    t->scan = NULL;
    return LV_OK;
}

static void table_close(lv_operator *op)
{
    table_op *t = (table_op *)op;
    if (t->scan != NULL)
        lv_delta_scan_close(t->scan);
    if (t->table != NULL)
        lv_delta_table_close(t->table);
}

static const lv_operator_class table_class = {"Scan", table_next, table_restart, table_close,
                                              lv_print_wanted};

lv_status lv_make_table(lv_arena *arena, lv_exec *exec, const lv_plan *plan, const lv_need *needs,
                        lv_operator **op, lv_error *err)
{
    if (plan->format.len > 0 && !lv_str_is(plan->format, "delta"))
        return lv_make_files(arena, exec, plan, needs, op, err);
    table_op *t = lv_operator_new(arena, sizeof *t, &table_class, exec, plan, needs);
    *op = &t->op;
    t->wanted = lv_needs_wanted(arena, plan->schema, needs);
    return lv_delta_table_open(lv_str_cstr(arena, plan->path), &t->table, err);
}

/* ---- VALUES ---------------------------------------------------------------------------------- */

typedef struct values_op {
    lv_operator op;
    lv_exec_program program; /* all values, row by row, over one row without columns */
} values_op;

static lv_status values_next(lv_operator *op, lv_batch *out, bool *done, lv_error *err)
{
    values_op *v = (values_op *)op;
    lv_arena *arena = &op->exec->batch;
    int columns = op->schema->field_count, count = op->plan->expr_count;
    lv_batch one = {.schema = lv_type_struct(arena, NULL, 0), .length = 1, .columns = NULL};
    lv_vector *cells = LV_NEW_ARRAY(arena, lv_vector, count);
    LV_TRY(lv_program_run(v->program.instance, &op->exec->eval, &one, cells, err));
    *out = (lv_batch){.schema = op->schema,
                      .length = columns ? count / columns : 1,
                      .columns = LV_NEW_ARRAY(arena, lv_vector, columns)};
    for (int c = 0; c < columns; c++) {
        lv_builder b;
        lv_builder_init(&b, arena, op->schema->fields[c].type, out->length);
        for (int64_t row = 0; row < out->length; row++)
            lv_builder_append(&b, &cells[row * columns + c], 0);
        lv_builder_finish(&b, &out->columns[c]);
    }
    *done = true;
    return LV_OK;
}

static void values_close(lv_operator *op)
{
    lv_program_instance_free(((values_op *)op)->program.instance);
}

static const lv_operator_class values_class = {"Values", values_next, NULL, values_close, NULL};

lv_status lv_make_values(lv_arena *arena, lv_exec *exec, const lv_plan *plan, const lv_need *needs,
                         lv_operator **op, lv_error *err)
{
    values_op *v = lv_operator_new(arena, sizeof *v, &values_class, exec, plan, needs);
    *op = &v->op;
    return lv_exec_compile(arena, plan->exprs, plan->expr_count, NULL,
                           lv_type_struct(arena, NULL, 0), &v->program, err);
}

/* ---- RANGE ----------------------------------------------------------------------------------- */

typedef struct range_op {
    lv_operator op;
    uint64_t given;
    uint64_t count;
} range_op;

/* Values from start until end, which is left out; unsigned, as the distance may not fit an integer with sign. */
static uint64_t range_count(const int64_t *range)
{
    uint64_t start = (uint64_t)range[0], end = (uint64_t)range[1], step = (uint64_t)range[2];
    if (range[2] > 0)
        return range[1] > range[0] ? (end - start - 1) / step + 1 : 0;
    return range[0] > range[1] ? (start - end - 1) / (0 - step) + 1 : 0;
}

static lv_status range_next(lv_operator *op, lv_batch *out, bool *done, lv_error *err)
{
    range_op *r = (range_op *)op;
    int64_t rows = (int64_t)LV_MIN(r->count - r->given, (uint64_t)LV_BATCH_ROWS);
    *out = (lv_batch){
        .schema = op->schema, .length = rows, .columns = LV_NEW(&op->exec->batch, lv_vector)};
    lv_vector_init_flat(out->columns, &op->exec->batch, lv_type_of(LV_TYPE_BIGINT), rows);
    uint64_t first = (uint64_t)op->plan->range[0] + r->given * (uint64_t)op->plan->range[2];
    for (int64_t i = 0; i < rows; i++)
        ((uint64_t *)out->columns->data)[i] = first + (uint64_t)i * (uint64_t)op->plan->range[2];
    r->given += (uint64_t)rows;
    *done = r->given == r->count;
    return LV_OK;
}

static lv_status range_restart(lv_operator *op, lv_error *err)
{
    ((range_op *)op)->given = 0;
    return LV_OK;
}

static const lv_operator_class range_class = {"Range", range_next, range_restart, NULL, NULL};

lv_status lv_make_range(lv_arena *arena, lv_exec *exec, const lv_plan *plan, const lv_need *needs,
                        lv_operator **op, lv_error *err)
{
    range_op *r = lv_operator_new(arena, sizeof *r, &range_class, exec, plan, needs);
    *op = &r->op;
    r->count = range_count(plan->range);
    return LV_OK;
}
