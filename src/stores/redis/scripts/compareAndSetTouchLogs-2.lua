--[[
  Replaces touch logs of people of one partition, each only where it is still as it was read.

  Guarantee: a log is replaced when it is exactly the bytes that the caller decided upon, so nothing
  was decided on a log that has changed since. The log itself is compared, not a number beside it:
  wherever it is the same the decision is the same, though the data was lost, fell back to an earlier
  moment and was rebuilt in between. Where the log is already what the caller wants (the answer to
  the same call was lost, or another made the very same change) it is set once more; the set reaches
  the replicas anew, so that a WAIT after it means what it says.

  KEYS[1]  touch     hash: user id -> packed touch log
  KEYS[2]  position  hash; its field "epoch" is there while the partition is whole
  ARGV[1]  "whole": only while the partition is whole. "any": also while it is being rebuilt.
  ARGV[2], ARGV[3], ARGV[4] and so on, three for each person:
           user id
           the log as it was read, empty where there was none
           the log to be, empty for none

  Answers  nil when the partition is not whole but must be: nothing was changed.
           Otherwise a list, for each person in order: 1 where the log was replaced, 2 where it was so
           already, or else the present log (empty where there is none), from which the caller decides
           anew.

  Cost     O(n) in the number of people, and the length of their logs.
]]
if ARGV[1] == 'whole' and redis.call('HEXISTS', KEYS[2], 'epoch') == 0 then
  return nil
end
local answers = {}
for i = 2, #ARGV, 3 do
  local user, read, wanted = ARGV[i], ARGV[i + 1], ARGV[i + 2]
  local present = redis.call('HGET', KEYS[1], user) or ''
  if present ~= read and present ~= wanted then
    answers[#answers + 1] = present
  else
    if wanted == '' then
      redis.call('HDEL', KEYS[1], user)
    else
      redis.call('HSET', KEYS[1], user, wanted)
    end
    answers[#answers + 1] = present == read and 1 or 2
  end
end
return answers
