/* random.c: rand, randn, uniform, randstr and uuid.
 *
 * With a seed the numbers are Spark's, bit for bit: each partition (a worker here) of each micro-batch
 * starts a generator anew from seed + partition. Source: XORShiftRandom.scala, java.util.Random,
 * randomExpressions.scala. */
#include <math.h>
#include <stdlib.h>

#include "base/check.h"
#include "compute/cast_int.h"
#include "compute/murmur.h"
#include "os/os.h"

/* ---- the generator --------------------------------------------------------------------------- */

/* One per thread: a call's state. */
typedef struct generator {
    uint64_t bits;
    double gaussian; /* the second of a pair, if has_gaussian */
    bool has_gaussian;
    bool started;
    int64_t batch_us; /* the micro-batch that it was started for */
} generator;

static uint32_t hash_seed(uint64_t seed, uint32_t start)
{
    uint64_t swapped = __builtin_bswap64(seed); /* Spark hashes the bytes highest first */
    uint32_t h = lv_murmur_step(start, (uint32_t)swapped);
    return lv_murmur_end(lv_murmur_step(h, (uint32_t)(swapped >> 32)), 8);
}

static void start(generator *g, int64_t seed)
{
    uint32_t low = hash_seed((uint64_t)seed, 0x3C074A61);
    g->bits = (uint64_t)hash_seed((uint64_t)seed, low) << 32 | low;
    g->has_gaussian = false;
}

static uint32_t next_bits(generator *g, int bits)
{
    uint64_t x = g->bits;
    x ^= x << 21;
    x ^= x >> 35;
    x ^= x << 4;
    g->bits = x;
    return (uint32_t)(x & ((1ull << bits) - 1));
}

static double next_double(generator *g)
{
    uint64_t high = (uint64_t)next_bits(g, 26) << 27;
    return (double)(high + next_bits(g, 27)) * 0x1p-53;
}

/* Two at a time, by the polar method. */
static double next_gaussian(generator *g)
{
    double a, b, s;
    if (g->has_gaussian) {
        g->has_gaussian = false;
        return g->gaussian;
    }
    do {
        a = 2 * next_double(g) - 1;
        b = 2 * next_double(g) - 1;
        s = a * a + b * b;
    } while (s >= 1 || s == 0);
    double factor = sqrt(-2 * log(s) / s);
    g->gaussian = b * factor;
    g->has_gaussian = true;
    return a * factor;
}

lv_status lv_random_open(lv_call *call, const bool *wanted, lv_error *err)
{
    call->state = calloc(1, sizeof(generator));
    LV_ASSERT(call->state != NULL);
    return LV_OK;
}

void lv_random_close(lv_call *call)
{
    free(call->state);
    call->state = NULL;
}

/* ---- binding --------------------------------------------------------------------------------- */

typedef struct random_param {
    int64_t seed;
    double low;     /* uniform */
    double high;    /* uniform */
    bool is_null;   /* uniform of a null */
    int32_t length; /* randstr */
} random_param;

static generator *generator_of(const lv_call *call, const lv_eval *eval)
{
    generator *g = call->state;
    const random_param *param = call->param;
    if (!g->started || g->batch_us != eval->batch_time_us)
        start(g, param->seed + eval->partition);
    g->started = true;
    g->batch_us = eval->batch_time_us;
    return g;
}

/* The seed, argument `i` if there are so many: an INT or BIGINT constant, NULL is 0; else it is any. */
static lv_status bind_seed(const lv_function *function, lv_bind *bind, int i, int64_t *seed,
                           lv_error *err)
{
    *seed = (int64_t)lv_random_u64();
    if (i >= bind->arg_count)
        return LV_OK;
    lv_type_kind kind = bind->arg_types[i]->kind;
    if (kind != LV_TYPE_VOID && !lv_type_is_integral(bind->arg_types[i]))
        return lv_bind_mismatch(function, bind, i, "(\"INT\" or \"BIGINT\")", err);
    const lv_vector *literal = lv_bind_literal(bind, i);
    if (literal == NULL && kind != LV_TYPE_VOID)
        return LV_FAIL(err, LV_DATATYPE_MISMATCH_NON_FOLDABLE,
                       "the input seed should be a foldable (\"INT\" or \"BIGINT\") expression");
    *seed = literal ? lv_load_int(literal->type->kind, literal->data, 0) : 0;
    return LV_OK;
}

static lv_status kernel_rand(const lv_call *call, lv_eval *eval, const lv_vector *args,
                             int64_t rows, lv_vector *out, lv_error *err)
{
    generator *g = generator_of(call, eval);
    bool normal = call->function->op == RANDOM_NORMAL;
    lv_vector_init_flat(out, eval->arena, call->type, rows);
    for (int64_t i = 0; i < rows; i++)
        ((double *)out->data)[i] = normal ? next_gaussian(g) : next_double(g);
    return LV_OK;
}

lv_status lv_bind_rand(const lv_function *function, lv_bind *bind, lv_error *err)
{
    random_param *param = LV_NEW(bind->arena, random_param);
    LV_TRY(bind_seed(function, bind, 0, &param->seed, err));
    lv_bind_result(bind, lv_type_of(LV_TYPE_DOUBLE), true, kernel_rand);
    bind->nullable = false;
    bind->param = param;
    return LV_OK;
}

/* ---- uniform --------------------------------------------------------------------------------- */

