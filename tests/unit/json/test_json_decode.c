/* test_json_decode.c: the ways of decoding held against each other and against written-out answers,
 * where the machinery around the values could go wrong: blocks, keys, dictionaries, the ends of buffers.
 * What single values become is test_json_spark.c's. */
#include <math.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "os/os.h"
#include "unit.h"
#include "json/decode_int.h"

/* ---- decoding in every way ------------------------------------------------------------------- */

typedef struct way {
    const char *name;
    lv_row_function *rows;
    lv_doubles_function *doubles;
} way;

static int never(lv_json_decoder *d, lv_arena *arena, const lv_str *payloads, int from, int to,
                 bool *bad)
{
    return from;
}

static way ways[3] = {{"exact", never, lv_make_doubles_sse},
                      {"fast", lv_decode_row_sse, lv_make_doubles_sse},
                      {"AVX2", lv_decode_row_avx2, lv_make_doubles_avx2}};

static int way_count(void)
{
    return lv_cpu_has_avx2() ? 3 : 2;
}

static lv_json_decoder *decoder_of(const lv_type *schema, const bool *wanted, bool padded,
                                   const way *how)
{
    lv_error err = LV_ERROR_INIT;
    lv_json_decoder *decoder;
    lv_json_options options = {.times = {lv_timezone_utc()}, .padded = padded};
    assert_ok(&err, lv_json_decoder_new(schema, wanted, &options, &decoder, &err));
    decoder->decode_rows = how->rows;
    decoder->make_doubles = how->doubles;
    return decoder;
}

/* Payloads with ptr NULL are null. */
static void decode(lv_json_decoder *decoder, lv_arena *arena, const lv_str *list, int64_t count,
                   lv_vector *out)
{
    lv_error err = LV_ERROR_INIT;
    lv_vector in = {.type = lv_type_of(LV_TYPE_STRING),
                    .encoding = LV_FLAT,
                    .length = count,
                    .data = (void *)(uintptr_t)list,
                    .validity = lv_validity_new(arena, count, true)};
    for (int64_t i = 0; i < count; i++)
        if (list[i].ptr == NULL)
            lv_bit_clear(in.validity, i);
    assert_ok(&err, lv_json_decode(decoder, arena, &in, out, &err));
    assert_int_equal(out->length, count);
    assert_true(lv_vector_check(out));
}

static lv_str text_of(lv_arena *arena, const lv_vector *rows, int64_t i)
{
    lv_json_write_options options = {.times = {.zone = lv_timezone_utc()}, .keep_nulls = true};
    lv_sbuf text = LV_SBUF_INIT;
    lv_json_write_value(&text, rows, i, &options);
    lv_str copy = lv_str_dup(arena, lv_sbuf_str(&text));
    lv_sbuf_release(&text);
    return copy;
}

/* One payload in every way, padded and not, and twice by each decoder, because the second time it knows the
 * keys; `expected` NULL: whatever the exact way says. */
static void check_row(const lv_type *schema, lv_str payload, const char *expected)
{
    lv_arena arena;
    lv_arena_init(&arena);
    char *copy = lv_arena_zalloc(&arena, payload.len + LV_JSON_PADDING);
    memcpy(copy, payload.ptr, payload.len);
    lv_str in_place = {copy, payload.len};
    for (int k = 0; k < way_count() * 2; k++) {
        lv_json_decoder *decoder = decoder_of(schema, NULL, k % 2 != 0, &ways[k / 2]);
        for (int time = 0; time < 2; time++) {
            lv_vector rows;
            decode(decoder, &arena, k % 2 != 0 ? &in_place : &payload, 1, &rows);
            lv_str text = text_of(&arena, &rows, 0);
            if (expected == NULL)
                expected = lv_str_cstr(&arena, text);
            if (!lv_str_is(text, expected))
                fail_msg("%s, time %d: %.*s\n gives %.*s\n not   %s", ways[k / 2].name, time,
                         LV_STR_ARG(payload), LV_STR_ARG(text), expected);
        }
        lv_json_decoder_free(decoder);
    }
    lv_arena_release(&arena);
}

static const lv_type *schema_of(lv_arena *arena, const char *text)
{
    lv_error err = LV_ERROR_INIT;
    const lv_type *type;
    lv_sbuf json = LV_SBUF_INIT;
    lv_sbuf_add_cstr(&json, "{\"type\":\"struct\",\"fields\":[");
    lv_str rest = lv_str_of(text), part;
    for (bool more = lv_str_split(&rest, ' ', &part); more;
         more = lv_str_split(&rest, ' ', &part)) {
        ptrdiff_t colon = lv_str_find(part, ':', 0);
        lv_str name = lv_str_sub(part, 0, (size_t)colon);
        lv_str kind = lv_str_sub(part, (size_t)colon + 1, part.len - (size_t)colon - 1);
        lv_sbuf_printf(&json, "%s{\"name\":\"%.*s\",\"type\":%.*s}",
                       json.ptr[json.len - 1] == '[' ? "" : ",", LV_STR_ARG(name),
                       LV_STR_ARG(kind));
    }
    lv_sbuf_add_cstr(&json, "]}");
    assert_ok(&err, lv_type_from_json_text(arena, lv_sbuf_str(&json), &type, &err));
    lv_sbuf_release(&json);
    return type;
}

