/* generators.c: functions that give rows. Their kernels give an ARRAY of STRUCTs, one struct a row, and exec flattens
 * it; explode and inline only wrap the array they were given, no value is copied. Source: generators.scala. */
#include "compute/compute_int.h"

/* ---- explode, posexplode --------------------------------------------------------------------- */

/* The position of each item in its list. */
static void list_positions(lv_arena *arena, const lv_vector *list, lv_vector *out)
{
    int64_t items = list->children[0].length;
    lv_vector_init_flat(out, arena, lv_type_of(LV_TYPE_INT), items);
    int32_t *position = out->data;
    memset(position, 0, sizeof *position * (size_t)items);
    for (int64_t i = 0; i < list->length; i++)
        for (int32_t e = list->offsets[i]; e < list->offsets[i + 1]; e++)
            position[e] = e - list->offsets[i];
}

static lv_status kernel_explode(const lv_call *call, lv_eval *eval, const lv_vector *args,
                                int64_t rows, lv_vector *out, lv_error *err)
{
    lv_arena *arena = eval->arena;
    const lv_vector *list = lv_vector_flatten(arena, &args[0]);
    const lv_type *row_type = call->type->fields[0].type;
    int first = call->function->op == EXPLODE_POSITIONS;
    lv_vector *row = LV_NEW(arena, lv_vector);
    *row = (lv_vector){.type = row_type,
                       .encoding = LV_FLAT,
                       .length = list->children[0].length,
                       .child_count = row_type->field_count,
                       .children = LV_NEW_ARRAY(arena, lv_vector, row_type->field_count)};
    if (first)
        list_positions(arena, list, &row->children[0]);
    for (int f = 0; f < list->child_count; f++)
        row->children[first + f] = list->children[f];
    *out = *list;
    out->type = call->type;
    out->child_count = 1;
    out->children = row;
    return LV_OK;
}

/* The array of rows that have these columns. */
static const lv_type *rows_type(lv_bind *bind, lv_field *columns, int count)
{
    return lv_type_array(bind->arena, lv_type_struct(bind->arena, columns, count), false);
}

lv_status lv_bind_explode(const lv_function *function, lv_bind *bind, lv_error *err)
{
    static const lv_str array_names[] = {{"col", 3}}, map_names[] = {{"key", 3}, {"value", 5}};
    const lv_type *list = bind->arg_types[0];
    if (list->kind != LV_TYPE_ARRAY && list->kind != LV_TYPE_MAP)
        return lv_bind_mismatch(function, bind, 0, "(\"ARRAY\" or \"MAP\")", err);
    lv_field columns[3];
    int count = 0;
    if (function->op == EXPLODE_POSITIONS)
        columns[count++] = (lv_field){LV_STR("pos"), lv_type_of(LV_TYPE_INT), false, LV_STR_NONE};
    for (int f = 0; f < list->field_count; f++)
        columns[count++] = (lv_field){list->kind == LV_TYPE_MAP ? map_names[f] : array_names[f],
                                      list->fields[f].type, list->fields[f].nullable, LV_STR_NONE};
    lv_bind_result(bind, rows_type(bind, columns, count), true, kernel_explode);
    return LV_OK;
}

/* ---- inline ---------------------------------------------------------------------------------- */

static lv_status kernel_inline(const lv_call *call, lv_eval *eval, const lv_vector *args,
                               int64_t rows, lv_vector *out, lv_error *err)
{
    *out = args[0];
    return LV_OK;
}

lv_status lv_bind_inline(const lv_function *function, lv_bind *bind, lv_error *err)
{
    const lv_type *list = bind->arg_types[0];
    if (list->kind != LV_TYPE_ARRAY || list->fields[0].type->kind != LV_TYPE_STRUCT)
        return lv_bind_mismatch(function, bind, 0, "\"ARRAY<STRUCT>\"", err);
    lv_bind_result(bind, list, true, kernel_inline);
    return LV_OK;
}

/* ---- stack ----------------------------------------------------------------------------------- */

