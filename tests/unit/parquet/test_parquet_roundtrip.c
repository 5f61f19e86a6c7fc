/* test_parquet_roundtrip.c: what is written is read back, and the statistics are true, for random
 * schemas, lengths around the sizes of pages and words, and all codecs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "parquet/parquet.h"
#include "parquet_random.h"

enum { BATCHES_MAX = 4 };

typedef struct file_case {
    random_source random;
    lv_arena arena;
    const lv_type *schema;
    lv_batch batches[BATCHES_MAX];
    int batch_count;
    lv_sbuf file;
    lv_parquet_writer *writer;
    lv_parquet_file_info info;
} file_case;

static void must(lv_status status, const lv_error *err)
{
    if (status != LV_OK)
        fail_msg("%s: %s", err->context, err->message);
}

static void begin(file_case *c, uint64_t seed)
{
    *c = (file_case){.random = {.state = seed * 0x9E3779B97F4A7C15u + 1, .dict = lv_dict_new()}};
    lv_arena_init(&c->arena);
}

static void end(file_case *c)
{
    lv_parquet_writer_free(c->writer);
    lv_sbuf_release(&c->file);
    lv_dict_free(c->random.dict);
    lv_arena_release(&c->arena);
}

static void write_file(file_case *c)
{
    lv_error err = LV_ERROR_INIT;
    lv_sbuf_clear(&c->file);
    must(lv_parquet_writer_open(c->writer, lv_parquet_sink_sbuf(&c->file), &err), &err);
    for (int b = 0; b < c->batch_count; b++)
        must(lv_parquet_write(c->writer, &c->batches[b], &err), &err);
    must(lv_parquet_writer_close(c->writer, &c->info, &err), &err);
    assert_int_equal(c->info.size_bytes, c->file.len);
}

/* Reads the file in batches of `batch_rows` and compares row by row. */
static void read_file(file_case *c, int64_t batch_rows)
{
    lv_error err = LV_ERROR_INIT;
    lv_parquet_reader *reader;
    lv_parquet_scan *scan;
    lv_arena arena;
    lv_arena_init(&arena);
    lv_str bytes = lv_sbuf_str(&c->file);
    must(lv_parquet_reader_open(&reader, lv_parquet_source_bytes(&bytes, "memory"), &err), &err);
    assert_true(lv_type_equal(lv_parquet_reader_schema(reader), c->schema));
    must(lv_parquet_scan_open(&scan, reader, &(lv_parquet_scan_options){.batch_rows = batch_rows},
                              &err),
         &err);
    int b = 0;
    int64_t row = 0, total = 0;
    for (;;) {
        lv_batch batch;
        lv_arena_reset(&arena);
        must(lv_parquet_scan_next(scan, &arena, &batch, &err), &err);
        if (batch.length == 0)
            break;
        assert_int_equal(lv_parquet_scan_row_index(scan), total);
        for (int f = 0; f < c->schema->field_count; f++)
            lv_vector_check(&batch.columns[f]);
        for (int64_t i = 0; i < batch.length; i++, row++, total++) {
            for (; row == c->batches[b].length; row = 0)
                b++;
            for (int f = 0; f < c->schema->field_count; f++)
                if (!rows_equal(&c->batches[b].columns[f], row, &batch.columns[f], i))
                    fail_msg("row %lld of batch %d, column %d", (long long)row, b, f);
        }
    }
    assert_int_equal(total, lv_parquet_reader_row_count(reader));
    assert_int_equal(total, c->info.row_count);
    lv_parquet_scan_close(scan);
    lv_parquet_reader_close(reader);
    lv_arena_release(&arena);
}

/* ---- statistics against every value ---------------------------------------------------------- */

typedef struct truth {
    int64_t rows, nulls, nans, below, above, at_min, at_max;
} truth;

