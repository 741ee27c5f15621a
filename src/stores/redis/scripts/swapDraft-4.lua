--[[
Puts the draft and its position in place of the live histories and theirs.

Guarantee: in one piece for every reader. Nothing unless the lease is the owner's and the draft stands
where expected; sent twice, the second is lost, since there is no draft any more. The old histories are
unlinked: Redis frees them in the background.

KEYS[1] lease, a string
KEYS[2] position, a hash
KEYS[3] history, a hash
KEYS[4] draft, a hash; absent when it is empty
ARGV[1] owner
ARGV[2] the position of the draft expected

Answers 1 when applied, 0 when lost.

Cost: O(1).
]]
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return 0
end
if redis.call('HGET', KEYS[2], 'draft_seq') ~= ARGV[2] then
  return 0
end
redis.call('UNLINK', KEYS[3])
if redis.call('EXISTS', KEYS[4]) == 1 then
  redis.call('RENAME', KEYS[4], KEYS[3])
end
redis.call('HSET', KEYS[2], 'seq', ARGV[2])
redis.call('HDEL', KEYS[2], 'draft_seq')
return 1
