/* type.h: Spark's types and schemas.
 *
 * A type is immutable and shared; primitive types are static, the others live in an arena and hold
 * pointers to their parts. A schema is a STRUCT type. Names keep their spelling; they are compared
 * without ASCII case (spark.sql.caseSensitive=false). */
#ifndef LV_COLUMN_TYPE_H
#define LV_COLUMN_TYPE_H

#include "base/interval.h"
#include "base/str.h"

typedef enum lv_type_kind {
#define X(kind, ddl, json, ctype, size) LV_TYPE_##kind,
#include "column/types.def"
#undef X
    LV_TYPE_COUNT
} lv_type_kind;

typedef struct lv_type lv_type;

/** A field of a STRUCT; also the element of an ARRAY, and key and value of a MAP. */
typedef struct lv_field {
    lv_str name;
    const lv_type *type;
    bool nullable;
    lv_str metadata; /* JSON object text of Delta's field metadata; empty means {} */
} lv_field;

struct lv_type {
    lv_type_kind kind;
    int precision; /* DECIMAL: 1..38; MONTHS, MICROS: the largest lv_unit */
    int scale;     /* DECIMAL: 0..precision; MONTHS, MICROS: the smallest lv_unit */
    int field_count;
    const lv_field *fields; /* STRUCT: fields; ARRAY: [element]; MAP: [key, value] */
};

/** The static type of a kind without parameters (not DECIMAL, ARRAY, MAP, STRUCT). MONTHS is INTERVAL YEAR TO
 *  MONTH, MICROS INTERVAL DAY TO SECOND. */
const lv_type *lv_type_of(lv_type_kind kind);
/** The static type INTERVAL first TO last; NULL if there is none. */
const lv_type *lv_type_interval(lv_unit first, lv_unit last);
const lv_type *lv_type_decimal(lv_arena *arena, int precision, int scale);
const lv_type *lv_type_array(lv_arena *arena, const lv_type *element, bool contains_null);
const lv_type *lv_type_map(lv_arena *arena, const lv_type *key, const lv_type *value,
                           bool value_contains_null);
/** `fields` are copied, their names not. */
const lv_type *lv_type_struct(lv_arena *arena, const lv_field *fields, int count);
/** A deep copy that shares nothing with `type`: for a type that must outlive its arena. */
const lv_type *lv_type_copy(lv_arena *arena, const lv_type *type);

/** Same kinds, parameters and field names (as spelled); nullability and metadata do not count. */
bool lv_type_equal(const lv_type *a, const lv_type *b);
/** Index of the field called `name` without ASCII case: -1 none, -2 several. */
int lv_type_field(const lv_type *type, lv_str name);
static inline bool lv_type_is_nested(const lv_type *type)
{
    return type->kind >= LV_TYPE_ARRAY;
}
static inline bool lv_type_is_integral(const lv_type *type)
{
    return type->kind >= LV_TYPE_TINYINT && type->kind <= LV_TYPE_BIGINT;
}
static inline bool lv_type_is_numeric(const lv_type *type)
{
    return type->kind >= LV_TYPE_TINYINT && type->kind <= LV_TYPE_DECIMAL;
}
/** Whether it is INTERVAL YEAR TO MONTH, DAY TO SECOND or a part of them, but not plain INTERVAL. */
static inline bool lv_type_is_ansi_interval(const lv_type *type)
{
    return type->kind == LV_TYPE_MONTHS || type->kind == LV_TYPE_MICROS;
}
static inline bool lv_type_is_interval(const lv_type *type)
{
    return lv_type_is_ansi_interval(type) || type->kind == LV_TYPE_INTERVAL;
}
static inline bool lv_type_is_string_like(const lv_type *type)
{
    return type->kind == LV_TYPE_STRING || type->kind == LV_TYPE_BINARY;
}
/** Bytes of one value in lv_vector.data. */
size_t lv_type_value_size(const lv_type *type);

/** Spark's SQL name: DECIMAL(10,2), ARRAY<INT>, STRUCT<a: INT NOT NULL, b: STRING>. */
void lv_type_print_sql(const lv_type *type, lv_sbuf *out);
/** Spark's simpleString: decimal(10,2), array<int>, struct<a:int,b:string>. */
void lv_type_print_simple(const lv_type *type, lv_sbuf *out);
/** Spark's JSON form, as in Delta's schemaString (PROTOCOL.md, Schema Serialization Format). */
void lv_type_print_json(const lv_type *type, lv_sbuf *out);

#endif
