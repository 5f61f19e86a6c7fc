/* hash_functions.c: hash (Murmur3, 32 bits) and xxhash64 over values of every type.
 *
 * Both go column by column: the value so far is the seed of the next one, and a null leaves it as it
 * is. Integers are hashed as 4 or 8 bytes, a DECIMAL by its digits as one integer (8 bytes up to 18
 * digits, else big-endian), text by its bytes, nested values part by part. Source: hash.scala,
 * Murmur3_x86_32.java, XXH64.java; github.com/aappleby/smhasher, xxhash.com. */
#include <math.h>

#include "compute/cast_int.h"
#include "compute/murmur.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

enum { SEED = 42 };

/* ---- Murmur3 --------------------------------------------------------------------------------- */

/* Spark takes each byte behind the last whole word as a word of its own, with its sign. */
static uint32_t murmur_bytes(const char *p, size_t len, uint32_t h)
{
    size_t i = 0;
    for (uint32_t word; len - i >= 4; i += 4) {
        memcpy(&word, p + i, 4);
        h = lv_murmur_step(h, word);
    }
    for (; i < len; i++)
        h = lv_murmur_step(h, (uint32_t)(int32_t)(signed char)p[i]);
    return lv_murmur_end(h, (uint32_t)len);
}

/* ---- both ------------------------------------------------------------------------------------ */

/* One function's hash of one thing, as a step from the value before it. */
static uint64_t hash_bytes(bool xx, const void *p, size_t len, uint64_t seed)
{
    return xx ? XXH64(p, len, seed) : murmur_bytes(p, len, (uint32_t)seed);
}

static uint64_t hash_int(bool xx, int32_t value, uint64_t seed)
{
    return xx ? XXH64(&value, 4, seed)
              : lv_murmur_end(lv_murmur_step((uint32_t)seed, (uint32_t)value), 4);
}

static uint64_t hash_long(bool xx, int64_t value, uint64_t seed)
{
    if (xx)
        return XXH64(&value, 8, seed);
    uint32_t h = lv_murmur_step((uint32_t)seed, (uint32_t)value);
    return lv_murmur_end(lv_murmur_step(h, (uint32_t)((uint64_t)value >> 32)), 8);
}

static uint64_t hash_double(bool xx, double value, uint64_t seed)
{
    int64_t bits;
    value = isnan(value) ? (double)NAN : value == 0 ? 0.0 : value; /* one NaN, one zero */
    memcpy(&bits, &value, 8);
    return hash_long(xx, isnan(value) ? 0x7FF8000000000000 : bits, seed);
}

static uint64_t hash_float(bool xx, float value, uint64_t seed)
{
    int32_t bits;
    value = value == 0 ? 0.0f : value;
    memcpy(&bits, &value, 4);
    return hash_int(xx, isnan(value) ? 0x7FC00000 : bits, seed);
}

/* The fewest bytes that hold it as two's complement, highest first: BigInteger.toByteArray. */
static uint64_t hash_wide(bool xx, __int128 value, uint64_t seed)
{
    unsigned char bytes[16];
    for (int i = 0; i < 16; i++)
        bytes[15 - i] = (unsigned char)((unsigned __int128)value >> (8 * i));
    int first = 0;
    unsigned char sign = value < 0 ? 0xFF : 0;
    while (first < 15 && bytes[first] == sign && (bytes[first + 1] ^ sign) < 0x80)
        first++;
    return hash_bytes(xx, bytes + first, (size_t)(16 - first), seed);
}

/* Row `i`; a null gives the seed. */
static uint64_t hash_value(bool xx, const lv_vector *v, int64_t i, uint64_t seed)
{
    if (lv_vector_is_null(v, i))
        return seed;
    int64_t at = lv_vector_index(v, i);
    switch (v->type->kind) { /* dispatch */
    case LV_TYPE_BOOLEAN: return hash_int(xx, ((const uint8_t *)v->data)[at] != 0, seed);
    case LV_TYPE_TINYINT:
    case LV_TYPE_SMALLINT:
    case LV_TYPE_INT: return hash_int(xx, (int32_t)lv_load_int(v->type->kind, v->data, at), seed);
    case LV_TYPE_MONTHS:
    case LV_TYPE_DATE: return hash_int(xx, ((const int32_t *)v->data)[at], seed);
    case LV_TYPE_FLOAT: return hash_float(xx, ((const float *)v->data)[at], seed);
    case LV_TYPE_DOUBLE: return hash_double(xx, ((const double *)v->data)[at], seed);
    case LV_TYPE_STRING:
    case LV_TYPE_BINARY: {
        lv_str s = lv_vector_str(v, i);
        return hash_bytes(xx, s.len ? s.ptr : "", s.len, seed);
    }
    case LV_TYPE_DECIMAL:
        if (v->type->precision > 18)
            return hash_wide(xx, ((const __int128 *)v->data)[at], seed);
        return hash_long(xx, (int64_t)((const __int128 *)v->data)[at], seed);
    case LV_TYPE_INTERVAL: {
        const lv_interval *interval = (const lv_interval *)v->data + at;
        seed = hash_int(xx, interval->days, hash_long(xx, interval->us, seed));
        return hash_int(xx, interval->months, seed);
    }
    case LV_TYPE_ARRAY:
        for (int32_t e = v->offsets[at]; e < v->offsets[at + 1]; e++)
            seed = hash_value(xx, &v->children[0], e, seed);
        return seed;
    case LV_TYPE_STRUCT:
        for (int f = 0; f < v->child_count; f++)
            seed = hash_value(xx, &v->children[f], at, seed);
        return seed;
    default:
        return hash_long(xx, ((const int64_t *)v->data)[at], seed); /* BIGINT, timestamps, MICROS */
    }
}

static lv_status kernel_hash(const lv_call *call, lv_eval *eval, const lv_vector *args,
                             int64_t rows, lv_vector *out, lv_error *err)
{
    bool xx = call->function->op;
    uint64_t *hash = lv_arena_alloc(eval->arena, sizeof *hash * (size_t)rows);
    for (int64_t i = 0; i < rows; i++)
        hash[i] = SEED;
    for (int a = 0; a < call->arg_count; a++)
        for (int64_t i = 0; i < rows && args[a].type->kind != LV_TYPE_VOID; i++)
            hash[i] = hash_value(xx, &args[a], i, hash[i]);
    lv_vector_init_flat(out, eval->arena, call->type, rows);
    for (int64_t i = 0; i < rows; i++) {
        if (xx)
            ((int64_t *)out->data)[i] = (int64_t)hash[i];
        else
            ((int32_t *)out->data)[i] = (int32_t)(uint32_t)hash[i];
    }
    return LV_OK;
}

static bool holds_map(const lv_type *type)
{
    bool found = type->kind == LV_TYPE_MAP;
    for (int f = 0; f < type->field_count && !found; f++)
        found = holds_map(type->fields[f].type);
    return found;
}

lv_status lv_bind_hash(const lv_function *function, lv_bind *bind, lv_error *err)
{
    for (int i = 0; i < bind->arg_count; i++)
        if (holds_map(bind->arg_types[i]))
            return LV_FAIL(err, LV_DATATYPE_MISMATCH_HASH_MAP,
                           "Input to the function `%s` cannot contain elements of the \"MAP\" type",
                           function->name);
    lv_bind_result(bind, lv_type_of(function->op ? LV_TYPE_BIGINT : LV_TYPE_INT), true,
                   kernel_hash);
    bind->nullable = false;
    return LV_OK;
}
