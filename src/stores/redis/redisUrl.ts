import { InvalidInputError } from '../../core/errors.js';

/** Where a Redis is, and how to get in. */
export interface RedisAddress {
  /** One server; of a cluster any number of nodes to begin with, the others are learned from them. */
  readonly nodes: readonly { readonly host: string; readonly port: number }[];
  readonly cluster: boolean;
  readonly tls: boolean;
  readonly username?: string;
  readonly password?: string;
  /** The numbered database of a single server; a cluster has only number 0. */
  readonly database: number;
}

const URL_FORM =
  /^redis(?<tls>s?)(?<cluster>\+cluster)?:\/\/(?:(?<login>[^@/]*)@)?(?<nodes>[^@/?#]+)(?:\/(?<database>\d*))?$/;
const NODE_FORM = /^(?<host>\[[\da-fA-F:.]+\]|[^\s:[\]]+)(?::(?<port>\d{1,5}))?$/;
const DEFAULT_PORT = 6379;

/**
 * One server: `redis://[[user]:password@]host[:port][/database]`. A cluster:
 * `redis+cluster://[[user]:password@]host[:port],host[:port]…`. With TLS: `rediss://`,
 * `rediss+cluster://`. User and password are percent-encoded where they hold `@`, `/`, `:` or `%`.
 *
 * @throws InvalidInputError that does not repeat the URL, which may hold a password
 */
export function parseRedisUrl(url: string): RedisAddress {
  const parts = URL_FORM.exec(url)?.groups;
  if (parts === undefined)
    throw malformed('must be redis://host:port or redis+cluster://host:port,host:port');
  const cluster = parts.cluster !== undefined;
  const nodes = (parts.nodes ?? '').split(',').map(nodeOf);
  const database = Number(parts.database ?? 0);
  if (!cluster && nodes.length > 1)
    throw malformed('names several hosts: those of a cluster are redis+cluster://');
  if (cluster && database !== 0) throw malformed('must not name a database: a cluster has only one');
  return {
    nodes,
    cluster,
    tls: parts.tls === 's',
    ...loginOf(parts.login),
    database,
  };
}

function nodeOf(text: string): { host: string; port: number } {
  const parts = NODE_FORM.exec(text)?.groups;
  const port = Number(parts?.port ?? DEFAULT_PORT);
  if (parts?.host === undefined || port < 1 || port > 65_535) {
    throw malformed('must name hosts as host or host:port, with a port from 1 to 65535');
  }
  return { host: parts.host.replace(/^\[|\]$/g, ''), port };
}

function loginOf(login: string | undefined): { username?: string; password?: string } {
  if (login === undefined || login === '') return {};
  const colon = login.indexOf(':');
  try {
    if (colon < 0) return { username: decodeURIComponent(login) };
    const username = decodeURIComponent(login.slice(0, colon));
    return {
      ...(username !== '' && { username }),
      password: decodeURIComponent(login.slice(colon + 1)),
    };
  } catch {
    throw malformed('must percent-encode user and password');
  }
}

function malformed(rule: string): InvalidInputError {
  return new InvalidInputError({ field: 'redis_url', rule });
}
