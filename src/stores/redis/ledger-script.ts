import { createHash } from 'node:crypto'

/**
 * The whole ledger in Redis, one step of it with each call. A bucket is a hash: `p` its present piece of time, `u` and `r`
 * what is used and reserved, `r:<holder>` who reserved it, `u:<piece>` the pieces of a rolling window, `t`, `a` and `f`
 * what was told and when. Numbers are whole. Time is the server's.
 *
 * KEYS: what the holder has under way, the holder's lease, and the buckets.
 * ARGV: holder, lease in ms, and any number of steps: what, number of the request, a flag, how many claims, and seven
 * words for each claim: the bucket's place among the keys, window, its ms, most, amount, and two that depend on the step.
 */
const LEDGER_SCRIPT = `
local holder, lease = ARGV[1], ARGV[2]
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local DAY = 86400000
local LENGTHS = {second = 1000, minute = 60000, hour = 3600000, day = DAY, week = 7 * DAY}

local function daysTo(year, month)
  if month <= 2 then year = year - 1 end
  local era = math.floor(year / 400)
  local ofEra = year - era * 400
  local ofYear = math.floor((153 * (month > 2 and month - 3 or month + 9) + 2) / 5)
  return era * 146097 + ofEra * 365 + math.floor(ofEra / 4) - math.floor(ofEra / 100) + ofYear - 719468
end

local function yearAndMonth()
  local days = math.floor(now / DAY) + 719468
  local era = math.floor(days / 146097)
  local ofEra = days - era * 146097
  local year = math.floor((ofEra - math.floor(ofEra / 1460) + math.floor(ofEra / 36524) - math.floor(ofEra / 146096)) / 365)
  local ofYear = ofEra - (365 * year + math.floor(year / 4) - math.floor(year / 100))
  local month = math.floor((5 * ofYear + 2) / 153)
  month = month < 10 and month + 3 or month - 9
  return year + era * 400 + (month <= 2 and 1 or 0), month
end

-- The present piece, the first that still counts, and the end of the window.
local function span(window, ms)
  if window == 'none' then return 0, 0, 0 end
  if window == 'rolling' then
    local length = math.max(math.ceil(ms / 20), 1)
    local piece = math.floor(now / length) * length
    return piece, math.floor((now - ms) / length) * length, piece + length
  end
  local length = LENGTHS[window]
  if length then
    local origin = window == 'week' and 4 * DAY or 0
    local start = origin + math.floor((now - origin) / length) * length
    return start, start, start + length
  end
  local year, month = yearAndMonth()
  if window == 'year' then
    local start = daysTo(year, 1) * DAY
    return start, start, daysTo(year + 1, 1) * DAY
  end
  local start = daysTo(year, month) * DAY
  local stop = month == 12 and daysTo(year + 1, 1) or daysTo(year, month + 1)
  return start, start, stop * DAY
end

local function pieces(key)
  local found = {}
  local all = redis.call('HGETALL', key)
  for i = 1, #all, 2 do
    if string.sub(all[i], 1, 2) == 'u:' then
      found[#found + 1] = {at = tonumber(string.sub(all[i], 3)), amount = tonumber(all[i + 1]), field = all[i]}
    end
  end
  table.sort(found, function(one, other) return one.at < other.at end)
  return found
end

local function keep(bucket)
  if bucket.window == 'none' then
    redis.call('PEXPIRE', bucket.key, DAY)
  elseif bucket.window == 'rolling' then
    redis.call('PEXPIRE', bucket.key, bucket.ms * 2 + 60000)
  else
    redis.call('PEXPIRE', bucket.key, math.max(bucket.stop - now, 0) + 60000)
  end
end

local opened = {}

-- The bucket in its present window: nothing of those before.
local function open(key, window, ms)
  if opened[key] then return opened[key] end
  local bucket = {key = key, window = window, ms = ms}
  opened[key] = bucket
  local piece, start, stop = span(bucket.window, bucket.ms)
  local kept = redis.call('HMGET', bucket.key, 'p', 'u', 'r', 't', 'a', 'f')
  bucket.piece = tonumber(kept[1] or '-1')
  bucket.used = tonumber(kept[2] or '0')
  bucket.reserved = tonumber(kept[3] or '0')
  bucket.told = tonumber(kept[4] or '0')
  bucket.toldAt = tonumber(kept[5] or '0')
  bucket.hasRefused = kept[6] == '1'
  bucket.start, bucket.stop = start, stop
  -- A clock that was put back does not bring an old window back.
  if piece <= bucket.piece then return bucket end
  if bucket.window == 'rolling' then
    for _, old in ipairs(pieces(bucket.key)) do
      if old.at < start then
        redis.call('HDEL', bucket.key, old.field)
        bucket.used = bucket.used - old.amount
      end
    end
    redis.call('HSET', bucket.key, 'u', bucket.used)
    if bucket.toldAt + bucket.ms < now then
      redis.call('HDEL', bucket.key, 't', 'a', 'f')
      bucket.told, bucket.hasRefused = 0, false
    end
  elseif bucket.window ~= 'none' then
    redis.call('DEL', bucket.key)
    bucket.used, bucket.reserved, bucket.told, bucket.hasRefused = 0, 0, 0, false
  end
  bucket.piece = piece
  redis.call('HSET', bucket.key, 'p', piece)
  keep(bucket)
  return bucket
end

-- What holders have reserved whose lease is over is free again.
local function sweep(bucket)
  local all = redis.call('HGETALL', bucket.key)
  for i = 1, #all, 2 do
    if string.sub(all[i], 1, 2) == 'r:' then
      local name = string.sub(all[i], 3)
      if name ~= holder and redis.call('EXISTS', LEASES .. name) == 0 then
        redis.call('HDEL', bucket.key, all[i])
        bucket.reserved = redis.call('HINCRBY', bucket.key, 'r', 0 - tonumber(all[i + 1]))
      end
    end
  end
end

local function resetMs(bucket, most, wanted)
  if bucket.window == 'none' then return 1000 end
  if bucket.window ~= 'rolling' then return math.max(bucket.stop - now, 1) end
  local missing = bucket.used + bucket.reserved + wanted - most
  if missing <= 0 then return 0 end
  local last = now
  local length = math.max(math.ceil(bucket.ms / 20), 1)
  for _, piece in ipairs(pieces(bucket.key)) do
    if missing <= 0 then break end
    missing = missing - piece.amount
    last = piece.at + length + bucket.ms
  end
  return math.max(last - now, missing > 0 and 1000 or 0)
end

local function fits(claim)
  return claim.bucket.used + claim.bucket.reserved + claim.amount <= claim.most
end

local function reserve(request, claims)
  local worst, worstMs = 0, -1
  for i, claim in ipairs(claims) do
    if claim.one == 'reject' and not fits(claim) then
      sweep(claim.bucket)
      if not fits(claim) then
        local ms = resetMs(claim.bucket, claim.most, claim.amount)
        if ms > worstMs then worst, worstMs = i, ms end
      end
    end
  end
  local told = 0
  if worst == 0 then
    local held = {}
    for i, claim in ipairs(claims) do
      local bucket = claim.bucket
      bucket.reserved = redis.call('HINCRBY', bucket.key, 'r', claim.text)
      redis.call('HINCRBY', bucket.key, 'r:' .. holder, claim.text)
      if bucket.window == 'none' then keep(bucket) end
      held[i] = claim.text .. ' ' .. string.format('%.0f', bucket.piece)
    end
    redis.call('HSET', KEYS[1], request, table.concat(held, ' '))
  elseif claims[worst].other == 'tell' and not claims[worst].bucket.hasRefused then
    claims[worst].bucket.hasRefused = true
    redis.call('HSET', claims[worst].bucket.key, 'f', '1', 'a', now)
    told = 1
  end
  local answer = {worst, told}
  for i, claim in ipairs(claims) do
    answer[#answer + 1] = claim.bucket.used
    answer[#answer + 1] = claim.bucket.reserved
    answer[#answer + 1] = i == worst and worstMs or resetMs(claim.bucket, claim.most, 1)
  end
  return answer
end

local function release(bucket, amount)
  local mine = tonumber(redis.call('HGET', bucket.key, 'r:' .. holder) or '0')
  local back = math.min(amount, mine)
  -- A minus before nothing is no number to the server.
  if back > 0 then bucket.reserved = redis.call('HINCRBY', bucket.key, 'r', 0 - back) end
  if back == mine then
    redis.call('HDEL', bucket.key, 'r:' .. holder)
  else
    redis.call('HINCRBY', bucket.key, 'r:' .. holder, 0 - back)
  end
end

local function settle(request, flag, claims)
  local words = {}
  local hold = redis.call('HGET', KEYS[1], request)
  if hold then
    redis.call('HDEL', KEYS[1], request)
    for word in string.gmatch(hold, '%S+') do words[#words + 1] = tonumber(word) end
  elseif flag == 'again' then
    return {}
  end
  local answer = {}
  for i, claim in ipairs(claims) do
    local bucket = claim.bucket
    local piece = words[i * 2] or tonumber(claim.other)
    if piece < 0 then piece = bucket.piece end
    local isPresent = bucket.window == 'rolling' or piece == bucket.piece
    if hold and isPresent then release(bucket, words[i * 2 - 1]) end
    if claim.amount > 0 and bucket.window ~= 'none' and isPresent and piece >= bucket.start then
      bucket.used = redis.call('HINCRBY', bucket.key, 'u', claim.text)
      if bucket.window == 'rolling' then
        redis.call('HINCRBY', bucket.key, 'u:' .. string.format('%.0f', piece), claim.text)
        keep(bucket)
      end
    end
    local crossed = '0'
    for share in string.gmatch(claim.one, '%S+') do
      if bucket.used >= tonumber(share) * claim.most and tonumber(share) > bucket.told then crossed = share end
    end
    if crossed ~= '0' then
      bucket.told = tonumber(crossed)
      redis.call('HSET', bucket.key, 't', crossed, 'a', now)
    end
    answer[#answer + 1] = bucket.used
    answer[#answer + 1] = bucket.reserved
    answer[#answer + 1] = resetMs(bucket, claim.most, 1)
    answer[#answer + 1] = crossed
  end
  return answer
end

local function look(claims)
  local answer = {}
  for _, claim in ipairs(claims) do
    if claim.bucket.reserved > 0 then sweep(claim.bucket) end
    answer[#answer + 1] = claim.bucket.used
    answer[#answer + 1] = claim.bucket.reserved
    answer[#answer + 1] = resetMs(claim.bucket, claim.most, 1)
  end
  return answer
end

-- A sign of life: the lease goes on, and the gateways that live are counted.
local function live(gateway)
  redis.call('PEXPIRE', KEYS[1], DAY)
  redis.call('ZADD', GATEWAYS, now, gateway)
  redis.call('ZREMRANGEBYSCORE', GATEWAYS, '-inf', now - lease)
  redis.call('PEXPIRE', GATEWAYS, DAY)
  return {redis.call('ZCARD', GATEWAYS)}
end

redis.call('SET', KEYS[2], '1', 'PX', lease)
local answers = {}
local at = 3
while at <= #ARGV do
  local step, request, flag, count = ARGV[at], ARGV[at + 1], ARGV[at + 2], tonumber(ARGV[at + 3])
  local claims = {}
  for i = 1, count do
    local from = at + 4 + (i - 1) * 7
    local bucket = open(KEYS[tonumber(ARGV[from])], ARGV[from + 1], tonumber(ARGV[from + 2]))
    claims[i] = {bucket = bucket, most = tonumber(ARGV[from + 3]), amount = tonumber(ARGV[from + 4]),
      text = ARGV[from + 4], one = ARGV[from + 5], other = ARGV[from + 6]}
  end
  at = at + 4 + count * 7
  if step == 'reserve' then
    answers[#answers + 1] = reserve(request, claims)
  elseif step == 'settle' then
    answers[#answers + 1] = settle(request, flag, claims)
  elseif step == 'look' then
    answers[#answers + 1] = look(claims)
  else
    answers[#answers + 1] = live(request)
  end
end
return answers
`

/** In front of every key: others may use the same server. One tag, so that a cluster keeps them in one place. */
export const LEDGER_PREFIX = 'mlflow-gateway:{limits}:'

/** The script as it is sent. */
export const LEDGER_TEXT: string = `local LEASES, GATEWAYS = '${LEDGER_PREFIX}lease:', '${LEDGER_PREFIX}gateways'\n${LEDGER_SCRIPT}`

/** By which the server knows it. */
export const LEDGER_DIGEST: string = createHash('sha1').update(LEDGER_TEXT).digest('hex')
