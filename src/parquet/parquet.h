/* parquet.h: Parquet files: written as Spark, DuckDB and everybody else can read them, and read as
 * others write them.
 *
 * Writing: batches of one schema go in, a file comes out of a sink in order, footer last; nothing
 * is ever sought back to. A writer holds one row group in encoded form and one page per column as
 * values, so its memory is bounded by the row group, and it is reused for the next file. The
 * statistics that Delta wants are returned by close.
 *
 * Reading: a reader is an opened footer: schema, row groups, statistics for pruning. A scan reads
 * rows of it as a requested schema, column by column, in batches of any size; columns that the file
 * lacks are null, types are widened as Spark does.
 *
 * A writer, a reader and a scan each belong to one thread at a time. */
#ifndef LV_PARQUET_PARQUET_H
#define LV_PARQUET_PARQUET_H

#include "base/status.h"
#include "column/condition.h"
#include "column/vector.h"

/* ---- codecs ---------------------------------------------------------------------------------- */

/** Values are those of Parquet's CompressionCodec. */
typedef enum lv_parquet_codec {
    LV_PARQUET_NONE = 0,
    LV_PARQUET_SNAPPY = 1,
    LV_PARQUET_GZIP = 2,
    LV_PARQUET_ZSTD = 6,
    LV_PARQUET_LZ4_RAW = 7,
} lv_parquet_codec;

/** By Spark's names, without case: none, uncompressed, snappy, gzip, zstd, lz4raw, lz4_raw. */
bool lv_parquet_codec_parse(lv_str name, lv_parquet_codec *codec);
/** As Spark puts it into file names: ".zstd", ".snappy", ".gz", ".lz4raw", "". */
const char *lv_parquet_codec_extension(lv_parquet_codec codec);

/* ---- statistics ------------------------------------------------------------------------------ */

/** One value of a leaf: the C type of types.def, so &value serves as the data of a vector. */
typedef union lv_parquet_value {
    bool boolean;
    int8_t i8;
    int16_t i16;
    int32_t i32; /* INT, DATE */
    int64_t i64; /* BIGINT, TIMESTAMP, TIMESTAMP_NTZ */
    float f32;
    double f64;
    __int128 i128; /* DECIMAL, unscaled */
    lv_str str;    /* STRING, BINARY */
} lv_parquet_value;

/** Statistics of a column: of a whole file when they come from a writer, of one row group when they
 *  come from a reader. In a writer's list, columns are the leaves of the tree of STRUCTs, depth
 *  first, where an ARRAY or a MAP counts as one leaf with a null count only: Delta's view. */
typedef struct lv_parquet_column_stats {
    const lv_type *type;
    const lv_str *path; /* names from the top-level column down */
    int path_length;
    bool has_null_count;
    bool has_min_max; /* never for ARRAY, MAP, VOID, and not if all values are null or NaN */
    bool min_exact;   /* else a bound: strings beyond 64 bytes as others' files hold them */
    bool max_exact;
    int64_t null_count; /* rows without a value, also because a parent is null */
    int64_t nan_count;  /* FLOAT and DOUBLE of a writer; NaN takes no part in min and max */
    lv_parquet_value
        min; /* -0.0 for zero; strings of a writer are whole, up to 4 KiB, else a bound */
    lv_parquet_value max; /* +0.0 for zero */
} lv_parquet_column_stats;

/* ---- writing --------------------------------------------------------------------------------- */

/** Where the bytes of a file go, in order. */
typedef struct lv_parquet_sink {
    lv_status (*write)(void *context, const void *bytes, size_t len, lv_error *err);
    void *context;
} lv_parquet_sink;

