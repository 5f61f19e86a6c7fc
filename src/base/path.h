/* path.h: paths of files as URIs, and names and values in the folders of partitions.
 *
 * A URI is percent-encoded as Java's URI does it. Folder names of partitions have Hive's escapes, so that
 * %2F in a folder's name is %252F in a URI. Source: RFC 2396; Spark's ExternalCatalogUtils. */
#ifndef LV_BASE_PATH_H
#define LV_BASE_PATH_H

#include "base/str.h"

/** A URI reference as a path: decoded, without file:. Points into `uri` or `arena`. */
lv_str lv_path_key(lv_arena *arena, lv_str uri);
/** Adds the percent-encoded form of a path; '/' stays. */
void lv_path_encode(lv_str path, lv_sbuf *out);
/** Adds a name or value of a partition folder with Hive's escapes. */
void lv_hive_escape(lv_str text, lv_sbuf *out);
/** The same back; points into `text` or `arena`. */
lv_str lv_hive_unescape(lv_arena *arena, lv_str text);

#endif
