import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { beforeEach, describe, it, mock } from 'node:test';
import { epochMs } from '../../protocol/units.ts';
import { Notifications } from '../../electron/notifications.ts';
import type { Bubble, BubbleWords } from '../../electron/notifications.ts';
import { alertOf } from './standings.ts';

/** A desktop's bubble, as far as it can be seen. */
class Seen extends EventEmitter implements Bubble {
  readonly made: BubbleWords;
  title: string;
  body: string;
  shows = 0;
  closes = 0;

  constructor(words: BubbleWords) {
    super();
    this.made = words;
    this.title = words.title;
    this.body = words.body;
  }

  show(): void {
    this.shows += 1;
  }

  close(): void {
    this.closes += 1;
  }
}

describe('notifications', () => {
  let seen: Seen[];
  let acts: string[];
  let notifications: Notifications;

  beforeEach(() => {
    seen = [];
    acts = [];
    notifications = new Notifications(
      { show: () => acts.push('show'), snooze: () => acts.push('snooze'), mute: () => acts.push('mute'), failed: (reason) => acts.push(`failed: ${reason}`) },
      (words) => {
        const bubble = new Seen(words);
        seen.push(bubble);
        return bubble;
      },
    );
  });

  it('are one for one situation, replaced in place while it lasts, and closed after the line that it is over', () => {
    mock.timers.enable({ apis: ['setTimeout'] });
    try {
      notifications.take(alertOf(), 'show');
      notifications.take(alertOf({ text: 'now 50 MB/s' }), 'replace');
      notifications.take(alertOf({ state: 'over', until: epochMs(2), text: 'Over after 30 s.' }), 'recover');
      const [bubble] = seen;
      assert.ok(bubble !== undefined && seen.length === 1);
      assert.deepEqual([bubble.shows, bubble.body, bubble.closes], [3, 'Over after 30 s.', 0]);
      mock.timers.tick(5000);
      assert.equal(bubble.closes, 1);
      assert.equal(notifications.count, 0);
    } finally {
      mock.timers.reset();
    }
  });

  it('do what is asked of them, and close by that', () => {
    for (const index of [0, 1, 2, 3]) {
      notifications.take(alertOf(), 'show');
      seen.at(-1)?.emit('action', {}, index);
    }
    assert.deepEqual(acts, ['show', 'snooze', 'mute']);
    assert.deepEqual(seen.map(({ closes }) => closes), [1, 1, 1, 1]);
    notifications.take(alertOf(), 'show');
    seen.at(-1)?.emit('click', {});
    assert.deepEqual(acts, ['show', 'snooze', 'mute', 'show']);
  });

  it('offer to mute the app, or such alerts where no app is behind it', () => {
    notifications.take(alertOf(), 'show');
    notifications.take(alertOf({ situation: 'trouble', cause: null }), 'show');
    assert.deepEqual(seen.map(({ made }) => made.actions.at(-1)?.text), ['Mute this app', 'Mute such alerts']);
  });

  it('do not come back once a person has closed them', () => {
    notifications.take(alertOf(), 'show');
    seen[0]?.emit('close', {});
    notifications.take(alertOf(), 'replace');
    notifications.take(alertOf({ state: 'over', until: epochMs(2) }), 'recover');
    assert.deepEqual([seen.length, seen[0]?.shows], [1, 1]);
  });

  it('are not made for what is only for the history', () => {
    notifications.take(alertOf(), 'none');
    assert.equal(seen.length, 0);
  });

  it('hold no mark-up and no line breaks of a stranger', () => {
    notifications.take(alertOf({ title: 'a\nb', text: '<img src=x> & more' }), 'show');
    assert.deepEqual([seen[0]?.title, seen[0]?.body], ['a b', '‹img src=x› & more']);
  });

  it('say once that the desktop shows none', () => {
    for (const situation of ['one', 'two']) {
      notifications.take(alertOf({ situation }), 'show');
      seen.at(-1)?.emit('failed', {}, 'nobody listens');
    }
    assert.deepEqual(acts, ['failed: nobody listens']);
    assert.equal(notifications.count, 0);
  });

  it('are so many at once, the oldest gives way, and none is left at the end', () => {
    for (let index = 0; index < 40; index += 1) notifications.take(alertOf({ situation: `s${index}` }), 'show');
    assert.equal(notifications.count, 32);
    assert.deepEqual([seen[7]?.closes, seen[8]?.closes], [1, 0]);
    notifications[Symbol.dispose]();
    assert.ok(seen.every(({ closes }) => closes === 1));
  });
});
