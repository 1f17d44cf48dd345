/* The reduced model of reduced.py in C: same draws, same order of events, same counts. */
#include <stdint.h>

enum { PEOPLE, WORKING, MEDICAID, UNINSURED, TREATED, HIRED, LAID_OFF, ENROLLED, CHECKED, LOST, LOST_OUD,
       STARTED, STOPPED, STOPPED_UNINSURED, OVERDOSES, OVERDOSES_TREATED, OVERDOSES_UNINSURED, REVERSED,
       OVERDOSE_DEATHS, OTHER_DEATHS, COUNTERS };
enum { R_LOSE, R_GAIN, R_ENROL, R_LEAVE, R_FAIL, R_START, R_STOP, R_STOP_UNINSURED, R_OVERDOSE,
       R_OVERDOSE_TREATED, R_FATAL, R_FATAL_REVERSED, R_LAW, R_DEATH };
enum { NOBODY, PUBLIC_COVER, JOB_COVER };
enum { GROUPS = 4, CHECK_EVERY = 6 };

typedef struct { int64_t w[4]; } words;

static inline words philox(int64_t c0, int64_t c1, int64_t c2, int64_t c3, int64_t k0, int64_t k1) {
    const uint64_t mask = 0xFFFFFFFFu;
    uint64_t x0 = c0 & mask, x1 = c1 & mask, x2 = c2 & mask, x3 = c3 & mask, a = k0 & mask, b = k1 & mask;
    for (int round = 0; round < 10; round++) {
        uint64_t p0 = x0 * 0xD2511F53u, p1 = x2 * 0xCD9E8D57u;
        uint64_t n0 = (p1 >> 32) ^ x1 ^ a, n2 = (p0 >> 32) ^ x3 ^ b;
        x1 = p1 & mask;
        x3 = p0 & mask;
        x0 = n0;
        x2 = n2;
        a = (a + 0x9E3779B9u) & mask;
        b = (b + 0xBB67AE85u) & mask;
    }
    return (words){{(int64_t)x0, (int64_t)x1, (int64_t)x2, (int64_t)x3}};
}

void live(int64_t first, int64_t last, const uint8_t *state, const uint8_t *group, const uint8_t *oud,
          const uint8_t *working0, const uint8_t *cover0, const uint8_t *treated0, const uint8_t *phase,
          const int64_t *rates, const int64_t *naloxone, int64_t months, int64_t k0, int64_t k1, int64_t *cube) {
    const int64_t top = 0xFFFFFFFF;
    for (int64_t i = first; i < last; i++) {
        int64_t *counts = cube + ((int64_t)state[i] * GROUPS + group[i]) * months * COUNTERS;
        const int64_t *given = naloxone + (int64_t)state[i] * months;
        const int64_t death = rates[R_DEATH + group[i]];
        const int64_t ill = oud[i];
        int64_t working = working0[i], cover = cover0[i], treated = treated0[i];
        int64_t due = rates[R_LAW] + phase[i];
        counts[PEOPLE] += 1;
        counts[WORKING] += working;
        counts[MEDICAID] += cover == PUBLIC_COVER;
        counts[UNINSURED] += cover == NOBODY;
        counts[TREATED] += treated;
        int64_t overdose = 0, work = 0, enter = 0, treat = 0, changed = 1;
        for (int64_t t = 0; t < months; t++) {
            words draw = philox(i & top, i >> 32, t, 0, k0, k1);
            const int64_t w0 = draw.w[0], w1 = draw.w[1], w2 = draw.w[2], w3 = draw.w[3];
            if (changed) {
                work = working ? rates[R_LOSE] : rates[R_GAIN];
                enter = cover == NOBODY ? rates[R_ENROL] : (cover == PUBLIC_COVER ? rates[R_LEAVE] : 0);
                overdose = 0;
                treat = 0;
                if (ill) {
                    overdose = treated ? rates[R_OVERDOSE_TREATED] : rates[R_OVERDOSE];
                    treat = treated ? (cover == NOBODY ? rates[R_STOP_UNINSURED] : rates[R_STOP]) : rates[R_START];
                }
                changed = 0;
            }
            if (w0 >= death && top - w0 >= overdose && w1 >= work && w2 >= enter && w3 >= treat && t != due)
                continue;
            int64_t *now = counts + t * COUNTERS;
            int64_t dies = 0;
            if (w0 < death) {
                now[OTHER_DEATHS] += 1;
                dies = 1;
            } else if (top - w0 < overdose) {
                words tree = philox(i & top, i >> 32, t, 1, k0, k1);
                int64_t reversed = tree.w[0] < given[t];
                now[OVERDOSES] += 1;
                now[OVERDOSES_TREATED] += treated;
                now[OVERDOSES_UNINSURED] += cover == NOBODY;
                now[REVERSED] += reversed;
                if (tree.w[1] < (reversed ? rates[R_FATAL_REVERSED] : rates[R_FATAL])) {
                    now[OVERDOSE_DEATHS] += 1;
                    dies = 1;
                }
            }
            if (dies) {
                now[PEOPLE] -= 1;
                now[WORKING] -= working;
                now[MEDICAID] -= cover == PUBLIC_COVER;
                now[UNINSURED] -= cover == NOBODY;
                now[TREATED] -= treated;
                break;
            }
            changed = 1;
            if (w1 < work) {
                now[working ? LAID_OFF : HIRED] += 1;
                now[WORKING] += working ? -1 : 1;
                working = 1 - working;
            }
            int64_t kind = cover;
            if (t == due) {
                due += CHECK_EVERY;
                if (cover == PUBLIC_COVER) {
                    now[CHECKED] += 1;
                    if (!working && w2 < rates[R_FAIL]) {
                        kind = NOBODY;
                        now[LOST] += 1;
                        now[LOST_OUD] += ill;
                    }
                }
            }
            if (kind == cover && w2 < enter) {
                kind = cover == PUBLIC_COVER ? JOB_COVER : PUBLIC_COVER;
                now[ENROLLED] += kind == PUBLIC_COVER;
            }
            if (kind != cover) {
                now[MEDICAID] += (kind == PUBLIC_COVER) - (cover == PUBLIC_COVER);
                now[UNINSURED] += (kind == NOBODY) - (cover == NOBODY);
            }
            if (w3 < treat) {
                now[TREATED] += treated ? -1 : 1;
                now[treated ? STOPPED : STARTED] += 1;
                now[STOPPED_UNINSURED] += treated && cover == NOBODY;
                treated = 1 - treated;
            }
            cover = kind;
        }
    }
}

int64_t draw_alone(int64_t first, int64_t last, int64_t months, int64_t k0, int64_t k1) {
    int64_t sum = 0;
    for (int64_t i = first; i < last; i++)
        for (int64_t t = 0; t < months; t++) {
            words draw = philox(i & 0xFFFFFFFF, i >> 32, t, 0, k0, k1);
            sum ^= draw.w[0] ^ draw.w[1] ^ draw.w[2] ^ draw.w[3];
        }
    return sum;
}
