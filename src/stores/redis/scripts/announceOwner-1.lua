--[[
Says that an owner is alive, and counts the living.

Guarantee: none. The count is a hint for fair shares.

KEYS[1] owners, a sorted set: owner by the time until which it counts. It ends with the last of them.
ARGV[1] owner
ARGV[2] for how many milliseconds. Counted by this server's clock and not passed in: one clock for
        owners whose own may differ.

Answers how many owners are alive, this one included.

Cost: O(log n) of n owners.
]]
local time = redis.call('TIME')
local nowMs = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZADD', KEYS[1], nowMs + ARGV[2], ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', nowMs)
local last = redis.call('ZREVRANGE', KEYS[1], 0, 0, 'WITHSCORES')
redis.call('PEXPIREAT', KEYS[1], last[2])
return redis.call('ZCARD', KEYS[1])
