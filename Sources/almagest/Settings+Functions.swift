import Foundation
import Names

extension Settings {
    /// All functions that queries may call: those that are compiled in, and those of the archive's own.
    ///
    /// - Throws: ``Complaint`` that says what is wrong with the file of the archive's own.
    func functionList() throws -> FunctionList {
        let builtIn = try FunctionList.builtIn()
        guard let path = functions else { return builtIn }
        let text: String
        do {
            text = try String(contentsOfFile: path, encoding: .utf8)
        } catch {
            throw Complaint.functionFile(path, "the file can't be read: \(error.localizedDescription)")
        }
        do {
            return try builtIn.adding(yaml: text)
        } catch {
            throw Complaint.functionFile(path, error.message)
        }
    }
}
