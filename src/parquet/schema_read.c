/* schema_read.c: the schema of a file that somebody else may have written, as Spark sees it.
 *
 * Lists came in several forms before the standard one (LogicalTypes.md, "Lists", backward
 * compatibility): the repeated field of a LIST group is itself the element if it is primitive, has
 * several fields, has one field that is repeated again, or is called "array" or "<list>_tuple";
 * else its only field is. A repeated field outside LIST and MAP is a required list of required
 * elements. Source for the types: Spark's ParquetToSparkSchemaConverter. */
#include "base/vec.h"
#include "parquet/parquet_int.h"

typedef struct builder {
    lv_arena *arena;
    lv_error *err;
    const lv_pq_element *elements;
    size_t count;
    size_t next;
    LV_VEC(lv_pq_leaf) leaves;
    lv_str path[3 * LV_PQ_DEPTH_MAX + 3];
    int path_length;
    int depth;
} builder;

/* ---- leaves ---------------------------------------------------------------------------------- */

/* The logical type of an element, also where only the converted type says it: a field id of the
 * LogicalType union, 0 for none. */
static int logical_of(const lv_pq_element *e)
{
    static const uint8_t by_converted[] = {
        [LV_PQ_CONVERTED_UTF8] = LV_PQ_LOGICAL_STRING,
        [LV_PQ_CONVERTED_MAP] = LV_PQ_LOGICAL_MAP,
        [LV_PQ_CONVERTED_MAP_KEY_VALUE] = LV_PQ_LOGICAL_MAP,
        [LV_PQ_CONVERTED_LIST] = LV_PQ_LOGICAL_LIST,
        [LV_PQ_CONVERTED_ENUM] = LV_PQ_LOGICAL_ENUM,
        [LV_PQ_CONVERTED_DECIMAL] = LV_PQ_LOGICAL_DECIMAL,
        [LV_PQ_CONVERTED_DATE] = LV_PQ_LOGICAL_DATE,
        [LV_PQ_CONVERTED_TIME_MILLIS] = LV_PQ_LOGICAL_TIME,
        [LV_PQ_CONVERTED_TIME_MICROS] = LV_PQ_LOGICAL_TIME,
        [LV_PQ_CONVERTED_TIMESTAMP_MILLIS] = LV_PQ_LOGICAL_TIMESTAMP,
        [LV_PQ_CONVERTED_TIMESTAMP_MICROS] = LV_PQ_LOGICAL_TIMESTAMP,
        [LV_PQ_CONVERTED_UINT_8] = LV_PQ_LOGICAL_INTEGER,
        [LV_PQ_CONVERTED_UINT_16] = LV_PQ_LOGICAL_INTEGER,
        [LV_PQ_CONVERTED_UINT_32] = LV_PQ_LOGICAL_INTEGER,
        [LV_PQ_CONVERTED_UINT_64] = LV_PQ_LOGICAL_INTEGER,
        [LV_PQ_CONVERTED_INT_8] = LV_PQ_LOGICAL_INTEGER,
        [LV_PQ_CONVERTED_INT_16] = LV_PQ_LOGICAL_INTEGER,
        [LV_PQ_CONVERTED_INT_32] = LV_PQ_LOGICAL_INTEGER,
        [LV_PQ_CONVERTED_INT_64] = LV_PQ_LOGICAL_INTEGER,
        [LV_PQ_CONVERTED_JSON] = LV_PQ_LOGICAL_JSON,
        [LV_PQ_CONVERTED_BSON] = LV_PQ_LOGICAL_BSON,
    };
    if (LV_HAS(e, 10) && e->logical.has != 0)
        return __builtin_ctzll(e->logical.has);
    if (LV_HAS(e, 6) && e->converted_type >= 0 &&
        e->converted_type < (int)LV_COUNT_OF(by_converted))
        return by_converted[e->converted_type];
    return 0;
}

