/* compute_fixture.h: binding and calling functions by name, and random vectors. For tests of
 * compute/ and exec/. */
#ifndef LV_TESTS_COMPUTE_FIXTURE_H
#define LV_TESTS_COMPUTE_FIXTURE_H

#include <math.h>
#include <string.h>

#include "compute/compute.h"
#include "unit.h"

typedef struct fixture {
    lv_arena arena;
    lv_eval eval;
    lv_error err;
} fixture;

static inline void fixture_init(fixture *f, bool ansi)
{
    lv_arena_init(&f->arena);
    f->eval = (lv_eval){.arena = &f->arena,
                        .zone = lv_timezone_utc(),
                        .ansi = ansi,
                        .batch_time_us = 1704067200000000,
                        .now_us = 1};
    f->err = LV_ERROR_INIT;
}

/* Binds `name` to the arguments and casts them as the analyzer would. NULL if it cannot be bound.
 */
static inline lv_call *fixture_bind(fixture *f, const char *name, lv_vector *args, int count)
{
    const lv_function *function = lv_function_find(lv_str_of(name));
    if (function == NULL)
        fail_msg("no function %s", name);
    const lv_type **types = LV_NEW_ARRAY(&f->arena, const lv_type *, count + 1);
    const lv_vector **literals = LV_NEW_ARRAY(&f->arena, const lv_vector *, count + 1);
    for (int i = 0; i < count; i++) {
        types[i] = args[i].type;
        if (args[i].encoding == LV_CONSTANT)
            literals[i] = &args[i];
    }
    lv_bind bind = {.arena = &f->arena,
                    .ansi = f->eval.ansi,
                    .session_zone = LV_STR("UTC"),
                    .arg_count = count,
                    .arg_types = types,
                    .arg_literals = literals};
    lv_error_clear(&f->err);
    if (lv_function_bind(function, &bind, &f->err) != LV_OK)
        return NULL;
    for (int i = 0; i < count; i++) {
        lv_vector cast;
        if (lv_cast(&f->eval, &args[i], types[i], LV_CAST_EXPLICIT, LV_STR_NONE, &cast, &f->err) !=
            LV_OK)
            return NULL;
        args[i] = cast;
    }
    return lv_call_make(function, &bind);
}

static inline lv_status fixture_call(fixture *f, const char *name, lv_vector *args, int count,
                                     int64_t rows, lv_vector *out)
{
    lv_call *call = fixture_bind(f, name, args, count);
    if (call == NULL)
        return f->err.status;
    return lv_call_run(call, &f->eval, args, rows, out, &f->err);
}

/* Row `i` as text; the same text is valid until the arena goes. */
static inline const char *fixture_text(fixture *f, const lv_vector *v, int64_t i)
{
    lv_sbuf text = LV_SBUF_INIT;
    lv_print_value(v, i, f->eval.zone, &text);
    const char *copy = lv_str_cstr(&f->arena, lv_sbuf_str(&text));
    lv_sbuf_release(&text);
    return copy;
}

static inline lv_vector fixture_str(fixture *f, const char *text)
{
    lv_vector v;
    if (text == NULL) {
        lv_vector_init_null(&v, &f->arena, lv_type_of(LV_TYPE_STRING), 1);
        return v;
    }
    lv_vector_init_flat(&v, &f->arena, lv_type_of(LV_TYPE_STRING), 1);
    *(lv_str *)v.data = lv_str_of(text);
    v.encoding = LV_CONSTANT;
    return v;
}

/* `text` read as a constant of a type, by TRY_CAST; NULL is null. */
static inline lv_vector fixture_value(fixture *f, const lv_type *type, const char *text)
{
    lv_vector in = fixture_str(f, text), v;
    if (lv_cast(&f->eval, &in, type, LV_CAST_TRY, LV_STR_NONE, &v, &f->err) != LV_OK)
        fail_msg("no value: %s", text ? text : "NULL");
    return v;
}

/* ---- random ---------------------------------------------------------------------------------- */

static uint64_t fixture_seed = 88172645463325252u;
static inline uint64_t fixture_random(void)
{
    fixture_seed ^= fixture_seed << 13;
    fixture_seed ^= fixture_seed >> 7;
    return fixture_seed ^= fixture_seed << 17;
}

