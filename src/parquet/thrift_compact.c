/* thrift_compact.c: see thrift_compact.h. */
#include "parquet/thrift_compact.h"

#include "base/check.h"

/* Types on the wire. */
enum {
    T_STOP,
    T_TRUE,
    T_FALSE,
    T_I8,
    T_I16,
    T_I32,
    T_I64,
    T_DOUBLE,
    T_BINARY,
    T_LIST,
    T_SET,
    T_MAP,
    T_STRUCT,
    T_UUID
};

enum { DEPTH_MAX = 64 };

static const uint8_t wire_type[] = {
    [LV_THRIFT_BOOL] = T_TRUE,     [LV_THRIFT_I8] = T_I8,         [LV_THRIFT_I16] = T_I16,
    [LV_THRIFT_I32] = T_I32,       [LV_THRIFT_I64] = T_I64,       [LV_THRIFT_BINARY] = T_BINARY,
    [LV_THRIFT_STRUCT] = T_STRUCT, [LV_THRIFT_MARKER] = T_STRUCT,
};

static const size_t value_size[] = {
    [LV_THRIFT_BOOL] = sizeof(bool),
    [LV_THRIFT_I8] = sizeof(int8_t),
    [LV_THRIFT_I16] = sizeof(int16_t),
    [LV_THRIFT_I32] = sizeof(int32_t),
    [LV_THRIFT_I64] = sizeof(int64_t),
    [LV_THRIFT_BINARY] = sizeof(lv_str),
    [LV_THRIFT_STRUCT] = 0,
    [LV_THRIFT_MARKER] = 0,
};

typedef struct reader {
    lv_rd *rd;
    lv_arena *arena;
    lv_error *err;
    int depth;
} reader;

static size_t element_size(const lv_thrift_field *field)
{
    return field->kind == LV_THRIFT_STRUCT ? field->of->size : value_size[field->kind];
}

static lv_status ended(const reader *r, const char *what)
{
    return LV_FAIL(r->err, LV_PARQUET_CORRUPT, "the metadata ends inside %s", what);
}

/* ---- skipping -------------------------------------------------------------------------------- */

static lv_status skip(reader *r, unsigned type, bool in_list);

static bool list_header(reader *r, unsigned *type, uint64_t *count)
{
    uint8_t head = lv_rd_u8(r->rd);
    *type = head & 15;
    *count = head >> 4;
    if (*count == 15)
        *count = lv_rd_uvarint(r->rd);
    return !r->rd->failed && *count <= lv_rd_left(r->rd); /* an element takes a byte at least */
}

/* Reads a field header; *type is T_STOP at the end of the struct. */
static bool field_header(reader *r, int *id, unsigned *type)
{
    uint8_t head = lv_rd_u8(r->rd);
    *type = head & 15;
    if (*type != T_STOP) {
        int64_t next = head >> 4 ? *id + (head >> 4) : lv_rd_varint(r->rd);
        if (next < INT16_MIN || next > INT16_MAX)
            return false;
        *id = (int)next;
    }
    return !r->rd->failed;
}

static lv_status skip_elements(reader *r, unsigned type, uint64_t count)
{
    for (uint64_t i = 0; i < count; i++)
        LV_TRY(skip(r, type, true));
    return LV_OK;
}

static lv_status skip_map(reader *r)
{
    uint64_t count = lv_rd_uvarint(r->rd);
    if (count == 0 && !r->rd->failed)
        return LV_OK;
    uint8_t types = lv_rd_u8(r->rd);
    if (r->rd->failed || count > lv_rd_left(r->rd))
        return ended(r, "a map");
    for (uint64_t i = 0; i < count; i++) {
        LV_TRY(skip(r, types >> 4, true));
        LV_TRY(skip(r, types & 15, true));
    }
    return LV_OK;
}

static lv_status skip_struct(reader *r)
{
    int id = 0;
    unsigned type;
    for (;;) {
        if (!field_header(r, &id, &type))
            return ended(r, "a field");
        if (type == T_STOP)
            return LV_OK;
        LV_TRY(skip(r, type, false));
    }
}

static lv_status skip_nested(reader *r, unsigned type)
{
    unsigned element;
    uint64_t count;
    switch (type) {
    case T_STRUCT: return skip_struct(r);
    case T_MAP: return skip_map(r);
    default:
        if (!list_header(r, &element, &count))
            return ended(r, "a list");
        return skip_elements(r, element, count);
    }
}

