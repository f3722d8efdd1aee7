/// When bodies are compressed for clients that offer to read them so.
package enum CompressionPolicy: String, Sendable, CaseIterable {
    /// While it pays (``CompressionPace``).
    case adaptive
    case always
    case never
}
