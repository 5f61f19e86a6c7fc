/* render.h: rows for people and machines: a box table, JSON lines, CSV, or Spark's show().
 *
 * JSON lines and CSV are written as batches come; the two tables keep all cells until the end,
 * because a column is as wide as its widest cell. */
#ifndef LV_CLI_RENDER_H
#define LV_CLI_RENDER_H

#include <stdio.h>

#include "base/status.h"
#include "base/timezone.h"
#include "column/vector.h"

typedef enum lv_output_format {
    LV_OUTPUT_TABLE,
    LV_OUTPUT_JSONL,
    LV_OUTPUT_CSV,
    LV_OUTPUT_SPARK
} lv_output_format;

/** "table", "jsonl", "csv", "spark". Error USAGE. */
LV_MUST_USE lv_status lv_output_format_parse(const char *name, lv_output_format *format,
                                             lv_error *err);

typedef struct lv_renderer lv_renderer;

/** Writes to `out`, which stays the caller's; `schema` and `zone` must outlive the renderer. */
lv_renderer *lv_renderer_new(lv_output_format format, const lv_type *schema,
                             const lv_timezone *zone, FILE *out);
/** Takes the rows of a batch; keeps nothing of its memory. */
void lv_renderer_add(lv_renderer *renderer, const lv_batch *batch);
/** Writes what is left and frees the renderer. Error IO if `out` failed. */
LV_MUST_USE lv_status lv_renderer_finish(lv_renderer *renderer, lv_error *err);
/** Frees a renderer that will not be finished, after an error. */
void lv_renderer_free(lv_renderer *renderer);

#endif
