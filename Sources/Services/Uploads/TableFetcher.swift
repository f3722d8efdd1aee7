import CCurl
import Executors
import TableInput

/// Reads tables from addresses that clients name, and cannot be turned against the server's own network.
///
/// Every connection goes to the address that was judged in the moment of connecting, so a name that answers differently a second time gains
/// nothing. Each redirect is judged anew. No proxy, cookie, credential or other scheme than http and https is used.
final class TableFetcher: Sendable {
    private let policy: AddressPolicy
    private let time: Duration
    private let stall: Duration
    private let agent: String
    private let threads = ThreadPool(threads: 4, name: "upload-fetch")

    private static let redirects = 5

    init(policy: AddressPolicy, time: Duration, stall: Duration, agent: String) {
        self.policy = policy
        self.time = time
        self.stall = stall
        self.agent = agent
        Self.prepare
    }

    private static let prepare: Void = { curl_global_init(Int(CURL_GLOBAL_DEFAULT)) }()

    /// Sends what lies at the address through the intake, and ends it, well or not.
    func fetch(_ address: String, into intake: UploadIntake) async {
        await threads.run { [self] in
            // Its request may have gone while it waited for a thread.
            guard !intake.isClosed else { return }
            do {
                try get(address, intake)
                intake.end()
            } catch {
                intake.end(failing: error)
            }
        }
    }

    private func get(_ start: String, _ intake: UploadIntake) throws(InputError) {
        guard let curl = curl_easy_init() else { throw UploadError.notFetched("there is no memory for it") }
        defer { curl_easy_cleanup(curl) }
        var address = start
        let deadline = ContinuousClock.now + time
        for _ in 0...Self.redirects {
            let host = try Self.host(of: address)
            let transfer = Transfer(curl: curl, intake: intake, isOpen: policy.isOpen(host), pace: Pace(grace: stall))
            let left = max(1, (deadline - ContinuousClock.now) / .seconds(1))
            let code = perform(curl, address, transfer, seconds: Int(left))
            let status = almagest_curl_status(curl)
            if transfer.isRefused { throw UploadError.forbiddenAddress(host) }
            if transfer.isUnwanted { return }
            if transfer.isTooSlow { throw UploadError.stalled }
            guard code == CURLE_OK else { throw UploadError.notFetched(String(cString: curl_easy_strerror(code)).lowercased()) }
            if status == 200 { return }
            guard (300..<400).contains(status), let next = almagest_curl_redirect(curl) else { throw UploadError.answered(status) }
            address = String(cString: next)
        }
        throw UploadError.tooManyRedirects(limit: Self.redirects)
    }

    private func perform(_ curl: UnsafeMutableRawPointer, _ address: String, _ transfer: Transfer, seconds: Int) -> CURLcode {
        withExtendedLifetime(transfer) {
            var hooks = almagest_curl_hooks(
                write: { bytes, size, count, user in Transfer.of(user)?.take(bytes, size * count) ?? 0 },
                allow: { address, count, user in
                    guard let address, let transfer = Transfer.of(user) else { return 0 }
                    return transfer.allows(Array(UnsafeBufferPointer(start: address, count: Int(count)))) ? 1 : 0
                },
                user: Unmanaged.passUnretained(transfer).toOpaque(), refused: 0)
            var message = [CChar](repeating: 0, count: Int(CURL_ERROR_SIZE))
            return almagest_curl_get(curl, address, agent, &hooks, min(seconds, 15), seconds, max(1, Int(stall / .seconds(1))), &message)
        }
    }

    /// The host as libcurl itself reads it: two readers of one address could differ.
    static func host(of address: String) throws(InputError) -> String {
        guard address.utf8.count <= 4000, address.unicodeScalars.allSatisfy({ $0.value > 0x20 && $0.value != 0x7F }), let url = curl_url()
        else { throw UploadError.badAddress(address) }
        defer { curl_url_cleanup(url) }
        guard curl_url_set(url, CURLUPART_URL, address, 0) == CURLUE_OK, let scheme = part(CURLUPART_SCHEME, of: url)?.lowercased(),
            ["http", "https"].contains(scheme), part(CURLUPART_USER, of: url) == nil, part(CURLUPART_PASSWORD, of: url) == nil,
            let host = part(CURLUPART_HOST, of: url), !host.isEmpty
        else { throw UploadError.badAddress(address) }
        return host.lowercased()
    }

    private static func part(_ which: CURLUPart, of url: OpaquePointer) -> String? {
        var text: UnsafeMutablePointer<CChar>?
        guard curl_url_get(url, which, &text, 0) == CURLUE_OK, let text else { return nil }
        defer { curl_free(text) }
        return String(cString: text)
    }
}

/// One request while libcurl works on it, on one thread.
private final class Transfer {
    private let curl: UnsafeMutableRawPointer
    private let intake: UploadIntake
    private let isOpen: Bool
    private let pace: Pace
    private let start = ContinuousClock.now
    private var received = 0
    /// Time that was spent waiting for the database, not for the other server.
    private var held = Duration.zero
    /// The address lies where nobody may look.
    private(set) var isRefused = false
    /// The table was refused while it came.
    private(set) var isUnwanted = false
    /// The other server sends too slowly.
    private(set) var isTooSlow = false

    init(curl: UnsafeMutableRawPointer, intake: UploadIntake, isOpen: Bool, pace: Pace) {
        self.curl = curl
        self.intake = intake
        self.isOpen = isOpen
        self.pace = pace
    }

    static func of(_ user: UnsafeMutableRawPointer?) -> Transfer? {
        user.map { Unmanaged<Transfer>.fromOpaque($0).takeUnretainedValue() }
    }

    func allows(_ address: [UInt8]) -> Bool {
        let isAllowed = isOpen || AddressPolicy.allows(address)
        if !isAllowed { isRefused = true }
        return isAllowed
    }

    func take(_ bytes: UnsafeMutablePointer<CChar>?, _ count: Int) -> Int {
        let now = ContinuousClock.now
        received += count
        isTooSlow = pace.isTooSlow(bytes: received, waited: now - start - held)
        guard !isTooSlow else { return 0 }
        defer { held += ContinuousClock.now - now }
        // The page behind a redirect or an error is no table.
        guard almagest_curl_status(curl) == 200 else { return count }
        guard intake.writeBlocking(UnsafeRawBufferPointer(start: bytes, count: count)) else {
            isUnwanted = true
            return 0
        }
        return count
    }
}
