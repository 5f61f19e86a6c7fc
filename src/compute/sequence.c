/* sequence.c: sequence(start, stop[, step]) of integers, and of dates and timestamps by days or by an interval.
 *
 * Each time of a sequence is so many steps from the start, not one from the time before: months from the 31st
 * come back to the 31st.
 * Source: Sequence in collectionOperations.scala. */
#include "compute/array_common.h"
#include "compute/time_int.h"

#define DAY_US 86400000000

static int64_t load(const lv_vector *v, int64_t i)
{
    int64_t row = lv_vector_index(v, i);
    switch (lv_type_value_size(v->type)) {
    case 1: return ((const int8_t *)v->data)[row];
    case 2: return ((const int16_t *)v->data)[row];
    case 4: return ((const int32_t *)v->data)[row];
    default: return ((const int64_t *)v->data)[row];
    }
}

static void store(lv_vector *v, int64_t i, int64_t value)
{
    switch (lv_type_value_size(v->type)) {
    case 1: ((int8_t *)v->data)[i] = (int8_t)value; break;
    case 2: ((int16_t *)v->data)[i] = (int16_t)value; break;
    case 4: ((int32_t *)v->data)[i] = (int32_t)value; break;
    default: ((int64_t *)v->data)[i] = value;
    }
}

/* How many values from start to stop, -1 if the step goes the other way. */
static int64_t length_of(int64_t start, int64_t stop, int64_t step)
{
    if (start == stop)
        return 1;
    if (step == 0 || (step > 0) != (stop > start))
        return -1;
    uint64_t distance =
                 step > 0 ? (uint64_t)stop - (uint64_t)start : (uint64_t)start - (uint64_t)stop,
             stride = step > 0 ? (uint64_t)step : 0 - (uint64_t)step;
    uint64_t steps = distance / stride;
    return steps >= INT64_MAX ? INT64_MAX : (int64_t)steps + 1;
}

typedef struct bounds {
    int64_t start;
    int64_t stop;
    int64_t step;
} bounds;

static bounds bounds_of(const lv_call *call, lv_eval *eval, const lv_vector *args, int64_t i)
{
    bounds b = {load(&args[0], i), load(&args[1], i), 1};
    bool local = args[0].type->kind == LV_TYPE_TIMESTAMP;
    if (local) { /* a day is one of the session's zone */
        b.start = lv_local_us(b.start, eval->zone);
        b.stop = lv_local_us(b.stop, eval->zone);
    }
    if (local || args[0].type->kind == LV_TYPE_TIMESTAMP_NTZ)
        b.step = DAY_US;
    b.step = call->arg_count == 3 ? load(&args[2], i) : b.stop >= b.start ? b.step : -b.step;
    return b;
}

static lv_status kernel_sequence(const lv_call *call, lv_eval *eval, const lv_vector *args,
                                 int64_t rows, lv_vector *out, lv_error *err)
{
    lv_arena *arena = eval->arena;
    uint64_t *validity = lv_validity_merge(arena, args, call->arg_count, rows);
    int32_t *lengths = lv_arena_zalloc(arena, sizeof *lengths * (size_t)rows);
    int64_t total = 0;
    for (int64_t i = 0; i < rows; i++) {
        if (!lv_row_valid(validity, i))
            continue;
        bounds b = bounds_of(call, eval, args, i);
        int64_t length = length_of(b.start, b.stop, b.step);
        if (length < 0)
            return LV_FAIL(err, LV_ILLEGAL_SEQUENCE,
                           "Illegal sequence boundaries: %lld to %lld by %lld", (long long)b.start,
                           (long long)b.stop, (long long)b.step);
        LV_TRY(lv_items_fit(call, length, err));
        LV_TRY(lv_items_fit(call, total += length, err));
        lengths[i] = (int32_t)length;
    }
    int32_t *offsets = lv_offsets_of(arena, lengths, rows);
    lv_vector items;
    const lv_vector *children[1] = {&items};
    bool local = args[0].type->kind == LV_TYPE_TIMESTAMP;
    lv_vector_init_flat(&items, arena, call->type->fields[0].type, total);
    for (int64_t i = 0; i < rows; i++) {
        if (lengths[i] == 0)
            continue;
        bounds b = bounds_of(call, eval, args, i);
        for (int32_t n = 0; n < lengths[i]; n++) {
            int64_t value = (int64_t)((uint64_t)b.start + (uint64_t)n * (uint64_t)b.step);
            store(&items, offsets[i] + n, local ? lv_utc_us(value, eval->zone) : value);
        }
    }
    lv_list_make(arena, call->type, rows, validity, offsets, children, out);
    return LV_OK;
}

/* ---- by intervals ---------------------------------------------------------------------------- */

/* Times in microseconds; those of a DATE are midnights of the session's zone. */
typedef struct walk {
    int64_t start;
    int64_t stop;
    lv_interval step;
    bool forward;
    const lv_timezone *zone; /* NULL: of TIMESTAMP_NTZ */
} walk;

/* The time `n` steps from the start; false if that is behind the stop. */
static bool walk_at(const walk *w, int64_t n, int64_t *out)
{
    lv_interval by;
    return !__builtin_mul_overflow(w->step.months, n, &by.months) &&
           !__builtin_mul_overflow(w->step.days, n, &by.days) &&
           !__builtin_mul_overflow(w->step.us, n, &by.us) &&
           lv_time_add(w->start, &by, w->zone, out) &&
           (w->forward ? *out <= w->stop : *out >= w->stop);
}

