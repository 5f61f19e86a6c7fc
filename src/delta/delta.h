/* delta.h: Delta tables: read, made, appended to.
 *
 * A table handle keeps the newest snapshot in memory and goes forward commit by commit; nothing is
 * listed or read again for a commit of our own. Data files are written by writers, one per thread,
 * and become part of the table by a commit.
 *
 *   <table>/_delta_log/00000000000000000012.json          one action per line
 *   <table>/_delta_log/00000000000000000010.checkpoint.parquet
 *   <table>/_delta_log/_last_checkpoint                   a hint where to begin
 *   <table>/[col=value/]part-00000-<uuid>.c000.zstd.parquet
 *
 * A handle belongs to one thread at a time (lv_delta_discard and the getters may also be called by
 * others while no one commits or refreshes); write plans are immutable and shared.
 * Source: Delta's PROTOCOL.md; DeltaSink.scala, OptimisticTransaction.scala for what Spark does. */
#ifndef LV_DELTA_DELTA_H
#define LV_DELTA_DELTA_H

#include "column/vector.h"
#include "parquet/parquet.h"
#include "plan/plan.h"
#include "store/store.h"

typedef struct lv_delta_table lv_delta_table;

/** A data file: the fields of an add action. Texts live where the add was made. */
typedef struct lv_delta_add {
    lv_str path;             /* as in the log: relative, percent-encoded */
    lv_str partition_values; /* JSON object: column → text or null */
    lv_str stats;            /* JSON text; empty: none */
    int64_t size_bytes;
    int64_t modification_time_ms;
} lv_delta_add;

/* ---- tables ---------------------------------------------------------------------------------- */

/** Opens a table at its newest version. Errors: DELTA_PATH_NOT_A_TABLE,
 * DELTA_UNSUPPORTED_FEATURES_FOR_READ, DELTA_INVALID_PROTOCOL_VERSION, DELTA_LOG_CORRUPT,
 * DELTA_VERSIONS_NOT_CONTIGUOUS, DELTA_TRUNCATED_LOG. */
LV_MUST_USE lv_status lv_delta_table_open(const char *path, lv_delta_table **table, lv_error *err);
/** The same at an older version. Error DELTA_VERSION_NOT_FOUND. */
LV_MUST_USE lv_status lv_delta_table_open_at(const char *path, int64_t version,
                                             lv_delta_table **table, lv_error *err);
/** Opens a table, or makes a handle to one that the first commit will create. `durable`: sync files
 * and folders. */
LV_MUST_USE lv_status lv_delta_table_open_or_new(const char *path, bool durable,
                                                 lv_delta_table **table, lv_error *err);
/** The general form: the table at the root of `store`, which becomes the table's also on failure.
 * `path` is for messages. `version` INT64_MAX: the newest. `or_new` as above. */
LV_MUST_USE lv_status lv_delta_table_open_in(lv_store *store, const char *path, int64_t version,
                                             bool or_new, lv_delta_table **table, lv_error *err);
/** Waits for a checkpoint that is being written. NULL is allowed. */
void lv_delta_table_close(lv_delta_table *table);
/** Reads the commits that others made since. */
LV_MUST_USE lv_status lv_delta_table_refresh(lv_delta_table *table, lv_error *err);
/** -1: there is no table yet. */
int64_t lv_delta_table_version(const lv_delta_table *table);
const char *lv_delta_table_path(const lv_delta_table *table);
/** The schema, borrowed until the next refresh or commit. NULL if there is no table yet. */
const lv_type *lv_delta_table_schema(const lv_delta_table *table);
/** Borrowed as the schema is. */
const lv_str *lv_delta_table_partition_columns(const lv_delta_table *table, int *count);
int64_t lv_delta_table_file_count(const lv_delta_table *table);
int64_t lv_delta_table_size_bytes(const lv_delta_table *table);
/** A table property, or `otherwise`; borrowed as the schema is. */
lv_str lv_delta_table_property(const lv_delta_table *table, const char *name, lv_str otherwise);
/** All table properties by name, with the protocol's versions and features as Spark lists them. */
lv_options lv_delta_table_properties(const lv_delta_table *table, lv_arena *arena);
/** The table's comment, ptr NULL if it has none; borrowed as the schema is. */
lv_str lv_delta_table_comment(const lv_delta_table *table);
/** The last version that a writer recorded for itself (txn), -1 if none. */
int64_t lv_delta_txn_version(const lv_delta_table *table, lv_str app_id);
/** Writes a checkpoint of the table's version, now. (Commits make them in the background when due.)
 */
LV_MUST_USE lv_status lv_delta_checkpoint(lv_delta_table *table, lv_error *err);
/** Why the last checkpoint in the background failed, which harms nothing but the speed of opening;
 * status LV_OK if it did not. */
const lv_error *lv_delta_checkpoint_error(const lv_delta_table *table);

/* ---- writing --------------------------------------------------------------------------------- */

typedef struct lv_delta_write_options {
    const lv_str *partition_by; /* of a table that is made; must agree with one that exists */
    int partition_by_count;
    lv_options properties; /* TBLPROPERTIES of a table that is made */
    lv_str comment;
    bool merge_schema;
    const lv_type *
        declared; /* STRUCT: columns of a table that is made, with their NOT NULL and comments, as the
                                query has them; NULL: the query's, all nullable */
} lv_delta_write_options;

