import Crypto
import MartletCore
import MartletWebhooks

/// A message to a webhook, before it is signed.
struct WebhookMessage: Sendable {
    let deliveryID: DeliveryID
    let webhookID: String
    let url: String
    let secret: SealedSecret?
    let body: String

    /// The request as MLflow 3.17 makes it: `X-MLflow-Signature` is `v1,` and the Base64 of an HMAC with SHA-256, keyed
    /// with the secret's UTF-8, over delivery id, seconds since 1970 and body with dots between them.
    ///
    /// Without a secret there is no signature, as there.
    func request(at now: Timestamp, _ secrets: WebhookSecrets) throws(MartletError) -> WebhookRequest {
        let seconds = "\(now.milliseconds / 1_000)"
        var headers = [
            (name: "Content-Type", value: "application/json"),
            (name: "X-MLflow-Delivery-Id", value: self.deliveryID.rawValue),
            (name: "X-MLflow-Timestamp", value: seconds),
        ]
        if let secret {
            let key = SymmetricKey(data: Array(try secrets.open(secret, of: self.webhookID).utf8))
            let signed = "\(self.deliveryID.rawValue).\(seconds).\(self.body)"
            let code = HMAC<SHA256>.authenticationCode(for: Array(signed.utf8), using: key)
            headers.append((name: "X-MLflow-Signature", value: "v1,\(Base64.string(Array(code)))"))
        }
        return WebhookRequest(to: try WebhookTarget(validating: self.url), headers: headers, body: self.body)
    }
}

extension WebhookSender {
    /// Signs a message and sends it once; what cannot be signed counts as not delivered.
    func send(_ message: WebhookMessage, at now: Timestamp, _ secrets: WebhookSecrets) async -> WebhookOutcome {
        let request: WebhookRequest
        do throws(MartletError) {
            request = try message.request(at: now, secrets)
        } catch {
            return .failed(error.message)
        }
        return await self.send(request)
    }
}
