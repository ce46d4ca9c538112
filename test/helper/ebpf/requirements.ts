import { missingPrograms } from '../../scenario/harness/requirements.ts';
import { OwnerMapError, openOwnerMap } from '../../../helper/native/ebpf/index.ts';

/** Why the owner map cannot be tested here ("pending: …"), found by trying; null where it can. */
export function whyOwnerMapPending(): string | null {
  if (process.getuid?.() !== 0) return 'pending: loading programs into the kernel needs root';
  const missing = missingPrograms(['ip', 'cc']);
  if (missing !== null) return missing;
  try {
    openOwnerMap().close();
    return null;
  } catch (error) {
    if (error instanceof OwnerMapError) return `pending: the owner map does not load here: ${error.message}`;
    throw error;
  }
}
