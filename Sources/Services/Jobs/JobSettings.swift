/// Limits of a service's jobs; times in seconds.
package struct JobSettings: Sendable {
    /// Where results lie; made when missing. All processes of an archive share it.
    package var folder: String
    /// Where the connection goes that hears of jobs.
    package var databaseURI: String
    /// Jobs that this process executes at the same time.
    package var workers: Int
    /// Of a job whose client sets none; what clients set is clipped to the longest.
    package var executionDuration: Int
    package var longestExecutionDuration: Int
    /// How long a job is kept from its creation.
    package var retention: Int
    package var longestRetention: Int
    /// The most that a request with WAIT waits.
    package var longestWait = 60
    /// Executions of one job that may be lost before it ends in ERROR.
    package var lossLimit = 3

    package init(
        folder: String, databaseURI: String, workers: Int, executionDuration: Int, longestExecutionDuration: Int, retention: Int,
        longestRetention: Int
    ) {
        self.folder = folder
        self.databaseURI = databaseURI
        self.workers = workers
        self.executionDuration = min(executionDuration, longestExecutionDuration)
        self.longestExecutionDuration = longestExecutionDuration
        self.retention = min(retention, longestRetention)
        self.longestRetention = longestRetention
    }

    /// 0 asks for no limit, and gets the longest.
    func clipped(duration: Int?) -> Int {
        guard let duration else { return executionDuration }
        return duration <= 0 ? longestExecutionDuration : min(duration, longestExecutionDuration)
    }

    /// A client may hold all workers but one, so that another's first job never waits for the end of long ones.
    var mostPerClient: Int { max(1, workers - 1) }
}
