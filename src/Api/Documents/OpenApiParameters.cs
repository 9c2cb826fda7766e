using System.Text.Json.Nodes;
using Agora.Api.Flow;
using Agora.Api.Http;
using Agora.Core.Kernel;
using Microsoft.AspNetCore.Routing.Patterns;

namespace Agora.Api.Documents;

/// <summary>Parameters of a route: those of its path, its query, and the headers that matter.</summary>
internal static class OpenApiParameters
{
    public static IEnumerable<JsonObject> Of(Operation operation)
    {
        foreach (var parameter in RoutePatternFactory.Parse(operation.Route).Parameters)
        {
            yield return Parameter(parameter.Name, "path", required: true, new() { ["type"] = "string", ["pattern"] = parameter.Name == "wallet_id" ? DisplayText.WalletIdPattern : DisplayText.IdPattern });
        }

        foreach (var name in operation.Query)
        {
            yield return Parameter(name, "query", required: false, Query(name));
        }

        if (operation.TakesKey)
        {
            yield return Parameter(IdempotencyKeys.Header, "header", operation.RequiresKey, new()
            {
                ["type"] = "string",
                ["pattern"] = "^[!-~]{1,255}$",
                ["description"] = "The same key with the same body gives the stored outcome; with another body 409.",
            });
        }

        if (operation.Name == "run_service")
        {
            yield return Parameter("Prefer", "header", required: false, new() { ["type"] = "string", ["examples"] = new JsonArray("respond-async") });
            yield return Parameter(PaymentHeader.Signature, "header", required: false, Payment("2, which the answer's PAYMENT-RESPONSE follows"));
            yield return Parameter(PaymentHeader.XPayment, "header", required: false, Payment("1, which the answer's X-PAYMENT-RESPONSE follows"));
        }
    }

    private static JsonObject Payment(string version) => new()
    {
        ["type"] = "string",
        ["contentEncoding"] = "base64",
        ["maxLength"] = Limits.PaymentHeaderLength,
        ["description"] = $"A payment by x402 of version {version}. A refusal payment_required says in PAYMENT-REQUIRED what to sign, where payments by x402 are taken. The same payment again has its run's outcome again.",
    };

    private static JsonObject Query(string name) => name switch
    {
        "offset" => BodySchemas.Integer(0, Limits.OffsetMax, 0),
        "limit" => BodySchemas.Integer(1, Limits.PageMax, Limits.PageDefault),
        "max_price_cents" => BodySchemas.Cents("At most this price."),
        "sponsored" => new() { ["type"] = "boolean", ["default"] = false, ["description"] = "Only what a sponsor would pay for." },
        "include_out_of_scope" => new() { ["type"] = "boolean", ["default"] = false },
        "from" => BodySchemas.Time("From this time on."),
        "to" => BodySchemas.Time("Before this time."),
        _ => BodySchemas.Text(Limits.NameLength, minLength: 0),
    };

    private static JsonObject Parameter(string name, string place, bool required, JsonObject schema) =>
        new() { ["name"] = name, ["in"] = place, ["required"] = required, ["schema"] = schema };
}
