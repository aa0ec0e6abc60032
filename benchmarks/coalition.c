/* C twin of the lens coalition's deltas of all single changes: the sums of every attack are kept,
   each change exchanges the terms that its cells move, judges the attacks that were touched and
   is undone. Promises and standing rivalries only, as in the default set of feasible changes. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { DEFENSE, OFFENSE, NONAGGRESSION, NEUTRALITY, GUARANTEE, RIVALRY, KINDS = 8 };
enum { DEFENDS, BOND, ARRIVES, PLEDGED, QUARREL, PARALLEL, SENT, CELLS };
enum { JOINS, HELPS, INTENT, RATE, EXPOSURE, SUMS };

typedef struct {
    double rate, gradient, defend, defend_quarrel, follow, follow_quarrel, parallel, pledge, pact,
        assurance, station, supply, deterrence, umbrella, advantage, decisiveness, quarrel, burden;
} Numbers;

typedef struct {
    int64_t n, warheads;
    double *pair, *cells, *sums;              /* (n, n, 8), (n, n, 7), (n, n, 5) */
    const double *neutral, *strength, *armed, *got;
    const int64_t *nuclear, *rivals, *number; /* rivals: (n, n) */
} System;

#define AT(table, width, a, b, what) (table)[(((a) * s->n) + (b)) * (width) + (what)]
#define PAIR(a, b, what) AT(s->pair, KINDS, a, b, what)
#define CELL(a, b, what) AT(s->cells, CELLS, a, b, what)
#define SUM(a, b, what) AT(s->sums, SUMS, a, b, what)

static inline double joining(const System *s, const Numbers *p, int64_t k, int64_t j, int64_t i)
{
    double follow = CELL(k, i, QUARREL) > 0 ? p->follow_quarrel : p->follow;
    double share = CELL(k, j, DEFENDS) * follow;
    if (CELL(k, j, PLEDGED) > share) share = CELL(k, j, PLEDGED);
    if (CELL(k, i, PARALLEL) > share) share = CELL(k, i, PARALLEL);
    return share > 0 ? share * (1 - CELL(k, i, BOND)) * CELL(k, i, ARRIVES) : 0.0;
}

static inline double help_share(const System *s, const Numbers *p, int64_t k, int64_t j, int64_t i)
{
    return CELL(k, i, DEFENDS) * (CELL(k, j, QUARREL) > 0 ? p->defend_quarrel : p->defend);
}

static inline double judged(const System *s, const Numbers *p, int64_t j, int64_t i, double *rate)
{
    double m = s->strength[j], reaches = m > 0 ? CELL(j, i, ARRIVES) / m : 0, shelter = 0;
    *rate = 0;
    if (reaches == 0 || SUM(j, i, INTENT) == 0) return 0;
    for (int64_t q = 0; q < s->warheads; q++) {
        int64_t k = s->nuclear[q];
        if (k == i || k == j) continue;
        double held = fmax(CELL(k, i, DEFENDS), PAIR(k, i, GUARANTEE));
        if (held > shelter) shelter = held;
    }
    double deterred = fmax(p->deterrence * s->armed[i], p->umbrella * shelter);
    *rate = SUM(j, i, INTENT) * reaches * (1 - CELL(j, i, BOND)) * (1 - deterred);
    double attack = CELL(j, i, ARRIVES) + (s->got[j] - CELL(i, j, SENT)) * reaches + SUM(j, i, JOINS);
    double defence = s->strength[i] + (s->got[i] - CELL(j, i, SENT)) + SUM(j, i, HELPS);
    defence *= p->advantage;
    if (p->decisiveness == 1) return *rate * attack / (attack + defence);
    return *rate / (1 + pow(defence / attack, p->decisiveness));
}

typedef struct { int64_t j, i; double joins, helps, intent; } Attack;
typedef struct { int64_t k, x; double held[6]; } Cell;
typedef struct { int64_t what, a, b; double value; } Fact;

typedef struct {
    Attack *attacks; Cell *cells; Fact *facts; int64_t *dirty;
    int64_t many, cell_count, fact_count, dirty_count, mark;
    int64_t *attack_seen, *cell_seen;
    double *row;
} Log;

static inline void touch(System *s, Log *l, int64_t j, int64_t i)
{
    if (l->attack_seen[j * s->n + i] == l->mark) return;
    l->attack_seen[j * s->n + i] = l->mark;
    l->attacks[l->many++] = (Attack){j, i, SUM(j, i, JOINS), SUM(j, i, HELPS), SUM(j, i, INTENT)};
}

static inline void dirty(System *s, Log *l, int64_t k, int64_t x)
{
    if (k == x || l->cell_seen[k * s->n + x] == l->mark) return;
    l->cell_seen[k * s->n + x] = l->mark;
    l->dirty[l->dirty_count++] = k * s->n + x;
}

