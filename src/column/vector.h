/* vector.h: columns in memory.
 *
 * A vector is `length` values of one type, in one of three encodings:
 *
 *   FLAT        data[i] is row i
 *   CONSTANT    data[0] is every row; validity bit 0 says whether they are null
 *   DICTIONARY  ((uint32_t *)data)[i] is a code into dict->values (STRING and BINARY only)
 *
 * Validity is Arrow's bitmap, one bit per row (one bit in all for CONSTANT), NULL when nothing is
 * null; data of a null row is unspecified but readable (codes of null rows are valid codes or 0).
 * Values are 64-byte-aligned arrays of the C types of types.def. STRING and BINARY values are
 * slices (lv_str), not Arrow offsets: a payload stays in the buffer it was received in, and
 * substring, trim and dictionary look-up copy no bytes. Arrow's offsets are made at the border.
 *
 *   STRUCT      children[f] has the same length; a null struct's children are null too
 *   ARRAY       offsets[i]..offsets[i+1] is row i's range in children[0]; length + 1 offsets
 *   MAP         the same over children[0] (keys) and children[1] (values)
 * CONSTANT nested vectors look like FLAT ones of length 1.
 *
 * Memory: a vector owns nothing. Its arrays live in an arena (a micro-batch's, usually), its
 * string bytes there, in a dictionary, or in the source's buffers; whoever makes a vector says
 * which. Nobody writes to a vector after it was handed on, so columns are shared freely. */
#ifndef LV_COLUMN_VECTOR_H
#define LV_COLUMN_VECTOR_H

#include "base/bits.h"
#include "column/type.h"

/* Rows of a batch that flows through operators. Small enough for L2, large enough to hide a call. */
#define LV_BATCH_ROWS 4096

/* Bytes behind the strings of a `padded` vector that may be read; what they are is nobody's business. */
#define LV_STRING_PADDING 64

typedef enum lv_encoding { LV_FLAT, LV_CONSTANT, LV_DICTIONARY } lv_encoding;

typedef struct lv_vector {
    const lv_type *type;
    lv_encoding encoding;
    bool
        padded; /* FLAT strings: LV_STRING_PADDING bytes behind each may be read, as in sources' buffers */
    int child_count;
    int64_t length;
    uint64_t *validity;         /* NULL: no nulls */
    void *data;                 /* see above; NULL for STRUCT, ARRAY, MAP and VOID */
    int32_t *offsets;           /* ARRAY, MAP */
    const struct lv_dict *dict; /* DICTIONARY */
    struct lv_vector *children; /* STRUCT, ARRAY, MAP */
} lv_vector;

/** Columns of equal length; `schema` is a STRUCT type with one field per column. */
typedef struct lv_batch {
    const lv_type *schema;
    int64_t length;
    lv_vector *columns;
} lv_batch;

/** Index of row `i` into data, offsets and validity, whatever the encoding. */
static inline int64_t lv_vector_index(const lv_vector *v, int64_t i)
{
    return v->encoding == LV_CONSTANT ? 0 : i;
}
static inline bool lv_vector_is_null(const lv_vector *v, int64_t i)
{
    return v->validity != NULL && !lv_bit_get(v->validity, lv_vector_index(v, i));
}
/** Whether any row may be null. */
static inline bool lv_vector_may_be_null(const lv_vector *v)
{
    return v->validity != NULL;
}
int64_t lv_vector_null_count(const lv_vector *v);

/** The value of row `i` of a FLAT or CONSTANT vector: LV_AT(double, v, i). */
#define LV_AT(ctype, v, i) (((const ctype *)(v)->data)[lv_vector_index((v), (i))])
/** The string of row `i` in any encoding. */
lv_str lv_vector_str(const lv_vector *v, int64_t i);

/** A FLAT vector with room for `length` values (uninitialised; validity NULL, children not made). */
void lv_vector_init_flat(lv_vector *v, lv_arena *arena, const lv_type *type, int64_t length);
/** A CONSTANT null. Nested types get children of one null row. */
void lv_vector_init_null(lv_vector *v, lv_arena *arena, const lv_type *type, int64_t length);
/** A validity bitmap of `length` bits, all `valid`. */
uint64_t *lv_validity_new(lv_arena *arena, int64_t length, bool valid);
/** The same rows as a FLAT vector (children too); `v` itself if it is one already. */
const lv_vector *lv_vector_flatten(lv_arena *arena, const lv_vector *v);
/** Rows[0..count) of `v`, in that order; a negative row makes a null. Keeps dictionaries and constants. */
void lv_vector_take(lv_arena *arena, const lv_vector *v, const int32_t *rows, int64_t count,
                    lv_vector *out);
