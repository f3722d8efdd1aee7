import Redis

/// What Redis does with selections, each as one atomic step in one round trip.
///
/// A client is a hash `client:<uuid>` (query, tables, time, and `open`: its open selection). A selection is a hash
/// `selection:<uuid>` of facts and a hash `selection:<uuid>:rows` from the row's 16 bytes to 12 more: its place in the order (4) and
/// its size (8), big-endian. One whose rows never change has them in one string `selection:<uuid>:packed`, 24 bytes each, since Redis is
/// busy with a hash of 100,000 rows for longer than others should wait. Times are milliseconds of Redis's own clock, which all server
/// processes share.
/// Keys are made inside the scripts: for one Redis (5 or later), not for a Redis Cluster.
enum SelectionScripts {
    /// Names used by all.
    private static let prelude = """
        local prefix = ARGV[1]
        local clock = redis.call('TIME')
        local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
        local function key(id) return prefix .. 'selection:' .. id end
        local function rowsKey(id) return key(id) .. ':rows' end
        local function packedKey(id) return key(id) .. ':packed' end
        local function clientKey(id) return prefix .. 'client:' .. id end
        local function keep(id, lifetime)
            redis.call('PEXPIRE', key(id), lifetime)
            redis.call('PEXPIRE', rowsKey(id), lifetime)
            redis.call('PEXPIRE', packedKey(id), lifetime)
        end
        local function summary(id)
            local facts = redis.call('HMGET', key(id), 'rows', 'bytes', 'state', 'created', 'touched', 'client', 'product', 'job')
            if not facts[1] then return false end
            return {id, tonumber(facts[1]), tonumber(facts[2]), facts[3], tonumber(facts[4]), tonumber(facts[5]),
                    redis.call('PTTL', key(id)), now, facts[6], facts[7], facts[8]}
        end
        local function create(id, client, state)
            redis.call('HSET', key(id), 'client', client, 'state', state, 'rows', 0, 'bytes', 0, 'next', 0, 'created', now, 'touched', now)
        end
        local function add(id, rows, limit)
            local facts = redis.call('HMGET', key(id), 'rows', 'bytes', 'next')
            local count, bytes, place = tonumber(facts[1]), tonumber(facts[2]), tonumber(facts[3])
            local full = false
            for at = 1, #rows, 24 do
                local row, size = string.sub(rows, at, at + 15), string.sub(rows, at + 16, at + 23)
                if redis.call('HEXISTS', rowsKey(id), row) == 0 then
                    if count >= limit then full = true break end
                    redis.call('HSET', rowsKey(id), row, struct.pack('>I4', place) .. size)
                    place, count, bytes = place + 1, count + 1, bytes + struct.unpack('>I8', size)
                end
            end
            if place > tonumber(facts[3]) then redis.call('HDEL', key(id), 'product') end
            redis.call('HSET', key(id), 'rows', count, 'bytes', bytes, 'next', place, 'touched', now)
            return full
        end

        """

    /// prefix, client, fresh id, wanted id or nothing, idle ms, lifetime ms, row limit, rows (24 bytes each: identifier, size).
    ///
    /// The client's open selection takes the rows. A wanted id begins a selection of that name, unless it exists already. What is idle
    /// for too long is closed, and the fresh id begins. Behind the summary stands the product of a single row alone, where one was made.
    static let activate = RedisScript(
        prelude + """
            local client, fresh, wanted = ARGV[2], ARGV[3], ARGV[4]
            local idle, lifetime, limit, rows = tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7]), ARGV[8]
            local function usable(id)
                local facts = redis.call('HMGET', key(id), 'client', 'state', 'touched')
                return facts[1] == client and facts[2] == 'open' and now - tonumber(facts[3]) < idle
            end
            local current = redis.call('HGET', clientKey(client), 'open')
            local id = current
            if wanted ~= '' and wanted ~= current and redis.call('EXISTS', key(wanted)) == 0 then
                id = wanted
                create(id, client, 'open')
            elseif not current or not usable(current) then
                id = fresh
                create(id, client, 'open')
            end
            if current and current ~= id and redis.call('EXISTS', key(current)) == 1 then
                redis.call('HSET', key(current), 'state', 'closed')
            end
            local full = add(id, rows, limit)
            keep(id, lifetime)
            redis.call('HSET', clientKey(client), 'open', id)
            redis.call('PEXPIRE', clientKey(client), lifetime)
            if full then return 'full' end
            local facts = summary(id)
            facts[12] = #rows == 24 and redis.call('GET', prefix .. 'made:' .. client .. ':' .. string.sub(rows, 1, 16))
            return facts
            """)

