/** The socket of ntmd: see README.md. */
export { NtmdServer } from './server.ts';
export type { NtmdOptions } from './server.ts';
