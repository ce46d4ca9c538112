/// <reference lib="dom" />
/** A value as it crosses between two worlds of a page, which share the document and no object. */
export type Crossing =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'plain'; readonly value: string | number | boolean | null }
  | { readonly kind: 'list'; readonly values: readonly Crossing[] }
  | { readonly kind: 'record'; readonly values: readonly (readonly [string, Crossing])[] }
  | { readonly kind: 'error'; readonly message: string }
  | { readonly kind: 'function' | 'promise'; readonly id: number };

export type BridgeMessage =
  | { readonly kind: 'exposed'; readonly name: string; readonly value: Crossing }
  | { readonly kind: 'call'; readonly number: number; readonly id: number; readonly values: readonly Crossing[] }
  | { readonly kind: 'answer'; readonly number: number; readonly isError: boolean; readonly value: Crossing }
  | { readonly kind: 'settled'; readonly id: number; readonly isError: boolean; readonly value: Crossing }
  | { readonly kind: 'released'; readonly id: number };

export interface BridgeEnds {
  /** Names of the events that this end dispatches and hears: secrets, which the page's own scripts do not know. */
  readonly outgoing: string;
  readonly incoming: string;
  /** The other end exposes a value under a name. */
  readonly exposed: (name: string, value: unknown) => void;
}

export interface Bridge {
  readonly expose: (name: string, value: unknown) => void;
}

/**
 * One end of the bridge between a page and its preload script: values are copied, functions become functions that call the other
 * end, promises become promises. An event is heard before its dispatch returns, so that a call has its answer at once.
 *
 * Runs in the page: its text is put into a script, so it refers to nothing outside of itself.
 */
export function createBridge({ outgoing, incoming, exposed }: BridgeEnds): Bridge {
  /** Functions that the other end may call: what a page subscribes to and forgets is released when it is collected. */
  const maximumFunctions = 10_000;
  const maximumDepth = 100;
  const { parse, stringify } = JSON;
  const functions = new Map<number, (...values: unknown[]) => unknown>();
  const promises = new Map<number, PromiseWithResolvers<unknown>>();
  const answers = new Map<number, { readonly isError: boolean; readonly value: Crossing }>();
  const released = new FinalizationRegistry<number>((id) => send({ kind: 'released', id }));
  let lastNumber = 0;

  function next(): number {
    lastNumber += 1;
    return lastNumber;
  }

  function send(message: BridgeMessage): void {
    document.dispatchEvent(new CustomEvent(outgoing, { detail: stringify(message) }));
  }

  function encode(value: unknown, depth = 0): Crossing {
    if (depth > maximumDepth) throw new TypeError('a value that crosses worlds is too deep, or holds itself');
    if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return { kind: 'plain', value };
    if (typeof value === 'function') return { kind: 'function', id: keep((...values) => value(...values)) };
    if (value instanceof Promise) return { kind: 'promise', id: settleLater(value) };
    if (value instanceof Error) return { kind: 'error', message: value.message };
    if (Array.isArray(value)) return { kind: 'list', values: value.map((one) => encode(one, depth + 1)) };
    if (typeof value === 'object') return { kind: 'record', values: Object.entries(value).map(([name, one]) => [name, encode(one, depth + 1)]) };
    return { kind: 'nothing' };
  }

  function keep(call: (...values: unknown[]) => unknown): number {
    if (functions.size >= maximumFunctions) throw new RangeError('too many functions crossed worlds');
    const id = next();
    functions.set(id, call);
    return id;
  }

  function settleLater(promise: Promise<unknown>): number {
    const id = next();
    promise.then(
      (value) => send({ kind: 'settled', id, isError: false, value: encode(value) }),
      (error: unknown) => send({ kind: 'settled', id, isError: true, value: encode(error) }),
    );
    return id;
  }

  function decode(value: Crossing): unknown {
    switch (value.kind) {
      case 'nothing':
        return undefined;
      case 'plain':
        return value.value;
      case 'list':
        return value.values.map(decode);
      case 'record':
        return Object.fromEntries(value.values.map(([name, one]) => [name, decode(one)]));
      case 'error':
        return new Error(value.message);
      case 'promise': {
        const settle = Promise.withResolvers<unknown>();
        promises.set(value.id, settle);
        return settle.promise;
      }
      case 'function': {
        const { id } = value;
        const call = (...values: unknown[]): unknown => callOther(id, values);
        released.register(call, id);
        return call;
      }
    }
  }

  function callOther(id: number, values: readonly unknown[]): unknown {
    const number = next();
    send({ kind: 'call', number, id, values: values.map((value) => encode(value)) });
    const answer = answers.get(number);
    answers.delete(number);
    if (answer === undefined) throw new Error('the other world does not answer');
    const value = decode(answer.value);
    if (answer.isError) throw value;
    return value;
  }

  function answer(number: number, id: number, values: readonly Crossing[]): void {
    try {
      const value = functions.get(id)?.(...values.map(decode));
      send({ kind: 'answer', number, isError: false, value: encode(value) });
    } catch (error) {
      send({ kind: 'answer', number, isError: true, value: encode(error) });
    }
  }

  function receive(message: BridgeMessage): void {
    switch (message.kind) {
      case 'exposed':
        exposed(message.name, decode(message.value));
        break;
      case 'call':
        answer(message.number, message.id, message.values);
        break;
      case 'answer':
        answers.set(message.number, message);
        break;
      case 'settled': {
        const settle = promises.get(message.id);
        promises.delete(message.id);
        if (message.isError) settle?.reject(decode(message.value));
        else settle?.resolve(decode(message.value));
        break;
      }
      case 'released':
        functions.delete(message.id);
        break;
    }
  }

  document.addEventListener(incoming, (event) => {
    if (event instanceof CustomEvent && typeof event.detail === 'string') receive(parse(event.detail) as BridgeMessage);
  });
  return { expose: (name, value) => send({ kind: 'exposed', name, value: encode(value) }) };
}
