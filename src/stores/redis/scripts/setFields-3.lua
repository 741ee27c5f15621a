--[[
Sets users' fields and moves a position: profiles, histories that were cut back, or no field at all
where the position alone moves.

Guarantee: all of it or nothing. Nothing unless the lease is the owner's and the position is the
expected one.

KEYS[1] lease, a string
KEYS[2] position, a hash
KEYS[3] the hash to set fields of
ARGV[1] owner
ARGV[2] the position's field: 'seq', 'profile_seq', 'ledger_seq' or 'learned_seq'; absent reads as 0
ARGV[3] the position expected
ARGV[4] the position afterwards, the same where it stays
ARGV[5], ARGV[6], … user id and value, in turn; an empty value deletes. At most 200 users

Answers 1 when applied, 0 when lost.

Cost: O(n) of n users, and the bytes of the values.
]]
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return 0
end
if (redis.call('HGET', KEYS[2], ARGV[2]) or '0') ~= ARGV[3] then
  return 0
end
for i = 5, #ARGV, 2 do
  if ARGV[i + 1] == '' then
    redis.call('HDEL', KEYS[3], ARGV[i])
  else
    redis.call('HSET', KEYS[3], ARGV[i], ARGV[i + 1])
  end
end
redis.call('HSET', KEYS[2], ARGV[2], ARGV[4])
return 1
