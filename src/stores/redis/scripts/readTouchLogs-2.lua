--[[
  Reads the touch logs of people of one partition, if they may be trusted.

  Guarantee: the logs and the word that the partition is whole are of the same moment, also while the
  slot moves to another node of a cluster. (Two commands in a pipeline are not: between them the data
  may be lost or moved, and a lost log reads like that of a person who was never written to.)

  KEYS[1]  touch     hash: user id -> packed touch log
  KEYS[2]  position  hash; its field "epoch" is there while the partition is whole
  ARGV     user ids, at most 1,000 (Lua's room for arguments ends not far above)

  Answers  nil when the partition is not whole: nothing may be granted.
           Otherwise a list: the packed log of each in order, nil where there is none.

  Cost     O(n) in the number of people, and the length of their logs.
]]
if redis.call('HEXISTS', KEYS[2], 'epoch') == 0 then
  return nil
end
return redis.call('HMGET', KEYS[1], unpack(ARGV))
