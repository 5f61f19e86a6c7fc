/* json.h: JSON in and out.
 *
 * Three readers for three needs. The row decoder turns payloads straight into columns by a schema, as
 * Spark's from_json does, lenient where Jackson is: it is the hot path of every pipeline. The DOM
 * reads control data (Delta log, offsets, schemas) strictly by RFC 8259. The writer prints rows. */
#ifndef LV_JSON_JSON_H
#define LV_JSON_JSON_H

#include "base/time_formats.h"
#include "column/vector.h"

/** Nesting beyond this is malformed (Jackson's own limit). */
enum { LV_JSON_DEPTH_MAX = 1000 };

/* ---- DOM ------------------------------------------------------------------------------------- */

typedef enum lv_json_kind {
    LV_JSON_NULL,
    LV_JSON_BOOL,
    LV_JSON_NUMBER,
    LV_JSON_STRING,
    LV_JSON_ARRAY,
    LV_JSON_OBJECT
} lv_json_kind;

/** A value. Text points into the input, or into the arena where escapes had to be resolved. */
typedef struct lv_json {
    lv_json_kind kind;
    bool boolean;
    int count;             /* ARRAY: items; OBJECT: members */
    lv_str text;           /* the value as it stands in the input */
    lv_str str;            /* STRING: resolved; NUMBER: its text */
    struct lv_json *items; /* ARRAY and OBJECT: values */
    lv_str *keys;          /* OBJECT: resolved names, by item */
} lv_json;

/** Parses one value and nothing behind it but blanks. The tree is in `arena` and borrows from
 *  `text`. Error CORRUPT with the byte offset. */
LV_MUST_USE lv_status lv_json_parse(lv_arena *arena, lv_str text, lv_json **root, lv_error *err);
/** The last member of that name, or NULL; NULL also for a NULL or non-object `object`. */
const lv_json *lv_json_get(const lv_json *object, const char *key);
/** A string member, or LV_STR_NONE. */
lv_str lv_json_get_str(const lv_json *object, const char *key);
/** An integer member; false if it is missing or no integer that fits. */
bool lv_json_get_i64(const lv_json *object, const char *key, int64_t *out);
/** A boolean member, or `otherwise`. */
bool lv_json_get_bool(const lv_json *object, const char *key, bool otherwise);
/** The value's text in the input. */
static inline lv_str lv_json_text(const lv_json *value)
{
    return value->text;
}
bool lv_json_to_i64(const lv_json *value, int64_t *out);

/** Spark's schema JSON ("long", {"type":"struct","fields":[...]}) as a type; everything copied
 *  to `arena`. Error INVALID_SCHEMA. */
LV_MUST_USE lv_status lv_type_from_json(lv_arena *arena, const lv_json *json, const lv_type **type,
                                        lv_error *err);
LV_MUST_USE lv_status lv_type_from_json_text(lv_arena *arena, lv_str text, const lv_type **type,
                                             lv_error *err);

/* ---- rows to columns ------------------------------------------------------------------------- */

/** Options of from_json; zero-initialised with a zone means Spark's defaults. Texts and patterns must
 *  outlive the decoder. */
typedef struct lv_json_options {
    lv_time_formats times;       /* its zone is required */
    bool fail_fast;              /* mode FAILFAST instead of PERMISSIVE */
    lv_str corrupt_column;       /* columnNameOfCorruptRecord; empty: _corrupt_record */
    lv_str locale;               /* empty: en-US */
    bool no_single_quotes;       /* allowSingleQuotes=false */
    bool no_non_numeric;         /* allowNonNumericNumbers=false */
    bool leading_zeros;          /* allowNumericLeadingZeros */
    bool unquoted_control_chars; /* allowUnquotedControlChars */
    bool unquoted_names;         /* allowUnquotedFieldNames */
    bool comments;               /* allowComments */
    bool any_escape;             /* allowBackslashEscapingAnyCharacter */
    bool padded; /* LV_JSON_PADDING bytes behind each payload may be read: a little faster */
} lv_json_options;

