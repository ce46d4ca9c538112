import './without-code-at-run-time.ts';
import type { z } from 'zod';
import { appMethods } from '../../protocol/app.ts';
import type { AppMethodName, AppResult } from '../../protocol/app.ts';

/** The contract, each method with the type of its own result. */
const results: { readonly [Name in AppMethodName]: { readonly result: z.ZodType<AppResult<Name>> } } = appMethods;

/** What the service answered to a method, looked at. Throws a ZodError where it is not what the contract says. */
export function parsed<Name extends AppMethodName>(name: Name, answer: unknown): AppResult<Name> {
  return results[name].result.parse(answer);
}
