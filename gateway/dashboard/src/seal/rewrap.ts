/* Envelopes that were made for an older key, made again for the key in force, in steps: what is done stays done, so that it
 * can be stopped, fail on the way and be taken up again. An envelope that does not open is left and counted. */
import { sealApi, type OwedEnvelope } from '../api/seal';
import { resealed, type Pair } from './crypto';

export interface Progress { done: number; failed: number }
export interface RewrapHost {
  owed(after: string): Promise<OwedEnvelope[]>;
  put(envelopes: { message: string; key_id: number; sealed: string }[]): Promise<number>;
  /* The pair that opens an envelope of this key, and the public key that it goes to; null when there is none. */
  opener(keyId: number): Pair | null;
  publicKey(keyId: number): Uint8Array | null;
  isStopped(): boolean;
  told(progress: Progress): void;
}

export async function rewrapAll(host: RewrapHost): Promise<Progress> {
  const progress: Progress = { done: 0, failed: 0 };
  const failed = new Set<string>();
  let after = '0';
  while (!host.isStopped()) {
    const batch = await host.owed(after);
    if (!batch.length) break;
    const made: { message: string; key_id: number; sealed: string }[] = [];
    let isStuck = false;
    for (const e of batch) {
      const from = host.opener(e.key_id);
      const to = host.publicKey(e.to);
      try {
        if (!from || !to) throw new Error('no key');
        made.push({ message: e.message, key_id: e.to, sealed: resealed(e.sealed, from, to) });
      } catch {
        isStuck = true;
        failed.add(`${e.message} ${e.to}`);
      }
    }
    const stored = made.length ? await host.put(made) : 0;
    progress.done += stored;
    progress.failed = failed.size;
    host.told({ ...progress });
    /* What was stored is owed no more, so the same question brings the next ones; what failed, or was not taken, must be
     * stepped over, though not past the other key of the last message. */
    if (isStuck || stored < made.length) {
      const last = BigInt(batch[batch.length - 1].message);
      after = String(last - 1n > BigInt(after) ? last - 1n : last);
    }
  }
  return progress;
}

/* The same against the gateway. */
export function rewrapHost(isEscrow: boolean, opener: RewrapHost['opener'], publicKey: RewrapHost['publicKey'], isStopped: () => boolean, told: RewrapHost['told']): RewrapHost {
  return {
    owed: async (after) => (await sealApi.owed(after, isEscrow)).envelopes,
    put: async (envelopes) => (await sealApi.putEnvelopes(envelopes)).stored,
    opener, publicKey, isStopped, told,
  };
}