/** Rows from..from+count as a vector; shares the values, copies the validity bits. */
void lv_vector_slice(lv_arena *arena, const lv_vector *v, int64_t from, int64_t count,
                     lv_vector *out);
/** A FLAT vector put together from several of one type: row i is row `rows[i]` (NULL: row i) of vectors[which[i]],
 *  null where which[i] is negative. */
void lv_vector_pick(lv_arena *arena, const lv_type *type, const lv_vector *vectors,
                    const int *which, const int32_t *rows, int64_t count, lv_vector *out);
/** The same rows as FLAT vectors with string bytes of their own: nothing is shared with `v`. */
void lv_vector_copy(lv_arena *arena, const lv_vector *v, lv_vector *out);
/** Asserts the invariants above; O(n), for LV_DCHECK and tests. Always true. */
bool lv_vector_check(const lv_vector *v);

/* ---- dictionaries ---------------------------------------------------------------------------- */

/** Distinct strings with dense codes, append-only. One thread adds; vectors that refer to it may be
 *  read by others only after a hand-over. Strings keep their address until lv_dict_free. */
typedef struct lv_dict {
    lv_str *values;
    uint32_t count;
    uint32_t capacity;
    uint64_t id; /* unique in the process: consumers cache a remap by it */
    uint64_t seed;
    struct lv_dict_slot *slots; /* open addressing; NULL in one that is only read */
    uint32_t slot_mask;
    lv_arena bytes;
} lv_dict;

lv_dict *lv_dict_new(void);
void lv_dict_free(lv_dict *dict);
/** The code of `s`, added if new. */
uint32_t lv_dict_intern(lv_dict *dict, lv_str s);
/** The codes of `count` (at most 64) strings, of those only whose bit in `valid` is set; the others get 0. Faster
 *  than one by one, because the look-ups overlap. */
void lv_dict_intern_many(lv_dict *dict, const lv_str *strings, uint64_t valid, int count,
                         uint32_t *codes);
/** A dictionary of these strings, which are all different, in an arena (bytes copied): to be read only,
 *  neither added to nor freed. */
const lv_dict *lv_dict_make(lv_arena *arena, const lv_str *values, uint32_t count);

/* ---- builders -------------------------------------------------------------------------------- */

/** Builds a FLAT vector row by row, in an arena. For STRUCT append to every child, then call
 *  lv_builder_end_struct; for ARRAY and MAP append the elements, then lv_builder_end_list. */
typedef struct lv_builder {
    lv_arena *arena;
    const lv_type *type;
    int64_t length;
    int64_t capacity;
    bool has_nulls;
    uint64_t *validity; /* allocated at the first null */
    void *data;
    int32_t *offsets;
    struct lv_builder *children;
} lv_builder;

void lv_builder_init(lv_builder *b, lv_arena *arena, const lv_type *type, int64_t capacity);
/** Room for `more` rows of this level. */
void lv_builder_reserve(lv_builder *b, int64_t more);
/** A null; of a STRUCT also its children. */
void lv_builder_null(lv_builder *b);
/** Copies one value of the type's C type (not for nested types). String bytes are not copied. */
void lv_builder_value(lv_builder *b, const void *value);
void lv_builder_bool(lv_builder *b, bool value);
void lv_builder_i32(lv_builder *b, int32_t value); /* INT, DATE */
void lv_builder_i64(lv_builder *b, int64_t value); /* BIGINT, TIMESTAMP, TIMESTAMP_NTZ */
void lv_builder_f64(lv_builder *b, double value);
/** STRING, BINARY: keeps the slice; use lv_builder_str_copy if its bytes do not last. */
void lv_builder_str(lv_builder *b, lv_str value);
void lv_builder_str_copy(lv_builder *b, lv_str value);
/** Closes a row of a STRUCT whose children each got one value. */
void lv_builder_end_struct(lv_builder *b);
/** Closes a row of an ARRAY or MAP: everything appended to the children since the last one. */
void lv_builder_end_list(lv_builder *b);
/** Appends row `i` of `v`, which has the builder's type, any encoding. String bytes are not copied. */
void lv_builder_append(lv_builder *b, const lv_vector *v, int64_t i);
/** Drops rows from `length` on, children too: to undo a half-built value. */
void lv_builder_truncate(lv_builder *b, int64_t length);
/** The vector so far; the builder must not be used after. */
void lv_builder_finish(lv_builder *b, lv_vector *out);

#endif
