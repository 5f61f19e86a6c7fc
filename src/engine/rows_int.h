/* rows_int.h: rows that statements other than queries give. Private to engine/. */
#ifndef LV_ENGINE_ROWS_INT_H
#define LV_ENGINE_ROWS_INT_H

#include "engine/rows.h"

/** `count` rows, cells row by row, copied; ptr NULL: null. Columns are STRING, or BOOLEAN where a `?`
 *  stands before the name. */
lv_rows *lv_rows_of_text(const char *const *names, int columns, const lv_str *cells, int count);
/** SHOW. Errors SCHEMA_NOT_FOUND, TABLE_OR_VIEW_NOT_FOUND. */
LV_MUST_USE lv_status lv_session_show(lv_session *session, const lv_statement *statement,
                                      lv_rows **rows, lv_error *err);
/** DESCRIBE. Errors as of SHOW, and UNRESOLVED_COLUMN, UNRESOLVED_ROUTINE, those of a query. */
LV_MUST_USE lv_status lv_session_describe(lv_session *session, const lv_statement *statement,
                                          lv_rows **rows, lv_error *err);

#endif
