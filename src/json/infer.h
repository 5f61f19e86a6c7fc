/* infer.h: the schema that JSON texts have, by the rules of Spark's JsonInferSchema.
 *
 * Types widen: BIGINT, DECIMAL for larger integers, DOUBLE, STRING for what has nothing in common; structs are merged
 * by name, their fields sorted; null and "" say nothing. */
#ifndef LV_JSON_INFER_H
#define LV_JSON_INFER_H

#include "json/json.h"

typedef struct lv_json_infer_options {
    lv_json_options json; /* fail_fast: a broken record is an error, else a column for its text */
    bool drop_malformed;  /* mode DROPMALFORMED: broken records say nothing */
    bool primitives_as_string, prefers_decimal, infer_timestamp;
    bool drop_null_fields; /* dropFieldIfAllNull */
} lv_json_infer_options;

/** Sets one option by its name in Spark, in any case; those of lv_json_options_set too. */
LV_MUST_USE lv_status lv_json_infer_options_set(lv_arena *arena, lv_json_infer_options *options,
                                                lv_str name, lv_str value, lv_error *err);

typedef struct lv_json_inferrer lv_json_inferrer;

/** For one thread; the options are borrowed. */
lv_json_inferrer *lv_json_inferrer_new(const lv_json_infer_options *options);
void lv_json_inferrer_free(lv_json_inferrer *inferrer);
/** Takes a record of a file in: an object, or an array of objects, each of which is a row. Errors under fail_fast:
 *  MALFORMED_RECORD, INVALID_JSON_RECORD_TYPE. */
LV_MUST_USE lv_status lv_json_infer_record(lv_json_inferrer *inferrer, lv_str record,
                                           lv_error *err);
/** The schema of all records, in `arena`: a STRUCT, without fields if they have none. */
const lv_type *lv_json_inferrer_schema(const lv_json_inferrer *inferrer, lv_arena *arena);
/** The type of one value of any kind, in `arena` (schema_of_json). Error MALFORMED_RECORD, whatever the mode. */
LV_MUST_USE lv_status lv_json_infer_value(lv_arena *arena, const lv_json_infer_options *options,
                                          lv_str text, const lv_type **type, lv_error *err);

#endif
