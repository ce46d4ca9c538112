import { readFileSync } from 'node:fs';
import { z } from 'zod';

const packageFile = new URL('../package.json', import.meta.url);

/** Tidewatch's own version, as package.json names it. */
export const version = z.object({ version: z.string().max(64) }).parse(JSON.parse(readFileSync(packageFile, 'utf8'))).version;
