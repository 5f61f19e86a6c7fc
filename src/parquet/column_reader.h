/* column_reader.h: one leaf of a row group, row by row in stretches of any length. */
#ifndef LV_PARQUET_COLUMN_READER_H
#define LV_PARQUET_COLUMN_READER_H

#include "parquet/page_reader.h"
#include "parquet/value_decoder.h"

/** What was read of some rows. Levels are in the caller's arena; so is everything in `values`. */
typedef struct lv_pq_leaf_rows {
    int64_t level_count;
    const uint8_t *defs; /* NULL: all are max_def */
    const uint8_t *reps; /* NULL: all are 0 */
    lv_vector
        values; /* those that are there, without nulls, of the leaf's Spark type; FLAT or DICTIONARY */
} lv_pq_leaf_rows;

typedef struct lv_pq_column_reader {
    const lv_pq_leaf *leaf;
    lv_pq_page_reader pages;

    /* the chunk's dictionary */
    lv_arena dictionary_arena;
    bool has_dictionary;
    uint32_t dictionary_count;
    void *dictionary; /* decoded values */
    lv_sbuf dictionary_bytes;
    int8_t distinct; /* strings: 1 all different, 0 not, -1 not yet known */

    /* the page */
    lv_arena page_arena;
    bool coded; /* by the dictionary */
    size_t levels_left;
    lv_pq_rle def_runs;         /* of a leaf outside lists: decoded as rows are read */
    const uint8_t *defs, *reps; /* else, and of old encodings: decoded at once; the next levels */
    lv_pq_value_decoder values;

    /* what is being put together, in the caller's arena */
    lv_arena *arena;
    int64_t level_count, level_capacity;
    uint8_t *out_defs, *out_reps; /* out_defs NULL: all max_def so far (only outside lists) */
    int64_t value_count, value_capacity;
    bool by_code; /* `out` holds codes of the dictionary */
    void *out;
} lv_pq_column_reader;

void lv_pq_column_reader_init(lv_pq_column_reader *column, const lv_pq_leaf *leaf,
                              const lv_parquet_source *source, lv_pq_codecs *codecs,
                              bool check_crc);
void lv_pq_column_reader_release(lv_pq_column_reader *column);
/** Begins a row group; `limit` is the offset of the footer. */
LV_MUST_USE lv_status lv_pq_column_reader_start(lv_pq_column_reader *column,
                                                const lv_pq_chunk *chunk, int64_t limit,
                                                lv_error *err);
/** Reads `count` rows, which the row group must have. */
LV_MUST_USE lv_status lv_pq_column_reader_read(lv_pq_column_reader *column, int64_t count,
                                               lv_arena *arena, lv_pq_leaf_rows *rows,
                                               lv_error *err);

#endif
