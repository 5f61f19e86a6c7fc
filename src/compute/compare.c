/* compare.c: = <> < <= > >= <=>, IN, nullif, and the order of values.
 *
 * Two loops per type, = and <, give all six: the others swap the sides or turn the result. That
 * holds for doubles too, because SQL's order is total: NaN equals itself and is the largest. */
#include <math.h>

#include "compute/binary.h"

#define OP_NAME          equal
#define INT_OP(a, b, r)  (*(r) = (a) == (b), false)
#define REAL_OP(a, b, r) (*(r) = (a) == (b) || ((a) != (a) && (b) != (b)), false)
#include "compute/compare_types.tmpl.h"

#define OP_NAME          less
#define INT_OP(a, b, r)  (*(r) = (a) < (b), false)
#define REAL_OP(a, b, r) (*(r) = (a) < (b) || ((b) != (b) && (a) == (a)), false)
#include "compute/compare_types.tmpl.h"

#define FIXED(op)                                                                                  \
    {                                                                                              \
        [LV_TYPE_BOOLEAN] = LV_BINARY(op##_u8), [LV_TYPE_TINYINT] = LV_BINARY(op##_i8),            \
        [LV_TYPE_SMALLINT] = LV_BINARY(op##_i16), [LV_TYPE_INT] = LV_BINARY(op##_i32),             \
        [LV_TYPE_BIGINT] = LV_BINARY(op##_i64), [LV_TYPE_FLOAT] = LV_BINARY(op##_float),           \
        [LV_TYPE_DOUBLE] = LV_BINARY(op##_double), [LV_TYPE_DECIMAL] = LV_BINARY(op##_i128),       \
        [LV_TYPE_DATE] = LV_BINARY(op##_i32), [LV_TYPE_TIMESTAMP] = LV_BINARY(op##_i64),           \
        [LV_TYPE_TIMESTAMP_NTZ] = LV_BINARY(op##_i64), [LV_TYPE_MONTHS] = LV_BINARY(op##_i32),     \
        [LV_TYPE_MICROS] = LV_BINARY(op##_i64)                                                     \
    }
static const lv_binary equal_loops[LV_TYPE_COUNT] = FIXED(equal);
static const lv_binary less_loops[LV_TYPE_COUNT] = FIXED(less);

/* ---- the order of single values -------------------------------------------------------------- */

#define ORDER(ctype)                                                                               \
    do {                                                                                           \
        ctype x = LV_AT(ctype, a, i), y = LV_AT(ctype, b, j);                                      \
        return (x > y) - (x < y);                                                                  \
    } while (0)

static int order_real(double x, double y)
{
    if (isnan(x) || isnan(y))
        return (isnan(x) != 0) - (isnan(y) != 0);
    return (x > y) - (x < y);
}

static int order_lists(const lv_vector *a, int64_t i, const lv_vector *b, int64_t j)
{
    int64_t na = a->offsets[i + 1] - a->offsets[i], nb = b->offsets[j + 1] - b->offsets[j];
    for (int64_t e = 0; e < na && e < nb; e++)
        for (int f = 0; f < a->child_count; f++) {
            int order = lv_value_compare(&a->children[f], a->offsets[i] + e, &b->children[f],
                                         b->offsets[j] + e);
            if (order != 0)
                return order;
        }
    return (na > nb) - (na < nb);
}

static int order_structs(const lv_vector *a, int64_t i, const lv_vector *b, int64_t j)
{
    for (int f = 0; f < a->child_count; f++) {
        int order = lv_value_compare(&a->children[f], i, &b->children[f], j);
        if (order != 0)
            return order;
    }
    return 0;
}

/* Plain intervals have no order in SQL, but equal ones are the same. */
static int order_intervals(const lv_interval *a, const lv_interval *b)
{
    if (a->months != b->months)
        return a->months < b->months ? -1 : 1;
    if (a->days != b->days)
        return a->days < b->days ? -1 : 1;
    return (a->us > b->us) - (a->us < b->us);
}

int lv_value_compare(const lv_vector *a, int64_t i, const lv_vector *b, int64_t j) /* dispatch */
{
    bool a_null = lv_vector_is_null(a, i), b_null = lv_vector_is_null(b, j);
    if (a_null || b_null)
        return (int)b_null - (int)a_null;
    switch (a->type->kind) {
    case LV_TYPE_BOOLEAN: ORDER(uint8_t);
    case LV_TYPE_TINYINT: ORDER(int8_t);
    case LV_TYPE_SMALLINT: ORDER(int16_t);
    case LV_TYPE_INT:
    case LV_TYPE_DATE:
    case LV_TYPE_MONTHS: ORDER(int32_t);
    case LV_TYPE_BIGINT:
    case LV_TYPE_TIMESTAMP:
    case LV_TYPE_TIMESTAMP_NTZ:
    case LV_TYPE_MICROS: ORDER(int64_t);
    case LV_TYPE_DECIMAL: ORDER(__int128);
    case LV_TYPE_FLOAT: return order_real((double)LV_AT(float, a, i), (double)LV_AT(float, b, j));
    case LV_TYPE_DOUBLE: return order_real(LV_AT(double, a, i), LV_AT(double, b, j));
    case LV_TYPE_STRING:
    case LV_TYPE_BINARY: return lv_str_cmp(lv_vector_str(a, i), lv_vector_str(b, j));
    case LV_TYPE_STRUCT: return order_structs(a, lv_vector_index(a, i), b, lv_vector_index(b, j));
    case LV_TYPE_INTERVAL:
        return order_intervals(&LV_AT(lv_interval, a, i), &LV_AT(lv_interval, b, j));
    case LV_TYPE_VOID: return 0;
    default: return order_lists(a, lv_vector_index(a, i), b, lv_vector_index(b, j));
    }
}

/* ---- whole vectors --------------------------------------------------------------------------- */

/* equal (less) of rows that `validity` calls valid; the others are unspecified. */
static void compare_text(bool less, const lv_vector *a, const lv_vector *b,
                         const uint64_t *validity, uint8_t *out, int64_t rows)
{
    lv_strs x = lv_strs_of(a), y = lv_strs_of(b);
    for (int64_t i = 0; i < rows; i++) {
        out[i] = 0;
        if (!lv_row_valid(validity, i))
            continue;
        lv_str s = lv_strs_at(&x, i), t = lv_strs_at(&y, i);
        out[i] = less ? lv_str_cmp(s, t) < 0 : lv_str_eq(s, t);
    }
}

static void compare_rows(int op, const lv_vector *a, const lv_vector *b, const uint64_t *validity,
                         uint8_t *out, int64_t rows)
{
    bool swap = op == COMPARE_GT || op == COMPARE_LE;
    bool less = op != COMPARE_EQ && op != COMPARE_NE && op != COMPARE_NULL_SAFE;
    bool turn = op == COMPARE_NE || op == COMPARE_LE || op == COMPARE_GE;
    const lv_vector *left = swap ? b : a, *right = swap ? a : b;
    lv_type_kind kind = a->type->kind;
    const lv_binary *loop = less ? &less_loops[kind] : &equal_loops[kind];
    if (loop->vv != NULL && !(left->encoding == LV_CONSTANT && right->encoding == LV_CONSTANT)) {
        lv_binary_run(loop, left, right, out, rows);
    } else if (lv_type_is_string_like(a->type)) {
        compare_text(less, left, right, validity, out, rows);
    } else {
        for (int64_t i = 0; i < rows; i++) {
            int order = lv_row_valid(validity, i) ? lv_value_compare(left, i, right, i) : 0;
            out[i] = less ? order < 0 : order == 0;
        }
    }
    for (int64_t i = 0; i < rows && turn; i++)
        out[i] ^= 1;
}

static lv_status kernel_compare(const lv_call *call, lv_eval *eval, const lv_vector *args,
                                int64_t rows, lv_vector *out, lv_error *err)
{
    lv_result_init(call, eval, args, rows, out);
    compare_rows(call->function->op, &args[0], &args[1], out->validity, out->data, rows);
    return LV_OK;
}

static lv_status kernel_null_safe(const lv_call *call, lv_eval *eval, const lv_vector *args,
                                  int64_t rows, lv_vector *out, lv_error *err)
{
    lv_vector_init_flat(out, eval->arena, call->type, rows);
    uint8_t *equal = out->data;
    uint64_t *both = lv_validity_new(eval->arena, rows, true);
    for (int64_t i = 0; i < rows; i++)
        lv_bit_put(both, i, !lv_vector_is_null(&args[0], i) && !lv_vector_is_null(&args[1], i));
    compare_rows(COMPARE_EQ, &args[0], &args[1], both, equal, rows);
    for (int64_t i = 0; i < rows; i++)
        if (!lv_bit_get(both, i))
            equal[i] = lv_vector_is_null(&args[0], i) && lv_vector_is_null(&args[1], i);
    return LV_OK;
}

enum { IN_LIST_LONG = 16 };

/* Whether the list is long and of constants only: then its values go into a set. */
static bool is_long_list(const lv_call *call, const lv_vector *args)
{
    bool constant = call->arg_count > IN_LIST_LONG;
    for (int a = 1; a < call->arg_count && constant; a++)
        constant = args[a].encoding == LV_CONSTANT;
    return constant;
}

static lv_status in_set(const lv_call *call, lv_eval *eval, const lv_vector *args, int64_t rows,
                        lv_vector *out)
{
    lv_value_set set;
    bool has_null = false;
    lv_value_set_init(&set, eval->arena);
    lv_value_set_reset(&set, call->arg_count - 1);
    for (int a = 1; a < call->arg_count; a++) {
        has_null = has_null || lv_vector_is_null(&args[a], 0);
        if (!lv_vector_is_null(&args[a], 0))
            (void)lv_value_set_add(&set, &args[a], 0);
    }
    lv_vector_init_flat(out, eval->arena, call->type, rows);
    out->validity = lv_validity_new(eval->arena, rows, true);
    for (int64_t i = 0; i < rows; i++) {
        bool null = lv_vector_is_null(&args[0], i);
        bool found = !null && lv_value_set_find(&set, &args[0], i) >= 0;
        ((uint8_t *)out->data)[i] = found;
        if (null || (!found && has_null))
            lv_bit_clear(out->validity, i);
    }
    return LV_OK;
}

/* What lv_by_dictionary needs for the values of args[0] that occur. */
typedef struct in_list {
    const lv_vector *args;
    int arg_count;
    lv_eval *eval;
} in_list;

/* value IN constants none of which is null: null where the value is. */
static lv_status in_constants(void *context, const lv_vector *values, lv_vector *out, lv_error *err)
{
    const in_list *list = context;
    lv_arena *arena = list->eval->arena;
    int64_t rows = values->length;
    lv_vector_init_flat(out, arena, lv_type_of(LV_TYPE_BOOLEAN), rows);
    out->validity = values->validity;
    uint8_t *found = out->data, *equal = lv_arena_alloc(arena, (size_t)rows);
    memset(found, 0, (size_t)rows);
    for (int a = 1; a < list->arg_count; a++) {
        lv_vector one = list->args[a];
        one.length = rows;
        compare_rows(COMPARE_EQ, values, &one, out->validity, equal, rows);
        for (int64_t i = 0; i < rows; i++)
            found[i] |= equal[i];
    }
    return LV_OK;
}

static bool are_constants(const lv_vector *args, int count)
{
    for (int i = 0; i < count; i++)
        if (args[i].encoding != LV_CONSTANT || lv_vector_is_null(&args[i], 0))
            return false;
    return true;
}

/* Null where nothing equals but a null was among them. */
static lv_status kernel_in(const lv_call *call, lv_eval *eval, const lv_vector *args, int64_t rows,
                           lv_vector *out, lv_error *err)
{
    if (is_long_list(call, args))
        return in_set(call, eval, args, rows, out);
    if (args[0].encoding != LV_CONSTANT && are_constants(args + 1, call->arg_count - 1)) {
        in_list list = {args, call->arg_count, eval};
        out->type = call->type;
        return args[0].encoding == LV_DICTIONARY
                   ? lv_by_dictionary(eval->arena, &args[0], in_constants, &list, out, err)
                   : in_constants(&list, &args[0], out, err);
    }
    lv_vector_init_flat(out, eval->arena, call->type, rows);
    uint8_t *found = out->data, *equal = lv_arena_alloc(eval->arena, (size_t)rows);
    uint64_t *known = lv_validity_new(eval->arena, rows, true),
             *both = lv_validity_new(eval->arena, rows, true);
    memset(found, 0, (size_t)rows);
    for (int a = 1; a < call->arg_count; a++) {
        for (int64_t i = 0; i < rows; i++)
            lv_bit_put(both, i, !lv_vector_is_null(&args[0], i) && !lv_vector_is_null(&args[a], i));
        compare_rows(COMPARE_EQ, &args[0], &args[a], both, equal, rows);
        for (int64_t i = 0; i < rows; i++) {
            found[i] |= equal[i] & lv_bit_get(both, i);
            if (!lv_bit_get(both, i))
                lv_bit_clear(known, i);
        }
    }
    for (int64_t i = 0; i < rows; i++)
        if (found[i])
            lv_bit_set(known, i);
    out->validity = known;
    return LV_OK;
}

/* ---- binding --------------------------------------------------------------------------------- */

lv_status lv_bind_compare(const lv_function *function, lv_bind *bind, lv_error *err)
{
    bool null_safe = function->op == COMPARE_NULL_SAFE;
    bool equality = null_safe || function->op == COMPARE_EQ || function->op == COMPARE_NE;
    LV_TRY(lv_bind_comparable(function, bind, equality, err));
    lv_bind_result(bind, lv_type_of(LV_TYPE_BOOLEAN), true,
                   null_safe ? kernel_null_safe : kernel_compare);
    if (null_safe)
        bind->nullable = false;
    return LV_OK;
}

lv_status lv_bind_in(const lv_function *function, lv_bind *bind, lv_error *err)
{
    const lv_type *type;
    LV_TRY(lv_bind_common(function, bind, 0, 1, &type, err));
    LV_TRY(lv_bind_orderable(function, bind, type, err));
    lv_bind_result(bind, lv_type_of(LV_TYPE_BOOLEAN), true, kernel_in);
    return LV_OK;
}
