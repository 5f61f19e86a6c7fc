/* op_feed.c: rows that somebody outside holds in memory. */
#include "exec/exec_int.h"

typedef struct feed_op {
    lv_operator op;
    const bool *wanted;
    int64_t next; /* batch of the feed */
} feed_op;

static lv_status feed_next(lv_operator *op, lv_batch *out, bool *done, lv_error *err)
{
    feed_op *f = (feed_op *)op;
    const lv_feed *feed = op->plan->feed;
    if (f->next < feed->batch_count)
        LV_TRY(feed->read(feed->self, f->next++, f->wanted, &op->exec->batch, out, err));
    else
        lv_batch_none(op, out);
    *done = f->next >= feed->batch_count;
    return LV_OK;
}

static lv_status feed_restart(lv_operator *op, lv_error *err)
{
    ((feed_op *)op)->next = 0;
    return LV_OK;
}

static const lv_operator_class feed_class = {"Feed", feed_next, feed_restart, NULL, NULL};

lv_status lv_make_feed(lv_arena *arena, lv_exec *exec, const lv_plan *plan, const lv_need *needs,
                       lv_operator **op, lv_error *err)
{
    feed_op *f = lv_operator_new(arena, sizeof *f, &feed_class, exec, plan, needs);
    *op = &f->op;
    f->wanted = lv_needs_wanted(arena, plan->schema, needs);
    return LV_OK;
}
