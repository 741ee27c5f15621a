import type { Behaviour } from '../behaviour/behaviour.js';
import type { Product } from '../catalog/product.js';
import type { Shop } from '../catalog/shop.js';
import type { User } from '../identity/user.js';

/** What a model is trained on. */
export interface TrainingData {
  /** Begins the model's version: letters, digits, dashes. */
  readonly name: string;
  /** For people, e.g. the title of the data's README. */
  readonly title: string;
  readonly shops: readonly Shop[];
  readonly products: readonly Product[];
  readonly users: readonly User[];
  /** In order of time. */
  readonly behaviours: readonly Behaviour[];
}
