import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { OwnerReason, NameSource } from '../../protocol/flow.ts';
import { Trouble } from '../../protocol/helper.ts';
import { Gap } from '../../protocol/report.ts';
import { Scope } from '../../protocol/snapshot.ts';
import { QueryKey, stepNames } from '../../protocol/usage-query.ts';
import { catalogues, languageOf, languages } from '../../renderer/text/index.ts';

/** Every text of a catalogue by its path; a text of figures is asked for with ones. */
function texts(part: unknown, path = ''): readonly (readonly [string, string])[] {
  if (typeof part === 'string') return [[path, part]];
  if (typeof part === 'function') return [[path, String(part(...Array.from({ length: part.length }, () => '1')))]];
  return Object.entries(Object(part)).flatMap(([key, value]) => texts(value, path === '' ? key : `${path}.${key}`));
}

/** Texts that are the same in both languages. */
const alike = new Set(['product', 'now.scopes.internet', 'now.scopes.multicast', 'now.topApps', 'now.topDomains', 'now.linkKinds.tunnel', 'now.linkKinds.loopback', 'export.fileName', 'now.minutes', 'look.rateUnits.bytes']);

describe('the catalogues', () => {
  const english = new Map(texts(catalogues.en));

  for (const language of languages.filter((each) => each !== 'en')) {
    const other = new Map(texts(catalogues[language]));

    it(`have every text in ${language}, and none too many`, () => {
      assert.deepEqual([...other.keys()].toSorted(), [...english.keys()].toSorted());
    });

    it(`leave nothing in ${language} untranslated`, () => {
      const same = [...other].filter(([path, text]) => english.get(path) === text && /[a-z]{4}/u.test(text) && !alike.has(path));
      // Names of things and loanwords are one word each; a text with a colon inside is what a person types.
      assert.deepEqual(same.filter(([, text]) => text.includes(' ') && !/\w:\w/u.test(text)), []);
    });
  }

  it('have no empty text and none with a space at its end', () => {
    for (const language of languages) assert.deepEqual(texts(catalogues[language]).filter(([, text]) => text === '' || text !== text.trim()), []);
  });

  it('have a text for every word of the protocol that a person may see', () => {
    for (const { troubles, reasons, sources, sourceMeanings, now, usage } of languages.map((language) => catalogues[language])) {
      assert.deepEqual(Trouble.shape.code.options.filter((word) => !(word in troubles)), []);
      assert.deepEqual(OwnerReason.options.filter((word) => !(word in reasons)), []);
      assert.deepEqual(NameSource.options.filter((word) => !(word in sources && word in sourceMeanings)), []);
      assert.deepEqual(Scope.options.filter((word) => !(word in now.scopes)), []);
      assert.deepEqual(Gap.shape.reason.options.filter((word) => !(word in usage.gapReasons)), []);
      assert.deepEqual(QueryKey.options.filter((word) => !(word in usage.bys && word in usage.columns)), []);
      assert.deepEqual(stepNames.filter((word) => !(word in usage.step)), []);
    }
  });

  it('say one and many as the language does', () => {
    assert.equal(catalogues.en.now.receiptDropped('1', 1), '1 packet dropped');
    assert.equal(catalogues.en.now.receiptDropped('2', 2), '2 packets dropped');
    assert.equal(catalogues.de.forget.rows('1', 1), '1 Zeile');
    assert.equal(catalogues.de.forget.rows('0', 0), '0 Zeilen');
  });

  it('are chosen by the first wanted language that there is', () => {
    assert.equal(languageOf(['fr-FR', 'de-AT', 'en']), 'de');
    assert.equal(languageOf(['EN-us']), 'en');
    assert.equal(languageOf(['tlh']), 'en');
    assert.equal(languageOf([]), 'en');
  });
});
