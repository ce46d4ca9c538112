import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Picture } from '../../electron/tray/canvas.ts';
import { drawSizes, drawTray, faceKey, traySizes } from '../../electron/tray/drawing.ts';
import type { TrayFace, TrayLook } from '../../electron/tray/drawing.ts';
import { largeFont, middleFont, smallFont, textWidth } from '../../electron/tray/glyphs.ts';
import { shortRate } from '../../electron/tray/short-rate.ts';

const plain: TrayLook = { style: 'numbers', panel: 'dark', size: 'auto' };

function rates(down: string, up: string, kind: 'measuring' | 'private' | 'alert' = 'measuring'): TrayFace {
  return { kind, down, up, downLevel: 0, upLevel: 0 };
}

/** Rows of `#` for ink and `.` for none. */
function inkRows({ size, pixels }: Picture): readonly string[] {
  const isInk = (x: number, y: number): boolean => (pixels[(y * size + x) * 4 + 3] ?? 0) > 0;
  return Array.from({ length: size }, (_row, y) => Array.from({ length: size }, (_column, x) => (isInk(x, y) ? '#' : '.')).join(''));
}

function pixel({ size, pixels }: Picture, x: number, y: number): readonly number[] {
  return [...pixels.subarray((y * size + x) * 4, (y * size + x) * 4 + 4)];
}

/** Relative luminance (WCAG 2.2, "relative luminance") of a blue, green, red triple. */
function luminance([blue = 0, green = 0, red = 0]: readonly number[]): number {
  const part = (value: number): number => (value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4);
  return 0.2126 * part(red) + 0.7152 * part(green) + 0.0722 * part(blue);
}

function contrast(a: readonly number[], b: readonly number[]): number {
  const [light = 0, dark = 0] = [luminance(a), luminance(b)].toSorted((first, second) => second - first);
  return (light + 0.05) / (dark + 0.05);
}

/** What is seen of a pixel in front of a panel of that grey. */
function before([blue = 0, green = 0, red = 0, alpha = 0]: readonly number[], grey: number): readonly number[] {
  return [blue, green, red].map((colour) => colour + (grey * (255 - alpha)) / 255);
}

describe('a rate in an icon', () => {
  it('has at most four characters, whatever it is', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1e16, noNaN: true }), fc.constantFrom(1000 as const, 1024 as const), (rate, step) => {
        assert.match(shortRate(rate, step), /^(?:0|\d\.\d[KMGT]|\d{1,3}[KMGT])$/u);
      }),
    );
  });

  for (const [rate, text] of [[0, '0'], [49, '0'], [51, '0.1K'], [1234, '1.2K'], [9949, '9.9K'], [9951, '10K'], [999_499, '999K'], [999_500, '1.0M'], [45e6, '45M'], [3.4e9, '3.4G']] as const) {
    it(`is ${text} for ${rate} a second`, () => assert.equal(shortRate(rate, 1000), text));
  }

  it('counts in steps of 1024 where that is asked for', () => assert.equal(shortRate(1024 ** 2, 1024), '1.0M'));
});

describe('the fonts', () => {
  for (const [name, font, size] of [['small', smallFont, 16], ['middle', middleFont, 22], ['large', largeFont, 24]] as const) {
    it(`have all that a rate needs, in glyphs of one height (${name})`, () => {
      for (const character of '0123456789KMGT.-') {
        const rows = font.glyphs.get(character) ?? [];
        assert.equal(rows.length, font.height, character);
        assert.equal(new Set(rows.map((row) => row.length)).size, 1, character);
      }
    });

    it(`fit the widest rate into ${size} pixels, twice (${name})`, () => {
      assert.ok(textWidth(font, '888M') <= size);
      assert.ok(2 * font.height < size);
    });

    it(`have no two glyphs alike (${name})`, () => {
      const drawings = [...font.glyphs.values()].map((rows) => rows.join('\n'));
      assert.equal(new Set(drawings).size, drawings.length);
    });
  }
});

