import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import vue from '@vitejs/plugin-vue';
import { defineConfig, type Plugin } from 'vite';
import { firstScreenBudget } from './budget';

const WORTH_BYTES = 1024;

/* The gateway never compresses: it serves app.js.br or app.js.gz when that lies beside app.js. */
function readyMade(): Plugin {
  let folder = '';
  return {
    name: 'ready-made-encodings',
    apply: 'build',
    configResolved(config) { folder = join(config.root, config.build.outDir); },
    closeBundle() {
      for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
        const path = join(folder, name);
        if (!/\.(js|css|svg)$/.test(name) || statSync(path).size < WORTH_BYTES) continue;
        const plain = readFileSync(path);
        writeFileSync(`${path}.gz`, gzipSync(plain, { level: 9 }));
        writeFileSync(`${path}.br`, brotliCompressSync(plain, { params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY } }));
      }
    },
  };
}

/* The gateway serves dist/ under /staff/ with a policy that forbids inline script, inline style and every other
 * host, so nothing may be inlined: no data: assets, no source maps, all files hashed for a long cache. */
export default defineConfig({
  base: '/staff/',
  plugins: [vue(), firstScreenBudget(), readyMade()],
  define: { __VUE_OPTIONS_API__: 'true', __VUE_PROD_DEVTOOLS__: 'false' },
  build: {
    target: 'es2020',
    sourcemap: false,
    assetsInlineLimit: 0,
    reportCompressedSize: true,
    /* The cipher library is one file of 540 kB, fetched by the pages of reports alone. */
    chunkSizeWarningLimit: 600,
    rollupOptions: {
      output: {
        /* The frame that every desk needs changes rarely, and so does the cipher: kept apart so that a new desk does not empty caches. */
        manualChunks(id) {
          if (/node_modules\/libsodium/.test(id)) return 'cipher';
          return /node_modules\/(@vue|vue|vue-router|pinia)\//.test(id) ? 'frame' : undefined;
        },
      },
    },
  },
});
