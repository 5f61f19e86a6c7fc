/* type_parse.c: types from syntax trees, DDL text and JSON text. */
#include "plan_int.h"
#include "json/json.h"

static const struct {
    const char *name;
    lv_type_kind kind;
} names[] = {
    {"BOOLEAN", LV_TYPE_BOOLEAN},
    {"TINYINT", LV_TYPE_TINYINT},
    {"BYTE", LV_TYPE_TINYINT},
    {"SMALLINT", LV_TYPE_SMALLINT},
    {"SHORT", LV_TYPE_SMALLINT},
    {"INT", LV_TYPE_INT},
    {"INTEGER", LV_TYPE_INT},
    {"BIGINT", LV_TYPE_BIGINT},
    {"LONG", LV_TYPE_BIGINT},
    {"FLOAT", LV_TYPE_FLOAT},
    {"REAL", LV_TYPE_FLOAT},
    {"DOUBLE", LV_TYPE_DOUBLE},
    {"DECIMAL", LV_TYPE_DECIMAL},
    {"DEC", LV_TYPE_DECIMAL},
    {"NUMERIC", LV_TYPE_DECIMAL},
    {"STRING", LV_TYPE_STRING},
    {"BINARY", LV_TYPE_BINARY},
    {"DATE", LV_TYPE_DATE},
    {"TIMESTAMP", LV_TYPE_TIMESTAMP},
    {"TIMESTAMP_LTZ", LV_TYPE_TIMESTAMP},
    {"TIMESTAMP_NTZ", LV_TYPE_TIMESTAMP_NTZ},
    {"TIMESTAMP WITHOUT TIME ZONE", LV_TYPE_TIMESTAMP_NTZ},
    {"VOID", LV_TYPE_VOID},
    {"INTERVAL", LV_TYPE_INTERVAL},
    {"ARRAY", LV_TYPE_ARRAY},
    {"MAP", LV_TYPE_MAP},
    {"STRUCT", LV_TYPE_STRUCT},
};

/* Types that Spark has and we do not. */
static const char *const unsupported[] = {"CHAR",    "CHARACTER", "VARCHAR",  "TIME",
                                          "VARIANT", "GEOMETRY",  "GEOGRAPHY"};

static lv_status fail_type(const lv_ast *ast, lv_error *err)
{
    for (size_t i = 0; i < LV_COUNT_OF(unsupported); i++)
        if (lv_str_eq_nocase(ast->text, lv_str_of(unsupported[i]))) {
            lv_error_at(err, ast->offset, ast->length);
            return LV_FAIL(err, LV_UNSUPPORTED_FEATURE, "The feature is not supported: the type %s",
                           unsupported[i]);
        }
    lv_error_at(err, ast->offset, ast->length);
    return LV_FAIL(err, LV_UNSUPPORTED_DATATYPE, "Unsupported data type \"%.*s\"",
                   LV_STR_ARG(ast->text));
}

static lv_status build_decimal(lv_arena *arena, const lv_ast *ast, const lv_type **type,
                               lv_error *err)
{
    int64_t numbers[2] = {ast->count ? 0 : 10, 0};
    int count = 0;
    for (const lv_ast *n = ast->first; n; n = n->next)
        if (count == 2 || !lv_str_to_i64(n->text, &numbers[count++])) {
            lv_error_at(err, ast->offset, ast->length);
            return LV_FAIL(err, LV_UNSUPPORTED_DATATYPE,
                           "Unsupported data type \"DECIMAL\" with %d parameters", ast->count);
        }
    if (numbers[0] > 38) {
        lv_error_at(err, ast->offset, ast->length);
        return LV_FAIL(err, LV_DECIMAL_PRECISION_EXCEEDS_MAX,
                       "Decimal precision %lld exceeds max precision 38", (long long)numbers[0]);
    }
    if (numbers[1] > numbers[0]) {
        lv_error_at(err, ast->offset, ast->length);
        return LV_FAIL(err, LV_DECIMAL_SCALE_EXCEEDS_PRECISION,
                       "Decimal scale (%lld) cannot be greater than precision (%lld)",
                       (long long)numbers[1], (long long)numbers[0]);
    }
    if (numbers[0] < 1 || numbers[1] < 0 || numbers[1] > numbers[0]) {
        lv_error_at(err, ast->offset, ast->length);
        return LV_FAIL(
            err, LV_UNSUPPORTED_DATATYPE,
            "Decimal(%lld,%lld): the precision must be 1 to 38 and the scale 0 to the precision",
            (long long)numbers[0], (long long)numbers[1]);
    }
    *type = lv_type_decimal(arena, (int)numbers[0], (int)numbers[1]);
    return LV_OK;
}

/* {"comment":"..."} as Spark keeps it in a field's metadata. */
static lv_str comment_metadata(lv_arena *arena, const lv_ast *comment)
{
    if (comment == NULL)
        return LV_STR_NONE;
    lv_sbuf json = LV_SBUF_INIT;
    lv_sbuf_add_cstr(&json, "{\"comment\":");
    lv_sbuf_add_json_string(&json, comment->text);
    lv_sbuf_add_char(&json, '}');
    lv_str text = lv_str_dup(arena, lv_sbuf_str(&json));
    lv_sbuf_release(&json);
    return text;
}

