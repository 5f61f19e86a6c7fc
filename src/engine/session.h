/* session.h: what statements change and later statements see: settings, views, where tables lie.
 *
 * A session is used by one thread. Plans it hands out live in its arena until lv_session_free. */
#ifndef LV_ENGINE_SESSION_H
#define LV_ENGINE_SESSION_H

#include "base/timezone.h"
#include "exec/exec.h"

typedef struct lv_session lv_session;

/** `storage`: tables lie in <storage>/tables/<name>, checkpoints in <storage>/checkpoints/<name>. */
lv_session *lv_session_new(const char *storage);
void lv_session_free(lv_session *session);
lv_arena *lv_session_arena(lv_session *session);

/** Sets a configuration key; any key is kept, values of known ones are checked. Error INVALID_CONF_VALUE. */
LV_MUST_USE lv_status lv_session_set(lv_session *session, lv_str key, lv_str value, lv_error *err);
/** Back to the default; an empty key resets all. */
void lv_session_reset(lv_session *session, lv_str key);
/** The value of a key, its default, or LV_STR_NONE. */
lv_str lv_session_get(const lv_session *session, const char *key);
/** All keys that were set, in order of setting, for SET without arguments. */
const lv_option *lv_session_settings(const lv_session *session, int *count);
bool lv_session_ansi(const lv_session *session);
bool lv_session_map_last_wins(const lv_session *session);
const lv_timezone *lv_session_zone(const lv_session *session);
/** The part of the settings that analysis depends on; borrowed until the next change. */
lv_plan_conf lv_session_plan_conf(const lv_session *session);

/** USE [CATALOG|SCHEMA] name. Errors REQUIRES_SINGLE_PART_NAMESPACE, INVALID_SCHEMA_OR_RELATION_NAME. */
LV_MUST_USE lv_status lv_session_use(lv_session *session, const lv_statement *statement,
                                     lv_error *err);
/** What USE chose last; spark_catalog and default at first. */
lv_str lv_session_current_catalog(const lv_session *session);
lv_str lv_session_current_schema(const lv_session *session);
/** The plan of a view of this session or of <storage>/views; NULL in *view if there is none. */
LV_MUST_USE lv_status lv_session_find_view(lv_session *session, const lv_str *names, int count,
                                           const lv_plan **view, lv_error *err);
/** Keeps a view's unresolved plan. Error TABLE_OR_VIEW_ALREADY_EXISTS unless `replace`. */
LV_MUST_USE lv_status lv_session_add_view(lv_session *session, const lv_statement *statement,
                                          lv_error *err);
/** Makes a view `name` of a feed's rows, in place of a view of that name. `feed` and `schema` must outlive the view
 *  and the plans that read it. */
void lv_session_add_feed(lv_session *session, lv_str name, const lv_feed *feed,
                         const lv_type *schema);
/** Name resolution for lv_plan_analyze. Borrowed. */
const lv_catalog *lv_session_catalog(lv_session *session);
/** Carries out a statement that changes what later ones see: SET, RESET, USE, CREATE VIEW. */
LV_MUST_USE lv_status lv_session_apply(lv_session *session, const lv_statement *statement,
                                       lv_error *err);
/** Resolves and optimizes a statement's query, in the session's arena. */
LV_MUST_USE lv_status lv_session_plan(lv_session *session, const lv_plan *query, lv_plan **plan,
                                      lv_error *err);
/** What runs in the session now: it can be cancelled, and tells how far it is. Each statement begins with
 *  it cleared. Borrowed. @thread any */
lv_exec_watch *lv_session_watch(lv_session *session);
/** Where a table of the current schema lies, and its checkpoint (names.c draws it), in the session's arena. */
const char *lv_session_table_path(lv_session *session, lv_str name);
const char *lv_session_checkpoint_path(lv_session *session, lv_str name);

#endif