/* Row r of a stack takes the arguments behind the first `r * columns`; missing ones are null. */
static lv_status kernel_stack(const lv_call *call, lv_eval *eval, const lv_vector *args,
                              int64_t rows, lv_vector *out, lv_error *err)
{
    lv_arena *arena = eval->arena;
    const lv_type *row_type = call->type->fields[0].type;
    int columns = row_type->field_count, height = *(const int *)call->param;
    int64_t total = rows * (int64_t)height;
    if (total > INT32_MAX)
        return LV_FAIL(err, LV_OUT_OF_MEMORY, "stack(%d, ...) of %lld rows is too large", height,
                       (long long)rows);
    int *which = lv_arena_alloc(arena, sizeof *which * (size_t)LV_MAX(total, 1));
    int32_t *from = lv_arena_alloc(arena, sizeof *from * (size_t)LV_MAX(total, 1));
    lv_vector_init_flat(out, arena, call->type, rows);
    lv_vector_init_flat(&out->children[0], arena, row_type, total);
    for (int64_t i = 0; i <= rows; i++)
        out->offsets[i] = (int32_t)(i * height);
    for (int64_t t = 0; t < total; t++)
        from[t] = (int32_t)(t / height);
    for (int c = 0; c < columns; c++) {
        for (int64_t t = 0; t < total; t++) {
            int64_t arg = 1 + (t % height) * columns + c;
            which[t] = arg < call->arg_count ? (int)arg : -1;
        }
        lv_vector_pick(arena, row_type->fields[c].type, args, which, from, total,
                       &out->children[0].children[c]);
    }
    return LV_OK;
}

/* The type of a column: that of its values, of which untyped nulls are any. */
static lv_status stack_column(lv_bind *bind, int column, int columns, const lv_type **type,
                              lv_error *err)
{
    *type = lv_type_of(LV_TYPE_VOID);
    int first = -1;
    for (int a = 1 + column; a < bind->arg_count; a += columns) {
        if (bind->arg_types[a]->kind == LV_TYPE_VOID)
            continue;
        if (first >= 0 && !lv_type_equal(*type, bind->arg_types[a]))
            return LV_FAIL(err, LV_DATATYPE_MISMATCH_STACK,
                           "the data type of the column (%d) do not have the same type: \"%s\" "
                           "(%d) <> \"%s\" (%d)",
                           column, lv_type_name(bind->arena, *type), first,
                           lv_type_name(bind->arena, bind->arg_types[a]), a);
        *type = first < 0 ? bind->arg_types[a] : *type;
        first = first < 0 ? a : first;
    }
    for (int a = 1 + column; a < bind->arg_count; a += columns)
        bind->arg_types[a] = *type;
    return LV_OK;
}

lv_status lv_bind_stack(const lv_function *function, lv_bind *bind, lv_error *err)
{
    if (bind->arg_types[0]->kind != LV_TYPE_INT)
        return lv_bind_mismatch(function, bind, 0, "\"INT\"", err);
    const lv_vector *literal = lv_bind_literal(bind, 0);
    if (literal == NULL)
        return LV_FAIL(err, LV_DATATYPE_MISMATCH_NON_FOLDABLE,
                       "the input `n` should be a foldable \"INT\" expression");
    int *height = LV_NEW(bind->arena, int);
    *height = LV_AT(int32_t, literal, 0);
    if (*height <= 0)
        return LV_FAIL(err, LV_DATATYPE_MISMATCH_VALUE_RANGE,
                       "the `n` must be between (0, 2147483647] (current value = %d)", *height);
    int columns = (int)(((int64_t)bind->arg_count - 1 + *height - 1) / *height);
    lv_field *fields = LV_NEW_ARRAY(bind->arena, lv_field, columns);
    for (int c = 0; c < columns; c++) {
        const lv_type *type;
        LV_TRY(stack_column(bind, c, columns, &type, err));
        fields[c] = (lv_field){lv_str_of(lv_arena_printf(bind->arena, "col%d", c)), type, true,
                               LV_STR_NONE};
    }
    lv_bind_result(bind, rows_type(bind, fields, columns), true, kernel_stack);
    bind->param = height;
    bind->nullable = false;
    return LV_OK;
}
