import { test } from 'node:test';
import assert from 'node:assert/strict';
import { Buffer } from 'node:buffer';
import { NativeImage, nativeImage } from '../../portable/native-image.ts';

test('a bitmap with alpha multiplied in goes to the panel as ARGB with alpha apart', () => {
  const bgra = Buffer.from([0, 64, 128, 128, 255, 255, 255, 255, 9, 9, 9, 0, 1, 2, 3, 255]);
  const image = nativeImage.createEmpty();
  image.addRepresentation({ width: 2, height: 2, buffer: bgra });
  const [pixmap] = NativeImage.pixmapsOf(image);
  assert.deepEqual(pixmap, [2, 2, Buffer.from([128, 255, 128, 0, 255, 255, 255, 255, 0, 0, 0, 0, 255, 3, 2, 1])]);
});

test('a picture has as many sizes as were added', () => {
  const image = nativeImage.createEmpty();
  for (const side of [16, 22]) image.addRepresentation({ scaleFactor: side / 16, width: side, height: side, buffer: Buffer.alloc(side * side * 4) });
  assert.deepEqual(NativeImage.pixmapsOf(image).map(([width]) => width), [16, 22]);
});

test('a bitmap whose sides do not fit its bytes is refused', () => {
  const image = nativeImage.createEmpty();
  assert.throws(() => image.addRepresentation({ width: 2, height: 2, buffer: Buffer.alloc(15) }), RangeError);
  assert.throws(() => image.addRepresentation({ width: 0, height: 0, buffer: Buffer.alloc(0) }), RangeError);
  assert.throws(() => image.addRepresentation({ width: 2000, height: 1, buffer: Buffer.alloc(8000) }), RangeError);
});
