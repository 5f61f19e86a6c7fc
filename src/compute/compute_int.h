/* compute_int.h: what the files of compute/ share: binding helpers, reading arguments, validity. */
#ifndef LV_COMPUTE_COMPUTE_INT_H
#define LV_COMPUTE_COMPUTE_INT_H

#include "compute/compute.h"

/* What lv_function.op means to a bind function that serves several functions. */
enum {
    ARITH_ADD = 1,
    ARITH_SUBTRACT,
    ARITH_MULTIPLY,
    ARITH_DIVIDE,
    ARITH_REMAINDER,
    ARITH_DIV,
    ARITH_PMOD,
    ARITH_TRY = 16
};
enum {
    COMPARE_EQ = 1,
    COMPARE_NE,
    COMPARE_LT,
    COMPARE_LE,
    COMPARE_GT,
    COMPARE_GE,
    COMPARE_NULL_SAFE
};
enum { BIT_AND = 1, BIT_OR, BIT_XOR, BIT_LEFT, BIT_RIGHT, BIT_RIGHT_UNSIGNED };
enum { TEST_NULL = 1, TEST_NOT_NULL };
enum { AGG_COUNT = 1, AGG_SUM, AGG_AVG, AGG_MIN, AGG_MAX, AGG_FIRST, AGG_LAST, AGG_COUNT_IF };
enum { TRIM_LEFT = 1, TRIM_RIGHT, TRIM_BOTH, TRIM_TEXT_FIRST };
enum { FIND_CONTAINS = 1, FIND_STARTS, FIND_ENDS };
enum { ROUND_HALF_UP = 1, ROUND_HALF_EVEN, ROUND_FLOOR, ROUND_CEIL };
enum {
    MATH_SQRT = 1,
    MATH_CBRT,
    MATH_EXP,
    MATH_LN,
    MATH_LOG2,
    MATH_LOG10,
    MATH_SIN,
    MATH_COS,
    MATH_TAN,
    MATH_ATAN,
    MATH_ASIN,
    MATH_ACOS,
    MATH_SINH,
    MATH_COSH,
    MATH_TANH,
    MATH_ASINH,
    MATH_ACOSH,
    MATH_ATANH,
    MATH_SEC,
    MATH_CSC,
    MATH_COT,
    MATH_EXPM1,
    MATH_LOG1P,
    MATH_DEGREES,
    MATH_RADIANS,
    MATH_RINT
};
enum { MATH_POW = 1, MATH_ATAN2, MATH_HYPOT };
enum { MATH_PI = 1, MATH_E };
enum {
    PART_YEAR = 1,
    PART_QUARTER,
    PART_MONTH,
    PART_DAY,
    PART_WEEKDAY,
    PART_DAY_OF_YEAR,
    PART_HOUR,
    PART_MINUTE,
    PART_SECOND,
    PART_SECOND_EXACT, /* with microseconds, DECIMAL(8,6) */
    PART_WEEK,
    PART_YEAR_OF_WEEK,
    PART_WEEKDAY_ISO, /* Monday is 1 */
    PART_WEEKDAY_ZERO /* Monday is 0 */
};
enum { UNIT_SECONDS = 1, UNIT_MILLIS = 1000, UNIT_MICROS = 1000000 };
enum { TEXT_UPPER = 1, TEXT_LOWER, TEXT_INITCAP, TEXT_REVERSE };
enum { LENGTH_CHARS = 1, LENGTH_BYTES, LENGTH_BITS };
enum { PAD_LEFT = 1, PAD_RIGHT };
enum { ELEMENT_INDEX = 1, ELEMENT_AT, ELEMENT_TRY_AT, ELEMENT_GET };
enum {
    LAMBDA_TRANSFORM = 1,
    LAMBDA_FILTER,
    LAMBDA_EXISTS,
    LAMBDA_FORALL,
    LAMBDA_AGGREGATE,
    LAMBDA_ZIP_WITH,
    LAMBDA_MAP_FILTER,
    LAMBDA_TRANSFORM_KEYS,
    LAMBDA_TRANSFORM_VALUES,
    LAMBDA_MAP_ZIP_WITH,
    LAMBDA_ARRAY_SORT
};
enum { SET_UNION = 1, SET_INTERSECT, SET_EXCEPT, SET_OVERLAP };
enum { EDIT_APPEND = 1, EDIT_PREPEND };
enum { EXTREME_MIN = 1, EXTREME_MAX };
enum { EXPLODE_VALUES = 1, EXPLODE_POSITIONS };
enum { NOW_BATCH = 1, NOW_PLAN, NOW_DATE, NOW_LOCAL };
enum { PARSE_DATE = 1, PARSE_TIMESTAMP, PARSE_NTZ };
enum { FORMAT_SECONDS = 1 };
enum { MAKE_TRY = 64 };
enum { ZONE_FROM_UTC = 1, ZONE_TO_UTC };
enum {
    CODEC_BASE64 = 1,
    CODEC_UNBASE64,
    CODEC_UNHEX,
    CODEC_URL_ENCODE,
    CODEC_URL_DECODE,
    CODEC_TRY_URL_DECODE,
    CODEC_MAKE_VALID,
    CODEC_VALIDATE,
    CODEC_TRY_VALIDATE
};
enum { RANDOM_UNIFORM = 1, RANDOM_NORMAL };
enum { SESSION_USER = 1, SESSION_CATALOG, SESSION_SCHEMA, SESSION_VERSION, SESSION_FILE };
enum { DIGEST_MD5 = 1, DIGEST_SHA1, DIGEST_SHA2 };
enum {
    REGEX_LIKE = 1,
    REGEX_REPLACE,
    REGEX_EXTRACT,
    REGEX_EXTRACT_ALL,
    REGEX_SUBSTR,
    REGEX_COUNT,
    REGEX_INSTR,
    REGEX_SPLIT
};

