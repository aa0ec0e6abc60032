/* The verdicts on every single new alliance under the contest lens at equal costs, in C: the limit
   that the compiled Python is measured against. Compiled and called by contest_single_changes.py.

   Same formula as detente.lenses.contest_kernel: with S' the new sum of performances, the deltas
   of a change of the pair (i, j) by `step` are
       A Gamma + B y - v M_i - w M_j, + extra at i and j,  y = M Gamma,
   fused with their sums, so that no delta is stored unless the change is wanted. `screen` also
   sums up who pays for whom; `judge` gives the verdicts only, four changes at a time. */
#include <math.h>
#include <omp.h>
#include <stdint.h>
#include <stdlib.h>

static double at(double a, double b, double v, double w, const double *gamma, const double *y,
                 const double *mi, const double *mj, long s) {
    return a * gamma[s] + b * y[s] - (v * mi[s] + w * mj[s]);
}

void screen(long n, long m, const int64_t *first, const int64_t *second, const double *step,
            const double *inverse, const double *weight, const double *gamma, const double *y,
            double total, double gammas, double tolerance, double *least, double *desire,
            double *gain, double *loss, int64_t *harmed, double *pays, int threads) {
    double *parts = calloc((size_t)threads * n * n, sizeof(double));
#pragma omp parallel num_threads(threads)
    {
        double *mine = parts + (size_t)omp_get_thread_num() * n * n;
#pragma omp for schedule(static)
        for (long k = 0; k < m; k++) {
            long i = first[k], j = second[k];
            const double *mi = inverse + i * n, *mj = inverse + j * n;
            double wi = weight[i] + step[k], wj = weight[j] + step[k];
            if (wi <= 0 || wj <= 0) {
                least[k] = desire[k] = gain[k] = loss[k] = NAN;
                harmed[k] = 0;
                continue;
            }
            double di = 1 / wi - gamma[i], dj = 1 / wj - gamma[j];
            double after = 1 - 1 / (gammas + di + dj), square = after * after;
            double scale = after - square, v = di * scale, w = dj * scale;
            double xi = scale * y[i] + v * mi[i] + w * mi[j];
            double xj = scale * y[j] + v * mi[j] + w * mj[j];
            double link = 1 + step[k] * mi[j];
            double ratio = step[k] / (step[k] * step[k] * mi[i] * mj[j] - link * link);
            v -= ratio * (step[k] * mj[j] * xi - link * xj);
            w -= ratio * (step[k] * mi[i] * xj - link * xi);
            double a = total - after, b = a + square - total * total;

            double sum = 0, size = 0, count = 0;
#pragma omp simd reduction(+ : sum, size, count)
            for (long s = 0; s < n; s++) {
                double value = a * gamma[s] + b * y[s] - (v * mi[s] + w * mj[s]);
                sum += value;
                size += fabs(value);
                count += value < -tolerance ? 1.0 : 0.0;
            }
            double before_i = at(a, b, v, w, gamma, y, mi, mj, i);
            double before_j = at(a, b, v, w, gamma, y, mi, mj, j);
            double at_i = before_i + di * (1 - after), at_j = before_j + dj * (1 - after);
            sum += (at_i - before_i) + (at_j - before_j);
            size += fabs(at_i) - fabs(before_i) + fabs(at_j) - fabs(before_j);
            count += (at_i < -tolerance) - (before_i < -tolerance);
            count += (at_j < -tolerance) - (before_j < -tolerance);
            least[k] = at_i < at_j ? at_i : at_j;
            desire[k] = at_i + at_j;
            gain[k] = (size + sum) / 2;
            loss[k] = (size - sum) / 2;
            harmed[k] = (int64_t)count;
            if (least[k] > tolerance && count > 0) {
                double *to_i = mine + i * n, *to_j = mine + j * n;
                /* Neither initiator is harmed by a change that it wants. */
                double keep_ii = to_i[i], keep_ij = to_i[j], keep_ji = to_j[i], keep_jj = to_j[j];
#pragma omp simd
                for (long s = 0; s < n; s++) {
                    double value = a * gamma[s] + b * y[s] - (v * mi[s] + w * mj[s]);
                    double part = value < -tolerance ? -0.5 * value : 0.0;
                    to_i[s] += part;
                    to_j[s] += part;
                }
                to_i[i] = keep_ii;
                to_i[j] = keep_ij;
                to_j[i] = keep_ji;
                to_j[j] = keep_jj;
            }
        }
    }
    /* The payer is in the columns of the result, as in the lens. */
    for (long r = 0; r < n; r++)
        for (long s = 0; s < n; s++) {
            double sum = 0;
            for (int t = 0; t < threads; t++) sum += parts[((size_t)t * n + r) * n + s];
            pays[s * n + r] = sum;
        }
    free(parts);
}

/* The factors of one change: a, b of Gamma and y, v, w of the two rows of the inverse; then the sum
   over all states, and what the extras at i and j add to the magnitudes and to the number. */
