--[[
Gives up a lease.

Guarantee: another owner's stays.

KEYS[1] lease, a string
ARGV[1] owner

Answers 1 when it was given up, 0 when it was not held.

Cost: O(1).
]]
if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return 0
end
return redis.call('DEL', KEYS[1])
