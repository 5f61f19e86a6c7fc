/* render_int.h: between render.c, which takes rows, and render_table.c, which frames them. */
#ifndef LV_CLI_RENDER_INT_H
#define LV_CLI_RENDER_INT_H

#include "base/vec.h"
#include "cli/render.h"

/** A frame's rows: cells row by row. The head is kept whole; of the tail, two runs of at most
 *  `tail_rows` rows, of which the older is dropped when the newer is full. */
typedef struct lv_frame_rows {
    lv_arena arena;
    LV_VEC(lv_str) cells;
} lv_frame_rows;

typedef struct lv_frame {
    const lv_type *schema;
    const lv_timezone *zone;
    lv_render_options options;
    int64_t rows_seen;
    lv_frame_rows head;
    lv_frame_rows tail[2];
    int newer; /* which tail is being filled */
} lv_frame;

void lv_frame_init(lv_frame *frame, const lv_render_options *options, const lv_type *schema,
                   const lv_timezone *zone);
void lv_frame_add(lv_frame *frame, const lv_batch *batch);
void lv_frame_print(lv_frame *frame, FILE *out);
void lv_frame_release(lv_frame *frame);

#endif
