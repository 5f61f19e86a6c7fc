/* protocol.c: one encoder and one decoder that walk the tables made from protocol.def. */
#include "kafka/protocol.h"

#include "base/check.h"

/* ---- tables ---------------------------------------------------------------------------------- */

typedef enum wire_type {
    WIRE_flag,
    WIRE_i8,
    WIRE_i16,
    WIRE_i32,
    WIRE_i64,
    WIRE_str, /* from here on: with a length */
    WIRE_bytes,
    WIRE_records,
    WIRE_array,
} wire_type;

typedef struct lv_kafka_layout lv_kafka_layout;

typedef struct wire_field {
    wire_type type;
    int16_t from;
    int16_t to;
    uint16_t offset;                         /* in the C struct */
    const lv_kafka_layout *(*element)(void); /* of an array */
} wire_field;

struct lv_kafka_layout {
    uint16_t size; /* of the C struct */
    bool
        is_struct; /* has tagged fields in flexible versions; false for array elements like int32 */
    uint16_t field_count;
    const wire_field *fields;
    void (*set_default)(void *out);
};

/* What every ARRAY(...) member looks like; read and written by memcpy, whatever its element. */
typedef struct wire_array {
    void *at;
    int32_t count;
} wire_array;

#define STRUCT(name)                                                                               \
    lv_kafka_##name lv_kafka_##name##_default(void)                                                \
    {                                                                                              \
        return (lv_kafka_##name)                                                                   \
        {
#define FIELD(...)                        FIELD_(__VA_ARGS__)
#define FIELD_(type, name, from, to, ...) .name = __VA_ARGS__,
#define ARRAY(element, name, ...)         .name = {NULL, 0},
#define END(name)                                                                                  \
    }                                                                                              \
    ;                                                                                              \
    }                                                                                              \
    static void default_##name(void *out)                                                          \
    {                                                                                              \
        *(lv_kafka_##name *)out = lv_kafka_##name##_default();                                     \
    }
#define API(...)
#include "kafka/protocol.def"
#undef STRUCT
#undef FIELD_
#undef ARRAY
#undef END

#define SCALAR_LAYOUT(ctype, wire)                                                                 \
    static const lv_kafka_layout *layout_##ctype(void)                                             \
    {                                                                                              \
        static const wire_field field = {WIRE_##wire, 0, INT16_MAX, 0, NULL};                      \
        static const lv_kafka_layout layout = {sizeof(ctype), false, 1, &field, NULL};             \
        return &layout;                                                                            \
    }
SCALAR_LAYOUT(int32_t, i32)
SCALAR_LAYOUT(int64_t, i64)
SCALAR_LAYOUT(lv_str, str)

#define STRUCT(name)                                                                               \
    static const lv_kafka_layout *layout_lv_kafka_##name(void)                                     \
    {                                                                                              \
        typedef lv_kafka_##name self;                                                              \
        static const wire_field fields[] = {
#define FIELD_(type, name, from, to, ...) {WIRE_##type, from, to, offsetof(self, name), NULL},
#define ARRAY(...)                        ARRAY_(__VA_ARGS__)
#define ARRAY_(element, name, from, to)                                                            \
    {WIRE_array, from, to, offsetof(self, name), layout_##element},
#define END(name)                                                                                  \
    }                                                                                              \
    ;                                                                                              \
    static const lv_kafka_layout layout = {sizeof(self), true, LV_COUNT_OF(fields), fields,        \
                                           default_##name};                                        \
    return &layout;                                                                                \
    }
#include "kafka/protocol.def"
#undef STRUCT
#undef FIELD
#undef FIELD_
#undef ARRAY
#undef ARRAY_
#undef END
#undef API

static const lv_kafka_api apis[] = {
#define STRUCT(...)
#define FIELD(...)
#define ARRAY(...)
#define END(...)
#define API(name, key, low, high, flexible, request, response)                                     \
    {key,                                                                                          \
     low,                                                                                          \
     high,                                                                                         \
     flexible,                                                                                     \
     #name,                                                                                        \
     sizeof(lv_kafka_##request),                                                                   \
     sizeof(lv_kafka_##response),                                                                  \
     layout_lv_kafka_##request,                                                                    \
     layout_lv_kafka_##response},
#include "kafka/protocol.def"
};

const lv_kafka_api *lv_kafka_apis(size_t *count)
{
    *count = LV_COUNT_OF(apis);
    return apis;
}

const lv_kafka_api *lv_kafka_api_get(int16_t key)
{
    for (size_t i = 0; i < LV_COUNT_OF(apis); i++) {
        if (apis[i].key == key)
            return &apis[i];
    }
    return NULL;
}

static const struct error_row {
    int16_t code;
    bool retriable;
    const char *name;
} errors[] = {
#define X(code, name, retriable) {code, retriable, #name},
#include "kafka/protocol_errors.def"
#undef X
};

static const struct error_row *error_get(int16_t code)
{
    for (size_t i = 0; i < LV_COUNT_OF(errors); i++) {
        if (errors[i].code == code)
            return &errors[i];
    }
    return NULL;
}

const char *lv_kafka_error_name(int16_t code)
{
    const struct error_row *row = error_get(code);
    return row ? row->name : "UNKNOWN_ERROR_CODE";
}

bool lv_kafka_error_is_retriable(int16_t code)
{
    const struct error_row *row = error_get(code);
    return row && row->retriable;
}

static bool field_is_in(const wire_field *field, int16_t version)
{
    return field->from <= version && version <= field->to;
}

/* ---- encoding -------------------------------------------------------------------------------- */

typedef struct encoder {
    lv_sbuf *out;
    int16_t version;
    bool flexible;
    lv_kafka_holes *holes;
    size_t hole_bytes;
} encoder;

/* A length in front of a string (16 bits) or of bytes and arrays (32 bits); -1 is null. Compact
 * lengths are one more, 0 for null. */
static void encode_length(encoder *e, int64_t length, bool is_string)
{
    if (e->flexible)
        lv_wr_uvarint(e->out, (uint64_t)(length + 1));
    else if (is_string)
        lv_wr_i16be(e->out, (int16_t)length);
    else
        lv_wr_i32be(e->out, (int32_t)length);
}

static void encode_text(encoder *e, wire_type type, lv_str text)
{
    LV_ASSERT(text.len <= (type == WIRE_str ? (size_t)INT16_MAX : (size_t)INT32_MAX));
    encode_length(e, text.ptr ? (int64_t)text.len : -1, type == WIRE_str);
    if (type == WIRE_records && e->holes && text.len > 0) {
        LV_ASSERT(e->holes->count < e->holes->capacity);
        e->holes->at[e->holes->count++] = (lv_kafka_hole){e->out->len, text};
        e->hole_bytes += text.len;
    } else if (text.ptr) {
        lv_sbuf_add(e->out, text.ptr, text.len);
    }
}

static void encode_layout(encoder *e, const lv_kafka_layout *layout, const char *from);

static void encode_array(encoder *e, const lv_kafka_layout *element, const char *from)
{
    wire_array array;
    memcpy(&array, from, sizeof array);
    encode_length(e, array.count, false);
    for (int32_t i = 0; i < array.count; i++)
        encode_layout(e, element, (const char *)array.at + (size_t)i * element->size);
}

static void encode_field(encoder *e, const wire_field *field, const char *from) /* dispatch */
{
    switch (field->type) {
    case WIRE_flag:
    case WIRE_i8: lv_wr_u8(e->out, (uint8_t)*from); break;
    case WIRE_i16: lv_wr_i16be(e->out, *(const int16_t *)from); break;
    case WIRE_i32: lv_wr_i32be(e->out, *(const int32_t *)from); break;
    case WIRE_i64: lv_wr_i64be(e->out, *(const int64_t *)from); break;
    case WIRE_str:
    case WIRE_bytes:
    case WIRE_records: encode_text(e, field->type, *(const lv_str *)from); break;
    case WIRE_array: encode_array(e, field->element(), from); break;
    }
}

static void encode_layout(encoder *e, const lv_kafka_layout *layout, const char *from)
{
    for (uint16_t i = 0; i < layout->field_count; i++) {
        const wire_field *field = &layout->fields[i];
        if (field_is_in(field, e->version))
            encode_field(e, field, from + field->offset);
    }
    if (e->flexible && layout->is_struct)
        lv_wr_uvarint(e->out, 0);
}

/* The frame's size goes in front once it is known. */
static void finish_frame(encoder *e, size_t start)
{
    size_t size = e->out->len - start - sizeof(int32_t) + e->hole_bytes;
    LV_ASSERT(size <= INT32_MAX);
    uint32_t swapped = __builtin_bswap32((uint32_t)size);
    memcpy(e->out->ptr + start, &swapped, sizeof swapped);
}

void lv_kafka_request_encode(lv_sbuf *out, lv_kafka_api_key key, int16_t version,
                             int32_t correlation_id, lv_str client_id, const void *request,
                             lv_kafka_holes *holes)
{
    const lv_kafka_api *api = lv_kafka_api_get((int16_t)key);
    LV_ASSERT(api && api->min_version <= version && version <= api->max_version);
    size_t start = out->len;
    encoder e = {out, version, false, holes, 0};
    lv_wr_i32be(out, 0);
    lv_wr_i16be(out, (int16_t)key);
    lv_wr_i16be(out, version);
    lv_wr_i32be(out, correlation_id);
    encode_text(&e, WIRE_str, client_id); /* never compact */
    e.flexible = version >= api->flexible_from;
    if (e.flexible)
        lv_wr_uvarint(out, 0);
    encode_layout(&e, api->request(), request);
    finish_frame(&e, start);
}

void lv_kafka_response_encode(lv_sbuf *out, lv_kafka_api_key key, int16_t version,
                              int32_t correlation_id, const void *response, lv_kafka_holes *holes)
{
    const lv_kafka_api *api = lv_kafka_api_get((int16_t)key);
    LV_ASSERT(api && api->min_version <= version && version <= api->max_version);
    size_t start = out->len;
    encoder e = {out, version, version >= api->flexible_from, holes, 0};
    lv_wr_i32be(out, 0);
    lv_wr_i32be(out, correlation_id);
    if (e.flexible && key != LV_KAFKA_API_VERSIONS)
        lv_wr_uvarint(out, 0);
    encode_layout(&e, api->response(), response);
    finish_frame(&e, start);
}

/* ---- decoding -------------------------------------------------------------------------------- */

typedef struct decoder {
    lv_rd *rd;
    int16_t version;
    bool flexible;
    lv_arena *arena;
} decoder;

static void reject(lv_rd *rd)
{
    rd->failed = true;
    rd->ptr = rd->end;
}

/* A length as encode_length writes it; -1 for null. Fails on what cannot be one. */
static int64_t decode_length(decoder *d, bool is_string)
{
    int64_t length;
    if (d->flexible) {
        uint64_t compact = lv_rd_uvarint(d->rd);
        length = compact <= INT32_MAX ? (int64_t)compact - 1 : -2;
    } else {
        length = is_string ? lv_rd_i16be(d->rd) : lv_rd_i32be(d->rd);
    }
    if (d->rd->failed)
        return -1;
    if (length < -1)
        reject(d->rd);
    return length;
}

static lv_str decode_text(decoder *d, bool is_string)
{
    int64_t length = decode_length(d, is_string);
    if (length < 0)
        return LV_STR_NONE;
    const uint8_t *bytes = lv_rd_bytes(d->rd, (size_t)length);
    return bytes ? (lv_str){(const char *)bytes, (size_t)length} : LV_STR_NONE;
}

/* Tagged fields are optional by nature; none of ours are known, so all are skipped. */
static void skip_tags(lv_rd *rd)
{
    uint64_t count = lv_rd_uvarint(rd);
    for (uint64_t i = 0; i < count && !rd->failed; i++) {
        lv_rd_uvarint(rd);
        lv_rd_bytes(rd, lv_rd_uvarint(rd));
    }
}

/* The fewest bytes an element takes on the wire: bounds what an array's count may promise. */
static size_t min_wire_size(const decoder *d, const lv_kafka_layout *layout)
{
    static const uint8_t fixed[] = {
        [WIRE_flag] = 1, [WIRE_i8] = 1,    [WIRE_i16] = 2,     [WIRE_i32] = 4,   [WIRE_i64] = 8,
        [WIRE_str] = 2,  [WIRE_bytes] = 4, [WIRE_records] = 4, [WIRE_array] = 4,
    };
    size_t size = d->flexible && layout->is_struct;
    for (uint16_t i = 0; i < layout->field_count; i++) {
        const wire_field *field = &layout->fields[i];
        if (field_is_in(field, d->version))
            size += d->flexible && field->type >= WIRE_str ? 1 : fixed[field->type];
    }
    return LV_MAX(size, 1u);
}

static void decode_layout(decoder *d, const lv_kafka_layout *layout, char *to);

static void decode_array(decoder *d, const lv_kafka_layout *element, char *to)
{
    wire_array array = {NULL, (int32_t)decode_length(d, false)};
    if (array.count > 0) {
        if ((size_t)array.count > lv_rd_left(d->rd) / min_wire_size(d, element)) {
            reject(d->rd);
            array.count = 0;
        } else {
            array.at = lv_arena_zalloc(d->arena, (size_t)array.count * element->size);
        }
    }
    for (int32_t i = 0; i < array.count && !d->rd->failed; i++)
        decode_layout(d, element, (char *)array.at + (size_t)i * element->size);
    memcpy(to, &array, sizeof array);
}

static void decode_field(decoder *d, const wire_field *field, char *to) /* dispatch */
{
    switch (field->type) {
    case WIRE_flag: *(bool *)to = lv_rd_u8(d->rd) != 0; break;
    case WIRE_i8: *(int8_t *)to = (int8_t)lv_rd_u8(d->rd); break;
    case WIRE_i16: *(int16_t *)to = lv_rd_i16be(d->rd); break;
    case WIRE_i32: *(int32_t *)to = lv_rd_i32be(d->rd); break;
    case WIRE_i64: *(int64_t *)to = lv_rd_i64be(d->rd); break;
    case WIRE_str:
    case WIRE_bytes:
    case WIRE_records: *(lv_str *)to = decode_text(d, field->type == WIRE_str); break;
    case WIRE_array: decode_array(d, field->element(), to); break;
    }
}

static void decode_layout(decoder *d, const lv_kafka_layout *layout, char *to)
{
    if (layout->set_default)
        layout->set_default(to);
    for (uint16_t i = 0; i < layout->field_count && !d->rd->failed; i++) {
        const wire_field *field = &layout->fields[i];
        if (field_is_in(field, d->version))
            decode_field(d, field, to + field->offset);
    }
    if (d->flexible && layout->is_struct)
        skip_tags(d->rd);
}

static lv_status decode_body(decoder *d, const lv_kafka_api *api, const lv_kafka_layout *layout,
                             const char *what, void *out, lv_error *err)
{
    decode_layout(d, layout, out);
    if (d->rd->failed)
        return LV_FAIL(err, LV_KAFKA_PROTOCOL, "a %s %s of version %d is malformed or ends early",
                       api->name, what, d->version);
    if (lv_rd_left(d->rd) > 0)
        return LV_FAIL(err, LV_KAFKA_PROTOCOL, "a %s %s of version %d has %zu bytes too many",
                       api->name, what, d->version, lv_rd_left(d->rd));
    return LV_OK;
}

lv_status lv_kafka_request_header_decode(lv_rd *rd, lv_kafka_request_header *header, lv_error *err)
{
    decoder d = {rd, 0, false, NULL};
    lv_kafka_request_header h = {0};
    h.api_key = lv_rd_i16be(rd);
    h.api_version = lv_rd_i16be(rd);
    h.correlation_id = lv_rd_i32be(rd);
    const lv_kafka_api *api = lv_kafka_api_get(h.api_key);
    /* Of an unknown API not even the header's form is certain; what is needed to answer is read. */
    if (api) {
        h.client_id = decode_text(&d, true);
        if (h.api_version >= api->flexible_from && h.api_version <= api->max_version)
            skip_tags(rd);
    }
    if (rd->failed)
        return LV_FAIL(err, LV_KAFKA_PROTOCOL, "a request header ends early");
    *header = h;
    return LV_OK;
}

lv_status lv_kafka_request_decode(lv_rd *rd, const lv_kafka_request_header *header, lv_arena *arena,
                                  void *request, lv_error *err)
{
    const lv_kafka_api *api = lv_kafka_api_get(header->api_key);
    LV_ASSERT(api && api->min_version <= header->api_version &&
              header->api_version <= api->max_version);
    decoder d = {rd, header->api_version, header->api_version >= api->flexible_from, arena};
    return decode_body(&d, api, api->request(), "request", request, err);
}

lv_status lv_kafka_response_decode(lv_str frame, lv_kafka_api_key key, int16_t version,
                                   lv_arena *arena, int32_t *correlation_id, void *response,
                                   lv_error *err)
{
    const lv_kafka_api *api = lv_kafka_api_get((int16_t)key);
    LV_ASSERT(api && api->min_version <= version && version <= api->max_version);
    lv_rd rd = lv_rd_of(frame.ptr, frame.len);
    decoder d = {&rd, version, version >= api->flexible_from, arena};
    int32_t id = lv_rd_i32be(&rd);
    if (d.flexible && key != LV_KAFKA_API_VERSIONS)
        skip_tags(&rd);
    LV_TRY(decode_body(&d, api, api->response(), "response", response, err));
    *correlation_id = id;
    return LV_OK;
}