static lv_status skip(reader *r, unsigned type, bool in_list)
{
    lv_status status = LV_OK;
    switch (type) {
    case T_TRUE:
    case T_FALSE:
        if (in_list)
            lv_rd_u8(r->rd);
        break;
    case T_I8: lv_rd_u8(r->rd); break;
    case T_I16:
    case T_I32:
    case T_I64: lv_rd_uvarint(r->rd); break;
    case T_DOUBLE: lv_rd_bytes(r->rd, 8); break;
    case T_BINARY: lv_rd_bytes(r->rd, lv_rd_uvarint(r->rd)); break;
    case T_UUID: lv_rd_bytes(r->rd, 16); break;
    case T_LIST:
    case T_SET:
    case T_MAP:
    case T_STRUCT:
        if (++r->depth > DEPTH_MAX)
            return LV_FAIL(r->err, LV_PARQUET_CORRUPT, "the metadata nests deeper than %d levels",
                           DEPTH_MAX);
        status = skip_nested(r, type);
        r->depth--;
        break;
    default:
        return LV_FAIL(r->err, LV_PARQUET_CORRUPT, "unknown Thrift type %u in the metadata", type);
    }
    return status == LV_OK && r->rd->failed ? ended(r, "a value") : status;
}

/* ---- reading --------------------------------------------------------------------------------- */

static lv_status read_struct(reader *r, const lv_thrift_struct *type, void *out);

static lv_status read_int(reader *r, const lv_thrift_field *field, void *out)
{
    static const struct {
        int64_t min, max;
    } range[] = {[LV_THRIFT_I16] = {INT16_MIN, INT16_MAX},
                 [LV_THRIFT_I32] = {INT32_MIN, INT32_MAX},
                 [LV_THRIFT_I64] = {INT64_MIN, INT64_MAX}};
    int64_t value = lv_rd_varint(r->rd);
    if (value < range[field->kind].min || value > range[field->kind].max)
        return LV_FAIL(r->err, LV_PARQUET_CORRUPT, "a number in the metadata is out of range: %lld",
                       (long long)value);
    memcpy(out, &value, value_size[field->kind]); /* little-endian: the low bytes come first */
    return LV_OK;
}

static lv_status read_value(reader *r, const lv_thrift_field *field, unsigned type, bool in_list,
                            void *out)
{
    switch ((lv_thrift_kind)field->kind) {
    case LV_THRIFT_BOOL: *(bool *)out = in_list ? lv_rd_u8(r->rd) == 1 : type == T_TRUE; break;
    case LV_THRIFT_I8: *(int8_t *)out = (int8_t)lv_rd_u8(r->rd); break;
    case LV_THRIFT_I16:
    case LV_THRIFT_I32:
    case LV_THRIFT_I64: LV_TRY(read_int(r, field, out)); break;
    case LV_THRIFT_BINARY: {
        uint64_t len = lv_rd_uvarint(r->rd);
        const uint8_t *bytes = lv_rd_bytes(r->rd, len);
        *(lv_str *)out = (lv_str){(const char *)bytes, bytes ? len : 0};
        break;
    }
    case LV_THRIFT_STRUCT: return read_struct(r, field->of, out);
    case LV_THRIFT_MARKER: return skip(r, T_STRUCT, true);
    }
    return r->rd->failed ? ended(r, "a value") : LV_OK;
}

static bool type_fits(const lv_thrift_field *field, unsigned type)
{
    return type == wire_type[field->kind] || (field->kind == LV_THRIFT_BOOL && type == T_FALSE);
}

static lv_status read_list(reader *r, const lv_thrift_struct *type, const lv_thrift_field *field,
                           lv_thrift_list *out)
{
    unsigned element;
    uint64_t count;
    if (!list_header(r, &element, &count))
        return ended(r, type->name);
    if (count > 0 && !type_fits(field, element))
        return LV_FAIL(r->err, LV_PARQUET_CORRUPT, "list %d of %s holds elements of Thrift type %u",
                       field->id, type->name, element);
    size_t size = element_size(field), room = 0;
    out->at = NULL;
    out->count = 0;
    while (out->count < count) {
        if (out->count == room) { /* grown as elements come, not by what the header claims */
            size_t more = LV_MIN(room ? room * 2 : 16, count);
            out->at = lv_arena_grow(r->arena, out->at, room * size, more * size);
            room = more;
        }
        LV_TRY(read_value(r, field, element, true, (char *)out->at + out->count * size));
        out->count++;
    }
    return LV_OK;
}

