/* csv.h: CSV records in and out.
 *
 *     bytes ──lv_csv_next_record──► records ──lv_csv_decode──► columns ──lv_csv_write_value──► records
 *
 * A record is read by the rules of Spark's parser (univocity): quotes only count at the begin of a value, a
 * quote that is not closed properly makes all of it plain text, blanks behind a closing quote do not count.
 * from_csv decodes texts as records; files are cut into records first, by lines or, with multiLine, by line
 * ends outside quotes. Source: UnivocityParser, CSVOptions. */
#ifndef LV_CSV_CSV_H
#define LV_CSV_CSV_H

#include "base/time_formats.h"
#include "column/vector.h"

/** Options by Spark's names; lv_csv_options_init gives Spark's defaults. Texts outlive their users. */
typedef struct lv_csv_options {
    lv_time_formats times;
    lv_str sep;
    char quote, escape, comment; /* 0: none */
    int escape_of_escape;        /* charToEscapeQuoteEscaping; -1: the escape */
    lv_str null_value, empty_value;
    lv_str nan, positive_inf, negative_inf;
    lv_str line_sep; /* of files; empty: \n, \r or \r\n */
    lv_str corrupt_column;
    bool header; /* of files: the first record has the names */
    bool infer_schema, enforce_schema;
    bool multi_line;
    bool trim_leading, trim_trailing;
    bool fail_fast, drop_malformed;
    bool prefer_date;
    int max_columns;
    int64_t max_chars; /* of a value; -1: any number */
    /* writing */
    lv_str empty_written;
    bool quote_all, no_quote_escapes;
    bool keep_leading_written, keep_trailing_written;
} lv_csv_options;

void lv_csv_options_init(lv_csv_options *options, const lv_timezone *zone);
/** Sets one option by its name in Spark, in any case; unknown names are ignored, as there. What it needs is in
 *  `arena`. Errors USAGE, INVALID_TIMEZONE, and UNSUPPORTED_FEATURE for what Spark can and we cannot. */
LV_MUST_USE lv_status lv_csv_options_set(lv_arena *arena, lv_csv_options *options, lv_str name,
                                         lv_str value, lv_error *err);

/* ---- records to columns ---------------------------------------------------------------------- */

typedef struct lv_csv_decoder lv_csv_decoder;

/** A decoder of records to `schema` (a STRUCT of types that are not nested), which outlives it. `wanted` (one per
 *  field, NULL: all): others become constant nulls. For one thread. Errors UNSUPPORTED_DATATYPE,
 *  INVALID_CORRUPT_RECORD_TYPE. */
LV_MUST_USE lv_status lv_csv_decoder_new(const lv_type *schema, const bool *wanted,
                                         const lv_csv_options *options, lv_csv_decoder **decoder,
                                         lv_error *err);
void lv_csv_decoder_free(lv_csv_decoder *decoder);
/** times.now_us, which may change per batch. */
void lv_csv_decoder_set_now(lv_csv_decoder *decoder, int64_t now_us);
/** Decodes a vector of records (STRING or BINARY, any encoding) into a vector of the schema's type: values are in
 *  `arena`, bytes of strings there or in the records. A record that is null makes a null. A malformed record keeps
 *  what could be read of it and has its text in the corrupt record column. `malformed` (NULL: not asked for) gets a
 *  bit per row, for mode DROPMALFORMED. Errors MALFORMED_RECORD under FAILFAST, MALFORMED_CSV_RECORD where there are
 *  more values than maxColumns or longer ones than maxCharsPerColumn. */
LV_MUST_USE lv_status lv_csv_decode(lv_csv_decoder *decoder, lv_arena *arena,
                                    const lv_vector *records, lv_vector *out, uint64_t *malformed,
                                    lv_error *err);

/* ---- files to records ------------------------------------------------------------------------ */

/** The next record of a file's bytes from *at on, without its line end, in *record; *at goes behind it. Empty
 *  records and comments are left out. False: there is none; if not `is_last`, it may begin at *at and go on in bytes
 *  that are not there yet. */
bool lv_csv_next_record(const lv_csv_options *options, lv_str bytes, bool is_last, size_t *at,
                        lv_str *record);
/** The values of a record as texts in `arena` (nulls have ptr NULL), for headers and inference. Error
 *  MALFORMED_CSV_RECORD. */
LV_MUST_USE lv_status lv_csv_values(lv_arena *arena, const lv_csv_options *options, lv_str record,
                                    lv_str **values, int *count, lv_error *err);
/** Widens the type that the values of a column so far have (VOID at first) by one more value (ptr NULL: null), by the
 *  rules of inferSchema. What is VOID at the end is a STRING. New types and scratch memory are from `arena`. */
const lv_type *lv_csv_infer(lv_arena *arena, const lv_csv_options *options, const lv_type *so_far,
                            lv_str value);

/* ---- writing --------------------------------------------------------------------------------- */

/** Adds one value of a record (ptr NULL: null), quoted where it has to be; `first` of its record. */
void lv_csv_write_value(lv_sbuf *out, const lv_csv_options *options, lv_str value, bool first);

#endif
