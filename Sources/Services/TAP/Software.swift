/// How the software names itself to clients.
package enum Software {
    package static let name = "Almagest"
    package static let version = "0.1.0"
    /// As HTTP's Server header has it (RFC 9110 §10.2.4).
    package static let nameAndVersion = "\(name)/\(version)"
}
