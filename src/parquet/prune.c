/* prune.c: see prune.h.
 *
 * NaN takes no part in statistics and is the largest value to Spark, so nothing can be said about
 * `x > value` of floating point columns. */
#include "parquet/prune.h"

#include "parquet/reader_int.h"

/* Order of a bound and a literal of the same type. */
static int compare(const lv_type *type, const lv_parquet_value *bound, const lv_vector *literal)
{
#define ORDER(ctype)                                                                               \
    {                                                                                              \
        ctype a = *(const ctype *)(const void *)bound, b = *(const ctype *)literal->data;          \
        return a < b ? -1 : a > b;                                                                 \
    }
    switch (type->kind) {
    case LV_TYPE_BOOLEAN: ORDER(uint8_t);
    case LV_TYPE_TINYINT: ORDER(int8_t);
    case LV_TYPE_SMALLINT: ORDER(int16_t);
    case LV_TYPE_INT:
    case LV_TYPE_DATE: ORDER(int32_t);
    case LV_TYPE_BIGINT:
    case LV_TYPE_TIMESTAMP:
    case LV_TYPE_TIMESTAMP_NTZ: ORDER(int64_t);
    case LV_TYPE_FLOAT: ORDER(float);
    case LV_TYPE_DOUBLE: ORDER(double);
    case LV_TYPE_DECIMAL: ORDER(__int128);
    default: return lv_str_cmp(bound->str, lv_vector_str(literal, 0));
    }
#undef ORDER
}

static bool is_orderable(const lv_type *type)
{
    switch (type->kind) {
    case LV_TYPE_BOOLEAN:
    case LV_TYPE_TINYINT:
    case LV_TYPE_SMALLINT:
    case LV_TYPE_INT:
    case LV_TYPE_DATE:
    case LV_TYPE_BIGINT:
    case LV_TYPE_TIMESTAMP:
    case LV_TYPE_TIMESTAMP_NTZ:
    case LV_TYPE_FLOAT:
    case LV_TYPE_DOUBLE:
    case LV_TYPE_DECIMAL:
    case LV_TYPE_STRING:
    case LV_TYPE_BINARY: return true;
    default: return false;
    }
}

static bool is_nan(const lv_type *type, const lv_vector *literal)
{
    double value = type->kind == LV_TYPE_DOUBLE  ? *(const double *)literal->data
                   : type->kind == LV_TYPE_FLOAT ? (double)*(const float *)literal->data
                                                 : 0;
    return value != value;
}

static bool may_be(const lv_type *type, const lv_parquet_column_stats *s, lv_condition_op op,
                   const lv_vector *literal)
{
    bool floating = type->kind == LV_TYPE_FLOAT || type->kind == LV_TYPE_DOUBLE;
    if (is_nan(type, literal)) /* everything else is less */
        return true;
    switch (op) {
    case LV_CONDITION_LT: return compare(type, &s->min, literal) < 0;
    case LV_CONDITION_LE: return compare(type, &s->min, literal) <= 0;
    case LV_CONDITION_GT: return floating || compare(type, &s->max, literal) > 0;
    case LV_CONDITION_GE: return floating || compare(type, &s->max, literal) >= 0;
    default:
        return compare(type, &s->min, literal) <= 0 &&
               (floating || compare(type, &s->max, literal) >= 0);
    }
}

static bool may_match(const lv_condition *c, const lv_type *type,
                      const lv_parquet_column_stats *stats, int64_t rows)
{
    bool counted = stats->has_null_count;
    if (c->op == LV_CONDITION_NULL)
        return !counted || stats->null_count > 0;
    if (counted && stats->null_count >= rows)
        return false; /* a null fulfils no comparison */
    if (!stats->has_min_max || !lv_type_equal(stats->type, type) || !is_orderable(type))
        return true;
    for (int i = 0; i < c->value_count; i++)
        if (may_be(type, stats, c->op, c->values[i]))
            return true;
    return false;
}

bool lv_pq_row_group_may_match(const lv_parquet_reader *reader, int row_group,
                               const lv_pq_node *node, const lv_type *type,
                               const lv_condition *condition)
{
    lv_parquet_column_stats stats;
    if (node == NULL || node->kind != LV_PQ_LEAF_NODE ||
        !lv_pq_leaf_stats(reader, row_group, node->leaf, &stats))
        return true;
    return may_match(condition, type, &stats, lv_parquet_reader_row_group_rows(reader, row_group));
}