static int compare_values(const lv_type *type, const lv_vector *v, int64_t i,
                          const lv_parquet_value *bound)
{
    if (lv_type_is_string_like(type))
        return lv_str_cmp(lv_vector_str(v, i), bound->str);
    i = v->encoding == LV_CONSTANT ? 0 : i;
#define CMP(ctype, member)                                                                         \
    (((const ctype *)v->data)[i] > bound->member) - (((const ctype *)v->data)[i] < bound->member)
    switch (type->kind) {
    case LV_TYPE_BOOLEAN: return CMP(uint8_t, boolean);
    case LV_TYPE_TINYINT: return CMP(int8_t, i8);
    case LV_TYPE_SMALLINT: return CMP(int16_t, i16);
    case LV_TYPE_INT:
    case LV_TYPE_DATE: return CMP(int32_t, i32);
    case LV_TYPE_FLOAT: return CMP(float, f32);
    case LV_TYPE_DOUBLE: return CMP(double, f64);
    case LV_TYPE_DECIMAL: return CMP(__int128, i128);
    default: return CMP(int64_t, i64);
    }
#undef CMP
}

static bool is_nan(const lv_vector *v, int64_t i)
{
    i = v->encoding == LV_CONSTANT ? 0 : i;
    return v->type->kind == LV_TYPE_FLOAT
               ? isnan(((const float *)v->data)[i])
               : v->type->kind == LV_TYPE_DOUBLE && isnan(((const double *)v->data)[i]);
}

static void look(truth *t, const lv_parquet_column_stats *s, const lv_vector *v, int64_t i,
                 bool null_above)
{
    t->rows++;
    if (null_above || lv_vector_is_null(v, i)) {
        t->nulls++;
    } else if (is_nan(v, i)) {
        t->nans++;
    } else if (s->has_min_max) {
        int low = compare_values(v->type, v, i, &s->min),
            high = compare_values(v->type, v, i, &s->max);
        t->below += low < 0;
        t->above += high > 0;
        t->at_min += low == 0;
        t->at_max += high == 0;
    }
}

/* The statistics of column `path` against all its rows. */
static void check_column(const file_case *c, const lv_parquet_column_stats *s)
{
    truth t = {0};
    for (int b = 0; b < c->batch_count; b++)
        for (int64_t i = 0; i < c->batches[b].length; i++) {
            const lv_type *type = c->schema;
            const lv_vector *v = NULL;
            bool null_above = false;
            for (int p = 0; p < s->path_length; p++) {
                int field = lv_type_field(type, s->path[p]);
                null_above = null_above || (v != NULL && lv_vector_is_null(v, i));
                v = v ? &v->children[field] : &c->batches[b].columns[field];
                type = type->fields[field].type;
            }
            assert_ptr_equal(lv_type_equal(type, s->type) ? type : NULL, type);
            look(&t, s, v, i, null_above);
        }
    assert_int_equal(s->null_count, t.nulls);
    if (lv_type_is_nested(s->type)) {
        assert_false(s->has_min_max);
        return;
    }
    assert_int_equal(s->nan_count, t.nans);
    assert_int_equal(s->has_min_max, t.nulls + t.nans < t.rows);
    assert_int_equal(t.below + t.above, 0);
    assert_true(!s->has_min_max || !s->min_exact || t.at_min > 0);
    assert_true(!s->has_min_max || !s->max_exact || t.at_max > 0);
}

static int count_columns(const lv_type *type)
{
    int count = 0;
    for (int f = 0; f < type->field_count; f++)
        count +=
            type->fields[f].type->kind == LV_TYPE_STRUCT ? count_columns(type->fields[f].type) : 1;
    return count;
}

