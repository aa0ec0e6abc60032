/* Offers against fighting on, every draw: the loops of acceptance_kernel in plain C, one thread. */

#include <math.h>
#include <stddef.h>

void gains(int draws, int offers, int parties, int issues, const double *chance,
           const double *position_low, const double *position_high, const double *ideal_low,
           const double *ideal_high, const double *salience_low, const double *salience_high,
           const double *quo_low, const double *quo_high, const double *fighting_low,
           const double *fighting_high, float *gain, signed char *blamed) {
    int a = offers * issues, b = a + parties * issues, c = b + parties * issues;
    int figures = c + issues + parties;
    size_t one = (size_t)offers * parties, plane = (size_t)draws * one;
    double x[4096], quo[64], ideal[64], cares[64], before[64], away[64];
    for (int d = 0; d < draws; d++) {
        const double *u = chance + (size_t)d * figures;
        for (int o = 0; o < a; o++) x[o] = position_low[o] + u[o] * (position_high[o] - position_low[o]);
        for (int k = 0; k < issues; k++) quo[k] = quo_low[k] + u[c + k] * (quo_high[k] - quo_low[k]);
        for (int p = 0; p < parties; p++) {
            double total = 0, start = 0;
            for (int k = 0; k < issues; k++) {
                int i = p * issues + k;
                ideal[k] = ideal_low[i] + u[a + i] * (ideal_high[i] - ideal_low[i]);
                cares[k] = salience_low[i] + u[b + i] * (salience_high[i] - salience_low[i]);
                before[k] = cares[k] * fabs(quo[k] - ideal[k]);
                away[k] = cares[k] * fmax(ideal[k], 1 - ideal[k]);
                total += cares[k];
                start += before[k];
            }
            double typed = fighting_low[p] + u[c + issues + p] * (fighting_high[p] - fighting_low[p]);
            int ours = isnan(typed);
            double shift = ours ? 0 : 1 - start / total - typed;
            for (int o = 0; o < offers; o++) {
                double moved = 0, least = 0, weight = 0, lost = 0, far = 0, near = 0;
                int which = -1;
                for (int k = 0; k < issues; k++) {
                    double at = x[o * issues + k];
                    if (isnan(at)) {
                        far += before[k] - away[k];
                        near += before[k];
                        continue;
                    }
                    double after = cares[k] * fabs(at - ideal[k]), change = before[k] - after;
                    moved += change;
                    weight += cares[k];
                    lost += after;
                    if (change < least) {
                        least = change;
                        which = k;
                    }
                }
                float *g = gain + (size_t)d * one + (size_t)o * parties + p;
                double bare = weight > 0 ? 1 - lost / weight : 1;
                g[0] = (float)(ours ? (weight > 0 ? moved / weight : 0) : bare - typed);
                g[plane] = (float)(moved / total + shift);
                g[2 * plane] = (float)((moved + far) / total + shift);
                g[3 * plane] = (float)((moved + near) / total + shift);
                blamed[(size_t)d * one + (size_t)o * parties + p] = (signed char)which;
            }
        }
    }
}
