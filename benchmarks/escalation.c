/* Escalation in C, to know what the machine allows: event by event, in continuous time.
 * Built and run by `python benchmarks/escalation.py --c`, which also writes its input.
 * Same model and same way as the kernel; chance from xoshiro256++ (Blackman & Vigna 2021), in
 * single precision, with the compiler's fast logarithm. Sums: highest rungs, first wars. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define RUNGS 6
#define TOP 5

typedef struct { uint64_t s[4]; } chance;
typedef struct { float when; int32_t after, dyad, spell; } event; /* spell -1: an incident */

static int32_t M, *ptr, *target, *entry_ptr, *entry;
static float *mu, *offspring, *share, *odds, DAYS, MEMORY, TOTAL;
static float HEAT[RUNGS], RISE[RUNGS], FALL[RUNGS];
static float *column;
static int32_t *alias, ENTRY_RUNG, BUCKETS;

static uint64_t turn(uint64_t x, int k) { return x << k | x >> (64 - k); }

static inline uint64_t word(chance *c) {
    uint64_t *s = c->s, out = turn(s[0] + s[3], 23) + s[0], t = s[1] << 17;
    s[2] ^= s[0]; s[3] ^= s[1]; s[1] ^= s[2]; s[0] ^= s[3]; s[2] ^= t; s[3] = turn(s[3], 45);
    return out;
}

static inline float uniform(chance *c) { return (word(c) >> 40) * 0x1p-24f; }
static inline float wait_(chance *c) { return -logf(((word(c) >> 40) + 1) * 0x1p-24f); }

static void begin(chance *c, uint64_t replica) {
    uint64_t x = replica * 0x9e3779b97f4a7c15ull + 12345;
    for (int k = 0; k < 4; k++) {
        uint64_t z = x += 0x9e3779b97f4a7c15ull;
        z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
        z = (z ^ z >> 27) * 0x94d049bb133111ebull;
        c->s[k] = z ^ z >> 31;
    }
}

typedef struct {
    int32_t *head, *spell;
    event *pool;
    int used, room;
    int8_t *rung, *highest;
    float *first;
} desk;

static inline void plan(desk *k, float t, int32_t d, int32_t spell) {
    if (!(t < DAYS)) return;
    if (k->used == k->room) k->pool = realloc(k->pool, sizeof(event) * (k->room *= 2));
    int b = (int)(t * (BUCKETS / DAYS));
    if (b >= BUCKETS) b = BUCKETS - 1;
    int32_t *link = &k->head[b];
    while (*link >= 0 && k->pool[*link].when < t) link = &k->pool[*link].after;
    k->pool[k->used] = (event){t, *link, d, spell};
    *link = k->used++;
}

static inline void plan_spell(desk *k, chance *c, float t, int32_t d) {
    int r = k->rung[d];
    if (r) plan(k, t + wait_(c) / (mu[d] * (HEAT[r] - 1) + FALL[r]), d, k->spell[d]);
}

