/* module: json
 * fuzz_json.c: from_json of hostile payloads: all the ways of reading must give the same rows.
 *
 * The first byte chooses schema, wanted columns and a pattern, the second the options; what follows are
 * payloads, parted by the byte 0x1E. They are read exactly, and then fast in every way there is: with
 * and without bytes behind them that may be read, with each instruction set, and twice by the same
 * decoder, because the second time it knows the keys. */
#include <stdio.h>
#include <stdlib.h>

#include "base/check.h"
#include "base/datetime_pattern.h"
#include "os/os.h"
#include "json/decode_int.h"

enum { ROWS_MAX = 200, PART_END = 0x1E };

typedef struct payloads {
    int64_t count;
    lv_str in_place[ROWS_MAX]; /* in one buffer, with bytes behind each */
    lv_str apart[ROWS_MAX];    /* each in memory of its own, with nothing behind it */
} payloads;

typedef struct answer {
    lv_status status;
    lv_str message;
    lv_str rows; /* as JSON, a row a line */
} answer;

static lv_field field(const char *name, const lv_type *type)
{
    return (lv_field){lv_str_of(name), type, true, LV_STR_NONE};
}

#define SCHEMA(arena, ...)                                                                         \
    lv_type_struct(arena, (lv_field[]){__VA_ARGS__},                                               \
                   (int)(sizeof((lv_field[]){__VA_ARGS__}) / sizeof(lv_field)))
#define TYPE(kind) lv_type_of(LV_TYPE_##kind)

static const lv_type *make_schema(lv_arena *arena, int which)
{
    const lv_type *pair = SCHEMA(arena, field("a", TYPE(INT)), field("b", TYPE(STRING)));
    switch (which) {
    case 0:
        return SCHEMA(arena, field("deviceId", TYPE(STRING)), field("temperature", TYPE(DOUBLE)),
                      field("humidity", TYPE(DOUBLE)), field("pressure", TYPE(DOUBLE)),
                      field("timestamp", TYPE(TIMESTAMP)));
    case 1:
        return SCHEMA(arena, field("a", TYPE(BOOLEAN)), field("b", TYPE(TINYINT)),
                      field("c", TYPE(SMALLINT)), field("d", TYPE(INT)), field("e", TYPE(BIGINT)),
                      field("f", TYPE(FLOAT)), field("g", TYPE(DOUBLE)),
                      field("h", lv_type_decimal(arena, 10, 2)), field("i", TYPE(STRING)),
                      field("j", TYPE(BINARY)), field("k", TYPE(DATE)), field("l", TYPE(TIMESTAMP)),
                      field("m", TYPE(TIMESTAMP_NTZ)), field("_corrupt_record", TYPE(STRING)));
    case 2:
        return SCHEMA(arena, field("id", TYPE(BIGINT)), field("s", pair),
                      field("l", lv_type_array(arena, TYPE(DOUBLE), true)),
                      field("m", lv_type_map(arena, TYPE(STRING), TYPE(INT), true)),
                      field("p", lv_type_array(arena, pair, true)),
                      field("_corrupt_record", TYPE(STRING)));
    case 3: return lv_type_array(arena, pair, true);
    case 4: return lv_type_map(arena, TYPE(STRING), TYPE(STRING), true);
    case 5:
        return SCHEMA(arena, field("a", TYPE(DOUBLE)), field("b", TYPE(FLOAT)),
                      field("c", TYPE(BIGINT)), field("d", lv_type_decimal(arena, 38, 18)));
    case 6: return SCHEMA(arena, field("a", TYPE(TIMESTAMP)), field("b", TYPE(TIMESTAMP)));
    default:
        return SCHEMA(arena, field("a", TYPE(STRING)), field("a", TYPE(INT)),
                      field("", TYPE(STRING)));
    }
}

static lv_json_options make_options(lv_arena *arena, uint8_t first, uint8_t flags)
{
    lv_json_options o = {.times = {.zone = lv_timezone_utc(), .now_us = 1700000000000000}};
    lv_datetime_pattern *pattern;
    o.fail_fast = flags & 1;
    o.no_single_quotes = flags & 2;
    o.no_non_numeric = flags & 4;
    o.leading_zeros = flags & 8;
    o.unquoted_control_chars = flags & 16;
    o.unquoted_names = flags & 32;
    o.comments = flags & 64;
    o.any_escape = flags & 128;
    if (first & 8) {
        lv_status status =
            lv_datetime_pattern_make(arena, LV_STR("dd/MM/yyyy HH:mm[:ss]"), false, &pattern, NULL);
        LV_ASSERT(status == LV_OK);
        o.times.timestamp = pattern;
    }
    return o;
}

