/* refresh.c: which tables a run fills, and which of them anew.
 *
 * As with spark-pipelines: --refresh names the tables to fill, --full-refresh those to fill from the
 * beginning, and with either the others rest. To fill a table anew is to remove its rows and the
 * checkpoints of its flows. */
#include "base/check.h"
#include "engine/pipeline_int.h"
#include "os/os.h"

static lv_dataset *find(const lv_pipeline *p, lv_str name)
{
    ptrdiff_t dot = lv_str_find(name, '.', 0);
    for (size_t i = 0; i < p->datasets.count; i++) {
        const lv_full_name *full = &p->datasets.at[i]->name;
        bool same = dot < 0 ? lv_str_eq_nocase(full->name, name)
                            : lv_str_eq_nocase(full->schema, lv_str_sub(name, 0, (size_t)dot)) &&
                                  lv_str_eq_nocase(full->name, lv_str_after(name, (size_t)dot + 1));
        if (same)
            return p->datasets.at[i];
    }
    return NULL;
}

static void suggest(const lv_pipeline *p, lv_str name, lv_error *err)
{
    const lv_dataset *near = NULL;
    for (size_t i = 0; i < p->datasets.count; i++)
        if (lv_str_distance(name, p->datasets.at[i]->name.name) <= 3)
            near = p->datasets.at[i];
    if (near != NULL)
        lv_error_hint(err, "did you mean %.*s?", LV_STR_ARG(near->name.name));
}

static lv_status mark(lv_pipeline *p, lv_str names, bool reset, lv_error *err)
{
    for (lv_str name; names.ptr != NULL && lv_str_split(&names, ',', &name);) {
        name = lv_str_trim(name);
        lv_dataset *d = find(p, name);
        if (d == NULL) {
            suggest(p, name, err);
            return LV_FAIL(err, LV_TABLE_OR_VIEW_NOT_FOUND,
                           "the pipeline defines no streaming table `%.*s`", LV_STR_ARG(name));
        }
        d->selected = true;
        d->reset = d->reset || reset;
    }
    return LV_OK;
}

lv_status lv_pipeline_select(lv_pipeline *p, lv_error *err)
{
    const lv_pipeline_options *o = p->options;
    bool some = o->refresh.len > 0 || o->full_refresh.len > 0;
    if (some && o->full_refresh_all)
        return LV_FAIL(err, LV_CONFLICTING_REFRESH_OPTIONS,
                       "--full-refresh-all option conflicts with %s. The --full-refresh-all option "
                       "performs a full refresh of all datasets, so specifying individual datasets "
                       "with %s is not allowed",
                       o->full_refresh.len > 0 ? "--full-refresh" : "--refresh",
                       o->full_refresh.len > 0 ? "--full-refresh" : "--refresh");
    for (size_t i = 0; i < p->datasets.count; i++) {
        p->datasets.at[i]->selected = !some;
        p->datasets.at[i]->reset = o->full_refresh_all;
    }
    LV_TRY(mark(p, o->refresh, false, err));
    return mark(p, o->full_refresh, true, err);
}

int lv_pipeline_reset_count(const lv_pipeline *p)
{
    int count = 0;
    for (size_t i = 0; i < p->datasets.count; i++)
        count += p->datasets.at[i]->reset;
    return count;
}

lv_status lv_pipeline_reset(lv_pipeline *p, lv_error *err)
{
    for (size_t i = 0; i < p->flows.count; i++)
        if (p->flows.at[i].dataset->reset)
            LV_TRY(lv_dir_remove(p->flows.at[i].options.checkpoint_dir, err));
    for (size_t i = 0; i < p->datasets.count; i++)
        if (p->datasets.at[i]->reset)
            LV_TRY(lv_dir_remove(p->datasets.at[i]->table_path, err));
    return LV_OK;
}
