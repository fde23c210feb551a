/* One page, several actions, each with a form of its own: what is open when an answer comes need not be what was open when it was asked for. Taken when an
 * action begins; asked at its end whether the same is still open, so that one action neither closes another's form nor writes its error there. */
export function standsAt(what: () => unknown): () => boolean {
  const was = what();
  return () => what() === was;
}