static const lv_type *integer_type(const lv_pq_element *e, bool *is_unsigned, builder *b)
{
    int bits = e->type == LV_PQ_INT32 ? 32 : 64;
    *is_unsigned = false;
    if (LV_HAS(e, 10) && LV_HAS(&e->logical, LV_PQ_LOGICAL_INTEGER)) {
        bits = e->logical.integer.bits;
        *is_unsigned = !e->logical.integer.is_signed;
    } else if (LV_HAS(e, 6) && e->converted_type >= LV_PQ_CONVERTED_UINT_8 &&
               e->converted_type <= LV_PQ_CONVERTED_INT_64) {
        *is_unsigned = e->converted_type <= LV_PQ_CONVERTED_UINT_64;
        bits = 8 << ((e->converted_type - LV_PQ_CONVERTED_UINT_8) % 4);
    }
    static const lv_type_kind signed_kinds[] = {LV_TYPE_TINYINT, LV_TYPE_SMALLINT, LV_TYPE_INT,
                                                LV_TYPE_BIGINT};
    static const lv_type_kind unsigned_kinds[] = {LV_TYPE_SMALLINT, LV_TYPE_INT, LV_TYPE_BIGINT};
    int size = bits == 8 ? 0 : bits == 16 ? 1 : bits == 32 ? 2 : 3;
    if (e->type == LV_PQ_INT32 && size == 3)
        size = 2;
    if (!*is_unsigned)
        return lv_type_of(signed_kinds[size]);
    return size < 3 ? lv_type_of(unsigned_kinds[size]) : lv_type_decimal(b->arena, 20, 0);
}

static lv_status decimal_type(builder *b, const lv_pq_element *e, const lv_type **type)
{
    bool logical = LV_HAS(e, 10) && LV_HAS(&e->logical, LV_PQ_LOGICAL_DECIMAL);
    int precision = logical ? e->logical.decimal.precision : e->precision;
    int scale = logical ? e->logical.decimal.scale : e->scale;
    if (precision < 1 || precision > 38 || scale < 0 || scale > precision)
        return LV_FAIL(b->err, LV_PARQUET_UNSUPPORTED, "column %.*s is DECIMAL(%d,%d)",
                       LV_STR_ARG(e->name), precision, scale);
    *type = lv_type_decimal(b->arena, precision, scale);
    return LV_OK;
}

static const lv_type *timestamp_type(const lv_pq_element *e, lv_pq_leaf *leaf)
{
    leaf->unit =
        e->converted_type == LV_PQ_CONVERTED_TIMESTAMP_MILLIS ? LV_PQ_MILLIS : LV_PQ_MICROS;
    leaf->is_instant = true;
    if (LV_HAS(e, 10) && LV_HAS(&e->logical, LV_PQ_LOGICAL_TIMESTAMP)) {
        const lv_pq_time_type *t = &e->logical.timestamp;
        leaf->unit = LV_HAS(&t->unit, LV_PQ_MILLIS)  ? LV_PQ_MILLIS
                     : LV_HAS(&t->unit, LV_PQ_NANOS) ? LV_PQ_NANOS
                                                     : LV_PQ_MICROS;
        leaf->is_instant = t->utc;
    }
    return lv_type_of(leaf->is_instant ? LV_TYPE_TIMESTAMP : LV_TYPE_TIMESTAMP_NTZ);
}

/* Types that annotate INT32 and INT64. */
static lv_status number_type(builder *b, const lv_pq_element *e, lv_pq_leaf *leaf)
{
    switch (logical_of(e)) {
    case LV_PQ_LOGICAL_DECIMAL: return decimal_type(b, e, &leaf->type);
    case LV_PQ_LOGICAL_DATE:
        leaf->type = lv_type_of(e->type == LV_PQ_INT32 ? LV_TYPE_DATE : LV_TYPE_BIGINT);
        return LV_OK;
    case LV_PQ_LOGICAL_TIMESTAMP:
        leaf->type = e->type == LV_PQ_INT64 ? timestamp_type(e, leaf) : lv_type_of(LV_TYPE_INT);
        return LV_OK;
    default: leaf->type = integer_type(e, &leaf->is_unsigned, b); return LV_OK;
    }
}

