import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';

/** How the window is built: `build/window.mjs` calls it, as a part of set-up. */
export default defineConfig({
  root: import.meta.dirname,
  // Relative, because a desktop shell may load the same files from elsewhere than the root of a server.
  base: './',
  plugins: [
    svelte({
      configFile: false,
      compilerOptions: {
        runes: true,
        // Elements are made one by one instead of from markup: the page allows nobody to turn text into markup.
        fragments: 'tree',
      },
    }),
  ],
  build: {
    outDir: 'out',
    emptyOutDir: true,
    target: ['chrome120', 'firefox121', 'safari17.4'],
    // What is inlined becomes a `data:` address, which the page's policy lets nobody load.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    manifest: true,
    // What says how schemas are made has to run before they are, whatever file it ends up in.
    rolldownOptions: { output: { strictExecutionOrder: true } },
  },
});
