/* check.h: assertions about our own code, never about outside data.
 *
 * LV_ASSERT is always on and cheap. LV_DCHECK exists in assertion builds only and may cost O(n).
 * Neither may have side effects. A failure prints the expression and its place, then aborts:
 * a broken invariant must not reach a table. */
#ifndef LV_BASE_CHECK_H
#define LV_BASE_CHECK_H

#include "base/compiler.h"

/** Reports a failed assertion on stderr and aborts. */
LV_NORETURN void lv_assert_failed(const char *expression, const char *file, int line);

#define LV_ASSERT(expr) (LV_LIKELY(expr) ? (void)0 : lv_assert_failed(#expr, __FILE__, __LINE__))
#ifdef LV_ASSERTIONS
#define LV_DCHECK(expr) LV_ASSERT(expr)
#else
#define LV_DCHECK(expr) ((void)sizeof(expr))
#endif

#endif