/* Every bind function that functions.def names. */
#define X(name, min, max, flags, op, bind_, open, close, signature, summary)                       \
    lv_status bind_(const lv_function *function, lv_bind *bind, lv_error *err);
#include "compute/functions.def"
#undef X
lv_status lv_random_open(lv_call *call, const bool *wanted, lv_error *err);
void lv_random_close(lv_call *call);
lv_status lv_row_id_open(lv_call *call, const bool *wanted, lv_error *err);
void lv_row_id_close(lv_call *call);
lv_status lv_str_to_map_open(lv_call *call, const bool *wanted, lv_error *err);
void lv_str_to_map_close(lv_call *call);
lv_status lv_regex_call_open(lv_call *call, const bool *wanted, lv_error *err);
void lv_regex_call_close(lv_call *call);
lv_status lv_from_json_open(lv_call *call, const bool *wanted, lv_error *err);
void lv_from_json_close(lv_call *call);
lv_status lv_from_csv_open(lv_call *call, const bool *wanted, lv_error *err);
void lv_from_csv_close(lv_call *call);

/* ---- binding --------------------------------------------------------------------------------- */

/** Makes argument `i` a `want`: itself, or by an implicit cast. Error DATATYPE_MISMATCH. */
LV_MUST_USE lv_status lv_bind_want(const lv_function *function, lv_bind *bind, int i,
                                   const lv_type *want, lv_error *err);
/** Makes argument `i` a STRING, which it must be already (or NULL): for functions that read a text in a format of its
 *  own, where Spark casts nothing. Error DATATYPE_MISMATCH. */
LV_MUST_USE lv_status lv_bind_text(const lv_function *function, lv_bind *bind, int i,
                                   lv_error *err);
/** Says that argument `i` is of a type that the function does not take. */
lv_status lv_bind_mismatch(const lv_function *function, const lv_bind *bind, int i,
                           const char *wanted, lv_error *err);
/** Says that the arguments' types do not go together. */
lv_status lv_bind_differ(const lv_function *function, const lv_bind *bind, lv_error *err);
/** The result: nullable if an argument is. */
void lv_bind_result(lv_bind *bind, const lv_type *type, bool total, lv_kernel kernel);
/** What a binary operator takes. */
typedef enum lv_operands {
    LV_OPERANDS_NUMBERS,
    LV_OPERANDS_WHOLE, /* integers and DECIMALs: DIV */
    LV_OPERANDS_BITS,
    LV_OPERANDS_LOGIC
} lv_operands;
/** Makes both arguments what the operator takes, but not the same yet. Errors
 *  DATATYPE_MISMATCH_BINARY, _BINARY_TYPE. */
