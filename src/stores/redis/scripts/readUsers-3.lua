--[[
What is kept of users of one partition, and where the partition stood at that moment.

Guarantee: writes nothing. Histories, profiles and position belong together: no step lies between
them, so the position is never ahead of what was read with it. (One call is also cheaper than the
three commands apart, for the client most of all.)

KEYS[1] history, a hash
KEYS[2] profile, a hash
KEYS[3] position, a hash
ARGV    user ids, at most 1,000

Answers { histories, profiles, { seq, profile_seq, ledger_seq, epoch, learned_seq } }, the first two in the order of
the ids, nil for what is absent.

Cost: O(n) of n users, and their bytes.
]]
return {
  redis.call('HMGET', KEYS[1], unpack(ARGV)),
  redis.call('HMGET', KEYS[2], unpack(ARGV)),
  redis.call('HMGET', KEYS[3], 'seq', 'profile_seq', 'ledger_seq', 'epoch', 'learned_seq'),
}