/* ---- blocks ---------------------------------------------------------------------------------- */

static uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

/* A payload that may have anything at any place: keys in changing order, missing, repeated or unknown, values
 * of all kinds, blanks, and now and then broken text. */
static lv_str random_payload(lv_arena *arena, uint64_t *state)
{
    static const char *const names[] = {"s", "d", "e", "t", "n", "b", "l", "unknown", "s"};
    static const char *const values[] = {"1",
                                         "-12.5",
                                         "0.25",
                                         "true",
                                         "null",
                                         "\"text\"",
                                         "\"a longer text, of more than 32 characters, \\u00e9\"",
                                         "\"2025-06-01T00:00:01.515Z\"",
                                         "\"2025-06-02T23:59:59.999Z\"",
                                         "[1,2]",
                                         "{\"x\":[1.5]}",
                                         "1e3",
                                         "12345678901234567890",
                                         "\"NaN\"",
                                         "-0.0",
                                         "\"\"",
                                         "1.7976931348623157",
                                         "7"};
    lv_sbuf text = LV_SBUF_INIT;
    uint64_t r = next_random(state);
    if (r % 50 == 0)
        return LV_STR_NONE;
    const char *blank = r % 7 == 0 ? " " : "";
    int count = (int)(r >> 8) % 6;
    lv_sbuf_add_cstr(&text, "{");
    for (int i = 0; i < count; i++) {
        uint64_t pick = next_random(state);
        const char *name = r % 3 ? names[i] : names[pick % LV_COUNT_OF(names)];
        lv_sbuf_printf(&text, "%s%s\"%s\"%s:%s%s", i ? "," : "", blank, name, blank, blank,
                       values[(pick >> 16) % LV_COUNT_OF(values)]);
    }
    if (r % 41 != 0)
        lv_sbuf_printf(&text, "%s}", blank);
    lv_str copy = lv_str_dup(arena, lv_sbuf_str(&text));
    lv_sbuf_release(&text);
    return copy;
}

static const char any_fields[] =
    "s:\"string\" d:\"double\" e:\"double\" t:\"timestamp\" n:\"long\" b:\"boolean\" "
    "l:{\"type\":\"array\",\"elementType\":\"double\",\"containsNull\":true} "
    "_corrupt_record:\"string\"";

/* The lengths around blocks and batches, with the payloads behind one another in one buffer. */
static void test_blocks(void **state)
{
    static const int counts[] = {0, 1, 63, 64, 65, 127, 128, 129, 4095, 4096, 4097};
    lv_arena arena;
    lv_arena_init(&arena);
    const lv_type *schema = schema_of(&arena, any_fields);
    uint64_t random = 88172645463325252u;
    for (size_t n = 0; n < LV_COUNT_OF(counts); n++) {
        int count = counts[n];
        lv_str *list = LV_NEW_ARRAY(&arena, lv_str, count),
               *padded = LV_NEW_ARRAY(&arena, lv_str, count);
        size_t size = 0, at = 0;
        for (int i = 0; i < count; i++) {
            list[i] = random_payload(&arena, &random);
            size += list[i].len;
        }
        char *buffer = lv_arena_zalloc(&arena, size + LV_JSON_PADDING);
        for (int i = 0; i < count; i++) {
            if (list[i].ptr == NULL)
                continue;
            memcpy(buffer + at, list[i].ptr, list[i].len);
            padded[i] = (lv_str){buffer + at, list[i].len};
            at += list[i].len;
        }
        lv_vector exact, rows;
        lv_json_decoder *reference = decoder_of(schema, NULL, false, &ways[0]);
        decode(reference, &arena, list, count, &exact);
        for (int k = 2; k < way_count() * 2; k++) {
            lv_json_decoder *decoder = decoder_of(schema, NULL, k % 2 != 0, &ways[k / 2]);
            decode(decoder, &arena, k % 2 != 0 ? padded : list, count, &rows);
            for (int i = 0; i < count; i++) {
                lv_str got = text_of(&arena, &rows, i), want = text_of(&arena, &exact, i);
                if (!lv_str_eq(got, want))
                    fail_msg("%s, row %d of %d: %.*s\n gives %.*s\n not   %.*s", ways[k / 2].name,
                             i, count, LV_STR_ARG(list[i]), LV_STR_ARG(got), LV_STR_ARG(want));
            }
            lv_json_decoder_free(decoder);
        }
        lv_json_decoder_free(reference);
    }
    lv_arena_release(&arena);
}

