/* parquet_int.h: what the files of parquet/ share: the tree of a schema, and its leaves.
 *
 * Non-static functions of this module that are not in parquet.h begin with lv_pq_.
 *
 * Definition and repetition levels (Dremel): a leaf's value comes with a definition level, how many
 * of the optional and repeated steps on its path are there, and a repetition level, at which
 * repeated step it continues the list before it (0: a new row). A node of the tree knows the
 * levels at which it begins to exist. Levels are bytes: nesting is limited to LV_PQ_LEVEL_MAX. */
#ifndef LV_PARQUET_PARQUET_INT_H
#define LV_PARQUET_PARQUET_INT_H

#include "parquet/metadata.h"
#include "parquet/parquet.h"

enum { LV_PQ_LEVEL_MAX = 60, LV_PQ_DEPTH_MAX = 60 };

/** A column of values as a file has it. */
typedef struct lv_pq_leaf {
    lv_pq_physical physical;
    int type_length; /* FIXED: bytes of a value */
    const lv_type *type;
    const lv_str *path; /* names below the root, list and map groups included */
    int path_length;
    uint8_t max_def;
    uint8_t max_rep;
    uint8_t unit;     /* TIMESTAMP: LV_PQ_MILLIS, MICROS, NANOS */
    bool is_unsigned; /* unsigned integers: widened on reading */
    bool is_float16;  /* FIXED(2) that is a half float */
    bool is_instant;  /* TIMESTAMP, not TIMESTAMP_NTZ */
    bool unordered;   /* order of values is not ours: no min and max (INTERVAL, INT96) */
} lv_pq_leaf;

typedef enum lv_pq_node_kind {
    LV_PQ_LEAF_NODE,
    LV_PQ_STRUCT_NODE,
    LV_PQ_LIST_NODE
} lv_pq_node_kind;

/** A node of the schema as Spark sees it: the groups that only make lists and maps are folded in.
 *  LIST_NODE is ARRAY (one child) or MAP (two). */
typedef struct lv_pq_node {
    lv_pq_node_kind kind;
    bool nullable;
    uint8_t def;      /* definition level from which on this node is not null */
    uint8_t list_def; /* LIST_NODE: level from which on there is an element (list_def - 1: empty) */
    uint8_t list_rep; /* LIST_NODE: repetition level of its elements */
    lv_str name;
    int32_t field_id; /* -1: none */
    const lv_type *type;
    int leaf; /* first leaf below (or of) this node */
    int leaf_count;
    int child_count;
    struct lv_pq_node *children;
} lv_pq_node;

typedef struct lv_pq_schema {
    lv_pq_node root; /* STRUCT_NODE */
    lv_pq_leaf *leaves;
    int leaf_count;
} lv_pq_schema;

/** Bits for values 0..max. */
static inline unsigned lv_pq_bit_width(uint32_t max)
{
    return max == 0 ? 0 : 32 - (unsigned)__builtin_clz(max);
}

/** The tree and the Parquet elements of a schema to be written, in the arena. */
LV_MUST_USE lv_status lv_pq_schema_make(lv_arena *arena, const lv_type *type, lv_pq_schema *schema,
                                        lv_pq_file_meta *meta, lv_error *err);
/** The tree of a file's elements, by Spark's rules, in the arena. */
LV_MUST_USE lv_status lv_pq_schema_read(lv_arena *arena, const lv_pq_file_meta *meta,
                                        lv_pq_schema *schema, lv_error *err);
/** The value of "parquet.field.id" in a field's metadata JSON, -1 without. */
int32_t lv_pq_field_id(lv_str metadata);
/** Bytes of a FIXED decimal of this precision, the least that Spark also takes. */
int lv_pq_decimal_bytes(int precision);

#endif
