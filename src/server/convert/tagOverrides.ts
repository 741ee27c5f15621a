import {
  type DeleteTagOverridesRequest,
  type ListTagOverridesRequest,
  type ListTagOverridesResponse,
  OverrideAction,
  type SetTagOverridesRequest,
  type TagOverride as WireOverride,
  type TagSubject as WireSubject,
} from '../../gen/tagrank/v1/tag.js';
import { idOfSubject, type OverrideChange, type TagOverride } from '../../tags/tagOverride.js';
import type { ListOverridesInput, ListOverridesOutput } from '../../tags/tagOverrides.js';
import type { TagSubject } from '../../tags/tagReport.js';
import type { DeleteOverridesInput, SetOverridesInput } from '../../tags/validateOverrides.js';
import { toTimestamp } from './scalars.js';
import { overrideActions } from './vocabulary.js';

export function toSetOverrides({ overrides, setBy }: SetTagOverridesRequest): SetOverridesInput {
  return {
    setBy,
    overrides: overrides.map(({ subject, tag, action, weight, note }) => ({
      subject: toTagSubject(subject?.subject),
      tag,
      action: overrideActions.toWord(action),
      weight,
      note,
    })),
  };
}

export function toDeleteOverrides({
  overrides,
  setBy,
  note,
}: DeleteTagOverridesRequest): DeleteOverridesInput {
  return {
    setBy,
    note,
    overrides: overrides.map(({ subject, tag }) => ({ subject: toTagSubject(subject?.subject), tag })),
  };
}

export function toListOverrides({
  subject,
  pageSize,
  pageToken,
  withPast,
}: ListTagOverridesRequest): ListOverridesInput {
  return { subject: toTagSubject(subject?.subject), pageSize, pageToken, withPast };
}

export function fromOverrideList({
  overrides,
  nextPageToken,
}: ListOverridesOutput): ListTagOverridesResponse {
  return { overrides: overrides.map(fromOverrideChange), nextPageToken };
}

export function fromOverride(override: TagOverride): WireOverride {
  return fromOverrideChange({ ...override, isCurrent: true });
}

function fromOverrideChange(change: OverrideChange): WireOverride {
  const { subject, tag, word, note, setBy, setAtMs, isCurrent } = change;
  return {
    subject: fromTagSubject(subject),
    tag,
    action: word === undefined ? OverrideAction.DELETED : overrideActions.toCode(word.action),
    weight: word === undefined || word.action === 'veto' ? 0 : word.weight,
    note: note ?? '',
    setBy,
    setAt: toTimestamp(setAtMs),
    superseded: !isCurrent,
  };
}

/** Undefined when none was given. */
export function toTagSubject(subject: WireSubject['subject']): TagSubject | undefined {
  switch (subject?.$case) {
    case 'userId':
      return { kind: 'user', userId: subject.value };
    case 'productId':
      return { kind: 'product', productId: subject.value };
    case 'shopId':
      return { kind: 'shop', shopId: subject.value };
    case undefined:
      return undefined;
  }
}

function fromTagSubject(subject: TagSubject): WireSubject {
  const value = idOfSubject(subject);
  return { subject: { $case: `${subject.kind}Id`, value } };
}
