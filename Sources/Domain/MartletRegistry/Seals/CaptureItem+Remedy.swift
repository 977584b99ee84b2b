extension CaptureItem {
    /// What one does to capture it next time: a line of client code where there is one.
    package var remedy: String {
        switch self {
        case .weights: "mlflow.sklearn.log_model(model, name=\"model\") (or another flavor's) stores the model's files"
        case .signature: "log_model(…, signature=mlflow.models.infer_signature(X, model.predict(X)))"
        case .dataset: "mlflow.log_input(mlflow.data.from_pandas(train, name=\"train\"), context=\"training\")"
        case .code: "train inside a Git work tree, or mlflow.set_tag(\"mlflow.source.git.commit\", COMMIT)"
        case .environment: "log_model(…, pip_requirements=\"requirements.txt\")"
        case .metric: "mlflow.log_metric(\"accuracy\", value, dataset=dataset)"
        case .hyperparameters: "mlflow.log_params({\"learning_rate\": 0.01})"
        case .tokenizer: "mlflow.transformers.log_model({\"model\": model, \"tokenizer\": tokenizer}, name=\"model\")"
        case .run: "register from a run: mlflow.register_model(f\"runs:/{run_id}/model\", name)"
        case .seal: "store the files on this server: use an experiment whose artifacts are kept here"
        }
    }
}