/* Each row group's statistics must agree with the file's, and never be tighter than all together. */
static void check_reader_stats(const file_case *c, const lv_parquet_column_stats *s)
{
    lv_error err = LV_ERROR_INIT;
    lv_parquet_reader *reader;
    lv_str bytes = lv_sbuf_str(&c->file);
    must(lv_parquet_reader_open(&reader, lv_parquet_source_bytes(&bytes, "memory"), &err), &err);
    int64_t nulls = 0;
    lv_vector min = {.type = s->type, .length = 1, .data = (void *)(uintptr_t)&s->min};
    lv_vector max = {.type = s->type, .length = 1, .data = (void *)(uintptr_t)&s->max};
    int outside = 0;
    for (int g = 0; g < lv_parquet_reader_row_group_count(reader); g++) {
        lv_parquet_column_stats part;
        assert_true(lv_parquet_reader_stats(reader, g, s->path, s->path_length, &part));
        assert_true(part.has_null_count);
        nulls += part.null_count;
        if (part.has_min_max) /* strings are cut in the file */
            outside += compare_values(s->type, &min, 0, &part.min) > 0 && part.min_exact;
        if (part.has_min_max)
            outside += compare_values(s->type, &max, 0, &part.max) < 0 && part.max_exact;
    }
    assert_int_equal(nulls, s->null_count);
    assert_int_equal(outside, 0);
    lv_parquet_reader_close(reader);
}

static void check_stats(const file_case *c)
{
    assert_int_equal(c->info.column_count, count_columns(c->schema));
    for (int i = 0; i < c->info.column_count; i++) {
        check_column(c, &c->info.columns[i]);
        if (!lv_type_is_nested(c->info.columns[i].type))
            check_reader_stats(c, &c->info.columns[i]);
    }
}

/* ---- random files ---------------------------------------------------------------------------- */

static void random_files(void **state)
{
    static const lv_parquet_codec codecs[] = {LV_PARQUET_ZSTD, LV_PARQUET_SNAPPY, LV_PARQUET_GZIP,
                                              LV_PARQUET_LZ4_RAW, LV_PARQUET_NONE};
    static const int64_t lengths[] = {0, 1, 63, 64, 65, 500, 1000, 2777};
    for (uint64_t seed = 1; seed <= 150; seed++) {
        file_case c;
        begin(&c, seed);
        c.schema = random_schema(&c.random, &c.arena);
        lv_parquet_writer_options options = LV_PARQUET_WRITER_DEFAULTS;
        options.codec = codecs[seed % LV_COUNT_OF(codecs)];
        options.page_rows = 1 + random_below(&c.random, 700);
        options.row_group_rows = 1 + random_below(&c.random, 3000);
        options.page_bytes = 1 + random_below(&c.random, 20000);
        options.dictionary_bytes = random_below(&c.random, 4000);
        options.delta_encodings = random_chance(&c.random, 60);
        options.page_index = random_chance(&c.random, 70);
        options.crc = random_chance(&c.random, 70);
        lv_error err = LV_ERROR_INIT;
        must(lv_parquet_writer_new(&c.writer, c.schema, &options, &err), &err);
        for (int again = 0; again < 2; again++) { /* the second file by the same writer */
            c.batch_count = 1 + (int)random_below(&c.random, BATCHES_MAX);
            for (int b = 0; b < c.batch_count; b++)
                random_batch(&c.random, &c.arena, c.schema,
                             lengths[random_below(&c.random, LV_COUNT_OF(lengths))], &c.batches[b]);
            write_file(&c);
            read_file(&c, again ? 1 + random_below(&c.random, 900) : 0);
            check_stats(&c);
        }
        end(&c);
    }
}

/* Default options, pages of 20,000 rows and more than one row group. */
static void large_file(void **state)
{
    file_case c;
    begin(&c, 77);
    lv_field fields[] = {
        {LV_STR("s"), lv_type_of(LV_TYPE_STRING), true, LV_STR_NONE},
        {LV_STR("d"), lv_type_of(LV_TYPE_DOUBLE), true, LV_STR_NONE},
        {LV_STR("t"), lv_type_of(LV_TYPE_TIMESTAMP), false, LV_STR_NONE},
        {LV_STR("l"), lv_type_array(&c.arena, lv_type_of(LV_TYPE_INT), true), true, LV_STR_NONE}};
    c.schema = lv_type_struct(&c.arena, fields, 4);
    lv_error err = LV_ERROR_INIT;
    lv_parquet_writer_options options = LV_PARQUET_WRITER_DEFAULTS;
    options.row_group_rows = 50000;
    must(lv_parquet_writer_new(&c.writer, c.schema, &options, &err), &err);
    static const int64_t lengths[BATCHES_MAX] = {20000, 20001, 19999, 41000};
    for (int round = 0; round < 3; round++) {
        c.batch_count = BATCHES_MAX;
        for (int b = 0; b < BATCHES_MAX; b++)
            random_batch(&c.random, &c.arena, c.schema, lengths[b], &c.batches[b]);
        write_file(&c);
        read_file(&c, 0);
        check_stats(&c);
    }
    end(&c);
}