LV_MUST_USE lv_status lv_bind_operands(lv_bind *bind, lv_operands what, lv_error *err);
/** Makes both arguments one type that can be compared; `equality`: for = and its kind. */
LV_MUST_USE lv_status lv_bind_comparable(const lv_function *function, lv_bind *bind, bool equality,
                                         lv_error *err);
/** ANSI: text beside another type becomes that type. Whether it did. */
bool lv_operands_promote_text(const lv_type **types);
/** Says that the operands' types do not go together. */
lv_status lv_operands_differ(const lv_bind *bind, lv_error *err);
/** The type both are without loss, or NULL (Source: findTightestCommonType). */
const lv_type *lv_type_tightest(lv_arena *arena, const lv_type *a, const lv_type *b, bool ansi);
/** Brings arguments from..count to one type, in *common. Error DATATYPE_MISMATCH_DIFF_TYPES. */
LV_MUST_USE lv_status lv_bind_common(const lv_function *function, lv_bind *bind, int from, int step,
                                     const lv_type **common, lv_error *err);
/** Whether types are equal but for the names of fields. */
bool lv_same_structure(const lv_type *a, const lv_type *b);
/** Refuses MAPs as keys of a map. */
LV_MUST_USE lv_status lv_bind_key_type(const lv_bind *bind, const lv_type *key, lv_error *err);
/** Refuses types that have no order, those with a MAP in them. */
LV_MUST_USE lv_status lv_bind_orderable(const lv_function *function, const lv_bind *bind,
                                        const lv_type *type, lv_error *err);
/** The value of a constant argument that is not null; NULL otherwise. */
const lv_vector *lv_bind_literal(const lv_bind *bind, int i);
/** The same of an argument that is a literal as it stands. */
const lv_vector *lv_bind_written(const lv_bind *bind, int i);
/** The DECIMAL that holds every value of an integer type, or of this literal; the type itself if it
 * is a DECIMAL; NULL if it is neither. */
const lv_type *lv_decimal_for(lv_arena *arena, const lv_type *type, const lv_vector *literal);
/** DECIMAL(precision, scale) cut to 38 digits as Spark does: digits before the point stay, at least
 * 6 after it. */
const lv_type *lv_decimal_adjust(lv_arena *arena, int precision, int scale);
/** "DECIMAL(10,2)" in `arena`. */
const char *lv_type_name(lv_arena *arena, const lv_type *type);

/** Sets one option by its name. */
typedef lv_status (*lv_option_setter)(lv_arena *arena, void *options, lv_str name, lv_str value,
                                      lv_error *err);
/** Argument `i`, if there is one: a constant MAP of options. Errors INVALID_OPTIONS.*. */
LV_MUST_USE lv_status lv_bind_options(const lv_bind *bind, int i, lv_option_setter set,
                                      void *options, lv_error *err);
/** The second argument as a schema text. Error INVALID_SCHEMA.NON_STRING_LITERAL. */
LV_MUST_USE lv_status lv_bind_schema(lv_bind *bind, const lv_type **schema, lv_error *err);
/** The first argument, a text that must be constant and not null; `name` is what Spark calls it. */
LV_MUST_USE lv_status lv_bind_foldable(const lv_bind *bind, const char *name, lv_str *text,
                                       lv_error *err);
/** The session's time zone. */
LV_MUST_USE lv_status lv_bind_zone(const lv_bind *bind, const lv_timezone **zone, lv_error *err);
/** A result that is the same in all rows; where its one value goes. */
void *lv_result_constant(const lv_call *call, lv_eval *eval, int64_t rows, lv_vector *out);
/** Gives the lv_str that is call->param. */
lv_status lv_kernel_constant(const lv_call *call, lv_eval *eval, const lv_vector *args,
                             int64_t rows, lv_vector *out, lv_error *err);

/* ---- kernels --------------------------------------------------------------------------------- */

/** Validity of a result that is null where any argument is; NULL if none is. May be shared with an
 * argument. */
