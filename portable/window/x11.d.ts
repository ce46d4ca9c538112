/** The part of `x11` that window-manager.ts uses; the package has no declarations. Requests are those of the X11 protocol, section 8. */
declare module 'x11' {
  import type { Buffer } from 'node:buffer';

  /** Without an error, a connection tells undefined and a request null. */
  type Answer<Value> = (error: Error | null | undefined, value: Value) => void;

  export interface Property {
    readonly type: number;
    readonly data: Buffer;
  }

  export interface XClient {
    InternAtom(onlyIfExists: boolean, name: string, answer: Answer<number>): void;
    GetProperty(isDeleted: 0 | 1, window: number, property: number, type: number, offset: number, length: number, answer: Answer<Property>): void;
    SendEvent(destination: number, propagate: 0 | 1, mask: number, event: Buffer): void;
    close(closed?: () => void): void;
    on(event: 'error', listener: (error: Error) => void): this;
  }

  export interface XDisplay {
    readonly client: XClient;
    readonly screen: readonly { readonly root: number }[];
  }

  const x11: { createClient(options: { readonly display: string }, connected: Answer<XDisplay>): XClient };
  export default x11;
}
