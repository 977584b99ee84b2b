/// What somebody sees who opens the server's address in a browser.
enum WelcomePage {
    static func html(version: String) -> String {
        """
        <!doctype html>
        <html lang="en">
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>Martlet</title>
        <style>
        body { font: 16px/1.6 system-ui, sans-serif; color: #223; }
        body { max-width: 42rem; margin: 12vh auto; padding: 0 1.5rem; }
        h1 { font-size: 1.6rem; margin-bottom: 0; }
        pre { background: #f3f4f8; padding: 1rem; border-radius: .4rem; overflow-x: auto; }
        small { color: #667; }
        </style>
        <h1>Martlet is running</h1>
        <p><small>version \(version)</small></p>
        <p>This server speaks to MLflow clients. Point yours here and go on as before:</p>
        <pre id="next">export MLFLOW_TRACKING_URI=http://127.0.0.1:5000</pre>
        <p>For operators: <a href="/health">health</a>, <a href="/ready">ready</a>, <a href="/version">version</a>,
        <a href="/metrics">metrics</a>.</p>
        <script>
        document.getElementById("next").textContent = "export MLFLOW_TRACKING_URI=" + location.origin;
        </script>
        </html>

        """
    }
}