static void test_other_encodings(void **state)
{
    lv_arena arena;
    lv_arena_init(&arena);
    const lv_type *schema = schema_of(&arena, "a:\"long\"");
    lv_json_decoder *decoder = decoder_of(schema, NULL, false, &ways[way_count() - 1]);
    lv_str text = LV_STR("{\"a\":7}"), texts[] = {LV_STR("{\"a\":1}"), LV_STR("{\"a\":2}")};
    lv_error err = LV_ERROR_INIT;
    lv_vector rows, in = {.type = lv_type_of(LV_TYPE_BINARY),
                          .encoding = LV_CONSTANT,
                          .length = 130,
                          .data = &text};
    assert_ok(&err, lv_json_decode(decoder, &arena, &in, &rows, &err));
    for (int i = 0; i < 130; i++)
        assert_str(text_of(&arena, &rows, i), "{\"a\":7}");
    uint32_t codes[66] = {[65] = 1};
    in = (lv_vector){.type = lv_type_of(LV_TYPE_STRING),
                     .encoding = LV_DICTIONARY,
                     .length = 66,
                     .data = codes,
                     .dict = lv_dict_make(&arena, texts, 2),
                     .validity = lv_validity_new(&arena, 66, true)};
    lv_bit_clear(in.validity, 64);
    assert_ok(&err, lv_json_decode(decoder, &arena, &in, &rows, &err));
    assert_str(text_of(&arena, &rows, 63), "{\"a\":1}");
    assert_str(text_of(&arena, &rows, 64), "null");
    assert_str(text_of(&arena, &rows, 65), "{\"a\":2}");
    lv_vector_init_null(&in, &arena, lv_type_of(LV_TYPE_STRING), 3);
    assert_ok(&err, lv_json_decode(decoder, &arena, &in, &rows, &err));
    for (int i = 0; i < 3; i++)
        assert_str(text_of(&arena, &rows, i), "null");
    lv_json_decoder_free(decoder);
    lv_arena_release(&arena);
}

/* ---- keys ------------------------------------------------------------------------------------ */

static void test_wanted_columns(void **state)
{
    lv_arena arena;
    lv_arena_init(&arena);
    const lv_type *schema =
        schema_of(&arena, "a:\"string\" b:\"double\" c:\"long\" _corrupt_record:\"string\"");
    const bool wanted[] = {false, true, false, true};
    lv_str list[] = {LV_STR("{\"a\":\"x\",\"b\":1.5,\"c\":3}"),
                     LV_STR("{\"a\":[{\"q\":1}],\"c\":\"bad\",\"b\":2}"), LV_STR("{\"b\":\"bad\"}"),
                     LV_STR("{\"a\":\"\\q\",\"b\":1}"),
                     LV_STR("{\"_corrupt_record\":\"x\",\"b\":4}")};
    for (int k = 0; k < way_count(); k++) {
        lv_json_decoder *decoder = decoder_of(schema, wanted, false, &ways[k]);
        lv_vector rows;
        decode(decoder, &arena, list, LV_COUNT_OF(list), &rows);
        assert_int_equal(rows.children[0].encoding, LV_CONSTANT);
        assert_int_equal(rows.children[2].encoding, LV_CONSTANT);
        assert_str(text_of(&arena, &rows, 0),
                   "{\"a\":null,\"b\":1.5,\"c\":null,\"_corrupt_record\":null}");
        assert_str(text_of(&arena, &rows, 1),
                   "{\"a\":null,\"b\":2.0,\"c\":null,\"_corrupt_record\":null}");
        assert_str(
            text_of(&arena, &rows, 2),
            "{\"a\":null,\"b\":null,\"c\":null,\"_corrupt_record\":\"{\\\"b\\\":\\\"bad\\\"}\"}");
        assert_false(
            lv_vector_is_null(&rows.children[3], 3)); /* broken text is, wherever it stands */
        assert_true(lv_vector_is_null(&rows.children[1], 3));
        assert_str(text_of(&arena, &rows, 4),
                   "{\"a\":null,\"b\":4.0,\"c\":null,\"_corrupt_record\":null}");
        lv_json_decoder_free(decoder);
    }
    lv_arena_release(&arena);
}