static lv_status kernel_uniform(const lv_call *call, lv_eval *eval, const lv_vector *args,
                                int64_t rows, lv_vector *out, lv_error *err)
{
    const random_param *param = call->param;
    if (param->is_null) {
        lv_vector_init_null(out, eval->arena, call->type, rows);
        return LV_OK;
    }
    generator *g = generator_of(call, eval);
    lv_vector values;
    lv_vector_init_flat(&values, eval->arena, lv_type_of(LV_TYPE_DOUBLE), rows);
    for (int64_t i = 0; i < rows; i++)
        ((double *)values.data)[i] = param->low + (param->high - param->low) * next_double(g);
    return lv_cast(eval, &values, call->type, LV_CAST_EXPLICIT, LV_STR_NONE, out, err);
}

/* The type that uniform's bounds of these types give. */
static const lv_type *uniform_type(const lv_type *a, const lv_type *b)
{
    static const lv_type_kind reals[] = {LV_TYPE_VOID, LV_TYPE_DOUBLE, LV_TYPE_FLOAT};
    for (size_t i = 0; i < LV_COUNT_OF(reals); i++)
        if (a->kind == reals[i] || b->kind == reals[i])
            return lv_type_of(reals[i] == LV_TYPE_VOID ? LV_TYPE_DOUBLE : reals[i]);
    if (a->kind == LV_TYPE_DECIMAL && b->kind == LV_TYPE_DECIMAL)
        return a->precision > b->precision ? a : b;
    return a->kind > b->kind ? a : b; /* integers by size, a DECIMAL above them */
}

lv_status lv_bind_uniform(const lv_function *function, lv_bind *bind, lv_error *err)
{
    random_param *param = LV_NEW(bind->arena, random_param);
    double *bounds[2] = {&param->low, &param->high};
    LV_TRY(bind_seed(function, bind, 2, &param->seed, err));
    lv_eval eval = {.arena = bind->arena, .zone = lv_timezone_utc(), .ansi = true};
    for (int i = 0; i < 2; i++) {
        const lv_vector *literal = lv_bind_literal(bind, i);
        lv_vector value;
        if (bind->arg_types[i]->kind != LV_TYPE_VOID && !lv_type_is_numeric(bind->arg_types[i]))
            return lv_bind_mismatch(function, bind, i, "integer or floating-point", err);
        if (literal == NULL && (bind->arg_literals == NULL || bind->arg_literals[i] == NULL))
            return LV_FAIL(err, LV_DATATYPE_MISMATCH_NON_FOLDABLE,
                           "the input %s should be a foldable expression", i ? "max" : "min");
        param->is_null = param->is_null || literal == NULL;
        if (literal == NULL)
            continue;
        LV_TRY(lv_cast(&eval, literal, lv_type_of(LV_TYPE_DOUBLE), LV_CAST_EXPLICIT, LV_STR_NONE,
                       &value, err));
        *bounds[i] = LV_AT(double, &value, 0);
    }
    lv_bind_result(bind, uniform_type(bind->arg_types[0], bind->arg_types[1]), true,
                   kernel_uniform);
    bind->nullable = param->is_null;
    bind->param = param;
    return LV_OK;
}

/* ---- randstr, uuid --------------------------------------------------------------------------- */

static lv_status kernel_randstr(const lv_call *call, lv_eval *eval, const lv_vector *args,
                                int64_t rows, lv_vector *out, lv_error *err)
{
    static const char pool[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    const random_param *param = call->param;
    generator *g = generator_of(call, eval);
    size_t len = (size_t)param->length;
    lv_vector_init_flat(out, eval->arena, call->type, rows);
    for (int64_t i = 0; i < rows; i++) {
        char *text = lv_arena_alloc(eval->arena, len);
        for (size_t k = 0; k < len; k++)
            text[k] = pool[abs((int32_t)next_bits(g, 32) % 62)];
        ((lv_str *)out->data)[i] = (lv_str){text, len};
    }
    return LV_OK;
}

lv_status lv_bind_randstr(const lv_function *function, lv_bind *bind, lv_error *err)
{
    enum { LENGTH_MAX = 1 << 20 };
    random_param *param = LV_NEW(bind->arena, random_param);
    LV_TRY(bind_seed(function, bind, 1, &param->seed, err));
    if (!lv_type_is_integral(bind->arg_types[0]))
        return lv_bind_mismatch(function, bind, 0, "INT or SMALLINT", err);
    const lv_vector *literal = lv_bind_literal(bind, 0);
    if (literal == NULL)
        return LV_FAIL(err, LV_DATATYPE_MISMATCH_NON_FOLDABLE,
                       "the input length should be a foldable expression");
    int64_t length = lv_load_int(literal->type->kind, literal->data, 0);
    if (length < 0 || length > LENGTH_MAX)
        return LV_FAIL(err, LV_INVALID_LENGTH,
                       "The value of parameter(s) `length` in `randstr` is invalid: Expects "
                       "`length` greater than or "
                       "equal to 0, but got %lld",
                       (long long)length);
    param->length = (int32_t)length;
    lv_bind_result(bind, lv_type_of(LV_TYPE_STRING), true, kernel_randstr);
    bind->nullable = false;
    bind->param = param;
    return LV_OK;
}

static lv_status kernel_uuid(const lv_call *call, lv_eval *eval, const lv_vector *args,
                             int64_t rows, lv_vector *out, lv_error *err)
{
    lv_vector_init_flat(out, eval->arena, call->type, rows);
    for (int64_t i = 0; i < rows; i++) {
        char *text = lv_arena_alloc(eval->arena, 37);
        lv_uuid_make(text);
        ((lv_str *)out->data)[i] = (lv_str){text, 36};
    }
    return LV_OK;
}

lv_status lv_bind_uuid(const lv_function *function, lv_bind *bind, lv_error *err)
{
    lv_bind_result(bind, lv_type_of(LV_TYPE_STRING), true, kernel_uuid);
    bind->nullable = false;
    return LV_OK;
}