/* Types that annotate BYTE_ARRAY and FIXED. */
static lv_status bytes_type(builder *b, const lv_pq_element *e, lv_pq_leaf *leaf)
{
    switch (logical_of(e)) {
    case LV_PQ_LOGICAL_DECIMAL: return decimal_type(b, e, &leaf->type);
    case LV_PQ_LOGICAL_STRING:
    case LV_PQ_LOGICAL_ENUM:
    case LV_PQ_LOGICAL_JSON: leaf->type = lv_type_of(LV_TYPE_STRING); return LV_OK;
    case LV_PQ_LOGICAL_FLOAT16:
        leaf->is_float16 = e->type == LV_PQ_FIXED && e->type_length == 2;
        leaf->type = lv_type_of(leaf->is_float16 ? LV_TYPE_FLOAT : LV_TYPE_BINARY);
        return LV_OK;
    default:
        leaf->unordered = e->converted_type == LV_PQ_CONVERTED_INTERVAL;
        leaf->type = lv_type_of(LV_TYPE_BINARY);
        return LV_OK;
    }
}

static lv_status make_leaf(builder *b, const lv_pq_element *e, int def, int rep, lv_pq_node *node)
{
    if (e->type < 0 || e->type >= LV_PQ_PHYSICAL_COUNT)
        return LV_FAIL(b->err, LV_PARQUET_CORRUPT, "column %.*s has the unknown type %d",
                       LV_STR_ARG(e->name), e->type);
    if (e->type == LV_PQ_FIXED && (e->type_length < 1 || e->type_length > 1 << 20))
        return LV_FAIL(b->err, LV_PARQUET_CORRUPT, "column %.*s is of %d bytes",
                       LV_STR_ARG(e->name), e->type_length);
    lv_pq_leaf leaf = {.physical = (lv_pq_physical)e->type,
                       .type_length = e->type_length,
                       .path_length = b->path_length,
                       .max_def = (uint8_t)def,
                       .max_rep = (uint8_t)rep,
                       .unit = LV_PQ_MICROS};
    lv_str *path = LV_NEW_ARRAY(b->arena, lv_str, b->path_length);
    memcpy(path, b->path, sizeof *path * (size_t)b->path_length);
    leaf.path = path;
    switch (leaf.physical) {
    case LV_PQ_BOOLEAN: leaf.type = lv_type_of(LV_TYPE_BOOLEAN); break;
    case LV_PQ_INT32:
    case LV_PQ_INT64: LV_TRY(number_type(b, e, &leaf)); break;
    case LV_PQ_INT96:
        leaf.type = lv_type_of(LV_TYPE_TIMESTAMP);
        leaf.is_instant = leaf.unordered = true;
        break;
    case LV_PQ_FLOAT: leaf.type = lv_type_of(LV_TYPE_FLOAT); break;
    case LV_PQ_DOUBLE: leaf.type = lv_type_of(LV_TYPE_DOUBLE); break;
    default: LV_TRY(bytes_type(b, e, &leaf));
    }
    node->kind = LV_PQ_LEAF_NODE;
    node->type = leaf.type;
    LV_VEC_PUSH(b->arena, b->leaves, leaf);
    return LV_OK;
}

/* ---- groups ---------------------------------------------------------------------------------- */

static lv_status make_node(builder *b, int def, int rep, lv_pq_node *node);
static lv_status make_content(builder *b, const lv_pq_element *e, int def, int rep,
                              lv_pq_node *node);

