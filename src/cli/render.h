/* render.h: rows for people and machines: a box table, JSON, CSV, Markdown, or Spark's show().
 *
 * JSON, CSV and Markdown are written as batches come; the two framed tables keep their cells until
 * the end, because a column is as wide as its widest cell. A box may be bounded to what a terminal
 * holds: then the first and the last rows are kept, wide columns are cut, and a line below says so. */
#ifndef LV_CLI_RENDER_H
#define LV_CLI_RENDER_H

#include <stdio.h>

#include "base/status.h"
#include "base/timezone.h"
#include "column/vector.h"

typedef enum lv_output_format {
    LV_OUTPUT_TABLE,
    LV_OUTPUT_JSONL,
    LV_OUTPUT_JSON, /* one array of objects */
    LV_OUTPUT_CSV,
    LV_OUTPUT_MARKDOWN,
    LV_OUTPUT_SPARK
} lv_output_format;

/** "table", "jsonl", "json", "csv", "markdown", "spark". Error USAGE. */
LV_MUST_USE lv_status lv_output_format_parse(const char *name, lv_output_format *format,
                                             lv_error *err);
/** "table" ... */
const char *lv_output_format_name(lv_output_format format);
/** Whether programs read it: then errors are JSON too. */
bool lv_output_format_is_json(lv_output_format format);

/** How rows are shown. The bounds are for TABLE only; 0: none. */
typedef struct lv_render_options {
    lv_output_format format;
    int width_max;    /* columns of the terminal */
    int64_t rows_max; /* half of them from the beginning, half from the end */
} lv_render_options;

typedef struct lv_renderer lv_renderer;

/** Writes to `out`, which stays the caller's; `schema` and `zone` must outlive the renderer. */
lv_renderer *lv_renderer_new(const lv_render_options *options, const lv_type *schema,
                             const lv_timezone *zone, FILE *out);
/** Takes the rows of a batch; keeps nothing of its memory. */
void lv_renderer_add(lv_renderer *renderer, const lv_batch *batch);
/** Writes what is left and frees the renderer. Error IO if `out` failed. */
LV_MUST_USE lv_status lv_renderer_finish(lv_renderer *renderer, lv_error *err);
/** Frees a renderer that will not be finished, after an error. */
void lv_renderer_free(lv_renderer *renderer);

#endif
