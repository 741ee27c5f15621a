--[[
Appends packed behaviours to users' histories and moves the position: one step of the projection.

Guarantee: all of it or nothing. Nothing unless the lease is the owner's and the position is the
expected one, so that a step sent twice, or by two owners, is applied once. The position, and with it
the step, falls back where a failover loses the step.

KEYS[1] lease, a string
KEYS[2] position, a hash
KEYS[3] history or its draft, a hash
ARGV[1] owner
ARGV[2] the position's field: 'seq' (absent reads as 0), or 'draft_seq' (absent: there is no draft)
ARGV[3] the position expected
ARGV[4] the position afterwards
ARGV[5], ARGV[6], … user id and bytes to append, in turn; at most 200 users

Answers 1 when applied, 0 when lost.

Cost: O(n) of n users, and the bytes of their histories, which are read and written whole.
]]
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return 0
end
local stands = redis.call('HGET', KEYS[2], ARGV[2])
if not stands and ARGV[2] == 'seq' then
  stands = '0'
end
if stands ~= ARGV[3] then
  return 0
end
for i = 5, #ARGV, 2 do
  local history = redis.call('HGET', KEYS[3], ARGV[i])
  redis.call('HSET', KEYS[3], ARGV[i], (history or '') .. ARGV[i + 1])
end
redis.call('HSET', KEYS[2], ARGV[2], ARGV[4])
return 1
