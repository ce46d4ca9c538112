import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { paletteSize, slotsOf } from '../../renderer/look/palette.ts';

type Colour = readonly [red: number, green: number, blue: number];

/** The tokens' colours in one theme, in linear light (IEC 61966-2-1). */
function tokens(theme: 'light' | 'dark'): ReadonlyMap<string, Colour> {
  const css = readFileSync(new URL('../../renderer/look/tokens.css', import.meta.url), 'utf8');
  const pairs = [...css.matchAll(/(--[a-z0-9-]+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)/gu)];
  return new Map(pairs.map(([, name = '', light = '', dark = '']) => [name, linear(theme === 'light' ? light : dark)]));
}

function linear(hex: string): Colour {
  const channel = (at: number): number => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.040_45 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return [channel(1), channel(3), channel(5)];
}

function luminance([red, green, blue]: Colour): number {
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** WCAG 2.2, "contrast ratio". */
function contrast(one: Colour, other: Colour): number {
  const [low = 0, high = 0] = [luminance(one), luminance(other)].toSorted((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

/** How eyes without one kind of cone see a colour (Viénot, Brettel and Mollon 1999), in linear light. */
const eyes: Readonly<Record<string, (colour: Colour) => Colour>> = {
  usual: (colour) => colour,
  protan: ([red, green, blue]) => [0.112_38 * red + 0.887_62 * green, 0.112_38 * red + 0.887_62 * green, 0.004_01 * red - 0.004_01 * green + blue],
  deutan: ([red, green, blue]) => [0.292_75 * red + 0.707_25 * green, 0.292_75 * red + 0.707_25 * green, -0.022_34 * red + 0.022_34 * green + blue],
};

/** Björn Ottosson's Oklab: distances in it are about as large as they look. */
function oklab([red, green, blue]: Colour): readonly [number, number, number] {
  const long = Math.cbrt(Math.max(0, 0.412_22 * red + 0.536_33 * green + 0.051_45 * blue));
  const middle = Math.cbrt(Math.max(0, 0.211_9 * red + 0.680_7 * green + 0.107_4 * blue));
  const short = Math.cbrt(Math.max(0, 0.088_3 * red + 0.281_72 * green + 0.629_98 * blue));
  return [0.210_45 * long + 0.793_62 * middle - 0.004_07 * short, 1.978 * long - 2.428_59 * middle + 0.450_59 * short, 0.025_9 * long + 0.782_77 * middle - 0.808_68 * short];
}

function distance(one: Colour, other: Colour): number {
  const [a, b] = [oklab(one), oklab(other)];
  return Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
}

for (const theme of ['light', 'dark'] as const) {
  describe(`the colours of the ${theme} theme`, () => {
    const all = tokens(theme);
    const colour = (name: string): Colour => all.get(name) ?? [0, 0, 0];
    const grounds = ['--ground', '--surface', '--raised', '--sunken', '--hover'];
    const series = Array.from({ length: paletteSize }, (_, slot) => colour(`--series-${slot}`));

    it('let every text be read on every ground', () => {
      const texts = ['--text', '--text-soft', '--text-faint', '--accent', '--down', '--up', '--good', '--warn', '--bad', '--private'];
      const low = texts.flatMap((text) => grounds.filter((ground) => contrast(colour(text), colour(ground)) < 4.5).map((ground) => `${text} on ${ground}: ${contrast(colour(text), colour(ground)).toFixed(2)}`));
      assert.deepEqual(low, []);
    });

    it('let text be read on the colours that are made for it', () => {
      const pairs = [['--on-accent', '--accent'], ['--accent', '--accent-soft'], ['--text', '--warn-soft'], ['--text-soft', '--warn-soft'], ['--text-soft', '--bad-soft'], ['--text-soft', '--private-soft'], ['--text-soft', '--accent-soft'], ['--ground', '--bad']] as const;
      assert.deepEqual(pairs.filter(([text, ground]) => contrast(colour(text), colour(ground)) < 4.5).map(([text, ground]) => `${text} on ${ground}`), []);
    });

    it('let what means something be seen', () => {
      const drawn = [...Array.from({ length: paletteSize }, (_, slot) => `--series-${slot}`), '--series-unknown', '--line-strong', '--focus'];
      assert.deepEqual(drawn.filter((name) => contrast(colour(name), colour('--surface')) < 3).map((name) => `${name}: ${contrast(colour(name), colour('--surface')).toFixed(2)}`), []);
    });

    for (const [eye, see] of Object.entries(eyes)) {
      it(`are told apart by ${eye} eyes`, () => {
        const seen = series.map(see);
        const close = seen.flatMap((one, index) => seen.slice(index + 1).map((other, more) => ({ pair: `${index} and ${index + 1 + more}`, apart: distance(one, other) })).filter(({ apart }) => apart < 0.05));
        assert.deepEqual(close.map(({ pair, apart }) => `${pair}: ${apart.toFixed(3)}`), []);
      });
    }
  });
}

describe('the colour of a row', () => {
  it('is the same in every picture in which no more important row has it', () => {
    fc.assert(fc.property(fc.string({ minLength: 1 }), fc.uniqueArray(fc.string({ minLength: 1 }), { maxLength: 8 }), (key, others) => {
      assert.deepEqual(slotsOf([key, ...others])[0], slotsOf([key])[0]);
    }));
  });

  it('is no other row’s, while there are colours left', () => {
    fc.assert(fc.property(fc.uniqueArray(fc.string(), { maxLength: paletteSize }), (keys) => {
      assert.equal(new Set(slotsOf(keys)).size, keys.length);
    }));
  });

  it('is grey where nobody knows whose it is', () => {
    assert.deepEqual(slotsOf([null, 'a', null]).map((slot) => slot === 'unknown'), [true, false, true]);
  });
});
