import vue from '@vitejs/plugin-vue';
import { defineConfig } from 'vite';

/* The gateway serves dist/ under /staff/ with a policy that forbids inline script, inline style and every other
 * host, so nothing may be inlined: no data: assets, no source maps, all files hashed for a long cache. */
export default defineConfig({
  base: '/staff/',
  plugins: [vue()],
  define: { __VUE_OPTIONS_API__: 'true', __VUE_PROD_DEVTOOLS__: 'false' },
  build: {
    target: 'es2020',
    sourcemap: false,
    assetsInlineLimit: 0,
    reportCompressedSize: true,
    rollupOptions: {
      output: {
        /* The frame that every desk needs changes rarely: kept apart so that a new desk does not empty caches. */
        manualChunks(id) {
          return /node_modules\/(@vue|vue|vue-router|pinia)\//.test(id) ? 'frame' : undefined;
        },
      },
    },
  },
});