/** Bytes that an input buffer has behind its last payload for lv_json_options.padded. */
enum { LV_JSON_PADDING = LV_STRING_PADDING };

/** Sets one option by its name in Spark, in any case; names that say nothing to from_json are ignored, as there. What
 *  the options need is made in `arena`. By a datetime pattern that is wrong no text can be read, as in Spark. Errors
 *  PARSE_MODE_UNSUPPORTED, INVALID_TIMEZONE, USAGE, UNSUPPORTED_FEATURE. */
LV_MUST_USE lv_status lv_json_options_set(lv_arena *arena, lv_json_options *options, lv_str name,
                                          lv_str value, lv_error *err);

typedef struct lv_json_decoder lv_json_decoder;

/** A decoder of values of `schema` (STRUCT, ARRAY or MAP), which must outlive it. `wanted` (one per field of a STRUCT,
 *  NULL: all): others become constant nulls, and are to the JSON as if the schema did not have them. For one thread.
 *  Errors UNSUPPORTED_DATATYPE, INVALID_CORRUPT_RECORD_TYPE, and UNSUPPORTED_FEATURE for a locale other than en-US
 *  where it matters. */
LV_MUST_USE lv_status lv_json_decoder_new(const lv_type *schema, const bool *wanted,
                                          const lv_json_options *options, lv_json_decoder **decoder,
                                          lv_error *err);
void lv_json_decoder_free(lv_json_decoder *decoder);
/** times.now_us, which may change per batch. */
void lv_json_decoder_set_now(lv_json_decoder *decoder, int64_t now_us);
/** options.padded; may change per batch. */
void lv_json_decoder_set_padded(lv_json_decoder *decoder, bool padded);
/** Decodes a vector of payloads (STRING or BINARY, any encoding) into a vector of the schema's type.
 *
 *  Fixed-width values and nested vectors are in `arena`. Strings of top-level fields are codes of a dictionary that
 *  the decoder owns and goes on adding to, so codes mean the same in all vectors with the same dict->id. Once it holds
 *  65,536 strings it is replaced by a new one, and where values hardly repeat the column becomes FLAT with slices. The
 *  bytes of slices lie in the payloads or in `arena`. A dictionary lives until the decoder is freed or, if it was
 *  replaced, until the second lv_json_decode after that.
 *
 *  Error MALFORMED_RECORD under fail_fast. Source: JacksonParser, FailureSafeParser, JsonToStructs. */
LV_MUST_USE lv_status lv_json_decode(lv_json_decoder *decoder, lv_arena *arena,
                                     const lv_vector *payloads, lv_vector *out, lv_error *err);

/* ---- writing --------------------------------------------------------------------------------- */

typedef struct lv_json_write_options {
    lv_time_formats times; /* its zone is required */
    bool other_locale;     /* not en-US, in which patterns print */
    bool keep_nulls;       /* null fields of structs are written (ignoreNullFields=false) */
    bool pretty;           /* over several lines */
    bool ascii;            /* other characters as \\u escapes (writeNonAsciiCharacterAsCodePoint) */
} lv_json_write_options;

/** Sets one option of to_json by its name in Spark, in any case; unknown names are ignored. Errors USAGE,
 *  INVALID_TIMEZONE, and of lv_datetime_pattern_make. */
LV_MUST_USE lv_status lv_json_write_options_set(lv_arena *arena, lv_json_write_options *options,
                                                lv_str name, lv_str value, lv_error *err);

/** Adds row `i` of a vector as JSON in the forms of Spark's to_json. Error UNSUPPORTED_FEATURE for a time that its
 *  pattern cannot print. */
LV_MUST_USE lv_status lv_json_print_value(lv_sbuf *out, const lv_vector *v, int64_t i,
                                          const lv_json_write_options *options, lv_error *err);
/** The same without patterns of times. */
void lv_json_write_value(lv_sbuf *out, const lv_vector *v, int64_t i,
                         const lv_json_write_options *options);

#endif
