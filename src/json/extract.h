/* extract.h: parts of JSON texts, without a schema: get_json_object, json_tuple, json_object_keys, json_array_length.
 *
 * A text is read up to the end of its first value; what follows does not count, but a text that is broken before
 * that has no parts at all. Source: jsonExpressions.scala, GetJsonObjectEvaluator, JsonTuple. */
#ifndef LV_JSON_EXTRACT_H
#define LV_JSON_EXTRACT_H

#include "column/vector.h"

typedef enum lv_json_step_kind {
    LV_STEP_NAME,
    LV_STEP_INDEX,
    LV_STEP_EACH,
    LV_STEP_NEVER
} lv_json_step_kind;

typedef struct lv_json_step {
    lv_json_step_kind kind;
    lv_str name;   /* NAME */
    int64_t index; /* INDEX */
    bool any_case; /* NAME: in any ASCII case */
} lv_json_step;

/** A path: $ and steps .name ['name'] [3] [*]. */
typedef struct lv_json_path {
    lv_json_step *steps;
    int count;
} lv_json_path;

/** Reads a path into `arena`, names borrowed; false if it is none. `any_case`: .name is meant in any case, as in
 *  value:name. */
bool lv_json_path_parse(lv_arena *arena, lv_str text, bool any_case, lv_json_path *path);

/** Reads texts one after another. For one thread; what it gives is in `arena`. */
typedef struct lv_json_extractor lv_json_extractor;
lv_json_extractor *lv_json_extractor_make(lv_arena *arena);

/** What is at the path: a string as it is, other values as compact JSON, several as an array; false if there is
 *  nothing, a null, or the text is broken. */
bool lv_json_extract_path(lv_json_extractor *x, lv_str text, const lv_json_path *path, lv_str *out);
/** The values of members of an object, ptr NULL where there is none; false if the text is no object. */
bool lv_json_extract_members(lv_json_extractor *x, lv_str text, const lv_str *names, int count,
                             lv_str *out);
/** Appends the names of an object to a STRING builder; false if the text is no object. */
bool lv_json_extract_keys(lv_json_extractor *x, lv_str text, lv_builder *names);
/** How many items an array has; false if the text is none. */
bool lv_json_extract_length(lv_json_extractor *x, lv_str text, int32_t *length);

#endif