static void test_repeated_keys(void **state)
{
    static const char *const rows[][2] = {
        {"{\"n\":1,\"n\":2}", "{\"n\":2,\"d\":null,\"s\":null}"},
        {"{\"n\":1,\"n\":\"bad\"}", "{\"n\":1,\"d\":null,\"s\":null}"},
        {"{\"n\":1,\"n\":null}", "{\"n\":null,\"d\":null,\"s\":null}"},
        {"{\"d\":1.5,\"d\":\"NaN\"}", "{\"n\":null,\"d\":\"NaN\",\"s\":null}"},
        {"{\"d\":\"NaN\",\"d\":1.5}", "{\"n\":null,\"d\":1.5,\"s\":null}"},
        {"{\"d\":1e2,\"d\":1.5,\"d\":true}", "{\"n\":null,\"d\":1.5,\"s\":null}"},
        {"{\"d\":-1.5,\"d\":0}", "{\"n\":null,\"d\":0.0,\"s\":null}"},
        {"{\"d\":2.5,\"d\":2.5e1}", "{\"n\":null,\"d\":25.0,\"s\":null}"},
        {"{\"d\":2.5,\"d\":-0.0}", "{\"n\":null,\"d\":-0.0,\"s\":null}"},
        {"{\"d\":2.5,\"d\":-0}", "{\"n\":null,\"d\":0.0,\"s\":null}"},
        {"{\"s\":\"x\",\"s\":\"y\\n\",\"s\":{\"a\":1}}",
         "{\"n\":null,\"d\":null,\"s\":\"{\\\"a\\\":1}\"}"},
        {"{\"n\":1,\"n\":2", "{\"n\":null,\"d\":null,\"s\":null}"}};
    lv_arena arena;
    lv_arena_init(&arena);
    const lv_type *schema = schema_of(&arena, "n:\"long\" d:\"double\" s:\"string\"");
    for (size_t i = 0; i < LV_COUNT_OF(rows); i++)
        check_row(schema, lv_str_of(rows[i][0]), rows[i][1]);
    lv_arena_release(&arena);
}

/* More different keys than are remembered, and keys too long to be. */
static void test_many_keys(void **state)
{
    enum { ROWS = LV_KEYS_MAX * 3 };
    lv_arena arena;
    lv_arena_init(&arena);
    static const char longest[] =
        "a_name_of_sixty_five_characters_which_is_longer_than_what_is_kept";
    const char *fields = lv_arena_printf(
        &arena, "a:\"long\" a_name_of_more_than_32_characters_in_all:\"double\" %s:\"string\"",
        longest);
    const lv_type *schema = schema_of(&arena, fields);
    lv_str *list = LV_NEW_ARRAY(&arena, lv_str, ROWS);
    for (int i = 0; i < ROWS; i++)
        list[i] = lv_str_of(lv_arena_printf(&arena,
                                            "{\"k%d\":\"x\",\"a\":%d,\"k%d\":[%d],\"a_name_of_more_"
                                            "than_32_characters_in_all\":%d.5,\"%s\":\"t%d\"}",
                                            i, i, i + ROWS, i, -i - 1, longest, i));
    for (int k = 0; k < way_count(); k++) {
        lv_json_decoder *decoder = decoder_of(schema, NULL, false, &ways[k]);
        for (int time = 0; time < 2; time++) {
            lv_vector rows;
            decode(decoder, &arena, list, ROWS, &rows);
            for (int i = 0; i < ROWS; i++) {
                assert_int_equal(LV_AT(int64_t, &rows.children[0], i), i);
                assert_true(LV_AT(double, &rows.children[1], i) == -i - 1.5);
                assert_str(lv_vector_str(&rows.children[2], i), lv_arena_printf(&arena, "t%d", i));
            }
        }
        assert_true(k == 0 || decoder->key_count == LV_KEYS_MAX);
        lv_json_decoder_free(decoder);
    }
    lv_arena_release(&arena);
}

/* Keys that differ only behind the 32 bytes that are compared at once. */
static void test_long_keys(void **state)
{
    lv_arena arena;
    lv_arena_init(&arena);
    static const char start[] = "a_name_of_more_than_32_characters";
    const lv_type *schema =
        schema_of(&arena, lv_arena_printf(&arena, "%s_one:\"long\" %s_two:\"long\"", start, start));
    lv_str list[130];
    for (int i = 0; i < 130; i++)
        list[i] =
            lv_str_of(lv_arena_printf(&arena, "{\"%s_%s\":%d,\"%s_%s\":%d}", start,
                                      i % 3 ? "one" : "two", i, start, i % 3 ? "two" : "one", -i));
    for (int k = 0; k < way_count(); k++) {
        lv_json_decoder *decoder = decoder_of(schema, NULL, false, &ways[k]);
        lv_vector rows;
        decode(decoder, &arena, list, 130, &rows);
        for (int i = 0; i < 130; i++)
            for (int f = 0; f < 2; f++)
                assert_int_equal(LV_AT(int64_t, &rows.children[f], i),
                                 (f == 0) == (i % 3 != 0) ? i : -i);
        lv_json_decoder_free(decoder);
    }
    lv_arena_release(&arena);
}

