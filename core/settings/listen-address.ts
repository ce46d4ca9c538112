/** Where something listens: `host:port`, as it is written in a setting or an option. */

export interface ListenAddress {
  /** An address or `localhost`; null for every address of this machine. */
  readonly host: string | null;
  /** 0 for any that is free. */
  readonly port: number;
}

/** `127.0.0.1:9718`, `[::1]:9718`, `localhost:9718`, `:9718` for every address; null for anything else. */
export function parseListenAddress(text: string): ListenAddress | null {
  const match = /^(?:\[([\da-f:.]{2,45})\]|([\w.-]{1,253}))?:(\d{1,5})$/iu.exec(text);
  const port = Number(match?.[3]);
  if (match === null || port > 65_535 || (port !== 0 && port < 1024)) return null;
  return { host: match[1] ?? match[2] ?? null, port };
}

/** Whether only this machine reaches it. */
export function isLoopbackHost(host: string | null): boolean {
  return host !== null && /^(?:127(?:\.\d{1,3}){3}|localhost|::1)$/u.test(host.toLowerCase());
}
