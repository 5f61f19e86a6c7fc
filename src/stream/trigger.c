/* trigger.c: see trigger.h. */
#include "stream/trigger.h"

int64_t lv_trigger_next_us(const lv_trigger *trigger, int64_t began_us, int64_t now_us)
{
    if (trigger->kind != LV_TRIGGER_PROCESSING_TIME)
        return now_us;
    int64_t due = began_us / trigger->interval_us * trigger->interval_us + trigger->interval_us;
    return LV_MAX(due, now_us);
}
