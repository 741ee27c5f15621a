import type { LearnedComparison } from '../projection/verifyLearned.js';
import type { PartitionReport } from '../projection/verifyPartition.js';
import type { TouchComparison } from '../projection/verifyTouches.js';

/** Differences that are written out; the rest are counted. */
const NAMED = 20;

/** What a comparison of histories found, in lines. */
export function describeComparison(reports: readonly PartitionReport[]): string[] {
  const sum = (count: (report: PartitionReport) => number): string =>
    reports.reduce((total, report) => total + count(report), 0).toLocaleString('en-US');
  const differing = reports.filter(({ differenceCount }) => differenceCount > 0);
  const compared = `${reports.length} buckets, ${sum(({ users }) => users)} users, ${sum(({ behaviours }) => behaviours)} behaviours compared`;
  if (differing.length === 0) {
    return [compared, `checksums equal: ${checksumOf(reports, 'truthChecksum')}`];
  }
  const named = differing.flatMap(({ partition, differences }) =>
    differences.map(({ userId, kind }) => `  bucket ${partition}: ${userId} is ${kind}`),
  );
  return [
    compared,
    `checksums differ: ${checksumOf(reports, 'truthChecksum')} in the truth, ${checksumOf(reports, 'onlineChecksum')} online`,
    `${sum(({ differenceCount }) => differenceCount)} users differ, in ${differing.length} buckets:`,
    ...named.slice(0, NAMED),
    ...(named.length > NAMED ? ['  …'] : []),
    `mend them with \`tagrank rebuild --bucket ${differing.map(({ partition }) => partition).join(',')}\``,
  ];
}

/** What a comparison of touch logs found, in lines. */
export function describeTouches({ users, permits, differences, differenceCount }: TouchComparison): string[] {
  const compared = `${users.toLocaleString('en-US')} touch logs, ${permits.toLocaleString('en-US')} permits compared`;
  if (differenceCount === 0) return [compared, 'touch logs agree with the ledger'];
  return [
    compared,
    `${differenceCount.toLocaleString('en-US')} touch logs differ:`,
    ...differences.slice(0, NAMED).map(({ userId, what }) => `  ${userId}: ${what}`),
    ...(differenceCount > NAMED ? ['  …'] : []),
  ];
}

/** What a comparison of what was learned found, in lines; none where nothing is to be learned. */
export function describeLearned({ people, differences, differenceCount }: LearnedComparison): string[] {
  if (people === 0) return [];
  const compared = `${people.toLocaleString('en-US')} people compared in what was learned of them`;
  if (differenceCount === 0) return [compared, 'what was learned agrees with the ledger'];
  return [
    compared,
    `of ${differenceCount.toLocaleString('en-US')} something else is kept than the ledger teaches:`,
    ...differences.slice(0, NAMED).map((userId) => `  ${userId}`),
    ...(differenceCount > NAMED ? ['  …'] : []),
    'mend them with `tagrank rebuild`',
  ];
}

/** The sum over buckets, modulo 2^64. */
function checksumOf(reports: readonly PartitionReport[], side: 'truthChecksum' | 'onlineChecksum'): string {
  const total = reports.reduce((sum, report) => BigInt.asUintN(64, sum + BigInt(`0x${report[side]}`)), 0n);
  return total.toString(16).padStart(16, '0');
}