/** How rows of a query become rows of the table. Immutable; valid while the table is open. */
typedef struct lv_delta_write_plan {
    const lv_plan
        *query; /* the query, its columns cast to the table's types, in the table's order */
    const lv_type *schema; /* of the table after the write */
    /* for writers and the commit */
    lv_store *store;
    const lv_type *file_schema;   /* without partition columns */
    const int *partition_columns; /* indexes into schema */
    int partition_count;
    lv_str metadata; /* the metaData action of a table that is made or gets columns; else empty */
    lv_str protocol; /* the protocol action of a table that is made; else empty */
    lv_str schema_string;
    lv_parquet_codec codec;
    int64_t file_bytes;         /* where data files are cut */
    const bool *indexed_leaves; /* which leaves of file_schema get statistics */
    int stats_prefix;           /* characters of strings in statistics */
} lv_delta_write_plan;

/** Works out how `query`'s rows fit the table, by the rules of Spark's Delta sink: columns by name
 * without case, missing ones null, more only with merge_schema, other types cast to the table's.
 * Everything in `arena`. Errors: DELTA_METADATA_MISMATCH, DATATYPE_MISMATCH_CAST,
 * DELTA_FAILED_TO_MERGE_FIELDS, DELTA_INVALID_COLUMN_NAMES, DELTA_DUPLICATE_COLUMNS,
 * DELTA_NULL_SCHEMA, DELTA_ALL_PARTITION_COLUMNS, DELTA_PARTITION_COLUMN_NOT_FOUND,
 * DELTA_PARTITION_TYPE, DELTA_UNKNOWN_CONFIGURATION, INVALID_CONF_TYPE,
 * DELTA_UNSUPPORTED_FEATURES_FOR_WRITE. */
LV_MUST_USE lv_status lv_delta_plan_write(lv_delta_table *table, lv_arena *arena,
                                          const lv_plan *query,
                                          const lv_delta_write_options *options,
                                          lv_delta_write_plan **plan, lv_error *err);

typedef struct lv_delta_writer lv_delta_writer;

/** A writer of data files for one thread; reused file after file. `index` goes into file names
 *  (part-0000<index>-). */
LV_MUST_USE lv_status lv_delta_writer_new(const lv_delta_write_plan *plan, int index,
                                          lv_delta_writer **writer, lv_error *err);
/** NULL is allowed. What was written and not finished is deleted. */
void lv_delta_writer_free(lv_delta_writer *writer);
/** Appends rows of plan->schema. After an error only abort and free may be called. */
LV_MUST_USE lv_status lv_delta_write(lv_delta_writer *writer, const lv_batch *batch, lv_error *err);
/** Ends all open files, which then last; what was written since the last finish, in `arena`. */
LV_MUST_USE lv_status lv_delta_writer_finish(lv_delta_writer *writer, lv_arena *arena,
                                             lv_delta_add **adds, int64_t *count, lv_error *err);
/** Deletes everything written since the last finish. */
void lv_delta_writer_abort(lv_delta_writer *writer);
/** Deletes files that will not be committed. Files that the table has, or may have because the
 * answer to a commit was lost, stay. */
void lv_delta_discard(const lv_delta_table *table, const lv_delta_add *adds, int64_t count);

/** A micro-batch of a streaming query. */
typedef struct lv_delta_stream_commit {
    lv_str query_id;
    int64_t batch_id;
    const lv_delta_add *adds;
    int64_t add_count;
    int64_t output_rows;
    const lv_delta_write_plan *plan;
} lv_delta_stream_commit;

/** Commits adds and txn{query id, batch id} as the next version, whatever that is by now: others'
 * appends do not conflict. Errors: DELTA_CONCURRENT_TRANSACTION (this query runs twice),
 * DELTA_METADATA_CHANGED (schema or partitioning), DELTA_PROTOCOL_CHANGED. */
LV_MUST_USE lv_status lv_delta_commit_stream(lv_delta_table *table,
                                             const lv_delta_stream_commit *commit, int64_t *version,
                                             lv_error *err);

/** Commits the table that `plan` makes, without rows; nothing if it is there already or another
 * writer is faster. */
LV_MUST_USE lv_status lv_delta_create(lv_delta_table *table, const lv_delta_write_plan *plan,
                                      lv_error *err);

/* ---- reading --------------------------------------------------------------------------------- */

typedef struct lv_delta_scan lv_delta_scan;

/** Reads the table's rows. `wanted` (one per column, NULL: all): other columns are constant nulls.
 * Row groups that break one of `conditions` (on the table's columns; NULL: none) are left out.
 * The table must stay open and unchanged meanwhile. */
LV_MUST_USE lv_status lv_delta_scan_open(lv_delta_table *table, const bool *wanted,
                                         const lv_conditions *conditions, lv_delta_scan **scan,
                                         lv_error *err);
/** NULL is allowed. */
void lv_delta_scan_close(lv_delta_scan *scan);
/** The next rows of the table's schema, in `arena` (dictionaries too); length 0 at the end. Error
 *  DELTA_FILE_NOT_FOUND. */
LV_MUST_USE lv_status lv_delta_scan_next(lv_delta_scan *scan, lv_arena *arena, lv_batch *batch,
                                         lv_error *err);

#endif
