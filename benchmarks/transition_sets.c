/* C twin of the lens coalition with sets of items: the formula anew with every set, facts looked up
   in the tables that hang on the items. What membership is worth, and who is left at a cost. */
#include <math.h>
#include <stdint.h>

enum { DEFENSE, OFFENSE, NONAGGRESSION, NEUTRALITY, GUARANTEE, RIVALRY, STATIONS, SUPPLIES };

typedef struct {
    double rate, gradient, defend, defend_quarrel, follow, follow_quarrel, parallel, pledge, pact,
        assurance, station, supply, deterrence, umbrella, advantage, decisiveness, quarrel, burden;
} Numbers;

typedef struct {
    int64_t n, warheads;
    const double *pair, *neutral;                /* (8, n, n) and (n,): where there is no table */
    const int64_t *key, *neutral_key, *support, *start;
    const double *value;
    const int64_t *post_ptr, *posts;             /* grounds on which each state may have forces */
    const double *near, *strength, *armed;
    const int64_t *nuclear;
} Varying;

static inline double tabled(const Varying *f, int64_t t, int64_t on)
{
    int64_t place = 0, bit = 1;
    for (int64_t rest = f->support[t]; rest; rest &= rest - 1, bit <<= 1)
        if (on & rest & -rest) place |= bit;
    return f->value[f->start[t] + place];
}

static inline double fact(const Varying *f, int what, int64_t a, int64_t b, int64_t on)
{
    int64_t at = (what * f->n + a) * f->n + b;
    return f->key[at] < 0 ? f->pair[at] : tabled(f, f->key[at], on);
}

static inline double is_neutral(const Varying *f, int64_t k, int64_t on)
{
    return f->neutral_key[k] < 0 ? f->neutral[k] : tabled(f, f->neutral_key[k], on);
}

static inline double defends(const Varying *f, const Numbers *p, int64_t k, int64_t x, int64_t on)
{
    double promised = fmax(fact(f, DEFENSE, k, x, on), p->assurance * fact(f, GUARANTEE, k, x, on));
    return promised > 0 ? promised * (1 - is_neutral(f, k, on)) : 0;
}

static inline double bond(const Varying *f, const Numbers *p, int64_t k, int64_t x, int64_t on)
{
    double pledged = fmax(fmax(fact(f, NONAGGRESSION, k, x, on), fact(f, NEUTRALITY, k, x, on)),
                          fmax(fact(f, GUARANTEE, k, x, on), is_neutral(f, k, on)));
    double held = fmax(p->pledge * pledged, p->pact * defends(f, p, k, x, on));
    return held > 0 ? (1 - fact(f, RIVALRY, k, x, on) / 5) * held : 0;
}

static inline double arriving(const Varying *f, const Numbers *p, int64_t k, int64_t x, int64_t on)
{
    double whole = 0, abroad = 0;
    for (int64_t q = f->post_ptr[k]; q < f->post_ptr[k + 1]; q++) {
        double share = p->station * fact(f, STATIONS, k, f->posts[q], on);
        whole += share;
        abroad += share * f->near[f->posts[q] * f->n + x];
    }
    double room = fmax(1, whole);
    return f->strength[k] * ((1 - whole / room) * f->near[k * f->n + x] + abroad / room);
}

static inline double helping(const Varying *f, const Numbers *p, int64_t k, int64_t j, int64_t i,
                             int64_t on)
{
    double share = defends(f, p, k, i, on);
    if (share == 0) return 0;
    return share * (fact(f, RIVALRY, k, j, on) >= p->quarrel ? p->defend_quarrel : p->defend);
}

static double rated(const Varying *f, const Numbers *p, int64_t j, int64_t i, int64_t on)
{
    double v = fact(f, RIVALRY, j, i, on), shelter = 0;
    if (v == 0 || f->strength[j] == 0) return 0;
    for (int64_t q = 0; q < f->warheads; q++) {
        int64_t k = f->nuclear[q];
        if (k == i || k == j) continue;
        shelter = fmax(shelter, fmax(defends(f, p, k, i, on), fact(f, GUARANTEE, k, i, on)));
    }
    double deterred = fmax(p->deterrence * f->armed[i], p->umbrella * shelter);
    return p->rate * pow(v / 5, p->gradient) * (arriving(f, p, j, i, on) / f->strength[j])
           * (1 - bond(f, p, j, i, on)) * (1 - deterred);
}

