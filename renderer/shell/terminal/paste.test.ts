import { expect, it } from 'vitest';
import { preparePaste } from './paste.ts';

it('asks for more than one line where each would run at once', () => {
  expect(preparePaste('one\ntwo\n', false)).toEqual({ text: 'one\ntwo\n', runs: 2 });
  expect(preparePaste('one\r\ntwo\r\nthree', false)).toEqual({ text: 'one\ntwo\nthree', runs: 3 });
  expect(preparePaste('one\rtwo', false).runs).toBe(2);
});

it('asks nothing for one line, and does not run it', () => {
  expect(preparePaste('rm -rf build\n', false)).toEqual({ text: 'rm -rf build', runs: 0 });
  expect(preparePaste('größe 日本 🚀', false)).toEqual({ text: 'größe 日本 🚀', runs: 0 });
});

it('asks nothing where the shell takes a paste as a whole', () => {
  expect(preparePaste('one\ntwo\n', true)).toEqual({ text: 'one\ntwo\n', runs: 0 });
});

it('leaves out what would end the brackets or press keys', () => {
  expect(preparePaste('safe\u001b[201~\nrm -rf /\n', true).text).toBe('safe[201~\nrm -rf /\n');
  expect(preparePaste('a\u0003b\u0000c\u009bd\te', true).text).toBe('abcd\te');
});
