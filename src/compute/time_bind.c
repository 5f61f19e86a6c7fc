/* time_bind.c: what functions of time ask of their arguments: numbers, timestamps, patterns, zones. */
#include "base/datetime_pattern.h"
#include "compute/time_int.h"

lv_status lv_bind_want_date(const lv_function *function, lv_bind *bind, int i, lv_error *err)
{
    lv_type_kind kind = bind->arg_types[i]->kind;
    if (kind == LV_TYPE_TIMESTAMP || kind == LV_TYPE_TIMESTAMP_NTZ)
        bind->arg_types[i] = lv_type_of(LV_TYPE_DATE);
    return lv_bind_want(function, bind, i, lv_type_of(LV_TYPE_DATE), err);
}

lv_status lv_bind_want_number(const lv_function *function, lv_bind *bind, int i,
                              const lv_type *want, lv_error *err)
{
    if (lv_type_is_numeric(bind->arg_types[i])) {
        bind->arg_types[i] = want;
        return LV_OK;
    }
    return lv_bind_want(function, bind, i, want, err);
}

lv_status lv_bind_want_timestamp(const lv_function *function, lv_bind *bind, int i, lv_error *err)
{
    if (bind->arg_types[i]->kind == LV_TYPE_TIMESTAMP_NTZ)
        return LV_OK;
    return lv_bind_want(function, bind, i, lv_type_of(LV_TYPE_TIMESTAMP), err);
}

lv_status lv_bind_pattern(lv_bind *bind, int i, bool printing, lv_pattern_cursor *cursor,
                          lv_error *err)
{
    const lv_vector *literal = lv_bind_literal(bind, i);
    *cursor = (lv_pattern_cursor){.printing = printing};
    if (literal == NULL || literal->type->kind != LV_TYPE_STRING)
        return LV_OK;
    return lv_pattern_cursor_at(cursor, bind->arena,
                                lv_str_dup(bind->arena, lv_vector_str(literal, 0)), err);
}

lv_status lv_pattern_cursor_at(lv_pattern_cursor *cursor, lv_arena *arena, lv_str text,
                               lv_error *err)
{
    lv_datetime_pattern *made;
    if (cursor->pattern != NULL && lv_str_eq(cursor->text, text))
        return LV_OK;
    LV_TRY(lv_datetime_pattern_make(arena, text, cursor->printing, &made, err));
    cursor->text = text;
    cursor->pattern = made;
    return LV_OK;
}

lv_status lv_bind_zone_argument(lv_bind *bind, int i, lv_zone_cursor *cursor, lv_error *err)
{
    const lv_vector *literal = lv_bind_literal(bind, i);
    *cursor = (lv_zone_cursor){.zone = NULL};
    if (literal == NULL || literal->type->kind != LV_TYPE_STRING)
        return LV_OK;
    return lv_zone_cursor_at(cursor, bind->arena,
                             lv_str_dup(bind->arena, lv_vector_str(literal, 0)), err);
}

lv_status lv_zone_cursor_at(lv_zone_cursor *cursor, lv_arena *arena, lv_str name, lv_error *err)
{
    lv_timezone *zone;
    if (cursor->zone != NULL && lv_str_eq(cursor->name, name))
        return LV_OK;
    LV_TRY(lv_timezone_load(arena, name, &zone, err));
    cursor->name = name;
    cursor->zone = zone;
    return LV_OK;
}
