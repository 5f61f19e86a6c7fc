/* type.c: see type.h. */
#include "column/type.h"

#include "base/check.h"

static const lv_type primitive[LV_TYPE_COUNT] = {
#define X(kind_, ddl, json, ctype, size) [LV_TYPE_##kind_] = {.kind = LV_TYPE_##kind_},
#include "column/types.def"
#undef X
};

static const struct {
    const char *sql;
    const char *json;
    size_t size;
} names[LV_TYPE_COUNT] = {
#define X(kind, sql, json, ctype, size) [LV_TYPE_##kind] = {sql, json, size},
#include "column/types.def"
#undef X
};

const lv_type *lv_type_of(lv_type_kind kind)
{
    LV_ASSERT(kind < LV_TYPE_ARRAY && kind != LV_TYPE_DECIMAL);
    if (kind == LV_TYPE_MONTHS)
        return lv_type_interval(LV_UNIT_YEAR, LV_UNIT_MONTH);
    if (kind == LV_TYPE_MICROS)
        return lv_type_interval(LV_UNIT_DAY, LV_UNIT_SECOND);
    return &primitive[kind];
}

const lv_type *lv_type_interval(lv_unit first, lv_unit last)
{
#define OF(kind_, first, last)  [first][last] = {.kind = kind_, .precision = first, .scale = last }
#define FROM(kind, first, last) OF(kind, LV_UNIT_##first, LV_UNIT_##last)
    static const lv_type intervals[LV_UNIT_COUNT][LV_UNIT_COUNT] = {
        FROM(LV_TYPE_MONTHS, YEAR, YEAR),     FROM(LV_TYPE_MONTHS, YEAR, MONTH),
        FROM(LV_TYPE_MONTHS, MONTH, MONTH),   FROM(LV_TYPE_MICROS, DAY, DAY),
        FROM(LV_TYPE_MICROS, DAY, HOUR),      FROM(LV_TYPE_MICROS, DAY, MINUTE),
        FROM(LV_TYPE_MICROS, DAY, SECOND),    FROM(LV_TYPE_MICROS, HOUR, HOUR),
        FROM(LV_TYPE_MICROS, HOUR, MINUTE),   FROM(LV_TYPE_MICROS, HOUR, SECOND),
        FROM(LV_TYPE_MICROS, MINUTE, MINUTE), FROM(LV_TYPE_MICROS, MINUTE, SECOND),
        FROM(LV_TYPE_MICROS, SECOND, SECOND)};
#undef FROM
#undef OF
    if (first >= LV_UNIT_COUNT || last >= LV_UNIT_COUNT)
        return NULL;
    const lv_type *type = &intervals[first][last];
    return type->kind == LV_TYPE_VOID ? NULL : type;
}

size_t lv_type_value_size(const lv_type *type)
{
    return names[type->kind].size;
}

const lv_type *lv_type_decimal(lv_arena *arena, int precision, int scale)
{
    LV_ASSERT(precision >= 1 && precision <= 38 && scale >= 0 && scale <= precision);
    lv_type *type = LV_NEW(arena, lv_type);
    *type = (lv_type){.kind = LV_TYPE_DECIMAL, .precision = precision, .scale = scale};
    return type;
}

static const lv_type *nested(lv_arena *arena, lv_type_kind kind, const lv_field *fields, int count)
{
    lv_type *type = LV_NEW(arena, lv_type);
    lv_field *copy = LV_NEW_ARRAY(arena, lv_field, count);
    if (count > 0)
        memcpy(copy, fields, sizeof *fields * (size_t)count);
    *type = (lv_type){.kind = kind, .field_count = count, .fields = copy};
    return type;
}

const lv_type *lv_type_array(lv_arena *arena, const lv_type *element, bool contains_null)
{
    lv_field field = {LV_STR("element"), element, contains_null, LV_STR_NONE};
    return nested(arena, LV_TYPE_ARRAY, &field, 1);
}

