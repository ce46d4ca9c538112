import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** systemd as far as it runs here. */
export interface Systemd {
  /** Runs `systemctl WORDS`; what it said where that failed, else null. */
  control(words: readonly string[]): string | null;
}

/** The system's systemd; null where it does not run (sd_booted(3)). */
export function runningSystemd(): Systemd | null {
  if (!existsSync('/run/systemd/system')) return null;
  return {
    control: (words) => {
      const { status, stderr, error } = spawnSync('systemctl', words, { encoding: 'utf8' });
      if (status === 0) return null;
      return error?.message ?? (stderr.trim() || `systemctl ${words.join(' ')} failed`);
    },
  };
}
