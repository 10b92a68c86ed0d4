/** Providers of older MLflow versions whose services are closed, each with what to use instead. */
export const retiredProviders: Readonly<Record<string, string>> = {
  palm: 'Google closed the PaLM API; use provider "gemini" with gemini_api_key',
  mosaicml: 'Databricks took over MosaicML\'s inference; use provider "databricks" with host and token',
  anyscale:
    'Anyscale closed its public endpoints; use provider "openai-compatible" with the api_base of your service',
}
