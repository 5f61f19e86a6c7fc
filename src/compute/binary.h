/* binary.h: tables of binary loops made by binary.tmpl.h. Private to compute/. */
#ifndef LV_COMPUTE_BINARY_H
#define LV_COMPUTE_BINARY_H

#include "compute/compute_int.h"

#define LV_TMPL_(name, shape) name##_##shape
#define LV_TMPL(name, shape)  LV_TMPL_(name, shape)

typedef bool (*lv_binary_loop)(const void *left, const void *right, void *result, int64_t n);
typedef struct lv_binary {
    lv_binary_loop vv, vc, cv;
} lv_binary;
#define LV_BINARY(name)                                                                            \
    {                                                                                              \
        name##_vv, name##_vc, name##_cv                                                            \
    }

/** Runs the loop that fits the operands' encodings (FLAT or CONSTANT, not both CONSTANT). */
static inline bool lv_binary_run(const lv_binary *f, const lv_vector *a, const lv_vector *b,
                                 void *result, int64_t n)
{
    if (b->encoding == LV_CONSTANT)
        return f->vc(a->data, b->data, result, n);
    return a->encoding == LV_CONSTANT ? f->cv(a->data, b->data, result, n)
                                      : f->vv(a->data, b->data, result, n);
}
/** Whether row `i` alone does not exist. */
static inline bool lv_binary_is_bad(const lv_binary *f, const lv_vector *a, const lv_vector *b,
                                    size_t size, int64_t i)
{
    char ignored[16] __attribute__((aligned(16)));
    const char *x = (const char *)a->data + (size_t)lv_vector_index(a, i) * size;
    const char *y = (const char *)b->data + (size_t)lv_vector_index(b, i) * size;
    return f->vv(x, y, ignored, 1);
}

#endif
