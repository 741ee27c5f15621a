import { agree, Disagreement } from './plainDecision.js';
import { PlainRoom } from './plainRoom.js';

/** A call that came to an end, as the plain room is told of it. */
export type Tell = (room: PlainRoom) => void;

/** Of more orders that all explain what was answered the first ones are followed. */
const MOST_ROOMS = 24;

/** What may be known: calls in one moment happened in some order, and nobody was told in which. */
export class PlainRooms {
  #rooms: readonly PlainRoom[];

  constructor(timezone: string) {
    this.#rooms = [new PlainRoom(timezone)];
  }

  /** One of them; of what somebody was told they all know the same. */
  get any(): PlainRoom {
    const [first] = this.#rooms;
    if (first === undefined) throw new Error('there is no room left');
    return first;
  }

  tellAll(tell: Tell): void {
    for (const room of this.#rooms) tell(room);
  }

  /** Calls in one moment have some order, of those that are possible, in which each answer is right. */
  agreeOnSomeOrder<One extends { readonly tell: Tell }>(
    all: readonly One[],
    isPossible: (order: readonly One[]) => boolean = () => true,
  ): void {
    const complaints: string[] = [];
    const rooms = new Map<string, PlainRoom>();
    for (const order of ordersOf(all).filter(isPossible)) {
      for (const before of this.#rooms) {
        const room = before.copy();
        try {
          for (const { tell } of order) tell(room);
          if (rooms.size < MOST_ROOMS) rooms.set(room.toString(), room);
        } catch (error) {
          if (!(error instanceof Disagreement)) throw error;
          complaints.push(error.message);
        }
      }
    }
    agree(rooms.size > 0, () => `in no order of the calls are their answers right: ${complaints[0]}`);
    this.#rooms = [...rooms.values()];
  }
}

function ordersOf<One>(all: readonly One[]): readonly (readonly One[])[] {
  if (all.length <= 1) return [all];
  return all.flatMap((first, i) => ordersOf(all.filter((_, j) => j !== i)).map((rest) => [first, ...rest]));
}
