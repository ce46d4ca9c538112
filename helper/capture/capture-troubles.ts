import type { Trouble } from '../../protocol/helper.ts';
import type { CaptureFailure, OpenCaptureErrorCode } from '../native/index.ts';

/** What a person reads about a capture that does not run, and what to do about it. */
type Begun = Omit<Trouble, 'over'>;

const openErrorCodes: readonly OpenCaptureErrorCode[] = ['no-capture-rights', 'unknown-interface', 'bad-filter', 'capture-failed'];

function codeOf(error: unknown): OpenCaptureErrorCode {
  const code = error instanceof Object && 'code' in error ? error.code : null;
  return openErrorCodes.find((known) => known === code) ?? 'capture-failed';
}

function messageOf(error: unknown): string {
  const message = error instanceof Object && 'message' in error ? error.message : error;
  return String(message).replace(/\s+/gu, ' ').slice(0, 512);
}

const remedies: Readonly<Record<OpenCaptureErrorCode, string>> = {
  'no-capture-rights': 'start the helper as root, or with the capabilities CAP_NET_RAW and CAP_NET_ADMIN',
  'unknown-interface': 'choose one of the interfaces that "ip -brief link" lists; it is measured as soon as it appears',
  'bad-filter': 'mend the filter expression; man pcap-filter describes its language',
  'capture-failed': 'it is tried again by itself; if this lasts, run "tidewatch doctor"',
};

/** The trouble of a capture that could not be opened. The error's `code` is one of {@link OpenCaptureErrorCode}, or else unexpected. */
export function troubleOfOpening(name: string, error: unknown): Begun {
  const code = codeOf(error);
  const what = code === 'bad-filter' ? 'the capture filter is not valid' : `${name} is not measured`;
  return { code, subject: code === 'bad-filter' ? '' : name, message: `${what}: ${messageOf(error)}`, remedy: remedies[code] };
}

/** The trouble of a capture that ended by itself. */
export function troubleOfFailure(name: string, failure: CaptureFailure): Begun {
  const message = `${name} is not measured any more: ${messageOf(failure)}`;
  const remedy = failure.code === 'interface-vanished' ? 'connect it again: measuring goes on by itself' : remedies['capture-failed'];
  return { code: failure.code, subject: name, message, remedy };
}
