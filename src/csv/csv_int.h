/* csv_int.h: reading a record's values. Private to csv/. */
#ifndef LV_CSV_CSV_INT_H
#define LV_CSV_CSV_INT_H

#include "csv/csv.h"

/** Reads the values of one record after another. A value that cannot be a slice of the record is put together in
 *  `text`. */
typedef struct lv_csv_reader {
    const lv_csv_options *options;
    const char *p, *end;
    bool by_line_ends; /* a line end outside quotes ends the record */
    lv_str line_sep;   /* then: what is one */
    lv_arena *arena;   /* NULL: values are not wanted, only where the record ends */
    lv_sbuf text;
    lv_str *values; /* max_columns + 1, made at need */
    int count, capacity;
    const char *failure; /* why the record cannot be read at all */
} lv_csv_reader;

/** Reads the record at p: its values and how many there are; p goes behind its line end. False: `failure`. */
bool lv_csv_read_record(lv_csv_reader *r);

/** A DOUBLE (or FLOAT) as Java's parseDouble reads it, with blanks around it and a suffix f or d, or one of the
 *  options' names for what is no number. */
bool lv_csv_read_real(const lv_csv_options *options, lv_str s, bool is_float, void *out);

#endif