/* Children of the group whose element was just taken, as fields of a struct. */
static lv_status make_struct(builder *b, const lv_pq_element *e, int def, int rep, lv_pq_node *node)
{
    node->kind = LV_PQ_STRUCT_NODE;
    node->child_count = e->child_count;
    if ((size_t)e->child_count > b->count - b->next)
        return LV_FAIL(b->err, LV_PARQUET_CORRUPT, "group %.*s has %d fields, more than the schema",
                       LV_STR_ARG(e->name), e->child_count);
    node->children = LV_NEW_ARRAY(b->arena, lv_pq_node, e->child_count);
    lv_field *fields = LV_NEW_ARRAY(b->arena, lv_field, e->child_count);
    for (int f = 0; f < e->child_count; f++) {
        lv_pq_node *child = &node->children[f];
        LV_TRY(make_node(b, def, rep, child));
        fields[f] = (lv_field){child->name, child->type, child->nullable, LV_STR_NONE};
    }
    node->type = lv_type_struct(b->arena, fields, e->child_count);
    return LV_OK;
}

/* Whether the repeated field of the LIST group `list` is itself its element. */
static bool is_element(const builder *b, const lv_pq_element *list, const lv_pq_element *repeated)
{
    if (!LV_HAS(repeated, 5) || repeated->child_count != 1)
        return true;
    const lv_pq_element *only = repeated + 1;
    if (only < b->elements + b->count && only->repetition == LV_PQ_REPEATED)
        return true;
    static const char suffix[] = "_tuple";
    return lv_str_is(repeated->name, "array") ||
           (repeated->name.len == list->name.len + sizeof suffix - 1 &&
            lv_str_starts(repeated->name, list->name) &&
            lv_str_ends(repeated->name, LV_STR("_tuple")));
}

/* Takes the next element into the path. */
static const lv_pq_element *take_element(builder *b)
{
    const lv_pq_element *e = &b->elements[b->next++];
    b->path[b->path_length++] = e->name;
    return e;
}

/* An ARRAY whose repeated field is the next element; `list` NULL: it stands for itself. */
static lv_status make_list(builder *b, const lv_pq_element *list, int def, int rep,
                           lv_pq_node *node)
{
    node->kind = LV_PQ_LIST_NODE;
    node->list_def = (uint8_t)(def + 1);
    node->list_rep = (uint8_t)(rep + 1);
    node->child_count = 1;
    lv_pq_node *element = node->children = LV_NEW(b->arena, lv_pq_node);
    const lv_pq_element *repeated = list ? take_element(b) : &b->elements[b->next - 1];
    if (list == NULL || is_element(b, list, repeated)) {
        *element = (lv_pq_node){.def = node->list_def,
                                .name = LV_STR("element"),
                                .field_id = -1,
                                .leaf = (int)b->leaves.count};
        LV_TRY(make_content(b, repeated, node->list_def, node->list_rep, element));
        element->leaf_count = (int)b->leaves.count - element->leaf;
    } else {
        if (b->next == b->count)
            return LV_FAIL(b->err, LV_PARQUET_CORRUPT, "list %.*s has no element",
                           LV_STR_ARG(list->name));
        LV_TRY(make_node(b, node->list_def, node->list_rep, element));
    }
    b->path_length -= list != NULL;
    node->type = lv_type_array(b->arena, element->type, element->nullable);
    return LV_OK;
}

static lv_status make_map(builder *b, int def, int rep, lv_pq_node *node)
{
    node->kind = LV_PQ_LIST_NODE;
    node->list_def = (uint8_t)(def + 1);
    node->list_rep = (uint8_t)(rep + 1);
    node->child_count = 2;
    node->children = LV_NEW_ARRAY(b->arena, lv_pq_node, 2);
    take_element(b);
    for (int f = 0; f < 2; f++) {
        if (b->next == b->count)
            return LV_FAIL(b->err, LV_PARQUET_CORRUPT, "a map lacks its %s", f ? "value" : "key");
        LV_TRY(make_node(b, node->list_def, node->list_rep, &node->children[f]));
    }
    b->path_length--;
    node->type = lv_type_map(b->arena, node->children[0].type, node->children[1].type,
                             node->children[1].nullable);
    return LV_OK;
}

