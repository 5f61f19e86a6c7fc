/* scan.c: rows of a file as a requested schema.
 *
 * The plan is a tree over the requested schema whose nodes point to nodes of the file's; what has no
 * counterpart is null. A struct or list of which no wanted field exists still needs some leaf of it
 * for its own shape. */
#include <stdlib.h>

#include "base/check.h"
#include "parquet/convert.h"
#include "parquet/levels_assemble.h"
#include "parquet/prune.h"
#include "parquet/reader_int.h"

enum { BATCH_ROWS_DEFAULT = 131072 };

/** A node of the requested schema. */
typedef struct plan {
    const lv_type *type;
    const lv_pq_node *node; /* NULL: not in the file */
    int shape_leaf;         /* leaf whose levels give the shape of a struct or list */
    int child_count;
    struct plan *children;
} plan;

struct lv_parquet_scan {
    lv_arena arena;
    lv_parquet_reader *reader;
    lv_parquet_scan_options options;
    plan root;
    lv_pq_codecs codecs;
    lv_pq_column_reader *columns; /* by leaf; used if wanted */
    bool *wanted;
    lv_pq_leaf_rows *rows;
    int row_group;      /* being read, or the next one */
    int64_t group_rows; /* left in it; -1: not begun */
    int64_t next_row;   /* in the file: first row of the next batch */
    int64_t batch_row;
};

/* ---- planning -------------------------------------------------------------------------------- */

static const lv_pq_node *match(const lv_parquet_scan *s, const lv_pq_node *parent,
                               const lv_field *field)
{
    int32_t id = s->options.by_field_id ? lv_pq_field_id(field->metadata) : -1;
    const lv_pq_node *found = NULL;
    for (int f = 0; f < parent->child_count; f++) {
        const lv_pq_node *child = &parent->children[f];
        if (id >= 0) {
            if (child->field_id == id)
                return child;
        } else if (lv_str_eq(child->name, field->name)) {
            return child;
        } else if (found == NULL && !s->options.case_sensitive &&
                   lv_str_eq_nocase(child->name, field->name)) {
            found = child;
        }
    }
    return found;
}

static lv_status mismatch(const lv_pq_node *node, const lv_type *type, lv_error *err)
{
    lv_sbuf have = LV_SBUF_INIT, want = LV_SBUF_INIT;
    lv_type_print_sql(node->type, &have);
    lv_type_print_sql(type, &want);
    lv_status status = LV_FAIL(
        err, LV_DATATYPE_MISMATCH, "column %.*s of the file is %.*s and cannot be read as %.*s",
        LV_STR_ARG(node->name), LV_STR_ARG(lv_sbuf_str(&have)), LV_STR_ARG(lv_sbuf_str(&want)));
    lv_sbuf_release(&have);
    lv_sbuf_release(&want);
    return status;
}

static lv_status make_plan(lv_parquet_scan *s, const lv_type *type, const lv_pq_node *node, plan *p,
                           lv_error *err)
{
    *p = (plan){.type = type, .node = node};
    if (node == NULL)
        return LV_OK;
    bool nested = lv_type_is_nested(type);
    if (nested ? node->kind == LV_PQ_LEAF_NODE || node->type->kind != type->kind
               : node->kind != LV_PQ_LEAF_NODE || !lv_pq_can_widen(node->type, type))
        return mismatch(node, type, err);
    if (!nested) {
        s->wanted[node->leaf] = true;
        p->shape_leaf = node->leaf;
        return LV_OK;
    }
    p->child_count = type->field_count;
    p->children = LV_NEW_ARRAY(&s->arena, plan, type->field_count);
    p->shape_leaf = -1;
    for (int f = 0; f < type->field_count; f++) {
        const lv_pq_node *child =
            type->kind == LV_TYPE_STRUCT ? match(s, node, &type->fields[f]) : &node->children[f];
        LV_TRY(make_plan(s, type->fields[f].type, child, &p->children[f], err));
        if (child != NULL && p->shape_leaf < 0)
            p->shape_leaf = p->children[f].shape_leaf;
    }
    if (p->shape_leaf < 0) {
        p->shape_leaf = node->leaf;
        s->wanted[node->leaf] = true;
    }
    return LV_OK;
}