uint64_t *lv_validity_merge(lv_arena *arena, const lv_vector *args, int count, int64_t rows);
/** The same for a NULL_SAFE function, where a constant argument may be null. */
uint64_t *lv_validity_flat(lv_arena *arena, const lv_vector *args, int count, int64_t rows);
/** A FLAT result with that validity. */
void lv_result_init(const lv_call *call, lv_eval *eval, const lv_vector *args, int64_t rows,
                    lv_vector *out);
/** Sets row `i` null; `*owned` says whether out's bitmap is its own yet. */
void lv_result_set_null(lv_arena *arena, lv_vector *out, int64_t i, bool *owned);
/** Whether row i of a bitmap that may be NULL is valid. */
static inline bool lv_row_valid(const uint64_t *validity, int64_t i)
{
    return validity == NULL || lv_bit_get(validity, i);
}

/** Strings of a vector in any encoding, row by row. */
typedef struct lv_strs {
    const lv_str *values;
    const uint32_t *codes;
    int64_t step;
} lv_strs;
static inline lv_strs lv_strs_of(const lv_vector *v)
{
    if (v->encoding == LV_DICTIONARY)
        return (lv_strs){v->dict->values, v->data, 0};
    return (lv_strs){v->data, NULL, v->encoding != LV_CONSTANT};
}
/** Row `i`, which must not be null. */
static inline lv_str lv_strs_at(const lv_strs *s, int64_t i)
{
    return s->values[s->codes ? (int64_t)s->codes[i] : i * s->step];
}

/** Runs `compute` on the distinct values of a DICTIONARY vector and spreads its results over the
 * rows. False if the dictionary is too large for that to pay: nothing was done. */
typedef lv_status (*lv_on_values)(void *context, const lv_vector *values, lv_vector *out,
                                  lv_error *err);
bool lv_dictionary_pays(const lv_vector *v);
LV_MUST_USE lv_status lv_by_dictionary(lv_arena *arena, const lv_vector *v, lv_on_values compute,
                                       void *context, lv_vector *out, lv_error *err);

/** reverse(array). */
lv_status lv_bind_array_reverse(const lv_function *function, lv_bind *bind, lv_error *err);

/* ---- lists (lists.c) ------------------------------------------------------------------------- */

/** The items of an ARRAY or the entries of a MAP without gaps: those of row i are
 *  offsets[i]..offsets[i+1] of the children, and there are no others. */
typedef struct lv_items {
    int64_t row_count;
    int64_t count;
    int32_t *offsets;
    const lv_vector *children; /* one of an ARRAY, two of a MAP; any encoding */
} lv_items;
/** Copies nothing where the list has no gaps; the list may have any encoding. */
void lv_items_of(lv_arena *arena, const lv_vector *list, lv_items *out);
/** The row of each item. */
int32_t *lv_items_rows(lv_arena *arena, const lv_items *items);
/** The position of each item in its row, from 0, as an INT vector. */
void lv_items_positions(lv_arena *arena, const lv_items *items, lv_vector *out);
/** A list of `rows` rows with these offsets and `child_count` children (the structs are copied). */
void lv_list_make(lv_arena *arena, const lv_type *type, int64_t rows, uint64_t *validity,
                  int32_t *offsets, const lv_vector *const *children, lv_vector *out);
/** Items of one child gathered for rows of which `counts` are kept: offsets from counts. */
int32_t *lv_offsets_of(lv_arena *arena, const int32_t *counts, int64_t rows);

/** How items are sorted. */
typedef struct lv_item_order {
    bool descending;
    bool nulls_last;
} lv_item_order;
/** Sorts the item numbers of each row in `order`, which is 0, 1, ... for all items; stable. `other` is scratch of the
 *  same size. */
void lv_sort_items(const lv_items *items, lv_item_order how, int32_t *order, int32_t *other);
/** Ends the making of a map: refuses null keys, and equal ones unless the last wins. Errors
 *  NULL_MAP_KEY, DUPLICATED_MAP_KEY. */
LV_MUST_USE lv_status lv_map_finish(const lv_call *call, lv_eval *eval, lv_vector *map,
                                    lv_error *err);

/* ---- sets of values (value_set.c) ------------------------------------------------------------ */

