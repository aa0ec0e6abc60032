/* Offers against fighting on, every draw: the loops of gains_kernel in plain C, one thread,
   with the question whether one filling of the silence suits the two who must agree. */

#include <math.h>
#include <stddef.h>

/* Whether positions on the silent issues cost neither party more than it can spare: the issues move
   from the first's ideal to the second's in falling order of relief over cost. */
static int suits(const double *spare, const double (*weight)[64], const double (*ideal)[64],
                 const int *silent, int count) {
    if (spare[0] < -1e-9 || spare[1] < -1e-9) return 0;
    double left = spare[0], owed = -spare[1], ratio[64];
    int order[64], n = 0;
    for (int j = 0; j < count; j++) {
        int k = silent[j];
        double reach = fabs(ideal[0][k] - ideal[1][k]), both = weight[0][k] + weight[1][k];
        owed += weight[1][k] * reach;
        if (!(both > 0 && reach > 0)) continue;
        double r = weight[1][k] / both;
        int i = n++;
        while (i > 0 && ratio[i - 1] < r) {
            ratio[i] = ratio[i - 1];
            order[i] = order[i - 1];
            i--;
        }
        ratio[i] = r;
        order[i] = k;
    }
    for (int i = 0; i < n && owed > 1e-9; i++) {
        int k = order[i];
        double reach = fabs(ideal[0][k] - ideal[1][k]), cost = weight[0][k] * reach;
        double part = cost <= left ? 1 : fmax(left, 0) / cost;
        left -= part * cost;
        owed -= part * weight[1][k] * reach;
        if (part < 1) break;
    }
    return owed <= 1e-9;
}

void gains(int draws, int offers, int parties, int issues, const double *chance,
           const double *position_low, const double *position_high, const double *ideal_low,
           const double *ideal_high, const double *salience_low, const double *salience_high,
           const double *quo_low, const double *quo_high, const double *fighting_low,
           const double *fighting_high, const double *mood_low, const double *mood_high,
           const long *required, float *gain, signed char *blamed, unsigned char *fits) {
    int a = offers * issues, b = a + parties * issues, c = b + parties * issues;
    int figures = c + issues + parties;
    size_t one = (size_t)offers * parties, plane = (size_t)draws * one;
    double x[4096], quo[64], ideal[64], cares[64], before[64], away[64];
    static double spare[4096][2], weight[2][64], wanted[2][64];
    (void)mood_low; /* no mood here: the kernel adds one product a party where there is any */
    (void)mood_high;
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
            for (int r = 0; r < 2; r++)
                if (required[r] == p)
                    for (int k = 0; k < issues; k++) {
                        weight[r][k] = cares[k] / total;
                        wanted[r][k] = ideal[k];
                    }
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
                for (int r = 0; r < 2; r++)
                    if (required[r] == p) spare[o][r] = (moved + near) / total + shift;
                blamed[(size_t)d * one + (size_t)o * parties + p] = (signed char)which;
            }
        }
        for (int o = 0; o < offers; o++) {
            int silent[64], count = 0;
            for (int k = 0; k < issues; k++)
                if (isnan(x[o * issues + k])) silent[count++] = k;
            fits[(size_t)d * offers + o] = (unsigned char)suits(spare[o], weight, wanted, silent, count);
        }
    }
}
