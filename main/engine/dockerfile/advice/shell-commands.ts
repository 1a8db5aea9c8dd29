/** A command of a script: its words without quotes, without what is set before it. */
export type ShellCommand = readonly string[];

const PREFIXES = new Set(['sudo', 'exec', 'command', 'time', 'env', 'then', 'do', 'else', '{', '(', '!']);

/** Splits a script into its commands. Reads as much shell as telling commands apart needs; nothing is expanded. */
export function shellCommands(script: string): readonly ShellCommand[] {
  const commands: string[][] = [[]];
  let word: string | null = null;
  let quote = '';
  const endWord = (): void => {
    if (word !== null) commands.at(-1)?.push(word);
    word = null;
  };
  const endCommand = (): void => {
    endWord();
    if (commands.at(-1)?.length !== 0) commands.push([]);
  };
  for (let at = 0; at < script.length; at++) {
    const character = script.charAt(at);
    if (quote !== '') {
      if (character === quote) quote = '';
      else word = (word ?? '') + character;
    } else if (character === '"' || character === "'") {
      quote = character;
      word ??= '';
    } else if (character === '\\') {
      at++;
      if (script.charAt(at) !== '\n') word = (word ?? '') + script.charAt(at);
    } else if (character === '#' && word === null) {
      while (at + 1 < script.length && script.charAt(at + 1) !== '\n') at++;
    } else if (/[;&|\n]/.test(character)) endCommand();
    else if (/\s/.test(character)) endWord();
    else word = (word ?? '') + character;
  }
  endCommand();
  return commands.flatMap(words => {
    const start = words.findIndex(each => !PREFIXES.has(each) && !/^[A-Za-z_]\w*=/.test(each));
    return start === -1 ? [] : [words.slice(start)];
  });
}
