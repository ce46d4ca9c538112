import type { AppMethodName } from '../../protocol/app.ts';
import { admitted } from '../../service/app-calls.ts';
import type { AppCalls, AppHandlers } from '../../service/app-calls.ts';
import { ServiceError } from '../../service/service-error.ts';

function unanswered(name: AppMethodName): ServiceError {
  return new ServiceError('service-refused', `this double has no answer to ${name}`);
}

/**
 * A service that answers what a test says, derived from the contract like the real one: rights and parameters are checked, and what the
 * test does not answer is refused.
 */
export function appDouble(answers: Partial<AppHandlers>): AppCalls {
  const handlers: Partial<AppHandlers> = answers;
  return {
    async call(name, raw, caller) {
      const parameters = admitted(name, { parameters: raw, caller });
      const answer = handlers[name];
      if (answer === undefined) throw unanswered(name);
      return answer(parameters, caller);
    },
  };
}
