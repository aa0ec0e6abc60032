/* The verdicts on every single new alliance under the contest lens at equal costs, in C: the limit
   that the compiled Python is measured against. Compiled and called by contest_single_changes.py.

   Same formula and same design as detente.lenses.contest.panel_kernel: with S' the new sum of
   performances, the deltas of a change of the pair (i, j) by `step` are
       A (Gamma + y) + B y - v M_i - w M_j, + extra at i and j,  y = M Gamma,
   here divided by A > 0. Four rows i make a panel; what depends on the pair only is found for a
   whole row of j at a time; then the four changes with the same j go over the states together.
   With `pays` it also sums up who pays for whom. */
#include <math.h>
#include <omp.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS = 4, STRETCH = 256 };

struct given {
    long n;
    const int32_t *at; /* the change of the pair (i, j) at i n + j, -1 where there is none */
    const double *step, *inverse, *diagonal, *weight, *gamma, *lift, *y, *across;
    double total, gammas, tolerance;
    double *least, *desire, *gain, *loss;
    int64_t *harmed;
};

/* The numbers of one row of a panel, by the second state. */
struct row {
    double *step, *scale, *q, *v, *w, *limit, *share, *sum, *size, *more, *one, *other, *apart,
        *below;
};

static void numbers(const struct given *g, long i, long start, struct row r) {
    const double *mi = g->inverse + i * g->n, *weight = g->weight, *gamma = g->gamma, *y = g->y;
    const double *lift = g->lift, *diagonal = g->diagonal, *across = g->across;
    double weight_i = weight[i], gamma_i = gamma[i], y_i = y[i], lift_i = lift[i], ii = mi[i];
    double across_i = across[i], all_lift = across[g->n], all_y = across[g->n + 1];
    double total = g->total, gammas = g->gammas, tolerance = g->tolerance;
    double *scale = r.scale, *q = r.q, *v = r.v, *w = r.w, *limit = r.limit, *share = r.share;
    double *sum = r.sum, *size = r.size, *more = r.more, *one = r.one, *other = r.other;
    double *apart = r.apart, *below = r.below;
    const double *step = r.step;
#pragma omp simd
    for (long j = start; j < g->n; j++) {
        double d = step[j], ij = mi[j], jj = diagonal[j];
        double di = 1 / (weight_i + d) - gamma_i, dj = 1 / (weight[j] + d) - gamma[j];
        double rest = 1 / (gammas + di + dj), after = 1 - rest, won = after * rest;
        double vi = di * won, wj = dj * won;
        double xi = won * y_i + vi * ii + wj * ij, xj = won * y[j] + vi * ij + wj * jj;
        double link = 1 + d * ij, ratio = d / (d * d * ii * jj - link * link);
        vi -= ratio * (d * jj * xi - link * xj);
        wj -= ratio * (d * ii * xj - link * xi);
        double a = total - after, b = after * after - total * total;
        double extra_i = di * rest, extra_j = dj * rest;
        double old_i = a * lift_i + b * y_i - (vi * ii + wj * ij), new_i = old_i + extra_i;
        double old_j = a * lift[j] + b * y[j] - (vi * ij + wj * jj), new_j = old_j + extra_j;
        double height = d > 0 ? a : 0, over = d > 0 ? 1 / a : 0;
        scale[j] = height;
        q[j] = b * over;
        v[j] = -vi * over;
        w[j] = -wj * over;
        limit[j] = -tolerance * over;
        share[j] = (new_i > tolerance) & (new_j > tolerance) ? -0.5 * height : 0;
        sum[j] = a * all_lift + b * all_y - (vi * across_i + wj * across[j]) + extra_i + extra_j;
        size[j] = fabs(new_i) - fabs(old_i) + fabs(new_j) - fabs(old_j);
        more[j] = (new_i < -tolerance ? 1.0 : 0.0) - (old_i < -tolerance ? 1.0 : 0.0) +
                  (new_j < -tolerance ? 1.0 : 0.0) - (old_j < -tolerance ? 1.0 : 0.0);
        one[j] = new_i;
        other[j] = new_j;
        apart[j] = below[j] = 0;
    }
}

/* Go over the states from..to for the four changes with j; `pays` and `own` are null, or the sums
   of who pays for whom with the payer in the columns. */
#define DELTA(u) (lift[s] + q##u * y[s] + v##u * m##u[s] + w##u * mj[s])
#define LOAD(u)                                                                            \
    double q##u = r[u].q[j], v##u = r[u].v[j], w##u = r[u].w[j], limit##u = r[u].limit[j]; \
    const double *m##u = g->inverse + (i + u) * n;                                         \
    double size##u = 0;                                                                    \
    double count##u = 0;
#define ADD(u)                      \
    double d##u = DELTA(u);         \
    size##u += fabs(d##u);          \
    count##u += d##u < limit##u ? 1.0 : 0.0;
#define STORE(u)               \
    r[u].apart[j] += size##u;  \
    r[u].below[j] += count##u;

static void add_up(const struct given *g, long i, long j, long from, long to, struct row *r) {
    long n = g->n;
    const double *lift = g->lift, *y = g->y, *mj = g->inverse + j * n;
    LOAD(0) LOAD(1) LOAD(2) LOAD(3)
#pragma omp simd reduction(+ : size0, size1, size2, size3, count0, count1, count2, count3)
    for (long s = from; s < to; s++) { ADD(0) ADD(1) ADD(2) ADD(3) }
    STORE(0) STORE(1) STORE(2) STORE(3)
}

