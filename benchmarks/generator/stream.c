/* stream GENERATOR SEQUENCE: 32-bit words, little-endian, to standard output until the reader closes. */
#include "sequences.h"

int main(int argc, char **argv) {
    if (argc != 3) return fprintf(stderr, "usage: stream GENERATOR SEQUENCE\n"), 2;
    source *s = open_source(argv[1], argv[2]);
    do next_words(s);
    while (fwrite(s->words, sizeof s->words, 1, stdout) == 1);
    return 0;
}
