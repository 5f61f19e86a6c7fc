/* spec.c: see spec.h. libyaml makes a tree of the file; what is checked here are its keys and types. */
#include "cli/spec.h"

#include <stdlib.h>
#include <unistd.h>
#include <yaml.h>

#include "base/vec.h"
#include "os/os.h"

enum { SPEC_BYTES_MAX = 1 << 20, FOLDER_DEPTH_MAX = 64, FILES_MAX = 10000 };

typedef LV_VEC(const char *) file_list;

typedef struct reader {
    lv_arena *arena;
    const char *path;
    const char *folder; /* of the spec */
    lv_str text;
    yaml_document_t *document;
    lv_spec_error_sink on_error;
    void *context;
    lv_spec *spec;
    file_list files;
    lv_status first;
    lv_error *err;
} reader;

bool lv_spec_is_one(const char *path)
{
    return lv_str_ends(lv_str_of(path), LV_STR(".yml")) ||
           lv_str_ends(lv_str_of(path), LV_STR(".yaml"));
}

lv_status lv_spec_find(lv_arena *arena, const char **path, lv_error *err)
{
    char *folder = getcwd(NULL, 0);
    char *start = folder ? lv_arena_strndup(arena, folder, strlen(folder)) : NULL;
    free(folder);
    for (lv_str at = lv_str_of(start ? start : ""); at.ptr != NULL;) {
        char *dir = lv_str_cstr(arena, at.len > 0 ? at : LV_STR("/"));
        const char *yaml = lv_path_join(arena, dir, "spark-pipeline.yaml");
        const char *yml = lv_path_join(arena, dir, "spark-pipeline.yml");
        if (lv_path_exists(yaml) && lv_path_exists(yml))
            return LV_FAIL(
                err, LV_MULTIPLE_SPEC_FILES,
                "Multiple pipeline spec files found in the directory `%s`. Please remove "
                "one or choose a particular one by naming it",
                dir);
        *path = lv_path_exists(yaml) ? yaml : yml;
        if (lv_path_exists(*path))
            return LV_OK;
        while (at.len > 0 && at.ptr[at.len - 1] != '/')
            at.len--;
        if (at.len == 0)
            break;
        at.len--;
    }
    lv_error_hint(err, "name SQL files or a spec: levada run pipeline.sql");
    return LV_FAIL(
        err, LV_SPEC_NOT_FOUND,
        "No spark-pipeline.yaml or spark-pipeline.yml file provided in arguments or found "
        "in directory `%s` or readable ancestor directories",
        start ? start : ".");
}

/* ---- errors ---------------------------------------------------------------------------------- */

static int64_t offset_of(const reader *r, yaml_mark_t mark)
{
    size_t at = 0;
    for (size_t line = 0; line < mark.line && at < r->text.len; at++)
        line += r->text.ptr[at] == '\n';
    return (int64_t)LV_MIN(at + mark.column, r->text.len);
}

/* Reports own, at `node` if there is one. */
static void report(reader *r, lv_error *own, const yaml_node_t *node)
{
    if (node != NULL) {
        int64_t begin = offset_of(r, node->start_mark), end = offset_of(r, node->end_mark);
        lv_error_at(own, begin, node->type == YAML_SCALAR_NODE ? LV_MAX(end - begin, 1) : 1);
    }
    r->on_error(r->context, r->path, r->text, own);
    if (r->first == LV_OK) {
        r->first = own->status;
        if (r->err != NULL)
            *r->err = *own;
    }
}

#define REPORT(r, node, status, hint, ...)                                                         \
    do {                                                                                           \
        lv_error own_ = LV_ERROR_INIT;                                                             \
        if ((hint)[0] != '\0')                                                                     \
            lv_error_hint(&own_, "%s", hint);                                                      \
        lv_status ignored_ = LV_FAIL(&own_, status, __VA_ARGS__);                                  \
        (void)ignored_;                                                                            \
        report(r, &own_, node);                                                                    \
    } while (0)

/* ---- nodes ----------------------------------------------------------------------------------- */

static yaml_node_t *get(const reader *r, int index)
{
    return yaml_document_get_node(r->document, index);
}

