/* files_int.h: what listing, schemas and readers share. Private to files/. */
#ifndef LV_FILES_FILES_INT_H
#define LV_FILES_FILES_INT_H

#include "base/timezone.h"
#include "csv/csv.h"
#include "files/files.h"
#include "json/infer.h"

typedef struct lv_file_format lv_file_format;

/** The options of a relation, checked. Everything in the relation's arena. */
typedef struct lv_file_options {
    lv_options all;
    const lv_file_format *format;
    const lv_timezone *zone;
    lv_str path;
    lv_str schema, hints; /* DDL; empty: none */
    /* listing */
    lv_str base_path;
    lv_str glob_filter;
    bool recursive;
    int64_t modified_after_us, modified_before_us;
    bool ignore_missing, ignore_corrupt;
    /* contents */
    bool merge_schema;
    bool multi_line, whole_text;
    bool drop_malformed, fail_fast;
    lv_str line_sep; /* empty: \n, \r or \r\n */
    lv_str corrupt_column;
    lv_json_infer_options json;
    lv_csv_options csv;
} lv_file_options;

/** Reads what does not depend on the format; options and what they need are in `arena`. */
LV_MUST_USE lv_status lv_file_options_read(lv_arena *arena, const lv_options *options,
                                           lv_file_options *out, lv_error *err);
/** Sets the format (empty: by the option, or what the file's name ends in) and reads its options. */
LV_MUST_USE lv_status lv_file_options_set_format(lv_arena *arena, lv_file_options *options,
                                                 lv_str format, const lv_file *first,
                                                 lv_error *err);

/* ---- listing (file_list.c, glob_match.c) ----------------------------------------------------- */

typedef struct lv_file_list {
    lv_file *at;
    int count;
} lv_file_list;

/** An absolute path of a path or file: URI. UNSUPPORTED_FEATURE for other schemes. */
LV_MUST_USE lv_status lv_file_absolute(lv_arena *arena, lv_str location, lv_str *path,
                                       lv_error *err);
/** The files that the options mean, sorted by path. PATH_NOT_FOUND. */
LV_MUST_USE lv_status lv_files_list(lv_arena *arena, const lv_file_options *options,
                                    lv_file_list *out, lv_error *err);
/** Whether a name fits one of Hadoop's patterns: * ? [abc] [^a-z] {ab,c*} \x. */
bool lv_glob_match(lv_str pattern, lv_str name);
bool lv_glob_is_pattern(lv_str path);

/* ---- columns of folders (file_partitions.c) -------------------------------------------------- */

/** One k=v of a path, unescaped; value.ptr NULL: null. */
typedef struct lv_folder_value {
    lv_str name;
    lv_str value;
} lv_folder_value;

/** The columns in the folders of a file, outermost first, in `arena`; `*base` is the folder above them. */
LV_MUST_USE lv_status lv_folder_values(lv_arena *arena, const lv_file *file,
                                       lv_folder_value **values, int *count, lv_str *base,
                                       lv_error *err);
/** Finds the columns that the folders of a list give, with the types that all their values fit (a STRUCT), and drops
 *  the files that are no part of the relation: those beside the folders, or deeper ones where there are no such
 *  columns. */
LV_MUST_USE lv_status lv_find_partitions(lv_arena *arena, const lv_file_options *options,
                                         lv_file_list *list, const lv_type **columns,
                                         lv_error *err);
/** A folder's value as a CONSTANT of `rows`; null if it is none of the type. */
void lv_folder_value_make(lv_arena *arena, const lv_type *type, const lv_timezone *zone,
                          lv_str value, int64_t rows, lv_vector *out);

/* ---- bytes (file_input.c, file_lines.c) ------------------------------------------------------ */

/** A file's bytes, decompressed by what its name ends in. */
typedef struct lv_file_input lv_file_input;
LV_MUST_USE lv_status lv_file_input_open(lv_str path, lv_file_input **input, lv_error *err);
/** Reads up to `room` bytes; 0: the end. */
LV_MUST_USE lv_status lv_file_input_read(lv_file_input *input, void *out, size_t room, size_t *got,
                                         lv_error *err);
void lv_file_input_close(lv_file_input *input);
/** "json" of a.json and of a.json.gz. */
lv_str lv_file_extension(lv_str path);

