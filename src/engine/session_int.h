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
    LV_VEC(const lv_statement *) foreseen; /* of a pipeline: views and tables of all its files */
    lv_str catalog_name;
    lv_str schema_name;
    lv_timezone *zone;
    lv_catalog catalog;
    const char
        *sources_dir; /* of the checkpoint of the query that is being planned; NULL: it has none */
    int source_count; /* of that query so far */
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

/** Lets names find a view that its statement has yet to make, and tells of a table that will be there. */
void lv_session_foresee(lv_session *session, const lv_statement *statement);
/** A table or view with a name near this one, ptr NULL if there is none. */
lv_str lv_session_suggest(lv_session *session, const lv_str *names, int count);
/** Whether a pipeline's streaming table of this name is foreseen. */
bool lv_session_foresees_table(const lv_session *session, lv_str name);

/** Settings, catalog and schema as they are; for lv_session_back_to. */
typedef struct lv_session_mark {
    const lv_option *settings;
    size_t count;
    lv_str catalog_name;
    lv_str schema_name;
} lv_session_mark;
lv_session_mark lv_session_keep(lv_session *session);
void lv_session_back_to(lv_session *session, lv_session_mark mark);

/** Keeps a view, and writes its statement to <storage>/views for later sessions. */
LV_MUST_USE lv_status lv_views_store(lv_session *session, const lv_statement *statement,
                                     lv_error *err);

#endif
