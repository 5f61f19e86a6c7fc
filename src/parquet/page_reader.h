/* page_reader.h: the pages of a column chunk, one after another, checked and decompressed.
 *
 * A chunk is read through a window, so that memory is bounded by the window and the largest page,
 * not by the chunk. Where a chunk ends is told by its number of values: the sizes in footers of old
 * writers are not to be trusted. */
#ifndef LV_PARQUET_PAGE_READER_H
#define LV_PARQUET_PAGE_READER_H

#include "parquet/compress.h"
#include "parquet/parquet_int.h"

typedef struct lv_pq_page {
    bool is_dictionary;
    lv_pq_encoding encoding;
    lv_pq_encoding def_encoding, rep_encoding; /* V1 */
    bool is_v2;
    int64_t offset;     /* of the page header in the file, for messages */
    size_t value_count; /* nulls included; of a dictionary: entries */
    lv_str reps, defs;  /* V2: the bytes of the levels */
    lv_str body;        /* V1: levels and values; V2 and dictionaries: values */
} lv_pq_page;

typedef struct lv_pq_page_reader {
    const lv_parquet_source *source;
    lv_pq_codecs *codecs;
    int codec;
    bool check_crc;
    int64_t offset;    /* of the next page */
    int64_t limit;     /* end of what pages may take up */
    int64_t chunk_end; /* where the footer says that the chunk ends: how far to read ahead */
    int64_t values_left;
    lv_sbuf window;
    int64_t window_offset;
    lv_sbuf unpacked;
    lv_arena scratch;
} lv_pq_page_reader;

/** Prepares for a chunk; `limit` is the offset of the footer. Keeps the memory of the last chunk. */
LV_MUST_USE lv_status lv_pq_page_reader_start(lv_pq_page_reader *pages,
                                              const lv_pq_column_meta *meta, int64_t limit,
                                              lv_error *err);
void lv_pq_page_reader_release(lv_pq_page_reader *pages);
/** The next dictionary or data page, whose bytes last until the next call. Not to be called when
 *  values_left is 0. */
LV_MUST_USE lv_status lv_pq_page_reader_next(lv_pq_page_reader *pages, lv_pq_page *page,
                                             lv_error *err);

#endif
