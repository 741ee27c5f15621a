--[[
Takes or renews the lease of a partition.

Guarantee: unless it is seized, a lease that another owner holds stays as it is. The answer is where
the partition stands at the moment of taking it.

KEYS[1] lease, a string
KEYS[2] position, a hash
ARGV[1] owner
ARGV[2] time to live in milliseconds, counted by this server: owners' clocks need not agree
ARGV[3] 'seize' takes it from whoever holds it, 'ask' does not

Answers { seq, profile_seq, ledger_seq, epoch, learned_seq }, nil for what is absent; nil instead of all when
another owner holds the lease.

Cost: O(1).
]]
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] and ARGV[3] ~= 'seize' then
  return false
end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return redis.call('HMGET', KEYS[2], 'seq', 'profile_seq', 'ledger_seq', 'epoch', 'learned_seq')
