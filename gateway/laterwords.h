/* What a citizen adds to a case (a supplement, an objection, why it is not solved) or tells a clerk who calls back, read by the router like the first words: a danger takes
 * the case to level 1, an allegation of misconduct is looked at by 追责问责组 before the unit complained of can read it. Called by casework
 * for every act of a citizen and every outcome of a call back; words under seal never come here. Decides nothing else: matter, unit and nature stay what they are. */
#pragma once
#include "gateway.h"

struct laterwords {
    bool danger;     /* of a danger that is there now */
    bool misconduct; /* alleged: held until a person of 追责问责组 has looked */
};
/* The words may be masked. Nothing is found while the register is not ready; words that cannot be read through are held. */
struct laterwords laterwords_read(struct gateway *g, struct str words);
