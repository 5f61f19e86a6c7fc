/* store.h: where tables lie: files by name below a root, on a local disk or elsewhere.
 *
 * A name is relative to the root, with '/' between folders
 * ("_delta_log/00000000000000000000.json"); folders need not be made. One that begins with '/' is
 * taken as it stands, for tables that refer to files elsewhere. What a store promises is what
 * Delta's log rests on:
 *
 *   - a file that was put, or created and finished, is whole and lasts (on a durable store: also
 * after loss of power) before the call returns;
 *   - of several puts without `replace` of one name exactly one succeeds, also between processes;
 *   - a listing shows every file that was put before it began, sorted by the bytes of its name.
 *
 * Stores may be used by any number of threads at once; a reader or writer by one at a time.
 * Statuses: NOT_FOUND and ALREADY_EXISTS mean just that, and nothing changed; any other error of a
 * put leaves open whether the file is there. */
#ifndef LV_STORE_STORE_H
#define LV_STORE_STORE_H

#include "base/status.h"
#include "base/str.h"

typedef struct lv_store lv_store;
typedef struct lv_store_reader lv_store_reader;
typedef struct lv_store_writer lv_store_writer;

/** A file of a listing. */
typedef struct lv_store_entry {
    lv_str name; /* without the folder; NUL-terminated */
    int64_t size_bytes;
    int64_t modified_ms;
} lv_store_entry;

typedef enum lv_store_create_mode {
    LV_STORE_IN_PLACE, /* under its name from the first byte: for names nobody knows yet */
    LV_STORE_WHOLE     /* under its name only once it is finished; replaces what is there */
} lv_store_create_mode;

/** What a kind of store implements; call the functions below instead. */
typedef struct lv_store_class {
    lv_status (*get)(lv_store *store, const char *name, lv_sbuf *out, lv_error *err);
    lv_status (*put)(lv_store *store, const char *name, const void *bytes, size_t len, bool replace,
                     lv_error *err);
    lv_status (*list)(lv_store *store, const char *folder, lv_str from, lv_arena *arena,
                      lv_store_entry **entries, size_t *count, lv_error *err);
    lv_status (*remove)(lv_store *store, const char *name, lv_error *err);
    lv_status (*open)(lv_store *store, const char *name, lv_store_reader **reader, lv_error *err);
    lv_status (*create)(lv_store *store, const char *name, lv_store_create_mode mode,
                        lv_store_writer **writer, lv_error *err);
    void (*close)(lv_store *store);
} lv_store_class;

struct lv_store {
    const lv_store_class *class;
};

/** A file opened for reading; what `open` returns begins with this. */
struct lv_store_reader {
    int64_t size_bytes;
    lv_status (*read)(lv_store_reader *reader, int64_t offset, void *out, size_t len,
                      lv_error *err);
    void (*close)(lv_store_reader *reader);
};

/** A file being written; what `create` returns begins with this. */
struct lv_store_writer {
    lv_status (*write)(lv_store_writer *writer, const void *bytes, size_t len, lv_error *err);
    lv_status (*finish)(lv_store_writer *writer, lv_error *err);
    void (*abort)(lv_store_writer *writer);
};

/* ---- kinds of stores ------------------------------------------------------------------------- */

/** The store of a table at `location`: a path or a file: URI. `durable`: files and the folders that
 * name them are synced. The root need not exist. UNSUPPORTED_FEATURE for other schemes. */
LV_MUST_USE lv_status lv_store_open(const char *location, bool durable, lv_store **store,
                                    lv_error *err);
/** A store in memory, for tests. */
lv_store *lv_store_memory_new(void);

typedef enum lv_store_op {
    LV_STORE_GET,
    LV_STORE_PUT,
    LV_STORE_LIST,
    LV_STORE_REMOVE,
    LV_STORE_OPEN,
    LV_STORE_READ,
    LV_STORE_CREATE,
    LV_STORE_WRITE,
    LV_STORE_FINISH
} lv_store_op;

/** Called before and after each operation of a faulty store, with the name of its file or folder.
 * What it returns, if not LV_OK, is what the caller gets: before, the operation does not happen;
 * after, it happened and its answer was lost. May be called by several threads at once. */
typedef lv_status (*lv_store_hook)(void *context, lv_store_op op, const char *name, bool after,
                                   lv_error *err);
/** A store that fails when `hook` says so; closes `inner` with itself. */
lv_store *lv_store_faulty_new(lv_store *inner, lv_store_hook hook, void *context);

/** NULL is allowed. */
void lv_store_close(lv_store *store);

/* ---- operations ------------------------------------------------------------------------------ */

/** Appends the whole file to `out`. */
LV_MUST_USE lv_status lv_store_get(lv_store *store, const char *name, lv_sbuf *out, lv_error *err);
/** Writes a whole file. Without `replace` an existing one stays and the status is ALREADY_EXISTS:
 *  this is put-if-absent. */
LV_MUST_USE lv_status lv_store_put(lv_store *store, const char *name, const void *bytes, size_t len,
                                   bool replace, lv_error *err);
/** The files (not folders) of a folder whose names are not below `from`, sorted, in `arena`.
 * NOT_FOUND if there is no such folder, where the store knows folders. */
LV_MUST_USE lv_status lv_store_list(lv_store *store, const char *folder, lv_str from,
                                    lv_arena *arena, lv_store_entry **entries, size_t *count,
                                    lv_error *err);
/** A file that is not there is no error. */
LV_MUST_USE lv_status lv_store_remove(lv_store *store, const char *name, lv_error *err);
/** Opens a file for reading at any offset. */
LV_MUST_USE lv_status lv_store_open_file(lv_store *store, const char *name,
                                         lv_store_reader **reader, lv_error *err);
/** Reads exactly `len` bytes; CORRUPT if the file ends before. */
LV_MUST_USE lv_status lv_store_read(lv_store_reader *reader, int64_t offset, void *out, size_t len,
                                    lv_error *err);
/** NULL is allowed. */
void lv_store_reader_close(lv_store_reader *reader);
/** Begins a file; its name must be new unless `mode` is LV_STORE_WHOLE. */
LV_MUST_USE lv_status lv_store_create(lv_store *store, const char *name, lv_store_create_mode mode,
                                      lv_store_writer **writer, lv_error *err);
LV_MUST_USE lv_status lv_store_write(lv_store_writer *writer, const void *bytes, size_t len,
                                     lv_error *err);
/** Ends the file, and frees the writer also when it fails (the file is then removed). */
LV_MUST_USE lv_status lv_store_writer_finish(lv_store_writer *writer, lv_error *err);
/** Removes what was written and frees the writer. NULL is allowed. */
void lv_store_writer_abort(lv_store_writer *writer);

#endif
