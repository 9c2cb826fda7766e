using System.Text.Json;
using System.Text.Json.Nodes;
using Agora.Api.Catalogue;
using Agora.Api.Flow;
using Agora.Api.Http;
using Agora.Core.Kernel;
using Agora.Core.Services;
using Agora.Core.Wallets;

namespace Agora.Api.Admin.Services;

/// <summary>Body of PUT /admin/services/{service_id}: whole; only the secret, which is write-only, is kept where it is left out.</summary>
internal sealed record ServiceRequest(ServiceDefinition Definition, string? Secret)
{
    private const int SecretLength = 4_096;
    private const int TimeoutMsDefault = 10_000;

    public static JsonObject Schema
    {
        get
        {
            var schema = Members;
            schema["oneOf"] = JsonNode.Parse("""[{"required":["price_cents"]},{"required":["max_price_cents"]}]""");
            return schema;
        }
    }

    private static JsonObject Members => BodySchemas.Closed(
        ["name", "description", "category", "endpoint", "provider"],
        new()
        {
            ["name"] = BodySchemas.Text(Limits.NameLength),
            ["description"] = BodySchemas.Text(Limits.DescriptionLength, minLength: 0),
            ["category"] = BodySchemas.Text(Limits.NameLength),
            ["price_cents"] = BodySchemas.Cents("Price of one run. Either this or max_price_cents."),
            ["max_price_cents"] = BodySchemas.Cents("The service is metered: each run costs what it says in Agora-Cost-Cents, at most this."),
            ["endpoint"] = BodySchemas.Text(Limits.EndpointLength),
            ["provider"] = BodySchemas.WalletId("The wallet that earns."),
            ["owner"] = BodySchemas.Id("Who is behind the provider."),
            ["input_schema"] = new JsonObject { ["type"] = new JsonArray("object", "boolean", "null") },
            ["output_schema"] = new JsonObject { ["type"] = new JsonArray("object", "boolean", "null") },
            ["auth"] = BodySchemas.Closed(["header"], new() { ["header"] = BodySchemas.Text(100), ["secret"] = BodySchemas.Text(SecretLength) }),
            ["timeout_ms"] = BodySchemas.Integer(1, Limits.ServiceTimeoutMs, TimeoutMsDefault),
            ["active"] = new JsonObject { ["type"] = "boolean", ["default"] = true },
        });

    public static ServiceRequest Read(Fields body, Findings findings)
    {
        var auth = body.Object("auth", required: false);
        var (price, metered) = Price(body, findings);
        var definition = new ServiceDefinition(
            body.Text("name", Limits.NameLength) ?? "",
            body.Text("description", Limits.DescriptionLength, blank: true) ?? "",
            body.Text("category", Limits.NameLength) ?? "",
            price,
            body.Formatted("endpoint", Limits.EndpointLength, IsEndpoint, "An absolute https URL without user and fragment is wanted here.") ?? "",
            Provider(body),
            body.Id("owner", required: false),
            SchemaText.Read(body, "input_schema", required: false, findings),
            SchemaText.Read(body, "output_schema", required: false, findings),
            auth?.Formatted("header", 100, IsHeaderName, "The name of an HTTP header is wanted here that is not one of those that the call sets itself."),
            body.Integer("timeout_ms", 1, Limits.ServiceTimeoutMs) ?? TimeoutMsDefault,
            body.Flag("active") ?? true,
            metered);
        var secret = auth?.Formatted("secret", SecretLength, IsHeaderValue, "1 to 4096 visible ASCII characters and inner spaces are wanted here.", required: false);
        auth?.Finish();
        body.Finish();
        return new(definition, secret);
    }

    private static (long Micros, bool Metered) Price(Fields body, Findings findings)
    {
        var (price, most) = (body.Cents("price_cents", required: false), body.Cents("max_price_cents", required: false));
        if (body.IsPresent("price_cents") == body.IsPresent("max_price_cents"))
        {
            findings.Violate("", "oneOf", "Either price_cents (fixed) or max_price_cents (metered) is wanted.");
        }

        return (price ?? most ?? 0, body.IsPresent("max_price_cents"));
    }

    /// <summary>Money that is paid to the world would have left without being withdrawn.</summary>
    private static string Provider(Fields body)
    {
        var provider = body.WalletId("provider") ?? "";
        if (provider == WalletIds.World)
        {
            body.Violate("provider", "not", "The world is no wallet.");
        }

        return provider;
    }

    /// <summary>http passes here, for addresses of AGORA_OUTBOUND_ALLOW; the outbound guard decides where a call may really go.</summary>
    private static bool IsEndpoint(string url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var uri)
        && (uri.Scheme == Uri.UriSchemeHttps || uri.Scheme == Uri.UriSchemeHttp)
        && uri.Host.Length > 0 && uri.UserInfo.Length == 0 && uri.Fragment.Length == 0
        && !DisplayText.HasHiddenCharacters(url) && !url.Any(char.IsWhiteSpace);

    /// <summary>A token of RFC 9110 §5.6.2. Headers of the connection and of the run would change what is called, and as whom.</summary>
    private static bool IsHeaderName(string name) =>
        name.Length > 0
        && name.All(c => char.IsAsciiLetterOrDigit(c) || "!#$%&'*+-.^_`|~".Contains(c, StringComparison.Ordinal))
        && !Reserved.Contains(name);

    private static readonly HashSet<string> Reserved = new(StringComparer.OrdinalIgnoreCase)
    {
        "Host", "Connection", "Content-Length", "Content-Type", "Content-Encoding", "Transfer-Encoding", "Upgrade", "TE", "Trailer", "Expect", "Keep-Alive",
        "Proxy-Authorization", "Proxy-Connection", "Idempotency-Key", "traceparent", "tracestate", "Agora-Max-Cost-Cents",
    };

    private static bool IsHeaderValue(string value) => value.Length > 0 && !value.AsSpan().ContainsAnyExceptInRange(' ', '~') && value == value.Trim();
}

/// <summary>A schema in a body: object or boolean, bounded, and compiled before it is kept.</summary>
internal static class SchemaText
{
    public static string? Read(Fields body, string name, bool required, Findings findings)
    {
        if (body.Any(name, required) is not { } schema || (!required && schema.ValueKind == JsonValueKind.Null))
        {
            return null;
        }

        if (schema.ValueKind is not (JsonValueKind.Object or JsonValueKind.True or JsonValueKind.False))
        {
            findings.Violate(body.At(name), "type", "A JSON Schema is an object or a boolean.");
            return null;
        }

        findings.Violate(SchemaCache.Check(schema, body.At(name)));
        return schema.GetRawText();
    }
}