/** A set of values of one type for one row after the other; equal as GROUP BY has it (NULL = NULL,
 *  NaN = NaN, -0.0 = 0.0). */
typedef struct lv_value_set {
    lv_arena *arena;
    int32_t *slots; /* -1 free */
    uint32_t mask;
    int32_t count;
    int32_t capacity;
    struct lv_value_ref {
        const lv_vector *vector;
        int64_t index;
        uint64_t hash;
    } * values;
} lv_value_set;
void lv_value_set_init(lv_value_set *set, lv_arena *arena);
/** Empties it; `expected` values will be added at most. */
void lv_value_set_reset(lv_value_set *set, int64_t expected);
/** The number of the value in the order of adding, -1 if it is not there. */
int32_t lv_value_set_find(const lv_value_set *set, const lv_vector *v, int64_t i);
/** Adds it unless it is there; true if it is new. */
bool lv_value_set_add(lv_value_set *set, const lv_vector *v, int64_t i);
/** A hash that equal values share. */
uint64_t lv_value_hash(const lv_vector *v, int64_t i);

/* ---- decimals (decimal_math.c) --------------------------------------------------------------- */

enum { LV_LIKE_PARTS_MAX = 8 };

/** A pattern of LIKE that has neither _ nor escapes, cut at its %. */
typedef struct lv_like_parts {
    int count;
    bool starts_open, ends_open;  /* a % stands there */
    lv_str at[LV_LIKE_PARTS_MAX]; /* not empty; borrowed from the pattern */
} lv_like_parts;

/** false if the pattern is of another kind. */
bool lv_like_parts_make(lv_str pattern, char escape, lv_like_parts *parts);
bool lv_like_parts_match(const lv_like_parts *parts, lv_str s);
/** a op b of DECIMAL vectors by the fast way, into the data of *out (also where it is null); false if op or types
 *  have none or a value did not fit: the data is then of no use. `op`: ARITH_ADD, ... */
bool lv_decimal_vectors(const lv_call *call, int op, const lv_vector *args, int64_t rows,
                        lv_vector *out);
/** a · b with scale `scale` (of the product) brought to `to_scale`; false if it does not fit 38
 * digits. */
bool lv_decimal_multiply(__int128 a, __int128 b, int scale, int to_scale, __int128 *out);
/** a / b rounded half up, where a has scale `a_scale`, b `b_scale`; b != 0. */
bool lv_decimal_divide(__int128 a, int a_scale, __int128 b, int b_scale, int to_scale,
                       __int128 *out);
/** a + b brought to `to_scale`, which is at most the larger scale of the two. */
bool lv_decimal_sum(__int128 a, int a_scale, __int128 b, int b_scale, int to_scale, __int128 *out);
/** The whole part of a / b; false if it does not fit 127 bits. b != 0. */
bool lv_decimal_quotient(__int128 a, int a_scale, __int128 b, int b_scale, __int128 *out);
/** What is left of a / b, with the larger scale of the two and the sign of a; b != 0. */
__int128 lv_decimal_remainder(__int128 a, int a_scale, __int128 b, int b_scale);
/** Rounds to 34 significant digits, half to even, as Spark's Decimal is by MathContext.DECIMAL128. */
void lv_decimal_round34(__int128 *value);
/** -value with 34 significant digits; false if it does not fit. */
bool lv_decimal_negate(__int128 value, __int128 *out);
/** value rounded to `digits` behind the point (may be negative), result scale `to_scale`; op is
 * ROUND_*. */
bool lv_decimal_round(__int128 value, int scale, int digits, int op, int to_scale, __int128 *out);

/* ---- time (time.c) --------------------------------------------------------------------------- */

static inline int64_t lv_floor_div(int64_t a, int64_t b)
{
    int64_t q = a / b;
    return q - (q * b > a);
}
/** Local time of an instant, microseconds. */
int64_t lv_local_us(int64_t utc_us, const lv_timezone *zone);
/** The instant of a local time. */
int64_t lv_utc_us(int64_t local_us, const lv_timezone *zone);

/* ---- text (text.c) --------------------------------------------------------------------------- */

/** Without control characters and blanks at both ends, as CAST trims. */
lv_str lv_trim_all(lv_str s);

#endif