struct change {
    const double *mi, *mj;
    double a, b, v, w, sum, size, count;
};

static struct change factors(long k, long n, const int64_t *first, const int64_t *second,
                             const double *step, const double *inverse, const double *weight,
                             const double *gamma, const double *y, const double *across,
                             double total, double gammas, double tolerance, double *least,
                             double *desire) {
    long i = first[k], j = second[k];
    struct change c = {.mi = inverse + i * n, .mj = inverse + j * n};
    double di = 1 / (weight[i] + step[k]) - gamma[i], dj = 1 / (weight[j] + step[k]) - gamma[j];
    double rest = 1 / (gammas + di + dj), after = 1 - rest, scale = after * rest;
    c.v = di * scale;
    c.w = dj * scale;
    double ii = c.mi[i], ij = c.mi[j], jj = c.mj[j];
    double xi = scale * y[i] + c.v * ii + c.w * ij, xj = scale * y[j] + c.v * ij + c.w * jj;
    double link = 1 + step[k] * ij;
    double ratio = step[k] / (step[k] * step[k] * ii * jj - link * link);
    c.v -= ratio * (step[k] * jj * xi - link * xj);
    c.w -= ratio * (step[k] * ii * xj - link * xi);
    c.a = total - after;
    c.b = c.a + after * after - total * total;
    double before_i = at(c.a, c.b, c.v, c.w, gamma, y, c.mi, c.mj, i);
    double before_j = at(c.a, c.b, c.v, c.w, gamma, y, c.mi, c.mj, j);
    double at_i = before_i + di * rest, at_j = before_j + dj * rest;
    c.sum = c.a * across[n] + c.b * across[n + 1] - (c.v * across[i] + c.w * across[j]) +
            (di + dj) * rest;
    c.size = fabs(at_i) - fabs(before_i) + fabs(at_j) - fabs(before_j);
    c.count = (at_i < -tolerance) - (before_i < -tolerance) + (at_j < -tolerance) -
              (before_j < -tolerance);
    least[k] = at_i < at_j ? at_i : at_j;
    desire[k] = at_i + at_j;
    return c;
}

/* `across` has the sums of the rows of the inverse, of Gamma and of y. Every change must leave the
   two weights positive. */
void judge(long n, long m, const int64_t *first, const int64_t *second, const double *step,
           const double *inverse, const double *weight, const double *gamma, const double *y,
           const double *across, double total, double gammas, double tolerance, double *least,
           double *desire, double *gain, double *loss, int64_t *harmed, int threads) {
#pragma omp parallel for schedule(static) num_threads(threads)
    for (long k = 0; k < m; k += 4) {
        struct change c[4];
        for (int u = 0; u < 4; u++)
            c[u] = factors(k + u < m ? k + u : m - 1, n, first, second, step, inverse, weight,
                           gamma, y, across, total, gammas, tolerance, least, desire);
        const double *m0 = c[0].mi, *m1 = c[1].mi, *m2 = c[2].mi, *m3 = c[3].mi;
        const double *n0 = c[0].mj, *n1 = c[1].mj, *n2 = c[2].mj, *n3 = c[3].mj;
        double s0 = 0, s1 = 0, s2 = 0, s3 = 0, h0 = 0, h1 = 0, h2 = 0, h3 = 0;
#pragma omp simd reduction(+ : s0, s1, s2, s3, h0, h1, h2, h3)
        for (long s = 0; s < n; s++) {
            double g = gamma[s], x = y[s];
            double d0 = c[0].a * g + c[0].b * x - (c[0].v * m0[s] + c[0].w * n0[s]);
            double d1 = c[1].a * g + c[1].b * x - (c[1].v * m1[s] + c[1].w * n1[s]);
            double d2 = c[2].a * g + c[2].b * x - (c[2].v * m2[s] + c[2].w * n2[s]);
            double d3 = c[3].a * g + c[3].b * x - (c[3].v * m3[s] + c[3].w * n3[s]);
            s0 += fabs(d0), s1 += fabs(d1), s2 += fabs(d2), s3 += fabs(d3);
            h0 += d0 < -tolerance ? 1.0 : 0.0, h1 += d1 < -tolerance ? 1.0 : 0.0;
            h2 += d2 < -tolerance ? 1.0 : 0.0, h3 += d3 < -tolerance ? 1.0 : 0.0;
        }
        double size[4] = {s0, s1, s2, s3}, count[4] = {h0, h1, h2, h3};
        for (int u = 0; u < 4 && k + u < m; u++) {
            gain[k + u] = fmax(0, (size[u] + c[u].size + c[u].sum) / 2);
            loss[k + u] = fmax(0, (size[u] + c[u].size - c[u].sum) / 2);
            harmed[k + u] = (int64_t)(count[u] + c[u].count);
        }
    }
}
