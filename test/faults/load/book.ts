import type { TouchPlace } from '../checks/overshoot.js';
import { Tally } from './tally.js';

/** Only the first of each kind are worth reading. */
const VIOLATIONS_KEPT = 40;

/** A touch that was asked for, and everything that was answered about it. */
export interface TouchStory extends TouchPlace {
  readonly requestId: string;
  permitId?: string;
  reservedAtMs?: number;
  expiresAtMs?: number;
  /** When the answer with the permit was here. */
  permittedMs?: number;
  /** When the message went out, by our clock; absent when it was not sent. */
  sentMs?: number;
  /** The server's answer to the first commit that was acknowledged. */
  committed?: { readonly atMs: number; readonly late: boolean; readonly acknowledgedMs: number };
  isReleased?: boolean;
}

/** A `CanTouch` that was answered with ALLOW. */
export interface AllowedQuestion extends TouchPlace {
  readonly askedMs: number;
  readonly answeredMs: number;
}

/** An event that was sent, maybe several times. */
export interface EventStory {
  isAcknowledged: boolean;
  /** Sent at least once without an answer: it may be in the log. */
  isUncertain: boolean;
}

/** What a load sent, what was acknowledged of it, and what was wrong at once. */
export class Book {
  readonly startMs = Date.now();
  readonly events = new Map<string, EventStory>();
  readonly touches = new Map<string, TouchStory>();
  readonly allowed: AllowedQuestion[] = [];
  readonly tally = new Tally();
  readonly rankMs: number[] = [];
  /** Pages that a server which was left alone did not answer in time. */
  latePages = 0;
  readonly violations: string[] = [];
  /** What happened when, for whoever has to find out why. */
  readonly timeline: string[] = [];
  violationCount = 0;
  /** The furthest that Track said the log had come. */
  watermark = '';

  note(what: string): void {
    this.timeline.push(`${new Date().toISOString()} ${what}`);
  }

  violate(what: string): void {
    this.note(what);
    this.violationCount += 1;
    if (this.violations.length < VIOLATIONS_KEPT) this.violations.push(what);
  }

  eventStory(eventId: string): EventStory {
    const story = this.events.get(eventId) ?? { isAcknowledged: false, isUncertain: false };
    this.events.set(eventId, story);
    return story;
  }
}
