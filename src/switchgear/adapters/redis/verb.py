"""The verbs of rates and places, each one script that runs as a whole on the server.

Time is the server's: the clocks of nodes differ, and what one took another must see as taken. All
figures are whole; a Lua number holds them exactly up to 150 million tokens a minute, and to sixteen
digits beyond.

Keys: for each take one that holds the tokens it took, for each thing a hash of its two buckets
(``r`` and ``t`` parts left, ``s`` and ``u`` since when) and a sorted set of the takes that have its
places, by when they are free again if nobody keeps them up.
"""

from switchgear.adapters.redis.connection import Script

_NOW = """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
"""

_BUCKET = """
local PARTS = 60000000
local function whole(number) return string.format('%.0f', number) end
local function level(parts, at, limit)
  if not parts then return limit * PARTS end
  local passed = math.max(0, now - tonumber(at))
  return math.min(tonumber(parts) + passed * limit, limit * PARTS)
end
local function since(at)
  local ahead = at and tonumber(at) - now or 0
  if ahead > 0 and ahead <= PARTS then return at end
  return whole(now)
end
local function keep(key, parts, at, left, limit)
  redis.call('HSET', KEYS[key], parts[1], whole(left), parts[2], since(at))
  local full = limit > 0 and (limit * PARTS - left) / limit / 1000 or 0
  full = math.ceil(math.min(full, 86400000)) + 1000
  if full > redis.call('PTTL', KEYS[key]) then redis.call('PEXPIRE', KEYS[key], full) end
end
"""

TAKE = Script(
    _NOW
    + _BUCKET
    + """
local take, tokens, lease = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local many = (#KEYS - 1) / 2
local again = redis.call('EXISTS', KEYS[1]) == 1
local found, worst, longest = {}, nil, 0
for each = 1, many do
  local rate = {tonumber(ARGV[each * 3 + 1]), tonumber(ARGV[each * 3 + 2])}
  local most = tonumber(ARGV[each * 3 + 3])
  local had = redis.call('HMGET', KEYS[each * 2], 'r', 's', 't', 'u')
  local one = {rate = rate, most = most, at = {had[2], had[4]}, left = {}}
  for what, amount in ipairs({1, tokens}) do
    local limit = rate[what]
    if limit >= 0 then
      one.left[what] = level(had[what * 2 - 1], had[what * 2], limit)
      local missing = amount * PARTS - one.left[what]
      if missing > 0 and amount > 0 and not again then
        if amount > limit then return {0, each, what, -1} end
        local wait = math.ceil(missing / limit)
        if wait > longest then worst, longest = {0, each, what, wait}, wait end
      end
    end
  end
  if most >= 0 and not again and not worst then
    redis.call('ZREMRANGEBYSCORE', KEYS[each * 2 + 1], '-inf', now)
    if redis.call('ZCARD', KEYS[each * 2 + 1]) >= most then
      worst = {0, each, 3, most > 0 and 0 or -1}
    end
  end
  found[each] = one
end
if worst then return worst end
local told = {1, -1, 0, 0, -1, 0, 0}
for each, one in ipairs(found) do
  for what, amount in ipairs({1, tokens}) do
    local limit = one.rate[what]
    if limit >= 0 then
      local left = one.left[what]
      if not again then
        left = left - amount * PARTS
        local parts = what == 1 and {'r', 's'} or {'t', 'u'}
        keep(each * 2, parts, one.at[what], left, limit)
      end
      local at, whole_left = what * 3 - 1, math.max(0, math.floor(left / PARTS))
      if told[at] < 0 or whole_left < told[at + 1] then
        told[at], told[at + 1] = limit, whole_left
        told[at + 2] = limit > 0 and math.ceil((limit * PARTS - left) / limit) or 0
      end
    end
  end
  if one.most >= 0 and not again then
    redis.call('ZADD', KEYS[each * 2 + 1], now + lease * 1000, take)
    redis.call('PEXPIRE', KEYS[each * 2 + 1], lease)
  end
end
if not again then redis.call('SET', KEYS[1], whole(tokens), 'PX', lease) end
return told
"""
)
"""Keys: the take's; then each thing's hash and places. Arguments: the take, tokens, the lease in
milliseconds; then each thing's limits of requests, tokens and places, -1 for none. Returns 1 and
the tightest limit, what is left of it and the microseconds until it is full, of requests and of
tokens; or 0, the number of the thing, what it lacks and the wait, -1 for ever, 0 for unknown."""

SETTLE = Script(
    _NOW
    + _BUCKET
    + """
local key, argument = 1, 1
while key <= #KEYS do
  local take, used = ARGV[argument], tonumber(ARGV[argument + 1])
  local many = tonumber(ARGV[argument + 2])
  local taken = redis.call('GET', KEYS[key])
  redis.call('DEL', KEYS[key])
  local change = taken and used >= 0 and used - tonumber(taken) or 0
  for each = 1, many do
    local limit, hash = tonumber(ARGV[argument + 2 + each]), key + each * 2 - 1
    if limit >= 0 and change ~= 0 then
      local had = redis.call('HMGET', KEYS[hash], 't', 'u')
      local left = math.min(level(had[1], had[2], limit) - change * PARTS, limit * PARTS)
      keep(hash, {'t', 'u'}, had[2], left, limit)
    end
    redis.call('ZREM', KEYS[hash + 1], take)
  end
  key, argument = key + 1 + many * 2, argument + 3 + many
end
return 1
"""
)
"""Settles many. Keys: as for a take, one behind another. Arguments: for each the take, what was
used or -1 for what was taken, the number of its things, and their limits of tokens. What is settled
a second time, or was never taken, changes nothing."""

KEEP_UP = Script(
    _NOW
    + """
local lease = tonumber(ARGV[1])
local key, argument = 1, 2
while key <= #KEYS do
  local take, many = ARGV[argument], tonumber(ARGV[argument + 1])
  if redis.call('PEXPIRE', KEYS[key], lease) == 1 then
    for each = 1, many do
      redis.call('ZADD', KEYS[key + each], 'XX', now + lease * 1000, take)
      redis.call('PEXPIRE', KEYS[key + each], lease)
    end
  end
  key, argument = key + 1 + many, argument + 2
end
return 1
"""
)
"""Keys: for each take its own, and the places of its things. Arguments: the lease in milliseconds,
then each take and the number of its things. What is settled already stays so."""

BEAT = Script(
    _NOW
    + """
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
redis.call('ZADD', KEYS[1], now + tonumber(ARGV[2]) * 1000, ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return redis.call('ZCARD', KEYS[1])
"""
)
"""Says that a node is there, for so many milliseconds, and returns how many are."""
