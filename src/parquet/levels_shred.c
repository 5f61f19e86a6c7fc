/* levels_shred.c: see levels_shred.h. The state of the walk is a list of entries, at first one per
 * row; a null ends an entry (row -1) and leaves it with the level it had got to, a list replaces an
 * entry by its elements. */
#include "parquet/levels_shred.h"

typedef struct walk {
    lv_arena *arena;
    int first_leaf;
    lv_pq_shredded *out;
    int64_t *null_lists; /* NULL inside a list */
    lv_error *err;
} walk;

int lv_pq_outer_list_count(const lv_pq_node *node)
{
    if (node->kind != LV_PQ_STRUCT_NODE)
        return node->kind == LV_PQ_LIST_NODE;
    int count = 0;
    for (int f = 0; f < node->child_count; f++)
        count += lv_pq_outer_list_count(&node->children[f]);
    return count;
}

static lv_pq_shredded make_entries(lv_arena *arena, int64_t count)
{
    size_t n = (size_t)LV_MAX(count, 1);
    return (lv_pq_shredded){NULL, lv_arena_alloc(arena, n * sizeof(int32_t)),
                            lv_arena_alloc(arena, n), lv_arena_alloc(arena, n), count};
}

static lv_pq_shredded copy_entries(lv_arena *arena, const lv_pq_shredded *from)
{
    lv_pq_shredded to = make_entries(arena, from->count);
    memcpy(to.rows, from->rows, sizeof *to.rows * (size_t)from->count);
    memcpy(to.defs, from->defs, (size_t)from->count);
    memcpy(to.reps, from->reps, (size_t)from->count);
    return to;
}

/* Ends the entries that are null here, raises the level of the others. */
static lv_status apply_nulls(walk *w, const lv_pq_node *node, const lv_vector *v, lv_pq_shredded *e)
{
    for (int64_t i = 0; i < e->count; i++) {
        if (e->rows[i] < 0)
            continue;
        if (!lv_vector_is_null(v, e->rows[i])) {
            e->rows[i] = (int32_t)lv_vector_index(v, e->rows[i]);
            e->defs[i] = node->def;
        } else if (node->nullable) {
            e->rows[i] = -1;
        } else {
            return LV_FAIL(w->err, LV_DELTA_NOT_NULL_VIOLATED,
                           "NOT NULL constraint violated for column: %.*s", LV_STR_ARG(node->name));
        }
    }
    return LV_OK;
}

static lv_status expand(walk *w, const lv_pq_node *node, const lv_vector *v,
                        const lv_pq_shredded *e, lv_pq_shredded *out)
{
    int64_t total = 0;
    for (int64_t i = 0; i < e->count; i++)
        total +=
            e->rows[i] < 0 ? 1 : LV_MAX(v->offsets[e->rows[i] + 1] - v->offsets[e->rows[i]], 1);
    *out = make_entries(w->arena, total);
    int64_t n = 0;
    for (int64_t i = 0; i < e->count; i++) {
        int32_t row = e->rows[i], from = row < 0 ? 0 : v->offsets[row],
                to = row < 0 ? 0 : v->offsets[row + 1];
        out->rows[n] = from < to ? from : -1;
        out->defs[n] = from < to ? node->list_def : e->defs[i];
        out->reps[n++] = e->reps[i];
        for (int32_t element = from + 1; element < to; element++) {
            out->rows[n] = element;
            out->defs[n] = node->list_def;
            out->reps[n++] = node->list_rep;
        }
    }
    return LV_OK;
}

static lv_status visit(walk *w, const lv_pq_node *node, const lv_vector *v, lv_pq_shredded *e)
{
    LV_TRY(apply_nulls(w, node, v, e));
    if (node->kind == LV_PQ_LEAF_NODE) {
        lv_pq_shredded *out = &w->out[node->leaf - w->first_leaf];
        *out = *e;
        out->vector = v;
        return LV_OK;
    }
    int64_t *null_lists = w->null_lists;
    lv_pq_shredded elements;
    if (node->kind == LV_PQ_LIST_NODE) {
        if (null_lists != NULL) {
            for (int64_t i = 0; i < e->count; i++)
                *null_lists += e->rows[i] < 0;
            w->null_lists = NULL;
        }
        LV_TRY(expand(w, node, v, e, &elements));
        e = &elements;
    }
    for (int f = 0; f < node->child_count; f++) {
        bool last = f == node->child_count - 1;
        lv_pq_shredded mine = last ? *e : copy_entries(w->arena, e);
        LV_TRY(visit(w, &node->children[f], &v->children[f], &mine));
    }
    if (node->kind == LV_PQ_LIST_NODE && null_lists != NULL)
        w->null_lists = null_lists + 1;
    return LV_OK;
}

lv_status lv_pq_shred(lv_arena *arena, const lv_pq_node *node, const lv_vector *vector,
                      int64_t from, int64_t count, lv_pq_shredded *out, int64_t *null_lists,
                      lv_error *err)
{
    lv_pq_shredded rows = make_entries(arena, count);
    for (int64_t i = 0; i < count; i++)
        rows.rows[i] = (int32_t)(from + i);
    memset(rows.defs, 0, (size_t)count);
    memset(rows.reps, 0, (size_t)count);
    walk w = {arena, node->leaf, out, null_lists, err};
    return visit(&w, node, vector, &rows);
}
