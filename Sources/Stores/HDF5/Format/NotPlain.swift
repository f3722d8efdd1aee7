/// Why bytes of an HDF5 file can't be read or copied without libhdf5, which is to be asked then.
///
/// The object may be fine and of a rarer kind than this code knows; or the bytes are damaged, and libhdf5 has the words for that.
struct NotPlain: Error, Hashable {
    let reason: Reason

    init(_ reason: Reason) { self.reason = reason }

    enum Reason: Hashable {
        case beyondTheEnd, damaged, unknownVersion, unknownMessage
        case severalNames, sharedMessage, softLinkOnTheWay, externalLink
        case reference, listsInLists, listsToFill, chunked, virtual, externalData, filteredHeap, hugeAttribute
        case tooDeep, tooLarge, noMemory
    }
}