/* ---- particular cases ------------------------------------------------------------------------ */

static void one_string_column(file_case *c, uint64_t seed, const lv_str *values, int64_t count,
                              lv_type_kind kind)
{
    begin(c, seed);
    lv_field field = {LV_STR("s"), lv_type_of(kind), true, LV_STR_NONE};
    c->schema = lv_type_struct(&c->arena, &field, 1);
    c->batches[0] = (lv_batch){c->schema, count, LV_NEW(&c->arena, lv_vector)};
    lv_vector_init_flat(c->batches[0].columns, &c->arena, field.type, count);
    for (int64_t i = 0; i < count; i++)
        ((lv_str *)c->batches[0].columns->data)[i] = values[i];
    c->batch_count = 1;
    lv_error err = LV_ERROR_INIT;
    must(lv_parquet_writer_new(&c->writer, c->schema, NULL, &err), &err);
    write_file(c);
}

static lv_str repeated(lv_arena *arena, const char *piece, int times)
{
    lv_sbuf text = LV_SBUF_INIT;
    for (int i = 0; i < times; i++)
        lv_sbuf_add_cstr(&text, piece);
    lv_str copy = lv_str_dup(arena, lv_sbuf_str(&text));
    lv_sbuf_release(&text);
    return copy;
}

/* Bounds of long strings are cut to characters, below and above. */
static void bounds_long_strings(void **state)
{
    lv_arena arena;
    lv_arena_init(&arena);
    static const struct {
        const char *piece;
        int times;
        lv_type_kind kind;
        bool has_max; /* in the file */
    } cases[] = {
        {"\xC3\xBC", 50, LV_TYPE_STRING, true},     {"a\xF0\x9F\x98\x80", 30, LV_TYPE_STRING, true},
        {"\xED\x9F\xBF", 40, LV_TYPE_STRING, true}, {"\xF4\x8F\xBF\xBF", 40, LV_TYPE_STRING, false},
        {"\xFF", 100, LV_TYPE_BINARY, false},       {"a\xFF", 100, LV_TYPE_BINARY, true},
        {"x", 3000, LV_TYPE_STRING, true},          {"y", 9000, LV_TYPE_STRING, true},
        {"\xC3\xBC", 5000, LV_TYPE_STRING, true},   {"z", 64, LV_TYPE_STRING, true},
    };
    for (size_t i = 0; i < LV_COUNT_OF(cases); i++) {
        file_case c;
        lv_str value = repeated(&arena, cases[i].piece, cases[i].times);
        one_string_column(&c, 5, &value, 1, cases[i].kind);
        const lv_parquet_column_stats *s = c.info.columns;
        assert_int_equal(s->has_min_max, value.len <= 4096 || cases[i].has_max);
        assert_int_equal(s->min_exact, value.len <= 4096);
        assert_true(lv_str_cmp(s->min.str, value) <= 0 &&
                    (!s->has_min_max || lv_str_cmp(s->max.str, value) >= 0));
        assert_true(value.len > 4096 || lv_str_eq(s->max.str, value));
        lv_parquet_reader *reader;
        lv_parquet_column_stats part;
        lv_error err = LV_ERROR_INIT;
        lv_str bytes = lv_sbuf_str(&c.file), path = LV_STR("s");
        must(lv_parquet_reader_open(&reader, lv_parquet_source_bytes(&bytes, "memory"), &err),
             &err);
        assert_true(lv_parquet_reader_stats(reader, 0, &path, 1, &part));
        assert_int_equal(part.has_min_max, cases[i].has_max);
        if (part.has_min_max) {
            assert_true(part.min.str.len <= 64 && part.max.str.len <= 65);
            assert_true(lv_str_cmp(part.min.str, value) <= 0 &&
                        lv_str_cmp(part.max.str, value) >= 0);
            assert_int_equal(part.min_exact && part.max_exact, value.len <= 64);
        }
        lv_parquet_reader_close(reader);
        read_file(&c, 0);
        end(&c);
    }
    lv_arena_release(&arena);
}

