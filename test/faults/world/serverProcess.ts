import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { createClient, type TagRankClient } from '../../../src/server/client.js';

/** The longest that a page render waits. */
export const RANK_DEADLINE_MS = 1_000;
const PATIENT_MS = 5_000;
/** Shorter than an outage, and than some of the server's own waits: the call may go on without its caller. */
const HASTY_MS = 300;

/** One life of a server, and those who ask it. */
export interface Life {
  readonly rank: TagRankClient;
  readonly patient: TagRankClient;
  readonly hasty: TagRankClient;
}

/**
 * The shell between us and the server holds our pipe: when this process ends, however it ends, the
 * pipe closes and the shell kills the server.
 */
const GUARDED = `
  exec 3<&0
  "$@" & child=$!
  ( read -r _ <&3; kill -9 $child ) >/dev/null 2>&1 & guard=$!
  echo "pid $child"
  wait $child
  kill $guard
`;

/** A real `tagrank serve`, to be killed and started again. Its log goes to a file. */
export class ServerProcess {
  readonly name: string;
  readonly #program: string;
  readonly #env: NodeJS.ProcessEnv;
  readonly #logFile: string;
  #life: Life | undefined;
  #shell: ChildProcess | undefined;
  #gone: Promise<unknown> = Promise.resolve();
  #pid = 0;
  #isPaused = false;
  /** Disturbances so far: a call that saw none from its beginning to its end had a living server. */
  #disturbances = 0;
  #endedByItself = 0;

  constructor(of: { name: string; program: string; env: NodeJS.ProcessEnv; logFile: string }) {
    this.name = of.name;
    this.#program = of.program;
    this.#env = of.env;
    this.#logFile = of.logFile;
  }

  /** Undefined while it does not listen. */
  get life(): Life | undefined {
    return this.#life;
  }

  get disturbances(): number {
    return this.#disturbances;
  }

  /** How often it ended though nobody here killed it. */
  get endedByItself(): number {
    return this.#endedByItself;
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  /** Resolves when it listens; rejects when it ended before (an engine is away, say). */
  async start(): Promise<void> {
    const shell = spawn('/bin/sh', ['-c', GUARDED, 'sh', process.execPath, this.#program, 'serve'], {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, ...this.#env },
    });
    this.#shell = shell;
    this.#gone = once(shell, 'exit');
    const log = createWriteStream(this.#logFile, { flags: 'a' });
    shell.stderr?.on('data', (text) => log.write(text));
    const address = await new Promise<string>((resolve, reject) => {
      createInterface({ input: shell.stdout as NodeJS.ReadableStream }).on('line', (line) => {
        log.write(`${line}\n`);
        if (line.startsWith('pid ')) this.#pid = Number(line.slice(4));
        else if (line.includes('"msg":"listening"')) resolve(String(JSON.parse(line).address));
      });
      void this.#gone.then(() => reject(new Error(`server ${this.name} ended before it listened`)));
    });
    this.#life = {
      rank: createClient(address, { deadlineMs: RANK_DEADLINE_MS }),
      patient: createClient(address, { deadlineMs: PATIENT_MS }),
      hasty: createClient(address, { deadlineMs: HASTY_MS }),
    };
    await this.#life.patient.ready();
    this.#disturbances += 1;
    void this.#gone.then(() => {
      if (this.#shell !== shell) return;
      this.#endedByItself += 1;
      this.#leave();
    });
  }

  /** Starts it as often as it takes. */
  async startUntilUp(withinMs = 60_000): Promise<void> {
    const endMs = performance.now() + withinMs;
    for (;;) {
      try {
        await this.start();
        return;
      } catch (error) {
        await this.#gone;
        if (performance.now() > endMs) throw error;
      }
    }
  }

  async kill9(): Promise<void> {
    const shell = this.#shell;
    const clients = this.#leave();
    shell?.stdin?.end();
    await this.#gone;
    for (const client of clients) client.close();
  }

  /** Nobody asks it any more. Answers those who did. */
  #leave(): TagRankClient[] {
    const clients = Object.values(this.#life ?? {});
    this.#disturbances += 1;
    this.#life = undefined;
    this.#shell = undefined;
    this.#isPaused = false;
    return clients;
  }

  /** As though its machine hung, until `resume`. */
  pause(): void {
    if (this.#life === undefined) return;
    this.#disturbances += 1;
    this.#isPaused = true;
    process.kill(this.#pid, 'SIGSTOP');
  }

  resume(): void {
    if (!this.#isPaused) return;
    process.kill(this.#pid, 'SIGCONT');
    this.#isPaused = false;
    this.#disturbances += 1;
  }
}
