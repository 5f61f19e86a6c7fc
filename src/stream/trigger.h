/* trigger.h: when a query makes its next micro-batch. Source: Spark's TriggerExecutor.scala. */
#ifndef LV_STREAM_TRIGGER_H
#define LV_STREAM_TRIGGER_H

#include "base/status.h"
#include "base/str.h"

typedef enum lv_trigger_kind {
    LV_TRIGGER_ASAP,            /* ProcessingTime(0): the next batch as soon as there is data */
    LV_TRIGGER_PROCESSING_TIME, /* at multiples of the interval since the epoch */
    LV_TRIGGER_ONCE,            /* one batch, no rate limit */
    LV_TRIGGER_AVAILABLE_NOW    /* everything there is at the start, in rate-limited batches */
} lv_trigger_kind;

typedef struct lv_trigger {
    lv_trigger_kind kind;
    int64_t interval_us; /* PROCESSING_TIME: above 0 */
} lv_trigger;

/** When the batch after one that began at `began_us` and ended at `now_us` is due: the next multiple of
 *  the interval after its begin, or at once if that has passed. */
int64_t lv_trigger_next_us(const lv_trigger *trigger, int64_t began_us, int64_t now_us);
/** Whether the query ends by itself. */
static inline bool lv_trigger_terminates(const lv_trigger *trigger)
{
    return trigger->kind >= LV_TRIGGER_ONCE;
}

#endif
