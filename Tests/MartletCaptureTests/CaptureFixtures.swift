import Foundation
import MartletCapture
import MartletCore
import MartletJSON
import Synchronization
import Testing

/// MLmodel files as clients 3.17 and 2.22 write them, shortened.
enum MLmodelText {
    static let sklearn = """
        flavors:
          python_function:
            code: code
            env:
              conda: conda.yaml
              virtualenv: python_env.yaml
            loader_module: mlflow.sklearn
            model_path: model.skops
            predict_fn: predict
            python_version: 3.11.7
          sklearn:
            code: code
            pickled_model: model.skops
            serialization_format: skops
            sklearn_version: 1.9.1
            skops_trusted_types: null
        is_signature_from_type_hint: false
        mlflow_version: 3.17.2
        model_id: m-0123
        model_size_bytes: 10644
        model_uuid: 1826b7976b474df5b7b3877493309dd5
        prompts: null
        run_id: 5f0b
        signature:
          inputs: '[{"type": "long", "name": "age", "required": true}, {"type": "double",
            "name": "x", "required": false}, {"type": "string", "name": "name", "required":
            true}]'
          outputs: '[{"type": "double", "name": "p", "required": true}]'
          params: '[{"name": "k", "default": 3, "shape": null, "type": "long"}, {"name": "names",
            "default": ["a"], "shape": [-1], "type": "string"}, {"name": "t", "default": 0.5,
            "shape": null, "type": "double"}]'
        type_hint_from_example: false
        utc_time_created: '2026-11-21 09:22:20.852112'

        """

    static func with(signature: String) -> String {
        "flavors:\n  sklearn:\n    pickled_model: model.pkl\nsignature:\n\(signature)\n"
    }
}

extension [UInt8] {
    static func text(_ text: String) -> [UInt8] { Array(text.utf8) }
}

extension JSONValue {
    static func parsed(_ text: String) throws -> JSONValue {
        try JSONDocument(parsing: Array(text.utf8), depthMax: 64).root
    }
}

/// The reason that `body` gives for its refusal.
func refusal(_ body: () throws(MartletError) -> Void) -> String? {
    do {
        try body()
        return nil
    } catch {
        return error.code == .invalidArgument ? error.message : "\(error.code)"
    }
}

/// Runs `body` on a thread that has 512 KiB of stack, and says how long it computed.
func onSmallStack<Result: Sendable>(_ body: @escaping @Sendable () -> Result) -> (Result?, Duration) {
    let box = Box<(result: Result, time: Duration)>()
    let done = DispatchSemaphore(value: 0)
    let thread = Thread {
        let start = processorTime()
        let result = body()
        let time = processorTime() - start
        box.value.withLock { $0 = (result, time) }
        done.signal()
    }
    thread.stackSize = 512 * 1_024
    thread.start()
    done.wait()
    let outcome = box.value.withLock { $0 }
    return (outcome?.result, outcome?.time ?? .zero)
}

/// What this thread has computed so far; how busy the machine is does not show in it.
private func processorTime() -> Duration {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
}

private final class Box<Value: Sendable>: Sendable {
    let value = Mutex<Value?>(nil)
}