static void split(lv_arena *arena, lv_str text, payloads *out)
{
    out->count = 0;
    while (text.ptr != NULL && out->count < ROWS_MAX) {
        const char *end = text.len > 0 ? memchr(text.ptr, PART_END, text.len) : NULL;
        size_t len = end ? (size_t)(end - text.ptr) : text.len;
        char *copy = malloc(len + 1); /* one less than that is readable to the address sanitizer */
        LV_ASSERT(copy != NULL);
        copy = realloc(copy, LV_MAX(len, (size_t)1));
        LV_ASSERT(copy != NULL);
        memcpy(copy, text.ptr, len);
        out->in_place[out->count] = (lv_str){text.ptr, len};
        out->apart[out->count++] = (lv_str){copy, len};
        text = end ? lv_str_sub(text, len + 1, text.len - len - 1) : LV_STR_NONE;
    }
}

static answer decode(lv_arena *arena, lv_json_decoder *decoder, const lv_str *list, int64_t count,
                     const lv_timezone *zone)
{
    lv_error err = LV_ERROR_INIT;
    lv_vector in = {.type = lv_type_of(LV_TYPE_STRING),
                    .encoding = LV_FLAT,
                    .length = count,
                    .data = (void *)(uintptr_t)list},
              out;
    answer a = {.status = lv_json_decode(decoder, arena, &in, &out, &err)};
    if (a.status != LV_OK) {
        a.message = lv_str_dup(arena, lv_str_of(err.message));
        return a;
    }
    lv_json_write_options options = {.times = {.zone = zone}, .keep_nulls = true};
    lv_sbuf text = LV_SBUF_INIT;
    lv_vector_check(&out);
    for (int64_t i = 0; i < count; i++) {
        lv_json_write_value(&text, &out, i, &options);
        lv_sbuf_add_char(&text, '\n');
    }
    a.rows = lv_str_dup(arena, lv_sbuf_str(&text));
    lv_sbuf_release(&text);
    return a;
}

static int never(lv_json_decoder *d, lv_arena *arena, const lv_str *payloads, int from, int to,
                 bool *bad)
{
    return from;
}

static void check_same(const answer *a, const answer *b)
{
    if (a->status == b->status && lv_str_eq(a->message, b->message) && lv_str_eq(a->rows, b->rows))
        return;
    fprintf(stderr, "%s %.*s\n%.*s\nis not\n%s %.*s\n%.*s\n", lv_status_class(a->status),
            LV_STR_ARG(a->message), LV_STR_ARG(a->rows), lv_status_class(b->status),
            LV_STR_ARG(b->message), LV_STR_ARG(b->rows));
    abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static payloads p;
    if (size < 2)
        return 0;
    lv_arena arena;
    lv_arena_init(&arena);
    char *buffer = lv_arena_zalloc(&arena, size + LV_JSON_PADDING);
    memcpy(buffer, data + 2, size - 2);
    memset(buffer + size - 2, '1', 20); /* what could go on where the last payload ends */
    memcpy(buffer + size - 2 + 20, "515Z\",\"a\":1}", 12);
    split(&arena, (lv_str){buffer, size - 2}, &p);
    const lv_type *schema = make_schema(&arena, data[0] & 7);
    lv_json_options options = make_options(&arena, data[0], data[1]);
    bool wanted[] = {true, false, true, true, false, true, true, false,
                     true, true,  true, true, true,  true, true, true};
    answer exact = {0};
    lv_row_function *const ways[] = {never, lv_decode_row_sse,
                                     lv_cpu_has_avx2() ? lv_decode_row_avx2 : lv_decode_row_sse};
    for (int way = 0; way < 6; way++) {
        lv_json_decoder *decoder;
        options.padded = way & 1;
        lv_status status =
            lv_json_decoder_new(schema, data[0] & 16 ? wanted : NULL, &options, &decoder, NULL);
        LV_ASSERT(status == LV_OK);
        decoder->decode_rows = ways[way / 2];
        decoder->make_doubles = way / 2 == 2 ? decoder->make_doubles : lv_make_doubles_sse;
        const lv_str *list = options.padded ? p.in_place : p.apart;
        for (int time = 0; time < (way < 2 ? 1 : 2); time++) {
            answer a = decode(&arena, decoder, list, p.count, options.times.zone);
            if (way == 0)
                exact = a;
            check_same(&exact, &a);
        }
        lv_json_decoder_free(decoder);
    }
    for (int64_t i = 0; i < p.count; i++)
        free((void *)(uintptr_t)p.apart[i].ptr);
    lv_arena_release(&arena);
    return 0;
}
