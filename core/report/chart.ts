/** Charts as SVG texts. Nothing in them is loaded from elsewhere, and every text is escaped. */

export interface ChartBar {
  readonly label: string;
  readonly rxBytes: number;
  readonly txBytes: number;
}

export interface ChartOptions {
  readonly title: string;
  /** How an amount is written at the axis. */
  readonly amount: (bytes: number) => string;
}

/** Colours that are told apart in grey and by the colour-blind (Okabe and Ito). */
export const receivedColour = '#0072b2';
export const sentColour = '#e69f00';

const width = 720;
const height = 220;
const margin = { left: 64, right: 8, top: 24, bottom: 28 };

/** Text as it stands in XML (XML 1.0, 2.4), without what XML cannot hold at all (2.2). */
export function escapedText(text: string): string {
  const names: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
  return text.replaceAll(/[&<>"']/gu, (sign) => names[sign] ?? '').replaceAll(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '�');
}

const round = (value: number): number => Math.round(value * 10) / 10;

/** The least of 1, 2, 5 times a power of ten that is not less. */
function niceCeiling(value: number): number {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 5, 10].find((factor) => factor * power >= value) ?? 10) * power;
}

function textAt(at: { readonly x: number; readonly y: number; readonly anchor: 'start' | 'middle' | 'end' }, text: string): string {
  return `<text x="${round(at.x)}" y="${round(at.y)}" text-anchor="${at.anchor}">${escapedText(text)}</text>`;
}

function grid(most: number, options: ChartOptions, yOf: (bytes: number) => number): string[] {
  return [0, 0.5, 1].flatMap((part) => {
    const y = yOf(most * part);
    return [
      `<line x1="${margin.left}" x2="${width - margin.right}" y1="${round(y)}" y2="${round(y)}" stroke="#ccc"/>`,
      textAt({ x: margin.left - 6, y: y + 4, anchor: 'end' }, options.amount(most * part)),
    ];
  });
}

/** Bars over time, sent on top of received, as one SVG. */
export function barChart(bars: readonly ChartBar[], options: ChartOptions): string {
  const most = niceCeiling(bars.reduce((largest, { rxBytes, txBytes }) => Math.max(largest, rxBytes + txBytes), 0));
  const inner = height - margin.top - margin.bottom;
  const yOf = (bytes: number): number => margin.top + inner * (1 - bytes / most);
  const step = (width - margin.left - margin.right) / Math.max(1, bars.length);
  const every = Math.ceil(bars.length / 12);
  const parts = bars.flatMap(({ label, rxBytes, txBytes }, index) => {
    const x = margin.left + index * step;
    const rectangle = (from: number, bytes: number, colour: string): string =>
      `<rect x="${round(x + step * 0.1)}" y="${round(yOf(from + bytes))}" width="${round(step * 0.8)}" height="${round((inner * bytes) / most)}" fill="${colour}"/>`;
    const title = `<title>${escapedText(`${label}: ${options.amount(rxBytes)} received, ${options.amount(txBytes)} sent`)}</title>`;
    const caption = index % every === 0 ? [textAt({ x: x + step / 2, y: height - 10, anchor: 'middle' }, label)] : [];
    return [`<g>${title}${rectangle(0, rxBytes, receivedColour)}${rectangle(rxBytes, txBytes, sentColour)}</g>`, ...caption];
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escapedText(options.title)}" font-family="sans-serif" font-size="11" fill="#333">`,
    textAt({ x: margin.left, y: 14, anchor: 'start' }, options.title),
    ...grid(most, options, yOf),
    ...parts,
    '</svg>',
  ].join('');
}
