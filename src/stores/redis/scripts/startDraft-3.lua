--[[
Begins an empty draft of a partition's histories.

Guarantee: nothing unless the lease is the owner's. The live histories stay as they are. An older draft
is unlinked: Redis frees it in the background.

KEYS[1] lease, a string
KEYS[2] position, a hash
KEYS[3] draft, a hash
ARGV[1] owner

Answers 1 when applied, 0 when lost.

Cost: O(1).
]]
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return 0
end
redis.call('UNLINK', KEYS[3])
redis.call('HSET', KEYS[2], 'draft_seq', '0')
return 1
