/* Argon2id keeps the page busy for about half a second: what says so must be on the screen before it begins. */
export function paintFirst(): Promise<void> {
  return new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
}
