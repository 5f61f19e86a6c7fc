/* column_writer.h: one leaf of a file that is being written.
 *
 * Values of a page are staged in the form of the physical type, or as codes once a dictionary is in
 * use; at the end of the page they are encoded, compressed and appended to the chunk in memory. The
 * first page of a chunk decides how the chunk is encoded: by a dictionary, by deltas, or plainly; a
 * dictionary that grows too large is given up for the pages that follow. So a row group costs its
 * encoded size plus a page per column. */
#ifndef LV_PARQUET_COLUMN_WRITER_H
#define LV_PARQUET_COLUMN_WRITER_H

#include "parquet/compress.h"
#include "parquet/dictionary.h"
#include "parquet/levels_shred.h"
#include "parquet/stats.h"

/** What the columns of a writer share: they work one after another. */
typedef struct lv_pq_write_context {
    lv_parquet_writer_options options;
    lv_pq_codecs codecs;
    lv_arena file; /* metadata of the file being written */
    lv_sbuf body;  /* page before compression */
    lv_sbuf delta; /* values as deltas, on trial */
    lv_sbuf packed;
    uint32_t *codes; /* scratch: codes of a first page */
    int64_t code_capacity;
    lv_sbuf converted; /* scratch: values on their way to a dictionary */
    int32_t *rows;     /* scratch of page_rows */
    uint64_t *seen;
    size_t seen_words;
    bool avx2; /* the processor has it */
} lv_pq_write_context;

typedef enum lv_pq_mode {
    LV_PQ_UNDECIDED, /* no page with values yet */
    LV_PQ_BY_DICTIONARY,
    LV_PQ_BY_DELTA,
    LV_PQ_PLAINLY,
} lv_pq_mode;

/** What the page index needs to know of a page; bounds are encoded and in the file's arena. */
typedef struct lv_pq_page_record {
    int64_t offset; /* from the first data page */
    int32_t bytes;  /* header included */
    int64_t first_row;
    int64_t null_count;
    bool all_null;
    bool has_bounds;
    lv_str min, max;
} lv_pq_page_record;

typedef struct lv_pq_column_writer {
    const lv_pq_leaf *leaf;
    lv_pq_write_context *context;
    size_t value_size; /* staged, when not as a code; strings: of a length */

    /* the page */
    void *values;
    int64_t value_count, value_capacity;
    lv_sbuf bytes; /* of strings not in a dictionary */
    uint8_t *defs; /* valid if has_levels */
    uint8_t *reps;
    bool has_levels; /* else every level is max_def, 0 */
    int64_t level_count, level_capacity;
    int64_t row_count;
    size_t dictionary_start; /* size of the dictionary when the page began */
    lv_pq_range range;       /* of the page's numbers; strings are looked at when it ends */

    /* the chunk */
    lv_pq_mode mode;
    bool by_code; /* values are staged as codes: strings from the start, numbers once decided */
    bool dictionary_used;
    lv_pq_dictionary dictionary;
    lv_sbuf pages;
    LV_THRIFT_LIST(lv_pq_page_record) records; /* in the file's arena */
    size_t record_capacity;
    int32_t page_counts[LV_PQ_BYTE_STREAM_SPLIT + 1]; /* data pages by encoding */
    int64_t chunk_rows, chunk_levels, chunk_nulls;
    int64_t uncompressed_bytes;
    lv_pq_range chunk_range; /* strings in chunk_min, chunk_max */
    lv_sbuf chunk_min, chunk_max;
    bool store; /* the last page did not shrink: do not try this one */
    int stored_pages;

    /* the file */
    lv_pq_range file_range; /* strings in file_min, file_max */
    lv_sbuf file_min, file_max;
    int64_t file_nulls;
} lv_pq_column_writer;

void lv_pq_column_writer_init(lv_pq_column_writer *column, const lv_pq_leaf *leaf,
                              lv_pq_write_context *context);
void lv_pq_column_writer_release(lv_pq_column_writer *column);
/** Begins a file, dropping whatever there was. */
void lv_pq_column_writer_reset(lv_pq_column_writer *column);
/** Appends rows of a top-level leaf. */
LV_MUST_USE lv_status lv_pq_column_writer_append(lv_pq_column_writer *column,
                                                 const lv_vector *vector, int64_t from,
                                                 int64_t count, lv_error *err);
/** Appends whole rows of a leaf below a STRUCT, ARRAY or MAP. */
LV_MUST_USE lv_status lv_pq_column_writer_append_shredded(lv_pq_column_writer *column,
                                                          const lv_pq_shredded *rows,
                                                          lv_error *err);
/** Ends the row group: `dictionary_page` is filled (empty: none), the data pages are in
 *  column->pages, and `chunk` describes them as if the dictionary page began at `offset`. Then
 *  lv_pq_column_writer_next_chunk. */
LV_MUST_USE lv_status lv_pq_column_writer_finish(lv_pq_column_writer *column, int64_t offset,
                                                 lv_sbuf *dictionary_page, lv_pq_chunk *chunk,
                                                 lv_error *err);
void lv_pq_column_writer_next_chunk(lv_pq_column_writer *column);
/** Bytes of the chunk so far, about. */
static inline int64_t lv_pq_column_writer_bytes(const lv_pq_column_writer *column)
{
    return (int64_t)(column->pages.len + column->dictionary.body.len) +
           column->value_count * (int64_t)column->value_size / 4 + (int64_t)column->bytes.len / 4;
}
/** Statistics of the file as lv_parquet_file_info has them; strings last until reset. */
void lv_pq_column_writer_stats(lv_pq_column_writer *column, lv_parquet_column_stats *stats);

#endif