static void file_without_rows(void **state)
{
    file_case c;
    one_string_column(&c, 6, NULL, 0, LV_TYPE_STRING);
    assert_int_equal(c.info.row_count, 0);
    assert_false(c.info.columns[0].has_min_max);
    read_file(&c, 0);
    lv_parquet_reader *reader;
    lv_error err = LV_ERROR_INIT;
    lv_str bytes = lv_sbuf_str(&c.file);
    must(lv_parquet_reader_open(&reader, lv_parquet_source_bytes(&bytes, "memory"), &err), &err);
    assert_int_equal(lv_parquet_reader_row_group_count(reader), 0); /* Spark refuses empty ones */
    assert_true(lv_str_starts(lv_parquet_reader_created_by(reader), LV_STR("levada version ")));
    lv_parquet_reader_close(reader);
    end(&c);
}

static void refuses_nulls_where_there_are_none(void **state)
{
    lv_arena arena;
    lv_arena_init(&arena);
    lv_field inner = {LV_STR("x"), lv_type_of(LV_TYPE_INT), false, LV_STR_NONE};
    lv_field fields[] = {inner,
                         {LV_STR("s"), lv_type_struct(&arena, &inner, 1), true, LV_STR_NONE}};
    for (int f = 0; f < 2; f++) {
        const lv_type *schema = lv_type_struct(&arena, &fields[f], 1);
        lv_vector column;
        lv_vector_init_flat(&column, &arena, fields[f].type, 2);
        lv_vector *leaf = f ? &column.children[0] : &column;
        if (f)
            lv_vector_init_flat(leaf, &arena, inner.type, 2);
        memset(leaf->data, 0, 8);
        leaf->validity = lv_validity_new(&arena, 2, true);
        lv_bit_clear(leaf->validity, 1);
        lv_parquet_writer *writer;
        lv_sbuf file = LV_SBUF_INIT;
        lv_error err = LV_ERROR_INIT;
        must(lv_parquet_writer_new(&writer, schema, NULL, &err), &err);
        must(lv_parquet_writer_open(writer, lv_parquet_sink_sbuf(&file), &err), &err);
        assert_int_equal(lv_parquet_write(writer, &(lv_batch){schema, 2, &column}, &err),
                         LV_DELTA_NOT_NULL_VIOLATED);
        assert_non_null(strstr(err.message, "x"));
        lv_parquet_writer_free(writer);
        lv_sbuf_release(&file);
    }
    lv_arena_release(&arena);
}

static lv_status broken_sink(void *context, const void *bytes, size_t len, lv_error *err)
{
    return LV_FAIL(err, LV_IO, "no space left");
}

static void passes_on_errors_of_the_sink(void **state)
{
    file_case c;
    lv_str value = LV_STR("v");
    one_string_column(&c, 8, &value, 1, LV_TYPE_STRING);
    lv_error err = LV_ERROR_INIT;
    must(lv_parquet_writer_open(c.writer, (lv_parquet_sink){broken_sink, NULL}, &err), &err);
    must(lv_parquet_write(c.writer, &c.batches[0], &err), &err);
    assert_int_equal(lv_parquet_writer_close(c.writer, NULL, &err), LV_IO);
    write_file(&c); /* and the writer is none the worse */
    read_file(&c, 0);
    end(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_files),
        cmocka_unit_test(large_file),
        cmocka_unit_test(bounds_long_strings),
        cmocka_unit_test(file_without_rows),
        cmocka_unit_test(refuses_nulls_where_there_are_none),
        cmocka_unit_test(passes_on_errors_of_the_sink),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
