/**
 * What was found of an engine on this machine. Where nothing was, tests of it skip themselves and say
 * so; with `TAGRANK_REQUIRE_ENGINES=1` that is an error instead, so that nothing passes unseen.
 */
export function foundEngine<Found>(engine: string, found: Found | undefined): Found | undefined {
  if (found === undefined && process.env.TAGRANK_REQUIRE_ENGINES === '1') {
    throw new Error(`this machine has no ${engine}, and TAGRANK_REQUIRE_ENGINES forbids to skip its tests`);
  }
  return found;
}
