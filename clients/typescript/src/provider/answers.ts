// What was answered to a run, by its id: in memory, or in a file that outlives the process.
import { closeSync, fsync, ftruncateSync, openSync, read, readSync, renameSync, write, writeSync } from "node:fs";
import { dirname } from "node:path";
import { promisify } from "node:util";

/** What was answered to a run. */
export interface Answer {
  bodyHash: string;
  status: number;
  cost: string | undefined;
  text: string;
}

/** Answers by run id. What keeps them elsewhere than in memory makes a run's answer outlive the process. */
export interface AnswerStore {
  get(runId: string): Promise<Answer | undefined> | Answer | undefined;
  set(runId: string, answer: Answer): Promise<unknown> | unknown;
}

/** Keeps so many answers in memory; the oldest go. */
export function inMemory(most = 10_000): AnswerStore {
  const answers = new Map<string, Answer>();
  return {
    get: runId => answers.get(runId),
    set(runId, answer) {
      answers.set(runId, answer);
      if (answers.size > most) answers.delete(answers.keys().next().value!);
    },
  };
}

/** Keeps so many answers in a file of one process, a line each; a run is answered when its line is on the disk. What a kill cut off in the middle was answered to nobody, and is done again. */
export function inFile(path: string, most = 10_000): FileAnswers {
  return new FileAnswers(path, most);
}

const [reading, writing, syncing] = [promisify(read), promisify(write), promisify(fsync)];
const newline = 0x0a;

interface Line {
  at: number;
  bytes: number;
}

interface Waiting {
  run: string;
  line: Buffer;
  done: () => void;
  failed: (why: unknown) => void;
}

export class FileAnswers implements AnswerStore {
  private readonly lines = new Map<string, Line>();
  private file: number;
  private size = 0;
  private written = 0;
  private waiting: Waiting[] = [];
  private flushing: Promise<void> | undefined;

  constructor(private readonly path: string, private readonly most: number) {
    this.file = openSync(path, "a+", 0o600);
    this.load();
  }

  get(runId: string): Answer | undefined {
    const line = this.lines.get(runId);
    if (!line) return undefined;
    const buffer = Buffer.alloc(line.bytes);
    readSync(this.file, buffer, 0, line.bytes, line.at); // at once: no line moves meanwhile
    const { body_hash: bodyHash, status, cost, text } = JSON.parse(buffer.toString("utf8")) as { body_hash: string; status: number; cost?: string; text: string };
    return { bodyHash, status, cost, text };
  }

  set(runId: string, answer: Answer): Promise<void> {
    const line = Buffer.from(`${JSON.stringify({ run: runId, body_hash: answer.bodyHash, status: answer.status, cost: answer.cost, text: answer.text })}\n`);
    return new Promise((done, failed) => {
      this.waiting.push({ run: runId, line, done, failed });
      this.flushing ??= this.flush();
    });
  }

  /** What was to be written is written first. */
  async close(): Promise<void> {
    await this.flushing;
    closeSync(this.file);
  }

  /** Whoever comes while the disk is at work goes with the next lot, which is one write. */
  private async flush(): Promise<void> {
    while (this.waiting.length > 0) {
      const lot = this.waiting.splice(0);
      try {
        await this.append(lot);
        lot.forEach(one => one.done());
      } catch (why) {
        lot.forEach(one => one.failed(why));
      }
    }
    this.flushing = undefined; // in the turn in which nobody waits any more
  }

  private async append(lot: Waiting[]): Promise<void> {
    const all = Buffer.concat(lot.map(one => one.line));
    try {
      for (let at = 0; at < all.length; ) at += (await writing(this.file, all, at, all.length - at)).bytesWritten;
      await syncing(this.file);
    } catch (why) {
      ftruncateSync(this.file, this.size); // half a line in the middle would be none
      throw why;
    }
    for (const one of lot) this.note(one.run, one.line.length);
    if (this.written > 2 * this.most) await this.compact();
  }

  private note(run: string, bytes: number): void {
    this.lines.delete(run);
    this.lines.set(run, { at: this.size, bytes });
    this.size += bytes;
    this.written += 1;
    if (this.lines.size > this.most) this.lines.delete(this.lines.keys().next().value!);
  }

  /** The lines that count go to a second file, which takes the place of this one whole. */
  private async compact(): Promise<void> {
    const next = openSync(`${this.path}.next`, "w+", 0o600), kept = [...this.lines];
    for (const [, line] of kept) {
      const { buffer } = await reading(this.file, Buffer.alloc(line.bytes), 0, line.bytes, line.at);
      writeSync(next, buffer);
    }
    await syncing(next);
    closeSync(next);
    renameSync(`${this.path}.next`, this.path);
    const folder = openSync(dirname(this.path), "r");
    await syncing(folder).finally(() => closeSync(folder));
    closeSync(this.file);
    this.file = openSync(this.path, "a+", 0o600);
    [this.size, this.written] = [0, 0];
    this.lines.clear();
    for (const [run, line] of kept) this.note(run, line.bytes);
  }

  private load(): void {
    const part = Buffer.alloc(1 << 20);
    let rest = Buffer.alloc(0);
    for (let at = 0, got = 0; (got = readSync(this.file, part, 0, part.length, at)) > 0; at += got) {
      rest = Buffer.concat([rest, part.subarray(0, got)]);
      for (let end = rest.indexOf(newline); end >= 0; end = rest.indexOf(newline)) {
        this.note(this.runOf(rest.subarray(0, end)), end + 1);
        rest = rest.subarray(end + 1);
      }
    }
    if (rest.length > 0) ftruncateSync(this.file, this.size);
  }

  private runOf(line: Buffer): string {
    try {
      const { run } = JSON.parse(line.toString("utf8")) as { run?: unknown };
      if (typeof run === "string") return run;
    } catch {
      // As one that names no run.
    }
    throw new Error(`${this.path} has a line that is no answer, at byte ${this.size}: it is another file, or the disk has lost something.`);
  }
}
