/* How rare a pair of neighbouring characters, or one character, is in what citizens write: 路灯 stands in many a complaint, 渔翁 in hardly one. core/telling
 * weighs by it what two texts have in common. The table is made from the shipped examples by tests/rarity-table; what is not in it is rare, or, when
 * its characters stand in every complaint, the accident of two words that met. Pure. */
#pragma once
#include "core/shingles.h"

/* Both in tenths of the natural logarithm of "one text in so many": 3 for the commonest to RARITY_MOST. */
#define RARITY_MOST 70
unsigned rarity_pair(u64 pair); /* as struct shingles keeps it */
unsigned rarity_character(u32 c);
