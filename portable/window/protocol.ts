export type SchemeHandler = (request: Request) => Response | Promise<Response>;

export interface Privileges {
  readonly standard?: boolean;
  readonly secure?: boolean;
  readonly supportFetchAPI?: boolean;
}

const handlers = new Map<string, SchemeHandler>();
/** Names in .invalid never resolve (RFC 2606, section 2), so that what is not answered here goes nowhere. */
const ending = '.invalid';

/** Addresses of a program's own scheme, answered by the program. A page behind one is a secure context with an origin of its own. */
export const protocol = {
  /** Every scheme here is standard, secure and may be fetched: nothing is to be noted. */
  registerSchemesAsPrivileged(_schemes: readonly { readonly scheme: string; readonly privileges?: Privileges }[]): void {},
  handle(scheme: string, handler: SchemeHandler): void {
    handlers.set(scheme, handler);
  },
};

/** `tidewatch://app/x` as the browser knows it, `https://app.tidewatch.invalid/x`; null for a scheme that nobody handles. */
export function toBrowserAddress(address: string): string | null {
  const match = /^(?<scheme>[a-z][a-z0-9+.-]*):\/\/(?<host>[a-z0-9-]+)(?<rest>(?:[/?#].*)?)$/su.exec(address);
  const { scheme = '', host = '', rest = '' } = match?.groups ?? {};
  return handlers.has(scheme) ? `https://${host}.${scheme}${ending}${rest === '' ? '/' : rest}` : null;
}

/** The reverse; addresses of other origins stay as they are, so that nobody takes them for the program's own. */
export function fromBrowserAddress(address: string): string {
  const match = /^https:\/\/(?<host>[a-z0-9-]+)\.(?<scheme>[a-z][a-z0-9+-]*)\.invalid(?<rest>[/?#].*)$/su.exec(address);
  const { scheme = '', host = '', rest = '' } = match?.groups ?? {};
  return handlers.has(scheme) ? `${scheme}://${host}${rest}` : address;
}

/** The handler of an address, if its scheme has one. */
export function handlerOf(address: string): SchemeHandler | undefined {
  return handlers.get(/^[a-z][a-z0-9+.-]*(?=:)/u.exec(address)?.[0] ?? '');
}
