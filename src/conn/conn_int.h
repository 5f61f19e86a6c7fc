/* conn_int.h: what a kind of source implements. Private to conn/. */
#ifndef LV_CONN_CONN_INT_H
#define LV_CONN_CONN_INT_H

#include "conn/conn.h"

/** The functions of conn.h for one kind of source. */
typedef struct lv_source_class {
    const char *format;
    lv_status (*schema)(lv_arena *arena, const lv_options *options, const char *log_dir,
                        const lv_type **schema, lv_error *err);
    lv_status (*open)(const lv_options *options, const lv_source_context *context,
                      lv_source **source, lv_error *err);
    void (*close)(lv_source *source);
    lv_str (*description)(const lv_source *source);
    lv_status (*initial_offset)(lv_source *source, lv_sbuf *json,
                                lv_error *err); /* NULL: keeps a log of its own */
    lv_status (*prepare_available_now)(lv_source *source, bool no_limit, lv_error *err);
    lv_status (*end_offset)(lv_source *source, lv_str start, lv_sbuf *end, lv_sbuf *latest,
                            lv_error *err);
    lv_status (*wait_for_data)(lv_source *source, lv_str position, int64_t timeout_ms,
                               lv_error *err);
    lv_status (*split)(lv_source *source, lv_str start, lv_str end, lv_arena *arena,
                       lv_split **splits, int *count, lv_error *err);
    lv_status (*reader_new)(lv_source *source, lv_source_reader **reader, lv_error *err);
    void (*reader_free)(lv_source_reader *reader);
    lv_status (*reader_open)(lv_source_reader *reader, const lv_split *splits, int count,
                             lv_error *err);
    lv_status (*reader_next)(lv_source_reader *reader, lv_arena *arena, const bool *wanted,
                             lv_batch *batch, bool *done, lv_error *err);
} lv_source_class;

/** A source begins with this; set by lv_source_open. */
struct lv_source {
    const lv_source_class *class;
};

/** A reader begins with this; kept by source.c. */
struct lv_source_reader {
    const lv_source_class *class;
    int64_t rows;
    int64_t cpu_ns;
};

extern const lv_source_class lv_source_kafka, lv_source_files;

#endif
