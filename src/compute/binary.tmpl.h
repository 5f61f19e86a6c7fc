/* binary.tmpl.h: one operation on one type, in the three shapes vector-vector, vector-constant,
 * constant-vector. Parameters: NAME, T (operands), R (result), OP(a, b, r): stores into *r and says
 * whether the value does not exist (overflow). Included once per operation and type; all lanes are
 * computed, also those of null rows, whose verdict the caller ignores. */
static bool LV_TMPL(NAME, vv)(const void *left, const void *right, void *result, int64_t n)
{
    const T *a = left, *b = right;
    R *r = result;
    bool bad = false;
    for (int64_t i = 0; i < n; i++)
        bad |= OP(a[i], b[i], &r[i]);
    return bad;
}

static bool LV_TMPL(NAME, vc)(const void *left, const void *right, void *result, int64_t n)
{
    const T *a = left, c = *(const T *)right;
    R *r = result;
    bool bad = false;
    for (int64_t i = 0; i < n; i++)
        bad |= OP(a[i], c, &r[i]);
    return bad;
}

static bool LV_TMPL(NAME, cv)(const void *left, const void *right, void *result, int64_t n)
{
    const T c = *(const T *)left, *b = right;
    R *r = result;
    bool bad = false;
    for (int64_t i = 0; i < n; i++)
        bad |= OP(c, b[i], &r[i]);
    return bad;
}
#undef NAME
#undef T
#undef R
