/* schema_write.c: Spark's types as Parquet elements, as Spark itself writes them.
 *
 * Source: Spark's ParquetWriteSupport (not the legacy format), PROTOCOL.md of Delta for timestamps,
 * LogicalTypes.md of parquet-format for lists and maps. Both the logical and the older converted
 * type are written. */
#include "base/check.h"
#include "base/vec.h"
#include "parquet/parquet_int.h"

typedef struct maker {
    lv_arena *arena;
    lv_error *err;
    LV_VEC(lv_pq_element) elements;
    LV_VEC(lv_pq_leaf) leaves;
    lv_str path[3 * LV_PQ_DEPTH_MAX + 3];
    int path_length;
} maker;

int lv_pq_decimal_bytes(int precision)
{
    /* 10^precision - 1 must fit into 8n-1 bits; log2(10) = 3.3219 */
    int bits = (int)((precision * 33219 + 9999) / 10000) + 1;
    return (bits + 7) / 8;
}

int32_t lv_pq_field_id(lv_str metadata)
{
    static const char key[] = "\"parquet.field.id\":";
    const char *at = metadata.len ? memmem(metadata.ptr, metadata.len, key, sizeof key - 1) : NULL;
    if (at == NULL)
        return -1;
    int64_t id = 0;
    const char *end = metadata.ptr + metadata.len;
    for (at += sizeof key - 1; at < end && *at == ' '; at++)
        ;
    for (; at < end && *at >= '0' && *at <= '9' && id <= INT32_MAX; at++)
        id = id * 10 + (*at - '0');
    return id <= INT32_MAX ? (int32_t)id : -1;
}

/* How a type without parameters is written. Logical and converted -1: none. */
static const struct leaf_form {
    int physical;
    int logical;
    int converted;
    int bits; /* INTEGER */
} forms[LV_TYPE_COUNT] = {
    [LV_TYPE_BOOLEAN] = {LV_PQ_BOOLEAN, -1, -1, 0},
    [LV_TYPE_TINYINT] = {LV_PQ_INT32, LV_PQ_LOGICAL_INTEGER, LV_PQ_CONVERTED_INT_8, 8},
    [LV_TYPE_SMALLINT] = {LV_PQ_INT32, LV_PQ_LOGICAL_INTEGER, LV_PQ_CONVERTED_INT_16, 16},
    [LV_TYPE_INT] = {LV_PQ_INT32, -1, -1, 0},
    [LV_TYPE_BIGINT] = {LV_PQ_INT64, -1, -1, 0},
    [LV_TYPE_FLOAT] = {LV_PQ_FLOAT, -1, -1, 0},
    [LV_TYPE_DOUBLE] = {LV_PQ_DOUBLE, -1, -1, 0},
    [LV_TYPE_DECIMAL] = {LV_PQ_FIXED, LV_PQ_LOGICAL_DECIMAL, LV_PQ_CONVERTED_DECIMAL, 0},
    [LV_TYPE_STRING] = {LV_PQ_BYTE_ARRAY, LV_PQ_LOGICAL_STRING, LV_PQ_CONVERTED_UTF8, 0},
    [LV_TYPE_BINARY] = {LV_PQ_BYTE_ARRAY, -1, -1, 0},
    [LV_TYPE_DATE] = {LV_PQ_INT32, LV_PQ_LOGICAL_DATE, LV_PQ_CONVERTED_DATE, 0},
    [LV_TYPE_TIMESTAMP] = {LV_PQ_INT64, LV_PQ_LOGICAL_TIMESTAMP, LV_PQ_CONVERTED_TIMESTAMP_MICROS,
                           0},
    [LV_TYPE_TIMESTAMP_NTZ] = {LV_PQ_INT64, LV_PQ_LOGICAL_TIMESTAMP, -1, 0},
};

static void set_logical(lv_pq_element *element, int logical, int converted)
{
    if (logical >= 0) {
        element->has |= LV_HAS_BIT(10);
        element->logical.has = LV_HAS_BIT(logical);
    }
    if (converted >= 0) {
        element->has |= LV_HAS_BIT(6);
        element->converted_type = converted;
    }
}

