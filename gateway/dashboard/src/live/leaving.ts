/* What must still be done before somebody leaves: signs out, takes another post, or has the page begin anew because the rights changed.
 * Whoever holds something back for a moment (the triage desk with its undo) says here how it is sent. */
const LONGEST_MS = 5000;
const tasks = new Set<() => Promise<unknown>>();

export function beforeLeaving(task: () => Promise<unknown>): () => void {
  tasks.add(task);
  return () => { tasks.delete(task); };
}

/* Never fails and never waits for long: whoever wants to go goes. */
export async function leave(longest = LONGEST_MS): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<void>((done) => { timer = setTimeout(done, longest); });
  await Promise.race([Promise.allSettled([...tasks].map((task) => task())), late]);
  clearTimeout(timer);
}