typedef struct lv_parquet_writer_options {
    lv_parquet_codec codec;
    int codec_level;         /* 0: the codec's own choice, 1 for zstd */
    int64_t row_group_rows;  /* a row group ends at this many rows ... */
    int64_t row_group_bytes; /* ... or when its encoded size gets here */
    int64_t page_rows;
    int64_t page_bytes;       /* of values before encoding */
    int64_t dictionary_bytes; /* a larger dictionary is given up; 0: never a dictionary */
    bool delta_encodings;     /* DELTA_BINARY_PACKED and DELTA_LENGTH_BYTE_ARRAY where they pay */
    bool page_index;
    bool crc;
    const char *created_by; /* NULL: "levada version X.Y.Z (build levada)" */
} lv_parquet_writer_options;

#define LV_PARQUET_WRITER_DEFAULTS                                                                 \
    ((lv_parquet_writer_options){.codec = LV_PARQUET_ZSTD,                                         \
                                 .row_group_rows = 1 << 20,                                        \
                                 .row_group_bytes = 64 << 20,                                      \
                                 .page_rows = 20000,                                               \
                                 .page_bytes = 1 << 20,                                            \
                                 .dictionary_bytes = 1 << 20,                                      \
                                 .delta_encodings = true,                                          \
                                 .page_index = true,                                               \
                                 .crc = true})

/** What was written. `columns` and the strings in them belong to the writer and last until it is
 *  reopened or freed. */
typedef struct lv_parquet_file_info {
    int64_t row_count;
    int64_t size_bytes;
    int column_count;
    const lv_parquet_column_stats *columns;
} lv_parquet_file_info;

typedef struct lv_parquet_writer lv_parquet_writer;

/** A writer of files of this schema (a STRUCT; copied). Every field that is nullable becomes
 *  OPTIONAL; a field's metadata "parquet.field.id" becomes its field_id. `options` NULL: defaults.
 *  UNSUPPORTED_DATATYPE for VOID columns and for nesting beyond 60 levels. */
LV_MUST_USE lv_status lv_parquet_writer_new(lv_parquet_writer **writer, const lv_type *schema,
                                            const lv_parquet_writer_options *options,
                                            lv_error *err);
/** Also in the middle of a file, which is then left incomplete. NULL is allowed. */
void lv_parquet_writer_free(lv_parquet_writer *writer);
/** Begins a file; one that was begun and not closed is abandoned. Cheap: nothing is allocated that
 *  the last file had. */
LV_MUST_USE lv_status lv_parquet_writer_open(lv_parquet_writer *writer, lv_parquet_sink sink,
                                             lv_error *err);
/** Appends rows. The batch has the writer's types column by column (names are not compared), any
 *  encoding; it may be released after the call. DELTA_NOT_NULL_VIOLATED for a null in a field that
 *  is not nullable. After an error only open and free may be called. */
LV_MUST_USE lv_status lv_parquet_write(lv_parquet_writer *writer, const lv_batch *batch,
                                       lv_error *err);
/** Writes what is buffered, the page index and the footer. `info` may be NULL. */
LV_MUST_USE lv_status lv_parquet_writer_close(lv_parquet_writer *writer, lv_parquet_file_info *info,
                                              lv_error *err);
/** Bytes given to the sink so far plus those buffered, about: to cut files by size. */
int64_t lv_parquet_writer_size_bytes(const lv_parquet_writer *writer);

/** A sink that writes to a file descriptor (the writer does not close it). `target` must outlive it. */
typedef struct lv_parquet_fd {
    int fd;
    const char *path; /* for messages */
} lv_parquet_fd;
lv_parquet_sink lv_parquet_sink_fd(lv_parquet_fd *target);
/** A sink that appends to a buffer. */
lv_parquet_sink lv_parquet_sink_sbuf(lv_sbuf *target);

/* ---- reading --------------------------------------------------------------------------------- */

/** Where the bytes of a file come from; `read` fills `len` bytes at `offset` or fails. */
typedef struct lv_parquet_source {
    lv_status (*read)(void *context, int64_t offset, void *out, size_t len, lv_error *err);
    void *context;
    int64_t size_bytes;
    const char *name; /* for messages; must outlive the reader */
} lv_parquet_source;

