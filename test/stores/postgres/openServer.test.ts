import { describe, expect, it, onTestFinished } from 'vitest';
import { FailedPreconditionError, UnavailableError } from '../../../src/core/errors.js';
import { unfitness } from '../../../src/stores/postgres/openServer.js';
import { openTruth } from '../../../src/stores/postgres/openTruth.js';
import { openServerPool } from '../../../src/stores/postgres/serverPool.js';
import { canRunPostgres, serverTruths } from '../../support/serverTruths.js';

it('a server that is too old, keeps no UTF-8 or takes no writes is said to be unfit', () => {
  const fit = { version: '15.4 (Debian 15.4-1)', encoding: 'UTF8', isStandby: false };
  expect(unfitness(fit)).toBeUndefined();
  expect(unfitness({ ...fit, version: '18beta1' })).toBeUndefined();
  expect(unfitness({ ...fit, version: '14.20' })).toBe('it is version 14.20, and 15 or later is needed');
  expect(unfitness({ ...fit, version: '9.6.24' })).toMatch('version 9.6.24');
  expect(unfitness({ ...fit, encoding: 'LATIN1' })).toMatch('LATIN1');
  expect(unfitness({ ...fit, isStandby: true })).toMatch('standby');
});

it('an address that is none, or where nobody listens, is told apart', async () => {
  const none = openTruth({ postgresUrl: 'no address' });
  await expect(none).rejects.toThrow(FailedPreconditionError);
  await expect(none).rejects.toThrow('the address of PostgreSQL is not a URL');
  const nobody = openTruth({ postgresUrl: 'postgres://u:secret@127.0.0.1:1/shop' });
  await expect(nobody).rejects.toThrow(UnavailableError);
  await expect(nobody).rejects.toThrow(/^PostgreSQL at 127\.0\.0\.1:1\/shop: connect ECONNREFUSED/);
  const unknown = openTruth({ postgresUrl: 'postgres://u:secret@no-such-host.invalid/shop' });
  await expect(unknown).rejects.toThrow(UnavailableError);
  await expect(unknown).rejects.toThrow('no-such-host.invalid:5432/shop');
});

describe.runIf(canRunPostgres())('opening a PostgreSQL server', () => {
  const server = serverTruths();

  it('says plainly that the password is wrong, and never which one it was', async () => {
    const postgresUrl = server.postgres.url.replace(/:[^:@]*@/, ':not-the-password@');
    const refusal = openTruth({ postgresUrl });
    await expect(refusal).rejects.toThrow(FailedPreconditionError);
    await expect(refusal).rejects.toThrow(
      'refused the login: password authentication failed for user "tagrank"',
    );
    await expect(refusal).rejects.not.toThrow('not-the-password');
  });

  it('says plainly that there is no such database', async () => {
    const refusal = openTruth({ postgresUrl: server.postgres.url.replace(/postgres$/, 'nowhere') });
    await expect(refusal).rejects.toThrow(FailedPreconditionError);
    await expect(refusal).rejects.toThrow('database "nowhere" does not exist');
  });

  it('refuses a database that keeps no UTF-8', async () => {
    await server.postgres.sql(`CREATE DATABASE plain ENCODING 'SQL_ASCII' TEMPLATE template0`);
    const refusal = openTruth({ postgresUrl: server.postgres.url.replace(/postgres$/, 'plain') });
    await expect(refusal).rejects.toThrow(FailedPreconditionError);
    await expect(refusal).rejects.toThrow('keeps text in SQL_ASCII');
  });

  it('refuses a database that a newer version wrote', async () => {
    const url = await server.postgres.createDatabase();
    const sql = openServerPool({ url });
    onTestFinished(() => sql.close());
    await sql.exec(`INSERT INTO schema_migrations (id, name, checksum) VALUES (999, 'later', 'x')`);
    await expect(openTruth({ postgresUrl: url })).rejects.toThrow('written by a newer one');
  });

  it('lets servers that start together find one schema, made once', async () => {
    const url = await server.postgres.createDatabase({ migrated: false });
    const truths = await Promise.all(Array.from({ length: 4 }, () => server.emptyTruth(url)));
    await Promise.all(truths.map(({ behaviourLog }) => behaviourLog.append([])));
    for (const truth of truths) expect(await truth.behaviourLog.count()).toBe(0);
  });
});
