import MPI
import Testing

@testable import Watchdog