static int replica(desk *k, uint64_t number) {
    chance source, *c = &source;
    int incidents = 0, bucket = 0;
    begin(c, number);
    memset(k->head, -1, sizeof(int32_t) * BUCKETS);
    memset(k->spell, 0, sizeof(int32_t) * M);
    memset(k->rung, 0, M);
    memset(k->highest, 0, M);
    memset(k->first, 0, sizeof(float) * M);
    k->used = 0;
    float next = wait_(c) / TOTAL, per_day = BUCKETS / DAYS;
    for (;;) {
        int last = next < DAYS ? (int)(next * per_day) : BUCKETS - 1;
        if (last >= BUCKETS) last = BUCKETS - 1;
        while (bucket < last && k->head[bucket] < 0) bucket++;
        int32_t e = k->head[bucket], d, spell = -1;
        float t;
        if (e >= 0 && k->pool[e].when <= next) {
            t = k->pool[e].when; d = k->pool[e].dyad; spell = k->pool[e].spell;
            k->head[bucket] = k->pool[e].after;
        } else if (next < DAYS) {
            uint64_t w = word(c);
            t = next;
            d = (int32_t)((w >> 32) * (uint64_t)M >> 32);
            if ((w & 0xffffff) * 0x1p-24f >= column[d]) d = alias[d];
            next = t + wait_(c) / TOTAL;
        } else return incidents;
        int r = k->rung[d], raised = 0;
        if (spell >= 0) {
            if (spell != k->spell[d]) continue;
            float extra = mu[d] * (HEAT[r] - 1);
            if (uniform(c) * (extra + FALL[r]) >= extra) {
                k->rung[d]--; k->spell[d]++;
                plan_spell(k, c, t, d);
                continue;
            }
        }
        incidents++;
        if (uniform(c) < RISE[r]) {
            raised = 1;
            k->rung[d] = ++r; k->spell[d]++;
            if (r > k->highest[d]) k->highest[d] = r;
            if (r == TOP && !k->first[d]) k->first[d] = t;
        }
        float p = expf(-offspring[d]), sum = p, u = uniform(c);
        for (int n = 1; u >= sum && n < 64; n++) {
            p *= offspring[d] / n; sum += p;
            float s = uniform(c);
            int q = ptr[d];
            while (q < ptr[d + 1] - 1 && s >= share[q]) q++;
            plan(k, t + wait_(c) * MEMORY, target[q], -1);
        }
        if (raised || spell >= 0) plan_spell(k, c, t, d);
        if (raised && r == TOP)
            for (int q = entry_ptr[d]; q < entry_ptr[d + 1]; q++) {
                int x = entry[q];
                if (k->rung[x] >= ENTRY_RUNG || uniform(c) >= odds[q]) continue;
                k->rung[x] = ENTRY_RUNG; k->spell[x]++;
                if (ENTRY_RUNG > k->highest[x]) k->highest[x] = ENTRY_RUNG;
                plan_spell(k, c, t, x);
            }
    }
}

static void *block(FILE *f, size_t count) {
    void *out = aligned_alloc(64, (count * 4 + 63) / 64 * 64 + 64);
    if (!out || fread(out, 4, count, f) != count) exit(3);
    return out;
}

int main(int argc, char **argv) {
    if (argc < 3) return puts("usage: escalation FILE REPLICAS"), 2;
    FILE *f = fopen(argv[1], "rb");
    int32_t sizes[5];
    float scalars[3];
    if (!f || fread(sizes, 4, 5, f) != 5 || fread(scalars, 4, 3, f) != 3) return 2;
    M = sizes[0]; ENTRY_RUNG = sizes[3]; BUCKETS = sizes[4];
    DAYS = scalars[0]; MEMORY = scalars[1]; TOTAL = scalars[2];
    float *tables = block(f, 3 * RUNGS);
    memcpy(HEAT, tables, sizeof HEAT); memcpy(RISE, tables + RUNGS, sizeof RISE);
    memcpy(FALL, tables + 2 * RUNGS, sizeof FALL);
    mu = block(f, M); offspring = block(f, M); column = block(f, M); alias = block(f, M);
    ptr = block(f, M + 1); target = block(f, sizes[1]); share = block(f, sizes[1]);
    entry_ptr = block(f, M + 1); entry = block(f, sizes[2]); odds = block(f, sizes[2]);
    int replicas = atoi(argv[2]);
    int64_t *reached = calloc((size_t)M * RUNGS, 8), incidents = 0, wars = 0;
    desk k = {malloc(4 * BUCKETS), malloc(4 * M), malloc(sizeof(event) << 14), 0, 1 << 14,
              malloc(M), malloc(M), malloc(4 * M)};
    clock_t start = clock();
    for (int n = 0; n < replicas; n++) {
        incidents += replica(&k, n);
        for (int d = 0; d < M; d++) {
            reached[d * RUNGS + k.highest[d]]++;
            wars += k.highest[d] == TOP;
        }
    }
    double seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
    printf("%.6f %.4f %.4f\n", seconds, (double)wars / replicas, (double)incidents / replicas);
    return 0;
}
