/* function.c: the function table, binding helpers, and running a call. */
#include <stdio.h>

#include "base/check.h"
#include "compute/compute_int.h"

static const lv_function table[] = {
#define X(name, min, max, flags, op, bind, open, close, signature, summary)                        \
    {name, min, max, flags, op, bind, open, close, signature, summary},
#include "compute/functions.def"
#undef X
};

const lv_function *lv_function_table(int *count)
{
    *count = (int)LV_COUNT_OF(table);
    return table;
}

static const lv_example examples[] = {
#define X(function, sql, result) {function, sql, result},
#include "compute/examples.def"
#undef X
};

const lv_example *lv_function_examples(int *count)
{
    *count = (int)LV_COUNT_OF(examples);
    return examples;
}

const lv_function *lv_function_find(lv_str name)
{
    for (size_t i = 0; i < LV_COUNT_OF(table); i++)
        if (lv_str_eq_nocase(name, lv_str_of(table[i].name)))
            return &table[i];
    return NULL;
}

/* Characters two names begin with alike, without case. */
static int shared_beginning(lv_str a, lv_str b)
{
    size_t n = 0;
    while (n < a.len && n < b.len && lv_str_eq_nocase(lv_str_sub(a, n, 1), lv_str_sub(b, n, 1)))
        n++;
    return (int)n;
}

/* The nearest; of those that are as near, the one that begins most alike. */
const char *lv_function_suggest(lv_str name)
{
    const char *best = NULL;
    int best_distance = 1 + (int)LV_MIN(name.len / 3 + 1, (size_t)4), best_shared = 0;
    for (size_t i = 0; i < LV_COUNT_OF(table); i++) {
        if (table[i].flags & LV_FN_OPERATOR)
            continue;
        lv_str other = lv_str_of(table[i].name);
        int distance = lv_str_distance(name, other), shared = shared_beginning(name, other);
        if (distance < best_distance ||
            (best && distance == best_distance && shared > best_shared)) {
            best = table[i].name;
            best_distance = distance;
            best_shared = shared;
        }
    }
    return best;
}

static lv_status wrong_count(const lv_function *f, int given, lv_error *err)
{
    char range[48];
    if ((f->flags & LV_FN_GENERATOR) && f->max_args == 1 && given == 0)
        return LV_FAIL(err, LV_REQUIRED_PARAMETER_NOT_FOUND,
                       "Cannot invoke routine `%s` because its parameter is required, but the "
                       "routine call did not supply a value",
                       f->name);
    if (f->max_args < 0)
        snprintf(range, sizeof range, "> %d", f->min_args - 1);
    else if (f->max_args == f->min_args)
        snprintf(range, sizeof range, "%d", f->min_args);
    else
        snprintf(range, sizeof range, "[%d, %d]", f->min_args, f->max_args);
    return LV_FAIL(err, LV_WRONG_NUM_ARGS,
                   "the `%s` requires %s parameters but the actual number is %d", f->name, range,
                   given);
}

lv_status lv_function_bind(const lv_function *function, lv_bind *bind, lv_error *err)
{
    if (bind->arg_count < function->min_args ||
        (function->max_args >= 0 && bind->arg_count > function->max_args))
        return wrong_count(function, bind->arg_count, err);
    bind->nullable = true;
    bind->total = false;
    bind->try_casts = false;
    bind->param = NULL;
    return function->bind(function, bind, err);
}

lv_call *lv_call_make(const lv_function *function, const lv_bind *bind)
{
    lv_call *call = LV_NEW(bind->arena, lv_call);
    const lv_type **types = LV_NEW_ARRAY(bind->arena, const lv_type *, bind->arg_count);
    for (int i = 0; i < bind->arg_count; i++)
        types[i] = bind->arg_types[i];
    *call = (lv_call){.function = function,
                      .type = bind->type,
                      .arg_types = types,
                      .arg_count = bind->arg_count,
                      .kernel = bind->kernel,
                      .param = bind->param,
                      .total = bind->total,
                      .map_last_wins = bind->map_last_wins};
    return call;
}

/* ---- binding --------------------------------------------------------------------------------- */

const char *lv_type_name(lv_arena *arena, const lv_type *type)
{
    lv_sbuf text = LV_SBUF_INIT;
    lv_type_print_sql(type, &text);
    const char *name = lv_str_cstr(arena, lv_sbuf_str(&text));
    lv_sbuf_release(&text);
    return name;
}

lv_status lv_bind_mismatch(const lv_function *function, const lv_bind *bind, int i,
                           const char *wanted, lv_error *err)
{
    static const char *const ordinals[] = {"first", "second", "third", "fourth", "fifth"};
    return LV_FAIL(err, LV_DATATYPE_MISMATCH,
                   "the %s parameter requires the %s type, however it has the type \"%s\"",
                   i < 5 ? ordinals[i] : "given", wanted,
                   lv_type_name(bind->arena, bind->arg_types[i]));
}