static lv_str scalar(const yaml_node_t *node)
{
    return node->type == YAML_SCALAR_NODE
               ? (lv_str){(const char *)node->data.scalar.value, node->data.scalar.length}
               : LV_STR_NONE;
}

static yaml_node_t *member(const reader *r, const yaml_node_t *map, const char *key)
{
    if (map == NULL || map->type != YAML_MAPPING_NODE)
        return NULL;
    for (yaml_node_pair_t *p = map->data.mapping.pairs.start; p < map->data.mapping.pairs.top; p++)
        if (lv_str_is(scalar(get(r, p->key)), key))
            return get(r, p->value);
    return NULL;
}

/* What YAML makes of a scalar without quotes. */
static const char *type_name(const yaml_node_t *node)
{
    static const char *const words[][2] = {
        {"true", "bool"}, {"false", "bool"},    {"yes", "bool"},   {"no", "bool"},  {"on", "bool"},
        {"off", "bool"},  {"null", "NoneType"}, {"~", "NoneType"}, {"", "NoneType"}};
    if (node->type == YAML_MAPPING_NODE)
        return "dict";
    if (node->type == YAML_SEQUENCE_NODE)
        return "list";
    lv_str text = scalar(node);
    int64_t number;
    char *end;
    if (node->data.scalar.style != YAML_PLAIN_SCALAR_STYLE)
        return "str";
    for (size_t i = 0; i < LV_COUNT_OF(words); i++)
        if (lv_str_eq_nocase(text, lv_str_of(words[i][0])))
            return words[i][1];
    if (lv_str_to_i64(text, &number))
        return "int";
    strtod((const char *)node->data.scalar.value, &end);
    return *end == '\0' && memchr(text.ptr, '.', text.len) != NULL ? "float" : "str";
}

/* ---- keys ------------------------------------------------------------------------------------ */

static const char *const known_keys[] = {"name",   "storage",       "catalog",  "database",
                                         "schema", "configuration", "libraries"};

static void check_keys(reader *r, const yaml_node_t *root)
{
    for (yaml_node_pair_t *p = root->data.mapping.pairs.start; p < root->data.mapping.pairs.top;
         p++) {
        lv_str key = scalar(get(r, p->key));
        char hint[64] = "";
        bool known = false;
        for (size_t i = 0; i < LV_COUNT_OF(known_keys); i++) {
            known = known || lv_str_is(key, known_keys[i]);
            if (key.ptr != NULL && lv_str_distance(key, lv_str_of(known_keys[i])) <= 2)
                snprintf(hint, sizeof hint, "did you mean %s?", known_keys[i]);
        }
        if (!known)
            REPORT(r, get(r, p->key), LV_SPEC_UNEXPECTED_FIELD, hint,
                   "Pipeline spec field `%.*s` is unexpected", LV_STR_ARG(key));
    }
    for (int i = 0; i < 2; i++)
        if (member(r, root, known_keys[i]) == NULL)
            REPORT(r, NULL, LV_SPEC_MISSING_FIELD, "", "Pipeline spec missing required field `%s`",
                   known_keys[i]);
}

static lv_str text_member(reader *r, const yaml_node_t *root, const char *key)
{
    yaml_node_t *node = member(r, root, key);
    if (node == NULL)
        return LV_STR("");
    if (node->type == YAML_SCALAR_NODE)
        return lv_str_dup(r->arena, scalar(node));
    REPORT(r, node, LV_SPEC_FIELD_TYPE, "", "Pipeline spec field `%s` should be a string, got %s",
           key, type_name(node));
    return LV_STR("");
}

