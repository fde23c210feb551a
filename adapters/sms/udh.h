/* The user data header of an SMS (3GPP TS 23.040 §9.2.3.24): only what says which piece of a long message it is.
 * Called by SMS adapters; knows no provider. */
#pragma once
#include "adapters/adapter.h"

/* Reads the concatenation element (8-bit 00 or 16-bit 08 reference) of raw header bytes, length octet first.
 * ref is written into the arena. False, and the part is left alone, when there is none, when the header does not
 * add up, or when the arena is full: the piece is then a message of its own, its words are kept. */
bool udh_part(struct str udh, struct arena *, struct part_info *part_r) MUST_CHECK;
