/* reader_int.h: the inside of a reader, for the scan. */
#ifndef LV_PARQUET_READER_INT_H
#define LV_PARQUET_READER_INT_H

#include "parquet/parquet_int.h"

struct lv_parquet_reader {
    lv_arena arena;
    lv_parquet_source source;
    int64_t data_end; /* offset of the footer */
    lv_pq_file_meta meta;
    lv_pq_schema schema;
    int64_t row_count;
};

/** lv_parquet_reader_stats of a leaf by its number; the path is left empty. */
bool lv_pq_leaf_stats(const lv_parquet_reader *reader, int row_group, int leaf,
                      lv_parquet_column_stats *stats);

#endif
