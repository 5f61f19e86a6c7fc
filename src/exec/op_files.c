/* op_files.c: the leaf that reads files of a format: json.`path`, read_files(...). */
#include "exec/exec_int.h"
#include "files/files.h"

typedef struct files_op {
    lv_operator op;
    lv_file_relation *relation;
    lv_file_reader *reader; /* opened at the first row */
    const bool *wanted;
} files_op;

static lv_status files_next(lv_operator *op, lv_batch *out, bool *done, lv_error *err)
{
    files_op *f = (files_op *)op;
    if (f->reader == NULL) {
        int count;
        const lv_file *files = lv_file_relation_files(f->relation, &count);
        LV_TRY(lv_file_reader_new(f->relation, f->wanted, &op->plan->conditions, &f->reader, err));
        lv_file_reader_open(f->reader, files, count);
    }
    return lv_file_reader_next(f->reader, &op->exec->batch, out, done, err);
}

static lv_status files_restart(lv_operator *op, lv_error *err)
{
    files_op *f = (files_op *)op;
    lv_file_reader_free(f->reader);
    f->reader = NULL;
    return LV_OK;
}

static void files_close(lv_operator *op)
{
    files_op *f = (files_op *)op;
    lv_file_reader_free(f->reader);
    lv_file_relation_close(f->relation);
}

static const lv_operator_class files_class = {"Files", files_next, files_restart, files_close,
                                              lv_print_wanted};

lv_status lv_make_files(lv_arena *arena, lv_exec *exec, const lv_plan *plan, const lv_need *needs,
                        lv_operator **op, lv_error *err)
{
    files_op *f = lv_operator_new(arena, sizeof *f, &files_class, exec, plan, needs);
    *op = &f->op;
    f->wanted = lv_needs_wanted(arena, plan->schema, needs);
    lv_str format = lv_str_is(plan->format, "files") ? LV_STR_NONE : plan->format;
    return lv_file_relation_open(format, &plan->options, plan->schema, LV_FILES_BATCH, &f->relation,
                                 err);
}
