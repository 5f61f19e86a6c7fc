/* snapshot.h: the state of a table at a version: protocol, metadata, files, txns. Private to
 * delta/.
 *
 * It is what remains when the actions of all commits are applied in order: the newest protocol and
 * metadata, of each file the newest add or remove, of each application its newest txn.
 *
 * Files are versioned: an action appends an entry and marks the one it replaces, nothing is ever
 * changed otherwise. So the files of a version are the entries that were there by then and not yet
 * replaced, and a view of them can be read by another thread (a checkpoint) while commits go on.
 * Protocol and metadata are replaced as a whole for the same reason. What is replaced is garbage
 * until lv_snapshot_rebuild. Source: PROTOCOL.md, "Actions", "Action Reconciliation". */
#ifndef LV_DELTA_SNAPSHOT_H
#define LV_DELTA_SNAPSHOT_H

#include <stdatomic.h>

#include "base/vec.h"
#include "delta/delta.h"
#include "json/json.h"

/** A file that belongs to the table (live) or did (a tombstone, kept for checkpoints). Texts are in
 * the snapshot's arena. */
typedef struct lv_file_entry {
    lv_delta_add add;
    lv_str tags; /* JSON object; empty: none */
    lv_str key;  /* path as an identity: decoded, without file: */
    lv_str dv;   /* identity of its deletion vector; empty: none */
    bool live;
    int64_t deleted_ms;       /* of a tombstone */
    _Atomic int64_t replaced; /* version that put a newer entry of the same file; INT64_MAX: none */
} lv_file_entry;

enum { LV_FILE_CHUNK = 1024 };

typedef struct lv_txn_entry {
    lv_str app_id;
    int64_t version;
    int64_t last_updated_ms; /* -1: none */
} lv_txn_entry;

typedef struct lv_protocol {
    int min_reader, min_writer;
    const lv_str *reader_features, *writer_features;
    int reader_feature_count, writer_feature_count;
} lv_protocol;

typedef struct lv_metadata {
    lv_str id, name, description; /* ptr NULL: none */
    lv_str schema_string;
    const lv_str *partition_columns;
    int partition_count;
    lv_str configuration_text; /* JSON object */
    const lv_json *configuration;
    int64_t created_ms; /* -1: none */
} lv_metadata;

/** The state at a version, as other threads may read it while the snapshot goes forward. */
typedef struct lv_snapshot_view {
    int64_t version;
    const lv_protocol *protocol;
    const lv_metadata *metadata;
    lv_file_entry *const *chunks;
    size_t file_count; /* entries, also replaced ones */
    const lv_txn_entry *txns;
    size_t txn_count;
    int64_t live_count;
    int64_t size_bytes;
} lv_snapshot_view;

typedef struct lv_snapshot {
    lv_arena arena;              /* all texts */
    int64_t version;             /* -1: no table yet */
    const lv_protocol *protocol; /* NULL: none yet */
    const lv_metadata *metadata; /* NULL: none yet */
    const lv_type *schema;       /* of metadata, once it was resolved */
    lv_str schema_source;        /* the text that `schema` was made of */
    LV_VEC(lv_file_entry *) chunks;
    size_t file_count;
    size_t rebuild_at; /* file_count at which garbage is worth collecting */
    int32_t *slots;    /* newest entries by key and dv, open addressing; -1 empty */
    uint32_t slot_mask;
    size_t slots_used;
    int64_t live_count, size_bytes;
    int64_t live_dv_count; /* live files with a deletion vector */
    LV_VEC(lv_txn_entry) txns;
} lv_snapshot;

/** What a commit held, for conflict rules. */
typedef struct lv_commit_summary {
    bool has_protocol;
    bool has_metadata;
    lv_str txn_id; /* commitInfo.txnId, in the snapshot's arena; empty: none */
} lv_commit_summary;

void lv_snapshot_init(lv_snapshot *s);
void lv_snapshot_release(lv_snapshot *s);

/** Applies the text of one commit file; on success `s` is at `version`. DELTA_LOG_CORRUPT leaves
 * `s` half changed. */
LV_MUST_USE lv_status lv_snapshot_apply(lv_snapshot *s, lv_str commit, int64_t version,
                                        lv_commit_summary *summary, lv_error *err);
/** Applies one action object of version s->version + 1. */
LV_MUST_USE lv_status lv_snapshot_apply_action(lv_snapshot *s, const lv_json *action,
                                               lv_commit_summary *summary, lv_error *err);
/** Puts a file as of `version`. Texts are copied; key is made from the path. */
void lv_snapshot_put_file(lv_snapshot *s, const lv_file_entry *file, int64_t version);
void lv_snapshot_put_txn(lv_snapshot *s, lv_txn_entry txn);
/** Copies a protocol or metadata into the snapshot. put_metadata parses the configuration:
 * DELTA_LOG_CORRUPT. */
void lv_snapshot_put_protocol(lv_snapshot *s, const lv_protocol *protocol);
LV_MUST_USE lv_status lv_snapshot_put_metadata(lv_snapshot *s, const lv_metadata *metadata,
                                               lv_error *err);

/** Identity of a deletion vector from its descriptor's parts. offset -1: none. */
lv_str lv_deletion_vector_id(lv_arena *arena, lv_str storage_type, lv_str path_or_inline,
                             int64_t offset);

/** The entry of a file by its path in the log, NULL if there is none; deletion vectors disregarded:
 * without one. */
const lv_file_entry *lv_snapshot_find(const lv_snapshot *s, lv_str path);
/** The txn version of an application, -1 if none. */
int64_t lv_snapshot_txn_version(const lv_snapshot *s, lv_str app_id);
/** A table property, or `otherwise`. */
lv_str lv_metadata_property(const lv_metadata *metadata, const char *name, lv_str otherwise);

/** What the snapshot is now; lists are copied to `arena`, texts are not. */
void lv_snapshot_freeze(const lv_snapshot *s, lv_arena *arena, lv_snapshot_view *view);
static inline const lv_file_entry *lv_view_file(const lv_snapshot_view *view, size_t i)
{
    return &view->chunks[i / LV_FILE_CHUNK][i % LV_FILE_CHUNK];
}
/** Whether an entry of the view is part of its version (live, or a tombstone). */
static inline bool lv_view_has(const lv_snapshot_view *view, const lv_file_entry *file)
{
    return atomic_load_explicit(&file->replaced, memory_order_relaxed) > view->version;
}
/** Drops replaced entries, and tombstones deleted before `expired_ms`, if there are many. No view
 * may be in use. */
void lv_snapshot_rebuild(lv_snapshot *s, int64_t expired_ms);

/* ---- what we may do (features.c) ------------------------------------------------------------- */

/** Checks that protocol and metadata are there and that this version of Levada may read the table,
 * and makes s->schema. Errors DELTA_STATE_RECOVER_ERROR, DELTA_INVALID_PROTOCOL_VERSION,
 * DELTA_UNSUPPORTED_FEATURES_FOR_READ. */
LV_MUST_USE lv_status lv_snapshot_check_readable(lv_snapshot *s, const char *path, lv_error *err);
/** Checks that it may append too; after lv_snapshot_check_readable. */
LV_MUST_USE lv_status lv_snapshot_check_writable(const lv_snapshot *s, const char *path,
                                                 lv_error *err);

#endif
