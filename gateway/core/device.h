/* What somebody signed in with, in words that people recognise in a list of their own sessions: "Chrome · Windows". Made from the
 * User-Agent header, of which nothing else is kept: no version, no model, nothing that tells two such devices apart. */
#pragma once
#include "base/str.h"

#define DEVICE_WORDS_MAX 60
/* Appends browser and system, or the one that is known; nothing when neither is. */
void device_words(struct str user_agent, struct text *out);
