--[[
Appends packed behaviours to users' histories and moves the position: one step of the projection.

Guarantee: all of it or nothing. Nothing unless the lease is the owner's and the position is the
expected one, so that a step sent twice, or by two owners, is applied once. The position, and with it
the step, falls back where a failover loses the step.

KEYS[1] lease, a string
KEYS[2] position, a hash
KEYS[3] history or its draft, a hash
ARGV[1] owner
ARGV[2] the position's field: 'seq' (absent reads as 0), or 'draft_seq' (absent: there is no draft)
ARGV[3] the position expected
ARGV[4] the position afterwards
ARGV[5], ARGV[6], … user id and history to append, one chunk each, in turn; at most 200 users

Answers 1 when applied, 0 when lost.

Cost: O(n) of n users, and the bytes of their histories, which are read and written whole.
]]

-- `joinHistories` of src/projection/packedHistory.ts for two histories of one chunk: a byte that says so,
-- the last and the first second in four bytes each, the head of the first behaviour. Behind that head
-- comes its distance from the last behaviour before it: zigzag, seven bits a byte, low ones first.
local CHUNK = 0x1f
local function joined(history, addition)
  if string.byte(history) ~= CHUNK or string.byte(addition) ~= CHUNK then
    -- Of a later format: laid end to end they are a history too.
    return history .. addition
  end
  local distance = struct.unpack('>I4', addition, 6) - struct.unpack('>I4', history, 2)
  local rest = distance < 0 and -2 * distance - 1 or 2 * distance
  local varint = ''
  while rest >= 128 do
    varint = varint .. string.char(rest % 128 + 128)
    rest = math.floor(rest / 128)
  end
  return string.sub(addition, 1, 5) .. string.sub(history, 6) .. string.sub(addition, 10, 10)
    .. varint .. string.char(rest) .. string.sub(addition, 11)
end

if redis.call('GET', KEYS[1]) ~= ARGV[1] then
  return 0
end
local stands = redis.call('HGET', KEYS[2], ARGV[2])
if not stands and ARGV[2] == 'seq' then
  stands = '0'
end
if stands ~= ARGV[3] then
  return 0
end
for i = 5, #ARGV, 2 do
  local history = redis.call('HGET', KEYS[3], ARGV[i])
  redis.call('HSET', KEYS[3], ARGV[i], history and joined(history, ARGV[i + 1]) or ARGV[i + 1])
end
redis.call('HSET', KEYS[2], ARGV[2], ARGV[4])
return 1
