import type { TrafficByName } from './application-traffic.ts';

/** What `live-text` says at once, so that a person knows that it works. */
export const welcomeText = 'Tidewatch tells what applications do at the end of each interval.\n';

const prefixes = ['B', 'kB', 'MB', 'GB', 'TB'];

function rateText(bytes: number, seconds: number): string {
  const rate = bytes / Math.max(1, seconds);
  const power = Math.min(prefixes.length - 1, Math.floor(Math.log10(Math.max(1, rate)) / 3));
  return `${(rate / 1000 ** power).toFixed(power === 0 ? 0 : 1)} ${prefixes[power]}/s`;
}

/** A name that does nothing to a terminal: control characters and what turns the writing direction are gone. */
function harmless(name: string): string {
  return name.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '�');
}

/** One interval for people, the largest first. */
export function liveText(traffic: TrafficByName, seconds: number): string {
  const lines = Object.entries(traffic)
    .toSorted(([, a], [, b]) => b.bytesRx + b.bytesTx - a.bytesRx - a.bytesTx)
    .map(([name, { bytesRx, bytesTx, pktRxCount, pktTxCount }]) =>
      `  ${harmless(name)} { rx: ${rateText(bytesRx, seconds)}, tx: ${rateText(bytesTx, seconds)}, rxc: ${pktRxCount}, txc: ${pktTxCount} }\n`);
  return `Applications in ${seconds} s:\n${lines.join('')}`;
}