static lv_status read_field(reader *r, const lv_thrift_struct *type, int id, unsigned wire,
                            void *out)
{
    const lv_thrift_field *field = NULL;
    for (int f = 0; f < type->field_count && field == NULL; f++)
        if (type->fields[f].id == id)
            field = &type->fields[f];
    if (field == NULL)
        return skip(r, wire, false);
    if (field->is_list ? wire != T_LIST : !type_fits(field, wire))
        return LV_FAIL(r->err, LV_PARQUET_CORRUPT, "field %d of %s has Thrift type %u", id,
                       type->name, wire);
    void *to = (char *)out + field->offset;
    LV_TRY(field->is_list ? read_list(r, type, field, to) : read_value(r, field, wire, false, to));
    *(uint64_t *)out |= LV_HAS_BIT(id);
    return LV_OK;
}

static lv_status read_struct(reader *r, const lv_thrift_struct *type, void *out)
{
    memset(out, 0, type->size);
    if (++r->depth > DEPTH_MAX)
        return LV_FAIL(r->err, LV_PARQUET_CORRUPT, "the metadata nests deeper than %d levels",
                       DEPTH_MAX);
    int id = 0;
    unsigned wire;
    for (;;) {
        if (!field_header(r, &id, &wire))
            return ended(r, type->name);
        if (wire == T_STOP)
            break;
        LV_TRY(read_field(r, type, id, wire, out));
    }
    for (int f = 0; f < type->field_count; f++)
        if (type->fields[f].required && !(*(const uint64_t *)out & LV_HAS_BIT(type->fields[f].id)))
            return LV_FAIL(r->err, LV_PARQUET_CORRUPT, "%s lacks its field %d", type->name,
                           type->fields[f].id);
    r->depth--;
    return LV_OK;
}

lv_status lv_thrift_read(lv_rd *rd, const lv_thrift_struct *type, lv_arena *arena, void *out,
                         lv_error *err)
{
    reader r = {.rd = rd, .arena = arena, .err = err};
    return read_struct(&r, type, out);
}

/* ---- writing --------------------------------------------------------------------------------- */

static void write_value(lv_sbuf *out, const lv_thrift_field *field, const void *at)
{
    switch ((lv_thrift_kind)field->kind) {
    case LV_THRIFT_BOOL: /* in lists only: else the header says it */
        lv_wr_u8(out, *(const bool *)at ? T_TRUE : T_FALSE);
        break;
    case LV_THRIFT_I8: lv_wr_u8(out, (uint8_t) * (const int8_t *)at); break;
    case LV_THRIFT_I16: lv_wr_varint(out, *(const int16_t *)at); break;
    case LV_THRIFT_I32: lv_wr_varint(out, *(const int32_t *)at); break;
    case LV_THRIFT_I64: lv_wr_varint(out, *(const int64_t *)at); break;
    case LV_THRIFT_BINARY:
        lv_wr_uvarint(out, ((const lv_str *)at)->len);
        lv_sbuf_add_str(out, *(const lv_str *)at);
        break;
    case LV_THRIFT_STRUCT: lv_thrift_write(out, field->of, at); break;
    case LV_THRIFT_MARKER: lv_wr_u8(out, T_STOP); break;
    }
}

static void write_list(lv_sbuf *out, const lv_thrift_field *field, const lv_thrift_list *list)
{
    uint8_t type = wire_type[field->kind];
    if (list->count < 15) {
        lv_wr_u8(out, (uint8_t)(list->count << 4 | type));
    } else {
        lv_wr_u8(out, (uint8_t)(0xF0 | type));
        lv_wr_uvarint(out, list->count);
    }
    for (size_t i = 0; i < list->count; i++)
        write_value(out, field, (const char *)list->at + i * element_size(field));
}

void lv_thrift_write(lv_sbuf *out, const lv_thrift_struct *type, const void *object)
{
    uint64_t has = *(const uint64_t *)object;
    int last = 0;
    for (int f = 0; f < type->field_count; f++) {
        const lv_thrift_field *field = &type->fields[f];
        if (!(has & LV_HAS_BIT(field->id))) {
            LV_DCHECK(!field->required);
            continue;
        }
        const void *at = (const char *)object + field->offset;
        uint8_t wire = field->is_list ? T_LIST : wire_type[field->kind];
        if (wire == T_TRUE && !*(const bool *)at)
            wire = T_FALSE;
        LV_DCHECK(field->id > last);
        int delta = field->id - last;
        lv_wr_u8(out, (uint8_t)(delta <= 15 ? delta << 4 | wire : wire));
        if (delta > 15)
            lv_wr_varint(out, field->id);
        last = field->id;
        if (field->is_list)
            write_list(out, field, at);
        else if (wire != T_TRUE && wire != T_FALSE)
            write_value(out, field, at);
    }
    lv_wr_u8(out, T_STOP);
}
