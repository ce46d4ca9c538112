import type { z } from 'zod';
import { appContract } from '../protocol/app.ts';
import type { AppParameters, AppQueryName, AppResult } from '../protocol/app.ts';

/** What the service does for each query of the contract: one function each, given parameters that were parsed. */
export type AppHandlers = {
  readonly [Name in AppQueryName]: (parameters: AppParameters<Name>) => AppResult<Name> | Promise<AppResult<Name>>;
};

/** The queries as a transport calls them: with parameters that nobody has looked at. */
export type AppCalls = { readonly [Name in AppQueryName]: (parameters: unknown) => Promise<AppResult<Name>> };

/** The parameters of a call are not what the contract says. */
export class ParametersRefused extends Error {
  constructor(query: string, cause: z.ZodError) {
    const [issue] = cause.issues;
    super(`wrong parameters of ${query}: ${issue?.path.join('.') || 'parameters'}: ${issue?.message ?? 'invalid'}`, { cause });
    this.name = 'ParametersRefused';
  }
}

interface Query<Parameters, Result> {
  readonly parameters: z.ZodType<Parameters>;
  readonly result: z.ZodType<Result>;
}

function call<Parameters, Result>(
  name: AppQueryName,
  query: Query<Parameters, Result>,
  handler: (parameters: Parameters) => Result | Promise<Result>,
): (parameters: unknown) => Promise<Result> {
  return async (raw) => {
    const parsed = query.parameters.safeParse(raw ?? {});
    if (!parsed.success) throw new ParametersRefused(name, parsed.error);
    return handler(parsed.data);
  };
}

/** The contract's queries over these handlers: each call parses its parameters first. */
export function appCalls(handlers: AppHandlers): AppCalls {
  const { queries } = appContract;
  return {
    identify: call('identify', queries.identify, handlers.identify),
    report: call('report', queries.report, handlers.report),
  };
}

/** Parses the result of each query: a client looks at what it was answered. Throws a ZodError. */
export const parseResult: { readonly [Name in AppQueryName]: (raw: unknown) => AppResult<Name> } = {
  identify: (raw) => appContract.queries.identify.result.parse(raw),
  report: (raw) => appContract.queries.report.result.parse(raw),
};

/** Whether a text from outside names a query of the contract. */
export function isQueryName(text: string): text is AppQueryName {
  return Object.hasOwn(appContract.queries, text);
}
