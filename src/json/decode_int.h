/* decode_int.h: the pieces of the row decoder. Private to json/.
 *
 * A payload is read in one of two ways. The fast way (decode_row.inc.h) goes through a well-formed
 * object once, without tokens, and gives up at the first thing it does not expect. The exact way
 * (decode_token.c, decode_value.c) is a pull parser that behaves like Jackson's, and converters that
 * behave like Spark's on top of it; it also reads all nested values. What it does with broken text is
 * not a matter of taste: where a converter fails decides from which byte the row is read on, and so
 * which of its fields survive. Both ways must agree wherever the fast one finishes; a fuzz target
 * holds them together. */
#ifndef LV_JSON_DECODE_INT_H
#define LV_JSON_DECODE_INT_H

#include "base/hash.h"
#include "json/json.h"

/* ---- tokens ---------------------------------------------------------------------------------- */

typedef enum lv_token {
    LV_TOKEN_NONE, /* the end, or after some errors */
    LV_TOKEN_ERROR,
    LV_TOKEN_OBJECT,
    LV_TOKEN_OBJECT_END,
    LV_TOKEN_ARRAY,
    LV_TOKEN_ARRAY_END,
    LV_TOKEN_NAME,
    LV_TOKEN_STRING,
    LV_TOKEN_INTEGER,
    LV_TOKEN_FLOAT,
    LV_TOKEN_TRUE,
    LV_TOKEN_FALSE,
    LV_TOKEN_NULL
} lv_token;

/** An object or array that is open, or the root. */
typedef struct lv_level {
    bool is_object, is_array;
    bool has_entry; /* the next entry is behind a comma */
    lv_str name;    /* of the current entry of an object; ptr NULL: none */
} lv_level;

/** A pull parser over one payload, with Jackson's state: a name's value is tokenised together with
 *  the name, except for the inside of a double-quoted string, which is read when somebody asks. */
typedef struct lv_reader {
    const char *p, *end;
    const lv_json_options *options;
    lv_arena *arena; /* for text that has to be rewritten */
    lv_token current, pending;
    bool string_unread; /* p is behind the opening quote of the current string */
    bool
        plain_copies; /* lv_reader_copy writes characters beyond U+FFFF as they are, not as \\u escapes */
    bool is_special; /* FLOAT: NaN or an infinity, in `special` */
    lv_str text;     /* STRING (once read), INTEGER, FLOAT */
    double special;
    int depth;
    lv_level *levels; /* LV_JSON_DEPTH_MAX + 1 */
    char *failure;    /* LV_FAILURE_SIZE bytes for why the first value was refused, or NULL */
} lv_reader;

enum { LV_FAILURE_SIZE = 400 };

/** Sets the reader to the begin of a payload; arena, options and levels are set already. */
void lv_reader_begin(lv_reader *r, lv_str payload);
/** The same, for a value inside an object: p is at its first character, which opens an object or array. */
void lv_reader_begin_inside(lv_reader *r, const char *p, const char *end);
/** The next token, also in `current`. ERROR leaves `current` as it was: reading may go on. */
lv_token lv_reader_next(lv_reader *r);
/** Name of the entry that the current token belongs to; ptr NULL in arrays. */
lv_str lv_reader_name(const lv_reader *r);
/** Reads the current string into `text` unless that is done; false: it is broken, p is behind the offending byte. */
bool lv_reader_string(lv_reader *r);
/** Decodes the current string as base64 (with padding, blanks between groups of four); false: it is none, and
 *  what is left of the string is still unread. */
bool lv_reader_base64(lv_reader *r, lv_str *out);
/** If the current token opens an object or array, goes to its end; false on an error. */
bool lv_reader_skip(lv_reader *r);
/** Adds the current value in Jackson's compact form and goes to its end; false on an error. */
bool lv_reader_copy(lv_reader *r, lv_sbuf *out);
/** Notes why a value was refused, if this is the first. */
LV_PRINTF(2, 3) void lv_reader_fail(lv_reader *r, const char *fmt, ...);

/* ---- values ---------------------------------------------------------------------------------- */

typedef enum lv_outcome {
    LV_VALUE_OK,
    LV_VALUE_NULL,
    LV_VALUE_PARTIAL, /* a nested value some of whose fields are bad, and null */
    LV_VALUE_BAD      /* of the wrong type, or broken */
} lv_outcome;

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
    lv_interval interval;
    lv_str str;
} lv_scalar;

