/* module: csv
 * fuzz_csv.c: bytes as a CSV file: cut into records, decoded, inferred, written again. The first two bytes choose
 * options. Records in one buffer and one by one must give the same values. */
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "csv/csv.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const lv_type *schema_of(lv_arena *arena)
{
    static const lv_type_kind kinds[] = {LV_TYPE_STRING,        LV_TYPE_INT,       LV_TYPE_DOUBLE,
                                         LV_TYPE_DATE,          LV_TYPE_TIMESTAMP, LV_TYPE_BOOLEAN,
                                         LV_TYPE_TIMESTAMP_NTZ, LV_TYPE_FLOAT};
    lv_field fields[LV_COUNT_OF(kinds) + 2];
    size_t n = 0;
    for (; n < LV_COUNT_OF(kinds); n++)
        fields[n] = (lv_field){.name = lv_str_of(lv_arena_printf(arena, "f%zu", n)),
                               .type = lv_type_of(kinds[n]),
                               .nullable = true};
    fields[n++] =
        (lv_field){.name = LV_STR("d"), .type = lv_type_decimal(arena, 12, 3), .nullable = true};
    fields[n++] = (lv_field){
        .name = LV_STR("_corrupt_record"), .type = lv_type_of(LV_TYPE_STRING), .nullable = true};
    return lv_type_struct(arena, fields, (int)n);
}

static void choose(lv_csv_options *o, unsigned bits)
{
    o->multi_line = bits & 1;
    o->trim_leading = bits & 2;
    o->trim_trailing = bits & 4;
    o->comment = bits & 8 ? '#' : '\0';
    o->escape = bits & 16 ? '"' : '\\';
    o->sep = bits & 32 ? LV_STR("||") : LV_STR(",");
    o->escape_of_escape = bits & 64 ? '^' : -1;
    o->max_columns = bits & 128 ? 5 : 20480;
    o->max_chars = bits & 256 ? 3 : -1;
    o->line_sep = bits & 512 ? LV_STR(";") : LV_STR_NONE;
    o->quote = bits & 1024 ? '\0' : '"';
    o->null_value = bits & 2048 ? LV_STR("a") : LV_STR("");
}

static void decode(lv_csv_decoder *decoder, lv_arena *arena, lv_str record)
{
    lv_error err = LV_ERROR_INIT;
    lv_vector in, out;
    uint64_t malformed = 0;
    lv_vector_init_flat(&in, arena, lv_type_of(LV_TYPE_STRING), 1);
    *(lv_str *)in.data = record;
    if (lv_csv_decode(decoder, arena, &in, &out, &malformed, &err) == LV_OK)
        lv_vector_check(&out);
}

static void look_at(lv_arena *arena, const lv_csv_options *o, lv_str record)
{
    lv_error err = LV_ERROR_INIT;
    lv_str *values;
    int count;
    if (lv_csv_values(arena, o, record, &values, &count, &err) != LV_OK)
        return;
    const lv_type *type = lv_type_of(LV_TYPE_VOID);
    lv_sbuf out = LV_SBUF_INIT;
    for (int i = 0; i < count; i++) {
        type = lv_csv_infer(arena, o, type, values[i]);
        lv_csv_write_value(&out, o, values[i], i == 0);
    }
    lv_sbuf_release(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    lv_arena arena;
    lv_csv_options options;
    lv_csv_decoder *decoder;
    lv_arena_init(&arena);
    lv_csv_options_init(&options, lv_timezone_utc());
    choose(&options, (unsigned)data[0] | (unsigned)data[1] << 8);
    lv_status status = lv_csv_decoder_new(schema_of(&arena), NULL, &options, &decoder, NULL);
    LV_ASSERT(status == LV_OK);
    lv_str record, bytes = {(const char *)data + 2, size - 2};
    for (size_t at = 0, before = 0; lv_csv_next_record(&options, bytes, true, &at, &record);
         before = at) {
        LV_ASSERT(at > before && record.ptr >= bytes.ptr &&
                  record.ptr + record.len <= bytes.ptr + bytes.len);
        decode(decoder, &arena, record);
        look_at(&arena, &options, record);
    }
    decode(decoder, &arena, bytes);
    lv_csv_decoder_free(decoder);
    lv_arena_release(&arena);
    return 0;
}
