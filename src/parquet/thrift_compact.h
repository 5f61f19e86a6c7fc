/* thrift_compact.h: Thrift's compact protocol, driven by tables.
 *
 * Each Thrift struct is a C struct that begins with `uint64_t has`, bit i set when field i is
 * present, and a table of its fields; one reader and one writer walk the tables. A union is a
 * struct of which one field is present. On the wire (integers are zigzag varints):
 *
 *   field    (id delta << 4 | type), or type and i16 id when the delta is not 1..15; 0 ends a struct
 *   bool     in the type nibble (1 true, 2 false); a byte in lists
 *   binary   uvarint length, bytes
 *   list     (count << 4 | type), or 0xF0 | type and uvarint count from 15 on
 *
 * Fields that are not in the table are skipped, whatever they are. */
#ifndef LV_PARQUET_THRIFT_COMPACT_H
#define LV_PARQUET_THRIFT_COMPACT_H

#include "base/bytes.h"
#include "base/status.h"

typedef enum lv_thrift_kind {
    LV_THRIFT_BOOL,   /* bool */
    LV_THRIFT_I8,     /* int8_t */
    LV_THRIFT_I16,    /* int16_t */
    LV_THRIFT_I32,    /* int32_t */
    LV_THRIFT_I64,    /* int64_t */
    LV_THRIFT_BINARY, /* lv_str */
    LV_THRIFT_STRUCT, /* the C struct of `of`, in place */
    LV_THRIFT_MARKER, /* a struct whose content is of no interest: only its bit in `has` */
} lv_thrift_kind;

struct lv_thrift_struct;

typedef struct lv_thrift_field {
    uint8_t id; /* 1..63 */
    uint8_t kind;
    bool is_list; /* an lv_thrift_list of `kind` */
    bool required;
    uint16_t offset;
    const struct lv_thrift_struct *of;
} lv_thrift_field;

typedef struct lv_thrift_struct {
    const char *name;
    size_t size;
    int field_count;
    const lv_thrift_field *fields; /* by ascending id */
} lv_thrift_struct;

/** Every list of a C struct has this layout, with a typed `at`. */
typedef struct lv_thrift_list {
    void *at;
    size_t count;
} lv_thrift_list;
#define LV_THRIFT_LIST(type)                                                                       \
    struct {                                                                                       \
        type *at;                                                                                  \
        size_t count;                                                                              \
    }

#define LV_HAS(object, id) (((object)->has >> (id)&1) != 0)
#define LV_HAS_BIT(id)     ((uint64_t)1 << (id))

/** Reads the struct at `rd` into `out` (zeroed first); lists go to the arena, binaries are borrowed.
 *  PARQUET_CORRUPT if the bytes end early, a type is not as in the table, a required field is
 *  missing, or structs nest too deep. */
LV_MUST_USE lv_status lv_thrift_read(lv_rd *rd, const lv_thrift_struct *type, lv_arena *arena,
                                     void *out, lv_error *err);
/** Appends the struct. */
void lv_thrift_write(lv_sbuf *out, const lv_thrift_struct *type, const void *object);

#endif