static void add_pays(const struct given *g, long i, long j, long from, long to, struct row *r,
                     double *restrict own, double *restrict to_j) {
    long n = g->n;
    const double *lift = g->lift, *y = g->y, *mj = g->inverse + j * n;
    LOAD(0) LOAD(1) LOAD(2) LOAD(3)
    double *own0 = own, *own1 = own + n, *own2 = own + 2 * n, *own3 = own + 3 * n;
    double share0 = r[0].share[j], share1 = r[1].share[j];
    double share2 = r[2].share[j], share3 = r[3].share[j];
    double kept[ROWS], at[ROWS], at_j = to_j[j];
    for (int u = 0; u < ROWS; u++) kept[u] = own[u * n + j], at[u] = to_j[i + u];
#pragma omp simd reduction(+ : size0, size1, size2, size3, count0, count1, count2, count3)
    for (long s = from; s < to; s++) {
        ADD(0) ADD(1) ADD(2) ADD(3)
        double part0 = d0 < limit0 ? share0 * d0 : 0, part1 = d1 < limit1 ? share1 * d1 : 0;
        double part2 = d2 < limit2 ? share2 * d2 : 0, part3 = d3 < limit3 ? share3 * d3 : 0;
        own0[s] += part0;
        own1[s] += part1;
        own2[s] += part2;
        own3[s] += part3;
        to_j[s] += (part0 + part1) + (part2 + part3);
    }
    STORE(0) STORE(1) STORE(2) STORE(3)
    /* Neither initiator is harmed by a change that it wants. */
    for (int u = 0; u < ROWS; u++) {
        own[u * n + j] = kept[u];
        long s = i + u;
        if (s < from || s >= to) continue;
        double d0 = DELTA(0), d1 = DELTA(1), d2 = DELTA(2), d3 = DELTA(3);
        double part[ROWS] = {d0 < limit0 ? share0 * d0 : 0, d1 < limit1 ? share1 * d1 : 0,
                             d2 < limit2 ? share2 * d2 : 0, d3 < limit3 ? share3 * d3 : 0};
        part[u] = 0;
        to_j[s] = at[u] + ((part[0] + part[1]) + (part[2] + part[3]));
    }
    to_j[j] = at_j;
}

static void panel(const struct given *g, long i, struct row *r, double *own, double *pays) {
    long n = g->n, start = (i + 1) / 8 * 8;
    for (int u = 0; u < ROWS; u++) {
        for (long j = start; j < n; j++) {
            int32_t k = g->at[(i + u) * n + j];
            r[u].step[j] = k < 0 ? 0 : g->step[k];
        }
        numbers(g, i + u, start, r[u]);
    }
    for (long from = 0; from < n; from += STRETCH) {
        long to = from + STRETCH < n ? from + STRETCH : n;
        for (long j = i + 1; j < n; j++) {
            if (r[0].step[j] + r[1].step[j] + r[2].step[j] + r[3].step[j] == 0) continue;
            if (pays)
                add_pays(g, i, j, from, to, r, own, pays + j * n);
            else
                add_up(g, i, j, from, to, r);
        }
    }
    for (int u = 0; u < ROWS; u++) {
        for (long j = i + 1; j < n; j++) {
            int32_t k = g->at[(i + u) * n + j];
            if (k < 0) continue;
            double size = r[u].scale[j] * r[u].apart[j] + r[u].size[j];
            g->least[k] = fmin(r[u].one[j], r[u].other[j]);
            g->desire[k] = r[u].one[j] + r[u].other[j];
            g->gain[k] = fmax(0, (size + r[u].sum[j]) / 2);
            g->loss[k] = fmax(0, (size - r[u].sum[j]) / 2);
            g->harmed[k] = (int64_t)(r[u].below[j] + r[u].more[j]);
        }
        if (!pays) continue;
        own[u * n + i + u] = 0;
        for (long s = 0; s < n; s++) pays[(i + u) * n + s] += own[u * n + s], own[u * n + s] = 0;
    }
}

/* `lift` is Gamma + y; `across` has the sums of the rows of the inverse, of `lift` and of y. Every
   change must raise the two weights, which stay positive then. n must be a multiple of four, and
   `pays` null where it is not wanted. */
void judge(long n, const int32_t *at, const double *step, const double *inverse,
           const double *diagonal, const double *weight, const double *gamma, const double *lift,
           const double *y, const double *across, double total, double gammas, double tolerance,
           double *least, double *desire, double *gain, double *loss, int64_t *harmed,
           double *pays, int threads) {
    struct given g = {n,    at,     step,   inverse,   diagonal, weight, gamma, lift, y,
                      across, total, gammas, tolerance, least,    desire, gain,  loss, harmed};
    size_t width = (size_t)(n + 7) / 8 * 8;
    double *parts = pays ? aligned_alloc(64, 8 * n * width * threads) : NULL;
#pragma omp parallel num_threads(threads)
    {
        double *work = aligned_alloc(64, 8 * 18 * ROWS * width), *next = work;
        double *mine = pays ? parts + (size_t)omp_get_thread_num() * n * n : NULL;
        struct row r[ROWS];
        memset(work, 0, 8 * 18 * ROWS * width);
        if (pays) memset(mine, 0, 8 * n * n);
        for (int u = 0; u < ROWS; u++) {
            double **fields = (double **)&r[u];
            for (size_t f = 0; f < sizeof(struct row) / sizeof(double *); f++, next += width)
                fields[f] = next;
        }
#pragma omp for schedule(dynamic, 1)
        for (long i = 0; i < n; i += ROWS) panel(&g, i, r, next, mine);
        if (pays) {
            /* The payer is in the rows of the result, as in the lens. */
#pragma omp for schedule(static)
            for (long s = 0; s < n; s++)
                for (long k = 0; k < n; k++) {
                    double sum = 0;
                    for (int t = 0; t < threads; t++) sum += parts[((size_t)t * n + k) * n + s];
                    pays[s * n + k] = sum;
                }
        }
        free(work);
    }
    free(parts);
}
