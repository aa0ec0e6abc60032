/* The panel in C, to know what the machine allows: dense arrays, and rows into fresh memory.
 * Built and run by `python benchmarks/panel.py --c`, which also writes its input. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define CAP 7
#define ROUNDS 7

static double seconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + 1e-9 * t.tv_nsec;
}

static int32_t *read_block(FILE *f, size_t rows, size_t width) {
    int32_t *block = malloc(rows * width * sizeof *block);
    if (!block || fread(block, sizeof *block, rows * width, f) != rows * width) exit(3);
    return block;
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

int main(int argc, char **argv) {
    FILE *f = argc > 1 ? fopen(argv[1], "rb") : NULL;
    int32_t head[7];
    if (!f || fread(head, 4, 7, f) != 7) return puts("usage: panel FILE"), 2;
    const int years = head[0], states = head[1];
    const int n_member = head[2], n_cap = head[3], n_near = head[4], n_pact = head[5], n_drop = head[6];
    int32_t *members = read_block(f, n_member, 3), *where = read_block(f, n_cap, 2);
    int32_t *near = read_block(f, n_near, 5), *pact = read_block(f, n_pact, 4), *drop = read_block(f, n_drop, 3);
    double *values = malloc(sizeof *values * CAP * n_cap);
    if (fread(values, sizeof *values, (size_t)CAP * n_cap, f) != (size_t)CAP * n_cap) return 3;

    size_t *gone = malloc(sizeof *gone * n_drop); /* the file has them in ascending order */
    for (int d = 0; d < n_drop; d++)
        gone[d] = ((size_t)drop[3 * d] * states + drop[3 * d + 1]) * states + drop[3 * d + 2];
    const size_t cells = (size_t)years * states * states;
    uint8_t *member = malloc((size_t)years * states), *contiguity = malloc(cells), *allies = malloc(cells);
    double *cap = malloc(sizeof *cap * CAP * years * states);
    double dense[ROUNDS], rows[ROUNDS], checksum = 0;
    long listed = 0, contiguous = 0;
    for (int round = 0; round < ROUNDS; round++) {
        double start = seconds();
        memset(member, 0, (size_t)years * states);
        memset(contiguity, 0, cells);
        memset(allies, 0, cells);
        memset(cap, 0xff, sizeof *cap * CAP * years * states);
        for (int k = 0; k < n_member; k++)
            for (int y = members[3 * k + 1]; y <= members[3 * k + 2]; y++)
                member[y * states + members[3 * k]] = 1;
        for (int k = 0; k < n_cap; k++)
            memcpy(cap + (size_t)CAP * (where[2 * k + 1] * states + where[2 * k]), values + CAP * k, CAP * 8);
        for (int k = 0; k < n_near; k++) {
            int32_t *s = near + 5 * k;
            for (int y = s[3] < 0 ? 0 : s[3]; y <= s[4] && y < years; y++) {
                uint8_t *cell = contiguity + ((size_t)y * states + s[0]) * states + s[1];
                if (!*cell || s[2] < *cell) *cell = s[2];
            }
        }
        for (int k = 0; k < n_pact; k++) {
            int32_t *p = pact + 4 * k;
            allies[((size_t)p[2] * states + p[0]) * states + p[1]] |= p[3];
        }
        dense[round] = seconds() - start;

        long most = 0;
        for (int y = 0; y < years; y++) {
            long n = 0;
            for (int i = 0; i < states; i++) n += member[y * states + i];
            most += n * (n - 1);
        }
        start = seconds();
        int16_t *key = malloc(most * 3 * sizeof *key);
        double *both = malloc(most * 2 * CAP * sizeof *both);
        uint8_t *small = malloc(most * 6);
        long row = 0;
        int at = 0;
        for (int y = 0; y < years; y++)
            for (int i = 0; i < states; i++) {
                if (!member[y * states + i]) continue;
                for (int j = 0; j < states; j++) {
                    if (i == j || !member[y * states + j]) continue;
                    size_t cell = ((size_t)y * states + i) * states + j;
                    while (at < n_drop && gone[at] < cell) at++;
                    if (at < n_drop && gone[at] == cell) continue;
                    key[row] = y, key[most + row] = i, key[2 * most + row] = j;
                    for (int q = 0; q < CAP; q++) {
                        both[2 * q * most + row] = cap[CAP * (y * states + i) + q];
                        both[(2 * q + 1) * most + row] = cap[CAP * (y * states + j) + q];
                    }
                    small[row] = contiguity[cell];
                    for (int q = 0; q < 5; q++) small[(q + 1) * most + row] = allies[cell] >> q & 1;
                    row++;
                }
            }
        rows[round] = seconds() - start;
        listed = row, checksum = 0, contiguous = 0;
        for (long k = 0; k < row; k++) {
            double cinc = both[2 * 6 * most + k];
            if (cinc == cinc) checksum += cinc;
            contiguous += small[k];
        }
        free(key), free(both), free(small);
    }
    qsort(dense, ROUNDS, sizeof *dense, ascending);
    qsort(rows, ROUNDS, sizeof *rows, ascending);
    printf("C, %ld rows, sum of cinc1 %.6f, of contiguity %ld\n", listed, checksum, contiguous);
    printf("C dense arrays, warm memory %9.2f ms\nC rows, fresh memory        %9.2f ms\n",
           dense[ROUNDS / 2] * 1e3, rows[ROUNDS / 2] * 1e3);
    return 0;
}