/* ---- life ------------------------------------------------------------------------------------ */

static lv_status open_scan(lv_parquet_scan *s, lv_error *err)
{
    lv_parquet_reader *r = s->reader;
    int leaf_count = r->schema.leaf_count;
    s->wanted = LV_NEW_ARRAY(&s->arena, bool, leaf_count);
    s->columns = LV_NEW_ARRAY(&s->arena, lv_pq_column_reader, leaf_count);
    s->rows = LV_NEW_ARRAY(&s->arena, lv_pq_leaf_rows, leaf_count);
    const lv_type *schema = s->options.schema ? s->options.schema : r->schema.root.type;
    /* The columns of a batch are planned one by one: a schema without columns reads none. */
    s->root = (plan){.type = schema, .node = &r->schema.root, .child_count = schema->field_count};
    s->root.children = LV_NEW_ARRAY(&s->arena, plan, schema->field_count);
    for (int f = 0; f < schema->field_count; f++) {
        const lv_pq_node *node = s->options.schema ? match(s, &r->schema.root, &schema->fields[f])
                                                   : &r->schema.root.children[f];
        LV_TRY(make_plan(s, schema->fields[f].type, node, &s->root.children[f], err));
    }
    for (int i = 0; i < leaf_count; i++)
        if (s->wanted[i])
            lv_pq_column_reader_init(&s->columns[i], &r->schema.leaves[i], &r->source, &s->codecs,
                                     !s->options.skip_crc);
    return LV_OK;
}

lv_status lv_parquet_scan_open(lv_parquet_scan **scan, lv_parquet_reader *reader,
                               const lv_parquet_scan_options *options, lv_error *err)
{
    lv_parquet_scan *s = calloc(1, sizeof *s);
    LV_ASSERT(s != NULL);
    s->reader = reader;
    s->group_rows = -1;
    if (options != NULL)
        s->options = *options;
    if (s->options.batch_rows <= 0)
        s->options.batch_rows = BATCH_ROWS_DEFAULT;
    lv_status status = open_scan(s, err);
    if (status != LV_OK) {
        lv_error_context(err, "Parquet file %s", reader->source.name);
        lv_parquet_scan_close(s);
        return status;
    }
    *scan = s;
    return LV_OK;
}

void lv_parquet_scan_close(lv_parquet_scan *s)
{
    if (s == NULL)
        return;
    for (int i = 0; s->rows != NULL && i < s->reader->schema.leaf_count; i++)
        if (s->wanted[i])
            lv_pq_column_reader_release(&s->columns[i]);
    lv_pq_codecs_release(&s->codecs);
    lv_arena_release(&s->arena);
    free(s);
}

int64_t lv_parquet_scan_row_index(const lv_parquet_scan *s)
{
    return s->batch_row;
}

/* ---- rows ------------------------------------------------------------------------------------ */

static lv_status build(lv_parquet_scan *s, const plan *p, uint8_t list_rep, uint8_t list_def,
                       int64_t length, lv_arena *arena, lv_vector *out, lv_error *err);

static lv_status build_children(lv_parquet_scan *s, const plan *p, uint8_t list_rep,
                                uint8_t list_def, lv_arena *arena, lv_vector *out, lv_error *err)
{
    bool is_list = p->node->kind == LV_PQ_LIST_NODE;
    int64_t length = is_list ? out->offsets[out->length] : out->length;
    out->type = p->type;
    out->child_count = p->child_count;
    out->children = LV_NEW_ARRAY(arena, lv_vector, p->child_count);
    for (int f = 0; f < p->child_count; f++) {
        LV_TRY(build(s, &p->children[f], is_list ? p->node->list_rep : list_rep,
                     is_list ? p->node->list_def : list_def, length, arena, &out->children[f],
                     err));
        if (out->children[f].length != length)
            return LV_FAIL(
                err, LV_PARQUET_CORRUPT, "the parts of column %.*s have %lld and %lld rows",
                LV_STR_ARG(p->node->name), (long long)length, (long long)out->children[f].length);
    }
    return LV_OK;
}

