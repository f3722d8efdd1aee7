/// Why a file can't be handed out; made by the functions below, so that all wording is on this page.
package struct FileError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Code: Sendable {
        /// It is not there, or can't be read.
        case unreadable
        /// It is not the file that the archive took in.
        case changed
        /// Whether it is that file is being found out.
        case underVerification
    }

    package let code: Code
    /// A fact in lower case; the file by its name, never by its path.
    package let message: String
    /// What the system said, with paths: for the log, not for strangers.
    package let detail: String?

    /// Safe for strangers.
    package var description: String { message }
}

extension FileError {
    private static let hint = "the archive's operator must look after it"

    static func unreadable(_ name: String, _ detail: String) -> Self {
        Self(code: .unreadable, message: "the file \(name) can't be read at the moment; \(hint)", detail: detail)
    }

    static func otherSize(_ name: String, bytes: Int, expected: Int) -> Self {
        Self(
            code: .changed,
            message: "the file \(name) has \(bytes) bytes on the archive's disk, and \(expected) by the archive's records; \(hint)",
            detail: nil)
    }

    static func otherContent(_ name: String) -> Self {
        Self(
            code: .changed, message: "the file \(name) on the archive's disk does not have the checksum that the archive recorded; \(hint)",
            detail: nil)
    }

    static func changedMeanwhile(_ name: String) -> Self {
        Self(code: .changed, message: "the file \(name) was changed while it was read; \(hint)", detail: nil)
    }

    static func underVerification(_ name: String) -> Self {
        Self(
            code: .underVerification,
            message: "the file \(name) was touched since the archive took it in, and its checksum is being verified; ask again in a minute",
            detail: nil)
    }
}
