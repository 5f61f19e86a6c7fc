/* rows.h: statements that give rows: queries, EXPLAIN, and SET, which shows what it has set.
 *
 * Rows come batch by batch while the operators run, on the caller's thread. */
#ifndef LV_ENGINE_ROWS_H
#define LV_ENGINE_ROWS_H

#include "engine/session.h"

typedef struct lv_rows lv_rows;

/** Carries out any statement but CREATE STREAMING TABLE. *rows is NULL for one that gives none. The session
 *  must outlive the rows. Errors of analysis have their place in the text. */
LV_MUST_USE lv_status lv_session_run(lv_session *session, const lv_statement *statement,
                                     lv_rows **rows, lv_error *err);
/** Columns of the rows, a STRUCT; borrowed. */
const lv_type *lv_rows_schema(const lv_rows *rows);
/** The next rows (may be none), valid until the next call; *done when none come after these. */
LV_MUST_USE lv_status lv_rows_next(lv_rows *rows, lv_batch *batch, bool *done, lv_error *err);
/** NULL is allowed. */
void lv_rows_free(lv_rows *rows);

#endif