/** `target` must outlive the source. */
lv_parquet_source lv_parquet_source_fd(lv_parquet_fd *target, int64_t size_bytes);
/** `bytes` must outlive the source, and so must the slice itself. */
lv_parquet_source lv_parquet_source_bytes(const lv_str *bytes, const char *name);

typedef struct lv_parquet_reader lv_parquet_reader;

/** Reads and checks the footer. PARQUET_CORRUPT for what is no Parquet file or a damaged one,
 *  PARQUET_UNSUPPORTED for encrypted files and types that Spark does not know either. */
LV_MUST_USE lv_status lv_parquet_reader_open(lv_parquet_reader **reader, lv_parquet_source source,
                                             lv_error *err);
void lv_parquet_reader_close(lv_parquet_reader *reader);
/** The schema as Spark infers it (INT96 is TIMESTAMP, unsigned types widened); lasts with the reader. */
const lv_type *lv_parquet_reader_schema(const lv_parquet_reader *reader);
int64_t lv_parquet_reader_row_count(const lv_parquet_reader *reader);
int lv_parquet_reader_row_group_count(const lv_parquet_reader *reader);
int64_t lv_parquet_reader_row_group_rows(const lv_parquet_reader *reader, int row_group);
/** Value of a footer key, false if there is none; lasts with the reader. */
bool lv_parquet_reader_metadata(const lv_parquet_reader *reader, const char *key, lv_str *value);
/** created_by of the footer, empty if absent. */
lv_str lv_parquet_reader_created_by(const lv_parquet_reader *reader);
/** Statistics of the leaf at `path` in a row group; false if there is no such leaf or it has none.
 *  Min and max that their writer or order makes untrustworthy are left out. Strings last with the
 *  reader. */
bool lv_parquet_reader_stats(const lv_parquet_reader *reader, int row_group, const lv_str *path,
                             int path_length, lv_parquet_column_stats *stats);

typedef struct lv_parquet_scan_options {
    const lv_type *schema; /* columns wanted, nested ones too; NULL: all of the file */
    int64_t batch_rows;    /* most rows of a batch; 0: 131,072 */
    bool case_sensitive;   /* else names match without ASCII case, an exact match first */
    bool by_field_id; /* fields with metadata "parquet.field.id" match by it (Delta's id mode) */
    bool skip_crc;    /* do not check page checksums */
    lv_conditions conditions; /* on columns of `schema`: row groups that break one are left out */
    const bool *row_groups;   /* which to read, one flag each; NULL: all. Must outlive the scan */
} lv_parquet_scan_options;

typedef struct lv_parquet_scan lv_parquet_scan;

/** Begins a scan; `options` NULL: everything. The reader and the schema must outlive it, the schema also
 *  its batches. DATATYPE_MISMATCH if a column cannot be read as the
 *  type asked for (allowed: the same type, wider integers, FLOAT to DOUBLE, INT to DOUBLE, DATE to
 *  TIMESTAMP_NTZ, wider decimals, TIMESTAMP and TIMESTAMP_NTZ from each other's storage). */
LV_MUST_USE lv_status lv_parquet_scan_open(lv_parquet_scan **scan, lv_parquet_reader *reader,
                                           const lv_parquet_scan_options *options, lv_error *err);
void lv_parquet_scan_close(lv_parquet_scan *scan);
/** The next rows, everything in `arena`; a batch never spans row groups. Length 0: the end. Strings are
 *  DICTIONARY vectors where the file's dictionary is small beside the batch. */
LV_MUST_USE lv_status lv_parquet_scan_next(lv_parquet_scan *scan, lv_arena *arena, lv_batch *batch,
                                           lv_error *err);
/** Index in the file of the first row of the batch returned last. */
int64_t lv_parquet_scan_row_index(const lv_parquet_scan *scan);

#endif
