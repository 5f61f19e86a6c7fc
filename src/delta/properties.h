/* properties.h: table properties: which there are, and what their values mean. Private to delta/.
 */
#ifndef LV_DELTA_PROPERTIES_H
#define LV_DELTA_PROPERTIES_H

#include "delta/snapshot.h"

/** Checks the properties of a table that is made, and tells the protocol versions that they ask for
 * (1 and 2 at least). Names without "delta." are the user's own. Errors
 * DELTA_UNKNOWN_CONFIGURATION, INVALID_CONF_TYPE, DELTA_UNSUPPORTED_FEATURES_FOR_WRITE. */
LV_MUST_USE lv_status lv_properties_check(const lv_options *properties, int *min_reader,
                                          int *min_writer, lv_error *err);
/** Adds those that metaData.configuration keeps as a JSON object, delta's with their own spelling.
 */
void lv_properties_print(const lv_options *properties, lv_sbuf *out);

/** Reads "100mb", "1g", "1048576" as bytes; false if it is none. */
bool lv_byte_size_parse(lv_str text, int64_t *bytes);
/** A property of an existing table by type; what cannot be read counts as not set. */
int64_t lv_property_interval_ms(const lv_metadata *m, const char *name, int64_t otherwise);
int64_t lv_property_long(const lv_metadata *m, const char *name, int64_t otherwise);
bool lv_property_bool(const lv_metadata *m, const char *name, bool otherwise);

#endif
