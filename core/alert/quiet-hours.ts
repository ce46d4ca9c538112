/** Hours of the local clock in which nobody is told of anything, in minutes from midnight: `from` inclusive, `to` not; `from` after `to` spans midnight. */
export interface QuietHours {
  readonly from: number;
  readonly to: number;
}

const minutesOfDay = 1440;

function minuteOf(text: string | undefined): number | null {
  const match = /^(\d{1,2}):([0-5]\d)$/u.exec(text ?? '');
  const minute = Number(match?.[1]) * 60 + Number(match?.[2]);
  return match === null || minute > minutesOfDay ? null : minute;
}

/** Reads `22:00-07:00`. Null where it is none. */
export function quietHoursOf(text: string): QuietHours | null {
  const [first, second, ...rest] = text.split('-').map((part) => part.trim());
  const from = minuteOf(first);
  const to = minuteOf(second);
  return from === null || to === null || rest.length > 0 ? null : { from, to };
}

/** Whether a minute of the local day lies in the quiet hours. Hours that begin where they end are the whole day. */
export function isQuietAt({ from, to }: QuietHours, minute: number): boolean {
  if (from < to) return minute >= from && minute < to;
  return minute >= from || minute < to;
}
