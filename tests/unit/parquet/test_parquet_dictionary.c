/* test_parquet_dictionary.c: dictionaries of a chunk, and ranges of its numbers, against slow ones. */
#include "unit.h"

#include <math.h>
#include <stdlib.h>

#include "os/os.h"
#include "parquet/column_writer.h"
#include "parquet_random.h"

/* ---- strings --------------------------------------------------------------------------------- */

enum { SOURCES = 3, ROUNDS = 40, STEPS = 3000 };

static int by_text(const void *a, const void *b)
{
    return lv_str_cmp(*(const lv_str *)a, *(const lv_str *)b);
}

/* All strings are different, and the extremes are the first and last of them in order. */
static void check_strings(const lv_pq_dictionary *d, lv_arena *arena)
{
    lv_str *sorted = LV_NEW_ARRAY(arena, lv_str, d->count + 1);
    for (uint32_t code = 0; code < d->count; code++)
        sorted[code] = lv_pq_dictionary_str(d, code);
    qsort(sorted, d->count, sizeof *sorted, by_text);
    for (uint32_t i = 1; i < d->count; i++)
        assert_true(lv_str_cmp(sorted[i - 1], sorted[i]) < 0);
    assert_int_equal(d->extreme_count, LV_MIN(d->count, (uint32_t)LV_PQ_EXTREMES));
    for (uint32_t i = 0; i < d->extreme_count; i++) {
        assert_true(lv_str_eq(lv_pq_dictionary_str(d, d->least[i]), sorted[i]));
        assert_true(lv_str_eq(lv_pq_dictionary_str(d, d->greatest[i]), sorted[d->count - 1 - i]));
    }
}

static lv_str random_text(random_source *random, lv_arena *arena)
{
    return lv_str_of(lv_arena_printf(arena, "%s%lld", random_chance(random, 50) ? "x" : "",
                                     (long long)random_below(random, 2000)));
}

/* Strings with codes of up to three dictionaries, and some without: every code means its string. */
static void strings_of_many_sources(void **state)
{
    random_source random = {.state = 7};
    lv_pq_dictionary d;
    lv_dict *sources[SOURCES];
    lv_arena arena;
    lv_arena_init(&arena);
    lv_pq_dictionary_init(&d, 0);
    for (int s = 0; s < SOURCES; s++)
        sources[s] = lv_dict_new();
    for (int round = 0; round < ROUNDS; round++) {
        int used = 1 + round % SOURCES; /* one source only: nothing is looked up */
        bool with_plain = round % 4 == 3;
        lv_pq_dictionary_reset(&d);
        int steps = 1 + (int)random_below(&random, STEPS);
        for (int i = 0; i < steps; i++) {
            lv_str text = random_text(&random, &arena);
            uint32_t ours;
            if (with_plain && random_chance(&random, 10)) {
                ours = lv_pq_dictionary_add_str(&d, text);
            } else {
                lv_dict *source = sources[random_below(&random, used)];
                uint32_t theirs = lv_dict_intern(source, text);
                lv_pq_remap *remap = lv_pq_dictionary_remap(&d, source);
                ours = remap->codes[theirs];
                if (ours == LV_PQ_NO_CODE)
                    ours = lv_pq_dictionary_remap_add(&d, remap, source, theirs);
            }
            assert_true(ours < d.count && lv_str_eq(lv_pq_dictionary_str(&d, ours), text));
        }
        check_strings(&d, &arena);
        lv_arena_reset(&arena);
    }
    for (int s = 0; s < SOURCES; s++)
        lv_dict_free(sources[s]);
    lv_pq_dictionary_release(&d);
    lv_arena_release(&arena);
}

/* ---- numbers --------------------------------------------------------------------------------- */

static void numbers_of_chunks_large_and_small(void **state)
{
    static const int64_t distinct[] = {3, 40000, 100, 90000, 5, 2000};
    enum { COUNT = 60000 };
    random_source random = {.state = 8};
    lv_pq_dictionary d;
    uint64_t *values = malloc(COUNT * sizeof *values);
    uint32_t *codes = malloc(COUNT * sizeof *codes);
    lv_pq_dictionary_init(&d, sizeof *values);
    for (size_t chunk = 0; chunk < LV_COUNT_OF(distinct); chunk++) {
        lv_pq_dictionary_reset(&d);
        for (int i = 0; i < COUNT; i++)
            values[i] = (uint64_t)random_below(&random, distinct[chunk]) * 0x9E3779B97F4A7C15u;
        lv_pq_dictionary_add(&d, values, COUNT / 3, codes);
        lv_pq_dictionary_add(&d, values + COUNT / 3, COUNT - COUNT / 3, codes + COUNT / 3);
        const uint64_t *keys = (const uint64_t *)(const void *)d.body.ptr;
        assert_true(d.count <= distinct[chunk]);
        for (int i = 0; i < COUNT; i++)
            assert_true(codes[i] < d.count && keys[codes[i]] == values[i]);
    }
    lv_pq_dictionary_release(&d);
    free(values);
    free(codes);
}

