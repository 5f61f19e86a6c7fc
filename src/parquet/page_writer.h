/* page_writer.h: the pages of a column chunk: choosing the encoding, encoding, compressing. */
#ifndef LV_PARQUET_PAGE_WRITER_H
#define LV_PARQUET_PAGE_WRITER_H

#include "parquet/column_writer.h"

/** Empties the staging area. */
void lv_pq_page_begin(lv_pq_column_writer *column);
/** Encodes what is staged as a data page; `last` if the chunk ends with it. Then begins the next. */
LV_MUST_USE lv_status lv_pq_page_finish(lv_pq_column_writer *column, bool last, lv_error *err);

#endif
