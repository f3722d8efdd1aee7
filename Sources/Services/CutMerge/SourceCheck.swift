import Files
import Foundation
import Synchronization

/// Whether a data file is the one on record still, although somebody has touched it since.
///
/// Data files don't change, so their content is not looked at as long as the system says that nobody has. Where it says otherwise the checksum decides,
/// once in the life of the process for each state of a file.
enum SourceCheck {
    /// What is wrong with the file, for the manifest; nil when it is the one on record, or not to be had at all.
    static func fault(of source: CutRequest.SourceFile) -> String? {
        guard let recorded = source.recorded, let file = try? OpenFile(path: source.path, name: source.name),
            file.state.touched >= Date(timeIntervalSince1970: Double(recorded))
        else { return nil }
        let known = checksums.withLock { $0[file.state] }
        guard let checksum = known ?? file.checksum() else { return nil }
        checksums.withLock { $0[file.state] = checksum }
        return checksum == source.checksum
            ? nil : "file \"\(source.name)\" has been replaced or changed: its checksum is not the one on record"
    }

    private static let checksums = Mutex<[FileState: String]>([:])
}