/* A step of MICROS is whole days of the calendar and a rest. */
static lv_status walk_of(lv_eval *eval, const lv_vector *args, int64_t i, walk *w, lv_error *err)
{
    bool dates = args[0].type->kind == LV_TYPE_DATE, months = args[2].type->kind == LV_TYPE_MONTHS;
    int64_t start = load(&args[0], i), stop = load(&args[1], i), step = load(&args[2], i);
    *w = (walk){.start = dates ? lv_utc_us(start * DAY_US, eval->zone) : start,
                .stop = dates ? lv_utc_us(stop * DAY_US, eval->zone) : stop,
                .forward = step > 0,
                .zone = dates ? eval->zone : lv_zone_of(args[0].type, eval)};
    if (months)
        w->step.months = (int32_t)step;
    else
        w->step = (lv_interval){.days = (int32_t)(step / DAY_US), .us = step % DAY_US};
    if (dates && w->step.months == 0 && w->step.days == 0)
        return LV_FAIL(err, LV_SEQUENCE_STEP_BELOW_DAY,
                       "sequence step must be an interval day to second of day granularity if "
                       "start and end values are dates");
    if (start != stop && (step == 0 || (step > 0) != (stop > start)))
        return LV_FAIL(err, LV_ILLEGAL_SEQUENCE,
                       "Illegal sequence boundaries: %lld to %lld by %lld", (long long)start,
                       (long long)stop, (long long)step);
    return LV_OK;
}

static lv_status walk_length(const lv_call *call, const walk *w, int64_t *length, lv_error *err)
{
    int64_t n = 1, time;
    if (w->start != w->stop && w->step.months == 0 && w->step.days == 0)
        n = length_of(w->start, w->stop, w->step.us);
    else
        for (; w->start != w->stop && walk_at(w, n, &time); n++)
            LV_TRY(lv_items_fit(call, n, err));
    *length = n;
    return lv_items_fit(call, n, err);
}

static lv_status kernel_sequence_by(const lv_call *call, lv_eval *eval, const lv_vector *args,
                                    int64_t rows, lv_vector *out, lv_error *err)
{
    lv_arena *arena = eval->arena;
    uint64_t *validity = lv_validity_merge(arena, args, call->arg_count, rows);
    int32_t *lengths = lv_arena_zalloc(arena, sizeof *lengths * (size_t)rows);
    walk *walks = lv_arena_zalloc(arena, sizeof *walks * (size_t)rows);
    int64_t total = 0, length;
    for (int64_t i = 0; i < rows; i++) {
        if (!lv_row_valid(validity, i))
            continue;
        LV_TRY(walk_of(eval, args, i, &walks[i], err));
        LV_TRY(walk_length(call, &walks[i], &length, err));
        LV_TRY(lv_items_fit(call, total += length, err));
        lengths[i] = (int32_t)length;
    }
    int32_t *offsets = lv_offsets_of(arena, lengths, rows);
    lv_vector items;
    const lv_vector *children[1] = {&items};
    bool dates = args[0].type->kind == LV_TYPE_DATE;
    lv_vector_init_flat(&items, arena, call->type->fields[0].type, total);
    for (int64_t i = 0; i < rows; i++)
        for (int32_t n = 0; n < lengths[i]; n++) {
            int64_t time = walks[i].start;
            (void)walk_at(&walks[i], n, &time);
            store(&items, offsets[i] + n,
                  dates ? lv_floor_div(lv_local_us(time, eval->zone), DAY_US) : time);
        }
    lv_list_make(arena, call->type, rows, validity, offsets, children, out);
    return LV_OK;
}

lv_status lv_bind_sequence(const lv_function *function, lv_bind *bind, lv_error *err)
{
    const lv_type *a = bind->arg_types[0], *b = bind->arg_types[1];
    const lv_type *type = lv_array_common(bind, a, b);
    bool time = type != NULL && (type->kind == LV_TYPE_DATE || type->kind == LV_TYPE_TIMESTAMP ||
                                 type->kind == LV_TYPE_TIMESTAMP_NTZ);
    if (time && bind->arg_count == 3 && bind->arg_types[2]->kind == LV_TYPE_INTERVAL)
        return LV_FAIL(err, LV_UNSUPPORTED_FEATURE,
                       "The feature is not supported: sequence by a step of type INTERVAL, which "
                       "mixes months and days");
    if (time && bind->arg_count == 3 && lv_type_is_ansi_interval(bind->arg_types[2])) {
        bind->arg_types[0] = bind->arg_types[1] = type;
        lv_bind_result(bind, lv_type_array(bind->arena, type, false), false, kernel_sequence_by);
        return LV_OK;
    }
    if (time && bind->arg_count == 3)
        type = NULL;
    else if (bind->arg_count == 3 && type != NULL)
        type = lv_array_common(bind, type, bind->arg_types[2]);
    if (type == NULL || (!time && !lv_type_is_integral(type)))
        return LV_FAIL(err, LV_DATATYPE_MISMATCH_SEQUENCE,
                       "`sequence` uses the wrong parameter type. The parameter type must conform "
                       "to: 1. The start and stop expressions must resolve to the same type. "
                       "2. Otherwise, if start and stop expressions resolve to the \"INTEGRAL\" "
                       "type, then the step expression must resolve to the same type");
    for (int i = 0; i < bind->arg_count; i++)
        bind->arg_types[i] = type;
    lv_bind_result(bind, lv_type_array(bind->arena, type, false), false, kernel_sequence);
    return LV_OK;
}
