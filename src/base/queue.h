/* queue.h: a bounded queue of pointers between threads. The only lock in a hand-over of work.
 *
 * Push blocks while the queue is full: that is the back-pressure. Close wakes everybody: pushes
 * then fail, pops drain what is left and then fail. Items come out in the order they went in. */
#ifndef LV_BASE_QUEUE_H
#define LV_BASE_QUEUE_H

#include "base/compiler.h"

typedef struct lv_queue lv_queue;

/** @thread any, for all of these. */
lv_queue *lv_queue_new(size_t capacity);
/** The queue must be empty or its items owned elsewhere; no thread may be inside. */
void lv_queue_free(lv_queue *queue);
/** Blocks while full; false when closed (the item stays the caller's). */
bool lv_queue_push(lv_queue *queue, void *item);
/** Blocks while empty; NULL when closed and drained. */
void *lv_queue_pop(lv_queue *queue);
/** As lv_queue_pop but waits at most `timeout_ms`; NULL on time-out too. 0 polls. */
void *lv_queue_pop_timed(lv_queue *queue, int64_t timeout_ms);
void lv_queue_close(lv_queue *queue);

#endif