static lv_status build(lv_parquet_scan *s, const plan *p, uint8_t list_rep, uint8_t list_def,
                       int64_t length, lv_arena *arena, lv_vector *out, lv_error *err)
{
    if (p->node == NULL) {
        lv_vector_init_null(out, arena, p->type, length);
        return LV_OK;
    }
    const lv_pq_leaf *leaf = &s->reader->schema.leaves[p->shape_leaf];
    lv_pq_leaf_rows *rows = &s->rows[p->shape_leaf];
    if (p->node->kind == LV_PQ_LEAF_NODE) {
        LV_TRY(lv_pq_assemble_leaf(arena, leaf, p->node, list_def, rows, out, err));
        return lv_pq_widen(arena, p->type, out, err);
    }
    lv_pq_assemble_group(arena, p->node, leaf, list_rep, list_def, rows, out);
    return build_children(s, p, list_rep, list_def, arena, out, err);
}

static bool is_wanted(const lv_parquet_scan *s, int row_group)
{
    if (s->options.row_groups != NULL && !s->options.row_groups[row_group])
        return false;
    for (int i = 0; i < s->options.conditions.count; i++) {
        const lv_condition *condition = &s->options.conditions.items[i];
        const plan *column = &s->root.children[condition->column];
        if (!lv_pq_row_group_may_match(s->reader, row_group, column->node, column->type, condition))
            return false;
    }
    return lv_parquet_reader_row_group_rows(s->reader, row_group) > 0;
}

/* Goes on to the next row group wanted that has rows; false at the end. */
static lv_status next_row_group(lv_parquet_scan *s, bool *found, lv_error *err)
{
    lv_parquet_reader *r = s->reader;
    if (s->group_rows == 0)
        s->row_group++;
    for (; s->row_group < lv_parquet_reader_row_group_count(r); s->row_group++) {
        const lv_pq_row_group *group = &r->meta.row_groups.at[s->row_group];
        if (!is_wanted(s, s->row_group)) {
            s->next_row += group->row_count;
            continue;
        }
        for (int i = 0; i < r->schema.leaf_count; i++)
            if (s->wanted[i])
                LV_TRY(lv_pq_column_reader_start(&s->columns[i], &group->chunks.at[i], r->data_end,
                                                 err));
        s->group_rows = group->row_count;
        *found = true;
        return LV_OK;
    }
    *found = false;
    s->group_rows = -1;
    return LV_OK;
}

static lv_status next_batch(lv_parquet_scan *s, lv_arena *arena, lv_batch *batch, lv_error *err)
{
    bool found = true;
    if (s->group_rows <= 0)
        LV_TRY(next_row_group(s, &found, err));
    int64_t count = found ? LV_MIN(s->group_rows, s->options.batch_rows) : 0;
    lv_batch out = {.schema = s->root.type, .length = count};
    out.columns = LV_NEW_ARRAY(arena, lv_vector, s->root.child_count);
    for (int i = 0; count > 0 && i < s->reader->schema.leaf_count; i++)
        if (s->wanted[i])
            LV_TRY(lv_pq_column_reader_read(&s->columns[i], count, arena, &s->rows[i], err));
    for (int c = 0; c < s->root.child_count; c++) {
        if (count == 0) {
            lv_vector_init_null(&out.columns[c], arena, s->root.children[c].type, 0);
            continue;
        }
        LV_TRY(build(s, &s->root.children[c], 0, 0, count, arena, &out.columns[c], err));
        if (out.columns[c].length != count)
            return LV_FAIL(err, LV_PARQUET_CORRUPT, "column %d has %lld rows instead of %lld", c,
                           (long long)out.columns[c].length, (long long)count);
    }
    s->batch_row = s->next_row;
    s->next_row += count;
    s->group_rows -= found ? count : 0;
    *batch = out;
    return LV_OK;
}

lv_status lv_parquet_scan_next(lv_parquet_scan *s, lv_arena *arena, lv_batch *batch, lv_error *err)
{
    lv_status status = next_batch(s, arena, batch, err);
    if (status != LV_OK)
        lv_error_context(err, "Parquet file %s, row group %d", s->reader->source.name,
                         s->row_group);
    return status;
}
