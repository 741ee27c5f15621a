import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tempDir } from '../support/tempDir.js';

/** A data folder with these files, by name. */
export function folderWith(files: Readonly<Record<string, readonly string[]>>): string {
  const dir = join(tempDir(), 'tiny');
  mkdirSync(dir);
  for (const [name, lines] of Object.entries(files)) writeFileSync(join(dir, name), `${lines.join('\n')}\n`);
  return dir;
}

/** Thirty people of two tastes, tea and tools, who buy of their own every few days through May 2024. */
export function twoTastes(): Readonly<Record<string, readonly string[]>> {
  const goods = ['tea', 'tools'].flatMap((taste) =>
    Array.from({ length: 12 }, (_, i) => ({ id: `${taste}${i}`, taste, title: `${taste} number ${i}` })),
  );
  const behaviours: string[] = [];
  for (let user = 0; user < 30; user++) {
    const own = goods.filter(({ taste }) => taste === (user % 2 === 0 ? 'tea' : 'tools'));
    for (let visit = 0; visit < 10; visit++) {
      const { id } = own[(user + visit * 5) % own.length] as { id: string };
      const day = String(1 + visit * 3).padStart(2, '0');
      const time = `2024-05-${day}T${String(8 + (user % 10)).padStart(2, '0')}:${String(user).padStart(2, '0')}:00Z`;
      behaviours.push(`b${user}-${visit},browse,u${user},${id},${time}`);
      behaviours.push(`p${user}-${visit},purchase,u${user},${id},${time.replace(':00Z', ':30Z')}`);
    }
  }
  return {
    'shops.csv': ['shop_id,name', 's-tea,Tea house', 's-tools,Tool shed'],
    'products.csv': [
      'product_id,shop_id,title,category_path',
      ...goods.map(({ id, taste, title }) => `${id},s-${taste},${title},home/${taste}`),
    ],
    'users.csv': ['user_id,age_band', 'u0,25-29', 'u1,45-49'],
    'behaviours.csv': ['event_id,type,user_id,product_id,occurred_at', ...behaviours],
  };
}
