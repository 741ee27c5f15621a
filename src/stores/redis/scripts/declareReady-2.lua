--[[
Declares a partition whole: it was built from the truth and may be trusted.

Guarantee: nothing unless the lease is the owner's and the positions are those that the build left, so
that a partition whose data was lost meanwhile is not declared. One that is whole keeps its epoch.

KEYS[1] lease, a string
KEYS[2] position, a hash
ARGV[1] owner
ARGV[2] epoch
ARGV[3] the expected position of the histories, 'seq' (absent reads as 0)
ARGV[4] the expected position of the touch logs, 'ledger_seq' (absent reads as 0)

Answers 1 when applied, 0 when lost.

Cost: O(1).
]]
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return 0
end
local stands = redis.call('HMGET', KEYS[2], 'seq', 'ledger_seq')
if (stands[1] or '0') ~= ARGV[3] or (stands[2] or '0') ~= ARGV[4] then
  return 0
end
redis.call('HSETNX', KEYS[2], 'epoch', ARGV[2])
return 1
