/// All that can be told about an object: two objects are the same when their descriptions are equal, whichever files they lie in.
package struct ObjectDescription: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        case group(members: [Member])
        case dataset(Content, Storage)
        case namedType(StoredType)
    }

    /// One link of a group.
    package struct Member: Hashable, Sendable {
        package let name: String
        package let target: Target
    }

    package indirect enum Target: Hashable, Sendable {
        case object(ObjectDescription)
        /// A soft link's path.
        case soft(String)
        /// An external link's file and path, or a user-defined link's value, as stored.
        case other(type: Int32, value: [UInt8])
    }

    /// Typed elements.
    package struct Content: Hashable, Sendable {
        package let type: StoredType
        /// Empty for a scalar; nil when there is no element.
        package let shape: [Int]?
        /// The largest shape; nil where a dimension may grow without end.
        package let limits: [Int?]
        /// The elements as stored (decompressed), strings and lists of varying length in place.
        package let bytes: [UInt8]
    }

    /// How a dataset's elements lie in the file.
    package struct Storage: Hashable, Sendable {
        package let layout: Layout
        package let filters: [Filter]
        /// Nil when none was set.
        package let fill: [UInt8]?

        package enum Layout: Hashable, Sendable {
            case compact, contiguous, virtual
            case chunked([Int])
        }
    }

    package struct Filter: Hashable, Sendable {
        package let id: Int32
        package let flags: UInt32
        package let parameters: [UInt32]
    }

    package struct Attribute: Hashable, Sendable {
        package let name: String
        package let content: Content
    }

    package let kind: Kind
    package let attributes: [Attribute]
}