/** A string as a value of an atomic type; text that has to be rewritten goes to `arena`. */
LV_MUST_USE lv_outcome lv_scalar_from_string(const lv_json_options *options, lv_arena *arena,
                                             const lv_type *type, lv_str s, lv_scalar *out);
/** A number's text as a value of an atomic type other than STRING. */
LV_MUST_USE lv_outcome lv_scalar_from_number(const lv_type *type, lv_str text, bool is_integer,
                                             lv_scalar *out);
/** The current value as one of an atomic type. BAD leaves a broken string where it broke. */
LV_MUST_USE lv_outcome lv_read_scalar(lv_reader *r, const lv_type *type, lv_scalar *out);
/** Appends the current value as one row; nothing if it is BAD. */
lv_outcome lv_read_value(lv_reader *r, const lv_type *type, lv_builder *builder);
/** As lv_read_value for a STRUCT whose opening brace is the current token. */
lv_outcome lv_read_struct(lv_reader *r, const lv_type *type, const bool *wanted,
                          lv_builder *builder);
/** As lv_read_value for a lone object where an ARRAY of structs is wanted. */
lv_outcome lv_read_lone_struct(lv_reader *r, const lv_type *type, lv_builder *builder);

/* ---- well-formed values, fast (decode_fast.c) ------------------------------------------------ */

/** A type with what the functions below look at; made once. */
typedef struct lv_fast_type lv_fast_type;
const lv_fast_type *lv_fast_type_make(lv_arena *arena, const lv_type *type);

/** Appends the value at p and returns what follows it; NULL, with nothing appended: read it in the exact way. Needs
 *  bytes behind `end` that can be read; `delta` leads to the payload, where strings point. */
const char *lv_fast_read(lv_json_decoder *d, lv_arena *arena, const char *p, const char *end,
                         ptrdiff_t delta, const lv_fast_type *type, lv_builder *builder);
/** The text at p, in the same way; escapes are resolved in `arena`. */
const char *lv_fast_text(lv_arena *arena, const char *p, const char *end, ptrdiff_t delta,
                         lv_str *out);
/** What follows the value at p, in the same way. */
const char *lv_fast_skip(const char *p, const char *end);

/* ---- rows ------------------------------------------------------------------------------------ */

enum {
    LV_BLOCK_ROWS = 64, /* rows decoded before their strings become codes: one word of validity */
    LV_KEYS_MAX = 256,  /* keys remembered */
    LV_KEY_BYTES = 64,  /* longest key with what stands around it */
    LV_UNWANTED = -1,   /* in place of a column: the key leads to none */
    LV_NO_DIGIT = 0x80
};

/** Bytes that 16 or 32 others are compared with. They lie in the decoder because the compiler would rather
 *  make each anew with three instructions, wherever it is used. */
typedef struct lv_row_constants {
    _Alignas(32) char quotes[32];
    char backslashes[32];
    char blanks[32];
    char zeros[16]; /* the digit */
    char dots[16];
    char digits_to_least[16]; /* moves 0..9 to -128..-119, the least numbers there are */
    char least_nine[16];      /* -119 */
} lv_row_constants;

/** How the fast way reads the value behind a key. */
typedef enum lv_row_action {
    LV_ROW_SKIP,
    LV_ROW_TEXT,
    LV_ROW_DOUBLE,
    LV_ROW_TIME,
    LV_ROW_OTHER,
    LV_ROW_GENERAL
} lv_row_action;

/** One top-level field and, while a vector is decoded, its values. */
typedef struct lv_json_column {
    union {
        lv_str strings[LV_BLOCK_ROWS]; /* STRING with a dictionary: the block */
        struct { /* DOUBLE: value = digits / power; power 0: it is in the block */
            _Alignas(16) uint8_t digits[LV_BLOCK_ROWS][16];
            double powers[LV_BLOCK_ROWS];
        } decimals;
    };
    const lv_type *type;
    const struct lv_fast_type *fast; /* nested types that can be read so */
    lv_type_kind kind;
    bool wanted;
    bool as_slices; /* STRING: values hardly repeat */
    uint64_t valid; /* of the rows of the block */
    void *block;    /* values of the block; the slices of a STRING with dictionary */
    void *data;     /* of the vector */
    uint64_t *validity;
    bool all_valid;
    int64_t block_begin; /* the block's first row */
    lv_builder builder;  /* nested types */
    lv_dict *dict;
    uint32_t dict_count_before;
} lv_json_column;

