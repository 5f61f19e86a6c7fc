/* op_distinct.c: DISTINCT, EXCEPT [ALL] and INTERSECT [ALL]: rows as members of a hash table.
 *
 * Rows are hashed column by column, whole vectors at a time. The table holds each different row
 * once, in chunks copied out of the batch arena, with a count. DISTINCT gives the rows that are
 * new, batch by batch; the others read their right input first, count its rows, and then let each
 * left row pass or not by what the table says of it. Two rows are the same as GROUP BY has it:
 * nulls and NaNs equal themselves, -0.0 equals 0.0, which is what comes out. */
#include <math.h>
#include <stdlib.h>

#include "base/check.h"
#include "base/hash.h"
#include "base/vec.h"
#include "exec/exec_int.h"

enum { SLOTS_MIN = 1024, ROWS_MAX = 1 << 30 };

/* A row of the table: its place, and how often it was counted. */
typedef struct slot {
    uint64_t hash;
    int64_t count;
    int32_t chunk; /* -1: free */
    int32_t row;
} slot;

typedef struct distinct_op {
    lv_operator op;
    lv_arena rows; /* chunks */
    LV_VEC(lv_vector *) chunks;
    slot *slots; /* open addressing, a power of two; owned */
    int64_t slot_count;
    int64_t used;
    bool built; /* the right input is in the table */
} distinct_op;

/* ---- hashing --------------------------------------------------------------------------------- */

static const uint64_t null_hash = 0x9E3779B97F4A7C15u;

static uint64_t join(uint64_t hash, uint64_t value)
{
    return lv_hash_u64(hash * 31 + value);
}

