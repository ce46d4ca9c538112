/** What can stop the service, or keep it from starting. The words a person reads are in the error's message. */
export type ServiceErrorCode =
  | 'bad-network'
  | 'unknown-interface'
  | 'bad-filter'
  | 'no-rights'
  | 'already-running'
  | 'socket-in-use'
  | 'history-missing'
  | 'history-unreadable'
  | 'history-newer'
  | 'history-foreign'
  | 'history-unwritable'
  | 'helper-untrusted'
  | 'helper-refused'
  | 'helper-failed'
  | 'settings-unreadable'
  | 'settings-unwritable'
  | 'service-failed'
  | 'service-gone'
  | 'service-refused'
  | 'not-allowed'
  | 'not-set-up'
  | 'install-refused'
  | 'web-unavailable'
  | 'metrics-unavailable'
  | 'ntmd-unavailable'
  | 'recording-busy'
  | 'report-template'
  | 'report-unwritable'
  | 'file-unreadable'
  | 'not-a-capture'
  | 'damaged-capture'
  | 'unsupported-capture';

/**
 * An expected failure of the service. `message` is one line for a person that names the next action; a shell prints it
 * and exits with 1. Anything else that is thrown is a defect of Tidewatch.
 */
export class ServiceError extends Error {
  readonly code: ServiceErrorCode;

  constructor(code: ServiceErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ServiceError';
    this.code = code;
  }
}

/** Why a running service cannot go on; the shell prints the message and exits with 1. */
export interface ServiceFailure {
  readonly code: ServiceErrorCode;
  readonly message: string;
}