static double exposure(const Varying *f, const Numbers *p, int64_t j, int64_t i, int64_t on)
{
    double rate = rated(f, p, j, i, on), attack = arriving(f, p, j, i, on);
    if (rate == 0) return 0;
    double defence = f->strength[i], reaches = attack / f->strength[j];
    for (int64_t k = 0; k < f->n; k++) {
        if (k == i || k == j) continue;
        double given = p->supply * f->strength[k];
        attack += given * fact(f, SUPPLIES, k, j, on) * reaches;
        defence += given * fact(f, SUPPLIES, k, i, on);
        double help = helping(f, p, k, j, i, on);
        if (help > 0) defence += help * arriving(f, p, k, i, on);
        int foe = fact(f, RIVALRY, k, i, on) >= p->quarrel;
        double share = defends(f, p, k, j, on) * (foe ? p->follow_quarrel : p->follow);
        double offence = fact(f, OFFENSE, k, j, on);
        if (foe || offence > 0) {
            double free_ = 1 - is_neutral(f, k, on);
            share = fmax(share, fmax(offence * free_, foe ? p->parallel * free_ : 0));
        }
        if (share > 0) attack += share * (1 - bond(f, p, k, i, on)) * arriving(f, p, k, i, on);
    }
    if (attack <= 0) return 0;
    return rate / (1 + pow(p->advantage * defence / attack, p->decisiveness));
}

static double security(const Varying *f, const Numbers *p, int64_t i, int64_t on)
{
    double sum = 0;
    for (int64_t j = 0; j < f->n; j++)
        if (j != i && fact(f, RIVALRY, j, i, on) > 0) sum -= exposure(f, p, j, i, on);
    if (p->burden > 0)
        for (int64_t x = 0; x < f->n; x++) {
            if (x == i || defends(f, p, i, x, on) == 0) continue;
            for (int64_t j = 0; j < f->n; j++)
                if (j != i && j != x && fact(f, RIVALRY, j, x, on) > 0)
                    sum -= p->burden * rated(f, p, j, x, on) * helping(f, p, i, j, x, on);
        }
    return sum;
}

/* Security of some states with each of some sets, (sets, states). */
void securities(const Varying *f, const Numbers *p, const int64_t *sets, int64_t many,
                const int64_t *states, int64_t width, double *out)
{
    for (int64_t s = 0; s < many; s++)
        for (int64_t i = 0; i < width; i++)
            out[s * width + i] = security(f, p, states[i], sets[s]);
}

/* What each member of each set would lose by leaving it, (sets, members); 0 for others. */
void worths(const Varying *f, const Numbers *p, const int64_t *sets, int64_t many,
            const int64_t *places, int64_t members, double *out)
{
    for (int64_t s = 0; s < many; s++)
        for (int64_t m = 0; m < members; m++) {
            int64_t on = sets[s], bit = (int64_t)1 << m;
            double *worth = out + s * members + m;
            *worth = on & bit ? security(f, p, places[m], on) - security(f, p, places[m], on & ~bit)
                              : 0;
        }
}

/* Who is left of each set at its cost: whoever has less leaves, the first in the turn before the
   others, and all look again; (sets, members) in the turns. */
void left(const Varying *f, const Numbers *p, const double *costs, const int64_t *turns,
          int64_t many, const int64_t *places, int64_t members, int64_t *sets)
{
    for (int64_t s = 0; s < many; s++) {
        int gone = 1;
        while (gone) {
            gone = 0;
            for (int64_t q = 0; q < members && !gone; q++) {
                int64_t m = turns[s * members + q], bit = (int64_t)1 << m, on = sets[s];
                if (!(on & bit)) continue;
                double worth = security(f, p, places[m], on) - security(f, p, places[m], on & ~bit);
                if (worth < costs[s]) sets[s] &= ~bit, gone = 1;
            }
        }
    }
}

/* The effects of the parts of each set one behind the other: rows of a joined array, (sets + 1,)
   places where each begins, and which rows. */
void put_together(const int64_t *parts, int64_t sets, int64_t clusters, const int64_t *start,
                  const int64_t *length, const int64_t *pairs, const double *ties, int64_t *ptr,
                  int64_t *first, int64_t *second, double *ally, double *rival)
{
    int64_t at = 0;
    for (int64_t s = 0; s < sets; s++) {
        ptr[s] = at;
        for (int64_t c = 0; c < clusters; c++) {
            int64_t part = parts[s * clusters + c];
            for (int64_t e = start[part]; e < start[part] + length[part]; e++, at++) {
                first[at] = pairs[2 * e], second[at] = pairs[2 * e + 1];
                ally[at] = ties[2 * e], rival[at] = ties[2 * e + 1];
            }
        }
    }
    ptr[sets] = at;
}
