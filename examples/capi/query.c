/* query.c: runs SQL through the library and prints the rows, batch by batch as they come.
 *
 *     cc query.c -o query $(pkg-config --cflags --libs levada)
 *     ./query lake "SELECT CAST(id AS STRING) AS id FROM events LIMIT 10"
 *
 * It prints columns of type STRING; other types need their own lines, or a library for Arrow. */
#include <levada.h>
#include <stdio.h>
#include <string.h>

static int report(levada_error *error)
{
    fprintf(stderr, "[%s] %s. SQLSTATE: %s\n", levada_error_class(error),
            levada_error_message(error), levada_error_sqlstate(error));
    levada_error_free(error);
    return 1;
}

static void print_value(const struct ArrowArray *column, int64_t row)
{
    const uint8_t *validity = column->buffers[0];
    const int32_t *offsets = column->buffers[1];
    const char *bytes = column->buffers[2];
    int64_t i = row + column->offset;
    if (validity != NULL && !(validity[i / 8] >> (i % 8) & 1))
        fputs("NULL", stdout);
    else
        printf("%.*s", offsets[i + 1] - offsets[i], bytes + offsets[i]);
}

static void print_rows(const struct ArrowSchema *schema, const struct ArrowArray *rows)
{
    for (int64_t row = 0; row < rows->length; row++)
        for (int64_t c = 0; c < rows->n_children; c++) {
            if (strcmp(schema->children[c]->format, "u") == 0)
                print_value(rows->children[c], row);
            else
                printf("(%s)", schema->children[c]->format);
            putchar(c + 1 < rows->n_children ? '\t' : '\n');
        }
}

static int print_result(levada_result *result)
{
    levada_error *error = NULL;
    struct ArrowSchema schema;
    if (levada_result_schema(result, &schema, &error) != 0)
        return report(error);
    int failed = 0;
    for (;;) {
        struct ArrowArray rows;
        failed = levada_result_next(result, &rows, &error);
        if (failed || rows.release == NULL)
            break;
        print_rows(&schema, &rows);
        rows.release(&rows);
    }
    schema.release(&schema);
    return failed ? report(error) : 0;
}

int main(int argc, char **argv)
{
    levada_session *session;
    levada_result *result;
    levada_error *error = NULL;
    if (argc != 3) {
        fprintf(stderr, "Usage: %s STORAGE SQL\n", argv[0]);
        return 2;
    }
    if (levada_open(argv[1], NULL, 0, &session, &error) != 0)
        return report(error);
    int failed = levada_query(session, argv[2], &result, &error);
    if (failed) {
        report(error);
    } else {
        failed = print_result(result);
        levada_result_free(result);
    }
    levada_close(session);
    return failed;
}