/* ---- dictionaries ---------------------------------------------------------------------------- */

/* The list of the strings first..first+count as {"s":"<prefix>-n"}. */
static lv_str *string_payloads(lv_arena *arena, int first, int count)
{
    lv_str *list = LV_NEW_ARRAY(arena, lv_str, count);
    for (int i = 0; i < count; i++)
        list[i] = lv_str_of(lv_arena_printf(arena, "{\"s\":\"device-%d\"}", first + i));
    return list;
}

static void check_strings(lv_arena *arena, const lv_vector *v, int first, int count)
{
    for (int i = 0; i < count; i++)
        assert_str(lv_vector_str(v, i), lv_arena_printf(arena, "device-%d", first + i));
}

static void test_dictionary_is_kept(void **state)
{
    lv_arena arena;
    lv_arena_init(&arena);
    lv_json_decoder *decoder =
        decoder_of(schema_of(&arena, "s:\"string\""), NULL, false, &ways[way_count() - 1]);
    lv_vector first, second;
    decode(decoder, &arena, string_payloads(&arena, 0, 1000), 1000, &first);
    decode(decoder, &arena, string_payloads(&arena, 500, 1000), 1000, &second);
    const lv_vector *a = &first.children[0], *b = &second.children[0];
    assert_int_equal(a->encoding, LV_DICTIONARY);
    assert_int_equal(b->encoding, LV_DICTIONARY);
    assert_true(a->dict->id == b->dict->id);
    assert_int_equal(((uint32_t *)a->data)[600], ((uint32_t *)b->data)[100]);
    check_strings(&arena, a, 0, 1000);
    check_strings(&arena, b, 500, 1000);
    lv_json_decoder_free(decoder);
    lv_arena_release(&arena);
}

/* Strings that look alike: of one character, of zeros, and of both lengths around what a slot holds. */
static void test_dictionary_tells_apart(void **state)
{
    enum { LENGTHS = 40 };
    lv_arena arena;
    lv_arena_init(&arena);
    lv_str list[LENGTHS * 3];
    for (int len = 0; len < LENGTHS; len++) {
        lv_sbuf zeros = LV_SBUF_INIT;
        for (int i = 0; i <= len; i++)
            lv_sbuf_add_cstr(&zeros, "\\u0000");
        list[len * 3] = lv_str_of(lv_arena_printf(&arena, "{\"s\":\"%.*s\"}", len,
                                                  "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"));
        list[len * 3 + 1] = lv_str_of(lv_arena_printf(&arena, "{\"s\":\"%.*sy\"}", len,
                                                      "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"));
        list[len * 3 + 2] =
            lv_str_of(lv_arena_printf(&arena, "{\"s\":\"%.*s\"}", (int)zeros.len, zeros.ptr));
        lv_sbuf_release(&zeros);
    }
    lv_json_decoder *decoder =
        decoder_of(schema_of(&arena, "s:\"string\""), NULL, false, &ways[way_count() - 1]);
    lv_vector rows;
    for (int time = 0; time < 2; time++) {
        decode(decoder, &arena, list, LENGTHS * 3, &rows);
        assert_int_equal(rows.children[0].dict->count, LENGTHS * 3);
        for (int i = 0; i < LENGTHS * 3; i++) {
            assert_int_equal(((uint32_t *)rows.children[0].data)[i], i);
            assert_int_equal(lv_vector_str(&rows.children[0], i).len, i / 3 + (i % 3 != 0));
        }
    }
    lv_json_decoder_free(decoder);
    lv_arena_release(&arena);
}

/* Values that repeat within a vector until the dictionary is full: a new one takes its place, and the old one lives
 * until the second call after that. */
static void test_dictionary_is_replaced(void **state)
{
    enum { ROWS = 4096, NEW = ROWS / 4 };
    lv_arena arena;
    lv_arena_init(&arena);
    lv_json_decoder *decoder =
        decoder_of(schema_of(&arena, "s:\"string\""), NULL, false, &ways[way_count() - 1]);
    lv_vector rows, last = {0};
    uint64_t id = 0;
    bool replaced = false;
    for (int n = 0; n <= 65536 / NEW + 1; n++) {
        lv_str *list = LV_NEW_ARRAY(&arena, lv_str, ROWS),
               *distinct = string_payloads(&arena, n * NEW, NEW);
        for (int i = 0; i < ROWS; i++)
            list[i] = distinct[i % NEW];
        decode(decoder, &arena, list, ROWS, &rows);
        const lv_vector *v = &rows.children[0];
        assert_int_equal(v->encoding, LV_DICTIONARY);
        for (int i = 0; i < ROWS; i += NEW / 2)
            assert_str(lv_vector_str(v, i),
                       lv_arena_printf(&arena, "device-%d", n * NEW + i % NEW));
        if (n > 0 && v->dict->id != id) {
            replaced = true;
            assert_int_equal(v->dict->count, NEW);
            check_strings(&arena, &last.children[0], (n - 1) * NEW, NEW); /* not freed yet */
            decode(decoder, &arena, list, ROWS, &rows);
            check_strings(&arena, &last.children[0], (n - 1) * NEW, NEW); /* nor now */
        }
        id = v->dict->id;
        last = rows;
    }
    assert_true(replaced);
    lv_json_decoder_free(decoder);
    lv_arena_release(&arena);
}

