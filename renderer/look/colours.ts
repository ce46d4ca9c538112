/**
 * Colours of the tokens for what is drawn on a canvas, which knows no custom properties. A token may be `light-dark(…)`: only a
 * real property of an element tells which of the two it is now.
 */
let probe: HTMLElement | null = null;

/** To ask the browser makes it work out all styles: each token is asked for once in a theme. There are as many as in tokens.css. */
const known = new Map<string, string>();

/** Another theme holds from now on. */
export function forgetColours(): void {
  known.clear();
}

/** The colour of a token (`--down`) as it is in force now, as `rgb(…)`. */
export function colourNow(token: string): string {
  const colour = known.get(token) ?? ask(token);
  known.set(token, colour);
  return colour;
}

function ask(token: string): string {
  if (probe === null) {
    probe = document.createElement('span');
    probe.hidden = true;
    document.body.append(probe);
  }
  probe.style.color = `var(${token})`;
  return getComputedStyle(probe).color;
}

/** The same colour, less of it: `share` from 0 to 1. */
export function faded(colour: string, share: number): string {
  return `color-mix(in srgb, ${colour} ${Math.round(share * 100)}%, transparent)`;
}

/** The root's size in pixels: letters on a canvas grow with the others. */
export function rootPixels(): number {
  return Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
}
