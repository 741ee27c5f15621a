--[[
  Reads the touch log of one person, if it may be trusted.

  Guarantee: the log and the word that the partition is whole are of the same moment, also while the
  slot moves to another node of a cluster. (Two commands in a pipeline are not: between them the data
  may be lost or moved, and a lost log reads like that of a person who was never written to.)

  KEYS[1]  touch     hash: user id -> packed touch log
  KEYS[2]  position  hash; its field "epoch" is there while the partition is whole
  ARGV[1]  user id

  Answers  nil when the partition is not whole: nothing may be granted.
           The packed log otherwise; empty when there is none.

  Cost     O(1), and the length of the log.
]]
if redis.call('HEXISTS', KEYS[2], 'epoch') == 0 then
  return nil
end
return redis.call('HGET', KEYS[1], ARGV[1]) or ''
