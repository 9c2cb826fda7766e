// `node nfkc.mjs table` prints the ranges of src/Models/NfkcGrowth.cs from the Unicode data of this Node. Without an argument it reads bounds on standard input (a JSON array with one
// number for each code point), and prints, as JSON, texts that NFKC makes longer than the sum of their bounds. It tries all code points, all pairs of a character and a mark, and random texts.
import { readFileSync } from 'node:fs';

const LAST = 0x10ffff;
const isSurrogate = point => point >= 0xd800 && point <= 0xdfff;
const bytes = text => Buffer.byteLength(text);
const text = point => String.fromCodePoint(point);

// NFKC composes what NFKD decomposes, and composing never lengthens a text: so the bytes of each character's NFKD are a bound, whatever stands around it. A mark with a lower class can take
// the place of an accent, which is why NFKC of the character alone is none. Hangul syllables and kana are composed again in any text, so NFKC is a bound for them.
const isComposedAgain = point => (point >= 0xac00 && point <= 0xd7a3) || (point >= 0x3040 && point <= 0x30ff);
const growthOf = point => Math.max(0, bytes(text(point).normalize(isComposedAgain(point) ? 'NFKC' : 'NFKD')) - bytes(text(point)));

function table() {
  const ranges = [];
  for (let point = 0; point <= LAST; point++) {
    const growth = isSurrogate(point) ? 0 : growthOf(point);
    const last = ranges.at(-1);
    if (growth > 0 && last?.growth === growth && last.to === point - 1) last.to = point;
    else if (growth > 0) ranges.push({ from: point, to: point, growth });
  }
  const hex = point => `0x${point.toString(16).toUpperCase()}`;
  let [lines, line] = [[], '       '];
  for (const { from, to, growth } of ranges) {
    const entry = ` (${hex(from)}, ${hex(to)}, ${growth}),`;
    if (line.length + entry.length > 180) { lines.push(line); line = '       '; }
    line += entry;
  }
  return [...lines, line].join('\n');
}

function beyond(bounds) {
  const found = [];
  const check = points => {
    const said = String.fromCodePoint(...points);
    const bound = points.reduce((sum, point) => sum + bounds[point], 0);
    const longest = Math.max(bytes(said), bytes(said.normalize('NFKC')));
    if (longest > bound && found.length < 20) found.push({ points: points.map(point => point.toString(16)), bound, longest });
  };
  const [changed, marks] = [[], []];
  for (let point = 0; point <= LAST; point++) {
    if (isSurrogate(point)) continue;
    check([point]);
    const one = text(point);
    if (/\p{M}/u.test(one)) marks.push(point);
    else if (one.normalize('NFKD') !== one) changed.push(point);
  }
  // All marks that compose with something, and every tenth of the others.
  const composing = new Set();
  for (let point = 0; point <= LAST; point++) if (!isSurrogate(point)) for (const part of text(point).normalize('NFD').slice(1)) composing.add(part.codePointAt(0));
  const tried = marks.filter((mark, i) => composing.has(mark) || i % 10 === 0);
  const syllables = changed.filter(point => point < 0xac00 || point > 0xd7a3 || point % 97 === 0);
  for (const point of syllables) for (const mark of tried) { check([point, mark]); check([mark, point]); }
  let seed = 42;
  const next = most => { seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0; return Math.floor((seed / 2 ** 32) * most); };
  for (let i = 0; i < 300_000; i++) check(Array.from({ length: 2 + next(9) }, () => (next(2) === 0 ? marks[next(marks.length)] : changed[next(changed.length)])));
  return found;
}

console.log(process.argv[2] === 'table' ? table() : JSON.stringify(beyond(JSON.parse(readFileSync(0, 'utf8')))));
