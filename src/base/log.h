/* log.h: the program's log: one line per event on stderr, `level area key=value ...`.
 *
 * Libraries below stream/ return errors instead of logging. Never log a payload or a secret. */
#ifndef LV_BASE_LOG_H
#define LV_BASE_LOG_H

#include "base/compiler.h"

typedef enum lv_log_level { LV_LOG_ERROR, LV_LOG_WARN, LV_LOG_INFO, LV_LOG_DEBUG } lv_log_level;

/** Lines above `level` are dropped; the start value is LV_LOG_WARN. @thread call before others start. */
void lv_log_set_level(lv_log_level level);
/** Writes one line at once, so lines of several threads do not mix. @thread any */
LV_PRINTF(3, 4) void lv_log(lv_log_level level, const char *area, const char *fmt, ...);

#endif