/* Values that never repeat make a column of slices. */
static void test_slices_instead_of_codes(void **state)
{
    enum { ROWS = 4096 };
    lv_arena arena, used;
    lv_arena_init(&arena);
    lv_arena_init(&used);
    memset(lv_arena_alloc(&used, ROWS * sizeof(lv_str) * 2), 0xAB, ROWS * sizeof(lv_str) * 2);
    lv_json_decoder *decoder =
        decoder_of(schema_of(&arena, "s:\"string\""), NULL, false, &ways[way_count() - 1]);
    lv_vector rows;
    for (int n = 0; n < 8; n++) {
        lv_str *list = string_payloads(&arena, n * ROWS, ROWS);
        list[5] = LV_STR("{}");
        lv_arena_reset(&used); /* memory is not zero when it is used again */
        decode(decoder, &used, list, ROWS, &rows);
        assert_true(lv_vector_is_null(&rows.children[0], 5));
        list[5] = LV_STR_NONE;
        assert_str(lv_vector_str(&rows.children[0], 6),
                   lv_arena_printf(&arena, "device-%d", n * ROWS + 6));
        assert_str(lv_vector_str(&rows.children[0], ROWS - 1),
                   lv_arena_printf(&arena, "device-%d", n * ROWS + ROWS - 1));
    }
    assert_int_equal(rows.children[0].encoding, LV_FLAT);
    assert_int_equal(LV_AT(lv_str, &rows.children[0], 5).len, 0); /* a null can be read */
    lv_json_decoder_free(decoder);
    lv_arena_release(&used);
    lv_arena_release(&arena);
}

/* ---- texts ----------------------------------------------------------------------------------- */

/* Strings of every length around the 16 and 32 bytes that are looked at together, plain and with a special
 * character at every place. */
static void test_long_strings(void **state)
{
    static const char *const specials[][2] = {{"\\n", "\\n"},
                                              {"\\\"", "\\\""},
                                              {"\xC3\xA9", "\xC3\xA9"},
                                              {"\\u0041", "A"},
                                              {"\xFF", "\xEF\xBF\xBD"}};
    lv_arena arena;
    lv_arena_init(&arena);
    const lv_type *schema = schema_of(&arena, "s:\"string\" z:\"long\"");
    char x[101];
    memset(x, 'x', 100);
    x[100] = '\0';
    for (int len = 0; len <= 100; len++) {
        check_row(schema, lv_str_of(lv_arena_printf(&arena, "{\"s\":\"%.*s\",\"z\":1}", len, x)),
                  lv_arena_printf(&arena, "{\"s\":\"%.*s\",\"z\":1}", len, x));
        const char *const *special = specials[len % LV_COUNT_OF(specials)];
        for (int at = len % 3; at <= len; at += 3)
            check_row(schema,
                      lv_str_of(lv_arena_printf(&arena, "{\"s\":\"%.*s%s%.*s\",\"z\":1}", at, x,
                                                special[0], len - at, x)),
                      lv_arena_printf(&arena, "{\"s\":\"%.*s%s%.*s\",\"z\":1}", at, x, special[1],
                                      len - at, x));
        check_row(schema, lv_str_of(lv_arena_printf(&arena, "{\"s\":\"%.*s\t\",\"z\":1}", len, x)),
                  "{\"s\":null,\"z\":null}");
    }
    lv_arena_release(&arena);
}