/** A window over a file's bytes that moves on: text ptr[0..len) with LV_STRING_PADDING readable bytes behind it. */
typedef struct lv_file_window {
    lv_file_input *input;
    char *buffer;
    size_t capacity;
    size_t begin, end; /* what is there */
    bool ended;        /* nothing comes behind `end` */
} lv_file_window;

LV_MUST_USE lv_status lv_file_window_open(lv_file_window *window, lv_str path, lv_error *err);
/** Closes the file; the buffer stays for the next one. */
void lv_file_window_close(lv_file_window *window);
void lv_file_window_release(lv_file_window *window);
/** Drops what was consumed and reads more, at least one byte unless the file ends. */
LV_MUST_USE lv_status lv_file_window_more(lv_file_window *window, lv_error *err);
/** Reads all of it. */
LV_MUST_USE lv_status lv_file_window_all(lv_file_window *window, lv_error *err);
static inline lv_str lv_file_window_text(const lv_file_window *w)
{
    return (lv_str){w->buffer + w->begin, w->end - w->begin};
}
/** Up to `max` lines without their ends, consumed; they are slices that last until the next call. 0: the end. */
LV_MUST_USE lv_status lv_file_window_lines(lv_file_window *window, lv_str separator, lv_str *lines,
                                           int max, int *count, lv_error *err);

/* ---- formats (read_*.c) ---------------------------------------------------------------------- */

/** What is wanted of each file; the same for all files of a reader. */
typedef struct lv_file_wish {
    const lv_file_options *options;
    const lv_type *schema;    /* columns that come from the contents */
    const bool *wanted;       /* one per column; NULL: all */
    lv_conditions conditions; /* on columns of the schema; rows that break one may be left out */
} lv_file_wish;

/** A format: how its schema is found and its rows are read. A content reader begins with lv_file_content. */
typedef struct lv_file_content {
    const lv_file_format *format;
    lv_file_wish wish;
} lv_file_content;

struct lv_file_format {
    const char *name; /* as Spark's messages have it: JSON */
    const char *short_name;
    size_t state_size; /* of the content reader; zeroed before `init` */
    /** The schema of files, in `arena`; NULL in *schema if they say nothing. */
    lv_status (*infer)(lv_arena *arena, const lv_file_options *options, const lv_file_list *files,
                       const lv_type **schema, lv_error *err);
    /** Refuses schemas that the format cannot have; NULL: none. */
    lv_status (*check)(const lv_file_options *options, const lv_type *schema, lv_error *err);
    lv_status (*init)(lv_file_content *content, lv_error *err);
    void (*release)(lv_file_content *content);
    lv_status (*open)(lv_file_content *content, const lv_file *file, lv_error *err);
    /** The next rows of the file as columns of wish.schema; `*done`: none come behind them. */
    lv_status (*next)(lv_file_content *content, lv_arena *arena, lv_vector *columns, int64_t *rows,
                      bool *done, lv_error *err);
    /** The place in the file of the first of the rows read last; NULL: nobody knows. */
    int64_t (*row_index)(const lv_file_content *content);
    void (*close)(lv_file_content *content); /* the file */
};

extern const lv_file_format lv_format_json, lv_format_csv, lv_format_parquet, lv_format_text,
    lv_format_binary;

/** Leaves the rows out whose bit is set. */
void lv_drop_rows(lv_arena *arena, const uint64_t *dropped, lv_vector *columns, int count,
                  int64_t *rows);
/** What a failure to read a file means: nothing under ignoreCorruptFiles or, if the file is gone, ignoreMissingFiles;
 *  else an error of Spark's class FAILED_READ_FILE with the file's name and the cause. */
LV_MUST_USE lv_status lv_fail_read(const lv_file_options *options, lv_str path,
                                   const lv_error *cause, lv_error *err);

/* ---- the relation (file_relation.c) ---------------------------------------------------------- */

struct lv_file_relation {
    lv_arena arena;
    lv_file_options options;
    lv_str location;
    lv_file_use use;
    lv_file_list files;
    const lv_type *folders; /* columns of folders, as they are typed when nobody says otherwise */
    const lv_type *schema;  /* contents, folders, _metadata */
};

#endif