describe('the icon', () => {
  it('has the rate down above the rate up, at the right', () => {
    assert.deepEqual(inkRows(drawTray(rates('12M', '0'), 16, plain)).map((row) => row.slice(3)), [
      '...#..###.#.#', '..##....#.###', '...#....#.###', '...#..###.###', '...#..#...#.#', '...#..#...#.#', '..###.###.#.#',
      '.............', '.............',
      '..........###', '..........#.#', '..........#.#', '..........#.#', '..........#.#', '..........#.#', '..........###',
    ]);
  });

  for (const size of [16, 22, 24, 32, 33, 36, 44, 48, 64]) {
    it(`keeps two lines apart and inside ${size} pixels`, () => {
      const rows = inkRows(drawTray(rates('888M', '888M'), size, plain));
      const inked = rows.map((row) => row.includes('#'));
      const first = inked.indexOf(true);
      const gap = inked.indexOf(false, first);
      const second = inked.indexOf(true, gap);
      const end = inked.indexOf(false, second);
      assert.ok(gap - first === (end === -1 ? size : end) - second, 'both lines are as high');
      assert.ok(gap - first >= size * 0.36, 'the lines use the height');
      assert.ok(Math.max(...rows.map((row) => row.lastIndexOf('#'))) < size);
      const widest = Math.max(...rows.map((row) => row.lastIndexOf('#') - row.indexOf('#') + 1));
      assert.ok(widest >= size * 0.8, 'the lines use the width');
    });
  }

  for (const [panel, grey] of [['dark', 40], ['light', 240], ['auto', 0], ['auto', 128], ['auto', 255]] as const) {
    it(`has figures with a contrast of at least 4.5 to a panel of grey ${grey} (${panel})`, () => {
      for (const kind of ['measuring', 'private', 'alert'] as const) {
        const picture = drawTray(rates('111M', '111M', kind), 24, { ...plain, panel });
        const blank = drawTray(rates('', '', kind), 24, { ...plain, panel });
        for (const y of [6, 18]) {
          for (let x = 0; x < 24; x += 1) {
            if (pixel(picture, x, y).join() === pixel(blank, x, y).join()) continue;
            const ratio = contrast(before(pixel(picture, x, y), grey), before(pixel(blank, x, y), grey));
            assert.ok(ratio >= 4.5, `${kind} at ${x}, ${y}: ${ratio.toFixed(2)}`);
          }
        }
      }
    });
  }

  it('is another picture in each state', () => {
    const states: readonly TrayFace[] = [rates('1.0M', '0'), rates('1.0M', '0', 'private'), rates('1.0M', '0', 'alert'), { kind: 'paused' }, { kind: 'not-measuring' }];
    for (const look of [plain, { ...plain, panel: 'light' }, { ...plain, style: 'bars' }] as const) {
      assert.equal(new Set(states.map((face) => drawTray(face, 22, look).pixels.join())).size, states.length);
      assert.equal(new Set(states.map((face) => faceKey(face, look))).size, states.length);
    }
  });

  it('has bars that grow with the rate', () => {
    const inkOf = (downLevel: number): number =>
      inkRows(drawTray({ kind: 'measuring', down: '', up: '', downLevel, upLevel: 0 }, 32, { ...plain, style: 'bars' })).join('').replaceAll('.', '').length;
    const inks = [0, 0.25, 0.5, 0.75, 1].map(inkOf);
    assert.deepEqual(inks, inks.toSorted((a, b) => a - b));
    assert.equal(new Set(inks).size, inks.length);
    assert.ok((inks[0] ?? 0) > 0, 'without traffic its foot is there');
  });

  it('is the same picture wherever its key is the same, and another where it is not', () => {
    const text = fc.double({ min: 0, max: 1e10, noNaN: true }).map((rate) => shortRate(rate, 1000));
    const face = fc.record({ kind: fc.constantFrom('measuring' as const, 'alert' as const), down: text, up: text, downLevel: fc.constant(0), upLevel: fc.constant(0) });
    fc.assert(
      fc.property(face, face, (one, other) => {
        const same = drawTray(one, 22, plain).pixels.join() === drawTray(other, 22, plain).pixels.join();
        assert.equal(faceKey(one, plain) === faceKey(other, plain), same);
      }),
      { numRuns: 50 },
    );
  });

  it('is offered in every size, or in the one that is asked for', () => {
    assert.deepEqual(drawSizes({ kind: 'paused' }, plain).map(({ size }) => size), [...traySizes]);
    assert.deepEqual(drawSizes({ kind: 'paused' }, { ...plain, size: '24' }).map(({ size }) => size), [24]);
  });
});