/* Numbers of every number of digits before and behind the point, against strtod. */
static void test_number_shapes(void **state)
{
    lv_arena arena;
    lv_arena_init(&arena);
    const lv_type *schema = schema_of(&arena, "d:\"double\" z:\"long\"");
    static const char digits[] = "9028374650918273645";
    for (int whole = 1; whole <= 17; whole++)
        for (int behind = 0; behind <= 17; behind++)
            for (int sign = 0; sign < 2; sign++) {
                char text[64], json[128];
                snprintf(text, sizeof text, "%s%.*s%s%.*s", sign ? "-" : "", whole, digits,
                         behind ? "." : "", behind, digits + 1);
                snprintf(json, sizeof json, "{\"d\":%s,\"z\":%.*s}", text, LV_MIN(whole, 17),
                         digits);
                for (int k = 0; k < way_count(); k++) {
                    lv_json_decoder *decoder = decoder_of(schema, NULL, false, &ways[k]);
                    lv_str payload = lv_str_of(json);
                    lv_vector rows;
                    decode(decoder, &arena, &payload, 1, &rows);
                    double want = strtod(text, NULL), got = LV_AT(double, &rows.children[0], 0);
                    if (memcmp(&want, &got, sizeof want) != 0 ||
                        LV_AT(int64_t, &rows.children[1], 0) !=
                            strtoll(digits, NULL, 10) / (int64_t)pow(10, 19 - whole))
                        fail_msg("%s: %s gives %.17g and %lld", ways[k].name, json, got,
                                 (long long)LV_AT(int64_t, &rows.children[1], 0));
                    lv_json_decoder_free(decoder);
                }
            }
    lv_arena_release(&arena);
}

static void test_bad_numbers(void **state)
{
    static const char *const bad[] = {"01",  "-01", "00.5", "5.",    "-5.", ".5",
                                      "-.5", "-",   "+1",   "1.2.3", "1e",  "1.5e+",
                                      "0x1", "1-",  "1.-5", "--1",   "1 2", "1234567890123456.",
                                      "1.5f"};
    lv_arena arena;
    lv_arena_init(&arena);
    const lv_type *schema = schema_of(&arena, "d:\"double\" n:\"long\" f:\"float\"");
    for (size_t i = 0; i < LV_COUNT_OF(bad); i++)
        for (int f = 0; f < 4; f++) /* the fourth is wanted by no column */
            check_row(schema,
                      lv_str_of(lv_arena_printf(&arena, "{\"%c\":%s,\"x\":1}", "dnfu"[f], bad[i])),
                      "{\"d\":null,\"n\":null,\"f\":null}");
    lv_arena_release(&arena);
}

/* ---- the ends of buffers --------------------------------------------------------------------- */

static const char sensor[] =
    "{\"deviceId\":\"device-008512\",\"temperature\":18.06,\"flag\":true,\"count\":123456789012345,"
    "\"timestamp\":\"2025-06-01T00:00:01.515Z\",\"a_name_of_more_than_32_characters_in_all\":-7."
    "25}";
static const char sensor_fields[] =
    "deviceId:\"string\" temperature:\"double\" flag:\"boolean\" count:\"long\" "
    "timestamp:\"timestamp\" a_name_of_more_than_32_characters_in_all:\"double\"";

/* The payload and all of its beginnings, each ending where memory ends: without padding right there, with padding
 * LV_JSON_PADDING bytes before, where the bytes of the padding are what would have come. */