lv_status lv_bind_differ(const lv_function *function, const lv_bind *bind, lv_error *err)
{
    lv_sbuf types = LV_SBUF_INIT;
    for (int i = 0; i < bind->arg_count; i++)
        lv_sbuf_printf(&types, "%s\"%s\"", i ? ", " : "",
                       lv_type_name(bind->arena, bind->arg_types[i]));
    lv_status status = LV_FAIL(err, LV_DATATYPE_MISMATCH_DIFF_TYPES,
                               "input to `%s` should all be the same type, but it's [%.*s]",
                               function->name, LV_STR_ARG(lv_sbuf_str(&types)));
    lv_sbuf_release(&types);
    return status;
}

lv_status lv_bind_want(const lv_function *function, lv_bind *bind, int i, const lv_type *want,
                       lv_error *err)
{
    const lv_type *have = bind->arg_types[i];
    if (lv_type_equal(have, want))
        return LV_OK;
    if (!lv_cast_implicit(have, want, bind->ansi))
        return lv_bind_mismatch(
            function, bind, i,
            lv_arena_printf(bind->arena, "\"%s\"", lv_type_name(bind->arena, want)), err);
    bind->arg_types[i] = want;
    return LV_OK;
}

lv_status lv_bind_text(const lv_function *function, lv_bind *bind, int i, lv_error *err)
{
    lv_type_kind kind = bind->arg_types[i]->kind;
    if (kind != LV_TYPE_STRING && kind != LV_TYPE_VOID)
        return lv_bind_mismatch(function, bind, i, "\"STRING\"", err);
    bind->arg_types[i] = lv_type_of(LV_TYPE_STRING);
    return LV_OK;
}

lv_status lv_bind_common(const lv_function *function, lv_bind *bind, int from, int step,
                         const lv_type **common, lv_error *err)
{
    const lv_type *type = bind->arg_types[from];
    for (int i = from + step; i < bind->arg_count && type != NULL; i += step)
        type = lv_type_common(bind->arena, type, bind->arg_types[i], bind->ansi);
    if (type == NULL)
        return lv_bind_differ(function, bind, err);
    for (int i = from; i < bind->arg_count; i += step)
        bind->arg_types[i] = type;
    *common = type;
    return LV_OK;
}

void lv_bind_result(lv_bind *bind, const lv_type *type, bool total, lv_kernel kernel)
{
    bind->type = type;
    bind->total = total;
    bind->kernel = kernel;
    bind->nullable = false;
    for (int i = 0; i < bind->arg_count; i++)
        bind->nullable = bind->nullable || bind->arg_nullable == NULL || bind->arg_nullable[i];
}

const lv_vector *lv_bind_literal(const lv_bind *bind, int i)
{
    const lv_vector *literal = bind->arg_literals ? bind->arg_literals[i] : NULL;
    return literal == NULL || lv_vector_is_null(literal, 0) ? NULL : literal;
}

const lv_vector *lv_bind_written(const lv_bind *bind, int i)
{
    return bind->arg_written == NULL || bind->arg_written[i] ? lv_bind_literal(bind, i) : NULL;
}

/* ---- kernels --------------------------------------------------------------------------------- */

uint64_t *lv_validity_merge(lv_arena *arena, const lv_vector *args, int count, int64_t rows)
{
    uint64_t *merged = NULL;
    bool owned = false;
    for (int i = 0; i < count; i++) {
        if (args[i].validity == NULL || args[i].encoding == LV_CONSTANT)
            continue;
        if (merged == NULL) {
            merged = args[i].validity;
            continue;
        }
        size_t words = LV_BITMAP_WORDS(rows);
        if (!owned) {
            uint64_t *own = lv_validity_new(arena, rows, true);
            memcpy(own, merged, words * sizeof *own);
            merged = own;
            owned = true;
        }
        for (size_t w = 0; w < words; w++)
            merged[w] &= args[i].validity[w];
    }
    return merged;
}

uint64_t *lv_validity_flat(lv_arena *arena, const lv_vector *args, int count, int64_t rows)
{
    for (int i = 0; i < count; i++)
        if (args[i].encoding == LV_CONSTANT && lv_vector_is_null(&args[i], 0))
            return lv_validity_new(arena, rows, false);
    return lv_validity_merge(arena, args, count, rows);
}

void lv_result_init(const lv_call *call, lv_eval *eval, const lv_vector *args, int64_t rows,
                    lv_vector *out)
{
    lv_vector_init_flat(out, eval->arena, call->type, rows);
    out->validity = lv_validity_merge(eval->arena, args, call->arg_count, rows);
}

void lv_result_set_null(lv_arena *arena, lv_vector *out, int64_t i, bool *owned)
{
    if (!*owned) {
        uint64_t *own = lv_validity_new(arena, out->length, true);
        if (out->validity != NULL)
            memcpy(own, out->validity, LV_BITMAP_WORDS(out->length) * sizeof *own);
        out->validity = own;
        *owned = true;
    }
    lv_bit_clear(out->validity, i);
}

