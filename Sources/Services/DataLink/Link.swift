/// One row of a link table (DataLink 1.1 §3.2).
package struct Link: Hashable, Sendable {
    /// Exactly one of three columns is filled.
    package enum Target: Hashable, Sendable {
        /// access_url
        case url(String)
        /// service_def: XML ID of a service descriptor in the same document.
        case service(String)
        /// error_message: a fault's name and text.
        case fault(String)
    }

    /// As the client sent it.
    package var id: String
    package var target: Target
    package var description: String?
    /// `#this` and the like: a term of the core vocabulary.
    package var semantics: String
    /// Media type.
    package var contentType: String?
    /// Bytes, where known exactly.
    package var contentLength: Int?
    /// A term of the vocabulary of product types.
    package var contentQualifier: String?
    /// The archive's own word for this kind of link, the same for all rows; `selection`, `row`, `progenitor` and the like.
    package var localSemantics: String?
}
