/* levada.h: Levada as a library: SQL in, Arrow columns out.
 *
 *     levada_session *session;
 *     levada_result *result;
 *     levada_error *error = NULL;
 *     if (levada_open("lake", NULL, 0, &session, &error) != 0 ||
 *         levada_query(session, "SELECT id FROM events", &result, &error) != 0)
 *         fprintf(stderr, "[%s] %s\n", levada_error_class(error), levada_error_message(error));
 *
 * Errors: functions that can fail return 0, or non-zero and, where `error` is not NULL, an error in
 * *error that the caller frees. Outputs are written on success only. Classes are those of Spark.
 *
 * Ownership: what a function gives through a `**` or an Arrow struct is the caller's to free or
 * release; strings are borrowed from the object they were asked of. Everything that is passed in is
 * copied, but an ArrowArrayStream, which is moved.
 *
 * Threads: a session, with its results and their streams, is used by one thread at a time; sessions
 * are independent of each other. Arrow schemas and arrays that were given out belong to no session:
 * any thread may use and release them, also after levada_close. */
#ifndef LEVADA_H
#define LEVADA_H

#include <stddef.h>
#include <stdint.h>

#include "levada_arrow.h"

#if defined(__GNUC__)
#define LEVADA_API __attribute__((visibility("default")))
#else
#define LEVADA_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

typedef struct levada_session levada_session;
typedef struct levada_result levada_result;
typedef struct levada_error levada_error;

/** The library's version, "0.1.0". */
LEVADA_API const char *levada_version(void);

/* ---- errors ---------------------------------------------------------------------------------- */

/** The class as Spark has it, "CAST_INVALID_INPUT". All four strings are empty, not NULL, for none. */
LEVADA_API const char *levada_error_class(const levada_error *error);
/** Five characters, "22018". */
LEVADA_API const char *levada_error_sqlstate(const levada_error *error);
/** One line, with where it happened in front if that is known. */
LEVADA_API const char *levada_error_message(const levada_error *error);
/** What could be done about it; may be empty. */
LEVADA_API const char *levada_error_hint(const levada_error *error);
/** The place in the SQL text in bytes, -1 if it has none. */
LEVADA_API int64_t levada_error_offset(const levada_error *error);
LEVADA_API int64_t levada_error_length(const levada_error *error);
/** NULL is allowed. */
LEVADA_API void levada_error_free(levada_error *error);

/* ---- sessions -------------------------------------------------------------------------------- */

/** A Spark setting: "spark.sql.session.timeZone", "Europe/Lisbon". */
typedef struct levada_setting {
    const char *key;
    const char *value;
} levada_setting;

/** Opens a session. A table called `name` lies in <storage>/tables/<name>; nothing is created. */
LEVADA_API int levada_open(const char *storage, const levada_setting *settings, size_t count,
                           levada_session **session, levada_error **error);
/** Ends a session. Results that are still there go on working, and end it when they are freed. NULL
 *  is allowed. */
LEVADA_API void levada_close(levada_session *session);
/** Changes a setting, as SET key = value does. */
LEVADA_API int levada_set(levada_session *session, const char *key, const char *value,
                          levada_error **error);

/* ---- queries --------------------------------------------------------------------------------- */

/** Runs the statements of a text (UTF-8), separated by semicolons, in order. The rows of the last
 *  one are the result, which has neither columns nor rows if it gives none; rows of the others are
 *  computed and dropped. All of the text is checked before its first statement runs. */
LEVADA_API int levada_query(levada_session *session, const char *sql, levada_result **result,
                            levada_error **error);
/** NULL is allowed. */
LEVADA_API void levada_result_free(levada_result *result);
/** The columns, as a struct type. TIMESTAMP is timestamp[us] in the session's zone. */
LEVADA_API int levada_result_schema(levada_result *result, struct ArrowSchema *schema,
                                    levada_error **error);
/** The next rows, as a struct array without nulls of its own; after the last ones an array that is
 *  released (`release` is NULL). Rows are computed as they are asked for. */
LEVADA_API int levada_result_next(levada_result *result, struct ArrowArray *rows,
                                  levada_error **error);
/** The rows that are left as a stream, which takes the result: it must not be used or freed any
 *  more. get_next fails with EIO and "[CLASS] message" in get_last_error. */
LEVADA_API void levada_result_stream(levada_result *result, struct ArrowArrayStream *stream);

/* ---- rows of the caller ---------------------------------------------------------------------- */

/** Makes a temporary view of the stream's rows, in place of a view of that name. The stream is read to its end
 *  and released, also when this fails; its arrays are kept, not copied, until the view is replaced or the session
 *  ends. Their memory must not change meanwhile. Unsigned integers are widened, dictionaries looked up;
 *  UNSUPPORTED_ARROWTYPE for what has no counterpart in Spark (unions, times of day). */
LEVADA_API int levada_register(levada_session *session, const char *name,
                               struct ArrowArrayStream *stream, levada_error **error);

#ifdef __cplusplus
}
#endif
#endif
