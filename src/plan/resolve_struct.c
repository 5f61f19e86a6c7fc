/* resolve_struct.c: structs made of arguments, their fields by index, and stars among arguments. */
#include "plan_int.h"

/** The name of a field of struct(...): an alias, the name of a column, field or lambda variable, or its number. */
static lv_str struct_field_name(lv_arena *arena, const lv_expr *arg, const lv_expr *resolved, int i)
{
    bool is_name =
        (arg->kind == LV_EXPR_NAME && lv_expr_is_access(resolved)) || arg->kind == LV_EXPR_COLUMN;
    if (arg->kind == LV_EXPR_ALIAS)
        return arg->names[0];
    if (is_name || arg->kind == LV_EXPR_FIELD)
        return arg->names[arg->name_count - 1];
    return lv_str_of(lv_arena_printf(arena, "col%d", i + 1));
}

lv_status lv_resolve_struct(lv_analyzer *az, const lv_scope *scope, const lv_expr *expr,
                            lv_expr **resolved)
{
    lv_expr **args = LV_NEW_ARRAY(az->arena, lv_expr *, 2 * expr->arg_count);
    for (int i = 0; i < expr->arg_count; i++) {
        const lv_expr *arg = expr->args[i];
        bool named = arg->kind == LV_EXPR_ALIAS && arg->label.len == 0;
        LV_TRY(lv_resolve_expr(az, scope, named ? arg->args[0] : arg, &args[2 * i + 1]));
        lv_str name = struct_field_name(az->arena, arg, args[2 * i + 1], i);
        args[2 * i] = lv_expr_string(az->arena, name, arg->sql_offset, arg->sql_length);
        args[2 * i]->label = named ? LV_STR("as") : LV_STR_NONE;
    }
    LV_TRY(lv_bind_named(az, "named_struct", args, 2 * expr->arg_count, expr, resolved));
    if (expr->label.len == 0)
        (*resolved)->label = LV_STR("struct");
    return LV_OK;
}

lv_status lv_resolve_index_of_struct(lv_analyzer *az, lv_expr *base, const lv_expr *index,
                                     const lv_expr *place, lv_expr **resolved)
{
    bool is_name = index->type->kind == LV_TYPE_STRING && index->literal != NULL &&
                   !lv_vector_is_null(index->literal, 0);
    if (!is_name)
        return lv_at(az, place->sql_offset, place->sql_length,
                     LV_FAIL(az->err, LV_INVALID_EXTRACT_FIELD_TYPE,
                             "Field name should be a non-null string literal, but it's \"%.*s\"",
                             LV_STR_ARG(lv_expr_text(az->arena, index))));
    return lv_resolve_field(az, base, lv_vector_str(index->literal, 0), place, resolved);
}

lv_status lv_expand_stars(lv_analyzer *az, const lv_scope *scope, const lv_expr *expr,
                          lv_expr **expanded)
{
    LV_VEC(lv_expr *) args = {0};
    for (int i = 0; i < expr->arg_count; i++) {
        const lv_expr *star = expr->args[i];
        size_t before = args.count;
        if (star->kind != LV_EXPR_STAR) {
            LV_VEC_PUSH(az->arena, args, expr->args[i]);
            continue;
        }
        for (int c = 0; c < scope->count && star->arg_count == 0; c++) {
            const lv_scope_column *column = &scope->columns[c];
            lv_field field = {column->name, column->type, column->nullable, LV_STR_NONE};
            if (!column->hidden && lv_scope_qualifies(column, star->names, star->name_count))
                LV_VEC_PUSH(az->arena, args, lv_expr_column(az->arena, column->index, &field));
        }
        if (args.count == before)
            return lv_at(az, star->sql_offset, star->sql_length,
                         LV_FAIL(az->err, LV_INVALID_USAGE_OF_STAR,
                                 "Invalid usage of '*' in an expression"));
    }
    *expanded = lv_expr_apply(az->arena, expr->names[0], args.at, (int)args.count, expr);
    (*expanded)->label = expr->label;
    return LV_OK;
}

bool lv_expr_has_star(const lv_expr *expr)
{
    for (int i = 0; i < expr->arg_count; i++)
        if (expr->args[i]->kind == LV_EXPR_STAR)
            return true;
    return false;
}
