import { SECOND_MS } from '../../core/time.js';
import {
  type BehaviourType,
  Language,
  type RankedItem,
  type RankResponse,
  type TagRankClient,
  toTimestamp,
} from '../../server/client.js';
import type { DemoClock } from './demoClock.js';
import type { ListLine, Screen } from './screen.js';

/** What somebody does in a scene. */
export interface Act {
  readonly type: BehaviourType;
  readonly productId?: string;
  readonly query?: string;
  /** How long it was looked at. */
  readonly seconds?: number;
}

interface Page {
  readonly userId: string;
  readonly pageSize: number;
  readonly language?: Language;
  readonly categoryPrefix?: string;
}

/** A storefront before the server: asks for pages, tells what people do, and all of it over gRPC. */
export class Storefront {
  readonly #client: TagRankClient;
  readonly #clock: DemoClock;
  readonly #screen: Screen;
  #events = 0;

  constructor({ client, clock, screen }: { client: TagRankClient; clock: DemoClock; screen: Screen }) {
    this.#client = client;
    this.#clock = clock;
    this.#screen = screen;
  }

  rank(page: Page): Promise<RankResponse> {
    return this.#client.rank({ language: Language.EN, ...page });
  }

  /** Asks for a page and prints it; `before` shows what moved. */
  async show(page: Page, { before }: { before?: RankResponse } = {}): Promise<RankResponse> {
    const startedMs = performance.now();
    const answer = await this.rank(page);
    const tookMs = performance.now() - startedMs;
    this.#screen.step(`Rank(${page.userId}): ${answer.candidateCount} candidates, ${tookMs.toFixed(0)} ms`);
    const lines: ListLine[] = [];
    for (const item of answer.items) lines.push({ ...(await this.#line(item)), move: moveOf(item, before) });
    this.#screen.list(toldApart(lines, answer.items));
    return answer;
  }

  /** Does the acts one after the other, a minute apart; all must be recorded. */
  async act(userId: string, acts: readonly Act[]): Promise<void> {
    for (const { type, productId, query, seconds } of acts) {
      this.#clock.pass(60 * SECOND_MS);
      this.#events += 1;
      const { acceptedCount } = await this.#client.track({
        events: [
          {
            eventId: `demo-${this.#events}`,
            type,
            userId,
            productId,
            query,
            dwellMs: seconds === undefined ? undefined : BigInt(seconds * SECOND_MS),
            occurredAt: toTimestamp(this.#clock.nowMs()),
          },
        ],
      });
      if (acceptedCount !== 1) throw new Error(`the server did not record what ${userId} did`);
    }
  }

  /** The title of a product, as the catalogue has it. */
  async titleOf(productId: string): Promise<string> {
    return (await this.#client.getProduct({ productId })).product?.title || productId;
  }

  async #line(item: RankedItem): Promise<ListLine> {
    const { product } = await this.#client.getProduct({ productId: item.productId });
    return {
      position: item.position,
      title: product?.title || item.productId,
      // The middle level: the widest says little, and the leaf is mostly the title.
      shelf: product?.categoryPath[1] ?? product?.categoryPath[0] ?? '',
      price: product?.priceMinor === undefined ? '' : `$${(Number(product.priceMinor) / 100).toFixed(2)}`,
      score: item.score,
      reasons: item.reasons.slice(0, 2).map(({ text }) => text),
    };
  }
}

/** Many a milk has the same title: where a list would show two alike, their ids stand beside it. */
function toldApart(lines: readonly ListLine[], items: readonly RankedItem[]): ListLine[] {
  return lines.map((line, at) => {
    const isAlone = lines.every(({ title }, other) => other === at || title !== line.title);
    return isAlone ? line : { ...line, title: `${line.title}, ${items[at]?.productId}` };
  });
}

function moveOf(item: RankedItem, before: RankResponse | undefined): string | undefined {
  if (before === undefined) return undefined;
  const earlier = before.items.find(({ productId }) => productId === item.productId)?.position;
  if (earlier === undefined) return 'new';
  const up = earlier - item.position;
  return up === 0 ? '=' : up > 0 ? `▲ ${up}` : `▼ ${-up}`;
}
