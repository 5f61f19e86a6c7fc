/* decode_int.h: the pieces of the row decoder: a cursor over one payload, tokens, values. Private to json/.
 *
 * Three things can happen to a value: it is good, it is bad (well-formed JSON of a wrong type: that
 * field is null, the rest of the row stays), or the text is malformed (all fields of the row are
 * null). Every reader below consumes exactly one value unless it says MALFORMED. */
#ifndef LV_JSON_DECODE_INT_H
#define LV_JSON_DECODE_INT_H

#include "json/json.h"

typedef enum lv_outcome { LV_VALUE_OK, LV_VALUE_NULL, LV_VALUE_BAD, LV_VALUE_MALFORMED } lv_outcome;

/** A cursor over the payload of one row. */
typedef struct lv_cursor {
    const char *p;
    const char *end;
    int depth;
    bool bad_inside;                 /* some field of a nested STRUCT was bad */
    lv_arena *arena;                 /* for text with escapes */
    const lv_json_options *options;
} lv_cursor;

/** Any scalar, in the C type that types.def gives its type. */
typedef union lv_scalar {
    bool boolean;
    int8_t i8;
    int16_t i16;
    int32_t i32;
    int64_t i64;
    float f32;
    double f64;
    __int128 i128;
    lv_str str;
} lv_scalar;

static inline void lv_cursor_skip_blanks(lv_cursor *c)
{
    while (c->p < c->end && (unsigned char)*c->p <= ' ' && (*c->p == ' ' || *c->p == '\n' || *c->p == '\r' || *c->p == '\t'))
        c->p++;
}

/** The string that begins at the quote under the cursor; false: malformed. Escapes are resolved and
 *  broken UTF-8 replaced in the arena; other strings are slices of the payload. */
bool lv_read_string(lv_cursor *c, lv_str *out);

/** A number's text and what it is. */
typedef struct lv_number {
    lv_str text;
    bool is_integer; /* no point, no exponent */
    bool is_special; /* NaN, Infinity and their kin */
    double special;
} lv_number;
/** The number under the cursor; false: malformed. */
bool lv_read_number(lv_cursor *c, lv_number *out);
/** Fast path for plain decimals of at most 15 digits: value = mantissa / 10^fraction. False: use lv_read_number. */
bool lv_read_short_decimal(lv_cursor *c, int64_t *mantissa, int *fraction);
/** Checks and skips any value; false: malformed. */
bool lv_skip_value(lv_cursor *c);
/** Adds any value in Jackson's compact form; false: malformed. */
bool lv_copy_value(lv_cursor *c, lv_sbuf *out);

/** A value of an atomic type. */
lv_outcome lv_read_scalar(lv_cursor *c, const lv_type *type, lv_scalar *out);
/** A value of any type, appended as one row; nothing is appended when it is malformed (elements of
 *  children may be: truncate). */
lv_outcome lv_read_value(lv_cursor *c, const lv_type *type, lv_builder *builder);
/** Appends the object under the cursor as a STRUCT row. Bad fields are null and set bad_inside. */
lv_outcome lv_read_struct(lv_cursor *c, const lv_type *type, lv_builder *builder);
/** Appends the array (or the single object, if `object_too`) under the cursor as an ARRAY row. */
lv_outcome lv_read_array(lv_cursor *c, const lv_type *type, lv_builder *builder, bool object_too);

#endif
