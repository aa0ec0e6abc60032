/* The verdicts on every single new alliance under the contest lens at equal costs, in C: the limit
   that the compiled Python is measured against. Compiled and called by contest_single_changes.py.

   Same formula as detente.lenses.contest_kernel: with S' the new sum of performances, the deltas
   of a change of the pair (i, j) by `step` are
       A Gamma + B y - v M_i - w M_j, + extra at i and j,  y = M Gamma,
   fused with their sums, so that no delta is stored unless the change is wanted. */
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
