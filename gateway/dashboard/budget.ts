/* What a browser fetches before the first screen of a page can be used: the entry, the page's own chunk, what both import, and
 * their styles. A build in which one page needs more than the budget fails, so that a heavy import is noticed by whoever adds it. */
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import type { Plugin } from 'vite';

export const FIRST_SCREEN_BYTES = 250_000;

interface Chunk { type: string; fileName: string; facadeModuleId?: string | null; isEntry?: boolean; imports?: string[]; viteMetadata?: { importedCss: Set<string> } }

/* Files of a chunk and of all that it imports at once. */
export function filesOf(name: string, bundle: Record<string, Chunk>, into = new Set<string>()): Set<string> {
  const chunk = bundle[name];
  if (!chunk || into.has(name)) return into;
  into.add(name);
  for (const css of chunk.viteMetadata?.importedCss ?? []) into.add(css);
  for (const next of chunk.imports ?? []) filesOf(next, bundle, into);
  return into;
}

export function firstScreenBudget(): Plugin {
  let folder = '';
  return {
    name: 'first-screen-budget',
    apply: 'build',
    configResolved(config) { folder = join(config.root, config.build.outDir); },
    writeBundle(_options, output) {
      const bundle = output as unknown as Record<string, Chunk>;
      const sizes = new Map<string, { gzip: number; brotli: number }>();
      const size = (file: string) => {
        const bytes = readFileSync(join(folder, file));
        if (!sizes.has(file)) sizes.set(file, { gzip: gzipSync(bytes, { level: 9 }).length, brotli: brotliCompressSync(bytes).length });
        return sizes.get(file)!;
      };
      const entry = Object.values(bundle).find((c) => c.isEntry);
      const pages = Object.values(bundle).filter((c) => c.type === 'chunk' && /\/pages\/\w+\.vue$/.test(c.facadeModuleId ?? ''));
      if (!entry || !pages.length) throw new Error('the bundle has no entry or no pages: the budget watches nothing');
      const table = pages.map((page) => {
        const files = [...filesOf(page.fileName, bundle, filesOf(entry.fileName, bundle))];
        return { page: basename(page.facadeModuleId!, '.vue'), gzip: files.reduce((n, f) => n + size(f).gzip, 0), brotli: files.reduce((n, f) => n + size(f).brotli, 0) };
      }).sort((a, b) => b.gzip - a.gzip);
      this.info(`first screens, gzip/brotli kB: ${table.map((t) => `${t.page} ${(t.gzip / 1000).toFixed(0)}/${(t.brotli / 1000).toFixed(0)}`).join(' · ')}`);
      const heavy = table.filter((t) => t.gzip > FIRST_SCREEN_BYTES);
      if (heavy.length) throw new Error(`over ${FIRST_SCREEN_BYTES / 1000} kB before the first screen: ${heavy.map((t) => `${t.page} ${t.gzip}`).join(', ')}`);
    },
  };
}