static const int64_t fixture_lengths[] = {0, 1, 63, 64, 65, 2047, 2048, 4096};

static inline lv_str fixture_random_str(lv_arena *arena)
{
    static const char *const words[] = {"",
                                        "a",
                                        "abc",
                                        "ABC",
                                        " x ",
                                        "stra\xc3\x9f"
                                        "e",
                                        "12",
                                        "-3.5",
                                        "\xf0\x9f\x98\x80",
                                        "a,b,c",
                                        "abcabc"};
    return lv_str_dup(arena, lv_str_of(words[fixture_random() % LV_COUNT_OF(words)]));
}

static inline void fixture_random_value(lv_arena *arena, const lv_type *type, void *data, int64_t i,
                                        bool extreme)
{
    static const double reals[] = {
        0.0, -0.0, 1.5, -2.5, 1e300, -1e-300, (double)NAN, (double)INFINITY, (double)-INFINITY,
        3.0};
    uint64_t r = fixture_random();
    int64_t small = (int64_t)(r % 21) - 10;
    bool edge = extreme && r % 5 == 0;
    switch (type->kind) {
    case LV_TYPE_BOOLEAN: ((uint8_t *)data)[i] = r & 1; break;
    case LV_TYPE_TINYINT:
        ((int8_t *)data)[i] = edge ? (r & 64 ? INT8_MAX : INT8_MIN) : (int8_t)small;
        break;
    case LV_TYPE_SMALLINT:
        ((int16_t *)data)[i] = edge ? (r & 64 ? INT16_MAX : INT16_MIN) : (int16_t)small;
        break;
    case LV_TYPE_INT:
    case LV_TYPE_DATE:
    case LV_TYPE_MONTHS:
        ((int32_t *)data)[i] = edge ? (r & 64 ? INT32_MAX : INT32_MIN) : (int32_t)small;
        break;
    case LV_TYPE_BIGINT:
    case LV_TYPE_TIMESTAMP:
    case LV_TYPE_TIMESTAMP_NTZ:
    case LV_TYPE_MICROS:
        ((int64_t *)data)[i] = edge && type->kind == LV_TYPE_BIGINT
                                   ? (r & 64 ? INT64_MAX : INT64_MIN)
                                   : small * 1000003;
        break;
    case LV_TYPE_INTERVAL:
        ((lv_interval *)data)[i] = (lv_interval){(int32_t)small, (int32_t)(r >> 60), small * 999};
        break;
    case LV_TYPE_FLOAT: ((float *)data)[i] = (float)reals[r % LV_COUNT_OF(reals)]; break;
    case LV_TYPE_DOUBLE: ((double *)data)[i] = reals[r % LV_COUNT_OF(reals)]; break;
    case LV_TYPE_DECIMAL: ((__int128 *)data)[i] = small * 37; break;
    default: ((lv_str *)data)[i] = fixture_random_str(arena);
    }
}

/* `nulls` of 8 rows are null; 8: all. Not for nested types. */
static inline lv_vector fixture_vector(lv_arena *arena, const lv_type *type, lv_encoding encoding,
                                       int64_t rows, int nulls, bool extreme)
{
    lv_vector v;
    int64_t stored = encoding == LV_CONSTANT ? 1 : rows;
    lv_vector_init_flat(&v, arena, type, LV_MAX(stored, 1));
    v.length = rows;
    v.encoding = encoding;
    if (encoding == LV_DICTIONARY) {
        lv_str values[4];
        for (int d = 0; d < 4; d++)
            values[d] = lv_str_of((const char *[]){"abc", "Zz", "", " q\xc3\xa9 "}[d]);
        v.dict = lv_dict_make(arena, values, 4);
        for (int64_t i = 0; i < rows; i++)
            ((uint32_t *)v.data)[i] = (uint32_t)(fixture_random() % 4);
    } else {
        for (int64_t i = 0; i < stored; i++)
            fixture_random_value(arena, type, v.data, i, extreme);
    }
    if (nulls > 0)
        v.validity = lv_validity_new(arena, LV_MAX(stored, 1), true);
    for (int64_t i = 0; i < stored && nulls > 0; i++)
        if ((int)(fixture_random() % 8) < nulls)
            lv_bit_clear(v.validity, i);
    return v;
}

#endif
