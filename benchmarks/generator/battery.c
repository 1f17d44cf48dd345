/* battery NAME GENERATOR SEQUENCE: one TestU01 battery; every p-value as a CSV line on standard output. */
#include "sequences.h"
#include <TestU01.h>

static source *reading;

static unsigned int next_word(void) {
    if (reading->used == BUFFER) next_words(reading);
    return reading->words[reading->used++];
}

int main(int argc, char **argv) {
    if (argc != 4) return fprintf(stderr, "usage: battery SmallCrush|Crush|BigCrush GENERATOR SEQUENCE\n"), 2;
    reading = open_source(argv[2], argv[3]);
    unif01_Gen *gen = unif01_CreateExternGenBits(argv[2], next_word);
    swrite_Basic = FALSE;
    FILE *report = stdout;
    /* TestU01 prints its own summary on stdout: keep the CSV apart on descriptor 3 when it is open. */
    FILE *apart = fdopen(3, "w");
    if (apart) report = apart;
    if (!strcmp(argv[1], "SmallCrush")) bbattery_SmallCrush(gen);
    else if (!strcmp(argv[1], "Crush")) bbattery_Crush(gen);
    else if (!strcmp(argv[1], "BigCrush")) bbattery_BigCrush(gen);
    else return fprintf(stderr, "unknown battery: %s\n", argv[1]), 2;
    for (int i = 0; i < bbattery_NTests; i++)
        fprintf(report, "%s,%s,%s,%s,%.17g\n", argv[1], argv[2], argv[3], bbattery_TestNames[i], bbattery_pVal[i]);
    return 0;
}
