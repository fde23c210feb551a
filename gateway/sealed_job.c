/* What the pool does for one message: the reporter's key from the receipt, the padding, the cipher, the envelopes. */
#include "sealed_part.h"
#include "io/crypto.h"
#include <string.h>

struct str seal_bytes(const u8 *p, size_t n) { return (struct str){(const char *)p, n}; }

void seal_job_init(struct seal_job *j, const struct gateway *g)
{
    memset(j, 0, sizeof *j);
    text_init(&j->plain, SEAL_PLAIN_MAX);
    text_init(&j->body, SEAL_PLAIN_MAX + BOX_OVERHEAD + 1);
    j->n_readers = sealed_readers(g, j->readers);
}

static bool reporter_made(struct seal_job *j)
{
    u8 seed[BOX_KEY], secret[BOX_KEY];
    crypto_random(j->salt, sizeof j->salt);
    bool good = box_seed(str_of(j->receipt), j->salt, seed);
    if (good) box_keypair_of(seed, j->reporter, secret);
    crypto_wipe(seed, sizeof seed);
    crypto_wipe(secret, sizeof secret);
    return good;
}

void seal_job_run(struct seal_job *j)
{
    j->good = !j->fresh || reporter_made(j);
    if (!j->keyed) crypto_random(j->key, sizeof j->key);
    seal_pad(&j->plain);
    text_addc(&j->body, SEAL_VERSION);
    box_encrypt(j->key, SEAL_AD, text_str(&j->plain), &j->body);
    for (size_t i = 0; i < j->n_readers; i++)
        j->good = j->good && box_envelope(j->key, j->readers[i].public_key, j->envelopes[i]);
    j->good = j->good && box_envelope(j->key, j->reporter, j->envelopes[j->n_readers]) &&
              !j->plain.overflow && !j->body.overflow;
    text_free(&j->plain);
    crypto_wipe(j->key, sizeof j->key);
}

void seal_job_free(struct seal_job *j)
{
    text_free(&j->plain);
    text_free(&j->body);
    crypto_wipe(j->key, sizeof j->key);
    crypto_wipe(j->receipt, sizeof j->receipt);
}
