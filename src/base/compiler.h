/* compiler.h: the compiler attributes used everywhere, under short names. */
#ifndef LV_BASE_COMPILER_H
#define LV_BASE_COMPILER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LV_LIKELY(x)         __builtin_expect(!!(x), 1)
#define LV_UNLIKELY(x)       __builtin_expect(!!(x), 0)
#define LV_MUST_USE          __attribute__((warn_unused_result))
#define LV_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#define LV_NORETURN          __attribute__((noreturn))
#define LV_NOINLINE          __attribute__((noinline))
#define LV_ALWAYS_INLINE     inline __attribute__((always_inline))
#define LV_MIN(a, b)         ((a) < (b) ? (a) : (b))
#define LV_MAX(a, b)         ((a) > (b) ? (a) : (b))
#define LV_COUNT_OF(array)   (sizeof(array) / sizeof((array)[0]))
#define LV_ALIGN_UP(n, to)   (((n) + (to)-1) / (to) * (to))

#endif