static lv_status build_struct(lv_arena *arena, const lv_ast *ast, const lv_type **type,
                              lv_error *err)
{
    lv_field *fields = LV_NEW_ARRAY(arena, lv_field, LV_MAX(ast->count, 1));
    int count = 0;
    for (const lv_ast *column = ast->first; column; column = column->next) {
        const lv_ast *refused = lv_ast_find(column, LV_AST_DEFAULT);
        if (refused == NULL)
            refused = lv_ast_find(column, LV_AST_GENERATED);
        if (refused != NULL) {
            lv_error_at(err, refused->offset, refused->length);
            return LV_FAIL(err, LV_UNSUPPORTED_FEATURE,
                           "The feature is not supported: %s of a column",
                           refused->kind == LV_AST_DEFAULT ? "DEFAULT" : "GENERATED ALWAYS AS");
        }
        lv_field *field = &fields[count++];
        field->name = column->text;
        field->nullable = lv_ast_find(column, LV_AST_NOT_NULL) == NULL;
        field->metadata = comment_metadata(arena, lv_ast_find(column, LV_AST_COMMENT));
        LV_TRY(lv_build_type(arena, lv_ast_find(column, LV_AST_TYPE), &field->type, err));
    }
    *type = lv_type_struct(arena, fields, count);
    return LV_OK;
}

static lv_status build_nested(lv_arena *arena, const lv_ast *ast, lv_type_kind kind,
                              const lv_type **type, lv_error *err)
{
    const lv_type *parts[2] = {NULL, NULL};
    if (kind == LV_TYPE_STRUCT)
        return build_struct(arena, ast, type, err);
    if (ast->count == 0) {
        lv_error_at(err, ast->offset, ast->length);
        return LV_FAIL(err, kind == LV_TYPE_MAP ? LV_INCOMPLETE_TYPE_MAP : LV_INCOMPLETE_TYPE_ARRAY,
                       "Incomplete type definition: you must say what %.*s is of",
                       LV_STR_ARG(ast->text));
    }
    for (int i = 0; i < (kind == LV_TYPE_MAP ? 2 : 1); i++) {
        const lv_ast *part = lv_ast_child(ast, i);
        if (part == NULL || part->kind != LV_AST_TYPE)
            return fail_type(ast, err);
        LV_TRY(lv_build_type(arena, part, &parts[i], err));
    }
    *type = kind == LV_TYPE_MAP ? lv_type_map(arena, parts[0], parts[1], true)
                                : lv_type_array(arena, parts[0], true);
    return LV_OK;
}

lv_status lv_build_type(lv_arena *arena, const lv_ast *ast, const lv_type **type, lv_error *err)
{
    const lv_ast *collate = lv_ast_find(ast, LV_AST_COLLATE);
    if (collate != NULL && !lv_str_eq_nocase(collate->text, LV_STR("UTF8_BINARY"))) {
        lv_error_at(err, collate->offset, collate->length);
        return LV_FAIL(err, LV_UNSUPPORTED_FEATURE, "The feature is not supported: COLLATE %.*s",
                       LV_STR_ARG(collate->text));
    }
    for (size_t i = 0; i < LV_COUNT_OF(names); i++) {
        lv_type_kind kind = names[i].kind;
        if (!lv_str_eq_nocase(ast->text, lv_str_of(names[i].name)))
            continue;
        if (kind == LV_TYPE_DECIMAL)
            return build_decimal(arena, ast, type, err);
        if (kind == LV_TYPE_INTERVAL)
            return lv_build_interval_type(ast, type, err);
        if (kind >= LV_TYPE_ARRAY)
            return build_nested(arena, ast, kind, type, err);
        if (ast->count > (collate != NULL))
            return fail_type(ast, err);
        *type = lv_type_of(kind);
        return LV_OK;
    }
    return fail_type(ast, err);
}

lv_status lv_build_cast_type(lv_arena *arena, const lv_ast *ast, const lv_type **type,
                             lv_error *err)
{
    static const char *const texts[] = {"CHAR", "CHARACTER", "VARCHAR"};
    for (size_t i = 0; i < LV_COUNT_OF(texts); i++) {
        if (!lv_str_eq_nocase(ast->text, lv_str_of(texts[i])))
            continue;
        if (ast->count == 0) {
            lv_error_at(err, ast->offset, ast->length);
            return LV_FAIL(err, LV_DATATYPE_MISSING_SIZE,
                           "Data type \"%s\" requires a length parameter, for example \"%s\"(10)",
                           texts[i], texts[i]);
        }
        *type = lv_type_of(LV_TYPE_STRING);
        return LV_OK;
    }
    return lv_build_type(arena, ast, type, err);
}

lv_status lv_type_parse(lv_arena *arena, lv_str text, const lv_type **type, lv_error *err)
{
    lv_str trimmed = lv_str_trim(text);
    if (trimmed.len > 0 && (trimmed.ptr[0] == '{' || trimmed.ptr[0] == '"'))
        return lv_type_from_json_text(arena, trimmed, type, err);
    const lv_ast *ast;
    LV_TRY(lv_sql_parse_type(arena, text, &ast, err));
    return lv_build_type(arena, ast, type, err);
}
