/* export.h: rows into a file: Parquet, JSON lines or CSV, by the name's ending.
 *
 * The file appears when it is whole: rows go to a hidden file beside it, renamed at the end. */
#ifndef LV_CLI_EXPORT_H
#define LV_CLI_EXPORT_H

#include "base/status.h"
#include "base/timezone.h"
#include "column/vector.h"

typedef struct lv_export lv_export;

/** Error USAGE if a path ends in none of .parquet, .jsonl, .json, .csv, .md. */
LV_MUST_USE lv_status lv_export_check(const char *path, lv_error *err);
/** Begins a file of these columns; `schema`, `zone` and `path` must outlive the export. */
LV_MUST_USE lv_status lv_export_open(const char *path, const lv_type *schema,
                                     const lv_timezone *zone, lv_export **export, lv_error *err);
LV_MUST_USE lv_status lv_export_add(lv_export *export, const lv_batch *batch, lv_error *err);
/** Ends the file and puts it in its place; the export is freed in any case. Rows and bytes written. */
LV_MUST_USE lv_status lv_export_finish(lv_export *export, int64_t *rows, int64_t *size_bytes,
                                       lv_error *err);
/** Gives up: nothing is left. NULL is allowed. */
void lv_export_abandon(lv_export *export);

#endif