/* ---- ranges ---------------------------------------------------------------------------------- */

static void ranges_do_not_depend_on_the_processor(void **state)
{
    static const double odd[] = {NAN, -NAN, INFINITY, -INFINITY, 0.0, -0.0, 1e308, -5e-324};
    enum { MOST = 150 };
    random_source random = {.state = 9};
    if (!lv_cpu_has_avx2())
        return;
    for (int round = 0; round < 2000; round++) {
        int64_t whole[MOST];
        double real[MOST];
        size_t count = (size_t)random_below(&random, MOST);
        int64_t odd_chance = (round % 4) * 33;
        for (size_t i = 0; i < count; i++) {
            whole[i] = (int64_t)random_u64(&random) >> random_below(&random, 64);
            real[i] = random_chance(&random, (int)odd_chance)
                          ? odd[random_below(&random, LV_COUNT_OF(odd))]
                          : (double)whole[i] / 128;
        }
        lv_pq_range slow = lv_pq_range_of(LV_PQ_INT64, whole, count, false);
        lv_pq_range fast = lv_pq_range_of(LV_PQ_INT64, whole, count, true);
        assert_int_equal(slow.known, fast.known);
        assert_true(slow.min.i64 == fast.min.i64 && slow.max.i64 == fast.max.i64);
        slow = lv_pq_range_of(LV_PQ_DOUBLE, real, count, false);
        fast = lv_pq_range_of(LV_PQ_DOUBLE, real, count, true);
        assert_int_equal(slow.known, fast.known);
        assert_int_equal(slow.nan_count, fast.nan_count);
        if (slow.known) /* by their bits: zeros have signs */
            assert_true(slow.min.i64 == fast.min.i64 && slow.max.i64 == fast.max.i64);
    }
}

/* ---- pages ----------------------------------------------------------------------------------- */

/* Bounds of pages in the page index are those of the page's strings, whether it has the extremes of
 * the whole chunk, some that are next to them, or only strings in the middle. */
static void bounds_of_pages_of_codes(void **state)
{
    enum { PAGE = 64, PAGES = 300, STRINGS = 400 };
    random_source random = {.state = 10};
    lv_error err = LV_ERROR_INIT;
    lv_arena arena;
    lv_pq_write_context context = {.options = LV_PARQUET_WRITER_DEFAULTS};
    lv_pq_schema schema;
    lv_pq_file_meta meta = {0};
    lv_pq_column_writer column;
    lv_field field = {LV_STR("s"), lv_type_of(LV_TYPE_STRING), true, LV_STR_NONE};
    lv_arena_init(&arena);
    lv_arena_init(&context.file);
    context.options.page_rows = PAGE;
    context.rows = LV_NEW_ARRAY(&arena, int32_t, PAGE);
    assert_ok(&err,
              lv_pq_schema_make(&arena, lv_type_struct(&arena, &field, 1), &schema, &meta, &err));
    lv_pq_column_writer_init(&column, &schema.leaves[0], &context);
    lv_dict *dict = lv_dict_new();
    for (int i = 0; i < STRINGS; i++)
        lv_dict_intern(dict, random_text(&random, &arena));
    lv_str min[PAGES], max[PAGES];
    for (int page = 0; page < PAGES; page++) {
        lv_vector v = {.type = field.type, .encoding = LV_DICTIONARY, .length = PAGE, .dict = dict};
        uint32_t *codes = LV_NEW_ARRAY(&arena, uint32_t, PAGE);
        int64_t first = random_below(&random, dict->count), range = 1 + random_below(&random, 90);
        for (int i = 0; i < PAGE; i++) {
            codes[i] = (uint32_t)((first + random_below(&random, range)) % dict->count);
            lv_str s = dict->values[codes[i]];
            min[page] = i == 0 || lv_str_cmp(s, min[page]) < 0 ? s : min[page];
            max[page] = i == 0 || lv_str_cmp(s, max[page]) > 0 ? s : max[page];
        }
        v.data = codes;
        assert_ok(&err, lv_pq_column_writer_append(&column, &v, 0, PAGE, &err));
    }
    assert_int_equal(column.records.count, PAGES);
    for (int page = 0; page < PAGES; page++) {
        assert_true(column.records.at[page].has_bounds);
        assert_true(lv_str_eq(column.records.at[page].min, min[page]));
        assert_true(lv_str_eq(column.records.at[page].max, max[page]));
    }
    lv_pq_column_writer_release(&column);
    lv_pq_codecs_release(&context.codecs);
    lv_sbuf *buffers[] = {&context.body, &context.delta, &context.packed, &context.converted};
    for (size_t i = 0; i < LV_COUNT_OF(buffers); i++)
        lv_sbuf_release(buffers[i]);
    free(context.codes);
    free(context.seen);
    lv_dict_free(dict);
    lv_arena_release(&context.file);
    lv_arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(strings_of_many_sources),
        cmocka_unit_test(numbers_of_chunks_large_and_small),
        cmocka_unit_test(bounds_of_pages_of_codes),
        cmocka_unit_test(ranges_do_not_depend_on_the_processor),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
