import { Variant, createClient, toPlain } from 'dbus-native';
import type { MessageBus } from 'dbus-native';
import { z } from 'zod';

/** Finds the password for an account; null where nobody has stored one. */
export type FindPassword = (account: string) => Promise<string | null>;

export const passwordVariable = 'TIDEWATCH_SMTP_PASSWORD';

type Variables = Readonly<Record<string, string | undefined>>;

const secrets = 'org.freedesktop.secrets';
const root = '/org/freedesktop/secrets';
const answerMs = 10_000;
const maximumMessageBytes = 1_048_576;

const Path = z.string().max(1024);
const Opened = z.tuple([z.unknown(), Path]);
const Found = z.tuple([z.array(Path), z.array(Path)]);
const Secret = z.tuple([Path, z.instanceof(Uint8Array), z.instanceof(Uint8Array), z.string()]);

/** What an item is found by; `secret-tool store` takes the same words. */
export function secretAttributes(account: string): readonly (readonly [string, string])[] {
  return [['service', 'tidewatch'], ['account', account]];
}

function call(bus: MessageBus, path: string, member: string, parameters: { readonly interface: string; readonly signature: string; readonly body: unknown[] }): Promise<unknown> {
  return bus.invoke<unknown>({ destination: secrets, path, member, ...parameters }).then((answer) => answer);
}

/**
 * The password from the keyring ("Secret Service API Draft", freedesktop.org). The session is a plain one: both ends talk over a
 * socket that only this user may open. A locked keyring is asked for what is open only: a service has nobody to ask for its password.
 */
async function fromKeyring(bus: MessageBus, account: string): Promise<string | null> {
  const service = { interface: 'org.freedesktop.Secret.Service' };
  const opened = Opened.parse(await callMany(bus, { path: root, member: 'OpenSession', ...service, signature: 'sv', body: ['plain', new Variant('s', '')] }));
  const found = Found.parse(await callMany(bus, { path: root, member: 'SearchItems', ...service, signature: 'a{ss}', body: [secretAttributes(account)] }));
  const [item] = found[0];
  if (item === undefined) return null;
  const secret = Secret.parse(await call(bus, item, 'GetSecret', { interface: 'org.freedesktop.Secret.Item', signature: 'o', body: [opened[1]] }));
  return new TextDecoder().decode(secret[2]);
}

interface Invocation {
  readonly path: string;
  readonly member: string;
  readonly interface: string;
  readonly signature: string;
  readonly body: unknown[];
}

/** A call with several results: the library gives them all to a callback, and only the first to a promise. */
function callMany(bus: MessageBus, invocation: Invocation): Promise<readonly unknown[]> {
  return new Promise((resolve, reject) => {
    bus.invoke({ destination: secrets, ...invocation }, (error: unknown, ...results: unknown[]) => {
      if (error !== null && error !== undefined) reject(error instanceof Error ? error : new Error('the keyring refused'));
      else resolve(results.map((result) => toPlain(result)));
    });
  });
}

function sessionBus(variables: Variables): string | null {
  const given = variables['DBUS_SESSION_BUS_ADDRESS'] ?? '';
  if (given !== '') return given;
  const runtime = variables['XDG_RUNTIME_DIR'] ?? '';
  return runtime === '' ? null : `unix:path=${runtime}/bus`;
}

/** The password from the environment, else from the keyring of the session. Never rejects: no keyring is no password. */
export function systemPassword(variables: Variables): FindPassword {
  return async (account) => {
    const given = variables[passwordVariable] ?? '';
    if (given !== '') return given;
    const busAddress = sessionBus(variables);
    if (busAddress === null) return null;
    const bus = createClient({ busAddress, authMethods: ['EXTERNAL'], timeout: answerMs, maxMessageSize: maximumMessageBytes });
    const gone = Promise.withResolvers<null>();
    for (const event of ['error', 'close'] as const) bus.connection.on(event, () => gone.resolve(null));
    try {
      return await Promise.race([fromKeyring(bus, account), gone.promise]);
    } catch {
      // No keyring on this bus, or one that does not talk: the same as none, and its words may hold what nobody is to read.
      return null;
    } finally {
      await bus.close();
    }
  };
}