/* What is below an element that was just taken, which exists from level `def` on. */
static lv_status make_content(builder *b, const lv_pq_element *e, int def, int rep,
                              lv_pq_node *node)
{
    if (!LV_HAS(e, 5) || (e->child_count == 0 && LV_HAS(e, 1)))
        return make_leaf(b, e, def, rep, node);
    if (e->child_count < 1)
        return LV_FAIL(b->err, LV_PARQUET_UNSUPPORTED, "group %.*s has %d fields",
                       LV_STR_ARG(e->name), e->child_count);
    const lv_pq_element *child = b->next < b->count ? &b->elements[b->next] : NULL;
    bool has_repeated = child != NULL && e->child_count == 1 && child->repetition == LV_PQ_REPEATED;
    int logical = logical_of(e);
    if (logical == LV_PQ_LOGICAL_LIST && has_repeated)
        return make_list(b, e, def, rep, node);
    if (logical == LV_PQ_LOGICAL_MAP && has_repeated && LV_HAS(child, 5) && child->child_count == 2)
        return make_map(b, def, rep, node);
    return make_struct(b, e, def, rep, node);
}

static lv_status make_node(builder *b, int def, int rep, lv_pq_node *node)
{
    if (b->next == b->count)
        return LV_FAIL(b->err, LV_PARQUET_CORRUPT, "the schema ends inside a group");
    if (++b->depth > LV_PQ_DEPTH_MAX || def + 3 > LV_PQ_LEVEL_MAX)
        return LV_FAIL(b->err, LV_PARQUET_UNSUPPORTED, "the schema nests deeper than %d levels",
                       LV_PQ_DEPTH_MAX);
    int path_length = b->path_length;
    const lv_pq_element *e = take_element(b);
    int repetition = LV_HAS(e, 3) ? e->repetition : LV_PQ_REQUIRED;
    if (repetition < LV_PQ_REQUIRED || repetition > LV_PQ_REPEATED)
        return LV_FAIL(b->err, LV_PARQUET_CORRUPT, "field %.*s has repetition %d",
                       LV_STR_ARG(e->name), repetition);
    bool nullable = repetition == LV_PQ_OPTIONAL;
    *node = (lv_pq_node){.nullable = nullable,
                         .def = (uint8_t)(def + nullable),
                         .name = e->name,
                         .field_id = LV_HAS(e, 9) ? e->field_id : -1,
                         .leaf = (int)b->leaves.count};
    if (repetition == LV_PQ_REPEATED)
        LV_TRY(make_list(b, NULL, def, rep, node));
    else
        LV_TRY(make_content(b, e, node->def, rep, node));
    b->path_length = path_length;
    b->depth--;
    node->leaf_count = (int)b->leaves.count - node->leaf;
    return LV_OK;
}

lv_status lv_pq_schema_read(lv_arena *arena, const lv_pq_file_meta *meta, lv_pq_schema *schema,
                            lv_error *err)
{
    builder b = {.arena = arena,
                 .err = err,
                 .elements = meta->schema.at,
                 .count = meta->schema.count,
                 .next = 1};
    if (b.count == 0 || b.elements[0].child_count < 0)
        return LV_FAIL(err, LV_PARQUET_CORRUPT, "the file has no schema");
    *schema = (lv_pq_schema){.root = {.field_id = -1}};
    LV_TRY(make_struct(&b, &b.elements[0], 0, 0, &schema->root));
    if (b.next != b.count)
        return LV_FAIL(err, LV_PARQUET_CORRUPT, "%zu of %zu elements of the schema are in no group",
                       b.count - b.next, b.count);
    schema->leaves = b.leaves.at;
    schema->leaf_count = schema->root.leaf_count = (int)b.leaves.count;
    return LV_OK;
}
