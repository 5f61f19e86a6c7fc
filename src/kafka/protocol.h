/* protocol.h: the wire messages of the Kafka protocol, both directions.
 *
 *   frame    := int32 size, then size bytes
 *   request  := int16 api_key, int16 api_version, int32 correlation_id, nullable string client_id,
 *               [tagged fields: flexible versions], body
 *   response := int32 correlation_id, [tagged fields: flexible versions, never ApiVersions], body
 *
 * protocol.def describes every body; it makes the structs below (lv_kafka_produce_request, ...)
 * and the tables behind the four functions that encode and decode any of them. Record batches
 * are opaque here: they stay slices of the frame (records.h knows their inside).
 *
 *     lv_kafka_metadata_request request = lv_kafka_metadata_request_default();
 *     request.topics.count = -1;
 *     lv_kafka_request_encode(&out, LV_KAFKA_METADATA, 8, correlation_id, client_id, &request, NULL);
 *     ... send out, read a frame ...
 *     lv_kafka_metadata_response response;
 *     LV_TRY(lv_kafka_response_decode(frame, LV_KAFKA_METADATA, 8, &arena, &correlation_id, &response, err));
 *
 * Thread-safe: no state. */
#ifndef LV_KAFKA_PROTOCOL_H
#define LV_KAFKA_PROTOCOL_H

#include "base/bytes.h"
#include "base/status.h"

/* ---- messages -------------------------------------------------------------------------------- */

/* The C types of the wire types of protocol.def. */
typedef bool lv_kafka_flag;
typedef int8_t lv_kafka_i8;
typedef int16_t lv_kafka_i16;
typedef int32_t lv_kafka_i32;
typedef int64_t lv_kafka_i64;
typedef lv_str lv_kafka_str;
typedef lv_str lv_kafka_bytes;
typedef lv_str lv_kafka_records;

#define STRUCT(name)           typedef struct lv_kafka_##name {
#define FIELD(type, name, ...) lv_kafka_##type name;
#define ARRAY(element, name, ...)                                                                  \
    struct {                                                                                       \
        element *at;                                                                               \
        int32_t count;                                                                             \
    } name;
#define END(name)                                                                                  \
    }                                                                                              \
    lv_kafka_##name;                                                                               \
    /** The struct with every field at its default. */                                             \
    lv_kafka_##name lv_kafka_##name##_default(void);
#define API(...)
#include "kafka/protocol.def"
#undef STRUCT
#undef FIELD
#undef ARRAY
#undef END
#undef API

/* ---- APIs and errors ------------------------------------------------------------------------- */

typedef enum lv_kafka_api_key {
#define STRUCT(...)
#define FIELD(...)
#define ARRAY(...)
#define END(...)
#define API(name, key, ...) LV_KAFKA_##name = (key),
#include "kafka/protocol.def"
#undef STRUCT
#undef FIELD
#undef ARRAY
#undef END
#undef API
} lv_kafka_api_key;

typedef struct lv_kafka_api {
    int16_t key;
    int16_t min_version; /* the versions this codec reads and writes */
    int16_t max_version;
    int16_t flexible_from;
    const char *name;
    uint16_t request_size; /* of the C structs */
    uint16_t response_size;
    const struct lv_kafka_layout *(*request)(void); /* private to protocol.c */
    const struct lv_kafka_layout *(*response)(void);
} lv_kafka_api;

/** The API of a key, NULL if this codec does not know it. */
const lv_kafka_api *lv_kafka_api_get(int16_t key);
/** All APIs, ascending by key. */
const lv_kafka_api *lv_kafka_apis(size_t *count);

typedef enum lv_kafka_error_code {
#define X(code, name, retriable) LV_KAFKA_ERROR_##name = (code),
#include "kafka/protocol_errors.def"
#undef X
} lv_kafka_error_code;

/** "OFFSET_OUT_OF_RANGE"; "UNKNOWN_ERROR_CODE" for codes this table does not have. */
const char *lv_kafka_error_name(int16_t code);
/** Whether the same request may succeed later. */
bool lv_kafka_error_is_retriable(int16_t code);

/* ---- coding ---------------------------------------------------------------------------------- */

/** Record data that an encoder left out: it belongs at `position` of the encoded buffer. The
 *  frame's size counts it. Holes are in wire order, one per `records` field that is not empty. */
typedef struct lv_kafka_hole {
    size_t position;
    lv_str records;
} lv_kafka_hole;

typedef struct lv_kafka_holes {
    lv_kafka_hole *at; /* the caller's array */
    size_t capacity;   /* at least the number of `records` fields */
    size_t count;
} lv_kafka_holes;

typedef struct lv_kafka_request_header {
    int16_t api_key;
    int16_t api_version;
    int32_t correlation_id;
    lv_str client_id; /* borrowed from the frame; ptr NULL for null */
} lv_kafka_request_header;

/** Appends a whole frame, size included. `request` is the API's request struct; the version must
 *  be one of lv_kafka_api's. With `holes` record data is not copied but noted there. */
void lv_kafka_request_encode(lv_sbuf *out, lv_kafka_api_key key, int16_t version,
                             int32_t correlation_id, lv_str client_id, const void *request,
                             lv_kafka_holes *holes);
/** As lv_kafka_request_encode, for the answer to a request of that key and version. */
void lv_kafka_response_encode(lv_sbuf *out, lv_kafka_api_key key, int16_t version,
                              int32_t correlation_id, const void *response, lv_kafka_holes *holes);

/** Reads the header of a frame (without its size) and leaves `rd` at the body. The key and the
 *  version may be unknown ones: check with lv_kafka_api_get before decoding the body. Status
 *  KAFKA_PROTOCOL when the bytes end early. */
LV_MUST_USE lv_status lv_kafka_request_header_decode(lv_rd *rd, lv_kafka_request_header *header,
                                                     lv_error *err);
/** Reads a request's body into the API's request struct, all of it: bytes left over are an error
 *  too. Strings and records are slices of the frame, arrays are in the arena, bounded by a small
 *  multiple of the frame's size. Status KAFKA_PROTOCOL. */
LV_MUST_USE lv_status lv_kafka_request_decode(lv_rd *rd, const lv_kafka_request_header *header,
                                              lv_arena *arena, void *request, lv_error *err);
/** Reads a response frame (without its size): header and body. As lv_kafka_request_decode. */
LV_MUST_USE lv_status lv_kafka_response_decode(lv_str frame, lv_kafka_api_key key, int16_t version,
                                               lv_arena *arena, int32_t *correlation_id,
                                               void *response, lv_error *err);

#endif
