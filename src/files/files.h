/* files.h: files as relations: JSON, CSV, Parquet, text and binary files below a path.
 *
 *     options ──► relation (files, columns of folders, schema) ──► readers, one per thread ──► batches
 *
 * A relation is what a path and the options of Spark's DataFrameReader say: which files there are, which columns
 * the names of folders (k=v) give, and, unless a schema is given, what the files say theirs is. It does not change
 * once it is open and may be read by several threads. Files are read in blocks; nothing but a Parquet column chunk
 * or, with multiLine and wholeText, a whole file is ever held.
 *
 * Source: Spark's PartitioningAwareFileIndex, PartitioningUtils, DataSource, and the readers of each format. */
#ifndef LV_FILES_FILES_H
#define LV_FILES_FILES_H

#include "column/vector.h"
#include "plan/plan.h"

typedef struct lv_file_relation lv_file_relation;
typedef struct lv_file_reader lv_file_reader;

/** A file of a listing. Texts are in the arena it was listed in; `path` is absolute and NUL-terminated. */
typedef struct lv_file {
    lv_str path;
    lv_str root; /* the folder below which folder names are columns */
    int64_t size_bytes;
    int64_t modified_ms;
} lv_file;

typedef enum lv_file_use {
    LV_FILES_BATCH, /* all files that are there now; nothing to infer a schema from is an error */
    LV_FILES_STREAM /* files as they come: there may be none yet */
} lv_file_use;

/** Whether read_files and its kin know a format of this name (json, csv, parquet, text, binaryFile). */
bool lv_file_format_is_known(lv_str format);
/** Refuses options that no format and no source has. Error UNRECOGNIZED_PARAMETER_NAME. */
LV_MUST_USE lv_status lv_file_options_check(const lv_options *options, lv_error *err);

/** Opens the relation of a format (empty: by the option `format`, or the first file's name) and its options, `path`
 *  among them, timeZone for times without one. `schema` NULL: by the option `schema` or inferred; else one that
 *  lv_file_relation_schema gave before. Errors PATH_NOT_FOUND, UNABLE_TO_INFER_SCHEMA, FAILED_READ_FILE.*,
 *  CONFLICTING_DIRECTORY_STRUCTURES, CONFLICTING_PARTITION_COLUMN_NAMES, COLUMN_ALREADY_EXISTS,
 *  CANNOT_MERGE_SCHEMAS, UNSUPPORTED_FEATURE. */
LV_MUST_USE lv_status lv_file_relation_open(lv_str format, const lv_options *options,
                                            const lv_type *schema, lv_file_use use,
                                            lv_file_relation **relation, lv_error *err);
void lv_file_relation_close(lv_file_relation *relation);
/** Columns of the files, columns of the folders, and the hidden column _metadata. Borrowed. */
const lv_type *lv_file_relation_schema(const lv_file_relation *relation);
/** "file:/data/in", borrowed: the path for messages and descriptions. */
lv_str lv_file_relation_location(const lv_file_relation *relation);
/** The files of a batch relation in the order in which Spark reads them: the largest first. Borrowed. */
const lv_file *lv_file_relation_files(const lv_file_relation *relation, int *count);
/** What is there now, sorted by path, in `arena`: for streams. */
LV_MUST_USE lv_status lv_file_relation_list(const lv_file_relation *relation, lv_arena *arena,
                                            lv_file **files, int *count, lv_error *err);
/** The file at `path` of a stream. NOT_FOUND if it is gone. */
LV_MUST_USE lv_status lv_file_relation_find(const lv_file_relation *relation, lv_arena *arena,
                                            lv_str path, lv_file *file, lv_error *err);

/** A reader for one thread. `wanted` (one per column of the schema, NULL: all): others become constant nulls. Rows that
 *  break one of `conditions` (on columns of the schema; NULL: none) may be left out. */
LV_MUST_USE lv_status lv_file_reader_new(const lv_file_relation *relation, const bool *wanted,
                                         const lv_conditions *conditions, lv_file_reader **reader,
                                         lv_error *err);
void lv_file_reader_free(lv_file_reader *reader);
/** Begins to read files, which must outlive that; what was left of earlier ones is dropped. */
void lv_file_reader_open(lv_file_reader *reader, const lv_file *files, int count);
/** The next rows, of one file at a time (may be none), in `arena` and in the reader's buffers, valid until the next
 *  call. *done: nothing comes after these. Errors FAILED_READ_FILE.*, MALFORMED_RECORD under FAILFAST. */
LV_MUST_USE lv_status lv_file_reader_next(lv_file_reader *reader, lv_arena *arena, lv_batch *batch,
                                          bool *done, lv_error *err);

#endif
