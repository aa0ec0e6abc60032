/* C twins of detente.transition: Shapley values from a table, and steps to go over all sets. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

void shapley(const double *worth, int n, double *values)
{
    double weight[64], comb = 1.0;
    for (int s = 0; s < n; s++) {
        weight[s] = 1.0 / (n * comb);
        comb = comb * (n - 1 - s) / (s + 1);
    }
    for (int i = 0; i < n; i++)
        values[i] = 0.0;
    for (int64_t set = 0; set < ((int64_t)1 << n); set++) {
        double w = weight[__builtin_popcountll((unsigned long long)set)];
        for (int i = 0; i < n; i++)
            if (!(set >> i & 1))
                values[i] += w * (worth[set | (int64_t)1 << i] - worth[set]);
    }
}

void steps_to_go(const uint8_t *allowed, const uint8_t *goal, int items, int package, uint8_t *steps)
{
    int64_t sets = (int64_t)1 << items;
    int width = package + 1;
    uint8_t *near = malloc((size_t)(sets * width));
    memset(near, 255, (size_t)(sets * width));
    for (int64_t s = sets - 1; s >= 0; s--) {
        int best = 255;
        for (int q = 1; q <= package; q++) {
            int least = 255;
            for (int i = 0; i < items; i++)
                if (!(s >> i & 1)) {
                    int further = near[(s | (int64_t)1 << i) * width + q - 1];
                    if (further < least)
                        least = further;
                }
            near[s * width + q] = (uint8_t)least;
            if (least < best)
                best = least;
        }
        steps[s] = 255;
        if (allowed[s]) {
            steps[s] = (uint8_t)(goal[s] ? 0 : best < 255 ? best + 1 : 255);
            near[s * width] = steps[s];
        }
    }
    free(near);
}