const lv_type *lv_type_map(lv_arena *arena, const lv_type *key, const lv_type *value,
                           bool value_contains_null)
{
    lv_field fields[2] = {{LV_STR("key"), key, false, LV_STR_NONE},
                          {LV_STR("value"), value, value_contains_null, LV_STR_NONE}};
    return nested(arena, LV_TYPE_MAP, fields, 2);
}

const lv_type *lv_type_struct(lv_arena *arena, const lv_field *fields, int count)
{
    return nested(arena, LV_TYPE_STRUCT, fields, count);
}

const lv_type *lv_type_copy(lv_arena *arena, const lv_type *type)
{
    if (lv_type_is_ansi_interval(type))
        return lv_type_interval((lv_unit)type->precision, (lv_unit)type->scale);
    if (type->kind < LV_TYPE_ARRAY && type->kind != LV_TYPE_DECIMAL)
        return &primitive[type->kind];
    lv_type *copy = LV_NEW(arena, lv_type);
    *copy = *type;
    lv_field *fields = LV_NEW_ARRAY(arena, lv_field, type->field_count);
    for (int i = 0; i < type->field_count; i++) {
        const lv_field *f = &type->fields[i];
        fields[i] = (lv_field){lv_str_dup(arena, f->name), lv_type_copy(arena, f->type),
                               f->nullable, lv_str_dup(arena, f->metadata)};
    }
    copy->fields = fields;
    return copy;
}

bool lv_type_equal(const lv_type *a, const lv_type *b)
{
    if (a == b)
        return true;
    if (a->kind != b->kind || a->precision != b->precision || a->scale != b->scale ||
        a->field_count != b->field_count)
        return false;
    for (int i = 0; i < a->field_count; i++)
        if (!lv_str_eq(a->fields[i].name, b->fields[i].name) ||
            !lv_type_equal(a->fields[i].type, b->fields[i].type))
            return false;
    return true;
}

int lv_type_field(const lv_type *type, lv_str name)
{
    int found = -1;
    for (int i = 0; i < type->field_count; i++)
        if (lv_str_eq_nocase(type->fields[i].name, name))
            found = found == -1 ? i : -2;
    return found;
}

/* A field name as SQL wants it: in backquotes unless it is a plain identifier. */
static void print_sql_name(lv_str name, lv_sbuf *out)
{
    bool plain = name.len > 0;
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        plain = plain && (c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                          (i > 0 && c >= '0' && c <= '9'));
    }
    if (plain) {
        lv_sbuf_add_str(out, name);
        return;
    }
    lv_sbuf_add_char(out, '`');
    for (size_t i = 0; i < name.len; i++) {
        if (name.ptr[i] == '`')
            lv_sbuf_add_char(out, '`');
        lv_sbuf_add_char(out, name.ptr[i]);
    }
    lv_sbuf_add_char(out, '`');
}

/* INTERVAL DAY TO SECOND, INTERVAL DAY. */
static void print_interval(const lv_type *type, lv_sbuf *out)
{
    lv_sbuf_printf(out, "INTERVAL %s", lv_unit_name((lv_unit)type->precision));
    if (type->precision != type->scale)
        lv_sbuf_printf(out, " TO %s", lv_unit_name((lv_unit)type->scale));
}

/* Turns what was added from `from` on to lower case. */
static void lower_from(lv_sbuf *out, size_t from)
{
    for (size_t i = from; i < out->len; i++)
        if (out->ptr[i] >= 'A' && out->ptr[i] <= 'Z')
            out->ptr[i] = (char)(out->ptr[i] + 32);
}