static void take_configuration(reader *r, const yaml_node_t *node)
{
    if (node == NULL)
        return;
    if (node->type != YAML_MAPPING_NODE) {
        REPORT(r, node, LV_SPEC_FIELD_TYPE, "",
               "Pipeline spec field `configuration` should be a dict, got %s", type_name(node));
        return;
    }
    yaml_node_pair_t *begin = node->data.mapping.pairs.start, *end = node->data.mapping.pairs.top;
    lv_option *items = LV_NEW_ARRAY(r->arena, lv_option, end - begin);
    int count = 0;
    for (yaml_node_pair_t *p = begin; p < end; p++) {
        const yaml_node_t *value = get(r, p->value);
        lv_str key = scalar(get(r, p->key));
        if (strcmp(type_name(value), "str") != 0)
            REPORT(r, value, LV_SPEC_VALUE_TYPE, "put it into quotes",
                   "For pipeline spec field `configuration`, value for key `%.*s` should be a "
                   "string, got %s",
                   LV_STR_ARG(key), type_name(value));
        else
            items[count++] =
                (lv_option){lv_str_dup(r->arena, key), lv_str_dup(r->arena, scalar(value)), -1};
    }
    r->spec->configuration = (lv_options){items, count};
}

/* file:///x and file:/x are /x; other schemes are not there. */
static void take_storage(reader *r, const yaml_node_t *root)
{
    lv_str storage = text_member(r, root, "storage");
    if (lv_str_starts(storage, LV_STR("file:"))) {
        storage = lv_str_after(storage, 5);
        while (storage.len > 1 && storage.ptr[0] == '/' && storage.ptr[1] == '/')
            storage = lv_str_after(storage, 1);
    }
    if (lv_str_find(storage, ':', 0) >= 0)
        REPORT(r, member(r, root, "storage"), LV_UNSUPPORTED_FEATURE,
               "give a folder of this machine", "The feature is not supported: storage %.*s",
               LV_STR_ARG(storage));
    const char *path = lv_str_cstr(r->arena, storage);
    r->spec->storage = path[0] == '/' ? path : lv_path_join(r->arena, r->folder, path);
}

/* ---- files ----------------------------------------------------------------------------------- */

static void take_file(reader *r, const char *path, const yaml_node_t *node)
{
    if (lv_str_ends(lv_str_of(path), LV_STR(".sql")))
        LV_VEC_PUSH(r->arena, r->files, path);
    else if (lv_str_ends(lv_str_of(path), LV_STR(".py")))
        REPORT(r, node, LV_UNSUPPORTED_FEATURE, "write it in SQL",
               "The feature is not supported: the Python definitions of %s", path);
    else
        REPORT(r, node, LV_SPEC_FILE_EXTENSION, "",
               "Pipeline definitions file `%s` has an unsupported extension. Supported extensions "
               "are `.py` and `.sql`",
               path);
}

static void take_folder(reader *r, const char *path, const yaml_node_t *node, int depth)
{
    lv_dir_entry *entries;
    size_t count;
    lv_error own = LV_ERROR_INIT;
    if (lv_dir_list(path, r->arena, &entries, &count, &own) != LV_OK) {
        report(r, &own, node);
        return;
    }
    for (size_t i = 0; i < count && r->files.count < FILES_MAX; i++) {
        const char *inner = lv_path_join(r->arena, path, entries[i].name.ptr);
        if (lv_str_is(entries[i].name, "__pycache__"))
            continue;
        if (!entries[i].is_dir)
            take_file(r, inner, node);
        else if (depth < FOLDER_DEPTH_MAX)
            take_folder(r, inner, node, depth + 1);
    }
}

/* A path without wildcards, or a folder with all below it. */
static void take_glob(reader *r, const yaml_node_t *node)
{
    lv_str pattern = scalar(node), folder = pattern;
    if (lv_str_ends(pattern, LV_STR("/**")))
        folder.len -= 3;
    for (size_t i = 0; i < folder.len; i++)
        if (strchr("*?[", folder.ptr[i]) != NULL) {
            REPORT(r, node, LV_SPEC_GLOB, "",
                   "Invalid glob pattern `%.*s` in libraries. Only file paths, or folder paths "
                   "ending with /** are allowed",
                   LV_STR_ARG(pattern));
            return;
        }
    const char *path = lv_path_join(r->arena, r->folder, lv_str_cstr(r->arena, folder));
    lv_error own = LV_ERROR_INIT;
    if (folder.len < pattern.len) {
        take_folder(r, path, node, 0);
    } else if (lv_path_exists(path)) {
        take_file(r, path, node);
    } else {
        lv_status status = LV_FAIL(&own, LV_NOT_FOUND, "there is no file %s", path);
        (void)status;
        report(r, &own, node);
    }
}