bool lv_dictionary_pays(const lv_vector *v)
{
    return v->encoding == LV_DICTIONARY && (int64_t)v->dict->count <= v->length;
}

/* Only values that a row refers to are computed: one that nobody uses must not fail. */
lv_status lv_by_dictionary(lv_arena *arena, const lv_vector *v, lv_on_values compute, void *context,
                           lv_vector *out, lv_error *err)
{
    const uint32_t *codes = v->data;
    int32_t *place = lv_arena_alloc(arena, sizeof *place * (size_t)LV_MAX(v->dict->count, 1u));
    memset(place, 0xFF, sizeof *place * v->dict->count);
    int32_t *rows = lv_arena_alloc(arena, sizeof *rows * (size_t)LV_MAX(v->length, 1));
    lv_vector distinct;
    lv_vector_init_flat(&distinct, arena, v->type, LV_MIN((int64_t)v->dict->count, v->length));
    int32_t used = 0;
    for (int64_t i = 0; i < v->length; i++) {
        rows[i] = -1;
        if (!lv_row_valid(v->validity, i))
            continue;
        if (place[codes[i]] < 0) {
            ((lv_str *)distinct.data)[used] = v->dict->values[codes[i]];
            place[codes[i]] = used++;
        }
        rows[i] = place[codes[i]];
    }
    distinct.length = used;
    if (used == 0) {
        lv_vector_init_null(out, arena, out->type, v->length);
        return LV_OK;
    }
    lv_vector results = {.type = out->type};
    LV_TRY(compute(context, &distinct, &results, err));
    lv_vector_take(arena, &results, rows, v->length, out);
    return LV_OK;
}

/* What lv_by_dictionary needs to call a function whose only varying argument is `varying`. */
typedef struct dictionary_call {
    const lv_call *call;
    lv_eval *eval;
    const lv_vector *args;
    int varying;
} dictionary_call;

static lv_status call_on_values(void *context, const lv_vector *values, lv_vector *out,
                                lv_error *err)
{
    dictionary_call *d = context;
    lv_vector *args = LV_NEW_ARRAY(d->eval->arena, lv_vector, d->call->arg_count);
    for (int i = 0; i < d->call->arg_count; i++) {
        args[i] = d->args[i];
        args[i].length = values->length;
    }
    args[d->varying] = *values;
    return d->call->kernel(d->call, d->eval, args, values->length, out, err);
}

/* All arguments are constants: one row is computed and stands for all. */
static lv_status run_constant(const lv_call *call, lv_eval *eval, const lv_vector *args,
                              int64_t rows, lv_vector *out, lv_error *err)
{
    lv_vector *one = LV_NEW_ARRAY(eval->arena, lv_vector, call->arg_count);
    for (int i = 0; i < call->arg_count; i++) {
        one[i] = args[i];
        one[i].encoding = LV_FLAT;
        one[i].length = 1;
    }
    LV_TRY(call->kernel(call, eval, one, 1, out, err));
    if (out->encoding == LV_DICTIONARY)
        *out = *lv_vector_flatten(eval->arena, out);
    out->encoding = LV_CONSTANT;
    out->length = rows;
    return LV_OK;
}

void *lv_result_constant(const lv_call *call, lv_eval *eval, int64_t rows, lv_vector *out)
{
    lv_vector_init_flat(out, eval->arena, call->type, 1);
    out->encoding = LV_CONSTANT;
    out->length = rows;
    return out->data;
}

lv_status lv_kernel_constant(const lv_call *call, lv_eval *eval, const lv_vector *args,
                             int64_t rows, lv_vector *out, lv_error *err)
{
    *(lv_str *)lv_result_constant(call, eval, rows, out) = *(const lv_str *)call->param;
    return LV_OK;
}

lv_status lv_call_run(const lv_call *call, lv_eval *eval, const lv_vector *args, int64_t rows,
                      lv_vector *out, lv_error *err)
{
    unsigned flags = call->function->flags;
    int varying = -1, varying_count = 0;
    for (int i = 0; i < call->arg_count; i++) {
        if (args[i].encoding != LV_CONSTANT) {
            varying = i;
            varying_count++;
        } else if (!(flags & LV_FN_NULL_SAFE) && lv_vector_is_null(&args[i], 0)) {
            lv_vector_init_null(out, eval->arena, call->type, rows);
            return LV_OK;
        }
    }
    if (rows == 0) {
        lv_vector_init_null(out, eval->arena, call->type, 0);
        return LV_OK;
    }
    if (varying_count == 0 && !(flags & LV_FN_NONDETERMINISTIC))
        return run_constant(call, eval, args, rows, out, err);
    bool pure = !(flags & (LV_FN_NULL_SAFE | LV_FN_NONDETERMINISTIC));
    if (varying_count == 1 && pure && lv_dictionary_pays(&args[varying])) {
        dictionary_call context = {call, eval, args, varying};
        out->type = call->type;
        return lv_by_dictionary(eval->arena, &args[varying], call_on_values, &context, out, err);
    }
    return call->kernel(call, eval, args, rows, out, err);
}
