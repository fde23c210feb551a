/* The sentence for whatever went wrong with keys, envelopes and shares. */
import { Refusal, sentenceOf } from '../api/http';
import { useWords } from '../words';
import { SealFault } from './crypto';

export function useSealSentence(): (e: unknown) => string {
  const words = useWords();
  return (e) => {
    if (e instanceof SealFault) return words.value.sealFaults[e.fault];
    if (e instanceof Refusal) return sentenceOf(e);
    /* What is left is WebAssembly that could not be loaded or ran out of memory. */
    return e instanceof WebAssembly.RuntimeError || e instanceof WebAssembly.CompileError ? words.value.sealFaults.library : sentenceOf(e);
  };
}
