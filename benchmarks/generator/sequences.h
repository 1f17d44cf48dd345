/* The candidate generators and the orders in which the model reads them.

   A block is named by key (64 bits from seed and replicate), person (64 bits), month and block number,
   and holds four 32-bit words. check.py holds the same definitions in Python and compares. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GOLDEN 0x9E3779B97F4A7C15ull
#define INLINE static inline __attribute__((always_inline))

enum generator { PHILOX, SPLITMIX, MOREMUR, ADDITIVE, PHILOX2, N_GENERATORS };
static const char *const generator_names[] = {"philox", "splitmix", "moremur", "additive", "philox2"};

enum sequence { PEOPLE, PEOPLE4, CLONES, MONTHS, BLOCKS, KERNEL, KERNEL_REV, MONTHLY, SEEDS, REPLICATES, N_SEQUENCES };
static const char *const sequence_names[] = {"people", "people4", "clones",  "months", "blocks",
                                             "kernel", "kernel_rev", "monthly", "seeds",  "replicates"};

INLINE uint64_t splitmix(uint64_t z) {
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9ull;
    z = (z ^ z >> 27) * 0x94D049BB133111EBull;
    return z ^ z >> 31;
}

INLINE uint64_t moremur(uint64_t z) {
    z = (z ^ z >> 27) * 0x3C79AC492BA7B653ull;
    z = (z ^ z >> 33) * 0x1C69B3F74AC4AE35ull;
    return z ^ z >> 27;
}

static uint64_t key_of(uint64_t seed, uint64_t replicate) {
    return splitmix(splitmix(seed + GOLDEN) + (replicate + 1) * GOLDEN);
}

INLINE void philox(uint64_t key, uint64_t person, uint32_t month, uint32_t block, int rounds, uint32_t *out) {
    uint32_t a = (uint32_t)person, b = (uint32_t)(person >> 32), c = month, d = block;
    uint32_t k0 = (uint32_t)key, k1 = (uint32_t)(key >> 32);
    for (int r = 0; r < rounds; r++) {
        uint64_t p = (uint64_t)a * 0xD2511F53u, q = (uint64_t)c * 0xCD9E8D57u;
        a = (uint32_t)(q >> 32) ^ b ^ k0, b = (uint32_t)q;
        c = (uint32_t)(p >> 32) ^ d ^ k1, d = (uint32_t)p;
        k0 += 0x9E3779B9u, k1 += 0xBB67AE85u;
    }
    out[0] = a, out[1] = b, out[2] = c, out[3] = d;
}

INLINE void block_of(int gen, uint64_t key, uint64_t person, uint32_t month, uint32_t block, uint32_t *out) {
    if (gen == PHILOX || gen == PHILOX2) {
        philox(key, person, month, block, gen == PHILOX ? 10 : 2, out);
        return;
    }
    for (int pair = 0; pair < 2; pair++) {
        uint64_t slot = 2 * (uint64_t)block + pair, z;
        if (gen == SPLITMIX) /* two links: a stream for each person, a place for each month and slot */
            z = splitmix(splitmix(key + person * GOLDEN) + (((uint64_t)month << 33) + slot) * GOLDEN);
        else if (gen == MOREMUR) /* three links: person, month, slot */
            z = moremur(moremur(moremur(key + person * GOLDEN) + month * GOLDEN) + slot * GOLDEN);
        else /* control: parts of the name summed before one mix, so names collide */
            z = splitmix(key + person + month + slot);
        out[2 * pair] = (uint32_t)z, out[2 * pair + 1] = (uint32_t)(z >> 32);
    }
}

#define FIRST_MONTH 108
#define MONTHS_LIVED 132
#define FIXED_MONTH 144
#define MILLION 1000000ull
#define NEIGHBOURS 64
#define BUFFER 4096

typedef struct {
    int gen, seq, used;
    uint64_t at, key, keys[NEIGHBOURS];
    uint32_t words[BUFFER];
} source;

INLINE uint32_t reversed(uint32_t x) {
    x = (x >> 1 & 0x55555555) | (x & 0x55555555) << 1;
    x = (x >> 2 & 0x33333333) | (x & 0x33333333) << 2;
    x = (x >> 4 & 0x0F0F0F0F) | (x & 0x0F0F0F0F) << 4;
    return __builtin_bswap32(x);
}

INLINE void refill(source *s, int gen, int seq) {
    const int whole = seq == PEOPLE4 || seq == BLOCKS || seq == KERNEL || seq == KERNEL_REV;
    uint64_t i = s->at;
    for (int n = 0; n < BUFFER; n += whole ? 4 : 1, i++) {
        uint32_t four[4];
        if (seq == PEOPLE || seq == PEOPLE4) block_of(gen, s->key, i, FIXED_MONTH, 0, four);
        if (seq == CLONES) block_of(gen, s->key, i / NEIGHBOURS | (i % NEIGHBOURS) << 32, FIXED_MONTH, 0, four);
        if (seq == MONTHS) block_of(gen, s->key, i >> 32, (uint32_t)i, 0, four);
        if (seq == BLOCKS) block_of(gen, s->key, i >> 32, FIXED_MONTH, (uint32_t)i, four);
        if (seq == KERNEL || seq == KERNEL_REV)
            block_of(gen, s->key, i / (2 * MONTHS_LIVED), FIRST_MONTH + i / 2 % MONTHS_LIVED, i & 1, four);
        if (seq == MONTHLY) block_of(gen, s->key, i % MILLION, FIRST_MONTH + i / MILLION, 0, four);
        if (seq == SEEDS || seq == REPLICATES)
            block_of(gen, s->keys[i % NEIGHBOURS], i / NEIGHBOURS, FIXED_MONTH, 0, four);
        if (!whole) s->words[n] = four[seq == MONTHLY];
        else
            for (int w = 0; w < 4; w++) s->words[n + w] = seq == KERNEL_REV ? reversed(four[w]) : four[w];
    }
    s->at = i;
    s->used = 0;
}

#define CASE(g, q) case (g) * N_SEQUENCES + (q): refill(s, g, q); break;
#define CASES(g) CASE(g, 0) CASE(g, 1) CASE(g, 2) CASE(g, 3) CASE(g, 4) CASE(g, 5) CASE(g, 6) CASE(g, 7) CASE(g, 8) CASE(g, 9)

static void next_words(source *s) {
    switch (s->gen * N_SEQUENCES + s->seq) { CASES(0) CASES(1) CASES(2) CASES(3) CASES(4) }
}

static int index_of(const char *name, const char *const *names, int count) {
    for (int i = 0; i < count; i++)
        if (!strcmp(name, names[i])) return i;
    fprintf(stderr, "unknown name: %s\n", name);
    exit(2);
}

static source *open_source(const char *gen, const char *seq) {
    source *s = calloc(1, sizeof *s);
    s->gen = index_of(gen, generator_names, N_GENERATORS);
    s->seq = index_of(seq, sequence_names, N_SEQUENCES);
    s->key = key_of(1, 0);
    for (int i = 0; i < NEIGHBOURS; i++) s->keys[i] = s->seq == SEEDS ? key_of(i, 0) : key_of(1, i);
    s->used = BUFFER;
    return s;
}
