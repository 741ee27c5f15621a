import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What is answered to who looks. */
export interface MetricsPage {
  readonly contentType: string;
  text(): Promise<string>;
}

export interface MetricsEndpoint {
  /** `host:port` that is really bound. */
  readonly address: string;
  /** Takes no more requests; those under way are cut off. */
  stop(): Promise<void>;
}

/**
 * Serves `GET /metrics` over plain HTTP on `host:port` (port 0 picks a free one), apart from the
 * contract, so that it can stay on a private network. Rejects when the address cannot be bound.
 */
export async function serveMetrics(address: string, page: MetricsPage): Promise<MetricsEndpoint> {
  const server = createServer((request, response) => {
    const path = request.url?.split('?')[0];
    if (path !== '/metrics') return answer(response, 404, 'only /metrics is here\n');
    if (request.method !== 'GET') return answer(response, 405, 'only GET\n');
    page.text().then(
      (text) => answer(response.setHeader('Content-Type', page.contentType), 200, text),
      () => answer(response, 500, 'the figures cannot be read now\n'),
    );
  });
  const host = address.slice(0, address.lastIndexOf(':'));
  const port = Number(address.slice(host.length + 1));
  server.listen({ host: host.replace(/^\[|\]$/g, ''), port });
  await once(server, 'listening');
  return {
    address: `${host}:${(server.address() as AddressInfo).port}`,
    async stop() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function answer(response: ServerResponse, status: number, text: string): void {
  if (!response.hasHeader('Content-Type')) response.setHeader('Content-Type', 'text/plain; charset=utf-8');
  response.writeHead(status).end(text);
}
