/* `mashangdu channel check DIR`: lets the real adapters read a folder of recorded requests and expected results,
 * without network and database. Called by the command line and by the tests. Writes to standard output only.
 *
 * A case is a file NN-name.json in DIR or in a folder right below it, with its body beside it:
 *   provider, kind       which adapter, and what is checked:
 *                          mo, dlr, event, handshake, json   a request that comes in
 *                          passive-reply                     what is answered to a push
 *                          send, staff-notice                a call that is made, and how its answers are judged
 *                          webhook                           one of our own webhooks, as a receiver checks it
 *   request              method, path, query, headers [[name, value]…], body_file, peer (127.0.0.1 when absent); for a program that
 *                        is called instead (gammu): env, args
 *   config               the channel's settings; a list is joined with commas; `now` (Unix seconds) sets the clock. `url_token` is the
 *                        key in /hooks/{channel}/{key}/… when the path has that form
 *   expect               authentic, parse_error, reply {status, content_type, body}, messages [], receipts [], duplicate_of
 *   responses            for "send": status, body, parse {ok, retry, provider_id, error_code, items []}
 * JSON files without `request` are no cases and are passed over. Messages and receipts are compared in everything that the contract
 * (adapters/adapter.h) carries; the form of a key that we make ourselves is free, but messages with the same expected key must
 * have the same one and all others different ones. Pieces of a long message are joined over the cases of a folder.
 * A "send" case names no message: its inputs are read from the request it expects, then composing must give the same bytes. */
#pragma once

/* Prints each failure with what differed and ends with "N passed, M failed". A provider without an adapter and a file
 * that cannot be read are failures; a kind that is no channel's (a proof of work) is named and counts neither way. Returns the
 * exit code: 0, or 1 when any failed or there was no case. */
int channel_check(const char *dir);
