/* The identity provider of the settings oidc_*: what it publishes, its keys, and the exchange of a code for the person it names. Called
 * by staff_oidc.c. What a provider says is read by adapters/oidc; calls go out by io/httpc. Keeps no person and no token. */
#pragma once
#include "gateway.h"
#include "adapters/oidc.h"

/* g->oidc stays NULL where no provider is configured. False with a sentence when the settings cannot be meant. */
bool oidc_start(struct gateway *g, const char **why_r) MUST_CHECK;
void oidc_stop(struct gateway *g); /* after httpc_free: nothing is out any more */

/* What is published, kept for an hour; NULL when it cannot be had. The views live as long as the call. */
typedef void oidc_found(void *arg, const struct oidc_site *site);
/* found runs once, perhaps before this returns. */
void oidc_find(struct gateway *g, oidc_found *found, void *arg);

/* What came back from the provider and what was sent along; all copied. */
struct oidc_exchange {
    struct str code, verifier, nonce, redirect;
};
struct oidc_result {
    bool away;         /* the provider cannot be reached, or said nothing that can be read */
    bool refused;      /* it did not take the code */
    enum oidc_end end; /* of the token, when neither */
    struct str subject;
};
/* `result` is valid only during the call. */
typedef void oidc_done(void *arg, const struct oidc_result *result);
/* done runs once, perhaps before this returns. */
void oidc_redeem(struct gateway *g, const struct oidc_exchange *x, oidc_done *done, void *arg);
