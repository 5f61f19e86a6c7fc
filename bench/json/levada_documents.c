/* levada_documents.c: nanoseconds per document from JSON lines to columns, with Levada's decoder.
 *
 *     bench_json_levada SHAPE FILE [passes]
 *
 * Prints the best pass and sums over all values, by which the output is compared with simdjson_documents.cpp's. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/check.h"
#include "os/os.h"
#include "json/json.h"

/* Schemas as Spark's JSON: those of documents.py, of `long` the fields that are wanted. */
#define FIELD(name, type)                                                                          \
    "{\"name\":\"" name "\",\"type\":" type ",\"nullable\":true,\"metadata\":{}}"
#define STRUCT(fields) "{\"type\":\"struct\",\"fields\":[" fields "]}"
#define GEO            STRUCT(FIELD("lat", "\"double\"") "," FIELD("lon", "\"double\""))
#define ITEM                                                                                       \
    STRUCT(FIELD("n", "\"long\"") "," FIELD("price", "\"double\"") "," FIELD("name", "\"string"    \
                                                                                     "\""))

static const struct {
    const char *shape;
    const char *schema;
} schemas[] = {
    {"flat",
     STRUCT(FIELD("deviceId", "\"string\"") "," FIELD("temperature", "\"double\"") "," FIELD(
         "humidity", "\"double\"") "," FIELD("pressure", "\"double\"") "," FIELD("at",
                                                                                 "\"string\""))},
    {"nested",
     STRUCT(FIELD("id", "\"long\"") "," FIELD(
         "device",
         STRUCT(FIELD("name", "\"string\"") "," FIELD(
             "site", STRUCT(FIELD("city", "\"string\"") "," FIELD(
                         "geo", GEO))))) "," FIELD("reading",
                                                   STRUCT(FIELD("t", "\"double\"") "," FIELD(
                                                       "ok", "\"boolean\""))))},
    {"escaped", STRUCT(FIELD("id", "\"long\"") "," FIELD("message", "\"string\"") "," FIELD(
                    "path", "\"string\""))},
    {"long", STRUCT(FIELD("first", "\"long\"") "," FIELD("middle", "\"string\"") "," FIELD(
                 "last", "\"double\""))},
    {"items",
     STRUCT(FIELD("id", "\"long\"") "," FIELD("items", "{\"type\":\"array\",\"elementType\":" ITEM
                                                       ",\"containsNull\":true}"))}};

typedef struct sums {
    double doubles;
    int64_t integers;
    uint64_t bytes; /* of strings, summed up */
} sums;

static void add_all(const lv_vector *v, sums *s)
{
    for (int c = 0; c < v->child_count; c++)
        add_all(&v->children[c], s);
    int64_t length = v->type->kind == LV_TYPE_ARRAY ? 0 : v->length;
    for (int64_t i = 0; i < length; i++) {
        if (lv_vector_is_null(v, i))
            continue;
        lv_str text;
        switch (v->type->kind) { /* dispatch */
        case LV_TYPE_DOUBLE: s->doubles += LV_AT(double, v, i); break;
        case LV_TYPE_BIGINT: s->integers += LV_AT(int64_t, v, i); break;
        case LV_TYPE_BOOLEAN: s->integers += LV_AT(uint8_t, v, i); break;
        case LV_TYPE_STRING:
            text = lv_vector_str(v, i);
            for (size_t b = 0; b < text.len; b++)
                s->bytes += (unsigned char)text.ptr[b];
            break;
        default: break;
        }
    }
}

static double cpu_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static double pass(lv_json_decoder *decoder, lv_str *lines, int64_t count, sums *s)
{
    lv_arena arena;
    lv_error err = LV_ERROR_INIT;
    lv_arena_init(&arena);
    double begin = cpu_seconds();
    for (int64_t at = 0; at < count; at += LV_BATCH_ROWS) {
        lv_vector in = {.type = lv_type_of(LV_TYPE_STRING),
                        .encoding = LV_FLAT,
                        .data = lines + at},
                  out;
        in.length = LV_MIN(LV_BATCH_ROWS, count - at);
        lv_status status = lv_json_decode(decoder, &arena, &in, &out, &err);
        LV_ASSERT(status == LV_OK);
        if (s != NULL)
            add_all(&out, s);
        lv_arena_reset(&arena);
    }
    double seconds = cpu_seconds() - begin;
    lv_arena_release(&arena);
    return seconds;
}

static lv_str *split(lv_sbuf *file, int64_t *count)
{
    lv_str rest = lv_sbuf_str(file), line;
    int64_t lines = 0;
    for (size_t i = 0; i < rest.len; i++)
        lines += rest.ptr[i] == '\n';
    lv_str *list = calloc((size_t)lines + 1, sizeof *list);
    LV_ASSERT(list != NULL);
    while (*count < lines && lv_str_split(&rest, '\n', &line))
        list[(*count)++] = line;
    return list;
}

int main(int argc, char **argv)
{
    if (argc < 3)
        return 2;
    lv_error err = LV_ERROR_INIT;
    lv_arena arena;
    lv_sbuf file = LV_SBUF_INIT;
    lv_arena_init(&arena);
    lv_status status = lv_file_read_all(argv[2], &file, &err);
    const lv_type *schema = NULL;
    for (size_t i = 0; i < LV_COUNT_OF(schemas) && status == LV_OK; i++)
        if (strcmp(schemas[i].shape, argv[1]) == 0)
            status = lv_type_from_json_text(&arena, lv_str_of(schemas[i].schema), &schema, &err);
    LV_ASSERT(status == LV_OK && schema != NULL);
    memset(lv_sbuf_reserve(&file, LV_JSON_PADDING), 0, LV_JSON_PADDING);
    int64_t count = 0;
    lv_str *lines = split(&file, &count);
    lv_json_options options = {.times = {lv_timezone_utc()}, .padded = true};
    lv_json_decoder *decoder;
    status = lv_json_decoder_new(schema, NULL, &options, &decoder, &err);
    LV_ASSERT(status == LV_OK);
    sums s = {0};
    double best = pass(decoder, lines, count, &s);
    int64_t passes = argc > 3 ? strtoll(argv[3], NULL, 10) : 9;
    for (int64_t i = 0; i < passes; i++)
        best = LV_MIN(best, pass(decoder, lines, count, NULL));
    printf("{\"ns\": %.1f, \"sums\": [%.6f, %lld, %llu]}\n", best * 1e9 / (double)count, s.doubles,
           (long long)s.integers, (unsigned long long)s.bytes);
    lv_json_decoder_free(decoder);
    lv_arena_release(&arena);
    lv_sbuf_release(&file);
    free(lines);
    return 0;
}
