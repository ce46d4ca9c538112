import type { z } from 'zod';
import { appContract, appMethods } from '../protocol/app.ts';
import type { AppMethodName, AppParameters, AppResult, Rights } from '../protocol/app.ts';
import { ServiceError } from './service-error.ts';

/** Who asks: what the connection may do. */
export interface Caller {
  readonly rights: Rights;
  /** Aborts when the connection ends; absent where it lasts as long as the service. One for each connection. */
  readonly ended?: AbortSignal;
}

/** What the service does for each method of the contract: one function each, given parameters that were parsed. */
export type AppHandlers = {
  readonly [Name in AppMethodName]: (parameters: AppParameters<Name>, caller: Caller) => AppResult<Name> | Promise<AppResult<Name>>;
};

/** The methods of the contract as a transport calls them: with parameters that nobody has looked at. */
export interface AppCalls {
  /** Throws {@link ParametersRefused} and {@link RightsRefused}, and whatever the service throws. */
  call<Name extends AppMethodName>(name: Name, parameters: unknown, caller: Caller): Promise<AppResult<Name>>;
}

/** The parameters of a call are not what the contract says. */
export class ParametersRefused extends Error {
  constructor(method: string, cause: z.ZodError) {
    const [issue] = cause.issues;
    super(`wrong parameters of ${method}: ${issue?.path.join('.') || 'parameters'}: ${issue?.message ?? 'invalid'}`, { cause });
    this.name = 'ParametersRefused';
  }
}

/** The connection may only read, and the method changes something. */
export class RightsRefused extends Error {
  constructor(method: string) {
    super(`${method} is not allowed on this connection, which may only read`);
    this.name = 'RightsRefused';
  }
}

interface Method<Parameters, Result> {
  readonly rights: Rights;
  readonly parameters: z.ZodType<Parameters>;
  readonly result: z.ZodType<Result>;
}

/** The contract, each method with the types of its own schemas. */
const methods: { readonly [Name in AppMethodName]: Method<AppParameters<Name>, AppResult<Name>> } = appMethods;

/** Whether a connection with these rights may do what needs those. */
export function mayCall(held: Rights, needed: Rights): boolean {
  return held === 'control' || needed === 'read';
}

/** What a call brings: parameters that nobody has looked at, and who asks. */
export interface RawCall {
  readonly parameters: unknown;
  readonly caller: Caller;
}

/**
 * What a call brings, once the contract has let it in: its rights are checked, then its parameters are parsed. Throws
 * {@link RightsRefused} and {@link ParametersRefused}.
 */
export function admitted<Name extends AppMethodName>(name: Name, raw: RawCall): AppParameters<Name> {
  const method = methods[name];
  if (!mayCall(raw.caller.rights, method.rights)) throw new RightsRefused(name);
  const parsed = method.parameters.safeParse(raw.parameters ?? {});
  if (!parsed.success) throw new ParametersRefused(name, parsed.error);
  return parsed.data;
}

/** The contract over these handlers. */
export function appCalls(handlers: AppHandlers): AppCalls {
  return {
    call: async (name, parameters, caller) => handlers[name](admitted(name, { parameters, caller }), caller),
  };
}

/** Parses what a method was answered: a client looks at it, too. Throws a ZodError. */
export function parseResult<Name extends AppMethodName>(name: Name, raw: unknown): AppResult<Name> {
  return methods[name].result.parse(raw);
}

/** Whether a text from outside names a query or a command of the contract. */
export function isMethodName(text: string): text is AppMethodName {
  return Object.hasOwn(appMethods, text);
}

/** Whether a caller may subscribe. */
export function maySubscribe(caller: Caller): boolean {
  return mayCall(caller.rights, appContract.subscription.rights);
}

/** What a client is told for a refusal of the contract; null for any other error. */
export function refusalFor(error: unknown): ServiceError | null {
  if (error instanceof ParametersRefused) return new ServiceError('service-refused', error.message, { cause: error });
  if (error instanceof RightsRefused) return new ServiceError('not-allowed', error.message, { cause: error });
  return null;
}
