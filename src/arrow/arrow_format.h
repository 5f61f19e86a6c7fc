/* arrow_format.h: what a format string of Arrow says about an array, and the Spark type it is read as. */
#ifndef LV_ARROW_ARROW_FORMAT_H
#define LV_ARROW_ARROW_FORMAT_H

#include "column/type.h"
#include "levada_arrow.h"

/** Which buffers an array has. */
typedef enum lv_arrow_layout {
    LV_ARROW_NULLS,
    LV_ARROW_BITS,
    LV_ARROW_FIXED,   /* `size` bytes a value */
    LV_ARROW_OFFSETS, /* strings behind offsets of `size` bytes */
    LV_ARROW_VIEWS,   /* strings in place up to 12 bytes, else in one of several buffers */
    LV_ARROW_LIST,    /* offsets of `size` bytes into one child */
    LV_ARROW_FIXED_LIST,
    LV_ARROW_MAP,
    LV_ARROW_STRUCT
} lv_arrow_layout;

/** What is done with the values of a FIXED array. */
typedef enum lv_arrow_conversion {
    LV_ARROW_COPY,
    LV_ARROW_U8,
    LV_ARROW_U16,
    LV_ARROW_U32,
    LV_ARROW_U64,
    LV_ARROW_HALF,
    LV_ARROW_DECIMAL, /* `size` bytes, little-endian */
    LV_ARROW_SCALED,  /* 64-bit times: times `factor` */
    LV_ARROW_DIVIDED, /* 64-bit times: by `factor`, rounded down */
    LV_ARROW_DAYS,    /* milliseconds to days */
    LV_ARROW_BYTES    /* a BINARY of `size` bytes */
} lv_arrow_conversion;

typedef struct lv_arrow_form {
    lv_arrow_layout layout;
    lv_arrow_conversion conversion;
    int64_t size;   /* FIXED: bytes; OFFSETS, LIST: bytes of an offset; FIXED_LIST: elements */
    int64_t factor; /* SCALED, DIVIDED */
    lv_type_kind kind;
    int precision, scale; /* DECIMAL */
} lv_arrow_form;

/** Reads a format; false for one that has no counterpart or is malformed. */
bool lv_arrow_format_parse(const char *format, lv_arrow_form *form);

#endif