static void test_page_end(void **state)
{
    lv_arena arena;
    lv_arena_init(&arena);
    const lv_type *schema = schema_of(&arena, sensor_fields);
    size_t page = (size_t)sysconf(_SC_PAGESIZE), len = sizeof sensor - 1;
    char *memory = mmap(NULL, page * 2, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_true(memory != MAP_FAILED);
    assert_int_equal(mprotect(memory + page, page, PROT_NONE), 0);
    static const char more[] = {'1', '}', '"', ','}; /* the first: behind what would have come */
    lv_vector rows;
    lv_str whole = {sensor, len};
    lv_json_decoder *reference = decoder_of(schema, NULL, false, &ways[0]);
    for (int k = 2; k < way_count() * 2; k++) {
        bool padded = k % 2 != 0;
        lv_json_decoder *decoder = decoder_of(schema, NULL, padded, &ways[k / 2]);
        decode(reference, &arena, &whole, 1, &rows);
        lv_str good = text_of(&arena, &rows, 0), known = {memory, len};
        memcpy(memory, sensor, len);
        decode(decoder, &arena, &known, 1, &rows); /* so that the keys are known */
        for (size_t cut = 0; cut <= len; cut++)
            for (size_t m = 0; m < (padded ? LV_COUNT_OF(more) : 1); m++) {
                lv_str payload = {memory + page - cut - (padded ? LV_JSON_PADDING : 0), cut};
                memcpy(memory + page - cut - (padded ? LV_JSON_PADDING : 0), sensor, cut);
                if (padded) {
                    size_t rest = LV_MIN(len - cut, (size_t)LV_JSON_PADDING);
                    memset(memory + page - LV_JSON_PADDING, more[m], LV_JSON_PADDING);
                    if (m == 0)
                        memcpy(memory + page - LV_JSON_PADDING, sensor + cut, rest);
                }
                decode(decoder, &arena, &payload, 1, &rows);
                lv_str got = text_of(&arena, &rows, 0);
                if (cut == len)
                    assert_true(lv_str_eq(got, good));
                else if (cut > 0)
                    assert_str(got, "{\"deviceId\":null,\"temperature\":null,\"flag\":null,"
                                    "\"count\":null,\"timestamp\":null,"
                                    "\"a_name_of_more_than_32_characters_in_all\":null}");
                else
                    assert_str(got, "null");
            }
        lv_json_decoder_free(decoder);
    }
    lv_json_decoder_free(reference);
    munmap(memory, page * 2);
    lv_arena_release(&arena);
}

/* ---- choices --------------------------------------------------------------------------------- */

static void test_processor(void **state)
{
    lv_arena arena;
    lv_arena_init(&arena);
    const lv_type *schema = schema_of(&arena, "a:\"long\"");
    lv_json_options options = {.times = {lv_timezone_utc()}};
    lv_json_decoder *decoder;
    lv_error err = LV_ERROR_INIT;
    assert_ok(&err, lv_json_decoder_new(schema, NULL, &options, &decoder, &err));
    assert_true(decoder->decode_rows ==
                (lv_cpu_has_avx2() ? lv_decode_row_avx2 : lv_decode_row_sse));
    lv_json_decoder_free(decoder);
    setenv("LEVADA_CPU", "baseline", 1);
    assert_ok(&err, lv_json_decoder_new(schema, NULL, &options, &decoder, &err));
    unsetenv("LEVADA_CPU");
    assert_true(decoder->decode_rows == lv_decode_row_sse &&
                decoder->make_doubles == lv_make_doubles_sse);
    lv_json_decoder_free(decoder);
    lv_arena_release(&arena);
}

static void test_refused_schemas(void **state)
{
    lv_arena arena;
    lv_arena_init(&arena);
    lv_json_options options = {.times = {lv_timezone_utc()}};
    lv_json_decoder *decoder = NULL;
    lv_error err = LV_ERROR_INIT;
    assert_int_equal(
        lv_json_decoder_new(lv_type_of(LV_TYPE_STRING), NULL, &options, &decoder, &err),
        LV_UNSUPPORTED_DATATYPE);
    err = (lv_error)LV_ERROR_INIT;
    assert_int_equal(lv_json_decoder_new(schema_of(&arena, "_corrupt_record:\"long\""), NULL,
                                         &options, &decoder, &err),
                     LV_INVALID_CORRUPT_RECORD_TYPE);
    assert_null(decoder);
    lv_json_decoder_free(NULL);
    lv_arena_release(&arena);
}

/* FAILFAST shows the row; a list is the one column of its row, also if it is null. */
static void test_fail_fast(void **state)
{
    lv_arena arena;
    lv_arena_init(&arena);
    lv_json_options options = {.times = {lv_timezone_utc()}, .fail_fast = true};
    const lv_type *map =
        lv_type_map(&arena, lv_type_of(LV_TYPE_STRING), lv_type_of(LV_TYPE_STRING), true);
    const lv_type *types[] = {map, lv_type_array(&arena, map, true),
                              schema_of(&arena, "a:\"long\" b:\"string\"")};
    static const char *const payloads[] = {"[1]", "{\"a\":1}", "{\"b\":\"x\",\"a\":\"y\"}"};
    static const char *const shown[] = {"[null]", "[null]", "[null,x]"};
    for (int i = 0; i < 3; i++) {
        lv_json_decoder *decoder;
        lv_vector rows, in = {.type = lv_type_of(LV_TYPE_STRING), .encoding = LV_FLAT, .length = 1};
        lv_str payload = lv_str_of(payloads[i]);
        in.data = &payload;
        lv_error err = LV_ERROR_INIT;
        assert_ok(&err, lv_json_decoder_new(types[i], NULL, &options, &decoder, &err));
        assert_int_equal(lv_json_decode(decoder, &arena, &in, &rows, &err), LV_MALFORMED_RECORD);
        assert_non_null(strstr(err.message, shown[i]));
        lv_json_decoder_free(decoder);
    }
    lv_arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_blocks),
        cmocka_unit_test(test_other_encodings),
        cmocka_unit_test(test_wanted_columns),
        cmocka_unit_test(test_repeated_keys),
        cmocka_unit_test(test_many_keys),
        cmocka_unit_test(test_long_keys),
        cmocka_unit_test(test_dictionary_is_kept),
        cmocka_unit_test(test_dictionary_tells_apart),
        cmocka_unit_test(test_dictionary_is_replaced),
        cmocka_unit_test(test_slices_instead_of_codes),
        cmocka_unit_test(test_long_strings),
        cmocka_unit_test(test_number_shapes),
        cmocka_unit_test(test_bad_numbers),
        cmocka_unit_test(test_page_end),
        cmocka_unit_test(test_processor),
        cmocka_unit_test(test_refused_schemas),
        cmocka_unit_test(test_fail_fast),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