static lv_pq_element *add_element(maker *m, lv_str name, int repetition)
{
    LV_VEC_PUSH(m->arena, m->elements,
                (lv_pq_element){.has = LV_HAS_BIT(3) | LV_HAS_BIT(4),
                                .repetition = repetition,
                                .name = lv_str_dup(m->arena, name)});
    return &m->elements.at[m->elements.count - 1];
}

static void set_children(lv_pq_element *element, int count)
{
    element->has |= LV_HAS_BIT(5);
    element->child_count = count;
}

static void describe_leaf(const lv_type *type, lv_pq_element *element)
{
    const struct leaf_form *form = &forms[type->kind];
    element->has |= LV_HAS_BIT(1);
    element->type = form->physical;
    set_logical(element, form->logical, form->converted);
    switch (type->kind) {
    case LV_TYPE_TINYINT:
    case LV_TYPE_SMALLINT:
        element->logical.integer =
            (lv_pq_integer_type){LV_HAS_BIT(1) | LV_HAS_BIT(2), (int8_t)form->bits, true};
        break;
    case LV_TYPE_TIMESTAMP:
    case LV_TYPE_TIMESTAMP_NTZ:
        element->logical.timestamp = (lv_pq_time_type){LV_HAS_BIT(1) | LV_HAS_BIT(2),
                                                       type->kind == LV_TYPE_TIMESTAMP,
                                                       {LV_HAS_BIT(LV_PQ_MICROS)}};
        break;
    case LV_TYPE_DECIMAL:
        element->type = type->precision <= 9    ? LV_PQ_INT32
                        : type->precision <= 18 ? LV_PQ_INT64
                                                : LV_PQ_FIXED;
        element->logical.decimal =
            (lv_pq_decimal_type){LV_HAS_BIT(1) | LV_HAS_BIT(2), type->scale, type->precision};
        element->has |= LV_HAS_BIT(7) | LV_HAS_BIT(8);
        element->scale = type->scale;
        element->precision = type->precision;
        if (element->type == LV_PQ_FIXED) {
            element->has |= LV_HAS_BIT(2);
            element->type_length = lv_pq_decimal_bytes(type->precision);
        }
        break;
    default: break;
    }
}

static lv_status make_leaf(maker *m, const lv_type *type, lv_pq_element *element, lv_pq_node *node,
                           int rep)
{
    if (type->kind == LV_TYPE_VOID || lv_type_is_interval(type))
        return LV_FAIL(m->err, LV_UNSUPPORTED_DATATYPE, "Parquet has no type %s (column %.*s)",
                       type->kind == LV_TYPE_VOID ? "VOID" : "INTERVAL", LV_STR_ARG(node->name));
    describe_leaf(type, element);
    lv_str *path = LV_NEW_ARRAY(m->arena, lv_str, m->path_length);
    memcpy(path, m->path, sizeof *path * (size_t)m->path_length);
    node->kind = LV_PQ_LEAF_NODE;
    node->leaf_count = 1;
    LV_VEC_PUSH(m->arena, m->leaves,
                (lv_pq_leaf){.physical = element->type,
                             .type_length = element->type_length,
                             .type = type,
                             .path = path,
                             .path_length = m->path_length,
                             .max_def = node->def,
                             .max_rep = (uint8_t)rep,
                             .unit = LV_PQ_MICROS,
                             .is_instant = type->kind == LV_TYPE_TIMESTAMP});
    return LV_OK;
}

static lv_status make_node(maker *m, const lv_field *field, lv_str name, int def, int rep,
                           int depth, lv_pq_node *node);

static lv_status make_children(maker *m, const lv_type *type, int def, int rep, int depth,
                               lv_pq_node *node)
{
    static const lv_str list_names[] = {{"element", 7}};
    static const lv_str map_names[] = {{"key", 3}, {"value", 5}};
    const lv_str *names = type->kind == LV_TYPE_ARRAY ? list_names
                          : type->kind == LV_TYPE_MAP ? map_names
                                                      : NULL;
    node->child_count = type->field_count;
    node->children = LV_NEW_ARRAY(m->arena, lv_pq_node, type->field_count);
    for (int f = 0; f < type->field_count; f++) {
        lv_str name = names ? names[f] : type->fields[f].name;
        LV_TRY(make_node(m, &type->fields[f], name, def, rep, depth, &node->children[f]));
    }
    return LV_OK;
}