/** Makes the values of a block of a DOUBLE from its digits, those of null rows too. */
typedef void lv_doubles_function(lv_json_column *c);

/** What stands between two values: the brace or comma, the name, the colon and the blanks around them,
 *  with the column it leads to and the keys that followed it lately. */
typedef struct lv_json_key {
    _Alignas(64) char bytes[LV_KEY_BYTES];
    uint32_t length;
    uint32_t mask; /* of the first 32 bytes that count */
    lv_row_action action;
    int column;
    lv_json_column *to;          /* the column, NULL for LV_UNWANTED */
    struct lv_json_key *next[2]; /* the first key of all: none */
} lv_json_key;

/** How to read a number of so many digits before the point and characters from there on, if it has at least
 *  one digit and at most 15, so that number and power are exact doubles. `places` says where each of 16
 *  right-aligned digits comes from: LV_NO_DIGIT is a zero, and the last is one only if the form does not fit. */
typedef struct lv_digit_form {
    _Alignas(32) uint8_t places[16];
    double powers[2]; /* 10^behind, -10^behind */
} lv_digit_form;

/** The fast way: reads payloads[from..to) into these rows of the block. Returns `to`, or the row at which it
 *  stopped: *bad says that the row was read but some field refused, else it has to be read in the exact way,
 *  and what was set of it counts for nothing. */
typedef int lv_row_function(lv_json_decoder *d, lv_arena *arena, const lv_str *payloads, int from,
                            int to, bool *bad);

struct lv_json_decoder {
    const lv_type *schema;
    lv_json_options options;
    lv_arena arena;   /* what lives as long as the decoder */
    lv_arena scratch; /* one row of the exact way */
    char failure[LV_FAILURE_SIZE];
    lv_reader reader;
    lv_json_column *columns;
    int column_count;
    int corrupt_column; /* -1: none */
    bool has_nested;
    bool *wanted;          /* what the JSON may set: not the corrupt record */
    uint32_t *field_slots; /* 1 + field by hash of its name; 0: free */
    uint32_t field_mask;
    lv_json_key keys[LV_KEYS_MAX +
                     1]; /* [0] stands before the first key, the last for keys not remembered */
    int key_count;
    uint16_t key_slots[LV_KEYS_MAX * 2]; /* keys by hash of their bytes; 0: free */
    lv_dict **retired[2]; /* dictionaries replaced in this call and in the one before */
    int retired_count[2];
    char date_text[16]; /* the date that a timestamp began with lately, with its T */
    int64_t date_us;
    lv_digit_form
        digit_forms[17][32]; /* [digits before the point][characters from the point on, 0..17] */
    lv_row_constants constants;
    lv_row_function *decode_rows;
    lv_doubles_function *make_doubles;
    char *padded; /* a copy of a payload that nothing readable stands behind */
    size_t padded_size;
};

lv_row_function lv_decode_row_sse, lv_decode_row_avx2;
lv_doubles_function lv_make_doubles_sse, lv_make_doubles_avx2;

/* What the fast way leaves to decode.c. A result of NULL has the row read exactly. */

/** A copy of the payload with LV_JSON_PADDING bytes behind it that can be read. */
lv_str lv_row_pad(lv_json_decoder *d, lv_str payload);

/** The key that begins at p (with the brace or comma before it) behind another one, learnt for the next row; its value
 *  is at *value. The first key of all: the object ends. p may be behind the end. */
const lv_json_key *lv_row_find_key(lv_json_decoder *d, lv_json_key *before, const char *p,
                                   const char *end, const char **value);
/** The value at p, of any form, into a column; returns what follows. */
const char *lv_row_read_value(lv_json_decoder *d, lv_arena *arena, int column, const char *p,
                              const char *end, ptrdiff_t delta, int at, bool *bad);
/** If an exponent is at p, reads the number at `value` again with it; returns what follows. */
const char *lv_row_read_exponent(lv_json_decoder *d, lv_arena *arena, const lv_json_key *key,
                                 const char *p, const char *value, const char *end, ptrdiff_t delta,
                                 int at);
/** Makes the date at p (11 bytes, with its T) the one that timestamps are expected to begin with;
 *  false if it is none. */
bool lv_row_learn_date(lv_json_decoder *d, const char *p);

#endif
