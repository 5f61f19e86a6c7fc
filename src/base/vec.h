/* vec.h: a growable array in an arena, for lists whose length is not known beforehand.
 *
 *     LV_VEC(lv_str) names = {0};
 *     LV_VEC_PUSH(arena, names, s);       names.at[0], names.count */
#ifndef LV_BASE_VEC_H
#define LV_BASE_VEC_H

#include "base/arena.h"

#define LV_VEC(type)                                                                               \
    struct {                                                                                       \
        type *at;                                                                                  \
        size_t count;                                                                              \
        size_t capacity;                                                                           \
    }

#define LV_VEC_PUSH(arena, vec, ...)                                                               \
    do {                                                                                           \
        if ((vec).count == (vec).capacity) {                                                       \
            size_t lv_more_ = (vec).capacity ? (vec).capacity * 2 : 8;                             \
            (vec).at = lv_arena_grow((arena), (vec).at, (vec).capacity * sizeof(vec).at[0],        \
                                     lv_more_ * sizeof(vec).at[0]);                                \
            (vec).capacity = lv_more_;                                                             \
        }                                                                                          \
        (vec).at[(vec).count++] = __VA_ARGS__;                                                     \
    } while (0)

#endif