static lv_status make_node(maker *m, const lv_field *field, lv_str name, int def, int rep,
                           int depth, lv_pq_node *node)
{
    const lv_type *type = field->type;
    if (depth >= LV_PQ_DEPTH_MAX || def + 2 > LV_PQ_LEVEL_MAX)
        return LV_FAIL(m->err, LV_UNSUPPORTED_DATATYPE, "column %.*s nests deeper than %d levels",
                       LV_STR_ARG(name), LV_PQ_DEPTH_MAX);
    *node = (lv_pq_node){.nullable = field->nullable,
                         .def = (uint8_t)(def + field->nullable),
                         .name = lv_str_dup(m->arena, name),
                         .field_id = lv_pq_field_id(field->metadata),
                         .type = type,
                         .leaf = (int)m->leaves.count};
    m->path[m->path_length++] = node->name;
    lv_pq_element *element =
        add_element(m, name, field->nullable ? LV_PQ_OPTIONAL : LV_PQ_REQUIRED);
    if (node->field_id >= 0) {
        element->has |= LV_HAS_BIT(9);
        element->field_id = node->field_id;
    }
    int path_length = m->path_length;
    if (!lv_type_is_nested(type)) {
        LV_TRY(make_leaf(m, type, element, node, rep));
    } else if (type->kind == LV_TYPE_STRUCT) {
        if (type->field_count == 0)
            return LV_FAIL(m->err, LV_EMPTY_SCHEMA, "Parquet has no empty STRUCT (column %.*s)",
                           LV_STR_ARG(name));
        node->kind = LV_PQ_STRUCT_NODE;
        set_children(element, type->field_count);
        LV_TRY(make_children(m, type, node->def, rep, depth + 1, node));
    } else {
        bool is_map = type->kind == LV_TYPE_MAP;
        node->kind = LV_PQ_LIST_NODE;
        node->list_def = (uint8_t)(node->def + 1);
        node->list_rep = (uint8_t)(rep + 1);
        set_children(element, 1);
        set_logical(element, is_map ? LV_PQ_LOGICAL_MAP : LV_PQ_LOGICAL_LIST,
                    is_map ? LV_PQ_CONVERTED_MAP : LV_PQ_CONVERTED_LIST);
        lv_pq_element *repeated =
            add_element(m, is_map ? LV_STR("key_value") : LV_STR("list"), LV_PQ_REPEATED);
        set_children(repeated, type->field_count);
        m->path[m->path_length++] = repeated->name;
        LV_TRY(make_children(m, type, node->list_def, node->list_rep, depth + 1, node));
    }
    m->path_length = path_length - 1;
    node->leaf_count = (int)m->leaves.count - node->leaf;
    return LV_OK;
}

lv_status lv_pq_schema_make(lv_arena *arena, const lv_type *type, lv_pq_schema *schema,
                            lv_pq_file_meta *meta, lv_error *err)
{
    LV_ASSERT(type->kind == LV_TYPE_STRUCT);
    maker m = {.arena = arena, .err = err};
    lv_pq_element *root = add_element(&m, LV_STR("spark_schema"), 0);
    root->has &= ~LV_HAS_BIT(3);
    set_children(root, type->field_count);
    *schema = (lv_pq_schema){.root = {.kind = LV_PQ_STRUCT_NODE, .type = type, .field_id = -1}};
    LV_TRY(make_children(&m, type, 0, 0, 0, &schema->root));
    schema->leaves = m.leaves.at;
    schema->leaf_count = schema->root.leaf_count = (int)m.leaves.count;
    meta->schema.at = m.elements.at;
    meta->schema.count = m.elements.count;
    return LV_OK;
}