/* One number for all NaNs, and for both zeros. */
static uint64_t real_bits(double value)
{
    uint64_t bits;
    value = isnan(value) ? (double)NAN : value + 0.0;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static uint64_t fixed_bits(const lv_vector *v, int64_t i)
{
    unsigned __int128 wide;
    switch (lv_type_value_size(v->type)) {
    case 1: return LV_AT(uint8_t, v, i);
    case 2: return LV_AT(uint16_t, v, i);
    case 4:
        return v->type->kind == LV_TYPE_FLOAT ? real_bits((double)LV_AT(float, v, i))
                                              : LV_AT(uint32_t, v, i);
    case 8:
        return v->type->kind == LV_TYPE_DOUBLE ? real_bits(LV_AT(double, v, i))
                                               : LV_AT(uint64_t, v, i);
    default:
        wide = LV_AT(unsigned __int128, v, i);
        return join((uint64_t)(wide >> 64), (uint64_t)wide);
    }
}

static void hash_column(lv_arena *arena, const lv_vector *v, uint64_t *hashes);

/* hashes[i] of the items of row i, in order. */
static void hash_lists(lv_arena *arena, const lv_vector *v, uint64_t *hashes)
{
    int64_t items = v->length > 0 ? v->offsets[v->length] : 0;
    uint64_t *of_items = lv_arena_zalloc(arena, sizeof *of_items * (size_t)LV_MAX(items, 1));
    for (int c = 0; c < v->child_count; c++)
        hash_column(arena, &v->children[c], of_items);
    for (int64_t i = 0; i < v->length; i++) {
        if (lv_vector_is_null(v, i)) {
            hashes[i] = join(hashes[i], null_hash);
            continue;
        }
        hashes[i] = join(hashes[i], (uint64_t)(v->offsets[i + 1] - v->offsets[i]));
        for (int32_t e = v->offsets[i]; e < v->offsets[i + 1]; e++)
            hashes[i] = join(hashes[i], of_items[e]);
    }
}

/* Adds each row's value to its hash. */
static void hash_column(lv_arena *arena, const lv_vector *v, uint64_t *hashes)
{
    bool nested = lv_type_is_nested(v->type);
    const lv_vector *flat = nested ? lv_vector_flatten(arena, v) : v;
    if (v->type->kind == LV_TYPE_STRUCT) {
        for (int c = 0; c < flat->child_count; c++)
            hash_column(arena, &flat->children[c], hashes);
        for (int64_t i = 0; i < flat->length; i++)
            hashes[i] = join(hashes[i], lv_vector_is_null(flat, i) ? null_hash : 1);
        return;
    }
    if (nested) {
        hash_lists(arena, flat, hashes);
        return;
    }
    bool text = lv_type_is_string_like(v->type), none = v->type->kind == LV_TYPE_VOID;
    for (int64_t i = 0; i < v->length; i++) {
        if (none || lv_vector_is_null(v, i)) {
            hashes[i] = join(hashes[i], null_hash);
        } else if (text) {
            lv_str s = lv_vector_str(v, i);
            hashes[i] = lv_hash_bytes(s.ptr, s.len, hashes[i]);
        } else {
            hashes[i] = join(hashes[i], fixed_bits(v, i));
        }
    }
}

/* ---- the values that come out ---------------------------------------------------------------- */

/* The vector with 0.0 for -0.0, at any depth; itself where there is none to change. */
static lv_vector without_minus_zero(lv_arena *arena, const lv_vector *v)
{
    lv_vector out = *v;
    if (v->type->kind == LV_TYPE_FLOAT || v->type->kind == LV_TYPE_DOUBLE) {
        int64_t n = v->encoding == LV_CONSTANT ? 1 : v->length;
        size_t size = lv_type_value_size(v->type);
        out.data = lv_arena_alloc(arena, size * (size_t)LV_MAX(n, 1));
        for (int64_t i = 0; i < n; i++) {
            if (size == sizeof(float))
                ((float *)out.data)[i] = ((const float *)v->data)[i] + 0.0f;
            else
                ((double *)out.data)[i] = ((const double *)v->data)[i] + 0.0;
        }
    }
    if (v->child_count > 0)
        out.children = LV_NEW_ARRAY(arena, lv_vector, v->child_count);
    for (int c = 0; c < v->child_count; c++)
        out.children[c] = without_minus_zero(arena, &v->children[c]);
    return out;
}

static lv_batch normalized(distinct_op *d, const lv_batch *in)
{
    lv_arena *arena = &d->op.exec->batch;
    int width = d->op.schema->field_count;
    lv_batch out = {.schema = d->op.schema,
                    .length = in->length,
                    .columns = LV_NEW_ARRAY(arena, lv_vector, width)};
    for (int c = 0; c < width; c++)
        out.columns[c] = without_minus_zero(arena, &in->columns[c]);
    return out;
}

/* ---- the table ------------------------------------------------------------------------------- */

static void resize(distinct_op *d, int64_t slot_count)
{
    slot *slots = malloc(sizeof *slots * (size_t)slot_count);
    LV_ASSERT(slots != NULL);
    for (int64_t i = 0; i < slot_count; i++)
        slots[i].chunk = -1;
    for (int64_t i = 0; i < d->slot_count; i++) {
        if (d->slots[i].chunk < 0)
            continue;
        int64_t at = (int64_t)(d->slots[i].hash & (uint64_t)(slot_count - 1));
        while (slots[at].chunk >= 0)
            at = (at + 1) & (slot_count - 1);
        slots[at] = d->slots[i];
    }
    free(d->slots);
    d->slots = slots;
    d->slot_count = slot_count;
}

/* A batch whose rows are looked up; the new ones become a chunk of the table when all have been. */
typedef struct lookup {
    const lv_batch *batch;
    const uint64_t *hashes;
    int32_t *added; /* rows of the batch that are new */
    int64_t added_count;
} lookup;

static bool is_row(const distinct_op *d, const slot *s, const lookup *l, int64_t row)
{
    bool pending = s->chunk == (int32_t)d->chunks.count;
    const lv_vector *columns = pending ? l->batch->columns : d->chunks.at[s->chunk];
    int64_t at = pending ? l->added[s->row] : s->row;
    for (int c = 0; c < d->op.schema->field_count; c++)
        if (lv_value_compare(&columns[c], at, &l->batch->columns[c], row) != 0)
            return false;
    return true;
}

/* The row's slot, or a free one that would be its. */
static slot *find(const distinct_op *d, const lookup *l, int64_t row)
{
    int64_t at = (int64_t)(l->hashes[row] & (uint64_t)(d->slot_count - 1));
    for (;; at = (at + 1) & (d->slot_count - 1)) {
        slot *s = &d->slots[at];
        if (s->chunk < 0 || (s->hash == l->hashes[row] && is_row(d, s, l, row)))
            return s;
    }
}

static void insert(distinct_op *d, slot *s, lookup *l, int64_t row)
{
    *s = (slot){
        .hash = l->hashes[row], .chunk = (int32_t)d->chunks.count, .row = (int32_t)l->added_count};
    l->added[l->added_count++] = (int32_t)row;
    d->used++;
}

/* Room for a batch of new rows, and their hashes. */
static lv_status begin(distinct_op *d, const lv_batch *batch, lookup *l, lv_error *err)
{
    lv_arena *arena = &d->op.exec->batch;
    size_t rows = (size_t)LV_MAX(batch->length, 1);
    uint64_t *hashes = lv_arena_zalloc(arena, sizeof *hashes * rows);
    for (int c = 0; c < d->op.schema->field_count; c++)
        hash_column(arena, &batch->columns[c], hashes);
    *l = (lookup){
        .batch = batch, .hashes = hashes, .added = lv_arena_alloc(arena, sizeof *l->added * rows)};
    if (d->used + batch->length > ROWS_MAX)
        return LV_FAIL(err, LV_OUT_OF_MEMORY, "more than %d different rows to keep in memory",
                       ROWS_MAX);
    int64_t wanted = LV_MAX(d->slot_count, (int64_t)SLOTS_MIN);
    while (wanted < (d->used + batch->length) * 2)
        wanted *= 2;
    if (wanted > d->slot_count)
        resize(d, wanted);
    return LV_OK;
}

/* Keeps the new rows of the batch. */
static void end(distinct_op *d, const lookup *l)
{
    int width = d->op.schema->field_count;
    if (l->added_count == 0)
        return;
    lv_vector *chunk = LV_NEW_ARRAY(&d->rows, lv_vector, LV_MAX(width, 1));
    for (int c = 0; c < width; c++) {
        lv_vector taken;
        lv_vector_take(&d->op.exec->batch, &l->batch->columns[c], l->added, l->added_count, &taken);
        lv_vector_copy(&d->rows, &taken, &chunk[c]);
    }
    LV_VEC_PUSH(&d->rows, d->chunks, chunk);
}

/* ---- running --------------------------------------------------------------------------------- */

/* Whether a left row passes, which may change what its next twin is told. */
static bool passes(distinct_op *d, lookup *l, int64_t row)
{
    slot *s = find(d, l, row);
    bool known = s->chunk >= 0;
    switch (d->op.plan->set_op) {
    case LV_SET_DISTINCT:
    case LV_SET_EXCEPT:
        if (!known)
            insert(d, s, l, row);
        return !known;
    case LV_SET_INTERSECT:
        if (!known || s->count == 0)
            return false;
        s->count = 0;
        return true;
    case LV_SET_EXCEPT_ALL:
        if (!known || s->count == 0)
            return true;
        s->count--;
        return false;
    case LV_SET_INTERSECT_ALL: return known && s->count > 0 && s->count-- > 0;
    }
    return false;
}

static lv_status build(distinct_op *d, lv_error *err)
{
    for (bool done = false; !done;) {
        lv_batch in;
        lookup l;
        lv_arena_reset(&d->op.exec->batch);
        LV_TRY(lv_operator_pull(&d->op, 1, &in, &done, err));
        LV_TRY(begin(d, &in, &l, err));
        for (int64_t i = 0; i < in.length; i++) {
            slot *s = find(d, &l, i);
            if (s->chunk < 0)
                insert(d, s, &l, i);
            s->count++;
        }
        end(d, &l);
    }
    d->built = true;
    lv_arena_reset(&d->op.exec->batch);
    return LV_OK;
}

static lv_status distinct_next(lv_operator *op, lv_batch *out, bool *done, lv_error *err)
{
    distinct_op *d = (distinct_op *)op;
    lv_batch in;
    lookup l;
    if (!d->built && op->input_count == 2)
        LV_TRY(build(d, err));
    LV_TRY(lv_operator_pull(op, 0, &in, done, err));
    in = normalized(d, &in);
    LV_TRY(begin(d, &in, &l, err));
    int32_t *rows = lv_arena_alloc(&op->exec->batch, sizeof *rows * (size_t)LV_MAX(in.length, 1));
    int64_t count = 0;
    for (int64_t i = 0; i < in.length; i++)
        if (passes(d, &l, i))
            rows[count++] = (int32_t)i;
    end(d, &l);
    lv_batch_take(op, &in, rows, count, out);
    return LV_OK;
}

static void forget(distinct_op *d)
{
    lv_arena_reset(&d->rows);
    memset(&d->chunks, 0, sizeof d->chunks);
    free(d->slots);
    d->slots = NULL;
    d->slot_count = d->used = 0;
    d->built = false;
}

static lv_status distinct_restart(lv_operator *op, lv_error *err)
{
    forget((distinct_op *)op);
    return LV_OK;
}

static void distinct_close(lv_operator *op)
{
    distinct_op *d = (distinct_op *)op;
    forget(d);
    lv_arena_release(&d->rows);
}

static void distinct_print(const lv_operator *op, lv_sbuf *out)
{
    lv_sbuf_printf(out, " %s\n", lv_set_op_name(op->plan->set_op));
}

static const lv_operator_class distinct_class = {"Set", distinct_next, distinct_restart,
                                                 distinct_close, distinct_print};

lv_status lv_make_distinct(lv_arena *arena, lv_exec *exec, const lv_plan *plan,
                           const lv_need *needs, lv_operator **op, lv_error *err)
{
    distinct_op *d = lv_operator_new(arena, sizeof *d, &distinct_class, exec, plan, needs);
    int width = plan->schema->field_count;
    lv_need *all =
        LV_NEW_ARRAY(arena, lv_need, LV_MAX(width, 1)); /* every column tells rows apart */
    *op = &d->op;
    lv_arena_init(&d->rows);
    for (int i = 0; i < width; i++)
        all[i].all = true;
    for (int i = 0; i < plan->input_count; i++) {
        d->op.input_count = i + 1;
        LV_TRY(lv_operator_make(arena, exec, plan->inputs[i], all, &d->op.inputs[i], err));
    }
    return LV_OK;
}
