/** The service, or the way to it, ended. Everything that was asked for and not answered ends with it. */
export class ServiceGone extends Error {
  constructor() {
    super('the service is gone');
    this.name = 'ServiceGone';
  }
}

/** The service said no: the message is its own, one line for a person. `why`: this connection may only read, or something else. */
export class Refused extends Error {
  readonly why: 'reading-only' | 'refused';

  constructor(message: string, why: 'reading-only' | 'refused') {
    super(message);
    this.name = 'Refused';
    this.why = why;
  }
}