static void exchange(System *s, Log *l, const Numbers *p, int64_t k, int64_t x)
{
    double v = PAIR(k, x, RIVALRY), free_ = 1 - s->neutral[k];
    double defends = fmax(PAIR(k, x, DEFENSE), p->assurance * PAIR(k, x, GUARANTEE)) * free_;
    double pledged = fmax(fmax(PAIR(k, x, NONAGGRESSION), PAIR(k, x, NEUTRALITY)),
                          fmax(PAIR(k, x, GUARANTEE), s->neutral[k]));
    double bond = (1 - v / 5) * fmax(p->pledge * pledged, p->pact * defends);
    double quarrel = v >= p->quarrel, offense = PAIR(k, x, OFFENSE) * free_;
    double parallel = quarrel > 0 ? p->parallel * free_ : 0;
    Cell *c = &l->cells[l->cell_count++];
    c->k = k, c->x = x;
    memcpy(c->held, &CELL(k, x, 0), sizeof c->held);
    int helping = defends != c->held[DEFENDS], led = helping || offense != c->held[PLEDGED];
    int foe = quarrel != c->held[QUARREL];
    int here = foe || bond != c->held[BOND] || parallel != c->held[PARALLEL];
    for (int pass = 0; pass < 2; pass++) {
        double sign = pass ? 1 : -1;
        for (int64_t q = 0; q < s->number[x]; q++) {
            int64_t y = s->rivals[x * s->n + q];
            if (y == k) { touch(s, l, k, x); continue; }
            if (led) {
                touch(s, l, x, y);
                SUM(x, y, JOINS) += sign * joining(s, p, k, x, y);
            }
            if (foe) {
                touch(s, l, x, y);
                double share = help_share(s, p, k, x, y);
                SUM(x, y, HELPS) += sign * share * CELL(k, y, ARRIVES);
                l->row[k] -= sign * p->burden * share * SUM(x, y, RATE);
            }
            if (here) {
                touch(s, l, y, x);
                SUM(y, x, JOINS) += sign * joining(s, p, k, y, x);
            }
            if (helping) {
                touch(s, l, y, x);
                double share = help_share(s, p, k, y, x);
                SUM(y, x, HELPS) += sign * share * CELL(k, x, ARRIVES);
                l->row[k] -= sign * p->burden * share * SUM(y, x, RATE);
            }
            if (s->armed[k] > 0) touch(s, l, y, x);
        }
        if (!pass) {
            double *cell = &CELL(k, x, 0);
            cell[DEFENDS] = defends, cell[BOND] = bond, cell[PLEDGED] = offense;
            cell[QUARREL] = quarrel, cell[PARALLEL] = parallel;
        }
    }
}

void deltas(int64_t n, int64_t warheads, double *pair, double *cells, double *sums,
            const double *neutral, const double *strength, const double *armed, const double *got,
            const int64_t *nuclear, const int64_t *rivals, const int64_t *number,
            const Numbers *p, int64_t changes, const int64_t *ptr, const int64_t *what,
            const int64_t *first, const int64_t *second, const double *value, double *out)
{
    System system = {n, warheads, pair, cells, sums, neutral, strength, armed, got,
                     nuclear, rivals, number}, *s = &system;
    int64_t longest = 0;
    for (int64_t c = 0; c < changes; c++)
        if (ptr[c + 1] - ptr[c] > longest) longest = ptr[c + 1] - ptr[c];
    Log log = {malloc(n * n * sizeof(Attack)), malloc(n * n * sizeof(Cell)),
               malloc((longest + 1) * sizeof(Fact)), malloc(n * n * sizeof(int64_t)), 0, 0, 0, 0, 0,
               calloc(n * n, sizeof(int64_t)), calloc(n * n, sizeof(int64_t)), NULL}, *l = &log;
    for (int64_t c = 0; c < changes; c++) {
        l->many = l->cell_count = l->fact_count = l->dirty_count = 0;
        l->mark = c + 1, l->row = out + c * n;
        for (int64_t e = ptr[c]; e < ptr[c + 1]; e++) {
            int64_t w = what[e], a = first[e], b = second[e];
            if (w < 0) continue;
            l->facts[l->fact_count++] = (Fact){w, a, b, PAIR(a, b, w)};
            PAIR(a, b, w) = value[e];
            if (w == RIVALRY) {
                PAIR(b, a, w) = value[e];
                touch(s, l, a, b), touch(s, l, b, a);
                double v = value[e], intent = v > 0 ? p->rate * pow(v / 5, p->gradient) : 0;
                SUM(a, b, INTENT) = SUM(b, a, INTENT) = intent;
                dirty(s, l, b, a);
            }
            dirty(s, l, a, b);
        }
        for (int64_t q = 0; q < l->dirty_count; q++)
            exchange(s, l, p, l->dirty[q] / n, l->dirty[q] % n);
        for (int64_t q = 0; q < l->many; q++) {
            int64_t j = l->attacks[q].j, i = l->attacks[q].i;
            double rate, exposure = judged(s, p, j, i, &rate), more = rate - SUM(j, i, RATE);
            l->row[i] += SUM(j, i, EXPOSURE) - exposure;
            if (p->burden > 0 && more != 0)
                for (int64_t k = 0; k < n; k++)
                    if (CELL(k, i, DEFENDS) > 0 && k != i && k != j)
                        l->row[k] -= p->burden * more * help_share(s, p, k, j, i);
        }
        for (int64_t q = l->cell_count - 1; q >= 0; q--)
            memcpy(&CELL(l->cells[q].k, l->cells[q].x, 0), l->cells[q].held, sizeof l->cells[q].held);
        for (int64_t q = l->fact_count - 1; q >= 0; q--) {
            Fact f = l->facts[q];
            PAIR(f.a, f.b, f.what) = f.value;
            if (f.what == RIVALRY) PAIR(f.b, f.a, f.what) = f.value;
        }
        for (int64_t q = 0; q < l->many; q++) {
            Attack a = l->attacks[q];
            SUM(a.j, a.i, JOINS) = a.joins, SUM(a.j, a.i, HELPS) = a.helps;
            SUM(a.j, a.i, INTENT) = a.intent;
        }
    }
    free(log.attacks), free(log.cells), free(log.facts), free(log.dirty);
    free(log.attack_seen), free(log.cell_seen);
}