void lv_type_print_sql(const lv_type *type, lv_sbuf *out)
{
    if (lv_type_is_ansi_interval(type)) {
        print_interval(type, out);
        return;
    }
    lv_sbuf_add_cstr(out, names[type->kind].sql);
    if (type->kind == LV_TYPE_DECIMAL)
        lv_sbuf_printf(out, "(%d,%d)", type->precision, type->scale);
    if (!lv_type_is_nested(type))
        return;
    lv_sbuf_add_char(out, '<');
    for (int i = 0; i < type->field_count; i++) {
        const lv_field *f = &type->fields[i];
        if (i > 0)
            lv_sbuf_add_cstr(out, ", ");
        if (type->kind == LV_TYPE_STRUCT) {
            print_sql_name(f->name, out);
            lv_sbuf_add_cstr(out, ": ");
        }
        lv_type_print_sql(f->type, out);
        if (type->kind == LV_TYPE_STRUCT && !f->nullable)
            lv_sbuf_add_cstr(out, " NOT NULL");
    }
    lv_sbuf_add_char(out, '>');
}

/* simpleString uses SQL's names for integers in lower case, not the JSON ones. */
void lv_type_print_simple(const lv_type *type, lv_sbuf *out)
{
    size_t from = out->len;
    if (lv_type_is_ansi_interval(type))
        print_interval(type, out);
    else
        lv_sbuf_add_cstr(out, names[type->kind].sql);
    lower_from(out, from);
    if (type->kind == LV_TYPE_DECIMAL)
        lv_sbuf_printf(out, "(%d,%d)", type->precision, type->scale);
    if (!lv_type_is_nested(type))
        return;
    lv_sbuf_add_char(out, '<');
    for (int i = 0; i < type->field_count; i++) {
        if (i > 0)
            lv_sbuf_add_char(out, ',');
        if (type->kind == LV_TYPE_STRUCT) {
            lv_sbuf_add_str(out, type->fields[i].name);
            lv_sbuf_add_char(out, ':');
        }
        lv_type_print_simple(type->fields[i].type, out);
    }
    lv_sbuf_add_char(out, '>');
}

static void print_json_fields(const lv_type *type, lv_sbuf *out)
{
    lv_sbuf_add_cstr(out, "{\"type\":\"struct\",\"fields\":[");
    for (int i = 0; i < type->field_count; i++) {
        const lv_field *f = &type->fields[i];
        lv_sbuf_add_cstr(out, i > 0 ? ",{\"name\":" : "{\"name\":");
        lv_sbuf_add_json_string(out, f->name);
        lv_sbuf_add_cstr(out, ",\"type\":");
        lv_type_print_json(f->type, out);
        lv_sbuf_add_cstr(out, f->nullable ? ",\"nullable\":true,\"metadata\":"
                                          : ",\"nullable\":false,\"metadata\":");
        lv_sbuf_add_str(out, f->metadata.len ? f->metadata : LV_STR("{}"));
        lv_sbuf_add_char(out, '}');
    }
    lv_sbuf_add_cstr(out, "]}");
}

void lv_type_print_json(const lv_type *type, lv_sbuf *out)
{
    switch (type->kind) {
    case LV_TYPE_DECIMAL:
        lv_sbuf_printf(out, "\"decimal(%d,%d)\"", type->precision, type->scale);
        break;
    case LV_TYPE_MONTHS:
    case LV_TYPE_MICROS:
        lv_sbuf_add_char(out, '"');
        lv_type_print_simple(type, out);
        lv_sbuf_add_char(out, '"');
        break;
    case LV_TYPE_ARRAY:
        lv_sbuf_add_cstr(out, "{\"type\":\"array\",\"elementType\":");
        lv_type_print_json(type->fields[0].type, out);
        lv_sbuf_printf(out, ",\"containsNull\":%s}", type->fields[0].nullable ? "true" : "false");
        break;
    case LV_TYPE_MAP:
        lv_sbuf_add_cstr(out, "{\"type\":\"map\",\"keyType\":");
        lv_type_print_json(type->fields[0].type, out);
        lv_sbuf_add_cstr(out, ",\"valueType\":");
        lv_type_print_json(type->fields[1].type, out);
        lv_sbuf_printf(out, ",\"valueContainsNull\":%s}",
                       type->fields[1].nullable ? "true" : "false");
        break;
    case LV_TYPE_STRUCT: print_json_fields(type, out); break;
    default: lv_sbuf_printf(out, "\"%s\"", names[type->kind].json);
    }
}