static void take_libraries(reader *r, const yaml_node_t *node)
{
    if (node == NULL)
        return;
    if (node->type != YAML_SEQUENCE_NODE) {
        REPORT(r, node, LV_SPEC_FIELD_TYPE, "",
               "Pipeline spec field `libraries` should be a list, got %s", type_name(node));
        return;
    }
    for (yaml_node_item_t *i = node->data.sequence.items.start; i < node->data.sequence.items.top;
         i++) {
        const yaml_node_t *include = member(r, member(r, get(r, *i), "glob"), "include");
        if (include == NULL || include->type != YAML_SCALAR_NODE)
            REPORT(r, get(r, *i), LV_SPEC_FIELD_TYPE, "write - glob: {include: folder/**}",
                   "Pipeline spec field `libraries` should be a list of globs");
        else
            take_glob(r, include);
    }
}

/* ---- loading --------------------------------------------------------------------------------- */

static void take_document(reader *r)
{
    yaml_node_t *root = yaml_document_get_root_node(r->document);
    if (root == NULL || root->type != YAML_MAPPING_NODE) {
        REPORT(r, root, LV_SPEC_FIELD_TYPE, "", "The pipeline spec should be a dict, got %s",
               root ? type_name(root) : "nothing");
        return;
    }
    check_keys(r, root);
    r->spec->name = lv_str_cstr(r->arena, text_member(r, root, "name"));
    take_storage(r, root);
    r->spec->catalog = text_member(r, root, "catalog");
    r->spec->database =
        text_member(r, root, member(r, root, "database") != NULL ? "database" : "schema");
    take_configuration(r, member(r, root, "configuration"));
    take_libraries(r, member(r, root, "libraries"));
    r->spec->files = r->files.at;
    r->spec->file_count = (int)r->files.count;
}

static const char *folder_of(lv_arena *arena, const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash == NULL   ? "."
           : slash == path ? "/"
                           : lv_arena_strndup(arena, path, (size_t)(slash - path));
}

lv_status lv_spec_load(lv_arena *arena, const char *path, lv_spec_error_sink on_error,
                       void *context, lv_spec *spec, lv_error *err)
{
    reader r = {.arena = arena,
                .path = path,
                .folder = folder_of(arena, path),
                .on_error = on_error,
                .context = context,
                .spec = spec,
                .err = err};
    lv_sbuf bytes = LV_SBUF_INIT;
    lv_error own = LV_ERROR_INIT;
    lv_status status = lv_file_read_all(path, &bytes, &own);
    r.text = lv_str_dup(arena, lv_sbuf_str(&bytes));
    lv_sbuf_release(&bytes);
    if (status == LV_NOT_FOUND) {
        REPORT(&r, NULL, LV_SPEC_FILE_MISSING, "", "The pipeline spec file `%s` does not exist",
               path);
        return r.first;
    }
    if (status == LV_OK && r.text.len > SPEC_BYTES_MAX)
        status =
            LV_FAIL(&own, LV_USAGE, "the pipeline spec is larger than %d bytes", SPEC_BYTES_MAX);
    if (status != LV_OK) {
        report(&r, &own, NULL);
        return r.first;
    }
    *spec = (lv_spec){.name = "", .catalog = LV_STR(""), .database = LV_STR("")};
    yaml_parser_t parser;
    yaml_document_t document;
    if (!yaml_parser_initialize(&parser))
        return LV_FAIL(err, LV_OUT_OF_MEMORY, "no memory to read %s", path);
    yaml_parser_set_input_string(&parser, (const unsigned char *)r.text.ptr, r.text.len);
    if (yaml_parser_load(&parser, &document)) {
        r.document = &document;
        take_document(&r);
        yaml_document_delete(&document);
    } else {
        lv_error_at(&own, offset_of(&r, parser.problem_mark), 1);
        status = LV_FAIL(&own, LV_USAGE, "the pipeline spec is no YAML: %s",
                         parser.problem ? parser.problem : "unknown problem");
        report(&r, &own, NULL);
    }
    yaml_parser_delete(&parser);
    return r.first;
}