    /// prefix, client or nothing, id, lifetime ms, row limit, rows, their bytes: a selection that never changes.
    static let fix = RedisScript(
        prelude + """
            local client, id, lifetime, limit, rows = ARGV[2], ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5]), ARGV[6]
            if #rows / 24 > limit then return 'full' end
            if redis.call('EXISTS', key(id), packedKey(id)) < 2 then
                create(id, client, 'closed')
                redis.call('HSET', key(id), 'rows', #rows / 24, 'bytes', ARGV[7])
                redis.call('SET', packedKey(id), rows)
            end
            keep(id, lifetime)
            return summary(id)
            """)

    /// prefix, id, lifetime ms or nothing: the summary, the rows, and the client's query; with a lifetime the selection is closed first.
    static let read = RedisScript(
        prelude + """
            local id = ARGV[2]
            local client = redis.call('HGET', key(id), 'client')
            if not client then return false end
            if ARGV[3] ~= '' then
                redis.call('HSET', key(id), 'state', 'closed')
                keep(id, ARGV[3])
                if redis.call('HGET', clientKey(client), 'open') == id then redis.call('HDEL', clientKey(client), 'open') end
            end
            local facts = summary(id)
            if not facts then return false end
            return {facts, redis.call('GET', packedKey(id)) or redis.call('HGETALL', rowsKey(id)), redis.call('HGET', clientKey(client), 'query')}
            """)

    /// prefix, id, idle ms, lifetime ms, row limit, rows (24 bytes each).
    static let add = RedisScript(
        prelude + """
            local id = ARGV[2]
            local facts = redis.call('HMGET', key(id), 'state', 'touched')
            if not facts[1] then return false end
            if facts[1] ~= 'open' or now - tonumber(facts[2]) >= tonumber(ARGV[3]) then return 'closed' end
            local full = add(id, ARGV[6], tonumber(ARGV[5]))
            keep(id, ARGV[4])
            if full then return 'full' end
            return summary(id)
            """)

    /// prefix, id, idle ms, lifetime ms, rows (16 bytes each).
    static let remove = RedisScript(
        prelude + """
            local id, rows = ARGV[2], ARGV[5]
            local facts = redis.call('HMGET', key(id), 'state', 'touched')
            if not facts[1] then return false end
            if facts[1] ~= 'open' or now - tonumber(facts[2]) >= tonumber(ARGV[3]) then return 'closed' end
            for at = 1, #rows, 16 do
                local row = string.sub(rows, at, at + 15)
                local value = redis.call('HGET', rowsKey(id), row)
                if value then
                    redis.call('HDEL', rowsKey(id), row)
                    redis.call('HINCRBY', key(id), 'rows', -1)
                    redis.call('HINCRBY', key(id), 'bytes', -struct.unpack('>I8', string.sub(value, 5)))
                    redis.call('HDEL', key(id), 'product')
                end
            end
            redis.call('HSET', key(id), 'touched', now)
            keep(id, ARGV[4])
            return summary(id)
            """)

    /// prefix, id, `product` or `job`, value: what is made of the rows as they are.
    static let note = RedisScript(
        prelude + """
            if redis.call('EXISTS', key(ARGV[2])) == 0 then return false end
            redis.call('HSET', key(ARGV[2]), ARGV[3], ARGV[4])
            return true
            """)
}
