/* `mashangdu channel check DIR`: lets the real adapters read a folder of recorded requests and expected results,
 * without network and database. Called by the command line and by the tests. Writes to standard output only.
 *
 * A case is a file NN-name.json in DIR or in a folder right below it, with its body beside it:
 *   provider, kind       which adapter; "mo", "dlr", or "send" (a message we send)
 *   request              method, path, query, headers [[name, value]…], body_file, peer (127.0.0.1 when absent)
 *   config               the channel's settings; a list is joined with commas; `now` (Unix seconds) sets the clock
 *   expect               authentic, parse_error, reply {status, content_type, body}, messages [], receipts []
 *   responses            for "send": status, body, parse {ok, retry}
 * JSON files without `request` are no cases. What an adapter does not carry (`to` of a message, `segments`…) is
 * not compared. A "send" case names no message: its inputs are read from the address it expects, then composing
 * must give the same bytes. */
#pragma once

/* Prints each failure with what differed and ends with "N passed, M failed". A provider without an adapter and a file
 * that cannot be read are failures. Returns the exit code: 0, or 1 when any failed or there was no case. */
int channel_check(const char *dir);
