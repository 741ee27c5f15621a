--[[
Declares a partition whole: it was built from the truth and may be trusted.

Guarantee: nothing unless the lease is the owner's. A partition that is whole keeps its epoch.

KEYS[1] lease, a string
KEYS[2] position, a hash
ARGV[1] owner
ARGV[2] epoch

Answers 1 when applied, 0 when lost.

Cost: O(1).
]]
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return 0
end
redis.call('HSETNX', KEYS[2], 'epoch', ARGV[2])
return 1
