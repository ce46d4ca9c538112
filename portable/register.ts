/** Makes `import … from 'electron'` mean portable/: `node --import ./portable/register.ts electron/main.ts`. */
import { registerHooks } from 'node:module';

const portable = new URL('index.ts', import.meta.url).href;

registerHooks({
  resolve: (specifier, context, next) => (specifier === 'electron' ? { url: portable, shortCircuit: true } : next(specifier, context)),
});
