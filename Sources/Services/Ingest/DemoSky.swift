import Foundation
import HDF5

/// A simulated sky, written as data files of the same two kinds that the Gaia collection has.
///
/// Files, names, fields, types and attributes are as in the real ones (`CompleteSource_<run>_0003.h5`, `AstroElementary_<run>_0006.h5`); the
/// attribute `credit` says that the values are simulated. The stars follow from the seed alone: the same seed makes the same bytes, on
/// every machine with the same release of libhdf5.
package struct DemoSky: Sendable {
    package let seed: UInt64
    /// Files of each kind.
    package let files: Int
    package let sourcesPerFile: Int

    /// The first files' numbers.
    private static let firstRun = 200_001
    private static let runsBetween = 4658

    package init(seed: UInt64 = 2016, files: Int = 20, sourcesPerFile: Int = 260) {
        self.seed = seed
        self.files = files
        self.sourcesPerFile = sourcesPerFile
    }

    package struct Progress: Hashable, Sendable {
        package let filesDone: Int
        package let filesTotal: Int
    }

    /// Writes all files into `folder`, which is made when missing, and returns their paths. Blocks for some seconds.
    ///
    /// A file gets its name only when it is whole; one that is there already is replaced. Throws ``HDF5Error`` when a file can't be written, and
    /// CancellationError when `isCancelled`, asked before each file, says so; the files written until then stay.
    package func write(
        into folder: String, report: (Progress) -> Void = { _ in }, isCancelled: () -> Bool = { false }
    ) throws -> [String] {
        // What is wrong with the folder, the first file says.
        try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let sources = sources()
        let scan = DemoSkyScan()
        var paths: [String] = []
        var transits = 0
        for file in 0..<files {
            guard !isCancelled() else { throw CancellationError() }
            let part = Array(sources[(file * sourcesPerFile)..<((file + 1) * sourcesPerFile)])
            let run = Self.firstRun + file
            paths.append("\(folder)/CompleteSource_\(run)_0003.h5")
            try DemoSkyFile.writeSources(part, firstNumber: Self.firstKey + file * sourcesPerFile, run: run, to: paths[paths.count - 1])
            report(Progress(filesDone: paths.count, filesTotal: 2 * files))
            guard !isCancelled() else { throw CancellationError() }
            paths.append("\(folder)/AstroElementary_\(run + Self.runsBetween)_0006.h5")
            transits += try DemoSkyFile.writeTransits(
                of: part, firstNumber: transits, run: run + Self.runsBetween, scan: scan, chance: DemoSkyGenerator(seed: seed).split(3),
                to: paths[paths.count - 1])
            report(Progress(filesDone: paths.count, filesTotal: 2 * files))
        }
        return paths
    }

    private static let firstKey = 5369

    /// In order of their identifiers, which is an order over the sky, as an archive holds them.
    private func sources() -> [DemoSkySource] {
        let chance = DemoSkyGenerator(seed: seed).split(2)
        return DemoSkyStars(seed: seed).make(files * sourcesPerFile).enumerated()
            .map { DemoSkySource($1, number: $0, chance.split(UInt64($0))) }
            .sorted { $0.sourceID < $1.sourceID }
    }
}
