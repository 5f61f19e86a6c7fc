/* session_int.h: what a session is made of. Private to engine/. */
#ifndef LV_ENGINE_SESSION_INT_H
#define LV_ENGINE_SESSION_INT_H

#include "base/vec.h"
#include "engine/session.h"

#define LV_DEFAULT_CATALOG "spark_catalog"
#define LV_DEFAULT_SCHEMA  "default"

/** A name with all its parts. Those of temporary views have one part only: catalog and schema empty. */
typedef struct lv_full_name {
    lv_str catalog;
    lv_str schema;
    lv_str name;
} lv_full_name;

typedef struct lv_named_view {
    lv_full_name name;
    bool global;
    lv_plan *plan;
} lv_named_view;

struct lv_session {
    lv_arena arena;
    const char *storage;
    LV_VEC(lv_option) settings;
    LV_VEC(lv_named_view) views;
    lv_str catalog_name;
    lv_str schema_name;
    lv_timezone *zone;
    lv_catalog catalog;
    lv_exec_watch watch;
};

/** [catalog.][schema.]name in this session. Error REQUIRES_SINGLE_PART_NAMESPACE for more parts. */
LV_MUST_USE lv_status lv_names_resolve(lv_session *session, const lv_str *names, int count,
                                       lv_full_name *full, lv_error *err);
/** The folder of a schema below <storage>/`kind`; kind is tables, checkpoints or views. */
const char *lv_names_folder(lv_session *session, const char *kind, lv_str catalog, lv_str schema);
/** <storage>/`kind`/[catalog.catalog/][schema.db/]name `suffix`. */
const char *lv_names_path(lv_session *session, const char *kind, const lv_full_name *full,
                          const char *suffix);
/** Whether letters, digits and _ are all there is in a name, so that it can be that of a folder. */
bool lv_names_is_plain(lv_str name);

/** Keeps a view, and writes its statement to <storage>/views for later sessions. */
LV_MUST_USE lv_status lv_views_store(lv_session *session, const lv_statement *statement,
                                     lv_error *err);

#endif
